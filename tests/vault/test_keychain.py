"""The keychain of the system: a real one, unlocked, locked, gone, killed, or silent."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from consultdesk.errors import Cancelled, ConsultDeskError, KeychainFailed
from consultdesk.vault import keychain, keychain_process
from tests.vault.keychains import RealKeychain, real_keychain

__all__ = ["real_keychain"]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="gnome-keyring is Linux's")
PLACE = keychain.place_of("0190-store", "lind")


@contextmanager
def within(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


def test_what_is_kept_is_found_again_until_it_is_forgotten(real_keychain: RealKeychain) -> None:
    assert keychain.is_there()
    with pytest.raises(KeychainFailed, match="holds no key of this store"):
        keychain.load(PLACE)
    keychain.store(PLACE, "a secret of 32 bytes")
    assert real_keychain.held() == {PLACE: b"a secret of 32 bytes"}
    assert keychain.load(PLACE) == "a secret of 32 bytes"
    with pytest.raises(KeychainFailed):
        keychain.load(keychain.place_of("0190-store", "okafor"))
    keychain.store(PLACE, "another")
    assert keychain.load(PLACE) == "another"
    keychain.forget(PLACE)
    keychain.forget(PLACE)
    assert real_keychain.held() == {}


def test_a_locked_keychain_is_said_and_holds_nobody_up(real_keychain: RealKeychain) -> None:
    keychain.store(PLACE, "a secret")
    real_keychain.lock()
    with within(10), pytest.raises(KeychainFailed) as failed:
        keychain.load(PLACE, limit=4)
    assert failed.value.cure == "Type your passphrase instead."
    with within(10), pytest.raises(KeychainFailed):
        keychain.store(PLACE, "another", limit=4)


def test_a_keychain_killed_in_between_holds_nobody_up(real_keychain: RealKeychain) -> None:
    keychain.store(PLACE, "a secret")
    real_keychain.kill()
    with within(10), pytest.raises(KeychainFailed):
        keychain.load(PLACE, limit=4)


ABSENT = ("unix:path=/nowhere/at/all", "disabled:")


@pytest.mark.parametrize("address", ABSENT)
def test_without_a_keychain_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with within(10):
        assert not keychain.is_there()
        with pytest.raises(KeychainFailed, match="no keychain"):
            keychain.load(PLACE)


@pytest.mark.parametrize("backend", ["null.Keyring", "fail.Keyring", "chainer.ChainerBackend"])
def test_a_keychain_that_a_setting_names_instead_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", ABSENT[0])
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", f"keyring.backends.{backend}")
    with pytest.raises(KeychainFailed, match="no keychain"):
        keychain.store(PLACE, "a secret")


PLAIN = """
import pathlib
from keyring.backend import KeyringBackend

class PlaintextKeyring(KeyringBackend):
    priority = 99

    def set_password(self, service, user, secret):
        pathlib.Path(__file__).with_name("secrets.txt").write_text(secret)

    def get_password(self, service, user):
        return pathlib.Path(__file__).with_name("secrets.txt").read_text()
"""


@pytest.mark.parametrize("how", ["named", "chained"])
def test_a_keychain_that_keeps_secrets_in_a_plain_file_gets_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    module = tmp_path / "keyrings" / "alt" / "file.py"
    module.parent.mkdir(parents=True)
    module.write_text(PLAIN)
    (tmp_path / "plain-1.dist-info").mkdir()
    (tmp_path / "plain-1.dist-info" / "METADATA").write_text("Name: plain\nVersion: 1\n")
    (tmp_path / "plain-1.dist-info" / "entry_points.txt").write_text(
        "[keyring.backends]\nplain = keyrings.alt.file\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", ABSENT[0])
    backend = "keyrings.alt.file.PlaintextKeyring"
    backend = backend if how == "named" else "keyring.backends.chainer.ChainerBackend"
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", backend)
    by_library = "import keyring; keyring.set_password('ConsultDesk', 'x', 'seen')"
    surroundings = {**os.environ, "PYTHONPATH": str(tmp_path)}
    subprocess.run([sys.executable, "-c", by_library], env=surroundings, check=True)
    kept = module.with_name("secrets.txt")
    assert kept.read_text() == "seen"  # so the library itself would have taken it
    kept.unlink()
    with pytest.raises(KeychainFailed, match="no keychain"):
        keychain.store(PLACE, "a secret")
    with pytest.raises(KeychainFailed, match="no keychain"):
        keychain.load(PLACE)
    assert not kept.exists()


def test_only_the_systems_own_keychains_are_known() -> None:
    modules = {module for module, _name in keychain_process.KEYCHAINS}
    assert modules == {
        f"keyring.backends.{name}" for name in ("SecretService", "kwallet", "Windows", "macOS")
    }


def test_a_keychain_that_never_answers_is_given_up(real_keychain: RealKeychain) -> None:
    keychain.store(PLACE, "a secret")
    real_keychain.freeze()
    with within(6), pytest.raises(KeychainFailed, match="doesn't answer"):
        keychain.load(PLACE, limit=2)


def test_nobody_waits_for_a_keychain_they_no_longer_want(real_keychain: RealKeychain) -> None:
    keychain.store(PLACE, "a secret")
    real_keychain.freeze()
    looks = iter([False, False, False, True])
    with within(5), pytest.raises(Cancelled):
        keychain.load(PLACE, lambda: next(looks))


def test_a_bus_that_takes_every_call_and_says_nothing_is_no_keychain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX) as listening, within(8):
        listening.bind(str(tmp_path / "silent"))
        listening.listen(8)
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'silent'}")
        with pytest.raises(KeychainFailed):
            keychain.load(PLACE, limit=4)


def test_the_secret_is_in_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", ABSENT[0])
    with pytest.raises(ConsultDeskError) as failed:
        keychain.store(PLACE, "a secret of mine")
    assert "mine" not in str(failed.value)
