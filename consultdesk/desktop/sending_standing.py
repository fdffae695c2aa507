"""What the sending of a letter stands on: the letters, their recipients, the gate's word."""

import secrets
from dataclasses import dataclass

from consultdesk.consultation.delivery import Clause, Refusal
from consultdesk.consultation.letter import Letter
from consultdesk.consultation.patient import PATIENT_SIDE, Channel, ChannelKind, Recipient
from consultdesk.desk import access, cases, sending
from consultdesk.desk.cases import CaseFile
from consultdesk.desk.sending import Sending
from consultdesk.desktop.words import tr
from consultdesk.errors import DeliveryFailed
from consultdesk.transports.handover import Queue, queues
from consultdesk.vault import people
from consultdesk.vault.vault import Vault

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read as another
_GROUPS, _GROUP = 4, 4


@dataclass(frozen=True)
class SendView:
    """A case as it stands for sending. `recipients` are by id."""

    file: CaseFile
    recipients: dict[str, Recipient]

    def letter(self, letter_id: str) -> Letter | None:
        """The signed letter of that id."""
        return next((one for one in self.file.letters if one.id == letter_id), None)

    def recipient(self, letter_id: str) -> Recipient | None:
        """Whom that letter is for."""
        found = self.letter(letter_id)
        return self.recipients.get(found.recipient_id) if found else None

    def for_patient(self, letter_id: str) -> bool:
        """Whether that letter is the patient's own."""
        recipient = self.recipient(letter_id)
        return recipient is not None and recipient.kind in PATIENT_SIDE

    def way(self, letter_id: str, kind: ChannelKind) -> Channel | None:
        """The recipient's way of that kind when somebody verified it."""
        recipient = self.recipient(letter_id)
        channels = recipient.channels if recipient else ()
        checked = [one for one in channels if one.kind is kind and one.verified]
        return max(checked, key=lambda one: one.verified_at or 0, default=None)


def view(vault: Vault, number: str) -> SendView:
    """How a case stands for sending now. Raises NotFound."""
    with vault.read() as reading:
        file = cases.case_file(reading, access.find(reading, number))
        ids = {one.recipient_id for one in file.letters}
        found = {one: people.recipient(reading, one) for one in ids}
    return SendView(file, {key: one for key, one in found.items() if one is not None})


def verdict(vault: Vault, wish: Sending, now: int, *, kept: bool) -> Refusal | None:
    """What the gate says now; None lets the letter go. A refusal is audited unless `kept`."""
    if kept:
        return sending.would_clear(vault, wish, now)
    return sending.ask(vault, wish, now)


@dataclass(frozen=True)
class Printers:
    """The printer queues of this computer, or why there are none."""

    queues: tuple[Queue, ...] = ()
    why_none: str = ""


def printers() -> Printers:
    """Look for printer queues; takes a moment, so never in the window's own thread."""
    try:
        found = queues()
    except DeliveryFailed as none:
        return Printers(why_none=none.message)
    if not found:
        return Printers(why_none=tr("No printer is set up on this computer."))
    return Printers(found)


def new_password() -> str:
    """A password that can be told by telephone: four groups of four, about 79 bits."""
    group = ["".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS)]
    return "-".join(group)


_OF_CONSENT = frozenset(
    {
        Clause.CONSENT_RECORDED,
        Clause.CONSENT_AUTHENTIC,
        Clause.CONSENT_ACTIVE,
        Clause.CONSENT_COMPLETE,
        Clause.EVIDENCE_COMPLETE,
        Clause.RECONFIRMED,
        Clause.NOT_REVOKED,
        Clause.STARTED,
        Clause.NOT_EXPIRED,
        Clause.EVENT_NOT_OCCURRED,
        Clause.RECIPIENT,
        Clause.PURPOSE,
        Clause.RECORD_KINDS,
        Clause.SENSITIVITIES,
        Clause.NOT_VERBAL,
        Clause.PSYCHOTHERAPY_ALONE,
    }
)


def cures(refusal: Refusal) -> tuple[tuple[str, str], ...]:
    """What cures a refusal, most useful first: (key, words on the button)."""
    failed = frozenset(refusal.clauses)
    offered: list[tuple[str, str]] = []
    if Clause.CHANNEL in failed:
        offered.append(("way", tr("Verify this way")))
    if Clause.CLOCK in failed:
        offered.append(("clock", tr("Confirm date and time")))
    if refusal.narrowable:
        offered.append(("version", tr("Another version…")))
    if failed & _OF_CONSENT:
        offered.append(("consent", tr("Consents…")))
    if failed & (_OF_CONSENT | {Clause.RESTRICTION}):
        offered.append(("patient_only", tr("Patient only…")))
    if failed & {Clause.LETTER_FITS, Clause.LETTER_SIGNED}:
        offered.append(("another", tr("Another letter…")))
    return tuple(offered)
