"""Wrong passphrases: a growing wait, and one line of the audit at the next right one."""

from pathlib import Path

import pytest

from consultdesk.consultation.letter import LetterKind
from consultdesk.desk import letter, store
from consultdesk.desk.attempts import seconds_left
from consultdesk.errors import KeyMistyped, PassphraseWrong, TriedTooSoon, VaultLocked
from consultdesk.samples.practice import PASSPHRASE, PHYSICIAN
from consultdesk.vault import attempts, audit, header, recovery, slots
from consultdesk.vault.vault import Vault


@pytest.fixture
def folder(vault: Vault) -> Path:
    vault.close()
    return vault.folder


def with_sheet(folder: Path, now: int) -> str:
    opened = store.unlock(folder, "", PASSPHRASE, now)
    sheet = recovery.new()
    slots.keep_recovery(opened, sheet, now)
    opened.close()
    return sheet


def guess(folder: Path, at: int, user: str = "") -> float:
    with pytest.raises(PassphraseWrong) as wrong:
        store.unlock(folder, user, "some wrong words", at)
    return wrong.value.wait


def failures_told(vault: Vault) -> list[tuple[str, str]]:
    with vault.read() as reading:
        found = audit.events(reading)
    return [(one.entity, one.detail) for one in found if one.act == "failed_unlocks"]


def test_each_wrong_passphrase_says_how_long_to_wait(folder: Path, now: int) -> None:
    assert [guess(folder, now) for _ in range(3)] == [0, 0, 1]
    with pytest.raises(TriedTooSoon) as soon:
        store.unlock(folder, "", PASSPHRASE, now + 200)
    assert soon.value.wait == 0.8
    assert str(soon.value) == ("Several passphrases were wrong. Wait 1 second, then type it again.")
    assert guess(folder, now + 1000) == 2
    assert seconds_left(folder, "", now + 1000) == 2
    store.unlock(folder, PHYSICIAN.name, PASSPHRASE, now + 3000).close()
    assert guess(folder, now + 3000) == 0


def test_trying_too_soon_is_no_failure(folder: Path, now: int) -> None:
    for _ in range(3):
        guess(folder, now)
    for _ in range(5):
        with pytest.raises(TriedTooSoon):
            store.unlock(folder, "", "more wrong words", now)
    assert seconds_left(folder, "", now) == 1


def test_the_next_right_passphrase_tells_the_audit_once(folder: Path, now: int) -> None:
    for at in (now, now + 61_000, now + 130_000):
        guess(folder, at)
    opened = store.unlock(folder, "", PASSPHRASE, now + 200_000)
    ((user, said),) = failures_told(opened)
    assert user == PHYSICIAN.name
    assert said.startswith("3 wrong passphrases, from ")
    assert not (folder / attempts.NAME).exists()
    opened.close()
    again = store.unlock(folder, "", PASSPHRASE, now + 201_000)
    assert len(failures_told(again)) == 1
    assert store.verify(again).ok
    again.close()


def test_what_isnt_a_wrong_passphrase_isnt_counted(folder: Path, now: int) -> None:
    for user, typed in (("nobody", PASSPHRASE), (header.RECOVERY, "AAAA-BBBB")):
        with pytest.raises(VaultLocked):
            store.unlock(folder, user, typed, now)
    with pytest.raises(VaultLocked, match="no ConsultDesk store"):
        store.unlock(folder.parent, "", PASSPHRASE, now)
    assert not (folder / attempts.NAME).exists()


def test_guessing_for_one_user_keeps_no_other_waiting(folder: Path, now: int) -> None:
    sheet = with_sheet(folder, now - 10_000)
    for at in (now - 9000, now - 6000, now - 5000, now - 3000, now):
        guess(folder, at)
    opened = store.unlock(folder, header.RECOVERY, f" {sheet.lower()} ", now)
    assert [user for user, _said in failures_told(opened)] == [PHYSICIAN.name]
    opened.close()
    assert seconds_left(folder, "", now) == 4


def test_a_slip_in_the_recovery_key_is_told_before_anything_is_tried(
    folder: Path, now: int
) -> None:
    sheet = with_sheet(folder, now - 10_000)
    groups = list(recovery.groups_of(sheet))
    groups[4] = groups[4][:3] + ("A" if groups[4][3] != "A" else "B")
    with pytest.raises(KeyMistyped, match="Group 5 is mistyped"):
        store.unlock(folder, header.RECOVERY, "-".join(groups), now)


def test_guessing_at_sign_has_to_wait_as_well(vault: Vault, drafted: str, now: int) -> None:
    for _ in range(3):
        with pytest.raises(PassphraseWrong):
            letter.sign(vault, drafted, LetterKind.TREATING_PHYSICIAN, "some wrong words", now)
    with pytest.raises(TriedTooSoon):
        letter.sign(vault, drafted, LetterKind.TREATING_PHYSICIAN, PASSPHRASE, now)
    letter.sign(vault, drafted, LetterKind.TREATING_PHYSICIAN, PASSPHRASE, now + 1000)
