"""A disk that takes nothing more, in the middle of an act: all of it is kept, or nothing."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from consultdesk.consultation.case import CaseState
from consultdesk.consultation.consent import Purpose
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.patient import ChannelKind
from consultdesk.desk import cases, sending, store
from consultdesk.errors import DeliveryFailed, VaultDamaged
from consultdesk.letters.rendition import protect
from consultdesk.samples import walk
from consultdesk.samples.practice import LETTERHEAD, PASSPHRASE, PHYSICIAN
from consultdesk.transports.handover import SaveOptions
from consultdesk.vault.vault import Vault
from tests.journeys.kill_worker import STORY

if sys.platform == "win32":
    pytest.skip("Windows has no limit on the size of files", allow_module_level=True)

import resource


@contextmanager
def full_disk() -> Iterator[None]:
    """Not one byte more goes into any file, as on a disk that is full."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


def now() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    made = store.make(tmp_path / "a.desk", PHYSICIAN, PASSPHRASE, now(), throw_away=True)
    store.set_letterhead(made, LETTERHEAD, now())
    yield made
    made.close()


@pytest.fixture
def drafted(vault: Vault) -> str:
    number = walk.receive(vault, STORY, now())
    walk.confirm(vault, number, STORY, now())
    walk.accept(vault, number, now())
    walk.get_ready(vault, number, now())
    walk.read(vault, number, STORY, now())
    walk.compare(vault, number, STORY, now())
    walk.draft(vault, number, STORY, now())
    return number


def refused(vault: Vault, act: Callable[[], object]) -> None:
    """The act says in words that the disk took nothing, and left no trace of itself."""
    sealed = set(vault.content_folder.iterdir())
    with full_disk(), pytest.raises(VaultDamaged, match=r"[Dd]isk"):
        act()
    assert set(vault.content_folder.iterdir()) == sealed
    assert store.verify(vault).ok


def test_an_import_on_a_full_disk_keeps_nothing_and_can_be_repeated(vault: Vault) -> None:
    refused(vault, lambda: walk.receive(vault, STORY, now()))
    assert walk.receive(vault, STORY, now()).endswith("-0001")


def test_a_signature_on_a_full_disk_is_none_and_can_be_repeated(vault: Vault, drafted: str) -> None:
    refused(vault, lambda: walk.sign(vault, drafted, PASSPHRASE, now()))
    assert cases.open_case(vault, drafted).letters == ()
    walk.sign(vault, drafted, PASSPHRASE, now())
    assert cases.open_case(vault, drafted).case.state is CaseState.SIGNED


def test_a_draft_on_a_full_disk_leaves_the_one_before(vault: Vault, drafted: str) -> None:
    before = cases.open_case(vault, drafted).case
    refused(vault, lambda: walk.draft(vault, drafted, STORY, now()))
    assert cases.open_case(vault, drafted).case == before


class Release:
    """A signed and consented letter, about to be saved for its recipient."""

    def __init__(self, vault: Vault, number: str, folder: Path) -> None:
        self.vault, self.number, self.folder = vault, number, folder
        signed = walk.sign(vault, number, PASSPHRASE, now())
        walk.agree(vault, number, now())
        save, how = ChannelKind.HAND_OVER_SAVE, "Known to the practice."
        sending.verify_channel(vault, number, signed.recipient_id, save, now(), how)
        self.wish = sending.Sending(number, signed.id, save, Purpose.TREATMENT, new_id(now()))

    def send(self, clock: Callable[[], int] = now) -> None:
        options = SaveOptions(self.folder, "Letter.pdf", "told by telephone", protect)
        sending.send(self.vault, self.wish, options, clock)

    @property
    def states(self) -> list[str]:
        return [one.state for one in cases.open_case(self.vault, self.number).dispatches]


def test_a_release_on_a_full_disk_lets_nothing_out(
    vault: Vault, drafted: str, tmp_path: Path
) -> None:
    release = Release(vault, drafted, tmp_path)
    refused(vault, release.send)
    assert release.states == []
    assert not (tmp_path / "Letter.pdf").exists()
    release.send()
    assert release.states == ["sent"]


def test_a_letter_that_left_before_the_disk_was_full_is_not_to_be_sent_again(
    vault: Vault, drafted: str, tmp_path: Path
) -> None:
    """The store can't record it, so the person is told, and the case goes on asking."""
    release = Release(vault, drafted, tmp_path)
    said = pytest.raises(DeliveryFailed, match=r"has left.*Don't send it again")
    with said as failed, ExitStack() as disk:

        def clock() -> int:
            if (tmp_path / "Letter.pdf").exists():
                disk.enter_context(full_disk())
            return now()

        release.send(clock)
    assert not failed.value.retryable
    assert release.states == ["cleared"]
    (dispatch,) = cases.open_case(vault, drafted).dispatches
    sending.settle(vault, drafted, dispatch.id, now(), arrived=True, detail="The file is there.")
    assert release.states == ["sent"]
    assert cases.open_case(vault, drafted).case.state is CaseState.RELEASED


def test_a_destination_that_is_gone_is_a_failure_that_says_so(
    vault: Vault, drafted: str, tmp_path: Path
) -> None:
    release = Release(vault, drafted, tmp_path / "nowhere")
    with pytest.raises(DeliveryFailed, match="folder"):
        release.send()
    assert release.states == ["failed"]


# --- a disk of its own that is really full ------------------------------------------------------


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> dict[str, object]:
    """What a day at the desk came to on a disk of 200 MB that is full."""
    home = tmp_path_factory.mktemp("disk")
    alone = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")
    mount = 'mount -t tmpfs -o size=200m none "$0"'
    if not shutil.which("unshare") or subprocess.run([*alone, mount, home], check=False).returncode:
        pytest.skip("this system lets nobody mount a small disk of their own")
    work = f'{mount} && exec "$1" -m tests.journeys.full_disk_worker "$0"'
    done = subprocess.run(
        [*alone, work, home, sys.executable],
        cwd=checkout,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, object] = json.loads(done.stdout)
    return said


def test_on_a_full_disk_the_store_opens_and_every_look_and_signature_is_recorded(
    day: dict[str, object],
) -> None:
    assert day["whole"]
    assert (day["seen"], day["signed"]) == ("", "")
    assert day["records"] == 2
    assert day["read"]
    assert day["sound"]
    acts = day["acts"]
    assert isinstance(acts, list)
    assert acts.count("unlock") == 2
    assert {"view_record", "sign_letter"} <= set(acts)


def test_a_person_is_told_to_free_space_while_the_reserve_lasts(day: dict[str, object]) -> None:
    assert "Free some space soon" in str(day["room"])
    assert 0 < int(str(day["left"])) < 16 << 20


_ONLY_READ = "The disk is full, so the store can only be read now."


def test_without_a_reserve_a_full_disk_opens_the_store_to_be_read_and_says_why(
    day: dict[str, object],
) -> None:
    assert str(day["only_read"]).startswith(_ONLY_READ)
    assert str(day["said"]).startswith(_ONLY_READ)
    assert "is noted" in str(day["said"])
    assert (day["seen_then"], day["letter"], day["whole_then"]) == ("", True, True)
    assert int(str(day["found"])) > 0


@pytest.mark.parametrize("act", ["import", "draft"])
def test_without_any_room_an_act_is_refused_in_one_sentence_with_its_cure(
    day: dict[str, object], act: str
) -> None:
    said = str(day[act])
    assert said.startswith("ReadOnly: ") or "The disk is full" in said
    assert "Free some space" in said


def test_without_any_room_no_release_is_made_because_none_can_be_recorded(
    day: dict[str, object],
) -> None:
    assert "a release can't be recorded and isn't made" in str(day["release"])
    assert day["file_left"] is False


def test_while_the_disk_is_full_the_store_does_not_go_back_to_writing(
    day: dict[str, object],
) -> None:
    assert str(day["too_soon"]).startswith(f"ReadOnly: {_ONLY_READ}")


def test_what_was_looked_at_while_nothing_could_be_written_stands_in_the_audit_later(
    day: dict[str, object],
) -> None:
    assert sorted(map(str, day["late"])) == ["unlock", "view_record"]  # type: ignore[call-overload]


def test_once_there_is_room_the_store_opens_and_keeps_some_back_again(
    day: dict[str, object],
) -> None:
    assert day["again"]
    assert day["whole_again"]
