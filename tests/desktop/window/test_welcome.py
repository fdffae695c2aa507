"""Who comes by an invitation, by the recovery sheet, or to an older store, from the lock screen."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from consultdesk.consultation.audit import Role, User
from consultdesk.consultation.recovery import USER as RECOVERY
from consultdesk.desk import recovery, store, users
from consultdesk.desktop.app import Program
from consultdesk.desktop.restored import RestoredDialog
from consultdesk.desktop.users_ask import PassphraseDialog
from consultdesk.samples.practice import PASSPHRASE, PHYSICIAN
from consultdesk.vault import audit, practice
from consultdesk.vault.vault import Vault
from tests.desktop.reading import nameless
from tests.desktop.window.running import folder, nothing_open, program, unlock
from tests.stations import now as clock

__all__ = ["folder", "program"]

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)")

WORDS = "four unrelated plum anchors"


def _as(program: Program, folder: Path, user: str, secret: str, qtbot: QtBot) -> None:
    program.start(folder)
    form = program.cover.unlock
    assert form is not None
    qtbot.waitUntil(lambda: form.user.findText(user) >= 0, timeout=20_000)
    form.user.setCurrentText(user)
    unlock(program, secret)


def _invitation(folder: Path) -> str:
    with closing(store.unlock(folder, "", PASSPHRASE, clock())) as vault:
        return users.invite(vault, User("bea", "Dr Bea Ott", Role.PHYSICIAN), clock())


def _asked(program: Program, qtbot: QtBot) -> PassphraseDialog:
    qtbot.waitUntil(lambda: program.welcome is not None, timeout=20_000)
    assert program.welcome is not None
    assert nothing_shown(program)
    return program.welcome.dialog


def nothing_shown(program: Program) -> bool:
    """Whether nobody sees a window of the store."""
    return program.window is None and program.cover.isVisible()


def test_a_newcomer_chooses_a_passphrase_before_anything_is_shown_and_then_reads_their_digits(
    qtbot: QtBot, program: Program, folder: Path
) -> None:
    _as(program, folder, "bea", _invitation(folder), qtbot)
    dialog = _asked(program, qtbot)
    assert dialog.before.isHidden()
    assert nameless(dialog) == []
    dialog.after.setText("password12345")
    dialog.again.setText("password12345")
    dialog.ok.click()
    qtbot.waitUntil(lambda: "easily guessed" in dialog.problem.text(), timeout=20_000)
    dialog.after.setText(WORDS)
    dialog.again.setText(WORDS)
    with qtbot.waitSignal(program.unlocked, timeout=20_000):
        dialog.ok.click()
    assert program.window is not None
    banner = program.window.users_acts.banner
    assert "You aren't let in yet." in banner.accessibleName()
    assert program.window.queue.isVisible()
    banner.buttons[0].click()
    qtbot.waitUntil(lambda: nothing_open(program))
    form = program.cover.unlock
    assert form is not None
    qtbot.waitUntil(lambda: form.user.findText("bea") >= 0)
    with qtbot.waitSignal(program.unlocked, timeout=20_000):
        form.user.setCurrentText("bea")
        unlock(program, WORDS)


@pytest.mark.parametrize("how", ["cancel", "lock"])
def test_a_newcomer_who_chooses_none_stands_before_the_lock_screen_again(
    qtbot: QtBot, program: Program, folder: Path, how: str
) -> None:
    words = _invitation(folder)
    _as(program, folder, "bea", words, qtbot)
    dialog = _asked(program, qtbot)
    dialog.cancel.click() if how == "cancel" else program.lock()
    qtbot.waitUntil(lambda: nothing_open(program) and program.welcome is None)
    assert program.cover.isVisible()
    left = [one for one in QApplication.topLevelWidgets() if one.isVisible()]
    assert left == [program.cover]
    store.unlock(folder, "bea", words, clock(), desktop=True).close()


@pytest.mark.parametrize("chooses", [True, False])
def test_who_came_by_the_recovery_sheet_is_asked_for_a_passphrase_and_may_go_on_without(
    qtbot: QtBot, program: Program, folder: Path, *, chooses: bool
) -> None:
    with closing(store.unlock(folder, "", PASSPHRASE, clock())) as vault:
        sheet = recovery.new_sheet(folder, PHYSICIAN.name, PHYSICIAN.full_name, clock())
        recovery.keep_sheet(vault, sheet, clock())
    _as(program, folder, RECOVERY, sheet.key, qtbot)
    dialog = _asked(program, qtbot)
    with qtbot.waitSignal(program.unlocked, timeout=20_000):
        if chooses:
            dialog.after.setText(WORDS)
            dialog.again.setText(WORDS)
            dialog.ok.click()
        else:
            assert dialog.cancel.text() == "Not now"
            dialog.cancel.click()
    program.lock()
    store.unlock(folder, PHYSICIAN.name, WORDS if chooses else PASSPHRASE, clock()).close()


# --- an older store ---------------------------------------------------------------------------


def _older(folder: Path) -> None:
    """The database as it was before an acknowledged act; the key file stays the newest."""
    before = folder.parent / "before.db"
    shutil.copy(folder / "desk.db", before)
    with closing(store.unlock(folder, "", PASSPHRASE, clock())) as vault:
        store.confirm_clock(vault, clock())
    for name in ("desk.db-wal", "desk.db-shm"):
        (folder / name).unlink(missing_ok=True)
    shutil.copy(before, folder / "desk.db")


def test_an_older_database_is_opened_as_restored_on_a_persons_word_alone(
    qtbot: QtBot, program: Program, folder: Path
) -> None:
    _older(folder)
    program.start(folder)
    form = program.cover.unlock
    assert form is not None
    unlock(program)
    qtbot.waitUntil(lambda: form.restored.isVisible(), timeout=20_000)
    assert "older than what was last acknowledged" in form.error.text()
    form.restored.click()
    (dialog,) = program.cover.findChildren(RestoredDialog)
    assert "every consent to send waits" in dialog.sentence.text()
    dialog.cancel.click()
    assert nothing_open(program)
    form.restored.click()
    dialog = next(one for one in program.cover.findChildren(RestoredDialog) if one.isVisible())
    with qtbot.waitSignal(program.unlocked, timeout=20_000):
        dialog.ok.click()
    assert program.session is not None
    with program.session.vault.read() as reading:
        assert practice.epoch(reading) == 2
        assert "restore" in [one.act for one in audit.events(reading)]


def test_an_older_key_file_is_a_sentence_without_that_way(
    qtbot: QtBot, program: Program, folder: Path
) -> None:
    older = {name: (folder / name).read_bytes() for name in ("keys.json", "keys-copy.json")}
    _invitation(folder)
    for name, data in older.items():
        (folder / name).write_bytes(data)
    program.start(folder)
    form = program.cover.unlock
    assert form is not None
    unlock(program)
    qtbot.waitUntil(lambda: "key file is older" in form.error.text(), timeout=20_000)
    assert form.restored.isHidden()
    with pytest.raises(Exception, match="key file is older"):
        Vault.open(folder, "", PASSPHRASE, clock(), as_restored=True)
