"""Finds what should have been sealed: given words in any disguise, and the heads of records.

scanner = Scanner(words, spared)
scanner.snapshot(tree)  # as often as one likes, while the process runs
assert scanner.findings == []
"""

import base64
import hashlib
import os
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_HEADS = {
    "PDF": re.compile(rb"%PDF-\d"),
    "PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "TIFF": re.compile(rb"\A(?:II\*\0|MM\0\*)"),
    "DICOM": re.compile(rb"\A.{128}DICM|\0{128}DICM", re.DOTALL),
    "C-CDA": re.compile(rb"<(?:\w+:)?ClinicalDocument[\s>]"),
    "FHIR": re.compile(rb'"resourceType"\s*:'),
    "plain database": re.compile(rb"SQLite format 3\0"),
    "opened identity": re.compile(rb"AGE-SECRET-KEY-1"),
}
_JPEG = re.compile(rb"\xff\xd8(?=\xff[\xc0-\xfe])")
_FIRST_TRY = 4096  # sealed bytes that look like a stream break off long before
_LARGEST_STREAM = 64 << 20
_PIECE = 64 << 10


@dataclass(frozen=True)
class Finding:
    """Where something lay open, and what."""

    file: str
    offset: int
    what: str


@dataclass
class Scanner:
    """Looks through snapshots of a folder; what it has looked through once it skips.

    `words` are at least eight characters long. `spared` are the folders a person chose.
    """

    words: Sequence[str]
    spared: Sequence[Path] = ()
    findings: list[Finding] = field(default_factory=list)
    files: set[str] = field(default_factory=set)
    _seen: dict[Path, list[bytes]] = field(default_factory=dict)

    def snapshot(self, *trees: Path) -> None:
        """Look through every file below, as it is at this instant."""
        for tree in trees:
            for path in sorted(tree.rglob("*")):
                if path.is_file() and not any(path.is_relative_to(one) for one in self.spared):
                    self.look_into(path)

    def look_into(self, path: Path) -> None:
        """Look through one file, or through what of it is new."""
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return  # gone between the listing and the look
        self.files.add(path.name)
        before = self._seen.get(path, [])
        now = [
            hashlib.sha256(data[at : at + _PIECE]).digest() for at in range(0, len(data), _PIECE)
        ]
        self._seen[path] = now
        for start, stop in _changed(before, now):
            for one in look(data[start:stop], self.words):
                self.findings.append(Finding(str(path), start + one.offset, one.what))

    def look_at_descriptors(self, process: int, allowed: Sequence[Path]) -> None:
        """Every file the process or a child of it holds open must lie below an allowed path.

        A deleted or memory-only file has no name to find it by, so none may be open.
        """
        for one in (process, *_children(process)):
            for target in _descriptors(one):
                named = target.startswith("/") and not target.startswith(("/dev/", "/proc/"))
                gone = target.endswith(" (deleted)") or target.startswith("/memfd:")
                below = any(Path(target).is_relative_to(path) for path in allowed)
                if gone or (named and not below):
                    self.findings.append(Finding(target, 0, f"held open by process {one}"))


def _changed(before: Sequence[bytes], now: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """From where to where to look again: the pieces that changed, with their neighbours."""
    changed = [n for n, piece in enumerate(now) if n >= len(before) or before[n] != piece]
    begun = ended = -1
    for n in changed:
        if n - 1 > ended:
            if begun >= 0:
                yield begun * _PIECE, ended * _PIECE
            begun = max(0, n - 1)
        ended = n + 2
    if begun >= 0:
        yield begun * _PIECE, ended * _PIECE


def look(data: bytes, words: Sequence[str]) -> Iterator[Finding]:
    """What lies open in these bytes: words, heads of records, and both in compressed streams."""
    needles = _needles(words)
    yield from _open(data, needles)
    for offset, stream in _streams(data):
        for found in _open(stream, needles):
            yield Finding("", offset, f"{found.what}, compressed")


def _open(data: bytes, needles: dict[bytes, str]) -> Iterator[Finding]:
    for needle, what in needles.items():
        if (at := data.find(needle)) >= 0:
            yield Finding("", at, what)
    for kind, head in _HEADS.items():
        if match := head.search(data):
            yield Finding("", match.start(), kind)
    for match in _JPEG.finditer(data):
        if _is_jpeg(data, match.start()):
            yield Finding("", match.start(), "JPEG")
            break


def _is_jpeg(data: bytes, start: int) -> bool:
    """Three segments that follow one another: three bytes alone stand anywhere by chance."""
    at = start + 2
    for _ in range(3):
        if data[at : at + 1] != b"\xff" or not 0xC0 <= data[at + 1 : at + 2][0] <= 0xFE:
            return False
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2 or at + 2 + length + 1 >= len(data):
            return False
        at += 2 + length
    return True


def _needles(words: Sequence[str]) -> dict[bytes, str]:
    """Each word as UTF-8, UTF-16 in both orders, and base64 at each of three places."""
    needles: dict[bytes, str] = {}
    for word in words:
        for coding in ("utf-8", "utf-16-le", "utf-16-be"):
            plain = word.encode(coding)
            needles[plain] = f"{word} as {coding}"
            for shift in range(3):
                coded = base64.b64encode(bytes(shift) + plain)
                # the first and last letters depend on what stands beside
                inner = coded[-(-shift * 8 // 6) : -4]
                needles[inner] = f"{word} as base64 of {coding}"
    return needles


def _streams(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Every deflate stream, wherever it begins: bare, or inside zlib, gzip, PDF, PNG, ZIP, DICOM.

    Tried at each byte, since the bare stream has no head: blocks of type 3 don't exist, and
    a stored block must state its length twice (RFC 1951, section 3.2.3).
    """
    view = memoryview(data)
    for offset, first in enumerate(data):
        kind = first >> 1 & 3
        if kind == 3 or (kind == 0 and not _is_stored(data, offset)):
            continue
        try:
            head = zlib.decompressobj(-15).decompress(view[offset : offset + _FIRST_TRY], 1 << 16)
        except zlib.error:
            continue
        if len(head) < 8:
            continue
        yield offset, _inflated(view[offset:]) or head


def _is_stored(data: bytes, offset: int) -> bool:
    length = int.from_bytes(data[offset + 1 : offset + 3], "little")
    return length ^ int.from_bytes(data[offset + 3 : offset + 5], "little") == 0xFFFF


def _inflated(view: memoryview) -> bytes:
    """As much of the stream as there is."""
    stream, parts, size = zlib.decompressobj(-15), [], 0
    try:
        for at in range(0, len(view), _FIRST_TRY):
            parts.append(stream.decompress(view[at : at + _FIRST_TRY]))
            size += len(parts[-1])
            if stream.eof or size > _LARGEST_STREAM:
                break
    except zlib.error:
        pass
    return b"".join(parts)


def _children(process: int) -> Iterator[int]:
    for task in _listed(Path(f"/proc/{process}/task")):
        try:
            said = (task / "children").read_text()
        except OSError:
            continue
        for child in map(int, said.split()):
            yield child
            yield from _children(child)


def _descriptors(process: int) -> Iterator[str]:
    for link in _listed(Path(f"/proc/{process}/fd")):
        try:
            yield os.readlink(link)
        except OSError:
            continue  # closed meanwhile


def _listed(folder: Path) -> Iterable[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return ()  # the process has ended
