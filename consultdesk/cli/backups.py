"""Commands of backups: one that is made, and a store that is made from one."""

from pathlib import Path
from typing import Annotated

import typer

from consultdesk.cli.opening import now_ms, passphrase_of, unlocked
from consultdesk.cli.options import AsJson, PassphraseFile, Store, UserName, app
from consultdesk.cli.saying import print_json, say
from consultdesk.errors import ConsultDeskError


@app.command()
def backup(
    store: Store,
    dest: Annotated[Path, typer.Argument(help="A disk, or a folder NAME.backup on it.")],
    as_json: AsJson = False,
    user: UserName = "",
    passphrase_file: PassphraseFile = None,
) -> None:
    """Back the store up while it is in use, and read the backup back."""
    from consultdesk.desk import backup as backups
    from consultdesk.desk import summary

    with unlocked(store, user, passphrase_file) as vault:
        done = backups.back_up(vault, vault.now(now_ms()), place=dest)
    if as_json:
        print_json(summary.backup(done))
    else:
        for line in summary.backed_up(done):
            say(line)
    if not done.taken.found.ok:
        raise ConsultDeskError("The store lacks files, or some were damaged before the backup.")


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="A folder of backups, or the disk it lies on.")],
    store: Store,
    name: Annotated[str, typer.Option("--backup", help="This one, not the newest.")] = "",
    even_damaged: Annotated[
        bool, typer.Option("--even-damaged", help="Leave out files that are damaged.")
    ] = False,
    as_json: AsJson = False,
    user: UserName = "",
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make a store in a new folder from a backup; `--user recovery` takes the recovery key."""
    from consultdesk.desk import backup as backups
    from consultdesk.desk import summary

    folder = backups.find(source).path
    secret, now = passphrase_of(passphrase_file), now_ms()
    done = backups.restore(folder, store, user, secret, now, name=name, even_damaged=even_damaged)
    if as_json:
        print_json(summary.restore(done))
        return
    for line in summary.restored(done):
        say(line)
