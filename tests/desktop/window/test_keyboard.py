"""Where the keyboard is once a step is done: where the person goes on."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from consultdesk.consultation.case import FlagAnswer
from consultdesk.desk import cases, opinion
from consultdesk.desktop.assessment_parts import in_reading_order
from consultdesk.desktop.assessment_standing import READ
from consultdesk.desktop.consent import ConsentDialog
from consultdesk.desktop.reason import ReasonDialog
from consultdesk.desktop.redflags import RedFlagsDialog
from consultdesk.desktop.window import MainWindow
from consultdesk.samples import walk
from consultdesk.samples.walk import Story
from consultdesk.vault.vault import Vault
from tests.desktop.reading import focusable
from tests.desktop.walking import settle
from tests.stations import now as clock

Press = Callable[[QWidget], None]


@pytest.fixture
def active(qtbot: QtBot, window: MainWindow) -> MainWindow:
    with qtbot.waitActive(window):
        window.activateWindow()
    return window


def show(qtbot: QtBot, window: MainWindow, number: str) -> None:
    with qtbot.waitSignals([window.page.shown, window.assessment.shown], timeout=20_000):
        window.open_case(number)
    settle(window.session.tools.work)


def press(button: QWidget) -> None:
    """Press a button by the keyboard, as one who uses no mouse does."""
    button.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(button, Qt.Key.Key_Space)


def dialog(qtbot: QtBot, window: MainWindow, kind: type[QWidget]) -> QWidget:
    def seen() -> list[QWidget]:
        return [one for one in window.findChildren(kind) if one.isActiveWindow()]

    qtbot.waitUntil(lambda: bool(seen()), timeout=20_000)
    return seen()[-1]


def back(qtbot: QtBot, window: MainWindow) -> None:
    """What a window manager does once a dialog has closed."""
    with qtbot.waitActive(window):
        window.activateWindow()


def named(window: QWidget) -> str:
    now = QApplication.focusWidget()
    assert now is not None
    assert window.isAncestorOf(now)
    return now.objectName()


def holds(pane: QWidget) -> bool:
    now = QApplication.focusWidget()
    return now is not None and pane.isAncestorOf(now)


def banner_button(window: MainWindow, key: str) -> QPushButton:
    found = [b for b in window.page.step_banner.buttons if b.objectName() == f"{key}_action"]
    found += [b for b in window.page.consent_banner.buttons if b.objectName() == f"{key}_action"]
    return found[0]


def opinion_waits_for_records(window: MainWindow) -> bool:
    """Whether a record that must be there is missing and nobody has gone on without it."""
    return "go_on_without_action" in [one.objectName() for one in window.page.step_banner.buttons]


def accepted(vault: Vault, story: Story) -> str:
    number = walk.receive(vault, story, clock())
    walk.confirm(vault, number, story, clock())
    walk.accept(vault, number, clock())
    return number


def test_going_on_without_a_record_leads_to_the_next_step(
    qtbot: QtBot, active: MainWindow, vault: Vault, story: Story
) -> None:
    number = accepted(vault, story)
    cases.triage(vault, number, clock(), safe=True)
    walk.agree_to_review(vault, number, clock())
    show(qtbot, active, number)
    while opinion_waits_for_records(active):
        press(banner_button(active, "go_on_without"))
        asked = dialog(qtbot, active, ReasonDialog)
        assert isinstance(asked, ReasonDialog)
        assert asked.reason.hasFocus()
        asked.reason.setPlainText("The images say enough.")
        with qtbot.waitSignals([asked.settled, active.page.shown], timeout=20_000):
            press(asked.ok)
        back(qtbot, active)
        settle(active.session.tools.work)
        waits = opinion_waits_for_records(active)
        assert named(active) == ("go_on_without_action" if waits else "make_ready_action")


def test_beginning_the_own_read_from_the_banner_leads_to_its_first_field(
    qtbot: QtBot, active: MainWindow, vault: Vault, story: Story
) -> None:
    number = accepted(vault, story)
    walk.get_ready(vault, number, clock())
    show(qtbot, active, number)
    press(banner_button(active, "begin"))
    qtbot.waitUntil(lambda: active.assessment.own_read is not None, timeout=20_000)
    qtbot.waitUntil(lambda: not active.page.step_banner.buttons, timeout=20_000)
    settle(active.session.tools.work)
    page = active.assessment.own_read
    assert page is not None
    assert QApplication.focusWidget() is in_reading_order(page)[0]


def test_locking_the_own_read_leads_to_the_first_field_of_the_comparison(
    qtbot: QtBot, active: MainWindow, vault: Vault, story: Story
) -> None:
    number = accepted(vault, story)
    walk.get_ready(vault, number, clock())
    opinion.begin(vault, number, clock())
    said = walk.own_read(cases.open_case(vault, number), story)
    opinion.save_own_read(vault, number, said, clock())
    show(qtbot, active, number)
    press(active.assessment.go_on)
    box = dialog(qtbot, active, QMessageBox)
    assert isinstance(box, QMessageBox)
    with qtbot.waitSignal(active.assessment.own_read_locked, timeout=20_000):
        press(box.defaultButton())
    qtbot.waitUntil(lambda: active.assessment.comparison is not None, timeout=20_000)
    back(qtbot, active)
    settle(active.session.tools.work)
    page = active.assessment.comparison
    assert page is not None
    assert QApplication.focusWidget() is in_reading_order(page)[0]


def test_revising_the_own_read_leads_to_its_first_field(
    qtbot: QtBot, active: MainWindow, vault: Vault, story: Story
) -> None:
    number = accepted(vault, story)
    walk.get_ready(vault, number, clock())
    walk.read(vault, number, story, clock())
    show(qtbot, active, number)
    active.assessment.show_step(READ)
    press(active.assessment.notice.buttons[0])
    page = active.assessment.own_read
    assert page is not None
    assert QApplication.focusWidget() is in_reading_order(page)[0]


def test_who_went_elsewhere_meanwhile_keeps_the_keyboard_there(
    qtbot: QtBot, active: MainWindow, vault: Vault, story: Story
) -> None:
    number = accepted(vault, story)
    walk.get_ready(vault, number, clock())
    show(qtbot, active, number)
    begin = active.assessment.nothing.findChild(QPushButton)
    assert begin is not None
    press(begin)
    active.queue.lines.setFocus()
    qtbot.waitUntil(lambda: active.assessment.own_read is not None, timeout=20_000)
    settle(active.session.tools.work)
    assert active.queue.lines.hasFocus()


@pytest.mark.parametrize("key", ["consents", "record_consent"])
def test_closing_the_consents_leads_back_to_what_opened_them(
    qtbot: QtBot, active: MainWindow, vault: Vault, story: Story, key: str
) -> None:
    number = walk.receive(vault, story, clock())
    walk.confirm(vault, number, story, clock())
    if key == "consents":
        walk.agree(vault, number, clock())
    show(qtbot, active, number)
    press(banner_button(active, key))
    opened = dialog(qtbot, active, ConsentDialog)
    assert isinstance(opened, ConsentDialog)
    settle(active.session.tools.work)
    if key == "record_consent":
        walk.agree(vault, number, clock())
        settle(active.session.tools.work)
        qtbot.waitUntil(lambda: active.page.consent_banner.buttons[0].text() == "Consents…")
        QTest.keyClick(opened, Qt.Key.Key_Escape)
    press(opened.close_dialog)
    back(qtbot, active)
    settle(active.session.tools.work)
    assert named(active) == "consents_action"


def test_a_red_flag_leads_to_the_call_then_to_the_word_then_out(
    qtbot: QtBot, active: MainWindow, vault: Vault, story: Story
) -> None:
    number = walk.receive(vault, story, clock())
    walk.confirm(vault, number, story, clock())
    show(qtbot, active, number)
    press(banner_button(active, "red_flags"))
    asked = dialog(qtbot, active, RedFlagsDialog)
    assert isinstance(asked, RedFlagsDialog)
    settle(active.session.tools.work)
    asked.lines["cauda_equina"].answers[FlagAnswer.YES].click()
    press(asked.keep)
    settle(active.session.tools.work)
    assert named(asked) == "who"
    asked.who.setText("Dr. Johanna Bakker")
    asked.phone.setText("+1 555 0140")
    asked.read_back.setChecked(True)
    press(asked.log)
    settle(active.session.tools.work)
    assert named(asked) == "safe_note"
    press(asked.safe)
    settle(active.session.tools.work)
    assert named(asked) == "close_dialog"
    press(asked.close_dialog)
    back(qtbot, active)
    settle(active.session.tools.work)
    assert named(active) == active.page.step_banner.buttons[0].objectName()


def test_tab_goes_through_every_pane_as_it_is_read(
    qtbot: QtBot, active: MainWindow, vault: Vault, story: Story
) -> None:
    number = accepted(vault, story)
    walk.get_ready(vault, number, clock())
    opinion.begin(vault, number, clock())
    show(qtbot, active, number)
    panes = (
        active.queue,
        active.page.banners,
        active.page.tabs,
        active.page.pages,
        active.assessment,
        active.tool_bar,
    )
    active.queue.which.setFocus()
    visited: list[QWidget] = []
    while (now := QApplication.focusWidget()) is not None and now not in visited:
        visited.append(now)
        QTest.keyClick(now, Qt.Key.Key_Tab)
    places = [n for one in visited for n, pane in enumerate(panes) if pane.isAncestorOf(one)]
    assert places == sorted(places)
    assert set(places) == set(range(len(panes)))
    assert [one for one in focusable(active) if one not in visited and one.isEnabled()] == []


@pytest.mark.parametrize("pane", ["pages", "assessment"])
def test_another_record_or_the_letter_takes_the_keyboard_along(
    qtbot: QtBot, active: MainWindow, vault: Vault, story: Story, pane: str
) -> None:
    number = accepted(vault, story)
    walk.get_ready(vault, number, clock())
    opinion.begin(vault, number, clock())
    show(qtbot, active, number)
    within = {"pages": active.page.pages, "assessment": active.assessment}[pane]
    active.commands.actions[{"pages": "pane_4", "assessment": "pane_5"}[pane]].trigger()
    assert holds(within)
    for command in ("next_record", "next_record", "previous_record"):
        active.commands.actions[command].trigger()
        settle(active.session.tools.work)
        assert holds(within), command
