"""The header of a DICOM file, read without its pixels and within bounds."""

import logging
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from io import BytesIO
from typing import Any, BinaryIO, Literal

import pydicom
import pydicom.config
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag
from pydicom.uid import (
    UID,
    AllTransferSyntaxes,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from consultdesk.consultation.source import Source
from consultdesk.errors import RecordUnreadable
from consultdesk.records import recognition

# What pydicom would print about a bad value can hold the patient's name.
logging.getLogger("pydicom").setLevel(logging.CRITICAL)
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE

LARGEST_HEADER = 64 * 1024 * 1024
LARGEST_INFLATED = 128 * 1024 * 1024
LARGEST_FRAME = 256 * 1024 * 1024
MOST_FRAMES = 100_000
UNDEFINED = 0xFFFFFFFF

_STANDARD = frozenset(str(syntax) for syntax in AllTransferSyntaxes)
_PIXELS = frozenset((0x7FE00008, 0x7FE00009, 0x7FE00010))
_DAMAGED = "This DICOM file is damaged; it is kept as received."


@dataclass(frozen=True)
class Header:
    """What stands before the pixels, and where the pixels are.

    `sop_class` is the SOP Class UID, of the file's meta group where the data set is silent.
    `pixels_at` is the offset of the pixel data's value, in the file or, for a deflated
    file, in `inflated`; None where there are none. `pixels_length` is UNDEFINED for
    encapsulated data (PS3.5 A.4). `available` counts the bytes that really follow.
    """

    elements: Dataset = field(repr=False)
    syntax: UID
    little_endian: bool
    sop_class: str = ""
    pixels_tag: int = 0
    pixels_at: int | None = None
    pixels_length: int = 0
    available: int = 0
    inflated: bytes | None = field(default=None, repr=False)
    _texts: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def text(self, keyword: str) -> str:
        """An element as one line of text, empty where it is absent or unreadable."""
        known = self._texts.get(keyword)
        if known is None:
            known = self._texts[keyword] = _text(self.elements, keyword)
        return known

    def raw(self) -> dict[int, object]:
        """Every element's value by its tag, as it was read; what was parsed equals nothing."""
        return {
            int(one.tag): one.value if isinstance(one, RawDataElement) else object()
            for one in self.elements.values()
        }

    def asked(self) -> tuple[int, ...]:
        """The tags of all texts that were asked for, and of what their letters are encoded in."""
        return tags(("SpecificCharacterSet", *self._texts))

    def number(self, keyword: str, absent: int) -> int:
        """A whole number. Raises RecordUnreadable where it is there and isn't one."""
        written = self.text(keyword)
        if not written:
            return absent
        try:
            return int(float(written))
        except (ValueError, OverflowError) as problem:
            raise RecordUnreadable(_DAMAGED) from problem

    def numbers(self, keyword: str, within: Dataset | None = None) -> tuple[float, ...]:
        """All values of an element as numbers; empty where one of them isn't finite."""
        return numbers(self.elements if within is None else within, keyword)

    @property
    def rows(self) -> int:
        """Rows of one frame."""
        return self.number("Rows", 0)

    @property
    def columns(self) -> int:
        """Columns of one frame."""
        return self.number("Columns", 0)

    @property
    def samples(self) -> int:
        """Samples of one pixel, 1 or 3."""
        return self.number("SamplesPerPixel", 1)

    @property
    def frames(self) -> int:
        """Frames in the file, 1 where the header is silent. Raises RecordUnreadable."""
        frames = self.number("NumberOfFrames", 1)
        if not 0 < frames <= MOST_FRAMES:
            raise RecordUnreadable("The number of images in this file makes no sense.")
        return frames

    @property
    def bits(self) -> int:
        """Bits allocated to one sample."""
        return self.number("BitsAllocated", 16)

    @property
    def photometric(self) -> str:
        """Photometric interpretation (PS3.3 C.7.6.3.1.2)."""
        return self.text("PhotometricInterpretation") or "MONOCHROME2"

    @property
    def encapsulated(self) -> bool:
        """Whether the pixels are compressed frames in fragments."""
        return self.pixels_length == UNDEFINED

    @property
    def frame_bits(self) -> int:
        """Size of one uncompressed frame in bits (PS3.5 8.1)."""
        samples = (
            2 if self.photometric == "YBR_FULL_422" and not self.encapsulated else self.samples
        )
        return self.rows * self.columns * samples * self.bits

    def frame_items(self, index: int) -> tuple[Dataset, ...]:
        """The functional groups of one frame, its own before the shared (PS3.3 C.7.6.16)."""
        own = items(self.elements, "PerFrameFunctionalGroupsSequence")
        shared = items(self.elements, "SharedFunctionalGroupsSequence")
        return (*own[index : index + 1], *shared[:1])

    def plane(self, index: int = 0) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Position (x, y, z) in mm and orientation (6 cosines) of a frame; empty if unknown."""
        position = self.numbers("ImagePositionPatient")
        orientation = self.numbers("ImageOrientationPatient")
        for group in self.frame_items(index):
            for item in items(group, "PlanePositionSequence"):
                position = position or numbers(item, "ImagePositionPatient")
            for item in items(group, "PlaneOrientationSequence"):
                orientation = orientation or numbers(item, "ImageOrientationPatient")
        return position, orientation

    def open_pixels(self, source: Source) -> BinaryIO:
        """A stream that stands where `pixels_at` counts from."""
        return source.open() if self.inflated is None else BytesIO(self.inflated)


def value_of(elements: Dataset, keyword: str) -> Any:  # noqa: ANN401 - as pydicom gives it
    """The value of an element; None where it is absent or can't be read."""
    tag = _tag(keyword)
    if tag is None or tag not in elements:
        return None
    try:
        return elements[tag].value
    except Exception:  # an element with a broken value is an element we don't have
        return None


def _text(elements: Dataset, keyword: str) -> str:
    plain = _plain_values(elements, keyword)
    if plain is None:
        value = value_of(elements, keyword)
        if isinstance(value, pydicom.multival.MultiValue):
            value = value[0] if value else None
        plain = [str(value).replace("\x00", " ")] if value is not None else []
    return " ".join(plain[0].split()) if plain else ""


def _plain_values(elements: Dataset, keyword: str) -> list[str] | None:
    """The values of an element still as it was read, when they are ASCII text or short integers.

    Most of a header is; turning each into pydicom's own objects takes longer than reading
    the file. None means: ask pydicom.
    """
    tag = _tag(keyword)
    try:
        raw: Any = elements.get_item(tag) if tag is not None else None
    except KeyError:
        return []
    if not isinstance(raw, RawDataElement):
        return None
    kind, value = raw.VR or dictionary_VR(raw.tag), raw.value
    if value is None:
        return None
    if kind in _TEXTS and value.isascii() and b"\x1b" not in value:
        return [one.strip(" \0") for one in value.decode("ascii").split("\\")]
    if kind == "US" and len(value) == 2:
        return [str(int.from_bytes(value, "little" if raw.is_little_endian else "big"))]
    return None


def tags(keywords: Iterable[str]) -> tuple[int, ...]:
    """The tags of these keywords."""
    return tuple(int(tag) for tag in map(_tag, keywords) if tag is not None)


@cache
def _tag(keyword: str) -> BaseTag | None:
    """The tag of a keyword, in the form that pydicom needn't convert."""
    tag = tag_for_keyword(keyword)
    return None if tag is None else BaseTag(tag)


_TEXTS = frozenset(("AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "PN", "SH", "TM", "UI"))


def numbers(elements: Dataset, keyword: str) -> tuple[float, ...]:
    """All values of an element as numbers; empty where one of them isn't finite."""
    plain = _plain_values(elements, keyword)
    value: Any = value_of(elements, keyword) if plain is None else plain
    if value is None:
        return ()
    many: Any = [value] if isinstance(value, (str, int, float)) else value
    try:
        found = tuple(float(one) for one in many)
    except (TypeError, ValueError):
        return ()
    return found if all(abs(one) < 1e15 for one in found) else ()


def items(elements: Dataset, keyword: str) -> list[Dataset]:
    """The items of a sequence; empty where it is absent or isn't one."""
    value = value_of(elements, keyword)
    if not isinstance(value, pydicom.Sequence):
        return []
    return list(value)


def title_of(header: Header) -> str:
    """Modality and what was examined, in the words of those who made the images."""
    modality = header.text("Modality") or "Images"
    for keyword in ("SeriesDescription", "ProtocolName", "BodyPartExamined", "StudyDescription"):
        if words := header.text(keyword).replace("^", " ").strip():
            return f"{modality}, {words}"
    return modality


def read_header(source: Source) -> Header:
    """The header of a file. Raises RecordUnreadable.

    Only as much as is needed is read; a deflated data set is inflated up to a limit first,
    since a megabyte can grow to gigabytes (PS3.5 A.5).
    """
    try:
        with source.open() as stream:
            head = stream.read(recognition.HEAD)
            meta = _meta_group(head)
            if meta.syntax == DeflatedExplicitVRLittleEndian:
                stream.seek(meta.end)
                return _deflated(_inflate(stream), meta)
            while (found := _parsed(head, source.size, meta)) is None:
                if len(head) >= LARGEST_HEADER:
                    break
                more = stream.read(min(len(head) * 7, LARGEST_HEADER - len(head)))
                head += more
                if not more:
                    found = _parsed(head, len(head), meta)
                    break
    except RecordUnreadable:
        raise
    except Exception as problem:  # pydicom may fail in any way on a hostile file
        raise RecordUnreadable(_DAMAGED) from problem
    if found is None:
        raise RecordUnreadable(_DAMAGED)
    return found


def header_in(head: bytes, size: int, only: Sequence[int]) -> Header | None:
    """Those elements of a file of `size` bytes, if its first bytes hold the header whole."""
    meta = _meta_group(head)
    if meta.syntax == DeflatedExplicitVRLittleEndian:
        return None
    try:
        return _parsed(head, size, meta, only)
    except Exception:  # it is read again where it can do no harm
        return None


def _at_pixels(tag: BaseTag, _vr: str | None, _length: int) -> bool:
    return tag in _PIXELS


def _parsed(head: bytes, size: int, meta: "_MetaGroup", only: Sequence[int] = ()) -> Header | None:
    """The header, or None where it runs past the end of what was read."""
    skipped = recognition.dicom_start(head)
    buffer = BytesIO(head[skipped:] if skipped else head)
    whole = len(head) >= size
    try:
        elements = _data_set(buffer, meta, only)
    except Exception:  # half an element at the end of what was read
        if whole:
            raise
        return None
    at = buffer.tell() + skipped
    if not whole and at + 16 > len(head):
        return None
    implicit, little = _encoding(elements)
    found = Header(
        elements,
        UID(meta.syntax or _assumed(implicit, little)),
        little,
        sop_class=_text(elements, "SOPClassUID") or meta.sop_class,
    )
    return _locate(found, head[at : at + 12], at, size, implicit=implicit)


def _data_set(buffer: BytesIO, meta: "_MetaGroup", only: Sequence[int]) -> Dataset:
    """The elements before the pixels, all of them unless `only` names some.

    `dcmread` reads the meta group twice over before it comes to them; where that group is
    plain and its syntax known, they are read at once.
    """
    if meta.syntax not in _STANDARD:
        return pydicom.dcmread(buffer, stop_before_pixels=True, force=True)
    buffer.seek(meta.end)
    implicit = meta.syntax == ImplicitVRLittleEndian
    little = meta.syntax != ExplicitVRBigEndian
    return read_dataset(
        buffer, implicit, little, stop_when=_at_pixels, specific_tags=list(only) or None
    )


def _deflated(data: bytes, meta: "_MetaGroup") -> Header:
    buffer = BytesIO(data)
    elements = read_dataset(buffer, False, True, stop_when=_at_pixels)
    found = Header(
        elements,
        ExplicitVRLittleEndian,
        little_endian=True,
        sop_class=_text(elements, "SOPClassUID") or meta.sop_class,
        inflated=data,
    )
    at = buffer.tell()
    return _locate(found, data[at : at + 12], at, len(data), implicit=False)


def _encoding(elements: Dataset) -> tuple[bool, bool]:
    implicit, little = elements.original_encoding
    return bool(implicit), little is not False


def _assumed(implicit: bool, little: bool) -> UID:
    if not little:
        return ExplicitVRBigEndian
    return ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian


def _locate(found: Header, start: bytes, at: int, size: int, *, implicit: bool) -> Header:
    """Note where the value of the pixel data begins (PS3.5 7.1.2, 7.1.3)."""
    order: Literal["little", "big"] = "little" if found.little_endian else "big"
    if len(start) < 8:
        return found
    group, element = int.from_bytes(start[:2], order), int.from_bytes(start[2:4], order)
    tag = group << 16 | element
    if tag not in _PIXELS:
        return found
    short = not implicit and start[4:6] not in (b"OB", b"OW", b"OF", b"OD", b"UN")
    skip = 8 if implicit or short else 12
    length = int.from_bytes(start[6:8] if short else start[skip - 4 : skip], order)
    value = at + skip
    return replace(
        found, pixels_tag=tag, pixels_at=value, pixels_length=length,
        available=max(0, size - value),
    )  # fmt: skip


@dataclass(frozen=True)
class _MetaGroup:
    """What the file meta group says (PS3.10 7.1), and where the data set begins."""

    syntax: str = ""
    sop_class: str = ""
    end: int = 0


def _meta_group(head: bytes) -> _MetaGroup:
    if head[128:132] != b"DICM":
        return _MetaGroup()
    at, said = 132, {b"\x10\x00": "", b"\x02\x00": ""}
    while head[at : at + 2] == b"\x02\x00":
        long = head[at + 4 : at + 6] in (b"OB", b"UN")
        length = int.from_bytes(head[at + 8 : at + 12] if long else head[at + 6 : at + 8], "little")
        value = at + (12 if long else 8)
        if (element := head[at + 2 : at + 4]) in said:
            said[element] = head[value : value + length].strip(b"\x00 ").decode("ascii", "replace")
        at = value + length
    return _MetaGroup(said[b"\x10\x00"], said[b"\x02\x00"], at)


def _inflate(stream: BinaryIO) -> bytes:
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    parts: list[bytes] = []
    total = 0
    while not engine.eof and (chunk := engine.unconsumed_tail or stream.read(recognition.HEAD)):
        parts.append(engine.decompress(chunk, recognition.HEAD * 16))
        total += len(parts[-1])
        if total > LARGEST_INFLATED:
            raise RecordUnreadable(
                "This file grows beyond measure when it is unpacked; it is kept as received."
            )
    return b"".join(parts)
