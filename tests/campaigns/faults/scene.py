"""Where one run takes place: a store, its user's own folder, and where letters are handed over."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from consultdesk.consultation.patient import ChannelKind
from consultdesk.desk import cases, reports, sending, store
from consultdesk.samples import walk
from consultdesk.samples.practice import LETTERHEAD, PASSPHRASE, PHYSICIAN
from consultdesk.vault import backup
from consultdesk.vault.vault import Vault
from tests import stations
from tests.stations import now
from tests.vault.earlier import put_back_to_the_first

RESERVE = "reserve"

_DAY_MS = 24 * 60 * 60 * 1000
_BACKUPS_OF_A_DAY = 3


@dataclass(frozen=True)
class Scene:
    """A folder that holds all that an act may write to."""

    home: Path
    opened: list[Vault] = field(default_factory=list, compare=False)

    @property
    def store(self) -> Path:
        """The store's folder."""
        return self.home / "a.desk"

    @property
    def handed_over(self) -> Path:
        """Where letters are saved for their recipients."""
        return self.home / "handed over"

    @property
    def stick(self) -> Path:
        """Where backups go."""
        return self.home / "stick"

    def enter(self) -> None:
        """Have this process take the scene's own folder for the user's."""
        os.environ["XDG_CONFIG_HOME"] = str(self.home / "config")
        os.environ["XDG_DATA_HOME"] = str(self.home / "data")

    def make(self) -> Vault:
        """A new store, open."""
        made = store.make(self.store, PHYSICIAN, PASSPHRASE, now(), throw_away=True)
        self.opened.append(made)
        return made

    def unlock(self) -> Vault:
        """The store, open as the window opens it."""
        vault = store.unlock(self.store, PHYSICIAN.name, PASSPHRASE, now(), desktop=True)
        self.opened.append(vault)
        return vault

    def close(self) -> None:
        """Close whatever is open here."""
        while self.opened:
            self.opened.pop().close()


def only_case(vault: Vault) -> str:
    """The number of the one case that a prepared store holds."""
    (row,) = reports.queue(vault, reports.QueueView(show="all", now=now()), 0, 2)
    return row.number


def _at(step: str) -> Callable[[Scene], None]:
    def prepare(scene: Scene) -> None:
        made = scene.make()
        store.set_letterhead(made, LETTERHEAD, now())
        if step != stations.STEPS[0]:
            stations.walk_to(made, step)
        made.close()

    return prepare


def _consented(scene: Scene) -> None:
    _at("signed")(scene)
    vault = scene.unlock()
    number = only_case(vault)
    walk.agree(vault, number, now())
    (signed,) = cases.open_case(vault, number).letters
    save, how = ChannelKind.HAND_OVER_SAVE, "Handed over in person."
    sending.verify_channel(vault, number, signed.recipient_id, save, now(), how)
    vault.close()


def _earlier(scene: Scene) -> None:
    _at("drafted")(scene)
    put_back_to_the_first(scene.store, PASSPHRASE)


def _backed_up(scene: Scene) -> None:
    """Some backups of one day last week, of which the rule keeps one when the next is made."""
    _at("drafted")(scene)
    scene.stick.mkdir()
    vault, then = scene.unlock(), now() - 7 * _DAY_MS
    for n in range(_BACKUPS_OF_A_DAY):
        backup.take(vault, backup.folder_for(scene.store, scene.stick), then + n)
    vault.close()


def _lost(scene: Scene) -> None:
    """Backups, and the disk with the store itself is gone."""
    _backed_up(scene)
    shutil.rmtree(scene.store)


def _nothing(scene: Scene) -> None:
    """No store yet."""


STEPS: dict[str, Callable[[Scene], None]] = {
    "nothing": _nothing,
    "empty": _at("empty"),
    "drafted": _at("drafted"),
    "signed": _at("signed"),
    "consented": _consented,
    "earlier": _earlier,
    "backed up": _backed_up,
    "lost": _lost,
}
"""How far a store may stand when an act begins."""

STORELESS = ("nothing", "lost")
"""Steps with no store yet, or no longer: there is no reserve either."""


def memory() -> Path | None:
    """A disk in memory where there is one: no fault here needs a slow disk, only its syncs."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    return memory if os.access(memory, os.W_OK) else None


class Prepared:
    """Scenes at each step, walked once and copied for every run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def copy(self, step: str, home: Path) -> Scene:
        """A scene of its own at that step, in the folder, which is emptied before."""
        if home.exists():
            shutil.rmtree(home)
        shutil.copytree(self._at(step), home, symlinks=True)
        return Scene(home)

    def _at(self, step: str) -> Path:
        home = self._folder / step
        if not home.exists():
            scene = Scene(home)
            scene.handed_over.mkdir(parents=True)
            scene.enter()
            STEPS[step](scene)
            # it is made again by the first to unlock the store, and needn't be copied
            (scene.store / RESERVE).unlink(missing_ok=True)
        return home
