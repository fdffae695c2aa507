"""Long work under way: progress with Cancel after half a second, a list after ten."""

from dataclasses import dataclass
from time import monotonic

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from consultdesk.desktop.label import ElidedLabel
from consultdesk.desktop.words import tr
from consultdesk.desktop.work import Task

SHOWN_AFTER_S = 0.5
LISTED_AFTER_S = 10.0
_TICK_MS = 250


@dataclass
class _Line:
    """One job as the panel shows it."""

    task: Task
    began: float
    name: QLabel
    what: ElidedLabel
    bar: QProgressBar
    cancel: QPushButton


class JobsPanel(QWidget):
    """Shows what takes long; what is done in half a second is never seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: dict[int, _Line] = {}
        self._asked_for = False
        self.heading = QLabel(tr("Work under way"), self)
        self.heading.setProperty("role", "section")
        self.nothing = QLabel(tr("Nothing is under way."), self)
        self.nothing.setProperty("role", "muted")
        self._grid = QGridLayout()
        self._grid.setColumnStretch(2, 1)
        self._grid.setHorizontalSpacing(12)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 12, 6)
        column.setSpacing(4)
        column.addWidget(self.heading)
        column.addLayout(self._grid)
        column.addWidget(self.nothing)
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self.setAccessibleName(tr("Work under way"))
        self._show()

    def follow(self, task: Task, name: str) -> None:
        """Show this job once it takes longer than half a second."""
        line = _Line(
            task,
            monotonic(),
            QLabel(name, self),
            ElidedLabel(self),
            QProgressBar(self),
            QPushButton(tr("Cancel"), self),
        )
        line.bar.setTextVisible(False)
        line.bar.setRange(0, 0)
        line.bar.setAccessibleName(name)
        line.bar.setFixedWidth(180)
        line.cancel.setAccessibleName(tr("Cancel: {name}").format(name=name))
        line.cancel.clicked.connect(lambda: self._cancel(line))
        row = self._grid.rowCount()
        for column, widget in enumerate((line.name, line.bar, line.what, line.cancel)):
            self._grid.addWidget(widget, row, column)
        self._lines[task.number] = line
        self._timer.start()
        self._show()

    def report(self, task: Task, done: int, total: int, what: str) -> None:
        """Say how far a job has come."""
        line = self._lines.get(task.number)
        if line is None:
            return
        line.bar.setRange(0, max(0, total))
        line.bar.setValue(done)
        said = tr("{what}: {done} of {total}").format(what=what, done=done, total=total)
        line.what.say(said if total else what)

    def toggle(self) -> None:
        """Show the list, or put it away."""
        self._asked_for = not self._asked_for
        self._show()

    def _cancel(self, line: _Line) -> None:
        line.cancel.setEnabled(False)
        line.what.say(tr("Stopping…"))
        line.task.cancel()

    def _tick(self) -> None:
        for number, line in tuple(self._lines.items()):
            if not line.task.running:
                del self._lines[number]
                for widget in (line.name, line.what, line.bar, line.cancel):
                    self._grid.removeWidget(widget)
                    widget.deleteLater()
        if not self._lines:
            self._timer.stop()
        self._show()

    def _show(self) -> None:
        now = monotonic()
        shown = 0
        oldest = 0.0
        for line in self._lines.values():
            age = now - line.began
            seen = age >= SHOWN_AFTER_S or self._asked_for
            oldest = max(oldest, age)
            shown += seen
            for widget in (line.name, line.what, line.bar, line.cancel):
                widget.setVisible(seen)
        self.heading.setVisible(self._asked_for or oldest >= LISTED_AFTER_S)
        self.nothing.setVisible(self._asked_for and not self._lines)
        self.setVisible(bool(shown) or self._asked_for)
