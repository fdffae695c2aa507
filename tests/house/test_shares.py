"""The two processes of a test run: together they run every test, and neither's end is hidden."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shares import SECOND

AT_THE_END = """
import atexit, os
def test_passes():
    atexit.register({what})
"""


@pytest.fixture
def small(checkout: Path, tmp_path: Path) -> Path:
    """A checkout whose shares have one test each."""
    (tmp_path / "tests").mkdir()
    shutil.copy(checkout / "tests" / "shares.py", tmp_path / "tests")
    hooks = "from tests.shares import pytest_addoption, pytest_cmdline_main\n"
    (tmp_path / "tests" / "conftest.py").write_text(hooks, encoding="ascii")
    for path in (*SECOND, "tests/test_first.py"):
        file = tmp_path / path if path.endswith(".py") else tmp_path / path / f"test_{path[6:]}.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text("def test_passes():\n    pass\n", encoding="ascii")
    return tmp_path


def run(folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--side-by-side", "-q", "--import-mode=importlib"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_test_is_run_once_and_what_both_said_is_shown(small: Path) -> None:
    done = run(small)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
    assert f"{len(SECOND)} passed" in done.stdout


@pytest.mark.parametrize("share", ["tests/test_first.py", "tests/test_cli.py"])
@pytest.mark.parametrize(("what", "status"), [("os.abort", 134), ("lambda: os._exit(3)", 3)])
def test_a_share_that_dies_at_the_very_end_fails_the_run(
    small: Path, share: str, what: str, status: int
) -> None:
    (small / share).write_text(AT_THE_END.format(what=what), encoding="ascii")
    assert run(small).returncode == status


def test_what_the_second_share_is_made_of_is_there(checkout: Path) -> None:
    assert [path for path in SECOND if not (checkout / path).exists()] == []
