"""Somebody with the store key alone: a second connection, without triggers and without the
clinical key."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from consultdesk.vault import authorizer, header, members, schema
from consultdesk.vault.engine import connect
from consultdesk.vault.rows import Writing
from tests.vault.building import PASSPHRASE, Desk


def open_keys(folder: Path, passphrase: str = PASSPHRASE) -> members.OpenKeys:
    held = header.read(folder)
    return members.unlock(held, held.members[0].name, passphrase)


def raw(folder: Path, passphrase: str = PASSPHRASE) -> Any:  # noqa: ANN401 - the driver's own
    """A connection under the store key that no authorizer holds back; the triggers stand."""
    key = open_keys(folder, passphrase).store
    return connect(folder / "desk.db", key, authorizer.unguarded)()


@contextmanager
def unguarded(writing: Writing) -> Iterator[None]:
    """The connection of an act as if no authorizer stood before it: what is left are triggers."""
    connection = writing.sql.connection.dbapi_connection
    authorizer.unguarded(connection)
    try:
        yield
    finally:
        authorizer.ordinary(connection)


@contextmanager
def foreigner(folder: Path, passphrase: str = PASSPHRASE) -> Iterator[Any]:
    """A raw connection under the store key, all triggers dropped meanwhile and put back after."""
    connection = raw(folder, passphrase)
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("BEGIN IMMEDIATE")
    for (name,) in names:
        connection.execute(f'DROP TRIGGER "{name}"')
    yield connection
    for statement in schema.trigger_statements():
        connection.execute(statement)
    connection.execute("COMMIT")
    connection.close()


def destroy_key(desk: Desk, owner: str) -> None:
    """As somebody would who wants a case gone without an erasure."""
    with foreigner(desk.vault.folder) as store:
        store.execute("DELETE FROM sealing_key WHERE owner = ?", (owner,))
    with desk.vault.read() as reading:
        reading.keys.forget(owner)


def row_of(connection: Any, table: str, value: str, by: str = "id") -> dict[str, Any]:  # noqa: ANN401
    cursor = connection.execute(f'SELECT * FROM "{table}" WHERE "{by}" = ?', (value,))  # noqa: S608
    names = [column[0] for column in cursor.description]
    return dict(zip(names, cursor.fetchone(), strict=True))


def put(connection: Any, table: str, row: dict[str, Any]) -> None:  # noqa: ANN401
    marks = ", ".join("?" for _ in row)
    names = ", ".join(f'"{name}"' for name in row)
    said = f'INSERT INTO "{table}" ({names}) VALUES ({marks})'  # noqa: S608
    connection.execute(said, tuple(row.values()))
