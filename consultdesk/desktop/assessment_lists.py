"""Questions with their answers, and recommendations with who does what when."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from consultdesk.consultation.assessment import Recommendation, Timing
from consultdesk.consultation.case import Question
from consultdesk.desktop.assessment_parts import (
    DateLine,
    icon_button,
    labelled,
    muted,
    order_page_of,
    small_button,
)
from consultdesk.desktop.assessment_words import timing_words
from consultdesk.desktop.inputs import CalmCombo, GrowingText, WrappingCheck, set_property
from consultdesk.desktop.words import tr


class QuestionAnswer(QFrame):
    """One question of the referral, its answer, or why it can't be answered."""

    edited = Signal()

    def __init__(self, question: Question, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._question = question
        self._showing = False
        self._answer_kept = question.answer
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        words = QLabel(f"{question.n}. {question.text}", self)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        words.setProperty("role", "section")
        column.addWidget(words)
        if question.asked_by:
            column.addWidget(muted(tr("asked by {who}").format(who=question.asked_by), self))
        n = question.n
        self.answer = GrowingText(self, fewest=2)
        self.answer_label = labelled(
            column, tr("Answer to question {n}").format(n=n), self.answer, f"answer_{n}"
        )
        self.cannot = WrappingCheck(tr("Can't be answered from what is here"), self)
        self.cannot.setObjectName(f"cannot_{n}")
        self.cannot.setAccessibleName(
            tr("Question {n} can't be answered from what is here").format(n=n)
        )
        column.addWidget(self.cannot)
        self.reason = GrowingText(self, fewest=1, most=6)
        self.reason_label = labelled(column, tr("Because"), self.reason, f"cannot_because_{n}")
        self.reason.setAccessibleName(tr("Why question {n} can't be answered").format(n=n))
        words.setBuddy(self.answer)
        self.answer.textChanged.connect(self._tell)
        self.reason.textChanged.connect(self._tell)
        self.cannot.toggled.connect(self._turn)
        self.show_value(question)

    def value(self) -> Question:
        """The question with what is entered."""
        if self.cannot.isChecked():
            return replace(self._question, answer="", cannot_answer=self.reason.toPlainText())
        return replace(self._question, answer=self.answer.toPlainText(), cannot_answer="")

    def show_value(self, question: Question) -> None:
        """Show this; what is the same already doesn't move."""
        if question == self.value():
            self._lay_out()
            return
        self._question = question
        self._showing = True
        try:
            if question.answer or not question.cannot_answer:
                self.answer.show_text(question.answer)
            self.reason.show_text(question.cannot_answer)
            if question.cannot_answer or question.answer:
                self.cannot.setChecked(bool(question.cannot_answer))
        finally:
            self._showing = False
        self._lay_out()

    def set_read_only(self, on: bool) -> None:
        """Whether the answer can be changed."""
        self.answer.setReadOnly(on)
        self.reason.setReadOnly(on)
        self.cannot.setEnabled(not on)

    def _turn(self) -> None:
        # what was written stays in its field and comes back when the box is unticked
        self._lay_out()
        if not self._showing:
            (self.reason if self.cannot.isChecked() else self.answer).setFocus()
        self._tell()

    def _lay_out(self) -> None:
        cannot = self.cannot.isChecked()
        for widget in (self.answer, self.answer_label):
            widget.setVisible(not cannot)
        for widget in (self.reason, self.reason_label):
            widget.setVisible(cannot)

    def _tell(self) -> None:
        if not self._showing:
            self.edited.emit()


class Questions(QWidget):
    """All questions of the referral."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(12)
        self._none = muted(tr("The referral asks no question."), self)
        self._column.addWidget(self._none)
        self.lines: list[QuestionAnswer] = []
        self._read_only = False

    def value(self) -> tuple[Question, ...]:
        """Every question with what is entered."""
        return tuple(line.value() for line in self.lines)

    def show_value(self, questions: tuple[Question, ...]) -> None:
        """Show these; lines whose question is the same stay as they are."""
        asked = [(one.n, one.text, one.asked_by) for one in questions]
        held = [(one.n, one.text, one.asked_by) for one in self.value()]
        if asked != held:
            for line in self.lines:
                self._column.removeWidget(line)
                line.hide()
                line.deleteLater()
            self.lines = [QuestionAnswer(one, self) for one in questions]
            for line in self.lines:
                line.edited.connect(self.edited)
                self._column.addWidget(line)
                line.set_read_only(self._read_only)
            order_page_of(self)
        for line, question in zip(self.lines, questions, strict=True):
            line.show_value(question)
        self._none.setVisible(not questions)

    def set_read_only(self, on: bool) -> None:
        """Whether answers can be changed."""
        self._read_only = on
        for line in self.lines:
            line.set_read_only(on)


# --- recommendations ------------------------------------------------------------------------------


class RecommendationLine(QFrame):
    """One recommendation: action, owner, timing. Alt+Up and Alt+Down move it."""

    edited = Signal()
    moved = Signal(int)
    removed = Signal()

    def __init__(self, parent: QWidget, owners: Sequence[str]) -> None:
        super().__init__(parent)
        self._showing = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 6)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(2)
        self._title = QLabel(self)
        self._title.setProperty("role", "section")
        head.addWidget(self._title, 1)
        self.up = small_button("chevron-up", "", self, "up")
        self.down = small_button("chevron-down", "", self, "down")
        self.remove = small_button("trash", "", self, "remove")
        for button in (self.up, self.down, self.remove):
            head.addWidget(button)
        column.addLayout(head)
        self.action = GrowingText(self, fewest=2, most=8)
        labelled(column, tr("Action"), self.action, "action")
        self.owner = CalmCombo(self)
        self.owner.setEditable(True)
        self.owner.setInsertPolicy(CalmCombo.InsertPolicy.NoInsert)
        self.owner.addItems(list(owners))
        self.owner.setCurrentText("")
        labelled(column, tr("Who does it"), self.owner, "owner")
        self.timing = CalmCombo(self)
        for timing in Timing:
            self.timing.addItem(timing_words(timing), timing.value)
        self.timing.choose(Timing.DISCRETION.value)
        labelled(column, tr("When"), self.timing, "timing")
        self.by_date = DateLine(self)
        self.by_date.setAccessibleName(tr("By which date"))
        self.by_date.setObjectName("by_date")
        self.condition = QLineEdit(self)
        self.condition.setMaxLength(500)
        self.condition.setAccessibleName(tr("On which condition"))
        self.condition.setPlaceholderText(tr("e.g. pain persists after 6 weeks"))
        self.condition.setObjectName("condition")
        column.addWidget(self.by_date)
        column.addWidget(self.condition)
        self.open = muted("", self)
        self.open.setProperty("role", "error")
        column.addWidget(self.open)
        self._connect()

    def _connect(self) -> None:
        self.action.textChanged.connect(self._tell)
        self.owner.currentTextChanged.connect(self._tell)
        self.timing.currentIndexChanged.connect(self._tell)
        self.by_date.textChanged.connect(self._tell)
        self.condition.textChanged.connect(self._tell)
        self.up.clicked.connect(lambda: self.moved.emit(-1))
        self.down.clicked.connect(lambda: self.moved.emit(1))
        self.remove.clicked.connect(self.removed)
        for keys, by in (("Alt+Up", -1), ("Alt+Down", 1)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(partial(self.moved.emit, by))

    def value(self) -> Recommendation:
        """What is entered."""
        timing = Timing(str(self.timing.currentData()))
        when = {Timing.DATE: self.by_date.value(), Timing.CONDITION: self.condition.text()}
        return Recommendation(
            self.action.toPlainText().strip(),
            self.owner.currentText().strip(),
            timing,
            when.get(timing, "").strip(),
        )

    def show_value(self, said: Recommendation) -> None:
        """Show this; what is the same already doesn't move."""
        if said != self.value():
            self._showing = True
            try:
                self.action.show_text(said.action)
                self.owner.setCurrentText(said.owner)
                self.timing.choose(said.timing.value)
                self.by_date.show_value(said.when if said.timing is Timing.DATE else "")
                if said.timing is Timing.CONDITION:
                    self.condition.setText(said.when)
            finally:
                self._showing = False
        self._lay_out()

    def show_place(self, n: int, of: int, *, read_only: bool) -> None:
        """Say which of how many this is."""
        self._title.setText(tr("Recommendation {n}").format(n=n))
        for button, words in (
            (self.up, tr("Move recommendation {n} up (Alt+Up)")),
            (self.down, tr("Move recommendation {n} down (Alt+Down)")),
            (self.remove, tr("Remove recommendation {n}")),
        ):
            button.setToolTip(words.format(n=n))
            button.setAccessibleName(words.format(n=n))
            button.setVisible(not read_only)
        for button, can, why in (
            (self.up, n > 1, tr("It is the first already.")),
            (self.down, n < of, tr("It is the last already.")),
        ):
            button.setEnabled(can)
            button.setAccessibleDescription("" if can else why)
            button.setToolTip(button.toolTip() if can else why)
        for widget, words in (
            (self.action, tr("Action of recommendation {n}")),
            (self.owner, tr("Who does recommendation {n}")),
            (self.timing, tr("When recommendation {n} is due")),
        ):
            widget.setAccessibleName(words.format(n=n))
        self.action.setReadOnly(read_only)
        self.by_date.setReadOnly(read_only)
        self.condition.setReadOnly(read_only)
        self.owner.setEnabled(not read_only)
        self.timing.setEnabled(not read_only)

    def _tell(self) -> None:
        if not self._showing:
            self._lay_out()
            self.edited.emit()

    def _lay_out(self) -> None:
        timing = self.timing.currentData()
        self.by_date.setVisible(timing == Timing.DATE.value)
        self.condition.setVisible(timing == Timing.CONDITION.value)
        missing = self._missing()
        self.open.setText(missing)
        self.open.setVisible(bool(missing))
        set_property(self.owner, "invalid", "false")

    def _missing(self) -> str:
        said = self.value()
        if not said.action and not said.owner:
            return ""
        if said.timing is Timing.DATE and self.by_date.wrong:
            return tr("This date can't be read. Write it like {date}.").format(
                date=self.by_date.placeholderText().removeprefix(tr("e.g. "))
            )
        parts = []
        if not said.action:
            parts.append(tr("what is to be done"))
        if not said.owner:
            parts.append(tr("who does it"))
        if said.timing in (Timing.DATE, Timing.CONDITION) and not said.when:
            parts.append(tr("when"))
        return tr("Still open: {what}.").format(what=", ".join(parts)) if parts else ""


class Recommendations(QWidget):
    """The recommendations in the order the letter will have."""

    edited = Signal()

    def __init__(self, usual: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._owners: tuple[str, ...] = ()
        self._read_only = False
        self.lines: list[RecommendationLine] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self._none = muted(
            tr('No recommendation yet. If nothing is to be done, say so: "No action needed".'), self
        )
        column.addWidget(self._none)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(8)
        column.addLayout(self._lines)
        self.add = icon_button("add", tr("Add recommendation"), self, "add_recommendation")
        column.addWidget(self.add)
        if usual:
            menu = QMenu(self)
            menu.addAction(tr("Empty"), lambda: self._add(""))
            menu.addSeparator()
            for words in usual:
                menu.addAction(words.replace("&", "&&"), partial(self._add, words))
            self.add.setMenu(menu)
            self.add.setStyleSheet("padding-right: 26px;")
        else:
            self.add.clicked.connect(lambda: self._add(""))

    def offer_owners(self, owners: tuple[str, ...]) -> None:
        """Whom to offer as owner of a recommendation."""
        self._owners = owners

    def value(self) -> tuple[Recommendation, ...]:
        """Every recommendation with anything in it."""
        said = [line.value() for line in self.lines]
        return tuple(one for one in said if one.action or one.owner or one.when)

    def show_value(self, said: tuple[Recommendation, ...]) -> None:
        """Show these; what is the same already doesn't move."""
        if said == self.value():
            return
        while len(self.lines) > len(said):
            self._drop(self.lines[-1])
        while len(self.lines) < len(said):
            self._append()
        for line, one in zip(self.lines, said, strict=True):
            line.show_value(one)
        self._number()

    def set_read_only(self, on: bool) -> None:
        """Whether anything can be changed."""
        self._read_only = on
        self.add.setVisible(not on)
        self._number()

    def _append(self) -> RecommendationLine:
        line = RecommendationLine(self, self._owners)
        line.show_value(Recommendation("", ""))
        line.edited.connect(self.edited)
        line.moved.connect(lambda by: self._move(line, by))
        line.removed.connect(lambda: self._remove(line))
        self.lines.append(line)
        self._lines.addWidget(line)
        return line

    def _add(self, words: str) -> None:
        line = self._append()
        line.show_value(Recommendation(words, ""))
        self._number()
        (line.owner if words else line.action).setFocus()
        self.edited.emit()

    def _move(self, line: RecommendationLine, by: int) -> None:
        place = self.lines.index(line)
        to = place + by
        if self._read_only or not 0 <= to < len(self.lines):
            return
        self.lines.insert(to, self.lines.pop(place))
        self._lines.removeWidget(line)
        self._lines.insertWidget(to, line)
        self._number()
        self.edited.emit()

    def _remove(self, line: RecommendationLine) -> None:
        self._drop(line)
        self._number()
        self.add.setFocus()
        self.edited.emit()

    def _drop(self, line: RecommendationLine) -> None:
        self.lines.remove(line)
        self._lines.removeWidget(line)
        line.hide()
        line.deleteLater()

    def _number(self) -> None:
        for n, line in enumerate(self.lines, 1):
            line.show_place(n, len(self.lines), read_only=self._read_only)
        self._none.setVisible(not self.lines)
        order_page_of(self)
