"""The desk's side of the reading process: start it, feed it, time it, replace it."""

import contextlib
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

import orjson

from consultdesk.consultation.source import Frame, Progress, Source
from consultdesk.errors import Cancelled, RecordUnreadable
from consultdesk.records import formats, wire
from consultdesk.records.description import Description, Format, Glance

LARGEST_MEMORY = 1536 * 1024 * 1024  # address space, of which a reader touches a small part
SECONDS = 60.0  # for one file; the slowest honest one seen took a tenth of it
STOPPED = "This file stopped the reader; it is kept as received."

_TICK = 0.05  # how late a cancel may be noticed, in seconds
_MODULE = "consultdesk.records.worker"


@dataclass
class _Question:
    """One file put to the child; `answer` is filled once it has spoken."""

    source: Source
    known: Format
    answer: bytes | None = None
    said: Description | None = None


class Reader:
    """Describes files and decodes images in a child process that may die of them.

    One child serves a batch; after a crash or a hang the next file gets a new one. It may
    be used from any thread. `seconds` bounds the wait for one file. Any call raises
    Cancelled once `progress.cancelled()` is true.
    """

    def __init__(self, progress: Progress | None = None, *, seconds: float = SECONDS) -> None:
        self._progress = progress or Progress()
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._wire: Connection | None = None
        self._open: _Question | None = None
        self._glances: dict[str, Glance] = {}
        self._turn = threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child; a later call starts a new one."""
        with self._turn:
            self._open = None
            if self._wire is not None:
                self._wire.close()
                self._wire = None
            if self._process is not None:
                self._process.kill()
                self._process.wait()
                self._process = None

    def describe(self, source: Source) -> Description:
        """What a file says of itself; one that stops the reader is described as such."""
        return self._described(self._begin(source))

    def describe_all(self, sources: Iterable[Source]) -> Iterator[tuple[Source, Description]]:
        """Each file with what it says, in order.

        The child reads the next file while the caller works on the one it was given.
        """
        before: _Question | None = None
        for source in sources:
            said = self._described(before) if before else None
            following = self._begin(source)
            if before and said:
                yield before.source, said
            before = following
        if before:
            yield before.source, self._described(before)

    def frame(self, source: Source, index: int) -> Frame:
        """Image `index` (0-based) of a DICOM file. Raises RecordUnreadable."""
        question = _Question(source, _named("dicom"))
        with self._turn:
            self._ask(question, b"", "frame", index)
            self._await(question)
        return wire.unpack_frame(question.answer or b"")

    # --- one file -----------------------------------------------------------------

    def _begin(self, source: Source) -> _Question:
        self._check()
        head, known = b"", None
        with contextlib.suppress(RecordUnreadable):  # describe says it again, as a description
            head = formats.head_of(source)
            known = formats.recognise(head, source.name)
        if known is None or not known.isolated:
            said = formats.describe(source, known=known)
            return _Question(source, known or _named("text"), said=said)
        question = _Question(source, known, said=self._glance_of(known)(head, source))
        if question.said is not None:
            return question
        with self._turn:
            try:
                self._ask(question, head, "describe", 0)
            except RecordUnreadable as problem:
                question.said = formats.unreadable(known, problem.message)
        return question

    def _glance_of(self, known: Format) -> Glance:
        if known.name not in self._glances:
            self._glances[known.name] = known.glancing()
        return self._glances[known.name]

    def _described(self, question: _Question) -> Description:
        if question.said is not None:
            return question.said
        with self._turn:
            try:
                self._await(question)
                return wire.unpack_description(question.answer or b"")
            except RecordUnreadable as problem:
                return formats.unreadable(question.known, problem.message)

    # --- the child ----------------------------------------------------------------

    def _ask(self, question: _Question, head: bytes, act: str, index: int) -> None:
        if self._open is not None:  # somebody else's file is still being read
            self._settle(self._open)
        asked = orjson.dumps({
            "do": act, "format": question.known.name, "name": question.source.name,
            "size": question.source.size, "index": index, "seconds": self._seconds,
        })  # fmt: skip
        for attempt in (1, 2):
            child = self._wire or self._start()
            try:
                child.send_bytes(asked)
                child.send_bytes(head)
            except OSError as problem:  # it died while idle; a fresh one is not at fault
                self.close()
                if attempt == 2:
                    raise RecordUnreadable(STOPPED) from problem
            else:
                self._open = question
                return

    def _settle(self, question: _Question) -> None:
        try:
            self._await(question)
        except RecordUnreadable as problem:
            question.said = formats.unreadable(question.known, problem.message)

    def _await(self, question: _Question) -> None:
        """Serve the child's wish for bytes until it answers. Raises RecordUnreadable."""
        if question.answer is None:
            if self._open is not question or self._wire is None:
                raise RecordUnreadable(STOPPED)
            try:
                question.answer = self._converse(self._wire, question.source)
            except BaseException:
                self.close()  # what it would still say belongs to nobody
                raise
            self._open = None
        if question.answer[:1] == wire.REFUSED:
            raise RecordUnreadable(question.answer[1:].decode("utf-8", "replace"))

    def _converse(self, child: Connection, source: Source) -> bytes:
        until = time.monotonic() + self._seconds
        try:
            with source.open() as stream:
                while True:
                    while not child.poll(_TICK):
                        self._check()
                        if time.monotonic() > until:
                            raise RecordUnreadable(STOPPED)
                    message = child.recv_bytes(wire.LARGEST_ANSWER)
                    if message[:1] != wire.READ:
                        return message
                    offset, length = wire.unpack_range(message)
                    stream.seek(offset)
                    child.send_bytes(stream.read(length))
        except (EOFError, OSError) as problem:
            raise RecordUnreadable(STOPPED) from problem

    def _check(self) -> None:
        if self._progress.cancelled():
            self.close()
            raise Cancelled("The reading of records was stopped.")

    def _start(self) -> Connection:
        ours, theirs = multiprocessing.Pipe()
        with theirs:
            self._process = _spawn(theirs.fileno())
        self._wire = ours
        return ours


def _named(name: str) -> Format:
    return next(known for known in formats.FORMATS if known.name == name)


def _spawn(handle: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-P", "-m", _MODULE, str(handle)]
    surroundings = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",  # each thread would reserve address space
        "OMP_NUM_THREADS": "1",
    }
    if sys.platform == "win32":  # pragma: no cover
        os.set_handle_inheritable(handle, True)
        startup = subprocess.STARTUPINFO(lpAttributeList={"handle_list": [handle]})
        return subprocess.Popen(
            command, env=surroundings, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, close_fds=False, startupinfo=startup,
            creationflags=subprocess.CREATE_NO_WINDOW,
        )  # fmt: skip
    return subprocess.Popen(
        command, env=surroundings, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, pass_fds=(handle,),
    )  # fmt: skip
