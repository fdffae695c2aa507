"""Percentiles, intervals and run charts against published or hand-made values."""

from datetime import date, timedelta
from statistics import quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consultdesk.consultation.measures import (
    RunChart,
    Spread,
    expected_runs,
    percentile,
    run_chart,
    share,
    spread,
    wilson,
)

MONDAY = date(2026, 1, 5)


def chart(*medians: float) -> RunChart:
    return run_chart((MONDAY + timedelta(weeks=n), value) for n, value in enumerate(medians))


@pytest.mark.parametrize(
    ("values", "at", "is_"),
    [
        ([1, 2, 3, 4], 0.5, 2.5),
        ([1, 2, 3, 4], 0.75, 3.25),
        ([1, 2, 3, 4], 0.9, 3.7),
        ([7], 0.9, 7),
        ([1, 2], 0, 1),
        ([1, 2], 1, 2),
    ],
)
def test_a_percentile_is_interpolated_linearly(values: list[float], at: float, is_: float) -> None:
    assert percentile(values, at) == pytest.approx(is_)


@given(st.lists(st.integers(0, 10**12), min_size=2, max_size=60))
def test_percentiles_agree_with_the_inclusive_quantiles(values: list[int]) -> None:
    theirs = quantiles(values, n=20, method="inclusive")
    ours = spread(values)
    assert ours.n == len(values)
    assert ours.p50 == pytest.approx(theirs[9])
    assert ours.p75 == pytest.approx(theirs[14])
    assert ours.p90 == pytest.approx(theirs[17])


def test_of_nothing_there_is_no_percentile_and_no_share() -> None:
    assert spread([]) == Spread(0, None, None, None)
    assert share(0, 0) is None
    assert share(1, 4) == 0.25
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_a_share_is_the_published_one(
    part: int, whole: int, low: float, high: float
) -> None:
    assert wilson(part, whole)[0] == pytest.approx(low, abs=5e-5)
    assert wilson(part, whole)[1] == pytest.approx(high, abs=5e-5)


@pytest.mark.parametrize(
    ("each", "fewest", "most"), [(5, 3, 9), (6, 4, 10), (8, 5, 13), (10, 7, 15), (15, 11, 21)]
)
def test_the_number_of_runs_chance_explains_is_as_tabulated(
    each: int, fewest: int, most: int
) -> None:
    # Swed and Eisenhart 1943, 2.5 % each way: one more, and one less, than the critical counts
    assert expected_runs(each, each) == (fewest, most)


def test_on_one_side_alone_there_is_one_run() -> None:
    assert expected_runs(5, 0) == (1, 1)


def test_the_weeks_of_a_run_chart_begin_on_monday_and_leave_none_out() -> None:
    made = run_chart(
        [
            (date(2026, 1, 11), 4.0),
            (date(2026, 1, 5), 2.0),
            (date(2026, 1, 7), 9.0),
            (date(2026, 1, 19), 1.0),
        ]
    )
    assert [(w.monday, w.n, w.median) for w in made.weeks] == [
        (date(2026, 1, 5), 3, 4.0),
        (date(2026, 1, 12), 0, None),
        (date(2026, 1, 19), 1, 1.0),
    ]
    assert made.centre == 2.5


def test_too_few_weeks_conclude_nothing() -> None:
    (said,) = chart(1, 1, 1, 9, 9, 9, 9, 9, 9).signals
    assert "too few" in said


def test_nothing_at_all_is_an_empty_chart_with_its_rules() -> None:
    empty = run_chart([])
    assert (empty.weeks, empty.centre, empty.signals) == ((), None, ())
    assert "6 weeks in a row" in empty.rules


def test_six_weeks_on_one_side_are_a_shift_and_weeks_on_the_line_do_not_count() -> None:
    said = chart(3, 1, 3, 1, 2, 2, 4, 3, 2, 5, 3, 4, 3, 1, 1, 1, 2, 3, 1, 1).signals
    assert any(s.startswith("Shift: 6 weeks in a row above") for s in said)
    assert not any("below" in s for s in said)


def test_five_weeks_of_rising_are_a_trend_and_equal_weeks_do_not_count() -> None:
    said = chart(5, 1, 5, 1, 2, 2, 3, 4, 5, 1, 5, 1, 5).signals
    assert any(s.startswith("Trend: 5 weeks in a row rising") for s in said)
    falling = chart(1, 5, 4, 3, 2, 1, 5, 1, 5, 1, 5, 1).signals
    assert any(s.startswith("Trend: 5 weeks in a row falling") for s in falling)


def test_four_weeks_of_rising_are_not() -> None:
    said = chart(5, 1, 2, 3, 4, 1, 5, 5, 1, 3, 2, 4).signals
    assert not any(s.startswith("Trend") for s in said)


def test_crossing_too_often_or_too_seldom_is_said() -> None:
    assert any("too often" in s for s in chart(*[1, 5] * 8).signals)
    assert any("too seldom" in s for s in chart(*[1] * 8, *[5] * 8).signals)


def test_a_steady_desk_shows_no_sign_of_change() -> None:
    assert chart(3, 4, 2, 3.5, 2.5, 4, 4.2, 2, 2.2, 3.6, 3.7, 2.1).signals == (
        "No sign of a change beyond chance.",
    )
