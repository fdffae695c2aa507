"""The whole program in the test's own process: lock screen, window, lock."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from consultdesk.desk import opinion, store
from consultdesk.desktop.app import Program
from consultdesk.desktop.form import Forms
from consultdesk.desktop.style import Style
from consultdesk.desktop.trouble import Trouble
from consultdesk.desktop.window import MainWindow
from consultdesk.desktop.work import Work
from consultdesk.samples import walk
from consultdesk.samples.practice import PASSPHRASE, PHYSICIAN
from consultdesk.samples.walk import Story
from tests.stations import now as clock


@pytest.fixture
def folder(tmp_path: Path, story: Story) -> Path:
    """A store with one case whose own read has begun."""
    made = store.make(tmp_path / "b.desk", PHYSICIAN, PASSPHRASE, clock(), throw_away=True)
    number = walk.receive(made, story, clock())
    walk.confirm(made, number, story, clock())
    walk.accept(made, number, clock())
    walk.get_ready(made, number, clock())
    opinion.begin(made, number, clock())
    made.close()
    return tmp_path / "b.desk"


@pytest.fixture
def program(
    qapp: QApplication,
    forms: Forms,
    style: Style,
    work: Work,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Program]:
    """The program around lock screen and window, with settings of its own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    settings = QSettings(str(tmp_path / "geometry.ini"), QSettings.Format.IniFormat)
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    program = Program(qapp, forms, work, style, settings, Trouble(forms))
    yield program
    work.shut_down()
    program.end()
    for one in (program.idle, program.keys):
        qapp.removeEventFilter(one)
    program.deleteLater()
    for number, handler in before.items():
        signal.signal(number, handler)


def unlock(program: Program, passphrase: str = PASSPHRASE) -> None:
    """Type the passphrase on the lock screen."""
    form = program.cover.unlock
    assert form is not None
    form.passphrase.setText(passphrase)
    QTest.keyClick(form.passphrase, Qt.Key.Key_Return)


def nothing_open(program: Program) -> bool:
    """Whether nothing of a store is left open."""
    return program.window is None and program.session is None


def open_desk(qtbot: QtBot, program: Program, folder: Path) -> MainWindow:
    """Unlock the store of that folder."""
    program.start(folder)
    with qtbot.waitSignal(program.unlocked, timeout=20_000):
        unlock(program)
    assert program.window is not None
    return program.window
