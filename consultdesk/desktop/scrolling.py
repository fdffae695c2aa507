"""Scroll areas that a screen reader can read while their bars come and go."""

from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

_TELL_OF_THEMSELVES = (QAbstractItemView, QPlainTextEdit, QTextEdit)
"""Kinds whose own answer to a screen reader names no scroll bar."""


def steady(root: QWidget) -> None:
    """Let `root` and every scroll area below it tell a screen reader of its content alone.

    Qt counts a bar as a part only while it is seen, and looks nothing up before it hands part
    number 1 out: who asks for a bar that has just gone, or of a dialog that has just closed,
    ends the program. What holds a bar is known by its name, so without one it is never counted.
    """
    for area in (root, *root.findChildren(QAbstractScrollArea)):
        if isinstance(area, QAbstractScrollArea) and not isinstance(area, _TELL_OF_THEMSELVES):
            for bar in (area.verticalScrollBar(), area.horizontalScrollBar()):
                holder = bar.parentWidget()
                if holder is not None:
                    holder.setObjectName("")
