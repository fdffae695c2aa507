from dataclasses import replace

import pytest

from consultdesk.consultation.assessment import Comparison, DiagnosisRelation, Impact, OwnRead
from consultdesk.consultation.case import CaseState
from consultdesk.consultation.source import Document, MemorySource
from consultdesk.desk import cases, opinion, reports, viewing
from consultdesk.desk.intake import bring_in_sources
from consultdesk.errors import FormIncomplete
from consultdesk.samples import walk
from consultdesk.samples.walk import Story
from consultdesk.vault.vault import Vault


def test_the_first_physician_cannot_give_the_second_opinion(
    vault: Vault, story: Story, received: str, now: int
) -> None:
    same = replace(story, doctor=replace(story.doctor, name="Berg, Ada"))
    walk.confirm(vault, received, same, now)
    walk.accept(vault, received, now)
    walk.get_ready(vault, received, now)
    with pytest.raises(FormIncomplete, match="first physician"):
        opinion.begin(vault, received, now)


def test_an_own_read_locks_only_with_findings_diagnosis_and_certainty(
    vault: Vault, ready: str, now: int
) -> None:
    opinion.begin(vault, ready, now)
    with pytest.raises(FormIncomplete) as refused:
        opinion.lock_own_read(vault, ready, OwnRead(""), now)
    assert refused.value.missing == (
        "your findings",
        "your own diagnosis",
        "how certain you are",
    )


def test_an_own_read_locks_only_with_what_its_specialty_asks(
    vault: Vault, story: Story, ready: str, now: int
) -> None:
    opinion.begin(vault, ready, now)
    own = walk.own_read(cases.open_case(vault, ready), story)
    half = {key: said for key, said in own.answers.items() if key != "nerve_root"}
    with pytest.raises(FormIncomplete) as refused:
        opinion.lock_own_read(vault, ready, replace(own, answers={**half, "side": "Upwards"}), now)
    assert refused.value.missing == (
        'Side: "Upwards" isn\'t one of the choices',
        "Nerve root: not filled in",
    )
    assert opinion.assessment(vault, ready).own_reads == ()
    opinion.lock_own_read(vault, ready, own, now)
    assert opinion.assessment(vault, ready).locked


def test_a_locked_read_is_kept_and_late_material_makes_a_second_revision(
    vault: Vault, story: Story, ready: str, now: int
) -> None:
    walk.read(vault, ready, story, now)
    first = opinion.assessment(vault, ready)
    assert first.case.state is CaseState.COMPARISON
    assert first.own_read.digest
    changed = replace(first.own_read, diagnosis="Something else after the new images")
    opinion.save_own_read(vault, ready, changed, now)
    opinion.lock_own_read(vault, ready, changed, now)
    both = opinion.assessment(vault, ready).own_reads
    assert [one.revision for one in both] == [1, 2]
    assert both[0].diagnosis == story.diagnosis
    assert both[0].digest != both[1].digest


def test_the_first_diagnosis_is_closed_until_the_own_read_is_locked(
    vault: Vault, story: Story, ready: str, now: int
) -> None:
    cases.describe(vault, ready, now, lambda case: replace(case, sealing=True))
    sealed = opinion.assessment(vault, ready)
    assert (sealed.first_diagnosis, sealed.first_plan) == ("", "")
    walk.read(vault, ready, story, now)
    assert opinion.assessment(vault, ready).first_diagnosis == story.first_diagnosis


def test_a_sealed_report_loses_its_conclusion_and_comes_up_in_no_search(
    vault: Vault, story: Story, ready: str, now: int
) -> None:
    text = "REPORT\n\nFindings:\nNormal lungs.\n\nImpression:\nZanzibar sign, benign.\n"
    taken = bring_in_sources(vault, [MemorySource("report.txt", text.encode())], now, number=ready)
    cases.describe(vault, ready, now, lambda case: replace(case, sealing=True))
    opened = viewing.open_record(vault, ready, taken.records[0].id, now)
    assert isinstance(opened.view, Document)
    assert "Zanzibar" not in opened.view.text
    assert "Normal lungs" in opened.view.text
    assert viewing.find(vault, "Zanzibar") == ()
    walk.read(vault, ready, story, now)
    reopened = viewing.open_record(vault, ready, taken.records[0].id, now)
    assert isinstance(reopened.view, Document)
    assert "Zanzibar" in reopened.view.text
    assert len(viewing.find(vault, "Zanzibar")) == 1


def test_opening_with_a_reason_is_audited_for_good(vault: Vault, ready: str, now: int) -> None:
    cases.describe(vault, ready, now, lambda case: replace(case, sealing=True))
    with pytest.raises(FormIncomplete):
        opinion.open_with_reason(vault, ready, "", now)
    opinion.open_with_reason(vault, ready, "The colleague told me on the phone.", now)
    file = cases.open_case(vault, ready)
    assert file.case.unsealed_at == now
    assert not file.sealed
    event = next(e for e in reports.case_events(vault) if e.act == "open_first_opinion")
    assert event.reason == "The colleague told me on the phone."


def test_a_major_difference_needs_a_decision_on_talking_to_the_colleague(
    vault: Vault, story: Story, ready: str, now: int
) -> None:
    walk.read(vault, ready, story, now)
    said = Comparison("", DiagnosisRelation.DISTINCTLY_DIFFERENT, Impact.MAJOR)
    with pytest.raises(FormIncomplete, match="talking to the treating physician"):
        opinion.finish_comparison(vault, ready, said, now)
    told = replace(said, major_decision="Called; will discuss at the board.")
    opinion.finish_comparison(vault, ready, told, now)
    assert opinion.assessment(vault, ready).case.state is CaseState.DRAFTING


def test_a_draft_is_there_again_after_the_store_was_closed(
    vault: Vault, story: Story, ready: str, now: int
) -> None:
    opinion.begin(vault, ready, now)
    half = replace(OwnRead(""), findings="half a sent")
    assert opinion.save_own_read(vault, ready, half, now) == now
    found = opinion.assessment(vault, ready)
    assert found.own_read.findings == "half a sent"
    assert found.saved_at == now


def test_the_opinion_begins_with_what_the_own_read_says(
    vault: Vault, story: Story, ready: str, now: int
) -> None:
    walk.read(vault, ready, story, now)
    assert opinion.assessment(vault, ready).opinion.diagnosis == story.diagnosis
