"""What is kept in the repository speaks of the project alone."""

import re
import subprocess
from pathlib import Path

import pytest

REGISTRIES = ["pypi" + ".org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com"]
SOMEBODYS_FOLDER = re.compile(r"(?<![\w.~-])(/(home|Users|root|work)/\w+|[A-Z]:\\Users\\\w+)")
INVENTED = {"/home/lind"}  # Dr Lind keeps the desk in the tests


@pytest.fixture(scope="module")
def tracked(checkout: Path) -> dict[str, str]:
    """Every text file in the repository, by name."""
    if not (checkout / ".git").exists():
        pytest.skip("not a git checkout: nothing says which files belong to it")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=checkout, capture_output=True, text=True, check=True
    )
    texts = {}
    for name in filter(None, listed.stdout.split("\0")):
        path = checkout / name
        content = path.read_bytes() if path.is_file() else b""
        if b"\0" not in content:
            texts[name] = content.decode("utf-8", "replace")
    return texts


def test_no_file_names_a_package_registry(tracked: dict[str, str]) -> None:
    assert len(tracked) > 20
    naming = [name for name, text in tracked.items() if any(host in text for host in REGISTRIES)]
    assert naming == []


def test_no_file_names_a_folder_of_somebodys_computer(tracked: dict[str, str]) -> None:
    naming = {
        name: sorted(found)
        for name, text in tracked.items()
        if (found := {match[0] for match in SOMEBODYS_FOLDER.findall(text)} - INVENTED)
    }
    assert naming == {}
