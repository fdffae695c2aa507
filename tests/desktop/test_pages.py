import gc
import io
from functools import partial
from pathlib import Path
from typing import BinaryIO

import pytest
import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from reportlab.pdfgen.canvas import Canvas

from consultdesk.consultation.source import MemorySource, Pages, Progress
from consultdesk.desktop.form import Forms
from consultdesk.desktop.style import load_tokens
from consultdesk.desktop.viewer.pages import PagesView, read_whole
from consultdesk.desktop.viewer.paper import Paper
from consultdesk.desktop.work import Work
from consultdesk.errors import Cancelled, ConsultDeskError, RecordUnreadable
from tests.desktop.reading import nameless, tab_order


def pdf(*pages: str, password: str = "") -> bytes:
    made = io.BytesIO()
    canvas = Canvas(made, pagesize=(300, 400), encrypt=password or None)
    for words in pages:
        canvas.setFillColorRGB(0.8, 0.1, 0.1)
        canvas.rect(0, 0, 300, 60, stroke=0, fill=1)
        canvas.setFillColorRGB(0, 0, 0)
        for line, text in enumerate(words.split("\n")):
            canvas.drawString(40, 350 - 20 * line, text)
        canvas.showPage()
    canvas.save()
    return made.getvalue()


LETTER = pdf("Dear colleague\nthe disc at L4/5", "the disc again", "and the disc\nthe end")


def _view(qtbot: QtBot, forms: Forms, work: Work, data: bytes = LETTER, **how: object) -> PagesView:
    view = PagesView(forms, work, Pages(MemorySource("letter.pdf", data), 3), **how)  # type: ignore[arg-type]
    qtbot.addWidget(view)
    view.resize(500, 600)
    with qtbot.waitSignal(view.ready):
        view.show()
    return view


@pytest.fixture
def view(qtbot: QtBot, forms: Forms, work: Work) -> PagesView:
    return _view(qtbot, forms, work)


def _wait_for_page(qtbot: QtBot, view: PagesView, page: int) -> None:
    sheet = view._sheet  # noqa: SLF001 - what was drawn is seen there
    assert sheet is not None
    qtbot.waitUntil(lambda: page in sheet._images)  # noqa: SLF001


def _colour_at_foot(view: PagesView, page: int) -> str:
    sheet = view._sheet  # noqa: SLF001 - the page's place on the screen
    assert sheet is not None
    where = sheet._page_rect(page)  # noqa: SLF001
    spot = QPoint(round(where.center().x()), round(where.top() + where.height() * 0.95))
    ratio = sheet.devicePixelRatioF()
    return sheet.viewport().grab().toImage().pixelColor(spot * ratio).name()


def test_pages_are_drawn_beside_the_window(qtbot: QtBot, view: PagesView) -> None:
    _wait_for_page(qtbot, view, 0)
    view.fit_page.click()
    _wait_for_page(qtbot, view, 0)
    assert _colour_at_foot(view, 0) == "#cc1a1a"
    assert view.of_pages.text() == "of 3"
    assert view.place() == "page 1"


def test_a_place_is_a_page(qtbot: QtBot, view: PagesView) -> None:
    with qtbot.waitSignal(view.place_changed) as changed:
        assert view.go_to("page 3")
    assert changed.args == ["page 3"]
    assert view.page.value() == 3
    for wrong in ("page 0", "page 4", "image 1", "3", ""):
        assert not view.go_to(wrong)
    assert view.place() == "page 3"
    view.page.setValue(2)
    assert view.place() == "page 2"


def test_a_place_asked_for_before_it_is_open_is_gone_to_then(
    qtbot: QtBot, forms: Forms, work: Work
) -> None:
    view = PagesView(forms, work, Pages(MemorySource("letter.pdf", LETTER), 3))
    qtbot.addWidget(view)
    view.resize(500, 300)
    assert view.go_to("page 2")
    with qtbot.waitSignal(view.ready):
        view.show()
    assert view.place() == "page 2"


def test_words_are_found_counted_and_gone_through(qtbot: QtBot, view: PagesView) -> None:
    QTest.keyClick(view, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert view.find_bar.isVisible()
    QTest.keyClicks(view.find_bar.words, "the disc")
    qtbot.waitUntil(lambda: view.find_bar.hits.text() == "1 of 3")
    QTest.keyClick(view.find_bar.words, Qt.Key.Key_Return)
    assert view.find_bar.hits.text() == "2 of 3"
    QTest.keyClick(view.find_bar.words, Qt.Key.Key_Return)
    QTest.keyClick(view.find_bar.words, Qt.Key.Key_Return)
    assert view.find_bar.hits.text() == "1 of 3"
    QTest.keyClick(view.find_bar.words, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert view.find_bar.hits.text() == "3 of 3"
    assert view.place() in {"page 2", "page 3"}
    QTest.keyClick(view.find_bar.words, Qt.Key.Key_Escape)
    assert not view.find_bar.isVisible()


def test_what_isnt_there_is_said_to_be_not_found(qtbot: QtBot, view: PagesView) -> None:
    view.ask_for_words()
    QTest.keyClicks(view.find_bar.words, "cauda equina")
    qtbot.waitUntil(lambda: view.find_bar.hits.text() == "Not found")


def test_a_sealed_page_is_covered_never_drawn_and_nothing_is_found_on_it(
    qtbot: QtBot, forms: Forms, work: Work
) -> None:
    view = _view(qtbot, forms, work, sealed_pages=frozenset({1}))
    view.fit_page.click()
    view.go_to("page 2")
    _wait_for_page(qtbot, view, 2)
    assert _colour_at_foot(view, 1) == load_tokens("light").info_ground
    assert 1 not in view._sheet._images  # type: ignore[union-attr] # noqa: SLF001 - not even kept
    view.ask_for_words()
    QTest.keyClicks(view.find_bar.words, "the disc")
    qtbot.waitUntil(lambda: view.find_bar.hits.text().endswith("of 2"))


def test_zoom_keeps_its_bounds_and_fit_width_comes_back(qtbot: QtBot, view: PagesView) -> None:
    assert view.fit_width.isChecked()
    for _ in range(40):
        view.larger.click()
    assert view.zoom.text() == "800 %"
    assert not view.fit_width.isChecked()
    for _ in range(60):
        view.smaller.click()
    assert view.zoom.text() == "10 %"
    view.fit_width.click()
    sheet = view._sheet  # noqa: SLF001
    assert sheet is not None
    where = sheet._page_rect(0)  # noqa: SLF001
    assert 0 < where.left() < 20
    assert sheet.viewport().width() - 40 < where.width() < sheet.viewport().width()


def test_a_drag_moves_the_paper(qtbot: QtBot, view: PagesView) -> None:
    sheet = view._sheet  # noqa: SLF001
    assert sheet is not None
    middle = sheet.viewport().rect().center()
    QTest.mousePress(sheet.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(sheet.viewport(), middle - QPoint(0, 60))
    QTest.mouseRelease(sheet.viewport(), Qt.MouseButton.LeftButton)
    assert sheet.verticalScrollBar().value() == 60


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"this is no PDF", "damaged"),
        (LETTER[:200], "damaged"),
        (b"", "damaged"),
        (pdf("secret", password="horse"), "password"),
    ],
)
def test_what_cant_be_opened_says_why(
    qtbot: QtBot, forms: Forms, work: Work, data: bytes, said: str
) -> None:
    view = PagesView(forms, work, Pages(MemorySource("x.pdf", data), 1))
    qtbot.addWidget(view)
    with qtbot.waitSignal(view.failed) as failed:
        view.show()
    assert isinstance(failed.args[0], ConsultDeskError)
    assert said in str(failed.args[0])


def test_closing_while_a_page_is_being_drawn_doesnt_wait_and_doesnt_crash(
    qtbot: QtBot, forms: Forms, work: Work
) -> None:
    big = pdf(*[f"page {n}" for n in range(40)])
    for _ in range(10):
        view = PagesView(forms, work, Pages(MemorySource("big.pdf", big), 40))
        view.resize(900, 900)
        with qtbot.waitSignal(view.ready):
            view.show()
        view.find_bar.words_changed.emit("page")
        view.deleteLater()
        del view
        gc.collect()
        QApplication.processEvents()
    app = QApplication.instance()
    assert app is not None
    qtbot.waitUntil(lambda: not app.findChildren(Paper))


def test_closing_before_it_is_open_is_quiet(qtbot: QtBot, forms: Forms, work: Work) -> None:
    view = PagesView(forms, work, Pages(MemorySource("letter.pdf", LETTER), 3))
    view.deleteLater()
    qtbot.waitUntil(lambda: not shiboken6.isValid(view))
    qtbot.waitUntil(lambda: not work.tasks)


class _Endless:
    name = "endless.pdf"
    size = 1 << 40

    def open(self) -> BinaryIO:
        raise AssertionError("a record that is too large must not be opened")


def test_a_document_that_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(RecordUnreadable, match="too large"):
        read_whole(_Endless(), Progress())


def test_reading_can_be_stopped() -> None:
    with pytest.raises(Cancelled):
        read_whole(MemorySource("a", bytes(10)), Progress(cancelled=lambda: True))


def test_every_part_of_the_pages_has_a_name_and_an_order(view: PagesView) -> None:
    view.find_bar.ask()
    assert nameless(view) == []
    order = tab_order(view)
    assert order[:5] == ["page", "smaller", "larger", "fit_width", "fit_page"]


def _any(ends: list[str]) -> bool:
    return bool(ends)  # asked anew each time


def _ends_of(view: PagesView) -> list[str]:
    ends: list[str] = []
    view.ready.connect(lambda: ends.append("ready"))
    view.failed.connect(lambda error: ends.append(str(error)))
    return ends


def test_real_documents_of_many_makers_open_or_say_why(
    qtbot: QtBot, forms: Forms, work: Work, shared_data: Path
) -> None:
    found = sorted((shared_data / "pdf").rglob("*.pdf"))
    assert found
    opened = 0
    for path in found:
        view = PagesView(forms, work, Pages(MemorySource(path.name, path.read_bytes()), 1))
        qtbot.addWidget(view)
        view.resize(400, 400)
        ends = _ends_of(view)
        view.show()
        qtbot.waitUntil(partial(_any, ends), timeout=20_000)
        assert ends == ["ready"] or "document" in ends[0], path.name
        opened += ends == ["ready"]
    assert opened >= len(found) - 3
