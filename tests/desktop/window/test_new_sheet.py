"""A new recovery sheet in an open desk: the one before counts until the new one is typed back."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from consultdesk.desktop.new_sheet import NewSheetDialog
from consultdesk.desktop.window import MainWindow
from consultdesk.errors import VaultLocked
from consultdesk.samples.practice import PASSPHRASE
from consultdesk.vault import audit, header, members, recovery, slots
from consultdesk.vault.vault import Vault
from tests.desktop.reading import nameless
from tests.stations import now


def asked(window: MainWindow) -> NewSheetDialog:
    window.commands.actions["new_sheet"].trigger()
    dialog = window.findChild(NewSheetDialog)
    assert dialog is not None
    return dialog


def proved(qtbot: QtBot, dialog: NewSheetDialog) -> str:
    """Type the passphrase; the key that is shown then."""
    QTest.keyClicks(dialog.passphrase, PASSPHRASE)
    QTest.keyClick(dialog.passphrase, Qt.Key.Key_Return)
    qtbot.waitUntil(dialog.recovery_key.isVisible, timeout=20_000)
    labels = dialog.recovery_key.findChildren(QLabel)
    return "-".join(label.text() for label in labels if len(label.text()) == 4)


def opens(vault: Vault, key: str) -> bool:
    try:
        members.unlock(vault.members, header.RECOVERY, key)
    except VaultLocked:
        return False
    return True


def test_the_sheet_before_counts_until_the_new_key_is_typed_back(
    qtbot: QtBot, window: MainWindow, vault: Vault
) -> None:
    before = recovery.new()
    slots.keep_recovery(vault, before, now())
    dialog = asked(window)
    after = proved(qtbot, dialog)
    assert opens(vault, before)
    dialog.ok.click()
    assert dialog.focusWidget() is dialog.typed_key
    QTest.keyClicks(dialog.typed_key, after.replace("-", "")[:-1])
    QTest.keyClick(dialog.typed_key, Qt.Key.Key_Return)
    assert "Group 9 has 3" in dialog.problem.text()
    assert dialog.typed_key.accessibleDescription() == dialog.problem.text()
    assert opens(vault, before)
    dialog.typed_key.deselect()
    dialog.typed_key.end(False)
    QTest.keyClicks(dialog.typed_key, after[-1].lower())
    with qtbot.waitSignal(dialog.settled, timeout=20_000):
        QTest.keyClick(dialog.typed_key, Qt.Key.Key_Return)
    assert opens(vault, after)
    assert not opens(vault, before)
    with vault.read() as reading:
        assert "make_recovery_key" in [one.act for one in audit.events(reading)]


def test_a_window_without_a_sheet_says_so_until_there_is_one(
    qtbot: QtBot, window: MainWindow
) -> None:
    label = window.status.sheet
    assert label.isVisible()
    assert "New recovery sheet" in label.accessibleDescription()
    dialog = asked(window)
    key = proved(qtbot, dialog)
    dialog.ok.click()
    QTest.keyClicks(dialog.typed_key, key)
    with qtbot.waitSignal(dialog.settled, timeout=20_000):
        dialog.ok.click()
    assert not label.isVisible()
    assert "counts" in window.notice.accessibleName()


def test_a_cancelled_sheet_changes_nothing(qtbot: QtBot, window: MainWindow, vault: Vault) -> None:
    dialog = asked(window)
    proved(qtbot, dialog)
    with qtbot.waitSignal(dialog.finished):
        dialog.cancel.click()
    assert len(vault.members.member(vault.user).slots) == 1
    assert window.status.sheet.isVisible()


def test_the_key_is_shown_to_nobody_without_the_passphrase(
    qtbot: QtBot, window: MainWindow
) -> None:
    dialog = asked(window)
    dialog.ok.click()
    assert dialog.problem.text() == "Type your passphrase."
    QTest.keyClicks(dialog.passphrase, "some wrong words")
    dialog.ok.click()
    qtbot.waitUntil(lambda: "doesn't open" in dialog.problem.text(), timeout=20_000)
    assert not dialog.recovery_key.isVisible()
    dialog.reject()


def test_going_back_shows_the_same_key(qtbot: QtBot, window: MainWindow) -> None:
    dialog = asked(window)
    proved(qtbot, dialog)
    dialog.ok.click()
    dialog.back.click()
    assert dialog.recovery_key.isVisible()
    dialog.reject()


@pytest.mark.parametrize("step", range(3))
def test_every_part_of_every_step_has_a_name(window: MainWindow, step: int) -> None:
    dialog = asked(window)
    dialog.steps.setCurrentIndex(step)
    assert nameless(dialog) == []
    dialog.reject()
