"""Keys from passphrases, keys for one purpose from a key, and keys wrapped in keys."""

import os
import time
import unicodedata
from dataclasses import dataclass

from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from consultdesk.errors import VaultDamaged, VaultLocked

KEY_BYTES = 32
_NONCE_BYTES = 12
_FLOOR_KIB = 64 * 1024
_CEILING_KIB = 512 * 1024
_MOST_PASSES = 64
_MOST_LANES = 16


@dataclass(frozen=True)
class Argon2Parameters:
    """Cost of Argon2id (RFC 9106): passes, memory in KiB, lanes."""

    passes: int
    memory_kib: int
    lanes: int

    def check(self) -> None:
        """Refuse what is too cheap to protect, or so dear that it would stop this computer.

        Raises VaultDamaged.
        """
        sound = (
            1 <= self.passes <= _MOST_PASSES
            and _FLOOR_KIB <= self.memory_kib <= _CEILING_KIB
            and 1 <= self.lanes <= _MOST_LANES
        )
        if not sound:
            raise VaultDamaged(
                "The key file asks for key settings that no store of ours uses.",
                cure="Restore keys.json from its copy or from a backup.",
            )


FLOOR = Argon2Parameters(1, _FLOOR_KIB, 4)
"""The cheapest setting ever accepted; tests and the demo use it."""


def calibrate(target_seconds: float = 0.6) -> Argon2Parameters:
    """Settings that take about `target_seconds` on this computer, never below 64 MiB."""
    memory = 256 * 1024
    started = time.perf_counter()
    derive("calibration", os.urandom(16), Argon2Parameters(1, memory, 4))
    one_pass = time.perf_counter() - started
    while one_pass > target_seconds and memory > _FLOOR_KIB:
        memory //= 2
        one_pass /= 2
    passes = max(1, min(_MOST_PASSES, round(target_seconds / one_pass)))
    return Argon2Parameters(passes, memory, 4)


def derive(passphrase: str, salt: bytes, parameters: Argon2Parameters) -> bytes:
    """The 32-byte key of a passphrase by Argon2id.

    The passphrase counts as it looks, however a keyboard composes its accents (NFC, as in
    RFC 8265, section 4.2.2). Raises VaultDamaged on unsound settings.
    """
    parameters.check()
    try:
        return hash_secret_raw(
            unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass"),
            salt,
            time_cost=parameters.passes,
            memory_cost=parameters.memory_kib,
            parallelism=parameters.lanes,
            hash_len=KEY_BYTES,
            type=Type.ID,
        )
    except HashingError:
        raise VaultDamaged(
            "The passphrase can't be turned into a key: the key file is damaged, or this "
            "computer is out of memory.",
            cure="Close other programs and try again.",
        ) from None


def new_key() -> bytes:
    """Make a random 32-byte key."""
    return os.urandom(KEY_BYTES)


def subkey(key: bytes, purpose: str) -> bytes:
    """The key for one purpose, by HKDF-Expand with SHA-256 (RFC 5869, section 2.3)."""
    return HKDFExpand(SHA256(), KEY_BYTES, f"consultdesk {purpose}".encode()).derive(key)


def wrap(wrapping: bytes, key: bytes, bound_to: bytes) -> bytes:
    """`key` under `wrapping` by AES-256-GCM; it opens only with the same `bound_to`."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(wrapping).encrypt(nonce, key, bound_to)


def unwrap(wrapping: bytes, wrapped: bytes, bound_to: bytes) -> bytes:
    """The key inside. Raises VaultLocked when it doesn't open."""
    try:
        return AESGCM(wrapping).decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):
        raise VaultLocked(
            "This passphrase doesn't open the store.", cure="Check Caps Lock and try again."
        ) from None
