"""What the window says of its users: who waits to be let in, and that new keys are due."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from consultdesk.consultation.audit import Role
from consultdesk.desk import users
from consultdesk.desk.users import StoreUser
from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.session import Session
from consultdesk.desktop.users import UsersDialog, due_words, exchange_dialog
from consultdesk.desktop.users_ask import FullNameDialog
from consultdesk.desktop.words import tr
from consultdesk.errors import ConsultDeskError

_OWN_NAME = "own_name"

Act = Callable[[], object]


class UsersActs(QObject):
    """Opens the list of users. `dialog_opened` carries each dialog, so that the lock closes it."""

    dialog_opened = Signal(object)

    def __init__(self, session: Session, notices: QVBoxLayout, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self.banner = Banner(window)
        self.banner.setObjectName("users_notice")
        notices.addWidget(self.banner)
        self.banner.action_chosen.connect(self._hear_banner)
        session.changed.connect(self._hear)

    def acts(self) -> dict[str, Act]:
        """Every act of this kind by the key of its command."""
        return {"users": self._open_users, "exchange_keys": self._exchange}

    def why_closed(self) -> str:
        """Why the open user opens nothing clinical; "" where they do."""
        vault = self._session.vault
        if vault.clinical:
            return ""
        if users.waits(vault):
            return tr("You aren't let in yet.")
        return tr("Your role doesn't open clinical content.")

    def look(self) -> None:
        """Say who has to be told what; nothing where all is as it should be."""
        vault = self._session.vault
        try:
            waits = users.waits(vault)
            due = vault.clinical and users.new_keys_due(vault)
            nameless = None if due else self._nameless()
        except ConsultDeskError:
            return  # a key file that can't be read is said where somebody needs it
        if waits:
            self.banner.say(
                BannerKind.INFO,
                tr("You aren't let in yet."),
                tr(
                    "Read these digits to a physician of the desk: {digits}. They type them "
                    "under Tools, Users…, Let in…, and then you unlock again."
                ).format(digits=users.own_digits(vault).replace(" ", "\u00a0")),
                (("lock", tr("Unlock again")),),
            )
        elif nameless is not None:
            self.banner.say(
                BannerKind.INFO,
                tr("Your full name isn't known yet."),
                tr("Letters you sign would carry only your user name."),
                ((_OWN_NAME, tr("Write it down…")),),
            )
        elif due:
            self.banner.say(
                BannerKind.WARNING,
                tr("New keys are due."),
                due_words(),
                (("exchange_keys", tr("Exchange keys…")),),
            )
        else:
            self.banner.clear()

    def _nameless(self) -> StoreUser | None:
        """The open user where their letters would lack a name that can be written down now."""
        vault = self._session.vault
        if vault.role is not Role.PHYSICIAN or not vault.clinical:
            return None
        me = next(one for one in users.users(vault) if one.name == vault.user)
        return None if me.named else me

    def _hear(self, topics: frozenset[str]) -> None:
        if "users" in topics:
            self.look()

    def _open_users(self) -> None:
        dialog = UsersDialog(self._session, self._window)
        dialog.dialog_opened.connect(self.dialog_opened)
        self.dialog_opened.emit(dialog)
        dialog.open()

    def _hear_banner(self, key: str) -> None:
        me = self._nameless() if key == _OWN_NAME else None
        if me is None:
            return  # the others are commands of the window
        dialog = FullNameDialog(self._session, me, self._window)
        self.dialog_opened.emit(dialog)
        dialog.open()

    def _exchange(self) -> None:
        dialog = exchange_dialog(self._session, self._window)
        self.dialog_opened.emit(dialog)
        dialog.open()
