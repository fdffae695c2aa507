"""The command line: exact words, one JSON document, one line when something is wrong."""

import contextlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from consultdesk.cli import main, opening
from consultdesk.consultation.case import CaseState
from consultdesk.consultation.source import MemorySource
from consultdesk.desk import cases, erasure, intake, reports, store
from consultdesk.samples.practice import PASSPHRASE, PHYSICIAN
from consultdesk.vault import audit
from consultdesk.vault.cases import QueueView
from tests.vault.foreign import raw

Run = Callable[..., "subprocess.CompletedProcess[str]"]

NOTE = "Patient: Jörg Müller\nDate of birth: 1966-01-01\n\nKnee pain since May."


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of one case, its passphrase in a file, and a note beside it."""
    folder = tmp_path_factory.mktemp("cli")
    now = time.time_ns() // 1_000_000
    made = store.make(folder / "a.desk", PHYSICIAN, PASSPHRASE, now, throw_away=True)
    hostile = MemorySource("evil\x1b[2J\nname.txt", NOTE.encode())
    intake.bring_in_sources(made, [hostile], now)
    made.close()
    (folder / "pw").write_text(f"{PASSPHRASE}\n")
    (folder / "note.txt").write_text(NOTE.replace("Knee", "Hip"), encoding="utf-8")
    return folder


@pytest.fixture
def run(place: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command as `consultdesk` would, in this process."""
    monkeypatch.chdir(place)
    monkeypatch.setenv("CONSULTDESK_PASSPHRASE_FILE", str(place / "pw"))

    def run_(*words: str, encoding: str = "utf-8") -> "subprocess.CompletedProcess[str]":
        out, complaint = io.BytesIO(), io.StringIO()
        monkeypatch.setattr(sys, "argv", ["consultdesk", *words])
        with (
            contextlib.redirect_stdout(io.TextIOWrapper(out, encoding)) as terminal,
            contextlib.redirect_stderr(complaint),
        ):
            code: object = 0
            try:
                main.main()
            except SystemExit as end:
                code = end.code
            terminal.flush()
        text = out.getvalue().decode(encoding)
        ended = int(str(code or 0))
        return subprocess.CompletedProcess(words, ended, text, complaint.getvalue())

    return run_


def program(place: Path, *words: str, **options: Any) -> "subprocess.Popen[bytes]":  # noqa: ANN401
    """Start `python -m consultdesk` in a process and a session of its own."""
    surroundings = {k: v for k, v in os.environ.items() if k != "CONSULTDESK_PASSPHRASE_FILE"}
    return subprocess.Popen(
        [sys.executable, "-m", "consultdesk", *words],
        cwd=place,
        env={**surroundings, "PYTHONPATH": str(Path(main.__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        **options,
    )


def said(done: "subprocess.CompletedProcess[str]") -> object:
    """The one JSON document that stands on standard output."""
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("\n")
    return json.loads(done.stdout)


def one_line(done: "subprocess.CompletedProcess[str]", code: int = 1) -> str:
    """The one line on standard error that says what is wrong."""
    assert done.returncode == code
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("consultdesk: ")
    return lines[0]


def test_import_names_every_file_once_and_its_shape_is_kept(run: Run) -> None:
    told = said(run("import", "a.desk", "note.txt", "note.txt", "gone.txt", "--json"))
    assert isinstance(told, dict)
    assert list(told) == ["case", "records", "duplicates", "problems", "conflicts"]
    (record,) = told["records"]
    assert {
        "id", "name", "kind", "format", "sha256", "pages", "shown", "reason", "files",
    } <= set(record)  # fmt: skip
    assert (record["shown"], record["reason"]) == (True, None)
    assert [set(one) for one in record["files"]] == [{"name", "sha256"}]
    assert told["duplicates"] == []
    assert told["problems"] == [{"name": "gone.txt", "reason": "There is no such file or folder."}]


def test_cases_and_show_keep_their_shapes(run: Run) -> None:
    cases = said(run("cases", "a.desk", "--json"))
    assert isinstance(cases, list)
    assert {
        "number", "state", "priority", "specialty", "patient", "received", "due", "waiting_for",
    } <= set(cases[0])  # fmt: skip
    shown = said(run("show", "a.desk", cases[-1]["number"], "--json"))
    assert isinstance(shown, dict)
    assert {
        "number", "state", "patient", "treating_physician", "questions", "records", "consents",
        "letters", "dispatches", "clocks",
    } <= set(shown)  # fmt: skip
    assert shown["patient"]["name"] == "Jörg Müller"


def test_audit_says_who_did_what_and_exports_it_line_by_line(run: Run, place: Path) -> None:
    number = json.loads(run("cases", "a.desk", "--json").stdout)[0]["number"]
    told = run("audit", "a.desk", "--case", number).stdout.splitlines()
    assert any("Brought records in" in line and number in line for line in told)
    assert told[-1].endswith("Looked at the audit trail")
    lines = [json.loads(one) for one in run("audit", "a.desk", "--ndjson", "-").stdout.splitlines()]
    assert {one["resourceType"] for one in lines} == {"AuditEvent"}
    done = run("audit", "a.desk", "--case", number, "--ndjson", "audit.ndjson")
    assert (done.returncode, done.stdout.split()[0]) == (0, "Wrote")
    saved = (place / "audit.ndjson").read_text("utf-8")
    assert number in saved
    assert "Müller" not in saved
    assert run("audit", "a.desk", "--case", "1999-0001").returncode == 1


def test_an_erased_case_is_listed_shown_verified_and_counted(run: Run, place: Path) -> None:
    shutil.copytree(place / "a.desk", place / "erased.desk")
    now = time.time_ns() // 1_000_000
    opened = store.unlock(place / "erased.desk", "", PASSPHRASE, now)
    numbers = [row.number for row in reports.queue(opened, QueueView(show="all"), 0, 9)]
    for one in numbers:  # whatever was brought in before is of the same patient
        cases.move_aside(opened, one, CaseState.DECLINED, "Not ours.", now)
    number = min(numbers)
    erasure.erase(opened, number, "Asked.", PASSPHRASE, now)
    opened.close()
    listed = json.loads(run("cases", "erased.desk", "--json").stdout)
    line = next(one for one in listed if one["number"] == number)
    assert line["patient"] is None
    assert line["erased"]
    assert "erased on" in run("cases", "erased.desk").stdout
    shown = json.loads(run("show", "erased.desk", number, "--json").stdout)
    assert (shown["records"], shown["state"]) == ([], "declined")
    assert shown["erased"]
    assert run("show", "erased.desk", number).returncode == 0
    assert json.loads(run("verify", "erased.desk", "--json").stdout)["ok"]
    assert run("report", "erased.desk", "--json").returncode == 0
    refused = run("import", "erased.desk", "note.txt", "--case", number)
    assert refused.returncode == 1
    assert "was erased on" in refused.stderr
    assert run("audit", "erased.desk", "--case", number).returncode == 0


def test_verify_and_report_keep_their_shapes(run: Run) -> None:
    found = said(run("verify", "a.desk", "--json"))
    assert isinstance(found, dict)
    assert found["ok"] is True
    assert found["database"] == {"ok": True}
    assert {"files", "damaged"} <= set(found["content"])
    assert {"events", "ok"} <= set(found["audit"])
    assert found["anchors"] == {"ok": True}
    assert found["schema"] == {"ok": True}
    told = said(run("report", "a.desk", "--from", "2026-01-01", "--to", "2026-01-31", "--json"))
    assert isinstance(told, dict)
    assert {"period", "released", "active_days", "calendar_days", "on_time", "open_by_age"} <= set(
        told
    )
    assert told["period"]["from"].startswith("2026-01-01T00:00:00")
    assert told["period"]["to"].startswith("2026-02-01T00:00:00")


def test_a_clock_set_back_flatters_no_figure_and_no_line_of_the_audit(
    run: Run, place: Path
) -> None:
    accepted = (time.time_ns() // 1_000_000) + 12 * 3_600_000
    made = store.make(place / "ahead.desk", PHYSICIAN, PASSPHRASE, accepted, throw_away=True)
    done = run("report", "ahead.desk", "--json")
    assert "was set back behind the last entry" in done.stderr
    told = json.loads(done.stdout)
    assert datetime.fromisoformat(told["period"]["as_of"]).timestamp() * 1000 >= accepted
    with made.read() as reading:
        newest = audit.events(reading)[0]
    assert (newest.act, newest.at >= accepted) == ("unlock", True)
    made.close()


def test_verify_says_in_its_document_that_tables_or_triggers_are_not_ours(
    run: Run, place: Path
) -> None:
    changed = shutil.copytree(place / "a.desk", place / "changed.desk")
    store_ = raw(changed, PASSPHRASE)
    store_.execute("DROP TRIGGER gate_dispatch")
    store_.close()
    assert "aren't the ones this program makes" in one_line(run("cases", "changed.desk", "--json"))
    done = run("verify", "changed.desk", "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert done.stderr.startswith("consultdesk: The store isn't as it was written.")
    assert told["ok"] is False
    assert told["schema"] == {"ok": False}
    assert (told["database"], told["audit"]["ok"]) == ({"ok": True}, True)
    assert told["content"]["files"] >= 1
    assert "aren't the ones" in told["trouble"]
    assert "tables or triggers" in run("verify", "changed.desk").stdout


def test_verify_prints_its_document_when_pages_are_damaged(run: Run, place: Path) -> None:
    spoiled = shutil.copytree(place / "a.desk", place / "spoiled.desk")
    data = bytearray((spoiled / "desk.db").read_bytes())
    for page in range(1, len(data) // 4096):
        data[page * 4096 + 99] ^= 1
    (spoiled / "desk.db").write_bytes(bytes(data))
    done = run("verify", "spoiled.desk", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["ok"], told["database"]) == (1, False, {"ok": False})
    assert told["audit"] == {"events": 0, "ok": None, "broken": None}
    assert told["content"]["damaged"] is None


@pytest.mark.parametrize("how", ["first page", "emptied", "plain", "gone", "another"])
def test_verify_prints_its_document_when_the_database_does_not_open(
    run: Run, place: Path, tmp_path: Path, how: str
) -> None:
    folder = shutil.copytree(place / "a.desk", tmp_path / "shut.desk")
    database = folder / "desk.db"
    data = database.read_bytes()
    if how == "gone":
        database.unlink()
    else:
        database.write_bytes(
            {
                "first page": bytes(99) + data[99:],
                "emptied": b"",
                "plain": b"SQLite format 3\0" + data[16:],
                "another": os.urandom(8192),
            }[how]
        )
    done = run("verify", str(folder), "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["ok"], told["database"]) == (1, False, {"ok": False})
    assert told["schema"] == {"ok": None}
    assert told["trouble"]
    assert done.stderr.count("\n") == 1


def test_verify_opens_nothing_for_whoever_has_no_key(run: Run, place: Path) -> None:
    (place / "guess").write_text("some other passphrase")
    for folder in ("a.desk", "nowhere.desk"):
        one_line(run("verify", folder, "--json", "--passphrase-file", "guess"))


def test_what_is_wrong_is_said_in_one_line(run: Run) -> None:
    assert "no case 2020-0001" in one_line(run("show", "a.desk", "2020-0001", "--json"))
    assert "no ConsultDesk store" in one_line(run("cases", "nowhere.desk", "--json"))
    assert "no such file" in one_line(run("import", "a.desk", "gone.txt", "--json"))
    assert "no case" in one_line(run("import", "a.desk", "note.txt", "--case", "1"))
    backwards = run("report", "a.desk", "--from", "2026-03-02", "--to", "2026-03-01")
    assert "ends before it begins" in one_line(backwards)
    assert "doesn't know" in one_line(run("cases", "a.desk", "--user", "nobody"))
    assert "already holds" in one_line(run("init", "a.desk"))


def test_what_cannot_be_a_passphrase_file_is_said_so(run: Run, place: Path) -> None:
    (place / "noise").write_bytes(b"\xff\xfe\x00")
    (place / "wrong").write_text("some other passphrase")
    for name in ("noise", "missing", "."):
        refused = run("cases", "a.desk", "--passphrase-file", name)
        assert "can't be read" in one_line(refused)
    if Path("/dev/zero").exists():
        assert "too large" in one_line(run("cases", "a.desk", "--passphrase-file", "/dev/zero"))
    assert "doesn't open" in one_line(run("cases", "a.desk", "--passphrase-file", "wrong"))


def test_wrong_usage_ends_with_two(run: Run) -> None:
    for words in (("frobnicate",), ("cases",), ("cases", "a.desk", "--passphrase", "x")):
        done = run(*words)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        assert done.stdout == ""
    for day in ("2026-13-01", "20260101", "2026-01-01T10:00", "last week"):
        assert run("report", "a.desk", "--from", day).returncode == 2


def test_options_that_are_not_built_do_not_pretend(run: Run) -> None:
    assert run("report", "a.desk", "--xlsx", "x.xlsx").returncode == 2


def test_a_weak_passphrase_makes_no_store(run: Run, place: Path) -> None:
    (place / "weak").write_text("password1234")
    refused = run("init", "weak.desk", "--passphrase-file", "weak")
    assert "easily guessed" in one_line(refused)
    assert not (place / "weak.desk").exists()


def test_the_recovery_sheet_goes_to_its_file_and_nowhere_else(run: Run, place: Path) -> None:
    printed = ""
    for name in ("sheet.pdf", "sheet.txt"):
        made = run("init", f"with-{name}.desk", "--recovery-sheet", name)
        assert (made.returncode, made.stderr) == (0, "")
        assert (place / name).stat().st_mode & 0o077 == 0
        told = (place / name).read_bytes()
        printed = made.stdout
        assert told.startswith(b"%PDF-") == (name == "sheet.pdf")
    groups = re.findall(r"^  \d  (\w{4})$", (place / "sheet.txt").read_text("utf-8"), re.M)
    assert len(groups) == 9
    assert not any(group in printed for group in groups)
    (place / "key").write_text(" ".join(groups).lower())
    opened = run(
        "cases", "with-sheet.txt.desk", "--user", "recovery", "--passphrase-file", "key", "--json"
    )
    assert said(opened) == []


def test_without_a_file_the_recovery_key_is_shown_once(run: Run, place: Path) -> None:
    made = run("init", "shown.desk")
    (key,) = re.findall(r"^Recovery key: (\S+)$", made.stdout, re.M)
    assert made.stdout.count(key) == 1
    assert key not in made.stderr
    (place / "key").write_text(key)
    opened = run("cases", "shown.desk", "--user", "recovery", "--passphrase-file", "key", "--json")
    assert said(opened) == []


def test_a_recovery_sheet_that_cannot_be_saved_makes_no_store(run: Run, place: Path) -> None:
    (place / "there").write_text("mine")
    for name, why in (
        ("there", "already"),
        ("nowhere/sheet.pdf", "isn't there"),
        ("unmade.desk/sheet.pdf", "can't lie in the store"),
    ):
        assert why in one_line(run("init", "unmade.desk", "--recovery-sheet", name))
        assert not (place / "unmade.desk").exists()
    assert (place / "there").read_text() == "mine"


def test_at_a_terminal_the_recovery_key_is_typed_back_before_it_counts(place: Path) -> None:
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    surroundings = os.environ | {
        "CONSULTDESK_PASSPHRASE_FILE": str(place / "pw"),
        "PYTHONPATH": str(Path(main.__file__).parents[2]),
    }
    making = subprocess.Popen(
        [sys.executable, "-m", "consultdesk", "init", "typed.desk"],
        cwd=place, env=surroundings, stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)

    def read_until(word: str) -> str:
        text = ""
        while word not in text:
            text += os.read(ours, 4096).decode()
        return text

    def slots() -> int:
        return (place / "typed.desk" / "keys.json").read_text().count("argon2id")

    key = re.findall(r"Recovery key: (\S+)", read_until("from your sheet"))[0]
    wrong = key[:-1] + ("A" if key[-1] != "A" else "B")
    os.write(ours, f"{wrong}\n".encode())
    assert "Group 9 is mistyped" in read_until("from your sheet:")
    assert slots() == 1
    os.write(ours, f"{key.lower()}\n".encode())
    assert making.wait(60) == 0
    os.close(ours)
    assert slots() == 2


def test_after_wrong_passphrases_the_command_line_says_that_it_waits(run: Run, place: Path) -> None:
    (place / "guess").write_text("some other passphrase")
    run("init", "guessed.desk")
    for _ in range(3):
        one_line(run("cases", "guessed.desk", "--passphrase-file", "guess"))
    waits = json.loads((place / "guessed.desk" / "attempts.json").read_text())
    waits["physician"]["last"] = time.time_ns() // 1_000_000  # deriving the key has taken some
    (place / "guessed.desk" / "attempts.json").write_text(json.dumps(waits))
    began = time.monotonic()
    done = run("cases", "guessed.desk", "--json")
    assert done.stderr == "Several passphrases were wrong: waiting 1 s.\n"
    assert time.monotonic() - began >= 0.9
    assert json.loads(done.stdout) == []


def test_without_a_passphrase_file_it_is_asked_for_and_never_on_standard_output(
    place: Path,
) -> None:
    asked = program(place, "cases", "a.desk", "--json", stdin=subprocess.PIPE)
    out, complaint = asked.communicate(f"{PASSPHRASE}\n".encode(), timeout=120)
    assert asked.returncode == 0
    assert b"Passphrase" in complaint
    assert isinstance(json.loads(out), list)
    nobody = program(place, "cases", "a.desk", "--json", stdin=subprocess.DEVNULL)
    out, complaint = nobody.communicate(timeout=120)
    assert (nobody.returncode, out) == (1, b"")
    assert b"Traceback" not in complaint
    last = complaint.decode().splitlines()[-1]
    assert last.startswith("consultdesk: No passphrase was given. Name its file")


def test_a_terminal_that_lacks_a_letter_shows_something_in_its_place(run: Run) -> None:
    plain = run("cases", "a.desk", encoding="ascii")
    assert plain.returncode == 0
    assert "J?rg M?ller" in plain.stdout
    told = said(run("cases", "a.desk", "--json", encoding="ascii"))
    assert isinstance(told, list)
    assert told[-1]["patient"] == "Jörg Müller"


def test_a_name_that_was_received_moves_no_cursor(run: Run) -> None:
    told = said(run("cases", "a.desk", "--json"))
    assert isinstance(told, list)
    shown = run("show", "a.desk", min(one["number"] for one in told))
    assert shown.returncode == 0
    assert "evil" in shown.stdout
    assert "\x1b" not in shown.stdout


def test_whoever_stops_reading_is_no_failure(place: Path) -> None:
    process = program(place, "report", "a.desk", "--passphrase-file", "pw")
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    complaint = process.stderr.read()
    assert (process.wait(120), complaint) == (0, b"")
    process.stderr.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal for one process")
def test_ctrl_c_stops_it_in_a_word(place: Path) -> None:
    process = program(place, "cases", "a.desk", stdin=subprocess.PIPE)
    assert process.stderr
    assert process.stderr.read(10) == b"Passphrase"
    process.send_signal(signal.SIGINT)
    out, complaint = process.communicate(timeout=120)
    assert (process.returncode, out) == (1, b"")
    assert b"Traceback" not in complaint


def test_no_command_without_a_window_loads_qt(place: Path) -> None:
    surroundings = {**os.environ, "PYTHONPATH": str(Path(main.__file__).parents[2])}
    source = (
        "import sys; from consultdesk.cli import main as cli\n"
        "sys.argv = ['consultdesk', 'cases', 'a.desk', '--passphrase-file', 'pw']\n"
        "try: cli.main()\nexcept SystemExit as end: code = end.code\n"
        "heavy = {'PySide6', 'numpy', 'pydicom', 'reportlab', 'pikepdf', 'lxml', 'zxcvbn'}\n"
        "assert not code, code\nprint(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=place, env=surroundings, capture_output=True,
        text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stderr.strip() == "[]"


def test_something_unexpected_is_one_line_too(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "broken.desk").mkdir(exist_ok=True)
    (place / "broken.desk" / "desk.db").mkdir(exist_ok=True)
    one_line(run("cases", "broken.desk"))
    monkeypatch.setattr(opening, "now_ms", None)
    assert "unexpected" in one_line(run("cases", "a.desk"))


def test_help_names_every_promised_command() -> None:
    told = CliRunner().invoke(main.app, ["--help"]).output
    for word in ("open", "demo", "init", "import", "cases", "show", "verify", "report", "doctor"):
        assert f"\n  {word} " in told


# --- backups -------------------------------------------------------------------------------


def test_a_store_is_backed_up_and_restored_from_the_command_line(place: Path, run: Run) -> None:
    (place / "stick").mkdir(exist_ok=True)
    first = said(run("backup", "a.desk", "stick", "--json"))
    assert isinstance(first, dict)
    assert (first["ok"], first["verified"], first["missing"], first["damaged"]) == (
        True,
        True,
        [],
        [],
    )
    assert first["new"]["files"] == first["files"] > 0
    again = run("backup", "a.desk", "stick")
    assert (again.returncode, again.stderr) == (0, "")
    assert "0 new of" in again.stdout
    assert "read back" in again.stdout
    back = said(run("restore", "stick", "b.desk", "--json"))
    assert isinstance(back, dict)
    assert (back["newer"], back["lacking"], back["files"]) == ([], [], first["files"])
    checked = said(run("verify", "b.desk", "--json"))
    assert isinstance(checked, dict)
    assert checked["ok"]
    older = run("restore", "stick/a.backup", "c.desk", "--backup", first["backup"])
    assert older.returncode == 0
    assert "there is a newer backup" in older.stdout
    assert "until each consent is confirmed again" in older.stdout


def test_what_a_restore_finds_wrong_is_one_line_and_exit_1(place: Path, run: Run) -> None:
    (place / "disk").mkdir()
    made = said(run("backup", "a.desk", "disk", "--json"))
    assert isinstance(made, dict)
    taken = run("restore", "disk", "a.desk")
    assert (taken.returncode, taken.stdout) == (1, "")
    assert "already holds a store" in taken.stderr
    none = run("restore", "nowhere", "d.desk")
    assert (none.returncode, none.stderr.count("\n")) == (1, 1)
    name = next(one for one in (place / "disk").glob("a.backup/content/*/*"))
    name.write_bytes(name.read_bytes()[:-1] + b"!")
    damaged = run("restore", "disk", "d.desk")
    assert damaged.returncode == 1
    assert name.name in damaged.stderr
    assert not (place / "d.desk" / "keys.json").exists()
    without = run("restore", "disk", "d.desk", "--even-damaged")
    assert without.returncode == 0
    assert name.name in without.stdout
    (place / "pw2").write_text("another passphrase entirely")
    wrong = run("restore", "disk", "e.desk", "--passphrase-file", "pw2")
    assert wrong.returncode == 1
    assert "passphrase" in wrong.stderr
    gone = run("backup", "a.desk", "unplugged/stick")
    assert (gone.returncode, gone.stderr.count("\n")) == (1, 1)
    assert "isn't there" in gone.stderr
