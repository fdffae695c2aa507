"""Backups: which of them are kept, and when a person is reminded to make one."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

_HOUR_MS = 60 * 60 * 1000
_DAY_MS = 24 * _HOUR_MS


@dataclass(frozen=True)
class BackupRule:
    """How long backups are kept: all for some hours, then one a day, one a week, one a month.

    `remind_after` is in days.
    """

    hours: int = 24
    days: int = 30
    weeks: int = 12
    remind_after: int = 7


@dataclass(frozen=True)
class Backup:
    """One backup: when it was made (UTC ms), and whether it was read back and found whole."""

    name: str
    at: int
    verified: bool


def kept(backups: Iterable[Backup], rule: BackupRule, now: int) -> frozenset[str]:
    """The names of those that stay. The newest of each day, week and month stand for it.

    Days, weeks and months are the calendar's (UTC, weeks as in ISO 8601): so it doesn't matter
    how often it is asked, and one that has to go never has to come back. The newest of all and
    the newest that was verified always stay, and so does one that is dated ahead.
    """
    newest_first = sorted(backups, key=lambda one: (one.at, one.name), reverse=True)
    stay = {one.name for one in newest_first if now - one.at <= rule.hours * _HOUR_MS}
    stay |= {one.name for one in newest_first[:1]}
    stay |= {one.name for one in [b for b in newest_first if b.verified][:1]}
    for period, least in (
        (_day, now - rule.days * _DAY_MS),
        (_week, now - rule.weeks * 7 * _DAY_MS),
        (_month, None),
    ):
        stay |= {
            one.name for one in _first_of_each(newest_first, period) if not least or one.at >= least
        }
    return frozenset(stay)


class Due(StrEnum):
    """Why a person is reminded of a backup; nothing when there is a fresh one."""

    NO_PLACE = "no place"
    NEVER = "never"
    OLD = "old"
    DAMAGED = "damaged"
    NOTHING = ""


def due(last: int | None, place: str, rule: BackupRule, now: int) -> Due:
    """Whether to remind, by when the last good backup was made (UTC ms) and where they go."""
    if not place:
        return Due.NO_PLACE if last is None or _is_old(last, rule, now) else Due.NOTHING
    if last is None:
        return Due.NEVER
    return Due.OLD if _is_old(last, rule, now) else Due.NOTHING


def _is_old(last: int, rule: BackupRule, now: int) -> bool:
    return now - last > rule.remind_after * _DAY_MS


def _first_of_each(
    newest_first: list[Backup], period: Callable[[int], Hashable]
) -> Iterable[Backup]:
    seen: set[Hashable] = set()
    for one in newest_first:
        when = period(one.at)
        if when not in seen:
            seen.add(when)
            yield one


def _day(at: int) -> Hashable:
    return _date(at).date()


def _week(at: int) -> Hashable:
    return _date(at).isocalendar()[:2]


def _month(at: int) -> Hashable:
    return (_date(at).year, _date(at).month)


def _date(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)
