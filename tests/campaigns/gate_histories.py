"""Random histories of consents and letters: the gate's verdict against a judge of its own.

`python -m tests.campaigns.gate_histories --histories 100000 [--seed N] [--stored N]` tells that
many histories to the domain's gate and to oracle.py, which shares nothing with it, and every
one of the first `--stored` to a real store and its triggers besides. It prints a table, and
fails on a single difference, where too few histories end with a letter that leaves, or where a
condition was too seldom the only one that failed.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from consultdesk.consultation.delivery import (
    Clause,
    ClearedParcel,
    Moment,
    Refusal,
    clear,
    clear_by_any,
)
from consultdesk.consultation.patient import RecipientKind
from tests.campaigns.histories import RECIPIENTS, History
from tests.campaigns.oracle import CONDITIONS, Desk, Step
from tests.campaigns.stored import Stored
from tests.campaigns.values import START, Gate

LEAST_CLEARED = 0.20
LEAST_ALONE = 100


@dataclass
class Findings:
    """What a campaign has come to."""

    histories: int = 0
    asked: int = 0
    left: int = 0
    stored: int = 0
    alone: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)

    def wanting(self, least: int) -> list[str]:
        """Which figures are missed."""
        missed = [f"{len(self.differences)} differences"] if self.differences else []
        if self.left < LEAST_CLEARED * self.histories:
            missed.append(f"only {self.left} of {self.histories} histories clear")
        rare = [f"{one} {self.alone[one]}" for one in CONDITIONS if self.alone[one] < least]
        return missed + ([f"too seldom alone: {', '.join(rare)}"] if rare else [])


def said_of(verdict: ClearedParcel | Refusal) -> frozenset[str]:
    """The clauses that failed, none for a parcel that was cleared."""
    return frozenset(verdict.clauses) if isinstance(verdict, Refusal) else frozenset()


def judge(steps: list[Step], start: int, found: Findings, name: str) -> None:
    """Tell one history to both and hold what they say of each question together."""
    desk, gate = Desk(start), Gate(start)
    leaves = False
    for step in steps:
        if step[0] != "ask":
            desk.take(step)
            gate.take(step)
            continue
        _, asked, under = step
        expected = desk.failing(asked, under)
        moment = Moment(desk.system, desk.mark)
        parcel = gate.parcel(asked)
        wishes = gate.standing(parcel.letter.patient_id)
        held = gate.consents[under] if under else None
        got = said_of(clear(parcel, held, wishes, moment))
        leaves = desk.may_leave(asked)
        by_any = clear_by_any(parcel, tuple(gate.consents.values()), wishes, moment)
        found.asked += 1
        if got != expected:
            found.differences.append(f"{name}: {sorted(got)}, not {sorted(expected)}")
        if isinstance(by_any, ClearedParcel) != leaves:
            found.differences.append(f"{name}: by any consent {by_any}, not {leaves}")
        if len(expected) == 1:
            found.alone.update(expected)
    found.histories += 1
    found.left += leaves


def campaign(histories: int, seed: int, stored: int, folder: Path) -> Findings:
    """Tell so many histories; the first `stored` of them to a real store as well."""
    found = Findings()
    for number in range(histories):
        rng = random.Random(f"{seed} {number}")
        judge(History(rng, START).tell(), START, found, f"history {seed} {number}")
    if stored:
        real = Stored(folder)
        try:
            for number in range(stored):
                rng = random.Random(f"stored {seed} {number}")
                history = History(rng, real.mark, outside=False)
                found.differences += real.differs(history.tell(), f"stored {seed} {number}")
                found.stored += 1
        finally:
            real.close()
    return found


def main() -> int:
    """Run it as asked for and say what came of it."""
    asking = argparse.ArgumentParser(description=__doc__)
    asking.add_argument("--histories", type=int, default=100_000)
    asking.add_argument("--seed", type=int, default=1)
    asking.add_argument("--stored", type=int, default=2_000)
    said = asking.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = campaign(said.histories, said.seed, said.stored, Path(folder))
    print("| condition | failed alone |\n|---|---|")
    for one in CONDITIONS:
        print(f"| {one} | {found.alone[one]} |")
    share = found.left / max(found.histories, 1)
    print(f"\n{found.histories} histories, {found.asked} questions, {share:.1%} of them clear,")
    print(f"{found.stored} in a real store, {time.monotonic() - began:.0f} s")
    for difference in found.differences[:20]:
        print(difference)
    missed = found.wanting(LEAST_ALONE)
    for one in missed:
        print(f"missed: {one}")
    return bool(missed)


if __name__ == "__main__":
    assert set(CONDITIONS) == set(Clause)
    assert set(RECIPIENTS.values()) == set(RecipientKind)
    sys.exit(main())
