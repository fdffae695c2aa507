"""What a person does with the store as a whole: check it, and confirm the clock."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from consultdesk.desk import store
from consultdesk.desk.store import Verification
from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.clock import clock_dialog
from consultdesk.desktop.jobs import JobsPanel
from consultdesk.desktop.new_sheet import NewSheetDialog
from consultdesk.desktop.session import Session
from consultdesk.desktop.words import tr

_SAID_MS = 15_000

Act = Callable[[], object]


class StoreActs(QObject):
    """Says on the window's notice how clock and store stand.

    `dialog_opened` carries each dialog, so that the lock can close it; `failed` an error;
    `sheet_kept` comes when another recovery sheet opens the store.
    """

    dialog_opened = Signal(object)
    failed = Signal(object)
    sheet_kept = Signal()

    def __init__(self, session: Session, notice: Banner, jobs: JobsPanel, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._notice = notice
        self._jobs = jobs
        self._window = window

    def acts(self) -> dict[str, Act]:
        """Every act of this kind by the key of its command."""
        return {
            "verify": self._verify,
            "confirm_clock": self._confirm_clock,
            "new_sheet": self._new_sheet,
        }

    def look_at_clock(self) -> None:
        """Ask for a word on the clock where it has jumped; else take the notice away."""
        now = self._session.tools.now()
        if store.moment(self._session.vault, now).jumped:
            self._notice.say(
                BannerKind.WARNING,
                tr("Please confirm date and time."),
                tr(
                    "This computer's clock is more than a day ahead of the last entry. Until you "
                    "confirm it, nothing can be sent."
                ),
                (("confirm_clock", tr("Confirm date and time…")),),
            )
        else:
            self._notice.clear()

    def _confirm_clock(self) -> None:
        dialog = clock_dialog(self._session, self._window)
        self.dialog_opened.emit(dialog)
        dialog.open()

    def _new_sheet(self) -> None:
        dialog = NewSheetDialog(self._session, self._window)
        dialog.settled.connect(lambda _none: self._say_kept())
        self.dialog_opened.emit(dialog)
        dialog.open()

    def _say_kept(self) -> None:
        self.sheet_kept.emit()
        self._notice.say(
            BannerKind.SUCCESS,
            tr("The new recovery sheet counts."),
            tr("A sheet from before opens nothing any more: destroy it."),
        )
        QTimer.singleShot(_SAID_MS, self, self.look_at_clock)

    def _verify(self) -> None:
        vault = self._session.vault
        name = tr("Verifying the store")
        task = self._session.tools.work.run(
            lambda progress: store.verify(vault, progress),
            self._say_verified,
            self.failed.emit,
            lambda done, total, what: self._jobs.report(task, done, total, what),
            owner=self,
            name=name,
        )
        self._jobs.follow(task, name)

    def _rebuild_search(self) -> None:
        vault = self._session.vault
        name = tr("Making the search index")
        task = self._session.tools.work.run(
            lambda progress: store.rebuild_search(vault, progress),
            lambda _done: None,
            self.failed.emit,
            lambda done, total, what: self._jobs.report(task, done, total, what),
            owner=self,
            name=name,
        )
        self._jobs.follow(task, name)

    def _say_verified(self, found: Verification) -> None:
        if found.ok:
            said = tr("{files} sealed files and {events} lines of the audit trail were checked.")
            self._notice.say(
                BannerKind.SUCCESS,
                tr("Everything is as it was written."),
                said.format(files=found.files, events=found.events),
            )
            QTimer.singleShot(_SAID_MS, self, self.look_at_clock)
            return
        wrong = [
            tr("a sealed file of case {case} is damaged").format(case=one["case"] or "?")
            for one in found.damaged or ()
        ]
        wrong += [] if found.broken == () else [tr("the audit trail was changed")]
        wrong += [] if found.database else [tr("the database has damaged pages")]
        wrong += [] if found.schema else [tr("the database isn't the one this program makes")]
        if not found.search:
            wrong.append(tr("the search index is damaged and is being made anew"))
            self._rebuild_search()
        self._notice.say(BannerKind.DANGER, tr("Something is wrong:"), f"{'; '.join(wrong)}.")
