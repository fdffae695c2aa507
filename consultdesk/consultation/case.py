"""A case: its states, the guards between them, red flags, and a line of the queue."""

from dataclasses import dataclass, field
from enum import StrEnum

from consultdesk.consultation.identity import made_at
from consultdesk.consultation.record import RecordItem, RecordKind, Required


class CaseState(StrEnum):
    """Where a case stands (in order), and the places beside the way."""

    RECEIVED = "received"
    COLLECTING = "collecting"
    READY = "ready"
    OWN_READ = "own_read"
    COMPARISON = "comparison"
    DRAFTING = "drafting"
    SIGNED = "signed"
    RELEASED = "released"
    RELEASED_TO_PATIENT_ONLY = "released_to_patient_only"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"
    RETURNED = "returned"
    DECLINED = "declined"
    URGENT_STOP = "urgent_stop"
    ON_HOLD = "on_hold"
    WITHDRAWN = "withdrawn"


class Priority(StrEnum):
    """How urgent the case is; the queue shows them in this order."""

    EMERGENT = "emergent"
    URGENT = "urgent"
    ROUTINE = "routine"


PRIORITY_RANK = {Priority.EMERGENT: 0, Priority.URGENT: 1, Priority.ROUTINE: 2}

_BEFORE_SIGNED = (
    CaseState.RECEIVED,
    CaseState.COLLECTING,
    CaseState.READY,
    CaseState.OWN_READ,
    CaseState.COMPARISON,
    CaseState.DRAFTING,
)
_UNTIL_READY = (CaseState.RECEIVED, CaseState.COLLECTING, CaseState.READY)
OPEN_STATES = frozenset(
    {*_BEFORE_SIGNED, CaseState.SIGNED, CaseState.URGENT_STOP, CaseState.ON_HOLD}
)
RELEASED_STATES = frozenset(
    {
        CaseState.RELEASED,
        CaseState.RELEASED_TO_PATIENT_ONLY,
        CaseState.ACKNOWLEDGED,
        CaseState.CLOSED,
    }
)

_FORWARD: dict[CaseState, frozenset[CaseState]] = {
    CaseState.RECEIVED: frozenset({CaseState.COLLECTING}),
    CaseState.COLLECTING: frozenset({CaseState.READY}),
    CaseState.READY: frozenset({CaseState.OWN_READ}),
    CaseState.OWN_READ: frozenset({CaseState.COMPARISON}),
    CaseState.COMPARISON: frozenset({CaseState.DRAFTING}),
    CaseState.DRAFTING: frozenset({CaseState.SIGNED}),
    CaseState.SIGNED: frozenset({CaseState.RELEASED, CaseState.RELEASED_TO_PATIENT_ONLY}),
    CaseState.RELEASED: frozenset({CaseState.ACKNOWLEDGED, CaseState.CLOSED}),
    CaseState.RELEASED_TO_PATIENT_ONLY: frozenset(
        {CaseState.RELEASED, CaseState.ACKNOWLEDGED, CaseState.CLOSED}
    ),
    CaseState.ACKNOWLEDGED: frozenset({CaseState.CLOSED}),
}


def next_states(state: CaseState, came_from: CaseState | None = None) -> frozenset[CaseState]:
    """Where a case may go from `state`; `came_from` is where on_hold or urgent_stop began."""
    if state in (CaseState.ON_HOLD, CaseState.URGENT_STOP):
        # a red flag stops a case on hold too; leaving the stop then also ends the hold
        onward = {CaseState.URGENT_STOP} if state is CaseState.ON_HOLD else set()
        back = {came_from} if came_from else set()
        away = {CaseState.WITHDRAWN} if came_from in (None, *_BEFORE_SIGNED) else set()
        return frozenset(back | onward | away)
    allowed = set(_FORWARD.get(state, ()))
    if state in _BEFORE_SIGNED:
        allowed |= {CaseState.ON_HOLD, CaseState.WITHDRAWN, CaseState.URGENT_STOP}
    if state is CaseState.SIGNED:
        allowed.add(CaseState.URGENT_STOP)
    if state in _UNTIL_READY:
        allowed |= {CaseState.RETURNED, CaseState.DECLINED}
    return frozenset(allowed)


# --- red flags ------------------------------------------------------------------------


class FlagAnswer(StrEnum):
    """What is known of a red flag; "not asked" makes a call-back and a triage task."""

    YES = "yes"
    NO = "no"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True)
class RedFlag:
    """One red flag as answered: by whom, when, told by whom."""

    code: str
    text: str
    answer: FlagAnswer
    asked_of: str = ""
    by: str = ""
    at: int = 0


@dataclass(frozen=True)
class UrgentContact:
    """A logged call about a red flag: who was reached, on what number, and read back."""

    id: str
    case_id: str
    flag: str
    who: str
    phone: str
    at: int
    read_back: bool
    basis: str
    by: str = ""


@dataclass(frozen=True)
class Triage:
    """A physician's word on red flags nobody has asked about, or that it is safe to go on."""

    by: str
    at: int
    safe_to_continue: bool
    note: str = ""


class Motive(StrEnum):
    """Why the opinion was asked for."""

    CERTAINTY = "certainty"
    COMMUNICATION = "communication"
    TRUST = "trust"
    PERSONAL_INFORMATION = "personal_information"
    TREATMENT_CHOICE = "treatment_choice"


class PreAuthorisation(StrEnum):
    """Where the payer's approval stands; never blocks urgent action."""

    NOT_NEEDED = "not_needed"
    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"


@dataclass(frozen=True)
class Coverage:
    """Who pays, and what the payer still wants."""

    payer: str = ""
    pre_authorisation: PreAuthorisation = PreAuthorisation.NOT_NEEDED
    in_network: bool | None = None
    referral_required: bool | None = None


@dataclass(frozen=True)
class Question:
    """A question of the referral, with its answer or why it can't be answered."""

    n: int
    text: str
    asked_by: str = ""
    answer: str = ""
    cannot_answer: str = ""
    source: str = ""
    confirmed: bool = True

    @property
    def settled(self) -> bool:
        """Whether it is answered, or said why it can't be."""
        return bool(self.answer.strip() or self.cannot_answer.strip())


class Initiator(StrEnum):
    """Who asked for the opinion."""

    PATIENT = "patient"
    PHYSICIAN = "physician"
    INSURER = "insurer"
    COURT = "court"


class Relation(StrEnum):
    """How near the desk stands to the treating physician."""

    IN_HOUSE = "in_house"
    SAME_INSTITUTION = "same_institution"
    EXTERNAL = "external"


@dataclass(frozen=True)
class Referral:
    """What was asked, by whom and why. First diagnosis and plan are sealed like the opinion."""

    initiator: Initiator = Initiator.PATIENT
    motives: frozenset[Motive] = frozenset()
    questions: tuple[Question, ...] = ()
    first_diagnosis: str = field(default="", repr=False)
    first_plan: str = field(default="", repr=False)
    planned_treatment_date: str = ""
    relation: Relation = Relation.EXTERNAL
    coverage: Coverage = Coverage()


@dataclass(frozen=True)
class Declaration:
    """The reviewer's declaration of conflicts of interest and independence."""

    by: str
    at: int
    conflict: bool
    detail: str = ""


@dataclass(frozen=True)
class Override:
    """Going on without something required, with the reason; prints as a limitation."""

    what: str
    reason: str
    by: str
    at: int


@dataclass(frozen=True)
class Case:
    """One request for a second opinion, as it stands now."""

    id: str
    number: str
    patient_id: str
    specialty: str
    state: CaseState
    priority: Priority
    received_at: int
    treating_physician_id: str = ""
    recipient_named: str = ""
    state_before: CaseState | None = None
    accepted_at: int | None = None
    complete_at: int | None = None
    ready_at: int | None = None
    due_at: int | None = None
    owner: str = ""
    reviewer: str = ""
    referral: Referral = Referral()
    declaration: Declaration | None = None
    flags: tuple[RedFlag, ...] = ()
    triage: Triage | None = None
    contacts: tuple[UrgentContact, ...] = ()
    overrides: tuple[Override, ...] = ()
    laterality: str = ""
    level: str = ""
    sealing: bool = False
    unsealed_at: int | None = None
    waiting_for: str = ""
    patient_decision: str = "unknown"
    parent_case: str = ""
    patient_confirmed: bool = False
    major_decision: str = ""
    knows_of_request: str = "unknown"
    primary_contact: bool = True
    erased_at: int | None = None


@dataclass(frozen=True)
class QueueRow:
    """One line of the queue; `question` is empty for who may not read clinical content.

    `erased_at` (UTC ms) is set where the patient was erased: then nobody is named.
    """

    id: str
    number: str
    state: CaseState
    priority: Priority
    specialty: str
    patient: str
    question: str
    received_at: int
    due_at: int | None
    over: bool
    waiting_for: str
    owner: str
    erased_at: int | None = None


# --- guards ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Requirement:
    """How much a specialty needs one kind of record."""

    kind: RecordKind
    required: Required


@dataclass(frozen=True)
class Completeness:
    """Which required records are present. `missing` holds kinds that must be there and aren't."""

    required: int
    present: int
    missing: tuple[RecordKind, ...]
    should: tuple[RecordKind, ...]

    @property
    def share(self) -> float:
        """Must present ÷ must required; 1.0 when nothing is required."""
        return self.present / self.required if self.required else 1.0


def is_usable(record: RecordItem) -> bool:
    """Whether a record counts: readable, of the right patient, not entered in error."""
    return record.readable and record.right_patient is not False and not record.entered_in_error


def completeness(
    requirements: tuple[Requirement, ...], records: tuple[RecordItem, ...]
) -> Completeness:
    """Hold what was received against what the specialty needs.

    A record counts when it is readable, of the right patient and not entered in error.
    """
    usable = {record.kind for record in records if is_usable(record)}
    must = [r.kind for r in requirements if r.required is Required.MUST]
    should = [r.kind for r in requirements if r.required is Required.SHOULD]
    missing = tuple(kind for kind in must if kind not in usable)
    return Completeness(
        len(must),
        len(must) - len(missing),
        missing,
        tuple(kind for kind in should if kind not in usable),
    )


def missing_for_collecting(case: Case) -> tuple[str, ...]:
    """What stands against accepting the case; empty when a person may accept it."""
    missing = []
    if not case.patient_confirmed:
        missing.append("confirm who the patient is")
    if case.declaration is None:
        missing.append("declare conflicts of interest")
    elif case.declaration.conflict:
        missing.append("find a reviewer without a conflict of interest, or decline the case")
    if not (case.treating_physician_id or case.recipient_named):
        missing.append('name the recipient, or say "none"')
    return tuple(missing)


def raised_flags(case: Case) -> tuple[RedFlag, ...]:
    """The red flags answered yes."""
    return tuple(flag for flag in case.flags if flag.answer is FlagAnswer.YES)


def missing_for_leaving_stop(case: Case) -> tuple[str, ...]:
    """What stands against leaving urgent_stop: a call for each flag, and a physician's word.

    Both must have been recorded after the flag was raised: an earlier call was about
    something else.
    """
    raised = raised_flags(case)
    missing = [
        f"log the urgent contact for: {flag.text}"
        for flag in raised
        if not any(flag.code == c.flag and flag.at <= _logged_at(c) for c in case.contacts)
    ]
    if not _safe_since(case, max((flag.at for flag in raised), default=0)):
        missing.append('a physician signs "safe to continue"')
    return tuple(missing)


def flag_stops(case: Case) -> bool:
    """Whether a red flag still stops routine sending, in whatever state the case is."""
    return case.state is CaseState.URGENT_STOP or bool(
        raised_flags(case) and missing_for_leaving_stop(case)
    )


def unasked_flags(case: Case, flag_codes: tuple[str, ...]) -> tuple[str, ...]:
    """The codes nobody has asked about, unless a physician has triaged the case since."""
    asked = {f.code for f in case.flags if f.answer is not FlagAnswer.NOT_ASKED}
    left_out = [f.at for f in case.flags if f.answer is FlagAnswer.NOT_ASKED]
    if _safe_since(case, max(left_out, default=0)):
        return ()
    return tuple(code for code in flag_codes if code not in asked)


def _safe_since(case: Case, at: int) -> bool:
    said = case.triage
    return said is not None and said.safe_to_continue and at <= said.at


def _logged_at(contact: UrgentContact) -> int:
    """When a call was written down; it may have been made before its flag was."""
    return max(contact.at, made_at(contact.id))


def missing_for_ready(
    case: Case,
    records: tuple[RecordItem, ...],
    requirements: tuple[Requirement, ...],
    *,
    review_consent: bool,
    conflicts: int,
    flag_codes: tuple[str, ...],
) -> tuple[str, ...]:
    """What stands against "ready"; an override lifts only what it names."""
    lifted = {override.what for override in case.overrides}
    missing = []
    if conflicts:
        missing.append("decide which patient the records belong to")
    if unasked_flags(case, flag_codes):
        missing.append("ask the red flags, or have a physician triage the case")
    if not review_consent:
        missing.append("record the consent to review")
    for kind in completeness(requirements, records).missing:
        if f"record:{kind}" not in lifted:
            missing.append(f"obtain the {kind.replace('_', ' ')} or go on without it with a reason")
    return tuple(missing)
