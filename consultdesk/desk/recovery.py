"""The recovery sheet: made, written down by a person, and only then the way into the store."""

from datetime import UTC, datetime
from pathlib import Path

from consultdesk.consultation.recovery import RecoverySheet
from consultdesk.errors import KeyMistyped
from consultdesk.vault import recovery, slots
from consultdesk.vault.header import SlotKind
from consultdesk.vault.vault import Vault


def new_sheet(folder: Path, user: str, owner: str, now: int) -> RecoverySheet:
    """Make a sheet with a key of its own. It opens nothing before it is kept."""
    day = datetime.fromtimestamp(now / 1000, UTC).astimezone().date().isoformat()
    return RecoverySheet(recovery.new(), folder.stem, owner, day, user)


def check_typed(sheet: RecoverySheet, typed: str) -> None:
    """Hold what a person has typed from the sheet against it. Raises KeyMistyped."""
    if recovery.read(typed) == sheet.key:
        return
    raise KeyMistyped("That is the key of another sheet. Type the one of this sheet.")


def keep_sheet(store: Vault, sheet: RecoverySheet, now: int) -> None:
    """Let the sheet open the store from now on; the one before opens nothing any more."""
    slots.keep_recovery(store, sheet.key, now)


def has_sheet(store: Vault) -> bool:
    """Whether a recovery sheet opens the store for the open user. Raises VaultDamaged."""
    held = store.members.member(store.user).slots
    return any(slot.kind is SlotKind.RECOVERY for slot in held)
