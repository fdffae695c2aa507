import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QDate
from PySide6.QtWidgets import QTableWidget
from pytestqt.qtbot import QtBot

from consultdesk.consultation.measures import run_chart
from consultdesk.desk import cases, settings
from consultdesk.desktop.assessment_parts import local_date
from consultdesk.desktop.form import Forms
from consultdesk.desktop.style import Style
from consultdesk.desktop.turnaround import TurnaroundPage, _Counted
from consultdesk.desktop.work import Work
from consultdesk.samples import walk
from tests.desktop.reading import nameless
from tests.desktop.walking import Desk, now, open_desk, settle


@pytest.fixture
def desk(tmp_path: Path, forms: Forms, style: Style, work: Work) -> Iterator[Desk]:
    with open_desk(tmp_path, forms, style, work) as opened:
        yield opened


def turnaround(qtbot: QtBot, desk: Desk) -> TurnaroundPage:
    page = TurnaroundPage(desk.session)
    qtbot.addWidget(page)
    page.resize(1000, 900)
    page.show()
    with qtbot.waitSignal(page.shown):
        pass
    return page


def cell(table: QTableWidget, row: str, column: int) -> str:
    for n in range(table.rowCount()):
        found, item = table.item(n, 0), table.item(n, column)
        if found is not None and item is not None and found.text() == row:
            return item.text()
    raise AssertionError(row)


def test_open_cases_are_counted_and_nothing_is_released_yet(qtbot: QtBot, desk: Desk) -> None:
    number = desk.drafted()
    walk.agree(desk.vault, number, now())
    other = desk.signed()
    walk.agree(desk.vault, other, now())
    page = turnaround(qtbot, desk)
    assert cell(page.counts, "Received", 1) == "2"
    assert cell(page.counts, "Released", 1) == "0"
    assert cell(page.counts, "Open, under 3 days", 1) == "2"
    assert cell(page.spreads, "Opinion, active business days", 1) == "0"
    assert nameless(page) == []


def test_figures_follow_a_release(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    page = turnaround(qtbot, desk)
    number = desk.signed()
    walk.agree(desk.vault, number, now())
    letter = cases.open_case(desk.vault, number).letters[-1]
    with qtbot.waitSignal(page.shown, timeout=10_000):
        walk.release(desk.vault, number, letter, tmp_path, "a long password", now())
    settle(desk.session.tools.work)
    qtbot.waitUntil(lambda: cell(page.counts, "Released", 1) == "1")
    assert cell(page.counts, "Acknowledged", 1) == "0"


def test_the_chart_can_be_read_as_a_table_and_in_words(qtbot: QtBot, desk: Desk) -> None:
    page = turnaround(qtbot, desk)
    figures = page._figures  # noqa: SLF001
    assert figures is not None
    drawn = random.Random(3)
    values = [
        (date(2026, 8, 3) + timedelta(days=7 * week), 2 + drawn.random()) for week in range(12)
    ]
    chart = replace(figures, weekly=run_chart(values))
    counted = _Counted(chart, values[0][0], values[-1][0])
    page._show(page._asked, counted)  # noqa: SLF001
    page.as_table.click()
    assert page.chart_stack.currentWidget() is page.weeks
    assert page.weeks.rowCount() == 12
    assert page.as_table.text() == "Show as a chart"
    assert "12 weeks" in page.chart.accessibleDescription()
    assert "by chance alone" in page.rules.text()
    assert len(page.chart.getPlotItem().listDataItems()) == 1


def test_days_begin_and_end_where_the_practice_is(qtbot: QtBot, desk: Desk) -> None:
    settings.choose(desk.vault, settings.Settings(calendar="united_states_pacific"), now())
    page = turnaround(qtbot, desk)
    figures = page._figures  # noqa: SLF001
    assert figures is not None
    there = ZoneInfo("America/Los_Angeles")
    begins = datetime.fromtimestamp(figures.start / 1000, there)
    ends = datetime.fromtimestamp(figures.stop / 1000, there)
    assert (begins.hour, begins.minute, ends.hour, ends.minute) == (0, 0, 0, 0)
    today = datetime.fromtimestamp(now() / 1000, there).date()
    assert ends.date() == today + timedelta(days=1)
    assert begins.date() == today - timedelta(days=90)
    assert local_date(QDate(today.year, today.month, today.day)) in page.about.text()


def test_own_days_are_asked_for_and_must_be_in_order(qtbot: QtBot, desk: Desk) -> None:
    page = turnaround(qtbot, desk)
    page.period.setCurrentIndex(page.period.findData("own"))
    assert "first and the last day" in page.notice.accessibleName()
    page.first.setText("2026-03-01")
    page.last.setText("2026-02-01")
    assert page.days(date(2026, 4, 1)) is None
    page.last.setText("2026-03-31")
    assert page.days(date(2026, 4, 1)) == (date(2026, 3, 1), date(2026, 3, 31))
    with qtbot.waitSignal(page.shown):
        pass
    assert not page.notice.isVisible()
