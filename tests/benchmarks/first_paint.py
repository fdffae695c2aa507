"""Ends the process when its first window has been painted: `first_paint.py bare | open STORE`.

What is measured is the whole process, from its start to its end.
"""

import os
import sys

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QLabel, QWidget


class FirstPaint(QObject):
    """Waits for the first paint of a window, and for the event after it."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._painted = False
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let every event through; end the process once the window is on the screen."""
        if self._painted and event.type() != QEvent.Type.Paint:
            os._exit(0)
        if event.type() == QEvent.Type.Paint and isinstance(watched, QWidget):
            self._painted = self._painted or watched.isWindow()
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
