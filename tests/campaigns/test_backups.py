"""A sample of the campaign; `python -m tests.campaigns.backups` kills by the hundred."""

import sys
from pathlib import Path

import pytest

from tests.campaigns.backups import campaign

if sys.platform == "win32":
    pytest.skip("kills need SIGKILL", allow_module_level=True)


def test_no_kill_costs_a_backup_that_was_told_of_or_leaves_half_a_store(tmp_path: Path) -> None:
    found = campaign(4, 7, tmp_path)
    assert found.wrong == []
    assert (found.kills, found.restores) == (4, 1)
