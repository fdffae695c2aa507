"""A desk with a real store, and a case brought as far as a test wants it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtTest import QTest

from consultdesk.desk import opinion
from consultdesk.desktop.form import Forms
from consultdesk.desktop.session import Session, Tools
from consultdesk.desktop.style import Style
from consultdesk.desktop.work import Work
from consultdesk.samples.practice import PASSPHRASE
from consultdesk.vault.vault import Vault
from tests.stations import STORY, now, open_at, walk_to

__all__ = ["PASSPHRASE", "Desk", "now", "open_desk", "settle"]


class Desk:
    """A desk that is unlocked when it is first asked for, and the story its cases follow.

    The first case that a test wants comes with the store, which was walked there once; others
    are walked.
    """

    story = STORY

    def __init__(self, folder: Path, tools: Tools) -> None:
        self._folder = folder
        self._tools = tools
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """The open desk."""
        if self._session is None:
            self._open("empty")
        assert self._session is not None
        return self._session

    @property
    def vault(self) -> Vault:
        """The store."""
        return self.session.vault

    def close(self) -> None:
        """Let go of the store."""
        if self._session is not None:
            self._session.close()

    def received(self) -> str:
        """A case that was just received."""
        return self._at("received")

    def accepted(self) -> str:
        """A case that was confirmed and accepted."""
        return self._at("accepted")

    def ready(self) -> str:
        """A case that is ready to read."""
        return self._at("ready")

    def reading(self) -> str:
        """A case whose own read has begun."""
        number = self.ready()
        opinion.begin(self.vault, number, now())
        return number

    def compared(self) -> str:
        """A case whose own read is locked."""
        return self._at("compared")

    def drafted(self) -> str:
        """A case whose opinion is written and not signed."""
        return self._at("drafted")

    def signed(self) -> str:
        """A case whose letter is signed."""
        return self._at("signed")

    def _at(self, step: str) -> str:
        return self._open(step) if self._session is None else walk_to(self.vault, step)

    def _open(self, step: str) -> str:
        vault, number = open_at(step, self._folder)
        self._session = Session(vault, self._tools)
        return number


@contextmanager
def open_desk(folder: Path, forms: Forms, style: Style, work: Work) -> Iterator[Desk]:
    """A desk on a store of its own."""
    settings = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
    desk = Desk(folder / "a.desk", Tools(forms, work, style, settings, now))
    try:
        yield desk
    finally:
        work.shut_down()
        desk.close()


def settle(work: Work, *, longest_ms: int = 10_000) -> None:
    """Let the work under way, and what follows from it, come to an end."""
    quiet = 0
    waited = 0
    while quiet < 4 and waited < longest_ms:
        QTest.qWait(5)
        waited += 5
        quiet = 0 if work.tasks else quiet + 1
