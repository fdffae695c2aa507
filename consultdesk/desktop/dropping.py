"""Files dropped anywhere on a window, also over a text field that would take their names."""

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

_DRAGS = (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop)


class FileDrop(QObject):
    """Takes files dropped on `window` or anything in it. `dropped` carries their paths.

    Where `why_not` says something, nothing is taken, and `refused` carries it.
    """

    dropped = Signal(object)
    refused = Signal(str)

    why_not = ""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        window.setAcceptDrops(True)
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at an event first."""
        if event.type() not in _DRAGS or not isinstance(watched, QWidget):
            return False
        if watched.window() is not self._window:
            return False
        if not isinstance(event, QDragEnterEvent | QDragMoveEvent | QDropEvent):
            return False
        paths = files_in(event)
        if not paths:
            return False
        if self.why_not:
            event.setDropAction(Qt.DropAction.IgnoreAction)
            event.ignore()
            self.refused.emit(self.why_not)
            return True
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if event.type() == QEvent.Type.Drop:
            self.dropped.emit(paths)
        return True


def files_in(event: QDropEvent) -> list[Path]:
    """The files and folders on this computer that a drop carries."""
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
