"""Widgets for the kinds of field a specialty's form asks, each saying its answer as text."""

import re

from PySide6.QtCore import QLocale, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from consultdesk.consultation.answers import CHECKED, joined, picked, problem
from consultdesk.consultation.form import Field, FieldKind
from consultdesk.desktop.inputs import (
    CalmCombo,
    GrowingText,
    WrappingCheck,
    plain_label,
    set_property,
)
from consultdesk.desktop.words import tr

_MOST_TEXT = 20_000
_MOST_LINE = 500


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
