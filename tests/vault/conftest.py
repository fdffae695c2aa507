import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from consultdesk.vault.members import OpenKeys
from consultdesk.vault.vault import Vault
from tests.consultation.parcels import NOW
from tests.vault.building import Desk, create, fill, reopen
from tests.vault.foreign import open_keys


@pytest.fixture(scope="session")
def _empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("empty") / "empty.desk"
    create(folder).close()
    return folder


@pytest.fixture(scope="session")
def _keys(_empty: Path) -> OpenKeys:
    """What the passphrase opens, derived once: every store here is a copy of one."""
    return open_keys(_empty)


@pytest.fixture(scope="session")
def _filled(tmp_path_factory: pytest.TempPathFactory, _empty: Path) -> tuple[Path, Desk]:
    folder = tmp_path_factory.mktemp("filled") / "filled.desk"
    shutil.copytree(_empty, folder)
    vault = reopen(folder)
    desk = fill(vault)
    vault.close()
    return folder, desk


@pytest.fixture
def folder(tmp_path: Path, _empty: Path) -> Path:
    """An empty store, closed."""
    return shutil.copytree(_empty, tmp_path / "store.desk")


@pytest.fixture
def vault(folder: Path, _keys: OpenKeys) -> Iterator[Vault]:
    """An empty store, open."""
    opened = Vault.with_keys(folder, _keys, NOW)
    yield opened
    opened.close()


@pytest.fixture
def desk(tmp_path: Path, _filled: tuple[Path, Desk], _keys: OpenKeys) -> Iterator[Desk]:
    """A store with one case and everything in it, open."""
    source, filled = _filled
    opened = Vault.with_keys(shutil.copytree(source, tmp_path / "desk.desk"), _keys, NOW)
    yield replace(filled, vault=opened)
    opened.close()
