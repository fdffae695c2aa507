"""Reading, writing and syncing that fail by chance (libfiu), in every act.

`fiu-run -x python -m tests.campaigns.faults.io_errors FOLDER RUNS SEED ACTS`
prints the result as JSON.
"""

import ctypes
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.campaigns.faults import evidence
from tests.campaigns.faults.acts import Act, acts_of, warm
from tests.campaigns.faults.result import UNCLEAR, Result
from tests.campaigns.faults.scene import Prepared
from tests.campaigns.faults.tried import BROKEN, DONE, REFUSED, attempt

_CHECKOUT = Path(__file__).resolve().parents[3]
_LIBRARY = "libfiu.so.0"
_PATIENCE = 7200  # seconds
POINTS = ("posix/io/rw/*", "posix/io/rw/write", "posix/io/rw/pwrite", "posix/io/rw/read",
          "posix/io/rw/pread", "posix/io/rw/ftruncate", "posix/io/sync/*", "posix/io/oc/open",
          "posix/io/dir/*")  # fmt: skip
_CHANCES = (0.003, 0.02, 0.1, 0.5)


def failing(point: str, likely: float, seed: int) -> Callable[[], Iterator[None]]:
    """Calls of that kind fail with that probability, each with an error it can have."""
    fiu = ctypes.CDLL(_LIBRARY)
    enable = fiu.fiu_enable_random
    enable.argtypes = (
        ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_float,
    )  # fmt: skip

    def fault() -> Iterator[None]:
        if hasattr(fiu, "fiu_set_prng_seed"):
            fiu.fiu_set_prng_seed(ctypes.c_uint(seed))
        if enable(point.encode(), 1, None, 0, likely):
            raise RuntimeError(f"libfiu knows no {point}")
        try:
            yield
        finally:
            fiu.fiu_disable(point.encode())

    return fault


def run(folder: Path, runs: int, chance: random.Random, acts: tuple[Act, ...]) -> Result:
    """So many acts with failing calls; for a process that has libfiu preloaded."""
    rows = tuple(f"{act.name}: {point}" for act in acts for point in POINTS)
    result = Result("failing calls (libfiu)", rows, (REFUSED, DONE))
    prepared, before = Prepared(folder.parent / "prepared"), {}
    for act in acts:
        warm(act, prepared.copy(act.step, folder / "run"))
        if act.step not in before:
            scene = prepared.copy(act.step, folder / "before")
            before[act.step] = evidence.facts_before(act, scene)
    while result.runs < runs:
        act = acts[result.runs % len(acts)]
        point, likely = POINTS[result.runs // len(acts) % len(POINTS)], chance.choice(_CHANCES)
        scene = prepared.copy(act.step, folder / "run")
        fault = contextmanager(failing(point, likely, chance.randrange(1 << 30)))
        came_to = attempt(scene, act, fault)
        where = f"{act.name}, {point} failing {likely:.1%}"
        if came_to.kind == BROKEN:
            result.met([(UNCLEAR, came_to.words)], where)
        result.met(evidence.look(scene, act, came_to.said, before[act.step]), where)
        result.landed[f"{act.name}: {point}", came_to.kind] += 1
        result.runs += 1
    if not any(result.landed[row, REFUSED] for row in rows):
        result.missed.append("no call failed")
    return result


def run_apart(
    folder: Path,
    runs: int,
    chance: random.Random,
    said: Callable[[str], None],
    acts: tuple[Act, ...],
) -> Result:
    """As `run`, in a process that has libfiu preloaded, where libfiu is installed."""
    if not shutil.which("fiu-run"):
        return Result("failing calls (libfiu)", left_out="libfiu's fiu-run isn't installed")
    said("having calls fail")
    names = ",".join(act.name for act in acts)
    module, seed = "tests.campaigns.faults.io_errors", str(chance.randrange(1 << 30))
    done = subprocess.run(
        ["fiu-run", "-x", "-f", "", sys.executable, "-m", module, folder, str(runs), seed, names],
        cwd=_CHECKOUT, capture_output=True, text=True, timeout=_PATIENCE, check=False,
    )  # fmt: skip
    if done.returncode:
        raise AssertionError(done.stderr)
    return Result.from_json(json.loads(done.stdout))


def main() -> None:
    """The campaign in this process."""
    folder, runs, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    print(json.dumps(run(folder, runs, random.Random(seed), acts_of(sys.argv[4])).as_json()))


if __name__ == "__main__":
    main()
