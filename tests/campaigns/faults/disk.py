"""A disk as a power cut leaves it: all that was synced, and a chance part of what wasn't.

Strictly POSIX: a sync makes a file's bytes durable, not its name; a name is durable once its
folder is synced. Of what wasn't synced, each block of a write and each change of a name may have
reached the disk or not, in any order, as in SQLite's own crash tests (sqlite.org/testing.html,
"Crash Testing"). Memory-mapped files aren't seen: SQLite's -shm is one, and is left out.
"""

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_HEAD = struct.Struct("<cQqII")
_NOT_DURABLE = "-shm"


@dataclass(frozen=True)
class Record:
    """One change: C(reated) W(ritten) T(runcated) S(ynced) D (folder synced) R(enamed) L(inked)
    U(nlinked) M(ade a folder) K (a mark)."""

    kind: str
    inode: int
    offset: int
    first: bytes
    second: bytes


def read_log(path: Path) -> Iterator[Record]:
    """The records of a log that disk_log.c wrote."""
    data, at = path.read_bytes(), 0
    while at < len(data):
        kind, inode, offset, first, second = _HEAD.unpack_from(data, at)
        begins = at + _HEAD.size
        at = begins + first + second
        yield Record(
            kind.decode(), inode, offset, data[begins : begins + first], data[begins + first : at]
        )


@dataclass
class _File:
    durable: bytes = b""
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)
    """Writes (offset, data) and truncations (size, None) since the last sync."""


_Names = dict[str, "_File | None"]
_Change = tuple[tuple[str, ...], _Names, tuple[str, ...]]
"""The folders it stands in, the names it brings, those it takes away. A folder is None."""


@dataclass(frozen=True)
class Luck:
    """How much of what wasn't synced survives, and in what pieces (bytes)."""

    chance: random.Random
    share: float
    block: int
    in_order: bool

    @classmethod
    def drawn(cls, chance: random.Random) -> "Luck":
        """None of it, all of it, or any part, torn at sectors or pages, in order or not."""
        share = chance.choice((0.0, 1.0, 0.5, chance.random(), chance.random()))
        return cls(chance, share, chance.choice((512, 4096)), chance.random() < 0.25)

    def keeps(self) -> bool:
        """Whether one more piece survives."""
        return self.chance.random() < self.share


class Disk:
    """What is durable and what isn't, record by record."""

    def __init__(self, home: Path) -> None:
        """As the folder is now."""
        self.honest = True  # one that isn't takes no sync for one
        self._durable: _Names = {}
        self._changes: list[_Change] = []
        self._by_inode: dict[int, _File] = {}
        for path in home.rglob("*"):
            file = None if path.is_dir() else _File(path.read_bytes())
            self._durable[str(path)] = file
            if file:
                self._by_inode[path.stat().st_ino] = file
        self._root = home

    def take(self, record: Record) -> None:
        """Go one record further."""
        first, second = record.first.decode(errors="replace"), record.second.decode()
        match record.kind:
            case "C":
                self._by_inode[record.inode] = _File()
                self._change({first: self._by_inode[record.inode]})
            case "W":
                self._file(record).pending.append((record.offset, record.first))
            case "T":
                self._file(record).pending.append((record.offset, None))
            case "S" if self.honest:
                file = self._file(record)
                file.durable = bytes(_applied(file, None))
                file.pending.clear()
            case "D" if self.honest:
                kept = [one for one in self._changes if first in one[0]]
                self._changes = [one for one in self._changes if first not in one[0]]
                for change in kept:
                    _rename(self._durable, change)
            case "R":
                self._change(self._moved(first, second, record), (first,))
            case "L":
                self._change({second: self._file(record)})
            case "U":
                self._change({}, (first,))
            case "M":
                self._change({first: None})

    def cut(self, home: Path, luck: Luck) -> None:
        """Write into `home`, which is new, what a power cut now would leave."""
        names = dict(self._durable)
        for change in self._changes:
            if luck.keeps():
                _rename(names, change)
            elif luck.in_order:
                break
        home.mkdir()
        for path in sorted(names):
            place = home / Path(path).relative_to(self._root)
            if not place.parent.is_dir() or path.endswith(_NOT_DURABLE):
                continue  # in a folder whose own name was lost
            if (file := names[path]) is None:
                place.mkdir(mode=0o700)
            else:
                place.write_bytes(_applied(file, luck))
                place.chmod(0o600)

    def _file(self, record: Record) -> _File:
        return self._by_inode.setdefault(record.inode, _File())

    def _moved(self, old: str, new: str, record: Record) -> _Names:
        now = dict(self._durable)
        for change in self._changes:
            _rename(now, change)
        if now.get(old) is None and old in now:  # a folder, with all in it
            return {new + path[len(old) :]: now[path] for path in now if _within(path, old)}
        return {new: self._file(record)}

    def _change(self, brought: _Names, taken: tuple[str, ...] = ()) -> None:
        beside = {str(Path(name).parent) for name in (*list(brought)[:1], *taken)}
        self._changes.append((tuple(beside), brought, taken))


def _rename(names: _Names, change: _Change) -> None:
    _, brought, taken = change
    for gone in taken:
        for path in [path for path in names if _within(path, gone)]:
            del names[path]
    names.update(brought)


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _applied(file: _File, luck: Luck | None) -> bytearray:
    """The file's bytes with what was pending: all of it, or what luck keeps."""
    data = bytearray(file.durable)
    for offset, written in file.pending:
        if written is None:
            if luck is None or luck.keeps():
                data[:] = data[:offset] + bytes(max(0, offset - len(data)))
            continue
        for begin, piece in _blocks(offset, written, luck.block if luck else 0):
            if luck is None or luck.keeps():
                data.extend(bytes(max(0, begin - len(data))))
                data[begin : begin + len(piece)] = piece
            elif luck.in_order:
                return data
    return data


def _blocks(offset: int, written: bytes, block: int) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(written):
        end = min(len(written), at + block - (offset + at) % block) if block else len(written)
        yield offset + at, written[at:end]
        at = end
