"""The shape of the store: migrated to the newest, triggers made anew, and recognised again."""

import hashlib
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, text

from consultdesk.errors import DiskFailed, VaultDamaged

HEAD = "0002"
"""The newest migration; a store of any other is migrated or refused."""

TABLES = "26e61b6ea351836619f9520b95586e60011ded6afe2897a5be86e9d5cfa2cf1d"
"""SHA-256 (hex) over every table and index at HEAD. What the migrations make is held against it
by a test, so that no start has to run them only to compare."""


def migrate(connection: Connection) -> None:
    """Bring the store to HEAD and make every trigger anew, inside the caller's transaction.

    Raises DiskFailed where the migrations can't be read.
    """
    # Alembic is slow to import and needed only for a new or an older store.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    _drop_triggers(connection)
    config = Config()
    config.set_main_option("script_location", str(files("consultdesk.vault") / "migrations"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
        statements = trigger_statements()
    except (CommandError, OSError) as error:
        raise DiskFailed(
            "The disk doesn't deliver what the store is brought up to date with.",
            kept="The store is as it was.",
            cure="Check the disk, then open the store again.",
        ) from error
    for statement in statements:
        connection.exec_driver_sql(statement)


def version(connection: Connection) -> str:
    """The migration a store stands at; empty for a store that has none yet."""
    known = connection.execute(
        text("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'")
    ).scalar()
    if not known:
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def check_version(connection: Connection) -> bool:
    """True when the store must be migrated. Raises VaultDamaged for a store of the future."""
    found = version(connection)
    if found > HEAD:
        raise VaultDamaged("This store was made by a newer ConsultDesk.", cure="Update it.")
    return found != HEAD


def trigger_statements() -> tuple[str, ...]:
    """Every CREATE TRIGGER of gate.sql, in order."""
    script = (files("consultdesk.vault") / "gate.sql").read_text("utf-8")
    lines = (line for line in script.splitlines() if not line.startswith("--"))
    parts = "\n".join(lines).split("\nEND;")
    return tuple(f"{part.strip()}\nEND" for part in parts if part.strip())


def is_ours(connection: Connection) -> bool:
    """Whether every table, index and trigger is as this program makes them, and none is more."""
    return fingerprint(connection) == expected_fingerprint()


def check_ours(connection: Connection) -> None:
    """Raise VaultDamaged for a store whose shape was changed by something else."""
    if not is_ours(connection):
        raise VaultDamaged(
            "The tables or triggers of this store aren't the ones this program makes, so it "
            "stays closed.",
            kept="Nothing was changed by trying.",
            cure="Verify the store with `consultdesk verify`, then restore it from a backup.",
        )


def fingerprint(connection: Connection) -> str:
    """SHA-256 (hex) over the definition of every table, index and trigger."""
    chosen = "SELECT sql FROM sqlite_master WHERE type = 'trigger'"
    return _digest((tables_fingerprint(connection), *_said(connection, chosen)))


def expected_fingerprint() -> str:
    """The fingerprint of a store of ours, without making one."""
    return _digest((TABLES, *trigger_statements()))


def tables_fingerprint(connection: Connection) -> str:
    """SHA-256 (hex) over the definition of everything in the store but its triggers."""
    chosen = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND type <> 'trigger'"
    return _digest(_said(connection, chosen))


def cookie(connection: Connection) -> int:
    """A number that SQLite changes with every change of the shape (PRAGMA schema_version)."""
    # past all that SQLAlchemy does: it is asked before every act
    driver: Any = connection.connection.driver_connection
    return int(driver.execute("PRAGMA schema_version").fetchone()[0])


def _said(connection: Connection, chosen: str) -> Sequence[str]:
    return connection.execute(text(chosen)).scalars().all()


def _digest(statements: Iterable[str]) -> str:
    # to the letter: where a line ends decides what is a comment
    return hashlib.sha256("\0".join(sorted(statements)).encode()).hexdigest()


def _drop_triggers(connection: Connection) -> None:
    names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
    for name in names.scalars().all():
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
