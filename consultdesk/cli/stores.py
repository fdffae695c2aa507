"""Commands of the store as a whole: opened in a window, made, verified, its clock, the machine."""

from pathlib import Path
from typing import Annotated

import typer

from consultdesk import doctor
from consultdesk.cli.opening import now_ms, passphrase_of, take_as_restored, unlocked
from consultdesk.cli.options import AsJson, AsRestored, PassphraseFile, Store, UserName, app
from consultdesk.cli.recovery_sheet import check_sheet_file, save_sheet, show_sheet
from consultdesk.cli.saying import print_json, said_time, say
from consultdesk.errors import ConsultDeskError


@app.callback(invoke_without_command=True)
def desk(context: typer.Context) -> None:
    """Open the desk on the last or default store."""
    if context.invoked_subcommand is None:
        _open_window(None)


@app.command("open")
def open_store(
    store: Store,
    as_restored: AsRestored = False,
    user: UserName = "",
    passphrase_file: PassphraseFile = None,
) -> None:
    """Open the desk on a store."""
    if as_restored:
        take_as_restored(store, user, passphrase_of(passphrase_file))
    _open_window(store)


@app.command()
def demo(
    out: Annotated[
        Path | None, typer.Option(help="Run without a window; leave letter and pictures here.")
    ] = None,
    cases: Annotated[
        int | None, typer.Option(help="How many synthetic cases; 16 show every state.", min=1)
    ] = None,
) -> None:
    """Open the desk on a throw-away store of synthetic patients."""
    # Qt is slow to load, and the other commands don't need it.
    from consultdesk.desktop.demo import run_demo

    raise typer.Exit(run_demo(out, cases))


@app.command()
def init(
    store: Store,
    name: Annotated[str, typer.Option(help="The physician's full name.")] = "",
    user: UserName = "physician",
    recovery_sheet: Annotated[
        Path | None,
        typer.Option(help="A file for the recovery sheet (PDF or text); else it is shown here."),
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make a new store with its first user, and its recovery sheet."""
    from consultdesk.consultation.audit import Role, User
    from consultdesk.desk import recovery
    from consultdesk.desk.store import make

    if recovery_sheet is not None:
        check_sheet_file(recovery_sheet, store)
    passphrase = passphrase_of(passphrase_file, confirm=True)
    first = User(user, name or user, Role.PHYSICIAN)
    made = make(store, first, passphrase, now_ms())
    try:
        say(f"Made the store {store}.")
        sheet = recovery.new_sheet(store, user, first.full_name, now_ms())
        if recovery_sheet is not None:
            save_sheet(sheet, recovery_sheet)
        else:
            show_sheet(sheet)
        recovery.keep_sheet(made, sheet, now_ms())
    finally:
        made.close()


@app.command()
def verify(
    store: Store,
    as_restored: AsRestored = False,
    as_json: AsJson = False,
    user: UserName = "",
    passphrase_file: PassphraseFile = None,
) -> None:
    """Check database, schema, audit chain and every sealed file; exit 1 when anything is wrong."""
    from consultdesk.desk import store as stores
    from consultdesk.desk import summary

    passphrase = passphrase_of(passphrase_file)
    if as_restored:
        take_as_restored(store, user, passphrase, quiet=as_json)
    found = stores.look_over(store, user, passphrase, now_ms())
    if as_json:
        print_json(summary.verification(found))
    else:
        for line in summary.verified(found):
            say(line)
    if not found.ok:
        raise ConsultDeskError("The store isn't as it was written.")


@app.command("confirm-clock")
def confirm_clock(
    store: Store, user: UserName = "", passphrase_file: PassphraseFile = None
) -> None:
    """Vouch for this computer's date and time after they went ahead by more than a day."""
    from consultdesk.desk import store as stores

    with unlocked(store, user, passphrase_file, confirming=True) as vault:
        stores.confirm_clock(vault, vault.now(now_ms()))
    say(f"Confirmed: it is {said_time(now_ms())}.")


@app.command("doctor")
def check_machine(
    install: Annotated[bool, typer.Option("--install", help="Install what is missing.")] = False,
) -> None:
    """Say whether this computer can run the desk."""
    raise typer.Exit(doctor.main(["--install"] if install else []))


def _open_window(store: Path | None) -> None:
    # Qt is slow to load, and the other commands don't need it.
    from consultdesk.desktop.app import run

    raise typer.Exit(run(store))
