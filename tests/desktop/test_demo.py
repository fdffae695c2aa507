import os
import subprocess
import sys
from pathlib import Path

import pypdf
import pytest

from consultdesk.desktop import demo


@pytest.mark.heavy
def test_the_demo_runs_the_whole_main_job_and_leaves_its_pictures(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "consultdesk", "demo", "--out", str(tmp_path), "--cases", "2"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    said = ran.stdout.splitlines()
    assert sum(line.startswith("Refused, as it must be") for line in said) == 2
    assert any("no consent of the patient" in line for line in said)
    assert any("has withdrawn the consent" in line for line in said)
    pictures = sorted(path.name for path in tmp_path.glob("*.png"))
    assert len(pictures) == 16
    assert all((tmp_path / name).stat().st_size > 5_000 for name in pictures)
    letter = pypdf.PdfReader(tmp_path / "letter.pdf")
    assert "Sofia Eriksen" in letter.pages[0].extract_text()
    assert not (tmp_path / "refused.pdf").exists()


def test_without_a_display_no_window_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert demo.has_display() == (sys.platform in ("win32", "darwin"))
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    assert demo.has_display()
    assert os.environ["DISPLAY"] == ":7"
