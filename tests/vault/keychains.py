"""The system's own keychain, run apart from the person's: a bus and a gnome-keyring of the test."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import secretstorage

from tests.desktop.buses import private_bus


class RealKeychain:
    """A running gnome-keyring with one unlocked collection."""

    def __init__(self, address: str, process: "subprocess.Popen[bytes]") -> None:
        self._address = address
        self._process = process

    def lock(self) -> None:
        """Lock it, as a person does or a session that ends."""
        with closing(secretstorage.dbus_init()) as bus:
            secretstorage.get_default_collection(bus).lock()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.communicate()

    def freeze(self) -> None:
        """Let it answer nothing any more, as one that waits for a person does."""
        self._process.send_signal(signal.SIGSTOP)

    def held(self) -> dict[str, bytes]:
        """What lies in it, by user, under any service."""
        with closing(secretstorage.dbus_init()) as bus:
            items = secretstorage.get_default_collection(bus).get_all_items()
            return {one.get_attributes()["username"]: one.get_secret() for one in items}


@contextmanager
def _running(folder: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[RealKeychain]:
    daemon = shutil.which("gnome-keyring-daemon")
    if daemon is None:
        pytest.skip("this computer has no gnome-keyring")
    for name in ("home", "run"):
        (folder / name).mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(folder / "home"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder / "run"))
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / "home"))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    monkeypatch.delenv("DISPLAY", raising=False)
    process = subprocess.Popen(
        [daemon, "--foreground", "--unlock", "--components=secrets"],
        env=os.environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    process.stdin.write(b"login words")
    process.stdin.close()
    process.stdin = None
    assert process.stdout is not None
    process.stdout.readline()  # it says where it listens, once it does
    try:
        yield RealKeychain(address, process)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


@pytest.fixture
def real_keychain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RealKeychain]:
    """The keychain of this computer, as far as the test's own process is concerned."""
    folder = tmp_path / "k"
    folder.mkdir()
    with private_bus(folder) as address, _running(folder, address, monkeypatch) as running:
        yield running
