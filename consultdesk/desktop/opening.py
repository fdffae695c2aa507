"""What stands behind the lock screen: it is loaded while a person types."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from consultdesk.consultation.audit import Role, User
from consultdesk.consultation.letter import Practice
from consultdesk.consultation.recovery import RecoverySheet
from consultdesk.consultation.source import Progress
from consultdesk.desk import keychain, recovery, store
from consultdesk.desk.attempts import reauthenticate, seconds_left
from consultdesk.desk.keychain import is_there as keychain_is_there
from consultdesk.desk.keychain import secret_of
from consultdesk.desk.recovery import keep_sheet
from consultdesk.desktop import places
from consultdesk.desktop.first_run import NewStore
from consultdesk.desktop.session import Session, Tools
from consultdesk.desktop.welcome import Welcome, is_due
from consultdesk.desktop.window import MainWindow
from consultdesk.errors import VaultLocked
from consultdesk.samples import practice
from consultdesk.vault import slots
from consultdesk.vault.header import RECOVERY
from consultdesk.vault.vault import Vault

__all__ = [
    "Known",
    "MainWindow",
    "Session",
    "Tools",
    "Welcome",
    "is_due",
    "keep_sheet",
    "keychain_is_there",
    "known",
    "make",
    "reauthenticate",
    "secret_of",
    "unlock",
    "users",
]


def users(folder: Path) -> tuple[str, ...]:
    """Who may open the store, the recovery sheet last. Raises VaultDamaged."""
    names = [name for name, _role in store.users(folder)]
    return tuple(sorted(names, key=lambda name: name == RECOVERY))


def unlock(
    folder: Path, user: str, passphrase: str, now: int, *, as_restored: bool = False
) -> Vault:
    """Open a store for the window. Raises VaultLocked, VaultBusy, DatabaseOlder, VaultDamaged."""
    vault = store.unlock(folder, user, passphrase, now, desktop=True, as_restored=as_restored)
    places.remember(folder)
    return vault


def unlock_by_keychain(folder: Path, user: str, secret: str, now: int) -> Vault:
    """Open a store with what the keychain held. Raises as `unlock` does."""
    vault = keychain.unlock(folder, user, secret, now, desktop=True)
    places.remember(folder)
    return vault


def remember_by_keychain(vault: Vault, passphrase: str, now: int, progress: Progress) -> str:
    """Let this computer's keychain open a new store; what went wrong with that, "" when nothing."""
    try:
        keychain.choose(vault, passphrase, now, progress)
    except VaultLocked as failure:
        return str(failure)
    return ""


@dataclass(frozen=True)
class Known:
    """What the lock screen is told of a store: who may open it, and who must wait how long.

    `demo_passphrase` opens a store of synthetic patients; "" for any other.
    """

    users: tuple[str, ...] = ()
    waits: Mapping[str, float] = field(default_factory=dict)
    by_keychain: frozenset[str] = frozenset()
    demo_passphrase: str = ""
    keychain_there: bool = False


def known(folder: Path, now: int) -> Known:
    """What the lock screen is told of a store. Raises VaultDamaged."""
    names = users(folder)
    waits = {name: left for name in names if (left := seconds_left(folder, name, now))}
    chosen = keychain.chosen_by(folder)
    if len(names) == 1:
        chosen = frozenset({"", *chosen}) if chosen else chosen
        waits = dict.fromkeys(("",) if waits else (), max(waits.values(), default=0.0))
    return Known(names, waits, chosen, practice.PASSPHRASE if places.is_demo(folder) else "")


def make(said: NewStore, now: int, progress: Progress) -> tuple[Vault, RecoverySheet | None]:
    """Make the first store as the person asked; returns it open, with a sheet to be kept.

    Made-up patients need no sheet. Raises VaultLocked, VaultDamaged when the folder holds
    something, Cancelled.
    """
    folder = Path(said.folder).expanduser()
    if said.demo:
        handed_over = Path(tempfile.mkdtemp(prefix="consultdesk-demo-"))
        vault = practice.make_practice(folder, handed_over, now, progress=progress)
        user = vault.user
        slots.change_passphrase(vault, practice.PASSPHRASE, said.passphrase, vault.now(now))
        places.mark_demo(folder)
        vault.close()
        return unlock(folder, user, said.passphrase, now), None
    first = User(said.user, said.full_name, Role.PHYSICIAN, said.registration)
    vault = store.make(folder, first, said.passphrase, now)
    store.set_letterhead(vault, Practice(said.practice, phone=said.phone), now)
    vault.close()
    sheet = recovery.new_sheet(folder, said.user, said.full_name, now)
    return unlock(folder, said.user, said.passphrase, now), sheet
