"""While a case is worked at, and after, nothing of it lies open on the disk."""

import os
import re
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from consultdesk.desk import cases, store
from consultdesk.errors import DeliveryFailed
from consultdesk.transports.handover import queues
from consultdesk.vault import tables
from tests.journeys import main_job, marked_records
from tests.journeys.plaintext import Scanner, look

if TYPE_CHECKING:
    from collections.abc import Iterator

STORE_FILES = re.compile(
    r"keys(-copy)?\.json|(desk|search)\.db(-wal|-shm)?|content|content/[0-9a-f]{32}"
    r"|open\.lock|anchors"
)
"""Everything a store consists of."""

TRANSIENT = re.compile(r"keys(-copy)?\.json\.partial|(desk|search)\.db-journal|unfinished")
"""Beside it while it is being made: a database has a journal until it turns to WAL."""

OWN_FILES = re.compile(r"home/\.config(/consultdesk(/anchors(/[0-9a-f]{32})?)?)?")
"""What the desk keeps in the user's own folder: where the audit's last line stood, signed."""

WATCHED = (
    "openat", "open", "creat", "rename", "renameat", "renameat2", "link", "linkat", "symlink",
    "symlinkat", "mkdir", "mkdirat", "mknod", "mknodat", "memfd_create",
)  # fmt: skip

WRITTEN_BESIDE = re.compile(r"/dev/(null|tty)|(pipe|socket|anon_inode):.*")

ENUMERATED = {
    # codes, counts, times, hashes and keys: nothing a person typed fits in
    "patient.birth_date",
    "channel.kind", "channel.address", "channel.verified_by",
    "case.recipient_named", "case.knows_of_request", "case.primary_contact",
    "referral.initiator", "referral.motives", "referral.relation", "referral.in_network",
    "referral.referral_required", "question.confirmed",
    "red_flag.code", "red_flag.answer", "red_flag.by",
    "urgent_contact.flag", "urgent_contact.read_back", "urgent_contact.by",
    "triage.by", "triage.safe_to_continue", "declaration.by", "declaration.conflict",
    "exception_made.what", "exception_made.by",
    "record_item.kind", "record_item.format", "record_item.sha256", "record_item.pages",
    "record_item.required", "record_item.event_date", "record_item.readable",
    "record_item.right_patient", "record_item.sensitivities", "record_item.entered_in_error",
    "record_item.reveals_first_opinion", "record_item.sealed_sections", "record_file.sha256",
    "consent.recipients", "consent.purposes", "consent.record_kinds", "consent.sensitivities",
    "consent.signature", "consent.statements", "consent.evidence", "consent.recorded_by",
    "consent_event.by", "restriction.recipient_kind", "own_read.locked_by",
    "letter.kind", "letter.sha256", "letter.record_kinds", "letter.sensitivities",
    "letter.signed_by", "letter.pages", "letter.amends",
    "dispatch.purpose", "dispatch.by", "dispatch_event.by",
    "recipient.kind", "sealing_key.wrapped", "content.identity",
    # said by the desk itself
    "audit_event.detail", "record_item.reason",
    # the last draft goes when its letter is signed
    "draft.body",
}  # fmt: skip
NOT_OF_THE_JOB = {"material", "record_request", "legal_hold", "erasure"}


@dataclass
class World:
    """An empty computer: all a process writes by itself can only land below `tree`."""

    tree: Path
    received: Path
    destination: Path
    word: str

    @property
    def folder(self) -> Path:
        """The store."""
        return self.tree / "desk"

    @property
    def complaints(self) -> Path:
        """What the process says on standard error; our own file, not one of its."""
        return self.tree.parent / "complaints"

    def scanner(self) -> Scanner:
        """A scanner for everything that must not lie open."""
        return Scanner((self.word, main_job.PASSPHRASE, main_job.PASSWORD))

    def surroundings(self) -> dict[str, str]:
        """An environment whose every folder lies below the tree."""
        places = {
            "HOME": "home", "TMPDIR": "tmp", "TMP": "tmp", "TEMP": "tmp",
            "XDG_CONFIG_HOME": "home/.config", "XDG_DATA_HOME": "home/.local/share",
            "XDG_CACHE_HOME": "home/.cache", "XDG_STATE_HOME": "home/.local/state",
            "XDG_RUNTIME_DIR": "run",
        }  # fmt: skip
        for place in places.values():
            (self.tree / place).mkdir(mode=0o700, parents=True, exist_ok=True)
        return {
            **os.environ,
            **{name: str(self.tree / place) for name, place in places.items()},
            "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def command(self, queue: str = "") -> list[str]:
        """The main job in this world."""
        said = [str(self.folder), str(self.received), str(self.destination), self.word, queue]
        return [sys.executable, "-m", "tests.journeys.main_job", *said]

    @contextmanager
    def job(self, queue: str = "") -> "Iterator[subprocess.Popen[str]]":
        """The main job running, waiting before each step."""
        (self.tree / "cwd").mkdir(exist_ok=True)
        with self.complaints.open("w") as complaints:
            running = subprocess.Popen(
                self.command(queue), cwd=self.tree / "cwd", env=self.surroundings(), text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, bufsize=1,
            )  # fmt: skip
        try:
            yield running
        finally:
            running.kill()
            running.communicate()


@pytest.fixture
def world(tmp_path: Path) -> World:
    for name in ("tree", "received", "destination"):
        (tmp_path / name).mkdir()
    word = f"Quokkazimut{secrets.token_hex(4)}"
    marked_records.write_all(tmp_path / "received", word)
    return World(tmp_path / "tree", tmp_path / "received", tmp_path / "destination", word)


@pytest.fixture
def queue() -> str:
    """A queue that prints into a file; empty where there is none. No test prints on paper."""
    try:
        known = queues()
    except DeliveryFailed as missing:
        print(f"nothing is printed: {missing}")
        return ""
    said = subprocess.run(["lpstat", "-v"], capture_output=True, text=True).stdout
    into_files = [q.name for q in known if q.ready and f"device for {q.name}: cups-pdf:" in said]
    print("nothing is printed: no queue prints into files" if not into_files else into_files[0])
    return into_files[0] if into_files else ""


def go_on(job: "subprocess.Popen[str]") -> None:
    assert job.stdin
    job.stdin.write("\n")


def step(job: "subprocess.Popen[str]") -> str:
    assert job.stdout
    return job.stdout.readline().strip()


def test_the_scanner_sees_every_record_that_was_received(world: World) -> None:
    """A scanner that finds nothing must not be one that sees nothing."""
    words = (world.word,)
    for path in world.received.iterdir():
        found = [one.what for one in look(path.read_bytes(), words)]
        assert any(what.startswith(world.word) for what in found), path.name
    heads = {one.what for p in world.received.iterdir() for one in look(p.read_bytes(), words)}
    assert {"PDF", "PNG", "JPEG", "TIFF", "DICOM", "C-CDA", "FHIR"} <= heads
    disguises = ("utf-8, compressed", "utf-16-le", "utf-16-be")
    assert {f"{world.word} as {one}" for one in disguises} <= heads


@pytest.mark.parametrize("disguise", ["stored", "gzip", "base64", "base64 of utf-16", "late"])
def test_the_scanner_sees_through_a_disguise(disguise: str) -> None:
    import base64
    import gzip
    import zlib

    word = "Quokkazimut-1234"
    noise = os.urandom(3000)
    hidden = {
        "stored": zlib.compress(word.encode(), 0),
        "gzip": gzip.compress(noise + word.encode()),
        "base64": base64.b64encode(b"x" + word.encode() + b"yz"),
        "base64 of utf-16": base64.b64encode(b"xy" + word.encode("utf-16-le") + b"z"),
        "late": zlib.compress(os.urandom(200_000) + word.encode(), 1),
    }[disguise]
    assert [one for one in look(noise + hidden + noise, (word,)) if one.what.startswith(word)]
    assert list(look(noise + noise[::-1], (word,))) == []


@pytest.mark.heavy
def test_nothing_lies_open_while_the_main_job_runs_nor_after(world: World, queue: str) -> None:
    scanner, seen = world.scanner(), []
    allowed = (world.tree, world.complaints, Path(sys.prefix), Path("/usr"))
    with world.job(queue) as job:
        while name := step(job):
            seen.append(name)
            scanner.snapshot(world.tree)
            scanner.look_at_descriptors(job.pid, allowed)
            go_on(job)
            if name in ("import", "sign", "save"):  # in the middle of it too
                time.sleep(0.15)
                scanner.snapshot(world.tree)
        assert job.wait(30) == 0, world.complaints.read_text()
    scanner.snapshot(world.tree)
    assert seen[-1] == "closed"
    assert scanner.findings == []
    assert {"desk.db-wal", "search.db", "keys.json"} <= scanner.files
    strange = _strange(world)
    assert strange == []
    saved = [path.read_bytes() for path in world.destination.iterdir()]
    assert len(saved) == 1
    assert saved[0].startswith(b"%PDF-")
    _check_every_sealed_field_was_marked(world)


@pytest.mark.heavy
@pytest.mark.parametrize("during", ["import", "sign", "save"])
def test_nothing_lies_open_after_a_kill(world: World, during: str) -> None:
    with world.job() as job:
        while (name := step(job)) != during:
            assert name
            go_on(job)
        go_on(job)
        time.sleep(0.25 if during == "import" else 0.05)
        job.send_signal(signal.SIGKILL)
        job.wait()
    scanner = world.scanner()
    scanner.snapshot(world.tree)
    assert scanner.findings == []
    assert "desk.db-wal" in scanner.files
    assert _strange(world) == []


@pytest.mark.heavy
def test_every_file_opened_for_writing_is_on_the_list(
    world: World, queue: str, tmp_path: Path
) -> None:
    strace = shutil.which("strace")
    if not strace:
        pytest.skip("strace is missing: nothing says which files are opened for writing")
    log = tmp_path / "trace"
    calls = f"trace={','.join(WATCHED)}"
    watch = [strace, "-f", "-y", "-qq", "-s", "4096", "-e", calls, "-e", "status=successful"]
    (world.tree / "cwd").mkdir()
    ran = subprocess.run(
        [*watch, "-o", str(log), *world.command(queue)], cwd=world.tree / "cwd",
        env=world.surroundings(), input="\n" * 100, capture_output=True, text=True,
    )  # fmt: skip
    if "ptrace" in ran.stderr:
        pytest.skip(f"strace may not trace here: {ran.stderr.strip()}")
    assert ran.returncode == 0, ran.stderr
    written = _written(log.read_text())
    assert any(path.endswith("desk.db-wal") for path in written)
    strange = [path for path in written if not _listed(path, world)]
    assert strange == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says a process's limits")
def test_a_crash_leaves_no_core_dump(world: World) -> None:
    """Asked of the real command while it waits for its passphrase."""
    fifo = world.tree / "passphrase"
    os.mkfifo(fifo)
    command = [sys.executable, "-m", "consultdesk", "cases", str(world.folder)]
    with subprocess.Popen(
        [*command, "--passphrase-file", str(fifo)], env=world.surroundings(), text=True,
        stderr=subprocess.PIPE, cwd=world.tree,
    ) as running:  # fmt: skip
        with fifo.open("w") as passphrase:  # opens once the command reads
            limits = Path(f"/proc/{running.pid}/limits").read_text()
            passphrase.write("none\n")
        running.communicate()
    core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"]


# --- inside -------------------------------------------------------------------------------


def _strange(world: World) -> list[str]:
    """Files below the tree that no store has, and store files that others may read."""
    strange = []
    for path in world.tree.rglob("*"):
        if path.is_file():
            mine = path.is_relative_to(world.folder) and STORE_FILES.fullmatch(
                str(path.relative_to(world.folder))
            )
            mine = mine or OWN_FILES.fullmatch(str(path.relative_to(world.tree)))
            if not mine or stat.S_IMODE(path.stat().st_mode) & 0o077:
                strange.append(f"{path} {stat.filemode(path.stat().st_mode)}")
    return strange


_OPENED = re.compile(
    r"open(?:at)?\(.*?O_(?:WRONLY|RDWR|CREAT|TMPFILE).*= \d+<(.+?)>(?:\(deleted\))?$"
)
_CREATED = re.compile(r"creat\(.*= \d+<(.+?)>$")
_NAMED = re.compile(r"(?:rename|link|symlink|mkdir|mknod)\w*\((.*)\) = 0")


def _written(log: str) -> set[str]:
    """Every path opened for writing, made or renamed, and every memory-only file."""
    written = set()
    for line in log.splitlines():
        if opened := _OPENED.search(line) or _CREATED.search(line):
            written.add(opened[1])
        elif named := _NAMED.search(line):
            written |= set(re.findall(r'"((?:[^"\\]|\\.)*)"', named[1]))
        elif "memfd_create(" in line:
            written.add("memfd")
    return written


def _listed(path: str, world: World) -> bool:
    where = Path(path)
    if where == world.folder:
        return True
    if where.is_relative_to(world.folder):
        name = str(where.relative_to(world.folder))
        return bool(STORE_FILES.fullmatch(name) or TRANSIENT.fullmatch(name))
    if where.is_relative_to(world.destination):
        return True
    if where.is_relative_to(world.tree):
        return bool(OWN_FILES.fullmatch(str(where.relative_to(world.tree))))
    return bool(WRITTEN_BESIDE.fullmatch(path))


def _check_every_sealed_field_was_marked(world: World) -> None:
    """A sealed column that never held the word was not tried; each is tried or enumerated."""
    marked: set[str] = set()
    sealing = [one for one in tables.metadata.sorted_tables if one.name != "sealing_key"]
    vault = store.unlock(world.folder, "", main_job.PASSPHRASE, time.time_ns() // 1_000_000)
    try:
        assert cases.known_patients(vault, f"Sofia {world.word}", "1972-03-08")
        with vault.read() as reading:
            for table in sealing:
                for row in reading.all(table):
                    marked |= {
                        f"{table.name}.{name}"
                        for name in tables.sealed_columns(table)
                        if world.word in str(row[name])
                    }
    finally:
        vault.close()
    every = {
        f"{table.name}.{name}"
        for table in tables.metadata.sorted_tables
        if table.name not in NOT_OF_THE_JOB
        for name in tables.sealed_columns(table)
    }
    assert every - marked - ENUMERATED == set()
    assert marked & ENUMERATED == set()
