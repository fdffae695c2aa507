"""What stands where nothing is yet: an icon, a sentence, one thing to do."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from consultdesk.desktop.icons import LOOK_CHANGES, pixmap
from consultdesk.desktop.style import text_scale_of, tokens_now

_MARK = 48


class EmptyState(QWidget):
    """An icon, a sentence, a smaller second one where it helps, and one action."""

    action_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = ""
        self._mark = QLabel(self)
        self._sentence = QLabel(self)
        self._detail = QLabel(self)
        self._detail.setProperty("role", "muted")
        self._action = QPushButton(self)
        self._action.setAutoDefault(True)  # Enter presses it, as in a dialog
        self._action.setObjectName("empty_action")
        self._action.clicked.connect(self.action_chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addStretch(2)
        column.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignHCenter)
        for words in (self._sentence, self._detail):
            words.setTextFormat(Qt.TextFormat.PlainText)
            words.setWordWrap(True)
            words.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(words)
        self._sentence.setProperty("role", "section")
        column.addSpacing(4)
        column.addWidget(self._action, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    def say(self, icon_name: str, sentence: str, detail: str = "", action: str = "") -> None:
        """Show this; without `action` no button is shown."""
        self._icon_name = icon_name
        self._sentence.setText(sentence)
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self.setAccessibleName(f"{sentence} {detail}".strip())
        self._colour()

    def changeEvent(self, event: QEvent) -> None:
        """Draw marks anew when the colours change."""
        super().changeEvent(event)
        if event.type() in LOOK_CHANGES and self._icon_name:
            self._colour()

    def _colour(self) -> None:
        colour = tokens_now().colour("muted")
        size = round(_MARK * text_scale_of(self))
        self._mark.setFixedSize(QSize(size, size))
        self._mark.setPixmap(pixmap(self._icon_name, colour, size, self.devicePixelRatioF()))
