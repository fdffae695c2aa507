"""A PDF held in memory: its pages drawn on a thread of Qt's own, and let go without waiting."""

import shiboken6
from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QObject, QSize, QSizeF, Signal
from PySide6.QtGui import QImage
from PySide6.QtPdf import (
    QPdfDocument,
    QPdfDocumentRenderOptions,
    QPdfPageRenderer,
    QPdfSearchModel,
)

from consultdesk.desktop.words import tr
from consultdesk.errors import RecordUnreadable

_MOST_POINTS = 24_000_000


class Paper(QObject):
    """One open PDF.

    The bytes lie in a QBuffer, never in a file: Qt reads them on its drawing thread, where a
    device written in Python would need the interpreter's lock while the window holds it and
    waits for the page. The window never waits for a page: it asks with `draw`, and when the
    widget is gone `let_go` keeps everything alive until the page under way is done.
    """

    drawn = Signal(int, QImage)

    def __init__(self, data: bytes) -> None:
        super().__init__(QCoreApplication.instance())
        self._buffer = QBuffer(self)
        self._buffer.setData(QByteArray(data))
        self._buffer.open(QBuffer.OpenModeFlag.ReadOnly)
        self.document = QPdfDocument(self)
        self.search = QPdfSearchModel(self)
        self._renderer = QPdfPageRenderer(self)
        self._drawing = False
        self._left = False
        self._renderer.setRenderMode(QPdfPageRenderer.RenderMode.MultiThreaded)
        self._renderer.pageRendered.connect(self._take)
        self.document.load(self._buffer)
        status = self.document.status()
        if status != QPdfDocument.Status.Ready:
            error = self.document.error()
            self.let_go()
            raise RecordUnreadable(_why(error))
        self._renderer.setDocument(self.document)
        self.search.setDocument(self.document)
        self.sizes: tuple[QSizeF, ...] = tuple(
            self.document.pagePointSize(page) for page in range(self.document.pageCount())
        )

    @property
    def drawing(self) -> bool:
        """Whether a page is being drawn now; only one is at a time."""
        return self._drawing

    def draw(self, page: int, size: QSize) -> bool:
        """Ask for one page (0-based) as a picture of about `size`; it comes with `drawn`."""
        if self._drawing or self._left:
            return False
        points = max(1, size.width() * size.height())
        if points > _MOST_POINTS:
            size = size * (_MOST_POINTS / points) ** 0.5
        if size.isEmpty():
            return False
        self._drawing = True
        self._renderer.requestPage(page, size, options=QPdfDocumentRenderOptions())
        return True

    def let_go(self) -> None:
        """Close it as soon as no page is being drawn."""
        self._left = True
        if not self._drawing:
            self._close()

    def _take(self, page: int, _size: QSize, image: QImage) -> None:
        self._drawing = False
        if self._left:
            self._close()
        else:
            self.drawn.emit(page, image)

    def _close(self) -> None:
        # The search first: told of a closing document, it would begin to look again.
        shiboken6.delete(self.search)
        self._renderer.setDocument(None)  # type: ignore[arg-type]
        self.document.close()
        self._buffer.close()
        self.deleteLater()


def _why(error: QPdfDocument.Error) -> str:
    if error == QPdfDocument.Error.IncorrectPassword:
        return tr("This document is locked with a password of its own.")
    if error == QPdfDocument.Error.UnsupportedSecurityScheme:
        return tr("This document is locked in a way that can't be opened here.")
    return tr("This document is damaged and can't be shown.")
