"""Real files as sources, and a reader that ends with its test."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pytest

from consultdesk.records.reader import Reader


@dataclass(frozen=True)
class DiskSource:
    """A file on disk as a Source."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    def open(self) -> BinaryIO:
        return self.path.open("rb")


def sources_in(folder: Path) -> list[DiskSource]:
    """Every file under a folder, by path."""
    return [DiskSource(path) for path in sorted(folder.rglob("*")) if path.is_file()]


@pytest.fixture
def reader() -> Iterator[Reader]:
    with Reader() as one:
        yield one
