import hashlib
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from consultdesk.consultation.case import CaseState
from consultdesk.consultation.letter import LetterKind
from consultdesk.consultation.patient import ChannelKind
from consultdesk.desk import cases, consent
from consultdesk.desktop.consent import ConsentDialog
from consultdesk.desktop.form import Forms
from consultdesk.desktop.letter_sign import SignDialog
from consultdesk.desktop.sending import SendDialog
from consultdesk.desktop.sending_standing import new_password
from consultdesk.desktop.style import Style
from consultdesk.desktop.work import Work
from consultdesk.samples import walk
from tests.desktop.reading import nameless
from tests.desktop.walking import PASSPHRASE, Desk, now, open_desk, settle


@pytest.fixture
def desk(tmp_path: Path, forms: Forms, style: Style, work: Work) -> Iterator[Desk]:
    with open_desk(tmp_path, forms, style, work) as opened:
        yield opened


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder the person chooses."""
    folder = tmp_path / "for the recipient"
    folder.mkdir()
    return folder


def sending(qtbot: QtBot, desk: Desk, number: str, **more: bool) -> SendDialog:
    dialog = SendDialog(desk.session, number, undo_seconds=1, **more)  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    dialog.show()
    settle(desk.session.tools.work)
    return dialog


def ready_to_save(qtbot: QtBot, desk: Desk, number: str, folder: Path) -> SendDialog:
    dialog = sending(qtbot, desk, number)
    dialog.folder.setText(str(folder))
    dialog.known.setText("Handed over in person, known to the practice")
    dialog.confirm_way.click()
    settle(desk.session.tools.work)
    qtbot.waitUntil(dialog.send.isEnabled)
    return dialog


def cure(dialog: SendDialog, key: str) -> QPushButton:
    found = dialog.findChild(QPushButton, f"cure_{key}")
    assert found is not None
    return found


# --- the gate ----------------------------------------------------------------------------


def test_without_consent_it_says_the_failing_clause_and_offers_the_cure(
    qtbot: QtBot, desk: Desk
) -> None:
    dialog = sending(qtbot, desk, desk.signed())
    assert dialog.patient.text() == "Sofia Eriksen, born 8 Mar 1972"
    assert desk.story.doctor.name in dialog.recipient.text()
    assert "Practice policy" in dialog.gate.accessibleName()
    assert "no consent" in dialog.gate.accessibleName()
    assert not dialog.send.isEnabled()
    assert dialog.send.accessibleDescription()
    cure(dialog, "consent").click()
    assert dialog.findChild(ConsentDialog) is not None
    settle(desk.session.tools.work)


def test_a_consent_recorded_meanwhile_opens_the_gate(
    qtbot: QtBot, desk: Desk, outside: Path
) -> None:
    number = desk.signed()
    dialog = sending(qtbot, desk, number)
    dialog.folder.setText(str(outside))
    assert not dialog.send.isEnabled()
    walk.agree(desk.vault, number, now())
    settle(desk.session.tools.work)
    assert "nobody has verified" in dialog.gate.accessibleName()
    dialog.known.setText("Known to the practice")
    dialog.confirm_way.click()
    qtbot.waitUntil(dialog.send.isEnabled)
    assert "Consent covers this letter." in dialog.gate.accessibleName()
    assert "Known to the practice" in dialog.known_said.text()


def test_a_withdrawal_closes_an_open_dialog_at_once(
    qtbot: QtBot, desk: Desk, outside: Path
) -> None:
    number = desk.signed()
    given = walk.agree(desk.vault, number, now())
    dialog = ready_to_save(qtbot, desk, number, outside)
    consent.revoke(desk.vault, number, given.id, now(), by="the patient", how="by telephone")
    settle(desk.session.tools.work)
    assert not dialog.send.isEnabled()
    assert "withdrawn" in dialog.gate.accessibleName()


# --- handing over ------------------------------------------------------------------------


def test_a_letter_is_saved_behind_the_password_that_is_shown_once(
    qtbot: QtBot, desk: Desk, outside: Path
) -> None:
    number = desk.signed()
    walk.agree(desk.vault, number, now())
    dialog = ready_to_save(qtbot, desk, number, outside)
    with qtbot.waitSignal(dialog.sent, timeout=15_000) as done:
        dialog.send.click()
    receipt = done.args[0]
    saved = next(iter(outside.iterdir()))
    assert desk.story.person.family not in saved.name
    assert hashlib.sha256(saved.read_bytes()).hexdigest() == receipt.reference
    assert dialog.password_once.isVisible()
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(saved)
    with pikepdf.open(saved, password=dialog.password_once.text()) as pdf:
        assert len(pdf.pages) == cases.open_case(desk.vault, number).letters[0].pages
    assert cases.open_case(desk.vault, number).case.state is CaseState.RELEASED
    assert "Handed over." in dialog.outcome.accessibleName()
    assert nameless(dialog) == []


def test_undo_cancels_wholly(qtbot: QtBot, desk: Desk, outside: Path) -> None:
    number = desk.signed()
    walk.agree(desk.vault, number, now())
    dialog = ready_to_save(qtbot, desk, number, outside)
    dialog.send.click()
    assert dialog.count.text() == "Handing over in 1 s"
    dialog.undo.click()
    qtbot.wait(1200)
    settle(desk.session.tools.work)
    assert list(outside.iterdir()) == []
    assert cases.open_case(desk.vault, number).dispatches == ()
    dialog.send.click()
    dialog.reject()  # Escape undoes, it doesn't close
    assert dialog.isVisible()
    assert cases.open_case(desk.vault, number).dispatches == ()


def test_closing_from_outside_cancels_and_leaves_nothing_on_screen(
    qtbot: QtBot, desk: Desk, outside: Path
) -> None:
    number = desk.signed()
    walk.agree(desk.vault, number, now())
    dialog = ready_to_save(qtbot, desk, number, outside)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    dialog.send.click()
    assert dialog.close()
    assert not dialog.isVisible()
    qtbot.wait(1200)
    settle(desk.session.tools.work)
    assert cases.open_case(desk.vault, number).dispatches == ()


def test_a_double_click_sends_once(qtbot: QtBot, desk: Desk, outside: Path) -> None:
    number = desk.signed()
    walk.agree(desk.vault, number, now())
    dialog = ready_to_save(qtbot, desk, number, outside)
    with qtbot.waitSignal(dialog.sent, timeout=15_000):
        dialog.send.click()
        dialog._begin()  # noqa: SLF001
        dialog._hand_over()  # noqa: SLF001
        dialog._hand_over()  # noqa: SLF001
    settle(desk.session.tools.work)
    assert len(list(outside.iterdir())) == 1
    assert len(cases.open_case(desk.vault, number).dispatches) == 1


def test_a_failed_dispatch_is_visible_and_can_be_sent_again(
    qtbot: QtBot, desk: Desk, outside: Path
) -> None:
    number = desk.signed()
    walk.agree(desk.vault, number, now())
    dialog = ready_to_save(qtbot, desk, number, outside)
    outside.rmdir()
    with qtbot.waitSignal(dialog.ended, timeout=15_000):
        dialog.send.click()
    settle(desk.session.tools.work)
    assert "Not handed over." in dialog.outcome.accessibleName()
    assert cases.open_case(desk.vault, number).dispatches[0].state == "failed"
    outside.mkdir()
    dialog.resend.click()
    qtbot.waitUntil(dialog.send.isEnabled)
    assert dialog.earlier.count() > 0
    with qtbot.waitSignal(dialog.sent, timeout=15_000):
        dialog.send.click()
    states = [one.state for one in cases.open_case(desk.vault, number).dispatches]
    assert states == ["failed", "sent"]


def test_saving_without_a_password_is_a_choice_and_says_what_it_means(
    qtbot: QtBot, desk: Desk, outside: Path
) -> None:
    number = desk.signed()
    walk.agree(desk.vault, number, now())
    dialog = ready_to_save(qtbot, desk, number, outside)
    dialog.password.setText("short")
    assert "at least 8" in dialog.send.toolTip()
    dialog.unprotected.click()
    assert dialog.send.isEnabled()
    assert "can read it" in dialog.password_help.text()
    (outside / f"{dialog.file_name.text()}.pdf").write_text("somebody else's")
    dialog.handed_to.setText("x")
    dialog.file_name.setText(dialog.file_name.text() + " ")
    assert dialog.replace_file.isVisible()
    assert not dialog.send.isEnabled()
    dialog.replace_file.click()
    assert dialog.send.isEnabled()


def test_no_printer_is_said_and_never_sends(
    qtbot: QtBot, desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    number = desk.signed()
    walk.agree(desk.vault, number, now())
    dialog = sending(qtbot, desk, number)
    dialog.by_print.click()
    settle(desk.session.tools.work)
    assert dialog.no_queue.isVisible()
    assert "Save the letter instead." in dialog.no_queue.text()
    assert not dialog.send.isEnabled()


# --- to the patient only -----------------------------------------------------------------


def test_without_consent_the_letter_goes_to_the_patient_only(
    qtbot: QtBot, desk: Desk, outside: Path
) -> None:
    number = desk.signed()
    dialog = sending(qtbot, desk, number)
    cure(dialog, "patient_only").click()
    sign = dialog.findChild(SignDialog)
    assert sign is not None
    with qtbot.waitSignal(sign.ready):
        pass
    assert "normal" in sign.about.text()
    sign.passphrase.setText(PASSPHRASE)
    with qtbot.waitSignal(sign.signed, timeout=15_000) as done:
        sign.sign.click()
    assert done.args[0].kind is LetterKind.PATIENT_ONLY
    settle(desk.session.tools.work)
    assert dialog.letter_id == done.args[0].id
    dialog.folder.setText(str(outside))
    dialog.known.setText("Given to her in person")
    dialog.confirm_way.click()
    qtbot.waitUntil(dialog.send.isEnabled)
    assert "needs no consent" in dialog.gate.accessibleName()
    with qtbot.waitSignal(dialog.sent, timeout=15_000):
        dialog.send.click()
    state = cases.open_case(desk.vault, number).case.state
    assert state is CaseState.RELEASED_TO_PATIENT_ONLY


def test_both_ways_out_name_what_they_need(qtbot: QtBot, desk: Desk) -> None:
    dialog = sending(qtbot, desk, desk.signed())
    for way, kind in (
        (dialog.by_print, ChannelKind.HAND_OVER_PRINT),
        (dialog.by_save, ChannelKind.HAND_OVER_SAVE),
    ):
        way.click()
        settle(desk.session.tools.work)
        assert dialog.way is kind
        assert nameless(dialog) == []
    assert "outside the encrypted store" in dialog.outside.text()


def test_passwords_are_long_told_easily_and_never_the_same() -> None:
    made = {new_password() for _ in range(200)}
    assert len(made) == 200
    for one in made:
        assert len(one) == 19
        assert not set(one) & set("0o1il")
