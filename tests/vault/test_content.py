"""Sealed files: age v1, read at any offset, any change noticed, nothing left half done."""

import hashlib
import io
import os
import random
import secrets
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import pyrage
import pytest

from consultdesk.consultation.source import MemorySource, Progress, Source
from consultdesk.desk.gathering import FileSource
from consultdesk.errors import Cancelled, DiskFailed, DiskFull, RecordUnreadable, VaultDamaged
from consultdesk.vault.content import (
    Content,
    SealedSource,
    SealedStream,
    Syncing,
    chunks,
    seal,
    store,
    sweep,
)

CHUNK = 64 * 1024
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK, 200_000]


def sealed(folder: Path, data: bytes) -> Content:
    return store(folder, (MemorySource("scan.dcm", data),))


def read_back(folder: Path, content: Content) -> bytes:
    with SealedStream(folder / content.name, content.identity) as stream:
        return stream.readall() or b""


@pytest.mark.parametrize("size", SIZES)
def test_what_is_stored_is_read_back_and_opens_with_age(tmp_path: Path, size: int) -> None:
    data = random.Random(size).randbytes(size)
    content = sealed(tmp_path, data)
    assert read_back(tmp_path, content) == data
    identity = pyrage.x25519.Identity.from_str(content.identity)
    assert pyrage.decrypt((tmp_path / content.name).read_bytes(), [identity]) == data
    assert content.size == size
    assert content.members[0].size == size


@pytest.mark.parametrize("size", SIZES)
def test_a_file_that_age_wrote_is_read_at_any_offset(tmp_path: Path, size: int) -> None:
    luck = random.Random(size)
    data = luck.randbytes(size)
    identity = pyrage.x25519.Identity.generate()
    stranger = pyrage.x25519.Identity.generate().to_public()
    path = tmp_path / "age"
    path.write_bytes(pyrage.encrypt(data, [stranger, identity.to_public()]))
    with SealedStream(path, str(identity)) as stream:
        assert stream.readable()
        assert stream.seekable()
        for _ in range(60):
            at, length = luck.randrange(size + 9), luck.randrange(2 * CHUNK)
            assert stream.seek(at) == at
            assert stream.read(length) == data[at : at + length]
        assert stream.seek(0, io.SEEK_END) == stream.tell() == size
        assert stream.seek(-size, io.SEEK_CUR) == 0
        assert stream.seek(-3) == 0
        assert stream.readall() == data


def test_several_sources_lie_one_behind_the_other_and_open_apart(tmp_path: Path) -> None:
    parts = [b"a" * 70_000, b"", b"c" * 12]
    content = store(tmp_path, (MemorySource(f"{n}.dcm", part) for n, part in enumerate(parts)))
    assert [member.offset for member in content.members] == [0, 70_000, 70_000]
    for member, part in zip(content.members, parts, strict=True):
        path = tmp_path / content.name
        source = SealedSource(member.name, member.size, path, content.identity, member.offset)
        with source.open() as stream:
            assert b"".join(chunks(stream, 1000)) == part
            stream.seek(-1, io.SEEK_END) if part else None
            assert stream.read() == part[-1:]


def test_bytes_beyond_the_content_are_not_promised(tmp_path: Path) -> None:
    content = sealed(tmp_path, b"short")
    with pytest.raises(RecordUnreadable, match="damaged or exchanged"):
        SealedSource("x", 6, tmp_path / content.name, content.identity).open()


def damage_is_noticed(path: Path, content: Content, whole: bytes, data: bytes) -> bool:
    path.write_bytes(data)
    try:
        with SealedStream(path, content.identity) as stream:
            return stream.readall() != whole and False
    except VaultDamaged:
        return True


def test_every_bit_of_the_head_counts(tmp_path: Path) -> None:
    content = sealed(tmp_path, b"a finding")
    path = tmp_path / content.name
    good = path.read_bytes()
    for bit in range(len(good) * 8):
        changed = bytearray(good)
        changed[bit // 8] ^= 1 << bit % 8
        assert damage_is_noticed(path, content, b"a finding", bytes(changed)), bit


@pytest.mark.parametrize("size", [CHUNK, 3 * CHUNK + 77])
def test_any_bit_flip_cut_or_growth_is_noticed(tmp_path: Path, size: int) -> None:
    luck = random.Random(1)
    whole = luck.randbytes(size)
    content = sealed(tmp_path, whole)
    path = tmp_path / content.name
    good = path.read_bytes()
    for _ in range(120):
        changed = bytearray(good)
        changed[luck.randrange(len(good))] ^= 1 << luck.randrange(8)
        assert damage_is_noticed(path, content, whole, bytes(changed))
    cuts = [luck.randrange(len(good)) for _ in range(60)]
    cuts += [len(good) - n for n in (1, 15, 16, 17, CHUNK + 16)] + [0, 20, 200]
    for cut in cuts:
        assert damage_is_noticed(path, content, whole, good[:cut])
    for more in (b"x", bytes(16), good[-100:], bytes(CHUNK + 16)):
        assert damage_is_noticed(path, content, whole, good + more)


def test_chunks_changed_about_are_noticed(tmp_path: Path) -> None:
    whole = random.Random(2).randbytes(3 * CHUNK)
    content = sealed(tmp_path, whole)
    path = tmp_path / content.name
    good = path.read_bytes()
    sealed_chunk = CHUNK + 16
    head = len(good) - 3 * sealed_chunk
    one, two, three = (good[head + n * sealed_chunk :][:sealed_chunk] for n in range(3))
    for body in (two + one + three, one + one + three, one + three, one + two, one + two + two):
        assert damage_is_noticed(path, content, whole, good[:head] + body)


def test_two_sealed_files_are_not_exchanged(tmp_path: Path) -> None:
    one, two = sealed(tmp_path, b"left knee"), sealed(tmp_path, b"right knee")
    exchanged = Content(two.name, one.identity, one.size, one.members)
    with pytest.raises(VaultDamaged):
        read_back(tmp_path, exchanged)


def test_a_file_forged_for_the_right_recipient_of_another_content_does_not_open(
    tmp_path: Path,
) -> None:
    content = sealed(tmp_path, b"own")
    stranger = pyrage.x25519.Identity.generate()
    (tmp_path / content.name).write_bytes(pyrage.encrypt(b"forged", [stranger.to_public()]))
    with pytest.raises(VaultDamaged):
        read_back(tmp_path, content)


@pytest.mark.parametrize(
    "data", [b"", b"age-encryption.org/v1\n", b"\n---\n" * 9, b"x" * 9000, b"-> X25519 \n--- \n"]
)
def test_a_file_that_is_no_age_file_is_named_damaged(tmp_path: Path, data: bytes) -> None:
    content = sealed(tmp_path, b"own")
    assert damage_is_noticed(tmp_path / content.name, content, b"own", data)


def test_a_missing_file_and_a_spoiled_identity_are_named_damaged(tmp_path: Path) -> None:
    content = sealed(tmp_path, b"own")
    for identity in ("", "AGE-SECRET-KEY-1", "AGE-SECRET-KEY-1" + "B" * 58, content.identity[:-9]):
        with pytest.raises(VaultDamaged):
            SealedStream(tmp_path / content.name, identity)
    (tmp_path / content.name).unlink()
    with pytest.raises(VaultDamaged):
        SealedStream(tmp_path / content.name, content.identity)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_in_the_place_of_a_sealed_file_is_named_and_not_waited_for(tmp_path: Path) -> None:
    content = sealed(tmp_path, b"x")
    (tmp_path / content.name).unlink()
    os.mkfifo(tmp_path / content.name)
    with pytest.raises(VaultDamaged):
        read_back(tmp_path, content)


def test_a_stream_that_is_damaged_while_open_says_so(tmp_path: Path) -> None:
    content = sealed(tmp_path, bytes(4 * CHUNK))
    path = tmp_path / content.name
    with SealedStream(path, content.identity) as stream:
        body = bytearray(path.read_bytes())
        body[len(body) // 2] ^= 1
        path.write_bytes(bytes(body))
        with pytest.raises(VaultDamaged):
            stream.readall()
        stream.close()


@dataclass(frozen=True)
class _Failing:
    """A source on a stick that is pulled out after the first bytes."""

    name: str = "pulled.dcm"
    size: int = 10
    opened: list[io.BytesIO] = field(default_factory=list)

    def open(self) -> BinaryIO:
        class Pulled(io.BytesIO):
            def read(self, _size: int | None = -1) -> bytes:
                raise OSError("gone")

        self.opened.append(Pulled(b"x"))
        return self.opened[-1]


def test_a_stop_leaves_nothing_behind(tmp_path: Path) -> None:
    asked = iter(range(99))
    progress = Progress(cancelled=lambda: next(asked) > 1)
    with pytest.raises(Cancelled, match="Nothing of this record was kept"):
        store(tmp_path, (MemorySource("big", secrets.token_bytes(900_000)),), progress)
    assert list(tmp_path.iterdir()) == []


def test_a_source_that_breaks_off_leaves_nothing_behind(tmp_path: Path) -> None:
    failing = _Failing()
    sources: tuple[Source, ...] = (MemorySource("good", b"first"), failing)
    with pytest.raises(RecordUnreadable, match=r"pulled\.dcm"):
        store(tmp_path, sources)
    assert list(tmp_path.iterdir()) == []


def test_a_sealed_file_is_for_its_owner_alone_and_bears_no_name(tmp_path: Path) -> None:
    content = sealed(tmp_path, b"x")
    mode = stat.S_IMODE((tmp_path / content.name).stat().st_mode)
    assert mode == 0o600 or os.name == "nt"
    assert "scan" not in content.name
    assert content.name != sealed(tmp_path, b"x").name
    assert b"scan" not in (tmp_path / content.name).read_bytes()


def test_files_that_no_row_speaks_of_are_named(tmp_path: Path) -> None:
    one, two = sealed(tmp_path, b"1"), sealed(tmp_path, b"2")
    assert sweep(tmp_path, frozenset({one.name})) == (two.name,)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    place = tmp_path / "tiny"
    place.mkdir()
    said = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if said.returncode:
        pytest.skip("a small disk can't be mounted without being root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_is_said_and_leaves_nothing_behind(tiny_disk: Path) -> None:
    small = sealed(tiny_disk, b"fits")
    with pytest.raises(DiskFull, match="disk is full"):
        sealed(tiny_disk, secrets.token_bytes(2_000_000))
    assert [path.name for path in tiny_disk.iterdir()] == [small.name]
    assert read_back(tiny_disk, small) == b"fits"


def test_what_is_being_synced_is_awaited_and_a_lost_file_is_said(tmp_path: Path) -> None:
    with Syncing(tmp_path) as syncing:
        kept = seal(tmp_path, (MemorySource("a", b"kept"),))
        lost = seal(tmp_path, (MemorySource("b", b"lost"),))
        syncing.begin(kept)
        syncing.finish()
        (tmp_path / lost.name).unlink()
        syncing.begin(lost)
        with pytest.raises(DiskFailed, match="doesn't accept"):
            syncing.finish()
    assert read_back(tmp_path, kept) == b"kept"


def test_sources_in_memory_and_elsewhere_get_the_digest_of_their_bytes(tmp_path: Path) -> None:
    data = random.Random(7).randbytes(3 * CHUNK + 11)
    path = tmp_path / "scan.dcm"
    path.write_bytes(data)
    content = store(tmp_path, (MemorySource("held", data), FileSource(path, len(data))))
    assert [one.sha256 for one in content.members] == [hashlib.sha256(data).hexdigest()] * 2


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="no file here fails to be read")
def test_a_disk_that_does_not_deliver_a_sealed_file_is_said_and_no_damage(tmp_path: Path) -> None:
    """The first page of a process's memory is a file that opens and can't be read."""
    content = sealed(tmp_path, b"x")
    with pytest.raises(DiskFailed, match="deliver"):
        SealedStream(Path("/proc/self/mem"), content.identity)
