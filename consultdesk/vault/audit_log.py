"""The audit trail as a person reads it: chosen and paged by the database, newest first."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select

from consultdesk.consultation.audit import AuditEvent, Outcome
from consultdesk.vault import audit, tables
from consultdesk.vault.rows import Reading

_BATCH = 500


@dataclass(frozen=True)
class Asked:
    """Which lines are wanted; what is left empty asks for nothing.

    `case_id` with `patient_id` asks for what was done with a case and with its patient.
    `start` ≤ t < `stop` in UTC ms. `acts` are names, None for any. `words` stand in the name of
    the person, in a case number, or in an act of `acts_said` (what reads so in plain words).
    """

    case_id: str = ""
    patient_id: str = ""
    actor: str = ""
    acts: tuple[str, ...] | None = None
    start: int | None = None
    stop: int | None = None
    refused_only: bool = False
    words: str = ""
    acts_said: tuple[str, ...] = ()


def numbers(reading: Reading, asked: Asked) -> list[int]:
    """The numbers of every line that is wanted, the newest first."""
    line = tables.audit_event.c
    chosen = select(line.seq).where(*_wanted(asked)).order_by(line.seq.desc())
    return [int(seq) for seq in reading.sql.execute(chosen).scalars()]


def lines(reading: Reading, seqs: Collection[int]) -> tuple[AuditEvent, ...]:
    """These lines, the newest first. Without the clinical key their reasons stay closed."""
    line = tables.audit_event
    chosen = select(line).where(line.c.seq.in_(seqs)).order_by(line.c.seq.desc())
    return tuple(audit.event_of(row) for row in reading.all(line, chosen, blank=True))


def each(reading: Reading, asked: Asked) -> Iterator[AuditEvent]:
    """Every line that is wanted, oldest first, read a few hundred at a time."""
    line, last = tables.audit_event, 0
    while True:
        part: Select[Any] = (
            select(line)
            .where(*_wanted(asked), line.c.seq > last)
            .order_by(line.c.seq)
            .limit(_BATCH)
        )
        found = [audit.event_of(row) for row in reading.all(line, part, blank=True)]
        if not found:
            return
        yield from found
        last = found[-1].seq


def actors(reading: Reading) -> tuple[str, ...]:
    """The user names of everyone who ever acted."""
    chosen = select(tables.audit_event.c.actor).distinct()
    return tuple(sorted(reading.sql.execute(chosen).scalars()))


def numbered(reading: Reading, case_ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """The number of each of these cases by its id, and its patient's id."""
    case = tables.case.c
    chosen = select(case.id, case.number, case.patient_id).where(case.id.in_(case_ids))
    return {row.id: (row.number, row.patient_id) for row in reading.sql.execute(chosen)}


def cases_of_patients(reading: Reading, patient_ids: Collection[str]) -> dict[str, str]:
    """For each of these patients the numbers of their cases, in one line."""
    case = tables.case.c
    chosen = (
        select(case.patient_id, case.number)
        .where(case.patient_id.in_(patient_ids))
        .order_by(case.number)
    )
    found: dict[str, str] = {}
    for of, number in reading.sql.execute(chosen):
        found[of] = f"{found[of]}, {number}" if of in found else number
    return found


def _wanted(asked: Asked) -> list[ColumnElement[bool]]:
    line = tables.audit_event.c
    found: list[ColumnElement[bool]] = []
    if asked.case_id:
        of_patient = and_(line.case_id == "", line.entity == asked.patient_id)
        of_case = line.case_id == asked.case_id
        found.append(or_(of_case, of_patient) if asked.patient_id else of_case)
    if asked.actor:
        found.append(line.actor == asked.actor)
    if asked.acts is not None:
        found.append(line.act.in_(asked.acts))
    if asked.start is not None:
        found.append(line.at >= asked.start)
    if asked.stop is not None:
        found.append(line.at < asked.stop)
    if asked.refused_only:
        found.append(line.outcome == Outcome.REFUSED.value)
    if asked.words:
        case = tables.case.c
        numbered = select(case.id).where(case.number.contains(asked.words, autoescape=True))
        found.append(
            or_(
                line.actor.icontains(asked.words, autoescape=True),
                line.case_id.in_(numbered),
                line.act.in_(asked.acts_said),
            )
        )
    return found
