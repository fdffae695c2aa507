"""The practice's working calendars and targets, read from one file each."""

import re
import tomllib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import holidays

from consultdesk.assets import resource
from consultdesk.consultation.case import Priority
from consultdesk.consultation.turnaround import Targets
from consultdesk.consultation.working_time import Opening, WorkingCalendar
from consultdesk.errors import ConsultDeskError

DEFAULT = "default"
YEARS = range(2015, 2041)
"""The years for which holidays are looked up; in others every weekday counts as open."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_OPENING = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)")
_SETTINGS = {"name", "zone", "country", "subdivision", "closed", "hours", "targets"}


@dataclass(frozen=True)
class PracticeTime:
    """When the practice works, and what it has set itself."""

    code: str
    calendar: WorkingCalendar
    targets: Targets


def calendar(code: str = DEFAULT, folder: Path | None = None) -> PracticeTime:
    """The calendar with that code, of those the desk comes with or of `folder`.

    Raises ConsultDeskError naming the file and what is wrong with it.
    """
    path = (folder or resource("calendars")) / f"{code}.toml"
    if path.stem != code or not path.is_file():
        raise ConsultDeskError(f'There is no working calendar "{code}".')
    try:
        return read_calendar(tomllib.loads(path.read_text(encoding="utf-8")), code)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as unread:
        said = f"The calendar file {path.name} can't be read: {unread}."
        raise ConsultDeskError(said) from unread


def calendars(folder: Path | None = None) -> tuple[str, ...]:
    """The codes of all calendars there are, the default first."""
    codes = sorted(path.stem for path in (folder or resource("calendars")).glob("*.toml"))
    return tuple(sorted(codes, key=lambda code: code != DEFAULT))


def read_calendar(data: Mapping[str, object], code: str) -> PracticeTime:
    """Make a calendar of what its file says; raises ConsultDeskError naming what is wrong."""
    where = f'The calendar "{code}"'
    strange = next((key for key in data if key not in _SETTINGS), None)
    if strange:
        raise ConsultDeskError(f'{where}: "{strange}" isn\'t a setting.')
    try:
        working = WorkingCalendar(
            zone=_text(data, "zone", where),
            hours=_hours(data.get("hours"), where),
            closed=_holidays(data, where) | _closed(data.get("closed", []), where),
            name=_text(data, "name", where),
        )
        return PracticeTime(code, working, _targets(data.get("targets", {}), where))
    except ConsultDeskError as wrong:
        if wrong.message.startswith(where):
            raise
        raise ConsultDeskError(f"{where}: {wrong.message}") from wrong


def _text(data: Mapping[str, object], key: str, where: str, default: str | None = None) -> str:
    value = data.get(key, default)
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise ConsultDeskError(f'{where}: "{key}" must be text.')
    return value.strip()


def _hours(said: object, where: str) -> tuple[tuple[Opening, ...], ...]:
    if not isinstance(said, Mapping) or set(said) - set(WEEKDAYS):
        raise ConsultDeskError(f'{where}: "hours" must list weekdays, monday to sunday.')
    return tuple(_openings(said.get(day, []), f"{where}, {day}") for day in WEEKDAYS)


def _openings(said: object, where: str) -> tuple[Opening, ...]:
    listed = said if isinstance(said, list) else [said]
    openings = []
    for text in listed:
        found = _OPENING.fullmatch(text) if isinstance(text, str) else None
        if not found:
            raise ConsultDeskError(f'{where}: hours are written "09:00-17:00".')
        first, second, third, fourth = (int(part) for part in found.groups())
        openings.append((first * 60 + second, third * 60 + fourth))
    return tuple(openings)


def _closed(said: object, where: str) -> frozenset[date]:
    if not isinstance(said, list):
        raise ConsultDeskError(f'{where}: "closed" must be a list of dates.')
    days = set()
    for day in said:
        try:
            days.add(date.fromisoformat(str(day)))
        except ValueError as wrong:
            raise ConsultDeskError(
                f'{where}: "closed" must be a list of dates like 2026-12-24.'
            ) from wrong
    return frozenset(days)


def _holidays(data: Mapping[str, object], where: str) -> frozenset[date]:
    country = _text(data, "country", where, "")
    subdivision = _text(data, "subdivision", where, "")
    if not country:
        return frozenset()
    try:
        with warnings.catch_warnings():
            # some countries are known for fewer years; the rest counts as open
            warnings.simplefilter("ignore")
            return frozenset(
                holidays.country_holidays(country, subdiv=subdivision or None, years=YEARS)
            )
    except NotImplementedError as unknown:
        place = f"{country}, {subdivision}" if subdivision else country
        raise ConsultDeskError(f'{where}: no holidays are known for "{place}".') from unknown


def _targets(said: object, where: str) -> Targets:
    allowed = {*Priority, "margin", "p50", "p90"}
    if not isinstance(said, Mapping) or set(said) - allowed:
        raise ConsultDeskError(f'{where}: "targets" may name {", ".join(sorted(allowed))}.')
    for value in said.values():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ConsultDeskError(f'{where}: "targets" are numbers of business days.')
    default = Targets()
    return Targets(
        days={p: float(said.get(p, default.days[p])) for p in Priority},
        margin=float(said.get("margin", default.margin)),
        p50=float(said.get("p50", default.p50)),
        p90=float(said.get("p90", default.p90)),
    )
