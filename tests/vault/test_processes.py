"""Several threads and several processes at one store."""

import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from consultdesk.consultation.audit import Act
from consultdesk.errors import VaultBusy, VaultDamaged
from consultdesk.vault import audit, cases, check, people, records, search, tables
from consultdesk.vault.cases import QueueView
from consultdesk.vault.lock import DesktopLock
from consultdesk.vault.vault import Vault
from tests.consultation.parcels import NOW
from tests.vault.building import PASSPHRASE, Desk, reopen, simple_case

if TYPE_CHECKING:
    from collections.abc import Iterator

_BESIDE = """
import sys
from pathlib import Path
from consultdesk.consultation.audit import Act
from consultdesk.vault import search
from consultdesk.vault.vault import Vault
folder, word, now, name, count = sys.argv[1:]
vault = Vault.open(Path(folder), "", word, int(now))
print("open", flush=True)
for n in range(int(count)):
    with vault.act(Act(f"{name} {n}", int(now))) as writing:
        search.add(writing, "case", f"{name}{n}", "note", "", name, f"word{n} of {name}")
    vault.search.find("word")
print(len(vault.search.find("word", limit=999)), flush=True)
vault.close()
"""

_HOLDING = """
import sys, time
from pathlib import Path
from consultdesk.vault.vault import Vault
vault = Vault.open(Path(sys.argv[1]), "", sys.argv[2], int(sys.argv[3]), desktop=True)
print("held", flush=True)
time.sleep(60)
"""


def beside(folder: Path, name: str, count: int) -> "subprocess.Popen[str]":
    said = [sys.executable, "-c", _BESIDE, str(folder), PASSPHRASE, str(NOW), name, str(count)]
    return subprocess.Popen(said, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_two_processes_write_beside_each_other_and_lose_nothing(vault: Vault) -> None:
    simple_case(vault, "case")
    helper = beside(vault.folder, "beside", 15)
    assert helper.stdout is not None
    assert helper.stdout.readline() == "open\n"
    for n in range(15):
        with vault.act(Act(f"here {n}", NOW)) as writing:
            search.add(writing, "case", f"here{n}", "note", "", "here", f"word{n} of here")
        vault.search.find("word")
    out, err = helper.communicate(timeout=60)
    assert helper.returncode == 0, err
    assert int(out) >= 15
    hits = [hit.entity_id for hit in vault.search.find("word", limit=999)]
    assert sorted(hits) == sorted(
        [f"here{n}" for n in range(15)] + [f"beside{n}" for n in range(15)]
    )
    with vault.read() as reading:
        acts = [line.act for line in audit.events(reading)]
        assert check.chain_is_sound(reading) == (32, ())
    assert len(set(acts)) == 32


def test_many_readers_and_writers_at_once(desk: Desk) -> None:
    vault, rounds = desk.vault, 12

    def write(name: str) -> None:
        for n in range(rounds):
            with vault.act(Act(f"{name} {n}", NOW)) as writing:
                held = writing.sql.execute(select(tables.case.c.must_required)).scalar_one()
                writing.sql.execute(update(tables.case).values(must_required=held + 1))

    def look(_n: int) -> None:
        for _ in range(rounds):
            with vault.read() as reading:
                assert cases.queue(reading, QueueView(), 0, 9)[0].question
                case = cases.by_id(reading, desk.case_id)
                assert case is not None
                assert people.patient(reading, case.patient_id)
                assert records.of_case(reading, case.id)
            vault.search.find("canary")

    with ThreadPoolExecutor(8) as pool:
        work = [pool.submit(write, f"w{n}") for n in range(3)]
        work += [pool.submit(look, n) for n in range(5)]
        for one in work:
            one.result(60)
    with vault.read() as reading:
        assert reading.sql.execute(select(tables.case.c.must_required)).scalar() == 3 * rounds
        assert check.chain_is_sound(reading)[1] == ()


def test_a_listener_may_read_and_act(desk: Desk) -> None:
    seen = []

    def listen(topics: frozenset[str]) -> None:
        if "first" in topics:
            with desk.vault.act(Act("second", NOW)), desk.vault.read() as reading:
                seen.append(audit.last_seq(reading))

    desk.vault.listen(listen)
    with desk.vault.act(Act("first", NOW, topics=frozenset({"first"}))):
        pass
    with desk.vault.read() as reading:
        assert seen == [audit.last_seq(reading) - 1]


# --- one desktop --------------------------------------------------------------------------


@pytest.fixture
def holder(folder: Path) -> "Iterator[subprocess.Popen[str]]":
    """Another desktop that has the store open."""
    said = [sys.executable, "-c", _HOLDING, str(folder), PASSPHRASE, str(NOW)]
    with subprocess.Popen(said, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_desktop_is_told_who_has_the_store(
    folder: Path, holder: "subprocess.Popen[str]"
) -> None:
    with pytest.raises(VaultBusy, match=rf"anna on .*process {holder.pid}"):
        Vault.open(folder, "", PASSPHRASE, NOW, desktop=True)
    reopen(folder).close()


@pytest.mark.skipif(os.name == "nt", reason="no kill -9 on Windows")
def test_the_lock_goes_with_its_holder_however_it_ends(
    folder: Path, holder: "subprocess.Popen[str]"
) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait(10)
    Vault.open(folder, "", PASSPHRASE, NOW, desktop=True).close()


def test_a_desktop_that_closes_lets_the_next_one_in(folder: Path) -> None:
    first = Vault.open(folder, "", PASSPHRASE, NOW, desktop=True)
    with pytest.raises(VaultBusy):
        DesktopLock(folder, "bo")
    first.close()
    again = DesktopLock(folder, "bo")
    assert json.loads((folder / "desktop.lock").read_text())["user"] == "bo"
    again.release()


@pytest.mark.parametrize("said", ["", "nonsense", "[]", '{"user": 1}', "[" * 99_999])
def test_a_lock_that_does_not_say_who_holds_it_still_holds(tmp_path: Path, said: str) -> None:
    first = DesktopLock(tmp_path, "anna")
    (tmp_path / "desktop.lock").write_text(said)
    with pytest.raises(VaultBusy, match=r"another desk\. Close"):
        DesktopLock(tmp_path, "bo")
    first.release()


def test_a_folder_that_takes_no_lock_says_so(tmp_path: Path) -> None:
    with pytest.raises(VaultDamaged, match="isn't there"):
        DesktopLock(tmp_path / "gone", "anna")


def test_a_failed_opening_gives_the_lock_back(folder: Path) -> None:
    database = (folder / "desk.db").read_bytes()
    (folder / "desk.db").write_bytes(bytes(4096))
    with pytest.raises(Exception, match="doesn't fit the database"):
        Vault.open(folder, "", PASSPHRASE, NOW, desktop=True)
    (folder / "desk.db").write_bytes(database)
    Vault.open(folder, "", PASSPHRASE, NOW, desktop=True).close()


def test_keys_of_an_act_undone_in_another_thread_are_no_trouble(desk: Desk) -> None:
    def fail() -> None:
        with desk.act() as writing:
            writing.insert(
                tables.patient, id="p", name="N", phone="", created_at=NOW, birth_token=""
            )
            raise ZeroDivisionError

    def fail_quietly() -> None:
        with suppress(ZeroDivisionError):
            fail()

    worker = threading.Thread(target=fail_quietly)
    worker.start()
    worker.join(10)
    with desk.act() as writing:
        writing.insert(
            tables.patient, id="p", name="N", phone="", created_at=NOW, birth_token="", sex="f"
        )
    desk.vault.close()
    again = reopen(desk.vault.folder)
    with again.read() as reading:
        patient = people.patient(reading, "p")
    again.close()
    assert patient is not None
    assert patient.sex == "f"
