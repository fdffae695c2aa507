"""The patient's recorded consent: its elements, its end, and what it can never cover."""

from dataclasses import dataclass, field
from enum import StrEnum

from consultdesk.consultation.record import RecordKind, Sensitivity


class ConsentKind(StrEnum):
    """`review`: we may obtain and read; `disclose`: we may send."""

    REVIEW = "review"
    DISCLOSE = "disclose"


class ConsentStatus(StrEnum):
    """FHIR R4 Consent.status, the part a desk needs."""

    DRAFT = "draft"
    ACTIVE = "active"
    INACTIVE = "inactive"
    ENTERED_IN_ERROR = "entered-in-error"


class Purpose(StrEnum):
    """What a disclosure is for."""

    TREATMENT = "treatment"
    PATIENT_REQUEST = "patient_request"
    INSURANCE = "insurance"
    THIRD_OPINION = "third_opinion"
    LEGAL = "legal"
    OTHER = "other"


class SignatureKind(StrEnum):
    """How the consent was given."""

    WRITTEN = "written"
    ELECTRONIC = "electronic"
    VERBAL = "verbal"


class Statement(StrEnum):
    """The statements a consent carries [45 CFR 164.508(c)(2), 42 CFR 2.31]."""

    RIGHT_TO_REVOKE = "right_to_revoke"
    NO_CONDITIONING = "no_conditioning"
    RE_DISCLOSURE = "re_disclosure"
    HOW_TO_REVOKE = "how_to_revoke"
    RELIANCE = "reliance"


STATEMENT_TEXT = {
    Statement.RIGHT_TO_REVOKE: "You may withdraw this consent at any time.",
    Statement.NO_CONDITIONING: "Your care does not depend on giving this consent.",
    Statement.RE_DISCLOSURE: "Whoever receives the letter may pass it on, and then other rules "
    "may apply.",
    Statement.HOW_TO_REVOKE: "How to withdraw: tell the practice in writing, by telephone or in "
    "person.",
    Statement.RELIANCE: "A withdrawal does not undo what was already sent in reliance on it.",
}

THREE_STATEMENTS = frozenset(
    {Statement.RIGHT_TO_REVOKE, Statement.NO_CONDITIONING, Statement.RE_DISCLOSURE}
)
SUBSTANCE_USE = frozenset({Sensitivity.ETH, Sensitivity.ETHUD, Sensitivity.OPIOIDUD})
NEVER_VERBAL = SUBSTANCE_USE | {Sensitivity.PSYTHPN}
UNRESTRICTED = frozenset({Sensitivity.N})


@dataclass(frozen=True)
class Revocation:
    """A withdrawal: as easy as giving, a row of its own, never undone."""

    id: str
    consent_id: str
    at: int
    by: str
    how: str
    reason: str = field(default="", repr=False)


@dataclass(frozen=True)
class Consent:
    """A consent as recorded, with all that has happened to it since.

    `recipients` holds recipient ids. `expires_at` is the first instant it no longer holds
    (UTC ms); `expiry_event` ends it by the act "it occurred". `evidence` is a record id;
    `evidence_complete` is False for "form on file, to be completed". `authentic` is False
    when the stored row isn't the one this store wrote. `reconfirmed` is False when the
    store was restored since and nobody has reconfirmed it.
    """

    id: str
    case_id: str
    patient_id: str
    kind: ConsentKind
    status: ConsentStatus
    valid_from: int
    expires_at: int | None = None
    information: str = ""
    discloser: str = ""
    recipients: frozenset[str] = frozenset()
    purposes: frozenset[Purpose] = frozenset()
    record_kinds: frozenset[RecordKind] = frozenset()
    sensitivities: frozenset[Sensitivity] = frozenset()
    expiry_event: str = ""
    event_occurred_at: int | None = None
    signature: SignatureKind = SignatureKind.WRITTEN
    witness: str = ""
    given_by: str = ""
    representative_authority: str = ""
    statements: frozenset[Statement] = frozenset()
    evidence: str = ""
    evidence_complete: bool = True
    revocation: Revocation | None = None
    recorded_at: int = 0
    recorded_by: str = ""
    authentic: bool = True
    reconfirmed: bool = True


@dataclass(frozen=True)
class Restriction:
    """A standing "not to them", e.g. a self-pay restriction towards an insurer [164.522].

    It overrides any consent. Either one recipient or every recipient of a kind.
    """

    id: str
    patient_id: str
    recipient_id: str
    recipient_kind: str
    at: int
    reason: str = ""
    authentic: bool = True


def effective_sensitivities(consent: Consent) -> frozenset[Sensitivity]:
    """What the consent really permits, whatever it lists.

    Verbal never covers substance use or psychotherapy notes; psychotherapy notes need a
    consent of their own, so beside other topics they aren't covered [42 CFR 2.31,
    45 CFR 164.508(b)(3)(ii)]. N needs no permission.
    """
    permitted = consent.sensitivities | UNRESTRICTED
    if consent.signature == SignatureKind.VERBAL:
        permitted -= NEVER_VERBAL
    if Sensitivity.PSYTHPN in permitted and consent.sensitivities - UNRESTRICTED - {
        Sensitivity.PSYTHPN
    }:
        permitted -= {Sensitivity.PSYTHPN}
    return permitted


def missing_elements(consent: Consent) -> tuple[str, ...]:
    """Which elements a valid consent to disclose still lacks [45 CFR 164.508(c)(1)–(2)]."""
    missing = []
    if not consent.information.strip():
        missing.append("what information may be sent")
    if not consent.discloser.strip():
        missing.append("who may send it")
    if not consent.recipients:
        missing.append("who may receive it")
    if not consent.purposes:
        missing.append("what it is for")
    if not consent.record_kinds:
        missing.append("which kinds of record it covers")
    if consent.expires_at is None and not consent.expiry_event.strip():
        missing.append("when it ends (a date or an event)")
    if not consent.given_by.strip():
        missing.append("who gave it")
    if consent.signature == SignatureKind.VERBAL and not consent.witness.strip():
        missing.append("the witness to a spoken consent")
    needed = set(THREE_STATEMENTS)
    if consent.sensitivities & SUBSTANCE_USE:
        needed |= {Statement.HOW_TO_REVOKE, Statement.RELIANCE}
    missing += [
        f"the statement: {STATEMENT_TEXT[statement]}"
        for statement in Statement
        if statement in needed - consent.statements
    ]
    return tuple(missing)


def review_is_active(consents: tuple[Consent, ...], now: int) -> bool:
    """True when some consent to review stands at `now` (UTC ms)."""
    return any(
        consent.kind is ConsentKind.REVIEW
        and consent.authentic
        and consent.status is ConsentStatus.ACTIVE
        and consent.revocation is None
        and consent.valid_from <= now
        and (consent.expires_at is None or now < consent.expires_at)
        and consent.event_occurred_at is None
        for consent in consents
    )
