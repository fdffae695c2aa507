"""What the command line says: one line at a time, or one JSON document."""

import json
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn


def say(line: str) -> None:
    """One line; what a record or a file name holds moves no cursor and colours nothing."""
    print_text(plain(line))


def print_json(said: object) -> None:
    """One JSON document, in letters that the terminal has."""
    text = json.dumps(said, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeError:
        text = json.dumps(said)
    print_text(text)


def print_text(text: str) -> None:
    """A text as it is; whoever has read enough ends the command."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        _let_go_of_output()


def plain(line: str) -> str:
    """A line without what would move the cursor or break the line."""
    return "".join(ch if ch.isprintable() else " " if ch.isspace() else "\ufffd" for ch in line)


def of_the_clock(now: int, believed: int) -> str:
    """Why what happens is dated otherwise than this computer says, and the way out."""
    if now < believed:
        why, cure = "was set back behind the last entry", "Correct it."
    else:
        why = "is more than a day ahead of the last entry"
        cure = "Correct it, or vouch for it with `consultdesk confirm-clock`."
    dated = f"what happens now is dated {said_time(believed)}"
    return f"This computer's clock ({said_time(now)}) {why}: {dated}. {cure}"


def said_time(at: int) -> str:
    """An instant (UTC ms) by this computer's time."""
    return datetime.fromtimestamp(at / 1000).astimezone().strftime("%Y-%m-%d %H:%M")


def utc_day(at: int) -> str:
    """The day of an instant (UTC ms) in UTC."""
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()


def fail(message: str) -> NoReturn:
    """Say in one line on standard error what is wrong, and end with 1."""
    with suppress(OSError):
        print(f"consultdesk: {plain(message)}", file=sys.stderr)
    sys.exit(1)


def place_of(error: Exception) -> str:
    """Where in the program it happened, for whoever mends it."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f", {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"


def _let_go_of_output() -> NoReturn:
    """Whoever read our output has seen enough; that is no failure."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError, ValueError):
        os.dup2(nowhere, sys.stdout.fileno())
    sys.exit(0)
