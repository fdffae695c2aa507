import json
import os
from pathlib import Path

import pytest

from consultdesk.vault import attempts

NOW = 1_790_000_000_000
DAY = 24 * 60 * 60 * 1000


def fail(folder: Path, many: int, at: int = NOW) -> float:
    return [attempts.failed(folder, "lind", at) for _ in range(many)][-1]


def test_the_wait_grows_with_each_failure_up_to_a_minute(tmp_path: Path) -> None:
    waits = [attempts.failed(tmp_path, "lind", NOW) for _ in range(12)]
    assert waits == [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]


def test_the_wait_runs_down_and_outlives_the_program(tmp_path: Path) -> None:
    fail(tmp_path, 5)
    assert attempts.seconds_left(tmp_path, "lind", NOW) == 4
    assert attempts.seconds_left(tmp_path, "lind", NOW + 1500) == 2.5
    assert attempts.seconds_left(tmp_path, "lind", NOW + 4000) == 0
    assert attempts.seconds_left(tmp_path, "okafor", NOW) == 0


@pytest.mark.parametrize("back", [1, 60_000, DAY, NOW])
def test_a_clock_set_back_neither_ends_the_wait_nor_makes_it_longer(
    tmp_path: Path, back: int
) -> None:
    fail(tmp_path, 5)
    earlier = NOW - back
    assert attempts.seconds_left(tmp_path, "lind", earlier) == 4
    assert attempts.seconds_left(tmp_path, "lind", earlier + 3000) == 1
    assert attempts.seconds_left(tmp_path, "lind", earlier + 4000) == 0


def test_the_right_passphrase_ends_the_wait_of_its_user_alone(tmp_path: Path) -> None:
    fail(tmp_path, 6)
    for _ in range(4):
        attempts.failed(tmp_path, "okafor", NOW)
    told = attempts.untold(tmp_path)
    assert (told["lind"].untold, told["okafor"].untold) == (6, 4)
    attempts.succeeded(tmp_path, "lind", told)
    assert attempts.seconds_left(tmp_path, "lind", NOW) == 0
    assert attempts.seconds_left(tmp_path, "okafor", NOW) == 2
    assert attempts.untold(tmp_path) == {}
    attempts.succeeded(tmp_path, "okafor", {})
    assert list(tmp_path.iterdir()) == []


def test_what_came_after_the_audit_was_told_is_told_the_next_time(tmp_path: Path) -> None:
    fail(tmp_path, 2)
    told = attempts.untold(tmp_path)
    fail(tmp_path, 1, NOW + 5)
    attempts.succeeded(tmp_path, "okafor", told)
    assert attempts.untold(tmp_path)["lind"].untold == 1


GOOD = {"failures": 9, "untold": 9, "first": NOW, "last": NOW}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 100_000,
        '{"lind": 3}',
        '{"lind": {"failures": 9}}',
        json.dumps({"lind": GOOD | {"last": "soon"}}),
        json.dumps({"lind": GOOD | {"last": -1}}),
        json.dumps({"lind": GOOD | {"last": 1e300}}),
        json.dumps({"lind": GOOD | {"failures": 1 << 60}}),
        json.dumps({"lind": GOOD | {"failures": True}}),
        "x" * 100_000,
    ],
)
def test_a_damaged_file_keeps_nobody_out(tmp_path: Path, text: str) -> None:
    (tmp_path / attempts.NAME).write_text(text)
    assert attempts.seconds_left(tmp_path, "lind", NOW) == 0
    assert attempts.untold(tmp_path) == {}
    assert fail(tmp_path, 3) == 1
    attempts.succeeded(tmp_path, "lind", attempts.untold(tmp_path))
    assert attempts.seconds_left(tmp_path, "lind", NOW) == 0


def test_a_file_from_the_far_future_keeps_nobody_out_for_longer_than_a_minute(
    tmp_path: Path,
) -> None:
    (tmp_path / attempts.NAME).write_text(json.dumps({"lind": GOOD | {"last": 1 << 53}}))
    assert attempts.seconds_left(tmp_path, "lind", NOW) == 60
    assert attempts.seconds_left(tmp_path, "lind", NOW + 60_000) == 0


def test_what_is_no_file_in_its_place_keeps_nobody_out(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / attempts.NAME)
    assert attempts.seconds_left(tmp_path, "lind", NOW) == 0
    (tmp_path / attempts.NAME).unlink()
    (tmp_path / attempts.NAME).mkdir()
    assert fail(tmp_path, 3) == 0
    assert attempts.seconds_left(tmp_path, "lind", NOW) == 0
    assert [path.name for path in tmp_path.iterdir()] == [attempts.NAME]


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    fail(tmp_path, 1)
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
