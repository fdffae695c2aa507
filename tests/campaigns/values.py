"""The domain's own values for a history: what the gate is asked with."""

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

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
from consultdesk.consultation.delivery import Basis, Parcel
from consultdesk.consultation.letter import Letter, LetterKind
from consultdesk.consultation.patient import Channel, ChannelKind, Recipient, RecipientKind
from consultdesk.consultation.record import RecordKind, Sensitivity
from tests.campaigns.oracle import Step

if TYPE_CHECKING:
    from collections.abc import Callable

START = 1_800_000_000_000
PDF = b"%PDF-1.7 the signed letter"
_SHA = hashlib.sha256(PDF).hexdigest()


class Gate:
    """The domain's own values, changed as the same steps say."""

    def __init__(self, start: int) -> None:
        self.epoch = 1
        self.consents: dict[str, Consent] = {}
        self.letters: dict[str, Letter] = {}
        self.ways: dict[str, tuple[str, Channel]] = {}
        self.wishes: dict[str, Restriction] = {}
        self.start = start

    def take(self, step: Step) -> None:
        """Let one more thing happen."""
        does: dict[str, Callable[..., None]] = {
            "consent": self._consent,
            "letter": self._letter,
            "revoke": self._revoke,
            "happened": self._happened,
            "restore": self._restore,
            "changed": self._changed,
            "way": self._way,
            "verified": self._verified,
            "restrict": self._restrict,
            "lift": self._lift,
        }
        if step[0] in does:
            does[step[0]](*step[1:])

    def parcel(self, asked: dict[str, Any]) -> Parcel:
        """The letter on its way out."""
        ways = tuple(way for to, way in self.ways.values() if to == asked["recipient"])
        to = Recipient(
            asked["recipient"], RecipientKind(asked["recipient_kind"]), "Somebody", "", ways
        )
        way = self.ways[asked["way"]][1]
        pdf = PDF if asked["bytes"] else PDF + b" "
        basis, purpose = Basis(asked["basis"]), Purpose(asked["purpose"])
        return Parcel("key", self.letters[asked["letter"]], pdf, to, way, purpose, basis)

    def standing(self, patient: str) -> tuple[Restriction, ...]:
        """The wishes that stand for a patient."""
        return tuple(one for one in self.wishes.values() if one.patient_id == patient)

    def _consent(self, said: dict[str, Any]) -> None:
        self.consents[said["id"]] = consent_of(said, self.start)

    def _letter(self, said: dict[str, Any]) -> None:
        self.letters[said["id"]] = letter_of(said, self.start)

    def _revoke(self, name: str) -> None:
        gone = Revocation("r", name, self.start, "the patient", "in person")
        self.consents[name] = replace(self.consents[name], revocation=gone)

    def _happened(self, name: str, what: str) -> None:
        changes: dict[str, dict[str, Any]] = {
            "event_occurred": {"event_occurred_at": self.start},
            "evidence_completed": {"evidence_complete": True},
            "reconfirmed": {"reconfirmed": True},
            "inactive": {"status": ConsentStatus.INACTIVE},
            "entered-in-error": {"status": ConsentStatus.ENTERED_IN_ERROR},
        }
        self.consents[name] = replace(self.consents[name], **changes[what])

    def _restore(self) -> None:
        self.consents = {n: replace(c, reconfirmed=False) for n, c in self.consents.items()}

    def _changed(self, name: str) -> None:
        if name in self.consents:
            self.consents[name] = replace(self.consents[name], authentic=False)
        else:
            self.letters[name] = replace(self.letters[name], authentic=False)

    def _way(self, name: str, recipient: str) -> None:
        self.ways[name] = recipient, Channel(name, ChannelKind.HAND_OVER_PRINT, "")

    def _verified(self, name: str) -> None:
        to, way = self.ways[name]
        self.ways[name] = to, replace(way, verified_at=self.start, verified_by="anna")

    def _restrict(self, said: dict[str, Any]) -> None:
        self.wishes[said["id"]] = Restriction(
            said["id"], said["patient"], said["recipient"], said["kind"], self.start
        )

    def _lift(self, name: str, patient: str) -> None:
        if name in self.wishes and self.wishes[name].patient_id == patient:
            del self.wishes[name]


def consent_of(said: dict[str, Any], at: int) -> Consent:
    """A consent of a history as the domain says it."""
    return Consent(
        id=said["id"],
        case_id=said["case"],
        patient_id=said["patient"],
        kind=ConsentKind(said["kind"]),
        status=ConsentStatus(said["status"]),
        valid_from=said["valid_from"],
        expires_at=said["expires"],
        information=said["information"],
        discloser=said["discloser"],
        recipients=frozenset(said["recipients"]),
        purposes=frozenset(Purpose(one) for one in said["purposes"]),
        record_kinds=frozenset(RecordKind(one) for one in said["kinds"]),
        sensitivities=frozenset(Sensitivity(one) for one in said["topics"]),
        expiry_event=said["event"],
        signature=SignatureKind(said["signature"]),
        witness=said["witness"],
        given_by=said["given_by"],
        statements=frozenset(Statement(one) for one in said["statements"]),
        evidence_complete=said["evidence"],
        recorded_at=at,
        recorded_by="anna",
    )


def letter_of(said: dict[str, Any], at: int, content_id: str = "content") -> Letter:
    """A letter of a history as the domain says it."""
    return Letter(
        id=said["id"],
        case_id=said["case"],
        patient_id=said["patient"],
        kind=LetterKind(said["kind"]),
        version=1,
        recipient_id=said["recipient"],
        sha256=_SHA,
        content_id=content_id,
        record_kinds=frozenset(RecordKind(one) for one in said["kinds"]),
        sensitivities=frozenset(Sensitivity(one) for one in said["topics"]),
        signed_at=at if said["signed"] else None,
        signed_by="anna",
        pages=1,
    )
