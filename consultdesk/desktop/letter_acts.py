"""What a person does with the letter: look at it, sign it, send it, record consent."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDialog, QWidget

from consultdesk.consultation.letter import LetterKind
from consultdesk.desktop.assessment import AssessmentPane
from consultdesk.desktop.case_page import CasePage
from consultdesk.desktop.consent import ConsentDialog
from consultdesk.desktop.consent_form import REVIEW
from consultdesk.desktop.letter_sign import SignDialog
from consultdesk.desktop.sending import SendDialog
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
        assessment.send_asked.connect(lambda _number: self._send())
        assessment.addendum_asked.connect(lambda _number: self._sign(LetterKind.ADDENDUM))

    def acts(self) -> dict[str, Act]:
        """Every act of this kind by the key of its command."""
        return {
            "preview_letter": self._preview,
            "sign": self._sign,
            "addendum": lambda: self._sign(LetterKind.ADDENDUM),
            "send": self._send,
            "patient_only": self._patient_only,
            "consents": self._consents,
            "record_consent": lambda: self._consents(recording=True),
            "record_review_consent": self._record_review,
        }

    def _preview(self) -> None:
        if self._page.number and self._assessment.save_now():
            self._page.show_letter()

    def _sign(self, kind: LetterKind | None = None) -> None:
        number = self._page.number
        if number and self._assessment.save_now():
            self._show(SignDialog(self._session, number, self._window, kind=kind))

    def _send(self, *, patient_only: bool = False) -> None:
        number = self._page.number
        if number and self._assessment.save_now():
            self._show(SendDialog(self._session, number, self._window, patient_only=patient_only))

    def _patient_only(self) -> None:
        """The patient's own letter needs no consent: sign it first, or hand it over."""
        view = self._page.view
        if view is None:
            return
        if any(one.kind is LetterKind.PATIENT_ONLY and one.signed for one in view.file.letters):
            self._send(patient_only=True)
        else:
            self._sign(LetterKind.PATIENT_ONLY)

    def _consents(self, *, recording: bool = False) -> None:
        if number := self._page.number:
            self._show(ConsentDialog(self._session, number, self._window, recording=recording))

    def _record_review(self) -> None:
        number = self._page.number
        if not number:
            return
        dialog = ConsentDialog(self._session, number, self._window, recording=True)

        def fill() -> None:
            dialog.form.preset.setCurrentIndex(dialog.form.preset.findData(REVIEW))
            dialog.form.fill(REVIEW)

        dialog.shown.connect(fill)
        self._show(dialog)

    def _show(self, dialog: QDialog) -> None:
        dialog.setModal(True)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialog_opened.emit(dialog)
        dialog.open()
