"""The open store: `read` sees it, and `act` is the only way to change it."""

import hmac
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from consultdesk.consultation.audit import Act, User
from consultdesk.consultation.delivery import Moment
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.source import Progress
from consultdesk.errors import ReadOnly, VaultLocked
from consultdesk.vault import (
    audit,
    clock_mark,
    founding,
    header,
    key_change,
    late,
    members,
    practice,
    upkeep,
)
from consultdesk.vault import key as keys
from consultdesk.vault.content import SealedSource
from consultdesk.vault.header import Header, SlotKind
from consultdesk.vault.key_change import Also, KeyChange
from consultdesk.vault.members import TYPED, OpenKeys
from consultdesk.vault.only_read import Why, is_protected, refusal
from consultdesk.vault.opening import Unlock, Way, check_there, only_reading, opening
from consultdesk.vault.rows import Reading, Writing
from consultdesk.vault.search import SearchIndex
from consultdesk.vault.unlocked import Listener, Unlocked
from consultdesk.vault.upkeep import Still


class Vault:
    """A store that a user has unlocked."""

    def __init__(self, inside: Unlocked) -> None:
        self._inside = inside
        self.folder = inside.folder
        self.user = inside.user
        self.role = inside.role

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
            opening(folder, lambda: (held, opened), now, Way.NEW, desktop=desktop) as inside,
        ):
            with inside.act(Act("create_store", now)) as writing:
                practice.add_user(writing, user, now)
                practice.mark_header(writing, held)
                header.write(folder, held)
            founding.finish(folder)
        return cls(inside)

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

        way = Way.AS_IT_LIES if tolerate else Way.AS_RESTORED if as_restored else Way.USUAL
        return cls._open(folder, unlock, now, way, desktop=desktop)

    @classmethod
    def with_keys(
        cls, folder: Path, opened: OpenKeys, now: int, *, desktop: bool = False
    ) -> "Vault":
        """Open a store with keys that were unlocked before. Raises as `open` does."""
        return cls._open(
            folder, lambda: (header.read(folder), opened), now, Way.USUAL, desktop=desktop
        )

    @classmethod
    def restored(cls, folder: Path, held: Header, opened: OpenKeys, now: int) -> "Vault":
        """Take a folder into use that a backup was copied to, all but the key file.

        A new epoch begins, and then comes the key file: with it the store exists again. Raises
        VaultDamaged, VaultBusy.
        """
        with opening(folder, lambda: (held, opened), now, Way.FROM_BACKUP, desktop=False) as inside:
            header.write(folder, held)
        return cls(inside)

    @classmethod
    def _open(cls, folder: Path, unlock: Unlock, now: int, way: Way, *, desktop: bool) -> "Vault":
        check_there(folder)
        with opening(folder, unlock, now, way, desktop=desktop) as inside:
            return cls(inside)

    @classmethod
    def open_to_read(
        cls,
        folder: Path,
        user: str,
        passphrase: str,
        *,
        desktop: bool = False,
        kinds: tuple[SlotKind, ...] = TYPED,
    ) -> "Vault":
        """Unlock a store where nothing can be written; every act is refused.

        What is looked at is noted by `look`, and stands in the audit later. Raises as `open`.
        """

        def unlock() -> tuple[Header, OpenKeys]:
            held = header.read(folder)
            return held, members.unlock(held, user, passphrase, kinds)

        check_there(folder)
        why = Why.PROTECTED if is_protected(folder) else Why.FULL
        with only_reading(folder, unlock, why, desktop=desktop) as inside:
            return cls(inside)

    @property
    def read_only(self) -> ReadOnly | None:
        """Why the store can only be read now, and the cure; None while it can be written."""
        return refusal(self._inside.why) if self._inside.why else None

    def write_again(self, now: int) -> bool:
        """Go back to writing where that is possible by now; what was noted is recorded.

        A store that was opened to be read is opened anew with the same keys. Raises ReadOnly,
        DiskFailed, VaultBusy and what else opening may raise; it can be read then as before.
        """
        inside = self._inside
        if not inside.why:
            return True
        if is_protected(self.folder):
            raise refusal(Why.PROTECTED)
        if inside.reserve.low:
            raise refusal(Why.FULL)
        if inside.reading:
            inside = self._anew(inside, now)
        inside.owes = True
        inside.turn(None)
        late.pay(inside, now)
        return self.read_only is None

    def _anew(self, before: Unlocked, now: int) -> Unlocked:
        opened, desktop = before.opened, before.lock is not None
        before.let_others()
        try:
            with opening(
                self.folder,
                lambda: (header.read(self.folder), opened),
                now,
                Way.USUAL,
                desktop=desktop,
            ) as inside:
                self._inside = inside
        except BaseException:
            before.keep_others_out()
            raise
        for listener in before.listeners:
            inside.listen(listener)
        inside.why = before.why
        before.close()
        return inside

    def close(self) -> None:
        """Let an act that is under way end, close every connection and let go of the keys."""
        self._inside.close()

    # --- keys -----------------------------------------------------------------------------

    @property
    def opened(self) -> OpenKeys:
        """The open user's keys. Raises VaultLocked."""
        return self._inside.opened

    @property
    def members(self) -> Header:
        """Who may open the store now. Raises VaultDamaged."""
        return header.read(self.folder)

    @property
    def clinical(self) -> bool:
        """Whether this user's role opens clinical content."""
        return self._inside.keys.open

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

    def know_members(self) -> None:
        """Know by their signatures those who came while this was open. Raises VaultDamaged."""
        key_change.know_members(self._inside)

    def change_keys(self, act: Act, change: KeyChange, also: Also | None = None) -> None:
        """Rewrite the key file in an act; where that isn't kept, neither is the file's change.

        Raises what `change` raises.
        """
        key_change.change(self._inside, act, change, also)

    def exchange_keys(
        self, act: Act, change: KeyChange, also: Also | None = None, *, clinical: bool
    ) -> None:
        """Put the whole store under a new store key, and under a new clinical key if asked.

        For whoever has the store alone. Raises VaultBusy, DiskFull, and what `change` raises.
        """
        key_change.exchange(self._inside, act, change, also, clinical=clinical)

    # --- read and act ---------------------------------------------------------------------

    def read(self) -> AbstractContextManager[Reading]:
        """One consistent view that can't write."""
        return self._inside.read()

    @contextmanager
    def act(self, act: Act) -> Iterator[Writing]:
        """The only way to write: one act of a person, one transaction, one audit line.

        Raised exceptions undo all of it. A refusal is no exception: the line that says so
        is kept. Listeners are told after the commit. Where the disk is full a piece of the
        reserve is given back, so that this act is kept, or its repetition. Raises
        ClockUnconfirmed for an act dated more than a day ahead of all that happened, ReadOnly
        where nothing can be written now.
        """
        inside = self._inside
        with inside.act(act) as writing:
            yield writing
        late.pay(inside, act.at)

    def look(self, act: Act, detail: str = "", refused: tuple[str, ...] = ()) -> None:
        """Record that something is looked at, before it is shown.

        Where the store can only be read that is noted, and stands in the audit as soon as it can
        be written again. Raises DiskFull where it can't even be noted.
        """
        late.look(self._inside, act, detail, refused)

    def pay(self, now: int) -> int:
        """Write into the audit what was noted while the store could only be read; how many."""
        return late.pay(self._inside, now)

    def listen(self, listener: Listener) -> None:
        """Be told after each commit which topics changed."""
        self._inside.listen(listener)

    def moment(self, reading: Reading, now: int) -> Moment:
        """The instant by which the gate judges: the system clock and the highest accepted.

        A system clock that isn't believed counts here for what it says, so that the gate stays
        shut until a person has confirmed it.
        """
        clock = self._inside.clock
        mark = max(clock_mark.mark(reading), audit.last_at(reading))
        clock.accept(mark)
        return Moment(clock.system(now), mark)

    def now(self, system: int) -> int:
        """The instant at which something happens, by the system clock and the clock mark.

        Where the clock was set back, or jumped ahead by more than a day and nobody has
        confirmed it, time goes on from the mark: no fact stands before its cause, and none in
        a far future.
        """
        return self._inside.clock.believed(system)

    # --- files and search -----------------------------------------------------------------

    def source(
        self, name: str, size: int, content: str, identity: str, offset: int
    ) -> SealedSource:
        """The bytes of one received file, opened as they are read."""
        return SealedSource(name, size, self.content_folder / content, identity, offset)

    @property
    def content_folder(self) -> Path:
        """Where sealed files lie."""
        return self._inside.content

    @property
    def search(self) -> SearchIndex:
        """The search index, brought up to what is stored, made anew where it is damaged.

        Raises ClinicalContentClosed.
        """
        return upkeep.search(self._inside)

    def rebuild_search(self, progress: Progress | None = None) -> None:
        """Make the search index anew. Raises ClinicalContentClosed, Cancelled, VaultDamaged."""
        self._inside.check_open()
        self._inside.keys.check_open()
        with self.read() as reading:
            if self._inside.search:
                self._inside.search.rebuild(reading, progress)

    def search_is_sound(self, reading: Reading) -> bool:
        """Whether the search index is as it was made; nobody without clinical keys can tell."""
        return self._inside.search is None or self._inside.search.is_sound(reading)

    # --- upkeep ---------------------------------------------------------------------------

    def still(self) -> AbstractContextManager[Still]:
        """The store as it is at this instant, to be copied while others go on writing.

        What is raised within isn't translated: it may be of the disk that is copied to.
        """
        return upkeep.still(self._inside)

    def empty_log(self) -> bool:
        """Take the write-ahead log into the database and cut it to nothing.

        So that no old page stays in it; False while somebody else still reads an older view.
        """
        return upkeep.empty_log(self._inside)

    def take_in_log(self) -> None:
        """Have the database take in what its log holds, so that no torn page counts as damage."""
        upkeep.take_in_log(self._inside)

    def anchors_hold(self, reading: Reading) -> bool:
        """Whether an anchor holds every act that had to be anchored, and none is missing here."""
        return self._inside.anchoring.holds(reading)

    def orphans(self) -> tuple[str, ...]:
        """Sealed files that no row speaks of, left by an import that was killed."""
        return upkeep.orphans(self._inside)

    def clear_up(self, now: int) -> int:
        """Remove sealed files that an import left which was killed; how many.

        Only while no other process has the store open.
        """
        return upkeep.clear_up(self._inside, now)

    def make_room(self) -> None:
        """Give a piece of the reserve back before a letter is sealed on a full disk."""
        self._inside.reserve.help()

    def keep_reserve(self) -> None:
        """Keep room back for the day the disk is full, where there is plenty."""
        if not self._inside.reading:
            self._inside.reserve.fill()
            if self._inside.reserve.size:
                self._inside.owed.keep_room()

    @property
    def short_of_room(self) -> bool:
        """Whether the disk is so full that a person should free some space."""
        return self._inside.reserve.short
