"""The lock screen: who, and the passphrase."""

import math
import time
from typing import ClassVar

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QToolButton,
    QWidget,
)

from consultdesk.consultation.recovery import USER as RECOVERY
from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.form import Forms
from consultdesk.desktop.label import ElidedLabel
from consultdesk.desktop.passphrase import CapsLockWatch, fit_card, reveal_with
from consultdesk.desktop.words import tr

_TICK_MS = 250


class UnlockForm(QWidget):
    """Asks for a user and a passphrase; it opens nothing itself.

    `unlock_requested` and `restored_requested` carry the user's name and the passphrase,
    `keychain_requested` the name alone. While the store is opened `show_busy`, after a refusal
    `show_error`, while nobody may try again `hold_back`; `forget` empties it.
    """

    FORM: ClassVar[str] = "unlock"

    card: QWidget
    store: ElidedLabel
    note: Banner
    user_label: QLabel
    user: QComboBox
    passphrase_label: QLabel
    passphrase: QLineEdit
    reveal: QToolButton
    caps_lock: QLabel
    error: QLabel
    wait: QLabel
    busy: QProgressBar
    unlock_store: QPushButton
    keychain: QPushButton
    restored: QPushButton
    another_store: QPushButton
    restore: QPushButton

    unlock_requested = Signal(str, str)
    restored_requested = Signal(str, str)
    keychain_requested = Signal(str)
    another_store_requested = Signal()
    restore_requested = Signal()

    def __init__(self, forms: Forms, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        forms.load(self, self.FORM)
        fit_card(self.card)
        self._waits: dict[str, float] = {}
        self._remembered: frozenset[str] = frozenset()
        self._is_busy = False
        self._ticking = QTimer(self)
        self._ticking.setInterval(_TICK_MS)
        self._ticking.timeout.connect(self._say_wait)
        self.busy.hide()
        self.error.hide()
        self.wait.hide()
        self.keychain.hide()
        self.restored.hide()
        reveal_with(self.reveal, self.passphrase)
        self._caps = CapsLockWatch(self.caps_lock, self.passphrase)
        self.passphrase.returnPressed.connect(lambda: self._ask())
        self.unlock_store.clicked.connect(lambda: self._ask())
        self.keychain.clicked.connect(self._ask_keychain)
        self.restored.clicked.connect(lambda: self._ask(restored=True))
        self.another_store.clicked.connect(self.another_store_requested)
        self.restore.clicked.connect(self.restore_requested)
        self.user.currentTextChanged.connect(self._change_user)

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

    def offer_users(self, users: tuple[str, ...]) -> None:
        """Offer who may open the store, unless somebody is chosen already."""
        if len(users) > 1 and not self.user.count():
            self.user.addItems(list(users))
            self.user.show()
            self.user_label.show()

    def offer_keychain(self, users: frozenset[str]) -> None:
        """Offer the keychain to the users who chose it; "" stands for the only one."""
        self._remembered = users
        self.keychain.setVisible(self.user.currentText() in users)

    def offer_restored(self, *, may: bool) -> None:
        """Offer to open an older database as a restored one, or no more."""
        self.restored.setVisible(may)

    def show_asking(self) -> None:
        """The keychain is being asked; the passphrase can be typed meanwhile."""
        self.error.hide()
        self.keychain.setText(tr("Asking the keychain…"))
        self.keychain.setEnabled(False)

    def end_asking(self, said: str = "") -> None:
        """The keychain has answered, or isn't asked any more; what was typed stays."""
        self.keychain.setText(tr("Unlock with the &keychain"))
        self.keychain.setEnabled(not self._is_busy)
        if said:
            self.error.setText(said)
            self.error.show()
            self.keychain.setAccessibleDescription(said)

    def hold_back(self, user: str, seconds: float) -> None:
        """Let nobody try for this user for so long; count down and say why."""
        self._waits[user] = time.monotonic() + seconds
        self._say_wait()

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
        self.error.setVisible(bool(said))
        self.passphrase.setAccessibleDescription(said)
        self.passphrase.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.user.currentText() == RECOVERY:
            # a slip is mended, not the whole key typed again
            self.passphrase.deselect()
        else:
            self.passphrase.selectAll()

    def forget(self) -> None:
        """Empty the form: nothing of a passphrase stays in it."""
        self._enable(True)
        self.passphrase.clear()
        self.passphrase.setAccessibleDescription("")
        self.reveal.setChecked(False)
        self.caps_lock.hide()
        self.error.hide()
        self.restored.hide()

    def _enable(self, on: bool) -> None:
        self._is_busy = not on
        self.busy.hide()
        self.unlock_store.setText(tr("Unlock"))
        parts = (self.user, self.passphrase, self.reveal, self.keychain, self.another_store)
        for part in (*parts, self.restored, self.restore):
            part.setEnabled(on)
        self._say_wait()

    def _change_user(self, user: str) -> None:
        by_key = user == RECOVERY
        self.passphrase_label.setText(tr("Recovery &key") if by_key else tr("&Passphrase"))
        # nobody types nine groups blindly
        self.reveal.setChecked(by_key)
        self.keychain.setVisible(user in self._remembered)
        self.error.hide()
        self.restored.hide()
        self._say_wait()

    def _say_wait(self) -> None:
        """Count down, and let the button be pressed once nobody has to wait any more."""
        left = math.ceil(self._waits.get(self.user.currentText(), 0.0) - time.monotonic())
        said = ""
        if left > 0:
            said = tr("After several wrong passphrases: try again in {n}\u00a0s.").format(n=left)
        self.wait.setText(said)
        self.wait.setVisible(bool(said))
        self.unlock_store.setToolTip(said)
        self.unlock_store.setAccessibleDescription(said)
        self.unlock_store.setEnabled(not said and not self._is_busy)
        if not said:
            self._ticking.stop()
        elif not self._ticking.isActive():
            self._ticking.start()

    def _ask_keychain(self) -> None:
        self.keychain_requested.emit(self.user.currentText())

    def _ask(self, *, restored: bool = False) -> None:
        if not self.unlock_store.isEnabled():
            return
        if not self.passphrase.text():
            self.show_error(tr("Type your passphrase."))
            return
        asked = self.restored_requested if restored else self.unlock_requested
        asked.emit(self.user.currentText(), self.passphrase.text())
