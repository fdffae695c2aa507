"""Backups in the window: where they go, how the last one went, a new one, and trying one out."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QTreeWidget,
    QWidget,
)

from consultdesk.consultation.source import Progress
from consultdesk.desk import backup
from consultdesk.desk.backup import BackedUp, Snapshot
from consultdesk.desktop.ask import enter_presses_focused
from consultdesk.desktop.assessment_parts import fit_on_screen
from consultdesk.desktop.backup_rule import BackupRuleDialog
from consultdesk.desktop.backup_words import backed_up_words, drill_words, rule_words, said_of
from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.jobs import JobsPanel
from consultdesk.desktop.session import Session
from consultdesk.desktop.snapshots import chosen_snapshot, fill_snapshots
from consultdesk.desktop.words import tr
from consultdesk.errors import Cancelled, ConsultDeskError
from consultdesk.vault.backup_check import Found

if TYPE_CHECKING:
    from consultdesk.desktop.work import Task

_SHOWN_MS = 15_000

Act = Callable[[], object]


class BackupActs(QObject):
    """Makes backups and tries them out beside the window; one piece of work at a time.

    `ended` carries BackedUp or Found, `troubled` the error; `reported` how far it has come.
    `failed` is for the window, where no dialog has said it. Closing the dialog stops nothing.
    """

    dialog_opened = Signal(object)
    failed = Signal(object)
    ended = Signal(object)
    troubled = Signal(object)
    reported = Signal(int, int, str)

    def __init__(
        self, session: Session, notice: Banner, jobs: JobsPanel, window: QWidget, then: Act
    ) -> None:
        super().__init__(window)
        self._session, self._notice, self._jobs, self._window = session, notice, jobs, window
        self._then = then
        self._task: Task | None = None
        self.dialog: BackupDialog | None = None

    def acts(self) -> dict[str, Act]:
        """Every act of this kind by the key of its command."""
        return {"backup": self.open, "back_up": self.begin}

    @property
    def under_way(self) -> bool:
        """Whether a backup or a drill is running."""
        return self._task is not None

    @property
    def allowed(self) -> bool:
        """Whether backups are this user's business."""
        return backup.may_back_up(self._session.vault)

    def begin(self) -> None:
        """Back up where the last one went; where nobody has said so, ask."""
        vault, now = self._session.vault, self._session.tools.now()
        if not backup.standing(vault, now).place:
            self.open()
            return
        at = vault.now(now)
        self._run(tr("Backing up"), lambda p: backup.back_up(vault, at, progress=p))

    def drill(self, name: str, passphrase: str) -> None:
        """Try a backup out."""
        vault = self._session.vault
        now = vault.now(self._session.tools.now())
        self._run(
            tr("Trying a backup out"),
            lambda p: backup.drill(vault, passphrase, now, name=name, progress=p),
        )

    def stop(self) -> None:
        """Ask what is running to stop."""
        if self._task:
            self._task.cancel()

    def open(self) -> None:
        """Show how backups stand."""
        if self.dialog is None:
            self.dialog = BackupDialog(self._session, self, self._window)
            self.dialog.finished.connect(self._dialog_gone)
            self.dialog_opened.emit(self.dialog)
        self.dialog.open()

    def _dialog_gone(self, _result: int) -> None:
        self.dialog = None

    def _run(self, name: str, job: Callable[[Progress], BackedUp | Found]) -> None:
        if self._task:
            return
        task = self._session.tools.work.run(
            job, self._end, self._trouble, self._report, owner=self, name=name
        )
        self._task = task if task.running else None
        self._jobs.follow(task, name)

    def _report(self, done: int, total: int, what: str) -> None:
        if self._task:
            self._jobs.report(self._task, done, total, what)
        self.reported.emit(done, total, what)

    def _end(self, answer: BackedUp | Found) -> None:
        self._task = None
        kind, lead, text = said_of(answer)
        if self.dialog is None:
            self._notice.say(BannerKind(kind), lead, text)
            QTimer.singleShot(_SHOWN_MS, self, self._then)
        self.ended.emit(answer)

    def _trouble(self, error: ConsultDeskError) -> None:
        self._task = None
        if self.dialog is None and not isinstance(error, Cancelled):
            self.failed.emit(error)
        self.troubled.emit(error)


class BackupDialog(QDialog):
    """How backups stand, and everything that is done about them."""

    FORM: ClassVar[str] = "backup"

    lead: QLabel
    said: QLabel
    notice: Banner
    place: QLineEdit
    choose: QPushButton
    about: QLabel
    list_label: QLabel
    backups: QTreeWidget
    rule: QLabel
    change_rule: QPushButton
    drill_about: QLabel
    passphrase: QLineEdit
    drill: QPushButton
    work_box: QWidget
    doing: QLabel
    progress: QProgressBar
    stop: QPushButton
    close_dialog: QPushButton
    back_up: QPushButton

    listed = Signal()

    def __init__(self, session: Session, acts: BackupActs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        session.tools.forms.load(self, self.FORM)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fit_on_screen(self, 760, 720)
        self._session, self._acts = session, acts
        self._asked = 0
        self.back_up.clicked.connect(self._begin)
        self.choose.clicked.connect(self._choose)
        self.change_rule.clicked.connect(self._change_rule)
        self.drill.clicked.connect(self._drill)
        self.passphrase.returnPressed.connect(self._drill)
        self.passphrase.textChanged.connect(lambda _text: self._allow())
        self.backups.itemSelectionChanged.connect(self._allow)
        self.stop.clicked.connect(self._stop)
        self.close_dialog.clicked.connect(self.reject)
        acts.reported.connect(self._report)
        acts.ended.connect(self._ended)
        acts.troubled.connect(self._troubled)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)
        self._look()
        first = self.back_up if self.back_up.isEnabled() else self.choose
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def chosen(self) -> str:
        """The backup that was chosen in the list; "" for the newest."""
        return chosen_snapshot(self.backups)

    def use_place(self, place: Path) -> None:
        """Have backups go there from now on."""
        try:
            backup.choose_place(self._session.vault, place, self._now())
        except ConsultDeskError as error:
            self._say_error(error)
            return
        self.notice.clear()
        self._look()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus, and no other."""
        if not enter_presses_focused(self, event):
            super().keyPressEvent(event)

    # --- how it stands --------------------------------------------------------------------------

    def _now(self) -> int:
        return self._session.vault.now(self._session.tools.now())

    def _look(self) -> None:
        standing = backup.standing(self._session.vault, self._now())
        lead, said = backed_up_words(standing)
        self.lead.setText(lead)
        self.said.setText(f"{said} {drill_words(standing)}".strip())
        self.place.setText(standing.place)
        self.place.setCursorPosition(0)
        self.place.setToolTip(standing.place)
        self.rule.setText(rule_words(standing.rule))
        self._standing = standing
        self._list()
        self._allow()

    def _list(self) -> None:
        """Look there again, and keep what was chosen unless a new one has come."""
        self._asked += 1
        asked, vault = self._asked, self._session.vault
        # a stick may take seconds to answer
        self._session.tools.work.run(
            lambda _progress: backup.snapshots(vault),
            lambda found: self._fill(asked, found),
            lambda _error: self._fill(asked, ()),
            owner=self,
            priority=4,
        )

    def _fill(self, asked: int, found: tuple[Snapshot, ...]) -> None:
        if asked != self._asked:
            return
        kept = self.chosen if self.backups.topLevelItemCount() == len(found) else ""
        fill_snapshots(self.backups, found, kept)
        first = self.backups.topLevelItem(0)
        if first is not None and not self.chosen:
            self.backups.setCurrentItem(first)
        none = tr("There are no backups in that place now") if self._standing.place else ""
        self.list_label.setText(tr("Backups in that place") if found else none)
        self.list_label.setVisible(bool(self.list_label.text()))
        self._allow()
        self.listed.emit()

    def _allow(self) -> None:
        """Let what can be done now be done, or say why it can't."""
        busy = tr("Wait until the work under way is done.") if self._acts.under_way else ""
        no_place = "" if self._standing.place else tr("Choose a place first.")
        nothing = "" if self.backups.topLevelItemCount() else tr("There is no backup to try.")
        typed = "" if self.passphrase.text() else tr("Type your passphrase first.")
        for button, why in (
            (self.back_up, busy or no_place),
            (self.drill, busy or nothing or typed),
            (self.choose, busy),
        ):
            button.setEnabled(not why)
            button.setToolTip(why)
            button.setAccessibleDescription(why)
        self.work_box.setVisible(self._acts.under_way)

    # --- what is done ---------------------------------------------------------------------------

    def _choose(self) -> None:
        dialog = QFileDialog(self, tr("Where do backups go?"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, on=True)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.use_place(Path(name)))
        dialog.open()

    def _change_rule(self) -> None:
        dialog = BackupRuleDialog(self._session, self._standing.rule, self)
        dialog.settled.connect(lambda _none: self._look())
        dialog.open()

    def _begin(self) -> None:
        self._start(self._acts.begin)

    def _drill(self) -> None:
        if self.drill.isEnabled():
            passphrase = self.passphrase.text()
            self.passphrase.clear()
            self._start(lambda: self._acts.drill(self.chosen, passphrase))

    def _start(self, act: Act) -> None:
        self.notice.clear()
        self.doing.setText(tr("Beginning…"))
        self.progress.setRange(0, 0)
        self.stop.setEnabled(True)
        act()
        self._allow()
        if self._acts.under_way:
            # later: the Enter that began it would press the button that stops it
            QTimer.singleShot(0, self.stop, self.stop.setFocus)

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        self.doing.setText(tr("Stopping…"))
        self._acts.stop()

    def _report(self, done: int, total: int, what: str) -> None:
        self.progress.setRange(0, max(0, total))
        self.progress.setValue(done)
        if self.stop.isEnabled():
            self.doing.setText(what)

    def _ended(self, answer: BackedUp | Found) -> None:
        kind, lead, text = said_of(answer)
        self.notice.say(BannerKind(kind), lead, text)
        self._look()
        self._lead_on()

    def _troubled(self, error: ConsultDeskError) -> None:
        self._say_error(error)
        self._look()
        self._lead_on()

    def _lead_on(self) -> None:
        """The keyboard goes on from where the work had taken it."""
        after = self.back_up if self.back_up.isEnabled() else self.close_dialog
        after.setFocus(Qt.FocusReason.OtherFocusReason)

    def _say_error(self, error: ConsultDeskError) -> None:
        kind = BannerKind.INFO if isinstance(error, Cancelled) else BannerKind.DANGER
        self.notice.say(kind, error.message, f"{error.kept} {error.cure}".strip())
