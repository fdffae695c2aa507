"""Opening, reading, acting and closing: all or nothing, and nothing readable on the disk."""

import os
import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import sqlcipher3.dbapi2
from sqlalchemy import select, text, update

from consultdesk.consultation.audit import Act, Role, User
from consultdesk.consultation.delivery import LARGEST_JUMP
from consultdesk.errors import (
    ClinicalContentClosed,
    ClockUnconfirmed,
    ConsultDeskError,
    VaultDamaged,
    VaultLocked,
    VaultOlder,
)
from consultdesk.vault import (
    assessments,
    audit,
    cases,
    consents,
    header,
    letters,
    members,
    outbox,
    people,
    practice,
    records,
    tables,
    turnaround,
)
from consultdesk.vault.key import FLOOR
from consultdesk.vault.rows import count
from consultdesk.vault.vault import Vault
from tests.consultation.parcels import FAR, NOW
from tests.vault.building import (
    ANNA,
    CANARY,
    PASSPHRASE,
    RECORD,
    Desk,
    add_user,
    create,
    fill,
    opened_by,
    reopen,
)
from tests.vault.foreign import foreigner, open_keys
from tests.vault.plaintext import readable


def payer(vault: Vault) -> str:
    with vault.read() as reading:
        return str(reading.sql.execute(select(tables.case.c.payer)).scalar())


def set_payer(desk: Desk, value: str, *, then: Exception | None = None) -> None:
    with desk.act() as writing:
        writing.sql.execute(update(tables.case).values(payer=value))
        if then:
            raise then


def test_a_new_store_opens_again_with_its_passphrase(folder: Path) -> None:
    vault = reopen(folder)
    assert (vault.user, vault.role, vault.clinical) == ("anna", Role.PHYSICIAN, True)
    with vault.read() as reading:
        assert practice.user(reading, "anna") == ANNA
        assert practice.user(reading, "nobody").role is Role.ASSISTANT
        assert [line.act for line in audit.events(reading)] == ["create_store"]
        assert vault.moment(reading, NOW - 5).now == NOW
    vault.close()
    vault.close()


@pytest.mark.parametrize("pragma", ["passphrase", "user"])
def test_a_store_stays_shut_for_the_wrong_word_or_user(folder: Path, pragma: str) -> None:
    user, word = ("anna", "wrong") if pragma == "passphrase" else ("eve", PASSPHRASE)
    with pytest.raises(VaultLocked):
        Vault.open(folder, user, word, NOW, desktop=True)
    Vault.open(folder, "", PASSPHRASE, NOW, desktop=True).close()


def test_a_store_is_not_made_where_something_lies_or_nothing_can(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(VaultDamaged, match="already holds something"):
        create(tmp_path)
    with pytest.raises(VaultDamaged, match="can't be made there"):
        create(tmp_path / "note.txt" / "store.desk")
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_a_store_that_could_not_be_made_lets_go_of_everything(tmp_path: Path) -> None:
    with pytest.raises(VaultLocked, match="user name"):
        Vault.create(tmp_path / "s", User("a b", "", Role.PHYSICIAN), "x", NOW, parameters=FLOOR)
    assert not (tmp_path / "s").exists()


def test_a_folder_without_a_store_says_so(tmp_path: Path) -> None:
    with pytest.raises(VaultLocked, match="no ConsultDesk store"):
        reopen(tmp_path)


def test_a_plain_database_is_refused(folder: Path) -> None:
    (folder / "desk.db").write_bytes(b"SQLite format 3\0" + bytes(4096))
    with pytest.raises(VaultDamaged, match="isn't encrypted"):
        reopen(folder)


def test_a_database_that_lost_its_content_is_not_taken_for_a_new_one(folder: Path) -> None:
    (folder / "desk.db").write_bytes(b"")
    with pytest.raises(VaultDamaged, match="empty"):
        reopen(folder)
    assert (folder / "desk.db").stat().st_size == 0
    key = open_keys(folder).store
    (folder / "desk.db").unlink()
    other = sqlcipher3.dbapi2.connect(str(folder / "desk.db"))
    other.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    other.execute("CREATE TABLE unknown (x)")
    other.close()
    with pytest.raises(VaultDamaged, match="holds no store"):
        reopen(folder)


def test_a_database_of_another_store_does_not_fit(folder: Path, tmp_path: Path) -> None:
    create(tmp_path / "other").close()
    (folder / "desk.db").write_bytes((tmp_path / "other" / "desk.db").read_bytes())
    with pytest.raises(VaultOlder, match="doesn't fit the database"):
        reopen(folder)


def test_a_content_folder_lost_in_copying_is_made_again(folder: Path) -> None:
    (folder / "content").rmdir()
    with_content = reopen(folder)
    assert with_content.content_folder.is_dir()
    with_content.close()


def test_a_content_folder_that_cannot_be_used_says_so_and_gives_the_lock_back(
    folder: Path,
) -> None:
    (folder / "content").rmdir()
    (folder / "content").write_text("not a folder")
    with pytest.raises(VaultDamaged, match="folder for files"):
        Vault.open(folder, "", PASSPHRASE, NOW, desktop=True)
    (folder / "content").unlink()
    Vault.open(folder, "", PASSPHRASE, NOW, desktop=True).close()


# --- reading and acting -------------------------------------------------------------------


@pytest.mark.parametrize(
    "said", ["UPDATE \"case\" SET payer = 'x'", "DELETE FROM draft", "DROP TABLE draft"]
)
def test_a_reading_cannot_write(desk: Desk, said: str) -> None:
    with pytest.raises(VaultDamaged, match="refused this step"), desk.vault.read() as reading:
        reading.sql.execute(text(said))
    assert payer(desk.vault) == "Payer Ltd"


def test_a_reading_is_one_view_while_others_write(desk: Desk) -> None:
    with desk.vault.read() as reading:
        before = reading.sql.execute(select(tables.case.c.payer)).scalar()
        set_payer(desk, "changed")
        assert reading.sql.execute(select(tables.case.c.payer)).scalar() == before
    assert payer(desk.vault) == "changed"


@pytest.mark.parametrize("error", [ZeroDivisionError(), VaultLocked("x")])
def test_an_act_that_fails_leaves_nothing_and_no_line(desk: Desk, error: Exception) -> None:
    told: list[frozenset[str]] = []
    desk.vault.listen(told.append)
    with desk.vault.read() as reading:
        lines = audit.last_seq(reading)
    with pytest.raises(type(error)):
        set_payer(desk, "changed", then=error)
    assert payer(desk.vault) == "Payer Ltd"
    with desk.vault.read() as reading:
        assert audit.last_seq(reading) == lines
    assert told == []
    set_payer(desk, "again")
    assert payer(desk.vault) == "again"


def test_a_fact_without_what_it_refers_to_undoes_the_act(desk: Desk) -> None:
    def wait() -> None:
        with desk.act() as writing:
            cases.wait_for(writing, "no such case", "", NOW)
            writing.insert(
                tables.pause, id="p", case_id="no such case", waiting_for="records", started_at=NOW
            )

    with pytest.raises(ConsultDeskError):
        wait()
    set_payer(desk, "still works")


def test_an_act_within_an_act_is_refused_at_once(desk: Desk) -> None:
    def nested() -> None:
        with desk.act() as writing:
            writing.sql.execute(update(tables.case).values(payer="outer"))
            set_payer(desk, "inner")

    with pytest.raises(RuntimeError, match="within another"):
        nested()
    assert payer(desk.vault) == "Payer Ltd"
    set_payer(desk, "after")
    assert payer(desk.vault) == "after"


def test_listeners_are_told_after_the_commit_and_cannot_undo_it(desk: Desk) -> None:
    seen: list[tuple[frozenset[str], str]] = []

    def broken(_topics: frozenset[str]) -> None:
        raise ZeroDivisionError

    desk.vault.listen(broken)
    desk.vault.listen(lambda topics: seen.append((topics, payer(desk.vault))))
    with desk.vault.act(Act("x", NOW, topics=frozenset({"case"}))) as writing:
        writing.sql.execute(update(tables.case).values(payer="changed"))
        assert seen == []
    assert seen == [(frozenset({"case"}), "changed")]


def test_the_mark_follows_the_clock_a_day_at_most_until_a_person_confirms(vault: Vault) -> None:
    def mark_after(what: str, at: int) -> int:
        with vault.act(Act(what, at)):
            pass
        with vault.read() as reading:
            return vault.moment(reading, 0).mark

    assert mark_after("x", NOW + 5) == NOW + 5
    assert mark_after("x", NOW) == NOW + 5
    assert mark_after("x", NOW + 5 + LARGEST_JUMP) == NOW + 5 + LARGEST_JUMP
    far = NOW + 5 + 2 * LARGEST_JUMP + 1
    with pytest.raises(ClockUnconfirmed, match="nobody has confirmed"):
        mark_after("x", far)
    with vault.read() as reading:
        assert vault.moment(reading, 0).mark == NOW + 5 + LARGEST_JUMP
        assert audit.last_at(reading) == NOW + 5 + LARGEST_JUMP
    assert mark_after("confirm_clock", far) == far
    assert mark_after("confirm_clock", NOW) == far


# --- closing ------------------------------------------------------------------------------


def test_after_closing_nothing_opens_and_no_key_is_held(desk: Desk) -> None:
    vault = desk.vault
    assert vault.search.find("anything") == ()
    vault.close()
    for use in (vault.read, lambda: vault.act(Act("x", NOW))):
        with pytest.raises(VaultLocked), use():
            pass
    with pytest.raises(VaultLocked):
        _ = vault.search
    with pytest.raises(VaultLocked):
        vault.reauthenticate(PASSPHRASE)
    assert not vault.clinical


def test_closing_waits_for_the_act_under_way(desk: Desk) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with desk.act() as writing:
            inside.set()
            go_on.wait(10)
            writing.sql.execute(update(tables.case).values(payer="kept"))

    worker = threading.Thread(target=slow)
    worker.start()
    inside.wait(10)
    closer = threading.Thread(target=desk.vault.close)
    closer.start()
    closer.join(0.05)
    assert closer.is_alive()
    go_on.set()
    worker.join(10)
    closer.join(10)
    again = reopen(desk.vault.folder)
    assert payer(again) == "kept"
    again.close()


def test_who_has_opened_proves_it_again_by_the_same_keys(folder: Path, tmp_path: Path) -> None:
    vault = reopen(folder)
    vault.reauthenticate(PASSPHRASE)
    with pytest.raises(VaultLocked, match="passphrase"):
        vault.reauthenticate("wrong")
    own = header.read(folder)
    forged, _keys = members.found(
        own.store_id, "anna", Role.PHYSICIAN, "forged", b"s" * 32, b"c" * 32, FLOOR
    )
    header.write(folder, replace(forged, sequence=9).sealed(b"s" * 32))
    with pytest.raises(VaultLocked, match="exchanged"):
        vault.reauthenticate("forged")
    header.write(folder, own)
    vault.reauthenticate(PASSPHRASE)
    vault.close()


# --- who may see what ---------------------------------------------------------------------


def test_a_role_without_the_clinical_key_sees_the_queue_and_no_more(desk: Desk) -> None:
    add_user(desk.vault, "bo", Role.MANAGER)
    vault = opened_by(desk.vault.folder, "bo")
    with vault.read() as reading:
        shown = cases.queue(reading, cases.QueueView(), 0, 9)
        assert [(row.number, row.patient, row.question) for row in shown] == [
            ("2026-0001", "Mara Lind", "")
        ]
        case = cases.by_id(reading, desk.case_id)
        assert case is not None
        assert CANARY not in repr(case)
        assert case.referral.coverage.payer == "Payer Ltd"
        patient = people.patient(reading, desk.patient_id)
        assert patient is not None
        assert (patient.name, patient.birth_date) == ("Mara Lind", "")
        assert [one.name for one in people.physicians(reading)] == ["Dr Berg"]
        assert turnaround.clocks(reading)[0].flags == ()
        assert {line.reason for line in audit.events(reading)} == {""}
        assert practice.letterhead(reading).name == ""
        for closed in (consents.of_case, records.of_case, letters.of_case, outbox.of_case):
            with pytest.raises(ClinicalContentClosed):
                closed(reading, desk.case_id)
        for shut in (assessments.own_reads, assessments.opinion, assessments.comparison):
            with pytest.raises(ClinicalContentClosed):
                shut(reading, desk.case_id)
        with pytest.raises(ClinicalContentClosed):
            people.recipient(reading, desk.physician_id)
    assert not vault.clinical
    with pytest.raises(ClinicalContentClosed):
        _ = vault.search
    vault.close()


# --- on disk ------------------------------------------------------------------------------


def test_nothing_of_a_filled_store_can_be_read_on_the_disk(tmp_path: Path) -> None:
    vault = create(tmp_path / "store.desk")
    fill(vault)
    assert vault.search.find("canary text")
    assert readable(tmp_path, CANARY) == []
    assert readable(tmp_path, "Mara Lind") == []
    names = {path.name for path in (tmp_path / "store.desk").iterdir()}
    assert {"desk.db-wal", "search.db"} <= names
    vault.close()
    assert readable(tmp_path, CANARY) == []
    (tmp_path / "found").write_bytes(RECORD)
    assert {hit.split(": ")[1] for hit in readable(tmp_path, CANARY)} >= {"PDF", "PNG", CANARY}


def test_the_files_of_a_store_are_for_their_owner_alone(desk: Desk) -> None:
    desk.vault.search.find(CANARY)
    modes = {
        str(path.relative_to(desk.vault.folder)): stat.S_IMODE(path.stat().st_mode)
        for path in desk.vault.folder.rglob("*")
        if path.is_file()
    }
    assert len(modes) >= 8
    if os.name != "nt":
        assert {mode & 0o077 for mode in modes.values()} == {0}


def test_files_nobody_speaks_of_are_found(desk: Desk) -> None:
    (desk.vault.content_folder / "stray").write_bytes(b"")
    assert desk.vault.orphans() == ("stray",)
    with desk.vault.read() as reading:
        assert count(reading, tables.content) == 2


def test_with_the_clock_set_back_nothing_happens_before_what_happened(vault: Vault) -> None:
    with vault.act(Act("first", NOW + 5_000)):
        pass
    assert vault.now(NOW) == NOW + 5_000
    assert vault.now(NOW + 9_000) == NOW + 9_000


def test_while_the_clock_has_jumped_time_goes_on_from_the_last_entry(vault: Vault) -> None:
    with vault.act(Act("first", NOW)):
        pass
    believed = vault.now(FAR)
    assert NOW <= believed < NOW + 60_000
    with vault.act(Act("second", believed)):
        pass
    with vault.read() as reading:
        line = audit.events(reading, limit=1)[0]
        assert line.at == believed
        said = "this computer's clock said 2100-01-01 00:00 UTC, which wasn't believed"
        assert line.detail == said
        assert vault.moment(reading, believed).jumped, "the gate stays shut meanwhile"
        assert vault.moment(reading, believed).system == FAR
    assert vault.now(NOW + 99_000) == NOW + 99_000
    with vault.act(Act("third", NOW + 99_000)):
        pass
    with vault.read() as reading:
        assert not vault.moment(reading, NOW + 99_000).jumped
        assert audit.events(reading, limit=1)[0].detail == ""


def test_a_mark_set_back_from_outside_counts_for_nothing_and_is_told(desk: Desk) -> None:
    with desk.act("later", NOW + 9_000):
        pass
    with foreigner(desk.vault.folder) as store:
        store.execute("UPDATE clock_mark SET at = 1")
    with desk.vault.read() as reading:
        assert desk.vault.moment(reading, NOW).now == NOW + 9_000
    with desk.act("next", NOW):
        pass
    with desk.vault.read() as reading:
        assert reading.sql.execute(select(tables.clock_mark.c.at)).scalar() == NOW + 9_000
        assert "set back from outside" in audit.events(reading, limit=1)[0].detail


def test_a_store_without_its_clock_mark_stays_closed(desk: Desk) -> None:
    with foreigner(desk.vault.folder) as store:
        store.execute("DELETE FROM clock_mark")
    desk.vault.close()
    with pytest.raises(VaultDamaged, match="how late it was"):
        reopen(desk.vault.folder)
