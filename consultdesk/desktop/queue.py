"""The queue: which cases wait, in what order, and which one is open."""

from collections.abc import Callable
from typing import ClassVar

from PySide6.QtCore import QByteArray, QEvent, QModelIndex, QObject, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QStackedWidget,
    QTableView,
    QToolButton,
    QWidget,
)

from consultdesk.desktop.empty import EmptyState
from consultdesk.desktop.form import Forms
from consultdesk.desktop.queue_delegate import QueueDelegate, row_height
from consultdesk.desktop.queue_model import (
    SORT_KEYS,
    Column,
    Count,
    Fetch,
    QueueFilter,
    QueueModel,
    QueueSort,
    Which,
    column_words,
)
from consultdesk.desktop.style import TEXT_PX
from consultdesk.desktop.words import tr

Look = Callable[[str, Callable[[], None]], None]

_TYPING_PAUSE_MS = 200
_MINUTE_MS = 60_000
_SETTINGS_KEY = "queue/columns"
_WIDTHS = {
    Column.PRIORITY: 102,
    Column.PATIENT: 106,
    Column.QUESTION: 130,
    Column.DUE: 72,
    Column.STATE: 98,
    Column.NUMBER: 92,
    Column.SPECIALTY: 110,
    Column.RECEIVED: 140,
    Column.OWNER: 110,
}
_IMPORTED = (Which.MY_OPEN, Which.OPEN, Which.ALL)
_HIDDEN_AT_FIRST = (Column.NUMBER, Column.SPECIALTY, Column.RECEIVED, Column.OWNER)


def which_words(which: Which) -> str:
    """What a filter is called."""
    return {
        Which.MY_OPEN: tr("My open cases"),
        Which.OPEN: tr("All open"),
        Which.OVERDUE: tr("Overdue"),
        Which.WAITING: tr("Waiting"),
        Which.RELEASED: tr("Released"),
        Which.CLOSED: tr("Closed"),
        Which.ALL: tr("All cases"),
    }[which]


class CaseQueue(QWidget):
    """The list of cases with its filter, search and order.

    `case_opened` carries the id of the case a person opens, by a click or Enter. J and K move,
    as the arrows do. Settings keep widths and order of columns, never anything of a case.
    `look` finds what words need beside the window and calls back; without it they are looked
    for at once.
    """

    FORM: ClassVar[str] = "case_queue"

    heading: QLabel
    amount: QLabel
    which: QComboBox
    columns: QToolButton
    words: QLineEdit
    clear_all: QPushButton
    note: QLabel
    stack: QStackedWidget
    lines: QTableView
    nothing: EmptyState

    case_opened = Signal(str)
    import_asked = Signal()
    failed = Signal(object)

    def __init__(
        self,
        forms: Forms,
        fetch: Fetch,
        count: Count,
        now: Callable[[], int],
        settings: QSettings,
        parent: QWidget | None = None,
        *,
        look: Look | None = None,
    ) -> None:
        super().__init__(parent)
        forms.load(self, self.FORM)
        self._settings = settings
        self._look = look
        self._text_px = TEXT_PX
        self._to_choose = ""
        self._why_no_import = ""
        self.model = QueueModel(fetch, count, now, self)
        self.model.failed.connect(self.failed)
        self.model.modelReset.connect(self._show_amount)
        for which in Which:
            self.which.addItem(which_words(which), which.value)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_PAUSE_MS)
        self._typing.timeout.connect(self._filter)
        self._minute = QTimer(self)
        self._minute.setInterval(_MINUTE_MS)
        self._minute.timeout.connect(self.model.tick)
        self._minute.start()
        self._set_up_lines()
        self._set_up_columns()
        self.which.currentIndexChanged.connect(self._filter)
        self.words.textChanged.connect(self._typing.start)
        self.clear_all.clicked.connect(self.show_first_view)
        self.nothing.action_chosen.connect(self._act_on_nothing)
        self._filter()

    # --- what others ask for -----------------------------------------------------------

    def reload(self) -> None:
        """Fetch again, keeping filter, order, place and the chosen case."""
        self._when_found(self.model.filtered_by, self._fetch_again)

    def _fetch_again(self) -> None:
        chosen, row = self._to_choose or self.chosen_case, self.lines.currentIndex().row()
        place = self.lines.verticalScrollBar().value()
        self.model.reload()
        self.lines.verticalScrollBar().setValue(place)
        found = self.model.find(chosen, row) if chosen else None
        if found is not None:
            self._go_to(found, scroll=bool(self._to_choose))
            self._to_choose = ""

    def forget(self) -> None:
        """Drop every line and the words of the search: the desk is being locked."""
        self._typing.stop()
        self.words.blockSignals(True)
        self.words.clear()
        self.words.blockSignals(False)
        self.model.filtered_by = QueueFilter(self._which())
        self._to_choose = ""
        self.model.clear()

    def show_open(self, case_id: str) -> None:
        """Mark and choose the case that the other panes show; "" marks none.

        A case that isn't listed yet is chosen once it is; one outside the filter leaves no line
        chosen, so that no other patient seems to be the open one.
        """
        if case_id != self._delegate.open_case:
            self._delegate.open_case = case_id
            self._to_choose = case_id
            self._choose_open()
        self.lines.viewport().update()

    def _choose_open(self) -> None:
        wanted = self._to_choose
        if not wanted or wanted == self.chosen_case:
            self._to_choose = ""
            return
        row = self.model.find(wanted)
        if row is None:
            self.lines.setCurrentIndex(QModelIndex())
        else:
            self._to_choose = ""
            self._go_to(row)

    def show_first_view(self) -> None:
        """My open cases, by priority, nothing searched."""
        self.words.blockSignals(True)
        self.words.clear()
        self.words.blockSignals(False)
        self.which.setCurrentIndex(0)
        self.lines.horizontalHeader().setSortIndicator(Column.PRIORITY, Qt.SortOrder.AscendingOrder)
        self._filter()

    @property
    def chosen_case(self) -> str:
        """The id of the case under the cursor, or ""."""
        line = self.model.line(self.lines.currentIndex().row())
        return line.id if line else ""

    def go_to_next(self) -> None:
        """One case down."""
        self._to_choose = ""
        self._go_to(min(self.model.rowCount() - 1, self.lines.currentIndex().row() + 1))

    def go_to_previous(self) -> None:
        """One case up."""
        self._to_choose = ""
        self._go_to(max(0, self.lines.currentIndex().row() - 1))

    def open_chosen(self) -> None:
        """Open the case under the cursor."""
        if case_id := self.chosen_case:
            self.case_opened.emit(case_id)

    # --- the table ---------------------------------------------------------------------

    def _set_up_lines(self) -> None:
        self.lines.setModel(self.model)
        self._delegate = QueueDelegate(self.lines, self.model)
        self.lines.setItemDelegate(self._delegate)
        upright = self.lines.verticalHeader()
        upright.setVisible(False)
        upright.setMinimumSectionSize(24)
        upright.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.lines.clicked.connect(self._open_clicked)
        self.lines.installEventFilter(self)
        header = self.lines.horizontalHeader()
        header.setSectionsMovable(True)
        header.setSectionsClickable(True)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(60)
        header.setStretchLastSection(False)
        header.setSortIndicatorShown(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._restore_columns()
        self._fit_text()
        header.setSectionResizeMode(Column.QUESTION, QHeaderView.ResizeMode.Stretch)
        header.sortIndicatorChanged.connect(self._sort)
        self._sort(header.sortIndicatorSection(), header.sortIndicatorOrder())
        for changed in (header.sectionMoved, header.sectionResized):
            changed.connect(self._keep_columns)

    def _fit_text(self) -> None:
        """Lines as high and columns as wide as words of this size need."""
        font = self.lines.font()
        self.lines.verticalHeader().setDefaultSectionSize(row_height(font))
        was, self._text_px = self._text_px, font.pixelSize()
        if was != self._text_px:
            header = self.lines.horizontalHeader()
            for column in Column:
                # a hidden column has no width to go by
                wide = header.sectionSize(column) or _WIDTHS[column] * was / TEXT_PX
                header.resizeSection(column, round(wide * self._text_px / was))

    def _open_clicked(self, index: QModelIndex) -> None:
        line = self.model.line(index.row())
        if line:
            self.case_opened.emit(line.id)

    def _go_to(self, row: int, *, scroll: bool = True) -> None:
        if not 0 <= row < self.model.rowCount():
            return
        column = max(0, self.lines.currentIndex().column())
        if self.lines.isColumnHidden(column):
            column = next(one for one in Column if not self.lines.isColumnHidden(one))
        before = self.lines.verticalScrollBar().value()
        self.lines.setCurrentIndex(self.model.index(row, column))
        if not scroll:
            self.lines.verticalScrollBar().setValue(before)

    def _sort(self, column: int, order: Qt.SortOrder) -> None:
        header = self.lines.horizontalHeader()
        if column not in SORT_KEYS:
            # No order by question: the words are sealed, so the store can't sort by them.
            keys = {key: one for one, key in SORT_KEYS.items()}
            now = self.model.sorted_by
            down = Qt.SortOrder.DescendingOrder if now.descending else Qt.SortOrder.AscendingOrder
            header.setSortIndicator(keys[now.key], down)
            return
        chosen = self.chosen_case
        self.model.sort(column, order)
        self._keep_columns()
        row = self.model.find(chosen) if chosen else None
        if row is not None:
            self._go_to(row)

    # --- columns -------------------------------------------------------------------------

    def _set_up_columns(self) -> None:
        self._menu = QMenu(self)
        self._shown: dict[Column, QAction] = {}
        for column in Column:
            action = self._menu.addAction(column_words(column))
            action.setCheckable(True)
            action.setChecked(not self.lines.isColumnHidden(column))
            action.setEnabled(column not in (Column.PRIORITY, Column.PATIENT))
            action.toggled.connect(
                lambda shown, column=column: self._show_column(column, shown=shown)
            )
            self._shown[column] = action
        self._menu.addSeparator()
        self._menu.addAction(tr("Columns as at first")).triggered.connect(self.reset_columns)
        self.columns.setMenu(self._menu)
        header = self.lines.horizontalHeader()
        header.customContextMenuRequested.connect(
            lambda where: self._menu.popup(header.mapToGlobal(where))
        )

    def _show_column(self, column: Column, *, shown: bool) -> None:
        self.lines.setColumnHidden(column, not shown)
        self._keep_columns()

    def reset_columns(self) -> None:
        """All columns as they were at first."""
        self._settings.remove(_SETTINGS_KEY)
        header = self.lines.horizontalHeader()
        for column in Column:
            header.moveSection(header.visualIndex(column), column)
        self._lay_out_columns()
        for column, action in self._shown.items():
            action.setChecked(column not in _HIDDEN_AT_FIRST)
        self._keep_columns()

    def _lay_out_columns(self) -> None:
        self._text_px = self.lines.font().pixelSize()
        for column in Column:
            width = round(_WIDTHS[column] * self._text_px / TEXT_PX)
            self.lines.setColumnWidth(column, width)
            self.lines.setColumnHidden(column, column in _HIDDEN_AT_FIRST)

    def _restore_columns(self) -> None:
        header = self.lines.horizontalHeader()
        header.setSortIndicator(Column.PRIORITY, Qt.SortOrder.AscendingOrder)
        self._lay_out_columns()
        kept = self._settings.value(_SETTINGS_KEY)
        if isinstance(kept, QByteArray) and not header.restoreState(kept):
            self._settings.remove(_SETTINGS_KEY)
        if header.count() != len(Column):
            self._lay_out_columns()

    def _keep_columns(self) -> None:
        self._settings.setValue(_SETTINGS_KEY, self.lines.horizontalHeader().saveState())

    # --- which cases ---------------------------------------------------------------------

    def _which(self) -> Which:
        return Which(str(self.which.currentData()))

    def _filter(self) -> None:
        self._typing.stop()
        words = self.words.text().strip()
        wanted = QueueFilter(Which.ALL, words) if words else QueueFilter(self._which())
        self.note.setVisible(bool(words) and self._which() is not Which.ALL)
        self._when_found(wanted, lambda: self._show_filtered(wanted))

    def _when_found(self, wanted: QueueFilter, then: Callable[[], None]) -> None:
        """Go on once the words have been looked for: the window doesn't wait for that."""
        if wanted.words and self._look is not None:
            self._look(wanted.words, lambda: self._go_on(wanted, then))
        else:
            then()

    def _go_on(self, wanted: QueueFilter, then: Callable[[], None]) -> None:
        if wanted.words == self.words.text().strip():
            then()

    def _show_filtered(self, wanted: QueueFilter) -> None:
        chosen = self._to_choose or self.chosen_case
        self.model.filter_by(wanted)
        self.lines.verticalScrollBar().setValue(0)
        row = self.model.find(chosen) if chosen else None
        if row is not None:
            self._go_to(row)
            self._to_choose = ""

    def _show_amount(self) -> None:
        rows = self.model.rowCount()
        self.amount.setText(self.locale().toString(rows))
        said = tr("1 case") if rows == 1 else tr("{n} cases").format(n=rows)
        self.amount.setAccessibleName(said)
        self.amount.setToolTip(said)
        self.stack.setCurrentWidget(self.lines if rows else self.nothing)
        if not rows:
            self._say_nothing()

    def _say_nothing(self) -> None:
        if self.model.filtered_by.words:
            sentence = tr("No case holds these words.")
            self.nothing.say("search", sentence, action=tr("Clear the search"))
        elif self._which() in _IMPORTED and self._why_no_import:
            self.nothing.say("case", tr("No cases wait here."), self._why_no_import)
        elif self._which() in _IMPORTED:
            self.nothing.say(
                "case",
                tr("No cases wait here."),
                tr("Drop a referral on this window, or bring one in."),
                tr("Import…"),
            )
        else:
            self.nothing.say("check", tr("No cases here."), action=tr("Show my open cases"))

    def bar_import(self, why: str) -> None:
        """Offer no import where nothing is yet, and say why instead; "" offers it."""
        self._why_no_import = why
        self._show_amount()

    def _act_on_nothing(self) -> None:
        no_words = not self.model.filtered_by.words
        if no_words and self._which() in _IMPORTED:
            self.import_asked.emit()
        else:
            self.show_first_view()

    # --- keys and size --------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at an event first."""
        if watched is self.lines and event.type() == QEvent.Type.FontChange:
            self._fit_text()
        if (
            watched is self.lines
            and event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
        ):
            return self._act_on_key(event)
        return super().eventFilter(watched, event)

    def _act_on_key(self, event: QKeyEvent) -> bool:
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        acts = {
            Qt.Key.Key_J: self.go_to_next,
            Qt.Key.Key_K: self.go_to_previous,
            Qt.Key.Key_Return: self.open_chosen,
            Qt.Key.Key_Enter: self.open_chosen,
        }
        act = acts.get(Qt.Key(event.key()))
        if act is None:
            return False
        act()
        return True


__all__ = ["CaseQueue", "QueueFilter", "QueueSort", "Which", "which_words"]
