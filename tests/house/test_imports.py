"""The architecture is a test: rooms, layers, and which library belongs to which room."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def _lint(folder: Path) -> "subprocess.CompletedProcess[str]":
    program = "import sys; from importlinter.cli import lint_imports_command as go; sys.exit(go())"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=folder,
        env={**os.environ, "COLUMNS": "200", "PYTHONPATH": str(folder), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def copy(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package with its contracts, to plant a wrong import in."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copy(checkout / "pyproject.toml", folder)
    only_code = shutil.ignore_patterns("__pycache__", "*.sql")
    shutil.copytree(checkout / "consultdesk", folder / "consultdesk", ignore=only_code)
    (folder / "tests/house").mkdir(parents=True)
    shutil.copy(checkout / "tests/house/contracts.py", folder / "tests/house")
    return folder


def test_every_import_arrow_runs_down(checkout: Path) -> None:
    answer = _lint(checkout)

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert ", 0 broken." in answer.stdout


@pytest.mark.parametrize(
    ("planted", "line", "contract"),
    [
        ("consultation/planted.py", "import numpy", "The rules of the field need no library"),
        ("consultation/planted.py", "import consultdesk.vault", "Every arrow runs down"),
        ("records/planted.py", "import consultdesk.vault", "Every arrow runs down"),
        ("desk/planted.py", "import PySide6.QtCore", "Only the desktop knows Qt"),
        ("desk/planted.py", "import sqlalchemy", "Only the vault knows the database and the keys"),
        ("vault/planted.py", "import pydicom", "Only records read records"),
        ("desktop/planted.py", "import reportlab.platypus", "Only letters make PDFs"),
        ("samples/planted.py", "import jinja2", "Only letters write letters"),
        ("vault/planted.py", "import holidays", "Only the desk and its window know holidays"),
        ("desk/planted.py", "import typer", "Only the command line speaks typer"),
        ("desk/planted.py", "import consultdesk.doctor", "Only the command line asks the doctor"),
        ("helpers.py", "", "Every arrow runs down"),
    ],
)
def test_a_wrong_import_is_found(copy: Path, planted: str, line: str, contract: str) -> None:
    path = copy / "consultdesk" / planted
    path.parent.mkdir(exist_ok=True)
    (path.parent / "__init__.py").touch()
    path.write_text(f"{line}\n", encoding="ascii")
    if line.startswith("import consultdesk."):
        target = copy / "consultdesk" / line.split(".")[-1]
        assert target.with_suffix(".py").exists() or (target / "__init__.py").exists()
    try:
        answer = _lint(copy)
    finally:
        path.unlink()

    assert answer.returncode == 1, answer.stdout + answer.stderr
    broken = [line for line in answer.stdout.splitlines() if line.rstrip().endswith("BROKEN")]
    assert any(line.startswith(contract) for line in broken), answer.stdout


def test_a_circle_within_a_room_is_found(copy: Path) -> None:
    room = copy / "consultdesk" / "consultation"
    (room / "one.py").write_text("import consultdesk.consultation.two\n", encoding="ascii")
    (room / "two.py").write_text("import consultdesk.consultation.one\n", encoding="ascii")
    try:
        answer = _lint(copy)
    finally:
        (room / "one.py").unlink()
        (room / "two.py").unlink()

    assert answer.returncode == 1
    assert "No circles, within a room either BROKEN" in answer.stdout
