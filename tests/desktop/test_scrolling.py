from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6 import QtWidgets
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractScrollArea, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from consultdesk import assets
from consultdesk.consultation.source import MemorySource, Pages
from consultdesk.desktop.cover import Cover
from consultdesk.desktop.form import Forms
from consultdesk.desktop.viewer.pages import PagesView
from consultdesk.desktop.viewer.sheet import PaperSheet
from consultdesk.desktop.work import Work
from tests.desktop.test_pages import LETTER

FORMS = sorted((assets.resources_dir().parent / "ui").glob("*.ui"))


def parts(area: QWidget) -> int:
    """How many parts a screen reader may ask a widget for."""
    return QAccessible.queryAccessibleInterface(area).childCount()


def assert_steady(area: QAbstractScrollArea) -> None:
    """Whether its bars are seen or not, a screen reader may ask for the content and no more."""
    for policy in (Qt.ScrollBarPolicy.ScrollBarAlwaysOn, Qt.ScrollBarPolicy.ScrollBarAlwaysOff):
        area.setVerticalScrollBarPolicy(policy)
        area.setHorizontalScrollBarPolicy(policy)
        assert parts(area) == 1, area.objectName()


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_scroll_area_of_a_form_never_offers_a_bar_that_may_vanish(
    qtbot: QtBot, forms: Forms, path: Path
) -> None:
    root_class = ElementTree.parse(path).getroot().find("widget")  # noqa: S314 - our own file
    assert root_class is not None
    root = getattr(QtWidgets, root_class.attrib["class"])()
    qtbot.addWidget(root)
    forms.load(root, path.name)
    for area in root.findChildren(QScrollArea):
        area.setParent(None)
        qtbot.addWidget(area)
        area.show()
        assert_steady(area)


def test_the_lock_screen_never_offers_a_bar_that_may_vanish(qtbot: QtBot, forms: Forms) -> None:
    cover = Cover(forms)
    qtbot.addWidget(cover)
    with qtbot.waitSignal(cover.seen):
        cover.show()
    assert_steady(cover.area)


def test_the_pages_of_a_document_never_offer_a_bar_that_may_vanish(
    qtbot: QtBot, forms: Forms, work: Work
) -> None:
    view = PagesView(forms, work, Pages(MemorySource("letter.pdf", LETTER), 3))
    qtbot.addWidget(view)
    with qtbot.waitSignal(view.ready):
        view.show()
    (sheet,) = view.findChildren(PaperSheet)
    assert_steady(sheet)
