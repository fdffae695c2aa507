"""A case on its way: who the patient is, what is asked, and from state to state."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from consultdesk.consultation.audit import Role
from consultdesk.consultation.case import (
    OPEN_STATES,
    Case,
    CaseState,
    Completeness,
    Declaration,
    Override,
    Priority,
    Question,
    completeness,
    flag_stops,
    missing_for_collecting,
    missing_for_ready,
    raised_flags,
)
from consultdesk.consultation.consent import Consent, review_is_active
from consultdesk.consultation.delivery import Basis
from consultdesk.consultation.form import Specialty
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.letter import Letter
from consultdesk.consultation.patient import Patient, TreatingPhysician
from consultdesk.consultation.record import Conflict, RecordItem, RecordKind
from consultdesk.consultation.turnaround import PauseReason
from consultdesk.desk import access, changes, clocks, intake
from consultdesk.desk.acts import (
    check,
    check_move,
    check_not_signed,
    is_signed,
    on_case,
    standing,
)
from consultdesk.desk.flags import answer_flags, log_contact, triage
from consultdesk.desk.specialties import needed, specialty
from consultdesk.errors import FormIncomplete, NotAllowed, NotFound
from consultdesk.vault import (
    assessments,
    cases,
    consents,
    keeping,
    letters,
    outbox,
    people,
    records,
    search,
)
from consultdesk.vault.outbox import Dispatch
from consultdesk.vault.rows import Reading, Writing
from consultdesk.vault.vault import Vault

__all__ = [
    "CaseFile",
    "accept",
    "acknowledge",
    "answer_flags",
    "case_file",
    "change_record",
    "close",
    "confirm_patient",
    "declare",
    "describe",
    "go_on_without",
    "known_patients",
    "known_physicians",
    "log_contact",
    "make_ready",
    "missing_for_readiness",
    "move_aside",
    "name_no_recipient",
    "name_physician",
    "open_case",
    "resume",
    "set_priority",
    "set_questions",
    "triage",
    "wait_for",
]

_ASIDE = (CaseState.ON_HOLD, CaseState.WITHDRAWN, CaseState.RETURNED, CaseState.DECLINED)


@dataclass(frozen=True)
class CaseFile:
    """Everything the window shows of one case, as it stood at one instant."""

    case: Case
    patient: Patient
    physician: TreatingPhysician | None
    specialty: Specialty
    records: tuple[RecordItem, ...]
    conflicts: tuple[Conflict, ...]
    consents: tuple[Consent, ...]
    letters: tuple[Letter, ...]
    dispatches: tuple[Dispatch, ...]
    completeness: Completeness
    sealed: bool
    own_read_locked: bool


def open_case(vault: Vault, number: str) -> CaseFile:
    """Everything about a case. Raises NotFound, ClinicalContentClosed."""
    with vault.read() as reading:
        return case_file(reading, access.find_any(reading, number))


def case_file(reading: Reading, case: Case) -> CaseFile:
    """Everything about a case, within a reading already begun; of an erased one what remains."""
    if case.erased_at is not None:
        return _erased_file(reading, case)
    held = records.of_case(reading, case.id)
    kind = specialty(case.specialty)
    locked = bool(assessments.own_reads(reading, case.id))
    return CaseFile(
        case=case,
        patient=access.patient_of(reading, case),
        physician=access.physician_of(reading, case),
        specialty=kind,
        records=held,
        conflicts=intake.conflicts(reading, case),
        consents=consents.of_case(reading, case.id),
        letters=letters.of_case(reading, case.id),
        dispatches=outbox.of_case(reading, case.id),
        completeness=completeness(kind.records, held),
        sealed=access.is_sealed(reading, case),
        own_read_locked=locked,
    )


def _erased_file(reading: Reading, case: Case) -> CaseFile:
    kind = specialty(case.specialty)
    return CaseFile(
        case=case,
        patient=access.patient_of(reading, case),
        physician=None,
        specialty=kind,
        records=(),
        conflicts=(),
        consents=(),
        letters=(),
        dispatches=(),
        completeness=completeness(kind.records, ()),
        sealed=False,
        own_read_locked=False,
    )


# --- who and what -------------------------------------------------------------------------


def confirm_patient(
    vault: Vault,
    number: str,
    patient: Patient,
    now: int,
    *,
    wrong_records: frozenset[str] = frozenset(),
) -> None:
    """A person says who the patient is, and which records belong to somebody else.

    Records named in `wrong_records` stay as received and take no part in the case; all
    others are confirmed as this patient's. Raises FormIncomplete without name or birth date,
    or when a signed letter already says who the patient is.
    """
    with on_case(vault, "confirm_patient", number, now, entity=patient.id) as (writing, case):
        today = clocks.practice_time(writing).calendar.day_of(now)
        held = access.patient_of(writing, case)
        changes.check_patient(case, held, patient, today)
        if people.patient(writing, patient.id) is None:
            people.add_patient(writing, patient, now)
        else:
            people.change_patient(writing, patient)
        if patient.id != held.id:
            consents.carry_restrictions(writing, held.id, patient.id, now)
            keeping.carry_holds(writing, held.id, patient.id, by=vault.user)
        _decide(writing, case, wrong_records)
        cases.change(writing, replace(case, patient_id=patient.id, patient_confirmed=True))
        if (held.id, held.name) != (patient.id, patient.name):
            title = f"{case.number} {patient.name}"
            search.add(writing, case.id, case.id, "case", "", case.number, title)


def _decide(writing: Writing, case: Case, wrong_records: frozenset[str]) -> None:
    """Keep which records are the patient's. What a signed letter cites is decided for good."""
    held = records.of_case(writing, case.id)
    if not wrong_records <= {record.id for record in held}:
        raise NotFound("That record isn't part of this case.")
    for record in held:
        right = record.id not in wrong_records
        if record.right_patient is right or (
            is_signed(case) and right and record.right_patient is False
        ):
            continue
        records.change(writing, replace(record, right_patient=right))


def known_patients(vault: Vault, name: str, birth_date: str) -> tuple[Patient, ...]:
    """Patients already in the store under that name and date of birth."""
    with vault.read() as reading:
        return people.same_patient(reading, name, birth_date)


def name_physician(vault: Vault, number: str, physician: TreatingPhysician, now: int) -> None:
    """Name the treating physician, new or known, or correct what is known of them.

    Who is already named in a consent or a signed letter keeps that name: another name is
    another physician, whom no consent covers yet.
    """
    if not physician.name.strip():
        raise FormIncomplete("The treating physician can't be named yet:", ("the name",))
    with on_case(vault, "name_physician", number, now) as (writing, case):
        known = people.physician(writing, physician.id)
        renamed = known and not changes.same_person(known.name, physician.name)
        if renamed and people.is_named(writing, physician.id):
            physician, known = replace(physician, id=new_id(now), channels=()), None
        if known is None:
            people.add_physician(writing, physician)
        else:
            people.change_physician(writing, physician)
        cases.change(
            writing,
            replace(
                case,
                treating_physician_id=physician.id,
                recipient_named="physician",
                primary_contact=physician.primary_contact,
                knows_of_request=physician.knows_of_request.value,
            ),
        )


def name_no_recipient(vault: Vault, number: str, now: int) -> None:
    """Say that no physician is to receive the opinion."""
    with on_case(vault, "name_no_recipient", number, now) as (writing, case):
        if case.treating_physician_id:
            check_not_signed(case)
        cases.change(writing, replace(case, treating_physician_id="", recipient_named="none"))


def known_physicians(vault: Vault, beginning: str) -> list[TreatingPhysician]:
    """Treating physicians whose name or practice has these letters."""
    with vault.read() as reading:
        return people.physicians(reading, beginning)


def set_questions(vault: Vault, number: str, questions: tuple[Question, ...], now: int) -> None:
    """Keep the questions of the referral, numbered from 1, as a person confirmed them.

    Their answers are the physician's to write. Raises FormIncomplete, NotAllowed.
    """
    numbered = tuple(
        replace(question, n=n, confirmed=True) for n, question in enumerate(questions, 1)
    )
    with on_case(vault, "set_questions", number, now) as (writing, case):
        held = case.referral.questions
        changes.check_questions(case, numbered)
        if vault.role is not Role.PHYSICIAN and not (
            changes.answers(numbered) <= changes.answers(held)
        ):
            raise NotAllowed("Only a physician answers the questions.")
        cases.set_questions(writing, case.id, numbered)
        known = {question.text for question in held if question.confirmed}
        for question in numbered:
            if question.text not in known:
                title = f"Question {question.n}"
                search.add(writing, case.id, case.id, "question", "", title, question.text)


def describe(vault: Vault, number: str, now: int, change: Callable[[Case], Case]) -> None:
    """Change what is known of the case: specialty, priority, referral, side and level.

    `change` gets the case as it stands within the act and returns it changed; what has an
    act of its own stays as it was. Raises FormIncomplete for what a signed letter says.
    """
    with on_case(vault, "describe_case", number, now) as (writing, case):
        locked = bool(assessments.own_reads(writing, case.id))
        changed, names = changes.described(case, change(case), locked=locked)
        writing.detail = ", ".join(names)
        cases.change(writing, changed)
        if changed.specialty != case.specialty:
            for record in records.of_case(writing, case.id):
                wanted = needed(changed.specialty, record.kind)
                records.change(writing, replace(record, required=wanted))


def set_priority(vault: Vault, number: str, priority: Priority, now: int) -> None:
    """Change the priority; no pause is lost by it."""
    describe(vault, number, now, lambda case: replace(case, priority=priority))


def change_record(
    vault: Vault, number: str, record_id: str, now: int, change: Callable[[RecordItem], RecordItem]
) -> None:
    """Correct what a record is: kind, date, sensitivity, right patient, in error.

    Raises FormIncomplete for what sealing covers or a signed letter rests on, NotFound.
    """
    with on_case(vault, "describe_record", number, now, entity=record_id) as (writing, case):
        record = next((r for r in records.of_case(writing, case.id) if r.id == record_id), None)
        if record is None:
            raise NotFound("That record isn't part of this case.")
        reading_now = standing(case) is CaseState.OWN_READ
        sealed = reading_now and access.is_sealed(writing, case)
        cited = record.received_at <= max(
            (one.signed_at or 0 for one in letters.of_case(writing, case.id)), default=-1
        )
        records.change(
            writing, changes.corrected(case, record, change(record), cited=cited, sealed=sealed)
        )


# --- from state to state ------------------------------------------------------------------


def declare(vault: Vault, number: str, now: int, *, conflict: bool, detail: str = "") -> None:
    """The reviewer declares conflicts of interest and independence.

    A conflict is kept, and the case waits for another reviewer or is declined.
    Raises FormIncomplete when a conflict isn't described.
    """
    if conflict and not detail.strip():
        raise FormIncomplete("Say what the conflict of interest is.")
    roles = (Role.PHYSICIAN,)
    with on_case(vault, "declare_interests", number, now, roles=roles) as (writing, case):
        cases.declare(writing, case.id, Declaration(vault.user, now, conflict, detail))


def accept(vault: Vault, number: str, now: int) -> None:
    """A person accepts the case; its opinion clock may begin. Raises FormIncomplete."""
    with on_case(vault, "accept_case", number, now) as (writing, case):
        check_move(case, CaseState.COLLECTING)
        check(missing_for_collecting(case), "The case can't be accepted yet:")
        owner = case.owner or vault.user
        declared = case.declaration.by if case.declaration else vault.user
        cases.change(writing, replace(case, owner=owner, reviewer=case.reviewer or declared))
        cases.move(writing, case, CaseState.COLLECTING, at=now, by=vault.user, accepted_at=now)


def missing_for_readiness(reading: Reading, case: Case, now: int) -> tuple[str, ...]:
    """What stands against "ready", each in one clause."""
    kind = specialty(case.specialty)
    return missing_for_ready(
        case,
        records.of_case(reading, case.id),
        kind.records,
        review_consent=may_review(reading, case, now),
        conflicts=len(intake.conflicts(reading, case)),
        flag_codes=tuple(flag.code for flag in kind.red_flags),
    )


def may_review(reading: Reading, case: Case, now: int) -> bool:
    """Whether this patient's consent to review stands."""
    given = consents.of_case(reading, case.id)
    return review_is_active(tuple(c for c in given if c.patient_id == case.patient_id), now)


def make_ready(vault: Vault, number: str, now: int) -> None:
    """All that is needed is there, or waived with a reason. Raises FormIncomplete."""
    with on_case(vault, "make_ready", number, now) as (writing, case):
        check_move(case, CaseState.READY)
        check(missing_for_readiness(writing, case, now), "The case isn't ready yet:")
        if case.waiting_for == PauseReason.RECORDS:
            cases.wait_for(writing, case.id, "", now)
        cases.move(writing, case, CaseState.READY, at=now, by=vault.user, ready_at=now)


def go_on_without(vault: Vault, number: str, what: str, reason: str, now: int) -> None:
    """Waive something required, with the reason that will print as a limitation.

    `what` is "record:" and the kind of record. Raises FormIncomplete without a reason.
    """
    if not reason.strip():
        raise FormIncomplete("Going on without it needs a reason.")
    if what.removeprefix("record:") not in set(RecordKind) or not what.startswith("record:"):
        raise FormIncomplete("Say which kind of record is gone without.")
    with on_case(vault, "go_on_without", number, now) as (writing, case):
        check_not_signed(case)
        cases.go_on_without(writing, case.id, Override(what, reason, vault.user, now))


def wait_for(vault: Vault, number: str, waiting_for: str, now: int) -> None:
    """Pause the opinion clock while waiting, or with "" go on.

    `waiting_for` is records, consent, treating_physician, patient, or empty.
    """
    if waiting_for and waiting_for not in set(PauseReason):
        raise FormIncomplete("A case waits for records, consent, a physician or the patient.")
    with on_case(vault, "wait_for", number, now) as (writing, case):
        if waiting_for and case.state not in OPEN_STATES:
            state = case.state.replace("_", " ")
            raise FormIncomplete(f"A case that is {state} waits for nobody.")
        if waiting_for != case.waiting_for:
            cases.wait_for(writing, case.id, waiting_for, now)


def move_aside(vault: Vault, number: str, to: CaseState, reason: str, now: int) -> None:
    """Put on hold, withdraw, return or decline, with a reason. Raises FormIncomplete."""
    if not reason.strip():
        raise FormIncomplete("This step needs a reason.")
    if to not in _ASIDE:
        raise FormIncomplete(f"A case isn't put aside as {to.replace('_', ' ')}.")
    with on_case(vault, f"{to.value}_case", number, now) as (writing, case):
        check_move(case, to)
        if to is not CaseState.ON_HOLD and case.waiting_for:
            cases.wait_for(writing, case.id, "", now)
        cases.move(writing, case, to, at=now, by=vault.user, reason=reason)


def resume(vault: Vault, number: str, now: int) -> None:
    """Take a case off hold, back to where it stood."""
    with on_case(vault, "resume_case", number, now) as (writing, case):
        if case.state is not CaseState.ON_HOLD or case.state_before is None:
            raise FormIncomplete("This case isn't on hold.")
        cases.move(writing, case, case.state_before, at=now, by=vault.user)


def acknowledge(vault: Vault, number: str, how: str, now: int) -> None:
    """Record that the recipient has the letter. Raises FormIncomplete without saying how.

    What went to the patient alone is acknowledged only while nobody else has a letter.
    """
    if not how.strip():
        raise FormIncomplete("Say how the recipient confirmed it.")
    with on_case(vault, "acknowledge", number, now) as (writing, case):
        gone = [d for d in outbox.of_case(writing, case.id) if d.state in ("sent", "received")]
        to_others = [d for d in gone if d.basis != Basis.PATIENT]
        if case.state is not CaseState.ACKNOWLEDGED or not gone:
            check_move(case, CaseState.ACKNOWLEDGED)
        for dispatch in to_others or gone:
            outbox.happened(writing, dispatch, "acknowledged", at=now, by=vault.user, detail=how)
        if case.state is not CaseState.ACKNOWLEDGED:
            cases.move(writing, case, CaseState.ACKNOWLEDGED, at=now, by=vault.user)


def close(vault: Vault, number: str, now: int, *, chases: str = "") -> None:
    """Close a case that was acknowledged, or whose chases are documented."""
    with on_case(vault, "close_case", number, now) as (writing, case):
        check_move(case, CaseState.CLOSED)
        if flag_stops(case):
            raise FormIncomplete(
                "A case isn't closed over a red flag:",
                tuple(flag.text for flag in raised_flags(case)),
            )
        if case.state is not CaseState.ACKNOWLEDGED and not chases.strip():
            raise FormIncomplete(
                "A case nobody has acknowledged closes only with its chases:",
                ("when and how the recipient was reminded",),
            )
        cases.move(writing, case, CaseState.CLOSED, at=now, by=vault.user, reason=chases)
