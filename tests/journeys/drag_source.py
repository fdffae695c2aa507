"""A small window to drag files from, as a file browser would offer them; and a camera.

`python drag_source.py FILE…` shows the window until standard input closes. The line
"photo PATH" on standard input saves a picture of the whole screen there.
"""

import sys
import threading
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel


class Source(QLabel):
    """Drags its files as soon as the mouse moves with the button down."""

    def __init__(self, paths: list[Path]) -> None:
        super().__init__("records")
        self._paths = paths
        self.setWindowTitle("drag source")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWindowFlags(
            Qt.WindowType.X11BypassWindowManagerHint | Qt.WindowType.WindowStaysOnTopHint
        )
        screen = QApplication.primaryScreen().geometry()
        self.setGeometry(screen.right() - 95, screen.bottom() - 45, 90, 40)  # beside any window

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            mime = QMimeData()
            mime.setUrls([QUrl.fromLocalFile(str(path)) for path in self._paths])
            drag = QDrag(self)
            drag.setMimeData(mime)
            drag.setHotSpot(QPoint(5, 5))
            drag.exec(Qt.DropAction.CopyAction)
            print("dropped", flush=True)


class Orders(QObject):
    """What standard input asks for, brought to the window's thread."""

    asked = Signal(str)
    ended = Signal()

    def listen(self) -> None:
        for line in sys.stdin:
            self.asked.emit(line.strip())
        self.ended.emit()


def photograph(order: str) -> None:
    screen = QApplication.primaryScreen()
    screen.grabWindow(0).save(order.removeprefix("photo "))
    print("photographed", flush=True)


def main() -> None:
    app = QApplication(sys.argv)
    source = Source([Path(name) for name in sys.argv[1:]])
    source.show()
    orders = Orders()
    orders.asked.connect(photograph)
    orders.ended.connect(app.quit)
    threading.Thread(target=orders.listen, daemon=True).start()
    print("ready", flush=True)
    app.exec()


if __name__ == "__main__":
    main()
