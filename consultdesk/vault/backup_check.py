"""Whether a backup is what was written, and opens: as whoever has to restore it would find out."""

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from consultdesk.consultation.source import Progress
from consultdesk.errors import BackupDamaged, BackupFailed, VaultDamaged, VaultLocked
from consultdesk.vault import audit, header, members, records, rekey, schema
from consultdesk.vault.backup_disk import Sealed, in_plain_words, read_back, stop_if_asked
from consultdesk.vault.backup_folder import VERIFIED, BackupFolder, Manifest
from consultdesk.vault.check import chain_is_sound, database_is_sound, schema_is_ours
from consultdesk.vault.content import SealedStream, chunks
from consultdesk.vault.engine import connect_lying, in_our_words, make_engine
from consultdesk.vault.header import Header, SlotKind
from consultdesk.vault.members import OpenKeys
from consultdesk.vault.rows import Reading, SealingKeys
from consultdesk.vault.sealed import ClinicalKey

DATABASE = "desk.db"


@dataclass(frozen=True)
class Damage:
    """A file that isn't as it should be, and why."""

    file: str
    reason: str


@dataclass(frozen=True)
class Found:
    """What was looked at in one backup; None for what this user or this look can't tell.

    `damaged` aren't as they were written; `unopened` are, and don't open: they were damaged in
    the store already, as `missing` were gone from it. `opened` says whether sealed files were
    opened with the clinical key, or only compared with what was written.
    """

    name: str
    at: int
    by: str
    files: int
    size: int
    database: bool
    last_line: bool
    schema: bool | None = None
    events: int = 0
    broken: tuple[int, ...] | None = None
    damaged: tuple[Damage, ...] = ()
    unopened: tuple[Damage, ...] = ()
    missing: tuple[str, ...] = ()
    opened: bool = False

    @property
    def as_written(self) -> bool:
        """Whether the disk holds what was written to it."""
        return self.database and self.last_line and not self.damaged

    @property
    def ok(self) -> bool:
        """Whether nothing would be lacking after a restore."""
        whole = self.schema is not False and not self.broken
        return self.as_written and whole and not self.unopened and not self.missing

    @property
    def wrong(self) -> tuple[str, ...]:
        """The names of all files that aren't as they should be."""
        return (*(one.file for one in (*self.damaged, *self.unopened)), *self.missing)


def drill(
    folder: BackupFolder,
    user: str,
    secret: str,
    now: int,
    *,
    name: str = "",
    progress: Progress | None = None,
    kinds: tuple[SlotKind, ...] = members.TYPED,
) -> Found:
    """Open the newest backup, or that one, where it lies, and check all that is in it.

    Nothing decrypted is written. What is found whole is noted in the folder, and what isn't
    is noted as not whole. Raises VaultLocked, BackupDamaged, BackupFailed, Cancelled.
    """
    with in_plain_words(folder.path):
        manifest = folder.manifest(name or newest(folder))
        opened = unlock(folder, manifest, user, secret, kinds)
        found = look_over(folder, manifest, opened, progress or Progress())
        with suppress(OSError):  # the medium may be write-protected
            if found.as_written:
                folder.mark_verified(manifest, now)
            else:
                (folder.snapshot(manifest.name) / VERIFIED).unlink(missing_ok=True)
    return found


def newest(folder: BackupFolder) -> str:
    """The name of the newest backup. Raises BackupFailed where there is none."""
    names = folder.names()
    if not names:
        raise BackupFailed("There is no backup in that folder.", cure="Choose another folder.")
    return names[0]


def unlock(
    folder: BackupFolder,
    manifest: Manifest,
    user: str,
    secret: str,
    kinds: tuple[SlotKind, ...] = members.TYPED,
) -> OpenKeys:
    """Open a backup's keys, and know its list as written with them.

    Raises VaultLocked, BackupDamaged.
    """
    try:
        held = header.read(folder.snapshot(manifest.name))
        opened = members.unlock(held, user, secret, kinds)
    except VaultDamaged as damage:
        if not folder.snapshot(manifest.name).is_dir():
            raise FileNotFoundError(errno.ENOENT, "the backup's disk is gone") from damage
        raise BackupDamaged(
            f"The key file of the backup {manifest.name} is damaged.", header.NAMES
        ) from damage
    if not manifest.is_ours(opened.store) or manifest.store_id != held.store_id:
        raise BackupDamaged(
            f"The list of what the backup {manifest.name} holds was changed from outside.",
            ("manifest.json",),
        )
    return opened


def look_over(
    folder: BackupFolder,
    manifest: Manifest,
    opened: OpenKeys,
    watch: Progress,
    *,
    opening: frozenset[str] | None = None,
) -> Found:
    """Read everything of a backup back from the disk and check it.

    With `opening` only these sealed files are opened, and schema and audit trail are left out:
    what has just been copied from an open store. Raises Cancelled, OSError.
    """
    here = folder.snapshot(manifest.name)
    damaged = [*_compared(((here / one.name, one) for one in manifest.files), 0, manifest, watch)]
    contents = ((folder.content(one.name), one) for one in manifest.content)
    damaged += _compared(contents, len(manifest.files), manifest, watch)
    bad = frozenset(one.file for one in damaged)
    looks = _looks(here / DATABASE, manifest, opened, whole=opening is None)
    unopened: tuple[Damage, ...] = ()
    if opened.clinical and looks["database"]:
        rows = [row for row in looks.pop("rows") if row["name"] not in bad]
        wanted = [row for row in rows if opening is None or row["name"] in opening]
        unopened = tuple(_unopened(folder, wanted, frozenset(manifest.missing), watch))
    looks.pop("rows", None)
    if not here.is_dir():  # it vanished meanwhile, which says nothing about what it holds
        raise FileNotFoundError(errno.ENOENT, "the backup's disk is gone")
    return Found(
        manifest.name,
        manifest.at,
        manifest.by,
        len(manifest.content),
        manifest.size,
        damaged=tuple(damaged),
        unopened=unopened,
        missing=manifest.missing,
        opened=opened.clinical is not None,
        **looks,
    )


@contextmanager
def reading_of(path: Path, opened: OpenKeys, held: Header) -> Iterator[Reading]:
    """One view of a copied database, read where it lies. Raises VaultDamaged, VaultLocked."""
    lying = connect_lying(path, opened.store)
    engine = make_engine(path, opened.store, begin="BEGIN", read_only=True, size=1, creator=lying)
    try:
        with in_our_words(), engine.connect() as sql:
            clinical = ClinicalKey(opened.clinical) if opened.clinical else None
            if clinical and (carried := rekey.carried(sql)):
                clinical = clinical.carrying(carried)
            yield Reading(sql, SealingKeys(clinical, held.signatures))
    finally:
        engine.dispose()


# --- inside -------------------------------------------------------------------------------


def _compared(
    files: Iterator[tuple[Path, Sealed]], before: int, manifest: Manifest, watch: Progress
) -> Iterator[Damage]:
    total = len(manifest.files) + len(manifest.content)
    for done, (path, known) in enumerate(files, before + 1):
        stop_if_asked(watch)
        watch.report(done, total, "Reading the backup back")
        try:
            if not path.is_file():
                yield Damage(known.name, "it is missing")
            elif read_back(path, watch) != known:
                yield Damage(known.name, "its bytes aren't those that were written")
        except OSError:
            if not path.parent.is_dir():
                raise  # the disk is gone, and says nothing about the file
            yield Damage(known.name, "the disk can't read it")


def _looks(path: Path, manifest: Manifest, opened: OpenKeys, *, whole: bool) -> dict[str, Any]:
    """What the database says; what can't be read counts as not sound."""
    found: dict[str, Any] = {"database": False, "last_line": False, "rows": []}
    try:
        with reading_of(path, opened, header.read(path.parent)) as reading:
            found["database"] = database_is_sound(reading)
            found["last_line"] = audit.link_of(reading, manifest.seq) == manifest.link and (
                audit.last_seq(reading) == manifest.seq
            )
            if opened.clinical:
                found["rows"] = records.all_contents(reading)
            if whole and schema.version(reading.sql) == schema.HEAD:
                found["schema"] = schema_is_ours(reading)
                if opened.clinical:
                    found["events"], found["broken"] = chain_is_sound(reading)
    except (VaultDamaged, VaultLocked):
        found["database"] = False
    return found


def _unopened(
    folder: BackupFolder, rows: list[Mapping[str, Any]], missing: frozenset[str], watch: Progress
) -> Iterator[Damage]:
    for done, row in enumerate(rows, 1):
        watch.report(done, len(rows), "Opening sealed files")
        if row["name"] in missing:
            continue
        size = 0
        try:
            with SealedStream(folder.content(row["name"]), row["identity"]) as stream:
                for piece in chunks(stream):  # type: ignore[arg-type]  # raw, and read alike
                    stop_if_asked(watch)
                    size += len(piece)
        except VaultDamaged:
            size = -1
        if size != row["size"]:
            yield Damage(row["name"], "it doesn't open: it was damaged in the store already")
