"""A banner that says how things stand and offers the buttons that mend it."""

from collections.abc import Sequence
from enum import StrEnum

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from consultdesk.desktop.icons import LOOK_CHANGES, pixmap
from consultdesk.desktop.style import text_scale_of, tokens_now

_EDGE = 4
_MARK = 20
_LEAST_WORDS = 280


class BannerKind(StrEnum):
    """How serious it is."""

    INFO = "info"
    WARNING = "warning"
    DANGER = "danger"
    SUCCESS = "success"


_MARKS = {
    BannerKind.INFO: "info",
    BannerKind.WARNING: "shield-lock",
    BannerKind.DANGER: "warning",
    BannerKind.SUCCESS: "check",
}


class Banner(QWidget):
    """A lead in bold, words that wrap, and at the right the actions that cure it.

    Hidden until it has something to say. `action_chosen` carries the action's key.
    """

    action_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = BannerKind.INFO
        self._icon_name = ""
        self._mark = QLabel(self)
        self._words = QLabel(self)
        self._words.setTextFormat(Qt.TextFormat.RichText)
        self._words.setWordWrap(True)
        self._words.setMinimumWidth(120)
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(_EDGE + 12, 9, 10, 9)
        self._row.setSpacing(8)
        self._row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addSpacing(2)
        self._middle = QVBoxLayout()
        self._middle.setSpacing(8)
        self._middle.addWidget(self._words)
        self._row.addLayout(self._middle, 1)
        self._actions = QWidget(self)
        self._beside = QHBoxLayout(self._actions)
        self._beside.setContentsMargins(0, 0, 0, 0)
        self._beside.setSpacing(8)
        self._row.addWidget(self._actions, 0, Qt.AlignmentFlag.AlignVCenter)
        self._stacked = False
        self._said_width = 0
        self._buttons: list[QPushButton] = []
        self._offered: tuple[tuple[str, str], ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.hide()

    def say(
        self,
        kind: BannerKind,
        lead: str,
        text: str = "",
        actions: Sequence[tuple[str, str]] = (),
        icon_name: str = "",
    ) -> None:
        """Show this; `actions` are (key, words on the button), most useful first."""
        self._kind, self._icon_name = kind, icon_name or _MARKS[kind]
        said = f"<b>{_escaped(lead)}</b> {_escaped(text)}".strip()
        self._words.setText(said)
        self._said_width = self.fontMetrics().horizontalAdvance(f"{lead} {text}")
        self.setAccessibleName(f"{lead} {text}".strip())
        self._show_actions(actions)
        self._colour()
        self.show()
        self.updateGeometry()

    def clear(self) -> None:
        """Say nothing and take no room."""
        self._show_actions(())
        self.hide()
        self.setAccessibleName("")

    @property
    def kind(self) -> BannerKind:
        """How serious what is shown is."""
        return self._kind

    @property
    def buttons(self) -> tuple[QPushButton, ...]:
        """The actions offered now."""
        return tuple(self._buttons)

    def changeEvent(self, event: QEvent) -> None:
        """Draw marks anew when the colours change."""
        super().changeEvent(event)
        if event.type() in LOOK_CHANGES and self._icon_name:
            self._colour()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        tokens = tokens_now()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            whole = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            shape = QPainterPath()
            shape.addRoundedRect(whole, 6, 6)
            edge = tokens.colour(f"{self._kind}_edge")
            painter.fillPath(shape, tokens.colour(f"{self._kind}_ground"))
            painter.save()
            painter.setClipPath(shape)
            painter.fillRect(QRectF(0, 0, _EDGE, self.height()), edge)
            painter.restore()
            painter.setPen(QPen(edge, 1))
            painter.drawPath(shape)

    @property
    def holds_keyboard(self) -> bool:
        """Whether one of the actions has the keyboard, or gets it when the window is active."""
        return self.window().focusWidget() in self._buttons

    def _show_actions(self, actions: Sequence[tuple[str, str]]) -> None:
        if tuple(actions) != self._offered:
            before, held = self._buttons, self.holds_keyboard
            self._actions.setVisible(bool(actions))
            self._buttons = [self._button(key, words) for key, words in actions]
            self._offered = tuple(actions)
            if held:
                # before the old ones go: Qt would give the keyboard to the queue's filter
                first = self._buttons[0] if self._buttons else self.window()
                name = self.window().focusWidget().objectName()
                same = (one for one in self._buttons if one.objectName() == name)
                next(same, first).setFocus(Qt.FocusReason.OtherFocusReason)
            for button in before:
                self._beside.removeWidget(button)
                button.hide()
                button.deleteLater()
        for button in self._buttons:
            button.setAccessibleDescription(self.accessibleName())
        self._place_actions()

    def _button(self, key: str, words: str) -> QPushButton:
        button = QPushButton(words, self)
        button.setObjectName(f"{key}_action")
        button.setAutoDefault(True)  # Enter presses it, as in a dialog
        button.clicked.connect(lambda: self.action_chosen.emit(key))
        self._beside.addWidget(button)
        button.show()
        return button

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the actions below the words where both don't fit in one line."""
        super().resizeEvent(event)
        self._place_actions()

    def _place_actions(self) -> None:
        wanted = sum(button.sizeHint().width() + 8 for button in self._buttons)
        room = self.width() - self._mark.width() - 5 * _EDGE - 18 - wanted
        stacked = room < min(_LEAST_WORDS, self._said_width)
        if stacked == self._stacked or not self._buttons:
            return
        self._stacked = stacked
        left = Qt.AlignmentFlag.AlignLeft
        if stacked:
            self._row.removeWidget(self._actions)
            self._middle.addWidget(self._actions, 0, left)
        else:
            self._middle.removeWidget(self._actions)
            self._row.addWidget(self._actions, 0, Qt.AlignmentFlag.AlignVCenter)
        self.updateGeometry()

    def _colour(self) -> None:
        colour = tokens_now().colour(f"{self._kind}_edge")
        size = round(_MARK * text_scale_of(self))
        self._mark.setPixmap(pixmap(self._icon_name, colour, size, self.devicePixelRatioF()))
        self._mark.setFixedSize(QSize(size, size))
        self.update()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
