"""Signing: who the letter is about and for, what stands against it, and the passphrase."""

from typing import ClassVar

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QTextCursor
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from consultdesk.consultation.letter import Letter, LetterKind, Practice
from consultdesk.consultation.source import Progress
from consultdesk.desk import letter, opinion, store
from consultdesk.desk.letter import Check
from consultdesk.desktop.assessment_advice import Advice
from consultdesk.desktop.assessment_drafts import KEPT_WITHIN_MS
from consultdesk.desktop.assessment_parts import fit_on_screen
from consultdesk.desktop.assessment_standing import Standing, look
from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.letter_words import letter_words, patient_words, recipient_words
from consultdesk.desktop.session import Session
from consultdesk.desktop.settings import SettingsDialog
from consultdesk.desktop.words import tr
from consultdesk.errors import ConsultDeskError, VaultLocked

_LOOKED_WITHIN_MS = 300
_QUOTED = 3


class SignDialog(QDialog):
    """Signs one letter for good. `signed` carries the Letter.

    With `kind` the letter is given; without it a person chooses between the treating
    physician and the patient only. An addendum is written and looked over here: what its
    words must answer for is reworded, or stays with a reason. `looked` comes with every look.
    `notice` says what deserves a second look and holds nothing up.
    """

    FORM: ClassVar[str] = "sign"

    patient: QLabel
    about: QLabel
    kind_label: QLabel
    kind: QComboBox
    brief_label: QLabel
    brief: QPlainTextEdit
    amendment_label: QLabel
    amendment: QPlainTextEdit
    body: QVBoxLayout
    blocked: Banner
    passphrase_label: QLabel
    passphrase: QLineEdit
    said: QLabel
    why: QLabel
    sign: QPushButton
    cancel: QPushButton

    signed = Signal(object)
    ready = Signal()
    looked = Signal()

    def __init__(
        self,
        session: Session,
        number: str,
        parent: QWidget | None = None,
        *,
        kind: LetterKind | None = None,
        amendment: str = "",
    ) -> None:
        super().__init__(parent)
        session.tools.forms.load(self, self.FORM)
        fit_on_screen(self, 600, 500)
        self._session = session
        self.number = number
        self._kind = kind
        self._standing: Standing | None = None
        self._letterhead: Practice | None = None
        self._signing = False
        self._overrides: dict[str, str] = {}
        self._check: Check | None = None
        self._kept = amendment
        self.amendment.setPlainText(amendment)
        self._keeping = QTimer(self)
        self._keeping.setSingleShot(True)
        self._keeping.setInterval(KEPT_WITHIN_MS)
        self._keeping.timeout.connect(self._keep)
        self._looking = QTimer(self)
        self._looking.setSingleShot(True)
        self._looking.setInterval(_LOOKED_WITHIN_MS)
        self._looking.timeout.connect(self._look_over)
        self.advice = Advice(self)
        self.advice.overrides_changed.connect(self._override)
        self.advice.words_wanted.connect(self._show_words)
        self.body.insertWidget(self.body.indexOf(self.blocked), self.advice)
        self.notice = Banner(self)
        self.notice.action_chosen.connect(lambda _key: self._ask_letterhead())
        self.body.insertWidget(0, self.notice)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.why.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.said.hide()
        addendum = kind is LetterKind.ADDENDUM
        if addendum:
            self.setWindowTitle(tr("Write and sign an addendum"))
        for widget in (self.amendment, self.amendment_label, self.advice):
            widget.setVisible(addendum)
        for shown in (self.brief, self.brief_label):
            shown.setVisible(not addendum)
        self.passphrase.textChanged.connect(self._show_state)
        self.amendment.textChanged.connect(self._look_again)
        self.amendment.textChanged.connect(self._write)
        self.kind.currentIndexChanged.connect(self._show_state)
        self.sign.clicked.connect(self._sign)
        self.cancel.clicked.connect(self.reject)
        self._show_state()
        self._look()

    @property
    def chosen_kind(self) -> LetterKind:
        """The kind of letter that would be signed."""
        return LetterKind(str(self.kind.currentData() or self._kind or "treating_physician"))

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
        """Seal an addendum being written before this returns; false when it couldn't be kept."""
        self._keeping.stop()
        text = self.amendment.toPlainText()
        if self._kind is not LetterKind.ADDENDUM or self._signing or text == self._kept:
            return True
        try:
            opinion.save_addendum(self._session.vault, self.number, text, self._now())
        except ConsultDeskError as error:
            self._say_unkept(error)
            return False
        self._kept = text
        return True

    # --- inside ------------------------------------------------------------------------------

    def _now(self) -> int:
        return self._session.tools.now()

    def _write(self) -> None:
        """An addendum is kept while it is written, as everything is."""
        self._show_state()
        if self.amendment.toPlainText() != self._kept and not self._keeping.isActive():
            self._keeping.start()

    def _keep(self) -> None:
        vault, number, now = self._session.vault, self.number, self._now()
        text = self.amendment.toPlainText()
        if self._signing or self._kind is not LetterKind.ADDENDUM or text == self._kept:
            return

        def done(_at: int) -> None:
            self._kept = text
            self._write()

        self._session.tools.work.run(
            lambda _progress: opinion.save_addendum(vault, number, text, now),
            done,
            self._say_unkept,
            owner=self,
            name=tr("Saving"),
        )

    def _say_unkept(self, error: ConsultDeskError) -> None:
        self.said.setText(tr("Not saved yet. {why}").format(why=error.message))
        self.said.show()
        self._keeping.start()

    # --- the words of an addendum ------------------------------------------------------------

    def _look_again(self) -> None:
        self._check = None
        self._looking.start()

    def _look_over(self) -> None:
        """Look over the addendum as it stands now, beside the window."""
        if self._kind is not LetterKind.ADDENDUM or self._signing:
            return
        vault, number, text = self._session.vault, self.number, self.amendment.toPlainText()
        overrides = dict(self._overrides)

        def take(found: Check) -> None:
            if (text, overrides) == (self.amendment.toPlainText(), self._overrides):
                self._check = found
                self.advice.show_check(found, overrides, read_only=False)
                self._show_state()
                self.looked.emit()

        self._session.tools.work.run(
            lambda _progress: letter.check_addendum(vault, number, text, overrides),
            take,
            self._say,
            owner=self,
            name=tr("Looking over the letter"),
        )

    def _override(self, key: str, reason: str) -> None:
        """Keep why these words or this side stay as they are; "" takes it back."""
        if reason:
            self._overrides[key] = reason
        else:
            self._overrides.pop(key, None)
        self._look_over()

    def _show_words(self, words: str) -> None:
        self.amendment.moveCursor(QTextCursor.MoveOperation.Start)
        self.amendment.find(words)
        self.amendment.setFocus()

    # --- how it stands -----------------------------------------------------------------------

    def _look(self) -> None:
        vault, number, now = self._session.vault, self.number, self._now()
        writing = self._kind is LetterKind.ADDENDUM

        def job(_progress: Progress) -> tuple[Standing, str, Practice]:
            begun = opinion.addendum(vault, number) if writing else ""
            return look(vault, number, now), begun, store.letterhead(vault)

        self._session.tools.work.run(job, self._show, self._say, owner=self, name=tr("Opening"))

    def _show(self, looked: tuple[Standing, str, Practice]) -> None:
        found, begun, self._letterhead = looked
        if begun and not self.amendment.toPlainText():
            self._kept = begun
            self.amendment.setPlainText(begun)
        self._standing = found
        file = found.file
        self.patient.setText(patient_words(file.patient))
        self.brief.setPlainText(found.said.opinion.brief)
        if self.kind.count() == 0:
            for kind in self._offered(found):
                words = f"{letter_words(kind)}: {recipient_words(file, kind)}"
                self.kind.addItem(words, kind.value)
        self.kind.setEnabled(self.kind.count() > 1)
        self._show_notice(found, self._letterhead)
        self._show_state()
        unwritten = self._kind is LetterKind.ADDENDUM and not self.amendment.toPlainText()
        (self.amendment if unwritten else self.passphrase).setFocus()
        self.ready.emit()

    def _show_notice(self, found: Standing, head: Practice) -> None:
        """Say what a reader would miss or mind, while it can still be changed."""
        said = []
        if not head.phone.strip():
            said.append(tr("the letter gives no telephone number to call back."))
        if self._kind is not LetterKind.ADDENDUM:
            said += _remarks(found)
        if not said:
            self.notice.clear()
            return
        actions = () if head.phone.strip() else (("letterhead", tr("Letterhead…")),)
        self.notice.say(
            BannerKind.WARNING, tr("Look again:"), " ".join(said), actions, icon_name="warning"
        )

    def _ask_letterhead(self) -> None:
        settings = SettingsDialog(self._session, self)
        settings.settled.connect(lambda _kept: self._look())
        settings.open()
        settings.practice_phone.setFocus()

    def _offered(self, found: Standing) -> tuple[LetterKind, ...]:
        if self._kind is not None:
            return (self._kind,)
        if found.file.physician is None:
            return (LetterKind.PATIENT_ONLY,)
        return (LetterKind.TREATING_PHYSICIAN, LetterKind.PATIENT_ONLY)

    def _show_state(self) -> None:
        found = self._standing
        blocking = self._blocking(found)
        if found is not None:
            to = recipient_words(found.file, self.chosen_kind)
            alone = self.chosen_kind is LetterKind.PATIENT_ONLY
            normal = tr("Without a consent to send it, this is the normal way.") if alone else ""
            said = tr("Case {number}. Goes to: {to}. Once signed it changes only by an addendum.")
            said = said.format(number=self.number, to=to)
            self.about.setText(f"{said} {normal}".strip())
        if blocking:
            listed = "; ".join(blocking)
            self.blocked.say(
                BannerKind.WARNING, tr("Still open:"), f"{listed}.", icon_name="warning"
            )
        else:
            self.blocked.clear()
        reason = self._why_not(found, blocking)
        self.sign.setEnabled(not reason)
        self.sign.setToolTip(reason)
        self.sign.setAccessibleDescription(reason)
        self.why.setText(reason)

    def _blocking(self, found: Standing | None) -> tuple[str, ...]:
        addendum = self._kind is LetterKind.ADDENDUM
        check = self._check if addendum else found.check if found else None
        return check.blocking if check else ()

    def _why_not(self, found: Standing | None, blocking: tuple[str, ...]) -> str:
        if self._signing:
            return tr("Signing…")
        if found is None:
            return tr("The letter is being looked over.")
        if self._kind is LetterKind.ADDENDUM and not self.amendment.toPlainText().strip():
            return tr("Write the text of the addendum.")
        if self._kind is LetterKind.ADDENDUM and self._check is None:
            return tr("The letter is being looked over.")
        if blocking:
            return tr("Settle what is still open first.")
        if not self.passphrase.text():
            return tr("Enter your passphrase.")
        return ""

    def _sign(self) -> None:
        if self._signing or not self.sign.isEnabled():
            return
        self._signing = True
        vault, number, now = self._session.vault, self.number, self._session.tools.now()
        kind, amendment = self.chosen_kind, self.amendment.toPlainText()
        passphrase, overrides = self.passphrase.text(), dict(self._overrides)
        self._hold(on=True)

        def job(_progress: Progress) -> Letter:
            return letter.sign(
                vault, number, kind, passphrase, now, amendment=amendment, overrides=overrides
            )

        self._session.tools.work.run(
            job, self._done, self._say, owner=self, name=tr("Signing the letter")
        )

    def _done(self, signed: Letter) -> None:
        self._signing = False
        self.passphrase.clear()
        self.signed.emit(signed)
        self.accept()

    def _say(self, error: ConsultDeskError) -> None:
        self._signing = False
        self._hold(on=False)
        if isinstance(error, VaultLocked):
            self.said.setText(tr("{why} Nothing was signed.").format(why=error.message))
            self.passphrase.selectAll()
        else:
            self.said.setText(f"{error} " + tr("Nothing was signed."))
        self.said.show()
        self.passphrase.setFocus()

    def _hold(self, *, on: bool) -> None:
        for widget in (self.passphrase, self.amendment, self.advice, self.kind, self.cancel):
            widget.setEnabled(not on)
        if not on:
            self.kind.setEnabled(self.kind.count() > 1)
        self.said.hide()
        self._show_state()


def _remarks(found: Standing) -> list[str]:
    """The words that the second look advises against; those it insists on stand elsewhere."""
    check = found.check
    if check is None:
        return []
    open_hits = [hit for hit in check.hits if not hit.needs_acknowledgement]
    quoted = ", ".join(f"“{check.text[h.start : h.end]}”" for h in open_hits[:_QUOTED])
    more = len(open_hits) - _QUOTED
    if more > 0:
        quoted = tr("{words} and {n} more").format(words=quoted, n=more)
    told = tr("readers may take amiss {words}. The end of the assessment says why.")
    return [told.format(words=quoted)] if open_hits else []
