"""The rules of the desk as the window shows them: each is said, with what cures it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from consultdesk.consultation.case import CaseState, FlagAnswer, RedFlag
from consultdesk.consultation.source import Source
from consultdesk.desk import cases, opinion
from consultdesk.desktop.case_details import CaseDetailsDialog
from consultdesk.desktop.declaration import DeclarationDialog
from consultdesk.desktop.queue_model import QueueFilter
from consultdesk.desktop.record_details import RecordDetailsDialog
from consultdesk.desktop.session import Session
from consultdesk.desktop.standing import next_step
from consultdesk.desktop.trouble import TroubleDialog
from consultdesk.desktop.window import MainWindow
from consultdesk.errors import FormIncomplete
from consultdesk.samples import records, walk
from consultdesk.samples.people import Doctor, Person, Section
from consultdesk.samples.stories import STORIES
from consultdesk.samples.walk import Story
from consultdesk.vault.vault import Vault
from tests.desktop.walking import settle
from tests.desktop.window.conftest import shown_step
from tests.stations import now as clock


def said_failure(qtbot: QtBot, window: MainWindow) -> str:
    """The sentence of the one dialog that says a failure; it is closed again."""

    def shown() -> list[TroubleDialog]:
        return [one for one in window.findChildren(TroubleDialog) if one.isVisible()]

    qtbot.waitUntil(lambda: bool(shown()), timeout=20_000)
    (dialog,) = shown()
    said = dialog.accessibleDescription()
    assert not dialog.details.isVisible()
    dialog.ok.click()
    return said


# --- red flags and declarations -----------------------------------------------------------


def test_red_flags_left_out_since_the_triage_are_asked_again(vault: Vault, received: str) -> None:
    cases.triage(vault, received, clock(), safe=True)
    file = cases.open_case(vault, received)
    said = next_step(file, (), (), clock())
    assert "red flags" not in f"{said.lead} {said.text}"
    asked = file.specialty.red_flags[0]
    left_out = RedFlag(asked.code, asked.text, FlagAnswer.NOT_ASKED)
    cases.answer_flags(vault, received, (left_out,), clock() + 1)
    said = next_step(cases.open_case(vault, received), (), (), clock())
    assert "red flags" in f"{said.lead} {said.text}"


def test_a_declared_conflict_says_that_the_case_cant_be_accepted(
    qtbot: QtBot, opened: MainWindow, session: Session, received: str, story: Story
) -> None:
    walk.confirm(session.vault, received, story, clock())
    dialog = DeclarationDialog(session, received, opened)
    dialog.show()
    dialog.conflict.setChecked(True)
    assert dialog.blocks.isVisible()
    assert "can't be accepted" in dialog.blocks.text()
    dialog.detail.setPlainText("The treating physician is my brother.")
    with qtbot.waitSignal(dialog.settled):
        dialog.ok.click()
    qtbot.waitUntil(lambda: "conflict of interest is declared" in shown_step(opened.page))
    assert [one.text() for one in opened.page.step_banner.buttons] == ["Decline…", "Declare…"]
    with pytest.raises(FormIncomplete, match="without a conflict of interest"):
        cases.accept(session.vault, received, clock())


# --- the treating physician -----------------------------------------------------------------


def test_another_name_for_a_named_physician_is_somebody_new_in_the_window_too(
    qtbot: QtBot, opened: MainWindow, session: Session, received: str, story: Story
) -> None:
    vault = session.vault
    walk.confirm(vault, received, story, clock())
    walk.agree(vault, received, clock())
    settle(session.tools.work)
    view = opened.page.view
    assert view is not None
    before = view.file.case.treating_physician_id
    dialog = CaseDetailsDialog(session, view.file, opened)
    dialog.show()
    dialog.physician_name.setText("Dr. Johanna de Vries")
    with qtbot.waitSignal(dialog.settled):
        dialog.ok.click()

    def shown() -> bool:
        now = opened.page.view
        return now is not None and now.file.case.treating_physician_id != before

    qtbot.waitUntil(shown)
    view = opened.page.view
    assert view is not None
    assert view.file.physician is not None
    assert view.file.physician.name == "Dr. Johanna de Vries"
    assert "Johanna\u00a0de\u00a0Vries" in opened.page.header.about.text().replace(" ", "\u00a0")


# --- records that arrive ----------------------------------------------------------------------


def test_an_ended_case_takes_no_records_and_the_window_says_so(
    qtbot: QtBot, opened: MainWindow, received: str, write: Callable[[str, str], Path]
) -> None:
    vault = opened.session.vault
    cases.move_aside(vault, received, CaseState.DECLINED, "Not for us.", clock())
    opened.receiving.bring_in([write("late.txt", "A late note.")], received)
    said = said_failure(qtbot, opened)
    assert f"Case {received} is declined and takes no more records." in said
    assert "Bring them in as a new case." in said


def test_a_drop_with_nothing_usable_makes_no_case_and_says_why(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    window.receiving.bring_in([empty])
    assert said_failure(qtbot, window) == "There was nothing in there."
    (empty / "Thumbs.db").write_bytes(b"x")
    window.receiving.bring_in([empty])
    said = said_failure(qtbot, window)
    assert "Nothing was brought in, so no case was made" in said
    assert "Thumbs.db" in said
    assert window.source.count(QueueFilter()) == 0


def test_more_files_than_can_be_brought_in_at_once_are_one_sentence(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    window.receiving.bring_in([tmp_path / f"scan {n}.png" for n in range(50_001)])
    said = said_failure(qtbot, window)
    assert "More than 50,000 files at once can't be brought in." in said
    assert "part by part" in said


# --- the sealed first opinion -----------------------------------------------------------------

CONCLUDED = "Atypical xanthomatous hyperplasia"


def _pathology(person: Person, doctor: Doctor) -> tuple[Source, ...]:
    report = (
        Section("Specimen", ("Core needle biopsy, left breast.",)),
        Section("Diagnosis", (f"{CONCLUDED}.",)),
    )
    question = (Section("Question", ("Is an excision needed?",)),)
    del doctor
    return (
        records.note_text("Pathology report.txt", person, "2026-11-02", report),
        records.note_text("Referral.txt", person, "2026-11-04", question),
    )


@pytest.fixture
def sealed(vault: Vault) -> str:
    """A case whose first opinion is covered, as its report and its referral say it."""
    story = replace(STORIES[2], records=_pathology, first_diagnosis=CONCLUDED)
    number = walk.receive(vault, story, clock())
    walk.confirm(vault, number, story, clock())
    return number


def _everything(root: QObject) -> str:
    """Every word a window holds: shown, told, hinted, or kept for later."""
    names = ("text", "plainText", "toolTip", "statusTip", "accessibleName", "windowTitle")
    held = [root, *root.findChildren(QWidget), *root.findChildren(QAction)]
    said = [str(one.property(name) or "") for one in held for name in names]
    said += [one.accessibleDescription() for one in held if isinstance(one, QWidget)]
    return "\n".join(said)


def _queue_words(window: MainWindow) -> str:
    """Every word a line of the queue holds, whatever for."""
    model = window.queue.lines.model()
    return "\n".join(
        str(data)
        for row in range(model.rowCount())
        for column in range(model.columnCount())
        for data in model.itemData(model.index(row, column)).values()
    )


def test_what_the_first_opinion_concluded_is_nowhere_in_the_window_while_it_is_sealed(
    qtbot: QtBot, window: MainWindow, session: Session, sealed: str
) -> None:
    file = cases.open_case(session.vault, sealed)
    assert file.sealed
    assert file.case.referral.first_diagnosis == CONCLUDED
    with qtbot.waitSignal(window.page.shown):
        window.open_case(sealed)
    settle(session.tools.work)
    report = next(one for one in file.records if one.name == "Pathology report.txt")
    assert any(CONCLUDED in fact.value for fact in report.facts)
    dialogs = (
        CaseDetailsDialog(session, file, window),
        RecordDetailsDialog(session, sealed, report, window),
    )
    for dialog in dialogs:
        dialog.show()
    for record in file.records:
        window.page.show_record(record.id)
        settle(session.tools.work)
        assert "xanthomatous" not in _everything(window)
    assert STORIES[2].person.family in _queue_words(window)
    assert "xanthomatous" not in _queue_words(window)
    for dialog in dialogs:
        dialog.reject()
    opinion.open_with_reason(session.vault, sealed, "The patient asked about it.", clock())
    window.page.show_record(report.id)
    qtbot.waitUntil(lambda: "xanthomatous" in _everything(window), timeout=20_000)


def test_what_is_sealed_isnt_found_by_its_words_until_the_own_read_is_locked(
    qtbot: QtBot, window: MainWindow, session: Session, sealed: str
) -> None:
    vault = session.vault
    found: list[int] = []

    def look() -> int:
        found.clear()
        window.source.forget()
        window.source.look("xanthomatous", lambda: found.append(1))
        qtbot.waitUntil(lambda: bool(found))
        return window.source.count(QueueFilter(words="xanthomatous"))

    assert look() == 0
    walk.accept(vault, sealed, clock())
    walk.get_ready(vault, sealed, clock())
    walk.read(vault, sealed, STORIES[2], clock())
    assert opinion.assessment(vault, sealed).first_diagnosis == CONCLUDED
    assert look() == 1
