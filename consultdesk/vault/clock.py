"""What time it is for the store: the computer's clock, as far as it is believed."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from consultdesk.consultation.delivery import LARGEST_JUMP

_UNSAID = 60 * 1000
"""A clock that is behind by less than this (ms) isn't worth a word: two programs, two readings."""


def running() -> int:
    """How long the computer has been running (ms); no clock that anybody sets."""
    return time.monotonic_ns() // 1_000_000


class Clock:
    """The highest time ever accepted, and what passes from it while the computer's isn't believed.

    A clock that went back is never believed, one that stepped more than a day ahead only
    after a person's word. Meanwhile time goes on from the mark as the computer runs, so that
    no fact is dated by a clock nobody vouches for. Times are UTC ms.
    """

    def __init__(self, mark: int, runs: Callable[[], int] = running) -> None:
        self._runs = runs
        self._mark, self._since = mark, runs()
        self._heard = 0

    @property
    def mark(self) -> int:
        """The highest time accepted, as far as this program knows."""
        return self._mark

    def accept(self, at: int) -> None:
        """Take note of a mark the store has reached."""
        if at > self._mark:
            self._mark, self._since = at, self._runs()
        if self._heard <= self._mark + LARGEST_JUMP:
            self._heard = 0

    def believed(self, system: int) -> int:
        """The instant at which something happens now."""
        if self._mark and system - self._mark > LARGEST_JUMP:
            self._heard = system
            return self._mark + min(max(0, self._runs() - self._since), LARGEST_JUMP)
        self._heard = system if system < self._mark - _UNSAID else 0
        return max(system, self._mark)

    def system(self, at: int) -> int:
        """What the computer's clock says at that instant, where it was believed or not."""
        return max(at, self._heard)

    @property
    def unbelieved(self) -> str:
        """What is said of a clock that isn't believed, "" of one that is."""
        if not self._heard:
            return ""
        try:
            said = f"{datetime.fromtimestamp(self._heard / 1000, UTC):%Y-%m-%d %H:%M} UTC"
        except (ValueError, OverflowError, OSError):
            said = f"{self._heard} ms"
        return f"this computer's clock said {said}, which wasn't believed"
