"""Keys of the whole program that no text field may swallow, and the one that locks."""

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication

_TEXT_KEYS = {"Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+Y", "Ctrl+X", "Ctrl+C", "Ctrl+V", "Ctrl+A"}


class Keys(QObject):
    """Watches keys for the whole application.

    A text field would take Ctrl+K to cut the rest of a line; a command of the window comes
    first. Ctrl+L locks from anywhere, also from a dialog.
    """

    lock_asked = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._ours: set[str] = set()
        self._lock = QKeySequence("Ctrl+L").toString()
        self._app = app

    def claim(self, sequences: set[str]) -> None:
        """These belong to commands, except those every text field has a meaning for."""
        self._ours = {QKeySequence(one).toString() for one in sequences - _TEXT_KEYS}
        # From now on: behind the lock screen there is nothing to command, and every event waits.
        self._app.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Look at an event first."""
        kind = event.type()
        if kind is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            said = QKeySequence(event.keyCombination()).toString()
            if said == self._lock:
                event.accept()
                return True
            if said in self._ours:
                # not accepted: so the key goes on as a shortcut, not into the text
                event.ignore()
                return True
        elif kind is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            said = QKeySequence(event.keyCombination()).toString()
            if said == self._lock and not event.isAutoRepeat():
                self.lock_asked.emit()
                return True
        return False
