"""The open store: `read` sees it, and `act` is the only way to change it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, select, update

from consultdesk.consultation.audit import Act, Role, User
from consultdesk.consultation.delivery import LARGEST_JUMP, Moment
from consultdesk.consultation.identity import new_id
from consultdesk.errors import VaultDamaged, VaultLocked
from consultdesk.vault import audit, header, schema, tables
from consultdesk.vault import key as keys
from consultdesk.vault.content import SealedSource, sweep
from consultdesk.vault.engine import check_encrypted, in_our_words, make_engine
from consultdesk.vault.lock import DesktopLock
from consultdesk.vault.rows import Reading, SealingKeys, Writing
from consultdesk.vault.sealed import ClinicalKey
from consultdesk.vault.search import SearchIndex

DATABASE, SEARCH, CONTENT = "desk.db", "search.db", "content"
_READERS = 2

Listener = Callable[[frozenset[str]], None]
"""Told after each commit which topics changed; called on the writing thread."""


@dataclass(frozen=True)
class _Engines:
    readers: Engine
    writer: Engine


class Vault:
    """A store that a user has unlocked."""

    def __init__(self, folder: Path, opened: header.OpenKeys, lock: DesktopLock | None) -> None:
        self.folder = folder
        self.user = opened.user
        self.role = opened.role
        clinical = ClinicalKey(opened.clinical) if opened.clinical else None
        self._keys = SealingKeys(clinical)
        self._lock = lock
        self._one_writer = threading.Lock()
        self._listeners: list[Listener] = []
        path = folder / DATABASE
        self._engines = _Engines(
            make_engine(path, opened.store, begin="BEGIN", read_only=True, size=_READERS),
            make_engine(path, opened.store, begin="BEGIN IMMEDIATE", read_only=False, size=1),
        )
        self._search = SearchIndex(folder / SEARCH, clinical.search) if clinical else None
        self._closed = False

    # --- open and close -------------------------------------------------------------------

    @classmethod
    def create(
        cls,
        folder: Path,
        user: User,
        passphrase: str,
        now: int,
        *,
        parameters: keys.Argon2Parameters | None = None,
        desktop: bool = False,
    ) -> "Vault":
        """Make a new store with its first physician and open it.

        Raises VaultDamaged when the folder already holds something.
        """
        if folder.exists() and any(folder.iterdir()):
            raise VaultDamaged(
                "That folder already holds something.", cure="Choose an empty or a new folder."
            )
        cost = parameters or keys.calibrate()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / CONTENT).mkdir(mode=0o700)
        store, clinical = keys.new_key(), keys.new_key()
        slot = header.new_slot(user.name, user.role, passphrase, store, clinical, cost)
        opened = header.OpenKeys(user.name, user.role, store, clinical)
        lock = DesktopLock(folder, user.name) if desktop else None
        vault = cls(folder, opened, lock)
        vault._bring_up_to_date(now)
        header.write(folder, header.Header(new_id(now), 1, (slot,)))
        with vault.act(Act("create_store", now)) as writing:
            writing.insert(
                tables.user_account,
                id=new_id(now),
                name=user.name,
                role=user.role.value,
                full_name=user.full_name,
                registration=user.registration,
                specialty=user.specialty,
            )
        return vault

    @classmethod
    def open(
        cls, folder: Path, user: str, passphrase: str, now: int, *, desktop: bool = False
    ) -> "Vault":
        """Unlock a store; with no user name the only one.

        Raises VaultLocked, VaultBusy (another desktop has it), VaultDamaged.
        """
        if not (folder / DATABASE).is_file():
            raise VaultLocked("There is no ConsultDesk store in that folder.")
        check_encrypted(folder / DATABASE)
        opened = header.open_slot(header.read(folder).slot(user), passphrase)
        lock = DesktopLock(folder, opened.user) if desktop else None
        try:
            vault = cls(folder, opened, lock)
            vault._bring_up_to_date(now)
        except BaseException:
            if lock:
                lock.release()
            raise
        return vault

    def close(self) -> None:
        """Close every connection and let go of the keys."""
        if self._closed:
            return
        self._closed = True
        self._listeners.clear()
        if self._search:
            self._search.close()
        self._engines.readers.dispose()
        self._engines.writer.dispose()
        self._keys = SealingKeys(None)
        if self._lock:
            self._lock.release()

    def reauthenticate(self, passphrase: str) -> None:
        """Have the user prove again who they are. Raises VaultLocked."""
        header.open_slot(header.read(self.folder).slot(self.user), passphrase)

    # --- read and act ---------------------------------------------------------------------

    @contextmanager
    def read(self) -> Iterator[Reading]:
        """One consistent view that can't write."""
        self._check_open()
        with in_our_words(), self._engines.readers.begin() as sql:
            yield Reading(sql, self._keys)

    @contextmanager
    def act(self, act: Act) -> Iterator[Writing]:
        """The only way to write: one act of a person, one transaction, one audit line.

        Raised exceptions undo all of it. A refusal is no exception: the line that says so
        is kept. Listeners are told after the commit.
        """
        self._check_open()
        with self._one_writer, in_our_words(), self._engines.writer.begin() as sql:
            writing = Writing(sql, self._keys, act)
            yield writing
            audit.append(writing, self.user, self.role.value)
            _advance_mark(writing, act.at)
        self._tell(act.topics)

    def listen(self, listener: Listener) -> None:
        """Be told after each commit which topics changed."""
        self._listeners.append(listener)

    def moment(self, reading: Reading, now: int) -> Moment:
        """The instant by which the gate judges: the system clock and the highest accepted."""
        mark = reading.sql.execute(select(tables.clock_mark.c.at)).scalar_one()
        return Moment(now, int(mark))

    def source(
        self, name: str, size: int, content: str, identity: str, offset: int
    ) -> SealedSource:
        """The bytes of one received file, opened as they are read."""
        return SealedSource(name, size, self.content_folder / content, identity, offset)

    @property
    def content_folder(self) -> Path:
        """Where sealed files lie."""
        return self.folder / CONTENT

    @property
    def clinical(self) -> bool:
        """Whether this user's role opens clinical content."""
        return self._keys.open

    @property
    def search(self) -> SearchIndex:
        """The search index, brought up to what is stored. Raises ClinicalContentClosed."""
        if self._search is None:
            _ = self._keys.clinical
            raise VaultLocked("The store is locked.")
        with self.read() as reading:
            self._search.follow(reading)
        return self._search

    def orphans(self) -> tuple[str, ...]:
        """Sealed files that no row speaks of, left by an import that was killed."""
        with self.read() as reading:
            known = reading.sql.execute(select(tables.content.c.name)).scalars().all()
        return sweep(self.content_folder, frozenset(known))

    # --- inside ---------------------------------------------------------------------------

    def _bring_up_to_date(self, now: int) -> None:
        with in_our_words(), self._engines.writer.begin() as sql:
            if schema.check_version(sql):
                schema.migrate(sql)
            if sql.execute(select(tables.clock_mark.c.at)).scalar() is None:
                sql.execute(tables.clock_mark.insert().values(id=1, at=now, epoch=1))

    def _check_open(self) -> None:
        if self._closed:
            raise VaultLocked("The store is locked.", cure="Unlock it first.")

    def _tell(self, topics: frozenset[str]) -> None:
        for listener in tuple(self._listeners):
            listener(topics)


def _advance_mark(writing: Writing, at: int) -> None:
    """Move the clock mark forward; a jump of more than a day waits to be confirmed."""
    mark = tables.clock_mark
    writing.sql.execute(
        update(mark).where(mark.c.at < at, mark.c.at >= at - LARGEST_JUMP).values(at=at)
    )
    if writing.act.what == "confirm_clock":
        writing.sql.execute(update(mark).where(mark.c.at < at).values(at=at))


def roles_of(folder: Path) -> tuple[tuple[str, Role], ...]:
    """Who has a slot in the store: names and roles, as the unlock screen offers them."""
    return tuple((slot.user, slot.role) for slot in header.read(folder).slots)
