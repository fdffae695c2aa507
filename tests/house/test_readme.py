"""README's two commands are the ones that are checked."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from consultdesk import doctor

COMMANDS = [
    "python3 -m consultdesk.doctor --install && .venv/bin/consultdesk demo",
    ".venv/bin/python -m pytest --side-by-side",
]


def _first_block(readme: str) -> list[str]:
    found = re.search(r"^```\w*\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    assert found
    return found.group(1).splitlines()


def test_readme_opens_with_the_two_commands(checkout: Path) -> None:
    readme = (checkout / "README.md").read_text(encoding="utf-8")
    assert _first_block(readme) == COMMANDS


def test_readme_lists_the_system_libraries_that_the_doctor_tries(checkout: Path) -> None:
    readme = (checkout / "README.md").read_text(encoding="utf-8")
    line = re.search(r"^apt-get install (libglib.*?)^```", readme, re.MULTILINE | re.DOTALL)

    assert line
    listed = line.group(1).replace("\\\n", " ").split()
    assert listed == [*doctor.OFFSCREEN_LIBRARIES, *doctor.DISPLAY_LIBRARIES]


def test_the_check_runs_the_commands_that_readme_names(checkout: Path) -> None:
    script = (checkout / ".ci" / "run").read_text(encoding="utf-8")
    named = dict(re.findall(r'^(\w+)="(.+)"$', script, re.MULTILINE))
    ran = re.findall(r'^run "\$(\w+)"$', script, re.MULTILINE)
    assert [named[name] for name in ran] == COMMANDS


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is missing")
def test_the_check_stops_at_the_first_command_that_crashes(checkout: Path, tmp_path: Path) -> None:
    desk, programs = tmp_path / "desk", tmp_path / "bin"
    (desk / ".ci").mkdir(parents=True)
    shutil.copy(checkout / ".ci" / "run", desk / ".ci" / "run")
    programs.mkdir()
    crashing = programs / "python3"
    crashing.write_text("#!/bin/sh\necho opened\nkill -ABRT $$\n", encoding="ascii")
    crashing.chmod(0o755)
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "init", "-q"], cwd=desk, check=True)
    subprocess.run(["git", "add", "."], cwd=desk, check=True)
    subprocess.run([*git, "commit", "-q", "-m", "Begin"], cwd=desk, check=True)

    answer = subprocess.run(
        ["bash", desk / ".ci" / "run"],
        env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 134
    assert "\nopened\n" in answer.stdout
    assert "pytest" not in answer.stdout
