"""The lock screen: who, and the passphrase."""

from typing import ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QToolButton,
    QWidget,
)

from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.form import Forms
from consultdesk.desktop.label import ElidedLabel
from consultdesk.desktop.passphrase import CapsLockWatch, reveal_with
from consultdesk.desktop.words import tr


class UnlockForm(QWidget):
    """Asks for a user and a passphrase; it opens nothing itself.

    `unlock_requested` carries the user's name and the passphrase. While the store is opened
    `show_busy`, after a refusal `show_error`; `forget` empties it.
    """

    FORM: ClassVar[str] = "unlock"

    store: ElidedLabel
    note: Banner
    user_label: QLabel
    user: QComboBox
    passphrase_label: QLabel
    passphrase: QLineEdit
    reveal: QToolButton
    caps_lock: QLabel
    error: QLabel
    busy: QProgressBar
    unlock_store: QPushButton
    another_store: QPushButton

    unlock_requested = Signal(str, str)
    another_store_requested = Signal()

    def __init__(self, forms: Forms, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        forms.load(self, self.FORM)
        self.busy.hide()
        self.error.hide()
        reveal_with(self.reveal, self.passphrase)
        self._caps = CapsLockWatch(self.caps_lock, self.passphrase)
        self.passphrase.returnPressed.connect(self._ask)
        self.unlock_store.clicked.connect(self._ask)
        self.another_store.clicked.connect(self.another_store_requested)

    def show_store(
        self, name: str, users: tuple[str, ...], *, user: str = "", note: str = ""
    ) -> None:
        """Ask for this store; `note` is said above, e.g. that work is saved, or a demo."""
        self.forget()
        self.store.say(name)
        self.user.clear()
        self.user.addItems(list(users))
        if user in users:
            self.user.setCurrentText(user)
        one = len(users) <= 1
        self.user.setHidden(one)
        self.user_label.setHidden(one)
        if note:
            self.note.say(BannerKind.INFO, note)
        else:
            self.note.clear()
        self.passphrase.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_busy(self) -> None:
        """The store is being opened: nothing can be typed for that second."""
        self._enable(False)
        self.error.hide()
        self.busy.show()
        self.unlock_store.setText(tr("Opening…"))

    def show_error(self, said: str) -> None:
        """It wasn't opened; the passphrase stands ready to be typed again."""
        self._enable(True)
        self.error.setText(said)
        self.error.show()
        self.passphrase.setAccessibleDescription(said)
        self.passphrase.setFocus(Qt.FocusReason.OtherFocusReason)
        self.passphrase.selectAll()

    def forget(self) -> None:
        """Empty the form: nothing of a passphrase stays in it."""
        self._enable(True)
        self.passphrase.clear()
        self.passphrase.setAccessibleDescription("")
        self.reveal.setChecked(False)
        self.caps_lock.hide()
        self.error.hide()

    def _enable(self, on: bool) -> None:
        self.busy.hide()
        self.unlock_store.setText(tr("Unlock"))
        for part in (self.user, self.passphrase, self.reveal, self.unlock_store):
            part.setEnabled(on)
        self.another_store.setEnabled(on)

    def _ask(self) -> None:
        if not self.unlock_store.isEnabled():
            return
        if not self.passphrase.text():
            self.show_error(tr("Type your passphrase."))
            return
        self.unlock_requested.emit(self.user.currentText(), self.passphrase.text())
