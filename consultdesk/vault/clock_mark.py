"""The highest time ever accepted, as the database keeps it, and what an act's time may be."""

from consultdesk.consultation.delivery import LARGEST_JUMP
from consultdesk.errors import ClockUnconfirmed
from consultdesk.vault import audit
from consultdesk.vault.rows import Reading, Writing

CONFIRM = "confirm_clock"
"""The act by which a person vouches for the computer's clock after a jump."""

RESTORE = "restore"
"""The act by which an older database is taken as a restored one; its time is its anchor's."""

_MARK = "SELECT at FROM clock_mark"


def mark(reading: Reading) -> int:
    """The mark (UTC ms)."""
    return int(reading.sql.exec_driver_sql(_MARK).scalar_one())


def _within(writing: Writing) -> int:
    """The same past all that SQLAlchemy does: each act asks twice."""
    return int(writing.driver.execute(_MARK).fetchone()[0])


def check_time(writing: Writing) -> str:
    """Let no act stand far ahead of what happened; says so where the mark itself was set back.

    The mark lies open, but the audit's lines are bound to their times: behind the newest of
    them the mark can't have been left by this program. Raises ClockUnconfirmed.
    """
    known, last, act = _within(writing), audit.newest(writing)[0], writing.act
    if last > known:
        writing.driver.execute("UPDATE clock_mark SET at = ?", (last,))
    if act.what not in (CONFIRM, RESTORE) and act.at - max(known, last) > LARGEST_JUMP:
        raise ClockUnconfirmed(
            "This computer's clock is more than a day ahead of the last entry, and nobody has "
            "confirmed it.",
            kept="Nothing was recorded.",
            cure="Confirm date and time, or correct the clock.",
        )
    return "the clock mark had been set back from outside" if last > known else ""


def advance(writing: Writing, at: int) -> int:
    """Move the mark forward and return it."""
    writing.driver.execute("UPDATE clock_mark SET at = ? WHERE at < ?", (at, at))
    return _within(writing)
