"""A letter: its kinds, whom each fits, the signed version, and what it may say."""

from dataclasses import dataclass, field
from enum import StrEnum

from consultdesk.consultation.assessment import Comparison, Evidence, Opinion, OwnRead
from consultdesk.consultation.case import Case
from consultdesk.consultation.patient import Patient, Recipient, RecipientKind, TreatingPhysician
from consultdesk.consultation.record import RecordItem, RecordKind, Sensitivity


class LetterKind(StrEnum):
    """The letters a desk writes."""

    TREATING_PHYSICIAN = "treating_physician"
    PATIENT = "patient"
    PATIENT_ONLY = "patient_only"
    PRELIMINARY = "preliminary"
    INTERIM_URGENT = "interim_urgent"
    RECORDS_REQUEST = "records_request"
    RETURN_OR_DECLINE = "return_or_decline"
    ADDENDUM = "addendum"
    SAFETY_CORRECTION = "safety_correction"
    THIRD_OPINION_REFERRAL = "third_opinion_referral"
    DISCLOSURE_COVER = "disclosure_cover"


_PHYSICIANS = frozenset({RecipientKind.TREATING_PHYSICIAN, RecipientKind.OTHER_PHYSICIAN})
_PATIENT_SIDE = frozenset({RecipientKind.PATIENT, RecipientKind.REPRESENTATIVE})
_PAYERS_AND_COURTS = frozenset({RecipientKind.INSURER, RecipientKind.COURT})

FITS: dict[LetterKind, frozenset[RecipientKind]] = {
    LetterKind.TREATING_PHYSICIAN: _PHYSICIANS | _PAYERS_AND_COURTS,
    LetterKind.PATIENT: _PATIENT_SIDE,
    LetterKind.PATIENT_ONLY: _PATIENT_SIDE,
    LetterKind.PRELIMINARY: _PHYSICIANS,
    LetterKind.INTERIM_URGENT: _PHYSICIANS,
    LetterKind.RECORDS_REQUEST: _PHYSICIANS | {RecipientKind.CUSTODIAN},
    LetterKind.RETURN_OR_DECLINE: _PHYSICIANS | _PATIENT_SIDE | _PAYERS_AND_COURTS,
    LetterKind.ADDENDUM: _PHYSICIANS | _PAYERS_AND_COURTS,
    LetterKind.SAFETY_CORRECTION: _PHYSICIANS | _PAYERS_AND_COURTS,
    LetterKind.THIRD_OPINION_REFERRAL: frozenset({RecipientKind.OTHER_PHYSICIAN}),
    LetterKind.DISCLOSURE_COVER: _PHYSICIANS | _PAYERS_AND_COURTS,
}

FINAL_KINDS = frozenset(
    {LetterKind.TREATING_PHYSICIAN, LetterKind.PATIENT, LetterKind.PATIENT_ONLY}
)


@dataclass(frozen=True)
class Letter:
    """One version of a letter. Once signed nothing in it changes.

    `sha256` is the hex digest of the signed PDF, `pages` its length. `record_kinds` and
    `sensitivities` are what the gate holds against the consent. `amends` names the letter
    an addendum belongs to. `authentic` is False when the row isn't the one this store wrote.
    """

    id: str
    case_id: str
    patient_id: str
    kind: LetterKind
    version: int
    recipient_id: str
    sha256: str
    content_id: str
    record_kinds: frozenset[RecordKind]
    sensitivities: frozenset[Sensitivity]
    signed_at: int | None = None
    signed_by: str = ""
    pages: int = 0
    amends: str = ""
    source: dict[str, str] = field(default_factory=dict, repr=False)
    authentic: bool = True

    @property
    def signed(self) -> bool:
        """Whether this version can no longer change."""
        return self.signed_at is not None

    @property
    def version_of(self) -> str:
        """The letter (id) of which this is another version with content left out, else ""."""
        return self.source.get("version_of", "")


@dataclass(frozen=True)
class Practice:
    """Letterhead: who writes, from where, how to call back."""

    name: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    language: str = "en"


@dataclass(frozen=True)
class Author:
    """The physician who signs."""

    user: str
    name: str
    registration: str = ""
    specialty: str = ""


@dataclass(frozen=True)
class LetterFacts:
    """Everything a letter may draw on; a template takes what its kind and reader need.

    `sealed_first_opinion` never reaches a letter; the first diagnosis does, from the
    referral, once the own read is locked. `amendment` is the text of an addendum. `limited`
    says that content was left out because the consent doesn't cover it.
    """

    kind: LetterKind
    case: Case
    patient: Patient
    physician: TreatingPhysician | None
    recipient: Recipient
    practice: Practice
    author: Author
    own_read: OwnRead
    comparison: Comparison
    opinion: Opinion
    records: tuple[RecordItem, ...]
    missing_records: tuple[RecordKind, ...]
    distribution: tuple[str, ...]
    written_on: str
    version: int = 1
    amendment: str = ""
    amends_letter_of: str = ""
    signed: bool = False
    limited: bool = False

    def record(self, link: Evidence) -> RecordItem | None:
        """The record an evidence link points at, None when it is gone."""
        return next((r for r in self.records if r.id == link.record_id), None)


def cited_kinds(opinion: Opinion, records: tuple[RecordItem, ...]) -> frozenset[RecordKind]:
    """The kinds of record a letter carries: those of every record it relies on.

    The opinion begins with every citation of the own read. One taken out of it later is left
    out of the letter, and stays in the own read, which is locked.
    """
    cited = {link.record_id for link in opinion.relied_on}
    return frozenset(record.kind for record in records if record.id in cited)


def cited_sensitivities(
    opinion: Opinion, records: tuple[RecordItem, ...]
) -> frozenset[Sensitivity]:
    """Sensitive topics a letter carries: of what it cites, and what its author marked."""
    cited = {link.record_id for link in opinion.relied_on}
    of_records = {s for r in records if r.id in cited for s in r.sensitivities}
    marked = {Sensitivity(code) for code in opinion.sensitivities}
    return frozenset((of_records | marked) - {Sensitivity.N})
