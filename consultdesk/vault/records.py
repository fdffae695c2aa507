"""Records of a case: what they are, and where their bytes lie."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import select

from consultdesk.consultation.identity import new_id
from consultdesk.consultation.record import (
    Fact,
    RecordItem,
    RecordKind,
    Required,
    Sensitivity,
    StoredFile,
)
from consultdesk.errors import ConsultDeskError, DiskUnsure, NotFound
from consultdesk.vault import keeping, tables
from consultdesk.vault.content import Content, SealedSource
from consultdesk.vault.rows import Reading, Row, Writing, count
from consultdesk.vault.vault import Vault


@dataclass(frozen=True)
class Kept:
    """A content on disk and the id its row has or will have."""

    id: str
    content: Content


def add_contents(writing: Writing, case_id: str, held: Iterable[Kept]) -> None:
    """Keep the identities of sealed files; with its row a file exists for the store."""
    writing.insert_all(
        tables.content,
        (
            {
                "id": kept.id,
                "case_id": case_id,
                "name": kept.content.name,
                "size": kept.content.size,
                "identity": kept.content.identity,
            }
            for kept in held
        ),
    )


def forget(vault: Vault, held: Iterable[Kept], failure: BaseException) -> None:
    """Remove sealed files of an act that failed; one whose row was kept after all stays.

    Where that can't be told, the file is left for the next sweep: a row that the disk didn't
    confirm is out of sight now, and may be back when the store is opened again.
    """
    if isinstance(failure, DiskUnsure):
        return
    with suppress(ConsultDeskError), vault.read() as reading:
        for one in held:
            if reading.by_id(tables.content, one.id, blank=True) is None:
                (vault.content_folder / one.content.name).unlink(missing_ok=True)


def add(writing: Writing, case_id: str, added: Sequence[RecordItem]) -> None:
    """Keep records of a case and their files, in their order behind those it has."""
    items = tables.record_item
    before = count(writing, items, items.c.case_id == case_id)
    writing.insert_all(
        items,
        (
            {"id": record.id, "case_id": case_id, "position": before + n, **_said(record)}
            for n, record in enumerate(added)
        ),
    )
    writing.insert_all(
        tables.record_file,
        (
            {
                "id": new_id(record.received_at),
                "case_id": case_id,
                "record_id": record.id,
                "content_id": file.content_id,
                "position": position,
                "size": file.size,
                "offset": file.offset,
                "digest_token": _digest_token(writing, case_id, file.sha256),
                "name": file.name,
                "sha256": file.sha256,
            }
            for record in added
            for position, file in enumerate(record.files)
        ),
    )


def change(writing: Writing, record: RecordItem) -> None:
    """Keep what a person decided about a record; its files stay as they were received."""
    writing.update(tables.record_item, record.id, record.case_id, **_said(record))


def of_case(reading: Reading, case_id: str) -> tuple[RecordItem, ...]:
    """The records of a case, in the order they came."""
    items, files = tables.record_item, tables.record_file
    rows = reading.all(
        items, select(items).where(items.c.case_id == case_id).order_by(items.c.position)
    )
    held: dict[str, list[StoredFile]] = {}
    for row in reading.all(
        files, select(files).where(files.c.case_id == case_id).order_by(files.c.position)
    ):
        held.setdefault(row["record_id"], []).append(_file(row))
    return tuple(_record(row, tuple(held.get(row["id"], ()))) for row in rows)


def same_bytes(reading: Reading, case_id: str, sha256: str) -> str:
    """The id of the case's record that already holds these bytes; empty when none does."""
    files = tables.record_file
    found = reading.sql.execute(
        select(files.c.record_id)
        .where(
            files.c.case_id == case_id,
            files.c.digest_token == _digest_token(reading, case_id, sha256),
        )
        .limit(1)
    ).scalar()
    return str(found or "")


def sources(vault: Vault, reading: Reading, record: RecordItem) -> tuple[SealedSource, ...]:
    """The bytes of a record, file by file in their order. Raises NotFound."""
    return tuple(
        _source(vault, reading, file.content_id, file.name, file.size, file.offset)
        for file in record.files
    )


def content_source(vault: Vault, reading: Reading, content_id: str, name: str) -> SealedSource:
    """The bytes of a content that holds one file, e.g. a letter. Raises NotFound."""
    row = reading.by_id(tables.content, content_id)
    if row is None:
        raise NotFound("The stored file isn't in this store.")
    return vault.source(name, row["size"], row["name"], row["identity"], 0)


def all_contents(reading: Reading) -> list[Row]:
    """Every sealed file with its identity and case, for verification; not of erased cases."""
    return [row for row in reading.all(tables.content, blank=True) if row["identity"]]


def lost_contents(vault: Vault, reading: Reading) -> list[Row]:
    """The rows of sealed files that aren't there, for whoever can't open them."""
    chosen = select(tables.content.c.name, tables.content.c.case_id)
    erased = keeping.erased_cases(reading)
    rows = [dict(row) for row in reading.sql.execute(chosen).mappings()]
    return [
        row
        for row in rows
        if row["case_id"] not in erased and not (vault.content_folder / row["name"]).is_file()
    ]


def _source(
    vault: Vault, reading: Reading, content_id: str, name: str, size: int, offset: int
) -> SealedSource:
    whole = content_source(vault, reading, content_id, name)
    return SealedSource(name, size, whole.path, whole.identity, offset)


def _digest_token(reading: Reading, case_id: str, sha256: str) -> str:
    return reading.clinical.token(case_id, "sha256", sha256)


def _said(record: RecordItem) -> Row:
    return {
        "received_at": record.received_at,
        "name": record.name,
        "kind": record.kind.value,
        "format": record.format,
        "sha256": record.sha256,
        "pages": record.pages,
        "required": record.required.value,
        "event_date": record.event_date,
        "source": record.source,
        "readable": record.readable,
        "reason": record.reason,
        "right_patient": record.right_patient,
        "sensitivities": record.sensitivities,
        "reveals_first_opinion": record.reveals_first_opinion,
        "sealed_sections": record.sealed_sections,
        "facts": [[fact.field, fact.value, fact.where] for fact in record.facts],
        "entered_in_error": record.entered_in_error,
    }


def _record(row: Row, files: tuple[StoredFile, ...]) -> RecordItem:
    return RecordItem(
        id=row["id"],
        case_id=row["case_id"],
        name=row["name"],
        kind=RecordKind(row["kind"]),
        format=row["format"],
        sha256=row["sha256"],
        pages=row["pages"],
        files=files,
        received_at=row["received_at"],
        required=Required(row["required"]),
        event_date=row["event_date"],
        source=row["source"],
        readable=row["readable"],
        reason=row["reason"],
        right_patient=row["right_patient"],
        sensitivities=frozenset(Sensitivity(code) for code in row["sensitivities"]),
        reveals_first_opinion=row["reveals_first_opinion"],
        sealed_sections=tuple(row["sealed_sections"]),
        facts=tuple(Fact(*said) for said in row["facts"]),
        entered_in_error=row["entered_in_error"],
    )


def _file(row: Row) -> StoredFile:
    return StoredFile(row["name"], row["sha256"], row["size"], row["content_id"], row["offset"])


@dataclass(frozen=True)
class Digest:
    """What a part of a sealed file must hash to."""

    offset: int
    size: int
    sha256: str


def digests(reading: Reading) -> dict[str, tuple[Digest, ...]]:
    """For each content (by id) what it must hold: the files of records, and letters."""
    found: dict[str, list[Digest]] = {}
    for row in reading.all(tables.record_file, blank=True):
        found.setdefault(row["content_id"], []).append(
            Digest(row["offset"], row["size"], row["sha256"])
        )
    sizes = {row["id"]: row["size"] for row in all_contents(reading)}
    for row in reading.all(tables.letter, blank=True):
        whole = Digest(0, sizes.get(row["content_id"], 0), row["sha256"])
        found.setdefault(row["content_id"], []).append(whole)
    return {content_id: tuple(parts) for content_id, parts in found.items()}


def case_numbers(reading: Reading) -> dict[str, str]:
    """Every case's number by its id."""
    chosen = select(tables.case.c.id, tables.case.c.number)
    return {row.id: row.number for row in reading.sql.execute(chosen)}
