import os
from pathlib import Path

import pytest

from consultdesk.errors import DiskFull
from consultdesk.vault.reserve import NAME, PIECE, WHOLE, Reserve, giving_back


@pytest.fixture
def reserve(tmp_path: Path) -> Reserve:
    kept = Reserve(tmp_path)
    kept.fill()
    return kept


def test_what_is_kept_back_is_really_taken_from_the_disk_and_for_nobody_else(
    reserve: Reserve, tmp_path: Path
) -> None:
    assert reserve.size == WHOLE
    if os.name != "nt":
        said = (tmp_path / NAME).stat()
        assert said.st_blocks * 512 >= WHOLE
        assert said.st_mode & 0o077 == 0


def test_it_is_given_back_a_piece_at_a_time_until_nothing_is_left(
    reserve: Reserve, tmp_path: Path
) -> None:
    pieces = 0
    while reserve.give_back():
        pieces += 1
    assert pieces == WHOLE // PIECE
    assert reserve.size == 0
    assert not (tmp_path / NAME).exists()


def test_what_was_given_back_is_kept_back_again(reserve: Reserve) -> None:
    reserve.give_back()
    assert reserve.size == WHOLE - PIECE
    reserve.fill()
    assert reserve.size == WHOLE


def test_where_there_is_room_nothing_is_given_back(reserve: Reserve) -> None:
    with giving_back(reserve):
        pass
    assert reserve.size == WHOLE
    assert not reserve.short


def test_a_step_that_found_no_room_is_given_some_for_its_repetition(reserve: Reserve) -> None:
    """A quota isn't seen beforehand."""
    with pytest.raises(DiskFull), giving_back(reserve):
        raise DiskFull("The disk is full.")
    assert reserve.size == WHOLE - PIECE


def test_a_folder_that_is_gone_makes_no_trouble(tmp_path: Path) -> None:
    nowhere = Reserve(tmp_path / "nowhere")
    nowhere.fill()
    nowhere.help()
    assert not nowhere.give_back()
    assert not nowhere.short
