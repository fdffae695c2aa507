"""A member's two key pairs: one to be sent keys by others, one to sign with."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from consultdesk.errors import VaultDamaged

_PUBLIC_BYTES = 32
_NONCE_BYTES = 12
_DIGITS = 20


@dataclass(frozen=True)
class Public:
    """What others may know of a pair: X25519 (RFC 7748) and Ed25519 (RFC 8032), raw bytes."""

    box: bytes
    signing: bytes

    @property
    def spoken(self) -> str:
        """Twenty digits that tell this pair from any other, to be read out and typed."""
        number = int.from_bytes(hashlib.sha256(self.box + self.signing).digest(), "big")
        said = str(number % 10**_DIGITS).zfill(_DIGITS)
        return " ".join(said[at : at + 5] for at in range(0, _DIGITS, 5))


@dataclass(frozen=True)
class Pair:
    """Both private keys, raw bytes."""

    box: bytes = field(repr=False)
    signing: bytes = field(repr=False)

    @property
    def public(self) -> Public:
        """What others may know of it."""
        return Public(
            X25519PrivateKey.from_private_bytes(self.box).public_key().public_bytes_raw(),
            public_of(self.signing),
        )


@dataclass(frozen=True)
class Signatures:
    """Who signs here, and by which public keys and in which roles each member is known."""

    own: bytes = field(default=b"", repr=False)
    known: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def sign(self, message: bytes) -> bytes:
        """The open user's signature."""
        return sign(self.own, message)

    def made(self, by: str, message: bytes, signature: bytes) -> bool:
        """Whether that member signed this."""
        return any(is_signed(key, message, signature) for key in self.known.get(by, ()))


def new_pair() -> Pair:
    """Make a random pair."""
    return Pair(X25519PrivateKey.generate().private_bytes_raw(), new_signing())


def new_signing() -> bytes:
    """Make a random Ed25519 key, raw bytes."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def public_of(signing: bytes) -> bytes:
    """The public key of an Ed25519 key."""
    return Ed25519PrivateKey.from_private_bytes(signing).public_key().public_bytes_raw()


def sign(signing: bytes, message: bytes) -> bytes:
    """Ed25519 signature of the message."""
    return Ed25519PrivateKey.from_private_bytes(signing).sign(message)


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the holder of `public`'s other half signed the message."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def send(to: Public, key: bytes, bound_to: bytes) -> bytes:
    """`key` for the holder of a pair alone: ephemeral X25519, HKDF-SHA256, AES-256-GCM."""
    once = X25519PrivateKey.generate()
    there = once.public_key().public_bytes_raw()
    shared = once.exchange(X25519PublicKey.from_public_bytes(to.box))
    nonce = os.urandom(_NONCE_BYTES)
    cipher = AESGCM(_shared_key(shared, there, to.box))
    return there + nonce + cipher.encrypt(nonce, key, bound_to)


def receive(pair: Pair, sent: bytes, bound_to: bytes) -> bytes:
    """What was sent to this pair. Raises VaultDamaged when it wasn't, or isn't that key."""
    there, rest = sent[:_PUBLIC_BYTES], sent[_PUBLIC_BYTES:]
    try:
        private = X25519PrivateKey.from_private_bytes(pair.box)
        shared = private.exchange(X25519PublicKey.from_public_bytes(there))
        cipher = AESGCM(_shared_key(shared, there, pair.public.box))
        return cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):
        raise VaultDamaged(
            "A key that was handed to you in the key file was changed.",
            cure="Restore keys.json from its copy or from a backup.",
        ) from None


def _shared_key(shared: bytes, once: bytes, to: bytes) -> bytes:
    return HKDF(SHA256(), 32, once + to, b"consultdesk handed key").derive(shared)
