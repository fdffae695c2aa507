"""SQLCipher behind SQLAlchemy: the pragmas, the transactions, and errors in our own words."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import sqlcipher3.dbapi2
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from consultdesk.errors import ConsultDeskError, VaultBusy, VaultDamaged, VaultLocked

Driver: TypeAlias = Any
"""The driver's own connection; sqlcipher3 publishes no types."""

_PLAIN_HEAD = b"SQLite format 3\0"

_PRAGMAS = (
    "cipher_memory_security = OFF",  # up to 14 times slower; keys live in Python's memory anyway
    "temp_store = MEMORY",  # FILE would write plaintext while sorting
    "journal_mode = WAL",
    "synchronous = FULL",  # NORMAL loses acknowledged work in a power cut
    "foreign_keys = ON",
    "recursive_triggers = ON",  # so that REPLACE meets the delete triggers
    "trusted_schema = OFF",
    "cell_size_check = ON",
    "secure_delete = ON",
    "cache_size = -65536",  # 64 MiB: the cache decides the speed, not the cipher
    "busy_timeout = 10000",
)


def connect(path: Path, key: bytes) -> Callable[[], Driver]:
    """A maker of keyed connections to one database file."""

    def creator() -> Driver:
        connection = sqlcipher3.dbapi2.connect(
            str(path), isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}").fetchall()
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlcipher3.dbapi2.DatabaseError as error:
            connection.close()
            raise _opening_error(error) from error
        return connection

    return creator


def check_encrypted(path: Path) -> None:
    """Refuse a database that lies open on disk. Raises VaultDamaged."""
    with path.open("rb") as file:
        if file.read(len(_PLAIN_HEAD)) == _PLAIN_HEAD:
            raise VaultDamaged("This store isn't encrypted, so it isn't one of ours.")


def make_engine(path: Path, key: bytes, *, begin: str, read_only: bool, size: int) -> Engine:
    """An engine whose transactions start with `begin`; read-only ones can't write at all."""
    engine = create_engine(
        "sqlite://",
        module=sqlcipher3.dbapi2,
        creator=connect(path, key),
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=2,
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Driver, _record: object) -> None:
        if read_only:
            connection.execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


@contextmanager
def in_our_words() -> Iterator[None]:
    """Turn a driver's error into one a person can read."""
    try:
        yield
    except DBAPIError as error:
        raise translated(error) from error


def translated(error: DBAPIError) -> ConsultDeskError:
    """The driver's error in our words."""
    said = str(error.orig)
    if "locked" in said or "busy" in said:
        return VaultBusy(
            "The store is busy with another piece of work.",
            kept="Nothing was changed.",
            cure="Try again in a moment.",
        )
    if "full" in said:
        return VaultDamaged(
            "The disk is full.",
            kept="Everything saved so far is safe; this last step wasn't saved.",
            cure="Free some space and repeat the step.",
        )
    if "disk I/O" in said or "unable to open" in said:
        return VaultDamaged(
            "The disk didn't accept or deliver the data.",
            kept="Everything saved so far is safe; this last step wasn't saved.",
            cure="Check the disk, then open the store again.",
        )
    if "malformed" in said or "not a database" in said:
        return VaultDamaged("The store's database is damaged.", cure="Restore it from a backup.")
    if said.startswith(("kept:", "gate:")):
        return VaultDamaged(
            "The store refused this step, because it would change what is kept for good.",
            kept="Nothing was changed.",
        )
    return VaultDamaged(
        "The store couldn't carry out this step.",
        kept="Nothing was changed.",
        cure="Open the store again; if it happens again, verify it.",
    )


def _opening_error(error: Exception) -> ConsultDeskError:
    if "not a database" in str(error):
        return VaultLocked("The key doesn't fit this store's database.", cure="Verify the store.")
    if "locked" in str(error):
        return VaultBusy("The store is busy.", cure="Try again in a moment.")
    return VaultDamaged("The store's database can't be opened.", cure="Restore it from a backup.")
