"""What lies open in a store is a list, and everything else opens with the clinical key alone."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from consultdesk.errors import VaultDamaged
from consultdesk.vault import assessments, audit, cases, consents, people, records, tables
from consultdesk.vault.cases import QueueView
from consultdesk.vault.rows import count, plain
from consultdesk.vault.sealed import ClinicalKey, SealingKey, Value, canonical, encodable
from tests.consultation.parcels import NOW
from tests.vault.building import CANARY, Desk, bare_case, reread, the_patient
from tests.vault.foreign import destroy_key, foreigner
from tests.vault.open_columns import OPEN
from tests.vault.plaintext import spellings

KEY = SealingKey(b"k" * 32)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_exactly_the_columns_of_the_list_lie_open() -> None:
    found = {
        table.name: {c.name for c in table.columns} - set(tables.sealed_columns(table))
        for table in tables.metadata.sorted_tables
    }
    assert found == OPEN


def test_every_sealed_column_of_a_filled_store_is_sealed(desk: Desk) -> None:
    """Raw rows are looked through for the canary in every spelling; sealed ones must be there."""
    empty = set()
    with foreigner(desk.vault.folder) as store:
        for table in tables.metadata.sorted_tables:
            for column in table.columns:
                said = f'SELECT "{column.name}" FROM "{table.name}"'  # noqa: S608
                values = [row[0] for row in store.execute(said).fetchall()]
                raw = [v if isinstance(v, bytes) else str(v).encode() for v in values if v]
                assert not [v for v in raw if any(s in v for s in spellings(CANARY))], (
                    table.name,
                    column.name,
                )
                if column.name not in OPEN[table.name]:
                    assert all(isinstance(v, bytes) for v in values if v is not None)
                    if not raw:
                        empty.add(f"{table.name}.{column.name}")
    # every sealed column was really looked at
    assert empty == {"record_request.outcome", "material.recut_of", "material.courier"}


@given(JSON)
def test_what_is_sealed_comes_back(value: Value) -> None:
    assert KEY.unseal(KEY.seal(value, "t", "c", "1"), "t", "c", "1") == value


def test_text_that_is_half_a_character_comes_back_too() -> None:
    name = os.fsdecode(b"r\xf6ntgen.pdf")
    assert KEY.unseal(KEY.seal(name, "t", "c", "1"), "t", "c", "1") == name
    assert KEY.unseal(KEY.seal(name * 99, "t", "c", "1"), "t", "c", "1") == name * 99
    assert encodable(name) == "r?ntgen.pdf"


@pytest.mark.parametrize("place", [("u", "c", "1"), ("t", "d", "1"), ("t", "c", "2")])
def test_a_sealed_value_opens_only_in_its_own_place(place: tuple[str, str, str]) -> None:
    sealed = KEY.seal("word", "t", "c", "1")
    with pytest.raises(VaultDamaged):
        KEY.unseal(sealed, *place)


def test_a_sealed_value_opens_only_with_its_key_and_its_key_version() -> None:
    sealed = KEY.seal("word", "t", "c", "1", key_version=2)
    assert sealed[0] == 2
    assert KEY.unseal(sealed, "t", "c", "1") == "word"
    for changed in (b"\x01" + sealed[1:], sealed[:-1], sealed[:5], b"", sealed + b"x"):
        with pytest.raises(VaultDamaged):
            KEY.unseal(changed, "t", "c", "1")
    with pytest.raises(VaultDamaged):
        SealingKey(b"o" * 32).unseal(sealed, "t", "c", "1")
    with pytest.raises(ValueError, match="32 bytes"):
        SealingKey(b"short")


def test_every_bit_of_a_sealed_value_counts() -> None:
    sealed = KEY.seal("word", "t", "c", "1")
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(VaultDamaged):
            KEY.unseal(bytes(changed), "t", "c", "1")


def test_the_same_word_is_never_sealed_the_same_twice_and_long_ones_are_packed() -> None:
    assert KEY.seal("word", "t", "c", "1") != KEY.seal("word", "t", "c", "1")
    assert len(KEY.seal("word " * 1000, "t", "c", "1")) < 200


def test_tokens_match_within_their_scope_and_nowhere_else() -> None:
    key, other = ClinicalKey(b"c" * 32), ClinicalKey(b"d" * 32)
    token = key.token("case", "purpose", "treatment")
    assert token == key.token("case", "purpose", "treatment")
    others = {
        key.token("case", "purpose", "legal"),
        key.token("case", "record_kind", "treatment"),
        key.token("another", "purpose", "treatment"),
        other.token("case", "purpose", "treatment"),
        key.token("casepurpose", "", "treatment"),
    }
    assert token not in others
    assert len(others) == 5


def test_a_mac_covers_every_part_and_its_place() -> None:
    key = ClinicalKey(b"c" * 32)
    macs = {
        key.mac("t", parts)
        for parts in ([1, 2], [2, 1], ["1", 2], [12], [1, 2, None], [1, b"\x02"], [1, "02"], [])
    }
    # bytes are said as hex, so that a sealed column and its hex can't stand in one row
    assert len(macs) == 7
    assert key.mac("t", [1]) != key.mac("u", [1])
    assert canonical("t", [b"\xff", None, "ü"]) == '["t","ff",null,"ü"]'.encode()


def test_values_moved_between_rows_columns_and_cases_do_not_open(desk: Desk) -> None:
    with desk.act() as writing:
        bare_case(writing, the_patient(writing, desk), "2026-0002")
    moves = (
        "UPDATE question SET text = (SELECT q.text FROM question q WHERE q.n = 3 - question.n)",
        "UPDATE referral SET first_diagnosis = first_plan",
        'UPDATE "case" SET level = (SELECT c.level FROM "case" c WHERE c.id <> "case".id)',
    )
    for move in moves:
        with foreigner(desk.vault.folder) as store:
            store.execute("SAVEPOINT before")
            store.execute(move)
        with desk.vault.read() as reading, pytest.raises(VaultDamaged, match="changed or moved"):
            cases.by_id(reading, desk.case_id)


def test_destroying_a_cases_key_makes_that_case_unreadable_and_no_other(desk: Desk) -> None:
    with desk.act() as writing:
        other = bare_case(writing, the_patient(writing, desk), "2026-0002")
    destroy_key(desk, desk.case_id)
    with reread(desk) as reading:
        with pytest.raises(VaultDamaged, match="was erased"):
            cases.by_id(reading, desk.case_id)
        for opened in (consents.of_case, records.of_case, assessments.own_reads):
            with pytest.raises(VaultDamaged, match="was erased"):
                opened(reading, desk.case_id)
        assert cases.by_id(reading, other.id) == other
        assert people.patient(reading, desk.patient_id)
        shown = cases.queue(reading, QueueView(show="all"), 0, 10)
        assert {row.number: row.question for row in shown} == {
            "2026-0001": "",
            "2026-0002": "CANARY fuse or not?",
        }
        assert records.all_contents(reading) == []
        assert records.digests(reading).keys() <= {desk.letter.content_id} | {
            row.content_id for row in reading.sql.execute(select(tables.record_file))
        }
        assert audit.events(reading)


def test_a_patients_key_is_not_the_key_of_their_cases(desk: Desk) -> None:
    destroy_key(desk, desk.patient_id)
    with reread(desk) as reading:
        assert cases.by_id(reading, desk.case_id)
        found = people.patient(reading, desk.patient_id)
        assert found is not None
        assert (found.name, found.birth_date) == ("Mara Lind", "")
        with pytest.raises(VaultDamaged, match="was erased"):
            consents.restrictions(reading, desk.patient_id)


def test_a_key_wrapped_for_one_case_is_no_key_for_another(desk: Desk) -> None:
    key = tables.sealing_key
    with desk.act() as writing:
        own = select(key.c.wrapped).where(key.c.owner == desk.patient_id).scalar_subquery()
        writing.sql.execute(update(key).where(key.c.owner == desk.case_id).values(wrapped=own))
    with reread(desk) as reading, pytest.raises(VaultDamaged):
        cases.by_id(reading, desk.case_id)


def test_many_cases_open_though_only_some_keys_are_kept_at_hand(desk: Desk) -> None:
    with desk.act() as writing:
        for n in range(2, 12):
            bare_case(writing, the_patient(writing, desk), f"2026-{n:04d}")
    with reread(desk) as reading:
        reading.keys.most = 3
        assert len({row.question for row in cases.queue(reading, QueueView(), 0, 99)}) == 1
        assert count(reading, tables.case) == 11


def test_only_plain_values_are_sealed() -> None:
    said = plain({"a": (1, 2.5, None, True), "b": frozenset({"y", "x"})})
    assert json.loads(json.dumps(said)) == {"a": [1, 2.5, None, True], "b": ["x", "y"]}
    with pytest.raises(TypeError, match="bytes"):
        plain(b"no")


def test_half_characters_of_a_file_name_do_not_stop_an_act(desk: Desk) -> None:
    name = os.fsdecode(b"r\xf6ntgen")
    with desk.act() as writing:
        patient = the_patient(writing, desk)
        bare_case(writing, patient, "2026-0002", level=name, owner=name)
        held = writing.sql.execute(text("SELECT owner FROM \"case\" WHERE number = '2026-0002'"))
        assert held.scalar() == "r?ntgen"
    with desk.vault.read() as reading:
        case = cases.by_number(reading, "2026-0002")
    assert case is not None
    assert case.level == name
    assert case.received_at == NOW
