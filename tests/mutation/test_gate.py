"""A sample of the mutation run; `python -m tests.mutation.gate` does all of it."""

from pathlib import Path

import pytest
import sqlcipher3.dbapi2
from sqlalchemy import Delete, Insert, Update, create_engine, delete, insert, update

from consultdesk.consultation.delivery import Clause
from consultdesk.vault import schema, tables
from tests.mutation.gate import (
    CHECKOUT,
    GATE,
    Copy,
    Mutant,
    cases_taken_out,
    mutants,
    statements_taken_out,
    table_of,
    triggers,
)

ALL = {mutant.name: mutant for mutant in mutants()}
SAMPLE = {
    "Clause.NOT_REVOKED": "test_a_parcel_that_breaks_one_clause_is_refused_for_it_alone",
    "gate_dispatch gate:not_revoked": "test_a_release_that_breaks_one_clause_is_refused_by_both",
}


def test_every_clause_and_every_trigger_is_taken_out_once() -> None:
    assert {f"Clause.{clause.name}" for clause in Clause} <= ALL.keys()
    dropped = [name for name in ALL if name.startswith("trigger ")]
    assert len(dropped) == len(schema.trigger_statements())
    assert len(ALL) == len(mutants())


def test_every_word_of_refusal_in_the_gate_is_taken_out_by_itself() -> None:
    script = (CHECKOUT / GATE).read_text("utf-8")
    refusals = script.count("RAISE(ABORT, ")
    pieces = [*statements_taken_out(script), *cases_taken_out(script)]
    assert {one.text.count("RAISE(ABORT, ") for one in pieces} == {refusals - 1}
    alone = sum(one[0].count("RAISE(ABORT, ") == 1 for one in triggers(script))
    assert len(pieces) + alone == refusals


def test_what_is_left_of_the_gate_is_understood_by_the_database() -> None:
    """Else a test would notice that it makes no sense, and not that a piece is missing."""
    as_it_is = {one[0] for one in triggers((CHECKOUT / GATE).read_text("utf-8"))}
    engine = create_engine("sqlite://", module=sqlcipher3.dbapi2)
    with engine.begin() as sql:
        tables.metadata.create_all(sql)
        for mutant in mutants():
            for one in triggers(mutant.text):
                if one[0] not in as_it_is:
                    sql.exec_driver_sql(one[0])
                    for asked in _prepared(one[0]):
                        said = str(asked.compile(engine))
                        sql.exec_driver_sql(f"EXPLAIN {said}", (None,) * said.count("?"))
                    sql.exec_driver_sql(f"DROP TRIGGER {one[1]}")
    engine.dispose()


def _prepared(trigger: str) -> tuple[Insert, Update, Delete]:
    """Statements that the trigger has to be understood for."""
    table = tables.metadata.tables[table_of(trigger)]
    nothing: dict[str, object] = dict.fromkeys(table.columns.keys())
    return insert(table).values(nothing), update(table).values(nothing), delete(table)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("mutants") / "copy")


@pytest.mark.parametrize("name", SAMPLE)
def test_a_piece_taken_out_makes_a_named_test_fail(place: Copy, name: str) -> None:
    outcome = place.try_out(ALL[name])
    assert SAMPLE[name] in outcome.killer


def test_an_untouched_copy_passes(place: Copy) -> None:
    good = (place.folder / ALL["Clause.CLOCK"].path).read_text("utf-8")
    same = Mutant(ALL["Clause.CLOCK"].path, "nothing", good)
    assert place.try_out(same).killer == ""
    assert Path(place.folder / same.path).read_text("utf-8") == good
