"""Who saw what, a copy for the patient, legal holds and erasing, through the window."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from consultdesk.consultation.act_words import ActKind
from consultdesk.consultation.audit import Act
from consultdesk.consultation.case import CaseState
from consultdesk.consultation.keeping import RetentionRule
from consultdesk.desk import cases, erasure, keeping
from consultdesk.desktop.audit import AuditDialog
from consultdesk.desktop.audit_model import Column
from consultdesk.desktop.erase import EraseDialog
from consultdesk.desktop.legal_hold import LegalHoldDialog
from consultdesk.desktop.patient_copy import PatientCopyDialog
from consultdesk.desktop.queue_model import Which
from consultdesk.desktop.retention import RetentionDialog
from consultdesk.desktop.window import MainWindow
from consultdesk.samples.practice import PASSPHRASE
from tests.desktop.reading import nameless
from tests.desktop.walking import settle
from tests.stations import now as clock
from tests.transports.test_archive import opened as unpacked


def opened_dialog(qtbot: QtBot, window: MainWindow, key: str, kind: type[QWidget]) -> QWidget:
    window.commands.actions[key].trigger()
    qtbot.waitUntil(lambda: bool(window.findChildren(kind)), timeout=20_000)
    found = window.findChildren(kind)[-1]
    qtbot.waitExposed(found)
    return found


def audit_of(qtbot: QtBot, window: MainWindow, key: str = "audit") -> AuditDialog:
    dialog = opened_dialog(qtbot, window, key, AuditDialog)
    assert isinstance(dialog, AuditDialog)
    if not dialog.model.rowCount():
        with qtbot.waitSignal(dialog.shown):
            pass
    return dialog


def withdraw(qtbot: QtBot, window: MainWindow) -> None:
    number = window.page.number
    with qtbot.waitSignal(window.page.shown):
        cases.move_aside(window.session.vault, number, CaseState.WITHDRAWN, "Asked to.", clock())
    settle(window.session.tools.work)


# --- the trail ---------------------------------------------------------------------------------


def test_the_trail_of_the_case_says_that_it_is_being_looked_at(
    qtbot: QtBot, opened: MainWindow
) -> None:
    dialog = audit_of(qtbot, opened)
    line = dialog.model.line(0)
    assert line is not None
    assert (line.what, line.case) == ("Looked at the audit trail", opened.page.number)
    said = [dialog.model.line(row) for row in range(dialog.model.rowCount())]
    assert {"Opened the case", "Opened a record"} <= {one.what for one in said if one}


def test_a_case_is_recorded_as_opened_once_however_often_it_is_read_anew(
    qtbot: QtBot, opened: MainWindow
) -> None:
    for _ in range(2):
        with qtbot.waitSignal(opened.page.shown):
            opened.page.reload()
    dialog = audit_of(qtbot, opened)
    said = [dialog.model.line(row) for row in range(dialog.model.rowCount())]
    assert [one.what for one in said if one].count("Opened the case") == 1


def test_the_trail_is_filtered_and_cleared_again(qtbot: QtBot, opened: MainWindow) -> None:
    dialog = audit_of(qtbot, opened, "audit_all")
    every = dialog.model.rowCount()
    with qtbot.waitSignal(dialog.shown):
        dialog.kind.setCurrentIndex(dialog.kind.findData(ActKind.RECORDS.value))
    assert 0 < dialog.model.rowCount() < every
    with qtbot.waitSignal(dialog.shown):
        dialog.refused.setChecked(True)
    assert dialog.stack.currentWidget() is dialog.nothing
    dialog.clear_all.click()
    qtbot.waitUntil(lambda: dialog.model.rowCount() == every)
    with qtbot.waitSignal(dialog.shown):
        dialog.words.setText("brought")
    assert dialog.amount.text() == "1 line"


def test_a_hundred_thousand_lines_are_scrolled_without_being_read(
    qtbot: QtBot, opened: MainWindow, qtmodeltester: ModelTester
) -> None:
    vault = opened.session.vault
    for _ in range(300):
        with vault.act(Act("view_record", clock())):
            pass
    dialog = audit_of(qtbot, opened, "audit_all")
    numbers = [dialog.model.line(row).seq for row in range(300)]  # type: ignore[union-attr]
    assert numbers == sorted(numbers, reverse=True)
    dialog.model.show_lines(numbers * 340)
    assert dialog.model.rowCount() == 102_000
    dialog.lines.scrollToBottom()
    dialog.lines.scrollTo(dialog.model.index(51_000, Column.WHAT))
    assert dialog.model.line(101_999) is not None
    dialog.model.show_lines(numbers[:100])
    qtmodeltester.check(dialog.model)  # type: ignore[no-untyped-call]


def test_the_trail_is_exported_from_its_page(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path
) -> None:
    dialog = audit_of(qtbot, opened)
    with qtbot.waitSignal(dialog.exported):
        dialog.export_to(tmp_path / "a.ndjson")
    assert (tmp_path / "a.ndjson").read_text("utf-8").count("\n") > 3
    assert "Exported" in dialog.notice.accessibleName()


# --- a legal hold -----------------------------------------------------------------------------


def test_a_hold_is_set_bars_erasing_and_is_lifted(qtbot: QtBot, opened: MainWindow) -> None:
    withdraw(qtbot, opened)
    dialog = opened_dialog(qtbot, opened, "legal_hold", LegalHoldDialog)
    assert isinstance(dialog, LegalHoldDialog)
    assert not dialog.lift.isEnabled()
    dialog.ok.click()
    assert dialog.problem.text()
    dialog.reason.setPlainText("Proceeding 12/26")
    with qtbot.waitSignal(dialog.settled):
        dialog.ok.click()
    assert "STANDS" in dialog.held.item(0).text()
    barred = opened_dialog(qtbot, opened, "erase", EraseDialog)
    assert isinstance(barred, EraseDialog)
    assert "Proceeding 12/26" in barred.barred.accessibleName()
    assert not barred.ok.isVisible()
    barred.cancel.click()
    dialog.held.setCurrentRow(0)
    dialog.reason.setPlainText("It is over.")
    with qtbot.waitSignal(dialog.settled):
        dialog.lift.click()
    assert dialog.held.item(0).text().startswith("Lifted")
    assert not keeping.holds(opened.session.vault, opened.page.number)[0].stands


# --- erasing ------------------------------------------------------------------------------------


def test_erasing_says_what_goes_and_remains_asks_and_leaves_a_case_that_says_so(
    qtbot: QtBot, opened: MainWindow
) -> None:
    withdraw(qtbot, opened)
    number = opened.page.number
    dialog = opened_dialog(qtbot, opened, "erase", EraseDialog)
    assert isinstance(dialog, EraseDialog)
    assert "older backup" in dialog.remains.text()
    dialog.try_it()
    assert "why" in dialog.problem.text()
    dialog.reason.setPlainText("The patient asked for it.")
    dialog.try_it()
    assert "passphrase" in dialog.problem.text()
    dialog.passphrase.setText("wrong one")
    dialog.try_it()
    qtbot.waitUntil(lambda: "doesn't open" in dialog.problem.text(), timeout=20_000)
    dialog.passphrase.setText(PASSPHRASE)
    with qtbot.waitSignals([dialog.settled, opened.page.shown], timeout=20_000):
        dialog.ok.click()
    settle(opened.session.tools.work)
    assert "What remains" in dialog.outcome.accessibleName()
    dialog.cancel.click()
    assert not opened.page.tabs.isVisible() or not opened.page.tabs.chosen
    assert "eleven weeks" not in _all_words(opened)
    assert opened.page.header.patient.text().startswith("Erased")
    assert "What remains" in opened.page.step_banner.accessibleName()
    assert opened.windowTitle().startswith(f"{number} (erased)")
    assert not opened.commands.actions["withdraw"].isEnabled()
    assert opened.commands.actions["audit"].isEnabled()
    assert audit_of(qtbot, opened).model.line(1).what == "Erased the patient"  # type: ignore[union-attr]


def test_an_erased_case_opens_from_the_queue_and_names_nobody(
    qtbot: QtBot, opened: MainWindow
) -> None:
    withdraw(qtbot, opened)
    number = opened.page.number
    erasure.erase(opened.session.vault, number, "Asked.", PASSPHRASE, clock())
    settle(opened.session.tools.work)
    opened.queue.which.setCurrentIndex(opened.queue.which.findData(Which.ALL.value))
    qtbot.waitUntil(lambda: opened.queue.model.rowCount() == 1)
    line = opened.queue.model.line(0)
    assert line is not None
    assert opened.queue.model.words(line, 1).startswith("Erased")  # type: ignore[arg-type]
    opened.page.clear()
    with qtbot.waitSignal(opened.page.shown):
        opened.open_case(number)
    settle(opened.session.tools.work)
    assert opened.page.header.patient.text().startswith("Erased")


# --- the patient's copy ---------------------------------------------------------------------------


def test_a_copy_is_saved_and_its_password_shown_once(
    qtbot: QtBot, opened: MainWindow, tmp_path: Path
) -> None:
    dialog = opened_dialog(qtbot, opened, "export_patient", PatientCopyDialog)
    assert isinstance(dialog, PatientCopyDialog)
    dialog.try_it()
    assert "who asked" in dialog.problem.text()
    dialog.asked_by.setText("Herself, passport seen")
    dialog.target.setText(str(tmp_path / "copy.zip"))
    dialog.passphrase.setText(PASSPHRASE)
    with qtbot.waitSignal(dialog.settled, timeout=20_000):
        dialog.ok.click()
    assert dialog.outcome.isVisible()
    assert "index.html" in unpacked(tmp_path / "copy.zip", dialog.password.text())
    dialog.cancel.click()
    assert dialog.password.text() == ""


# --- the rule -------------------------------------------------------------------------------------


def test_the_rule_is_laid_down_and_who_is_past_it_can_be_opened(
    qtbot: QtBot, opened: MainWindow
) -> None:
    dialog = opened_dialog(qtbot, opened, "retention", RetentionDialog)
    assert isinstance(dialog, RetentionDialog)
    dialog.years.setValue(10)
    dialog.minor_years.setValue(5)
    dialog.specialties["spine"].setValue(30)
    with qtbot.waitSignal(dialog.settled):
        dialog.ok.click()
    assert keeping.rule(opened.session.vault) == RetentionRule(10, 18, 5, {"spine": 30})


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("audit", AuditDialog),
        ("legal_hold", LegalHoldDialog),
        ("erase", EraseDialog),
        ("export_patient", PatientCopyDialog),
        ("retention", RetentionDialog),
    ],
)
def test_each_of_these_dialogs_names_all_it_has_and_closes_with_escape(
    qtbot: QtBot, opened: MainWindow, key: str, kind: type[QWidget]
) -> None:
    dialog = opened_dialog(qtbot, opened, key, kind)
    settle(opened.session.tools.work)
    assert nameless(dialog) == []
    assert isinstance(dialog, QDialog)
    with qtbot.waitSignal(dialog.finished):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)


def _all_words(window: QWidget) -> str:
    """Every word that stands in any widget of the window, seen or not."""
    said = []
    for widget in window.findChildren(QWidget):
        for ask in ("text", "toPlainText", "title"):
            found = getattr(widget, ask, None)
            said.append(str(found()) if callable(found) else "")
    return " ".join(said)
