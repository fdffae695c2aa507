from dataclasses import replace

import pytest

from consultdesk.consultation.case import CaseState, FlagAnswer, Priority, RedFlag, UrgentContact
from consultdesk.consultation.consent import ConsentKind
from consultdesk.desk import cases, letter, reports
from consultdesk.errors import FormIncomplete, NotFound
from consultdesk.samples import walk
from consultdesk.samples.practice import PASSPHRASE
from consultdesk.samples.walk import Story
from consultdesk.vault.vault import Vault

HOUR = 3_600_000


def state_of(vault: Vault, number: str) -> CaseState:
    return cases.open_case(vault, number).case.state


def test_a_case_is_accepted_only_with_patient_interests_and_recipient(
    vault: Vault, story: Story, received: str, now: int
) -> None:
    with pytest.raises(FormIncomplete) as refused:
        cases.accept(vault, received, now)
    assert refused.value.missing == (
        "confirm who the patient is",
        "declare conflicts of interest",
        'name the recipient, or say "none"',
    )
    walk.confirm(vault, received, story, now)
    cases.declare(vault, received, now, conflict=False)
    cases.accept(vault, received, now)
    file = cases.open_case(vault, received)
    assert file.case.state is CaseState.COLLECTING
    assert file.case.accepted_at == now
    assert file.case.reviewer == vault.user


def test_no_recipient_is_an_answer_too(vault: Vault, received: str, now: int) -> None:
    file = cases.open_case(vault, received)
    cases.confirm_patient(vault, received, file.patient, now)
    cases.declare(vault, received, now, conflict=False)
    cases.name_no_recipient(vault, received, now)
    cases.accept(vault, received, now)
    assert state_of(vault, received) is CaseState.COLLECTING


def test_ready_needs_flags_asked_consent_and_required_records(
    vault: Vault, story: Story, received: str, now: int
) -> None:
    walk.confirm(vault, received, story, now)
    walk.accept(vault, received, now)
    with pytest.raises(FormIncomplete) as refused:
        cases.make_ready(vault, received, now)
    assert "ask the red flags, or have a physician triage the case" in refused.value.missing
    assert "record the consent to review" in refused.value.missing
    assert any("imaging" in one for one in refused.value.missing)
    walk.get_ready(vault, received, now)
    assert state_of(vault, received) is CaseState.READY


def test_a_waived_record_needs_a_reason_and_prints_as_a_limitation(
    vault: Vault, ready: str, now: int
) -> None:
    with pytest.raises(FormIncomplete):
        cases.go_on_without(vault, ready, "record:imaging", "  ", now)
    waived = cases.open_case(vault, ready).case.overrides
    assert {override.what for override in waived} == {"record:imaging", "record:clinic_note"}


def test_flags_not_asked_need_a_physicians_triage(
    vault: Vault, story: Story, received: str, now: int
) -> None:
    walk.confirm(vault, received, story, now)
    walk.accept(vault, received, now)
    file = cases.open_case(vault, received)
    for flag in file.specialty.red_flags:
        cases.answer_flags(
            vault, received, (RedFlag(flag.code, flag.text, FlagAnswer.NOT_ASKED),), now
        )
    walk.agree_to_review(vault, received, now)
    for kind in file.completeness.missing:
        cases.go_on_without(vault, received, f"record:{kind}", "none exists", now)
    with pytest.raises(FormIncomplete, match="red flags"):
        cases.make_ready(vault, received, now)
    cases.triage(vault, received, now, safe=True, note="Read the referral.")
    cases.make_ready(vault, received, now)
    assert state_of(vault, received) is CaseState.READY


def test_any_red_flag_stops_and_leaves_only_by_call_and_signature(
    vault: Vault, ready: str, now: int
) -> None:
    flag = cases.open_case(vault, ready).specialty.red_flags[0]
    said = RedFlag(flag.code, flag.text, FlagAnswer.YES, asked_of="the patient")
    cases.answer_flags(vault, ready, (said,), now)
    assert state_of(vault, ready) is CaseState.URGENT_STOP
    with pytest.raises(FormIncomplete, match="log the urgent contact"):
        cases.triage(vault, ready, now, safe=True)
    call = UrgentContact("", "", flag.code, "Dr. Bakker", "+1 555 0140", now, True, "cauda equina")
    with pytest.raises(FormIncomplete, match="read back"):
        cases.log_contact(vault, ready, replace(call, read_back=False), now)
    cases.log_contact(vault, ready, call, now)
    cases.triage(vault, ready, now, safe=True)
    assert state_of(vault, ready) is CaseState.READY


def test_a_refused_step_changes_nothing(vault: Vault, received: str, now: int) -> None:
    before = reports.case_events(vault)
    with pytest.raises(FormIncomplete):
        cases.accept(vault, received, now)
    assert reports.case_events(vault) == before
    assert state_of(vault, received) is CaseState.RECEIVED


def test_on_hold_comes_back_to_where_it_stood(vault: Vault, ready: str, now: int) -> None:
    with pytest.raises(FormIncomplete):
        cases.move_aside(vault, ready, CaseState.ON_HOLD, "", now)
    cases.move_aside(vault, ready, CaseState.ON_HOLD, "The patient travels.", now)
    assert state_of(vault, ready) is CaseState.ON_HOLD
    cases.resume(vault, ready, now)
    assert state_of(vault, ready) is CaseState.READY


@pytest.mark.parametrize("to", [CaseState.RETURNED, CaseState.DECLINED, CaseState.WITHDRAWN])
def test_until_ready_a_case_can_be_returned_declined_or_withdrawn(
    vault: Vault, received: str, now: int, to: CaseState
) -> None:
    cases.move_aside(vault, received, to, "Records of another specialty.", now)
    assert state_of(vault, received) is to
    with pytest.raises(FormIncomplete):
        cases.accept(vault, received, now)


def test_a_signed_case_is_neither_returned_nor_withdrawn(
    vault: Vault, drafted: str, now: int
) -> None:
    walk.sign(vault, drafted, PASSPHRASE, now)
    for to in (CaseState.RETURNED, CaseState.WITHDRAWN, CaseState.ON_HOLD):
        with pytest.raises(FormIncomplete):
            cases.move_aside(vault, drafted, to, "Too late.", now)


def test_a_change_of_priority_loses_no_pause_and_moves_the_due_time(
    vault: Vault, story: Story, received: str, now: int
) -> None:
    cases.wait_for(vault, received, "records", now)
    before = cases.open_case(vault, received).case
    cases.set_priority(vault, received, Priority.EMERGENT, now + HOUR)
    after = cases.open_case(vault, received).case
    assert after.waiting_for == "records"
    assert after.due_at is not None
    assert before.due_at is not None
    assert after.due_at < before.due_at


def test_the_queue_shows_priority_first_then_due(vault: Vault, story: Story, now: int) -> None:
    first = walk.receive(vault, story, now)
    second = walk.receive(vault, story, now)
    cases.set_priority(vault, second, Priority.URGENT, now)
    view = reports.QueueView(show="open", now=now)
    assert [row.number for row in reports.queue(vault, view, 0, 10)] == [second, first]
    assert reports.queue_count(vault, view) == 2


def test_a_case_nobody_knows_is_said_so(vault: Vault) -> None:
    with pytest.raises(NotFound, match="no case 2020-0001"):
        cases.open_case(vault, "2020-0001")


def test_a_consent_that_was_awaited_ends_the_wait(vault: Vault, received: str, now: int) -> None:
    cases.wait_for(vault, received, "consent", now)
    walk.agree_to_review(vault, received, now)
    file = cases.open_case(vault, received)
    assert file.case.waiting_for == ""
    assert file.consents[0].kind is ConsentKind.REVIEW


def test_closing_needs_an_acknowledgement_or_documented_chases(
    vault: Vault, drafted: str, now: int
) -> None:
    with pytest.raises(FormIncomplete):
        cases.close(vault, drafted, now)
    assert letter.check(vault, drafted).missing == ()
