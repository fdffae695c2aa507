"""Consents and what happened to them: rows that are only ever added."""

from collections import defaultdict
from dataclasses import replace

from sqlalchemy import Table, select

from consultdesk.consultation.consent import (
    Consent,
    ConsentKind,
    ConsentStatus,
    Purpose,
    Restriction,
    Revocation,
    SignatureKind,
    Statement,
    effective_sensitivities,
    missing_elements,
)
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.record import RecordKind, Sensitivity
from consultdesk.errors import VaultDamaged
from consultdesk.vault import audit, tables
from consultdesk.vault.people import kind_token
from consultdesk.vault.practice import epoch
from consultdesk.vault.rows import Reading, Row, Writing, as_written

_ENDINGS = {"inactive": ConsentStatus.INACTIVE, "entered-in-error": ConsentStatus.ENTERED_IN_ERROR}


def add(writing: Writing, consent: Consent) -> None:
    """Record a consent: its scope first, then the row that seals the scope."""
    codes = {
        "recipient": consent.recipients,
        "purpose": _tokens(writing, consent.case_id, "purpose", consent.purposes),
        "record_kind": _tokens(writing, consent.case_id, "record_kind", consent.record_kinds),
        "sensitivity": _tokens(
            writing, consent.case_id, "sensitivity", effective_sensitivities(consent)
        ),
    }
    for dimension, tokens in codes.items():
        writing.scope(tables.consent_scope, consent.id, dimension, tokens)
    writing.insert(
        tables.consent,
        id=consent.id,
        case_id=consent.case_id,
        patient_id=consent.patient_id,
        kind=consent.kind.value,
        status=consent.status.value,
        valid_from=consent.valid_from,
        expires_at=consent.expires_at,
        elements_complete=int(not missing_elements(consent)),
        evidence_complete=int(consent.evidence_complete),
        epoch=epoch(writing),
        recorded_at=consent.recorded_at,
        information=consent.information,
        discloser=consent.discloser,
        recipients=consent.recipients,
        purposes=consent.purposes,
        record_kinds=consent.record_kinds,
        sensitivities=consent.sensitivities,
        expiry_event=consent.expiry_event,
        signature=consent.signature.value,
        witness=consent.witness,
        given_by=consent.given_by,
        representative_authority=consent.representative_authority,
        statements=consent.statements,
        evidence=consent.evidence,
        recorded_by=consent.recorded_by,
    )


def revoke(writing: Writing, case_id: str, revocation: Revocation) -> None:
    """Record a withdrawal."""
    writing.insert(
        tables.revocation,
        id=revocation.id,
        consent_id=revocation.consent_id,
        case_id=case_id,
        at=revocation.at,
        by=revocation.by,
        how=revocation.how,
        reason=revocation.reason,
    )


def happened(
    writing: Writing, case_id: str, consent_id: str, kind: str, *, at: int, by: str, detail: str
) -> None:
    """Record what happened to a consent.

    `kind`: event_occurred, evidence_completed, inactive, entered-in-error, reconfirmed.
    """
    writing.insert(
        tables.consent_event,
        id=new_id(at),
        consent_id=consent_id,
        case_id=case_id,
        kind=kind,
        at=at,
        epoch=epoch(writing),
        by=by,
        detail=detail,
    )


def of_case(reading: Reading, case_id: str) -> tuple[Consent, ...]:
    """The consents of a case, oldest first, each with all that happened to it."""
    chosen = (
        select(tables.consent)
        .where(tables.consent.c.case_id == case_id)
        .order_by(tables.consent.c.recorded_at, tables.consent.c.id)
    )
    rows = reading.all(tables.consent, chosen)
    events = _by_consent(reading, case_id, tables.consent_event)
    withdrawn = _by_consent(reading, case_id, tables.revocation)
    known = audit.seen(reading, (case_id,))
    now = epoch(reading)

    def whole(consent_id: str) -> bool:
        """Whether all that the audit saw happen to it is there, as it was written."""
        kept = ((tables.consent_event, events), (tables.revocation, withdrawn))
        return not any(
            known.misses(consent_id, table.name, sum(one["authentic"] for one in held[consent_id]))
            for table, held in kept
        )

    with as_written():
        return tuple(
            _consent(
                row | {"authentic": row["authentic"] and whole(row["id"])},
                events[row["id"]],
                withdrawn[row["id"]],
                now,
            )
            for row in rows
        )


def restrict(writing: Writing, restriction: Restriction) -> None:
    """Record that a recipient, or everyone of a kind, is to receive nothing."""
    kind = restriction.recipient_kind
    writing.insert(
        tables.restriction,
        id=restriction.id,
        patient_id=restriction.patient_id,
        recipient_id=restriction.recipient_id or None,
        kind_token=kind_token(writing, kind) if kind else None,
        at=restriction.at,
        recipient_kind=kind,
        reason=restriction.reason,
    )


def lift_restriction(writing: Writing, lifting: Restriction, lifted_id: str) -> None:
    """Record that the patient lifted a restriction."""
    writing.insert(
        tables.restriction,
        id=lifting.id,
        patient_id=lifting.patient_id,
        at=lifting.at,
        lifts=lifted_id,
        reason=lifting.reason,
    )


def restrictions(reading: Reading, patient_id: str) -> tuple[Restriction, ...]:
    """The restrictions that stand for a patient. A lifting that isn't ours lifts nothing.

    Where the audit saw more written down than there is, one that can't be verified stands for
    what was taken away.
    """
    chosen = select(tables.restriction).where(tables.restriction.c.patient_id == patient_id)
    rows = reading.all(tables.restriction, chosen)
    lifted = {row["lifts"] for row in rows if row["lifts"] and row["authentic"]}
    standing = tuple(
        Restriction(
            row["id"],
            row["patient_id"],
            row["recipient_id"] or "",
            row["recipient_kind"] or "",
            row["at"],
            row["reason"] or "",
            row["authentic"],
        )
        for row in rows
        if not row["lifts"] and row["id"] not in lifted
    )
    known = audit.seen(reading, _cases_of(reading, patient_id))
    if known.misses(patient_id, tables.restriction.name, sum(row["authentic"] for row in rows)):
        return (*standing, Restriction("", patient_id, "", "", 0, authentic=False))
    return standing


def _cases_of(reading: Reading, patient_id: str) -> list[str]:
    """The cases of a patient, also one that was moved to another from outside."""
    case, letter = tables.case.c, tables.letter.c
    return [
        *reading.sql.execute(select(case.id).where(case.patient_id == patient_id)).scalars(),
        *reading.sql.execute(
            select(letter.case_id).where(letter.patient_id == patient_id).distinct()
        ).scalars(),
    ]


def carry_restrictions(writing: Writing, patient_id: str, to: str, at: int) -> None:
    """Have what one patient ruled out stand for another, who turned out to be the same person.

    Raises VaultDamaged where one of these wishes isn't as it was written.
    """
    known = {(one.recipient_id, one.recipient_kind) for one in restrictions(writing, to)}
    for one in restrictions(writing, patient_id):
        if not one.authentic:
            raise VaultDamaged(
                "A wish of this patient was changed from outside.", cure="Verify the store."
            )
        if (one.recipient_id, one.recipient_kind) not in known:
            restrict(writing, replace(one, id=new_id(at), patient_id=to, at=at))


def purpose_token(reading: Reading, case_id: str, purpose: Purpose) -> str:
    """A purpose as the token that triggers compare."""
    return reading.clinical.token(case_id, "purpose", purpose.value)


def _tokens(
    reading: Reading, case_id: str, dimension: str, codes: frozenset[object] | frozenset[str]
) -> list[str]:
    return [reading.clinical.token(case_id, dimension, str(code)) for code in codes]


def _by_consent(reading: Reading, case_id: str, table: Table) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    chosen = select(table).where(table.c.case_id == case_id).order_by(table.c.at)
    for row in reading.all(table, chosen):
        found[row["consent_id"]].append(row)
    return found


def _consent(row: Row, events: list[Row], withdrawn: list[Row], now: int) -> Consent:
    status = ConsentStatus(row["status"])
    for event in events:
        status = _ENDINGS.get(event["kind"], status)
    sound = [event for event in events if event["authentic"]]
    occurred = [event["at"] for event in events if event["kind"] == "event_occurred"]
    completed = any(event["kind"] == "evidence_completed" for event in sound)
    reconfirmed = any(e["kind"] == "reconfirmed" and e["epoch"] == now for e in sound)
    return Consent(
        id=row["id"],
        case_id=row["case_id"],
        patient_id=row["patient_id"],
        kind=ConsentKind(row["kind"]),
        status=status,
        valid_from=row["valid_from"],
        expires_at=row["expires_at"],
        information=row["information"],
        discloser=row["discloser"],
        recipients=frozenset(row["recipients"]),
        purposes=frozenset(Purpose(code) for code in row["purposes"]),
        record_kinds=frozenset(RecordKind(code) for code in row["record_kinds"]),
        sensitivities=frozenset(Sensitivity(code) for code in row["sensitivities"]),
        expiry_event=row["expiry_event"],
        event_occurred_at=occurred[0] if occurred else None,
        signature=SignatureKind(row["signature"]),
        witness=row["witness"],
        given_by=row["given_by"],
        representative_authority=row["representative_authority"],
        statements=frozenset(Statement(code) for code in row["statements"]),
        evidence=row["evidence"],
        evidence_complete=bool(row["evidence_complete"]) or completed,
        revocation=_revocation(withdrawn[0]) if withdrawn else None,
        recorded_at=row["recorded_at"],
        recorded_by=row["recorded_by"],
        authentic=row["authentic"],
        reconfirmed=row["epoch"] == now or reconfirmed,
    )


def _revocation(row: Row) -> Revocation:
    return Revocation(
        row["id"], row["consent_id"], row["at"], row["by"], row["how"], row["reason"] or ""
    )
