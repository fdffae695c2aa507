from collections.abc import Iterator
from pathlib import Path

import pytest

from consultdesk.consultation.audit import Act, Role, User
from consultdesk.errors import KeyMistyped, VaultLocked
from consultdesk.vault import audit, header, key, members, recovery, slots
from consultdesk.vault.header import Header, SlotKind
from consultdesk.vault.members import OpenKeys
from consultdesk.vault.vault import Vault

NOW = 1_790_000_000_000
FIRST, SECOND = "first quiet harbour", "second quiet harbour"


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    user = User("lind", "Dr. Ada Lind", Role.PHYSICIAN)
    made = Vault.create(tmp_path / "a.desk", user, FIRST, NOW, parameters=key.FLOOR)
    yield made
    made.close()


def by_sheet(vault: Vault, sheet: str) -> Vault:
    typed = recovery.opens_with(sheet)
    return Vault.open(vault.folder, header.RECOVERY, typed, NOW)


def test_the_key_of_the_recovery_sheet_opens_the_store_however_it_is_typed(vault: Vault) -> None:
    sheet = recovery.new()
    slots.keep_recovery(vault, sheet, NOW)
    opened = by_sheet(vault, f" {sheet.lower().replace('-', '  ')} ")
    assert opened.clinical
    assert (opened.user, opened.opened.via) == ("lind", SlotKind.RECOVERY)
    opened.close()


def test_a_sheet_that_was_not_kept_opens_nothing(vault: Vault) -> None:
    slots.keep_recovery(vault, recovery.new(), NOW)
    with pytest.raises(VaultLocked, match="recovery key"):
        by_sheet(vault, recovery.new())


def test_a_new_sheet_ends_the_one_before(vault: Vault) -> None:
    before, after = recovery.new(), recovery.new()
    slots.keep_recovery(vault, before, NOW)
    slots.keep_recovery(vault, after, NOW)
    with pytest.raises(VaultLocked):
        by_sheet(vault, before)
    by_sheet(vault, after).close()


def test_a_key_with_a_slip_in_it_is_not_kept(vault: Vault) -> None:
    before = recovery.new()
    slots.keep_recovery(vault, before, NOW)
    with pytest.raises(KeyMistyped):
        slots.keep_recovery(vault, recovery.new()[:-1], NOW)
    by_sheet(vault, before).close()


def test_a_sheet_of_the_first_kind_opens_a_store_that_has_one(vault: Vault) -> None:
    old = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789ABC"

    def change(held: Header, mine: OpenKeys) -> tuple[Header, OpenKeys]:
        return members.with_slot(held, mine, SlotKind.RECOVERY, old, key.FLOOR), mine

    vault.change_keys(Act("make_recovery_key", NOW), change)
    by_sheet(vault, "abcde-fghjk-lmnpq-rstuv-wxyz2-34567-89abc").close()


def test_the_sheet_does_not_make_the_only_user_one_of_two(vault: Vault) -> None:
    slots.keep_recovery(vault, recovery.new(), NOW)
    opened = Vault.open(vault.folder, "", FIRST, NOW)
    assert opened.user == "lind"
    opened.close()


def test_another_passphrase_takes_the_place_of_the_first_and_is_audited(vault: Vault) -> None:
    slots.change_passphrase(vault, FIRST, SECOND, NOW)
    with pytest.raises(VaultLocked):
        Vault.open(vault.folder, "lind", FIRST, NOW)
    Vault.open(vault.folder, "lind", SECOND, NOW).close()
    vault.reauthenticate(SECOND)
    with vault.read() as reading:
        assert [line.act for line in audit.events(reading)][0] == "change_passphrase"


def test_who_came_by_the_sheet_chooses_another_passphrase(vault: Vault) -> None:
    sheet = recovery.new()
    slots.keep_recovery(vault, sheet, NOW)
    lost = by_sheet(vault, sheet)
    slots.set_passphrase(lost, SECOND, NOW)
    lost.close()
    Vault.open(vault.folder, "lind", SECOND, NOW).close()
    by_sheet(vault, sheet).close()


def test_nobody_exchanges_a_passphrase_without_it(vault: Vault) -> None:
    with pytest.raises(VaultLocked):
        slots.change_passphrase(vault, SECOND, FIRST, NOW)
    assert len(vault.members.member("lind").slots) == 1


def test_the_keychain_of_a_computer_opens_the_store_until_it_is_taken_out(vault: Vault) -> None:
    secret = slots.add_device(vault, "front desk", NOW)
    slots.add_device(vault, "laptop", NOW)
    kinds = (SlotKind.DEVICE,)
    opened = Vault.open(vault.folder, "lind", secret, NOW, kinds=kinds)
    assert opened.clinical
    opened.close()
    with pytest.raises(VaultLocked):
        Vault.open(vault.folder, "lind", secret, NOW)
    slots.remove_device(vault, "front desk", NOW)
    assert slots.devices(vault) == ("laptop",)
    with pytest.raises(VaultLocked):
        Vault.open(vault.folder, "lind", secret, NOW, kinds=kinds)
