"""How long nobody has touched the desk, and when it locks for that."""

import time

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

_TOUCHES = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
        QEvent.Type.Drop,
    }
)
_TICK_MS = 1000


class Idle(QObject):
    """Counts the time since the last key, click, move or wheel, also while the computer sleeps.

    `left_changed` carries the seconds left until the desk locks, once a second; `expired` comes
    when there are none. No edit holds it up.
    """

    left_changed = Signal(int)
    expired = Signal()

    def __init__(self, app: QApplication, minutes: int = 10) -> None:
        super().__init__(app)
        self._minutes = minutes
        self._waited = 0
        self._ticked = time.time()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._app = app

    @property
    def minutes(self) -> int:
        """How long nobody may touch the desk before it locks."""
        return self._minutes

    def set_minutes(self, minutes: int) -> None:
        """Wait this long."""
        self._minutes = max(1, minutes)
        self.touch()

    def watch(self) -> None:
        """Begin to count."""
        self.touch()
        self._ticked = time.time()
        # From now on: behind the lock screen there is nothing to lock, and every event waits.
        self._app.installEventFilter(self)
        self._timer.start()

    def rest(self) -> None:
        """Stop counting: the desk is locked."""
        self._timer.stop()
        self._app.removeEventFilter(self)

    def touch(self) -> None:
        """Somebody is there."""
        self._waited = 0
        if self._timer.isActive():
            self._timer.start()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Look at an event first."""
        if event.spontaneous() and event.type() in _TOUCHES:
            self._waited = 0
        return False

    def _tick(self) -> None:
        # A computer that slept tells of it here at the latest: the clock on the wall went on.
        now = time.time()
        self._waited += max(1, int(now - self._ticked))
        self._ticked = now
        left = self._minutes * 60 - self._waited
        if left <= 0:
            self._timer.stop()
            self.expired.emit()
        else:
            self.left_changed.emit(left)
