"""Somebody with the store key alone: a second connection, without triggers and without the
clinical key."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from consultdesk.vault import header, members, schema
from consultdesk.vault.engine import connect
from tests.vault.building import PASSPHRASE


def open_keys(folder: Path) -> members.OpenKeys:
    held = header.read(folder)
    return members.unlock(held, held.members[0].name, PASSPHRASE)


@contextmanager
def foreigner(folder: Path) -> Iterator[Any]:
    """A raw connection under the store key, all triggers dropped meanwhile and put back after."""
    connection = connect(folder / "desk.db", open_keys(folder).store)()
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


def row_of(connection: Any, table: str, value: str, by: str = "id") -> dict[str, Any]:  # noqa: ANN401
    cursor = connection.execute(f'SELECT * FROM "{table}" WHERE "{by}" = ?', (value,))  # noqa: S608
    names = [column[0] for column in cursor.description]
    return dict(zip(names, cursor.fetchone(), strict=True))


def put(connection: Any, table: str, row: dict[str, Any]) -> None:  # noqa: ANN401
    marks = ", ".join("?" for _ in row)
    names = ", ".join(f'"{name}"' for name in row)
    said = f'INSERT INTO "{table}" ({names}) VALUES ({marks})'  # noqa: S608
    connection.execute(said, tuple(row.values()))
