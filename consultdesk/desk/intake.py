"""Bringing records in: told apart by content, sealed, and read for what they say of the case."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from consultdesk.consultation.audit import Act
from consultdesk.consultation.case import (
    Case,
    CaseState,
    Priority,
    Question,
    Referral,
    Requirement,
)
from consultdesk.consultation.form import Specialty
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.patient import Identifier, Patient, TreatingPhysician
from consultdesk.consultation.record import (
    Conflict,
    Fact,
    RecordItem,
    RecordKind,
    Required,
    StoredFile,
    comparable_name,
    find_conflicts,
)
from consultdesk.consultation.source import MemorySource, Progress, Source
from consultdesk.consultation.wording import sensitivities_in
from consultdesk.desk import access, clocks
from consultdesk.desk.specialties import known_specialties, suggest_specialty
from consultdesk.errors import Cancelled, RecordUnreadable
from consultdesk.records.formats import Description, Group, group
from consultdesk.records.reader import Reader
from consultdesk.vault import cases, people, records, search
from consultdesk.vault.content import chunks
from consultdesk.vault.content import store as store_content
from consultdesk.vault.records import Kept
from consultdesk.vault.rows import Reading, Writing
from consultdesk.vault.vault import Vault

_LEFT_BY_COMPUTERS = {".ds_store", "thumbs.db", "desktop.ini"}
_LARGEST_FILE = 8 << 30
_MOST_FILES = 50_000
_MOST_SEARCHED = 2_000_000
_TOPICS = frozenset({"queue", "case", "records"})


@dataclass(frozen=True)
class FileSource:
    """A file on the person's disk, while it is brought in."""

    path: Path
    size: int

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.path.name

    def open(self) -> BinaryIO:
        """A new stream over the file. Raises OSError."""
        return self.path.open("rb")


@dataclass(frozen=True)
class Duplicate:
    """A file whose bytes the case already holds; `of` is the name they came under first."""

    name: str
    of: str


@dataclass(frozen=True)
class Problem:
    """A file that wasn't kept, and why in one sentence."""

    name: str
    reason: str


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
    "disc from St. Anna". Raises NotFound, Cancelled, VaultDamaged (disk full).
    """
    access.require(vault, *access.CLINICAL)
    found, unreachable = _gather(paths)
    sources = tuple(FileSource(path, path.stat().st_size) for path in found)
    taken = bring_in_sources(
        vault,
        sources,
        now,
        number=number,
        source=source,
        specialty=specialty,
        progress=progress,
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
) -> Intake:
    """As `bring_in`, for files that lie elsewhere than on the disk, e.g. in a mail."""
    watch = progress or Progress()
    with vault.read() as reading:
        case = access.find(reading, number) if number else None
        sorted_ = _sort(reading, case, sources, watch)
    groups = _described(sorted_.fresh, watch)
    case_id = case.id if case else new_id(now)
    kept: list[tuple[Group, Kept]] = []
    try:
        for done, one in enumerate(groups, 1):
            watch.report(done, len(groups), "Sealing records")
            _check(watch)
            content = store_content(vault.content_folder, one.sources, watch)
            kept.append((one, Kept(new_id(now), content)))
        _check_unchanged(kept, dict_of(sorted_.fresh))
        return _keep(vault, case, case_id, kept, sorted_, now, source, specialty)
    except BaseException:
        for _group, held in kept:
            (vault.content_folder / held.content.name).unlink(missing_ok=True)
        raise


def conflicts(reading: Reading, case: Case) -> tuple[Conflict, ...]:
    """Where the case's records name different patients, and no person has decided yet.

    Once the patient is confirmed, a later record is held against the patient too.
    """
    held = records.of_case(reading, case.id)
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


def _gather(paths: Sequence[Path]) -> tuple[list[Path], tuple[Problem, ...]]:
    found: list[Path] = []
    problems: list[Problem] = []
    for path in paths:
        if not path.exists():
            problems.append(Problem(path.name, "There is no such file or folder."))
        elif path.is_dir():
            _walk(path, found, problems)
        else:
            found.append(path)
    if len(found) > _MOST_FILES:
        over = found[_MOST_FILES:]
        problems += [
            Problem(path.name, "Too many files at once; bring it in anew.") for path in over
        ]
        del found[_MOST_FILES:]
    readable = [path for path in found if _usable(path, problems)]
    return readable, tuple(problems)


def _walk(folder: Path, found: list[Path], problems: list[Problem]) -> None:
    def failed(error: OSError) -> None:
        name = Path(error.filename or folder).name
        problems.append(Problem(name, "This folder can't be read."))

    for root, folders, names in os.walk(folder, onerror=failed):
        folders.sort()
        found += [Path(root) / name for name in sorted(names)]


def _usable(path: Path, problems: list[Problem]) -> bool:
    if path.name.lower() in _LEFT_BY_COMPUTERS:
        problems.append(Problem(path.name, "Left by a computer's file browser; not a record."))
        return False
    try:
        regular, size = path.is_file(), path.stat().st_size
        if regular and size:
            path.open("rb").close()
    except OSError:
        problems.append(Problem(path.name, "This file can't be read from where it lies."))
        return False
    if not regular:
        problems.append(Problem(path.name, "This isn't a file."))
    elif not size:
        problems.append(Problem(path.name, "This file is empty."))
    elif size > _LARGEST_FILE:
        problems.append(Problem(path.name, "This file is larger than 8 GB."))
    else:
        return True
    return False


def _sort(
    reading: Reading, case: Case | None, sources: Sequence[Source], watch: Progress
) -> _Sorted:
    held = {r.id: r.name for r in records.of_case(reading, case.id)} if case else {}
    seen: dict[str, str] = {}
    fresh: list[tuple[Source, str]] = []
    duplicates: list[Duplicate] = []
    problems: list[Problem] = []
    for done, source in enumerate(sources, 1):
        watch.report(done, len(sources), "Comparing files")
        _check(watch)
        try:
            digest = _digest(source)
        except OSError:
            problems.append(Problem(source.name, "This file can't be read from where it lies."))
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
    digest = hashlib.sha256()
    with source.open() as stream:
        for piece in chunks(stream):
            digest.update(piece)
    return digest.hexdigest()


def _described(fresh: Sequence[tuple[Source, str]], watch: Progress) -> tuple[Group, ...]:
    described: list[tuple[Source, Description]] = []
    with Reader(watch) as reader:
        for done, pair in enumerate(reader.describe_all(s for s, _digest_ in fresh), 1):
            watch.report(done, len(fresh), "Reading records")
            described.append(pair)
    return group(described)


def dict_of(fresh: Sequence[tuple[Source, str]]) -> dict[int, str]:
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


def _check(watch: Progress) -> None:
    if watch.cancelled():
        raise Cancelled("Stopped.", kept="Nothing of this import was kept.")


# --- what is kept -------------------------------------------------------------------------


def _keep(
    vault: Vault,
    case: Case | None,
    case_id: str,
    kept: list[tuple[Group, Kept]],
    sorted_: _Sorted,
    now: int,
    source: str,
    specialty: str,
) -> Intake:
    items = [_record(case_id, one, held, now, source) for one, held in kept]
    with vault.act(Act("bring_in_records", now, case_id=case_id, topics=_TOPICS)) as writing:
        if case is None:
            texts = [text for one, _ in kept for text in one.description.texts]
            chosen = specialty or suggest_specialty([i.kind for i in items], texts)
            case = _new_case(writing, case_id, items, now, known_specialties()[chosen])
        needed = known_specialties()[case.specialty].records
        writing.detail = f"{len(items)} records"
        for item, (one, held) in zip(items, kept, strict=True):
            records.add_content(writing, case.id, held)
            records.add(writing, replace(item, required=_required(needed, item.kind)))
            _make_findable(writing, case, item, one.description)
        clocks.refresh(writing, case.id, now)
        found = conflicts(writing, case)
        stored = records.of_case(writing, case.id)
    fresh = {item.id for item in items}
    return Intake(
        case.number,
        tuple(record for record in stored if record.id in fresh),
        sorted_.duplicates,
        sorted_.problems,
        found,
    )


def _record(case_id: str, one: Group, held: Kept, now: int, source: str) -> RecordItem:
    said = one.description
    files = tuple(
        StoredFile(m.name, m.sha256, m.size, held.id, m.offset) for m in held.content.members
    )
    single = len(files) == 1
    together = hashlib.sha256("".join(file.sha256 for file in files).encode()).hexdigest()
    spoken = frozenset(s for text in said.texts for s in sensitivities_in(text))
    return RecordItem(
        id=new_id(now),
        case_id=case_id,
        name=files[0].name if single else said.title or files[0].name,
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


def _required(needed: Sequence[Requirement], kind: RecordKind) -> Required:
    of_kind = [one.required for one in needed if one.kind is kind]
    return of_kind[0] if of_kind else Required.NOT_APPLICABLE


def _make_findable(writing: Writing, case: Case, item: RecordItem, said: Description) -> None:
    room = _MOST_SEARCHED
    for page, text in enumerate(said.texts, 1):
        if text.strip() and room > 0:
            place = f"page {page}" if item.format == "pdf" else ""
            body = text[:room]
            search.add(writing, case.id, item.id, "record", place, item.name, body)
            room -= len(body)
    search.add(writing, case.id, item.id, "record", "", item.name, said.title)


# --- a new case ---------------------------------------------------------------------------


def _new_case(
    writing: Writing,
    case_id: str,
    items: Sequence[RecordItem],
    now: int,
    specialty: Specialty,
) -> Case:
    patient = _patient(writing, items, now)
    physician = _physician(writing, items, now)
    year = datetime.fromtimestamp(now / 1000, UTC).year
    case = Case(
        id=case_id,
        number=cases.next_number(writing, year),
        patient_id=patient.id,
        specialty=specialty.code,
        state=CaseState.RECEIVED,
        priority=Priority.ROUTINE,
        received_at=now,
        treating_physician_id=physician.id if physician else "",
        referral=_referral(items),
        sealing=specialty.sealing,
    )
    cases.add(writing, case)
    search.add(writing, case.id, case.id, "case", "", case.number, f"{case.number} {patient.name}")
    return case


def _patient(writing: Writing, items: Sequence[RecordItem], now: int) -> Patient:
    name = _most_said(items, "patient.name") or "Name not in the records"
    birth_date = _most_said(items, "patient.birth_date")
    known = () if find_conflicts(items) else people.same_patient(writing, name, birth_date)
    if known:
        return known[0]
    patient = Patient(
        id=new_id(now),
        name=_readable_name(name),
        birth_date=birth_date,
        sex=_most_said(items, "patient.sex"),
        identifiers=tuple(_identifiers(items, name)),
        phone=_most_said(items, "patient.phone"),
        language=_most_said(items, "patient.language"),
    )
    people.add_patient(writing, patient, now)
    return patient


def _identifiers(items: Sequence[RecordItem], name: str) -> Iterator[Identifier]:
    """Numbers from records that name this patient, and from no other."""
    seen = set()
    for item in items:
        if _said_by(item, "patient.name", name):
            for fact in item.facts:
                system, _, value = fact.value.rpartition("|")
                if fact.field == "patient.identifier" and value not in seen:
                    seen.add(value)
                    yield Identifier(system, value)


def _said_by(item: RecordItem, field: str, value: str) -> bool:
    wanted = comparable_name(value)
    return any(f.field == field and comparable_name(f.value) == wanted for f in item.facts)


def _most_said(items: Sequence[RecordItem], field: str) -> str:
    """What most images and pages say; of equals the first."""
    said: Counter[str] = Counter()
    for item in items:
        for value in dict.fromkeys(f.value for f in item.facts if f.field == field):
            said[value] += max(1, item.pages)
    return said.most_common(1)[0][0] if said else ""


def _readable_name(name: str) -> str:
    return " ".join(name.replace("^", " ").replace("_", " ").split())


def _physician(writing: Writing, items: Sequence[RecordItem], now: int) -> TreatingPhysician | None:
    name = _most_said(items, "physician.name")
    if not name:
        return None
    practice = _most_said(items, "physician.practice")
    wanted = comparable_name(name)
    for known in people.physicians(writing, name.split()[-1]):
        if comparable_name(known.name) == wanted and known.practice == practice:
            return known
    physician = TreatingPhysician(
        id=new_id(now),
        name=_readable_name(name),
        practice=practice,
        specialty=_most_said(items, "physician.specialty"),
        phone=_most_said(items, "physician.phone"),
    )
    people.add_physician(writing, physician)
    return physician


def _referral(items: Sequence[RecordItem]) -> Referral:
    asked = dict.fromkeys(
        (fact.value, f"{item.name}, {fact.where}")
        for item in items
        for fact in item.facts
        if fact.field == "question"
    )
    questions = tuple(
        Question(n, text, source=where, confirmed=False) for n, (text, where) in enumerate(asked, 1)
    )
    return Referral(
        questions=questions,
        first_diagnosis=_most_said(items, "first_diagnosis"),
        first_plan=_most_said(items, "first_plan"),
    )


def from_text(name: str, text: str) -> MemorySource:
    """A note a person typed or pasted, as a file that can be brought in."""
    return MemorySource(name, text.encode())
