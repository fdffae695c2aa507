"""What the two forms with a passphrase share: reveal, Caps Lock, and how strong it is."""

from enum import IntEnum

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QToolButton, QWidget

from consultdesk.desktop import icons
from consultdesk.desktop.style import text_scale_of
from consultdesk.desktop.words import tr

_MOST_JUDGED = 72
_WIDEST_LEAST = 820


class Strength(IntEnum):
    """How hard a passphrase is to guess (zxcvbn's scores)."""

    VERY_WEAK = 0
    WEAK = 1
    FAIR = 2
    GOOD = 3
    STRONG = 4


def strength_of(passphrase: str, known: tuple[str, ...] = ()) -> Strength:
    """Judge a passphrase; `known` are words about the person that make it weaker."""
    if not passphrase:
        return Strength.VERY_WEAK
    # Only here: its dictionaries take longer to load than the lock screen takes to show.
    from zxcvbn import zxcvbn

    judged = zxcvbn(passphrase[:_MOST_JUDGED], user_inputs=[word for word in known if word])
    return Strength(int(judged["score"]))


def strength_words(strength: Strength) -> str:
    """A strength in a word."""
    return {
        Strength.VERY_WEAK: tr("Very weak"),
        Strength.WEAK: tr("Weak"),
        Strength.FAIR: tr("Fair"),
        Strength.GOOD: tr("Good"),
        Strength.STRONG: tr("Strong"),
    }[strength]


class CapsLockWatch(QObject):
    """Shows a hint while Caps Lock seems to be on, told by the letters that arrive."""

    def __init__(self, hint: QLabel, *fields: QLineEdit) -> None:
        super().__init__(hint)
        self._hint = hint
        hint.hide()
        for field in fields:
            field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at an event first."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            letter = event.text()
            shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            if event.key() == Qt.Key.Key_CapsLock:
                self._hint.setHidden(self._hint.isVisible())
            elif len(letter) == 1 and letter.lower() != letter.upper():
                self._hint.setVisible(letter.isupper() != shifted)
        return super().eventFilter(watched, event)


def fit_card(card: QWidget) -> None:
    """Let a card in the middle of the window be as much wider as its words are larger."""
    scale = text_scale_of(card)
    card.setMaximumWidth(round(card.maximumWidth() * scale))
    card.setMinimumWidth(min(round(card.minimumWidth() * scale), _WIDEST_LEAST))


def reveal_with(button: QToolButton, *fields: QLineEdit) -> None:
    """Let `button` show and hide what is typed."""

    def show(shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        for field in fields:
            field.setEchoMode(mode)
        words = tr("Hide the passphrase") if shown else tr("Show the passphrase")
        button.setToolTip(words)
        button.setAccessibleName(words)
        button.setProperty(icons.ICON_NAME, "eye-off" if shown else "eye")
        icons.dress(button)

    button.toggled.connect(show)
