"""When this computer's screen is locked, or the computer is about to sleep."""

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
