"""What the window says and does while the store can only be read."""

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from consultdesk.desk import store
from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.commands import Commands
from consultdesk.desktop.session import Session
from consultdesk.desktop.words import tr
from consultdesk.errors import ConsultDeskError

_AGAIN_MS = 20_000
_TRY = "write_again"


class ReadOnlyNotice(QObject):
    """Says why the store can only be read, closes the commands that write, and tries again.

    `looked` carries why nothing can be written, "" where it can; `changed` comes when it can be
    written again, `failed` with why it couldn't when a person tried.
    """

    looked = Signal(str)
    changed = Signal()
    failed = Signal(object)

    def __init__(
        self, session: Session, notices: QVBoxLayout, commands: Commands, window: QWidget
    ) -> None:
        super().__init__(window)
        self._session, self._commands = session, commands
        self._trying = False
        self.banner = Banner(window)
        self.banner.setObjectName("read_only_notice")
        self.banner.action_chosen.connect(lambda _key: self.try_again())
        notices.insertWidget(0, self.banner)
        self._again = QTimer(self)
        self._again.setInterval(_AGAIN_MS)
        self._again.timeout.connect(lambda: self.try_again(quietly=True))

    @property
    def why(self) -> str:
        """Why nothing can be written, in one sentence; "" while it can."""
        closed = self._session.vault.read_only
        return f"{closed.message} {closed.cure}" if closed else ""

    def look(self) -> None:
        """Say how it stands now."""
        closed = self._session.vault.read_only
        was = self._again.isActive()
        self._commands.say_read_only(self.why)
        self.looked.emit(self.why)
        if closed is None:
            self._again.stop()
            self.banner.clear()
            if was:
                self.changed.emit()
            return
        self._again.start()
        self.banner.say(
            BannerKind.WARNING,
            closed.message,
            tr(
                "{cure} What you type stays here until it can be saved. Records you open are "
                "noted and recorded later. Letters that have left before, and the patient's own, "
                "can be printed."
            ).format(cure=closed.cure),
            ((_TRY, tr("Try again")),),
        )

    def try_again(self, *, quietly: bool = False) -> None:
        """Go back to writing where that is possible by now."""
        if self._trying:
            return
        self._trying = True
        vault, now = self._session.vault, self._session.tools.now()
        for button in self.banner.buttons:
            button.setEnabled(False)
        self._session.tools.work.run(
            lambda _progress: store.write_again(vault, now),
            lambda _none: self._tried(None),
            lambda error: self._tried(None if quietly else error),
            owner=self,
            name=tr("Trying to write to the store"),
        )

    def _tried(self, error: ConsultDeskError | None) -> None:
        self._trying = False
        for button in self.banner.buttons:
            button.setEnabled(True)
        self.look()
        if error is not None:
            self.failed.emit(error)
