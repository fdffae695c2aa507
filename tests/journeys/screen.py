"""A display of its own, with a window manager, a hand that types, and a camera."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

SIZE = (1440, 900)
_NEEDED = ("Xvfb", "openbox", "xdotool")


def require_screen() -> None:
    """Skip, saying what is missing, where no virtual display can be made."""
    missing = [program for program in _NEEDED if shutil.which(program) is None]
    if missing:
        pytest.skip(f"a virtual display needs {', '.join(missing)}")


def until(holds: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Wait until something holds; fail saying what didn't come about."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds:.0f} s still waiting until {what}")
        time.sleep(0.05)


@dataclass(frozen=True)
class Screen:
    """One virtual display."""

    number: int
    source: subprocess.Popen[str]

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to show itself here."""
        kept = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"}
        return kept | {"DISPLAY": f":{self.number}"}

    def do(self, *words: str) -> str:
        """One order to the hand (xdotool)."""
        asked = subprocess.run(
            ["xdotool", *words], env=self.environment, capture_output=True, text=True, check=False
        )
        return asked.stdout.strip()

    def keys(self, *names: str) -> None:
        """Press keys one after the other, e.g. "ctrl+k", "Return"."""
        for name in names:
            self.do("key", "--clearmodifiers", name)
            time.sleep(0.05)

    def type(self, text: str) -> None:
        """Type a text, key by key."""
        self.do("type", "--clearmodifiers", "--delay", "12", text)

    def titles(self) -> list[str]:
        """The titles of all windows to be seen, the drag source left out."""
        found = self.do("search", "--onlyvisible", "--name", "").splitlines()
        named = [self.do("getwindowname", window) for window in found]
        return [name for name in named if name and name != "drag source"]

    def wait_for_window(self, words: str, seconds: float = 60) -> None:
        """Wait until a window whose title has these words is to be seen."""
        until(
            lambda: any(words in title for title in self.titles()),
            f"a window called “{words}” is shown (there are {self.titles()})",
            seconds,
        )

    def drag_to(self, left: int, top: int) -> None:
        """Drag the source's files to a point and let go."""
        self.do("mousemove", "40", "20")
        self.do("mousedown", "1")
        steps = 12
        for n in range(1, steps + 1):
            self.do(
                "mousemove", str(40 + (left - 40) * n // steps), str(20 + (top - 20) * n // steps)
            )
            time.sleep(0.05)
        time.sleep(0.3)
        self.do("mouseup", "1")
        self._answer("dropped")

    def photograph(self, path: Path) -> None:
        """Save a picture of the whole display."""
        assert self.source.stdin is not None
        self.source.stdin.write(f"photo {path}\n")
        self.source.stdin.flush()
        self._answer("photographed")

    def _answer(self, wanted: str) -> None:
        out: IO[str] | None = self.source.stdout
        assert out is not None
        assert out.readline().strip() == wanted


@contextmanager
def screen(files: list[Path]) -> Iterator[Screen]:
    """Start a display whose corner offers `files` to be dragged."""
    require_screen()
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-nolisten", "tcp",
         "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24"],
        pass_fds=[writing], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writing)
    with os.fdopen(reading) as told:
        number = int(told.readline())
    environment = {**os.environ, "DISPLAY": f":{number}"}
    environment.pop("QT_QPA_PLATFORM", None)
    manager = subprocess.Popen(["openbox"], env=environment, stderr=subprocess.DEVNULL)
    source = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("drag_source.py")), *map(str, files)],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert source.stdout is not None
        assert source.stdout.readline().strip() == "ready"
        yield Screen(number, source)
    finally:
        for process in (source, manager, server):
            process.terminate()
            process.wait(timeout=10)
