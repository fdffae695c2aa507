import io
import os
import re
import subprocess
import time
from pathlib import Path

import pikepdf
import pytest

from consultdesk.errors import ConsentMissing, DeliveryFailed
from consultdesk.transports.handover import Print, PrintOptions, queues
from consultdesk.transports.transport import State
from tests.transports.conftest import NOW, Desk


def said(*command: str) -> str:
    environment = {**os.environ, "LC_ALL": "C"}
    return subprocess.run(command, capture_output=True, text=True, env=environment).stdout


@pytest.fixture
def pdf_queue() -> str:
    """A queue that prints into a file. No test ever prints on paper."""
    try:
        known = queues()
    except DeliveryFailed as missing:
        pytest.skip(f"no print queue to try: {missing}")
    devices = said("lpstat", "-v")
    for queue in known:
        if re.search(rf"device for {re.escape(queue.name)}: cups-pdf:", devices):
            if not queue.ready:
                pytest.skip(f"the queue {queue.name} takes no jobs")
            return queue.name
    pytest.skip("no print queue to try: install printer-driver-cups-pdf and start cupsd")


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for programs that stand before the system's own, with a queue called office."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program(
        folder, "lpstat", 'case "$1" in -a) echo "office accepting requests since today";; esac'
    )
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def jobs(queue: str) -> set[str]:
    lines = said("lpstat", "-W", "all", "-o", queue).splitlines()
    return {line.split()[0] for line in lines if line.strip()}


def test_a_letter_is_printed_and_the_receipt_names_the_job(
    printing: Desk, pdf_queue: str, signed_pdf: bytes
) -> None:
    before = jobs(pdf_queue)
    options = PrintOptions(pdf_queue)
    receipt = Print().send(printing.cleared, printing.still_cleared, options, at=NOW)
    assert (receipt.state, receipt.at) == (State.SENT, NOW)
    assert receipt.reference in jobs(pdf_queue) - before
    assert printing.asked == 1
    # cups-pdf leaves a file named after the job number; the queue works on its own time
    number = receipt.reference.rpartition("-")[2]
    for _ in range(100):
        if receipt.reference not in said("lpstat", "-o", pdf_queue):
            break
        time.sleep(0.1)
    made = [f for f in (Path.home() / "PDF").glob("*.pdf") if f"job_{number}" in f.name]
    if not made:
        return  # this queue keeps its files elsewhere
    with pikepdf.open(made[0]) as printed, pikepdf.open(io.BytesIO(signed_pdf)) as signed:
        assert len(printed.pages) == len(signed.pages)
    made[0].unlink()


def test_a_consent_withdrawn_at_the_last_moment_prints_nothing(
    printing: Desk, pdf_queue: str
) -> None:
    cleared = printing.cleared
    before = jobs(pdf_queue)
    printing.before.append(printing.revoke)
    with pytest.raises(ConsentMissing) as refused:
        Print().send(cleared, printing.still_cleared, PrintOptions(pdf_queue), at=NOW)
    assert refused.value.clauses == ("not_revoked",)
    for job in jobs(pdf_queue) - before:
        # the room the queue had made holds no byte and is cancelled
        assert job not in said("lpstat", "-o", pdf_queue)
        assert re.search(rf"^{job}\s+\S+\s+0\s", said("lpstat", "-W", "all", "-o"), re.MULTILINE)


def test_an_unknown_queue_is_named(printing: Desk, pdf_queue: str) -> None:
    options = PrintOptions(f"{pdf_queue}-upstairs")
    with pytest.raises(DeliveryFailed, match="no printer queue called “PDF-upstairs”"):
        Print().send(printing.cleared, printing.still_cleared, options, at=NOW)
    assert printing.asked == 0


def test_a_computer_without_a_printing_system_says_so(
    printing: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DeliveryFailed, match="no printing system") as failed:
        Print().send(printing.cleared, printing.still_cleared, PrintOptions("office"), at=NOW)
    assert not failed.value.retryable
    with pytest.raises(DeliveryFailed, match="no printing system"):
        queues()


def test_a_printing_system_that_is_down_says_so(
    stand_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(stand_in, "lpstat", 'echo "lpstat: Scheduler is not running." >&2; exit 1')
    with pytest.raises(DeliveryFailed, match="isn't running") as failed:
        queues()
    assert failed.value.retryable


def test_a_queue_that_takes_no_jobs_is_not_tried(printing: Desk, stand_in: Path) -> None:
    program(stand_in, "lpstat", 'test "$1" != -a || echo "office not accepting requests since -"')
    with pytest.raises(DeliveryFailed, match="takes no jobs") as failed:
        Print().send(printing.cleared, printing.still_cleared, PrintOptions("office"), at=NOW)
    assert failed.value.retryable
    assert printing.asked == 0


def test_a_job_the_queue_rejects_is_a_failure_that_can_be_tried_again(
    printing: Desk, stand_in: Path
) -> None:
    program(stand_in, "lp", 'cat >/dev/null; echo "lp: Too many jobs." >&2; exit 1')
    with pytest.raises(DeliveryFailed, match=r"didn't take the letter: Too many jobs\.") as failed:
        Print().send(printing.cleared, printing.still_cleared, PrintOptions("office"), at=NOW)
    assert failed.value.retryable


def test_a_queue_that_falls_silent_leaves_it_unknown(printing: Desk, stand_in: Path) -> None:
    program(stand_in, "lp", "cat >/dev/null; exec sleep 60")
    silent = Print(patience=0.3)
    options = PrintOptions("office")
    receipt = silent.send(printing.cleared, printing.still_cleared, options, at=NOW)
    assert receipt.state is State.UNKNOWN


def test_the_bytes_reach_the_queue_as_they_were_signed_and_the_title_says_nothing(
    printing: Desk, stand_in: Path, tmp_path: Path, signed_pdf: bytes
) -> None:
    out = tmp_path / "out"
    program(
        stand_in,
        "lp",
        f'echo "$@" >{out}.args; cat >{out}; echo "request id is office-7 (0 file(s))"',
    )
    options = PrintOptions("office", copies=2, two_sided=False)
    receipt = Print().send(printing.cleared, printing.still_cleared, options, at=NOW)
    assert out.read_bytes() == signed_pdf
    assert receipt.reference == "office-7"
    given = (tmp_path / "out.args").read_text()
    assert "-d office -n 2 -t Letter" in given
    assert "sides=one-sided" in given
    assert "Kowalska" not in given


def test_nothing_flows_before_the_last_look(printing: Desk, stand_in: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    program(stand_in, "lp", f"cat >{out}; echo request id is office-7")
    seen: list[int] = []

    def look() -> None:
        # by now the queue's program runs and waits
        for _ in range(200):
            if out.exists():
                break
            time.sleep(0.02)
        seen.append(out.stat().st_size)

    printing.before.append(look)
    Print().send(printing.cleared, printing.still_cleared, PrintOptions("office"), at=NOW)
    assert seen == [0]
    assert out.stat().st_size > 0


def test_a_parcel_cleared_for_saving_is_not_printed(saving: Desk) -> None:
    with pytest.raises(DeliveryFailed, match="another way of delivery"):
        Print().send(saving.cleared, saving.still_cleared, PrintOptions("office"), at=NOW)
