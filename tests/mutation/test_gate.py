"""A sample of the mutation run; `python -m tests.mutation.gate` does all of it."""

from pathlib import Path

import pytest

from consultdesk.consultation.delivery import Clause
from consultdesk.vault import schema
from tests.mutation.gate import Copy, Mutant, mutants

ALL = {mutant.name: mutant for mutant in mutants()}
SAMPLE = {
    "Clause.NOT_REVOKED": "test_a_parcel_that_breaks_one_clause_is_refused_for_it_alone",
    "gate_consent gate:not_revoked": "test_a_release_that_breaks_one_clause_is_refused_by_both",
}


def test_every_clause_and_every_trigger_is_taken_out_once() -> None:
    assert {f"Clause.{clause.name}" for clause in Clause} <= ALL.keys()
    triggers = [name for name in ALL if name.startswith("trigger ")]
    assert len(triggers) == len(schema.trigger_statements())
    assert len(ALL) == len(mutants())


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
