"""What a passphrase must be, before it guards a store."""

from consultdesk.consultation.audit import User
from consultdesk.errors import VaultLocked

SHORTEST = 10
_WEAKEST = 2
_MOST_JUDGED = 72
_STRONGER = "Four or five unrelated words are easy to remember and hard to guess."


def check_strong(passphrase: str, user: User) -> None:
    """Raise VaultLocked for a passphrase that is too short or easily guessed (zxcvbn)."""
    check_long(passphrase)
    # Only here: its dictionaries take longer to load than all the rest.
    from zxcvbn import zxcvbn

    known = [user.name, user.full_name, "consultdesk"]
    if zxcvbn(passphrase[:_MOST_JUDGED], user_inputs=known)["score"] < _WEAKEST:
        raise VaultLocked("That passphrase is easily guessed.", cure=_STRONGER)


def check_long(passphrase: str) -> None:
    """Raise VaultLocked for a passphrase that is too short."""
    if len(passphrase) < SHORTEST:
        raise VaultLocked(f"A passphrase needs at least {SHORTEST} characters.", cure=_STRONGER)
