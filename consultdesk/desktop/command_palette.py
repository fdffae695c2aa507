"""The palette: cases and commands found by a few letters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import shiboken6
from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QAction, QGuiApplication, QIcon, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from consultdesk.desktop import icons
from consultdesk.desktop.form import Forms
from consultdesk.desktop.style import text_scale_of, tokens_now
from consultdesk.desktop.words import tr

_TYPING_PAUSE_MS = 120
_MOST_CASES = 12
_CASE, _COMMAND, _KEYS = (Qt.ItemDataRole.UserRole + n for n in range(3))
_ICON = 16
_EDGE = 10


@dataclass(frozen=True)
class FoundCase:
    """A case the palette may offer."""

    case_id: str
    words: str


FindCases = Callable[[str, Callable[[Sequence[FoundCase]], None]], None]


class _KeysAtTheRight(QStyledItemDelegate):
    """A line of the palette: its keys stand below one another at the right edge."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw it."""
        super().paint(painter, option, index)
        keys = str(index.data(_KEYS) or "")
        if not keys:
            return
        tokens = tokens_now()
        chosen = option.state & QStyle.StateFlag.State_Selected
        painter.save()
        painter.setFont(option.font)
        painter.setPen(tokens.colour("on_selection" if chosen else "muted"))
        where = option.rect.adjusted(0, 0, -_EDGE, 0)
        painter.drawText(where, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, keys)
        painter.restore()


class CommandPalette(QDialog):
    """Offers cases first, then commands. `case_chosen` carries a case's id.

    `find_cases` is asked for words and hands what it found to the function beside them, later.
    """

    FORM: ClassVar[str] = "command_palette"

    words: QLineEdit
    found: QListWidget

    case_chosen = Signal(str)
    command_chosen = Signal(str)

    def __init__(
        self,
        forms: Forms,
        actions: dict[str, QAction],
        find_cases: FindCases,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        forms.load(self, self.FORM)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._actions = actions
        self._find_cases = find_cases
        self._looked_for = ""
        self._looking = False
        self._choose_when_found = False
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_PAUSE_MS)
        self._typing.timeout.connect(self._search)
        self.found.setItemDelegate(_KeysAtTheRight(self.found))
        size = round(_ICON * text_scale_of(self))
        self.found.setIconSize(QSize(size, size))
        self._case_icon = icons.icon("case", QGuiApplication.palette())
        # what has no icon of its own begins where the others' words begin
        empty = QPixmap(size, size)
        empty.fill(Qt.GlobalColor.transparent)
        self._no_icon = QIcon(empty)
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
        self._choose_when_found = False
        self._looked_for, self._looking = typed, bool(typed)
        for key, words in _found(self._actions, typed):
            self._offer(key, self._actions[key], words)
        if self.found.count():
            self.found.setCurrentRow(0)
        else:
            QListWidgetItem(tr("Nothing is called that."), self.found).setFlags(
                Qt.ItemFlag.NoItemFlags
            )
        if typed:
            self._find_cases(typed, lambda cases: self._take(typed, cases))

    def _take(self, typed: str, cases: Sequence[FoundCase]) -> None:
        """Cases stand above the commands that were there at once."""
        if not shiboken6.isValid(self) or typed != self._looked_for:
            return
        self._looking = False
        if cases and not self.found.item(0).flags() & Qt.ItemFlag.ItemIsEnabled:
            self._drop_nothing()
        for place, case in enumerate(cases[:_MOST_CASES]):
            item = QListWidgetItem(self._case_icon, case.words)
            item.setData(_CASE, case.case_id)
            self.found.insertItem(place, item)
        if cases:
            self.found.setCurrentRow(0)
        if self._choose_when_found:
            self._choose()

    def _drop_nothing(self) -> None:
        """Take away the line that says that nothing was found."""
        only = self.found.item(0)
        if self.found.count() == 1 and not only.data(_COMMAND):
            self.found.takeItem(0)

    def _offer(self, key: str, action: QAction, words: str) -> None:
        keys = action.shortcut().toString(action.shortcut().SequenceFormat.NativeText)
        item = QListWidgetItem(words, self.found)
        item.setIcon(self._no_icon if action.icon().isNull() else action.icon())
        item.setData(_COMMAND, key)
        item.setData(_KEYS, keys)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{words}, {keys}" if keys else words)
        if not action.isEnabled():
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            item.setToolTip(action.toolTip())

    def _choose(self) -> None:
        if self._typing.isActive():
            self._typing.stop()
            self._search()
        if self._looking:
            self._choose_when_found = True
            return
        item: QListWidgetItem | None = self.found.currentItem()
        if item is None or not item.flags() & Qt.ItemFlag.ItemIsEnabled:
            return
        case_id, key = str(item.data(_CASE) or ""), str(item.data(_COMMAND) or "")
        self.close()
        if case_id:
            self.case_chosen.emit(case_id)
        elif key:
            self.command_chosen.emit(key)


def _found(actions: dict[str, QAction], typed: str) -> list[tuple[str, str]]:
    """Keys and words of the commands that hold what was typed.

    Those that begin with it come first, then those in which a word does: "keys" asks for Keys and
    not for Exchange keys, "turn" for Turnaround and not for Return.
    """
    parts = typed.casefold().split()
    named = [(key, one.text().partition("\t")[0].replace("&", "")) for key, one in actions.items()]
    held = [one for one in named if all(part in one[1].casefold() for part in parts)]

    def farther(one: tuple[str, str]) -> tuple[bool, bool]:
        said = one[1].casefold()
        of_words = all(any(word.startswith(part) for word in said.split()) for part in parts)
        return not said.startswith(" ".join(parts)), not of_words

    return sorted(held, key=farther)
