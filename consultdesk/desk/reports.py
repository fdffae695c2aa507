"""The queue and the figures: what a manager may see, and nothing clinical."""

from consultdesk.consultation.audit import AuditEvent
from consultdesk.consultation.case import QueueRow
from consultdesk.consultation.figures import ConsentCounts, Figures, figures
from consultdesk.desk import clocks
from consultdesk.errors import ConsultDeskError
from consultdesk.vault import audit, cases, outbox, turnaround
from consultdesk.vault.cases import QueueView
from consultdesk.vault.vault import Vault

__all__ = [
    "QueueView",
    "case_events",
    "period_figures",
    "queue",
    "queue_count",
    "queue_ids",
    "unsettled",
]


def queue(vault: Vault, view: QueueView, offset: int, limit: int) -> tuple[QueueRow, ...]:
    """One page of the queue."""
    with vault.read() as reading:
        return cases.queue(reading, view, offset, limit)


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
