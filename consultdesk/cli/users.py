"""Commands of the users: invited, let in, named, in another role, shut out, removed, new keys."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from consultdesk.cli.opening import now_ms, passphrase_of, unlocked, unlocked_by
from consultdesk.cli.options import AsJson, PassphraseFile, Store, UserName, app
from consultdesk.cli.saying import print_json, say
from consultdesk.consultation.audit import Role, User

if TYPE_CHECKING:
    from consultdesk.vault.vault import Vault

Newcomer = Annotated[str, typer.Argument(help="The newcomer's user name.", show_default=False)]
Somebody = Annotated[str, typer.Argument(help="Whom, by their user name.", show_default=False)]
WhichRole = Annotated[Role, typer.Option("--role", help="What they do in the practice.")]
FullName = Annotated[str, typer.Option("--full-name", help="Their name, as letters say it.")]

_ADMINISTERS = ", administers,"
_DUE = "A physician or an assistant still has to exchange the key of what is clinical."
_READ_OUT = "To be let in, read these digits to a physician of the desk: {digits}"


@app.command("users")
def list_users(
    store: Store,
    as_json: AsJson = False,
    user: UserName = "",
    passphrase_file: PassphraseFile = None,
) -> None:
    """List who may open the store, in which role, and how far they have come."""
    from consultdesk.desk import summary
    from consultdesk.desk import users as desk_users

    with unlocked(store, user, passphrase_file) as vault:
        found = [summary.user_line(one) for one in desk_users.users(vault)]
        due, digits = desk_users.new_keys_due(vault), _own_digits(vault)
    if as_json:
        print_json({"users": found, "new_keys_due": due, "own_digits": digits or None})
        return
    for one in found:
        role = str(one["role"]).replace("_", " ")
        more = ", administers" if one["administers"] else ""
        say(f"{one['name']}  {one['full_name']}  {role}{more}  {one['standing']}")
    if due:
        say("New keys are due: somebody who left still knows the key of what is clinical.")
    if digits:
        say(_READ_OUT.format(digits=digits))


@app.command()
def invite(
    store: Store,
    name: Newcomer,
    role: WhichRole,
    full_name: FullName = "",
    administers: Annotated[
        bool, typer.Option("--administers", help="They may say who uses the store.")
    ] = False,
    as_json: AsJson = False,
    user: UserName = "",
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make room for a newcomer; shows the words to tell them in person, this once."""
    from consultdesk.desk import users as desk_users

    newcomer = User(name, full_name or name, role)
    administers = administers or role is Role.ADMINISTRATOR
    with unlocked(store, user, passphrase_file) as vault:
        now = vault.now(now_ms())
        words = desk_users.invite(vault, newcomer, now, administers=administers)
        sealed = vault.clinical
    if as_json:
        print_json({"name": name, "words": words})
        return
    say(f"Tell {name} these words in person or by telephone: {words}")
    say("They are shown only now, and open the store once: `consultdesk choose-passphrase`.")
    if full_name and not sealed:
        say("Your role can't seal the full name: they write it down themselves once let in.")


@app.command("choose-passphrase")
def choose_passphrase(
    store: Store,
    new_passphrase_file: Annotated[
        Path | None, typer.Option(help="A file that holds the new passphrase.")
    ] = None,
    user: UserName = "",
    passphrase_file: PassphraseFile = None,
) -> None:
    """Choose a passphrase: by an invitation's words, the recovery key, or the one until now."""
    from consultdesk.desk import users as desk_users

    before = passphrase_of(passphrase_file)
    with unlocked_by(store, user, before) as vault:
        after = passphrase_of(new_passphrase_file, confirm=True, new=True)
        now = vault.now(now_ms())
        if desk_users.invited(vault) or desk_users.by_recovery(vault):
            desk_users.choose_passphrase(vault, after, now)
        else:
            desk_users.change_passphrase(vault, before, after, now)
        digits = _own_digits(vault)
    say("From now on the new passphrase opens the store for you.")
    if digits:
        say(_READ_OUT.format(digits=digits))


@app.command("let-in")
def let_in(
    store: Store,
    name: Somebody,
    digits: Annotated[
        list[str], typer.Argument(help="The digits they read out.", show_default=False)
    ],
    full_name: FullName = "",
    user: UserName = "",
    passphrase_file: PassphraseFile = None,
) -> None:
    """Hand the clinical key to a newcomer, by the digits that their own screen shows."""
    from consultdesk.desk import users as desk_users

    with unlocked(store, user, passphrase_file) as vault:
        now = vault.now(now_ms())
        desk_users.let_in(vault, name, " ".join(digits), now, full_name=full_name)
    say(f"{name} is let in, and opens clinical content from their next unlock.")


@app.command("name-user")
def name_user(
    store: Store,
    name: Somebody,
    full_name: Annotated[
        str, typer.Argument(help="Their full name, as letters say it.", show_default=False)
    ],
    registration: Annotated[
        str | None,
        typer.Option(help="Their registration number; as before where none is said."),
    ] = None,
    user: UserName = "",
    passphrase_file: PassphraseFile = None,
) -> None:
    """Write down a user's full name, which the letters they sign carry from then on."""
    from consultdesk.desk import users as desk_users

    with unlocked(store, user, passphrase_file) as vault:
        now = vault.now(now_ms())
        desk_users.set_full_name(vault, name, full_name, now, registration=registration)
    say(f"Letters that {name} signs from now on carry that name.")


@app.command("change-role")
def change_role(
    store: Store,
    name: Somebody,
    role: WhichRole,
    administers: Annotated[
        bool | None,
        typer.Option(
            "--administers/--administers-not",
            help="Whether they may say who uses the store; as before where neither is said.",
            show_default=False,
        ),
    ] = None,
    user: UserName = "",
    passphrase_file: PassphraseFile = None,
) -> None:
    """Put a user in another role; where it opens less, the keys they know are exchanged."""
    from consultdesk.desk import users as desk_users

    with unlocked(store, user, passphrase_file) as vault:
        does = vault.members.member(name).administers if administers is None else administers
        does = does or role is Role.ADMINISTRATOR
        desk_users.change_role(vault, name, role, vault.now(now_ms()), administers=does)
        due = desk_users.new_keys_due(vault)
    say(f"{name} is {_in_words(role)}{_ADMINISTERS if does else ''} from their next unlock.")
    if due:
        say(_DUE)


@app.command()
def disable(
    store: Store, name: Somebody, user: UserName = "", passphrase_file: PassphraseFile = None
) -> None:
    """Open the store for a user no more until they are readmitted; they keep the keys they know."""
    from consultdesk.desk import users as desk_users

    with unlocked(store, user, passphrase_file) as vault:
        desk_users.shut_out(vault, name, vault.now(now_ms()))
    say(f"{name} is shut out. The keys they know stay: to exchange them, remove the user.")


@app.command()
def readmit(
    store: Store, name: Somebody, user: UserName = "", passphrase_file: PassphraseFile = None
) -> None:
    """Open the store again for a user who was shut out."""
    from consultdesk.desk import users as desk_users

    with unlocked(store, user, passphrase_file) as vault:
        desk_users.shut_out(vault, name, vault.now(now_ms()), disabled=False)
    say(f"The store opens for {name} again.")


@app.command("remove-user")
def remove_user(
    store: Store, name: Somebody, user: UserName = "", passphrase_file: PassphraseFile = None
) -> None:
    """Remove a user, and exchange the keys they know, while the store is closed elsewhere."""
    from consultdesk.desk import users as desk_users

    with unlocked(store, user, passphrase_file) as vault:
        desk_users.remove(vault, name, vault.now(now_ms()))
        due = desk_users.new_keys_due(vault)
    say(f"Removed {name}; the store is under new keys.")
    if due:
        say(_DUE)


@app.command("exchange-keys")
def exchange_keys(
    store: Store, user: UserName = "", passphrase_file: PassphraseFile = None
) -> None:
    """Put the whole store under new keys, while it is closed everywhere else."""
    from consultdesk.desk import users as desk_users

    with unlocked(store, user, passphrase_file) as vault:
        desk_users.exchange_keys(vault, vault.now(now_ms()))
        due = desk_users.new_keys_due(vault)
    say("The store is under new keys.")
    if due:
        say(_DUE)


# --- inside -------------------------------------------------------------------------------


def _own_digits(vault: "Vault") -> str:
    """What a newcomer reads out who waits to be let in."""
    from consultdesk.desk import users as desk_users

    return desk_users.own_digits(vault) if desk_users.waits(vault) else ""


def _in_words(role: Role) -> str:
    return role.value.replace("_", " ")
