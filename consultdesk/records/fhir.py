"""FHIR R4 records: a single resource or a bundle, read tolerantly, shown as a document."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import orjson

from consultdesk.consultation.record import Fact, RecordKind, Sensitivity
from consultdesk.consultation.source import Document, MemorySource, Source, View
from consultdesk.errors import RecordUnreadable
from consultdesk.records import fhir_blocks, loinc, pdf, recognition, wording
from consultdesk.records import fhir_values as fv
from consultdesk.records.description import Description
from consultdesk.records.fhir_attachments import attachments_of
from consultdesk.records.fhir_values import Node

LARGEST = 32 * 1024 * 1024
MOST_RESOURCES = 50_000

_KINDS = {
    "MedicationRequest": RecordKind.MEDICATION_LIST,
    "MedicationStatement": RecordKind.MEDICATION_LIST,
    "AllergyIntolerance": RecordKind.ALLERGIES,
    "Consent": RecordKind.CONSENT_FORM,
    "Coverage": RecordKind.INSURANCE,
    "ServiceRequest": RecordKind.CORRESPONDENCE,
    "ImagingStudy": RecordKind.IMAGING,
    "ClinicalImpression": RecordKind.CLINIC_NOTE,
    "MolecularSequence": RecordKind.GENETICS,
}
# HL7 v2-0074 diagnostic service sections and the observation categories
_CATEGORIES = {
    "LAB": RecordKind.LABORATORY,
    "laboratory": RecordKind.LABORATORY,
    "RAD": RecordKind.IMAGING_REPORT,
    "imaging": RecordKind.IMAGING_REPORT,
    "PAT": RecordKind.PATHOLOGY_REPORT,
    "SP": RecordKind.PATHOLOGY_REPORT,
    "CP": RecordKind.PATHOLOGY_REPORT,
    "GE": RecordKind.GENETICS,
    "HM": RecordKind.LABORATORY,
    "CH": RecordKind.LABORATORY,
}
_ASIDE = frozenset((
    "Patient", "Practitioner", "PractitionerRole", "Organization", "Encounter", "Location",
    "Provenance", "Claim", "ExplanationOfBenefit", "Specimen", "RelatedPerson", "Device",
))  # fmt: skip


@dataclass(frozen=True)
class _Record:
    """The resources of a file, and those that can be referred to by link or id."""

    resources: tuple[Node, ...] = field(repr=False)
    by_link: dict[str, Node] = field(repr=False)

    def of(self, kind: str) -> list[Node]:
        """All resources of a type."""
        return [node for node in self.resources if node.get("resourceType") == kind]

    def all_behind(self, node: Node, key: str) -> list[Node]:
        """The resources that references point to, as far as they are here."""
        links = (fv.word(one, "reference") for one in fv.many(node, key))
        found = (
            self.by_link.get(link) or self.by_link.get(link.rpartition("/")[2]) for link in links
        )
        return [one for one in found if one]

    def behind(self, node: Node, key: str) -> Node:
        """The first resource a reference points to, empty where it isn't here."""
        return next(iter(self.all_behind(node, key)), {})


def describe(source: Source) -> Description:
    """What a FHIR file says of itself. Raises RecordUnreadable."""
    record = _read(source)
    facts = tuple(dict.fromkeys(_facts(record)))
    said = Description(
        "fhir",
        kind=_kind(record),
        title=wording.short(_title(record)),
        event_date=_date(record),
        facts=facts,
        sensitivities=_sensitivities(record),
    )
    if enclosed := _only_pdf(record, source):
        inner = pdf.describe(enclosed)
        return replace(
            said, pages=inner.pages, texts=inner.texts,
            facts=tuple(dict.fromkeys((*facts, *inner.facts))),
            reveals_first_opinion=inner.reveals_first_opinion,
            sealed_sections=inner.sealed_sections,
        )  # fmt: skip
    document = _document(record)
    sealed = tuple(block.anchor for block in document.blocks if block.sealed and block.anchor)
    return replace(
        said, texts=(document.text,), reveals_first_opinion=bool(sealed), sealed_sections=sealed
    )


def view(sources: Sequence[Source]) -> View:
    """The resources as a document, or the PDF that is all they hold. Raises RecordUnreadable."""
    record = _read(sources[0])
    if enclosed := _only_pdf(record, sources[0]):
        return pdf.view([enclosed])
    return _document(record)


def attachments(source: Source) -> tuple[MemorySource, ...]:
    """The files inside a FHIR record that aren't text. Raises RecordUnreadable."""
    return tuple(
        MemorySource(one.title, one.data)
        for node in _read(source).resources
        for one in attachments_of(node)
        if one.data
    )


def _read(source: Source) -> _Record:
    if source.size > LARGEST:
        raise RecordUnreadable("This FHIR record is too large; it is kept as received.")
    with source.open() as stream:
        data = stream.read(LARGEST)
    try:
        whole = orjson.loads(
            data.removeprefix(b"\xef\xbb\xbf") if data[:1] == b"\xef" else _utf8(data)
        )
    except (orjson.JSONDecodeError, ValueError) as problem:
        raise RecordUnreadable("This FHIR record is damaged; it is kept as received.") from problem
    if not isinstance(whole, dict):
        raise RecordUnreadable("This FHIR record is damaged; it is kept as received.")
    links: dict[str, Node] = {}
    found = list(_resources(whole, links, 0))
    return _Record(tuple(found[:MOST_RESOURCES]), links)


def _utf8(data: bytes) -> bytes:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:4]:
        return recognition.opening_text(data).lstrip("\ufeff").encode("utf-8", "ignore")
    return data


def _resources(node: Node, links: dict[str, Node], depth: int) -> Iterator[Node]:
    """A resource, or the entries of a bundle; contained ones only answer references."""
    if depth > 5:
        return
    if fv.word(node, "resourceType") == "Bundle":
        for entry in fv.many(node, "entry"):
            inner = fv.child(entry, "resource")
            if inner:
                links[fv.word(entry, "fullUrl")] = inner
                yield from _resources(inner, links, depth + 1)
        return
    links[fv.word(node, "id")] = node
    for inner in fv.many(node, "contained"):
        links[f"#{fv.word(inner, 'id')}"] = inner
    if "resourceType" in node:
        yield node


def _document(record: _Record) -> Document:
    return Document(_title(record), tuple(fhir_blocks.blocks(record.resources, record.all_behind)))


def _only_pdf(record: _Record, source: Source) -> MemorySource | None:
    """The PDF of a file that holds a document reference or binary and nothing beside it."""
    main = [node for node in record.resources if node.get("resourceType") not in _ASIDE]
    if len(main) != 1 or main[0].get("resourceType") not in ("DocumentReference", "Binary"):
        return None
    found = [one for one in attachments_of(main[0]) if one.data]
    if len(found) == 1 and b"%PDF-" in found[0].data[:1024]:
        return MemorySource(f"{source.name}.pdf", found[0].data)
    return None


# --- what it is -----------------------------------------------------------------------


def _kind(record: _Record) -> RecordKind:
    kinds = Counter(
        _resource_kind(node) for node in record.resources if node.get("resourceType") not in _ASIDE
    )
    if compositions := record.of("Composition"):
        return _resource_kind(compositions[0])
    if not kinds:
        return RecordKind.OTHER
    best, count = kinds.most_common(1)[0]
    return best if count * 10 >= sum(kinds.values()) * 6 else RecordKind.OTHER


def _resource_kind(node: Node) -> RecordKind:
    kind = fv.word(node, "resourceType")
    if kind in ("Observation", "DiagnosticReport"):
        codes = {code for one in fv.many(node, "category") for code in fv.codes(one)}
        for code in codes:
            if found := _CATEGORIES.get(code) or loinc.kind_of_document(code):
                return found
    for key in ("type", "code", "category"):
        for one in fv.many(node, key) if kind in _DOCUMENTS else ():
            for code in sorted(fv.codes(one)):
                if found := loinc.kind_of_document(code):
                    return found
    if kind in _DOCUMENTS:
        return wording.guess_kind(
            " ".join(fv.concept(fv.child(node, key)) for key in ("type", "code", "category"))
        )
    return _KINDS.get(kind, RecordKind.OTHER)


_DOCUMENTS = frozenset(("DocumentReference", "Composition", "DiagnosticReport"))


def _title(record: _Record) -> str:
    main = [node for node in record.resources if node.get("resourceType") not in _ASIDE]
    if compositions := record.of("Composition"):
        return fv.word(compositions[0], "title") or fv.concept(fv.child(compositions[0], "type"))
    if len(main) == 1:
        words = next(
            (found for key in ("code", "type", "vaccineCode", "medicationCodeableConcept", "scope")
             if (found := fv.concept(fv.child(main[0], key)))),
            "",
        )  # fmt: skip
        return words or fv.word(main[0], "description") or fv.word(main[0], "resourceType")
    if reports := record.of("DiagnosticReport"):
        names = dict.fromkeys(fv.concept(fv.child(node, "code")) for node in reports)
        if len(names) == 1 and len(main) <= 60:
            return next(iter(names)) or "Report"
    return f"Health record, {len(record.resources)} entries"


def _date(record: _Record) -> str:
    dates = (
        fhir_blocks.date_of(node)
        for node in record.resources
        if node.get("resourceType") not in _ASIDE - {"Encounter"}
    )
    return max((date for date in dates if len(date) == 10), default="")


def _sensitivities(record: _Record) -> frozenset[Sensitivity]:
    found: set[Sensitivity] = set()
    for node in record.resources:
        for one in fv.many(fv.child(node, "meta"), "security"):
            code = fv.word(one, "code").upper()
            if code in Sensitivity.__members__:
                found.add(Sensitivity(code))
            elif code == "V":
                found.add(Sensitivity.R)
    return frozenset(found - {Sensitivity.N})


# --- facts ----------------------------------------------------------------------------


def _facts(record: _Record) -> Iterator[Fact]:
    for node in record.of("Patient"):
        yield from _patient(node, record)
    if not record.of("Patient"):
        subject = next((fv.reference(node, "subject") or fv.reference(node, "patient")
                        for node in record.resources), "")  # fmt: skip
        if subject:
            yield Fact("patient.name", subject, "subject")
    yield from _physician(record)
    for node in record.of("ServiceRequest"):
        words = [fv.concept(one) for one in fv.many(node, "reasonCode")]
        words.extend(fv.word(one, "text") for one in fv.many(node, "note"))
        yield from (Fact("question", one[:400], "request") for one in words if one)
    yield from _listed(record)
    if when := _date(record):
        yield Fact("event_date", when, "dates of the entries")


def _patient(node: Node, record: _Record) -> Iterator[Fact]:
    said = [
        ("patient.name", fv.name(node)),
        ("patient.birth_date", fv.when(node, "birthDate")),
        ("patient.sex", wording.sex(fv.word(node, "gender"))),
        ("patient.phone", fv.phone(node)),
    ]
    spoken = fv.many(node, "communication")
    preferred = [one for one in spoken if one.get("preferred") is True] or spoken[:1]
    said.extend(("patient.language", fv.concept(fv.child(one, "language"))) for one in preferred)
    for one in fv.many(node, "identifier"):
        system = fv.concept(fv.child(one, "type")) or fv.word(one, "system") or "number"
        if number := fv.word(one, "value"):
            said.append(("patient.identifier", f"{system}|{number}"))
    yield from (Fact(name, value, "patient entry") for name, value in said if value)


def _physician(record: _Record) -> Iterator[Fact]:
    """Who asks: the requester, else the general practitioner, else the only practitioner."""
    only = record.of("Practitioner")
    candidates = [record.behind(node, "requester") for node in record.of("ServiceRequest")]
    candidates += [record.behind(node, "generalPractitioner") for node in record.of("Patient")]
    candidates += only if len(only) == 1 else []
    for found in candidates:
        who, role = found, Node()
        if fv.word(found, "resourceType") == "PractitionerRole":
            role, who = found, record.behind(found, "practitioner")
        if name := fv.name(who):
            place = record.behind(role, "organization")
            said = (
                ("physician.name", name),
                ("physician.practice", fv.name(place) or fv.reference(role, "organization")),
                ("physician.phone", fv.phone(who) or fv.phone(role)),
                ("physician.specialty", fv.concepts(role, "specialty")),
            )
            yield from (Fact(field, value, "practitioner entry") for field, value in said if value)
            return


def _listed(record: _Record) -> Iterator[Fact]:
    for node in record.of("AllergyIntolerance"):
        refuted = fv.codes(fv.child(node, "verificationStatus")) & {"refuted", "entered-in-error"}
        if not refuted and (value := fv.concept(fv.child(node, "code"))):
            yield Fact("allergy", value, "allergy entry")
    for kind in ("MedicationStatement", "MedicationRequest"):
        for node in record.of(kind):
            value = fv.concept(fv.child(node, "medicationCodeableConcept"))
            value = value or fv.concept(
                fv.child(record.behind(node, "medicationReference"), "code")
            )
            if value and fv.word(node, "status") in ("active", "intended", ""):
                yield Fact("medication", value, "medication entry")
    for node in record.of("DiagnosticReport"):
        if value := fv.word(node, "conclusion"):
            yield Fact("first_diagnosis", value[:400], "report entry")
    for node in record.of("ClinicalImpression"):
        if value := fv.word(node, "summary"):
            yield Fact("first_diagnosis", value[:400], "impression entry")
