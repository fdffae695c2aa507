"""A DICOM folder brought in, against a bare loop that parses headers and hashes."""

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pydicom
import pytest

from consultdesk.desk import intake, store
from consultdesk.samples import records
from consultdesk.samples.practice import PASSPHRASE, PHYSICIAN
from consultdesk.samples.stories import STORIES
from consultdesk.vault.vault import Vault

if TYPE_CHECKING:
    from tests.benchmarks.conftest import SideBySide

LIMIT = 2.0  # at least half the speed of the bare loop
REAL = "dicom/datalad+example-dicom-structural/dicoms"


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    now = time.time_ns() // 1_000_000
    made = store.make(tmp_path / "a.desk", PHYSICIAN, PASSPHRASE, now, throw_away=True)
    yield made
    made.close()


@pytest.fixture
def generated(tmp_path: Path, measuring: bool) -> Path:
    folder = tmp_path / "disc"
    folder.mkdir()
    person = STORIES[0].person
    for one in records.dicom_series(person, "chest", 100 if measuring else 3, date="2026-10-14"):
        (folder / one.name).write_bytes(one.data)
    return folder


def bare_loop(folder: Path) -> None:
    for path in sorted(folder.iterdir()):
        pydicom.dcmread(path, stop_before_pixels=True)
        hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_folder_of_generated_images(
    vault: Vault, generated: Path, side_by_side: "SideBySide"
) -> None:
    compare(vault, generated, side_by_side, "import of {} generated CT images")


def test_a_study_of_real_images(
    vault: Vault, shared_data: Path, tmp_path: Path, measuring: bool, side_by_side: "SideBySide"
) -> None:
    """As many images as an examination has: the real ones in ten series."""
    folder = tmp_path / "study"
    folder.mkdir()
    for series in range(10 if measuring else 1):
        for path in sorted((shared_data / REAL).iterdir()):
            image = pydicom.dcmread(path)
            image.SeriesInstanceUID = f"{image.SeriesInstanceUID[:-2]}{series:02}"
            image.SOPInstanceUID = f"{image.SOPInstanceUID[:-4]}{series}{image.SOPInstanceUID[-3:]}"
            image.save_as(folder / f"{series}-{path.name}")
    compare(vault, folder, side_by_side, "import of {} real MR images in ten series")


def test_twenty_real_images(vault: Vault, shared_data: Path, side_by_side: "SideBySide") -> None:
    """So few that one transaction and two syncs, which the bare loop has none of, weigh most."""
    compare(vault, shared_data / REAL, side_by_side, "import of {} real MR images")


def compare(vault: Vault, folder: Path, side_by_side: "SideBySide", what: str) -> None:
    files = len(list(folder.iterdir()))

    def ours() -> None:
        taken = intake.bring_in(vault, (folder,), time.time_ns() // 1_000_000)
        assert sum(record.pages for record in taken.records) == files

    side_by_side.measure(what.format(files), ours, lambda: bare_loop(folder), LIMIT, rounds=9)
