"""The shape of a store: migrated whole or not at all, and recognised again."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlcipher3.dbapi2
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text

from consultdesk.errors import VaultDamaged
from consultdesk.vault import authorizer, check, schema, tables
from consultdesk.vault.engine import make_engine
from consultdesk.vault.vault import Vault
from tests.vault.building import PASSPHRASE, Desk, create, reopen
from tests.vault.earlier import put_back_to_the_first
from tests.vault.foreign import foreigner, raw

KEY = b"k" * 32


def names(sql: Connection, kind: str) -> set[str]:
    said = text("SELECT name FROM sqlite_master WHERE type = :kind")
    return set(sql.execute(said, {"kind": kind}).scalars())


def test_the_migrations_make_exactly_the_tables_of_the_field(vault: Vault) -> None:
    with vault.read() as reading:
        context = MigrationContext.configure(reading.sql)
        assert compare_metadata(context, tables.metadata) == []


def test_every_trigger_of_the_gate_is_in_a_store(vault: Vault) -> None:
    said = [re.match(r"CREATE TRIGGER (\w+)", one) for one in schema.trigger_statements()]
    wanted = {one[1] for one in said if one}
    assert len(wanted) == len(schema.trigger_statements())
    with vault.read() as reading:
        assert names(reading.sql, "trigger") == wanted


def test_every_table_and_column_is_placed(vault: Vault) -> None:
    for table in tables.metadata.sorted_tables:
        assert set(table.info) == {"owner"}
        assert all("open" in column.info for column in table.columns)
        owner = table.info["owner"]
        assert not owner or owner in table.c
    with vault.read() as reading:
        assert names(reading.sql, "table") == {
            *(table.name for table in tables.metadata.sorted_tables),
            "alembic_version",
        }


def test_two_fresh_stores_are_alike_and_ours(vault: Vault, tmp_path: Path) -> None:
    other = create(tmp_path / "other.desk")
    with vault.read() as one, other.read() as two:
        assert schema.fingerprint(one.sql) == schema.fingerprint(two.sql)
        assert schema.fingerprint(one.sql) == schema.expected_fingerprint()
        assert schema.version(one.sql) == schema.HEAD
        assert not schema.check_version(one.sql)
    other.close()


@pytest.mark.parametrize(
    "change",
    [
        "DROP TRIGGER gate_dispatch",
        "DROP TRIGGER kept_letter_update",
        "DROP INDEX ix_case_queue",
        "CREATE TABLE more (x)",
        "ALTER TABLE consent ADD COLUMN more",
        "DROP TRIGGER gate_dispatch;CREATE TRIGGER gate_dispatch BEFORE INSERT ON dispatch"
        " BEGIN SELECT 1; END",
        "CREATE VIEW seen AS SELECT 1",
    ],
)
def test_a_store_whose_shape_was_changed_is_not_ours(desk: Desk, change: str) -> None:
    with desk.vault.read() as reading:
        assert check.schema_is_ours(reading)
    store = raw(desk.vault.folder)
    for part in change.split(";", 1):
        store.execute(part)
    store.close()
    with desk.vault.read() as reading:
        assert not check.schema_is_ours(reading)
    with pytest.raises(VaultDamaged, match="aren't the ones this program makes"), desk.act():
        pass
    desk.vault.close()
    with pytest.raises(VaultDamaged, match="aren't the ones this program makes"):
        reopen(desk.vault.folder)


def test_a_trigger_whose_lines_end_elsewhere_is_not_ours(desk: Desk) -> None:
    said = next(one for one in schema.trigger_statements() if "gate_dispatch" in one)
    store = raw(desk.vault.folder)
    store.execute("DROP TRIGGER gate_dispatch")
    # the same words in the same order; behind a comment it would matter
    store.execute(said.replace("\n      THEN", " THEN", 1))
    store.close()
    with desk.vault.read() as reading:
        assert not check.schema_is_ours(reading)


def test_triggers_put_back_as_they_were_stop_nobody(desk: Desk) -> None:
    with foreigner(desk.vault.folder):
        pass
    with desk.act():
        pass
    desk.vault.close()
    reopen(desk.vault.folder).close()


def test_a_store_of_the_future_is_refused_in_one_sentence(desk: Desk) -> None:
    with foreigner(desk.vault.folder) as store:
        store.execute("UPDATE alembic_version SET version_num = '9999'")
    desk.vault.close()
    with pytest.raises(VaultDamaged, match="newer ConsultDesk"):
        reopen(desk.vault.folder)


def test_triggers_are_made_anew_by_a_migration(tmp_path: Path) -> None:
    engine = create_engine("sqlite://", module=sqlcipher3.dbapi2)
    with engine.begin() as sql:
        schema.migrate(sql)
        good = schema.fingerprint(sql)
        sql.exec_driver_sql("DROP TRIGGER gate_dispatch")
        sql.exec_driver_sql("CREATE TRIGGER stray BEFORE INSERT ON draft BEGIN SELECT 1; END")
        assert schema.fingerprint(sql) != good
        schema.migrate(sql)
        assert schema.fingerprint(sql) == good
    engine.dispose()


_MIGRATION = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from consultdesk.vault import authorizer, schema
from consultdesk.vault.engine import make_engine
engine = make_engine(Path(sys.argv[1]), b"k" * 32, begin="BEGIN IMMEDIATE", read_only=False,
    size=1, rights=authorizer.migrating)
left = int(sys.argv[2])
@event.listens_for(engine, "before_cursor_execute")
def _before(*_args):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
with engine.begin() as sql:
    schema.migrate(sql)
print(left)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9 on Windows")
def test_a_migration_that_was_killed_has_not_begun(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    for step in (3, 40, 80, 110):
        said = subprocess.run(
            [sys.executable, "-c", _MIGRATION, str(path), str(step)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert said.returncode == -signal.SIGKILL, (step, said.stdout, said.stderr)
        engine = make_engine(path, KEY, begin="BEGIN IMMEDIATE", read_only=False, size=1)
        with engine.begin() as sql:
            assert schema.version(sql) == ""
            assert names(sql, "table") == set()
        engine.dispose()
    engine = make_engine(
        path, KEY, begin="BEGIN IMMEDIATE", read_only=False, size=1, rights=authorizer.migrating
    )
    with engine.begin() as sql:
        assert schema.check_version(sql)
        schema.migrate(sql)
        assert schema.fingerprint(sql) == schema.expected_fingerprint()
    engine.dispose()


def test_a_store_of_an_earlier_kind_is_brought_up_to_date_with_all_it_holds(desk: Desk) -> None:
    with desk.vault.read() as reading:
        before = reading.all(tables.consent)
    desk.vault.close()
    put_back_to_the_first(desk.vault.folder, PASSPHRASE)
    again = reopen(desk.vault.folder)
    with again.read() as reading:
        assert check.schema_is_ours(reading)
        assert reading.all(tables.consent) == before
    again.close()
