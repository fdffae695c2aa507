import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from consultdesk.consultation.recovery import USER as RECOVERY
from consultdesk.desktop.form import Forms
from consultdesk.desktop.style import Style
from consultdesk.desktop.unlock import UnlockForm
from consultdesk.vault import header
from tests.desktop.reading import nameless, tab_order


@pytest.fixture
def form(qtbot: QtBot, forms: Forms, style: Style) -> UnlockForm:
    form = UnlockForm(forms)
    qtbot.addWidget(form)
    form.resize(800, 600)
    form.show_store("Spine practice", ("lind", "okafor"))
    form.show()
    return form


def test_enter_asks_to_unlock_with_user_and_passphrase(qtbot: QtBot, form: UnlockForm) -> None:
    form.user.setCurrentText("okafor")
    QTest.keyClicks(form.passphrase, "correct horse")
    with qtbot.waitSignal(form.unlock_requested) as asked:
        QTest.keyClick(form.passphrase, Qt.Key.Key_Return)
    assert asked.args == ["okafor", "correct horse"]


def test_nothing_typed_asks_nothing_and_says_so(qtbot: QtBot, form: UnlockForm) -> None:
    with qtbot.assertNotEmitted(form.unlock_requested):
        form.unlock_store.click()
    assert form.error.text() == "Type your passphrase."
    assert form.error.isVisible()


def test_while_the_store_opens_nothing_can_be_asked_twice(qtbot: QtBot, form: UnlockForm) -> None:
    form.passphrase.setText("correct horse")
    form.show_busy()
    assert form.busy.isVisible()
    assert not form.passphrase.isEnabled()
    with qtbot.assertNotEmitted(form.unlock_requested):
        form.unlock_store.click()


def test_a_refusal_is_said_and_the_passphrase_stands_ready(form: UnlockForm) -> None:
    form.passphrase.setText("wrong")
    form.show_busy()
    form.show_error("This passphrase doesn't open the store.")
    assert form.error.text() == "This passphrase doesn't open the store."
    assert form.passphrase.accessibleDescription() == form.error.text()
    assert form.passphrase.selectionLength() == len("wrong")
    assert not form.busy.isVisible()
    assert form.unlock_store.isEnabled()


def test_the_passphrase_is_hidden_until_it_is_revealed(form: UnlockForm) -> None:
    assert form.passphrase.echoMode() == QLineEdit.EchoMode.Password
    form.reveal.click()
    assert form.passphrase.echoMode() == QLineEdit.EchoMode.Normal
    assert form.reveal.accessibleName() == "Hide the passphrase"
    form.forget()
    assert form.passphrase.echoMode() == QLineEdit.EchoMode.Password
    assert form.passphrase.text() == ""


def test_capitals_without_shift_give_a_hint(form: UnlockForm) -> None:
    assert not form.caps_lock.isVisible()
    QTest.keyClick(form.passphrase, Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(form.passphrase, "b1 ")
    assert not form.caps_lock.isVisible()
    QTest.keyEvent(QTest.KeyAction.Click, form.passphrase, "C")  # type: ignore[call-overload]
    assert form.caps_lock.isVisible()
    QTest.keyClicks(form.passphrase, "d")
    assert not form.caps_lock.isVisible()


def test_a_single_user_isnt_asked_who_they_are(form: UnlockForm) -> None:
    form.show_store("Spine practice", ("lind",), note="Your draft is saved.")
    assert not form.user.isVisible()
    assert form.user.currentText() == "lind"
    assert form.note.isVisible()
    assert form.store.text() == "Spine practice"


def test_every_part_has_a_name_a_label_and_an_order(form: UnlockForm) -> None:
    assert nameless(form) == []
    assert tab_order(form) == [
        "user",
        "passphrase",
        "reveal",
        "unlock_store",
        "another_store",
        "restore",
    ]
    assert form.passphrase_label.buddy() is form.passphrase
    assert form.user_label.buddy() is form.user


def test_while_nobody_may_try_again_it_counts_down_and_the_button_says_why(
    qtbot: QtBot, form: UnlockForm
) -> None:
    form.passphrase.setText("correct horse")
    form.show_busy()
    form.show_error("This passphrase doesn't open the store.")
    form.hold_back("lind", 1.2)
    assert form.wait.text() == "After several wrong passphrases: try again in 2\u00a0s."
    assert form.error.isVisible()
    assert not form.unlock_store.isEnabled()
    assert form.unlock_store.accessibleDescription() == form.wait.text()
    assert form.unlock_store.toolTip() == form.wait.text()
    assert form.passphrase.isEnabled()
    with qtbot.assertNotEmitted(form.unlock_requested):
        QTest.keyClick(form.passphrase, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "in 1\u00a0s." in form.wait.text())
    qtbot.waitUntil(form.unlock_store.isEnabled)
    assert not form.wait.isVisible()
    assert form.unlock_store.accessibleDescription() == ""
    with qtbot.waitSignal(form.unlock_requested):
        QTest.keyClick(form.passphrase, Qt.Key.Key_Return)


def test_one_users_wait_holds_no_other_back(form: UnlockForm) -> None:
    form.hold_back("lind", 30)
    assert not form.unlock_store.isEnabled()
    form.user.setCurrentText("okafor")
    assert form.unlock_store.isEnabled()
    assert not form.wait.isVisible()
    form.user.setCurrentText("lind")
    assert not form.unlock_store.isEnabled()


def test_the_recovery_key_is_asked_by_its_name_and_seen_while_it_is_typed(
    form: UnlockForm,
) -> None:
    assert RECOVERY == header.RECOVERY
    form.show_store("Spine practice", ("lind", RECOVERY))
    form.user.setCurrentText(RECOVERY)
    assert form.passphrase_label.text() == "Recovery &key"
    assert form.passphrase.echoMode() == QLineEdit.EchoMode.Normal
    form.passphrase.setText("AAAA-BBBB")
    form.show_error("Group 2 is mistyped.")
    assert form.passphrase.selectedText() == ""
    form.user.setCurrentText("lind")
    assert form.passphrase_label.text() == "&Passphrase"
    assert form.passphrase.echoMode() == QLineEdit.EchoMode.Password


def test_the_keychain_is_offered_to_who_chose_it(qtbot: QtBot, form: UnlockForm) -> None:
    assert not form.keychain.isVisible()
    form.offer_keychain(frozenset({"lind"}))
    assert form.keychain.isVisible()
    assert nameless(form) == []
    with qtbot.waitSignal(form.keychain_requested) as asked:
        form.keychain.click()
    assert asked.args == ["lind"]
    form.user.setCurrentText("okafor")
    assert not form.keychain.isVisible()
