"""Taking a step of a case: one at a time, with the pane closed meanwhile and its keyboard kept."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from consultdesk.desktop.pane_focus import KeptKeyboard
from consultdesk.desktop.session import Session
from consultdesk.desktop.words import tr
from consultdesk.errors import ConsultDeskError


class StepActs(QObject):
    """Takes steps beside the window. `taken` comes when one is done, `failed` with the error."""

    taken = Signal()
    failed = Signal(object)

    def __init__(self, session: Session, pane: QWidget) -> None:
        super().__init__(pane)
        self._session = session
        self._pane = pane
        self.keyboard = KeptKeyboard(pane)
        self.under_way = False

    def take(self, act: Callable[[], object], then: Callable[[], None] | None = None) -> None:
        """Take a step, and call `then` once it is done; nothing while another is under way."""
        if self.under_way:
            return
        self.under_way = True
        self.keyboard.keep()
        self._pane.setEnabled(False)
        self._session.tools.work.run(
            lambda _progress: act(),
            lambda _done: self._done(then),
            self._could_not,
            owner=self,
            name=tr("Saving"),
            priority=2,
        )

    def _done(self, then: Callable[[], None] | None) -> None:
        self.under_way = False
        self._pane.setEnabled(True)
        self.taken.emit()
        if then is not None:
            then()

    def _could_not(self, error: ConsultDeskError) -> None:
        self.under_way = False
        self._pane.setEnabled(True)
        self.keyboard.give_back()
        self.failed.emit(error)
