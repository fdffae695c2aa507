"""SQLCipher as the store needs it, and its errors in words a person can read."""

from pathlib import Path

import pytest
import sqlcipher3.dbapi2
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from consultdesk.errors import ConsultDeskError, VaultBusy, VaultDamaged
from consultdesk.vault import authorizer, cases, check
from consultdesk.vault.engine import Driver, in_our_words, make_engine, transaction, translated
from tests.vault.building import Desk, reopen

WANTED = {
    "temp_store": 2,  # memory: a file would hold plaintext
    "journal_mode": "wal",
    "synchronous": 2,  # full
    "foreign_keys": 1,
    "recursive_triggers": 1,
    "trusted_schema": 0,
    "cell_size_check": 1,
    "secure_delete": 1,
    "cache_size": -65536,
    "busy_timeout": 10000,
    "cipher_memory_security": "0",
    "cipher_version": "4",
}
KEY = b"k" * 32


def pragmas(sql: Connection) -> dict[str, object]:
    return {name: sql.exec_driver_sql(f"PRAGMA {name}").scalar() for name in WANTED}


def test_every_connection_is_set_as_the_findings_ask(desk: Desk) -> None:
    with desk.vault.read() as reading:
        reads = pragmas(reading.sql)
        assert reading.sql.exec_driver_sql("PRAGMA query_only").scalar() == 1
    with desk.act() as writing:
        writes = pragmas(writing.sql)
    for found in (reads, writes):
        found["cipher_version"] = str(found["cipher_version"])[:1]
        assert found == WANTED


def test_sorting_much_writes_no_temporary_file(desk: Desk, tmp_path: Path) -> None:
    with desk.act() as writing:
        before = set(tmp_path.rglob("*"))
        writing.sql.exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)"
            " SELECT max(w) FROM (SELECT i || 'CANARY' AS w FROM n ORDER BY w DESC LIMIT 50000)"
        ).fetchall()
        assert set(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("BUSY", "busy with another"),
        ("LOCKED", "busy with another"),
        ("FULL", "disk is full"),
        ("IOERR", "disk didn't accept"),
        ("CANTOPEN", "disk didn't accept"),
        ("CORRUPT", "database is damaged"),
        ("NOTADB", "database is damaged"),
        ("ERROR", "couldn't carry out"),
        ("CONSTRAINT", "couldn't carry out"),
    ],
)
def test_a_drivers_error_is_told_by_its_code(code: str, said: str) -> None:
    error = sqlcipher3.dbapi2.OperationalError("user_account.full_name is locked on a full disk")
    error.sqlite_errorcode = getattr(sqlcipher3.dbapi2, f"SQLITE_{code}") | 3 << 8
    found = translated(error)
    assert said in found.message
    assert found.kept or found.cure
    assert "full_name" not in str(found)
    with pytest.raises(type(found), match=said), in_our_words():
        raise error


def test_a_step_that_would_change_what_is_kept_says_so() -> None:
    found = translated(sqlcipher3.dbapi2.IntegrityError("kept:letter"))
    assert "refused this step" in found.message
    assert translated(None).message


def test_too_many_readers_at_once_is_busy() -> None:
    with pytest.raises(VaultBusy), in_our_words():
        raise PoolTimeout("QueuePool limit")


def write(path: Path, said: str, *, timeout: int = 1, pages: int = 0) -> None:
    engine = make_engine(
        path, KEY, begin="BEGIN", read_only=False, size=1, rights=authorizer.unguarded
    )
    try:
        with in_our_words(), engine.begin() as sql:
            sql.exec_driver_sql(f"PRAGMA busy_timeout = {timeout}")
            if pages:
                sql.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            sql.exec_driver_sql(said)
    finally:
        engine.dispose()


def test_a_database_held_by_somebody_else_is_busy(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    write(path, "CREATE TABLE t (x)")
    holder = make_engine(path, KEY, begin="BEGIN IMMEDIATE", read_only=False, size=1)
    with holder.begin(), pytest.raises(VaultBusy):
        write(path, "INSERT INTO t VALUES (1)")
    holder.dispose()


def test_a_full_database_says_the_disk_is_full(tmp_path: Path) -> None:
    write(tmp_path / "a.db", "CREATE TABLE t (x)")
    with pytest.raises(VaultDamaged, match="disk is full"):
        write(tmp_path / "a.db", "INSERT INTO t VALUES (zeroblob(99999))", pages=3)


def test_a_folder_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(VaultDamaged, match="disk didn't accept"):
        write(tmp_path / "gone" / "a.db", "CREATE TABLE t (x)")


def test_a_damaged_page_is_found_and_said(desk: Desk) -> None:
    folder = desk.vault.folder
    with desk.vault.read() as reading:
        said = "SELECT rootpage FROM sqlite_master WHERE name = 'draft'"
        page = int(reading.sql.exec_driver_sql(said).scalar_one())
    desk.vault.close()
    path = folder / "desk.db"
    data = bytearray(path.read_bytes())
    data[(page - 1) * 4096 + 99] ^= 1
    path.write_bytes(bytes(data))
    vault = reopen(folder)
    with vault.read() as reading:
        assert not check.database_is_sound(reading)
    with pytest.raises(VaultDamaged, match="damaged"), vault.read() as reading:
        reading.sql.exec_driver_sql("SELECT * FROM draft").fetchall()
    with vault.read() as reading:
        assert cases.by_id(reading, desk.case_id), "everything else can be used"
    with vault.read() as reading:
        with pytest.raises(DBAPIError):
            reading.sql.exec_driver_sql("SELECT * FROM draft").fetchall()
        assert not check.database_is_sound(reading)
    vault.close()


def test_a_connection_that_met_a_damaged_page_past_sqlalchemy_is_used_no_more(
    tmp_path: Path,
) -> None:
    path = tmp_path / "some.db"
    begin = "BEGIN IMMEDIATE"
    engine = make_engine(
        path, KEY, begin=begin, read_only=False, size=1, rights=authorizer.unguarded
    )
    with transaction(engine) as sql:
        sql.exec_driver_sql("CREATE TABLE t (x)")
        sql.exec_driver_sql("INSERT INTO t VALUES (zeroblob(60000))")
    engine.dispose()
    sound = path.read_bytes()
    path.write_bytes(sound[:16390] + bytes(20) + sound[16410:])

    def look() -> int:
        with transaction(engine) as sql:
            driver: Driver = sql.connection.driver_connection
            return int(driver.execute("SELECT length(hex(x)) FROM t").fetchone()[0])

    with pytest.raises(VaultDamaged), in_our_words():
        look()
    path.write_bytes(sound)
    assert look() == 120000
    engine.dispose()


def test_a_sound_database_is_found_sound(desk: Desk) -> None:
    with desk.vault.read() as reading:
        assert check.database_is_sound(reading)
        assert check.schema_is_ours(reading)


def test_a_spoiled_first_page_does_not_open(folder: Path) -> None:
    data = bytearray((folder / "desk.db").read_bytes())
    data[40] ^= 1
    (folder / "desk.db").write_bytes(bytes(data))
    with pytest.raises(ConsultDeskError, match="doesn't fit the database"):
        reopen(folder)
