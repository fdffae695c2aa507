"""This computer's keychain: it keeps a secret that opens one member's device slot.

The secret is worth nothing without the key file, and nothing at all once the slot is taken out of
it. The keychain is asked in a process of its own, which is ended when it doesn't answer in time or
nobody wants the answer any more.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from consultdesk.errors import Cancelled, KeychainFailed

_MODULE = "consultdesk.vault.keychain_process"
_GLANCE_S = 0.1
LOOK_S, ASK_S = 8.0, 45.0
"""How long is waited to see whether there is one, and for what a person may have to allow."""

_TYPE = "Type your passphrase instead."
_WHY = {
    "none": KeychainFailed("This computer has no keychain that the desk can use.", cure=_TYPE),
    "locked": KeychainFailed("This computer's keychain is locked.", cure=_TYPE),
    "absent": KeychainFailed("This computer's keychain holds no key of this store.", cure=_TYPE),
    "failed": KeychainFailed("This computer's keychain didn't do what it was asked.", cure=_TYPE),
    "silent": KeychainFailed("This computer's keychain doesn't answer.", cure=_TYPE),
}

Stopped = Callable[[], bool]


def _never() -> bool:
    return False


def is_there(stopped: Stopped = _never) -> bool:
    """Whether this computer has a keychain of its own. Raises Cancelled."""
    try:
        _ask({"do": "look"}, stopped, LOOK_S)
    except KeychainFailed:
        return False
    return True


def store(place: str, secret: str, stopped: Stopped = _never, limit: float = ASK_S) -> None:
    """Keep a secret. `place` names store and member. Raises KeychainFailed, Cancelled."""
    _ask({"do": "store", "user": place, "secret": secret}, stopped, limit)


def load(place: str, stopped: Stopped = _never, limit: float = ASK_S) -> str:
    """The secret that was kept. Raises KeychainFailed, Cancelled."""
    return _ask({"do": "load", "user": place}, stopped, limit)["secret"]


def forget(place: str, stopped: Stopped = _never, limit: float = ASK_S) -> None:
    """Take a secret out, also where there is none. Raises KeychainFailed, Cancelled."""
    _ask({"do": "forget", "user": place}, stopped, limit)


def place_of(store_id: str, member: str) -> str:
    """Under which name a member's secret for a store lies in the keychain."""
    return f"{store_id} {member}"


def _ask(request: dict[str, str], stopped: Stopped, limit: float) -> dict[str, str]:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", _MODULE],
        env=_surroundings(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        said = _wait(process, json.dumps(request), stopped, limit)
    finally:
        if process.poll() is None:
            process.kill()
        with suppress(OSError, ValueError):
            process.communicate()
    return _read(said)


def _wait(process: "subprocess.Popen[str]", text: str, stopped: Stopped, limit: float) -> str:
    ends = time.monotonic() + limit
    request: str | None = text
    while time.monotonic() < ends:
        if stopped():
            raise Cancelled("The keychain isn't asked any more.")
        try:
            return process.communicate(request, timeout=_GLANCE_S)[0]
        except subprocess.TimeoutExpired:
            request = None
    raise _failed("silent")


def _read(said: str) -> dict[str, str]:
    try:
        answer = json.loads(said)
        state = answer["state"]
    except (ValueError, KeyError, TypeError):
        raise _failed("failed") from None
    if state != "done":
        raise _failed(str(state))
    return dict(answer)


def _failed(state: str) -> KeychainFailed:
    known = _WHY.get(state, _WHY["failed"])
    return KeychainFailed(known.message, cure=known.cure)


def _surroundings() -> dict[str, str]:
    paths = os.pathsep.join(path for path in sys.path if path)
    return {**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
