"""A private message bus, and a process on it that is this computer's logind."""

import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
from pytestqt.qtbot import QtBot

ROOT = Path(__file__).parents[2]


@contextmanager
def private_bus(folder: Path) -> Iterator[str]:
    """A bus daemon of its own; its address."""
    daemon = shutil.which("dbus-daemon")
    if daemon is None:
        pytest.skip("this computer has no dbus-daemon")
    address = f"unix:path={folder / 'bus'}"
    running = subprocess.Popen(
        [daemon, "--session", "--nofork", "--print-address=1", f"--address={address}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert running.stdout is not None
        assert running.stdout.readline().startswith("unix:")
        yield address
    finally:
        running.kill()
        running.communicate()


class Service:
    """logind in a process of its own: tell it what happens, hear what the desk did."""

    def __init__(self, address: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.desktop.session_service", address],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, out = self._process.stdin, self._process.stdout
        assert out.readline() == "ready\n"
        self._heard: queue.Queue[str] = queue.Queue()
        self.said: list[str] = []
        self._reader = threading.Thread(target=self._read, args=(out,), daemon=True)
        self._reader.start()

    def happen(self, what: str) -> None:
        """Something happens to the computer."""
        self._in.write(f"{what}\n")
        self._in.flush()

    def heard(self) -> list[str]:
        """Everything the desk did so far."""
        while not self._heard.empty():
            self.said.append(self._heard.get())
        return self.said

    def wait(self, qtbot: QtBot, *said: str) -> None:
        """Wait until the desk has done exactly this since the beginning."""
        qtbot.waitUntil(lambda: self.heard() == list(said), timeout=10_000)

    def end(self) -> None:
        """Leave the bus."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for pipe in (self._in, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _read(self, out: IO[str]) -> None:
        for line in out:
            self._heard.put(line.strip())


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[str]:
    with private_bus(tmp_path) as address:
        yield address


@pytest.fixture
def service(bus: str) -> Iterator[Service]:
    running = Service(bus)
    yield running
    running.end()


Happening = Callable[[str], None]
