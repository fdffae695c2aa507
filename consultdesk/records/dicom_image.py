"""Whether the pixels of a DICOM image are there to be shown, told without decoding them."""

from consultdesk.consultation.source import Source
from consultdesk.errors import RecordUnreadable
from consultdesk.records.dicom_header import LARGEST_FRAME, MOST_FRAMES, Header

JPEG = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (50, 51))
JPEG_LOSSLESS = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (57, 70))
JPEG_LS = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (80, 81))
JPEG_2000 = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (90, 91))
HTJ2K = frozenset(f"1.2.840.10008.1.2.4.{n}" for n in (201, 202, 203))
RLE = "1.2.840.10008.1.2.5"
DECODED = JPEG | JPEG_LOSSLESS | JPEG_LS | JPEG_2000 | HTJ2K | {RLE}
LOSSY = JPEG | {f"1.2.840.10008.1.2.4.{n}" for n in (81, 91, 203)}
_NO_PICTURE = ("RTDOSE", "RTSTRUCT", "RTPLAN", "SEG", "PR", "KO")

_ITEM = b"\xfe\xff\x00\xe0"
_DAMAGED = "The pixels of this image are damaged; it is kept as received."
_CUT_SHORT = "This image was cut short: its pixels end too early; it is kept as received."


def require_image(header: Header, source: Source) -> None:
    """Raise RecordUnreadable, saying why, unless every frame's pixels seem to be there."""
    if header.pixels_at is None or header.text("Modality") in _NO_PICTURE:
        raise RecordUnreadable(_no_picture(header))
    if header.encapsulated and header.syntax not in DECODED:
        what = header.syntax.name
        if what.startswith(("MPEG", "HEVC")):
            raise RecordUnreadable("This is a video, which can't be shown; it is kept as received.")
        raise RecordUnreadable("Its compression isn't known here; it is kept as received.")
    if header.rows <= 0 or header.columns <= 0 or header.samples not in (1, 3):
        raise RecordUnreadable("Its rows and columns aren't stated; it is kept as received.")
    if header.bits not in (1, 8, 16, 32, 64):
        raise RecordUnreadable("The depth of its pixels can't be shown; it is kept as received.")
    if header.frame_bits > LARGEST_FRAME * 8:
        raise RecordUnreadable("This image is too large to be shown; it is kept as received.")
    if header.encapsulated:
        _require_fragments(header, source)
    elif min(header.pixels_length, header.available) * 8 < header.frame_bits * header.frames:
        raise RecordUnreadable(_CUT_SHORT)


def _no_picture(header: Header) -> str:
    name = getattr(header.elements.get("SOPClassUID"), "name", "")
    name = name.removesuffix(" Storage") if name and not name[0].isdigit() else "DICOM"
    return f"This {name} object holds no picture that can be shown; it is kept as received."


def _require_fragments(header: Header, source: Source) -> None:
    """Walk the fragments by their lengths: the last must end inside the file (PS3.5 A.4)."""
    fragments = 0
    with header.open_pixels(source) as stream:
        at = header.pixels_at or 0
        end = at + header.available
        while at + 8 <= end and fragments <= 2 * MOST_FRAMES:
            stream.seek(at)
            start = stream.read(8)
            if start[:4] != _ITEM:
                break
            fragments += 1
            at += 8 + int.from_bytes(start[4:], "little")
    if at > end:
        raise RecordUnreadable(_CUT_SHORT)
    if fragments < 2:  # the first is the table of offsets
        raise RecordUnreadable(_DAMAGED)
