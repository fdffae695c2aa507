import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from consultdesk.desktop.form import Forms
from consultdesk.desktop.style import Style
from consultdesk.desktop.unlock import UnlockForm
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
    assert tab_order(form) == ["user", "passphrase", "reveal", "unlock_store", "another_store"]
    assert form.passphrase_label.buddy() is form.passphrase
    assert form.user_label.buddy() is form.user
