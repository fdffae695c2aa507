"""SQLCipher behind SQLAlchemy: the pragmas, the transactions, and errors in our own words."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import sqlcipher3.dbapi2
from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy.exc import DBAPIError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from consultdesk.errors import (
    ConsultDeskError,
    DiskFailed,
    DiskFull,
    DiskUnsure,
    KeyUnfit,
    VaultBusy,
    VaultDamaged,
)
from consultdesk.vault import authorizer
from consultdesk.vault.disk import not_written

Driver: TypeAlias = Any
"""The driver's own connection; sqlcipher3 publishes no types."""

_CODES: Any = sqlcipher3.dbapi2
_BROKEN = (_CODES.SQLITE_CORRUPT, _CODES.SQLITE_NOTADB, _CODES.SQLITE_IOERR)
_PLAIN_HEAD = b"SQLite format 3\0"

COPIED = 0x636F7079
"""In the head of a database that lies in a backup (its application_id): "copy"."""

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


def connect(
    path: Path, key: bytes, rights: authorizer.Rights = authorizer.ordinary
) -> Callable[[], Driver]:
    """A maker of keyed connections to one database file, each with these rights."""

    def creator() -> Driver:
        try:
            path.touch(mode=0o600)  # SQLite would let everyone read it; its log follows suit
        except OSError as error:
            raise _disk() from error
        connection = sqlcipher3.dbapi2.connect(
            str(path), isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA cipher_log_level = NONE")  # our errors say it
            connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}").fetchall()
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            rights(connection)
        except sqlcipher3.dbapi2.DatabaseError as error:
            connection.close()
            raise _opening_error(error) from error
        return connection

    return creator


def connect_lying(path: Path, key: bytes) -> Callable[[], Driver]:
    """A maker of connections to a database that nobody writes, also on a protected medium.

    It is opened where it lies, and no file is made beside it.
    """

    def creator() -> Driver:
        connection: Driver = sqlcipher3.dbapi2.connect(
            f"{path.resolve().as_uri()}?mode=ro&immutable=1",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
        )
        _use_key(connection, key, ("temp_store = MEMORY", "trusted_schema = OFF"))
        authorizer.reading(connection)
        return connection

    return creator


def stamp(path: Path) -> tuple[int, ...]:
    """What tells that a database was changed which is read where it lies; () while it has a log.

    Where there is a log, SQLite itself keeps its readers and its writers apart.
    """
    if _has_log(path):
        return ()
    said = path.stat()
    return (said.st_ino, said.st_size, said.st_mtime_ns)


def connect_reading(
    path: Path, key: bytes, rights: authorizer.Rights = authorizer.reading
) -> Callable[[], Driver]:
    """A maker of connections that write nothing, not even the index of the log beside it.

    Where there is a log its index has to be there: it is shared with whoever else has the
    database open, and where it can't be written SQLite keeps one in memory
    (sqlite.org/wal.html, "Read-Only Databases"). Without a log the file alone is the database;
    nobody locks it, so whoever reads has to see by `stamp` that it stays as it is.
    Raises VaultDamaged.
    """

    def creator() -> Driver:
        logged = _has_log(path)
        how = "mode=ro" if logged else "mode=ro&immutable=1"
        connection: Driver = sqlcipher3.dbapi2.connect(
            f"{path.resolve().as_uri()}?{how}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
        )
        pragmas = ("temp_store = MEMORY", "trusted_schema = OFF", "cell_size_check = ON")
        own = ("cipher_memory_security = OFF", "cache_size = -65536", "busy_timeout = 10000")
        try:
            _use_key(connection, key, (*own, *pragmas))
        except KeyUnfit:
            raise
        except VaultDamaged as error:
            if logged and not path.with_name(f"{path.name}-shm").exists():
                raise VaultDamaged(
                    "The store's log can't be read where nothing can be written.",
                    kept="Nothing was changed.",
                    cure="Copy the whole folder to a disk that has room, and open it there.",
                ) from error
            raise
        rights(connection)
        return connection

    return creator


def _has_log(path: Path) -> bool:
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0


def connect_copy(path: Path, key: bytes) -> Driver:
    """A connection to a new file that a whole database is copied into; whoever copies syncs it.

    What is copied page by page comes as the source was, so `unlogged` has to follow.
    """
    connection: Driver = sqlcipher3.dbapi2.connect(
        str(path), isolation_level=None, check_same_thread=False
    )
    pragmas = ("locking_mode = EXCLUSIVE", "journal_mode = OFF", "synchronous = OFF")
    _use_key(connection, key, (*pragmas, "temp_store = MEMORY"))
    return connection


def unlogged(connection: Driver) -> None:
    """Have a copied database need no log beside it, and say of itself that it is a copy."""
    connection.execute("PRAGMA journal_mode = DELETE").fetchall()
    connection.execute(f"PRAGMA application_id = {COPIED}")


def is_copied(sql: Connection) -> bool:
    """Whether the database comes out of a backup, and nobody has taken it into use since."""
    return bool(sql.exec_driver_sql("PRAGMA application_id").scalar() == COPIED)


def take_into_use(path: Path, key: bytes) -> None:
    """Have a database that was a copy be the one in use. Raises the driver's errors."""
    connection = connect(path, key, authorizer.unguarded)()
    try:
        connection.execute("PRAGMA application_id = 0")
    finally:
        connection.close()


def _use_key(connection: Driver, key: bytes, pragmas: tuple[str, ...]) -> None:
    try:
        connection.execute("PRAGMA cipher_log_level = NONE")
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}").fetchall()
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlcipher3.dbapi2.DatabaseError as error:
        connection.close()
        raise _opening_error(error) from error


def check_encrypted(path: Path) -> None:
    """Refuse a database that lies open on disk, or that has lost all it held.

    Raises VaultDamaged.
    """
    try:
        with path.open("rb") as file:
            head = file.read(len(_PLAIN_HEAD))
    except OSError:
        raise VaultDamaged("The store's database can't be read from the disk.") from None
    if head == _PLAIN_HEAD:
        raise VaultDamaged("This store isn't encrypted, so it isn't one of ours.")
    if not head:
        raise VaultDamaged("The store's database is empty.", cure="Restore it from a backup.")


def make_engine(
    path: Path,
    key: bytes,
    *,
    begin: str,
    read_only: bool,
    size: int,
    rights: authorizer.Rights | None = None,
    creator: Callable[[], Driver] | None = None,
) -> Engine:
    """An engine whose transactions start with `begin`; read-only ones can't write at all.

    `rights` widen what its connections may do beyond an act, e.g. for a migration. With a
    `creator` of its own a database is read that nobody may write.
    """
    allowed = rights or (authorizer.reading if read_only else authorizer.ordinary)
    engine = create_engine(
        "sqlite://",
        module=sqlcipher3.dbapi2,
        creator=creator or connect(path, key, allowed),
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=2,
    )

    @event.listens_for(engine, "handle_error")
    def _on_error(context: ExceptionContext) -> None:
        # SQLCipher gives nothing more on a connection that met a damaged page
        if _code(context.original_exception) in _BROKEN:
            context.is_disconnect = True

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """A transaction that is committed at the end, undone when something is raised within.

    Raises DiskUnsure when the disk fails at the commit: the log may hold all of it by then, and
    it stands when the log is read again.
    """
    done = False
    try:
        with engine.begin() as sql, _let_go_of(sql):
            yield sql
            done = True
    except DBAPIError as error:
        if done and _code(error.orig) == _CODES.SQLITE_IOERR:
            raise DiskUnsure(
                "The disk didn't confirm the data.",
                kept="Everything saved before is safe; this last step may be saved or not.",
                cure="Check the disk, open the store again and look before you repeat the step.",
            ) from error
        raise


@contextmanager
def _let_go_of(sql: Connection) -> Iterator[None]:
    """Have a connection that broke used no more, where SQLAlchemy was passed by when it did."""
    try:
        yield
    except sqlcipher3.dbapi2.Error as error:
        if _code(error) in _BROKEN:
            sql.invalidate(error)
        raise


@contextmanager
def in_our_words() -> Iterator[None]:
    """Turn a driver's error into one a person can read."""
    try:
        yield
    except DBAPIError as error:
        raise translated(error.orig) from error
    except sqlcipher3.dbapi2.Error as error:
        raise translated(error) from error
    except PoolTimeout as error:
        raise _busy() from error
    except PendingRollbackError as error:
        raise _disk() from error
    except OSError as error:  # of a file that belongs to the same step
        raise not_written(error) from error


def translated(error: BaseException | None) -> ConsultDeskError:
    """The driver's error in our words, told by its code (sqlite.org/rescode.html)."""
    code = _code(error)
    if code in (_CODES.SQLITE_BUSY, _CODES.SQLITE_LOCKED):
        return _busy()
    if code == _CODES.SQLITE_FULL:
        return DiskFull(
            "The disk is full.",
            kept="Everything saved so far is safe; this last step wasn't saved.",
            cure="Free some space and repeat the step.",
        )
    if code in (_CODES.SQLITE_IOERR, _CODES.SQLITE_CANTOPEN):
        return _disk()
    if code in (_CODES.SQLITE_CORRUPT, _CODES.SQLITE_NOTADB):
        return VaultDamaged("The store's database is damaged.", cure="Restore it from a backup.")
    if code == _CODES.SQLITE_AUTH:
        return VaultDamaged(
            "The store refused this step, because nothing a person does here needs it.",
            kept="Nothing was changed.",
        )
    if str(error).startswith(("kept:", "gate:")):
        return VaultDamaged(
            "The store refused this step, because it would change what is kept for good.",
            kept="Nothing was changed.",
        )
    return VaultDamaged(
        "The store couldn't carry out this step.",
        kept="Nothing was changed.",
        cure="Open the store again; if it happens again, verify it.",
    )


def _code(error: BaseException | None) -> int:
    """SQLite's primary result code."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _disk() -> DiskFailed:
    return DiskFailed(
        "The disk didn't accept or deliver the data.",
        kept="Everything saved so far is safe; this last step wasn't saved.",
        cure="Check the disk, then open the store again.",
    )


def _busy() -> VaultBusy:
    return VaultBusy(
        "The store is busy with another piece of work.",
        kept="Nothing was changed.",
        cure="Try again in a moment.",
    )


def _opening_error(error: Exception) -> ConsultDeskError:
    if "not a database" in str(error):
        return KeyUnfit("The key doesn't fit this store's database.", cure="Verify the store.")
    if "locked" in str(error):
        return VaultBusy("The store is busy.", cure="Try again in a moment.")
    if _code(error) in (_CODES.SQLITE_FULL, _CODES.SQLITE_IOERR, _CODES.SQLITE_CANTOPEN):
        return translated(error)
    return VaultDamaged("The store's database can't be opened.", cure="Restore it from a backup.")
