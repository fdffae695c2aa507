import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from consultdesk.consultation.case import CaseState
from consultdesk.consultation.record import Sensitivity
from consultdesk.consultation.source import MemorySource, Progress
from consultdesk.desk import cases, gathering, store, viewing
from consultdesk.desk.intake import bring_in, bring_in_sources
from consultdesk.errors import (
    Cancelled,
    FormIncomplete,
    NotFound,
    RecordUnreadable,
    VaultDamaged,
)
from consultdesk.samples import walk
from consultdesk.samples.walk import Story
from consultdesk.vault import records
from consultdesk.vault.vault import Vault


def note(name: str, text: str) -> MemorySource:
    return MemorySource(name, text.encode())


JANE = note("jane.txt", "Patient: Jane Doe\nDate of birth: 1966-01-01\n\nKnee pain.")
JOHN = note("john.txt", "Patient: John Roe\nDate of birth: 1955-06-25\n\nBack pain.")


@pytest.fixture
def disc(tmp_path: Path, shared_data: Path) -> tuple[Path, Path]:
    """The two folders of a first real case: a disc, and a practice's documents."""
    dicom = shared_data / "dicom"
    return (
        dicom / "datalad+example-dicom-structural",
        dicom / "smart-on-fhir+sample-patients-stu3" / "data" / "documents" / "99912345",
    )


def test_a_real_referral_becomes_one_case_of_seven_records(
    vault: Vault, disc: tuple[Path, Path], now: int
) -> None:
    taken = bring_in(vault, disc, now)
    kinds = sorted((item.format, item.pages) for item in taken.records)
    assert kinds == [
        ("dicom", 1), ("dicom", 20), ("image", 1), ("image", 1), ("pdf", 2), ("text", 1),
        ("text", 1),
    ]  # fmt: skip
    assert [one.of for one in taken.duplicates] == ["IM-0001-0011.dcm"] * 9
    assert not taken.problems
    names = [f.name for item in taken.records for f in item.files]
    names += [one.name for one in taken.duplicates]
    assert sorted(names) == sorted(
        p.name for folder in disc for p in folder.rglob("*") if p.is_file()
    )


def test_a_real_referral_that_names_two_patients_waits_for_a_person(
    vault: Vault, disc: tuple[Path, Path], now: int
) -> None:
    taken = bring_in(vault, disc, now)
    by_field = {one.field: set(one.values) for one in taken.conflicts}
    assert by_field["patient.name"] == {"Jane_Doe", "DIASTOLIX"}
    file = cases.open_case(vault, taken.number)
    assert file.case.state is CaseState.RECEIVED
    assert not file.case.patient_confirmed
    with pytest.raises(FormIncomplete, match="confirm who the patient is"):
        walk.accept(vault, taken.number, now)


def test_the_slices_of_a_series_stand_in_geometrical_order(
    vault: Vault, disc: tuple[Path, Path], now: int
) -> None:
    taken = bring_in(vault, disc[:1], now)
    opened = viewing.open_record(vault, taken.number, taken.records[0].id, now)
    assert opened.view is not None
    assert opened.view.count == 20  # type: ignore[union-attr]
    assert [f.name for f in taken.records[0].files] == sorted(
        f.name for f in taken.records[0].files
    )


def test_every_received_file_stands_in_exactly_one_place(
    vault: Vault, tmp_path: Path, now: int
) -> None:
    folder = tmp_path / "disc" / "deep"
    folder.mkdir(parents=True)
    (folder / "note.txt").write_text("Patient: Jane Doe\n")
    (folder / "again.txt").write_text("Patient: Jane Doe\n")
    (folder / "empty.txt").touch()
    (folder / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (folder / "strange.bin").write_bytes(os.urandom(3000))
    os.mkfifo(folder / "pipe")
    taken = bring_in(vault, [folder.parent, tmp_path / "nowhere"], now)
    kept = {f.name for item in taken.records for f in item.files}
    assert kept == {"again.txt", "strange.bin"}
    assert [(one.name, one.of) for one in taken.duplicates] == [("note.txt", "again.txt")]
    assert {one.name for one in taken.problems} == {".DS_Store", "empty.txt", "pipe", "nowhere"}


def test_what_nobody_can_read_is_kept_as_received_and_says_why(vault: Vault, now: int) -> None:
    data = bytes(range(256)) * 40
    taken = bring_in_sources(vault, [MemorySource("strange.bin", data)], now)
    item = taken.records[0]
    assert not item.readable
    assert item.reason.endswith(".")
    with vault.read() as reading:
        held = records.sources(vault, reading, item)
        with held[0].open() as stream:
            assert stream.read() == data


def test_the_same_bytes_are_named_and_not_stored_twice_later_either(vault: Vault, now: int) -> None:
    first = bring_in_sources(vault, [JANE], now)
    before = sorted(path.name for path in vault.content_folder.iterdir())
    again = bring_in_sources(vault, [JANE], now, number=first.number)
    assert [(one.name, one.of) for one in again.duplicates] == [("jane.txt", "jane.txt")]
    assert sorted(path.name for path in vault.content_folder.iterdir()) == before


def test_a_late_record_of_somebody_else_is_a_conflict_with_the_confirmed_patient(
    vault: Vault, now: int
) -> None:
    number = bring_in_sources(vault, [JANE], now).number
    file = cases.open_case(vault, number)
    cases.confirm_patient(vault, number, file.patient, now)
    late = bring_in_sources(vault, [JOHN], now, number=number)
    assert {value for one in late.conflicts for value in one.values} >= {"Jane Doe", "John Roe"}


def test_a_person_decides_which_records_belong_to_somebody_else(vault: Vault, now: int) -> None:
    taken = bring_in_sources(vault, [JANE, JOHN], now)
    assert taken.conflicts
    wrong = frozenset(item.id for item in taken.records if item.name == "john.txt")
    file = cases.open_case(vault, taken.number)
    cases.confirm_patient(vault, taken.number, file.patient, now, wrong_records=wrong)
    decided = cases.open_case(vault, taken.number)
    assert not decided.conflicts
    assert {r.name: r.right_patient for r in decided.records} == {
        "jane.txt": True,
        "john.txt": False,
    }


def test_a_returning_patient_is_found_before_a_new_one_is_made(vault: Vault, now: int) -> None:
    first = cases.open_case(vault, bring_in_sources(vault, [JANE], now).number)
    other = note("later.txt", "Patient: DOE, Jane\nDate of birth: 1966-01-01\n\nHip pain.")
    second = cases.open_case(vault, bring_in_sources(vault, [other], now).number)
    assert second.patient.id == first.patient.id
    assert not second.case.patient_confirmed


def test_a_namesake_with_another_birth_date_is_another_patient(vault: Vault, now: int) -> None:
    first = cases.open_case(vault, bring_in_sources(vault, [JANE], now).number)
    other = note("namesake.txt", "Patient: Jane Doe\nDate of birth: 1970-05-05\n")
    second = cases.open_case(vault, bring_in_sources(vault, [other], now).number)
    assert second.patient.id != first.patient.id


def test_a_stopped_import_keeps_nothing(vault: Vault, now: int) -> None:
    asked = iter(range(1000))
    watch = Progress(cancelled=lambda: next(asked) > 6)
    sources = [note(f"n{n}.txt", f"note number {n}") for n in range(20)]
    with pytest.raises(Cancelled):
        bring_in_sources(vault, sources, now, progress=watch)
    assert not list(vault.content_folder.iterdir())
    with pytest.raises(NotFound):
        cases.open_case(vault, "2026-0001")


class Changing:
    """A file that says something else each time it is opened."""

    name = "note.txt"

    def __init__(self, size: int) -> None:
        self.size = size
        self.opened = 0

    def open(self) -> BinaryIO:
        self.opened += 1
        return MemorySource("x", f"reading {self.opened}".encode()).open()


def test_a_large_file_that_changes_under_the_import_is_refused_whole(
    vault: Vault, now: int
) -> None:
    with pytest.raises(RecordUnreadable, match="was changed while"):
        bring_in_sources(vault, [Changing(size=1 << 30)], now)
    assert not list(vault.content_folder.iterdir())


def test_a_small_file_is_read_once_so_that_it_can_not_change_meanwhile(
    vault: Vault, now: int
) -> None:
    file = Changing(size=9)
    taken = bring_in_sources(vault, [file], now)
    assert file.opened == 1
    with vault.read() as reading:
        (kept,) = records.sources(vault, reading, taken.records[0])
    assert kept.open().read() == b"reading 1"


@pytest.mark.parametrize("said", ["Allergic to", "Allergic to penicillin, no longer to milk."])
def test_a_small_file_that_is_still_being_written_is_named_and_not_kept_cut_short(
    vault: Vault, tmp_path: Path, now: int, said: str
) -> None:
    path = tmp_path / "late.txt"
    path.write_text("Allergic to penicillin.")
    sources, _ = gathering.gather([path])
    path.write_text(said)
    taken = bring_in_sources(vault, [*sources, JANE], now)
    assert [record.name for record in taken.records] == ["jane.txt"]
    ((name, why),) = [(one.name, one.reason) for one in taken.problems]
    assert name == "late.txt"
    assert "being written" in why


@pytest.mark.parametrize(
    ("name", "source"),
    [("hiv_viral_load.txt", ""), ("lab-HIV.txt", ""), ("lab.txt", "HIV clinic St. Anna")],
)
def test_a_record_carries_the_topics_that_its_name_and_its_source_give_away(
    vault: Vault, now: int, name: str, source: str
) -> None:
    taken = bring_in_sources(vault, [note(name, "Below the limit.")], now, source=source)
    assert taken.records[0].sensitivities == {Sensitivity.HIV}


def test_records_are_found_by_a_word_in_them(
    vault: Vault, disc: tuple[Path, Path], now: int
) -> None:
    taken = bring_in(vault, disc, now)
    hits = viewing.find(vault, "sports physical", number=taken.number)
    names = {r.id: r.name for r in taken.records}
    assert [names[hit.entity_id] for hit in hits] == ["note1.txt"]
    assert viewing.find(vault, "blood pressure")


def test_a_case_takes_its_questions_from_the_records_with_their_source(
    vault: Vault, story: Story, now: int
) -> None:
    number = walk.receive(vault, story, now)
    asked = cases.open_case(vault, number).case.referral.questions
    assert [question.text for question in asked] == ["Is an operation needed now?"]
    assert asked[0].source.startswith("Referral.txt")
    assert not asked[0].confirmed


def test_a_full_disk_ends_in_one_sentence_and_keeps_nothing(
    vault: Vault, now: int, tmp_path: Path
) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if os.geteuid() != 0 or os.system(f"mount -t tmpfs -o size=64k tmpfs {small} 2>/dev/null"):  # noqa: S605
        pytest.skip("a tiny file system can't be mounted here")
    try:
        shutil.rmtree(vault.content_folder)
        os.symlink(small, vault.content_folder)
        big = replace(JANE, data=os.urandom(300_000))
        with pytest.raises(VaultDamaged, match="disk is full"):
            bring_in_sources(vault, [big], now)
        assert not list(small.iterdir())
    finally:
        os.system(f"umount {small}")  # noqa: S605


def test_links_loops_and_closed_folders_are_named_and_not_followed(
    vault: Vault, tmp_path: Path, now: int
) -> None:
    disc = tmp_path / "disc"
    disc.mkdir()
    (disc / "note.txt").write_text("Patient: Jane Doe")
    (disc / "round").symlink_to(disc, target_is_directory=True)
    (disc / "itself").symlink_to(disc / "itself")
    (disc / "broken").symlink_to(disc / "gone")
    taken = bring_in(vault, [disc, disc, disc / "note.txt"], now)
    assert [one.name for one in taken.records] == ["note.txt"]
    assert taken.duplicates == ()
    assert {one.name for one in taken.problems} == {"round", "itself", "broken"}


def test_a_name_is_shown_cleanly_and_never_used_as_a_path(vault: Vault, now: int) -> None:
    names = {
        "..\\..\\evil.txt": "evil.txt",
        "/etc/passwd": "passwd",
        "two\nlines\x1b[2J.txt": "two lines\ufffd[2J.txt",
        "a\u202eb.txt": "a\ufffdb.txt",
        "half\ud800pair.txt": "half\ufffdpair.txt",
        "": "file without a name",
    }
    sources = [note(name, f"Note {n}.") for n, name in enumerate(names)]
    taken = bring_in_sources(vault, [*sources, note("x" * 5000 + ".txt", "Long.")], now)
    shown = [item.name for item in taken.records]
    assert shown[:-1] == list(names.values())
    assert len(shown[-1]) <= 160
    assert shown[-1].endswith(".txt")
    assert all(path.parent == vault.content_folder for path in vault.content_folder.iterdir())


def test_too_many_files_at_once_are_refused_whole(
    vault: Vault, tmp_path: Path, now: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "_MOST_FILES", 5)
    for n in range(9):
        (tmp_path / f"{n}.txt").write_text(f"Note {n}")
    with pytest.raises(FormIncomplete, match="files at once"):
        bring_in(vault, [tmp_path], now)


def test_nothing_to_bring_in_makes_no_case(vault: Vault, tmp_path: Path, now: int) -> None:
    (tmp_path / "empty.txt").touch()
    with pytest.raises(FormIncomplete, match="empty.txt: This file is empty"):
        bring_in(vault, [tmp_path / "empty.txt"], now)
    with pytest.raises(FormIncomplete, match="nothing in there"):
        bring_in_sources(vault, [], now)
    with pytest.raises(NotFound):
        cases.open_case(vault, "2026-0001")


def test_the_same_disc_brought_in_anew_is_another_case_of_the_same_patient(
    vault: Vault, now: int
) -> None:
    first = cases.open_case(vault, bring_in_sources(vault, [JANE], now).number)
    second = cases.open_case(vault, bring_in_sources(vault, [JANE], now).number)
    assert first.case.number != second.case.number
    assert first.patient.id == second.patient.id
    assert [one.sha256 for one in first.records] == [one.sha256 for one in second.records]


def test_two_patients_are_never_mixed_into_one(vault: Vault, now: int) -> None:
    nameless = note("a.txt", "Patient: Ann Poe\n\nOne page.")
    taken = bring_in_sources(vault, [nameless, JOHN], now)
    patient = cases.open_case(vault, taken.number).patient
    assert (patient.name, patient.birth_date) in {("Ann Poe", ""), ("John Roe", "1955-06-25")}


def test_a_specialty_nobody_knows_is_said_so(vault: Vault, now: int) -> None:
    with pytest.raises(FormIncomplete, match="specialty"):
        bring_in_sources(vault, [JANE], now, specialty="alchemy")


def test_ctrl_c_after_the_commit_takes_no_file_away(vault: Vault, now: int) -> None:
    def interrupted(_topics: frozenset[str]) -> None:
        raise KeyboardInterrupt

    vault.listen(interrupted)
    with pytest.raises(KeyboardInterrupt):
        bring_in_sources(vault, [JANE], now)
    assert store.verify(vault).ok
    assert len(list(vault.content_folder.iterdir())) == 1
