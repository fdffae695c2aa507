"""How a line of the queue is drawn: chip, words, and the bar of time left."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
)

from consultdesk.consultation.case import QueueRow
from consultdesk.desktop.chip import chip_size, paint_chip, paint_due_bar
from consultdesk.desktop.queue_model import Column, QueueModel
from consultdesk.desktop.style import Tokens, tokens_now
from consultdesk.desktop.words import tr

_PAD = 7
_BAR = 4
_OPEN_MARK = 4
_FRAME = 2
_TWO_ROWS = (Column.PATIENT, Column.QUESTION, Column.STATE, Column.SPECIALTY, Column.OWNER)


def row_height(font: QFont) -> int:
    """The one height of every line: two rows of words, or words and bar."""
    return max(36, 2 * QFontMetrics(font).height() + 8)


def waiting_rows(line: QueueRow) -> tuple[str, str]:
    """What stands in place of the state while a case waits; the tooltip says both."""
    return tr("Waiting"), tr("for {what}").format(what=line.waiting_for)


class QueueDelegate(QStyledItemDelegate):
    """Draws the cells.

    The ground of a chosen line belongs to the case that is open, with a mark at its left edge;
    a cursor that stands on another case is a frame.
    """

    def __init__(self, view: QTableView, model: QueueModel) -> None:
        super().__init__(view)
        self._view = view
        self._model = model
        self.open_case = ""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw a cell."""
        line = self._model.line(index.row())
        tokens = tokens_now()
        cursor = bool(option.state & QStyle.StateFlag.State_Selected) and self._view.hasFocus()
        chosen = line is not None and line.id == self.open_case
        where = QRectF(option.rect)
        ground = "selection" if chosen else "alternate" if index.row() % 2 else "base"
        painter.fillRect(where, tokens.colour(ground))
        if line is None:
            return
        column = Column(index.column())
        if cursor:
            self._paint_cursor(painter, where, tokens, column)
        if line.id == self.open_case and column == self._ends()[0]:
            mark = QRectF(where.left(), where.top(), _OPEN_MARK, where.height())
            painter.fillRect(mark, tokens.colour("accent"))
        room = where.adjusted(_PAD, 0, -_PAD, 0)
        words_colour = tokens.colour("on_selection" if chosen else "text")
        if column is Column.PRIORITY:
            self._paint_priority(painter, option.font, room, tokens, line)
        elif column is Column.DUE:
            self._paint_due(painter, option.font, room, tokens, line, chosen=chosen)
        elif column is Column.STATE and line.waiting_for:
            muted = words_colour if chosen else tokens.colour("muted")
            pair = waiting_rows(line)
            self._paint_two(painter, option.font, room, pair, (words_colour, muted))
        elif column in _TWO_ROWS:
            words = self._model.words(line, column)
            self._paint_wrapped(painter, option.font, room, words, words_colour)
        else:
            self._paint_words(
                painter, option.font, room, self._model.words(line, column), words_colour
            )

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """As large as its words."""
        line = self._model.line(index.row())
        height = row_height(option.font)
        if line is None:
            return QSize(40, height)
        column = Column(index.column())
        if column is Column.PRIORITY:
            return QSize(chip_size(option.font, line.priority).width() + 2 * _PAD, height)
        words = self._model.words(line, column)
        wide = QFontMetrics(option.font).horizontalAdvance(words)
        return QSize(wide + 2 * _PAD + 2, height)

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        """Say the whole of what is cut."""
        if not index.isValid():
            return False
        whole = str(index.data(Qt.ItemDataRole.ToolTipRole) or "")
        shown = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        room = view.visualRect(self._model.index(index.row(), index.column()))
        cut = self.sizeHint(option, index).width() > room.width()
        if whole and (cut or whole != shown):
            QToolTip.showText(event.globalPos(), whole, view)
        else:
            QToolTip.hideText()
        return True

    def _paint_cursor(
        self, painter: QPainter, where: QRectF, tokens: Tokens, column: Column
    ) -> None:
        """A frame round the whole line, each cell its part of it."""
        colour = tokens.colour("focus")
        high, wide = QSizeF(where.width(), _FRAME), QSizeF(_FRAME, where.height())
        painter.fillRect(QRectF(where.topLeft(), high), colour)
        painter.fillRect(QRectF(QPointF(where.left(), where.bottom() - _FRAME), high), colour)
        first, last = self._ends()
        if column == first:
            painter.fillRect(QRectF(where.topLeft(), wide), colour)
        if column == last:
            painter.fillRect(QRectF(QPointF(where.right() - _FRAME, where.top()), wide), colour)

    def _ends(self) -> tuple[Column, Column]:
        """The first and the last column that are seen, as a person has put them."""
        header = self._view.horizontalHeader()
        places = (header.logicalIndex(place) for place in range(header.count()))
        seen = [Column(one) for one in places if not header.isSectionHidden(one)]
        return seen[0], seen[-1]

    def _paint_priority(
        self, painter: QPainter, font: QFont, room: QRectF, tokens: Tokens, line: QueueRow
    ) -> None:
        size = chip_size(font, line.priority)
        top = room.center().y() - size.height() / 2
        painter.save()
        painter.setClipRect(room.adjusted(0, 0, _PAD, 0))
        paint_chip(painter, QPointF(room.left(), top), font, tokens, line.priority)
        painter.restore()

    def _paint_due(
        self,
        painter: QPainter,
        font: QFont,
        room: QRectF,
        tokens: Tokens,
        line: QueueRow,
        *,
        chosen: bool,
    ) -> None:
        words = self._model.words(line, Column.DUE)
        colour = "on_selection" if chosen else "over" if line.over else "text"
        if line.due_at is None:
            colour = "on_selection" if chosen else "muted"
            self._paint_words(painter, font, room, words, tokens.colour(colour))
            return
        if line.over:
            font = QFont(font)
            font.setWeight(QFont.Weight.DemiBold)
        high = QFontMetrics(font).height()
        top = room.center().y() - (high + _BAR + 2) / 2
        upper = QRectF(room.left(), top, room.width(), high)
        self._paint_words(painter, font, upper, words, tokens.colour(colour))
        bar = QRectF(room.left(), top + high + 2, room.width(), _BAR)
        paint_due_bar(painter, bar, tokens, self._model.share(line), over=line.over)

    def _paint_two(
        self,
        painter: QPainter,
        font: QFont,
        room: QRectF,
        words: tuple[str, str],
        colours: tuple[QColor, QColor],
    ) -> None:
        small = QFont(font)
        small.setPixelSize(max(11, round(font.pixelSize() * 0.86)))
        upper_high, lower_high = QFontMetrics(font).height(), QFontMetrics(small).height()
        top = room.center().y() - (upper_high + lower_high) / 2
        upper = QRectF(room.left(), top, room.width(), upper_high)
        lower = QRectF(room.left(), top + upper_high - 1, room.width(), lower_high)
        self._paint_words(painter, font, upper, words[0], colours[0])
        self._paint_words(painter, small, lower, words[1], colours[1])

    def _paint_wrapped(
        self, painter: QPainter, font: QFont, room: QRectF, words: str, colour: QColor
    ) -> None:
        """In two rows what doesn't fit in one; the second is cut where that isn't enough."""
        metrics = QFontMetrics(font)
        upper, lower = _two_rows(" ".join(words.split()), metrics, round(room.width()))
        if not lower:
            self._paint_words(painter, font, room, upper, colour)
            return
        high = metrics.height()
        top = room.center().y() - high
        for place, part in enumerate((upper, lower)):
            row = QRectF(room.left(), top + place * high, room.width(), high)
            self._paint_words(painter, font, row, part, colour)

    @staticmethod
    def _paint_words(
        painter: QPainter, font: QFont, room: QRectF, words: str, colour: QColor
    ) -> None:
        painter.save()
        painter.setFont(font)
        painter.setPen(colour)
        shown = QFontMetrics(font).elidedText(
            words.replace("\n", " "), Qt.TextElideMode.ElideRight, round(room.width())
        )
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(room, middle, shown)
        painter.restore()


def _two_rows(words: str, metrics: QFontMetrics, width: int) -> tuple[str, str]:
    """The words that fit in a row of that width, and the rest."""
    if metrics.horizontalAdvance(words) <= width:
        return words, ""
    upper = ""
    for word in words.split(" "):
        longer = f"{upper} {word}".lstrip()
        if upper and metrics.horizontalAdvance(longer) > width:
            break
        upper = longer
    return upper, words[len(upper) :].lstrip()
