"""The pages of a PDF one below the other, with what was found marked and what is sealed covered."""

from bisect import bisect_right
from collections.abc import Iterable

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from consultdesk.desktop.scrolling import steady
from consultdesk.desktop.style import tokens_now
from consultdesk.desktop.viewer.paper import Paper
from consultdesk.desktop.words import tr

_GAP = 10.0
_MARGIN = 10.0
_POINT = 96 / 72
"""Logical pixels of a point at 100 %."""
LEAST_ZOOM, MOST_ZOOM = 0.1, 8.0
_STEP = 1.2
_SETTLE_MS = 40
_FOUND = QColor(255, 196, 0, 110)
_FOUND_NOW = QColor(255, 128, 0, 150)


class PaperSheet(QAbstractScrollArea):
    """Shows the pages near the eye; the others are only known by their size."""

    page_changed = Signal(int)
    zoom_changed = Signal(float)

    def __init__(self, paper: Paper, sealed_pages: Iterable[int], parent: QWidget) -> None:
        super().__init__(parent)
        self._paper = paper
        self.sealed_pages = frozenset(sealed_pages)
        self._zoom = 1.0
        self._fit = "width"
        self._tops: list[float] = []
        self._images: dict[int, tuple[QImage, QSize]] = {}
        self._found: dict[int, list[tuple[QRectF, bool]]] = {}
        self._asked: tuple[int, QSize] = (-1, QSize())
        self._page = 0
        self._grip: QPoint | None = None
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._draw_next)
        paper.drawn.connect(self._take)
        self.verticalScrollBar().valueChanged.connect(self._moved)
        self.horizontalScrollBar().valueChanged.connect(self.viewport().update)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Pages"))
        steady(self)
        self._lay_out()

    # --- where it stands -----------------------------------------------------------------

    @property
    def page(self) -> int:
        """The page before the eye, 0-based."""
        return self._page

    @property
    def zoom(self) -> float:
        """1.0 is the size on paper."""
        return self._zoom

    @property
    def fit(self) -> str:
        """What is kept in view: "width", "page", or "" for a size of the person's own."""
        return self._fit

    def go_to_page(self, page: int) -> None:
        """Bring a page (0-based) to the top."""
        page = min(max(0, page), len(self._tops) - 1)
        self.verticalScrollBar().setValue(round(self._tops[page] - _MARGIN / 2))

    def zoom_to(self, zoom: float) -> None:
        """Show at this size, keeping what is in the middle in the middle."""
        self._fit = ""
        self._set_zoom(zoom)

    def zoom_in(self) -> None:
        """One step larger."""
        self.zoom_to(self._zoom * _STEP)

    def zoom_out(self) -> None:
        """One step smaller."""
        self.zoom_to(self._zoom / _STEP)

    def fit_to(self, what: str) -> None:
        """Keep the "width" or the whole "page" in view from now on."""
        self._fit = what
        self._set_zoom(self._fitting_zoom())

    def show_found(self, found: dict[int, list[tuple[QRectF, bool]]]) -> None:
        """Mark places: for a page, rectangles in points and whether it is the current one."""
        self._found = found
        self.viewport().update()

    def bring_into_view(self, page: int, where: QRectF) -> None:
        """Scroll as little as needed to see `where` (in points) on `page`."""
        rect = self._page_rect(page)
        spot = QRectF(
            rect.left() + where.left() * self._scale,
            rect.top() + where.top() * self._scale,
            max(2.0, where.width() * self._scale),
            max(2.0, where.height() * self._scale),
        )
        for bar, low, high, room in (
            (self.verticalScrollBar(), spot.top(), spot.bottom(), self.viewport().height()),
            (self.horizontalScrollBar(), spot.left(), spot.right(), self.viewport().width()),
        ):
            if low < 12 or high > room - 12:
                bar.setValue(round(bar.value() + (low + high) / 2 - room / 2))

    # --- size ------------------------------------------------------------------------------

    @property
    def _scale(self) -> float:
        return self._zoom * _POINT

    def _fitting_zoom(self) -> float:
        widest = max(size.width() for size in self._paper.sizes)
        bar = self.verticalScrollBar().sizeHint().width()
        room = self.maximumViewportSize().width() - bar - 2 * _MARGIN
        zoom = room / (widest * _POINT)
        if self._fit == "page":
            highest = max(size.height() for size in self._paper.sizes)
            zoom = min(zoom, (self.viewport().height() - 2 * _MARGIN) / (highest * _POINT))
        return zoom

    def _set_zoom(self, zoom: float) -> None:
        zoom = min(MOST_ZOOM, max(LEAST_ZOOM, zoom))
        if abs(zoom - self._zoom) < 1e-4 and self._tops:
            self._update_bars()
            return
        down, across = self.verticalScrollBar(), self.horizontalScrollBar()
        # What fits the window keeps its top where it is; a zoom keeps its middle.
        eye = 0.0 if self._fit else self.viewport().height() / 2
        page = max(0, bisect_right(self._tops, down.value() + eye + _MARGIN) - 1)
        depth = down.value() + eye - self._tops[page]
        before = self._zoom
        middle = (across.value() + across.pageStep() / 2) / max(1, self._wide())
        self._zoom = zoom
        self._lay_out()
        if depth > 0:  # within a page; the gap above it has the same size at every zoom
            depth *= zoom / before
        down.setValue(round(self._tops[page] + depth - eye))
        across.setValue(round(middle * self._wide() - across.pageStep() / 2))
        self.zoom_changed.emit(zoom)

    def _lay_out(self) -> None:
        top = _MARGIN
        self._tops = []
        for size in self._paper.sizes:
            self._tops.append(top)
            top += size.height() * self._scale + _GAP
        self._update_bars()
        self._moved()

    def _high(self) -> float:
        return self._tops[-1] + self._paper.sizes[-1].height() * self._scale + _MARGIN

    def _wide(self) -> float:
        return max(size.width() for size in self._paper.sizes) * self._scale + 2 * _MARGIN

    def _update_bars(self) -> None:
        for bar, whole, room in (
            (self.verticalScrollBar(), self._high(), self.viewport().height()),
            (self.horizontalScrollBar(), self._wide(), self.viewport().width()),
        ):
            bar.setRange(0, max(0, round(whole) - room))
            bar.setPageStep(room)
            bar.setSingleStep(40)

    def _page_rect(self, page: int) -> QRectF:
        """Where a page lies in the viewport, in logical pixels."""
        size: QSizeF = self._paper.sizes[page] * self._scale
        room = self.viewport().width()
        if size.width() + 2 * _MARGIN <= room:
            left = (room - size.width()) / 2
        else:
            left = _MARGIN - self.horizontalScrollBar().value()
        return QRectF(QPointF(left, self._tops[page] - self.verticalScrollBar().value()), size)

    def _seen(self) -> range:
        top = self.verticalScrollBar().value()
        first = max(0, bisect_right(self._tops, top) - 1)
        last = bisect_right(self._tops, top + self.viewport().height())
        return range(first, max(first + 1, last))

    def _moved(self) -> None:
        middle = self.verticalScrollBar().value() + self.viewport().height() / 3
        page = max(0, bisect_right(self._tops, middle) - 1)
        if page != self._page:
            self._page = page
            self.page_changed.emit(page)
        self._settle.start()
        self.viewport().update()

    # --- drawing ---------------------------------------------------------------------------

    def _wanted_size(self, page: int) -> QSize:
        points = self._paper.sizes[page]
        factor = self._scale * self.devicePixelRatioF()
        return QSize(round(points.width() * factor), round(points.height() * factor))

    def _draw_next(self) -> None:
        seen = self._seen()
        near = [*seen, seen.stop, seen.start - 1]
        wanted = [page for page in near if 0 <= page < len(self._tops)]
        for page in set(self._images) - set(wanted):
            del self._images[page]
        for page in wanted:
            size = self._wanted_size(page)
            have = self._images.get(page)
            if page not in self.sealed_pages and (have is None or have[1] != size):
                self._asked = (page, size)
                self._paper.draw(page, size)
                return

    def _take(self, page: int, image: QImage) -> None:
        size = self._asked[1] if self._asked[0] == page else image.size()
        self._images[page] = (image, size)
        self.viewport().update()
        self._draw_next()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        tokens = tokens_now()
        with QPainter(self.viewport()) as painter:
            painter.fillRect(self.viewport().rect(), tokens.colour("paper_desk"))
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            for page in self._seen():
                where = self._page_rect(page)
                painter.fillRect(where, Qt.GlobalColor.white)
                if page in self.sealed_pages:
                    self._paint_cover(painter, where)
                elif page in self._images:
                    painter.drawImage(where, self._images[page][0])
                    self._paint_found(painter, page, where)

    def _paint_cover(self, painter: QPainter, where: QRectF) -> None:
        tokens = tokens_now()
        painter.fillRect(where, tokens.colour("info_ground"))
        painter.setPen(QPen(tokens.colour("info_edge"), 1))
        painter.drawRect(where.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.setPen(tokens.colour("text"))
        middle = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        said = tr("This page is sealed until your own read is locked.")
        painter.drawText(where.adjusted(24, 24, -24, -24), middle, said)

    def _paint_found(self, painter: QPainter, page: int, where: QRectF) -> None:
        for spot, current in self._found.get(page, ()):
            painter.fillRect(
                QRectF(
                    where.left() + spot.left() * self._scale,
                    where.top() + spot.top() * self._scale,
                    spot.width() * self._scale,
                    spot.height() * self._scale,
                ),
                _FOUND_NOW if current else _FOUND,
            )

    # --- hands -------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit what is shown to the new size."""
        super().resizeEvent(event)
        if self._fit:
            self._set_zoom(self._fitting_zoom())
        self._update_bars()
        self._moved()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn the wheel."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_to(self._zoom * _STEP ** (event.angleDelta().y() / 120))
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Act on a key."""
        down, across = self.verticalScrollBar(), self.horizontalScrollBar()
        match event.key():
            case Qt.Key.Key_Home:
                down.setValue(0)
            case Qt.Key.Key_End:
                down.setValue(down.maximum())
            case Qt.Key.Key_Left if across.maximum() and not event.modifiers():
                across.setValue(across.value() - across.singleStep())
            case Qt.Key.Key_Right if across.maximum() and not event.modifiers():
                across.setValue(across.value() + across.singleStep())
            case Qt.Key.Key_Left | Qt.Key.Key_Right:
                event.ignore()
            case _:
                super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A button goes down."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._grip = event.position().toPoint()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The mouse is drawn along."""
        if self._grip is None:
            return
        now = event.position().toPoint()
        moved, self._grip = now - self._grip, now
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() - moved.y())
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() - moved.x())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """The button goes up."""
        self._grip = None
        self.viewport().unsetCursor()
