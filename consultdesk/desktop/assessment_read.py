"""The own read: what the reader sees in the records before the first opinion is opened."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from consultdesk.consultation.answers import open_points
from consultdesk.consultation.assessment import Evidence, OwnRead, missing_for_comparison
from consultdesk.consultation.form import Specialty
from consultdesk.desktop.assessment_fields import FieldEditor, editor_for
from consultdesk.desktop.assessment_parts import EvidenceLinks, RecordName, labelled, section
from consultdesk.desktop.inputs import CalmCombo, GrowingText
from consultdesk.desktop.words import tr


def fill_certainty(combo: CalmCombo, specialty: Specialty) -> None:
    """Offer the steps of the specialty's certainty scale, most certain first."""
    combo.addItem(tr("Not said"), "")
    for step in specialty.certainty:
        combo.addItem(step.shown, step.code)
        if step.help:
            combo.setItemData(combo.count() - 1, step.help, 3)  # Qt.ItemDataRole.ToolTipRole


class OwnReadPage(QWidget):
    """The fields of the specialty's form, findings, own diagnosis, certainty and evidence."""

    edited = Signal()
    evidence_asked = Signal()
    evidence_opened = Signal(str, str)

    def __init__(self, specialty: Specialty, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.specialty = specialty
        self._case_id = ""
        self._revision = 1
        self._strange: dict[str, str] = {}
        self.fields: dict[str, FieldEditor] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(2, 2, 8, 8)
        self._column.setSpacing(8)
        for asked in specialty.own_read:
            group, inner = section(asked.title, self, asked.help)
            for one in asked.fields:
                editor = editor_for(one, group)
                editor.edited.connect(self.edited)
                self.fields[one.key] = editor
                inner.addWidget(editor)
            self._column.addWidget(group)
        self._build_reading()
        self._column.addStretch(1)

    def _build_reading(self) -> None:
        group, inner = section(tr("Your reading"), self)
        self.findings = GrowingText(group, fewest=3)
        labelled(inner, tr("Findings in your own words"), self.findings, "findings")
        self.diagnosis = GrowingText(group, fewest=1, most=6)
        labelled(inner, tr("Your own diagnosis (needed)"), self.diagnosis, "diagnosis")
        self.certainty = CalmCombo(group)
        fill_certainty(self.certainty, self.specialty)
        labelled(
            inner,
            tr("How certain (needed)"),
            self.certainty,
            "certainty",
            help_=tr("The letter says it in these words, with their percentages."),
        )
        self.differential = GrowingText(group, fewest=2, most=8)
        labelled(inner, tr("Differential diagnosis, one a line"), self.differential, "differential")
        for text in (self.findings, self.diagnosis, self.differential):
            text.textChanged.connect(self._tell)
        self.certainty.currentIndexChanged.connect(self._tell)
        self._column.addWidget(group)
        group, inner = section(tr("Evidence"), self)
        self.evidence = EvidenceLinks("evidence", group)
        self.evidence.edited.connect(self._tell)
        self.evidence.asked.connect(self.evidence_asked)
        self.evidence.opened.connect(self.evidence_opened)
        inner.addWidget(self.evidence)
        self._column.addWidget(group)
        self._showing = False

    # --- what others ask -----------------------------------------------------------------

    def value(self) -> OwnRead:
        """What is entered now."""
        answers = {key: said for key, editor in self.fields.items() if (said := editor.value())}
        return OwnRead(
            self._case_id,
            revision=self._revision,
            answers={**answers, **self._strange},
            findings=self.findings.toPlainText(),
            diagnosis=self.diagnosis.toPlainText().strip(),
            differential=_lines(self.differential.toPlainText()),
            certainty=str(self.certainty.currentData() or ""),
            evidence=self.evidence.value(),
        )

    def show_value(self, read: OwnRead) -> None:
        """Show this; what is the same already doesn't move."""
        self._case_id, self._revision = read.case_id, read.revision
        self._strange = {k: v for k, v in read.answers.items() if k not in self.fields}
        self._showing = True
        try:
            for key, editor in self.fields.items():
                editor.show_value(read.answers.get(key, ""))
            self.findings.show_text(read.findings)
            if read.diagnosis != self.diagnosis.toPlainText().strip():
                self.diagnosis.show_text(read.diagnosis)
            if read.differential != _lines(self.differential.toPlainText()):
                self.differential.show_text("\n".join(read.differential))
            self.certainty.choose(read.certainty)
            self.evidence.show_value(read.evidence)
        finally:
            self._showing = False

    def add_evidence(self, link: Evidence) -> bool:
        """Link a place in a record; false when it is linked already."""
        return self.evidence.add(link)

    def name_records(self, name_of: RecordName) -> None:
        """Say how records are called."""
        self.evidence.name_records(name_of)

    def missing(self) -> tuple[str, ...]:
        """What stands against locking, each in one clause."""
        said = self.value()
        return (*missing_for_comparison(said), *open_points(self.specialty.fields, said.answers))

    def set_read_only(self, on: bool) -> None:
        """Whether anything can be changed."""
        for editor in self.fields.values():
            editor.set_read_only(on)
        for text in (self.findings, self.diagnosis, self.differential):
            text.setReadOnly(on)
        self.certainty.setEnabled(not on)
        self.evidence.set_read_only(on)

    def _tell(self) -> None:
        if not self._showing:
            self.edited.emit()


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.split("\n") if line.strip())
