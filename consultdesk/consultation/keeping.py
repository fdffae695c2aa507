"""How long a practice keeps what it holds of a patient, what stops an erasure, and what remains."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

MOST_YEARS = 100


@dataclass(frozen=True)
class RetentionRule:
    """How long a practice keeps a patient's cases, as it laid down; 0 years lay down nothing.

    `years` count from the last contact. Of a patient who was younger than `minor_until` then,
    everything is kept at least until that birthday and `minor_years` more. `by_specialty`
    overrides `years` for cases of a specialty (its code).
    """

    years: int = 0
    minor_until: int = 18
    minor_years: int = 0
    by_specialty: Mapping[str, int] = field(default_factory=dict)

    @property
    def laid_down(self) -> bool:
        """Whether the practice has laid down a rule at all."""
        return self.years > 0


@dataclass(frozen=True)
class LastContact:
    """A patient's case as the rule sees it: `on` is the day anything last happened in it."""

    patient_id: str
    number: str
    specialty: str
    on: date
    open: bool


@dataclass(frozen=True)
class Hold:
    """One legal hold on a patient's records, standing or lifted.

    `authentic` is False for a row that this store didn't write: it holds all the same.
    """

    id: str
    patient_id: str
    at: int
    by: str
    reason: str
    authentic: bool = True
    lifted_at: int | None = None
    lifted_by: str = ""
    lifted_because: str = ""

    @property
    def stands(self) -> bool:
        """Whether nobody has lifted it."""
        return self.lifted_at is None


@dataclass(frozen=True)
class Erasure:
    """A patient whose keys were destroyed: when, by whom, why."""

    patient_id: str
    at: int
    by: str
    reason: str


@dataclass(frozen=True)
class Kept:
    """A patient under the rule: `until` is the first day on which nothing asks to keep them.

    `until` is None while a case is open or no rule is laid down.
    """

    patient_id: str
    numbers: tuple[str, ...]
    last_contact: date
    until: date | None
    held: bool = False

    def past(self, today: date) -> bool:
        """Whether the time the practice laid down is over, and no hold stands."""
        return not self.held and self.until is not None and self.until <= today


def sound(rule: RetentionRule) -> tuple[str, ...]:
    """What is wrong with a rule, one clause each; nothing for one that can be laid down."""
    said = {
        "the years after the last contact": rule.years,
        "the age": rule.minor_until,
        "the years after that birthday": rule.minor_years,
        **{f"the years for {name}": years for name, years in rule.by_specialty.items()},
    }
    return tuple(
        f"{what} must be a whole number from 0 to {MOST_YEARS}"
        for what, years in said.items()
        if not 0 <= years <= MOST_YEARS
    )


def keep_until(rule: RetentionRule, contacts: tuple[LastContact, ...], born: str) -> date | None:
    """The first day on which the rule asks no longer to keep this patient.

    `born` is an ISO date; a patient whose age nobody knows counts as newborn at the last
    contact, so that nobody is erased too early. None while a case is open, or without a rule.
    """
    if not rule.laid_down or not contacts or any(one.open for one in contacts):
        return None
    days = [later(one.on, rule.by_specialty.get(one.specialty, rule.years)) for one in contacts]
    last = max(one.on for one in contacts)
    birthday = _day(born) or last
    adult = later(birthday, rule.minor_until)
    if last < adult:
        days.append(later(adult, rule.minor_years))
    return max(days)


def kept(rule: RetentionRule, contacts: tuple[LastContact, ...], born: str, *, held: bool) -> Kept:
    """How one patient stands under the rule. `contacts` are all of the patient's cases."""
    return Kept(
        patient_id=contacts[0].patient_id,
        numbers=tuple(one.number for one in contacts),
        last_contact=max(one.on for one in contacts),
        until=keep_until(rule, contacts, born),
        held=held,
    )


def later(day: date, years: int) -> date:
    """The same day that many years later; the 29th of February becomes the 1st of March."""
    year = min(day.year + years, date.max.year)
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


REMAINS = (
    "the case number, its specialty, priority and states, and when each step happened",
    "that letters left, when, on what ground, and how they arrived; not what they said",
    "when consents were given and withdrawn; not what they covered",
    "the audit trail: who did what and when",
    "any older backup of the store, until it is deleted: it still holds everything",
)
"""What an erasure leaves, as the person is told before and after."""

GOES = (
    "the patient's name, date of birth, telephone number and everything else known of them",
    "every record, image and letter of their cases",
    "every question, assessment, opinion and draft",
)
"""What an erasure takes, for good."""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
