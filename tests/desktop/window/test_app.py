import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from consultdesk.consultation.audit import Role, User
from consultdesk.desk import backup, cases, opinion, store
from consultdesk.desktop import places
from consultdesk.desktop.app import Program
from consultdesk.desktop.first_run import NewStore
from consultdesk.samples.practice import PASSPHRASE
from consultdesk.vault import header
from consultdesk.vault.header import RECOVERY
from tests.desktop.window.running import folder, nothing_open, open_desk, program, unlock
from tests.stations import now as clock

__all__ = ["folder", "program"]

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)")


def test_the_lock_screen_comes_first_and_a_wrong_passphrase_is_one_sentence(
    qtbot: QtBot, program: Program, folder: Path
) -> None:
    program.start(folder)
    assert program.cover.isVisible()
    assert program.window is None
    form = program.cover.unlock
    assert form is not None
    unlock(program, "wrong words here")
    qtbot.waitUntil(lambda: form.error.isVisible(), timeout=20_000)
    assert "\n" not in form.error.text()
    assert program.window is None


def test_after_wrong_passphrases_the_lock_screen_counts_down_also_when_it_is_begun_anew(
    qtbot: QtBot, program: Program, folder: Path
) -> None:
    program.start(folder)
    form = program.cover.unlock
    assert form is not None
    started = clock()
    program.now = lambda: started  # so that deriving the key takes no time
    for wrong in range(3):
        unlock(program, f"wrong words {wrong}")
        qtbot.waitUntil(lambda: form.error.isVisible() and not form.busy.isVisible())
    assert "try again in" in form.wait.text()
    assert not form.unlock_store.isEnabled()
    program.start(folder)
    again = program.cover.unlock
    assert again is not None
    assert again is not form
    qtbot.waitUntil(lambda: not again.unlock_store.isEnabled())
    assert "try again in" in again.wait.text()
    program.now = lambda: started + 1500
    qtbot.waitUntil(again.unlock_store.isEnabled)
    with qtbot.waitSignal(program.unlocked, timeout=20_000):
        unlock(program, PASSPHRASE)


def test_a_store_that_is_open_elsewhere_is_named_as_busy(
    qtbot: QtBot, program: Program, folder: Path
) -> None:
    other = store.unlock(folder, "", PASSPHRASE, clock(), desktop=True)
    program.start(folder)
    form = program.cover.unlock
    assert form is not None
    unlock(program, PASSPHRASE)
    qtbot.waitUntil(lambda: "open on another desk" in form.error.text(), timeout=20_000)
    other.close()


def test_a_folder_without_a_store_says_so(qtbot: QtBot, program: Program, tmp_path: Path) -> None:
    program.start(tmp_path)
    form = program.cover.unlock
    assert form is not None
    qtbot.waitUntil(lambda: "no ConsultDesk store" in form.error.text(), timeout=20_000)


def test_a_damaged_key_file_is_one_sentence(qtbot: QtBot, program: Program, folder: Path) -> None:
    for name in ("keys.json", "keys-copy.json"):
        (folder / name).write_text("{", encoding="utf-8")
    program.start(folder)
    form = program.cover.unlock
    assert form is not None
    qtbot.waitUntil(lambda: "key file" in form.error.text(), timeout=20_000)


def test_locking_seals_the_draft_and_unlocking_comes_back_to_the_place(
    qtbot: QtBot, program: Program, folder: Path
) -> None:
    window = open_desk(qtbot, program, folder)
    with qtbot.waitSignal(window.page.shown):
        window.open_case("2026-0001")
    second = window.page.tabs.bar.tabData(1)
    window.page.tabs.choose(second)
    qtbot.waitUntil(lambda: window.assessment.own_read is not None)
    field = window.assessment.read_area.findChildren(QLineEdit)[0]
    field.setFocus()
    QTest.keyClicks(field, "Protrusion")
    QApplication.clipboard().setText("a line of a record")
    program.lock()
    assert nothing_open(program)
    assert program.cover.isVisible()
    assert QApplication.clipboard().text() == ""
    assert not any(
        one.isVisible() for one in QApplication.topLevelWidgets() if one is not program.cover
    )
    with qtbot.waitSignal(program.unlocked, timeout=20_000):
        unlock(program, PASSPHRASE)
    again = program.window
    assert again is not None
    qtbot.waitUntil(lambda: again.page.view is not None)
    assert again.page.number == "2026-0001"
    assert again.page.tabs.chosen == second
    assert program.session is not None
    kept = opinion.assessment(program.session.vault, "2026-0001").own_read
    assert any("Protrusion" in words for words in (kept.diagnosis, *kept.answers.values()))


def test_the_desk_locks_by_itself_and_no_edit_holds_it_up(
    qtbot: QtBot, program: Program, folder: Path
) -> None:
    window = open_desk(qtbot, program, folder)
    with qtbot.waitSignal(window.page.shown):
        window.open_case("2026-0001")
    qtbot.waitUntil(lambda: window.assessment.own_read is not None)
    said: list[int] = []
    program.idle.left_changed.connect(said.append)
    program.idle.set_minutes(1)
    QTest.keyClicks(window.assessment.read_area.findChildren(QLineEdit)[0], "x")
    for _second in range(59):
        program.idle._tick()  # noqa: SLF001
    assert said[0] == 59
    assert "Locks in" in window.status.locks.text()
    program.idle._tick()  # noqa: SLF001
    assert nothing_open(program)


def test_ctrl_l_locks_from_a_text_field(qtbot: QtBot, program: Program, folder: Path) -> None:
    window = open_desk(qtbot, program, folder)
    with qtbot.waitSignal(program.locked):
        QTest.keyClick(window.queue.words, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)


def test_ctrl_k_in_a_text_field_cuts_nothing(qtbot: QtBot, program: Program, folder: Path) -> None:
    window = open_desk(qtbot, program, folder)
    words = window.queue.words
    words.setFocus()
    QTest.keyClicks(words, "left leg jk")
    words.setCursorPosition(0)
    QTest.keyClick(words, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert words.text() == "left leg jk"


def test_an_import_under_way_survives_the_lock(
    qtbot: QtBot,
    program: Program,
    folder: Path,
    write: Callable[[str, str], Path],
) -> None:
    window = open_desk(qtbot, program, folder)
    taken: list[str] = []
    window.receiving.received.connect(lambda intake: taken.append(intake.number))
    window.receiving.bring_in([write("n.txt", "Patient: Bo Hill\nDate of birth: 1971-01-01\n")])
    program.lock()
    assert not window.isVisible()
    assert window.windowTitle() == "ConsultDesk"
    qtbot.waitUntil(lambda: bool(taken), timeout=20_000)
    qtbot.waitUntil(lambda: nothing_open(program))
    with qtbot.waitSignal(program.unlocked, timeout=20_000):
        unlock(program, PASSPHRASE)
    assert program.session is not None
    assert cases.open_case(program.session.vault, taken[0]).patient.name == "Bo Hill"


def test_a_backup_under_way_survives_the_lock_and_the_store_is_closed_after_it(
    qtbot: QtBot, program: Program, folder: Path, tmp_path: Path
) -> None:
    window = open_desk(qtbot, program, folder)
    stick = tmp_path / "stick"
    stick.mkdir()
    backup.choose_place(window.session.vault, stick, clock())
    made: list[object] = []
    window.backups.ended.connect(made.append)
    window.backups.begin()
    program.lock()
    assert not window.isVisible()
    qtbot.waitUntil(lambda: bool(made), timeout=20_000)
    qtbot.waitUntil(lambda: nothing_open(program))
    assert [one.verified > 0 for one in backup.listed(backup.find(stick))] == [True]


def test_a_backup_that_fails_behind_the_lock_lets_the_store_be_closed_too(
    qtbot: QtBot, program: Program, folder: Path, tmp_path: Path
) -> None:
    window = open_desk(qtbot, program, folder)
    stick = tmp_path / "stick"
    stick.mkdir()
    backup.choose_place(window.session.vault, stick, clock())
    stick.rmdir()
    window.backups.begin()
    program.lock()
    qtbot.waitUntil(lambda: nothing_open(program), timeout=20_000)
    assert not stick.exists()


def test_a_first_run_makes_a_store_and_its_recovery_key_opens_it(
    qtbot: QtBot, program: Program, tmp_path: Path
) -> None:
    program.start(None)
    form = program.cover.first_run
    assert form is not None
    folder = tmp_path / "new.desk"
    said = NewStore(
        "Dr. Ada Lind", "lind", "", "four quiet harbour lamps", str(folder), False, False,
        practice="Lakeside Spine", phone="+44 20 7946 0000",
    )  # fmt: skip
    form.store_requested.emit(said)
    qtbot.waitUntil(lambda: form.recovery_key.isVisible(), timeout=60_000)
    labels = form.recovery_key.findChildren(QLabel)
    sheet = "".join(one.text() for one in labels if len(one.text()) == 4)
    assert len(header.read(folder).member("lind").slots) == 1
    form.forward.click()
    QTest.keyClicks(form.typed_key, sheet.lower())
    with qtbot.waitSignal(program.unlocked, timeout=20_000):
        QTest.keyClick(form.typed_key, Qt.Key.Key_Return)
    assert program.window is not None
    assert not program.window.status.sheet.isVisible()
    assert places.last_store() == folder
    assert program.session is not None
    head = store.letterhead(program.session.vault)
    assert (head.name, head.phone) == ("Lakeside Spine", "+44 20 7946 0000")
    program.lock()
    from consultdesk.desktop import opening

    opening.unlock(folder, RECOVERY, sheet.lower(), clock()).close()
    opening.unlock(folder, "", "four quiet harbour lamps", clock()).close()


def test_a_demo_store_says_so_at_all_times(qtbot: QtBot, program: Program, folder: Path) -> None:
    places.mark_demo(folder)
    window = open_desk(qtbot, program, folder)
    assert window.status.demo.isVisible()
    program.lock()
    form = program.cover.unlock
    assert form is not None
    qtbot.waitUntil(lambda: PASSPHRASE in form.note.accessibleName(), timeout=20_000)


# --- the process ----------------------------------------------------------------------------

_SCRIPT = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from consultdesk.desktop import app

opened = []
real = app.Program.start

def start(self, folder, open_with=None):
    def then(window):
        opened.append(window)
        window.open_case("2026-0001")
        QTimer.singleShot(700, window.close)
    self.unlocked.connect(then)
    real(self, folder, open_with)

app.Program.start = start
code = app.run(Path(sys.argv[1]), open_with=("", sys.argv[2]))
print("opened", len(opened), "code", code, flush=True)
sys.exit(code)
"""


def _environment(tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_DATA_HOME": str(tmp_path / "data"),
    }


def test_the_program_opens_a_store_shows_a_case_and_ends_cleanly(
    checkout: Path, tmp_path: Path, folder: Path
) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(folder), PASSPHRASE],
        cwd=checkout,
        env=_environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.stdout.strip() == "opened 1 code 0", ran.stderr
    assert ran.returncode == 0
    said = [line for line in ran.stderr.splitlines() if "This plugin does not" not in line]
    assert said == []


def test_a_request_to_end_is_a_clean_exit_also_on_the_lock_screen(
    checkout: Path, tmp_path: Path, folder: Path
) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "consultdesk", "open", str(folder)],
        cwd=checkout,
        env=_environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    limit = time.monotonic() + 30
    handled = f"/proc/{running.pid}/status"
    while time.monotonic() < limit and not _catches_term(handled):
        time.sleep(0.05)
    running.send_signal(signal.SIGTERM)
    _out, said = running.communicate(timeout=60)
    assert running.returncode == 0, said


def _catches_term(status: str) -> bool:
    """Whether the process has its own way to end on SIGTERM."""
    try:
        lines = Path(status).read_text("utf-8").splitlines()
    except OSError:
        pytest.skip("this system has no /proc to say when the program is ready")
    caught = next(line for line in lines if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def test_the_lock_screen_needs_neither_store_nor_records(checkout: Path) -> None:
    script = (
        "import sys; import consultdesk.desktop.app; "
        "heavy = {'sqlalchemy', 'pydicom', 'numpy', 'reportlab', 'pyqtgraph', 'PIL'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=checkout, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"


def test_the_lock_screen_knows_who_may_open_the_store(tmp_path: Path) -> None:
    from consultdesk.desktop import opening

    made = store.make(
        tmp_path / "c.desk",
        User("lind", "Dr. Ada Lind", Role.PHYSICIAN),
        PASSPHRASE,
        clock(),
        throw_away=True,
    )
    made.close()
    assert opening.users(tmp_path / "c.desk") == ("lind",)
