"""A day at the desk on a small disk of its own that is full: what each step came to, as JSON.

Run as `python -m tests.journeys.full_disk_worker FOLDER` with FOLDER on a disk of some 200 MB
that holds nothing else.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from consultdesk.consultation.consent import Purpose
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.patient import ChannelKind
from consultdesk.desk import cases, letter, reports, sending, store, viewing
from consultdesk.errors import ConsultDeskError
from consultdesk.letters.rendition import protect
from consultdesk.samples import walk
from consultdesk.samples.practice import LETTERHEAD, PASSPHRASE, PHYSICIAN
from consultdesk.transports.handover import SaveOptions
from consultdesk.vault.reserve import WHOLE, Reserve
from consultdesk.vault.vault import Vault
from tests.stations import STORY

_MEGABYTE = 1 << 20


def now() -> int:
    """The system clock, UTC ms."""
    return time.time_ns() // 1_000_000


def fill_up(ballast: Path) -> None:
    """Write until the disk takes nothing more."""
    with ballast.open("ab", buffering=0) as file:
        for piece in (_MEGABYTE, 4096, 1):
            try:
                while file.write(bytes(piece)):
                    pass
            except OSError:
                continue


def unlock(folder: Path) -> Vault:
    """As the window does it."""
    return store.unlock(folder, PHYSICIAN.name, PASSPHRASE, now(), desktop=True)


def tried(act: Callable[[], object]) -> str:
    """What the act says when it fails, "" when it doesn't."""
    try:
        act()
    except ConsultDeskError as error:
        return f"{type(error).__name__}: {error}"
    return ""


def work(vault: Vault, number: str) -> dict[str, object]:
    """Open the case, look at a record, sign the letter and read it."""
    file = cases.open_case(vault, number)
    seen = tried(lambda: viewing.open_record(vault, number, file.records[0].id, now()))
    signed = tried(lambda: walk.sign(vault, number, PASSPHRASE, now()))
    letters = cases.open_case(vault, number).letters
    return {
        "records": len(file.records),
        "seen": seen,
        "signed": signed,
        "read": bool(letters) and letter.read_pdf(vault, letters[-1]).startswith(b"%PDF-"),
        "room": store.room(vault),
        "acts": [event.act for event in reports.case_events(vault)],
        "sound": store.verify(vault).ok,
    }


def read_only(folder: Path, number: str, home: Path) -> dict[str, object]:
    """Without any room: look, search, print the patient's letter, and be refused the rest."""
    opened = unlock(folder)
    file = cases.open_case(opened, number)
    seen = tried(lambda: viewing.open_record(opened, number, file.records[0].id, now()))
    said = {
        "only_read": f"{opened.read_only}",
        "said": store.room(opened),
        "seen_then": seen,
        "found": len(viewing.find(opened, file.patient.name)),
        "letter": letter.read_pdf(opened, file.letters[-1]).startswith(b"%PDF-"),
        "import": tried(lambda: walk.receive(opened, STORY, now())),
        "draft": tried(lambda: walk.draft(opened, number, STORY, now())),
        "whole_then": store.verify(opened).ok,
        "release": tried(lambda: save(opened, number, home)),
        "file_left": (home / "Letter.pdf").exists(),
        "too_soon": tried(lambda: store.write_again(opened, now())),
    }
    opened.close()
    return said


def save(vault: Vault, number: str, home: Path) -> None:
    """Save the newest letter for its recipient."""
    signed = cases.open_case(vault, number).letters[-1]
    wish = sending.Sending(
        number, signed.id, ChannelKind.HAND_OVER_SAVE, Purpose.TREATMENT, new_id(now())
    )
    options = SaveOptions(home, "Letter.pdf", "told by telephone", protect)
    sending.send(vault, wish, options, now)


def main(home: Path) -> dict[str, object]:
    """The whole day."""
    folder, ballast = home / "a.desk", home / "ballast"
    made = store.make(folder, PHYSICIAN, PASSPHRASE, now(), throw_away=True)
    store.set_letterhead(made, LETTERHEAD, now())
    number = walk.receive(made, STORY, now())
    walk.confirm(made, number, STORY, now())
    walk.accept(made, number, now())
    walk.get_ready(made, number, now())
    walk.read(made, number, STORY, now())
    walk.compare(made, number, STORY, now())
    walk.draft(made, number, STORY, now())
    viewing.find(made, "anything")  # an index is made when somebody searches
    made.close()
    unlock(folder).close()
    reserve = Reserve(folder)
    said: dict[str, object] = {"whole": reserve.size == WHOLE}

    fill_up(ballast)
    opened = unlock(folder)
    said |= work(opened, number)
    opened.close()
    said["left"] = reserve.size

    # a reserve that somebody took away, or that a long full week has used up
    (folder / "reserve").unlink()
    fill_up(ballast)
    said |= read_only(folder, number, home)

    ballast.unlink()
    opened = unlock(folder)
    said["late"] = [
        event.act
        for event in reports.case_events(opened)
        if "while the store could only be read" in event.detail
    ]
    said["again"] = store.verify(opened).ok and not store.room(opened)
    opened.close()
    said["whole_again"] = reserve.size == WHOLE
    return said


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
