"""A file written where a person chose: whole under its name, or not there at all."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

from consultdesk.errors import DeliveryFailed

_SAID = {
    errno.ENOSPC: "The disk is full: the {what} wasn't saved, and nothing of it was left there.",
    errno.EACCES: "You may not write to the chosen folder.",
    errno.EPERM: "You may not write to the chosen folder.",
    errno.EROFS: "The chosen folder can only be read.",
    errno.ENOENT: "The chosen folder isn't there any more.",
    errno.ENAMETOOLONG: "The name is too long.",
}
if hasattr(errno, "EDQUOT"):
    _SAID[errno.EDQUOT] = _SAID[errno.ENOSPC]


@contextmanager
def whole(target: Path, what: str, *, replace: bool = False) -> Iterator[FileIO]:
    """A new file for its owner alone, which gets its name only once all of it is on disk.

    Until then it has another name beside it; a kill leaves at most that, never half a file
    under the name. Without `replace` a file of that name is never overwritten.
    Raises DeliveryFailed, in words about `what`.
    """
    with worded(what):
        if target.is_dir() or (not replace and os.path.lexists(target)):
            raise taken(target)
        with partial(target) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            file.close()
            place(Path(file.name), target, replace=replace)


@contextmanager
def partial(target: Path) -> Iterator[FileIO]:
    """A file beside the target that only its owner may read; gone again unless it took its place.

    O_EXCL and O_NOFOLLOW: never somebody else's file, nor where a link points.
    """
    path = target.with_name(f".{os.urandom(8).hex()}.partial")
    with FileIO(path, "wb", opener=_open_new) as file:
        try:
            yield file
        finally:
            file.close()
            with suppress(OSError):
                path.unlink(missing_ok=True)


def write_all(file: FileIO, data: bytes | memoryview) -> None:
    """Write all of it: an unbuffered file may take less at a time."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) or 0 :]


def _open_new(path: str, _flags: int) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    return os.open(path, flags, 0o600)


def place(whole_file: Path, target: Path, *, replace: bool) -> None:
    """Give the whole file its name; a file that came up meanwhile isn't replaced unasked."""
    if not replace:
        try:
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError as there:
            raise taken(target) from there
    try:
        os.replace(whole_file, target)
    except BaseException:
        if not replace:
            target.unlink(missing_ok=True)
        raise
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            with suppress(OSError):  # some network folders can't; the file itself is synced
                os.fsync(folder)
        finally:
            os.close(folder)


def taken(target: Path) -> DeliveryFailed:
    """What is said where something has that name."""
    return DeliveryFailed(
        f"There is already a file or folder called {target.name}.",
        retryable=True,
        cure="Choose another name, or confirm that it may be replaced.",
    )


@contextmanager
def worded(what: str) -> Iterator[None]:
    """What the system says of a file, in a person's words."""
    try:
        yield
    except OSError as error:
        said = _SAID.get(error.errno or 0, f"The {{what}} couldn't be saved: {error.strerror}.")
        raise DeliveryFailed(
            said.format(what=what), retryable=True, cure="Choose another place or name."
        ) from error
