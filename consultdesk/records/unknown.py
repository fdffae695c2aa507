"""A file nobody recognised: what it looks like, so that the reason is of use."""

from consultdesk.consultation.record import RecordKind
from consultdesk.consultation.source import Source
from consultdesk.records import recognition
from consultdesk.records.description import KEPT_AS_RECEIVED, Description

_SIGNS: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "ZIP archive", "A ZIP archive isn't opened here: unpack it and add its files"),
    (b"PK\x05\x06", "Empty ZIP archive", "This ZIP archive is empty"),
    (b"\xd0\xcf\x11\xe0", "Office document", "Old Office documents can't be shown: save it as PDF"),
    (b"{\\rtf", "RTF document", "RTF documents can't be shown: save it as PDF"),
    (b"GIF8", "GIF picture", "GIF pictures can't be shown: save it as PNG"),
    (b"BM", "Bitmap", "Bitmaps can't be shown: save it as PNG"),
    (b"7z\xbc\xaf'\x1c", "Archive", "This archive isn't opened here: unpack it and add its files"),
    (b"Rar!", "Archive", "This archive isn't opened here: unpack it and add its files"),
    (b"\x1f\x8b", "Compressed file", "This compressed file isn't opened here: unpack it first"),
    (b"MZ", "Program", "This is a program, not a record"),
    (b"\x7fELF", "Program", "This is a program, not a record"),
    (b"ID3", "Sound recording", "Sound recordings can't be played here"),
)
_OFFICE = (b"word/", b"xl/", b"ppt/")


def describe(head: bytes, source: Source) -> Description:
    """The description of a file that is kept but can't be shown."""
    title, reason = _look(head, source.name)
    kind = RecordKind.SLIDE if title == "Whole slide" else RecordKind.OTHER
    return Description(
        "unknown", kind=kind, pages=0, title=title, readable=False,
        reason=f"{reason}; {KEPT_AS_RECEIVED}",
    )  # fmt: skip


def _look(head: bytes, name: str) -> tuple[str, str]:
    if not head:
        return "Empty file", "The file is empty"
    if recognition.is_slide(head, name):
        return "Whole slide", "Whole slides can't be shown yet"
    if head.startswith(b"PK") and any(sign in head for sign in _OFFICE):
        return "Office document", "Office documents can't be shown: save it as PDF"
    if head[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1"):
        return "HEIC picture", "HEIC pictures can't be shown: save it as JPEG"
    if head[4:8] == b"ftyp":
        return "Video", "Videos can't be shown"
    for sign, title, reason in _SIGNS:
        if head.startswith(sign):
            return title, reason
    return "Unknown file", "Nobody here recognises this kind of file"
