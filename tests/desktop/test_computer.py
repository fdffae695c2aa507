"""What happens to the computer: told by a real bus and a service on it in another process."""

import ctypes
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtDBus import QDBusConnection
from pytestqt.qtbot import QtBot

from consultdesk.desktop.computer import Computer
from consultdesk.desktop.computer_linux import LinuxComputer
from consultdesk.desktop.computer_windows import Message, Told, WindowsComputer, told_by
from consultdesk.desktop.this_computer import this_computer
from tests.desktop.buses import Service, bus, service

__all__ = ["bus", "service"]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="these are Linux's buses")
SAVERS = ("org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver", "org.xfce.ScreenSaver")


@pytest.fixture
def computer(qtbot: QtBot, bus: str, service: Service) -> Iterator[LinuxComputer]:
    del service
    ours = QDBusConnection.connectToBus(bus, "computer")
    assert ours.isConnected()
    computer = LinuxComputer(ours, ours, "7")
    computer.watch(0)
    yield computer
    computer.rest()
    QDBusConnection.disconnectFromBus("computer")


def test_sleep_waits_until_the_desk_lets_it(
    qtbot: QtBot, computer: LinuxComputer, service: Service
) -> None:
    service.wait(qtbot, "inhibited")
    with qtbot.waitSignal(computer.going_to_sleep):
        service.happen("sleep")
    qtbot.wait(100)
    assert service.heard() == ["inhibited"]
    computer.let_sleep()
    service.wait(qtbot, "inhibited", "released")
    with qtbot.assertNotEmitted(computer.going_to_sleep):
        service.happen("wake")
        service.wait(qtbot, "inhibited", "released", "inhibited")


def test_a_locked_session_is_told(qtbot: QtBot, computer: LinuxComputer, service: Service) -> None:
    service.wait(qtbot, "inhibited")
    qtbot.wait(50)  # the session's path comes with an answer of its own
    with qtbot.waitSignal(computer.screen_locked):
        service.happen("lock")


@pytest.mark.parametrize("saver", SAVERS)
def test_a_screen_saver_that_begins_is_told_and_one_that_ends_is_not(
    qtbot: QtBot, computer: LinuxComputer, service: Service, saver: str
) -> None:
    with qtbot.waitSignal(computer.screen_locked):
        service.happen(f"screen {saver} on")
    with qtbot.assertNotEmitted(computer.screen_locked, wait=200):
        service.happen(f"screen {saver} off")


def test_a_desk_that_rests_holds_nothing_up_and_says_nothing(
    qtbot: QtBot, computer: LinuxComputer, service: Service
) -> None:
    service.wait(qtbot, "inhibited")
    computer.rest()
    service.wait(qtbot, "inhibited", "released")
    with qtbot.assertNotEmitted(computer.screen_locked, wait=200):
        service.happen("lock")


def test_a_service_that_is_gone_costs_nothing(qtbot: QtBot, bus: str) -> None:
    ours = QDBusConnection.connectToBus(bus, "alone")
    computer = LinuxComputer(ours, ours, "auto")
    began = time.monotonic()
    computer.watch(0)
    assert time.monotonic() - began < 1
    qtbot.wait(100)
    computer.let_sleep()
    computer.rest()
    QDBusConnection.disconnectFromBus("alone")


def test_without_any_bus_it_says_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    nowhere = QDBusConnection.connectToBus(f"unix:path={tmp_path / 'no'}", "nowhere")
    assert not nowhere.isConnected()
    computer = LinuxComputer(nowhere, nowhere, "auto")
    computer.watch(0)
    computer.let_sleep()
    computer.rest()
    QDBusConnection.disconnectFromBus("nowhere")


def test_this_computer_is_one_of_its_kind(qtbot: QtBot) -> None:
    parent = Computer()
    assert isinstance(this_computer(parent), LinuxComputer)


# --- Windows, as far as it can be told here ------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "first", "said"),
    [
        (0x02B1, 7, Told.LOCKED),
        (0x02B1, 8, Told.NOTHING),
        (0x02B1, 4, Told.LOCKED),
        (0x0218, 4, Told.SLEEPS),
        (0x0218, 18, Told.NOTHING),
        (0x0100, 7, Told.NOTHING),
    ],
)
def test_a_message_of_windows_is_understood(number: int, first: int, said: Told) -> None:
    assert told_by(number, first) is said


def test_a_message_lies_in_memory_as_windows_lays_it_out() -> None:
    word = ctypes.sizeof(ctypes.c_void_p)
    assert (Message.window.offset, Message.number.offset) == (0, word)
    assert (Message.first.offset, Message.second.offset) == (2 * word, 3 * word)


def test_what_windows_says_is_said_on(qtbot: QtBot) -> None:
    computer = WindowsComputer()
    with qtbot.waitSignal(computer.screen_locked):
        computer.hear(Told.LOCKED)
    with qtbot.waitSignal(computer.going_to_sleep):
        computer.hear(Told.SLEEPS)
