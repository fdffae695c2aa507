"""What each connection to the store may do at all, told by SQLite before a statement is prepared.

SQLite asks the authorizer while it prepares a statement (sqlite.org/c3ref/set_authorizer.html),
never while it runs one, so a statement in the driver's cache costs nothing more. Each list
names what is allowed; whatever it doesn't name is refused. The triggers of gate.sql refuse
what a statement would do to the rows; this refuses what would do away with the triggers.

    ordinary    what every act is made of: facts are added, what may change is changed
    reading     the same without any writing
    migrating   tables, indexes and triggers made and dropped as well, in this database alone
    unguarded   everything: re-keying, a snapshot, and nothing that a person's act reaches
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import sqlcipher3.dbapi2

from consultdesk.vault import tables

Rights: TypeAlias = Callable[[Any], None]
"""Given the driver's own connection, allows it what its name says and nothing else."""

_Asked = tuple[int, str | None, str | None, str | None]
"""The action, its two subjects, and the database it is meant for."""

_SQL: Any = sqlcipher3.dbapi2
_YES, _NO = int(_SQL.SQLITE_OK), int(_SQL.SQLITE_DENY)

_ALWAYS = frozenset(
    {_SQL.SQLITE_SELECT, _SQL.SQLITE_READ, _SQL.SQLITE_RECURSIVE}
    | {_SQL.SQLITE_TRANSACTION, _SQL.SQLITE_SAVEPOINT}
)
_SHAPE = frozenset(
    {_SQL.SQLITE_CREATE_TABLE, _SQL.SQLITE_CREATE_INDEX, _SQL.SQLITE_CREATE_TRIGGER}
    | {_SQL.SQLITE_DROP_TABLE, _SQL.SQLITE_DROP_INDEX, _SQL.SQLITE_DROP_TRIGGER}
    | {_SQL.SQLITE_ALTER_TABLE, _SQL.SQLITE_REINDEX}
)
_WRITES = frozenset({_SQL.SQLITE_INSERT, _SQL.SQLITE_UPDATE, _SQL.SQLITE_DELETE})

_CHECKS = frozenset(
    {"cipher_integrity_check", "integrity_check", "quick_check", "foreign_key_check"}
    | {"table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo"}
    | {"foreign_key_list"}
)
"""Pragmas that only look, whatever they are given."""

_ASKED = frozenset(
    {"foreign_keys", "recursive_triggers", "query_only", "trusted_schema", "cell_size_check"}
    | {"secure_delete", "synchronous", "journal_mode", "temp_store", "cache_size", "page_size"}
    | {"busy_timeout", "page_count", "freelist_count", "schema_version", "user_version"}
    | {"data_version", "encoding", "read_uncommitted", "database_list", "wal_checkpoint"}
    | {"application_id", "cipher_version", "cipher_memory_security", "compile_options"}
)
"""Pragmas that may be asked and not set."""

_FUNCTIONS = frozenset(
    {"abs", "avg", "ceil", "changes", "char", "coalesce", "concat", "concat_ws", "count"}
    | {"cume_dist", "date", "datetime", "dense_rank", "first_value", "floor", "format", "glob"}
    | {"group_concat", "hex", "ifnull", "iif", "instr", "json", "json_array", "json_array_length"}
    | {"json_each", "json_extract", "json_group_array", "json_group_object", "json_object"}
    | {
        "json_quote",
        "json_type",
        "json_valid",
        "->",
        "->>",
        "julianday",
        "lag",
        "last_insert_rowid",
    }
    | {"last_value", "lead", "length", "like", "likelihood", "likely", "lower", "ltrim", "max"}
    | {"min", "mod", "nth_value", "ntile", "nullif", "octet_length", "percent_rank", "pow"}
    | {"printf", "quote", "random", "randomblob", "rank", "replace", "round", "row_number"}
    | {"rtrim", "sign", "sqlite_version", "strftime", "string_agg", "substr", "substring", "sum"}
    | {"time", "timediff", "total", "total_changes", "trim", "typeof", "unhex", "unicode"}
    | {"unixepoch", "unlikely", "upper", "zeroblob"}
)
"""SQLite's functions that compute and do nothing else (load_extension and the like do)."""

_ALTERING = ("sqlite_rename_", "sqlite_drop_column")
"""Functions that ALTER TABLE calls within itself; SQLite lets nobody else call them."""

_HELD = frozenset({"clock_mark", "header_mark", "recipient", "content"})
_CHANGING = frozenset(tables.metadata.tables) - {table.name for table in tables.APPEND_ONLY}
"""Tables whose rows may change; all others only grow."""

_KEPT_COLUMNS = {
    "recipient": frozenset({"id", "kind_token", "kind"}),
    "channel": frozenset({"id", "recipient_id"}),
    "clock_mark": frozenset({"id"}),
    "header_mark": frozenset({"id"}),
}
_NEVER_DELETED = _HELD - {"content"}  # a sealed file's row goes after the key of its case
_NEVER_UPDATED = frozenset({"content"})


def ordinary(connection: Any) -> None:  # noqa: ANN401 - the driver publishes no types
    """Allow what acts are made of."""
    connection.set_authorizer(_asking(_may_act))


def reading(connection: Any) -> None:  # noqa: ANN401 - the driver publishes no types
    """Allow what looking needs. A transaction that only reads is PRAGMA query_only besides."""
    connection.execute("PRAGMA query_only = ON")
    connection.set_authorizer(_asking(_may_read))


def migrating(connection: Any) -> None:  # noqa: ANN401 - the driver publishes no types
    """Allow making and dropping tables, indexes and triggers of this database, and filling them."""
    connection.set_authorizer(_asking(_may_migrate))


def unguarded(connection: Any) -> None:  # noqa: ANN401 - the driver publishes no types
    """Allow everything: for the vault's own re-keying and snapshots."""
    connection.set_authorizer(None)


# --- inside -------------------------------------------------------------------------------


def _asking(may: Callable[[_Asked], bool]) -> Callable[..., int]:
    def answer(
        action: int, first: str | None, second: str | None, database: str | None, _by: str | None
    ) -> int:
        if action in _ALWAYS:
            return _YES
        return _YES if may((action, first, second, database)) else _NO

    return answer


def _may_read(asked: _Asked) -> bool:
    action, first, second, _ = asked
    if action == _SQL.SQLITE_FUNCTION:
        return (second or "").lower() in _FUNCTIONS
    if action == _SQL.SQLITE_PRAGMA:
        name = (first or "").lower()
        return name in _CHECKS or (name in _ASKED and second is None)
    return False


def _may_act(asked: _Asked) -> bool:
    action, table, column, database = asked
    if action == _SQL.SQLITE_PRAGMA and (table or "").lower() == "wal_checkpoint":
        return True  # an erasure leaves no old page in the log; nothing is lost by it
    if action not in _WRITES:
        return _may_read(asked)
    if database != "main" or table not in tables.metadata.tables:
        return False
    if action == _SQL.SQLITE_INSERT:
        return True
    if table not in _CHANGING:
        return False
    if action == _SQL.SQLITE_DELETE:
        return table not in _NEVER_DELETED
    return table not in _NEVER_UPDATED and column not in _KEPT_COLUMNS.get(table, frozenset())


def _may_migrate(asked: _Asked) -> bool:
    action, _, _, database = asked
    if (action in _WRITES or action in _SHAPE) and asked[1] != "sqlite_temp_master":
        return database == "main" or (action == _SQL.SQLITE_ALTER_TABLE and asked[1] == "main")
    if action == _SQL.SQLITE_UPDATE and asked[1] == "sqlite_temp_master":
        return True  # ALTER TABLE looks there too
    if action == _SQL.SQLITE_FUNCTION and str(asked[2]).startswith(_ALTERING):
        return True
    return _may_read(asked)
