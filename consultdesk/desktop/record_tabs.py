"""The records of a case as tabs, and as a list where they are many."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QStyle,
    QStyleOptionTab,
    QTabBar,
    QToolButton,
    QWidget,
)

from consultdesk.consultation.record import RecordItem, RecordKind
from consultdesk.desktop.case_words import record_detail, record_icon
from consultdesk.desktop.icons import icon
from consultdesk.desktop.words import tr

_MOST, _LEAST = 40, 14
_WORDS = QStyle.SubElement.SE_TabBarTabText
LETTER = "letter"
"""The key of the tab that shows the letter instead of a record."""


class _Bar(QTabBar):
    """Tabs that grow narrower, yet stay readable; those that find no room are scrolled to.

    The chosen one stays whole where half of the bar is enough for it.
    """

    def tabSizeHint(self, index: int) -> QSize:
        """How wide a whole name is, also once it is chosen and so drawn bolder."""
        hint = super().tabSizeHint(index)
        around = hint.width() - self._words_width(index)
        words = self._bold().horizontalAdvance(self.tabText(index))
        most = self.fontMetrics().averageCharWidth() * _MOST
        return QSize(around + min(words, most), hint.height())

    def minimumTabSizeHint(self, index: int) -> QSize:
        """How narrow a tab may become."""
        whole = self.tabSizeHint(index)
        around = super().tabSizeHint(index).width() - self._words_width(index)
        least = around + self.fontMetrics().averageCharWidth() * _LEAST
        if index == self.currentIndex():
            least = max(least, self.width() // 2)
        return QSize(min(whole.width(), least), whole.height())

    def initStyleOption(self, option: QStyleOptionTab, tabIndex: int) -> None:
        """Shorten the chosen name by the bolder letters it is drawn in, so that none is cut."""
        super().initStyleOption(option, tabIndex)
        if tabIndex == self.currentIndex():
            room = self.style().subElementRect(_WORDS, option, self).width()
            words = self.tabText(tabIndex)
            option.text = self._bold().elidedText(words, self.elideMode(), room)

    def _words_width(self, index: int) -> int:
        return self.fontMetrics().horizontalAdvance(self.tabText(index))

    def _bold(self) -> QFontMetrics:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        return QFontMetrics(font)


class RecordTabs(QWidget):
    """One tab a record. `record_chosen` carries its id, or "letter" for the letter's preview."""

    record_chosen = Signal(str)
    details_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._records: dict[str, RecordItem] = {}
        self._with_letter = False
        self.bar = _Bar(self)
        self.bar.setAccessibleName(tr("Records"))
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.bar.setUsesScrollButtons(True)
        self.bar.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.bar.customContextMenuRequested.connect(
            lambda at: self._ask_details(self.bar.tabAt(at))
        )
        self.bar.tabBarDoubleClicked.connect(self._ask_details)
        self.list_button = QToolButton(self)
        self.list_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.list_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.list_button.setAccessibleName(tr("All records as a list"))
        self.list_button.setToolTip(tr("All records as a list"))
        self._menu = QMenu(self)
        self.list_button.setMenu(self._menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.bar, 1)
        row.addWidget(self.list_button)
        self.bar.currentChanged.connect(self._choose)
        self.setFocusProxy(self.bar)
        self._dress()

    # --- what to show ----------------------------------------------------------------------

    def show_records(self, records: tuple[RecordItem, ...], *, with_letter: bool) -> None:
        """Show these records, keeping the one that is chosen; nothing is announced."""
        chosen = self.chosen
        self._records = {record.id: record for record in records if not record.entered_in_error}
        self._with_letter = with_letter
        self.bar.blockSignals(True)
        while self.bar.count():
            self.bar.removeTab(0)
        for record in self._records.values():
            whole = f"{record.name}\n{record_detail(record)}"
            self._add(record.id, _tab_words(record), whole, record_icon(record))
        if with_letter:
            words = tr("Letter preview")
            self._add(LETTER, words, f"{words}\n{tr('The letter as it stands')}", "preview")
        self._go(chosen)
        self.bar.blockSignals(False)
        self._fill_menu()
        self.setVisible(self.bar.count() > 0)

    def clear(self) -> None:
        """Show no record."""
        self.show_records((), with_letter=False)

    @property
    def chosen(self) -> str:
        """The id of the chosen record, "letter", or ""."""
        return str(self.bar.tabData(self.bar.currentIndex()) or "")

    @property
    def first(self) -> str:
        """The id of the first record, or ""."""
        return next(iter(self._records), "")

    def record(self, record_id: str) -> RecordItem | None:
        """The record of that id, where it is shown."""
        return self._records.get(record_id)

    def choose(self, key: str) -> None:
        """Choose a record, or the letter; `record_chosen` follows when it wasn't chosen."""
        self._go(key)

    def step(self, by: int) -> None:
        """The next or the previous record."""
        if self.bar.count():
            self.bar.setCurrentIndex((self.bar.currentIndex() + by) % self.bar.count())

    # --- inside ----------------------------------------------------------------------------

    def _add(self, key: str, words: str, whole: str, icon_name: str) -> None:
        at = self.bar.addTab(words.replace("&", "&&"))
        self.bar.setTabData(at, key)
        self.bar.setTabToolTip(at, whole)
        self.bar.setAccessibleTabName(at, whole.replace("\n", ", "))
        self.bar.setTabIcon(at, _icon(icon_name))

    def _go(self, key: str) -> None:
        for at in range(self.bar.count()):
            if self.bar.tabData(at) == key:
                self.bar.setCurrentIndex(at)
                return

    def _choose(self, at: int) -> None:
        if at >= 0:
            self.record_chosen.emit(str(self.bar.tabData(at)))

    def _ask_details(self, at: int) -> None:
        key = str(self.bar.tabData(at) or "") if at >= 0 else ""
        if key in self._records:
            self.details_asked.emit(key)

    def _fill_menu(self) -> None:
        self._menu.clear()
        for record in self._records.values():
            words = f"{_tab_words(record)}  ({record_detail(record)})".replace("&", "&&")
            action = self._menu.addAction(_icon(record_icon(record)), words)
            action.triggered.connect(lambda _on=False, key=record.id: self.choose(key))

    def _dress(self) -> None:
        self.list_button.setIcon(_icon("queue"))

    def changeEvent(self, event: QEvent) -> None:
        """Draw marks anew when the colours change."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_menu"):
            self._dress()
            self.show_records(tuple(self._records.values()), with_letter=self._with_letter)


def _icon(name: str) -> QIcon:
    return icon(name, QGuiApplication.palette(), QPalette.ColorRole.WindowText)


def _tab_words(record: RecordItem) -> str:
    name = record.name
    if record.pages > 1 and record.kind is not RecordKind.IMAGING:
        return f"{name} ({record.pages})"
    return name
