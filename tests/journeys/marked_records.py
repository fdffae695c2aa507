"""Records of every format the desk reads, each with a given word in it, open and compressed."""

import io
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pikepdf
import pydicom
from PIL import Image, PngImagePlugin
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian

from consultdesk.consultation.source import MemorySource
from consultdesk.samples import records
from consultdesk.samples.people import Section
from consultdesk.samples.stories import STORIES

_STORY = STORIES[0]
_DAY = "2026-10-20"


def write_all(folder: Path, word: str) -> tuple[str, ...]:
    """Write them into the folder; returns their names."""
    person = replace(_STORY.person, family=f"Eriksen {word}", identifier=f"SYN-{word}")
    doctor = replace(_STORY.doctor, practice=f"Clinic {word}", address=f"1 {word} Road")
    history = f"Left leg pain for eleven weeks ({word})."
    sections = (Section("History", (history,)), Section("Question", (f"Is {word} needed?",)))
    note = records.note_text("Note.txt", person, _DAY, sections)
    text = note.data.decode()
    made = (
        _pdf(records.letter_pdf("Referral.pdf", word, person, doctor, _DAY, sections), word),
        note,
        MemorySource("Wide note.txt", text.encode("utf-16")),
        MemorySource("Wide note, big-endian.txt", b"\xfe\xff" + text.encode("utf-16-be")),
        *_dicom(word),
        _png(word),
        _jpeg(word),
        _tiff(word),
        records.ccda(
            "Summary.xml", person, doctor, _DAY, question=f"Is {word} needed?", history=history,
            problems=(word,), allergies=(word,), medications=(word,), assessment=f"{word} planned",
        ),
        records.fhir_bundle(
            "Bundle.json", person, doctor, _DAY, question=f"Is {word} needed?",
            conditions=(word,), allergies=(word,), medications=(word,),
        ),
        MemorySource(f"Unknown {word}.bin", b"\x00\x01\x02" + zlib.compress(word.encode() * 9)),
    )  # fmt: skip
    for one in made:
        (folder / one.name).write_bytes(one.data)
    return tuple(one.name for one in made)


def _pdf(letter: MemorySource, word: str) -> MemorySource:
    """With the word in the description, in a Flate stream and in an attachment."""
    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(letter.data)) as pdf:
        pdf.docinfo["/Subject"] = word
        pdf.docinfo["/Keywords"] = f"{word} ≥"  # said as UTF-16
        pdf.Root.Said = pdf.make_stream(
            zlib.compress(word.encode()), Filter=pikepdf.Name.FlateDecode
        )
        pdf.attachments["said.txt"] = word.encode()
        pdf.save(buffer)
    return MemorySource(letter.name, buffer.getvalue())


def _dicom(word: str) -> tuple[MemorySource, ...]:
    """Two slices with the word in the header and the pixels; a deflated image apart."""
    series = records.dicom_series(_STORY.person, "spine", 3, date=_DAY, referring=word)
    made = []
    for n, one in enumerate(series):
        image = pydicom.dcmread(io.BytesIO(one.data))
        image.PatientComments = word
        image.PixelData = word.encode() + image.PixelData[len(word) :]
        if n == 2:
            image.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
            image.SOPInstanceUID = UID(f"{image.SOPInstanceUID}9")
            image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
        buffer = io.BytesIO()
        image.save_as(buffer, enforce_file_format=True)
        made.append(MemorySource(one.name, buffer.getvalue()))
    return tuple(made)


def _png(word: str) -> MemorySource:
    said = PngImagePlugin.PngInfo()
    said.add_text("Comment", word, zip=True)
    said.add_itxt("Title", word, zip=True)
    buffer = io.BytesIO()
    _picture().save(buffer, "PNG", pnginfo=said)
    return MemorySource("Scan.png", buffer.getvalue())


def _jpeg(word: str) -> MemorySource:
    about = Image.Exif()
    about[0x010E] = word
    buffer = io.BytesIO()
    _picture().save(buffer, "JPEG", exif=about, comment=word.encode())
    return MemorySource("Photograph.jpg", buffer.getvalue())


def _tiff(word: str) -> MemorySource:
    buffer = io.BytesIO()
    _picture().save(buffer, "TIFF", compression="tiff_adobe_deflate", description=word)
    return MemorySource("Fax.tif", buffer.getvalue())


def _picture() -> Image.Image:
    chance = np.random.default_rng(7)
    return Image.fromarray(chance.integers(0, 255, (120, 160), np.uint8), "L")
