"""From nothing to the lock screen, against a bare window."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from consultdesk.desk import store
from consultdesk.samples.practice import PASSPHRASE, PHYSICIAN

if TYPE_CHECKING:
    from tests.benchmarks.conftest import SideBySide

LIMIT = 2.0


def test_start_to_the_lock_screen(
    tmp_path: Path, checkout: Path, side_by_side: "SideBySide"
) -> None:
    now = time.time_ns() // 1_000_000
    store.make(tmp_path / "a.desk", PHYSICIAN, PASSPHRASE, now, throw_away=True).close()
    surroundings = {**os.environ, "PYTHONPATH": str(checkout), "HOME": str(tmp_path)}

    def started(*what: str) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.first_paint", *what]
        ended = subprocess.run(command, env=surroundings, capture_output=True, timeout=120)
        assert ended.returncode == 0, ended.stderr

    side_by_side.measure(
        "start to lock screen (peer: a bare window)",
        lambda: started("open", str(tmp_path / "a.desk")),
        lambda: started("bare"),
        LIMIT,
        rounds=11,
    )
