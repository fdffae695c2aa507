import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from consultdesk.consultation.case import CaseState, Priority
from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.chip import DueBar, PriorityChip, share_of_time
from consultdesk.desktop.empty import EmptyState
from consultdesk.desktop.label import ElidedLabel
from consultdesk.desktop.style import Style, load_tokens
from consultdesk.desktop.words import moment, priority_word, span, state_words, time_left

HOUR = 3_600_000


def _colours(widget: QWidget) -> set[str]:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


@pytest.mark.parametrize("priority", Priority)
def test_a_chip_says_its_priority_in_word_and_colour(
    qtbot: QtBot, style: Style, priority: Priority
) -> None:
    chip = PriorityChip()
    qtbot.addWidget(chip)
    chip.show_priority(priority)
    chip.resize(chip.sizeHint())
    assert chip.accessibleName() == priority_word(priority)
    seen = _colours(chip)
    assert getattr(load_tokens("light"), priority.value) in seen
    assert "#ffffff" in seen
    assert chip.width() > chip.height() * 2


def test_every_state_and_priority_has_words_of_its_own() -> None:
    assert len({state_words(state) for state in CaseState}) == len(CaseState)
    assert [priority_word(one) for one in Priority] == ["Emergent", "Urgent", "Routine"]


@pytest.mark.parametrize(
    ("due", "now", "said"),
    [
        (10 * HOUR, 4 * HOUR, "6 h left"),
        (4 * HOUR, 10 * HOUR, "6 h over"),
        (HOUR, HOUR, "0 min left"),
        (HOUR, HOUR // 2, "30 min left"),
        (200 * HOUR, 100 * HOUR, "4 d left"),
        (47 * HOUR, 0, "47 h left"),
        (None, 0, "no date"),
    ],
)
def test_time_left_is_said_in_the_unit_that_fits(due: int | None, now: int, said: str) -> None:
    assert time_left(due, now) == said


def test_a_span_never_claims_more_than_passed() -> None:
    assert span(2 * HOUR - 1) == "1 h"
    assert span(48 * HOUR) == "2 d"


def test_a_moment_has_a_four_digit_year() -> None:
    assert "2026" in moment(1_792_000_000_000)


@pytest.mark.parametrize(
    ("received", "due", "now", "share"),
    [(0, 100, 25, 0.25), (0, 100, 200, 1.0), (0, None, 5, 0.0), (50, 50, 50, 1.0), (10, 20, 5, 0)],
)
def test_the_share_of_time_stays_between_nothing_and_all(
    received: int, due: int | None, now: int, share: float
) -> None:
    assert share_of_time(received, due, now) == pytest.approx(share)


def test_a_bar_that_is_over_is_red_and_full(qtbot: QtBot, style: Style) -> None:
    bar = DueBar()
    qtbot.addWidget(bar)
    bar.resize(60, 4)
    bar.show_share(0.1, over=True, words="6 h over")
    right = bar.grab().toImage().pixelColor(QPoint(55, 2))
    assert right.name() == load_tokens("light").over
    assert bar.accessibleName() == "6 h over"


def test_a_banner_is_hidden_until_it_has_something_to_say(qtbot: QtBot, style: Style) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    banner = Banner(page)
    QVBoxLayout(page).addWidget(banner)
    page.show()
    assert banner.isHidden()
    banner.say(
        BannerKind.WARNING,
        "Sending is locked:",
        "the consent covers <radiology> & nothing else.",
        [("request", "Request consent…")],
    )
    assert banner.isVisible()
    said = "Sending is locked: the consent covers <radiology> & nothing else."
    assert banner.accessibleName() == said
    assert [button.text() for button in banner.buttons] == ["Request consent…"]
    assert banner.buttons[0].accessibleDescription() == said
    with qtbot.waitSignal(banner.action_chosen) as chosen:
        banner.buttons[0].click()
    assert chosen.args == ["request"]
    banner.clear()
    assert banner.isHidden()
    assert banner.buttons == ()


@pytest.mark.parametrize("kind", BannerKind)
def test_a_banner_has_an_edge_and_a_ground_of_its_kind(
    qtbot: QtBot, style: Style, kind: BannerKind
) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    banner.say(kind, "A lead.", "Some words.")
    banner.resize(400, 60)
    image = banner.grab().toImage()
    tokens = load_tokens("light")
    assert image.pixelColor(2, 30).name() == getattr(tokens, f"{kind}_edge")
    assert image.pixelColor(390, 30).name() == getattr(tokens, f"{kind}_ground")


def test_a_narrow_banner_wraps_and_loses_no_word(qtbot: QtBot, style: Style) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    banner = Banner()
    column.addWidget(banner)
    column.addStretch(1)
    banner.say(BannerKind.WARNING, "Sending is locked:", "word " * 60, [("a", "Act")])
    page.resize(420, 500)
    page.show()
    words = banner.findChildren(QLabel)[1]
    assert words.height() >= words.heightForWidth(words.width())


def test_a_label_that_is_cut_says_all_of_it_in_its_tooltip(qtbot: QtBot, style: Style) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.resize(80, 24)
    label.show()
    label.say("Is an operation of the lumbar disc advisable?")
    assert label.toolTip() == "Is an operation of the lumbar disc advisable?"
    label.resize(600, 24)
    assert label.toolTip() == ""


def test_an_empty_state_offers_one_action(qtbot: QtBot, style: Style) -> None:
    empty = EmptyState()
    qtbot.addWidget(empty)
    empty.say("case", "No cases yet.", "Drop a referral here.", "Import…")
    empty.show()
    button = empty.findChildren(QPushButton)[0]
    with qtbot.waitSignal(empty.action_chosen):
        button.click()
    empty.say("case", "Nothing fits the search.")
    assert button.isHidden()
