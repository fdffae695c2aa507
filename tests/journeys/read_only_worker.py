"""A store on a disk of its own that is write-protected: what each step came to, as JSON.

Run as `python -m tests.journeys.read_only_worker FOLDER` with FOLDER a disk that holds nothing
else and may be mounted anew.
"""

import json
import subprocess
import sys
from pathlib import Path

from consultdesk.consultation.consent import Purpose
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.patient import ChannelKind
from consultdesk.desk import cases, consent, reports, sending, store, viewing
from consultdesk.letters.rendition import protect
from consultdesk.samples import walk
from consultdesk.samples.practice import LETTERHEAD, PASSPHRASE
from consultdesk.transports.handover import SaveOptions
from consultdesk.vault.vault import Vault
from tests.journeys.full_disk_worker import now, tried, unlock
from tests.stations import open_at

_WORDS = "anything"


def mounted(home: Path, how: str) -> None:
    """Protect the disk, or take the protection off."""
    subprocess.run(["mount", "-o", f"remount,{how}", str(home)], check=True)


def command(*words: str) -> dict[str, object]:
    """What the command line says, and how it ends."""
    done = subprocess.run(
        [sys.executable, "-m", "consultdesk", *words], capture_output=True, text=True, check=False
    )
    return {"code": done.returncode, "out": done.stdout, "err": done.stderr}


def save(vault: Vault, number: str, letter_id: str, folder: Path) -> str:
    """Save a letter for its recipient, and say what came of it."""
    how = ChannelKind.HAND_OVER_SAVE
    wish = sending.Sending(number, letter_id, how, Purpose.TREATMENT, new_id(now()))
    options = SaveOptions(folder, "Letter.pdf", "told by telephone", protect)
    return tried(lambda: sending.send(vault, wish, options, now))


def main(home: Path, outside: Path) -> dict[str, object]:
    """The whole day."""
    folder = home / "a.desk"
    vault, number = open_at("drafted", folder)
    signed = walk.sign(vault, number, PASSPHRASE, now())
    agreed = walk.agree(vault, number, now())
    to, how = signed.recipient_id, ChannelKind.HAND_OVER_SAVE
    sending.verify_channel(vault, number, to, how, now(), "Known to the practice.")
    patient = cases.open_case(vault, number).patient.name
    viewing.find(vault, _WORDS)
    vault.close()
    secret = outside / "passphrase"
    secret.write_text(PASSPHRASE)

    mounted(home, "ro")
    opened = unlock(folder)
    file = cases.open_case(opened, number)
    said: dict[str, object] = {
        "why": str(opened.read_only),
        "seen": tried(lambda: viewing.open_record(opened, number, file.records[0].id, now())),
        "found": len(viewing.find(opened, patient)),
        "whole": store.verify(opened).ok,
        "first": save(opened, number, signed.id, outside),
        "act": tried(lambda: store.set_letterhead(opened, LETTERHEAD, now())),
        "too_soon": tried(lambda: store.write_again(opened, now())),
    }
    opened.close()
    given = ("--passphrase-file", str(secret))
    said["cases"] = command("cases", str(folder), "--json", *given)
    said["show"] = command("show", str(folder), number, *given)
    said["verify"] = command("verify", str(folder), *given)
    said["import"] = command("import", str(folder), str(secret), *given)
    mounted(home, "rw")

    opened = unlock(folder)
    said["late"] = [e.act for e in reports.case_events(opened) if "only be read" in e.detail]
    said["release"] = save(opened, number, signed.id, outside)
    opened.close()
    (outside / "Letter.pdf").unlink()

    mounted(home, "ro")
    opened = unlock(folder)
    said["again"] = save(opened, number, signed.id, outside)
    said["again_left"] = (outside / "Letter.pdf").read_bytes()[:5].decode()
    mounted(home, "rw")
    store.write_again(opened, now())
    said["writes"] = opened.read_only is None
    said["noted"] = [e.act for e in reports.case_events(opened) if "only be read" in e.detail]
    said["sound"] = store.verify(opened).ok
    consent.revoke(opened, number, agreed.id, now(), by="The patient", how="By telephone.")
    opened.close()
    (outside / "Letter.pdf").unlink()

    mounted(home, "ro")
    opened = unlock(folder)
    said["withdrawn"] = save(opened, number, signed.id, outside)
    said["withdrawn_left"] = (outside / "Letter.pdf").exists()
    opened.close()
    mounted(home, "rw")
    opened = unlock(folder)
    said["refused"] = [e.outcome for e in reports.case_events(opened) if e.act == "release_letter"][
        0
    ]
    opened.close()
    return said


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))))
