"""What of a case may still be changed: nothing that a signed letter says or sealing covers."""

from dataclasses import fields, replace
from datetime import date

from consultdesk.consultation.case import RELEASED_STATES, Case, CaseState, Question
from consultdesk.consultation.patient import Patient
from consultdesk.consultation.record import RecordItem, comparable_name
from consultdesk.desk.acts import check_not_signed, is_signed, standing
from consultdesk.desk.specialties import known_specialties, needed, specialty
from consultdesk.errors import FormIncomplete

_DESCRIBED = (
    "specialty",
    "priority",
    "referral",
    "laterality",
    "level",
    "sealing",
    "owner",
    "reviewer",
    "patient_decision",
    "parent_case",
)
"""What `describe` may change; everything else has an act of its own."""

_AFTER_SIGNING = ("owner", "patient_decision", "parent_case")
_OF_REFERRAL_AFTER_SIGNING = ("coverage", "questions")
_OF_RECORD = (
    "kind",
    "name",
    "event_date",
    "source",
    "required",
    "sensitivities",
    "right_patient",
    "reveals_first_opinion",
    "sealed_sections",
    "entered_in_error",
)
"""What a person may say of a record; what it is by its bytes stays as it was received."""

_BEFORE_READING = (CaseState.RECEIVED, CaseState.COLLECTING, CaseState.READY)


# --- the case -----------------------------------------------------------------------------


def described(case: Case, asked: Case, *, locked: bool) -> tuple[Case, tuple[str, ...]]:
    """The case as it may be described anew, and which of its facts changed.

    `locked` says that an own read is locked. Raises FormIncomplete naming what can't change.
    """
    kept = {name: getattr(asked, name) for name in _DESCRIBED}
    changed = replace(case, **kept)
    changed = replace(
        changed, referral=replace(changed.referral, questions=case.referral.questions)
    )
    _check_sound(changed)
    if changed.specialty != case.specialty:
        if standing(case) not in _BEFORE_READING:
            raise FormIncomplete("The specialty can't change once the own read has begun.")
        changed = replace(changed, sealing=specialty(changed.specialty).sealing)
    elif case.sealing and not changed.sealing and not locked and case.unsealed_at is None:
        raise FormIncomplete(
            "The first opinion is sealed.", cure="Open it with a reason, which is kept."
        )
    names = _changed(case, changed)
    if fixed := tuple(_plain(name) for name in names if not _late(case, name)):
        check_not_signed(case, fixed)
    return changed, names


def _check_sound(changed: Case) -> None:
    if changed.specialty not in known_specialties():
        raise FormIncomplete("This copy of ConsultDesk doesn't know that specialty.")
    planned = changed.referral.planned_treatment_date
    if planned and not _is_day(planned):
        raise FormIncomplete("The planned date of treatment is written as 2026-05-03.")


def _changed(case: Case, changed: Case) -> tuple[str, ...]:
    own = [n for n in _DESCRIBED if n != "referral" and getattr(case, n) != getattr(changed, n)]
    before, after = case.referral, changed.referral
    return (
        *own,
        *(f.name for f in fields(before) if getattr(before, f.name) != getattr(after, f.name)),
    )


def _late(case: Case, name: str) -> bool:
    """Whether it may change after signing: it stands in no letter and flatters no figure."""
    if not is_signed(case) or name in (*_AFTER_SIGNING, *_OF_REFERRAL_AFTER_SIGNING):
        return True
    return name == "priority" and case.state not in RELEASED_STATES


def check_questions(case: Case, asked: tuple[Question, ...]) -> None:
    """Raise FormIncomplete when a question is empty, or signed and would change."""
    if any(not question.text.strip() for question in asked):
        raise FormIncomplete("A question needs its words.")
    if said(asked) != said(case.referral.questions):
        check_not_signed(case, ("the questions and their answers",) if is_signed(case) else ())


def said(questions: tuple[Question, ...]) -> list[tuple[str, str, str, str]]:
    """What a letter takes from the questions, in their order."""
    return [(q.text, q.asked_by, q.answer, q.cannot_answer) for q in questions]


def answers(questions: tuple[Question, ...]) -> set[tuple[str, str]]:
    """What of the questions is the physician's to write."""
    given = {(q.answer.strip(), q.cannot_answer.strip()) for q in questions}
    return given - {("", "")}


# --- the patient --------------------------------------------------------------------------


def check_patient(case: Case, held: Patient, patient: Patient, today: date) -> None:
    """Raise FormIncomplete unless the patient has a name and a birthday that can be one."""
    missing = []
    if not patient.name.strip():
        missing.append("the patient's name")
    if not patient.birth_date.strip():
        missing.append("the date of birth")
    elif not _is_day(patient.birth_date) or patient.birth_date > today.isoformat():
        missing.append("the date of birth, written as 1966-05-03")
    if missing:
        raise FormIncomplete("The patient can't be confirmed yet:", tuple(missing))
    if (held.id, held.name, held.birth_date) != (patient.id, patient.name, patient.birth_date):
        check_not_signed(case, ("who the patient is",) if is_signed(case) else ())


# --- records ------------------------------------------------------------------------------


def corrected(
    case: Case, record: RecordItem, asked: RecordItem, *, cited: bool, sealed: bool
) -> RecordItem:
    """A record as a person may correct it. Raises FormIncomplete.

    `cited` says that a signed letter rests on it, `sealed` that a reader is at work who must
    not see the first opinion.
    """
    changed = replace(record, **{name: getattr(asked, name) for name in _OF_RECORD})
    if changed.kind is not record.kind and changed.required is record.required:
        changed = replace(changed, required=needed(case.specialty, changed.kind))
    if sealed and _uncovers(record, changed):
        raise FormIncomplete(
            "The first opinion is sealed.", cure="Open it with a reason, which is kept."
        )
    if cited and is_signed(case):
        _check_cited(case, record, changed)
    return changed


def _uncovers(record: RecordItem, changed: RecordItem) -> bool:
    """Whether something the first opinion says would come to light; no section means all."""
    if not record.reveals_first_opinion:
        return False
    before, after = set(record.sealed_sections), set(changed.sealed_sections)
    all_after = not after or "*" in after
    all_before = not before or "*" in before
    return not changed.reveals_first_opinion or not (
        all_after or (not all_before and before <= after)
    )


def _check_cited(case: Case, record: RecordItem, changed: RecordItem) -> None:
    """A signed letter's record may turn out to be wrong, never different from what was signed."""
    worse = replace(
        record,
        right_patient=False if changed.right_patient is False else record.right_patient,
        entered_in_error=changed.entered_in_error or record.entered_in_error,
        sensitivities=changed.sensitivities | record.sensitivities,
    )
    if changed != worse:
        check_not_signed(case, (f"what “{record.name}” is",))


def same_person(one: str, other: str) -> bool:
    """Whether two names are the same person's, written differently."""
    return comparable_name(one) == comparable_name(other)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _plain(name: str) -> str:
    words = {"laterality": "the side", "first_diagnosis": "the first diagnosis"}
    return words.get(name, f"the {name.replace('_', ' ')}")
