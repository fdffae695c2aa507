import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from consultdesk.desktop.first_run import FirstRun, NewStore
from consultdesk.desktop.form import Forms
from consultdesk.desktop.passphrase import Strength, strength_of, strength_words
from consultdesk.desktop.style import Style
from tests.desktop.reading import nameless

PASSPHRASE = "harvest granite otter violin"


@pytest.fixture
def form(qtbot: QtBot, forms: Forms, style: Style) -> FirstRun:
    form = FirstRun(forms, "/home/lind/spine.desk")
    qtbot.addWidget(form)
    form.resize(900, 700)
    form.show()
    return form


def _tell_who(form: FirstRun) -> None:
    form.full_name.setText("Dr. Ada Lind")
    form.full_name.editingFinished.emit()
    form.registration.setText("GMC 123")
    form.practice.setText("Lakeside Spine")
    form.phone.setText("+44 20 7946 0000")
    form.forward.click()


def _tell_passphrase(form: FirstRun) -> None:
    form.passphrase.setText(PASSPHRASE)
    form.again.setText(PASSPHRASE)
    form.forward.click()


def test_the_whole_way_asks_for_one_store(qtbot: QtBot, form: FirstRun) -> None:
    _tell_who(form)
    _tell_passphrase(form)
    form.understood.setChecked(True)
    form.forward.click()
    form.demo.setChecked(True)
    assert form.forward.text() == "Make the store"
    with qtbot.waitSignal(form.store_requested) as asked:
        form.forward.click()
    assert asked.args == [
        NewStore(
            "Dr. Ada Lind",
            "lind",
            "GMC 123",
            PASSPHRASE,
            "/home/lind/spine.desk",
            keychain=False,
            demo=True,
            practice="Lakeside Spine",
            phone="+44 20 7946 0000",
        )
    ]
    form.show_busy()
    assert not form.forward.isEnabled()
    form.show_recovery("ABCD-EFGH-JKLM")
    assert form.recovery_key.text() == "ABCD-EFGH-JKLM"
    assert form.passphrase.text() == ""
    assert form.again.text() == ""
    with qtbot.assertNotEmitted(form.finished):
        form.forward.click()
    assert "kept the recovery key" in form.error.text()
    form.kept.setChecked(True)
    with qtbot.waitSignal(form.finished):
        form.forward.click()
    assert form.recovery_key.text() == ""


def test_a_passphrase_is_not_in_the_words_of_an_error_report() -> None:
    store = NewStore("a", "b", "c", PASSPHRASE, "d", keychain=False, demo=False)
    assert PASSPHRASE not in repr(store)


def test_without_a_name_it_doesnt_go_on(form: FirstRun) -> None:
    form.forward.click()
    assert form.steps.currentIndex() == 0
    assert form.error.text() == "Type your name as it stands on a letter."
    assert form.full_name.accessibleDescription() == form.error.text()


@pytest.mark.parametrize(
    ("typed", "again", "said"),
    [
        ("short", "short", "at least 12"),
        ("password1234", "password1234", "too easy"),
        ("lindlindlindlind", "lindlindlindlind", "too easy"),
        (PASSPHRASE, PASSPHRASE + "s", "differ"),
        (PASSPHRASE, "", "differ"),
    ],
)
def test_a_weak_or_mistyped_passphrase_is_sent_back(
    form: FirstRun, typed: str, again: str, said: str
) -> None:
    _tell_who(form)
    form.passphrase.setText(typed)
    form.again.setText(again)
    form.forward.click()
    assert form.steps.currentIndex() == 1
    assert said in form.error.text()


def test_what_was_wrong_is_said_no_longer_once_it_is_being_mended(
    qtbot: QtBot, form: FirstRun
) -> None:
    form.forward.click()
    assert form.error.text()
    QTest.keyClicks(form.full_name, "Dr. Ada Lind")
    assert not form.error.text()


def test_enter_goes_on_from_a_field_and_from_a_tick_box_one_step_at_a_time(
    qtbot: QtBot, form: FirstRun
) -> None:
    _tell_who(form)
    form.steps.setCurrentIndex(0)
    QTest.keyClick(form.registration, Qt.Key.Key_Return)
    assert form.steps.currentIndex() == 1
    form.steps.setCurrentIndex(2)
    QTest.keyClick(form.understood, Qt.Key.Key_Return)
    assert "recovery sheet" in form.error.text()
    QTest.keyClick(form.understood, Qt.Key.Key_Space)
    QTest.keyClick(form.understood, Qt.Key.Key_Return)
    assert form.steps.currentIndex() == 3


def test_the_strength_is_said_in_a_word(qtbot: QtBot, form: FirstRun) -> None:
    _tell_who(form)
    form.passphrase.setText("password")
    qtbot.waitUntil(lambda: form.strength.text() == "Strength: Very weak")
    form.passphrase.setText(PASSPHRASE)
    qtbot.waitUntil(lambda: form.strength.text() == "Strength: Strong")
    assert form.strength.property("role") == "good"


def test_a_very_long_passphrase_is_judged_too() -> None:
    assert strength_of("harvest granite otter violin " * 20) is Strength.STRONG
    assert strength_of("") is Strength.VERY_WEAK
    assert len({strength_words(one) for one in Strength}) == 5


def test_the_recovery_sheet_must_be_promised(form: FirstRun) -> None:
    _tell_who(form)
    _tell_passphrase(form)
    form.forward.click()
    assert form.steps.currentIndex() == 2
    assert "recovery sheet" in form.error.text()


def test_going_back_loses_nothing(form: FirstRun) -> None:
    _tell_who(form)
    form.back.click()
    assert form.full_name.text() == "Dr. Ada Lind"
    assert not form.back.isVisible()


def test_a_store_that_couldnt_be_made_leaves_all_that_was_typed(form: FirstRun) -> None:
    _tell_who(form)
    _tell_passphrase(form)
    form.show_busy()
    form.show_error("The disk is full.")
    assert form.error.text() == "The disk is full."
    assert form.passphrase.text() == PASSPHRASE
    assert form.forward.isEnabled()


def test_without_a_keychain_nothing_is_said_of_it(qtbot: QtBot, forms: Forms, style: Style) -> None:
    form = FirstRun(forms, "/x", keychain_there=False)
    qtbot.addWidget(form)
    form.show()
    form.steps.setCurrentIndex(2)
    assert not form.keychain.isVisible()


@pytest.mark.parametrize("step", range(5))
def test_every_part_of_every_step_has_a_name(form: FirstRun, step: int) -> None:
    form.steps.setCurrentIndex(step)
    assert nameless(form) == []
    page = form.steps.currentWidget()
    assert page is not None
    for field in page.findChildren(QWidget):
        labels = page.findChildren(QLabel)
        if type(field).__name__ == "QLineEdit" and field.objectName() != "recovery_key":
            assert any(label.buddy() is field for label in labels), field.objectName()
