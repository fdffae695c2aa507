"""How often somebody tried a wrong passphrase at a store, and how long they must wait for it.

It is a brake for a person at the keyboard. Whoever can write to the folder can take the brake off;
what holds them up is Argon2id. So nothing that happens to this file may ever keep its owner out.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

NAME = "attempts.json"
LONGEST_S = 60
_FREE = 2
_MOST_BYTES = 1 << 16
_MOST = 1_000_000
_LATEST = 1 << 53


@dataclass(frozen=True)
class Attempts:
    """One user's wrong passphrases.

    `failures` since the last right one decide on the wait; `untold` of them stand in no audit line
    yet, from `first` to `last` (UTC ms). `last` also begins the wait.
    """

    failures: int = 0
    untold: int = 0
    first: int = 0
    last: int = 0

    @property
    def wait(self) -> int:
        """Seconds to wait after so many failures: 0, 0, 1, 2, 4 … 60."""
        over = self.failures - _FREE - 1
        return 0 if over < 0 else min(LONGEST_S, 1 << min(over, 16))


def seconds_left(folder: Path, user: str, now: int) -> float:
    """How long the user must wait still.

    A clock that was set back begins the wait anew, once, and never makes it longer than it was.
    """
    found = _read(folder).get(user)
    if found is None or not found.wait:
        return 0.0
    if now < found.last:
        _write(folder, _read(folder) | {user: _moved(found, now)})
        return float(found.wait)
    return max(0.0, found.wait - (now - found.last) / 1000)


def failed(folder: Path, user: str, now: int) -> float:
    """Count a wrong passphrase; the seconds to wait after it."""
    kept = _read(folder)
    before = kept.get(user, Attempts())
    after = Attempts(
        min(_MOST, before.failures + 1),
        min(_MOST, before.untold + 1),
        before.first if before.untold else now,
        now,
    )
    _write(folder, kept | {user: after})
    return float(after.wait)


def untold(folder: Path) -> dict[str, Attempts]:
    """What the audit trail hasn't been told yet, by user."""
    return {user: found for user, found in _read(folder).items() if found.untold}


def succeeded(folder: Path, user: str, told: Mapping[str, Attempts]) -> None:
    """Let the user in without a wait from now on, and forget what the audit trail was `told`.

    Other users' waits stay: one passphrase doesn't excuse guesses at another.
    """
    before = _read(folder)
    if not before:
        return
    after: dict[str, Attempts] = {}
    for name, found in before.items():
        failures = 0 if name == user else found.failures
        said = told.get(name)
        left = max(0, found.untold - said.untold) if said else found.untold
        if failures or left:
            after[name] = Attempts(failures, left, found.first, found.last)
    if after != before:
        _write(folder, after)


def _moved(found: Attempts, now: int) -> Attempts:
    return Attempts(found.failures, found.untold, min(found.first, now), now)


def _read(folder: Path) -> dict[str, Attempts]:
    """What stands there; nothing where it is missing, damaged or of another kind."""
    path = folder / NAME
    try:
        # a pipe in its place would have its reader wait for ever
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return {}
        said = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(said, dict):
        return {}
    return {user: found for user, one in said.items() if (found := _attempts(one))}


def _attempts(said: object) -> Attempts | None:
    if not isinstance(said, dict) or said.keys() != asdict(Attempts()).keys():
        return None
    numbers = list(said.values())
    if not all(type(one) is int and 0 <= one <= _LATEST for one in numbers):
        return None
    found = Attempts(**said)
    return found if max(found.failures, found.untold) <= _MOST else None


def _write(folder: Path, kept: Mapping[str, Attempts]) -> None:
    """Replace the file as a whole; a disk that takes nothing more keeps nobody out."""
    path = folder / NAME
    partial = folder / f"{NAME}.{os.getpid()}.partial"
    with suppress(OSError):
        if not kept:
            path.unlink(missing_ok=True)
            return
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(handle, "w", encoding="utf-8") as file:
            json.dump({user: asdict(one) for user, one in kept.items()}, file)
        partial.replace(path)
        return
    with suppress(OSError):
        partial.unlink(missing_ok=True)
