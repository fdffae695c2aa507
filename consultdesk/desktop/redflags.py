"""Red flags: asked one by one, stopped at once, left by a logged call and a physician's word."""

from collections.abc import Callable
from typing import Any, ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDialog,
    QFrame,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from consultdesk.consultation.audit import Role
from consultdesk.consultation.case import (
    Case,
    CaseState,
    FlagAnswer,
    RedFlag,
    UrgentContact,
    missing_for_leaving_stop,
    raised_flags,
)
from consultdesk.consultation.form import FlagQuestion
from consultdesk.desk import cases, flags
from consultdesk.desk.cases import CaseFile
from consultdesk.desktop.assessment_parts import fit_on_screen, muted, order_tabs
from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.choice import one_stop
from consultdesk.desktop.letter_words import patient_words
from consultdesk.desktop.pane_focus import leading_on
from consultdesk.desktop.session import Session
from consultdesk.desktop.words import moment, tr
from consultdesk.errors import ConsultDeskError

_TOPICS = frozenset({"case"})


def answer_words(answer: FlagAnswer) -> str:
    """An answer to a red flag in a word."""
    return {
        FlagAnswer.YES: tr("Yes"),
        FlagAnswer.NO: tr("No"),
        FlagAnswer.NOT_ASKED: tr("Not asked"),
    }[answer]


class FlagLine(QFrame):
    """One red flag: what it is, how to ask, and yes, no or not asked."""

    edited = Signal()

    def __init__(self, question: FlagQuestion, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.question = question
        self.held = RedFlag(question.code, question.text, FlagAnswer.NOT_ASKED)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        words = QLabel(question.text, self)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        words.setProperty("role", "section")
        column.addWidget(words)
        if question.help:
            column.addWidget(muted(question.help, self))
        row = QHBoxLayout()
        row.setSpacing(14)
        self._group = QButtonGroup(self)
        self.answers: dict[FlagAnswer, QRadioButton] = {}
        for answer in FlagAnswer:
            button = QRadioButton(answer_words(answer), self)
            button.setObjectName(f"{question.code}_{answer.value}")
            button.setAccessibleName(f"{question.text}: {answer_words(answer)}")
            button.setAccessibleDescription(question.help)
            button.clicked.connect(self.edited)
            self._group.addButton(button)
            self.answers[answer] = button
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        one_stop(self.answers.values())
        self._said = muted("", self)
        column.addWidget(self._said)
        self.show_held(self.held)

    @property
    def answer(self) -> FlagAnswer:
        """What is ticked."""
        return next(one for one, button in self.answers.items() if button.isChecked())

    @property
    def changed(self) -> bool:
        """Whether what is ticked isn't what is kept."""
        return self.answer is not self.held.answer

    def show_held(self, flag: RedFlag) -> None:
        """Show what is kept; an answer being given isn't taken away."""
        being_given = self._group.checkedId() != -1 and self.changed
        if not being_given:
            self.answers[flag.answer].setChecked(True)
        self.held = flag
        said = tr("{who}, noted by {by}, {when}")
        known = flag.answer is not FlagAnswer.NOT_ASKED and flag.at
        self._said.setText(
            said.format(who=flag.asked_of, by=flag.by, when=moment(flag.at)) if known else ""
        )
        self._said.setVisible(bool(known))


class RedFlagsDialog(QDialog):
    """Asks the red flags of the specialty. Any yes stops routine sending at once.

    `kept` comes when answers are kept, `contact_logged` when a call is, `triaged` with
    whether it is safe to continue.
    """

    FORM: ClassVar[str] = "red_flags"

    patient: QLabel
    about: QLabel
    notice: Banner
    told_by: QLineEdit
    flags: QVBoxLayout
    contact_box: QGroupBox
    contact_flag: QComboBox
    who: QLineEdit
    phone: QLineEdit
    basis: QLineEdit
    read_back: QCheckBox
    log: QPushButton
    logged: QVBoxLayout
    safe_box: QGroupBox
    safe_help: QLabel
    safe_note: QLineEdit
    safe: QPushButton
    not_safe: QPushButton
    why: QLabel
    close_dialog: QPushButton
    keep: QPushButton

    kept = Signal()
    contact_logged = Signal()
    triaged = Signal(bool)
    shown = Signal()

    def __init__(self, session: Session, number: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        session.tools.forms.load(self, self.FORM)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fit_on_screen(self, 640, 760)
        self._session = session
        self.number = number
        self._file: CaseFile | None = None
        self._busy = False
        self.lines: dict[str, FlagLine] = {}
        self.why.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.contact_box.hide()
        self.safe_box.hide()
        self._connect()
        self._show_state()
        self._look()

    def _connect(self) -> None:
        for line in (self.told_by, self.who, self.phone, self.basis, self.safe_note):
            line.textChanged.connect(lambda _text: self._show_state())
        self.read_back.toggled.connect(lambda _on: self._show_state())
        self.keep.clicked.connect(self._keep)
        self.log.clicked.connect(self._log)
        self.safe.clicked.connect(lambda: self._triage(safe=True))
        self.not_safe.clicked.connect(lambda: self._triage(safe=False))
        self.close_dialog.clicked.connect(self.reject)
        self._session.changed.connect(self._hear)

    # --- showing -----------------------------------------------------------------------

    def _hear(self, topics: frozenset[str]) -> None:
        if topics & _TOPICS:
            self._look()

    def _look(self) -> None:
        vault, number = self._session.vault, self.number
        self._run(lambda: cases.open_case(vault, number), self._show)

    def _run(self, job: Callable[[], object], done: Callable[[Any], None]) -> None:
        self._session.tools.work.run(
            lambda _progress: job(), done, self._say, owner=self, name=tr("Red flags")
        )

    def _show(self, file: CaseFile) -> None:
        first = self._file is None
        self._file = file
        self.patient.setText(patient_words(file.patient))
        self.about.setText(
            tr("Case {number}, {specialty}. Ask each by itself and say who told you.").format(
                number=self.number, specialty=file.specialty.title
            )
        )
        held = {flag.code: flag for flag in file.case.flags}
        for question in file.specialty.red_flags:
            if question.code not in self.lines:
                line = FlagLine(question, self)
                line.edited.connect(self._show_state)
                self.lines[question.code] = line
                self.flags.addWidget(line)
            if question.code in held:
                self.lines[question.code].show_held(held[question.code])
        with leading_on(self, self._next_field):
            self._show_contacts(file)
            self._show_state()
        order_tabs(self)
        if first:
            self.told_by.setFocus()
            self.shown.emit()

    def _next_field(self) -> QWidget:
        """Where a person goes on once an answer, a call or a word is kept."""
        case = self._file.case if self._file else None
        if case is None:
            return self.close_dialog
        if case.state is CaseState.URGENT_STOP:
            return self.who if self._calls_open(case) else self.safe_note
        unasked = [one for one in self.lines.values() if one.held.answer is FlagAnswer.NOT_ASKED]
        if unasked and case.triage is None:
            return unasked[0].answers[unasked[0].answer]
        return self.close_dialog

    def _calls_open(self, case: Case) -> list[str]:
        called = {contact.flag for contact in case.contacts}
        return [flag.text for flag in raised_flags(case) if flag.code not in called]

    def _show_contacts(self, file: CaseFile) -> None:
        raised = raised_flags(file.case)
        self.contact_box.setVisible(bool(raised))
        chosen = self.contact_flag.currentData()
        self.contact_flag.clear()
        for flag in raised:
            self.contact_flag.addItem(flag.text, flag.code)
        called = {contact.flag for contact in file.case.contacts}
        open_ = next((flag.code for flag in raised if flag.code not in called), chosen)
        self.contact_flag.setCurrentIndex(max(0, self.contact_flag.findData(open_)))
        while (item := self.logged.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        texts = {flag.code: flag.text for flag in file.case.flags}
        for contact in file.case.contacts:
            words = tr("{when}: {who}, {phone}, read back. {about}").format(
                when=moment(contact.at),
                who=contact.who,
                phone=contact.phone,
                about=texts.get(contact.flag, contact.flag),
            )
            self.logged.addWidget(muted(words, self.contact_box))

    def _show_state(self) -> None:
        self._show_banner()
        reason = self._why_not_keep()
        _allow(self.keep, reason)
        self.why.setText(reason)
        _allow(self.log, self._why_not_log())
        self._show_safe()

    def _show_banner(self) -> None:
        case = self._file.case if self._file else None
        raising = any(
            line.changed and line.answer is FlagAnswer.YES for line in self.lines.values()
        )
        if case is not None and case.state is CaseState.URGENT_STOP:
            missing = _before_going_on(case)
            self.notice.say(
                BannerKind.DANGER,
                tr("Urgent stop: nothing is sent in the routine."),
                missing,
                icon_name="flag",
            )
        elif raising:
            self.notice.say(
                BannerKind.DANGER,
                tr("A yes stops routine sending at once."),
                tr("Keep the answer, then call and log the call."),
                icon_name="flag",
            )
        else:
            self.notice.clear()

    def _show_safe(self) -> None:
        if self._file is None:
            return
        case = self._file.case
        unasked = [line for line in self.lines.values() if line.held.answer is FlagAnswer.NOT_ASKED]
        stopped = case.state is CaseState.URGENT_STOP
        self.safe_box.setVisible(stopped or bool(unasked))
        physician = self._session.vault.role is Role.PHYSICIAN
        words = (
            tr("After the calls a physician signs that it is safe to continue.")
            if stopped
            else tr("Flags nobody has asked: a physician looks at the case and says so.")
        )
        if case.triage is not None:
            said = tr("Safe to continue") if case.triage.safe_to_continue else tr("Not safe")
            words = f"{words} " + tr("Last word: {said}, {by}, {when}.").format(
                said=said, by=case.triage.by, when=moment(case.triage.at)
            )
        self.safe_help.setText(words)
        why = "" if physician else tr("Only a physician says this.")
        calls = self._calls_open(case)
        if not why and stopped and calls:
            why = tr("Log the call first: {flags}.").format(flags="; ".join(calls))
        _allow(self.safe, why)
        _allow(self.not_safe, "" if physician else tr("Only a physician says this."))

    def _why_not_keep(self) -> str:
        changed = [line for line in self.lines.values() if line.changed]
        if not changed:
            return tr("No answer has changed.")
        if not self.told_by.text().strip() and any(
            line.answer is FlagAnswer.NO for line in changed
        ):
            return tr("Say who said so.")
        return ""

    def _why_not_log(self) -> str:
        open_ = []
        if not self.who.text().strip():
            open_.append(tr("who was reached"))
        if not self.phone.text().strip():
            open_.append(tr("the telephone number"))
        if not self.read_back.isChecked():
            open_.append(tr("that the message was read back"))
        return tr("Still open: {points}.").format(points="; ".join(open_)) if open_ else ""

    # --- acts ----------------------------------------------------------------------------

    def _keep(self) -> None:
        if self._busy or self._why_not_keep():
            return
        self._busy = True
        told_by = self.told_by.text().strip()
        said = tuple(
            RedFlag(one.question.code, one.question.text, one.answer, asked_of=told_by)
            for one in self.lines.values()
            if one.changed
        )
        vault, number, now = self._session.vault, self.number, self._session.tools.now()
        self._run(lambda: flags.answer_flags(vault, number, said, now), lambda _no: self._done())

    def _done(self) -> None:
        self._busy = False
        self.kept.emit()
        self._look()

    def _log(self) -> None:
        if self._busy or self._why_not_log():
            return
        self._busy = True
        now = self._session.tools.now()
        contact = UrgentContact(
            "",
            "",
            str(self.contact_flag.currentData()),
            self.who.text().strip(),
            self.phone.text().strip(),
            now,
            self.read_back.isChecked(),
            self.basis.text().strip(),
        )
        vault, number = self._session.vault, self.number
        self._run(
            lambda: flags.log_contact(vault, number, contact, now), lambda _no: self._called()
        )

    def _called(self) -> None:
        self._busy = False
        self.setFocus()  # its button is disabled before the case is read anew
        for line in (self.who, self.phone, self.basis):
            line.clear()
        self.read_back.setChecked(False)
        self.contact_logged.emit()
        self._look()

    def _triage(self, *, safe: bool) -> None:
        if self._busy:
            return
        self._busy = True
        vault, number, now = self._session.vault, self.number, self._session.tools.now()
        note = self.safe_note.text().strip()

        def done(_answer: object) -> None:
            self._busy = False
            self.setFocus()  # the word is given: what comes next is asked once the case is read
            self.triaged.emit(safe)
            self._look()

        self._run(lambda: flags.triage(vault, number, now, safe=safe, note=note), done)

    def _say(self, error: ConsultDeskError) -> None:
        self._busy = False
        self.notice.say(BannerKind.WARNING, tr("That wasn't kept."), str(error))


def _before_going_on(case: Case) -> str:
    """What a person does before the case goes on, "" when nothing is left."""
    missing = missing_for_leaving_stop(case)
    if not missing:
        return ""
    calls = [flag.text for flag in raised_flags(case) if any(flag.text in one for one in missing)]
    signs = tr("A physician signs that it is safe to continue.")
    if not calls:
        return signs
    called = tr("Call, and log the call about: {flags}.").format(flags="; ".join(calls))
    return f"{called} {signs}" if len(missing) > len(calls) else called


def _allow(button: QPushButton, reason: str) -> None:
    button.setEnabled(not reason)
    button.setToolTip(reason)
    button.setAccessibleDescription(reason)
