"""The acts that are broken off: how each is got ready, done, and found again afterwards."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from consultdesk.consultation.consent import Purpose
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.letter import LetterKind
from consultdesk.consultation.patient import ChannelKind
from consultdesk.desk import backup, cases, intake, letter, reports, sending, users
from consultdesk.errors import ConsultDeskError
from consultdesk.letters.rendition import protect
from consultdesk.samples.practice import PASSPHRASE, PHYSICIAN
from consultdesk.transports.handover import SaveOptions
from consultdesk.vault import backup_check, practice, schema
from consultdesk.vault.header import Purpose as KeyPurpose
from consultdesk.vault.vault import Vault
from tests.campaigns.faults.marks import PHASES
from tests.campaigns.faults.scene import Scene, only_case
from tests.stations import STORY, now

Said = dict[str, Any]
"""What was acknowledged, as JSON; what `kept` needs to find it again."""


@dataclass(frozen=True)
class Act:
    """An act of a person that faults are aimed at.

    `ready` does what comes before and returns the work itself; `kept` says what is missing of
    what was acknowledged, or what is half of what wasn't (`said` is None then), "" for nothing.
    """

    name: str
    step: str
    ready: Callable[[Scene], Callable[[], Said]]
    kept: Callable[[Scene, Vault, Said | None], str]
    phases: tuple[str, ...] = PHASES
    """Those it goes through, in which a kill can fall."""
    again: Callable[[Scene], Vault] = Scene.unlock
    """What a person does to have the store open once the act was broken off."""


# --- bringing records in ----------------------------------------------------------------


def _import(scene: Scene) -> Callable[[], Said]:
    vault = scene.unlock()
    sources = STORY.records(STORY.person, STORY.doctor)

    def work() -> Said:
        taken = intake.bring_in_sources(vault, sources, now(), specialty="spine")
        return {"number": taken.number, "records": {one.id: one.sha256 for one in taken.records}}

    return work


def _imported(_scene: Scene, vault: Vault, said: Said | None) -> str:
    if said is None:
        return ""
    held = {one.id: one.sha256 for one in cases.open_case(vault, said["number"]).records}
    return "" if held == said["records"] else "records of an import"


# --- signing ----------------------------------------------------------------------------


def _sign(scene: Scene) -> Callable[[], Said]:
    vault = scene.unlock()
    number = only_case(vault)

    def work() -> Said:
        kind = LetterKind.TREATING_PHYSICIAN
        signed = letter.sign(vault, number, kind, PASSPHRASE, now())
        return {"letter": signed.id, "sha256": signed.sha256}

    return work


def _signed(_scene: Scene, vault: Vault, said: Said | None) -> str:
    if said is None:
        return ""
    letters = {one.id: one for one in cases.open_case(vault, only_case(vault)).letters}
    signed = letters.get(said["letter"])
    if not (signed and signed.authentic and signed.sha256 == said["sha256"]):
        return "a signed letter"
    read = hashlib.sha256(letter.read_pdf(vault, signed)).hexdigest()
    return "" if read == said["sha256"] else "the pages of a signed letter"


# --- releasing --------------------------------------------------------------------------


def _release(scene: Scene) -> Callable[[], Said]:
    vault = scene.unlock()
    number = only_case(vault)
    (signed,) = cases.open_case(vault, number).letters
    key = new_id(now())
    wish = sending.Sending(number, signed.id, ChannelKind.HAND_OVER_SAVE, Purpose.TREATMENT, key)
    options = SaveOptions(scene.handed_over, f"{key}.pdf", "told by telephone", protect)

    def work() -> Said:
        return {"key": key, "saved": sending.send(vault, wish, options, now).reference}

    return work


def _released(scene: Scene, vault: Vault, said: Said | None) -> str:
    shown = {one.key: one.state for one in cases.open_case(vault, only_case(vault)).dispatches}
    for path in scene.handed_over.iterdir():
        if not path.name.endswith(".partial") and path.stem not in shown:
            return "a letter left and the store knows nothing of it"
    if said is None:
        return ""
    if shown.get(said["key"]) != "sent":
        return "a release"
    saved = scene.handed_over / f"{said['key']}.pdf"
    whole = saved.is_file() and hashlib.sha256(saved.read_bytes()).hexdigest() == said["saved"]
    return "" if whole else "the letter that was handed over"


# --- new keys ---------------------------------------------------------------------------


def _exchange_keys(scene: Scene) -> Callable[[], Said]:
    vault = scene.unlock()

    def work() -> Said:
        users.exchange_keys(vault, now())
        return {"generation": vault.members.generations[KeyPurpose.STORE]}

    return work


def _exchanged(_scene: Scene, vault: Vault, said: Said | None) -> str:
    if not cases.open_case(vault, only_case(vault)).records:
        return "what a case held"
    generation = vault.members.generations[KeyPurpose.STORE]
    return "" if said is None or said["generation"] == generation else "the new keys"


# --- backing up, and letting older backups go ---------------------------------------------


def _back_up(scene: Scene) -> Callable[[], Said]:
    vault = scene.unlock()

    def work() -> Said:
        done = backup.back_up(vault, now(), place=scene.stick)
        return {"name": done.taken.manifest.name, "let_go": done.pruned, "trouble": done.trouble}

    return work


def _backed_up(scene: Scene, vault: Vault, said: Said | None) -> str:
    """Every backup that can be seen is whole, and the acknowledged one is there."""
    folder = backup.find(scene.stick)
    there = {one.name for one in backup.listed(folder)}
    if len(there) != len(folder.names()):
        return "a backup whose list can't be read"
    for name in there:
        if not backup_check.drill(folder, vault.user, PASSPHRASE, now(), name=name).ok:
            return "a backup that can be seen isn't whole"
    if not there:
        return "every backup"
    if said is None:
        return ""
    if there & set(said["let_go"]):
        return "the word that a backup was let go"
    return "" if said["name"] in there else "a backup"


# --- restoring ----------------------------------------------------------------------------


def _restore(scene: Scene) -> Callable[[], Said]:
    def work() -> Said:
        done = backup.restore(scene.stick, scene.store, PHYSICIAN.name, PASSPHRASE, now())
        return {"name": done.name}

    return work


def _restored(_scene: Scene, vault: Vault, _said: Said | None) -> str:
    if not cases.open_case(vault, only_case(vault)).records:
        return "what a case held"
    with vault.read() as reading:
        return "" if practice.epoch(reading) > 1 else "the new epoch"


def _restored_again(scene: Scene) -> Vault:
    """What a person does whose restore wasn't acknowledged: open the store, or restore again."""
    try:
        return scene.unlock()
    except ConsultDeskError:
        backup.restore(scene.stick, scene.store, PHYSICIAN.name, PASSPHRASE, now())
        return scene.unlock()


# --- opening, making, and bringing up to date -------------------------------------------


def _unlock(scene: Scene) -> Callable[[], Said]:
    def work() -> Said:
        vault = scene.unlock()
        noted = vault.read_only is not None
        return {"line": reports.case_events(vault)[0].seq, "noted": noted}

    return work


def _unlocked(_scene: Scene, vault: Vault, said: Said | None) -> str:
    """Its line is there; where the disk took none then, the one made of what was noted."""
    if said is None:
        return ""
    lines = [one for one in reports.case_events(vault) if one.act == "unlock"]
    if said["noted"]:
        found = any(one.seq > said["line"] and "only be read" in one.detail for one in lines)
    else:
        found = any(one.seq == said["line"] for one in lines)
    return "" if found else "who opened the store"


def _init(scene: Scene) -> Callable[[], Said]:
    def work() -> Said:
        scene.make()
        return {"made": True}

    return work


def _made(_scene: Scene, vault: Vault, _said: Said | None) -> str:
    acts = [one.act for one in reports.case_events(vault)]
    return "" if acts.count("create_store") == 1 else "who made the store"


def _made_again(scene: Scene) -> Vault:
    """What a person does whose new store wasn't acknowledged: open it, or make it again."""
    try:
        return scene.unlock()
    except ConsultDeskError:
        return scene.make()


def _migrated(_scene: Scene, vault: Vault, _said: Said | None) -> str:
    with vault.read() as reading:
        return "" if schema.version(reading.sql) == schema.HEAD else "the newest shape"


_AT_ONCE = tuple(phase for phase in PHASES if phase != "reading, sealing")
"""Of an act whose first statement begins its transaction."""

ACTS = (
    Act("import", "empty", _import, _imported),
    Act("sign", "drafted", _sign, _signed),
    Act("release", "consented", _release, _released),
    Act("rekey", "drafted", _exchange_keys, _exchanged),
    Act("backup", "backed up", _back_up, _backed_up),
    Act("restore", "lost", _restore, _restored, PHASES, _restored_again),
    Act("migration", "earlier", _unlock, _migrated, _AT_ONCE),
    Act("unlock", "drafted", _unlock, _unlocked, _AT_ONCE),
    Act("init", "nothing", _init, _made, _AT_ONCE, _made_again),
    # every further act of a person that must be whole or not at all: one line here
)


def acts_of(names: str) -> tuple[Act, ...]:
    """The acts of those names, parted by commas; all of them for none."""
    wanted = [name for name in names.split(",") if name]
    if unknown := set(wanted) - {act.name for act in ACTS}:
        raise ValueError(f"no act is called {', '.join(sorted(unknown))}")
    return tuple(act for act in ACTS if not wanted or act.name in wanted)


def warm(act: Act, scene: Scene) -> None:
    """Do the act here once, unharmed, so that the forks of this process needn't load anything."""
    scene.enter()
    try:
        act.ready(scene)()
    finally:
        scene.close()
