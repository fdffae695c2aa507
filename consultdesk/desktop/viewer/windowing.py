"""From decoded samples to a picture on the screen: grey windows by table, colour as it is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from consultdesk.consultation.source import Frame, Window
from consultdesk.desktop.words import tr
from consultdesk.errors import RecordUnreadable

_DTYPES = {"uint8", "uint16", "int16", "float32"}


@dataclass(frozen=True)
class Samples:
    """A frame's samples as an array: (rows, columns) grey or (rows, columns, 3) colour."""

    values: NDArray[np.generic]
    frame: Frame

    @property
    def grey(self) -> bool:
        """Whether a window applies."""
        return self.frame.channels == 1


def samples_of(frame: Frame) -> Samples:
    """The array behind a frame. Raises RecordUnreadable when its size and its bytes differ."""
    if frame.dtype not in _DTYPES or frame.channels not in (1, 3):
        raise RecordUnreadable(tr("This kind of image can't be shown."))
    shape = (frame.rows, frame.columns) if frame.channels == 1 else (frame.rows, frame.columns, 3)
    values: NDArray[np.generic] = np.frombuffer(frame.samples, dtype=frame.dtype)
    if values.size != int(np.prod(shape)) or 0 in shape:
        raise RecordUnreadable(tr("This image is cut short and can't be shown."))
    if frame.channels == 3 and frame.dtype != "uint8":
        raise RecordUnreadable(tr("This kind of colour image can't be shown."))
    return Samples(values.reshape(shape), frame)


def first_window(samples: Samples) -> Window:
    """The window the image came with, or one that spans nearly all of its values.

    One part in a hundred is left out at either end, so that a metal clip or a padded border
    doesn't flatten the rest.
    """
    if samples.frame.windows:
        return samples.frame.windows[0]
    if samples.frame.dtype == "uint8" and samples.frame.slope == 1 and not samples.frame.intercept:
        return Window(127.5, 255.0, "")
    thinned = np.asarray(samples.values[::4, ::4], dtype=np.float64)
    thinned = thinned[np.isfinite(thinned)]
    if not thinned.size:
        return Window(0.0, 1.0, "")
    low, high = np.percentile(thinned, (1, 99))
    low, high = (v * samples.frame.slope + samples.frame.intercept for v in sorted((low, high)))
    low, high = min(low, high), max(low, high)
    return Window(float(low + high) / 2, max(1.0, float(high - low)), "")


def _brightness(values: NDArray[np.float64], window: Window) -> NDArray[np.float64]:
    """0…255 by the linear function of DICOM PS3.3 C.11.2.1.2.1."""
    width = max(1.0, window.width)
    if width == 1.0:
        return np.where(values > window.centre - 0.5, 255.0, 0.0)  # not a number: black
    scaled = (values - (window.centre - 0.5)) / (width - 1) + 0.5
    return np.clip(np.nan_to_num(scaled) * 255.0, 0.0, 255.0)


def _table(dtype: str, frame: Frame, window: Window, *, inverted: bool) -> NDArray[np.uint8]:
    """Brightness of every value a sample can have, in the order of its bits."""
    count = 256 if dtype == "uint8" else 65536
    raw = np.arange(count, dtype=np.uint8 if count == 256 else np.uint16)
    values = raw.view(np.int16) if dtype == "int16" else raw
    real = values.astype(np.float64) * frame.slope + frame.intercept
    table = np.rint(_brightness(real, window)).astype(np.uint8)
    return 255 - table if inverted else table


def picture(samples: Samples, window: Window, *, inverted: bool = False) -> QImage:
    """The image as it is seen through `window`; colour images take no window.

    `inverted` is the person's wish, on top of what the image itself says (MONOCHROME1).
    """
    frame = samples.frame
    values = samples.values
    if not samples.grey:
        colours = np.ascontiguousarray(values.astype(np.uint8, copy=False))
        if inverted:
            colours = 255 - colours
        return _copied(colours, QImage.Format.Format_RGB888)
    turned = inverted != frame.inverted
    if frame.dtype == "float32":
        real = values.astype(np.float64) * frame.slope + frame.intercept
        grey = np.rint(_brightness(real, window)).astype(np.uint8)
        grey = 255 - grey if turned else grey
    else:
        bits = values.view(np.uint16) if frame.dtype == "int16" else values
        table = _table(frame.dtype, frame, window, inverted=turned)
        grey = np.take(table, bits)  # type: ignore[arg-type]
    return _copied(np.ascontiguousarray(grey), QImage.Format.Format_Grayscale8)


def _copied(pixels: NDArray[np.uint8], kind: QImage.Format) -> QImage:
    """A QImage that owns its pixels."""
    rows, columns = pixels.shape[:2]
    return QImage(pixels.data, columns, rows, pixels.strides[0], kind).copy()


def value_at(samples: Samples, column: int, row: int) -> str:
    """The real-world value under the pointer, or "" outside."""
    frame = samples.frame
    if not (0 <= row < frame.rows and 0 <= column < frame.columns) or not samples.grey:
        return ""
    real = float(samples.values[row, column]) * frame.slope + frame.intercept
    return f"{real:g}"
