"""Seekable read-only bytes of a record, and the four kinds of view a record offers."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import BinaryIO, Protocol, runtime_checkable


class Source(Protocol):
    """The bytes of one received file, wherever they lie, never by path."""

    @property
    def name(self) -> str:
        """The file's own name as it was received; never used as a path."""

    @property
    def size(self) -> int:
        """Length in bytes."""

    def open(self) -> BinaryIO:
        """A new seekable read-only binary stream, which the caller closes."""


@dataclass(frozen=True)
class MemorySource:
    """A file that is already in memory: a small record, an attachment, a test."""

    name: str
    data: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self.data)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 (hex), worked out once: bytes in memory don't change."""
        import hashlib  # here, not at the top: the lock screen loads this module and needs none

        return hashlib.sha256(self.data).hexdigest()

    def open(self) -> BinaryIO:
        """A new stream over the bytes in memory."""
        return io.BytesIO(self.data)


# --- what a viewer is given -----------------------------------------------------------


@dataclass(frozen=True)
class Pages:
    """A paged document kept as PDF bytes; the viewer reads it from a stream.

    `texts` has one entry a page, empty where the page carries no text (a scan).
    """

    source: Source
    count: int
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Window:
    """A grey-scale window in units of the rescaled values, e.g. HU (DICOM PS3.3 C.11.2.1.2)."""

    centre: float
    width: float
    name: str = ""


@dataclass(frozen=True)
class Frame:
    """One decoded image.

    `samples` is C-contiguous, shape (rows, columns) for grey or (rows, columns, 3) for RGB,
    of `dtype` "uint8", "uint16", "int16" or "float32" (numpy names, native byte order).
    Grey values become real-world values by value × slope + intercept.
    `inverted` is True for MONOCHROME1. `spacing` is (row, column) in mm, None where unknown.
    """

    samples: bytes | memoryview = field(repr=False)
    rows: int
    columns: int
    channels: int
    dtype: str
    slope: float = 1.0
    intercept: float = 0.0
    inverted: bool = False
    windows: tuple[Window, ...] = ()
    spacing: tuple[float, float] | None = None
    overlay: tuple[str, ...] = ()
    lossy: bool = False


@runtime_checkable
class Frames(Protocol):
    """A stack of images in geometrical order: a DICOM series, a multi-page TIFF, a photograph."""

    @property
    def count(self) -> int:
        """How many images the stack holds."""

    @property
    def title(self) -> str:
        """What the stack is, e.g. "MR Sag T2"."""

    @property
    def presets(self) -> tuple[Window, ...]:
        """Named windows that suit the modality, in the order of the number keys 1…9."""

    def frame(self, index: int) -> Frame:
        """Decode image `index` (0-based). Raises RecordUnreadable."""


class Pyramid(Protocol):
    """A whole slide: levels of tiles, decoded region by region."""

    @property
    def levels(self) -> Sequence[tuple[int, int]]:
        """(width, height) in pixels of each level, largest first."""

    def region(self, level: int, left: int, top: int, width: int, height: int) -> Frame:
        """Decode one region, in pixels of that level. Raises RecordUnreadable."""


@dataclass(frozen=True)
class Block:
    """One piece of a readable document.

    `kind`: "heading" (level 1…4), "paragraph", "item" (a list entry, level = depth),
    "table" (rows; the first is the heading row when `headed`), "rule", "notice".
    `anchor` names the place for an evidence link, `sealed` is True when the block carries
    the conclusion of the first opinion.
    """

    kind: str
    text: str = ""
    level: int = 1
    rows: tuple[tuple[str, ...], ...] = ()
    headed: bool = False
    anchor: str = ""
    sealed: bool = False


@dataclass(frozen=True)
class Document:
    """A structured document set as readable text: C-CDA, FHIR, laboratory, plain text."""

    title: str
    blocks: tuple[Block, ...]

    @property
    def text(self) -> str:
        """All text, block by block, for search."""
        return "\n".join(_block_text(block) for block in self.blocks)


def _block_text(block: Block) -> str:
    if block.kind == "table":
        return "\n".join("\t".join(row) for row in block.rows)
    return block.text


View = Pages | Frames | Document | Pyramid


# --- long work ------------------------------------------------------------------------


@dataclass(frozen=True)
class Progress:
    """How far a long piece of work has come, and the way to stop it.

    `report(done, total, what)` may be called from any thread; `cancelled()` is polled.
    """

    report: Callable[[int, int, str], None] = field(default=lambda _done, _total, _what: None)
    cancelled: Callable[[], bool] = field(default=lambda: False)
