"""What can be told of a store before it is open: whether it lies there, and who may open it."""

from pathlib import Path

from consultdesk.consultation.audit import Role
from consultdesk.vault import header
from consultdesk.vault.header import SlotKind

DATABASE, SEARCH, CONTENT = "desk.db", "search.db", "content"


def is_store(folder: Path) -> bool:
    """Whether a store lies there."""
    return (folder / DATABASE).is_file()


def full_user(folder: Path, user: str) -> str:
    """The name of the user that is meant, the only one's where none is said.

    Raises VaultLocked, VaultDamaged.
    """
    return user if user == header.RECOVERY else header.read(folder).member(user).name


def with_device(folder: Path) -> frozenset[str]:
    """Who has chosen that a keychain opens the store for them. Raises VaultDamaged."""
    return frozenset(
        one.name
        for one in header.read(folder).members
        if not one.disabled and any(slot.kind is SlotKind.DEVICE for slot in one.slots)
    )


def roles_of(folder: Path) -> tuple[tuple[str, Role], ...]:
    """Who may open the store: names and roles, as the unlock screen offers them.

    The recovery sheet comes last, where there is one.
    """
    held = header.read(folder)
    sheets = [
        (header.RECOVERY, member.role)
        for member in held.members
        if any(slot.kind is SlotKind.RECOVERY for slot in member.slots)
    ]
    there = [(one.name, one.role) for one in held.members if not one.disabled]
    return (*there, *sheets[:1])
