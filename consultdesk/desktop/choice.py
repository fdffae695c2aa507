"""What a person chooses from: lists that shorten instead of cutting, radio buttons as one stop."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QRadioButton, QWidget

if TYPE_CHECKING:
    from PySide6.QtWidgets import QStyleOptionComboBox


class Choice(QComboBox):
    """A combo box whose words end in "…" where they don't fit; the tooltip has them whole."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cut = False
        self._told = ""

    @property
    def cut(self) -> bool:
        """Whether some of what is chosen isn't seen."""
        from PySide6.QtWidgets import QStyleOptionComboBox

        self.initStyleOption(QStyleOptionComboBox())
        return self._cut

    def initStyleOption(self, option: "QStyleOptionComboBox") -> None:
        """Qt asks what to draw: no more than there is room for."""
        # Here, not at the top: its many kinds take long to load, and the lock screen draws none.
        from PySide6.QtWidgets import QStyle

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

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it, and have the tooltip say whole what was shortened, unless it says another."""
        super().paintEvent(event)
        if self.toolTip() == self._told:
            self._told = self.currentText() if self._cut else ""
            self.setToolTip(self._told)


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
