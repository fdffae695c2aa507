"""Working calendars: the real holidays of a place, and a clear word for a wrong file."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from consultdesk.consultation.case import Priority
from consultdesk.consultation.turnaround import Targets
from consultdesk.desk.calendars import DEFAULT, calendar, calendars, read_calendar
from consultdesk.errors import ConsultDeskError

WEEK = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "09:00-17:00")
SMALL: dict[str, Any] = {"name": "Ours", "zone": "Europe/Zurich", "hours": WEEK}
HOUR = 3_600_000


@pytest.mark.parametrize("code", calendars())
def test_every_calendar_the_desk_comes_with_can_be_used(code: str) -> None:
    found = calendar(code)
    assert found.code == code
    assert found.calendar.name
    assert 0 < found.calendar.day_ms <= 10 * HOUR
    assert found.targets.days[Priority.EMERGENT] < found.targets.days[Priority.ROUTINE]


def test_the_default_stands_first_and_has_the_targets_of_the_field() -> None:
    assert calendars()[0] == DEFAULT
    assert calendar().targets == Targets()
    assert (calendar().targets.p50, calendar().targets.p90) == (3, 7)


@pytest.mark.parametrize(
    ("code", "day", "closed"),
    [
        ("zurich", "2026-08-01", True),  # the national day
        ("zurich", "2026-11-26", False),
        ("united_states_eastern", "2026-11-26", True),  # Thanksgiving
        ("united_states_eastern", "2026-07-03", True),  # the fourth is a Saturday
        ("united_states_eastern", "2026-08-01", False),
        ("england", "2026-12-28", True),  # Boxing Day is a Saturday
        ("bavaria", "2026-01-06", True),  # Epiphany, not everywhere in Germany
        ("bavaria", "2026-04-06", True),  # Easter Monday
        ("default", "2026-12-25", False),
    ],
)
def test_a_place_is_closed_on_its_own_holidays(code: str, day: str, closed: bool) -> None:
    assert (date.fromisoformat(day) in calendar(code).calendar.closed) is closed


def test_a_holiday_is_no_business_day() -> None:
    eastern = calendar("united_states_eastern").calendar
    week = eastern.midnight(date(2026, 11, 23)), eastern.midnight(date(2026, 11, 30))
    assert eastern.business_ms(*week) == 4 * eastern.day_ms


def test_hours_extra_closed_days_and_targets_are_read() -> None:
    own = read_calendar(
        {
            **SMALL,
            "closed": ["2026-12-24", date(2026, 12, 31)],
            "hours": {"monday": ["08:00-12:00", "13:00-24:00"]},
            "targets": {"urgent": 1, "margin": 2.5},
        },
        "own",
    )
    assert own.calendar.hours[0] == ((480, 720), (780, 1440))
    assert own.calendar.hours[1:] == ((),) * 6
    assert own.calendar.closed == {date(2026, 12, 24), date(2026, 12, 31)}
    assert (own.targets.days[Priority.URGENT], own.targets.days[Priority.ROUTINE]) == (1, 7)
    assert own.targets.margin == 2.5


def test_a_country_known_for_few_years_is_still_a_calendar() -> None:
    assert read_calendar({**SMALL, "country": "IN"}, "india").calendar.closed


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"colour": 1}, '"colour" isn\'t a setting'),
        ({"name": ""}, '"name" must be text'),
        ({"zone": 3}, '"zone" must be text'),
        ({"zone": "Moon"}, 'time zone "Moon"'),
        ({"country": "XX"}, 'no holidays are known for "XX"'),
        ({"country": "CH", "subdivision": "XX"}, 'no holidays are known for "CH, XX"'),
        ({"hours": None}, '"hours" must list weekdays'),
        ({"hours": {"mon": "09:00-17:00"}}, '"hours" must list weekdays'),
        ({"hours": {"monday": "9-17"}}, "monday: hours are written"),
        ({"hours": {"monday": [3]}}, "monday: hours are written"),
        ({"hours": {"monday": "23:00-24:30"}}, "within the day"),
        ({"hours": {}}, "at least one open day"),
        ({"closed": "2026-12-24"}, '"closed" must be a list'),
        ({"closed": ["24.12.2026"]}, "dates like 2026-12-24"),
        ({"targets": {"slow": 3}}, '"targets" may name'),
        ({"targets": {"urgent": "3"}}, "numbers of business days"),
        ({"targets": {"urgent": True}}, "numbers of business days"),
        ({"targets": {"urgent": 0}}, "above 0 and up to 365"),
    ],
)
def test_a_wrong_calendar_is_refused_in_one_sentence(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ConsultDeskError) as refused:
        read_calendar({**SMALL, **change}, "ours")
    assert said in refused.value.message
    assert refused.value.message.startswith('The calendar "ours"')


def test_a_calendar_that_is_not_there_or_not_readable_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_bytes(b"\xff")
    with pytest.raises(ConsultDeskError, match=r"bad\.toml can't be read"):
        calendar("bad", tmp_path)
    for code in ("nowhere", "../bad", ""):
        with pytest.raises(ConsultDeskError, match="no working calendar"):
            calendar(code, tmp_path)
