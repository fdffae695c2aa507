"""A desk of one physician on a real store, and one small case to walk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from consultdesk.samples.walk import Story
from consultdesk.vault.vault import Vault
from tests import stations


@pytest.fixture
def now() -> int:
    """The instant of the test, UTC ms; the real one, since the database has a clock too."""
    return stations.now()


@pytest.fixture
def story() -> Story:
    """A spine case whose records are two short notes."""
    return stations.STORY


@pytest.fixture
def _opened(
    request: pytest.FixtureRequest, tmp_path: Path, now: int
) -> Iterator[tuple[Vault, str]]:
    """A store and its case, which stands where the fixtures that the test names want it."""
    named = (step for step in ("drafted", "ready", "received") if step in request.fixturenames)
    vault, number = stations.open_at(next(named, "empty"), tmp_path / "a.desk")
    yield vault, number
    vault.close()


@pytest.fixture
def vault(_opened: tuple[Vault, str]) -> Vault:
    """An open store."""
    return _opened[0]


@pytest.fixture
def received(_opened: tuple[Vault, str]) -> str:
    """The number of a case that was just received."""
    return _opened[1]


@pytest.fixture
def ready(_opened: tuple[Vault, str]) -> str:
    """The number of a case that is ready for the own read."""
    return _opened[1]


@pytest.fixture
def drafted(_opened: tuple[Vault, str]) -> str:
    """The number of a case whose opinion is written and not yet signed."""
    return _opened[1]
