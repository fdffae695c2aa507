import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from consultdesk.desk import opinion, store
from consultdesk.desktop.commands import WRITING
from consultdesk.desktop.window import MainWindow
from consultdesk.errors import ReadOnly
from consultdesk.samples import walk
from consultdesk.samples.practice import LETTERHEAD
from consultdesk.vault.vault import Vault
from tests.journeys.full_disk_worker import fill_up
from tests.stations import STORY, now, open_at


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own for the store."""
    place = tmp_path / "a.desk"
    place.mkdir()
    if sys.platform == "win32" or os.geteuid() != 0:
        pytest.skip("only root mounts a small disk that can be filled up")
    mount = ["mount", "-t", "tmpfs", "-o", "size=32m", "none", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this system lets nobody mount a small disk")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=False)


@pytest.fixture
def _opened(disk: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Vault, str]]:
    step = "received" if "received" in request.fixturenames else "empty"
    vault, number = open_at(step, disk)
    yield vault, number
    vault.close()


@contextmanager
def full_disk(disk: Path) -> Iterator[None]:
    """The disk takes nothing more."""
    ballast = disk / "ballast"
    fill_up(ballast)
    try:
        yield
    finally:
        ballast.unlink()


def meet(window: MainWindow) -> None:
    """Let acts meet the full disk."""
    vault = window.session.vault
    for _ in range(200):  # what is left of a page of the log takes a few
        with suppress(ReadOnly):
            store.set_letterhead(vault, LETTERHEAD, now())
    assert vault.read_only


def test_a_disk_that_fills_up_is_said_in_a_banner_with_its_cure_and_a_way_back(
    qtbot: QtBot, disk: Path, opened: MainWindow
) -> None:
    banner = opened.read_only.banner
    assert banner.isHidden()
    with full_disk(disk):
        meet(opened)
        qtbot.waitUntil(banner.isVisible)
    said = banner.accessibleName()
    assert said.startswith("The disk is full, so the store can only be read now.")
    assert "Free some space on the disk." in said
    assert [button.text() for button in banner.buttons] == ["Try again"]
    assert opened.status.room.text() == "Read only"
    banner.buttons[0].click()
    qtbot.waitUntil(banner.isHidden)
    assert opened.session.vault.read_only is None


def test_meanwhile_commands_that_write_say_why_they_are_closed_and_open_again(
    qtbot: QtBot, disk: Path, opened: MainWindow
) -> None:
    actions = opened.commands.actions
    assert actions["import"].isEnabled()
    with full_disk(disk):
        meet(opened)
        qtbot.waitUntil(opened.read_only.banner.isVisible)
    for key in ("import", "sign", "details", "settings"):
        assert not actions[key].isEnabled()
        assert "The disk is full" in actions[key].toolTip()
    for key in ("send", "preview_letter", "next_record", "lock", "audit"):
        assert actions[key].isEnabled()
    opened.read_only.try_again()
    qtbot.waitUntil(actions["import"].isEnabled)
    assert actions["sign"].isEnabled()


def test_every_command_that_is_closed_is_one_of_the_desk(window: MainWindow) -> None:
    assert window.commands.all.keys() >= WRITING


def test_a_file_that_is_dropped_meanwhile_is_not_begun_with(
    qtbot: QtBot, disk: Path, opened: MainWindow, write: Callable[[str, str], Path]
) -> None:
    with full_disk(disk):
        meet(opened)
        qtbot.waitUntil(opened.read_only.banner.isVisible)
    opened.drop.dropped.emit([write("Letter.txt", "A letter.")])
    assert not opened.receiving.under_way
    assert "The disk is full" in opened.status_bar.currentMessage()


def test_what_is_typed_meanwhile_is_kept_and_saved_once_there_is_room(
    qtbot: QtBot, disk: Path, opened: MainWindow, vault: Vault, received: str
) -> None:
    walk.confirm(vault, received, STORY, now())
    walk.accept(vault, received, now())
    walk.get_ready(vault, received, now())
    opinion.begin(vault, received, now())
    opened.open_case(received)
    qtbot.waitUntil(lambda: opened.assessment.own_read is not None)
    page = opened.assessment.own_read
    assert page is not None
    page.findings.setPlainText("Typed on a full disk.")
    sign = opened.assessment.sign
    with full_disk(disk):
        meet(opened)
        assert not opened.save_now()
        qtbot.waitUntil(opened.read_only.banner.isVisible)
    assert page.findings.toPlainText() == "Typed on a full disk."
    assert not sign.isEnabled()
    assert sign.toolTip().startswith("The disk is full")
    with qtbot.waitSignal(opened.assessment.saved):
        opened.read_only.try_again()
    assert opinion.assessment(vault, received).own_read.findings == "Typed on a full disk."
    qtbot.waitUntil(opened.read_only.banner.isHidden)
