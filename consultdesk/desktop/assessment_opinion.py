"""The opinion: what the letter will say, with a second look at its words beside it."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QMenu, QTextEdit, QVBoxLayout, QWidget

from consultdesk.consultation.assessment import (
    Evidence,
    ExaminationMode,
    FollowUpOwner,
    Opinion,
)
from consultdesk.consultation.form import Specialty
from consultdesk.consultation.record import Sensitivity
from consultdesk.desk.letter import Check
from consultdesk.desktop.assessment_advice import Advice
from consultdesk.desktop.assessment_lists import Questions, Recommendations
from consultdesk.desktop.assessment_parts import (
    DateLine,
    EvidenceLinks,
    RecordName,
    icon_button,
    labelled,
    muted,
    section,
)
from consultdesk.desktop.assessment_read import fill_certainty
from consultdesk.desktop.assessment_words import examination_words, follow_up_words
from consultdesk.desktop.case_words import sensitivity_words
from consultdesk.desktop.inputs import CalmCombo, GrowingText, WrappingCheck
from consultdesk.desktop.style import tokens_now
from consultdesk.desktop.words import tr

_TOPICS = tuple(topic for topic in Sensitivity if topic is not Sensitivity.N)


class OpinionPage(QWidget):
    """Everything the letter says. `edited` comes for the opinion, `answered` for a question."""

    edited = Signal()
    answered = Signal()
    evidence_asked = Signal()
    evidence_opened = Signal(str, str)

    def __init__(self, specialty: Specialty, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.specialty = specialty
        self._opinion = Opinion("")
        self._overrides: dict[str, str] = {}
        self._showing = False
        self._read_only = False
        self._texts: dict[str, GrowingText] = {}
        self._check: Check | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(2, 2, 8, 8)
        self._column.setSpacing(8)
        self._build_answer()
        self._build_recommendations()
        self._build_reasoning()
        self._build_limits()
        self._build_follow_up()
        self._build_topics()
        self._build_advice()
        self._column.addStretch(1)

    # --- building --------------------------------------------------------------------------

    def _build_answer(self) -> None:
        inner = self._section(tr("Question and answer"))
        self._text(
            inner,
            "brief",
            tr("Answer in brief (needed)"),
            help_=tr("It stands first on page one: what you found and what you advise."),
        )
        self._text(inner, "diagnosis", tr("Diagnosis (needed)"), fewest=1)
        self.certainty = CalmCombo(self)
        fill_certainty(self.certainty, self.specialty)
        labelled(inner, tr("How certain"), self.certainty, "opinion_certainty")
        self.certainty.currentIndexChanged.connect(self._tell)
        self.questions = Questions(self)
        self.questions.edited.connect(self.answered)
        inner.addSpacing(4)
        inner.addWidget(self.questions)

    def _build_recommendations(self) -> None:
        inner = self._section(tr("Recommendations"))
        self.recommendations = Recommendations(self.specialty.recommendations, self)
        self.recommendations.edited.connect(self._tell)
        inner.addWidget(self.recommendations)
        self._text(
            inner,
            "danger",
            tr("Danger: allergies, interactions, red flags; one a line"),
            help_=tr("Each stands on page one of the letter."),
        )

    def _build_reasoning(self) -> None:
        inner = self._section(tr("Reasoning"))
        self._text(inner, "reasoning", tr("Reasoning"), fewest=3)
        self._text(inner, "alternatives", tr("Alternatives considered"))
        self._text(inner, "prognosis", tr("Prognosis"))
        self._text(inner, "history", tr("What of history and medication mattered"))

    def _build_limits(self) -> None:
        inner = self._section(tr("Limits"))
        holder = self
        self.examination = CalmCombo(holder)
        for mode in ExaminationMode:
            self.examination.addItem(examination_words(mode), mode.value)
        labelled(inner, tr("What the opinion rests on"), self.examination, "examination")
        self.examination.currentIndexChanged.connect(self._tell)
        self._text(inner, "limitations", tr("Limitations, one a line"))
        self.usual = icon_button("add", tr("Usual limitations"), holder, "usual_limitations")
        menu = QMenu(self.usual)
        for words in self.specialty.limitations:
            action = menu.addAction(words.replace("&", "&&"))
            action.setCheckable(True)
            action.setData(words)
            action.triggered.connect(
                lambda checked, words=words: self._turn_limitation(words, on=checked)
            )
        menu.aboutToShow.connect(self._tick_limitations)
        self.usual.setMenu(menu)
        self.usual.setStyleSheet("padding-right: 26px;")
        self.usual.setVisible(bool(self.specialty.limitations))
        inner.addWidget(self.usual)
        self._text(inner, "pending", tr("Further tests still pending"))
        inner.addWidget(muted(tr("Records relied on"), holder))
        self.relied_on = EvidenceLinks("relied_on", holder)
        self.relied_on.edited.connect(self._tell)
        self.relied_on.asked.connect(self.evidence_asked)
        self.relied_on.opened.connect(self.evidence_opened)
        inner.addWidget(self.relied_on)

    def _build_follow_up(self) -> None:
        inner = self._section(tr("Follow-up"))
        self.follow_up_owner = CalmCombo(self)
        self.follow_up_owner.addItem(tr("Not said"), "")
        for owner in FollowUpOwner:
            self.follow_up_owner.addItem(follow_up_words(owner), owner.value)
        labelled(inner, tr("Who follows up (needed)"), self.follow_up_owner, "follow_up_owner")
        self.follow_up_owner.currentIndexChanged.connect(self._tell)
        self.follow_up_date = DateLine(self)
        labelled(inner, tr("On"), self.follow_up_date, "follow_up_date")
        self.follow_up_date.setAccessibleName(tr("Date of the follow-up"))
        self.follow_up_date.textChanged.connect(self._tell)

    def _build_topics(self) -> None:
        inner = self._section(
            tr("Sensitive topics in this letter"),
            tr("The gate lets the letter go only if the consent permits each topic."),
        )
        self.topics: dict[str, WrappingCheck] = {}
        for topic in _TOPICS:
            box = WrappingCheck(sensitivity_words(topic), self)
            box.setObjectName(f"topic_{topic.value.lower()}")
            box.toggled.connect(self._tell)
            self.topics[topic.value] = box
            inner.addWidget(box)

    def _build_advice(self) -> None:
        inner = self._section(
            tr("A second look at the words"),
            tr("Advice only: nothing is changed for you."),
        )
        self.advice = Advice(self)
        self.advice.overrides_changed.connect(self._override)
        self.advice.topic_marked.connect(lambda code: self.topics[code].setChecked(True))
        self.advice.words_wanted.connect(self.show_words)
        inner.addWidget(self.advice)

    def _section(self, title: str, help_: str = "") -> QVBoxLayout:
        group, inner = section(title, self, help_)
        self._column.addWidget(group)
        return inner

    def _text(
        self, inner: QVBoxLayout, key: str, words: str, *, fewest: int = 2, help_: str = ""
    ) -> None:
        text = GrowingText(self, fewest=fewest)
        labelled(
            inner, words, text, key if key != "diagnosis" else "opinion_diagnosis", help_=help_
        )
        text.textChanged.connect(self._tell)
        self._texts[key] = text

    # --- what others ask -----------------------------------------------------------------

    def value(self) -> Opinion:
        """What is entered now."""
        said = {key: text.toPlainText() for key, text in self._texts.items() if key != "danger"}
        owner = str(self.follow_up_owner.currentData() or "")
        return replace(
            self._opinion,
            **said,
            danger=_lines(self._texts["danger"].toPlainText()),
            recommendations=self.recommendations.value(),
            relied_on=self.relied_on.value(),
            examination=ExaminationMode(str(self.examination.currentData())),
            follow_up_owner=FollowUpOwner(owner) if owner else None,
            follow_up_date=self.follow_up_date.value(),
            certainty=str(self.certainty.currentData() or ""),
            sensitivities=frozenset(code for code, box in self.topics.items() if box.isChecked()),
            overrides=dict(self._overrides),
        )

    def show_value(self, said: Opinion) -> None:
        """Show this; what is the same already doesn't move."""
        self._opinion = said
        self._overrides = dict(said.overrides)
        self._showing = True
        try:
            for key, text in self._texts.items():
                if key != "danger":
                    text.show_text(getattr(said, key))
            danger = self._texts["danger"]
            if said.danger != _lines(danger.toPlainText()):
                danger.show_text("\n".join(said.danger))
            self.recommendations.show_value(said.recommendations)
            self.relied_on.show_value(said.relied_on)
            self.examination.choose(said.examination.value)
            self.follow_up_owner.choose(said.follow_up_owner.value if said.follow_up_owner else "")
            self.follow_up_date.show_value(said.follow_up_date)
            self.certainty.choose(said.certainty)
            for code, box in self.topics.items():
                box.setChecked(code in said.sensitivities)
        finally:
            self._showing = False
        self._show_advice()

    def show_check(self, check: Check) -> None:
        """Show what the check found, beside the text and in it."""
        self._check = check
        self._show_advice()
        self._underline(check)

    def offer_owners(self, owners: tuple[str, ...]) -> None:
        """Whom to offer as owner of a recommendation."""
        self.recommendations.offer_owners(owners)

    def add_evidence(self, link: Evidence) -> bool:
        """Link a place in a record; false when it is linked already."""
        return self.relied_on.add(link)

    def name_records(self, name_of: RecordName) -> None:
        """Say how records are called."""
        self.relied_on.name_records(name_of)

    def set_read_only(self, on: bool) -> None:
        """Whether anything can be changed."""
        self._read_only = on
        for text in self._texts.values():
            text.setReadOnly(on)
        for part in (self.questions, self.recommendations, self.relied_on):
            part.set_read_only(on)
        for combo in (self.examination, self.certainty, self.follow_up_owner):
            combo.setEnabled(not on)
        self.usual.setVisible(not on and bool(self.specialty.limitations))
        self.follow_up_date.setReadOnly(on)
        for box in self.topics.values():
            box.setEnabled(not on)
        self._show_advice()

    def show_words(self, words: str) -> None:
        """Bring these words into view where they stand, and mark them."""
        for text in self._every_text():
            cursor = text.document().find(words)
            if not cursor.isNull():
                text.setTextCursor(cursor)
                text.setFocus()
                return

    # --- inside ----------------------------------------------------------------------------

    def _every_text(self) -> Sequence[GrowingText]:
        asked = [part for line in self.questions.lines for part in (line.answer, line.reason)]
        return [*self._texts.values(), *asked, *(r.action for r in self.recommendations.lines)]

    def _underline(self, check: Check) -> None:
        """Underline what is remarked on, without touching the text or its undo."""
        marks = [(check.text[hit.start : hit.end], hit.why) for hit in check.hits]
        marks += [(side.said, side.why) for side in check.sides]
        marks += [(hedge.words, hedge.suggestion) for hedge in check.hedges]
        tokens = tokens_now()
        for text in self._every_text():
            found = []
            for words, why in marks:
                found += _marked(text, words, why, tokens.colour("warning_edge"))
            text.setExtraSelections(found)

    def _show_advice(self) -> None:
        if self._check is not None:
            self.advice.show_check(self._check, self._overrides, read_only=self._read_only)

    def _override(self, key: str, reason: str) -> None:
        if reason:
            self._overrides[key] = reason
        else:
            self._overrides.pop(key, None)
        self.edited.emit()

    def _turn_limitation(self, words: str, *, on: bool) -> None:
        text = self._texts["limitations"]
        (text.add_line if on else text.remove_line)(words)

    def _tick_limitations(self) -> None:
        held = _lines(self._texts["limitations"].toPlainText())
        for action in self.usual.menu().actions():
            action.setChecked(str(action.data()) in held)

    def _tell(self) -> None:
        if not self._showing:
            self.edited.emit()


def _marked(
    text: GrowingText, words: str, why: str, colour: QColor
) -> list[QTextEdit.ExtraSelection]:
    found = []
    cursor = text.document().find(words)
    while words and not cursor.isNull():
        look = QTextCharFormat()
        look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        look.setUnderlineColor(colour)
        look.setToolTip(why)
        mark = QTextEdit.ExtraSelection()
        mark.cursor = QTextCursor(cursor)
        mark.format = look
        found.append(mark)
        cursor = text.document().find(words, cursor)
    return found


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.split("\n") if line.strip())
