from dataclasses import replace
from typing import Any

import pytest

from consultdesk.consultation.case import (
    OPEN_STATES,
    RELEASED_STATES,
    Case,
    CaseState,
    Declaration,
    FlagAnswer,
    Override,
    Priority,
    Question,
    RedFlag,
    Requirement,
    Triage,
    UrgentContact,
    completeness,
    flag_stops,
    missing_for_collecting,
    missing_for_leaving_stop,
    missing_for_ready,
    next_states,
    raised_flags,
    unasked_flags,
)
from consultdesk.consultation.record import RecordItem, RecordKind, Required

S = CaseState
WAY = [S.RECEIVED, S.COLLECTING, S.READY, S.OWN_READ, S.COMPARISON, S.DRAFTING, S.SIGNED]
CASE = Case(
    "id",
    "2026-0001",
    "patient",
    "spine",
    S.RECEIVED,
    Priority.ROUTINE,
    0,
    treating_physician_id="physician",
    declaration=Declaration("anna", 0, False),
    patient_confirmed=True,
)
YES = RedFlag("cauda", "Cauda equina", FlagAnswer.YES)
SAFE = Triage("anna", 0, True)
MUST = (
    Requirement(RecordKind.IMAGING, Required.MUST),
    Requirement(RecordKind.CLINIC_NOTE, Required.MUST),
    Requirement(RecordKind.LABORATORY, Required.SHOULD),
    Requirement(RecordKind.SLIDE, Required.NOT_APPLICABLE),
)


def record(kind: RecordKind, **changes: Any) -> RecordItem:  # noqa: ANN401 - any field
    plain = RecordItem("r", "id", "n", kind, "pdf", "00", 1, (), 0)
    return replace(plain, **changes)


def test_the_way_goes_one_step_at_a_time() -> None:
    for now, then in zip(WAY, WAY[1:], strict=False):
        assert then in next_states(now)
        assert not next_states(now) & set(WAY) - {then}
    assert next_states(S.RELEASED) == {S.ACKNOWLEDGED, S.CLOSED}
    assert next_states(S.RELEASED_TO_PATIENT_ONLY) == {S.RELEASED, S.ACKNOWLEDGED, S.CLOSED}
    assert next_states(S.ACKNOWLEDGED) == {S.CLOSED}


@pytest.mark.parametrize("end", [S.CLOSED, S.RETURNED, S.DECLINED, S.WITHDRAWN])
def test_what_has_ended_stays_ended(end: CaseState) -> None:
    assert next_states(end) == frozenset()


@pytest.mark.parametrize("state", WAY)
def test_the_ways_aside(state: CaseState) -> None:
    aside = next_states(state)
    before_signed = state is not S.SIGNED
    assert S.URGENT_STOP in aside
    assert (S.ON_HOLD in aside) == (S.WITHDRAWN in aside) == before_signed
    until_ready = state in (S.RECEIVED, S.COLLECTING, S.READY)
    assert (S.RETURNED in aside) == (S.DECLINED in aside) == until_ready


def test_a_hold_and_a_stop_lead_back_to_where_they_began() -> None:
    assert next_states(S.URGENT_STOP, S.READY) == {S.READY, S.WITHDRAWN}
    assert next_states(S.URGENT_STOP) == {S.WITHDRAWN}
    assert next_states(S.ON_HOLD, S.READY) == {S.READY, S.WITHDRAWN, S.URGENT_STOP}


def test_a_red_flag_stops_a_case_in_every_state_in_which_it_is_open() -> None:
    for state in OPEN_STATES - {S.URGENT_STOP}:
        assert S.URGENT_STOP in next_states(state, S.READY)
    assert not OPEN_STATES & RELEASED_STATES


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, ()),
        ({"patient_confirmed": False}, ("confirm who the patient is",)),
        ({"declaration": None}, ("declare conflicts of interest",)),
        ({"treating_physician_id": ""}, ('name the recipient, or say "none"',)),
        ({"treating_physician_id": "", "recipient_named": "none"}, ()),
    ],
)
def test_what_accepting_a_case_needs(changes: dict[str, Any], missing: tuple[str, ...]) -> None:
    assert missing_for_collecting(replace(CASE, **changes)) == missing


def test_a_stop_ends_when_each_flag_was_called_about_and_a_physician_says_safe() -> None:
    stopped = replace(CASE, flags=(YES, replace(YES, code="x", answer=FlagAnswer.NO)))
    call = UrgentContact("c", "id", "cauda", "who", "0", 0, True, "b")
    assert raised_flags(stopped) == (YES,)
    assert missing_for_leaving_stop(stopped) == (
        "log the urgent contact for: Cauda equina",
        'a physician signs "safe to continue"',
    )
    other = replace(stopped, contacts=(replace(call, flag="x"),), triage=SAFE)
    assert len(missing_for_leaving_stop(other)) == 1
    unsafe = replace(stopped, contacts=(call,), triage=replace(SAFE, safe_to_continue=False))
    assert missing_for_leaving_stop(unsafe) == ('a physician signs "safe to continue"',)
    assert missing_for_leaving_stop(replace(stopped, contacts=(call,), triage=SAFE)) == ()


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, True),
        ({"right_patient": True}, True),
        ({"right_patient": False}, False),
        ({"readable": False}, False),
        ({"entered_in_error": True}, False),
    ],
)
def test_only_a_usable_record_counts(changes: dict[str, Any], counts: bool) -> None:
    whole = completeness(MUST, (record(RecordKind.IMAGING, **changes),))
    assert (RecordKind.IMAGING not in whole.missing) == counts
    assert RecordKind.CLINIC_NOTE in whole.missing
    assert whole.should == (RecordKind.LABORATORY,)
    assert whole.share == (0.5 if counts else 0.0)
    assert completeness((), ()).share == 1.0


def _missing(case: Case, **changes: Any) -> tuple[str, ...]:  # noqa: ANN401 - any argument
    said: dict[str, Any] = {"review_consent": True, "conflicts": 0, "flag_codes": ("cauda",)}
    both = (record(RecordKind.IMAGING), record(RecordKind.CLINIC_NOTE))
    given = said | changes
    return missing_for_ready(case, given.pop("records", both), MUST, **given)


def test_what_a_case_needs_to_be_ready() -> None:
    asked = replace(CASE, flags=(replace(YES, answer=FlagAnswer.NO),))
    flags = "ask the red flags, or have a physician triage the case"
    note = "obtain the clinic note or go on without it with a reason"
    assert _missing(asked) == ()
    assert _missing(CASE) == (flags,)
    assert _missing(replace(CASE, flags=(replace(YES, answer=FlagAnswer.NOT_ASKED),))) == (flags,)
    assert _missing(replace(CASE, triage=SAFE)) == ()
    assert _missing(asked, conflicts=1) == ("decide which patient the records belong to",)
    assert _missing(asked, review_consent=False) == ("record the consent to review",)
    assert _missing(asked, records=(record(RecordKind.IMAGING),)) == (note,)
    lifted = replace(asked, overrides=(Override("record:clinic_note", "lost", "anna", 0),))
    assert _missing(lifted, records=(record(RecordKind.IMAGING),)) == ()
    assert len(_missing(lifted, records=())) == 1


def test_a_question_is_settled_by_an_answer_or_a_reason() -> None:
    assert not Question(1, "?", answer=" ").settled
    assert Question(1, "?", answer="yes").settled
    assert Question(1, "?", cannot_answer="no images").settled


def test_a_raised_flag_stops_sending_in_whatever_state_until_it_is_answered_for() -> None:
    raised = replace(CASE, flags=(replace(YES, at=10),), state=S.SIGNED)
    early = UrgentContact("-", "id", "cauda", "who", "0", 9, True, "b")
    assert flag_stops(raised)
    assert flag_stops(replace(raised, contacts=(early,), triage=replace(SAFE, at=10)))
    late = replace(early, at=10)
    assert flag_stops(replace(raised, contacts=(late,), triage=replace(SAFE, at=9)))
    assert not flag_stops(replace(raised, contacts=(late,), triage=replace(SAFE, at=10)))
    assert flag_stops(replace(CASE, state=S.URGENT_STOP))
    assert not flag_stops(CASE)


def test_flags_left_out_after_a_triage_are_open_again() -> None:
    left_out = replace(YES, answer=FlagAnswer.NOT_ASKED, at=10)
    case = replace(CASE, flags=(left_out,))
    assert unasked_flags(case, ("cauda", "cord")) == ("cauda", "cord")
    assert unasked_flags(replace(case, triage=replace(SAFE, at=9)), ("cauda",)) == ("cauda",)
    assert unasked_flags(replace(case, triage=replace(SAFE, at=10)), ("cauda",)) == ()


def test_a_conflict_of_interest_needs_another_reviewer() -> None:
    declared = replace(CASE, declaration=Declaration("anna", 0, True))
    assert len(missing_for_collecting(declared)) == 1
