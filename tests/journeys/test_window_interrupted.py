"""The window is killed, and locked, in the middle of a word: it is kept, and nothing shows."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from consultdesk.desk import opinion
from tests.journeys import main_job, marked_records
from tests.journeys.screen import require_screen, until
from tests.journeys.window_desk import Desk, Place, desk

pytestmark = [pytest.mark.display, pytest.mark.heavy]

FIELD = "Findings in your own words"
WORD = "Quokkazimut"
KEPT_WITHIN = 2.0
SLOW_MACHINE = 2.0


@pytest.fixture(scope="module")
def _prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store in it whose one case has its own read begun; made once."""
    require_screen()
    folder = tmp_path_factory.mktemp("prepared")
    place = Place(folder, main_job.PASSPHRASE)
    place.prepare()
    received = folder / "received"
    received.mkdir()
    marked_records.write_all(received, WORD)
    job = main_job.Job(place.store, received, place.destination, WORD)
    for step in (job.bring_in, job.confirm, job.flags, job.make_ready):
        step()
    opinion.begin(job.vault, job.number, time.time_ns() // 1_000_000)
    job.vault.close()
    return folder


@pytest.fixture
def begun(tmp_path: Path, _prepared: Path) -> Iterator[Desk]:
    """A window on such a store of its own, unlocked, the field of findings in focus."""
    shutil.copytree(_prepared, tmp_path, dirs_exist_ok=True)
    with desk([], Place(tmp_path, main_job.PASSPHRASE)) as running:
        go_to_the_findings(running)
        yield running


def go_to_the_findings(running: Desk) -> None:
    running.unlock()
    running.open_first_case()
    running.screen.find(FIELD, "text")
    running.screen.keys("ctrl+5")
    running.screen.tab_to(FIELD, "text")


def findings(running: Desk) -> str:
    return running.screen.find(FIELD, "text").text


def test_a_kill_while_typing_loses_no_more_than_the_last_moment(begun: Desk) -> None:
    typed: dict[str, float] = {}
    end = time.monotonic() + 8
    while time.monotonic() < end:
        word = f"w{len(typed):03}"
        begun.screen.type(f"{word} ")
        typed[word] = time.monotonic()
    killed = time.monotonic()
    begun.end()
    begun.start()
    go_to_the_findings(begun)
    until(lambda: "w000" in findings(begun), "the draft is back")
    kept = findings(begun)
    whole = "".join(f"{word} " for word in typed)
    # a draft is saved between two letters as well as between two words
    assert whole.startswith(kept), "the draft is what was typed, from its first letter"
    due = [word for word, at in typed.items() if at < killed - KEPT_WITHIN - SLOW_MACHINE]
    assert len(due) > 5
    assert set(due) <= set(kept.split())
    begun.leave()
    assert '"ok": true' in begun.place.run("verify", str(begun.place.store), "--json")


def test_the_lock_covers_a_half_written_word_and_gives_it_back(begun: Desk) -> None:
    screen = begun.screen
    screen.keys("ctrl+Next")
    second = screen.find("…", "page tab", state="selected").name
    screen.tab_to(FIELD, "text")
    screen.type("Half a wor")
    assert any(WORD in title for title in begun.titles())
    screen.keys("ctrl+l")
    screen.find("Passphrase", "password text")
    titles = begun.titles()
    assert titles
    assert not [title for title in titles if WORD in title or "2026-" in title]
    assert not [one for one in screen.look() if WORD in f"{one.name} {one.text} {one.description}"]
    begun.photograph("7 locked")
    begun.unlock()
    begun.back()
    until(lambda: "Half a wor" in findings(begun), "what was written is back")
    assert screen.find("…", "page tab", state="selected").name == second
    begun.leave()
