"""The retention rule, legal holds and erasures at rest."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, func, or_, select, union_all

from consultdesk.consultation.case import OPEN_STATES, CaseState
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.keeping import Erasure, Hold, RetentionRule
from consultdesk.vault import audit, tables
from consultdesk.vault.rows import Reading, Row, Writing, as_written

_RULE = "retention"

Contact = tuple[str, str, str, int, bool]
"""A case's patient, number, specialty, when anything last happened (UTC ms), whether open."""


# --- the rule -----------------------------------------------------------------------------


def rule(reading: Reading) -> RetentionRule:
    """What the practice has laid down. Raises VaultDamaged when it was changed from outside."""
    row = reading.by_id(tables.house_rule, _RULE)
    if row is None:
        return RetentionRule()
    with as_written():
        said = json.loads(row["value"])
        return RetentionRule(
            int(said["years"]),
            int(said["minor_until"]),
            int(said["minor_years"]),
            {str(code): int(years) for code, years in said["by_specialty"].items()},
        )


def keep_rule(writing: Writing, laid_down: RetentionRule) -> None:
    """Keep the rule, over the one before."""
    said = {
        "years": laid_down.years,
        "minor_until": laid_down.minor_until,
        "minor_years": laid_down.minor_years,
        "by_specialty": dict(laid_down.by_specialty),
    }
    value = json.dumps(said, sort_keys=True)
    if writing.by_id(tables.house_rule, _RULE) is None:
        writing.insert(tables.house_rule, id=_RULE, value=value)
    else:
        writing.update(tables.house_rule, _RULE, tables.PRACTICE, value=value)


def contacts(reading: Reading, patient_id: str = "") -> list[Contact]:
    """Every case of one patient, or of all, with its last contact; not of who was erased."""
    case = tables.case
    last = _last_contacts(patient_id)
    chosen = (
        select(
            case.c.patient_id,
            case.c.number,
            case.c.specialty,
            func.max(case.c.received_at, func.coalesce(last.c.at, 0)),
            case.c.state,
        )
        .outerjoin(last, last.c.case_id == case.c.id)
        .where(case.c.patient_id.not_in(select(tables.erasure.c.patient_id)))
        .order_by(case.c.patient_id, case.c.received_at)
    )
    if patient_id:
        chosen = chosen.where(case.c.patient_id == patient_id)
    return [
        (of, number, specialty, int(at), CaseState(state) in OPEN_STATES)
        for of, number, specialty, at, state in reading.sql.execute(chosen)
    ]


def birth_dates(reading: Reading, patient_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Name and ISO date of birth of each of these patients by id."""
    table, ids, found = tables.patient, sorted(patient_ids), {}
    for start in range(0, len(ids), 500):
        chosen = select(table.c.id, table.c.name, table.c.birth_date)
        part = chosen.where(table.c.id.in_(ids[start : start + 500]))
        for row in reading.all(table, part, blank=True):
            found[row["id"]] = (row["name"], row["birth_date"] or "")
    return found


def _last_contacts(patient_id: str) -> Any:  # noqa: ANN401 - a subquery, typed by its columns
    """When anything last happened in each case, in columns that lie open."""
    event, sent, letter = tables.case_event, tables.dispatch_event, tables.letter
    record, consent, gone = tables.record_item, tables.consent, tables.revocation
    of_one = select(tables.case.c.id).where(tables.case.c.patient_id == patient_id)

    def happened(case_id: Any, at: Any) -> Select[Any]:  # noqa: ANN401 - columns
        chosen = select(case_id.label("case_id"), at.label("at"))
        return chosen.where(case_id.in_(of_one)) if patient_id else chosen

    every = union_all(
        happened(event.c.case_id, event.c.at),
        happened(sent.c.case_id, sent.c.at),
        happened(letter.c.case_id, letter.c.signed_at),
        happened(record.c.case_id, record.c.received_at),
        happened(consent.c.case_id, consent.c.recorded_at),
        happened(gone.c.case_id, gone.c.at),
    ).subquery()
    return (
        select(every.c.case_id, func.max(every.c.at).label("at"))
        .group_by(every.c.case_id)
        .subquery()
    )


# --- legal holds --------------------------------------------------------------------------


def hold(writing: Writing, patient_id: str, *, by: str, reason: str) -> str:
    """Record that a patient's records must not be destroyed; the id of the hold."""
    at = writing.act.at
    fresh = new_id(at)
    writing.insert(tables.legal_hold, id=fresh, patient_id=patient_id, at=at, by=by, reason=reason)
    return fresh


def lift(writing: Writing, held: Hold, *, by: str, reason: str) -> None:
    """Record that a hold is over; the hold itself stays written."""
    at = writing.act.at
    writing.insert(
        tables.legal_hold,
        id=new_id(at),
        patient_id=held.patient_id,
        at=at,
        lifts=held.id,
        by=by,
        reason=reason,
    )


def holds(reading: Reading, patient_id: str = "") -> tuple[Hold, ...]:
    """The holds on one patient, or on all, oldest first. A lifting that isn't ours lifts nothing.

    Without the clinical key by whom and why stay closed, and a lifting counts as it stands.
    """
    table = tables.legal_hold
    chosen = select(table).order_by(table.c.at, table.c.id)
    if patient_id:
        chosen = chosen.where(table.c.patient_id == patient_id)
    rows = reading.all(table, chosen, blank=True)
    lifting = {
        row["lifts"]: row
        for row in rows
        if row["lifts"] and (row["authentic"] or not reading.keys.open)
    }
    return tuple(_hold(row, lifting.get(row["id"])) for row in rows if not row["lifts"])


def held_patients(reading: Reading) -> frozenset[str]:
    """The ids of everyone on whom a hold stands."""
    return frozenset(one.patient_id for one in holds(reading) if one.stands)


def holds_are_whole(reading: Reading, patient_id: str) -> bool:
    """Whether every hold and every lifting that the audit saw written for a patient is there."""
    table = tables.legal_hold
    rows = reading.all(table, select(table).where(table.c.patient_id == patient_id))
    held = sum(bool(row["authentic"]) for row in rows)
    return not audit.seen(reading, ("",)).misses(patient_id, table.name, held)


def carry_holds(writing: Writing, patient_id: str, to: str, *, by: str) -> None:
    """Have the holds on one patient stand for another, who turned out to be the same person."""
    for one in holds(writing, patient_id):
        if one.stands:
            hold(writing, to, by=by, reason=one.reason)


def _hold(row: Row, lifting: Row | None) -> Hold:
    return Hold(
        id=row["id"],
        patient_id=row["patient_id"],
        at=row["at"],
        by=row["by"] or "",
        reason=row["reason"] or "",
        authentic=row["authentic"],
        lifted_at=lifting["at"] if lifting else None,
        lifted_by=(lifting["by"] or "") if lifting else "",
        lifted_because=(lifting["reason"] or "") if lifting else "",
    )


# --- erasures -----------------------------------------------------------------------------


def erasure_of(reading: Reading, patient_id: str) -> Erasure | None:
    """When a patient was erased, None for one who wasn't. A row that isn't ours erases nobody."""
    table = tables.erasure
    rows = reading.all(
        table, select(table).where(table.c.patient_id == patient_id).order_by(table.c.at),
        blank=True,
    )  # fmt: skip
    for row in rows:
        if row["authentic"] or not reading.keys.open:
            return Erasure(patient_id, row["at"], row["by"] or "", row["reason"] or "")
    return None


def erased_cases(reading: Reading) -> frozenset[str]:
    """The ids of every case whose key an erasure destroyed."""
    case, gone, key = tables.case, tables.erasure, tables.sealing_key
    chosen = (
        select(case.c.id)
        .join(gone, gone.c.patient_id == case.c.patient_id)
        .where(case.c.id.not_in(select(key.c.owner).where(key.c.owner == case.c.id)))
    )
    return frozenset(reading.sql.execute(chosen).scalars())


def same_person(reading: Reading, patient_id: str, case_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Ids of earlier entries of the same person, which no case stands under any more.

    They are what the records were first read as, before a person said who the patient is.
    """
    case, patient = tables.case, tables.patient
    letter, consent = tables.letter, tables.consent
    bare = patient.c.id.not_in(select(case.c.patient_id))
    this = select(patient.c.name, patient.c.birth_token).where(patient.c.id == patient_id)
    row = reading.sql.execute(this).first()
    if row is None:
        return ()
    named = patient.c.id.in_(
        union_all(
            select(letter.c.patient_id).where(letter.c.case_id.in_(case_ids)),
            select(consent.c.patient_id).where(consent.c.case_id.in_(case_ids)),
        )
    )
    alike = (func.lower(patient.c.name) == row.name.lower()) & (
        patient.c.birth_token.in_((row.birth_token, ""))
    )
    # the first guess is written in the act that receives the case
    guessed = patient.c.created_at.in_(select(case.c.received_at).where(case.c.id.in_(case_ids)))
    chosen = select(patient.c.id).where(
        bare, patient.c.id != patient_id, or_(named, alike, guessed)
    )
    return tuple(reading.sql.execute(chosen).scalars())
