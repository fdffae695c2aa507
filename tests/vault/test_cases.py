"""Cases: kept whole, moved with a trace, and queued as the person asks."""

import random
from dataclasses import replace

import pytest

from consultdesk.consultation.audit import Act
from consultdesk.consultation.case import (
    PRIORITY_RANK,
    Case,
    CaseState,
    FlagAnswer,
    Priority,
    Question,
    RedFlag,
    Triage,
)
from consultdesk.consultation.identity import new_id
from consultdesk.vault import cases, people, turnaround
from consultdesk.vault.cases import QueueView
from consultdesk.vault.rows import Reading
from consultdesk.vault.vault import Vault
from tests.consultation.parcels import NOW
from tests.vault.building import Desk, a_case, a_patient, bare_case, the_patient


def held(reading: Reading, desk: Desk) -> Case:
    case = cases.by_id(reading, desk.case_id)
    assert case is not None
    return case


def test_a_case_is_kept_whole(desk: Desk) -> None:
    with desk.vault.read() as reading:
        case = held(reading, desk)
        assert cases.by_number(reading, "2026-0001") == case
        assert cases.by_number(reading, "2026-9999") is None
        assert cases.by_id(reading, "unknown") is None
        assert cases.of_patient(reading, desk.patient_id) == (desk.case_id,)
    wanted = a_case(desk.patient_id, id=desk.case_id, treating_physician_id=desk.physician_id)
    later = {"flags", "triage", "contacts", "overrides", "declaration", "waiting_for"}
    assert replace(case, **{name: getattr(wanted, name) for name in later}) == wanted
    assert case.flags[0].answer is FlagAnswer.YES
    assert case.triage == Triage("anna", NOW, True, "CANARY-triage")
    assert case.contacts[0].read_back is True
    assert case.overrides[0].what == "record:genetics"
    assert case.declaration is not None
    assert case.declaration.conflict is False
    assert case.waiting_for == "records"


def test_a_case_is_changed_but_not_its_number_or_state(desk: Desk) -> None:
    with desk.act() as writing:
        case = held(writing, desk)
        referral = replace(case.referral, first_plan="fusion", motives=frozenset())
        changed = replace(
            case,
            number="2026-0042",
            state=CaseState.CLOSED,
            priority=Priority.EMERGENT,
            referral=referral,
            level="L5/S1",
            treating_physician_id="",
            parent_case="2025-0001",
        )
        cases.change(writing, changed)
        after = held(writing, desk)
    assert after == replace(changed, number=case.number, state=case.state)


def test_questions_are_kept_changed_and_dropped(desk: Desk) -> None:
    with desk.act() as writing:
        (row,) = cases.queue(writing, QueueView(), 0, 9)
        assert row.question == "CANARY fuse or not?"
        asked = (Question(2, "kept second"), Question(3, "new third", answer="yes"))
        cases.set_questions(writing, desk.case_id, asked)
        assert held(writing, desk).referral.questions == asked
        assert cases.queue(writing, QueueView(), 0, 9)[0].question == "kept second"
        cases.set_questions(writing, desk.case_id, ())
        assert held(writing, desk).referral.questions == ()
        assert cases.queue(writing, QueueView(), 0, 9)[0].question == ""


def test_the_newest_answer_to_a_flag_stands(desk: Desk) -> None:
    with desk.act() as writing:
        flag = RedFlag("CANARY-cauda", "text", FlagAnswer.NO, "the patient", "anna", NOW + 1)
        cases.answer_flag(writing, desk.case_id, flag)
        assert held(writing, desk).flags == (flag,)
        cases.keep_triage(writing, desk.case_id, Triage("anna", NOW + 1, False))
        assert held(writing, desk).triage == Triage("anna", NOW + 1, False)


def test_moves_leave_a_trace_and_set_times(desk: Desk) -> None:
    with desk.act() as writing:
        cases.move(
            writing, held(writing, desk), CaseState.COLLECTING, at=NOW + 1, by="bo", accepted_at=7
        )
        cases.stamp(writing, desk.case_id, ready_at=9)
        after = held(writing, desk)
        assert (after.state, after.accepted_at, after.ready_at) == ("collecting", 7, 9)
        assert cases.moves(writing, desk.case_id) == (
            (NOW, "", "received", "anna"),
            (NOW + 1, "received", "collecting", "bo"),
        )


def test_a_case_on_hold_and_then_stopped_still_knows_where_it_came_from(desk: Desk) -> None:
    steps = [
        (CaseState.COLLECTING, None),
        (CaseState.ON_HOLD, CaseState.COLLECTING),
        (CaseState.URGENT_STOP, CaseState.COLLECTING),
        (CaseState.COLLECTING, None),
        (CaseState.URGENT_STOP, CaseState.COLLECTING),
    ]
    with desk.act() as writing:
        for n, (to, before) in enumerate(steps):
            cases.move(writing, held(writing, desk), to, at=NOW + n, by="anna", reason="because")
            assert held(writing, desk).state_before == before


def test_pauses_follow_what_is_waited_for(desk: Desk) -> None:
    with desk.act() as writing:
        cases.wait_for(writing, desk.case_id, "consent", NOW + 10)
        cases.wait_for(writing, desk.case_id, "", NOW + 20)
        with pytest.raises(ValueError, match="the weather"):
            cases.wait_for(writing, desk.case_id, "the weather", NOW)
        (clock,) = turnaround.clocks(writing, desk.case_id)
        assert held(writing, desk).waiting_for == ""
    assert [(p.start, p.stop, p.reason) for p in sorted(clock.pauses, key=lambda p: p.start)] == [
        (NOW, NOW + 10, "records"),
        (NOW + 10, NOW + 20, "consent"),
    ]


def test_numbers_count_on_within_their_year(desk: Desk) -> None:
    with desk.act() as writing:
        patient = the_patient(writing, desk)
        assert cases.next_number(writing, 2025) == "2025-0001"
        assert cases.next_number(writing, 2026) == "2026-0002"
        for number in ("2026-9999", "2026-10000", "2026-0500"):
            bare_case(writing, patient, number)
        assert cases.next_number(writing, 2026) == "2026-10001"


# --- the queue ----------------------------------------------------------------------------

STATES = [
    CaseState.RECEIVED,
    CaseState.COLLECTING,
    CaseState.OWN_READ,
    CaseState.URGENT_STOP,
    CaseState.DECLINED,
    CaseState.ON_HOLD,
]


@pytest.fixture
def many(vault: Vault) -> tuple[Vault, list[Case]]:
    """Forty cases of all sorts, with many ties."""
    luck = random.Random(4)
    made = []
    with vault.act(Act("many", NOW)) as writing:
        patients = [a_patient(id=new_id(NOW), name=name) for name in ("Ada", "Bea", "Cleo")]
        for patient in patients:
            people.add_patient(writing, patient, NOW)
        for n in range(40):
            case = bare_case(
                writing,
                luck.choice(patients),
                f"2026-{n:04d}",
                id=new_id(NOW + luck.randrange(9)),
                priority=luck.choice(list(Priority)),
                specialty=luck.choice(["spine", "cardiology"]),
                due_at=luck.choice([None, NOW, NOW + 5, NOW + 9]),
                received_at=NOW - luck.randrange(4),
                reviewer=luck.choice(["anna", "bo", ""]),
            )
            to = luck.choice(STATES)
            if to is not CaseState.RECEIVED:
                cases.move(writing, case, to, at=NOW, by="anna")
            if luck.random() < 0.3:
                cases.wait_for(writing, case.id, "patient", NOW)
            made.append(cases.by_id(writing, case.id) or case)
    return vault, made


def names(vault: Vault) -> dict[str, str]:
    with vault.read() as reading:
        return {row.id: row.patient for row in cases.queue(reading, QueueView("all"), 0, 99)}


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(
    "sort", ["priority", "due", "patient", "state", "received", "number", "specialty"]
)
def test_the_queue_is_sorted_and_pages_add_up(
    many: tuple[Vault, list[Case]], sort: str, descending: bool
) -> None:
    vault, made = many
    of = names(vault)
    keys = {
        "priority": lambda c: (PRIORITY_RANK[c.priority], c.due_at or 0, c.id),
        "due": lambda c: (c.due_at or 0, c.id),
        "patient": lambda c: (of[c.id], c.id),
        "state": lambda c: (c.state, c.id),
        "received": lambda c: (c.received_at, c.id),
        "number": lambda c: c.number,
        "specialty": lambda c: (c.specialty, c.id),
    }
    wanted = [c.id for c in sorted(made, key=keys[sort], reverse=descending)]
    view = QueueView("all", sort=sort, descending=descending)
    with vault.read() as reading:
        assert list(cases.queue_ids(reading, view)) == wanted
        paged = [
            row.id for start in range(0, 45, 7) for row in cases.queue(reading, view, start, 7)
        ]
    assert paged == wanted


@pytest.mark.parametrize(
    "show", ["mine", "open", "overdue", "waiting", "released", "closed", "all"]
)
def test_the_queue_shows_what_was_asked_for(many: tuple[Vault, list[Case]], show: str) -> None:
    vault, made = many
    at = NOW + 6
    is_open = {c.id for c in made if c.state is not CaseState.DECLINED}
    shown = {
        "mine": {c.id for c in made if c.id in is_open and c.reviewer in ("anna", "")},
        "open": is_open,
        "overdue": {c.id for c in made if c.id in is_open and c.due_at and c.due_at < at},
        "waiting": {c.id for c in made if c.id in is_open and c.waiting_for},
        "released": set(),
        "closed": {c.id for c in made} - is_open,
        "all": {c.id for c in made},
    }
    view = QueueView(show, user="anna", now=at)
    with vault.read() as reading:
        rows = cases.queue(reading, view, 0, 99)
        assert {row.id for row in rows} == shown[show] == set(cases.queue_ids(reading, view))
        assert cases.queue_count(reading, view) == len(rows)
        assert {row.id for row in rows if row.over} <= {c.id for c in made if c.id in is_open}
        assert all(row.over for row in rows) or show != "overdue"
        few = replace(view, case_ids=tuple(sorted(shown[show])[:3]))
        assert cases.queue_count(reading, few) == min(3, len(rows))
        assert cases.queue(reading, replace(view, case_ids=()), 0, 9) == ()
