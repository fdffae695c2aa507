import copy
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consultdesk.consultation.consent import (
    NEVER_VERBAL,
    Consent,
    ConsentKind,
    SignatureKind,
    effective_sensitivities,
)
from consultdesk.consultation.delivery import (
    LARGEST_JUMP,
    WORDING,
    Basis,
    Clause,
    ClearedParcel,
    Moment,
    Refusal,
    clear,
    clear_by_any,
    consent_for_version,
)
from consultdesk.consultation.letter import FITS, LetterKind
from consultdesk.consultation.patient import PATIENT_SIDE, Recipient, RecipientKind
from consultdesk.consultation.record import RecordKind, Sensitivity
from tests.consultation.parcels import (
    BREAKS,
    FAR,
    NOW,
    OWN_PRINT,
    PATIENT,
    PHYSICIAN,
    PRINT,
    Situation,
    by_consent,
    full_consent,
    parcel,
    parcel_to_patient,
    signed_letter,
)

CASES = [(clause, name) for clause, ways in BREAKS.items() for name in ways]
HERE = Moment(NOW, NOW)


def test_a_parcel_that_meets_every_clause_is_cleared() -> None:
    cleared = Situation(parcel(), full_consent()).ask()
    assert isinstance(cleared, ClearedParcel)
    assert (cleared.consent_id, cleared.cleared_at) == ("consent", NOW)
    assert cleared.parcel == parcel()


def test_a_parcel_to_the_patient_needs_no_consent() -> None:
    cleared = clear(parcel_to_patient(), None, (), HERE)
    assert isinstance(cleared, ClearedParcel)
    assert cleared.consent_id == ""


def test_the_table_breaks_every_clause() -> None:
    assert set(BREAKS) == set(Clause)


@pytest.mark.parametrize(("clause", "way"), CASES, ids=lambda value: str(value))
def test_a_parcel_that_breaks_one_clause_is_refused_for_it_alone(clause: Clause, way: str) -> None:
    assert BREAKS[clause][way]().ask() == Refusal((clause,))


@pytest.mark.parametrize("clause", Clause)
def test_a_refusal_says_why_and_what_would_cure_it(clause: Clause) -> None:
    refusal = Refusal((clause,))
    assert WORDING[clause].why in refusal.sentence
    assert refusal.sentence.startswith("Practice policy: ")
    assert "illegal" not in refusal.sentence
    assert refusal.cure == WORDING[clause].cure
    assert refusal.cure.endswith(".")


def test_several_broken_clauses_are_all_named_and_the_first_one_is_cured_first() -> None:
    said = by_consent(purposes=frozenset(), expires_at=NOW).ask()
    assert isinstance(said, Refusal)
    assert said.clauses == (Clause.CONSENT_COMPLETE, Clause.NOT_EXPIRED, Clause.PURPOSE)
    assert all(WORDING[clause].why in said.sentence for clause in said.clauses)
    assert said.cure == WORDING[Clause.CONSENT_COMPLETE].cure


def test_a_consent_holds_from_its_first_to_before_its_last_instant() -> None:
    consent = full_consent(valid_from=NOW, expires_at=NOW + 2)
    outcomes = {
        at: isinstance(clear(parcel(), consent, (), Moment(at, NOW - 10)), ClearedParcel)
        for at in range(NOW - 1, NOW + 4)
    }
    assert outcomes == {NOW - 1: False, NOW: True, NOW + 1: True, NOW + 2: False, NOW + 3: False}


def test_a_step_of_exactly_a_day_is_believed() -> None:
    assert not Moment(NOW + LARGEST_JUMP, NOW).jumped
    assert Moment(NOW + LARGEST_JUMP + 1, NOW).jumped
    assert Moment(NOW - 5, NOW).now == NOW


def test_a_consent_that_ends_by_an_event_holds_until_it_occurs() -> None:
    open_ended = by_consent(expires_at=None, expiry_event="discharge")
    assert isinstance(open_ended.ask(), ClearedParcel)


def test_nobody_else_makes_a_cleared_parcel() -> None:
    with pytest.raises(PermissionError):
        ClearedParcel(parcel(), "consent", NOW)
    with pytest.raises(PermissionError):
        ClearedParcel(parcel(), "consent", NOW, object())


def test_a_cleared_parcel_cannot_be_made_into_another() -> None:
    cleared = Situation(parcel(), full_consent()).ask()
    assert isinstance(cleared, ClearedParcel)
    with pytest.raises(PermissionError):
        replace(cleared, parcel=parcel(pdf=b"another letter"))
    assert copy.copy(cleared).parcel is cleared.parcel


def test_an_unknown_ground_never_spares_the_consent() -> None:
    for basis in ("consent", "legal_duty", "Patient", ""):
        odd = parcel(basis=basis)
        assert clear(odd, None, (), HERE) == Refusal((Clause.CONSENT_RECORDED,))
        assert clear_by_any(odd, (), (), HERE) == Refusal((Clause.CONSENT_RECORDED,))


@pytest.mark.parametrize("kind", LetterKind)
@pytest.mark.parametrize("to", RecipientKind)
def test_a_letter_goes_only_to_the_kinds_of_recipient_it_fits(
    kind: LetterKind, to: RecipientKind
) -> None:
    recipient = Recipient("patient", to, "N.", "", (OWN_PRINT,))
    letter = signed_letter(kind=kind, recipient_id="patient")
    own_ground = parcel_to_patient(letter=letter, recipient=recipient)
    fits = to in FITS[kind]
    assert isinstance(clear(own_ground, None, (), HERE), ClearedParcel) == (
        fits and to in PATIENT_SIDE
    )
    consented = replace(own_ground, basis=Basis.CONSENT, purpose=parcel().purpose)
    consent = full_consent(recipients=frozenset({"patient"}))
    assert isinstance(clear(consented, consent, (), HERE), ClearedParcel) == fits


@given(
    carried=st.frozensets(st.sampled_from(Sensitivity)),
    listed=st.frozensets(st.sampled_from(Sensitivity)),
    spoken=st.booleans(),
)
def test_the_clauses_on_sensitive_topics_agree_with_what_a_consent_really_permits(
    carried: frozenset[Sensitivity], listed: frozenset[Sensitivity], spoken: bool
) -> None:
    signature = SignatureKind.VERBAL if spoken else SignatureKind.WRITTEN
    consent = full_consent(sensitivities=listed, signature=signature, witness="Bo")
    letter = signed_letter(sensitivities=carried)
    verdict = clear(parcel(letter=letter), consent, (), HERE)
    cleared = isinstance(verdict, ClearedParcel)
    assert cleared == (carried <= effective_sensitivities(consent))
    if spoken and cleared:
        assert not carried & NEVER_VERBAL


def test_the_consent_that_carries_the_parcel_is_found_among_others() -> None:
    consents = (
        full_consent(id="old", expires_at=NOW),
        full_consent(id="good"),
        full_consent(id="review", kind=ConsentKind.REVIEW),
        full_consent(id="narrow", recipients=frozenset({"another"})),
    )
    cleared = clear_by_any(parcel(), consents, (), HERE)
    assert isinstance(cleared, ClearedParcel)
    assert cleared.consent_id == "good"


def test_of_several_refusals_the_nearest_to_clearing_speaks_and_of_equals_the_newest() -> None:
    far: Consent = full_consent(purposes=frozenset(), given_by="", expires_at=NOW)
    near = full_consent(expires_at=NOW)
    newest = full_consent(recipients=frozenset({"another"}))
    assert clear_by_any(parcel(), (near, far), (), HERE) == Refusal((Clause.NOT_EXPIRED,))
    assert clear_by_any(parcel(), (near, newest, far), (), HERE) == Refusal((Clause.RECIPIENT,))


def test_what_another_version_cures_is_nearer_than_what_needs_the_patient() -> None:
    notes = frozenset({RecordKind.CLINIC_NOTE})
    narrow = full_consent(id="narrow", record_kinds=notes, sensitivities=frozenset())
    gone = full_consent(id="gone", expires_at=NOW)
    for held in ((narrow, gone), (gone, narrow)):
        refusal = clear_by_any(parcel(), held, (), HERE)
        assert refusal == Refusal((Clause.RECORD_KINDS, Clause.SENSITIVITIES))
        assert refusal.narrowable
        assert consent_for_version(parcel(), held, (), HERE) == narrow


def test_another_version_is_no_cure_where_something_else_stands_against_it() -> None:
    both = full_consent(sensitivities=frozenset(), expires_at=NOW)
    assert consent_for_version(parcel(), (both,), (), HERE) is None
    assert consent_for_version(parcel(), (full_consent(),), (), HERE) is None
    assert consent_for_version(parcel_to_patient(), (), (), HERE) is None
    assert not Refusal((Clause.CHANNEL,)).narrowable
    assert Refusal((Clause.RECORD_KINDS, Clause.CHANNEL, Clause.CLOCK)).narrowable


def test_without_a_consent_to_disclose_the_refusal_asks_for_one() -> None:
    review = full_consent(kind=ConsentKind.REVIEW)
    for consents in ((), (review,)):
        said = clear_by_any(parcel(), consents, (), HERE)
        assert said == Refusal((Clause.CONSENT_RECORDED,))
    assert isinstance(clear_by_any(parcel_to_patient(), (), (), HERE), ClearedParcel)


def test_the_parcel_says_nothing_of_its_content_in_a_log() -> None:
    said = repr(parcel())
    assert "Berg" not in said
    assert "%PDF" not in said
    assert PHYSICIAN.channel("channel") == PRINT
    assert PATIENT.channel("channel") is None
    assert full_consent().expires_at == FAR


def test_a_clock_that_jumped_ends_no_consent_and_begins_none() -> None:
    jumped = Moment(NOW + 2 * LARGEST_JUMP, NOW)
    for held in ({"expires_at": NOW + LARGEST_JUMP}, {"valid_from": NOW - 1}):
        asked = replace(by_consent(**held), moment=jumped)
        assert asked.ask() == Refusal((Clause.CLOCK,))
    later = replace(by_consent(valid_from=NOW + LARGEST_JUMP), moment=jumped)
    assert later.ask() == Refusal((Clause.STARTED, Clause.CLOCK))
