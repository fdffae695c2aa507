"""A desk of one physician on a real store, and one small case to walk."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from consultdesk.consultation.source import Source
from consultdesk.desk import store
from consultdesk.samples import records, walk
from consultdesk.samples.people import Doctor, Person, Section
from consultdesk.samples.practice import LETTERHEAD, PASSPHRASE, PHYSICIAN
from consultdesk.samples.stories import STORIES
from consultdesk.samples.walk import Story
from consultdesk.vault.vault import Vault


def notes_only(person: Person, doctor: Doctor) -> Sequence[Source]:
    """Records that need no reading process: quick to bring in."""
    referral = (
        Section("History", ("Left leg pain for eleven weeks.",)),
        Section("Question", ("Is an operation needed now?",)),
    )
    imaging = (Section("Findings", ("Disc protrusion L4/5 on the left.",)),)
    return (
        records.note_text("Referral.txt", person, "2026-10-20", referral),
        records.note_text("MRI report.txt", person, "2026-10-14", imaging),
    )


@pytest.fixture
def now() -> int:
    """The instant of the test, UTC ms; the real one, since the database has a clock too."""
    return time.time_ns() // 1_000_000


@pytest.fixture
def story() -> Story:
    """A spine case whose records are two short notes."""
    return replace(STORIES[0], records=notes_only)


@pytest.fixture
def vault(tmp_path: Path, now: int) -> Iterator[Vault]:
    """A store made a moment ago."""
    made = store.make(tmp_path / "a.desk", PHYSICIAN, PASSPHRASE, now, throw_away=True)
    store.set_letterhead(made, LETTERHEAD, now)
    yield made
    made.close()


@pytest.fixture
def received(vault: Vault, story: Story, now: int) -> str:
    """The number of a case that was just received."""
    return walk.receive(vault, story, now)


@pytest.fixture
def ready(vault: Vault, story: Story, received: str, now: int) -> str:
    """The number of a case that is ready for the own read."""
    walk.confirm(vault, received, story, now)
    walk.accept(vault, received, now)
    walk.get_ready(vault, received, now)
    return received


@pytest.fixture
def drafted(vault: Vault, story: Story, ready: str, now: int) -> str:
    """The number of a case whose opinion is written and not yet signed."""
    walk.read(vault, ready, story, now)
    walk.compare(vault, ready, story, now)
    walk.draft(vault, ready, story, now)
    return ready
