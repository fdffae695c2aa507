"""When this computer's screen is locked, or the computer is about to sleep."""

import os
import platform

from PySide6.QtCore import QObject, Signal


class Computer(QObject):
    """Says what happens to the computer around the desk.

    `screen_locked` comes when somebody locks the screen, `going_to_sleep` before the computer
    sleeps; where the system waits for programs, it waits until `let_sleep`. This one never says
    anything: on a system that tells us nothing the desk locks by idle time alone.
    """

    screen_locked = Signal()
    going_to_sleep = Signal()

    def watch(self, window: int) -> None:
        """Begin to listen; `window` is the system's number of a window that stays."""

    def let_sleep(self) -> None:
        """All is sealed and closed: the computer may sleep."""

    def rest(self) -> None:
        """Stop listening."""


def this_computer(parent: QObject) -> Computer:
    """The computer that the desk runs on.

    Each system's part is loaded only here: none is needed before the first window is seen.
    """
    system = platform.system()
    if system == "Windows":
        from consultdesk.desktop.computer_windows import WindowsComputer

        return WindowsComputer(parent)
    if system == "Linux":
        from PySide6.QtDBus import QDBusConnection

        from consultdesk.desktop.computer_linux import LinuxComputer

        return LinuxComputer(
            QDBusConnection.systemBus(),
            QDBusConnection.sessionBus(),
            os.environ.get("XDG_SESSION_ID") or "auto",
            parent,
        )
    return Computer(parent)
