"""Making, opening and checking a store."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from consultdesk.consultation.audit import Act, Role, User
from consultdesk.consultation.delivery import Moment
from consultdesk.consultation.letter import Practice
from consultdesk.consultation.source import Progress
from consultdesk.errors import RecordUnreadable, VaultLocked
from consultdesk.vault import practice, records, vault
from consultdesk.vault.check import chain_is_sound, database_is_sound, schema_is_ours
from consultdesk.vault.content import SealedSource, chunks
from consultdesk.vault.key import FLOOR
from consultdesk.vault.vault import Vault

SHORTEST_PASSPHRASE = 10


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
    passphrase that is too short, VaultDamaged when the folder holds something.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise VaultLocked(
            f"A passphrase needs at least {SHORTEST_PASSPHRASE} characters.",
            cure="Four or five unrelated words are easy to remember and hard to guess.",
        )
    cost = FLOOR if throw_away else None
    return Vault.create(folder, user, passphrase, now, parameters=cost, desktop=desktop)


def unlock(folder: Path, user: str, passphrase: str, now: int, *, desktop: bool = False) -> Vault:
    """Open a store. Raises VaultLocked, VaultBusy, VaultDamaged."""
    opened = Vault.open(folder, user, passphrase, now, desktop=desktop)
    with opened.act(Act("unlock", now)):
        pass
    return opened


def users(folder: Path) -> tuple[tuple[str, Role], ...]:
    """Who may open the store, as the unlock screen offers them. Raises VaultDamaged."""
    return vault.roles_of(folder)


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
    with store.act(Act("confirm_clock", now, topics=frozenset({"clock"}))):
        pass


@dataclass(frozen=True)
class Verification:
    """What is sound. `damaged` names each file that isn't, with the case it belongs to."""

    database: bool
    schema: bool
    events: int
    broken: tuple[int, ...]
    files: int
    damaged: tuple[dict[str, str], ...] = field(default=())
    orphans: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything at rest is as it was written."""
        return self.database and self.schema and not self.broken and not self.damaged


def verify(store: Vault, progress: Progress | None = None) -> Verification:
    """Check database, schema, audit chain and every sealed file. Raises Cancelled."""
    watch = progress or Progress()
    with store.read() as reading:
        database = database_is_sound(reading)
        schema = schema_is_ours(reading)
        events, broken = chain_is_sound(reading)
        contents = records.all_contents(reading)
        digests = records.digests(reading)
        numbers = records.case_numbers(reading)
    damaged = []
    for done, row in enumerate(contents, 1):
        watch.report(done, len(contents), "Checking sealed files")
        source = store.source(row["name"], row["size"], row["name"], row["identity"], 0)
        reason = _damage(source, digests.get(row["id"], ()), watch.cancelled)
        if reason:
            case = numbers.get(row["case_id"], "")
            damaged.append({"file": row["name"], "case": case, "reason": reason})
    return Verification(
        database, schema, events, broken, len(contents), tuple(damaged), store.orphans()
    )


def _damage(
    source: SealedSource,
    members: tuple[records.Digest, ...],
    cancelled: Callable[[], bool],
) -> str:
    try:
        with source.open() as stream:
            for member in members:
                stream.seek(member.offset)
                if _digest(stream.read(member.size)) != member.sha256:
                    return "its bytes aren't the ones received"
            if not members:
                for _piece in chunks(stream):
                    if cancelled():
                        break
    except (RecordUnreadable, OSError) as problem:
        return str(problem)
    except Exception as problem:  # noqa: BLE001 - whatever a damaged file does, name it and go on
        return type(problem).__name__
    return ""


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
