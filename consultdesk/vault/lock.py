"""One desktop a store, and who else has it open: locks that are gone with their process."""

import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from consultdesk.errors import DiskFull, VaultBusy

_PATIENCE_S = 10.0
_PAUSE_S = 0.02

if sys.platform == "win32":
    import msvcrt

    _PLACES = 64

    def _lock_bytes(file: IO[str], how: int, start: int, size: int) -> None:
        file.seek(start)
        msvcrt.locking(file.fileno(), how, size)
        file.seek(0)

    def _try_lock(file: IO[str]) -> None:
        _lock_bytes(file, msvcrt.LK_NBLCK, 1 << 16, 1)

    def _share(file: IO[str]) -> int:
        """Windows' own locks can't be shared, so each process takes a place of its own."""
        for place in range(_PLACES - 1):
            with suppress(OSError):
                _lock_bytes(file, msvcrt.LK_NBLCK, place, 1)
                return place
        raise OSError("every place is taken")

    def _try_alone(file: IO[str], place: int) -> None:
        _lock_bytes(file, msvcrt.LK_UNLCK, place, 1)
        _lock_bytes(file, msvcrt.LK_NBLCK, 0, _PLACES)

    def _end_alone(file: IO[str]) -> None:
        _lock_bytes(file, msvcrt.LK_UNLCK, 0, _PLACES)

else:
    import fcntl

    def _try_lock(file: IO[str]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _share(file: IO[str]) -> int:
        fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
        return 0

    def _try_alone(file: IO[str], place: int) -> None:
        del place
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _end_alone(file: IO[str]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_UN)


class DesktopLock:
    """Held while a desktop has the store open; gone with the process, however it ends."""

    def __init__(self, folder: Path, user: str) -> None:
        """Take the lock. Raises VaultBusy naming its holder."""
        path = folder / "desktop.lock"
        try:
            self._file = _opened(path)
        except OSError:
            raise VaultBusy(
                "This store can't be opened for writing: its folder is write-protected."
            ) from None
        try:
            _try_lock(self._file)
        except OSError:
            self._file.seek(0)
            holder = _holder(self._file.read())
            self._file.close()
            raise VaultBusy(
                f"This store is open on another desk{holder}.", cure="Close it there first."
            ) from None
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

    def __init__(self, folder: Path) -> None:
        """Join the others. Raises VaultBusy where one clears up and doesn't come to an end."""
        try:
            self._file = _opened(folder / "open.lock")
        except OSError:
            raise VaultBusy(
                "This store can't be opened for writing: its folder is write-protected."
            ) from None
        self._place = -1
        try:
            self._join()
        except BaseException:
            self._file.close()
            raise

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether no other process has the store open; nobody else opens it meanwhile.

        For one process at a time, the desktop's: while this one asks, it counts as gone.
        """
        held = True
        try:
            _try_alone(self._file, self._place)
        except OSError:
            held = False
        try:
            yield held
        finally:
            if held:
                _end_alone(self._file)
            self._join()

    def release(self) -> None:
        """Be gone."""
        self._file.close()

    def _join(self) -> None:
        end = time.monotonic() + _PATIENCE_S
        while True:
            try:
                self._place = _share(self._file)
            except OSError:
                if time.monotonic() > end:
                    raise VaultBusy(
                        "Another process is clearing this store up.",
                        cure="Try again in a moment.",
                    ) from None
                time.sleep(_PAUSE_S)
            else:
                return


def _opened(path: Path) -> IO[str]:
    """A file to lock, for its owner alone as all of the store."""
    return open(path, "a+", encoding="utf-8", opener=lambda name, how: os.open(name, how, 0o600))


def _holder(text: str) -> str:
    try:
        said = json.loads(text)
        return f" ({said['user']} on {said['computer']}, process {said['process']})"
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
