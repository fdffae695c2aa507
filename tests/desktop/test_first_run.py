import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from consultdesk.consultation.recovery import RecoverySheet
from consultdesk.desktop.first_run import FirstRun, NewStore
from consultdesk.desktop.form import Forms
from consultdesk.desktop.passphrase import Strength, strength_of, strength_words
from consultdesk.desktop.style import Style
from consultdesk.vault import recovery
from tests.desktop.reading import nameless

PASSPHRASE = "harvest granite otter violin"


SHEET = RecoverySheet(recovery.new(), "spine", "Dr. Ada Lind", "2026-11-28", "lind")


def shown_groups(form: FirstRun) -> list[str]:
    labels = form.recovery_key.findChildren(QLabel)
    return [label.text() for label in labels if len(label.text()) == 4 and not label.isHidden()]


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
    form.show_recovery(SHEET)
    assert shown_groups(form) == [*SHEET.groups]
    assert form.passphrase.text() == ""
    assert form.again.text() == ""
    with qtbot.assertNotEmitted(form.sheet_kept):
        form.forward.click()
    QTest.keyClicks(form.typed_key, SHEET.key.replace("-", "").lower())
    with qtbot.waitSignal(form.sheet_kept) as kept:
        form.forward.click()
    assert kept.args == [SHEET]
    form.forget()
    assert shown_groups(form) == []
    assert form.typed_key.text() == ""


def test_a_slip_names_its_group_and_marks_it(qtbot: QtBot, form: FirstRun) -> None:
    form.show_recovery(SHEET)
    form.forward.click()
    assert form.focusWidget() is form.typed_key
    with qtbot.assertNotEmitted(form.sheet_kept):
        form.forward.click()
        assert form.error.text() == "Type the key from your sheet."
        groups = list(SHEET.groups)
        groups[6] = groups[6][:3] + ("A" if groups[6][3] != "A" else "B")
        QTest.keyClicks(form.typed_key, "".join(groups))
        assert not form.error.text()
        QTest.keyClick(form.typed_key, Qt.Key.Key_Return)
    assert form.error.text() == "Group 7 is mistyped. Compare it with the sheet."
    assert form.typed_key.accessibleDescription() == form.error.text()
    assert form.typed_key.selectedText() == groups[6]
    QTest.keyClicks(form.typed_key, SHEET.groups[6])
    with qtbot.waitSignal(form.sheet_kept):
        QTest.keyClick(form.typed_key, Qt.Key.Key_Return)


def test_the_key_of_another_sheet_is_not_taken(qtbot: QtBot, form: FirstRun) -> None:
    form.show_recovery(SHEET)
    form.forward.click()
    form.typed_key.setText(recovery.new())
    with qtbot.assertNotEmitted(form.sheet_kept):
        form.forward.click()
    assert "another sheet" in form.error.text()


def test_a_person_may_go_back_and_look_at_the_key_again(form: FirstRun) -> None:
    form.show_recovery(SHEET)
    assert not form.back.isVisible()
    form.forward.click()
    form.back.click()
    assert form.recovery_key.isVisible()
    assert shown_groups(form) == [*SHEET.groups]


def test_the_key_is_told_to_a_screen_reader_and_given_to_no_clipboard(form: FirstRun) -> None:
    form.show_recovery(SHEET)
    said = form.recovery_key.accessibleDescription()
    assert said.startswith(f"1: {' '.join(SHEET.groups[0])}; 2: ")
    before = QApplication.clipboard().text()
    QTest.keyClick(form.recovery_key, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(form.recovery_key, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == before
    selectable = Qt.TextInteractionFlag.TextSelectableByMouse
    labels = form.recovery_key.findChildren(QLabel)
    assert not any(label.textInteractionFlags() & selectable for label in labels)


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


@pytest.mark.parametrize("step", range(6))
def test_every_part_of_every_step_has_a_name(form: FirstRun, step: int) -> None:
    form.steps.setCurrentIndex(step)
    assert nameless(form) == []
    page = form.steps.currentWidget()
    assert page is not None
    for field in page.findChildren(QWidget):
        labels = page.findChildren(QLabel)
        if type(field).__name__ == "QLineEdit" and field.objectName() != "recovery_key":
            assert any(label.buddy() is field for label in labels), field.objectName()
