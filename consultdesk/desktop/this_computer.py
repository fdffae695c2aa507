"""The computer that the desk runs on, by its system."""

import os
import platform

from PySide6.QtCore import QObject

from consultdesk.desktop.computer import Computer


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
