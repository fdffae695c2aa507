"""The images of a stack decoded beside the window, the one before the eye first."""

from collections import OrderedDict

from PySide6.QtCore import QObject, Signal

from consultdesk.consultation.source import Frames
from consultdesk.desktop.viewer.windowing import Samples, samples_of
from consultdesk.desktop.work import Task, Work
from consultdesk.errors import Cancelled, ConsultDeskError

_MOST_BYTES = 192 << 20
_AHEAD = 3


class Stack(QObject):
    """Keeps a few decoded images and fetches the next ones.

    One image is decoded at a time: when the person scrolls past, the one they stand on is
    next, and answers for images they have left are only kept, never shown.
    """

    came = Signal(int)
    failed = Signal(int, object)

    def __init__(self, frames: Frames, work: Work, parent: QObject) -> None:
        super().__init__(parent)
        self._frames = frames
        self._work = work
        self._kept: OrderedDict[int, Samples] = OrderedDict()
        self._broken: dict[int, ConsultDeskError] = {}
        self._task: Task | None = None
        self._current = 0
        self._onward = 1

    def stand_on(self, index: int) -> None:
        """The person looks at this image now: have it, then its neighbours in their direction."""
        if index != self._current:
            self._onward = 1 if index > self._current else -1
        self._current = index
        if index in self._kept:
            self._kept.move_to_end(index)
            self.came.emit(index)
        elif index in self._broken:
            self.failed.emit(index, self._broken[index])
        self._fetch_next()

    def samples(self, index: int) -> Samples | None:
        """The image if it is here."""
        return self._kept.get(index)

    def _next(self) -> int | None:
        ahead = [self._current + self._onward * step for step in range(_AHEAD + 1)]
        for index in (*ahead, self._current - self._onward):
            in_stack = 0 <= index < self._frames.count
            if in_stack and index not in self._kept and index not in self._broken:
                return index
        return None

    def _fetch_next(self) -> None:
        index = self._next()
        if self._task is not None or index is None:
            return
        frames = self._frames
        self._task = self._work.run(
            lambda _progress: samples_of(frames.frame(index)),
            lambda samples: self._keep(index, samples),
            lambda error: self._give_up(index, error),
            owner=self,
            priority=2,
        )

    def _keep(self, index: int, samples: Samples) -> None:
        self._task = None
        self._kept[index] = samples
        size = sum(kept.values.nbytes for kept in self._kept.values())
        for other in list(self._kept):
            if size <= _MOST_BYTES or other in (index, self._current):
                continue
            size -= self._kept.pop(other).values.nbytes
        if index == self._current:
            self.came.emit(index)
        if size <= _MOST_BYTES or self._current not in self._kept:
            self._fetch_next()

    def _give_up(self, index: int, error: ConsultDeskError) -> None:
        self._task = None
        if not isinstance(error, Cancelled):
            self._broken[index] = error
            if index == self._current:
                self.failed.emit(index, error)
        self._fetch_next()
