"""A store that was never finished stands in nobody's way; one that was is never cleared."""

import os
import signal
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from consultdesk.errors import VaultDamaged
from consultdesk.vault import audit, founding, header
from tests.vault.building import create, reopen

if sys.platform == "win32":
    pytest.skip("Windows has no limit on the size of files", allow_module_level=True)

import resource


def made_on_a_disk_that_takes(free: int, folder: Path) -> int:
    """Make a store in a process whose files can't grow larger; how that process ended."""
    child = os.fork()
    if not child:
        code = 1
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (free, free))
            create(folder).close()
            code = 0
        except VaultDamaged:
            code = 2
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("free", [0, 4096, 65536])
def test_a_store_that_found_no_room_leaves_a_folder_that_can_be_used(
    free: int, tmp_path: Path
) -> None:
    folder = tmp_path / "a.desk"
    assert made_on_a_disk_that_takes(free, folder) == 2
    assert not list(folder.iterdir())
    create(folder).close()
    reopen(folder).close()


@pytest.mark.parametrize("with_keys", [False, True])
def test_what_a_killed_making_left_is_made_anew(tmp_path: Path, *, with_keys: bool) -> None:
    folder = tmp_path / "a.desk"
    create(folder).close()
    (folder / founding.NAME).touch()
    if not with_keys:
        for name in header.NAMES:
            (folder / name).unlink()
    (folder / "content" / ("0" * 32)).write_bytes(b"begun")
    again = create(folder)
    assert not again.orphans()
    again.close()
    assert not (folder / founding.NAME).exists()


def test_a_store_that_was_opened_since_is_finished(tmp_path: Path) -> None:
    folder = tmp_path / "a.desk"
    create(folder).close()
    (folder / founding.NAME).touch()
    reopen(folder).close()
    with pytest.raises(VaultDamaged, match="already holds something"):
        create(folder)
    reopen(folder).close()


def test_a_store_without_its_key_files_is_not_cleared(tmp_path: Path) -> None:
    folder = tmp_path / "a.desk"
    create(folder).close()
    for name in header.NAMES:
        (folder / name).unlink()
    before = (folder / "desk.db").read_bytes()
    with pytest.raises(VaultDamaged, match="already holds something"):
        create(folder)
    assert (folder / "desk.db").read_bytes() == before


def test_what_lies_beside_an_unfinished_store_and_is_not_ours_stays(tmp_path: Path) -> None:
    folder = tmp_path / "a.desk"
    folder.mkdir()
    (folder / founding.NAME).touch()
    (folder / "letter to my bank.txt").write_text("not ours")
    with pytest.raises(VaultDamaged, match="already holds something"):
        create(folder)
    assert (folder / "letter to my bank.txt").read_text() == "not ours"


def killed_at_the_commit(number: int, folder: Path) -> None:
    """Make a store in a process that is killed when it is about to commit for the n-th time."""
    child = os.fork()
    if not child:
        left = iter(range(number - 1))

        def last(_connection: object) -> None:
            if next(left, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "commit", last)
        create(folder).close()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


@pytest.mark.parametrize("number", [1, 2])
def test_a_store_whose_first_act_was_killed_is_said_to_be_unfinished_and_made_anew(
    number: int, tmp_path: Path
) -> None:
    folder = tmp_path / "a.desk"
    killed_at_the_commit(number, folder)
    with pytest.raises(VaultDamaged):
        reopen(folder)
    vault = create(folder)
    with vault.read() as reading:
        assert [line.act for line in audit.events(reading)] == ["create_store"]
    vault.close()
    reopen(folder).close()
