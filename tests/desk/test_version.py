"""Another version of a signed letter: what the consent doesn't cover stays here."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader

from consultdesk.consultation.assessment import Evidence, Phase
from consultdesk.consultation.consent import Consent, Purpose
from consultdesk.consultation.delivery import Clause
from consultdesk.consultation.letter import Letter, LetterKind
from consultdesk.consultation.patient import ChannelKind
from consultdesk.consultation.record import RecordKind, Sensitivity
from consultdesk.consultation.source import MemorySource
from consultdesk.desk import cases, consent, letter, opinion, reports, sending, summary, version
from consultdesk.desk.version import Rewriting
from consultdesk.errors import ConsentMissing, FormIncomplete, NotFound, VaultLocked
from consultdesk.letters.rendition import protect
from consultdesk.samples import walk
from consultdesk.samples.practice import PASSPHRASE
from consultdesk.samples.walk import Story
from consultdesk.transports.handover import SaveOptions
from consultdesk.vault import assessments
from consultdesk.vault.vault import Vault

SAVE, TREATMENT = ChannelKind.HAND_OVER_SAVE, Purpose.TREATMENT
HIV = frozenset({Sensitivity.HIV})
DANGER = "Takes tenofovir: no further strain on the kidneys."
WARNED = f"the danger item “{DANGER}”"
WHY = {WARNED: "The treating physician prescribes it and knows."}


@pytest.fixture
def signed(vault: Vault, story: Story, ready: str, now: int) -> Letter:
    """A signed letter that rests on a report and on a laboratory result about HIV."""
    lab, scan = (record.id for record in cases.open_case(vault, ready).records)
    kind, report = RecordKind.LABORATORY, RecordKind.IMAGING_REPORT
    cases.change_record(
        vault, ready, lab, now, lambda one: replace(one, kind=kind, sensitivities=HIV)
    )
    cases.change_record(vault, ready, scan, now, lambda one: replace(one, kind=report))
    walk.read(vault, ready, story, now)
    walk.compare(vault, ready, story, now)
    walk.draft(vault, ready, story, now)
    said = opinion.assessment(vault, ready).opinion
    said = replace(
        said,
        reasoning=f"{said.reasoning}\nHIV is well controlled.",
        danger=(*said.danger, DANGER),
        relied_on=(*said.relied_on, Evidence(scan, "page 1")),
    )
    opinion.save_opinion(vault, ready, said, now)
    return walk.sign(vault, ready, PASSPHRASE, now)


def agreed(vault: Vault, number: str, now: int, *, to: str = "") -> Consent:
    """A consent that covers reports of imaging and no sensitive topic."""
    given = walk.agree(vault, number, now)
    consent.revoke(vault, number, given.id, now, by="the patient", how="by telephone")
    narrow = replace(
        given,
        id="",
        record_kinds=frozenset({RecordKind.IMAGING_REPORT}),
        sensitivities=frozenset(),
        recipients=frozenset({to}) if to else given.recipients,
    )
    kept = consent.record(vault, number, narrow, now)
    consent.complete_evidence(vault, number, kept.id, now, "The signed form, folder 12.")
    return kept


def sign(vault: Vault, number: str, asked: Rewriting, now: int, *, read: bool = True) -> Letter:
    return version.sign(vault, number, asked, PASSPHRASE, now, read_through=read)


def words_of(vault: Vault, one: Letter) -> str:
    pages = PdfReader(MemorySource("x", letter.read_pdf(vault, one)).open()).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


def test_the_version_leaves_out_what_isnt_covered_and_leaves_the_desk(
    vault: Vault, ready: str, signed: Letter, now: int, tmp_path: Path
) -> None:
    agreed(vault, ready, now)
    sending.verify_channel(vault, ready, signed.recipient_id, SAVE, now, "Known.")
    wish = sending.Sending(ready, signed.id, SAVE, TREATMENT, "one")
    refusal = sending.would_clear(vault, wish, now)
    assert refusal
    assert refusal.clauses == (Clause.RECORD_KINDS, Clause.SENSITIVITIES)
    assert refusal.narrowable
    before = letter.read_pdf(vault, signed)

    made = sign(vault, ready, Rewriting(signed.id, TREATMENT, reasons=WHY), now)

    assert (made.version, made.kind, made.version_of) == (2, signed.kind, signed.id)
    assert made.recipient_id == signed.recipient_id
    assert made.record_kinds == {RecordKind.IMAGING_REPORT}
    assert made.sensitivities == frozenset()
    said = words_of(vault, made)
    assert "HIV" not in said
    assert "tenofovir" not in said
    assert "Referral" not in said
    assert "Other content was left out of it" in said
    assert "does not rely" not in said
    assert "HIV is well controlled" in words_of(vault, signed)
    options = SaveOptions(tmp_path, "a.pdf", "open sesame", protect)
    with pytest.raises(ConsentMissing):
        sending.send(vault, wish, options, lambda: now)
    sending.send(vault, replace(wish, letter_id=made.id, key="two"), options, lambda: now)
    assert (tmp_path / "a.pdf").exists()
    assert letter.read_pdf(vault, signed) == before
    assert cases.open_case(vault, ready).letters == (signed, made)


def test_it_is_audited_and_says_of_itself_what_it_leaves_out_and_why(
    vault: Vault, ready: str, signed: Letter, now: int
) -> None:
    agreed(vault, ready, now)
    made = sign(vault, ready, Rewriting(signed.id, TREATMENT, reasons=WHY), now)
    event = next(one for one in reports.case_events(vault) if one.act == "sign_version")
    assert event.entity == made.id
    assert "HIV" not in f"{event.reason}{event.detail}"
    assert json.loads(made.source["acknowledged"]) == WHY
    assert json.loads(made.source["left_out"]) == ["Referral.txt", "HIV"]
    assert made.authentic
    shown = summary.case(vault, ready, now)["letters"]
    assert isinstance(shown, list)
    assert [one["version_of"] for one in shown] == [None, signed.id]


def test_a_warning_left_out_needs_a_reason_and_the_whole_a_reading_through(
    vault: Vault, ready: str, signed: Letter, now: int
) -> None:
    agreed(vault, ready, now)
    plain = Rewriting(signed.id, TREATMENT)
    with pytest.raises(FormIncomplete, match="say why it may be left out: the danger item"):
        sign(vault, ready, plain, now)
    with pytest.raises(FormIncomplete, match="say why"):
        sign(vault, ready, replace(plain, reasons={WARNED: "  "}), now)
    with pytest.raises(FormIncomplete, match="have read this version"):
        sign(vault, ready, replace(plain, reasons=WHY), now, read=False)
    with pytest.raises(VaultLocked):
        version.sign(vault, ready, replace(plain, reasons=WHY), "no", now, read_through=True)
    assert cases.open_case(vault, ready).letters == (signed,)


def test_new_words_are_looked_over_like_any_letters(
    vault: Vault, ready: str, signed: Letter, now: int
) -> None:
    agreed(vault, ready, now)
    asked = Rewriting(signed.id, TREATMENT, {"brief": "She takes Biktarvy."}, WHY)
    with pytest.raises(FormIncomplete, match="“Biktarvy” isn't covered"):
        sign(vault, ready, asked, now)
    wrong = replace(asked, wording={"brief": "The protrusion is on the right at L4/5."})
    with pytest.raises(FormIncomplete, match="mend or confirm"):
        sign(vault, ready, wrong, now)
    sides = version.prepare(vault, ready, wrong, now).check.sides
    confirmed = {letter.side_key(side): "Asked about." for side in sides}
    made = sign(vault, ready, replace(wrong, reasons={**WHY, **confirmed}), now)
    assert "on the right" in words_of(vault, made)


def test_the_version_is_signed_once_and_leaves_the_opinion_as_it_was(
    vault: Vault, ready: str, signed: Letter, now: int
) -> None:
    agreed(vault, ready, now)
    before = opinion.assessment(vault, ready).opinion
    asked = Rewriting(signed.id, TREATMENT, reasons=WHY)
    made = sign(vault, ready, asked, now)
    for one in (signed, made):
        with pytest.raises(FormIncomplete, match=r"signed already|wouldn't help"):
            sign(vault, ready, replace(asked, letter_id=one.id), now)
    assert opinion.assessment(vault, ready).opinion == before
    more = letter.sign(
        vault, ready, LetterKind.ADDENDUM, PASSPHRASE, now, amendment="New films show no slip."
    )
    assert more.record_kinds == signed.record_kinds
    short = sign(vault, ready, Rewriting(more.id, TREATMENT), now)
    assert (short.kind, short.record_kinds) == (LetterKind.ADDENDUM, made.record_kinds)
    assert "New films show no slip" in words_of(vault, short)


def test_where_another_version_is_no_cure_none_is_made(
    vault: Vault, ready: str, signed: Letter, now: int
) -> None:
    asked = Rewriting(signed.id, TREATMENT, reasons=WHY)
    with pytest.raises(FormIncomplete, match="wouldn't help"):
        version.prepare(vault, ready, asked, now)
    walk.agree(vault, ready, now)
    with pytest.raises(FormIncomplete, match="wouldn't help"):
        version.prepare(vault, ready, asked, now)
    with pytest.raises(NotFound):
        version.prepare(vault, ready, replace(asked, letter_id="another"), now)


def test_a_consent_withdrawn_before_the_signature_stops_it(
    vault: Vault, ready: str, signed: Letter, now: int
) -> None:
    given = agreed(vault, ready, now)
    asked = Rewriting(signed.id, TREATMENT, reasons=WHY)
    assert version.prepare(vault, ready, asked, now).blocking == ()
    consent.revoke(vault, ready, given.id, now, by="the patient", how="by telephone")
    with pytest.raises(FormIncomplete, match="wouldn't help"):
        sign(vault, ready, asked, now)


def test_a_version_being_written_is_there_again_and_gone_once_signed(
    vault: Vault, ready: str, signed: Letter, now: int
) -> None:
    agreed(vault, ready, now)
    asked = Rewriting(signed.id, TREATMENT, {"brief": "Surgery can wait."}, WHY)
    assert version.kept(vault, ready, signed.id, TREATMENT) == Rewriting(signed.id, TREATMENT)
    version.keep(vault, ready, asked, now)
    assert version.kept(vault, ready, signed.id, TREATMENT) == asked
    assert version.kept(vault, ready, "another", TREATMENT).wording == {}
    assert version.preview(vault, ready, asked, now).startswith(b"%PDF-")
    sign(vault, ready, asked, now)
    with vault.read() as reading:
        case_id = cases.open_case(vault, ready).case.id
        assert assessments.draft(reading, case_id, Phase.VERSION) is None
