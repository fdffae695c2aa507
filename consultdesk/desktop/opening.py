"""What stands behind the lock screen: it is loaded while a person types."""

import tempfile
from pathlib import Path

from consultdesk.consultation.audit import Role, User
from consultdesk.consultation.letter import Practice
from consultdesk.consultation.source import Progress
from consultdesk.desk import store
from consultdesk.desktop import places
from consultdesk.desktop.first_run import NewStore
from consultdesk.desktop.session import Session, Tools
from consultdesk.desktop.window import MainWindow
from consultdesk.samples import practice
from consultdesk.vault import slots
from consultdesk.vault.header import RECOVERY
from consultdesk.vault.vault import Vault

__all__ = ["MainWindow", "Session", "Tools", "make", "unlock", "users"]


def users(folder: Path) -> tuple[str, ...]:
    """Who may open the store, the recovery sheet last. Raises VaultDamaged."""
    names = [name for name, _role in store.users(folder)]
    return tuple(sorted(names, key=lambda name: name == RECOVERY))


def unlock(folder: Path, user: str, passphrase: str, now: int) -> Vault:
    """Open a store for the window. Raises VaultLocked, VaultBusy, VaultDamaged."""
    typed = slots.comparable(passphrase) if user == RECOVERY else passphrase
    vault = store.unlock(folder, user, typed, now, desktop=True)
    places.remember(folder)
    return vault


def demo_passphrase(folder: Path) -> str:
    """What opens a store of synthetic patients; "" for any other."""
    return practice.PASSPHRASE if places.is_demo(folder) else ""


def make(said: NewStore, now: int, progress: Progress) -> tuple[Vault, str]:
    """Make the first store as the person asked; returns it open, with its recovery key.

    Raises VaultLocked, VaultDamaged when the folder holds something, Cancelled.
    """
    folder = Path(said.folder).expanduser()
    if said.demo:
        handed_over = Path(tempfile.mkdtemp(prefix="consultdesk-demo-"))
        vault = practice.make_practice(folder, handed_over, now, progress=progress)
        user = vault.user
        slots.change_passphrase(vault, practice.PASSPHRASE, said.passphrase, vault.now(now))
        places.mark_demo(folder)
    else:
        first = User(said.user, said.full_name, Role.PHYSICIAN, said.registration)
        vault = store.make(folder, first, said.passphrase, now)
        store.set_letterhead(vault, Practice(said.practice, phone=said.phone), now)
        user = said.user
    sheet = slots.new_recovery_key()
    slots.keep_recovery(vault, sheet, vault.now(now))
    vault.close()
    return unlock(folder, user, said.passphrase, now), sheet
