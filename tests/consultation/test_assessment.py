import os
from dataclasses import replace

import pytest

from consultdesk.consultation.assessment import (
    Comparison,
    DiagnosisRelation,
    Discrepancy,
    Evidence,
    FollowUpOwner,
    Impact,
    Opinion,
    OwnRead,
    Recommendation,
    Result,
    Timing,
    diagnosis_result,
    digest,
    discrepancy,
    missing_for_comparison,
    missing_for_drafting,
    missing_for_signing,
)

READ = OwnRead("case", 1, {"a": "b"}, "f", "d", ("x",), "likely", (Evidence("r", "p", "n"),))
R, NOTHING = DiagnosisRelation, Comparison("case")


def test_a_digest_covers_everything_the_reader_entered() -> None:
    changed = [
        replace(READ, case_id="other"),
        replace(READ, revision=2),
        replace(READ, answers={"a": "c"}),
        replace(READ, findings="g"),
        replace(READ, diagnosis="e"),
        replace(READ, differential=("y",)),
        replace(READ, certainty="certain"),
        replace(READ, evidence=(Evidence("r", "p", "m"),)),
        replace(READ, evidence=()),
        replace(READ, findings=os.fsdecode(b"\xff")),
    ]
    assert len({digest(read) for read in (READ, *changed)}) == 11


def test_a_digest_does_not_cover_who_locked_it_or_when() -> None:
    assert digest(replace(READ, locked_at=5, locked_by="anna", digest="x")) == digest(READ)
    two = replace(READ, answers={"a": "1", "b": "2"})
    assert digest(two) == digest(replace(READ, answers={"b": "2", "a": "1"}))


@pytest.mark.parametrize(
    ("relation", "result"),
    [
        (R.SAME, Result.CONFIRMED),
        (R.REFINED, Result.CLARIFIED),
        (R.DISTINCTLY_DIFFERENT, Result.CHANGED),
        (R.CANNOT_DETERMINE, None),
        (None, None),
    ],
)
def test_the_result_follows_from_the_relation(
    relation: DiagnosisRelation | None, result: Result | None
) -> None:
    assert diagnosis_result(replace(NOTHING, relation=relation)) is result


@pytest.mark.parametrize(
    ("relation", "impact", "found"),
    [
        (R.SAME, Impact.NONE, Discrepancy.NONE),
        (R.SAME, Impact.MINOR, Discrepancy.MINOR),
        (R.REFINED, Impact.NONE, Discrepancy.MINOR),
        (R.SAME, Impact.MODERATE, Discrepancy.MAJOR),
        (R.DISTINCTLY_DIFFERENT, Impact.MAJOR, Discrepancy.MAJOR),
        (R.CANNOT_DETERMINE, Impact.MAJOR, None),
        (None, Impact.MAJOR, None),
        (R.SAME, None, None),
    ],
)
def test_the_discrepancy_follows_from_relation_and_impact(
    relation: DiagnosisRelation | None, impact: Impact | None, found: Discrepancy | None
) -> None:
    assert discrepancy(replace(NOTHING, relation=relation, impact=impact)) is found


def test_an_own_read_needs_findings_a_diagnosis_and_a_certainty() -> None:
    assert missing_for_comparison(READ) == ()
    assert missing_for_comparison(replace(READ, findings="")) == ()
    assert len(missing_for_comparison(OwnRead("case", answers={"a": ""}))) == 3


def test_a_comparison_needs_relation_impact_and_for_a_major_one_a_decision() -> None:
    assert len(missing_for_drafting(NOTHING)) == 2
    major = Comparison("case", R.SAME, Impact.MAJOR)
    assert missing_for_drafting(major) == (
        "your decision on talking to the treating physician or a third opinion",
    )
    assert missing_for_drafting(replace(major, major_decision="called")) == ()
    assert missing_for_drafting(Comparison("case", R.SAME, Impact.NONE)) == ()


def test_signing_needs_every_part_of_the_opinion() -> None:
    done = Recommendation("MRI", "GP", Timing.DATE, "2026-09-01")
    assert len(missing_for_signing(Opinion("case"))) == 4
    whole = Opinion(
        "case",
        brief="b",
        diagnosis="d",
        recommendations=(done,),
        follow_up_owner=FollowUpOwner.DESK,
    )
    assert missing_for_signing(whole) == ()
    open_ended = replace(whole, recommendations=(done, replace(done, when="")))
    assert missing_for_signing(open_ended) == ("owner and timing of recommendation 2",)


def test_a_recommendation_is_complete_with_action_owner_and_timing() -> None:
    assert Recommendation("MRI", "GP").complete
    assert not Recommendation(" ", "GP").complete
    assert not Recommendation("MRI", "").complete
    assert not Recommendation("MRI", "GP", Timing.CONDITION).complete
    assert Recommendation("MRI", "GP", Timing.NONE).complete
