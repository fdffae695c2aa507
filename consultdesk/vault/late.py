"""Looking at a store that can only be read: noted now, and written into the audit later."""

from contextlib import suppress
from datetime import UTC, datetime

from consultdesk.consultation.audit import Act
from consultdesk.errors import DiskFailed, DiskFull, ReadOnly, VaultBusy
from consultdesk.vault.owed import Note
from consultdesk.vault.unlocked import Unlocked


def look(store: Unlocked, act: Act, detail: str = "", refused: tuple[str, ...] = ()) -> None:
    """Have the audit know of an act that only looks, at once or by a note that is on a disk.

    Raises DiskFull where it can't even be noted: then nothing may be shown.
    """
    if not store.reading:
        try:
            with store.act(act) as writing:
                writing.detail = detail
                writing.refuse(refused)
        except ReadOnly:
            pass
        else:
            return
    note = Note(
        act.what, act.at, store.user, store.role.value, act.case_id, act.entity, detail, refused
    )
    try:
        store.owed.put(note)
    except OSError as error:
        raise DiskFull(
            "Neither the store's disk nor this computer can note who opens this: it stays closed.",
            kept="Everything saved so far is safe.",
            cure="Free some space and repeat the step.",
        ) from error
    store.owes = True


def pay(store: Unlocked, now: int) -> int:
    """Write into the audit what was noted, now that it can be written; how many.

    Who opens nothing clinical can speak for nobody else, so others' notes wait. What can't be
    written yet waits as well.
    """
    if not store.owes or store.reading or store.why:
        return 0
    store.owes, paid = False, 0
    with suppress(DiskFailed, VaultBusy, OSError):
        for note in store.owed.notes():
            if note.user != store.user and not store.keys.open:
                continue
            store.owes = True
            _write(store, note, now)
            store.owed.strike(note)
            paid += 1
        store.owes = False
    return paid


def _write(store: Unlocked, note: Note, now: int) -> None:
    act = Act(note.what, store.clock.believed(now), case_id=note.case_id, entity=note.entity)
    at = datetime.fromtimestamp(note.at / 1000, UTC).isoformat(timespec="seconds")
    said = f"on {at}, while the store could only be read"
    with store.act(act, (note.user, note.role)) as writing:
        writing.refuse(note.refused)
        writing.detail = ", ".join(filter(None, (note.detail, said)))
