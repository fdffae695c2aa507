from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStyle, QStyleOptionTab, QToolButton
from pytestqt.qtbot import QtBot

from consultdesk.consultation.record import RecordItem, RecordKind
from consultdesk.desktop.record_tabs import RecordTabs
from consultdesk.desktop.style import Style

LONG = "Discharge summary of the Canal Street Clinic 2026-10-14, final version.pdf"
NAMES = ("MR, Sag T2 lumbar spine", "Referral.pdf", LONG, "MRI report.pdf", "laboratory.json")


def many(qtbot: QtBot, width: int) -> RecordTabs:
    tabs = RecordTabs()
    qtbot.addWidget(tabs)
    kind = RecordKind.OTHER
    tabs.show_records(
        tuple(
            RecordItem(str(n), "case", name, kind, "pdf", "", 1, (), 1)
            for n, name in enumerate(NAMES * 3)
        ),
        with_letter=True,
    )
    tabs.setFixedWidth(width)
    with qtbot.waitExposed(tabs):
        tabs.show()
    return tabs


def room(tabs: RecordTabs, at: int) -> int:
    """How many pixels the words of a tab have."""
    option = QStyleOptionTab()
    tabs.bar.initStyleOption(option, at)
    where = QStyle.SubElement.SE_TabBarTabText
    return tabs.bar.style().subElementRect(where, option, tabs.bar).width()


def test_no_tab_is_too_narrow_to_be_read_however_many_records_there_are(
    qtbot: QtBot, style: Style
) -> None:
    tabs = many(qtbot, 460)
    metrics = tabs.bar.fontMetrics()
    readable = metrics.averageCharWidth() * 14
    for at in range(tabs.bar.count()):
        whole = metrics.horizontalAdvance(tabs.bar.tabText(at))
        assert room(tabs, at) >= min(whole, readable), tabs.bar.tabText(at)


def test_what_finds_no_room_is_scrolled_to(qtbot: QtBot, style: Style) -> None:
    tabs = many(qtbot, 460)
    assert [b.isVisible() for b in tabs.bar.findChildren(QToolButton)] == [True, True]
    tabs.choose("12")
    assert tabs.bar.tabRect(tabs.bar.currentIndex()).right() <= tabs.bar.width()


def test_a_long_name_keeps_its_beginning_and_its_end_and_is_whole_in_the_tooltip(
    qtbot: QtBot, style: Style
) -> None:
    tabs = many(qtbot, 700)
    assert tabs.bar.elideMode() is Qt.TextElideMode.ElideMiddle
    for at in (2, 7):
        tabs.choose(str(at))
        for shown in (2, 7):
            option = QStyleOptionTab()
            tabs.bar.initStyleOption(option, shown)
            assert option.text.startswith("Disc")
            assert option.text.endswith(".pdf")
            assert option.text.count("…") == 1
    assert tabs.bar.tabToolTip(2).startswith(LONG)
    assert tabs.bar.accessibleTabName(2).startswith(LONG)
