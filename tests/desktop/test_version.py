"""The gate's cure after signing, in the real Send dialog: a version with content left out."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from consultdesk.consultation.assessment import Evidence
from consultdesk.consultation.consent import Purpose
from consultdesk.consultation.record import RecordKind, Sensitivity
from consultdesk.desk import cases, consent, opinion, reports, version
from consultdesk.desktop.form import Forms
from consultdesk.desktop.letter_version import VersionDialog
from consultdesk.desktop.sending import SendDialog
from consultdesk.desktop.style import Style
from consultdesk.desktop.work import Work
from consultdesk.samples import walk
from tests.desktop.reading import focusable, nameless
from tests.desktop.walking import PASSPHRASE, Desk, now, open_desk, settle

DANGER = "Takes tenofovir: no further strain on the kidneys."
WHY = "The treating physician prescribes it and knows."


@pytest.fixture
def desk(tmp_path: Path, forms: Forms, style: Style, work: Work) -> Iterator[Desk]:
    with open_desk(tmp_path, forms, style, work) as opened:
        yield opened


@pytest.fixture
def number(desk: Desk) -> str:
    """A case whose signed letter says more than the patient's consent covers."""
    vault, made = desk.vault, desk.ready()
    lab, scan = (record.id for record in cases.open_case(vault, made).records)
    kind, hiv, report = RecordKind.LABORATORY, frozenset({Sensitivity.HIV}), "imaging_report"
    cases.change_record(
        vault, made, lab, now(), lambda one: replace(one, kind=kind, sensitivities=hiv)
    )
    cases.change_record(vault, made, scan, now(), lambda one: replace(one, kind=RecordKind(report)))
    walk.read(vault, made, desk.story, now())
    walk.compare(vault, made, desk.story, now())
    walk.draft(vault, made, desk.story, now())
    said = opinion.assessment(vault, made).opinion
    said = replace(
        said,
        danger=(*said.danger, DANGER),
        relied_on=(*said.relied_on, Evidence(scan, "page 1")),
    )
    opinion.save_opinion(vault, made, said, now())
    walk.sign(vault, made, PASSPHRASE, now())
    wide = walk.agree(vault, made, now())
    consent.revoke(vault, made, wide.id, now(), by="the patient", how="by telephone")
    narrow = replace(
        wide,
        id="",
        record_kinds=frozenset({RecordKind.IMAGING_REPORT}),
        sensitivities=frozenset(),
    )
    given = consent.record(vault, made, narrow, now())
    consent.complete_evidence(vault, made, given.id, now(), "The signed form, folder 12.")
    return made


def sending(qtbot: QtBot, desk: Desk, number: str) -> SendDialog:
    dialog = SendDialog(desk.session, number, undo_seconds=1)
    qtbot.addWidget(dialog)
    dialog.show()
    settle(desk.session.tools.work)
    return dialog


def cure(dialog: SendDialog) -> QPushButton:
    found = dialog.findChild(QPushButton, "cure_version")
    assert found is not None
    return found


def opened(qtbot: QtBot, desk: Desk, dialog: SendDialog) -> VersionDialog:
    """The version as the refusal's button opens it, reached and pressed with the keyboard."""
    button = cure(dialog)
    assert button in focusable(dialog)
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    made = dialog.findChild(VersionDialog)
    assert made is not None
    with qtbot.waitSignal(made.looked, timeout=15_000):
        pass
    settle(desk.session.tools.work)
    return made


def test_the_refusals_button_leads_to_a_signed_version_that_leaves_the_desk(
    qtbot: QtBot, desk: Desk, number: str, tmp_path: Path
) -> None:
    dialog = sending(qtbot, desk, number)
    assert "kinds of record" in dialog.gate.accessibleName()
    made = opened(qtbot, desk, dialog)
    assert made.patient.text() == "Sofia Eriksen, born 8 Mar 1972"
    assert "Referral.txt" in made.left_out.text()
    assert "HIV" in made.left_out.text()
    assert not made.sign.isEnabled()
    assert nameless(made) == []
    (reason,) = made.reasons.values()
    reason.setFocus()
    QTest.keyClicks(reason, WHY)
    with qtbot.waitSignal(made.looked, timeout=15_000):
        pass
    assert made.sign.toolTip() == "Read it through and confirm that first."
    QTest.keyClick(made.read_through, Qt.Key.Key_Space)
    assert made.sign.toolTip() == "Enter your passphrase."
    QTest.keyClicks(made.passphrase, PASSPHRASE)
    with qtbot.waitSignal(made.signed, timeout=15_000) as done:
        QTest.keyClick(made.passphrase, Qt.Key.Key_Return)
    settle(desk.session.tools.work)
    signed = done.args[0]
    first, second = cases.open_case(desk.vault, number).letters
    assert (second.id, second.version_of) == (signed.id, first.id)
    assert dialog.letter_id == signed.id
    assert "with content left out" in dialog.letter.currentText()
    outside = tmp_path / "outside"
    outside.mkdir()
    dialog.folder.setText(str(outside))
    dialog.known.setText("Known to the practice")
    dialog.confirm_way.click()
    qtbot.waitUntil(dialog.send.isEnabled)
    assert "Consent covers this letter." in dialog.gate.accessibleName()
    with qtbot.waitSignal(dialog.sent, timeout=15_000):
        dialog.send.click()
    assert any(one.act == "sign_version" for one in reports.case_events(desk.vault))


def test_what_warned_the_reader_is_named_and_holds_the_signature(
    qtbot: QtBot, desk: Desk, number: str
) -> None:
    made = opened(qtbot, desk, sending(qtbot, desk, number))
    assert list(made.reasons) == [f"the danger item “{DANGER}”"]
    assert made.focusWidget() is next(iter(made.reasons.values()))
    assert "won't be warned" in made.warned.accessibleName()
    assert "say why it may be left out" in made.blocked.accessibleName()
    made.read_through.setChecked(True)
    made.passphrase.setText(PASSPHRASE)
    assert not made.sign.isEnabled()
    assert made.sign.toolTip() == "Settle what is still open first."


def test_a_passage_is_reworded_and_shown_as_it_will_be_read(
    qtbot: QtBot, desk: Desk, number: str
) -> None:
    made = opened(qtbot, desk, sending(qtbot, desk, number))
    brief = made.texts["brief"]
    before = made._pdf  # noqa: SLF001 - which state is on the paper can't be asked otherwise
    brief.setFocus()
    brief.selectAll()
    QTest.keyClicks(brief, "On Biktarvy.")
    with qtbot.waitSignal(made.looked, timeout=15_000):
        pass
    assert "“Biktarvy” isn't covered" in made.blocked.accessibleName()
    assert made._pdf != before  # noqa: SLF001
    assert QApplication.focusWidget() in (brief, None)
    assert brief.toPlainText() == "On Biktarvy."


def test_what_is_written_is_kept_when_the_desk_is_locked_in_the_middle_of_it(
    qtbot: QtBot, desk: Desk, number: str
) -> None:
    dialog = sending(qtbot, desk, number)
    made = opened(qtbot, desk, dialog)
    (reason,) = made.reasons.values()
    QTest.keyClicks(reason, WHY)
    made.passphrase.setText("half a passphr")
    dialog.close()
    settle(desk.session.tools.work)
    letter_id = cases.open_case(desk.vault, number).letters[0].id
    kept = version.kept(desk.vault, number, letter_id, Purpose.TREATMENT)
    assert list(kept.reasons.values()) == [WHY]
    again = opened(qtbot, desk, sending(qtbot, desk, number))
    (reason,) = again.reasons.values()
    assert reason.text() == WHY
    assert again.passphrase.text() == ""


def test_a_wrong_passphrase_signs_nothing_and_says_so(
    qtbot: QtBot, desk: Desk, number: str
) -> None:
    made = opened(qtbot, desk, sending(qtbot, desk, number))
    (reason,) = made.reasons.values()
    reason.setText(WHY)
    with qtbot.waitSignal(made.looked, timeout=15_000):
        pass
    made.read_through.setChecked(True)
    made.passphrase.setText("not my passphrase")
    made.sign.click()
    settle(desk.session.tools.work)
    assert "Nothing was signed." in made.said.text()
    assert len(cases.open_case(desk.vault, number).letters) == 1
    assert made.passphrase in focusable(made)


def test_where_the_patient_has_to_be_asked_no_version_is_offered(qtbot: QtBot, desk: Desk) -> None:
    dialog = sending(qtbot, desk, desk.signed())
    assert dialog.findChild(QPushButton, "cure_version") is None
    assert dialog.findChild(QPushButton, "cure_consent") is not None
