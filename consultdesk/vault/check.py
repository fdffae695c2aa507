"""Whether what is at rest is what was written: pages, schema, audit chain."""

import sqlcipher3.dbapi2
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError, PendingRollbackError

from consultdesk.vault import audit, schema
from consultdesk.vault.rows import Reading


def database_is_sound(reading: Reading) -> bool:
    """Check every page's HMAC and the trees they make (SQLCipher's cipher_integrity_check)."""
    try:
        if reading.sql.exec_driver_sql("PRAGMA cipher_integrity_check").fetchall():
            return False
        trees = reading.sql.exec_driver_sql("PRAGMA integrity_check").fetchall()
        strays = reading.sql.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    except (DBAPIError, PendingRollbackError):
        return False
    return [row[0] for row in trees] == ["ok"] and not strays


def schema_is_ours(reading: Reading) -> bool:
    """Whether every table, index and trigger is as this program makes them."""
    return schema.fingerprint(reading.sql) == expected_fingerprint()


def expected_fingerprint() -> str:
    """The fingerprint of a store made this moment, in memory."""
    engine = create_engine("sqlite://", module=sqlcipher3.dbapi2)
    try:
        with engine.begin() as sql:
            schema.migrate(sql)
            return schema.fingerprint(sql)
    finally:
        engine.dispose()


def chain_is_sound(reading: Reading) -> tuple[int, tuple[int, ...]]:
    """How many audit lines there are, and the numbers of those that don't hold.

    When facts were lost, changed or put in without a line, the number after the last one
    stands for the line that is missing.
    """
    last, broken = audit.last_seq(reading), tuple(audit.broken_links(reading))
    unseen = audit.uncounted_facts(reading) or audit.changed_facts(reading)
    return last, broken + ((last + 1,) if unseen else ())
