"""What every test of the window needs: the look, the forms, and threads that end."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from consultdesk.desktop.form import Forms
from consultdesk.desktop.own import own_widgets
from consultdesk.desktop.style import Scheme, Style
from consultdesk.desktop.work import Work


@pytest.fixture(scope="session")
def style(qapp: QApplication) -> Style:
    style = Style(qapp, Scheme.LIGHT)
    style.complete()
    return style


@pytest.fixture(scope="session")
def forms(style: Style) -> Forms:
    return Forms(own_widgets())


@pytest.fixture
def work(qapp: QApplication) -> Iterator[Work]:
    work = Work()
    yield work
    work.shut_down()
