"""Working time: known hours, holidays, the two days a year with other lengths, and laws."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consultdesk.consultation.working_time import WorkingCalendar
from consultdesk.errors import ConsultDeskError

HOUR = 3_600_000
NINE_TO_FIVE = (*(((540, 1020),) for _ in range(5)), (), ())
ROUND_THE_CLOCK = tuple(((0, 1440),) for _ in range(7))
ZURICH = WorkingCalendar("Europe/Zurich", NINE_TO_FIVE, frozenset({date(2026, 8, 1)}))
NEW_YORK = WorkingCalendar("America/New_York", NINE_TO_FIVE)
ALWAYS = WorkingCalendar("Europe/Zurich", ROUND_THE_CLOCK)
SPLIT = WorkingCalendar(
    "Australia/Lord_Howe", (*(((480, 720), (780, 1020)),) * 4, ((480, 720),), (), ())
)


def at(text: str, zone: str = "Europe/Zurich") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("start", "stop", "hours"),
    [
        ("2026-11-16 09:00", "2026-11-16 17:00", 8),
        ("2026-11-16 10:00", "2026-11-17 10:00", 8),
        ("2026-11-16 03:00", "2026-11-16 23:00", 8),
        ("2026-11-20 16:00", "2026-11-23 10:00", 2),
        ("2026-11-21 00:00", "2026-11-23 00:00", 0),
        ("2026-11-16 12:00", "2026-11-16 12:30", 0.5),
        ("2026-11-16 12:00", "2026-11-16 11:00", 0),
        ("2025-12-29 09:00", "2026-01-05 17:00", 48),
    ],
)
def test_working_time_between_two_instants(start: str, stop: str, hours: float) -> None:
    assert ZURICH.business_ms(at(start), at(stop)) == hours * HOUR


def test_a_closed_day_does_not_count() -> None:
    plain = WorkingCalendar("Europe/Zurich", NINE_TO_FIVE)
    shut = WorkingCalendar("Europe/Zurich", NINE_TO_FIVE, frozenset({date(2026, 11, 18)}))
    week = at("2026-11-16 00:00"), at("2026-11-23 00:00")
    assert plain.business_ms(*week) == 40 * HOUR
    assert shut.business_ms(*week) == 32 * HOUR


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-28", 24), ("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)],
)
def test_a_day_on_which_the_clock_changes_has_its_real_length(day: str, hours: int) -> None:
    start = at(f"{day} 00:00")
    after = date.fromisoformat(day) + timedelta(days=1)
    assert ALWAYS.business_ms(start, at(f"{after} 00:00")) == hours * HOUR


def test_office_hours_keep_their_length_over_a_change_of_the_clock() -> None:
    friday, monday = at("2026-03-27 16:00"), at("2026-03-30 10:00")
    assert monday - friday == 65 * HOUR
    assert ZURICH.business_ms(friday, monday) == 2 * HOUR


@pytest.mark.parametrize(
    ("opens", "closes", "spring", "autumn"),
    [
        (60, 240, 2, 4),  # 01:00 to 04:00
        (120, 180, 0, 2),  # the hour that is skipped, and comes twice
        (60, 150, 1, 2.5),  # until 02:30: skipped, and its second time
        (150, 240, 1, 2.5),  # from 02:30, and its first time
        (135, 165, 0, 1.5),
    ],
)
def test_hours_across_the_change_itself_are_exact(
    opens: int, closes: int, spring: float, autumn: float
) -> None:
    night = WorkingCalendar("Europe/Zurich", ((((opens, closes),),) * 7))
    assert night.business_ms(at("2026-03-29 00:00"), at("2026-03-30 00:00")) == spring * HOUR
    assert night.business_ms(at("2026-10-25 00:00"), at("2026-10-26 00:00")) == autumn * HOUR


def test_the_zone_decides_when_the_practice_is_open() -> None:
    noon = int(datetime(2026, 11, 16, 12, tzinfo=UTC).timestamp() * 1000)
    assert ZURICH.business_ms(noon, noon + 24 * HOUR) == 8 * HOUR
    assert ZURICH.business_ms(noon, noon + HOUR) == HOUR
    assert NEW_YORK.business_ms(noon, noon + HOUR) == 0


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-16 10:00", 8, "2026-11-17 10:00"),
        ("2026-11-20 16:00", 2, "2026-11-23 10:00"),
        ("2026-11-21 12:00", 1, "2026-11-23 10:00"),
        ("2026-11-16 09:00", 8, "2026-11-16 17:00"),
        ("2026-11-16 09:00", 0, "2026-11-16 09:00"),
        ("2026-11-23 10:00", -2, "2026-11-20 16:00"),
        ("2026-11-22 10:00", -1, "2026-11-20 16:00"),
        ("2026-11-23 17:00", -8, "2026-11-23 09:00"),
        ("2026-03-27 16:00", 2, "2026-03-30 10:00"),
    ],
)
def test_an_instant_so_many_working_hours_away(start: str, hours: int, end: str) -> None:
    assert ZURICH.add_business(at(start), hours * HOUR) == at(end)


def test_a_business_day_is_the_working_time_of_a_day() -> None:
    assert ZURICH.day_ms == 8 * HOUR
    assert ALWAYS.day_ms == 24 * HOUR
    assert SPLIT.day_ms == (4 * 8 + 4) / 5 * HOUR


def test_a_calendar_that_is_never_open_again_says_so() -> None:
    days = frozenset(date(1970, 1, 1) + timedelta(days=n) for n in range(85_000))
    shut = WorkingCalendar("UTC", NINE_TO_FIVE, days)
    with pytest.raises(ConsultDeskError, match="no open day left"):
        shut.add_business(at("2026-11-16 10:00"), 1)


@pytest.mark.parametrize(
    ("zone", "hours", "said"),
    [
        ("Mars/Olympus", NINE_TO_FIVE, "isn't known"),
        ("../etc/passwd", NINE_TO_FIVE, "isn't known"),
        ("", NINE_TO_FIVE, "isn't known"),
        ("UTC", NINE_TO_FIVE[:6], "seven weekdays"),
        ("UTC", ((),) * 7, "at least one open day"),
        ("UTC", (((600, 540),), *((),) * 6), "follow one another"),
        ("UTC", (((540, 540),), *((),) * 6), "follow one another"),
        ("UTC", (((540, 720), (700, 800)), *((),) * 6), "follow one another"),
        ("UTC", (((540, 1441),), *((),) * 6), "follow one another"),
        ("UTC", (((-1, 540),), *((),) * 6), "follow one another"),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(
    zone: str, hours: tuple[tuple[tuple[int, int], ...], ...], said: str
) -> None:
    with pytest.raises(ConsultDeskError, match=said):
        WorkingCalendar(zone, hours)


def test_instants_out_of_this_world_count_as_the_nearest_in_it() -> None:
    assert ZURICH.business_ms(-(10**20), -(10**19)) == 0
    assert ZURICH.business_ms(-(10**20), at("1971-01-01 00:00")) == 0
    assert ZURICH.day_of(10**20).year == 2198
    assert ZURICH.business_ms(10**18, 10**19) == 0


CALENDARS = st.sampled_from([ZURICH, NEW_YORK, ALWAYS, SPLIT])
INSTANTS = st.integers(at("2024-01-01 00:00"), at("2028-01-01 00:00"))
LENGTHS = st.integers(1, 400 * 24 * HOUR)


@settings(deadline=None)
@given(CALENDARS, INSTANTS, LENGTHS, LENGTHS)
def test_working_time_adds_up(calendar: WorkingCalendar, start: int, one: int, two: int) -> None:
    middle, stop = start + one, start + one + two
    whole = calendar.business_ms(start, stop)
    assert whole == calendar.business_ms(start, middle) + calendar.business_ms(middle, stop)
    assert 0 <= whole <= stop - start


@settings(deadline=None)
@given(CALENDARS, INSTANTS, st.integers(1, 200 * 24 * HOUR))
def test_adding_working_time_is_exact_and_lands_on_the_first_such_instant(
    calendar: WorkingCalendar, start: int, ms: int
) -> None:
    end = calendar.add_business(start, ms)
    assert calendar.business_ms(start, end) == ms
    assert calendar.business_ms(start, end - 1) == ms - 1
    back = calendar.add_business(start, -ms)
    assert calendar.business_ms(back, start) == ms
    assert calendar.business_ms(back + 1, start) == ms - 1


@settings(deadline=None)
@given(CALENDARS, INSTANTS)
def test_every_opening_is_what_the_clock_on_the_wall_says(
    calendar: WorkingCalendar, instant: int
) -> None:
    minute = instant - instant % 60_000
    wall = datetime.fromtimestamp(minute / 1000, ZoneInfo(calendar.zone))
    shown = wall.hour * 60 + wall.minute
    open_now = wall.date() not in calendar.closed and any(
        opens <= shown < closes for opens, closes in calendar.hours[wall.weekday()]
    )
    assert calendar.business_ms(minute, minute + 60_000) == (60_000 if open_now else 0)
