"""What a person fills in: texts that grow, words that wrap, choices the wheel leaves alone."""

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QPlainTextEdit,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from consultdesk.desktop.choice import Choice

_PADDING = 5  # what the style sheet pads and borders a field above, and below
_NARROW = 120
_BOX = 34  # mark, spacing and padding of a tick box


def plain_label(text: str) -> str:
    """A text as a label shows it: an ampersand stays one and makes no shortcut."""
    return text.replace("&", "&&")


def set_property(widget: QWidget, name: str, value: object) -> None:
    """Set a property the style sheet asks for, and have it drawn."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class GrowingText(QPlainTextEdit):
    """Several lines of plain text, as high as what is in it; Tab leaves it."""

    left = Signal()

    def __init__(self, parent: QWidget | None = None, *, fewest: int = 2, most: int = 12) -> None:
        super().__init__(parent)
        self._fewest, self._most = fewest, most
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def show_text(self, text: str) -> None:
        """Show this; the caret stays where it is when nothing is new."""
        if text != self.toPlainText():
            self.setPlainText(text)

    def add_line(self, line: str) -> None:
        """Add a line at the end, as one step that can be undone."""
        cursor = self.textCursor()
        cursor.beginEditBlock()
        cursor.movePosition(cursor.MoveOperation.End)
        already = self.toPlainText()
        cursor.insertText(f"\n{line}" if already and not already.endswith("\n") else line)
        cursor.endEditBlock()

    def remove_line(self, line: str) -> None:
        """Take a whole line out, as one step that can be undone."""
        lines = self.toPlainText().split("\n")
        kept = [one for one in lines if one.strip() != line.strip()]
        cursor = self.textCursor()
        cursor.beginEditBlock()
        cursor.select(cursor.SelectionType.Document)
        cursor.insertText("\n".join(kept))
        cursor.endEditBlock()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell that the person went on to something else."""
        super().focusOutEvent(event)
        self.left.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the page scroll unless the text itself is being written and longer than shown."""
        if self.hasFocus() and self.verticalScrollBar().maximum() > 0:
            super().wheelEvent(event)
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the height to the lines that the new width makes."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self, _size: QSizeF | None = None) -> None:
        # a plain text's layout counts its height in lines
        counted = round(self.document().documentLayout().documentSize().height())
        lines = min(self._most, max(self._fewest, counted))
        written = lines * QFontMetrics(self.font()).lineSpacing()
        around = 2 * self.document().documentMargin() + 2 * _PADDING
        height = ceil(written + around)
        if height != self.minimumHeight():
            self.setFixedHeight(height)
        fits = counted <= self._most
        wanted = (
            Qt.ScrollBarPolicy.ScrollBarAlwaysOff if fits else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        )
        if wanted != self.verticalScrollBarPolicy():
            self.setVerticalScrollBarPolicy(wanted)


class WrappingCheck(QCheckBox):
    """A box whose words wrap where the pane is narrow."""

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self.setAccessibleName(words)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._wrap()

    def minimumSizeHint(self) -> QSize:
        """As narrow as need be: the words wrap."""
        return QSize(_NARROW, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the words anew."""
        super().resizeEvent(event)
        self._wrap()

    def _wrap(self) -> None:
        text = plain_label(wrapped(self._words, self.fontMetrics(), self.width() - _BOX))
        if text != self.text():
            self.setText(text)


class WrappingRadio(QRadioButton):
    """A choice whose words wrap where the pane is narrow."""

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self.setAccessibleName(words)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._wrap()

    def minimumSizeHint(self) -> QSize:
        """As narrow as need be: the words wrap."""
        return QSize(_NARROW, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the words anew."""
        super().resizeEvent(event)
        self._wrap()

    def _wrap(self) -> None:
        text = plain_label(wrapped(self._words, self.fontMetrics(), self.width() - _BOX))
        if text != self.text():
            self.setText(text)


def wrapped(words: str, metrics: QFontMetrics, width: int) -> str:
    """Words broken into lines no wider than `width` pixels, as far as single words allow."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and metrics.horizontalAdvance(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return "\n".join(lines)


class CalmCombo(Choice):
    """A choice that the mouse wheel changes only while it has the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.currentTextChanged.connect(self.setToolTip)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the page past it, not through its choices."""
        event.ignore()

    def choose(self, data: object) -> None:
        """Choose the entry with that data; one that isn't among them is added, never lost."""
        place = self.findData(data)
        if place < 0 and data:
            self.addItem(str(data), data)
            place = self.count() - 1
        self.setCurrentIndex(max(0, place))


class RadioChoice(QWidget):
    """One of a few, all in view. `edited` comes when the person chooses."""

    edited = Signal()

    def __init__(
        self, options: Sequence[tuple[str, str]], name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._by_code: dict[str, QRadioButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for code, words in options:
            button = WrappingRadio(words, self)
            button.setObjectName(f"{name}_{code}")
            self._group.addButton(button)
            self._by_code[code] = button
            column.addWidget(button)
            button.clicked.connect(self.edited)
        if self._by_code:
            self.setFocusProxy(next(iter(self._by_code.values())))

    def describe(self, text: str) -> None:
        """Say to a screen reader what is chosen here."""
        for button in self._by_code.values():
            button.setAccessibleDescription(text)

    def value(self) -> str:
        """The code chosen, "" while none is."""
        return next((code for code, b in self._by_code.items() if b.isChecked()), "")

    def show_value(self, code: str) -> None:
        """Show this one chosen; "" none."""
        if code == self.value():
            return
        if code in self._by_code:
            self._by_code[code].setChecked(True)
            return
        self._group.setExclusive(False)
        for button in self._by_code.values():
            button.setChecked(False)
        self._group.setExclusive(True)

    def set_read_only(self, on: bool) -> None:
        """Whether the choice can be changed."""
        self.setEnabled(not on)
