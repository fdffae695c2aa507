"""What the pages of an assessment are put together from: labelled fields, links, dates."""

from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import QDate, QEvent, QLocale, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QAbstractSpinBox,
    QCalendarWidget,
    QComboBox,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
    QWidgetAction,
)

from consultdesk.consultation.assessment import Evidence
from consultdesk.desktop import icons
from consultdesk.desktop.days import read_day
from consultdesk.desktop.inputs import plain_label, set_property
from consultdesk.desktop.style import text_scale_of
from consultdesk.desktop.words import tr

_FRAME = 22  # border and padding of a group, left and right together
_LINK_FRAME = 16  # border and padding of a link, with a little air
RecordName = Callable[[str], str]
"""A record's name by its id."""


class Group(QGroupBox):
    """A titled group whose title is shortened where the pane is narrow; the tooltip has it all."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._title = title
        self.setAccessibleName(title)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """As narrow as what is in it, whatever the title."""
        layout = self.layout()
        inner = layout.minimumSize().width() if layout else 0
        return QSize(inner + _FRAME, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten the title to the new width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        shown = QFontMetrics(font).elidedText(
            self._title, Qt.TextElideMode.ElideRight, max(self.width() - _FRAME - 10, 40)
        )
        self.setTitle(plain_label(shown))
        self.setToolTip(self._title if shown != self._title else "")


def section(title: str, parent: QWidget, help_: str = "") -> tuple[QGroupBox, QVBoxLayout]:
    """A titled group and the column inside it."""
    group = Group(title, parent)
    column = QVBoxLayout(group)
    column.setSpacing(8)
    column.setContentsMargins(2, 6, 2, 2)
    if help_:
        column.addWidget(muted(help_, group))
    return group, column


def muted(text: str, parent: QWidget) -> QLabel:
    """A quiet line that explains."""
    label = QLabel(text, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", "muted")
    label.setWordWrap(True)
    return label


def labelled(
    column: QVBoxLayout, words: str, widget: QWidget, name: str, *, help_: str = ""
) -> QLabel:
    """Put a widget into the column under its label, which is its buddy and its name."""
    label = QLabel(plain_label(words), widget.parentWidget())
    label.setWordWrap(True)
    label.setBuddy(widget)
    label.setToolTip(help_)
    widget.setObjectName(name)
    widget.setAccessibleName(words)
    if help_:
        widget.setAccessibleDescription(help_)
        widget.setToolTip(help_)
    inner = QVBoxLayout()
    inner.setSpacing(3)
    inner.addWidget(label)
    inner.addWidget(widget)
    column.addLayout(inner)
    return label


def small_button(icon_name: str, words: str, parent: QWidget, name: str) -> QToolButton:
    """A button that is an icon alone; `words` are its name and its tooltip."""
    button = QToolButton(parent)
    button.setObjectName(name)
    button.setToolTip(words)
    button.setAccessibleName(words)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setProperty(icons.ICON_NAME, icon_name)
    icons.dress(button)
    return button


def icon_button(icon_name: str, words: str, parent: QWidget, name: str) -> QPushButton:
    """A button with words and an icon."""
    button = QPushButton(plain_label(words), parent)
    button.setAutoDefault(True)  # Enter presses it, as in a dialog
    button.setObjectName(name)
    button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    if icon_name:
        button.setProperty(icons.ICON_NAME, icon_name)
        icons.dress(button)
    return button


def fit_on_screen(dialog: QWidget, width: int, height: int) -> None:
    """Give a dialog this size, more where its words are larger, never more than the screen."""
    room, scale = dialog.screen().availableSize(), text_scale_of(dialog)
    wide, high = round(width * scale), round(height * scale)
    dialog.resize(min(wide, room.width() - 40), min(high, room.height() - 60))


def in_reading_order(root: QWidget) -> list[QWidget]:
    """What Tab reaches below a widget, in the order it is laid out, hidden parts included."""
    if isinstance(root, QScrollArea):
        inside = root.widget()
        return in_reading_order(inside) if inside is not None else []
    layout = root.layout()
    inner = _of_layout(layout) if layout is not None else []
    if isinstance(root, QAbstractSpinBox | QComboBox | QAbstractScrollArea):
        inner = []
    # of a group of radio buttons Tab reaches the chosen one, which may be another later
    reached = root.focusPolicy() & Qt.FocusPolicy.TabFocus or isinstance(root, QRadioButton)
    own = reached and root.focusProxy() is None
    return [root, *inner] if own else inner


def _of_layout(layout: QLayout) -> list[QWidget]:
    found: list[QWidget] = []
    for place in range(layout.count()):
        item = layout.itemAt(place)
        widget, inner = (item.widget(), item.layout()) if item is not None else (None, None)
        if widget is not None:
            found += in_reading_order(widget)
        elif isinstance(inner, QLayout):
            # PySide may take it for a spacer that stood at the same place in memory
            found += _of_layout(inner)
    return found


def order_tabs(root: QWidget) -> list[QWidget]:
    """Let Tab go through everything below a widget as it is read; the chain, in order."""
    chain = in_reading_order(root)
    for before, after in pairwise(chain):
        QWidget.setTabOrder(before, after)
    return chain


def order_page_of(widget: QWidget) -> None:
    """Bring what was just added on a page into its place for Tab."""
    page = widget
    while (above := page.parentWidget()) is not None and not isinstance(
        above.parentWidget(), QScrollArea
    ):
        page = above
    if above is not None:
        order_tabs(page)


def place_words(place: str) -> str:
    """A place in a record as a person says it."""
    return place or tr("the whole record")


# --- evidence -------------------------------------------------------------------------------


class EvidenceLink(QPushButton):
    """A record's name and the place in it; the name is shortened before the place is."""

    def __init__(self, name: str, place: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._place = name, f", {place}"
        self.setProperty("link", True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setStyleSheet("text-align: left;")
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much of the name as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Larger letters leave less room."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        metrics = self.fontMetrics()
        room = self.width() - _LINK_FRAME - metrics.horizontalAdvance(self._place)
        middle = Qt.TextElideMode.ElideMiddle
        self.setText(plain_label(metrics.elidedText(self._name, middle, room) + self._place))


class EvidenceLinks(QWidget):
    """Links from the assessment to records, each to a page, image or section.

    `asked` wants what is on screen linked; `opened` carries (record id, place); `edited`
    comes when links are added or removed.
    """

    asked = Signal()
    opened = Signal(str, str)
    edited = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._links: tuple[Evidence, ...] = ()
        self._name_of: RecordName = lambda record_id: record_id
        self._read_only = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(0)
        column.addLayout(self._lines)
        self._none = muted(tr("No record is linked yet."), self)
        column.addWidget(self._none)
        self.link_shown = icon_button(
            "link", tr("Link what is on screen"), self, f"{name}_link_shown"
        )
        self.link_shown.setToolTip(
            tr("Keeps the record, and the page or image now on screen, as evidence.")
        )
        self.link_shown.clicked.connect(self.asked)
        column.addWidget(self.link_shown)

    def name_records(self, name_of: RecordName) -> None:
        """Say how records are called; the links are drawn anew."""
        self._name_of = name_of
        self._draw()

    def value(self) -> tuple[Evidence, ...]:
        """The links in the order they were made."""
        return self._links

    def show_value(self, links: tuple[Evidence, ...]) -> None:
        """Show these."""
        if links != self._links:
            self._links = links
            self._draw()

    def add(self, link: Evidence) -> bool:
        """Add one; false when it is there already."""
        if any((one.record_id, one.place) == (link.record_id, link.place) for one in self._links):
            return False
        self._links = (*self._links, link)
        self._draw()
        self.edited.emit()
        return True

    def set_read_only(self, on: bool) -> None:
        """Whether links can be changed; they can always be opened."""
        if on != self._read_only:
            self._read_only = on
            self.link_shown.setVisible(not on)
            self._draw()

    def _draw(self) -> None:
        while (item := self._lines.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for n, link in enumerate(self._links):
            self._lines.addWidget(self._line(n, link))
        self._none.setVisible(not self._links)
        order_page_of(self)

    def _line(self, n: int, link: Evidence) -> QWidget:
        line = QWidget(self)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        name = link.note or self._name_of(link.record_id)
        words = f"{name}, {place_words(link.place)}"
        opener = EvidenceLink(name, place_words(link.place), line)
        opener.setObjectName(f"{self.objectName()}_open_{n}")
        opener.setToolTip(tr("Show {what}").format(what=words))
        opener.setAccessibleName(tr("Show {what}").format(what=words))
        opener.clicked.connect(lambda: self.opened.emit(link.record_id, link.place))
        row.addWidget(opener, 1)
        if not self._read_only:
            remove = small_button(
                "close",
                tr("Remove the link to {what}").format(what=words),
                line,
                f"{self.objectName()}_remove_{n}",
            )
            remove.clicked.connect(lambda: self._remove(link))
            row.addWidget(remove)
        return line

    def _remove(self, link: Evidence) -> None:
        self._links = tuple(one for one in self._links if one != link)
        self._draw()
        self.link_shown.setFocus()
        self.edited.emit()


# --- dates --------------------------------------------------------------------------------------


class DateLine(QLineEdit):
    """A date, written as the person writes dates and kept as ISO; a calendar helps.

    What isn't a date is kept as it was written and marked.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMaxLength(60)
        self.setPlaceholderText(tr("e.g. {date}").format(date=self._example()))
        self._calendar_action = QAction(self)
        self._calendar_action.setToolTip(tr("Choose from a calendar"))
        self._calendar_action.setText(tr("Choose from a calendar"))
        self._calendar_action.setProperty(icons.ICON_NAME, "calendar")
        self._calendar_action.triggered.connect(self._choose)
        self.addAction(self._calendar_action, QLineEdit.ActionPosition.TrailingPosition)
        icons.dress(self)
        self.textChanged.connect(self._check)

    def value(self) -> str:
        """The ISO date, or the text as written when it is no date."""
        said = self.text().strip()
        found = read_date(said)
        return found.toString(Qt.DateFormat.ISODate) if found.isValid() else said

    def date(self) -> QDate:
        """The date, invalid while none is written."""
        return read_date(self.text().strip())

    def show_value(self, value: str) -> None:
        """Show an ISO date in the person's own way."""
        if value != self.value():
            day = QDate.fromString(value, Qt.DateFormat.ISODate)
            self.setText(local_date(day) if day.isValid() else value)

    @property
    def wrong(self) -> bool:
        """Whether something is written that is no date."""
        return bool(self.text().strip()) and not self.date().isValid()

    def _check(self) -> None:
        set_property(self, "invalid", "true" if self.wrong and not self.hasFocus() else "false")

    def _choose(self) -> None:
        menu = QMenu(self)
        calendar = QCalendarWidget(menu)
        calendar.setSelectedDate(self.date() if self.date().isValid() else QDate.currentDate())
        holder = QWidgetAction(menu)
        holder.setDefaultWidget(calendar)
        menu.addAction(holder)

        def take(day: QDate) -> None:
            self.setText(local_date(day))
            menu.close()

        calendar.activated.connect(take)
        calendar.clicked.connect(take)
        menu.popup(self.mapToGlobal(QPoint(0, self.height())))
        calendar.setFocus()

    @staticmethod
    def _example() -> str:
        return local_date(QDate(2027, 3, 31))


def local_date(day: QDate) -> str:
    """A date as everyone reads it the same, with the month in letters and a four-digit year."""
    return QLocale().toString(day, "d MMM yyyy")


def read_date(text: str) -> QDate:
    """The date a person wrote, in their own order or as ISO; invalid when it is none."""
    return QDate.fromString(read_day(text) or "", Qt.DateFormat.ISODate)
