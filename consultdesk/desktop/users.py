"""Who uses the store: the list of them, and every step an administrator takes with it."""

from collections.abc import Callable
from typing import ClassVar

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QTreeWidget, QTreeWidgetItem, QWidget

from consultdesk.desk import users
from consultdesk.desk.users import Standing, StoreUser
from consultdesk.desktop.assessment_parts import fit_on_screen
from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.reason import ReasonDialog, Wanted
from consultdesk.desktop.session import Session
from consultdesk.desktop.style import text_scale_of
from consultdesk.desktop.users_ask import (
    FullNameDialog,
    LetInDialog,
    PassphraseDialog,
    RoleDialog,
    WordsDialog,
    role_words,
)
from consultdesk.desktop.words import tr
from consultdesk.errors import ConsultDeskError

_NAME = Qt.ItemDataRole.UserRole
_LINE = 28
_LAST = 6


class UsersDialog(QDialog):
    """Lists the users. `shown` comes with each list, `dialog_opened` with each question.

    Whoever doesn't administer sees only themselves, and a clinician also who waits to be let in.
    """

    FORM: ClassVar[str] = "users"

    notice: Banner
    listed: QTreeWidget
    detail: QLabel
    invite: QPushButton
    let_in: QPushButton
    name_user: QPushButton
    change_role: QPushButton
    shut_out: QPushButton
    remove: QPushButton
    exchange_keys: QPushButton
    change_passphrase: QPushButton
    close_dialog: QPushButton

    dialog_opened = Signal(object)
    shown = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        session.tools.forms.load(self, self.FORM)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fit_on_screen(self, 980, 460)
        self._session = session
        self._users: dict[str, StoreUser] = {}
        self._connect()
        self._offer()
        self._look()

    def _connect(self) -> None:
        for button, ask in (
            (self.invite, self._invite),
            (self.let_in, self._let_in),
            (self.name_user, self._name_user),
            (self.change_role, self._change_role),
            (self.shut_out, self._shut_out),
            (self.remove, self._remove),
            (self.exchange_keys, self.ask_exchange),
            (self.change_passphrase, self._change_passphrase),
        ):
            button.setAutoDefault(False)
            button.clicked.connect(ask)
        self.close_dialog.clicked.connect(self.reject)
        self.listed.currentItemChanged.connect(lambda _now, _before: self._offer())
        self.notice.action_chosen.connect(lambda _key: self.ask_exchange())
        self._session.changed.connect(self._hear)

    # --- the list ---------------------------------------------------------------------------

    def _hear(self, topics: frozenset[str]) -> None:
        if "users" in topics:
            self._look()

    def _look(self) -> None:
        vault = self._session.vault
        self._session.tools.work.run(
            lambda _progress: users.users(vault), self._show, self._fail, owner=self, priority=6
        )

    def _show(self, found: tuple[StoreUser, ...]) -> None:
        chosen = self._chosen
        self._users = {one.name: one for one in found if self._may_see(one)}
        self.listed.clear()
        for one in self._users.values():
            item = QTreeWidgetItem(self.listed, _line(one))
            item.setData(0, _NAME, one.name)
            item.setSizeHint(_LAST, QSize(0, round(_LINE * text_scale_of(self))))
            if chosen is not None and one.name == chosen.name:
                self.listed.setCurrentItem(item)
        first = self.listed.topLevelItem(0)
        if self.listed.currentItem() is None and first is not None:
            self.listed.setCurrentItem(first)
        for column in range(self.listed.columnCount()):
            self.listed.resizeColumnToContents(column)
        self._say_due()
        self._offer()
        self.shown.emit()

    def _may_see(self, one: StoreUser) -> bool:
        vault = self._session.vault
        waits = vault.clinical and one.standing is Standing.WAITING
        return vault.opened.administers or one.name == vault.user or waits

    def _say_due(self) -> None:
        if not users.new_keys_due(self._session.vault):
            self.notice.clear()
            return
        may = self._session.vault.clinical
        actions = (("exchange_keys", tr("Exchange keys…")),) if may else ()
        cure = "" if may else tr("A physician or an assistant has to exchange it.")
        self.notice.say(
            BannerKind.WARNING, tr("New keys are due."), f"{due_words()} {cure}", actions
        )

    @property
    def _chosen(self) -> StoreUser | None:
        item = self.listed.currentItem()
        return self._users.get(str(item.data(0, _NAME))) if item is not None else None

    # --- what can be done now -----------------------------------------------------------------

    def _offer(self) -> None:
        """Let each button be pressed, or say why it can't be."""
        vault, one = self._session.vault, self._chosen
        self.detail.setText(_in_words(one) if one is not None else "")
        administers, clinical = vault.opened.administers, vault.clinical
        back = one is not None and one.standing is Standing.SHUT_OUT
        self.shut_out.setText(tr("Read&mit") if back else tr("&Shut out…"))
        only = "" if administers else tr("Only an administrator can do this.")
        none = "" if one else tr("Choose a user first.")
        mine = ""
        if one is not None and one.name == vault.user:
            mine = tr("This is you: have another administrator do it.")
        _allow(self.invite, only)
        for button in (self.change_role, self.shut_out, self.remove):
            _allow(button, only or none or mine)
        _allow(self.let_in, self._why_not_in(one))
        _allow(self.name_user, self._why_not_named(one))
        may = administers or clinical
        _allow(self.exchange_keys, "" if may else tr("Your role doesn't permit this."))
        for button in (self.invite, self.change_role, self.shut_out, self.remove):
            button.setVisible(administers)
        self.let_in.setVisible(may)
        self.name_user.setVisible(may)
        self.exchange_keys.setVisible(may)

    def _why_not_in(self, one: StoreUser | None) -> str:
        if not self._session.vault.clinical:
            return tr("Only who opens clinical content can let others in.")
        if one is None:
            return tr("Choose a user first.")
        if one.standing is Standing.INVITED:
            return tr("They haven't come yet and chosen a passphrase.")
        waits = one.standing is Standing.WAITING
        return "" if waits else tr("This user isn't waiting to be let in.")

    def _why_not_named(self, one: StoreUser | None) -> str:
        if one is None:
            return tr("Choose a user first.")
        return tr(users.why_not_named(self._session.vault, one.name, named=one.named))

    # --- the steps ----------------------------------------------------------------------------

    def _invite(self) -> None:
        dialog = RoleDialog(self._session, self)
        dialog.settled.connect(lambda said: self._tell(*said))
        self._open(dialog)

    def _tell(self, name: str, words: str) -> None:
        self._open(WordsDialog(self._session.tools.forms, name, words, self))

    def _let_in(self) -> None:
        if (one := self._chosen) is not None:
            self._open(LetInDialog(self._session, one, self))

    def _name_user(self) -> None:
        if (one := self._chosen) is not None:
            self._open(FullNameDialog(self._session, one, self))

    def _change_role(self) -> None:
        if (one := self._chosen) is not None:
            self._open(RoleDialog(self._session, self, user=one))

    def _shut_out(self) -> None:
        if (one := self._chosen) is None:
            return
        back = one.standing is Standing.SHUT_OUT
        said = tr(
            "The program opens the store for {name} no more, until you readmit them. The keys "
            "they know stay as they are: to exchange them, remove the user."
        )
        if back:
            said = tr("The program opens the store for {name} again.")
        words = tr("Readmit") if back else tr("Shut out")
        vault, now, name = self._session.vault, self._session.tools.now, one.name
        self._ask(
            Wanted(words, said.format(name=name), words),
            lambda: users.shut_out(vault, name, now(), disabled=not back),
        )

    def _remove(self) -> None:
        if (one := self._chosen) is None:
            return
        vault, now, name = self._session.vault, self._session.tools.now, one.name
        said = tr(
            "{name} can open the store no more, and the keys they know are exchanged. For that "
            "the store must be closed in every other window and command. What they signed stays."
        )
        if not vault.clinical:
            said += " " + tr(
                "The key of what is clinical has to be exchanged by a physician or an assistant."
            )
        wanted = Wanted(tr("Remove a user"), said.format(name=name), tr("Remove"))
        self._ask(wanted, lambda: users.remove(vault, name, now()))

    def ask_exchange(self) -> None:
        """Ask whether the keys shall be exchanged now."""
        self._open(exchange_dialog(self._session, self))

    def _change_passphrase(self) -> None:
        self._open(PassphraseDialog(self._session, self))

    def _ask(self, wanted: Wanted, act: Callable[[], object]) -> None:
        self._open(ReasonDialog(self._session, wanted, lambda _choice, _reason: act(), self))

    def _open(self, dialog: QDialog) -> None:
        self.dialog_opened.emit(dialog)
        dialog.open()

    def _fail(self, error: ConsultDeskError) -> None:
        self.notice.say(BannerKind.DANGER, error.message, f"{error.kept} {error.cure}".strip())


def due_words() -> str:
    """Why keys are to be exchanged."""
    return tr("Somebody who left, or left a role, still knows the key of what is clinical.")


def exchange_dialog(session: Session, parent: QWidget) -> ReasonDialog:
    """Asks whether the whole store shall be put under new keys."""
    vault, now = session.vault, session.tools.now
    said = tr(
        "The whole store is put under new keys. For that it must be closed in every other window "
        "and command; everybody's passphrase stays as it is."
    )
    if not vault.clinical:
        said += " " + tr("The key of what is clinical stays, since your role doesn't open it.")
    wanted = Wanted(tr("Exchange keys"), said, tr("Exchange keys"))
    return ReasonDialog(
        session, wanted, lambda _choice, _reason: users.exchange_keys(vault, now()), parent
    )


def _line(one: StoreUser) -> list[str]:
    yes, no = tr("Yes"), tr("No")
    return [
        one.name,
        one.full_name if one.full_name != one.name else "–",
        role_words(one.role),
        yes if one.administers else no,
        standing_words(one.standing),
        yes if one.has_recovery else no,
        str(one.devices) if one.devices else tr("None"),
    ]


def _in_words(one: StoreUser) -> str:
    """All of a line, for where the columns have no room."""
    sheet = tr("a recovery sheet") if one.has_recovery else tr("no recovery sheet")
    ways = tr("no computer's keychain")
    if one.devices:
        ways = tr("the keychain of {n} computers").format(n=one.devices)
    role = role_words(one.role)
    role = tr("{role}, administers").format(role=role) if one.administers else role
    return tr("{name}: {role}. {standing}. Besides the passphrase {sheet}, {ways}.").format(
        name=one.full_name, role=role, standing=standing_words(one.standing), sheet=sheet, ways=ways
    )


def standing_words(standing: Standing) -> str:
    """How far a user has come, in plain words."""
    return {
        Standing.INVITED: tr("Invited, not come yet"),
        Standing.WAITING: tr("Waits to be let in"),
        Standing.ACTIVE: tr("Uses the store"),
        Standing.SHUT_OUT: tr("Shut out"),
    }[standing]


def _allow(button: QPushButton, why_not: str) -> None:
    button.setEnabled(not why_not)
    button.setToolTip(why_not)
    button.setAccessibleDescription(why_not)
