"""Finding the files a person means: each named once, by a name that can be shown anywhere."""

import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from consultdesk.consultation.source import Progress
from consultdesk.errors import Cancelled, FormIncomplete

_LEFT_BY_COMPUTERS = {".ds_store", "thumbs.db", "desktop.ini"}
_LARGEST_FILE = 8 << 30
_MOST_FILES = 50_000
_LONGEST_NAME = 160


@dataclass(frozen=True)
class FileSource:
    """A file on the person's disk, while it is brought in."""

    path: Path
    size: int

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.path.name

    def open(self) -> BinaryIO:
        """A new stream over the file. Raises OSError."""
        return self.path.open("rb")


@dataclass(frozen=True)
class Problem:
    """A file that wasn't kept, and why in one sentence."""

    name: str
    reason: str


def shown_name(name: str) -> str:
    """A file's name as it can be shown anywhere: no path, no control character, not too long."""
    last = re.split(r"[\\/]", name.rstrip("\\/"))[-1]
    clean = "".join(ch if ch.isprintable() else " " if ch.isspace() else "\ufffd" for ch in last)
    clean = clean.strip() or "file without a name"
    if len(clean) > _LONGEST_NAME:
        clean = f"{clean[: _LONGEST_NAME - 20]}…{clean[-19:]}"
    return clean


def gather(
    paths: Sequence[Path], progress: Progress | None = None
) -> tuple[tuple[FileSource, ...], tuple[Problem, ...]]:
    """The files in these files and folders, and what can't be brought in, each named once.

    Links to folders aren't followed. Raises Cancelled, FormIncomplete when there are too many.
    """
    watch = progress or Progress()
    found: dict[Path, None] = {}
    problems: list[Problem] = []
    for path in (Path(os.path.abspath(path)) for path in paths):
        if os.path.isdir(path):
            _walk(path, found, problems, watch)
        elif os.path.lexists(path):
            found[path] = None
        else:
            problems.append(_problem(path, "There is no such file or folder."))
        _check_number(len(found) + len(problems))
    sources = []
    for path in found:
        check_stopped(watch)
        size = _usable(path, problems)
        if size:
            sources.append(FileSource(path, size))
    return tuple(sources), tuple(problems)


def _walk(folder: Path, found: dict[Path, None], problems: list[Problem], watch: Progress) -> None:
    def failed(error: OSError) -> None:
        problems.append(_problem(Path(error.filename or folder), "This folder can't be read."))

    for root, folders, names in os.walk(folder, onerror=failed):
        check_stopped(watch)
        folders.sort()
        for name in folders:
            if os.path.islink(os.path.join(root, name)):
                problems.append(_problem(Path(name), "A link to a folder isn't followed."))
        found.update(dict.fromkeys(Path(root) / name for name in sorted(names)))
        _check_number(len(found) + len(problems))


def _check_number(count: int) -> None:
    if count > _MOST_FILES:
        raise FormIncomplete(
            f"More than {_MOST_FILES:,} files at once can't be brought in.",
            cure="Bring the folder in part by part.",
        )


def _problem(path: Path, reason: str) -> Problem:
    return Problem(shown_name(path.name or str(path)), reason)


def _usable(path: Path, problems: list[Problem]) -> int:
    """How large the file is; 0 for one that can't be brought in, which is named."""
    if path.name.lower() in _LEFT_BY_COMPUTERS:
        problems.append(_problem(path, "Left by a computer's file browser; not a record."))
        return 0
    try:
        found = path.stat()
        regular, size = stat.S_ISREG(found.st_mode), found.st_size
        if regular and size:
            path.open("rb").close()
    except (OSError, ValueError):
        problems.append(_problem(path, "This file can't be read from where it lies."))
        return 0
    if not regular:
        problems.append(_problem(path, "This isn't a file."))
    elif not size:
        problems.append(_problem(path, "This file is empty."))
    elif size > _LARGEST_FILE:
        problems.append(_problem(path, "This file is larger than 8 GB."))
    else:
        return size
    return 0


def check_stopped(watch: Progress) -> None:
    """Raise Cancelled once the person has stopped the import."""
    if watch.cancelled():
        raise Cancelled("Stopped.", kept="Nothing of this import was kept.")
