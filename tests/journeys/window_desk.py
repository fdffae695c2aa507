"""The desk in its own process on a display of its own, as a person and a bystander see it."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.journeys.screen import Screen, Seen, screen, until

PASSPHRASE = "Quokkas graze by moonlight"
NUMBER = "2026-0001"
PARTS = ("check box", "radio button")


@dataclass(frozen=True)
class Place:
    """An empty computer: what the desk writes by itself can only land below `tree`."""

    folder: Path
    passphrase: str = PASSPHRASE

    @property
    def tree(self) -> Path:
        """The user's home, the folder for temporary files, the store."""
        return self.folder / "tree"

    @property
    def store(self) -> Path:
        """The store."""
        return self.tree / "desk"

    @property
    def destination(self) -> Path:
        """Where the person saves letters."""
        return self.folder / "letters"

    @property
    def complaints(self) -> Path:
        """What the desk says on standard error."""
        return self.folder / "complaints"

    def prepare(self) -> None:
        """Make the folders."""
        for folder in (self.tree / "home", self.tree / "tmp", self.destination):
            folder.mkdir(parents=True, mode=0o700)
        (self.folder / "passphrase").write_text(self.passphrase)

    def run(self, *words: str) -> str:
        """What the command line says, in a process beside the window."""
        done = subprocess.run(
            [sys.executable, "-m", "consultdesk", *words],
            env={
                **os.environ,
                "HOME": str(self.tree / "home"),
                "TMPDIR": str(self.tree / "tmp"),
                "CONSULTDESK_PASSPHRASE_FILE": str(self.folder / "passphrase"),
            },
            cwd=_ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def case(self) -> dict[str, Any]:
        """The case as the command line shows it."""
        said: dict[str, Any] = json.loads(self.run("show", str(self.store), NUMBER, "--json"))
        return said


_ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Desk:
    """The window and the hands at it."""

    screen: Screen
    place: Place
    process: "subprocess.Popen[bytes]"

    def start(self) -> None:
        """Open the store anew, after the process has ended."""
        self.process = _open(self.screen, self.place)

    def unlock(self) -> None:
        """Type the passphrase into the lock screen."""
        self.screen.find("Passphrase", "password text", seconds=60)
        self.screen.write("Passphrase", self.place.passphrase)
        self.screen.keys("Return")
        self.screen.find("Import", "push button", seconds=60)

    def command(self, words: str, dialog: str = "") -> None:
        """Find a command in the palette and run it; it opens this dialog."""
        self.screen.keys("ctrl+k")
        time.sleep(0.4)
        self.screen.type(words)
        self.screen.keys("Return")
        if dialog:
            self.dialog(dialog)

    def dialog(self, title: str) -> Seen:
        """Wait for a dialog."""
        return self.screen.find(title, "dialog", "alert")

    def open_first_case(self) -> None:
        """Open the first case of the queue by keys."""
        self.screen.find("Cases", "table")
        self.screen.tab_to("Cases", "table")
        self.screen.keys("Home", "Return")
        self.back()

    def titles(self) -> list[str]:
        """The titles of all windows of the desk."""
        found = self.screen.do("search", "--pid", str(self.process.pid), "--name", ".")
        return [self.screen.do("getwindowname", window) for window in found.splitlines()]

    def button(self, name: str, then: str = "") -> None:
        """Press a button with the mouse; then a dialog opens, or "-" the window is back."""
        self.screen.click(name, "push button")
        if then == "-":
            self.back()
        elif then:
            self.dialog(then)

    def back(self) -> None:
        """Wait until the window itself has the keyboard again."""
        self.screen.find(f"{NUMBER}…", "frame", state="active")

    def tick(self, name: str) -> None:
        """Go to a box by Tab and tick it with the space bar."""
        self.screen.tab_to(name, *PARTS)
        self.screen.keys("space")

    def says(self, part: str, seconds: float = 30) -> str:
        """The first thing on the screen that says this, once something does."""
        found: list[str] = []

        def said() -> bool:
            for one in self.screen.look():
                found.extend(w for w in (one.name, one.text, one.description) if part in w)
            return bool(found)

        until(said, f"“{part}” is said", seconds)
        return found[0]

    def photograph(self, name: str) -> None:
        """Keep a picture; also where CONSULTDESK_PICTURES says."""
        path = self.place.folder / f"{name}.png"
        self.screen.photograph(path)
        assert path.stat().st_size > 20_000
        if kept := os.environ.get("CONSULTDESK_PICTURES"):
            Path(kept).mkdir(parents=True, exist_ok=True)
            shutil.copy(path, kept)

    def until_state(self, state: str) -> dict[str, Any]:
        """Wait until the store says the case is in this state, and return the case."""
        found: dict[str, Any] = {}

        def there() -> bool:
            found.update(self.place.case())
            return bool(found["state"] == state)

        until(there, f"the case is {state}")
        return found

    def end(self) -> None:
        """Kill the process, if it still runs."""
        self.process.kill()
        self.process.wait()

    def leave(self) -> None:
        """Quit by keys; the process must end well and have had nothing to complain of."""
        self.screen.keys("ctrl+q")
        assert self.process.wait(30) == 0
        assert "Traceback" not in self.place.complaints.read_text()


def _open(shown: Screen, place: Place) -> "subprocess.Popen[bytes]":
    environment = {**shown.environment, "TMPDIR": str(place.tree / "tmp")}
    with place.complaints.open("a") as complaints:
        return subprocess.Popen(
            [sys.executable, "-m", "consultdesk", "open", str(place.store)],
            env=environment,
            cwd=_ROOT,
            stderr=complaints,
        )


@contextmanager
def desk(files: list[Path], place: Place) -> Iterator[Desk]:
    """The window on the store of that place; `files` can be dragged to it."""
    with ExitStack() as opened:
        shown = opened.enter_context(screen(files, place.tree / "home"))
        running = Desk(shown, place, _open(shown, place))
        opened.callback(running.end)
        try:
            yield running
        except BaseException:
            running.photograph("failed")
            raise
