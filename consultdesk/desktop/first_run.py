"""The first start: who you are, a passphrase, the recovery sheet, and where to begin."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QDate, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
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
from consultdesk.desktop.form import Forms
from consultdesk.desktop.passphrase import (
    CapsLockWatch,
    Strength,
    reveal_with,
    strength_of,
    strength_words,
)
from consultdesk.desktop.style import text_scale_of
from consultdesk.desktop.words import tr

_LEAST_LENGTH = 12
_LEAST_STRENGTH = Strength.GOOD
_JUDGE_PAUSE_MS = 150
_SHEET = 4


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
    to be printed, saved or written down, and `finished` says that it has been kept.
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
    recovery_key: QLineEdit
    print_sheet: QPushButton
    kept: QCheckBox
    error: QLabel
    busy: QProgressBar
    back: QPushButton
    forward: QPushButton

    store_requested = Signal(object)
    finished = Signal()

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
        self.card.setMaximumWidth(round(self.card.maximumWidth() * text_scale_of(self)))
        self.card.setMinimumWidth(round(self.card.minimumWidth() * text_scale_of(self)))
        self.folder.setText(folder)
        self.keychain.setVisible(keychain_there)
        self.keychain_words.setVisible(keychain_there)
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
        self.print_sheet.clicked.connect(self._hand_sheet_over)
        for field_ in self.findChildren(QLineEdit):
            field_.textEdited.connect(lambda _typed: self._say_error(""))
        self.busy.hide()
        self._go_to(0)

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

    def show_recovery(self, key: str) -> None:
        """The store is made: show its recovery key, this once."""
        self._end_busy()
        self.passphrase.clear()
        self.again.clear()
        self.recovery_key.setText(key)
        self.recovery_key.setCursorPosition(0)
        self._go_to(_SHEET)

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
        self.back.setVisible(0 < step < _SHEET)
        words = {_SHEET - 1: tr("Make the store"), _SHEET: tr("Begin")}
        self.forward.setText(words.get(step, tr("Ne&xt")))
        said = tr("Step {n} of {all}").format(n=step + 1, all=_SHEET + 1)
        self.step.setText(said)
        first = (self.full_name, self.passphrase, self.understood, self.empty, self.print_sheet)
        first[step].setFocus(Qt.FocusReason.OtherFocusReason)

    def _go_on(self) -> None:
        if not self.forward.isEnabled():
            return
        step = self.steps.currentIndex()
        wanting = (self._who, self._secret, self._safety, self._start, self._sheet)[step]()
        if wanting is not None:
            said, where = wanting
            self._say_error(said)
            where.setFocus(Qt.FocusReason.OtherFocusReason)
            where.setAccessibleDescription(said)
        elif step == _SHEET:
            self.recovery_key.clear()
            self.finished.emit()
        elif step == _SHEET - 1:
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

    def _sheet(self) -> tuple[str, QWidget] | None:
        if not self.kept.isChecked():
            return tr("Please confirm that you have kept the recovery key."), self.kept
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

        sheet = RecoverySheet(
            self.recovery_key.text(),
            Path(self.folder.text().strip()).stem,
            self.full_name.text().strip(),
            QDate.currentDate().toString(Qt.DateFormat.ISODate),
        )
        RecoverySheetDialog(self._forms, sheet, self).open()

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
        chosen = QFileDialog.getExistingDirectory(self, tr("Where the store lies"))
        if chosen:
            self.folder.setText(chosen)
