"""Users without a window: invited, let in, named, put in another role, shut out and removed."""

import contextlib
import json
import shutil
import time
from pathlib import Path

import pytest

from consultdesk.desk import store
from consultdesk.samples.practice import PASSPHRASE, PHYSICIAN
from consultdesk.vault import practice
from tests.test_cli import Run, one_line, run

__all__ = ["run"]

OWN = "four unrelated plum anchors"
ME = ("--user", PHYSICIAN.name)


def clock() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with an empty store, its passphrase in a file, and one that a newcomer chooses."""
    store.make(tmp_path / "a.desk", PHYSICIAN, PASSPHRASE, clock(), throw_away=True).close()
    (tmp_path / "pw").write_text(f"{PASSPHRASE}\n")
    (tmp_path / "own").write_text(f"{OWN}\n")
    return tmp_path


def comes(run: Run, place: Path, name: str, role: str, *more: str, by: str = "pw") -> list[str]:
    """Somebody is invited and chooses a passphrase; the digits they read out."""
    who = ME if by == "pw" else ("--user", by)
    secret = ("--passphrase-file", "pw" if by == "pw" else "own")
    told = run("invite", "a.desk", name, "--role", role, "--json", *more, *who, *secret)
    (place / "words").write_text(json.loads(told.stdout)["words"])
    chose = run(
        "choose-passphrase", "a.desk", "--user", name,
        "--passphrase-file", "words", "--new-passphrase-file", "own",
    )  # fmt: skip
    assert (chose.returncode, chose.stderr) == (0, "")
    lines = chose.stdout.splitlines()
    return lines[1].partition(": ")[2].split() if len(lines) > 1 else []


def as_(name: str) -> tuple[str, ...]:
    return ("--user", name, "--passphrase-file", "own")


def listed(run: Run) -> dict[str, dict[str, object]]:
    found = json.loads(run("users", "a.desk", "--json", *ME).stdout)["users"]
    return {one["name"]: one for one in found}


def test_users_are_listed_with_role_and_standing(run: Run) -> None:
    listed = run("users", "a.desk")
    assert listed.stdout == f"demo  {PHYSICIAN.full_name}  physician, administers  active\n"
    said = json.loads(run("users", "a.desk", "--json").stdout)
    assert said == {
        "users": [
            {
                "name": "demo",
                "full_name": PHYSICIAN.full_name,
                "role": "physician",
                "administers": True,
                "standing": "active",
                "recovery_sheet": False,
                "computers": 0,
            }
        ],
        "new_keys_due": False,
        "own_digits": None,
    }


def test_keys_are_exchanged_and_the_passphrase_opens_the_store_as_before(
    run: Run, place: Path
) -> None:
    before = (place / "a.desk" / "keys.json").read_bytes()
    done = run("exchange-keys", "a.desk")
    assert done.stdout == "The store is under new keys.\n"
    assert (place / "a.desk" / "keys.json").read_bytes() != before
    assert run("verify", "a.desk").returncode == 0


def test_keys_stay_while_the_store_is_open_elsewhere(run: Run, place: Path) -> None:
    now = clock()
    with contextlib.closing(store.unlock(place / "a.desk", "", PASSPHRASE, now)):
        done = run("exchange-keys", "a.desk")
    assert done.returncode == 1
    assert "so its keys stay" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_newcomer_is_invited_chooses_a_passphrase_and_is_let_in(run: Run, place: Path) -> None:
    told = run("invite", "a.desk", "bea", "--role", "physician", "--full-name", "Dr Bea Ott", *ME)
    assert told.returncode == 0
    words = told.stdout.splitlines()[0].rpartition(" ")[2]
    (place / "words").write_text(words)
    invited = ("--user", "bea", "--passphrase-file", "words")
    assert "come by an invitation" in one_line(run("cases", "a.desk", *invited))
    chose = run("choose-passphrase", "a.desk", *invited, "--new-passphrase-file", "own")
    digits = chose.stdout.splitlines()[1].partition(": ")[2].split()
    assert len("".join(digits)) == 20
    assert json.loads(run("users", "a.desk", "--json", *as_("bea")).stdout)["own_digits"]
    assert "doesn't open" in one_line(run("cases", "a.desk", *invited))
    assert "aren't the digits" in one_line(run("let-in", "a.desk", "bea", "0" * 20, *ME))
    done = run("let-in", "a.desk", "bea", *digits, *ME)
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        listed(run)["bea"] | {"standing": "active", "full_name": "Dr Bea Ott"} == listed(run)["bea"]
    )
    assert run("cases", "a.desk", *as_("bea")).returncode == 0


def test_who_was_invited_without_the_clinical_key_gets_a_name_when_let_in_or_later(
    run: Run, place: Path
) -> None:
    comes(run, place, "edda", "administrator")
    told = run("invite", "a.desk", "hal", "--role", "physician", "--full-name", "Hal", *as_("edda"))
    assert "can't seal the full name" in told.stdout
    gil = comes(run, place, "gil", "physician", by="edda")
    assert (
        run("let-in", "a.desk", "gil", *gil, "--full-name", "Dr Gil Oppenheim", *ME).returncode == 0
    )
    assert listed(run)["gil"]["full_name"] == "Dr Gil Oppenheim"
    ida = comes(run, place, "ida", "physician", by="edda")
    assert run("let-in", "a.desk", "ida", *ida, *ME).returncode == 0
    ida_is = ("Dr Ida Ott", "--registration", "4711")
    assert run("name-user", "a.desk", "ida", *ida_is, *as_("ida")).returncode == 0
    assert listed(run)["ida"]["full_name"] == "Dr Ida Ott"
    said = one_line(run("name-user", "a.desk", "ida", "Dr Somebody Else", *as_("ida")))
    assert "changed by an administrator" in said


def test_roles_are_changed_users_shut_out_readmitted_and_removed(run: Run, place: Path) -> None:
    comes(run, place, "dana", "practice_manager")
    done = run("change-role", "a.desk", "dana", "--role", "administrator", *ME)
    assert done.stdout == "dana is administrator, administers, from their next unlock.\n"
    assert listed(run)["dana"]["administers"] is True
    done = run(
        "change-role", "a.desk", "dana", "--role", "practice_manager", "--administers-not", *ME
    )
    assert (done.returncode, listed(run)["dana"]["administers"]) == (0, False)
    assert run("disable", "a.desk", "dana", *ME).returncode == 0
    assert listed(run)["dana"]["standing"] == "shut out"
    assert "shut out" in one_line(run("cases", "a.desk", *as_("dana")))
    assert run("readmit", "a.desk", "dana", *ME).returncode == 0
    assert run("cases", "a.desk", *as_("dana")).returncode == 0
    assert run("remove-user", "a.desk", "dana", *ME).stdout.startswith("Removed dana; ")
    assert list(listed(run)) == [PHYSICIAN.name]


def test_what_a_manager_may_not_is_one_line_each(run: Run, place: Path) -> None:
    comes(run, place, "mia", "practice_manager")
    for command in (
        ("invite", "a.desk", "friend", "--role", "assistant"),
        ("let-in", "a.desk", PHYSICIAN.name, "12345"),
        ("name-user", "a.desk", "mia", "Mia Lang"),
        ("change-role", "a.desk", PHYSICIAN.name, "--role", "assistant"),
        ("disable", "a.desk", PHYSICIAN.name),
        ("readmit", "a.desk", PHYSICIAN.name),
        ("remove-user", "a.desk", PHYSICIAN.name),
        ("exchange-keys", "a.desk"),
    ):
        one_line(run(*command, *as_("mia")))
    assert listed(run)[PHYSICIAN.name]["administers"] is True


def test_a_user_nobody_knows_and_the_last_administrator_are_one_line(run: Run) -> None:
    for command in ("disable", "readmit", "remove-user"):
        assert "doesn't know that user" in one_line(run(command, "a.desk", "nobody", *ME))
    assert "doesn't know that user" in one_line(run("let-in", "a.desk", "nobody", "1", *ME))
    assert one_line(run("disable", "a.desk", PHYSICIAN.name, *ME))
    assert one_line(run("remove-user", "a.desk", PHYSICIAN.name, *ME))


def test_a_role_that_there_is_not_is_a_matter_of_usage(run: Run) -> None:
    done = run("invite", "a.desk", "new", "--role", "nurse", *ME)
    assert (done.returncode, done.stdout) == (2, "")
    assert "practice_manager" in done.stderr


def test_a_passphrase_is_exchanged_by_the_one_until_now_and_a_weak_one_refused(
    run: Run, place: Path
) -> None:
    (place / "weak").write_text("password12345")
    for weak in ("weak", "gone"):
        one_line(run("choose-passphrase", "a.desk", "--new-passphrase-file", weak))
    assert run("choose-passphrase", "a.desk", "--new-passphrase-file", "own").returncode == 0
    assert "doesn't open" in one_line(run("cases", "a.desk", *ME))
    assert run("cases", "a.desk", "--passphrase-file", "own").returncode == 0


# --- an older database --------------------------------------------------------------------------


@pytest.fixture
def older(place: Path) -> Path:
    """The store with the database from before an acknowledged act."""
    folder = place / "a.desk"
    shutil.copy(folder / "desk.db", place / "before.db")
    with contextlib.closing(store.unlock(folder, "", PASSPHRASE, clock())) as vault:
        store.confirm_clock(vault, clock())
    for name in ("desk.db-wal", "desk.db-shm"):
        (folder / name).unlink(missing_ok=True)
    shutil.copy(place / "before.db", folder / "desk.db")
    return folder


def _epoch(folder: Path) -> int:
    with (
        contextlib.closing(store.unlock(folder, "", PASSPHRASE, clock())) as vault,
        vault.read() as reading,
    ):
        return practice.epoch(reading)


def test_an_older_database_is_opened_as_restored_on_a_persons_word(run: Run, older: Path) -> None:
    refused = one_line(run("cases", "a.desk"))
    assert "--as-restored" in refused
    assert run("verify", "a.desk").returncode == 1
    assert one_line(run("cases", "a.desk")) == refused
    done = run("verify", "a.desk", "--as-restored")
    assert (done.returncode, done.stderr) == (0, "")
    assert "every consent to send waits" in done.stdout
    assert run("cases", "a.desk").returncode == 0
    assert _epoch(older) == 2


def test_a_database_that_is_not_older_begins_no_new_epoch_by_that_word(
    run: Run, place: Path
) -> None:
    done = run("verify", "a.desk", "--as-restored", "--json")
    assert json.loads(done.stdout)["ok"] is True
    assert _epoch(place / "a.desk") == 1
