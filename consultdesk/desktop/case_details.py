"""What a case is about: specialty, priority, side, questions, and the treating physician."""

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from consultdesk.consultation.case import Case, Priority, Question
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.patient import KnowsOfRequest, TreatingPhysician
from consultdesk.desk import cases
from consultdesk.desk.cases import CaseFile
from consultdesk.desk.specialties import known_specialties, specialty
from consultdesk.desktop.ask import Ask, plain
from consultdesk.desktop.assessment_parts import order_tabs
from consultdesk.desktop.case_words import knows_words
from consultdesk.desktop.choice import one_stop
from consultdesk.desktop.days import read_aloud, read_day
from consultdesk.desktop.form import Forms
from consultdesk.desktop.session import Session
from consultdesk.desktop.words import priority_word, tr
from consultdesk.vault.vault import Vault


class QuestionRow(QWidget):
    """One question with where it came from. `remove_asked` says that it should go."""

    FORM: ClassVar[str] = "question"

    text: QPlainTextEdit
    asked_by: QLineEdit
    source: QLabel
    remove: QToolButton

    remove_asked = Signal()

    def __init__(self, forms: Forms, question: Question, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        forms.load(self, self.FORM)
        self._question = question
        self.text.setPlainText(question.text)
        self.text.setAccessibleName(tr("Question {n}").format(n=question.n))
        self.asked_by.setText(question.asked_by)
        where = tr("Found in: {source}").format(source=question.source) if question.source else ""
        if question.source and not question.confirmed:
            where = tr("{where}. Saving confirms it.").format(where=where)
        self.source.setText(where)
        self.source.setVisible(bool(where))
        self.remove.clicked.connect(self.remove_asked)

    @property
    def question(self) -> Question:
        """The question as it stands now."""
        by = self.asked_by.text().strip()
        return replace(self._question, text=plain(self.text), asked_by=by)


class CaseDetailsDialog(Ask):
    """Shows what the records say of the case, for a person to confirm, correct or add."""

    FORM: ClassVar[str] = "case_details"

    kind_of_case: QFormLayout
    specialty: QComboBox
    priority: QComboBox
    side_label: QLabel
    side: QComboBox
    level_label: QLabel
    level: QComboBox
    planned: QLineEdit
    planned_read: QLabel
    questions: QWidget
    question_list: QVBoxLayout
    add_question: QPushButton
    has_physician: QRadioButton
    no_physician: QRadioButton
    physician_name: QLineEdit
    practice: QLineEdit
    physician_specialty: QLineEdit
    physician_phone: QLineEdit
    knows: QComboBox
    primary_contact: QCheckBox
    first_opinion: QWidget
    first_diagnosis: QPlainTextEdit
    first_plan: QPlainTextEdit
    first_sealed: QLabel

    def __init__(self, session: Session, file: CaseFile, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._file = file
        self._rows: list[QuestionRow] = []
        self._known: dict[str, TreatingPhysician] = {}
        self._physician = file.physician
        self._fill_kind(file.case)
        for question in file.case.referral.questions or (Question(1, ""),):
            self._add_row(question)
        self.add_question.clicked.connect(self._add_empty)
        self._fill_physician()
        self._complete_physicians()
        self.first_opinion.setVisible(not file.sealed)
        self.first_sealed.setVisible(file.sealed)
        if not file.sealed:
            self.first_diagnosis.setPlainText(file.case.referral.first_diagnosis)
            self.first_plan.setPlainText(file.case.referral.first_plan)
        if not (file.case.treating_physician_id or file.case.recipient_named):
            self.physician_name.setFocus()  # what the banner asked for, wherever it stands
        self.fit_to_screen()

    # --- specialty, priority, side ---------------------------------------------------------

    def _fill_kind(self, case: Case) -> None:
        for code, kind in known_specialties().items():
            self.specialty.addItem(kind.title, code)
        self.specialty.setCurrentIndex(self.specialty.findData(specialty(case.specialty).code))
        for priority in Priority:
            self.priority.addItem(priority_word(priority), priority.value)
        self.priority.setCurrentIndex(self.priority.findData(case.priority.value))
        for key, words in (
            ("", tr("Not said")),
            ("left", tr("Left")),
            ("right", tr("Right")),
            ("both", tr("Both sides")),
            ("midline", tr("Midline")),
        ):
            self.side.addItem(words, key)
        self.side.setCurrentIndex(max(0, self.side.findData(case.laterality)))
        self.planned.setText(case.referral.planned_treatment_date)
        read_aloud(self.planned, self.planned_read)
        self.specialty.currentIndexChanged.connect(lambda _n: self._fit_to_specialty())
        self._fit_to_specialty()
        self.level.setCurrentText(case.level)

    def _fit_to_specialty(self) -> None:
        kind = specialty(str(self.specialty.currentData()))
        for part in (self.side_label, self.side):
            part.setVisible(kind.laterality)
        said = self.level.currentText()
        self.level.clear()
        self.level.addItems(["", *kind.levels])
        self.level.setCurrentText(said)
        for part in (self.level_label, self.level):
            part.setVisible(bool(kind.levels) or bool(said))

    # --- questions ------------------------------------------------------------------------------

    def _add_row(self, question: Question) -> QuestionRow:
        row = QuestionRow(self.session.tools.forms, question, self.questions)
        row.remove_asked.connect(lambda: self._remove_row(row))
        self._rows.append(row)
        self.question_list.addWidget(row)
        order_tabs(self)
        return row

    def _add_empty(self) -> None:
        row = self._add_row(Question(len(self._rows) + 1, ""))
        row.text.setFocus(Qt.FocusReason.OtherFocusReason)

    def _remove_row(self, row: QuestionRow) -> None:
        self._rows.remove(row)
        self.question_list.removeWidget(row)
        row.hide()
        row.deleteLater()
        self.add_question.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- the treating physician -----------------------------------------------------------------

    def _fill_physician(self) -> None:
        for knows in KnowsOfRequest:
            self.knows.addItem(knows_words(knows), knows.value)
        self._show_physician(self._physician)
        nobody = self._file.case.recipient_named == "none"
        self.has_physician.setChecked(self._physician is not None)
        self.no_physician.setChecked(nobody)
        one_stop((self.has_physician, self.no_physician))
        self.no_physician.toggled.connect(lambda _on: self._let_fill())
        self.physician_name.textEdited.connect(lambda _typed: self.has_physician.setChecked(True))
        self._let_fill()

    def _show_physician(self, physician: TreatingPhysician | None) -> None:
        said = physician or TreatingPhysician("", "")
        self.physician_name.setText(said.name)
        self.practice.setText(said.practice)
        self.physician_specialty.setText(said.specialty)
        self.physician_phone.setText(said.phone)
        self.knows.setCurrentIndex(self.knows.findData(said.knows_of_request.value))
        self.primary_contact.setChecked(said.primary_contact)

    def _let_fill(self) -> None:
        on = not self.no_physician.isChecked()
        for part in self._physician_fields:
            part.setEnabled(on)
            part.setToolTip("" if on else tr("No recipient: the opinion is for the patient only."))

    @property
    def _physician_fields(self) -> tuple[QWidget, ...]:
        return (
            self.physician_name,
            self.practice,
            self.physician_specialty,
            self.physician_phone,
            self.knows,
            self.primary_contact,
        )

    def _complete_physicians(self) -> None:
        names = QStringListModel(self)
        completer = QCompleter(names, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.physician_name.setCompleter(completer)

        def look_up(typed: str) -> None:
            if len(typed.strip()) >= 2:
                found = cases.known_physicians(self.session.vault, typed.strip())
                self._known = {_in_one_line(one): one for one in found}
                names.setStringList(list(self._known))

        def take(line: str) -> None:
            known = self._known.get(line)
            if known is not None:
                self._physician = known
                self._show_physician(known)

        self.physician_name.textEdited.connect(look_up)
        # queued: the completer writes its own line into the field first
        completer.activated.connect(take, Qt.ConnectionType.QueuedConnection)

    def _said_physician(self, now: int) -> TreatingPhysician:
        """Whom the fields name: the one who was shown, corrected, or somebody new."""
        before = self._physician
        name = " ".join(self.physician_name.text().split())
        someone_else = before is not None and not _same_person(before.name, name)
        base = before if before and not someone_else else TreatingPhysician(new_id(now), name)
        return replace(
            base,
            name=name,
            practice=self.practice.text().strip(),
            specialty=self.physician_specialty.text().strip(),
            phone=self.physician_phone.text().strip(),
            knows_of_request=KnowsOfRequest(str(self.knows.currentData())),
            primary_contact=self.primary_contact.isChecked(),
        )

    # --- saving ---------------------------------------------------------------------------------

    def try_it(self) -> None:
        """Keep everything as it stands."""
        planned = read_day(self.planned.text())
        if planned is None:
            self.say_problem(tr("Write the date as 2026-05-03."), self.planned)
            return
        nobody = self.no_physician.isChecked()
        named = self.has_physician.isChecked() and not nobody
        if named and not self.physician_name.text().strip():
            self.say_problem(tr("Write down the physician's name."), self.physician_name)
            return
        now = self.session.tools.now()
        physician = self._said_physician(now) if named else None
        questions = tuple(row.question for row in self._rows if row.question.text)
        vault, number, describe = self.session.vault, self._file.case.number, self._change(planned)
        self.do(lambda: _keep(vault, number, now, describe, questions, physician, nobody=nobody))

    def _change(self, planned: str) -> Callable[[Case], Case]:
        code, sealed = str(self.specialty.currentData()), self._file.sealed
        priority = Priority(str(self.priority.currentData()))
        side = str(self.side.currentData()) if specialty(code).laterality else ""
        level = self.level.currentText().strip()
        first = (plain(self.first_diagnosis), plain(self.first_plan))

        def change(case: Case) -> Case:
            referral = replace(case.referral, planned_treatment_date=planned)
            if not sealed:
                referral = replace(referral, first_diagnosis=first[0], first_plan=first[1])
            return replace(
                case,
                specialty=code,
                priority=priority,
                laterality=side,
                level=level,
                referral=referral,
            )

        return change


def _keep(
    vault: Vault,
    number: str,
    now: int,
    describe: Callable[[Case], Case],
    questions: tuple[Question, ...],
    physician: TreatingPhysician | None,
    *,
    nobody: bool,
) -> None:
    cases.describe(vault, number, now, describe)
    cases.set_questions(vault, number, questions, now)
    if physician is not None:
        cases.name_physician(vault, number, physician, now)
    elif nobody:
        cases.name_no_recipient(vault, number, now)


def _in_one_line(physician: TreatingPhysician) -> str:
    return ", ".join(part for part in (physician.name, physician.practice) if part)


def _same_person(one: str, other: str) -> bool:
    """Whether a changed name is a correction: they share the family name, or one letter group."""
    first, second = set(one.casefold().split()), set(other.casefold().split())
    titles = {"dr", "dr.", "prof", "prof.", "mr", "mrs", "ms"}
    return bool((first & second) - titles)
