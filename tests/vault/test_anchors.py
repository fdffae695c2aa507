"""The last acknowledged line, outside the database: an older copy is noticed."""

import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from consultdesk.consultation.audit import Act
from consultdesk.consultation.delivery import Clause, Refusal, clear_by_any
from consultdesk.errors import VaultOlder
from consultdesk.vault import anchors, audit, consents, pairs, practice
from consultdesk.vault.anchors import Anchor, Anchors
from consultdesk.vault.pairs import Signatures
from consultdesk.vault.vault import Vault
from tests.consultation.parcels import NOW
from tests.vault.building import PASSPHRASE, Desk, reopen

SIGNING = pairs.new_signing()
MINE = Signatures(SIGNING, {"anna": (pairs.public_of(SIGNING),)})


def an_anchor(seq: int, epoch: int = 1) -> Anchor:
    return Anchor("store", epoch, seq, "l" * 64, NOW, "anna").signed(MINE)


def older_database(desk: Desk) -> Path:
    """A store whose database was put back to before its last withdrawal."""
    folder = desk.vault.folder
    desk.vault.close()
    kept = folder.with_name("kept.db")
    shutil.copy(folder / "desk.db", kept)
    with closing(reopen(folder)) as vault, vault.act(Act("revoke_consent", NOW)):
        pass
    shutil.copy(kept, folder / "desk.db")
    return folder


def test_a_database_older_than_its_anchor_is_refused_with_the_way_out(desk: Desk) -> None:
    folder = older_database(desk)
    with pytest.raises(VaultOlder, match="older than what was last acknowledged") as refused:
        reopen(folder)
    assert "opened as restored" in refused.value.cure


def test_opened_as_restored_every_consent_to_send_waits_for_a_word(desk: Desk) -> None:
    folder = older_database(desk)
    restored = Vault.open(folder, "anna", PASSPHRASE, NOW, as_restored=True)
    with closing(restored) as vault, vault.read() as reading:
        assert practice.epoch(reading) == 2
        asked = clear_by_any(
            desk.parcel(reading),
            consents.of_case(reading, desk.case_id),
            (),
            vault.moment(reading, NOW),
        )
        assert asked == Refusal((Clause.RECONFIRMED,))
        assert vault.anchors_hold(reading)
    reopen(folder).close()


def test_a_restored_store_begins_a_new_epoch_also_where_no_anchor_knows_better(desk: Desk) -> None:
    folder = desk.vault.folder
    desk.vault.close()
    for epoch in (2, 3):
        restored = Vault.open(folder, "anna", PASSPHRASE, NOW, as_restored=True)
        with closing(restored) as vault, vault.read() as reading:
            assert practice.epoch(reading) == epoch
            assert vault.anchors_hold(reading)


def test_the_anchor_in_the_users_own_folder_notices_it_alone(desk: Desk) -> None:
    folder = older_database(desk)
    (folder / anchors.NAME).unlink()
    with pytest.raises(VaultOlder):
        reopen(folder)


def test_the_anchor_in_the_store_notices_it_on_another_computer(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = older_database(desk)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "elsewhere"))
    with pytest.raises(VaultOlder):
        reopen(folder)


def test_without_any_anchor_verify_says_so(desk: Desk) -> None:
    with desk.vault.act(Act("revoke_consent", NOW)):
        pass
    with desk.vault.read() as reading:
        assert desk.vault.anchors_hold(reading)
    shutil.rmtree(_config() / "anchors")
    (desk.vault.folder / anchors.NAME).unlink()
    with desk.vault.read() as reading:
        assert not desk.vault.anchors_hold(reading)


def _config() -> Path:
    from platformdirs import user_config_path

    return user_config_path("consultdesk", appauthor=False)


def test_a_forged_anchor_stops_nobody(desk: Desk) -> None:
    store_id = desk.vault.members.store_id
    forged = replace(an_anchor(9999, 9), store_id=store_id).signed(MINE)
    Anchors(desk.vault.folder, store_id).write(forged)
    desk.vault.close()
    reopen(desk.vault.folder).close()


def test_a_copy_of_the_store_elsewhere_is_not_measured_by_the_first_ones_anchor(
    desk: Desk, tmp_path: Path
) -> None:
    folder = desk.vault.folder
    desk.vault.close()
    copy = shutil.copytree(folder, tmp_path / "copy.desk")
    with closing(reopen(folder)) as vault, vault.act(Act("revoke_consent", NOW)):
        pass
    reopen(copy).close()


@pytest.mark.parametrize("spoilt", [0, 1])
def test_of_two_copies_the_sound_one_is_read(tmp_path: Path, spoilt: int) -> None:
    kept = Anchors(tmp_path, "store")
    for seq in (1, 2, 3):
        kept.write(an_anchor(seq))
    path = tmp_path / anchors.NAME
    assert path.stat().st_size == 2 * anchors.PLACE
    data = bytearray(path.read_bytes())
    data[spoilt * anchors.PLACE + 100] ^= 1
    path.write_bytes(data)
    here = [one.seq for one in kept.read(MINE)]
    assert here.count(3 if spoilt else 2) == 2  # and once in the user's own folder
    assert {one.seq for one in kept.read(MINE)} <= {2, 3}


@pytest.mark.parametrize("said", [b"", b"x", b"\xff" * 3000, b"{}" * 1024, b" " * 2048])
def test_what_is_no_anchor_is_none(tmp_path: Path, said: bytes) -> None:
    (tmp_path / anchors.NAME).write_bytes(said)
    assert Anchors(tmp_path, "another").read(MINE) == ()


def test_a_folder_that_takes_no_anchor_is_said_and_the_store_has_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    kept = Anchors(tmp_path, "store")
    assert not kept.write(an_anchor(4))
    assert [one.seq for one in kept.read(MINE)] == [4]


def test_what_a_kill_left_behind_the_last_anchor_is_anchored_at_the_next_opening(
    desk: Desk,
) -> None:
    folder = desk.vault.folder
    before = (folder / anchors.NAME).read_bytes()
    with desk.vault.act(Act("revoke_consent", NOW)):
        pass
    desk.vault.close()
    (folder / anchors.NAME).write_bytes(before)
    shutil.rmtree(_config() / "anchors")
    with closing(reopen(folder)) as vault, vault.read() as reading:
        assert vault.anchors_hold(reading)
        assert "miss_anchors" not in {line.act for line in audit.events(reading)}


def test_that_every_anchor_was_gone_is_recorded_and_said_by_verify(desk: Desk) -> None:
    folder = desk.vault.folder
    desk.vault.close()
    (folder / anchors.NAME).unlink()
    shutil.rmtree(_config() / "anchors")
    with closing(reopen(folder)) as vault, vault.read() as reading:
        assert not vault.anchors_hold(reading)
        assert audit.events(reading)[0].act == "miss_anchors"
    with closing(reopen(folder)) as vault, vault.read() as reading:
        assert vault.anchors_hold(reading)
