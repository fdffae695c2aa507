"""A page of the queue comes straight out of an index, in order, whatever is asked."""

import re
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from consultdesk.consultation.case import OPEN_STATES, QueueRow
from consultdesk.vault import cases
from consultdesk.vault.cases import QueueView
from consultdesk.vault.rows import Reading
from tests.benchmarks import large_store

NOW = time.time_ns() // 1_000_000
SHOWN = ("mine", "open", "overdue", "waiting", "released", "closed", "all")
SORTS = ("priority", "due", "patient", "state", "received", "number", "specialty")


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reading]:
    made = large_store.build(tmp_path_factory.mktemp("queue"), 400, NOW)
    with made.vault.read() as reading:
        yield reading
    made.vault.close()
    made.plain.close()


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("show", SHOWN)
def test_a_page_is_found_in_an_index_and_nothing_is_sorted_but_names(
    reading: Reading, show: str, sort: str
) -> None:
    view = QueueView(show=show, user="demo", now=NOW, sort=sort)
    chosen = cases.page_ids(view, 0, 64)
    said = chosen.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    plan = [row.detail for row in reading.sql.execute(text(f"EXPLAIN QUERY PLAN {said}"))]
    # of equal names the ids are put in order, a handful at a time
    steps = [step for step in plan if not re.fullmatch(r"USE TEMP .* (PART|TERM) OF .*", step)]
    assert all("USING COVERING INDEX" in step for step in steps), plan
    assert len(plan) == (3 if sort == "patient" else 1), plan


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("show", SHOWN)
def test_pages_follow_one_another_and_hold_every_case_of_the_view(
    reading: Reading, show: str, sort: str, descending: bool
) -> None:
    view = QueueView(show=show, user="demo", now=NOW, sort=sort, descending=descending)
    whole = cases.queue(reading, view, 0, 1000)
    pages = [cases.queue(reading, view, at, 64) for at in range(0, len(whole) + 64, 64)]
    assert [row for page in pages for row in page] == list(whole)
    assert cases.queue_ids(reading, view) == tuple(row.id for row in whole)
    assert cases.queue_count(reading, view) == len(whole)
    in_order: dict[str, Sequence[Any]] = {
        "patient": [row.patient for row in whole],
        "state": [row.state.value for row in whole],
        "received": [row.received_at for row in whole],
        "number": [row.number for row in whole],
        "specialty": [row.specialty for row in whole],
        "due": [row.due_at for row in whole],
    }
    keys = in_order.get(sort, ())
    assert list(keys) == sorted(keys, reverse=descending)


def test_a_view_holds_what_its_name_says(reading: Reading) -> None:
    def shown(show: str) -> tuple[QueueRow, ...]:
        return cases.queue(reading, QueueView(show=show, user="demo", now=NOW), 0, 1000)

    assert {row.state for row in shown("open")} == OPEN_STATES
    assert len(shown("mine")) < len(shown("open"))
    assert all(row.over for row in shown("overdue"))
    assert all(row.waiting_for for row in shown("waiting"))
    assert {row.state for row in shown("closed")} == {"closed", "returned", "declined", "withdrawn"}
    assert len(shown("all")) == 400


def test_a_search_keeps_to_the_cases_it_found(reading: Reading) -> None:
    every = cases.queue_ids(reading, QueueView(show="all"))
    found = every[10:30]
    for sort in SORTS:
        view = QueueView(show="all", sort=sort, case_ids=found)
        assert set(cases.queue_ids(reading, view)) == set(found)
