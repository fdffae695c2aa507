"""What the audit is owed: what was looked at while the store could only be read.

Each note is on a disk before what it speaks of is shown: in a file of the store's folder that has
had its room since there was plenty, or in the user's own config folder where the folder takes
nothing. Where neither takes it, it isn't shown. The next act that can be written writes them into
the audit; a kill in the middle of that writes one twice, never none.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from platformdirs import user_config_path

from consultdesk.vault.lock import exclusive

NAME = "owed"
PLACE = 1024
"""Bytes for one note."""
PLACES = 256
"""Notes that the file in the store's folder has room for."""
_NONCE_BYTES, _TAG_BYTES = 12, 16
_BODY = PLACE - _NONCE_BYTES - _TAG_BYTES
_FREE = bytes(PLACE)


@dataclass(frozen=True)
class Note:
    """An act that only looked, and who did it at that time (UTC ms)."""

    what: str
    at: int
    user: str
    role: str
    case_id: str = ""
    entity: str = ""
    detail: str = ""
    refused: tuple[str, ...] = ()


class Owed:
    """The notes of one store, sealed under a key from its store key."""

    def __init__(self, folder: Path, store_id: str, store: bytes) -> None:
        place = hashlib.sha256(f"{store_id} {folder.resolve()}".encode()).hexdigest()[:32]
        self._here = folder / NAME
        self._there = user_config_path("consultdesk", appauthor=False) / NAME / place
        self._bound = f"owed {store_id}".encode()
        self._seal = AESGCM(HKDF(SHA256(), 32, None, self._bound).derive(store))

    def keep_room(self) -> None:
        """Have room for the day the disk is full. Never raises."""
        with suppress(OSError):
            handle = os.open(self._here, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                held = os.fstat(handle).st_size
                if held < PLACE * PLACES:
                    os.lseek(handle, held, os.SEEK_SET)
                    os.write(handle, bytes(PLACE * PLACES - held))
                    os.fsync(handle)
            finally:
                os.close(handle)

    def put(self, note: Note) -> None:
        """Have a note on a disk before this returns. Raises OSError where no disk takes it."""
        nonce = os.urandom(_NONCE_BYTES)
        body = json.dumps(asdict(note)).encode()
        if len(body) > _BODY:
            raise OSError("a note is larger than its place")
        sealed = nonce + self._seal.encrypt(nonce, body.ljust(_BODY), self._bound)
        try:
            _put(self._here, sealed, grow=False)
        except OSError:
            self._there.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _put(self._there, sealed, grow=True)

    def notes(self) -> tuple[Note, ...]:
        """Every note that opens, the oldest first."""
        found = [note for path in self._paths for _at, note in self._open(path)]
        return tuple(sorted(found, key=lambda note: note.at))

    def strike(self, paid: Note) -> None:
        """Forget a note that the audit holds now. Raises OSError."""
        for path in self._paths:
            for at, note in self._open(path):
                if note == paid:
                    with _open(path, os.O_RDWR) as handle:
                        _write(handle, at, _FREE)

    def move_to(self, other: "Owed") -> None:
        """Seal the notes under the key of another, after an exchange of the store key."""
        held = self.notes()
        if other.notes() == held:
            return
        with suppress(OSError):
            for note in held:
                other.put(note)
                self.strike(note)

    @property
    def _paths(self) -> tuple[Path, Path]:
        return self._here, self._there

    def _open(self, path: Path) -> Iterator[tuple[int, Note]]:
        held = b""
        with suppress(OSError):
            if path.is_file():
                held = path.read_bytes()
        for at in range(0, len(held), PLACE):
            sealed = held[at : at + PLACE]
            if sealed.strip(b"\0"):
                with suppress(InvalidTag, ValueError, TypeError):
                    said = self._seal.decrypt(
                        sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], self._bound
                    )
                    note = Note(**json.loads(said))
                    yield at, replace(note, refused=tuple(note.refused))


def _put(path: Path, sealed: bytes, *, grow: bool) -> None:
    """Into the first free place; in place, so that a full disk has room for it."""
    with _open(path, os.O_RDWR | (os.O_CREAT if grow else 0)) as handle:
        held, at = os.fstat(handle).st_size // PLACE * PLACE, 0
        os.lseek(handle, 0, os.SEEK_SET)
        while at < held and os.read(handle, PLACE) != _FREE:
            at += PLACE
        if at >= held and not grow:
            raise OSError("every place is taken")
        _write(handle, at, sealed)


def _write(handle: int, at: int, place: bytes) -> None:
    os.lseek(handle, at, os.SEEK_SET)
    if os.write(handle, place) != len(place):
        raise OSError("a note was cut off")
    os.fsync(handle)


@contextmanager
def _open(path: Path, how: int) -> Iterator[int]:
    handle = os.open(path, how | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with exclusive(handle):
            yield handle
    finally:
        os.close(handle)
