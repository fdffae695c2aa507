"""The audit trail's own nouns: one act of a person, and its line in the chain."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How an act ended."""

    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True)
class Act:
    """One act of a person at `at` (UTC ms). `reason` and `entity` carry no clinical text.

    `what` is a verb of the desk, e.g. "sign_letter"; `topics` name what the pages reload.
    """

    what: str
    at: int
    case_id: str = ""
    entity: str = ""
    reason: str = ""
    topics: frozenset[str] = frozenset()


@dataclass(frozen=True)
class AuditEvent:
    """One line of the chain, as it was written."""

    seq: int
    at: int
    actor: str
    role: str
    act: str
    outcome: Outcome
    case_id: str
    entity: str
    reason: str
    detail: str
    previous: str
    link: str


class Role(StrEnum):
    """What a user of the desk may do."""

    PHYSICIAN = "physician"
    ASSISTANT = "assistant"
    MANAGER = "practice_manager"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True)
class User:
    """Someone with a slot in the store's header."""

    name: str
    full_name: str
    role: Role
    registration: str = ""
    specialty: str = ""
