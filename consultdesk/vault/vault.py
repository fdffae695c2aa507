"""The open store: `read` sees it, and `act` is the only way to change it."""

import hmac
import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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
from consultdesk.vault.lock import DesktopLock, Presence
from consultdesk.vault.reserve import Reserve, giving_back
from consultdesk.vault.rows import Reading, SealingKeys, Writing
from consultdesk.vault.sealed import ClinicalKey
from consultdesk.vault.search import SearchIndex

DATABASE, SEARCH, CONTENT = "desk.db", "search.db", "content"
_READERS = 2
_SURELY_LEFT_MS = 24 * 60 * 60 * 1000
_OURS = re.compile(r"[0-9a-f]{32}")
"""How content names its files; what else lies there isn't ours to remove."""
_LOG = logging.getLogger(__name__)

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
        self._proof = _proof(opened)
        self._one_writer = threading.RLock()
        self._writing = False
        self._listeners: list[Listener] = []
        path = folder / DATABASE
        self._engines = _Engines(
            make_engine(path, opened.store, begin="BEGIN", read_only=True, size=_READERS),
            make_engine(path, opened.store, begin="BEGIN IMMEDIATE", read_only=False, size=1),
        )
        self._reserve = Reserve(folder)
        self._search = SearchIndex(folder / SEARCH, clinical.search) if clinical else None
        self._closed = False
        self._mark = 0
        _make_content_folder(self.content_folder)
        self._presence = Presence(folder)

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

        The key file comes last: with it the store exists. Raises VaultDamaged when the
        folder already holds something or can't be made.
        """
        cost = parameters or keys.calibrate()
        store, clinical = keys.new_key(), keys.new_key()
        slot = header.new_slot(user.name, user.role, passphrase, store, clinical, cost)
        _make_folder(folder)
        opened = header.OpenKeys(user.name, user.role, store, clinical)
        with cls._opening(folder, opened, now, new=True, desktop=desktop) as vault:
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
            header.write(folder, header.Header(new_id(now), 1, (slot,)))
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
        with cls._opening(folder, opened, now, new=False, desktop=desktop) as vault:
            return vault

    @classmethod
    @contextmanager
    def _opening(
        cls, folder: Path, opened: header.OpenKeys, now: int, *, new: bool, desktop: bool
    ) -> "Iterator[Vault]":
        """A vault on its way to being open; all is let go of when that fails."""
        with giving_back(Reserve(folder)):
            lock = DesktopLock(folder, opened.user) if desktop else None
            try:
                vault = cls(folder, opened, lock)
            except BaseException:
                if lock:
                    lock.release()
                raise
            try:
                vault._bring_up_to_date(now, new=new)
                yield vault
            except BaseException:
                vault.close()
                raise

    def close(self) -> None:
        """Let an act that is under way end, close every connection and let go of the keys."""
        with self._one_writer:
            if self._closed:
                return
            self._closed = True
            self._listeners.clear()
            if self._search:
                self._search.close()
            self._search = None
            self._engines.readers.dispose()
            self._engines.writer.dispose()
            self._keys = SealingKeys(None)
            self._proof = b""
            self._presence.release()
            if self._lock:
                self._lock.release()

    def reauthenticate(self, passphrase: str) -> None:
        """Have the user prove again who they are. Raises VaultLocked.

        It isn't enough that the passphrase opens the key file, which somebody may have
        exchanged meanwhile: it must give the very keys this store is open with.
        """
        self._check_open()
        opened = header.open_slot(header.read(self.folder).slot(self.user), passphrase)
        if not hmac.compare_digest(_proof(opened), self._proof):
            raise VaultLocked(
                "The key file was exchanged since the store was opened.", cure="Verify the store."
            )

    # --- read and act ---------------------------------------------------------------------

    @contextmanager
    def read(self) -> Iterator[Reading]:
        """One consistent view that can't write."""
        self._check_open()
        with in_our_words(), self._engines.readers.connect() as sql:
            yield Reading(sql, self._keys)

    @contextmanager
    def act(self, act: Act) -> Iterator[Writing]:
        """The only way to write: one act of a person, one transaction, one audit line.

        Raised exceptions undo all of it. A refusal is no exception: the line that says so
        is kept. Listeners are told after the commit. Where the disk is full a piece of the
        reserve is given back, so that this act is kept, or its repetition.
        """
        room = giving_back(self._reserve)
        with self._alone(), room, in_our_words(), self._engines.writer.begin() as sql:
            writing = Writing(sql, self._keys, act)
            yield writing
            audit.append(writing, self.user, self.role.value)
            mark = _advance_mark(writing, act.at)
        self._mark = max(self._mark, mark)
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
        """The instant by which the gate judges: the system clock and the highest accepted."""
        mark = reading.sql.execute(select(tables.clock_mark.c.at)).scalar_one()
        return Moment(now, int(mark))

    def now(self, system: int) -> int:
        """The instant at which something happens, by the system clock and the clock mark.

        Where the clock was set back it is the mark, so that no fact stands before its cause.
        """
        return max(system, self._mark)

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

    def rebuild_search(self) -> None:
        """Make the search index anew. Raises ClinicalContentClosed, VaultDamaged."""
        self._check_open()
        self._keys.check_open()
        with self.read() as reading:
            if self._search:
                self._search.rebuild(reading)

    def orphans(self) -> tuple[str, ...]:
        """Sealed files that no row speaks of, left by an import that was killed."""
        with self.read() as reading:
            known = reading.sql.execute(select(tables.content.c.name)).scalars().all()
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

    def _bring_up_to_date(self, now: int, *, new: bool) -> None:
        with in_our_words(), self._engines.writer.begin() as sql:
            if schema.check_version(sql):
                if not (new or schema.version(sql)):
                    raise VaultDamaged(
                        "The store's database holds no store.", cure="Restore it from a backup."
                    )
                schema.migrate(sql)
            mark = sql.execute(select(tables.clock_mark.c.at)).scalar()
            if mark is None:
                sql.execute(tables.clock_mark.insert().values(id=1, at=now, epoch=1))
            self._mark = int(mark or now)

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


def _advance_mark(writing: Writing, at: int) -> int:
    """Move the clock mark forward and return it; a jump of more than a day waits for a word."""
    mark = tables.clock_mark
    writing.sql.execute(
        update(mark).where(mark.c.at < at, mark.c.at >= at - LARGEST_JUMP).values(at=at)
    )
    if writing.act.what == "confirm_clock":
        writing.sql.execute(update(mark).where(mark.c.at < at).values(at=at))
    return int(writing.sql.execute(select(mark.c.at)).scalar_one())


def _proof(opened: header.OpenKeys) -> bytes:
    """What tells these keys from any others without being a key."""
    return keys.subkey(opened.store + (opened.clinical or b""), "reauthentication")


def _make_content_folder(folder: Path) -> None:
    """Copying tools drop empty folders, and a store without any file has an empty one."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        raise VaultDamaged(
            "The store's folder for files can't be used.", cure="Check the disk."
        ) from None


def _make_folder(folder: Path) -> None:
    try:
        if folder.exists() and any(folder.iterdir()):
            raise VaultDamaged(
                "That folder already holds something.", cure="Choose an empty or a new folder."
            )
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError:
        raise VaultDamaged(
            "The store's folder can't be made there.", cure="Choose another place."
        ) from None


def roles_of(folder: Path) -> tuple[tuple[str, Role], ...]:
    """Who has a slot in the store: names and roles, as the unlock screen offers them."""
    return tuple((slot.user, slot.role) for slot in header.read(folder).slots)
