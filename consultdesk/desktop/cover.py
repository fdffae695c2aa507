"""What is seen while the desk is locked: the lock screen, or the first run. No name, no case."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QClipboard, QCloseEvent, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget

from consultdesk.desktop.form import Forms
from consultdesk.desktop.scrolling import steady
from consultdesk.desktop.unlock import UnlockForm
from consultdesk.desktop.words import tr

if TYPE_CHECKING:
    from consultdesk.desktop.first_run import FirstRun

_LONGEST_UNSEEN_MS = 500


class Cover(QWidget):
    """A window of its own that shows one of the two forms.

    `store_chosen` carries the folder of another store, `restore_asked` that one is to be made from
    a backup, `quit_asked` that it was closed, and `seen` comes once, when it has been painted for
    the first time.
    """

    store_chosen = Signal(object)
    restore_asked = Signal()
    quit_asked = Signal()
    seen = Signal()

    def __init__(self, forms: Forms) -> None:
        super().__init__()
        self.was_seen = False
        self._forms = forms
        self.setWindowTitle("ConsultDesk")
        self.setObjectName("cover")
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.area)
        self.unlock: UnlockForm | None = None
        self.first_run: FirstRun | None = None
        self.resize(900, 640)

    def ask_passphrase(self, folder: Path, users: tuple[str, ...], note: str) -> UnlockForm:
        """Show the lock screen for a store."""
        form = UnlockForm(self._forms, self)
        form.show_store(folder.stem, users, note=note)
        form.another_store_requested.connect(self._choose_store)
        form.restore_requested.connect(self.restore_asked)
        self.unlock, self.first_run = form, None
        self.area.setWidget(form)
        form.passphrase.setFocus(Qt.FocusReason.OtherFocusReason)
        return form

    def ask_first_run(self, folder: Path) -> "FirstRun":
        """Show the steps that make a first store."""
        # Here, not at the top: they are needed once, the lock screen every day.
        from consultdesk.desktop.first_run import FirstRun

        form = FirstRun(self._forms, str(folder), self, keychain_there=False)
        form.restore_requested.connect(self.restore_asked)
        self.unlock, self.first_run = None, form
        self.area.setWidget(form)
        return form

    def _choose_store(self) -> None:
        # Here, not at the top: it is rarely asked for, the lock screen every day.
        from PySide6.QtWidgets import QFileDialog

        dialog = QFileDialog(self, tr("Open another store"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.store_chosen.emit(Path(name)))
        dialog.open()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it, and say so the first time."""
        super().paintEvent(event)
        if not self.was_seen:
            QTimer.singleShot(0, self, self._say_seen)

    def showEvent(self, event: QShowEvent) -> None:
        """A window that begins behind others may not be painted for long."""
        super().showEvent(event)
        QTimer.singleShot(_LONGEST_UNSEEN_MS, self, self._say_seen)

    def _say_seen(self) -> None:
        if not self.was_seen:
            self.was_seen = True
            # only now: Python looks up every kind of widget for it
            steady(self.area)
            self.seen.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing the lock screen ends the program."""
        event.accept()
        self.quit_asked.emit()


def close_all_but(cover: QWidget) -> None:
    """Close every other window of the program, and hide what won't close; no title says a word.

    A dialog may refuse to close while it prints or saves, and a file chooser is nobody's child.
    """
    for window in QApplication.topLevelWidgets():
        if window is cover or cover.isAncestorOf(window):
            continue
        if window.isVisible():
            window.close()
            window.hide()
        if window.windowTitle():
            window.setWindowTitle("ConsultDesk")


def clear_clipboard(clipboard: QClipboard, *, ours: bool) -> None:
    """Empty the clipboard where it holds what was copied here, and what is marked with a mouse."""
    if ours or clipboard.ownsClipboard():
        clipboard.clear()
    if clipboard.supportsSelection() and clipboard.ownsSelection():
        clipboard.clear(QClipboard.Mode.Selection)
