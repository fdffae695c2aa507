"""Stores that stand at a step of the job: each walked once, then copied for every test."""

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from consultdesk.consultation.source import Source
from consultdesk.desk import store
from consultdesk.samples import records, walk
from consultdesk.samples.people import Doctor, Person, Section
from consultdesk.samples.practice import LETTERHEAD, PASSPHRASE, PHYSICIAN
from consultdesk.samples.stories import STORIES
from consultdesk.vault import header, members
from consultdesk.vault.members import OpenKeys
from consultdesk.vault.vault import Vault


def now() -> int:
    """The system clock, UTC ms; the database has a clock too."""
    return time.time_ns() // 1_000_000


def notes_only(person: Person, doctor: Doctor) -> Sequence[Source]:
    """Records that need no reading process: quick to bring in."""
    del doctor
    referral = (
        Section("History", ("Left leg pain for eleven weeks.",)),
        Section("Question", ("Is an operation needed now?",)),
    )
    imaging = (Section("Findings", ("Disc protrusion L4/5 on the left.",)),)
    return (
        records.note_text("Referral.txt", person, "2026-10-20", referral),
        records.note_text("MRI report.txt", person, "2026-10-14", imaging),
    )


STORY = replace(STORIES[0], records=notes_only)
"""A spine case whose records are two short notes."""

STEPS = ("empty", "received", "accepted", "ready", "compared", "drafted", "signed")


def step_on(vault: Vault, number: str, step: str) -> str:
    """Take the case from the step before to `step`; its number."""
    match step:
        case "received":
            return walk.receive(vault, STORY, now())
        case "accepted":
            walk.confirm(vault, number, STORY, now())
            walk.accept(vault, number, now())
        case "ready":
            walk.get_ready(vault, number, now())
        case "compared":
            walk.read(vault, number, STORY, now())
        case "drafted":
            walk.compare(vault, number, STORY, now())
            walk.draft(vault, number, STORY, now())
        case "signed":
            walk.sign(vault, number, PASSPHRASE, now())
        case _:
            raise ValueError(step)
    return number


def walk_to(vault: Vault, step: str) -> str:
    """Take a new case of an open store to `step`; its number."""
    number = ""
    for one in STEPS[1 : STEPS.index(step) + 1]:
        number = step_on(vault, number, one)
    return number


def open_at(step: str, folder: Path) -> tuple[Vault, str]:
    """A store in `folder`, open, whose one case stands at `step`; the number of that case."""
    files, number = _walked(step)
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(0o600)
    return Vault.with_keys(folder, _keys(), now()), number


@cache
def _walked(step: str) -> tuple[dict[str, bytes], str]:
    """The files of a store whose case stands at `step`, and the number of the case."""
    with TemporaryDirectory() as folder:
        place = Path(folder) / "a.desk"
        if step == STEPS[0]:
            vault, number = store.make(place, PHYSICIAN, PASSPHRASE, now(), throw_away=True), ""
            store.set_letterhead(vault, LETTERHEAD, now())
        else:
            vault, number = open_at(STEPS[STEPS.index(step) - 1], place)
            number = step_on(vault, number, step)
        vault.close()
        files = (path for path in place.rglob("*") if path.is_file())
        return {str(path.relative_to(place)): path.read_bytes() for path in files}, number


@cache
def _keys() -> OpenKeys:
    """What the passphrase opens, derived once: every store here is a copy of one."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        for name, data in _walked(STEPS[0])[0].items():
            (place / name).write_bytes(data)
        return members.unlock(header.read(place), "", PASSPHRASE)
