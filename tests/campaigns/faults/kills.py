"""The desk's process killed (kill -9) in every phase of every act."""

import json
import os
import random
import select
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from tests.campaigns.faults import evidence, worker
from tests.campaigns.faults.acts import Act, warm
from tests.campaigns.faults.marks import FAILED, MARKS, PHASE_OF, PHASES, Mark, Marks
from tests.campaigns.faults.result import Result
from tests.campaigns.faults.scene import Prepared, Scene

_PATIENCE = 60.0  # seconds without a word from the child
_BEHIND = 0.002  # seconds behind an acknowledgement in which a kill may fall
_TRIES = 4
"""So many times the kills asked for, where some phase of an act hasn't been hit yet."""


@dataclass
class Child:
    """A fork of this process, which has everything loaded, at its one act."""

    act: Act
    scene: Scene
    marks: list[Mark] = field(default_factory=list)

    def __enter__(self) -> "Child":
        self._pipe, theirs = os.pipe()
        self._process = os.fork()
        if not self._process:
            os.close(self._pipe)
            _work(self.act, self.scene, theirs)
        os.close(theirs)
        self._rest = b""
        return self

    def __exit__(self, *_: object) -> None:
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)
        self._take(0)  # a pipe keeps what was written before
        os.close(self._pipe)

    def until(self, mark: str, seen: int = 1) -> None:
        """Wait until the mark was made so often, or the act is acknowledged."""
        while True:
            said = [one["mark"] for one in self.marks]
            if said.count(mark) >= seen or MARKS[-1] in said:
                return
            if not self._take(_PATIENCE):
                raise AssertionError(f"the child fell silent in {self.act.name}")

    def _take(self, seconds: float) -> bool:
        if not select.select([self._pipe], [], [], seconds)[0]:
            return False
        data = os.read(self._pipe, 1 << 20)
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        self.marks += (json.loads(line) for line in lines)
        if self.marks and self.marks[-1]["mark"] == FAILED:
            raise AssertionError(f"{self.act.name} failed unharmed: {self.marks[-1]['said']}")
        return bool(data)


def _work(act: Act, scene: Scene, pipe: int) -> NoReturn:
    marks = Marks(pipe)
    try:
        worker.do(act, scene, marks)
        signal.pause()
    except BaseException as problem:  # said on the pipe, so that the campaign fails by it
        marks.say(FAILED, repr(problem))
    os._exit(1)


@dataclass
class Usual:
    """How long after each mark of an act the next one usually comes, in seconds."""

    seconds: dict[tuple[str, str], float] = field(default_factory=dict)
    times: Counter[tuple[str, str]] = field(default_factory=Counter)

    def learn(self, act: str, marks: list[Mark]) -> None:
        """Take in the marks of a whole act."""
        for mark, after in zip(marks, marks[1:], strict=False):
            key, took = (act, mark["mark"]), after["at"] - mark["at"]
            self.seconds[key] = max(took, 0.8 * self.seconds.get(key, took))
        for name in MARKS:
            self.times[act, name] = sum(one["mark"] == name for one in marks)

    def after(self, act: str, mark: str) -> float:
        """Seconds from that mark to the next."""
        return self.seconds.get((act, mark), _BEHIND)


@dataclass
class Campaign:
    """Kills aimed at phases, each on a fresh copy of a prepared store, looked at afterwards."""

    folder: Path
    chance: random.Random
    acts: tuple[Act, ...]
    whole_every: int = 1
    """Verify the whole store after every so-manieth kill; the cheap checks come always."""

    def __post_init__(self) -> None:
        self._prepared = Prepared(self.folder.parent / "prepared")
        self._usual = Usual()
        self._before: dict[str, evidence.Facts] = {}
        rows = tuple(act.name for act in self.acts)
        self.result = Result("kill -9", rows, PHASES)

    def learn(self, act: Act) -> None:
        """Do the act once to its end, so that it is warm and its usual times are known."""
        if act.step not in self._before:
            scene = self._prepared.copy(act.step, self.folder / "before")
            self._before[act.step] = evidence.facts_before(act, scene)
        warm(act, self._prepared.copy(act.step, self.folder / "run"))
        with Child(act, self._prepared.copy(act.step, self.folder / "run")) as child:
            child.until(MARKS[-1])
        self._usual.learn(act.name, child.marks)

    def kill(self, act: Act, mark: str) -> str:
        """Kill a child somewhere between that mark and the next; the phase it fell in."""
        scene = self._prepared.copy(act.step, self.folder / "run")
        wait = self.chance.random() * self._usual.after(act.name, mark)
        seen = self.chance.randint(1, max(1, self._usual.times[act.name, mark]))
        with Child(act, scene) as child:
            child.until(mark, seen)
            time.sleep(wait)
        last = child.marks[-1]
        said = last["said"] if last["mark"] == MARKS[-1] else None
        fell = PHASE_OF[last["mark"]]
        whole = self.result.runs % self.whole_every == 0
        found = evidence.look(scene, act, said, self._before[act.step], whole=whole)
        self.result.met(found, f"{act.name}, killed {fell}")
        self.result.landed[act.name, fell] += 1
        self.result.runs += 1
        self.result.figures["acknowledged and found"] += said is not None
        self.result.figures["verified as a whole"] += whole
        return fell

    def missed(self, act: Act) -> list[str]:
        """The phases of the act in which no kill fell yet."""
        return [one for one in act.phases if not self.result.landed[act.name, one]]


def run(
    folder: Path,
    kills: int,
    chance: random.Random,
    said: Callable[[str], None],
    acts: tuple[Act, ...],
) -> Result:
    """So many kills over all acts; where there are enough for it, until each phase was hit."""
    campaign = Campaign(folder, chance, acts)
    for act in acts:
        campaign.learn(act)
    weighted = ("transaction", "commit", "statement", "transaction", "begin", "acknowledged")
    for n in range(kills):
        campaign.kill(acts[n % len(acts)], weighted[n // len(acts) % len(weighted)])
        if n % 50 == 49:
            said(f"{campaign.result.runs} kills")
    if kills < 2 * len(acts) * len(PHASES):
        return campaign.result
    while missed := [(act, phase) for act in acts for phase in campaign.missed(act)]:
        if campaign.result.runs >= _TRIES * kills:
            break
        act, phase = chance.choice(missed)
        campaign.kill(act, MARKS[PHASES.index(phase)])
    campaign.result.missed += [f"{act.name}: {phase}" for act, phase in missed]
    return campaign.result
