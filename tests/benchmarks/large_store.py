"""A store with very many cases, and the same rows in a plain SQLite database."""

import random
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Table, bindparam, insert, text, update

from consultdesk.consultation.audit import Act
from consultdesk.consultation.case import PRIORITY_RANK, CaseState, Priority
from consultdesk.consultation.identity import new_id
from consultdesk.desk import store
from consultdesk.samples.practice import PASSPHRASE, PHYSICIAN
from consultdesk.samples.stories import STORIES
from consultdesk.vault import tables
from consultdesk.vault.rows import Row, Writing
from consultdesk.vault.vault import Vault

_DAY = 86_400_000
_BATCH = 5000
_GATED = (CaseState.RELEASED, CaseState.RELEASED_TO_PATIENT_ONLY)  # only a dispatch leads there
_STATES = tuple(state for state in CaseState if state not in _GATED)
_PRIORITIES = tuple(Priority)
_WAITING = ("", "", "", "records", "consent")


@dataclass
class LargeStore:
    """The store, and its peer: the same tables, indexes and rows with nothing encrypted."""

    vault: Vault
    plain: sqlite3.Connection
    now: int

    def again(self) -> Vault:
        """The same store unlocked once more, with nothing opened yet."""
        return store.unlock(self.vault.folder, "", PASSPHRASE, self.now)


def build(folder: Path, count: int, now: int) -> LargeStore:
    """`count` cases of half as many patients, every sealed column sealed under its case's key."""
    vault = store.make(folder / "large.desk", PHYSICIAN, PASSPHRASE, now, throw_away=True)
    chance = random.Random(count)
    with vault.act(Act("build", now)) as writing:
        patients = _patients(writing, count // 2, now, chance)
        for start in range(0, count, _BATCH):
            numbers = range(start, min(start + _BATCH, count))
            rows = [_case(n, patients, now, chance) for n in numbers]
            _add(writing, tables.case, rows)
            _add_beside(writing, rows)
            move = update(tables.case).where(tables.case.c.id == bindparam("which"))
            writing.sql.execute(
                move.values(state=bindparam("to")),
                [{"which": row["id"], "to": chance.choice(_STATES).value} for row in rows],
            )
    return LargeStore(vault, _plain_copy(vault, folder / "plain.db"), now)


def _patients(writing: Writing, count: int, now: int, chance: random.Random) -> list[str]:
    names = [(story.person.given, story.person.family) for story in STORIES]
    rows: list[Row] = [
        {
            "id": new_id(now),
            "name": f"{chance.choice(names)[0]} {chance.choice(names)[1]} {n}",
            "phone": "+1 555 0100",
            "created_at": now,
            "birth_date": "1961-03-04",
            "birth_token": f"{n:032x}",
        }
        for n in range(count)
    ]
    _add(writing, tables.patient, rows)
    return [str(row["id"]) for row in rows]


def _case(n: int, patients: list[str], now: int, chance: random.Random) -> Row:
    priority = chance.choice(_PRIORITIES)
    received = now - chance.randrange(900) * _DAY - n
    return {
        "id": new_id(received),
        "number": f"2026-{n:06d}",
        "patient_id": chance.choice(patients),
        "specialty": chance.choice(STORIES).specialty,
        "state": CaseState.RECEIVED.value,
        "priority": priority.value,
        "priority_rank": PRIORITY_RANK[priority],
        "received_at": received,
        "due_at": received + chance.randrange(1, 40) * _DAY,
        "owner": "demo",
        "reviewer": chance.choice(("demo", "other", "")),
        "waiting_for": chance.choice(_WAITING),
        "payer": "",
        "pre_authorisation": "not_needed",
        "patient_confirmed": 1,
        "sealing": 0,
        "must_required": 4,
        "must_present": 3,
        "first_pass_complete": 0,
        "recipient_named": "physician",
        "question_line": chance.choice(STORIES).questions[0],
        "laterality": "left",
        "level": "L4/5",
        "patient_decision": "unknown",
        "major_decision": "",
        "knows_of_request": "yes",
        "primary_contact": True,
    }


def _add_beside(writing: Writing, rows: list[Row]) -> None:
    """The referral each case has, and the pause of each that waits."""
    ids = {row["id"]: new_id(row["received_at"]) for row in rows}
    referrals = [{"id": ids[row["id"]], "case_id": row["id"]} for row in rows]
    pauses = [
        {
            "id": ids[row["id"]],
            "case_id": row["id"],
            "waiting_for": row["waiting_for"],
            "started_at": row["received_at"],
        }
        for row in rows
        if row["waiting_for"]
    ]
    writing.sql.execute(insert(tables.referral), referrals)
    if pauses:
        writing.sql.execute(insert(tables.pause), pauses)


def _add(writing: Writing, table: Table, rows: list[Row]) -> None:
    """As `Writing.insert` seals and stores each, many at once."""
    sealed = set(tables.sealed_columns(table))
    empty = {column.name: None for column in table.columns}
    wrapped_keys, stored = [], []
    for row in rows:
        wrapped, key = writing.clinical.new_sealing_key(row["id"])
        wrapped_keys.append({"owner": row["id"], "wrapped": wrapped})
        stored.append(
            empty
            | {
                name: key.seal(value, table.name, name, row["id"]) if name in sealed else value
                for name, value in row.items()
            }
        )
    for start in range(0, len(rows), _BATCH):
        keys = wrapped_keys[start : start + _BATCH]
        writing.sql.execute(insert(tables.sealing_key), keys)
        writing.sql.execute(insert(table), stored[start : start + _BATCH])


def _plain_copy(vault: Vault, path: Path) -> sqlite3.Connection:
    plain = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "cache_size = -65536"):
        plain.execute(f"PRAGMA {pragma}").fetchall()
    plain.execute("BEGIN")
    with vault.read() as reading:
        shape = "SELECT sql FROM sqlite_master WHERE type = :kind AND sql IS NOT NULL"
        for (made,) in reading.sql.execute(text(shape), {"kind": "table"}):
            plain.execute(made)
        for table in tables.metadata.sorted_tables:
            _copy(plain, table, reading.sql.execute(table.select()))
        for (made,) in reading.sql.execute(text(shape), {"kind": "index"}):
            plain.execute(made)
    plain.execute("COMMIT")
    return plain


def _copy(plain: sqlite3.Connection, table: Table, rows: Any) -> None:  # noqa: ANN401 - a result
    places = ", ".join("?" for _ in table.columns)
    plain.executemany(
        f'INSERT INTO "{table.name}" VALUES ({places})',  # noqa: S608 - our own table's name
        (tuple(row) for row in rows),
    )
