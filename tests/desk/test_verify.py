"""Verifying names what is damaged, and everything else stays usable."""

import os
import random
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from consultdesk.consultation.audit import Role
from consultdesk.consultation.source import Progress
from consultdesk.desk import cases, intake, letter, store, summary, viewing
from consultdesk.errors import Cancelled, VaultDamaged
from consultdesk.samples.practice import PASSPHRASE
from consultdesk.vault import authorizer, records
from consultdesk.vault.engine import connect
from consultdesk.vault.sealed import ClinicalKey
from consultdesk.vault.vault import Vault
from tests import stations
from tests.stations import STORY, now
from tests.vault.building import PASSPHRASE as WORDS
from tests.vault.building import add_user
from tests.vault.foreign import open_keys

PAGE = 4096
FRAME = 24 + PAGE


@pytest.fixture
def signed(tmp_path: Path) -> tuple[Vault, str]:
    vault, number = stations.open_at("signed", tmp_path / "a.desk")
    return vault, number


def reopened(vault: Vault) -> Vault:
    vault.close()
    return store.unlock(vault.folder, "", PASSPHRASE, now())


def content_of(vault: Vault, number: str) -> list[Path]:
    """The sealed files of a case's records."""
    with vault.read() as reading:
        case = cases.open_case(vault, number).case
        rows = records.all_contents(reading)
        names = [row["name"] for row in rows if row["case_id"] == case.id]
    return [vault.content_folder / name for name in names]


def cut(path: Path, _other: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def lengthened(path: Path, _other: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def changed(path: Path, _other: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)


def taken_away(path: Path, _other: Path) -> None:
    path.unlink()


def a_copy_of_another(path: Path, other: Path) -> None:
    shutil.copyfile(other, path)


def a_folder(path: Path, _other: Path) -> None:
    path.unlink()
    path.mkdir()


def a_pipe(path: Path, _other: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def a_link(path: Path, _other: Path) -> None:
    elsewhere = path.parent.parent / "elsewhere"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


@pytest.mark.parametrize(
    "harm",
    [cut, lengthened, changed, taken_away, a_copy_of_another, a_folder, a_pipe, a_link],
    ids=lambda harm: harm.__name__,
)
def test_a_sealed_file_that_is_not_the_one_written_is_named_with_its_case(
    signed: tuple[Vault, str], harm: Callable[[Path, Path], None]
) -> None:
    vault, number = signed
    other = intake.bring_in_sources(vault, STORY.records(STORY.person, STORY.doctor), now())
    mine = content_of(vault, number)
    record = cases.open_case(vault, number).records[0]
    broken = vault.source(
        record.files[0].name, 1, _name_of(vault, record.files[0].content_id), "", 0
    ).path
    whole = next(path for path in mine if path != broken)
    harm(broken, whole)
    found = store.verify(vault)
    assert [(one["file"], one["case"]) for one in found.damaged or ()] == [(broken.name, number)]
    assert not found.ok
    assert found.database
    assert found.search
    assert not found.broken
    opened = viewing.open_record(vault, number, record.id, now())
    assert "damaged" in opened.reason
    (written,) = cases.open_case(vault, number).letters
    assert letter.read_pdf(vault, written).startswith(b"%PDF-")
    for one in other.records:
        assert viewing.open_record(vault, other.number, one.id, now()).view
    vault.close()


def _name_of(vault: Vault, content_id: str) -> str:
    with vault.read() as reading:
        return str(
            next(row["name"] for row in records.all_contents(reading) if row["id"] == content_id)
        )


def test_two_sealed_files_that_were_exchanged_are_both_named(signed: tuple[Vault, str]) -> None:
    vault, number = signed
    one, two = content_of(vault, number)[:2]
    third = one.with_name("third")
    one.rename(third)
    two.rename(one)
    third.rename(two)
    found = store.verify(vault)
    assert {row["file"] for row in found.damaged or ()} == {one.name, two.name}
    assert {row["case"] for row in found.damaged or ()} == {number}
    vault.close()


def test_sealed_files_that_no_row_names_are_listed_and_no_damage(
    signed: tuple[Vault, str],
) -> None:
    vault, _number = signed
    empty, _none = stations.open_at("empty", vault.folder.parent / "empty.desk")
    for one, files in ((vault, 3), (empty, 0)):
        (one.content_folder / ("0" * 32)).write_bytes(b"left behind")
        said = summary.verification(store.verify(one))
        assert said["ok"]
        assert said["content"] == {"files": files, "damaged": [], "orphans": ["0" * 32]}
        one.close()


# --- the database, and a log that holds what a page lacks ---------------------------------


def test_a_page_that_was_torn_and_is_whole_in_the_log_is_no_damage(
    signed: tuple[Vault, str], tmp_path: Path
) -> None:
    """As a power cut leaves it in the middle of taking the log in."""
    vault, number = signed
    intake.bring_in_sources(vault, STORY.records(STORY.person, STORY.doctor), now())
    copy = tmp_path / "b.desk"
    shutil.copytree(vault.folder, copy)
    vault.close()
    log = (copy / "desk.db-wal").read_bytes()
    pages = {int.from_bytes(log[at : at + 4], "big") for at in range(32, len(log) - FRAME, FRAME)}
    torn = max(page for page in pages if page * PAGE <= (copy / "desk.db").stat().st_size)
    assert torn > 1
    with (copy / "desk.db").open("r+b") as file:
        file.seek((torn - 1) * PAGE + 512)
        file.write(random.Random(1).randbytes(1024))
    (copy / "desk.db-shm").unlink()
    again = store.unlock(copy, "", PASSPHRASE, now())
    assert store.verify(again).ok
    assert cases.open_case(again, number).records
    again.close()


# --- the search index ---------------------------------------------------------------------


@pytest.fixture
def searched(signed: tuple[Vault, str]) -> Vault:
    vault, _number = signed
    assert viewing.find(vault, "disc")
    return reopened(vault)


def spoil(path: Path) -> None:
    """Every page but the first, so that it opens."""
    data = bytearray(path.read_bytes())
    for place in range(PAGE + 100, len(data), PAGE):
        data[place] ^= 1
    path.write_bytes(data)


def test_a_sound_index_is_sound_and_so_is_one_not_made_yet(signed: tuple[Vault, str]) -> None:
    vault, _number = signed
    assert store.verify(vault).search
    assert viewing.find(vault, "disc")
    assert store.verify(vault).search
    assert summary.verification(store.verify(vault))["search"] == {"ok": True}
    (vault.folder / "search.db").unlink()
    vault.close()


def test_a_damaged_index_is_reported_and_the_desk_opens_all_the_same(searched: Vault) -> None:
    path = searched.folder / "search.db"
    searched.close()
    spoil(path)
    again = store.unlock(searched.folder, "", PASSPHRASE, now(), desktop=True)
    found = store.verify(again)
    assert not found.search
    assert not found.ok
    assert found.database
    assert summary.verification(found)["search"] == {"ok": False}
    assert viewing.find(again, "disc")
    assert store.verify(again).ok
    again.close()


def test_an_index_that_lacks_an_entry_is_reported(searched: Vault) -> None:
    assert store.verify(searched).search
    clinical = ClinicalKey(open_keys(searched.folder, PASSPHRASE).clinical or b"")
    index = connect(searched.folder / "search.db", clinical.search, authorizer.unguarded)()
    index.execute("DELETE FROM entry WHERE rowid = 1")
    index.close()
    assert not store.verify(searched).search
    searched.close()


def test_the_index_is_made_anew_with_progress(searched: Vault) -> None:
    spoil(searched.folder / "search.db")
    heard: list[tuple[int, int]] = []
    store.rebuild_search(searched, Progress(lambda done, total, _what: heard.append((done, total))))
    assert heard
    assert heard[-1][0] == heard[-1][1] > 0
    assert store.verify(searched).ok
    assert viewing.find(searched, "disc")
    searched.close()


def test_making_the_index_anew_can_be_stopped_and_goes_on_by_itself(searched: Vault) -> None:
    before = viewing.find(searched, "disc")
    with pytest.raises(Cancelled):
        store.rebuild_search(searched, Progress(cancelled=lambda: True))
    assert viewing.find(searched, "disc") == before
    searched.close()


@pytest.mark.parametrize("instead", ["folder", "pipe", "link"])
def test_what_stands_in_the_place_of_the_index_is_reported_and_not_waited_for(
    searched: Vault, instead: str
) -> None:
    path = searched.folder / "search.db"
    searched.close()
    path.rename(searched.folder.parent / "elsewhere")
    if instead == "folder":
        (path / "something").mkdir(parents=True)
    elif instead == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(searched.folder.parent / "elsewhere")
    again = store.unlock(searched.folder, "", PASSPHRASE, now())
    assert not store.verify(again).search
    if instead == "folder":
        with pytest.raises(VaultDamaged, match="in the place of the search index"):
            store.rebuild_search(again, Progress())
    else:
        store.rebuild_search(again, Progress())
        assert store.verify(again).ok
    again.close()


def test_a_database_with_a_damaged_page_is_reported_in_all_its_parts(
    signed: tuple[Vault, str], tmp_path: Path
) -> None:
    vault, _number = signed
    vault.close()
    whole = (vault.folder / "desk.db").read_bytes()
    pages = len(whole) // PAGE
    reported = 0
    for page in random.Random(4).sample(range(1, pages), 20):
        data = bytearray(whole)
        data[page * PAGE + 2000] ^= 1
        (vault.folder / "desk.db").write_bytes(data)
        try:
            again = store.unlock(vault.folder, "", PASSPHRASE, now())
        except VaultDamaged:
            continue
        said = summary.verification(store.verify(again))
        assert not said["ok"]
        assert said["database"] == {"ok": False}
        reported += 1
        again.close()
        for left in ("desk.db-wal", "desk.db-shm"):
            (vault.folder / left).unlink(missing_ok=True)
    assert reported


def test_the_key_of_a_case_destroyed_from_outside_is_reported(signed: tuple[Vault, str]) -> None:
    """Whoever holds the store key alone can make a case unreadable, and not unseen."""
    vault, number = signed
    assert store.verify(vault).keys
    case_id = cases.open_case(vault, number).case.id
    database, key = vault.folder / "desk.db", vault.opened.store
    vault.close()
    with closing(connect(database, key)()) as sql:
        sql.execute("UPDATE sealing_key SET wrapped = zeroblob(80) WHERE owner = ?", (case_id,))
    found = store.look_over(vault.folder, "", PASSPHRASE, now())
    assert (found.keys, found.ok) == (False, False)


def test_an_administrator_verifies_what_can_be_told_without_the_clinical_key(
    signed: tuple[Vault, str],
) -> None:
    vault, number = signed
    add_user(vault, "admin", Role.ADMINISTRATOR, administers=True)
    files = sorted(vault.content_folder.iterdir())
    vault.close()
    found = store.look_over(vault.folder, "admin", WORDS, now())
    assert (found.ok, found.keys, found.broken, found.damaged) == (True, None, (), ())
    files[0].unlink()
    found = store.look_over(vault.folder, "admin", WORDS, now())
    assert [one["case"] for one in found.damaged or ()] == [number]
    assert not found.ok
