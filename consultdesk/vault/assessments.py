"""Assessments: drafts that may change, locked reads that never do, and what followed."""

from dataclasses import fields, replace
from typing import Any

from sqlalchemy import Table, select

from consultdesk.consultation.assessment import (
    Comparison,
    DiagnosisRelation,
    DisagreementType,
    Evidence,
    ExaminationMode,
    FollowUpOwner,
    Impact,
    Opinion,
    OwnRead,
    Phase,
    Recommendation,
    Result,
    Timing,
)
from consultdesk.consultation.identity import new_id
from consultdesk.vault import tables
from consultdesk.vault.rows import Reading, Row, Writing


def lock_own_read(writing: Writing, read: OwnRead) -> None:
    """Keep an own read for good; `locked_at`, `locked_by` and `digest` are set."""
    writing.insert(
        tables.own_read,
        id=new_id(read.locked_at or 0),
        case_id=read.case_id,
        revision=read.revision,
        locked_at=read.locked_at,
        body=own_read_body(read) | {"digest": read.digest},
        locked_by=read.locked_by,
    )


def own_reads(reading: Reading, case_id: str) -> tuple[OwnRead, ...]:
    """Every locked revision, the first one first."""
    table = tables.own_read
    chosen = select(table).where(table.c.case_id == case_id).order_by(table.c.revision)
    return tuple(
        replace(
            own_read_from(case_id, row["body"]),
            revision=row["revision"],
            locked_at=row["locked_at"],
            locked_by=row["locked_by"],
            digest=row["body"]["digest"],
        )
        for row in reading.all(table, chosen)
    )


def keep_comparison(writing: Writing, comparison: Comparison, at: int) -> None:
    """Keep a finished comparison; the newest stands."""
    writing.insert(
        tables.comparison,
        id=new_id(at),
        case_id=comparison.case_id,
        at=at,
        body=comparison_body(comparison),
    )


def comparison(reading: Reading, case_id: str) -> Comparison | None:
    """The newest finished comparison."""
    row = _newest(reading, tables.comparison, case_id)
    return comparison_from(case_id, row["body"]) if row else None


def keep_opinion(writing: Writing, opinion: Opinion, at: int) -> None:
    """Keep an opinion as it was signed; the newest stands."""
    writing.insert(
        tables.opinion, id=new_id(at), case_id=opinion.case_id, at=at, body=opinion_body(opinion)
    )


def opinion(reading: Reading, case_id: str) -> Opinion | None:
    """The newest signed opinion."""
    row = _newest(reading, tables.opinion, case_id)
    return opinion_from(case_id, row["body"]) if row else None


def save_draft(writing: Writing, case_id: str, phase: Phase, body: Row, at: int) -> None:
    """Keep what is being written, over what was kept of this phase before."""
    table = tables.draft
    held = writing.sql.execute(
        select(table.c.id).where(table.c.case_id == case_id, table.c.phase == phase.value)
    ).scalar()
    if held is None:
        writing.insert(
            table, id=new_id(at), case_id=case_id, phase=phase.value, saved_at=at, body=body
        )
    else:
        writing.update(table, str(held), case_id, saved_at=at, body=body)


def draft(reading: Reading, case_id: str, phase: Phase) -> tuple[int, Row] | None:
    """When the draft of a phase was last saved, and what it says."""
    table = tables.draft
    row = reading.one(
        table, select(table).where(table.c.case_id == case_id, table.c.phase == phase.value)
    )
    return (row["saved_at"], row["body"]) if row else None


def drop_draft(writing: Writing, case_id: str, phase: Phase) -> None:
    """Forget a draft that has become a fact."""
    table = tables.draft
    writing.sql.execute(
        table.delete().where(table.c.case_id == case_id, table.c.phase == phase.value)
    )


# --- to and from what is sealed -----------------------------------------------------------


def own_read_body(read: OwnRead) -> Row:
    """What an own read says, as it is sealed."""
    return {
        "answers": dict(read.answers),
        "findings": read.findings,
        "diagnosis": read.diagnosis,
        "differential": list(read.differential),
        "certainty": read.certainty,
        "evidence": _links(read.evidence),
    }


def own_read_from(case_id: str, body: Row) -> OwnRead:
    """An own read as it was sealed."""
    return OwnRead(
        case_id=case_id,
        answers=dict(body["answers"]),
        findings=body["findings"],
        diagnosis=body["diagnosis"],
        differential=tuple(body["differential"]),
        certainty=body["certainty"],
        evidence=_evidence(body["evidence"]),
    )


def comparison_body(comparison: Comparison) -> Row:
    """What a comparison says, as it is sealed."""
    return {
        field.name: getattr(comparison, field.name)
        for field in fields(comparison)
        if field.name != "case_id"
    }


def comparison_from(case_id: str, body: Row) -> Comparison:
    """A comparison as it was sealed."""
    return Comparison(
        case_id=case_id,
        relation=DiagnosisRelation(body["relation"]) if body["relation"] else None,
        impact=Impact(body["impact"]) if body["impact"] else None,
        treatment=Result(body["treatment"]) if body["treatment"] else None,
        disagreement=DisagreementType(body["disagreement"]) if body["disagreement"] else None,
        comment=body["comment"],
        major_decision=body["major_decision"],
        answers=dict(body.get("answers", {})),
    )


def opinion_body(opinion: Opinion) -> Row:
    """What an opinion says, as it is sealed."""
    said: dict[str, Any] = {
        field.name: getattr(opinion, field.name)
        for field in fields(opinion)
        if field.name != "case_id"
    }
    said["recommendations"] = [
        [one.action, one.owner, one.timing.value, one.when] for one in opinion.recommendations
    ]
    said["relied_on"] = _links(opinion.relied_on)
    return said


def opinion_from(case_id: str, body: Row) -> Opinion:
    """An opinion as it was sealed."""
    owner = body["follow_up_owner"]
    return Opinion(
        case_id=case_id,
        brief=body["brief"],
        reasoning=body["reasoning"],
        recommendations=tuple(
            Recommendation(action, by, Timing(timing), when)
            for action, by, timing, when in body["recommendations"]
        ),
        alternatives=body["alternatives"],
        prognosis=body["prognosis"],
        limitations=body["limitations"],
        pending=body["pending"],
        danger=tuple(body["danger"]),
        history=body["history"],
        relied_on=_evidence(body["relied_on"]),
        examination=ExaminationMode(body["examination"]),
        follow_up_owner=FollowUpOwner(owner) if owner else None,
        follow_up_date=body["follow_up_date"],
        diagnosis=body["diagnosis"],
        certainty=body["certainty"],
        sensitivities=frozenset(body["sensitivities"]),
        overrides=dict(body["overrides"]),
    )


def _links(evidence: tuple[Evidence, ...]) -> list[list[str]]:
    return [[link.record_id, link.place, link.note] for link in evidence]


def _evidence(links: list[list[str]]) -> tuple[Evidence, ...]:
    return tuple(Evidence(*link) for link in links)


def _newest(reading: Reading, table: Table, case_id: str) -> Row | None:
    chosen = select(table).where(table.c.case_id == case_id)
    return reading.one(table, chosen.order_by(table.c.at.desc(), table.c.id.desc()))
