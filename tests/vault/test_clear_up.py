"""Sealed files that a killed import left: removed where nobody can be in the middle of one."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from consultdesk.consultation.audit import Act
from consultdesk.consultation.source import MemorySource
from consultdesk.vault import audit
from consultdesk.vault.content import store
from consultdesk.vault.lock import Presence
from consultdesk.vault.vault import Vault
from tests.consultation.parcels import NOW
from tests.vault.building import PASSPHRASE, Desk

DAY = 24 * 60 * 60 * 1000
LATER = NOW + DAY
"""A day after the store, made at NOW, was last in use."""

_BEGUN = """
import sys, time
from pathlib import Path
from consultdesk.consultation.source import MemorySource
from consultdesk.vault.content import store
from consultdesk.vault.vault import Vault
vault = Vault.open(Path(sys.argv[1]), "", sys.argv[2], int(sys.argv[3]))
print(store(vault.content_folder, (MemorySource("a", b"half an import"),)).name, flush=True)
time.sleep(60)
"""

_KILLED = """
import os, sys
from pathlib import Path
from consultdesk.vault.vault import Vault
vault = Vault.open(Path(sys.argv[1]), "", sys.argv[2], int(sys.argv[3]), desktop=True)
vault.listen(lambda topics: os._exit(9))
vault.clear_up(int(sys.argv[3]) + 86_400_000)
"""


@pytest.fixture
def folder(desk: Desk) -> Path:
    """A store with one case in it, closed."""
    desk.vault.close()
    return desk.vault.folder


def command(script: str, folder: Path) -> list[str]:
    return [sys.executable, "-c", script, str(folder), PASSPHRASE, str(NOW)]


@contextmanager
def begun(folder: Path) -> Iterator[Path]:
    """A process in the middle of an import, killed in the end, and the file it has sealed."""
    process = subprocess.Popen(command(_BEGUN, folder), stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout
        left = folder / "content" / process.stdout.readline().strip()
        age(left)
        yield left
        process.kill()


def age(path: Path, at: int = NOW - DAY) -> None:
    """Make the file one that was written then."""
    os.utime(path, (at / 1000, at / 1000))


def opened(folder: Path) -> Vault:
    return Vault.open(folder, "", PASSPHRASE, NOW, desktop=True)


def used(folder: Path, at: int) -> Vault:
    """The store, opened and in use at that time, by somebody who takes an older one too."""
    vault = Vault.open(folder, "", PASSPHRASE, at, desktop=True, as_restored=True)
    with vault.act(Act("confirm_clock", at)):
        pass
    with vault.act(Act("unlock", at)):
        return vault


def lines(vault: Vault) -> list[str]:
    with vault.read() as reading:
        return [one.detail for one in audit.events(reading) if one.act == "clear_up"]


def test_what_a_killed_import_left_is_removed_and_counted(folder: Path) -> None:
    with begun(folder) as left:
        pass
    vault = opened(folder)
    kept = set(vault.content_folder.iterdir()) - {left}
    assert vault.clear_up(LATER) == 1
    assert set(vault.content_folder.iterdir()) == kept
    assert lines(vault) == ["1 sealed files without a record"]
    assert vault.clear_up(LATER) == 0
    assert len(lines(vault)) == 1
    vault.close()


def test_an_import_beside_it_loses_nothing(folder: Path) -> None:
    with begun(folder) as left:
        vault = opened(folder)
        assert vault.clear_up(LATER) == 0
        assert left.exists()
        assert lines(vault) == []
    assert vault.clear_up(LATER) == 1
    vault.close()


def test_a_file_of_today_and_one_that_isnt_ours_stay(folder: Path) -> None:
    vault = opened(folder)
    young = vault.content_folder / store(vault.content_folder, (MemorySource("a", b"x"),)).name
    age(young, NOW + DAY // 2)
    strange = vault.content_folder / "notes of somebody.txt"
    strange.write_bytes(b"")
    age(strange)
    assert vault.clear_up(LATER) == 0
    assert young.exists()
    assert strange.exists()
    with vault.act(Act("look", LATER)):
        pass
    assert vault.clear_up(LATER + DAY) == 1
    assert not young.exists()
    vault.close()


def test_a_database_put_in_the_place_of_another_costs_that_one_no_file(
    folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    at = NOW + 3 * DAY
    vault = used(folder, at)
    newer = vault.content_folder / store(vault.content_folder, (MemorySource("a", b"x"),)).name
    age(newer, at=at)
    vault.close()
    for old in (tmp_path / "copy").glob("desk.db*"):
        shutil.copy(old, folder)
    for at in (NOW + 9 * DAY, NOW + 9 * DAY + DAY // 2):
        vault = used(folder, at)
        assert vault.clear_up(at) == 0
        assert newer.exists()
        vault.close()
    vault = used(folder, NOW + 10 * DAY)
    assert vault.clear_up(NOW + 10 * DAY) == 1
    vault.close()


def test_a_kill_between_the_record_and_the_removal_leaves_it_for_the_next_time(
    folder: Path,
) -> None:
    with begun(folder) as left:
        pass
    assert subprocess.run(command(_KILLED, folder), check=False).returncode == 9
    assert left.exists()
    vault = opened(folder)
    assert vault.clear_up(LATER) == 1
    assert not left.exists()
    assert len(lines(vault)) == 2
    vault.close()


def test_the_command_line_clears_nothing_up(folder: Path) -> None:
    with begun(folder) as left:
        pass
    vault = Vault.open(folder, "", PASSPHRASE, NOW)
    assert vault.clear_up(LATER) == 0
    assert left.exists()
    vault.close()


def test_who_opens_the_store_waits_until_it_is_cleared_up(tmp_path: Path) -> None:
    first = Presence(tmp_path)
    with ThreadPoolExecutor(1) as beside:
        with first.alone() as alone:
            assert alone
            coming = beside.submit(Presence, tmp_path)
        second = coming.result(timeout=10)
    with first.alone() as alone:
        assert not alone
    second.release()
    with first.alone() as alone:
        assert alone
    first.release()
