"""Plain statistics for the figures: percentiles, an interval for a share, a run chart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, groupby, pairwise
from math import comb, sqrt

SHIFT = 6
"""So many weeks in a row on one side of the centre line are a shift [Perla 2011]."""

TREND = 5
"""So many weeks in a row, each above (or below) the one before, are a trend [Perla 2011]."""

FEWEST_WEEKS = 10
"""With fewer weeks no rule is applied [Perla 2011]."""

_Z95 = 1.959963984540054


def percentile(ordered: Sequence[float], share: float) -> float:
    """The percentile of values in ascending order, 0 ≤ share ≤ 1, not empty.

    Linear interpolation between order statistics [Hyndman and Fan 1996, definition 7].
    """
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


@dataclass(frozen=True)
class Spread:
    """How values lie; None where there are none."""

    n: int = 0
    p50: float | None = None
    p75: float | None = None
    p90: float | None = None


def spread(values: Iterable[float]) -> Spread:
    """P50, P75 and P90 of the values."""
    ordered = sorted(values)
    if not ordered:
        return Spread()
    return Spread(len(ordered), *(percentile(ordered, share) for share in (0.5, 0.75, 0.9)))


def share(part: int, whole: int) -> float | None:
    """Part of the whole, None of nothing."""
    return part / whole if whole else None


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The 95 % interval of a share [Wilson 1927]; (0, 1) of nothing."""
    if not whole:
        return 0.0, 1.0
    p, z2 = part / whole, _Z95 * _Z95
    middle = p + z2 / (2 * whole)
    half = _Z95 * sqrt(p * (1 - p) / whole + z2 / (4 * whole * whole))
    scale = 1 + z2 / whole
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


@dataclass(frozen=True)
class Week:
    """One point of the run chart; `monday` begins it, `median` is None in an empty week."""

    monday: date
    n: int
    median: float | None


@dataclass(frozen=True)
class RunChart:
    """Weekly medians about their own median, with what the rules say, in words."""

    weeks: tuple[Week, ...] = ()
    centre: float | None = None
    signals: tuple[str, ...] = ()
    rules: str = ""


RULES = (
    "The line in the middle is the median of the weekly medians. Something has changed, and not "
    f"by chance alone, when {SHIFT} weeks in a row lie on one side of it (weeks on the line "
    f"don't count), when {TREND} weeks in a row each rise or each fall (equal weeks don't "
    "count), or when the line is crossed far more or far less often than chance explains. With "
    f"fewer than {FEWEST_WEEKS} weeks nothing is concluded."
)


def run_chart(values: Iterable[tuple[date, float]]) -> RunChart:
    """A run chart of weekly medians, from the first week with a value to the last."""
    by_week: dict[date, list[float]] = {}
    for day, value in values:
        by_week.setdefault(day - timedelta(days=day.weekday()), []).append(value)
    if not by_week:
        return RunChart(rules=RULES)
    weeks = []
    monday, last = min(by_week), max(by_week)
    while monday <= last:
        found = sorted(by_week.get(monday, ()))
        weeks.append(Week(monday, len(found), percentile(found, 0.5) if found else None))
        monday += timedelta(days=7)
    medians = [week.median for week in weeks if week.median is not None]
    centre = percentile(sorted(medians), 0.5)
    return RunChart(tuple(weeks), centre, _signals(medians, centre), RULES)


def _signals(medians: Sequence[float], centre: float) -> tuple[str, ...]:
    if len(medians) < FEWEST_WEEKS:
        weeks = "1 week" if len(medians) == 1 else f"{len(medians)} weeks"
        return (f"Only {weeks} with a letter: too few to conclude anything.",)
    said = []
    sides = [value > centre for value in medians if value != centre]
    for above, longest in _longest_runs(sides):
        if longest >= SHIFT:
            where, what = ("above", "longer") if above else ("below", "shorter")
            said.append(f"Shift: {longest} weeks in a row {where} the middle; it takes {what}.")
    rises = [after > before for before, after in pairwise(_without_repeats(medians))]
    for rising, longest in _longest_runs(rises):
        if longest >= TREND - 1:
            which = "rising: it takes longer and longer" if rising else "falling: it gets faster"
            said.append(f"Trend: {longest + 1} weeks in a row {which}.")
    said += _crossing_signal(sides)
    return tuple(said) or ("No sign of a change beyond chance.",)


def _without_repeats(values: Sequence[float]) -> list[float]:
    return [value for value, _same in groupby(values)]


def _longest_runs(signs: Sequence[bool]) -> list[tuple[bool, int]]:
    """For True and for False, the longest run of it."""
    runs = [(sign, sum(1 for _ in same)) for sign, same in groupby(signs)]
    return [(s, max((n for sign, n in runs if sign is s), default=0)) for s in (True, False)]


def _crossing_signal(sides: Sequence[bool]) -> list[str]:
    """Too few or too many runs about the median, 2.5 % each way [Swed and Eisenhart 1943]."""
    above = sum(sides)
    runs = len(list(groupby(sides)))
    few, many = expected_runs(above, len(sides) - above)
    if runs < few:
        return [f"Crossed too seldom: {runs} runs, at least {few} expected; levels have changed."]
    if runs > many:
        return [
            f"Crossed too often: {runs} runs, at most {many} expected; two sources may be mixed."
        ]
    return []


def expected_runs(above: int, below: int) -> tuple[int, int]:
    """The fewest and the most runs that chance explains, 2.5 % beyond each way."""
    if not above or not below:
        return 1, 1
    counts = range(2, above + below + 1)
    chance = [_chance_of_runs(runs, above, below) for runs in counts]
    return _first_likely(counts, chance), _first_likely(reversed(counts), reversed(chance))


def _first_likely(counts: Iterable[int], chance: Iterable[float]) -> int:
    """The first count up to which the chances add up to more than 2.5 %."""
    added = accumulate(chance)
    return next(count for count, so_far in zip(counts, added, strict=True) if so_far > 0.025)


def _chance_of_runs(runs: int, above: int, below: int) -> float:
    """P(R = runs) with so many points above and below [Wald and Wolfowitz 1940]."""
    half, odd = divmod(runs, 2)
    if odd:
        ways = comb(above - 1, half) * comb(below - 1, half - 1)
        ways += comb(above - 1, half - 1) * comb(below - 1, half)
    else:
        ways = 2 * comb(above - 1, half - 1) * comb(below - 1, half - 1)
    return ways / comb(above + below, above)
