"""A patient's copy: all that is theirs, nothing of others, nothing in plain, and audited."""

import hashlib
import json
import os
import subprocess
import sys
import tracemalloc
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from consultdesk.consultation.source import MemorySource, Progress
from consultdesk.desk import cases, export, intake, reports
from consultdesk.errors import Cancelled, DeliveryFailed, FormIncomplete, VaultLocked
from consultdesk.samples.practice import PASSPHRASE
from consultdesk.vault.vault import Vault
from tests.stations import open_at
from tests.transports.test_archive import opened

WHO = "Ms Eriksen herself, passport seen"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder / "copy.zip"


def hand_over(vault: Vault, number: str, target: Path, now: int) -> export.Exported:
    return export.export(vault, number, WHO, PASSPHRASE, target, now)


def test_records_come_out_byte_for_byte_and_letters_as_signed(
    tmp_path: Path, target: Path, now: int
) -> None:
    vault, number = open_at("signed", tmp_path / "a.desk")
    with closing(vault):
        file = cases.open_case(vault, number)
        done = hand_over(vault, number, target, now)
        held = opened(done.target, done.password)
        said = json.loads(held["everything.json"])
        (one,) = said["cases"]
        got = {f["name"]: held[f["path"]] for r in one["records"] for f in r["files"]}
        assert {name: hashlib.sha256(data).hexdigest() for name, data in got.items()} == {
            f.name: f.sha256 for r in file.records for f in r.files
        }
        (letter,) = one["letters"]
        assert hashlib.sha256(held[letter["path"]]).hexdigest() == file.letters[0].sha256
        assert (done.files, done.damaged) == (len(held) - 2, ())
    assert one["own_reads"][0]["diagnosis"]
    assert one["opinion"]["brief"]
    assert one["case"]["referral"]["questions"]
    assert one["consents"]
    assert {"Signed a letter", "Brought records in"} <= {line["what"] for line in one["trail"]}


def test_the_page_names_everything_in_plain_words_and_fetches_nothing(
    tmp_path: Path, target: Path, now: int
) -> None:
    vault, number = open_at("signed", tmp_path / "a.desk")
    with closing(vault):
        file = cases.open_case(vault, number)
        done = hand_over(vault, number, target, now)
    page = opened(done.target, done.password)["index.html"].decode()
    assert file.patient.name in page
    for words in (number, "Referral.txt", "Signed a letter", "drafts that nobody has"):
        assert words in page
    assert "<script" not in page
    assert "http:" not in page
    assert "https:" not in page


def test_what_a_record_says_cannot_become_part_of_the_page(
    vault: Vault, received: str, target: Path, now: int, tmp_path: Path
) -> None:
    name = '<img src=x onerror="1">.txt'
    evil = MemorySource(name, b"words")
    intake.bring_in_sources(vault, [evil], now, number=received)
    done = hand_over(vault, received, target, now)
    held = opened(done.target, done.password)
    assert b"<img" not in held["index.html"]
    assert b"&lt;img src=x" in held["index.html"]
    assert not any("img" in path or ".." in path for path in held)


def test_names_in_the_archive_say_nothing_without_the_password(
    vault: Vault, received: str, target: Path, now: int
) -> None:
    file = cases.open_case(vault, received)
    done = hand_over(vault, received, target, now)
    raw = done.target.read_bytes()
    for words in (file.patient.name, *(r.name for r in file.records), "protrusion", received):
        assert words.encode() not in raw


def test_records_of_somebody_else_stay_here_and_are_counted(
    vault: Vault, received: str, target: Path, now: int
) -> None:
    record = cases.open_case(vault, received).records[0]
    cases.change_record(
        vault, received, record.id, now, lambda one: replace(one, right_patient=False)
    )
    done = hand_over(vault, received, target, now)
    held = opened(done.target, done.password)
    said = json.loads(held["everything.json"])
    assert record.name not in json.dumps(said["cases"][0]["records"])
    assert said["left_out"][-1].startswith("1 records")


def test_it_is_an_act_with_who_asked_and_it_needs_the_passphrase(
    vault: Vault, received: str, target: Path, now: int
) -> None:
    with pytest.raises(FormIncomplete):
        export.export(vault, received, " ", PASSPHRASE, target, now)
    with pytest.raises(VaultLocked):
        export.export(vault, received, WHO, "wrong", target, now)
    assert not target.exists()
    hand_over(vault, received, target, now)
    newest = reports.case_events(vault)[0]
    assert (newest.act, newest.reason) == ("export_patient", WHO)


def test_a_file_of_that_name_is_not_replaced_unasked(
    vault: Vault, received: str, target: Path, now: int
) -> None:
    target.write_text("mine")
    with pytest.raises(DeliveryFailed, match="already"):
        hand_over(vault, received, target, now)
    assert target.read_text() == "mine"
    export.export(vault, received, WHO, PASSPHRASE, target, now, replace=True)
    assert target.read_bytes()[:2] == b"PK"


def test_stopped_half_way_nothing_is_left_there_and_nothing_is_audited(
    vault: Vault, received: str, target: Path, now: int
) -> None:
    before = len(reports.case_events(vault))
    with pytest.raises(Cancelled):
        export.export(
            vault, received, WHO, PASSPHRASE, target, now, Progress(cancelled=lambda: True)
        )
    assert list(target.parent.iterdir()) == []
    assert len(reports.case_events(vault)) == before


def test_a_damaged_record_is_named_and_the_rest_is_given(
    vault: Vault, received: str, target: Path, now: int
) -> None:
    content = max(vault.content_folder.iterdir(), key=lambda path: path.name)
    data = bytearray(content.read_bytes())
    data[-5] ^= 1
    content.write_bytes(data)
    done = hand_over(vault, received, target, now)
    assert len(done.damaged) >= 1
    held = opened(done.target, done.password)
    assert len(held) == done.files + 2
    assert b"damaged here" in held["index.html"]


def test_a_large_file_is_never_in_memory(
    vault: Vault, received: str, target: Path, now: int, tmp_path: Path
) -> None:
    disc = tmp_path / "disc.bin"
    with disc.open("wb") as file:
        file.truncate(96 << 20)
    intake.bring_in(vault, [disc], now, number=received)
    tracemalloc.start()
    done = hand_over(vault, received, target, now)
    _held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert done.size > 96 << 20
    assert peak < 24 << 20


_KILLED = """
import os, sys
from pathlib import Path
from consultdesk.consultation.source import Progress
from consultdesk.desk import export
from consultdesk.vault.vault import Vault
vault = Vault.open(Path(sys.argv[1]), "", sys.argv[2], int(sys.argv[4]))
stop = Progress(report=lambda done, total, what: os._exit(9))
export.export(vault, sys.argv[5], "who", sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]), stop)
"""


def test_a_kill_leaves_no_file_of_that_name_and_no_plain_word(
    vault: Vault, received: str, target: Path, now: int
) -> None:
    vault.close()
    command = [str(vault.folder), PASSPHRASE, str(target), str(now), received]
    ended = subprocess.run([sys.executable, "-c", _KILLED, *command], check=False)
    assert ended.returncode == 9
    assert not target.exists()
    for left in target.parent.iterdir():
        assert left.name.endswith(".partial")
        assert os.stat(left).st_mode & 0o077 == 0
        assert b"protrusion" not in left.read_bytes()
