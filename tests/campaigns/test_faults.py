"""A few faults of every kind, as `python -m tests.campaigns.faults` has them by the thousand."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.campaigns.faults.result import MUST_BE_NONE, Result

if sys.platform == "win32":
    pytest.skip("faults need fork and kill -9", allow_module_level=True)

FEW = {"kills": 4, "power-cuts": 6, "enospc": 4, "libfiu": 4, "flips": 1}
ACT = "sign"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> dict[str, Result]:
    out = tmp_path_factory.mktemp("faults") / "faults.json"
    few = [word for name, many in FEW.items() for word in (f"--{name}", str(many))]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.campaigns.faults",
            *few,
            "--acts",
            ACT,
            "--seed",
            "7",
            "--out",
            str(out),
        ],
        cwd=checkout,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert out.exists(), done.stderr
    said = json.loads(out.read_text())["campaigns"]
    assert (done.returncode == 0) == all(Result.from_json(one).good for one in said)
    return dict(zip(FEW, map(Result.from_json, said), strict=True))


@pytest.mark.parametrize("name", FEW)
def test_no_fault_costs_what_was_acknowledged_or_passes_unsaid(
    results: dict[str, Result], name: str
) -> None:
    result = results[name]
    if result.left_out:
        pytest.skip(result.left_out)
    assert result.runs >= FEW[name]
    assert result.findings == []
    assert sum(result.landed.values()) == result.runs


def test_a_power_cut_on_a_disk_that_ignores_syncs_is_found_out(results: dict[str, Result]) -> None:
    if results["power-cuts"].left_out:
        pytest.skip(results["power-cuts"].left_out)
    found = [n for what, n in results["power-cuts"].figures.items() if "ignores syncs" in what]
    assert found == [1]


def test_a_finding_and_a_missed_phase_make_a_result_bad_and_are_in_its_table() -> None:
    good = Result("kill -9", ("sign",), ("committing",), runs=1)
    assert good.good
    for kind in MUST_BE_NONE:
        bad = Result("kill -9", ("sign",), ("committing",), runs=1)
        bad.met([(kind, "a letter")], "sign")
        assert not bad.good
        assert not Result.from_json(json.loads(json.dumps(bad.as_json()))).good
    assert not Result("kill -9", missed=["sign: committing"]).good
