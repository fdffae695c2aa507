"""Ends the process when its first window has been painted: `first_paint.py bare | open STORE`.

What is measured is the whole process, from its start to its end.
"""

import os
import sys

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QWidget


class FirstPaint(QObject):
    """Waits until the window is painted while events are taken in, and for the event after it.

    Only the window is watched: a filter on the application would make Python look up the type
    of every object that gets an event, which costs a desk with many kinds more than a bare
    window.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._painted = False
        QTimer.singleShot(0, self, self._watch)

    def _watch(self) -> None:
        for window in QApplication.topLevelWidgets():
            window.installEventFilter(self)
            window.update()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Let every event through; end the process once the window is on the screen."""
        if self._painted:
            os._exit(0)
        if event.type() == QEvent.Type.Paint:
            self._painted = True
            QTimer.singleShot(0, self, lambda: os._exit(0))
        return False


def main() -> None:
    """Show a bare window, or the desk's lock screen."""
    app = QApplication(sys.argv[:1])
    _ = FirstPaint(app)
    if sys.argv[1] == "bare":
        window = QWidget()
        QLabel("A bare window", window)
        window.resize(900, 600)
        window.show()
        app.exec()
    else:
        from consultdesk.__main__ import main as consultdesk

        consultdesk()
    sys.exit("the window was never painted")


if __name__ == "__main__":
    main()
