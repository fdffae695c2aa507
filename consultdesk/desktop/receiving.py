"""Records that arrive: dropped or chosen, brought in beside the review, and what became of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from consultdesk.desk.intake import Intake, bring_in
from consultdesk.desktop import icons
from consultdesk.desktop.ask import Ask
from consultdesk.desktop.case_words import fact_words, person_name, record_detail
from consultdesk.desktop.form import Forms
from consultdesk.desktop.jobs import JobsPanel
from consultdesk.desktop.session import Session
from consultdesk.desktop.style import tokens_now
from consultdesk.desktop.words import tr
from consultdesk.desktop.work import Task
from consultdesk.errors import Cancelled, ConsultDeskError

_MOST_LISTED = 500


class WhereToDialog(Ask):
    """Asks whether what was dropped belongs to the open case or begins a new one.

    `chosen` carries the case number ("" for a new case) and where the records came from.
    """

    FORM: ClassVar[str] = "where_to"

    where_sentence: QLabel
    into_case: QRadioButton
    new_case: QRadioButton
    came_from: QLineEdit

    chosen = Signal(str, str)

    def __init__(
        self,
        session: Session,
        amount: int,
        number: str,
        case_words: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(session, parent)
        self._number = number
        one = tr("Where does it belong?")
        many = tr("Where do these {n} belong?").format(n=amount)
        self.where_sentence.setText(one if amount == 1 else many)
        self.into_case.setText(tr("To the open case: {case}").format(case=case_words))
        self.into_case.setVisible(bool(number))
        # Nothing is chosen for the person: a record in the wrong case is a danger.
        self.new_case.setChecked(not number)
        self.adjustSize()

    def try_it(self) -> None:
        """Say which it is."""
        if not (self.into_case.isChecked() or self.new_case.isChecked()):
            self.say_problem(tr("Choose where they belong."), self.into_case)
            return
        number = self._number if self.into_case.isChecked() else ""
        self.chosen.emit(number, self.came_from.text().strip())
        self.accept()


class IntakeResult(QFrame):
    """Says what became of everything that was received. It takes no focus by itself."""

    FORM: ClassVar[str] = "intake_result"

    result_mark: QLabel
    summary: QLabel
    settle: QPushButton
    open_case: QPushButton
    more: QPushButton
    dismiss: QToolButton
    listed: QTreeWidget

    case_asked = Signal(str)
    patient_asked = Signal(str)

    def __init__(self, forms: Forms, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        forms.load(self, self.FORM)
        self._number = ""
        self._all_well = False
        self._lost = False
        self._mark = ""
        self.listed.setColumnCount(2)
        self.more.toggled.connect(self.listed.setVisible)
        self.dismiss.clicked.connect(self.clear)
        self.open_case.clicked.connect(lambda: self.case_asked.emit(self._number))
        self.settle.clicked.connect(lambda: self.patient_asked.emit(self._number))
        self.clear()

    def clear(self) -> None:
        """Say nothing and keep nothing."""
        self.listed.clear()
        self.summary.clear()
        self.hide()

    def say(self, taken: Intake, *, is_open: bool) -> None:
        """Say what was kept, what was there already, what wasn't kept, and what differs."""
        self._number = taken.number
        self.summary.setText(summary_of(taken))
        self.summary.setAccessibleName(self.summary.text())
        self.settle.setVisible(bool(taken.conflicts))
        self.open_case.setVisible(not is_open)
        self._lost = bool(taken.problems)
        self._all_well = not (taken.problems or taken.conflicts)
        self._mark = "check" if self._all_well else "warning"
        self._draw_mark()
        self._list(taken)
        self.more.setChecked(False)
        self.listed.hide()
        self.show()

    def follow(self, number: str, *, decided: bool) -> None:
        """A case is open: offer no more what has been done in it since, nor what is in view."""
        if number != self._number:
            self.open_case.setVisible(True)
            return
        self.open_case.hide()
        if decided:
            self.settle.hide()
            if not self._lost:
                self.clear()

    def changeEvent(self, event: QEvent) -> None:
        """Draw the mark anew when the colours change."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_mark"):
            self._draw_mark()

    def _draw_mark(self) -> None:
        if self._mark:
            colour = tokens_now().colour("success_edge" if self._all_well else "warning_edge")
            ratio = self.devicePixelRatioF()
            self.result_mark.setPixmap(icons.pixmap(self._mark, colour, 20, ratio))

    def _list(self, taken: Intake) -> None:
        self.listed.clear()
        differ = [
            (fact_words(one.field), " / ".join(person_name(value) for value in one.values))
            for one in taken.conflicts
        ]
        unseen = [(r.name, r.reason) for r in taken.records if not r.readable]
        self._group(tr("The records name different patients"), differ)
        self._group(tr("Not kept"), [(one.name, one.reason) for one in taken.problems])
        self._group(tr("Kept as received, can't be shown"), unseen)
        same = tr("the same bytes as {name}")
        doubles = [(one.name, same.format(name=one.of)) for one in taken.duplicates]
        self._group(tr("Already there, not kept twice"), doubles)
        kept = [(one.name, record_detail(one)) for one in taken.records]
        self._group(tr("Kept"), kept)
        self.listed.resizeColumnToContents(0)

    def _group(self, title: str, lines: Sequence[tuple[str, str]]) -> None:
        if not lines:
            return
        words = tr("{title} ({n})").format(title=title, n=len(lines))
        group = QTreeWidgetItem(self.listed, [words])
        group.setFirstColumnSpanned(True)
        for name, detail in lines[:_MOST_LISTED]:
            line = QTreeWidgetItem(group, [name, detail])
            line.setToolTip(0, name)
            line.setToolTip(1, detail)
        if len(lines) > _MOST_LISTED:
            more = tr("and {n} more").format(n=len(lines) - _MOST_LISTED)
            QTreeWidgetItem(group, [more])
        group.setExpanded(True)


def summary_of(taken: Intake) -> str:
    """What became of what was received, in one line."""
    kept, doubles, lost = len(taken.records), len(taken.duplicates), len(taken.problems)
    parts = [tr("1 record kept") if kept == 1 else tr("{n} records kept").format(n=kept)]
    if doubles:
        one = tr("1 duplicate not kept twice")
        parts.append(one if doubles == 1 else tr("{n} duplicates not kept twice").format(n=doubles))
    if lost:
        one = tr("1 file not kept")
        parts.append(one if lost == 1 else tr("{n} files not kept").format(n=lost))
    if taken.conflicts:
        parts.append(tr("the records name different patients"))
    return tr("Case {number}: {what}.").format(number=taken.number, what=", ".join(parts))


class Receiving(QObject):
    """Brings records in beside the window.

    `received` carries the Intake once everything is kept; nothing is opened by it.
    """

    received = Signal(object)
    failed = Signal(object)
    dialog_opened = Signal(object)

    def __init__(self, session: Session, jobs: JobsPanel, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._jobs = jobs
        self._window = window
        self._tasks: list[Task] = []

    @property
    def under_way(self) -> bool:
        """Whether records are being brought in now."""
        return any(task.running for task in self._tasks)

    def choose_files(self, number: str, case_words: str) -> None:
        """Ask for files, then where they belong."""
        dialog = QFileDialog(self._window, tr("Import files"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        self._choose(dialog, number, case_words)

    def choose_folder(self, number: str, case_words: str) -> None:
        """Ask for a folder or a disc, then where it belongs."""
        dialog = QFileDialog(self._window, tr("Import a folder or disc"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, on=True)
        self._choose(dialog, number, case_words)

    def _choose(self, dialog: QFileDialog, number: str, case_words: str) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(
            lambda names: self.take([Path(name) for name in names], number, case_words)
        )
        self.dialog_opened.emit(dialog)
        dialog.open()

    def take(self, paths: Sequence[Path], number: str, case_words: str) -> None:
        """Bring these in: at once as a new case, or after asking while a case is open."""
        if not paths:
            return
        if not number:
            self.bring_in(paths)
            return
        dialog = WhereToDialog(self._session, len(paths), number, case_words, self._window)
        dialog.chosen.connect(lambda where, source: self.bring_in(paths, where, source))
        self.dialog_opened.emit(dialog)
        dialog.open()

    def bring_in(self, paths: Sequence[Path], number: str = "", source: str = "") -> Task:
        """Bring these in, as a new case or into the case of that number."""
        vault, now = self._session.vault, self._session.tools.now()
        name = tr("Bringing records in")
        task = self._session.tools.work.run(
            lambda progress: bring_in(
                vault, paths, now, number=number, source=source, progress=progress
            ),
            self.received.emit,
            self._give_up,
            lambda done, total, what: self._jobs.report(task, done, total, what),
            owner=self,
            name=name,
        )
        self._tasks = [one for one in self._tasks if one.running]
        self._tasks.append(task)
        self._jobs.follow(task, name)
        return task

    def _give_up(self, error: ConsultDeskError) -> None:
        if isinstance(error, Cancelled):
            stopped = Cancelled(tr("Bringing records in was stopped."), kept=error.kept)
            self.failed.emit(stopped)
        else:
            self.failed.emit(error)
