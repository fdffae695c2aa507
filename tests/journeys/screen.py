"""A display of its own, with a window manager, a hand that types, and a camera."""

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

SIZE = (1600, 1100)
FIELDS = ("text", "password text", "entry", "combo box", "spin button", "editbar")
_NEEDED = ("Xvfb", "openbox", "xdotool", "dbus-daemon")
_SYSTEM_PYTHON = "/usr/bin/python3"
_READER_BUS = "/usr/libexec/at-spi-bus-launcher"


def require_screen() -> None:
    """Skip, saying what is missing, where no virtual display can be made."""
    missing = [program for program in _NEEDED if shutil.which(program) is None]
    if missing:
        pytest.skip(f"a virtual display needs {', '.join(missing)}")
    asked = [_SYSTEM_PYTHON, "-c", "import gi; gi.require_version('Atspi', '2.0')"]
    if not Path(_READER_BUS).exists() or subprocess.run(asked, capture_output=True).returncode:
        pytest.skip("seeing as a screen reader needs at-spi2-core, python3-gi, gir1.2-atspi-2.0")


def until(holds: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Wait until something holds; fail saying what didn't come about."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds:.0f} s still waiting until {what}")
        time.sleep(0.05)


@dataclass(frozen=True)
class Seen:
    """One thing on the screen, as a screen reader is told of it."""

    role: str
    name: str
    description: str
    left: int
    top: int
    width: int
    height: int
    states: tuple[str, ...]
    text: str

    @property
    def middle(self) -> tuple[int, int]:
        """Where a person would click."""
        return self.left + self.width // 2, self.top + self.height // 2


_PARTS = tuple(field.name for field in fields(Seen))


@dataclass(frozen=True)
class Screen:
    """One virtual display."""

    environment: dict[str, str]
    source: subprocess.Popen[str]
    eyes: subprocess.Popen[str]

    def look(self) -> list[Seen]:
        """Everything of the desk that is showing."""
        return self._seen("look")

    def _seen(self, order: str) -> list[Seen]:
        rows = json.loads(_ask(self.eyes, order))
        return [
            Seen(**(dict(zip(_PARTS, row, strict=True)) | {"states": tuple(row[7])}))
            for row in rows
        ]

    def find(
        self, name: str, *roles: str, seconds: float = 30, state: str = "", without: str = ""
    ) -> Seen:
        """What bears this accessible name (or begins with it, ending in "…"), once it shows.

        With `state` it must have that state, and not the state `without`.
        """
        found: list[Seen] = []

        def there() -> bool:
            found[:] = [
                one
                for one in self._seen(f"look {name}")
                if (not roles or one.role in roles)
                and one.width > 0
                and (not state or state in one.states)
                and (not without or without not in one.states)
            ]
            return bool(found)

        until(there, f"“{name}” is on the screen {state}", seconds)
        return found[-1]

    def click(self, name: str, *roles: str, seconds: float = 30) -> Seen:
        """Click what bears this name, once it is enabled."""
        one = self.find(name, *roles, seconds=seconds, state="enabled")
        self.do("mousemove", *map(str, one.middle), "click", "1")
        time.sleep(0.2)
        return one

    def tab_to(self, name: str, *roles: str, most: int = 80) -> Seen:
        """Go to something by Tab, as one who uses no mouse does; it scrolls into view."""
        here: list[Seen] = []
        here = [one for one in self.look() if "focused" in one.states]
        self._seen("focus 0")
        for _ in range(most):
            for one in here:
                if _named(one, name) and (not roles or one.role in roles):
                    return one
            self.keys("Tab")
            here = self._seen("focus 1") or here
        raise AssertionError(f"Tab never came to “{name}”; it is at {here}")

    def write(self, name: str, text: str) -> None:
        """Go to a field by Tab and type over what it holds."""
        self.tab_to(name, *FIELDS)
        self.keys("ctrl+a")
        self.type(text)

    def choose(self, name: str, beginning: str) -> None:
        """Go to a choice by Tab and type the beginning of what is chosen."""
        self.tab_to(name, "combo box")
        self.type(beginning)

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
        begin = (SIZE[0] - 50, SIZE[1] - 25)
        self.do("mousemove", *map(str, begin))
        self.do("mousedown", "1")
        steps = 12
        for n in range(1, steps + 1):
            here = (
                begin[0] + (left - begin[0]) * n // steps,
                begin[1] + (top - begin[1]) * n // steps,
            )
            self.do("mousemove", *map(str, here))
            time.sleep(0.05)
        time.sleep(0.3)
        self.do("mouseup", "1")
        assert _line(self.source) == "dropped"

    def photograph(self, path: Path) -> None:
        """Save a picture of the whole display."""
        assert _ask(self.source, f"photo {path}") == "photographed"


def _named(one: Seen, name: str) -> bool:
    said = one.name.replace("&", "")
    return said.startswith(name[:-1]) if name.endswith("…") else said == name


@contextmanager
def screen(files: list[Path], home: Path) -> Iterator[Screen]:
    """Start a display whose corner offers `files` to be dragged; `home` is its user's folder."""
    require_screen()
    with ExitStack() as opened:
        environment = {
            name: os.environ[name]
            for name in ("PATH", "LANG", "PYTHONFAULTHANDLER")
            if name in os.environ
        }
        environment |= {
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(home),
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "DISPLAY": f":{_server(opened)}",
        }
        environment["DBUS_SESSION_BUS_ADDRESS"] = _bus(opened, environment)
        _start(opened, [_READER_BUS, "--launch-immediately"], environment)
        windows = _start(opened, ["openbox"], environment)
        maker = [sys.executable, str(_HERE / "drag_source.py"), *map(str, files)]
        source = _start(opened, maker, environment)
        assert _line(source) == "ready"
        eyes = _start(opened, [_SYSTEM_PYTHON, str(_HERE / "eyes.py")], environment)
        assert windows.poll() is None, "the window manager has ended"
        yield Screen(environment, source, eyes)


_HERE = Path(__file__).parent


def _server(opened: ExitStack) -> int:
    reading, writing = os.pipe()
    size = f"{SIZE[0]}x{SIZE[1]}x24"
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-noreset", "-nolisten", "tcp", "-screen", "0", size],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    opened.callback(_end, server)
    os.close(writing)
    with os.fdopen(reading) as told:
        return int(told.readline())


def _bus(opened: ExitStack, environment: dict[str, str]) -> str:
    command = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
    bus = _start(opened, command, environment)
    return _line(bus)


def _start(
    opened: ExitStack, command: list[str], environment: dict[str, str]
) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    opened.callback(_end, process)
    return process


def _ask(process: subprocess.Popen[str], order: str) -> str:
    assert process.stdin is not None
    process.stdin.write(order + "\n")
    process.stdin.flush()
    return _line(process)


def _line(process: subprocess.Popen[str], seconds: float = 60) -> str:
    """The next line a helper says; a test that waits for ever tells nobody anything."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], seconds)
    assert ready, f"{process.args!r} said nothing for {seconds:.0f} s"
    return process.stdout.readline().strip()


def _end(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(timeout=10)
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
