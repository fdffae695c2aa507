"""The open case: whose it is, whether a letter may leave, what comes next, and its records."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from consultdesk.consultation.record import RecordItem
from consultdesk.desk.viewing import OpenRecord, open_record, see_case
from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.case_header import CaseHeader
from consultdesk.desktop.case_words import named_in
from consultdesk.desktop.empty import EmptyState
from consultdesk.desktop.pane_focus import first_of, leading_on
from consultdesk.desktop.record_tabs import LETTER, RecordTabs
from consultdesk.desktop.session import Session
from consultdesk.desktop.standing import CaseView, Said, look_at
from consultdesk.desktop.viewer.viewer import RecordViewer
from consultdesk.desktop.words import tr
from consultdesk.errors import Cancelled, ConsultDeskError
from consultdesk.vault.vault import Vault

if TYPE_CHECKING:
    from consultdesk.desktop.work import Task

_MINUTE_MS = 60_000
_STEP_ICON = "info"


@dataclass(frozen=True)
class Place:
    """Where a person is: a case, one of its records, and the place in it."""

    number: str = ""
    record_id: str = ""
    place: str = ""


class CasePage(QWidget):
    """The middle of the window.

    `action_chosen` carries the key of a banner's button, `shown` the `CaseView` once it is seen,
    `place_changed` where the eye is in a record; `led_on` comes when the banner that had the
    keyboard has nothing left to do. A record is opened as an audited act.
    """

    action_chosen = Signal(str)
    shown = Signal(object)
    failed = Signal(object)
    unseal_asked = Signal(str)
    record_details_asked = Signal(str)
    place_changed = Signal(str, str)
    led_on = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        tools = session.tools
        self.number = ""
        self.view: CaseView | None = None
        self._loading: Task | None = None
        self._opening: Task | None = None
        self._open_record = ""
        self._wanted = Place()
        self.header = CaseHeader(tools.forms, self)
        self.banners = QWidget(self)
        self.consent_banner = Banner(self.banners)
        self.step_banner = Banner(self.banners)
        self.tabs = RecordTabs(self)
        self.stranger_banner = Banner(self)
        self.viewer = RecordViewer(tools.forms, tools.work, self)
        self._why_no_import = ""
        self.nothing = EmptyState(self)
        self.pages = QStackedWidget(self)
        self.letter: QWidget | None = None
        self._lay_out()
        self._connect()
        self._minute = QTimer(self)
        self._minute.setInterval(_MINUTE_MS)
        self._minute.timeout.connect(self._tick)
        self._minute.start()
        self.clear()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for the height that wrapped words need at this width, so that none is cut."""
        super().resizeEvent(event)
        self._ask_height()

    def event(self, event: QEvent) -> bool:
        """Look at an event first."""
        if event.type() is QEvent.Type.LayoutRequest:
            self._ask_height()
        return super().event(event)

    def _ask_height(self) -> None:
        column = self.layout()
        if column is not None:
            self.setMinimumHeight(max(0, column.totalMinimumHeightForWidth(self.width())))

    def _lay_out(self) -> None:
        self.pages.addWidget(self.viewer)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 0, 6, 6)
        column.setSpacing(6)
        column.addWidget(self.nothing, 1)
        said = QVBoxLayout(self.banners)
        said.setContentsMargins(0, 0, 0, 0)
        said.setSpacing(6)
        said.addWidget(self.consent_banner)
        said.addWidget(self.step_banner)
        for widget in (self.header, self.banners, self.tabs, self.stranger_banner):
            column.addWidget(widget)
        column.addWidget(self.pages, 1)
        self._missing = QLabel(self)
        self._missing.setProperty("role", "muted")
        self._missing.setWordWrap(True)
        column.addWidget(self._missing)

    def _connect(self) -> None:
        self.consent_banner.action_chosen.connect(self.action_chosen)
        self.step_banner.action_chosen.connect(self.action_chosen)
        self.stranger_banner.action_chosen.connect(self.action_chosen)
        self.nothing.action_chosen.connect(lambda: self.action_chosen.emit("import"))
        self.tabs.record_chosen.connect(self._show_record)
        self.tabs.details_asked.connect(self.record_details_asked)
        self.viewer.unseal_asked.connect(lambda: self.unseal_asked.emit(self._open_record))
        self.viewer.failed.connect(self.failed)
        self.viewer.place_changed.connect(
            lambda place: self.place_changed.emit(self._open_record, place)
        )

    # --- what others ask for ------------------------------------------------------------------

    def set_letter(self, letter: QWidget) -> None:
        """Give it the page that shows the letter."""
        self.letter = letter
        self.pages.addWidget(letter)

    def show_case(self, number: str, record_id: str = "", place: str = "") -> None:
        """Open a case, and where it is wanted a record and a place in it."""
        if number != self.number:
            self._close_case()
            # where it said that no case is open, that is true no longer
            self.nothing.say("case", tr("Opening…"))
        self.number = number
        self._wanted = Place(number, record_id, place)
        self._load()

    def reload(self) -> None:
        """Read the case again; the record before the eye stays as it is."""
        if self.number:
            self._load()

    def bar_import(self, why: str) -> None:
        """Offer no import where no case is open, and say why instead; "" offers it."""
        self._why_no_import = why
        if not self.number:
            self.clear()

    def clear(self) -> None:
        """Show no case and keep nothing of the last one."""
        self._close_case()
        self.number = ""
        offered = tr("Choose one in the queue, or drop records on this window.")
        self.nothing.say(
            "case",
            tr("No case is open."),
            self._why_no_import or offered,
            "" if self._why_no_import else tr("Import…"),
        )
        self.nothing.show()

    def show_letter(self) -> None:
        """Show the letter in place of a record."""
        self.tabs.choose(LETTER)

    def show_record(self, record_id: str, place: str = "") -> None:
        """Bring a record of the open case into view, and a place in it (an evidence link)."""
        self._wanted = Place(self.number, record_id, place)
        if self._open_record == record_id:
            self.pages.setCurrentWidget(self.viewer)
            self._go_to_wanted()
        self.tabs.choose(record_id)

    def place(self) -> Place:
        """Where the person is now, for coming back to it."""
        return Place(self.number, self._open_record, self.viewer.place())

    @property
    def record_in_view(self) -> bool:
        """Whether a record is before the eye, and not the letter."""
        return bool(self._open_record) and self.pages.currentWidget() is self.viewer

    @property
    def record(self) -> RecordItem | None:
        """The record before the eye."""
        return self.tabs.record(self._open_record)

    # --- the case -------------------------------------------------------------------------------

    def _close_case(self) -> None:
        for task in (self._loading, self._opening):
            if task is not None:
                task.forget()
        self._loading = self._opening = None
        self.view = None
        self._open_record = ""
        self.header.clear()
        self.consent_banner.clear()
        self.step_banner.clear()
        self.tabs.clear()
        self.stranger_banner.clear()
        self._missing.hide()
        self.viewer.show_nothing()
        self.pages.setCurrentWidget(self.viewer)
        self.pages.hide()

    def _load(self) -> None:
        if self._loading is not None:
            self._loading.forget()
        vault, number, now = self._session.vault, self.number, self._session.tools.now()
        first = self.view is None
        self._loading = self._session.tools.work.run(
            lambda _progress: _look(vault, number, now, first=first),
            self._take,
            self._give_up,
            owner=self,
            priority=5,
        )

    def _take(self, view: CaseView) -> None:
        self._loading = None
        first = self.view is None
        unsealed = self.view is not None and self.view.file.sealed and not view.file.sealed
        self.view = view
        self.nothing.hide()
        self.pages.show()
        self.header.show_case(view.file, self._session.tools.now())
        self._say_how_it_stands(view)
        if view.file.case.erased_at is not None:
            self._put_away_records()
            self.shown.emit(view)
            return
        self.tabs.show_records(view.file.records, with_letter=self._has_letter())
        self._say_missing(view)
        self._ask_height()
        if first and self.tabs.chosen:
            wanted = self._wanted.record_id
            self.tabs.choose(wanted if self.tabs.record(wanted) else self.tabs.first)
            self._show_record(self.tabs.chosen)
        elif unsealed and self._open_record:
            self._wanted = self.place()
            self._show_record(self._open_record)
        self._say_whose()
        self.shown.emit(view)

    def _put_away_records(self) -> None:
        """Show nothing more of what was before the eye when the case was erased."""
        if self._opening is not None:
            self._opening.forget()
            self._opening = None
        self._open_record = ""
        self.tabs.clear()
        self.stranger_banner.clear()
        self._missing.hide()
        self.viewer.show_nothing(tr("Nothing is left to read in this case."))
        self.pages.setCurrentWidget(self.viewer)
        self._ask_height()

    def _say_how_it_stands(self, view: CaseView) -> None:
        held = self.consent_banner.holds_keyboard or self.step_banner.holds_keyboard
        _say(self.consent_banner, view.gate)
        _say(self.step_banner, view.step, "flag" if view.step.kind == "danger" else _STEP_ICON)
        if held and not (self.consent_banner.holds_keyboard or self.step_banner.holds_keyboard):
            self.led_on.emit()

    def _has_letter(self) -> bool:
        return self.letter is not None

    def _give_up(self, error: ConsultDeskError) -> None:
        self._loading = None
        if not isinstance(error, Cancelled):
            if self.view is None:
                self.nothing.say("warning", tr("The case can't be opened."), str(error))
                self.nothing.show()
            self.failed.emit(error)

    def _tick(self) -> None:
        if self.view is not None:
            self.header.show_case(self.view.file, self._session.tools.now())

    def _say_whose(self) -> None:
        """Above a record of somebody else, say so: the case's header names another person."""
        record = self.record if self.record_in_view else None
        if record is None or record.right_patient is not False:
            self.stranger_banner.clear()
            return
        named = named_in(record)
        told = tr("It names {who}.").format(who=named) if named else ""
        apart = tr("It takes no part in this case.")
        self.stranger_banner.say(
            BannerKind.DANGER,
            tr("This record belongs to somebody else."),
            f"{told} {apart}".strip(),
            (("patient", tr("Who is the patient?")),),
        )

    def _say_missing(self, view: CaseView) -> None:
        wrong = [r for r in view.file.records if r.right_patient is False]
        unread = [r for r in view.file.records if not r.readable]
        parts = []
        if len(wrong) == 1:
            parts.append(tr("1 of these records belongs to somebody else."))
        elif wrong:
            parts.append(tr("{n} of these records belong to somebody else.").format(n=len(wrong)))
        if unread:
            parts.append(tr("{n} can't be shown and are kept as received.").format(n=len(unread)))
        self._missing.setText(" ".join(parts))
        self._missing.setVisible(bool(parts))

    # --- a record ---------------------------------------------------------------------------------

    def _show_record(self, key: str) -> None:
        if key == LETTER and self.letter is not None:
            letter = self.letter
            with leading_on(self.viewer, lambda: first_of(letter)):
                self.pages.setCurrentWidget(letter)
            self._say_whose()
            return
        with leading_on(self.letter or self.viewer, lambda: first_of(self.viewer)):
            self.pages.setCurrentWidget(self.viewer)
        if self._opening is not None:
            self._opening.forget()
        self._open_record = key
        self._say_whose()
        if not key:
            return
        vault, number, now = self._session.vault, self.number, self._session.tools.now()
        self._opening = self._session.tools.work.run(
            lambda _progress: open_record(vault, number, key, now),
            self._show_opened,
            self._cannot_open,
            owner=self,
            priority=4,
        )

    def _show_opened(self, opened: OpenRecord) -> None:
        self._opening = None
        if opened.record.id != self._open_record:
            return
        if opened.covered:
            self.viewer.show_cover()
        elif opened.view is None:
            self.viewer.show_reason(opened.reason, opened.record.name)
        else:
            self.viewer.show_view(
                opened.view,
                sealed=opened.sealed,
                sealed_sections=opened.record.sealed_sections,
            )
        self._go_to_wanted()

    def _cannot_open(self, error: ConsultDeskError) -> None:
        self._opening = None
        if not isinstance(error, Cancelled):
            self.viewer.show_reason(str(error))

    def _go_to_wanted(self) -> None:
        wanted, self._wanted = self._wanted, Place()
        if wanted.place and wanted.record_id == self._open_record:
            # the view lays itself out first
            QTimer.singleShot(0, self, lambda: self.viewer.go_to(wanted.place))


def _look(vault: Vault, number: str, now: int, *, first: bool) -> CaseView:
    """Read the case; that it was opened is recorded once, not each time it is read anew."""
    if first:
        see_case(vault, number, now)
    return look_at(vault, number, now)


def _say(banner: Banner, said: Said, icon_name: str = "") -> None:
    if not said.lead:
        banner.clear()
        return
    banner.say(BannerKind(said.kind), said.lead, said.text, said.actions, icon_name=icon_name)
