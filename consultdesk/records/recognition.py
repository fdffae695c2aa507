"""Knowing a format by the first bytes of a file; its name only breaks ties."""

import re

HEAD = 64 * 1024

_XML_START = re.compile(r"\s*(?:<\?xml[^>]*\?>|<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^>]*>|\s)*<", re.S)
_CDA_ROOT = re.compile(r"<(?:[\w.-]+:)?ClinicalDocument[\s>]")
_CDA_SECTION = re.compile(
    r"<(?:section|component)[\s>].*?2\.16\.840\.1\.113883\.10\.20\.22\.", re.S
)
_FHIR_TYPE = re.compile(r'"resourceType"\s*:\s*"[A-Z]')
_SLIDE_NAMES = (".svs", ".ndpi", ".scn", ".mrxs", ".bif", ".vms")
# the VRs a data set can begin with (DICOM PS3.5 6.2)
_EXPLICIT = re.compile(rb"[\x02\x08]\x00[\x00-\x20]\x00(?:AE|CS|UI|UL|OB|SH|DA|TM|LO)", re.S)
_STRAY = 8
_FIRST_ELEMENTS = frozenset(
    number.to_bytes(2, "little") for number in (0, 1, 5, 8, 0x10, 0x12, 0x16, 0x18, 0x20)
)


def opening_text(head: bytes) -> str:
    """The head as text, by its byte order mark or the zero bytes of UTF-16, else as UTF-8."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) & ~1].decode("utf-16", "replace")
    if len(head) >= 4 and head[1] == 0 and head[0] in b"<{[":
        return head[: len(head) & ~1].decode("utf-16-le", "replace")
    if len(head) >= 4 and head[0] == 0 and head[1] in b"<{[":
        return head[: len(head) & ~1].decode("utf-16-be", "replace")
    return head.decode("utf-8-sig", "replace")


def is_pdf(head: bytes, _name: str) -> bool:
    """The header may stand anywhere in the first 1024 bytes (PDF 32000-1 annex H.3.4.1)."""
    return b"%PDF-" in head[:1024]


def is_tiff(head: bytes) -> bool:
    """TIFF and BigTIFF, both byte orders."""
    return head.startswith((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"))


def is_slide(head: bytes, name: str) -> bool:
    """A whole slide in a TIFF coat, which is no picture to be opened at once."""
    return is_tiff(head) and (name.lower().endswith(_SLIDE_NAMES) or b"Aperio" in head)


def is_picture(head: bytes, name: str) -> bool:
    """JPEG, PNG and TIFF, but no whole slide."""
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return True
    return is_tiff(head) and not is_slide(head, name)


def is_dicom(head: bytes, name: str) -> bool:
    """Part 10 by its preamble; without one, by a first element of group 2 or 8 (PS3.5 7.1)."""
    if head[128:132] == b"DICM" or _EXPLICIT.search(head[: _STRAY + 8]):
        return True
    length = int.from_bytes(head[4:8], "little")
    implicit = head[:2] == b"\x08\x00" and head[2:4] in _FIRST_ELEMENTS
    return len(head) >= 16 and implicit and 0 < length <= 128


def dicom_start(head: bytes) -> int:
    """Stray bytes before a data set without a preamble, which some exports leave there."""
    if head[128:132] == b"DICM":
        return 0
    found = _EXPLICIT.search(head[: _STRAY + 8])
    return found.start() if found else 0


def is_xml(head: bytes) -> bool:
    """Whether the file begins as XML."""
    return _XML_START.match(opening_text(head[:4096])) is not None


def is_ccda(head: bytes, _name: str) -> bool:
    """An XML document whose root is a ClinicalDocument (HL7 CDA R2), or one section of it."""
    if not is_xml(head):
        return False
    text = opening_text(head)
    return _CDA_ROOT.search(text) is not None or _CDA_SECTION.search(text) is not None


def is_fhir(head: bytes, _name: str) -> bool:
    """A JSON object that names its resourceType (FHIR R4 2.6.2)."""
    text = opening_text(head).lstrip()
    return text.startswith("{") and _FHIR_TYPE.search(text) is not None


def is_text(head: bytes, _name: str) -> bool:
    """Readable characters and hardly anything else."""
    if not head:
        return False
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if head.startswith((b"PK\x03\x04", b"{\\rtf", b"\xd0\xcf\x11\xe0", b"GIF8", b"RIFF")):
        return False
    if b"\x00" in head:
        return looks_like_utf16(head)
    control = sum(head.count(bytes((code,))) for code in range(32) if code not in _TEXT_CONTROLS)
    return control * 200 <= len(head)


_TEXT_CONTROLS = frozenset((0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1B, 0x1C, 0x1D))


def looks_like_utf16(head: bytes) -> bool:
    """Every other byte zero, as Latin letters stand in UTF-16 without a mark."""
    half = max(1, len(head) // 2)
    even, odd = head[0::2].count(0), head[1::2].count(0)
    return max(even, odd) > 0.7 * half and min(even, odd) < 0.05 * half
