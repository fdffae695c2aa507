"""What left the desk, on what ground, and what became of it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Table, func, select

from consultdesk.consultation.delivery import ClearedParcel
from consultdesk.consultation.identity import new_id
from consultdesk.vault import tables
from consultdesk.vault.consents import purpose_token
from consultdesk.vault.letters import hash_token
from consultdesk.vault.rows import Reading, Row, Writing


@dataclass(frozen=True)
class DispatchEvent:
    """One thing that happened to a dispatch.

    `kind`: attempted, sent, failed, unknown, undone, received, acknowledged.
    """

    kind: str
    at: int
    detail: str
    by: str


@dataclass(frozen=True)
class Dispatch:
    """One release of one letter version to one recipient by one channel."""

    id: str
    case_id: str
    letter_id: str
    recipient_id: str
    channel_id: str
    consent_id: str
    basis: str
    purpose: str
    at: int
    by: str
    key: str
    events: tuple[DispatchEvent, ...]

    @property
    def state(self) -> str:
        """The last thing that happened; `cleared` when nothing has yet."""
        return self.events[-1].kind if self.events else "cleared"


def add(writing: Writing, cleared: ClearedParcel, dispatch_id: str, by: str) -> None:
    """Put a cleared parcel on its way; the gate's triggers ask everything once more."""
    parcel = cleared.parcel
    letter = parcel.letter
    digest = hashlib.sha256(parcel.pdf).hexdigest()
    said = {
        "id": dispatch_id,
        "case_id": letter.case_id,
        "letter_id": letter.id,
        "recipient_id": parcel.recipient.id,
        "channel_id": parcel.channel.id,
        "consent_id": cleared.consent_id or None,
        "basis": parcel.basis.value,
        "purpose_token": purpose_token(writing, letter.case_id, parcel.purpose),
        "hash_token": hash_token(writing, letter.case_id, digest),
        "at": cleared.cleared_at,
        "key": parcel.key,
    }
    bound = [by, *_bound(tables.dispatch, said)]
    writing.insert(tables.dispatch, **said, purpose=parcel.purpose.value, by=bound)


def happened(
    writing: Writing, dispatch: Dispatch, kind: str, *, at: int, by: str, detail: str = ""
) -> None:
    """Record what became of a dispatch; a fact, whatever the gate says later."""
    said = {
        "id": new_id(at),
        "case_id": dispatch.case_id,
        "dispatch_id": dispatch.id,
        "kind": kind,
        "at": at,
    }
    bound = [by, *_bound(tables.dispatch_event, said)]
    writing.insert(tables.dispatch_event, **said, detail=detail, by=bound)


def changed(reading: Reading) -> tuple[str, ...]:
    """Which of the two tables have a row that was changed since it was written.

    They carry no MAC: what lies open in a row is sealed once more together with who wrote it.
    Raises VaultDamaged, ClinicalContentClosed.
    """
    return tuple(
        table.name
        for table in (tables.dispatch, tables.dispatch_event)
        if not all(_is_bound(table, row) for row in reading.all(table, blank=True))
    )


def of_case(reading: Reading, case_id: str) -> tuple[Dispatch, ...]:
    """The case's dispatches, the first one first."""
    table = tables.dispatch
    return _all(reading, select(table).where(table.c.case_id == case_id), case_id)


def revoked_after_release(reading: Reading, start: int, stop: int) -> int:
    """How many consents were withdrawn, start ≤ t < stop, after a letter had left under them."""
    gone, out = tables.revocation, tables.dispatch
    chosen = (
        select(func.count(func.distinct(gone.c.consent_id)))
        .join(out, out.c.consent_id == gone.c.consent_id)
        .where(gone.c.at >= start, gone.c.at < stop, out.c.at <= gone.c.at)
    )
    return int(reading.sql.execute(chosen).scalar_one())


def unsettled(reading: Reading) -> tuple[int, int]:
    """How many letters wait to leave, and how many came to no good end when last tried."""
    out, event = tables.dispatch, tables.dispatch_event
    heard = select(event.c.id).where(event.c.dispatch_id == out.c.id).exists()
    waiting = select(func.count()).select_from(out).where(~heard)
    # ids are in order of time, so the last event of a letter has the greatest
    last = (
        select(func.max(event.c.id))
        .join(out, out.c.id == event.c.dispatch_id)
        .group_by(out.c.letter_id)
    )
    badly = event.c.kind.in_(("failed", "unknown"))
    failed = select(func.count()).select_from(event).where(event.c.id.in_(last), badly)
    return (
        int(reading.sql.execute(waiting).scalar_one()),
        int(reading.sql.execute(failed).scalar_one()),
    )


def by_key(reading: Reading, case_id: str, key: str) -> Dispatch | None:
    """The dispatch that was asked for under this key before."""
    table = tables.dispatch
    found = _all(reading, select(table).where(table.c.key == key), case_id)
    return found[0] if found else None


def _all(reading: Reading, chosen: Select[Any], case_id: str) -> tuple[Dispatch, ...]:
    table, event = tables.dispatch, tables.dispatch_event
    rows = reading.all(table, chosen.order_by(table.c.at, table.c.id))
    happened_to: dict[str, list[DispatchEvent]] = {}
    chosen_events = select(event).where(event.c.case_id == case_id).order_by(event.c.at, event.c.id)
    for row in reading.all(event, chosen_events):
        happened_to.setdefault(row["dispatch_id"], []).append(
            DispatchEvent(row["kind"], row["at"], row["detail"] or "", _by(row))
        )
    return tuple(_dispatch(row, tuple(happened_to.get(row["id"], ()))) for row in rows)


def _dispatch(row: Row, events: tuple[DispatchEvent, ...]) -> Dispatch:
    return Dispatch(
        id=row["id"],
        case_id=row["case_id"],
        letter_id=row["letter_id"],
        recipient_id=row["recipient_id"],
        channel_id=row["channel_id"],
        consent_id=row["consent_id"] or "",
        basis=row["basis"],
        purpose=row["purpose"],
        at=row["at"],
        by=_by(row),
        key=row["key"],
        events=events,
    )


def _bound(table: Table, row: Mapping[str, Any]) -> list[Any]:
    """What lies open in a row, in the order of its columns."""
    return [row[column.name] for column in table.columns if column.info["open"]]


def _is_bound(table: Table, row: Row) -> bool:
    """Whether what lies open is what was written; of an erased case nobody can tell."""
    return row["by"] is None or row["by"][1:] == _bound(table, row)


def _by(row: Row) -> str:
    return str(row["by"][0]) if row["by"] else ""
