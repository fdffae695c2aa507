from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from consultdesk.consultation.case import CaseState
from consultdesk.consultation.letter import LetterKind
from consultdesk.desk import cases, opinion, store
from consultdesk.desktop.assessment_advice import Remark
from consultdesk.desktop.form import Forms
from consultdesk.desktop.letter_preview import LetterPreview
from consultdesk.desktop.letter_sign import SignDialog
from consultdesk.desktop.settings import SettingsDialog
from consultdesk.desktop.style import Style
from consultdesk.desktop.work import Work
from tests.desktop.reading import nameless, tab_order
from tests.desktop.walking import PASSPHRASE, Desk, now, open_desk, settle


@pytest.fixture
def desk(tmp_path: Path, forms: Forms, style: Style, work: Work) -> Iterator[Desk]:
    with open_desk(tmp_path, forms, style, work) as opened:
        yield opened


def signing(qtbot: QtBot, desk: Desk, number: str, kind: LetterKind | None = None) -> SignDialog:
    dialog = SignDialog(desk.session, number, kind=kind)
    qtbot.addWidget(dialog)
    dialog.show()
    with qtbot.waitSignal(dialog.ready, timeout=20_000):
        pass
    return dialog


# --- signing -----------------------------------------------------------------------------


def test_sign_shows_patient_birth_date_recipient_and_answer(qtbot: QtBot, desk: Desk) -> None:
    dialog = signing(qtbot, desk, desk.drafted())
    assert dialog.patient.text() == "Sofia Eriksen, born 8 Mar 1972"
    assert desk.story.doctor.name in dialog.about.text()
    assert dialog.brief.toPlainText() == desk.story.brief
    assert dialog.passphrase.echoMode() is QLineEdit.EchoMode.Password
    assert not dialog.sign.isEnabled()
    assert dialog.sign.toolTip() == "Enter your passphrase."
    assert nameless(dialog) == []
    assert tab_order(dialog)[0] == "kind"


def test_sign_says_that_the_letter_has_no_number_to_call_until_there_is_one(
    qtbot: QtBot, desk: Desk
) -> None:
    number, head = desk.drafted(), store.letterhead(desk.vault)
    store.set_letterhead(desk.vault, replace(head, phone=""), now())
    dialog = signing(qtbot, desk, number)
    assert "no telephone number" in dialog.notice.accessibleName()
    dialog.passphrase.setText(PASSPHRASE)
    assert dialog.sign.isEnabled()
    dialog.notice.buttons[0].click()
    settings = dialog.findChild(SettingsDialog)
    assert isinstance(settings, SettingsDialog)
    settings.practice_phone.setText("+31 20 555 0100")
    with qtbot.waitSignal(dialog.ready):
        settings.ok.click()
    assert store.letterhead(desk.vault).phone == "+31 20 555 0100"
    assert not dialog.notice.isVisible()


def test_sign_quotes_the_words_that_a_colleague_may_take_amiss(qtbot: QtBot, desk: Desk) -> None:
    number = desk.drafted()
    begun = opinion.assessment(desk.vault, number).opinion
    brief = "No operation is needed. Dr. Smith should have sent the whole series."
    opinion.save_opinion(desk.vault, number, replace(begun, brief=brief), now())
    dialog = signing(qtbot, desk, number)
    assert "should have" in dialog.notice.accessibleName()
    assert dialog.blocked.isHidden()


def test_an_addendum_begins_with_its_text(qtbot: QtBot, desk: Desk) -> None:
    dialog = signing(qtbot, desk, desk.signed(), LetterKind.ADDENDUM)
    assert dialog.focusWidget() is dialog.amendment


def test_a_wrong_passphrase_stays_open_and_signs_nothing(qtbot: QtBot, desk: Desk) -> None:
    number = desk.drafted()
    dialog = signing(qtbot, desk, number)
    dialog.passphrase.setText("not the passphrase")
    dialog.sign.click()
    qtbot.waitUntil(dialog.said.isVisible)
    assert "Nothing was signed." in dialog.said.text()
    assert dialog.isVisible()
    assert dialog.passphrase.isEnabled()
    assert cases.open_case(desk.vault, number).letters == ()


def test_the_right_passphrase_signs_once_however_often_it_is_clicked(
    qtbot: QtBot, desk: Desk
) -> None:
    number = desk.drafted()
    dialog = signing(qtbot, desk, number)
    dialog.passphrase.setText(PASSPHRASE)
    with qtbot.waitSignal(dialog.signed) as done:
        for _ in range(3):
            dialog.sign.click()
            dialog._sign()  # noqa: SLF001 - as a shortcut would
    settle(desk.session.tools.work)
    file = cases.open_case(desk.vault, number)
    assert file.letters == (done.args[0],)
    assert file.case.state is CaseState.SIGNED


def test_what_is_open_is_listed_and_sign_is_closed(qtbot: QtBot, desk: Desk) -> None:
    number = desk.compared()
    from_walk = opinion.assessment(desk.vault, number).comparison
    del from_walk
    dialog = signing(qtbot, desk, desk.drafted())
    assert not dialog.blocked.isVisible()
    other = desk.drafted()
    held = cases.open_case(desk.vault, other).case.referral.questions
    unanswered = tuple(type(one)(one.n, one.text, one.asked_by, source=one.source) for one in held)
    cases.set_questions(desk.vault, other, unanswered, now())
    dialog = signing(qtbot, desk, other)
    dialog.passphrase.setText(PASSPHRASE)
    assert "answer question 1" in dialog.blocked.accessibleName()
    assert not dialog.sign.isEnabled()
    assert dialog.sign.accessibleDescription() == "Settle what is still open first."


def test_an_addendum_is_written_and_signed(qtbot: QtBot, desk: Desk) -> None:
    number = desk.signed()
    dialog = signing(qtbot, desk, number, LetterKind.ADDENDUM)
    dialog.passphrase.setText(PASSPHRASE)
    assert dialog.sign.toolTip() == "Write the text of the addendum."
    with qtbot.waitSignal(dialog.looked):
        dialog.amendment.setPlainText("The MRI of March has arrived and changes nothing.")
    with qtbot.waitSignal(dialog.signed) as done:
        dialog.sign.click()
    assert done.args[0].kind is LetterKind.ADDENDUM
    assert len(cases.open_case(desk.vault, number).letters) == 2


def test_words_and_sides_of_an_addendum_stay_only_with_a_reason(qtbot: QtBot, desk: Desk) -> None:
    number = desk.signed()
    dialog = signing(qtbot, desk, number, LetterKind.ADDENDUM)
    dialog.passphrase.setText(PASSPHRASE)
    with qtbot.waitSignal(dialog.looked):
        dialog.amendment.setPlainText(
            "The first surgeon is an idiot. The new images show L4/5 on the right."
        )
    assert not dialog.sign.isEnabled()
    assert dialog.sign.toolTip() == "Settle what is still open first."
    assert "idiot" in dialog.blocked.accessibleName()
    assert "mend or confirm" in dialog.blocked.accessibleName()
    assert nameless(dialog) == []
    while open_ := [r for r in dialog.advice.remarks if isinstance(r, Remark) and r.reason]:
        reason, settle_button = open_[0].reason, open_[0].findChild(QPushButton, "settle")
        assert reason is not None
        assert settle_button is not None
        reason.setText("The patient asked for these words.")
        with qtbot.waitSignal(dialog.looked):
            settle_button.click()
    assert not dialog.blocked.isVisible()
    with qtbot.waitSignal(dialog.signed) as done:
        dialog.sign.click()
    assert "idiot" in done.args[0].source["amendment"]


def test_an_addendum_changed_after_the_look_is_looked_over_again(qtbot: QtBot, desk: Desk) -> None:
    dialog = signing(qtbot, desk, desk.signed(), LetterKind.ADDENDUM)
    dialog.passphrase.setText(PASSPHRASE)
    with qtbot.waitSignal(dialog.looked):
        dialog.amendment.setPlainText("The report of March has come.")
    assert dialog.sign.isEnabled()
    with qtbot.waitSignal(dialog.looked):
        dialog.amendment.appendPlainText("The first surgeon is an idiot.")
        assert not dialog.sign.isEnabled()
    assert not dialog.sign.isEnabled()


def test_an_addendum_that_was_not_signed_is_there_again(qtbot: QtBot, desk: Desk) -> None:
    number = desk.signed()
    dialog = signing(qtbot, desk, number, LetterKind.ADDENDUM)
    dialog.amendment.setPlainText("Half a sentence")
    dialog.reject()
    assert opinion.addendum(desk.vault, number) == "Half a sentence"
    again = signing(qtbot, desk, number, LetterKind.ADDENDUM)
    assert again.amendment.toPlainText() == "Half a sentence"
    with qtbot.waitSignal(again.looked):
        again.amendment.setPlainText("A whole sentence.")
    qtbot.waitUntil(lambda: opinion.addendum(desk.vault, number) == "A whole sentence.")
    again.passphrase.setText(PASSPHRASE)
    with qtbot.waitSignal(again.signed):
        again.sign.click()
    assert opinion.addendum(desk.vault, number) == ""


# --- the preview -------------------------------------------------------------------------


def shown(qtbot: QtBot, desk: Desk, number: str) -> LetterPreview:
    preview = LetterPreview(desk.session)
    qtbot.addWidget(preview)
    preview.resize(620, 700)
    preview.show()
    with qtbot.waitSignal(preview.rendered, timeout=20_000):
        preview.show_case(number)
    return preview


def test_the_draft_is_shown_and_says_that_it_is_one(qtbot: QtBot, desk: Desk) -> None:
    preview = shown(qtbot, desk, desk.drafted())
    assert preview.standing.text() == "DRAFT, not signed"
    assert preview.paper is not None
    assert preview.paper.of_pages.text() == "of 2"
    assert nameless(preview) == []


def test_the_preview_follows_the_text_and_keeps_its_page(qtbot: QtBot, desk: Desk) -> None:
    number = desk.drafted()
    preview = shown(qtbot, desk, number)
    first = preview.paper
    assert first is not None
    first.go_to("page 2")
    qtbot.waitUntil(lambda: first.place() == "page 2")
    said = opinion.assessment(desk.vault, number).opinion
    changed = type(said)(**{**vars(said), "brief": "Another answer altogether."})
    with qtbot.waitSignal(preview.rendered, timeout=20_000):
        opinion.save_opinion(desk.vault, number, changed, now())
    assert preview.paper is not first
    assert preview.paper is not None
    assert preview.paper.place() == "page 2"


def test_a_signed_letter_is_shown_as_it_was_signed(qtbot: QtBot, desk: Desk) -> None:
    preview = shown(qtbot, desk, desk.signed())
    assert preview.standing.text().startswith("Signed ")
    assert "version 1" in preview.which.currentText()


def test_before_the_opinion_there_is_no_letter(qtbot: QtBot, desk: Desk) -> None:
    preview = LetterPreview(desk.session)
    qtbot.addWidget(preview)
    preview.show()
    preview.show_case(desk.reading())
    settle(desk.session.tools.work)
    assert preview.paper is None
    assert "There is no letter yet." in preview._nothing.accessibleName()  # noqa: SLF001
    preview.clear()
    assert preview.which.count() == 0
