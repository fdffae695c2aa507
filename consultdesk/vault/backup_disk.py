"""Files on a disk that may vanish: written whole or not at all, and read back from the disk."""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from consultdesk.consultation.source import Progress
from consultdesk.errors import BackupFailed, Cancelled, DiskFailed

PARTIAL = ".partial"
"""How a file is called until it is whole."""

NO_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EPERM)
"""What file systems answer that can't sync a folder."""

_PIECE = 1 << 20
_SAFE = "The store itself is safe, and earlier backups stay as they are."


@dataclass(frozen=True)
class Sealed:
    """A file of a backup as it was written: its size in bytes and its SHA-256 (hex)."""

    name: str
    size: int
    sha256: str


def copy_whole(source: Path, target: Path, progress: Progress | None = None) -> Sealed:
    """Copy a file: under another name, synced, and then renamed. Raises Cancelled, OSError.

    A source that can't be read raises DiskFailed.
    """
    copied = _copy(source, target, progress or Progress())
    _partial(target).replace(target)
    return copied


def copy_known(source: Path, target: Path, known: Sealed, progress: Progress) -> bool:
    """As `copy_whole`, and False where the source isn't what it is known to be: nothing is left."""
    if _copy(source, target, progress) != known:
        _partial(target).unlink(missing_ok=True)
        return False
    _partial(target).replace(target)
    return True


def _copy(source: Path, target: Path, watch: Progress) -> Sealed:
    digest, size = hashlib.sha256(), 0
    try:
        with _new(_partial(target)) as file:
            for piece in _pieces(source, watch):
                file.write(piece)
                digest.update(piece)
                size += len(piece)
            _sync(file)
    except BaseException:
        with suppress(OSError):
            _partial(target).unlink(missing_ok=True)
        raise
    return Sealed(target.name, size, digest.hexdigest())


def _partial(target: Path) -> Path:
    return target.with_name(target.name + PARTIAL)


def write_whole(target: Path, data: bytes) -> None:
    """Write a small file whole or not at all. Raises OSError."""
    partial = _partial(target)
    try:
        with _new(partial) as file:
            file.write(data)
            _sync(file)
        partial.replace(target)
    except OSError:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def read_back(path: Path, progress: Progress | None = None) -> Sealed:
    """A file as the disk gives it back, not as memory still has it. Raises Cancelled, OSError."""
    watch = progress or Progress()
    digest, size = hashlib.sha256(), 0
    with path.open("rb", buffering=0) as file:
        _drop_cache(file.fileno())
        while piece := file.read(_PIECE):
            stop_if_asked(watch)
            digest.update(piece)
            size += len(piece)
    return Sealed(path.name, size, digest.hexdigest())


def sync_file(path: Path) -> None:
    """Have the file on the disk. Raises OSError."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
        _drop_cache(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Have new names in a folder on the disk, where its file system can. Raises OSError."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in NO_SYNC:
            raise
    finally:
        os.close(handle)


def remove_tree(folder: Path) -> None:
    """Remove a folder with all in it. Raises OSError."""
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)


@contextmanager
def in_plain_words(folder: Path) -> Iterator[None]:
    """Say of a backup's disk what is wrong with it. Raises BackupFailed."""
    try:
        yield
    except OSError as error:
        raise _failed(error, folder) from error


def failed(folder: Path) -> BackupFailed:
    """What is wrong with a backup's disk where nobody said so: found out by trying."""
    probe = folder / f"probe{PARTIAL}"
    try:
        with _new(probe) as file:
            file.write(bytes(_PIECE))
            _sync(file)
    except OSError as error:
        return _failed(error, folder)
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)
    return _failed(OSError(errno.EIO, ""), folder)


_WORDS = {
    errno.ENOSPC: ("The disk for the backup is full.", "Free some space there, or use a larger."),
    errno.EDQUOT: ("There is no more room for you on the disk.", "Free some space there."),
    errno.EROFS: ("The disk for the backup is write-protected.", "Take the protection off."),
    errno.EACCES: ("You may not write to that place.", "Choose another place."),
    errno.EPERM: ("You may not write to that place.", "Choose another place."),
    errno.EFBIG: (
        "That disk takes no file as large as this.",
        "Format it as exFAT or NTFS, or use another.",
    ),
    errno.ENOENT: ("The disk for the backup isn't there any more.", "Plug it in and try again."),
}


def _failed(error: OSError, folder: Path) -> BackupFailed:
    gone = not folder.parent.is_dir() or (error.errno == errno.ENOENT and not folder.is_dir())
    number = errno.ENOENT if gone else error.errno or 0
    words, cure = _WORDS.get(
        number,
        ("The disk for the backup didn't take or give what it should.", "Try another disk."),
    )
    return BackupFailed(words, kept=_SAFE, cure=cure)


def _pieces(source: Path, watch: Progress) -> Iterator[bytes]:
    try:
        with source.open("rb", buffering=0) as file:
            while True:
                stop_if_asked(watch)
                piece = file.read(_PIECE)
                if not piece:
                    return
                yield piece
    except FileNotFoundError:
        raise DiskFailed("A file isn't there any more.") from None
    except OSError as error:
        raise DiskFailed("A file can't be read from its disk.") from error


def stop_if_asked(watch: Progress) -> None:
    """Raise Cancelled where the person wants it stopped."""
    if watch.cancelled():
        raise Cancelled("Stopped. Earlier backups stay as they are.")


def _new(path: Path) -> IO[bytes]:
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb", _PIECE)


def _sync(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())
    _drop_cache(file.fileno())


def _drop_cache(handle: int) -> None:
    if hasattr(os, "posix_fadvise"):
        with suppress(OSError):
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
