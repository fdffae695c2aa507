from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QDate, QDateTime, Qt, QTime
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from consultdesk.consultation.consent import (
    Consent,
    ConsentKind,
    ConsentStatus,
    Purpose,
    SignatureKind,
    Statement,
)
from consultdesk.consultation.patient import RecipientKind
from consultdesk.consultation.record import Sensitivity
from consultdesk.desk import cases, consent
from consultdesk.desktop.consent import ConsentDialog
from consultdesk.desktop.consent_form import NO_FORM, TO_BE_COMPLETED
from consultdesk.desktop.consent_words import elements
from consultdesk.desktop.form import Forms
from consultdesk.desktop.style import Style
from consultdesk.desktop.work import Work
from consultdesk.samples import walk
from tests.desktop.reading import nameless
from tests.desktop.walking import Desk, now, open_desk, settle


@pytest.fixture
def desk(tmp_path: Path, forms: Forms, style: Style, work: Work) -> Iterator[Desk]:
    with open_desk(tmp_path, forms, style, work) as opened:
        yield opened


def consents(qtbot: QtBot, desk: Desk, number: str, *, recording: bool = False) -> ConsentDialog:
    dialog = ConsentDialog(desk.session, number, recording=recording)
    qtbot.addWidget(dialog)
    dialog.show()
    with qtbot.waitSignal(dialog.shown):
        pass
    return dialog


def held(desk: Desk, number: str) -> tuple[Consent, ...]:
    return cases.open_case(desk.vault, number).consents


def tick_statements(dialog: ConsentDialog) -> None:
    for box in dialog.form._statements.values():  # noqa: SLF001
        if box.isVisibleTo(dialog.form):
            box.click()


# --- recording ---------------------------------------------------------------------------


def test_the_preset_ticks_nothing_the_patient_did_not_say(qtbot: QtBot, desk: Desk) -> None:
    number = desk.accepted()
    record = cases.open_case(desk.vault, number).records[0]
    cases.change_record(
        desk.vault,
        number,
        record.id,
        now(),
        lambda one: replace(one, sensitivities=frozenset({Sensitivity.HIV})),
    )
    dialog = consents(qtbot, desk, number, recording=True)
    said = dialog.form.value()
    assert said.kind is ConsentKind.DISCLOSE
    assert said.purposes == {Purpose.TREATMENT}
    assert said.recipients == {cases.open_case(desk.vault, number).case.treating_physician_id}
    assert said.record_kinds == {one.kind for one in cases.open_case(desk.vault, number).records}
    assert said.sensitivities == frozenset()
    assert said.statements == frozenset()
    assert "HIV" in dialog.form.topics_help.text()
    assert not dialog.record.isEnabled()
    assert "3 statements to tell the patient" in dialog.record.accessibleDescription()


def test_a_consent_is_recorded_with_its_elements(qtbot: QtBot, desk: Desk) -> None:
    number = desk.accepted()
    dialog = consents(qtbot, desk, number, recording=True)
    form = dialog.form
    tick_statements(dialog)
    form._topics[Sensitivity.PSY.value].click()  # noqa: SLF001
    form.evidence.setCurrentIndex(form.evidence.findData(TO_BE_COMPLETED))
    last = QDate.currentDate().addMonths(3)
    form.expires.setText(last.toString("yyyy-MM-dd"))
    assert dialog.record.isEnabled(), dialog.missing.text()
    with qtbot.waitSignal(dialog.recorded):
        dialog.record.click()
    kept = held(desk, number)[-1]
    assert kept.statements == {
        Statement.RIGHT_TO_REVOKE,
        Statement.NO_CONDITIONING,
        Statement.RE_DISCLOSURE,
    }
    assert kept.sensitivities == {Sensitivity.PSY}
    assert kept.given_by == desk.story.person.name
    assert not kept.evidence_complete
    midnight = QDateTime(last.addDays(1), QTime(0, 0))
    assert kept.expires_at == midnight.toMSecsSinceEpoch()
    assert kept.valid_from <= now()


def test_a_written_consent_without_its_form_is_to_be_completed_and_says_so(
    qtbot: QtBot, desk: Desk
) -> None:
    number = desk.accepted()
    dialog = consents(qtbot, desk, number, recording=True)
    form = dialog.form
    assert form.evidence.findData(NO_FORM) < 0
    assert form.evidence.currentData() == TO_BE_COMPLETED
    assert "lets nothing be sent" in form.evidence_help.text()
    tick_statements(dialog)
    with qtbot.waitSignal(dialog.recorded):
        dialog.record.click()
    assert not held(desk, number)[-1].evidence_complete
    qtbot.waitUntil(lambda: dialog.evidence.isVisible())
    assert "nothing is sent under it" in dialog.notice.accessibleName()
    (complete,) = dialog.notice.buttons
    complete.click()
    dialog.act_first.setText("The signed form, folder 12")
    dialog.act_ok.click()
    qtbot.waitUntil(lambda: held(desk, number)[-1].evidence_complete)
    qtbot.waitUntil(lambda: not dialog.notice.isVisible())


def test_only_a_spoken_consent_needs_no_form(qtbot: QtBot, desk: Desk) -> None:
    dialog = consents(qtbot, desk, desk.accepted(), recording=True)
    form = dialog.form
    spoken = form.signature.findData(SignatureKind.VERBAL.value)
    form.signature.setCurrentIndex(spoken)
    assert form.evidence.currentData() == NO_FORM
    assert form.evidence.findData(TO_BE_COMPLETED) < 0
    assert form.value().evidence_complete
    record = form.evidence.itemData(1)
    form.evidence.setCurrentIndex(1)
    form.signature.setCurrentIndex(0)
    assert form.evidence.currentData() == record
    form.evidence.setCurrentIndex(0)
    assert form.evidence.currentData() == TO_BE_COMPLETED
    assert not form.value().evidence_complete


def test_substance_use_asks_for_its_two_statements_more(qtbot: QtBot, desk: Desk) -> None:
    dialog = consents(qtbot, desk, desk.accepted(), recording=True)
    form = dialog.form
    tick_statements(dialog)
    assert not form.missing()
    form._topics[Sensitivity.OPIOIDUD.value].click()  # noqa: SLF001
    assert form.missing() == ("2 statements to tell the patient",)
    form._statements[Statement.HOW_TO_REVOKE.value].click()  # noqa: SLF001
    assert form.missing() == ("one statement to tell the patient",)
    form._statements[Statement.RELIANCE.value].click()  # noqa: SLF001
    assert not form.missing()


def test_a_spoken_consent_needs_a_witness_and_never_covers_some_topics(
    qtbot: QtBot, desk: Desk
) -> None:
    dialog = consents(qtbot, desk, desk.accepted(), recording=True)
    form = dialog.form
    tick_statements(dialog)
    form._topics[Sensitivity.ETHUD.value].click()  # noqa: SLF001
    form.signature.setCurrentIndex(form.signature.findData(SignatureKind.VERBAL.value))
    assert form.witness.isVisible()
    assert form.value().sensitivities == frozenset()
    assert not form._topics[Sensitivity.ETHUD.value].isEnabled()  # noqa: SLF001
    assert form._topics[Sensitivity.ETHUD.value].toolTip()  # noqa: SLF001
    assert "the witness to a spoken consent" in dialog.missing.text()
    form.witness.setText("Nurse Ilse Roth")
    assert not form.missing()


def test_somebody_the_patient_names_can_receive_it(qtbot: QtBot, desk: Desk) -> None:
    number = desk.accepted()
    dialog = consents(qtbot, desk, number, recording=True)
    form = dialog.form
    form.other_name.setText("Dr. Ines Amado")
    form.add_other.click()
    qtbot.waitUntil(lambda: form.other_name.text() == "")
    tick_statements(dialog)
    with qtbot.waitSignal(dialog.recorded):
        dialog.record.click()
    named = {one.name: one.kind for one in consent.recipients(desk.vault, number)}
    assert named["Dr. Ines Amado"] is RecipientKind.OTHER_PHYSICIAN


def test_a_consent_to_review_is_recorded_without_recipients(qtbot: QtBot, desk: Desk) -> None:
    number = desk.accepted()
    dialog = consents(qtbot, desk, number, recording=True)
    dialog.form.fill("review")
    assert not dialog.form.recipients_label.isVisible()
    with qtbot.waitSignal(dialog.recorded):
        dialog.record.click()
    assert held(desk, number)[-1].kind is ConsentKind.REVIEW


def test_days_that_end_before_they_begin_are_not_recorded(qtbot: QtBot, desk: Desk) -> None:
    dialog = consents(qtbot, desk, desk.accepted(), recording=True)
    tick_statements(dialog)
    dialog.form.expires.setText("2020-01-01")
    assert "it ends before it begins" in dialog.missing.text()
    dialog.form.expires.setText("someday")
    assert "can't be read" in dialog.missing.text()
    assert not dialog.record.isEnabled()


# --- what happens to it ------------------------------------------------------------------


def test_withdrawing_takes_two_words(qtbot: QtBot, desk: Desk) -> None:
    number = desk.accepted()
    given = walk.agree(desk.vault, number, now())
    dialog = consents(qtbot, desk, number)
    assert dialog.chosen is not None
    assert dialog.chosen.id == given.id
    dialog.revoke.click()
    assert dialog.act_first.text() == desk.story.person.name
    assert not dialog.act_ok.isEnabled()
    dialog.act_second.setText("by telephone.")
    with qtbot.waitSignal(dialog.revoked) as done:
        dialog.act_ok.click()
    assert done.args == [given.id]
    withdrawn = held(desk, number)[-1].revocation
    assert withdrawn is not None
    assert (withdrawn.by, withdrawn.how) == (desk.story.person.name, "by telephone.")
    said = dict(elements(held(desk, number)[-1], {}))["Withdrawn"]
    assert said.endswith(f"by {desk.story.person.name}, by telephone.")
    settle(desk.session.tools.work)
    assert dialog.detail_status.text().startswith("Withdrawn ")
    assert not dialog.revoke.isVisible()


def test_event_evidence_and_error_are_recorded(qtbot: QtBot, desk: Desk) -> None:
    number = desk.accepted()
    given = walk.agree(desk.vault, number, now())
    later = replace(given, expiry_event="the operation is done", evidence_complete=False)
    kept = consent.record(desk.vault, number, later, now())
    dialog = consents(qtbot, desk, number)
    for button, detail, ended in (
        (dialog.evidence, "Signed form, folder 3", lambda one: one.evidence_complete),
        (dialog.event_ended, "", lambda one: one.event_occurred_at is not None),
        (
            dialog.in_error,
            "Recorded for another patient",
            lambda one: one.status is ConsentStatus.ENTERED_IN_ERROR,
        ),
    ):
        assert button.isVisible()
        button.click()
        dialog.act_first.setText(detail)
        dialog.act_ok.click()
        settle(desk.session.tools.work)
        stands = next(one for one in held(desk, number) if one.id == kept.id)
        assert ended(stands)
    assert dialog.detail_status.text() == "Entered in error"


def test_without_any_consent_one_thing_to_do_is_offered(qtbot: QtBot, desk: Desk) -> None:
    dialog = consents(qtbot, desk, desk.accepted())
    assert "No consent is recorded." in dialog.nothing.accessibleName()
    dialog.nothing.action_chosen.emit()
    assert dialog.form.isVisible()
    assert nameless(dialog) == []


def test_a_form_being_filled_in_survives_news_from_elsewhere(qtbot: QtBot, desk: Desk) -> None:
    number = desk.accepted()
    dialog = consents(qtbot, desk, number, recording=True)
    dialog.form.information.setText("Only the last letter")
    cases.name_no_recipient(desk.vault, number, now())
    settle(desk.session.tools.work)
    assert dialog.form.isVisible()
    assert dialog.form.information.text() == "Only the last letter"


# --- leaving -----------------------------------------------------------------------------


def test_escape_leaves_the_form_first_and_the_dialog_after_it(qtbot: QtBot, desk: Desk) -> None:
    dialog = consents(qtbot, desk, desk.ready())
    dialog.new_consent.click()
    assert dialog.form.isVisible()
    assert not dialog.close_dialog.isVisible()
    assert not dialog.new_consent.isVisible()
    QTest.keyClick(dialog.form.information, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    assert not dialog.form.isVisible()
    assert dialog.close_dialog.isVisible()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_enter_in_a_line_of_the_form_presses_no_button(qtbot: QtBot, desk: Desk) -> None:
    number = desk.accepted()
    dialog = consents(qtbot, desk, number, recording=True)
    tick_statements(dialog)
    assert dialog.record.isEnabled(), dialog.missing.text()
    before = len(held(desk, number))
    dialog.form.information.setText("Written by hand")
    QTest.keyClick(dialog.form.information, Qt.Key.Key_Return)
    settle(desk.session.tools.work)
    assert dialog.form.information.text() == "Written by hand"
    assert dialog.form.isVisible()
    assert len(held(desk, number)) == before


def test_the_window_can_be_closed_while_a_consent_is_written(qtbot: QtBot, desk: Desk) -> None:
    dialog = consents(qtbot, desk, desk.accepted(), recording=True)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    assert dialog.close()
    assert not dialog.isVisible()
