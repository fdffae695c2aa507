"""Other keys for the whole store: a copy under the new ones, which then takes its place."""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, update

from consultdesk.errors import DiskFull, VaultDamaged, VaultLocked
from consultdesk.vault import authorizer, tables
from consultdesk.vault.engine import connect, in_our_words
from consultdesk.vault.header import sync_folder
from consultdesk.vault.sealed import CARRIED, ClinicalKey

NEXT = "desk.db.rekeyed"
_BESIDES = 4 << 20
"""Bytes that the copy's log and the key file need beside it."""
_LOGS = ("-wal", "-shm", "-journal")


def export(database: Path, store: bytes, after: bytes) -> Path:
    """Copy the database under another store key into a file beside it; synced.

    Nobody may write meanwhile. Raises DiskFull, VaultDamaged.
    """
    path = database.with_name(NEXT)
    abandon(database.parent)
    _check_room(database)
    with in_our_words():
        connection: Any = connect(database, store, authorizer.unguarded)()
        try:
            _whole(connection, "PRAGMA wal_checkpoint(TRUNCATE)")
            path.touch(mode=0o600)
            connection.execute(
                f"ATTACH DATABASE ? AS rekeyed KEY \"x'{after.hex()}'\"", (str(path),)
            )
            connection.execute("SELECT sqlcipher_export('rekeyed')").fetchall()
            connection.execute("DETACH DATABASE rekeyed")
        finally:
            connection.close()
    sync(path)
    return path


def _check_room(database: Path) -> None:
    """See that a copy finds room. Raises DiskFull."""
    log = database.with_name(f"{database.name}-wal")
    held = database.stat().st_size + (log.stat().st_size if log.exists() else 0)
    if shutil.disk_usage(database.parent).free < held + _BESIDES:
        raise DiskFull(
            "The disk hasn't room for the copy that exchanging the keys needs.",
            kept="Nothing was changed.",
            cure=f"Free {(held + _BESIDES >> 20) + 1} MB and repeat the step.",
        )


def exchange_clinical(sql: Connection, before: ClinicalKey, after: ClinicalKey) -> int:
    """Wrap every key of a case or patient under the new clinical key; how many.

    What they sealed, files too, stays as it is. Raises VaultDamaged.
    """
    keys = tables.sealing_key
    rows = sql.execute(select(keys).where(keys.c.owner.not_in(CARRIED))).all()
    for owner, wrapped in rows:
        fresh = before.rewrapped(wrapped, owner, after)
        sql.execute(update(keys).where(keys.c.owner == owner).values(wrapped=fresh))
    for owner, wrapped in before.carried_under(after).items():
        known = sql.execute(update(keys).where(keys.c.owner == owner).values(wrapped=wrapped))
        if not known.rowcount:
            sql.execute(insert(keys).values(owner=owner, wrapped=wrapped))
    return len(rows)


def carried(sql: Connection) -> dict[str, bytes]:
    """What the clinical key carries of an earlier one."""
    said = "SELECT owner, wrapped FROM sealing_key WHERE owner IN (?, ?, ?)"
    return {row.owner: row.wrapped for row in sql.exec_driver_sql(said, CARRIED)}


def left_open(folder: Path) -> bool:
    """Whether an exchange of keys was cut off."""
    return (folder / NEXT).is_file()


def settle(folder: Path, database: Path, store: bytes) -> None:
    """Finish an exchange that was cut off after its commit, or undo one cut off before.

    The key file is the commit: the store key in it fits one of the two. For whoever has the
    store alone; where it fits neither, nothing is done.
    """
    path = database.with_name(NEXT)
    if fits(database, store):
        abandon(folder)
    elif fits(path, store):
        put_in_place(folder, database)


def put_in_place(folder: Path, database: Path) -> None:
    """Let the copy under the new keys be the database; the search index is made anew."""
    for suffix in _LOGS:
        database.with_name(database.name + suffix).unlink(missing_ok=True)
        (folder / f"search.db{suffix}").unlink(missing_ok=True)
    (folder / "search.db").unlink(missing_ok=True)
    database.with_name(NEXT).replace(database)
    sync_folder(folder)


def abandon(folder: Path) -> None:
    """Remove a copy under new keys that never became the store's."""
    for suffix in ("", *_LOGS):
        with suppress(FileNotFoundError):
            (folder / f"{NEXT}{suffix}").unlink()


def fits(path: Path, store: bytes) -> bool:
    """Whether the store key opens that database."""
    try:
        connect(path, store)().close()
    except VaultLocked:
        return False
    return True


def sync(path: Path) -> None:
    """Have the file on the disk."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _whole(connection: Any, pragma: str) -> None:  # noqa: ANN401 - the driver publishes no types
    """Run a checkpoint that has to come to its end."""
    busy, *_ = connection.execute(pragma).fetchone()
    if busy:
        raise VaultDamaged(
            "The database is in use, so that its keys can't be exchanged.",
            kept="Nothing was changed.",
            cure="Close it elsewhere and try again.",
        )
