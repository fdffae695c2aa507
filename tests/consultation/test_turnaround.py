"""The clocks of a case: they stop only for who is outside, and can't be flattered."""

from dataclasses import replace
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consultdesk.consultation.case import CaseState, Priority
from consultdesk.consultation.turnaround import (
    CaseClock,
    Pause,
    PauseReason,
    Span,
    Targets,
    active,
    active_opinion,
    calendar_total,
    due,
    intake,
    is_overdue,
    is_paused,
    opinion,
    waiting,
)
from consultdesk.consultation.working_time import WorkingCalendar
from consultdesk.errors import ConsultDeskError

HOUR = 3_600_000
DAY = 24 * HOUR
CALENDAR = WorkingCalendar("Europe/Zurich", (*(((540, 1020),) for _ in range(5)), (), ()))
TARGETS = Targets()


def at(text: str) -> int:
    wall = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Zurich"))
    return int(wall.timestamp() * 1000)


NOW = at("2026-11-18 12:00")
CLOCK = CaseClock(
    number="2026-0001",
    specialty="spine",
    priority=Priority.ROUTINE,
    state=CaseState.READY,
    received_at=at("2026-11-09 10:00"),
    accepted_at=at("2026-11-10 09:00"),
    complete_at=at("2026-11-12 15:00"),
    review_consent_at=at("2026-11-11 11:00"),
    ready_at=at("2026-11-12 15:00"),
)


def pause(start: str, stop: str | None, reason: PauseReason = PauseReason.RECORDS) -> Pause:
    return Pause(at(start), at(stop) if stop else None, reason)


def test_intake_runs_from_received_to_ready() -> None:
    assert intake(CLOCK) == Span(CLOCK.received_at, CLOCK.ready_at)
    assert intake(replace(CLOCK, ready_at=None)).stop is None
    declined = replace(CLOCK, ready_at=None, declined_at=NOW, state=CaseState.DECLINED)
    assert intake(declined).stop == NOW


def test_the_opinion_begins_with_the_last_of_its_three_conditions() -> None:
    for last in (
        replace(CLOCK, accepted_at=NOW),
        replace(CLOCK, complete_at=NOW),
        replace(CLOCK, review_consent_at=NOW),
    ):
        assert opinion(last) == Span(NOW, None)
    for lacking in (
        replace(CLOCK, accepted_at=None),
        replace(CLOCK, complete_at=None),
        replace(CLOCK, review_consent_at=None),
    ):
        assert opinion(lacking) is None


def test_the_opinion_ends_with_the_first_sending_of_the_final_letter() -> None:
    assert opinion(replace(CLOCK, first_sent_at=NOW)) == Span(at("2026-11-12 15:00"), NOW)


def test_a_letter_sent_without_a_condition_is_timed_from_what_is_known() -> None:
    sent = replace(CLOCK, complete_at=None, first_sent_at=NOW)
    assert opinion(sent) == Span(at("2026-11-11 11:00"), NOW)
    bare = replace(sent, accepted_at=None, review_consent_at=None)
    assert opinion(bare) == Span(CLOCK.received_at, NOW)


def test_a_case_that_was_left_is_timed_to_its_end() -> None:
    gone = replace(CLOCK, state=CaseState.WITHDRAWN, ended_at=NOW)
    assert gone.left_at == NOW
    assert opinion(gone) == Span(at("2026-11-12 15:00"), NOW)
    assert calendar_total(gone, NOW + DAY) == NOW - CLOCK.received_at
    assert replace(CLOCK, state=CaseState.RETURNED).left_at == CLOCK.received_at
    assert CLOCK.left_at is None


def test_active_turnaround_is_working_time_less_the_waiting() -> None:
    waited = replace(CLOCK, pauses=(pause("2026-11-13 09:00", "2026-11-16 13:00"),))
    # Thu 15-17, Mon 13-17, Tue 9-17, Wed 9-12
    assert active_opinion(waited, CALENDAR, NOW) == (2 + 4 + 8 + 3) * HOUR
    assert active_opinion(CLOCK, CALENDAR, NOW) == (2 + 8 + 8 + 8 + 3) * HOUR
    assert active_opinion(replace(CLOCK, accepted_at=None), CALENDAR, NOW) is None


def test_the_whole_time_since_it_was_received_runs_through_every_pause() -> None:
    waited = replace(CLOCK, pauses=(pause("2026-11-09 10:00", None),))
    assert calendar_total(waited, NOW) == 9 * DAY + 2 * HOUR
    assert calendar_total(replace(waited, first_sent_at=NOW), NOW + DAY) == 9 * DAY + 2 * HOUR


def test_pauses_that_overlap_are_counted_once() -> None:
    twice = (
        pause("2026-11-13 09:00", "2026-11-13 15:00"),
        pause("2026-11-13 12:00", "2026-11-13 17:00", PauseReason.PATIENT),
        pause("2026-11-13 17:00", "2026-11-13 17:30", PauseReason.CONSENT),
        pause("2026-11-13 10:00", "2026-11-13 11:00"),
    )
    merged = waiting(twice, CLOCK.received_at, NOW)
    assert merged == [(at("2026-11-13 09:00"), at("2026-11-13 17:30"))]


def test_only_waiting_for_somebody_outside_is_a_reason_to_pause() -> None:
    assert set(PauseReason) == {"records", "consent", "treating_physician", "patient"}
    held = replace(CLOCK, state=CaseState.ON_HOLD)
    assert active_opinion(held, CALENDAR, NOW) == active_opinion(CLOCK, CALENDAR, NOW)


def test_a_case_is_paused_from_the_first_instant_of_a_pause_to_before_its_last() -> None:
    waited = replace(CLOCK, pauses=(pause("2026-11-13 09:00", "2026-11-13 10:00"),))
    assert is_paused(waited, at("2026-11-13 09:00"))
    assert not is_paused(waited, at("2026-11-13 10:00"))
    assert not is_paused(waited, at("2026-11-13 08:59"))
    assert is_paused(replace(CLOCK, pauses=(pause("2026-11-13 09:00", None),)), NOW)


@pytest.mark.parametrize(
    ("priority", "by"),
    [
        (Priority.EMERGENT, "2026-11-13 11:00"),  # four working hours
        (Priority.URGENT, "2026-11-16 15:00"),
        (Priority.ROUTINE, "2026-11-23 15:00"),
    ],
)
def test_the_target_is_so_many_business_days_from_the_beginning(
    priority: Priority, by: str
) -> None:
    assert due(replace(CLOCK, priority=priority), CALENDAR, TARGETS, NOW) == at(by)


def test_a_pause_moves_the_target_on_and_a_change_of_priority_keeps_it() -> None:
    waited = replace(CLOCK, pauses=(pause("2026-11-13 09:00", "2026-11-17 09:00"),))
    assert due(waited, CALENDAR, TARGETS, NOW) == at("2026-11-25 15:00")
    urgent = replace(waited, priority=Priority.URGENT)
    assert due(urgent, CALENDAR, TARGETS, NOW) == at("2026-11-18 15:00")


def test_the_treatment_planned_comes_first_when_it_is_earlier() -> None:
    planned = replace(CLOCK, planned_treatment_date="2026-11-20")
    assert due(planned, CALENDAR, TARGETS, NOW) == at("2026-11-19 09:00")
    later = replace(CLOCK, planned_treatment_date="2027-02-01")
    assert due(later, CALENDAR, TARGETS, NOW) == at("2026-11-23 15:00")
    not_begun = replace(planned, accepted_at=None)
    assert due(not_begun, CALENDAR, TARGETS, NOW) == at("2026-11-19 09:00")


@pytest.mark.parametrize("said", ["", "soon", "2026-02-30"])
def test_without_a_date_that_can_be_read_only_the_target_counts(said: str) -> None:
    clock = replace(CLOCK, planned_treatment_date=said)
    assert due(clock, CALENDAR, TARGETS, NOW) == at("2026-11-23 15:00")
    assert due(replace(clock, complete_at=None), CALENDAR, TARGETS, NOW) is None


def test_while_a_case_waits_its_target_moves_on() -> None:
    waited = replace(CLOCK, pauses=(pause("2026-11-13 09:00", None),))
    later = at("2026-12-16 12:00")
    assert not is_overdue(waited, CALENDAR, TARGETS, later)
    assert due(waited, CALENDAR, TARGETS, later) == at("2026-12-25 10:00")


def test_an_overdue_case_stays_overdue_while_it_waits() -> None:
    late = at("2026-11-24 10:00")
    assert is_overdue(CLOCK, CALENDAR, TARGETS, late)
    waited = replace(CLOCK, pauses=(pause("2026-11-24 10:00", None),))
    for days in (0, 1, 30):
        assert is_overdue(waited, CALENDAR, TARGETS, late + days * DAY)
        assert due(waited, CALENDAR, TARGETS, late + days * DAY) == at("2026-11-23 15:00")


def test_a_case_waiting_past_the_planned_treatment_is_overdue() -> None:
    waited = replace(
        CLOCK, pauses=(pause("2026-11-13 09:00", None),), planned_treatment_date="2026-11-20"
    )
    assert is_overdue(waited, CALENDAR, TARGETS, at("2026-11-19 09:01"))


def test_a_letter_is_late_or_not_by_when_it_left() -> None:
    in_time = replace(CLOCK, first_sent_at=at("2026-11-23 15:00"))
    assert not is_overdue(in_time, CALENDAR, TARGETS, NOW + 90 * DAY)
    late = replace(CLOCK, first_sent_at=at("2026-11-23 15:00") + 1)
    assert is_overdue(late, CALENDAR, TARGETS, NOW + 90 * DAY)


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": {Priority.ROUTINE: 7.0}},
        {"days": dict.fromkeys(Priority, 0.0)},
        {"days": dict.fromkeys(Priority, float("nan"))},
        {"margin": -1.0},
        {"p50": 400.0},
    ],
)
def test_a_target_out_of_reason_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConsultDeskError):
        Targets(**wrong)  # type: ignore[arg-type]


INSTANTS = st.integers(at("2026-01-01 00:00"), at("2026-12-31 00:00"))
PAUSES = st.lists(
    st.builds(Pause, INSTANTS, INSTANTS | st.none(), st.sampled_from(PauseReason)), max_size=6
).map(tuple)


@settings(deadline=None)
@given(INSTANTS, INSTANTS, PAUSES, PAUSES)
def test_another_pause_never_lengthens_the_active_time(
    start: int, now: int, some: tuple[Pause, ...], more: tuple[Pause, ...]
) -> None:
    span = Span(start, None)
    less = active(span, some + more, CALENDAR, now)
    assert 0 <= less <= active(span, some, CALENDAR, now)


@settings(deadline=None)
@given(INSTANTS, INSTANTS, PAUSES, st.randoms(use_true_random=False))
def test_pauses_count_alike_in_any_order_and_twice(
    start: int, now: int, pauses: tuple[Pause, ...], chance: Random
) -> None:
    shuffled = [*pauses, *pauses]
    chance.shuffle(shuffled)
    span = Span(start, None)
    assert active(span, shuffled, CALENDAR, now) == active(span, pauses, CALENDAR, now)


@settings(deadline=None)
@given(INSTANTS, INSTANTS, st.integers(0, 30 * DAY), PAUSES)
def test_active_time_only_grows(
    start: int, now: int, later: int, pauses: tuple[Pause, ...]
) -> None:
    span = Span(start, None)
    before, after = (active(span, pauses, CALENDAR, t) for t in (now, now + later))
    assert before <= after
    assert after - before <= CALENDAR.business_ms(max(start, now), now + later)


@settings(deadline=None)
@given(INSTANTS, INSTANTS, INSTANTS, PAUSES, st.sampled_from(Priority))
def test_overdue_means_more_active_time_than_the_target_and_never_ends(
    start: int, now: int, later: int, pauses: tuple[Pause, ...], priority: Priority
) -> None:
    clock = replace(
        CLOCK,
        priority=priority,
        received_at=start,
        accepted_at=start,
        complete_at=start,
        review_consent_at=start,
        pauses=pauses,
    )
    target = round(TARGETS.days[priority] * CALENDAR.day_ms)
    spent = active_opinion(clock, CALENDAR, now)
    assert spent is not None
    late = is_overdue(clock, CALENDAR, TARGETS, now)
    if spent > target:
        assert late
    if spent < target:
        assert not late
    if late:
        assert is_overdue(clock, CALENDAR, TARGETS, max(now, later))
