"""Every way the desk can fail a person, worded for the physician."""

import math


class ConsultDeskError(Exception):
    """A failure that can be shown as it is: one clear sentence, no patient data.

    `kept` says what is safe in spite of it, `cure` what the person can do next.
    """

    def __init__(self, message: str, *, kept: str = "", cure: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.kept = kept
        self.cure = cure

    def __str__(self) -> str:
        return " ".join(part for part in (self.message, self.kept, self.cure) if part)


class VaultLocked(ConsultDeskError):
    """The store is locked, or the passphrase doesn't open it."""


class KeyUnfit(VaultLocked):
    """A key doesn't fit the database it is meant for."""


class KeyMistyped(VaultLocked):
    """What was typed can't be a recovery key; `groups` numbers those that are likely wrong."""

    def __init__(self, message: str, groups: tuple[int, ...] = ()) -> None:
        super().__init__(message, cure="Compare it with the sheet." if groups else "")
        self.groups = groups


class PassphraseWrong(VaultLocked):
    """The passphrase opens nothing; `wait` is how many seconds nobody may try again."""

    def __init__(self, message: str, *, cure: str = "", wait: float = 0) -> None:
        super().__init__(message, cure=cure)
        self.wait = wait


class KeychainFailed(VaultLocked):
    """This computer's keychain is missing, locked, silent or of no use; the passphrase is."""


class TriedTooSoon(VaultLocked):
    """After several wrong passphrases nobody may try again at once; `wait` is in seconds."""

    def __init__(self, wait: float) -> None:
        seconds = max(1, math.ceil(wait))
        said = "1 second" if seconds == 1 else f"{seconds} seconds"
        super().__init__(
            "Several passphrases were wrong.", cure=f"Wait {said}, then type it again."
        )
        self.wait = wait


class VaultBusy(ConsultDeskError):
    """Another desktop has this store open."""


class VaultDamaged(ConsultDeskError):
    """Something at rest isn't what was written; names what."""


class VaultOlder(VaultDamaged):
    """The database, or the key file, is older than what was once acknowledged."""


class DatabaseOlder(VaultOlder):
    """The database alone is older than its anchor; a person may open it as a restored one."""


class DiskFailed(VaultDamaged):
    """The disk didn't accept or deliver something; what was saved before is whole."""


class DiskFull(DiskFailed):
    """The disk takes nothing more."""


class ReadOnly(DiskFailed):
    """The store can only be read now: the disk is full, or its folder is write-protected."""


class DiskUnsure(DiskFailed):
    """The disk took a step and didn't confirm it: it may stand when the store is opened again."""


class BackupFailed(ConsultDeskError):
    """A backup couldn't be written or read where it lies; the store itself is untouched."""


class BackupDamaged(BackupFailed):
    """A backup isn't as it was written; names what. `files` are those it concerns."""

    def __init__(
        self, message: str, files: tuple[str, ...] = (), *, kept: str = "", cure: str = ""
    ) -> None:
        super().__init__(message, kept=kept, cure=cure)
        self.files = files


class ClinicalContentClosed(ConsultDeskError):
    """The user's role doesn't open clinical content."""


class RecordUnreadable(ConsultDeskError):
    """A file can't be shown; the message says why in one sentence."""


class CaseErased(ConsultDeskError):
    """What a case held was destroyed for good, on purpose; its number and its audit remain."""


class PatientHeld(ConsultDeskError):
    """A legal hold forbids to destroy what is held of a patient."""


class FormIncomplete(ConsultDeskError):
    """A step was asked for before its guard is met.

    `missing` lists what is still open, one plain clause each.
    """

    def __init__(self, message: str, missing: tuple[str, ...] = (), *, cure: str = "") -> None:
        super().__init__(message, cure=cure)
        self.missing = missing

    def __str__(self) -> str:
        listed = "; ".join(self.missing)
        return " ".join(part for part in (self.message, listed, self.cure) if part)


class ConsentMissing(ConsultDeskError):
    """The gate refused a release; `clauses` names each that failed."""

    def __init__(self, message: str, clauses: tuple[str, ...] = (), *, cure: str = "") -> None:
        super().__init__(message, kept="Nothing has left the desk.", cure=cure)
        self.clauses = clauses


class ClockUnconfirmed(ConsultDeskError):
    """The computer's clock jumped ahead, and nothing is dated by it before a person's word."""


class DeliveryFailed(ConsultDeskError):
    """A cleared letter didn't reach its destination; `retryable` says whether to try again."""

    def __init__(self, message: str, *, retryable: bool, cure: str = "") -> None:
        super().__init__(message, cure=cure)
        self.retryable = retryable


class LetterUnprintable(ConsultDeskError):
    """The letter can't be set in type without loss, so it isn't set at all."""


class NotFound(ConsultDeskError):
    """A case, record or letter with that name isn't in the store."""


class NotAllowed(ConsultDeskError):
    """The user's role doesn't permit this act."""


class Cancelled(ConsultDeskError):
    """The person stopped a long piece of work."""
