"""The lines of the audit trail as a table that fetches only what is seen, page by page."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from enum import IntEnum

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QGuiApplication

from consultdesk.desk.audit_trail import Line
from consultdesk.desktop import icons
from consultdesk.desktop.words import moment, tr
from consultdesk.errors import ConsultDeskError

_PAGE = 64
_PAGES_KEPT = 24

Index = QModelIndex | QPersistentModelIndex
Fetch = Callable[[Sequence[int]], tuple[Line, ...]]


class Column(IntEnum):
    """The columns in their order."""

    WHEN = 0
    WHO = 1
    WHAT = 2
    CASE = 3
    OUTCOME = 4
    REASON = 5


def column_words(column: Column) -> str:
    """What stands above a column."""
    return {
        Column.WHEN: tr("When"),
        Column.WHO: tr("Who"),
        Column.WHAT: tr("What"),
        Column.CASE: tr("Case"),
        Column.OUTCOME: tr("Outcome"),
        Column.REASON: tr("Reason or detail"),
    }[column]


class AuditModel(QAbstractTableModel):
    """Is given the numbers of all lines, and asks for a page of them when it is looked at.

    `failed` carries a ConsultDeskError when a page can't be had; its lines are then empty.
    """

    failed = Signal(object)

    def __init__(self, fetch: Fetch, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fetch = fetch
        self._numbers: Sequence[int] = ()
        self._pages: OrderedDict[int, tuple[Line, ...]] = OrderedDict()

    def show_lines(self, numbers: Sequence[int]) -> None:
        """Show the lines of these numbers, in this order."""
        self.beginResetModel()
        self._pages.clear()
        self._numbers = numbers
        self.endResetModel()

    def line(self, row: int) -> Line | None:
        """The line in that row, or None where it couldn't be fetched."""
        if not 0 <= row < len(self._numbers):
            return None
        page, place = divmod(row, _PAGE)
        lines = self._page(page)
        return lines[place] if place < len(lines) else None

    def _page(self, page: int) -> tuple[Line, ...]:
        if page in self._pages:
            self._pages.move_to_end(page)
            return self._pages[page]
        try:
            lines = self._fetch(self._numbers[page * _PAGE : (page + 1) * _PAGE])
        except ConsultDeskError as error:
            lines = ()
            self.failed.emit(error)
        self._pages[page] = lines
        while len(self._pages) > _PAGES_KEPT:
            self._pages.popitem(last=False)
        return lines

    # --- what Qt asks ------------------------------------------------------------------

    def rowCount(self, parent: Index | None = None) -> int:
        """Lines there are."""
        return 0 if parent is not None and parent.isValid() else len(self._numbers)

    def columnCount(self, parent: Index | None = None) -> int:
        """Columns there are."""
        return 0 if parent is not None and parent.isValid() else len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """What a heading says."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return column_words(Column(section))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What a cell says."""
        line = self.line(index.row()) if index.isValid() else None
        if line is None:
            return None
        column = Column(index.column())
        if role == Qt.ItemDataRole.DecorationRole and column is Column.OUTCOME and line.refused:
            return icons.icon("warning", QGuiApplication.palette())
        if role in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return _words(line, column)
        return None


def _words(line: Line, column: Column) -> str:
    match column:
        case Column.WHEN:
            return moment(line.at)
        case Column.WHO:
            return tr("{name}, {role}").format(name=line.who, role=line.role)
        case Column.WHAT:
            return line.what
        case Column.CASE:
            return line.case
        case Column.OUTCOME:
            return tr("Refused") if line.refused else tr("Done")
        case Column.REASON:
            return line.reason
