"""The clocks of a case: when the opinion is due, and how long it has really taken."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from consultdesk.consultation.case import CaseState, Priority
from consultdesk.consultation.working_time import WorkingCalendar
from consultdesk.errors import ConsultDeskError


class PauseReason(StrEnum):
    """What a clock may wait for; nothing else stops it, not even "on hold"."""

    RECORDS = "records"
    CONSENT = "consent"
    TREATING_PHYSICIAN = "treating_physician"
    PATIENT = "patient"


@dataclass(frozen=True)
class Pause:
    """Waiting for somebody outside the desk, in UTC ms; `stop` is None while it lasts.

    One that ends before it begins counts for nothing.
    """

    start: int
    stop: int | None
    reason: PauseReason


class ReleasedKind(StrEnum):
    """Whom the final letter went to first."""

    OTHERS = "others"
    PATIENT_ONLY = "patient_only"


@dataclass(frozen=True)
class FlagTiming:
    """From a red flag raised to the contact logged (UTC ms). This clock never pauses."""

    raised_at: int
    contacted_at: int | None = None


@dataclass(frozen=True)
class CaseClock:
    """The times of one case (UTC ms), and the counts that its figures need. No clinical content.

    `complete_at`: every required record present, or gone on without with a reason.
    `first_sent_at`: the *final* letter first sent or handed over; an interim letter, a failed
    attempt and an undone send don't count. `ended_at`: returned or withdrawn.
    `planned_treatment_date` is an ISO date or empty. `discordant` is the reviewer's relation
    of the diagnoses, None where it could not be determined.
    """

    number: str
    specialty: str
    priority: Priority
    state: CaseState
    received_at: int
    accepted_at: int | None = None
    complete_at: int | None = None
    review_consent_at: int | None = None
    ready_at: int | None = None
    first_sent_at: int | None = None
    released_kind: ReleasedKind | None = None
    delivered_at: int | None = None
    acknowledged_at: int | None = None
    declined_at: int | None = None
    ended_at: int | None = None
    planned_treatment_date: str = ""
    pauses: tuple[Pause, ...] = ()
    flags: tuple[FlagTiming, ...] = ()
    must_required: int = 0
    must_present: int = 0
    first_pass_complete: bool | None = None
    discordant: bool | None = None

    @property
    def left_at(self) -> int | None:
        """When the case was declined, returned or withdrawn; None while it wasn't."""
        known = [at for at in (self.declined_at, self.ended_at) if at is not None]
        if known:
            return min(known)
        return self.received_at if self.state in _LEFT else None


_LEFT = (CaseState.DECLINED, CaseState.RETURNED, CaseState.WITHDRAWN)


@dataclass(frozen=True)
class Targets:
    """What the practice has set itself, in business days.

    `days` is the longest an opinion of that priority may take; `margin` is how long before a
    planned treatment it must be out; `p50` and `p90` are the aims for the whole desk.
    """

    days: Mapping[Priority, float] = field(
        default_factory=lambda: {
            Priority.EMERGENT: 0.5,
            Priority.URGENT: 2.0,
            Priority.ROUTINE: 7.0,
        }
    )
    margin: float = 1.0
    p50: float = 3.0
    p90: float = 7.0

    def __post_init__(self) -> None:
        if set(self.days) != set(Priority):
            raise ConsultDeskError("A target is needed for each priority, and for nothing else.")
        numbers = (*self.days.values(), self.p50, self.p90)
        if not all(0 < number <= 365 for number in numbers) or not 0 <= self.margin <= 365:
            raise ConsultDeskError("A target is a number of business days, above 0 and up to 365.")


@dataclass(frozen=True)
class Span:
    """A stretch of time (UTC ms); `stop` is None while it lasts."""

    start: int
    stop: int | None

    def until(self, now: int) -> int:
        """Its end, or `now` while it lasts; never before its start."""
        return max(self.start, now if self.stop is None else self.stop)


def intake(clock: CaseClock) -> Span:
    """From received to ready; ends too when the case is declined, returned or withdrawn."""
    return Span(clock.received_at, clock.ready_at if clock.ready_at is not None else clock.left_at)


def opinion(clock: CaseClock) -> Span | None:
    """From the latest of accepted, records complete and consent to review, to the first sending.

    None until it has begun. A letter that left although one of the three was never recorded is
    timed from the latest of those that were, or else from when the case was received: what is
    missing must not flatter the figure.
    """
    conditions = (clock.accepted_at, clock.complete_at, clock.review_consent_at)
    known = [at for at in conditions if at is not None]
    stop = clock.first_sent_at if clock.first_sent_at is not None else clock.left_at
    if len(known) == len(conditions):
        return Span(max(known), stop)
    if clock.first_sent_at is None:
        return None
    return Span(max(known, default=clock.received_at), stop)


def waiting(pauses: Iterable[Pause], start: int, stop: int) -> list[tuple[int, int]]:
    """The union of the pauses between two instants, in order, without overlap."""
    merged: list[tuple[int, int]] = []
    for pause in sorted(pauses, key=lambda pause: pause.start):
        begin = max(pause.start, start)
        end = stop if pause.stop is None else min(pause.stop, stop)
        if end <= begin:
            continue
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def active(span: Span, pauses: Iterable[Pause], calendar: WorkingCalendar, now: int) -> int:
    """Active turnaround in ms: working time of the span less the union of its pauses."""
    stop = span.until(now)
    paused = sum(calendar.business_ms(*wait) for wait in waiting(pauses, span.start, stop))
    return calendar.business_ms(span.start, stop) - paused


def active_opinion(clock: CaseClock, calendar: WorkingCalendar, now: int) -> int | None:
    """Active ms of the opinion so far, or in the end; None until it has begun."""
    span = opinion(clock)
    return None if span is None else active(span, clock.pauses, calendar, now)


def calendar_total(clock: CaseClock, now: int) -> int:
    """All the time (ms) since the case was received: what the patient lived through.

    It belongs beside every active turnaround.
    """
    stop = clock.first_sent_at if clock.first_sent_at is not None else clock.left_at
    return Span(clock.received_at, stop).until(now) - clock.received_at


def is_paused(clock: CaseClock, now: int) -> bool:
    """Whether the case waits for somebody outside the desk at this instant."""
    return any(
        pause.start <= now and (pause.stop is None or now < pause.stop) for pause in clock.pauses
    )


def due(clock: CaseClock, calendar: WorkingCalendar, targets: Targets, now: int) -> int | None:
    """When the opinion must be out (UTC ms), as it looks at `now`.

    The earlier of the target, moved on by every pause, and the planned treatment less the
    margin. While a case waits, its target moves on with `now`; once it has passed it stays
    where it was, so an overdue case stays overdue. A change of priority takes another target
    and keeps every pause. None while neither is known.
    """
    bounds = [
        at
        for at in (
            _due_by_target(clock, calendar, targets, now),
            _due_by_treatment(clock, calendar, targets),
        )
        if at is not None
    ]
    return min(bounds, default=None)


def _due_by_target(
    clock: CaseClock, calendar: WorkingCalendar, targets: Targets, now: int
) -> int | None:
    span = opinion(clock)
    if span is None:
        return None
    left = round(targets.days[clock.priority] * calendar.day_ms)
    at = span.start
    for begin, end in waiting(clock.pauses, span.start, span.until(now)):
        worked = calendar.business_ms(at, begin)
        if worked >= left:
            break
        left -= worked
        at = end
    return calendar.add_business(at, left)


def _due_by_treatment(clock: CaseClock, calendar: WorkingCalendar, targets: Targets) -> int | None:
    try:
        planned = date.fromisoformat(clock.planned_treatment_date)
    except ValueError:
        return None
    return calendar.add_business(
        calendar.midnight(planned), -round(targets.margin * calendar.day_ms)
    )


def is_overdue(clock: CaseClock, calendar: WorkingCalendar, targets: Targets, now: int) -> bool:
    """Whether the opinion came, or is still to come, after it was due."""
    at = clock.first_sent_at if clock.first_sent_at is not None else now
    by = due(clock, calendar, targets, at)
    return by is not None and at > by
