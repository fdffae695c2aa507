"""Every case's clock in a handful of statements, from columns a manager may see."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select

from consultdesk.consultation.assessment import DiagnosisRelation
from consultdesk.consultation.case import CaseState, FlagAnswer, Priority
from consultdesk.consultation.turnaround import (
    CaseClock,
    FlagTiming,
    Pause,
    PauseReason,
    ReleasedKind,
)
from consultdesk.vault import tables
from consultdesk.vault.rows import Reading

Only = tuple[str, ...]
"""The ids of the cases that are asked for; none for all."""

_ENDS = ("declined", "returned", "withdrawn")


def clocks(reading: Reading, case_id: str = "") -> list[CaseClock]:
    """The clocks of all cases, or of one.

    Discordance and red flags are clinical: without the clinical key they are left out.
    """
    only = (case_id,) if case_id else ()
    flags = _flags(reading, only) if reading.keys.open else {}
    differ = _discordance(reading, only) if reading.keys.open else {}
    return list(_clocks(reading, only, flags, differ).values())


def bare_clocks(reading: Reading, case_ids: Collection[str]) -> dict[str, CaseClock]:
    """The clocks of these cases by id, without discordance and red flags."""
    return _clocks(reading, tuple(case_ids), {}, {}) if case_ids else {}


def _clocks(
    reading: Reading,
    only: Only,
    flags: dict[str, list[FlagTiming]],
    differ: dict[str, bool],
) -> dict[str, CaseClock]:
    moved = _moves(reading, only)
    paused = _pauses(reading, only)
    agreed = _review_consents(reading, only)
    sent = _sent(reading, only)
    return {
        row.id: _clock(row, moved[row.id], paused[row.id], agreed, sent, flags, differ)
        for row in reading.sql.execute(_cases(only))
    }


def _cases(only: Only) -> Select[Any]:
    case, referral = tables.case, tables.referral
    chosen = select(
        case.c.id,
        case.c.number,
        case.c.specialty,
        case.c.priority,
        case.c.state,
        case.c.received_at,
        case.c.accepted_at,
        case.c.complete_at,
        case.c.ready_at,
        case.c.must_required,
        case.c.must_present,
        case.c.first_pass_complete,
        referral.c.planned_treatment_date,
    ).join(referral, referral.c.case_id == case.c.id)
    return chosen.where(*_of(case.c.id, only))


def _clock(
    row: Row[Any],
    moved: dict[str, int],
    paused: list[Pause],
    agreed: dict[str, int],
    sent: dict[str, tuple[int, ReleasedKind, int | None]],
    flags: dict[str, list[FlagTiming]],
    differ: dict[str, bool],
) -> CaseClock:
    left = sent.get(row.id)
    return CaseClock(
        number=row.number,
        specialty=row.specialty,
        priority=Priority(row.priority),
        state=CaseState(row.state),
        received_at=row.received_at,
        accepted_at=row.accepted_at,
        complete_at=row.complete_at,
        review_consent_at=agreed.get(row.id),
        ready_at=row.ready_at,
        first_sent_at=left[0] if left else None,
        released_kind=left[1] if left else None,
        delivered_at=left[2] if left else None,
        acknowledged_at=moved.get("acknowledged"),
        declined_at=moved.get("declined"),
        ended_at=min((moved[end] for end in _ENDS if end in moved), default=None),
        planned_treatment_date=row.planned_treatment_date or "",
        pauses=tuple(paused),
        flags=tuple(flags.get(row.id, ())),
        must_required=row.must_required,
        must_present=row.must_present,
        first_pass_complete=bool(row.first_pass_complete),
        discordant=differ.get(row.id),
    )


def _of(column: ColumnElement[Any], only: Only) -> list[ColumnElement[bool]]:
    if len(only) == 1:
        return [column == only[0]]  # much quicker to say than a list of one
    return [column.in_(only)] if only else []


def _moves(reading: Reading, only: Only) -> dict[str, dict[str, int]]:
    """When each case first came to each state."""
    event = tables.case_event.c
    chosen = (
        select(event.case_id, event.to_state, func.min(event.at))
        .where(*_of(event.case_id, only))
        .group_by(event.case_id, event.to_state)
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for of, state, at in reading.sql.execute(chosen):
        found[of][state] = at
    return found


def _pauses(reading: Reading, only: Only) -> dict[str, list[Pause]]:
    pause = tables.pause.c
    chosen = select(pause.case_id, pause.waiting_for, pause.started_at, pause.stopped_at)
    found: dict[str, list[Pause]] = defaultdict(list)
    for of, why, start, stop in reading.sql.execute(chosen.where(*_of(pause.case_id, only))):
        found[of].append(Pause(start, stop, PauseReason(why)))
    return found


def _review_consents(reading: Reading, only: Only) -> dict[str, int]:
    consent = tables.consent.c
    given = func.max(consent.valid_from, consent.recorded_at)
    event = tables.consent_event.c
    in_error = select(event.consent_id).where(event.kind == "entered-in-error")
    chosen = (
        select(consent.case_id, func.min(given))
        .where(
            consent.kind == "review",
            consent.status == "active",
            consent.id.not_in(in_error),
            *_of(consent.case_id, only),
        )
        .group_by(consent.case_id)
    )
    return {of: int(at) for of, at in reading.sql.execute(chosen)}


def _sent(reading: Reading, only: Only) -> dict[str, tuple[int, ReleasedKind, int | None]]:
    """When a final letter of each case first left, to whom, and when it was known to be there."""
    out, event, letter = tables.dispatch, tables.dispatch_event, tables.letter
    chosen = (
        select(out.c.case_id, out.c.basis, event.c.at, event.c.kind, out.c.id)
        .join(letter, letter.c.id == out.c.letter_id)
        .join(event, event.c.dispatch_id == out.c.id)
        .where(
            letter.c.final == 1,
            event.c.kind.in_(("sent", "received", "acknowledged")),
            *_of(out.c.case_id, only),
        )
        .order_by(event.c.at)
    )
    first: dict[str, tuple[int, ReleasedKind, str]] = {}
    there: dict[str, int] = {}
    for of, basis, at, kind, dispatch in reading.sql.execute(chosen):
        to = ReleasedKind.PATIENT_ONLY if basis == "patient" else ReleasedKind.OTHERS
        if kind == "sent":
            first.setdefault(of, (at, to, dispatch))
        else:
            there.setdefault(dispatch, at)
    return {of: (at, to, there.get(dispatch)) for of, (at, to, dispatch) in first.items()}


def _flags(reading: Reading, only: Only) -> dict[str, list[FlagTiming]]:
    flag, contact = tables.red_flag, tables.urgent_contact
    raised = reading.all(
        flag, select(flag).where(*_of(flag.c.case_id, only)).order_by(flag.c.at), blank=True
    )
    called = reading.all(
        contact,
        select(contact).where(*_of(contact.c.case_id, only)).order_by(contact.c.at),
        blank=True,
    )
    reached: dict[tuple[str, str], int] = {}
    for row in called:
        reached.setdefault((row["case_id"], row["flag"]), row["at"])
    found: dict[tuple[str, str], FlagTiming] = {}
    for row in raised:
        key = (row["case_id"], row["code"])
        if row["answer"] == FlagAnswer.YES.value:
            found.setdefault(key, FlagTiming(row["at"], reached.get(key)))
    by_case: dict[str, list[FlagTiming]] = defaultdict(list)
    for (of, _code), timing in found.items():
        by_case[of].append(timing)
    return by_case


def _discordance(reading: Reading, only: Only) -> dict[str, bool]:
    table = tables.comparison
    chosen = select(table).where(*_of(table.c.case_id, only)).order_by(table.c.at)
    found: dict[str, bool] = {}
    for row in reading.all(table, chosen, blank=True):
        relation = row["body"] and row["body"]["relation"]
        found.pop(row["case_id"], None)
        if relation and relation != DiagnosisRelation.CANNOT_DETERMINE:
            found[row["case_id"]] = relation == DiagnosisRelation.DISTINCTLY_DIFFERENT
    return found
