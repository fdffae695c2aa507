"""Unlocking with this computer's keychain: chosen with the passphrase, ended with its slot."""

import pytest

from consultdesk.consultation.letter import LetterKind
from consultdesk.desk import keychain, letter, store
from consultdesk.errors import KeychainFailed, PassphraseWrong
from consultdesk.samples.practice import PASSPHRASE, PHYSICIAN
from consultdesk.vault import attempts, audit, slots
from consultdesk.vault.vault import Vault
from tests.vault.keychains import RealKeychain, real_keychain

__all__ = ["real_keychain"]


def by_keychain(vault: Vault, now: int) -> Vault:
    secret = keychain.secret_of(vault.folder, "")
    return keychain.unlock(vault.folder, PHYSICIAN.name, secret, now)


def test_the_keychain_opens_the_store_until_it_is_given_up(
    vault: Vault, now: int, real_keychain: RealKeychain
) -> None:
    assert keychain.is_there()
    assert not keychain.is_chosen(vault)
    keychain.choose(vault, PASSPHRASE, now)
    assert keychain.is_chosen(vault)
    assert keychain.chosen_by(vault.folder) == {PHYSICIAN.name}
    opened = by_keychain(vault, now)
    assert opened.clinical
    with opened.read() as reading:
        last = next(one for one in audit.events(reading) if one.act == "unlock")
    assert last.detail == "by device"
    opened.close()
    held = real_keychain.held()
    keychain.give_up(vault, now)
    assert real_keychain.held() == {}
    assert keychain.chosen_by(vault.folder) == frozenset()
    (secret,) = (one.decode() for one in held.values())
    with pytest.raises(KeychainFailed, match="any more"):
        keychain.unlock(vault.folder, "", secret, now)


def test_a_slot_that_was_taken_out_makes_the_keychain_worthless_and_is_no_wrong_passphrase(
    vault: Vault, now: int, real_keychain: RealKeychain
) -> None:
    keychain.choose(vault, PASSPHRASE, now)
    slots.remove_device(vault, slots.devices(vault)[0], now)
    assert real_keychain.held()
    with pytest.raises(KeychainFailed, match="any more"):
        by_keychain(vault, now)
    assert not (vault.folder / attempts.NAME).exists()


def test_nobody_chooses_it_without_the_passphrase(
    vault: Vault, now: int, real_keychain: RealKeychain
) -> None:
    with pytest.raises(PassphraseWrong):
        keychain.choose(vault, "some wrong words", now)
    assert not keychain.is_chosen(vault)
    assert real_keychain.held() == {}


def test_a_keychain_that_keeps_nothing_leaves_no_slot(
    vault: Vault, now: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/at/all")
    with pytest.raises(KeychainFailed, match="no keychain"):
        keychain.choose(vault, PASSPHRASE, now)
    assert not keychain.is_chosen(vault)
    assert store.verify(vault).ok


def test_giving_it_up_needs_no_keychain(
    vault: Vault, now: int, real_keychain: RealKeychain
) -> None:
    keychain.choose(vault, PASSPHRASE, now)
    real_keychain.kill()
    keychain.give_up(vault, now)
    assert not keychain.is_chosen(vault)


@pytest.mark.usefixtures("real_keychain")
def test_signing_asks_for_the_passphrase_all_the_same(vault: Vault, drafted: str, now: int) -> None:
    keychain.choose(vault, PASSPHRASE, now)
    secret = keychain.secret_of(vault.folder, "")
    vault.close()
    opened = keychain.unlock(vault.folder, "", secret, now)
    with pytest.raises(PassphraseWrong):
        letter.sign(opened, drafted, LetterKind.TREATING_PHYSICIAN, secret, now)
    letter.sign(opened, drafted, LetterKind.TREATING_PHYSICIAN, PASSPHRASE, now)
    opened.close()
