"""A release that the gate clears, and for each clause the one change that breaks just it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

from consultdesk.consultation.consent import (
    Consent,
    ConsentKind,
    ConsentStatus,
    Purpose,
    Restriction,
    Revocation,
    SignatureKind,
    Statement,
)
from consultdesk.consultation.delivery import (
    LARGEST_JUMP,
    Basis,
    Clause,
    ClearedParcel,
    Moment,
    Parcel,
    Refusal,
    clear,
)
from consultdesk.consultation.letter import Letter, LetterKind
from consultdesk.consultation.patient import Channel, ChannelKind, Recipient, RecipientKind
from consultdesk.consultation.record import RecordKind, Sensitivity

Anything: TypeAlias = Any
"""A field's new value; the dataclass knows its type."""

NOW = 1_780_000_000_000  # 28 May 2026
FAR = 4_102_444_800_000  # the year 2100
PDF = b"%PDF-1.7 the signed letter"
ALL_STATEMENTS = frozenset(Statement)


def full_consent(**changes: Anything) -> Consent:
    consent = Consent(
        id="consent",
        case_id="case",
        patient_id="patient",
        kind=ConsentKind.DISCLOSE,
        status=ConsentStatus.ACTIVE,
        valid_from=NOW - 1000,
        expires_at=FAR,
        information="the second opinion",
        discloser="the desk",
        recipients=frozenset({"physician"}),
        purposes=frozenset({Purpose.TREATMENT}),
        record_kinds=frozenset({RecordKind.IMAGING, RecordKind.CLINIC_NOTE}),
        sensitivities=frozenset({Sensitivity.HIV}),
        given_by="the patient",
        statements=ALL_STATEMENTS,
        recorded_at=NOW - 1000,
        recorded_by="anna",
    )
    return replace(consent, **changes)


def signed_letter(**changes: Anything) -> Letter:
    letter = Letter(
        id="letter",
        case_id="case",
        patient_id="patient",
        kind=LetterKind.TREATING_PHYSICIAN,
        version=1,
        recipient_id="physician",
        sha256=hashlib.sha256(PDF).hexdigest(),
        content_id="content",
        record_kinds=frozenset({RecordKind.IMAGING}),
        sensitivities=frozenset({Sensitivity.HIV}),
        signed_at=NOW - 500,
        signed_by="anna",
        pages=1,
    )
    return replace(letter, **changes)


PRINT = Channel("channel", ChannelKind.HAND_OVER_PRINT, "", NOW - 900, "anna", "known in person")
PHYSICIAN = Recipient(
    "physician", RecipientKind.TREATING_PHYSICIAN, "Dr Berg", "Practice Berg", (PRINT,)
)
OWN_PRINT = replace(PRINT, id="own-channel")
PATIENT = Recipient("patient", RecipientKind.PATIENT, "Mara Lind", "", (OWN_PRINT,))


def parcel(**changes: Anything) -> Parcel:
    plain = Parcel("key", signed_letter(), PDF, PHYSICIAN, PRINT, Purpose.TREATMENT)
    return replace(plain, **changes)


def parcel_to_patient(**changes: Anything) -> Parcel:
    letter = signed_letter(kind=LetterKind.PATIENT_ONLY, recipient_id="patient")
    plain = Parcel(
        "key", letter, PDF, PATIENT, OWN_PRINT, Purpose.PATIENT_REQUEST, basis=Basis.PATIENT
    )
    return replace(plain, **changes)


@dataclass(frozen=True)
class Situation:
    """Everything `clear` is asked with."""

    parcel: Parcel
    consent: Consent | None
    restrictions: tuple[Restriction, ...] = ()
    moment: Moment = Moment(NOW, NOW)

    def ask(self) -> ClearedParcel | Refusal:
        return clear(self.parcel, self.consent, self.restrictions, self.moment)


def by_consent(**changes: Anything) -> Situation:
    """The baseline, with a changed consent."""
    return Situation(parcel(), full_consent(**changes))


def by_letter(**changes: Anything) -> Situation:
    """The baseline, with a changed letter."""
    return Situation(parcel(letter=signed_letter(**changes)), full_consent())


def _restricted(**changes: str) -> Situation:
    says = {"recipient_id": "", "recipient_kind": ""} | changes
    wish = Restriction("wish", "patient", says["recipient_id"], says["recipient_kind"], NOW - 1)
    return Situation(parcel(), full_consent(), (wish,))


def _psychotherapy(letter: set[Sensitivity], consent: set[Sensitivity]) -> Situation:
    return Situation(
        parcel(letter=signed_letter(sensitivities=frozenset(letter))),
        full_consent(sensitivities=frozenset(consent)),
    )


def _verbal(topic: Sensitivity) -> Situation:
    spoken = full_consent(
        signature=SignatureKind.VERBAL, witness="Bo", sensitivities=frozenset({topic})
    )
    return Situation(parcel(letter=signed_letter(sensitivities=frozenset({topic}))), spoken)


_OTHER_PRINT = replace(PRINT, id="other-channel")
_UNVERIFIED = replace(PRINT, verified_at=None)
_ELSEWHERE = replace(PHYSICIAN, id="elsewhere")

BREAKS: dict[Clause, dict[str, Callable[[], Situation]]] = {
    Clause.CLOCK: {
        "a jump of more than a day": lambda: replace(
            by_consent(), moment=Moment(NOW + LARGEST_JUMP + 1, NOW)
        ),
        "a jump, to the patient too": lambda: Situation(
            parcel_to_patient(), None, (), Moment(NOW + LARGEST_JUMP + 1, NOW)
        ),
    },
    Clause.CONSENT_RECORDED: {
        "no consent": lambda: Situation(parcel(), None),
        "a consent to review": lambda: by_consent(kind=ConsentKind.REVIEW),
        "of another case": lambda: by_consent(case_id="another"),
        "of another patient": lambda: by_consent(patient_id="another"),
    },
    Clause.CONSENT_AUTHENTIC: {"a row that isn't ours": lambda: by_consent(authentic=False)},
    Clause.CONSENT_ACTIVE: {
        status.value: partial(by_consent, status=status)
        for status in ConsentStatus
        if status is not ConsentStatus.ACTIVE
    },
    Clause.CONSENT_COMPLETE: {
        "no information named": lambda: by_consent(information=" "),
        "no discloser": lambda: by_consent(discloser=""),
        "no end": lambda: by_consent(expires_at=None),
        "nobody gave it": lambda: by_consent(given_by=""),
        "no witness to spoken words": lambda: by_consent(signature=SignatureKind.VERBAL),
        "a statement missing": lambda: by_consent(
            statements=ALL_STATEMENTS - {Statement.RIGHT_TO_REVOKE}
        ),
    },
    Clause.EVIDENCE_COMPLETE: {"form on file": lambda: by_consent(evidence_complete=False)},
    Clause.RECONFIRMED: {"after a restore": lambda: by_consent(reconfirmed=False)},
    Clause.NOT_REVOKED: {
        "withdrawn": lambda: by_consent(
            revocation=Revocation("r", "consent", NOW - 1, "the patient", "by telephone")
        )
    },
    Clause.STARTED: {"begins a moment later": lambda: by_consent(valid_from=NOW + 1)},
    Clause.NOT_EXPIRED: {
        "ends this moment": lambda: by_consent(expires_at=NOW),
        "ended by the mark, though the clock went back": lambda: replace(
            by_consent(expires_at=NOW), moment=Moment(NOW - 10**9, NOW)
        ),
    },
    Clause.EVENT_NOT_OCCURRED: {
        "surgery done": lambda: by_consent(
            expires_at=None, expiry_event="surgery", event_occurred_at=NOW - 1
        )
    },
    Clause.RECIPIENT: {
        "names somebody else": lambda: by_consent(recipients=frozenset({"another"}))
    },
    Clause.PURPOSE: {"another purpose": lambda: by_consent(purposes=frozenset({Purpose.LEGAL}))},
    Clause.RECORD_KINDS: {
        "cites a kind not covered": lambda: by_letter(
            record_kinds=frozenset({RecordKind.IMAGING, RecordKind.GENETICS})
        )
    },
    Clause.SENSITIVITIES: {
        "a topic not permitted": lambda: by_letter(
            sensitivities=frozenset({Sensitivity.HIV, Sensitivity.SDV})
        )
    },
    Clause.NOT_VERBAL: {
        "spoken, substance use": lambda: _verbal(Sensitivity.ETH),
        "spoken, opioids": lambda: _verbal(Sensitivity.OPIOIDUD),
        "spoken, psychotherapy": lambda: _verbal(Sensitivity.PSYTHPN),
    },
    Clause.PSYCHOTHERAPY_ALONE: {
        "beside another topic": lambda: _psychotherapy(
            {Sensitivity.PSYTHPN}, {Sensitivity.PSYTHPN, Sensitivity.HIV}
        )
    },
    Clause.LETTER_FITS: {
        "the patient's letter to a physician": lambda: by_letter(kind=LetterKind.PATIENT),
        "written to somebody else": lambda: by_letter(recipient_id="another"),
        "a physician on the patient's ground": lambda: Situation(
            parcel(basis=Basis.PATIENT), full_consent()
        ),
        "another patient": lambda: Situation(
            parcel_to_patient(
                letter=signed_letter(
                    kind=LetterKind.PATIENT, recipient_id="patient", patient_id="another"
                )
            ),
            None,
        ),
    },
    Clause.LETTER_SIGNED: {"a draft": lambda: by_letter(signed_at=None)},
    Clause.LETTER_AUTHENTIC: {"a row that isn't ours": lambda: by_letter(authentic=False)},
    Clause.HASH: {
        "one byte more": lambda: Situation(parcel(pdf=PDF + b"\n"), full_consent()),
        "to the patient too": lambda: Situation(parcel_to_patient(pdf=b""), None),
    },
    Clause.CHANNEL: {
        "unverified": lambda: Situation(
            parcel(channel=_UNVERIFIED, recipient=replace(PHYSICIAN, channels=(_UNVERIFIED,))),
            full_consent(),
        ),
        "not the recipient's": lambda: Situation(parcel(channel=_OTHER_PRINT), full_consent()),
        "changed since it was verified": lambda: Situation(
            parcel(channel=replace(PRINT, address="elsewhere")), full_consent()
        ),
    },
    Clause.RESTRICTION: {
        "towards this recipient": lambda: _restricted(recipient_id="physician"),
        "towards all of a kind": lambda: _restricted(recipient_kind="treating_physician"),
        "one that can't be verified": lambda: Situation(
            parcel(),
            full_consent(),
            (Restriction("wish", "patient", "another", "", NOW - 1, authentic=False),),
        ),
        "on the patient's ground too": lambda: Situation(
            parcel_to_patient(), None, (Restriction("wish", "patient", "patient", "", NOW - 1),)
        ),
    },
}
