"""What every test stands on: Qt without a display, and the real files beside the checkout."""

import os
import tempfile
from pathlib import Path

import pytest

from tests.shares import pytest_addoption, pytest_cmdline_main

__all__ = ["pytest_addoption", "pytest_cmdline_main"]

# Before anything imports Qt: the tests must not need, nor flash up on, somebody's display.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
# What the desk keeps in the user's own folders must not be mixed with this user's.
_OWN = tempfile.TemporaryDirectory(prefix="consultdesk-tests-")
os.environ["XDG_CONFIG_HOME"] = _OWN.name

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder that holds pyproject.toml."""
    return CHECKOUT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real files that nobody here wrote, in a folder `shared/data` beside the checkout."""
    data = CHECKOUT.parent / "shared" / "data"
    if not data.is_dir():
        pytest.skip("the real files are absent: no folder shared/data beside the checkout")
    return data
