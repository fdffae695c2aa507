"""Search over cases, patients and the text of records, in an index that can be rebuilt."""

import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2
from sqlalchemy import func, select

from consultdesk.consultation.source import Progress
from consultdesk.errors import Cancelled, DiskFailed, VaultBusy, VaultDamaged, VaultLocked
from consultdesk.vault import authorizer, keeping, tables
from consultdesk.vault.engine import Driver, connect, connect_reading, stamp, translated
from consultdesk.vault.rows import Reading, Writing
from consultdesk.vault.sealed import encodable

_BATCH = 500
_MOST_ASKED = 1000

SHAPE = (
    "CREATE TABLE IF NOT EXISTS followed (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER)",
    "INSERT OR IGNORE INTO followed VALUES (1, 0)",
    "CREATE VIRTUAL TABLE IF NOT EXISTS entry USING fts5("
    "case_id UNINDEXED, entity_id UNINDEXED, kind UNINDEXED, place UNINDEXED, title, body, "
    'tokenize = "unicode61 remove_diacritics 2")',
    # cases whose words were taken out for good
    "CREATE TABLE IF NOT EXISTS forgotten (case_id TEXT PRIMARY KEY)",
)

ADD = (
    # another process may have taken it in meanwhile
    "INSERT OR REPLACE INTO entry (rowid, case_id, entity_id, kind, place, title, body)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)
FIND = (
    "SELECT case_id, entity_id, kind, place, title, snippet(entry, 5, '[', ']', ' … ', 12)"
    " FROM entry WHERE entry MATCH ? AND (? = '' OR case_id = ?) ORDER BY rowid DESC LIMIT ?"
)


@dataclass(frozen=True)
class Hit:
    """One place where the words were found. `snippet` marks them with [ and ]."""

    case_id: str
    entity_id: str
    kind: str
    place: str
    title: str
    snippet: str


@dataclass(frozen=True)
class Entry:
    """A text to be found: whose it is, what kind of place it stands in, and its words."""

    entity_id: str
    kind: str
    place: str
    title: str
    text: str


def add(
    writing: Writing, case_id: str, entity_id: str, kind: str, place: str, title: str, text: str
) -> None:
    """Put a text in the way of the index, sealed and within the act it belongs to."""
    add_all(writing, case_id, (Entry(entity_id, kind, place, title, text),))


def add_all(writing: Writing, case_id: str, entries: Iterable[Entry]) -> None:
    """As `add`, for many texts of a case."""
    last = writing.sql.execute(select(func.max(tables.search_entry.c.seq))).scalar()
    writing.insert_all(
        tables.search_entry,
        (
            {
                "seq": seq,
                "case_id": case_id,
                "entity_id": one.entity_id,
                "body": {
                    "kind": one.kind, "place": one.place, "title": one.title, "text": one.text,
                },
            }
            for seq, one in enumerate(entries, int(last or 0) + 1)
        ),
    )  # fmt: skip


class SearchIndex:
    """The index in search.db, under the clinical key; it follows the store by a watermark."""

    def __init__(self, path: Path, key: bytes, *, reading: bool = False) -> None:
        self._path = path
        self._reading = reading
        make = connect_reading if reading else connect
        # FTS5 makes, fills and drops tables of its own, and what is in here can be made anew
        self._connect: Callable[[], Driver] | None = make(path, key, authorizer.unguarded)
        self._stamp: tuple[int, ...] = ()
        self._connection: Driver = None
        self._alone = threading.Lock()

    def follow(self, reading: Reading, progress: Progress | None = None) -> None:
        """Take in what the store has that the index doesn't. Raises Cancelled, VaultDamaged.

        Where nothing can be written the index stays as it is.
        """
        if self._reading:
            return
        watch = progress or Progress()
        newest = _newest(reading)
        with self._alone, _in_our_words():
            connection = self._open()
            if _followed(connection) > newest:
                raise _damaged()  # of another store, or of this one before it was restored
            _forget(connection, keeping.erased_cases(reading))
            while not watch.cancelled() and self._take_in(connection, reading):
                watch.report(_followed(connection), newest, "Making the search index")
            if watch.cancelled():
                raise Cancelled("Stopped. The search index is completed by the next search.")

    def is_sound(self, reading: Reading) -> bool:
        """Whether the index holds what it has taken in. One that isn't made yet is sound."""
        if not self._path.exists() and not self._path.is_symlink():
            return True
        try:
            with self._alone, _in_our_words():
                connection = self._open()
                if not self._reading:
                    # a page that a power cut tore is whole in the log
                    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
                if connection.execute("PRAGMA cipher_integrity_check").fetchall():
                    return False
                trees = connection.execute("PRAGMA integrity_check").fetchall()
                held = {int(row[0]) for row in connection.execute("SELECT rowid FROM entry")}
                followed = _followed(connection)
        except VaultDamaged:
            return False
        sound = [row[0] for row in trees] == ["ok"] and followed <= _newest(reading)
        return sound and not _lacks(reading, held, followed)

    def _take_in(self, connection: Driver, reading: Reading) -> bool:
        """One batch, in one transaction of the index; False when nothing is left."""
        if not (rows := self._next(reading, _followed(connection))):
            return False
        connection.execute("BEGIN IMMEDIATE")
        try:
            for row in rows:
                said = row["body"]
                if said is None:
                    continue  # of a case that was erased
                entry = (row["seq"], row["case_id"], row["entity_id"])
                text = (said["kind"], said["place"], said["title"], said["text"])
                connection.execute(ADD, entry + tuple(encodable(part) for part in text))
            connection.execute("UPDATE followed SET seq = MAX(seq, ?)", (rows[-1]["seq"],))
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        return True

    def find(self, words: str, limit: int = 50, case_id: str = "") -> tuple[Hit, ...]:
        """Where all the words (or their beginnings) stand, newest first."""
        asked = _asked(words)
        if not asked:
            return ()
        with self._alone, _in_our_words():
            rows = self._open().execute(FIND, (asked, case_id, case_id, limit))
            return tuple(Hit(*row) for row in rows.fetchall())

    def rebuild(self, reading: Reading, progress: Progress | None = None) -> None:
        """Make the index anew from what the store holds. Raises Cancelled, VaultDamaged."""
        self.close()
        if self._reading:
            raise DiskFailed(
                "The search index can't be read, and can't be made anew where nothing can be "
                "written.",
                kept="The store itself isn't touched by it.",
                cure="Search again once the store can be written.",
            )
        try:
            for name in (self._path, *_beside(self._path)):
                name.unlink(missing_ok=True)
        except OSError:
            raise VaultDamaged(
                f"Something else stands in the place of the search index ({self._path.name}).",
                kept="The store itself isn't touched by it.",
                cure="Take it away and search again.",
            ) from None
        self.follow(reading, progress)

    def close(self) -> None:
        """Close the connection; the next use opens it again."""
        with self._alone:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def end(self) -> None:
        """Close it for good and let go of its key: a search that comes too late opens nothing."""
        self.close()
        with self._alone:
            self._connect = None

    def _open(self) -> Driver:
        if self._connect is None:
            raise VaultLocked("The store is locked.", cure="Unlock it first.")
        if self._reading:
            self._look_for_changes()
        if self._connection is None:
            if self._path.is_symlink() or (self._path.exists() and not self._path.is_file()):
                raise _damaged()  # a pipe in its place would have its reader wait for ever
            try:
                connection = self._connect()
            except VaultLocked:
                raise _damaged() from None  # its key can't be wrong
            try:
                for statement in () if self._reading else SHAPE:
                    connection.execute(statement)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _look_for_changes(self) -> None:
        """An index that nobody locks is read anew where somebody else has changed it."""
        try:
            now = stamp(self._path)
        except OSError:
            raise _damaged() from None
        if now != self._stamp and self._connection is not None:
            self._connection.close()
            self._connection = None
        self._stamp = now

    def _next(self, reading: Reading, seq: int) -> list[dict[str, Any]]:
        chosen = (
            select(tables.search_entry)
            .where(tables.search_entry.c.seq > seq)
            .order_by(tables.search_entry.c.seq)
            .limit(_BATCH)
        )
        return reading.all(tables.search_entry, chosen, blank=True)


def _asked(words: str) -> str:
    """Words as FTS5 asks for them: each a quoted phrase, or the beginning of one.

    What isn't a letter or a digit parts words as it does in the index.
    """
    known = "".join(
        ch if unicodedata.category(ch)[0] in "LNM" else " " for ch in words[:_MOST_ASKED]
    )
    with_letters = (term for term in known.split() if any(ch.isalnum() for ch in term))
    return " ".join(f'"{term}"*' for term in with_letters)


def _forget(connection: Driver, erased: frozenset[str]) -> None:
    """Take the words of erased cases out of the index, out of its file and out of its log.

    FTS5 otherwise only marks what is deleted (sqlite.org/fts5.html, section 6.14).
    """
    known = {row[0] for row in connection.execute("SELECT case_id FROM forgotten")}
    fresh = sorted(erased - known)
    if not fresh:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute("INSERT INTO entry (entry, rank) VALUES ('secure-delete', 1)")
        for case_id in fresh:
            connection.execute("DELETE FROM entry WHERE case_id = ?", (case_id,))
            connection.execute("INSERT OR IGNORE INTO forgotten VALUES (?)", (case_id,))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def _followed(connection: Driver) -> int:
    row = connection.execute("SELECT seq FROM followed").fetchone()
    return int(row[0]) if row else 0


def _newest(reading: Reading) -> int:
    return int(reading.sql.execute(select(func.max(tables.search_entry.c.seq))).scalar() or 0)


def _lacks(reading: Reading, held: set[int], followed: int) -> bool:
    """Whether the index lacks an entry it has taken in; those of erased cases it never had."""
    entry = tables.search_entry
    taken_in = reading.sql.execute(select(entry.c.seq).where(entry.c.seq <= followed)).scalars()
    for seq in set(taken_in) - held:
        rows = reading.all(entry, select(entry).where(entry.c.seq == seq), blank=True)
        if any(row["body"] is not None for row in rows):
            return True
    return False


def _damaged() -> VaultDamaged:
    return VaultDamaged(
        "The search index is damaged.",
        kept="The store itself isn't touched by it.",
        cure="Rebuild the index.",
    )


@contextmanager
def _in_our_words() -> Iterator[None]:
    """Tell a busy index from one that is damaged."""
    try:
        yield
    except sqlcipher3.dbapi2.Error as error:
        said = translated(error)
        raise (said if isinstance(said, VaultBusy) else _damaged()) from error


def _beside(path: Path) -> tuple[Path, ...]:
    return (path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm"))
