"""The steps of an opinion, as a row of numbered marks: done, here, not yet."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from consultdesk.desktop.icons import paint_icon
from consultdesk.desktop.style import text_scale_of, tokens_now
from consultdesk.desktop.words import tr

_MARK = 22


class Step(QAbstractButton):
    """One step; its state stands in shape and word, never in colour alone."""

    def __init__(self, n: int, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._n = n
        self.done = False
        self.first, self.last = False, False
        self.setText(words)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """The mark above, the word below."""
        metrics = QFontMetrics(self._bold())
        return QSize(
            max(metrics.horizontalAdvance(self.text()) + 8, 60), self._mark + metrics.height() + 12
        )

    def minimumSizeHint(self) -> QSize:
        """No narrower than its longest word."""
        metrics = QFontMetrics(self._bold())
        longest = max((metrics.horizontalAdvance(word) for word in self.text().split()), default=24)
        return QSize(longest + 8, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        tokens = tokens_now()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            middle = QPointF(self.width() / 2, 5 + self._mark / 2)
            self._paint_line(painter, middle)
            mark = QRectF(0, 0, self._mark, self._mark)
            mark.moveCenter(middle)
            here = self.isChecked()
            filled = here or self.done
            edge = tokens.colour("accent" if filled else "border")
            painter.setPen(QPen(edge, 1.5))
            painter.setBrush(edge if here else tokens.colour("window"))
            painter.drawEllipse(mark.adjusted(0.75, 0.75, -0.75, -0.75))
            colour = tokens.colour("on_accent" if here else "accent" if self.done else "muted")
            if self.done:
                paint_icon(painter, "check", mark.adjusted(4, 4, -4, -4), colour)
            else:
                painter.setPen(colour)
                painter.setFont(self._bold())
                painter.drawText(mark, Qt.AlignmentFlag.AlignCenter, str(self._n))
            self._paint_words(painter)
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(tokens.colour("focus"), 2))
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)

    def _paint_line(self, painter: QPainter, middle: QPointF) -> None:
        painter.setPen(QPen(tokens_now().colour("border"), 1))
        if not self.first:
            painter.drawLine(
                QPointF(0, middle.y()), QPointF(middle.x() - self._mark / 2, middle.y())
            )
        if not self.last:
            end = QPointF(self.width(), middle.y())
            painter.drawLine(QPointF(middle.x() + self._mark / 2, middle.y()), end)

    def _paint_words(self, painter: QPainter) -> None:
        tokens = tokens_now()
        painter.setFont(self._bold() if self.isChecked() else self.font())
        painter.setPen(tokens.colour("text" if self.isEnabled() else "muted"))
        where = QRectF(2, 5 + self._mark + 2, self.width() - 4, self.height() - self._mark - 9)
        words = painter.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, round(where.width())
        )
        painter.drawText(where, Qt.AlignmentFlag.AlignCenter, words)

    @property
    def _mark(self) -> int:
        """How large the circle is: it holds a number as large as the words."""
        return round(_MARK * text_scale_of(self))

    def _bold(self) -> QFont:
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        return bold


class Steps(QWidget):
    """All steps in order. `chosen` carries the place (0-based) a person wants to look at."""

    chosen = Signal(int)

    def __init__(self, words: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._group = QButtonGroup(self)
        self.buttons: list[Step] = []
        for place, said in enumerate(words):
            step = Step(place + 1, said, self)
            step.setObjectName(f"step_{place + 1}")
            step.first, step.last = place == 0, place == len(words) - 1
            step.clicked.connect(lambda _checked=False, place=place: self.chosen.emit(place))
            self._group.addButton(step)
            self._row.addWidget(step, 1)
            self.buttons.append(step)

    def show_state(self, shown: int, done: Sequence[bool], closed: Sequence[str]) -> None:
        """Show which step is before the eye, which are done, and why others are closed ("")."""
        for place, step in enumerate(self.buttons):
            step.done = done[place]
            step.setChecked(place == shown)
            step.setEnabled(not closed[place])
            state = tr("done") if done[place] else tr("not yet") if closed[place] else tr("open")
            said = tr("Step {n} of {all}, {words}, {state}")
            step.setAccessibleName(
                said.format(n=place + 1, all=len(self.buttons), words=step.text(), state=state)
            )
            step.setAccessibleDescription(closed[place])
            step.setToolTip(closed[place])
            step.update()
