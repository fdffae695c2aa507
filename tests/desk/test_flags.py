"""Red flags: none passes unseen, and none is left without a call and a physician."""

from dataclasses import replace

import pytest

from consultdesk.consultation.audit import Role
from consultdesk.consultation.case import (
    CaseState,
    FlagAnswer,
    RedFlag,
    UrgentContact,
    raised_flags,
)
from consultdesk.consultation.form import FlagQuestion
from consultdesk.desk import cases, opinion
from consultdesk.errors import FormIncomplete, NotAllowed
from consultdesk.samples import walk
from consultdesk.samples.walk import Story
from consultdesk.vault.vault import Vault

MINUTE = 60_000


@pytest.fixture
def asked(vault: Vault, received: str) -> FlagQuestion:
    """The first red flag of the specialty."""
    return cases.open_case(vault, received).specialty.red_flags[0]


def said(asked: FlagQuestion, answer: FlagAnswer, of: str = "the patient") -> RedFlag:
    return RedFlag(asked.code, asked.text, answer, asked_of=of)


def call(asked: FlagQuestion, at: int) -> UrgentContact:
    return UrgentContact("", "", asked.code, "Dr. Bakker", "+1 555 0140", at, True, "flag")


def state_of(vault: Vault, number: str) -> CaseState:
    return cases.open_case(vault, number).case.state


def test_a_no_needs_who_said_so(vault: Vault, received: str, asked: FlagQuestion, now: int) -> None:
    with pytest.raises(FormIncomplete, match="who said so"):
        cases.answer_flags(vault, received, (said(asked, FlagAnswer.NO, " "),), now)
    assert cases.open_case(vault, received).case.flags == ()


def test_a_yes_waits_for_nothing(
    vault: Vault, received: str, asked: FlagQuestion, now: int
) -> None:
    other = cases.open_case(vault, received).specialty.red_flags[1]
    both = (said(other, FlagAnswer.NO, ""), said(asked, FlagAnswer.YES, ""))
    cases.answer_flags(vault, received, both, now)
    case = cases.open_case(vault, received).case
    assert case.state is CaseState.URGENT_STOP
    assert [flag.code for flag in case.flags] == [asked.code]


def test_the_same_flag_raised_again_needs_another_call(
    vault: Vault, ready: str, asked: FlagQuestion, now: int
) -> None:
    yes = said(asked, FlagAnswer.YES)
    cases.answer_flags(vault, ready, (yes,), now)
    cases.log_contact(vault, ready, call(asked, now), now)
    cases.triage(vault, ready, now + MINUTE, safe=True)
    assert state_of(vault, ready) is CaseState.READY
    later = now + 10 * MINUTE
    cases.answer_flags(vault, ready, (replace(yes, asked_of="the daughter"),), later)
    with pytest.raises(FormIncomplete, match="log the urgent contact"):
        cases.triage(vault, ready, later, safe=True)
    cases.log_contact(vault, ready, call(asked, later), later)
    cases.triage(vault, ready, later, safe=True)
    assert state_of(vault, ready) is CaseState.READY


def test_keeping_the_same_answer_twice_raises_no_second_flag(
    vault: Vault, ready: str, asked: FlagQuestion, now: int
) -> None:
    yes = said(asked, FlagAnswer.YES)
    cases.answer_flags(vault, ready, (yes,), now)
    cases.log_contact(vault, ready, call(asked, now), now)
    cases.answer_flags(vault, ready, (yes,), now + MINUTE)
    cases.triage(vault, ready, now + MINUTE, safe=True)
    assert state_of(vault, ready) is CaseState.READY


def test_a_yes_that_is_taken_back_still_needs_a_call(
    vault: Vault, ready: str, asked: FlagQuestion, now: int
) -> None:
    cases.answer_flags(vault, ready, (said(asked, FlagAnswer.YES),), now + MINUTE)
    cases.answer_flags(vault, ready, (said(asked, FlagAnswer.NO),), now + 2 * MINUTE)
    with pytest.raises(FormIncomplete, match="without a call"):
        cases.triage(vault, ready, now + 3 * MINUTE, safe=True)
    cases.log_contact(vault, ready, call(asked, now + 3 * MINUTE), now + 3 * MINUTE)
    cases.triage(vault, ready, now + 4 * MINUTE, safe=True)
    assert state_of(vault, ready) is CaseState.READY


def test_a_call_names_its_flag_and_lies_in_the_past(
    vault: Vault, received: str, asked: FlagQuestion, now: int
) -> None:
    with pytest.raises(FormIncomplete, match="which red flag"):
        cases.log_contact(vault, received, replace(call(asked, now), flag="none of ours"), now)
    with pytest.raises(FormIncomplete, match="can't lie ahead"):
        cases.log_contact(vault, received, call(asked, now + MINUTE), now)


def test_a_triage_that_is_not_safe_stops_and_makes_nothing_ready(
    vault: Vault, story: Story, received: str, now: int
) -> None:
    cases.triage(vault, received, now, safe=False, note="Sounds like cauda equina.")
    assert state_of(vault, received) is CaseState.URGENT_STOP
    with vault.read() as reading:
        case = cases.open_case(vault, received).case
        missing = cases.missing_for_readiness(reading, case, now)
    assert "ask the red flags, or have a physician triage the case" in missing


def test_a_triage_counts_only_for_what_was_left_unasked_before_it(
    vault: Vault, received: str, asked: FlagQuestion, now: int
) -> None:
    def open_points() -> tuple[str, ...]:
        with vault.read() as reading:
            case = cases.open_case(vault, received).case
            return cases.missing_for_readiness(reading, case, now)

    cases.triage(vault, received, now, safe=True)
    assert not any("red flags" in one for one in open_points())
    cases.answer_flags(vault, received, (said(asked, FlagAnswer.NOT_ASKED, ""),), now + MINUTE)
    assert any("red flags" in one for one in open_points())


def test_only_a_physician_triages(vault: Vault, received: str, now: int) -> None:
    vault.role = Role.ASSISTANT
    with pytest.raises(NotAllowed):
        cases.triage(vault, received, now, safe=True)


def test_reading_goes_on_within_an_urgent_stop(
    vault: Vault, story: Story, ready: str, asked: FlagQuestion, now: int
) -> None:
    cases.answer_flags(vault, ready, (said(asked, FlagAnswer.YES),), now)
    walk.read(vault, ready, story, now)
    walk.compare(vault, ready, story, now)
    walk.draft(vault, ready, story, now)
    assert state_of(vault, ready) is CaseState.URGENT_STOP
    cases.log_contact(vault, ready, call(asked, now), now)
    cases.triage(vault, ready, now, safe=True)
    assert state_of(vault, ready) is CaseState.DRAFTING
    assert opinion.assessment(vault, ready).locked


def test_a_flag_on_a_case_that_has_ended_is_kept_and_stays_open(
    vault: Vault, received: str, asked: FlagQuestion, now: int
) -> None:
    cases.move_aside(vault, received, CaseState.DECLINED, "Another field.", now)
    cases.answer_flags(vault, received, (said(asked, FlagAnswer.YES),), now)
    case = cases.open_case(vault, received).case
    assert case.state is CaseState.DECLINED
    assert raised_flags(case)


def test_a_clock_set_back_keeps_nobody_in_the_stop(
    vault: Vault, ready: str, asked: FlagQuestion, now: int
) -> None:
    cases.answer_flags(vault, ready, (said(asked, FlagAnswer.YES),), now)
    earlier = now - 60 * MINUTE
    cases.log_contact(vault, ready, call(asked, earlier), earlier)
    cases.triage(vault, ready, earlier, safe=True)
    assert state_of(vault, ready) is CaseState.READY
