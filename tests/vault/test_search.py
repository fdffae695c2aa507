"""Finding words: with and without accents, beginnings, newest first, whatever is typed."""

import os
import unicodedata
from pathlib import Path

import pytest
import sqlcipher3.dbapi2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from consultdesk.consultation.audit import Act
from consultdesk.errors import VaultBusy, VaultDamaged
from consultdesk.vault import search, tables
from consultdesk.vault.sealed import ClinicalKey
from consultdesk.vault.search import Hit, SearchIndex
from consultdesk.vault.vault import Vault
from tests.consultation.parcels import NOW
from tests.vault.building import Desk, bare_case, reopen, simple_case, the_patient
from tests.vault.foreign import destroy_key

TEXTS = {
    "one": "Müller: spondylolisthesis L4/5, Grad II",
    "two": "O'Brien-Smith, café, Ångström, naïve",
    "three": "Ιπποκράτης and Пирогов and 脊柱 and हिन्दी",
    "four": "spondylosis; foo_bar 8.5 mm AND NOT OR NEAR",
}


def keep(vault: Vault, entity: str, body: str, case_id: str = "case") -> None:
    with vault.act(Act("note", NOW)) as writing:
        search.add(writing, case_id, entity, "note", "page 2", f"Title {entity}", body)


@pytest.fixture
def words(vault: Vault) -> Vault:
    simple_case(vault, "case")
    with vault.act(Act("note", NOW)) as writing:
        for entity, body in TEXTS.items():
            search.add(writing, "case", entity, "note", "page 2", f"Title {entity}", body)
    return vault


def found(vault: Vault, asked: str) -> list[str]:
    return [hit.entity_id for hit in vault.search.find(asked)]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("muller", ["one"]),
        ("MÜLLER", ["one"]),
        (unicodedata.normalize("NFD", "müller"), ["one"]),
        ("spondyl", ["four", "one"]),
        ("spondyl grad", ["one"]),
        ("grad spondyl", ["one"]),
        ("L4/5", ["one"]),
        ("o'brien", ["two"]),
        ("smith", ["two"]),
        ("cafe angstrom naive", ["two"]),
        ("ιπποκρ", ["three"]),
        ("пирог", ["three"]),
        ("脊柱", ["three"]),
        ("हिन्दी", ["three"]),
        ("foo_bar", ["four"]),
        ("8.5", ["four"]),
        ("AND", ["four", "three"]),
        ("NOT OR", ["four"]),
        ("title two", ["two"]),
        ("pondyl", []),
        ("page", []),
        ("", []),
        ("  \t", []),
        ("***", []),
        ("-", []),
    ],
)
def test_words_are_found_as_a_person_types_them(
    words: Vault, asked: str, expected: list[str]
) -> None:
    assert found(words, asked) == expected


@pytest.mark.parametrize(
    "asked",
    [
        '"',
        '""',
        "'; DROP TABLE entry --",
        "title:two",
        "{title}: x",
        "NEAR(a b)",
        "a*b",
        "(",
        ")",
        "^title",
        "a AND",
        "OR",
        "*",
        "\0",
        "Title\0two",
        os.fsdecode(b"\xff\xfe"),
        "a " * 5000,
        "x" * 100_000,
        "\u0301",
        "_",
        "½ ² Ⅳ",
    ],
)
def test_no_words_break_the_search(words: Vault, asked: str) -> None:
    assert isinstance(words.search.find(asked), tuple)


@given(asked=st.text(max_size=60))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_can_be_asked_for(words: Vault, asked: str) -> None:
    assert isinstance(words.search.find(asked), tuple)


def test_a_hit_says_where_and_shows_the_words(words: Vault) -> None:
    hits = words.search.find("grad")
    assert hits == (Hit("case", "one", "note", "page 2", "Title one", hits[0].snippet),)
    assert "[Grad]" in hits[0].snippet


def test_the_newest_come_first_within_a_limit_and_a_case(words: Vault) -> None:
    simple_case(words, "another")
    keep(words, "five", "spondylitis", "another")
    assert found(words, "spondyl") == ["five", "four", "one"]
    assert [hit.entity_id for hit in words.search.find("spondyl", limit=1)] == ["five"]
    assert [hit.entity_id for hit in words.search.find("spondyl", case_id="case")] == [
        "four",
        "one",
    ]


def test_following_again_finds_nothing_twice(words: Vault) -> None:
    for _ in range(3):
        with words.read() as reading:
            words.search.follow(reading)
    assert found(words, "muller") == ["one"]


def test_half_characters_are_found_around(vault: Vault) -> None:
    simple_case(vault, "case")
    keep(vault, "odd", os.fsdecode(b"r\xf6ntgen of the knee \x00 and more"))
    assert found(vault, "knee") == ["odd"]


def search_key(vault: Vault) -> bytes:
    """As a second process has it too."""
    clinical = vault.opened.clinical
    assert clinical
    return ClinicalKey(clinical).search


def second_index(vault: Vault) -> SearchIndex:
    return SearchIndex(vault.folder / "search.db", search_key(vault))


def test_two_indexes_follow_the_same_store_safely(words: Vault) -> None:
    other = second_index(words)
    with words.read() as reading:
        other.follow(reading)
    assert found(words, "muller") == ["one"]
    keep(words, "six", "muller again")
    assert found(words, "muller") == ["six", "one"]
    with words.read() as reading:
        other.follow(reading)
    assert [hit.entity_id for hit in other.find("muller")] == ["six", "one"]
    other.close()
    other.close()


@pytest.fixture
def used(words: Vault) -> Path:
    """The index file of a store that was searched and closed."""
    assert found(words, "muller")
    words.close()
    return words.folder / "search.db"


def spoil(path: Path, how: str) -> None:
    data = bytearray(path.read_bytes())
    if how == "first page":
        data[30] ^= 1
    elif how == "pages":
        for page in range(1, len(data) // 4096):
            data[page * 4096 + 50] ^= 1
    elif how == "plain":
        data[:16] = b"SQLite format 3\0"
    elif how == "cut":
        del data[5000:]
    else:
        data.clear()
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("how", ["first page", "pages", "plain", "cut", "emptied"])
def test_a_damaged_index_is_made_anew(used: Path, how: str) -> None:
    spoil(used, how)
    vault = reopen(used.parent)
    try:
        assert found(vault, "muller") == ["one"]
    except VaultDamaged as said:
        assert "index is damaged" in said.message  # noqa: PT017 - either is sound
        vault.rebuild_search()
        assert found(vault, "muller") == ["one"]
    vault.close()


def test_a_lost_index_is_made_anew(used: Path) -> None:
    used.unlink()
    vault = reopen(used.parent)
    assert found(vault, "muller") == ["one"]
    vault.close()


def test_an_index_ahead_of_a_restored_store_is_made_anew(words: Vault) -> None:
    assert found(words, "spondyl") == ["four", "one"]
    with words.act(Act("restore", NOW)) as writing:
        entry = tables.search_entry
        writing.sql.execute(delete(entry).where(entry.c.entity_id == "four"))
    assert found(words, "spondyl") == ["one"]


def test_an_index_held_by_somebody_else_is_busy(words: Vault) -> None:
    assert found(words, "muller")
    key = search_key(words)
    raw = sqlcipher3.dbapi2.connect(str(words.folder / "search.db"), isolation_level=None)
    raw.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    raw.execute("BEGIN IMMEDIATE")
    words.search._connection.execute("PRAGMA busy_timeout = 1")  # noqa: SLF001 - not ten seconds
    keep(words, "later", "muller")
    with pytest.raises(VaultBusy):
        _ = words.search
    raw.execute("COMMIT")
    raw.close()
    assert found(words, "muller") == ["later", "one"]


def test_an_erased_case_is_left_out_when_the_index_is_made_anew(desk: Desk) -> None:
    with desk.act() as writing:
        other = bare_case(writing, the_patient(writing, desk), "2026-0002")
        search.add(writing, other.id, "kept", "note", "", "", "canary of another case")
    destroy_key(desk, desk.case_id)
    desk.vault.close()
    vault = reopen(desk.vault.folder)
    vault.rebuild_search()
    assert found(vault, "canary") == ["kept"]
    vault.close()
