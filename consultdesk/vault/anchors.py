"""The last audit line as it was signed, kept outside the database: what an older copy lacks."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_config_path

from consultdesk.vault.pairs import Signatures

NAME = "anchors"
PLACE = 1024
"""Bytes for each of the two copies, written in turn, so that one is always whole."""

ANCHORED = frozenset(
    {
        "create_store",
        "sign_letter",
        "sign_version",
        "release_letter",
        "revoke_consent",
        "restore",
        "exchange_keys",
        "set_legal_hold",
        "erase_patient",
        "confirm_clock",
    }
)
"""Acts that are acknowledged only when what they added to the audit is anchored."""


@dataclass(frozen=True)
class Anchor:
    """An audit line that was there once, with the epoch it belongs to; signed by a member."""

    store_id: str
    epoch: int
    seq: int
    link: str
    at: int
    by: str
    signature: str = ""

    @property
    def said(self) -> bytes:
        """What the signature covers."""
        parts = [self.store_id, self.epoch, self.seq, self.link, self.at, self.by]
        return json.dumps(["anchor", *parts]).encode()

    def signed(self, signatures: Signatures) -> "Anchor":
        """The same, signed by the open user."""
        parts = vars(self) | {"signature": signatures.sign(self.said).hex()}
        return Anchor(**parts)

    def is_signed(self, signatures: Signatures) -> bool:
        """Whether the member it names signed it."""
        try:
            signature = bytes.fromhex(self.signature)
        except ValueError:
            return False
        return signatures.made(self.by, self.said, signature)


class Anchors:
    """The anchors of one store: in its folder, and in the user's own config folder.

    The latter goes by the store and where it lies, so that a copy elsewhere isn't taken for it.
    """

    def __init__(self, folder: Path, store_id: str) -> None:
        place = hashlib.sha256(f"{store_id} {folder.resolve()}".encode()).hexdigest()[:32]
        self.store_id = store_id
        self._here = folder / NAME
        self._there = user_config_path("consultdesk", appauthor=False) / NAME / place

    def write(self, anchor: Anchor) -> bool:
        """Write and sync both; False where the config folder takes none.

        Raises OSError where the store's own folder doesn't.
        """
        _write(self._here, anchor)
        try:
            self._there.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(self._there, anchor)
        except OSError:
            return False
        return True

    def read(self, signatures: Signatures) -> tuple[Anchor, ...]:
        """Every anchor of this store that a member signed, in no order."""
        return tuple(
            anchor
            for path in (self._here, self._there)
            for anchor in _read(path)
            if anchor.store_id == self.store_id and anchor.is_signed(signatures)
        )


def _write(path: Path, anchor: Anchor) -> None:
    """Over the older of the two copies, in place: a full disk has room for it."""
    found = _places(path)
    at = min(range(2), key=lambda n: _order(found[n]))
    body = json.dumps(vars(anchor))
    said = f"{hashlib.sha256(body.encode()).hexdigest()} {body}".encode()
    if len(said) > PLACE:
        raise ValueError("an anchor is larger than its place")
    fresh = not path.exists()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        if os.fstat(handle).st_size < 2 * PLACE:
            os.write(handle, b" " * 2 * PLACE)
        os.lseek(handle, at * PLACE, os.SEEK_SET)
        os.write(handle, said.ljust(PLACE))
        os.fsync(handle)
    finally:
        os.close(handle)
    if fresh and os.name != "nt":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _order(anchor: Anchor | None) -> tuple[int, int]:
    return (anchor.epoch, anchor.seq) if anchor else (0, 0)


def _read(path: Path) -> Iterator[Anchor]:
    yield from (one for one in _places(path) if one)


def _places(path: Path) -> list[Anchor | None]:
    data = b""
    with suppress(OSError):
        if path.is_file():
            with path.open("rb") as file:
                data = file.read(2 * PLACE)
    return [_anchor(data[at : at + PLACE]) for at in (0, PLACE)]


def _anchor(said: bytes) -> Anchor | None:
    try:
        digest, body = said.decode().rstrip().split(" ", 1)
        if hashlib.sha256(body.encode()).hexdigest() != digest:
            return None
        parts = json.loads(body)
        return Anchor(
            str(parts["store_id"]),
            int(parts["epoch"]),
            int(parts["seq"]),
            str(parts["link"]),
            int(parts["at"]),
            str(parts["by"]),
            str(parts["signature"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
