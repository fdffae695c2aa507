"""What a person does about keeping: who saw what, a copy, a legal hold, erasing, the rule."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from consultdesk.consultation.keeping import Hold
from consultdesk.desk import erasure, keeping
from consultdesk.desk.cases import CaseFile
from consultdesk.desk.erasure import Outlook
from consultdesk.desktop.audit import AuditDialog
from consultdesk.desktop.case_page import CasePage
from consultdesk.desktop.erase import EraseDialog
from consultdesk.desktop.legal_hold import LegalHoldDialog
from consultdesk.desktop.patient_copy import PatientCopyDialog
from consultdesk.desktop.retention import RetentionDialog
from consultdesk.desktop.session import Session

Act = Callable[[], object]


class KeepingActs(QObject):
    """Opens each of the dialogs, for the case that is open or for the store.

    `dialog_opened` carries each dialog, so that the lock can close it; `failed` an error;
    `case_asked` the number of a case to open.
    """

    dialog_opened = Signal(object)
    failed = Signal(object)
    case_asked = Signal(str)

    def __init__(self, session: Session, page: CasePage, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._page = page
        self._window = window

    def acts(self) -> dict[str, Act]:
        """Every act of this kind by the key of its command."""
        return {
            "audit": self._audit,
            "audit_all": lambda: self._show(AuditDialog(self._session, "", self._window)),
            "export_patient": self._export,
            "legal_hold": self._hold,
            "erase": self._erase,
            "retention": self._retention,
        }

    # --- inside ---------------------------------------------------------------------------------

    def _file(self) -> CaseFile | None:
        return self._page.view.file if self._page.view else None

    def _show(self, dialog: QDialog) -> None:
        dialog.setModal(True)
        self.dialog_opened.emit(dialog)
        dialog.open()

    def _audit(self) -> None:
        if number := self._page.number:
            self._show(AuditDialog(self._session, number, self._window))

    def _export(self) -> None:
        if file := self._file():
            self._show(PatientCopyDialog(self._session, file, self._window))

    def _hold(self) -> None:
        file, vault = self._file(), self._session.vault
        if file is None:
            return
        number = file.case.number

        def show(holds: tuple[Hold, ...]) -> None:
            self._show(LegalHoldDialog(self._session, file, holds, self._window))

        self._session.tools.work.run(
            lambda _progress: keeping.holds(vault, number), show, self.failed.emit, owner=self
        )

    def _erase(self) -> None:
        number, vault, now = self._page.number, self._session.vault, self._session.tools.now()
        if not number:
            return

        def show(seen: Outlook) -> None:
            self._show(EraseDialog(self._session, number, seen, self._window))

        self._session.tools.work.run(
            lambda _progress: erasure.outlook(vault, number, now),
            show,
            self.failed.emit,
            owner=self,
        )

    def _retention(self) -> None:
        dialog = RetentionDialog(self._session, self._window)
        dialog.case_asked.connect(self.case_asked)
        self._show(dialog)
