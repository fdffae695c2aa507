"""Facts stay facts: the triggers refuse to change or remove them, whoever asks.

The store's own connections refuse most of it before a trigger is asked (test_authorizer).
"""

import re
from contextlib import suppress

import pytest
from sqlalchemy import Table, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from consultdesk.consultation.identity import new_id
from consultdesk.vault import people, schema, tables
from consultdesk.vault.rows import count
from tests.consultation.parcels import NOW
from tests.vault.building import Desk, a_patient
from tests.vault.foreign import unguarded

TABLES = [pytest.param(table, id=table.name) for table in tables.APPEND_ONLY]


@pytest.mark.parametrize("table", TABLES)
def test_no_column_of_a_fact_is_changed(desk: Desk, table: Table) -> None:
    with desk.act() as writing, unguarded(writing):
        assert count(writing, table) > 0
        for column in table.columns:
            with (
                pytest.raises(IntegrityError, match=f"kept:{table.name}"),
                writing.sql.begin_nested(),
            ):
                writing.sql.execute(update(table).values({column.name: column}))


@pytest.mark.parametrize("table", TABLES)
def test_no_fact_is_deleted(desk: Desk, table: Table) -> None:
    with desk.act() as writing, unguarded(writing):
        held = count(writing, table)
        with pytest.raises(IntegrityError, match=f"kept:{table.name}"), writing.sql.begin_nested():
            writing.sql.execute(delete(table))
        assert count(writing, table) == held


@pytest.mark.parametrize("table", TABLES)
def test_no_fact_is_replaced(desk: Desk, table: Table) -> None:
    with desk.act() as writing, unguarded(writing):
        row = dict(writing.sql.execute(select(table)).mappings().all()[-1])
        for manner in ("OR REPLACE", "OR IGNORE"):
            statement = insert(table).prefix_with(manner).values(**row)
            with suppress(IntegrityError), writing.sql.begin_nested():
                writing.sql.execute(statement)
        assert dict(writing.sql.execute(select(table)).mappings().all()[-1]) == row


def test_a_letter_is_not_changed_by_way_of_a_conflict(desk: Desk) -> None:
    with desk.act() as writing, unguarded(writing):
        for said in (
            "INSERT INTO letter SELECT * FROM letter WHERE true"
            " ON CONFLICT (id) DO UPDATE SET version = 7",
            "UPDATE OR REPLACE letter SET version = 7",
            "UPDATE OR IGNORE letter SET version = 7",
        ):
            with pytest.raises(IntegrityError, match="kept:letter"), writing.sql.begin_nested():
                writing.sql.execute(text(said))


@pytest.mark.parametrize(
    "said",
    [
        "UPDATE clock_mark SET at = at - 1",
        "UPDATE clock_mark SET epoch = epoch - 1",
        "UPDATE clock_mark SET id = 2",
        "DELETE FROM clock_mark",
        "INSERT INTO clock_mark VALUES (2, 1, 1)",
        "INSERT OR REPLACE INTO clock_mark VALUES (1, 1, 1)",
    ],
)
def test_the_clock_mark_goes_only_forward(desk: Desk, said: str) -> None:
    with desk.act() as writing, unguarded(writing):
        with pytest.raises(IntegrityError, match="kept:clock_mark"), writing.sql.begin_nested():
            writing.sql.execute(text(said))
        writing.sql.execute(text("UPDATE clock_mark SET at = at + 1, epoch = epoch + 1"))


@pytest.mark.parametrize(
    "said",
    [
        "UPDATE header_mark SET sequence = sequence - 1",
        "UPDATE header_mark SET id = 2",
        "DELETE FROM header_mark",
        "INSERT INTO header_mark VALUES (2, 1, '')",
    ],
)
def test_the_mark_of_the_key_file_goes_only_forward(desk: Desk, said: str) -> None:
    with desk.act() as writing, unguarded(writing):
        with pytest.raises(IntegrityError, match="kept:header_mark"), writing.sql.begin_nested():
            writing.sql.execute(text(said))
        writing.sql.execute(text("UPDATE header_mark SET sequence = sequence + 1"))
        writing.sql.execute(text("UPDATE header_mark SET sequence = sequence"))


@pytest.mark.parametrize("table", [tables.consent_scope, tables.letter_scope])
def test_a_scope_is_not_widened_later(desk: Desk, table: Table) -> None:
    with desk.act() as writing, unguarded(writing):
        held = desk.consent.id if table is tables.consent_scope else desk.letter.id
        with pytest.raises(IntegrityError, match=f"kept:{table.name}"), writing.sql.begin_nested():
            writing.scope(table, held, "recipient", ["somebody else"])
        writing.scope(table, held, "recipient", [])


@pytest.mark.parametrize(
    "said",
    [
        "UPDATE recipient SET kind_token = 'x'",
        "UPDATE recipient SET kind = x'00'",
        "UPDATE recipient SET id = 'x' || id",
        "DELETE FROM recipient",
        "INSERT OR REPLACE INTO recipient SELECT id, 'x', kind, name, practice FROM recipient",
    ],
)
def test_what_a_recipient_is_never_changes(desk: Desk, said: str) -> None:
    with (
        desk.act() as writing,
        unguarded(writing),
        pytest.raises(IntegrityError, match="kept:recipient"),
        writing.sql.begin_nested(),
    ):
        writing.sql.execute(text(said))


@pytest.mark.parametrize(
    "said",
    [
        "UPDATE content SET identity = x'00'",
        "UPDATE content SET name = 'x' || name",
        "DELETE FROM content",
        "INSERT OR REPLACE INTO content SELECT id, case_id, name, 1, identity FROM content",
    ],
)
def test_what_opens_a_sealed_file_never_changes(desk: Desk, said: str) -> None:
    with (
        desk.act() as writing,
        unguarded(writing),
        pytest.raises(IntegrityError, match="kept:content"),
        writing.sql.begin_nested(),
    ):
        writing.sql.execute(text(said))


def test_only_a_hold_of_the_same_patient_is_lifted(desk: Desk) -> None:
    with desk.act() as writing:
        other = a_patient(name="Ida Falk")
        people.add_patient(writing, other, NOW)
        held = {"patient_id": desk.patient_id, "at": NOW}
        writing.insert(tables.legal_hold, id="hold", **held)
        writing.insert(tables.legal_hold, id="lifting", **held, lifts="hold")
        for lifts, patient_id in (
            ("unknown", desk.patient_id),
            ("hold", other.id),
            ("lifting", desk.patient_id),
        ):
            said = held | {"id": "again", "patient_id": patient_id, "lifts": lifts}
            with pytest.raises(IntegrityError, match="kept:legal_hold"), writing.sql.begin_nested():
                writing.insert(tables.legal_hold, **said)


def test_a_hold_on_one_patient_keeps_nothing_of_another(desk: Desk) -> None:
    key = tables.sealing_key
    with desk.act() as writing, unguarded(writing):
        other = a_patient(name="Ida Falk")
        people.add_patient(writing, other, NOW)
        writing.insert(tables.legal_hold, id="hold", patient_id=other.id, at=NOW)
        writing.insert(tables.erasure, id="erasure", patient_id=desk.patient_id, at=NOW)
        writing.sql.execute(delete(key).where(key.c.owner == desk.case_id))
        with pytest.raises(IntegrityError, match="kept:legal_hold"), writing.sql.begin_nested():
            writing.sql.execute(delete(key).where(key.c.owner == other.id))
        with pytest.raises(IntegrityError, match="kept:legal_hold"), writing.sql.begin_nested():
            writing.insert(tables.erasure, id="another", patient_id=other.id, at=NOW)


def test_the_row_of_a_sealed_file_goes_once_the_key_of_its_case_has_gone(desk: Desk) -> None:
    content, key = tables.content, tables.sealing_key
    with desk.act() as writing, unguarded(writing):
        writing.sql.execute(delete(tables.record_file))
        said = {"patient_id": desk.patient_id, "at": NOW}
        writing.insert(tables.erasure, id=new_id(NOW), **said)
        writing.sql.execute(delete(key).where(key.c.owner == desk.case_id))
        letters_own = content.c.id == desk.letter.content_id
        writing.sql.execute(delete(content).where(~letters_own))
        assert count(writing, content) == 1


@pytest.mark.parametrize(
    ("seq", "previous"),
    [(1, "link"), (2, None), (99, "link"), (None, "wrong"), (None, "")],
)
def test_the_audit_chain_takes_only_its_next_line(
    desk: Desk, seq: int | None, previous: str | None
) -> None:
    line = tables.audit_event
    with desk.act() as writing, unguarded(writing):
        last = writing.sql.execute(select(line).order_by(line.c.seq.desc())).mappings().first()
        assert last is not None
        row = dict(last) | {"seq": seq or last["seq"] + 1, "link": new_id(NOW)}
        row["previous"] = last["link"] if previous in ("link", None) else previous
        with pytest.raises(IntegrityError, match="kept:audit_event"), writing.sql.begin_nested():
            writing.sql.execute(insert(line).values(**row))


@pytest.mark.parametrize("table", TABLES)
def test_the_gate_file_keeps_every_table_of_facts(table: Table) -> None:
    script = "\n".join(schema.trigger_statements())
    for kind in ("UPDATE", "DELETE"):
        assert re.search(rf"BEFORE {kind} ON {table.name}\nBEGIN", script)
