"""A member's own ways into the store: another passphrase, the recovery sheet, this computer."""

import secrets

from consultdesk.consultation.audit import Act
from consultdesk.errors import VaultLocked
from consultdesk.vault import header, key, members, recovery
from consultdesk.vault.header import Header, SlotKind
from consultdesk.vault.members import OpenKeys
from consultdesk.vault.vault import Vault

_DEVICE_BYTES = 32


def change_passphrase(vault: Vault, before: str, after: str, now: int) -> None:
    """Wrap the open user's keys under another passphrase. Raises VaultLocked."""
    vault.reauthenticate(before)
    set_passphrase(vault, after, now)


def set_passphrase(vault: Vault, passphrase: str, now: int) -> None:
    """Give the open user a passphrase, who came by an invitation or the recovery sheet."""

    def change(held: Header, mine: OpenKeys) -> tuple[Header, OpenKeys]:
        cost = cost_of(held, mine.user)
        if mine.via is SlotKind.INVITATION:
            return members.welcomed(held, mine, passphrase, cost)
        return members.with_slot(held, mine, SlotKind.PASSPHRASE, passphrase, cost), mine

    vault.change_keys(Act("change_passphrase", now, entity=vault.user), change)


def keep_recovery(vault: Vault, sheet: str, now: int) -> None:
    """Let a recovery key open the store for the open user, in the place of an earlier one.

    It is called once a person holds the sheet and has typed it back. The key is random, so it
    needs no slow derivation. Raises KeyMistyped.
    """
    written = recovery.read(sheet)

    def change(held: Header, mine: OpenKeys) -> tuple[Header, OpenKeys]:
        return members.with_slot(held, mine, SlotKind.RECOVERY, written, key.FLOOR), mine

    vault.change_keys(Act("make_recovery_key", now, entity=vault.user), change)


def add_device(vault: Vault, label: str, now: int) -> str:
    """Let this computer's keychain open the store for the open user; the secret it has to keep.

    Without the key file the secret is worth nothing.
    """
    secret = secrets.token_hex(_DEVICE_BYTES)

    def change(held: Header, mine: OpenKeys) -> tuple[Header, OpenKeys]:
        return members.with_slot(held, mine, SlotKind.DEVICE, secret, key.FLOOR, label), mine

    vault.change_keys(Act("add_device", now, entity=vault.user), change)
    return secret


def remove_device(vault: Vault, label: str, now: int) -> None:
    """Let that computer's keychain open nothing any more."""

    def change(held: Header, mine: OpenKeys) -> tuple[Header, OpenKeys]:
        return members.without_slots(held, mine.user, SlotKind.DEVICE, label), mine

    vault.change_keys(Act("remove_device", now, entity=vault.user), change)


def devices(vault: Vault) -> tuple[str, ...]:
    """The computers whose keychain opens the store for the open user."""
    slots = vault.members.member(vault.user).slots
    return tuple(slot.label for slot in slots if slot.kind is SlotKind.DEVICE)


def cost_of(held: header.Header, user: str) -> key.Argon2Parameters:
    """The Argon2id cost of the user's own passphrase, or of the dearest in the store."""
    mine = held.member(user).slots
    typed = [slot.parameters for slot in mine if slot.kind in members.TYPED]
    others = [s.parameters for one in held.members for s in one.slots if s.kind in members.TYPED]
    found = typed or sorted(others, key=lambda cost: cost.passes * cost.memory_kib)[-1:]
    if not found:
        raise VaultLocked("Nobody opens this store by a passphrase.")
    return found[0]
