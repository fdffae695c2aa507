"""Letters at rest: a version is written once and never changed."""

import hashlib

from sqlalchemy import func, select

from consultdesk.consultation.letter import FINAL_KINDS, FITS, Letter, LetterKind
from consultdesk.consultation.patient import PATIENT_SIDE
from consultdesk.consultation.record import RecordKind, Sensitivity
from consultdesk.vault import tables
from consultdesk.vault.people import kind_token
from consultdesk.vault.rows import Reading, Row, Writing, as_written


def next_version(reading: Reading, case_id: str) -> int:
    """The number of the case's next letter version, from 1."""
    table = tables.letter
    last = reading.sql.execute(
        select(func.max(table.c.version)).where(table.c.case_id == case_id)
    ).scalar()
    return int(last or 0) + 1


def add(writing: Writing, letter: Letter) -> None:
    """Keep a version: what it carries first, as tokens, then the row that seals them."""
    case_id, fits = letter.case_id, FITS[letter.kind]
    token = writing.clinical.token
    scopes = {
        "record_kind": [token(case_id, "record_kind", kind) for kind in letter.record_kinds],
        "sensitivity": [token(case_id, "sensitivity", code) for code in letter.sensitivities],
        "fits": [kind_token(writing, kind) for kind in fits],
        "fits_patient": [kind_token(writing, kind) for kind in fits & PATIENT_SIDE],
    }
    for dimension, tokens in scopes.items():
        writing.scope(tables.letter_scope, letter.id, dimension, tokens)
    writing.insert(
        tables.letter,
        id=letter.id,
        case_id=case_id,
        patient_id=letter.patient_id,
        recipient_id=letter.recipient_id,
        content_id=letter.content_id,
        version=letter.version,
        signed_at=letter.signed_at,
        final=int(letter.kind in FINAL_KINDS),
        hash_token=hash_token(writing, case_id, letter.sha256),
        kind=letter.kind.value,
        sha256=letter.sha256,
        record_kinds=letter.record_kinds,
        sensitivities=letter.sensitivities,
        signed_by=letter.signed_by,
        pages=letter.pages,
        amends=letter.amends,
        source=letter.source,
    )


def of_case(reading: Reading, case_id: str) -> tuple[Letter, ...]:
    """The case's letters, the first version first."""
    table = tables.letter
    chosen = select(table).where(table.c.case_id == case_id).order_by(table.c.version)
    with as_written():
        return tuple(_letter(row) for row in reading.all(table, chosen))


def by_id(reading: Reading, letter_id: str) -> Letter | None:
    """The letter of that id."""
    row = reading.by_id(tables.letter, letter_id)
    with as_written():
        return _letter(row) if row else None


def hash_token(reading: Reading, case_id: str, sha256: str) -> str:
    """The hash of a letter as the token that triggers compare."""
    return reading.clinical.token(case_id, "letter_sha256", sha256)


def hash_of(pdf: bytes) -> str:
    """SHA-256 (hex) of a letter's bytes."""
    return hashlib.sha256(pdf).hexdigest()


def _letter(row: Row) -> Letter:
    return Letter(
        id=row["id"],
        case_id=row["case_id"],
        patient_id=row["patient_id"],
        kind=LetterKind(row["kind"]),
        version=row["version"],
        recipient_id=row["recipient_id"],
        sha256=row["sha256"],
        content_id=row["content_id"],
        record_kinds=frozenset(RecordKind(code) for code in row["record_kinds"]),
        sensitivities=frozenset(Sensitivity(code) for code in row["sensitivities"]),
        signed_at=row["signed_at"],
        signed_by=row["signed_by"],
        pages=row["pages"],
        amends=row["amends"],
        source=row["source"],
        authentic=row["authentic"],
    )
