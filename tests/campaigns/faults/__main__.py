"""Faults of every kind in the middle of every act, and what they came to.

`python -m tests.campaigns.faults` takes an hour or two; see --help for how many of each.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.campaigns.faults import flips, full_disk, io_errors, kills, power_cuts
from tests.campaigns.faults.acts import Act, acts_of
from tests.campaigns.faults.result import Result, table
from tests.campaigns.faults.scene import memory

Campaign = Callable[[Path, int, random.Random, Callable[[str], None], tuple[Act, ...]], Result]

CAMPAIGNS: dict[str, tuple[Campaign, int, str]] = {
    "kills": (kills.run, 1000, "processes killed in the middle of an act"),
    "power-cuts": (power_cuts.run, 400, "power cuts on a disk that keeps only what was synced"),
    "enospc": (full_disk.run_apart, 120, "acts on a small disk that runs full"),
    "libfiu": (io_errors.run_apart, 540, "acts while reading, writing or syncing fails by chance"),
    "flips": (flips.run, 1000, "bits turned over in each kind of file"),
}


def main() -> int:
    """Run the campaigns one after the other; 1 when any figure that must be 0 isn't."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.faults", description=__doc__)
    for name, (_, usual, what) in CAMPAIGNS.items():
        parser.add_argument(f"--{name}", type=int, default=usual, metavar="N", help=what)
    parser.add_argument("--seed", type=int, default=time.time_ns() % (1 << 32))
    parser.add_argument("--out", type=Path, help="where the figures are kept, as JSON")
    parser.add_argument("--folder", type=Path, default=memory(), help="where stores may lie")
    parser.add_argument("--acts", default="", help="only these acts, parted by commas")
    asked = parser.parse_args()
    acts = acts_of(asked.acts)
    _say(f"seed {asked.seed}")
    results = []
    with tempfile.TemporaryDirectory(prefix="faults-", dir=asked.folder) as base:
        for name, (campaign, _, _) in CAMPAIGNS.items():
            if wanted := getattr(asked, name.replace("-", "_")):
                folder = Path(base) / name
                folder.mkdir()
                began = time.monotonic()
                result = campaign(folder, wanted, random.Random(asked.seed), _say, acts)
                result.seconds = time.monotonic() - began
                results.append(result)
    if asked.out:
        said = {"seed": asked.seed, "campaigns": [one.as_json() for one in results]}
        asked.out.write_text(json.dumps(said, indent=1))
    print(table(results))
    return 0 if all(one.good for one in results) else 1


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
