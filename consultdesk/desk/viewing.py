"""Looking at records: opened as an act, with the first opinion covered while it is sealed."""

from dataclasses import dataclass, replace

from consultdesk.consultation.audit import Act
from consultdesk.consultation.case import Case
from consultdesk.consultation.record import RecordItem
from consultdesk.consultation.source import Block, Document, View
from consultdesk.desk import access
from consultdesk.desk.opinion import is_sealed
from consultdesk.errors import NotFound, RecordUnreadable
from consultdesk.records import formats
from consultdesk.vault import assessments, records
from consultdesk.vault.rows import Reading
from consultdesk.vault.search import Hit
from consultdesk.vault.vault import Vault


@dataclass(frozen=True)
class OpenRecord:
    """A record ready to be shown.

    `view` is None when it can't be shown (`reason`), or while it is covered whole.
    """

    record: RecordItem
    view: View | None
    covered: bool
    reason: str = ""


def open_record(vault: Vault, number: str, record_id: str, now: int) -> OpenRecord:
    """Open a record for the viewer; the audit says who opened it. Raises NotFound.

    While the first opinion is sealed, sections of a document that reveal it are closed, and
    a paged or pictured record that reveals it anywhere is covered whole: a page can't be
    half open.
    """
    access.require(vault, *access.CLINICAL)
    with vault.read() as reading:
        case = access.find(reading, number)
        record = _record(reading, case, record_id)
        sealed = _sealed(reading, case)
        sources = records.sources(vault, reading, record)
    with vault.act(Act("view_record", now, case_id=case.id, entity=record.id)):
        pass
    if not record.readable:
        return OpenRecord(record, None, covered=False, reason=record.reason)
    closed = sealed and record.reveals_first_opinion
    if closed and "*" in record.sealed_sections:
        return OpenRecord(record, None, covered=True)
    try:
        view = formats.view(record.format, sources)
    except RecordUnreadable as problem:
        return OpenRecord(record, None, covered=False, reason=problem.message)
    if closed and not isinstance(view, Document):
        return OpenRecord(record, None, covered=True)
    if closed and isinstance(view, Document):
        view = _covered(view)
    return OpenRecord(record, view, covered=False)


def find(vault: Vault, words: str, *, number: str = "", limit: int = 50) -> tuple[Hit, ...]:
    """Where the words stand in cases and records, newest first.

    Hits in records that reveal a first opinion still sealed are left out.
    """
    access.require(vault, *access.CLINICAL)
    with vault.read() as reading:
        case_id = access.find(reading, number).id if number else ""
    hits = vault.search.find(words, limit=limit * 2, case_id=case_id)
    with vault.read() as reading:
        open_hits = [hit for hit in hits if not _hidden(reading, hit)]
    return tuple(open_hits[:limit])


def _hidden(reading: Reading, hit: Hit) -> bool:
    if hit.kind != "record":
        return False
    case = access.by_id(reading, hit.case_id)
    if not _sealed(reading, case):
        return False
    return _record(reading, case, hit.entity_id).reveals_first_opinion


def _sealed(reading: Reading, case: Case) -> bool:
    return is_sealed(case, locked=bool(assessments.own_reads(reading, case.id)))


def _record(reading: Reading, case: Case, record_id: str) -> RecordItem:
    for record in records.of_case(reading, case.id):
        if record.id == record_id:
            return record
    raise NotFound("That record isn't part of this case.")


def _covered(document: Document) -> Document:
    """Sealed blocks keep their place and lose what they say."""
    blocks = tuple(
        Block(kind="notice", anchor=block.anchor, sealed=True) if block.sealed else block
        for block in document.blocks
    )
    return replace(document, blocks=blocks)
