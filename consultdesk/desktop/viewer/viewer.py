"""The record before the eye: chooses the widget by what kind of view a record offers."""

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from consultdesk.consultation.source import Document, Frames, Pages, View
from consultdesk.desktop.empty import EmptyState
from consultdesk.desktop.form import Forms
from consultdesk.desktop.pane_focus import first_of, held_in, leading_on, main_part_of
from consultdesk.desktop.viewer.document import DocumentView
from consultdesk.desktop.viewer.film import FilmView
from consultdesk.desktop.viewer.pages import PagesView
from consultdesk.desktop.words import tr
from consultdesk.desktop.work import Work
from consultdesk.errors import ConsultDeskError

WHOLE = "*"
"""The entry of `RecordItem.sealed_sections` that seals a record whole."""


class RecordViewer(QWidget):
    """Shows one record at a time.

    `unseal_asked` says that the person wants to open what is sealed, with a reason.
    `place_changed` carries the place before the eye, for evidence links.
    """

    place_changed = Signal(str)
    view_shown = Signal()
    unseal_asked = Signal()
    failed = Signal(object)

    def __init__(self, forms: Forms, work: Work, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._forms = forms
        self._work = work
        self._shown: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.show_nothing()

    # --- what to show ---------------------------------------------------------------------

    def show_view(
        self, view: View, *, sealed: bool = False, sealed_sections: Iterable[str] = ()
    ) -> None:
        """Show a record.

        `sealed` says whether sealing is in force; then `sealed_sections` of the record
        (anchors, "page 2", or "*" for all of it) stay covered.
        """
        sections = frozenset(sealed_sections) if sealed else frozenset()
        if WHOLE in sections:
            self.show_cover()
        elif isinstance(view, Pages):
            self._show_pages(view, sections)
        elif isinstance(view, Document):
            self._show_document(view, sections, sealed=sealed)
        elif isinstance(view, Frames):
            # A single image can't be taken out of a stack that is scrolled: all or nothing.
            if sections:
                self.show_cover()
            else:
                self._show_film(view)
        else:
            self.show_reason(tr("This kind of record can't be shown here yet."))

    def show_reason(self, reason: str, name: str = "") -> None:
        """Say why a record can't be shown; it stays in the store as it was received."""
        page = EmptyState(self)
        sentence = tr("{name} can't be shown.").format(name=name or tr("This record"))
        kept = tr("It is kept as it was received.")
        page.say("eye-off", sentence, f"{reason} {kept}")
        self._show(page)

    def show_cover(self) -> None:
        """Cover a record that is sealed whole."""
        page = EmptyState(self)
        page.say(
            "shield-lock",
            tr("Sealed until your own read is locked."),
            tr("This record carries the first opinion. Opening it now is noted in the case."),
            tr("Open with a reason"),
        )
        page.action_chosen.connect(self.unseal_asked)
        self._show(page)

    def show_nothing(self, sentence: str = "") -> None:
        """Show that no record is open, and forget the last one."""
        page = EmptyState(self)
        page.say("document", sentence or tr("No record is open."))
        self._show(page)

    @property
    def main_part(self) -> QWidget | None:
        """What the keyboard is given to first."""
        return main_part_of(self._shown)

    @property
    def shown(self) -> QWidget | None:
        """The widget that shows the record now."""
        return self._shown

    # --- the place -------------------------------------------------------------------------

    def place(self) -> str:
        """Where the eye is: "page 2", "image 7", an anchor, or ""."""
        if isinstance(self._shown, PagesView | FilmView | DocumentView):
            return self._shown.place()
        return ""

    def go_to(self, place: str) -> bool:
        """Bring a place into view; false when the record has none such, or it is sealed."""
        if isinstance(self._shown, PagesView | FilmView | DocumentView):
            return self._shown.go_to(place)
        return False

    def ask_for_words(self) -> None:
        """Open the find line where the record has text."""
        if isinstance(self._shown, PagesView | DocumentView):
            self._shown.ask_for_words()

    # --- inside ----------------------------------------------------------------------------

    def _show_pages(self, view: Pages, sections: frozenset[str]) -> None:
        numbers = [section.removeprefix("page ").strip() for section in sections]
        if not all(number.isdecimal() for number in numbers):
            # A part that isn't a page can't be covered on paper: cover the record.
            self.show_cover()
            return
        sealed_pages = frozenset(int(number) - 1 for number in numbers)
        if sealed_pages and len(sealed_pages) >= view.count:
            self.show_cover()
            return
        page = PagesView(self._forms, self._work, view, self, sealed_pages=sealed_pages)
        page.ready.connect(self._go_in)
        page.failed.connect(self._give_up)
        page.place_changed.connect(self.place_changed)
        self._show(page)

    def _show_film(self, view: Frames) -> None:
        page = FilmView(self._forms, self._work, view, self)
        page.failed.connect(self.failed)
        page.place_changed.connect(self.place_changed)
        self._show(page)

    def _show_document(self, view: Document, sections: frozenset[str], *, sealed: bool) -> None:
        page = DocumentView(self._forms, view, self, sealed=sealed, sealed_anchors=sections)
        page.unseal_asked.connect(self.unseal_asked)
        page.place_changed.connect(self.place_changed)
        self._show(page)

    def _go_in(self) -> None:
        """Hand the keyboard on to the pages, where it waited for them."""
        if held_in(self) is self:
            first_of(self).setFocus()

    def _give_up(self, error: ConsultDeskError) -> None:
        if self.sender() is self._shown:
            self.show_reason(str(error))
        self.failed.emit(error)

    def _show(self, page: QWidget) -> None:
        old, self._shown = self._shown, page
        with leading_on(self, lambda: first_of(self)):
            self._column.addWidget(page)
            page.show()  # a layout does so later, and what isn't shown takes no keyboard
            if old is not None:
                self._column.removeWidget(old)
                old.hide()
                old.deleteLater()
        self.view_shown.emit()
