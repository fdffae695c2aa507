"""A case's due time and milestones, kept up to what is recorded."""

from collections.abc import Collection
from functools import cache

from consultdesk.consultation.case import (
    RELEASED_STATES,
    Case,
    CaseState,
    Completeness,
    Requirement,
    completeness,
    is_usable,
)
from consultdesk.consultation.record import RecordItem, Required
from consultdesk.consultation.turnaround import CaseClock, due
from consultdesk.desk.calendars import DEFAULT, PracticeTime, calendar
from consultdesk.desk.specialties import specialty
from consultdesk.errors import NotFound
from consultdesk.vault import cases, practice, records, turnaround
from consultdesk.vault.cases import QueueView
from consultdesk.vault.rows import Reading, Writing

_AT_ONCE = 500  # cases in one statement
_SIGNED_STATES = (CaseState.SIGNED, *RELEASED_STATES)


@cache
def _practice_time(code: str) -> PracticeTime:
    """Looking up holidays takes long, and a calendar file doesn't change while we run."""
    return calendar(code)


def practice_time(reading: Reading) -> PracticeTime:
    """The working calendar and targets the practice has chosen."""
    said = practice.setting(reading, "calendar") or {}
    return _practice_time(str(said.get("code", DEFAULT)))


def clock_of(reading: Reading, case_id: str) -> CaseClock:
    """Everything the turnaround figures need to know of a case. Raises NotFound."""
    found = turnaround.clocks(reading, case_id)
    if not found:
        raise NotFound("That case isn't in this store.")
    return found[0]


def refresh(writing: Writing, case_id: str, now: int) -> None:
    """Bring a case's milestones and due time up to what is recorded.

    Before the opinion's clock has begun the due time is as if it had begun when the case
    was received, so that a new case stands at an honest place in the queue. Once a letter is
    signed, what arrives later makes nothing more complete than it was.
    """
    if case := cases.by_id(writing, case_id):
        refresh_known(writing, case, records.of_case(writing, case_id), now)


def refresh_known(writing: Writing, case: Case, held: tuple[RecordItem, ...], now: int) -> None:
    """As `refresh`, for a case and its records that the caller has at hand."""
    if (case.state_before or case.state) not in _SIGNED_STATES:
        needed = specialty(case.specialty).records
        whole = completeness(needed, held)
        first = tuple(record for record in held if record.received_at == case.received_at)
        cases.stamp(
            writing,
            case.id,
            complete_at=_complete_at(case, whole, needed, held),
            must_required=whole.required,
            must_present=whole.present,
            first_pass_complete=int(not completeness(needed, first).missing),
        )
    cases.stamp(writing, case.id, due_at=due_at(writing, case.id, now))


def due_at(reading: Reading, case_id: str, now: int) -> int:
    """When the opinion must be out (UTC ms) as it looks at `now`; it moves on while paused."""
    return _due(clock_of(reading, case_id), practice_time(reading), now)


def due_times(reading: Reading, case_ids: Collection[str], now: int) -> dict[str, int]:
    """As `due_at` for many cases, in no more statements than for one."""
    if not case_ids:
        return {}
    time = practice_time(reading)
    found = turnaround.bare_clocks(reading, case_ids)
    return {case_id: _due(clock, time, now) for case_id, clock in found.items()}


def _due(clock: CaseClock, time: PracticeTime, now: int) -> int:
    by = due(clock, time.calendar, time.targets, now)
    if by is not None:
        return by
    days = time.targets.days[clock.priority]
    return time.calendar.add_business(clock.received_at, round(days * time.calendar.day_ms))


def refresh_paused(writing: Writing, now: int) -> None:
    """Move the due time of every open case that waits on to this instant."""
    waiting = QueueView(show="waiting", now=now, sort="received")
    paused = cases.queue_ids(writing, waiting)
    for start in range(0, len(paused), _AT_ONCE):
        for case_id, by in due_times(writing, paused[start : start + _AT_ONCE], now).items():
            cases.stamp(writing, case_id, due_at=by)


def _complete_at(
    case: Case,
    whole: Completeness,
    needed: tuple[Requirement, ...],
    held: tuple[RecordItem, ...],
) -> int | None:
    """When the last required record came, or was gone without.

    It goes by when a record came, not by when somebody said what it is. After acceptance it
    never moves later: the opinion's clock can't be put back.
    """
    lifted = {override.what: override.at for override in reversed(case.overrides)}
    if not all(f"record:{kind}" in lifted for kind in whole.missing):
        return case.complete_at if case.accepted_at is not None else None
    came = [case.received_at]
    for kind in (one.kind for one in needed if one.required is Required.MUST):
        of_kind = tuple(r for r in held if r.kind is kind and is_usable(r))
        came.append(min((r.received_at for r in of_kind), default=lifted.get(f"record:{kind}", 0)))
    found = max(came)
    if case.accepted_at is not None and case.complete_at is not None:
        return min(case.complete_at, found)
    return found
