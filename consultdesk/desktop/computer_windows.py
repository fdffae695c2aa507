"""Screen lock and sleep on Windows, from the messages that it sends to a window.

Sources: WTSRegisterSessionNotification, WM_WTSSESSION_CHANGE and WM_POWERBROADCAST in Microsoft's
documentation of the Win32 API. Sleep can't be held up there: Windows gives a program two seconds.
"""

import ctypes
import sys
from enum import Enum

from PySide6.QtCore import QAbstractNativeEventFilter, QByteArray, QCoreApplication, QObject

from consultdesk.desktop.computer import Computer

_SESSION_CHANGE = 0x02B1
_SESSION_LOCKED, _REMOTE_LEFT, _CONSOLE_LEFT = 0x7, 0x4, 0x2
_POWER = 0x0218
_SUSPENDS = 0x4
_THIS_SESSION = 0
_KINDS = (b"windows_generic_MSG", b"windows_dispatcher_MSG")


class Told(Enum):
    """What a message says, as far as the desk cares."""

    NOTHING = ""
    LOCKED = "locked"
    SLEEPS = "sleeps"


class Message(ctypes.Structure):
    """The beginning of Windows' MSG, as much as is read."""

    _fields_ = (
        ("window", ctypes.c_void_p),
        ("number", ctypes.c_uint),
        ("first", ctypes.c_size_t),
        ("second", ctypes.c_ssize_t),
    )


def told_by(number: int, first: int) -> Told:
    """What a message with its first parameter says."""
    if number == _SESSION_CHANGE and first in (_SESSION_LOCKED, _REMOTE_LEFT, _CONSOLE_LEFT):
        return Told.LOCKED
    if number == _POWER and first == _SUSPENDS:
        return Told.SLEEPS
    return Told.NOTHING


class _Filter(QAbstractNativeEventFilter):
    def __init__(self, computer: "WindowsComputer") -> None:
        super().__init__()
        self._computer = computer

    def nativeEventFilter(
        self, kind: QByteArray | bytes | bytearray | memoryview, message: int
    ) -> object:
        """Look at a message first; none is kept from the others."""
        if kind in _KINDS and message:
            said = Message.from_address(int(message))
            self._computer.hear(told_by(said.number, said.first))
        return False, 0


class WindowsComputer(Computer):
    """Asks Windows to tell the desk's window about its session."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._filter: _Filter | None = None
        self._window = 0

    def watch(self, window: int) -> None:
        """Begin to listen."""
        app = QCoreApplication.instance()
        if self._filter is None and app is not None:
            self._window = window
            self._filter = _Filter(self)
            app.installNativeEventFilter(self._filter)
            if sys.platform == "win32":
                ctypes.WinDLL("wtsapi32").WTSRegisterSessionNotification(
                    ctypes.c_void_p(window), _THIS_SESSION
                )

    def rest(self) -> None:
        """Stop listening."""
        app = QCoreApplication.instance()
        if self._filter is not None and app is not None:
            app.removeNativeEventFilter(self._filter)
            self._filter = None
            if sys.platform == "win32":
                ctypes.WinDLL("wtsapi32").WTSUnRegisterSessionNotification(
                    ctypes.c_void_p(self._window)
                )

    def hear(self, told: Told) -> None:
        """Say on what a message said."""
        if told is Told.LOCKED:
            self.screen_locked.emit()
        elif told is Told.SLEEPS:
            self.going_to_sleep.emit()
