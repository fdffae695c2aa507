"""Whoever closes the store leaves nothing of it open, though others read at that moment."""

import os
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from consultdesk.consultation.audit import Act
from consultdesk.errors import VaultLocked
from consultdesk.vault import check
from tests.consultation.parcels import NOW
from tests.vault.building import Desk, reopen
from tests.vault.test_rekey import exchange

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


def held_open(folder: Path) -> list[str]:
    """The store's files that this process holds open."""
    entries = Path("/proc/self/fd")
    if not entries.is_dir():
        pytest.skip("only Linux tells which files a process holds open")
    names = []
    for entry in entries.iterdir():
        try:
            names.append(os.readlink(entry))
        except OSError:
            continue
    return [name for name in names if name.startswith(str(folder))]


class Reader:
    """One who reads on a thread of their own."""

    def __init__(self, work: Callable[["Reader"], None]) -> None:
        self.began, self.may_go_on = threading.Event(), threading.Event()
        self.refused: BaseException | None = None
        self._work = work
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self.began.wait(10)

    def _run(self) -> None:
        try:
            self._work(self)
        except VaultLocked as error:
            self.refused = error

    def end(self) -> None:
        self.may_go_on.set()
        self._thread.join(20)
        assert not self._thread.is_alive()


def test_a_question_that_takes_long_is_broken_off(desk: Desk) -> None:
    def ask(reader: Reader) -> None:
        with desk.vault.read() as reading:
            reader.began.set()
            reading.sql.execute(text(ENDLESS)).scalar()

    reader = Reader(ask)
    desk.vault.close()
    assert held_open(desk.vault.folder) == []
    reader.end()
    assert isinstance(reader.refused, VaultLocked)


def test_whoever_still_works_on_what_was_read_closes_it_when_done(desk: Desk) -> None:
    def ponder(reader: Reader) -> None:
        with desk.vault.read() as reading:
            reading.sql.execute(text("SELECT 1")).scalar()
            reader.began.set()
            reader.may_go_on.wait(20)

    reader = Reader(ponder)
    desk.vault.close()
    reader.end()
    assert held_open(desk.vault.folder) == []
    assert reader.refused is None


def test_those_who_come_and_go_while_it_is_closed_leave_nothing_behind(desk: Desk) -> None:
    def look_again_and_again(reader: Reader) -> None:
        reader.began.set()
        while not reader.may_go_on.is_set():
            with vault.read() as reading:
                reading.sql.execute(text("SELECT 1")).scalar()

    vault = desk.vault
    for _ in range(6):
        readers = [Reader(look_again_and_again) for _ in range(3)]
        vault.close()
        assert held_open(vault.folder) == []
        for reader in readers:
            reader.end()
            assert isinstance(reader.refused, VaultLocked)
        vault = reopen(vault.folder)
    vault.close()


def test_nobody_reads_once_the_store_is_closed(desk: Desk) -> None:
    lent = desk.vault.read()
    desk.vault.close()
    with pytest.raises(VaultLocked, match="locked"), lent:
        pass
    assert held_open(desk.vault.folder) == []


def test_whoever_reads_while_the_keys_are_exchanged_harms_nothing(desk: Desk) -> None:
    def ponder(reader: Reader) -> None:
        with desk.vault.read() as reading:
            reading.sql.execute(text("SELECT 1")).scalar()
            reader.began.set()
            reader.may_go_on.wait(20)

    reader = Reader(ponder)
    exchange(desk.vault)
    with desk.vault.act(Act("test", NOW)):
        pass
    reader.end()
    with desk.vault.act(Act("test", NOW)):
        pass
    desk.vault.close()
    assert held_open(desk.vault.folder) == []
    with closing(reopen(desk.vault.folder)) as again, again.read() as reading:
        assert check.database_is_sound(reading)
        found, wrong = check.chain_is_sound(reading)
        assert (found > 3, wrong) == (True, ())
