"""Trying a passphrase: after some wrong ones a person has to wait, and the audit is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from consultdesk.consultation.audit import Act
from consultdesk.errors import PassphraseWrong, TriedTooSoon
from consultdesk.vault import attempts, door, recovery
from consultdesk.vault.attempts import Attempts
from consultdesk.vault.header import RECOVERY, SlotKind
from consultdesk.vault.vault import Vault


def seconds_left(folder: Path, user: str, now: int) -> float:
    """How long the user must wait before another passphrase is tried, 0 when they needn't.

    Raises VaultDamaged.
    """
    return attempts.seconds_left(folder, door.full_user(folder, user), now)


@contextmanager
def trying(folder: Path, user: str, now: int) -> Iterator[None]:
    """Try a passphrase within, unless it is too soon for that; a wrong one is counted.

    Raises TriedTooSoon, PassphraseWrong that says how long to wait.
    """
    name = door.full_user(folder, user)
    left = attempts.seconds_left(folder, name, now)
    if left:
        raise TriedTooSoon(left)
    try:
        yield
    except PassphraseWrong as wrong:
        wrong.wait = attempts.failed(folder, name, now)
        raise


def reauthenticate(store: Vault, passphrase: str, now: int) -> None:
    """Have the user prove again who they are. Raises VaultLocked."""
    with trying(store.folder, store.user, now):
        store.reauthenticate(passphrase)


def as_it_counts(user: str, typed: str) -> str:
    """What was typed as it opens the user's slot: a recovery key is read however it is typed.

    Raises KeyMistyped.
    """
    return recovery.opens_with(typed) if user == RECOVERY else typed


def tell_failures(store: Vault, now: int) -> None:
    """Write the wrong passphrases before this one into the audit trail, one line a user."""
    told = attempts.untold(store.folder)
    for user, found in told.items():
        with store.act(Act("failed_unlocks", now, entity=user)) as writing:
            writing.detail = _words(found)
    name = RECOVERY if store.opened.via is SlotKind.RECOVERY else store.user
    attempts.succeeded(store.folder, name, told)


def _words(found: Attempts) -> str:
    many = "1 wrong passphrase" if found.untold == 1 else f"{found.untold} wrong passphrases"
    return f"{many}, from {_time(found.first)} to {_time(found.last)}"


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="seconds")
