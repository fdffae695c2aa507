"""The keychain on the screens: chosen in the settings, offered, and in nobody's way."""

import os
import time
from contextlib import suppress
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from consultdesk.desk import keychain, store
from consultdesk.desktop.app import Program
from consultdesk.desktop.first_run import NewStore
from consultdesk.desktop.settings import SettingsDialog
from consultdesk.desktop.unlock import UnlockForm
from consultdesk.samples.practice import PASSPHRASE, PHYSICIAN
from tests.desktop.reading import nameless
from tests.desktop.window.running import folder, open_desk, program, unlock
from tests.stations import now
from tests.vault.keychains import RealKeychain, real_keychain

__all__ = ["folder", "program", "real_keychain"]

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)")


def settings_of(qtbot: QtBot, program: Program, folder: Path) -> SettingsDialog:
    window = open_desk(qtbot, program, folder)
    window.commands.actions["settings"].trigger()
    dialog = window.findChild(SettingsDialog)
    assert dialog is not None
    qtbot.waitUntil(lambda: "Looking for" not in dialog.keychain_words.text(), timeout=20_000)
    return dialog


def lock_screen(qtbot: QtBot, program: Program) -> UnlockForm:
    """The lock screen, once it knows the store."""
    form = program.cover.unlock
    assert form is not None
    qtbot.waitUntil(form.keychain.isVisible, timeout=20_000)
    return form


def children() -> list[str]:
    """Processes of ours that ask a keychain."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if b"keychain_process" in entry.read_bytes():
                parent = (entry.parent / "stat").read_text().rsplit(")", 1)[1].split()[1]
                found += [str(entry)] if int(parent) == os.getpid() else []
    return found


@pytest.fixture
def chosen(folder: Path, real_keychain: RealKeychain) -> RealKeychain:
    """A keychain that opens the store."""
    opened = store.unlock(folder, "", PASSPHRASE, now())
    keychain.choose(opened, PASSPHRASE, now())
    opened.close()
    return real_keychain


def test_it_is_chosen_in_the_settings_with_the_passphrase_and_then_one_click_unlocks(
    qtbot: QtBot, program: Program, folder: Path, real_keychain: RealKeychain
) -> None:
    dialog = settings_of(qtbot, program, folder)
    assert not dialog.keychain.isChecked()
    assert "without the passphrase" in dialog.keychain.accessibleDescription()
    assert not dialog.passphrase.isVisible()
    dialog.keychain.setChecked(True)
    assert dialog.passphrase.isVisible()
    assert nameless(dialog) == []
    dialog.ok.click()
    assert "Type your passphrase" in dialog.problem.text()
    dialog.passphrase.setText("some wrong words")
    dialog.ok.click()
    qtbot.waitUntil(lambda: "doesn't open" in dialog.problem.text(), timeout=20_000)
    assert real_keychain.held() == {}
    dialog.passphrase.setText(PASSPHRASE)
    with qtbot.waitSignal(dialog.settled, timeout=20_000):
        dialog.ok.click()
    assert len(real_keychain.held()) == 1
    program.lock()
    form = lock_screen(qtbot, program)
    with qtbot.waitSignal(program.unlocked, timeout=20_000):
        form.keychain.click()


def test_giving_it_up_takes_it_from_the_lock_screen(
    qtbot: QtBot, program: Program, folder: Path, chosen: RealKeychain
) -> None:
    dialog = settings_of(qtbot, program, folder)
    assert dialog.keychain.isChecked()
    dialog.keychain.setChecked(False)
    with qtbot.waitSignal(dialog.settled, timeout=20_000):
        dialog.ok.click()
    assert chosen.held() == {}
    program.lock()
    form = program.cover.unlock
    assert form is not None
    work = program._work  # noqa: SLF001
    qtbot.waitUntil(lambda: not work.tasks, timeout=20_000)
    assert not form.keychain.isVisible()


def test_without_a_keychain_the_settings_say_why_it_cant_be_chosen(
    qtbot: QtBot, program: Program, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all")
    dialog = settings_of(qtbot, program, folder)
    assert not dialog.keychain.isEnabled()
    assert dialog.keychain.toolTip() == "This computer has none."
    assert dialog.keychain.accessibleDescription() == "This computer has none."


def test_a_keychain_that_is_gone_is_said_and_the_passphrase_opens(
    qtbot: QtBot, program: Program, folder: Path, chosen: RealKeychain,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    program.start(folder)
    form = lock_screen(qtbot, program)
    chosen.kill()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all")
    form.passphrase.setText("half a passph")
    form.keychain.click()
    qtbot.waitUntil(form.error.isVisible, timeout=20_000)
    assert "no keychain" in form.error.text()
    assert form.passphrase.text() == "half a passph"
    assert form.keychain.isEnabled()
    with qtbot.waitSignal(program.unlocked, timeout=20_000):
        unlock(program)


def test_a_keychain_that_never_answers_is_in_nobodys_way(
    qtbot: QtBot, program: Program, folder: Path, chosen: RealKeychain
) -> None:
    program.start(folder)
    form = lock_screen(qtbot, program)
    chosen.freeze()
    form.keychain.click()
    assert form.keychain.text() == "Asking the keychain…"
    assert not form.keychain.isEnabled()
    assert form.passphrase.isEnabled()
    assert form.unlock_store.isEnabled()
    qtbot.waitUntil(lambda: bool(children()), timeout=10_000)
    began = time.monotonic()
    with qtbot.waitSignal(program.unlocked, timeout=20_000):
        QTest.keyClicks(form.passphrase, PASSPHRASE)
        QTest.keyClick(form.passphrase, Qt.Key.Key_Return)
    assert time.monotonic() - began < 10
    qtbot.waitUntil(lambda: not children(), timeout=10_000)


def test_a_first_run_may_choose_it(
    qtbot: QtBot, program: Program, tmp_path: Path, real_keychain: RealKeychain
) -> None:
    program.start(None)
    form = program.cover.first_run
    assert form is not None
    qtbot.waitUntil(lambda: not form.keychain.isHidden(), timeout=20_000)
    assert not form.keychain.isChecked()
    said = NewStore(
        PHYSICIAN.full_name, "berg", "", PASSPHRASE, str(tmp_path / "new.desk"),
        keychain=True, demo=False,
    )  # fmt: skip
    form.store_requested.emit(said)
    qtbot.waitUntil(form.recovery_key.isVisible, timeout=60_000)
    labels = form.recovery_key.findChildren(QLabel)
    form.forward.click()
    form.typed_key.setText("".join(one.text() for one in labels if len(one.text()) == 4))
    with qtbot.waitSignal(program.unlocked, timeout=20_000):
        form.forward.click()
    assert len(real_keychain.held()) == 1
