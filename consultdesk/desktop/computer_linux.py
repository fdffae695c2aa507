"""Screen lock and sleep on Linux, from systemd-logind and the screen savers of the desktops.

Sources: org.freedesktop.login1(5); the Desktop Screensaver specification, and the interfaces that
GNOME, KDE, Cinnamon, MATE and Xfce offer in its place.
"""

from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QObject, Slot
from PySide6.QtDBus import (
    QDBusConnection,
    QDBusMessage,
    QDBusPendingCallWatcher,
    QDBusUnixFileDescriptor,
)

from consultdesk.desktop.computer import Computer
from consultdesk.desktop.words import tr

_LOGIND = "org.freedesktop.login1"
_MANAGER_PATH = "/org/freedesktop/login1"
_MANAGER = "org.freedesktop.login1.Manager"
_SESSION = "org.freedesktop.login1.Session"
_SCREEN_SAVERS = (
    "org.freedesktop.ScreenSaver",
    "org.gnome.ScreenSaver",
    "org.cinnamon.ScreenSaver",
    "org.mate.ScreenSaver",
    "org.xfce.ScreenSaver",
)
_ANYONE = _ANYWHERE = ""
# Qt writes a slot as "1" and its signature; it takes words where its types say bytes
_SLEEP, _SCREEN_SAVER, _LOCK = (
    cast("bytes", f"1{slot}") for slot in ("_sleep(bool)", "_screen_saver(bool)", "_lock()")
)


class LinuxComputer(Computer):
    """Listens on the two buses; nothing is asked in a way that the window would wait for.

    While it listens it holds a delay lock: logind waits for it before it lets the computer
    sleep (five seconds, unless the administrator says otherwise).
    """

    def __init__(
        self,
        system: QDBusConnection,
        session: QDBusConnection,
        session_id: str,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._system, self._own = system, session
        self._session_id = session_id
        self._delay: QDBusUnixFileDescriptor | None = None
        self._watching = False

    def watch(self, window: int) -> None:
        """Begin to listen."""
        del window
        if self._watching:
            return
        self._watching = True
        if self._system.isConnected():
            self._system.connect(_LOGIND, _MANAGER_PATH, _MANAGER, "PrepareForSleep", self, _SLEEP)
            self._ask(
                "GetSession", [self._session_id], lambda path: self._hear_session(str(path.path()))
            )
            self._delay_sleep()
        if self._own.isConnected():
            for name in _SCREEN_SAVERS:
                self._own.connect(_ANYONE, _ANYWHERE, name, "ActiveChanged", self, _SCREEN_SAVER)

    def let_sleep(self) -> None:
        """Give the delay lock back."""
        self._delay = None

    def rest(self) -> None:
        """Stop listening; the computer may sleep when it wants."""
        self._watching = False
        self._delay = None

    def _delay_sleep(self) -> None:
        why = tr("Drafts are sealed and the store is closed.")
        self._ask("Inhibit", ["sleep", "ConsultDesk", why, "delay"], self._keep_delay)

    def _keep_delay(self, held: QDBusUnixFileDescriptor) -> None:
        if self._watching:
            self._delay = held

    def _hear_session(self, path: str) -> None:
        self._system.connect(_LOGIND, path, _SESSION, "Lock", self, _LOCK)

    def _ask(self, method: str, said: list[str], then: Callable[..., None]) -> None:
        """Call a method of logind's manager; where there is no answer nothing follows."""
        call = QDBusMessage.createMethodCall(_LOGIND, _MANAGER_PATH, _MANAGER, method)
        call.setAutoStartService(False)
        call.setArguments(said)
        waiting = QDBusPendingCallWatcher(self._system.asyncCall(call), self)

        def answered(_waiting: QDBusPendingCallWatcher) -> None:
            answer = waiting.reply()
            if answer.type() is QDBusMessage.MessageType.ReplyMessage and answer.arguments():
                then(answer.arguments()[0])
            waiting.deleteLater()

        waiting.finished.connect(answered)

    @Slot(bool)
    def _sleep(self, begins: bool) -> None:
        if not self._watching:
            return
        if begins:
            self.going_to_sleep.emit()
        else:
            self._delay_sleep()

    @Slot(bool)
    def _screen_saver(self, active: bool) -> None:
        if active and self._watching:
            self.screen_locked.emit()

    @Slot()
    def _lock(self) -> None:
        if self._watching:
            self.screen_locked.emit()
