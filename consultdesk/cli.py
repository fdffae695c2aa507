"""The desk's acts without a window: one command each, errors in one line."""

import io
import json
import math
import os
import re
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from consultdesk import doctor
from consultdesk.errors import ConsultDeskError

if TYPE_CHECKING:
    from consultdesk.consultation.recovery import RecoverySheet
    from consultdesk.vault.vault import Vault

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    no_args_is_help=False,
    help="Second opinions: received, read, signed, and released by consent.",
)

Store = Annotated[Path, typer.Argument(help="The folder of the store.", show_default=False)]
_MOST_PASSPHRASE = 4096
_WORTH_A_WORD = 60_000  # ms between this computer's clock and the time that is believed

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
UserName = Annotated[str, typer.Option("--user", help="Who opens the store.")]
PassphraseFile = Annotated[
    Path | None, typer.Option("--passphrase-file", help="A file that holds the passphrase.")
]


@app.callback(invoke_without_command=True)
def desk(context: typer.Context) -> None:
    """Open the desk on the last or default store."""
    if context.invoked_subcommand is None:
        _open_window(None)


@app.command("open")
def open_store(store: Store) -> None:
    """Open the desk on a store."""
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
        _check_sheet_file(recovery_sheet, store)
    passphrase = _passphrase(passphrase_file, confirm=True)
    first = User(user, name or user, Role.PHYSICIAN)
    made = make(store, first, passphrase, _now())
    try:
        _say(f"Made the store {store}.")
        sheet = recovery.new_sheet(store, user, first.full_name, _now())
        if recovery_sheet is not None:
            _save_sheet(sheet, recovery_sheet)
        else:
            _show_sheet(sheet)
        recovery.keep_sheet(made, sheet, _now())
    finally:
        made.close()


@app.command("import")
def import_records(
    store: Store,
    paths: Annotated[list[Path], typer.Argument(help="Files and folders.", show_default=False)],
    case: Annotated[str, typer.Option(help="Into this case instead of a new one.")] = "",
    source: Annotated[str, typer.Option(help="Where the records came from.")] = "",
    as_json: AsJson = False,
    user: UserName = "",
    passphrase_file: PassphraseFile = None,
) -> None:
    """Bring records in, as one new case or into a case."""
    from consultdesk.desk import summary
    from consultdesk.desk.intake import bring_in

    with _unlocked(store, user, passphrase_file) as vault:
        taken = bring_in(vault, paths, vault.now(_now()), number=case, source=source)
    if as_json:
        _print_json(summary.intake(taken))
        return
    _say(f"Case {taken.number}: {len(taken.records)} records.")
    for record in taken.records:
        pages = f", {record.pages} pages or images" if record.pages > 1 else ""
        shown = "" if record.readable else f" (can't be shown: {record.reason})"
        _say(f"  {record.name}: {record.kind.replace('_', ' ')}{pages}{shown}")
    for duplicate in taken.duplicates:
        _say(f"  {duplicate.name}: the same bytes as {duplicate.of}, not kept twice")
    for problem in taken.problems:
        _say(f"  {problem.name}: not kept. {problem.reason}")
    for conflict in taken.conflicts:
        _say(f"  The records differ on {conflict.field}: {' / '.join(conflict.values)}")


@app.command("cases")
def list_cases(
    store: Store,
    as_json: AsJson = False,
    user: UserName = "",
    passphrase_file: PassphraseFile = None,
) -> None:
    """List the cases, the most urgent first."""
    from consultdesk.desk import reports, summary

    with _unlocked(store, user, passphrase_file) as vault:
        view = reports.QueueView(show="all", now=vault.now(_now()))
        rows = reports.queue(vault, view, 0, reports.queue_count(vault, view))
    if as_json:
        _print_json([summary.queue_line(row) for row in rows])
        return
    for row in rows:
        whose = row.patient if row.erased_at is None else f"erased on {_utc_day(row.erased_at)}"
        _say(f"{row.number}  {row.priority:8}  {row.state.replace('_', ' '):12}  {whose}")


@app.command()
def show(
    store: Store,
    number: Annotated[str, typer.Argument(help="The case number.", show_default=False)],
    as_json: AsJson = False,
    user: UserName = "",
    passphrase_file: PassphraseFile = None,
) -> None:
    """Show one case."""
    from consultdesk.desk import summary
    from consultdesk.desk.viewing import see_case

    with _unlocked(store, user, passphrase_file) as vault:
        now = vault.now(_now())
        see_case(vault, number, now)
        said = summary.case(vault, number, now)
    if as_json:
        _print_json(said)
        return
    for line in summary.lines(said):
        _say(line)


@app.command()
def verify(
    store: Store,
    as_json: AsJson = False,
    user: UserName = "",
    passphrase_file: PassphraseFile = None,
) -> None:
    """Check database, schema, audit chain and every sealed file; exit 1 when anything is wrong."""
    from consultdesk.desk import store as stores
    from consultdesk.desk import summary

    found = stores.look_over(store, user, _passphrase(passphrase_file), _now())
    if as_json:
        _print_json(summary.verification(found))
    else:
        for line in summary.verified(found):
            _say(line)
    if not found.ok:
        raise ConsultDeskError("The store isn't as it was written.")


@app.command("confirm-clock")
def confirm_clock(
    store: Store, user: UserName = "", passphrase_file: PassphraseFile = None
) -> None:
    """Vouch for this computer's date and time after they went ahead by more than a day."""
    from consultdesk.desk import store as stores

    with _unlocked(store, user, passphrase_file, confirming=True) as vault:
        stores.confirm_clock(vault, vault.now(_now()))
    _say(f"Confirmed: it is {_said(_now())}.")


@app.command()
def report(
    store: Store,
    start: Annotated[str, typer.Option("--from", help="First day, YYYY-MM-DD.")] = "",
    stop: Annotated[str, typer.Option("--to", help="Last day, YYYY-MM-DD.")] = "",
    as_json: AsJson = False,
    user: UserName = "",
    passphrase_file: PassphraseFile = None,
) -> None:
    """Turnaround figures of a period; the last 90 days when none is named."""
    from consultdesk.consultation.report import as_json as report_json
    from consultdesk.desk import reports, summary

    first, last = _day(start, "--from"), _day(stop, "--to")
    with _unlocked(store, user, passphrase_file) as vault:
        now = vault.now(_now())
        begins, ends = reports.period(vault, first, last, now)
        figures = reports.period_figures(vault, begins, ends, now)
    said = report_json(figures)
    if as_json:
        _print_json(said)
        return
    for line in summary.lines(said):
        _say(line)


@app.command("audit")
def audit_trail(
    store: Store,
    case: Annotated[str, typer.Option(help="Only what was done with this case.")] = "",
    ndjson: Annotated[
        str, typer.Option(help="Write FHIR AuditEvents, one a line, to this file or to - .")
    ] = "",
    user: UserName = "",
    passphrase_file: PassphraseFile = None,
) -> None:
    """Who saw and did what, the oldest first."""
    from consultdesk.desk.audit_trail import Filter, export, export_to, open_trail, told

    wanted = Filter(case)
    with _unlocked(store, user, passphrase_file) as vault:
        now = vault.now(_now())
        if ndjson == "-":
            for line in export(vault, wanted, now):
                _print(line.decode().rstrip("\n"))
        elif ndjson:
            written = export_to(vault, wanted, Path(ndjson), now)
            _say(f"Wrote {written} lines to {ndjson}.")
        else:
            open_trail(vault, case, now)
            for one in told(vault, wanted):
                _say(one)


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

    with _unlocked(store, user, passphrase_file) as vault:
        found = [summary.user_line(one) for one in desk_users.users(vault)]
        due = desk_users.new_keys_due(vault)
    if as_json:
        _print_json({"users": found, "new_keys_due": due})
        return
    for one in found:
        role = str(one["role"]).replace("_", " ")
        more = ", administers" if one["administers"] else ""
        _say(f"{one['name']}  {one['full_name']}  {role}{more}  {one['standing']}")
    if due:
        _say("New keys are due: somebody who left still knows the key of what is clinical.")


@app.command("exchange-keys")
def exchange_keys(
    store: Store, user: UserName = "", passphrase_file: PassphraseFile = None
) -> None:
    """Put the whole store under new keys, while it is closed everywhere else."""
    from consultdesk.desk import users as desk_users

    with _unlocked(store, user, passphrase_file) as vault:
        desk_users.exchange_keys(vault, vault.now(_now()))
        due = desk_users.new_keys_due(vault)
    _say("The store is under new keys.")
    if due:
        _say("A physician or an assistant still has to exchange the key of what is clinical.")


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

    with _unlocked(store, user, passphrase_file) as vault:
        done = backups.back_up(vault, vault.now(_now()), place=dest)
    if as_json:
        _print_json(summary.backup(done))
    else:
        for line in summary.backed_up(done):
            _say(line)
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
    secret, now = _passphrase(passphrase_file), _now()
    done = backups.restore(folder, store, user, secret, now, name=name, even_damaged=even_damaged)
    if as_json:
        _print_json(summary.restore(done))
        return
    for line in summary.restored(done):
        _say(line)


@app.command("doctor")
def check_machine(
    install: Annotated[bool, typer.Option("--install", help="Install what is missing.")] = False,
) -> None:
    """Say whether this computer can run the desk."""
    raise typer.Exit(doctor.main(["--install"] if install else []))


def main() -> None:
    """Run the command line; whatever fails is one line on standard error and exit 1."""
    _forbid_core_dumps()
    if isinstance(sys.stdout, io.TextIOWrapper):
        # a terminal that lacks a letter shows something in its place
        sys.stdout.reconfigure(errors="replace")
    try:
        app()
    except ConsultDeskError as error:
        _fail(str(error))
    except KeyboardInterrupt:
        _fail("Stopped.")
    except Exception as error:
        # no traceback, which a physician can't read and which may hold what a record says
        _fail(f"Something unexpected went wrong ({type(error).__name__}{_place(error)}).")


# --- inside -------------------------------------------------------------------------------


def _forbid_core_dumps() -> None:
    """A core dump would hold opened records (Windows has none to forbid)."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@contextmanager
def _unlocked(
    store: Path, user: str, passphrase_file: Path | None, *, confirming: bool = False
) -> Iterator["Vault"]:
    from consultdesk.desk.store import room, unlock

    passphrase = _passphrase(passphrase_file)
    _wait_after_wrong_ones(store, user)
    vault = unlock(store, user, passphrase, _now())
    try:
        if said := room(vault):
            typer.echo(said, err=True)
        now = _now()
        believed = vault.now(now)
        if not confirming and abs(believed - now) > _WORTH_A_WORD:
            typer.echo(_of_the_clock(now, believed), err=True)
        yield vault
    finally:
        vault.close()


def _wait_after_wrong_ones(store: Path, user: str) -> None:
    """After several wrong passphrases, wait before another is tried."""
    from consultdesk.desk.attempts import seconds_left

    left = 0.0
    with suppress(ConsultDeskError):  # what is wrong with the store is said when it is opened
        left = seconds_left(store, user, _now())
    if left:
        typer.echo(f"Several passphrases were wrong: waiting {math.ceil(left)} s.", err=True)
        time.sleep(left)


def _check_sheet_file(file: Path, store: Path) -> None:
    """Before anything is made: the sheet replaces no file, and doesn't lie in what it opens."""
    if os.path.lexists(file):
        raise ConsultDeskError(
            f"There is a file {file} already.", cure="Name another one for the recovery sheet."
        )
    if store.resolve() in file.resolve().parents:
        raise ConsultDeskError("The recovery sheet can't lie in the store that it opens.")
    if not file.resolve().parent.is_dir():
        raise ConsultDeskError("The folder for the recovery sheet isn't there.")


def _save_sheet(sheet: "RecoverySheet", file: Path) -> None:
    # setting type is slow to load, and the other commands don't need it
    from consultdesk.letters.recovery import render, text
    from consultdesk.transports.handover import save_sheet

    save_sheet(sheet, render if file.suffix.lower() == ".pdf" else text, file)
    _say(f"Saved the recovery sheet as {file}. Keep it away from this computer.")


def _show_sheet(sheet: "RecoverySheet") -> None:
    """Show the key, and where a person sits at the terminal have it typed back."""
    from consultdesk.consultation.recovery import KEEPING, PURPOSE
    from consultdesk.desk.recovery import check_typed

    _say(f"Recovery key: {sheet.key}")
    _say(f"{PURPOSE} It is shown this once. {KEEPING}")
    while sys.stdin.isatty() and sys.stdout.isatty():
        typed = typer.prompt("Type the recovery key from your sheet", err=True)
        try:
            check_typed(sheet, typed)
        except ConsultDeskError as error:
            typer.echo(_plain(str(error)), err=True)
        else:
            return


def _passphrase(file: Path | None, *, confirm: bool = False) -> str:
    """From a file, or the file CONSULTDESK_PASSPHRASE_FILE names, or asked for."""
    said = os.environ.get("CONSULTDESK_PASSPHRASE_FILE")
    named = file or (Path(said) if said else None)
    if named is None:
        with warnings.catch_warnings():
            # without a terminal it is read from the standard input, which is no secret
            warnings.simplefilter("ignore")
            try:
                asked = typer.prompt(
                    "Passphrase", hide_input=True, confirmation_prompt=confirm, err=True
                )
            except typer.Abort:
                raise ConsultDeskError(
                    "No passphrase was given.", cure="Name its file with --passphrase-file."
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


def _open_window(store: Path | None) -> None:
    # Qt is slow to load, and the other commands don't need it.
    from consultdesk.desktop.app import run

    raise typer.Exit(run(store))


def _now() -> int:
    return time.time_ns() // 1_000_000


def _of_the_clock(now: int, believed: int) -> str:
    """Why what happens is dated otherwise than this computer says, and the way out."""
    if now < believed:
        why, cure = "was set back behind the last entry", "Correct it."
    else:
        why = "is more than a day ahead of the last entry"
        cure = "Correct it, or vouch for it with `consultdesk confirm-clock`."
    dated = f"what happens now is dated {_said(believed)}"
    return f"This computer's clock ({_said(now)}) {why}: {dated}. {cure}"


def _said(at: int) -> str:
    return datetime.fromtimestamp(at / 1000).astimezone().strftime("%Y-%m-%d %H:%M")


def _utc_day(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()


def _day(text: str, option: str) -> date | None:
    if not text:
        return None
    with suppress(ValueError):
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return date.fromisoformat(text)
    raise typer.BadParameter("Write the day as 2026-11-30.", param_hint=option)


def _say(line: str) -> None:
    """One line; what a record or a file name holds moves no cursor and colours nothing."""
    _print(_plain(line))


def _print_json(said: object) -> None:
    text = json.dumps(said, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeError:
        text = json.dumps(said)
    _print(text)


def _print(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:
        _let_go_of_output()


def _plain(line: str) -> str:
    return "".join(ch if ch.isprintable() else " " if ch.isspace() else "\ufffd" for ch in line)


def _fail(message: str) -> NoReturn:
    with suppress(OSError):
        print(f"consultdesk: {_plain(message)}", file=sys.stderr)
    sys.exit(1)


def _place(error: Exception) -> str:
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
