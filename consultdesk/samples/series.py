"""Synthetic DICOM series: drawn anatomy with real geometry, rescale and windows."""

import hashlib
import io
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from consultdesk.consultation.source import MemorySource
from consultdesk.samples import phantoms
from consultdesk.samples.people import Person

Pixels = np.ndarray[tuple[int, int], np.dtype[np.uint16]]


@dataclass(frozen=True)
class _Protocol:
    """How a modality's drawn series looks: class, words, plane, step, windows."""

    sop_class: str
    region: str
    words: str
    orientation: tuple[float, ...]
    step: float
    spacing: float
    windows: tuple[tuple[float, float, str], ...]


_SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
_AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
_MR_CLASS, _CT_CLASS = "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.2"
_PROTOCOLS = {
    "spine": _Protocol(
        _MR_CLASS, "LSPINE", "Sag T2 lumbar spine", _SAGITTAL, 4.4, 0.78,
        ((520, 1050, "DEFAULT"),),
    ),
    "head": _Protocol(
        _MR_CLASS, "HEAD", "Ax FLAIR head", _AXIAL, 5.0, 0.85, ((460, 940, "DEFAULT"),)
    ),
    "chest": _Protocol(
        _CT_CLASS, "CHEST", "Ax chest 3 mm", _AXIAL, 3.0, 1.125,
        ((40, 400, "SOFT TISSUE"), (-600, 1500, "LUNG")),
    ),
}  # fmt: skip


def dicom_series(
    person: Person,
    region: str,
    count: int,
    *,
    date: str,
    referring: str = "",
    description: str = "",
    level: str = "L4/5",
    seed: int = 1,
) -> tuple[MemorySource, ...]:
    """`count` slices of a drawn examination: "spine" (MR), "head" (MR) or "chest" (CT).

    `level` is the herniated disc of a spine, one of phantoms.LUMBAR. The files are not in
    geometrical order by name, as exports often aren't.
    """
    protocol = _PROTOCOLS[region]
    base = f"{person.identifier}/{region}/{date}/{seed}"
    files = []
    for number in range(count):
        offset = (number - (count - 1) / 2) * protocol.step
        pixels = _slice(region, offset, level=level, seed=seed * 100 + number)
        data = _dicom(person, protocol, base, number, offset, pixels, date, referring, description)
        short = hashlib.sha256(f"{base}/{number}".encode()).hexdigest()[:8].upper()
        files.append(MemorySource(f"IM{short}", data))
    return tuple(sorted(files, key=lambda file: file.name))


@lru_cache(maxsize=64)  # several patients have the same drawn disease; drawing it is slow
def _slice(region: str, offset: float, *, level: str, seed: int) -> Pixels:
    if region == "spine":
        values = phantoms.spine_mr(offset, herniated=level, seed=seed) * 1000
    elif region == "head":
        values = phantoms.head_mr(offset, seed=seed) * 900
    else:
        values = phantoms.chest_ct(offset, seed=seed) + 1024
    return np.clip(values, 0, 4095).astype(np.uint16)


def _dicom(
    person: Person, protocol: _Protocol, base: str, number: int, offset: float,
    pixels: Pixels, date: str, referring: str, description: str,
) -> bytes:  # fmt: skip
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(protocol.sop_class)
    meta.MediaStorageSOPInstanceUID = _uid(f"{base}/{number}")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = _uid("synthetic")
    meta.FileMetaInformationVersion = b"\x00\x01"
    one = FileDataset("", {}, file_meta=meta, preamble=b"\x00" * 128)
    _identify(one, person, protocol, base, number, date, referring, description)
    _place(one, protocol, offset, pixels.shape)
    _picture(one, protocol, pixels)
    buffer = io.BytesIO()
    one.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def _identify(
    one: Dataset, person: Person, protocol: _Protocol, base: str, number: int, date: str,
    referring: str, description: str,
) -> None:  # fmt: skip
    one.SpecificCharacterSet = "ISO_IR 192"
    one.SOPClassUID, one.SOPInstanceUID = UID(protocol.sop_class), _uid(f"{base}/{number}")
    one.StudyInstanceUID, one.SeriesInstanceUID = _uid(base), _uid(f"{base}/series")
    one.FrameOfReferenceUID = _uid(f"{base}/frame")
    one.StudyDate = one.SeriesDate = one.AcquisitionDate = one.ContentDate = date.replace("-", "")
    one.StudyTime = "101500"
    one.Modality = "CT" if protocol.sop_class == _CT_CLASS else "MR"
    one.Manufacturer, one.InstitutionName = "Synthetic", "Sampleton Imaging"
    one.StudyDescription = one.SeriesDescription = description or protocol.words
    one.BodyPartExamined, one.PatientPosition = protocol.region, "HFS"
    one.PatientName = f"{person.family}^{person.given}"
    one.PatientID = person.identifier
    one.PatientBirthDate = person.birth_date.replace("-", "")
    one.PatientSex = {"female": "F", "male": "M"}.get(person.sex, "O")
    one.ReferringPhysicianName = "^".join(reversed(referring.removeprefix("Dr ").rsplit(" ", 1)))
    one.AccessionNumber, one.StudyID = "", "1"
    one.SeriesNumber, one.InstanceNumber = 1, number + 1


def _place(one: Dataset, protocol: _Protocol, offset: float, shape: tuple[int, int]) -> None:
    """Put the slice `offset` mm along its normal, the picture's middle at the origin."""
    across, down = protocol.orientation[:3], protocol.orientation[3:]
    normal = (
        across[1] * down[2] - across[2] * down[1],
        across[2] * down[0] - across[0] * down[2],
        across[0] * down[1] - across[1] * down[0],
    )
    half = shape[1] / 2 * protocol.spacing, shape[0] / 2 * protocol.spacing
    corner = [
        n * offset - a * half[0] - d * half[1] for n, a, d in zip(normal, across, down, strict=True)
    ]
    one.ImagePositionPatient = [f"{value:.4f}" for value in corner]
    one.ImageOrientationPatient = list(protocol.orientation)
    one.PixelSpacing = [protocol.spacing, protocol.spacing]
    one.SliceThickness, one.SpacingBetweenSlices = protocol.step * 0.9, protocol.step


def _picture(one: Dataset, protocol: _Protocol, pixels: Pixels) -> None:
    one.SamplesPerPixel, one.PhotometricInterpretation = 1, "MONOCHROME2"
    one.Rows, one.Columns = pixels.shape
    one.BitsAllocated, one.BitsStored, one.HighBit, one.PixelRepresentation = 16, 12, 11, 0
    if protocol.sop_class == _CT_CLASS:
        one.RescaleIntercept, one.RescaleSlope, one.RescaleType = -1024, 1, "HU"
        one.KVP = 120
    one.WindowCenter = [centre for centre, _, _ in protocol.windows]
    one.WindowWidth = [width for _, width, _ in protocol.windows]
    one.WindowCenterWidthExplanation = [words for _, _, words in protocol.windows]
    one.PixelData = pixels.astype("<u2").tobytes()


def _uid(words: str) -> UID:
    """A UID of its own for the words, under the root for UUIDs (PS3.5 B.2)."""
    return UID(f"2.25.{int(hashlib.sha256(words.encode()).hexdigest()[:30], 16)}")
