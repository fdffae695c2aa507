"""The first start: who you are, a passphrase, the recovery sheet, and where to begin."""

from dataclasses import dataclass, field
from typing import ClassVar

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from consultdesk.consultation.recovery import RecoverySheet
from consultdesk.desktop.choice import one_stop
from consultdesk.desktop.folder import choose_folder
from consultdesk.desktop.form import Forms
from consultdesk.desktop.passphrase import (
    CapsLockWatch,
    Strength,
    fit_card,
    reveal_with,
    strength_of,
    strength_words,
)
from consultdesk.desktop.recovery_key import KeyField, KeyGroups
from consultdesk.desktop.words import tr
from consultdesk.errors import KeyMistyped

_LEAST_LENGTH = 12
_LEAST_STRENGTH = Strength.GOOD
_JUDGE_PAUSE_MS = 150
_START, _SHEET, _TYPED = 3, 4, 5


@dataclass(frozen=True)
class NewStore:
    """What the person said: enough to make a store with its first physician."""

    full_name: str
    user: str
    registration: str
    passphrase: str = field(repr=False)
    folder: str
    keychain: bool
    demo: bool
    practice: str = ""
    phone: str = ""


class FirstRun(QWidget):
    """Asks step by step; it makes nothing itself.

    `store_requested` carries a NewStore. When it is made, `show_recovery` shows the key once,
    to be printed, saved or written down. `sheet_kept` carries the sheet once its key has been
    typed back; only then may it open the store.
    """

    FORM: ClassVar[str] = "first_run"

    card: QWidget
    step: QLabel
    steps: QStackedWidget
    full_name: QLineEdit
    user: QLineEdit
    registration: QLineEdit
    practice: QLineEdit
    phone: QLineEdit
    passphrase: QLineEdit
    reveal: QToolButton
    strength: QLabel
    again: QLineEdit
    caps_lock: QLabel
    understood: QCheckBox
    keychain: QCheckBox
    keychain_words: QLabel
    empty: QRadioButton
    demo: QRadioButton
    folder: QLineEdit
    browse: QPushButton
    recovery_key: KeyGroups
    print_sheet: QPushButton
    typed_key: KeyField
    error: QLabel
    busy: QProgressBar
    restore: QPushButton
    back: QPushButton
    forward: QPushButton

    store_requested = Signal(object)
    sheet_kept = Signal(object)
    restore_requested = Signal()

    def __init__(
        self,
        forms: Forms,
        folder: str,
        parent: QWidget | None = None,
        *,
        keychain_there: bool = True,
    ) -> None:
        super().__init__(parent)
        forms.load(self, self.FORM)
        self._forms = forms
        self._sheet: RecoverySheet | None = None
        fit_card(self.card)
        self.folder.setText(folder)
        self.offer_keychain(there=keychain_there)
        one_stop((self.empty, self.demo))
        reveal_with(self.reveal, self.passphrase, self.again)
        self._caps = CapsLockWatch(self.caps_lock, self.passphrase, self.again)
        self._judging = QTimer(self)
        self._judging.setSingleShot(True)
        self._judging.setInterval(_JUDGE_PAUSE_MS)
        self._judging.timeout.connect(self._show_strength)
        self.passphrase.textChanged.connect(lambda _typed: self._judging.start())
        self.full_name.editingFinished.connect(self._suggest_user)
        self.back.clicked.connect(lambda: self._go_to(self.steps.currentIndex() - 1))
        self.forward.clicked.connect(self._go_on)
        self.browse.clicked.connect(self._choose_folder)
        self.restore.clicked.connect(self.restore_requested)
        self.print_sheet.clicked.connect(self._hand_sheet_over)
        for field_ in self.findChildren(QLineEdit):
            field_.textEdited.connect(lambda _typed: self._say_error(""))
        self.busy.hide()
        self._go_to(0)

    def offer_keychain(self, *, there: bool) -> None:
        """Offer to unlock with this computer's keychain, where it has one."""
        self.keychain.setVisible(there)
        self.keychain_words.setVisible(there)

    def show_busy(self) -> None:
        """The store is being made."""
        self._say_error("")
        self.busy.show()
        self.steps.setEnabled(False)
        self.back.setEnabled(False)
        self.forward.setEnabled(False)

    def show_error(self, said: str) -> None:
        """It couldn't be made; everything typed is still there."""
        self._end_busy()
        self._say_error(said)

    def show_recovery(self, sheet: RecoverySheet) -> None:
        """The store is made: show its recovery key, this once."""
        self._end_busy()
        self.passphrase.clear()
        self.again.clear()
        self._sheet = sheet
        self.recovery_key.show_groups(sheet.groups)
        self._go_to(_SHEET)

    def forget(self) -> None:
        """Nothing of a key or a passphrase stays in the form."""
        self._sheet = None
        self.recovery_key.forget()
        for field_ in (self.passphrase, self.again, self.typed_key):
            field_.clear()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on from wherever the keyboard is, also from a tick box."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._go_on()
            return
        super().keyPressEvent(event)

    # --- steps ---------------------------------------------------------------------------

    def _go_to(self, step: int) -> None:
        self._say_error("")
        self.steps.setCurrentIndex(step)
        self.reveal.setChecked(False)
        self.restore.setVisible(step == 0)
        self.back.setVisible(0 < step < _SHEET or step == _TYPED)
        words = {_START: tr("Make the store"), _TYPED: tr("Begin")}
        self.forward.setText(words.get(step, tr("Ne&xt")))
        said = tr("Step {n} of {all}").format(n=step + 1, all=_TYPED + 1)
        self.step.setText(said)
        first = (
            self.full_name,
            self.passphrase,
            self.understood,
            self.empty,
            self.recovery_key,
            self.typed_key,
        )
        first[step].setFocus(Qt.FocusReason.OtherFocusReason)

    def _go_on(self) -> None:
        if not self.forward.isEnabled():
            return
        step = self.steps.currentIndex()
        checks = (self._who, self._secret, self._safety, self._start, self._shown, self._typed)
        wanting = checks[step]()
        if wanting is not None:
            said, where = wanting
            self._say_error(said)
            where.setFocus(Qt.FocusReason.OtherFocusReason)
            where.setAccessibleDescription(said)
        elif step == _TYPED:
            self.sheet_kept.emit(self._sheet)
        elif step == _START:
            self._request()
        else:
            self._go_to(step + 1)

    def _who(self) -> tuple[str, QWidget] | None:
        if not self.full_name.text().strip():
            return tr("Type your name as it stands on a letter."), self.full_name
        if not self.user.text().strip():
            return tr("Choose a user name."), self.user
        return None

    def _secret(self) -> tuple[str, QWidget] | None:
        if len(self.passphrase.text()) < _LEAST_LENGTH:
            said = tr("Use at least {n} characters: four or five words do.")
            return said.format(n=_LEAST_LENGTH), self.passphrase
        if self._judge() < _LEAST_STRENGTH:
            return tr("This is too easy to guess. Add another word or two."), self.passphrase
        if self.again.text() != self.passphrase.text():
            return tr("The two passphrases differ. Type the second one again."), self.again
        return None

    def _safety(self) -> tuple[str, QWidget] | None:
        if not self.understood.isChecked():
            return tr("Please confirm that you will keep the recovery sheet."), self.understood
        return None

    def _start(self) -> tuple[str, QWidget] | None:
        if not self.folder.text().strip():
            return tr("Choose where the store lies."), self.folder
        return None

    def _shown(self) -> tuple[str, QWidget] | None:
        return None

    def _typed(self) -> tuple[str, QWidget] | None:
        # Here, not at the top: the store is slower to load than the first steps.
        from consultdesk.desk.recovery import check_typed

        if self._sheet is None or not self.typed_key.text().strip():
            return tr("Type the key from your sheet."), self.typed_key
        try:
            check_typed(self._sheet, self.typed_key.text())
        except KeyMistyped as slip:
            self.typed_key.choose_group(slip.groups[0] if slip.groups else 0)
            return str(slip), self.typed_key
        return None

    def _request(self) -> None:
        self.store_requested.emit(
            NewStore(
                full_name=self.full_name.text().strip(),
                user=self.user.text().strip(),
                registration=self.registration.text().strip(),
                passphrase=self.passphrase.text(),
                folder=self.folder.text().strip(),
                keychain=not self.keychain.isHidden() and self.keychain.isChecked(),
                demo=self.demo.isChecked(),
                practice=self.practice.text().strip(),
                phone=self.phone.text().strip(),
            )
        )

    def _hand_sheet_over(self) -> None:
        # Here, not at the top: setting type takes longer to load than the first steps.
        from consultdesk.desktop.recovery_sheet import RecoverySheetDialog

        if self._sheet is not None:
            RecoverySheetDialog(self._forms, self._sheet, self).open()

    # --- inside --------------------------------------------------------------------------

    def _end_busy(self) -> None:
        self.busy.hide()
        for part in (self.steps, self.back, self.forward):
            part.setEnabled(True)

    def _say_error(self, said: str) -> None:
        self.error.setText(said)
        self.error.setVisible(bool(said))

    def _suggest_user(self) -> None:
        """The first letters of the last name, unless the person has typed a user name."""
        last = self.full_name.text().split(",")[0].split()
        if last and not self.user.text():
            self.user.setText("".join(ch for ch in last[-1].casefold() if ch.isalnum()))

    def _judge(self) -> Strength:
        known = (*self.full_name.text().split(), self.user.text(), "ConsultDesk")
        return strength_of(self.passphrase.text(), known)

    def _show_strength(self) -> None:
        if not self.passphrase.text():
            self.strength.setText("")
            return
        judged = self._judge()
        self.strength.setText(tr("Strength: {word}").format(word=strength_words(judged)))
        good = judged >= _LEAST_STRENGTH and len(self.passphrase.text()) >= _LEAST_LENGTH
        self.strength.setProperty("role", "good" if good else "error")
        self.strength.style().unpolish(self.strength)
        self.strength.style().polish(self.strength)
        self.passphrase.setAccessibleDescription(self.strength.text())

    def _choose_folder(self) -> None:
        choose_folder(self, tr("Where the store lies"), self.folder)
