"""The formats the desk reads: recognised by content, described, grouped, viewed."""

from collections.abc import Sequence

from consultdesk.consultation.source import Source, View
from consultdesk.errors import ConsultDeskError, RecordUnreadable
from consultdesk.records import recognition, unknown
from consultdesk.records.description import KEPT_AS_RECEIVED, Description, Format, Group
from consultdesk.records.series import group

__all__ = [
    "FORMATS",
    "Description",
    "Format",
    "Group",
    "describe",
    "group",
    "head_of",
    "recognise",
    "view",
]

# In the order they are asked: DICOM first, whose preamble may look like a TIFF; text last.
FORMATS: tuple[Format, ...] = (
    Format("dicom", "DICOM", recognition.is_dicom, "consultdesk.records.dicom", glances=True),
    Format("pdf", "PDF document", recognition.is_pdf, "consultdesk.records.pdf"),
    Format("image", "Picture", recognition.is_picture, "consultdesk.records.picture"),
    Format("ccda", "C-CDA document", recognition.is_ccda, "consultdesk.records.ccda"),
    Format("fhir", "FHIR record", recognition.is_fhir, "consultdesk.records.fhir"),
    Format("text", "Text", recognition.is_text, "consultdesk.records.text", isolated=False),
)


def recognise(head: bytes, name: str) -> Format | None:
    """Which format a file is, by its first bytes; None when nobody knows it."""
    return next((known for known in FORMATS if known.recognise(head, name)), None)


def head_of(source: Source) -> bytes:
    """The first bytes of a file, enough to recognise it. Raises RecordUnreadable."""
    try:
        with source.open() as stream:
            return stream.read(recognition.HEAD)
    except OSError as problem:
        raise RecordUnreadable("The file can't be read from where it lies.") from problem


def describe(source: Source, *, known: Format | None = None) -> Description:
    """What a file says of itself, read in this process; never raises for a bad file.

    `known` spares recognising it again. Reader.describe does the same behind the wall of
    a child process and is what intake uses.
    """
    try:
        head = head_of(source)
        known = known or recognise(head, source.name)
        if known is None:
            return unknown.describe(head, source)
    except ConsultDeskError as problem:
        return Description("unknown", pages=0, readable=False, reason=problem.message)
    try:
        return known.describe(source)
    except RecordUnreadable as problem:
        return unreadable(known, problem.message)
    except MemoryError:
        return unreadable(known, f"This file needs too much memory; {KEPT_AS_RECEIVED}")
    except Exception:  # a hostile file may break any library in any way; none may stop intake
        return unreadable(known, f"This file is damaged; {KEPT_AS_RECEIVED}")


def unreadable(known: Format, reason: str) -> Description:
    """A description of a file that can't be shown, with the reason in one sentence."""
    return Description(known.name, pages=0, title=known.title, readable=False, reason=reason)


def view(format_name: str, sources: Sequence[Source]) -> View:
    """A record for the viewer, its files in their order. Raises RecordUnreadable."""
    known = next((known for known in FORMATS if known.name == format_name), None)
    if known is None or not sources:
        raise RecordUnreadable("This kind of file can't be shown.")
    try:
        return known.view(sources)
    except ConsultDeskError:
        raise
    except Exception as problem:  # as above: one sentence, whatever broke
        raise RecordUnreadable(f"This file is damaged; {KEPT_AS_RECEIVED}") from problem
