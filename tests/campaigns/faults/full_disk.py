"""A small disk that runs full at any byte of every act.

`python -m tests.campaigns.faults.full_disk FOLDER POINTS SEED ACTS`
with FOLDER on a disk of its own prints the result as JSON.
"""

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from consultdesk.desk import cases, letter
from consultdesk.errors import ConsultDeskError
from tests.campaigns.faults import evidence
from tests.campaigns.faults.acts import Act, acts_of, warm
from tests.campaigns.faults.result import LOST, UNCLEAR, Result
from tests.campaigns.faults.scene import RESERVE, STORELESS, Prepared, Scene, only_case
from tests.campaigns.faults.tried import BROKEN, DONE, REFUSED, attempt

_CHECKOUT = Path(__file__).resolve().parents[3]
_SIZE = "size=200m"
_PAGE = 4096
_TOO_LITTLE_FOR_A_RESERVE = 60 << 20
_SPARE = 1 << 16
_BEYOND = 1.2
"""So far beyond what an act needs the free bytes go, so that it is done at the end."""
_WITH_LETTER = "consented"
_PATIENCE = 3600  # seconds


@dataclass
class Ballast:
    """A file that leaves as much of the disk free as one wants."""

    path: Path

    def free(self) -> int:
        """Bytes that an act could write now."""
        about = os.statvfs(self.path.parent)
        return about.f_bavail * about.f_frsize

    def leave(self, wanted: int) -> None:
        """Grow or shrink until so many bytes are free."""
        with self.path.open("ab") as file:
            size = file.tell() + self.free() - wanted
            if size > file.tell():
                os.posix_fallocate(file.fileno(), 0, size)
            else:
                file.truncate(max(0, size))

    def drop(self) -> None:
        """Free all of it."""
        self.path.unlink(missing_ok=True)


@dataclass
class Campaign:
    """Acts on a disk that is filled up to a byte, with the store's reserve and without it."""

    folder: Path
    result: Result
    before: dict[str, evidence.Facts] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._prepared = Prepared(self.folder.parent / "prepared")
        self._ballast = Ballast(self.folder / "ballast")

    def need(self, act: Act) -> int:
        """Bytes that the act takes of the disk."""
        if act.step not in self.before:
            scene = self._prepared.copy(act.step, self.folder / "run")
            self.before[act.step] = evidence.facts_before(act, scene)
        noted = self.folder / "need"
        warm(act, self._prepared.copy(act.step, self.folder / "run"))

        @contextmanager
        def measured() -> Iterator[None]:
            self._ballast.leave(_TOO_LITTLE_FOR_A_RESERVE)
            yield
            noted.write_text(str(_TOO_LITTLE_FOR_A_RESERVE - self._ballast.free()))

        done = attempt(self._prepared.copy(act.step, self.folder / "run"), act, measured)
        self._ballast.drop()
        if done.kind != DONE:
            raise AssertionError(f"{act.name} failed unharmed: {done.words}")
        # an act that lets go of more than it takes needs room for about as much meanwhile
        return abs(int(noted.read_text()))

    def fill(self, act: Act, free: int, *, reserve: bool) -> None:
        """Do the act while so many bytes are free, and look at what it leaves."""
        scene = self._prepared.copy(act.step, self.folder / "run")
        if reserve:
            scene.enter()
            scene.unlock().close()  # makes the reserve

        @contextmanager
        def full() -> Iterator[None]:
            if not reserve:
                (scene.store / RESERVE).unlink(missing_ok=True)
            self._ballast.leave(free)
            yield

        came_to = attempt(scene, act, full)
        row = f"{act.name}, with the reserve" if reserve else act.name
        where = f"{row}, {free} bytes free"
        if came_to.kind == BROKEN or (came_to.kind == REFUSED and "disk" not in came_to.words):
            self.result.met([(UNCLEAR, came_to.words)], where)
        if reserve and act.step == _WITH_LETTER:
            self._read(scene, where)
        self._ballast.drop()
        self.result.landed[row, came_to.kind] += 1
        self.result.runs += 1
        self.result.met(evidence.look(scene, act, came_to.said, self.before[act.step]), where)

    def _read(self, scene: Scene, where: str) -> None:
        """A signed letter is read while the disk is full."""
        scene.enter()
        try:
            vault = scene.unlock()
            (signed,) = cases.open_case(vault, only_case(vault)).letters
            if not letter.read_pdf(vault, signed).startswith(b"%PDF-"):
                self.result.met([(LOST, "a letter that was read on the full disk")], where)
            vault.close()
            self.result.figures["signed letters read on the full disk"] += 1
        except ConsultDeskError as refused:
            self.result.met([(LOST, f"no letter is read on the full disk: {refused}")], where)


def run(folder: Path, points: int, chance: random.Random, acts: tuple[Act, ...]) -> Result:
    """So many points over all acts, each at evenly spaced numbers of free bytes."""
    result = Result("full disk (ENOSPC)", _rows(acts), (REFUSED, DONE))
    campaign = Campaign(folder, result)
    each = max(2, -(-points // len(_rows(acts))))
    for act in acts:
        most = _BEYOND * campaign.need(act) + _SPARE
        for n in range(each):
            free = int(most * n / (each - 1)) // _PAGE * _PAGE + chance.randrange(_PAGE)
            campaign.fill(act, free, reserve=False)
            if act.step not in STORELESS:
                campaign.fill(act, free, reserve=True)
    for act in acts:
        if not result.landed[act.name, REFUSED]:
            result.missed.append(f"{act.name} never met the full disk")
    return result


def run_apart(
    folder: Path,
    points: int,
    chance: random.Random,
    said: Callable[[str], None],
    acts: tuple[Act, ...],
) -> Result:
    """As `run`, on a small disk in a name space of its own, where that may be mounted."""
    left_out = Result("full disk (ENOSPC)")
    alone = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")
    mount = f'mount -t tmpfs -o {_SIZE} none "$0"'
    if not shutil.which("unshare"):
        left_out.left_out = "this system has no unshare"
    elif subprocess.run([*alone, mount, folder], check=False, capture_output=True).returncode:
        left_out.left_out = "this system lets nobody mount a small disk of their own"
    if left_out.left_out:
        return left_out
    said("filling a small disk")
    module = "tests.campaigns.faults.full_disk"
    names = ",".join(act.name for act in acts)
    seed = str(chance.randrange(1 << 30))
    done = subprocess.run(
        [*alone, f'{mount} && exec "$@"', folder, sys.executable, "-m", module, folder,
         str(points), seed, names],
        cwd=_CHECKOUT, capture_output=True, text=True, timeout=_PATIENCE, check=False,
    )  # fmt: skip
    if done.returncode:
        raise AssertionError(done.stderr)
    return Result.from_json(json.loads(done.stdout))


def _rows(acts: tuple[Act, ...]) -> tuple[str, ...]:
    held = tuple(f"{act.name}, with the reserve" for act in acts if act.step not in STORELESS)
    return (*(act.name for act in acts), *held)


def main() -> None:
    """The campaign on the disk it was given."""
    folder, points, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    print(json.dumps(run(folder, points, random.Random(seed), acts_of(sys.argv[4])).as_json()))


if __name__ == "__main__":
    main()
