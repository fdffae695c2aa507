"""What the store costs beside plain SQLite, a plain file, and the key derivation alone."""

import os
import random
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import pytest
from sqlalchemy import text

from consultdesk.consultation.audit import Act
from consultdesk.consultation.identity import new_id
from consultdesk.desk.gathering import FileSource
from consultdesk.vault import audit, authorizer, content, header, key, tables
from consultdesk.vault.content import SealedSource
from consultdesk.vault.engine import Driver, connect
from tests.consultation.parcels import NOW
from tests.vault.building import PASSPHRASE, Desk, create, fill, reopen

if TYPE_CHECKING:
    from consultdesk.vault.vault import Vault
    from tests.benchmarks.conftest import SideBySide

AUDIT_S = 50e-6
UNLOCK_S = 0.020
PIECE = 256 << 10
LARGE, SMALL = 64 << 20, 1 << 20


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    filled = fill(create(tmp_path / "bench.desk"))
    yield filled
    filled.vault.close()


@pytest.fixture
def plain(desk: Desk, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The same tables in plain SQLite, as safe against a power cut."""
    peer = sqlite3.connect(tmp_path / "plain.db", isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "cache_size = -65536"):
        peer.execute(f"PRAGMA {pragma}").fetchall()
    with desk.vault.read() as reading:
        shape = "SELECT sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql NOT NULL"
        for (made,) in reading.sql.execute(text(shape)):
            peer.execute(made)
    with closing(peer):
        yield peer


def test_an_act_of_one_row(
    desk: Desk, plain: sqlite3.Connection, side_by_side: "SideBySide"
) -> None:
    """One fact, sealed, with its audit line, on the disk: against the same two rows, plain."""
    seq = count(1)

    def ours() -> None:
        with desk.act() as writing:
            said = {"by": "anna", "safe_to_continue": True, "note": "a note"}
            writing.insert(tables.triage, id=new_id(NOW), case_id=desk.case_id, at=NOW, **said)

    def peer() -> None:
        n = next(seq)
        plain.execute("BEGIN IMMEDIATE")
        plain.execute(
            'INSERT INTO triage (id, case_id, at, "by", safe_to_continue, note)'
            " VALUES (?, ?, ?, ?, ?, ?)",
            (new_id(NOW), desk.case_id, NOW, "anna", 1, "a note"),
        )
        plain.execute(
            "INSERT INTO audit_event VALUES (?, ?, 'anna', 'physician', 'test', 'done', ?, '',"
            " 'triage 1', NULL, NULL, ?, ?, ?)",
            (n, NOW, desk.case_id, "l" * 64, "l" * 64, "m" * 64),
        )
        plain.execute("COMMIT")

    side_by_side.measure("an act of one row", ours, peer, 2.5, rounds=60)


def test_the_gate(desk: Desk, tmp_path: Path, side_by_side: "SideBySide") -> None:
    """A dispatch through every trigger, against the same row where the triggers were dropped."""
    with desk.vault.read() as reading:
        rows = [desk.dispatch_row(reading) for _ in range(100 if side_by_side.enabled else 2)]
        store = desk.vault.opened.store
    copy = tmp_path / "ungated.db"
    with desk.vault.act(Act("test", NOW)):
        pass
    desk.vault.close()
    shutil.copy(desk.vault.folder / "desk.db", copy)
    with (
        closing(connect(desk.vault.folder / "desk.db", store)()) as gated,
        closing(connect(copy, store, authorizer.unguarded)()) as ungated,
    ):
        triggers = ungated.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            ungated.execute(f'DROP TRIGGER "{name}"')

        def put(connection: Driver) -> None:
            names = ", ".join(f'"{name}"' for name in rows[0])
            marks = ", ".join("?" * len(rows[0]))
            connection.execute("BEGIN IMMEDIATE")
            for row in rows:
                said = f"INSERT INTO dispatch ({names}) VALUES ({marks})"  # noqa: S608
                connection.execute(said, tuple(row.values()))
            connection.execute("ROLLBACK")

        side_by_side.measure(
            "a dispatch through the gate", lambda: put(gated), lambda: put(ungated), 3.0
        )


def test_an_audit_line(desk: Desk, side_by_side: "SideBySide") -> None:
    """Chained, sealed and with its MAC, within a transaction that is open."""
    many = 500 if side_by_side.enabled else 2
    with desk.act() as writing:

        def ours() -> None:
            for _ in range(many):
                audit.append(writing, "anna", "physician")

        side_by_side.measure(f"{many} audit lines, of 50 µs each", ours, many * AUDIT_S, 1.0)


def test_a_file_is_sealed(desk: Desk, tmp_path: Path, side_by_side: "SideBySide") -> None:
    """Hashed, encrypted and synced, against a copy that is synced."""
    path = tmp_path / "large"
    path.write_bytes(os.urandom(LARGE if side_by_side.enabled else SMALL))

    def ours() -> None:
        content.store(desk.vault.content_folder, (FileSource(path, path.stat().st_size),))

    def peer() -> None:
        copied = tmp_path / "copied"
        shutil.copyfile(path, copied)
        with copied.open("rb+") as file:
            os.fsync(file.fileno())

    side_by_side.measure("64 MiB sealed, against a plain copy", ours, peer, 1 / 0.3, rounds=5)


def test_a_piece_of_a_sealed_file(desk: Desk, tmp_path: Path, side_by_side: "SideBySide") -> None:
    """256 KiB from anywhere in it, as a slide asks for them."""
    size = LARGE if side_by_side.enabled else SMALL
    path = tmp_path / "large"
    path.write_bytes(os.urandom(size))
    sealed = content.store(desk.vault.content_folder, (FileSource(path, path.stat().st_size),))
    source = SealedSource(
        "large", size, desk.vault.content_folder / sealed.name, sealed.identity, 0
    )
    chance = random.Random(7)
    places = [chance.randrange(size - PIECE) for _ in range(40)]

    def read(stream: BinaryIO) -> None:
        for at in places:
            stream.seek(at)
            assert len(stream.read(PIECE)) == PIECE

    with source.open() as ours, path.open("rb") as peer:
        side_by_side.measure(
            "40 pieces of 256 KiB, against a plain file",
            lambda: read(ours),
            lambda: read(peer),
            10.0,
        )


def test_unlocking(folder: Path, side_by_side: "SideBySide") -> None:
    """All that stands between a passphrase and an open store, beside Argon2id and 20 ms."""
    (slot,) = header.read(folder).member("anna").slots

    def peer() -> None:
        key.derive(PASSPHRASE, slot.salt, slot.parameters)
        time.sleep(UNLOCK_S)

    opened: list[Vault] = []
    side_by_side.measure(
        "unlock, against Argon2id and 20 ms", lambda: opened.append(reopen(folder)), peer, 1.0
    )
    for vault in opened:
        vault.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    create(tmp_path / "closed.desk").close()
    return tmp_path / "closed.desk"
