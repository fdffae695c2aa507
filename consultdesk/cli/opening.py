"""What the command line asks for before it opens a store: the passphrase, and some patience."""

import math
import os
import re
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from consultdesk.cli.saying import of_the_clock, say
from consultdesk.errors import ConsultDeskError, DatabaseOlder, NotAllowed

if TYPE_CHECKING:
    from consultdesk.vault.vault import Vault

_MOST_PASSPHRASE = 4096
_WORTH_A_WORD = 60_000  # ms between this computer's clock and the time that is believed


@contextmanager
def unlocked(
    store: Path, user: str, passphrase_file: Path | None, *, confirming: bool = False
) -> Iterator["Vault"]:
    """The store, open while a command works on it. Raises what `desk.store.unlock` raises."""
    from consultdesk.desk.users import invited

    with unlocked_by(store, user, passphrase_of(passphrase_file), confirming=confirming) as vault:
        if invited(vault):
            raise NotAllowed(
                "You come by an invitation.",
                cure="First choose a passphrase: `consultdesk choose-passphrase`.",
            )
        yield vault


@contextmanager
def unlocked_by(
    store: Path, user: str, passphrase: str, *, confirming: bool = False, as_restored: bool = False
) -> Iterator["Vault"]:
    """The same by a passphrase that was given already, or by an invitation's words."""
    from consultdesk.desk.store import room, unlock

    wait_after_wrong_ones(store, user)
    vault = unlock(store, user, passphrase, now_ms(), as_restored=as_restored)
    try:
        if said := room(vault):
            typer.echo(said, err=True)
        now = now_ms()
        believed = vault.now(now)
        if not confirming and abs(believed - now) > _WORTH_A_WORD:
            typer.echo(of_the_clock(now, believed), err=True)
        yield vault
    finally:
        vault.close()


def take_as_restored(store: Path, user: str, passphrase: str, *, quiet: bool = False) -> None:
    """Open an older database as a restored one, by a person's word, and close it again.

    One that isn't older is opened as ever, and nothing is said.
    """
    try:
        with unlocked_by(store, user, passphrase):
            return
    except DatabaseOlder:
        pass
    with unlocked_by(store, user, passphrase, as_restored=True):
        if quiet:
            return
        say(
            "Opened as restored: what was entered since this copy was made isn't in it, and every "
            "consent to send waits until you confirm it again."
        )


def wait_after_wrong_ones(store: Path, user: str) -> None:
    """After several wrong passphrases, wait before another is tried."""
    from consultdesk.desk.attempts import seconds_left

    left = 0.0
    with suppress(ConsultDeskError):  # what is wrong with the store is said when it is opened
        left = seconds_left(store, user, now_ms())
    if left:
        typer.echo(f"Several passphrases were wrong: waiting {math.ceil(left)} s.", err=True)
        time.sleep(left)


def passphrase_of(file: Path | None, *, confirm: bool = False, new: bool = False) -> str:
    """From a file, or the file CONSULTDESK_PASSPHRASE_FILE names unless it is new, or asked for."""
    said = "" if new else os.environ.get("CONSULTDESK_PASSPHRASE_FILE")
    named = file or (Path(said) if said else None)
    if named is None:
        with warnings.catch_warnings():
            # without a terminal it is read from the standard input, which is no secret
            warnings.simplefilter("ignore")
            try:
                asked = typer.prompt(
                    "New passphrase" if new else "Passphrase",
                    hide_input=True,
                    confirmation_prompt=confirm,
                    err=True,
                )
            except typer.Abort:
                option = "--new-passphrase-file" if new else "--passphrase-file"
                raise ConsultDeskError(
                    "No passphrase was given.", cure=f"Name its file with {option}."
                ) from None
        return str(asked)
    try:
        with named.open("rb") as opened:
            held = opened.read(_MOST_PASSPHRASE + 1)
        if len(held) > _MOST_PASSPHRASE:
            raise ConsultDeskError("The passphrase file is too large to be one.")
        return held.decode("utf-8-sig").rstrip("\r\n")
    except (OSError, ValueError):
        raise ConsultDeskError("The passphrase file can't be read.") from None


def now_ms() -> int:
    """This computer's clock, UTC ms."""
    return time.time_ns() // 1_000_000


def day_of(text: str, option: str) -> date | None:
    """The day that an option names, None for ""."""
    if not text:
        return None
    with suppress(ValueError):
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return date.fromisoformat(text)
    raise typer.BadParameter("Write the day as 2026-11-30.", param_hint=option)
