from pathlib import Path

import pytest

from consultdesk.consultation.audit import Role, User
from consultdesk.errors import VaultLocked
from consultdesk.vault import header, key, slots
from consultdesk.vault.vault import Vault

NOW = 1_790_000_000_000
FIRST, SECOND = "first quiet harbour", "second quiet harbour"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    user = User("lind", "Dr. Ada Lind", Role.PHYSICIAN)
    path = tmp_path / "a.desk"
    Vault.create(path, user, FIRST, NOW, parameters=key.FLOOR).close()
    return path


def test_the_key_of_the_recovery_sheet_opens_the_store_however_it_is_typed(folder: Path) -> None:
    sheet = slots.add_recovery(folder, "lind", FIRST)
    assert len(sheet.replace("-", "")) == 35
    typed = slots.comparable(f" {sheet.lower().replace('-', '  ')} ")
    opened = Vault.open(folder, header.RECOVERY, typed, NOW)
    assert opened.clinical
    opened.close()


def test_a_new_sheet_ends_the_one_before(folder: Path) -> None:
    before = slots.comparable(slots.add_recovery(folder, "lind", FIRST))
    slots.add_recovery(folder, "lind", FIRST)
    with pytest.raises(VaultLocked):
        Vault.open(folder, header.RECOVERY, before, NOW)


def test_the_sheet_does_not_make_the_only_user_one_of_two(folder: Path) -> None:
    slots.add_recovery(folder, "lind", FIRST)
    opened = Vault.open(folder, "", FIRST, NOW)
    assert opened.user == "lind"
    opened.close()


def test_another_passphrase_takes_the_place_of_the_first(folder: Path) -> None:
    slots.change_passphrase(folder, "lind", FIRST, SECOND)
    with pytest.raises(VaultLocked):
        Vault.open(folder, "lind", FIRST, NOW)
    Vault.open(folder, "lind", SECOND, NOW).close()


def test_nobody_adds_a_sheet_without_the_passphrase(folder: Path) -> None:
    with pytest.raises(VaultLocked):
        slots.add_recovery(folder, "lind", SECOND)
    with pytest.raises(VaultLocked):
        slots.change_passphrase(folder, "lind", SECOND, FIRST)
    assert len(header.read(folder).slots) == 1
