import hashlib
from dataclasses import replace

import pytest

from consultdesk.consultation.assessment import Evidence
from consultdesk.consultation.case import CaseState, Question
from consultdesk.consultation.letter import Letter, LetterKind
from consultdesk.consultation.record import RecordKind, Sensitivity
from consultdesk.consultation.source import MemorySource
from consultdesk.desk import cases, letter, opinion
from consultdesk.desk.intake import bring_in_sources
from consultdesk.errors import FormIncomplete, VaultLocked
from consultdesk.samples import walk
from consultdesk.samples.practice import PASSPHRASE
from consultdesk.samples.walk import Story
from consultdesk.vault.vault import Vault


def test_an_unanswered_question_keeps_the_letter_unsigned(
    vault: Vault, story: Story, drafted: str, now: int
) -> None:
    asked = (*cases.open_case(vault, drafted).case.referral.questions, Question(3, "And sport?"))
    cases.set_questions(vault, drafted, asked, now)
    with pytest.raises(FormIncomplete, match="answer question 3"):
        walk.sign(vault, drafted, PASSPHRASE, now)
    settled = (*asked[:2], replace(asked[2], cannot_answer="the records don't mention it"))
    cases.set_questions(vault, drafted, settled, now)
    assert walk.sign(vault, drafted, PASSPHRASE, now).version == 1


def test_signing_needs_the_passphrase_again(vault: Vault, drafted: str, now: int) -> None:
    with pytest.raises(VaultLocked):
        walk.sign(vault, drafted, "not my passphrase", now)
    assert cases.open_case(vault, drafted).case.state is CaseState.DRAFTING


def test_a_signed_letter_is_a_pdf_whose_hash_is_kept(vault: Vault, drafted: str, now: int) -> None:
    signed = walk.sign(vault, drafted, PASSPHRASE, now)
    pdf = letter.read_pdf(vault, signed)
    assert pdf.startswith(b"%PDF-")
    assert hashlib.sha256(pdf).hexdigest() == signed.sha256
    file = cases.open_case(vault, drafted)
    assert file.case.state is CaseState.SIGNED
    assert file.letters == (signed,)
    assert RecordKind.LABORATORY not in signed.record_kinds


def test_after_signing_nothing_changes_but_by_an_addendum(
    vault: Vault, story: Story, drafted: str, now: int
) -> None:
    first = walk.sign(vault, drafted, PASSPHRASE, now)
    before = letter.read_pdf(vault, first)
    with pytest.raises(FormIncomplete, match="needs its text"):
        letter.sign(vault, drafted, LetterKind.ADDENDUM, PASSPHRASE, now)
    more = letter.sign(
        vault, drafted, LetterKind.ADDENDUM, PASSPHRASE, now, amendment="New films show no slip."
    )
    assert (more.version, more.kind) == (2, LetterKind.ADDENDUM)
    assert letter.read_pdf(vault, first) == before
    assert cases.open_case(vault, drafted).case.state is CaseState.SIGNED


def test_a_wrong_side_in_the_letter_is_confirmed_or_mended(
    vault: Vault, story: Story, drafted: str, now: int
) -> None:
    said = opinion.assessment(vault, drafted).opinion
    wrong = replace(said, brief="Surgery on the right side at L4/5 is not needed.")
    opinion.save_opinion(vault, drafted, wrong, now)
    found = letter.check(vault, drafted)
    assert found.sides
    with pytest.raises(FormIncomplete, match="mend or confirm"):
        walk.sign(vault, drafted, PASSPHRASE, now)
    confirmed = {letter.side_key(side): "The right side was asked about." for side in found.sides}
    opinion.save_opinion(vault, drafted, replace(wrong, overrides=confirmed), now)
    assert walk.sign(vault, drafted, PASSPHRASE, now).signed


def test_a_preview_is_marked_as_a_draft_and_keeps_nothing(
    vault: Vault, drafted: str, now: int
) -> None:
    draft = letter.preview(vault, drafted, LetterKind.TREATING_PHYSICIAN, now)
    assert draft.startswith(b"%PDF-")
    assert cases.open_case(vault, drafted).letters == ()


def test_a_patient_letter_can_be_signed_beside_the_physicians(
    vault: Vault, drafted: str, now: int
) -> None:
    walk.sign(vault, drafted, PASSPHRASE, now)
    own = letter.sign(vault, drafted, LetterKind.PATIENT_ONLY, PASSPHRASE, now)
    file = cases.open_case(vault, drafted)
    assert own.recipient_id == file.patient.id
    assert own.version == 2


def test_a_case_that_is_not_drafted_has_nothing_to_sign(vault: Vault, ready: str, now: int) -> None:
    with pytest.raises(FormIncomplete, match="no letter to sign"):
        walk.sign(vault, ready, PASSPHRASE, now)


def test_two_clicks_sign_once(vault: Vault, drafted: str, now: int) -> None:
    walk.sign(vault, drafted, PASSPHRASE, now)
    with pytest.raises(FormIncomplete, match="signed already"):
        walk.sign(vault, drafted, PASSPHRASE, now)
    assert len(cases.open_case(vault, drafted).letters) == 1


def test_late_material_has_the_comparison_made_again_before_signing(
    vault: Vault, story: Story, drafted: str, now: int
) -> None:
    said = opinion.assessment(vault, drafted)
    revised = replace(said.own_read, findings="The new films show a slip.")
    opinion.save_own_read(vault, drafted, revised, now)
    with pytest.raises(FormIncomplete, match="lock the revision"):
        walk.sign(vault, drafted, PASSPHRASE, now)
    opinion.drop_revision(vault, drafted, now)
    assert letter.check(vault, drafted).missing == ()
    opinion.lock_own_read(vault, drafted, revised, now)
    with pytest.raises(FormIncomplete, match="says what the locked one says"):
        opinion.lock_own_read(vault, drafted, revised, now)
    assert "finish the comparison again" in letter.check(vault, drafted).missing
    assert opinion.assessment(vault, drafted).comparison.relation is None
    walk.compare(vault, drafted, story, now)
    assert walk.sign(vault, drafted, PASSPHRASE, now).signed


def test_a_letter_rests_on_no_record_of_somebody_else(vault: Vault, drafted: str, now: int) -> None:
    cited = cases.open_case(vault, drafted).records[0]
    said = opinion.assessment(vault, drafted).opinion
    opinion.save_opinion(
        vault, drafted, replace(said, relied_on=(Evidence(cited.id, "page 1"),)), now
    )
    assert letter.check(vault, drafted).missing == ()
    cases.change_record(
        vault, drafted, cited.id, now, lambda one: replace(one, right_patient=False)
    )
    assert any("isn't this patient's" in one for one in letter.check(vault, drafted).missing)


def test_a_citation_of_the_own_read_is_left_out_of_the_letter_and_stays_in_the_read(
    vault: Vault, story: Story, ready: str, now: int
) -> None:
    """The cure before signing: the consent then carries the letter, the locked read is whole."""
    lab, scan = (record.id for record in cases.open_case(vault, ready).records)
    hiv, kind = frozenset({Sensitivity.HIV}), RecordKind.LABORATORY
    cases.change_record(
        vault, ready, lab, now, lambda one: replace(one, kind=kind, sensitivities=hiv)
    )
    report = RecordKind.IMAGING_REPORT
    cases.change_record(vault, ready, scan, now, lambda one: replace(one, kind=report))
    walk.read(vault, ready, story, now)
    walk.compare(vault, ready, story, now)
    walk.draft(vault, ready, story, now)
    said = opinion.assessment(vault, ready)
    assert [link.record_id for link in said.opinion.relied_on] == [lab]
    kept = replace(said.opinion, relied_on=(Evidence(scan, "page 1"),))
    opinion.save_opinion(vault, ready, kept, now)
    signed = walk.sign(vault, ready, PASSPHRASE, now)
    assert signed.record_kinds == {RecordKind.IMAGING_REPORT}
    assert signed.sensitivities == frozenset()
    read = opinion.assessment(vault, ready).own_reads[-1]
    assert [link.record_id for link in read.evidence] == [lab]


def test_what_a_revision_cites_anew_comes_into_the_letter_and_what_was_left_out_does_not(
    vault: Vault, story: Story, ready: str, now: int
) -> None:
    lab, scan = (record.id for record in cases.open_case(vault, ready).records)
    kind = RecordKind.LABORATORY
    cases.change_record(vault, ready, lab, now, lambda one: replace(one, kind=kind))
    walk.read(vault, ready, story, now)
    said = opinion.assessment(vault, ready)
    opinion.save_opinion(vault, ready, replace(said.opinion, relied_on=()), now)
    read = said.own_reads[-1]
    more = replace(read, evidence=(*read.evidence, Evidence(scan, "page 1")))
    opinion.lock_own_read(vault, ready, more, now)
    assert opinion.assessment(vault, ready).opinion.relied_on == (Evidence(scan, "page 1"),)


def test_an_addendum_is_looked_over_like_a_letter(vault: Vault, drafted: str, now: int) -> None:
    walk.sign(vault, drafted, PASSPHRASE, now)

    def add(words: str, **more: dict[str, str]) -> Letter:
        kind = LetterKind.ADDENDUM
        return letter.sign(vault, drafted, kind, PASSPHRASE, now, amendment=words, **more)

    with pytest.raises(FormIncomplete, match="mend or confirm"):
        add("The protrusion is on the right at L4/5.")
    with pytest.raises(FormIncomplete, match="needs its text"):
        add("  ")
    more = add("She takes buprenorphine, which was not in the list.")
    assert Sensitivity.OPIOIDUD in more.sensitivities


def test_a_waiver_for_what_has_come_since_prints_nowhere(
    vault: Vault, drafted: str, now: int
) -> None:
    first = cases.open_case(vault, drafted).records[0]
    cases.change_record(
        vault, drafted, first.id, now, lambda one: replace(one, kind=RecordKind.CLINIC_NOTE)
    )
    assert "no clinic note" not in letter.check(vault, drafted).text
    assert "no imaging" in letter.check(vault, drafted).text


def test_who_declares_a_conflict_of_interest_neither_accepts_nor_signs(
    vault: Vault, drafted: str, now: int
) -> None:
    with pytest.raises(FormIncomplete, match="what the conflict"):
        cases.declare(vault, drafted, now, conflict=True)
    cases.declare(vault, drafted, now + 1, conflict=True, detail="She is my sister.")
    assert any("independence" in one for one in letter.check(vault, drafted).missing)
    other = bring_in_sources(vault, [MemorySource("a.txt", b"A note.")], now).number
    cases.declare(vault, other, now, conflict=True, detail="A friend of mine.")
    with pytest.raises(FormIncomplete, match="reviewer without a conflict"):
        cases.accept(vault, other, now)
