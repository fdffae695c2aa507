"""Handing a patient a copy of everything about them: where to, behind which password."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QWidget,
)

from consultdesk.desk import export
from consultdesk.desk.cases import CaseFile
from consultdesk.desk.export import Exported
from consultdesk.desktop.ask import Ask
from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.session import Session
from consultdesk.desktop.words import tr
from consultdesk.errors import Cancelled, ConsultDeskError

if TYPE_CHECKING:
    from consultdesk.desktop.work import Task

_MB = 1 << 20


class PatientCopyDialog(Ask):
    """Saves the copy with progress and Cancel; then shows its password once."""

    FORM: ClassVar[str] = "patient_copy"

    whose: QLabel
    outcome: Banner
    saved: QWidget
    password: QLineEdit
    copy_password: QPushButton
    asking: QWidget
    about: QLabel
    asked_by: QLineEdit
    target: QLineEdit
    choose: QPushButton
    replace: QCheckBox
    passphrase: QLineEdit
    step: QLabel
    bar: QProgressBar

    def __init__(self, session: Session, file: CaseFile, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._number = file.case.number
        self._task: Task | None = None
        self.whose.setText(file.patient.label)
        self.about.setText(
            tr(
                "One file with all records as they came, signed letters, the opinion, consents, "
                "and who saw and did what, with a page that explains it. It is encrypted (ZIP, "
                "AES-256): programs that patients know open it, and a disc of images fits in. "
                "Records of somebody else, drafts and internal review stay here. The audit keeps "
                "that you handed it over."
            )
        )
        self.target.setText(str(Path.home() / export.suggested_name(session.tools.now())))
        self.target.textChanged.connect(lambda _text: self._show_replace())
        self.choose.clicked.connect(self._choose)
        self.copy_password.clicked.connect(
            lambda: QGuiApplication.clipboard().setText(self.password.text())
        )
        self.saved.hide()
        self.bar.hide()
        self.step.hide()
        self._show_replace()
        self.fit_to_screen()
        self.asked_by.setFocus()

    def try_it(self) -> None:
        """Save the copy beside the window."""
        asked, passphrase = self.asked_by.text().strip(), self.passphrase.text()
        target = Path(self.target.text().strip()).expanduser()
        if not asked:
            self.say_problem(tr("Say who asked, and how you know them."), self.asked_by)
            return
        if not self.target.text().strip() or not target.parent.is_dir():
            self.say_problem(tr("Choose where to save it."), self.target)
            return
        if not passphrase:
            self.say_problem(tr("Type your passphrase."), self.passphrase)
            return
        vault, number, now = self.session.vault, self._number, self.session.tools.now()
        replace = self.replace.isVisible() and self.replace.isChecked()
        self.passphrase.clear()
        self.problem.hide()
        self.ok.setEnabled(False)
        self._task = self.session.tools.work.run(
            lambda progress: export.export(
                vault, number, asked, passphrase, target, now, progress, replace=replace
            ),
            self._done,
            self._failed,
            self._report,
            owner=self,
            name=tr("Saving the patient's copy"),
        )

    def reject(self) -> None:
        """Stop while it is being written; else close."""
        if self._task is not None and self._task.running:
            self._task.cancel()
            self.step.setText(tr("Stopping…"))
            return
        self.password.clear()
        super().reject()

    # --- inside -----------------------------------------------------------------------------

    def _choose(self) -> None:
        chosen, _kind = QFileDialog.getSaveFileName(
            self, tr("Where to save it"), self.target.text(), tr("Encrypted archive (*.zip)"),
            options=QFileDialog.Option.DontConfirmOverwrite,
        )  # fmt: skip
        if chosen:
            self.target.setText(chosen)

    def _show_replace(self) -> None:
        there = Path(self.target.text().strip()).expanduser()
        self.replace.setVisible(there.is_file())

    def _report(self, done: int, total: int, what: str) -> None:
        self.bar.show()
        self.step.show()
        self.bar.setRange(0, max(1, total))
        self.bar.setValue(done)
        self.step.setText(tr("{what}: {done} of {total}").format(what=what, done=done, total=total))

    def _done(self, answer: object) -> None:
        """Stay, and show the password: it is kept nowhere."""
        self._task = None
        if not isinstance(answer, Exported):
            return
        self.asking.hide()
        self.saved.show()
        self.ok.hide()
        self.cancel.setText(tr("Close"))
        self.password.setText(answer.password)
        self.password.setFocus()
        self.password.selectAll()
        damaged = ", ".join(answer.damaged)
        left = tr("Damaged here and not in it: {files}.").format(files=damaged) if damaged else ""
        said = tr("{n} files, {size} MB, in {name}.").format(
            n=answer.files, size=max(1, answer.size // _MB), name=answer.target.name
        )
        kind = BannerKind.WARNING if damaged else BannerKind.SUCCESS
        self.outcome.say(kind, tr("The copy is saved."), f"{said} {left}".strip())
        self.settled.emit(answer)

    def _failed(self, error: ConsultDeskError) -> None:
        self._task = None
        self.ok.setEnabled(True)
        self.bar.hide()
        self.step.hide()
        self.say_problem(error.message if isinstance(error, Cancelled) else str(error))
        self._show_replace()
