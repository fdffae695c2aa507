"""What the practice has chosen: when the desk locks, and by which calendar it works."""

from dataclasses import dataclass

from consultdesk.consultation.audit import Act
from consultdesk.desk import clocks
from consultdesk.desk.calendars import DEFAULT, calendar
from consultdesk.vault import cases, practice
from consultdesk.vault.cases import QueueView
from consultdesk.vault.vault import Vault

LONGEST_IDLE = 60
_IDLE = 10


@dataclass(frozen=True)
class Settings:
    """`lock_after` is in minutes without a touch, 1…60; `calendar` is a calendar's code."""

    lock_after: int = _IDLE
    calendar: str = DEFAULT


def settings(vault: Vault) -> Settings:
    """What the practice has chosen, or what a new store begins with."""
    with vault.read() as reading:
        safety = practice.setting(reading, "safety") or {}
        working = practice.setting(reading, "calendar") or {}
    minutes = safety.get("lock_after", _IDLE)
    return Settings(min(LONGEST_IDLE, max(1, int(minutes))), str(working.get("code", DEFAULT)))


def choose(vault: Vault, chosen: Settings, now: int) -> None:
    """Keep what the practice has chosen; another calendar gives every open case its due time.

    Raises ConsultDeskError when there is no such calendar.
    """
    calendar(chosen.calendar)
    before = settings(vault)
    topics = frozenset({"practice", "queue", "case"})
    with vault.act(Act("choose_settings", now, topics=topics)) as writing:
        kept = min(LONGEST_IDLE, max(1, chosen.lock_after))
        practice.keep_setting(writing, "safety", {"lock_after": kept})
        practice.keep_setting(writing, "calendar", {"code": chosen.calendar})
        if chosen.calendar != before.calendar:
            view = QueueView(show="open", now=now, sort="received")
            for case_id in cases.queue_ids(writing, view):
                clocks.refresh(writing, case_id, now)
