"""What every page of an unlocked desk is given: the store, the work, the look, the time."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QSettings, Signal

from consultdesk.desktop.form import Forms
from consultdesk.desktop.style import Style
from consultdesk.desktop.work import Work
from consultdesk.vault.vault import Vault


@dataclass(frozen=True)
class Tools:
    """What the window has before and after a store is open.

    `settings` holds geometry and nothing else. `now` is the system clock in UTC ms.
    """

    forms: Forms
    work: Work
    style: Style
    settings: QSettings
    now: Callable[[], int]


class Session(QObject):
    """One unlocked store, from unlock to lock.

    `changed` carries the topics of each commit (a frozenset of str), on the window's thread.
    """

    changed = Signal(object)
    _changed_on_thread = Signal(object)

    def __init__(self, vault: Vault, tools: Tools, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.vault = vault
        self.tools = tools
        self._changed_on_thread.connect(self.changed)
        vault.listen(self._changed_on_thread.emit)

    def close(self) -> None:
        """Close the store; whatever still asks it is told that it is locked."""
        self.vault.close()
