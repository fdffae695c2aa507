"""SQLCipher's pages as whoever holds the key reads them, freed ones and the log's too.

SQLCipher 4: pages of 4096 bytes, AES-256-CBC, the last 80 bytes hold the IV (16) and the
HMAC-SHA512 (64); the first page begins with 16 bytes of salt. A raw key is used as it is.
"""

from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PAGE, RESERVE, SALT = 4096, 80, 16
LOG_HEAD, FRAME_HEAD = 32, 24


def pages(path: Path, key: bytes) -> Iterator[bytes]:
    """Every page of a database, or of its log, decrypted."""
    data = path.read_bytes()
    if path.name.endswith("-wal"):
        frames = range(LOG_HEAD + FRAME_HEAD, len(data) - PAGE + 1, PAGE + FRAME_HEAD)
        numbered = [
            (int.from_bytes(data[at - FRAME_HEAD : at - FRAME_HEAD + 4]), data[at : at + PAGE])
            for at in frames
        ]
    else:
        starts = range(0, len(data) - PAGE + 1, PAGE)
        numbered = [(at // PAGE + 1, data[at : at + PAGE]) for at in starts]
    for number, page in numbered:
        yield _decrypted(page, key, SALT if number == 1 else 0)


def _decrypted(page: bytes, key: bytes, skipped: int) -> bytes:
    body, iv = page[skipped : PAGE - RESERVE], page[PAGE - RESERVE : PAGE - RESERVE + 16]
    opening = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return opening.update(body) + opening.finalize()
