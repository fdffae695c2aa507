"""Bringing records in: told apart by content, sealed, and read for what they say of the case."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from consultdesk.consultation.audit import Act
from consultdesk.consultation.case import (
    Case,
    CaseState,
)
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.record import (
    Conflict,
    Fact,
    RecordItem,
    RecordKind,
    StoredFile,
    find_conflicts,
)
from consultdesk.consultation.source import MemorySource, Progress, Source
from consultdesk.consultation.wording import sensitivities_in, sensitivities_of_name
from consultdesk.desk import access, clocks, new_case
from consultdesk.desk.acts import ENDED_STATES
from consultdesk.desk.gathering import FileSource, Problem, check_stopped, gather, shown_name
from consultdesk.desk.specialties import known_specialties, needed, suggest_specialty
from consultdesk.errors import FormIncomplete, RecordUnreadable
from consultdesk.records.formats import Description, Group, group
from consultdesk.records.reader import Reader
from consultdesk.vault import records, search
from consultdesk.vault.content import Syncing, chunks, seal
from consultdesk.vault.records import Kept
from consultdesk.vault.rows import Reading
from consultdesk.vault.vault import Vault

_NAMED_PROBLEMS = 3
_MOST_SEARCHED = 2_000_000
_HELD_IN_MEMORY = 64 << 20  # bytes of one import; what is more is read again to be sealed
_TOPICS = frozenset({"queue", "case", "records"})

__all__ = [
    "Duplicate",
    "FileSource",
    "Intake",
    "Problem",
    "bring_in",
    "bring_in_sources",
    "conflicts",
    "from_text",
]


@dataclass(frozen=True)
class _Received:
    """A source under a name that can be shown anywhere."""

    source: Source
    name: str

    @property
    def size(self) -> int:
        return self.source.size

    def open(self) -> BinaryIO:
        return self.source.open()

    def read_once(self) -> MemorySource:
        """The whole file in memory, so that it is read and hashed once.

        Raises OSError, RecordUnreadable when it is longer or shorter than it was.
        """
        with self.open() as stream:
            data = stream.read(self.size + 1)
        if len(data) != self.size:
            raise RecordUnreadable("This file is still being written; bring it in again.")
        return MemorySource(self.name, data)


@dataclass(frozen=True)
class Duplicate:
    """A file whose bytes the case already holds; `of` is the name they came under first."""

    name: str
    of: str


@dataclass(frozen=True)
class Intake:
    """What became of everything that was received, each file in exactly one place."""

    number: str
    records: tuple[RecordItem, ...]
    duplicates: tuple[Duplicate, ...]
    problems: tuple[Problem, ...]
    conflicts: tuple[Conflict, ...]


@dataclass(frozen=True)
class _Sorted:
    """Received files, once the doubles and the unusable are set aside."""

    fresh: tuple[tuple[Source, str], ...]
    duplicates: tuple[Duplicate, ...]
    problems: tuple[Problem, ...]


def bring_in(
    vault: Vault,
    paths: Sequence[Path],
    now: int,
    *,
    number: str = "",
    source: str = "",
    specialty: str = "",
    progress: Progress | None = None,
) -> Intake:
    """Bring files and folders in, as one new case or into the case of that number.

    All of it is kept, or on Cancelled nothing. `source` says where they came from, e.g.
    "disc from St. Anna". Raises NotFound, Cancelled, DiskFull, ReadOnly.
    """
    watch = progress or Progress()
    sources, unreachable = gather(paths, watch)
    if not (sources or number):
        raise _nothing(unreachable)
    taken = bring_in_sources(
        vault,
        sources,
        now,
        number=number,
        source=source,
        specialty=specialty,
        progress=watch,
    )
    return replace(taken, problems=(*unreachable, *taken.problems))


def bring_in_sources(
    vault: Vault,
    sources: Sequence[Source],
    now: int,
    *,
    number: str = "",
    source: str = "",
    specialty: str = "",
    progress: Progress | None = None,
    reader: Reader | None = None,
) -> Intake:
    """As `bring_in`, for files that lie elsewhere than on the disk, e.g. in a mail.

    `reader` is one that runs already and stays open, for many imports one behind the other.
    """
    access.require(vault, *access.CLINICAL)
    vault.write_again(now)
    watch = progress or Progress()
    if specialty and specialty not in known_specialties():
        raise FormIncomplete("This copy of ConsultDesk doesn't know that specialty.")
    received = [_Received(one, shown_name(one.name)) for one in sources]
    with vault.read() as reading:
        case = _receiving(reading, number) if number else None
        sorted_ = _sort(reading, case, received, watch)
    if case is None and not sorted_.fresh:
        raise _nothing(sorted_.problems)
    groups = _described(sorted_.fresh, watch, reader)
    case_id = case.id if case else new_id(now)
    kept: list[tuple[Group, Kept]] = []
    try:
        with Syncing(vault.content_folder) as syncing:
            for done, one in enumerate(groups, 1):
                watch.report(done, len(groups), "Sealing records")
                check_stopped(watch)
                content = seal(vault.content_folder, one.sources, watch)
                kept.append((one, Kept(new_id(now), content)))
                syncing.begin(content)
            _check_unchanged(kept, _digests(sorted_.fresh))
            act = _Import(case, case_id, tuple(kept), sorted_, now, source, specialty)
            return _keep(vault, act, syncing)
    except BaseException as failure:
        records.forget(vault, [held for _group, held in kept], failure)
        raise


def _receiving(reading: Reading, number: str) -> Case:
    """The case that records go into. Raises NotFound, FormIncomplete when it has ended."""
    case = access.find(reading, number)
    if case.state in (*ENDED_STATES, CaseState.CLOSED):
        state = case.state.replace("_", " ")
        raise FormIncomplete(
            f"Case {number} is {state} and takes no more records.",
            cure="Bring them in as a new case.",
        )
    return case


def _nothing(problems: Sequence[Problem]) -> FormIncomplete:
    named = [f"{one.name}: {one.reason.rstrip('.')}" for one in problems[:_NAMED_PROBLEMS]]
    more = len(problems) - len(named)
    if more > 0:
        named.append(f"and {more} more")
    return FormIncomplete(
        "Nothing was brought in, so no case was made:" if named else "There was nothing in there.",
        tuple(named),
    )


def conflicts(reading: Reading, case: Case) -> tuple[Conflict, ...]:
    """Where the case's records name different patients, and no person has decided yet.

    Once the patient is confirmed, a later record is held against the patient too.
    """
    return _conflicts(reading, case, records.of_case(reading, case.id))


def _conflicts(reading: Reading, case: Case, held: tuple[RecordItem, ...]) -> tuple[Conflict, ...]:
    found = find_conflicts(held)
    if not case.patient_confirmed:
        return found
    patient = access.patient_of(reading, case)
    as_record = RecordItem(
        id="",
        case_id=case.id,
        name="confirmed patient",
        kind=RecordKind.OTHER,
        format="",
        sha256="",
        pages=0,
        files=(),
        received_at=0,
        facts=(
            Fact("patient.name", patient.name, "confirmed"),
            Fact("patient.birth_date", patient.birth_date, "confirmed"),
        ),
    )
    return find_conflicts((as_record, *held))


# --- what was received --------------------------------------------------------------------


def _sort(
    reading: Reading, case: Case | None, sources: Sequence[_Received], watch: Progress
) -> _Sorted:
    held = {r.id: r.name for r in records.of_case(reading, case.id)} if case else {}
    seen: dict[str, str] = {}
    fresh: list[tuple[Source, str]] = []
    duplicates: list[Duplicate] = []
    problems: list[Problem] = []
    room = _HELD_IN_MEMORY
    for done, one in enumerate(sources, 1):
        watch.report(done, len(sources), "Comparing files")
        check_stopped(watch)
        source: Source = one
        try:
            if one.size <= room:
                source = one.read_once()
                room -= source.size
            digest = _digest(source)
        except OSError:
            problems.append(Problem(one.name, "This file can't be read from where it lies."))
            continue
        except RecordUnreadable as unfinished:
            problems.append(Problem(one.name, unfinished.message))
            continue
        before = held.get(records.same_bytes(reading, case.id, digest), "") if case else ""
        before = before or seen.get(digest, "")
        if before:
            duplicates.append(Duplicate(source.name, before))
        else:
            seen[digest] = source.name
            fresh.append((source, digest))
    return _Sorted(tuple(fresh), tuple(duplicates), tuple(problems))


def _digest(source: Source) -> str:
    if isinstance(source, MemorySource):
        return source.sha256
    digest = hashlib.sha256()
    with source.open() as stream:
        for piece in chunks(stream):
            digest.update(piece)
    return digest.hexdigest()


def _described(
    fresh: Sequence[tuple[Source, str]], watch: Progress, open_reader: Reader | None
) -> tuple[Group, ...]:
    described: list[tuple[Source, Description]] = []
    with nullcontext(open_reader) if open_reader else Reader(watch) as reader:
        for done, pair in enumerate(reader.describe_all(s for s, _digest_ in fresh), 1):
            watch.report(done, len(fresh), "Reading records")
            described.append(pair)
    return group(described)


def _digests(fresh: Sequence[tuple[Source, str]]) -> dict[int, str]:
    """Each source's digest by the source itself, since names may repeat."""
    return {id(source): digest for source, digest in fresh}


def _check_unchanged(kept: list[tuple[Group, Kept]], digests: dict[int, str]) -> None:
    """A file that changed between two looks must not be kept as what it was described as."""
    for one, held in kept:
        for source, member in zip(one.sources, held.content.members, strict=True):
            if digests[id(source)] != member.sha256:
                raise RecordUnreadable(
                    f"The file {source.name} was changed while it was brought in.",
                    kept="Nothing of this import was kept.",
                    cure="Bring the files in again.",
                )


# --- what is kept -------------------------------------------------------------------------


@dataclass(frozen=True)
class _Import:
    """What is to be kept, as one act: into a case that is there, or as a new one."""

    case: Case | None
    case_id: str
    kept: tuple[tuple[Group, Kept], ...]
    sorted: _Sorted
    now: int
    source: str
    specialty: str


def _keep(vault: Vault, what: _Import, syncing: Syncing) -> Intake:
    case_id, now, kept = what.case_id, what.now, what.kept
    items = [_record(case_id, one, held, now, what.source) for one, held in kept]
    before: tuple[RecordItem, ...] = ()
    with vault.act(Act("bring_in_records", now, case_id=case_id, topics=_TOPICS)) as writing:
        if what.case is None:
            texts = [text for one, _ in kept for text in one.description.texts]
            chosen = what.specialty or suggest_specialty([i.kind for i in items], texts)
            case = new_case.open_new(writing, case_id, items, now, known_specialties()[chosen])
        else:
            case = _receiving(writing, what.case.number)
            before = records.of_case(writing, case.id)
        writing.detail = f"{len(items)} records"
        added = tuple(replace(one, required=needed(case.specialty, one.kind)) for one in items)
        records.add_contents(writing, case.id, (held for _group, held in kept))
        records.add(writing, case.id, added)
        pairs = zip(added, kept, strict=True)
        found_by = (e for item, (one, _held) in pairs for e in _entries(item, one.description))
        search.add_all(writing, case.id, found_by)
        clocks.refresh_known(writing, case, (*before, *added), now)
        found = _conflicts(writing, case, (*before, *added))
        syncing.finish()  # a row must not speak of a file that a power cut can take away
    return Intake(case.number, added, what.sorted.duplicates, what.sorted.problems, found)


def _record(case_id: str, one: Group, held: Kept, now: int, source: str) -> RecordItem:
    said = one.description
    files = tuple(
        StoredFile(m.name, m.sha256, m.size, held.id, m.offset) for m in held.content.members
    )
    single = len(files) == 1
    together = hashlib.sha256("".join(file.sha256 for file in files).encode()).hexdigest()
    name = files[0].name if single else said.title or files[0].name
    spoken = sensitivities_of_name(f"{name} {source}").union(*map(sensitivities_in, said.texts))
    return RecordItem(
        id=new_id(now),
        case_id=case_id,
        name=name,
        kind=said.kind,
        format=said.format,
        sha256=files[0].sha256 if single else together,
        pages=said.pages,
        files=files,
        received_at=now,
        event_date=said.event_date,
        source=source,
        readable=said.readable,
        reason=said.reason,
        sensitivities=said.sensitivities | spoken,
        reveals_first_opinion=said.reveals_first_opinion,
        sealed_sections=said.sealed_sections,
        facts=said.facts,
    )


def _entries(item: RecordItem, said: Description) -> Iterator[search.Entry]:
    """What a record can be found by: its pages, and its title."""
    room = _MOST_SEARCHED
    for page, text in enumerate(said.texts, 1):
        if text.strip() and room > 0:
            place = f"page {page}" if item.format == "pdf" else ""
            body = text[:room]
            yield search.Entry(item.id, "record", place, item.name, body)
            room -= len(body)
    yield search.Entry(item.id, "record", "", item.name, said.title)


def from_text(name: str, text: str) -> MemorySource:
    """A note a person typed or pasted, as a file that can be brought in."""
    return MemorySource(name, text.encode())
