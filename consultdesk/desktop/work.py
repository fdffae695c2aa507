"""Long work beside the window: the only place that starts threads."""

import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, QThreadPool, Signal, Slot

from consultdesk.consultation.source import Progress
from consultdesk.errors import Cancelled, ConsultDeskError

T = TypeVar("T")
Reported = tuple[int, int, str]


class Task:
    """One piece of work under way, as the window sees it."""

    def __init__(self, number: int, name: str) -> None:
        self.number = number
        self.name = name
        self.running = True
        self.stop = threading.Event()
        self._forgotten = False
        self.done: Callable[[Any], None] | None = None
        self.failed: Callable[[ConsultDeskError], None] | None = None
        self.progress: Callable[[int, int, str], None] | None = None
        self.owner: QObject | None = None

    def cancel(self) -> None:
        """Ask the job to stop. It ends in `failed(Cancelled)`, or in `done` if it was too late."""
        self.stop.set()

    def forget(self) -> None:
        """Ask the job to stop, and drop whatever it still says."""
        self._forgotten = True
        self.stop.set()

    @property
    def cancelled(self) -> bool:
        """Whether someone asked it to stop."""
        return self.stop.is_set()

    @property
    def heard(self) -> bool:
        """Whether anyone still wants the answer: false once its owner is gone."""
        if self._forgotten:
            return False
        return self.owner is None or bool(shiboken6.isValid(self.owner))


class _Latest:
    """The newest progress of a job; a job that reports often doesn't flood the window."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said: Reported | None = None

    def put(self, said: Reported) -> bool:
        """Keep it; true when the window hasn't been told of one that waits already."""
        with self._lock:
            waiting = self._said is not None
            self._said = said
        return not waiting

    def take(self) -> Reported | None:
        with self._lock:
            said, self._said = self._said, None
        return said


class Work(QObject):
    """Runs jobs on threads of its own and brings their answers back to the window.

    A job takes a `Progress` and plain values, touches no widget, and returns a plain value.
    `began` and `ended` carry the Task, for a list of jobs.
    """

    began = Signal(object)
    ended = Signal(object)
    _ended_on_thread = Signal(int, object, object)
    _reported_on_thread = Signal(int, object)

    def __init__(self, parent: QObject | None = None, threads: int = 4) -> None:
        super().__init__(parent)
        self._pool = QThreadPool()
        self._pool.setMaxThreadCount(threads)
        self._tasks: dict[int, Task] = {}
        self._stops: dict[int, threading.Event] = {}
        self._count = 0
        self._closed = False
        queued = Qt.ConnectionType.QueuedConnection
        self._ended_on_thread.connect(self._deliver, queued)
        self._reported_on_thread.connect(self._show_progress, queued)
        # Whatever way the program ends, no job may outlive the interpreter: that aborts.
        self._drain = weakref.finalize(self, _drain, self._pool, self._stops)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """What is under way now, oldest first."""
        return tuple(self._tasks.values())

    def run(
        self,
        job: Callable[[Progress], T],
        done: Callable[[T], None],
        failed: Callable[[ConsultDeskError], None] | None = None,
        progress: Callable[[int, int, str], None] | None = None,
        owner: QObject | None = None,
        *,
        name: str = "",
        priority: int = 0,
    ) -> Task:
        """Start a job; `done`, `failed` and `progress` are called on the window's thread.

        A ConsultDeskError goes to `failed`, any other error to `sys.excepthook`. When `owner`
        is gone the job is asked to stop and nothing is called. Higher `priority` runs sooner.
        After `shut_down` nothing is started any more.
        """
        self._count += 1
        task = Task(self._count, name)
        task.done, task.failed, task.progress, task.owner = done, failed, progress, owner
        if self._closed:
            task.forget()
            task.running = False
            return task
        stop = task.stop
        if owner is not None:
            # The event alone: the job must not keep a widget alive on another thread.
            owner.destroyed.connect(stop.set)
        self._tasks[task.number] = task
        self._stops[task.number] = stop
        self._pool.start(self._runner(task.number, job, stop), priority)
        self.began.emit(task)
        return task

    def shut_down(self) -> None:
        """Ask every job to stop, wait until all have, and drop their answers."""
        self._closed = True
        for task in self._tasks.values():
            task.forget()
        self._pool.waitForDone()
        for task in self._tasks.values():
            task.running = False
        self._tasks.clear()
        self._stops.clear()

    def _runner(
        self, number: int, job: Callable[[Progress], T], stop: threading.Event
    ) -> Callable[[], None]:
        latest = _Latest()
        ended, reported = self._ended_on_thread, self._reported_on_thread

        def report(done: int, total: int, what: str) -> None:
            if latest.put((done, total, what)):
                reported.emit(number, latest)

        def run() -> None:
            answer: object = None
            error: BaseException | None = None
            try:
                if stop.is_set():
                    raise Cancelled("Stopped before it began.")
                answer = job(Progress(report, stop.is_set))
            except BaseException as caught:  # handed on whole, nothing is swallowed
                error = caught
            ended.emit(number, answer, error)

        return run

    @Slot(int, object)
    def _show_progress(self, number: int, latest: _Latest) -> None:
        task = self._tasks.get(number)
        said = latest.take()
        if task is None or said is None or not task.heard or task.progress is None:
            return
        task.progress(*said)

    @Slot(int, object, object)
    def _deliver(self, number: int, answer: object, error: BaseException | None) -> None:
        task = self._tasks.pop(number, None)
        self._stops.pop(number, None)
        if task is None:
            return
        task.running = False
        heard = task.heard
        if task.owner is not None and shiboken6.isValid(task.owner):
            task.owner.destroyed.disconnect(task.stop.set)
        self.ended.emit(task)
        if not heard:
            return
        if error is None:
            if task.done is not None:
                task.done(answer)
        elif isinstance(error, ConsultDeskError):
            if task.failed is not None:
                task.failed(error)
            elif not isinstance(error, Cancelled):
                sys.excepthook(type(error), error, error.__traceback__)
        else:
            sys.excepthook(type(error), error, error.__traceback__)


def _drain(pool: QThreadPool, stops: dict[int, threading.Event]) -> None:
    for stop in list(stops.values()):
        stop.set()
    if shiboken6.isValid(pool):
        pool.waitForDone()
