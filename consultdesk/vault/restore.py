"""A store from a backup, on this computer or another: copied, checked, and taken into use.

The key file comes last: with it the store exists. Until then the folder is a restore that was
begun, says so by a mark, and is taken up again by the next try.
"""

import errno
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from consultdesk.consultation.source import Progress
from consultdesk.errors import (
    BackupDamaged,
    BackupFailed,
    DiskFailed,
    DiskFull,
    VaultDamaged,
    VaultLocked,
)
from consultdesk.vault import audit, header, members, practice
from consultdesk.vault.backup_check import DATABASE, Damage, newest, reading_of, unlock
from consultdesk.vault.backup_disk import (
    PARTIAL,
    Sealed,
    copy_known,
    in_plain_words,
    remove_tree,
    sync_folder,
    write_whole,
)
from consultdesk.vault.backup_folder import BackupFolder, Manifest
from consultdesk.vault.check import database_is_sound
from consultdesk.vault.door import CONTENT
from consultdesk.vault.header import Header, SlotKind
from consultdesk.vault.members import OpenKeys
from consultdesk.vault.vault import Vault

_MARK = "restoring"
"""In a folder that is no store yet, because it is being restored."""


@dataclass(frozen=True)
class Restored:
    """What was restored. `newer` names later backups, which were damaged or not asked for.

    `lacking` names sealed files that aren't in it: damaged in the backup, or gone before it.
    """

    name: str
    at: int
    user: str
    files: int
    size: int
    newer: tuple[str, ...]
    lacking: tuple[str, ...]


def restore(
    folder: BackupFolder,
    store: Path,
    user: str,
    secret: str,
    now: int,
    *,
    name: str = "",
    even_damaged: bool = False,
    progress: Progress | None = None,
    kinds: tuple[SlotKind, ...] = members.TYPED,
) -> Restored:
    """Make a store in a new folder from the newest backup, or from the named one.

    The secret is that of the day of the backup. With `even_damaged` sealed files that are
    damaged are left out. Cut off at any point there is no store, and the next try goes on.
    Raises VaultLocked, BackupDamaged naming what, BackupFailed, DiskFailed, Cancelled.
    """
    watch = progress or Progress()
    with in_plain_words(folder.path):
        wanted = name or newest(folder)
        _check_new(store)
        try:
            done = _restore(
                folder, wanted, store, (user, secret, kinds), now, watch, even_damaged=even_damaged
            )
        except BackupDamaged as damage:
            # never of itself an older one: what was done since would be gone unseen
            before = [one for one in folder.names() if one < wanted]
            way = f"Or restore the one before, by its name: {before[0]}." if before else ""
            raise BackupDamaged(
                damage.message,
                damage.files,
                kept="Nothing was restored.",
                cure=f"{damage.cure} {way}".strip(),
            ) from damage
        return replace(done, newer=tuple(one for one in folder.names() if one > wanted))


# --- inside -------------------------------------------------------------------------------


def _restore(
    folder: BackupFolder,
    name: str,
    store: Path,
    who: tuple[str, str, tuple[SlotKind, ...]],
    now: int,
    watch: Progress,
    *,
    even_damaged: bool,
) -> Restored:
    manifest = folder.manifest(name)
    opened = unlock(folder, manifest, *who)
    held = header.read(folder.snapshot(name))
    with _on_own_disk():
        _begin(store, manifest.store_id)
    _copy_files(folder, manifest, store, watch)
    lacking = _copy_content(folder, manifest, store, watch)
    if lacking and not even_damaged:
        raise BackupDamaged(
            f"{_listed(lacking)} in the backup {name}.",
            tuple(one.file for one in lacking),
            kept="Nothing was restored.",
            cure="Restore it without what is damaged (--even-damaged).",
        )
    _check_database(store, manifest, held, opened)
    with _on_own_disk():
        sync_folder(store)
        sync_folder(store.parent)
    watch.report(1, 1, "Taking the store into use")
    Vault.restored(store, held, opened, now).close()
    (store / _MARK).unlink(missing_ok=True)
    without = (*(one.file for one in lacking), *manifest.missing)
    return Restored(
        name, manifest.at, opened.user, len(manifest.content), manifest.size, (), without
    )


def _check_new(store: Path) -> None:
    """Raise VaultDamaged for a folder that holds a store, or something else than a restore."""
    if any((store / name).exists() for name in header.NAMES):
        raise VaultDamaged(
            "That folder already holds a store.",
            kept="Nothing was changed.",
            cure="Restore into a new folder.",
        )
    if store.exists() and not store.is_dir():
        raise VaultDamaged("There is a file of that name.", cure="Restore into a new folder.")
    found = {one.name for one in store.iterdir()} if store.is_dir() else set()
    if found - {_MARK + PARTIAL} and _MARK not in found:
        raise VaultDamaged(
            "That folder already holds something.", cure="Choose an empty or a new folder."
        )


def _begin(store: Path, store_id: str) -> None:
    """Make the folder, and clear what an earlier try left but for whole sealed files."""
    store.mkdir(mode=0o700, parents=True, exist_ok=True)
    store.chmod(0o700)
    mark = store / _MARK
    if not mark.is_file():
        write_whole(mark, json.dumps({"store": store_id}).encode())
    elif json.loads(mark.read_text("utf-8"))["store"] != store_id:
        raise VaultDamaged(
            "Another store is being restored into that folder.", cure="Choose a new folder."
        )
    for one in tuple(store.iterdir()):
        if one.name not in (_MARK, CONTENT):
            remove_tree(one) if one.is_dir() else one.unlink()
    (store / CONTENT).mkdir(mode=0o700, exist_ok=True)
    for one in (store / CONTENT).glob(f"*{PARTIAL}"):
        one.unlink()


def _copy_files(folder: BackupFolder, manifest: Manifest, store: Path, watch: Progress) -> None:
    """Copy database and anchors; the key files are only compared. Raises BackupDamaged."""
    here = folder.snapshot(manifest.name)
    watch.report(0, 1, "Copying the database")
    for known in manifest.files:
        if known.name in header.NAMES:
            continue  # read and known by their MAC already; a damaged copy has a sound one beside
        damage = _copy_checked(here / known.name, store / known.name, known, watch)
        if damage:
            raise BackupDamaged(
                f"{_listed((damage,))} in the backup {manifest.name}.", (damage.file,)
            )


def _copy_content(
    folder: BackupFolder, manifest: Manifest, store: Path, watch: Progress
) -> tuple[Damage, ...]:
    """Copy the sealed files that aren't there from an earlier try; those that are damaged."""
    damaged = []
    known = {one.name for one in manifest.content}
    for one in (store / CONTENT).iterdir():
        if one.name not in known:
            one.unlink()
    for done, sealed in enumerate(manifest.content, 1):
        watch.report(done, len(manifest.content), "Copying sealed files")
        target = store / CONTENT / sealed.name
        if target.is_file() and target.stat().st_size == sealed.size:
            continue
        damage = _copy_checked(folder.content(sealed.name), target, sealed, watch)
        if damage:
            damaged.append(damage)
    with _on_own_disk():
        sync_folder(store / CONTENT)
    return tuple(damaged)


def _copy_checked(source: Path, target: Path, known: Sealed, watch: Progress) -> Damage | None:
    """Copy a file; one that isn't as it was written is taken away again, and why is said."""
    with _on_own_disk():
        try:
            copied = copy_known(source, target, known, watch)
        except DiskFailed as error:
            if not source.parent.is_dir():
                raise BackupFailed(
                    "The disk with the backup isn't there any more.",
                    kept="Nothing was restored yet.",
                    cure="Plug it in and try again: what was copied isn't copied twice.",
                ) from error
            return Damage(known.name, "it is missing or can't be read")
    return None if copied else Damage(known.name, "its bytes aren't those that were written")


def _check_database(store: Path, manifest: Manifest, held: Header, opened: OpenKeys) -> None:
    """Raise BackupDamaged unless the copied database is whole, and the one that was listed."""
    try:
        with reading_of(store / DATABASE, opened, held) as reading:
            practice.check_header(reading.sql, held)
            sound = database_is_sound(reading)
            there = audit.link_of(reading, manifest.seq) == manifest.link
    except (VaultDamaged, VaultLocked):
        sound = there = False
    if not (sound and there):
        raise BackupDamaged(f"The database of the backup {manifest.name} is damaged.", (DATABASE,))


def _listed(damaged: tuple[Damage, ...]) -> str:
    first, more = damaged[0], len(damaged) - 1
    others = f" and {more} more are" if more else " is"
    return f"The file {first.file}{others} damaged ({first.reason})"


@contextmanager
def _on_own_disk() -> Iterator[None]:
    """Tell this computer's disk from the backup's. Raises DiskFailed, DiskFull."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise (DiskFull if full else DiskFailed)(
            "The disk to restore to is full." if full else "The disk to restore to takes no data.",
            kept="The backup is untouched.",
            cure="Free some space and try again." if full else "Choose another place.",
        ) from error
