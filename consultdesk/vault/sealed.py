"""Clinical values sealed a second time, each bound to its own place in the store."""

import hmac
import json
import os
import zlib
from collections.abc import Callable, Iterable, Mapping
from json.encoder import encode_basestring
from json.encoder import encode_basestring_ascii as _said
from types import MappingProxyType, NoneType
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from consultdesk.errors import VaultDamaged
from consultdesk.vault.key import KEY_BYTES, new_key, subkey

_NONCE_BYTES = 12
_PLAIN, _PACKED = b"\x01", b"\x02"
_PACK_FROM = 512
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_PARTS: dict[type, Callable[[Any], str]] = {
    str: encode_basestring,
    int: int.__repr__,
    NoneType: lambda _nothing: "null",
    bytes: lambda sealed: f'"{sealed.hex()}"',
}
"""What rows are mostly made of, as `_json` says it: an act says some forty of them."""

Value = str | int | float | bool | None | list["Value"] | dict[str, "Value"]
"""What can be sealed: anything JSON can say."""


class SealingKey:
    """The key of one case, one patient or the practice: seals and opens their values."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError("a sealing key has 32 bytes")
        self._cipher = AESGCM(key)

    def seal(
        self, value: Value, table: str, column: str, row_id: str, key_version: int = 1
    ) -> bytes:
        """`value` by AES-256-GCM, bound to its table, column, row and key version."""
        text = _bytes(_json(value))
        body = _PACKED + zlib.compress(text) if len(text) >= _PACK_FROM else _PLAIN + text
        nonce = os.urandom(_NONCE_BYTES)
        place = _place(table, column, row_id, key_version)
        return bytes([key_version]) + nonce + self._cipher.encrypt(nonce, body, place)

    def unseal(self, sealed: bytes, table: str, column: str, row_id: str) -> Value:
        """The value. Raises VaultDamaged when it was changed or belongs elsewhere."""
        try:
            version, nonce = sealed[0], sealed[1 : 1 + _NONCE_BYTES]
            place = _place(table, column, row_id, version)
            body = self._cipher.decrypt(nonce, sealed[1 + _NONCE_BYTES :], place)
        except (InvalidTag, ValueError, TypeError, IndexError):
            raise VaultDamaged(
                "A sealed entry of the store was changed or moved.", cure="Verify the store."
            ) from None
        text = zlib.decompress(body[1:]) if body[:1] == _PACKED else body[1:]
        value: Value = json.loads(text.decode("utf-8", "surrogatepass"))
        return value


CARRIED = ("*tokens", "*macs", "*practice")
"""Keys that stay when the clinical key is exchanged: what they made can't be made anew."""


class ClinicalKey:
    """What the clinical key opens: sealing keys of their own, tokens, and MACs.

    `carried` are keys of an earlier clinical key that are still in use, wrapped under this one.
    """

    def __init__(self, key: bytes, carried: Mapping[str, bytes] = MappingProxyType({})) -> None:
        self._key = key
        self._wrapping = SealingKey(subkey(key, "wrap"))
        self._inner = {
            owner: bytes.fromhex(self._unwrapped(carried[owner], owner))
            if owner in carried
            else subkey(key, owner.removeprefix("*"))
            for owner in CARRIED
        }
        self._tokens, self._macs, practice = (self._inner[owner] for owner in CARRIED)
        self.search = subkey(key, "search")
        self.practice = SealingKey(practice)

    def carrying(self, carried: Mapping[str, bytes]) -> "ClinicalKey":
        """The same key with what it carries of an earlier one."""
        return ClinicalKey(self._key, carried)

    def carried_under(self, after: "ClinicalKey") -> dict[str, bytes]:
        """What another clinical key has to carry, wrapped under it."""
        return {owner: after.wrapped(key, owner) for owner, key in self._inner.items()}

    def rewrapped(self, wrapped: bytes, owner: str, after: "ClinicalKey") -> bytes:
        """A case's or patient's key wrapped under another clinical key. Raises VaultDamaged."""
        return after.wrapped(bytes.fromhex(self._unwrapped(wrapped, owner)), owner)

    def wrapped(self, key: bytes, owner: str) -> bytes:
        """A key as it lies in the row of its owner."""
        return self._wrapping.seal(key.hex(), "sealing_key", "wrapped", owner)

    def _unwrapped(self, wrapped: bytes, owner: str) -> str:
        return str(self._wrapping.unseal(wrapped, "sealing_key", "wrapped", owner))

    def new_sealing_key(self, owner: str) -> tuple[bytes, SealingKey]:
        """A random key for a case or a patient: wrapped for its row, and ready for use.

        It is random, not derived, so that destroying the row destroys what it sealed.
        """
        key = new_key()
        return self.wrapped(key, owner), SealingKey(key)

    def sealing_key(self, wrapped: bytes, owner: str) -> SealingKey:
        """Open a wrapped key. Raises VaultDamaged."""
        return SealingKey(bytes.fromhex(self._unwrapped(wrapped, owner)))

    def token(self, scope: str, dimension: str, code: str) -> str:
        """A code as a keyed token: the same within a scope, meaningless without the key.

        Triggers compare tokens without reading them; across cases they can't be matched.
        """
        said = json.dumps([scope, dimension, code]).encode()  # ASCII only
        return hmac.digest(self._tokens, said, "sha256").hex()[:32]

    def mac(self, table: str, parts: Iterable[object]) -> str:
        """HMAC-SHA256 (hex) over what a row says; the store key alone can't make one."""
        return self.mac_over(canonical(table, parts))

    def mac_over(self, said: bytes) -> str:
        """The same over what was made canonical before."""
        return hmac.digest(self._macs, said, "sha256").hex()


def canonical(table: str, parts: Iterable[object]) -> bytes:
    """One unambiguous byte string for a row: JSON, with bytes as hex."""
    return _bytes(f"[{encode_basestring(table)}{_after(parts)}]")


def longer(said: bytes, parts: Iterable[object]) -> bytes:
    """What `canonical` says of a row of which these parts are the last, and `said` all others."""
    return said[:-1] + _bytes(f"{_after(parts)}]")


def _after(parts: Iterable[object]) -> str:
    return "".join(["," + _PARTS.get(type(part), _json)(part) for part in parts])


def encodable(text: str) -> str:
    """A text that UTF-8 can say: file names and broken PDFs bring half surrogate pairs."""
    return text.encode("utf-8", "replace").decode()


def _bytes(text: str) -> bytes:
    # as it came, half surrogate pairs too
    return text.encode("utf-8", "surrogatepass")


def _place(table: str, column: str, row_id: str, version: int) -> bytes:
    """As `json.dumps` says a list of these; it is asked for at every sealed value."""
    return f"[{_said(table)}, {_said(column)}, {_said(row_id)}, {version}]".encode()
