"""A case on its way: who the patient is, what is asked, red flags, and from state to state."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from consultdesk.consultation.audit import Act, Role
from consultdesk.consultation.case import (
    Case,
    CaseState,
    Completeness,
    Declaration,
    FlagAnswer,
    Override,
    Priority,
    Question,
    RedFlag,
    Triage,
    UrgentContact,
    completeness,
    missing_for_collecting,
    missing_for_leaving_stop,
    missing_for_ready,
    next_states,
)
from consultdesk.consultation.consent import Consent, review_is_active
from consultdesk.consultation.form import Specialty
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.letter import Letter
from consultdesk.consultation.patient import Patient, TreatingPhysician
from consultdesk.consultation.record import Conflict, RecordItem
from consultdesk.desk import access, clocks, intake
from consultdesk.desk.specialties import specialty
from consultdesk.errors import FormIncomplete, NotFound
from consultdesk.vault import assessments, cases, consents, letters, outbox, people, records, search
from consultdesk.vault.outbox import Dispatch
from consultdesk.vault.rows import Reading, Writing
from consultdesk.vault.vault import Vault

_TOPICS = frozenset({"queue", "case"})


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
        return case_file(reading, access.find(reading, number))


def case_file(reading: Reading, case: Case) -> CaseFile:
    """Everything about a case, within a reading already begun."""
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
        sealed=case.sealing and not locked and case.unsealed_at is None,
        own_read_locked=locked,
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
    others are confirmed as this patient's. Raises FormIncomplete without name or birth date.
    """
    missing = []
    if not patient.name.strip():
        missing.append("the patient's name")
    if not patient.birth_date.strip():
        missing.append("the date of birth")
    if missing:
        raise FormIncomplete("The patient can't be confirmed yet:", tuple(missing))
    with _on_case(vault, "confirm_patient", number, now) as (writing, case):
        if people.patient(writing, patient.id) is None:
            people.add_patient(writing, patient, now)
        else:
            people.change_patient(writing, patient)
        for record in records.of_case(writing, case.id):
            right = record.id not in wrong_records
            if record.right_patient is not right:
                records.change(writing, replace(record, right_patient=right))
        cases.change(writing, replace(case, patient_id=patient.id, patient_confirmed=True))
        title = f"{case.number} {patient.name}"
        search.add(writing, case.id, case.id, "case", "", case.number, title)


def known_patients(vault: Vault, name: str, birth_date: str) -> tuple[Patient, ...]:
    """Patients already in the store under that name and date of birth."""
    with vault.read() as reading:
        return people.same_patient(reading, name, birth_date)


def name_physician(vault: Vault, number: str, physician: TreatingPhysician, now: int) -> None:
    """Name the treating physician, new or known, or correct what is known of them."""
    if not physician.name.strip():
        raise FormIncomplete("The treating physician can't be named yet:", ("the name",))
    with _on_case(vault, "name_physician", number, now) as (writing, case):
        if people.physician(writing, physician.id) is None:
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
    with _on_case(vault, "name_no_recipient", number, now) as (writing, case):
        cases.change(writing, replace(case, treating_physician_id="", recipient_named="none"))


def known_physicians(vault: Vault, beginning: str) -> list[TreatingPhysician]:
    """Treating physicians whose name or practice has these letters."""
    with vault.read() as reading:
        return people.physicians(reading, beginning)


def set_questions(vault: Vault, number: str, questions: tuple[Question, ...], now: int) -> None:
    """Keep the questions of the referral, numbered from 1, as a person confirmed them."""
    numbered = tuple(
        replace(question, n=n, confirmed=True) for n, question in enumerate(questions, 1)
    )
    with _on_case(vault, "set_questions", number, now) as (writing, case):
        cases.set_questions(writing, case.id, numbered)
        for question in numbered:
            search.add(
                writing, case.id, case.id, "question", "", f"Question {question.n}", question.text
            )


def describe(vault: Vault, number: str, now: int, change: Callable[[Case], Case]) -> None:
    """Change what is known of the case: specialty, priority, referral, side and level.

    `change` gets the case as it stands within the act and returns it changed.
    """
    with _on_case(vault, "describe_case", number, now) as (writing, case):
        changed = change(case)
        if changed.specialty != case.specialty:
            changed = replace(changed, sealing=specialty(changed.specialty).sealing)
        cases.change(writing, changed)


def set_priority(vault: Vault, number: str, priority: Priority, now: int) -> None:
    """Change the priority; no pause is lost by it."""
    describe(vault, number, now, lambda case: replace(case, priority=priority))


def change_record(
    vault: Vault, number: str, record_id: str, now: int, change: Callable[[RecordItem], RecordItem]
) -> None:
    """Correct what a record is: kind, date, sensitivity, right patient, in error."""
    with _on_case(vault, "describe_record", number, now, entity=record_id) as (writing, case):
        for record in records.of_case(writing, case.id):
            if record.id == record_id:
                records.change(writing, change(record))
                return
        raise NotFound("That record isn't part of this case.")


# --- red flags ----------------------------------------------------------------------------


def answer_flags(vault: Vault, number: str, flags: tuple[RedFlag, ...], now: int) -> None:
    """Keep answers to red flags, one by one; any yes stops routine sending at once."""
    with _on_case(vault, "answer_red_flags", number, now) as (writing, case):
        for flag in flags:
            cases.answer_flag(writing, case.id, replace(flag, by=vault.user, at=now))
        raised = any(flag.answer is FlagAnswer.YES for flag in flags)
        if raised and CaseState.URGENT_STOP in next_states(case.state, case.state_before):
            cases.move(writing, case, CaseState.URGENT_STOP, at=now, by=vault.user)


def log_contact(vault: Vault, number: str, contact: UrgentContact, now: int) -> None:
    """Keep an urgent call. Raises FormIncomplete without whom, phone and read-back."""
    missing = []
    if not contact.who.strip():
        missing.append("who was reached")
    if not contact.phone.strip():
        missing.append("the telephone number")
    if not contact.read_back:
        missing.append("that the message was read back")
    if missing:
        raise FormIncomplete("The call can't be logged yet:", tuple(missing))
    with _on_case(vault, "log_urgent_contact", number, now) as (writing, case):
        fresh = replace(contact, id=new_id(now), case_id=case.id, by=vault.user)
        cases.log_contact(writing, fresh)


def triage(vault: Vault, number: str, now: int, *, safe: bool, note: str = "") -> None:
    """A physician's word on red flags. Safe leaves the urgent stop once every call is logged.

    Raises NotAllowed, FormIncomplete.
    """
    access.require(vault, Role.PHYSICIAN)
    with _on_case(vault, "triage_red_flags", number, now) as (writing, case):
        said = Triage(vault.user, now, safe, note)
        cases.keep_triage(writing, case.id, said)
        if case.state is CaseState.URGENT_STOP and safe:
            missing = missing_for_leaving_stop(replace(case, triage=said))
            if missing:
                raise FormIncomplete("The urgent stop stays:", missing)
            back = case.state_before or CaseState.RECEIVED
            cases.move(writing, case, back, at=now, by=vault.user)


# --- from state to state ------------------------------------------------------------------


def declare(vault: Vault, number: str, now: int, *, conflict: bool, detail: str = "") -> None:
    """The reviewer declares conflicts of interest and independence."""
    with _on_case(vault, "declare_interests", number, now) as (writing, case):
        cases.declare(writing, case.id, Declaration(vault.user, now, conflict, detail))


def accept(vault: Vault, number: str, now: int) -> None:
    """A person accepts the case; its opinion clock may begin. Raises FormIncomplete."""
    with _on_case(vault, "accept_case", number, now) as (writing, case):
        _check_move(case, CaseState.COLLECTING)
        _check(missing_for_collecting(case), "The case can't be accepted yet:")
        owner = case.owner or vault.user
        cases.change(writing, replace(case, owner=owner, reviewer=case.reviewer or vault.user))
        cases.move(writing, case, CaseState.COLLECTING, at=now, by=vault.user, accepted_at=now)


def missing_for_readiness(reading: Reading, case: Case, now: int) -> tuple[str, ...]:
    """What stands against "ready", each in one clause."""
    kind = specialty(case.specialty)
    return missing_for_ready(
        case,
        records.of_case(reading, case.id),
        kind.records,
        review_consent=review_is_active(consents.of_case(reading, case.id), now),
        conflicts=len(intake.conflicts(reading, case)),
        flag_codes=tuple(flag.code for flag in kind.red_flags),
    )


def make_ready(vault: Vault, number: str, now: int) -> None:
    """All that is needed is there, or waived with a reason. Raises FormIncomplete."""
    with _on_case(vault, "make_ready", number, now) as (writing, case):
        _check_move(case, CaseState.READY)
        _check(missing_for_readiness(writing, case, now), "The case isn't ready yet:")
        cases.move(writing, case, CaseState.READY, at=now, by=vault.user, ready_at=now)


def go_on_without(vault: Vault, number: str, what: str, reason: str, now: int) -> None:
    """Waive something required, with the reason that will print as a limitation.

    `what` is "record:" and the kind of record. Raises FormIncomplete without a reason.
    """
    if not reason.strip():
        raise FormIncomplete("Going on without it needs a reason.")
    with _on_case(vault, "go_on_without", number, now) as (writing, case):
        cases.go_on_without(writing, case.id, Override(what, reason, vault.user, now))


def wait_for(vault: Vault, number: str, waiting_for: str, now: int) -> None:
    """Pause the opinion clock while waiting, or with "" go on.

    `waiting_for` is records, consent, treating_physician, patient, or empty.
    """
    with _on_case(vault, "wait_for", number, now) as (writing, case):
        cases.wait_for(writing, case.id, waiting_for, now)


def move_aside(vault: Vault, number: str, to: CaseState, reason: str, now: int) -> None:
    """Put on hold, withdraw, return or decline, with a reason. Raises FormIncomplete."""
    if not reason.strip():
        raise FormIncomplete("This step needs a reason.")
    with _on_case(vault, f"{to.value}_case", number, now) as (writing, case):
        _check_move(case, to)
        cases.move(writing, case, to, at=now, by=vault.user, reason=reason)


def resume(vault: Vault, number: str, now: int) -> None:
    """Take a case off hold, back to where it stood."""
    with _on_case(vault, "resume_case", number, now) as (writing, case):
        if case.state is not CaseState.ON_HOLD or case.state_before is None:
            raise FormIncomplete("This case isn't on hold.")
        cases.move(writing, case, case.state_before, at=now, by=vault.user)


def acknowledge(vault: Vault, number: str, how: str, now: int) -> None:
    """Record that the recipient has the letter. Raises FormIncomplete without saying how."""
    if not how.strip():
        raise FormIncomplete("Say how the recipient confirmed it.")
    with _on_case(vault, "acknowledge", number, now) as (writing, case):
        _check_move(case, CaseState.ACKNOWLEDGED)
        sent = [d for d in outbox.of_case(writing, case.id) if d.state in ("sent", "received")]
        for dispatch in sent:
            outbox.happened(writing, dispatch, "acknowledged", at=now, by=vault.user, detail=how)
        cases.move(writing, case, CaseState.ACKNOWLEDGED, at=now, by=vault.user)


def close(vault: Vault, number: str, now: int, *, chases: str = "") -> None:
    """Close a case that was acknowledged, or whose chases are documented."""
    with _on_case(vault, "close_case", number, now) as (writing, case):
        _check_move(case, CaseState.CLOSED)
        if case.state is not CaseState.ACKNOWLEDGED and not chases.strip():
            raise FormIncomplete(
                "A case nobody has acknowledged closes only with its chases:",
                ("when and how the recipient was reminded",),
            )
        cases.move(writing, case, CaseState.CLOSED, at=now, by=vault.user, reason=chases)


# --- inside -------------------------------------------------------------------------------


@contextmanager
def _on_case(
    vault: Vault, what: str, number: str, now: int, *, entity: str = ""
) -> Iterator[tuple[Writing, Case]]:
    """One act on one case by someone who may see it, its clocks refreshed at the end."""
    access.require(vault, *access.CLINICAL)
    with vault.read() as reading:
        case_id = access.find(reading, number).id
    act = Act(what, now, case_id=case_id, entity=entity, topics=_TOPICS)
    with vault.act(act) as writing:
        yield writing, access.find(writing, number)
        clocks.refresh(writing, case_id, now)


def _check_move(case: Case, to: CaseState) -> None:
    if to not in next_states(case.state, case.state_before):
        state = case.state.replace("_", " ")
        raise FormIncomplete(f"A case that is {state} can't become {to.replace('_', ' ')}.")


def _check(missing: tuple[str, ...], message: str) -> None:
    if missing:
        raise FormIncomplete(message, missing)
