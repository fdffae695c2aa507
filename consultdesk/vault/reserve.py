"""Room kept back in the store's folder, given back piece by piece when the disk is full."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from consultdesk.errors import DiskFailed, DiskFull, DiskUnsure

NAME = "reserve"
WHOLE = 16 << 20
"""Bytes kept back: some thousand acts, or a dozen letters to sign."""
PIECE = 2 << 20
"""Bytes given back at a time, so that an import can't eat all of it at once."""
_LOW = 1 << 20
"""With fewer bytes free an act may fail: its log and the pages it changes need room."""
_AMPLE = 4 * WHOLE
"""So many bytes stay free when the reserve is taken; else it would be the disk's undoing."""
_RANDOM = 1 << 20


class Reserve:
    """A file of a store that holds nothing but room."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / NAME

    @property
    def size(self) -> int:
        """Bytes kept back now."""
        try:
            return self._path.stat().st_size
        except OSError:
            return 0

    @property
    def low(self) -> bool:
        """Whether an act may find too little room."""
        return self._free() < _LOW

    @property
    def short(self) -> bool:
        """Whether the disk is so full that a person should free some space."""
        return self._free() < WHOLE

    def fill(self) -> None:
        """Keep room back, or what of it was given back, where there is plenty."""
        held = self.size
        if held >= WHOLE or self._free() - (WHOLE - held) < _AMPLE:
            return
        try:
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                _allocate(handle, held)
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError:
            return  # a smaller reserve is one too

    def help(self) -> None:
        """Give a piece back where an act may find too little room. Never raises."""
        if self.low:
            self.give_back()

    def give_back(self) -> bool:
        """Give a piece back to the disk; False when nothing is left to give."""
        held = self.size
        if not held:
            return False
        try:
            if held <= PIECE:
                self._path.unlink()
                return True
            with self._path.open("r+b") as file:
                file.truncate(held - PIECE)
                # some file systems have the room only once this is on the disk
                os.fsync(file.fileno())
        except OSError:
            return False
        return True

    def _free(self) -> int:
        try:
            return shutil.disk_usage(self._folder).free
        except OSError:
            return WHOLE + _AMPLE  # nothing is known, so nothing is done


@contextmanager
def giving_back(reserve: Reserve) -> Iterator[None]:
    """Room for what is written within, and where it wasn't enough, for trying that again.

    A full disk isn't always called so: while a store is opened it is a failure like any other,
    and a quota always is. Raises DiskFull where there is no room.
    """
    reserve.help()
    try:
        yield
    except DiskFailed as failed:
        full = reserve.low
        reserve.give_back()
        if full and not isinstance(failed, DiskFull | DiskUnsure):
            raise DiskFull(
                "The disk is full.",
                kept="Everything saved so far is safe; this last step wasn't saved.",
                cure="Free some space and repeat the step.",
            ) from failed
        raise


def _allocate(handle: int, held: int) -> None:
    """Make the file as large as the reserve, really on the disk and not as a hole in it."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, WHOLE)
        return
    os.lseek(handle, held, os.SEEK_SET)
    # what could be compressed would keep no room
    while held < WHOLE:
        held += os.write(handle, os.urandom(min(_RANDOM, WHOLE - held)))
