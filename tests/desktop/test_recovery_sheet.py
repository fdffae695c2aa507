"""The recovery sheet on its way out of the first run: printed or saved, and nowhere else."""

import os
import stat
from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from consultdesk.consultation.recovery import RecoverySheet
from consultdesk.desktop.first_run import FirstRun
from consultdesk.desktop.form import Forms
from consultdesk.desktop.recovery_sheet import RecoverySheetDialog
from consultdesk.desktop.style import Style
from consultdesk.vault import recovery
from tests.desktop.reading import nameless
from tests.desktop.walking import settle

SHEET = RecoverySheet(recovery.new(), "spine", "Dr. Ada Lind", "2026-11-28", "lind")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for programs that stand in the place of the system's own."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/bin{os.pathsep}/usr/bin")
    return folder


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def form(qtbot: QtBot, forms: Forms, style: Style) -> FirstRun:
    """The last step of the first run, with the key on the screen."""
    form = FirstRun(forms, "/home/lind/spine.desk")
    qtbot.addWidget(form)
    form.resize(900, 700)
    form.show()
    form.full_name.setText("Dr. Ada Lind")
    form.show_recovery(SHEET)
    return form


def opened(form: FirstRun) -> RecoverySheetDialog:
    """As the button opens it, pressed with the keyboard."""
    form.print_sheet.setFocus()
    QTest.keyClick(form.print_sheet, Qt.Key.Key_Space)
    dialog = form.findChild(RecoverySheetDialog)
    assert dialog is not None
    settle(dialog.work)
    return dialog


def words(path: Path) -> str:
    return "".join(PdfReader(path).pages[0].extract_text().split())


def test_the_sheet_is_saved_where_the_person_chose_for_its_owner_alone(
    form: FirstRun, programs: Path, tmp_path: Path
) -> None:
    program(programs, "lpstat", "exit 1")
    dialog = opened(form)
    assert not dialog.print_now.isEnabled()
    assert "Save it instead." in dialog.said.text()
    assert nameless(dialog) == []
    target = tmp_path / "stick" / "Recovery sheet.pdf"
    dialog.save_to(target)
    settle(dialog.work)
    assert "isn't there" in dialog.said.text()
    target.parent.mkdir()
    dialog.save_to(target)
    settle(dialog.work)
    assert "Saved as Recovery sheet.pdf" in dialog.said.text()
    assert all(group in words(target) for group in SHEET.groups)
    assert "spine" in words(target)
    assert list(target.parent.iterdir()) == [target]
    assert stat.S_IMODE(target.stat().st_mode) & 0o077 == 0
    dialog.close()


def test_the_sheet_is_printed_through_the_queue_and_no_file(
    form: FirstRun, programs: Path, tmp_path: Path
) -> None:
    taken = tmp_path / "taken.pdf"
    program(
        programs, "lpstat", 'case "$1" in -a) echo "office accepting requests since today";; esac'
    )
    program(
        programs, "lp", f'echo "$@" > {tmp_path}/asked; cat > {taken}; echo "request id is o-1"'
    )
    dialog = opened(form)
    assert dialog.queue.currentText() == "office"
    QTest.keyClick(dialog.print_now, Qt.Key.Key_Space)
    settle(dialog.work)
    assert "Given to the printer" in dialog.said.text()
    assert all(group in words(taken) for group in SHEET.groups)
    asked = (tmp_path / "asked").read_text()
    assert "-d office" in asked
    assert "Lind" not in asked
    dialog.close()


def test_a_printer_that_takes_nothing_says_so(form: FirstRun, programs: Path) -> None:
    program(
        programs, "lpstat", 'case "$1" in -a) echo "office accepting requests since today";; esac'
    )
    program(programs, "lp", 'cat > /dev/null; echo "lp: out of paper" >&2; exit 1')
    dialog = opened(form)
    dialog.print_now.click()
    settle(dialog.work)
    assert "didn't take the recovery sheet: out of paper" in dialog.said.text()
    assert dialog.print_now.isEnabled()
    dialog.close()
