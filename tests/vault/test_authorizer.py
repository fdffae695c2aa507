"""What a connection may do at all: what no act is made of is refused before it is tried."""

import time
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DatabaseError

from consultdesk.errors import VaultDamaged
from consultdesk.vault import authorizer, check, tables
from consultdesk.vault.engine import Driver, connect, make_engine
from tests.consultation.parcels import NOW
from tests.vault.building import Desk
from tests.vault.foreign import open_keys, unguarded

FORBIDDEN = [
    "ATTACH DATABASE ':memory:' AS other",
    "DETACH DATABASE main",
    "CREATE TABLE more (x)",
    "CREATE TEMP TABLE consent AS SELECT 1",
    "CREATE VIEW seen AS SELECT 1",
    "CREATE TEMP VIEW consent AS SELECT 1",
    "CREATE INDEX more ON draft (phase)",
    "CREATE TRIGGER more BEFORE INSERT ON draft BEGIN SELECT 1; END",
    "CREATE TEMP TRIGGER more BEFORE INSERT ON dispatch BEGIN SELECT RAISE(IGNORE); END",
    "CREATE VIRTUAL TABLE more USING fts5(x)",
    "DROP TABLE consent",
    "DROP TRIGGER gate_dispatch",
    "DROP INDEX ix_case_queue",
    "ALTER TABLE consent RENAME TO consent_before",
    "ALTER TABLE consent ADD COLUMN more",
    "REINDEX",
    "ANALYZE",
    "PRAGMA writable_schema = ON",
    "PRAGMA ignore_check_constraints = ON",
    "PRAGMA recursive_triggers = OFF",
    "PRAGMA foreign_keys = OFF",
    "PRAGMA defer_foreign_keys = ON",
    "PRAGMA query_only = OFF",
    "PRAGMA trusted_schema = ON",
    "PRAGMA legacy_alter_table = ON",
    "PRAGMA temp_store = FILE",
    "PRAGMA synchronous = OFF",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA secure_delete = OFF",
    "PRAGMA schema_version = 7",
    "PRAGMA key = 'x'",
    "PRAGMA rekey = 'x'",
    "PRAGMA cipher_plaintext_header_size = 32",
    "INSERT INTO sqlite_master VALUES ('trigger', 'x', 'x', 0, 'x')",
    "UPDATE alembic_version SET version_num = '0001'",
    "DELETE FROM clock_mark",
    "DELETE FROM header_mark",
    "DELETE FROM recipient",
    "UPDATE recipient SET kind_token = 'x'",
    "UPDATE recipient SET kind = x'00'",
    "UPDATE content SET identity = x'00'",
    *(f"UPDATE {table.name} SET rowid = 1" for table in tables.APPEND_ONLY),  # noqa: S608
    *(f"DELETE FROM {table.name}" for table in tables.APPEND_ONLY),  # noqa: S608
    "INSERT INTO letter SELECT * FROM letter WHERE true ON CONFLICT (id) DO UPDATE SET version = 7",
]


REFUSED_OTHERWISE = {
    "VACUUM": "within a transaction",
    "VACUUM INTO 'never'": "within a transaction",
    "SELECT load_extension('more')": "not authorized to use function",
    "SELECT fts3_tokenizer('simple')": "not authorized to use function",
    "SELECT sqlcipher_export('main')": "not authorized to use function",
    "UPDATE sqlite_master SET sql = ''": "may not be modified",
    "DELETE FROM sqlite_master": "may not be modified",
}
"""What SQLite refuses with a general error, some of it before the authorizer is asked."""


@pytest.mark.parametrize("said", REFUSED_OTHERWISE)
def test_what_is_refused_otherwise_is_refused_too(desk: Desk, said: str) -> None:
    with desk.act() as writing, pytest.raises(DatabaseError, match=REFUSED_OTHERWISE[said]):
        writing.sql.exec_driver_sql(said)


@pytest.mark.parametrize("said", ["VACUUM", "VACUUM INTO 'never'"])
def test_outside_a_transaction_the_authorizer_refuses_a_copy(desk: Desk, said: str) -> None:
    connection = connect(desk.vault.folder / "desk.db", open_keys(desk.vault.folder).store)()
    with pytest.raises(Exception, match="authorization denied"):
        connection.execute(said)
    connection.close()


@pytest.mark.parametrize("said", FORBIDDEN)
def test_what_no_act_is_made_of_is_refused_before_it_is_tried(desk: Desk, said: str) -> None:
    with pytest.raises(VaultDamaged, match="nothing a person does here needs it"), desk.act() as w:
        w.sql.exec_driver_sql(said)
    with pytest.raises(VaultDamaged, match="needs it"), desk.vault.read() as reading:
        reading.sql.exec_driver_sql(said)
    with desk.vault.read() as reading:
        assert check.schema_is_ours(reading)


@pytest.mark.parametrize(
    "said",
    ["UPDATE \"case\" SET payer = 'x'", "DELETE FROM draft", "INSERT INTO setting VALUES (1, 2)"],
)
def test_a_connection_that_reads_is_allowed_no_writing(desk: Desk, said: str) -> None:
    with desk.act() as writing:
        writing.sql.exec_driver_sql(said)
    with pytest.raises(VaultDamaged, match="needs it"), desk.vault.read() as reading:
        reading.sql.exec_driver_sql(said)


def test_a_statement_refused_leaves_the_act_and_its_savepoints_whole(desk: Desk) -> None:
    with desk.act() as writing:
        writing.sql.exec_driver_sql("UPDATE \"case\" SET payer = 'kept'")
        inner = writing.sql.begin_nested()
        writing.sql.exec_driver_sql("UPDATE \"case\" SET payer = 'undone'")
        with pytest.raises(DatabaseError, match="not authorized"):
            writing.sql.exec_driver_sql("DROP TRIGGER gate_dispatch")
        inner.rollback()
    with desk.vault.read() as reading:
        assert reading.sql.execute(select(tables.case.c.payer)).scalar() == "kept"


def test_the_checks_of_a_store_are_allowed(desk: Desk) -> None:
    with desk.vault.read() as reading:
        assert check.database_is_sound(reading)
        for said in ("PRAGMA quick_check", "PRAGMA table_info('consent')", "PRAGMA page_count"):
            assert reading.sql.exec_driver_sql(said).fetchall()


def test_a_replacing_insert_is_met_by_the_triggers(desk: Desk) -> None:
    with desk.act() as writing:
        row = dict(writing.sql.execute(select(tables.letter)).mappings().one())
        with pytest.raises(DatabaseError, match="kept:letter"), writing.sql.begin_nested():
            writing.sql.execute(insert(tables.letter).prefix_with("OR REPLACE").values(**row))


def test_a_migration_makes_and_drops_and_reaches_no_further(tmp_path: Path) -> None:
    engine = make_engine(
        tmp_path / "a.db",
        b"k" * 32,
        begin="BEGIN IMMEDIATE",
        read_only=False,
        size=1,
        rights=authorizer.migrating,
    )
    with engine.begin() as sql:
        for said in (
            "CREATE TABLE t (x)",
            "CREATE INDEX i ON t (x)",
            "CREATE TRIGGER g BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, 'no'); END",
            "ALTER TABLE t ADD COLUMN y",
            "ALTER TABLE t RENAME TO u",
            "INSERT INTO u VALUES (1, 2)",
            "DROP TRIGGER g",
            "DELETE FROM u",
            "DROP INDEX i",
            "DROP TABLE u",
            "CREATE TABLE t (x)",
        ):
            sql.exec_driver_sql(said)
        for said in (
            "ATTACH DATABASE ':memory:' AS other",
            "CREATE TEMP TABLE more (x)",
            "CREATE TEMP TRIGGER more BEFORE INSERT ON t BEGIN SELECT 1; END",
            "PRAGMA writable_schema = ON",
            "PRAGMA rekey = 'x'",
            "SELECT load_extension('x')",
        ):
            with pytest.raises(DatabaseError, match="not authorized|prohibited"):
                sql.exec_driver_sql(said)
    engine.dispose()


def test_the_vaults_own_maintenance_asks_for_all_by_name(desk: Desk, tmp_path: Path) -> None:
    key = open_keys(desk.vault.folder).store
    path = desk.vault.folder / "desk.db"
    free = connect(path, key, authorizer.unguarded)()
    free.execute("VACUUM INTO ?", (str(tmp_path / "copy.db"),))
    free.close()
    copied: Driver = connect(tmp_path / "copy.db", key)()
    assert copied.execute("SELECT count(*) FROM consent").fetchone()[0] == 2
    copied.close()


def test_a_statement_prepared_once_is_not_asked_about_again(desk: Desk) -> None:
    asked: list[int] = []
    connection = connect(desk.vault.folder / "desk.db", open_keys(desk.vault.folder).store)()

    def counting(action: int, *_rest: object) -> int:
        asked.append(action)
        return 0

    connection.set_authorizer(counting)
    connection.execute("SELECT id FROM consent WHERE id = ?", ("x",)).fetchall()
    once = len(asked)
    for _ in range(50):
        connection.execute("SELECT id FROM consent WHERE id = ?", ("x",)).fetchall()
    assert once > 0
    assert len(asked) == once
    connection.close()


def test_plans_are_the_same_with_an_authorizer_as_without(desk: Desk) -> None:
    said = "EXPLAIN QUERY PLAN " + str(
        select(tables.case.c.id).order_by(tables.case.c.priority_rank, tables.case.c.due_at)
    )
    with desk.act() as writing:
        guarded = writing.sql.execute(text(said)).all()
        with unguarded(writing):
            assert writing.sql.execute(text(said)).all() == guarded


def test_preparing_a_dispatch_costs_less_than_a_millisecond_more(desk: Desk) -> None:
    connection = connect(desk.vault.folder / "desk.db", open_keys(desk.vault.folder).store)()
    names = ", ".join(column.name for column in tables.dispatch.columns)
    marks = ", ".join("NULL" for _ in tables.dispatch.columns)

    def prepared(rights: authorizer.Rights) -> float:
        rights(connection)
        spent = []
        for n in range(15):
            start = time.perf_counter()
            connection.execute(
                f"EXPLAIN INSERT INTO dispatch ({names}) VALUES ({marks}) -- {NOW + n}"  # noqa: S608
            )
            spent.append(time.perf_counter() - start)
        return min(spent)

    free, guarded = prepared(authorizer.unguarded), prepared(authorizer.ordinary)
    connection.close()
    assert guarded - free < 0.001
