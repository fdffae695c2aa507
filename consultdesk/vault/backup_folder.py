"""How a folder of backups is laid out, and how it is written so that its disk may vanish.

NAME.backup/
  backup.json         whose backups these are
  content/ab/abcd…    the store's sealed files, each once for all backups, as they lie in the store
  snapshots/STAMP/    desk.db, both key files, the anchors, and last of all manifest.json: with it
                      the backup exists. verified.json says that it was read back and found whole.

All is sealed as the store is. Whatever isn't whole is called .partial, or lies in a snapshot
without a manifest, and the next backup clears it away. Names suit FAT: no colon, and no folder
holds more than one file in 256.
"""

import errno
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from consultdesk.errors import BackupDamaged, BackupFailed
from consultdesk.vault import key as keys
from consultdesk.vault import lock
from consultdesk.vault.backup_disk import (
    NO_SYNC,
    PARTIAL,
    Sealed,
    remove_tree,
    sync_folder,
    write_whole,
)

SUFFIX = ".backup"
CONTENT, SNAPSHOTS = "content", "snapshots"
MARK, MANIFEST, VERIFIED = "backup.json", "manifest.json", "verified.json"
_VERSION = 1
_MOST_MANIFEST = 256 << 20


@dataclass(frozen=True)
class Manifest:
    """What one backup holds. `seq` and `link` are the last line of the audit in it.

    `missing` names sealed files that the store itself lacked when it was made.
    """

    store_id: str
    name: str
    at: int
    by: str
    epoch: int
    seq: int
    link: str
    files: tuple[Sealed, ...]
    content: tuple[Sealed, ...]
    missing: tuple[str, ...] = ()
    mac: str = ""

    @property
    def size(self) -> int:
        """Bytes of all it names."""
        return sum(one.size for one in (*self.files, *self.content))

    def sealed(self, store: bytes) -> "Manifest":
        """The same with its MAC."""
        return replace(self, mac=self._mac_under(store))

    def is_ours(self, store: bytes) -> bool:
        """Whether somebody with the store key of that day wrote it."""
        return hmac.compare_digest(self.mac, self._mac_under(store))

    def _mac_under(self, store: bytes) -> str:
        return mac_under(store, _as_json(replace(self, mac="")))


@dataclass(frozen=True)
class BackupFolder:
    """A folder of backups of one store."""

    path: Path

    @property
    def snapshots(self) -> Path:
        """Where each backup has a folder."""
        return self.path / SNAPSHOTS

    def snapshot(self, name: str) -> Path:
        """The folder of one backup."""
        return self.snapshots / name

    def content(self, name: str) -> Path:
        """Where a sealed file of that name lies."""
        return self.path / CONTENT / name[:2] / name

    def whose(self) -> tuple[str, str]:
        """The store's id and the folder's own, both "" where it holds no backups yet."""
        try:
            said = json.loads((self.path / MARK).read_text("utf-8"))
            return str(said["store"]), str(said["folder"])
        except FileNotFoundError:
            return "", ""
        except (ValueError, KeyError, TypeError, RecursionError):
            raise BackupDamaged("What says whose backups these are can't be read.") from None

    def names(self) -> tuple[str, ...]:
        """Every backup that exists, the newest first."""
        with suppress(FileNotFoundError):
            found = (one for one in self.snapshots.iterdir() if (one / MANIFEST).is_file())
            return tuple(sorted((one.name for one in found), reverse=True))
        return ()

    def manifest(self, name: str) -> Manifest:
        """What that backup holds. Raises BackupDamaged, BackupFailed."""
        path = self.snapshot(name) / MANIFEST
        try:
            if path.stat().st_size > _MOST_MANIFEST:
                raise ValueError
            return _from_json(json.loads(path.read_text("utf-8")), name)
        except FileNotFoundError:
            raise BackupFailed(f"There is no backup {name} in that folder.") from None
        except (ValueError, KeyError, TypeError, RecursionError):
            raise BackupDamaged(
                f"The list of what the backup {name} holds is damaged.", (MANIFEST,)
            ) from None

    def manifests(self) -> tuple[Manifest, ...]:
        """The lists of all backups whose list can be read, the newest first."""
        found = []
        for name in self.names():
            with suppress(BackupDamaged):
                found.append(self.manifest(name))
        return tuple(found)

    def verified_at(self, manifest: Manifest) -> int:
        """When that backup was last read back and found whole (UTC ms); 0 if never."""
        try:
            said = json.loads((self.snapshot(manifest.name) / VERIFIED).read_text("utf-8"))
            return int(said["at"]) if said["manifest"] == manifest.mac else 0
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return 0

    def mark_verified(self, manifest: Manifest, at: int) -> None:
        """Note that it was found whole. Raises OSError."""
        said = json.dumps({"manifest": manifest.mac, "at": at})
        write_whole(self.snapshot(manifest.name) / VERIFIED, said.encode())

    def publish(self, manifest: Manifest) -> None:
        """Write the list of what a backup holds: with it the backup exists. Raises OSError."""
        body = json.dumps(_as_json(manifest), indent=1).encode()
        write_whole(self.snapshot(manifest.name) / MANIFEST, body)
        sync_folder(self.snapshots)

    def prepare(self, store_id: str) -> None:
        """Make the folder ready for backups of that store.

        Raises BackupFailed for another store's folder, OSError.
        """
        fresh = not self.path.exists()
        self.path.mkdir(mode=0o700, exist_ok=True)
        known, _own = self.whose()
        if known not in ("", store_id):
            raise BackupFailed(
                "That folder holds the backups of another store.", cure="Choose another place."
            )
        for folder in (self.path / CONTENT, self.snapshots):
            folder.mkdir(mode=0o700, exist_ok=True)
        if not known:
            said = {"version": _VERSION, "store": store_id, "folder": secrets.token_hex(8)}
            write_whole(self.path / MARK, json.dumps(said).encode())
        if fresh:
            sync_folder(self.path.parent)

    def clear_partial(self) -> None:
        """Clear what was cut off; for whoever writes here alone. Raises OSError."""
        for one in tuple(self.snapshots.iterdir()):
            if one.is_dir() and not (one / MANIFEST).is_file():
                remove_tree(one)
        for one in (self.path / CONTENT).glob(f"*/*{PARTIAL}"):
            one.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        """Remove one backup, its list first: what is cut off is no backup. Raises OSError."""
        folder = self.snapshot(name)
        (folder / MANIFEST).unlink(missing_ok=True)
        sync_folder(folder)
        remove_tree(folder)

    def sweep(self) -> int:
        """Remove sealed files that no backup names; how many. Raises OSError.

        None is removed while the list of one backup can't be read: nobody knows what it names.
        """
        manifests = self.manifests()
        if len(manifests) < len(self.names()):
            return 0
        named = {one.name for manifest in manifests for one in manifest.content}
        gone = [one for one in (self.path / CONTENT).glob("*/*") if one.name not in named]
        for one in gone:
            one.unlink(missing_ok=True)
        return len(gone)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else writes here meanwhile. Raises BackupFailed where somebody does."""
        file: IO[str] | None = None
        try:
            file = lock.held(self.path / "backup.lock")
        except BlockingIOError:
            raise BackupFailed(
                "Another backup is being written there.", cure="Wait until it is done."
            ) from None
        except OSError as error:
            if error.errno not in (*NO_SYNC, errno.ENOLCK):
                raise
        try:
            yield
        finally:
            if file:
                file.close()


def stamp(at: int) -> str:
    """The name of a backup made at that instant (UTC ms)."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H%M%S") + f".{at % 1000:03}Z"


def mac_under(store: bytes, said: dict[str, Any]) -> str:
    """HMAC-SHA256 (hex) under a key of the store key."""
    body = json.dumps(said, sort_keys=True).encode()
    return hmac.new(keys.subkey(store, "backup"), body, hashlib.sha256).hexdigest()


# --- inside -------------------------------------------------------------------------------


def _as_json(manifest: Manifest) -> dict[str, Any]:
    return {
        **vars(manifest),
        "version": _VERSION,
        "files": [[one.name, one.size, one.sha256] for one in manifest.files],
        "content": [[one.name, one.size, one.sha256] for one in manifest.content],
        "missing": list(manifest.missing),
    }


def _from_json(said: dict[str, Any], name: str) -> Manifest:
    if said["version"] != _VERSION:
        raise BackupFailed("This backup was made by a newer ConsultDesk.", cure="Update it.")
    if said["name"] != name:
        raise ValueError
    return Manifest(
        store_id=str(said["store_id"]),
        name=name,
        at=int(said["at"]),
        by=str(said["by"]),
        epoch=int(said["epoch"]),
        seq=int(said["seq"]),
        link=str(said["link"]),
        files=_sealed(said["files"]),
        content=_sealed(said["content"]),
        missing=tuple(str(one) for one in said["missing"]),
        mac=str(said["mac"]),
    )


def _sealed(said: list[list[Any]]) -> tuple[Sealed, ...]:
    """Raises ValueError for a name that would lead elsewhere."""
    found = tuple(Sealed(str(name), int(size), str(digest)) for name, size, digest in said)
    if any(Path(one.name).name != one.name or one.name in ("", ".", "..") for one in found):
        raise ValueError
    return found
