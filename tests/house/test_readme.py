"""README's two commands are the ones that are checked."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from consultdesk import doctor

COMMANDS = [
    "python3 -m consultdesk.doctor --install && .venv/bin/consultdesk demo",
    ".venv/bin/python -m pytest",
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


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is missing")
def test_the_check_runs_the_commands_that_readme_names(checkout: Path, tmp_path: Path) -> None:
    copy = tmp_path / ".ci" / "run"
    copy.parent.mkdir()
    shutil.copy(checkout / ".ci" / "run", copy)
    for commands in (COMMANDS, ["echo one && echo two", "echo three"]):
        block = "\n".join(commands)
        (tmp_path / "README.md").write_text(
            f"# Desk\n\nText.\n\n```sh\n{block}\n```\n\n```\nno\n```\n"
        )

        answer = subprocess.run(
            ["bash", copy, "--list"], capture_output=True, text=True, check=True
        )

        assert answer.stdout.splitlines() == commands


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is missing")
def test_the_check_stops_at_the_first_command_that_fails(checkout: Path, tmp_path: Path) -> None:
    desk = tmp_path / "desk"
    (desk / ".ci").mkdir(parents=True)
    shutil.copy(checkout / ".ci" / "run", desk / ".ci" / "run")
    (desk / "README.md").write_text("```\necho opened; sh -c 'kill -ABRT $$'\necho tested\n```\n")
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "init", "-q"], cwd=desk, check=True)
    subprocess.run(["git", "add", "."], cwd=desk, check=True)
    subprocess.run([*git, "commit", "-q", "-m", "Begin"], cwd=desk, check=True)

    answer = subprocess.run(
        ["bash", desk / ".ci" / "run"], capture_output=True, text=True, check=False
    )

    assert answer.returncode == 134
    assert "\nopened\n" in answer.stdout
    assert "tested" not in answer.stdout
