"""Another version of a signed letter: what is left out, in what words, and the signature."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from consultdesk.consultation.consent import Purpose
from consultdesk.consultation.letter import Letter
from consultdesk.consultation.source import MemorySource, Pages, Progress
from consultdesk.consultation.version import Passage
from consultdesk.desk import cases, version
from consultdesk.desk.cases import CaseFile
from consultdesk.desk.version import Prepared, Rewriting
from consultdesk.desktop.assessment_advice import Advice
from consultdesk.desktop.assessment_drafts import KEPT_WITHIN_MS
from consultdesk.desktop.assessment_parts import fit_on_screen, labelled, muted, order_tabs
from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.case_words import kind_words, sensitivity_words
from consultdesk.desktop.empty import EmptyState
from consultdesk.desktop.inputs import GrowingText, WrappingCheck
from consultdesk.desktop.letter_words import patient_words
from consultdesk.desktop.session import Session
from consultdesk.desktop.viewer.pages import PagesView
from consultdesk.desktop.words import tr
from consultdesk.errors import ConsultDeskError, VaultLocked

_LOOKED_WITHIN_MS = 400


@dataclass(frozen=True)
class _Look:
    """The version as it stood when it was asked for, and how it is set in type."""

    asked: Rewriting
    file: CaseFile
    prepared: Prepared
    pdf: bytes


class VersionDialog(QDialog):
    """Writes and signs another version of one signed letter. `signed` carries the Letter.

    It says what is left out, asks for a reason for every warning among it, lets each passage be
    reworded, and shows the version set in type. What is written is kept as everything is.
    `looked` comes with every look.
    """

    FORM: ClassVar[str] = "version"

    patient: QLabel
    about: QLabel
    left_out: QLabel
    warned: Banner
    warnings: QVBoxLayout
    blocked: Banner
    passages: QVBoxLayout
    body: QVBoxLayout
    paper_place: QVBoxLayout
    promise: QVBoxLayout
    passphrase_label: QLabel
    passphrase: QLineEdit
    said: QLabel
    why: QLabel
    sign: QPushButton
    cancel: QPushButton

    signed = Signal(object)
    looked = Signal()

    def __init__(
        self,
        session: Session,
        number: str,
        letter_id: str,
        purpose: Purpose,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        session.tools.forms.load(self, self.FORM)
        fit_on_screen(self, 1080, 760)
        self._session = session
        self.number = number
        self._asked = self._kept = Rewriting(letter_id, purpose)
        self._found: Prepared | None = None
        self._busy = self._stale = self._signing = False
        self.texts: dict[str, GrowingText] = {}
        self.reasons: dict[str, QLineEdit] = {}
        self._pdf = b""
        self._build()
        self._keeping = self._timer(KEPT_WITHIN_MS, self._keep)
        self._looking = self._timer(_LOOKED_WITHIN_MS, self._look)
        self._begin()

    def _build(self) -> None:
        words = tr("I have read this version. It repeats nothing of what is left out.")
        self.read_through = WrappingCheck(words, self)
        self.read_through.setObjectName("read_through")
        self.promise.addWidget(self.read_through)
        self.advice = Advice(self)
        self.advice.overrides_changed.connect(self._reason)
        self.advice.words_wanted.connect(self._show_words)
        self.body.addWidget(self.advice)
        self.body.addStretch(1)
        self.paper: PagesView | None = None
        self._waiting = EmptyState(self)
        self._waiting.say("document", tr("Setting the letter…"))
        self.paper_place.addWidget(self._waiting, 1)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.why.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.said.hide()
        self.passphrase.textChanged.connect(self._show_state)
        self.read_through.toggled.connect(self._show_state)
        self.sign.clicked.connect(self._sign)
        self.cancel.clicked.connect(self.reject)
        self._show_state()

    def _timer(self, interval: int, what: Callable[[], object]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval)
        timer.timeout.connect(what)
        return timer

    def reject(self) -> None:
        """Close without signing; not while the signature is being made."""
        if not self._signing:
            self.save_now()
            self.passphrase.clear()
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closed from outside, e.g. by the lock: what was written is kept, and nothing stays."""
        self.save_now()
        self.passphrase.clear()
        super().reject()
        event.accept()

    def save_now(self) -> bool:
        """Seal what is being written before this returns; false when it couldn't be kept."""
        self._keeping.stop()
        if self._signing or self._asked == self._kept:
            return True
        try:
            version.keep(self._session.vault, self.number, self._asked, self._session.tools.now())
        except ConsultDeskError as error:
            self._say_unkept(error)
            return False
        self._kept = self._asked
        return True

    # --- what is written ---------------------------------------------------------------------

    def _begin(self) -> None:
        vault, number, asked = self._session.vault, self.number, self._asked

        def take(found: Rewriting) -> None:
            self._asked = self._kept = found
            self._look()

        self._session.tools.work.run(
            lambda _progress: version.kept(vault, number, asked.letter_id, asked.purpose),
            take,
            self._say,
            owner=self,
            name=tr("Opening"),
        )

    def _reword(self, passage: Passage, text: str) -> None:
        self._change({**self._asked.wording, passage.key: text}, dict(self._asked.reasons))

    def _reason(self, key: str, reason: str) -> None:
        reasons = {**self._asked.reasons, key: reason}
        self._change(
            dict(self._asked.wording), {key: said for key, said in reasons.items() if said}
        )

    def _change(self, wording: dict[str, str], reasons: dict[str, str]) -> None:
        self._asked = Rewriting(self._asked.letter_id, self._asked.purpose, wording, reasons)
        self._found = None
        self._show_state()
        self._looking.start()
        if not self._keeping.isActive():
            self._keeping.start()

    def _keep(self) -> None:
        vault, number, now = self._session.vault, self.number, self._session.tools.now()
        asked = self._asked
        if self._signing or asked == self._kept:
            return

        def done(_at: int) -> None:
            self._kept = asked
            if self._asked != asked:
                self._keeping.start()

        self._session.tools.work.run(
            lambda _progress: version.keep(vault, number, asked, now),
            done,
            self._say_unkept,
            owner=self,
            name=tr("Saving"),
        )

    def _say_unkept(self, error: ConsultDeskError) -> None:
        self.said.setText(tr("Not saved yet. {why}").format(why=error.message))
        self.said.show()
        self._keeping.start()

    # --- how it stands -----------------------------------------------------------------------

    def _look(self) -> None:
        if self._busy:
            self._stale = True
            return
        self._busy, self._stale = True, False
        vault, number, now = self._session.vault, self.number, self._session.tools.now()
        asked = self._asked

        def job(_progress: Progress) -> _Look:
            prepared = version.prepare(vault, number, asked, now)
            pdf = version.preview(vault, number, asked, now)
            return _Look(asked, cases.open_case(vault, number), prepared, pdf)

        self._session.tools.work.run(
            job, self._take, self._give_up, owner=self, name=tr("Setting the letter")
        )

    def _take(self, look: _Look) -> None:
        self._busy = False
        if self._stale or look.asked != self._asked:
            self._look()
            return
        self._found = look.prepared
        self._show_head(look)
        self._show_warnings(look.prepared)
        self._show_passages(look.prepared)
        self.advice.show_check(look.prepared.check, look.asked.reasons, read_only=False)
        self._show_paper(look.pdf)
        order_tabs(self)
        self.said.hide()
        self._show_state()
        self.looked.emit()

    def _give_up(self, error: ConsultDeskError) -> None:
        self._busy = False
        if self._stale:
            self._look()
        else:
            self._say(error)

    def _show_head(self, look: _Look) -> None:
        made = look.prepared.version
        self.patient.setText(patient_words(look.file.patient))
        said = tr("Case {number}. Goes to: {to}. The signed letter stays as it is.")
        self.about.setText(said.format(number=self.number, to=look.prepared.recipient.name))
        gone = [f"{kind_words(one.kind)}: {one.name}" for one in made.records]
        gone += [sensitivity_words(topic) for topic in sorted(made.topics)]
        lead = tr("The consent doesn't cover, so this version leaves out:")
        none = tr("Nothing of the letter is left out any more.")
        self.left_out.setText("\n".join([lead, *(f"• {one}" for one in gone)]) if gone else none)

    def _show_warnings(self, found: Prepared) -> None:
        safety = found.version.safety
        if safety:
            lead = tr("Its reader won't be warned of this.")
            text = tr("Say for each why it may be left out, or word it so that it stays.")
            self.warned.say(BannerKind.DANGER, lead, text)
        else:
            self.warned.clear()
        if tuple(self.reasons) == safety:
            return
        first = not self.texts
        _empty(self.warnings)
        self.reasons = {}
        for n, words in enumerate(safety, 1):
            line = QLineEdit(self)
            line.setMaxLength(300)
            line.setText(self._asked.reasons.get(words, ""))
            line.setPlaceholderText(tr("Reason"))
            label = tr("Left out: {what}").format(what=words)
            self.warnings.addWidget(_holding(self, label, line, f"reason_{n}"))
            line.textChanged.connect(lambda said, words=words: self._reason(words, said.strip()))
            self.reasons[words] = line
        if first and safety and not self.passphrase.text():
            self.reasons[safety[0]].setFocus()

    def _show_passages(self, found: Prepared) -> None:
        for one in found.version.passages:
            if one.key not in self.texts and one.was.strip():
                self._add_passage(one)
            text = self.texts.get(one.key)
            if text is not None and not text.hasFocus() and text.toPlainText() != one.text:
                text.blockSignals(True)
                text.show_text(one.text)
                text.blockSignals(False)

    def _add_passage(self, one: Passage) -> None:
        text = GrowingText(self)
        text.show_text(one.text)
        label = f"{one.label[:1].upper()}{one.label[1:]}"
        name = f"passage_{one.key.replace(' ', '_')}"
        note = tr("As signed: {words}").format(words=one.was) if one.changed else ""
        self.passages.addWidget(_holding(self, label, text, name, note))
        text.textChanged.connect(lambda: self._reword(one, text.toPlainText()))
        self.texts[one.key] = text

    def _show_words(self, words: str) -> None:
        for text in self.texts.values():
            cursor = text.document().find(words)
            if not cursor.isNull():
                text.setTextCursor(cursor)
                text.setFocus()
                return

    def _show_paper(self, pdf: bytes) -> None:
        """Show the new state where the eye was in the old one."""
        if pdf == self._pdf:
            return
        self._pdf = pdf
        tools, old = self._session.tools, self.paper
        fresh = PagesView(tools.forms, tools.work, Pages(MemorySource(tr("Letter"), pdf), 0), self)
        fresh.failed.connect(self._say)
        if old is not None:
            fresh.go_to(old.place())
            self.paper_place.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._waiting.hide()
        self.paper_place.addWidget(fresh, 1)
        self.paper = fresh

    def _show_state(self) -> None:
        found = self._found
        if found is not None and found.blocking:
            listed = "; ".join(found.blocking)
            self.blocked.say(
                BannerKind.WARNING, tr("Still open:"), f"{listed}.", icon_name="warning"
            )
        elif found is not None:
            self.blocked.clear()
        reason = self._why_not()
        self.sign.setEnabled(not reason)
        self.sign.setToolTip(reason)
        self.sign.setAccessibleDescription(reason)
        self.why.setText(reason)

    def _why_not(self) -> str:
        if self._signing:
            return tr("Signing…")
        if self._found is None:
            return tr("The letter is being looked over.")
        if self._found.blocking:
            return tr("Settle what is still open first.")
        if not self.read_through.isChecked():
            return tr("Read it through and confirm that first.")
        if not self.passphrase.text():
            return tr("Enter your passphrase.")
        return ""

    # --- the signature -----------------------------------------------------------------------

    def _sign(self) -> None:
        if self._signing or not self.sign.isEnabled():
            return
        self._signing = True
        vault, number, now = self._session.vault, self.number, self._session.tools.now()
        asked, passphrase = self._asked, self.passphrase.text()
        read = self.read_through.isChecked()
        self._hold(on=True)
        self._session.tools.work.run(
            lambda _progress: version.sign(
                vault, number, asked, passphrase, now, read_through=read
            ),
            self._done,
            self._say,
            owner=self,
            name=tr("Signing the letter"),
        )

    def _done(self, signed: Letter) -> None:
        # it has become a fact, so there is nothing left to keep
        self._kept = self._asked
        self._signing = False
        self.passphrase.clear()
        self.signed.emit(signed)
        self.accept()

    def _say(self, error: ConsultDeskError) -> None:
        signing, self._signing = self._signing, False
        self._hold(on=False)
        if isinstance(error, VaultLocked):
            self.said.setText(tr("{why} Nothing was signed.").format(why=error.message))
            self.passphrase.selectAll()
        else:
            self.said.setText(f"{error} " + tr("Nothing was signed."))
        self.said.show()
        if signing:
            self.passphrase.setFocus()

    def _hold(self, *, on: bool) -> None:
        inside = (*self.texts.values(), *self.reasons.values(), self.advice)
        for widget in (self.passphrase, self.read_through, self.cancel, *inside):
            widget.setEnabled(not on)
        self.said.hide()
        self._show_state()


def _holding(parent: QWidget, label: str, widget: QWidget, name: str, note: str = "") -> QWidget:
    """A widget under its label, in a holder that goes with both."""
    holder = QWidget(parent)
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(3)
    widget.setParent(holder)
    labelled(column, label, widget, name)
    if note:
        column.addWidget(muted(note, holder))
    return holder


def _empty(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
