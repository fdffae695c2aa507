"""A patient's own copy of everything about them: one encrypted archive, an audited release.

In it: the records as they came, the sealed first opinion too (it is theirs); signed letters;
locked own reads, the comparison and the opinion; questions, red flags, consents and what was
withdrawn; what left to whom; who saw and did what with their cases. Not in it: records of
somebody else, drafts (nobody has stood by them yet), the reasons that staff wrote into the audit
(they may speak of others), and internal peer review.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from consultdesk.consultation.audit import Act, Role
from consultdesk.consultation.case import Case
from consultdesk.consultation.consent import Restriction
from consultdesk.consultation.letter import Letter
from consultdesk.consultation.record import RecordItem
from consultdesk.consultation.source import Progress
from consultdesk.desk import access, audit_trail
from consultdesk.desk.audit_trail import Filter
from consultdesk.errors import (
    Cancelled,
    FormIncomplete,
    NotFound,
    RecordUnreadable,
    VaultDamaged,
)
from consultdesk.letters import everything
from consultdesk.transports.archive import SealedZip, new_password
from consultdesk.transports.whole import whole
from consultdesk.vault import (
    assessments,
    cases,
    consents,
    keeping,
    letters,
    outbox,
    people,
    practice,
    records,
)
from consultdesk.vault.content import SealedSource
from consultdesk.vault.rows import Reading
from consultdesk.vault.vault import Vault

_PIECE = 1 << 20
_AT_ONCE = 500
_TIME = re.compile(r"(^|_)at$|^valid_from$")
_EXTENSION = re.compile(r"\.[a-z0-9]{1,8}")
_NOT_IN_IT = (
    "drafts that nobody has locked or signed",
    "internal peer review, and what staff wrote as a reason into the audit trail",
)

Json = dict[str, Any]


@dataclass(frozen=True)
class Exported:
    """What was handed over: how many files, how many bytes, and the password, told once."""

    target: Path
    password: str
    files: int
    size: int
    damaged: tuple[str, ...]


@dataclass(frozen=True)
class _File:
    """One file on its way into the archive, under a name that says nothing."""

    path: str
    name: str
    source: SealedSource
    sha256: str


@dataclass(frozen=True)
class _Gathered:
    said: Json
    files: tuple[_File, ...]


def export(
    vault: Vault,
    number: str,
    asked_by: str,
    passphrase: str,
    target: Path,
    now: int,
    progress: Progress | None = None,
    *,
    replace: bool = False,
) -> Exported:
    """Save everything about the patient of a case behind a password that the desk makes.

    `asked_by` says who asked and how they were known; it stands in the audit. Nothing is on
    disk in plain, and the file has its name only when it is whole and the audit knows of it.
    Raises FormIncomplete, VaultLocked, DeliveryFailed, Cancelled, CaseErased.
    """
    access.require(vault, Role.PHYSICIAN)
    if not asked_by.strip():
        raise FormIncomplete("Say who asked for the copy, and how you know them.")
    vault.reauthenticate(passphrase)
    watch = progress or Progress()
    with vault.read() as reading:
        case = access.find(reading, number)
        gathered = _gather(vault, reading, case.patient_id, now)
    target = target if target.suffix.lower() == ".zip" else target.with_name(f"{target.name}.zip")
    password = new_password()
    act = Act("export_patient", now, entity=case.patient_id, reason=asked_by.strip())
    with whole(target, "copy", replace=replace) as file:
        archive = SealedZip(file, password)
        damaged = _write_files(archive, gathered, watch)
        _write_index(archive, gathered.said, damaged)
        archive.finish()
        size = file.tell()
        with vault.act(act) as writing:
            writing.detail = f"{len(gathered.files) - len(damaged)} files, patient's request"
    named = tuple(one.name for one in gathered.files if one.path in damaged)
    return Exported(target, password, len(gathered.files) - len(damaged), size, named)


def suggested_name(now: int) -> str:
    """A name for the file that says nothing of the patient."""
    return f"copy-of-records-{datetime.fromtimestamp(now / 1000, UTC):%Y-%m-%d}.zip"


# --- into the archive ---------------------------------------------------------------------


def _write_files(archive: SealedZip, gathered: _Gathered, watch: Progress) -> frozenset[str]:
    """Every file, its bytes checked on the way; the paths of those that are damaged here."""
    total, done, damaged = sum(one.source.size for one in gathered.files), 0, set()
    for one in gathered.files:
        try:
            archive.add(one.path, _pieces(one, watch, done, total))
        except (RecordUnreadable, VaultDamaged, _Altered):
            damaged.add(one.path)
        done += one.source.size
    return frozenset(damaged)


class _Altered(Exception):
    """The bytes aren't the ones received."""


def _pieces(one: _File, watch: Progress, done: int, total: int) -> Iterator[bytes]:
    digest = hashlib.sha256()
    with one.source.open() as stream:
        while piece := stream.read(_PIECE):
            if watch.cancelled():
                raise Cancelled("The copy was stopped. Nothing of it was left there.")
            digest.update(piece)
            done += len(piece)
            watch.report(done >> 20, total >> 20, "Writing the copy (MB)")
            yield piece
    if digest.hexdigest() != one.sha256:
        raise _Altered


def _write_index(archive: SealedZip, said: Json, damaged: frozenset[str]) -> None:
    for case in said["cases"]:
        for file in (*case["letters"], *(f for r in case["records"] for f in r["files"])):
            if file["path"] in damaged:
                file["path"] = ""
    archive.add("everything.json", (orjson.dumps(said, option=orjson.OPT_INDENT_2),))
    archive.add("index.html", (everything.page(said).encode(),))


# --- what there is ------------------------------------------------------------------------


def _gather(vault: Vault, reading: Reading, patient_id: str, now: int) -> _Gathered:
    patient = people.patient(reading, patient_id)
    if patient is None:
        raise NotFound("The patient isn't in this store.")
    files: list[_File] = []
    of_cases, others = [], 0
    for case_id in cases.of_patient(reading, patient_id):
        case = access.by_id(reading, case_id)
        held = records.of_case(reading, case_id)
        theirs = tuple(one for one in held if one.right_patient is not False)
        others += len(held) - len(theirs)
        of_cases.append(_case(vault, reading, case, theirs, files))
    left_out = list(_NOT_IN_IT)
    if others:
        left_out.append(f"{others} records that were received with yours and are somebody else's")
    said = {
        "made_at": now,
        "practice": practice.letterhead(reading).name,
        "patient": patient,
        "cases": of_cases,
        "holds": [
            {"at": one.at, "lifted_at": one.lifted_at} for one in keeping.holds(reading, patient_id)
        ],
        "wishes": [_wish(reading, one) for one in consents.restrictions(reading, patient_id)],
        "left_out": left_out,
    }
    return _Gathered(_readable(said), tuple(files))


def _case(
    vault: Vault,
    reading: Reading,
    case: Case,
    held: tuple[RecordItem, ...],
    files: list[_File],
) -> Json:
    trail = Filter(case.number)
    return {
        "case": case,
        "moves": [
            {"at": at, "from": before, "to": to, "by": by}
            for at, before, to, by in cases.moves(reading, case.id)
        ],
        "records": [_record(vault, reading, one, files) for one in held],
        "own_reads": assessments.own_reads(reading, case.id),
        "comparison": assessments.comparison(reading, case.id),
        "opinion": assessments.opinion(reading, case.id),
        "letters": [
            _letter(vault, reading, one, files) for one in letters.of_case(reading, case.id)
        ],
        "dispatches": [
            {**asdict(one), "to": _recipient(reading, one.recipient_id)}
            for one in outbox.of_case(reading, case.id)
        ],
        "consents": [
            {**asdict(one), "to": sorted(_recipient(reading, who) for who in one.recipients)}
            for one in consents.of_case(reading, case.id)
        ],
        "trail": list(_trail(vault, trail)),
    }


def _trail(vault: Vault, wanted: Filter) -> Iterator[Json]:
    seqs = audit_trail.numbers(vault, wanted)[::-1]
    for start in range(0, len(seqs), _AT_ONCE):
        for one in reversed(audit_trail.lines(vault, seqs[start : start + _AT_ONCE])):
            yield {
                "at": one.at, "who": one.who, "role": one.role, "what": one.what,
                "refused": one.refused,
            }  # fmt: skip


def _record(vault: Vault, reading: Reading, record: RecordItem, files: list[_File]) -> Json:
    said = asdict(record) | {"files": []}
    for file, source in zip(record.files, records.sources(vault, reading, record), strict=True):
        path = f"records/{len(files) + 1:05d}{_extension(file.name, record.format)}"
        files.append(_File(path, file.name, source, file.sha256))
        said["files"].append(
            {"name": file.name, "path": path, "sha256": file.sha256, "size": file.size}
        )
    return said


def _letter(vault: Vault, reading: Reading, letter: Letter, files: list[_File]) -> Json:
    path = f"letters/{len(files) + 1:05d}.pdf"
    source = records.content_source(vault, reading, letter.content_id, "letter.pdf")
    files.append(_File(path, f"letter {letter.version}", source, letter.sha256))
    return asdict(letter) | {"path": path, "to": _recipient(reading, letter.recipient_id)}


def _recipient(reading: Reading, recipient_id: str) -> str:
    found = people.recipient(reading, recipient_id)
    return found.name if found else ""


def _wish(reading: Reading, one: Restriction) -> Json:
    whom = _recipient(reading, one.recipient_id) if one.recipient_id else one.recipient_kind
    return {"at": one.at, "to": whom.replace("_", " "), "reason": one.reason}


def _extension(name: str, format_name: str) -> str:
    """The ending of a file's name where it is an ordinary one; never anything else of it."""
    found = Path(name).suffix.lower()
    if _EXTENSION.fullmatch(found):
        return found
    return ".dcm" if format_name.startswith("dicom") else ""


def _readable(said: Json) -> Json:
    """The same as plain JSON: sets in order, codes as text, times as ISO in UTC."""
    plain = orjson.loads(orjson.dumps(said, default=_plain, option=orjson.OPT_NON_STR_KEYS))
    found: Json = _with_times(plain)
    return found


def _plain(value: object) -> object:
    if isinstance(value, frozenset | set):
        return sorted(str(item) for item in value)
    raise TypeError(type(value).__name__)


def _with_times(value: Any, name: str = "") -> Any:  # noqa: ANN401 - JSON is anything
    if isinstance(value, dict):
        return {key: _with_times(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_times(inner) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and _TIME.search(name):
        return datetime.fromtimestamp(value / 1000, UTC).isoformat(timespec="milliseconds")
    return value
