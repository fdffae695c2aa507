"""What is left in view and in memory once the desk is locked: nothing of a record, no key."""

import gc
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtDBus import QDBusConnection
from PySide6.QtGui import QAccessible, QClipboard, QImage, QPixmap, QPixmapCache
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from consultdesk.consultation.source import Progress
from consultdesk.desktop.app import Program
from consultdesk.desktop.computer_linux import LinuxComputer
from consultdesk.desktop.consent import ConsentDialog
from consultdesk.desktop.letter_sign import SignDialog
from consultdesk.desktop.window import MainWindow
from consultdesk.errors import VaultLocked
from consultdesk.samples.practice import PASSPHRASE
from consultdesk.vault import header, members
from tests.desktop.buses import Service, bus, service
from tests.desktop.window.running import folder, nothing_open, open_desk, program, unlock
from tests.stations import open_at

__all__ = ["bus", "folder", "program", "service"]

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)")
NUMBER = "2026-0001"
_LARGEST_ICON = 256


@pytest.fixture
def drafted(tmp_path: Path) -> Path:
    """A store whose case is ready to be signed."""
    vault, number = open_at("drafted", tmp_path / "c.desk")
    assert number == NUMBER
    vault.close()
    return tmp_path / "c.desk"


def open_case(qtbot: QtBot, program: Program, folder: Path) -> MainWindow:
    """The window with the case open and its first record drawn."""
    window = open_desk(qtbot, program, folder)
    with qtbot.waitSignal(window.page.shown, timeout=40_000):
        window.open_case(NUMBER)
    qtbot.waitUntil(lambda: window.page.record_in_view, timeout=20_000)
    return window


def seen(program: Program) -> list[str]:
    """Every window in view besides the lock screen."""
    return [
        f"{type(one).__name__} {one.windowTitle()}"
        for one in QApplication.topLevelWidgets()
        if one.isVisible() and one is not program.cover
    ]


def titles() -> set[str]:
    return {one.windowTitle() for one in QApplication.topLevelWidgets()} - {"", "ConsultDesk"}


def open_files(*, also: tuple[str, ...] = ()) -> list[str]:
    """What this process holds open of any store.

    The key files are left out unless they are asked for: whoever asks who may open the store reads
    them for an instant, on any thread, and they are no secret of an open store.
    """
    found = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            name = os.readlink(entry)
        except OSError:
            continue
        if ".desk/" in name and (Path(name).name not in header.NAMES or Path(name).name in also):
            found.append(name)
    return found


def key_files_closed() -> bool:
    """Whether nobody reads the key files any more."""
    return not open_files(also=header.NAMES)


def let_go(qtbot: QtBot) -> None:
    """Let what was put aside for later be destroyed."""
    QApplication.sendPostedEvents(None, 52)  # QEvent.Type.DeferredDelete
    qtbot.wait(20)
    gc.collect()


# --- dialogs ---------------------------------------------------------------------------------


def consent_dialog(window: MainWindow) -> QWidget:
    window.commands.actions["record_consent"].trigger()
    found = window.findChild(ConsentDialog)
    assert found is not None
    return found


def sign_dialog(window: MainWindow) -> QWidget:
    window.commands.actions["sign"].trigger()
    found = window.findChild(SignDialog)
    assert found is not None
    return found


def file_dialog(window: MainWindow) -> QWidget:
    window.commands.actions["import"].trigger()
    found = window.findChild(QFileDialog)
    assert found is not None
    return found


def nobodys_dialog(window: MainWindow) -> QWidget:
    """A dialog without a parent, as the system's choosers may be."""
    del window
    dialog = QFileDialog(None, "Jörg Müller")
    dialog.open()
    return dialog


def stubborn_dialog(window: MainWindow) -> QWidget:
    """A dialog that doesn't let itself be closed, as one that prints."""

    class Stubborn(QDialog):
        def reject(self) -> None:
            """Stay."""

    dialog = Stubborn(window)
    dialog.setWindowTitle("Jörg Müller")
    dialog.setModal(True)
    dialog.open()
    return dialog


def message_box(window: MainWindow) -> QWidget:
    box = QMessageBox(window)
    box.setText("Jörg Müller")
    box.open()
    return box


def menu(window: MainWindow) -> QWidget:
    opened = window.menu_bar.actions()[0].menu()
    assert isinstance(opened, QWidget)
    opened.show()
    return opened


Opener = Callable[[MainWindow], QWidget]
OPENERS = (
    consent_dialog,
    sign_dialog,
    file_dialog,
    nobodys_dialog,
    stubborn_dialog,
    message_box,
    menu,
)


@pytest.mark.parametrize("opener", OPENERS, ids=lambda one: str(one.__name__))
def test_an_open_dialog_is_gone_with_the_lock_and_the_lock_screen_takes_the_keyboard(
    qtbot: QtBot, program: Program, drafted: Path, opener: Opener
) -> None:
    window = open_case(qtbot, program, drafted)
    dialog = opener(window)
    qtbot.waitUntil(dialog.isVisible)
    program.lock()
    assert seen(program) == []
    assert titles() == set()
    assert nothing_open(program)
    let_go(qtbot)
    assert seen(program) == []
    form = program.cover.unlock
    assert form is not None
    QTest.keyClicks(form.passphrase, PASSPHRASE)
    assert form.passphrase.text() == PASSPHRASE
    with qtbot.waitSignal(program.unlocked, timeout=20_000):
        QTest.keyClick(form.passphrase, Qt.Key.Key_Return)
    again = program.window
    assert again is not None
    qtbot.waitUntil(lambda: again.page.number == NUMBER)


@pytest.mark.parametrize("opener", OPENERS, ids=lambda one: str(one.__name__))
def test_a_dialog_is_gone_too_while_records_are_still_brought_in(
    qtbot: QtBot,
    program: Program,
    drafted: Path,
    opener: Opener,
    write: Callable[[str, str], Path],
) -> None:
    window = open_case(qtbot, program, drafted)
    dialog = opener(window)
    window.receiving.bring_in([write("n.txt", "Patient: Bo Hill\nDate of birth: 1971-01-01\n")])
    program.lock()
    assert seen(program) == []
    assert titles() == set()
    del dialog
    qtbot.waitUntil(lambda: nothing_open(program), timeout=20_000)


# --- what stays in memory ----------------------------------------------------------------------


def pictures() -> list[str]:
    """Every picture alive that is larger than an icon."""
    found = []
    for one in gc.get_objects():
        if isinstance(one, QImage | QPixmap) and max(one.width(), one.height()) > _LARGEST_ICON:
            found.append(f"{type(one).__name__} {one.width()} × {one.height()}")
    return found


def holders(secret: bytes) -> list[str]:
    """What still holds these bytes."""
    return [
        type(one).__name__
        for one in gc.get_objects()
        if one is not secret
        for held in gc.get_referents(one)
        if isinstance(held, bytes | bytearray) and held == secret and held is not secret
    ]


def test_no_picture_no_connection_and_no_key_outlives_the_lock(
    qtbot: QtBot, program: Program, folder: Path
) -> None:
    window = open_case(qtbot, program, folder)
    kept = QPixmap(300, 300)
    QPixmapCache.insert("record", kept)
    assert any("desk.db" in name for name in open_files())
    assert pictures()
    opened = members.unlock(header.read(folder), "", PASSPHRASE)
    assert opened.clinical is not None
    secrets = (opened.store, opened.clinical, opened.own, opened.pair.signing)
    assert any(holders(secret) for secret in secrets)
    del opened, kept, window
    program.lock()
    let_go(qtbot)
    assert pictures() == []
    assert QPixmapCache.find("record", QPixmap()) is False
    assert open_files() == []
    qtbot.waitUntil(key_files_closed)
    assert [holders(secret) for secret in secrets] == [[], [], [], []]


def test_what_was_copied_or_marked_here_is_taken_out_of_the_clipboard(
    qtbot: QtBot, program: Program, drafted: Path
) -> None:
    window = open_case(qtbot, program, drafted)
    window.queue.words.setFocus()
    QTest.keyClicks(window.queue.words, "left leg")
    window.queue.words.selectAll()
    window.queue.words.copy()
    clipboard = QApplication.clipboard()
    assert clipboard.text() == "left leg"
    program.lock()
    assert clipboard.text() == ""
    if clipboard.supportsSelection():
        assert clipboard.text(QClipboard.Mode.Selection) == ""


# --- jobs --------------------------------------------------------------------------------------


@pytest.fixture
def held_up() -> Iterator[threading.Event]:
    go_on = threading.Event()
    yield go_on
    go_on.set()


def test_a_job_that_reads_at_the_moment_of_the_lock_leaves_nothing_open(
    qtbot: QtBot, program: Program, drafted: Path, held_up: threading.Event
) -> None:
    window = open_case(qtbot, program, drafted)
    vault, tools = window.session.vault, window.session.tools
    reading, told = threading.Event(), list[object]()

    def job(_progress: Progress) -> str:
        with vault.read() as connection:
            assert vault.search.find("pain") is not None
            reading.set()
            held_up.wait(30)
            connection.sql.exec_driver_sql("SELECT 1")
        return "what a record says"

    tools.work.run(job, told.append, told.append, owner=window)
    qtbot.waitUntil(reading.is_set, timeout=20_000)
    del window
    program.lock()
    assert nothing_open(program)
    assert seen(program) == []
    held_up.set()
    qtbot.waitUntil(lambda: not tools.work.tasks, timeout=20_000)
    let_go(qtbot)
    assert told == []
    assert open_files() == []
    qtbot.waitUntil(key_files_closed)


def test_a_search_that_is_asked_after_the_lock_opens_nothing(
    qtbot: QtBot, program: Program, drafted: Path
) -> None:
    window = open_case(qtbot, program, drafted)
    index = window.session.vault.search
    program.lock()
    with pytest.raises(VaultLocked, match="locked"):
        index.find("pain")
    assert open_files() == []
    qtbot.waitUntil(key_files_closed)


def test_the_desk_may_be_locked_while_the_store_is_being_verified(
    qtbot: QtBot, program: Program, drafted: Path
) -> None:
    window = open_case(qtbot, program, drafted)
    window.commands.actions["verify"].trigger()
    program.lock()
    assert nothing_open(program)
    work = program._work  # noqa: SLF001
    qtbot.waitUntil(lambda: not work.tasks, timeout=20_000)
    del window
    let_go(qtbot)
    assert open_files() == []
    qtbot.waitUntil(key_files_closed)


# --- when ---------------------------------------------------------------------------------------


def test_locking_twice_is_locking_once(qtbot: QtBot, program: Program, drafted: Path) -> None:
    open_case(qtbot, program, drafted)
    told = list[int]()
    program.locked.connect(lambda: told.append(1))
    program.lock()
    program.lock()
    form = program.cover.unlock
    program.lock()
    assert told == [1]
    assert program.cover.unlock is form
    with qtbot.waitSignal(program.unlocked, timeout=20_000):
        unlock(program)


def test_a_lock_while_the_store_is_being_opened_locks_it_as_soon_as_it_is_open(
    qtbot: QtBot, program: Program, drafted: Path
) -> None:
    program.start(drafted)
    unlock(program)
    program.lock()
    with qtbot.waitSignal(program.locked, timeout=20_000):
        pass
    assert nothing_open(program)
    assert seen(program) == []
    with qtbot.waitSignal(program.unlocked, timeout=20_000):
        unlock(program)
    assert not nothing_open(program)


def test_a_lock_while_a_wrong_passphrase_is_tried_locks_nothing_afterwards(
    qtbot: QtBot, program: Program, drafted: Path
) -> None:
    program.start(drafted)
    unlock(program, "some wrong words")
    program.lock()
    form = program.cover.unlock
    assert form is not None
    qtbot.waitUntil(form.error.isVisible, timeout=20_000)
    with qtbot.assertNotEmitted(program.locked):
        with qtbot.waitSignal(program.unlocked, timeout=20_000):
            unlock(program)
        qtbot.wait(50)
    assert not nothing_open(program)


def test_a_screen_reader_that_follows_everything_finds_only_the_lock_screen(
    qtbot: QtBot, program: Program, drafted: Path
) -> None:
    window = open_case(qtbot, program, drafted)
    dialog = consent_dialog(window)
    QAccessible.setActive(True)
    try:
        asked = [
            QAccessible.queryAccessibleInterface(one)
            for root in (window, dialog)
            for one in (root, *root.findChildren(QWidget))
        ]
        assert len(asked) > 100
        program.lock()
        let_go(qtbot)
        names = []
        for one in QApplication.topLevelWidgets():
            told = QAccessible.queryAccessibleInterface(one)
            if one.isVisible():
                names.append(told.text(QAccessible.Text.Name))
        assert names == ["ConsultDesk"]
    finally:
        QAccessible.setActive(False)


@pytest.fixture
def computer(qtbot: QtBot, program: Program, bus: str, service: Service) -> Iterator[LinuxComputer]:
    """The computer around the program, on a bus of its own."""
    ours = QDBusConnection.connectToBus(bus, "program")
    computer = LinuxComputer(ours, ours, "7", program)
    program.listen_to(computer)
    service.wait(qtbot, "inhibited")
    yield computer
    computer.rest()
    QDBusConnection.disconnectFromBus("program")


@pytest.mark.usefixtures("computer")
def test_the_computer_sleeps_only_when_the_store_is_closed(
    qtbot: QtBot, program: Program, drafted: Path, service: Service
) -> None:
    open_case(qtbot, program, drafted)
    told = list[tuple[list[str], list[str]]]()
    program.locked.connect(lambda: told.append((open_files(), list(service.heard()))))
    service.happen("sleep")
    service.wait(qtbot, "inhibited", "released")
    assert told == [([], ["inhibited"])]
    assert nothing_open(program)
    service.happen("wake")
    service.wait(qtbot, "inhibited", "released", "inhibited")
    with qtbot.waitSignal(program.unlocked, timeout=20_000):
        unlock(program)


@pytest.mark.usefixtures("computer")
def test_sleep_on_the_lock_screen_is_not_held_up(
    qtbot: QtBot, program: Program, drafted: Path, service: Service
) -> None:
    program.start(drafted)
    service.happen("sleep")
    service.wait(qtbot, "inhibited", "released")


@pytest.mark.usefixtures("computer")
def test_sleep_waits_for_records_that_are_being_brought_in(
    qtbot: QtBot,
    program: Program,
    drafted: Path,
    service: Service,
    write: Callable[[str, str], Path],
) -> None:
    window = open_case(qtbot, program, drafted)
    told = list[list[str]]()
    window.receiving.received.connect(lambda _intake: told.append(list(service.heard())))
    window.receiving.bring_in([write("n.txt", "Patient: Bo Hill\nDate of birth: 1971-01-01\n")])
    service.happen("sleep")
    service.wait(qtbot, "inhibited", "released")
    assert told == [["inhibited"]]
    assert nothing_open(program)
    assert open_files() == []
    qtbot.waitUntil(key_files_closed)


@pytest.mark.usefixtures("computer")
@pytest.mark.parametrize("what", ["lock", "screen org.gnome.ScreenSaver on"])
def test_a_locked_screen_locks_the_desk(
    qtbot: QtBot, program: Program, drafted: Path, service: Service, what: str
) -> None:
    open_case(qtbot, program, drafted)
    with qtbot.waitSignal(program.locked):
        service.happen(what)
    assert nothing_open(program)


def test_a_computer_that_slept_locks_on_waking(
    qtbot: QtBot, program: Program, drafted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_case(qtbot, program, drafted)
    import time

    real = time.time
    monkeypatch.setattr("consultdesk.desktop.idle.time.time", lambda: real() + 11 * 60)
    with qtbot.waitSignal(program.locked, timeout=5000):
        pass
    assert nothing_open(program)


# --- the program as it is started ----------------------------------------------------------------

_SCRIPT = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from consultdesk.desktop import app

real = app.Program.start

def start(self, folder, open_with=None):
    self.unlocked.connect(lambda window: print("unlocked", flush=True))
    self.locked.connect(lambda: print("locked", self.session is None, flush=True))
    self.locked.connect(lambda: QTimer.singleShot(300, QApplication.quit))
    real(self, folder, open_with)

app.Program.start = start
sys.exit(app.run(Path(sys.argv[1]), open_with=("", sys.argv[2])))
"""


def test_the_program_finds_the_buses_by_itself_once_its_window_is_open(
    qtbot: QtBot, checkout: Path, tmp_path: Path, drafted: Path, bus: str, service: Service
) -> None:
    running = subprocess.Popen(
        [sys.executable, "-c", _SCRIPT, str(drafted), PASSPHRASE],
        cwd=checkout,
        env=os.environ
        | {
            "DBUS_SYSTEM_BUS_ADDRESS": bus,
            "DBUS_SESSION_BUS_ADDRESS": bus,
            "XDG_SESSION_ID": "7",
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
            "QT_QPA_PLATFORM": "offscreen",
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        qtbot.waitUntil(lambda: service.heard() == ["inhibited"], timeout=40_000)
        service.happen("sleep")
        said, _ = running.communicate(timeout=40)
    finally:
        running.kill()
        running.communicate()
    assert said.split() == ["unlocked", "locked", "True"]
    assert running.returncode == 0
    service.wait(qtbot, "inhibited", "released")
