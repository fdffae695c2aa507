"""Erasing a patient for good: one act that destroys the keys, said plainly before and after.

A physician does it, with the passphrase. An administrator doesn't: who holds no clinical key
can't tell what would be lost nor whether the duty to keep it is over, and could not write the
fact of it either, which is sealed and carries a MAC under that key.
"""

from contextlib import suppress
from dataclasses import dataclass

from consultdesk.consultation.audit import Act, Role
from consultdesk.consultation.case import OPEN_STATES, Case
from consultdesk.consultation.keeping import GOES, REMAINS, Hold, Kept
from consultdesk.desk import access, clocks
from consultdesk.desk.keeping import named, under_rule
from consultdesk.errors import (
    ConsultDeskError,
    FormIncomplete,
    PatientHeld,
    VaultDamaged,
)
from consultdesk.vault import cases, erasing, keeping, people
from consultdesk.vault.rows import Reading
from consultdesk.vault.vault import Vault

__all__ = ["GOES", "REMAINS", "Outlook", "erase", "finish", "outlook"]

_TOPICS = frozenset({"queue", "case", "records", "letter", "consent", "assessment", "outbox"})
_HELD = "legal_hold"


@dataclass(frozen=True)
class Outlook:
    """What an erasure would take, as the person is told before: whose, which cases, what bars it.

    `early` says that the practice's own rule still asks to keep it, until `kept.until`.
    """

    patient_id: str
    label: str
    numbers: tuple[str, ...]
    files: int
    kept: Kept
    holds: tuple[Hold, ...]
    open_numbers: tuple[str, ...]
    early: bool

    @property
    def barred(self) -> str:
        """Why it can't be done now, "" where it can."""
        if self.holds:
            return "A legal hold forbids it."
        if self.open_numbers:
            named = ", ".join(self.open_numbers)
            return f"Still open: {named}. Withdraw, decline or finish it first."
        return ""


def outlook(vault: Vault, number: str, now: int) -> Outlook:
    """What erasing the patient of a case would take. Raises NotFound, CaseErased."""
    access.require(vault, Role.PHYSICIAN)
    under = under_rule(vault, number)
    with vault.read() as reading:
        case = access.find(reading, number)
        patient = access.patient_of(reading, case)
        every = _cases(reading, case.patient_id)
        standing = tuple(one for one in keeping.holds(reading, patient.id) if one.stands)
        today = clocks.practice_time(reading).calendar.day_of(now)
        laid_down = keeping.rule(reading).laid_down
        holds = named(reading, standing)
        files = erasing.count_files(reading, tuple(one.id for one in every))
    return Outlook(
        patient_id=patient.id,
        label=patient.label,
        numbers=tuple(one.number for one in every),
        files=files,
        kept=under,
        holds=holds,
        open_numbers=tuple(one.number for one in every if one.state in OPEN_STATES),
        early=laid_down and (under.until is None or under.until > today),
    )


def erase(
    vault: Vault, number: str, reason: str, passphrase: str, now: int, *, early: bool = False
) -> tuple[str, ...]:
    """Destroy what is held of the patient of a case, in all their cases; the numbers of these.

    `early` says that a person confirmed to erase before the practice's rule allows it.
    Raises FormIncomplete, VaultLocked for a wrong passphrase, PatientHeld (which is audited),
    VaultDamaged where a hold was taken away from outside.
    """
    access.require(vault, Role.PHYSICIAN)
    if not reason.strip():
        raise FormIncomplete("Say why the patient is erased.")
    seen = outlook(vault, number, now)
    if seen.early and not early:
        until = seen.kept.until.isoformat() if seen.kept.until else "a case has ended"
        raise FormIncomplete(
            f"The practice's rule asks to keep this patient until {until}.",
            cure="Confirm that you erase before that day.",
        )
    vault.reauthenticate(passphrase)
    erased = _erase(vault, seen, reason.strip(), now)
    with suppress(ConsultDeskError):  # it is erased; what is left to tidy waits for the next time
        erasing.finish(vault, erased)
    return seen.numbers


def finish(vault: Vault) -> None:
    """Tidy what an erasure that was killed half-way left. Cheap where there was none."""
    if vault.clinical and erasing.anything_erased(vault):
        erasing.finish(vault)


def _erase(vault: Vault, seen: Outlook, reason: str, now: int) -> erasing.Erased:
    patient_id = seen.patient_id
    act = Act("erase_patient", now, entity=patient_id, topics=_TOPICS)
    erased: erasing.Erased | None = None
    with vault.act(act) as writing:
        every = _cases(writing, patient_id)
        if any(one.stands for one in keeping.holds(writing, patient_id)):
            writing.refuse((_HELD,))
        elif not keeping.holds_are_whole(writing, patient_id):
            raise VaultDamaged(
                "A legal hold of this patient was taken away from outside.",
                kept="Nothing was erased.",
                cure="Verify the store.",
            )
        elif {one.number for one in every} != set(seen.numbers) or people.patient(
            writing, patient_id
        ) is None:
            raise FormIncomplete("The patient's cases changed meanwhile. Look at them again.")
        elif still := [one.number for one in every if one.state in OPEN_STATES]:
            raise FormIncomplete("These cases are still open:", tuple(still))
        else:
            writing.detail = f"cases {', '.join(seen.numbers)}" + (
                ", before the rule's day" if seen.early else ""
            )
            erased = erasing.erase(writing, patient_id, by=vault.user, reason=reason)
    if erased is None:
        raise PatientHeld(
            "A legal hold forbids to erase this patient.",
            kept="Nothing was erased.",
            cure="A physician can lift the hold, with a reason, when it is over.",
        )
    return erased


def _cases(reading: Reading, patient_id: str) -> tuple[Case, ...]:
    return tuple(access.by_id(reading, one) for one in cases.of_patient(reading, patient_id))
