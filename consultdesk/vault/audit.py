"""The audit chain: each act's line carries the one before it, and a MAC."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import func, select

from consultdesk.consultation.audit import AuditEvent, Outcome
from consultdesk.errors import VaultDamaged
from consultdesk.vault import tables
from consultdesk.vault.rows import Reading, Row, Writing, count
from consultdesk.vault.sealed import canonical, longer

_CHAINED = (
    "seq",
    "at",
    "actor",
    "role",
    "act",
    "outcome",
    "case_id",
    "entity",
    "facts",
    "reason",
    "detail",
)
_of_chain = itemgetter(*_CHAINED)

_NEWEST = "SELECT at, seq, link FROM audit_event ORDER BY seq DESC LIMIT 1"


def append(writing: Writing, actor: str, role: str) -> int:
    """Write the act's own line behind the last one; returns its number."""
    _, last, previous = newest(writing)
    act, seq = writing.act, last + 1
    row: Row = {
        "seq": seq,
        "at": act.at,
        "actor": actor,
        "role": role,
        "act": act.what,
        "outcome": Outcome.REFUSED.value if writing.refused else Outcome.DONE.value,
        "case_id": act.case_id,
        "entity": act.entity,
        "facts": " ".join(f"{name} {added}" for name, added in sorted(writing.facts.items())),
        "previous": previous,
        "reason": None,
        "detail": None,
    }
    if writing.keys.open:  # sealed, so only by those who can seal
        said = {"reason": act.reason, "detail": ", ".join(writing.refused) or writing.detail}
        row |= writing.sealed_only(
            tables.audit_event, {name: text for name, text in said.items() if text}, seq
        )
    chained = _chained(row)
    row["link"] = link = _hash(previous, chained)
    writing.put_line(row, longer(chained, (previous, link)))
    writing.newest = act.at, seq, link
    return seq


def newest(writing: Writing) -> tuple[int, int, str]:
    """When the newest line was written (UTC ms), its number and link; nobody else adds one now."""
    if writing.newest is None:
        writing.newest = writing.driver.execute(_NEWEST).fetchone() or (0, 0, "")
    return writing.newest


def events(reading: Reading, case_id: str = "", limit: int = 1000) -> tuple[AuditEvent, ...]:
    """The newest lines first, of one case or of all."""
    chosen = select(tables.audit_event).order_by(tables.audit_event.c.seq.desc()).limit(limit)
    if case_id:
        chosen = chosen.where(tables.audit_event.c.case_id == case_id)
    return tuple(event_of(row) for row in reading.all(tables.audit_event, chosen, blank=True))


def refusals(reading: Reading, start: int, stop: int) -> int:
    """How often the gate refused a release, start ≤ t < stop (UTC ms)."""
    line = tables.audit_event.c
    return count(
        reading,
        tables.audit_event,
        line.act == "release_letter",
        line.outcome == Outcome.REFUSED.value,
        line.at >= start,
        line.at < stop,
    )


def last_seq(reading: Reading) -> int:
    """The number of the newest line, 0 in a store without any."""
    found = reading.sql.execute(
        select(tables.audit_event.c.seq).order_by(tables.audit_event.c.seq.desc()).limit(1)
    ).scalar()
    return int(found or 0)


def last_line(reading: Reading) -> AuditEvent | None:
    """The newest line, None in a store without any."""
    found = events(reading, limit=1)
    return found[0] if found else None


def link_of(reading: Reading, seq: int) -> str:
    """The link of the line of that number, "" where there is none."""
    said = "SELECT link FROM audit_event WHERE seq = ?"
    return str(reading.sql.exec_driver_sql(said, (seq,)).scalar() or "")


def last_of(reading: Reading, acts: Collection[str]) -> int:
    """The number of the newest line of one of these acts, 0 without any."""
    line = tables.audit_event.c
    chosen = select(func.max(line.seq)).where(line.act.in_(acts))
    return int(reading.sql.execute(chosen).scalar() or 0)


def last_said(reading: Reading, act: str, outcome: Outcome, entity: str = "") -> AuditEvent | None:
    """The newest line of an act with that outcome, on one matter or any; None without any."""
    line = tables.audit_event.c
    chosen = select(tables.audit_event).where(line.act == act, line.outcome == outcome.value)
    if entity:
        chosen = chosen.where(line.entity == entity)
    row = reading.one(tables.audit_event, chosen.order_by(line.seq.desc()), blank=True)
    return event_of(row) if row else None


def last_at(reading: Reading) -> int:
    """When the newest line was written (UTC ms), 0 in a store without any."""
    said = "SELECT at FROM audit_event ORDER BY seq DESC LIMIT 1"
    return int(reading.sql.exec_driver_sql(said).scalar() or 0)


def last_until(reading: Reading, at: int) -> int:
    """When the newest line up to that instant was written (UTC ms), 0 without any."""
    line = tables.audit_event.c.at
    return int(reading.sql.execute(select(func.max(line)).where(line <= at)).scalar() or 0)


def broken_links(reading: Reading) -> Iterator[int]:
    """The number of every line that was changed, lost or put in from outside.

    Without the clinical key only links and signatures can be told.
    """
    previous, expected = "", 1
    chosen = select(tables.audit_event).order_by(tables.audit_event.c.seq)
    for raw in reading.sql.execute(chosen).mappings():
        row, sound = dict(raw), raw["link"] == _link(raw)
        try:
            if reading.can_tell(tables.audit_event, raw):
                sound = sound and reading.opened(tables.audit_event, raw)["authentic"]
        except VaultDamaged:
            sound = False
        if not sound or row["previous"] != previous or row["seq"] != expected:
            yield int(row["seq"])
        previous, expected = str(row["link"]), int(row["seq"]) + 1


def uncounted_facts(reading: Reading) -> tuple[str, ...]:
    """The tables of facts that hold more or fewer rows than the chain has seen written.

    A row can be taken away without leaving a broken MAC; this is what notices it.
    """
    seen: Counter[str] = Counter()
    for said in reading.sql.execute(select(tables.audit_event.c.facts)).scalars():
        seen.update(_added(said))
    return tuple(t.name for t in tables.FACTS if count(reading, t) != seen[t.name])


def changed_facts(reading: Reading) -> tuple[str, ...]:
    """The tables of facts with a row that isn't the one this store wrote.

    A row can be changed or moved without changing how many there are. Without the clinical key
    nobody can tell.
    """
    if not reading.keys.open:
        return ()
    return tuple(
        table.name
        for table in tables.FACTS
        if "mac" in table.c
        and not all(
            reading.is_authentic(table, raw)
            for raw in reading.sql.execute(select(table)).mappings().all()
        )
    )


@dataclass(frozen=True)
class Seen:
    """How many rows of which facts the lines of some cases tell of, by what (id) they were about.

    `sound` is False when one of the lines isn't as it was written.
    """

    facts: Mapping[str, Counter[str]]
    sound: bool

    def misses(self, about: str, table: str, held: int) -> bool:
        """Whether the store holds fewer of these facts than were written, or nobody can tell."""
        return not self.sound or held < self.facts.get(about, Counter())[table]


def seen(reading: Reading, case_ids: Collection[str]) -> Seen:
    """What the audit has seen happen in these cases."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    chosen = select(tables.audit_event).where(tables.audit_event.c.case_id.in_(case_ids))
    sound = True
    for raw in reading.sql.execute(chosen).mappings():
        sound = sound and reading.is_authentic(tables.audit_event, raw)
        if raw["entity"]:
            found[raw["entity"]].update(_added(raw["facts"]))
    return Seen(found, sound)


def _added(facts: str) -> Counter[str]:
    words = facts.split()
    added = zip(words[::2], words[1::2], strict=False)
    return Counter({name: int(many) for name, many in added if many.isdecimal()})


def _link(row: Mapping[Any, Any]) -> str:
    """SHA-256 over the line before and this one as stored.

    Sealed columns count as they lie there, sealed: a hash over what they say would let
    anyone with the store key try out guesses.
    """
    return _hash(row["previous"], _chained(row))


def _chained(row: Mapping[Any, Any]) -> bytes:
    return canonical("audit_event", _of_chain(row))


def _hash(previous: str, chained: bytes) -> str:
    return hashlib.sha256(previous.encode() + chained).hexdigest()


def event_of(row: Row) -> AuditEvent:
    """A line as it was written, of an opened row; "" for what couldn't be opened."""
    return AuditEvent(
        seq=row["seq"],
        at=row["at"],
        actor=row["actor"],
        role=row["role"],
        act=row["act"],
        outcome=Outcome(row["outcome"]),
        case_id=row["case_id"],
        entity=row["entity"],
        reason=row["reason"] or "",
        detail=row["detail"] or "",
        previous=row["previous"],
        link=row["link"],
    )
