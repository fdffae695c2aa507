"""Before the window: a passphrase of one's own for whoever came without one."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from consultdesk.desk import users
from consultdesk.desktop.session import Session
from consultdesk.desktop.users_ask import PassphraseDialog
from consultdesk.vault.vault import Vault


def is_due(vault: Vault) -> bool:
    """Whether the open user came by an invitation or by a recovery sheet."""
    return users.invited(vault) or users.by_recovery(vault)


class Welcome(QObject):
    """Asks for it over the lock screen.

    `ready` comes once the window may be shown, `left` when a newcomer chose none: then the store
    is to be closed. Who came by the recovery sheet may go on without.
    """

    ready = Signal()
    left = Signal()

    def __init__(self, session: Session, cover: QWidget) -> None:
        super().__init__(session)
        self._must = users.invited(session.vault)
        self.dialog = PassphraseDialog(session, cover)
        self.dialog.settled.connect(lambda _none: self.ready.emit())
        self.dialog.rejected.connect(self._refuse)
        self.dialog.open()

    def leave(self) -> None:
        """The desk is locked: ask no more."""
        self._must = True
        self.dialog.reject()

    def _refuse(self) -> None:
        (self.left if self._must else self.ready).emit()
