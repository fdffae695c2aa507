"""The comparison: the own read beside the first opinion, now open."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from consultdesk.consultation.answers import open_points
from consultdesk.consultation.assessment import (
    Comparison,
    DiagnosisRelation,
    DisagreementType,
    Impact,
    OwnRead,
    Result,
    diagnosis_result,
    discrepancy,
    missing_for_drafting,
)
from consultdesk.consultation.form import Specialty
from consultdesk.desktop.assessment_fields import FieldEditor, editor_for
from consultdesk.desktop.assessment_parts import labelled, muted, section
from consultdesk.desktop.assessment_words import (
    disagreement_words,
    discrepancy_words,
    impact_words,
    relation_words,
    result_words,
)
from consultdesk.desktop.inputs import CalmCombo, GrowingText, RadioChoice
from consultdesk.desktop.words import tr


class ComparisonPage(QWidget):
    """First diagnosis and plan beside the own ones, how they relate, and what follows."""

    edited = Signal()

    def __init__(self, specialty: Specialty, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.specialty = specialty
        self._case_id = ""
        self._showing = False
        self._strange: dict[str, str] = {}
        self.fields: dict[str, FieldEditor] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(2, 2, 8, 8)
        self._column.setSpacing(8)
        self._build_beside()
        self._build_asked()
        self._build_specialty()
        self._build_more()
        self._column.addStretch(1)

    def _build_beside(self) -> None:
        group, inner = section(tr("Side by side"), self)
        self.first_diagnosis = _quoted(inner, tr("First diagnosis"), group)
        self.first_plan = _quoted(inner, tr("First plan"), group)
        self.own_diagnosis = _quoted(inner, tr("Your own diagnosis"), group)
        self._column.addWidget(group)

    def _build_asked(self) -> None:
        group, inner = section(tr("Relation to the first diagnosis"), self)
        options = [(one.value, relation_words(one)) for one in DiagnosisRelation]
        self.relation = RadioChoice(options, "relation", group)
        self.relation.describe(tr("Relation to the first diagnosis"))
        inner.addWidget(self.relation)
        self._column.addWidget(group)
        group, inner = section(tr("Impact on management"), self)
        self.impact = RadioChoice(
            [(one.value, impact_words(one)) for one in Impact], "impact", group
        )
        self.impact.describe(tr("Impact on management"))
        inner.addWidget(self.impact)
        self.decision = GrowingText(group, fewest=2, most=6)
        self.decision_label = labelled(
            inner,
            tr("Talk to the treating physician, or a third opinion? (needed)"),
            self.decision,
            "major_decision",
            help_=tr("Who was called, when, and what was agreed. It stays in the case."),
        )
        self.derived = muted("", group)
        self.derived.setAccessibleName(tr("Results that follow from your answers"))
        inner.addWidget(self.derived)
        self._column.addWidget(group)
        for choice in (self.relation, self.impact):
            choice.edited.connect(self._tell)
        self.decision.textChanged.connect(self._tell)

    def _build_specialty(self) -> None:
        if not self.specialty.comparison:
            return
        group, inner = section(self.specialty.title, self)
        for asked in self.specialty.comparison:
            editor = editor_for(asked, group)
            editor.edited.connect(self._tell)
            self.fields[asked.key] = editor
            inner.addWidget(editor)
        self._column.addWidget(group)

    def _build_more(self) -> None:
        group, inner = section(tr("If it helps"), self)
        self.treatment = CalmCombo(group)
        self.treatment.addItem(tr("Not said"), "")
        for result in Result:
            self.treatment.addItem(result_words(result).capitalize(), result.value)
        labelled(inner, tr("Treatment plan, in the end"), self.treatment, "treatment")
        self.disagreement = CalmCombo(group)
        self.disagreement.addItem(tr("Not said"), "")
        for kind in DisagreementType:
            self.disagreement.addItem(disagreement_words(kind), kind.value)
        labelled(inner, tr("Where the difference comes from"), self.disagreement, "disagreement")
        self.comment = GrowingText(group, fewest=3)
        labelled(
            inner,
            tr("Comment"),
            self.comment,
            "comment",
            help_=tr("The letter may quote it. Write of findings, not of people."),
        )
        for combo in (self.treatment, self.disagreement):
            combo.currentIndexChanged.connect(self._tell)
        self.comment.textChanged.connect(self._tell)
        self._column.addWidget(group)

    # --- what others ask -----------------------------------------------------------------

    def value(self) -> Comparison:
        """What is entered now."""
        relation, impact = self.relation.value(), self.impact.value()
        treatment = str(self.treatment.currentData() or "")
        disagreement = str(self.disagreement.currentData() or "")
        answers = {key: said for key, editor in self.fields.items() if (said := editor.value())}
        return Comparison(
            self._case_id,
            relation=DiagnosisRelation(relation) if relation else None,
            impact=Impact(impact) if impact else None,
            treatment=Result(treatment) if treatment else None,
            disagreement=DisagreementType(disagreement) if disagreement else None,
            comment=self.comment.toPlainText(),
            major_decision=self.decision.toPlainText(),
            answers={**answers, **self._strange},
        )

    def show_value(self, said: Comparison) -> None:
        """Show this; what is the same already doesn't move."""
        self._case_id = said.case_id
        self._strange = {k: v for k, v in said.answers.items() if k not in self.fields}
        self._showing = True
        try:
            self.relation.show_value(said.relation.value if said.relation else "")
            self.impact.show_value(said.impact.value if said.impact else "")
            self.treatment.choose(said.treatment.value if said.treatment else "")
            self.disagreement.choose(said.disagreement.value if said.disagreement else "")
            self.comment.show_text(said.comment)
            self.decision.show_text(said.major_decision)
            for key, editor in self.fields.items():
                editor.show_value(said.answers.get(key, ""))
        finally:
            self._showing = False
        self._derive()

    def show_beside(self, first_diagnosis: str, first_plan: str, own: OwnRead) -> None:
        """Show what is held against each other."""
        none = tr("Not among what was sent.")
        self.first_diagnosis.setText(first_diagnosis or none)
        self.first_plan.setText(first_plan or none)
        certainty = self.specialty.certainty_shown(own.certainty) if own.certainty else ""
        said = f"{own.diagnosis}, {certainty}" if certainty else own.diagnosis
        self.own_diagnosis.setText(said or none)

    def missing(self) -> tuple[str, ...]:
        """What stands against drafting the letter, each in one clause."""
        said = self.value()
        return (*missing_for_drafting(said), *open_points(self.specialty.comparison, said.answers))

    def set_read_only(self, on: bool) -> None:
        """Whether anything can be changed."""
        for choice in (self.relation, self.impact):
            choice.set_read_only(on)
        for combo in (self.treatment, self.disagreement):
            combo.setEnabled(not on)
        for text in (self.comment, self.decision):
            text.setReadOnly(on)
        for editor in self.fields.values():
            editor.set_read_only(on)

    def _derive(self) -> None:
        said = self.value()
        result, difference = diagnosis_result(said), discrepancy(said)
        parts = []
        if result:
            parts.append(tr("Diagnosis {result}.").format(result=result_words(result)))
        if difference:
            words = discrepancy_words(difference)
            parts.append(tr("Discrepancy {words}, for the figures only.").format(words=words))
        self.derived.setText(" ".join(parts))
        self.derived.setVisible(bool(parts))
        major = said.impact is Impact.MAJOR or bool(said.major_decision)
        self.decision.setVisible(major)
        self.decision_label.setVisible(major)

    def _tell(self) -> None:
        if not self._showing:
            self._derive()
            self.edited.emit()


def _quoted(column: QVBoxLayout, title: str, parent: QWidget) -> QLabel:
    """A text to be read, not written, under its title."""
    frame = QFrame(parent)
    inner = QVBoxLayout(frame)
    inner.setContentsMargins(0, 0, 0, 0)
    inner.setSpacing(1)
    head = QLabel(title, frame)
    head.setProperty("role", "muted")
    words = QLabel(frame)
    words.setTextFormat(Qt.TextFormat.PlainText)
    words.setWordWrap(True)
    words.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    words.setAccessibleName(title)
    head.setBuddy(words)
    inner.addWidget(head)
    inner.addWidget(words)
    column.addWidget(frame)
    return words
