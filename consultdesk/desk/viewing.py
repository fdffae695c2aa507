"""Looking at records: opened as an act, with the first opinion covered while it is sealed."""

from dataclasses import dataclass, replace

from consultdesk.consultation.audit import Act
from consultdesk.consultation.case import Case
from consultdesk.consultation.letter import Letter
from consultdesk.consultation.record import RecordItem
from consultdesk.consultation.source import Block, Document, Pages, View
from consultdesk.desk import access
from consultdesk.desk.letter import read_pdf
from consultdesk.errors import NotFound, RecordUnreadable, VaultDamaged
from consultdesk.records import formats
from consultdesk.vault import cases, records
from consultdesk.vault.rows import Reading
from consultdesk.vault.search import Hit
from consultdesk.vault.vault import Vault

_CLOSED = ("first_diagnosis", "first_plan")


@dataclass(frozen=True)
class OpenRecord:
    """A record ready to be shown.

    `view` is None when it can't be shown (`reason`), or while it is covered whole.
    `sealed` says that the pages or sections in `record.sealed_sections` stay covered.
    """

    record: RecordItem
    view: View | None
    covered: bool = False
    reason: str = ""
    sealed: bool = False


def see_case(vault: Vault, number: str, now: int) -> None:
    """Record that a case was opened: who the patient is, what is asked, what was written.

    Raises NotFound, NotAllowed.
    """
    access.require(vault, *access.CLINICAL)
    with vault.read() as reading:
        case_id = access.find_any(reading, number).id
    vault.look(Act("view_case", now, case_id=case_id))


def open_letter(vault: Vault, signed: Letter, now: int) -> bytes:
    """The bytes of a signed letter, for the eye; the audit says who opened it.

    Raises RecordUnreadable when they are damaged.
    """
    access.require(vault, *access.CLINICAL)
    vault.look(Act("view_letter", now, case_id=signed.case_id, entity=signed.id))
    return read_pdf(vault, signed)


def open_record(vault: Vault, number: str, record_id: str, now: int) -> OpenRecord:
    """Open a record for the viewer; the audit says who opened it. Raises NotFound.

    While the first opinion is sealed, sections of a document that reveal it are emptied,
    such pages are to be covered, and a stack of images that reveals it is covered whole.
    """
    access.require(vault, *access.CLINICAL)
    with vault.read() as reading:
        case = access.find(reading, number)
        record = _record(reading, case, record_id)
        sealed = access.is_sealed(reading, case)
        sources = records.sources(vault, reading, record)
    vault.look(Act("view_record", now, case_id=case.id, entity=record.id))
    if not record.readable:
        return OpenRecord(record, None, reason=record.reason)
    sealed = sealed and record.reveals_first_opinion
    if sealed:
        record = replace(record, facts=tuple(f for f in record.facts if f.field not in _CLOSED))
    if sealed and (not record.sealed_sections or "*" in record.sealed_sections):
        return OpenRecord(record, None, covered=True, sealed=True)
    try:
        view = formats.view(record.format, sources)
    except RecordUnreadable as problem:
        return OpenRecord(record, None, reason=problem.message)
    if sealed and isinstance(view, Document) and any(block.sealed for block in view.blocks):
        return OpenRecord(record, _covered(view), sealed=True)
    if sealed and not isinstance(view, Pages):
        return OpenRecord(record, None, covered=True, sealed=True)
    return OpenRecord(record, view, sealed=sealed)


def find(vault: Vault, words: str, *, number: str = "", limit: int = 50) -> tuple[Hit, ...]:
    """Where the words stand in cases and records, newest first.

    Hits in records that reveal a first opinion still sealed are left out.
    """
    access.require(vault, *access.CLINICAL)
    with vault.read() as reading:
        case_id = access.find(reading, number).id if number else ""
    try:
        hits = vault.search.find(words, limit=limit * 2, case_id=case_id)
    except VaultDamaged:  # in a place that nothing read until now
        vault.rebuild_search()
        hits = vault.search.find(words, limit=limit * 2, case_id=case_id)
    with vault.read() as reading:
        hidden = {of: _hidden(reading, of) for of in {hit.case_id for hit in hits}}
    # what was reworded stands in the index twice; the newest is what the case says
    newest: dict[tuple[str, ...], Hit] = {}
    for hit in hits:
        covered = hidden[hit.case_id]
        if covered is not None and hit.entity_id not in covered:
            newest.setdefault((hit.entity_id, hit.kind, hit.place, hit.title), hit)
    return tuple(newest.values())[:limit]


def _hidden(reading: Reading, case_id: str) -> frozenset[str] | None:
    """The records (ids) that sealing covers in a case; None for one that is gone or erased."""
    case = cases.by_id(reading, case_id)
    if case is None or case.erased_at is not None:
        return None
    if not access.is_sealed(reading, case):
        return frozenset()
    held = records.of_case(reading, case.id)
    return frozenset(record.id for record in held if record.reveals_first_opinion)


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
