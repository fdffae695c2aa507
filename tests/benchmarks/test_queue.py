"""The queue at a hundred thousand cases, against the same statements on plain SQLite."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

import pytest
import sqlalchemy
from sqlalchemy import event

from consultdesk.desk import reports
from consultdesk.desk.reports import QueueView
from tests.benchmarks import large_store
from tests.benchmarks.large_store import LargeStore

if TYPE_CHECKING:
    from tests.benchmarks.conftest import SideBySide

Statement = tuple[str, tuple[object, ...]]

MANY, FEW = 100_000, 600
PAGE = 64
LIMIT = 1.5

PAGES = {
    "first page": ({"show": "all"}, 0.0),
    "middle page": ({"show": "all"}, 0.5),
    "open, first page": ({"show": "open"}, 0.0),
    "my open, middle page": ({"show": "mine", "user": "demo"}, 0.2),
    "overdue, first page": ({"show": "overdue"}, 0.0),
    "by patient, middle page": ({"show": "all", "sort": "patient"}, 0.5),
    "by due, last first": ({"show": "all", "sort": "due", "descending": True}, 0.0),
    "by received": ({"show": "open", "sort": "received"}, 0.1),
    "by number, middle page": ({"show": "all", "sort": "number"}, 0.5),
}


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory, measuring: bool) -> Iterator[LargeStore]:
    now = time.time_ns() // 1_000_000
    made = large_store.build(tmp_path_factory.mktemp("large"), MANY if measuring else FEW, now)
    yield made
    made.vault.close()
    made.plain.close()


@contextmanager
def overheard() -> Iterator[list[Statement]]:
    """The statements that go to the database meanwhile, with their values."""
    heard: list[Statement] = []

    def listen(_c: object, _k: object, said: str, values: tuple[object, ...], *_: object) -> None:
        if not said.startswith("BEGIN"):
            heard.append((said, values))

    event.listen(sqlalchemy.Engine, "before_cursor_execute", listen)
    try:
        yield heard
    finally:
        event.remove(sqlalchemy.Engine, "before_cursor_execute", listen)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_the_queue(page: str, large: LargeStore, side_by_side: "SideBySide") -> None:
    """Each time another page, whose sealed columns were never opened before."""
    wanted, share = PAGES[page]
    view = QueueView(now=large.now, **wanted)  # type: ignore[arg-type]  # each by its own name
    first = int(reports.queue_count(large.vault, view) * share)
    with overheard() as statements:
        assert len(reports.queue(large.vault, view, first, PAGE)) == PAGE
    said, values = statements[0]
    assert values[-2:] == (PAGE, first)
    offsets, same = count(first, PAGE if side_by_side.enabled else 0), count(first, PAGE)

    def ours() -> None:
        reports.queue(large.vault, view, next(offsets), PAGE)

    def peer() -> None:
        large.plain.execute(said, (*values[:-1], next(same))).fetchall()

    side_by_side.measure(f"queue, {page}", ours, peer, LIMIT)


@pytest.mark.parametrize("show", ["all", "open", "overdue"])
def test_a_count_of_the_queue(show: str, large: LargeStore, side_by_side: "SideBySide") -> None:
    view = QueueView(show=show, now=large.now)
    with overheard() as statements:
        assert reports.queue_count(large.vault, view) > PAGE

    def peer() -> None:
        for said, values in statements:
            large.plain.execute(said, values).fetchall()

    side_by_side.measure(
        f"queue, count of {show}", lambda: reports.queue_count(large.vault, view), peer, LIMIT
    )


def test_a_page_takes_as_many_statements_whatever_it_shows(large: LargeStore) -> None:
    counts = set()
    for wanted, share in PAGES.values():
        view = QueueView(now=large.now, **wanted)  # type: ignore[arg-type]  # as above
        for limit in (5, PAGE):
            offset = int(reports.queue_count(large.vault, view) * share)
            with overheard() as statements:
                reports.queue(large.vault, view, offset, limit)
            counts.add(len(statements))
    assert max(counts) <= 7  # lines, their keys, the calendar, and five for those that wait
