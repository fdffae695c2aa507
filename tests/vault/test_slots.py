"""Further ways into a store, and only for who has one already."""

from pathlib import Path

import pytest

from consultdesk.errors import VaultLocked
from consultdesk.vault import header, slots
from consultdesk.vault.vault import Vault, roles_of
from tests.consultation.parcels import NOW
from tests.vault.building import PASSPHRASE


def opens(folder: Path, user: str, word: str) -> bool:
    try:
        Vault.open(folder, user, word, NOW).close()
    except VaultLocked:
        return False
    return True


def test_a_recovery_sheet_opens_the_store_and_the_next_one_replaces_it(folder: Path) -> None:
    first = slots.add_recovery(folder, "anna", PASSPHRASE)
    assert len({letter for letter in first if letter != "-"}) > 10
    assert opens(folder, header.RECOVERY, slots.comparable(first.lower().replace("-", " ")))
    assert opens(folder, "", PASSPHRASE)
    second = slots.add_recovery(folder, "anna", PASSPHRASE)
    assert second != first
    assert not opens(folder, header.RECOVERY, slots.comparable(first))
    assert opens(folder, header.RECOVERY, slots.comparable(second))
    assert [name for name, _role in roles_of(folder)].count("anna") == 1
    with pytest.raises(VaultLocked):
        slots.add_recovery(folder, "anna", "wrong")


def test_another_passphrase_takes_the_place_of_the_one_before(folder: Path) -> None:
    sheet = slots.add_recovery(folder, "anna", PASSPHRASE)
    vault = Vault.open(folder, "anna", PASSPHRASE, NOW)
    slots.change_passphrase(folder, "anna", PASSPHRASE, "another passphrase")
    assert not opens(folder, "anna", PASSPHRASE)
    assert opens(folder, "anna", "another passphrase")
    assert opens(folder, header.RECOVERY, slots.comparable(sheet))
    vault.reauthenticate("another passphrase")
    with pytest.raises(VaultLocked):
        vault.reauthenticate(PASSPHRASE)
    vault.close()
    with pytest.raises(VaultLocked):
        slots.change_passphrase(folder, "anna", "wrong", "x")
    assert header.read(folder).sequence == 3
