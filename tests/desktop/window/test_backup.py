"""Backups in the window: chosen where, made, tried out, reminded of; a lock cuts none off."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from consultdesk.consultation.audit import Role
from consultdesk.desk import backup
from consultdesk.desktop.backup import BackupActs, BackupDialog
from consultdesk.desktop.backup_rule import BackupRuleDialog
from consultdesk.desktop.backup_words import reminder_words
from consultdesk.desktop.banner import BannerKind
from consultdesk.desktop.session import Session
from consultdesk.desktop.style import Style
from consultdesk.desktop.window import MainWindow
from consultdesk.samples.practice import PASSPHRASE
from consultdesk.vault.vault import Vault
from tests.desktop.reading import nameless, tab_order
from tests.stations import now
from tests.vault.building import PASSPHRASE as THEIRS
from tests.vault.building import add_user
from tests.vault.test_backup import flip

DAY = 86_400_000


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    place = tmp_path / "stick"
    place.mkdir()
    return place


@pytest.fixture
def dialog(qtbot: QtBot, window: MainWindow) -> Iterator[BackupDialog]:
    window.backups.open()
    found = window.backups.dialog
    assert found is not None
    with qtbot.waitSignal(found.listed):
        qtbot.waitExposed(found)
    yield found
    window.session.tools.work.shut_down()


def _settle(qtbot: QtBot, acts: BackupActs, do: Callable[[], object]) -> object:
    with qtbot.waitSignal(acts.ended, timeout=20_000) as ended:
        do()
    assert ended.args is not None
    return ended.args[0]


def test_a_backup_is_made_read_back_and_listed(
    qtbot: QtBot, window: MainWindow, received: str, dialog: BackupDialog, stick: Path
) -> None:
    assert "no backup yet" in dialog.lead.text()
    assert not dialog.back_up.isEnabled()
    assert dialog.back_up.accessibleDescription() == "Choose a place first."
    dialog.use_place(stick)
    assert dialog.place.text() == str(stick)
    with qtbot.waitSignal(dialog.listed, timeout=20_000):
        _settle(qtbot, window.backups, dialog.back_up.click)
    qtbot.waitUntil(lambda: dialog.backups.topLevelItemCount() == 1)
    assert dialog.notice.kind is BannerKind.SUCCESS
    assert "everything was read back" in dialog.notice.accessibleName()
    assert dialog.lead.text().startswith("Last backup:")
    assert "whole" in dialog.said.text()
    assert backup.standing(window.session.vault, now()).last
    assert dialog.work_box.isHidden()


def test_trying_a_backup_out_takes_the_passphrase_alone_and_keeps_none_of_it(
    qtbot: QtBot, window: MainWindow, received: str, dialog: BackupDialog, stick: Path
) -> None:
    dialog.use_place(stick)
    _settle(qtbot, window.backups, dialog.back_up.click)
    qtbot.waitUntil(lambda: dialog.backups.topLevelItemCount() == 1)
    assert dialog.drill.accessibleDescription() == "Type your passphrase first."
    dialog.passphrase.setText(PASSPHRASE)
    _settle(qtbot, window.backups, dialog.drill.click)
    assert dialog.passphrase.text() == ""
    assert dialog.notice.kind is BannerKind.SUCCESS
    assert "opens" in dialog.notice.accessibleName()
    assert "last tried out" in dialog.said.text()


def test_a_flipped_bit_is_said_with_the_name_of_the_file(
    qtbot: QtBot, window: MainWindow, received: str, dialog: BackupDialog, stick: Path
) -> None:
    dialog.use_place(stick)
    _settle(qtbot, window.backups, dialog.back_up.click)
    sealed = next(stick.glob("*.backup/content/*/*"))
    flip(sealed, 50)
    qtbot.waitUntil(lambda: dialog.backups.topLevelItemCount() == 1)
    dialog.passphrase.setText(PASSPHRASE)
    _settle(qtbot, window.backups, dialog.drill.click)
    assert dialog.notice.kind is BannerKind.DANGER
    assert sealed.name in dialog.notice.accessibleName()
    qtbot.waitUntil(lambda: _column(dialog, 4) == ["not yet, or not whole"])
    assert "wasn't whole" in dialog.said.text()
    due = window.status.backup
    qtbot.waitUntil(lambda: due.text() == "The last backup isn't whole: back up now")


def test_a_wrong_passphrase_and_a_stick_that_is_gone_are_said_in_the_dialog(
    qtbot: QtBot, window: MainWindow, received: str, dialog: BackupDialog, stick: Path
) -> None:
    dialog.use_place(stick)
    _settle(qtbot, window.backups, dialog.back_up.click)
    qtbot.waitUntil(lambda: dialog.backups.topLevelItemCount() == 1)
    dialog.passphrase.setText("another passphrase entirely")
    with qtbot.waitSignal(window.backups.troubled, timeout=20_000):
        QTest.keyClick(dialog.passphrase, Qt.Key.Key_Return)
    assert "doesn't open" in dialog.notice.accessibleName()
    stick.rename(stick.with_name("pulled out"))
    with qtbot.waitSignal(window.backups.troubled, timeout=20_000):
        dialog.back_up.click()
    assert "isn't there" in dialog.notice.accessibleName()
    assert "store itself is safe" in dialog.notice.accessibleName()
    qtbot.waitUntil(lambda: not dialog.backups.topLevelItemCount())
    assert dialog.list_label.text() == "There are no backups in that place now"


def test_a_backup_can_be_stopped(
    qtbot: QtBot, window: MainWindow, received: str, dialog: BackupDialog, stick: Path
) -> None:
    dialog.use_place(stick)
    with qtbot.waitSignal(window.backups.troubled, timeout=20_000):
        dialog.back_up.click()
        assert not dialog.work_box.isHidden()
        assert dialog.back_up.accessibleDescription().startswith("Wait")
        dialog.stop.click()
    assert dialog.notice.accessibleName().startswith("Stopped")
    assert backup.standing(window.session.vault, now()).last is None


def test_enter_in_an_empty_passphrase_begins_nothing(
    window: MainWindow, dialog: BackupDialog, stick: Path
) -> None:
    dialog.use_place(stick)
    dialog.passphrase.setFocus()
    QTest.keyClick(dialog.passphrase, Qt.Key.Key_Return)
    assert not window.backups.under_way
    assert dialog.notice.isHidden()


def test_closing_the_dialog_stops_no_backup_and_the_window_says_how_it_ended(
    qtbot: QtBot, window: MainWindow, received: str, dialog: BackupDialog, stick: Path
) -> None:
    dialog.use_place(stick)
    with qtbot.waitSignal(window.backups.ended, timeout=20_000):
        dialog.back_up.click()
        assert window.under_way == "A backup is still being written."
        dialog.close_dialog.click()
    assert window.under_way == ""
    assert window.notice.accessibleName().startswith("Backed up.")


def test_the_status_bar_reminds_until_there_is_a_fresh_backup(
    qtbot: QtBot, window: MainWindow, stick: Path
) -> None:
    due = window.status.backup
    assert due.isVisible()
    assert due.text() == "No backup yet: back up now"
    backup.choose_place(window.session.vault, stick, now())
    _settle(qtbot, window.backups, due.click)
    qtbot.waitUntil(lambda: not due.isVisible())


def test_an_old_backup_is_reminded_of_with_its_age(vault: Vault, stick: Path) -> None:
    made = now()
    backup.back_up(vault, made, place=stick)
    said = backup.standing(vault, made + 9 * DAY)
    assert reminder_words(said, made + 9 * DAY) == "Last backup 9 days ago: back up now"


def test_the_rule_is_laid_down_in_the_window_and_the_backups_go_by_it(
    qtbot: QtBot, window: MainWindow, dialog: BackupDialog, stick: Path
) -> None:
    assert "one a day for 30 days" in dialog.rule.text()
    dialog.change_rule.click()
    (form,) = dialog.findChildren(BackupRuleDialog)
    assert nameless(form) == []
    shown = (form.hours.value(), form.days.value(), form.weeks.value(), form.remind_after.value())
    assert shown == (24, 30, 12, 7)
    form.hours.setValue(1)
    form.days.setValue(2)
    form.remind_after.setValue(3)
    with qtbot.waitSignal(form.settled, timeout=20_000):
        form.ok.click()
    assert "last 1 hours, one a day for 2 days" in dialog.rule.text()
    rule = backup.standing(window.session.vault, now()).rule
    assert (rule.hours, rule.days, rule.weeks, rule.remind_after) == (1, 2, 12, 3)


def test_without_a_place_backing_up_asks_for_one(qtbot: QtBot, window: MainWindow) -> None:
    window.commands.actions["back_up"].trigger()
    assert window.backups.dialog is not None
    assert not window.backups.under_way
    window.session.tools.work.shut_down()


def test_backups_are_reached_by_menu_and_palette_and_by_keyboard_alone(
    qtbot: QtBot, window: MainWindow, dialog: BackupDialog, stick: Path
) -> None:
    assert {"backup", "back_up"} <= window.commands.actions.keys()
    assert nameless(dialog) == []
    dialog.use_place(stick)
    order = tab_order(dialog)
    for name in ("place", "choose", "backups", "passphrase", "close_dialog", "back_up"):
        assert name in order
    assert order.index("choose") < order.index("backups") < order.index("passphrase")
    assert dialog.backups.accessibleName()


def test_an_assistant_isnt_reminded_and_is_told_whom_to_ask(
    qtbot: QtBot, session: Session, vault: Vault
) -> None:
    add_user(vault, "asha", Role.ASSISTANT)
    theirs = Vault.open(vault.folder, "asha", THEIRS, now())
    window = MainWindow(Session(theirs, session.tools))
    qtbot.addWidget(window)
    window.show()
    assert not window.status.backup.isVisible()
    action = window.commands.actions["back_up"]
    assert not action.isEnabled()
    assert "administrator" in action.toolTip()
    window.put_away()
    session.tools.work.shut_down()
    theirs.close()


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_nothing_is_cut_off_at_twice_the_size(
    qtbot: QtBot, style: Style, window: MainWindow, dialog: BackupDialog, scale: float
) -> None:
    style.scale_text(scale)
    try:
        qtbot.wait(50)
        for button in (
            dialog.choose,
            dialog.change_rule,
            dialog.drill,
            dialog.close_dialog,
            dialog.back_up,
        ):
            assert button.width() >= button.minimumSizeHint().width(), button.objectName()
    finally:
        style.scale_text(1.0)


def _column(dialog: BackupDialog, column: int) -> list[str]:
    items = (dialog.backups.topLevelItem(n) for n in range(dialog.backups.topLevelItemCount()))
    return [item.text(column) for item in items if item]
