"""An unlocked desk on a real store, with one small case to walk."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from consultdesk.consultation.source import Source
from consultdesk.desk import store
from consultdesk.desktop.case_page import CasePage
from consultdesk.desktop.form import Forms
from consultdesk.desktop.session import Session, Tools
from consultdesk.desktop.style import Style
from consultdesk.desktop.window import MainWindow
from consultdesk.desktop.work import Work
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


def clock() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
def story() -> Story:
    return replace(STORIES[0], records=notes_only)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    now = clock()
    made = store.make(tmp_path / "a.desk", PHYSICIAN, PASSPHRASE, now, throw_away=True)
    store.set_letterhead(made, LETTERHEAD, now)
    yield made
    made.close()


@pytest.fixture
def received(vault: Vault, story: Story) -> str:
    return walk.receive(vault, story, clock())


@pytest.fixture
def session(vault: Vault, forms: Forms, work: Work, style: Style, tmp_path: Path) -> Session:
    settings = QSettings(str(tmp_path / "geometry.ini"), QSettings.Format.IniFormat)
    return Session(vault, Tools(forms, work, style, settings, clock))


@pytest.fixture
def window(qtbot: QtBot, session: Session) -> Iterator[MainWindow]:
    window = MainWindow(session)
    window.resize(1440, 900)
    window.show()
    qtbot.waitExposed(window)
    yield window
    window.put_away()
    window.close()
    session.tools.work.shut_down()
    window.deleteLater()


@pytest.fixture
def opened(qtbot: QtBot, window: MainWindow, received: str) -> MainWindow:
    """The window with the case open and its first record shown."""
    with qtbot.waitSignal(window.page.shown):
        window.open_case(received)
    return window


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write a note to bring in."""
    folder = tmp_path / "arrived"
    folder.mkdir()

    def note(name: str, text: str) -> Path:
        path = folder / name
        path.write_text(text, encoding="utf-8")
        return path

    return note


def shown_step(page: CasePage) -> str:
    """What the banner of the next step says."""
    return page.step_banner.accessibleName()
