"""Who the patient is: what each record says, and a person's decision."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from consultdesk.consultation.identity import new_id
from consultdesk.consultation.patient import Patient
from consultdesk.consultation.record import RecordItem, comparable_name
from consultdesk.desk import cases
from consultdesk.desk.cases import CaseFile
from consultdesk.desktop.ask import Ask
from consultdesk.desktop.assessment_parts import order_tabs
from consultdesk.desktop.case_words import born_words, kind_words, person_name
from consultdesk.desktop.choice import one_stop
from consultdesk.desktop.days import read_aloud, read_day
from consultdesk.desktop.session import Session
from consultdesk.desktop.words import tr

_NAMED_RECORDS = 4
_ID = Qt.ItemDataRole.UserRole
Identity = tuple[str, str]
"""A comparable name and an ISO date of birth; either may be empty."""


class PatientDialog(Ask):
    """Shows every name and date of birth with the records that say it; a person decides."""

    FORM: ClassVar[str] = "patient"

    said: QWidget
    said_list: QVBoxLayout
    full_name: QLineEdit
    birth_date: QLineEdit
    birth_read: QLabel
    sex: QComboBox
    phone: QLineEdit
    known: QCheckBox
    record_list: QListWidget

    def __init__(self, session: Session, file: CaseFile, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._file = file
        self._known: Patient | None = None
        self._decided = False
        self._said = identities(file.records)
        for key, words in (
            ("", tr("Not said")),
            ("female", tr("female")),
            ("male", tr("male")),
            ("other", tr("other")),
        ):
            self.sex.addItem(words, key)
        read_aloud(self.birth_date, self.birth_read)
        self._list_records()
        self._list_identities()
        self._fill(file.patient)
        self.record_list.itemChanged.connect(lambda _item: self._decide())
        self.full_name.textChanged.connect(self._look_up)
        self.birth_date.textChanged.connect(self._look_up)
        self._look_up()
        one_stop(self.said.findChildren(QRadioButton))
        order_tabs(self)
        self.fit_to_screen()

    # --- what the records say ---------------------------------------------------------------

    def _list_identities(self) -> None:
        current = _identity_of(self._file.patient)
        for identity, told in self._said.items():
            name, birth_date, records = told
            shown = Patient("", person_name(name) or tr("no name"), birth_date)
            who = tr("{name}, {born}").format(name=shown.name, born=born_words(shown, self._today))
            button = QRadioButton(who, self.said)
            told_by = tr("said by {records}").format(records=_named(records))
            button.setAccessibleName(f"{who}, {told_by}")
            button.setToolTip("\n".join(record.name for record in records))
            button.toggled.connect(lambda on, chosen=identity: self._take(chosen) if on else None)
            self.said_list.addWidget(button)
            sources = QLabel(told_by, self.said)
            sources.setProperty("role", "muted")
            sources.setWordWrap(True)
            sources.setIndent(28)
            self.said_list.addWidget(sources)
            if identity == current and len(self._said) > 1 and self._file.case.patient_confirmed:
                button.setChecked(True)
        if not self._said:
            label = QLabel(tr("No record names a patient. Please write down who it is."), self.said)
            label.setWordWrap(True)
            self.said_list.addWidget(label)

    def _take(self, identity: Identity) -> None:
        """Fill in what these records say, and set aside records of somebody else."""
        self._decide()
        name, birth_date, _records = self._said[identity]
        self.full_name.setText(person_name(name))
        self.birth_date.setText(birth_date)
        sexes = [_fact(r, "patient.sex") for r in self._said[identity][2]]
        self._choose_sex(next((sex for sex in sexes if sex), ""))
        for row in range(self.record_list.count()):
            item = self.record_list.item(row)
            record = self._record(str(item.data(_ID)))
            item.setCheckState(_checked(_fits(_identity(record), identity)))

    def _list_records(self) -> None:
        for record in self._file.records:
            if record.entered_in_error:
                continue
            name, birth_date = _fact(record, "patient.name"), _fact(record, "patient.birth_date")
            shown = Patient("", person_name(name), birth_date)
            says = tr("names nobody")
            if name or birth_date:
                born = born_words(shown, self._today) if birth_date else ""
                says = ", ".join(part for part in (shown.name, born) if part)
            words = tr("{record} ({kind}): {says}").format(
                record=record.name, kind=kind_words(record.kind).lower(), says=says
            )
            item = QListWidgetItem(words, self.record_list)
            item.setData(_ID, record.id)
            item.setToolTip(words)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(_checked(record.right_patient is not False))

    # --- who it is ----------------------------------------------------------------------------

    def _fill(self, patient: Patient) -> None:
        only = next(iter(self._said.values()), None) if len(self._said) == 1 else None
        self.full_name.setText(patient.name)
        self.birth_date.setText(patient.birth_date)
        if only and not patient.birth_date:
            self.birth_date.setText(only[1])
        self._choose_sex(patient.sex)
        self.phone.setText(patient.phone)

    def _choose_sex(self, sex: str) -> None:
        keys = {"f": "female", "m": "male", "o": "other"}
        self.sex.setCurrentIndex(max(0, self.sex.findData(keys.get(sex[:1].casefold(), ""))))

    def _look_up(self) -> None:
        """Find a patient who is in the store already, before a new one is made."""
        name, birth_date = self.full_name.text().strip(), read_day(self.birth_date.text())
        found: tuple[Patient, ...] = ()
        if name and birth_date:
            found = cases.known_patients(self.session.vault, name, birth_date)
        others = [one for one in found if one.id != self._file.patient.id]
        self._known = others[0] if others else None
        self.known.setVisible(self._known is not None)
        self.known.setChecked(self._known is not None)
        if self._known is not None:
            self.known.setText(
                tr("This is {who}, who is in this store already").format(who=self._known.label)
            )

    def _decide(self) -> None:
        """A person has said whose records these are, by choosing a patient or by a tick."""
        self._decided = True

    def _undecided(self) -> bool:
        """Whether records that can't be one person's would be confirmed unseen."""
        ticked = [
            self._record(str(item.data(_ID)))
            for item in map(self.record_list.item, range(self.record_list.count()))
            if item.checkState() is Qt.CheckState.Checked
        ]
        named = {_identity(one) for one in ticked if one.right_patient is None}
        held = {_identity(one) for one in ticked}
        return not self._decided and any(not _fits(one, other) for one in named for other in held)

    def try_it(self) -> None:
        """Keep the decision."""
        birth_date = read_day(self.birth_date.text())
        if not self.full_name.text().strip():
            self.say_problem(tr("Write down the patient's name."), self.full_name)
            return
        if not birth_date:
            self.say_problem(tr("Write down the date of birth."), self.birth_date)
            return
        if self._undecided():
            self.say_problem(
                tr(
                    "The records name different patients. Choose above who this is,"
                    " or tick only the records of this patient."
                ),
                self.said.findChildren(QRadioButton)[0],
            )
            return
        wrong = frozenset(
            str(item.data(_ID))
            for item in map(self.record_list.item, range(self.record_list.count()))
            if item.checkState() is Qt.CheckState.Unchecked
        )
        patient = self._patient(birth_date)
        vault, number = self.session.vault, self._file.case.number
        now = self.session.tools.now()
        self.do(lambda: cases.confirm_patient(vault, number, patient, now, wrong_records=wrong))

    def _patient(self, birth_date: str) -> Patient:
        sex, phone = str(self.sex.currentData()), self.phone.text().strip()
        name = " ".join(self.full_name.text().split())
        if self._known is not None and self.known.isChecked():
            one = self._known
            return replace(one, sex=sex or one.sex, phone=phone or one.phone)
        before = self._file.patient
        asked = (comparable_name(name), birth_date)
        if not self._file.case.patient_confirmed and asked != _identity_of(before):
            # Somebody else than the records' first guess, who may be known from another case.
            before = Patient(new_id(self.session.tools.now()), name)
        return replace(before, name=name, birth_date=birth_date, sex=sex, phone=phone)

    @property
    def _today(self) -> date:
        return datetime.fromtimestamp(self.session.tools.now() / 1000).astimezone().date()

    def _record(self, record_id: str) -> RecordItem:
        return next(record for record in self._file.records if record.id == record_id)


def identities(
    records: tuple[RecordItem, ...],
) -> dict[Identity, tuple[str, str, list[RecordItem]]]:
    """Every patient the records name: the name as said, the ISO date of birth, who says it."""
    found: dict[Identity, tuple[str, str, list[RecordItem]]] = {}
    by: defaultdict[Identity, list[RecordItem]] = defaultdict(list)
    for record in records:
        identity = _identity(record)
        if record.entered_in_error or identity == ("", ""):
            continue
        by[identity].append(record)
        name, birth_date = _fact(record, "patient.name"), _fact(record, "patient.birth_date")
        found.setdefault(identity, (name, birth_date, by[identity]))
    return found


def _identity(record: RecordItem) -> Identity:
    name = comparable_name(_fact(record, "patient.name"))
    return name, _fact(record, "patient.birth_date").strip()


def _identity_of(patient: Patient) -> Identity:
    return comparable_name(patient.name), patient.birth_date


def _fits(said: Identity, chosen: Identity) -> bool:
    """Whether a record could be this patient's: what it doesn't say speaks against nobody."""
    return all(
        not one or not other or one == other for one, other in zip(said, chosen, strict=True)
    )


def _fact(record: RecordItem, field: str) -> str:
    return next((fact.value for fact in record.facts if fact.field == field), "")


def _named(records: list[RecordItem]) -> str:
    names = ", ".join(record.name for record in records[:_NAMED_RECORDS])
    more = len(records) - _NAMED_RECORDS
    return tr("{names} and {n} more").format(names=names, n=more) if more > 0 else names


def _checked(on: bool) -> Qt.CheckState:
    return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
