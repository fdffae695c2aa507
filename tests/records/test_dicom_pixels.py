"""Decoded DICOM pixels against a second implementation, and what a viewer needs beside them."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom
import pytest
from pydicom.pixels.utils import pixel_array

from consultdesk.consultation.source import Frame, Frames
from consultdesk.errors import RecordUnreadable
from consultdesk.records import formats

from .conftest import DiskSource

WG04 = "dicom/robyoung+dicom-test-files/data/WG04"
PYDICOM = "dicom/robyoung+dicom-test-files/data/pydicom"
DCM4CHE = "dicom/dcm4che+dcm4che/dcm4che-test-data/src/main/resources"

LOSSLESS = (
    f"{WG04}/J2KR/CT1_J2KR",
    f"{WG04}/JLSL/CT2_JLSL",
    f"{WG04}/JPLL/CT2_JPLL",
    f"{WG04}/RLE/CT2_RLE",
    f"{PYDICOM}/CT_small.dcm",
    f"{PYDICOM}/MR_small_bigendian.dcm",
    f"{PYDICOM}/MR_small_RLE.dcm",
    f"{PYDICOM}/emri_small_RLE.dcm",
    f"{PYDICOM}/emri_small_jpeg_ls_lossless.dcm",
    f"{PYDICOM}/color-pl.dcm",
    f"{PYDICOM}/ExplVR_BigEnd.dcm",
    f"{PYDICOM}/US1_J2KR.dcm",
    f"{PYDICOM}/image_dfl.dcm",
    f"{DCM4CHE}/NM-MONO2-16-13x-heart",
)


def stack(shared_data: Path, name: str) -> Frames:
    shown = formats.view("dicom", [DiskSource(shared_data / name)])
    assert isinstance(shown, Frames)
    return shown


def samples_of(frame: Frame) -> npt.NDArray[Any]:
    shape = (frame.rows, frame.columns) + ((3,) if frame.channels == 3 else ())
    return np.frombuffer(frame.samples, frame.dtype).reshape(shape)


def second_opinion(path: Path, index: int) -> npt.NDArray[Any]:
    """The same frame by another decoder: GDCM for fragments, pydicom's own for the rest."""
    whole = pydicom.dcmread(path)
    syntax = whole.file_meta.TransferSyntaxUID
    plugin = "gdcm" if syntax.is_encapsulated and syntax != pydicom.uid.RLELossless else "pydicom"
    if syntax.is_encapsulated:
        return pixel_array(whole, index=index, decoding_plugin=plugin)
    pixels: npt.NDArray[Any] = whole.pixel_array
    return pixels[index] if whole.get("NumberOfFrames", 1) > 1 else pixels


@pytest.mark.parametrize("name", LOSSLESS)
def test_lossless_pixels_are_those_another_decoder_finds(shared_data: Path, name: str) -> None:
    shown = stack(shared_data, name)
    for index in {0, shown.count - 1}:
        expected = second_opinion(shared_data / name, index)
        assert np.array_equal(samples_of(shown.frame(index)), expected)


@pytest.mark.parametrize(
    ("name", "near"), [(f"{WG04}/J2KI/CT1_J2KI", 2), (f"{WG04}/JLSN/MR1_JLSN", 0)]
)
def test_lossy_pixels_are_near_and_said_to_be_lossy(
    shared_data: Path, name: str, near: int
) -> None:
    frame = stack(shared_data, name).frame(0)
    expected = second_opinion(shared_data / name, 0)
    assert np.abs(samples_of(frame).astype(int) - expected.astype(int)).max() <= near
    assert frame.lossy


def test_twelve_bit_jpeg_is_decoded(shared_data: Path) -> None:
    frame = stack(shared_data, f"{WG04}/JPLY/MR4_JPLY").frame(0)
    pixels = samples_of(frame)
    assert (frame.lossy, frame.dtype) == (True, "uint16")
    assert 1000 < pixels.max() < 4096


def test_colour_by_palette_becomes_rgb(shared_data: Path) -> None:
    frame = stack(shared_data, f"{DCM4CHE}/US-PAL-8-10x-echo").frame(9)
    pixels = samples_of(frame)
    assert pixels.shape == (430, 600, 3)
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 20


def test_ycbcr_becomes_rgb(shared_data: Path) -> None:
    pixels = samples_of(stack(shared_data, f"{PYDICOM}/SC_rgb_jpeg_dcmtk.dcm").frame(0))
    red, blue = pixels[5, 50], pixels[25, 50]
    assert red[0] > 200
    assert max(red[1:]) < 80
    assert tuple(red) != tuple(blue)


def test_monochrome1_is_marked_as_inverted(shared_data: Path) -> None:
    name = "dicom/pydicom/dicomdirtests/77654033/CR1/6154"
    assert stack(shared_data, name).frame(0).inverted


def test_a_data_set_without_preamble_is_read(shared_data: Path) -> None:
    assert stack(shared_data, f"{PYDICOM}/no_meta.dcm").frame(0).rows == 128


def test_a_frame_beyond_the_last_is_refused(shared_data: Path) -> None:
    shown = stack(shared_data, f"{PYDICOM}/emri_small_RLE.dcm")
    assert shown.count == 10
    with pytest.raises(RecordUnreadable):
        shown.frame(10)
