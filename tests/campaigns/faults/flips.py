"""Single bits turned over in every file of a store: told, or without any effect."""

import os
import random
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from consultdesk.desk import intake, reports, store
from consultdesk.errors import ConsultDeskError
from consultdesk.samples import walk
from consultdesk.samples.practice import PASSPHRASE
from consultdesk.vault import header, records, tables
from consultdesk.vault.anchors import ANCHORED
from consultdesk.vault.vault import Vault
from tests.campaigns.faults.acts import Act
from tests.campaigns.faults.evidence import canonical
from tests.campaigns.faults.result import UNCLEAR, UNDETECTED, Finding, Result
from tests.campaigns.faults.scene import Prepared, Scene, only_case
from tests.stations import STORY, now

REFUSED, NAMED, HARMLESS = "refused at opening", "named by verify", "without effect"
TAIL = "newest acts gone, none of them anchored"
"""What the log held behind the last anchor: SQLite takes a log only up to its first damage."""
_OPENING_CHANGES = frozenset({"audit_event", "clock_mark", "header_mark"})
"""Opening adds a line, moves the clock, and mends a copy of the key file that is damaged."""
_WRAPPED = "sealing_key"
"""The keys of cases and patients: what they open is read in the other tables."""
_LOG, _DATABASE, _SEARCH = "desk.db-wal", "desk.db", "search.db"
_BOTH = " and ".join(header.NAMES)
TARGETS = (_DATABASE, _LOG, _SEARCH, *header.NAMES, _BOTH, "content")


@dataclass(frozen=True)
class Readable:
    """Everything that can be read in a store, and its audit trail up to a line."""

    rows: frozenset[str]
    trail: tuple[tuple[int, str, str], ...]

    @classmethod
    def of(cls, vault: Vault, lines: int = 1 << 40) -> "Readable":
        """What stands there, the audit trail up to that line."""
        with vault.read() as reading:
            rows = frozenset(
                f"{table.name} {canonical(row)}"
                for table in tables.metadata.sorted_tables
                if table.name not in _OPENING_CHANGES | {_WRAPPED}
                for row in reading.all(table, select(table))
            )
        trail = reports.case_events(vault)
        return cls(rows, tuple((e.seq, e.act, e.link) for e in reversed(trail) if e.seq <= lines))

    @property
    def lines(self) -> int:
        """The number of the newest line."""
        return self.trail[-1][0]


@dataclass
class Campaign:
    """Flips in the files of one store, which is put back after each."""

    folder: Path
    chance: random.Random
    result: Result = field(
        default_factory=lambda: Result("bit flips", TARGETS, (REFUSED, NAMED, HARMLESS, TAIL))
    )

    def __post_init__(self) -> None:
        prepared = Prepared(self.folder.parent / "prepared")
        self._closed = prepared.copy("consented", self.folder / "closed")
        self._killed = prepared.copy("drafted", self.folder / "killed")
        _search_once(self._closed)
        _work_and_die(self._killed)
        self._expected = {scene.home: self._read(scene) for scene in (self._closed, self._killed)}

    def flip(self, target: str) -> None:
        """Turn one bit over in a copy of the store, open it, verify it, read it."""
        original = self._killed if target == _LOG else self._closed
        scene = self._copy(original)
        for name in _BOTH.split(" and ") if target == _BOTH else (target,):
            self._turn(scene.store / name)
        scene.enter()
        came_to, found = self._opened(scene, self._expected[original.home], target)
        self._count(target, came_to, found)

    def flip_content(self, times: int) -> None:
        """Turn bits over in the sealed files of an open store, one at a time."""
        scene = self._copy(self._closed)
        scene.enter()
        vault = scene.unlock()
        with vault.read() as reading:
            numbers = records.case_numbers(reading)
            owner = {row["name"]: numbers[row["case_id"]] for row in records.all_contents(reading)}
        for _ in range(times):
            path = self.chance.choice(sorted(vault.content_folder.iterdir()))
            whole = path.read_bytes()
            self._turn(path)
            said = [(one["file"], one["case"]) for one in store.verify(vault).damaged or ()]
            path.write_bytes(whole)
            told = said == [(path.name, owner[path.name])]
            self._count("content", NAMED, [] if told else [(UNDETECTED, f"verify says {said}")])
        vault.close()

    def _opened(self, scene: Scene, expected: Readable, target: str) -> tuple[str, list[Finding]]:
        try:
            vault = scene.unlock()
        except ConsultDeskError as refused:
            return REFUSED, [] if str(refused).strip() else [(UNCLEAR, "no words")]
        except Exception as broken:
            return REFUSED, [(UNCLEAR, f"opening ends in {broken!r}")]
        try:
            if not store.verify(vault).ok:
                return NAMED, []
        except Exception as broken:
            vault.close()
            return NAMED, [(UNCLEAR, f"verifying ends in {broken!r}")]
        try:
            return self._compared(Readable.of(vault, expected.lines), expected, target)
        except ConsultDeskError as refused:
            return NAMED, [(UNDETECTED, f"verify is well, and reading says {refused}")]
        finally:
            vault.close()

    def _compared(
        self, found: Readable, expected: Readable, target: str
    ) -> tuple[str, list[Finding]]:
        if found == expected:
            return HARMLESS, []
        kept = [line for line in expected.trail if line in found.trail]
        lost = [act for seq, act, _ in expected.trail if seq > (kept[-1][0] if kept else 0)]
        whole = len(kept) + len(lost) == len(expected.trail)
        if target != _LOG or not (lost and whole):
            return HARMLESS, [(UNDETECTED, "verify is well, and something reads otherwise")]
        if anchored := ANCHORED & set(lost):
            return TAIL, [(UNDETECTED, f"acts are gone in spite of their anchor: {anchored}")]
        return TAIL, []

    def _count(self, target: str, came_to: str, found: list[Finding]) -> None:
        self.result.met(found, target)
        self.result.landed[target, came_to] += 1
        self.result.runs += 1

    def _turn(self, path: Path) -> None:
        data = bytearray(path.read_bytes())
        data[self.chance.randrange(len(data))] ^= 1 << self.chance.randrange(8)
        path.write_bytes(data)

    def _copy(self, original: Scene) -> Scene:
        home = self.folder / "run"
        if home.exists():
            shutil.rmtree(home)
        shutil.copytree(original.home, home)
        return Scene(home)

    def _read(self, original: Scene) -> Readable:
        scene = self._copy(original)
        scene.enter()
        vault = scene.unlock()
        try:
            whole = Readable.of(vault)
            return Readable(whole.rows, whole.trail[:-1])  # the last line is this opening
        finally:
            vault.close()


def run(
    folder: Path,
    flips: int,
    chance: random.Random,
    said: Callable[[str], None],
    acts: tuple[Act, ...],
) -> Result:
    """So many flips in each kind of file; no act is under way."""
    del acts
    campaign = Campaign(folder, chance)
    for target in TARGETS[:-1]:
        for _ in range(flips):
            campaign.flip(target)
        said(f"{flips} flips in {target}")
    campaign.flip_content(flips)
    said(f"{flips} flips in content")
    landed = campaign.result.landed
    campaign.result.missed += [
        f"nothing is noticed in {target}"
        for target in (_DATABASE, _LOG, _BOTH, "content")
        if not any(landed[target, how] for how in (REFUSED, NAMED, TAIL))
    ]
    return campaign.result


def _search_once(scene: Scene) -> None:
    scene.enter()
    vault = scene.unlock()
    vault.search.find("disc")
    vault.close()
    (scene.store / "reserve").unlink(missing_ok=True)


def _work_and_die(scene: Scene) -> None:
    """Work at the desk in a fork that is killed, so that its log stays behind."""
    child = os.fork()
    if not child:
        try:
            scene.enter()
            _work(scene)
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    (scene.store / "reserve").unlink(missing_ok=True)


def _work(scene: Scene) -> None:
    vault = scene.unlock()
    number = only_case(vault)
    walk.draft(vault, number, STORY, now())
    signed = walk.sign(vault, number, PASSPHRASE, now())
    walk.agree(vault, number, now())
    walk.release(vault, number, signed, scene.handed_over, "told by telephone", now())
    intake.bring_in_sources(vault, STORY.records(STORY.person, STORY.doctor), now())
