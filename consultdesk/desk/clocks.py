"""A case's due time and milestones, kept up to what is recorded."""

from functools import cache

from consultdesk.consultation.case import Case, Completeness, completeness
from consultdesk.consultation.turnaround import CaseClock, due
from consultdesk.desk.calendars import DEFAULT, PracticeTime, calendar
from consultdesk.desk.specialties import specialty
from consultdesk.errors import NotFound
from consultdesk.vault import cases, practice, records, turnaround
from consultdesk.vault.rows import Reading, Writing


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
    was received, so that a new case stands at an honest place in the queue.
    """
    case = cases.by_id(writing, case_id)
    if case is None:
        return
    held = records.of_case(writing, case_id)
    whole = completeness(specialty(case.specialty).records, held)
    complete = _is_complete(case, whole)
    complete_at = case.complete_at
    if complete and complete_at is None:
        complete_at = now
    elif not complete and case.accepted_at is None:
        complete_at = None
    cases.stamp(
        writing,
        case_id,
        complete_at=complete_at,
        must_required=whole.required,
        must_present=whole.present,
        first_pass_complete=int(complete_at == case.received_at),
    )
    clock = clock_of(writing, case_id)
    time = practice_time(writing)
    by = due(clock, time.calendar, time.targets, now)
    if by is None:
        days = time.targets.days[clock.priority]
        by = time.calendar.add_business(clock.received_at, round(days * time.calendar.day_ms))
    cases.stamp(writing, case_id, due_at=by)


def _is_complete(case: Case, whole: Completeness) -> bool:
    lifted = {override.what for override in case.overrides}
    return all(f"record:{kind}" in lifted for kind in whole.missing)
