"""The gate, once in the domain and once in the database, by one table."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from consultdesk.consultation.audit import Act, Outcome
from consultdesk.consultation.case import CaseState
from consultdesk.consultation.consent import Purpose, Revocation
from consultdesk.consultation.delivery import LARGEST_JUMP, Clause, ClearedParcel, Refusal
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.record import RecordKind
from consultdesk.errors import VaultDamaged
from consultdesk.vault import audit, consents, outbox, tables
from consultdesk.vault.rows import Writing, count
from tests.consultation.parcels import FAR, NOW, Anything
from tests.vault.building import Desk, bare_case, create, fill, the_patient
from tests.vault.foreign import unguarded
from tests.vault.plans import BROKEN, ONLY_IN_THE_DOMAIN, SAID, SOUND, to_patient, to_physician

CASES = [(clause, name) for clause, ways in BROKEN.items() for name in ways]


def insert_dispatch(writing: Writing, row: dict[str, object]) -> str:
    """What the database says to it; empty when it lets it through."""
    try:
        with writing.sql.begin_nested():
            writing.sql.execute(insert(tables.dispatch).values(**row))
    except IntegrityError as error:
        return str(error.orig)
    return ""


def test_the_table_breaks_every_clause_that_a_database_can_see() -> None:
    assert set(BROKEN) | ONLY_IN_THE_DOMAIN == set(Clause)


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_release_passes_the_gate_and_the_database(desk: Desk, name: str) -> None:
    with desk.act() as writing:
        plan = SOUND[name](writing, desk)
        assert isinstance(plan.ask(writing, desk), ClearedParcel)
        assert insert_dispatch(writing, plan.row(writing, desk)) == ""


@pytest.mark.parametrize(("clause", "name"), CASES, ids=str)
def test_a_release_that_breaks_one_clause_is_refused_by_both(
    desk: Desk, clause: Clause, name: str
) -> None:
    with desk.act() as writing:
        plan = BROKEN[clause][name](writing, desk)
        assert plan.ask(writing, desk) == Refusal((clause,))
        said = insert_dispatch(writing, plan.row(writing, desk))
        assert said == f"gate:{SAID.get(clause, clause)}"


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ("gate:basis", {"basis": "legal_duty"}),
        ("gate:basis", {"basis": "PATIENT"}),
        ("gate:clock", {"at": NOW - 1}),
        ("gate:not_expired", {"at": "soon"}),
        ("gate:clock", {"at": "soon", "basis": "patient"}),
        ("gate:clock", {"at": None}),
        ("gate:consent_recorded", {"letter_id": "unknown"}),
        ("gate:letter_signed", {"letter_id": "unknown", "basis": "patient"}),
        ("gate:consent_recorded", {"case_id": "another"}),
        ("gate:letter_fits", {"case_id": "another", "basis": "patient"}),
        ("gate:hash", {"hash_token": ""}),
        ("gate:purpose", {"purpose_token": ""}),
        ("gate:channel", {"channel_id": "unknown"}),
        ("gate:consent_recorded", {"consent_id": "unknown"}),
        ("UNIQUE constraint failed: dispatch.key", {"key": "first"}),
    ],
)
def test_the_database_refuses_what_the_program_never_asks(
    desk: Desk, said: str, changes: dict[str, Any]
) -> None:
    with desk.act() as writing:
        assert insert_dispatch(writing, desk.dispatch_row(writing, **changes)) == said


def test_a_letter_of_one_case_is_not_sent_as_a_letter_of_another(desk: Desk) -> None:
    with desk.act() as writing:
        plan = to_patient(writing, desk)
        row = plan.row(writing, desk) | {"case_id": "another"}
        assert insert_dispatch(writing, row) == "gate:letter_fits"


@pytest.mark.parametrize("dimension", ["recipient", "purpose", "record_kind", "sensitivity"])
def test_a_token_of_a_consent_counts_only_for_what_it_was_given(desk: Desk, dimension: str) -> None:
    narrow: dict[str, Anything] = {
        "recipient": {"recipients": frozenset({"another"})},
        "purpose": {"purposes": frozenset({Purpose.LEGAL})},
        "record_kind": {"record_kinds": frozenset({RecordKind.OTHER})},
        "sensitivity": {"sensitivities": frozenset()},
    }
    with desk.act() as writing:
        token = {
            "recipient": desk.physician_id,
            "purpose": consents.purpose_token(writing, desk.case_id, Purpose.TREATMENT),
            "record_kind": writing.clinical.token(desk.case_id, "record_kind", "imaging"),
            "sensitivity": writing.clinical.token(desk.case_id, "sensitivity", "HIV"),
        }[dimension]
        name = new_id(NOW)
        writing.scope(tables.consent_scope, name, "elsewhere", [token])
        plan = to_physician(desk, consent=desk.add_consent(writing, id=name, **narrow[dimension]))
        said = insert_dispatch(writing, plan.row(writing, desk))
    plural = {"record_kind": "record_kinds", "sensitivity": "sensitivities"}
    assert said == f"gate:{plural.get(dimension, dimension)}"


def test_another_version_with_less_in_it_passes_the_database_where_the_first_doesnt(
    desk: Desk,
) -> None:
    """Each version has tokens of its own, so none lends another its way out."""
    with desk.act() as writing:
        notes = frozenset({RecordKind.CLINIC_NOTE})
        narrow = desk.add_consent(writing, record_kinds=notes, sensitivities=frozenset())
        less = desk.add_letter(
            writing,
            version=2,
            record_kinds=notes,
            sensitivities=frozenset(),
            source={"version_of": desk.letter.id},
        )
        first, second = to_physician(desk, consent=narrow), to_physician(desk, letter=less)
        assert first.ask(writing, desk) == Refusal((Clause.RECORD_KINDS, Clause.SENSITIVITIES))
        assert insert_dispatch(writing, first.row(writing, desk)) == "gate:record_kinds"
        second = replace(second, consent=narrow)
        assert isinstance(second.ask(writing, desk), ClearedParcel)
        row = second.row(writing, desk)
        assert insert_dispatch(writing, row) == ""
        lent = row | {"id": new_id(NOW), "key": new_id(NOW), "letter_id": desk.letter.id}
        assert insert_dispatch(writing, lent) in ("gate:hash", "gate:record_kinds")
        with pytest.raises(IntegrityError, match="kept:letter_scope"):
            writing.scope(tables.letter_scope, less.id, "record_kind", ["more"])


@pytest.mark.parametrize("manner", ["OR REPLACE", "OR IGNORE", "OR FAIL", "OR ROLLBACK"])
def test_no_manner_of_insert_passes_by_the_gate(desk: Desk, manner: str) -> None:
    def send() -> None:
        with desk.act() as writing:
            row = desk.dispatch_row(writing, consent_id=None)
            writing.sql.execute(insert(tables.dispatch).prefix_with(manner).values(**row))

    with pytest.raises(VaultDamaged, match="refused this step"):
        send()
    with desk.vault.read() as reading:
        assert count(reading, tables.dispatch) == 1


def test_no_ground_at_all_is_no_way_by_the_gate(desk: Desk) -> None:
    with desk.act() as writing:
        said = insert_dispatch(writing, desk.dispatch_row(writing, basis=None, consent_id=None))
        assert said


def test_a_dispatch_dated_ahead_of_every_clock_is_refused(tmp_path: Path) -> None:
    real = int(time.time() * 1000)
    vault = create(tmp_path / "today.desk", real)
    desk = fill(vault)
    with vault.act(Act("test", real)) as writing:
        ahead = desk.dispatch_row(writing, at=real + 3_600_000)
        assert insert_dispatch(writing, ahead) == "gate:clock"
    vault.close()


def test_a_clock_far_ahead_of_the_mark_ends_no_consent_and_lets_none_leave(desk: Desk) -> None:
    assert time.time() * 1000 > NOW + 3 * LARGEST_JUMP, "the tests' own time is past"
    with desk.act() as writing:
        held = desk.add_consent(writing, expires_at=NOW + LARGEST_JUMP)
        plan = to_physician(desk, consent=held)
        assert insert_dispatch(writing, plan.row(writing, desk)) == "gate:clock"
        late = replace(plan, at=NOW + 2 * LARGEST_JUMP)
        assert insert_dispatch(writing, late.row(writing, desk)) == "gate:clock"
    with desk.act() as writing:
        mine = to_patient(writing, desk)
        assert insert_dispatch(writing, mine.row(writing, desk)) == ""


def test_a_caller_whose_clock_was_set_back_gains_nothing(tmp_path: Path) -> None:
    real = int(time.time() * 1000)
    vault = create(tmp_path / "today.desk", real)
    desk = fill(vault)
    with vault.act(Act("test", real)) as writing:
        held = desk.add_consent(writing, expires_at=real + 1)
        plan = to_physician(desk, consent=held, at=real)
        assert isinstance(plan.ask(writing, desk), ClearedParcel)
        assert insert_dispatch(writing, plan.row(writing, desk)) == "gate:not_expired"
    vault.close()


def test_the_database_ends_a_consent_at_its_very_instant(tmp_path: Path) -> None:
    vault = create(tmp_path / "ahead.desk", FAR - 1)
    with vault.act(Act("confirm_clock", FAR - 1)):
        pass
    desk = fill(vault)
    with vault.act(Act("test", FAR - 1)) as writing:
        letter = to_physician(desk, at=FAR - 1)
        assert insert_dispatch(writing, letter.row(writing, desk)) == ""
    with vault.act(Act("test", FAR)):
        pass
    with vault.act(Act("test", FAR)) as writing:
        late = to_physician(desk, at=FAR)
        assert late.ask(writing, desk) == Refusal((Clause.NOT_EXPIRED,))
        assert insert_dispatch(writing, late.row(writing, desk)) == "gate:not_expired"
    vault.close()


def test_a_refusal_by_the_database_is_kept_in_the_audit_and_nothing_else_is(desk: Desk) -> None:
    with desk.act("release_letter") as writing:
        plan = to_physician(desk)
        cleared = plan.ask(writing, desk)
        assert isinstance(cleared, ClearedParcel)
        gone = Revocation(new_id(NOW), desk.consent.id, NOW, "the patient", "in person")
        consents.revoke(writing, desk.case_id, gone)
        with writing.gated():
            writing.sql.execute(text("UPDATE \"case\" SET payer = 'changed'"))
            outbox.add(writing, cleared, new_id(NOW), "anna")
    assert writing.refused == ("not_revoked",)
    with desk.vault.read() as reading:
        line = audit.events(reading, limit=1)[0]
        assert (line.act, line.outcome, line.detail) == (
            "release_letter",
            Outcome.REFUSED,
            "not_revoked",
        )
        assert count(reading, tables.dispatch) == 1
        assert reading.sql.execute(select(tables.case.c.payer)).scalar() == "Payer Ltd"
        assert audit.refusals(reading, NOW, NOW + 1) == 1
        assert audit.refusals(reading, NOW - 9, NOW) == 0
        assert all(one.revocation for one in consents.of_case(reading, desk.case_id))


def test_a_step_that_passes_the_gate_is_kept(desk: Desk) -> None:
    with desk.act("release_letter") as writing, writing.gated():
        plan = to_patient(writing, desk)
        writing.sql.execute(insert(tables.dispatch).values(**plan.row(writing, desk)))
    assert writing.refused == ()
    with desk.vault.read() as reading:
        assert count(reading, tables.dispatch) == 2


def test_another_failure_inside_the_gated_step_undoes_it_and_is_no_refusal(desk: Desk) -> None:
    def fail(writing: Writing) -> None:
        with writing.gated():
            writing.sql.execute(text("UPDATE \"case\" SET payer = 'changed'"))
            raise ZeroDivisionError

    with desk.act() as writing:
        with pytest.raises(ZeroDivisionError):
            fail(writing)
        with pytest.raises(DatabaseError), writing.gated():
            writing.sql.execute(text("UPDATE letter SET version = 9"))
        with unguarded(writing), pytest.raises(IntegrityError), writing.gated():
            writing.sql.execute(text("UPDATE letter SET version = 9"))
        assert writing.refused == ()
    with desk.vault.read() as reading:
        assert reading.sql.execute(select(tables.case.c.payer)).scalar() == "Payer Ltd"


def test_a_case_is_released_by_a_dispatch_of_the_same_ground(desk: Desk) -> None:
    to_others = text("UPDATE \"case\" SET state = 'released'")
    to_patient_only = text("UPDATE \"case\" SET state = 'released_to_patient_only'")
    with desk.act() as writing:
        with pytest.raises(IntegrityError, match="gate:released_without_dispatch"):
            writing.sql.execute(to_patient_only)
        writing.sql.execute(to_others)
        plan = to_patient(writing, desk)
        assert insert_dispatch(writing, plan.row(writing, desk)) == ""
        writing.sql.execute(to_patient_only)


def test_a_case_without_any_dispatch_is_never_released(desk: Desk) -> None:
    with desk.act() as writing:
        fresh = tables.case.insert().from_select(
            [column.name for column in tables.case.columns],
            select(
                *(
                    text("'fresh'") if column.name in ("id", "number") else column
                    for column in tables.case.columns
                )
            ),
        )
        writing.sql.execute(fresh)
        for state in ("released", "released_to_patient_only"):
            with pytest.raises(IntegrityError, match="gate:released_without_dispatch"):
                writing.sql.execute(
                    tables.case.update().where(tables.case.c.id == "fresh").values(state=state)
                )


def test_a_case_sent_to_the_patient_only_is_not_released_to_others(desk: Desk) -> None:
    with desk.act() as writing:
        other = bare_case(writing, the_patient(writing, desk), "2026-0002")
        plan = to_patient(writing, desk, case_id=other.id)
        row = replace(plan, case_id=other.id).row(writing, desk)
        assert insert_dispatch(writing, row) == ""
        of_other = tables.case.update().where(tables.case.c.id == other.id)
        with pytest.raises(IntegrityError, match="gate:released_without_dispatch"):
            writing.sql.execute(of_other.values(state="released"))
        of_first = tables.case.update().where(tables.case.c.id == desk.case_id)
        with pytest.raises(IntegrityError, match="gate:released_without_dispatch"):
            writing.sql.execute(of_first.values(state="released_to_patient_only"))
        writing.sql.execute(of_other.values(state="released_to_patient_only"))
        writing.sql.execute(of_other.values(state="released_to_patient_only", payer="x"))


def test_a_case_starts_as_received(desk: Desk) -> None:
    with desk.act() as writing:
        row = {"id": new_id(NOW), "number": "2026-9", "state": CaseState.RELEASED.value}
        held = dict(writing.sql.execute(select(tables.case)).mappings().one())
        with pytest.raises(IntegrityError, match="gate:case_starts_received"):
            writing.sql.execute(insert(tables.case).values(**held | row))
