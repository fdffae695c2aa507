"""What a person does with the letter: look at it, sign it, send it, record consent."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDialog, QWidget

from consultdesk.consultation.letter import LetterKind
from consultdesk.desktop.assessment import AssessmentPane
from consultdesk.desktop.case_page import CasePage
from consultdesk.desktop.letter_sign import SignDialog
from consultdesk.desktop.session import Session

Act = Callable[[], object]


class LetterActs(QObject):
    """Opens the dialog a step of the letter needs, with every draft sealed before.

    `dialog_opened` carries each dialog, so that the lock can close it.
    """

    dialog_opened = Signal(object)

    def __init__(
        self, session: Session, page: CasePage, assessment: AssessmentPane, window: QWidget
    ) -> None:
        super().__init__(window)
        self._session = session
        self._page = page
        self._assessment = assessment
        self._window = window
        assessment.preview_asked.connect(lambda _number: page.show_letter())
        assessment.sign_asked.connect(lambda _number: self._sign())
        assessment.addendum_asked.connect(lambda _number: self._sign(LetterKind.ADDENDUM))

    def acts(self) -> dict[str, Act]:
        """Every act of this kind by the key of its command."""
        return {
            "preview_letter": self._preview,
            "sign": self._sign,
            "addendum": lambda: self._sign(LetterKind.ADDENDUM),
        }

    def _preview(self) -> None:
        if self._page.number and self._assessment.save_now():
            self._page.show_letter()

    def _sign(self, kind: LetterKind | None = None) -> None:
        number = self._page.number
        if number and self._assessment.save_now():
            self._show(SignDialog(self._session, number, self._window, kind=kind))

    def _show(self, dialog: QDialog) -> None:
        dialog.setModal(True)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialog_opened.emit(dialog)
        dialog.open()
