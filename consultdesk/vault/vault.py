"""The open store: `read` sees it, and `act` is the only way to change it."""

import hmac
import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection, Engine, select, update

from consultdesk.consultation.audit import Act, Role, User
from consultdesk.consultation.delivery import LARGEST_JUMP, Moment
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.source import Progress
from consultdesk.errors import (
    ClockUnconfirmed,
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
    founding,
    header,
    members,
    practice,
    rekey,
    schema,
    tables,
)
from consultdesk.vault import key as keys
from consultdesk.vault.anchors import ANCHORED, Anchor, Anchors
from consultdesk.vault.anchors import NAME as ANCHORS
from consultdesk.vault.clock import Clock
from consultdesk.vault.content import SealedSource, sweep
from consultdesk.vault.engine import (
    Driver,
    check_encrypted,
    connect,
    in_our_words,
    is_copied,
    make_engine,
    take_into_use,
    transaction,
)
from consultdesk.vault.header import Header, SlotKind
from consultdesk.vault.lock import DesktopLock, Presence
from consultdesk.vault.members import TYPED, OpenKeys
from consultdesk.vault.readers import Readers
from consultdesk.vault.reserve import Reserve, giving_back
from consultdesk.vault.rows import Reading, SealingKeys, Writing
from consultdesk.vault.sealed import ClinicalKey
from consultdesk.vault.search import SearchIndex

DATABASE, SEARCH, CONTENT = "desk.db", "search.db", "content"
_READERS = 2
CONFIRM = "confirm_clock"
"""The act by which a person vouches for the computer's clock after a jump."""

RESTORE = "restore"
"""The act by which an older database is taken as a restored one; its time is its anchor's."""

_SURELY_LEFT_MS = 24 * 60 * 60 * 1000
_OURS = re.compile(r"[0-9a-f]{32}")
"""How content names its files; what else lies there isn't ours to remove."""
_LOG = logging.getLogger(__name__)

Listener = Callable[[frozenset[str]], None]
"""Told after each commit which topics changed; called on the writing thread."""


KeyChange = Callable[[Header, OpenKeys], tuple[Header, OpenKeys]]
"""What an act makes of the key file and of the open user's keys; raises where it may not."""

Also = Callable[[Writing], None]
"""What the same act writes into the database."""


@dataclass(frozen=True)
class _Engines:
    readers: Readers
    writer: Engine

    @classmethod
    def of(cls, path: Path, store: bytes) -> "_Engines":
        return cls(
            Readers(path, store, _READERS),
            make_engine(path, store, begin="BEGIN IMMEDIATE", read_only=False, size=1),
        )

    def dispose(self) -> None:
        self.readers.end()
        self.writer.dispose()


@dataclass(frozen=True)
class Still:
    """The store at one instant: a view of its database that stays, and the files beside it.

    `beside` are the key files and the anchors of that instant, by name.
    """

    connection: Driver
    beside: dict[str, bytes]


class Vault:
    """A store that a user has unlocked."""

    def __init__(
        self,
        folder: Path,
        opened: OpenKeys,
        held: Header,
        presence: Presence,
        lock: DesktopLock | None,
    ) -> None:
        self.folder = folder
        self.user = opened.user
        self.role = opened.role
        self._opened: OpenKeys | None = opened
        self._lock, self._presence = lock, presence
        self._one_writer = threading.RLock()
        self._writing = False
        self._listeners: list[Listener] = []
        self._engines = _Engines.of(folder / DATABASE, opened.store)
        self._reserve = Reserve(folder)
        self._anchors = Anchors(folder, held.store_id)
        self._use(opened, held)
        self._closed = False
        self._acted = self._unanchored = False
        self._clock = Clock(0)
        self._only_looking = False
        _make_content_folder(self.content_folder)

    def _use(self, opened: OpenKeys, held: Header) -> None:
        """Take keys into use: what opens clinical content, and what tells who signed."""
        clinical = ClinicalKey(opened.clinical) if opened.clinical else None
        signatures = replace(held.signatures, own=opened.pair.signing)
        self._opened = opened
        self._keys = SealingKeys(clinical, signatures)
        self._search = SearchIndex(self.folder / SEARCH, clinical.search) if clinical else None

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
        """Make a new store with its first physician, who administers it, and open it.

        The key file comes last: with it the store exists. Raises VaultDamaged when the
        folder already holds something or can't be made.
        """
        cost = parameters or keys.calibrate()
        store, clinical = keys.new_key(), keys.new_key()
        held, opened = members.found(
            new_id(now), user.name, user.role, passphrase, store, clinical, cost
        )
        held = held.sealed(store)
        with (
            founding.begun(folder),
            cls._opening(folder, lambda: (held, opened), now, desktop=desktop, new=True) as vault,
        ):
            with vault.act(Act("create_store", now)) as writing:
                practice.add_user(writing, user, now)
                practice.mark_header(writing, held)
                header.write(folder, held)
            founding.finish(folder)
        return vault

    @classmethod
    def open(
        cls,
        folder: Path,
        user: str,
        passphrase: str,
        now: int,
        *,
        desktop: bool = False,
        kinds: tuple[SlotKind, ...] = TYPED,
        as_restored: bool = False,
        tolerate: bool = False,
    ) -> "Vault":
        """Unlock a store; with no user name the only one.

        `as_restored` takes the database as one that a person restored, be it older than its
        anchor or not: a new epoch begins, as it does for one out of a backup. With `tolerate` a
        store is opened as it lies there, changed or damaged, only to be looked at: nothing is
        migrated and no act is taken. Raises VaultLocked, VaultBusy (another desktop has it),
        VaultOlder, VaultDamaged.
        """

        def unlock() -> tuple[Header, OpenKeys]:
            held = header.read(folder)
            return held, members.unlock(held, user, passphrase, kinds)

        return cls._open(
            folder, unlock, now, desktop=desktop, as_restored=as_restored, tolerate=tolerate
        )

    @classmethod
    def with_keys(
        cls, folder: Path, opened: OpenKeys, now: int, *, desktop: bool = False
    ) -> "Vault":
        """Open a store with keys that were unlocked before. Raises as `open` does."""
        return cls._open(folder, lambda: (header.read(folder), opened), now, desktop=desktop)

    @classmethod
    def restored(cls, folder: Path, held: Header, opened: OpenKeys, now: int) -> "Vault":
        """Take a folder into use that a backup was copied to, all but the key file.

        A new epoch begins, and then comes the key file: with it the store exists again. Raises
        VaultDamaged, VaultBusy.
        """
        with cls._opening(
            folder, lambda: (held, opened), now, desktop=False, returning=True
        ) as vault:
            header.write(folder, held)
        return vault

    @classmethod
    def _open(
        cls,
        folder: Path,
        unlock: Callable[[], tuple[Header, OpenKeys]],
        now: int,
        *,
        desktop: bool,
        as_restored: bool = False,
        tolerate: bool = False,
    ) -> "Vault":
        if not is_store(folder):
            if any((folder / name).is_file() for name in header.NAMES):
                raise VaultDamaged(
                    "The store's database is missing.", cure="Restore it from a backup."
                )
            raise VaultLocked("There is no ConsultDesk store in that folder.")
        check_encrypted(folder / DATABASE)
        with cls._opening(
            folder, unlock, now, desktop=desktop, as_restored=as_restored, tolerate=tolerate
        ) as vault:
            return vault

    @classmethod
    @contextmanager
    def _opening(
        cls,
        folder: Path,
        unlock: Callable[[], tuple[Header, OpenKeys]],
        now: int,
        *,
        desktop: bool,
        new: bool = False,
        as_restored: bool = False,
        tolerate: bool = False,
        returning: bool = False,
    ) -> "Iterator[Vault]":
        """A vault on its way to being open; all is let go of when that fails."""
        with giving_back(Reserve(folder)), _fitting(), ExitStack() as undo:
            presence = Presence(folder)
            undo.callback(presence.release)
            held, opened = unlock()
            if not (new or tolerate):
                _settle(folder, presence, opened.store)
            lock = DesktopLock(folder, opened.user) if desktop else None
            if lock:
                undo.callback(lock.release)
            vault = cls(folder, opened, held, presence, lock)
            undo.pop_all()
            vault._only_looking = tolerate
            try:
                if not tolerate:
                    vault._bring_up_to_date(held, now, new=new)
                if returning:
                    vault._come_back(held, now)
                elif not (new or tolerate):
                    if founding.is_unfinished(folder):
                        vault._finish()
                    vault._know_again(held, now, as_restored=as_restored)
                yield vault
            except BaseException:
                vault.close()
                raise

    def close(self) -> None:
        """Let an act that is under way end, close every connection and let go of the keys."""
        with self._one_writer:
            if self._closed:
                return
            if self._acted:
                self._anchor()
            self._closed = True
            self._listeners.clear()
            if self._search:
                self._search.end()
            self._search = None
            self._engines.dispose()
            self._keys = SealingKeys(None)
            self._opened = None
            self._presence.release()
            if self._lock:
                self._lock.release()

    def reauthenticate(self, passphrase: str) -> None:
        """Have the user prove again who they are. Raises VaultLocked.

        It isn't enough that the passphrase opens the key file, which somebody may have
        exchanged meanwhile: it must give the very keys this store is open with.
        """
        mine = self.opened
        opened = members.unlock(header.read(self.folder), self.user, passphrase)
        if not hmac.compare_digest(opened.proof, mine.proof):
            raise VaultLocked(
                "The key file was exchanged since the store was opened.", cure="Verify the store."
            )

    # --- keys -----------------------------------------------------------------------------

    @property
    def opened(self) -> OpenKeys:
        """The open user's keys. Raises VaultLocked."""
        self._check_open()
        if self._opened is None:
            raise VaultLocked("The store is locked.", cure="Unlock it first.")
        return self._opened

    @property
    def members(self) -> Header:
        """Who may open the store now. Raises VaultDamaged."""
        return header.read(self.folder)

    def change_keys(self, act: Act, change: KeyChange, also: Also | None = None) -> None:
        """Rewrite the key file in an act; where that isn't kept, neither is the file's change.

        Raises what `change` raises.
        """
        before = self.members
        try:
            with self.act(act) as writing:
                held, mine = change(self._checked(header.read(self.folder)), self.opened)
                fresh = held.sealed(mine.store)
                if also:
                    also(writing)
                practice.mark_header(writing, fresh)
                header.write(self.folder, fresh)
        except BaseException:
            with suppress(OSError):  # a newer file is taken for what it is at the next opening
                if self.members.sequence > before.sequence and not self._kept_header():
                    header.write(self.folder, before)
            raise
        self._use_again(fresh, mine)

    def exchange_keys(
        self, act: Act, change: KeyChange, also: Also | None = None, *, clinical: bool
    ) -> None:
        """Put the whole store under a new store key, and under a new clinical key if asked.

        For whoever has the store alone. The database is copied under the new key; with the key
        file the copy counts, and then it takes the database's place: a kill leaves the one or
        the other. Raises VaultBusy, DiskFull, and what `change` raises.
        """
        with self._alone(), self._presence.alone() as alone, in_our_words():
            if not alone:
                raise VaultBusy(
                    "Another window or command has this store open, so its keys stay.",
                    kept="Nothing was changed.",
                    cure="Close it there and try again.",
                )
            self._exchange(act, change, also, keys.new_key() if clinical else None)
        self._acted = True
        self._anchor()
        self._tell(act.topics)

    def _exchange(
        self, act: Act, change: KeyChange, also: Also | None, clinical: bytes | None
    ) -> None:
        opened, database = self.opened, self.folder / DATABASE
        held, mine = change(self._checked(self.members), opened)
        after, fresh = members.rekeyed(held, mine, keys.new_key(), clinical)
        after = after.sealed(fresh.store)
        self._engines.dispose()
        if self._search:
            self._search.close()
        try:
            path = rekey.export(database, opened.store, fresh.store)
            self._complete_export(path, act, also, fresh, after)
            header.write(self.folder, after)
        except BaseException:
            if self.members.sequence < after.sequence:
                rekey.abandon(self.folder)
                self._engines = _Engines.of(database, opened.store)
                self._use_again(self.members)
                raise
        rekey.put_in_place(self.folder, database)
        self._engines = _Engines.of(database, fresh.store)
        self._use_again(after, fresh)

    def _complete_export(
        self, path: Path, act: Act, also: Also | None, fresh: OpenKeys, after: Header
    ) -> None:
        """The act, the new key file's mark and the rewrapped keys, in the copy."""
        engine = make_engine(path, fresh.store, begin="BEGIN IMMEDIATE", read_only=False, size=1)
        try:
            with engine.begin() as sql:
                if fresh.clinical and fresh.clinical != self.opened.clinical:
                    now = ClinicalKey(fresh.clinical)
                    rekey.exchange_clinical(sql, self._keys.clinical, now)
                writing = Writing(sql, self._keys, act)
                _check_time(writing)
                if also:
                    also(writing)
                practice.mark_header(writing, after)
                audit.append(writing, self.user, self.role.value)
                self._clock.accept(_advance_mark(writing, act.at))
        finally:
            engine.dispose()
        rekey.sync(path)

    def _use_again(self, held: Header, fresh: OpenKeys | None = None) -> None:
        """The keys in use once more, by what the key file now says."""
        opened = fresh or self.opened
        member = held.member(opened.user)
        root = opened.root if member.administers else None
        self._use(replace(opened, administers=member.administers, root=root), held)
        with self._engines.readers.lend() as sql:
            self._carry(rekey.carried(sql))

    def _carry(self, carried: dict[str, bytes]) -> None:
        if carried and self._keys.open:
            self._keys = SealingKeys(self._keys.clinical.carrying(carried), self._keys.signatures)

    def _checked(self, held: Header) -> Header:
        """A key file of ours, before it is changed. Raises VaultDamaged."""
        if not hmac.compare_digest(held.mac, held.mac_under(self.opened.store)):
            raise VaultDamaged("The key file was exchanged.", cure="Verify the store.")
        return held

    def _kept_header(self) -> bool:
        """Whether the database knows the key file as it is now."""
        try:
            with self.read() as reading:
                return practice.header_mark(reading)[0] >= self.members.sequence
        except (VaultDamaged, VaultBusy):
            return True  # nothing is known, so nothing is taken back

    def _note_keys(self, now: int) -> None:
        """Take in what was handed over, and mend a copy of the key file that lags behind."""

        def take_in(known: Header, mine: OpenKeys) -> tuple[Header, OpenKeys]:
            entry = known.member(mine.user)
            return known.with_member(members.taken_in(known, entry, mine)), mine

        with suppress(DiskFailed, VaultBusy):  # it can wait for the next time
            self.change_keys(Act("note_keys", self.now(now)), take_in)

    def _know_again(self, held: Header, now: int, *, as_restored: bool) -> None:
        """See that members, database and key file belong together, and note what is new."""
        with self.read() as reading:
            practice.check_roster(reading, held)
            older = self._older(reading)
            behind = not older and not self._covered(reading)
            unknown = practice.header_mark(reading)[0] < held.sequence
            copied = is_copied(reading.sql)
        if as_restored or copied:
            self._begin_epoch(older, now)
        elif older:
            raise DatabaseOlder(
                "This database is older than what was last acknowledged in this store.",
                kept="Nothing was changed.",
                cure="Put the newer desk.db back, or restore the store from its newest backup. "
                "If there is none, it can be opened as restored: then every consent to send "
                "waits until it is confirmed again.",
            )
        elif behind:
            self._renew_anchor(now)
        copies = header.copies(self.folder)
        lagging = len(copies) < len(header.NAMES) or copies[0] != copies[-1]
        if unknown or lagging or held.member(self.user).delivered:
            self._note_keys(now)

    def _come_back(self, held: Header, now: int) -> None:
        """Take a database from a backup into use."""
        with self.read() as reading:
            practice.check_roster(reading, held)
            older = self._older(reading)
        self._begin_epoch(older, now)

    def _begin_epoch(self, older: Anchor | None, now: int) -> None:
        """Begin a restored database's new epoch, later than any that an anchor knows."""
        at, least = (older.at, older.epoch) if older else (0, 0)
        with self.act(Act(RESTORE, max(self.now(now), at))) as writing:
            practice.begin_epoch(writing, least)
        with self._alone(), in_our_words():
            take_into_use(self.folder / DATABASE, self.opened.store)

    def _older(self, reading: Reading) -> Anchor | None:
        """The newest anchor that this database doesn't hold."""
        epoch = practice.epoch(reading)
        missing = [
            one
            for one in self._anchors.read(self._keys.signatures)
            if one.epoch > epoch
            or (one.epoch == epoch and audit.link_of(reading, one.seq) != one.link)
        ]
        return max(missing, key=lambda one: (one.epoch, one.seq), default=None)

    def anchors_hold(self, reading: Reading) -> bool:
        """Whether an anchor holds every act that had to be anchored, and none is missing here."""
        return not self._unanchored and self._older(reading) is None and self._covered(reading)

    def _covered(self, reading: Reading) -> bool:
        """Whether an anchor holds every act that had to be anchored."""
        found = self._anchors.read(self._keys.signatures)
        epoch = practice.epoch(reading)
        held = max((one.seq for one in found if one.epoch == epoch), default=0)
        return held >= audit.last_of(reading, ANCHORED)

    def _renew_anchor(self, now: int) -> None:
        """Anchor what a kill left behind the last anchor; that there was none is recorded.

        A store whose making was just finished by a kill has had none yet.
        """
        with self.read() as reading:
            had = audit.last_of(reading, ANCHORED - {"create_store"})
        if had and not self._anchors.read(self._keys.signatures):
            self._unanchored = True
            with suppress(DiskFailed, VaultBusy), self.act(Act("miss_anchors", self.now(now))):
                pass
        self._anchor()

    def _anchor(self) -> None:
        """Anchor the last line of the audit. What was done stays done where that fails."""
        try:
            with self.read() as reading:
                last = audit.last_line(reading)
                epoch = practice.epoch(reading)
            if last is None:
                return
            anchor = Anchor(self._anchors.store_id, epoch, last.seq, last.link, last.at, self.user)
            if not self._anchors.write(anchor.signed(self._keys.signatures)):
                _LOG.warning("The anchor in the user's config folder couldn't be written.")
        except (OSError, VaultDamaged, VaultBusy):
            _LOG.exception("The anchor couldn't be written.")

    # --- read and act ---------------------------------------------------------------------

    @contextmanager
    def read(self) -> Iterator[Reading]:
        """One consistent view that can't write."""
        self._check_open()
        with in_our_words(), self._engines.readers.lend() as sql:
            yield Reading(sql, self._keys)

    @contextmanager
    def act(self, act: Act) -> Iterator[Writing]:
        """The only way to write: one act of a person, one transaction, one audit line.

        Raised exceptions undo all of it. A refusal is no exception: the line that says so
        is kept. Listeners are told after the commit. Where the disk is full a piece of the
        reserve is given back, so that this act is kept, or its repetition. Raises
        ClockUnconfirmed for an act dated more than a day ahead of all that happened.
        """
        self._check_acting()
        room = giving_back(self._reserve)
        with self._alone(), room, in_our_words(), transaction(self._engines.writer) as sql:
            self._check_shape(sql)
            writing = Writing(sql, self._keys, act)
            healed = _check_time(writing)
            yield writing
            said = (writing.detail, self._clock.unbelieved, healed)
            writing.detail = ", ".join(filter(None, said))
            audit.append(writing, self.user, self.role.value)
            mark = _advance_mark(writing, act.at)
        self._clock.accept(mark)
        self._acted = True
        if act.what in ANCHORED:
            self._anchor()
        self._tell(act.topics)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._one_writer:
            self._check_open()
            if self._writing:
                raise RuntimeError("an act can't begin within another one")
            self._writing = True
            try:
                yield
            finally:
                self._writing = False

    @contextmanager
    def still(self) -> Iterator[Still]:
        """The store as it is at this instant, to be copied while others go on writing.

        The view begins, and the files are read, while nobody in any process is within an act.
        What is raised within isn't translated: it may be of the disk that is copied to.
        """
        with ExitStack() as view, in_our_words():
            with self._alone(), self._engines.writer.begin():
                path = self.folder / DATABASE
                connection = connect(path, self.opened.store, authorizer.reading)()
                view.callback(connection.close)
                connection.execute("BEGIN")
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
                names = (*header.NAMES, ANCHORS)
                there = [name for name in names if (self.folder / name).is_file()]
                beside = {name: (self.folder / name).read_bytes() for name in there}
            stays = view.pop_all()
        with stays:
            yield Still(connection, beside)

    def empty_log(self) -> bool:
        """Take the write-ahead log into the database and cut it to nothing.

        So that no old page stays in it; False while somebody else still reads an older view.
        """
        with self._alone(), in_our_words():
            connection = self._engines.writer.raw_connection()
            try:
                said = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                connection.close()
        return not said[0]

    def make_room(self) -> None:
        """Give a piece of the reserve back before a letter is sealed on a full disk."""
        self._reserve.help()

    def keep_reserve(self) -> None:
        """Keep room back for the day the disk is full, where there is plenty."""
        self._reserve.fill()

    @property
    def short_of_room(self) -> bool:
        """Whether the disk is so full that a person should free some space."""
        return self._reserve.short

    def listen(self, listener: Listener) -> None:
        """Be told after each commit which topics changed."""
        self._listeners.append(listener)

    def moment(self, reading: Reading, now: int) -> Moment:
        """The instant by which the gate judges: the system clock and the highest accepted.

        A system clock that isn't believed counts here for what it says, so that the gate stays
        shut until a person has confirmed it.
        """
        mark = max(_mark(reading), audit.last_at(reading))
        self._clock.accept(mark)
        return Moment(self._clock.system(now), mark)

    def now(self, system: int) -> int:
        """The instant at which something happens, by the system clock and the clock mark.

        Where the clock was set back, or jumped ahead by more than a day and nobody has
        confirmed it, time goes on from the mark: no fact stands before its cause, and none in
        a far future.
        """
        return self._clock.believed(system)

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
        """The search index, brought up to what is stored, made anew where it is damaged.

        Raises ClinicalContentClosed.
        """
        self._check_open()
        self._keys.check_open()
        if self._search is None:
            raise VaultLocked("The store is locked.")
        with self.read() as reading:
            try:
                self._search.follow(reading)
            except VaultDamaged:
                self._search.rebuild(reading)
        return self._search

    def rebuild_search(self, progress: Progress | None = None) -> None:
        """Make the search index anew. Raises ClinicalContentClosed, Cancelled, VaultDamaged."""
        self._check_open()
        self._keys.check_open()
        with self.read() as reading:
            if self._search:
                self._search.rebuild(reading, progress)

    def search_is_sound(self, reading: Reading) -> bool:
        """Whether the search index is as it was made; nobody without clinical keys can tell."""
        return self._search is None or self._search.is_sound(reading)

    def take_in_log(self) -> None:
        """Have the database take in what its log holds.

        A page that a power cut tore while that was done is whole in the log, and is no damage.
        """
        with self._alone(), in_our_words():
            path, rights = self.folder / DATABASE, authorizer.unguarded
            connection = connect(path, self.opened.store, rights)()
            try:
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            finally:
                connection.close()

    def orphans(self) -> tuple[str, ...]:
        """Sealed files that no row speaks of, left by an import that was killed."""
        with self.read() as reading:
            # the row of a letter's file stays when its case is erased; the file doesn't
            kept = tables.content.c.case_id.in_(select(tables.sealing_key.c.owner))
            known = reading.sql.execute(select(tables.content.c.name).where(kept)).scalars().all()
        return sweep(self.content_folder, frozenset(known))

    def clear_up(self, now: int) -> int:
        """Remove sealed files that an import left which was killed; how many.

        Only while no other process has the store open, so that none is in the middle of an
        import; and none before this database has been in use for a day since, lest one that
        somebody put in the place of another costs the files of that one. That they go is
        recorded before they go: a kill in between leaves some for the next time.
        """
        if self._lock is None or not self.clinical:
            return 0
        with self._presence.alone() as alone:
            left = [path for path in self._left_behind(now) if alone]
            if left:
                with self.act(Act("clear_up", now)) as writing:
                    writing.detail = f"{len(left)} sealed files without a record"
            for path in left:
                with suppress(OSError):  # it can be removed another time
                    path.unlink(missing_ok=True)
        return len(left)

    # --- inside ---------------------------------------------------------------------------

    def _left_behind(self, now: int) -> Iterator[Path]:
        orphans = self.orphans()
        if not orphans:
            return
        with self.read() as reading:
            used = audit.last_until(reading, now - _SURELY_LEFT_MS)
        for name in orphans:
            path = self.content_folder / name
            with suppress(OSError):
                old = path.stat().st_mtime * 1000 < used
                if old and _OURS.fullmatch(name) and path.is_file() and not path.is_symlink():
                    yield path

    def _bring_up_to_date(self, held: Header, now: int, *, new: bool) -> None:
        with in_our_words():
            with self._engines.readers.lend() as sql:
                stale = schema.check_version(sql)
                if stale and not (new or schema.version(sql)):
                    raise VaultDamaged(
                        "The store's database holds no store.", cure="Restore it from a backup."
                    )
            if stale:
                self._migrate(now, new=new)
            with self._engines.writer.begin() as sql:
                self._check_shape(sql)
                mark = sql.exec_driver_sql("SELECT at FROM clock_mark").scalar()
                if not new:
                    practice.check_header(sql, held)
                self._carry(rekey.carried(sql))
        if mark is None:
            raise VaultDamaged(
                "The store no longer knows how late it was when it was last used.",
                cure="Verify the store, then restore it from a backup.",
            )
        self._clock = Clock(int(mark))

    def _migrate(self, now: int, *, new: bool) -> None:
        """Bring tables and triggers to the newest, and set a new store's clock."""
        engine = make_engine(
            self.folder / DATABASE,
            self.opened.store,
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

    def _check_shape(self, sql: Connection) -> None:
        """Have nothing done in a store whose tables or triggers aren't ours any more."""
        found = schema.cookie(sql)
        # by connection: what it has parsed stays, whatever is written into the schema's table
        if sql.info.get("shape") != found:
            schema.check_ours(sql)
            sql.info["shape"] = found

    def _check_acting(self) -> None:
        if self._only_looking:
            raise VaultDamaged(
                "This store is open only to be verified.", kept="Nothing was changed."
            )

    def _finish(self) -> None:
        """Take a store for finished whose making was broken off behind its first act."""
        with self.read() as reading:
            if not audit.last_seq(reading):
                raise VaultDamaged(
                    "The making of this store was broken off.",
                    kept="It holds nothing yet.",
                    cure="Make it again in the same folder.",
                )
        founding.finish(self.folder)

    def _check_open(self) -> None:
        if self._closed:
            raise VaultLocked("The store is locked.", cure="Unlock it first.")

    def _tell(self, topics: frozenset[str]) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(topics)
            except Exception:
                # the act is kept, so whoever acted must not be told that it failed
                _LOG.exception("A listener failed after a commit.")


def _mark(reading: Reading) -> int:
    return int(reading.sql.exec_driver_sql("SELECT at FROM clock_mark").scalar_one())


def _check_time(writing: Writing) -> str:
    """Let no act stand far ahead of what happened; says so where the mark itself was set back.

    The mark lies open, but the audit's lines are bound to their times: behind the newest of
    them the mark can't have been left by this program. Raises ClockUnconfirmed.
    """
    mark, last, act = _mark(writing), audit.last_at(writing), writing.act
    if last > mark:
        writing.sql.execute(update(tables.clock_mark).values(at=last))
    if act.what not in (CONFIRM, RESTORE) and act.at - max(mark, last) > LARGEST_JUMP:
        raise ClockUnconfirmed(
            "This computer's clock is more than a day ahead of the last entry, and nobody has "
            "confirmed it.",
            kept="Nothing was recorded.",
            cure="Confirm date and time, or correct the clock.",
        )
    return "the clock mark had been set back from outside" if last > mark else ""


def _advance_mark(writing: Writing, at: int) -> int:
    """Move the clock mark forward and return it."""
    writing.sql.exec_driver_sql("UPDATE clock_mark SET at = ? WHERE at < ?", (at, at))
    return _mark(writing)


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
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        raise VaultDamaged(
            "The store's folder for files can't be used.", cure="Check the disk."
        ) from None


def is_store(folder: Path) -> bool:
    """Whether a store lies there."""
    return (folder / DATABASE).is_file()


def full_user(folder: Path, user: str) -> str:
    """The name of the user that is meant, the only one's where none is said.

    Raises VaultLocked, VaultDamaged.
    """
    return user if user == header.RECOVERY else header.read(folder).member(user).name


def with_device(folder: Path) -> frozenset[str]:
    """Who has chosen that a keychain opens the store for them. Raises VaultDamaged."""
    return frozenset(
        one.name
        for one in header.read(folder).members
        if not one.disabled and any(slot.kind is SlotKind.DEVICE for slot in one.slots)
    )


def roles_of(folder: Path) -> tuple[tuple[str, Role], ...]:
    """Who may open the store: names and roles, as the unlock screen offers them.

    The recovery sheet comes last, where there is one.
    """
    held = header.read(folder)
    sheets = [
        (header.RECOVERY, member.role)
        for member in held.members
        if any(slot.kind is SlotKind.RECOVERY for slot in member.slots)
    ]
    there = [(one.name, one.role) for one in held.members if not one.disabled]
    return (*there, *sheets[:1])
