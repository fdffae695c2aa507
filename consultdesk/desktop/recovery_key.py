"""The recovery key on the screen: its numbered groups, and a field that it is typed into."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from consultdesk.desktop.style import text_scale_of, tokens_now
from consultdesk.desktop.words import tr

_COLUMNS = 3
_KEY_PX, _NUMBER_PX = 22, 12
_GROUP = 4


class KeyGroups(QWidget):
    """Shows the groups of a recovery key, each with its number; empty until it is told to.

    They can be read, by eye or by a screen reader, and not copied: the clipboard of a computer is
    no place for them.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(6, 6, 6, 6)
        self._grid.setSpacing(8)
        self.forget()

    def show_groups(self, groups: tuple[str, ...]) -> None:
        """Show these, in their order."""
        self.forget()
        for place, group in enumerate(groups):
            box = _Box(place + 1, group, self)
            self._grid.addWidget(box, place // _COLUMNS, place % _COLUMNS)
        said = "; ".join(f"{n}: {' '.join(group)}" for n, group in enumerate(groups, 1))
        self.setAccessibleDescription(said)

    def forget(self) -> None:
        """Show nothing any more."""
        self.setAccessibleName(tr("Recovery key"))
        self.setAccessibleDescription("")
        while (item := self._grid.takeAt(0)) is not None:
            if (box := item.widget()) is not None:
                for label in box.findChildren(QLabel):
                    label.clear()
                box.hide()
                box.deleteLater()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a ring around them all while they have the keyboard."""
        super().paintEvent(event)
        if self.hasFocus():
            with QPainter(self) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(QPen(tokens_now().colour("focus"), 2))
                painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 5, 5)


class _Box(QFrame):
    """One group with its number."""

    def __init__(self, number: int, group: str, parent: QWidget) -> None:
        super().__init__(parent)
        scale = text_scale_of(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 8)
        column.setSpacing(0)
        told = QLabel(str(number), self)
        told.setProperty("role", "muted")
        told.setFont(_sized(told.font(), _NUMBER_PX * scale))
        key = QLabel(group, self)
        font = _sized(key.font(), _KEY_PX * scale)
        font.setWeight(QFont.Weight.DemiBold)
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 2 * scale)
        key.setFont(font)
        key.setTextFormat(Qt.TextFormat.PlainText)
        key.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        for label in (told, key):
            column.addWidget(label)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw its frame."""
        with QPainter(self) as painter:
            tokens = tokens_now()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(tokens.colour("border"), 1))
            painter.setBrush(tokens.colour("base"))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 4, 4)


def _sized(font: QFont, pixels: float) -> QFont:
    sized = QFont(font)
    sized.setPixelSize(round(pixels))
    return sized


class KeyField(QLineEdit):
    """A line for a recovery key: what is typed at its end is parted into groups."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMaxLength(200)
        self.textEdited.connect(self._part)

    def choose_group(self, number: int) -> None:
        """Mark a group, so that typing replaces it."""
        start = 0
        for place, group in enumerate(self.text().split("-"), 1):
            if place == number:
                self.setSelection(start, len(group))
            start += len(group) + 1

    def _part(self, typed: str) -> None:
        if self.cursorPosition() != len(typed):
            return
        signs = "".join(ch for ch in typed.upper() if ch.isalnum())
        parted = "-".join(signs[at : at + _GROUP] for at in range(0, len(signs), _GROUP))
        if parted != typed:
            self.setText(parted)
