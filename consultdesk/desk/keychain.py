"""Unlocking with this computer's keychain: chosen by a user, and ended by taking its slot out."""

import platform
from contextlib import suppress
from pathlib import Path

from consultdesk.consultation.source import Progress
from consultdesk.desk import store
from consultdesk.desk.attempts import reauthenticate
from consultdesk.errors import KeychainFailed, PassphraseWrong
from consultdesk.vault import door, header, keychain, slots
from consultdesk.vault.vault import Vault

_NO_NAME = "this computer"


def is_there(progress: Progress | None = None) -> bool:
    """Whether this computer has a keychain of its own. It may take seconds. Raises Cancelled."""
    return keychain.is_there((progress or Progress()).cancelled)


def chosen_by(folder: Path) -> frozenset[str]:
    """Who has chosen to unlock with a keychain, of this or another computer.

    Raises VaultDamaged.
    """
    return door.with_device(folder)


def is_chosen(opened: Vault) -> bool:
    """Whether the open user has chosen it on this computer."""
    return _label() in slots.devices(opened)


def choose(opened: Vault, passphrase: str, now: int, progress: Progress | None = None) -> None:
    """Let this computer's keychain open the store for the open user.

    Raises VaultLocked (wrong passphrase), KeychainFailed: then nothing has changed.
    """
    reauthenticate(opened, passphrase, now)
    secret = slots.add_device(opened, _label(), now)
    try:
        keychain.store(_place(opened), secret, (progress or Progress()).cancelled)
    except BaseException:
        slots.remove_device(opened, _label(), now)
        raise


def give_up(opened: Vault, now: int, progress: Progress | None = None) -> None:
    """Let it open the store no more. What a keychain that fails still holds opens nothing."""
    slots.remove_device(opened, _label(), now)
    with suppress(KeychainFailed):
        keychain.forget(_place(opened), (progress or Progress()).cancelled, keychain.LOOK_S)


def secret_of(folder: Path, user: str, progress: Progress | None = None) -> str:
    """What this computer's keychain holds for a user. Raises KeychainFailed, Cancelled."""
    place = keychain.place_of(header.read(folder).store_id, door.full_user(folder, user))
    return keychain.load(place, (progress or Progress()).cancelled)


def unlock(folder: Path, user: str, secret: str, now: int, *, desktop: bool = False) -> Vault:
    """Open a store with what the keychain held. Raises as `store.unlock` does."""
    try:
        return store.unlock(folder, user, secret, now, desktop=desktop, by_device=True)
    except PassphraseWrong:
        raise KeychainFailed(
            "This computer's keychain doesn't open the store any more.",
            cure="Type your passphrase.",
        ) from None


def _place(opened: Vault) -> str:
    return keychain.place_of(opened.members.store_id, opened.user)


def _label() -> str:
    return platform.node() or _NO_NAME
