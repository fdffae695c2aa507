"""Making, opening and checking a store."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from consultdesk.consultation.audit import Act, Role, User
from consultdesk.consultation.delivery import Moment
from consultdesk.consultation.letter import Practice
from consultdesk.consultation.source import Progress
from consultdesk.desk import clocks, erasure, passphrases
from consultdesk.desk.attempts import as_it_counts, tell_failures, trying
from consultdesk.errors import (
    Cancelled,
    ClinicalContentClosed,
    DiskFailed,
    DiskFull,
    ReadOnly,
    RecordUnreadable,
    VaultBusy,
    VaultDamaged,
    VaultLocked,
)
from consultdesk.vault import clock_mark, door, practice, records
from consultdesk.vault.check import chain_is_sound, database_is_sound, lost_keys, schema_is_ours
from consultdesk.vault.content import SealedSource
from consultdesk.vault.header import SlotKind
from consultdesk.vault.key import FLOOR
from consultdesk.vault.rows import Reading
from consultdesk.vault.vault import Vault

_PIECE = 1 << 20
_UNREADABLE = (0, (1,))
"""Of an audit trail that can't be read: no line holds, from the first."""


def make(
    folder: Path,
    user: User,
    passphrase: str,
    now: int,
    *,
    desktop: bool = False,
    throw_away: bool = False,
) -> Vault:
    """Make a new store with its first physician and open it.

    A throw-away store (the demo) spares the slow key derivation. Raises VaultLocked for a
    passphrase that is too short or easily guessed, VaultDamaged when the folder holds something.
    """
    if throw_away:
        passphrases.check_long(passphrase)
    else:
        passphrases.check_strong(passphrase, user)
    cost = FLOOR if throw_away else None
    made = Vault.create(folder, user, passphrase, now, parameters=cost, desktop=desktop)
    if not throw_away:
        made.keep_reserve()
    return made


def room(store: Vault) -> str:
    """What a person should know of the room on the disk, "" while there is enough."""
    if why := store.read_only:
        noted = "What is opened meanwhile is noted, and recorded as soon as that is possible."
        return f"{why.message} {noted} {why.cure}"
    if not store.short_of_room:
        return ""
    return "The disk is full. Free some space soon: the desk writes into its last reserve."


def unlock(
    folder: Path,
    user: str,
    passphrase: str,
    now: int,
    *,
    desktop: bool = False,
    by_device: bool = False,
    as_restored: bool = False,
) -> Vault:
    """Open a store. Raises VaultLocked, VaultBusy, DatabaseOlder, VaultDamaged, DiskFull.

    `as_restored` takes a database that is older than it was once: consents to send wait to be
    confirmed again.
    `by_device` says that the secret of a computer's keychain stands in the passphrase's place.
    The key of the recovery sheet is taken however it is typed. After some wrong passphrases it
    raises TriedTooSoon for a while. That it was opened is recorded, or it isn't opened: on a full
    disk in the room that the reserve gives back. Where nothing at all can be written it is opened
    to be read: that is noted instead, and recorded as soon as the store can be written again.
    """
    how = _by_device if by_device else partial(_by_typing, as_restored=as_restored)
    try:
        opened = _recorded(how, folder, user, passphrase, now, desktop=desktop)
    except DiskFailed:  # a piece of the reserve has been given back meanwhile
        try:
            opened = _recorded(how, folder, user, passphrase, now, desktop=desktop)
        except (DiskFull, ReadOnly):
            if as_restored:
                raise
            read = partial(_to_read, by_device=by_device)
            opened = _noted(read, folder, user, passphrase, now, desktop=desktop)
    opened.keep_reserve()
    if desktop and not opened.read_only:
        with suppress(DiskFailed, VaultBusy):  # it can wait; reading can't
            opened.clear_up(opened.now(now))
            erasure.finish(opened)
    return opened


def _by_typing(
    folder: Path, user: str, typed: str, now: int, *, desktop: bool, as_restored: bool
) -> Vault:
    secret = as_it_counts(user, typed)
    with trying(folder, user, now):
        return Vault.open(folder, user, secret, now, desktop=desktop, as_restored=as_restored)


def _by_device(folder: Path, user: str, secret: str, now: int, *, desktop: bool) -> Vault:
    kinds = (SlotKind.DEVICE,)
    return Vault.open(folder, user, secret, now, desktop=desktop, kinds=kinds)


def _to_read(
    folder: Path, user: str, secret: str, now: int, *, desktop: bool, by_device: bool
) -> Vault:
    if by_device:
        kinds = (SlotKind.DEVICE,)
        return Vault.open_to_read(folder, user, secret, desktop=desktop, kinds=kinds)
    typed = as_it_counts(user, secret)
    with trying(folder, user, now):
        return Vault.open_to_read(folder, user, typed, desktop=desktop)


def _noted(
    how: Callable[..., Vault], folder: Path, user: str, secret: str, now: int, *, desktop: bool
) -> Vault:
    """A store that nothing can be written to, opened to be read once that is noted."""
    opened = how(folder, user, secret, now, desktop=desktop)
    by = opened.opened.via
    said = "" if by is SlotKind.PASSPHRASE else f"by {by}"
    try:
        opened.look(Act("unlock", opened.now(now)), said)
    except BaseException:
        opened.close()
        raise
    return opened


def _recorded(
    how: Callable[..., Vault], folder: Path, user: str, secret: str, now: int, *, desktop: bool
) -> Vault:
    if not door.is_store(folder):
        raise VaultLocked("There is no ConsultDesk store in that folder.")
    opened = how(folder, user, secret, now, desktop=desktop)
    try:
        at = opened.now(now)
        opened.pay(at)
        tell_failures(opened, at)
        with opened.act(Act("unlock", at)) as writing:
            if opened.opened.via is not SlotKind.PASSPHRASE:
                writing.detail = f"by {opened.opened.via}"
            if opened.clinical:
                clocks.refresh_paused(writing, at)
    except BaseException:
        opened.close()
        raise
    return opened


def write_again(store: Vault, now: int) -> None:
    """Go back to writing a store that could only be read.

    Raises ReadOnly while it still can't be written, and whatever else opening it may raise.
    """
    store.write_again(now)
    store.keep_reserve()


def users(folder: Path) -> tuple[tuple[str, Role], ...]:
    """Who may open the store, as the unlock screen offers them. Raises VaultDamaged."""
    return door.roles_of(folder)


def current_user(store: Vault) -> User:
    """Who has unlocked the store."""
    with store.read() as reading:
        return practice.user(reading, store.user)


def letterhead(store: Vault) -> Practice:
    """Who the practice is, as its letters say it."""
    with store.read() as reading:
        return practice.letterhead(reading)


def set_letterhead(store: Vault, said: Practice, now: int) -> None:
    """Change who the practice is."""
    with store.act(Act("set_letterhead", now, topics=frozenset({"practice"}))) as writing:
        practice.keep_letterhead(writing, said)


def moment(store: Vault, now: int) -> Moment:
    """The instant by which the gate judges; `jumped` asks for a person's confirmation."""
    with store.read() as reading:
        return store.moment(reading, now)


def confirm_clock(store: Vault, now: int) -> None:
    """Accept, by a person's word, that the clock is right after a jump forward."""
    said = moment(store, now).system
    with store.act(Act(clock_mark.CONFIRM, said, topics=frozenset({"clock", "queue"}))) as writing:
        if store.clinical:
            clocks.refresh_paused(writing, said)


@dataclass(frozen=True)
class Verification:
    """What is sound; None for what couldn't be looked at, and `trouble` says why.

    `damaged` names each file that isn't sound, with the case it belongs to.
    """

    database: bool | None
    schema: bool | None
    events: int
    broken: tuple[int, ...] | None
    files: int
    damaged: tuple[dict[str, str], ...] | None = field(default=())
    orphans: tuple[str, ...] = ()
    trouble: str = ""
    search: bool | None = True
    anchors: bool | None = True
    keys: bool | None = True

    @property
    def ok(self) -> bool:
        """Whether everything at rest is as it was written."""
        looked_at = all(
            (self.database, self.schema, self.search, self.anchors, self.keys is not False)
        )
        return looked_at and self.broken == () and self.damaged == () and not self.trouble


def look_over(
    folder: Path, user: str, passphrase: str, now: int, progress: Progress | None = None
) -> Verification:
    """Verify a store as it lies there, also one that can't be opened to work with.

    Raises VaultLocked for whoever has no key to it, VaultBusy, Cancelled.
    """
    trouble = ""
    try:
        opened = unlock(folder, user, passphrase, now)
    except (VaultDamaged, VaultLocked) as closed:
        trouble = closed.message
        try:
            opened = Vault.open(folder, user, passphrase, now, tolerate=True)
        except VaultDamaged as whole:
            return Verification(False, None, 0, None, 0, None, (), whole.message)
    try:
        return replace(verify(opened, progress), trouble=trouble)
    finally:
        opened.close()


def verify(store: Vault, progress: Progress | None = None) -> Verification:
    """Check database, schema, audit chain, anchors, search index and every sealed file.

    Without the clinical key MACs and sealed files can't be opened: links, signatures and that
    every file is there are checked.

    Raises Cancelled.
    """
    watch = progress or Progress()
    with suppress(VaultDamaged, VaultBusy, VaultLocked):  # then it is judged as it lies
        store.take_in_log()
    with suppress(VaultDamaged, VaultLocked):  # so are the lines of whoever came meanwhile
        store.know_members()
    looks: dict[str, Any] = {}
    own: dict[str, Callable[[Reading], Any]] = {
        "search": store.search_is_sound,
        "anchors": store.anchors_hold,
    }
    if not store.clinical:
        own["lost"] = lambda reading: _lost(store, reading)
    for name, look in (_LOOKS | own).items():
        with (
            suppress(VaultDamaged, VaultLocked, ClinicalContentClosed),
            store.read() as reading,
        ):
            looks[name] = look(reading)
    events, broken = looks.get("chain", (0, None))
    damaged = looks.get("lost")
    if store.clinical and "contents" in looks:
        damaged = tuple(_damaged(store, looks["contents"], watch))
    return Verification(
        looks.get("database", False),
        looks.get("schema"),
        events,
        broken,
        len(looks["contents"].rows) if "contents" in looks else 0,
        damaged,
        store.orphans() if "contents" in looks else (),
        search=looks.get("search"),
        anchors=looks.get("anchors"),
        keys=looks.get("keys"),
    )


@dataclass(frozen=True)
class _Contents:
    """The sealed files there should be, what each holds, and the numbers of their cases."""

    rows: list[dict[str, Any]]
    digests: Mapping[str, tuple[records.Digest, ...]]
    numbers: Mapping[str, str]


def _lost(store: Vault, reading: Reading) -> tuple[dict[str, str], ...]:
    """The sealed files that aren't there, for whoever can't open them."""
    numbers = records.case_numbers(reading)
    return tuple(
        {"file": row["name"], "case": numbers.get(row["case_id"], ""), "reason": "it is missing"}
        for row in records.lost_contents(store, reading)
    )


def _contents(reading: Reading) -> _Contents:
    return _Contents(
        records.all_contents(reading), records.digests(reading), records.case_numbers(reading)
    )


_LOOKS: dict[str, Callable[[Reading], Any]] = {
    "database": database_is_sound,
    "schema": schema_is_ours,
    "chain": chain_is_sound,
    "keys": lambda reading: not lost_keys(reading),
    "contents": _contents,
}
"""What is looked at by itself, so that one that can't be read hides none of the others."""


def _damaged(store: Vault, held: _Contents, watch: Progress) -> Iterator[dict[str, str]]:
    for done, row in enumerate(held.rows, 1):
        watch.report(done, len(held.rows), "Checking sealed files")
        source = store.source(row["name"], row["size"], row["name"], row["identity"], 0)
        if watch.cancelled():
            raise Cancelled("The checking was stopped.")
        reason = _damage(source, held.digests.get(row["id"], ()), watch)
        if reason:
            case = held.numbers.get(row["case_id"], "")
            yield {"file": row["name"], "case": case, "reason": reason}


def rebuild_search(store: Vault, progress: Progress | None = None) -> None:
    """Make the search index anew. Raises Cancelled, ClinicalContentClosed, VaultDamaged."""
    store.rebuild_search(progress)


def _damage(source: SealedSource, members: tuple[records.Digest, ...], watch: Progress) -> str:
    try:
        with source.open() as stream:
            for member in members or (records.Digest(0, source.size, ""),):
                stream.seek(member.offset)
                found = _digest(stream, member.size, watch)
                if member.sha256 and found != member.sha256:
                    return "its bytes aren't the ones received"
    except Cancelled:
        raise
    except (RecordUnreadable, OSError) as problem:
        return str(problem)
    except Exception as problem:  # whatever a damaged file does, name it and go on
        return type(problem).__name__
    return ""


def _digest(stream: BinaryIO, size: int, watch: Progress) -> str:
    """SHA-256 (hex) of the next `size` bytes, a piece at a time: a file may be gigabytes."""
    digest = hashlib.sha256()
    while size > 0 and (piece := stream.read(min(size, _PIECE))):
        if watch.cancelled():
            raise Cancelled("The checking was stopped.")
        digest.update(piece)
        size -= len(piece)
    return digest.hexdigest()
