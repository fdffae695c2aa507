"""The store's key file: who may open it, in two copies, replaced as a whole."""

import base64
import hashlib
import json
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

from consultdesk.consultation.audit import Role
from consultdesk.errors import VaultDamaged, VaultLocked
from consultdesk.vault import key as keys

NAMES = ("keys.json", "keys-copy.json")
_VERSION = 1
_MOST_BYTES = 1 << 20
_USER = re.compile(r"[\w.@-]{1,64}")


RECOVERY = "recovery"
"""The name of the slot that the key on the recovery sheet opens."""


@dataclass(frozen=True)
class Slot:
    """One user's way in: the store key, and for clinical roles the clinical key, wrapped."""

    user: str
    role: Role
    parameters: keys.Argon2Parameters
    salt: bytes
    store_key: bytes
    clinical_key: bytes | None

    @property
    def bound_to(self) -> bytes:
        """What the wrapped keys are bound to: a changed user, role or cost doesn't open."""
        cost = self.parameters
        parts = [self.user, self.role, cost.passes, cost.memory_kib, cost.lanes]
        return json.dumps(parts).encode()


@dataclass(frozen=True)
class Header:
    """All slots of a store; `sequence` grows with every change."""

    store_id: str
    sequence: int
    slots: tuple[Slot, ...]

    def slot(self, user: str) -> Slot:
        """The user's slot; with no name the only user's. Raises VaultLocked."""
        users = [slot for slot in self.slots if slot.user != RECOVERY]
        if not user and len(users) == 1:
            return users[0]
        for slot in self.slots:
            if slot.user == user:
                return slot
        raise VaultLocked(
            "This store doesn't know that user." if user else "Say which user opens the store."
        )


@dataclass(frozen=True)
class OpenKeys:
    """What a passphrase opened."""

    user: str
    role: Role
    store: bytes
    clinical: bytes | None


def new_slot(
    user: str,
    role: Role,
    passphrase: str,
    store: bytes,
    clinical: bytes | None,
    parameters: keys.Argon2Parameters,
) -> Slot:
    """Wrap the keys for a user under the passphrase."""
    if not _USER.fullmatch(user):
        raise VaultLocked(
            "A user name has letters, digits, dots and dashes, at most 64 characters."
        )
    bare = Slot(user, role, parameters, os.urandom(16), b"", None)
    wrapping = keys.derive(passphrase, bare.salt, parameters)
    return replace(
        bare,
        store_key=keys.wrap(wrapping, store, bare.bound_to + b"store"),
        clinical_key=clinical and keys.wrap(wrapping, clinical, bare.bound_to + b"clinical"),
    )


def open_slot(slot: Slot, passphrase: str) -> OpenKeys:
    """Open a user's keys; takes as long as Argon2id does. Raises VaultLocked."""
    wrapping = keys.derive(passphrase, slot.salt, slot.parameters)
    store = keys.unwrap(wrapping, slot.store_key, slot.bound_to + b"store")
    clinical = None
    if slot.clinical_key is not None:
        clinical = keys.unwrap(wrapping, slot.clinical_key, slot.bound_to + b"clinical")
    return OpenKeys(slot.user, slot.role, store, clinical)


def write(folder: Path, header: Header) -> None:
    """Replace both copies, one after the other, each as a whole and synced."""
    body = json.dumps(_as_json(header), indent=1, sort_keys=True)
    checksum = hashlib.sha256(body.encode()).hexdigest()
    text = json.dumps({"header": body, "sha256": checksum})
    for name in NAMES:
        partial = folder / f"{name}.partial"
        partial.unlink(missing_ok=True)
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(folder / name)
        sync_folder(folder)


def read(folder: Path) -> Header:
    """The newest sound copy. Raises VaultDamaged when neither can be read."""
    found = [header for name in NAMES if (header := _read_one(folder / name))]
    if not found:
        raise VaultDamaged(
            "The store's key file is missing or damaged.",
            cure="Restore keys.json or keys-copy.json from a backup.",
        )
    return max(found, key=lambda header: header.sequence)


def sync_folder(folder: Path) -> None:
    """Make a rename or a new name in the folder survive a power cut (a no-op on Windows)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read_one(path: Path) -> Header | None:
    try:
        # a pipe in its place would have its reader wait for ever
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return None
        outer = json.loads(path.read_text("utf-8"))
        body = outer["header"]
        if hashlib.sha256(body.encode()).hexdigest() != outer["sha256"]:
            return None
        return _from_json(json.loads(body))
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        OverflowError,
        RecursionError,
    ):
        return None


def _as_json(header: Header) -> dict[str, object]:
    return {
        "version": _VERSION,
        "store": header.store_id,
        "sequence": header.sequence,
        "slots": [
            {
                "user": slot.user,
                "role": slot.role.value,
                "argon2id": [
                    slot.parameters.passes,
                    slot.parameters.memory_kib,
                    slot.parameters.lanes,
                ],
                "salt": _text(slot.salt),
                "store_key": _text(slot.store_key),
                "clinical_key": slot.clinical_key and _text(slot.clinical_key),
            }
            for slot in header.slots
        ],
    }


def _from_json(body: dict[str, object]) -> Header:
    if body["version"] != _VERSION:
        raise VaultDamaged("This store was made by a newer ConsultDesk.", cure="Update it.")
    slots = body["slots"]
    if not isinstance(slots, list):
        raise TypeError
    return Header(
        str(body["store"]), int(str(body["sequence"])), tuple(_slot(entry) for entry in slots)
    )


def _slot(entry: dict[str, object]) -> Slot:
    cost = entry["argon2id"]
    if not isinstance(cost, list):
        raise TypeError
    clinical = entry["clinical_key"]
    return Slot(
        str(entry["user"]),
        Role(str(entry["role"])),
        keys.Argon2Parameters(*(int(part) for part in cost)),
        _bytes(entry["salt"]),
        _bytes(entry["store_key"]),
        _bytes(clinical) if clinical else None,
    )


def _bytes(text: object) -> bytes:
    return base64.b64decode(str(text), validate=True)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
