"""Looking for words where none may be read."""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

MAGICS = {
    "PDF": re.compile(rb"%PDF-\d"),
    "PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "JPEG": re.compile(rb"\xff\xd8\xff[\xdb\xe0\xe1\xee]"),
    "DICOM": re.compile(rb"\0{64}DICM"),
    "SQLite": re.compile(rb"SQLite format 3\0"),
}


def spellings(word: str) -> tuple[bytes, ...]:
    """A word in UTF-8 and in both kinds of UTF-16, in three cases."""
    cases = {word, word.lower(), word.upper()}
    return tuple(c.encode(code) for c in cases for code in ("utf-8", "utf-16-le", "utf-16-be"))


def readable(folder: Path, word: str) -> list[str]:
    """Every file below that says the word, also inside a zlib stream, or begins a known format."""
    return sorted(
        {hit for path in folder.rglob("*") if path.is_file() for hit in _hits(path, word)}
    )


def _hits(path: Path, word: str) -> Iterator[str]:
    data = path.read_bytes()
    for body in (data, *_inflated(data)):
        if any(spelling in body for spelling in spellings(word)):
            yield f"{path.name}: {word}"
    for name, magic in MAGICS.items():
        if magic.search(data):
            yield f"{path.name}: {name}"


def _inflated(data: bytes) -> Iterator[bytes]:
    for start in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data):
        try:
            yield zlib.decompressobj().decompress(data[start.start() :], 1 << 20)
        except zlib.error:
            continue
