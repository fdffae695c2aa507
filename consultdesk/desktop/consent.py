"""The consents of a case: recorded, listed, withdrawn as easily as given."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any, ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QWidget,
)

from consultdesk.consultation.consent import Consent, ConsentStatus
from consultdesk.consultation.patient import Recipient, RecipientKind
from consultdesk.desk import cases, consent, store
from consultdesk.desktop.assessment_parts import fit_on_screen
from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.consent_form import ConsentForm, ConsentGround
from consultdesk.desktop.consent_words import consent_words, day_of, elements, standing_words
from consultdesk.desktop.empty import EmptyState
from consultdesk.desktop.letter_words import patient_words
from consultdesk.desktop.pane_focus import leading_on
from consultdesk.desktop.session import Session
from consultdesk.desktop.words import tr
from consultdesk.errors import ConsultDeskError
from consultdesk.vault.vault import Vault

_NOTHING, _DETAIL, _FORM = 0, 1, 2
_TOPICS = frozenset({"case", "consent"})


@dataclass(frozen=True)
class _Asking:
    """An act on a recorded consent: one or two lines, and what it does."""

    title: str
    first: str
    second: str
    ok: str
    act: Callable[[str, str, int], None]
    needs: tuple[bool, bool] = (True, True)


def ground(vault: Vault, number: str, now: int) -> ConsentGround:
    """What a consent of this case is written on. Raises NotFound."""
    file = cases.open_case(vault, number)
    known = {one.id: one for one in consent.recipients(vault, number)}
    if file.physician is not None:
        known = {file.physician.id: file.physician.as_recipient(), **known}
    patient = Recipient(file.patient.id, RecipientKind.PATIENT, file.patient.name)
    known.setdefault(patient.id, patient)
    return ConsentGround(file, tuple(known.values()), store.letterhead(vault).name, now)


class ConsentDialog(QDialog):
    """Lists the consents of a case and records what happens to them.

    `recorded` carries a new Consent, `revoked` the id of one withdrawn.
    """

    FORM: ClassVar[str] = "consent"

    patient: QLabel
    about: QLabel
    notice: Banner
    left: QWidget
    consents: QListWidget
    new_consent: QPushButton
    pages: QStackedWidget
    nothing: EmptyState
    detail_title: QLabel
    detail_status: QLabel
    detail_text: QLabel
    act_box: QWidget
    act_title: QLabel
    act_first_label: QLabel
    act_first: QLineEdit
    act_second_label: QLabel
    act_second: QLineEdit
    act_ok: QPushButton
    act_cancel: QPushButton
    revoke: QPushButton
    event_ended: QPushButton
    evidence: QPushButton
    reconfirm: QPushButton
    in_error: QPushButton
    form_scroll: QScrollArea
    missing: QLabel
    form_cancel: QPushButton
    record: QPushButton
    close_dialog: QPushButton

    recorded = Signal(object)
    revoked = Signal(str)
    shown = Signal()

    def __init__(
        self,
        session: Session,
        number: str,
        parent: QWidget | None = None,
        *,
        recording: bool = False,
    ) -> None:
        super().__init__(parent)
        session.tools.forms.load(self, self.FORM)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fit_on_screen(self, 880, 720)
        self._session = session
        self.number = number
        self._recording = recording
        self._ground: ConsentGround | None = None
        self._asking: _Asking | None = None
        self._busy = False
        self._wanted = ""
        self.form = ConsentForm(session)
        self.form_scroll.setWidget(self.form)
        self.form.edited.connect(self._show_missing)
        self.form.other_named.connect(self._name_other)
        for button in self.findChildren(QPushButton):
            # Enter in a line must not press a button that isn't meant
            button.setAutoDefault(False)
        self._connect()
        self._look()

    def _connect(self) -> None:
        self.consents.currentRowChanged.connect(lambda _row: self._show_chosen())
        self.new_consent.clicked.connect(self.begin)
        self.nothing.action_chosen.connect(self.begin)
        self.form_cancel.clicked.connect(self._show_chosen)
        self.record.clicked.connect(self._record)
        self.close_dialog.clicked.connect(self.reject)
        for button, ask in (
            (self.revoke, self._ask_revoke),
            (self.event_ended, self._ask_event),
            (self.evidence, self._ask_evidence),
            (self.reconfirm, self._ask_reconfirm),
            (self.in_error, self._ask_error),
        ):
            button.clicked.connect(ask)
        for line in (self.act_first, self.act_second):
            line.textChanged.connect(lambda _text: self._show_asking())
            line.returnPressed.connect(self._do_asked)
        self.act_ok.clicked.connect(self._do_asked)
        self.act_cancel.clicked.connect(self._show_chosen)
        self.notice.action_chosen.connect(self._complete)
        self._session.changed.connect(self._hear)

    # --- leaving -------------------------------------------------------------------------

    def reject(self) -> None:
        """Leave what is being written; with nothing being written, close."""
        if self._asking is not None or self.pages.currentIndex() == _FORM:
            self._show_chosen()
        else:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closed by its window or by the lock, whatever is being written."""
        super().reject()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus, and no other."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.focusWidget()
            if isinstance(focused, QPushButton):
                focused.click()
        else:
            super().keyPressEvent(event)

    def _show_page(self, page: int) -> None:
        """One page, and of the buttons only those that belong to it."""
        listing = page != _FORM and self._asking is None
        with leading_on(self, lambda: self.close_dialog if listing else self.form.preset):
            # first what is shown, then what is hidden
            self.close_dialog.setVisible(listing)
            self.pages.setCurrentIndex(page)
            self.new_consent.setVisible(listing and page != _NOTHING)
            self.left.setVisible(page != _NOTHING and bool(self.consents.count()))

    # --- the list ------------------------------------------------------------------------

    def _hear(self, topics: frozenset[str]) -> None:
        if topics & _TOPICS:
            self._look()

    def _look(self) -> None:
        vault, number, now = self._session.vault, self.number, self._session.tools.now()
        self._run(lambda: ground(vault, number, now), self._show)

    def _run(self, job: Callable[[], object], done: Callable[[Any], None]) -> None:
        self._session.tools.work.run(
            lambda _progress: job(), done, self._say, owner=self, name=tr("Consent")
        )

    def _show(self, found: ConsentGround) -> None:
        first = self._ground is None
        self._ground = found
        self.patient.setText(patient_words(found.file.patient))
        self.about.setText(
            tr("Case {number}. What the patient agreed to decides what may leave the desk.").format(
                number=self.number
            )
        )
        wanted = self._wanted or self._chosen_id()
        self._wanted = ""
        self.consents.blockSignals(True)
        self.consents.clear()
        for one in reversed(found.file.consents):
            words = f"{consent_words(one.kind)}, {day_of(one.valid_from)}"
            item = QListWidgetItem(f"{words}\n{standing_words(one, found.now)}")
            item.setData(Qt.ItemDataRole.UserRole, one.id)
            self.consents.addItem(item)
            if one.id == wanted:
                self.consents.setCurrentItem(item)
        if self.consents.currentRow() < 0 and self.consents.count():
            self.consents.setCurrentRow(0)
        self.consents.blockSignals(False)
        # what is being written is never taken away by something that happens elsewhere
        if self.pages.currentIndex() != _FORM and self._asking is None:
            self._show_chosen()
        if first:
            if self._recording:
                self.begin()
            self.shown.emit()

    def _chosen_id(self) -> str:
        item = self.consents.item(self.consents.currentRow())
        return str(item.data(Qt.ItemDataRole.UserRole)) if self.consents.currentRow() >= 0 else ""

    @property
    def chosen(self) -> Consent | None:
        """The consent before the eye."""
        held = self._ground.file.consents if self._ground else ()
        return next((one for one in held if one.id == self._chosen_id()), None)

    def _show_chosen(self) -> None:
        with leading_on(self, lambda: self.close_dialog):
            self._asking = None
            self._show_detail()
            self.act_box.hide()

    def _show_detail(self) -> None:
        one, found = self.chosen, self._ground
        if one is None or found is None:
            self.nothing.say(
                "shield-lock",
                tr("No consent is recorded."),
                tr("Without one the letter can go to the patient only."),
                tr("Record a consent"),
            )
            self._show_page(_NOTHING)
            return
        self._show_page(_DETAIL)
        names = {who.id: who.name for who in found.recipients}
        self.detail_title.setText(consent_words(one.kind))
        self.detail_status.setText(standing_words(one, found.now))
        self.detail_text.setTextFormat(Qt.TextFormat.RichText)
        self.detail_text.setText(_table(elements(one, names)))
        self._show_acts(one)

    def _show_acts(self, one: Consent) -> None:
        stands = (
            one.status is ConsentStatus.ACTIVE
            and one.revocation is None
            and one.event_occurred_at is None
        )
        self.revoke.setVisible(stands)
        self.event_ended.setVisible(stands and bool(one.expiry_event))
        self.evidence.setVisible(stands and not one.evidence_complete)
        self.reconfirm.setVisible(stands and not one.reconfirmed)
        self.in_error.setVisible(one.status is not ConsentStatus.ENTERED_IN_ERROR)

    # --- recording -----------------------------------------------------------------------

    def begin(self) -> None:
        """Begin a new consent."""
        if self._ground is not None:
            self.form.begin(self._ground)
            self._asking = None
            self._show_page(_FORM)
            self.form.preset.setFocus()
            self._show_missing()

    def _show_missing(self) -> None:
        missing = self.form.missing() if self._ground else ()
        listed = "; ".join(missing)
        reason = tr("Still open: {points}.").format(points=listed) if missing else ""
        self.missing.setText(reason)
        self.missing.setVisible(bool(reason))
        self.record.setEnabled(not reason)
        self.record.setToolTip(reason)
        self.record.setAccessibleDescription(reason)

    def _record(self) -> None:
        if self._busy or self.form.missing():
            return
        self._busy = True
        said = self.form.value()
        vault, number, now = self._session.vault, self.number, self._session.tools.now()
        self._run(lambda: consent.record(vault, number, said, now), self._recorded)

    def _recorded(self, kept: Consent) -> None:
        self._busy = False
        self._wanted = kept.id
        self._show_page(_NOTHING)
        if kept.evidence_complete:
            words = tr("It is recorded and can't be changed, only withdrawn.")
            self.notice.say(BannerKind.SUCCESS, tr("Consent recorded."), words)
        else:
            words = tr("Its signed form is to be completed; until then nothing is sent under it.")
            complete = ((kept.id, tr("Complete the evidence…")),)
            self.notice.say(BannerKind.WARNING, tr("Consent recorded."), words, complete)
        self.recorded.emit(kept)
        self._look()

    def _name_other(self, name: str, kind: str) -> None:
        vault, number, now = self._session.vault, self.number, self._session.tools.now()
        self._run(
            lambda: consent.name_recipient(vault, number, name, RecipientKind(kind), now),
            self.form.add_recipient,
        )

    # --- what happens to a consent -------------------------------------------------------

    def _ask_revoke(self) -> None:
        one = self.chosen
        if one is None:
            return
        vault, number = self._session.vault, self.number

        def act(by: str, how: str, now: int) -> None:
            consent.revoke(vault, number, one.id, now, by=by, how=how)

        words = tr("From this moment nothing more goes out under it.")
        self._ask(
            _Asking(words, tr("Who withdrew it"), tr("How"), tr("Record the withdrawal"), act)
        )
        self.act_first.setText(one.given_by)
        self.act_second.setFocus()

    def _ask_event(self) -> None:
        one = self.chosen
        if one is None:
            return
        vault, number = self._session.vault, self.number
        self._ask(
            _Asking(
                tr("The event “{event}” has occurred; the consent ends.").format(
                    event=one.expiry_event
                ),
                tr("How do you know (if it helps)"),
                "",
                tr("It occurred"),
                lambda detail, _no, now: consent.event_occurred(vault, number, one.id, now, detail),
                (False, False),
            )
        )

    def _complete(self, consent_id: str) -> None:
        """Complete the evidence of a consent that was just recorded."""
        for row in range(self.consents.count()):
            if self.consents.item(row).data(Qt.ItemDataRole.UserRole) == consent_id:
                self.consents.setCurrentRow(row)
                self._ask_evidence()

    def _ask_evidence(self) -> None:
        self._ask_one(
            tr("The signed form is now on file."),
            tr("Which form, and where it is kept"),
            tr("Mark it complete"),
            consent.complete_evidence,
        )

    def _ask_reconfirm(self) -> None:
        self._ask_one(
            tr("The patient still agrees, after the store was restored."),
            tr("Who was asked, and how"),
            tr("Reconfirm"),
            consent.reconfirm,
        )

    def _ask_error(self) -> None:
        self._ask_one(
            tr("This consent should never have been recorded."),
            tr("Why"),
            tr("Mark it entered in error"),
            consent.enter_in_error,
        )

    def _ask_one(
        self, title: str, line: str, ok: str, act: Callable[[Vault, str, str, int, str], None]
    ) -> None:
        one = self.chosen
        if one is None:
            return
        vault, number = self._session.vault, self.number
        self._ask(
            _Asking(
                title,
                line,
                "",
                ok,
                lambda detail, _no, now: act(vault, number, one.id, now, detail),
                (True, False),
            )
        )

    def _ask(self, asking: _Asking) -> None:
        self._asking = asking
        self.act_title.setText(asking.title)
        self.act_first_label.setText(asking.first)
        self.act_second_label.setText(asking.second)
        self.act_ok.setText(asking.ok)
        self.act_first.clear()
        self.act_second.clear()
        self.act_first.setAccessibleName(asking.first)
        self.act_second.setAccessibleName(asking.second)
        for part in (self.act_second, self.act_second_label):
            part.setVisible(bool(asking.second))
        for button in (self.revoke, self.event_ended, self.evidence, self.reconfirm, self.in_error):
            button.hide()
        self.act_box.show()
        self._show_page(_DETAIL)
        self.act_first.setFocus()
        self._show_asking()

    def _show_asking(self) -> None:
        asking = self._asking
        if asking is None:
            return
        given = (bool(self.act_first.text().strip()), bool(self.act_second.text().strip()))
        open_ = [
            words
            for words, need, has in zip(
                (asking.first, asking.second), asking.needs, given, strict=True
            )
            if need and words and not has
        ]
        reason = tr("Still open: {points}.").format(points="; ".join(open_)) if open_ else ""
        self.act_ok.setEnabled(not reason)
        self.act_ok.setToolTip(reason)
        self.act_ok.setAccessibleDescription(reason)

    def _do_asked(self) -> None:
        asking, one = self._asking, self.chosen
        if asking is None or one is None or self._busy or not self.act_ok.isEnabled():
            return
        self._busy = True
        first, second = self.act_first.text().strip(), self.act_second.text().strip()
        now = self._session.tools.now()
        before = one.revocation

        def done(_answer: object) -> None:
            self._busy = False
            self._show_chosen()
            self.notice.clear()
            self._look()
            if before is None and asking.second:
                self.revoked.emit(one.id)

        self._run(lambda: asking.act(first, second, now), done)

    def _say(self, error: ConsultDeskError) -> None:
        self._busy = False
        self.notice.say(BannerKind.DANGER, tr("That wasn't recorded."), str(error))


def _table(lines: tuple[tuple[str, str], ...]) -> str:
    """Labels and words side by side; both are text, whatever a person typed into them."""
    rows = "".join(
        f'<tr><td style="padding: 2px 14px 2px 0"><b>{escape(label)}</b></td>'
        f'<td style="padding: 2px 0">{escape(words)}</td></tr>'
        for label, words in lines
    )
    return f"<table>{rows}</table>"
