"""Consents as a person records them: whole, evidenced, withdrawn, ended and restricted."""

from dataclasses import replace
from pathlib import Path

import pytest

from consultdesk.consultation.consent import (
    THREE_STATEMENTS,
    Consent,
    ConsentKind,
    ConsentStatus,
    Purpose,
    Restriction,
    SignatureKind,
    Statement,
)
from consultdesk.consultation.delivery import Clause
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.letter import LetterKind
from consultdesk.consultation.patient import ChannelKind
from consultdesk.consultation.record import RecordKind, Sensitivity
from consultdesk.desk import cases, consent, letter, opinion, sending
from consultdesk.errors import FormIncomplete, NotFound
from consultdesk.samples import walk
from consultdesk.samples.practice import PASSPHRASE
from consultdesk.vault import consents
from consultdesk.vault.vault import Vault

DAY = 86_400_000


@pytest.fixture
def whole(vault: Vault, ready: str, now: int) -> Consent:
    """A complete consent for the physician of the case, as it would be recorded."""
    return Consent(
        id="",
        case_id="",
        patient_id="",
        kind=ConsentKind.DISCLOSE,
        status=ConsentStatus.ACTIVE,
        valid_from=now,
        expires_at=now + DAY,
        information="The second opinion",
        discloser="This practice",
        recipients=frozenset({cases.open_case(vault, ready).case.treating_physician_id}),
        purposes=frozenset({Purpose.TREATMENT}),
        record_kinds=frozenset(RecordKind),
        given_by="Sofia Eriksen",
        statements=THREE_STATEMENTS,
    )


def test_a_consent_without_its_form_counts_as_to_be_completed(
    vault: Vault, ready: str, whole: Consent, now: int
) -> None:
    given = consent.record(vault, ready, whole, now)
    assert not given.evidence_complete
    with pytest.raises(FormIncomplete):
        consent.complete_evidence(vault, ready, given.id, now, " ")
    consent.complete_evidence(vault, ready, given.id, now, "Folder 12.")
    held = {one.id: one for one in cases.open_case(vault, ready).consents}
    assert held[given.id].evidence_complete


def test_a_form_among_the_records_or_a_witness_is_evidence(
    vault: Vault, ready: str, whole: Consent, now: int
) -> None:
    form = cases.open_case(vault, ready).records[0].id
    assert consent.record(vault, ready, replace(whole, evidence=form), now).evidence_complete
    spoken = replace(whole, signature=SignatureKind.VERBAL, witness="Nurse Lee")
    assert consent.record(vault, ready, spoken, now).evidence_complete
    with pytest.raises(FormIncomplete, match="isn't among the records"):
        consent.record(vault, ready, replace(whole, evidence="some other file"), now)


def test_a_consent_that_could_not_hold_is_refused_at_once(
    vault: Vault, ready: str, whole: Consent, now: int
) -> None:
    flawed: list[tuple[dict[str, object], str]] = [
        ({"recipients": frozenset()}, "who may receive it"),
        ({"statements": frozenset()}, "the statement"),
        ({"expires_at": 1}, "end before it begins"),
        ({"status": ConsentStatus.ENTERED_IN_ERROR}, "as active, or as a draft"),
        ({"recipients": frozenset({"nobody"})}, "isn't in this store"),
        ({"signature": SignatureKind.VERBAL}, "the witness"),
        (
            {"sensitivities": frozenset({Sensitivity.PSYTHPN, Sensitivity.HIV})},
            "of their own for psychotherapy",
        ),
        (
            {
                "signature": SignatureKind.VERBAL,
                "witness": "Nurse Lee",
                "sensitivities": frozenset({Sensitivity.ETHUD}),
                "statements": frozenset(Statement),
            },
            "a spoken one never covers",
        ),
        ({"kind": ConsentKind.REVIEW, "given_by": " "}, "who gave it"),
    ]
    for change, said in flawed:
        with pytest.raises(FormIncomplete, match=said):
            consent.record(vault, ready, replace(whole, **change), now)  # type: ignore[arg-type]
    assert len(cases.open_case(vault, ready).consents) == 1


def test_a_draft_is_kept_and_ends_no_waiting(
    vault: Vault, ready: str, whole: Consent, now: int
) -> None:
    cases.wait_for(vault, ready, "consent", now)
    draft = replace(whole, status=ConsentStatus.DRAFT, recipients=frozenset())
    consent.record(vault, ready, draft, now)
    assert cases.open_case(vault, ready).case.waiting_for == "consent"
    consent.record(vault, ready, whole, now)
    assert cases.open_case(vault, ready).case.waiting_for == ""


def test_a_withdrawal_is_recorded_once_and_of_a_known_consent(
    vault: Vault, ready: str, whole: Consent, now: int
) -> None:
    given = consent.record(vault, ready, whole, now)
    with pytest.raises(NotFound):
        consent.revoke(vault, ready, "nothing", now, by="the patient", how="by telephone")
    with pytest.raises(FormIncomplete):
        consent.revoke(vault, ready, given.id, now, by="", how="")
    consent.revoke(vault, ready, given.id, now, by="the patient", how="by telephone")
    with pytest.raises(FormIncomplete, match="already"):
        consent.revoke(vault, ready, given.id, now, by="the patient", how="again")


def test_an_event_ends_only_a_consent_that_ends_by_one(
    vault: Vault, ready: str, whole: Consent, now: int
) -> None:
    by_date = consent.record(vault, ready, whole, now)
    with pytest.raises(FormIncomplete, match="doesn't end by an event"):
        consent.event_occurred(vault, ready, by_date.id, now)
    by_event = replace(whole, expires_at=None, expiry_event="the operation")
    given = consent.record(vault, ready, by_event, now)
    consent.event_occurred(vault, ready, given.id, now)
    held = {one.id: one for one in cases.open_case(vault, ready).consents}
    assert held[given.id].event_occurred_at == now
    with pytest.raises(FormIncomplete, match="already"):
        consent.event_occurred(vault, ready, given.id, now)


def test_a_consent_to_review_that_was_withdrawn_begins_no_reading(
    vault: Vault, ready: str, now: int
) -> None:
    (review,) = cases.open_case(vault, ready).consents
    consent.revoke(vault, ready, review.id, now, by="the patient", how="by telephone")
    with pytest.raises(FormIncomplete, match="consent to review"):
        opinion.begin(vault, ready, now)


def test_a_restriction_stands_above_consent_until_the_patient_lifts_it(
    vault: Vault, drafted: str, now: int, tmp_path: Path
) -> None:
    signed = walk.sign(vault, drafted, PASSPHRASE, now)
    walk.agree(vault, drafted, now)
    save = ChannelKind.HAND_OVER_SAVE
    sending.verify_channel(vault, drafted, signed.recipient_id, save, now, "Known.")
    wish = sending.Sending(drafted, signed.id, save, Purpose.TREATMENT, "one")
    assert sending.would_clear(vault, wish, now) is None
    with pytest.raises(FormIncomplete):
        consent.restrict(vault, drafted, now, reason="none named")
    with pytest.raises(FormIncomplete, match="no kind of recipient"):
        consent.restrict(vault, drafted, now, kind="insurance", reason="self-pay")
    with pytest.raises(NotFound):
        consent.restrict(vault, drafted, now, recipient_id="nobody", reason="self-pay")
    said = consent.restrict(
        vault, drafted, now, recipient_id=signed.recipient_id, reason="The patient asked."
    )
    refusal = sending.would_clear(vault, wish, now)
    assert refusal is not None
    assert refusal.clauses == (Clause.RESTRICTION,)
    with pytest.raises(NotFound):
        consent.lift_restriction(vault, drafted, "nothing", now, "by telephone")
    with pytest.raises(FormIncomplete):
        consent.lift_restriction(vault, drafted, said.id, now, "")
    consent.lift_restriction(vault, drafted, said.id, now, "The patient, by telephone.")
    assert sending.would_clear(vault, wish, now) is None


def test_a_restriction_stays_when_the_case_turns_out_to_be_of_a_patient_known_before(
    vault: Vault, drafted: str, now: int
) -> None:
    file = cases.open_case(vault, drafted)
    to = file.case.treating_physician_id
    consent.restrict(vault, drafted, now, recipient_id=to, reason="The patient asked.")
    consent.restrict(vault, drafted, now, kind="insurer", reason="Self-pay.")
    before = {one.reason for one in restrictions(vault, file.patient.id)}
    again = replace(file.patient, id=new_id(now))
    for known in (again, file.patient, again):
        cases.confirm_patient(vault, drafted, known, now)
        standing = restrictions(vault, known.id)
        assert ({one.reason for one in standing}, len(standing)) == (before, 2)
    signed = walk.sign(vault, drafted, PASSPHRASE, now)
    walk.agree(vault, drafted, now)
    save = ChannelKind.HAND_OVER_SAVE
    sending.verify_channel(vault, drafted, signed.recipient_id, save, now, "Known.")
    wish = sending.Sending(drafted, signed.id, save, Purpose.TREATMENT, "one")
    refusal = sending.would_clear(vault, wish, now)
    assert refusal is not None
    assert refusal.clauses == (Clause.RESTRICTION,)


def restrictions(vault: Vault, patient_id: str) -> tuple[Restriction, ...]:
    with vault.read() as reading:
        return consents.restrictions(reading, patient_id)


def test_a_letter_to_the_patient_alone_does_not_deny_a_consent_that_stands(
    vault: Vault, drafted: str, now: int
) -> None:
    given = walk.agree(vault, drafted, now)
    with pytest.raises(FormIncomplete, match="has agreed"):
        letter.sign(vault, drafted, LetterKind.PATIENT_ONLY, PASSPHRASE, now)
    consent.enter_in_error(vault, drafted, given.id, now, "Of another patient.")
    signed = letter.sign(vault, drafted, LetterKind.PATIENT_ONLY, PASSPHRASE, now)
    assert signed.signed
