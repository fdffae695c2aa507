"""Turnaround: how fast, how complete and how it ended, over a period and never by person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

import pyqtgraph
from PySide6.QtCore import QDate, QLocale, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from consultdesk.consultation.figures import Figures
from consultdesk.consultation.measures import RunChart, Spread
from consultdesk.consultation.source import Progress
from consultdesk.consultation.working_time import CALENDAR_DAY_MS
from consultdesk.desk import reports
from consultdesk.desk.specialties import specialty
from consultdesk.desktop.assessment_parts import DateLine, local_date
from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.session import Session
from consultdesk.desktop.style import tokens_now
from consultdesk.desktop.words import moment, priority_word, tr
from consultdesk.errors import ConsultDeskError

_RELOAD_MS = 500
_OWN = "own"
_TOPICS = frozenset({"queue", "outbox", "consent"})
Row = tuple[str, ...]


def age_words(code: str) -> str:
    """How old an open case is."""
    return {
        "under_3_days": tr("under 3 days"),
        "3_to_6_days": tr("3 to 6 days"),
        "7_to_13_days": tr("7 to 13 days"),
        "14_to_29_days": tr("14 to 29 days"),
        "30_days_and_more": tr("30 days and more"),
    }.get(code, code)


@dataclass(frozen=True)
class _Counted:
    """The figures of a period, and its first and last day where the practice is."""

    figures: Figures
    first: date
    last: date


class TurnaroundPage(QWidget):
    """The figures of a period on one page; `shown` carries them once they can be seen."""

    FORM: ClassVar[str] = "turnaround"

    heading: QLabel
    period: QComboBox
    days_place: QHBoxLayout
    about: QLabel
    notice: Banner
    tiles: QGridLayout
    signals: QLabel
    as_table: QPushButton
    chart_stack: QStackedWidget
    chart_column: QVBoxLayout
    weeks: QTableWidget
    rules: QLabel
    spreads: QTableWidget
    counts: QTableWidget

    shown = Signal(object)
    failed = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        session.tools.forms.load(self, self.FORM)
        self._session = session
        self._figures: Figures | None = None
        self._asked = 0
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_RELOAD_MS)
        self._pause.timeout.connect(self.reload)
        self.first = DateLine(self)
        self.last = DateLine(self)
        for line, words in ((self.first, tr("First day")), (self.last, tr("Last day"))):
            line.setAccessibleName(words)
            line.setToolTip(words)
            line.setMaximumWidth(150)
            line.textChanged.connect(lambda _text: self._pause.start())
            self.days_place.addWidget(line)
        self.chart = pyqtgraph.PlotWidget(background=None)
        self.chart.setAccessibleName(tr("Run chart of weekly medians"))
        self.chart.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.chart_column.addWidget(self.chart)
        for words, key in (
            (tr("Last 4 weeks"), "28"),
            (tr("Last 13 weeks"), "91"),
            (tr("Last 52 weeks"), "364"),
            (tr("This year"), "year"),
            (tr("Own days"), _OWN),
        ):
            self.period.addItem(words, key)
        self.period.setCurrentIndex(1)
        self._connect()

    def _connect(self) -> None:
        self.period.currentIndexChanged.connect(lambda _place: self._choose_period())
        self.as_table.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.as_table.clicked.connect(self._show_chart_or_table)
        self._session.changed.connect(self._hear)
        self._session.tools.style.changed.connect(self._draw)
        self._choose_period()

    # --- the period -----------------------------------------------------------------------

    def days(self, today: date) -> tuple[date, date] | None:
        """First and last day of the period, None while they aren't two days in order."""
        key = str(self.period.currentData())
        if key == "year":
            return date(today.year, 1, 1), today
        if key != _OWN:
            return today - timedelta(days=int(key) - 1), today
        begin, end = self.first.date(), self.last.date()
        if not begin.isValid() or not end.isValid() or end < begin:
            return None
        first = date(begin.year(), begin.month(), begin.day())
        return first, date(end.year(), end.month(), end.day())

    def _choose_period(self) -> None:
        own = self.period.currentData() == _OWN
        for line in (self.first, self.last):
            line.setVisible(own)
        self.reload()

    def _hear(self, topics: frozenset[str]) -> None:
        if topics & _TOPICS and self.isVisible():
            self._pause.start()

    def reload(self) -> None:
        """Count anew."""
        vault, now = self._session.vault, self._session.tools.now()
        try:
            # the practice's own day, which this computer's clock may not share
            chosen = self.days(reports.today(vault, now))
        except ConsultDeskError as error:
            self._say(error)
            return
        if chosen is None:
            self.notice.say(BannerKind.INFO, tr("Write the first and the last day of the period."))
            return
        first, last = chosen
        self._asked += 1
        asked = self._asked

        def job(_progress: Progress) -> _Counted:
            start, stop = reports.period(vault, first, last, now)
            return _Counted(reports.period_figures(vault, start, stop, now), first, last)

        self._session.tools.work.run(
            job,
            lambda found: self._show(asked, found),
            self._say,
            owner=self,
            name=tr("Counting"),
        )

    def _say(self, error: ConsultDeskError) -> None:
        self.notice.say(BannerKind.WARNING, tr("The figures can't be counted."), str(error))
        self.failed.emit(error)

    # --- showing -----------------------------------------------------------------------------

    def _show(self, asked: int, counted: _Counted) -> None:
        if asked != self._asked:
            return
        found = counted.figures
        self._figures = found
        self.notice.clear()
        self.about.setText(
            tr("{start} to {stop}, as of {now}. Active time leaves pauses out and counts the "
               "practice's hours; calendar time counts every hour from receipt.").format(
                start=local_date(_qdate(counted.first)),
                stop=local_date(_qdate(counted.last)),
                now=moment(found.as_of),
            )
        )  # fmt: skip
        self._show_tiles(found)
        self._show_weeks(found)
        _fill(self.spreads, _spread_heads(), _spread_rows(found))
        _fill(self.counts, (tr("What"), tr("Figure"), tr("How it is counted")), _count_rows(found))
        self._draw()
        self.shown.emit(found)

    def _show_tiles(self, found: Figures) -> None:
        while (item := self.tiles.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        day = found.day_ms
        calendar = _days(found.opinion_calendar.p50, CALENDAR_DAY_MS)
        shown = (
            (
                tr("Median, active"),
                _days(found.opinion_active.p50, day),
                tr("{days} by the calendar").format(days=calendar),
            ),
            (
                tr("9 of 10 within, active"),
                _days(found.opinion_active.p90, day),
                tr("{days} by the calendar").format(
                    days=_days(found.opinion_calendar.p90, CALENDAR_DAY_MS)
                ),
            ),
            (
                tr("On time"),
                _share(found.on_time),
                tr("{n} of {all}").format(n=found.on_time_count, all=found.on_time_of),
            ),
            (
                tr("Open now"),
                QLocale().toString(found.open),
                tr("{n} overdue, {waiting} waiting").format(n=found.overdue, waiting=found.waiting),
            ),
            (
                tr("Loop closed"),
                _share(found.loop_closure),
                tr("{n} of {all} confirmed").format(
                    n=found.acknowledged, all=found.released_to_others
                ),
            ),
        )
        for place, (title, figure, below) in enumerate(shown):
            self.tiles.addWidget(_tile(self, title, figure, below), place // 5, place % 5)

    def _show_weeks(self, found: Figures) -> None:
        chart = found.weekly
        self.signals.setText(" ".join(chart.signals) or tr("No letter left in this period."))
        self.rules.setText(chart.rules)
        rows = [
            (
                local_date(_qdate(week.monday)),
                QLocale().toString(week.n),
                _number(week.median),
            )
            for week in chart.weeks
        ]
        _fill(self.weeks, (tr("Week of"), tr("Letters"), tr("Median, business days")), rows)
        self.chart.setAccessibleDescription(f"{self.signals.text()} {_chart_words(chart)}")

    def _show_chart_or_table(self) -> None:
        table = self.chart_stack.currentIndex() == 0
        self.chart_stack.setCurrentIndex(int(table))
        self.as_table.setText(tr("Show as a chart") if table else tr("Show as a table"))

    def _draw(self) -> None:
        found = self._figures
        if found is None:
            return
        tokens, plot = tokens_now(), self.chart.getPlotItem()
        plot.clear()
        plot.setMenuEnabled(False)
        plot.hideButtons()
        self.chart.setMouseEnabled(x=False, y=False)
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(tokens.border)
            axis.setTextPen(tokens.muted)
        plot.getAxis("left").setLabel(tr("business days"), color=tokens.muted)
        chart = found.weekly
        weeks = [(n, week) for n, week in enumerate(chart.weeks) if week.median is not None]
        if not weeks:
            return
        plot.plot(
            [n for n, _ in weeks],
            [week.median for _, week in weeks],
            pen=pyqtgraph.mkPen(tokens.accent, width=2),
            symbol="o",
            symbolSize=8,
            symbolBrush=tokens.accent,
            symbolPen=tokens.window,
        )
        if chart.centre is not None:
            middle = pyqtgraph.InfiniteLine(
                chart.centre,
                angle=0,
                pen=pyqtgraph.mkPen(tokens.muted, style=Qt.PenStyle.DashLine),
                label=tr("median {days}").format(days=_number(chart.centre)),
                labelOpts={"color": tokens.muted, "position": 0.01, "anchors": [(0, 1), (0, 1)]},
            )
            plot.addItem(middle)
        every = max(1, len(chart.weeks) // 8)
        marks = [
            (n, QLocale().toString(_qdate(week.monday), "d MMM"))
            for n, week in enumerate(chart.weeks)
            if n % every == 0
        ]
        plot.getAxis("bottom").setTicks([marks])
        highest = max(week.median or 0 for _, week in weeks)
        plot.setYRange(0, max(highest, chart.centre or 0, 1) * 1.15, padding=0)
        plot.setXRange(-0.5, max(len(chart.weeks) - 0.5, 0.5), padding=0)


def _tile(parent: QWidget, title: str, figure: str, below: str) -> QFrame:
    tile = QFrame(parent)
    column = QVBoxLayout(tile)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for words, role in ((title, "muted"), (figure, "display"), (below, "muted")):
        label = QLabel(words, tile)
        label.setProperty("role", role)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        column.addWidget(label)
    tile.setAccessibleName(f"{title}: {figure}, {below}")
    return tile


def _fill(table: QTableWidget, heads: Sequence[str], rows: Sequence[Row]) -> None:
    """Show a small table as high as its rows."""
    table.setColumnCount(len(heads))
    table.setHorizontalHeaderLabels(list(heads))
    table.setRowCount(len(rows))
    table.verticalHeader().hide()
    table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
    table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    for n, row in enumerate(rows):
        for place, words in enumerate(row):
            item = QTableWidgetItem(words)
            item.setToolTip(words)
            table.setItem(n, place, item)
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(len(heads) - 1, QHeaderView.ResizeMode.Stretch)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    row_height = table.fontMetrics().height() + 10
    table.verticalHeader().setDefaultSectionSize(row_height)
    if table.objectName() != "weeks":
        table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setFixedHeight(header.sizeHint().height() + row_height * len(rows) + 6)


def _spread_heads() -> Row:
    half, three, nine = tr("half within"), tr("3 of 4 within"), tr("9 of 10 within")
    return tr("From … to"), tr("Cases"), half, three, nine


def _spread_rows(found: Figures) -> list[Row]:
    day = found.day_ms
    rows = [
        (tr("Opinion, active business days"), found.opinion_active, day),
        (tr("Opinion, calendar days from receipt"), found.opinion_calendar, CALENDAR_DAY_MS),
        (tr("Intake, active business days"), found.intake_active, day),
    ]
    for priority, one in found.by_priority.items():
        words = tr("{priority}, active business days").format(priority=priority_word(priority))
        rows.append((words, one, day))
    rows.append((tr("Red flag to contact, minutes"), found.flags.minutes, 1))
    return [_spread_row(words, one, unit) for words, one, unit in rows]


def _spread_row(words: str, one: Spread, unit: float) -> Row:
    figures = [None if v is None else v / unit for v in (one.p50, one.p75, one.p90)]
    return (words, QLocale().toString(one.n), *(_number(value) for value in figures))


def _count_rows(found: Figures) -> list[Row]:
    said = QLocale().toString
    rows: list[Row] = [
        (tr("Received"), said(found.received), tr("cases received in the period")),
        (tr("Released"), said(found.released), tr("first final letter sent or handed over")),
        (
            tr("Complete at the start"),
            _share(found.completeness),
            tr("required records present ÷ required"),
        ),
        (
            tr("Complete at first receipt"),
            _share(found.first_pass),
            tr("cases that needed no chase"),
        ),
        (tr("Delivered"), said(found.delivered), tr("of those released to others")),
        (tr("Acknowledged"), said(found.acknowledged), tr("of those released to others")),
        (tr("To the patient only"), said(found.patient_only), tr("a normal outcome")),
        (tr("Withheld"), _share(found.withheld), tr("to the patient only ÷ released")),
        (tr("Refused at the gate"), said(found.consent.refusals), tr("attempts, not letters")),
        (
            tr("Withdrawn after release"),
            said(found.consent.revocations_after_release),
            tr("consents"),
        ),
        (
            tr("Released on another basis"),
            said(found.consent.other_basis),
            tr("emergency, safety correction, legal duty"),
        ),
        (
            tr("Red flags without contact"),
            said(found.flags.open),
            tr("still waiting for a call; the clock never pauses"),
        ),
        (
            tr("Declined after acceptance"),
            said(found.declined_after_acceptance),
            tr("counts against on time"),
        ),
    ]
    rows += [
        (
            tr("Open, {age}").format(age=age_words(age)),
            said(n),
            tr("calendar age since receipt"),
        )
        for age, n in found.open_by_age.items()
    ]
    rows += [_discordance_row(one.specialty, one.n, one.share, one.low, one.high)
             for one in found.discordance]  # fmt: skip
    return rows


def _discordance_row(
    code: str, n: int, share: float | None, low: float | None, high: float | None
) -> Row:
    what = tr("Distinctly different, {specialty}").format(specialty=specialty(code).title)
    if share is None:
        return what, tr("too few"), tr("cases: {n}; shown from 10 on").format(n=n)
    how = tr("of {n}; 95 % interval {low} to {high}; a difference, not an error")
    return what, _share(share), how.format(n=n, low=_share(low), high=_share(high))


def _chart_words(chart: RunChart) -> str:
    """The chart in words, for who can't see it."""
    if chart.centre is None:
        return tr("The chart is empty.")
    return tr("{n} weeks; the median of the weekly medians is {days} business days.").format(
        n=len(chart.weeks), days=_number(chart.centre)
    )


def _number(value: float | None) -> str:
    return "–" if value is None else QLocale().toString(value, "f", 1)


def _days(value: float | None, unit: float) -> str:
    if value is None:
        return "–"
    return tr("{n} d").format(n=_number(value / unit))


def _share(value: float | None) -> str:
    if value is None:
        return "–"
    return tr("{n} %").format(n=QLocale().toString(value * 100, "f", 0))


def _qdate(day: date) -> QDate:
    return QDate(day.year, day.month, day.day)
