"""Commands of the cases: brought in, listed, shown, counted, and who did what with them."""

from pathlib import Path
from typing import Annotated

import typer

from consultdesk.cli.opening import day_of, now_ms, unlocked
from consultdesk.cli.options import AsJson, PassphraseFile, Store, UserName, app
from consultdesk.cli.saying import print_json, print_text, say, utc_day


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

    with unlocked(store, user, passphrase_file) as vault:
        taken = bring_in(vault, paths, vault.now(now_ms()), number=case, source=source)
    if as_json:
        print_json(summary.intake(taken))
        return
    say(f"Case {taken.number}: {len(taken.records)} records.")
    for record in taken.records:
        pages = f", {record.pages} pages or images" if record.pages > 1 else ""
        shown = "" if record.readable else f" (can't be shown: {record.reason})"
        say(f"  {record.name}: {record.kind.replace('_', ' ')}{pages}{shown}")
    for duplicate in taken.duplicates:
        say(f"  {duplicate.name}: the same bytes as {duplicate.of}, not kept twice")
    for problem in taken.problems:
        say(f"  {problem.name}: not kept. {problem.reason}")
    for conflict in taken.conflicts:
        say(f"  The records differ on {conflict.field}: {' / '.join(conflict.values)}")


@app.command("cases")
def list_cases(
    store: Store,
    as_json: AsJson = False,
    user: UserName = "",
    passphrase_file: PassphraseFile = None,
) -> None:
    """List the cases, the most urgent first."""
    from consultdesk.desk import reports, summary

    with unlocked(store, user, passphrase_file) as vault:
        view = reports.QueueView(show="all", now=vault.now(now_ms()))
        rows = reports.queue(vault, view, 0, reports.queue_count(vault, view))
    if as_json:
        print_json([summary.queue_line(row) for row in rows])
        return
    for row in rows:
        whose = row.patient if row.erased_at is None else f"erased on {utc_day(row.erased_at)}"
        say(f"{row.number}  {row.priority:8}  {row.state.replace('_', ' '):12}  {whose}")


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

    with unlocked(store, user, passphrase_file) as vault:
        now = vault.now(now_ms())
        see_case(vault, number, now)
        said = summary.case(vault, number, now)
    if as_json:
        print_json(said)
        return
    for line in summary.lines(said):
        say(line)


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

    first, last = day_of(start, "--from"), day_of(stop, "--to")
    with unlocked(store, user, passphrase_file) as vault:
        now = vault.now(now_ms())
        begins, ends = reports.period(vault, first, last, now)
        figures = reports.period_figures(vault, begins, ends, now)
    said = report_json(figures)
    if as_json:
        print_json(said)
        return
    for line in summary.lines(said):
        say(line)


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
    with unlocked(store, user, passphrase_file) as vault:
        now = vault.now(now_ms())
        if ndjson == "-":
            for line in export(vault, wanted, now):
                print_text(line.decode().rstrip("\n"))
        elif ndjson:
            written = export_to(vault, wanted, Path(ndjson), now)
            say(f"Wrote {written} lines to {ndjson}.")
        else:
            open_trail(vault, case, now)
            for one in told(vault, wanted):
                say(one)
