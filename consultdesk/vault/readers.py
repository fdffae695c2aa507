"""Who reads the store right now: so that closing it leaves nothing open."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import sqlcipher3.dbapi2
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from consultdesk.errors import VaultLocked
from consultdesk.vault.engine import Driver, make_engine

PATIENCE_S = 2.0
_AGAIN_S = 0.01


@dataclass(eq=False)
class _Lent:
    """A connection in somebody's hands, from before it is opened until it is put by again."""

    thread: int
    driver: Driver = None

    def break_off(self) -> None:
        """Interrupt the statement that runs on it."""
        if self.driver is not None:
            with suppress(sqlcipher3.dbapi2.Error):
                self.driver.interrupt()


class Readers:
    """The connections that read; each belongs to one thread while it is lent.

    `end` is called by whoever closes the store, on any thread.
    """

    def __init__(
        self, path: Path, key: bytes, size: int, creator: Callable[[], Driver] | None = None
    ) -> None:
        self._engine = make_engine(
            path, key, begin="BEGIN", read_only=True, size=size, creator=creator
        )
        self._changed = threading.Condition()
        self._lent: list[_Lent] = []
        self._ended = False

    @contextmanager
    def lend(self) -> Iterator[Connection]:
        """A connection with one consistent view. Raises VaultLocked once reading has ended."""
        lent = _Lent(threading.get_ident())
        with self._noted(lent):
            try:
                with self._engine.connect() as sql:
                    lent.driver = sql.connection.dbapi_connection
                    try:
                        self._check()
                        yield sql
                    finally:
                        if self._ended:
                            sql.invalidate()  # so that it is closed, and not put by for the next
            except DBAPIError as error:
                if self._ended and isinstance(error.orig, sqlcipher3.dbapi2.OperationalError):
                    raise _locked() from error
                raise

    def renew(self) -> None:
        """Lend connections that are opened anew from now on."""
        self._engine.dispose()

    def end(self, patience_s: float = PATIENCE_S) -> bool:
        """Break off what is being read and close every connection.

        A statement that runs is interrupted. Whoever still works on what was read before, for
        longer than `patience_s` seconds, closes its connection itself when it is done; then
        the answer is False.
        """
        here, until = threading.get_ident(), time.monotonic() + patience_s
        with self._changed:
            self._ended = True
            while others := [one for one in self._lent if one.thread != here]:
                for one in others:
                    one.break_off()
                if time.monotonic() > until:
                    break
                self._changed.wait(_AGAIN_S)
            self._engine.dispose()
            return not self._lent

    @contextmanager
    def _noted(self, lent: _Lent) -> Iterator[None]:
        """Known from before it is opened until it is put by, so that none slips through."""
        with self._changed:
            self._check()
            self._lent.append(lent)
        try:
            yield
        finally:
            with self._changed:
                self._lent.remove(lent)
                self._changed.notify_all()

    def _check(self) -> None:
        if self._ended:
            raise _locked()


def _locked() -> VaultLocked:
    return VaultLocked("The store was locked meanwhile.", cure="Unlock it and try again.")
