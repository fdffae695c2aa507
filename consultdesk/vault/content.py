"""Large content at rest: age v1 files, one identity each, read back at any offset."""

import base64
import hashlib
import hmac
import io
import os
import secrets
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

import pyrage
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from consultdesk.consultation.source import MemorySource, Progress, Source
from consultdesk.errors import Cancelled, DiskFailed, RecordUnreadable, VaultDamaged
from consultdesk.vault.disk import not_written
from consultdesk.vault.header import sync_folder

_CHUNK = 64 * 1024
_TAG = 16
_SEALED_CHUNK = _CHUNK + _TAG
_MOST_HEADER = 4096
_BUFFER = 256 * 1024
_AHEAD = 2 << 20
_AT_ONCE = 8  # chunks read in one go
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


@dataclass(frozen=True)
class Member:
    """One file inside a content: where it begins, how long it is, its SHA-256 (hex)."""

    name: str
    sha256: str
    size: int
    offset: int


@dataclass(frozen=True)
class Content:
    """One sealed file in the content folder, and the identity that opens it."""

    name: str
    identity: str
    size: int
    members: tuple[Member, ...]


class _Joined(io.RawIOBase):
    """Several sources read as one stream, hashed as they pass, polled for cancel."""

    def __init__(self, sources: Iterable[Source], progress: Progress) -> None:
        self._sources = iter(sources)
        self._progress = progress
        self._source: Source | None = None
        self._stream: BinaryIO | None = None
        self._hash = hashlib.sha256()
        self._size = 0
        self.total = 0
        self.members: list[Member] = []
        self.failure: BaseException | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # RawIOBase says only "a buffer"
        try:
            data = self._read(len(view))
        except BaseException as error:
            self.failure = error  # pyrage passes on no more than its words
            raise
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if self._stream:
            self._stream.close()
        super().close()

    def _read(self, size: int) -> bytes:
        if self._progress.cancelled():
            raise Cancelled("Stopped. Nothing of this record was kept.")
        while True:
            data = self._more(size)
            if data is None:
                return b""
            if data:
                if not isinstance(self._source, MemorySource):
                    self._hash.update(data)
                self._size += len(data)
                self.total += len(data)
                return data
            self._finish()

    def _more(self, size: int) -> bytes | None:
        """The next bytes, none at the end of one source, None at the end of all."""
        try:
            if self._stream is None and not self._next():
                return None
            return self._stream.read(size) if self._stream else b""
        except OSError as error:
            raise RecordUnreadable(
                f"The file {self._source.name if self._source else ''} can't be read from where "
                "it lies.",
                kept="Nothing of this record was kept.",
            ) from error

    def _next(self) -> bool:
        self._source = next(self._sources, None)
        if self._source is None:
            return False
        self._stream = self._source.open()
        self._hash, self._size = hashlib.sha256(), 0
        return True

    def _finish(self) -> None:
        if self._stream:
            self._stream.close()
        source, self._source, self._stream = self._source, None, None
        if source:
            known = source.sha256 if isinstance(source, MemorySource) else self._hash.hexdigest()
            offset = self.total - self._size
            self.members.append(Member(source.name, known, self._size, offset))


class _Written:
    """A file being written, with the error that stopped it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._since = 0
        self.failure: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            self._since += len(data)
            if self._since >= _AHEAD:
                self.send_ahead()
            return self._file.write(data)
        except OSError as error:
            self.failure = error
            raise

    def send_ahead(self) -> None:
        """Let the disk begin with what it has, so that the sync at the end has less to wait for."""
        self._since = 0
        self._file.flush()
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(self._file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    def flush(self) -> None:
        self._file.flush()


def store(folder: Path, sources: Iterable[Source], progress: Progress | None = None) -> Content:
    """Seal the sources one behind the other in a new file, synced before this returns.

    Raises Cancelled, RecordUnreadable for a source that can't be read, VaultDamaged when
    the disk is full; nothing is left behind then.
    """
    content = seal(folder, sources, progress)
    try:
        with Syncing(folder) as syncing:
            syncing.begin(content)
            syncing.finish()
    except BaseException:
        (folder / content.name).unlink(missing_ok=True)
        raise
    return content


def seal(folder: Path, sources: Iterable[Source], progress: Progress | None = None) -> Content:
    """As `store`, but a power cut may still take the file away until it is synced."""
    identity = pyrage.x25519.Identity.generate()
    name = secrets.token_hex(16)
    joined = _Joined(sources, progress or Progress())
    path = folder / name
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", _BUFFER) as new:
            _encrypt(joined, new, identity.to_public())
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise not_written(error) from error
        raise
    finally:
        joined.close()
    return Content(name, str(identity), joined.total, tuple(joined.members))


class Syncing:
    """Has what is sealed survive a power cut, while its caller goes on until `finish`.

    The one thread outside the desktop: it waits for the disk, up to half of the time an
    import takes, and touches nothing else.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._thread = ThreadPoolExecutor(1, "syncing")
        self._begun: list[Future[None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(cancel_futures=True)

    def begin(self, content: Content) -> None:
        """Have the disk take this file in."""
        self._begun.append(self._thread.submit(_sync_file, self._folder / content.name))

    def finish(self) -> None:
        """Wait until the disk has all of them. Raises DiskFailed, DiskFull."""
        try:
            for one in self._begun:
                one.result()
            sync_folder(self._folder)
        except OSError as error:
            raise not_written(error) from error


def _sync_file(path: Path) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _encrypt(joined: _Joined, file: BinaryIO, recipient: pyrage.x25519.Recipient) -> None:
    written = _Written(file)
    try:
        pyrage.encrypt_io(io.BufferedReader(joined, _CHUNK), written, [recipient])
        written.send_ahead()
    except pyrage.EncryptError as error:
        raise joined.failure or written.failure or error from None


class SealedStream(io.RawIOBase):
    """A sealed content as a seekable read-only stream; only the chunks asked for are opened.

    Header, length and last chunk are authenticated when it opens (age-encryption.org/v1,
    section "Payload": STREAM of ChaCha20-Poly1305 over 64 KiB chunks).
    Raises VaultDamaged for a file that was cut, changed or swapped, DiskFailed for one that the
    disk doesn't deliver.
    """

    def __init__(self, path: Path, identity: str, *, offset: int = 0, size: int = -1) -> None:
        super().__init__()
        try:
            # a pipe in its place would have its reader wait for ever
            if path.is_symlink() or not path.is_file():
                raise _damaged()
            # whole chunks are asked for, so a buffer would only copy them
            self._file = path.open("rb", buffering=0)
        except OSError:
            raise _damaged() from None
        self._buffer = memoryview(bytearray(_SEALED_CHUNK))
        self._chunk = memoryview(bytearray(_CHUNK))
        self._number, self._held = -1, 0
        try:
            self._start, self._cipher = _open_header(self._file, identity)
            self._length = self._authenticate()
        except (VaultDamaged, ValueError, InvalidTag):
            self._file.close()
            raise _damaged() from None
        except OSError as error:
            self._file.close()
            raise _not_delivered() from error
        self._offset = offset
        self._size = self._length - offset if size < 0 else size
        self._position = 0
        if offset + self._size > self._length:
            self._file.close()
            raise _damaged()

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes: any offset costs the opening of one chunk."""
        return True

    def tell(self) -> int:
        """Position in bytes."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a byte; beyond the end reads nothing."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: object) -> int:
        """Fill the buffer as far as the content goes. Raises VaultDamaged."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # as above
        wanted = min(len(view), self._size - self._position)
        done = 0
        while done < wanted:
            took = self._fill(view[done:wanted])
            if not took:
                raise _damaged()
            done += took
            self._position += took
        return max(0, done)

    def close(self) -> None:
        """Drop the opened chunk and close the file."""
        self._number, self._chunk = -1, memoryview(b"")
        if hasattr(self, "_file"):
            self._file.close()
        super().close()

    def _authenticate(self) -> int:
        end = self._file.seek(0, io.SEEK_END)
        sealed = end - self._start
        if sealed < _TAG:
            raise VaultDamaged("")
        self._last = (sealed - 1) // _SEALED_CHUNK
        self._open(self._last, self._lying(self._last, 1))
        if self._last and not self._held:
            raise VaultDamaged("")
        return self._last * _CHUNK + self._held

    def _fill(self, part: memoryview) -> int:
        """The beginning of it, at least one chunk's worth; the number of bytes."""
        number, start = divmod(self._offset + self._position, _CHUNK)
        if number == self._number:
            return self._copy(start, part)
        many = (start + len(part) - 1) // _CHUNK + 1
        done = 0
        try:
            lying = self._lying(number, min(many, _AT_ONCE))
            for place in range(0, len(lying), _SEALED_CHUNK):
                sealed, rest = lying[place : place + _SEALED_CHUNK], part[done:]
                if not start and len(sealed) - _TAG == _CHUNK <= len(rest):
                    # where it is wanted, without a copy
                    done += self._cipher.decrypt_into(
                        self._nonce(number), sealed, None, rest[:_CHUNK]
                    )
                else:
                    self._open(number, sealed)
                    done += self._copy(start, rest)
                number, start = number + 1, 0
        except InvalidTag:
            raise _damaged() from None
        except OSError as error:
            raise _not_delivered() from error
        return done

    def _copy(self, start: int, place: memoryview) -> int:
        """Bytes of the chunk that is open."""
        took = max(0, min(len(place), self._held - start))
        place[:took] = self._chunk[start : start + took]
        return took

    def _open(self, number: int, sealed: memoryview) -> None:
        """Keep one chunk open. Raises InvalidTag."""
        self._number = -1
        place = self._chunk[: max(0, len(sealed) - _TAG)]
        self._held = self._cipher.decrypt_into(self._nonce(number), sealed, None, place)
        self._number = number

    def _lying(self, number: int, many: int) -> memoryview:
        """So many chunks as they lie, fewer at the end: they are read in one go."""
        wanted = many * _SEALED_CHUNK
        if wanted > len(self._buffer):
            self._buffer = memoryview(bytearray(wanted))
        self._file.seek(self._start + number * _SEALED_CHUNK)
        return self._buffer[: self._file.readinto(self._buffer[:wanted])]

    def _nonce(self, number: int) -> bytes:
        return number.to_bytes(11, "big") + (b"\1" if number == self._last else b"\0")


@dataclass(frozen=True)
class SealedSource:
    """One received file inside a sealed content, as a Source."""

    name: str
    size: int
    path: Path
    identity: str
    offset: int = 0

    def open(self) -> BinaryIO:
        """A new stream over the file's own bytes. Raises RecordUnreadable when damaged."""
        try:
            raw = SealedStream(self.path, self.identity, offset=self.offset, size=self.size)
        except VaultDamaged as damage:
            raise RecordUnreadable(damage.message) from damage
        return io.BufferedReader(raw, _CHUNK)


def sweep(folder: Path, known: frozenset[str]) -> tuple[str, ...]:
    """Names in the content folder that no row speaks of: left by a process that was killed.

    Raises DiskFailed.
    """
    try:
        return tuple(sorted(path.name for path in folder.iterdir() if path.name not in known))
    except OSError as error:
        raise _not_delivered("the store's folder for files") from error


def chunks(stream: BinaryIO, size: int = 1 << 20) -> Iterator[bytes]:
    """A stream piece by piece."""
    while piece := stream.read(size):
        yield piece


def _not_delivered(what: str = "this file") -> DiskFailed:
    return DiskFailed(
        f"The disk doesn't deliver {what}.",
        kept="Everything else can be used.",
        cure="Check the disk, then try again.",
    )


def _damaged() -> VaultDamaged:
    return VaultDamaged(
        "This file was damaged or exchanged on disk.",
        kept="Everything else can be used.",
        cure="Restore it from a backup.",
    )


def _open_header(file: BinaryIO, identity: str) -> tuple[int, ChaCha20Poly1305]:
    """Where the chunks begin, and the cipher for them (age v1, sections "Header" and "X25519")."""
    head = file.read(_MOST_HEADER)
    body_end = head.index(b"\n--- ") + 4
    line_end = head.index(b"\n", body_end)
    stated = _unpadded(head[body_end + 1 : line_end])
    file_key = _unwrap_file_key(head[:body_end].split(b"\n"), identity)
    expected = hmac.digest(_hkdf(file_key, b"", b"header"), head[:body_end], "sha256")
    if not hmac.compare_digest(stated, expected):
        raise VaultDamaged("")
    nonce = head[line_end + 1 : line_end + 17]
    return line_end + 17, ChaCha20Poly1305(_hkdf(file_key, nonce, b"payload"))


def _unwrap_file_key(lines: list[bytes], identity: str) -> bytes:
    private = X25519PrivateKey.from_private_bytes(_identity_bytes(identity))
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    for place, line in enumerate(lines):
        parts = line.split(b" ")
        if parts[:2] != [b"->", b"X25519"] or len(parts) != 3:
            continue
        share = _unpadded(parts[2])
        secret = private.exchange(X25519PublicKey.from_public_bytes(share))
        wrapping = _hkdf(secret, share + public, b"age-encryption.org/v1/X25519")
        try:
            return ChaCha20Poly1305(wrapping).decrypt(bytes(12), _unpadded(lines[place + 1]), None)
        except InvalidTag:
            continue
    raise VaultDamaged("")


def _hkdf(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt or None, info).derive(secret)


def _unpadded(text: bytes) -> bytes:
    """Canonical base64 without padding, as age asks for. Raises ValueError."""
    data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    if base64.b64encode(data).rstrip(b"=") != text:
        raise ValueError("not canonical")
    return data


def _identity_bytes(identity: str) -> bytes:
    """The 32 bytes of an AGE-SECRET-KEY-1… (Bech32, BIP 173; pyrage made it, so no checksum)."""
    data = identity.lower().rpartition("1")[2][:-6]
    value = 0
    for letter in data:
        value = value << 5 | _BECH32.index(letter)
    spare = len(data) * 5 - 256
    return (value >> spare).to_bytes(32, "big")
