import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from consultdesk.consultation.source import Block, Document, MemorySource, Pages, View
from consultdesk.desktop.empty import EmptyState
from consultdesk.desktop.form import Forms
from consultdesk.desktop.viewer.document import DocumentView
from consultdesk.desktop.viewer.film import FilmView
from consultdesk.desktop.viewer.pages import PagesView
from consultdesk.desktop.viewer.viewer import RecordViewer
from consultdesk.desktop.work import Work
from tests.desktop.test_film import Series
from tests.desktop.test_pages import LETTER

PAGES = Pages(MemorySource("letter.pdf", LETTER), 3)
DOCUMENT = Document("Note", (Block("paragraph", "All is well", anchor="a"),))


@pytest.fixture
def viewer(qtbot: QtBot, forms: Forms, work: Work) -> RecordViewer:
    viewer = RecordViewer(forms, work)
    qtbot.addWidget(viewer)
    viewer.resize(600, 500)
    viewer.show()
    return viewer


def _words(viewer: RecordViewer) -> str:
    assert isinstance(viewer.shown, EmptyState)
    return " ".join(label.text() for label in viewer.shown.findChildren(QLabel))


@pytest.mark.parametrize(
    ("view", "kind"), [(PAGES, PagesView), (Series(), FilmView), (DOCUMENT, DocumentView)]
)
def test_the_widget_is_chosen_by_the_kind_of_view(
    viewer: RecordViewer, view: View, kind: type[QWidget]
) -> None:
    viewer.show_view(view)
    assert isinstance(viewer.shown, kind)


def test_places_go_through_to_the_widget(qtbot: QtBot, viewer: RecordViewer) -> None:
    assert viewer.place() == ""
    assert not viewer.go_to("page 1")
    viewer.show_view(Series())
    assert viewer.go_to("image 5")
    assert viewer.place() == "image 5"
    viewer.show_view(DOCUMENT)
    assert viewer.go_to("a")
    assert not viewer.go_to("image 5")


@pytest.mark.parametrize("view", [PAGES, Series(), DOCUMENT])
def test_a_record_sealed_whole_is_covered_until_a_reason_is_given(
    qtbot: QtBot, viewer: RecordViewer, view: View
) -> None:
    viewer.show_view(view, sealed=True, sealed_sections=["*"])
    assert "Sealed until your own read is locked." in _words(viewer)
    button = viewer.findChildren(QPushButton, "empty_action")[-1]
    assert button.text() == "Open with a reason"
    with qtbot.waitSignal(viewer.unseal_asked):
        button.click()
    viewer.show_view(view, sealed=False, sealed_sections=["*"])
    assert not isinstance(viewer.shown, EmptyState)


def test_sealed_pages_are_handed_on_and_what_isnt_a_page_covers_all(
    viewer: RecordViewer,
) -> None:
    viewer.show_view(PAGES, sealed=True, sealed_sections=["page 2"])
    assert isinstance(viewer.shown, PagesView)
    assert viewer.shown._sealed_pages == {1}  # noqa: SLF001 - handed on
    viewer.show_view(PAGES, sealed=True, sealed_sections=["conclusion"])
    assert "Sealed" in _words(viewer)
    viewer.show_view(PAGES, sealed=True, sealed_sections=["1", "2", "3"])
    assert "Sealed" in _words(viewer)


def test_a_stack_with_anything_sealed_is_covered_whole(viewer: RecordViewer) -> None:
    viewer.show_view(Series(), sealed=True, sealed_sections=["image 3"])
    assert "Sealed" in _words(viewer)


def test_a_document_that_cant_be_opened_gives_way_to_the_reason(
    qtbot: QtBot, viewer: RecordViewer
) -> None:
    with qtbot.waitSignal(viewer.failed):
        viewer.show_view(Pages(MemorySource("x.pdf", b"no"), 1))
    assert "can't be shown" in _words(viewer)
    assert "It is kept as it was received." in _words(viewer)


def test_a_kind_nobody_can_show_says_so(viewer: RecordViewer) -> None:
    class Slide:
        levels = ((10, 10),)

    viewer.show_view(Slide())  # type: ignore[arg-type]
    assert "can't be shown" in _words(viewer)


def test_the_last_record_is_let_go_when_another_comes(
    qtbot: QtBot, viewer: RecordViewer, work: Work
) -> None:
    viewer.show_view(PAGES)
    first = viewer.shown
    assert first is not None
    viewer.show_nothing()
    qtbot.waitUntil(lambda: not shiboken6.isValid(first))
    qtbot.waitUntil(lambda: not work.tasks)
    assert viewer.place() == ""


@pytest.mark.parametrize("view", [PAGES, Series(), DOCUMENT])
def test_keys_of_a_view_belong_to_it_and_not_to_what_stands_beside_it(
    qtbot: QtBot, forms: Forms, work: Work, view: View
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    beside = QLineEdit(window)
    viewer = RecordViewer(forms, work, window)
    column = QVBoxLayout(window)
    column.addWidget(beside)
    column.addWidget(viewer)
    window.resize(700, 600)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    viewer.show_view(view)
    shown = viewer.shown
    assert isinstance(shown, PagesView | FilmView | DocumentView)
    qtbot.waitUntil(shown.larger.isEnabled)
    own = shown.findChildren(QShortcut)
    inside = Qt.ShortcutContext.WidgetWithChildrenShortcut
    assert own
    assert {one.context() for one in own} == {inside}
    pressed: list[bool] = []
    shown.larger.clicked.connect(lambda: pressed.append(True))
    beside.setFocus()
    QTest.keyClick(beside, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert not pressed
    qtbot.waitUntil(shown.larger.isVisible)
    shown.larger.setFocus()
    QTest.keyClick(shown.larger, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert len(pressed) == 1
