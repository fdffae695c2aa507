"""The practice's settings and its users."""

from sqlalchemy import select

from consultdesk.consultation.audit import Role, User
from consultdesk.consultation.letter import Practice
from consultdesk.vault import tables
from consultdesk.vault.rows import Reading, Row, Writing


def setting(reading: Reading, name: str) -> Row | None:
    """A group of settings by its name."""
    row = reading.by_id(tables.setting, name, blank=True)
    return row["value"] if row else None


def keep_setting(writing: Writing, name: str, value: Row) -> None:
    """Keep a group of settings."""
    if writing.by_id(tables.setting, name) is None:
        writing.insert(tables.setting, id=name, value=value)
    else:
        writing.update(tables.setting, name, tables.PRACTICE, value=value)


def letterhead(reading: Reading) -> Practice:
    """Who the practice is, as its letters say it."""
    return Practice(**(setting(reading, "letterhead") or {}))


def keep_letterhead(writing: Writing, practice: Practice) -> None:
    """Keep who the practice is."""
    keep_setting(writing, "letterhead", dict(vars(practice)))


def user(reading: Reading, name: str) -> User:
    """The user of that name; an unknown one has no more than the name."""
    table = tables.user_account
    row = reading.one(table, select(table).where(table.c.name == name), blank=True)
    if row is None:
        return User(name, name, Role.ASSISTANT)
    return User(
        row["name"],
        row["full_name"] or row["name"],
        Role(row["role"]),
        row["registration"] or "",
        row["specialty"] or "",
    )
