"""Other keys for an open store: its key file rewritten within an act, or all of it rekeyed."""

import hmac
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from consultdesk.consultation.audit import Act
from consultdesk.errors import DiskFailed, VaultBusy, VaultDamaged
from consultdesk.vault import audit, clock_mark, header, members, practice, rekey
from consultdesk.vault import key as keys
from consultdesk.vault.engine import in_our_words, make_engine
from consultdesk.vault.header import Header
from consultdesk.vault.members import OpenKeys
from consultdesk.vault.rows import Writing
from consultdesk.vault.sealed import ClinicalKey
from consultdesk.vault.unlocked import Engines, Unlocked

KeyChange = Callable[[Header, OpenKeys], tuple[Header, OpenKeys]]
"""What an act makes of the key file and of the open user's keys; raises where it may not."""

Also = Callable[[Writing], None]
"""What the same act writes into the database."""


def change(store: Unlocked, act: Act, how: KeyChange, also: Also | None = None) -> None:
    """Rewrite the key file in an act; where that isn't kept, neither is the file's change.

    Raises what `how` raises.
    """
    before = header.read(store.folder)
    try:
        with store.act(act) as writing:
            held, mine = how(_checked(store, header.read(store.folder)), store.opened)
            fresh = held.sealed(mine.store)
            if also:
                also(writing)
            practice.mark_header(writing, fresh)
            header.write(store.folder, fresh)
    except BaseException:
        with suppress(OSError):  # a newer file is taken for what it is at the next opening
            newest = header.read(store.folder)
            if newest.sequence > before.sequence and not _is_known(store, newest):
                header.write(store.folder, before)
        raise
    store.use_again(fresh, mine)


def exchange(
    store: Unlocked, act: Act, how: KeyChange, also: Also | None = None, *, clinical: bool
) -> None:
    """Put the whole store under a new store key, and under a new clinical key if asked.

    For whoever has the store alone. The database is copied under the new key; with the key
    file the copy counts, and then it takes the database's place: a kill leaves the one or
    the other. Raises VaultBusy, DiskFull, and what `how` raises.
    """
    if store.barred:
        raise store.barred()
    with store.alone(), store.presence.alone() as alone, in_our_words():
        if not alone:
            raise VaultBusy(
                "Another window or command has this store open, so its keys stay.",
                kept="Nothing was changed.",
                cure="Close it there and try again.",
            )
        _exchange(store, act, how, also, keys.new_key() if clinical else None)
    store.done(act, anchored=True)


def take_note(store: Unlocked, now: int) -> None:
    """Take in what was handed over, and mend a copy of the key file that lags behind."""

    def take_in(known: Header, mine: OpenKeys) -> tuple[Header, OpenKeys]:
        entry = known.member(mine.user)
        return known.with_member(members.taken_in(known, entry, mine)), mine

    with suppress(DiskFailed, VaultBusy):  # it can wait for the next time
        change(store, Act("note_keys", store.clock.believed(now)), take_in)


def know_members(store: Unlocked) -> None:
    """Know by their signatures those who came while the store was open. Raises VaultDamaged."""
    held = _checked(store, header.read(store.folder))
    members.check_trusted(held, store.opened)
    store.know(held)


# --- inside -------------------------------------------------------------------------------


def _exchange(
    store: Unlocked, act: Act, how: KeyChange, also: Also | None, clinical: bytes | None
) -> None:
    opened, database = store.opened, store.database
    held, mine = how(_checked(store, header.read(store.folder)), opened)
    after, fresh = members.rekeyed(held, mine, keys.new_key(), clinical)
    after = after.sealed(fresh.store)
    store.engines.dispose()
    if store.search:
        store.search.close()
    try:
        path = rekey.export(database, opened.store, fresh.store)
        _complete_export(store, path, act, also, fresh, after)
        header.write(store.folder, after)
    except BaseException:
        if header.read(store.folder).sequence < after.sequence:
            rekey.abandon(store.folder)
            store.engines = Engines.of(database, opened.store)
            store.use_again(header.read(store.folder))
            raise
    rekey.put_in_place(store.folder, database)
    store.engines = Engines.of(database, fresh.store)
    store.use_again(after, fresh)


def _complete_export(
    store: Unlocked, path: Path, act: Act, also: Also | None, fresh: OpenKeys, after: Header
) -> None:
    """The act, the new key file's mark and the rewrapped keys, in the copy."""
    engine = make_engine(path, fresh.store, begin="BEGIN IMMEDIATE", read_only=False, size=1)
    try:
        with engine.begin() as sql:
            if fresh.clinical and fresh.clinical != store.opened.clinical:
                now = ClinicalKey(fresh.clinical)
                rekey.exchange_clinical(sql, store.keys.clinical, now)
            writing = Writing(sql, store.keys, act)
            clock_mark.check_time(writing)
            if also:
                also(writing)
            practice.mark_header(writing, after)
            audit.append(writing, store.user, store.role.value)
            store.clock.accept(clock_mark.advance(writing, act.at))
    finally:
        engine.dispose()
    rekey.sync(path)


def _checked(store: Unlocked, held: Header) -> Header:
    """A key file of ours, before it is changed. Raises VaultDamaged."""
    if not hmac.compare_digest(held.mac, held.mac_under(store.opened.store)):
        raise VaultDamaged("The key file was exchanged.", cure="Verify the store.")
    return held


def _is_known(store: Unlocked, held: Header) -> bool:
    """Whether the database knows that key file."""
    try:
        with store.read() as reading:
            return practice.header_mark(reading)[0] >= held.sequence
    except (VaultDamaged, VaultBusy):
        return True  # nothing is known, so nothing is taken back
