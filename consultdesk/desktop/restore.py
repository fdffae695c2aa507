"""A store from a backup, over the lock screen or the first run: from where, by whom, into where."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QToolButton,
    QTreeWidget,
    QWidget,
)

from consultdesk.consultation.recovery import USER as RECOVERY
from consultdesk.desk import backup
from consultdesk.desk.backup import Snapshot
from consultdesk.desktop.ask import enter_presses_focused
from consultdesk.desktop.assessment_parts import fit_on_screen
from consultdesk.desktop.backup_words import restored_words
from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.form import Forms
from consultdesk.desktop.passphrase import CapsLockWatch, reveal_with
from consultdesk.desktop.snapshots import chosen_snapshot, fill_snapshots
from consultdesk.desktop.words import tr
from consultdesk.desktop.work import Work
from consultdesk.errors import Cancelled, ConsultDeskError
from consultdesk.vault.restore import Restored

if TYPE_CHECKING:
    from consultdesk.desktop.work import Task


_EVEN_DAMAGED = " (--even-damaged)"
"""What the command line calls it; here it is a box to tick."""


class RestoreDialog(QDialog):
    """Restores a backup into a new folder; `chosen` carries that folder, to be opened.

    `listed` comes with each list of backups, `ended` when a restore has come to an end.
    """

    FORM: ClassVar[str] = "restore"

    about: QLabel
    notice: Banner
    source: QLineEdit
    choose_source: QPushButton
    list_label: QLabel
    backups: QTreeWidget
    user: QComboBox
    passphrase_label: QLabel
    passphrase: QLineEdit
    reveal: QToolButton
    caps_lock: QLabel
    place: QLineEdit
    choose_place: QPushButton
    even_damaged: QCheckBox
    work_box: QWidget
    doing: QLabel
    progress: QProgressBar
    stop: QPushButton
    close_dialog: QPushButton
    begin: QPushButton

    chosen = Signal(object)
    listed = Signal()
    ended = Signal()

    def __init__(
        self,
        forms: Forms,
        work: Work,
        now: Callable[[], int],
        place: Path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        forms.load(self, self.FORM)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fit_on_screen(self, 700, 620)
        self._work, self._now = work, now
        self._task: Task | None = None
        self._asked = 0
        self._made: Path | None = None
        for path in (self.source, self.place):
            # its end may have no room
            path.textChanged.connect(path.setToolTip)
        self.place.setText(str(_free(place)))
        fill_snapshots(self.backups, ())
        self.even_damaged.hide()
        reveal_with(self.reveal, self.passphrase)
        self._caps = CapsLockWatch(self.caps_lock, self.passphrase)
        self._connect()
        self._say_list(())
        self._allow()
        self.choose_source.setFocus(Qt.FocusReason.OtherFocusReason)

    def _connect(self) -> None:
        self.choose_source.clicked.connect(
            lambda: self._choose(tr("Where do the backups lie?"), self.use_source)
        )
        self.choose_place.clicked.connect(
            lambda: self._choose(tr("Where shall the new store lie?"), self.use_place)
        )
        self.source.editingFinished.connect(self._look_once)
        self.backups.itemSelectionChanged.connect(self._look_who)
        self.user.currentTextChanged.connect(self._change_user)
        for field in (self.passphrase, self.place):
            field.textChanged.connect(lambda _typed: self._allow())
            field.installEventFilter(self)
        self.source.installEventFilter(self)
        self.begin.clicked.connect(self._begin)
        self.stop.clicked.connect(self._stop)
        self.close_dialog.clicked.connect(self.reject)
        self.finished.connect(lambda _result: self._put_away())
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)

    # --- from where, into where -----------------------------------------------------------------

    def use_source(self, folder: Path) -> None:
        """Look for backups there."""
        self.source.setText(str(folder))
        self._look()

    def use_place(self, folder: Path) -> None:
        """Have the new store lie in that folder, under the name of the one before."""
        self.place.setText(str(_free(folder / Path(self.place.text()).name)))

    def _choose(self, title: str, use: Callable[[Path], None]) -> None:
        dialog = QFileDialog(self, title)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, on=True)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: use(Path(name)))
        dialog.open()

    def _look_once(self) -> None:
        if self.source.isModified():
            self.source.setModified(False)
            self._look()

    def _look(self) -> None:
        self._asked += 1
        asked, folder = self._asked, Path(self.source.text().strip())
        self.notice.clear()
        # a stick may take seconds to answer
        self._work.run(
            lambda _progress: backup.found(folder),
            lambda found: self._fill(asked, found),
            lambda error: self._fill(asked, (), error),
            owner=self,
        )

    def _fill(
        self, asked: int, found: tuple[Snapshot, ...], error: ConsultDeskError | None = None
    ) -> None:
        if asked != self._asked:
            return
        if error is not None:
            self._say_error(error)
        fill_snapshots(self.backups, found)
        self._say_list(found)
        first = self.backups.topLevelItem(0)
        if first is not None:
            self.backups.setCurrentItem(first)
        else:
            self._offer(())
        self.listed.emit()

    def _say_list(self, found: tuple[Snapshot, ...]) -> None:
        self.list_label.setText(tr("Backups in that place, the newest first") if found else "")
        self.list_label.setVisible(bool(found))

    # --- by whom --------------------------------------------------------------------------------

    def _look_who(self) -> None:
        """Offer who could open the backup that is chosen, by its own key file."""
        self.even_damaged.hide()
        self.even_damaged.setChecked(False)
        name, folder = chosen_snapshot(self.backups), Path(self.source.text().strip())
        if not name:
            self._offer(())
            return
        self._work.run(
            lambda _progress: (name, backup.users_of(folder, name)),
            lambda said: self._offer(said[1]) if said[0] == chosen_snapshot(self.backups) else None,
            self._say_error,
            owner=self,
        )

    def _offer(self, users: tuple[str, ...]) -> None:
        before = self.user.currentText()
        self.user.clear()
        self.user.addItems(list(users))
        if before in users:
            self.user.setCurrentText(before)
        self._allow()

    def _change_user(self, user: str) -> None:
        by_key = user == RECOVERY
        words = tr("Recovery &key") if by_key else tr("&Passphrase of that day")
        self.passphrase_label.setText(words)
        # nobody types nine groups blindly
        self.reveal.setChecked(by_key)
        self._allow()

    # --- what is done ---------------------------------------------------------------------------

    def _why_not(self) -> str:
        if self._task is not None:
            return tr("Wait until the restore is done.")
        if not chosen_snapshot(self.backups):
            return tr("Choose where the backups lie first.")
        if not self.passphrase.text():
            return tr("Type the passphrase first.")
        return "" if self.place.text().strip() else tr("Choose where the new store lies first.")

    def _allow(self) -> None:
        """Let what can be done now be done, or say why it can't."""
        why = "" if self._made else self._why_not()
        self.begin.setEnabled(not why)
        self.begin.setToolTip(why)
        self.begin.setAccessibleDescription(why)
        self.work_box.setVisible(self._task is not None)
        ready = self._task is None and self._made is None
        parts: tuple[QWidget, ...] = (
            *(self.source, self.choose_source, self.backups, self.user, self.passphrase),
            *(self.reveal, self.place, self.choose_place, self.even_damaged),
        )
        for part in parts:
            part.setEnabled(ready)

    def _begin(self) -> None:
        if self._made is not None:
            self.chosen.emit(self._made)
            self.accept()
            return
        if not self.begin.isEnabled():
            return
        source, place = Path(self.source.text().strip()), Path(self.place.text().strip())
        place, name = place.expanduser().absolute(), chosen_snapshot(self.backups)
        user, secret, now = self.user.currentText(), self.passphrase.text(), self._now()
        even = self.even_damaged.isChecked()
        self.notice.clear()
        self.doing.setText(tr("Beginning…"))
        self.progress.setRange(0, 0)
        self.stop.setEnabled(True)
        task = self._work.run(
            lambda progress: backup.restore(
                source, place, user, secret, now, name=name, even_damaged=even, progress=progress
            ),
            lambda done: self._ended(place, done),
            self._troubled,
            self._report,
            owner=self,
            name=tr("Restoring"),
        )
        self._task = task if task.running else None
        self._allow()
        self.stop.setFocus(Qt.FocusReason.OtherFocusReason)

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        self.doing.setText(tr("Stopping…"))
        if self._task is not None:
            self._task.cancel()

    def _report(self, done: int, total: int, what: str) -> None:
        self.progress.setRange(0, max(0, total))
        self.progress.setValue(done)
        if self.stop.isEnabled():
            self.doing.setText(what)

    def _ended(self, place: Path, done: Restored) -> None:
        self._task, self._made = None, place
        self.passphrase.clear()
        kind, lead, text = restored_words(done)
        self.notice.say(BannerKind(kind), lead, text)
        self.begin.setText(tr("&Open the store"))
        self._allow()
        self.begin.setFocus(Qt.FocusReason.OtherFocusReason)
        self.ended.emit()

    def _troubled(self, error: ConsultDeskError) -> None:
        self._task = None
        self.even_damaged.setVisible(_EVEN_DAMAGED in error.cure or self.even_damaged.isChecked())
        self._say_error(error)
        self._allow()
        self.passphrase.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.user.currentText() != RECOVERY:
            self.passphrase.selectAll()
        self.ended.emit()

    def _say_error(self, error: ConsultDeskError) -> None:
        kind = BannerKind.INFO if isinstance(error, Cancelled) else BannerKind.DANGER
        cure = error.cure.replace(_EVEN_DAMAGED, "")
        self.notice.say(kind, error.message, f"{error.kept} {cure}".strip())

    # --- keys and the end -----------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter in a field goes on: it looks for backups, or begins."""
        if (
            event.type() is QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        ):
            self._look_once() if watched is self.source else self._begin()
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus, and no other."""
        if not enter_presses_focused(self, event):
            super().keyPressEvent(event)

    def _put_away(self) -> None:
        """Nothing typed stays, and what is still running is stopped."""
        self.passphrase.clear()
        if self._task is not None:
            self._task.cancel()


def _free(place: Path) -> Path:
    """That folder, or one beside it where something lies there already."""
    free, count = place, 1
    while free.exists() and (not free.is_dir() or any(free.iterdir())):
        count += 1
        free = place.with_name(f"{place.stem}-{count}{place.suffix}")
    return free
