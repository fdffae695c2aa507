"""A store put back to an earlier shape, as one that an earlier ConsultDesk left."""

from pathlib import Path

from tests.vault.foreign import raw

_NEWER = ("header_mark", "house_rule", "legal_hold", "erasure")


def put_back_to_the_first(folder: Path, passphrase: str) -> None:
    """Take away what the migrations after 0001 brought."""
    older = raw(folder, passphrase)
    names = older.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in names:
        if any(table in name for table in _NEWER):
            older.execute(f'DROP TRIGGER "{name}"')
    for table in _NEWER:
        older.execute(f"DROP TABLE {table}")
    older.execute("UPDATE alembic_version SET version_num = '0001'")
    older.close()
