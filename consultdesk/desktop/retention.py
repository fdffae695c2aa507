"""How long the practice keeps records, and who is past that time."""

from typing import ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFormLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from consultdesk.consultation.keeping import MOST_YEARS, Kept, RetentionRule
from consultdesk.desk import keeping
from consultdesk.desk.specialties import known_specialties, specialty
from consultdesk.desktop.ask import Ask
from consultdesk.desktop.case_words import day
from consultdesk.desktop.session import Session
from consultdesk.desktop.style import pad_spin_boxes
from consultdesk.desktop.words import tr
from consultdesk.errors import ConsultDeskError

_NUMBER = Qt.ItemDataRole.UserRole
Past = tuple[tuple[Kept, str], ...]


class RetentionDialog(Ask):
    """The rule, and the list of those past it. `case_asked` carries the number of one to open."""

    FORM: ClassVar[str] = "retention"

    years: QSpinBox
    minor_until: QSpinBox
    minor_years: QSpinBox
    specialties_form: QFormLayout
    past_about: QLabel
    past: QTableWidget
    open_case: QPushButton

    case_asked = Signal(str)
    listed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        rule = keeping.rule(session.vault)
        self.years.setValue(rule.years)
        self.minor_until.setValue(rule.minor_until)
        self.minor_years.setValue(rule.minor_years)
        self.specialties: dict[str, QSpinBox] = {}
        self._add_specialties(rule)
        self._set_up_list()
        self.open_case.clicked.connect(self._open)
        self.past.itemSelectionChanged.connect(self._show_state)
        self.past.itemActivated.connect(lambda _item: self._open())
        self.fit_to_screen()
        self._look()

    def _add_specialties(self, rule: RetentionRule) -> None:
        for code in known_specialties():
            box = QSpinBox(self)
            box.setMaximum(MOST_YEARS)
            box.setSpecialValueText(tr("as above"))
            box.setSuffix(tr(" years"))
            box.setValue(rule.by_specialty.get(code, 0))
            title = specialty(code).title
            box.setAccessibleName(tr("Years for {specialty}").format(specialty=title))
            label = QLabel(title, self)
            label.setBuddy(box)
            self.specialties_form.addRow(label, box)
            self.specialties[code] = box
        pad_spin_boxes(self)

    def _set_up_list(self) -> None:
        head = (tr("Patient"), tr("Cases"), tr("Last contact"), tr("Keep until"), tr("Legal hold"))
        self.past.setColumnCount(len(head))
        self.past.setHorizontalHeaderLabels(head)
        self.past.verticalHeader().hide()
        self.past.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.past.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)

    @property
    def laid_down(self) -> RetentionRule:
        """The rule as it stands in the dialog."""
        return RetentionRule(
            self.years.value(),
            self.minor_until.value(),
            self.minor_years.value(),
            {code: box.value() for code, box in self.specialties.items() if box.value()},
        )

    def try_it(self) -> None:
        """Lay the rule down."""
        vault, rule, now = self.session.vault, self.laid_down, self.session.tools.now()
        self.do(lambda: keeping.lay_down(vault, rule, now))

    # --- who is past it -----------------------------------------------------------------------

    def _look(self) -> None:
        vault, now = self.session.vault, self.session.tools.now()
        self.past_about.setText(tr("Looking…"))
        self.session.tools.work.run(
            lambda _progress: keeping.past_rule(vault, now),
            self._list,
            self._not_listed,
            owner=self,
        )

    def _list(self, found: Past) -> None:
        self.past.setRowCount(len(found))
        for row, (kept, name) in enumerate(found):
            cells = (
                name,
                ", ".join(kept.numbers),
                day(kept.last_contact.isoformat()),
                day(kept.until.isoformat()) if kept.until else "",
                tr("held") if kept.held else "",
            )
            for column, words in enumerate(cells):
                item = QTableWidgetItem(words)
                item.setToolTip(words)
                item.setData(_NUMBER, kept.numbers[-1])
                self.past.setItem(row, column, item)
        self.past.setVisible(bool(found))
        self.open_case.setVisible(bool(found))
        self.past_about.setText(self._amount(len(found)))
        self._show_state()
        self.listed.emit()

    def _amount(self, many: int) -> str:
        if not keeping.rule(self.session.vault).laid_down:
            return tr("No rule is laid down, so nobody is past it.")
        if not many:
            return tr("Nobody is past the rule.")
        return tr("By the rule as it is saved. Open a case to look at it, then erase from there.")

    def _not_listed(self, error: ConsultDeskError) -> None:
        self.past.hide()
        self.open_case.hide()
        self.past_about.setText(str(error))
        self.listed.emit()

    def _show_state(self) -> None:
        chosen = bool(self.past.selectedItems())
        self.open_case.setEnabled(chosen)
        self.open_case.setToolTip("" if chosen else tr("Choose a patient in the list."))

    def _open(self) -> None:
        items = self.past.selectedItems()
        if items:
            self.case_asked.emit(str(items[0].data(_NUMBER)))
            self.reject()
