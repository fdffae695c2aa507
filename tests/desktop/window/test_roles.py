"""The window of a manager and of an administrator, who hold no clinical key: every command."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton, QToolButton
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot

from consultdesk.consultation.audit import Role
from consultdesk.desk import store, users
from consultdesk.desktop.settings import SettingsDialog
from consultdesk.desktop.trouble import TroubleDialog
from consultdesk.desktop.window import MainWindow
from consultdesk.vault.vault import Vault
from tests.desktop.window.test_users import MakeWindow, add, opened_by, window_of
from tests.stations import now

__all__ = ["window_of"]

LEAVES = {"quit", "lock"}
"""Commands that end the window, which the program around it hears."""


@pytest.fixture(params=[Role.MANAGER, Role.ADMINISTRATOR])
def theirs(
    request: pytest.FixtureRequest, vault: Vault, received: str, window_of: MakeWindow
) -> MainWindow:
    """Their window on a store with one case."""
    role = request.param
    add(vault, "dana", role, administers=role is Role.ADMINISTRATOR)
    opened = opened_by(vault, "dana")
    assert received
    assert not opened.clinical
    return window_of(opened)


def _dialogs() -> list[QDialog]:
    tops = QApplication.topLevelWidgets()
    return [one for one in tops if isinstance(one, QDialog) and one.isVisible()]


def _quiet(window: MainWindow) -> bool:
    return not window.session.tools.work.tasks


def _said(window: MainWindow) -> list[str]:
    """Every sentence that a dialog says, and the status bar."""
    labels = [one.text() for top in _dialogs() for one in top.findChildren(QLabel)]
    return [window.status_bar.currentMessage(), *labels]


def test_the_window_shows_the_queue(qtbot: QtBot, theirs: MainWindow) -> None:
    qtbot.waitUntil(lambda: theirs.queue.lines.model().rowCount() == 1)
    assert not _dialogs()


@pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)")
def test_every_command_works_or_says_one_sentence(qtbot: QtBot, theirs: MainWindow) -> None:
    qtbot.waitUntil(lambda: theirs.queue.lines.model().rowCount() == 1)
    with capture_exceptions() as raised:
        for key, action in theirs.commands.actions.items():
            if key in LEAVES:
                continue
            if not action.isEnabled():
                assert action.statusTip().endswith("."), key
                assert action.toolTip().endswith(action.statusTip()), key
                continue
            _look(qtbot, theirs, key, raised)
    assert theirs.isVisible()


@pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)")
def test_a_command_that_is_asked_for_in_spite_of_its_reason_raises_nothing(
    qtbot: QtBot, theirs: MainWindow
) -> None:
    with capture_exceptions() as raised:
        for key, action in theirs.commands.actions.items():
            if not action.isEnabled():
                action.setEnabled(True)
                _look(qtbot, theirs, key, raised)


def _look(qtbot: QtBot, window: MainWindow, key: str, raised: list[object]) -> None:
    """Choose a command, let it end, and close what it opened."""
    window.commands.actions[key].trigger()
    qtbot.waitUntil(lambda: _quiet(window), timeout=20_000)
    QApplication.processEvents()
    assert not raised, f"{key}: {raised}"
    for dialog in _dialogs():
        if isinstance(dialog, TroubleDialog):
            assert any(one.text().endswith(".") for one in dialog.findChildren(QLabel)), key
        dialog.reject()
    QApplication.processEvents()


def test_a_case_they_open_stays_closed_in_one_sentence(
    qtbot: QtBot, theirs: MainWindow, received: str
) -> None:
    with capture_exceptions() as raised:
        theirs.open_case(received)
        qtbot.waitUntil(lambda: _quiet(theirs), timeout=20_000)
        QApplication.processEvents()
    assert not raised
    said = " ".join(_said(theirs) + [one.text() for one in theirs.findChildren(QLabel)])
    assert "doesn't open clinical content" in said


def test_what_they_save_in_the_settings_is_kept_or_refused_in_one_sentence(
    qtbot: QtBot, theirs: MainWindow
) -> None:
    theirs.commands.actions["settings"].trigger()
    dialog = next(one for one in _dialogs() if isinstance(one, SettingsDialog))
    dialog.practice_name.setText("Another practice")
    dialog.ok.click()
    qtbot.waitUntil(lambda: _quiet(theirs), timeout=20_000)
    QApplication.processEvents()
    if dialog in _dialogs():
        assert dialog.problem.text()
        assert "\n" not in dialog.problem.text()
    else:
        assert store.letterhead(theirs.session.vault).name == "Another practice"


def test_who_waits_to_be_let_in_reads_so_at_every_command_they_cant_use(
    vault: Vault, window_of: MakeWindow
) -> None:
    add(vault, "bea", Role.PHYSICIAN)
    window = window_of(opened_by(vault, "bea"))
    said = {action.statusTip() for action in window.commands.actions.values()}
    assert said == {"", "You aren't let in yet."}
    assert not window.commands.actions["import"].isEnabled()


CLOSED = "Your role doesn't open clinical content."


def _button(window: MainWindow, key: str) -> QToolButton:
    found = window.tool_bar.widgetForAction(window.commands.actions[key])
    assert isinstance(found, QToolButton)
    return found


def test_what_they_cant_use_is_dead_and_says_why_in_tooltip_status_and_description(
    theirs: MainWindow,
) -> None:
    actions = theirs.commands.actions
    for key in ("import", "import_folder", "erase", "legal_hold", "export_patient", "sign"):
        assert not actions[key].isEnabled(), key
        assert CLOSED in actions[key].toolTip()
        assert actions[key].statusTip() == CLOSED
    assert _button(theirs, "import").accessibleDescription() == CLOSED
    assert not _button(theirs, "import").isEnabled()
    lays_down = theirs.session.vault.role is Role.ADMINISTRATOR
    assert actions["retention"].isEnabled() is lays_down
    assert actions["audit_all"].isEnabled() is lays_down
    if not lays_down:
        assert "physician or an administrator" in actions["retention"].statusTip()


@pytest.mark.parametrize(
    ("key", "more"),
    [
        (Qt.Key.Key_O, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_O, Qt.KeyboardModifier.ShiftModifier),
        (Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier),
    ],
)
def test_their_keys_say_why_too(
    qtbot: QtBot, theirs: MainWindow, key: Qt.Key, more: Qt.KeyboardModifier
) -> None:
    theirs.activateWindow()
    qtbot.waitUntil(theirs.isActiveWindow)
    theirs.queue.lines.setFocus()
    QTest.keyClick(theirs.queue.lines, key, Qt.KeyboardModifier.ControlModifier | more)
    qtbot.waitUntil(lambda: theirs.status_bar.currentMessage() == CLOSED)
    assert not _dialogs()


def test_a_file_dragged_over_their_window_is_not_taken_and_the_reason_is_said(
    theirs: MainWindow, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text("Knee pain.")
    carried = QMimeData()
    carried.setUrls([QUrl.fromLocalFile(str(tmp_path / "note.txt"))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, carried, left, none)
    QApplication.sendEvent(theirs.queue.lines.viewport(), event)
    assert not event.isAccepted()
    assert theirs.status_bar.currentMessage() == CLOSED


def test_a_button_of_a_banner_opens_nothing_that_their_role_cant(theirs: MainWindow) -> None:
    theirs.users_acts.banner.action_chosen.emit("import")
    assert not _dialogs()
    assert not theirs.commands.actions["import"].isEnabled()
    assert theirs.status_bar.currentMessage() == CLOSED


def test_an_empty_window_offers_them_no_import(
    qtbot: QtBot, vault: Vault, window_of: MakeWindow
) -> None:
    add(vault, "dana", Role.MANAGER)
    window = window_of(opened_by(vault, "dana"))
    qtbot.waitUntil(lambda: _quiet(window))
    for empty in (window.queue.nothing, window.page.nothing):
        assert CLOSED in empty.accessibleName()
        assert not [one for one in empty.findChildren(QPushButton) if one.isVisible()]


def test_an_assistant_erases_nobody_and_reads_so(vault: Vault, window_of: MakeWindow) -> None:
    users.let_in(vault, "asha", add(vault, "asha", Role.ASSISTANT), now())
    actions = window_of(opened_by(vault, "asha")).commands.actions
    assert actions["import"].isEnabled()
    for key in ("erase", "export_patient"):
        assert actions[key].statusTip() == "Only a physician can do this."
    assert "physician or an administrator" in actions["retention"].statusTip()


def test_keys_of_a_command_that_needs_a_case_say_so(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window.queue.lines, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.status_bar.currentMessage() == "Open a case first.")
