"""One desktop a store, and who else has it open: locks that are gone with their process."""

import json
import os
import socket
import sys
import tempfile
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from consultdesk.errors import DiskFull, VaultBusy, VaultDamaged
from consultdesk.vault.only_read import Why, is_protected, refusal

_PATIENCE_S = 10.0
_PAUSE_S = 0.02

if sys.platform == "win32":
    import msvcrt

    _PLACES = 64

    def _try_lock(file: IO[str]) -> None:
        file.seek(1 << 16)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)

    def _lock_bytes(handle: int, how: int, start: int, size: int) -> None:
        os.lseek(handle, start, os.SEEK_SET)
        msvcrt.locking(handle, how, size)

    def _share(handle: int) -> int:
        """Windows' own locks can't be shared, so each process takes a place of its own."""
        for place in range(_PLACES - 1):
            with suppress(OSError):
                _lock_bytes(handle, msvcrt.LK_NBLCK, place, 1)
                return place
        raise OSError("every place is taken")

    def _try_alone(handle: int, place: int) -> None:
        _lock_bytes(handle, msvcrt.LK_UNLCK, place, 1)
        _lock_bytes(handle, msvcrt.LK_NBLCK, 0, _PLACES)

    def _end_alone(handle: int) -> None:
        _lock_bytes(handle, msvcrt.LK_UNLCK, 0, _PLACES)

    def _wait_for(handle: int) -> None:
        _lock_bytes(handle, msvcrt.LK_LOCK, 1 << 30, 1)

    def _let_go(handle: int) -> None:
        _lock_bytes(handle, msvcrt.LK_UNLCK, 1 << 30, 1)

else:
    import fcntl

    def _try_lock(file: IO[str]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _share(handle: int) -> int:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return 0

    def _try_alone(handle: int, place: int) -> None:
        del place
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _end_alone(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)

    def _wait_for(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)

    def _let_go(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)


class DesktopLock:
    """Held while a desktop has the store open; gone with the process, however it ends."""

    def __init__(self, folder: Path, user: str, *, reading: bool = False) -> None:
        """Take the lock; who only reads takes it as well as may be. Raises VaultBusy, ReadOnly."""
        self._file = _lockable(folder / "desktop.lock", reading=reading)
        try:
            _try_lock(self._file)
        except OSError as error:
            if reading and not isinstance(error, BlockingIOError) and sys.platform != "win32":
                return  # some network disks lock no file that can only be read
            self._file.seek(0)
            holder = _holder(self._file.read())
            self._file.close()
            raise VaultBusy(
                f"This store is open on another desk{holder}.", cure="Close it there first."
            ) from None
        if not reading:
            self._say_holder(user)

    def _say_holder(self, user: str) -> None:
        said = {"user": user, "computer": socket.gethostname(), "process": os.getpid()}
        try:
            self._file.seek(0)
            self._file.truncate()
            json.dump(said, self._file)
            self._file.flush()
        except OSError as error:
            with suppress(OSError):  # what wasn't taken is tried once more by closing
                self._file.close()
            raise DiskFull(
                "The disk is full.",
                kept="Everything saved so far is safe.",
                cure="Free some space and try again.",
            ) from error

    def release(self) -> None:
        """Let another desktop open the store."""
        self._file.close()


class Presence:
    """Held by every process that has the store open, the command line's too.

    Who holds it alone knows that nobody else is in the middle of anything.
    """

    def __init__(self, folder: Path, *, reading: bool = False) -> None:
        """Join the others. Raises VaultBusy where one clears up and doesn't come to an end.

        Who only reads joins them as well as may be. Raises ReadOnly.
        """
        self._file = _lockable(folder / "open.lock", reading=reading)
        self._handle = self._file.fileno()
        # a vault that was never closed lets go of it too
        self._gone = weakref.finalize(self, self._file.close)
        self._place = -1
        try:
            self._join()
        except BaseException:
            self._gone()
            raise

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether no other process has the store open; nobody else opens it meanwhile.

        For one process at a time, the desktop's: while this one asks, it counts as gone.
        """
        held = True
        try:
            _try_alone(self._handle, self._place)
        except OSError:
            held = False
        try:
            yield held
        finally:
            if held:
                _end_alone(self._handle)
            self._join()

    def release(self) -> None:
        """Be gone."""
        self._gone()

    def _join(self) -> None:
        end = time.monotonic() + _PATIENCE_S
        while True:
            try:
                self._place = _share(self._handle)
            except OSError:
                if time.monotonic() > end:
                    raise VaultBusy(
                        "Another process is clearing this store up.",
                        cure="Try again in a moment.",
                    ) from None
                time.sleep(_PAUSE_S)
            else:
                return


@contextmanager
def exclusive(handle: int) -> Iterator[None]:
    """Nobody else who asks so has this file meanwhile."""
    _wait_for(handle)
    try:
        yield
    finally:
        _let_go(handle)


def held(path: Path) -> IO[str]:
    """A lock on that file, gone with the process or when it is closed.

    Raises BlockingIOError where somebody else holds it, OSError where nobody can.
    """
    file = _opened(path)
    try:
        _try_lock(file)
    except OSError as error:
        file.close()
        if sys.platform == "win32":
            raise BlockingIOError from error  # it says no more than that it was refused
        raise
    return file


def _lockable(path: Path, *, reading: bool) -> IO[str]:
    """The file that is locked. Raises ReadOnly, DiskFull.

    Who only reads where there is none, and none can be made, locks nothing: where nothing can be
    written there is nobody to keep out.
    """
    try:
        return _opened(path)
    except OSError as error:
        if reading:
            with suppress(OSError):
                return path.open("r", encoding="utf-8")
            return tempfile.TemporaryFile("w+", encoding="utf-8")
        if not path.parent.is_dir():
            raise VaultDamaged(
                "The store's folder isn't there.", cure="Plug in the disk it lies on."
            ) from error
        raise refusal(Why.PROTECTED if is_protected(path.parent) else Why.FULL) from error


def _opened(path: Path) -> IO[str]:
    """A file to lock, for its owner alone as all of the store."""
    return open(path, "a+", encoding="utf-8", opener=lambda name, how: os.open(name, how, 0o600))


def _holder(text: str) -> str:
    try:
        said = json.loads(text)
        return f" ({said['user']} on {said['computer']}, process {said['process']})"
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
