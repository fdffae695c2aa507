"""How long the practice keeps what it holds, and whom a legal hold keeps longer."""

from collections import defaultdict
from dataclasses import replace
from datetime import date

from consultdesk.consultation.audit import Act, Role
from consultdesk.consultation.keeping import Hold, Kept, LastContact, RetentionRule, kept, sound
from consultdesk.desk import access, clocks
from consultdesk.errors import FormIncomplete, NotFound
from consultdesk.vault import keeping, practice
from consultdesk.vault.rows import Reading
from consultdesk.vault.vault import Vault

_TOPICS = frozenset({"practice", "case", "queue"})


def rule(vault: Vault) -> RetentionRule:
    """How long the practice has laid down to keep what it holds."""
    with vault.read() as reading:
        return keeping.rule(reading)


def lay_down(vault: Vault, laid_down: RetentionRule, now: int) -> None:
    """Lay down how long everything is kept. Nothing is erased by it.

    Raises FormIncomplete for impossible years, NotAllowed.
    """
    access.require(vault, Role.PHYSICIAN, Role.ADMINISTRATOR)
    if wrong := sound(laid_down):
        raise FormIncomplete("This rule can't be laid down:", wrong)
    with vault.act(Act("lay_down_retention", now, topics=frozenset({"practice"}))) as writing:
        before = keeping.rule(writing)
        if before != laid_down:
            writing.detail = f"{before.years} years before, {laid_down.years} years now"
        keeping.keep_rule(writing, laid_down)


def under_rule(vault: Vault, number: str) -> Kept:
    """How the patient of a case stands under the rule. Raises NotFound, CaseErased."""
    with vault.read() as reading:
        case = access.find(reading, number)
        return _under_rule(reading, keeping.rule(reading), case.patient_id)[0]


def past_rule(vault: Vault, now: int) -> tuple[tuple[Kept, str], ...]:
    """Everyone whose time under the rule is over, with their name, the longest past first.

    Whoever is held stands among them and may not be erased. Raises ClinicalContentClosed: to
    know who was a child takes the date of birth.
    """
    with vault.read() as reading:
        reading.keys.check_open()
        laid_down = keeping.rule(reading)
        today = clocks.practice_time(reading).calendar.day_of(now)
        every = [one for one in _under_rule(reading, laid_down) if _over(one, today)]
        names = keeping.birth_dates(reading, {one.patient_id for one in every})
    every.sort(key=lambda one: (one.until or today, one.patient_id))
    return tuple((one, names[one.patient_id][0]) for one in every)


def holds(vault: Vault, number: str) -> tuple[Hold, ...]:
    """The holds on the patient of a case, oldest first. Raises NotFound, CaseErased."""
    access.require(vault, *access.CLINICAL)
    with vault.read() as reading:
        return named(reading, keeping.holds(reading, access.find(reading, number).patient_id))


def named(reading: Reading, held: tuple[Hold, ...]) -> tuple[Hold, ...]:
    """The same holds with the full names of who set and lifted them."""

    def full(user: str) -> str:
        return practice.user(reading, user).full_name if user else ""

    return tuple(replace(one, by=full(one.by), lifted_by=full(one.lifted_by)) for one in held)


def hold(vault: Vault, number: str, reason: str, now: int) -> None:
    """Put a legal hold on the patient of a case: nothing of theirs can be erased.

    Anyone who sees the case may do so, since it only keeps. Raises FormIncomplete.
    """
    access.require(vault, *access.CLINICAL)
    if not reason.strip():
        raise FormIncomplete("Say why the records must be kept, e.g. which proceeding asks for it.")
    with vault.read() as reading:
        patient_id = access.find(reading, number).patient_id
    with vault.act(Act("set_legal_hold", now, entity=patient_id, topics=_TOPICS)) as writing:
        keeping.hold(writing, patient_id, by=vault.user, reason=reason.strip())


def lift(vault: Vault, number: str, hold_id: str, reason: str, now: int) -> None:
    """Lift a legal hold. A physician's word: from then on the records may be destroyed.

    Raises FormIncomplete without a reason, NotFound, NotAllowed.
    """
    access.require(vault, Role.PHYSICIAN)
    if not reason.strip():
        raise FormIncomplete("Say why the hold is over.")
    with vault.read() as reading:
        patient_id = access.find(reading, number).patient_id
    with vault.act(Act("lift_legal_hold", now, entity=patient_id, topics=_TOPICS)) as writing:
        standing = {one.id: one for one in keeping.holds(writing, patient_id) if one.stands}
        if hold_id not in standing:
            raise NotFound("That hold isn't in force.")
        keeping.lift(writing, standing[hold_id], by=vault.user, reason=reason.strip())


# --- inside -------------------------------------------------------------------------------


def _over(one: Kept, today: date) -> bool:
    return one.until is not None and one.until <= today


def _under_rule(reading: Reading, laid_down: RetentionRule, patient_id: str = "") -> list[Kept]:
    day_of = clocks.practice_time(reading).calendar.day_of
    by_patient: defaultdict[str, list[LastContact]] = defaultdict(list)
    for of, number, specialty, at, is_open in keeping.contacts(reading, patient_id):
        by_patient[of].append(LastContact(of, number, specialty, day_of(at), is_open))
    born = keeping.birth_dates(reading, by_patient)
    held = keeping.held_patients(reading)
    return [
        kept(laid_down, tuple(contacts), born[of][1], held=of in held)
        for of, contacts in by_patient.items()
    ]
