from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QPoint, QRect, QSettings, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QHeaderView, QWidget
from pytestqt.qtbot import QtBot

from consultdesk.consultation.case import CaseState, Priority, QueueRow
from consultdesk.desktop.form import Forms
from consultdesk.desktop.queue import CaseQueue
from consultdesk.desktop.queue_delegate import waiting_rows
from consultdesk.desktop.queue_model import (
    SORT_KEYS,
    Column,
    QueueFilter,
    QueueModel,
    QueueSort,
    Which,
)
from consultdesk.desktop.style import Scheme, Style, load_tokens
from consultdesk.errors import VaultLocked
from tests.desktop.reading import nameless, tab_order

HOUR = 3_600_000
Key = Callable[[QueueRow], object]
NOW = 1_792_000_000_000


def _row(n: int) -> QueueRow:
    priority = list(Priority)[n % 3]
    return QueueRow(
        id=f"case-{n:06}",
        number=f"2026-{n:04}",
        state=list(CaseState)[n % len(CaseState)],
        priority=priority,
        specialty="spine",
        patient=f"Köhler-Østergaard, Beatrix {n}",
        question="Is an operation of the lumbar disc at L4/5 advisable, or can it wait?",
        received_at=NOW - 72 * HOUR,
        due_at=None if n % 7 == 6 else NOW + (n % 40 - 6) * HOUR,
        over=n % 7 != 6 and n % 40 < 6,
        waiting_for="consent" if n % 5 == 0 else "",
        owner="Dr. Ada Lind",
    )


class Cases:
    """A source of cases in memory that orders and filters as the store does."""

    def __init__(self, amount: int) -> None:
        self.rows = [_row(n) for n in range(amount)]
        self.asked: list[tuple[int, int, QueueSort, QueueFilter]] = []
        self.locked = False

    def _fitting(self, wanted: QueueFilter) -> list[QueueRow]:
        rows = self.rows
        if wanted.which is Which.OVERDUE:
            rows = [row for row in rows if row.over]
        if wanted.words:
            rows = [row for row in rows if wanted.words.casefold() in row.patient.casefold()]
        return rows

    def count(self, wanted: QueueFilter) -> int:
        if self.locked:
            raise VaultLocked("The store is locked.")
        return len(self._fitting(wanted))

    def fetch(
        self, offset: int, limit: int, sort: QueueSort, wanted: QueueFilter
    ) -> tuple[QueueRow, ...]:
        self.asked.append((offset, limit, sort, wanted))
        if self.locked:
            raise VaultLocked("The store is locked.")
        keys: dict[str, Key] = {
            "priority": lambda row: (list(Priority).index(row.priority), row.due_at or NOW * 2),
            "due": lambda row: row.due_at or NOW * 2,
            "patient": lambda row: row.patient,
            "state": lambda row: list(CaseState).index(row.state),
            "received": lambda row: row.received_at,
            "number": lambda row: row.number,
            "specialty": lambda row: row.specialty,
        }
        rows = sorted(self._fitting(wanted), key=keys[sort.key], reverse=sort.descending)  # type: ignore[arg-type]
        return tuple(rows[offset : offset + limit])


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def cases() -> Cases:
    return Cases(200)


@pytest.fixture
def queue(qtbot: QtBot, forms: Forms, cases: Cases, settings: QSettings, style: Style) -> CaseQueue:
    queue = CaseQueue(forms, cases.fetch, cases.count, lambda: NOW, settings)
    qtbot.addWidget(queue)
    queue.resize(560, 600)
    queue.show()
    return queue


def test_the_model_keeps_the_rules_of_its_kind(cases: Cases) -> None:
    model = QueueModel(cases.fetch, cases.count, lambda: NOW)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.reload()
    assert model.rowCount() == 200
    model.sort(Column.PATIENT, Qt.SortOrder.DescendingOrder)
    model.filter_by(QueueFilter(Which.OVERDUE))
    model.tick()
    model.clear()
    assert model.rowCount() == 0
    assert tester.model() is model


def test_only_the_pages_that_are_seen_are_fetched(
    qtbot: QtBot, forms: Forms, settings: QSettings, style: Style
) -> None:
    cases = Cases(5_000)
    queue = CaseQueue(forms, cases.fetch, cases.count, lambda: NOW, settings)
    qtbot.addWidget(queue)
    queue.resize(560, 600)
    queue.show()
    queue.grab()
    assert {offset for offset, *_ in cases.asked} == {0}
    assert len(cases.asked) == 1
    queue.lines.scrollToBottom()
    queue.grab()
    assert max(offset for offset, *_ in cases.asked) >= 4_900
    assert len(cases.asked) <= 4
    assert queue.lines.verticalScrollBar().maximum() > 4_900 * 30


def test_a_page_once_fetched_is_not_fetched_again(cases: Cases) -> None:
    model = QueueModel(cases.fetch, cases.count, lambda: NOW)
    model.reload()
    for _ in range(3):
        for row in range(64):
            assert model.line(row) is not None
    assert len(cases.asked) == 1


def test_pages_kept_have_a_limit() -> None:
    cases = Cases(10_000)
    model = QueueModel(cases.fetch, cases.count, lambda: NOW)
    model.reload()
    for row in range(0, 10_000, 64):
        model.line(row)
    assert len(model._pages) <= 24  # noqa: SLF001 - the limit is the point


def test_priority_comes_first_then_what_is_due(queue: CaseQueue, cases: Cases) -> None:
    assert queue.model.sorted_by == QueueSort("priority", descending=False)
    lines = [queue.model.line(row) for row in range(200)]
    order = [list(Priority).index(line.priority) for line in lines if line]
    assert order == sorted(order)
    first = [line.due_at for line in lines[:60] if line and line.due_at]
    assert first == sorted(first)


@pytest.mark.parametrize("column", SORT_KEYS)
def test_a_click_on_a_heading_asks_the_source_for_that_order(
    qtbot: QtBot, queue: CaseQueue, cases: Cases, column: Column
) -> None:
    queue.lines.setColumnHidden(column, False)
    queue.resize(1400, 600)
    header = queue.lines.horizontalHeader()
    where = QPoint(header.sectionViewportPosition(column) + 20, header.height() // 2)
    before = queue.model.sorted_by
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=where)
    queue.grab()
    after = queue.model.sorted_by
    assert after.key == SORT_KEYS[column]
    assert after != before
    assert cases.asked[-1][2] == after


def test_the_question_has_no_order_and_the_last_one_stays(qtbot: QtBot, queue: CaseQueue) -> None:
    header = queue.lines.horizontalHeader()
    where = QPoint(header.sectionViewportPosition(Column.QUESTION) + 20, header.height() // 2)
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert queue.model.sorted_by == QueueSort("priority", descending=False)
    assert header.sortIndicatorSection() == Column.PRIORITY


def test_j_and_k_and_the_arrows_move_and_enter_opens(qtbot: QtBot, queue: CaseQueue) -> None:
    queue.lines.setFocus()
    for key, row in (("J", 1), ("J", 2), ("J", 3), ("K", 2)):
        QTest.keyClick(queue.lines, getattr(Qt.Key, f"Key_{key}"))
        assert queue.lines.currentIndex().row() == row
    QTest.keyClick(queue.lines, Qt.Key.Key_Down)
    assert queue.lines.currentIndex().row() == 3
    with qtbot.waitSignal(queue.case_opened) as opened:
        QTest.keyClick(queue.lines, Qt.Key.Key_Return)
    line = queue.model.line(3)
    assert line is not None
    assert opened.args == [line.id]


def test_j_and_k_are_letters_in_the_search(qtbot: QtBot, queue: CaseQueue) -> None:
    queue.words.setFocus()
    QTest.keyClicks(queue.words, "jk")
    assert queue.words.text() == "jk"
    assert not queue.lines.currentIndex().isValid()


def test_a_click_opens_the_case_under_it(qtbot: QtBot, queue: CaseQueue) -> None:
    place = queue.lines.visualRect(queue.model.index(3, Column.PATIENT)).center()
    with qtbot.waitSignal(queue.case_opened) as opened:
        QTest.mouseClick(queue.lines.viewport(), Qt.MouseButton.LeftButton, pos=place)
    line = queue.model.line(3)
    assert line is not None
    assert opened.args == [line.id]


def test_the_search_looks_in_all_cases_and_says_so(qtbot: QtBot, queue: CaseQueue) -> None:
    queue.which.setCurrentIndex(queue.which.findData(Which.OVERDUE.value))
    QTest.keyClicks(queue.words, "Beatrix 19")
    qtbot.waitUntil(lambda: queue.model.filtered_by.words == "Beatrix 19")
    assert queue.model.filtered_by.which is Which.ALL
    assert queue.model.rowCount() == 11
    assert queue.note.isVisible()
    queue.clear_all.click()
    assert queue.model.filtered_by == QueueFilter(Which.MY_OPEN, "")
    assert queue.words.text() == ""
    assert not queue.note.isVisible()


def test_a_filter_is_asked_of_the_source(queue: CaseQueue, cases: Cases) -> None:
    queue.which.setCurrentIndex(queue.which.findData(Which.OVERDUE.value))
    overdue = sum(row.over for row in cases.rows)
    assert queue.model.rowCount() == overdue
    assert queue.amount.text() == str(overdue)


def test_the_chosen_case_and_the_place_survive_a_reload(queue: CaseQueue, cases: Cases) -> None:
    for _ in range(40):
        queue.go_to_next()
    chosen = queue.chosen_case
    queue.grab()
    place = queue.lines.verticalScrollBar().value()
    assert place > 0
    cases.rows.append(_row(201))
    queue.reload()
    assert queue.chosen_case == chosen
    assert queue.lines.verticalScrollBar().value() == place


def test_the_chosen_case_survives_another_order(queue: CaseQueue) -> None:
    queue.go_to_next()
    chosen = queue.chosen_case
    header = queue.lines.horizontalHeader()
    header.setSortIndicator(Column.PATIENT, Qt.SortOrder.AscendingOrder)
    assert queue.chosen_case == chosen


def test_columns_are_chosen_kept_and_put_back(
    qtbot: QtBot, forms: Forms, cases: Cases, settings: QSettings, style: Style
) -> None:
    first = CaseQueue(forms, cases.fetch, cases.count, lambda: NOW, settings)
    qtbot.addWidget(first)
    assert first.lines.isColumnHidden(Column.NUMBER)
    shown = {action.text(): action for action in first.columns.menu().actions()}
    shown["Number"].trigger()
    first.lines.setColumnWidth(Column.PATIENT, 222)
    first.lines.horizontalHeader().moveSection(1, 0)
    second = CaseQueue(forms, cases.fetch, cases.count, lambda: NOW, settings)
    qtbot.addWidget(second)
    assert not second.lines.isColumnHidden(Column.NUMBER)
    assert second.lines.columnWidth(Column.PATIENT) == 222
    assert second.lines.horizontalHeader().visualIndex(Column.PATIENT) == 0
    shown = {action.text(): action for action in second.columns.menu().actions()}
    assert shown["Number"].isChecked()
    second.reset_columns()
    assert second.lines.isColumnHidden(Column.NUMBER)
    assert second.lines.horizontalHeader().visualIndex(Column.PATIENT) == Column.PATIENT


def test_settings_hold_geometry_and_nothing_of_a_patient(
    queue: CaseQueue, settings: QSettings
) -> None:
    queue.go_to_next()
    queue.words.setText("Köhler")
    queue.lines.setColumnWidth(Column.PATIENT, 199)
    settings.sync()
    assert settings.allKeys() == ["queue/columns"]
    kept = Path(settings.fileName()).read_bytes()
    assert b"hler" not in kept
    assert b"case-" not in kept


def test_a_broken_setting_is_forgotten(
    qtbot: QtBot, forms: Forms, cases: Cases, settings: QSettings, style: Style
) -> None:
    settings.setValue("queue/columns", b"no state at all")
    queue = CaseQueue(forms, cases.fetch, cases.count, lambda: NOW, settings)
    qtbot.addWidget(queue)
    assert queue.lines.isColumnHidden(Column.NUMBER)


def test_every_line_has_the_same_height_and_no_column_measures_its_content(
    queue: CaseQueue,
) -> None:
    assert queue.lines.verticalHeader().sectionResizeMode(0) is QHeaderView.ResizeMode.Fixed
    header = queue.lines.horizontalHeader()
    modes = {header.sectionResizeMode(column) for column in Column}
    assert QHeaderView.ResizeMode.ResizeToContents not in modes
    assert queue.lines.rowHeight(0) >= 24


def test_what_is_over_is_said_and_shown_in_red(queue: CaseQueue) -> None:
    row = next(n for n in range(200) if (line := queue.model.line(n)) and line.over)
    assert str(queue.model.index(row, Column.DUE).data()).endswith(" over")
    image = _picture(queue, queue.lines.visualRect(queue.model.index(row, Column.DUE)))
    assert load_tokens("light").over in image


def _picture(queue: CaseQueue, where: QRect) -> set[str]:
    image = queue.lines.viewport().grab(where).toImage()
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


def test_the_open_case_is_marked_apart_from_the_chosen_one(queue: CaseQueue) -> None:
    line = queue.model.line(2)
    assert line is not None
    cell = queue.lines.visualRect(queue.model.index(2, Column.PRIORITY))
    accent = load_tokens("light").accent
    assert accent not in _picture(queue, cell)
    queue.show_open(line.id)
    assert accent in _picture(queue, cell)


def test_the_case_opened_elsewhere_is_the_chosen_one(queue: CaseQueue) -> None:
    queue.go_to_next()
    line = queue.model.line(40)
    assert line is not None
    queue.show_open(line.id)
    assert queue.chosen_case == line.id
    row = queue.lines.visualRect(queue.lines.currentIndex())
    assert queue.lines.viewport().rect().contains(row)


def test_a_case_that_is_not_listed_yet_is_chosen_when_it_comes(
    queue: CaseQueue, cases: Cases
) -> None:
    queue.go_to_next()
    queue.show_open("case-000777")
    assert queue.chosen_case == ""
    cases.rows.append(replace(_row(777), priority=Priority.EMERGENT))
    queue.reload()
    assert queue.chosen_case == "case-000777"


def test_what_is_read_again_leaves_the_cursor_where_the_person_moved_it(queue: CaseQueue) -> None:
    line = queue.model.line(2)
    assert line is not None
    queue.show_open(line.id)
    queue.go_to_next()
    moved = queue.chosen_case
    queue.show_open(line.id)
    assert queue.chosen_case == moved != line.id


def test_words_are_looked_for_beside_the_window_and_only_the_last_count(
    qtbot: QtBot, forms: Forms, cases: Cases, settings: QSettings, style: Style
) -> None:
    looked: list[tuple[str, Callable[[], None]]] = []
    queue = CaseQueue(
        forms,
        cases.fetch,
        cases.count,
        lambda: NOW,
        settings,
        look=lambda words, then: looked.append((words, then)),
    )

    def asked_last(words: str) -> bool:
        return bool(looked) and looked[-1][0] == words

    qtbot.addWidget(queue)
    for words in ("Beatrix 1", "Beatrix 19"):
        queue.words.setText(words)
        qtbot.waitUntil(partial(asked_last, words))
    assert queue.model.filtered_by.words == ""
    looked[0][1]()
    assert queue.model.filtered_by.words == ""
    looked[1][1]()
    assert queue.model.filtered_by.words == "Beatrix 19"
    assert queue.model.rowCount() == 11


def test_a_screen_reader_hears_the_whole_of_each_cell(queue: CaseQueue) -> None:
    row = next(n for n in range(200) if (line := queue.model.line(n)) and line.waiting_for)
    said = queue.model.index(row, Column.STATE).data(Qt.ItemDataRole.AccessibleTextRole)
    assert str(said).endswith(", waiting for consent")


def test_a_case_that_waits_says_so_and_for_what_within_its_column(queue: CaseQueue) -> None:
    line = next(line for n in range(200) if (line := queue.model.line(n)) and line.waiting_for)
    rows = waiting_rows(line)
    assert rows == ("Waiting", "for consent")
    room = queue.lines.columnWidth(Column.STATE) - 14
    assert all(queue.fontMetrics().horizontalAdvance(words) <= room for words in rows)


def test_focus_moves_no_line_of_the_queue(qtbot: QtBot, queue: CaseQueue) -> None:
    with qtbot.waitActive(queue):
        queue.show()
        queue.activateWindow()
    queue.words.setFocus()
    before = queue.lines.viewport().geometry()
    queue.lines.setFocus()
    assert queue.lines.viewport().geometry() == before
    edge = load_tokens("light").focus
    picture = queue.lines.grab().toImage()
    middle = picture.height() // 3
    ring = [picture.pixelColor(x, middle).name() for x in (0, 1, picture.width() - 2)]
    assert ring == [edge] * 3


def test_nothing_to_show_offers_one_action(
    qtbot: QtBot, forms: Forms, settings: QSettings, style: Style
) -> None:
    cases = Cases(0)
    queue = CaseQueue(forms, cases.fetch, cases.count, lambda: NOW, settings)
    qtbot.addWidget(queue)
    assert queue.stack.currentWidget() is queue.nothing
    with qtbot.waitSignal(queue.import_asked):
        queue.nothing.action_chosen.emit()
    queue.words.setText("nobody")
    qtbot.waitUntil(lambda: queue.model.filtered_by.words == "nobody")
    queue.nothing.action_chosen.emit()
    assert queue.words.text() == ""


def test_a_source_that_fails_is_said_and_leaves_the_window_standing(
    qtbot: QtBot, queue: CaseQueue, cases: Cases
) -> None:
    cases.locked = True
    with qtbot.waitSignal(queue.failed) as failed:
        queue.reload()
    assert str(failed.args[0]) == "The store is locked."
    assert queue.model.rowCount() == 0


def test_locking_drops_every_line_and_the_words_searched(queue: CaseQueue) -> None:
    queue.words.setText("Köhler")
    queue.forget()
    assert queue.model.rowCount() == 0
    assert queue.words.text() == ""
    assert queue.model.filtered_by.words == ""


def test_every_part_has_a_name_and_tab_goes_through_them_in_order(queue: CaseQueue) -> None:
    assert nameless(queue) == []
    assert tab_order(queue) == ["which", "columns", "words", "clear_all", "lines"]
    assert queue.heading.buddy() is queue.lines


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
def test_the_queue_is_drawn_in_both_looks(queue: CaseQueue, style: Style, scheme: Scheme) -> None:
    try:
        style.choose(scheme)
        cell = queue.lines.visualRect(queue.model.index(0, Column.PATIENT))
        assert load_tokens(scheme.value).base in _picture(queue, cell)
    finally:
        style.choose(Scheme.LIGHT)


def test_larger_words_make_higher_lines(queue: CaseQueue, style: Style) -> None:
    before = queue.lines.rowHeight(0)
    try:
        style.scale_text(2.0)
        assert queue.lines.rowHeight(0) > before * 1.3
    finally:
        style.scale_text(1.0)
    assert queue.lines.rowHeight(0) == before


def test_a_queue_that_is_closed_leaves_nothing_running(
    qtbot: QtBot, forms: Forms, cases: Cases, settings: QSettings, style: Style
) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    queue = CaseQueue(forms, cases.fetch, cases.count, lambda: NOW, settings, page)
    queue.words.setText("x")
    queue.deleteLater()
    qtbot.waitUntil(lambda: not shiboken6.isValid(queue))
    asked = len(cases.asked)
    QTest.qWait(250)  # longer than the pause after typing
    assert len(cases.asked) == asked
