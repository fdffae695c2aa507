"""Rows in and out of the store: sealed on the way in, opened and verified on the way out."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from consultdesk.consultation.audit import Act
from consultdesk.consultation.delivery import Clause
from consultdesk.errors import ClinicalContentClosed, VaultDamaged
from consultdesk.vault import tables
from consultdesk.vault.engine import Driver
from consultdesk.vault.pairs import Signatures
from consultdesk.vault.sealed import ClinicalKey, SealingKey, Value, canonical, encodable

Row = dict[str, Any]
"""One row with its sealed columns opened; `authentic` says whether its MAC holds."""

_SIGNED = "ed25519:"

_ERASED = "What this case held was erased, or its key is missing."

_MOST_KEYS = 4096
_AT_ONCE = 100  # rows in one statement; a row may hold the text of a whole record


class SealingKeys:
    """The opened keys of cases and patients, `most` of them kept while the store is open."""

    def __init__(
        self,
        clinical: ClinicalKey | None,
        signatures: Signatures | None = None,
        most: int = _MOST_KEYS,
    ) -> None:
        self.most = most
        self.signatures = signatures or Signatures()
        self._clinical = clinical
        self._opened: dict[str, SealingKey] = {}

    @property
    def clinical(self) -> ClinicalKey:
        """The clinical key. Raises ClinicalContentClosed for a role that has none."""
        if self._clinical is None:
            raise ClinicalContentClosed("Your role doesn't open clinical content.")
        return self._clinical

    @property
    def open(self) -> bool:
        """Whether clinical content can be read."""
        return self._clinical is not None

    def check_open(self) -> None:
        """Raise ClinicalContentClosed for a role that has no clinical key."""
        _ = self.clinical

    def known(self, owner: str) -> SealingKey | None:
        """A key opened before; the practice's own is always known."""
        if owner == tables.PRACTICE:
            return self.clinical.practice
        return self._opened.get(owner)

    def keep(self, owner: str, key: SealingKey) -> None:
        """Remember an opened key, dropping all when they grow too many."""
        if len(self._opened) >= self.most:
            self._opened.clear()
        self._opened[owner] = key

    def forget(self, owner: str) -> None:
        """Drop an opened key, as when it is destroyed."""
        self._opened.pop(owner, None)


class Reading:
    """One consistent view of the store."""

    def __init__(self, sql: Connection, keys: SealingKeys) -> None:
        self.sql = sql
        self.keys = keys

    @property
    def clinical(self) -> ClinicalKey:
        """The clinical key. Raises ClinicalContentClosed."""
        return self.keys.clinical

    @property
    def driver(self) -> Driver:
        """The driver's own connection, in the same transaction."""
        return self.sql.connection.driver_connection

    def all(
        self, table: Table, statement: Select[Any] | None = None, *, blank: bool = False
    ) -> list[Row]:
        """Rows of `table` with their sealed columns opened, as `statement` selects them.

        With `blank`, what can't be opened (the role has no clinical key, or the case was
        erased) comes as None. Raises ClinicalContentClosed and VaultDamaged otherwise.
        """
        if not blank and tables.sealed_columns(table):
            self.keys.check_open()
        chosen = select(table) if statement is None else statement
        raw = self.sql.execute(chosen).mappings().all()
        keys = self._open_keys({_owner(table, row) for row in raw})
        return [self._opened(table, row, keys, blank=blank) for row in raw]

    def one(self, table: Table, statement: Select[Any], *, blank: bool = False) -> Row | None:
        """The first row of `statement`, opened as in `all`; None when there is none."""
        rows = self.all(table, statement.limit(1), blank=blank)
        return rows[0] if rows else None

    def by_id(self, table: Table, row_id: str, *, blank: bool = False) -> Row | None:
        """The row of that id, opened as in `all`; None when there is none."""
        return self.one(table, select(table).where(table.c.id == row_id), blank=blank)

    def sealing_key(self, owner: str) -> SealingKey:
        """The key of a case or patient. Raises VaultDamaged when it was destroyed or changed."""
        known = self._open_keys({owner}).get(owner)
        if known is None:
            raise VaultDamaged(_ERASED)
        return known

    def is_authentic(self, table: Table, raw: Mapping[Any, Any]) -> bool:
        """Whether a stored row is the one this store wrote; nobody can tell without the key.

        A line of the audit that someone without the clinical key wrote is signed instead, and
        tells of no facts.
        """
        mac = str(raw["mac"])
        if table is tables.audit_event and mac.startswith(_SIGNED):
            said = canonical(table.name, self._said(table, raw))
            known, signature = self.keys.signatures, _hex(mac.removeprefix(_SIGNED))
            in_role = raw["role"] in known.roles.get(raw["actor"], ())
            return not raw["facts"] and in_role and known.made(raw["actor"], said, signature)
        return self.keys.open and self.clinical.mac(table.name, self._said(table, raw)) == mac

    def can_tell(self, table: Table, raw: Mapping[Any, Any]) -> bool:
        """Whether `is_authentic` can be told here: signatures by everybody, MACs by clinicians."""
        return self.keys.open or (
            table is tables.audit_event and str(raw["mac"]).startswith(_SIGNED)
        )

    def _open_keys(self, owners: set[str]) -> dict[str, SealingKey]:
        """The keys of those owners that have one; none without the clinical key."""
        if not self.keys.open:
            return {}
        found = {owner: key for owner in owners if (key := self.keys.known(owner))}
        wanted = sorted(owners - found.keys())
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            chosen = select(tables.sealing_key).where(tables.sealing_key.c.owner.in_(part))
            for row in self.sql.execute(chosen).mappings():
                found[row["owner"]] = self.clinical.sealing_key(row["wrapped"], row["owner"])
                self.keys.keep(row["owner"], found[row["owner"]])
        return found

    def opened(self, table: Table, raw: Mapping[Any, Any]) -> Row:
        """One stored row with its sealed columns opened. Raises VaultDamaged."""
        return self._opened(table, raw, self._open_keys({_owner(table, raw)}), blank=False)

    def _opened(
        self, table: Table, raw: Mapping[Any, Any], keys: Mapping[str, SealingKey], *, blank: bool
    ) -> Row:
        row: Row = dict(raw)
        row_id = _row_id(table, row)
        if "mac" in table.c:
            row["authentic"] = self.is_authentic(table, raw)
        sealed = [name for name in tables.sealed_columns(table) if row.get(name) is not None]
        key = keys.get(_owner(table, row))
        if sealed and key is None and not blank:
            raise VaultDamaged(_ERASED)
        for name in sealed:
            row[name] = key and key.unseal(row[name], table.name, name, row_id)
        return row

    def _said(self, table: Table, raw: Mapping[Any, Any]) -> list[Any]:
        """What a MAC covers: the row's columns in order, then the scope that belongs to it."""
        names, _insert = _insertion(table)
        said = [raw[name] for name in names if name != "mac"]
        return said + _scope(self.sql, table, raw)


class Writing(Reading):
    """One act on its way into the store: all of it is kept, or none."""

    def __init__(self, sql: Connection, keys: SealingKeys, act: Act) -> None:
        super().__init__(sql, keys)
        self.act = act
        self.refused: tuple[str, ...] = ()
        self.detail = ""
        self.facts: Counter[str] = Counter()
        self.newest: tuple[int, int, str] | None = None
        """The newest line of the audit, once it was looked for: when (UTC ms), number, link."""

    def insert(self, table: Table, /, **values: object) -> None:
        """Write a row, sealing what is sealed and adding the MAC where the table has one."""
        self.put(table, self.sealed(table, values))

    def insert_all(self, table: Table, rows: Iterable[Mapping[str, object]]) -> None:
        """Write many rows of a table that carries no MAC, in few statements."""
        waiting = iter(rows)
        while some := [self.sealed(table, values) for values in islice(waiting, _AT_ONCE)]:
            self.sql.execute(insert(table), some)
            self._count(table, len(some))

    def sealed(self, table: Table, values: Mapping[str, object]) -> Row:
        """A new row of every column, as it will be stored except for its MAC."""
        if table.info["owner"] == "id":
            self._new_key(str(values["id"]))
        row: Row = {column.name: None for column in table.columns}
        return row | self._sealed(table, values, _owner(table, values), _row_id(table, values))

    def sealed_only(self, table: Table, values: Mapping[str, str], row_id: object) -> Row:
        """The practice's own values of some sealed columns, as they will be stored."""
        if not values:
            return {}
        return self._sealed(table, values, tables.PRACTICE, str(row_id))

    def put(self, table: Table, row: Row) -> None:
        """Store a row that `sealed` made, with its MAC where the table has one."""
        names, said = _insertion(table)
        if "mac" in names:
            row = row | {"mac": self._mac(table, row)}
        self.sql.exec_driver_sql(said, tuple(row[name] for name in names))
        self._count(table, 1)

    def put_line(self, row: Row, said: bytes) -> None:
        """Store a line of the audit, past all that SQLAlchemy does: each act has one.

        `said` is the row made canonical, which its MAC is over.
        """
        names, statement = _insertion(tables.audit_event)
        row["mac"] = self._mac_over(tables.audit_event, said)
        self.driver.execute(statement, tuple(map(row.__getitem__, names)))

    def update(self, table: Table, row_id: str, owner: str, /, **values: object) -> None:
        """Change a row that may change; triggers refuse the others."""
        sealed = self._sealed(table, values, owner, row_id)
        self.sql.execute(update(table).where(table.c.id == row_id).values(**sealed))

    def scope(self, table: Table, owner: str, dimension: str, tokens: Iterable[str]) -> None:
        """Write the scope of a consent or a letter, before the row it belongs to."""
        name = "consent_id" if table is tables.consent_scope else "letter_id"
        rows = [{name: owner, "dimension": dimension, "token": t} for t in sorted(set(tokens))]
        if rows:
            self.sql.execute(insert(table), rows)
            self._count(table, len(rows))

    @contextmanager
    def gated(self) -> Iterator[None]:
        """A step that the gate may refuse; the act itself, and its audit line, survive.

        A refusal is found in `refused` afterwards.
        """
        savepoint, before = self.sql.begin_nested(), self.facts.copy()
        try:
            yield
        except BaseException as error:
            savepoint.rollback()
            self.facts = before
            said = str(error.orig) if isinstance(error, IntegrityError) else ""
            if not said.startswith("gate:"):
                raise
            self.refuse((said.removeprefix("gate:"),))
        else:
            savepoint.commit()

    def refuse(self, clauses: Iterable[Clause | str]) -> None:
        """Let the act end as refused, naming why in the audit."""
        self.refused = tuple(str(clause) for clause in clauses)

    def _count(self, table: Table, added: int) -> None:
        if table in tables.FACTS:
            self.facts[table.name] += added

    def _mac(self, table: Table, row: Row) -> str:
        return self._mac_over(table, canonical(table.name, self._said(table, row)))

    def _mac_over(self, table: Table, said: bytes) -> str:
        if table is tables.audit_event and not self.keys.open:
            return _SIGNED + self.keys.signatures.sign(said).hex()
        return self.clinical.mac_over(said)

    def _new_key(self, owner: str) -> None:
        wrapped, key = self.clinical.new_sealing_key(owner)
        self.sql.execute(insert(tables.sealing_key).values(owner=owner, wrapped=wrapped))
        self.keys.keep(owner, key)

    def _sealed(self, table: Table, values: Mapping[str, Any], owner: str, row_id: str) -> Row:
        sealed = values.keys() & set(tables.sealed_columns(table))
        if not self.keys.open:
            # nothing needs no key; anything else does
            sealed = {name for name in sealed if values[name] is not None}
        row = {name: _storable(value) for name, value in values.items()}
        if sealed:
            self.keys.check_open()
            key = self.sealing_key(owner)
            row |= {
                name: key.seal(plain(values[name]), table.name, name, row_id) for name in sealed
            }
        return row


@contextmanager
def as_written() -> Iterator[None]:
    """Opening what is stored; what can't have been written so was changed from outside.

    Raises VaultDamaged.
    """
    try:
        yield
    except (KeyError, TypeError, ValueError):
        raise VaultDamaged(
            "An entry of the store was changed from outside.", cure="Verify the store."
        ) from None


def _hex(said: str) -> bytes:
    try:
        return bytes.fromhex(said)
    except ValueError:
        return b""


def plain(value: object) -> Value:
    """A domain value as JSON can say it: sets sorted, enums by value, tuples as lists."""
    if isinstance(value, frozenset | set):
        return [str(item) for item in sorted(value)]
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    raise TypeError(f"{type(value).__name__} can't be sealed")


def _storable(value: object) -> object:
    """Text as the database takes it: half a surrogate pair becomes a question mark."""
    return encodable(value) if isinstance(value, str) else value


def count(reading: Reading, table: Table, *where: ColumnElement[bool]) -> int:
    """How many rows of the table meet the conditions."""
    statement = select(func.count()).select_from(table).where(*where)
    return int(reading.sql.execute(statement).scalar_one())


@cache
def _insertion(table: Table) -> tuple[tuple[str, ...], str]:
    """A table's columns and the statement that puts a whole row in.

    As text: to build it anew takes longer than all the rest, and an act puts in a good many.
    """
    names = tuple(column.name for column in table.columns)
    places = ", ".join("?" * len(names))
    listed = ", ".join(f'"{name}"' for name in names)
    return names, f'INSERT INTO "{table.name}" ({listed}) VALUES ({places})'  # noqa: S608


def _row_id(table: Table, row: Mapping[str, Any]) -> str:
    names = [column.name for column in table.primary_key.columns]
    return str(row.get(names[0], ""))


def _owner(table: Table, row: Mapping[Any, Any]) -> str:
    name = table.info["owner"]
    return str(row[name]) if name else tables.PRACTICE


_SCOPES: dict[str, Callable[[Mapping[Any, Any]], Select[Any]]] = {
    "consent": lambda row: (
        select(tables.consent_scope.c.dimension, tables.consent_scope.c.token)
        .where(tables.consent_scope.c.consent_id == row["id"])
        .order_by(tables.consent_scope.c.dimension, tables.consent_scope.c.token)
    ),
    "letter": lambda row: (
        select(tables.letter_scope.c.dimension, tables.letter_scope.c.token)
        .where(tables.letter_scope.c.letter_id == row["id"])
        .order_by(tables.letter_scope.c.dimension, tables.letter_scope.c.token)
    ),
}


def _scope(sql: Connection, table: Table, raw: Mapping[Any, Any]) -> list[Any]:
    chosen = _SCOPES.get(table.name)
    if chosen is None:
        return []
    return [list(pair) for pair in sql.execute(chosen(raw)).all()]
