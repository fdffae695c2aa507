"""The queue at a hundred thousand cases, against the same statements on plain SQLite."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count, cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy
from sqlalchemy import event

from consultdesk.desk import reports
from consultdesk.desk.reports import QueueView
from consultdesk.vault.engine import connect
from tests.benchmarks import large_store
from tests.benchmarks.cold import forget
from tests.benchmarks.large_store import LargeStore

if TYPE_CHECKING:
    from tests.benchmarks.conftest import SideBySide

Statement = tuple[str, tuple[object, ...]]

MANY, FEW = 100_000, 600
PAGE = 64
ROUNDS = 25
LIMIT = 1.5
COLD = 2.5

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
    """A page looked at again and again, as after each commit: its statements by both.

    Then pages never looked at before, by the whole act of the desk. It decrypts what lies in
    no cache, opens what is sealed and moves the due times of cases that wait; the peer does
    nothing of this, so there is no limit to keep, and the times are there to be looked at.
    """
    wanted, share = PAGES[page]
    view = QueueView(now=large.now, **wanted)  # type: ignore[arg-type]  # each by its own name
    first = int(reports.queue_count(large.vault, view) * share)
    turns = ROUNDS + 1 if side_by_side.enabled else 1
    asked = []
    with closing(large.again()) as elsewhere:
        for turn in range(turns):
            with overheard() as statements:
                rows = reports.queue(elsewhere, view, first + turn * PAGE, PAGE)
            assert len(rows) == PAGE
            asked.append(statements)
    more = cycle(asked)
    with large.vault.read() as reading:
        sealed = reading.sql.connection.driver_connection
        side_by_side.measure(
            f"queue, {page}: its SQL",
            lambda: run(sealed, asked[0]),
            lambda: run(large.plain, asked[0]),
            LIMIT,
            rounds=ROUNDS,
        )
    offsets = count(first, PAGE if side_by_side.enabled else 0)
    side_by_side.compare(
        f"queue, {page}: the desk's act, new pages",
        lambda: reports.queue(large.vault, view, next(offsets), PAGE),
        lambda: run(large.plain, next(more)),
        None,
        rounds=ROUNDS,
    )


def test_a_page_of_the_queue_that_lies_in_no_cache(
    large: LargeStore, side_by_side: "SideBySide"
) -> None:
    """Connections opened anew, and nothing of either file in memory."""
    view = QueueView(show="open", now=large.now)
    with overheard() as statements:
        reports.queue(large.vault, view, 0, PAGE)
    database = large.vault.folder / "desk.db"
    plain = Path(large.plain.execute("PRAGMA database_list").fetchone()[2])
    large.plain.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    key = large.vault.opened.store
    if not forget(database, plain):
        pytest.skip("this system can't be asked to forget a file")

    def ours() -> None:
        forget(database)
        with closing(connect(database, key)()) as opened:
            run(opened, statements)

    def peer() -> None:
        forget(plain)
        with closing(sqlite3.connect(plain)) as opened:
            opened.execute("PRAGMA cache_size = -65536")
            run(opened, statements)

    side_by_side.measure("queue, cold: opened and asked", ours, peer, COLD)


def run(connection: Any, statements: list[Statement]) -> None:  # noqa: ANN401 - either driver's
    for said, values in statements:
        connection.execute(said, values).fetchall()


@pytest.mark.parametrize("show", ["all", "open", "overdue"])
def test_a_count_of_the_queue(show: str, large: LargeStore, side_by_side: "SideBySide") -> None:
    view = QueueView(show=show, now=large.now)
    with overheard() as statements:
        assert reports.queue_count(large.vault, view) > PAGE

    with large.vault.read() as reading:
        sealed = reading.sql.connection.driver_connection
        side_by_side.measure(
            f"queue, count of {show}: its SQL",
            lambda: run(sealed, statements),
            lambda: run(large.plain, statements),
            LIMIT,
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
    assert max(counts) <= 8  # lines and keys, the calendar, and five for those that wait
