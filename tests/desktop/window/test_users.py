"""The list of users, each button in the hand of each role, on a real store."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from consultdesk.consultation.audit import Role, User
from consultdesk.desk import store, users
from consultdesk.desktop.form import Forms
from consultdesk.desktop.reason import ReasonDialog
from consultdesk.desktop.session import Session, Tools
from consultdesk.desktop.style import Style
from consultdesk.desktop.users import UsersDialog
from consultdesk.desktop.users_ask import (
    FullNameDialog,
    LetInDialog,
    PassphraseDialog,
    RoleDialog,
    WordsDialog,
)
from consultdesk.desktop.window import MainWindow
from consultdesk.desktop.work import Work
from consultdesk.samples.practice import PASSPHRASE, PHYSICIAN
from consultdesk.vault.vault import Vault
from tests.desktop.reading import nameless
from tests.stations import now

WORDS = "four unrelated plum anchors"

MakeWindow = Callable[[Vault], MainWindow]


@pytest.fixture
def window_of(
    qtbot: QtBot, forms: Forms, work: Work, style: Style, tmp_path: Path
) -> Iterator[MakeWindow]:
    """The window of whoever opened the store."""
    made: list[MainWindow] = []

    def make(vault: Vault) -> MainWindow:
        settings = QSettings(str(tmp_path / "geometry.ini"), QSettings.Format.IniFormat)
        window = MainWindow(Session(vault, Tools(forms, work, style, settings, now)))
        window.resize(1440, 900)
        window.show()
        qtbot.waitExposed(window)
        made.append(window)
        return window

    yield make
    for window in made:
        window.put_away()
        window.close()
    work.shut_down()
    for window in made:
        window.session.vault.close()
        window.deleteLater()


def add(vault: Vault, name: str, role: Role, *, administers: bool = False) -> str:
    """Someone who came and chose WORDS, and isn't let in yet; the digits they read out."""
    code = users.invite(vault, User(name, f"Dr {name}", role), now(), administers=administers)
    with closing(store.unlock(vault.folder, name, code, now())) as newcomer:
        users.choose_passphrase(newcomer, WORDS, now())
        return users.own_digits(newcomer)


def opened_by(vault: Vault, name: str) -> Vault:
    """The store as they alone have it open."""
    vault.close()
    return store.unlock(vault.folder, name, WORDS, now())


def list_of(qtbot: QtBot, window: MainWindow) -> UsersDialog:
    """The list of users, opened by its command and filled."""
    window.commands.actions["users"].trigger()
    (dialog,) = window.findChildren(UsersDialog)
    qtbot.waitUntil(lambda: dialog.listed.topLevelItemCount() > 0)
    return dialog


def choose(dialog: UsersDialog, name: str) -> None:
    (item,) = dialog.listed.findItems(name, Qt.MatchFlag.MatchExactly)
    dialog.listed.setCurrentItem(item)


def names(dialog: UsersDialog) -> list[str]:
    tree = dialog.listed
    items = [tree.topLevelItem(n) for n in range(tree.topLevelItemCount())]
    return [item.text(0) for item in items if item is not None]


def line(dialog: UsersDialog, name: str) -> list[str]:
    (item,) = dialog.listed.findItems(name, Qt.MatchFlag.MatchExactly)
    return [item.text(n) for n in range(dialog.listed.columnCount())]


def asked(parent: QWidget, kind: type[QDialog]) -> QDialog:
    """The question of that kind which is open."""
    (dialog,) = (one for one in parent.findChildren(kind) if one.isVisible())
    return dialog


def nothing_asked(parent: QWidget) -> bool:
    """Whether every question is answered and gone."""
    kinds = (ReasonDialog, RoleDialog, LetInDialog, FullNameDialog, PassphraseDialog)
    return not any(one.isVisible() for kind in kinds for one in parent.findChildren(kind))


def test_a_newcomer_is_invited_in_the_window_and_the_words_open_the_store(
    qtbot: QtBot, window_of: MakeWindow, vault: Vault
) -> None:
    dialog = list_of(qtbot, window_of(vault))
    assert line(dialog, PHYSICIAN.name) == [
        PHYSICIAN.name,
        PHYSICIAN.full_name,
        "Physician",
        "Yes",
        "Uses the store",
        "No",
        "None",
    ]
    assert dialog.detail.text() == (
        f"{PHYSICIAN.full_name}: Physician, administers. Uses the store. Besides the passphrase "
        "no recovery sheet, no computer's keychain."
    )
    dialog.invite.click()
    form = asked(dialog, RoleDialog)
    assert isinstance(form, RoleDialog)
    form.ok.click()
    assert form.problem.text() == "Type a user name first."
    form.user_name.setText("bea")
    form.full_name.setText("Dr Bea Ott")
    assert nameless(form) == []
    form.ok.click()
    qtbot.waitUntil(lambda: bool(dialog.findChildren(WordsDialog)), timeout=20_000)
    told = asked(dialog, WordsDialog)
    assert isinstance(told, WordsDialog)
    words = told.words.text()
    told.close_words.click()
    qtbot.waitUntil(lambda: not dialog.findChildren(WordsDialog))
    qtbot.waitUntil(lambda: names(dialog) == [PHYSICIAN.name, "bea"])
    assert line(dialog, "bea")[1:5] == ["Dr Bea Ott", "Physician", "No", "Invited, not come yet"]
    with closing(store.unlock(vault.folder, "bea", words, now())) as newcomer:
        assert users.invited(newcomer)


def test_a_newcomer_is_let_in_by_the_digits_on_their_own_screen(
    qtbot: QtBot, window_of: MakeWindow, vault: Vault
) -> None:
    digits = add(vault, "bea", Role.PHYSICIAN)
    dialog = list_of(qtbot, window_of(vault))
    assert not dialog.let_in.isEnabled()
    assert dialog.let_in.toolTip() == "This user isn't waiting to be let in."
    choose(dialog, "bea")
    dialog.let_in.click()
    form = asked(dialog, LetInDialog)
    assert isinstance(form, LetInDialog)
    form.digits.setText("123")
    form.ok.click()
    assert form.problem.text() == "Type all twenty digits."
    form.digits.setText("0" * 20)
    form.ok.click()
    qtbot.waitUntil(lambda: "aren't the digits" in form.problem.text())
    form.digits.setText(digits)
    form.ok.click()
    qtbot.waitUntil(lambda: line(dialog, "bea")[4] == "Uses the store")


def test_a_user_is_put_in_another_role_shut_out_readmitted_and_removed(
    qtbot: QtBot, window_of: MakeWindow, vault: Vault
) -> None:
    add(vault, "dana", Role.MANAGER)
    dialog = list_of(qtbot, window_of(vault))
    choose(dialog, "dana")
    dialog.change_role.click()
    form = asked(dialog, RoleDialog)
    assert isinstance(form, RoleDialog)
    form.role.setCurrentIndex(form.role.findData(Role.ADMINISTRATOR.value))
    assert form.administers.isChecked()
    assert form.administers.toolTip() == "This role always does."
    form.ok.click()
    qtbot.waitUntil(lambda: line(dialog, "dana")[2:4] == ["Administrator", "Yes"])
    qtbot.waitUntil(lambda: nothing_asked(dialog))
    for button, words, standing in (
        (dialog.shut_out, "Shut out", "Shut out"),
        (dialog.shut_out, "Readmit", "Uses the store"),
    ):
        button.click()
        question = asked(dialog, ReasonDialog)
        assert isinstance(question, ReasonDialog)
        assert question.ok.text() == words
        question.ok.click()
        qtbot.waitUntil(lambda said=standing: line(dialog, "dana")[4] == said)  # type: ignore[misc]
        # the list may be read anew before the question that changed it has closed
        qtbot.waitUntil(lambda: nothing_asked(dialog))
    dialog.remove.click()
    question = asked(dialog, ReasonDialog)
    assert isinstance(question, ReasonDialog)
    assert "closed in every other window" in question.sentence.text()
    question.ok.click()
    qtbot.waitUntil(lambda: names(dialog) == [PHYSICIAN.name], timeout=20_000)


def test_the_keys_are_exchanged_from_the_window_and_the_desk_goes_on(
    qtbot: QtBot, window_of: MakeWindow, received: str, vault: Vault
) -> None:
    window = window_of(vault)
    before = vault.opened.store
    dialog = list_of(qtbot, window)
    dialog.exchange_keys.click()
    question = asked(dialog, ReasonDialog)
    assert isinstance(question, ReasonDialog)
    question.ok.click()
    qtbot.waitUntil(lambda: vault.opened.store != before, timeout=20_000)
    qtbot.waitUntil(lambda: nothing_asked(dialog))
    dialog.close()
    with qtbot.waitSignal(window.page.shown):
        window.open_case(received)


def test_no_button_is_dead_without_saying_why(
    qtbot: QtBot, window_of: MakeWindow, vault: Vault
) -> None:
    dialog = list_of(qtbot, window_of(vault))
    for button in dialog.findChildren(QPushButton):
        if not button.isEnabled():
            assert button.toolTip(), button.objectName()
            assert button.accessibleDescription() == button.toolTip()
    assert not dialog.remove.isEnabled()
    assert "another administrator" in dialog.remove.toolTip()
    assert nameless(dialog) == []


def test_a_manager_sees_themselves_alone_and_changes_their_passphrase(
    qtbot: QtBot, window_of: MakeWindow, vault: Vault
) -> None:
    add(vault, "dana", Role.MANAGER)
    manager = opened_by(vault, "dana")
    dialog = list_of(qtbot, window_of(manager))
    assert names(dialog) == ["dana"]
    shown = [one.objectName() for one in dialog.findChildren(QPushButton) if one.isVisible()]
    assert shown == ["change_passphrase", "close_dialog"]
    dialog.change_passphrase.click()
    form = asked(dialog, PassphraseDialog)
    assert isinstance(form, PassphraseDialog)
    assert nameless(form) == []
    form.before.setText(WORDS)
    form.after.setText("another four lucky kettles")
    form.again.setText("another four lucky kettle")
    form.ok.click()
    assert "aren't alike" in form.problem.text()
    form.again.setText("another four lucky kettles")
    form.before.setText("wrong words here")
    form.ok.click()
    qtbot.waitUntil(lambda: "doesn't open the store" in form.problem.text(), timeout=20_000)
    form.before.setText(WORDS)
    form.ok.click()
    qtbot.waitUntil(lambda: nothing_asked(dialog), timeout=20_000)
    store.unlock(vault.folder, "dana", "another four lucky kettles", now()).close()


def test_a_physician_who_administers_nothing_sees_who_waits_and_lets_them_in(
    qtbot: QtBot, window_of: MakeWindow, vault: Vault
) -> None:
    users.let_in(vault, "bea", add(vault, "bea", Role.PHYSICIAN), now())
    digits = add(vault, "gil", Role.ASSISTANT)
    dialog = list_of(qtbot, window_of(opened_by(vault, "bea")))
    assert names(dialog) == ["bea", "gil"]
    assert not dialog.invite.isVisible()
    choose(dialog, "gil")
    dialog.let_in.click()
    form = asked(dialog, LetInDialog)
    assert isinstance(form, LetInDialog)
    form.digits.setText(digits)
    form.ok.click()
    qtbot.waitUntil(lambda: names(dialog) == ["bea"])


def test_who_waits_reads_their_digits_in_the_window_and_unlocks_again(
    qtbot: QtBot, window_of: MakeWindow, vault: Vault
) -> None:
    digits = add(vault, "bea", Role.PHYSICIAN)
    window = window_of(opened_by(vault, "bea"))
    banner = window.users_acts.banner
    assert banner.isVisible()
    assert digits.replace(" ", "\u00a0") in banner.accessibleName()
    (again,) = banner.buttons
    assert again.text() == "Unlock again"
    with qtbot.waitSignal(window.lock_asked):
        again.click()


def test_a_clinician_reads_that_new_keys_are_due_until_they_exchange_them(
    qtbot: QtBot, window_of: MakeWindow, vault: Vault
) -> None:
    users.let_in(vault, "bea", add(vault, "bea", Role.PHYSICIAN), now())
    add(vault, "edda", Role.ADMINISTRATOR, administers=True)
    with closing(opened_by(vault, "edda")) as administrator:
        users.remove(administrator, "bea", now())
    physician = store.unlock(vault.folder, PHYSICIAN.name, PASSPHRASE, now())
    window = window_of(physician)
    banner = window.users_acts.banner
    assert "New keys are due." in banner.accessibleName()
    banner.buttons[0].click()
    question = asked(window, ReasonDialog)
    assert isinstance(question, ReasonDialog)
    question.ok.click()
    qtbot.waitUntil(lambda: not users.new_keys_due(physician), timeout=20_000)
    qtbot.waitUntil(lambda: not banner.isVisible())


def nameless_newcomer(vault: Vault, name: str) -> str:
    """A physician whom an administrator without the clinical key invited; their digits."""
    add(vault, "edda", Role.ADMINISTRATOR, administers=True)
    with closing(store.unlock(vault.folder, "edda", WORDS, now())) as administrator:
        return add(administrator, name, Role.PHYSICIAN)


def test_who_lets_a_newcomer_in_writes_their_name_down_where_nobody_could(
    qtbot: QtBot, window_of: MakeWindow, vault: Vault
) -> None:
    digits = nameless_newcomer(vault, "gil")
    dialog = list_of(qtbot, window_of(vault))
    assert line(dialog, "gil")[1] == "–"
    choose(dialog, "gil")
    dialog.let_in.click()
    form = asked(dialog, LetInDialog)
    assert isinstance(form, LetInDialog)
    assert form.full_name.isVisible()
    assert nameless(form) == []
    form.digits.setText(digits)
    form.full_name.setText("Dr Gil Oppenheim")
    form.ok.click()
    qtbot.waitUntil(lambda: line(dialog, "gil")[1] == "Dr Gil Oppenheim")


def test_a_newcomer_without_a_name_is_asked_for_it_once_they_are_let_in(
    qtbot: QtBot, window_of: MakeWindow, vault: Vault
) -> None:
    users.let_in(vault, "gil", nameless_newcomer(vault, "gil"), now())
    newcomer = opened_by(vault, "gil")
    window = window_of(newcomer)
    banner = window.users_acts.banner
    assert "Your full name isn't known yet." in banner.accessibleName()
    banner.buttons[0].click()
    form = asked(window, FullNameDialog)
    assert isinstance(form, FullNameDialog)
    assert nameless(form) == []
    form.ok.click()
    assert form.problem.text() == "Type the full name first."
    form.full_name.setText("Dr Gil Oppenheim")
    form.registration.setText("4711")
    form.ok.click()
    qtbot.waitUntil(lambda: not banner.isVisible())
    assert store.current_user(newcomer).full_name == "Dr Gil Oppenheim"
    assert store.current_user(newcomer).registration == "4711"
    dialog = list_of(qtbot, window)
    assert not dialog.name_user.isEnabled()
    assert "changed by an administrator" in dialog.name_user.toolTip()


def test_an_administrator_who_opens_what_is_clinical_mends_a_name(
    qtbot: QtBot, window_of: MakeWindow, vault: Vault
) -> None:
    add(vault, "bea", Role.PHYSICIAN)
    dialog = list_of(qtbot, window_of(vault))
    choose(dialog, "bea")
    dialog.name_user.click()
    form = asked(dialog, FullNameDialog)
    assert isinstance(form, FullNameDialog)
    assert form.full_name.text() == "Dr bea"
    form.full_name.setText("Dr Bea Ott")
    form.ok.click()
    qtbot.waitUntil(lambda: line(dialog, "bea")[1] == "Dr Bea Ott")
