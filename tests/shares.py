"""All tests, in two processes side by side: while one waits for a disk or a window the other works.

`pytest --side-by-side` ends with 0 only when both do, so that a crash at the very end of either is
seen as well. What the first says is shown as it comes, then what the second said.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
_FLAG = "--side-by-side"
SECOND = (
    "tests/vault",
    "tests/desk",
    "tests/consultation",
    "tests/records",
    "tests/letters",
    "tests/transports",
    "tests/samples",
    "tests/mutation",
    "tests/campaigns",
    "tests/house",
    "tests/desktop/test_demo.py",
    "tests/journeys/test_kills.py",
    "tests/test_cli.py",
    "tests/test_doctor.py",
)
"""About half of the work. The first takes all others (mostly windows), so that none is left out."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer it."""
    parser.addoption(_FLAG, action="store_true", help="run the tests in two processes")


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Run both shares instead of this process, where that is asked for."""
    if not config.getoption(_FLAG):
        return None
    return side_by_side([word for word in config.invocation_params.args if word != _FLAG])


def side_by_side(words: list[str]) -> int:
    """Run both shares to their end; 0, or how the first that failed ended."""
    called = [sys.executable, "-m", "pytest", *words]
    first, second = [*called, *(f"--ignore={path}" for path in SECOND)], [*called, *SECOND]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        beside = subprocess.Popen(second, cwd=CHECKOUT, stdout=said, stderr=subprocess.STDOUT)
        try:
            ended = subprocess.run(first, cwd=CHECKOUT, check=False).returncode
            ended = ended or beside.wait()
        finally:
            beside.kill()
            beside.wait()
            said.seek(0)
            print(said.read(), flush=True)
    return _as_shell(ended)


def _as_shell(code: int) -> int:
    """A process that died by a signal, in a shell's own figure."""
    return 128 - code if code < 0 else code
