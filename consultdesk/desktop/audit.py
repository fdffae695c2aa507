"""Who saw and did what, with one case or with the whole store: filtered, and exported."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QTableView,
    QWidget,
)

from consultdesk.consultation.act_words import ActKind
from consultdesk.consultation.source import Progress
from consultdesk.desk import audit_trail
from consultdesk.desk.audit_trail import Filter
from consultdesk.desktop.audit_model import AuditModel, Column
from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.empty import EmptyState
from consultdesk.desktop.session import Session
from consultdesk.desktop.style import text_scale_of
from consultdesk.desktop.words import tr
from consultdesk.errors import Cancelled, ConsultDeskError

if TYPE_CHECKING:
    from consultdesk.desktop.work import Task

_PAUSE_MS = 200
_DAY_MS = 86_400_000
_WIDTHS = {
    Column.WHEN: 18,
    Column.WHO: 22,
    Column.WHAT: 31,
    Column.CASE: 11,
    Column.OUTCOME: 11,
}
"""Widths of the columns in average characters; the last one takes the rest."""

Looked = tuple[list[int], tuple[tuple[str, str], ...]]


def kind_words(kind: ActKind) -> str:
    """What a kind of act is called in the filter."""
    return {
        ActKind.SEEN: tr("Looked at something"),
        ActKind.CASE: tr("The case and the patient"),
        ActKind.RECORDS: tr("Records"),
        ActKind.ASSESSMENT: tr("The assessment"),
        ActKind.CONSENT: tr("Consents and recipients"),
        ActKind.LETTER: tr("Letters and sending"),
        ActKind.KEEPING: tr("Keeping, erasing, exporting"),
        ActKind.STORE: tr("The store and its users"),
    }[kind]


class AuditDialog(QDialog):
    """The trail of one case, or without a number of the whole store. Opening it is audited.

    `shown` comes with every look, `failed` carries a ConsultDeskError.
    """

    FORM: ClassVar[str] = "audit"

    heading: QLabel
    amount: QLabel
    who: QComboBox
    kind: QComboBox
    period: QComboBox
    refused: QCheckBox
    words: QLineEdit
    clear_all: QPushButton
    stack: QStackedWidget
    lines: QTableView
    nothing: EmptyState
    notice: Banner
    problem: QLabel
    export_lines: QPushButton
    cancel: QPushButton

    shown = Signal()
    exported = Signal(int)
    failed = Signal(object)

    def __init__(self, session: Session, number: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        session.tools.forms.load(self, self.FORM)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._session = session
        self.number = number
        self._opened = False
        self._looking: Task | None = None
        self.problem.hide()
        self.heading.setText(
            tr("Who saw and did what with case {number}").format(number=number)
            if number
            else tr("Who saw and did what in this store")
        )
        vault = session.vault
        self.model = AuditModel(lambda seqs: audit_trail.lines(vault, seqs), self)
        self.model.failed.connect(self._say)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self.look)
        self._fill()
        self._set_up_lines()
        self._connect()
        scale = text_scale_of(self)
        screen = self.screen().availableGeometry().size()
        self.resize((self.size() * scale).boundedTo(screen * 0.95))
        self.look()

    def _fill(self) -> None:
        self.who.addItem(tr("Everyone"), "")
        self.kind.addItem(tr("Everything"), "")
        for kind in ActKind:
            self.kind.addItem(kind_words(kind), kind.value)
        for words, days in (
            (tr("At any time"), 0),
            (tr("Last 24 hours"), 1),
            (tr("Last 7 days"), 7),
            (tr("Last 30 days"), 30),
            (tr("Last 365 days"), 365),
        ):
            self.period.addItem(words, days)
        self.words.setPlaceholderText(tr("User name, act or case number"))
        self.words.setAccessibleName(tr("Words to look for: user name, act or case number"))

    def _set_up_lines(self) -> None:
        self.lines.setModel(self.model)
        head, rows = self.lines.horizontalHeader(), self.lines.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(round(self.fontMetrics().height() * 1.7))
        letter = self.fontMetrics().averageCharWidth()
        for column, letters in _WIDTHS.items():
            self.lines.setColumnWidth(column, letters * letter)
        # of one case every line says the same
        self.lines.setColumnHidden(Column.CASE, bool(self.number))
        head.setStretchLastSection(True)
        head.setHighlightSections(False)
        self.lines.setTextElideMode(Qt.TextElideMode.ElideRight)

    def _connect(self) -> None:
        for box in (self.who, self.kind, self.period):
            box.currentIndexChanged.connect(lambda _place: self.look())
        self.refused.toggled.connect(lambda _on: self.look())
        self.words.textChanged.connect(lambda _text: self._pause.start())
        self.clear_all.clicked.connect(self.show_all)
        self.nothing.action_chosen.connect(self.show_all)
        self.export_lines.clicked.connect(self._choose_file)
        self.cancel.clicked.connect(self.reject)

    # --- what is asked ----------------------------------------------------------------------

    @property
    def wanted(self) -> Filter:
        """What the filters ask for."""
        days, kind = int(self.period.currentData() or 0), str(self.kind.currentData() or "")
        return Filter(
            number=self.number,
            actor=str(self.who.currentData() or ""),
            kind=ActKind(kind) if kind else None,
            start=self._session.tools.now() - days * _DAY_MS if days else None,
            refused_only=self.refused.isChecked(),
            words=self.words.text(),
        )

    def show_all(self) -> None:
        """Take every filter away."""
        for box in (self.who, self.kind, self.period):
            box.setCurrentIndex(0)
        self.refused.setChecked(False)
        self.words.clear()
        self.look()

    def look(self) -> None:
        """Find the lines that are wanted, beside the window."""
        self._pause.stop()
        vault, wanted, number = self._session.vault, self.wanted, self.number
        now, first = self._session.tools.now(), not self._opened
        self._opened = True

        def job(_progress: Progress) -> Looked:
            if first:
                audit_trail.open_trail(vault, number, now)
            return audit_trail.numbers(vault, wanted), audit_trail.people(vault)

        if self._looking is not None:
            self._looking.forget()  # an answer to an earlier question must not come last
        self._looking = self._session.tools.work.run(
            job, self._show, self._say, owner=self, priority=5
        )

    def _show(self, looked: Looked) -> None:
        numbers, people = looked
        if self.who.count() == 1:
            for name, full_name in people:
                self.who.addItem(full_name, name)
        self.model.show_lines(numbers)
        self.amount.setText(
            tr("1 line") if len(numbers) == 1 else tr("{n} lines").format(n=len(numbers))
        )
        self.nothing.say("search", tr("Nothing like that was done."), "", tr("Clear all"))
        self.stack.setCurrentWidget(self.lines if numbers else self.nothing)
        self.shown.emit()

    def _say(self, error: ConsultDeskError) -> None:
        if not isinstance(error, Cancelled):
            self.notice.say(BannerKind.WARNING, tr("That couldn't be done."), str(error))
            self.failed.emit(error)

    # --- the export ---------------------------------------------------------------------------

    def _choose_file(self) -> None:
        named = datetime.fromtimestamp(self._session.tools.now() / 1000, UTC).date().isoformat()
        about = f"-{self.number}" if self.number else ""
        target, _kind = QFileDialog.getSaveFileName(
            self,
            tr("Export the audit trail"),
            str(Path.home() / f"audit{about}-{named}.ndjson"),
            tr("FHIR AuditEvents, one a line (*.ndjson)"),
        )
        if target:
            self.export_to(Path(target))

    def export_to(self, target: Path) -> None:
        """Save the lines that the filters ask for; the file holds no name of a patient."""
        vault, wanted, now = self._session.vault, self.wanted, self._session.tools.now()
        self.export_lines.setEnabled(False)

        def done(written: int) -> None:
            self.export_lines.setEnabled(True)
            self.notice.say(
                BannerKind.SUCCESS,
                tr("Exported {n} lines.").format(n=written),
                tr("{name} holds no name of a patient and nothing clinical.").format(
                    name=target.name
                ),
            )
            self.exported.emit(written)

        def failed(error: ConsultDeskError) -> None:
            self.export_lines.setEnabled(True)
            self._say(error)

        self._session.tools.work.run(
            lambda progress: audit_trail.export_to(vault, wanted, target, now, progress),
            done,
            failed,
            owner=self,
            name=tr("Exporting the audit trail"),
        )
