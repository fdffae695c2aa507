"""A store from a backup, from the first run and from the lock screen, as a person restores it."""

from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from consultdesk.consultation.recovery import USER as RECOVERY
from consultdesk.desk import backup, recovery, store
from consultdesk.desktop.app import Program
from consultdesk.desktop.banner import BannerKind
from consultdesk.desktop.restore import RestoreDialog
from consultdesk.desktop.style import Style
from consultdesk.samples.practice import PASSPHRASE, PHYSICIAN
from consultdesk.vault import practice
from tests.desktop.reading import nameless, tab_order
from tests.desktop.window.running import folder, nothing_open, program, unlock
from tests.stations import now as clock
from tests.vault.test_backup import flip

__all__ = ["folder", "program"]

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)")


@pytest.fixture
def sheet(folder: Path) -> str:
    """The recovery key of the store."""
    with closing(store.unlock(folder, "", PASSPHRASE, clock())) as vault:
        made = recovery.new_sheet(folder, PHYSICIAN.name, PHYSICIAN.full_name, clock())
        recovery.keep_sheet(vault, made, clock())
    return made.key


@pytest.fixture
def stick(folder: Path, sheet: str, tmp_path: Path) -> Path:
    """A disk with two backups of the store, the newer after the sheet was kept."""
    place = tmp_path / "stick"
    place.mkdir()
    with closing(store.unlock(folder, "", PASSPHRASE, clock())) as vault:
        backup.back_up(vault, clock(), place=place)
        backup.back_up(vault, clock() + 60_000, place=place)
    return place


@pytest.fixture
def dialog(qtbot: QtBot, program: Program, stick: Path) -> RestoreDialog:
    """The dialog over the first run, on a computer without any store."""
    program.start(None)
    form = program.cover.first_run
    assert form is not None
    form.restore.click()
    (found,) = program.cover.findChildren(RestoreDialog)
    qtbot.waitExposed(found)
    return found


def _look(qtbot: QtBot, dialog: RestoreDialog, stick: Path) -> None:
    with qtbot.waitSignal(dialog.listed, timeout=20_000):
        dialog.use_source(stick)
    qtbot.waitUntil(lambda: dialog.user.count() > 0, timeout=20_000)


def _restore(qtbot: QtBot, dialog: RestoreDialog, secret: str) -> str:
    """Restore, and what the dialog says afterwards."""
    dialog.passphrase.setText(secret)
    with qtbot.waitSignal(dialog.ended, timeout=30_000):
        dialog.begin.click()
    return dialog.notice.accessibleName()


def _epoch(at: Path) -> int:
    with (
        closing(store.unlock(at, PHYSICIAN.name, PASSPHRASE, clock())) as vault,
        vault.read() as reading,
    ):
        return practice.epoch(reading)


def test_a_store_is_restored_on_a_new_computer_and_opened(
    qtbot: QtBot, program: Program, dialog: RestoreDialog, stick: Path, tmp_path: Path
) -> None:
    assert dialog.begin.accessibleDescription() == "Choose where the backups lie first."
    _look(qtbot, dialog, stick)
    assert dialog.backups.topLevelItemCount() == 2
    assert [dialog.user.itemText(n) for n in range(2)] == [PHYSICIAN.name, RECOVERY]
    assert dialog.begin.toolTip() == "Type the passphrase first."
    dialog.use_place(tmp_path)
    place = Path(dialog.place.text())
    assert (place.parent, place.name) == (tmp_path, "practice.desk")
    said = _restore(qtbot, dialog, PASSPHRASE)
    assert dialog.notice.kind is BannerKind.SUCCESS
    assert "A new epoch of the store begins" in said
    assert "every consent to send waits until you confirm it again" in said
    assert dialog.passphrase.text() == ""
    assert dialog.work_box.isHidden()
    assert _epoch(place) == 2
    assert dialog.begin.text() == "&Open the store"
    dialog.begin.click()
    with qtbot.waitSignal(program.unlocked, timeout=20_000):
        unlock(program)
    assert program.session is not None
    assert program.session.vault.folder == place


def test_the_recovery_key_opens_a_backup_however_it_is_typed(
    qtbot: QtBot, dialog: RestoreDialog, stick: Path, sheet: str, tmp_path: Path
) -> None:
    _look(qtbot, dialog, stick)
    dialog.user.setCurrentText(RECOVERY)
    assert dialog.passphrase_label.text() == "Recovery &key"
    assert dialog.reveal.isChecked()
    dialog.use_place(tmp_path)
    assert "Restored." in _restore(qtbot, dialog, sheet.lower().replace("-", " "))


def test_the_older_backup_is_restored_where_it_is_chosen_and_the_newer_are_named(
    qtbot: QtBot, dialog: RestoreDialog, stick: Path, tmp_path: Path
) -> None:
    _look(qtbot, dialog, stick)
    older = dialog.backups.topLevelItem(1)
    assert older is not None
    dialog.backups.setCurrentItem(older)
    dialog.use_place(tmp_path)
    assert "weren't asked for: 1." in _restore(qtbot, dialog, PASSPHRASE)


def test_a_wrong_passphrase_and_a_place_without_backups_are_said_and_nothing_is_made(
    qtbot: QtBot, dialog: RestoreDialog, stick: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    with qtbot.waitSignal(dialog.listed, timeout=20_000):
        dialog.use_source(tmp_path / "empty")
    assert "holds no backups" in dialog.notice.accessibleName()
    assert not dialog.begin.isEnabled()
    _look(qtbot, dialog, stick)
    assert dialog.notice.isHidden()
    dialog.use_place(tmp_path)
    place = Path(dialog.place.text())
    assert "doesn't open" in _restore(qtbot, dialog, "another passphrase entirely")
    assert not (place / "keys.json").exists()
    assert dialog.begin.text() == "&Restore"
    assert "Restored." in _restore(qtbot, dialog, PASSPHRASE)


def test_what_is_damaged_is_named_and_left_out_only_where_a_person_says_so(
    qtbot: QtBot, dialog: RestoreDialog, stick: Path, tmp_path: Path
) -> None:
    sealed = next(stick.glob("*.backup/content/*/*"))
    flip(sealed, 50)
    _look(qtbot, dialog, stick)
    dialog.use_place(tmp_path)
    assert dialog.even_damaged.isHidden()
    said = _restore(qtbot, dialog, PASSPHRASE)
    assert sealed.name in said
    assert "--even" not in said
    assert not dialog.even_damaged.isHidden()
    dialog.even_damaged.setChecked(True)
    said = _restore(qtbot, dialog, PASSPHRASE)
    assert dialog.notice.kind is BannerKind.WARNING
    assert sealed.name in said


def test_a_restore_can_be_stopped_and_begun_again(
    qtbot: QtBot, dialog: RestoreDialog, stick: Path, tmp_path: Path
) -> None:
    _look(qtbot, dialog, stick)
    dialog.use_place(tmp_path)
    place = Path(dialog.place.text())
    dialog.passphrase.setText(PASSPHRASE)
    with qtbot.waitSignal(dialog.ended, timeout=30_000):
        dialog.begin.click()
        assert not dialog.work_box.isHidden()
        assert dialog.begin.accessibleDescription() == "Wait until the restore is done."
        dialog.stop.click()
    assert dialog.notice.kind is BannerKind.INFO
    assert not (place / "keys.json").exists()
    assert "Restored." in _restore(qtbot, dialog, PASSPHRASE)


def test_the_lock_screen_offers_it_too_beside_the_store_that_is_there(
    qtbot: QtBot, program: Program, folder: Path, stick: Path
) -> None:
    program.start(folder)
    form = program.cover.unlock
    assert form is not None
    form.restore.click()
    (dialog,) = program.cover.findChildren(RestoreDialog)
    assert dialog.place.text() == str(folder.with_name("b-2.desk"))
    assert nothing_open(program)
    dialog.close_dialog.click()


def test_it_is_done_by_keyboard_alone_and_everything_has_a_name(
    qtbot: QtBot, dialog: RestoreDialog, stick: Path, tmp_path: Path
) -> None:
    assert nameless(dialog) == []
    dialog.source.setFocus()
    QTest.keyClicks(dialog.source, str(stick))
    with qtbot.waitSignal(dialog.listed, timeout=20_000):
        QTest.keyClick(dialog.source, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.user.count() > 0, timeout=20_000)
    dialog.use_place(tmp_path)
    QTest.keyClicks(dialog.passphrase, PASSPHRASE)
    with qtbot.waitSignal(dialog.ended, timeout=30_000):
        QTest.keyClick(dialog.passphrase, Qt.Key.Key_Return)
    assert "Restored." in dialog.notice.accessibleName()
    order = tab_order(dialog)
    wanted = ["source", "choose_source", "backups", "user", "passphrase", "place", "begin"]
    assert [one for one in order if one in wanted] == wanted


def test_closing_it_forgets_the_passphrase_and_stops(
    qtbot: QtBot, program: Program, dialog: RestoreDialog, stick: Path, tmp_path: Path
) -> None:
    _look(qtbot, dialog, stick)
    dialog.use_place(tmp_path)
    place = Path(dialog.place.text())
    dialog.passphrase.setText(PASSPHRASE)
    dialog.begin.click()
    passphrase = dialog.passphrase
    dialog.close_dialog.click()
    assert passphrase.text() == ""
    qtbot.waitUntil(lambda: not program.cover.findChildren(RestoreDialog))
    assert not (place / "keys.json").exists()


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_nothing_of_it_is_cut_off_at_twice_the_size(
    qtbot: QtBot, style: Style, dialog: RestoreDialog, scale: float
) -> None:
    style.scale_text(scale)
    try:
        qtbot.wait(50)
        for button in (
            dialog.choose_source,
            dialog.choose_place,
            dialog.close_dialog,
            dialog.begin,
        ):
            assert button.width() >= button.minimumSizeHint().width(), button.objectName()
    finally:
        style.scale_text(1.0)
