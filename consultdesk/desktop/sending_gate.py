"""The gate before a letter: its word on what is asked, and what helps where it refuses."""

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import (
    QHBoxLayout,
    QVBoxLayout,
)

from consultdesk.consultation.consent import Purpose
from consultdesk.consultation.delivery import Refusal
from consultdesk.consultation.letter import Letter, LetterKind
from consultdesk.desk import sending, store
from consultdesk.desktop.assessment_parts import icon_button, order_tabs
from consultdesk.desktop.banner import BannerKind
from consultdesk.desktop.consent import ConsentDialog
from consultdesk.desktop.letter_sign import SignDialog
from consultdesk.desktop.letter_version import VersionDialog
from consultdesk.desktop.letter_words import (
    FOR_PATIENT,
    patient_words,
    version_words,
)
from consultdesk.desktop.sending_form import SendForm
from consultdesk.desktop.sending_standing import (
    Printers,
    SendView,
    cures,
    printers,
    verdict,
    view,
)
from consultdesk.desktop.words import tr
from consultdesk.errors import ConsultDeskError

_TOPICS = frozenset({"case", "consent", "letter", "outbox", "clock"})


class SendGate(SendForm):
    """Sending with the gate's word, asked anew with every choice and every change of the case."""

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
        kept = asked in self._refused
        self._run(
            lambda: verdict(vault, wish, now, kept=kept), lambda said: self._judge(asked, said)
        )

    def _judge(self, asked: object, said: Refusal | None) -> None:
        wish = self.wish()
        if asked != (wish.letter_id, wish.channel, wish.purpose):
            return
        self._judged_for, self._refusal = asked, said
        if said is None:
            self._refused.discard(asked)  # refused again later, it is another refusal
        else:
            self._refused.add(asked)
        self._show_gate(said)
        self._show_state()
        self.judged.emit(said)

    def _show_gate(self, said: Refusal | None) -> None:
        empty(self.cures)
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
        elif key == "version":
            self._write_version()
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

    def _write_version(self) -> None:
        wish = self.wish()
        dialog = VersionDialog(self._session, self.number, wish.letter_id, wish.purpose, self)
        dialog.signed.connect(self._take_signed)
        # closing this one takes that one with it, and what is written there is kept first
        self.finished.connect(dialog.close)
        dialog.open()

    def _sign_another(self, kind: LetterKind | None) -> None:
        dialog = SignDialog(self._session, self.number, self, kind=kind)
        dialog.signed.connect(self._take_signed)
        dialog.open()

    def _take_signed(self, signed: Letter) -> None:
        self._wanted_letter = signed.id
        self.letter.clear()
        self._look()

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

    def _say(self, error: ConsultDeskError) -> None:
        self.gate.say(BannerKind.DANGER, tr("That didn't work."), str(error))


def _first_unsent(letters: tuple[Letter, ...], found: SendView) -> int:
    """The place of the newest letter nobody has yet, else of the newest."""
    gone = {
        one.letter_id
        for one in found.file.dispatches
        if one.state in ("sent", "received", "acknowledged")
    }
    return next((n for n, one in enumerate(letters) if one.id not in gone), 0)


def empty(layout: QHBoxLayout | QVBoxLayout) -> None:
    """Take everything out of a row or column."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
