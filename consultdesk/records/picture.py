"""Pictures: photographs, scans and multi-page TIFF, decoded within a limit of pixels."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from consultdesk.consultation.record import RecordKind
from consultdesk.consultation.source import Frame, Source, View, Window
from consultdesk.errors import RecordUnreadable
from consultdesk.records import dates
from consultdesk.records.description import Description

MOST_PIXELS = 80_000_000  # an A3 page at 600 dpi has 70 million
MOST_PAGES = 500

_FORMATS = ("JPEG", "PNG", "TIFF", "MPO")
_BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    TypeError,
    KeyError,
    EOFError,
    OverflowError,
    IndexError,
)


@dataclass(frozen=True)
class PictureFrames:
    """The pages of a picture file, each decoded when it is asked for."""

    source: Source
    count: int
    title: str

    @property
    def presets(self) -> tuple[Window, ...]:
        """Pictures have no windows."""
        return ()

    def frame(self, index: int) -> Frame:
        """Page `index`, upright by its EXIF orientation. Raises RecordUnreadable."""
        with _opened(self.source) as image:
            return _decoded(image, index)


def describe(source: Source) -> Description:
    """What a picture says of itself; every page is decoded once. Raises RecordUnreadable."""
    with _opened(source) as image:
        pages = _page_count(image)
        if _is_pyramid(image, pages):
            return Description(
                "unknown", kind=RecordKind.SLIDE, pages=0, title="Whole slide", readable=False,
                reason="Whole slides can't be shown yet; it is kept as received.",
            )  # fmt: skip
        kind = _kind(image, pages)
        taken = _taken(image)
        for index in range(pages):
            _load(image, index)
    return Description("image", kind=kind, pages=pages, title=_title(kind, pages), event_date=taken)


def view(sources: Sequence[Source]) -> View:
    """The pages of a picture. Raises RecordUnreadable."""
    with _opened(sources[0]) as image:
        pages = _page_count(image)
        return PictureFrames(sources[0], pages, _title(_kind(image, pages), pages))


@contextmanager
def _opened(source: Source) -> Iterator[Image.Image]:
    try:
        with source.open() as stream, Image.open(stream, formats=_FORMATS) as image:
            yield image
    except UnidentifiedImageError as problem:
        raise RecordUnreadable("This picture is damaged; it is kept as received.") from problem
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as problem:
        raise RecordUnreadable(_too_large()) from problem
    except _BROKEN as problem:
        raise RecordUnreadable("This picture is damaged; it is kept as received.") from problem


def _page_count(image: Image.Image) -> int:
    if image.format != "TIFF":
        return 1  # the second image of an MPO is the same photograph once more
    pages = int(getattr(image, "n_frames", 1))
    if pages > MOST_PAGES:
        raise RecordUnreadable(
            f"This picture has more than {MOST_PAGES} pages; it is kept as received."
        )
    return pages


def _load(image: Image.Image, index: int) -> None:
    image.seek(index)
    if image.width * image.height > MOST_PIXELS:
        raise RecordUnreadable(_too_large())
    image.load()


def _decoded(image: Image.Image, index: int) -> Frame:
    _load(image, index)
    upright = ImageOps.exif_transpose(image)
    depth = _grey(upright)
    samples = np.asarray(upright) if depth else np.asarray(_on_white(upright))
    if samples.dtype == np.bool_:
        samples = samples.astype(np.uint8) * 255
    if samples.dtype == np.int32:
        samples = np.clip(samples, 0, 65535).astype(np.uint16)
    if samples.dtype.kind == "f":
        samples = np.nan_to_num(samples.astype(np.float32), posinf=0.0, neginf=0.0)
    rows, columns = samples.shape[:2]
    channels = samples.shape[2] if samples.ndim == 3 else 1
    native = np.ascontiguousarray(samples, samples.dtype.newbyteorder("="))
    deep = native.dtype != np.uint8
    window = _spread(native) if deep else ()
    return Frame(
        samples=native.data.cast("B"), rows=rows, columns=columns, channels=channels,
        dtype=str(native.dtype), windows=window, lossy=image.format in ("JPEG", "MPO"),
    )  # fmt: skip


def _grey(image: Image.Image) -> bool:
    return image.mode in ("1", "L", "I", "I;16", "I;16B", "I;16L", "F")


def _on_white(image: Image.Image) -> Image.Image:
    """RGB, what is transparent shown as paper."""
    if image.mode == "RGB":
        return image
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        clear = image.convert("RGBA")
        paper = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(paper, clear).convert("RGB")
    return image.convert("RGB")


def _spread(samples: "np.ndarray[tuple[int, ...], np.dtype[np.generic]]") -> tuple[Window, ...]:
    low, high = float(samples.min()), float(samples.max())
    return (Window((low + high) / 2, max(1.0, high - low), "Full range"),)


def _is_pyramid(image: Image.Image, pages: int) -> bool:
    """Tiled, and each page about half the one before: the levels of a whole slide."""
    tags = getattr(image, "tag_v2", {})
    if pages < 3 or 322 not in tags:  # TileWidth, TIFF 6.0 section 15
        return False
    sizes = []
    for index in range(pages):
        image.seek(index)
        sizes.append(image.width)
    image.seek(0)
    return all(
        1.8 <= large / max(1, small) <= 4.3 for large, small in zip(sizes, sizes[1:], strict=False)
    )


def _kind(image: Image.Image, pages: int) -> RecordKind:
    """A camera's EXIF or a colour JPEG is a photograph; a scan could be anything."""
    if image.format in ("JPEG", "MPO"):
        camera = image.getexif()
        if camera.get(ExifTags.Base.Make) or camera.get(ExifTags.Base.Model):
            return RecordKind.PHOTOGRAPH
        return RecordKind.PHOTOGRAPH if image.mode in ("RGB", "CMYK") else RecordKind.OTHER
    return RecordKind.CORRESPONDENCE if pages > 1 else RecordKind.OTHER


def _taken(image: Image.Image) -> str:
    camera = image.getexif()
    original = camera.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal)
    written = str(original or "").replace(":", "-", 2)
    return dates.compact(written)


def _title(kind: RecordKind, pages: int) -> str:
    name = "Photograph" if kind is RecordKind.PHOTOGRAPH else "Scan"
    return f"{name}, {pages} pages" if pages > 1 else name


def _too_large() -> str:
    millions = MOST_PIXELS // 1_000_000
    return f"This picture has more than {millions} million pixels; it is kept as received."
