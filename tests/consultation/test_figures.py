"""The figures of a period: each counted as the field defines it, none of them flattering."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consultdesk.consultation.case import CaseState, Priority
from consultdesk.consultation.figures import ConsentCounts, Figures, as_seen, figures
from consultdesk.consultation.report import as_json
from consultdesk.consultation.turnaround import (
    CaseClock,
    FlagTiming,
    Pause,
    PauseReason,
    ReleasedKind,
)
from consultdesk.consultation.working_time import WorkingCalendar
from consultdesk.errors import ConsultDeskError

HOUR = 3_600_000
DAY = 24 * HOUR
CALENDAR = WorkingCalendar("UTC", (*(((540, 1020),) for _ in range(5)), (), ()))


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


START, STOP, NOW = at("2026-11-01 00:00"), at("2026-12-01 00:00"), at("2027-01-15 12:00")
BEGUN = at("2026-11-02 09:00")  # a Monday


def case(n: int = 1, *, days: float | None = None, specialty: str = "spine") -> CaseClock:
    """A routine case whose opinion began on 2 November, sent after so many business days."""
    sent = None if days is None else CALENDAR.add_business(BEGUN, round(days * 8 * HOUR))
    return CaseClock(
        number=f"2026-{n:04}",
        specialty=specialty,
        priority=Priority.ROUTINE,
        state=CaseState.OWN_READ if sent is None else CaseState.RELEASED,
        received_at=BEGUN - 3 * DAY,
        accepted_at=BEGUN - 2 * HOUR,
        complete_at=BEGUN,
        review_consent_at=BEGUN - HOUR,
        ready_at=BEGUN,
        first_sent_at=sent,
        released_kind=None if sent is None else ReleasedKind.OTHERS,
    )


def of(*clocks: CaseClock, now: int = NOW) -> Figures:
    return figures(clocks, CALENDAR, START, STOP, now)


def test_turnaround_is_shown_active_and_in_calendar_time() -> None:
    found = of(case(days=1), case(days=2), case(days=3), case(days=4))
    assert found.released == 4
    assert found.opinion_active.p50 == 2.5 * 8 * HOUR
    assert found.opinion_active.p90 == pytest.approx(3.7 * 8 * HOUR)
    # received three days before, and sent at 17:00 on days 1, 2, 3, 4
    assert found.opinion_calendar.p50 == (3 + 1.5) * DAY + 8 * HOUR
    assert found.by_priority[Priority.ROUTINE].n == 4
    assert found.by_priority[Priority.URGENT].n == 0


def test_intake_is_counted_for_cases_that_became_ready_in_the_period() -> None:
    found = of(case(), replace(case(), ready_at=START - 1, received_at=START - DAY))
    # received on Friday 30 October at 9:00: that Friday, and the weekend that isn't counted
    assert (found.intake_active.n, found.intake_active.p50) == (1, 8 * HOUR)


def test_on_time_counts_overdue_and_declined_cases_against_the_desk() -> None:
    declined = replace(
        case(), state=CaseState.DECLINED, declined_at=BEGUN + DAY, first_sent_at=None
    )
    before_acceptance = replace(declined, accepted_at=None, complete_at=None, ready_at=None)
    found = of(case(days=5), case(days=7), case(days=8), case(), declined, before_acceptance)
    assert (found.released, found.overdue, found.declined_after_acceptance) == (3, 1, 1)
    assert found.on_time == 2 / (3 + 1 + 1)


def test_a_paused_case_that_is_overdue_still_counts_as_overdue() -> None:
    late = at("2026-11-12 09:00")
    waits = replace(case(), pauses=(Pause(late, None, PauseReason.PATIENT),))
    found = of(waits)
    assert (found.open, found.overdue, found.waiting, found.on_time) == (1, 1, 1, 0.0)


def test_a_case_waiting_before_its_target_is_not_overdue() -> None:
    waits = replace(case(), pauses=(Pause(BEGUN + HOUR, None, PauseReason.RECORDS),))
    found = of(waits)
    assert (found.overdue, found.waiting, found.on_time) == (0, 1, None)


def test_open_cases_are_counted_by_their_age_since_they_were_received() -> None:
    now = at("2026-11-28 12:00")
    ages = [0.5, 2.9, 3, 6.9, 7, 13, 14, 29.9, 30, 400]
    found = of(*(replace(case(), received_at=now - round(d * DAY)) for d in ages), now=now)
    assert found.open_by_age == {
        "under_3_days": 2,
        "3_to_6_days": 2,
        "7_to_13_days": 2,
        "14_to_29_days": 2,
        "30_days_and_more": 2,
    }


def test_withdrawn_and_returned_cases_are_not_open() -> None:
    gone = replace(case(), state=CaseState.WITHDRAWN, ended_at=BEGUN + DAY)
    no_time = replace(case(), state=CaseState.RETURNED)
    assert of(gone, no_time).open == 0


def test_a_past_period_is_figured_as_it_stood_then() -> None:
    later = replace(case(days=3), first_sent_at=STOP + DAY, acknowledged_at=STOP + 2 * DAY)
    withdrawn_later = replace(case(), state=CaseState.WITHDRAWN, ended_at=STOP + DAY)
    paused_later = replace(case(), pauses=(Pause(STOP + 1, None, PauseReason.PATIENT),))
    not_yet = replace(case(), received_at=STOP)
    found = of(later, withdrawn_later, paused_later, not_yet)
    assert (found.released, found.open, found.overdue, found.waiting) == (0, 3, 3, 0)
    assert found == of(later, withdrawn_later, paused_later, not_yet, now=NOW + 300 * DAY)


def test_a_pause_that_ended_after_the_period_was_open_in_it() -> None:
    clock = replace(case(), pauses=(Pause(BEGUN, STOP + DAY, PauseReason.PATIENT),))
    assert as_seen(clock, STOP - 1).pauses == (Pause(BEGUN, None, PauseReason.PATIENT),)
    assert as_seen(clock, NOW) == clock


def test_only_what_happened_within_the_period_is_counted() -> None:
    before = replace(case(days=1), first_sent_at=START - 1)
    first, last = (replace(case(), first_sent_at=t) for t in (START, STOP - 1))
    after = replace(case(), first_sent_at=STOP)
    assert of(before, first, last, after).released == 2


def test_completeness_and_first_pass_are_of_the_cases_received() -> None:
    received = replace(case(), received_at=START + 1)
    found = of(
        replace(received, must_required=3, must_present=2, first_pass_complete=False),
        replace(received, must_required=2, must_present=2, first_pass_complete=True),
        replace(received, first_pass_complete=None),
        replace(case(), received_at=START - 1, must_required=9, first_pass_complete=False),
    )
    assert (found.received, found.completeness, found.first_pass) == (3, 4 / 5, 1 / 2)


def test_delivered_acknowledged_and_withheld_are_told_apart() -> None:
    sent = case(days=1)
    found = of(
        replace(sent, delivered_at=NOW - DAY * 50, acknowledged_at=NOW - DAY * 49),
        replace(sent, delivered_at=NOW - DAY * 50),
        sent,
        replace(sent, released_kind=ReleasedKind.PATIENT_ONLY, acknowledged_at=NOW - DAY * 49),
    )
    assert (found.released_to_others, found.patient_only) == (3, 1)
    assert (found.delivered, found.acknowledged, found.loop_closure) == (2, 1, 1 / 3)
    assert found.withheld == 1 / 4


def test_discordance_is_suppressed_below_ten_cases() -> None:
    nine = [replace(case(days=1), discordant=n < 4) for n in range(9)]
    undetermined = replace(case(days=1), discordant=None)
    (shown,) = of(*nine, undetermined).discordance
    assert (shown.n, shown.different, shown.share, shown.low) == (9, None, None, None)


def test_discordance_of_ten_cases_comes_with_its_interval() -> None:
    spine = [replace(case(days=1), discordant=n < 4) for n in range(10)]
    other = replace(case(days=1, specialty="neurology"), discordant=True)
    neurology, shown = of(*spine, other).discordance
    assert (neurology.specialty, neurology.n, neurology.share) == ("neurology", 1, None)
    assert (shown.different, shown.share) == (4, 0.4)
    assert shown.low == pytest.approx(0.1682, abs=1e-4)
    assert shown.high == pytest.approx(0.6873, abs=1e-4)


def test_the_clock_of_a_red_flag_runs_through_nights_and_pauses() -> None:
    friday = at("2026-11-06 20:00")
    night = replace(
        case(),
        flags=(FlagTiming(friday, friday + 30 * 60_000), FlagTiming(friday, STOP + DAY)),
        pauses=(Pause(friday - DAY, None, PauseReason.PATIENT),),
    )
    early = replace(case(), flags=(FlagTiming(START - DAY, START - 1), FlagTiming(STOP + 1)))
    found = of(night, early).flags
    assert (found.minutes.n, found.minutes.p50, found.open) == (1, 30, 1)
    assert found.longest_open == pytest.approx((STOP - friday) / 60_000, abs=0.001)


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ConsultDeskError, match="end after it begins"):
        figures([], CALENDAR, STOP, START, NOW)


def test_the_weekly_medians_are_in_business_days() -> None:
    found = of(case(days=1), case(days=3), case(days=6))
    assert [(w.monday.isoformat(), w.n, w.median) for w in found.weekly.weeks] == [
        ("2026-11-02", 2, 2.0),
        ("2026-11-09", 1, 6.0),
    ]


def test_the_report_has_the_names_that_scripts_depend_on() -> None:
    counts = ConsentCounts(refusals=2, revocations_after_release=1, other_basis=0)
    clocks = [case(days=1), case(days=2), case()]
    report = as_json(figures(clocks, CALENDAR, START, STOP, NOW, consent=counts))
    assert report["released"] == 2
    assert report["active_days"] == {"p50": 1.5, "p75": 1.75, "p90": 1.9}
    assert report["calendar_days"] == {"p50": 3.8333, "p75": 4.0833, "p90": 4.2333}
    assert report["on_time"] == pytest.approx(2 / 3, abs=1e-4)
    assert report["period"] == {
        "from": "2026-11-01T00:00:00+00:00",
        "to": "2026-12-01T00:00:00+00:00",
        "as_of": "2026-11-30T23:59:59.999+00:00",
        "zone": "UTC",
        "business_day_hours": 8.0,
    }
    assert report["open_by_age"] == {
        "under_3_days": 0,
        "3_to_6_days": 0,
        "7_to_13_days": 0,
        "14_to_29_days": 0,
        "30_days_and_more": 1,
    }
    assert report["consent"] == {
        "refused_at_gate": 2,
        "withheld": 0.0,
        "revoked_after_release": 1,
        "released_on_other_basis": 0,
    }


def test_the_report_shows_a_specialty_with_too_few_cases_by_its_count_alone() -> None:
    report = as_json(of(replace(case(days=1), discordant=True)))
    assert report["discordance"] == [
        {
            "specialty": "spine",
            "n": 1,
            "different": None,
            "share": None,
            "low": None,
            "high": None,
        }
    ]


def test_of_an_empty_desk_there_is_a_report_of_nothing() -> None:
    report = as_json(of())
    assert report["active_days"] == {"p50": None, "p75": None, "p90": None}
    assert (report["on_time"], report["loop_closure"], report["discordance"]) == (None, None, [])


INSTANTS = st.none() | st.integers(START - 60 * DAY, NOW)
CLOCKS = st.builds(
    CaseClock,
    number=st.just("n"),
    specialty=st.sampled_from(["spine", "neurology"]),
    priority=st.sampled_from(Priority),
    state=st.sampled_from(CaseState),
    received_at=st.integers(START - 60 * DAY, NOW),
    accepted_at=INSTANTS,
    complete_at=INSTANTS,
    review_consent_at=INSTANTS,
    ready_at=INSTANTS,
    first_sent_at=INSTANTS,
    released_kind=st.none() | st.sampled_from(ReleasedKind),
    declined_at=INSTANTS,
    ended_at=INSTANTS,
    planned_treatment_date=st.sampled_from(["", "2026-11-20", "x"]),
    discordant=st.none() | st.booleans(),
)


@settings(deadline=None)
@given(st.lists(CLOCKS, max_size=8))
def test_whatever_the_clocks_say_the_figures_stay_within_reason(clocks: list[CaseClock]) -> None:
    found = of(*clocks)
    assert found.overdue <= found.open == sum(found.open_by_age.values())
    assert found.open + found.released <= len(clocks)
    assert 0 <= (found.on_time or 0) <= 1
    for spread in (found.opinion_active, found.opinion_calendar, found.intake_active):
        assert 0 <= (spread.p50 or 0) <= (spread.p75 or 0) <= (spread.p90 or 0)
    assert found == of(*reversed(clocks))
