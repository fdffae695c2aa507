"""A system service in a process of its own: logind and a screen saver, as the desk knows them.

It speaks the interfaces of org.freedesktop.login1(5) on the bus whose address it is given. Each
line on its standard input is something that happens (`sleep`, `wake`, `lock`, `screen SERVICE`),
each line on its standard output something that the desk did (`inhibited`, `released`).
"""

import os
import select
import sys
from collections.abc import Iterator

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, open_dbus_connection

LOGIND = "org.freedesktop.login1"
PATH = "/org/freedesktop/login1"
SESSION_PATH = "/org/freedesktop/login1/session/_37"
MANAGER = DBusAddress(PATH, LOGIND, f"{LOGIND}.Manager")
SESSION = DBusAddress(SESSION_PATH, LOGIND, f"{LOGIND}.Session")


class Logind:
    """Answers the desk's calls, and watches the pipes of its delay locks."""

    def __init__(self, connection: DBusConnection) -> None:
        self._connection = connection
        self._locks: list[int] = []

    def serve(self) -> None:
        """Until standard input ends."""
        while True:
            waiting = [sys.stdin.fileno(), self._connection.sock.fileno(), *self._locks]
            ready, _, _ = select.select(waiting, [], [])
            if self._connection.sock.fileno() in ready:
                self._answer(self._connection.receive(timeout=5))
            for lock in [one for one in self._locks if one in ready]:
                os.close(lock)
                self._locks.remove(lock)
                print("released", flush=True)
            if sys.stdin.fileno() in ready and not self._happen(sys.stdin.readline().split()):
                return

    def _happen(self, words: list[str]) -> bool:
        for said in _signals(words):
            self._connection.send(said)
        return bool(words)

    def _answer(self, call: Message) -> None:
        if call.header.message_type is not MessageType.method_call:
            return
        method = call.header.fields.get(HeaderFields.member)
        if method == "Inhibit" and call.body[0] == "sleep" and call.body[3] == "delay":
            ours, theirs = os.pipe()
            self._connection.send(new_method_return(call, "h", (theirs,)))
            os.close(theirs)
            self._locks.append(ours)
            print("inhibited", flush=True)
        elif method == "GetSession" and call.body[0] == "7":
            self._connection.send(new_method_return(call, "o", (SESSION_PATH,)))
        else:
            unknown = "org.freedesktop.DBus.Error.InvalidArgs"
            self._connection.send(new_error(call, unknown, "s", ("not known here",)))


def _signals(words: list[str]) -> Iterator[Message]:
    match words:
        case ["sleep"] | ["wake"]:
            yield new_signal(MANAGER, "PrepareForSleep", "b", (words == ["sleep"],))
        case ["lock"]:
            yield new_signal(SESSION, "Lock")
        case ["screen", service, state]:
            path = f"/{service.replace('.', '/')}"
            saver = DBusAddress(path, service, service)
            yield new_signal(saver, "ActiveChanged", "b", (state == "on",))


def main() -> None:
    """Serve on the bus named by the first argument."""
    connection = open_dbus_connection(bus=sys.argv[1], enable_fds=True)
    connection.send_and_get_reply(message_bus.RequestName(LOGIND))
    print("ready", flush=True)
    Logind(connection).serve()


if __name__ == "__main__":
    main()
