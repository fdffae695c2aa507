"""An unlocked desk on a real store, with one small case to walk."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from consultdesk.desktop.case_page import CasePage
from consultdesk.desktop.form import Forms
from consultdesk.desktop.session import Session, Tools
from consultdesk.desktop.style import Style
from consultdesk.desktop.window import MainWindow
from consultdesk.desktop.work import Work
from consultdesk.samples.walk import Story
from consultdesk.vault.vault import Vault
from tests.stations import STORY, now, open_at


@pytest.fixture
def story() -> Story:
    return STORY


@pytest.fixture
def _opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Vault, str]]:
    """A store and its case, which stands where the fixtures that the test names want it."""
    step = "received" if "received" in request.fixturenames else "empty"
    vault, number = open_at(step, tmp_path / "a.desk")
    yield vault, number
    vault.close()


@pytest.fixture
def vault(_opened: tuple[Vault, str]) -> Vault:
    return _opened[0]


@pytest.fixture
def received(_opened: tuple[Vault, str]) -> str:
    return _opened[1]


@pytest.fixture
def session(vault: Vault, forms: Forms, work: Work, style: Style, tmp_path: Path) -> Session:
    settings = QSettings(str(tmp_path / "geometry.ini"), QSettings.Format.IniFormat)
    return Session(vault, Tools(forms, work, style, settings, now))


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
