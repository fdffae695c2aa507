"""Looking at records: each look is kept, and sealing fails closed."""

from dataclasses import replace

import pytest

from consultdesk.consultation.source import MemorySource
from consultdesk.desk import cases, reports, viewing
from consultdesk.desk.intake import bring_in_sources
from consultdesk.errors import NotFound
from consultdesk.samples import walk
from consultdesk.samples.walk import Story
from consultdesk.vault.vault import Vault


def test_who_looked_at_a_record_is_kept(vault: Vault, received: str, now: int) -> None:
    record = cases.open_case(vault, received).records[0]
    assert viewing.open_record(vault, received, record.id, now).view is not None
    event = reports.case_events(vault)[0]
    assert (event.act, event.entity, event.actor) == ("view_record", record.id, vault.user)
    with pytest.raises(NotFound):
        viewing.open_record(vault, received, "nothing", now)


def test_a_record_marked_as_revealing_is_covered_whole_where_no_section_is_named(
    vault: Vault, story: Story, ready: str, now: int
) -> None:
    cases.describe(vault, ready, now, lambda case: replace(case, sealing=True))
    text = b"The colleague thinks of Zanzibar syndrome."
    taken = bring_in_sources(vault, [MemorySource("letter.txt", text)], now, number=ready)
    record_id = taken.records[0].id
    cases.change_record(
        vault, ready, record_id, now, lambda one: replace(one, reveals_first_opinion=True)
    )
    opened = viewing.open_record(vault, ready, record_id, now)
    assert (opened.covered, opened.view) == (True, None)
    assert viewing.find(vault, "Zanzibar") == ()
    walk.read(vault, ready, story, now)
    assert viewing.open_record(vault, ready, record_id, now).view is not None
    assert len(viewing.find(vault, "Zanzibar", number=ready)) == 1


def test_what_was_reworded_is_found_once(
    vault: Vault, story: Story, received: str, now: int
) -> None:
    walk.confirm(vault, received, story, now)
    asked = cases.open_case(vault, received).case.referral.questions
    for n in range(4):
        answered = (replace(asked[0], answer=f"Answer {n}"), *asked[1:])
        cases.set_questions(vault, received, answered, now)
    found = [hit for hit in viewing.find(vault, "operation needed") if hit.kind == "question"]
    assert len(found) == 1


def test_a_record_that_cannot_be_shown_says_why(vault: Vault, now: int) -> None:
    taken = bring_in_sources(vault, [MemorySource("x.bin", bytes(range(256)) * 9)], now)
    opened = viewing.open_record(vault, taken.number, taken.records[0].id, now)
    assert opened.view is None
    assert opened.reason
