"""The lines of the queue as a table that fetches only what is seen, page by page."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from consultdesk.consultation.case import QueueRow
from consultdesk.desktop.chip import share_of_time
from consultdesk.desktop.words import day_of, moment, priority_word, state_words, time_left, tr
from consultdesk.errors import ConsultDeskError

_PAGE = 64
_PAGES_KEPT = 24

Index = QModelIndex | QPersistentModelIndex


class Which(StrEnum):
    """Which cases the queue shows."""

    MY_OPEN = "my_open"
    OPEN = "open"
    OVERDUE = "overdue"
    WAITING = "waiting"
    RELEASED = "released"
    CLOSED = "closed"
    ALL = "all"


@dataclass(frozen=True)
class QueueFilter:
    """Which cases, and words that they hold; words search in all cases."""

    which: Which = Which.MY_OPEN
    words: str = ""


@dataclass(frozen=True)
class QueueSort:
    """`key` is one of priority, due, patient, state, received, number, specialty."""

    key: str = "priority"
    descending: bool = False


Fetch = Callable[[int, int, QueueSort, QueueFilter], tuple[QueueRow, ...]]
Count = Callable[[QueueFilter], int]


class Column(IntEnum):
    """The columns in their first order."""

    PRIORITY = 0
    PATIENT = 1
    QUESTION = 2
    DUE = 3
    STATE = 4
    NUMBER = 5
    SPECIALTY = 6
    RECEIVED = 7
    OWNER = 8


SORT_KEYS = {
    Column.PRIORITY: "priority",
    Column.PATIENT: "patient",
    Column.DUE: "due",
    Column.STATE: "state",
    Column.NUMBER: "number",
    Column.SPECIALTY: "specialty",
    Column.RECEIVED: "received",
}


def column_words(column: Column) -> str:
    """What stands above a column."""
    return {
        Column.PRIORITY: tr("Priority"),
        Column.PATIENT: tr("Patient"),
        Column.QUESTION: tr("Question"),
        Column.DUE: tr("Due"),
        Column.STATE: tr("State"),
        Column.NUMBER: tr("Number"),
        Column.SPECIALTY: tr("Specialty"),
        Column.RECEIVED: tr("Received"),
        Column.OWNER: tr("Physician"),
    }[column]


class QueueModel(QAbstractTableModel):
    """Asks for a count and for pages of lines; sorting and filtering happen at the source.

    `failed` carries a ConsultDeskError when a page can't be had; its lines are then empty.
    """

    failed = Signal(object)

    def __init__(
        self, fetch: Fetch, count: Count, now: Callable[[], int], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._fetch = fetch
        self._count_cases = count
        self._now = now
        self.sorted_by = QueueSort()
        self.filtered_by = QueueFilter()
        self._rows = 0
        self._pages: OrderedDict[int, tuple[QueueRow, ...]] = OrderedDict()

    # --- what is shown ---------------------------------------------------------------

    def reload(self) -> None:
        """Ask again for everything: the cases may have changed."""
        self.beginResetModel()
        self._pages.clear()
        try:
            self._rows = self._count_cases(self.filtered_by)
        except ConsultDeskError as error:
            self._rows = 0
            self.failed.emit(error)
        self.endResetModel()

    def filter_by(self, wanted: QueueFilter) -> None:
        """Show other cases."""
        self.filtered_by = wanted
        self.reload()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Ask for another order."""
        key = SORT_KEYS.get(Column(column)) if column >= 0 else None
        if key is None:
            return
        wanted = QueueSort(key, order == Qt.SortOrder.DescendingOrder)
        if wanted != self.sorted_by:
            self.sorted_by = wanted
            self.reload()

    def clear(self) -> None:
        """Forget every line, as when the desk is locked."""
        self.beginResetModel()
        self._pages.clear()
        self._rows = 0
        self.endResetModel()

    def tick(self) -> None:
        """Time has passed: what is due is said anew."""
        if self._rows:
            last = self.index(self._rows - 1, Column.DUE)
            self.dataChanged.emit(self.index(0, Column.DUE), last)

    def line(self, row: int) -> QueueRow | None:
        """The case in line `row`, or None where it couldn't be fetched."""
        if not 0 <= row < self._rows:
            return None
        page, place = divmod(row, _PAGE)
        lines = self._page(page)
        return lines[place] if place < len(lines) else None

    def find(self, case_id: str, near: int = 0) -> int | None:
        """The line of a case, looked for where it last was; None when it isn't there."""
        around = max(0, near) // _PAGE
        for page in dict.fromkeys([around, around + 1, around - 1, 0, *self._pages]):
            if 0 <= page * _PAGE < self._rows:
                for place, line in enumerate(self._page(page)):
                    if line.id == case_id:
                        return page * _PAGE + place
        return None

    def share(self, line: QueueRow) -> float:
        """How much of a case's time is used up."""
        return share_of_time(line.received_at, line.due_at, self._now())

    def _page(self, page: int) -> tuple[QueueRow, ...]:
        if page in self._pages:
            self._pages.move_to_end(page)
            return self._pages[page]
        try:
            lines = self._fetch(page * _PAGE, _PAGE, self.sorted_by, self.filtered_by)
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
        return 0 if parent is not None and parent.isValid() else self._rows

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
        if not index.isValid():
            return None
        line = self.line(index.row())
        if line is None:
            return None
        if role == Qt.ItemDataRole.UserRole:
            return line.id
        column = Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self.words(line, column)
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return self._whole_words(line, column)
        return None

    def words(self, line: QueueRow, column: Column) -> str:
        """What one cell says."""
        match column:
            case Column.PRIORITY:
                return priority_word(line.priority)
            case Column.PATIENT:
                return patient_in(line)
            case Column.QUESTION:
                return line.question
            case Column.DUE:
                return time_left(line.due_at, self._now())
            case Column.STATE:
                return state_words(line.state)
            case Column.NUMBER:
                return line.number
            case Column.SPECIALTY:
                return line.specialty
            case Column.RECEIVED:
                return moment(line.received_at)
            case Column.OWNER:
                return line.owner

    def _whole_words(self, line: QueueRow, column: Column) -> str:
        words = self.words(line, column)
        if column is Column.STATE and line.waiting_for:
            return tr("{state}, waiting for {what}").format(state=words, what=line.waiting_for)
        if column is Column.DUE and line.due_at is not None:
            return tr("{left}, due {when}").format(left=words, when=moment(line.due_at))
        return words


def patient_in(line: QueueRow) -> str:
    """The patient's name, or that there is none any more."""
    if line.erased_at is not None:
        return tr("Erased {day}").format(day=day_of(line.erased_at))
    return line.patient
