"""What a signed letter says, and what sealing covers, doesn't change behind anybody's back."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from consultdesk.consultation.assessment import OwnRead
from consultdesk.consultation.audit import Role
from consultdesk.consultation.case import Case, CaseState, Coverage, Priority, Question
from consultdesk.consultation.letter import LetterKind
from consultdesk.consultation.record import RecordKind, Sensitivity
from consultdesk.consultation.source import MemorySource
from consultdesk.desk import cases, consent, intake, letter, opinion, reports, viewing
from consultdesk.desk.letter_facts import facts_of
from consultdesk.errors import FormIncomplete, NotAllowed, NotFound
from consultdesk.samples import walk
from consultdesk.samples.practice import PASSPHRASE
from consultdesk.samples.walk import Story
from consultdesk.vault.vault import Vault


@pytest.fixture
def signed(vault: Vault, drafted: str, now: int) -> str:
    walk.sign(vault, drafted, PASSPHRASE, now)
    return drafted


def test_nothing_a_signed_letter_says_can_be_changed(
    vault: Vault, story: Story, signed: str, now: int
) -> None:
    file = cases.open_case(vault, signed)
    said = opinion.assessment(vault, signed)
    asked = file.case.referral.questions
    attempts: tuple[Callable[[], object], ...] = (
        lambda: cases.set_questions(vault, signed, (replace(asked[0], answer="No."),), now),
        lambda: cases.set_questions(vault, signed, (*asked, Question(3, "And sport?")), now),
        lambda: cases.confirm_patient(vault, signed, replace(file.patient, name="X Y"), now),
        lambda: cases.name_no_recipient(vault, signed, now),
        lambda: cases.go_on_without(vault, signed, "record:slide", "none exists", now),
        lambda: opinion.save_own_read(vault, signed, said.own_read, now),
        lambda: opinion.save_comparison(vault, signed, said.comparison, now),
        lambda: opinion.save_opinion(vault, signed, replace(said.opinion, brief="Other"), now),
        lambda: opinion.lock_own_read(vault, signed, replace(said.own_read, findings="x"), now),
        lambda: opinion.finish_comparison(vault, signed, said.comparison, now),
        lambda: opinion.drop_revision(vault, signed, now),
        lambda: opinion.begin(vault, signed, now),
    )
    for attempt in attempts:
        with pytest.raises(FormIncomplete):
            attempt()
    after = cases.open_case(vault, signed)
    assert after.case.referral == file.case.referral
    assert after.patient == file.patient
    assert opinion.assessment(vault, signed).opinion == said.opinion


@pytest.mark.parametrize(
    "change",
    [
        lambda case: replace(case, laterality="right"),
        lambda case: replace(case, specialty="neurology"),
        lambda case: replace(case, referral=replace(case.referral, first_diagnosis="Other")),
    ],
)
def test_a_signed_case_is_not_described_anew(
    vault: Vault, signed: str, now: int, change: Callable[[Case], Case]
) -> None:
    with pytest.raises(FormIncomplete):
        cases.describe(vault, signed, now, change)


def test_what_no_letter_says_may_change_after_signing(vault: Vault, signed: str, now: int) -> None:
    def change(case: Case) -> Case:
        coverage = replace(case.referral, coverage=Coverage(payer="Sample Health"))
        return replace(case, patient_decision="second", referral=coverage)

    cases.describe(vault, signed, now, change)
    asked = cases.open_case(vault, signed).case.referral.questions
    cases.set_questions(vault, signed, asked, now)
    case = cases.open_case(vault, signed).case
    assert (case.patient_decision, case.referral.coverage.payer) == ("second", "Sample Health")
    event = next(e for e in reports.case_events(vault) if e.act == "describe_case")
    assert event.detail == "patient_decision, coverage"


def test_describing_a_case_touches_nothing_that_has_an_act_of_its_own(
    vault: Vault, received: str, now: int
) -> None:
    def forge(case: Case) -> Case:
        return replace(
            case, patient_confirmed=True, accepted_at=1, due_at=1, unsealed_at=1, received_at=1
        )

    before = cases.open_case(vault, received).case
    cases.describe(vault, received, now, forge)
    assert cases.open_case(vault, received).case == before


def test_a_day_that_is_none_and_an_unknown_specialty_are_said_so(
    vault: Vault, received: str, now: int
) -> None:
    with pytest.raises(FormIncomplete, match="2026-05-03"):
        cases.describe(
            vault, received, now,
            lambda case: replace(
                case, referral=replace(case.referral, planned_treatment_date="next week")
            ),
        )  # fmt: skip
    with pytest.raises(FormIncomplete, match="specialty"):
        cases.describe(vault, received, now, lambda case: replace(case, specialty="alchemy"))


def test_a_patient_needs_a_day_of_birth_that_can_be_one(
    vault: Vault, received: str, now: int
) -> None:
    patient = cases.open_case(vault, received).patient
    for born in ("", "yesterday", "2026-02-30", "2999-01-01"):
        with pytest.raises(FormIncomplete, match="date of birth"):
            cases.confirm_patient(vault, received, replace(patient, birth_date=born), now)


def test_a_record_found_to_be_wrong_after_signing_can_be_marked_and_nothing_else(
    vault: Vault, signed: str, now: int
) -> None:
    cited = cases.open_case(vault, signed).records[0]
    with pytest.raises(FormIncomplete, match="addendum"):
        cases.change_record(
            vault, signed, cited.id, now, lambda one: replace(one, kind=RecordKind.GENETICS)
        )
    cases.change_record(
        vault, signed, cited.id, now,
        lambda one: replace(
            one, entered_in_error=True, sensitivities=one.sensitivities | {Sensitivity.HIV}
        ),
    )  # fmt: skip
    assert cases.open_case(vault, signed).records[0].entered_in_error


def test_a_record_stays_the_bytes_that_were_received(vault: Vault, received: str, now: int) -> None:
    before = cases.open_case(vault, received).records[0]
    cases.change_record(
        vault, received, before.id, now,
        lambda one: replace(one, sha256="0" * 64, pages=99, files=(), event_date="2026-01-02"),
    )  # fmt: skip
    after = cases.open_case(vault, received).records[0]
    assert after == replace(before, event_date="2026-01-02")
    with pytest.raises(NotFound):
        cases.change_record(vault, received, "nothing", now, lambda one: one)


def test_sealing_is_lifted_by_a_reason_and_by_nothing_else(
    vault: Vault, ready: str, now: int
) -> None:
    cases.describe(vault, ready, now, lambda case: replace(case, sealing=True))
    report = cases.open_case(vault, ready).records[1]
    cases.change_record(
        vault, ready, report.id, now, lambda one: replace(one, reveals_first_opinion=True)
    )
    opinion.begin(vault, ready, now)
    with pytest.raises(FormIncomplete, match="sealed"):
        cases.describe(vault, ready, now, lambda case: replace(case, sealing=False))
    with pytest.raises(FormIncomplete, match="sealed"):
        cases.change_record(
            vault, ready, report.id, now, lambda one: replace(one, reveals_first_opinion=False)
        )
    with pytest.raises(FormIncomplete, match="specialty"):
        cases.describe(vault, ready, now, lambda case: replace(case, specialty="neurology"))
    assert viewing.open_record(vault, ready, report.id, now).covered
    opinion.open_with_reason(vault, ready, "The colleague told me.", now)
    assert not viewing.open_record(vault, ready, report.id, now).covered


def test_an_early_look_is_kept_only_where_something_was_sealed(
    vault: Vault, ready: str, now: int
) -> None:
    opinion.open_with_reason(vault, ready, "Nothing is sealed here.", now)
    assert cases.open_case(vault, ready).case.unsealed_at is None


def test_a_preview_keeps_the_first_diagnosis_covered(
    vault: Vault, story: Story, ready: str, now: int
) -> None:
    cases.describe(vault, ready, now, lambda case: replace(case, sealing=True))
    opinion.begin(vault, ready, now)
    with vault.read() as reading:
        kind = LetterKind.TREATING_PHYSICIAN
        facts = facts_of(reading, ready, kind, vault.user, now, "")
    assert story.first_diagnosis
    assert facts.case.referral.first_diagnosis == ""
    assert facts.case.referral.first_plan == ""


def test_who_a_consent_names_keeps_the_name(vault: Vault, ready: str, now: int) -> None:
    physician = cases.open_case(vault, ready).physician
    assert physician
    walk.agree(vault, ready, now)
    cases.name_physician(vault, ready, replace(physician, name="Dr. Someone Else"), now)
    other = cases.open_case(vault, ready).physician
    assert other
    assert other.id != physician.id
    assert [one.name for one in consent.recipients(vault, ready)] == [physician.name]


def test_a_misspelt_physician_nobody_has_named_is_corrected(
    vault: Vault, ready: str, now: int
) -> None:
    physician = cases.open_case(vault, ready).physician
    assert physician
    cases.name_physician(vault, ready, replace(physician, name="Dr. Johanna Backer"), now)
    after = cases.open_case(vault, ready).physician
    assert after
    assert (after.id, after.name) == (physician.id, "Dr. Johanna Backer")


def test_answers_are_the_physicians_to_write(vault: Vault, ready: str, now: int) -> None:
    asked = cases.open_case(vault, ready).case.referral.questions
    vault.role = Role.ASSISTANT
    cases.set_questions(vault, ready, (*asked, Question(3, "And sport?")), now)
    with pytest.raises(NotAllowed):
        cases.set_questions(vault, ready, (replace(asked[0], answer="Yes."),), now)
    with pytest.raises(FormIncomplete, match="its words"):
        cases.set_questions(vault, ready, (Question(1, " "),), now)


def test_an_assistant_neither_reads_for_the_physician_nor_signs(
    vault: Vault, drafted: str, now: int
) -> None:
    vault.role = Role.ASSISTANT
    attempts: tuple[Callable[[], object], ...] = (
        lambda: opinion.save_own_read(vault, drafted, OwnRead(""), now),
        lambda: opinion.lock_own_read(vault, drafted, OwnRead("", 1, {"a": "b"}, "f", "d"), now),
        lambda: letter.sign(vault, drafted, LetterKind.TREATING_PHYSICIAN, PASSPHRASE, now),
        lambda: cases.declare(vault, drafted, now, conflict=False),
    )
    for attempt in attempts:
        with pytest.raises((NotAllowed, FormIncomplete)):
            attempt()
    assert cases.open_case(vault, drafted).case.state is CaseState.DRAFTING


def test_late_material_is_taken_by_a_signed_case_and_refused_by_one_that_ended(
    vault: Vault, signed: str, now: int
) -> None:
    late = MemorySource("late.txt", b"Physiotherapy report, arrived late.")
    before = cases.open_case(vault, signed).case
    taken = intake.bring_in_sources(vault, [late], now, number=signed)
    assert [one.name for one in taken.records] == ["late.txt"]
    assert cases.open_case(vault, signed).case.complete_at == before.complete_at
    ended = walk_away(vault, now)
    with pytest.raises(FormIncomplete, match="takes no more records"):
        intake.bring_in_sources(vault, [late], now, number=ended)


def walk_away(vault: Vault, now: int) -> str:
    number = intake.bring_in_sources(vault, [MemorySource("a.txt", b"A note.")], now).number
    cases.move_aside(vault, number, CaseState.DECLINED, "Another field.", now)
    return number


def test_the_priority_changes_until_the_letter_has_left_and_no_target_is_stretched_then(
    vault: Vault, signed: str, now: int, tmp_path: Path
) -> None:
    cases.set_priority(vault, signed, Priority.URGENT, now)
    walk.agree(vault, signed, now)
    own = cases.open_case(vault, signed).letters[0]
    walk.release(vault, signed, own, tmp_path, "open sesame", now)
    with pytest.raises(FormIncomplete):
        cases.set_priority(vault, signed, Priority.ROUTINE, now)
    assert cases.open_case(vault, signed).case.priority is Priority.URGENT
