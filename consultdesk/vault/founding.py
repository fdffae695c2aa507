"""The folder of a store that is being made: marked until the store is finished.

What a full disk, a kill or a power cut left of a store that nobody was told exists can so be told
from one that lost its key files, and be made anew.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from consultdesk.errors import VaultDamaged
from consultdesk.vault.disk import not_written
from consultdesk.vault.header import NAMES, sync_folder
from consultdesk.vault.owed import NAME as OWED
from consultdesk.vault.reserve import NAME as RESERVE

NAME = "unfinished"
_BESIDE = ("", "-wal", "-shm", "-journal")
_OURS = frozenset(
    (
        *(f"{name}{more}" for name in ("desk.db", "search.db") for more in _BESIDE),
        *(f"{name}{more}" for name in NAMES for more in ("", ".partial")),
        *("content", "desktop.lock", "open.lock", "anchors", RESERVE, OWED, NAME),
    )
)


@contextmanager
def begun(folder: Path) -> Iterator[None]:
    """A marked folder for a new store, cleared again when making it fails.

    Raises VaultDamaged when the folder holds something or can't be made, DiskFailed, DiskFull.
    """
    _begin(folder)
    try:
        yield
    except BaseException as error:
        with suppress(OSError):  # what is left is cleared by the next to make a store here
            _clear(folder)
        if isinstance(error, OSError):
            raise not_written(error) from error
        raise


def is_unfinished(folder: Path) -> bool:
    """Whether the store in the folder may be one whose making was broken off."""
    return (folder / NAME).exists()


def finish(folder: Path) -> None:
    """From now on the store exists, and is never cleared. Raises DiskFailed."""
    try:
        (folder / NAME).unlink()
        sync_folder(folder)
    except OSError as error:
        raise not_written(error) from error


def _begin(folder: Path) -> None:
    try:
        if folder.exists():
            _clear(folder)
            if any(folder.iterdir()):
                raise VaultDamaged(
                    "That folder already holds something.", cure="Choose an empty or a new folder."
                )
        missing = [one for one in (folder, *folder.parents) if not one.exists()]
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        (folder / NAME).touch(mode=0o600)
        for made in (folder / NAME, *missing):
            sync_folder(made.parent)
    except OSError:
        raise VaultDamaged(
            "The store's folder can't be made there.", cure="Choose another place."
        ) from None


def _clear(folder: Path) -> None:
    """Remove an unfinished store, and nothing where something else lies beside it."""
    names = {path.name for path in folder.iterdir()}
    if NAME not in names or names - _OURS:
        return
    for name in sorted(names, key=lambda one: one == NAME):  # the mark goes last
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
