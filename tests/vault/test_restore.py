"""A drill on a backup, and a store from one: here, on another computer, from a damaged stick."""

import os
import shutil
import signal
from contextlib import closing
from pathlib import Path

import pytest

from consultdesk.desk import users
from consultdesk.errors import (
    BackupDamaged,
    BackupFailed,
    VaultDamaged,
    VaultLocked,
)
from consultdesk.vault import (
    audit,
    backup,
    backup_check,
    consents,
    header,
    practice,
    recovery,
    slots,
)
from consultdesk.vault.backup_folder import BackupFolder
from consultdesk.vault.check import chain_is_sound, database_is_sound, schema_is_ours
from consultdesk.vault.header import SlotKind
from consultdesk.vault.restore import Restored, restore
from consultdesk.vault.vault import Vault
from tests.consultation.parcels import NOW
from tests.vault.backup_killed import killed_at
from tests.vault.building import CANARY, PASSPHRASE, Desk
from tests.vault.plaintext import readable
from tests.vault.test_backup import at_mark, bring_in, flip

LATER = NOW + 60_000


@pytest.fixture
def to(desk: Desk, tmp_path: Path) -> BackupFolder:
    """A stick with one backup of a store that holds a case and a larger file."""
    place = tmp_path / "stick"
    place.mkdir()
    bring_in(desk, os.urandom(150_000))
    folder = backup.folder_for(desk.vault.folder, place)
    backup.take(desk.vault, folder, NOW)
    return folder


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another computer: a home and folders for settings of its own."""
    home = tmp_path / "another computer"
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        (home / name).mkdir(parents=True)
        monkeypatch.setenv(name, str(home / name))
    return home / "HOME" / "new.desk"


def restored(to: BackupFolder, store: Path, secret: str = PASSPHRASE, user: str = "") -> Restored:
    return restore(to, store, user, secret, LATER)


def contents(folder: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in (folder / "content").iterdir()}


# --- a drill ------------------------------------------------------------------------------


def test_a_drill_opens_the_backup_with_the_passphrase_alone_and_checks_all_in_it(
    to: BackupFolder,
) -> None:
    found = backup_check.drill(to, "anna", PASSPHRASE, LATER)
    assert found.ok
    assert (found.database, found.last_line, found.schema, found.broken) == (True, True, True, ())
    assert found.opened
    assert found.files == len(to.manifests()[0].content)
    assert found.events
    assert to.verified_at(to.manifests()[0]) == LATER


def test_a_drill_writes_nothing_decrypted_and_nothing_beside_the_backup(to: BackupFolder) -> None:
    before = sorted(to.path.rglob("*"))
    backup_check.drill(to, "anna", PASSPHRASE, LATER)
    assert sorted(to.path.rglob("*")) == before
    assert readable(to.path, CANARY) == []


def test_a_wrong_passphrase_passes_no_drill(to: BackupFolder) -> None:
    with pytest.raises(VaultLocked):
        backup_check.drill(to, "anna", "another passphrase entirely", LATER)


@pytest.mark.parametrize("place", [20, 5000, -20])
def test_one_flipped_bit_of_a_sealed_file_is_found_by_name(to: BackupFolder, place: int) -> None:
    largest = max(to.manifests()[0].content, key=lambda one: one.size)
    flip(to.content(largest.name), place % largest.size)
    found = backup_check.drill(to, "anna", PASSPHRASE, LATER)
    assert [one.file for one in found.damaged] == [largest.name]
    assert not found.ok
    assert not to.verified_at(to.manifests()[0])


@pytest.mark.parametrize("place", [3, 5000, 100_000])
def test_one_flipped_bit_of_the_database_is_found(to: BackupFolder, place: int) -> None:
    flip(to.snapshot(to.names()[0]) / "desk.db", place)
    found = backup_check.drill(to, "anna", PASSPHRASE, LATER)
    assert "desk.db" in {one.file for one in found.damaged}
    assert not found.database
    assert not found.ok


def test_a_file_that_is_gone_from_the_stick_is_found(to: BackupFolder) -> None:
    name = to.manifests()[0].content[0].name
    to.content(name).unlink()
    found = backup_check.drill(to, "anna", PASSPHRASE, LATER)
    assert [(one.file, one.reason) for one in found.damaged] == [(name, "it is missing")]


def test_a_list_that_was_changed_is_refused(to: BackupFolder) -> None:
    path = to.snapshot(to.names()[0]) / "manifest.json"
    path.write_text(path.read_text().replace('"by": "anna"', '"by": "eve"'))
    with pytest.raises(BackupDamaged, match="changed from outside"):
        backup_check.drill(to, "anna", PASSPHRASE, LATER)


@pytest.mark.parametrize("mark", ["Reading the backup back", "Opening sealed files"])
def test_a_stick_pulled_out_during_a_drill_isnt_called_damaged(to: BackupFolder, mark: str) -> None:
    stick = to.path.parent
    away = stick.with_name("pulled out")
    with pytest.raises(BackupFailed, match="isn't there any more"):
        backup_check.drill(
            to, "anna", PASSPHRASE, LATER, progress=at_mark(mark, lambda: stick.rename(away))
        )
    away.rename(stick)
    assert backup_check.drill(to, "anna", PASSPHRASE, LATER).ok


@pytest.mark.parametrize("mark", ["Copying the database", "Copying sealed files"])
def test_a_stick_pulled_out_during_a_restore_leaves_no_store_and_the_next_try_goes_on(
    to: BackupFolder, elsewhere: Path, mark: str
) -> None:
    stick = to.path.parent
    away = stick.with_name("pulled out")
    with pytest.raises(BackupFailed, match="isn't there any more"):
        restore(
            to,
            elsewhere,
            "",
            PASSPHRASE,
            LATER,
            progress=at_mark(mark, lambda: stick.rename(away)),
        )
    assert not any((elsewhere / name).exists() for name in header.NAMES)
    away.rename(stick)
    restored(to, elsewhere)
    _open(elsewhere)


# --- a restore ----------------------------------------------------------------------------


def test_a_passphrase_is_all_that_another_computer_needs(
    desk: Desk, to: BackupFolder, elsewhere: Path
) -> None:
    desk.vault.close()
    done = restored(to, elsewhere)
    assert (done.files, done.newer, done.lacking) == (len(to.manifests()[0].content), (), ())
    with closing(Vault.open(elsewhere, "", PASSPHRASE, LATER)) as vault, vault.read() as reading:
        assert database_is_sound(reading)
        assert schema_is_ours(reading)
        assert chain_is_sound(reading)[1] == ()
        assert vault.anchors_hold(reading)
        assert audit.last_of(reading, {"restore"})
    assert contents(elsewhere).keys() == {one.name for one in to.manifests()[0].content}
    assert elsewhere.stat().st_mode & 0o777 == 0o700
    assert all(not one.stat().st_mode & 0o077 for one in elsewhere.rglob("*"))
    assert not list(elsewhere.rglob("*.partial"))
    assert not (elsewhere / "restoring").exists()
    assert readable(elsewhere, CANARY) == []


def test_the_recovery_sheet_is_all_that_another_computer_needs(
    desk: Desk, to: BackupFolder, elsewhere: Path
) -> None:
    sheet = recovery.new()
    slots.keep_recovery(desk.vault, sheet, NOW)
    backup.take(desk.vault, to, NOW + 1)
    desk.vault.close()
    done = restored(to, elsewhere, recovery.read(sheet), header.RECOVERY)
    assert done.user == "anna"
    opened = Vault.open(elsewhere, header.RECOVERY, recovery.read(sheet), LATER)
    assert opened.opened.via is SlotKind.RECOVERY
    opened.close()


def test_after_a_restore_every_consent_waits_for_a_word(
    desk: Desk, to: BackupFolder, elsewhere: Path
) -> None:
    with desk.vault.read() as reading:
        before = practice.epoch(reading)
        assert all(one.reconfirmed for one in consents.of_case(reading, desk.case_id))
    restored(to, elsewhere)
    with closing(Vault.open(elsewhere, "", PASSPHRASE, LATER)) as vault, vault.read() as reading:
        assert practice.epoch(reading) == before + 1
        held = consents.of_case(reading, desk.case_id)
        assert held
        assert not any(one.reconfirmed for one in held)


def test_a_database_copied_out_of_a_backup_by_hand_begins_a_new_epoch_too(
    desk: Desk, to: BackupFolder, elsewhere: Path
) -> None:
    """Where no anchor knows better, and once: the second opening is like any other."""
    elsewhere.mkdir()
    for one in to.snapshot(to.names()[0]).iterdir():
        shutil.copy(one, elsewhere)
    for _ in range(2):
        opened = Vault.open(elsewhere, "", PASSPHRASE, LATER)
        with closing(opened) as vault, vault.read() as reading:
            assert practice.epoch(reading) == 2
            assert not any(o.reconfirmed for o in consents.of_case(reading, desk.case_id))
            assert vault.anchors_hold(reading)


def test_the_newest_of_several_is_restored_and_an_older_one_when_it_is_named(
    desk: Desk, to: BackupFolder, elsewhere: Path, tmp_path: Path
) -> None:
    bring_in(desk, b"later")
    newest = backup.take(desk.vault, to, NOW + 1).manifest.name
    older = to.names()[1]
    assert restored(to, elsewhere).name == newest
    done = restore(to, tmp_path / "older.desk", "", PASSPHRASE, LATER, name=older)
    assert (done.name, done.newer) == (older, (newest,))


def test_a_damaged_newest_never_gives_way_unseen_and_the_one_before_is_named(
    desk: Desk, to: BackupFolder, elsewhere: Path
) -> None:
    older = to.names()[0]
    newest = backup.take(desk.vault, to, NOW + 1).manifest.name
    flip(to.snapshot(newest) / "desk.db", 9000)
    with pytest.raises(BackupDamaged, match="damaged") as damage:
        restored(to, elsewhere)
    assert older in damage.value.cure
    assert not any((elsewhere / name).exists() for name in header.NAMES)
    restore(to, elsewhere, "", PASSPHRASE, LATER, name=older)
    Vault.open(elsewhere, "", PASSPHRASE, LATER).close()


def test_a_damaged_file_is_named_and_nothing_is_restored_unless_it_is_wanted_so(
    to: BackupFolder, elsewhere: Path
) -> None:
    largest = max(to.manifests()[0].content, key=lambda one: one.size)
    flip(to.content(largest.name), 70_000)
    with pytest.raises(BackupDamaged, match=largest.name) as damage:
        restored(to, elsewhere)
    assert damage.value.files == (largest.name,)
    assert not any((elsewhere / name).exists() for name in header.NAMES)
    done = restore(to, elsewhere, "", PASSPHRASE, LATER, even_damaged=True)
    assert done.lacking == (largest.name,)
    assert largest.name not in contents(elsewhere)
    Vault.open(elsewhere, "", PASSPHRASE, LATER).close()


def test_a_damaged_key_file_is_made_up_for_by_its_copy(to: BackupFolder, elsewhere: Path) -> None:
    flip(to.snapshot(to.names()[0]) / header.NAMES[0], 400)
    restored(to, elsewhere)
    assert len(header.copies(elsewhere)) == len(header.NAMES)
    Vault.open(elsewhere, "", PASSPHRASE, LATER).close()


def test_a_folder_that_holds_a_store_or_anything_else_is_left_alone(
    desk: Desk, to: BackupFolder, tmp_path: Path
) -> None:
    with pytest.raises(VaultDamaged, match="already holds a store"):
        restored(to, desk.vault.folder)
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "mine.txt").write_text("mine")
    with pytest.raises(VaultDamaged, match="already holds something"):
        restored(to, tmp_path / "letters")
    assert [one.name for one in (tmp_path / "letters").iterdir()] == ["mine.txt"]


def test_a_folder_in_which_a_restore_could_write_nothing_at_all_is_taken_at_the_next_try(
    to: BackupFolder, elsewhere: Path
) -> None:
    elsewhere.mkdir()
    (elsewhere / "restoring.partial").touch()
    restored(to, elsewhere)
    assert not (elsewhere / "restoring.partial").exists()


def test_a_wrong_passphrase_restores_nothing(to: BackupFolder, elsewhere: Path) -> None:
    with pytest.raises(VaultLocked):
        restored(to, elsewhere, "another passphrase entirely")
    assert not elsewhere.exists()


def test_a_folder_without_backups_is_said_to_hold_none(tmp_path: Path, elsewhere: Path) -> None:
    with pytest.raises(BackupFailed, match="no backup"):
        restored(BackupFolder(tmp_path), elsewhere)


MARKS = ("Copying the database", "Copying sealed files", "Taking the store into use")


@pytest.mark.parametrize("mark", MARKS)
def test_a_restore_killed_in_the_middle_is_no_store_and_the_next_try_ends_it(
    to: BackupFolder, elsewhere: Path, mark: str
) -> None:
    assert killed_at(mark, "restore", elsewhere, to.path, LATER) == -signal.SIGKILL
    with pytest.raises(VaultLocked, match="no ConsultDesk store|missing"):
        _open(elsewhere)
    restored(to, elsewhere)
    _open(elsewhere)


def _open(store: Path) -> None:
    if not any((store / name).exists() for name in header.NAMES):
        raise VaultLocked("There is no ConsultDesk store in that folder.")
    Vault.open(store, "", PASSPHRASE, LATER).close()


def test_a_restore_over_the_lost_store_begins_an_epoch_later_than_its_anchors_know(
    desk: Desk, to: BackupFolder
) -> None:
    """On the same computer, in the same place: the anchor there knows what the backup lacks."""
    with desk.act("sign_letter"):
        pass
    folder = desk.vault.folder
    desk.vault.close()
    folder.rename(folder.with_name("lost"))
    restored(to, folder)
    with closing(Vault.open(folder, "", PASSPHRASE, LATER)) as vault, vault.read() as reading:
        assert vault.anchors_hold(reading)
        assert practice.epoch(reading) > 1


def test_a_backup_from_before_the_keys_were_exchanged_opens_with_the_keys_of_its_day(
    desk: Desk, to: BackupFolder, elsewhere: Path
) -> None:
    before = to.names()[0]
    users.exchange_keys(desk.vault, NOW + 1)
    after = backup.take(desk.vault, to, NOW + 2)
    assert after.new_files == 0
    assert after.found.ok
    assert backup_check.drill(to, "", PASSPHRASE, LATER, name=before).ok
    assert backup_check.drill(to, "", PASSPHRASE, LATER).ok
    assert restored(to, elsewhere).name == after.manifest.name
