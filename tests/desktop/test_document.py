import pytest
from pytestqt.qtbot import QtBot

from consultdesk.consultation.source import Block, Document
from consultdesk.desktop.form import Forms
from consultdesk.desktop.style import Scheme, Style
from consultdesk.desktop.viewer.document import DocumentView
from tests.desktop.reading import nameless

SUMMARY = Document(
    "Continuity of care",
    (
        Block("heading", "Allergies", 2, anchor="allergies"),
        Block("item", "Penicillin: rash"),
        Block("heading", "Results", 2, anchor="results"),
        Block("table", rows=(("Test", "Value"), ("Sodium", "139"), ("Short",)), headed=True),
        Block("rule"),
        Block("notice", "Two entries have no date."),
        Block("heading", "Assessment", 2, anchor="assessment", sealed=True),
        Block("paragraph", "Carcinoma, grade 3", sealed=True),
        Block("heading", "Plan", 2, anchor="plan"),
        Block("paragraph", '<img src="http://example.org/x.png"> & <b>not bold</b>'),
        *[Block("paragraph", f"Line {n} of the history.") for n in range(60)],
        Block("heading", "End", 2, anchor="end"),
    ),
)


@pytest.fixture
def view(qtbot: QtBot, forms: Forms) -> DocumentView:
    return _shown(qtbot, forms, sealed=True)


def _shown(qtbot: QtBot, forms: Forms, document: Document = SUMMARY, **how: bool) -> DocumentView:
    view = DocumentView(forms, document, **how)  # type: ignore[arg-type]
    qtbot.addWidget(view)
    view.resize(560, 400)
    view.show()
    return view


def test_every_block_is_there_to_be_read(qtbot: QtBot, forms: Forms) -> None:
    text = _shown(qtbot, forms).reader.toPlainText()
    for words in ("Allergies", "Penicillin: rash", "Sodium", "139", "Two entries", "Carcinoma"):
        assert words in text
    assert '<img src="http://example.org/x.png"> & <b>not bold</b>' in text


def test_what_is_sealed_is_not_in_the_text_at_all(qtbot: QtBot, view: DocumentView) -> None:
    text = view.reader.toPlainText()
    assert "Carcinoma" not in text
    assert "Carcinoma" not in view.reader.toHtml()
    assert text.count("Sealed until your own read is locked.") == 1
    assert "Plan" in text
    view.find_bar.words.setText("Carcinoma")
    view.find_bar.words_changed.emit("Carcinoma")
    assert view.find_bar.hits.text() == "Not found"
    assert not view.go_to("assessment")


def test_an_anchor_may_be_sealed_by_the_record(qtbot: QtBot, forms: Forms) -> None:
    view = DocumentView(forms, SUMMARY, sealed=True, sealed_anchors=["allergies"])
    qtbot.addWidget(view)
    assert "Allergies" not in view.reader.toPlainText()


def test_opening_with_a_reason_is_asked_by_the_link(qtbot: QtBot, view: DocumentView) -> None:
    with qtbot.waitSignal(view.unseal_asked):
        view.reader.anchorClicked.emit("unseal:")


def test_nothing_is_loaded_from_anywhere(qtbot: QtBot, view: DocumentView) -> None:
    assert view.reader.loadResource(2, "http://example.org/x.png") is None
    assert not view.reader.openLinks()
    assert not view.reader.openExternalLinks()


def test_a_place_is_an_anchor(qtbot: QtBot, view: DocumentView) -> None:
    assert view.go_to("end")
    assert view.reader.verticalScrollBar().value() > 100
    assert view.place() == "end"
    assert not view.go_to("nowhere")
    assert not view.go_to("")


def test_scrolling_changes_the_place(qtbot: QtBot, view: DocumentView) -> None:
    view.go_to("allergies")
    with qtbot.waitSignal(view.place_changed) as changed:
        view.reader.verticalScrollBar().setValue(view.reader.verticalScrollBar().maximum())
    assert changed.args[0] in {"plan", "end"}


def test_finding_counts_and_goes_round(qtbot: QtBot, view: DocumentView) -> None:
    view.find_bar.words.setText("history")
    qtbot.waitUntil(lambda: view.find_bar.hits.text() == "1 of 60")
    view.find_bar.next_asked.emit()
    assert view.find_bar.hits.text() == "2 of 60"
    view.find_bar.previous_asked.emit()
    view.find_bar.previous_asked.emit()
    assert view.find_bar.hits.text() == "60 of 60"


def test_a_very_long_document_opens_in_parts_and_is_searched_whole(
    qtbot: QtBot, forms: Forms
) -> None:
    blocks = [Block("paragraph", "word " * 200, anchor=f"p{n}") for n in range(600)]
    blocks.append(Block("paragraph", "the needle", anchor="last"))
    view = _shown(qtbot, forms, Document("Long", tuple(blocks)))
    assert "the needle" not in view.reader.toPlainText()
    assert "Show more" in view.reader.toPlainText()
    assert view.go_to("last")
    assert "the needle" in view.reader.toPlainText()
    again = _shown(qtbot, forms, Document("Long", tuple(blocks)))
    again.find_bar.words_changed.emit("the needle")
    assert len(again._hits) == 1  # noqa: SLF001 - one place, found beyond what was shown


def test_a_document_without_text_says_so(qtbot: QtBot, forms: Forms) -> None:
    view = _shown(qtbot, forms, Document("Empty", ()))
    assert view.reader.toPlainText() == "This document holds no text."


def test_words_can_be_larger(qtbot: QtBot, view: DocumentView) -> None:
    before = view.reader.document().size().height()
    for _ in range(4):
        view.larger.click()
    assert view.reader.document().size().height() > before * 1.2


def test_a_higher_heading_is_larger(qtbot: QtBot, forms: Forms) -> None:
    blocks = [Block("heading", f"level {level}", level) for level in (1, 2, 3)]
    view = _shown(qtbot, forms, Document("Sizes", (*blocks, Block("paragraph", "words"))))
    text = view.reader.document()
    sizes = [text.findBlockByNumber(n).begin().fragment().charFormat().font() for n in range(4)]
    pixels = [font.pixelSize() for font in sizes]
    assert pixels == sorted(pixels, reverse=True)
    assert pixels[0] > pixels[1] > pixels[3]


def test_what_was_found_stays_found_in_another_look(
    qtbot: QtBot, style: Style, view: DocumentView
) -> None:
    view.find_bar.words.setText("history")
    qtbot.waitUntil(lambda: view.find_bar.hits.text() == "1 of 60")
    view.find_bar.next_asked.emit()
    try:
        style.choose(Scheme.DARK)
        assert view.find_bar.hits.text() == "2 of 60"
        assert len(view.reader.extraSelections()) == 60
    finally:
        style.choose(Scheme.LIGHT)


def test_the_text_follows_the_look(qtbot: QtBot, style: Style, view: DocumentView) -> None:
    try:
        style.choose(Scheme.DARK)
        assert style.tokens.accent in view.reader.toHtml()
    finally:
        style.choose(Scheme.LIGHT)


def test_every_part_of_a_document_has_a_name(view: DocumentView) -> None:
    view.find_bar.ask()
    assert nameless(view) == []
