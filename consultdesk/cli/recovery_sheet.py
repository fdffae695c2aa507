"""The recovery sheet of a new store: into the file that was named, or onto the terminal."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from consultdesk.cli.saying import plain, say
from consultdesk.errors import ConsultDeskError

if TYPE_CHECKING:
    from consultdesk.consultation.recovery import RecoverySheet


def check_sheet_file(file: Path, store: Path) -> None:
    """Before anything is made: the sheet replaces no file, and doesn't lie in what it opens."""
    if os.path.lexists(file):
        raise ConsultDeskError(
            f"There is a file {file} already.", cure="Name another one for the recovery sheet."
        )
    if store.resolve() in file.resolve().parents:
        raise ConsultDeskError("The recovery sheet can't lie in the store that it opens.")
    if not file.resolve().parent.is_dir():
        raise ConsultDeskError("The folder for the recovery sheet isn't there.")


def save_sheet(sheet: "RecoverySheet", file: Path) -> None:
    """Leave the sheet in that file: a PDF where its name ends so, else text."""
    # setting type is slow to load, and the other commands don't need it
    from consultdesk.letters.recovery import render, text
    from consultdesk.transports.handover import save_sheet

    save_sheet(sheet, render if file.suffix.lower() == ".pdf" else text, file)
    say(f"Saved the recovery sheet as {file}. Keep it away from this computer.")


def show_sheet(sheet: "RecoverySheet") -> None:
    """Show the key, and where a person sits at the terminal have it typed back."""
    from consultdesk.consultation.recovery import KEEPING, PURPOSE
    from consultdesk.desk.recovery import check_typed

    say(f"Recovery key: {sheet.key}")
    say(f"{PURPOSE} It is shown this once. {KEEPING}")
    while sys.stdin.isatty() and sys.stdout.isatty():
        typed = typer.prompt("Type the recovery key from your sheet", err=True)
        try:
            check_typed(sheet, typed)
        except ConsultDeskError as error:
            typer.echo(plain(str(error)), err=True)
        else:
            return
