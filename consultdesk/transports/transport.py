"""How a cleared letter leaves, whatever the way: one protocol, one receipt, one last look."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from consultdesk.consultation.delivery import ClearedParcel, Refusal, StillCleared
from consultdesk.consultation.patient import ChannelKind
from consultdesk.errors import ConsentMissing, DeliveryFailed

Options = TypeVar("Options", contravariant=True)


class State(StrEnum):
    """What is known of a letter that was handed to a transport.

    `unknown`: it may have left. A person decides; it is never sent again blindly.
    """

    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Receipt:
    """What became of a letter. `at` is UTC ms, as the caller gave it.

    `reference` names the proof: a print job, or the SHA-256 (hex) of the file as saved.
    """

    state: State
    detail: str
    at: int
    reference: str = ""


class Transport(Protocol[Options]):
    """A way out. Its options are a frozen dataclass, from which a settings page is drawn."""

    @property
    def name(self) -> str:
        """What a person calls it."""
        ...

    @property
    def kind(self) -> ChannelKind:
        """The kind of channel it serves."""
        ...

    @property
    def options(self) -> type:
        """The dataclass of its options."""
        ...

    def send(
        self, cleared: ClearedParcel, still_cleared: StillCleared, options: Options, *, at: int
    ) -> Receipt:
        """Send the cleared bytes, asking `still_cleared` at the last moment before they flow.

        Raises ConsentMissing when the gate has closed since, and DeliveryFailed when nothing
        arrived; in both nothing of the letter has left.
        """
        ...


def last_look(cleared: ClearedParcel, still_cleared: StillCleared) -> bytes:
    """The bytes that may flow now; ConsentMissing when the gate has closed since."""
    verdict = still_cleared()
    if isinstance(verdict, Refusal):
        raise ConsentMissing(
            verdict.sentence, tuple(str(clause) for clause in verdict.clauses), cure=verdict.cure
        )
    if verdict.parcel != cleared.parcel:
        raise DeliveryFailed(
            "Another letter was cleared than the one being sent, so nothing was sent.",
            retryable=False,
        )
    return verdict.parcel.pdf


def require(kind: ChannelKind, cleared: ClearedParcel) -> None:
    """DeliveryFailed unless the parcel was cleared for this very way."""
    if cleared.parcel.channel.kind is not kind:
        raise DeliveryFailed(
            "The letter was cleared for another way of delivery, so nothing was sent.",
            retryable=False,
        )
