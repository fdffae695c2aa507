"""The find line of a record: words, how many places, next and previous."""

from typing import ClassVar

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QToolButton, QWidget

from consultdesk.desktop.form import Forms
from consultdesk.desktop.words import tr

_TYPING_PAUSE_MS = 150


class FindBar(QWidget):
    """Asks for words; the view it belongs to does the finding and says how many there are."""

    FORM: ClassVar[str] = "find_bar"

    label: QLabel
    words: QLineEdit
    hits: QLabel
    back: QToolButton
    forth: QToolButton
    shut: QToolButton

    words_changed = Signal(str)
    next_asked = Signal()
    previous_asked = Signal()
    closed = Signal()

    def __init__(self, forms: Forms, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        forms.load(self, self.FORM)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_PAUSE_MS)
        self._typing.timeout.connect(lambda: self.words_changed.emit(self.words.text()))
        self.words.textChanged.connect(lambda _words: self._typing.start())
        self.forth.clicked.connect(self.next_asked)
        self.back.clicked.connect(self.previous_asked)
        self.shut.clicked.connect(self.dismiss)
        self.words.installEventFilter(self)
        self.hide()

    def ask(self) -> None:
        """Come into view, ready for words."""
        self.show()
        self.words.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.words.selectAll()

    def dismiss(self) -> None:
        """Go out of view and find nothing any more."""
        self._typing.stop()
        self.hide()
        self.words_changed.emit("")
        self.closed.emit()

    def say_hits(self, current: int, total: int, *, searching: bool = False) -> None:
        """`current` is 1-based, 0 where none is current."""
        if not self.words.text():
            said = ""
        elif searching:
            said = tr("Looking…")
        elif not total:
            said = tr("Not found")
        elif current:
            said = tr("{n} of {all}").format(n=current, all=total)
        else:
            said = tr("1 place") if total == 1 else tr("{n} places").format(n=total)
        self.hits.setText(said)
        self.words.setAccessibleDescription(said)
        self.words.setProperty("invalid", bool(self.words.text()) and not total and not searching)
        self.words.style().unpolish(self.words)
        self.words.style().polish(self.words)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at an event first."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.dismiss()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                backwards = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
                (self.previous_asked if backwards else self.next_asked).emit()
                return True
        return super().eventFilter(watched, event)
