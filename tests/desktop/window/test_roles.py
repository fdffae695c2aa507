"""The window of a manager and of an administrator, who hold no clinical key: every command."""

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QLabel
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot

from consultdesk.consultation.audit import Role
from consultdesk.desk import store
from consultdesk.desktop.settings import SettingsDialog
from consultdesk.desktop.trouble import TroubleDialog
from consultdesk.desktop.window import MainWindow
from consultdesk.vault.vault import Vault
from tests.desktop.window.test_users import MakeWindow, add, opened_by, window_of

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
