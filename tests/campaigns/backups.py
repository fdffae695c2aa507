"""Backups, prunings and restores that are killed at any instant.

`python -m tests.campaigns.backups --kills 500 [--seed N]` lets a process bring records in, back
up and prune as fast as it can, and kills it at a random instant, that many times; then it does
the same to a restore. After each kill every backup that is listed must be whole to the last
byte, none that was told of and that the rule keeps may be gone, and what a restore left is no
store or a whole one. It fails on a single finding.
"""

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from consultdesk.consultation.audit import Act
from consultdesk.consultation.backup import BackupRule
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.source import MemorySource, Progress
from consultdesk.errors import ConsultDeskError
from consultdesk.vault import backup, backup_check, header, practice, records, restore
from consultdesk.vault.backup_folder import BackupFolder
from consultdesk.vault.check import database_is_sound
from consultdesk.vault.content import store as store_content
from consultdesk.vault.records import Kept
from consultdesk.vault.vault import Vault
from tests.consultation.parcels import NOW
from tests.vault.building import PASSPHRASE, create, fill, reopen

_HERE = Path(__file__).resolve().parent.parent.parent
_LONGEST_S = 0.8
_RULE = BackupRule(hours=1, days=2, weeks=1)
_STEP_MS = 20 * 60 * 1000
"""Between two backups of a worker, so that each third is let go."""


@dataclass
class Findings:
    """What a campaign has come to."""

    kills: int = 0
    backups: int = 0
    restores: int = 0
    wrong: list[str] = field(default_factory=list)


def campaign(kills: int, seed: int, folder: Path) -> Findings:
    """So many kills while backing up, and a fourth as many while restoring."""
    chance, found = random.Random(seed), Findings()
    store, place = folder / "store.desk", folder / "stick"
    place.mkdir()
    create(store).close()
    vault = reopen(store)
    case_id = fill(vault).case_id
    vault.close()
    to = backup.folder_for(store, place)
    with closing(reopen(store)) as looking:
        backup.take(looking, to, NOW)
        for n in range(kills):
            words = ["back_up", str(store), str(place), str(NOW + (n + 1) * 100 * _STEP_MS)]
            told = _killed([*words, case_id], chance)
            found.kills += 1
            found.wrong += _judged(looking, to, told)
            found.backups += len(told)
    for n in range(max(1, kills // 4)):
        fresh = folder / f"restored-{n}.desk"
        _killed(["restore", str(fresh), str(to.path), str(NOW), ""], chance)
        found.restores += 1
        found.wrong += _restored(to, fresh)
    return found


def _killed(words: list[str], chance: random.Random) -> list[str]:
    """Run a worker and kill it; the backups it told of."""
    command = [sys.executable, "-m", "tests.campaigns.backups", "--worker", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_HERE) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()  # it has begun
        time.sleep(chance.random() * _LONGEST_S)
        worker.send_signal(signal.SIGKILL)
        told, _ = worker.communicate()
    return told.split()


def _judged(vault: Vault, to: BackupFolder, told: list[str]) -> list[str]:
    wrong = []
    for manifest in to.manifests():
        found = backup_check.look_over(to, manifest, vault.opened, Progress())
        if not found.ok:
            wrong.append(f"{manifest.name} is listed and not whole: {found}")
    # the newest that was told of is kept by any rule
    if told and told[-1] > max(to.names(), default=""):
        wrong.append(f"{told[-1]} was told of and is gone")
    if len(to.manifests()) != len(to.names()):
        wrong.append("a list can't be read")
    return wrong


def _restored(to: BackupFolder, fresh: Path) -> list[str]:
    """A store that the kill left is whole; else the next try makes it so."""
    if not any((fresh / name).exists() for name in header.NAMES):
        restore.restore(to, fresh, "", PASSPHRASE, NOW)
    try:
        with closing(reopen(fresh)) as vault, vault.read() as reading:
            names = {row["name"] for row in records.all_contents(reading)}
            there = {one.name for one in vault.content_folder.iterdir()}
            sound = database_is_sound(reading) and names <= there
            return [] if sound and practice.epoch(reading) > 1 else [f"{fresh.name} isn't whole"]
    except ConsultDeskError as error:
        return [f"{fresh.name}: {error}"]


# --- what is killed -----------------------------------------------------------------------


def _back_up_for_ever(store: Path, place: Path, now: int, case_id: str) -> None:
    vault, to = reopen(store, now), backup.folder_for(store, place)
    with vault.act(Act("confirm_clock", now)):
        pass
    print("begun", flush=True)
    while True:
        more = [MemorySource("more", random.randbytes(60_000))]
        kept = store_content(vault.content_folder, more)
        with vault.act(Act("test", now, case_id=case_id)) as writing:
            records.add_contents(writing, case_id, [Kept(new_id(now), kept)])
        taken = backup.take(vault, to, now)
        print(taken.manifest.name, flush=True)
        backup.prune(to, _RULE, now)
        now += _STEP_MS


def _restore_once(store: Path, source: Path, now: int, _case: str) -> None:
    print("begun", flush=True)
    restore.restore(BackupFolder(source), store, "", PASSPHRASE, now)
    time.sleep(_LONGEST_S)


_WORKERS: dict[str, Callable[[Path, Path, int, str], None]] = {
    "back_up": _back_up_for_ever,
    "restore": _restore_once,
}


def main() -> int:
    """Run it as asked for and say what came of it."""
    asking = argparse.ArgumentParser(description=__doc__)
    asking.add_argument("--kills", type=int, default=500)
    asking.add_argument("--seed", type=int, default=1)
    asking.add_argument("--worker", nargs=5)
    said = asking.parse_args()
    if said.worker:
        what, store, place, now, case_id = said.worker
        _WORKERS[what](Path(store), Path(place), int(now), case_id)
        return 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = campaign(said.kills, said.seed, Path(folder))
    print(f"{found.kills} kills while backing up ({found.backups} backups told of),")
    print(f"{found.restores} while restoring, {time.monotonic() - began:.0f} s")
    for one in found.wrong:
        print(f"wrong: {one}")
    return bool(found.wrong)


if __name__ == "__main__":
    sys.exit(main())
