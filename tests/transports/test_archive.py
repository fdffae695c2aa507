"""The archive behind a password: read back by a reader of its own, written from the standard."""

import hashlib
import hmac
import os
import struct
import zipfile
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from consultdesk.transports.archive import SealedZip, new_password


def opened(path: Path, password: str) -> dict[str, bytes]:
    """Every entry, its MAC checked. Sizes and places come from Python's own reader of ZIPs."""
    data, found = path.read_bytes(), {}
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            assert info.compress_type == 99
            assert info.flag_bits & 1
            names, extras = struct.unpack_from("<HH", data, info.header_offset + 26)
            start = info.header_offset + 30 + names + extras
            found[info.filename] = _opened(data[start : start + info.compress_size], password)
            assert len(found[info.filename]) == info.file_size
    return found


def _opened(sealed: bytes, password: str) -> bytes:
    salt, check, body, mac = sealed[:16], sealed[16:18], sealed[18:-10], sealed[-10:]
    derived = hashlib.pbkdf2_hmac("sha1", password.encode(), salt, 1000, 66)
    assert check == derived[64:], "wrong password"
    assert mac == hmac.digest(derived[32:64], body, "sha1")[:10], "changed"
    cipher = Cipher(algorithms.AES(derived[:32]), modes.ECB()).encryptor()  # noqa: S305 - as AE-2 has it
    blocks = -(-len(body) // 16)
    stream = cipher.update(b"".join(n.to_bytes(16, "little") for n in range(1, blocks + 1)))
    return bytes(a ^ b for a, b in zip(body, stream, strict=False))


def written(path: Path, password: str, entries: dict[str, list[bytes]]) -> Path:
    with FileIO(path, "wb") as file:
        archive = SealedZip(file, password)
        for name, pieces in entries.items():
            archive.add(name, pieces)
        archive.finish()
    return path


def test_what_goes_in_comes_out_whatever_the_pieces(tmp_path: Path) -> None:
    password = new_password()
    pieces = {
        "empty": [],
        "odd/pieces": [os.urandom(n) for n in (1, 15, 16, 17, 0, 3, 70_001)],
        "whole": [b"plain " * 1000],
        "één.txt": [b"x"],
    }
    path = written(tmp_path / "a.zip", password, pieces)
    assert opened(path, password) == {name: b"".join(said) for name, said in pieces.items()}
    assert b"plain plain" not in path.read_bytes()


def test_another_password_opens_nothing(tmp_path: Path) -> None:
    path = written(tmp_path / "a.zip", new_password(), {"a": [b"secret"]})
    with pytest.raises(AssertionError, match=r"wrong password|changed"):
        opened(path, new_password())


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    password = new_password()
    path = written(tmp_path / "a.zip", password, {"a": [b"secret words"]})
    data = bytearray(path.read_bytes())
    data[data.index(b"a", 30) + 1 + 31 + 18 + 3] ^= 1
    path.write_bytes(data)
    with pytest.raises(AssertionError, match="changed"):
        opened(path, password)


def test_an_entry_that_fails_half_way_leaves_no_trace(tmp_path: Path) -> None:
    def failing() -> Iterator[bytes]:
        yield b"2" * 5000
        raise OSError("gone")

    password = new_password()
    with FileIO(tmp_path / "a.zip", "wb") as file:
        archive = SealedZip(file, password)
        archive.add("first", [b"1" * 100])
        with pytest.raises(OSError, match="gone"):
            archive.add("second", failing())
        archive.add("third", [b"3" * 10])
        archive.finish()
    assert opened(tmp_path / "a.zip", password) == {"first": b"1" * 100, "third": b"3" * 10}


def test_a_password_that_a_person_would_choose_is_not_taken(tmp_path: Path) -> None:
    with FileIO(tmp_path / "a.zip", "wb") as file, pytest.raises(ValueError, match="desk made"):
        SealedZip(file, "summer2026")
    assert len({new_password() for _ in range(100)}) == 100
