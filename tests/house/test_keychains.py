"""A secret goes to a keychain of the system itself, and to nothing else that calls itself one."""

import ast
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import pytest

from consultdesk.vault import keychain_process

SYSTEMS = {"SecretService", "kwallet", "Windows", "macOS"}
ASKS = "vault/keychain_process.py"
"""The one module that asks a keychain."""

FILES = ("keyrings.alt", "keyrings-alt", "keyrings.cryptfile", "keyrings-cryptfile")
"""Packages whose keychains are plain or home-made files."""


def _named(tree: ast.Module) -> Iterator[str]:
    """Every module that is imported, also by a name in a string."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _keychains_in(source: str) -> set[str]:
    packages = ("keyring", "keyrings")
    return {one for one in _named(ast.parse(source)) if one.partition(".")[0] in packages}


@pytest.mark.parametrize(
    "source",
    [
        "import keyrings.alt.file",
        "from keyrings import alt",
        "from keyring.backends.null import Keyring",
        "import_module('keyring.backends.chainer')",
    ],
)
def test_each_way_to_name_a_keychain_is_seen(source: str) -> None:
    assert _keychains_in(source)


def test_one_module_names_keychains_and_only_the_systems_own(checkout: Path) -> None:
    package = checkout / "consultdesk"
    found = {
        path.relative_to(package).as_posix(): names
        for path in package.rglob("*.py")
        if (names := _keychains_in(path.read_text("utf-8")))
    }
    assert found == {ASKS: {f"keyring.backends.{name}" for name in SYSTEMS}}
    assert {module for module, _kind in keychain_process.KEYCHAINS} == found[ASKS]


def test_no_keychain_of_plain_files_is_asked_for_or_locked(checkout: Path) -> None:
    for name in ("pyproject.toml", "requirements.lock"):
        said = (checkout / name).read_text("utf-8").casefold()
        assert not [one for one in FILES if one in said], name


def test_none_comes_along_with_what_the_desk_needs() -> None:
    here = {str(one.metadata["Name"]).casefold() for one in distributions()}
    assert not here & set(FILES)
