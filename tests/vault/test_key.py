"""Keys: what a passphrase opens, and what it takes to change that."""

import pytest

from consultdesk.errors import VaultDamaged, VaultLocked
from consultdesk.vault import key
from consultdesk.vault.key import FLOOR, Argon2Parameters

SALT = b"0123456789abcdef"


def test_one_passphrase_and_one_salt_make_one_key() -> None:
    made = key.derive("word", SALT, FLOOR)
    assert made == key.derive("word", SALT, FLOOR)
    assert len(made) == 32
    assert made != key.derive("Word", SALT, FLOOR)
    assert made != key.derive("word", SALT[::-1], FLOOR)
    assert made != key.derive("word", SALT, Argon2Parameters(2, 64 * 1024, 4))


def test_a_passphrase_is_the_same_on_every_keyboard() -> None:
    composed, in_two = "M\u00fcller \u00e9t\u00e9", "Mu\u0308ller e\u0301te\u0301"
    assert key.derive(composed, SALT, FLOOR) == key.derive(in_two, SALT, FLOOR)
    assert key.derive("\udcff", SALT, FLOOR)


@pytest.mark.parametrize(
    "parameters",
    [
        Argon2Parameters(0, 64 * 1024, 4),
        Argon2Parameters(1, 64 * 1024 - 1, 4),
        Argon2Parameters(1, 8, 1),
        Argon2Parameters(65, 64 * 1024, 4),
        Argon2Parameters(1, 512 * 1024 + 1, 4),
        Argon2Parameters(1, 1 << 40, 4),
        Argon2Parameters(1, 64 * 1024, 0),
        Argon2Parameters(1, 64 * 1024, 17),
        Argon2Parameters(-1, -1, -1),
    ],
)
def test_settings_too_cheap_or_too_dear_are_refused(parameters: Argon2Parameters) -> None:
    with pytest.raises(VaultDamaged, match="key settings"):
        key.derive("word", SALT, parameters)


def test_a_spoiled_salt_is_said_in_a_sentence() -> None:
    with pytest.raises(VaultDamaged, match="key file is damaged"):
        key.derive("word", b"", FLOOR)


def test_calibrated_settings_are_never_below_the_floor_nor_above_the_ceiling() -> None:
    for target in (0.0001, 0.2):
        made = key.calibrate(target)
        made.check()
        assert made.memory_kib >= FLOOR.memory_kib
    assert key.calibrate(0.0001).memory_kib == FLOOR.memory_kib


def test_a_wrapped_key_opens_only_as_it_was_wrapped() -> None:
    wrapping, inner = key.new_key(), key.new_key()
    wrapped = key.wrap(wrapping, inner, b"anna physician")
    assert key.unwrap(wrapping, wrapped, b"anna physician") == inner
    changed = wrapped[:-1] + bytes([wrapped[-1] ^ 1])
    tries = [
        (key.new_key(), wrapped, b"anna physician"),
        (wrapping, wrapped, b"anna administrator"),
        (wrapping, changed, b"anna physician"),
        (wrapping, wrapped[:20], b"anna physician"),
        (wrapping, b"", b"anna physician"),
    ]
    for attempt in tries:
        with pytest.raises(VaultLocked, match="doesn't open the store"):
            key.unwrap(*attempt)


def test_keys_for_different_purposes_have_nothing_in_common() -> None:
    made = {key.subkey(b"k" * 32, purpose) for purpose in ("wrap", "tokens", "macs", "search")}
    assert len(made) == 4
    assert key.new_key() != key.new_key()
