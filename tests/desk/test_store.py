"""Making, opening and checking a store, and what a user without the clinical key may see."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from consultdesk.consultation.audit import Role, User
from consultdesk.consultation.source import MemorySource, Progress
from consultdesk.desk import access, cases, intake, reports, settings, store
from consultdesk.errors import (
    Cancelled,
    ClinicalContentClosed,
    NotAllowed,
    VaultDamaged,
    VaultLocked,
)
from consultdesk.samples.practice import PASSPHRASE, PHYSICIAN
from consultdesk.vault.content import store as seal
from consultdesk.vault.vault import Vault
from tests import stations
from tests.vault.building import PASSPHRASE as WORDS
from tests.vault.building import add_user


@pytest.mark.parametrize(
    "passphrase", ["", "short", "aaaaaaaaaaaa", "password1234", "dr. ada berg"]
)
def test_a_passphrase_that_is_easily_guessed_makes_no_store(
    tmp_path: Path, now: int, passphrase: str
) -> None:
    with pytest.raises(VaultLocked) as refused:
        store.make(tmp_path / "a.desk", PHYSICIAN, passphrase, now)
    assert refused.value.cure
    assert not (tmp_path / "a.desk").exists()


def test_a_store_is_not_made_over_something(vault: Vault, now: int, tmp_path: Path) -> None:
    with pytest.raises(VaultDamaged, match="already holds"):
        store.make(vault.folder, PHYSICIAN, PASSPHRASE, now, throw_away=True)


def test_the_desktop_clears_up_what_a_killed_import_left_when_it_opens_the_store(
    vault: Vault, now: int
) -> None:
    left = vault.content_folder / seal(vault.content_folder, (MemorySource("a", b"x"),)).name
    vault.close()
    two_days = 2 * 24 * 60 * 60 * 1000

    def opened(at: int, *, desktop: bool) -> tuple[str, ...]:
        again = store.unlock(vault.folder, "", PASSPHRASE, at, desktop=desktop)
        if store.moment(again, at).jumped:
            store.confirm_clock(again, at)
            again.close()
            again = store.unlock(vault.folder, "", PASSPHRASE, at, desktop=desktop)
        found = store.verify(again).orphans
        again.close()
        return found

    assert opened(now, desktop=True) == (left.name,)
    assert opened(now + two_days // 4, desktop=True) == (left.name,)
    assert opened(now + two_days, desktop=False) == (left.name,)
    assert opened(now + two_days, desktop=True) == ()


def test_the_unlock_screen_offers_who_may_open_it(vault: Vault) -> None:
    assert store.users(vault.folder) == ((PHYSICIAN.name, Role.PHYSICIAN),)
    assert store.current_user(vault).full_name == PHYSICIAN.full_name


def test_a_large_file_is_brought_in_and_checked_a_piece_at_a_time(
    vault: Vault, tmp_path: Path, now: int
) -> None:
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.write(b"\x07large")
        file.truncate(300 << 20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    taken = intake.bring_in(vault, [large], now)
    assert store.verify(vault).ok
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert taken.records[0].files[0].size == 300 << 20
    assert grown_kib < 100 << 10


def test_a_damaged_file_is_named_with_its_case(vault: Vault, now: int) -> None:
    number = intake.bring_in_sources(vault, [MemorySource("a.txt", b"A note.")], now).number
    assert store.verify(vault).ok
    (sealed,) = vault.content_folder.iterdir()
    held = bytearray(sealed.read_bytes())
    held[-1] ^= 1
    sealed.write_bytes(held)
    found = store.verify(vault)
    assert not found.ok
    assert [one["case"] for one in found.damaged or ()] == [number]
    with pytest.raises(Cancelled):
        store.verify(vault, Progress(cancelled=lambda: True))


@pytest.fixture
def manager(vault: Vault, received: str, now: int) -> Vault:
    """The same store opened by somebody who holds no clinical key."""
    add_user(vault, "manager", Role.MANAGER)
    return store.unlock(vault.folder, "manager", WORDS, now)


def test_a_manager_sees_the_queue_and_the_figures_and_nothing_clinical(
    manager: Vault, received: str
) -> None:
    now = stations.now()
    view = reports.QueueView(show="all", now=now)
    (row,) = reports.queue(manager, view, 0, 10)
    assert row.number == received
    assert row.patient
    assert row.question == ""
    start, stop = reports.period(manager, None, None, now)
    assert reports.period_figures(manager, start, stop, now).received == 1
    assert reports.queue_count(manager, view) == len(reports.queue_ids(manager, view)) == 1
    with pytest.raises(ClinicalContentClosed):
        cases.open_case(manager, received)
    with pytest.raises(NotAllowed):
        cases.wait_for(manager, received, "records", now)
    with pytest.raises(NotAllowed):
        intake.bring_in_sources(manager, [MemorySource("a.txt", b"x")], now)
    manager.close()


def test_two_programs_at_once_give_every_case_its_own_number(
    vault: Vault, tmp_path: Path, checkout: Path, now: int
) -> None:
    (tmp_path / "pw").write_text(PASSPHRASE)
    for n in range(6):
        (tmp_path / f"{n}.txt").write_text(f"Note number {n} of somebody.")

    def bring_in(n: int) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "consultdesk", "import", str(vault.folder)]
        options = ["--passphrase-file", str(tmp_path / "pw"), "--json"]
        return subprocess.Popen(
            [*command, str(tmp_path / f"{n}.txt"), *options],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(checkout)},
        )

    first = [bring_in(n) for n in (0, 1)]
    ours = intake.bring_in(vault, [tmp_path / "5.txt"], now).number
    assert [process.wait(120) for process in first] == [0, 0]
    view = reports.QueueView(show="all", now=now)
    numbers = [row.number for row in reports.queue(vault, view, 0, 10)]
    assert len(set(numbers)) == len(numbers) == 3
    assert ours in numbers
    for process in first:
        if process.stdout:
            process.stdout.close()


def test_the_calendar_of_the_practice_says_when_a_day_begins(vault: Vault, now: int) -> None:
    day = 86_400_000
    start, stop = reports.period(vault, None, None, now)
    assert (stop - start) == 90 * day
    settings.choose(vault, settings.Settings(10, "united_states_pacific"), now)
    there, _stop = reports.period(vault, None, None, now)
    assert there % day in (7 * day // 24, 8 * day // 24)


def test_what_a_role_may_not_do_says_so(vault: Vault) -> None:
    vault.role = Role.MANAGER
    with pytest.raises(NotAllowed) as refused:
        access.require(vault, *access.CLINICAL)
    assert refused.value.cure


def test_a_user_nobody_knows_is_said_so(vault: Vault, now: int) -> None:
    with pytest.raises(VaultLocked, match="doesn't know"):
        store.unlock(vault.folder, "nobody", PASSPHRASE, now)
    assert User("a", "A", Role.PHYSICIAN).role is Role.PHYSICIAN
