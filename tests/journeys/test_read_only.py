"""A store on a write-protected disk: looked at and printed from, and nothing goes unrecorded."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from consultdesk.consultation.audit import Outcome

_WHY = "The store's folder is write-protected, so the store can only be read now."


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> dict[str, object]:
    """What a day at the desk came to on a disk that is protected now and then."""
    home, outside = tmp_path_factory.mktemp("disk"), tmp_path_factory.mktemp("outside")
    alone = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")
    mount = 'mount -t tmpfs -o size=64m none "$0" && mount -o remount,ro "$0"'
    if not shutil.which("unshare") or subprocess.run([*alone, mount, home], check=False).returncode:
        pytest.skip("this system lets nobody mount a disk of their own and protect it")
    work = (
        'mount -t tmpfs -o size=64m none "$0" && '
        'exec "$1" -m tests.journeys.read_only_worker "$0" "$2"'
    )
    done = subprocess.run(
        [*alone, work, home, sys.executable, outside],
        cwd=checkout,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, object] = json.loads(done.stdout)
    return said


def test_a_protected_store_opens_to_be_read_and_says_why(day: dict[str, object]) -> None:
    assert str(day["why"]).startswith(_WHY)


def test_records_are_seen_and_found_in_it_and_it_is_verified(day: dict[str, object]) -> None:
    assert day["seen"] == ""
    assert day["found"]
    assert day["whole"]


def test_an_act_in_it_is_refused_with_the_reason_and_the_cure(day: dict[str, object]) -> None:
    assert str(day["act"]).startswith(f"ReadOnly: {_WHY}")
    assert "Have the folder made writable" in str(day["act"])
    assert str(day["too_soon"]).startswith(f"ReadOnly: {_WHY}")


@pytest.mark.parametrize("command", ["cases", "show", "verify"])
def test_the_command_line_reads_it(day: dict[str, object], command: str) -> None:
    done = day[command]
    assert isinstance(done, dict)
    assert done["code"] == 0, done["err"]
    assert done["out"]
    assert command == "verify" or str(done["err"]).startswith(_WHY)


def test_an_act_of_the_command_line_ends_in_one_line_and_exit_1(day: dict[str, object]) -> None:
    done = day["import"]
    assert isinstance(done, dict)
    assert done["code"] == 1
    warned, said = str(done["err"]).splitlines()
    assert warned.startswith(_WHY)
    assert said.startswith("consultdesk: ")
    assert "write-protected" in said


def test_a_letter_that_never_left_stays_because_its_release_cannot_be_recorded(
    day: dict[str, object],
) -> None:
    assert "a release can't be recorded and isn't made" in str(day["first"])


def test_what_was_looked_at_stands_in_the_audit_once_the_store_can_be_written(
    day: dict[str, object],
) -> None:
    late = day["late"]
    assert isinstance(late, list)
    assert {"unlock", "view_record", "view_case"} <= set(late)
    assert late.count("unlock") == 5  # the window's, and one for each command


def test_a_letter_that_has_left_before_is_printed_again_and_recorded_later(
    day: dict[str, object],
) -> None:
    assert (day["release"], day["again"]) == ("", "")
    assert day["again_left"]
    noted = day["noted"]
    assert isinstance(noted, list)
    assert noted.count("hand_over_again") == 1


def test_a_store_whose_protection_is_taken_off_is_written_again_without_unlocking(
    day: dict[str, object],
) -> None:
    assert day["writes"]
    assert day["sound"]


def test_after_a_withdrawal_the_letter_is_not_even_printed_again(day: dict[str, object]) -> None:
    assert str(day["withdrawn"]).startswith("ConsentMissing")
    assert day["withdrawn_left"] is False
    assert day["refused"] == Outcome.REFUSED
