"""The demo: a throw-away practice to try, or the whole main job without a display."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from consultdesk.consultation.source import Progress
from consultdesk.desktop import places
from consultdesk.samples import practice
from consultdesk.samples.stories import STORIES


def run_demo(out: Path | None, count: int | None = None) -> int:
    """Open the desk on synthetic patients, or without a display run the whole main job.

    Every story is told once unless `count` says otherwise, and every state is there then.
    `out` is where the letter and the pictures are left; it asks for the run without a
    window. Returns the exit code.
    """
    cases = count or len(STORIES)
    if out is None and has_display():
        with _throw_away() as folder:
            return _open(folder, cases)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    kept = out or Path(tempfile.mkdtemp(prefix="consultdesk-demo-"))
    kept.mkdir(parents=True, exist_ok=True)
    # Here, not at the top: the platform must be chosen before Qt is loaded.
    from consultdesk.desktop.demo_tour import tour

    with _throw_away() as folder:
        return tour(folder, kept, cases, say=_say)


def has_display() -> bool:
    """Whether a window can be shown on this computer now."""
    if sys.platform in ("win32", "darwin"):
        return True
    named = os.environ.get("QT_QPA_PLATFORM", "")
    return bool(
        not named.startswith("offscreen")
        and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    )


def _open(folder: Path, count: int) -> int:
    from consultdesk.desktop.app import run

    store = folder / "demo.desk"
    _say(f"Making {count} synthetic cases; the desk opens in a moment.")
    now = time.time_ns() // 1_000_000
    made = practice.make_practice(
        store, folder / "handed over", now, count=count, progress=_every_tenth(_say)
    )
    user = made.user
    made.close()
    places.mark_demo(store)
    return run(store, open_with=(user, practice.PASSPHRASE))


@contextmanager
def _throw_away() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="consultdesk-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _every_tenth(say: Callable[[str], None]) -> Progress:
    def report(done: int, total: int, _what: str) -> None:
        if done % 10 == 0 or done == total:
            say(f"  {done} of {total} steps")

    return Progress(report=report)


def _say(line: str) -> None:
    print(line, flush=True)
