"""The lock: every version with its hashes, for every dependency, and no address."""

import contextlib
import re
import tomllib
from collections.abc import Set
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


@pytest.fixture(scope="module")
def lock(checkout: Path) -> str:
    return (checkout / "requirements.lock").read_text(encoding="ascii")


def _entries(lock: str) -> list[tuple[Requirement, int]]:
    """Each requirement with the number of its hashes."""
    entries = []
    for entry in re.split(r"\n(?=\S)", lock.strip()):
        first, *rest = entry.replace("\\\n", "\n").split("\n")
        assert all(re.fullmatch(r"\s+--hash=sha256:[0-9a-f]{64}\s*", line) for line in rest), entry
        entries.append((Requirement(first.strip()), len(rest)))
    return entries


def test_the_lock_holds_no_address_and_no_option(lock: str) -> None:
    assert "http" not in lock
    assert "://" not in lock
    assert not re.search(r"^-", lock, re.MULTILINE)


def test_every_locked_version_is_exact_and_has_a_hash(lock: str) -> None:
    entries = _entries(lock)

    assert len(entries) > 50
    for requirement, hashes in entries:
        assert re.fullmatch(r"==[^,*]+", str(requirement.specifier)), requirement
        assert hashes > 0, requirement


def _computer(version: str, system: str, machine: str) -> dict[str, str | Set[str]]:
    """What a marker may ask of a computer with that Python."""
    return {
        "extra": "",
        "implementation_name": "cpython",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "python_full_version": f"{version}.5",
        "python_version": version,
        "sys_platform": system,
    }


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize(
    ("system", "machine"),
    [
        ("linux", "x86_64"),
        ("linux", "aarch64"),
        ("darwin", "arm64"),
        ("darwin", "x86_64"),
        ("win32", "AMD64"),
    ],
)
def test_the_lock_meets_every_dependency_on_every_python_and_system(
    checkout: Path, lock: str, version: str, system: str, machine: str
) -> None:
    there = _computer(version, system, machine)

    def applies(marker: Marker | None) -> bool:
        return marker is None or marker.evaluate(there)

    locked: dict[str, str] = {}
    for requirement, _ in _entries(lock):
        if applies(requirement.marker):
            name = canonicalize_name(requirement.name)
            assert name not in locked, f"{name} is locked twice"
            locked[name] = str(requirement.specifier).removeprefix("==")

    with (checkout / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    for line in project["dependencies"] + project["optional-dependencies"]["dev"]:
        requirement = Requirement(line)
        if applies(requirement.marker):
            assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)]), line


def test_what_a_library_asks_for_with_an_extra_is_locked_with_it(lock: str) -> None:
    """Older pips call a requirement with an extra unpinned where only the bare name is locked."""
    locked = {canonicalize_name(one.name): one.extras for one, _ in _entries(lock)}
    asked = 0
    for name in locked:
        with contextlib.suppress(PackageNotFoundError):  # of another system or Python
            for line in requires(name) or ():
                wanted = Requirement(line)
                needed = canonicalize_name(wanted.name)
                if needed in locked and wanted.extras and "extra ==" not in line:
                    asked += 1
                    assert wanted.extras <= locked[needed], f"{name} asks for {line}"
    assert asked > 0
