"""The reading process: it may crash, hang or be cancelled, and the desk goes on."""

import io
import os
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pydicom
import pytest

from consultdesk.consultation.source import MemorySource, Progress, Source
from consultdesk.errors import Cancelled, VaultDamaged
from consultdesk.records import formats
from consultdesk.records.reader import STOPPED, Reader
from consultdesk.samples import records as samples
from tests.records.conftest import sources_in

ANNA = samples.Person("Anna", "Sample", "1961-03-14", "female", "SP-1001")
DOCTOR = samples.Doctor("Dr Robert Example", "Orthopaedics", "Example Spine Centre")

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc")


def letter(pages: int = 1) -> MemorySource:
    page = [samples.Section("Findings", ("Words. " * 400,))]
    return samples.letter_pdf(
        "letter.pdf", "Note", ANNA, DOCTOR, "2026-03-02", page, pages=[page] * (pages - 1)
    )


def reading_processes() -> list[int]:
    """Our own children that read records."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        for word in (task / "children").read_text().split():
            command = Path(f"/proc/{word}/cmdline").read_bytes()
            if b"consultdesk.records.worker" in command:
                found.append(int(word))
    return found


@dataclass(frozen=True)
class Deadly:
    """A file at whose reading the child process dies, as it may inside a C library."""

    whole: MemorySource

    @property
    def name(self) -> str:
        return self.whole.name

    @property
    def size(self) -> int:
        return self.whole.size + 10_000_000

    def open(self) -> BinaryIO:
        for process in reading_processes():
            os.kill(process, signal.SIGSEGV)
        return self.whole.open()


@on_linux
def test_a_crash_costs_one_file_only(reader: Reader) -> None:
    files: list[Source] = [letter(), Deadly(letter()), letter(2), Deadly(letter()), letter()]
    said = [described for _, described in reader.describe_all(files)]
    assert [one.readable for one in said] == [True, False, True, False, True]
    assert said[1].reason == STOPPED
    assert said[1].format == "pdf"


def test_a_hang_ends_with_its_time() -> None:
    with Reader(seconds=0.01) as hasty:  # no process starts as fast as that
        said = hasty.describe(letter(40))
    assert not said.readable
    assert said.reason == STOPPED


def test_a_cancel_ends_the_wait_and_the_child() -> None:
    cancelled = threading.Event()
    with Reader(Progress(cancelled=cancelled.is_set)) as reader:
        reader.describe(letter())
        cancelled.set()
        with pytest.raises(Cancelled):
            reader.describe(letter(40))
        cancelled.clear()
        assert reader.describe(letter()).readable


@on_linux
def test_a_closed_reader_leaves_no_process_behind() -> None:
    before = set(reading_processes())
    with Reader() as reader:
        reader.describe(letter())
        assert set(reading_processes()) - before
    assert not set(reading_processes()) - before


@on_linux
def test_the_child_may_write_no_file_and_leave_no_core(reader: Reader) -> None:
    before = set(reading_processes())
    reader.describe(letter())
    (child,) = set(reading_processes()) - before
    limits = Path(f"/proc/{child}/limits").read_text().splitlines()
    by_name = {line[:26].strip(): line[26:].split() for line in limits}
    assert by_name["Max file size"][:2] == ["0", "0"]
    assert by_name["Max core file size"][:2] == ["0", "0"]
    assert int(by_name["Max address space"][0]) <= 2 * 1024**3


def test_the_child_says_what_the_same_code_says_here(reader: Reader) -> None:
    files = [
        letter(3),
        samples.photo_jpeg("a.jpg"),
        samples.ccda("a.xml", ANNA, DOCTOR, "2026-03-02", question="Why?", restricted=True),
        samples.fhir_bundle("a.json", ANNA, DOCTOR, "2026-03-02", question="Why?"),
        MemorySource("note.txt", b"Impression: stable.\n"),
        MemorySource("x.bin", bytes(range(256)) * 9),
        *samples.dicom_series(ANNA, "spine", 2, date="2026-02-11"),
    ]
    assert dict(reader.describe_all(files)) == {file: formats.describe(file) for file in files}


def test_a_series_in_which_one_image_names_somebody_else_is_told_image_by_image(
    reader: Reader,
) -> None:
    """The images of a series are put into words once, and still each by what it says."""
    files = samples.dicom_series(ANNA, "spine", 6, date="2026-02-11")
    other = replaced(files[3].data, PatientName="Ćwik^Żaneta", SpecificCharacterSet="ISO_IR 192")
    marked = replaced(files[4].data, StudyDescription="Spine, after the fall", ImageLaterality="L")
    mixed = [*files[:3], MemorySource("a", other), MemorySource("b", marked), files[5]]

    said = dict(reader.describe_all(mixed))

    assert said == {file: formats.describe(file) for file in mixed}
    assert len({one.facts for one in said.values()}) == 3


def replaced(data: bytes, **values: str) -> bytes:
    image = pydicom.dcmread(io.BytesIO(data))
    for keyword, value in values.items():
        setattr(image, keyword, value)
    written = io.BytesIO()
    image.save_as(written)
    return written.getvalue()


def test_real_images_are_told_alike_in_this_process_and_in_the_child(
    shared_data: Path, reader: Reader
) -> None:
    files = sources_in(shared_data / "dicom")
    assert dict(reader.describe_all(files)) == {file: formats.describe(file) for file in files}


def test_another_call_in_between_mixes_nothing_up(reader: Reader) -> None:
    files = [letter(1), letter(2), letter(3)]
    pages = []
    for _, said in reader.describe_all(files):
        pages.append(said.pages)
        assert reader.describe(letter(5)).pages >= 5
    assert pages == [formats.describe(file).pages for file in files]


@dataclass(frozen=True)
class Damaged:
    """A file whose store says that it was changed."""

    name: str
    size: int

    def open(self) -> BinaryIO:
        raise VaultDamaged("The stored content was changed.")


def test_damage_of_the_store_is_not_taken_for_a_bad_file(reader: Reader) -> None:
    with pytest.raises(VaultDamaged):
        reader.describe(Damaged("a.pdf", 10))
