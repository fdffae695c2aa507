"""Search over a million documents, against the same statement on plain SQLite."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from consultdesk.vault import authorizer, search
from consultdesk.vault.engine import connect
from consultdesk.vault.search import SearchIndex
from tests.benchmarks.cold import forget

if TYPE_CHECKING:
    from tests.benchmarks.conftest import SideBySide

MANY, FEW = 1_000_000, 2_000
BATCH = 20_000
WORDS_EACH = 40
KEY = b"s" * 32
WARM, COLD = 1.5, 2.5
ASKED = ("patient", "stenosis", "w12345", "w1234 patient", "fractur", "w99 w100")


@dataclass(frozen=True)
class Indexes:
    """The same documents in the search index and in a plain database of its shape."""

    folder: Path

    @property
    def files(self) -> tuple[Path, Path]:
        """Ours and the peer's."""
        return self.folder / "search.db", self.folder / "plain.db"

    def ours(self) -> SearchIndex:
        return SearchIndex(self.files[0], KEY)

    def plain(self) -> sqlite3.Connection:
        peer = sqlite3.connect(self.files[1], isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "cache_size = -65536"):
            peer.execute(f"PRAGMA {pragma}").fetchall()
        return peer


def document(chance: random.Random) -> str:
    """Words as a report has them: few said often, many said seldom."""
    common = ("patient", "left", "right", "no", "with", "the", "stenosis", "fracture", "mm")
    rare = (f"w{int(chance.paretovariate(0.3)) % 200_000}" for _ in range(WORDS_EACH // 2))
    often = (chance.choice(common) for _ in range(WORDS_EACH // 2))
    return " ".join((*often, *rare))


@pytest.fixture(scope="module")
def indexes(tmp_path_factory: pytest.TempPathFactory, measuring: bool) -> Indexes:
    made = Indexes(tmp_path_factory.mktemp("search"))
    chance, many = random.Random(5), MANY if measuring else FEW
    with (
        closing(connect(made.files[0], KEY, authorizer.unguarded)()) as ours,
        closing(made.plain()) as peer,
    ):
        for connection in (ours, peer):
            for statement in search.SHAPE:
                connection.execute(statement)
        for start in range(0, many, BATCH):
            rows = [
                (n, f"case{n // 10}", f"e{n}", "record", "page 1", f"Report {n}", document(chance))
                for n in range(start + 1, min(start + BATCH, many) + 1)
            ]
            for connection in (ours, peer):
                connection.execute("BEGIN")
                connection.executemany(search.ADD, rows)
                connection.execute("COMMIT")
        for connection in (ours, peer):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return made


def asked_of(peer: sqlite3.Connection, words: str) -> list[object]:
    match = " ".join(f'"{word}"*' for word in words.split())
    return peer.execute(search.FIND, (match, "", "", 50)).fetchall()


@pytest.fixture
def both(indexes: Indexes) -> Iterator[tuple[SearchIndex, sqlite3.Connection]]:
    ours, peer = indexes.ours(), indexes.plain()
    yield ours, peer
    ours.close()
    peer.close()


@pytest.mark.parametrize("words", ASKED)
def test_words_asked_for_again(
    words: str, both: tuple[SearchIndex, sqlite3.Connection], side_by_side: "SideBySide"
) -> None:
    ours, peer = both
    assert len(ours.find(words)) == len(asked_of(peer, words))
    side_by_side.measure(
        f"search for {words}, warm", lambda: ours.find(words), lambda: asked_of(peer, words), WARM
    )


def test_words_asked_for_first(indexes: Indexes, side_by_side: "SideBySide") -> None:
    """Opened anew, with nothing of either file in memory."""

    def ours() -> None:
        index = indexes.ours()
        index.find("stenosis")
        index.close()

    def peer() -> None:
        with closing(indexes.plain()) as plain:
            asked_of(plain, "stenosis")

    if not forget(*indexes.files):
        pytest.skip("this system can't be asked to forget a file")

    def cold_ours() -> None:
        forget(indexes.files[0])
        ours()

    def cold_peer() -> None:
        forget(indexes.files[1])
        peer()

    side_by_side.measure("search, cold: opened and asked", cold_ours, cold_peer, COLD)
