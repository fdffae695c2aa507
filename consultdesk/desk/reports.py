"""The queue and the figures: what a manager may see, and nothing clinical."""

from dataclasses import replace
from datetime import date, timedelta

from consultdesk.consultation.audit import AuditEvent
from consultdesk.consultation.case import OPEN_STATES, QueueRow
from consultdesk.consultation.figures import ConsentCounts, Figures, figures
from consultdesk.desk import clocks
from consultdesk.errors import ConsultDeskError
from consultdesk.vault import audit, cases, outbox, turnaround
from consultdesk.vault.cases import QueueView
from consultdesk.vault.vault import Vault

__all__ = [
    "QueueView",
    "case_events",
    "period",
    "period_figures",
    "queue",
    "queue_count",
    "queue_ids",
    "today",
    "unsettled",
]


def queue(vault: Vault, view: QueueView, offset: int, limit: int) -> tuple[QueueRow, ...]:
    """One page of the queue. The due time of a case that waits moves on to this instant."""
    with vault.read() as reading:
        rows = cases.queue(reading, view, offset, limit)
        paused = [row.id for row in rows if row.waiting_for and row.state in OPEN_STATES]
        by = clocks.due_times(reading, paused, view.now) if view.now else {}
    return tuple(
        replace(row, due_at=by[row.id], over=by[row.id] < view.now) if row.id in by else row
        for row in rows
    )


def queue_ids(vault: Vault, view: QueueView) -> tuple[str, ...]:
    """The ids of every case in the view, in its order."""
    with vault.read() as reading:
        return cases.queue_ids(reading, view)


def queue_count(vault: Vault, view: QueueView) -> int:
    """How many cases the view has."""
    with vault.read() as reading:
        return cases.queue_count(reading, view)


def unsettled(vault: Vault) -> tuple[int, int]:
    """How many letters wait to leave, and how many failed or have an end nobody knows."""
    with vault.read() as reading:
        return outbox.unsettled(reading)


def today(vault: Vault, now: int) -> date:
    """The day it is where the practice is."""
    with vault.read() as reading:
        return clocks.practice_time(reading).calendar.day_of(now)


def period(vault: Vault, first: date | None, last: date | None, now: int) -> tuple[int, int]:
    """The instants (UTC ms) that a period of days begins and ends before, where the practice is.

    Both days belong to it; without a last day it ends today, without a first it has 90 days.
    Raises ConsultDeskError.
    """
    with vault.read() as reading:
        calendar = clocks.practice_time(reading).calendar
    ends = last or calendar.day_of(now)
    try:
        begins = first or ends - timedelta(days=89)
        return calendar.midnight(begins), calendar.midnight(ends + timedelta(days=1))
    except (OverflowError, ValueError):
        raise ConsultDeskError("No calendar reaches that day.") from None


def period_figures(vault: Vault, start: int, stop: int, now: int) -> Figures:
    """The figures of a period, `start` ≤ t < `stop` (UTC ms). Raises ConsultDeskError."""
    if stop <= start:
        raise ConsultDeskError("The period ends before it begins.")
    with vault.read() as reading:
        time = clocks.practice_time(reading)
        found = turnaround.clocks(reading)
        counts = ConsentCounts(
            refusals=audit.refusals(reading, start, stop),
            revocations_after_release=outbox.revoked_after_release(reading, start, stop),
        )
    return figures(found, time.calendar, start, stop, now, targets=time.targets, consent=counts)


def case_events(vault: Vault, case_id: str = "", limit: int = 1000) -> tuple[AuditEvent, ...]:
    """Who did what, newest first, with one case or with all."""
    with vault.read() as reading:
        return audit.events(reading, case_id, limit)
