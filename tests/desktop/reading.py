"""What a screen reader would be told, and what the keyboard reaches."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QHeaderView, QWidget


def spoken_name(widget: QWidget) -> str:
    """The name a screen reader says: its own, its buddy label's or its text."""
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def focusable(root: QWidget) -> list[QWidget]:
    """Everything below `root` that Tab can reach, apart from Qt's inner parts."""
    found = []
    for widget in [root, *root.findChildren(QWidget)]:
        inner = widget.objectName().startswith("qt_") or isinstance(widget, QHeaderView)
        inside = isinstance(widget.parent(), QAbstractItemView | QAbstractScrollArea)
        popup = widget.window() is not root.window()
        inner = inner or popup or not widget.isVisibleTo(root)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not inner and not inside:
            found.append(widget)
    return found


def nameless(root: QWidget) -> list[str]:
    """Focusable widgets below `root` that a screen reader has no name for."""
    return [
        f"{type(widget).__name__} {widget.objectName()}"
        for widget in focusable(root)
        if not spoken_name(widget).strip() and widget.focusProxy() is None
    ]


def tab_order(root: QWidget) -> list[str]:
    """The names of what Tab reaches, in order, beginning at the first in the chain."""
    order = []
    widget: QWidget | None = root.nextInFocusChain()
    wanted = set(map(id, focusable(root)))
    while widget is not None and widget is not root:
        if id(widget) in wanted and not widget.isHidden():
            order.append(widget.objectName())
        widget = widget.nextInFocusChain()
    return order
