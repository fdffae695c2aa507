"""A paged record before the eye: pages, zoom, and search through its text."""

import re
from typing import ClassVar

from PySide6.QtCore import QEvent, QModelIndex, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QLabel, QSpinBox, QToolButton, QVBoxLayout, QWidget

from consultdesk.consultation.source import Pages, Progress, Source
from consultdesk.desktop.empty import EmptyState
from consultdesk.desktop.form import Forms
from consultdesk.desktop.viewer.find_bar import FindBar
from consultdesk.desktop.viewer.paper import Paper
from consultdesk.desktop.viewer.sheet import PaperSheet
from consultdesk.desktop.words import tr
from consultdesk.desktop.work import Task, Work
from consultdesk.errors import Cancelled, ConsultDeskError, RecordUnreadable

_CHUNK = 1 << 20
_MOST_BYTES = 512 << 20
_SETTLED_MS = 250


def read_whole(source: Source, progress: Progress) -> bytes:
    """All bytes of a record, piece by piece so that it can be stopped. A job for Work."""
    if source.size > _MOST_BYTES:
        raise RecordUnreadable(tr("This document is too large to be shown here."))
    pieces = []
    done = 0
    with source.open() as stream:
        while piece := stream.read(_CHUNK):
            if progress.cancelled():
                raise Cancelled("Stopped while reading.")
            pieces.append(piece)
            done += len(piece)
            progress.report(done, source.size, source.name)
    return b"".join(pieces)


class PagesView(QWidget):
    """Shows a `Pages` view.

    `sealed_pages` (0-based) are covered, and nothing is found on them. `failed` carries the
    error when the document can't be shown; `ready` comes when it can be seen.
    """

    FORM: ClassVar[str] = "paper"

    column: QVBoxLayout
    page: QSpinBox
    of_pages: QLabel
    zoom: QLabel
    smaller: QToolButton
    larger: QToolButton
    fit_width: QToolButton
    fit_page: QToolButton
    find_words: QToolButton

    place_changed = Signal(str)
    ready = Signal()
    failed = Signal(object)

    def __init__(
        self,
        forms: Forms,
        work: Work,
        pages: Pages,
        parent: QWidget | None = None,
        *,
        sealed_pages: frozenset[int] = frozenset(),
    ) -> None:
        super().__init__(parent)
        forms.load(self, self.FORM)
        self.main_part: QWidget | None = None
        self._sealed_pages = sealed_pages
        self._sheet: PaperSheet | None = None
        self._paper: Paper | None = None
        self._wanted_place = ""
        self._hits: list[tuple[int, list[QRectF]]] = []
        self._hit = -1
        self._waiting = EmptyState(self)
        self._waiting.say("document", tr("Opening…"))
        self.column.addWidget(self._waiting, 1)
        self.find_bar = FindBar(forms, self)
        self.column.addWidget(self.find_bar)
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(_SETTLED_MS)
        self._settled.timeout.connect(self._show_hits)
        self._enable(False)
        self._connect()
        self._task: Task = work.run(
            lambda progress: read_whole(pages.source, progress),
            self._open,
            self.failed.emit,
            owner=self,
            name=pages.source.name,
            priority=1,
        )

    # --- the place, for evidence links ---------------------------------------------------------

    def place(self) -> str:
        """Where the eye is, e.g. "page 2"."""
        return f"page {self._sheet.page + 1}" if self._sheet else self._wanted_place

    def go_to(self, place: str) -> bool:
        """Bring a place like "page 2" into view; false when there is none such."""
        found = re.fullmatch(r"page (\d{1,6})", place.strip())
        if found is None:
            return False
        if self._sheet is None or self._paper is None:
            self._wanted_place = place
            return True
        page = int(found.group(1)) - 1
        if not 0 <= page < len(self._paper.sizes):
            return False
        self._sheet.go_to_page(page)
        return True

    # --- opening -----------------------------------------------------------------------------

    def _open(self, data: bytes) -> None:
        try:
            paper = Paper(data)
        except ConsultDeskError as error:
            self.failed.emit(error)
            return
        if not paper.sizes:
            paper.let_go()
            self.failed.emit(RecordUnreadable(tr("This document has no pages.")))
            return
        self._paper = paper
        self.destroyed.connect(paper.let_go)
        sheet = PaperSheet(paper, self._sealed_pages, self)
        self._sheet = sheet
        self.column.replaceWidget(self._waiting, sheet)
        self._waiting.hide()
        self._waiting.deleteLater()
        self.main_part = sheet
        QWidget.setTabOrder(self.find_words, sheet)
        QWidget.setTabOrder(sheet, self.find_bar.words)
        self.page.setMaximum(len(paper.sizes))
        self.of_pages.setText(tr("of {n}").format(n=len(paper.sizes)))
        sheet.page_changed.connect(self._show_page)
        sheet.zoom_changed.connect(self._show_zoom)
        paper.search.countChanged.connect(lambda: self._settled.start())
        self._enable(True)
        sheet.fit_to("width")
        self._show_zoom()
        if self._wanted_place:
            self.go_to(self._wanted_place)
        self.ready.emit()

    def _enable(self, on: bool) -> None:
        for part in (
            self.page,
            self.smaller,
            self.larger,
            self.fit_width,
            self.fit_page,
            self.find_words,
        ):
            part.setEnabled(on)

    def _connect(self) -> None:
        self.page.valueChanged.connect(lambda page: self.go_to(f"page {page}"))
        self.smaller.clicked.connect(lambda: self._zoom(larger=False))
        self.larger.clicked.connect(lambda: self._zoom(larger=True))
        self.fit_width.clicked.connect(lambda: self._fit("width"))
        self.fit_page.clicked.connect(lambda: self._fit("page"))
        self.find_words.clicked.connect(self.ask_for_words)
        self.find_bar.words_changed.connect(self._look_for)
        self.find_bar.next_asked.connect(lambda: self._step(1))
        self.find_bar.previous_asked.connect(lambda: self._step(-1))
        self.find_bar.closed.connect(self.setFocus)
        inside = Qt.ShortcutContext.WidgetWithChildrenShortcut
        for keys, act in (
            ("Ctrl++", self.larger.click),
            ("Ctrl+=", self.larger.click),
            ("Ctrl+-", self.smaller.click),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(inside)
            shortcut.activated.connect(act)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Find, where no window around it has a command for that."""
        if event.matches(QKeySequence.StandardKey.Find):
            self.ask_for_words()
        else:
            super().keyPressEvent(event)

    def ask_for_words(self) -> None:
        """Open the find line."""
        if self._sheet is not None:
            self.find_bar.ask()

    def _zoom(self, *, larger: bool) -> None:
        if self._sheet is not None:
            (self._sheet.zoom_in if larger else self._sheet.zoom_out)()

    def _fit(self, what: str) -> None:
        if self._sheet is not None:
            self._sheet.fit_to(what)
            self._show_zoom()

    def _show_page(self, page: int) -> None:
        self.page.blockSignals(True)
        self.page.setValue(page + 1)
        self.page.blockSignals(False)
        self.place_changed.emit(self.place())

    def _show_zoom(self) -> None:
        if self._sheet is None:
            return
        self.zoom.setText(tr("{n} %").format(n=round(self._sheet.zoom * 100)))
        self.fit_width.setChecked(self._sheet.fit == "width")
        self.fit_page.setChecked(self._sheet.fit == "page")

    # --- finding -------------------------------------------------------------------------------

    def _look_for(self, words: str) -> None:
        if self._paper is None:
            return
        self._hits, self._hit = [], -1
        self._mark()
        if words.strip() == self._paper.search.searchString():
            self._show_hits()
            return
        self._paper.search.setSearchString(words.strip())
        self.find_bar.say_hits(0, 0, searching=bool(words.strip()))
        self._settled.start()

    def _show_hits(self) -> None:
        """Qt finds page by page beside everything else: this comes when the count rests."""
        if self._paper is None or self._sheet is None:
            return
        found = []
        for number in range(self._paper.search.rowCount(QModelIndex())):
            link = self._paper.search.resultAtIndex(number)
            if link.page() not in self._sealed_pages:
                found.append((link.page(), list(link.rectangles())))
        self._hits = found
        if found and self._hit < 0:
            here = self._sheet.page
            self._hit = next((n for n, (page, _) in enumerate(found) if page >= here), 0)
            self._show_hit()
        self._mark()
        self.find_bar.say_hits(self._hit + 1, len(found))

    def _step(self, by: int) -> None:
        if self._hits:
            self._hit = (self._hit + by) % len(self._hits)
            self._show_hit()
            self._mark()
            self.find_bar.say_hits(self._hit + 1, len(self._hits))

    def _show_hit(self) -> None:
        page, spots = self._hits[self._hit]
        if self._sheet is not None and spots:
            self._sheet.bring_into_view(page, spots[0])

    def _mark(self) -> None:
        if self._sheet is None:
            return
        found: dict[int, list[tuple[QRectF, bool]]] = {}
        for number, (page, spots) in enumerate(self._hits):
            found.setdefault(page, []).extend((spot, number == self._hit) for spot in spots)
        self._sheet.show_found(found)

    def changeEvent(self, event: QEvent) -> None:
        """Draw marks anew when the colours change."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._sheet is not None:
            self._sheet.viewport().update()
