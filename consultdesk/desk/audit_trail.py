"""Who saw and did what, with one case or with all: read page by page, and exported."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from consultdesk.consultation.act_words import ActKind, act_words, acts_of, acts_saying
from consultdesk.consultation.audit import Act, AuditEvent, Outcome, Role
from consultdesk.consultation.source import Progress
from consultdesk.desk import access
from consultdesk.errors import Cancelled, NotAllowed
from consultdesk.records import audit_event
from consultdesk.records.audit_event import Named
from consultdesk.transports.whole import whole, write_all
from consultdesk.vault import audit_log, practice
from consultdesk.vault.audit_log import Asked
from consultdesk.vault.rows import Reading
from consultdesk.vault.vault import Vault

_REPORT_EVERY = 500
_NOBODY = ("", "")


@dataclass(frozen=True)
class Filter:
    """What a person asks of the trail. `start` ≤ t < `stop` in UTC ms; `actor` is a user name."""

    number: str = ""
    actor: str = ""
    kind: ActKind | None = None
    start: int | None = None
    stop: int | None = None
    refused_only: bool = False
    words: str = ""


@dataclass(frozen=True)
class Line:
    """One line as a person reads it. `case` is the number of the case, or of several."""

    seq: int
    at: int
    who: str
    role: str
    what: str
    case: str
    refused: bool
    reason: str


def may_see_all(vault: Vault) -> bool:
    """Whether this user may read what was done with every case and with the store itself."""
    return vault.role in (Role.PHYSICIAN, Role.ADMINISTRATOR) or vault.opened.administers


def open_trail(vault: Vault, number: str, now: int) -> None:
    """Record that somebody looks at the trail, of one case or of all. Raises NotAllowed."""
    with vault.read() as reading:
        case_id = _asked(vault, reading, Filter(number)).case_id
    vault.look(Act("view_audit", now, case_id=case_id))


def numbers(vault: Vault, wanted: Filter) -> list[int]:
    """The number of every line that is wanted, the newest first. Raises NotAllowed, NotFound."""
    with vault.read() as reading:
        return audit_log.numbers(reading, _asked(vault, reading, wanted))


def lines(vault: Vault, seqs: Sequence[int]) -> tuple[Line, ...]:
    """These lines, the newest first."""
    with vault.read() as reading:
        found = audit_log.lines(reading, seqs)
        names = _Names(reading)
        names.learn(found)
        return tuple(_line(event, names) for event in found)


def told(vault: Vault, wanted: Filter) -> Iterator[str]:
    """The lines in words, one a line, oldest first. Times in UTC."""
    seqs = numbers(vault, wanted)[::-1]
    for start in range(0, len(seqs), _REPORT_EVERY):
        for one in reversed(lines(vault, seqs[start : start + _REPORT_EVERY])):
            at = datetime.fromtimestamp(one.at / 1000, UTC).isoformat(" ", "seconds")
            said = f"{at}  {one.who} ({one.role})  {one.case or '-'}  {one.what}"
            said += " REFUSED" if one.refused else ""
            yield f"{said}: {one.reason}" if one.reason else said


def people(vault: Vault) -> tuple[tuple[str, str], ...]:
    """Everyone who ever acted: user name and full name."""
    with vault.read() as reading:
        return tuple(
            (name, practice.user(reading, name).full_name) for name in audit_log.actors(reading)
        )


def export(
    vault: Vault, wanted: Filter, now: int, progress: Progress | None = None
) -> Iterator[bytes]:
    """The lines as FHIR AuditEvents, one a line, oldest first: an audited act of its own.

    Read and given on a few at a time. Raises NotAllowed, NotFound, Cancelled.
    """
    watch = progress or Progress()
    with vault.read() as reading:
        asked = _asked(vault, reading, wanted)
    with vault.act(Act("export_audit", now, case_id=asked.case_id)):
        pass
    return _exported(vault, asked, watch)


def export_to(
    vault: Vault, wanted: Filter, target: Path, now: int, progress: Progress | None = None
) -> int:
    """Save the lines as `export` gives them; how many. Whole or not at all.

    A person has confirmed to replace a file of that name. Raises DeliveryFailed, Cancelled.
    """
    written = 0
    with whole(target, "audit trail", replace=True) as file:
        for line in export(vault, wanted, now, progress):
            write_all(file, line)
            written += 1
    return written


def _exported(vault: Vault, asked: Asked, watch: Progress) -> Iterator[bytes]:
    store = vault.members.store_id
    with vault.read() as reading:
        total = len(audit_log.numbers(reading, asked))
        names = _Names(reading)
        for done, event in enumerate(audit_log.each(reading, asked), 1):
            if done % _REPORT_EVERY == 1:
                watch.report(done, total, "Writing the audit trail")
                if watch.cancelled():
                    raise Cancelled("The export was stopped.")
            yield audit_event.line(event, names.of(store, event))


class _Names:
    """Numbers of cases and names of users, looked up once each."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._cases: dict[str, tuple[str, str]] = {}
        self._patients: dict[str, str] = {}
        self._users: dict[str, str] = {}

    def learn(self, events: Sequence[AuditEvent]) -> None:
        """Look up the cases of many lines at once."""
        fresh = {one.case_id for one in events if one.case_id} - self._cases.keys()
        self._cases |= dict.fromkeys(fresh, _NOBODY) | audit_log.numbered(self._reading, fresh)
        alone = {one.entity for one in events if one.entity and not one.case_id}
        alone -= self._patients.keys()
        found = audit_log.cases_of_patients(self._reading, alone)
        self._patients |= dict.fromkeys(alone, "") | found

    def case(self, event: AuditEvent) -> str:
        """The number of the case that a line is about, or of the patient's cases."""
        if event.case_id:
            known = event.case_id in self._cases
        else:
            known = not event.entity or event.entity in self._patients
        if not known:
            self.learn((event,))
        number, _patient = self._cases.get(event.case_id, _NOBODY)
        return number or self._patients.get(event.entity, "")

    def user(self, name: str) -> str:
        """A user's full name."""
        if name not in self._users:
            self._users[name] = practice.user(self._reading, name).full_name
        return self._users[name]

    def of(self, store: str, event: AuditEvent) -> Named:
        """How a line is named outside the store."""
        number = self.case(event)
        _number, patient_id = self._cases.get(event.case_id, _NOBODY)
        if not event.case_id and self._patients.get(event.entity):
            patient_id = event.entity
        return Named(store, number, patient_id, self.user(event.actor))


def _line(event: AuditEvent, names: _Names) -> Line:
    return Line(
        seq=event.seq,
        at=event.at,
        who=names.user(event.actor),
        role=event.role.replace("_", " "),
        what=act_words(event.act).words,
        case=names.case(event),
        refused=event.outcome is Outcome.REFUSED,
        reason=": ".join(part for part in (event.reason, _plain(event)) if part),
    )


def _plain(event: AuditEvent) -> str:
    if event.outcome is Outcome.REFUSED:
        return event.detail.replace("_", " ")
    return event.detail


def _asked(vault: Vault, reading: Reading, wanted: Filter) -> Asked:
    words = wanted.words.strip()
    asked = Asked(
        actor=wanted.actor,
        acts=acts_of(wanted.kind) if wanted.kind else None,
        start=wanted.start,
        stop=wanted.stop,
        refused_only=wanted.refused_only,
        words=words,
        acts_said=acts_saying(words) if words else (),
    )
    if wanted.number:
        access.require(vault, *access.CLINICAL, Role.ADMINISTRATOR)
        case = access.find_any(reading, wanted.number)
        return replace(asked, case_id=case.id, patient_id=case.patient_id)
    if not may_see_all(vault):
        raise NotAllowed(
            "Only physicians and administrators read the trail of the whole store.",
            cure="Open a case to read what was done with it.",
        )
    return asked
