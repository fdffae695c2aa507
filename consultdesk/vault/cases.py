"""Cases as they stand, line by line in the queue or whole."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, UnaryExpression, func, select
from sqlalchemy.sql.operators import custom_op

from consultdesk.consultation.case import (
    OPEN_STATES,
    PRIORITY_RANK,
    RELEASED_STATES,
    Case,
    CaseState,
    Coverage,
    Declaration,
    FlagAnswer,
    Initiator,
    Motive,
    Override,
    PreAuthorisation,
    Priority,
    Question,
    QueueRow,
    RedFlag,
    Referral,
    Relation,
    Triage,
    UrgentContact,
)
from consultdesk.consultation.identity import new_id
from consultdesk.vault import keeping, tables
from consultdesk.vault.rows import Reading, Row, Writing, count

_MOVED = ("number", "state", "state_before")
"""Columns that only `move` changes, or nothing does."""
_PARKED = (CaseState.ON_HOLD, CaseState.URGENT_STOP)
_WAITING = ("records", "consent", "treating_physician", "patient")

# --- the queue ----------------------------------------------------------------------------


@dataclass(frozen=True)
class QueueView:
    """What the queue shows: a named filter, a search among ids, an order, and the instant.

    `show` is one of: mine, open, overdue, waiting, released, closed, all.
    `sort` is one of: priority, due, patient, state, received, number, specialty.
    """

    show: str = "open"
    user: str = ""
    now: int = 0
    sort: str = "priority"
    descending: bool = False
    case_ids: tuple[str, ...] | None = None


_LINE = (
    "id",
    "number",
    "state",
    "priority",
    "specialty",
    "question_line",
    "received_at",
    "due_at",
    "waiting_for",
    "owner",
)
"""What the queue shows of a case; of sealed columns only this one is opened."""

_SORTS: dict[str, tuple[str, ...]] = {
    "priority": ("priority_rank", "due_at", "id"),
    "due": ("due_at", "id"),
    "patient": ("name", "id"),
    "state": ("state", "id"),
    "received": ("received_at", "id"),
    "number": ("number",),
    "specialty": ("specialty", "id"),
}


def queue(reading: Reading, view: QueueView, offset: int, limit: int) -> tuple[QueueRow, ...]:
    """One page of the queue, sorted and filtered by the database.

    The page is found in an index first, and only its own rows are read and opened.
    """
    case, patient, gone = tables.case, tables.patient, tables.erasure
    page = page_ids(view, offset, limit)
    erased = select(func.min(gone.c.at)).where(gone.c.patient_id == case.c.patient_id)
    chosen = (
        select(
            *(case.c[name] for name in _LINE),
            patient.c.name.label("patient_name"),
            erased.scalar_subquery().label("erased_at"),
        )
        .join(patient, patient.c.id == case.c.patient_id)
        .where(case.c.id.in_(page))
        .order_by(*_ordered(view))
    )
    return tuple(_queue_row(row, view.now) for row in reading.all(case, chosen, blank=True))


def queue_ids(reading: Reading, view: QueueView) -> tuple[str, ...]:
    """The ids of every case in the view, in its order."""
    return tuple(reading.sql.execute(_chosen(view)).scalars())


def queue_count(reading: Reading, view: QueueView) -> int:
    """How many cases the view has."""
    return count(reading, tables.case, *_shown(view))


def page_ids(view: QueueView, offset: int, limit: int) -> Select[Any]:
    """The ids of one page."""
    return _chosen(view).offset(offset).limit(limit).correlate(None)


def _chosen(view: QueueView) -> Select[Any]:
    """The ids of the view's cases in its order, read from the index that has this order."""
    case, patient = tables.case, tables.patient
    few = view.case_ids is not None
    asked = _plain if few else _unindexed
    chosen = select(case.c.id).where(*_shown(view, _plain if view.sort == "state" else asked))
    if view.sort == "patient":
        chosen = chosen.where(case.c.patient_id == asked(patient.c.id))
    return chosen.order_by(*_ordered(view))


def _plain(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return column


def _unindexed(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column with a plus before it: it filters, and leaves the index to the order.

    (sqlite.org/optoverview.html, section 7.2.)
    """
    return UnaryExpression(column, operator=custom_op("+"))


def _shown(
    view: QueueView, asked: Callable[[ColumnElement[Any]], ColumnElement[Any]] = _plain
) -> list[ColumnElement[bool]]:
    case = tables.case.c
    state, due = asked(case.state), asked(case.due_at)
    of_name: dict[str, list[ColumnElement[bool]]] = {
        "mine": [state.in_(_codes(OPEN_STATES)), case.reviewer.in_((view.user, ""))],
        "open": [state.in_(_codes(OPEN_STATES))],
        "overdue": [state.in_(_codes(OPEN_STATES)), due < view.now],
        "waiting": [state.in_(_codes(OPEN_STATES)), case.waiting_for != ""],
        "released": [state.in_(_codes(RELEASED_STATES - {CaseState.CLOSED}))],
        "closed": [state.in_(("closed", "returned", "declined", "withdrawn"))],
        "all": [],
    }
    conditions = of_name[view.show]
    if view.case_ids is not None:
        conditions = [*conditions, case.id.in_(view.case_ids)]
    return conditions


def _ordered(view: QueueView) -> list[ColumnElement[Any]]:
    columns: list[ColumnElement[Any]] = []
    for name in _SORTS[view.sort]:
        column = tables.patient.c.name if name == "name" else tables.case.c[name]
        columns.append(column.desc() if view.descending else column.asc())
    return columns


def _codes(states: Iterable[CaseState]) -> list[str]:
    return sorted(state.value for state in states)


def _queue_row(row: Row, now: int) -> QueueRow:
    state = CaseState(row["state"])
    return QueueRow(
        id=row["id"],
        number=row["number"],
        state=state,
        priority=Priority(row["priority"]),
        specialty=row["specialty"],
        patient=row["patient_name"],
        question=row["question_line"] or "",
        received_at=row["received_at"],
        due_at=row["due_at"],
        over=row["due_at"] is not None and row["due_at"] < now and state in OPEN_STATES,
        waiting_for=row["waiting_for"],
        owner=row["owner"],
        # a row in the wrong place names nobody erased who still has a name
        erased_at=None if row["patient_name"] else row["erased_at"],
    )


# --- one case -----------------------------------------------------------------------------


def next_number(reading: Reading, year: int) -> str:
    """The next free case number of a year, e.g. 2026-0001."""
    like = tables.case.c.number.like(f"{year}-%")
    last = reading.sql.execute(
        select(tables.case.c.number)
        .where(like)
        .order_by(func.length(tables.case.c.number).desc(), tables.case.c.number.desc())
        .limit(1)
    ).scalar()
    n = int(str(last).split("-", 1)[1]) + 1 if last else 1
    return f"{year}-{n:04d}"


def add(writing: Writing, case: Case) -> None:
    """Keep a new case; it starts as received."""
    counts = {"must_required": 0, "must_present": 0, "first_pass_complete": 0}
    writing.insert(tables.case, id=case.id, **_said(case), **counts)
    writing.insert(
        tables.referral, id=new_id(case.received_at), case_id=case.id, **_referral_said(case)
    )
    for question in case.referral.questions:
        _add_question(writing, case, question)
    _record_move(writing, case.id, "", case.state.value, case.received_at, case.owner, "")


def change(writing: Writing, case: Case) -> None:
    """Keep the case as it stands now: its own columns and its referral, not its state."""
    kept = {name: value for name, value in _said(case).items() if name not in _MOVED}
    writing.update(tables.case, case.id, case.id, **kept)
    held = reading_referral_id(writing, case.id)
    writing.update(tables.referral, held, case.id, **_referral_said(case))


def set_questions(writing: Writing, case_id: str, questions: tuple[Question, ...]) -> None:
    """Keep the questions as they stand, answers and all."""
    table = tables.question
    known = {
        row.n: row.id
        for row in writing.sql.execute(
            select(table.c.n, table.c.id).where(table.c.case_id == case_id)
        )
    }
    for question in questions:
        said = _question_said(question)
        if question.n in known:
            writing.update(table, known.pop(question.n), case_id, **said)
        else:
            fresh = new_id(writing.act.at)
            writing.insert(table, id=fresh, case_id=case_id, n=question.n, **said)
    for gone in known.values():
        writing.sql.execute(table.delete().where(table.c.id == gone))
    line = questions[0].text if questions else ""
    writing.update(tables.case, case_id, case_id, question_line=line)


def move(
    writing: Writing,
    case: Case,
    to: CaseState,
    *,
    at: int,
    by: str,
    reason: str = "",
    **stamps: int | None,
) -> None:
    """Bring a case to another state and keep when, by whom and why.

    `stamps` are times of the case set by this move. The gate's triggers stand behind it.
    """
    came_from = case.state_before if case.state in _PARKED else case.state
    before = came_from.value if to in _PARKED and came_from else None
    writing.update(tables.case, case.id, case.id, state=to.value, state_before=before, **stamps)
    _record_move(writing, case.id, case.state.value, to.value, at, by, reason)


def stamp(writing: Writing, case_id: str, **times: int | None) -> None:
    """Set milestones (UTC ms) and counts of a case without moving it."""
    writing.update(tables.case, case_id, case_id, **times)


def by_number(reading: Reading, number: str) -> Case | None:
    """The case of that number."""
    return _whole(reading, select(tables.case).where(tables.case.c.number == number))


def by_id(reading: Reading, case_id: str) -> Case | None:
    """The case of that id."""
    return _whole(reading, select(tables.case).where(tables.case.c.id == case_id))


def of_patient(reading: Reading, patient_id: str) -> tuple[str, ...]:
    """The ids of a patient's cases, oldest first."""
    case = tables.case
    chosen = select(case.c.id).where(case.c.patient_id == patient_id).order_by(case.c.received_at)
    return tuple(reading.sql.execute(chosen).scalars())


def wait_for(writing: Writing, case_id: str, waiting_for: str, at: int) -> None:
    """Start a pause; waiting for something else ends the pause before it. Empty ends it."""
    pause = tables.pause
    writing.sql.execute(
        pause.update()
        .where(pause.c.case_id == case_id, pause.c.stopped_at.is_(None))
        .values(stopped_at=at)
    )
    if waiting_for:
        if waiting_for not in _WAITING:
            raise ValueError(waiting_for)
        writing.insert(
            pause, id=new_id(at), case_id=case_id, waiting_for=waiting_for, started_at=at
        )
    writing.update(tables.case, case_id, case_id, waiting_for=waiting_for)


def moves(reading: Reading, case_id: str) -> tuple[tuple[int, str, str, str], ...]:
    """Every change of state: when, from, to, by whom."""
    event = tables.case_event.c
    chosen = select(event.at, event.from_state, event.to_state, event.by).where(
        event.case_id == case_id
    )
    return tuple((a, f, t, b) for a, f, t, b in reading.sql.execute(chosen.order_by(event.id)))


# --- what belongs to a case ---------------------------------------------------------------


def answer_flag(writing: Writing, case_id: str, flag: RedFlag) -> None:
    """Keep an answer to a red flag; the newest answer stands, the earlier ones stay."""
    writing.insert(
        tables.red_flag,
        id=new_id(flag.at),
        case_id=case_id,
        at=flag.at,
        code=flag.code,
        text=flag.text,
        answer=flag.answer.value,
        asked_of=flag.asked_of,
        by=flag.by,
    )


def log_contact(writing: Writing, contact: UrgentContact) -> None:
    """Keep an urgent call."""
    writing.insert(
        tables.urgent_contact,
        id=contact.id,
        case_id=contact.case_id,
        at=contact.at,
        flag=contact.flag,
        who=contact.who,
        phone=contact.phone,
        read_back=contact.read_back,
        basis=contact.basis,
        by=contact.by,
    )


def keep_triage(writing: Writing, case_id: str, triage: Triage) -> None:
    """Keep a physician's word on red flags."""
    writing.insert(
        tables.triage,
        id=new_id(triage.at),
        case_id=case_id,
        at=triage.at,
        by=triage.by,
        safe_to_continue=triage.safe_to_continue,
        note=triage.note,
    )


def declare(writing: Writing, case_id: str, declaration: Declaration) -> None:
    """Keep a declaration on conflicts of interest."""
    writing.insert(
        tables.declaration,
        id=new_id(declaration.at),
        case_id=case_id,
        at=declaration.at,
        by=declaration.by,
        conflict=declaration.conflict,
        detail=declaration.detail,
    )


def go_on_without(writing: Writing, case_id: str, override: Override) -> None:
    """Keep that something required was waived, and why."""
    writing.insert(
        tables.exception_made,
        id=new_id(override.at),
        case_id=case_id,
        at=override.at,
        what=override.what,
        reason=override.reason,
        by=override.by,
    )


# --- inside -------------------------------------------------------------------------------


def reading_referral_id(reading: Reading, case_id: str) -> str:
    """The id of the case's referral row."""
    table = tables.referral
    chosen = select(table.c.id).where(table.c.case_id == case_id)
    return str(reading.sql.execute(chosen).scalar_one())


def _record_move(
    writing: Writing, case_id: str, before: str, to: str, at: int, by: str, reason: str
) -> None:
    writing.insert(
        tables.case_event,
        id=new_id(at),
        case_id=case_id,
        at=at,
        from_state=before,
        to_state=to,
        by=by,
        reason=reason,
    )


def _add_question(writing: Writing, case: Case, question: Question) -> None:
    writing.insert(
        tables.question,
        id=new_id(case.received_at),
        case_id=case.id,
        n=question.n,
        **_question_said(question),
    )


def _question_said(question: Question) -> Row:
    return {
        "text": question.text,
        "asked_by": question.asked_by,
        "answer": question.answer,
        "cannot_answer": question.cannot_answer,
        "source": question.source,
        "confirmed": question.confirmed,
    }


def _said(case: Case) -> Row:
    coverage = case.referral.coverage
    questions = case.referral.questions
    return {
        "number": case.number,
        "patient_id": case.patient_id,
        "treating_physician_id": case.treating_physician_id or None,
        "specialty": case.specialty,
        "state": case.state.value,
        "state_before": case.state_before.value if case.state_before else None,
        "priority": case.priority.value,
        "priority_rank": PRIORITY_RANK[case.priority],
        "received_at": case.received_at,
        "accepted_at": case.accepted_at,
        "complete_at": case.complete_at,
        "ready_at": case.ready_at,
        "due_at": case.due_at,
        "owner": case.owner,
        "reviewer": case.reviewer,
        "waiting_for": case.waiting_for,
        "payer": coverage.payer,
        "pre_authorisation": coverage.pre_authorisation.value,
        "parent_case": case.parent_case or None,
        "patient_confirmed": int(case.patient_confirmed),
        "sealing": int(case.sealing),
        "unsealed_at": case.unsealed_at,
        "recipient_named": case.recipient_named,
        "question_line": questions[0].text if questions else "",
        "laterality": case.laterality,
        "level": case.level,
        "patient_decision": case.patient_decision,
        "major_decision": case.major_decision,
        "knows_of_request": case.knows_of_request,
        "primary_contact": case.primary_contact,
    }


def _referral_said(case: Case) -> Row:
    referral = case.referral
    return {
        "initiator": referral.initiator.value,
        "motives": referral.motives,
        "first_diagnosis": referral.first_diagnosis,
        "first_plan": referral.first_plan,
        "relation": referral.relation.value,
        "planned_treatment_date": referral.planned_treatment_date or None,
        "in_network": referral.coverage.in_network,
        "referral_required": referral.coverage.referral_required,
    }


def _whole(reading: Reading, chosen: Select[Any]) -> Case | None:
    row = reading.one(tables.case, chosen, blank=True)
    if row is None:
        return None
    case_id = row["id"]
    if erased := keeping.erasure_of(reading, row["patient_id"]):
        return _bare(row, erased.at)
    declared = _of(reading, tables.declaration, case_id)
    triaged = _of(reading, tables.triage, case_id)
    return replace(
        _bare(row, None),
        referral=_referral(reading, row),
        declaration=_declaration(declared[-1]) if declared else None,
        flags=_flags(_of(reading, tables.red_flag, case_id)),
        triage=_triage(triaged[-1]) if triaged else None,
        contacts=tuple(_contact(r) for r in _of(reading, tables.urgent_contact, case_id)),
        overrides=tuple(_override(r) for r in _of(reading, tables.exception_made, case_id)),
    )


def _bare(row: Row, erased_at: int | None) -> Case:
    """What a case's own row says, without what belongs to it."""
    return Case(
        id=row["id"],
        number=row["number"],
        patient_id=row["patient_id"],
        specialty=row["specialty"],
        state=CaseState(row["state"]),
        priority=Priority(row["priority"]),
        received_at=row["received_at"],
        treating_physician_id=row["treating_physician_id"] or "",
        recipient_named=row["recipient_named"] or "",
        state_before=CaseState(row["state_before"]) if row["state_before"] else None,
        accepted_at=row["accepted_at"],
        complete_at=row["complete_at"],
        ready_at=row["ready_at"],
        due_at=row["due_at"],
        owner=row["owner"],
        reviewer=row["reviewer"],
        laterality=row["laterality"] or "",
        level=row["level"] or "",
        sealing=bool(row["sealing"]),
        unsealed_at=row["unsealed_at"],
        waiting_for=row["waiting_for"],
        patient_decision=row["patient_decision"] or "unknown",
        parent_case=row["parent_case"] or "",
        patient_confirmed=bool(row["patient_confirmed"]),
        major_decision=row["major_decision"] or "",
        knows_of_request=row["knows_of_request"] or "unknown",
        primary_contact=row["primary_contact"] is not False,
        erased_at=erased_at,
    )


def _of(reading: Reading, table: Table, case_id: str) -> list[Row]:
    if not reading.keys.open:
        return []
    return reading.all(
        table, select(table).where(table.c.case_id == case_id).order_by(table.c.at, table.c.id)
    )


def _referral(reading: Reading, case: Row) -> Referral:
    coverage = Coverage(case["payer"], PreAuthorisation(case["pre_authorisation"]))
    if not reading.keys.open:
        return Referral(coverage=coverage)
    table, asked = tables.referral, tables.question
    row = reading.one(table, select(table).where(table.c.case_id == case["id"]))
    questions = reading.all(
        asked, select(asked).where(asked.c.case_id == case["id"]).order_by(asked.c.n)
    )
    if row is None:
        return Referral(coverage=coverage)
    return Referral(
        initiator=Initiator(row["initiator"]),
        motives=frozenset(Motive(code) for code in row["motives"]),
        questions=tuple(_question(one) for one in questions),
        first_diagnosis=row["first_diagnosis"],
        first_plan=row["first_plan"],
        planned_treatment_date=row["planned_treatment_date"] or "",
        relation=Relation(row["relation"]),
        coverage=Coverage(
            coverage.payer,
            coverage.pre_authorisation,
            row["in_network"],
            row["referral_required"],
        ),
    )


def _question(row: Row) -> Question:
    return Question(
        row["n"],
        row["text"],
        row["asked_by"],
        row["answer"],
        row["cannot_answer"],
        row["source"],
        row["confirmed"],
    )


def _flags(rows: list[Row]) -> tuple[RedFlag, ...]:
    newest: dict[str, RedFlag] = defaultdict()
    for row in rows:
        newest[row["code"]] = RedFlag(
            row["code"],
            row["text"],
            FlagAnswer(row["answer"]),
            row["asked_of"],
            row["by"],
            row["at"],
        )
    return tuple(newest.values())


def _declaration(row: Row) -> Declaration:
    return Declaration(row["by"], row["at"], row["conflict"], row["detail"])


def _triage(row: Row) -> Triage:
    return Triage(row["by"], row["at"], row["safe_to_continue"], row["note"])


def _contact(row: Row) -> UrgentContact:
    return UrgentContact(
        row["id"],
        row["case_id"],
        row["flag"],
        row["who"],
        row["phone"],
        row["at"],
        row["read_back"],
        row["basis"],
        row["by"],
    )


def _override(row: Row) -> Override:
    return Override(row["what"], row["reason"], row["by"], row["at"])
