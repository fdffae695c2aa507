"""A broken Qt build is named, not suffered."""

import os
import subprocess
import sys

EMISSIONS = 20_000

# Qt for Python 6.12.0 on Python 3.11 gives back one reference to `True` at each emission and aborts
# after some five hundred. In a process of its own, since no test survives an abort.
PROGRAM = f"""
from PySide6.QtCore import QObject, Signal

class Bell(QObject):
    rang = Signal(bool)

heard = 0

def hear(loud):
    global heard
    heard += loud is True

bell = Bell()
bell.rang.connect(hear)
for _ in range({EMISSIONS}):
    bell.rang.emit(True)
print(heard)
"""


def test_qt_survives_twenty_thousand_signals() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 0, (
        f"this build of Qt for Python does not fit this Python: it ended with "
        f"{answer.returncode}. Install what requirements.lock names. {answer.stderr}"
    )
    assert answer.stdout.split() == [str(EMISSIONS)]
