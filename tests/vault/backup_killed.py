"""A process that backs up, prunes or restores, and is killed when its work comes to a mark."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from consultdesk.consultation.backup import BackupRule
from consultdesk.consultation.source import Progress
from consultdesk.vault import backup, restore
from consultdesk.vault.backup_folder import BackupFolder
from consultdesk.vault.vault import Vault
from tests.vault.building import PASSPHRASE


def killed_at(mark: str, what: str, store: Path, place: Path, now: int, nth: int = 1) -> int:
    """Run it in a process of its own; how that ended (-9 where the mark was met `nth` times)."""
    words = [mark, what, str(store), str(place), str(now), str(nth)]
    here = Path(__file__).resolve().parent.parent.parent
    done = subprocess.run(
        [sys.executable, "-m", "tests.vault.backup_killed", *words],
        check=False,
        timeout=120,
        cwd=here,
    )
    return done.returncode


def _dying(mark: str, nth: int) -> Progress:
    met: list[str] = []

    def report(_done: int, _total: int, what: str) -> None:
        met.append(what)
        if met.count(mark) == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    return Progress(report)


def _main(mark: str, what: str, store: Path, place: Path, now: int, nth: int) -> None:
    progress = _dying(mark, nth)
    folder = backup.folder_for(store, place)
    if what == "restore":
        restore.restore(BackupFolder(place), store, "", PASSPHRASE, now, progress=progress)
        return
    vault = Vault.open(store, "", PASSPHRASE, now)
    backup.take(vault, folder, now, progress)
    backup.prune(folder, BackupRule(), now)


if __name__ == "__main__":
    _mark, _what, _store, _place, _now, _nth = sys.argv[1:]
    _main(_mark, _what, Path(_store), Path(_place), int(_now), int(_nth))
