"""A ZIP behind a password, AES-256, written as it streams: what a patient opens at home.

WinZip AE-2 (winzip.com/en/support/aes-encryption; APPNOTE.TXT 6.3.10, method 99): 7-Zip,
WinZip, Keka, The Unarchiver and Linux's archive managers open it. An age file would need a
program nobody has; an encrypted PDF would have to be held in memory whole, and a disc of
images is gigabytes. Names and sizes in a ZIP can be read without the password, so they say
nothing; the password is stretched by only 1,000 rounds, so it is made by the desk and long.
"""

import hashlib
import hmac
import os
import secrets
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from time import gmtime

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from consultdesk.transports.whole import write_all

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 5, 5
_ROUNDS, _SALT, _CHECK, _MAC, _KEY = 1000, 16, 2, 10, 32
_VERSION, _METHOD, _FLAGS = 51, 99, 0x0801
"""Needs AES; method "AES"; flags encrypted, and names in UTF-8."""
_AES_EXTRA = struct.pack("<HHH2sBH", 0x9901, 7, 2, b"AE", 3, 0)
"""AE-2, 256 bits, stored as it is inside: images and PDFs don't shrink any further."""
_BIG = 0xFFFFFFFF


def new_password() -> str:
    """A password that can be told by telephone: five groups of five, about 123 bits."""
    return "-".join(
        "".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS)
    )


@dataclass(frozen=True)
class _Entry:
    name: bytes
    when: tuple[int, int]
    start: int
    size: int

    @property
    def stored(self) -> int:
        return _SALT + _CHECK + self.size + _MAC


class SealedZip:
    """Writes one entry after another into an open file; `finish` writes the directory.

    An entry that fails half-way is taken out again, and the next one takes its place.
    """

    def __init__(self, file: FileIO, password: str) -> None:
        if len(password) < _GROUPS * _GROUP:
            raise ValueError("the password must be one that the desk made")
        self._file = file
        self._password = password.encode()
        self._entries: list[_Entry] = []
        self._end = 0

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write an entry, encrypted piece by piece. What `pieces` raises is raised."""
        salt = os.urandom(_SALT)
        entry = _Entry(name.encode(), _dos_time(), self._end, 0)
        with self._undone_on_failure():
            self._write(_local(entry))
            derived = hashlib.pbkdf2_hmac(
                "sha1", self._password, salt, _ROUNDS, dklen=2 * _KEY + _CHECK
            )
            self._write(salt + derived[-_CHECK:])
            mac = hmac.new(derived[_KEY : 2 * _KEY], digestmod=hashlib.sha1)
            size = 0
            for sealed in _ciphered(derived[:_KEY], pieces):
                mac.update(sealed)
                self._write(sealed)
                size += len(sealed)
            self._write(mac.digest()[:_MAC])
            entry = _Entry(entry.name, entry.when, entry.start, size)
            self._file.seek(entry.start)
            self._write(_local(entry))
        self._entries.append(entry)
        self._end = entry.start + len(_local(entry)) + entry.stored
        self._file.seek(self._end)

    def finish(self) -> None:
        """Write the directory; without it the file is no archive."""
        directory = b"".join(_central(entry) for entry in self._entries)
        self._write(directory + _ending(len(self._entries), self._end, len(directory)))

    def _write(self, data: bytes) -> None:
        write_all(self._file, data)

    @contextmanager
    def _undone_on_failure(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._file.seek(self._end)
            self._file.truncate()
            raise


def _ciphered(key: bytes, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """AES in counter mode; the counter is little-endian and begins at 1, as AE-2 has it."""
    # Here, not at the top: it is slow to load, and few ever write an archive.
    import numpy as np

    # the standard's counter is one the library lacks: blocks of the counter, each once
    cipher = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305
    block, left = 1, b""
    for piece in pieces:
        blocks = -(-(len(piece) - len(left)) // 16) if len(piece) > len(left) else 0
        counters = np.zeros((blocks, 2), dtype="<u8")
        counters[:, 0] = np.arange(block, block + blocks, dtype="<u8")
        stream = left + cipher.update(counters.tobytes())
        block += blocks
        used = np.frombuffer(stream, np.uint8, count=len(piece))
        yield (np.frombuffer(piece, np.uint8) ^ used).tobytes()
        left = stream[len(piece) :]


def _dos_time() -> tuple[int, int]:
    """Time and date of now, UTC, as DOS writes them."""
    now = gmtime()
    day = (max(1980, now.tm_year) - 1980) << 9 | now.tm_mon << 5 | now.tm_mday
    return now.tm_hour << 11 | now.tm_min << 5 | now.tm_sec // 2, day


def _local(entry: _Entry) -> bytes:
    """The header before an entry; its sizes always in 64 bits, so that it never grows."""
    wide = struct.pack("<HHQQ", 1, 16, entry.size, entry.stored)
    extra = wide + _AES_EXTRA
    head = struct.pack(
        "<IHHHHHIIIHH", 0x04034B50, _VERSION, _FLAGS, _METHOD, *entry.when, 0, _BIG, _BIG,
        len(entry.name), len(extra),
    )  # fmt: skip
    return head + entry.name + extra


def _central(entry: _Entry) -> bytes:
    wide = struct.pack("<HHQQQ", 1, 24, entry.size, entry.stored, entry.start)
    extra = wide + _AES_EXTRA
    head = struct.pack(
        "<IHHHHHHIIIHHHHHII", 0x02014B50, _VERSION, _VERSION, _FLAGS, _METHOD, *entry.when, 0,
        _BIG, _BIG, len(entry.name), len(extra), 0, 0, 0, 0, _BIG,
    )  # fmt: skip
    return head + entry.name + extra


def _ending(entries: int, start: int, length: int) -> bytes:
    wide = struct.pack(
        "<IQHHIIQQQQ", 0x06064B50, 44, _VERSION, _VERSION, 0, 0, entries, entries, length, start
    )
    locator = struct.pack("<IIQI", 0x07064B50, 0, start + length, 1)
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, _BIG, _BIG, 0)
    return wide + locator + end
