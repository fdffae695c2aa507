"""C-CDA records: header facts, sections as a readable document, enclosed files as they are."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import replace

from consultdesk.consultation.record import Fact, RecordKind, Sensitivity
from consultdesk.consultation.source import Block, Document, MemorySource, Source, View
from consultdesk.errors import RecordUnreadable
from consultdesk.records import ccda_narrative, dates, loinc, pdf, picture, text, wording, xml
from consultdesk.records.description import Description
from consultdesk.records.xml import Element

DEEPEST = 12
_HEADER = "document header"
_SENSITIVITY = "2.16.840.1.113883.5.4"
_SYSTEMS = {"2.16.840.1.113883.4.1": "SSN", "2.16.840.1.113883.4.6": "NPI"}


def describe(source: Source) -> Description:
    """What a C-CDA document says of itself. Raises RecordUnreadable."""
    root = _root(source)
    said = Description(
        "ccda",
        kind=_kind(root),
        title=wording.short(_title(root)),
        event_date=_date(root),
        facts=tuple(dict.fromkeys(_facts(root))),
        sensitivities=_sensitivities(root),
    )
    if (body := root.find("{*}component/{*}nonXMLBody")) is not None:
        return _enclosing(said, body, source)
    document = _document(root)
    sealed = tuple(block.anchor for block in document.blocks if block.sealed and block.anchor)
    return replace(
        said, texts=(document.text,), reveals_first_opinion=bool(sealed), sealed_sections=sealed
    )


def view(sources: Sequence[Source]) -> View:
    """The sections as a document, or the file a document encloses. Raises RecordUnreadable."""
    root = _root(sources[0])
    if (body := root.find("{*}component/{*}nonXMLBody")) is not None:
        return _enclosed_view(root, _enclosed(body, sources[0]))
    return _document(root)


def _root(source: Source) -> Element:
    """The document, or the one section of a fragment."""
    root = xml.parse(source)
    section = root.find("{*}section") if xml.local(root) == "component" else None
    return root if section is None else section


# --- header ---------------------------------------------------------------------------


def _kind(root: Element) -> RecordKind:
    code = _attribute(root, "{*}code", "code")
    found = loinc.kind_of_document(code)
    return found or wording.guess_kind(_title(root))


def _title(root: Element) -> str:
    words = _words(root, "{*}title") or _attribute(root, "{*}code", "displayName")
    return words or "Clinical document"


def _date(root: Element) -> str:
    for path in (
        "{*}documentationOf/{*}serviceEvent/{*}effectiveTime/{*}high",
        "{*}componentOf/{*}encompassingEncounter/{*}effectiveTime/{*}low",
        "{*}componentOf/{*}encompassingEncounter/{*}effectiveTime",
        "{*}effectiveTime",
    ):
        if found := dates.compact(_attribute(root, path, "value")):
            return found
    return ""


def _sensitivities(root: Element) -> frozenset[Sensitivity]:
    found: set[Sensitivity] = set()
    for element in root.iter("{*}confidentialityCode"):
        if element.get("code", "").upper() in ("R", "V"):
            found.add(Sensitivity.R)
    for element in root.iter("{*}confidentialityCode", "{*}code", "{*}value"):
        code = element.get("code", "").upper()
        if element.get("codeSystem") == _SENSITIVITY and code in Sensitivity.__members__:
            found.add(Sensitivity(code))
    return frozenset(found - {Sensitivity.N})


def _facts(root: Element) -> Iterator[Fact]:
    role = root.find("{*}recordTarget/{*}patientRole")
    if role is not None:
        yield from _patient(role)
    yield from _physician(root)
    if when := _date(root):
        yield Fact("event_date", when, _HEADER)
    for section in root.iter("{*}section"):
        yield from _section_facts(section)


def _patient(role: Element) -> Iterator[Fact]:
    said = [
        ("patient.name", _name(role.find("{*}patient"))),
        ("patient.birth_date", dates.compact(_attribute(role, "{*}patient/{*}birthTime", "value"))),
        (
            "patient.sex",
            wording.sex(_attribute(role, "{*}patient/{*}administrativeGenderCode", "code")),
        ),
        ("patient.phone", _phone(role)),
        ("patient.language", _language(role)),
    ]
    for element in role.iterfind("{*}id"):
        root, number = element.get("root", ""), element.get("extension", "")
        if number:
            said.append(("patient.identifier", f"{_SYSTEMS.get(root, root)}|{number}"))
    for name, value in said:
        if value:
            yield Fact(name, value, _HEADER)


def _language(role: Element) -> str:
    for spoken in role.iterfind("{*}patient/{*}languageCommunication"):
        if _attribute(spoken, "{*}preferenceInd", "value") == "true":
            return _attribute(spoken, "{*}languageCode", "code")
    return ""


def _physician(root: Element) -> Iterator[Fact]:
    """Who sent the patient: the referrer, else the primary physician, else the author."""
    referrer = root.xpath(
        "*[local-name()='participant'][@typeCode='REF' or @typeCode='REFB']"
        "/*[local-name()='associatedEntity']"
    )
    primary = root.xpath(
        ".//*[local-name()='performer'][*[local-name()='functionCode'][@code='PCP' or @code='PP']]"
        "/*[local-name()='assignedEntity']"
    )
    author = root.iterfind("{*}author/{*}assignedAuthor")
    for who in (*_elements(referrer), *_elements(primary), *author):
        person = who.find("{*}associatedPerson")
        person = who.find("{*}assignedPerson") if person is None else person
        if name := _name(person):
            place = who.find("{*}scopingOrganization")
            place = who.find("{*}representedOrganization") if place is None else place
            said = (
                ("physician.name", name),
                ("physician.practice", _words(place, "{*}name") if place is not None else ""),
                ("physician.phone", _phone(who)),
                ("physician.specialty", _attribute(who, "{*}code", "displayName")),
            )
            yield from (Fact(field, value, _HEADER) for field, value in said if value)
            return


def _elements(found: object) -> list[Element]:
    return [one for one in found if isinstance(one, Element)] if isinstance(found, list) else []


def _name(person: Element | None) -> str:
    if person is None:
        return ""
    names = list(person.iterfind("{*}name"))
    names.sort(key=lambda name: name.get("use", "L") != "L")
    for name in names:
        parts = [ccda_narrative.plain(part).strip() for part in name if not _calls_by(part)]
        words = " ".join(part for part in parts if part) or (name.text or "")
        if words.strip():
            return wording.one_line(words)
    return ""


def _calls_by(part: Element) -> bool:
    return part.get("qualifier") in ("CL", "BR", "IN")


def _phone(who: Element) -> str:
    for telecom in who.iterfind("{*}telecom"):
        scheme, _, number = telecom.get("value", "").partition(":")
        if scheme == "tel":
            return number.strip()
    return ""


# --- sections -------------------------------------------------------------------------


def _document(root: Element) -> Document:
    blocks = list(_header_blocks(root))
    for number, section in enumerate(_sections(root), start=1):
        blocks.extend(_section(section, f"section-{number}", 1, sealed=False))
    return Document(_title(root), tuple(blocks))


def _sections(parent: Element) -> list[Element]:
    if xml.local(parent) == "section":
        return [parent]
    inner = parent.iterfind("{*}component/{*}structuredBody/{*}component/{*}section")
    return [*inner, *parent.iterfind("{*}section")]


def _header_blocks(root: Element) -> Iterator[Block]:
    rows = []
    for fact in _facts(root):
        if fact.where == _HEADER and fact.field in _LABELS:
            rows.append((_LABELS[fact.field], fact.value.replace("|", " ")))
    custodian = _words(root, "{*}custodian//{*}name")
    if custodian:
        rows.append(("Kept by", custodian))
    if rows:
        yield Block("table", rows=tuple(rows), anchor="header")


_LABELS = {
    "patient.name": "Patient",
    "patient.birth_date": "Born",
    "patient.sex": "Sex",
    "patient.identifier": "Number",
    "patient.phone": "Telephone",
    "physician.name": "Physician",
    "physician.practice": "Practice",
    "event_date": "Date",
}


def _section(section: Element, anchor: str, level: int, *, sealed: bool) -> Iterator[Block]:
    title = _words(section, "{*}title") or _attribute(section, "{*}code", "displayName")
    code = _attribute(section, "{*}code", "code")
    hidden = sealed or code in loinc.CONCLUDING or wording.concludes(title)
    if title:
        yield Block("heading", title, min(4, level), anchor=anchor, sealed=hidden)
    body = section.find("{*}text")
    if body is not None:
        yield from ccda_narrative.blocks(body, anchor, sealed=hidden)
    if level < DEEPEST:
        for number, inner in enumerate(section.iterfind("{*}component/{*}section"), start=1):
            yield from _section(inner, f"{anchor}.{number}", level + 1, sealed=hidden)


def _section_facts(section: Element) -> Iterator[Fact]:
    code = _attribute(section, "{*}code", "code")
    where = _words(section, "{*}title") or "section"
    if code in loinc.QUESTIONS or code in loinc.CONCLUDING:
        body = section.find("{*}text")
        words = wording.one_line(ccda_narrative.plain(body)) if body is not None else ""
        conclusion = "first_plan" if code in loinc.PLANS else "first_diagnosis"
        if words:
            yield Fact("question" if code in loinc.QUESTIONS else conclusion, words[:400], where)
    elif code == loinc.ALLERGIES:
        for entity in section.iterfind(".//{*}participant[@typeCode='CSM']//{*}playingEntity"):
            if value := _coded(entity, section):
                yield Fact("allergy", value, where)
    elif code in loinc.MEDICATIONS:
        for material in section.iterfind(".//{*}consumable//{*}manufacturedMaterial"):
            if value := _coded(material, section):
                yield Fact("medication", value, where)


def _coded(entity: Element, section: Element) -> str:
    """A substance by its display name, its own name, or the words of the narrative it points to."""
    if _is_negated(entity):
        return ""
    code = entity.find("{*}code")
    if code is not None and code.get("displayName"):
        return wording.one_line(code.get("displayName", ""))
    if name := _words(entity, "{*}name"):
        return name
    target = _attribute(entity, ".//{*}originalText/{*}reference", "value").removeprefix("#")
    for element in section.iter() if target else ():
        if element.get("ID") == target:
            return wording.one_line(ccda_narrative.plain(element))
    return ""


def _is_negated(entity: Element) -> bool:
    return any(parent.get("negationInd") == "true" for parent in entity.iterancestors())


# --- enclosed files -------------------------------------------------------------------


def _enclosing(said: Description, body: Element, source: Source) -> Description:
    inner_source = _enclosed(body, source)
    if inner_source.name.endswith(".pdf"):
        inner = pdf.describe(inner_source)
    elif inner_source.name.endswith(".txt"):
        inner = text.describe(inner_source)
    else:
        inner = picture.describe(inner_source)
    return replace(
        said,
        pages=inner.pages,
        kind=said.kind if said.kind is not RecordKind.OTHER else inner.kind,
        facts=tuple(dict.fromkeys((*said.facts, *inner.facts))),
        texts=inner.texts,
        reveals_first_opinion=inner.reveals_first_opinion,
        sealed_sections=inner.sealed_sections,
    )


_ENDINGS = {
    "application/pdf": "pdf",
    "text/plain": "txt",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/tiff": "tiff",
}


def _enclosed(body: Element, source: Source) -> MemorySource:
    """The file in a nonXMLBody (C-CDA Unstructured Document). Raises RecordUnreadable."""
    content = body.find("{*}text")
    if content is None:
        raise RecordUnreadable("This document is empty; it is kept as received.")
    if elsewhere := _attribute(content, "{*}reference", "value"):
        raise RecordUnreadable(f"The document itself isn't in this file: add {elsewhere[:80]} too.")
    ending = _ENDINGS.get(content.get("mediaType", "text/plain"))
    if ending is None:
        raise RecordUnreadable("The file in this document can't be shown; it is kept as received.")
    words = "".join(content.itertext())
    if content.get("representation") != "B64":
        return MemorySource(f"{source.name}.txt", words.encode())
    try:
        return MemorySource(f"{source.name}.{ending}", base64.b64decode("".join(words.split())))
    except (binascii.Error, ValueError) as problem:
        raise RecordUnreadable("The file in this document is damaged.") from problem


def _enclosed_view(root: Element, inner: MemorySource) -> View:
    if inner.name.endswith(".pdf"):
        return pdf.view([inner])
    if inner.name.endswith(".txt"):
        return replace(text.blocks_of(text.read(inner), inner.name), title=_title(root))
    return picture.view([inner])


def _attribute(element: Element, path: str, name: str) -> str:
    found = element.find(path)
    return (found.get(name) or "").strip() if found is not None else ""


def _words(element: Element, path: str) -> str:
    found = element.find(path)
    return wording.one_line(ccda_narrative.plain(found)) if found is not None else ""
