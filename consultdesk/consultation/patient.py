"""The patient, and the physician who treats the patient."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Identifier:
    """A number some system gave the patient, e.g. ("MRN, St. Anna", "4471")."""

    system: str
    value: str


@dataclass(frozen=True)
class Representative:
    """Who may speak for the patient, by what authority, shown by what evidence."""

    name: str
    authority: str
    evidence: str


@dataclass(frozen=True)
class Patient:
    """The person the case is about. `birth_date` is an ISO date."""

    id: str
    name: str
    birth_date: str = ""
    sex: str = ""
    identifiers: tuple[Identifier, ...] = ()
    phone: str = ""
    contact: str = ""
    language: str = ""
    reading_needs: str = ""
    capacity: str = ""
    representative: Representative | None = None
    companion: str = ""
    location: str = ""

    @property
    def label(self) -> str:
        """Full name and date of birth, as they stand in the header, in Sign and in Send."""
        return f"{self.name}, born {self.birth_date}" if self.birth_date else self.name


class ChannelKind(StrEnum):
    """The ways a letter can reach a recipient."""

    HAND_OVER_PRINT = "hand_over_print"
    HAND_OVER_SAVE = "hand_over_save"
    POST = "post"
    EMAIL = "email"
    FAX = "fax"


@dataclass(frozen=True)
class Channel:
    """An address of a recipient, and who checked it when and how."""

    id: str
    kind: ChannelKind
    address: str
    verified_at: int | None = None
    verified_by: str = ""
    verified_how: str = ""

    @property
    def verified(self) -> bool:
        """Whether somebody has checked that it reaches the recipient."""
        return self.verified_at is not None


class KnowsOfRequest(StrEnum):
    """Whether the treating physician knows that a second opinion was asked for."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class RecipientKind(StrEnum):
    """What a recipient is; decides which letters fit."""

    TREATING_PHYSICIAN = "treating_physician"
    OTHER_PHYSICIAN = "other_physician"
    PATIENT = "patient"
    REPRESENTATIVE = "representative"
    INSURER = "insurer"
    COURT = "court"
    CUSTODIAN = "custodian"


PATIENT_SIDE = frozenset({RecipientKind.PATIENT, RecipientKind.REPRESENTATIVE})


@dataclass(frozen=True)
class Recipient:
    """Anyone a letter can be addressed to."""

    id: str
    kind: RecipientKind
    name: str
    practice: str = ""
    channels: tuple[Channel, ...] = ()

    def channel(self, channel_id: str) -> Channel | None:
        """The recipient's channel with that id, None where there is none."""
        return next((c for c in self.channels if c.id == channel_id), None)


@dataclass(frozen=True)
class TreatingPhysician:
    """The physician who treats the patient; also a recipient under the same id."""

    id: str
    name: str
    practice: str = ""
    registration: str = ""
    specialty: str = ""
    phone: str = ""
    channels: tuple[Channel, ...] = ()
    primary_contact: bool = True
    knows_of_request: KnowsOfRequest = KnowsOfRequest.UNKNOWN

    def as_recipient(self) -> Recipient:
        """The physician as someone a letter goes to."""
        return Recipient(
            self.id, RecipientKind.TREATING_PHYSICIAN, self.name, self.practice, self.channels
        )
