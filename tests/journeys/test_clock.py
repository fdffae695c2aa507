"""A computer that starts in 2099: what is done then, and the day after the clock is corrected."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from consultdesk.consultation.consent import Purpose
from consultdesk.consultation.delivery import Clause
from consultdesk.consultation.patient import ChannelKind
from consultdesk.desk import cases, reports, sending, store
from consultdesk.desk.sending import Sending
from consultdesk.samples import walk
from consultdesk.samples.practice import PASSPHRASE
from consultdesk.vault import audit
from consultdesk.vault.vault import Vault
from tests import stations

FAKETIME = shutil.which("faketime")
pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(FAKETIME is None, reason="no faketime to set a process's clock"),
]
DAY = 24 * 60 * 60 * 1000
FAR = "2099-05-01 10:00:00"

# what a person does in a window: everything by the time that the store believes
_ACTS = """
import sys, time
from pathlib import Path
from consultdesk.desk import cases, consent, sending, store
from consultdesk.consultation.consent import Purpose
from consultdesk.consultation.patient import ChannelKind
from consultdesk.samples import walk
from consultdesk.samples.practice import PASSPHRASE
system = lambda: time.time_ns() // 1_000_000
vault = store.unlock(Path(sys.argv[1]), "", PASSPHRASE, system())
now = lambda: vault.now(system())
number, letter_id = sys.argv[2:]
walk.agree(vault, number, now())
cases.wait_for(vault, number, "patient", now())
wish = sending.Sending(number, letter_id, ChannelKind.HAND_OVER_SAVE, Purpose.TREATMENT, "k")
refusal = sending.ask(vault, wish, now())
print(*(refusal.clauses if refusal else ()))
vault.close()
"""


def in_2099(*words: str, place: Path) -> "subprocess.CompletedProcess[str]":
    assert FAKETIME
    checkout = str(Path(store.__file__).parent.parent.parent)
    known = {"PYTHONPATH": checkout, "CONSULTDESK_PASSPHRASE_FILE": str(place / "pw")}
    return subprocess.run(
        [FAKETIME, FAR, sys.executable, *words],
        cwd=place,
        env=os.environ | known,
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def today(place: Path) -> Iterator[tuple[Vault, int]]:
    now = time.time_ns() // 1_000_000
    vault = store.unlock(place / "a.desk", "", PASSPHRASE, now)
    try:
        yield vault, vault.now(now)
    finally:
        vault.close()


def test_one_start_in_2099_ends_no_consent_and_makes_nothing_overdue(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text(PASSPHRASE)
    (tmp_path / "note.txt").write_text("Patient: Eva Lang\nDate of birth: 1970-01-01\n\nHip pain.")
    vault, number = stations.open_at("signed", tmp_path / "a.desk")
    walk.agree(vault, number, stations.now())
    signed = cases.open_case(vault, number).letters[-1]
    vault.close()

    took_in = in_2099("-m", "consultdesk", "import", "a.desk", "note.txt", "--json", place=tmp_path)
    assert took_in.returncode == 0, took_in.stderr
    assert "more than a day ahead of the last entry" in took_in.stderr
    fresh = json.loads(took_in.stdout)["case"]
    acted = in_2099("-c", _ACTS, "a.desk", number, signed.id, place=tmp_path)
    assert acted.returncode == 0, acted.stderr
    assert Clause.CLOCK in acted.stdout.split(), "nothing leaves by an unbelieved clock"
    assert Clause.NOT_EXPIRED not in acted.stdout.split()

    with today(tmp_path) as (opened, now):
        assert abs(now - stations.now()) < DAY
        view = reports.QueueView(show="all", now=now)
        rows = {row.number: row for row in reports.queue(opened, view, 0, 9)}
        assert not any(row.over for row in rows.values())
        assert rows[fresh].received_at < now + DAY
        file = cases.open_case(opened, number)
        assert len(file.consents) >= 2
        assert all(one.expires_at is None or one.expires_at > now for one in file.consents)
        assert all(one.recorded_at < now + DAY for one in file.consents)
        with opened.read() as reading:
            lines = audit.events(reading)
        assert all(line.at < now + DAY for line in lines)
        noted = [line for line in lines if "clock said 2099-05-01" in line.detail]
        assert {"unlock", "bring_in_records", "record_consent"} <= {line.act for line in noted}
        wish = Sending(number, signed.id, ChannelKind.HAND_OVER_SAVE, Purpose.TREATMENT, "k")
        refusal = sending.would_clear(opened, wish, now)
        assert refusal is not None
        assert refusal.clauses == (Clause.CHANNEL,), "all but the way, as before"
        assert store.verify(opened).ok


def test_in_2099_a_persons_word_moves_the_clock_on_and_is_kept(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text(PASSPHRASE)
    stations.open_at("received", tmp_path / "a.desk")[0].close()
    said = in_2099("-m", "consultdesk", "confirm-clock", "a.desk", place=tmp_path)
    assert (said.returncode, said.stderr) == (0, "")
    assert "2099-05-01 10:00" in said.stdout
    with today(tmp_path) as (opened, now):
        assert now > stations.now() + 365 * DAY, "going back is never accepted"
        with opened.read() as reading:
            acts = {line.act: line for line in audit.events(reading)}
    assert acts["confirm_clock"].at > stations.now() + 365 * DAY
