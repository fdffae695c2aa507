"""Asks this computer's keychain, in a process of its own: it may wait for ever for an answer.

One request as JSON on standard input, one answer as JSON on standard output; a secret is never an
argument. Only keychains of the system itself are asked, and chosen here by name: what a setting or
a variable names instead (a plain file, none at all) is not.
"""

import json
import sys
from importlib import import_module
from typing import Any

SERVICE = "ConsultDesk"
KEYCHAINS = (
    ("keyring.backends.SecretService", "Keyring"),
    ("keyring.backends.kwallet", "DBusKeyring"),
    ("keyring.backends.Windows", "WinVaultKeyring"),
    ("keyring.backends.macOS", "Keyring"),
)


def main() -> None:
    """Answer one request."""
    asked = json.load(sys.stdin)
    try:
        answer = _answer(asked)
    except Exception as failure:  # whatever a keychain does, the desk goes on with the passphrase
        said = type(failure).__name__
        answer = {"state": "locked" if said in ("KeyringLocked", "InitError") else "failed"}
    json.dump(answer, sys.stdout)


def _answer(asked: dict[str, str]) -> dict[str, str]:
    keychain = _keychain()
    if keychain is None:
        return {"state": "none"}
    acts = {"look": _look, "store": _store, "load": _load, "forget": _forget}
    return acts[asked["do"]](keychain, asked)


def _keychain() -> Any:  # noqa: ANN401 - the library has no types
    """The best of the system's own keychains that works here."""
    found = []
    for module, name in KEYCHAINS:
        try:
            kind = getattr(import_module(module), name)
            found.append((kind.priority, kind))
        except Exception:  # noqa: S112 - it is of another system, or doesn't run
            continue
    return max(found, key=lambda one: float(one[0]))[1]() if found else None


def _look(_keychain: Any, _asked: dict[str, str]) -> dict[str, str]:  # noqa: ANN401
    return {"state": "done"}


def _store(keychain: Any, asked: dict[str, str]) -> dict[str, str]:  # noqa: ANN401
    keychain.set_password(SERVICE, asked["user"], asked["secret"])
    kept = keychain.get_password(SERVICE, asked["user"]) == asked["secret"]
    return {"state": "done" if kept else "failed"}


def _load(keychain: Any, asked: dict[str, str]) -> dict[str, str]:  # noqa: ANN401
    secret = keychain.get_password(SERVICE, asked["user"])
    return {"state": "done", "secret": secret} if secret else {"state": "absent"}


def _forget(keychain: Any, asked: dict[str, str]) -> dict[str, str]:  # noqa: ANN401
    if keychain.get_password(SERVICE, asked["user"]) is not None:
        keychain.delete_password(SERVICE, asked["user"])
    return {"state": "done"}


if __name__ == "__main__":
    main()
