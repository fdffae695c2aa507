"""The shape of the store: migrated to the newest, triggers made anew, and recognised again."""

import hashlib
from importlib.resources import files

from sqlalchemy import Connection, text

from consultdesk.errors import VaultDamaged

HEAD = "0002"
"""The newest migration; a store of any other is migrated or refused."""


def migrate(connection: Connection) -> None:
    """Bring the store to HEAD and make every trigger anew, inside the caller's transaction."""
    # Alembic is slow to import and needed only for a new or an older store.
    from alembic import command
    from alembic.config import Config

    _drop_triggers(connection)
    config = Config()
    config.set_main_option("script_location", str(files("consultdesk.vault") / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    for statement in trigger_statements():
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


def fingerprint(connection: Connection) -> str:
    """SHA-256 (hex) over the definition of every table, index and trigger."""
    rows = connection.execute(
        text("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name")
    )
    said = "\n".join(f"{kind} {name} {' '.join(sql.split())}" for kind, name, sql in rows)
    return hashlib.sha256(said.encode()).hexdigest()


def _drop_triggers(connection: Connection) -> None:
    names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
    for name in names.scalars().all():
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
