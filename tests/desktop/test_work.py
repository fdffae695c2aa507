import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import SIGNAL, QObject
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from consultdesk.consultation.source import Progress
from consultdesk.desktop.work import Work
from consultdesk.errors import Cancelled, ConsultDeskError, RecordUnreadable


def test_a_job_runs_beside_the_window_and_its_answer_comes_back_on_it(
    qtbot: QtBot, work: Work
) -> None:
    window_thread = threading.get_ident()
    heard: list[tuple[int, int]] = []
    work.run(
        lambda _progress: threading.get_ident(),
        lambda job_thread: heard.append((job_thread, threading.get_ident())),
    )
    qtbot.waitUntil(lambda: bool(heard))
    job_thread, answer_thread = heard[0]
    assert job_thread != window_thread
    assert answer_thread == window_thread


def test_a_thousand_jobs_all_answer_once(qtbot: QtBot, work: Work) -> None:
    heard: list[int] = []
    owner = QWidget()
    qtbot.addWidget(owner)

    def job(number: int) -> int:
        return number * 2

    listeners = SIGNAL("destroyed(QObject*)")
    work.run(lambda _progress: 0, lambda _answer: None, owner=owner)
    qtbot.waitUntil(lambda: work.tasks == ())
    after_one = owner.receivers(listeners)
    for number in range(1000):
        work.run(lambda _progress, n=number: job(n), heard.append, owner=owner)  # type: ignore[misc]
    qtbot.waitUntil(lambda: len(heard) == 1000, timeout=20_000)
    assert sorted(heard) == [2 * n for n in range(1000)]
    assert work.tasks == ()
    assert owner.receivers(listeners) == after_one


def test_an_answer_is_dropped_when_its_widget_is_gone(qtbot: QtBot, work: Work) -> None:
    go = threading.Event()
    running, stopped = threading.Event(), threading.Event()
    heard: list[int] = []
    owner = QWidget()

    def job(progress: Progress) -> int:
        running.set()
        go.wait(10)
        if progress.cancelled():
            stopped.set()
        return 1

    work.run(job, heard.append, lambda _error: heard.append(2), owner=owner)
    assert running.wait(10)
    owner.deleteLater()
    qtbot.waitUntil(lambda: not shiboken6.isValid(owner))
    with qtbot.waitSignal(work.ended):
        go.set()
    assert stopped.is_set()
    assert heard == []


def test_an_answer_is_dropped_when_its_widget_dies_between_job_and_answer(
    qtbot: QtBot, work: Work
) -> None:
    heard: list[object] = []
    owner = QObject()
    left = threading.Event()

    def job(_progress: Progress) -> int:
        left.set()
        return 1

    work.run(job, heard.append, heard.append, owner=owner)
    assert left.wait(10)
    shiboken6.delete(owner)
    assert work.tasks, "the answer waits for the window, which has not looked yet"
    qtbot.waitUntil(lambda: not work.tasks)
    assert heard == []


def test_a_failure_worded_for_a_person_goes_to_failed(qtbot: QtBot, work: Work) -> None:
    heard: list[ConsultDeskError] = []

    def job(_progress: Progress) -> None:
        raise RecordUnreadable("The file is cut short.")

    work.run(job, lambda _answer: pytest.fail("it failed"), heard.append)
    qtbot.waitUntil(lambda: bool(heard))
    assert str(heard[0]) == "The file is cut short."


def test_a_fault_of_the_program_goes_to_the_excepthook(
    qtbot: QtBot, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    caught: list[BaseException] = []
    monkeypatch.setattr(sys, "excepthook", lambda _kind, error, _trace: caught.append(error))
    work.run(lambda _progress: 1 // 0, lambda _answer: None, lambda _error: None)
    qtbot.waitUntil(lambda: bool(caught))
    assert isinstance(caught[0], ZeroDivisionError)


def test_a_cancelled_job_stops_and_says_so(qtbot: QtBot, work: Work) -> None:
    heard: list[ConsultDeskError] = []
    running = threading.Event()

    def job(progress: Progress) -> None:
        running.set()
        while not progress.cancelled():
            time.sleep(0.001)
        raise Cancelled("Stopped.")

    task = work.run(job, lambda _answer: pytest.fail("it was stopped"), heard.append)
    assert running.wait(10)
    task.cancel()
    qtbot.waitUntil(lambda: bool(heard))
    assert isinstance(heard[0], Cancelled)


def test_a_job_that_was_too_far_to_stop_still_says_what_it_did(qtbot: QtBot, work: Work) -> None:
    heard: list[str] = []
    running, go = threading.Event(), threading.Event()

    def job(_progress: Progress) -> str:
        running.set()
        go.wait(10)
        return "stored"

    task = work.run(job, heard.append)
    assert running.wait(10)
    task.cancel()
    go.set()
    qtbot.waitUntil(lambda: heard == ["stored"])


def test_a_forgotten_job_says_nothing(qtbot: QtBot, work: Work) -> None:
    heard: list[object] = []
    task = work.run(lambda _progress: 1, heard.append, heard.append)
    task.forget()
    qtbot.waitUntil(lambda: not work.tasks)
    assert heard == []


def test_progress_arrives_on_the_window_and_its_newest_word_is_never_lost(
    qtbot: QtBot, work: Work
) -> None:
    seen: list[tuple[int, int, str]] = []
    finished: list[int] = []

    def job(progress: Progress) -> int:
        for done in range(1, 5001):
            progress.report(done, 5000, "reading")
        return 0

    work.run(job, finished.append, progress=lambda *said: seen.append(said))
    qtbot.waitUntil(lambda: bool(finished))
    assert seen[-1] == (5000, 5000, "reading")
    assert [done for done, _total, _what in seen] == sorted(done for done, _t, _w in seen)


def test_shutting_down_stops_and_waits_for_every_job(qtbot: QtBot) -> None:
    work = Work(threads=2)
    ended: list[int] = []
    heard: list[object] = []

    def job(progress: Progress) -> None:
        while not progress.cancelled():
            time.sleep(0.001)
        ended.append(1)

    for _ in range(2):
        work.run(job, heard.append)
    waiting = [work.run(lambda _progress: heard.append("ran"), heard.append) for _ in range(20)]
    qtbot.waitUntil(lambda: len(work.tasks) == 22)
    work.shut_down()
    QApplication.processEvents()
    assert not any(task.running for task in waiting)
    assert len(ended) <= 2
    assert heard == []
    late = work.run(lambda _progress: heard.append("late"), heard.append)
    assert not late.running
    assert heard == []


def test_leaving_the_program_during_a_job_is_quiet_and_clean(tmp_path: Path) -> None:
    script = tmp_path / "leave.py"
    script.write_text(
        "import sys, time\n"
        "from PySide6.QtWidgets import QApplication, QWidget\n"
        "from consultdesk.desktop.work import Work\n"
        "app = QApplication([])\n"
        "work = Work()\n"
        "owner = QWidget()\n"
        "def job(progress):\n"
        "    while not progress.cancelled():\n"
        "        time.sleep(0.001)\n"
        "for _ in range(50):\n"
        "    work.run(job, print, owner=owner)\n"
        "app.processEvents()\n"
        "print('left')\n",
        encoding="utf-8",
    )
    ended = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": "."},
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "left\n", "")
