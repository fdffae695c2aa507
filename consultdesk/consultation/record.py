"""A received record: its kind, its sensitivity, what it says of the patient, and conflicts."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class RecordKind(StrEnum):
    """What a record is, in the words of a checklist."""

    CLINIC_NOTE = "clinic_note"
    FIRST_OPINION = "first_opinion"
    IMAGING_REPORT = "imaging_report"
    IMAGING = "imaging"
    PATHOLOGY_REPORT = "pathology_report"
    SLIDE = "slide"
    LABORATORY = "laboratory"
    GENETICS = "genetics"
    OPERATIVE_NOTE = "operative_note"
    DISCHARGE = "discharge"
    MEDICATION_LIST = "medication_list"
    ALLERGIES = "allergies"
    TREATMENT_SUMMARY = "treatment_summary"
    PATIENT_QUESTIONS = "patient_questions"
    CONSENT_FORM = "consent_form"
    INSURANCE = "insurance"
    PHOTOGRAPH = "photograph"
    CORRESPONDENCE = "correspondence"
    OTHER = "other"


class Sensitivity(StrEnum):
    """Sensitive topics [HL7 ActCode, IHE PCF]; N is normal, R restricted in general."""

    N = "N"
    R = "R"
    ETH = "ETH"
    ETHUD = "ETHUD"
    OPIOIDUD = "OPIOIDUD"
    PSY = "PSY"
    PSYTHPN = "PSYTHPN"
    SDV = "SDV"
    HIV = "HIV"
    STD = "STD"
    GDIS = "GDIS"
    SEX = "SEX"


class Required(StrEnum):
    """How much a case needs a kind of record."""

    MUST = "must"
    SHOULD = "should"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True)
class Fact:
    """One thing a record says about the case, with its source, for a person to confirm.

    `field` is one of: patient.name, patient.birth_date (ISO), patient.sex,
    patient.identifier ("system|value"), patient.phone, patient.language,
    physician.name, physician.practice, physician.phone, physician.specialty,
    question, first_diagnosis, first_plan, allergy, medication, event_date, laterality, level.
    `where` is the place in the record in a person's words, e.g. "DICOM header", "page 1".
    """

    field: str
    value: str
    where: str


@dataclass(frozen=True)
class StoredFile:
    """One file of a record as it was received. `sha256` is the lower-case hex digest.

    The files of a record lie one behind the other in one content; `offset` is in bytes.
    """

    name: str
    sha256: str
    size: int
    content_id: str
    offset: int = 0


@dataclass(frozen=True)
class RecordItem:
    """One record of a case.

    `sha256` is the file's digest; for a DICOM series the digest over its images' digests
    in order. `pages` counts pages, images or 1. `reason` says why it can't be shown.
    `sealed_sections` names the anchors or pages that reveal the first opinion;
    the single entry "*" seals the record whole.
    """

    id: str
    case_id: str
    name: str
    kind: RecordKind
    format: str
    sha256: str
    pages: int
    files: tuple[StoredFile, ...]
    received_at: int
    required: Required = Required.SHOULD
    event_date: str = ""
    source: str = ""
    readable: bool = True
    reason: str = ""
    right_patient: bool | None = None
    sensitivities: frozenset[Sensitivity] = frozenset()
    reveals_first_opinion: bool = False
    sealed_sections: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = field(default=(), repr=False)
    entered_in_error: bool = False


@dataclass(frozen=True)
class Conflict:
    """Records of one case that say different things about who the patient is.

    `values[i]` is said by the records named in `records[i]` (record ids).
    """

    field: str
    values: tuple[str, ...]
    records: tuple[tuple[str, ...], ...]


def comparable_name(name: str) -> str:
    """A name as it is compared: word order, case, punctuation and titles don't count.

    Nor does how an accented letter is written, as one character or as two.

    "DOE^JANE" and "Jane_Doe" compare equal (DICOM PS3.5 6.2.1 components, HL7 XPN).
    """
    composed = unicodedata.normalize("NFKC", name).casefold()
    cleaned = "".join(ch if ch.isalnum() else " " for ch in composed)
    titles = {"dr", "mr", "mrs", "ms", "prof", "md", "phd"}
    return " ".join(sorted(word for word in cleaned.split() if word not in titles))


_IDENTITY = ("patient.name", "patient.birth_date", "patient.sex")


def _comparable(name: str, value: str) -> str:
    return comparable_name(value) if name == "patient.name" else value.strip().casefold()


def find_conflicts(records: Iterable[RecordItem]) -> tuple[Conflict, ...]:
    """Where the records of one case name different patients; empty when they agree.

    A record that says nothing takes no part, and neither does one that a person has
    decided about: that it is the right patient's, the wrong one's, or entered in error.
    """
    said: dict[str, dict[str, tuple[str, list[str]]]] = defaultdict(dict)
    for record in records:
        if record.entered_in_error or record.right_patient is not None:
            continue
        for fact in record.facts:
            if fact.field in _IDENTITY and (key := _comparable(fact.field, fact.value)):
                _shown, ids = said[fact.field].setdefault(key, (fact.value, []))
                if record.id not in ids:
                    ids.append(record.id)
    return tuple(
        Conflict(
            field=name,
            values=tuple(shown for shown, _ in by_value.values()),
            records=tuple(tuple(ids) for _, ids in by_value.values()),
        )
        for name, by_value in sorted(said.items(), key=lambda item: _IDENTITY.index(item[0]))
        if len(by_value) > 1
    )
