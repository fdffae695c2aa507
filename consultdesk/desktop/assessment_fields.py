"""Widgets for the kinds of field a specialty's form asks, each saying its answer as text."""

import re
from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QLocale, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from consultdesk.consultation.answers import CHECKED, joined, picked, problem
from consultdesk.consultation.form import Field, FieldKind
from consultdesk.desktop.words import tr

_MOST_TEXT = 20_000
_MOST_LINE = 500
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


class CalmCombo(QComboBox):
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


# --- a field of a specialty's form --------------------------------------------------------


class FieldEditor(QWidget):
    """One thing the form asks, with its label as buddy, its unit, its help and what is wrong.

    `edited` comes with every change a person makes, never when an answer is shown.
    """

    edited = Signal()

    def __init__(self, asked: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.asked = asked
        self._showing = False
        self.setObjectName(f"field_{asked.key}")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(3)
        needed = tr("{label} (needed)") if asked.required else "{label}"
        self._label = QLabel(plain_label(needed.format(label=asked.label)), self)
        self._label.setWordWrap(True)
        self._label.setToolTip(asked.help)
        if asked.kind is not FieldKind.CHECK:
            self._column.addWidget(self._label)
        else:
            self._label.hide()
        self._build()
        self._wrong = QLabel(self)
        self._wrong.setProperty("role", "error")
        self._wrong.setWordWrap(True)
        self._wrong.hide()
        self._column.addWidget(self._wrong)

    # --- what others ask -----------------------------------------------------------------

    def value(self) -> str:
        """The answer as it is kept; "" while nothing is said."""
        raise NotImplementedError

    def show_value(self, answer: str) -> None:
        """Show an answer without telling that it was edited; unchanged, nothing moves."""
        if answer != self.value():
            self._showing = True
            try:
                self._put(answer)
            finally:
                self._showing = False
        self._check()

    def set_read_only(self, on: bool) -> None:
        """Whether the answer can be changed."""
        raise NotImplementedError

    @property
    def problem(self) -> str:
        """What is wrong with the answer, "" when nothing is."""
        return problem(self.asked, self.value())

    # --- what each kind does -------------------------------------------------------------

    def _build(self) -> None:
        raise NotImplementedError

    def _put(self, answer: str) -> None:
        raise NotImplementedError

    def _dress(self, widget: QWidget) -> None:
        self._label.setBuddy(widget)
        self.setFocusProxy(widget)
        widget.setObjectName(self.asked.key)
        widget.setAccessibleName(self.asked.label)
        said = [tr("Needed.") if self.asked.required else "", self.asked.unit, self.asked.help]
        widget.setAccessibleDescription(" ".join(part for part in said if part))
        widget.setToolTip(self.asked.help)

    def _tell(self) -> None:
        if not self._showing:
            self._check()
            self.edited.emit()

    def _check(self) -> None:
        said = self.problem
        self._wrong.setText(said)
        self._wrong.setVisible(bool(said))
        proxy = self.focusProxy()
        if proxy is not None:
            set_property(proxy, "invalid", "true" if said else "false")


class TextField(FieldEditor):
    """Several lines."""

    def _build(self) -> None:
        self._text = GrowingText(self, fewest=3)
        self._text.textChanged.connect(self._tell)
        self._dress(self._text)
        self._column.addWidget(self._text)

    def value(self) -> str:
        """What is written."""
        return self._text.toPlainText()[:_MOST_TEXT]

    def _put(self, answer: str) -> None:
        self._text.show_text(answer)

    def set_read_only(self, on: bool) -> None:
        """Whether it can be changed."""
        self._text.setReadOnly(on)


class LineField(FieldEditor):
    """One line."""

    def _build(self) -> None:
        self._line = QLineEdit(self)
        self._line.setMaxLength(_MOST_LINE)
        self._line.textChanged.connect(self._tell)
        self._dress(self._line)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self._line, 1)
        if self.asked.unit:
            unit = QLabel(plain_label(self.asked.unit), self)
            unit.setProperty("role", "muted")
            row.addWidget(unit)
        self._column.addLayout(row)

    def value(self) -> str:
        """What is written."""
        return self._line.text()

    def _put(self, answer: str) -> None:
        self._line.setText(answer)

    def set_read_only(self, on: bool) -> None:
        """Whether it can be changed."""
        self._line.setReadOnly(on)


class NumberField(LineField):
    """A number, written with the person's own decimal sign and kept with a point."""

    def value(self) -> str:
        """The number with a decimal point; what isn't a number as it was written."""
        return plain_number(self._line.text())

    def _put(self, answer: str) -> None:
        self._line.setText(local_number(answer))


class ChoiceField(FieldEditor):
    """One of several options, or none."""

    def _build(self) -> None:
        self._combo = CalmCombo(self)
        self._combo.addItem(tr("Not said"), "")
        for option in self.asked.options:
            self._combo.addItem(option, option)
        self._combo.currentIndexChanged.connect(self._tell)
        self._dress(self._combo)
        self._column.addWidget(self._combo)

    def value(self) -> str:
        """The option chosen."""
        return str(self._combo.currentData() or "")

    def _put(self, answer: str) -> None:
        self._combo.choose(answer)

    def set_read_only(self, on: bool) -> None:
        """Whether it can be changed."""
        self._combo.setEnabled(not on)


class ChoicesField(FieldEditor):
    """Any number of options."""

    def _build(self) -> None:
        self._boxes: dict[str, QCheckBox] = {}
        self._others: list[str] = []
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for n, option in enumerate(self.asked.options):
            box = WrappingCheck(option, self)
            box.setObjectName(f"{self.asked.key}_{n}")
            box.setAccessibleDescription(self.asked.label)
            box.toggled.connect(self._tell)
            self._boxes[option] = box
            column.addWidget(box)
        first = next(iter(self._boxes.values()))
        self._label.setBuddy(first)
        self.setFocusProxy(first)
        self._column.addLayout(column)

    def value(self) -> str:
        """The options ticked, one a line, in the order of the form."""
        ticked = joined({option: box.isChecked() for option, box in self._boxes.items()})
        return "\n".join(part for part in (ticked, *self._others) if part)

    def _put(self, answer: str) -> None:
        chosen = picked(answer)
        self._others = [one for one in chosen if one not in self._boxes]
        for option, box in self._boxes.items():
            box.setChecked(option in chosen)

    def set_read_only(self, on: bool) -> None:
        """Whether it can be changed."""
        for box in self._boxes.values():
            box.setEnabled(not on)


class CheckField(FieldEditor):
    """Yes, or not said."""

    def _build(self) -> None:
        self._box = WrappingCheck(self.asked.label, self)
        self._box.toggled.connect(self._tell)
        self._dress(self._box)
        self._column.addWidget(self._box)

    def value(self) -> str:
        """CHECKED or ""."""
        return CHECKED if self._box.isChecked() else ""

    def _put(self, answer: str) -> None:
        self._box.setChecked(answer == CHECKED)

    def set_read_only(self, on: bool) -> None:
        """Whether it can be changed."""
        self._box.setEnabled(not on)


_EDITORS: dict[FieldKind, type[FieldEditor]] = {
    FieldKind.TEXT: TextField,
    FieldKind.LINE: LineField,
    FieldKind.NUMBER: NumberField,
    FieldKind.CHOICE: ChoiceField,
    FieldKind.CHOICES: ChoicesField,
    FieldKind.CHECK: CheckField,
}


def editor_for(asked: Field, parent: QWidget | None = None) -> FieldEditor:
    """The widget that asks this field."""
    return _EDITORS[asked.kind](asked, parent)


# --- numbers and dates as a person writes them ----------------------------------------------


def plain_number(text: str, locale: QLocale | None = None) -> str:
    """A number as a person writes it, with a decimal point; anything else as it stands."""
    said = text.strip()
    locale = QLocale(locale or QLocale())
    locale.setNumberOptions(QLocale.NumberOption.RejectGroupSeparator)
    _value, fine = locale.toDouble(said)
    point = locale.decimalPoint()
    minus = locale.negativeSign()
    if not fine:
        # "3.5" in German may be meant as 3,5 or as 35: kept readable, but it passes for neither
        return said.replace(".", " . ") if re.fullmatch(r"[+-]?[\d.]+", said) else said
    return said.replace(point, ".").replace(minus, "-")


def local_number(answer: str, locale: QLocale | None = None) -> str:
    """A kept number as this person writes it."""
    locale = locale or QLocale()
    try:
        float(answer)
    except ValueError:
        return answer
    return answer.replace(".", locale.decimalPoint())
