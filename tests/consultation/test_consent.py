from typing import Any

import pytest

from consultdesk.consultation.consent import (
    SUBSTANCE_USE,
    Consent,
    ConsentKind,
    ConsentStatus,
    Revocation,
    SignatureKind,
    Statement,
    effective_sensitivities,
    missing_elements,
    review_is_active,
)
from consultdesk.consultation.record import Sensitivity
from tests.consultation.parcels import ALL_STATEMENTS, NOW, full_consent

N, ETH, HIV, PSY = Sensitivity.N, Sensitivity.ETH, Sensitivity.HIV, Sensitivity.PSYTHPN


def test_a_full_consent_lacks_nothing() -> None:
    assert missing_elements(full_consent()) == ()


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"information": "  "}, "what information may be sent"),
        ({"discloser": ""}, "who may send it"),
        ({"recipients": frozenset()}, "who may receive it"),
        ({"purposes": frozenset()}, "what it is for"),
        ({"record_kinds": frozenset()}, "which kinds of record it covers"),
        ({"expires_at": None}, "when it ends (a date or an event)"),
        ({"given_by": ""}, "who gave it"),
        ({"signature": SignatureKind.VERBAL}, "the witness to a spoken consent"),
    ],
)
def test_each_missing_element_is_named_alone(changes: dict[str, Any], missing: str) -> None:
    assert missing_elements(full_consent(**changes)) == (missing,)


def test_an_event_ends_a_consent_as_well_as_a_date() -> None:
    assert missing_elements(full_consent(expires_at=None, expiry_event="discharge")) == ()


@pytest.mark.parametrize("statement", Statement)
def test_each_missing_statement_is_named_and_two_only_for_substance_use(
    statement: Statement,
) -> None:
    without = ALL_STATEMENTS - {statement}
    always = statement not in (Statement.HOW_TO_REVOKE, Statement.RELIANCE)
    assert bool(missing_elements(full_consent(statements=without))) == always
    for topic in SUBSTANCE_USE:
        consent = full_consent(statements=without, sensitivities=frozenset({topic}))
        (said,) = missing_elements(consent)
        assert said.startswith("the statement: ")


def test_an_empty_consent_names_everything() -> None:
    bare = Consent("c", "case", "p", ConsentKind.DISCLOSE, ConsentStatus.DRAFT, 0)
    assert len(missing_elements(bare)) == 10


@pytest.mark.parametrize(
    ("listed", "spoken", "permitted"),
    [
        (set(), False, {N}),
        ({HIV}, True, {N, HIV}),
        ({ETH}, False, {N, ETH}),
        ({ETH, HIV}, True, {N, HIV}),
        ({PSY}, False, {N, PSY}),
        ({PSY, N}, False, {N, PSY}),
        ({PSY}, True, {N}),
        ({PSY, HIV}, False, {N, HIV}),
    ],
)
def test_a_consent_permits_no_more_than_it_can(
    listed: set[Sensitivity], spoken: bool, permitted: set[Sensitivity]
) -> None:
    signature = SignatureKind.VERBAL if spoken else SignatureKind.ELECTRONIC
    consent = full_consent(sensitivities=frozenset(listed), signature=signature)
    assert effective_sensitivities(consent) == permitted


@pytest.mark.parametrize(
    ("changes", "active"),
    [
        ({}, True),
        ({"kind": ConsentKind.DISCLOSE}, False),
        ({"status": ConsentStatus.DRAFT}, False),
        ({"authentic": False}, False),
        ({"revocation": Revocation("r", "c", NOW, "b", "h")}, False),
        ({"valid_from": NOW}, True),
        ({"valid_from": NOW + 1}, False),
        ({"expires_at": NOW + 1}, True),
        ({"expires_at": NOW}, False),
        ({"expires_at": None}, True),
        ({"event_occurred_at": NOW - 1}, False),
    ],
)
def test_a_consent_to_review_holds_only_while_it_stands(
    changes: dict[str, Any], active: bool
) -> None:
    consent = full_consent(**{"kind": ConsentKind.REVIEW} | changes)
    assert review_is_active((consent,), NOW) is active
    assert not review_is_active((), NOW)
