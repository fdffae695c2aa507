"""A new recovery sheet for an open store: shown, printed, typed back, and only then kept."""

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from consultdesk.consultation.recovery import RecoverySheet
from consultdesk.desk import recovery, store
from consultdesk.desk.attempts import reauthenticate
from consultdesk.desktop.ask import Ask
from consultdesk.desktop.passphrase import CapsLockWatch, reveal_with
from consultdesk.desktop.recovery_key import KeyField, KeyGroups
from consultdesk.desktop.session import Session
from consultdesk.desktop.words import tr
from consultdesk.errors import ConsultDeskError, KeyMistyped
from consultdesk.vault.vault import Vault

_PROOF, _KEY, _TYPED = 0, 1, 2


class NewSheetDialog(Ask):
    """Asks for the passphrase, shows the key, and has it typed back.

    Until then the sheet before, where there is one, stays as good as it was.
    """

    FORM: ClassVar[str] = "new_sheet"

    steps: QStackedWidget
    passphrase: QLineEdit
    reveal: QToolButton
    caps_lock: QLabel
    recovery_key: KeyGroups
    print_sheet: QPushButton
    typed_key: KeyField
    back: QPushButton

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._sheet: RecoverySheet | None = None
        reveal_with(self.reveal, self.passphrase)
        self._caps = CapsLockWatch(self.caps_lock, self.passphrase)
        self.back.clicked.connect(lambda: self._go_to(self.steps.currentIndex() - 1))
        self.print_sheet.clicked.connect(self._hand_over)
        for field in (self.passphrase, self.typed_key):
            field.textEdited.connect(lambda _typed: self.say_problem(""))
        self.finished.connect(lambda _result: self._forget())
        self._go_to(_PROOF)
        self.fit_to_screen()

    def try_it(self) -> None:
        """Go on from the page in view; from the last one, keep the sheet."""
        (self._prove, lambda: self._go_to(_TYPED), self._keep)[self.steps.currentIndex()]()

    def _prove(self) -> None:
        passphrase = self.passphrase.text()
        if not passphrase:
            self.say_problem(tr("Type your passphrase."), self.passphrase)
            return
        vault, now = self.session.vault, self.session.tools.now()
        self.problem.hide()
        self.ok.setEnabled(False)

        def job() -> RecoverySheet:
            reauthenticate(vault, passphrase, now)
            return _new_sheet(vault, now)

        self.session.tools.work.run(
            lambda _progress: job(), self._show, self._refuse, owner=self, priority=6
        )

    def _show(self, sheet: RecoverySheet) -> None:
        self._sheet = sheet
        self.passphrase.clear()
        self.recovery_key.show_groups(sheet.groups)
        self._go_to(_KEY)

    def _refuse(self, error: ConsultDeskError) -> None:
        self.ok.setEnabled(True)
        self.say_problem(str(error), self.passphrase)
        self.passphrase.selectAll()

    def _keep(self) -> None:
        sheet = self._sheet
        if sheet is None or not self.typed_key.text().strip():
            self.say_problem(tr("Type the key from your sheet."), self.typed_key)
            return
        try:
            recovery.check_typed(sheet, self.typed_key.text())
        except KeyMistyped as slip:
            self.say_problem(str(slip), self.typed_key)
            self.typed_key.choose_group(slip.groups[0] if slip.groups else 0)
            return
        vault, now = self.session.vault, self.session.tools.now()
        self.do(lambda: recovery.keep_sheet(vault, sheet, now))

    def _go_to(self, step: int) -> None:
        self.say_problem("")
        self.steps.setCurrentIndex(step)
        self.back.setVisible(step == _TYPED)
        self.ok.setEnabled(True)
        self.ok.setText(tr("Keep this sheet") if step == _TYPED else tr("Next"))
        first = (self.passphrase, self.recovery_key, self.typed_key)
        first[step].setFocus(Qt.FocusReason.OtherFocusReason)

    def _hand_over(self) -> None:
        # Here, not at the top: setting type takes longer to load than this dialog.
        from consultdesk.desktop.recovery_sheet import RecoverySheetDialog

        if self._sheet is not None:
            RecoverySheetDialog(self.session.tools.forms, self._sheet, self).open()

    def _forget(self) -> None:
        self._sheet = None
        self.recovery_key.forget()
        self.passphrase.clear()
        self.typed_key.clear()


def _new_sheet(vault: Vault, now: int) -> RecoverySheet:
    owner = store.current_user(vault).full_name
    return recovery.new_sheet(vault.folder, vault.user, owner, now)
