"""A case's clock as it is read from the store."""

from dataclasses import replace

from consultdesk.consultation.assessment import Comparison, DiagnosisRelation
from consultdesk.consultation.case import CaseState
from consultdesk.consultation.consent import ConsentKind, ConsentStatus
from consultdesk.consultation.turnaround import FlagTiming, ReleasedKind
from consultdesk.vault import assessments, cases, consents, outbox, turnaround
from tests.consultation.parcels import NOW
from tests.vault.building import Desk, bare_case, the_patient


def test_a_clock_says_when_each_thing_happened(desk: Desk) -> None:
    with desk.act() as writing:
        case = cases.by_id(writing, desk.case_id)
        assert case is not None
        cases.move(writing, case, CaseState.DECLINED, at=NOW + 3, by="anna", accepted_at=NOW + 1)
        (sent,) = outbox.of_case(writing, desk.case_id)
        outbox.happened(writing, sent, "acknowledged", at=NOW + 9, by="anna")
        (clock,) = turnaround.clocks(writing)
        assert turnaround.clocks(writing, desk.case_id) == [clock]
        bare = turnaround.bare_clocks(writing, [desk.case_id])[desk.case_id]
        assert turnaround.bare_clocks(writing, []) == {}
        assert turnaround.clocks(writing, "unknown") == []
    assert clock.number == "2026-0001"
    assert (clock.received_at, clock.accepted_at) == (NOW, NOW + 1)
    assert clock.declined_at == clock.ended_at == NOW + 3
    assert (clock.first_sent_at, clock.delivered_at) == (NOW, NOW + 9)
    assert clock.released_kind is ReleasedKind.OTHERS
    assert clock.flags == (FlagTiming(NOW, NOW),)
    assert clock.planned_treatment_date == "2026-07-01"
    assert clock.discordant is False
    assert bare == replace(clock, flags=(), discordant=None)


def test_only_a_consent_to_review_that_was_ever_active_starts_the_clock(desk: Desk) -> None:
    with desk.act() as writing:
        other = bare_case(writing, the_patient(writing, desk), "2026-0002")

        def agreed() -> int | None:
            return turnaround.clocks(writing, other.id)[0].review_consent_at

        said = {"kind": ConsentKind.REVIEW, "case_id": other.id}
        desk.add_consent(writing, **said, status=ConsentStatus.DRAFT)
        desk.add_consent(writing, **said | {"kind": ConsentKind.DISCLOSE})
        assert agreed() is None
        wrong = desk.add_consent(writing, **said)
        assert agreed() == NOW - 1000
        consents.happened(
            writing, other.id, wrong.id, "entered-in-error", at=NOW, by="anna", detail="typo"
        )
        assert agreed() is None
        desk.add_consent(writing, **said, valid_from=NOW - 5)
        assert agreed() == NOW - 5


def test_the_newest_comparison_says_whether_the_opinions_differ(desk: Desk) -> None:
    with desk.act() as writing:
        for n, (relation, differs) in enumerate(
            {
                DiagnosisRelation.DISTINCTLY_DIFFERENT: True,
                DiagnosisRelation.CANNOT_DETERMINE: None,
                DiagnosisRelation.SAME: False,
            }.items(),
            1,
        ):
            assessments.keep_comparison(writing, Comparison(desk.case_id, relation), NOW + n)
            assert turnaround.clocks(writing)[0].discordant is differs
