"""A parcel that the gate itself cleared, and the question whether it still is."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from consultdesk.consultation.consent import (
    THREE_STATEMENTS,
    Consent,
    ConsentKind,
    ConsentStatus,
    Purpose,
    Revocation,
)
from consultdesk.consultation.delivery import ClearedParcel, Moment, Parcel, Refusal, clear
from consultdesk.consultation.letter import Letter, LetterKind
from consultdesk.consultation.patient import Channel, ChannelKind, Recipient, RecipientKind
from consultdesk.consultation.record import RecordKind
from consultdesk.letters import pdf, template
from tests.letters.conftest import FACTS

NOW = 1_795_000_000_000


@dataclass
class Desk:
    """A release under way: its parcel, its consent, and how often the gate was asked."""

    parcel: Parcel
    consent: Consent
    asked: int = 0
    before: list[Callable[[], None]] = field(default_factory=list)

    @property
    def cleared(self) -> ClearedParcel:
        verdict = clear(self.parcel, self.consent, (), Moment(NOW, NOW))
        assert isinstance(verdict, ClearedParcel), verdict
        return verdict

    def revoke(self) -> None:
        withdrawn = Revocation("v", self.consent.id, NOW, "patient", "by telephone")
        self.consent = replace(self.consent, revocation=withdrawn)

    def still_cleared(self) -> ClearedParcel | Refusal:
        self.asked += 1
        for step in self.before:
            step()
        return clear(self.parcel, self.consent, (), Moment(NOW, NOW))


@pytest.fixture(scope="session")
def signed_pdf() -> bytes:
    return pdf.render(template.fill(FACTS))


def desk_for(kind: ChannelKind, content: bytes) -> Desk:
    channel = Channel("channel", kind, "", NOW - 1, "m.keller", "identity card")
    to = Recipient("physician", RecipientKind.TREATING_PHYSICIAN, "Dr Anna", channels=(channel,))
    letter = Letter(
        "letter", "case", "patient", LetterKind.TREATING_PHYSICIAN, 1, to.id,
        hashlib.sha256(content).hexdigest(), "content",
        frozenset({RecordKind.IMAGING}), frozenset(), NOW - 5, "h.meier",
    )  # fmt: skip
    consent = Consent(
        "consent", "case", "patient", ConsentKind.DISCLOSE, ConsentStatus.ACTIVE, NOW - 10,
        NOW + 10, "the opinion", "the practice", frozenset({to.id}),
        frozenset({Purpose.TREATMENT}), frozenset({RecordKind.IMAGING}), given_by="the patient",
        statements=THREE_STATEMENTS,
    )  # fmt: skip
    return Desk(Parcel("key", letter, content, to, channel, Purpose.TREATMENT), consent)


@pytest.fixture
def printing(signed_pdf: bytes) -> Desk:
    return desk_for(ChannelKind.HAND_OVER_PRINT, signed_pdf)


@pytest.fixture
def saving(signed_pdf: bytes) -> Desk:
    return desk_for(ChannelKind.HAND_OVER_SAVE, signed_pdf)
