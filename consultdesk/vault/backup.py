"""A backup of the store while it is in use: the new sealed files, the database, and the keys.

The database is copied by SQLite's online backup under the store key, within one view of it: a
writer goes on meanwhile, and nothing is ever written that isn't sealed. What was written is read
back from the disk before it counts as a backup that a person can rely on.
"""

from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import sqlcipher3.dbapi2

from consultdesk.consultation.audit import AuditEvent
from consultdesk.consultation.backup import Backup, BackupRule, kept
from consultdesk.consultation.source import Progress
from consultdesk.errors import BackupDamaged, BackupFailed, DiskFailed, KeyUnfit, VaultDamaged
from consultdesk.vault import audit, header, practice
from consultdesk.vault.backup_check import DATABASE, Found, look_over, reading_of
from consultdesk.vault.backup_disk import (
    Sealed,
    copy_whole,
    failed,
    in_plain_words,
    read_back,
    remove_tree,
    stop_if_asked,
    sync_file,
    sync_folder,
    write_whole,
)
from consultdesk.vault.backup_folder import MANIFEST, SUFFIX, BackupFolder, Manifest, stamp
from consultdesk.vault.check import database_is_sound
from consultdesk.vault.door import CONTENT
from consultdesk.vault.engine import Driver, connect_copy, unlogged
from consultdesk.vault.rows import Reading
from consultdesk.vault.vault import Vault

_PAGES = 1024
"""Pages copied at a time: 4 MiB, then a look at whether a person wants it stopped."""


@dataclass(frozen=True)
class Taken:
    """A backup that was written and read back: how much of it is new, and what was found."""

    folder: Path
    manifest: Manifest
    new_files: int
    new_bytes: int
    found: Found


def folder_for(store: Path, place: Path) -> BackupFolder:
    """The folder of a store's backups at a place: the place itself where it is called so."""
    if place.suffix == SUFFIX:
        return BackupFolder(place)
    return BackupFolder(place / f"{store.resolve().stem}{SUFFIX}")


def take(vault: Vault, folder: BackupFolder, now: int, progress: Progress | None = None) -> Taken:
    """Write a backup of the open store into the folder, and read it back.

    Raises BackupFailed in one plain sentence, BackupDamaged when the disk gave back something
    else than was written, Cancelled; whatever is raised, earlier backups stay usable.
    """
    check_place(vault.folder, folder)
    with in_plain_words(folder.path):
        folder.prepare(vault.members.store_id)
        with folder.alone():
            folder.clear_partial()
            taking = _Taking(vault, folder, now, progress or Progress())
            try:
                return taking.take()
            except BaseException:
                taking.clear()
                raise


def check_place(store: Path, folder: BackupFolder) -> None:
    """Raise BackupFailed for a place that is none: gone, or within the store itself."""
    place = folder.path.parent
    if not place.is_dir():
        raise BackupFailed(
            "The place for backups isn't there.",
            kept="The store itself is safe.",
            cure="Plug the disk in, or choose another place.",
        )
    if store.resolve() in (place.resolve(), *place.resolve().parents):
        raise BackupFailed(
            "A backup within the store would be lost with it.", cure="Choose a place outside it."
        )


def prune(folder: BackupFolder, rule: BackupRule, now: int) -> tuple[str, ...]:
    """Remove the backups that the rule doesn't keep, and the files no backup names any more.

    Cut off at any point, every backup that is listed is whole. Raises BackupFailed.
    """
    with in_plain_words(folder.path), folder.alone():
        known = [
            Backup(one.name, one.at, verified=bool(folder.verified_at(one)))
            for one in folder.manifests()
        ]
        stay = kept(known, rule, now)
        gone = tuple(one.name for one in known if one.name not in stay)
        for name in gone:
            folder.remove(name)
        folder.sweep()
        return gone


# --- inside -------------------------------------------------------------------------------


class _Taking:
    """One backup on its way."""

    def __init__(self, vault: Vault, folder: BackupFolder, now: int, watch: Progress) -> None:
        self._vault, self._folder, self._now, self._watch = vault, folder, now, watch
        self._store = vault.opened.store
        self._name = _fresh_name(folder, now)
        self._known = _known_digests(folder, self._store)
        self._copied: dict[str, Sealed] = {}
        self._missing: set[str] = set()

    def take(self) -> Taken:
        """Content first, then the database, then what content came meanwhile; the list last."""
        with self._vault.read() as reading:
            names = _content_names(reading)
        self._copy_content(names)  # not within: an error of this disk isn't one of the store's
        here = self._folder.snapshot(self._name)
        here.mkdir(mode=0o700)
        manifest = self._publish(here, self._copy_still(here))
        found = self._mend(manifest, self._look_over(manifest))
        new = tuple(self._copied.values())
        return Taken(self._folder.path, manifest, len(new), sum(one.size for one in new), found)

    def clear(self) -> None:
        """Take away what was begun, where its disk still lets us; else the next backup does."""
        here = self._folder.snapshot(self._name)
        with suppress(OSError):
            if not (here / MANIFEST).is_file():
                remove_tree(here)

    def _copy_content(self, names: tuple[str, ...]) -> None:
        self._missing &= set(names)
        folders = set()
        for done, name in enumerate(names, 1):
            self._watch.report(done, len(names), "Copying sealed files")
            stop_if_asked(self._watch)
            target = self._folder.content(name)
            if not target.is_file():
                target.parent.mkdir(mode=0o700, exist_ok=True)
                folders.add(target.parent)
                self._copy_one(name)
        for folder in (*folders, *([self._folder.path / CONTENT] if folders else [])):
            sync_folder(folder)

    def _copy_one(self, name: str) -> None:
        source = self._vault.content_folder / name
        try:
            self._copied[name] = copy_whole(source, self._folder.content(name), self._watch)
            self._missing.discard(name)
        except DiskFailed:
            self._missing.add(name)  # of the store's own disk: the rest is worth a backup still

    def _copy_still(self, here: Path) -> tuple[Sealed, ...]:
        """The database and what lies beside it, of one and the same instant."""
        target = here / DATABASE
        with self._vault.still() as still:
            self._copy_pages(still.connection, target)
        target.chmod(0o600)
        sync_file(target)
        for name, data in still.beside.items():
            write_whole(here / name, data)
        return tuple(read_back(here / name, self._watch) for name in (DATABASE, *still.beside))

    def _copy_pages(self, source: Driver, target: Path) -> None:
        def report(_status: int, remaining: int, total: int) -> None:
            self._watch.report(total - remaining, total, "Copying the database")
            stop_if_asked(self._watch)

        try:
            with closing(connect_copy(target, self._store)) as copy:
                source.backup(copy, pages=_PAGES, progress=report, sleep=0)
                unlogged(copy)
        except VaultDamaged as error:
            raise failed(self._folder.path) from error
        except sqlcipher3.dbapi2.Error as error:
            raise failed(self._folder.path) from error

    def _publish(self, here: Path, files: tuple[Sealed, ...]) -> Manifest:
        names, last, epoch = self._told_by(here)
        self._copy_content(names)
        digests = {name: self._digest(name) for name in names if name not in self._missing}
        manifest = Manifest(
            store_id=self._vault.members.store_id,
            name=self._name,
            at=self._now,
            by=self._vault.user,
            epoch=epoch,
            seq=last.seq if last else 0,
            link=last.link if last else "",
            files=files,
            content=tuple(digests.values()),
            missing=tuple(sorted(self._missing)),
        ).sealed(self._store)
        self._folder.publish(manifest)
        return manifest

    def _told_by(self, here: Path) -> tuple[tuple[str, ...], AuditEvent | None, int]:
        """What the copied database says of itself: sealed files, last line, epoch.

        Raises BackupFailed, VaultDamaged.
        """
        try:
            held = header.read(here)
            with reading_of(here / DATABASE, self._vault.opened, held) as reading:
                self._check_keys(held, reading)
                return _content_names(reading), audit.last_line(reading), practice.epoch(reading)
        except (VaultDamaged, KeyUnfit) as error:
            self._check_own_database()
            raise failed(self._folder.path) from error

    def _check_own_database(self) -> None:
        """Raise VaultDamaged where the copy is no worse than what it was copied from.

        A page whose MAC doesn't hold is copied like any other, and nobody says so.
        """
        with self._vault.read() as reading:
            sound = database_is_sound(reading)
        if not sound:
            raise VaultDamaged(
                "The store's own database is damaged, so no backup of it can be made.",
                kept="Earlier backups stay as they are.",
                cure="Verify the store, then restore it from the newest backup.",
            )

    def _check_keys(self, held: header.Header, reading: Reading) -> None:
        """The key files that lie there open this very database. Raises BackupFailed."""
        if held.mac != held.mac_under(self._store) or (
            held.sequence < practice.header_mark(reading)[0]
        ):
            raise BackupFailed(
                "The store's keys were exchanged while the backup was written.",
                kept="The store is safe, and earlier backups stay as they are.",
                cure="Make the backup once more.",
            )

    def _digest(self, name: str) -> Sealed:
        """What a sealed file must be: as it was copied, as an earlier backup says, or as it is."""
        known = self._copied.get(name) or self._known.get(name)
        if known:
            return known
        try:
            return read_back(self._vault.content_folder / name, self._watch)
        except OSError:
            return read_back(self._folder.content(name), self._watch)

    def _look_over(self, manifest: Manifest) -> Found:
        new = frozenset(self._copied)
        return look_over(self._folder, manifest, self._vault.opened, self._watch, opening=new)

    def _mend(self, manifest: Manifest, found: Found) -> Found:
        """Copy anew what an earlier backup's file has become; then it must be whole.

        Raises BackupDamaged.
        """
        content = {one.name: one for one in manifest.content}
        bad = [one.file for one in found.damaged if one.file in content]
        for name in bad:
            self._copy_one(name)
        if bad:
            found = self._look_over(manifest)
        if not found.as_written:
            self._folder.remove(self._name)
            if not found.database:
                self._check_own_database()
            raise BackupDamaged(
                "The disk didn't give back what was written to it.",
                tuple(one.file for one in found.damaged),
                kept="The store itself is safe; this backup was taken away again.",
                cure="Use another disk for backups.",
            )
        self._folder.mark_verified(manifest, self._now)
        return found


def _fresh_name(folder: BackupFolder, now: int) -> str:
    """The time as a name, later than any that is there."""
    name = stamp(now)
    while folder.snapshot(name).exists():
        now += 1
        name = stamp(now)
    return name


def _known_digests(folder: BackupFolder, store: bytes) -> dict[str, Sealed]:
    """What earlier backups say of the sealed files, as far as they were written with this key."""
    known: dict[str, Sealed] = {}
    for manifest in folder.manifests():
        if manifest.is_ours(store):
            known = {one.name: one for one in manifest.content} | known
    return known


def _content_names(reading: Reading) -> tuple[str, ...]:
    """The sealed files that rows speak of, but for those of erased cases."""
    said = "SELECT c.name FROM content c JOIN sealing_key k ON k.owner = c.case_id ORDER BY c.name"
    return tuple(reading.sql.exec_driver_sql(said).scalars().all())
