"""Further ways into a store: the recovery sheet, and another passphrase."""

import secrets
from dataclasses import replace
from pathlib import Path

from consultdesk.vault import header, key
from consultdesk.vault.header import RECOVERY, Header

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without letters and digits that are taken for one another."""
_GROUPS, _GROUP = 7, 5


def add_recovery(folder: Path, user: str, passphrase: str) -> str:
    """Make the key of the recovery sheet, which replaces an earlier one; it is told only here.

    It carries 175 random bits, so it needs no slow derivation. Raises VaultLocked.
    """
    held = header.read(folder)
    opened = header.open_slot(held.slot(user), passphrase)
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    sheet = "-".join(groups)
    fresh = header.new_slot(
        RECOVERY, opened.role, comparable(sheet), opened.store, opened.clinical, key.FLOOR
    )
    others = tuple(slot for slot in held.slots if slot.user != RECOVERY)
    header.write(folder, Header(held.store_id, held.sequence + 1, (*others, fresh)))
    return sheet


def change_passphrase(folder: Path, user: str, before: str, after: str) -> None:
    """Wrap a user's keys under another passphrase. Raises VaultLocked."""
    held = header.read(folder)
    slot = held.slot(user)
    opened = header.open_slot(slot, before)
    fresh = header.new_slot(
        opened.user, opened.role, after, opened.store, opened.clinical, slot.parameters
    )
    slots = tuple(fresh if one.user == slot.user else one for one in held.slots)
    header.write(folder, replace(held, sequence=held.sequence + 1, slots=slots))


def comparable(typed: str) -> str:
    """A recovery key as it counts: however it is spaced, and in capitals or not."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())
