"""DICOM structured reports as readable documents."""

from collections.abc import Iterator
from typing import Any

from pydicom.dataset import Dataset

from consultdesk.consultation.source import Block, Document
from consultdesk.errors import RecordUnreadable
from consultdesk.records import dates, wording
from consultdesk.records.dicom_header import Header, items

DEEPEST = 40
MOST_ITEMS = 20_000


def document(header: Header) -> Document:
    """The content tree of a report, containers as headings (PS3.3 C.17.3).

    Raises RecordUnreadable when there is no content.
    """
    title = _meaning(header.elements, "ConceptNameCodeSequence") or "Structured report"
    blocks: list[Block] = []
    for block in _content(header.elements, 1, "", sealed=False):
        blocks.append(block)
        if len(blocks) >= MOST_ITEMS:
            break
    if not blocks:
        raise RecordUnreadable("This report has no content; it is kept as received.")
    return Document(title, tuple(blocks))


def _content(node: Dataset, depth: int, path: str, *, sealed: bool) -> Iterator[Block]:
    if depth > DEEPEST:
        return
    for number, item in enumerate(items(node, "ContentSequence"), start=1):
        place = f"{path}.{number}" if path else str(number)
        name = _meaning(item, "ConceptNameCodeSequence")
        hidden = sealed or wording.concludes(name) or wording.concludes(f"{name}:")
        value = _value(item)
        anchor = f"item-{place}"
        if str(item.get("ValueType", "")) == "CONTAINER":
            yield Block("heading", name or "Section", min(4, depth), anchor=anchor, sealed=hidden)
        elif value:
            words = f"{name}: {value}" if name else value
            yield Block("item", words, depth, anchor=anchor, sealed=hidden)
        yield from _content(item, depth + 1, place, sealed=hidden)


def _value(item: Dataset) -> str:
    """One content item in words, by its value type (PS3.3 table C.17.3-7)."""
    kind = str(item.get("ValueType", ""))
    if kind == "CODE":
        return _meaning(item, "ConceptCodeSequence")
    if kind == "NUM":
        measured = items(item, "MeasuredValueSequence")
        if not measured:
            return ""
        unit = _meaning(measured[0], "MeasurementUnitsCodeSequence", code=True)
        return f"{_text(measured[0], 'NumericValue')} {'' if unit == '1' else unit}".strip()
    if kind == "PNAME":
        return wording.person_name(_text(item, "PersonName"))
    if kind == "DATE":
        return dates.compact(_text(item, "Date")) or _text(item, "Date")
    if kind == "DATETIME":
        return dates.compact(_text(item, "DateTime")) or _text(item, "DateTime")
    if kind in ("IMAGE", "COMPOSITE", "WAVEFORM"):
        return "refers to an image" if kind == "IMAGE" else "refers to another object"
    keyword = {"TEXT": "TextValue", "TIME": "Time", "UIDREF": "UID"}.get(kind, "")
    return _text(item, keyword) if keyword else ""


def _text(item: Dataset, keyword: str) -> str:
    try:
        value: Any = item.get(keyword)
    except Exception:  # an element with a broken value is one we don't have
        return ""
    return str(value).replace("\x00", "").strip() if value is not None else ""


def _meaning(item: Dataset, keyword: str, *, code: bool = False) -> str:
    coded = items(item, keyword)
    if not coded:
        return ""
    return _text(coded[0], "CodeValue" if code else "CodeMeaning")
