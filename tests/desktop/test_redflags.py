from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from consultdesk.consultation.case import CaseState, FlagAnswer
from consultdesk.desk import cases
from consultdesk.desktop.form import Forms
from consultdesk.desktop.redflags import RedFlagsDialog
from consultdesk.desktop.style import Style
from consultdesk.desktop.work import Work
from tests.desktop.reading import nameless, tab_order
from tests.desktop.walking import Desk, open_desk, settle


@pytest.fixture
def desk(tmp_path: Path, forms: Forms, style: Style, work: Work) -> Iterator[Desk]:
    with open_desk(tmp_path, forms, style, work) as opened:
        yield opened


def asking(qtbot: QtBot, desk: Desk, number: str) -> RedFlagsDialog:
    dialog = RedFlagsDialog(desk.session, number)
    qtbot.addWidget(dialog)
    dialog.show()
    with qtbot.waitSignal(dialog.shown):
        pass
    return dialog


def test_every_flag_of_the_specialty_is_asked_by_itself(qtbot: QtBot, desk: Desk) -> None:
    number = desk.accepted()
    dialog = asking(qtbot, desk, number)
    kind = cases.open_case(desk.vault, number).specialty
    assert list(dialog.lines) == [flag.code for flag in kind.red_flags]
    assert all(line.answer is FlagAnswer.NOT_ASKED for line in dialog.lines.values())
    assert not dialog.keep.isEnabled()
    assert nameless(dialog) == []


def test_a_no_needs_who_said_so_and_leaves_the_others_unasked(qtbot: QtBot, desk: Desk) -> None:
    number = desk.accepted()
    dialog = asking(qtbot, desk, number)
    dialog.lines["sepsis"].answers[FlagAnswer.NO].click()
    assert dialog.keep.toolTip() == "Say who said so."
    dialog.told_by.setText("the patient, by telephone")
    with qtbot.waitSignal(dialog.kept):
        dialog.keep.click()
    kept = {flag.code: flag for flag in cases.open_case(desk.vault, number).case.flags}
    assert kept["sepsis"].answer is FlagAnswer.NO
    assert kept["sepsis"].asked_of == "the patient, by telephone"
    others = [flag for code, flag in kept.items() if code != "sepsis"]
    assert all(flag.answer is FlagAnswer.NOT_ASKED for flag in others)


def test_a_yes_stops_at_once_and_only_call_and_word_lead_on(qtbot: QtBot, desk: Desk) -> None:
    number = desk.accepted()
    dialog = asking(qtbot, desk, number)
    dialog.lines["cauda_equina"].answers[FlagAnswer.YES].click()
    assert "stops routine sending" in dialog.notice.accessibleName()
    with qtbot.waitSignal(dialog.kept):
        dialog.keep.click()
    settle(desk.session.tools.work)
    assert cases.open_case(desk.vault, number).case.state is CaseState.URGENT_STOP
    assert "Urgent stop" in dialog.notice.accessibleName()
    assert not dialog.safe.isEnabled()
    assert "Log the call first" in dialog.safe.toolTip()
    assert "that the message was read back" in dialog.log.toolTip()
    dialog.who.setText("Dr. Johanna Bakker")
    dialog.phone.setText("+1 555 0140")
    dialog.read_back.click()
    with qtbot.waitSignal(dialog.contact_logged):
        dialog.log.click()
    settle(desk.session.tools.work)
    assert dialog.who.text() == ""
    with qtbot.waitSignal(dialog.triaged) as said:
        dialog.safe.click()
    assert said.args == [True]
    settle(desk.session.tools.work)
    case = cases.open_case(desk.vault, number).case
    assert case.state is CaseState.COLLECTING
    assert case.contacts[0].flag == "cauda_equina"
    assert not dialog.notice.isVisible()


def test_news_from_elsewhere_takes_no_answer_being_given(qtbot: QtBot, desk: Desk) -> None:
    number = desk.accepted()
    dialog = asking(qtbot, desk, number)
    dialog.lines["sepsis"].answers[FlagAnswer.NO].click()
    cases.set_priority(desk.vault, number, cases.open_case(desk.vault, number).case.priority, 1)
    settle(desk.session.tools.work)
    assert dialog.lines["sepsis"].answer is FlagAnswer.NO


def test_tab_goes_from_who_said_so_through_the_flags_and_ends_at_the_buttons(
    qtbot: QtBot, desk: Desk
) -> None:
    dialog = asking(qtbot, desk, desk.accepted())
    dialog.activateWindow()
    settle(desk.session.tools.work)
    assert dialog.told_by.hasFocus()
    first, second, *_others = dialog.lines.values()
    for line in (first, second):
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        assert dialog.focusWidget() is line.answers[FlagAnswer.NOT_ASKED]
    first.answers[FlagAnswer.YES].click()
    dialog.told_by.setFocus()
    QTest.keyClick(dialog.told_by, Qt.Key.Key_Tab)
    assert dialog.focusWidget() is first.answers[FlagAnswer.YES]
    order = tab_order(dialog)
    assert order[0] == "told_by"
    assert order[-2:] == ["close_dialog", "keep"]
