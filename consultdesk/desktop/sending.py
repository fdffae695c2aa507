"""Sending: ten seconds to undo, the hand-over, and the receipt."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import (
    QLabel,
    QWidget,
)

from consultdesk.desk import sending
from consultdesk.desktop.assessment_parts import icon_button, order_tabs
from consultdesk.desktop.banner import BannerKind
from consultdesk.desktop.letter_words import (
    channel_state_words,
    version_words,
)
from consultdesk.desktop.sending_form import ASK, COUNT, DONE
from consultdesk.desktop.sending_gate import SendGate, empty
from consultdesk.desktop.sending_standing import (
    SendView,
    new_password,
)
from consultdesk.desktop.session import Session
from consultdesk.desktop.words import moment, tr
from consultdesk.errors import ConsentMissing, ConsultDeskError, DeliveryFailed
from consultdesk.transports.transport import Receipt, State

UNDO_SECONDS = 10


class SendDialog(SendGate):
    """Hands one signed letter over. `sent` carries the Receipt.

    Nothing happens before ten seconds have passed in which Undo, Escape, closing or locking
    cancel it wholly. One wish sends once, however often it is clicked.
    """

    def __init__(
        self,
        session: Session,
        number: str,
        parent: QWidget | None = None,
        *,
        letter_id: str = "",
        patient_only: bool = False,
        undo_seconds: int = UNDO_SECONDS,
    ) -> None:
        super().__init__(session, number, parent, letter_id=letter_id, patient_only=patient_only)
        self._left = 0
        self._undo_seconds = undo_seconds
        self._unsettled = ""
        self._tick = QTimer(self)
        self._tick.setInterval(1000)
        self._tick.timeout.connect(self._count_down)
        self.count_bar.setRange(0, undo_seconds)
        self._connect()
        self._show_state()
        self._look()
        self._look_for_printers()

    def _connect(self) -> None:
        for combo in (self.letter, self.purpose):
            combo.activated.connect(lambda _place: self._chosen())
        self.queue.currentIndexChanged.connect(lambda _place: self._show_state())
        for toggle in (self.by_print, self.by_save):
            toggle.toggled.connect(lambda _on: self._chosen())
        for box in (self.unprotected, self.replace_file):
            box.toggled.connect(lambda _on: self._show_state())
        for line in (self.file_name, self.password, self.known, self.folder):
            line.textChanged.connect(lambda _text: self._show_state())
        self.settle_detail.textChanged.connect(lambda _text: self._show_settling())
        self.choose_folder.clicked.connect(self._choose_folder)
        self.another_password.clicked.connect(lambda: self.password.setText(new_password()))
        self.copy_password.clicked.connect(lambda: _copy(self.password.text()))
        self.copy_once.clicked.connect(lambda: _copy(self.password_once.text()))
        self.confirm_way.clicked.connect(self._confirm_way)
        self.known.returnPressed.connect(self._confirm_way)
        self.send.clicked.connect(self._begin)
        self.undo.clicked.connect(self._undo)
        self.cancel.clicked.connect(self.reject)
        self.resend.clicked.connect(self._again)
        self.settle_yes.clicked.connect(lambda: self._settle(arrived=True))
        self.settle_no.clicked.connect(lambda: self._settle(arrived=False))
        self._session.changed.connect(self._hear)

    def reject(self) -> None:
        """Close. While the ten seconds run this undoes; while the letter leaves it waits."""
        if self._tick.isActive():
            self._undo()
        elif not self._sending:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closed from outside, e.g. by the lock: what hasn't left is undone, and nothing stays.

        A letter that is leaving at this moment goes on; the case says what became of it.
        """
        self._tick.stop()
        super().reject()
        event.accept()

    # --- ten seconds, hand-over, what was sent before ---------------------------------------

    def _show(self, found: SendView) -> None:
        super()._show(found)
        self._show_earlier(found)
        order_tabs(self)

    def _begin(self) -> None:
        if self._sending or self._tick.isActive() or self._why_not():
            return
        self._left = self._undo_seconds
        self.pages.setCurrentIndex(COUNT)
        self.undo.setEnabled(True)
        self.undo.show()
        self.count_help.setText(tr("Nothing has left the desk yet."))
        to = self.recipient.text()
        self.count_what.setText(f"{to}\n{self.letter.currentText()}")
        self._say_count()
        self._show_state()
        self.undo.setFocus()
        self._tick.start()

    def _count_down(self) -> None:
        self._left -= 1
        self._say_count()
        if self._left <= 0:
            self._tick.stop()
            self._hand_over()

    def _say_count(self) -> None:
        words = tr("Handing over in {n} s").format(n=max(0, self._left))
        self.count.setText(words)
        self.count_bar.setValue(self._undo_seconds - self._left)
        self.count_bar.setAccessibleName(words)

    def _undo(self) -> None:
        self._tick.stop()
        self.pages.setCurrentIndex(ASK)
        self._show_state()
        self.send.setFocus()

    def _hand_over(self) -> None:
        if self._sending:
            return
        self._sending = True
        self.undo.hide()
        self.cancel.setEnabled(False)
        self.count.setText(tr("Handing over…"))
        self.count_help.setText(tr("The gate is asked once more at this instant."))
        vault, wish, options = self._session.vault, self.wish(), self._options()
        now = self._session.tools.now
        self._session.tools.work.run(
            lambda _progress: sending.send(vault, wish, options, now),
            self._show_receipt,
            self._show_failure,
            owner=self,
            name=tr("Handing the letter over"),
            priority=2,
        )

    def _show_receipt(self, receipt: Receipt) -> None:
        self._finish()
        unknown = receipt.state is State.UNKNOWN
        if unknown:
            self._say_unknown(receipt.detail)
        else:
            self.outcome.say(BannerKind.SUCCESS, tr("Handed over."), receipt.detail)
        when = tr("Tried {when}.") if unknown else tr("Handed over {when}.")
        self.receipt.setText(f"{self.letter.currentText()}\n{when.format(when=moment(receipt.at))}")
        proof = tr("Proof: {reference}").format(reference=receipt.reference)
        self._show_reference(proof if receipt.reference else "")
        saved = self.by_save.isChecked() and not self.unprotected.isChecked() and not unknown
        self._show_outcome(password=saved, again=False, settling=unknown)
        if saved:
            self.password_once.setText(self.password.text())
        self._unsettled = self._key if unknown else ""
        self._key = self._new_key()
        self.sent.emit(receipt)
        self.ended.emit()

    def _show_failure(self, error: ConsultDeskError) -> None:
        self._finish()
        self.outcome.say(BannerKind.DANGER, tr("Not handed over."), str(error))
        refused = isinstance(error, ConsentMissing)
        self.receipt.setText(
            tr("The refusal is noted in the case.")
            if refused
            else tr("Nothing of the letter has left.")
        )
        self._show_reference("")
        retry = not isinstance(error, DeliveryFailed) or error.retryable
        self._show_outcome(password=False, again=retry or refused, settling=False)
        # the failed dispatch is a fact of its own; another try is another wish
        self._key = self._new_key()
        self.ended.emit()

    def _say_unknown(self, detail: str = "") -> None:
        lead = tr("Not known whether it left.")
        self.outcome.say(BannerKind.WARNING, lead, detail, icon_name="warning")

    def _show_reference(self, words: str) -> None:
        self.reference.setText(words)
        self.reference.setVisible(bool(words))

    def _finish(self) -> None:
        self._sending = False
        self.cancel.setEnabled(True)
        self.cancel.setText(tr("Close"))
        self.pages.setCurrentIndex(DONE)
        self._show_state()
        self._look()
        self.cancel.setFocus()

    def _show_outcome(self, *, password: bool, again: bool, settling: bool) -> None:
        for widget in (self.password_once_label, self.password_once, self.copy_once):
            widget.setVisible(password)
        self.resend.setVisible(again)
        for line in (self.settle_label, self.settle_detail, self.settle_yes, self.settle_no):
            line.setVisible(settling)
        self._show_settling()

    def _again(self) -> None:
        self.cancel.setText(tr("Cancel"))
        self.pages.setCurrentIndex(ASK)
        self._chosen()

    def _show_earlier(self, found: SendView) -> None:
        empty(self.earlier)
        letters = {one.id: one for one in found.file.letters}
        dispatches = tuple(reversed(found.file.dispatches))
        self.earlier_label.setVisible(bool(dispatches))
        for one in dispatches:
            letter = letters.get(one.letter_id)
            what = version_words(letter, found.file) if letter else ""
            detail = one.events[-1].detail if one.events else ""
            words = QLabel(
                f"{moment(one.at)}: {channel_state_words(one.state)}. {detail} {what}", self
            )
            words.setTextFormat(Qt.TextFormat.PlainText)
            words.setWordWrap(True)
            self.earlier.addWidget(words)
            if one.state in ("unknown", "cleared") and not self._sending:
                button = icon_button("", tr("Say what became of it…"), self, "settle_earlier")
                button.clicked.connect(lambda _on=False, key=one.key: self._ask_settle(key))
                self.earlier.addWidget(button)

    def _ask_settle(self, key: str) -> None:
        self._unsettled = key
        self._say_unknown()
        self.receipt.setText(tr("Look at the printer, or ask the recipient."))
        self._show_reference("")
        self._show_outcome(password=False, again=False, settling=True)
        self.pages.setCurrentIndex(DONE)
        self._show_state()
        self.settle_detail.setFocus()

    def _show_settling(self) -> None:
        given = bool(self.settle_detail.text().strip())
        reason = "" if given else tr("Say how you know first.")
        for button in (self.settle_yes, self.settle_no):
            button.setEnabled(given)
            button.setToolTip(reason)
            button.setAccessibleDescription(reason)

    def _settle(self, *, arrived: bool) -> None:
        found = self._view
        known = found.file.dispatches if found else ()
        dispatch = next((one for one in known if one.key == self._unsettled), None)
        if dispatch is None:
            return
        vault, number, now = self._session.vault, self.number, self._session.tools.now()
        detail = self.settle_detail.text().strip()

        def job() -> None:
            sending.settle(vault, number, dispatch.id, now, arrived=arrived, detail=detail)

        self._run(job, lambda _done: self._settled(arrived=arrived))

    def _settled(self, *, arrived: bool) -> None:
        self._unsettled = ""
        lead = tr("Noted: it left.") if arrived else tr("Noted: it didn't leave.")
        self.outcome.say(BannerKind.SUCCESS if arrived else BannerKind.INFO, lead)
        self._show_outcome(password=False, again=not arrived, settling=False)
        self._look()


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
