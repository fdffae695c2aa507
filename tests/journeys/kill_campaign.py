"""Kills the desk's process over and over and looks each time at what it left.

`python -m tests.journeys.kill_campaign --kills 500` prints the histogram of phases.
"""

import argparse
import json
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from consultdesk.desk import store
from consultdesk.samples.practice import LETTERHEAD, PASSPHRASE, PHYSICIAN
from tests.journeys.kill_evidence import Evidence

ACTS = ("import", "sign", "release", "other")
PHASES = ("before first statement", "reading, sealing", "in transaction", "committing",
          "after acknowledgement")  # fmt: skip
INSIDE = PHASES[1:4]
_PHASE_OF = dict(
    zip(("begin", "statement", "transaction", "commit", "acknowledged"), PHASES, strict=True)
)
_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE = 60.0  # seconds without a word from the child
_WHOLE_EVERY = 6  # kills, and at the end: what is wrong stays wrong
_PAUSE = 0.002  # seconds between two acts of a child

Mark = dict[str, Any]


class ChildFailed(AssertionError):
    """The desk refused or broke where nothing stood in its way."""


@dataclass
class Usual:
    """How long after each mark the acknowledgement usually comes, in seconds."""

    seconds: dict[tuple[str, str], float] = field(default_factory=dict)

    def learn(self, marks: list[Mark]) -> None:
        """Take in the marks of one act, the acknowledgement last."""
        end = marks[-1]["at"]
        for mark in marks[:-1]:
            key, took = (mark["act"], mark["phase"]), (end - mark["at"]) / 1e9
            self.seconds[key] = 0.7 * self.seconds.get(key, took) + 0.3 * took

    def after(self, act: str, phase: str) -> float:
        """Seconds from that mark to the acknowledgement, or from that to the next act."""
        if phase == "acknowledged":
            return _PAUSE
        return self.seconds.get((act, phase), 0.02)


class Nursery:
    """A process that has everything loaded and forks the children that are killed."""

    def __init__(self, folder: Path, handed_over: Path) -> None:
        self._marks, theirs = os.pipe()
        os.set_blocking(self._marks, False)
        command = [sys.executable, "-m", "tests.journeys.kill_worker", str(theirs)]
        self._process = subprocess.Popen(
            [*command, str(folder), str(handed_over)], cwd=_ROOT, pass_fds=(theirs,), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1,
        )  # fmt: skip
        os.close(theirs)
        self._rest = b""

    def fork(self, **asked: object) -> int:
        """A child that works as asked; its process id."""
        self._ask().write(json.dumps(asked) + "\n")
        return int(self._answer())

    def ended(self) -> None:
        """Wait until the child is gone, so that nobody but us has the store."""
        if self._answer() != "ended":
            raise ChildFailed("the nursery lost count of its children")

    def marks(self, seconds: float) -> list[Mark]:
        """The marks that have come, waiting for the first so long."""
        if not select.select([self._marks], [], [], seconds)[0]:
            return []
        lines = (self._rest + os.read(self._marks, 1 << 20)).split(b"\n")
        self._rest = lines.pop()
        found = [json.loads(line) for line in lines]
        for mark in found:
            if mark["phase"] == "failed":
                raise ChildFailed(mark["why"])
        return found

    def close(self) -> None:
        """End the nursery."""
        self._ask().close()
        self._process.wait(_PATIENCE)
        if self._process.stdout:
            self._process.stdout.close()
        os.close(self._marks)

    def _ask(self) -> Any:  # noqa: ANN401 - the pipe Popen was asked for
        return self._process.stdin

    def _answer(self) -> str:
        answer = self._process.stdout.readline() if self._process.stdout else ""
        if not answer:
            raise ChildFailed("the nursery has died")
        return answer.strip()


@dataclass
class Campaign:
    """Kills, each aimed at an act and a phase, and the store looked at after each."""

    nursery: Nursery
    evidence: Evidence
    chance: random.Random
    usual: Usual = field(default_factory=Usual)
    landed: Counter[tuple[str, str]] = field(default_factory=Counter)
    kills: int = 0

    def prepare(self) -> None:
        """Cases to sign and to release, and a few acts of each kind to learn how long they take."""
        work: list[dict[str, object]] = [{"aim": "prepare", "drafted": 3, "signed": 4}]
        work += [{"aim": aim, "acts": 3} for aim in ACTS[:3]]
        for asked in work:
            self.nursery.fork(seed=0, **asked)
            self.nursery.ended()
            self._take(self.nursery.marks(0))
        self.evidence.look()

    def kill(self, act: str, phase: str, within: float = 1.0) -> tuple[str, str]:
        """Kill a child somewhere behind that mark of that act; returns where it fell.

        `within` is the share of the way to the acknowledgement in which it may fall.
        """
        wait = self.chance.random() * self.usual.after(act, phase) * within
        child = self.nursery.fork(aim=act, seed=self.kills)
        marks = self._until(act, phase, after=self.chance.choice((0, 0, 1, 2)))
        _sleep_until(time.perf_counter() + wait)
        os.kill(child, signal.SIGKILL)
        self.nursery.ended()
        marks += self.nursery.marks(0)
        self._take(marks)
        self.kills += 1
        last = marks[-1]
        fell = (last["act"], _PHASE_OF[last["phase"]])
        self.landed[fell] += 1
        self.evidence.look(whole=self.kills % _WHOLE_EVERY == 0)
        return fell

    def _until(self, act: str, phase: str, after: int) -> list[Mark]:
        """Every mark up to the wanted one, `after` acts of that kind having passed."""
        marks: list[Mark] = []
        while True:
            fresh = self.nursery.marks(_PATIENCE)
            if not fresh:
                raise ChildFailed("the child fell silent")
            for mark in fresh:
                marks.append(mark)
                after -= mark["act"] == act and mark["phase"] == "acknowledged"
            last = marks[-1]
            if after <= 0 and (last["act"], last["phase"]) == (act, phase):
                return marks

    def _take(self, marks: list[Mark]) -> None:
        begun: list[Mark] = []
        for mark in marks:
            begun = [mark] if mark["phase"] == "begin" else [*begun, mark]
            if mark["phase"] == "acknowledged":
                self.usual.learn(begun)
                self.evidence.acknowledged.append(mark)
                begun = []
        self.evidence.interrupted = begun[0] if begun else {}

    # --- what the campaign has done ---------------------------------------------------

    def inside(self, act: str) -> int:
        """How many kills fell between the act's first statement and its acknowledgement."""
        return sum(self.landed[act, phase] for phase in INSIDE)

    def empty(self) -> list[str]:
        """The phases in which no kill fell yet."""
        return [one for one in PHASES if not any(self.landed[act, one] for act in ACTS)]

    def table(self) -> str:
        """The histogram of phases."""
        head = f"{'':8}" + "".join(f"{phase:>24}" for phase in PHASES)
        rows = [
            f"{act:8}" + "".join(f"{self.landed[act, phase]:24}" for phase in PHASES)
            for act in ACTS
        ]
        said = [f"{self.kills} kills", head, *rows, *self.evidence.summary()]
        return "\n".join(said)


def aims(kills: int, least_inside: int, campaign: Campaign) -> Iterator[tuple[str, str, float]]:
    """What to aim at next until there are enough kills, enough inside each act, in all phases."""
    marks = ("transaction", "statement", "commit", "transaction", "begin", "acknowledged")
    n = 0
    while True:
        short = [a for a in ACTS[:3] if campaign.inside(a) < least_inside]
        empty = campaign.empty()
        if campaign.kills >= kills and (not (short or empty) or campaign.kills >= 3 * kills):
            return
        if campaign.kills >= kills and not short:
            mark = next(mark for mark, phase in _PHASE_OF.items() if phase == empty[0])
            yield ACTS[n % len(ACTS)], mark, 0.0
        else:
            pool = short if campaign.kills >= kills else ACTS
            yield pool[n % len(pool)], marks[(n // len(pool)) % len(marks)], 1.0
        n += 1


@contextmanager
def begun(folder: Path, seed: int) -> Iterator[Campaign]:
    """A campaign on a new store in the folder."""
    desk, handed_over = folder / "a.desk", folder / "handed over"
    handed_over.mkdir()
    now = time.time_ns() // 1_000_000
    made = store.make(desk, PHYSICIAN, PASSPHRASE, now, throw_away=True)
    store.set_letterhead(made, LETTERHEAD, now)
    made.close()
    nursery = Nursery(desk, handed_over)
    try:
        campaign = Campaign(nursery, Evidence(desk, handed_over), random.Random(seed))
        campaign.prepare()
        yield campaign
    finally:
        nursery.close()


def _sleep_until(instant: float) -> None:
    while (left := instant - time.perf_counter()) > 0:
        if left > 0.001:
            time.sleep(left - 0.0005)


def main() -> int:
    """A campaign as long as one asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=time.time_ns())
    asked = parser.parse_args()
    print("seed", asked.seed)
    with tempfile.TemporaryDirectory() as folder, begun(Path(folder), asked.seed) as campaign:
        for aim in aims(asked.kills, asked.kills // 8, campaign):
            campaign.kill(*aim)
        campaign.evidence.look_at_everything()
        print(campaign.table())
    return 0


if __name__ == "__main__":
    sys.exit(main())
