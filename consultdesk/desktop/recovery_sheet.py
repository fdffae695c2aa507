"""The recovery sheet on its way out: printed, or saved where the person chooses."""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QFileDialog, QLabel, QPushButton, QWidget

from consultdesk.consultation.recovery import RecoverySheet
from consultdesk.desktop.form import Forms
from consultdesk.desktop.sending_standing import Printers, printers
from consultdesk.desktop.words import tr
from consultdesk.desktop.work import Work
from consultdesk.errors import ConsultDeskError
from consultdesk.letters.recovery import render
from consultdesk.transports.handover import print_sheet, save_sheet


class RecoverySheetDialog(QDialog):
    """Prints or saves one recovery sheet. It keeps nothing of it."""

    FORM: ClassVar[str] = "recovery_sheet"

    queue: QComboBox
    said: QLabel
    close_sheet: QPushButton
    save_sheet: QPushButton
    print_now: QPushButton

    def __init__(self, forms: Forms, sheet: RecoverySheet, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        forms.load(self, self.FORM)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._sheet = sheet
        self._busy = False
        # the first run has no desk yet whose work this could be
        self.work = Work(self, threads=1)
        self.finished.connect(lambda _result: self.work.shut_down())
        self.print_now.clicked.connect(self._print)
        self.save_sheet.clicked.connect(self._choose_place)
        self.close_sheet.clicked.connect(self.reject)
        self._offer(tr("Looking for printers…"))
        self._run(printers, self._show_printers)

    def reject(self) -> None:
        """Close; not while it is being printed or saved, since that would leave it half done."""
        if not self._busy:
            super().reject()

    def _show_printers(self, found: Printers) -> None:
        for one in found.queues:
            if one.ready:
                self.queue.addItem(one.name, one.name)
        none = found.why_none or tr("No printer takes jobs now.")
        self._offer("" if self.queue.count() else tr("{why} Save it instead.").format(why=none))

    def _print(self) -> None:
        sheet, name = self._sheet, str(self.queue.currentData())
        told = tr("Given to the printer. Fetch it there now.")
        self._hand_over(tr("Printing…"), lambda: print_sheet(sheet, render, name), told)

    def _choose_place(self) -> None:
        dialog = QFileDialog(self, tr("Where does the sheet go?"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("pdf")
        dialog.setNameFilter(tr("PDF (*.pdf)"))
        dialog.selectFile(tr("Recovery sheet.pdf"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.save_to(Path(name)))
        dialog.open()

    def save_to(self, target: Path) -> None:
        """Save the sheet there; a file of that name is replaced."""
        sheet = self._sheet
        told = tr("Saved as {name}. Keep it away from this computer.").format(name=target.name)
        self._hand_over(tr("Saving…"), lambda: save_sheet(sheet, render, target), told)

    def _hand_over(self, doing: str, job: Callable[[], object], told: str) -> None:
        if self._busy:
            return
        self._busy = True
        self._offer(doing)

        def done(_none: object) -> None:
            self._busy = False
            self._offer("", told)

        self._run(job, done)

    def _run(self, job: Callable[[], object], done: Callable[..., None]) -> None:
        self.work.run(
            lambda _progress: job(), done, self._fail, owner=self, name=tr("Recovery sheet")
        )

    def _fail(self, error: ConsultDeskError) -> None:
        self._busy = False
        self._offer("", str(error))

    def _offer(self, why_not: str, said: str = "") -> None:
        """Let it be printed, or say why that can't be now; say what became of it."""
        none = "" if self.queue.count() else tr("There is no printer to choose.")
        reason = why_not or none
        self.print_now.setEnabled(not reason)
        self.print_now.setToolTip(reason)
        self.print_now.setAccessibleDescription(reason)
        self.queue.setEnabled(self.queue.count() > 0)
        self.said.setText(said or why_not)
        self.said.setAccessibleName(self.said.text())
