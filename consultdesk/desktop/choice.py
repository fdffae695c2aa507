"""What a person chooses from: lists that shorten instead of cutting, radio buttons as one stop."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import (
    QComboBox,
    QRadioButton,
    QStyle,
    QStyleOptionComboBox,
    QToolTip,
    QWidget,
)


class Choice(QComboBox):
    """A combo box whose words end in "…" where they don't fit; the tooltip has them whole."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cut = False

    @property
    def cut(self) -> bool:
        """Whether some of what is chosen isn't seen."""
        self.initStyleOption(QStyleOptionComboBox())
        return self._cut

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        """Qt asks what to draw: no more than there is room for."""
        super().initStyleOption(option)
        field = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox,
            option,
            QStyle.SubControl.SC_ComboBoxEditField,
            self,
        )
        whole = self.currentText()
        # one pixel each side belongs to the frame of the field
        shown = self.fontMetrics().elidedText(
            whole, Qt.TextElideMode.ElideRight, max(0, field.width() - 2)
        )
        self._cut = shown != whole
        option.currentText = shown

    def event(self, event: QEvent) -> bool:
        """Say the whole of what was shortened where the mouse rests on it."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            words = self.toolTip() or (self.currentText() if self.cut else "")
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)


def one_stop(buttons: Iterable[QRadioButton]) -> None:
    """Let Tab reach a group of radio buttons once, on the one that is chosen.

    While none is chosen each can be reached. The arrow keys go from one to the next.
    """
    group = tuple(buttons)

    def show() -> None:
        chosen = any(one.isChecked() for one in group)
        for one in group:
            reached = one.isChecked() or not chosen
            one.setFocusPolicy(Qt.FocusPolicy.StrongFocus if reached else Qt.FocusPolicy.ClickFocus)

    for one in group:
        one.toggled.connect(lambda _on: show())
    show()
