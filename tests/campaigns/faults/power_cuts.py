"""The power cut at any instant of every act, on a disk that keeps only what was synced.

Each act is recorded once, by a preloaded library (disk_log.c) that writes down every change of a
file, and then cut at many points. A device that drops writes (dm-log-writes) or a file system in
user space would see no more of this than the calls do, and needs a kernel that has it.
"""

import copy
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.campaigns.faults import evidence, worker
from tests.campaigns.faults.acts import Act, Said
from tests.campaigns.faults.disk import Disk, Luck, Record, read_log
from tests.campaigns.faults.marks import MARKS, PHASE_OF, PHASES, Mark
from tests.campaigns.faults.result import LOST, UNDETECTED, Result
from tests.campaigns.faults.scene import Prepared, Scene

_CHECKOUT = Path(__file__).resolve().parents[3]
_SOURCE = Path(__file__).with_name("disk_log.c")
_CUTS_A_RECORDING = 40
_PATIENCE = 120  # seconds


@dataclass(frozen=True)
class Recording:
    """An act done once: the disk as it lay before, and every change since."""

    act: Act
    home: Path
    before: Disk
    records: tuple[Record, ...]

    @property
    def marks(self) -> dict[int, Mark]:
        """By the number of the record that is the mark."""
        return {n: json.loads(r.first) for n, r in enumerate(self.records) if r.kind == "K"}

    def points(self) -> dict[str, list[int]]:
        """Where to cut, by phase; not while the act is being got ready."""
        found: dict[str, list[int]] = {}
        phase, marks = "", self.marks
        for cut in range(len(self.records)):
            phase = PHASE_OF[marks[cut]["mark"]] if cut in marks else phase
            if phase:
                found.setdefault(phase, []).append(cut)
        return found

    def said(self, cut: int) -> Said | None:
        """What had been acknowledged before the cut."""
        for at, mark in self.marks.items():
            if mark["mark"] == MARKS[-1] and at <= cut:
                return dict(mark["said"])
        return None

    def cut(self, after: int, luck: Luck, *, honest: bool = True) -> Scene:
        """The scene as a power cut leaves it behind the record of that number."""
        disk = copy.deepcopy(self.before)
        disk.honest = honest
        for record in self.records[: after + 1]:
            disk.take(record)
        shutil.rmtree(self.home)
        disk.cut(self.home, luck)
        return Scene(self.home)


class Recorder:
    """Does acts under the preloaded library."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._library = folder / "disk_log.so"
        self._prepared = Prepared(folder.parent / "prepared")
        self._before: dict[str, evidence.Facts] = {}
        build = ("gcc", "-shared", "-fPIC", "-O1", "-o", str(self._library), str(_SOURCE))
        subprocess.run([*build, "-ldl", "-lpthread"], check=True, capture_output=True)

    def record(self, act: Act) -> Recording:
        """Do the act once to its end. Raises AssertionError when it fails unharmed."""
        scene = self._prepared.copy(act.step, self._folder / "run")
        before = Disk(scene.home)
        log, marks = self._folder / "log", self._folder / "marks"
        for path in (log, marks):
            path.unlink(missing_ok=True)
        done = subprocess.run(
            [sys.executable, "-m", worker.__name__, act.name, str(scene.home), str(marks)],
            cwd=_CHECKOUT, capture_output=True, text=True, timeout=_PATIENCE, check=False,
            env={**os.environ, "LD_PRELOAD": str(self._library), "DISK_LOG": str(log),
                 "DISK_LOG_ROOT": str(scene.home), "DISK_LOG_MARKS": str(marks)},
        )  # fmt: skip
        if done.returncode:
            raise AssertionError(f"{act.name} failed unharmed: {done.stderr}{marks.read_text()}")
        return Recording(act, scene.home, before, tuple(read_log(log)))

    def before(self, act: Act) -> evidence.Facts:
        """The facts that a scene at the act's step holds."""
        if act.step not in self._before:
            scene = self._prepared.copy(act.step, self._folder / "before")
            self._before[act.step] = evidence.facts_before(act, scene)
        return self._before[act.step]


def run(
    folder: Path,
    cuts: int,
    chance: random.Random,
    said: Callable[[str], None],
    acts: tuple[Act, ...],
) -> Result:
    """So many cuts over all acts, each phase of each act as often as the next."""
    result = Result("power cut", tuple(act.name for act in acts), PHASES)
    result.left_out = left_out()
    if result.left_out:
        return result
    recorder = Recorder(folder)
    while result.runs < cuts:
        for act in acts:
            left = -(-(cuts - result.runs) // (len(acts) - acts.index(act)))
            _cut_often(recorder, act, min(_CUTS_A_RECORDING, left), chance, result)
            said(f"{result.runs} power cuts")
    result.missed += [
        f"{act.name}: {phase}"
        for act in acts
        for phase in act.phases
        if not result.landed[act.name, phase] and cuts >= len(acts) * len(PHASES)
    ]
    return result


def left_out() -> str:
    """Why no power can be cut here."""
    if not sys.platform.startswith("linux"):
        return "calls are recorded on Linux only"
    return "" if shutil.which("gcc") else "there is no gcc to build the recording library with"


def _cut_often(
    recorder: Recorder, act: Act, times: int, chance: random.Random, result: Result
) -> None:
    recording, before = recorder.record(act), recorder.before(act)
    points = recording.points()
    for n in range(times):
        phase = list(points)[n % len(points)]
        after = chance.choice(points[phase])
        known = recording.said(after)
        scene = recording.cut(after, Luck.drawn(chance))
        found = evidence.look(scene, act, known, before)
        result.met(found, f"{act.name}, cut {phase}, behind record {after}")
        result.landed[act.name, phase] += 1
        result.runs += 1
        result.figures["acknowledged and found"] += known is not None
    result.figures["changes recorded"] += len(recording.records)
    if act.name in ("import", "sign"):
        _control(recording, before, chance, result)


def _control(
    recording: Recording, before: evidence.Facts, chance: random.Random, result: Result
) -> None:
    """A disk that takes no sync for one must be found out; else the campaign finds nothing."""
    last = len(recording.records) - 1
    none = Luck(chance, 0.0, 4096, in_order=False)
    scene = recording.cut(last, none, honest=False)
    found = evidence.look(scene, recording.act, recording.said(last), before)
    if any(kind == LOST for kind, _ in found):
        result.figures["losses found on a disk that ignores syncs (the control)"] += 1
    else:
        result.findings.append((UNDETECTED, "a disk that ignores syncs loses nothing"))
