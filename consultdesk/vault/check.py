"""Whether what is at rest is what was written: pages, schema, audit chain."""

from sqlalchemy import exists, func, select
from sqlalchemy.exc import DBAPIError, PendingRollbackError

from consultdesk.errors import VaultDamaged
from consultdesk.vault import audit, outbox, people, schema, tables
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
    return schema.is_ours(reading.sql)


def lost_keys(reading: Reading) -> tuple[str, ...]:
    """The cases and patients (ids) that nobody erased and whose key is gone or opens no more.

    Raises ClinicalContentClosed.
    """
    keys = {row.owner: row.wrapped for row in reading.sql.execute(select(tables.sealing_key))}
    erased = {row[0] for row in reading.sql.execute(select(tables.erasure.c.patient_id))}
    of_case = select(tables.case.c.id, tables.case.c.patient_id)
    owners = {row.id: row.patient_id for row in reading.sql.execute(of_case)}
    owners |= {row.id: row.id for row in reading.sql.execute(select(tables.patient.c.id))}
    wanted = (owner for owner, patient in owners.items() if patient not in erased)
    return tuple(owner for owner in wanted if not _opens(reading, keys.get(owner), owner))


def _opens(reading: Reading, wrapped: bytes | None, owner: str) -> bool:
    if wrapped is None:
        return False
    try:
        reading.clinical.sealing_key(wrapped, owner)
    except VaultDamaged:
        return False
    return True


def chain_is_sound(reading: Reading) -> tuple[int, tuple[int, ...]]:
    """How many audit lines there are, and the numbers of those that don't hold.

    When facts were lost, changed or put in without a line, the number after the last one
    stands for the line that is missing.
    """
    last, broken = audit.last_seq(reading), tuple(audit.broken_links(reading))
    unseen = (
        audit.uncounted_facts(reading)
        or audit.changed_facts(reading)
        or not clock_is_sound(reading)
        or (reading.keys.open and (_changed_ways(reading) or moved_cases(reading)))
    )
    return last, broken + ((last + 1,) if unseen else ())


def _changed_ways(reading: Reading) -> tuple[str, ...]:
    """Tables of what left, and by which way, with a row that isn't the one this store wrote."""
    try:
        return (*outbox.changed(reading), *people.changed(reading))
    except VaultDamaged:
        return ("sealed",)


def moved_cases(reading: Reading) -> tuple[str, ...]:
    """The cases (id) that stand under another patient than a person confirmed, or a letter says."""
    case, letter, line = tables.case.c, tables.letter.c, tables.audit_event.c
    of_letters = select(case.id).where(
        exists().where(letter.case_id == case.id, letter.patient_id != case.patient_id)
    )
    confirmed = (
        select(line.case_id, line.entity)
        .where(line.act == "confirm_patient", line.outcome == "done", line.entity != "")
        .order_by(line.seq)
    )
    last = {row.case_id: row.entity for row in reading.sql.execute(confirmed)}
    stands = {
        row.id: row.patient_id for row in reading.sql.execute(select(case.id, case.patient_id))
    }
    moved = {one for one, patient_id in last.items() if stands.get(one, patient_id) != patient_id}
    return tuple(sorted(moved | set(reading.sql.execute(of_letters).scalars())))


def clock_is_sound(reading: Reading) -> bool:
    """Whether the clock mark isn't behind the audit, and no restore was taken back."""
    line, mark = tables.audit_event.c, tables.clock_mark.c
    at, epoch = reading.sql.execute(select(mark.at, mark.epoch)).one()
    restored = select(func.count()).where(line.act == "restore", line.outcome == "done")
    return bool(
        at >= audit.last_at(reading) and epoch > int(reading.sql.execute(restored).scalar_one())
    )
