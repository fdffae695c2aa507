"""The dark ground an image lies on: zoom, pan, and the words around it."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from consultdesk.desktop.style import tokens_now

_PAD = 10
_STEP = 1.2
_LEAST, _MOST = 0.02, 32.0
_KEY_PAN = 40


class Canvas(QWidget):
    """Draws one image in its true proportions and hands on what the person asks of it.

    `window_dragged` carries how far the pointer went (to the right, up) in logical pixels.
    """

    window_dragged = Signal(float, float)
    stepped = Signal(int)
    to_end = Signal(int)
    preset_asked = Signal(int)
    invert_asked = Signal()
    fit_asked = Signal()
    actual_size_asked = Signal()
    zoom_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        self._tall = 1.0
        self._scale = 1.0
        self._fitted = True
        self._shift = QPointF(0, 0)
        self._grip: QPointF | None = None
        self._panning = False
        self._space = False
        self._turned = 0
        self.grey = True
        self.single = False
        self._words: dict[str, tuple[str, ...]] = {}
        self._message = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    # --- what is shown -----------------------------------------------------------------

    def show_image(self, image: QImage, tall: float = 1.0) -> None:
        """Show this; `tall` is the height of a sample divided by its width (their spacing)."""
        resized = image.size() != self._image.size() or tall != self._tall
        self._image, self._tall, self._message = image, tall, ""
        if resized and self._fitted:
            self.fit()
        self.update()

    def show_words(self, corner: str, words: tuple[str, ...]) -> None:
        """Write lines into a corner: "top", "bottom_left" or "bottom_right"."""
        self._words[corner] = words
        self.update()

    def show_message(self, message: str) -> None:
        """Say why there is no image."""
        self._image, self._message = QImage(), message
        self.update()

    @property
    def message(self) -> str:
        """What is said in place of an image."""
        return self._message

    # --- size ------------------------------------------------------------------------------

    @property
    def scale(self) -> float:
        """Logical pixels of one sample's width."""
        return self._scale

    @property
    def fitted(self) -> bool:
        """Whether the image keeps the size of the window."""
        return self._fitted

    def fit(self) -> None:
        """Keep the whole image in view from now on."""
        self._fitted = True
        self._shift = QPointF(0, 0)
        if not self._image.isNull() and self.width() and self.height():
            high = self._image.height() * self._tall
            self._set_scale(min(self.width() / self._image.width(), self.height() / high))

    def actual_size(self) -> None:
        """One sample on one point of the screen."""
        self._fitted = False
        self._shift = QPointF(0, 0)
        self._set_scale(1.0 / self.devicePixelRatioF())

    def zoom_by(self, factor: float, about: QPointF | None = None) -> None:
        """Larger or smaller, with the place `about` (else the middle) staying where it is."""
        self._fitted = False
        middle = QPointF(self.width() / 2, self.height() / 2)
        spot = (about or middle) - middle - self._shift
        before = self._scale
        self._set_scale(before * factor)
        self._shift -= spot * (self._scale / before - 1)
        self._keep_in_view()

    def zoom_in(self) -> None:
        """One step larger."""
        self.zoom_by(_STEP)

    def zoom_out(self) -> None:
        """One step smaller."""
        self.zoom_by(1 / _STEP)

    def pan(self, across: float, down: float) -> None:
        """Move the image under the window."""
        self._shift += QPointF(across, down)
        self._keep_in_view()

    def image_rect(self) -> QRectF:
        """Where the image lies, in logical pixels."""
        wide = self._image.width() * self._scale
        high = self._image.height() * self._tall * self._scale
        left = self.width() / 2 + self._shift.x() - wide / 2
        return QRectF(left, self.height() / 2 + self._shift.y() - high / 2, wide, high)

    def _set_scale(self, scale: float) -> None:
        self._scale = min(_MOST, max(_LEAST, scale))
        self.zoom_changed.emit(self._scale)
        self.update()

    def _keep_in_view(self) -> None:
        where = self.image_rect()
        reach_x = (self.width() + where.width()) / 2 - 40
        reach_y = (self.height() + where.height()) / 2 - 40
        self._shift.setX(min(reach_x, max(-reach_x, self._shift.x())))
        self._shift.setY(min(reach_y, max(-reach_y, self._shift.y())))
        self.update()

    # --- drawing ---------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """As large as its words."""
        return QSize(512, 512)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit what is shown to the new size."""
        super().resizeEvent(event)
        if self._fitted:
            self.fit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        tokens = tokens_now()
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), tokens.colour("film"))
            if not self._image.isNull():
                smooth = self._scale * self.devicePixelRatioF() < 4
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
                painter.drawImage(self.image_rect(), self._image)
            elif self._message:
                painter.setPen(tokens.colour("on_film"))
                room = QRectF(self.rect()).adjusted(24, 24, -24, -24)
                middle = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(room, middle, self._message)
            for corner, words in self._words.items():
                self._paint_words(painter, corner, words)
            if self.hasFocus():
                painter.setPen(tokens.colour("on_film"))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
                painter.drawRect(self.rect().adjusted(1, 1, -2, -2))

    def _paint_words(self, painter: QPainter, corner: str, words: tuple[str, ...]) -> None:
        tokens = tokens_now()
        font = QFont(self.font())
        font.setPixelSize(max(11, round(self.font().pixelSize() * 0.9)))
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        room = self.width() - 2.0 * _PAD
        room = room if corner == "top" else room / 2
        high = metrics.lineSpacing()
        top = _PAD if corner == "top" else self.height() - _PAD - high * len(words)
        for line, said in enumerate(words):
            shown = metrics.elidedText(said, Qt.TextElideMode.ElideRight, room)
            left = float(_PAD)
            if corner == "bottom_right":
                left = self.width() - _PAD - metrics.horizontalAdvance(shown)
            base = QPointF(left, top + high * line + metrics.ascent())
            # A ground of film colour keeps the words readable on a white image.
            ground = QRectF(left - 3, top + high * line, metrics.horizontalAdvance(shown) + 6, high)
            veil = tokens.colour("film")
            veil.setAlpha(190)
            painter.fillRect(ground, veil)
            painter.setPen(tokens.colour("on_film" if line == 0 else "film_muted"))
            painter.drawText(base, shown)

    # --- hands ---------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A button goes down."""
        left = event.button() == Qt.MouseButton.LeftButton
        if not left and event.button() != Qt.MouseButton.MiddleButton:
            event.ignore()
            return
        self._grip = event.position()
        self._panning = not left or self._space or not self.grey
        shape = Qt.CursorShape.ClosedHandCursor if self._panning else Qt.CursorShape.SizeAllCursor
        self.setCursor(shape)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The mouse is drawn along."""
        if self._grip is None:
            return
        moved, self._grip = event.position() - self._grip, event.position()
        if self._panning:
            self.pan(moved.x(), moved.y())
        else:
            self.window_dragged.emit(moved.x(), -moved.y())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """The button goes up."""
        self._grip = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Two clicks."""
        self.fit_asked.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn the wheel."""
        turned = event.angleDelta().y()
        if self.single or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(_STEP ** (turned / 120), event.position())
            event.accept()
            return
        # A fine wheel turns in small parts: only whole steps change the image.
        self._turned += turned
        steps = int(self._turned / 120)
        self._turned -= steps * 120
        by = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        if steps:
            self.stepped.emit(-steps * by)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Act on a key."""
        if not self._act_on_key(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Space let go: the left button sets the window again."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
        super().keyReleaseEvent(event)

    def _act_on_key(self, event: QKeyEvent) -> bool:
        key, held = Qt.Key(event.key()), event.modifiers()
        held &= ~Qt.KeyboardModifier.KeypadModifier
        if held == Qt.KeyboardModifier.AltModifier:
            ways = {
                Qt.Key.Key_Left: (_KEY_PAN, 0),
                Qt.Key.Key_Right: (-_KEY_PAN, 0),
                Qt.Key.Key_Up: (0, _KEY_PAN),
                Qt.Key.Key_Down: (0, -_KEY_PAN),
            }
            if key in ways:
                self.pan(*ways[key])
            return key in ways
        if held not in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
            return False
        by = 10 if held == Qt.KeyboardModifier.ShiftModifier else 1
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.stepped.emit(by if key == Qt.Key.Key_Down else -by)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.stepped.emit(10 if key == Qt.Key.Key_PageDown else -10)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.to_end.emit(1 if key == Qt.Key.Key_End else -1)
        elif Qt.Key.Key_0 <= key <= Qt.Key.Key_9 and by == 1:
            self.preset_asked.emit(key - Qt.Key.Key_0)
        elif key == Qt.Key.Key_Space:
            self._space = True
        else:
            plain = {
                Qt.Key.Key_I: self.invert_asked,
                Qt.Key.Key_F: self.fit_asked,
                Qt.Key.Key_Z: self.actual_size_asked,
            }
            if key not in plain or by != 1:
                return False
            plain[key].emit()
        return True
