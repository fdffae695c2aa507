"""Clocks that nobody flatters: milestones by what came when, pauses that move what is due."""

from dataclasses import replace

import pytest

from consultdesk.consultation.case import CaseState
from consultdesk.consultation.record import RecordKind
from consultdesk.consultation.source import MemorySource
from consultdesk.consultation.turnaround import CaseClock
from consultdesk.desk import cases, clocks, intake, reports, store
from consultdesk.errors import FormIncomplete, NotFound
from consultdesk.samples import walk
from consultdesk.samples.practice import PASSPHRASE
from consultdesk.samples.walk import Story
from consultdesk.vault.vault import Vault

HOUR = 3_600_000
DAY = 24 * HOUR


def clock(vault: Vault, number: str) -> CaseClock:
    with vault.read() as reading:
        return clocks.clock_of(reading, cases.open_case(vault, number).case.id)


def name_kind(vault: Vault, number: str, record_id: str, kind: RecordKind, at: int) -> None:
    cases.change_record(vault, number, record_id, at, lambda one: replace(one, kind=kind))


def test_records_are_complete_when_they_came_not_when_somebody_named_them(
    vault: Vault, received: str, now: int
) -> None:
    note, report = cases.open_case(vault, received).records
    store.confirm_clock(vault, now + DAY)
    assert clock(vault, received).complete_at is None
    name_kind(vault, received, note.id, RecordKind.CLINIC_NOTE, now + DAY)
    name_kind(vault, received, report.id, RecordKind.IMAGING, now + 2 * DAY)
    found = clock(vault, received)
    assert found.complete_at == found.received_at
    assert found.first_pass_complete


def test_what_was_gone_without_is_no_first_pass(vault: Vault, received: str, now: int) -> None:
    for kind in cases.open_case(vault, received).completeness.missing:
        cases.go_on_without(vault, received, f"record:{kind}", "none exists", now)
    found = clock(vault, received)
    assert found.complete_at == now
    assert not found.first_pass_complete


def test_going_without_needs_a_kind_of_record(vault: Vault, received: str, now: int) -> None:
    for what in ("record:horoscope", "imaging", ""):
        with pytest.raises(FormIncomplete, match="which kind"):
            cases.go_on_without(vault, received, what, "none exists", now)


def test_after_acceptance_the_opinion_clock_is_never_put_back(
    vault: Vault, story: Story, ready: str, now: int
) -> None:
    before = clock(vault, ready).complete_at
    late = MemorySource("late.txt", b"Clinic note, arrived late.")
    store.confirm_clock(vault, now + DAY)
    taken = intake.bring_in_sources(vault, [late], now + DAY, number=ready)
    name_kind(vault, ready, taken.records[0].id, RecordKind.CLINIC_NOTE, now + DAY)
    assert clock(vault, ready).complete_at == before


def test_a_pause_moves_what_is_due_also_while_nobody_touches_the_case(
    vault: Vault, ready: str, now: int
) -> None:
    cases.wait_for(vault, ready, "patient", now)
    kept = cases.open_case(vault, ready).case.due_at
    assert kept is not None
    later = kept + 5 * DAY
    row = reports.queue(vault, reports.QueueView(show="open", now=later), 0, 1)[0]
    assert row.waiting_for == "patient"
    assert row.due_at is not None
    assert row.due_at > later
    assert not row.over


def test_unlocking_moves_on_what_is_due_in_paused_cases(vault: Vault, ready: str, now: int) -> None:
    cases.wait_for(vault, ready, "patient", now)
    before = cases.open_case(vault, ready).case.due_at
    store.confirm_clock(vault, now + 9 * DAY)
    cases.wait_for(vault, ready, "", now + 9 * DAY)
    cases.wait_for(vault, ready, "patient", now + 9 * DAY)
    vault.close()
    opened = store.unlock(vault.folder, vault.user, PASSPHRASE, now + 10 * DAY)
    try:
        after = cases.open_case(opened, ready).case.due_at
    finally:
        opened.close()
    assert before is not None
    assert after is not None
    assert after > before + 5 * DAY


def test_after_an_absence_what_is_due_moves_on_once_the_clock_is_confirmed(
    vault: Vault, ready: str, now: int
) -> None:
    cases.wait_for(vault, ready, "patient", now)
    before = cases.open_case(vault, ready).case.due_at
    vault.close()
    opened = store.unlock(vault.folder, vault.user, PASSPHRASE, now + 9 * DAY)
    try:
        believed = opened.now(now + 9 * DAY)
        unmoved = cases.open_case(opened, ready).case.due_at
        store.confirm_clock(opened, believed)
        after = cases.open_case(opened, ready).case.due_at
        assert opened.now(now + 9 * DAY) == now + 9 * DAY
    finally:
        opened.close()
    assert before is not None
    assert unmoved is not None
    assert unmoved < before + DAY
    assert after is not None
    assert after > before + 5 * DAY


def test_an_overdue_case_stays_overdue_while_it_is_paused(
    vault: Vault, ready: str, now: int
) -> None:
    kept = cases.open_case(vault, ready).case.due_at
    assert kept is not None
    store.confirm_clock(vault, kept + DAY)
    cases.wait_for(vault, ready, "patient", kept + DAY)
    row = reports.queue(vault, reports.QueueView(show="open", now=kept + 9 * DAY), 0, 1)[0]
    assert row.over


def test_only_four_things_are_waited_for_and_none_after_the_end(
    vault: Vault, received: str, now: int
) -> None:
    with pytest.raises(FormIncomplete):
        cases.wait_for(vault, received, "better weather", now)
    cases.wait_for(vault, received, "records", now)
    cases.wait_for(vault, received, "records", now + HOUR)
    assert len(clock(vault, received).pauses) == 1
    cases.move_aside(vault, received, CaseState.WITHDRAWN, "Decided otherwise.", now + DAY)
    assert clock(vault, received).pauses[0].stop == now + DAY
    with pytest.raises(FormIncomplete, match="waits for nobody"):
        cases.wait_for(vault, received, "records", now + DAY)


def test_ready_ends_the_waiting_for_records(
    vault: Vault, story: Story, received: str, now: int
) -> None:
    walk.confirm(vault, received, story, now)
    walk.accept(vault, received, now)
    cases.wait_for(vault, received, "records", now)
    walk.get_ready(vault, received, now)
    assert cases.open_case(vault, received).case.waiting_for == ""


def test_a_clock_set_back_within_a_pause_counts_for_nothing(
    vault: Vault, ready: str, now: int
) -> None:
    cases.wait_for(vault, ready, "patient", now)
    cases.wait_for(vault, ready, "", now - HOUR)
    assert cases.open_case(vault, ready).case.waiting_for == ""
    start, stop = reports.period(vault, None, None, now)
    assert reports.period_figures(vault, start, stop, now).waiting == 0


def test_a_case_nobody_knows_has_no_clock(vault: Vault) -> None:
    with vault.read() as reading, pytest.raises(NotFound):
        clocks.clock_of(reading, "nothing")
