"""Working time: how long a practice was open between two instants, and when it will have been."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from consultdesk.errors import ConsultDeskError

MINUTE_MS = 60_000
CALENDAR_DAY_MS = 24 * 60 * MINUTE_MS
_FULL_DAY = 24 * 60
_YEAR_MS = 31_556_952_000  # the mean Gregorian year
_FIRST_YEAR, _LAST_YEAR = 1971, 2199

Opening = tuple[int, int]
"""From, until: minutes after local midnight; 1440 is the midnight that ends the day."""


class _Table(NamedTuple):
    """Every opening of some years in order: (start, stop) in UTC ms, `worked` the time before it.

    It holds the days of `first_year` to `last_year`.
    """

    first_year: int
    last_year: int
    starts: list[int]
    stops: list[int]
    worked: list[int]

    def before(self, at: int) -> int:
        """Working ms from the table's beginning to `at`."""
        n = bisect_right(self.starts, at) - 1
        return self.worked[n] + min(at, self.stops[n]) - self.starts[n] if n >= 0 else 0


@dataclass(frozen=True)
class WorkingCalendar:
    """When a practice works: openings per weekday (Monday first) in an IANA zone, less `closed`.

    Instants are UTC ms; those before 1971 or after 2198 count as the nearest instant within.
    A day on which the clock is put forward or back has the hours it really has.
    Raises ConsultDeskError when the zone or the openings make no sense.
    """

    zone: str
    hours: tuple[tuple[Opening, ...], ...]
    closed: frozenset[date] = frozenset()
    name: str = ""
    _memo: list[_Table] = field(default_factory=list, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
            raise ConsultDeskError(f'The time zone "{self.zone}" isn\'t known.') from unknown
        if len(self.hours) != 7:
            raise ConsultDeskError("A working calendar needs the hours of seven weekdays.")
        if not any(self.hours):
            raise ConsultDeskError("A working calendar needs at least one open day.")
        for day in self.hours:
            edges = [minute for opening in day for minute in opening]
            rising = all(a < b for a, b in zip(edges[::2], edges[1::2], strict=True))
            if edges != sorted(edges) or not rising or edges and not _in_day(edges):
                raise ConsultDeskError("Opening hours must follow one another within the day.")

    @cached_property
    def day_ms(self) -> int:
        """One business day: the working ms of an open weekday, on average over the week."""
        minutes = [sum(stop - start for start, stop in day) for day in self.hours if day]
        return sum(minutes) * MINUTE_MS // len(minutes)

    def business_ms(self, start: int, stop: int) -> int:
        """Working ms between two instants; 0 when `stop` isn't after `start`."""
        if stop <= start:
            return 0
        start, stop = _bounded(start), _bounded(stop)
        table = self._covering(start, stop)
        return table.before(stop) - table.before(start)

    def add_business(self, start: int, ms: int) -> int:
        """The instant by which `ms` of working time have passed: the earliest one.

        With `ms` below zero it looks back, for the latest instant from which it is that long.
        Raises ConsultDeskError when the calendar has not that much open time.
        """
        if ms == 0:
            return start
        start = _bounded(start)
        span = CALENDAR_DAY_MS * 14 + abs(ms) * 8
        while True:
            reach = _bounded(start + span if ms > 0 else start - span)
            table = self._covering(min(start, reach), max(start, reach))
            wanted = table.before(start) + ms
            if 0 <= wanted <= table.worked[-1]:
                return _later(table, wanted) if ms > 0 else _earlier(table, wanted)
            if reach in (_bounded(-(10**15)), _bounded(10**15)):
                raise ConsultDeskError("The working calendar has no open day left to count on.")
            span *= 4

    def day_of(self, at: int) -> date:
        """The local date at an instant."""
        return datetime.fromtimestamp(_bounded(at) / 1000, ZoneInfo(self.zone)).date()

    def midnight(self, day: date) -> int:
        """The instant at which a local date begins."""
        return _bounded(_instant(day, 0, ZoneInfo(self.zone), last=False))

    def _covering(self, start: int, stop: int) -> _Table:
        """One table over all years asked for so far: it only grows, so two threads may share it."""
        first, last = start // _YEAR_MS + 1970 - 1, stop // _YEAR_MS + 1970 + 1
        table = self._memo[-1] if self._memo else None
        if table is None or not table.first_year <= first <= last <= table.last_year:
            if table:
                first, last = min(first, table.first_year), max(last, table.last_year)
            table = self._tabulate(first, last)
            self._memo[:] = [table]
        return table

    def _tabulate(self, first: int, last: int) -> _Table:
        zone = ZoneInfo(self.zone)
        starts: list[int] = []
        stops: list[int] = []
        day, end = date(first, 1, 1), date(last + 1, 1, 1)
        while day < end:
            if day not in self.closed:
                for opens, closes in self.hours[day.weekday()]:
                    start = _instant(day, opens, zone, last=False)
                    stop = _instant(day, closes, zone, last=True)
                    if stop > start:
                        starts.append(start)
                        stops.append(stop)
            day += timedelta(days=1)
        lengths = (stop - start for start, stop in zip(starts, stops, strict=True))
        return _Table(first, last, starts, stops, list(accumulate(lengths, initial=0)))


def _in_day(edges: list[int]) -> bool:
    return edges[0] >= 0 and edges[-1] <= _FULL_DAY


def _bounded(at: int) -> int:
    earliest = (_FIRST_YEAR - 1970) * _YEAR_MS + CALENDAR_DAY_MS
    return min(max(at, earliest), (_LAST_YEAR - 1970) * _YEAR_MS)


def _later(table: _Table, wanted: int) -> int:
    """The earliest instant with `wanted` working ms before it."""
    n = bisect_left(table.worked, wanted) - 1
    return table.starts[n] + wanted - table.worked[n]


def _earlier(table: _Table, wanted: int) -> int:
    """The latest instant with `wanted` working ms before it."""
    n = min(bisect_right(table.worked, wanted) - 1, len(table.starts) - 1)
    return table.starts[n] + wanted - table.worked[n]


def _instant(day: date, minute: int, zone: ZoneInfo, *, last: bool) -> int:
    """Local wall time as UTC ms.

    A time that comes twice is the second one if `last`; one that is skipped is the instant
    of the change.
    """
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)
    first = int(wall.replace(tzinfo=zone, fold=0).timestamp() * 1000)
    second = int(wall.replace(tzinfo=zone, fold=1).timestamp() * 1000)
    if second >= first:
        return second if last else first
    low, high = second, first  # skipped: the change lies between
    while high - low > 1:
        middle = (low + high) // 2
        shown = datetime.fromtimestamp(middle / 1000, zone).replace(tzinfo=None)
        low, high = (low, middle) if shown >= wall else (middle, high)
    return high
