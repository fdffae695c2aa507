"""Pixels of a DICOM image, decoded to samples the viewer can window."""

from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt
from pydicom.encaps import get_frame
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut
from pydicom.pixels.utils import pixel_array

from consultdesk.consultation.source import Frame, Source, Window
from consultdesk.errors import RecordUnreadable
from consultdesk.records import codestream, dicom_windows, wording
from consultdesk.records.dates import compact
from consultdesk.records.dicom_header import Header, items, numbers, read_header
from consultdesk.records.dicom_image import (
    JPEG,
    JPEG_2000,
    JPEG_LOSSLESS,
    JPEG_LS,
    LOSSY,
    RLE,
    require_image,
)

Samples = npt.NDArray[Any]

_DAMAGED = "The pixels of this image are damaged; it is kept as received."


def decode(source: Source, index: int) -> Frame:
    """Image `index` (0-based) of a file. Raises RecordUnreadable."""
    header = read_header(source)
    require_image(header, source)
    if not 0 <= index < header.frames:
        raise RecordUnreadable("There is no such image in this file.")
    try:
        return _framed(header, _samples(header, source, index), index)
    except RecordUnreadable:
        raise
    except Exception as problem:  # decoders fail in any way on hostile data
        raise RecordUnreadable(_DAMAGED) from problem


# --- samples --------------------------------------------------------------------------


def _samples(header: Header, source: Source, index: int) -> Samples:
    """One frame as (rows, columns) or (rows, columns, 3), bits in place, not yet grey or RGB."""
    if header.encapsulated:
        data = _compressed_frame(header, source, index)
        try:
            return _uncompressed(header, data)
        except RecordUnreadable:
            raise
        except Exception:
            return _by_gdcm(source, index)
    return _native(header, source, index)


def _native(header: Header, source: Source, index: int) -> Samples:
    first = header.frame_bits * index
    with header.open_pixels(source) as stream:
        stream.seek((header.pixels_at or 0) + first // 8)
        data = stream.read((first % 8 + header.frame_bits + 7) // 8)
    if header.bits == 1:
        ones = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
        return ones[first % 8 :][: header.frame_bits].reshape(header.rows, header.columns)
    kind = "f" if header.pixels_tag != 0x7FE00010 else "u"
    order = "<" if header.little_endian else ">"
    if header.bits == 8 and not header.little_endian and header.rows * header.columns % 2:
        data = data[: header.frame_bits // 8]
    flat = np.frombuffer(data, np.dtype(f"{order}{kind}{header.bits // 8}"))
    flat = flat.astype(flat.dtype.newbyteorder("="), copy=False)
    if header.photometric == "YBR_FULL_422":
        return _spread_422(flat, header.rows, header.columns)
    return _shaped(flat, header)


def _shaped(flat: Samples, header: Header) -> Samples:
    rows, columns, samples = header.rows, header.columns, header.samples
    if samples == 1:
        return flat[: rows * columns].reshape(rows, columns)
    flat = flat[: rows * columns * samples]
    if header.number("PlanarConfiguration", 0) == 1:  # one plane a colour (PS3.3 C.7.6.3.1.3)
        return flat.reshape(samples, rows, columns).transpose(1, 2, 0)
    return flat.reshape(rows, columns, samples)


def _spread_422(flat: Samples, rows: int, columns: int) -> Samples:
    """Y1 Y2 Cb Cr for each two pixels of a row (PS3.3 C.7.6.3.1.2)."""
    quads = flat.reshape(rows, columns // 2, 4)
    full = np.empty((rows, columns, 3), flat.dtype)
    full[:, 0::2, 0], full[:, 1::2, 0] = quads[:, :, 0], quads[:, :, 1]
    full[:, 0::2, 1:] = full[:, 1::2, 1:] = quads[:, :, 2:]
    return full


def _compressed_frame(header: Header, source: Source, index: int) -> bytes:
    with header.open_pixels(source) as stream:
        stream.seek(header.pixels_at or 0)
        data = get_frame(stream, index, number_of_frames=header.frames)
    if header.syntax == RLE:
        # a byte of RLE yields at most 64 (PS3.5 G.3.1: 2 bytes to 128)
        if header.frame_bits > len(data) * 64 * 8:
            raise RecordUnreadable(_DAMAGED)
    elif (claimed := codestream.claimed_size(data)) != (header.rows, header.columns):
        known = "another size than its header says" if claimed else "no size at all"
        raise RecordUnreadable(f"This image has {known}; it is kept as received.")
    return data


def _uncompressed(header: Header, data: bytes) -> Samples:
    syntax = header.syntax
    if syntax == RLE:
        return _from_rle(header, data)
    if syntax in JPEG:
        return _from_jpeg(header, data)
    if syntax in JPEG_LOSSLESS:
        samples: Samples = (
            imagecodecs.ljpeg_decode(data)
            if header.samples == 1
            else (imagecodecs.jpegsof3_decode(data))
        )
    elif syntax in JPEG_LS:
        samples = imagecodecs.jpegls_decode(data)
    elif syntax in JPEG_2000:
        samples = imagecodecs.jpeg2k_decode(data)
    else:
        samples = imagecodecs.htj2k_decode(data)
    return _checked(header, samples)


def _checked(header: Header, samples: Samples) -> Samples:
    wanted = (header.rows, header.columns) + ((3,) if header.samples == 3 else ())
    if samples.shape != wanted:
        if samples.shape == (3, header.rows, header.columns):
            return samples.transpose(1, 2, 0)
        raise RecordUnreadable(_DAMAGED)
    return samples


def _from_jpeg(header: Header, data: bytes) -> Samples:
    if header.samples == 1:
        return _checked(header, imagecodecs.jpeg8_decode(data))
    # some writers say RGB and store YCbCr: the codestream's own word counts
    mixed = header.photometric.startswith("YBR") or codestream.has_colour_transform(data)
    return _checked(
        header,
        imagecodecs.jpeg8_decode(data, colorspace="YCBCR" if mixed else "RGB", outcolorspace="RGB"),
    )


def _from_rle(header: Header, data: bytes) -> Samples:
    kind = np.dtype(f"<u{header.bits // 8}")
    flat = np.frombuffer(imagecodecs.dicomrle_decode(data, kind), kind)
    planes = flat.reshape(header.samples, header.rows, header.columns)
    return planes[0] if header.samples == 1 else planes.transpose(1, 2, 0)


def _by_gdcm(source: Source, index: int) -> Samples:
    """The second decoder, which forgives more; only what the first one refused comes here."""
    with source.open() as stream:
        return pixel_array(stream, index=index, raw=True, decoding_plugin="gdcm", force=True)


# --- frames ---------------------------------------------------------------------------


def _framed(header: Header, samples: Samples, index: int) -> Frame:
    groups = header.frame_items(index)
    slope, intercept = _rescale(header, index)
    windows: tuple[Window, ...] = ()
    if header.samples == 3 or header.photometric == "PALETTE COLOR":
        grey = _coloured(header, samples)
        slope, intercept = 1.0, 0.0
    else:
        grey = _in_place(header, samples)
        if items(header.elements, "ModalityLUTSequence"):
            grey = np.asarray(apply_modality_lut(grey, header.elements))
            slope, intercept = 1.0, 0.0
        grey = _viewable(grey)
        customary = dicom_windows.presets(header.text("Modality"))[:1]
        windows = dicom_windows.of_file(header, _voi(groups)) or (
            *customary,
            *_auto(grey, slope, intercept),
        )
    grey = np.ascontiguousarray(grey)
    return Frame(
        samples=grey.data.cast("B"),
        rows=header.rows,
        columns=header.columns,
        channels=3 if grey.ndim == 3 else 1,
        dtype=str(grey.dtype),
        slope=slope,
        intercept=intercept,
        inverted=_inverted(header),
        windows=windows,
        spacing=_spacing(header, index),
        overlay=_overlay(header, index),
        lossy=header.text("LossyImageCompression") == "01" or header.syntax in LOSSY,
    )


def _in_place(header: Header, samples: Samples) -> Samples:
    """Sample bits moved to the low end and the sign restored (PS3.5 8.1.1)."""
    if samples.dtype.kind != "u" or header.bits == 1:
        return samples
    size = samples.dtype.itemsize * 8
    stored = min(max(1, header.number("BitsStored", size)), size)
    high = header.number("HighBit", stored - 1)
    if stored <= high < size:
        samples = samples >> (high + 1 - stored)
    if header.number("PixelRepresentation", 0) == 1:
        signed = samples.view(f"i{samples.dtype.itemsize}")
        return (signed << (size - stored)) >> (size - stored) if stored < size else signed
    if stored < size:  # what stands above may be an old overlay
        samples = samples & ((1 << stored) - 1)
    return samples


def _viewable(samples: Samples) -> Samples:
    """One of the types a Frame may have; wide integers become float32."""
    name = samples.dtype.name
    if samples.dtype.kind == "f":
        return np.nan_to_num(samples.astype(np.float32), posinf=0.0, neginf=0.0)
    if name in ("uint8", "uint16", "int16"):
        return samples
    return samples.astype(np.int16 if name == "int8" else np.float32)


def _coloured(header: Header, samples: Samples) -> Samples:
    if header.photometric == "PALETTE COLOR":
        samples = apply_color_lut(samples, header.elements)
    elif header.photometric.startswith("YBR_FULL") and not _already_rgb(header):
        samples = _from_ybr(samples)
    if samples.dtype == np.uint8:
        return samples[:, :, :3]
    peak = (1 << min(16, header.number("BitsStored", 16))) - 1
    if header.photometric == "PALETTE COLOR":
        peak = 65535 if int(samples.max(initial=0)) > 255 else 255
    return (samples[:, :, :3].astype(np.float32) * (255 / peak)).clip(0, 255).astype(np.uint8)


def _already_rgb(header: Header) -> bool:
    return header.encapsulated and header.syntax in JPEG


def _from_ybr(samples: Samples) -> Samples:
    """Full-range YCbCr to RGB (PS3.3 C.7.6.3.1.2)."""
    y, cb, cr = (samples[:, :, n].astype(np.float32) for n in range(3))
    cb, cr = cb - 128, cr - 128
    rgb = np.stack((y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb), axis=2)
    return (rgb + 0.5).clip(0, 255).astype(np.uint8)


def _rescale(header: Header, index: int) -> tuple[float, float]:
    """Slope and intercept of the frame, 1 and 0 where absent (PS3.3 C.11.1)."""
    places = [header.elements]
    for group in header.frame_items(index):
        places.extend(items(group, "PixelValueTransformationSequence"))
    for place in reversed(places):
        slope, intercept = numbers(place, "RescaleSlope"), numbers(place, "RescaleIntercept")
        if slope or intercept:
            return (slope or (1.0,))[0] or 1.0, (intercept or (0.0,))[0]
    return 1.0, 0.0


def _voi(groups: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(item for group in groups for item in items(group, "FrameVOILUTSequence"))


def _auto(samples: Samples, slope: float, intercept: float) -> tuple[Window, ...]:
    """A window over what the image holds, its brightest and darkest hundredth left out."""
    thinned = samples[::4, ::4] if samples.size > 65536 else samples
    low, high = (float(value) for value in np.percentile(thinned, (1, 99)))
    if high <= low:
        low, high = float(samples.min()), float(samples.max())
    centre, width = (low + high) / 2 * slope + intercept, max((high - low) * abs(slope), 1e-3)
    return (Window(centre, width if high > low else 1.0, "Automatic"),)


def _inverted(header: Header) -> bool:
    shape = header.text("PresentationLUTShape")
    return header.photometric == "MONOCHROME1" or shape == "INVERSE"


def _spacing(header: Header, index: int) -> tuple[float, float] | None:
    """(row, column) in mm; the detector's own where nothing else is known (PS3.3 10.7)."""
    found = header.numbers("PixelSpacing")
    for group in header.frame_items(index):
        for item in items(group, "PixelMeasuresSequence"):
            found = found or numbers(item, "PixelSpacing")
    found = found or header.numbers("ImagerPixelSpacing")
    return (found[0], found[1]) if len(found) == 2 and min(found) > 0 else None


def _overlay(header: Header, index: int) -> tuple[str, ...]:
    """What a reader must see beside the image: whose, what, when, which, where."""
    position, _ = header.plane(index)
    thick = header.numbers("SliceThickness")
    lines = (
        wording.person_name(header.text("PatientName")),
        compact(header.text("PatientBirthDate")),
        header.text("SeriesDescription"),
        compact(header.text("AcquisitionDate") or header.text("StudyDate")),
        f"Image {header.text('InstanceNumber')}" if header.text("InstanceNumber") else "",
        f"Position {position[2]:.1f} mm" if len(position) == 3 else "",
        f"Thickness {thick[0]:g} mm" if thick else "",
    )
    return tuple(line for line in lines if line)
