"""The program around the window: start, unlock, lock, and a clean end."""

import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QIcon, QPixmapCache
from PySide6.QtWidgets import QApplication

from consultdesk.consultation.source import Progress
from consultdesk.desktop import icons, places
from consultdesk.desktop.banner import BannerKind
from consultdesk.desktop.cover import Cover, clear_clipboard, close_all_but
from consultdesk.desktop.form import Forms
from consultdesk.desktop.idle import Idle
from consultdesk.desktop.keychain_asked import KeychainAsked
from consultdesk.desktop.keys import Keys
from consultdesk.desktop.look import put_on_kept_look
from consultdesk.desktop.own import own_widgets
from consultdesk.desktop.style import Style
from consultdesk.desktop.trouble import Trouble
from consultdesk.desktop.words import tr
from consultdesk.desktop.work import Work
from consultdesk.errors import (
    Cancelled,
    ConsultDeskError,
    DatabaseOlder,
    PassphraseWrong,
    TriedTooSoon,
)

if TYPE_CHECKING:
    from consultdesk.desktop.case_page import Place
    from consultdesk.desktop.computer import Computer
    from consultdesk.desktop.first_store import FirstStore
    from consultdesk.desktop.opening import Known, MainWindow, Session, Welcome
    from consultdesk.vault.vault import Vault

_SIGNALS_MS = 500
_LISTEN_MS = 200


def run(store: Path | None = None, *, open_with: tuple[str, str] | None = None) -> int:
    """Open the desk on a store, and return the program's exit code.

    Without `store` the last or default one is opened, or a first one is made. `open_with` is
    (user, passphrase) for a store that needs nobody to type them: the demo's.
    """
    # 1. Nothing of an opened record may be left in a core dump.
    forbid_core_dumps()
    # 2. Qt, and where this computer keeps geometry.
    app = application()
    settings = QSettings()
    # 3. The look, before anything is seen.
    style = Style(app)
    put_on_kept_look(style, settings)
    app.setWindowIcon(QIcon(icons.pixmap("shield-lock", style.tokens.colour("accent"), 128)))
    # 4. What the lock screen needs: forms, work beside the window, and a net for failures.
    forms, work = Forms(own_widgets()), Work()
    trouble = Trouble(forms)
    trouble.watch()
    # 5. The lock screen. Store, records and all the rest are loaded behind it.
    program = Program(app, forms, work, style, settings, trouble)
    program.start(places.wanted_store(store), open_with)
    # 6. Until somebody quits.
    code = app.exec()
    # 7. What is written is sealed, every thread has ended, and only then does Python go on.
    program.end()
    work.shut_down()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    sys.excepthook = sys.__excepthook__
    return int(code)


def application() -> QApplication:
    """The one QApplication, named so that its settings have a place."""
    there = QApplication.instance()
    app = there if isinstance(there, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("ConsultDesk")
    app.setOrganizationName("ConsultDesk")
    app.setApplicationDisplayName("")
    app.setQuitOnLastWindowClosed(False)
    return app


def forbid_core_dumps() -> None:
    """Let no core dump be written (Windows has none to forbid)."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def clock() -> int:
    """The system clock in UTC ms."""
    return time.time_ns() // 1_000_000


class Program(QObject):
    """Goes between the lock screen and the window.

    `unlocked` carries the window; `locked` comes when nothing of the store is in view.
    """

    unlocked = Signal(object)
    locked = Signal()

    def __init__(
        self,
        app: QApplication,
        forms: Forms,
        work: Work,
        style: Style,
        settings: QSettings,
        trouble: Trouble,
    ) -> None:
        super().__init__()
        self._app = app
        self._forms, self._work, self._style, self._settings = forms, work, style, settings
        self._trouble = trouble
        self.now = clock
        self.folder: Path | None = None
        self.session: Session | None = None
        self.window: MainWindow | None = None
        self._place: Place | None = None
        self._held = False
        self._user = ""
        self._asked = False
        self._first: FirstStore | None = None
        self.welcome: Welcome | None = None
        self._keychain = KeychainAsked(work, self)
        self._keychain.answered.connect(self._unlock_by_keychain)
        self.cover = Cover(forms)
        self.cover.quit_asked.connect(app.quit)
        self.cover.store_chosen.connect(lambda folder: self.start(folder, None))
        self.cover.restore_asked.connect(self._ask_restore)
        self.idle = Idle(app)
        self.idle.expired.connect(self.lock)
        self.idle.left_changed.connect(self._say_left)
        self.keys = Keys(app)
        self.keys.lock_asked.connect(self.lock)
        self.computer: Computer | None = None
        self._lock_next = False
        self._copied = False
        app.clipboard().dataChanged.connect(self._note_copy)
        self._signals = QTimer(self)
        self._signals.setInterval(_SIGNALS_MS)
        self._signals.timeout.connect(self._obey)
        self._signals.start()
        self._told_to_end = False
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, self._hear_signal)

    def _hear_signal(self, _number: int, _frame: object) -> None:
        """The system wants an end; Qt forgets a request that comes before it runs."""
        self._told_to_end = True

    def _obey(self) -> None:
        if self._told_to_end:
            self._app.quit()

    # --- the lock screen ------------------------------------------------------------------------

    def start(self, folder: Path | None, open_with: tuple[str, str] | None = None) -> None:
        """Show the lock screen for a store, or the first run, and load the rest behind it."""
        self.folder = folder
        if folder is None:
            from consultdesk.desktop.first_store import FirstStore

            form = self.cover.ask_first_run(places.default_store())
            self._first = FirstStore(form, self._work, lambda: self.now(), self)
            self._first.ready.connect(self._begin_work)
        else:
            self._ask_passphrase("")
        self.cover.show()
        self.cover.raise_()
        self.cover.activateWindow()
        if self.cover.was_seen:
            self._load(open_with)
        else:
            # loading would hold the lock screen up
            once = Qt.ConnectionType.SingleShotConnection
            self.cover.seen.connect(lambda: self._load(open_with), once)

    def _ask_passphrase(self, note: str, users: tuple[str, ...] = ()) -> None:
        self._asked = False
        if self.folder is not None:
            form = self.cover.ask_passphrase(self.folder, users, note)
            if self._user:
                form.user.setCurrentText(self._user)
            form.unlock_requested.connect(self._unlock)
            form.keychain_requested.connect(self._ask_keychain)
            form.restored_requested.connect(self._ask_restored)

    def _load(self, open_with: tuple[str, str] | None) -> None:
        self._style.complete()
        folder = self.folder

        now = self.now()

        def job(progress: Progress) -> "Known":
            # Here, not at the top: it takes far longer to load than the lock screen.
            from consultdesk.desktop import opening

            if folder is None:
                return opening.Known(keychain_there=opening.keychain_is_there(progress))
            if not places.is_store(folder):
                return opening.Known()
            return opening.known(folder, now)

        self._work.run(job, self._loaded, self._cannot_open, owner=self, priority=9)
        if open_with is not None:
            self._unlock(*open_with)

    def _loaded(self, known: "Known") -> None:
        if self.cover.first_run is not None:
            self.cover.first_run.offer_keychain(there=known.keychain_there)
        form = self.cover.unlock
        if form is None or self.folder is None or self._asked:
            return
        if not places.is_store(self.folder):
            form.show_error(tr("There is no ConsultDesk store in that folder."))
            return
        # what was typed meanwhile stays
        form.offer_users(known.users)
        if not self._held:
            # what is held open behind the lock screen asks for the passphrase
            form.offer_keychain(known.by_keychain)
        for user, seconds in known.waits.items():
            form.hold_back(user, seconds)
        if known.demo_passphrase:
            form.note.say(BannerKind.INFO, _demo_words(known.demo_passphrase))

    def _ask_keychain(self, user: str) -> None:
        if self.cover.unlock is not None and self.folder is not None and not self._asked:
            self._keychain.ask(self.cover.unlock, self.folder, user)

    def _unlock_by_keychain(self, user: str, secret: str) -> None:
        form, folder, now = self.cover.unlock, self.folder, self.now()
        if form is None or folder is None or self._asked:
            return
        self._asked = True
        form.show_busy()

        def job(_progress: Progress) -> "Vault":
            from consultdesk.desktop import opening

            return opening.unlock_by_keychain(folder, user, secret, now)

        self._work.run(job, self._opened, self._cannot_open, owner=self, priority=9)

    def _ask_restored(self, user: str, passphrase: str) -> None:
        from consultdesk.desktop.restored import RestoredDialog

        dialog = RestoredDialog(self._forms, self.cover)
        dialog.accepted.connect(lambda: self._unlock(user, passphrase, as_restored=True))
        dialog.open()

    def _ask_restore(self) -> None:
        # Here, not at the top: it is rarely asked for, the lock screen every day.
        from consultdesk.desktop.restore import RestoreDialog

        place = self.folder or places.default_store()
        dialog = RestoreDialog(self._forms, self._work, lambda: self.now(), place, self.cover)
        dialog.chosen.connect(self.cover.store_chosen)
        dialog.open()

    def _unlock(self, user: str, passphrase: str, *, as_restored: bool = False) -> None:
        form, folder, now = self.cover.unlock, self.folder, self.now()
        if folder is None:
            return
        self._asked = True
        # who has typed the passphrase doesn't wait for the keychain
        self._keychain.forget()
        if form is not None:
            form.end_asking()
            form.show_busy()
        held = self.session if self._held else None

        def job(_progress: Progress) -> "Vault":
            from consultdesk.desktop import opening

            if held is not None:
                opening.reauthenticate(held.vault, passphrase, now)
                return held.vault
            return opening.unlock(folder, user, passphrase, now, as_restored=as_restored)

        self._work.run(job, self._opened, self._cannot_open, owner=self, priority=9)

    def _cannot_open(self, error: ConsultDeskError) -> None:
        form = self.cover.unlock
        if form is None or isinstance(error, Cancelled):
            return
        self._asked = self._lock_next = False
        # the countdown says itself that it is too soon
        form.show_error("" if isinstance(error, TriedTooSoon) else str(error))
        form.offer_restored(may=isinstance(error, DatabaseOlder))
        if isinstance(error, PassphraseWrong | TriedTooSoon) and error.wait:
            form.hold_back(form.user.currentText(), error.wait)

    def _begin_work(self, vault: "Vault", went_wrong: str) -> None:
        """The first store is made, and its sheet is kept."""
        self.folder = vault.folder
        self._opened(vault)
        if went_wrong and self.window is not None:
            self.window.say_failure(
                ConsultDeskError(went_wrong, kept=tr("The store is made and open."))
            )

    # --- open ------------------------------------------------------------------------------------

    def _opened(self, vault: "Vault") -> None:
        from consultdesk.desktop import opening

        if self._held and self.window is not None:
            self._held = False
            self._show_window(self.window)
            return
        self._user = vault.user
        tools = opening.Tools(
            self._forms, self._work, self._style, self._settings, lambda: vault.now(self.now())
        )
        self.session = opening.Session(vault, tools, self)
        if not opening.is_due(vault):
            self._make_window()
            return
        self.welcome = opening.Welcome(self.session, self.cover)
        self.welcome.ready.connect(self._make_window)
        self.welcome.left.connect(self._leave)
        self.idle.watch()
        if self._lock_next:
            self.lock()

    def _leave(self) -> None:
        """A newcomer chose no passphrase, or the desk was locked meanwhile."""
        self.welcome = None
        self.idle.rest()
        if self.session is not None:
            self.session.close()
            self.session.deleteLater()
            self.session = None
        self._ask_passphrase("")
        self._load(None)

    def _make_window(self) -> None:
        from consultdesk.desktop import opening

        self.welcome = None
        if self.session is None:
            return
        window = opening.MainWindow(self.session)
        window.lock_asked.connect(self.lock)
        window.quit_asked.connect(self.quit)
        window.lock_after_changed.connect(self.idle.set_minutes)
        self.idle.set_minutes(window.lock_after)
        window.status.say_left(window.lock_after * 60)
        self.keys.claim(window.commands.claimed_keys)
        self.window = window
        self._show_window(window)
        if self._place is not None and self._place.number:
            window.open_case(self._place.number, self._place.record_id, self._place.place)
        self._place = None

    def _show_window(self, window: "MainWindow") -> None:
        window.show()
        window.raise_()
        window.activateWindow()
        self.cover.hide()
        if self.cover.unlock is not None:
            self.cover.unlock.forget()
        self.idle.watch()
        QTimer.singleShot(_LISTEN_MS, self, self._watch_computer)
        self.unlocked.emit(window)
        if self._lock_next:
            self.lock()

    def _say_left(self, seconds: int) -> None:
        if self.window is not None:
            self.window.status.say_left(seconds)

    # --- locked ----------------------------------------------------------------------------------

    def lock(self) -> None:
        """Seal what is written, cover everything, close the store.

        What can't be sealed now, and an import or a backup under way, keep the store open behind
        the lock screen, so that nothing is lost; the passphrase is asked all the same.
        """
        window = self.window
        # what is being unlocked now is locked as soon as it is open
        self._lock_next = window is None and self._asked and self.welcome is None
        if self.welcome is not None:
            self.welcome.leave()
        if window is None or self._held:
            return
        self.idle.rest()
        saved = window.save_now()
        clear_clipboard(self._app.clipboard(), ours=self._copied)
        self._copied = False
        self._place = window.place()
        under_way = window.under_way
        self._held = not saved or bool(under_way)
        if self._held:
            window.hide_away()
            if saved:
                brought, backed = window.receiving, window.backups
                for ended in (brought.received, brought.failed, backed.ended, backed.troubled):
                    ended.connect(self._finish_lock)
            note = tr("Locked. {what}").format(what=under_way)
            if not saved:
                note = tr("Locked. Something couldn't be saved yet; unlock to try again.")
        else:
            self._throw_away(window)
            note = tr("Locked. Your work is saved.")
        close_all_but(self.cover)
        self._ask_passphrase(note)
        self.cover.show()
        self.cover.raise_()
        self.cover.activateWindow()
        self._load(None)
        self.locked.emit()

    def _finish_lock(self, _result: object) -> None:
        """What went on while locked is kept: now the store is closed as well."""
        window = self.window
        if self._held and window is not None and not (self._asked or window.under_way):
            self._held = False
            self._throw_away(window)
            self._let_sleep()

    def _throw_away(self, window: "MainWindow") -> None:
        """Nothing that was shown is kept, not even hidden."""
        self.window = None
        window.put_away()
        window.hide()
        window.deleteLater()
        for task in self._work.tasks:
            # its answer belongs to the window that is gone, unless the lock screen asked
            if task.owner not in (self, self.cover.unlock):
                task.forget()
        if self.session is not None:
            self.session.close()
            self.session.deleteLater()
            self.session = None
        QPixmapCache.clear()

    def _note_copy(self) -> None:
        """What changes the clipboard while our window has the keyboard was copied from it."""
        self._copied = self._app.focusWindow() is not None

    # --- the computer around the desk ------------------------------------------------------------

    def listen_to(self, computer: "Computer") -> None:
        """Lock when this computer's screen is locked, and before it sleeps."""
        self.computer = computer
        computer.screen_locked.connect(self.lock)
        computer.going_to_sleep.connect(self._before_sleep)
        computer.watch(self.cover.winId())

    def _watch_computer(self) -> None:
        """Listen to the computer once the first window is seen: it takes a moment to load."""
        if self.computer is None:
            from consultdesk.desktop.this_computer import this_computer

            self.listen_to(this_computer(self))

    def _before_sleep(self) -> None:
        self.lock()
        # an import under way is given the time that the system allows
        if not (self._held and self.window is not None and self.window.receiving.under_way):
            self._let_sleep()

    def _let_sleep(self) -> None:
        if self.computer is not None:
            self.computer.let_sleep()

    # --- the end ---------------------------------------------------------------------------------

    def quit(self) -> None:
        """End the program, unless something couldn't be saved."""
        if self.window is not None and not self.window.save_now():
            self._trouble.show(
                ConsultDeskError(
                    tr("What you wrote last couldn't be saved, so the desk stays open."),
                    cure=tr("Make room on the disk, then quit again."),
                ),
                self.window,
            )
            return
        self._app.quit()

    def end(self) -> None:
        """Seal, close and let go of everything."""
        self.idle.rest()
        if self.computer is not None:
            self.computer.rest()
        if self.window is not None:
            self.window.save_now()
            clear_clipboard(self._app.clipboard(), ours=self._copied)
            self._throw_away(self.window)
        elif self.session is not None:
            self.session.close()
        if self._first is not None:
            self._first.close()
        close_all_but(self.cover)
        self.cover.close()
        self.cover.deleteLater()


def _demo_words(passphrase: str) -> str:
    return tr("A demo store: synthetic patients only. Its passphrase is: {words}").format(
        words=passphrase
    )
