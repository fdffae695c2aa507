"""Erasing a patient: the keys are destroyed, and with them all that they opened.

A key lies wrapped in one row and nowhere else, so that deleting the row (SQLite overwrites what
it deletes, `secure_delete`) and emptying the log behind it leaves nothing to open. Facts that
are never deleted stay as rows nobody can read.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, delete, select, update

from consultdesk.consultation.identity import new_id
from consultdesk.vault import cases, keeping, tables
from consultdesk.vault.rows import Reading, Writing, count
from consultdesk.vault.vault import Vault

_EMPTIED = (
    tables.record_file,
    tables.record_item,
    tables.question,
    tables.draft,
    tables.comparison,
    tables.opinion,
    tables.red_flag,
    tables.exception_made,
    tables.material,
    tables.record_request,
)
"""What belongs to a case and is no fact: its rows go. Facts stay, unreadable."""


@dataclass(frozen=True)
class Erased:
    """What one erasure took: whose keys, and which sealed files are to be removed now."""

    patient_ids: tuple[str, ...]
    case_ids: tuple[str, ...]
    files: tuple[str, ...]


def erase(writing: Writing, patient_id: str, *, by: str, reason: str) -> Erased:
    """Destroy the keys of a patient and of all their cases, and empty what lies open.

    The database refuses it while a legal hold stands.
    """
    case_ids = cases.of_patient(writing, patient_id)
    everyone = (patient_id, *keeping.same_person(writing, patient_id, case_ids))
    for one in everyone:
        writing.insert(
            tables.erasure,
            id=new_id(writing.act.at),
            patient_id=one,
            at=writing.act.at,
            by=by,
            reason=reason,
        )
    _destroy_keys(writing, (*everyone, *case_ids))
    files = _forget_files(writing, case_ids)
    _empty_cases(writing, case_ids)
    _empty_people(writing, everyone)
    return Erased(everyone, case_ids, files)


def finish(vault: Vault, erased: Erased | None = None) -> None:
    """Leave nothing of what was erased: no key in memory or in the log, no file, no word.

    It may be repeated, and after a kill has to be: without `erased` it does what was left. The
    sealed files that a kill leaves go with `clear_up`.
    """
    if erased is not None:
        _forget_keys(vault, erased)
        for name in erased.files:
            (vault.content_folder / name).unlink(missing_ok=True)
    vault.empty_log()
    if erased is not None:
        _forget_keys(vault, erased)  # a view begun before may have opened one again
    _ = vault.search


def count_files(reading: Reading, case_ids: tuple[str, ...]) -> int:
    """How many sealed files these cases have."""
    return count(reading, tables.content, tables.content.c.case_id.in_(case_ids))


def anything_erased(vault: Vault) -> bool:
    """Whether anyone was ever erased from this store."""
    with vault.read() as reading:
        return bool(reading.sql.execute(select(tables.erasure.c.id).limit(1)).first())


def _forget_keys(vault: Vault, erased: Erased) -> None:
    with vault.read() as reading:
        for owner in (*erased.patient_ids, *erased.case_ids):
            reading.keys.forget(owner)


def _destroy_keys(writing: Writing, owners: Iterable[str]) -> None:
    key = tables.sealing_key
    for owner in owners:
        writing.keys.forget(owner)
        writing.sql.execute(delete(key).where(key.c.owner == owner))


def _forget_files(writing: Writing, case_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Drop the rows of sealed files; those of letters stay, since a letter names them."""
    content, letter = tables.content, tables.letter
    of_cases = content.c.case_id.in_(case_ids)
    names = writing.sql.execute(select(content.c.name).where(of_cases)).scalars().all()
    for table in _EMPTIED:
        writing.sql.execute(delete(table).where(table.c.case_id.in_(case_ids)))
    written = select(letter.c.content_id).where(letter.c.case_id.in_(case_ids))
    writing.sql.execute(delete(content).where(of_cases, content.c.id.not_in(written)))
    return tuple(names)


def _empty_cases(writing: Writing, case_ids: tuple[str, ...]) -> None:
    """Empty the sealed columns, and of the open ones what isn't a state, a time or a count."""
    case, referral, entry = tables.case, tables.referral, tables.search_entry
    _blank(writing, case, case.c.id.in_(case_ids), payer="", treating_physician_id=None)
    _blank(writing, referral, referral.c.case_id.in_(case_ids))
    # the rows stay: the index goes by the number of the newest
    _blank(writing, entry, entry.c.case_id.in_(case_ids))


def _empty_people(writing: Writing, patient_ids: tuple[str, ...]) -> None:
    patient, recipient, channel = tables.patient, tables.recipient, tables.channel
    _blank(writing, patient, patient.c.id.in_(patient_ids), name="", phone="", birth_token="")
    # what kind of recipient it was stays: a dispatch says to whom a letter went by it
    named = {name: None for name in tables.sealed_columns(recipient) if name != "kind"}
    writing.sql.execute(update(recipient).where(recipient.c.id.in_(patient_ids)).values(named))
    _blank(writing, channel, channel.c.recipient_id.in_(patient_ids))


def _blank(writing: Writing, table: Table, where: ColumnElement[bool], **values: object) -> None:
    emptied = dict.fromkeys(tables.sealed_columns(table))
    writing.sql.execute(update(table).where(where).values(**emptied, **values))
