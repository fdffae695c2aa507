"""A commit that the disk doesn't confirm may stand after all, so nothing it names is removed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from consultdesk.desk import store
from consultdesk.samples.practice import PASSPHRASE
from tests.stations import now

_UNCONFIRMED = """
import ctypes, os, sys
from pathlib import Path
from consultdesk.consultation.audit import Act
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.source import MemorySource
from consultdesk.desk import cases
from consultdesk.errors import DiskUnsure
from consultdesk.vault import records
from consultdesk.vault.content import store
from tests.stations import now, open_at

fiu = ctypes.CDLL("libfiu.so.0")
vault, number = open_at("received", Path(sys.argv[1]))
case = cases.open_case(vault, number).case
content = store(vault.content_folder, (MemorySource("letter.pdf", b"%PDF-"),))
held = records.Kept(new_id(now()), content)
try:
    with vault.act(Act("note", now())) as writing:
        records.add_contents(writing, case.id, (held,))
        fiu.fiu_enable(b"posix/io/sync/fsync", 1, None, 0)
except DiskUnsure as unsure:
    fiu.fiu_disable(b"posix/io/sync/fsync")
    records.forget(vault, (held,), unsure)
    print(unsure, flush=True)
os._exit(0)
"""


@pytest.mark.skipif(not shutil.which("fiu-run"), reason="libfiu's fiu-run isn't installed")
def test_a_sealed_file_stays_whose_row_the_disk_did_not_confirm(
    tmp_path: Path, checkout: Path
) -> None:
    folder = tmp_path / "a.desk"
    fiu = ["fiu-run", "-x", "-f", "", sys.executable, "-c", _UNCONFIRMED, str(folder)]
    done = subprocess.run(
        fiu, cwd=checkout, capture_output=True, text=True, timeout=120, check=False
    )
    assert "didn't confirm" in done.stdout, done.stderr
    again = store.unlock(folder, "", PASSPHRASE, now())
    found = store.verify(again)
    assert found.damaged == ()
    assert found.files + len(found.orphans) == 3
    again.close()
