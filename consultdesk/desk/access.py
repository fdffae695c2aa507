"""Who may do what, and finding the case a person named."""

from datetime import UTC, datetime

from consultdesk.consultation.audit import Role
from consultdesk.consultation.case import Case
from consultdesk.consultation.patient import Patient, TreatingPhysician
from consultdesk.errors import CaseErased, NotAllowed, NotFound
from consultdesk.vault import assessments, cases, people
from consultdesk.vault.rows import Reading
from consultdesk.vault.vault import Vault

CLINICAL = (Role.PHYSICIAN, Role.ASSISTANT)


def require(vault: Vault, *roles: Role) -> None:
    """Raise NotAllowed unless the user's role is one of these."""
    if vault.role not in roles:
        raise NotAllowed("Your role doesn't permit this step.", cure="Ask a physician to do it.")


def find(reading: Reading, number: str) -> Case:
    """The case of that number, to read or to work on. Raises NotFound, CaseErased."""
    case = find_any(reading, number)
    check_not_erased(case)
    return case


def find_any(reading: Reading, number: str) -> Case:
    """The case of that number, though it may have been erased. Raises NotFound."""
    case = cases.by_number(reading, number)
    if case is None:
        raise NotFound(f"There is no case {number} in this store.")
    return case


def check_not_erased(case: Case) -> None:
    """Raise CaseErased for a case whose keys were destroyed."""
    if case.erased_at is not None:
        day = datetime.fromtimestamp(case.erased_at / 1000, UTC).date().isoformat()
        raise CaseErased(
            f"What case {case.number} held was erased on {day}.",
            kept="Its number, its dates and its audit trail remain.",
        )


def patient_of(reading: Reading, case: Case) -> Patient:
    """The patient of a case. Raises NotFound."""
    patient = people.patient(reading, case.patient_id)
    if patient is None:
        raise NotFound(f"The patient of case {case.number} isn't in this store.")
    return patient


def physician_of(reading: Reading, case: Case) -> TreatingPhysician | None:
    """The treating physician as they stand to this case; None where none is named."""
    if not case.treating_physician_id:
        return None
    physician = people.physician(reading, case.treating_physician_id)
    return physician and people.with_case(
        physician, primary_contact=case.primary_contact, knows=case.knows_of_request
    )


def by_id(reading: Reading, case_id: str) -> Case:
    """The case of that id. Raises NotFound."""
    case = cases.by_id(reading, case_id)
    if case is None:
        raise NotFound("That case isn't in this store.")
    return case


def is_sealed(reading: Reading, case: Case) -> bool:
    """Whether the first opinion is still closed to the reader of this case."""
    locked = bool(assessments.own_reads(reading, case.id))
    return case.sealing and not locked and case.unsealed_at is None
