"""FHIR resources as readable blocks, grouped by what they are, the newest first."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from consultdesk.consultation.source import Block
from consultdesk.records import fhir_values as fv
from consultdesk.records import loinc, text, wording
from consultdesk.records.fhir_attachments import Attachment, attachments_of
from consultdesk.records.fhir_values import Node

MOST_ROWS = 3000

Rows = Callable[[Node], tuple[str, ...]]
Behind = Callable[[Node, str], list[Node]]


@dataclass(frozen=True)
class _Table:
    """How resources of a type are listed: heading, columns, one row each, the date's keys."""

    heading: str
    columns: tuple[str, ...]
    row: Rows
    dated: tuple[str, ...]


def _observation(node: Node) -> tuple[str, ...]:
    parts = [fv.value(node)]
    for part in fv.many(node, "component"):
        parts.append(f"{fv.concept(fv.child(part, 'code'))} {fv.value(part)}".strip())
    ranges = "; ".join(words for one in fv.many(node, "referenceRange") if (words := fv.span(one)))
    return (
        fv.concept(fv.child(node, "code")),
        "; ".join(part for part in parts if part),
        ranges,
        _joined(fv.concepts(node, "interpretation"), _status(node), _notes(node)),
    )


def _condition(node: Node) -> tuple[str, ...]:
    return (
        fv.concept(fv.child(node, "code")),
        _joined(
            fv.concept(fv.child(node, "clinicalStatus")),
            fv.concept(fv.child(node, "verificationStatus")),
        ),
        _joined(fv.concepts(node, "bodySite"), _notes(node)),
    )


def _medication(node: Node) -> tuple[str, ...]:
    what = fv.concept(fv.child(node, "medicationCodeableConcept")) or fv.reference(
        node, "medicationReference"
    )
    dosage = [
        fv.word(one, "text") or _dose(one)
        for key in ("dosageInstruction", "dosage")
        for one in fv.many(node, key)
    ]
    return (
        what,
        "; ".join(one for one in dosage if one),
        _joined(fv.word(node, "status"), _notes(node)),
    )


def _dose(node: Node) -> str:
    dose = fv.quantity(fv.child(fv.child(node, "doseAndRate"), "doseQuantity"))
    repeat = fv.child(fv.child(node, "timing"), "repeat")
    each = fv.word(repeat, "frequency"), fv.word(repeat, "period"), fv.word(repeat, "periodUnit")
    rhythm = f"{each[0]} in {each[1]} {each[2]}" if all(each) else ""
    return _joined(dose, rhythm, "as needed" if node.get("asNeededBoolean") is True else "")


def _allergy(node: Node) -> tuple[str, ...]:
    reactions = [fv.concepts(one, "manifestation") for one in fv.many(node, "reaction")]
    return (
        fv.concept(fv.child(node, "code")),
        ", ".join(one for one in reactions if one),
        _joined(fv.word(node, "criticality"), fv.concept(fv.child(node, "clinicalStatus"))),
    )


def _procedure(node: Node) -> tuple[str, ...]:
    return (
        fv.concept(fv.child(node, "code")),
        _joined(fv.concepts(node, "reasonCode"), fv.reference(node, "reasonReference")),
        _joined(fv.word(node, "status"), fv.concept(fv.child(node, "outcome")), _notes(node)),
    )


def _encounter(node: Node) -> tuple[str, ...]:
    return (
        fv.concepts(node, "type") or fv.concept(fv.child(node, "class")),
        _joined(fv.concepts(node, "reasonCode"), fv.reference(node, "reasonReference")),
        _joined(fv.reference(node, "serviceProvider"), fv.word(node, "status")),
    )


def _immunization(node: Node) -> tuple[str, ...]:
    return fv.concept(fv.child(node, "vaccineCode")), fv.word(node, "status"), _notes(node)


def _document(node: Node) -> tuple[str, ...]:
    enclosed = [one.title for one in attachments_of(node)]
    return (
        fv.concept(fv.child(node, "type")) or fv.word(node, "description"),
        _joined(fv.word(node, "description"), ", ".join(enclosed)),
        _joined(fv.word(node, "status"), fv.reference(node, "author")),
    )


def _consent(node: Node) -> tuple[str, ...]:
    provision = fv.child(node, "provision")
    return (
        fv.concept(fv.child(node, "scope")),
        _joined(fv.concepts(node, "category"), fv.word(provision, "type")),
        fv.word(node, "status"),
    )


def _person(node: Node) -> tuple[str, ...]:
    return (
        fv.name(node),
        fv.phone(node),
        fv.concepts(node, "qualification") or fv.concepts(node, "type"),
    )


def _other(node: Node) -> tuple[str, ...]:
    what = fv.concept(fv.child(node, "code")) or fv.concept(fv.child(node, "type")) or fv.name(node)
    details = "; ".join(f"{label}: {words}" for label, words in list(fv.primitives(node))[:8])
    return what or fv.word(node, "title"), details, fv.word(node, "status")


_DATED = ("effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued", "date", "period",
          "authoredOn", "recordedDate", "occurrenceDateTime", "performedDateTime",
          "performedPeriod", "onsetDateTime", "created", "dateTime", "started")  # fmt: skip
_TABLES: dict[str, _Table] = {
    "Condition": _Table(
        "Conditions",
        ("Condition", "Status", "Remarks"),
        _condition,
        ("onsetDateTime", "onsetPeriod", "recordedDate"),
    ),
    "AllergyIntolerance": _Table(
        "Allergies",
        ("Substance", "Reaction", "Remarks"),
        _allergy,
        ("onsetDateTime", "recordedDate"),
    ),
    "MedicationRequest": _Table(
        "Prescriptions",
        ("Medicine", "Dose", "Remarks"),
        _medication,
        ("authoredOn",),
    ),
    "MedicationStatement": _Table(
        "Medicines taken",
        ("Medicine", "Dose", "Remarks"),
        _medication,
        ("effectiveDateTime", "effectivePeriod", "dateAsserted"),
    ),
    "MedicationAdministration": _Table(
        "Medicines given",
        ("Medicine", "Dose", "Remarks"),
        _medication,
        _DATED,
    ),
    "Observation": _Table(
        "Measurements and findings",
        ("What", "Value", "Reference", "Remarks"),
        _observation,
        _DATED,
    ),
    "Procedure": _Table(
        "Procedures",
        ("Procedure", "Reason", "Remarks"),
        _procedure,
        ("performedDateTime", "performedPeriod"),
    ),
    "Encounter": _Table(
        "Visits",
        ("Visit", "Reason", "Remarks"),
        _encounter,
        ("period",),
    ),
    "Immunization": _Table(
        "Immunizations",
        ("Vaccine", "Status", "Remarks"),
        _immunization,
        ("occurrenceDateTime", "date"),
    ),
    "DocumentReference": _Table(
        "Documents",
        ("Document", "Contents", "Remarks"),
        _document,
        ("date", "created"),
    ),
    "Consent": _Table(
        "Consents",
        ("Scope", "Category", "Status"),
        _consent,
        ("dateTime",),
    ),
    "Practitioner": _Table(
        "Practitioners",
        ("Name", "Telephone", "Qualification"),
        _person,
        (),
    ),
    "Organization": _Table(
        "Organizations",
        ("Name", "Telephone", "Kind"),
        _person,
        (),
    ),
}
_FIRST = ("ServiceRequest", "Composition", "DiagnosticReport", "ClinicalImpression", *_TABLES)
_LAST = ("Coverage", "Claim", "ExplanationOfBenefit", "Provenance")


def blocks(resources: Sequence[Node], behind: Behind) -> Iterator[Block]:
    """All resources, patients first, then by type in the order a reader wants them.

    `behind(resource, key)` gives the resources that the references under a key point to.
    """
    by_type: dict[str, list[Node]] = {}
    for node in resources:
        by_type.setdefault(fv.word(node, "resourceType"), []).append(node)
    for node in by_type.pop("Patient", []):
        yield from _patient(node)
    middle = sorted(kind for kind in by_type if kind not in _FIRST and kind not in _LAST)
    for kind in (*_FIRST, *middle, *_LAST):
        if kind in by_type:
            yield from _group(kind, by_type[kind], behind)


def date_of(node: Node) -> str:
    """The day a resource is about, ISO, maybe only a year or month; empty where unknown."""
    table = _TABLES.get(fv.word(node, "resourceType"))
    return fv.when(node, *(table.dated if table and table.dated else ()), *_DATED)


def _patient(node: Node) -> Iterator[Block]:
    numbers = ", ".join(fv.word(one, "value") for one in fv.many(node, "identifier")[:6])
    rows = (
        ("Name", fv.name(node)),
        ("Born", fv.word(node, "birthDate")),
        ("Sex", fv.word(node, "gender")),
        ("Telephone", fv.phone(node)),
        ("Numbers", numbers),
    )
    yield Block("heading", "Patient", 1, anchor="patient")
    yield Block("table", rows=tuple(row for row in rows if row[1]), anchor="patient-1")


def _group(kind: str, nodes: list[Node], behind: Behind) -> Iterator[Block]:
    newest = sorted(nodes, key=date_of, reverse=True)
    anchor = kind.lower()
    if told := _TOLD.get(kind):
        heading, tell = told
        yield Block("heading", heading, 1, anchor=anchor)
        for number, node in enumerate(newest[:MOST_ROWS], start=1):
            yield from tell(node, f"{anchor}-{number}", behind)
    else:
        table = _TABLES.get(kind) or _Table(
            _spaced(kind), ("What", "Details", "Status"), _other, _DATED
        )
        sealed = kind == "CarePlan"
        yield Block("heading", table.heading, 1, anchor=anchor, sealed=sealed)
        yield _listing(table, newest[:MOST_ROWS], f"{anchor}-1", sealed=sealed)
        for number, node in enumerate(newest if kind == "DocumentReference" else (), start=1):
            yield from _enclosed(attachments_of(node), f"{anchor}-{number}")
    if len(nodes) > MOST_ROWS:
        left = len(nodes) - MOST_ROWS
        yield Block("notice", f"{left} older entries of this kind aren't listed here.")


def _listing(table: _Table, nodes: list[Node], anchor: str, *, sealed: bool) -> Block:
    """One row a resource; the date stands first unless none has one."""
    days = [date_of(node) for node in nodes]
    rows = [table.columns, *(table.row(node) for node in nodes)]
    if any(days):
        rows = [(day, *row) for day, row in zip(("Date", *days), rows, strict=True)]
    return Block("table", rows=tuple(rows), headed=True, anchor=anchor, sealed=sealed)


def _request(node: Node, anchor: str, _behind: Behind) -> Iterator[Block]:
    what = fv.concept(fv.child(node, "code")) or "Request"
    yield Block("heading", _joined(what, date_of(node)), 2, anchor=anchor)
    yield from _lines(
        anchor,
        ("Reason", _joined(fv.concepts(node, "reasonCode"), fv.reference(node, "reasonReference"))),
        ("Question", _notes(node)),
        ("Details", fv.concepts(node, "orderDetail")),
        ("Priority", fv.word(node, "priority")),
        ("From", fv.reference(node, "requester")),
        ("For the patient", fv.word(node, "patientInstruction")),
    )


def _report(node: Node, anchor: str, behind: Behind) -> Iterator[Block]:
    what = fv.concept(fv.child(node, "code")) or "Report"
    yield Block("heading", _joined(what, date_of(node)), 2, anchor=anchor)
    found = behind(node, "result")
    results = "" if found else fv.reference(node, "result")
    by = _joined(fv.reference(node, "resultsInterpreter"), fv.reference(node, "performer"))
    yield from _lines(anchor, ("Status", _status(node)), ("By", by), ("Results", results))
    if found:
        rows = tuple(_observation(one) for one in found[:MOST_ROWS])
        columns = _TABLES["Observation"].columns
        yield Block("table", rows=(columns, *rows), headed=True, anchor=f"{anchor}-results")
    concluded = _joined(fv.word_raw(node, "conclusion"), fv.concepts(node, "conclusionCode"))
    if concluded:
        yield Block(
            "paragraph", f"Conclusion: {concluded}", anchor=f"{anchor}-conclusion", sealed=True
        )
    yield from _enclosed(attachments_of(node), anchor)


def _impression(node: Node, anchor: str, _behind: Behind) -> Iterator[Block]:
    yield Block("heading", _joined("Impression", date_of(node)), 2, anchor=anchor, sealed=True)
    words = _joined(fv.word(node, "description"), fv.word(node, "summary"), _notes(node))
    findings = ", ".join(
        fv.concept(fv.child(one, "itemCodeableConcept")) for one in fv.many(node, "finding")
    )
    for number, line in enumerate((words, findings), start=1):
        if line:
            yield Block("paragraph", line, anchor=f"{anchor}-{number}", sealed=True)


def _composition(node: Node, anchor: str, _behind: Behind) -> Iterator[Block]:
    title = fv.word(node, "title") or fv.concept(fv.child(node, "type")) or "Document"
    yield Block("heading", _joined(title, date_of(node)), 2, anchor=anchor)
    yield from _sections(node, anchor, 3, sealed=False)


def _sections(node: Node, anchor: str, level: int, *, sealed: bool) -> Iterator[Block]:
    for number, section in enumerate(fv.many(node, "section"), start=1):
        title = fv.word(section, "title") or fv.concept(fv.child(section, "code"))
        concluding = bool(fv.codes(fv.child(section, "code")) & loinc.CONCLUDING)
        hidden = sealed or concluding or wording.concludes(title)
        place = f"{anchor}.{number}"
        yield Block("heading", title, min(4, level), anchor=place, sealed=hidden)
        for piece, line in enumerate(fv.narrative(section).split("\n"), start=1):
            if line:
                yield Block("paragraph", line, anchor=f"{place}-{piece}", sealed=hidden)
        if level < 10:
            yield from _sections(section, place, level + 1, sealed=hidden)


_TOLD: dict[str, tuple[str, Callable[[Node, str, Behind], Iterator[Block]]]] = {
    "ServiceRequest": ("Requests", _request),
    "DiagnosticReport": ("Reports", _report),
    "ClinicalImpression": ("Impressions", _impression),
    "Composition": ("Documents", _composition),
}


def _enclosed(found: Sequence[Attachment], anchor: str) -> Iterator[Block]:
    for number, one in enumerate(found, start=1):
        place = f"{anchor}-file-{number}"
        if one.words:
            for block in text.blocks_of(one.words, one.title).blocks:
                yield replace(block, anchor=f"{place}-{block.anchor}")
        elif one.data:
            yield Block("notice", f"A file is enclosed: {one.title}.", anchor=place)
        elif one.elsewhere:
            yield Block("notice", f"The file {one.title} isn't enclosed, only named.", anchor=place)


def _lines(anchor: str, *said: tuple[str, str]) -> Iterator[Block]:
    for number, (label, words) in enumerate(said, start=1):
        if words:
            yield Block("paragraph", f"{label}: {words}", anchor=f"{anchor}-{number}")


def _notes(node: Node) -> str:
    return " ".join(words for one in fv.many(node, "note") if (words := fv.word(one, "text")))


def _status(node: Node) -> str:
    status = fv.word(node, "status")
    return "" if status in ("final", "completed", "active") else status


def _joined(*parts: str) -> str:
    return ", ".join(dict.fromkeys(part for part in parts if part))


def _spaced(kind: str) -> str:
    return "".join(f" {ch.lower()}" if ch.isupper() and n else ch for n, ch in enumerate(kind))
