"""Undo, redo, cut, copy and paste, wherever the cursor stands."""

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

Text = QLineEdit | QPlainTextEdit | QTextEdit
ACTS = ("undo", "redo", "cut", "copy", "paste", "select_all")
_CALLED = {"select_all": "selectAll"}


def editing_acts() -> dict[str, Callable[[], None]]:
    """What the Edit menu does, each with whatever text has the focus."""
    return {name: partial(_act, name) for name in ACTS}


def text_in(widget: QWidget | None) -> Text | None:
    """The text that is edited in a widget, or None."""
    if isinstance(widget, QComboBox):
        return widget.lineEdit()
    if isinstance(widget, QAbstractSpinBox):
        return widget.lineEdit()
    return widget if isinstance(widget, Text) else None


def _act(name: str) -> None:
    text = text_in(QApplication.focusWidget())
    if text is not None:
        getattr(text, _CALLED.get(name, name))()
