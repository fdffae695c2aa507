"""What a user has unlocked: the keys in use, the connections, and the one who writes.

It is the inside of a `Vault`; nobody outside this room has it, so that nobody gets a writing
connection but through `act`.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection, Engine

from consultdesk.consultation.audit import Act
from consultdesk.errors import (
    ConsultDeskError,
    DiskFailed,
    DiskFull,
    DiskUnsure,
    VaultBusy,
    VaultDamaged,
    VaultLocked,
)
from consultdesk.vault import audit, clock_mark, rekey, schema
from consultdesk.vault.anchoring import Anchoring
from consultdesk.vault.anchors import ANCHORED, Anchors
from consultdesk.vault.clock import Clock
from consultdesk.vault.door import CONTENT, DATABASE, SEARCH
from consultdesk.vault.engine import (
    connect_reading,
    in_our_words,
    make_engine,
    stamp,
    transaction,
)
from consultdesk.vault.header import Header
from consultdesk.vault.lock import DesktopLock, Presence
from consultdesk.vault.members import OpenKeys
from consultdesk.vault.only_read import Why, is_protected, refusal
from consultdesk.vault.owed import Owed
from consultdesk.vault.readers import Readers
from consultdesk.vault.reserve import Reserve, giving_back
from consultdesk.vault.rows import Reading, SealingKeys, Writing
from consultdesk.vault.sealed import ClinicalKey
from consultdesk.vault.search import SearchIndex

_READERS = 2
_LOG = logging.getLogger(__name__)

Listener = Callable[[frozenset[str]], None]
"""Told after each commit which topics changed; called on the writing thread."""


@dataclass(frozen=True)
class Engines:
    """The database's connections: a few that read, one that writes."""

    readers: Readers
    writer: Engine

    @classmethod
    def reading(cls, path: Path, store: bytes) -> "Engines":
        """Connections that write nothing, whatever they are asked."""
        creator = connect_reading(path, store)
        return cls(
            Readers(path, store, _READERS, creator),
            make_engine(path, store, begin="BEGIN", read_only=True, size=1, creator=creator),
        )

    @classmethod
    def of(cls, path: Path, store: bytes) -> "Engines":
        """Connections under the store key."""
        return cls(
            Readers(path, store, _READERS),
            make_engine(path, store, begin="BEGIN IMMEDIATE", read_only=False, size=1),
        )

    def dispose(self) -> None:
        """Close them all."""
        self.readers.end()
        self.writer.dispose()


class Unlocked:
    """A store that a user has unlocked, from inside.

    `barred` says why no act may be taken in a store that is open to be verified. `why` says why
    it can only be read now: where it was opened so (`reading`) until it is opened anew, else
    until an act can be written again.
    """

    def __init__(
        self,
        folder: Path,
        opened: OpenKeys,
        held: Header,
        presence: Presence,
        lock: DesktopLock | None,
        why: Why | None = None,
    ) -> None:
        self.folder = folder
        self.database, self.content = folder / DATABASE, folder / CONTENT
        self.user, self.role = opened.user, opened.role
        self.presence, self.lock = presence, lock
        self.reserve = Reserve(folder)
        self.anchoring = Anchoring(Anchors(folder, held.store_id))
        self.clock = Clock(0)
        self.barred: Callable[[], ConsultDeskError] | None = None
        self.reading, self.why = why is not None, why
        self._stamp = stamp(self.database) if why else ()
        engines = Engines.reading if why else Engines.of
        self.engines = engines(self.database, opened.store)
        self._opened: OpenKeys | None = opened
        self._one_writer = threading.RLock()
        self._writing = self._acted = self._closed = False
        self._listeners: list[Listener] = []
        self.owed = Owed(folder, held.store_id, opened.store)
        self.use(opened, held)

    # --- keys -----------------------------------------------------------------------------

    @property
    def opened(self) -> OpenKeys:
        """The open user's keys. Raises VaultLocked."""
        self.check_open()
        if self._opened is None:
            raise VaultLocked("The store is locked.", cure="Unlock it first.")
        return self._opened

    def use(self, opened: OpenKeys, held: Header) -> None:
        """Take keys into use: what opens clinical content, and what tells who signed."""
        clinical = ClinicalKey(opened.clinical) if opened.clinical else None
        self._opened = opened
        before, self.owed = self.owed, Owed(self.folder, held.store_id, opened.store)
        before.move_to(self.owed)
        self.owes = bool(self.owed.notes())
        self.keys = SealingKeys(clinical)
        self.know(held)
        self.search = (
            SearchIndex(self.folder / SEARCH, clinical.search, reading=self.reading)
            if clinical
            else None
        )

    def know(self, held: Header) -> None:
        """Take over by which signatures this key file tells its members."""
        clinical = self.keys.clinical if self.keys.open else None
        own = self.opened.pair.signing
        self.keys = SealingKeys(clinical, replace(held.signatures, own=own))

    def use_again(self, held: Header, fresh: OpenKeys | None = None) -> None:
        """The keys in use once more, by what the key file now says."""
        opened = fresh or self.opened
        member = held.member(opened.user)
        root = opened.root if member.administers else None
        self.use(replace(opened, administers=member.administers, root=root), held)
        with self.engines.readers.lend() as sql:
            self.carry(sql)

    def carry(self, sql: Connection) -> None:
        """Take over what the clinical key carries of an earlier one."""
        carried = rekey.carried(sql)
        if carried and self.keys.open:
            self.keys = SealingKeys(self.keys.clinical.carrying(carried), self.keys.signatures)

    # --- read and act ---------------------------------------------------------------------

    @contextmanager
    def read(self) -> Iterator[Reading]:
        """One consistent view that can't write.

        Raises VaultBusy where a store that is only read was changed by somebody else meanwhile.
        """
        self.check_open()
        before = self._look_for_changes() if self.reading else ()
        with in_our_words(), self.engines.readers.lend() as sql:
            yield Reading(sql, self.keys)
        if before and stamp(self.database) != before:
            raise VaultBusy(
                "Somebody else changed the store while it was read.", cure="Look again."
            )

    def _look_for_changes(self) -> tuple[int, ...]:
        """Read what lies there now, where somebody else has changed it."""
        now = stamp(self.database)
        if now != self._stamp:
            self._stamp = now
            self.engines.readers.renew()
        return now

    @contextmanager
    def act(self, act: Act, by: tuple[str, str] | None = None) -> Iterator[Writing]:
        """One act of a person, one transaction, one audit line; listeners hear of it after.

        `by` names another user and role than the open ones, of an act that is written late.
        Raises ReadOnly where nothing can be written.
        """
        if self.barred:
            raise self.barred()
        with (
            self._noticing(),
            self._writing_act(act, by or (self.user, self.role.value)) as writing,
        ):
            yield writing
        self.done(act, anchored=act.what in ANCHORED)

    @contextmanager
    def _noticing(self) -> Iterator[None]:
        """Notice that the store can only be read now, or that it can be written again."""
        try:
            yield
        except DiskFailed as failed:
            protected = is_protected(self.folder)
            full = isinstance(failed, DiskFull) and not self.reserve.size
            if isinstance(failed, DiskUnsure) or not (protected or full):
                raise
            self.turn(Why.PROTECTED if protected else Why.FULL)
            raise refusal(self.why or Why.FULL) from failed
        self.turn(None)

    def turn(self, why: Why | None) -> None:
        """Take note that the store can only be read from now on, or no longer so; tell of it."""
        if why is not self.why:
            self.why = why
            self.tell(frozenset({"room"}))

    @contextmanager
    def _writing_act(self, act: Act, by: tuple[str, str]) -> Iterator[Writing]:
        room = giving_back(self.reserve)
        with self.alone(), room, in_our_words(), transaction(self.engines.writer) as sql:
            self.check_shape(sql)
            writing = Writing(sql, self.keys, act)
            healed = clock_mark.check_time(writing)
            yield writing
            said = (writing.detail, self.clock.unbelieved, healed)
            writing.detail = ", ".join(filter(None, said))
            audit.append(writing, *by)
            mark = clock_mark.advance(writing, act.at)
        self.clock.accept(mark)

    def done(self, act: Act, *, anchored: bool) -> None:
        """Anchor what has to be, and tell who listens."""
        self._acted = True
        if anchored:
            self.anchor()
        self.tell(act.topics)

    def tell(self, topics: frozenset[str]) -> None:
        """Tell who listens what has changed."""
        for listener in tuple(self._listeners):
            try:
                listener(topics)
            except Exception:
                # the act is kept, so whoever acted must not be told that it failed
                _LOG.exception("A listener failed after a commit.")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else in this process writes meanwhile. Raises ReadOnly."""
        with self._one_writer:
            self.check_open()
            if self.reading and self.why:
                raise refusal(self.why)
            if self._writing:
                raise RuntimeError("an act can't begin within another one")
            self._writing = True
            try:
                yield
            finally:
                self._writing = False

    def check_shape(self, sql: Connection) -> None:
        """Have nothing done in a store whose tables or triggers aren't ours any more."""
        found = schema.cookie(sql)
        # by connection: what it has parsed stays, whatever is written into the schema's table
        if sql.info.get("shape") != found:
            schema.check_ours(sql)
            sql.info["shape"] = found

    def anchor(self) -> None:
        """Anchor the last line of the audit. What was done stays done where that fails."""
        try:
            with self.read() as reading:
                self.anchoring.anchor(reading, self.user)
        except (VaultDamaged, VaultBusy):
            _LOG.exception("The anchor couldn't be written.")

    def listen(self, listener: Listener) -> None:
        """Tell this one too after each commit."""
        self._listeners.append(listener)

    @property
    def listeners(self) -> tuple[Listener, ...]:
        """Who is told."""
        return tuple(self._listeners)

    # --- close ----------------------------------------------------------------------------

    def let_others(self) -> None:
        """Let somebody else have the desk's lock, who is about to open the store anew."""
        self.presence.release()
        if self.lock:
            self.lock.release()

    def keep_others_out(self) -> None:
        """Take the desk's lock back as well as may be, where opening anew came to nothing."""
        with suppress(ConsultDeskError):
            self.presence = Presence(self.folder, reading=True)
            if self.lock:
                self.lock = DesktopLock(self.folder, self.user, reading=True)

    def check_open(self) -> None:
        """Raise VaultLocked once it is closed."""
        if self._closed:
            raise VaultLocked("The store is locked.", cure="Unlock it first.")

    def close(self) -> None:
        """Let an act that is under way end, close every connection and let go of the keys."""
        with self._one_writer, ExitStack() as after:
            if self._closed:
                return
            if self.lock:
                after.callback(self.lock.release)
            after.callback(self.presence.release)
            if self._acted:
                self.anchor()
            self._closed = True
            self._listeners.clear()
            if self.search:
                self.search.end()
            self.search = None
            self.engines.dispose()
            self.keys = SealingKeys(None)
            self._opened = None
