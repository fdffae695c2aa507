"""A sample of the campaign; `python -m tests.campaigns.gate_histories` tells a hundred thousand."""

import ast
import random
import sys
from pathlib import Path

import pytest

from consultdesk.consultation.delivery import Clause
from consultdesk.consultation.letter import FITS
from consultdesk.consultation.patient import RecipientKind
from tests.campaigns import gate_histories, oracle, values
from tests.campaigns.gate_histories import Findings, campaign, judge
from tests.campaigns.histories import RECIPIENTS, History
from tests.campaigns.values import START, Gate


def test_the_gate_and_its_judge_agree_on_a_sample_of_histories(tmp_path: Path) -> None:
    found = campaign(600, 7, 25, tmp_path)
    assert found.differences == []
    assert found.wanting(1) == []
    assert (found.histories, found.stored) == (600, 25)


def test_the_judge_is_written_from_the_field_and_from_nothing_of_ours() -> None:
    tree = ast.parse(Path(oracle.__file__).read_text("utf-8"))
    named = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
        )
    }
    assert named <= sys.stdlib_module_names
    assert "__import__" not in ast.dump(tree)
    assert "importlib" not in named


def test_the_judge_speaks_of_every_clause_kind_of_letter_and_recipient() -> None:
    assert set(oracle.CONDITIONS) == {str(clause) for clause in Clause}
    assert set(RECIPIENTS.values()) == {str(kind) for kind in RecipientKind}
    assert set(oracle.WHO_READS) == {str(kind) for kind in FITS}


@pytest.mark.parametrize("deaf_to", ["revoke", "happened", "restore", "restrict", "verified"])
def test_a_gate_that_is_deaf_to_one_kind_of_step_is_found_out(
    monkeypatch: pytest.MonkeyPatch, deaf_to: str
) -> None:
    class Deaf(Gate):
        def take(self, step: oracle.Step) -> None:
            if step[0] != deaf_to and (step[0], deaf_to) != ("lift", "restrict"):
                super().take(step)

    monkeypatch.setattr(gate_histories, "Gate", Deaf)
    found = Findings()
    for number in range(300):
        judge(History(random.Random(number), START).tell(), START, found, str(number))
    assert found.differences
    assert f"{len(found.differences)} differences" in found.wanting(0)


def test_a_history_is_told_the_same_from_the_same_seed() -> None:
    one, two = (History(random.Random("9"), values.START).tell() for _ in range(2))
    assert one == two


def test_figures_that_are_missed_are_named() -> None:
    few = Findings(histories=100, left=19)
    assert few.wanting(0) == ["only 19 of 100 histories clear"]
    few.left = 20
    assert few.wanting(0) == []
    assert "clock 0" in few.wanting(1)[0]
