"""The priority chip and the bar of time left, as widgets and for the lines of a table."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from consultdesk.desktop.icons import paint_icon
from consultdesk.desktop.style import Tokens, tokens_now
from consultdesk.desktop.words import priority_word

if TYPE_CHECKING:
    # Only then: forms know the chip by name before the first case is loaded.
    from consultdesk.consultation.case import Priority

_ICONS = {"emergent": "flag", "urgent": "triangle", "routine": "dot"}
_SOON = 0.75


def chip_font(font: QFont) -> QFont:
    """The font of a chip: a little smaller and bolder than the words beside it."""
    small = QFont(font)
    small.setPixelSize(max(11, round(font.pixelSize() * 0.9)))
    small.setWeight(QFont.Weight.Bold)
    return small


def chip_size(font: QFont, priority: "Priority") -> QSize:
    """How large a chip becomes in a line written in `font`."""
    metrics = QFontMetricsF(chip_font(font))
    height = metrics.height() + 4
    mark = metrics.ascent()
    width = mark + 3 + metrics.horizontalAdvance(priority_word(priority)) + height * 0.8
    return QSize(round(width), round(height))


def paint_chip(
    painter: QPainter, where: QPointF, font: QFont, tokens: Tokens, priority: "Priority"
) -> None:
    """Draw a chip with its top left corner at `where`: icon and word, never colour alone."""
    size = chip_size(font, priority)
    ground = QRectF(where.x(), where.y(), size.width(), size.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(tokens.colour("chip_edge"), 1))
    painter.setBrush(tokens.colour(priority.value))
    inner = ground.adjusted(0.5, 0.5, -0.5, -0.5)
    painter.drawRoundedRect(inner, inner.height() / 2, inner.height() / 2)
    font = chip_font(font)
    painter.setFont(font)
    mark = QFontMetricsF(font).ascent()
    left = ground.left() + ground.height() * 0.36
    top = ground.center().y() - mark / 2
    colour = tokens.colour("on_chip")
    paint_icon(painter, _ICONS[priority.value], QRectF(left, top, mark, mark), colour)
    painter.setPen(colour)
    words = ground.adjusted(left + mark + 3 - ground.left(), 0, 0, 0)
    middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    painter.drawText(words, middle, priority_word(priority))
    painter.restore()


def share_of_time(received_at: int, due_at: int | None, now: int) -> float:
    """How much of the time is used up, 0.0…1.0; 0.0 where nothing is due."""
    if due_at is None:
        return 0.0
    if due_at <= received_at:
        return 1.0
    return min(1.0, max(0.0, (now - received_at) / (due_at - received_at)))


def paint_due_bar(
    painter: QPainter, where: QRectF, tokens: Tokens, share: float, *, over: bool
) -> None:
    """Draw how much of the time is used up; always beside the words that say the same."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    round_by = where.height() / 2
    painter.setBrush(tokens.colour("track"))
    painter.drawRoundedRect(where, round_by, round_by)
    filled = QRectF(where)
    filled.setWidth(max(where.height(), where.width() * (1.0 if over else share)))
    painter.setBrush(tokens.colour("over" if over else "soon" if share >= _SOON else "calm"))
    painter.drawRoundedRect(filled, round_by, round_by)
    painter.restore()


class PriorityChip(QWidget):
    """How urgent a case is, as icon and word."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._priority: Priority | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_priority(self, priority: "Priority") -> None:
        """Show this one."""
        self._priority = priority
        self.setAccessibleName(priority_word(priority))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As large as its words."""
        if self._priority is None:
            return QSize(0, 0)
        return chip_size(self.font(), self._priority)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        if self._priority is None:
            return
        with QPainter(self) as painter:
            tokens = tokens_now()
            paint_chip(painter, QPointF(0, 0), self.font(), tokens, self._priority)


class DueBar(QWidget):
    """How much of a case's time is used up."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share = 0.0
        self._over = False
        self.setFixedHeight(4)
        self.setMinimumWidth(48)

    def show_share(self, share: float, *, over: bool, words: str) -> None:
        """Show 0.0…1.0 of the time as used; `words` say the same to who can't see it."""
        self._share, self._over = share, over
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        with QPainter(self) as painter:
            where = QRectF(self.rect())
            paint_due_bar(painter, where, tokens_now(), self._share, over=self._over)
