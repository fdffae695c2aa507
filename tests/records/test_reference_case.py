"""The first real case: twenty MR images of one patient, and a mixed folder that names another."""

from collections import Counter
from pathlib import Path

import pytest

from consultdesk.consultation.record import RecordKind
from consultdesk.consultation.source import Frames, Pages
from consultdesk.records import formats
from consultdesk.records.reader import Reader

from .conftest import sources_in


@pytest.fixture
def mr_folder(shared_data: Path) -> Path:
    return shared_data / "dicom" / "datalad+example-dicom-structural"


@pytest.fixture
def mixed_folder(shared_data: Path) -> Path:
    patient = "smart-on-fhir+sample-patients-stu3/data/documents/99912345"
    return shared_data / "dicom" / patient


def test_twenty_mr_files_are_one_record_in_geometrical_order(
    mr_folder: Path, reader: Reader
) -> None:
    shuffled = sorted(sources_in(mr_folder), key=lambda source: source.name[::-1])
    (group,) = formats.group(list(reader.describe_all(shuffled)))
    said = group.description
    assert said.kind is RecordKind.IMAGING
    assert said.pages == 20
    assert said.title.startswith("MR, ")
    assert said.title.endswith(", 20 images")
    assert {fact.value for fact in said.facts if fact.field == "patient.name"} == {"Jane_Doe"}
    places = [reader.describe(source).order[0] for source in group.sources]
    assert places == sorted(places)
    assert len(set(places)) == 20


def test_the_series_can_be_scrolled(mr_folder: Path, reader: Reader) -> None:
    (group,) = formats.group(list(reader.describe_all(sources_in(mr_folder))))
    stack = formats.view("dicom", group.sources)
    assert isinstance(stack, Frames)
    assert stack.count == 20
    for index in range(20):
        frame = stack.frame(index)
        width = {"uint8": 1, "uint16": 2, "int16": 2}[frame.dtype]
        assert len(frame.samples) == frame.rows * frame.columns * width
        assert "Jane_Doe" in frame.overlay


def test_the_mixed_folder_is_told_apart(mixed_folder: Path, reader: Reader) -> None:
    described = dict(reader.describe_all(sources_in(mixed_folder)))
    assert all(said.readable for said in described.values())
    formats_seen = Counter(said.format for said in described.values())
    assert formats_seen == {"dicom": 10, "image": 2, "text": 2, "pdf": 1}
    kinds = {source.name: said.kind for source, said in described.items()}
    assert kinds["photo831.jpg"] is RecordKind.PHOTOGRAPH
    assert kinds["note1.txt"] is RecordKind.CLINIC_NOTE
    assert kinds["IM-0001-0011.dcm"] is RecordKind.IMAGING


def test_the_compressed_ct_is_shown_in_hounsfield_units(mixed_folder: Path) -> None:
    source = next(one for one in sources_in(mixed_folder) if one.name == "IM-0001-0011.dcm")
    stack = formats.view("dicom", [source])
    assert isinstance(stack, Frames)
    frame = stack.frame(0)
    assert (frame.rows, frame.columns, frame.intercept) == (512, 512, -1024.0)
    assert [window.centre for window in frame.windows] == [40.0, -600.0]
    assert [preset.name for preset in stack.presets][:3] == ["Soft tissue", "Lung", "Bone"]
    assert frame.lossy


def test_the_report_opens_as_pages(mixed_folder: Path) -> None:
    source = next(one for one in sources_in(mixed_folder) if one.name == "report4521.pdf")
    pages = formats.view("pdf", [source])
    assert isinstance(pages, Pages)
    assert pages.count == 2
