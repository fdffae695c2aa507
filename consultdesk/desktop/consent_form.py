"""The form of a consent: what the patient agreed to, and nothing the patient did not say."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import QDate, QDateTime, QTime, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from consultdesk.consultation.consent import (
    NEVER_VERBAL,
    STATEMENT_TEXT,
    SUBSTANCE_USE,
    THREE_STATEMENTS,
    Consent,
    ConsentKind,
    ConsentStatus,
    Purpose,
    SignatureKind,
    Statement,
    missing_elements,
)
from consultdesk.consultation.patient import Recipient, RecipientKind
from consultdesk.consultation.record import RecordItem, RecordKind, Sensitivity
from consultdesk.desk.cases import CaseFile
from consultdesk.desktop.assessment_parts import DateLine, local_date, order_tabs
from consultdesk.desktop.case_words import kind_words, sensitivity_words
from consultdesk.desktop.choice import one_stop
from consultdesk.desktop.consent_words import (
    purpose_words,
    recipient_kind_words,
    signature_words,
)
from consultdesk.desktop.inputs import WrappingCheck
from consultdesk.desktop.session import Session
from consultdesk.desktop.words import tr

TREATMENT, REVIEW, EMPTY = "treatment", "review", "empty"
TO_BE_COMPLETED, NO_FORM = "to_be_completed", ""
_OTHERS = (
    RecipientKind.OTHER_PHYSICIAN,
    RecipientKind.REPRESENTATIVE,
    RecipientKind.INSURER,
    RecipientKind.COURT,
    RecipientKind.CUSTODIAN,
)
_TOPICS = tuple(topic for topic in Sensitivity if topic is not Sensitivity.N)


@dataclass(frozen=True)
class ConsentGround:
    """What a consent of a case is written on: the case, who may be named, who sends."""

    file: CaseFile
    recipients: tuple[Recipient, ...]
    practice: str
    now: int


class ConsentForm(QWidget):
    """Writes one consent. `edited` comes with every change, `other_named` asks for a recipient.

    A preset fills in what is the same nearly always. It never ticks a sensitive topic or a
    statement: those the patient says or is told, one by one.
    """

    FORM: ClassVar[str] = "consent_form"

    preset: QComboBox
    kind_disclose: QRadioButton
    kind_review: QRadioButton
    information: QLineEdit
    discloser: QLineEdit
    discloser_label: QLabel
    recipients_label: QLabel
    recipients: QVBoxLayout
    other_name: QLineEdit
    other_kind: QComboBox
    add_other: QPushButton
    purposes_label: QLabel
    purposes: QVBoxLayout
    kinds_label: QLabel
    record_kinds: QGridLayout
    topics_label: QLabel
    topics_help: QLabel
    topics: QGridLayout
    times: QGridLayout
    signature: QComboBox
    witness_label: QLabel
    witness: QLineEdit
    given_by: QLineEdit
    authority: QLineEdit
    statements_label: QLabel
    statements: QVBoxLayout
    evidence: QComboBox
    evidence_help: QLabel

    edited = Signal()
    other_named = Signal(str, str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        session.tools.forms.load(self, self.FORM)
        self._ground: ConsentGround | None = None
        self._forms: tuple[RecordItem, ...] = ()
        self._recipients: dict[str, QCheckBox] = {}
        self._purposes = self._boxes(
            "purpose", ((one.value, purpose_words(one)) for one in Purpose), self.purposes
        )
        self._kinds = self._grid(
            "kind", [(one.value, kind_words(one)) for one in RecordKind], self.record_kinds
        )
        self._topics = self._grid(
            "topic", [(one.value, sensitivity_words(one)) for one in _TOPICS], self.topics
        )
        self._statements = self._boxes(
            "statement", ((one.value, STATEMENT_TEXT[one]) for one in Statement), self.statements
        )
        self._build_times()
        for kind in _OTHERS:
            self.other_kind.addItem(recipient_kind_words(kind), kind.value)
        for signature in SignatureKind:
            self.signature.addItem(signature_words(signature), signature.value)
        self.preset.addItem(tr("Treatment: to the treating physician, one year"), TREATMENT)
        self.preset.addItem(tr("Review only: to obtain and read the records"), REVIEW)
        self.preset.addItem(tr("Nothing filled in"), EMPTY)
        one_stop((self.kind_disclose, self.kind_review))
        self._name_fields()
        self._connect()

    def _build_times(self) -> None:
        self.valid_from = DateLine(self)
        self.expires = DateLine(self)
        self.expiry_event = QLineEdit(self)
        self.expiry_event.setMaxLength(300)
        self.expiry_event.setPlaceholderText(tr("e.g. the treatment has ended"))
        rows = (
            (tr("From"), self.valid_from, "valid_from"),
            (tr("Last day"), self.expires, "expires"),
            (tr("or until this event"), self.expiry_event, "expiry_event"),
        )
        for row, (words, field, name) in enumerate(rows):
            label = QLabel(words, self)
            label.setBuddy(field)
            field.setObjectName(name)
            field.setAccessibleName(words)
            self.times.addWidget(label, row, 0)
            self.times.addWidget(field, row, 1)

    def _name_fields(self) -> None:
        self.other_name.setAccessibleName(tr("Name of somebody else who may receive it"))
        self.other_kind.setAccessibleName(tr("What they are"))
        self.add_other.setAccessibleName(tr("Add this recipient"))

    def _connect(self) -> None:
        self.preset.activated.connect(lambda _place: self.fill(str(self.preset.currentData())))
        for toggle in (self.kind_disclose, self.kind_review):
            toggle.toggled.connect(self._tell)
        lines = (self.information, self.discloser, self.expiry_event, self.witness)
        for line in (*lines, self.given_by, self.authority, self.valid_from, self.expires):
            line.textChanged.connect(self._tell)
        for combo in (self.signature, self.evidence):
            combo.currentIndexChanged.connect(self._tell)
        self.other_name.textChanged.connect(self._show_adding)
        self.other_name.returnPressed.connect(self._add_other)
        self.add_other.clicked.connect(self._add_other)

    # --- what others ask ------------------------------------------------------------------------

    def begin(self, ground: ConsentGround) -> None:
        """Begin a consent for this case."""
        self._ground = ground
        self._offer_recipients(ground.recipients)
        self._offer_forms(ground.file.records)
        carried = sorted(
            {sensitivity_words(one) for r in ground.file.records for one in r.sensitivities}
            - {sensitivity_words(Sensitivity.N)}
        )
        known = tr("Records of this case carry: {topics}.").format(topics=", ".join(carried))
        asked = tr("Tick only what the patient said.")
        self.topics_help.setText(f"{asked} {known}" if carried else asked)
        self.preset.setCurrentIndex(0)
        self.fill(TREATMENT if ground.file.physician else EMPTY)

    def fill(self, preset: str) -> None:
        """Fill in what is usual; topics and statements stay unticked."""
        if self._ground is None:
            return
        file = self._ground.file
        treatment, review = preset == TREATMENT, preset == REVIEW
        self.kind_disclose.setChecked(not review)
        self.kind_review.setChecked(review)
        letter = tr("The second opinion and the records it relies on")
        records = tr("All records of this illness")
        self.information.setText(letter if treatment else records if review else "")
        self.discloser.setText(self._ground.practice if treatment else "")
        for key, box in self._recipients.items():
            box.setChecked(treatment and key == file.case.treating_physician_id)
        for code, box in self._purposes.items():
            box.setChecked(treatment and code == Purpose.TREATMENT)
        held = {record.kind.value for record in file.records}
        for code, box in self._kinds.items():
            box.setChecked((treatment or review) and code in held)
        for box in (*self._topics.values(), *self._statements.values()):
            box.setChecked(False)
        today = QDateTime.fromMSecsSinceEpoch(self._ground.now).date()
        self.valid_from.setText(local_date(today))
        self.expires.setText(local_date(today.addYears(1)) if treatment or review else "")
        self.expiry_event.clear()
        self.given_by.setText(file.patient.name if treatment or review else "")
        self.authority.clear()
        self.witness.clear()
        self._tell()

    def add_recipient(self, fresh: Recipient) -> None:
        """Offer a recipient that was just named, ticked."""
        self._offer(fresh)
        self._recipients[fresh.id].setChecked(True)
        order_tabs(self)
        self.other_name.clear()

    def value(self) -> Consent:
        """The consent as it is written; the store gives it its id."""
        ground = self._ground
        signature = SignatureKind(str(self.signature.currentData()))
        form = str(self.evidence.currentData() or "")
        return Consent(
            id="",
            case_id="",
            patient_id="",
            kind=ConsentKind.REVIEW if self.kind_review.isChecked() else ConsentKind.DISCLOSE,
            status=ConsentStatus.ACTIVE,
            valid_from=self._begins(ground.now if ground else 0),
            expires_at=_start(self.expires.date().addDays(1)),
            information=self.information.text().strip(),
            discloser=self.discloser.text().strip(),
            recipients=frozenset(_ticked(self._recipients)),
            purposes=frozenset(Purpose(code) for code in _ticked(self._purposes)),
            record_kinds=frozenset(RecordKind(code) for code in _ticked(self._kinds)),
            sensitivities=frozenset(Sensitivity(code) for code in _ticked(self._topics)),
            expiry_event=self.expiry_event.text().strip(),
            signature=signature,
            witness=self.witness.text().strip() if signature is SignatureKind.VERBAL else "",
            given_by=self.given_by.text().strip(),
            representative_authority=self.authority.text().strip(),
            statements=frozenset(Statement(code) for code in _ticked(self._statements)),
            evidence="" if form == TO_BE_COMPLETED else form,
            evidence_complete=form != TO_BE_COMPLETED,
        )

    def missing(self) -> tuple[str, ...]:
        """What the consent still lacks, each in one clause."""
        said = self.value()
        wrong = [
            tr("the day “{text}” can't be read").format(text=line.text())
            for line in (self.valid_from, self.expires)
            if line.wrong
        ]
        if said.expires_at is not None and said.expires_at <= said.valid_from:
            wrong.append(tr("it ends before it begins"))
        if said.kind is ConsentKind.REVIEW:
            if not said.given_by:
                wrong.append(tr("who gave it"))
            return tuple(wrong)
        return (*wrong, *_with_statements_as_one(missing_elements(said)))

    # --- inside ----------------------------------------------------------------------------------

    def _begins(self, now: int) -> int:
        """A consent of today holds from this moment, one of another day from its first."""
        day = self.valid_from.date()
        today = QDateTime.fromMSecsSinceEpoch(now).date()
        return now if day == today else (_start(day) or now)

    def _boxes(
        self, name: str, offered: Iterable[tuple[str, str]], column: QVBoxLayout
    ) -> dict[str, QCheckBox]:
        boxes: dict[str, QCheckBox] = {}
        for code, words in offered:
            box = WrappingCheck(words, self)
            box.setObjectName(f"{name}_{code.lower()}")
            box.toggled.connect(self._tell)
            boxes[code] = box
            column.addWidget(box)
        return boxes

    def _grid(
        self, name: str, offered: Sequence[tuple[str, str]], grid: QGridLayout
    ) -> dict[str, QCheckBox]:
        boxes: dict[str, QCheckBox] = {}
        half = (len(offered) + 1) // 2
        for n, (code, words) in enumerate(offered):
            box = WrappingCheck(words, self)
            box.setObjectName(f"{name}_{code.lower()}")
            box.toggled.connect(self._tell)
            boxes[code] = box
            grid.addWidget(box, n % half, n // half)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        return boxes

    def _offer_recipients(self, known: tuple[Recipient, ...]) -> None:
        for box in self._recipients.values():
            self.recipients.removeWidget(box)
            box.hide()
            box.deleteLater()
        self._recipients = {}
        for one in known:
            self._offer(one)
        order_tabs(self)

    def _offer(self, one: Recipient) -> None:
        place = f", {one.practice}" if one.practice else ""
        words = f"{one.name}{place} ({recipient_kind_words(one.kind).lower()})"
        box = WrappingCheck(words, self)
        box.setObjectName(f"recipient_{len(self._recipients)}")
        box.toggled.connect(self._tell)
        self._recipients[one.id] = box
        self.recipients.addWidget(box)

    def _offer_forms(self, records: tuple[RecordItem, ...]) -> None:
        order = sorted(records, key=lambda one: one.kind is not RecordKind.CONSENT_FORM)
        self._forms = tuple(order)
        first = next((r.id for r in order if r.kind is RecordKind.CONSENT_FORM), "")
        self._list_evidence(first)

    def _list_evidence(self, wanted: str) -> None:
        """Only a spoken consent has no form; a written one without it is to be completed."""
        verbal = self.signature.currentData() == SignatureKind.VERBAL
        without = (tr("No form: noted here only"), NO_FORM)
        open_ = (tr("No form yet: to be completed"), TO_BE_COMPLETED)
        self.evidence.blockSignals(True)
        self.evidence.clear()
        self.evidence.addItem(*(without if verbal else open_))
        for record in self._forms:
            self.evidence.addItem(record.name, record.id)
        self.evidence.setCurrentIndex(max(0, self.evidence.findData(wanted)) if wanted else 0)
        self.evidence.blockSignals(False)

    def _show_evidence(self) -> None:
        verbal = self.signature.currentData() == SignatureKind.VERBAL
        if (self.evidence.findData(NO_FORM) >= 0) is not verbal:
            self._list_evidence(str(self.evidence.currentData() or ""))
        chosen = self.evidence.currentData()
        if chosen == TO_BE_COMPLETED and self.kind_review.isChecked():
            said = tr("The records may be read. Complete the evidence once the form is here.")
        elif chosen == TO_BE_COMPLETED:
            said = tr(
                "Without its signed form a written consent lets nothing be sent. Record it now, "
                "and complete the evidence once the form is here."
            )
        else:
            said = tr("A spoken consent is noted here, with its witness.") if verbal else ""
        self.evidence_help.setText(said)
        self.evidence_help.setVisible(bool(said))

    def _add_other(self) -> None:
        name = self.other_name.text().strip()
        if name:
            self.other_named.emit(name, str(self.other_kind.currentData()))

    def _show_adding(self) -> None:
        given = bool(self.other_name.text().strip())
        self.add_other.setEnabled(given)
        self.add_other.setToolTip("" if given else tr("Write the name first."))
        self.add_other.setAccessibleDescription(self.add_other.toolTip())

    def _tell(self) -> None:
        disclosing = not self.kind_review.isChecked()
        for part in (
            self.discloser, self.discloser_label, self.recipients_label, self.purposes_label,
            self.other_name, self.other_kind, self.add_other, self.topics_label,
            self.topics_help, self.statements_label,
            *self._recipients.values(), *self._purposes.values(), *self._topics.values(),
        ):  # fmt: skip
            part.setVisible(disclosing)
        self._show_statements(disclosing=disclosing)
        verbal = self.signature.currentData() == SignatureKind.VERBAL
        for line in (self.witness, self.witness_label):
            line.setVisible(verbal)
        self._show_verbal(verbal=verbal)
        self._show_evidence()
        self._show_adding()
        self.edited.emit()

    def _show_statements(self, *, disclosing: bool) -> None:
        topics = {Sensitivity(code) for code in _ticked(self._topics)}
        needed = THREE_STATEMENTS | (
            frozenset(Statement) if topics & SUBSTANCE_USE else frozenset()
        )
        for code, box in self._statements.items():
            box.setVisible(disclosing and (Statement(code) in needed or box.isChecked()))

    def _show_verbal(self, *, verbal: bool) -> None:
        """A spoken consent never covers some topics: they can't be ticked, and say why."""
        why = tr("A spoken consent never covers this.")
        for code, box in self._topics.items():
            never = verbal and Sensitivity(code) in NEVER_VERBAL
            if never and box.isChecked():
                box.setChecked(False)
            box.setEnabled(not never)
            box.setToolTip(why if never else "")
            box.setAccessibleDescription(why if never else "")


def _ticked(boxes: dict[str, QCheckBox]) -> tuple[str, ...]:
    return tuple(code for code, box in boxes.items() if box.isChecked())


def _start(day: QDate) -> int | None:
    """The first instant of a day on the person's own clock, UTC ms."""
    return QDateTime(day, QTime(0, 0)).toMSecsSinceEpoch() if day.isValid() else None


def _with_statements_as_one(missing: tuple[str, ...]) -> tuple[str, ...]:
    """The same, with the statements counted: each stands beside its own box already."""
    texts = set(STATEMENT_TEXT.values())
    statements = [one for one in missing if one.partition(": ")[2] in texts]
    others = tuple(one for one in missing if one not in statements)
    if not statements:
        return others
    if len(statements) == 1:
        return (*others, tr("one statement to tell the patient"))
    return (*others, tr("{n} statements to tell the patient").format(n=len(statements)))
