"""The child process that reads what can crash or hang: `python -m consultdesk.records.worker`."""

import io
import sys
from multiprocessing.connection import Connection
from typing import Any, BinaryIO, cast

import orjson

from consultdesk.errors import ConsultDeskError
from consultdesk.records import formats, wire
from consultdesk.records.reader import LARGEST_MEMORY, Reader

__all__ = ["Reader", "main"]

_BUFFER = 256 * 1024


class _RemoteBytes(io.RawIOBase):
    """The bytes of a file that lies with the desk, asked for range by range."""

    def __init__(self, desk: Connection, size: int, head: bytes) -> None:
        super().__init__()
        self._desk, self._size, self._head = desk, size, head
        self._at = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """The offset of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; nothing is asked for until something is read."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
        """Fill the buffer from the head that came along, or from the desk."""
        wanted = min(len(buffer), max(0, self._size - self._at), wire.LARGEST_READ)
        if wanted == 0:
            return 0
        if self._at < len(self._head):
            data = self._head[self._at : self._at + wanted]
        else:
            self._desk.send_bytes(wire.pack_range(self._at, wanted))
            data = self._desk.recv_bytes(wire.LARGEST_READ)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def readall(self) -> bytes:
        """Everything from here to the end."""
        parts = []
        while self._at < self._size:
            part = bytearray(min(wire.LARGEST_READ, self._size - self._at))
            if not (count := self.readinto(part)):
                break
            parts.append(bytes(part[:count]))
        return b"".join(parts)


class _RemoteSource:
    """A Source whose bytes lie with the desk."""

    def __init__(self, desk: Connection, name: str, size: int, head: bytes) -> None:
        self._desk, self._name, self._size, self._head = desk, name, size, head

    @property
    def name(self) -> str:
        """The file's own name."""
        return self._name

    @property
    def size(self) -> int:
        """Length in bytes."""
        return self._size

    def open(self) -> BinaryIO:
        """A buffered stream over the wire."""
        raw = _RemoteBytes(self._desk, self._size, self._head)
        return cast("BinaryIO", io.BufferedReader(raw, _BUFFER))


def _answer(desk: Connection, asked: dict[str, Any], head: bytes) -> bytes:
    known = next(known for known in formats.FORMATS if known.name == asked["format"])
    source = _RemoteSource(desk, asked["name"], asked["size"], head)
    if asked["do"] == "describe":
        return wire.pack_description(formats.describe(source, known=known))
    from consultdesk.records import dicom_pixels  # only a child that decodes pays for it

    return wire.pack_frame(dicom_pixels.decode(source, asked["index"]))


def _serve(desk: Connection) -> None:
    while True:
        try:
            asked = orjson.loads(desk.recv_bytes())
            head = desk.recv_bytes()
        except (EOFError, OSError):
            return  # the desk is done
        _allow_seconds(asked["seconds"])
        try:
            answer = _answer(desk, asked, head)
        except ConsultDeskError as problem:
            answer = wire.REFUSED + problem.message.encode()
        except MemoryError:
            answer = wire.REFUSED + b"This file needs too much memory; it is kept as received."
        except (EOFError, BrokenPipeError, ConnectionError):
            return
        except Exception:  # whatever a hostile file broke, the next file is read
            answer = wire.REFUSED + b"This file is damaged; it is kept as received."
        desk.send_bytes(answer)


if sys.platform == "win32":  # pragma: no cover
    from multiprocessing.connection import PipeConnection

    def _connect(handle: int) -> Connection:
        return PipeConnection(handle)

    def _restrain() -> None:
        """Windows has no such limits; the desk's clock stands alone there."""

    def _allow_seconds(seconds: float) -> None:
        """As above."""

else:
    import resource

    def _connect(handle: int) -> Connection:
        return Connection(handle)

    def _restrain() -> None:
        """No core dump, no byte written to any file, no more memory than a reader may need."""
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        if sys.platform == "linux":  # macOS knows the limit and ignores or refuses it
            resource.setrlimit(resource.RLIMIT_AS, (LARGEST_MEMORY, LARGEST_MEMORY))

    def _allow_seconds(seconds: float) -> None:
        """Let this process run so many seconds more, then the system stops it."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        limit = int(used.ru_utime + used.ru_stime + seconds) + 1
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))


def main() -> None:
    """Serve the desk that started this process until it hangs up."""
    _restrain()
    with _connect(int(sys.argv[1])) as desk:
        _serve(desk)


if __name__ == "__main__":
    main()
