"""The practice's settings and its users."""

import json

from sqlalchemy import Connection, select, update

from consultdesk.consultation.audit import Role, User
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.letter import Practice
from consultdesk.errors import VaultDamaged, VaultOlder
from consultdesk.vault import tables
from consultdesk.vault.header import Header
from consultdesk.vault.rows import Reading, Row, Writing, as_written


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


def house_rule(reading: Reading, name: str) -> Row:
    """A rule of the house that lies open, by its name; empty where nobody has set it.

    Raises VaultDamaged.
    """
    row = reading.by_id(tables.house_rule, name)
    with as_written():
        return dict(json.loads(row["value"])) if row else {}


def keep_house_rule(writing: Writing, name: str, value: Row) -> None:
    """Keep a rule of the house."""
    said = json.dumps(value, sort_keys=True)
    if writing.by_id(tables.house_rule, name) is None:
        writing.insert(tables.house_rule, id=name, value=said)
    else:
        writing.update(tables.house_rule, name, tables.PRACTICE, value=said)


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


def add_user(writing: Writing, said: User, now: int) -> None:
    """Keep who a newcomer is; their full name only where what is clinical is open."""
    more = {}
    if writing.keys.open:
        more = {"full_name": said.full_name, "registration": said.registration}
        more["specialty"] = said.specialty
    table = tables.user_account
    writing.insert(table, id=new_id(now), name=said.name, role=said.role.value, **more)


def name_user(writing: Writing, name: str, full_name: str, registration: str | None = None) -> None:
    """Keep a user's full name, and their registration number where one is said, both sealed.

    Raises VaultDamaged where nothing is known of the user.
    """
    table = tables.user_account
    row = writing.one(table, select(table).where(table.c.name == name))
    if row is None:
        raise VaultDamaged("The database knows nothing of that user.")
    said = {"full_name": full_name}
    if registration is not None:
        said["registration"] = registration
    writing.update(table, row["id"], tables.PRACTICE, **said)


def set_role(writing: Writing, name: str, role: Role) -> None:
    """Keep a user's new role."""
    table = tables.user_account
    writing.sql.execute(update(table).where(table.c.name == name).values(role=role.value))


# --- the key file as the database knows it ------------------------------------------------


def header_mark(reading: Reading) -> tuple[int, str]:
    """The sequence and MAC of the newest key file this database has seen."""
    return _header_mark(reading.sql)


def _header_mark(sql: Connection) -> tuple[int, str]:
    found = sql.exec_driver_sql("SELECT sequence, mac FROM header_mark").first()
    return (int(found.sequence), str(found.mac)) if found else (0, "")


def mark_header(writing: Writing, held: Header) -> None:
    """Know a key file as the newest; who holds the clinical key seals who its members are."""
    mark = tables.header_mark
    values = {"sequence": held.sequence, "mac": held.mac}
    if not writing.sql.execute(update(mark).values(**values)).rowcount:
        writing.sql.execute(mark.insert().values(id=1, **values))
    if writing.keys.open:
        known = {"version": held.roster_version, "root": held.roots[-1].public.hex()}
        keep_setting(writing, "roster", known)


def check_header(sql: Connection, held: Header) -> None:
    """Refuse a key file older than the newest this database has seen. Raises VaultOlder."""
    sequence, mac = _header_mark(sql)
    if held.sequence < sequence or (held.sequence == sequence and held.mac != mac):
        raise VaultOlder(
            "This key file is older than the one the store was last opened with, or another.",
            kept="Nothing was changed.",
            cure="Put the newest keys.json back, or restore the store from a backup.",
        )


def check_roster(reading: Reading, held: Header) -> None:
    """Refuse a list of members older than, or foreign to, the one sealed in the database.

    Raises VaultOlder, VaultDamaged; without the clinical key nothing can be told.
    """
    known = setting(reading, "roster")
    if not known or not reading.keys.open:
        return
    if held.roster_version < known["version"]:
        raise VaultOlder(
            "The list of users in the key file is older than the one this store knows.",
            cure="Put the newest keys.json back, or restore the store from a backup.",
        )
    if held.root_after(bytes.fromhex(known["root"])) is None:
        raise VaultDamaged(
            "The list of users in the key file wasn't made by an administrator of this store.",
            cure="Restore keys.json from its copy or from a backup.",
        )


def epoch(reading: Reading) -> int:
    """How often the store was restored, from 1."""
    return int(reading.sql.exec_driver_sql("SELECT epoch FROM clock_mark").scalar_one())


def begin_epoch(writing: Writing, least: int = 0) -> int:
    """Begin a new epoch, later than any known: consents to disclose wait for a word."""
    fresh = max(epoch(writing), least) + 1
    writing.sql.execute(update(tables.clock_mark).values(epoch=fresh))
    return fresh
