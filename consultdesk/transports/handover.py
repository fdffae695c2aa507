"""Letters handed over in person: printed on a real queue, or saved where a person chose."""

import hashlib
import os
import re
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path

from consultdesk.consultation.delivery import ClearedParcel, StillCleared
from consultdesk.consultation.patient import ChannelKind
from consultdesk.consultation.recovery import RecoverySheet
from consultdesk.errors import DeliveryFailed
from consultdesk.transports.transport import Receipt, State, last_look, require
from consultdesk.transports.whole import partial, place, taken, worded, write_all

# --- print ----------------------------------------------------------------------------

_ASK_SECONDS = 15
_NO_PRINTING = "This computer has no printing system that ConsultDesk can use (CUPS)."
_SAVE_INSTEAD = "Save the letter instead, or have the printing system set up."
_JOB = re.compile(r"request id is (\S+-\d+)")


@dataclass(frozen=True)
class Queue:
    """A printer queue of this computer. `ready` is False while it takes no jobs."""

    name: str
    ready: bool
    default: bool = False


@dataclass(frozen=True)
class PrintOptions:
    """On which queue a letter is printed and how."""

    queue: str
    copies: int = 1
    two_sided: bool = True


class Print:
    """Prints the signed PDF itself: it goes to the queue's standard input, never to a file."""

    name = "Print"
    kind = ChannelKind.HAND_OVER_PRINT
    options = PrintOptions

    def __init__(self, patience: float = 90) -> None:
        self._patience = patience
        """Seconds the printing system may take with a letter before it counts as silent."""

    def send(
        self,
        cleared: ClearedParcel,
        still_cleared: StillCleared,
        options: PrintOptions,
        *,
        at: int,
    ) -> Receipt:
        """Print on a queue; the receipt names the job.

        Raises ConsentMissing when the gate has closed, DeliveryFailed when the queue doesn't
        take the job. State `unknown` when the printing system fell silent half-way.
        """
        require(self.kind, cleared)
        _require_ready(options.queue)
        waiting = _empty_jobs(options.queue)
        printer = _start(_lp(options))
        try:
            pdf = last_look(cleared, still_cleared)
        except BaseException:
            # No byte went in. The queue may have made room for a job: take that back too.
            printer.kill()
            printer.communicate()
            _cancel(_empty_jobs(options.queue) - waiting)
            raise
        try:
            said, complaint = printer.communicate(pdf, timeout=self._patience)
        except subprocess.TimeoutExpired:
            printer.kill()
            printer.communicate()
            detail = f"The queue {options.queue} stopped answering. Look at the printer."
            return Receipt(State.UNKNOWN, detail, at)
        job = _JOB.search(said.decode(errors="replace"))
        if printer.returncode != 0 or job is None:
            raise _not_printed(options.queue, complaint)
        return Receipt(State.SENT, f"Given to the printer queue {options.queue}.", at, job[1])


def queues() -> tuple[Queue, ...]:
    """The printer queues of this computer, the default one first.

    Raises DeliveryFailed, saying so, where there is no printing system or it isn't running.
    """
    accepting = _lpstat("-a")
    default = re.search(r"system default destination: (\S+)", _lpstat("-d"))
    chosen = default[1] if default else ""
    known = [
        Queue(words[0], words[1:2] == ["accepting"], words[0] == chosen)
        for line in accepting.splitlines()
        # continuation lines (the reason a queue takes nothing) are indented
        if line[:1].strip() and (words := line.split())
    ]
    return tuple(sorted(known, key=lambda queue: (not queue.default, queue.name)))


def _lpstat(*options: str) -> str:
    try:
        asked = subprocess.run(
            ["lpstat", *options], capture_output=True, env=_plain_words(), timeout=_ASK_SECONDS,
            check=False,
        )  # fmt: skip
    except FileNotFoundError as missing:
        raise DeliveryFailed(_NO_PRINTING, retryable=False, cure=_SAVE_INSTEAD) from missing
    except subprocess.TimeoutExpired as silent:
        raise DeliveryFailed("The printing system doesn't answer.", retryable=True) from silent
    complaint = asked.stderr.decode(errors="replace")
    if asked.returncode != 0 and "No destinations added" not in complaint:
        raise DeliveryFailed(
            "The printing system of this computer isn't running.",
            retryable=True,
            cure=_SAVE_INSTEAD,
        )
    return asked.stdout.decode(errors="replace")


def _require_ready(name: str) -> None:
    queue = next((queue for queue in queues() if queue.name == name), None)
    if queue is None:
        raise DeliveryFailed(
            f"There is no printer queue called “{name}” on this computer.",
            retryable=False,
            cure="Choose another queue.",
        )
    if not queue.ready:
        raise DeliveryFailed(f"The printer queue “{name}” takes no jobs now.", retryable=True)


def _empty_jobs(queue: str) -> frozenset[str]:
    """The jobs of a queue that still have no content: columns are job, owner, size, date."""
    lines = (line.split() for line in _lpstat("-W", "not-completed", "-o", queue).splitlines())
    return frozenset(words[0] for words in lines if words[2:3] == ["0"])


def _cancel(jobs: frozenset[str]) -> None:
    if jobs:
        with suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(
                ["cancel", *jobs], capture_output=True, timeout=_ASK_SECONDS, check=False
            )


def _lp(options: PrintOptions, title: str = "Letter") -> list[str]:
    # The title shows in the queue for everyone: no patient, no case in it.
    return [
        "lp", "-d", options.queue, "-n", str(max(1, options.copies)), "-t", title,
        "-o", "print-scaling=auto",
        "-o", "sides=two-sided-long-edge" if options.two_sided else "sides=one-sided",
        "-o", "document-format=application/pdf",
        "-",
    ]  # fmt: skip


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_plain_words(),
        )
    except FileNotFoundError as missing:
        raise DeliveryFailed(_NO_PRINTING, retryable=False, cure=_SAVE_INSTEAD) from missing


def _plain_words() -> dict[str, str]:
    """The environment with the printing system's answers in the one language that is parsed."""
    return {**os.environ, "LC_ALL": "C", "LANGUAGE": "C"}


def _not_printed(queue: str, complaint: bytes, what: str = "letter") -> DeliveryFailed:
    why = complaint.decode(errors="replace").strip().removeprefix("lp: ").splitlines()
    reason = f": {why[0].rstrip('.')}" if why else ""
    return DeliveryFailed(f"The queue “{queue}” didn't take the {what}{reason}.", retryable=True)


# --- save -----------------------------------------------------------------------------

Protect = Callable[[bytes, str], bytes]
"""Makes the rendition behind a password: (PDF, password) to PDF."""


@dataclass(frozen=True)
class SaveOptions:
    """Where a letter is saved, under which name and password.

    Without a password it is saved only when `unprotected` says that a person confirmed it.
    `replace` says that a person confirmed to replace a file of that name.
    """

    folder: Path
    name: str
    password: str = field(default="", repr=False)
    protect: Protect | None = field(default=None, repr=False)
    unprotected: bool = False
    replace: bool = False


class Save:
    """Saves the letter for its recipient, behind a password unless a person decided otherwise."""

    name = "Save"
    kind = ChannelKind.HAND_OVER_SAVE
    options = SaveOptions

    def send(
        self,
        cleared: ClearedParcel,
        still_cleared: StillCleared,
        options: SaveOptions,
        *,
        at: int,
    ) -> Receipt:
        """Save whole or not at all, read it back, and give its digest as the reference.

        Raises ConsentMissing when the gate has closed, DeliveryFailed when the file can't be
        written, already exists, or reads back differently.
        """
        require(self.kind, cleared)
        with worded("letter"):
            target = _target(options)
        rendition = _rendition(cleared.parcel.pdf, options)
        with worded("letter"), partial(target) as file:
            last_look(cleared, still_cleared)
            digest = _write(file, rendition)
            place(Path(file.name), target, replace=options.replace)
        how = "behind a password" if options.password else "without a password"
        return Receipt(State.SENT, f"Saved as {target.name}, {how}.", at, digest)


def _target(options: SaveOptions) -> Path:
    name = options.name.strip()
    plain = name and name not in (".", "..") and not re.search(r'[\x00-\x1f/\\:*?"<>|]', name)
    if not plain:
        raise DeliveryFailed(
            "This can't be the name of a file.", retryable=True, cure="Choose another name."
        )
    target = options.folder / (name if name.lower().endswith(".pdf") else f"{name}.pdf")
    if not options.folder.is_dir():
        raise DeliveryFailed(
            "The chosen folder isn't there (any more).",
            retryable=True,
            cure="Choose another folder.",
        )
    if target.is_dir() or (not options.replace and os.path.lexists(target)):
        raise taken(target)
    return target


def _rendition(pdf: bytes, options: SaveOptions) -> bytes:
    if options.password and options.protect:
        return options.protect(pdf, options.password)
    if options.password or not options.unprotected:
        raise DeliveryFailed(
            "The letter is saved behind a password, and none was given.",
            retryable=True,
            cure="Choose a password, or confirm that it may be saved without one.",
        )
    return pdf


def _write(file: FileIO, content: bytes) -> str:
    """Write, sync and read back; the digest of what stands on the disk."""
    write_all(file, content)
    os.fsync(file.fileno())
    if hasattr(os, "posix_fadvise"):
        # so that reading back asks the medium and not the memory
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    file.close()
    digest = hashlib.sha256(Path(file.name).read_bytes()).hexdigest()
    if digest != hashlib.sha256(content).hexdigest():
        raise DeliveryFailed(
            "It read back differently from how it was written, so it wasn't saved.",
            retryable=True,
            cure="Choose another disk: this one may be failing.",
        )
    return digest


# --- the recovery sheet, which is no letter and passes no gate ---------------------------

RenderSheet = Callable[[RecoverySheet], bytes]
"""Sets a recovery sheet in type. What is handed over here is made of a sheet and nothing else."""
_SHEET = "recovery sheet"


def print_sheet(
    sheet: RecoverySheet, render: RenderSheet, queue: str, patience: float = 90
) -> None:
    """Print a recovery sheet; it goes to the queue's standard input, never to a file.

    Raises DeliveryFailed when the queue doesn't take the job, or falls silent.
    """
    _require_ready(queue)
    # the title shows in the queue for everyone
    printer = _start(_lp(PrintOptions(queue, two_sided=False), "Sheet"))
    try:
        said, complaint = printer.communicate(render(sheet), timeout=patience)
    except subprocess.TimeoutExpired as silent:
        printer.kill()
        printer.communicate()
        raise DeliveryFailed(
            f"The queue {queue} stopped answering.", retryable=True, cure="Look at the printer."
        ) from silent
    if printer.returncode != 0 or not _JOB.search(said.decode(errors="replace")):
        raise _not_printed(queue, complaint, _SHEET)


def save_sheet(sheet: RecoverySheet, render: RenderSheet, target: Path) -> None:
    """Save a recovery sheet whole or not at all, for its owner alone, where a person chose.

    A person has confirmed to replace a file of that name. Raises DeliveryFailed.
    """
    content = render(sheet)
    with worded(_SHEET), partial(target) as file:
        _write(file, content)
        place(Path(file.name), target, replace=True)
