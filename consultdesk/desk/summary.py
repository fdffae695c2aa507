"""What the command line says as JSON; scripts depend on these shapes."""

from collections.abc import Iterator
from datetime import UTC, datetime

from consultdesk.consultation.case import Case, QueueRow
from consultdesk.consultation.consent import Consent
from consultdesk.consultation.letter import Letter
from consultdesk.consultation.record import Conflict, RecordItem
from consultdesk.consultation.turnaround import CaseClock, calendar_total
from consultdesk.desk import clocks
from consultdesk.desk.access import find_any
from consultdesk.desk.backup import BackedUp
from consultdesk.desk.cases import CaseFile, case_file
from consultdesk.desk.intake import Intake
from consultdesk.desk.store import Verification
from consultdesk.desk.users import StoreUser
from consultdesk.vault.outbox import Dispatch
from consultdesk.vault.restore import Restored
from consultdesk.vault.vault import Vault

Json = dict[str, object]


def intake(taken: Intake) -> Json:
    """`consultdesk import --json`: every file received stands in exactly one place."""
    return {
        "case": taken.number,
        "records": [record(item) for item in taken.records],
        "duplicates": [{"name": one.name, "of": one.of} for one in taken.duplicates],
        "problems": [{"name": one.name, "reason": one.reason} for one in taken.problems],
        "conflicts": [_conflict(one) for one in taken.conflicts],
    }


def queue_line(row: QueueRow) -> Json:
    """One case of `consultdesk cases --json`."""
    return {
        "number": row.number,
        "state": row.state.value,
        "priority": row.priority.value,
        "specialty": row.specialty,
        "patient": row.patient or None,
        "erased": _time(row.erased_at),
        "received": _time(row.received_at),
        "due": _time(row.due_at),
        "waiting_for": row.waiting_for or None,
    }


def user_line(one: StoreUser) -> Json:
    """One user of `consultdesk users --json`."""
    return {
        "name": one.name,
        "full_name": one.full_name,
        "role": one.role.value,
        "administers": one.administers,
        "standing": one.standing.value,
        "recovery_sheet": one.has_recovery,
        "computers": one.devices,
    }


def case(vault: Vault, number: str, now: int) -> Json:
    """`consultdesk show --json`. Raises NotFound."""
    with vault.read() as reading:
        file = case_file(reading, find_any(reading, number))
        clock = clocks.clock_of(reading, file.case.id)
        due = clocks.due_at(reading, file.case.id, now) if file.case.waiting_for else None
    return {
        "number": number,
        "state": file.case.state.value,
        "priority": file.case.priority.value,
        "specialty": file.case.specialty,
        "erased": _time(file.case.erased_at),
        "patient": _patient(file),
        "treating_physician": _physician(file),
        "questions": _questions(file.case),
        "records": [record(item) for item in file.records],
        "conflicts": [_conflict(one) for one in file.conflicts],
        "consents": [_consent(one) for one in file.consents],
        "letters": [_letter(one) for one in file.letters],
        "dispatches": [_dispatch(one) for one in file.dispatches],
        "clocks": _clocks(clock, due or file.case.due_at, now),
    }


def verification(found: Verification) -> Json:
    """`consultdesk verify --json`."""
    broken, damaged = found.broken, found.damaged
    return {
        "ok": found.ok,
        "database": {"ok": found.database},
        "content": {
            "files": found.files,
            "damaged": None if damaged is None else list(damaged),
            "orphans": list(found.orphans),
        },
        "audit": {
            "events": found.events,
            "ok": None if broken is None else not broken,
            "broken": None if broken is None else list(broken),
        },
        "anchors": {"ok": found.anchors},
        "keys": {"ok": found.keys},
        "schema": {"ok": found.schema},
        "trouble": found.trouble or None,
        "search": {"ok": found.search},
    }


def verified(found: Verification) -> Iterator[str]:
    """The same for the eye: what isn't as it was written, one line each."""
    if found.ok:
        yield "Everything is as it was written."
    if found.trouble:
        yield found.trouble
    for damage in found.damaged or ():
        yield f"case {damage['case'] or '?'}: a sealed file is damaged: {damage['reason']}"
    if found.broken:
        yield f"the audit trail was changed at line {found.broken[0]}"
    if found.database is False:
        yield "the database has damaged pages"
    if found.schema is False:
        yield "the database's tables or triggers aren't the ones this program makes"
    if found.keys is False:
        yield "the key of a case or patient was destroyed or exchanged, and nobody erased them"
    if found.anchors is False:
        yield "the mark of what was last acknowledged is missing beside the database, or newer"
    if found.search is False:
        yield "the search index is damaged; the next search makes it anew"


def backup(done: BackedUp) -> Json:
    """`consultdesk backup --json`."""
    taken = done.taken
    return {
        "ok": taken.found.ok,
        "backup": taken.manifest.name,
        "folder": str(taken.folder),
        "made": _time(taken.manifest.at),
        "files": taken.found.files,
        "bytes": taken.found.size,
        "new": {"files": taken.new_files, "bytes": taken.new_bytes},
        "verified": taken.found.as_written,
        "missing": list(taken.found.missing),
        "damaged": [{"file": one.file, "reason": one.reason} for one in taken.found.unopened],
        "pruned": list(done.pruned),
        "trouble": done.trouble or None,
    }


def backed_up(done: BackedUp) -> Iterator[str]:
    """The same in lines."""
    taken = done.taken
    yield f"Backup {taken.manifest.name} in {taken.folder}."
    yield f"  written: the database and {taken.new_files} new of {taken.found.files} sealed files"
    yield "  read back: everything is as it was written"
    for name in taken.found.missing:
        yield f"  the store itself lacks {name}"
    for one in taken.found.unopened:
        yield f"  {one.file}: {one.reason}"
    if done.pruned:
        yield f"  let go by the rule: {len(done.pruned)} older"
    if done.trouble:
        yield f"  older backups weren't let go: {done.trouble}"


def restore(done: Restored) -> Json:
    """`consultdesk restore --json`."""
    return {
        "backup": done.name,
        "made": _time(done.at),
        "user": done.user,
        "files": done.files,
        "bytes": done.size,
        "newer": list(done.newer),
        "lacking": list(done.lacking),
    }


def restored(done: Restored) -> Iterator[str]:
    """The same in lines."""
    made = datetime.fromtimestamp(done.at / 1000).astimezone().strftime("%Y-%m-%d %H:%M")
    yield f"Restored the backup {done.name} of {made}: {done.files} sealed files."
    for name in done.newer:
        yield f"  there is a newer backup: {name}"
    for name in done.lacking:
        yield f"  without the file {name}, which is damaged or missing"
    yield "  nothing is sent until each consent is confirmed again"


def lines(said: Json, indent: str = "") -> Iterator[str]:
    """The same for the eye: a name and a value a line, what has no value left out."""
    for name, value in said.items():
        label = f"{indent}{name.replace('_', ' ')}:"
        if isinstance(value, dict):
            yield label
            yield from lines(value, f"{indent}  ")
        elif isinstance(value, list):
            yield from _listed(label, value, f"{indent}  ")
        elif value is not None and value != "":
            yield f"{label} {value}"


def _listed(label: str, values: list[object], indent: str) -> Iterator[str]:
    if all(not isinstance(value, dict) for value in values):
        if values:
            yield f"{label} {', '.join(str(value) for value in values)}"
        return
    yield label
    for value in values:
        if isinstance(value, dict):
            first, *rest = lines(value)
            yield f"{indent}- {first}"
            yield from (f"{indent}  {line}" for line in rest)


def record(item: RecordItem) -> Json:
    """One record, as import and show say it."""
    return {
        "id": item.id,
        "name": item.name,
        "kind": item.kind.value,
        "format": item.format,
        "sha256": item.sha256,
        "pages": item.pages,
        "shown": item.readable,
        "reason": item.reason or None,
        "files": [{"name": file.name, "sha256": file.sha256} for file in item.files],
    }


def _conflict(one: Conflict) -> Json:
    return {
        "field": one.field,
        "values": list(one.values),
        "records": [list(ids) for ids in one.records],
    }


def _patient(file: CaseFile) -> Json:
    patient = file.patient
    return {
        "name": patient.name,
        "birth_date": patient.birth_date or None,
        "sex": patient.sex or None,
        "identifiers": [{"system": i.system, "value": i.value} for i in patient.identifiers],
        "phone": patient.phone or None,
        "confirmed": file.case.patient_confirmed,
    }


def _physician(file: CaseFile) -> Json | None:
    physician = file.physician
    if physician is None:
        return None
    return {
        "name": physician.name,
        "practice": physician.practice,
        "specialty": physician.specialty or None,
        "phone": physician.phone or None,
        "primary_contact": physician.primary_contact,
        "knows_of_request": physician.knows_of_request.value,
    }


def _questions(of: Case) -> list[Json]:
    return [
        {
            "n": question.n,
            "text": question.text,
            "asked_by": question.asked_by or None,
            "answer": question.answer or None,
            "cannot_answer": question.cannot_answer or None,
            "source": question.source or None,
            "confirmed": question.confirmed,
        }
        for question in of.referral.questions
    ]


def _consent(one: Consent) -> Json:
    return {
        "id": one.id,
        "kind": one.kind.value,
        "status": one.status.value,
        "recipients": sorted(one.recipients),
        "purposes": sorted(purpose.value for purpose in one.purposes),
        "record_kinds": sorted(kind.value for kind in one.record_kinds),
        "sensitivities": sorted(code.value for code in one.sensitivities),
        "valid_from": _time(one.valid_from),
        "expires": _time(one.expires_at),
        "revoked": _time(one.revocation.at) if one.revocation else None,
        "authentic": one.authentic,
    }


def _letter(one: Letter) -> Json:
    return {
        "id": one.id,
        "kind": one.kind.value,
        "version": one.version,
        "sha256": one.sha256,
        "pages": one.pages,
        "signed": _time(one.signed_at),
        "signed_by": one.signed_by or None,
        "version_of": one.version_of or None,
    }


def _dispatch(one: Dispatch) -> Json:
    return {
        "id": one.id,
        "letter": one.letter_id,
        "basis": one.basis,
        "purpose": one.purpose,
        "state": one.state,
        "at": _time(one.at),
        "events": [
            {"kind": event.kind, "at": _time(event.at), "detail": event.detail}
            for event in one.events
        ],
    }


def _clocks(clock: CaseClock, due: int | None, now: int) -> Json:
    return {
        "received": _time(clock.received_at),
        "accepted": _time(clock.accepted_at),
        "complete": _time(clock.complete_at),
        "ready": _time(clock.ready_at),
        "first_sent": _time(clock.first_sent_at),
        "due": _time(due),
        "calendar_days": round(calendar_total(clock, now) / 86_400_000, 2),
        "pauses": [
            {"for": pause.reason.value, "from": _time(pause.start), "to": _time(pause.stop)}
            for pause in clock.pauses
        ],
    }


def _time(at: int | None) -> str | None:
    if at is None:
        return None
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")
