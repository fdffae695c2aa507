"""The figures of a desk over a period: how fast, how complete, how it ended; never by person."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from consultdesk.consultation.case import CaseState, Priority
from consultdesk.consultation.measures import RunChart, Spread, run_chart, share, spread, wilson
from consultdesk.consultation.turnaround import (
    CaseClock,
    Pause,
    ReleasedKind,
    Targets,
    active,
    active_opinion,
    calendar_total,
    intake,
    is_overdue,
    is_paused,
)
from consultdesk.consultation.working_time import CALENDAR_DAY_MS, MINUTE_MS, WorkingCalendar
from consultdesk.errors import ConsultDeskError

FEWEST_CASES = 10
"""Discordance of fewer cases than this is not shown: it says nothing, and may name somebody."""

AGES = ((3, "under_3_days"), (7, "3_to_6_days"), (14, "7_to_13_days"), (30, "14_to_29_days"))
OLDEST = "30_days_and_more"


@dataclass(frozen=True)
class ConsentCounts:
    """What the gate and the consents say of the same period, in counts."""

    refusals: int = 0
    revocations_after_release: int = 0
    other_basis: int = 0


@dataclass(frozen=True)
class Discordance:
    """How often a specialty's reading was distinctly different: a difference, not an error.

    `n` counts cases where the relation could be determined; the rest is None below 10.
    """

    specialty: str
    n: int
    different: int | None = None
    share: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class FlagFigures:
    """Red flag to logged contact, in minutes; `open` flags still wait, `longest_open` minutes."""

    minutes: Spread = Spread()
    open: int = 0
    longest_open: float | None = None


@dataclass(frozen=True)
class Figures:
    """The figures of one period, `start` ≤ t < `stop`, as they stood at `as_of` (UTC ms).

    Turnarounds are ms; `day_ms` turns active ones into business days. Shares are 0 to 1,
    None where there is nothing to count. `open_by_age` counts by calendar age.
    """

    start: int
    stop: int
    as_of: int
    zone: str
    day_ms: int
    targets: Targets
    received: int = 0
    released: int = 0
    on_time_count: int = 0
    on_time_of: int = 0
    opinion_active: Spread = Spread()
    opinion_calendar: Spread = Spread()
    intake_active: Spread = Spread()
    by_priority: dict[Priority, Spread] = field(default_factory=dict)
    open: int = 0
    overdue: int = 0
    waiting: int = 0
    open_by_age: dict[str, int] = field(default_factory=dict)
    declined_after_acceptance: int = 0
    weekly: RunChart = RunChart()
    completeness: float | None = None
    first_pass: float | None = None
    released_to_others: int = 0
    patient_only: int = 0
    delivered: int = 0
    acknowledged: int = 0
    discordance: tuple[Discordance, ...] = ()
    consent: ConsentCounts = ConsentCounts()
    flags: FlagFigures = FlagFigures()

    @property
    def on_time(self) -> float | None:
        """On time ÷ (released + open and overdue + declined after acceptance)."""
        return share(self.on_time_count, self.on_time_of)

    @property
    def loop_closure(self) -> float | None:
        """Acknowledged ÷ released to someone other than the patient."""
        return share(self.acknowledged, self.released_to_others)

    @property
    def withheld(self) -> float | None:
        """The share of letters released to the patient alone."""
        return share(self.patient_only, self.released)


def figures(
    clocks: Iterable[CaseClock],
    calendar: WorkingCalendar,
    start: int,
    stop: int,
    now: int,
    *,
    targets: Targets | None = None,
    consent: ConsentCounts | None = None,
) -> Figures:
    """The figures from `start` up to, not including, `stop` (UTC ms), as far as known at `now`.

    What happened after the period is left out, so that a past period's figures stay as they
    were. Raises ConsultDeskError when the period ends before it begins.
    """
    if stop <= start:
        raise ConsultDeskError("The period must end after it begins.")
    targets = targets or Targets()
    as_of = min(stop - 1, now)
    seen = [as_seen(clock, as_of) for clock in clocks if clock.received_at <= as_of]
    released = [c for c in seen if c.first_sent_at is not None and start <= c.first_sent_at]
    still_open = [c for c in seen if c.first_sent_at is None and c.left_at is None]
    overdue = sum(is_overdue(c, calendar, targets, as_of) for c in still_open)
    declined = sum(
        1
        for c in seen
        if c.declined_at is not None and c.accepted_at is not None and start <= c.declined_at
    )
    received = [c for c in seen if start <= c.received_at]
    late = sum(is_overdue(c, calendar, targets, as_of) for c in released)
    told = [c for c in released if c.released_kind is not ReleasedKind.PATIENT_ONLY]
    times = [(c, active_opinion(c, calendar, as_of) or 0) for c in released]
    return Figures(
        start=start,
        stop=stop,
        as_of=as_of,
        zone=calendar.zone,
        day_ms=calendar.day_ms,
        targets=targets,
        received=len(received),
        released=len(released),
        on_time_count=len(released) - late,
        on_time_of=len(released) + overdue + declined,
        opinion_active=spread(ms for _, ms in times),
        opinion_calendar=spread(calendar_total(c, as_of) for c in released),
        intake_active=_intake(seen, calendar, start, as_of),
        by_priority={p: spread(ms for c, ms in times if c.priority is p) for p in Priority},
        open=len(still_open),
        overdue=overdue,
        waiting=sum(is_paused(c, as_of) for c in still_open),
        open_by_age=_by_age(still_open, as_of),
        declined_after_acceptance=declined,
        weekly=run_chart(
            (calendar.day_of(c.first_sent_at or 0), ms / calendar.day_ms) for c, ms in times
        ),
        completeness=share(
            sum(c.must_present for c in received), sum(c.must_required for c in received)
        ),
        first_pass=_first_pass(received),
        released_to_others=len(told),
        patient_only=len(released) - len(told),
        delivered=sum(c.delivered_at is not None for c in told),
        acknowledged=sum(c.acknowledged_at is not None for c in told),
        discordance=_discordance(released),
        consent=consent or ConsentCounts(),
        flags=_flags(seen, start, as_of),
    )


def as_seen(clock: CaseClock, at: int) -> CaseClock:
    """The clock as it stood at that instant: what came later had not happened yet."""
    if _latest(clock) <= at:
        return clock

    def known(value: int | None) -> int | None:
        return None if value is None or value > at else value

    if (clock.left_at or 0) > at:  # it was still open, whatever has become of it since
        clock = replace(clock, state=CaseState.RECEIVED)
    return replace(
        clock,
        accepted_at=known(clock.accepted_at),
        complete_at=known(clock.complete_at),
        review_consent_at=known(clock.review_consent_at),
        ready_at=known(clock.ready_at),
        first_sent_at=known(clock.first_sent_at),
        delivered_at=known(clock.delivered_at),
        acknowledged_at=known(clock.acknowledged_at),
        declined_at=known(clock.declined_at),
        ended_at=known(clock.ended_at),
        pauses=tuple(
            Pause(pause.start, known(pause.stop), pause.reason)
            for pause in clock.pauses
            if pause.start <= at
        ),
    )


def _latest(clock: CaseClock) -> int:
    """The last instant that the clock knows of."""
    instants = (
        clock.accepted_at,
        clock.complete_at,
        clock.review_consent_at,
        clock.ready_at,
        clock.first_sent_at,
        clock.delivered_at,
        clock.acknowledged_at,
        clock.declined_at,
        clock.ended_at,
        *(instant for pause in clock.pauses for instant in (pause.start, pause.stop)),
    )
    return max((instant for instant in instants if instant is not None), default=0)


def _intake(seen: Sequence[CaseClock], calendar: WorkingCalendar, start: int, as_of: int) -> Spread:
    return spread(
        active(intake(c), c.pauses, calendar, as_of)
        for c in seen
        if c.ready_at is not None and start <= c.ready_at
    )


def _by_age(still_open: Iterable[CaseClock], as_of: int) -> dict[str, int]:
    edges = [days * CALENDAR_DAY_MS for days, _ in AGES]
    names = [*(name for _, name in AGES), OLDEST]
    counts = dict.fromkeys(names, 0)
    for clock in still_open:
        counts[names[bisect_right(edges, calendar_total(clock, as_of))]] += 1
    return counts


def _first_pass(received: Iterable[CaseClock]) -> float | None:
    known = [c.first_pass_complete for c in received if c.first_pass_complete is not None]
    return share(sum(known), len(known))


def _discordance(released: Iterable[CaseClock]) -> tuple[Discordance, ...]:
    by_specialty: dict[str, list[bool]] = defaultdict(list)
    for clock in released:
        if clock.discordant is not None:
            by_specialty[clock.specialty].append(clock.discordant)
    return tuple(_of_specialty(code, found) for code, found in sorted(by_specialty.items()))


def _of_specialty(code: str, found: Sequence[bool]) -> Discordance:
    if len(found) < FEWEST_CASES:
        return Discordance(code, len(found))
    different = sum(found)
    low, high = wilson(different, len(found))
    return Discordance(code, len(found), different, different / len(found), low, high)


def _flags(seen: Iterable[CaseClock], start: int, as_of: int) -> FlagFigures:
    reached: list[float] = []
    unreached: list[float] = []
    for flag in chain.from_iterable(clock.flags for clock in seen):
        if flag.raised_at > as_of:
            continue
        if flag.contacted_at is None or flag.contacted_at > as_of:
            unreached.append((as_of - flag.raised_at) / MINUTE_MS)
        elif start <= flag.contacted_at:
            reached.append(max(0, flag.contacted_at - flag.raised_at) / MINUTE_MS)
    return FlagFigures(spread(reached), len(unreached), max(unreached, default=None))
