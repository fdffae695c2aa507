"""A desk with a real store, and a case brought as far as a test wants it."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtTest import QTest

from consultdesk.consultation.source import Source
from consultdesk.desk import opinion, store
from consultdesk.desktop.form import Forms
from consultdesk.desktop.session import Session, Tools
from consultdesk.desktop.style import Style
from consultdesk.desktop.work import Work
from consultdesk.samples import records, walk
from consultdesk.samples.people import Doctor, Person, Section
from consultdesk.samples.practice import LETTERHEAD, PASSPHRASE, PHYSICIAN
from consultdesk.samples.stories import STORIES
from consultdesk.samples.walk import Story
from consultdesk.vault.vault import Vault

__all__ = ["PASSPHRASE", "Desk", "open_desk", "settle"]


def now() -> int:
    """The system clock, UTC ms."""
    return time.time_ns() // 1_000_000


def notes_only(person: Person, doctor: Doctor) -> Sequence[Source]:
    """Records that need no reading process."""
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


@dataclass(frozen=True)
class Desk:
    """An unlocked desk and the story its cases follow."""

    session: Session
    story: Story

    @property
    def vault(self) -> Vault:
        """The store."""
        return self.session.vault

    def received(self) -> str:
        """A case that was just received."""
        return walk.receive(self.vault, self.story, now())

    def accepted(self) -> str:
        """A case that was confirmed and accepted."""
        number = self.received()
        walk.confirm(self.vault, number, self.story, now())
        walk.accept(self.vault, number, now())
        return number

    def ready(self) -> str:
        """A case that is ready to read."""
        number = self.accepted()
        walk.get_ready(self.vault, number, now())
        return number

    def reading(self) -> str:
        """A case whose own read has begun."""
        number = self.ready()
        opinion.begin(self.vault, number, now())
        return number

    def compared(self) -> str:
        """A case whose own read is locked."""
        number = self.ready()
        walk.read(self.vault, number, self.story, now())
        return number

    def drafted(self) -> str:
        """A case whose opinion is written and not signed."""
        number = self.compared()
        walk.compare(self.vault, number, self.story, now())
        walk.draft(self.vault, number, self.story, now())
        return number

    def signed(self) -> str:
        """A case whose letter is signed."""
        number = self.drafted()
        walk.sign(self.vault, number, PASSPHRASE, now())
        return number


@contextmanager
def open_desk(folder: Path, forms: Forms, style: Style, work: Work) -> Iterator[Desk]:
    """A desk on a store made a moment ago."""
    vault = store.make(folder / "a.desk", PHYSICIAN, PASSPHRASE, now(), throw_away=True)
    store.set_letterhead(vault, LETTERHEAD, now())
    settings = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
    session = Session(vault, Tools(forms, work, style, settings, now))
    try:
        yield Desk(session, replace(STORIES[0], records=notes_only))
    finally:
        work.shut_down()
        session.close()


def settle(work: Work, *, longest_ms: int = 10_000) -> None:
    """Let the work under way, and what follows from it, come to an end."""
    quiet = 0
    waited = 0
    while quiet < 4 and waited < longest_ms:
        QTest.qWait(5)
        waited += 5
        quiet = 0 if work.tasks else quiet + 1
