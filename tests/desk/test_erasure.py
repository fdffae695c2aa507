"""Erasing a patient: what goes, what remains, and what refuses it."""

import os
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import IntegrityError

from consultdesk.consultation.audit import Act
from consultdesk.consultation.case import CaseState
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.keeping import RetentionRule
from consultdesk.desk import cases, erasure, intake, keeping, reports, store, summary, viewing
from consultdesk.errors import (
    CaseErased,
    FormIncomplete,
    PatientHeld,
    VaultDamaged,
    VaultLocked,
)
from consultdesk.samples import walk
from consultdesk.samples.practice import PASSPHRASE
from consultdesk.samples.stories import STORIES
from consultdesk.vault import audit, authorizer, erasing, members, tables
from consultdesk.vault import keeping as kept_rows
from consultdesk.vault.cases import QueueView
from consultdesk.vault.engine import Driver, connect
from consultdesk.vault.rows import count
from consultdesk.vault.sealed import ClinicalKey
from consultdesk.vault.vault import Vault
from tests.stations import STORY, open_at, walk_to
from tests.vault.foreign import foreigner, open_keys
from tests.vault.pages import pages

WORD = "protrusion"
WHY = "The patient asked for it."


@pytest.fixture
def withdrawn(vault: Vault, ready: str, now: int) -> str:
    """A case that was ready and then withdrawn."""
    cases.move_aside(vault, ready, CaseState.WITHDRAWN, "Asked to.", now)
    return ready


def erase(vault: Vault, number: str, now: int, **said: bool) -> None:
    erasure.erase(vault, number, WHY, PASSPHRASE, now, **said)


def wrapped_keys(vault: Vault) -> list[bytes]:
    with vault.read() as reading:
        return [
            bytes(one)
            for one in reading.sql.execute(select(tables.sealing_key.c.wrapped)).scalars()
        ]


def every_page(path: Path, key: bytes) -> bytes:
    return b"".join(pages(path, key))


def keys_of(vault: Vault) -> members.OpenKeys:
    return open_keys(vault.folder, PASSPHRASE)


def test_the_pages_of_a_store_are_really_decrypted_by_this_test(
    vault: Vault, withdrawn: str, tmp_path: Path
) -> None:
    vault.empty_log()
    pages = every_page(vault.folder / "desk.db", keys_of(vault).store)
    assert b"CREATE TABLE" in pages
    assert all(key in pages for key in wrapped_keys(vault))


def test_the_keys_of_the_patient_and_the_cases_are_nowhere_any_more(
    vault: Vault, withdrawn: str, now: int
) -> None:
    keys = wrapped_keys(vault)
    assert len(keys) == 2
    erase(vault, withdrawn, now)
    assert wrapped_keys(vault) == []
    assert (vault.folder / "desk.db-wal").stat().st_size == 0
    pages = every_page(vault.folder / "desk.db", keys_of(vault).store)
    assert b"CREATE TABLE" in pages
    assert not any(key in pages for key in keys)


def test_of_many_patients_the_erased_ones_leave_no_key_in_any_page(
    tmp_path: Path, now: int
) -> None:
    vault, _ = open_at("empty", tmp_path / "many.desk")
    with closing(vault):
        with vault.act(Act("fill", now)) as writing:
            for n in range(400):
                writing.insert(
                    tables.patient, id=f"{n * 7919 % 400:05d}", name=f"P {n}", phone="",
                    created_at=now, birth_token="",
                )  # fmt: skip
        gone = [f"{n:05d}" for n in range(400) if n % 7]
        key = tables.sealing_key
        with vault.read() as reading:
            held = {row.owner: bytes(row.wrapped) for row in reading.sql.execute(select(key))}
        for begin in range(0, len(gone), 40):
            with vault.act(Act("erase", now)) as writing:
                for one in gone[begin : begin + 40]:
                    erasing.erase(writing, one, by="ada", reason="")
        vault.empty_log()
        pages = every_page(vault.folder / "desk.db", keys_of(vault).store)
    assert sum(held[one] in pages for one in gone) == 0
    assert sum(held[one] in pages for one in held.keys() - set(gone)) == 400 - len(gone)


def test_the_sealed_files_are_gone_and_nothing_is_left_over(
    vault: Vault, withdrawn: str, now: int
) -> None:
    assert any(vault.content_folder.iterdir())
    erase(vault, withdrawn, now)
    assert list(vault.content_folder.iterdir()) == []
    assert vault.orphans() == ()


def test_a_signed_letters_file_goes_though_its_row_remains(tmp_path: Path, now: int) -> None:
    vault, number = open_at("signed", tmp_path / "signed.desk")
    with closing(vault):
        cases_closed(vault, number, now)
        erase(vault, number, now)
        assert list(vault.content_folder.iterdir()) == []
        with vault.read() as reading:
            assert count(reading, tables.letter) == 1
        assert store.verify(vault).ok


def test_a_word_of_the_records_is_found_no_more_not_even_in_the_pages_of_the_index(
    vault: Vault, withdrawn: str, now: int
) -> None:
    assert viewing.find(vault, WORD)
    vault.search.close()
    before = index_pages(vault)
    assert WORD.encode() in before.lower()
    erase(vault, withdrawn, now)
    assert viewing.find(vault, WORD) == ()
    vault.search.close()
    after = index_pages(vault).lower()
    for word in (WORD, "eleven weeks", "lumbar", "disc"):
        assert word.encode() not in after
    with closing(open_index(vault)) as index:
        index.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, entry, row)")
        assert index.execute("SELECT term FROM temp.words").fetchall() == []


def index_key(vault: Vault) -> bytes:
    clinical = keys_of(vault).clinical
    assert clinical
    return ClinicalKey(clinical).search


def index_pages(vault: Vault) -> bytes:
    with closing(open_index(vault)) as index:
        index.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return every_page(vault.folder / "search.db", index_key(vault))


def open_index(vault: Vault) -> Driver:
    return connect(vault.folder / "search.db", index_key(vault), authorizer.unguarded)()


def test_what_comes_in_after_an_erasure_is_found(vault: Vault, withdrawn: str, now: int) -> None:
    assert viewing.find(vault, WORD)
    erase(vault, withdrawn, now)
    second = walk_to(vault, "received")
    assert {hit.case_id for hit in viewing.find(vault, WORD)} == {id_of(vault, second)}


def id_of(vault: Vault, number: str) -> str:
    return cases.open_case(vault, number).case.id


def test_name_and_telephone_and_every_sealed_word_are_gone(
    vault: Vault, withdrawn: str, now: int
) -> None:
    file = cases.open_case(vault, withdrawn)
    name = file.patient.name
    erase(vault, withdrawn, now)
    pages = every_page(vault.folder / "desk.db", keys_of(vault).store)
    assert name.encode() not in pages
    assert name.split()[-1].encode() not in pages
    with vault.read() as reading:
        patient = reading.sql.execute(select(tables.patient)).mappings().one()
        assert (patient["name"], patient["phone"], patient["birth_token"]) == ("", "", "")
        assert all(patient[column] is None for column in tables.sealed_columns(tables.patient))


# --- everything lives with it ----------------------------------------------------------------


def test_the_queue_names_nobody_and_says_when_it_was_erased(
    vault: Vault, withdrawn: str, now: int
) -> None:
    erase(vault, withdrawn, now)
    (row,) = reports.queue(vault, QueueView(show="all", now=now), 0, 10)
    assert (row.number, row.patient, row.question, row.erased_at) == (withdrawn, "", "", now)
    for sort in ("priority", "due", "patient", "state", "received", "number", "specialty"):
        assert reports.queue(vault, QueueView(show="closed", now=now, sort=sort), 0, 10)


def test_show_and_the_case_page_say_what_remains(vault: Vault, withdrawn: str, now: int) -> None:
    erase(vault, withdrawn, now)
    said = summary.case(vault, withdrawn, now)
    assert said["erased"]
    assert (said["records"], said["letters"], said["questions"]) == ([], [], [])
    file = cases.open_case(vault, withdrawn)
    assert (file.case.erased_at, file.patient.name, file.records) == (now, "", ())


def test_nothing_more_is_done_with_an_erased_case(
    vault: Vault, withdrawn: str, now: int, tmp_path: Path
) -> None:
    record = cases.open_case(vault, withdrawn).records[0].id
    erase(vault, withdrawn, now)
    note = tmp_path / "note.txt"
    note.write_text("More.")
    for refused in (
        lambda: viewing.open_record(vault, withdrawn, record, now),
        lambda: cases.wait_for(vault, withdrawn, "records", now),
        lambda: intake.bring_in(vault, [note], now, number=withdrawn),
        lambda: keeping.hold(vault, withdrawn, "late", now),
        lambda: erase(vault, withdrawn, now),
    ):
        with pytest.raises(CaseErased, match="was erased on"):
            refused()


def test_the_figures_keep_counting_it(tmp_path: Path, now: int) -> None:
    vault, number = open_at("signed", tmp_path / "signed.desk")
    with closing(vault):
        cases_closed(vault, number, now)
        start, stop = reports.period(vault, None, None, now)
        before = reports.period_figures(vault, start, stop, now)
        erase(vault, number, now)
        after = reports.period_figures(vault, start, stop, now)
    assert after == before
    assert before.open_by_age is not None


def cases_closed(vault: Vault, number: str, now: int) -> None:
    """Bring a signed case to its end by the path a letter takes."""
    with vault.act(Act("end", now)) as writing:
        writing.sql.execute(
            text("UPDATE \"case\" SET state = 'closed' WHERE number = :n"), {"n": number}
        )


def test_the_store_still_verifies(vault: Vault, withdrawn: str, now: int) -> None:
    erase(vault, withdrawn, now)
    found = store.verify(vault)
    assert found.ok
    assert found.orphans == ()
    vault.rebuild_search()


def test_the_audit_tells_of_it_and_keeps_what_was_done_before(
    vault: Vault, withdrawn: str, now: int
) -> None:
    before = len(reports.case_events(vault))
    erase(vault, withdrawn, now)
    newest, *rest = reports.case_events(vault)
    assert (newest.act, newest.outcome, newest.detail) == (
        "erase_patient", "done", f"cases {withdrawn}",
    )  # fmt: skip
    assert len(rest) == before
    with vault.read() as reading:
        gone = kept_rows.erasure_of(reading, newest.entity)
    assert gone is not None
    assert (gone.by, gone.reason) == ("demo", WHY)


def test_another_patients_case_is_untouched(vault: Vault, withdrawn: str, now: int) -> None:
    stranger = replace(STORY, person=STORIES[1].person)
    second = walk.receive(vault, stranger, now)
    erase(vault, withdrawn, now)
    file = cases.open_case(vault, second)
    assert file.records
    assert viewing.open_record(vault, second, file.records[0].id, now).view
    assert len(wrapped_keys(vault)) == 2


def test_every_case_of_the_patient_goes(vault: Vault, withdrawn: str, now: int) -> None:
    second = walk_to(vault, "received")
    cases.move_aside(vault, second, CaseState.DECLINED, "Too late.", now)
    assert erasure.outlook(vault, second, now).numbers == (withdrawn, second)
    erase(vault, second, now)
    assert wrapped_keys(vault) == []
    assert list(vault.content_folder.iterdir()) == []


def test_who_the_records_first_seemed_to_name_is_erased_too(
    vault: Vault, received: str, now: int
) -> None:
    file = cases.open_case(vault, received)
    other = replace(file.patient, id=new_id(now), name="Vera Anders")
    cases.confirm_patient(vault, received, other, now)
    cases.move_aside(vault, received, CaseState.DECLINED, "Not ours.", now)
    erase(vault, received, now)
    with vault.read() as reading:
        named = reading.sql.execute(select(tables.patient.c.name)).scalars().all()
    assert named == ["", ""]


def test_a_hold_stands_for_whom_the_patient_turns_out_to_be(
    vault: Vault, received: str, now: int
) -> None:
    keeping.hold(vault, received, "Proceeding 12/26", now)
    file = cases.open_case(vault, received)
    cases.confirm_patient(vault, received, replace(file.patient, id=new_id(now)), now)
    assert [one.reason for one in keeping.holds(vault, received)] == ["Proceeding 12/26"]


# --- what refuses it ---------------------------------------------------------------------------


def test_a_held_patient_is_not_erased_and_the_refusal_is_audited(
    vault: Vault, withdrawn: str, now: int
) -> None:
    keeping.hold(vault, withdrawn, "Proceeding 12/26", now)
    with pytest.raises(PatientHeld):
        erase(vault, withdrawn, now)
    assert len(wrapped_keys(vault)) == 2
    newest = reports.case_events(vault)[0]
    assert (newest.act, newest.outcome, newest.detail) == ("erase_patient", "refused", "legal_hold")
    (held,) = keeping.holds(vault, withdrawn)
    assert (held.by, held.reason, held.stands) == ("Dr. Ada Berg", "Proceeding 12/26", True)
    keeping.lift(vault, withdrawn, held.id, "It is over.", now)
    (lifted,) = keeping.holds(vault, withdrawn)
    assert (lifted.stands, lifted.lifted_because) == (False, "It is over.")
    erase(vault, withdrawn, now)
    assert wrapped_keys(vault) == []


def test_the_database_itself_refuses_to_let_a_held_key_go(
    vault: Vault, withdrawn: str, now: int
) -> None:
    keeping.hold(vault, withdrawn, "Proceeding 12/26", now)
    key = tables.sealing_key
    with vault.act(Act("test", now)) as writing:
        for owner in writing.sql.execute(select(key.c.owner)).scalars().all():
            with pytest.raises(IntegrityError, match="kept:legal_hold"), writing.sql.begin_nested():
                writing.sql.execute(delete(key).where(key.c.owner == owner))
        patient_id = writing.sql.execute(select(tables.patient.c.id)).scalar_one()
        with pytest.raises(IntegrityError, match="kept:legal_hold"), writing.sql.begin_nested():
            writing.insert(tables.erasure, id="e", patient_id=patient_id, at=now)


def test_no_key_goes_without_an_erasure_in_the_same_act(
    vault: Vault, withdrawn: str, now: int
) -> None:
    key = tables.sealing_key
    with vault.act(Act("test", now)) as writing:
        for manner in ("DELETE FROM sealing_key", "UPDATE sealing_key SET owner = owner || 'x'"):
            with (
                pytest.raises(IntegrityError, match="kept:sealing_key"),
                writing.sql.begin_nested(),
            ):
                writing.sql.execute(text(manner))
        patient_id = writing.sql.execute(select(tables.patient.c.id)).scalar_one()
    with vault.act(Act("erase_patient", now, entity=patient_id)) as writing:
        writing.insert(tables.erasure, id="e", patient_id=patient_id, at=now)
    with (
        vault.act(Act("test", now)) as writing,
        pytest.raises(IntegrityError, match="kept:sealing_key"),
        writing.sql.begin_nested(),
    ):
        writing.sql.execute(delete(key))


def test_a_hold_taken_away_from_outside_is_noticed_and_nothing_is_erased(
    vault: Vault, withdrawn: str, now: int
) -> None:
    keeping.hold(vault, withdrawn, "Proceeding 12/26", now)
    with foreigner(vault.folder, PASSPHRASE) as raw:
        raw.execute("DELETE FROM legal_hold")
    with vault.read() as reading:
        assert audit.uncounted_facts(reading) == ("legal_hold",)
    assert not store.verify(vault).ok
    with pytest.raises(VaultDamaged, match="taken away from outside"):
        erase(vault, withdrawn, now)
    assert len(wrapped_keys(vault)) == 2


def test_a_lifting_forged_from_outside_lifts_nothing(
    vault: Vault, withdrawn: str, now: int
) -> None:
    keeping.hold(vault, withdrawn, "Proceeding 12/26", now)
    with foreigner(vault.folder, PASSPHRASE) as raw:
        raw.execute(
            "INSERT INTO legal_hold SELECT 'forged', patient_id, at, id, NULL, NULL, mac"
            " FROM legal_hold"
        )
    with pytest.raises(PatientHeld):
        erase(vault, withdrawn, now)


def test_an_erasure_forged_from_outside_erases_nobody(
    vault: Vault, withdrawn: str, now: int
) -> None:
    with foreigner(vault.folder, PASSPHRASE) as raw:
        raw.execute("INSERT INTO erasure SELECT 'forged', id, 1, NULL, NULL, '' FROM patient")
    assert cases.open_case(vault, withdrawn).case.erased_at is None
    assert not store.verify(vault).ok


def test_an_open_case_is_not_erased(vault: Vault, ready: str, now: int) -> None:
    assert erasure.outlook(vault, ready, now).barred.startswith("Still open")
    with pytest.raises(FormIncomplete, match="still open"):
        erase(vault, ready, now)


def test_a_wrong_passphrase_erases_nothing(vault: Vault, withdrawn: str, now: int) -> None:
    with pytest.raises(VaultLocked):
        erasure.erase(vault, withdrawn, WHY, "not the passphrase", now)
    assert cases.open_case(vault, withdrawn).records


def test_before_the_rules_day_it_takes_a_word_that_says_so(
    vault: Vault, withdrawn: str, now: int
) -> None:
    keeping.lay_down(vault, RetentionRule(years=10), now)
    assert erasure.outlook(vault, withdrawn, now).early
    with pytest.raises(FormIncomplete, match="asks to keep this patient until"):
        erase(vault, withdrawn, now)
    erase(vault, withdrawn, now, early=True)
    assert "before the rule's day" in reports.case_events(vault)[0].detail


_KILLED = """
import os, sys
from pathlib import Path
from consultdesk.desk import erasure
from consultdesk.vault.vault import Vault
vault = Vault.open(Path(sys.argv[1]), "", sys.argv[2], int(sys.argv[4]))
vault.listen(lambda topics: os._exit(9))
erasure.erase(vault, sys.argv[3], "Asked.", sys.argv[2], int(sys.argv[4]))
"""
"""Killed after the commit, before anything is tidied."""


def test_what_a_killed_erasure_left_is_tidied_when_the_store_opens_again(
    vault: Vault, withdrawn: str, now: int
) -> None:
    assert viewing.find(vault, WORD)
    left = {path.name for path in vault.content_folder.iterdir()}
    vault.close()
    command = [sys.executable, "-c", _KILLED, str(vault.folder), PASSPHRASE, withdrawn, str(now)]
    assert subprocess.run(command, check=False).returncode == 9
    assert {path.name for path in vault.content_folder.iterdir()} == left
    with closing(store.unlock(vault.folder, "", PASSPHRASE, now, desktop=True)) as again:
        again.search.close()
        assert WORD.encode() not in index_pages(again).lower()
        assert viewing.find(again, WORD) == ()
    later = now + 3 * 86_400_000
    for path in (vault.folder / "content").iterdir():
        os.utime(path, (now / 1000 - 1, now / 1000 - 1))
    with closing(Vault.open(vault.folder, "", PASSPHRASE, later, desktop=True)) as again:
        store.confirm_clock(again, later)
        assert again.clear_up(later) == len(left)
        assert again.orphans() == ()
