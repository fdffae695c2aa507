"""A new case, as the records that came say it is, for a person to confirm."""

from collections import Counter
from collections.abc import Iterator, Sequence

from consultdesk.consultation.case import Case, CaseState, Priority, Question, Referral
from consultdesk.consultation.form import Specialty
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.patient import Identifier, Patient, TreatingPhysician
from consultdesk.consultation.record import RecordItem, comparable_name, find_conflicts
from consultdesk.desk import clocks
from consultdesk.vault import cases, people, search
from consultdesk.vault.rows import Writing


def open_new(
    writing: Writing,
    case_id: str,
    items: Sequence[RecordItem],
    now: int,
    specialty: Specialty,
) -> Case:
    """A new case with the patient, the treating physician and the questions that records name.

    A patient and a physician who are known already are taken, and no second one is made.
    """
    patient = _patient(writing, items, now)
    physician = _physician(writing, items, now)
    year = clocks.practice_time(writing).calendar.day_of(now).year
    case = Case(
        id=case_id,
        number=cases.next_number(writing, year),
        patient_id=patient.id,
        specialty=specialty.code,
        state=CaseState.RECEIVED,
        priority=Priority.ROUTINE,
        received_at=now,
        treating_physician_id=physician.id if physician else "",
        referral=_referral(items),
        sealing=specialty.sealing,
    )
    cases.add(writing, case)
    search.add(writing, case.id, case.id, "case", "", case.number, f"{case.number} {patient.name}")
    return case


def _patient(writing: Writing, items: Sequence[RecordItem], now: int) -> Patient:
    name = _most_said(items, "patient.name") or "Name not in the records"
    # what belongs to one person is taken from records that name this one, and from no other
    own = [item for item in items if _said_by(item, "patient.name", name)]
    birth_date = _most_said(own, "patient.birth_date")
    known = () if find_conflicts(items) else people.same_patient(writing, name, birth_date)
    if known:
        return known[0]
    patient = Patient(
        id=new_id(now),
        name=_readable_name(name),
        birth_date=birth_date,
        sex=_most_said(own, "patient.sex"),
        identifiers=tuple(_identifiers(own)),
        phone=_most_said(own, "patient.phone"),
        language=_most_said(own, "patient.language"),
    )
    people.add_patient(writing, patient, now)
    return patient


def _identifiers(items: Sequence[RecordItem]) -> Iterator[Identifier]:
    seen = set()
    for item in items:
        for fact in item.facts:
            system, _, value = fact.value.rpartition("|")
            if fact.field == "patient.identifier" and value not in seen:
                seen.add(value)
                yield Identifier(system, value)


def _said_by(item: RecordItem, field: str, value: str) -> bool:
    wanted = comparable_name(value)
    return any(f.field == field and comparable_name(f.value) == wanted for f in item.facts)


def _most_said(items: Sequence[RecordItem], field: str) -> str:
    """What most images and pages say; of equals the first."""
    said: Counter[str] = Counter()
    for item in items:
        for value in dict.fromkeys(f.value for f in item.facts if f.field == field):
            said[value] += max(1, item.pages)
    return said.most_common(1)[0][0] if said else ""


def _readable_name(name: str) -> str:
    return " ".join(name.replace("^", " ").replace("_", " ").split())


def _physician(writing: Writing, items: Sequence[RecordItem], now: int) -> TreatingPhysician | None:
    name = _most_said(items, "physician.name")
    if not name:
        return None
    own = [item for item in items if _said_by(item, "physician.name", name)]
    practice = _most_said(own, "physician.practice")
    wanted = comparable_name(name)
    for known in people.physicians(writing, name.split()[-1]):
        if comparable_name(known.name) == wanted and known.practice == practice:
            return known
    physician = TreatingPhysician(
        id=new_id(now),
        name=_readable_name(name),
        practice=practice,
        specialty=_most_said(own, "physician.specialty"),
        phone=_most_said(own, "physician.phone"),
    )
    people.add_physician(writing, physician)
    return physician


def _referral(items: Sequence[RecordItem]) -> Referral:
    asked = dict.fromkeys(
        (fact.value, f"{item.name}, {fact.where}")
        for item in items
        for fact in item.facts
        if fact.field == "question"
    )
    questions = tuple(
        Question(n, text, source=where, confirmed=False) for n, (text, where) in enumerate(asked, 1)
    )
    return Referral(
        questions=questions,
        first_diagnosis=_most_said(items, "first_diagnosis"),
        first_plan=_most_said(items, "first_plan"),
    )
