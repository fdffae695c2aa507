"""Backups as the desk makes them: where they go, when the last was good, a drill, a restore."""

from dataclasses import dataclass, replace
from pathlib import Path

from consultdesk.consultation.audit import Act, Outcome, Role
from consultdesk.consultation.backup import BackupRule, Due, due
from consultdesk.consultation.source import Progress
from consultdesk.desk.attempts import trying
from consultdesk.errors import (
    BackupDamaged,
    BackupFailed,
    FormIncomplete,
    NotAllowed,
    VaultDamaged,
)
from consultdesk.vault import audit, backup, backup_check, backup_disk, practice, recovery
from consultdesk.vault import restore as restoring
from consultdesk.vault.backup import Taken
from consultdesk.vault.backup_check import Found
from consultdesk.vault.backup_folder import BackupFolder
from consultdesk.vault.door import roles_of
from consultdesk.vault.header import RECOVERY
from consultdesk.vault.restore import Restored
from consultdesk.vault.rows import Reading
from consultdesk.vault.vault import Vault

_PLACE, _RULE = "backup_place", "backup_rule"
_TOPICS = frozenset({"backup"})
_BACKED_UP, _DRILL = "back_up", "drill_backup"


@dataclass(frozen=True)
class Standing:
    """How backups stand: where they go, when the last good one was made (UTC ms), what is due."""

    place: str
    last: int | None
    name: str
    drilled: int | None
    rule: BackupRule
    due: Due


@dataclass(frozen=True)
class Snapshot:
    """One backup in the folder. `verified` is when it was last read back and found whole."""

    name: str
    at: int
    by: str
    files: int
    size: int
    verified: int


@dataclass(frozen=True)
class BackedUp:
    """A backup that was made, and those that the rule let go."""

    taken: Taken
    pruned: tuple[str, ...]
    trouble: str = ""


def may_back_up(vault: Vault) -> bool:
    """Whether backups are this user's business: an administrator's or a physician's."""
    return vault.opened.administers or vault.role in (Role.PHYSICIAN, Role.ADMINISTRATOR)


def standing(vault: Vault, now: int) -> Standing:
    """How backups stand now."""
    with vault.read() as reading:
        place = str(practice.house_rule(reading, _PLACE).get("path", ""))
        rule = _rule(practice.house_rule(reading, _RULE))
        made = audit.last_said(reading, _BACKED_UP, Outcome.DONE)
        tried = audit.last_said(reading, _DRILL, Outcome.DONE)
        damaged = made is not None and _is_damaged(reading, made.entity)
    last = made.at if made else None
    reason = Due.DAMAGED if damaged else due(last, place, rule, now)
    drilled = tried.at if tried else None
    return Standing(place, last, made.entity if made else "", drilled, rule, reason)


def choose_place(vault: Vault, place: Path, now: int) -> None:
    """Have backups go there from now on. Raises NotAllowed, BackupFailed."""
    _check_allowed(vault)
    backup.check_place(vault.folder, backup.folder_for(vault.folder, place))
    with vault.act(Act("choose_backup_place", now, topics=_TOPICS)) as writing:
        practice.keep_house_rule(writing, _PLACE, {"path": str(place.resolve())})


def choose_rule(vault: Vault, rule: BackupRule, now: int) -> None:
    """Keep how long backups stay, and when to remind of one. Raises NotAllowed, FormIncomplete."""
    _check_allowed(vault)
    if min(vars(rule).values()) < 1:
        raise FormIncomplete("Each part of the rule must be 1 or more.")
    with vault.act(Act("choose_backup_rule", now, topics=_TOPICS)) as writing:
        practice.keep_house_rule(writing, _RULE, dict(vars(rule)))


def back_up(
    vault: Vault, now: int, *, place: Path | None = None, progress: Progress | None = None
) -> BackedUp:
    """Write a backup, read it back, record it, and let go of those the rule doesn't keep.

    Without a place it goes where the last one went. Raises NotAllowed, BackupFailed,
    BackupDamaged, Cancelled.
    """
    _check_allowed(vault)
    with vault.read() as reading:
        known = practice.house_rule(reading, _PLACE)
        rule = _rule(practice.house_rule(reading, _RULE))
    where = place or (Path(known["path"]) if known else None)
    if where is None:
        raise BackupFailed("Nobody has said where backups go.", cure="Choose a place first.")
    folder = backup.folder_for(vault.folder, where)
    _check_same_disk(folder, known, str(where.resolve()))
    taken = backup.take(vault, folder, now, progress)
    with vault.act(Act(_BACKED_UP, now, entity=taken.manifest.name, topics=_TOPICS)) as writing:
        kept = {"path": str(where.resolve()), "folder": folder.whose()[1]}
        practice.keep_house_rule(writing, _PLACE, kept)
    try:
        return BackedUp(taken, backup.prune(folder, rule, now))
    except BackupFailed as error:  # it was made, and there is room for more than the rule keeps
        return BackedUp(taken, (), error.message)


def snapshots(vault: Vault) -> tuple[Snapshot, ...]:
    """The backups at the chosen place, the newest first; none where it isn't there."""
    said = standing(vault, 0).place
    return listed(backup.folder_for(vault.folder, Path(said))) if said else ()


def listed(folder: BackupFolder) -> tuple[Snapshot, ...]:
    """The backups in a folder, the newest first."""
    return tuple(
        Snapshot(one.name, one.at, one.by, len(one.content), one.size, folder.verified_at(one))
        for one in folder.manifests()
    )


def drill(
    vault: Vault, passphrase: str, now: int, *, name: str = "", progress: Progress | None = None
) -> Found:
    """Open a backup as whoever restores it would, with the passphrase alone, and check all in it.

    What was found is recorded, and a wrong passphrase is counted. Raises NotAllowed, VaultLocked,
    TriedTooSoon, BackupFailed, Cancelled.
    """
    _check_allowed(vault)
    said = standing(vault, now).place
    if not said:
        raise BackupFailed("Nobody has said where backups go.", cure="Choose a place first.")
    folder = backup.folder_for(vault.folder, Path(said))
    wanted = name or backup_check.newest(folder)
    if folder.whose()[0] != vault.members.store_id:
        raise BackupFailed("That folder holds the backups of another store.")
    act = Act(_DRILL, now, entity=wanted, topics=_TOPICS)
    try:
        with trying(vault.folder, vault.user, now):
            found = backup_check.drill(
                folder, vault.user, passphrase, now, name=wanted, progress=progress
            )
    except BackupDamaged:
        with vault.act(act) as writing:
            writing.refuse(("damaged",))
        raise
    with vault.act(act) as writing:
        if not found.ok:
            writing.refuse(("damaged",))
    return found


def restore(
    source: Path,
    store: Path,
    user: str,
    secret: str,
    now: int,
    *,
    name: str = "",
    even_damaged: bool = False,
    progress: Progress | None = None,
) -> Restored:
    """Make a store in a new folder from a backup, by a passphrase or the recovery sheet.

    Every consent to send waits afterwards until it is confirmed again. Raises as
    `vault.restore.restore`.
    """
    typed = recovery.opens_with(secret) if user == RECOVERY else secret
    return restoring.restore(
        find(source),
        store,
        user,
        typed,
        now,
        name=name,
        even_damaged=even_damaged,
        progress=progress,
    )


def found(source: Path) -> tuple[Snapshot, ...]:
    """The backups in a folder that was named, the newest first. Raises BackupFailed."""
    return listed(find(source))


def users_of(source: Path, name: str) -> tuple[str, ...]:
    """Who may open a backup, the recovery sheet last. Raises BackupFailed, BackupDamaged."""
    with backup_disk.in_plain_words(source):
        try:
            return tuple(one for one, _role in roles_of(find(source).snapshot(name)))
        except VaultDamaged as error:
            raise BackupDamaged(f"The key file of the backup {name} is damaged.") from error


def find(source: Path) -> BackupFolder:
    """The folder of backups: the one that was named, or the only one in it. Raises BackupFailed."""
    try:
        if BackupFolder(source).whose()[0]:
            return BackupFolder(source)
        inside = [one for one in source.iterdir() if BackupFolder(one).whose()[0]]
    except OSError:
        raise BackupFailed(
            "The folder with the backups isn't there.", cure="Plug its disk in."
        ) from None
    if len(inside) != 1:
        raise BackupFailed(
            "There are several backup folders in that place."
            if inside
            else "That folder holds no backups.",
            cure="Name the folder itself: it ends in .backup.",
        )
    return BackupFolder(inside[0])


# --- inside -------------------------------------------------------------------------------


def _is_damaged(reading: Reading, name: str) -> bool:
    """Whether that backup wasn't whole when it was last tried out."""
    bad = audit.last_said(reading, _DRILL, Outcome.REFUSED, name)
    good = audit.last_said(reading, _DRILL, Outcome.DONE, name)
    return bad is not None and (good is None or good.seq < bad.seq)


def _check_allowed(vault: Vault) -> None:
    if not may_back_up(vault):
        raise NotAllowed(
            "Your role doesn't permit this step.", cure="Ask an administrator or a physician."
        )


def _check_same_disk(folder: BackupFolder, known: dict[str, str], where: str) -> None:
    """Where earlier backups went and nothing of them is: the disk that was there isn't.

    Else an empty mount point would be filled, on the very disk the store lies on. Raises
    BackupFailed.
    """
    if known.get("path") == where and known.get("folder") and not folder.whose()[1]:
        raise BackupFailed(
            "The earlier backups aren't in their place, so its disk isn't there.",
            kept="The store itself is safe.",
            cure="Plug the disk in, or choose the place anew to begin afresh.",
        )


def _rule(said: dict[str, int]) -> BackupRule:
    known = vars(BackupRule())
    return replace(
        BackupRule(), **{name: max(1, int(said[name])) for name in known if name in said}
    )
