"""What a manager's keys reach: every page and file is walked through with them."""

from contextlib import closing

import pytest

from consultdesk.consultation.assessment import Phase
from consultdesk.consultation.audit import Role
from consultdesk.errors import ConsultDeskError, VaultDamaged
from consultdesk.vault import assessments, tables
from consultdesk.vault.engine import connect
from consultdesk.vault.key import subkey
from consultdesk.vault.members import OpenKeys
from consultdesk.vault.sealed import SealingKey
from tests.consultation.parcels import NOW
from tests.vault.building import CANARY, Desk, add_user, an_opinion, opened_by
from tests.vault.open_columns import OPEN
from tests.vault.pages import pages
from tests.vault.plaintext import readable, spellings

OPEN_WORD = b"Mara Lind"
"""The patient's name is open to a manager: if it isn't found, nothing was looked through."""


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A store in use: drafts written over, the index made, all of it still in the log."""
    add_user(desk.vault, "manager", Role.MANAGER)
    for n in range(9):
        body = assessments.opinion_body(an_opinion(desk.case_id)) | {"note": f"{CANARY} {n}" * 50}
        with desk.act() as writing:
            assessments.save_draft(writing, desk.case_id, Phase.OPINION, body, NOW + n)
    assert desk.vault.search.find(CANARY)
    return desk


@pytest.fixture
def keys(busy: Desk) -> OpenKeys:
    with closing(opened_by(busy.vault.folder, "manager")) as manager:
        return manager.opened


def canaries(data: bytes) -> bool:
    return any(spelling in data for spelling in spellings(CANARY))


def test_no_page_of_database_or_log_says_a_clinical_word(busy: Desk, keys: OpenKeys) -> None:
    folder = busy.vault.folder
    log = folder / "desk.db-wal"
    assert log.stat().st_size > 100_000
    found = [page for path in (folder / "desk.db", log) for page in pages(path, keys.store)]
    assert any(OPEN_WORD in page for page in found)
    assert not [page for page in found if canaries(page)]


def test_every_column_that_is_not_on_the_list_is_closed_to_them(busy: Desk, keys: OpenKeys) -> None:
    with closing(connect(busy.vault.folder / "desk.db", keys.store)()) as store:
        for table in tables.metadata.sorted_tables:
            names = [row[1] for row in store.execute(f'PRAGMA table_info("{table.name}")')]
            assert set(names) >= OPEN[table.name]
            for name in set(names) - OPEN[table.name]:
                said = f'SELECT "{name}" FROM "{table.name}" WHERE "{name}" IS NOT NULL'  # noqa: S608
                for (value,) in store.execute(said):
                    assert isinstance(value, bytes), (table.name, name)
                    assert not canaries(value), (table.name, name)


def guesses(keys: OpenKeys) -> list[bytes]:
    """Every key that can be made of what a manager holds by the ways this program makes keys."""
    held = [keys.store, keys.own, keys.pair.box, keys.pair.signing]
    purposes = ("search", "wrap", "tokens", "macs", "practice", "header")
    return held + [subkey(key, purpose) for key in held for purpose in purposes]


def test_the_search_index_opens_with_none_of_their_keys(busy: Desk, keys: OpenKeys) -> None:
    path = busy.vault.folder / "search.db"
    assert path.stat().st_size
    for key in guesses(keys):
        with pytest.raises(ConsultDeskError):
            connect(path, key)()
        for file in (path, path.with_name("search.db-wal")):
            assert not any(canaries(page) for page in pages(file, key))


def test_no_sealed_file_opens_with_any_of_their_keys(busy: Desk, keys: OpenKeys) -> None:
    """A file opens with its identity alone, and that lies sealed in its row."""
    with closing(connect(busy.vault.folder / "desk.db", keys.store)()) as store:
        rows = store.execute("SELECT id, name, identity FROM content").fetchall()
    assert {name for _id, name, _identity in rows} == {
        path.name for path in busy.vault.content_folder.iterdir()
    }
    for row_id, name, identity in rows:
        assert b"AGE-SECRET-KEY" not in identity
        for key in guesses(keys):
            with pytest.raises(VaultDamaged):
                SealingKey(key).unseal(identity, "content", "identity", row_id)
        assert not canaries((busy.vault.content_folder / name).read_bytes())


def test_nothing_in_the_folder_says_a_clinical_word_as_it_lies(busy: Desk) -> None:
    assert readable(busy.vault.folder, CANARY) == []
