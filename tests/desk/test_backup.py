"""Backups as acts of the desk: recorded, remembered, reminded of, tried out, restored from."""

from contextlib import closing
from pathlib import Path

import pytest

from consultdesk.consultation.audit import Role
from consultdesk.consultation.backup import BackupRule, Due
from consultdesk.desk import backup, consent, store
from consultdesk.errors import (
    BackupDamaged,
    BackupFailed,
    ConsentMissing,
    FormIncomplete,
    NotAllowed,
    PassphraseWrong,
    TriedTooSoon,
    VaultLocked,
)
from consultdesk.samples import walk
from consultdesk.samples.practice import PASSPHRASE
from consultdesk.vault import audit, recovery, slots
from consultdesk.vault.header import RECOVERY
from consultdesk.vault.vault import Vault
from tests.vault.building import PASSPHRASE as THEIRS
from tests.vault.building import add_user
from tests.vault.test_backup import flip

DAY = 86_400_000


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    place = tmp_path / "stick"
    place.mkdir()
    return place


def test_a_backup_is_recorded_and_its_place_remembered(
    vault: Vault, received: str, stick: Path, now: int
) -> None:
    done = backup.back_up(vault, now, place=stick)
    said = backup.standing(vault, now)
    assert (said.place, said.last, said.name) == (str(stick), now, done.taken.manifest.name)
    assert said.due is Due.NOTHING
    with vault.read() as reading:
        assert audit.events(reading, limit=1)[0].act == "back_up"
    again = backup.back_up(vault, now + 1)
    assert [one.name for one in backup.snapshots(vault)] == [
        again.taken.manifest.name,
        done.taken.manifest.name,
    ]
    assert all(one.verified for one in backup.snapshots(vault))


def test_a_backup_that_failed_isnt_recorded_as_one(vault: Vault, stick: Path, now: int) -> None:
    stick.rename(stick.with_name("pulled out"))
    with pytest.raises(BackupFailed):
        backup.back_up(vault, now, place=stick)
    assert backup.standing(vault, now).last is None


def test_a_reminder_says_that_there_is_no_place_or_the_last_is_old(
    vault: Vault, stick: Path, now: int
) -> None:
    assert backup.standing(vault, now).due is Due.NO_PLACE
    backup.choose_place(vault, stick, now)
    assert backup.standing(vault, now).due is Due.NEVER
    backup.back_up(vault, now)
    assert backup.standing(vault, now + 7 * DAY).due is Due.NOTHING
    assert backup.standing(vault, now + 7 * DAY + 1).due is Due.OLD
    backup.choose_rule(vault, BackupRule(remind_after=14), now)
    assert backup.standing(vault, now + 8 * DAY).due is Due.NOTHING


def test_an_empty_mount_point_isnt_taken_for_the_stick(vault: Vault, stick: Path, now: int) -> None:
    backup.back_up(vault, now, place=stick)
    stick.rename(stick.with_name("pulled out"))
    stick.mkdir()
    with pytest.raises(BackupFailed, match="disk isn't there"):
        backup.back_up(vault, now + 1)
    assert not list(stick.iterdir())
    backup.choose_place(vault, stick, now + 2)
    assert backup.back_up(vault, now + 3).taken.found.ok


def test_an_assistant_is_told_whom_to_ask(vault: Vault, stick: Path, now: int) -> None:
    add_user(vault, "asha", Role.ASSISTANT)
    with (
        closing(Vault.open(vault.folder, "asha", THEIRS, now)) as theirs,
        pytest.raises(NotAllowed, match="role"),
    ):
        backup.back_up(theirs, now, place=stick)


def test_a_drill_is_recorded_also_when_it_finds_something(
    vault: Vault, received: str, stick: Path, now: int
) -> None:
    done = backup.back_up(vault, now, place=stick)
    assert backup.drill(vault, PASSPHRASE, now + 1).ok
    assert backup.standing(vault, now + 1).drilled == now + 1
    folder = backup.find(stick)
    largest = max(done.taken.manifest.content, key=lambda one: one.size)
    flip(folder.content(largest.name), 100)
    assert not backup.drill(vault, PASSPHRASE, now + 2).ok
    with vault.read() as reading:
        last = audit.events(reading, limit=1)[0]
    assert (last.act, last.outcome, last.entity) == ("drill_backup", "refused", folder.names()[0])
    assert backup.standing(vault, now + 2).due is Due.DAMAGED
    (folder.snapshot(folder.names()[0]) / "manifest.json").write_text("{")
    with pytest.raises(BackupDamaged):
        backup.drill(vault, PASSPHRASE, now + 3)
    assert backup.standing(vault, now + 3).drilled == now + 1
    backup.back_up(vault, now + 4)
    assert backup.standing(vault, now + 4).due is Due.NOTHING


def test_a_drill_asks_for_the_right_passphrase(vault: Vault, stick: Path, now: int) -> None:
    backup.back_up(vault, now, place=stick)
    with pytest.raises(VaultLocked):
        backup.drill(vault, "another passphrase entirely", now)


def test_wrong_passphrases_at_a_drill_make_the_next_one_wait(
    vault: Vault, stick: Path, now: int
) -> None:
    backup.back_up(vault, now, place=stick)
    for _ in range(3):
        with pytest.raises(PassphraseWrong):
            backup.drill(vault, "another passphrase entirely", now)
    with pytest.raises(TriedTooSoon):
        backup.drill(vault, PASSPHRASE, now)
    assert backup.drill(vault, PASSPHRASE, now + 10 * 60_000).ok


def test_old_backups_are_let_go_by_the_rule(vault: Vault, stick: Path, now: int) -> None:
    first = backup.back_up(vault, now, place=stick).taken.manifest.name
    second = backup.back_up(vault, now + 1).taken.manifest.name
    backup.choose_rule(vault, BackupRule(hours=1), now)
    done = backup.back_up(vault, now + 2 * 3_600_000)
    left = backup.find(stick).names()
    assert first in done.pruned
    assert first not in left
    assert done.taken.manifest.name in left
    assert set(left) | set(done.pruned) == {first, second, done.taken.manifest.name}


def test_after_a_restore_a_letter_leaves_only_once_the_consent_is_confirmed_again(
    vault: Vault,
    drafted: str,
    stick: Path,
    tmp_path: Path,
    now: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    signed = walk.sign(vault, drafted, PASSPHRASE, now)
    given = walk.agree(vault, drafted, now)
    sheet = recovery.new()
    slots.keep_recovery(vault, sheet, now)
    backup.back_up(vault, now, place=stick)
    vault.close()
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "another computer" / name))
    place = tmp_path / "another computer" / "b.desk"
    assert backup.restore(stick, place, RECOVERY, sheet.lower(), now).lacking == ()
    with closing(store.unlock(place, "", PASSPHRASE, now)) as there:
        assert store.verify(there).ok
        out = tmp_path / "out"
        out.mkdir()
        with pytest.raises(ConsentMissing) as refused:
            walk.release(there, drafted, signed, out, "open sesame", now)
        assert refused.value.clauses == ("reconfirmed",)
        assert not list(out.glob("*.pdf"))
        consent.reconfirm(there, drafted, given.id, now, "Asked by telephone.")
        walk.release(there, drafted, signed, out, "open sesame", now)
        assert list(out.glob("*.pdf"))


def test_the_disk_itself_may_be_named_where_one_folder_lies_on_it(
    vault: Vault, stick: Path, now: int
) -> None:
    done = backup.back_up(vault, now, place=stick)
    assert backup.find(stick).path == done.taken.folder == backup.find(done.taken.folder).path
    (stick / "other").mkdir()
    with pytest.raises(BackupFailed, match="no backups"):
        backup.find(stick / "other")
    with pytest.raises(BackupFailed, match="isn't there"):
        backup.find(stick / "nowhere")


@pytest.mark.parametrize("part", ["hours", "days", "weeks", "remind_after"])
def test_a_rule_that_would_keep_nothing_is_not_laid_down(vault: Vault, now: int, part: str) -> None:
    with pytest.raises(FormIncomplete, match="1 or more"):
        backup.choose_rule(vault, BackupRule(**{part: 0}), now)
    assert backup.standing(vault, now).rule == BackupRule()


def test_a_folder_of_backups_says_who_could_open_each_of_them(
    vault: Vault, stick: Path, now: int
) -> None:
    first = backup.back_up(vault, now, place=stick).taken.manifest.name
    add_user(vault, "asha", Role.ASSISTANT)
    second = backup.back_up(vault, now + 1).taken.manifest.name
    assert [one.name for one in backup.found(stick)] == [second, first]
    assert backup.users_of(stick, first) == (vault.user,)
    assert backup.users_of(stick, second) == (vault.user, "asha")
    with pytest.raises(BackupFailed):
        backup.found(stick / "nowhere")


def test_a_backup_whose_key_files_are_damaged_says_so_before_anything_is_typed(
    vault: Vault, stick: Path, now: int
) -> None:
    name = backup.back_up(vault, now, place=stick).taken.manifest.name
    for one in stick.glob(f"*.backup/**/{name}/keys*.json"):
        one.write_text("{}")
    with pytest.raises(BackupDamaged, match="key file"):
        backup.users_of(stick, name)
