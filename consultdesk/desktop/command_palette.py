"""The palette: cases and commands found by a few letters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QWidget

from consultdesk.desktop.form import Forms
from consultdesk.desktop.words import tr

_TYPING_PAUSE_MS = 120
_MOST_CASES = 12
_CASE, _COMMAND = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True)
class FoundCase:
    """A case the palette may offer."""

    case_id: str
    words: str


class CommandPalette(QDialog):
    """Offers cases first, then commands. `case_chosen` carries a case's id."""

    FORM: ClassVar[str] = "command_palette"

    words: QLineEdit
    found: QListWidget

    case_chosen = Signal(str)
    command_chosen = Signal(str)

    def __init__(
        self,
        forms: Forms,
        actions: dict[str, QAction],
        find_cases: Callable[[str], Sequence[FoundCase]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        forms.load(self, self.FORM)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._actions = actions
        self._find_cases = find_cases
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_PAUSE_MS)
        self._typing.timeout.connect(self._search)
        self.words.textChanged.connect(lambda _typed: self._typing.start())
        self.words.returnPressed.connect(self._choose)
        self.words.installEventFilter(self)
        self.found.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.found.itemClicked.connect(lambda _item: self._choose())
        self._search()
        self.words.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and down move in the list while the words keep the focus."""
        if (
            watched is self.words
            and event.type() is QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down)
        ):
            by = 1 if event.key() == Qt.Key.Key_Down else -1
            if rows := self.found.count():
                self.found.setCurrentRow((self.found.currentRow() + by) % rows)
            return True
        return super().eventFilter(watched, event)

    def _search(self) -> None:
        typed = self.words.text().strip()
        self.found.clear()
        if typed:
            for case in self._find_cases(typed)[:_MOST_CASES]:
                item = QListWidgetItem(case.words, self.found)
                item.setData(_CASE, case.case_id)
        for key, action in self._actions.items():
            words = action.text().partition("\t")[0].replace("&", "")
            if all(part in words.casefold() for part in typed.casefold().split()):
                self._offer(key, action, words)
        if self.found.count():
            self.found.setCurrentRow(0)
        else:
            QListWidgetItem(tr("Nothing is called that."), self.found).setFlags(
                Qt.ItemFlag.NoItemFlags
            )

    def _offer(self, key: str, action: QAction, words: str) -> None:
        keys = action.shortcut().toString(action.shortcut().SequenceFormat.NativeText)
        item = QListWidgetItem(f"{words}    {keys}".rstrip(), self.found)
        item.setIcon(action.icon())
        item.setData(_COMMAND, key)
        if not action.isEnabled():
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            item.setToolTip(action.toolTip())

    def _choose(self) -> None:
        if self._typing.isActive():
            self._typing.stop()
            self._search()
        item: QListWidgetItem | None = self.found.currentItem()
        if item is None or not item.flags() & Qt.ItemFlag.ItemIsEnabled:
            return
        case_id, key = str(item.data(_CASE) or ""), str(item.data(_COMMAND) or "")
        self.close()
        if case_id:
            self.case_chosen.emit(case_id)
        elif key:
            self.command_chosen.emit(key)
