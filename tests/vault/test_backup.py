"""Backups of a store in use: whole, sealed, and never at the cost of an earlier one."""

import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from consultdesk.consultation.audit import Act, Role
from consultdesk.consultation.backup import BackupRule
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.source import MemorySource, Progress
from consultdesk.errors import BackupDamaged, BackupFailed, Cancelled, VaultDamaged
from consultdesk.vault import backup, backup_check, header, practice, records
from consultdesk.vault.backup_folder import BackupFolder
from consultdesk.vault.content import store as store_content
from consultdesk.vault.records import Kept
from consultdesk.vault.vault import Vault
from tests.consultation.parcels import NOW
from tests.vault.backup_killed import killed_at
from tests.vault.building import ANNA, CANARY, PASSPHRASE, Desk, add_user, opened_by
from tests.vault.plaintext import readable

DAY = 86_400_000


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    place = tmp_path / "stick"
    place.mkdir()
    return place


@pytest.fixture
def to(desk: Desk, stick: Path) -> BackupFolder:
    return backup.folder_for(desk.vault.folder, stick)


def bring_in(desk: Desk, data: bytes, at: int = NOW) -> str:
    """One more sealed file, with its row."""
    kept = store_content(desk.vault.content_folder, [MemorySource("more", data)])
    with desk.act(at=at) as writing:
        records.add_contents(writing, desk.case_id, [Kept(new_id(at), kept)])
    return kept.name


def content_of(folder: BackupFolder) -> dict[str, int]:
    """The sealed files in a backup folder, with when each was last written (ns)."""
    found = (one for one in folder.path.glob("content/*/*") if one.is_file())
    return {one.name: one.stat().st_mtime_ns for one in found}


def at_mark(wanted: str, then: Callable[[], object]) -> Progress:
    """Do something once, when the work reports that mark for the first time."""
    done: list[object] = []

    def report(_done: int, _total: int, what: str) -> None:
        if what == wanted and not done:
            done.append(then())

    return Progress(report)


def test_a_backup_holds_the_database_the_keys_and_every_sealed_file_and_is_read_back(
    desk: Desk, to: BackupFolder
) -> None:
    bring_in(desk, b"x" * 200_000)
    taken = backup.take(desk.vault, to, NOW)
    manifest = to.manifest(taken.manifest.name)
    assert {one.name for one in manifest.files} >= {"desk.db", *header.NAMES}
    stored = {one.name for one in desk.vault.content_folder.iterdir()} - set(desk.vault.orphans())
    assert stored == {one.name for one in manifest.content} == set(content_of(to))
    assert taken.found.ok
    assert taken.found.files == len(stored) > 0
    assert to.verified_at(manifest) == NOW
    assert sorted(one.name for one in to.snapshot(manifest.name).iterdir()) == sorted(
        [*(one.name for one in manifest.files), "manifest.json", "verified.json"]
    )


def test_nothing_in_a_backup_folder_can_be_read_without_a_key(desk: Desk, to: BackupFolder) -> None:
    bring_in(desk, b"CANARY " * 5000)
    backup.take(desk.vault, to, NOW)
    backup.take(desk.vault, to, NOW + 1)
    assert readable(to.path, CANARY) == []
    assert all(one.stat().st_mode & 0o077 == 0 for one in to.path.rglob("*"))


def test_the_second_backup_copies_only_what_is_new(desk: Desk, to: BackupFolder) -> None:
    first = backup.take(desk.vault, to, NOW)
    before = content_of(to)
    name = bring_in(desk, b"new" * 1000)
    second = backup.take(desk.vault, to, NOW + 1)
    after = content_of(to)
    assert first.new_files == len(before)
    assert second.new_files == 1
    assert set(after) - set(before) == {name}
    assert {one: after[one] for one in before} == before


def test_a_backup_is_of_one_instant_while_another_thread_writes(
    desk: Desk, to: BackupFolder
) -> None:
    stop, written = threading.Event(), []

    def write() -> None:
        while not stop.is_set():
            written.append(bring_in(desk, os.urandom(3000)))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        taken = [backup.take(desk.vault, to, NOW + n) for n in range(3)]
    finally:
        stop.set()
        thread.join()
    assert all(one.found.ok for one in taken)
    assert len(written) > 3
    named = [{one.name for one in taken_.manifest.content} for taken_ in taken]
    assert named[0] <= named[1] <= named[2]
    # all that was acknowledged before the last one began is in it, in the order it was written
    held = [name for name in written if name in named[2]]
    assert held == written[: len(held)]


def test_a_writer_waits_for_no_backup(desk: Desk, to: BackupFolder) -> None:
    """In the middle of the database's copying an act is kept at once."""
    written: list[str] = []
    watch = at_mark("Copying the database", lambda: written.append(bring_in(desk, b"meanwhile")))
    taken = backup.take(desk.vault, to, NOW, watch)
    assert written
    assert written[0] not in {one.name for one in taken.manifest.content}
    assert taken.found.ok


def test_the_key_file_in_a_backup_is_the_one_its_database_knows(
    desk: Desk, to: BackupFolder
) -> None:
    """Somebody joins while the database is copied: neither of the two knows of it."""
    watch = at_mark("Copying the database", lambda: add_user(desk.vault, "ben", Role.ADMINISTRATOR))
    taken = backup.take(desk.vault, to, NOW, watch)
    here = to.snapshot(taken.manifest.name)
    held = header.read(here)
    assert [one.name for one in held.members] == ["anna"]
    with backup_check.reading_of(here / "desk.db", desk.vault.opened, held) as reading:
        assert practice.header_mark(reading) == (held.sequence, held.mac)
    assert [one.name for one in desk.vault.members.members] == ["anna", "ben"]


def test_what_comes_in_while_content_is_copied_is_in_the_backup_too(
    desk: Desk, to: BackupFolder
) -> None:
    written: list[str] = []
    watch = at_mark("Copying sealed files", lambda: written.append(bring_in(desk, b"meanwhile")))
    taken = backup.take(desk.vault, to, NOW, watch)
    assert written[0] in {one.name for one in taken.manifest.content}


def test_an_administrator_without_the_clinical_key_backs_up(desk: Desk, to: BackupFolder) -> None:
    add_user(desk.vault, "adam", Role.ADMINISTRATOR, administers=True)
    with closing(opened_by(desk.vault.folder, "adam")) as vault:
        assert not vault.clinical
        taken = backup.take(vault, to, NOW)
        assert taken.found.ok
        assert not taken.found.opened
        assert taken.found.files


# --- when the disk vanishes, fills or lies ------------------------------------------------

MARKS = ("Copying sealed files", "Copying the database", "Reading the backup back")


@pytest.mark.parametrize("mark", MARKS)
def test_a_stick_pulled_out_in_the_middle_costs_no_earlier_backup(
    desk: Desk, to: BackupFolder, stick: Path, mark: str
) -> None:
    first = backup.take(desk.vault, to, NOW)
    bring_in(desk, os.urandom(300_000))
    away = stick.with_name("pulled out")
    with pytest.raises(BackupFailed, match=r"isn't there any more.*store itself is safe"):
        backup.take(desk.vault, to, NOW + 1, at_mark(mark, lambda: stick.rename(away)))
    assert not stick.exists()
    away.rename(stick)
    assert first.manifest in to.manifests()
    again = backup.take(desk.vault, to, NOW + 2)
    assert again.found.ok
    assert not list(to.path.rglob("*.partial"))
    assert not [one for one in to.snapshots.iterdir() if not (one / "manifest.json").is_file()]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MiB of its own, mounted; only where this user may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)],
        check=False,
        capture_output=True,
    )
    if made.returncode:
        pytest.skip("this user may not mount a disk")
    yield place
    while place.is_mount():
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.skipif(not shutil.which("mount"), reason="there is no mount here")
@pytest.mark.parametrize("mark", MARKS)
def test_a_disk_that_is_unmounted_in_the_middle_says_so(desk: Desk, disk: Path, mark: str) -> None:
    to = backup.folder_for(desk.vault.folder, disk)

    def unmount() -> None:
        subprocess.run(["umount", "-l", str(disk)], check=True)

    bring_in(desk, os.urandom(300_000))
    with pytest.raises(BackupFailed, match="store itself is safe"):
        backup.take(desk.vault, to, NOW, at_mark(mark, unmount))
    assert not list(disk.iterdir())  # nothing was written on the disk below


@pytest.mark.skipif(not shutil.which("mount"), reason="there is no mount here")
@pytest.mark.parametrize("size", [100_000, 5_000_000])
def test_a_full_disk_is_said_to_be_full_and_keeps_its_earlier_backup(
    desk: Desk, disk: Path, size: int
) -> None:
    to = backup.folder_for(desk.vault.folder, disk)
    first = backup.take(desk.vault, to, NOW)
    room = shutil.disk_usage(disk).free
    (disk / "holiday.mp4").write_bytes(bytes(room - 200_000))
    bring_in(desk, os.urandom(size))
    with pytest.raises(BackupFailed, match="is full") as full:
        backup.take(desk.vault, to, NOW + 1)
    assert "store itself is safe" in str(full.value)
    assert [one.name for one in to.manifests()] == [first.manifest.name]


@pytest.mark.skipif(not shutil.which("mount"), reason="there is no mount here")
def test_a_disk_that_turns_write_protected_is_said_so(desk: Desk, disk: Path) -> None:
    to = backup.folder_for(desk.vault.folder, disk)
    first = backup.take(desk.vault, to, NOW)
    bring_in(desk, os.urandom(300_000))
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(BackupFailed, match="write-protected"):
        backup.take(desk.vault, to, NOW + 1)
    assert [one.name for one in to.manifests()] == [first.manifest.name]
    found = backup_check.drill(to, "", PASSPHRASE, NOW + 1)
    assert found.ok  # a drill needs to write nothing


@pytest.mark.parametrize("mark", MARKS)
def test_a_backup_that_is_stopped_leaves_the_earlier_ones(
    desk: Desk, to: BackupFolder, mark: str
) -> None:
    first = backup.take(desk.vault, to, NOW)
    bring_in(desk, os.urandom(300_000))
    stop = threading.Event()
    watch = at_mark(mark, stop.set)
    with pytest.raises(Cancelled):
        backup.take(desk.vault, to, NOW + 1, Progress(watch.report, stop.is_set))
    assert first.manifest in to.manifests()
    bring_in(desk, b"the store is open as before")
    assert backup.take(desk.vault, to, NOW + 2).found.ok


@pytest.mark.parametrize("mark", MARKS)
def test_a_backup_killed_in_the_middle_is_cleared_by_the_next(
    desk: Desk, to: BackupFolder, mark: str
) -> None:
    first = backup.take(desk.vault, to, NOW)
    bring_in(desk, os.urandom(300_000))
    done = killed_at(mark, "back_up", desk.vault.folder, to.path.parent, NOW + 1)
    assert done == -signal.SIGKILL
    assert first.manifest in to.manifests()
    again = backup.take(desk.vault, to, NOW + 2)
    assert again.found.ok
    assert not list(to.path.rglob("*.partial"))


def test_a_place_that_is_gone_isnt_made_on_the_disk_below(desk: Desk, tmp_path: Path) -> None:
    folder = backup.folder_for(desk.vault.folder, tmp_path / "media" / "stick")
    with pytest.raises(BackupFailed, match="isn't there"):
        backup.take(desk.vault, folder, NOW)
    assert not (tmp_path / "media").exists()


def test_a_place_within_the_store_is_refused(desk: Desk) -> None:
    folder = backup.folder_for(desk.vault.folder, desk.vault.folder)
    with pytest.raises(BackupFailed, match="lost with it"):
        backup.take(desk.vault, folder, NOW)


def test_another_stores_folder_is_refused(desk: Desk, vault: Vault, to: BackupFolder) -> None:
    backup.take(desk.vault, to, NOW)
    mark = json.loads((to.path / "backup.json").read_text())
    (to.path / "backup.json").write_text(json.dumps(mark | {"store": "another"}))
    with pytest.raises(BackupFailed, match="another store"):
        backup.take(desk.vault, to, NOW + 1)


def test_two_backups_into_one_folder_dont_meet(desk: Desk, to: BackupFolder) -> None:
    met: list[str] = []

    def another() -> None:
        with pytest.raises(BackupFailed, match="Another backup") as refused:
            backup.take(desk.vault, to, NOW + 1)
        met.append(refused.value.message)

    assert backup.take(desk.vault, to, NOW, at_mark("Copying the database", another)).found.ok
    assert met


def test_what_an_earlier_backups_file_has_become_is_mended_from_the_store(
    desk: Desk, to: BackupFolder
) -> None:
    name = bring_in(desk, b"y" * 100_000)
    backup.take(desk.vault, to, NOW)
    flip(to.content(name), 5000)
    taken = backup.take(desk.vault, to, NOW + 1)
    assert taken.found.ok
    assert to.content(name).read_bytes() == (desk.vault.content_folder / name).read_bytes()


def test_a_disk_that_gives_back_something_else_is_found_out(
    desk: Desk, to: BackupFolder, stick: Path
) -> None:
    """Flipped while it is being read back: nobody may take it for a backup."""
    first = backup.take(desk.vault, to, NOW)

    def rot() -> None:
        newest = max(to.snapshots.iterdir())
        flip(newest / "desk.db", 9000)

    with pytest.raises(BackupDamaged) as damage:
        backup.take(desk.vault, to, NOW + 1, at_mark("Reading the backup back", rot))
    assert "desk.db" in damage.value.files
    assert [one.name for one in to.manifests()] == [first.manifest.name]


def test_a_file_that_the_store_itself_lacks_is_named_and_the_rest_is_backed_up(
    desk: Desk, to: BackupFolder
) -> None:
    lost, whole = bring_in(desk, b"lost"), bring_in(desk, b"whole")
    (desk.vault.content_folder / lost).unlink()
    taken = backup.take(desk.vault, to, NOW)
    assert taken.manifest.missing == (lost,)
    assert whole in {one.name for one in taken.manifest.content}
    assert not taken.found.ok
    assert taken.found.as_written


def test_a_file_that_was_damaged_in_the_store_is_told_from_one_damaged_in_the_backup(
    desk: Desk, to: BackupFolder
) -> None:
    name = bring_in(desk, b"z" * 90_000)
    flip(desk.vault.content_folder / name, 40_000)
    taken = backup.take(desk.vault, to, NOW)
    assert [one.file for one in taken.found.unopened] == [name]
    assert taken.found.as_written


@pytest.mark.parametrize("part", [0.2, 0.5, 0.93])
def test_a_database_damaged_in_the_store_isnt_blamed_on_the_backups_disk(
    desk: Desk, to: BackupFolder, part: float
) -> None:
    before = backup.take(desk.vault, to, NOW)
    folder, opened = desk.vault.folder, desk.vault.opened
    desk.vault.close()
    path = folder / "desk.db"
    flip(path, int(path.stat().st_size * part))
    with (
        closing(Vault.with_keys(folder, opened, NOW)) as vault,
        pytest.raises(VaultDamaged, match="store's own database is damaged"),
    ):
        backup.take(vault, to, NOW + 1)
    assert to.manifests() == (before.manifest,)


def test_a_forged_list_isnt_believed(desk: Desk, to: BackupFolder) -> None:
    taken = backup.take(desk.vault, to, NOW)
    path = to.snapshot(taken.manifest.name) / "manifest.json"
    said = json.loads(path.read_text())
    path.write_text(json.dumps(said | {"seq": said["seq"] - 1}))
    assert not to.manifest(taken.manifest.name).is_ours(desk.vault.opened.store)


# --- pruning ------------------------------------------------------------------------------


def test_pruning_lets_old_backups_go_with_the_files_only_they_name(
    desk: Desk, to: BackupFolder
) -> None:
    old = [backup.take(desk.vault, to, NOW + n * 3_600_000).manifest.name for n in range(3)]
    newest = backup.take(desk.vault, to, NOW + 40 * DAY).manifest
    stray = to.content("ab" * 16)
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"named by none")
    gone = backup.prune(to, BackupRule(), NOW + 40 * DAY)
    assert set(gone) == set(old[:2])  # the newest of its day, week or month stays
    assert to.names() == (newest.name, old[2])
    assert not stray.exists()
    assert set(content_of(to)) == {one.name for one in newest.content}


def test_pruning_removes_no_file_while_a_list_cant_be_read(desk: Desk, to: BackupFolder) -> None:
    name = bring_in(desk, b"still wanted")
    taken = backup.take(desk.vault, to, NOW)
    (to.snapshot(taken.manifest.name) / "manifest.json").write_text("{")
    backup.prune(to, BackupRule(), NOW + 400 * DAY)
    assert name in content_of(to)


def test_pruning_cut_off_leaves_only_whole_backups(
    desk: Desk, to: BackupFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        backup.take(desk.vault, to, NOW + n)
    real = shutil.rmtree

    def cut_off(*_: Any) -> None:  # noqa: ANN401
        raise OSError(5, "the stick is gone")

    monkeypatch.setattr(shutil, "rmtree", cut_off)
    with pytest.raises(BackupFailed):
        backup.prune(to, BackupRule(), NOW + 40 * DAY)
    monkeypatch.setattr(shutil, "rmtree", real)
    for name in to.names():
        assert to.manifest(name).is_ours(desk.vault.opened.store)
    backup.prune(to, BackupRule(), NOW + 40 * DAY)
    assert len(to.names()) == 1
    assert backup.take(desk.vault, to, NOW + 40 * DAY).found.ok
    assert sorted(one.name for one in to.snapshots.iterdir()) == sorted(to.names())


def flip(path: Path, at: int) -> None:
    """Flip one bit of a file."""
    with path.open("r+b") as file:
        file.seek(at)
        before = file.read(1)
        file.seek(at)
        file.write(bytes([before[0] ^ 4]))


def test_the_user_who_made_it_stands_in_the_list(desk: Desk, to: BackupFolder) -> None:
    taken = backup.take(desk.vault, to, NOW)
    assert taken.manifest.by == ANNA.name
    with desk.vault.act(Act("test", NOW)) as writing:
        assert taken.manifest.epoch == practice.epoch(writing)
