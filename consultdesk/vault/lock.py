"""One desktop a store: a lock on a file that also says who holds it."""

import json
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO

from consultdesk.errors import DiskFull, VaultBusy

if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: IO[str]) -> None:
        file.seek(1 << 16)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)

else:
    import fcntl

    def _try_lock(file: IO[str]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


class DesktopLock:
    """Held while a desktop has the store open; gone with the process, however it ends."""

    def __init__(self, folder: Path, user: str) -> None:
        """Take the lock. Raises VaultBusy naming its holder."""
        path = folder / "desktop.lock"
        try:
            self._file = path.open("a+", encoding="utf-8")
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


def _holder(text: str) -> str:
    try:
        said = json.loads(text)
        return f" ({said['user']} on {said['computer']}, process {said['process']})"
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
