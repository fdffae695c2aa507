from pathlib import Path

import pytest

from consultdesk.vault.owed import NAME, PLACE, PLACES, Note, Owed

KEY = bytes(range(32))


@pytest.fixture
def owed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Owed:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "a.desk").mkdir()
    return Owed(tmp_path / "a.desk", "a store", KEY)


def note(at: int = 1, entity: str = "a record") -> Note:
    return Note("view_record", at, "anna", "physician", "a case", entity, "", ("revoked",))


def test_a_note_is_kept_in_the_place_that_was_made_for_it(owed: Owed, tmp_path: Path) -> None:
    owed.keep_room()
    size = (tmp_path / "a.desk" / NAME).stat().st_size
    owed.put(note(2))
    owed.put(note(1))
    assert owed.notes() == (note(1), note(2))
    assert (tmp_path / "a.desk" / NAME).stat().st_size == size == PLACE * PLACES
    assert not (tmp_path / "config").exists()


def test_what_is_noted_is_not_read_by_whoever_has_the_folder(owed: Owed, tmp_path: Path) -> None:
    owed.keep_room()
    owed.put(note())
    assert b"anna" not in (tmp_path / "a.desk" / NAME).read_bytes()
    assert Owed(tmp_path / "a.desk", "a store", bytes(32)).notes() == ()


def test_without_a_place_in_the_folder_a_note_lies_in_the_users_own(
    owed: Owed, tmp_path: Path
) -> None:
    owed.put(note())
    assert owed.notes() == (note(),)
    assert not (tmp_path / "a.desk" / NAME).exists()


def test_when_every_place_is_taken_the_users_own_folder_takes_the_next(
    owed: Owed, tmp_path: Path
) -> None:
    owed.keep_room()
    for at in range(PLACES + 1):
        owed.put(note(at))
    assert len(owed.notes()) == PLACES + 1
    assert (tmp_path / "config").exists()


def test_where_nothing_takes_a_note_that_is_said(owed: Owed, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("no folder")
    with pytest.raises(OSError, match=r"."):
        owed.put(note())


def test_a_note_that_is_paid_leaves_its_place_to_another(owed: Owed) -> None:
    owed.keep_room()
    owed.put(note(1))
    owed.put(note(2))
    owed.strike(note(1))
    assert owed.notes() == (note(2),)
    owed.put(note(3))
    assert owed.notes() == (note(2), note(3))


def test_a_place_that_was_changed_or_cut_off_hides_no_other(owed: Owed, tmp_path: Path) -> None:
    owed.keep_room()
    for at in (1, 2, 3):
        owed.put(note(at))
    path = tmp_path / "a.desk" / NAME
    held = bytearray(path.read_bytes())
    held[20] ^= 1
    path.write_bytes(held[: 3 * PLACE - 1])
    assert owed.notes() == (note(2),)


def test_after_an_exchange_of_keys_the_notes_are_under_the_new_one(
    owed: Owed, tmp_path: Path
) -> None:
    owed.keep_room()
    owed.put(note())
    after = Owed(tmp_path / "a.desk", "a store", bytes(32))
    owed.move_to(after)
    assert after.notes() == (note(),)
    assert owed.notes() == ()
