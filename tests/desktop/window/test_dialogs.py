from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from consultdesk.consultation.case import CaseState, Priority
from consultdesk.consultation.record import RecordItem, RecordKind, Sensitivity
from consultdesk.desk import cases, intake, settings, store
from consultdesk.desktop.ask import Ask
from consultdesk.desktop.case_details import CaseDetailsDialog
from consultdesk.desktop.clock import clock_dialog
from consultdesk.desktop.days import read_day
from consultdesk.desktop.declaration import DeclarationDialog
from consultdesk.desktop.form import Forms
from consultdesk.desktop.help import AboutDialog, ShortcutsDialog
from consultdesk.desktop.patient import PatientDialog, identities
from consultdesk.desktop.reason import ReasonDialog, Wanted
from consultdesk.desktop.receiving import WhereToDialog
from consultdesk.desktop.record_details import RecordDetailsDialog
from consultdesk.desktop.session import Session
from consultdesk.desktop.settings import SettingsDialog
from consultdesk.desktop.trouble import TroubleDialog, report
from consultdesk.errors import FormIncomplete
from consultdesk.samples import walk
from consultdesk.samples.walk import Story
from consultdesk.vault.vault import Vault
from tests.desktop.reading import nameless
from tests.stations import now as clock


@pytest.fixture
def shown(qtbot: QtBot, session: Session) -> Iterator[Callable[[Ask], Ask]]:
    dialogs: list[Ask] = []

    def show(dialog: Ask) -> Ask:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
        dialogs.append(dialog)
        dialog.show()
        qtbot.waitExposed(dialog)
        return dialog

    yield show
    session.tools.work.shut_down()
    for dialog in dialogs:
        dialog.close()
        dialog.deleteLater()


def _settle(qtbot: QtBot, dialog: Ask) -> object:
    with qtbot.waitSignal(dialog.settled) as done:
        dialog.ok.click()
    assert done.args is not None
    return done.args[0]


@pytest.fixture
def two_patients(vault: Vault, write: Callable[[str, str], Path]) -> str:
    first = write("a.txt", "Patient: Jane Doe\nDate of birth: 1966-01-01\n\nClinic note. Pain.\n")
    second = write("b.txt", "Patient: Bo Hill\nDate of birth: 1971-05-06\n\nClinic note. Cough.\n")
    return intake.bring_in(vault, [first, second], clock()).number


# --- who is the patient -------------------------------------------------------------------


def test_every_patient_the_records_name_is_offered_with_the_records_that_say_so(
    qtbot: QtBot, session: Session, two_patients: str, shown: Callable[[Ask], Ask]
) -> None:
    file = cases.open_case(session.vault, two_patients)
    assert len(identities(file.records)) == 2
    dialog = PatientDialog(session, file)
    shown(dialog)
    offered = [one.accessibleName() for one in dialog.said.findChildren(QRadioButton)]
    assert any("Jane Doe" in words and "a.txt" in words for words in offered)
    assert any("Bo Hill" in words and "b.txt" in words for words in offered)
    assert not any(one.isChecked() for one in dialog.said.findChildren(QRadioButton))


def test_choosing_a_patient_sets_the_others_records_aside(
    qtbot: QtBot, session: Session, two_patients: str, shown: Callable[[Ask], Ask]
) -> None:
    file = cases.open_case(session.vault, two_patients)
    dialog = PatientDialog(session, file)
    shown(dialog)
    chosen = next(one for one in dialog.said.findChildren(QRadioButton) if "Bo Hill" in one.text())
    chosen.click()
    assert dialog.full_name.text() == "Bo Hill"
    assert dialog.birth_date.text() == "1971-05-06"
    _settle(qtbot, dialog)
    file = cases.open_case(session.vault, two_patients)
    assert file.patient.name == "Bo Hill"
    assert file.case.patient_confirmed
    right = {record.name: record.right_patient for record in file.records}
    assert right == {"a.txt": False, "b.txt": True}
    assert file.conflicts == ()


def test_records_of_two_patients_arent_confirmed_as_one_before_a_person_decides(
    qtbot: QtBot, session: Session, two_patients: str, shown: Callable[[Ask], Ask]
) -> None:
    dialog = PatientDialog(session, cases.open_case(session.vault, two_patients))
    shown(dialog)
    QTest.keyClick(dialog.full_name, Qt.Key.Key_Return)
    assert "name different patients" in dialog.problem.text()
    assert isinstance(dialog.focusWidget(), QRadioButton)
    assert not cases.open_case(session.vault, two_patients).case.patient_confirmed


def test_records_that_misspell_a_name_are_confirmed_once_a_person_ticks_them(
    qtbot: QtBot, session: Session, two_patients: str, shown: Callable[[Ask], Ask]
) -> None:
    dialog = PatientDialog(session, cases.open_case(session.vault, two_patients))
    shown(dialog)
    dialog.said.findChildren(QRadioButton)[0].click()
    for row in range(dialog.record_list.count()):
        dialog.record_list.item(row).setCheckState(Qt.CheckState.Checked)
    _settle(qtbot, dialog)
    file = cases.open_case(session.vault, two_patients)
    assert all(record.right_patient for record in file.records)


def test_a_patient_without_a_date_of_birth_isnt_confirmed(
    session: Session, two_patients: str, shown: Callable[[Ask], Ask]
) -> None:
    file = cases.open_case(session.vault, two_patients)
    dialog = PatientDialog(session, file)
    shown(dialog)
    dialog.birth_date.clear()
    dialog.ok.click()
    assert "date of birth" in dialog.problem.text()
    assert not cases.open_case(session.vault, two_patients).case.patient_confirmed


def test_a_patient_who_is_in_the_store_is_found_before_a_new_one_is_made(
    qtbot: QtBot,
    session: Session,
    received: str,
    story: Story,
    two_patients: str,
    shown: Callable[[Ask], Ask],
) -> None:
    vault = session.vault
    walk.confirm(vault, received, story, clock())
    known = cases.open_case(vault, received).patient
    dialog = PatientDialog(session, cases.open_case(vault, two_patients))
    shown(dialog)
    assert not dialog.known.isVisible()
    dialog.full_name.setText(known.name)
    dialog.birth_date.setText(known.birth_date)
    assert dialog.known.isVisible()
    dialog.record_list.item(1).setCheckState(Qt.CheckState.Unchecked)
    _settle(qtbot, dialog)
    assert cases.open_case(vault, two_patients).patient.id == known.id


def test_naming_somebody_else_doesnt_rename_the_patient_of_another_case(
    qtbot: QtBot,
    session: Session,
    received: str,
    story: Story,
    shown: Callable[[Ask], Ask],
) -> None:
    vault = session.vault
    walk.confirm(vault, received, story, clock())
    again = walk.receive(vault, replace(story, questions=("Another?",)), clock())
    dialog = PatientDialog(session, cases.open_case(vault, again))
    shown(dialog)
    dialog.full_name.setText("Somebody Else")
    dialog.birth_date.setText("1950-02-03")
    _settle(qtbot, dialog)
    assert cases.open_case(vault, again).patient.name == "Somebody Else"
    assert cases.open_case(vault, received).patient.name == story.person.name


# --- case details -------------------------------------------------------------------------


def test_details_begin_with_the_recipient_while_none_is_named(
    session: Session, two_patients: str, shown: Callable[[Ask], Ask]
) -> None:
    dialog = CaseDetailsDialog(session, cases.open_case(session.vault, two_patients))
    shown(dialog)
    assert dialog.focusWidget() is dialog.physician_name


def test_details_keep_questions_side_priority_and_physician(
    qtbot: QtBot, session: Session, received: str, shown: Callable[[Ask], Ask]
) -> None:
    dialog = CaseDetailsDialog(session, cases.open_case(session.vault, received))
    shown(dialog)
    dialog.priority.setCurrentIndex(dialog.priority.findData("urgent"))
    dialog.side.setCurrentIndex(dialog.side.findData("left"))
    dialog.level.setCurrentText("L4/5")
    dialog.add_question.click()
    dialog._rows[-1].text.setPlainText("Could it wait?")  # noqa: SLF001
    dialog.physician_name.setText("Dr. Nora Field")
    dialog.has_physician.setChecked(True)
    _settle(qtbot, dialog)
    file = cases.open_case(session.vault, received)
    assert file.case.priority is Priority.URGENT
    assert (file.case.laterality, file.case.level) == ("left", "L4/5")
    questions = file.case.referral.questions
    assert questions[-1].text == "Could it wait?"
    assert all(question.confirmed for question in questions)
    assert file.physician is not None
    assert file.physician.name == "Dr. Nora Field"


def test_a_question_shows_where_it_was_found(
    session: Session, received: str, shown: Callable[[Ask], Ask]
) -> None:
    dialog = CaseDetailsDialog(session, cases.open_case(session.vault, received))
    shown(dialog)
    found = [row for row in dialog._rows if row.source.text()]  # noqa: SLF001
    assert found
    assert "Referral.txt" in found[0].source.text()


def test_no_recipient_is_a_choice_of_its_own(
    qtbot: QtBot, session: Session, received: str, shown: Callable[[Ask], Ask]
) -> None:
    dialog = CaseDetailsDialog(session, cases.open_case(session.vault, received))
    shown(dialog)
    dialog.no_physician.setChecked(True)
    assert not dialog.physician_name.isEnabled()
    assert dialog.physician_name.toolTip()
    _settle(qtbot, dialog)
    case = cases.open_case(session.vault, received).case
    assert case.recipient_named == "none"
    assert case.treating_physician_id == ""


def test_what_the_first_opinion_concluded_isnt_in_the_dialog_while_it_is_sealed(
    session: Session, received: str, shown: Callable[[Ask], Ask]
) -> None:
    vault = session.vault
    cases.describe(
        vault, received, clock(), lambda case: replace(case, specialty="surgical_pathology")
    )
    file = cases.open_case(vault, received)
    assert file.sealed
    dialog = CaseDetailsDialog(session, file)
    shown(dialog)
    assert not dialog.first_opinion.isVisible()
    assert dialog.first_diagnosis.toPlainText() == ""
    assert dialog.first_sealed.isVisible()


# --- the others ---------------------------------------------------------------------------


def test_nothing_is_declared_beforehand(
    qtbot: QtBot, session: Session, received: str, shown: Callable[[Ask], Ask]
) -> None:
    dialog = DeclarationDialog(session, received)
    shown(dialog)
    dialog.ok.click()
    assert "Choose" in dialog.problem.text()
    dialog.conflict.setChecked(True)
    dialog.ok.click()
    assert "Write down" in dialog.problem.text()
    dialog.detail.setPlainText("I know the family.")
    _settle(qtbot, dialog)
    said = cases.open_case(session.vault, received).case.declaration
    assert said is not None
    assert said.conflict
    assert said.detail == "I know the family."


def test_a_reason_is_asked_before_a_case_goes_on_hold(
    qtbot: QtBot, session: Session, received: str, shown: Callable[[Ask], Ask]
) -> None:
    vault = session.vault

    def act(_choice: str, reason: str) -> None:
        cases.move_aside(vault, received, CaseState.ON_HOLD, reason, clock())

    dialog = ReasonDialog(session, Wanted("Hold", "", "Hold", "Why"), act)
    shown(dialog)
    dialog.ok.click()
    assert dialog.problem.isVisible()
    dialog.reason.setPlainText("The patient is away.")
    _settle(qtbot, dialog)
    assert cases.open_case(vault, received).case.state is CaseState.ON_HOLD


def test_a_refused_act_says_why_and_keeps_what_was_typed(
    qtbot: QtBot, session: Session, received: str, shown: Callable[[Ask], Ask]
) -> None:
    def refuse(_choice: str, _reason: str) -> None:
        raise FormIncomplete("Not yet:", ("one thing",))

    dialog = ReasonDialog(session, Wanted("Hold", "", "Hold", "Why"), refuse)
    shown(dialog)
    dialog.reason.setPlainText("Typed.")
    dialog.ok.click()
    qtbot.waitUntil(lambda: "one thing" in dialog.problem.text())
    assert dialog.isVisible()
    assert dialog.reason.toPlainText() == "Typed."
    assert dialog.ok.isEnabled()


def _first_record(session: Session, number: str) -> RecordItem:
    return cases.open_case(session.vault, number).records[0]


def test_a_person_corrects_what_was_read_from_a_record(
    qtbot: QtBot, session: Session, received: str, shown: Callable[[Ask], Ask]
) -> None:
    dialog = RecordDetailsDialog(session, received, _first_record(session, received))
    shown(dialog)
    dialog.kind.setCurrentIndex(dialog.kind.findData(RecordKind.DISCHARGE.value))
    dialog.event_date.setText("2026-02-30")
    dialog.ok.click()
    assert "2026-05-03" in dialog.problem.text()
    dialog.event_date.setText("2026-02-03")
    dialog._topics[Sensitivity.HIV].setChecked(True)  # noqa: SLF001
    _settle(qtbot, dialog)
    record = _first_record(session, received)
    assert record.kind is RecordKind.DISCHARGE
    assert record.event_date == "2026-02-03"
    assert Sensitivity.HIV in record.sensitivities


def test_settings_are_kept_in_the_store(
    qtbot: QtBot, session: Session, shown: Callable[[Ask], Ask]
) -> None:
    dialog = SettingsDialog(session)
    shown(dialog)
    dialog.lock_after.setValue(3)
    dialog.practice_name.setText("Lind Second Opinions")
    dialog.calendar.setCurrentIndex(dialog.calendar.findData("bavaria"))
    _settle(qtbot, dialog)
    assert settings.settings(session.vault) == settings.Settings(3, "bavaria")
    assert store.letterhead(session.vault).name == "Lind Second Opinions"


def test_a_drop_into_an_open_case_asks_and_presumes_nothing(
    qtbot: QtBot, session: Session, shown: Callable[[Ask], Ask]
) -> None:
    dialog = WhereToDialog(session, 3, "2026-0001", "2026-0001, Jane Doe")
    shown(dialog)
    assert not dialog.into_case.isChecked()
    assert not dialog.new_case.isChecked()
    dialog.ok.click()
    assert dialog.problem.isVisible()
    dialog.into_case.setChecked(True)
    with qtbot.waitSignal(dialog.chosen) as chosen:
        dialog.ok.click()
    assert chosen.args == ["2026-0001", ""]


def test_a_persons_word_moves_the_clock_mark(
    qtbot: QtBot, session: Session, shown: Callable[[Ask], Ask]
) -> None:
    parent = QWidget()
    dialog = clock_dialog(session, parent)
    dialog.setParent(None)
    shown(dialog)
    _settle(qtbot, dialog)
    assert not store.moment(session.vault, clock()).jumped


def test_a_report_holds_no_word_of_the_error(forms: Forms, qtbot: QtBot) -> None:
    try:
        raise ValueError("Jane Doe, born 1966")
    except ValueError as error:
        said = report(error)
        dialog = TroubleDialog(forms, error)
    qtbot.addWidget(dialog)
    assert "Jane" not in said
    assert "ValueError" in said
    assert "Jane" not in dialog.lead.text() + dialog.kept.text() + dialog.cure.text()
    dialog.details.click()
    assert "no patient data" in dialog.copied.text()


def test_an_error_is_said_with_what_was_kept_and_what_to_do(forms: Forms, qtbot: QtBot) -> None:
    dialog = TroubleDialog(forms, FormIncomplete("Not yet:", ("a reason",), cure="Write one."))
    qtbot.addWidget(dialog)
    assert dialog.lead.text() == "Not yet: a reason"
    assert dialog.cure.text() == "Write one."
    assert dialog.details.isHidden()


@pytest.mark.parametrize("kind", ["patient", "details", "declare", "record", "settings", "where"])
def test_everything_a_dialog_asks_has_a_name(
    session: Session, received: str, shown: Callable[[Ask], Ask], kind: str
) -> None:
    file = cases.open_case(session.vault, received)
    made: dict[str, Callable[[], Ask]] = {
        "patient": lambda: PatientDialog(session, file),
        "details": lambda: CaseDetailsDialog(session, file),
        "declare": lambda: DeclarationDialog(session, received),
        "record": lambda: RecordDetailsDialog(session, received, file.records[0]),
        "settings": lambda: SettingsDialog(session),
        "where": lambda: WhereToDialog(session, 1, received, "a case"),
    }
    assert nameless(shown(made[kind]())) == []


def test_help_names_every_key_and_narrows(forms: Forms, qtbot: QtBot) -> None:
    sheet = ShortcutsDialog(forms)
    qtbot.addWidget(sheet)
    sheet.narrow.setText("sign")
    left = [
        line
        for group in sheet._groups  # noqa: SLF001
        if not group.isHidden()
        for n in range(group.childCount())
        if (line := group.child(n)) is not None and not line.isHidden()
    ]
    assert [(one.text(0), one.text(1)) for one in left] == [("Sign", "Ctrl+Return")]
    about = AboutDialog(forms, "practice.desk")
    qtbot.addWidget(about)
    assert "no medical device" in about.about_text.text()


@pytest.mark.parametrize(
    ("typed", "iso"),
    [
        ("1972-05-03", "1972-05-03"),
        ("3 May 1972", "1972-05-03"),
        ("31/12/1999", "1999-12-31"),
        ("12/31/1999", "1999-12-31"),
        ("3.5.1972", None),
        ("", ""),
        ("1972-02-30", None),
        ("yesterday", None),
        ("03/05/72", None),
    ],
)
def test_a_day_is_understood_as_it_is_typed(typed: str, iso: str | None) -> None:
    if typed == "3.5.1972":
        # of figures alone the locale says which is the month; both are days
        assert read_day(typed) in ("1972-05-03", "1972-03-05")
    else:
        assert read_day(typed) == iso
