"""A store on its way to being open: unlocked, brought up to date, and known for what it was."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from enum import StrEnum
from pathlib import Path

from consultdesk.consultation.audit import Act
from consultdesk.errors import (
    DatabaseOlder,
    DiskFailed,
    KeyUnfit,
    VaultBusy,
    VaultDamaged,
    VaultLocked,
    VaultOlder,
)
from consultdesk.vault import (
    audit,
    authorizer,
    clock_mark,
    founding,
    header,
    key_change,
    practice,
    rekey,
    schema,
    tables,
)
from consultdesk.vault.anchors import Anchor
from consultdesk.vault.clock import Clock
from consultdesk.vault.door import CONTENT, DATABASE, is_store
from consultdesk.vault.engine import (
    check_encrypted,
    in_our_words,
    is_copied,
    make_engine,
    take_into_use,
)
from consultdesk.vault.header import Header
from consultdesk.vault.lock import DesktopLock, Presence
from consultdesk.vault.members import OpenKeys
from consultdesk.vault.only_read import Why
from consultdesk.vault.reserve import Reserve, giving_back
from consultdesk.vault.unlocked import Unlocked

Unlock = Callable[[], tuple[Header, OpenKeys]]
"""Reads the key file and opens a member's keys. Raises VaultLocked, VaultDamaged."""


class Way(StrEnum):
    """As what a store is opened."""

    NEW = "new"
    USUAL = "usual"
    AS_RESTORED = "as restored"
    """A person says that its database is one that was restored."""
    FROM_BACKUP = "from a backup"
    """Copied from a backup, all but the key file."""
    AS_IT_LIES = "as it lies"
    """Changed or damaged, only to be looked at: nothing is migrated and no act is taken."""


def check_there(folder: Path) -> None:
    """Raise VaultLocked where no store lies, VaultDamaged where not all of one does."""
    if not is_store(folder):
        if any((folder / name).is_file() for name in header.NAMES):
            raise VaultDamaged("The store's database is missing.", cure="Restore it from a backup.")
        raise VaultLocked("There is no ConsultDesk store in that folder.")
    check_encrypted(folder / DATABASE)


@contextmanager
def only_reading(folder: Path, unlock: Unlock, why: Why, *, desktop: bool) -> Iterator[Unlocked]:
    """A store on its way to being only read: nothing is written, migrated, settled or recorded.

    The desk's lock and the presence are taken where they can be. Raises as `opening` does, and
    VaultDamaged for a store that has to be written before it can be read.
    """
    with _fitting(), ExitStack() as undo:
        presence = Presence(folder, reading=True)
        undo.callback(presence.release)
        held, opened = unlock()
        if rekey.left_open(folder):
            raise _unfinished("An exchange of this store's keys was cut off.")
        lock = DesktopLock(folder, opened.user, reading=True) if desktop else None
        if lock:
            undo.callback(lock.release)
        store = Unlocked(folder, opened, held, presence, lock, why)
        undo.pop_all()
        try:
            _check_current(store, held)
            _check_known(store, held)
            yield store
        except BaseException:
            store.close()
            raise


@contextmanager
def opening(
    folder: Path, unlock: Unlock, now: int, way: Way, *, desktop: bool
) -> Iterator[Unlocked]:
    """A store on its way to being open; all is let go of when that fails.

    Raises VaultLocked, VaultBusy, VaultOlder, VaultDamaged, DiskFull.
    """
    with giving_back(Reserve(folder)), _fitting(), ExitStack() as undo:
        presence = Presence(folder)
        undo.callback(presence.release)
        held, opened = unlock()
        if way not in (Way.NEW, Way.AS_IT_LIES):
            _settle(folder, presence, opened.store)
        lock = DesktopLock(folder, opened.user) if desktop else None
        if lock:
            undo.callback(lock.release)
        _make_content_folder(folder)
        store = Unlocked(folder, opened, held, presence, lock)
        undo.pop_all()
        try:
            _take_up(store, held, now, way)
            yield store
        except BaseException:
            store.close()
            raise


# --- up to date ---------------------------------------------------------------------------


def _take_up(store: Unlocked, held: Header, now: int, way: Way) -> None:
    if way is Way.AS_IT_LIES:
        store.barred = _only_verified
        return
    _bring_up_to_date(store, held, now, new=way is Way.NEW)
    if way is Way.FROM_BACKUP:
        _come_back(store, held, now)
    elif way is not Way.NEW:
        if founding.is_unfinished(store.folder):
            _finish(store)
        _know_again(store, held, now, as_restored=way is Way.AS_RESTORED)


def _only_verified() -> VaultDamaged:
    return VaultDamaged("This store is open only to be verified.", kept="Nothing was changed.")


def _bring_up_to_date(store: Unlocked, held: Header, now: int, *, new: bool) -> None:
    with in_our_words():
        with store.engines.readers.lend() as sql:
            stale = schema.check_version(sql)
            if stale and not (new or schema.version(sql)):
                raise VaultDamaged(
                    "The store's database holds no store.", cure="Restore it from a backup."
                )
        if stale:
            _migrate(store, now, new=new)
        with store.engines.writer.begin() as sql:
            store.check_shape(sql)
            mark = sql.exec_driver_sql("SELECT at FROM clock_mark").scalar()
            if not new:
                practice.check_header(sql, held)
            store.carry(sql)
    if mark is None:
        raise VaultDamaged(
            "The store no longer knows how late it was when it was last used.",
            cure="Verify the store, then restore it from a backup.",
        )
    store.clock = Clock(int(mark))


def _migrate(store: Unlocked, now: int, *, new: bool) -> None:
    """Bring tables and triggers to the newest, and set a new store's clock."""
    engine = make_engine(
        store.database,
        store.opened.store,
        begin="BEGIN IMMEDIATE",
        read_only=False,
        size=1,
        rights=authorizer.migrating,
    )
    try:
        with engine.begin() as sql:
            schema.migrate(sql)
            if new:
                sql.execute(tables.clock_mark.insert().values(id=1, at=now, epoch=1))
    finally:
        engine.dispose()


def _finish(store: Unlocked) -> None:
    """Take a store for finished whose making was broken off behind its first act."""
    with store.read() as reading:
        if not audit.last_seq(reading):
            raise VaultDamaged(
                "The making of this store was broken off.",
                kept="It holds nothing yet.",
                cure="Make it again in the same folder.",
            )
    founding.finish(store.folder)


# --- known again --------------------------------------------------------------------------


def _check_current(store: Unlocked, held: Header) -> None:
    """Refuse to read what would have to be brought up to date first; know how late it is."""
    with store.read() as reading:
        if schema.check_version(reading.sql):
            raise _unfinished("This store was made by an earlier ConsultDesk.")
        store.check_shape(reading.sql)
        mark = reading.sql.exec_driver_sql("SELECT at FROM clock_mark").scalar()
        practice.check_header(reading.sql, held)
        store.carry(reading.sql)
        if mark is None or not audit.last_seq(reading):
            raise _unfinished("The making of this store was broken off.")
    store.clock = Clock(int(mark))


def _check_known(store: Unlocked, held: Header) -> None:
    """See that members, database and key file belong together, and that none is older."""
    with store.read() as reading:
        practice.check_roster(reading, held)
        if is_copied(reading.sql):
            raise _unfinished("This is a copy out of a backup.")
        if store.anchoring.missing(reading):
            raise _older()


def _unfinished(message: str) -> VaultDamaged:
    return VaultDamaged(
        f"{message} It has to be opened once where it can be written before it can be read.",
        kept="Nothing was changed.",
        cure="Free some space, or copy the whole folder to a disk that can be written.",
    )


def _older() -> DatabaseOlder:
    return DatabaseOlder(
        "This database is older than what was last acknowledged in this store.",
        kept="Nothing was changed.",
        cure="Put the newer desk.db back, or restore the store from its newest backup. "
        "If there is none, it can be opened as restored: then every consent to send "
        "waits until it is confirmed again.",
    )


def _know_again(store: Unlocked, held: Header, now: int, *, as_restored: bool) -> None:
    """See that members, database and key file belong together, and note what is new."""
    with store.read() as reading:
        practice.check_roster(reading, held)
        older = store.anchoring.missing(reading)
        behind = not older and not store.anchoring.covers(reading)
        unknown = practice.header_mark(reading)[0] < held.sequence
        copied = is_copied(reading.sql)
    if as_restored or copied:
        _begin_epoch(store, older, now)
    elif older:
        raise _older()
    elif behind:
        _renew_anchor(store, now)
    copies = header.copies(store.folder)
    lagging = len(copies) < len(header.NAMES) or copies[0] != copies[-1]
    if unknown or lagging or held.member(store.user).delivered:
        key_change.take_note(store, now)


def _come_back(store: Unlocked, held: Header, now: int) -> None:
    """Take a database from a backup into use."""
    with store.read() as reading:
        practice.check_roster(reading, held)
        older = store.anchoring.missing(reading)
    _begin_epoch(store, older, now)


def _begin_epoch(store: Unlocked, older: Anchor | None, now: int) -> None:
    """Begin a restored database's new epoch, later than any that an anchor knows."""
    at, least = (older.at, older.epoch) if older else (0, 0)
    restore = Act(clock_mark.RESTORE, max(store.clock.believed(now), at))
    with store.act(restore) as writing:
        practice.begin_epoch(writing, least)
    with store.alone(), in_our_words():
        take_into_use(store.database, store.opened.store)


def _renew_anchor(store: Unlocked, now: int) -> None:
    """Anchor what a kill left behind the last anchor; that there was none is recorded."""
    with store.read() as reading:
        lost = store.anchoring.is_lost(reading)
    if lost:
        store.anchoring.lost = True
        missed = Act("miss_anchors", store.clock.believed(now))
        with suppress(DiskFailed, VaultBusy), store.act(missed):
            pass
    store.anchor()


# --- inside -------------------------------------------------------------------------------


def _settle(folder: Path, presence: Presence, store: bytes) -> None:
    """Finish or undo an exchange of keys that was cut off."""
    if rekey.left_open(folder):
        with presence.alone() as alone, in_our_words():
            if alone:
                rekey.settle(folder, folder / DATABASE, store)


@contextmanager
def _fitting() -> Iterator[None]:
    """Tell a key that doesn't fit the database from a passphrase that doesn't fit the key file.

    Raises VaultOlder.
    """
    try:
        yield
    except KeyUnfit:
        raise VaultOlder(
            "This key file doesn't fit the database: one of them is older than the other.",
            kept="Nothing was changed.",
            cure="Put the newest keys.json back, or restore the store from a backup.",
        ) from None


def _make_content_folder(folder: Path) -> None:
    """Copying tools drop empty folders, and a store without any file has an empty one."""
    try:
        (folder / CONTENT).mkdir(mode=0o700, exist_ok=True)
    except OSError:
        raise VaultDamaged(
            "The store's folder for files can't be used.", cure="Check the disk."
        ) from None
