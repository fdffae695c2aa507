"""The gate: a letter leaves only when the recorded consent of the patient allows it."""

import hashlib
from collections.abc import Callable
from dataclasses import InitVar, dataclass, field
from enum import StrEnum

from consultdesk.consultation.consent import (
    NEVER_VERBAL,
    Consent,
    ConsentKind,
    ConsentStatus,
    Purpose,
    Restriction,
    SignatureKind,
    missing_elements,
)
from consultdesk.consultation.letter import FITS, Letter
from consultdesk.consultation.patient import PATIENT_SIDE, Channel, Recipient, RecipientKind
from consultdesk.consultation.record import Sensitivity

LARGEST_JUMP = 24 * 60 * 60 * 1000
"""A larger step of the clock forward (ms) waits for a person's confirmation."""


class Basis(StrEnum):
    """On what ground a letter leaves."""

    CONSENT = "consent"
    PATIENT = "patient"


class Clause(StrEnum):
    """Each condition of the gate; a refusal names the ones that failed."""

    CLOCK = "clock"
    CONSENT_RECORDED = "consent_recorded"
    CONSENT_AUTHENTIC = "consent_authentic"
    CONSENT_ACTIVE = "consent_active"
    CONSENT_COMPLETE = "consent_complete"
    EVIDENCE_COMPLETE = "evidence_complete"
    RECONFIRMED = "reconfirmed"
    NOT_REVOKED = "not_revoked"
    STARTED = "started"
    NOT_EXPIRED = "not_expired"
    EVENT_NOT_OCCURRED = "event_not_occurred"
    RECIPIENT = "recipient"
    PURPOSE = "purpose"
    RECORD_KINDS = "record_kinds"
    SENSITIVITIES = "sensitivities"
    NOT_VERBAL = "not_verbal"
    PSYCHOTHERAPY_ALONE = "psychotherapy_alone"
    LETTER_FITS = "letter_fits"
    LETTER_SIGNED = "letter_signed"
    LETTER_AUTHENTIC = "letter_authentic"
    HASH = "hash"
    CHANNEL = "channel"
    RESTRICTION = "restriction"


CONTENT_CLAUSES = frozenset(
    {
        Clause.RECORD_KINDS,
        Clause.SENSITIVITIES,
        Clause.NOT_VERBAL,
        Clause.PSYCHOTHERAPY_ALONE,
    }
)
"""The clauses on what a letter carries: without it, they hold."""


@dataclass(frozen=True)
class Moment:
    """The instant a letter would leave, by the system clock and by the clock mark.

    The mark is the highest time ever accepted; both are UTC ms.
    """

    system: int
    mark: int

    @property
    def now(self) -> int:
        """The later of the two: a clock set back gains nothing, a jump nobody confirmed neither."""
        return self.mark if self.jumped else max(self.system, self.mark)

    @property
    def jumped(self) -> bool:
        """Whether the clock stepped further ahead than is believed without a word."""
        return self.system - self.mark > LARGEST_JUMP


@dataclass(frozen=True)
class Parcel:
    """A letter on its way out: the bytes themselves, to whom, how, what for, on what ground.

    `key` makes the same release recognisable when it is asked for twice.
    """

    key: str
    letter: Letter
    pdf: bytes = field(repr=False)
    recipient: Recipient = field(repr=False)
    channel: Channel = field(repr=False)
    purpose: Purpose
    basis: Basis = Basis.CONSENT


@dataclass(frozen=True)
class Refusal:
    """Why a parcel stays: every clause that failed, in the order they are read."""

    clauses: tuple[Clause, ...]

    @property
    def sentence(self) -> str:
        """Why, for the person, in one sentence."""
        said = "; ".join(WORDING[clause].why for clause in self.clauses)
        return f"Practice policy: this letter can't be released: {said}."

    @property
    def narrowable(self) -> bool:
        """Whether another version, with what isn't covered left out, would cure it.

        The way and the clock are no matter of what the letter says; each has its own cure.
        """
        failed = frozenset(self.clauses) - {Clause.CHANNEL, Clause.CLOCK}
        return bool(failed) and failed <= CONTENT_CLAUSES

    @property
    def cure(self) -> str:
        """What the person can do about the first clause that failed."""
        return WORDING[self.clauses[0]].cure


class _Key:
    """Held by this module alone, so that nobody else makes a ClearedParcel."""


_KEY = _Key()


@dataclass(frozen=True)
class ClearedParcel:
    """A parcel that passed every clause at `cleared_at`; made by `clear` and nobody else.

    Raises PermissionError when anyone else tries.
    """

    parcel: Parcel
    consent_id: str
    cleared_at: int
    key: InitVar[object] = None

    def __post_init__(self, key: object) -> None:
        if key is not _KEY:
            raise PermissionError("Only clear() makes a ClearedParcel.")


StillCleared = Callable[[], "ClearedParcel | Refusal"]
"""What a transport calls at its last moment: the same question, asked anew."""


@dataclass(frozen=True)
class _Question:
    """All that the clauses look at."""

    parcel: Parcel
    consent: Consent
    restrictions: tuple[Restriction, ...]
    moment: Moment


_Test = Callable[[_Question], bool]


def _recorded(q: _Question) -> bool:
    letter = q.parcel.letter
    return (
        q.consent.kind is ConsentKind.DISCLOSE
        and q.consent.case_id == letter.case_id
        and q.consent.patient_id == letter.patient_id
    )


def _not_verbal(q: _Question) -> bool:
    spoken = q.consent.signature == SignatureKind.VERBAL
    return not (spoken and q.parcel.letter.sensitivities & NEVER_VERBAL)


def _psychotherapy_alone(q: _Question) -> bool:
    if Sensitivity.PSYTHPN not in q.parcel.letter.sensitivities & q.consent.sensitivities:
        return True
    return q.consent.sensitivities <= {Sensitivity.PSYTHPN, Sensitivity.N}


def _sensitivities(q: _Question) -> bool:
    carried = q.parcel.letter.sensitivities
    return carried <= (q.consent.sensitivities | {Sensitivity.N})


def _unrestricted(q: _Question) -> bool:
    to = q.parcel.recipient
    return not any(
        r.recipient_id == to.id or r.recipient_kind == to.kind or not r.authentic
        for r in q.restrictions
    )


def _fits(q: _Question) -> bool:
    letter, to = q.parcel.letter, q.parcel.recipient
    if q.parcel.basis == Basis.PATIENT and to.kind not in PATIENT_SIDE:
        return False
    if to.kind is RecipientKind.PATIENT and to.id != letter.patient_id:
        return False
    return to.kind in FITS[letter.kind] and letter.recipient_id == to.id


def _hash(q: _Question) -> bool:
    return hashlib.sha256(q.parcel.pdf).hexdigest() == q.parcel.letter.sha256


def _channel(q: _Question) -> bool:
    way = q.parcel.channel
    return way in q.parcel.recipient.channels and way.verified


_OF_CONSENT: tuple[tuple[Clause, _Test], ...] = (
    (Clause.CONSENT_RECORDED, _recorded),
    (Clause.CONSENT_AUTHENTIC, lambda q: q.consent.authentic),
    (Clause.CONSENT_ACTIVE, lambda q: q.consent.status is ConsentStatus.ACTIVE),
    (Clause.CONSENT_COMPLETE, lambda q: not missing_elements(q.consent)),
    (Clause.EVIDENCE_COMPLETE, lambda q: q.consent.evidence_complete),
    (Clause.RECONFIRMED, lambda q: q.consent.reconfirmed),
    (Clause.NOT_REVOKED, lambda q: q.consent.revocation is None),
    (Clause.STARTED, lambda q: q.consent.valid_from <= q.moment.now),
    (
        Clause.NOT_EXPIRED,
        lambda q: q.consent.expires_at is None or q.moment.now < q.consent.expires_at,
    ),
    (Clause.EVENT_NOT_OCCURRED, lambda q: q.consent.event_occurred_at is None),
    (Clause.RECIPIENT, lambda q: q.parcel.recipient.id in q.consent.recipients),
    (Clause.PURPOSE, lambda q: q.parcel.purpose in q.consent.purposes),
    (Clause.RECORD_KINDS, lambda q: q.parcel.letter.record_kinds <= q.consent.record_kinds),
    (Clause.SENSITIVITIES, _sensitivities),
    (Clause.NOT_VERBAL, _not_verbal),
    (Clause.PSYCHOTHERAPY_ALONE, _psychotherapy_alone),
)

_OF_LETTER: tuple[tuple[Clause, _Test], ...] = (
    (Clause.CLOCK, lambda q: not q.moment.jumped),
    (Clause.LETTER_FITS, _fits),
    (Clause.LETTER_SIGNED, lambda q: q.parcel.letter.signed),
    (Clause.LETTER_AUTHENTIC, lambda q: q.parcel.letter.authentic),
    (Clause.HASH, _hash),
    (Clause.CHANNEL, _channel),
    (Clause.RESTRICTION, _unrestricted),
)


def clear(
    parcel: Parcel,
    consent: Consent | None,
    restrictions: tuple[Restriction, ...],
    moment: Moment,
) -> ClearedParcel | Refusal:
    """Ask every clause of the gate at this instant; all must hold.

    A letter to the patient needs no consent to disclose: it is the patient's own, and only
    the clauses on the letter itself are asked.
    """
    if parcel.basis == Basis.PATIENT:
        consent, tests = _NO_CONSENT, _OF_LETTER
    elif consent is None:
        return Refusal((Clause.CONSENT_RECORDED,))
    else:
        tests = _OF_CONSENT + _OF_LETTER
    question = _Question(parcel, consent, restrictions, moment)
    failed = tuple(clause for clause, holds in tests if not holds(question))
    if failed:
        return Refusal(failed)
    return ClearedParcel(parcel, consent.id, moment.now, _KEY)


def clear_by_any(
    parcel: Parcel,
    consents: tuple[Consent, ...],
    restrictions: tuple[Restriction, ...],
    moment: Moment,
) -> ClearedParcel | Refusal:
    """Clear by whichever consent carries the parcel; else the refusal nearest to clearing.

    `consents` are the case's consents, oldest first; of equal refusals the newest speaks. One
    that another version of the letter would cure is nearer than any that needs the patient.
    """
    return _nearest(parcel, consents, restrictions, moment)[0]


def consent_for_version(
    parcel: Parcel,
    consents: tuple[Consent, ...],
    restrictions: tuple[Restriction, ...],
    moment: Moment,
) -> Consent | None:
    """The consent under which another version, with content left out, could leave."""
    verdict, consent = _nearest(parcel, consents, restrictions, moment)
    return consent if isinstance(verdict, Refusal) and verdict.narrowable else None


def _nearest(
    parcel: Parcel,
    consents: tuple[Consent, ...],
    restrictions: tuple[Restriction, ...],
    moment: Moment,
) -> tuple[ClearedParcel | Refusal, Consent | None]:
    """The verdict of the consent that clears it, or comes nearest to it."""
    if parcel.basis == Basis.PATIENT:
        return clear(parcel, None, restrictions, moment), None
    nearest: tuple[Refusal, Consent] | None = None
    for consent in reversed([c for c in consents if c.kind is ConsentKind.DISCLOSE]):
        verdict = clear(parcel, consent, restrictions, moment)
        if isinstance(verdict, ClearedParcel):
            return verdict, consent
        if nearest is None or _distance(verdict) < _distance(nearest[0]):
            nearest = verdict, consent
    return nearest or (clear(parcel, None, restrictions, moment), None)


def _distance(refusal: Refusal) -> tuple[bool, int]:
    return not refusal.narrowable, len(refusal.clauses)


_NO_CONSENT = Consent("", "", "", ConsentKind.DISCLOSE, ConsentStatus.DRAFT, 0)


@dataclass(frozen=True)
class Wording:
    """What a person reads when a clause fails, and what would cure it."""

    why: str
    cure: str


_ASK = "Ask the patient for consent, or release to the patient only."
_ANOTHER = (
    "Prepare another version of the letter for this recipient, or ask the patient for a wider "
    "consent. Check that leaving content out doesn't remove a warning the reader needs."
)

WORDING: dict[Clause, Wording] = {
    Clause.CLOCK: Wording(
        "this computer's clock jumped ahead by more than a day",
        "Confirm today's date and time, or correct the clock.",
    ),
    Clause.CONSENT_RECORDED: Wording(
        "no consent of the patient to send it is recorded for this case", _ASK
    ),
    Clause.CONSENT_AUTHENTIC: Wording(
        "the recorded consent isn't the one this store wrote",
        "Verify the store, and record the consent anew from its evidence.",
    ),
    Clause.CONSENT_ACTIVE: Wording(
        "the recorded consent isn't active", "Record a new consent that is complete and active."
    ),
    Clause.CONSENT_COMPLETE: Wording(
        "the recorded consent lacks a required element", "Record a complete consent."
    ),
    Clause.EVIDENCE_COMPLETE: Wording(
        "the signed consent form is still to be completed",
        "Add the signed form to the records and mark the evidence complete.",
    ),
    Clause.RECONFIRMED: Wording(
        "the store was restored from a backup since the consent was recorded",
        "Reconfirm with the patient that the consent still stands.",
    ),
    Clause.NOT_REVOKED: Wording("the patient has withdrawn the consent", _ASK),
    Clause.STARTED: Wording(
        "the consent doesn't hold yet", "Wait until it begins, or ask for a new consent."
    ),
    Clause.NOT_EXPIRED: Wording("the consent has expired", "Ask the patient for a new consent."),
    Clause.EVENT_NOT_OCCURRED: Wording(
        "the event that ends the consent has occurred", "Ask the patient for a new consent."
    ),
    Clause.RECIPIENT: Wording("the consent doesn't name this recipient", _ASK),
    Clause.PURPOSE: Wording(
        "the consent doesn't cover this purpose",
        "Choose the purpose the patient agreed to, or ask for a wider consent.",
    ),
    Clause.RECORD_KINDS: Wording(
        "the letter cites kinds of record that the consent doesn't cover", _ANOTHER
    ),
    Clause.SENSITIVITIES: Wording(
        "the letter carries a sensitive topic that the consent doesn't permit", _ANOTHER
    ),
    Clause.NOT_VERBAL: Wording(
        "a spoken consent never covers substance use or psychotherapy notes",
        "Ask for a written or electronic consent.",
    ),
    Clause.PSYCHOTHERAPY_ALONE: Wording(
        "psychotherapy notes need a consent of their own",
        "Record a consent that covers psychotherapy notes and nothing else.",
    ),
    Clause.LETTER_FITS: Wording(
        "this kind of letter, or this version, isn't made for this recipient",
        "Prepare a letter for this recipient.",
    ),
    Clause.LETTER_SIGNED: Wording("the letter isn't signed", "Sign the letter first."),
    Clause.LETTER_AUTHENTIC: Wording(
        "the stored letter isn't the one that was signed", "Verify the store."
    ),
    Clause.HASH: Wording(
        "the bytes of the letter aren't the ones that were signed",
        "Verify the store; the signed letter can be released from a backup.",
    ),
    Clause.CHANNEL: Wording(
        "nobody has verified that this way reaches this recipient",
        "Verify the recipient's address or identity, and say how.",
    ),
    Clause.RESTRICTION: Wording(
        "the patient has asked that this recipient receive nothing, or such a wish can't be "
        "verified",
        "Only the patient can lift this restriction; if none is shown, verify the store.",
    ),
}
