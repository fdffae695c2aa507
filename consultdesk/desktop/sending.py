"""Sending: to whom, how, what the gate says, ten seconds to undo, and the receipt."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QSizePolicy,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from consultdesk.consultation.consent import Purpose
from consultdesk.consultation.delivery import Refusal
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.letter import Letter, LetterKind
from consultdesk.consultation.patient import ChannelKind
from consultdesk.desk import sending, store
from consultdesk.desk.sending import Sending
from consultdesk.desktop.assessment_parts import fit_on_screen, icon_button, order_tabs
from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.choice import one_stop
from consultdesk.desktop.consent import ConsentDialog
from consultdesk.desktop.consent_words import purpose_words
from consultdesk.desktop.letter_sign import SignDialog
from consultdesk.desktop.letter_words import (
    FOR_PATIENT,
    channel_state_words,
    patient_words,
    version_words,
)
from consultdesk.desktop.sending_standing import (
    Printers,
    SendView,
    cures,
    new_password,
    printers,
    verdict,
    view,
)
from consultdesk.desktop.session import Session
from consultdesk.desktop.words import moment, tr
from consultdesk.errors import ConsentMissing, ConsultDeskError, DeliveryFailed
from consultdesk.letters.rendition import protect
from consultdesk.transports.handover import PrintOptions, SaveOptions
from consultdesk.transports.transport import Receipt, State

UNDO_SECONDS = 10
_ASK, _COUNT, _DONE = 0, 1, 2
_TOPICS = frozenset({"case", "consent", "letter", "outbox", "clock"})


class SendDialog(QDialog):
    """Hands one signed letter over. `sent` carries the Receipt.

    Nothing happens before ten seconds have passed in which Undo, Escape, closing or locking
    cancel it wholly. One wish sends once, however often it is clicked.
    """

    FORM: ClassVar[str] = "send"

    patient: QLabel
    about: QLabel
    pages: QStackedWidget
    letter_label: QLabel
    letter: QComboBox
    recipient: QLabel
    purpose_label: QLabel
    purpose: QComboBox
    by_print: QRadioButton
    by_save: QRadioButton
    print_box: QWidget
    no_queue: QLabel
    queue: QComboBox
    copies: QSpinBox
    two_sided: QCheckBox
    save_box: QWidget
    folder: QLineEdit
    choose_folder: QPushButton
    file_name: QLineEdit
    replace_file: QCheckBox
    password_label: QLabel
    password: QLineEdit
    password_help: QLabel
    another_password: QPushButton
    copy_password: QPushButton
    unprotected: QCheckBox
    outside: QLabel
    handed_to: QLineEdit
    known_label: QLabel
    known: QLineEdit
    confirm_way: QPushButton
    known_said: QLabel
    gate: Banner
    cure: QLabel
    cures: QHBoxLayout
    earlier_label: QLabel
    earlier: QVBoxLayout
    count_what: QLabel
    count: QLabel
    count_help: QLabel
    count_bar: QProgressBar
    undo: QPushButton
    outcome: Banner
    receipt: QLabel
    reference: QLabel
    password_once_label: QLabel
    password_once: QLineEdit
    copy_once: QPushButton
    resend: QPushButton
    settle_label: QLabel
    settle_detail: QLineEdit
    settle_yes: QPushButton
    settle_no: QPushButton
    why: QLabel
    cancel: QPushButton
    send: QPushButton

    sent = Signal(object)
    judged = Signal(object)
    ended = Signal()

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
        super().__init__(parent)
        session.tools.forms.load(self, self.FORM)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fit_on_screen(self, 600, 760)
        self._session = session
        self.number = number
        self._wanted_letter = letter_id
        self._patient_only = patient_only
        self._view: SendView | None = None
        self._printers: Printers | None = None
        self._refusal: Refusal | None = None
        self._judged_for: object = None
        self._key = self._new_key()
        self._left = 0
        self._undo_seconds = undo_seconds
        self._sending = False
        self._unsettled = ""
        self._tick = QTimer(self)
        self._tick.setInterval(1000)
        self._tick.timeout.connect(self._count_down)
        self.count_bar.setRange(0, undo_seconds)
        self.password.setText(new_password())
        self.by_save.setChecked(True)
        one_stop((self.by_print, self.by_save))
        self.why.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._fill_purposes()
        self._name_fields()
        self._connect()
        self._show_state()
        self._look()
        self._look_for_printers()

    def _fill_purposes(self) -> None:
        for purpose in Purpose:
            self.purpose.addItem(purpose_words(purpose), purpose.value)

    def _name_fields(self) -> None:
        named = (
            (self.two_sided, tr("Print on both sides")),
            (self.choose_folder, tr("Choose the folder")),
            (self.another_password, tr("Suggest another password")),
            (self.copy_password, tr("Copy the password")),
            (self.copy_once, tr("Copy the password")),
            (self.confirm_way, tr("Confirm that this way reaches the recipient")),
        )
        for widget, words in named:
            widget.setAccessibleName(words)

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

    # --- what is before the person -------------------------------------------------------

    @property
    def letter_id(self) -> str:
        """The letter chosen."""
        return str(self.letter.currentData() or "")

    @property
    def way(self) -> ChannelKind:
        """How it is handed over."""
        printing = self.by_print.isChecked()
        return ChannelKind.HAND_OVER_PRINT if printing else ChannelKind.HAND_OVER_SAVE

    def wish(self) -> Sending:
        """What a person asks to send now."""
        return Sending(
            self.number,
            self.letter_id,
            self.way,
            Purpose(str(self.purpose.currentData())),
            self._key,
            self.handed_to.text(),
        )

    def _hear(self, topics: frozenset[str]) -> None:
        if topics & _TOPICS:
            self._look()

    def _look(self) -> None:
        vault, number = self._session.vault, self.number
        self._run(lambda: view(vault, number), self._show)

    def _look_for_printers(self) -> None:
        self._run(printers, self._show_printers)

    def _run(self, job: Callable[[], object], done: Callable[[Any], None]) -> None:
        self._session.tools.work.run(
            lambda _progress: job(), done, self._say, owner=self, name=tr("Sending")
        )

    def _show_printers(self, found: Printers) -> None:
        self._printers = found
        for one in found.queues:
            words = (
                one.name if one.ready else tr("{name} (takes no jobs now)").format(name=one.name)
            )
            self.queue.addItem(words, one.name if one.ready else "")
        self._show_state()

    def _show(self, found: SendView) -> None:
        self._view = found
        self.patient.setText(patient_words(found.file.patient))
        self.about.setText(tr("Case {number}").format(number=self.number))
        kept = self.letter_id or self._wanted_letter
        signed = tuple(reversed(found.file.letters))
        if self._patient_only and not self._wanted_letter:
            kept = next((one.id for one in signed if one.kind in FOR_PATIENT), "")
            if not kept:
                self._patient_only = False
                self._offer_patient_only()
        self.letter.clear()
        for one in signed:
            self.letter.addItem(version_words(one, found.file), one.id)
        place = self.letter.findData(kept)
        self.letter.setCurrentIndex(place if place >= 0 else _first_unsent(signed, found))
        if not self.file_name.text():
            # no name of a patient in a file's name: it shows in every list of files
            self.file_name.setText(tr("Letter {number}").format(number=self.number))
        self._show_earlier(found)
        order_tabs(self)
        self._chosen()

    def _chosen(self) -> None:
        """Another letter, way or purpose: show whom it is for and ask the gate."""
        found = self._view
        if found is not None and self.letter_id:
            to = found.recipient(self.letter_id)
            place = f", {to.practice}" if to and to.practice else ""
            self.recipient.setText(tr("To {name}").format(name=f"{to.name}{place}" if to else ""))
            own = found.for_patient(self.letter_id)
            self.purpose.setEnabled(not own)
            if own:
                self.purpose.setCurrentIndex(self.purpose.findData(Purpose.PATIENT_REQUEST.value))
            self._ask_gate()
        self._show_state()

    def _ask_gate(self) -> None:
        vault, wish, now = self._session.vault, self.wish(), self._session.tools.now()
        asked = (wish.letter_id, wish.channel, wish.purpose)
        self._judged_for = None
        self._run(lambda: verdict(vault, wish, now), lambda said: self._judge(asked, said))

    def _judge(self, asked: object, said: Refusal | None) -> None:
        wish = self.wish()
        if asked != (wish.letter_id, wish.channel, wish.purpose):
            return
        self._judged_for, self._refusal = asked, said
        self._show_gate(said)
        self._show_state()
        self.judged.emit(said)

    def _show_gate(self, said: Refusal | None) -> None:
        _empty(self.cures)
        self.cure.setVisible(said is not None)
        if said is None:
            own = self._view is not None and self._view.for_patient(self.letter_id)
            lead = (
                tr("The patient's own letter: it needs no consent to disclose.")
                if own
                else tr("Consent covers this letter.")
            )
            self.gate.say(BannerKind.SUCCESS, lead)
            return
        self.gate.say(BannerKind.WARNING, said.sentence)
        self.cure.setText(tr("What helps: {cure}").format(cure=said.cure))
        for key, words in cures(said):
            button = icon_button("", words, self, f"cure_{key}")
            button.setAccessibleDescription(said.cure)
            button.clicked.connect(lambda _on=False, key=key: self._cure(key))
            self.cures.addWidget(button)
        self.cures.addStretch(1)
        order_tabs(self)

    def _cure(self, key: str) -> None:
        if key == "way":
            self.known.setFocus()
        elif key == "clock":
            vault, now = self._session.vault, self._session.tools.now()
            self._run(lambda: store.confirm_clock(vault, now), lambda _done: self._look())
        elif key == "consent":
            ConsentDialog(self._session, self.number, self).open()
        elif key == "patient_only":
            self._offer_patient_only()
        else:
            self._sign_another(None)

    def _offer_patient_only(self) -> None:
        """Release to the patient alone: choose that letter, or sign it first."""
        found = self._view
        signed = found.file.letters if found else ()
        ready = next((one for one in reversed(signed) if one.kind in FOR_PATIENT), None)
        if ready is not None:
            self.letter.setCurrentIndex(self.letter.findData(ready.id))
            self._chosen()
            return
        self._sign_another(LetterKind.PATIENT_ONLY)

    def _sign_another(self, kind: LetterKind | None) -> None:
        dialog = SignDialog(self._session, self.number, self, kind=kind)
        dialog.signed.connect(self._take_signed)
        dialog.open()

    def _take_signed(self, signed: Letter) -> None:
        self._wanted_letter = signed.id
        self.letter.clear()
        self._look()

    # --- state ---------------------------------------------------------------------------

    def _show_state(self) -> None:
        printing = self.by_print.isChecked()
        self.print_box.setVisible(printing)
        self.save_box.setVisible(not printing)
        found = self._printers
        none = found.why_none if found else tr("Looking for printers…")
        self.no_queue.setText(
            tr("{why} Save the letter instead.").format(why=none) if found else none
        )
        self.no_queue.setVisible(bool(none))
        for part in (self.queue, self.copies, self.two_sided):
            part.setEnabled(bool(found and found.queues))
        open_ = self.unprotected.isChecked()
        for widget in (self.password, self.another_password, self.copy_password):
            widget.setEnabled(not open_)
        self.password_help.setText(
            tr("Whoever finds the file can read it.")
            if open_
            else tr(
                "Tell it by telephone or in person, never beside the letter. It isn't kept here."
            )
        )
        self.replace_file.setVisible(self._taken())
        self._show_way()
        counting = self.pages.currentIndex() != _ASK
        reason = self._why_not()
        self.send.setVisible(not counting)
        self.cancel.setVisible(self.pages.currentIndex() != _COUNT)
        self.letter.setToolTip(self.letter.currentText())
        self.send.setEnabled(not reason)
        self.send.setToolTip(reason)
        self.send.setAccessibleDescription(reason)
        self.why.setText("" if counting else reason)

    def _show_way(self) -> None:
        way = self._view.way(self.letter_id, self.way) if self._view else None
        for widget in (self.known_label, self.known, self.confirm_way):
            widget.setVisible(way is None)
        given = bool(self.known.text().strip())
        self.confirm_way.setEnabled(given and bool(self.letter_id))
        self.confirm_way.setToolTip("" if given else tr("Say how you know first."))
        self.confirm_way.setAccessibleDescription(self.confirm_way.toolTip())
        self.known_said.setVisible(way is not None)
        if way is not None:
            said = tr("Verified {when} by {who}: {how}")
            at = moment(way.verified_at or 0)
            self.known_said.setText(said.format(when=at, who=way.verified_by, how=way.verified_how))

    def _why_not(self) -> str:
        """Why it can't be handed over now, "" when it can."""
        if self._view is None:
            return tr("The case is being opened.")
        if not self.letter_id:
            return tr("Sign the letter first.")
        wish = self.wish()
        if self._judged_for != (wish.letter_id, wish.channel, wish.purpose):
            return tr("The gate is being asked.")
        if self._refusal is not None:
            return tr("Practice policy keeps it here: see above.")
        if self.by_print.isChecked():
            return "" if self.queue.currentData() else tr("Choose a printer that takes jobs.")
        return self._why_not_save()

    def _why_not_save(self) -> str:
        if not self.folder.text():
            return tr("Choose the folder.")
        if not self.file_name.text().strip():
            return tr("Give the file a name.")
        if self._taken() and not self.replace_file.isChecked():
            return tr("A file of that name is there. Choose another, or confirm to replace it.")
        if not self.unprotected.isChecked() and len(self.password.text()) < 8:
            return tr("The password needs at least 8 characters.")
        return ""

    def _taken(self) -> bool:
        folder, name = self.folder.text(), self.file_name.text().strip()
        if not folder or not name or "/" in name or "\\" in name or "\0" in name:
            return False
        target = Path(folder) / (name if name.lower().endswith(".pdf") else f"{name}.pdf")
        try:
            return target.exists()
        except OSError:
            return False

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self, tr("Where does the letter go?"), self.folder.text()
        )
        if chosen:
            self.folder.setText(chosen)

    def _confirm_way(self) -> None:
        found, how = self._view, self.known.text().strip()
        letter = found.letter(self.letter_id) if found else None
        if letter is None or not how:
            return
        vault, number, now = self._session.vault, self.number, self._session.tools.now()
        kind, to = self.way, letter.recipient_id

        def done(_way: object) -> None:
            self.known.clear()
            self._look()

        self._run(lambda: sending.verify_channel(vault, number, to, kind, now, how), done)

    # --- ten seconds ---------------------------------------------------------------------

    def _begin(self) -> None:
        if self._sending or self._tick.isActive() or self._why_not():
            return
        self._left = self._undo_seconds
        self.pages.setCurrentIndex(_COUNT)
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
        self.pages.setCurrentIndex(_ASK)
        self._show_state()
        self.send.setFocus()

    # --- handing over --------------------------------------------------------------------

    def _options(self) -> PrintOptions | SaveOptions:
        if self.by_print.isChecked():
            return PrintOptions(
                str(self.queue.currentData()), self.copies.value(), self.two_sided.isChecked()
            )
        open_ = self.unprotected.isChecked()
        return SaveOptions(
            Path(self.folder.text()),
            self.file_name.text().strip(),
            "" if open_ else self.password.text(),
            None if open_ else protect,
            unprotected=open_,
            replace=self.replace_file.isChecked(),
        )

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
        self.pages.setCurrentIndex(_DONE)
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
        self.pages.setCurrentIndex(_ASK)
        self._chosen()

    # --- what was sent before ------------------------------------------------------------

    def _show_earlier(self, found: SendView) -> None:
        _empty(self.earlier)
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
        self.pages.setCurrentIndex(_DONE)
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

    def _say(self, error: ConsultDeskError) -> None:
        self.gate.say(BannerKind.DANGER, tr("That didn't work."), str(error))

    def _new_key(self) -> str:
        return new_id(self._session.tools.now())


def _first_unsent(letters: tuple[Letter, ...], found: SendView) -> int:
    """The place of the newest letter nobody has yet, else of the newest."""
    gone = {
        one.letter_id
        for one in found.file.dispatches
        if one.state in ("sent", "received", "acknowledged")
    }
    return next((n for n, one in enumerate(letters) if one.id not in gone), 0)


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)


def _empty(layout: QHBoxLayout | QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
