"""What the list of users asks: whom to invite, in which role, whose digits, which passphrase."""

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QWidget,
)

from consultdesk.consultation.audit import Role, User
from consultdesk.desk import users
from consultdesk.desk.users import StoreUser
from consultdesk.desktop.ask import Ask, grow
from consultdesk.desktop.form import Forms
from consultdesk.desktop.passphrase import CapsLockWatch, reveal_with
from consultdesk.desktop.session import Session
from consultdesk.desktop.words import tr

_DIGITS = 20


def role_words(role: Role) -> str:
    """A role in plain words."""
    return {
        Role.PHYSICIAN: tr("Physician"),
        Role.ASSISTANT: tr("Assistant"),
        Role.MANAGER: tr("Practice manager"),
        Role.ADMINISTRATOR: tr("Administrator"),
    }[role]


def _role_about(role: Role) -> str:
    if role in (Role.PHYSICIAN, Role.ASSISTANT):
        return tr("Opens clinical content, once a physician or assistant has let them in.")
    return tr("Sees the queue and how long answers took, and opens no clinical content.")


class RoleDialog(Ask):
    """Invites a newcomer, or puts a user in another role; `settled` carries an invitation's words.

    Without `user` it is an invitation.
    """

    FORM: ClassVar[str] = "user_role"

    sentence: QLabel
    user_name_label: QLabel
    user_name: QLineEdit
    full_name_label: QLabel
    full_name: QLineEdit
    role: QComboBox
    role_about: QLabel
    administers: QCheckBox

    def __init__(
        self, session: Session, parent: QWidget | None = None, *, user: StoreUser | None = None
    ) -> None:
        super().__init__(session, parent)
        self._user = user
        for role in Role:
            self.role.addItem(role_words(role), role.value)
        self.role.currentIndexChanged.connect(lambda _n: self._say_role())
        if user is None:
            self._ask_whom()
        else:
            self._ask_role(user)
        self._say_role()
        self.adjustSize()

    def _ask_whom(self) -> None:
        self.sentence.setText(
            tr("They come with words that hold once, and choose a passphrase of their own.")
        )
        if not self.session.vault.clinical:
            why = tr("Sealed for your role: they write it down themselves once they are let in.")
            self.full_name.setEnabled(False)
            self.full_name.setPlaceholderText(tr("Later, once they are let in"))
            self.full_name.setToolTip(why)
            self.full_name.setAccessibleDescription(why)

    def _ask_role(self, user: StoreUser) -> None:
        self.setWindowTitle(tr("Change role"))
        self.sentence.setText(
            tr(
                "{name} works in the new role from their next unlock. Where it opens less, the "
                "keys are exchanged, and the store must be closed everywhere else."
            ).format(name=user.name)
        )
        for part in (self.user_name, self.user_name_label, self.full_name, self.full_name_label):
            part.hide()
        self.role.setCurrentIndex(self.role.findData(user.role.value))
        self.administers.setChecked(user.administers)
        self.ok.setText(tr("Change role"))

    def _say_role(self) -> None:
        role = Role(str(self.role.currentData()))
        self.role_about.setText(_role_about(role))
        always = role is Role.ADMINISTRATOR
        if always:
            self.administers.setChecked(True)
        why = tr("This role always does.") if always else ""
        self.administers.setEnabled(not always)
        self.administers.setToolTip(why)
        self.administers.setAccessibleDescription(why)

    def try_it(self) -> None:
        """Invite them, or change the role."""
        vault, now = self.session.vault, self.session.tools.now()
        role, administers = Role(str(self.role.currentData())), self.administers.isChecked()
        if self._user is not None:
            name = self._user.name
            self.do(lambda: users.change_role(vault, name, role, now, administers=administers))
            return
        name, full = self.user_name.text().strip(), self.full_name.text().strip()
        if not name:
            self.say_problem(tr("Type a user name first."), self.user_name)
            return
        newcomer = User(name, full or name, role)
        self.do(lambda: (name, users.invite(vault, newcomer, now, administers=administers)))


class WordsDialog(QDialog):
    """Shows the words of an invitation, this once. It keeps nothing of them."""

    FORM: ClassVar[str] = "told_words"

    sentence: QLabel
    words: QLineEdit
    close_words: QPushButton

    def __init__(self, forms: Forms, name: str, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        forms.load(self, self.FORM)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.sentence.setText(
            tr(
                "Tell {name} these words by telephone or in person. They are shown only now, and "
                "open the store once, in the place of a passphrase."
            ).format(name=name)
        )
        self.words.setText(words)
        self.words.setMinimumWidth(self.words.fontMetrics().horizontalAdvance(f"{words}mmm"))
        self.finished.connect(lambda _result: self.words.clear())
        self.close_words.clicked.connect(self.accept)
        self.adjustSize()

    def showEvent(self, event: QShowEvent) -> None:
        """What wraps asks for its height only once the width is known."""
        super().showEvent(event)
        grow(self)


class LetInDialog(Ask):
    """Asks for the digits that the newcomer's own screen shows, and hands them the key."""

    FORM: ClassVar[str] = "let_in"

    sentence: QLabel
    digits: QLineEdit
    full_name_label: QLabel
    full_name: QLineEdit

    def __init__(self, session: Session, user: StoreUser, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._name = name = user.name
        # who invited them may have been unable to seal it
        self.full_name_label.setHidden(user.named)
        self.full_name.setHidden(user.named)
        self.sentence.setText(
            tr(
                "Have {name} read out the digits that their own screen shows, so that nobody "
                "who wrote into the store's files is let in instead."
            ).format(name=name)
        )
        self.digits.textEdited.connect(lambda _typed: self.say_problem(""))
        self.adjustSize()

    def try_it(self) -> None:
        """Let them in, once all digits are typed."""
        typed = self.digits.text()
        if sum(letter.isdecimal() for letter in typed) != _DIGITS:
            self.say_problem(tr("Type all twenty digits."), self.digits)
            return
        full = self.full_name.text().strip()
        vault, name, now = self.session.vault, self._name, self.session.tools.now()
        self.do(lambda: users.let_in(vault, name, typed, now, full_name=full))


class FullNameDialog(Ask):
    """Asks for a user's full name, which their letters carry from then on."""

    FORM: ClassVar[str] = "full_name"

    sentence: QLabel
    full_name: QLineEdit
    registration: QLineEdit

    def __init__(self, session: Session, user: StoreUser, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._name = user.name
        self.registration.setText(user.registration)
        self.sentence.setText(
            tr(
                "{name} signs letters by this name from now on. Letters that are signed already "
                "stay as they are."
            ).format(name=user.name)
        )
        self.full_name.setText(user.full_name if user.named else "")
        self.full_name.textEdited.connect(lambda _typed: self.say_problem(""))
        self.full_name.setFocus()
        self.adjustSize()

    def try_it(self) -> None:
        """Write it down, once there is one."""
        said = self.full_name.text().strip()
        if not said:
            self.say_problem(tr("Type the full name first."), self.full_name)
            return
        vault, name, now = self.session.vault, self._name, self.session.tools.now()
        number = self.registration.text()
        self.do(lambda: users.set_full_name(vault, name, said, now, registration=number))


class PassphraseDialog(Ask):
    """Asks for a new passphrase; the one before only of whoever came by it."""

    FORM: ClassVar[str] = "new_passphrase"

    sentence: QLabel
    before_label: QLabel
    before: QLineEdit
    after: QLineEdit
    again: QLineEdit
    reveal: QToolButton
    caps_lock: QLabel

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        vault = session.vault
        self._chooses = users.invited(vault) or users.by_recovery(vault)
        self.before_label.setHidden(self._chooses)
        self.before.setHidden(self._chooses)
        self.sentence.setText(_why(session))
        if self._chooses:
            self.setWindowTitle(tr("Choose a passphrase"))
        if users.by_recovery(vault):
            self.cancel.setText(tr("Not now"))
        reveal_with(self.reveal, self.before, self.after, self.again)
        self._caps = CapsLockWatch(self.caps_lock, self.before, self.after, self.again)
        for field in (self.before, self.after, self.again):
            field.textEdited.connect(lambda _typed: self.say_problem(""))
        self.finished.connect(lambda _result: self._forget())
        (self.after if self._chooses else self.before).setFocus()
        self.adjustSize()

    def try_it(self) -> None:
        """Keep it, once it was typed twice alike."""
        before, after = self.before.text(), self.after.text()
        if not self._chooses and not before:
            self.say_problem(tr("Type your passphrase until now."), self.before)
            return
        if not after:
            self.say_problem(tr("Type a new passphrase."), self.after)
            return
        if after != self.again.text():
            self.say_problem(tr("The two aren't alike. Type it once more."), self.again)
            return
        vault, now = self.session.vault, self.session.tools.now()
        if self._chooses:
            self.do(lambda: users.choose_passphrase(vault, after, now))
        else:
            self.do(lambda: users.change_passphrase(vault, before, after, now))

    def _forget(self) -> None:
        for field in (self.before, self.after, self.again):
            field.clear()


def _why(session: Session) -> str:
    if users.invited(session.vault):
        return tr(
            "Welcome. Choose a passphrase that nobody else knows: the words of the invitation "
            "open nothing any more once you have."
        )
    if users.by_recovery(session.vault):
        return tr("You came by the recovery sheet. If your passphrase is lost, choose a new one.")
    return tr("Four or five unrelated words are easy to remember and hard to guess.")
