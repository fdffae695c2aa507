"""Looking after an open store: its log, its files, its search index, a still view to copy."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from consultdesk.consultation.audit import Act
from consultdesk.errors import VaultDamaged, VaultLocked
from consultdesk.vault import audit, authorizer, header, tables
from consultdesk.vault.anchors import NAME as ANCHORS
from consultdesk.vault.content import sweep
from consultdesk.vault.engine import Driver, connect, in_our_words
from consultdesk.vault.search import SearchIndex
from consultdesk.vault.unlocked import Unlocked

_SURELY_LEFT_MS = 24 * 60 * 60 * 1000
_OURS = re.compile(r"[0-9a-f]{32}")
"""How content names its files; what else lies there isn't ours to remove."""


@dataclass(frozen=True)
class Still:
    """The store at one instant: a view of its database that stays, and the files beside it.

    `beside` are the key files and the anchors of that instant, by name.
    """

    connection: Driver
    beside: dict[str, bytes]


@contextmanager
def still(store: Unlocked) -> Iterator[Still]:
    """The store as it is at this instant, to be copied while others go on writing.

    The view begins, and the files are read, while nobody in any process is within an act.
    What is raised within isn't translated: it may be of the disk that is copied to.
    """
    with ExitStack() as view, in_our_words():
        with store.alone(), store.engines.writer.begin():
            connection = connect(store.database, store.opened.store, authorizer.reading)()
            view.callback(connection.close)
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            names = (*header.NAMES, ANCHORS)
            there = [name for name in names if (store.folder / name).is_file()]
            beside = {name: (store.folder / name).read_bytes() for name in there}
        stays = view.pop_all()
    with stays:
        yield Still(connection, beside)


def empty_log(store: Unlocked) -> bool:
    """Take the write-ahead log into the database and cut it to nothing.

    So that no old page stays in it; False while somebody else still reads an older view.
    """
    with store.alone(), in_our_words():
        connection = store.engines.writer.raw_connection()
        try:
            said = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.close()
    return not said[0]


def take_in_log(store: Unlocked) -> None:
    """Have the database take in what its log holds.

    A page that a power cut tore while that was done is whole in the log, and is no damage.
    """
    with store.alone(), in_our_words():
        connection = connect(store.database, store.opened.store, authorizer.unguarded)()
        try:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        finally:
            connection.close()


def search(store: Unlocked) -> SearchIndex:
    """The search index, brought up to what is stored, made anew where it is damaged.

    Raises ClinicalContentClosed.
    """
    store.check_open()
    store.keys.check_open()
    if store.search is None:
        raise VaultLocked("The store is locked.")
    with store.read() as reading:
        try:
            store.search.follow(reading)
        except VaultDamaged:
            store.search.rebuild(reading)
    return store.search


def orphans(store: Unlocked) -> tuple[str, ...]:
    """Sealed files that no row speaks of, left by an import that was killed."""
    with store.read() as reading:
        # the row of a letter's file stays when its case is erased; the file doesn't
        kept = tables.content.c.case_id.in_(select(tables.sealing_key.c.owner))
        known = reading.sql.execute(select(tables.content.c.name).where(kept)).scalars().all()
    return sweep(store.content, frozenset(known))


def clear_up(store: Unlocked, now: int) -> int:
    """Remove sealed files that an import left which was killed; how many.

    Only while no other process has the store open, so that none is in the middle of an
    import; and none before this database has been in use for a day since, lest one that
    somebody put in the place of another costs the files of that one. That they go is
    recorded before they go: a kill in between leaves some for the next time.
    """
    if store.lock is None or not store.keys.open:
        return 0
    with store.presence.alone() as alone:
        left = [path for path in _left_behind(store, now) if alone]
        if left:
            with store.act(Act("clear_up", now)) as writing:
                writing.detail = f"{len(left)} sealed files without a record"
        for path in left:
            with suppress(OSError):  # it can be removed another time
                path.unlink(missing_ok=True)
    return len(left)


def _left_behind(store: Unlocked, now: int) -> Iterator[Path]:
    left = orphans(store)
    if not left:
        return
    with store.read() as reading:
        used = audit.last_until(reading, now - _SURELY_LEFT_MS)
    for name in left:
        path = store.content / name
        with suppress(OSError):
            old = path.stat().st_mtime * 1000 < used
            if old and _OURS.fullmatch(name) and path.is_file() and not path.is_symlink():
                yield path
