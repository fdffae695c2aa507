"""The window of an unlocked desk: queue, open case, assessment, and everything around them."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QByteArray, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QMainWindow,
    QMenuBar,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QStatusBar,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from consultdesk.consultation.case import QueueRow
from consultdesk.desk import access
from consultdesk.desk import settings as chosen
from consultdesk.desk.intake import Intake
from consultdesk.desk.settings import Settings
from consultdesk.desktop import icons
from consultdesk.desktop.assessment import AssessmentPane
from consultdesk.desktop.assessment_parts import in_reading_order
from consultdesk.desktop.backup import BackupActs
from consultdesk.desktop.banner import Banner
from consultdesk.desktop.case_acts import CaseActs
from consultdesk.desktop.case_page import CasePage, Place
from consultdesk.desktop.command_palette import CommandPalette, FoundCase
from consultdesk.desktop.commands import Commands
from consultdesk.desktop.dropping import FileDrop
from consultdesk.desktop.editing import editing_acts
from consultdesk.desktop.help import AboutDialog, ShortcutsDialog
from consultdesk.desktop.jobs import JobsPanel
from consultdesk.desktop.keeping_acts import KeepingActs
from consultdesk.desktop.letter_acts import LetterActs
from consultdesk.desktop.letter_preview import LetterPreview
from consultdesk.desktop.look import choose_scheme, step_text
from consultdesk.desktop.pane_focus import PaneFocus, first_of, focus_in, leading_on
from consultdesk.desktop.places import is_demo
from consultdesk.desktop.queue import CaseQueue
from consultdesk.desktop.queue_model import patient_in
from consultdesk.desktop.queue_source import QueueSource
from consultdesk.desktop.read_only import ReadOnlyNotice
from consultdesk.desktop.receiving import IntakeResult, Receiving
from consultdesk.desktop.roles import barred
from consultdesk.desktop.session import Session
from consultdesk.desktop.settings import SettingsDialog
from consultdesk.desktop.standing import CaseView
from consultdesk.desktop.status import Status
from consultdesk.desktop.store_acts import StoreActs
from consultdesk.desktop.style import Scheme
from consultdesk.desktop.trouble import TroubleDialog
from consultdesk.desktop.users_acts import UsersActs
from consultdesk.desktop.words import state_words, tr
from consultdesk.errors import ConsultDeskError

_GEOMETRY, _PANES = "window/geometry", "window/panes"
_FIRST_SHARES = (38, 39, 23)
_EDGES = QSize(8, 40)
_LEAST_QUEUE = 44
_WIDEST_LEAST = 640
_RELOAD_MS = 60
_REST_MS = 1500
_MOST_IN_PALETTE = 12

Act = Callable[[], object]


class MainWindow(QMainWindow):
    """Shows one unlocked store. It is thrown away whole when the desk locks.

    `lock_asked` and `quit_asked` go to the program, which saves, closes and covers.
    """

    FORM: ClassVar[str] = "main_window"

    notices: QVBoxLayout
    notice: Banner
    panes: QSplitter
    below: QVBoxLayout
    menu_bar: QMenuBar
    tool_bar: QToolBar
    status_bar: QStatusBar

    lock_asked = Signal()
    quit_asked = Signal()
    lock_after_changed = Signal(int)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tools = session.tools
        tools.forms.load(self, self.FORM)
        self.session = session
        self.lock_after = chosen.settings(session.vault).lock_after
        self._dialogs: list[QDialog] = []
        self._closing = False
        self._topics: set[str] = set()
        self.source = QueueSource(session, self._say_quietly)
        self.queue = CaseQueue(
            tools.forms,
            self.source.fetch,
            self.source.count,
            tools.now,
            tools.settings,
            self,
            look=self.source.look,
        )
        self.page = CasePage(session, self)
        self.assessment = AssessmentPane(session, self)
        self.letter = LetterPreview(session, self)
        self.page.set_letter(self.letter)
        self.jobs = JobsPanel(self)
        self.result = IntakeResult(tools.forms, self)
        self.receiving = Receiving(session, self.jobs, self)
        self.case_acts = CaseActs(session, self.page, self)
        self.letter_acts = LetterActs(session, self.page, self.assessment, self)
        self.store_acts = StoreActs(session, self.notice, self.jobs, self)
        self.keeping_acts = KeepingActs(session, self.page, self)
        self.users_acts = UsersActs(session, self.notices, self)
        self.backups = BackupActs(
            session, self.notice, self.jobs, self, self.store_acts.look_at_clock
        )
        self.status = Status(session, self.status_bar, demo=is_demo(session.vault.folder))
        self.focus = PaneFocus(
            (self.queue, self.page.banners, self.page.tabs, self.page.pages, self.assessment)
        )
        self._reloading = QTimer(self)
        self._reloading.setSingleShot(True)
        self._reloading.setInterval(_RELOAD_MS)
        # what is still missing is said anew once a person stops typing, not at each draft kept
        self._resting = QTimer(self)
        self._resting.setSingleShot(True)
        self._resting.setInterval(_REST_MS)
        self._ordering = QTimer(self)
        self._ordering.setSingleShot(True)
        self._ordering.setInterval(0)
        self._ordering.timeout.connect(self._order_tabs)
        self.commands = Commands(self._acts(), self, barred(session.vault))
        for key in self.backups.acts():
            why = tr("Ask an administrator or a physician.")
            self.commands.allow(key, allowed=self.backups.allowed, why=why)
        self.read_only = ReadOnlyNotice(session, self.notices, self.commands, self)
        self._lay_out()
        self._connect()
        self._restore_geometry()
        self.store_acts.look_at_clock()
        self.users_acts.look()
        self._show_case_open()
        self.read_only.look()
        self.queue.lines.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- how it is laid out ---------------------------------------------------------------------

    def _lay_out(self) -> None:
        for pane, stretch in ((self.queue, 0), (self.page, 1), (self.assessment, 0)):
            self.panes.addWidget(pane)
            self.panes.setStretchFactor(self.panes.indexOf(pane), stretch)
        self.below.addWidget(self.result)
        self.below.addWidget(self.jobs)
        self.commands.fill(self.menu_bar)
        for key in ("import", "undo", "redo"):
            self.tool_bar.addAction(self.commands.actions[key])
        gap = QWidget(self.tool_bar)
        gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.tool_bar.addWidget(gap)
        self.search = QPushButton(tr("Search cases or run a command    Ctrl+K"), self.tool_bar)
        self.search.setObjectName("search_all")
        self.search.setProperty("icon_name", "search")
        self.search.setAccessibleName(tr("Search cases or run a command"))
        self.search.setStyleSheet("text-align: left; padding-left: 10px; min-width: 300px;")
        self.search.clicked.connect(self._open_palette)
        self.tool_bar.addWidget(self.search)
        for key in ("lock", "settings"):
            self.tool_bar.addAction(self.commands.actions[key])
        self._dress()

    def _connect(self) -> None:
        self.session.changed.connect(self._hear)
        self._reloading.timeout.connect(self._reload)
        self._resting.timeout.connect(self.page.reload)
        self.queue.case_opened.connect(self._open_by_id)
        self.queue.import_asked.connect(self.commands.actions["import"].trigger)
        self.queue.failed.connect(self.say_failure)
        self.page.action_chosen.connect(self._do)
        self.page.shown.connect(self._case_shown)
        self.page.led_on.connect(self.assessment.lead_on)
        self.page.failed.connect(self.say_failure)
        self.case_acts.failed.connect(self.say_failure)
        self.keeping_acts.failed.connect(self.say_failure)
        self.keeping_acts.case_asked.connect(self.open_case)
        self.receiving.failed.connect(self.say_failure)
        self.store_acts.failed.connect(self.say_failure)
        self.backups.failed.connect(self.say_failure)
        self.read_only.looked.connect(self.assessment.say_read_only)
        self.read_only.failed.connect(self._say_quietly)
        self.read_only.changed.connect(self.assessment.save_now)
        self.status.backup.clicked.connect(self.backups.begin)
        self.store_acts.sheet_kept.connect(self.status.say_sheet)
        self.receiving.received.connect(self._say_received)
        for opener in (
            self.case_acts,
            self.letter_acts,
            self.receiving,
            self.store_acts,
            self.keeping_acts,
            self.users_acts,
        ):
            opener.dialog_opened.connect(self.own_dialog)
        self.result.case_asked.connect(self.open_case)
        self.result.patient_asked.connect(self._settle_patient)
        self.drop = FileDrop(self)
        self.drop.dropped.connect(self._take_dropped)
        self.drop.why_not = self.users_acts.why_closed()
        for pane in (self.queue, self.page):
            pane.bar_import(self.drop.why_not)
        for refusing in (self.drop, self.commands):
            refusing.refused.connect(lambda why: self._say_quietly(ConsultDeskError(why)))
        for notice in (self.notice, self.users_acts.banner):
            notice.action_chosen.connect(self._do)
        self.assessment.saved.connect(self.status.say_saved)
        self.assessment.failed.connect(self._say_quietly)
        self.assessment.evidence_asked.connect(self._link_evidence)
        self.assessment.evidence_opened.connect(self.page.show_record)
        self.session.tools.style.changed.connect(self._dress)
        for changed in (
            self.page.shown,
            self.page.viewer.view_shown,
            self.letter.rendered,
            self.assessment.built,
        ):
            changed.connect(self._ordering.start)

    def _order_tabs(self) -> None:
        """Let Tab go through the window as it is read: what is made later comes last in Qt's."""
        shown = (
            self.read_only.banner,
            self.notice,
            self.users_acts.banner,
            self.queue,
            self.page.banners,
            self.page.tabs,
            self.page.pages,
        )
        rest = (self.assessment, self.result, self.jobs)
        chain = [one for pane in (*shown, *rest) for one in in_reading_order(pane)]
        for before, after in pairwise([*chain, self.search, self.status.backup]):
            QWidget.setTabOrder(before, after)

    def _acts(self) -> dict[str, Act]:
        style, settings = self.session.tools.style, self.session.tools.settings
        return {
            **editing_acts(),
            **self.case_acts.acts(),
            **self.letter_acts.acts(),
            **self.store_acts.acts(),
            **self.backups.acts(),
            **self.keeping_acts.acts(),
            **self.users_acts.acts(),
            **self.focus.acts(),
            "pane_1": self._go_to_queue,
            "hide_queue": self._hide_queue,
            "import": lambda: self.receiving.choose_files(*self._open_case_words()),
            "import_folder": lambda: self.receiving.choose_folder(*self._open_case_words()),
            "settings": self._open_settings,
            "lock": self.lock_asked.emit,
            "quit": self.close,
            "find": self.page.viewer.ask_for_words,
            "palette": self._open_palette,
            "next_case": self._next_case,
            "previous_case": self._previous_case,
            "open_case": self.queue.open_chosen,
            "next_record": lambda: self.page.tabs.step(1),
            "previous_record": lambda: self.page.tabs.step(-1),
            "light": lambda: choose_scheme(style, settings, Scheme.LIGHT),
            "dark": lambda: choose_scheme(style, settings, Scheme.DARK),
            "system": lambda: choose_scheme(style, settings, Scheme.SYSTEM),
            "larger_text": lambda: step_text(style, settings, 1),
            "smaller_text": lambda: step_text(style, settings, -1),
            "turnaround": self._open_turnaround,
            "jobs": self.jobs.toggle,
            "shortcuts": lambda: self._show(ShortcutsDialog(self.session.tools.forms, self)),
            "about": self._about,
        }

    def _dress(self) -> None:
        self.commands.dress()
        icons.dress(self)
        least = self.fontMetrics().averageCharWidth() * _LEAST_QUEUE
        self.queue.setMinimumWidth(min(least, _WIDEST_LEAST))

    # --- the open case ----------------------------------------------------------------------

    def open_case(self, number: str, record_id: str = "", place: str = "") -> None:
        """Open a case in every pane; what is being written of another is kept first."""
        self.page.show_case(number, record_id, place)
        self.assessment.show_case(number)
        self.letter.show_case(number)

    def _open_by_id(self, case_id: str) -> None:
        try:
            with self.session.vault.read() as reading:
                number = access.by_id(reading, case_id).number
        except ConsultDeskError as error:
            self.say_failure(error)
            return
        self.open_case(number)

    def _case_shown(self, view: CaseView) -> None:
        case = view.file.case
        self.queue.show_open(case.id)
        decided = case.patient_confirmed and not view.file.conflicts
        self.result.follow(case.number, decided=decided)
        if case.erased_at is not None:
            self.assessment.clear()
            self.assessment.nothing.say("trash", tr("What this case held was erased."))
            self.letter.clear()
        self._show_case_open(view)

    def _show_case_open(self, view: CaseView | None = None) -> None:
        erased = view is not None and view.file.case.erased_at is not None
        closed = self.users_acts.why_closed()
        self.commands.say_case_open(is_open=view is not None, erased=erased, closed=closed)
        name = view.file.patient.name if view else ""
        name = tr("(erased)") if erased else name
        title = f"{view.file.case.number} {name}" if view else ""
        self.setWindowTitle(f"{title} – ConsultDesk" if title else "ConsultDesk")

    def _hide_queue(self) -> None:
        """Give the record and the assessment the room of the queue, or give it back."""
        if self.queue.isHidden():
            self.queue.show()
            return
        with leading_on(self.queue, lambda: first_of(self.page.pages)):
            self.queue.hide()

    def _go_to_queue(self) -> None:
        self.queue.show()
        focus_in(self.queue)

    def _next_case(self) -> None:
        self.queue.show()
        self.queue.go_to_next()
        self.queue.lines.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _previous_case(self) -> None:
        self.queue.show()
        self.queue.go_to_previous()
        self.queue.lines.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _open_case_words(self) -> tuple[str, str]:
        view = self.page.view
        return (view.file.case.number, case_words(view)) if view else ("", "")

    def _link_evidence(self) -> None:
        record = self.page.record
        if record is None or not self.page.record_in_view:
            self._say_quietly(ConsultDeskError(tr("Open a record first, then link it.")))
            return
        self.assessment.add_evidence(record.id, self.page.viewer.place(), record.name)

    # --- what happens elsewhere --------------------------------------------------------------

    def _hear(self, topics: frozenset[str]) -> None:
        self._topics |= topics
        if "draft" in topics:
            self._resting.start()
        if self._topics - {"draft"} and not self._reloading.isActive():
            self._reloading.start()

    def _reload(self) -> None:
        topics, self._topics = self._topics, set()
        if topics & {"queue", "case", "records"}:
            self.source.forget()
            self.queue.reload()
        if topics & {"case", "records", "assessment", "letter", "consent", "outbox", "clock"}:
            self.page.reload()
        if "room" in topics:
            self.read_only.look()
            self.status.say_room()
        if "outbox" in topics:
            self.status.say_outbox()
        if "backup" in topics:
            self.status.say_backup()
        if "clock" in topics:
            self.store_acts.look_at_clock()

    def _do(self, key: str) -> None:
        """Do what a button of a banner asks for, by the key of its command."""
        action = self.commands.actions.get(key)
        if why := self.commands.why_never(key) or self.commands.closed(key):
            self._say_quietly(ConsultDeskError(why))
        elif action is not None:
            action.setEnabled(True)
            action.trigger()

    # --- records that arrive -------------------------------------------------------------------

    def _take_dropped(self, paths: Sequence[Path]) -> None:
        if why := self.commands.closed("import"):
            self._say_quietly(ConsultDeskError(why))
            return
        number, words = self._open_case_words()
        self.receiving.take(list(paths), number, words)

    def _say_received(self, taken: Intake) -> None:
        self.result.say(taken, is_open=self.page.number in ("", taken.number))
        if not self.page.number:
            # nothing is under review, so nothing is disturbed
            self.open_case(taken.number)

    def _settle_patient(self, number: str) -> None:
        if self.page.number == number and self.page.view is not None:
            self._do("patient")
            return
        self.page.shown.connect(
            lambda _view: self._do("patient"), Qt.ConnectionType.SingleShotConnection
        )
        self.open_case(number)

    # --- dialogs and messages -----------------------------------------------------------------

    def own_dialog(self, dialog: QDialog) -> None:
        """Remember a dialog, so that locking closes it."""
        self._dialogs.append(dialog)
        dialog.destroyed.connect(lambda: self._forget_dialog(dialog))

    def _forget_dialog(self, dialog: QDialog) -> None:
        self._dialogs = [one for one in self._dialogs if one is not dialog]

    def _show(self, dialog: QDialog) -> None:
        self.own_dialog(dialog)
        dialog.open()

    def say_failure(self, error: ConsultDeskError) -> None:
        """Say in a dialog what couldn't be done, what is kept, and what to do."""
        if not self._closing:
            self._show(TroubleDialog(self.session.tools.forms, error, self))

    def _say_quietly(self, error: ConsultDeskError) -> None:
        self.status_bar.showMessage(str(error), 8000)

    def _about(self) -> None:
        self._show(AboutDialog(self.session.tools.forms, str(self.session.vault.folder), self))

    def _open_turnaround(self) -> None:
        # Here, not at the top: the library that draws charts is slow to load.
        from consultdesk.desktop.turnaround import TurnaroundPage

        dialog = QDialog(self)
        dialog.setObjectName("turnaround_dialog")
        dialog.setWindowTitle(tr("Turnaround"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        page = TurnaroundPage(self.session, dialog)
        page.failed.connect(self._say_quietly)
        column = QVBoxLayout(dialog)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(page)
        dialog.resize(self.size() * 0.85)
        self.own_dialog(dialog)
        dialog.show()

    def _open_settings(self) -> None:
        dialog = SettingsDialog(self.session, self)
        dialog.settled.connect(self._use_settings)
        self._show(dialog)

    def _use_settings(self, said: Settings) -> None:
        self.lock_after_changed.emit(said.lock_after)

    def _open_palette(self) -> None:
        palette = CommandPalette(
            self.session.tools.forms, self.commands.actions, self._cases_for_palette, self
        )
        palette.case_chosen.connect(self._open_by_id)
        palette.command_chosen.connect(self._do)
        self.own_dialog(palette)
        width = max(self.search.width(), palette.width())
        corner = self.search.mapToGlobal(QPoint(self.search.width() - width, 0))
        palette.setFixedWidth(width)
        palette.move(corner)
        palette.show()

    def _cases_for_palette(self, words: str, then: Callable[[Sequence[FoundCase]], None]) -> None:
        def offer(rows: Sequence[QueueRow]) -> None:
            then(
                [
                    FoundCase(row.id, f"{patient_in(row)}, {row.number}, {state_words(row.state)}")
                    for row in rows
                ]
            )

        self.source.first(words, _MOST_IN_PALETTE, offer)

    # --- place, lock and close ---------------------------------------------------------------

    def place(self) -> Place:
        """Where the person is, to come back to after unlocking."""
        return self.page.place()

    @property
    def under_way(self) -> str:
        """What must not be cut off by a lock, in words; "" when there is nothing."""
        if self.receiving.under_way:
            return tr("Records are still being brought in.")
        return tr("A backup is still being written.") if self.backups.under_way else ""

    def save_now(self) -> bool:
        """Seal everything that is being written before this returns."""
        return self.assessment.save_now()

    def hide_away(self) -> None:
        """Be seen no more, with everything kept as it is for a little longer."""
        self._keep_geometry()
        for dialog in tuple(self._dialogs):
            dialog.close()
        self.setWindowTitle("ConsultDesk")
        self.hide()

    def put_away(self) -> None:
        """Close every dialog, drop everything shown, and blank the title."""
        self._closing = True
        self._keep_geometry()
        for dialog in tuple(self._dialogs):
            dialog.close()
        for widget in self.findChildren(QDialog):
            widget.close()
        self._reloading.stop()
        self._resting.stop()
        self.queue.forget()
        self.page.clear()
        self.assessment.clear()
        self.letter.clear()
        self.result.clear()
        self.setWindowTitle("ConsultDesk")

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing the window ends the program, which saves first."""
        if self._closing:
            event.accept()
            return
        event.ignore()
        self.quit_asked.emit()

    def _keep_geometry(self) -> None:
        settings = self.session.tools.settings
        settings.setValue(_GEOMETRY, self.saveGeometry())
        if not self.queue.isHidden():
            settings.setValue(_PANES, self.panes.saveState())

    def _restore_geometry(self) -> None:
        settings = self.session.tools.settings
        geometry, panes = settings.value(_GEOMETRY), settings.value(_PANES)
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)
        else:
            room = QGuiApplication.primaryScreen().availableGeometry().size()
            # a window manager adds a title and an edge
            self.resize(self.size().boundedTo(room - _EDGES))
        self._panes_kept = isinstance(panes, QByteArray) and self.panes.restoreState(panes)

    def showEvent(self, event: QShowEvent) -> None:
        """Share the room between the panes, unless a person has done so before."""
        super().showEvent(event)
        if not self._panes_kept:
            self._panes_kept = True
            self.panes.setSizes([self.width() * share // 100 for share in _FIRST_SHARES])


def case_words(view: CaseView) -> str:
    """A case as a question names it: number, full name and date of birth."""
    return f"{view.file.case.number}, {view.file.patient.label}"
