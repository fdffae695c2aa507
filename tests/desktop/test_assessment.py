from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from consultdesk.consultation.assessment import (
    Comparison,
    DiagnosisRelation,
    Impact,
    OwnRead,
    Timing,
)
from consultdesk.consultation.case import CaseState, Priority, Question
from consultdesk.consultation.form import Field, FieldKind
from consultdesk.desk import cases, opinion
from consultdesk.desk.specialties import known_specialties
from consultdesk.desktop.assessment import AssessmentPane
from consultdesk.desktop.assessment_advice import Remark
from consultdesk.desktop.assessment_comparison import ComparisonPage
from consultdesk.desktop.assessment_drafts import Drafts, Part
from consultdesk.desktop.assessment_fields import editor_for, local_number, plain_number
from consultdesk.desktop.assessment_opinion import OpinionPage
from consultdesk.desktop.assessment_parts import DateLine
from consultdesk.desktop.assessment_read import OwnReadPage
from consultdesk.desktop.form import Forms
from consultdesk.desktop.style import Style
from consultdesk.desktop.work import Work
from tests.desktop.reading import focusable, nameless, spoken_name, tab_order
from tests.desktop.walking import Desk, now, open_desk, settle


@pytest.fixture
def desk(tmp_path: Path, forms: Forms, style: Style, work: Work) -> Iterator[Desk]:
    with open_desk(tmp_path, forms, style, work) as opened:
        yield opened


def opened(qtbot: QtBot, desk: Desk, number: str) -> AssessmentPane:
    pane = AssessmentPane(desk.session)
    qtbot.addWidget(pane)
    pane.resize(340, 860)
    with qtbot.waitActive(pane):
        pane.show()
        pane.activateWindow()
    with qtbot.waitSignal(pane.shown, timeout=20_000):
        pane.show_case(number)
    settle(desk.session.tools.work)
    return pane


def read_page(pane: AssessmentPane) -> OwnReadPage:
    assert pane.own_read is not None
    return pane.own_read


def opinion_page(pane: AssessmentPane) -> OpinionPage:
    assert pane.opinion is not None
    return pane.opinion


def fill_own_read(desk: Desk, pane: AssessmentPane, number: str) -> None:
    page = read_page(pane)
    for asked in page.specialty.fields:
        if asked.required:
            page.fields[asked.key].show_value(asked.options[0] if asked.options else "1")
    page.findings.setPlainText("Protrusion L4/5 left.")
    page.diagnosis.setPlainText("Disc herniation L4/5 left")
    page.certainty.setCurrentIndex(2)
    del desk, number


# --- keeping what is written -------------------------------------------------------------------


def test_what_is_typed_is_sealed_soon_after(qtbot: QtBot, desk: Desk) -> None:
    number = desk.reading()
    pane = opened(qtbot, desk, number)
    with qtbot.waitSignal(pane.saved) as kept:
        QTest.keyClicks(read_page(pane).findings, "Left foraminal narrowing")
    assert opinion.assessment(desk.vault, number).own_read.findings == "Left foraminal narrowing"
    assert pane.saved_at.text().startswith("Saved ")
    assert kept.args == [opinion.assessment(desk.vault, number).saved_at]


def test_typing_on_and_on_is_kept_meanwhile(qtbot: QtBot, desk: Desk) -> None:
    number = desk.reading()
    pane = opened(qtbot, desk, number)
    page = read_page(pane)
    kept: list[int] = []
    pane.saved.connect(kept.append)

    def type_on() -> bool:
        QTest.keyClicks(page.findings, "word ")
        return bool(kept)

    qtbot.waitUntil(type_on, timeout=6000)
    assert opinion.assessment(desk.vault, number).own_read.findings.startswith("word ")


def test_saving_moves_neither_caret_nor_page(qtbot: QtBot, desk: Desk) -> None:
    number = desk.reading()
    pane = opened(qtbot, desk, number)
    page = read_page(pane)
    page.findings.setPlainText("one\ntwo\nthree")
    pane.save_now()
    settle(desk.session.tools.work)
    cursor = page.findings.textCursor()
    cursor.setPosition(5)
    page.findings.setTextCursor(cursor)
    pane.read_area.verticalScrollBar().setValue(120)
    page.findings.insertPlainText("X")
    pane.save_now()
    pane.show_case(number)
    settle(desk.session.tools.work)
    assert page.findings.textCursor().position() == 6
    assert pane.read_area.verticalScrollBar().value() == 120
    assert page.findings.toPlainText() == "one\ntXwo\nthree"
    page.findings.undo()
    assert page.findings.toPlainText() == "one\ntwo\nthree"


def test_save_now_keeps_before_it_returns(qtbot: QtBot, desk: Desk) -> None:
    number = desk.reading()
    pane = opened(qtbot, desk, number)
    read_page(pane).diagnosis.setPlainText("Stenosis L4/5")
    assert pane.save_now()
    assert opinion.assessment(desk.vault, number).own_read.diagnosis == "Stenosis L4/5"


def test_opening_another_case_keeps_what_was_written_of_the_first(qtbot: QtBot, desk: Desk) -> None:
    first, second = desk.reading(), desk.reading()
    pane = opened(qtbot, desk, first)
    read_page(pane).findings.setPlainText("Of the first case.")
    with qtbot.waitSignal(pane.shown):
        pane.show_case(second)
    assert opinion.assessment(desk.vault, first).own_read.findings == "Of the first case."
    assert read_page(pane).findings.toPlainText() == ""


def test_news_from_elsewhere_takes_nothing_that_is_being_written(qtbot: QtBot, desk: Desk) -> None:
    number = desk.drafted()
    pane = opened(qtbot, desk, number)
    page = opinion_page(pane)
    text = page._texts["brief"]  # noqa: SLF001
    text.setPlainText("Written here and not kept yet.")
    cases.set_priority(desk.vault, number, Priority.URGENT, now())
    settle(desk.session.tools.work)
    assert text.toPlainText() == "Written here and not kept yet."


def test_what_could_not_be_kept_is_said_and_tried_again(qtbot: QtBot, desk: Desk) -> None:
    number = desk.reading()
    later = f"{number[:-1]}{int(number[-1]) + 1}"
    drafts = Drafts(desk.session)
    drafts.put(later, Part.OWN_READ, OwnRead("", findings="Not lost."))
    with qtbot.waitSignal(drafts.failed):
        drafts.flush()
    assert drafts.waiting(later, Part.OWN_READ) is not None
    assert desk.reading() == later
    with qtbot.waitSignal(drafts.saved, timeout=10_000):
        pass  # by itself
    assert not drafts.open
    assert opinion.assessment(desk.vault, later).own_read.findings == "Not lost."


def test_a_failed_save_shows_in_the_pane_and_keeps_the_text(qtbot: QtBot, desk: Desk) -> None:
    pane = opened(qtbot, desk, desk.reading())
    read_page(pane).findings.setPlainText("Still here.")
    desk.vault.close()
    assert not pane.save_now()
    assert "Not saved yet." in pane.notice.accessibleName()
    assert read_page(pane).findings.toPlainText() == "Still here."
    assert pane.writing.open


def test_an_older_draft_never_goes_over_a_newer_one(qtbot: QtBot, desk: Desk) -> None:
    number = desk.reading()
    drafts = Drafts(desk.session)
    drafts.put(number, Part.OWN_READ, OwnRead("", findings="old"))
    drafts.flush()  # on its way beside the window
    drafts.put(number, Part.OWN_READ, OwnRead("", findings="new"))
    assert drafts.flush_now() is None
    settle(desk.session.tools.work)
    assert opinion.assessment(desk.vault, number).own_read.findings == "new"


# --- the steps -----------------------------------------------------------------------------------


def test_a_case_that_is_ready_offers_to_begin(qtbot: QtBot, desk: Desk) -> None:
    number = desk.ready()
    pane = opened(qtbot, desk, number)
    assert pane.stack.currentWidget() is pane.nothing
    begin = pane.nothing.findChild(QPushButton, "empty_action")
    assert begin is not None
    begin.click()
    qtbot.waitUntil(lambda: pane.own_read is not None)
    assert cases.open_case(desk.vault, number).case.state is CaseState.OWN_READ


def test_a_case_that_is_not_ready_says_what_is_open(qtbot: QtBot, desk: Desk) -> None:
    pane = opened(qtbot, desk, desk.accepted())
    assert "record the consent to review" in pane.nothing.accessibleName()
    assert not pane.sign.isEnabled()


def test_the_lock_says_what_is_missing_and_then_opens_the_comparison(
    qtbot: QtBot, desk: Desk
) -> None:
    number = desk.reading()
    cases.describe(desk.vault, number, now(), lambda case: replace(case, sealing=True))
    pane = opened(qtbot, desk, number)
    assert not pane.go_on.isEnabled()
    for point in ("your findings", "your own diagnosis", "Index level: not filled in"):
        assert point in pane.go_on.toolTip()
    assert pane.go_on.accessibleDescription() == pane.go_on.toolTip()
    assert desk.story.first_diagnosis not in everything_shown(pane)
    fill_own_read(desk, pane, number)
    assert pane.go_on.isEnabled()
    pane.go_on.click()
    box = pane.findChild(QMessageBox, "lock_own_read")
    assert box is not None
    assert "The first opinion opens now." in box.informativeText()
    assert "accura" not in box.informativeText()
    with qtbot.waitSignal(pane.own_read_locked):
        box.buttons()[0].click()
    qtbot.waitUntil(lambda: pane.comparison is not None)
    assert pane.comparison is not None
    assert pane.comparison.first_diagnosis.text() == desk.story.first_diagnosis
    assert "Disc herniation L4/5 left" in pane.comparison.own_diagnosis.text()
    assert opinion.assessment(desk.vault, number).own_reads[0].diagnosis == (
        "Disc herniation L4/5 left"
    )
    pane.show_step(0)
    assert read_page(pane).findings.isReadOnly()


def everything_shown(root: QWidget) -> str:
    return "\n".join(
        str(widget.property(name) or "")
        for widget in root.findChildren(QWidget)
        for name in ("text", "plainText", "toolTip", "accessibleName")
    )


def test_late_material_makes_a_further_revision_and_both_are_kept(qtbot: QtBot, desk: Desk) -> None:
    number = desk.compared()
    pane = opened(qtbot, desk, number)
    pane.show_step(0)
    pane.notice.buttons[0].click()
    page = read_page(pane)
    assert not page.findings.isReadOnly()
    fill_own_read(desk, pane, number)
    page.findings.setPlainText("With the images that came later.")
    assert pane.go_on.text() == "Lock this revision…"
    pane.go_on.click()
    box = pane.findChild(QMessageBox, "lock_own_read")
    assert box is not None
    with qtbot.waitSignal(pane.own_read_locked):
        box.buttons()[0].click()
    reads = opinion.assessment(desk.vault, number).own_reads
    assert [one.revision for one in reads] == [1, 2]
    assert reads[1].findings == "With the images that came later."
    assert reads[0].findings == desk.story.findings


def test_a_revision_that_was_begun_can_be_dropped(qtbot: QtBot, desk: Desk) -> None:
    number = desk.drafted()
    pane = opened(qtbot, desk, number)
    pane.show_step(0)
    pane.notice.buttons[0].click()
    page = read_page(pane)
    page.findings.setPlainText("Half a thought about the later images.")
    assert pane.save_now()
    assert opinion.assessment(desk.vault, number).revising
    assert "Revision 2" in pane.notice.accessibleName()
    (drop,) = pane.notice.buttons
    assert drop.text() == "Drop it"
    drop.click()
    qtbot.waitUntil(lambda: page.findings.isReadOnly())
    settle(desk.session.tools.work)
    assert page.findings.toPlainText() == desk.story.findings
    assert not opinion.assessment(desk.vault, number).revising
    assert len(opinion.assessment(desk.vault, number).own_reads) == 1
    qtbot.waitUntil(pane.sign.isEnabled)


def test_after_a_revision_the_comparison_is_finished_again(qtbot: QtBot, desk: Desk) -> None:
    number = desk.drafted()
    pane = opened(qtbot, desk, number)
    pane.show_step(0)
    pane.notice.buttons[0].click()
    read_page(pane).findings.setPlainText("With the images that came later.")
    pane.go_on.click()
    box = pane.findChild(QMessageBox, "lock_own_read")
    assert box is not None
    with qtbot.waitSignal(pane.own_read_locked):
        box.buttons()[0].click()
    qtbot.waitUntil(lambda: "Finish the comparison again" in pane.notice.accessibleName())
    page = pane.comparison
    assert page is not None
    assert pane.stack.currentWidget() is pane.comparison_area
    pane.show_step(2)
    assert "finish the comparison again" in pane.sign.accessibleDescription()
    (back,) = pane.notice.buttons
    back.click()
    assert pane.stack.currentWidget() is pane.comparison_area
    assert pane.go_on.text() == "Go on to the opinion"
    choose(page, "relation_same")
    choose(page, "impact_minor")
    pane.go_on.click()
    qtbot.waitUntil(lambda: not opinion.assessment(desk.vault, number).comparing)
    qtbot.waitUntil(pane.sign.isEnabled)
    assert not pane.notice.isVisible()


def test_the_comparison_derives_results_and_asks_for_a_decision_when_it_is_major(
    qtbot: QtBot, desk: Desk
) -> None:
    number = desk.compared()
    pane = opened(qtbot, desk, number)
    page = pane.comparison
    assert page is not None
    assert not pane.go_on.isEnabled()
    choose(page, "relation_distinctly_different")
    choose(page, "impact_major")
    assert "Diagnosis changed." in page.derived.text()
    assert page.decision.isVisible()
    assert "talking to the treating physician" in pane.go_on.toolTip()
    page.decision.setPlainText("Called Dr. Bakker, agreed.")
    key, editor = next(iter(page.fields.items()))
    editor.show_value(editor.asked.options[0])
    editor.edited.emit()
    pane.go_on.click()
    qtbot.waitUntil(lambda: pane.opinion is not None)
    kept = opinion.assessment(desk.vault, number).comparison
    assert kept.relation is DiagnosisRelation.DISTINCTLY_DIFFERENT
    assert kept.impact is Impact.MAJOR
    assert kept.answers == {key: editor.asked.options[0]}
    assert kept.major_decision == "Called Dr. Bakker, agreed."
    assert opinion_page(pane)._texts["diagnosis"].toPlainText() == desk.story.diagnosis  # noqa: SLF001


def choose(root: QWidget, name: str) -> None:
    button = root.findChild(QAbstractButton, name)
    assert button is not None
    button.click()


# --- the opinion ---------------------------------------------------------------------------------


def test_answers_are_kept_with_their_questions(qtbot: QtBot, desk: Desk) -> None:
    number = desk.drafted()
    pane = opened(qtbot, desk, number)
    first, second = opinion_page(pane).questions.lines
    first.answer.setPlainText("No, not now.")
    second.cannot.click()
    assert second.reason.isVisible()
    second.reason.setPlainText("The injection report is missing")
    assert pane.save_now()
    said = cases.open_case(desk.vault, number).case.referral.questions
    assert (said[0].answer, said[0].cannot_answer) == ("No, not now.", "")
    assert (said[1].answer, said[1].cannot_answer) == ("", "The injection report is missing")


def test_a_question_changed_elsewhere_keeps_its_new_words(qtbot: QtBot, desk: Desk) -> None:
    number = desk.drafted()
    pane = opened(qtbot, desk, number)
    held = cases.open_case(desk.vault, number).case.referral.questions
    opinion_page(pane).questions.lines[0].answer.setPlainText("Answer to the first.")
    pane.writing.collect()
    added = (*held[:1], replace(held[1], text="Another wording?"), Question(3, "A new one?"))
    cases.set_questions(desk.vault, number, added, now())
    assert pane.save_now()
    said = cases.open_case(desk.vault, number).case.referral.questions
    assert [one.text for one in said] == [held[0].text, "Another wording?", "A new one?"]
    assert said[0].answer == "Answer to the first."


def test_recommendations_are_added_moved_and_removed_by_keyboard(qtbot: QtBot, desk: Desk) -> None:
    number = desk.drafted()
    pane = opened(qtbot, desk, number)
    listed = opinion_page(pane).recommendations
    before = [one.action for one in listed.value()]
    top = listed.lines[0]
    top.action.setFocus()
    QTest.keyClick(top.action, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert [one.action for one in listed.value()] == [before[1], before[0], *before[2:]]
    listed._add("Repeat MRI in three months")  # noqa: SLF001
    line = listed.lines[-1]
    line.owner.setCurrentText("Dr. Bakker")
    line.timing.choose(Timing.DATE.value)
    assert "when" in line.open.text()
    line.by_date.setText("2027-03-31")
    assert line.value().when == "2027-03-31"
    assert listed.lines[0].up.toolTip() == "It is the first already."
    assert listed.lines[-1].down.accessibleDescription() == "It is the last already."
    assert listed.lines[0].down.accessibleDescription() == ""
    listed.lines[0].remove.click()
    assert pane.save_now()
    kept = opinion.assessment(desk.vault, number).opinion.recommendations
    assert [one.action for one in kept] == [before[0], *before[2:], "Repeat MRI in three months"]
    assert kept[-1].complete


def test_a_remark_that_must_be_settled_holds_sign_until_a_reason_is_given(
    qtbot: QtBot, desk: Desk
) -> None:
    number = desk.drafted()
    pane = opened(qtbot, desk, number)
    assert pane.sign.isEnabled()
    page = opinion_page(pane)
    before = page._texts["reasoning"].toPlainText()  # noqa: SLF001
    hard = f"{before}\nThe first surgeon is an idiot."
    page._texts["reasoning"].setPlainText(hard)  # noqa: SLF001
    pane.save_now()
    qtbot.waitUntil(lambda: not pane.sign.isEnabled())
    assert "reword or acknowledge" in pane.sign.accessibleDescription()
    remark = next(one for one in page.advice.remarks if isinstance(one, Remark) and one.reason)
    settle_button = remark.findChild(QPushButton, "settle")
    assert settle_button is not None
    assert not settle_button.isEnabled()
    assert remark.reason is not None
    remark.reason.setText("It is a quotation the patient asked for.")
    settle_button.click()
    pane.save_now()
    qtbot.waitUntil(pane.sign.isEnabled)
    assert page._texts["reasoning"].toPlainText() == hard  # noqa: SLF001
    assert (
        "It is a quotation the patient asked for."
        in opinion.assessment(desk.vault, number).opinion.overrides.values()
    )


def test_a_usual_limitation_is_one_step_that_can_be_undone(qtbot: QtBot, desk: Desk) -> None:
    pane = opened(qtbot, desk, desk.drafted())
    page = opinion_page(pane)
    words = page.specialty.limitations[0]
    text = page._texts["limitations"]  # noqa: SLF001
    before = text.toPlainText()
    page.usual.menu().actions()[0].trigger()
    assert words in text.toPlainText().split("\n")
    text.undo()
    assert text.toPlainText() == before


def test_evidence_is_linked_opened_and_removed(qtbot: QtBot, desk: Desk) -> None:
    number = desk.reading()
    record = cases.open_case(desk.vault, number).records[0]
    pane = opened(qtbot, desk, number)
    assert pane.add_evidence(record.id, "page 2", record.name)
    assert not pane.add_evidence(record.id, "page 2", record.name)
    link = pane.findChild(QPushButton, "evidence_open_0")
    assert link is not None
    assert link.text().endswith(", page 2")
    assert link.toolTip() == f"Show {record.name}, page 2"
    with qtbot.waitSignal(pane.evidence_opened) as asked:
        link.click()
    assert asked.args == [record.id, "page 2"]
    pane.save_now()
    assert opinion.assessment(desk.vault, number).own_read.evidence[0].place == "page 2"
    remove = pane.findChild(QAbstractButton, "evidence_remove_0")
    assert remove is not None
    remove.click()
    pane.save_now()
    assert opinion.assessment(desk.vault, number).own_read.evidence == ()


def test_a_signed_opinion_is_read_only_and_offers_an_addendum(qtbot: QtBot, desk: Desk) -> None:
    number = desk.signed()
    pane = opened(qtbot, desk, number)
    page = opinion_page(pane)
    assert all(text.isReadOnly() for text in page._texts.values())  # noqa: SLF001
    assert not page.recommendations.add.isVisible()
    assert not page.usual.isVisible()
    assert not page.follow_up_owner.isEnabled()
    assert not pane.sign.isEnabled()
    assert pane.send.isEnabled()
    with qtbot.waitSignal(pane.addendum_asked) as asked:
        pane.addendum.click()
    assert asked.args == [number]


# --- fields --------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(known_specialties()))
def test_every_specialty_fits_a_narrow_pane_and_names_what_it_asks(
    qtbot: QtBot, style: Style, code: str
) -> None:
    del style
    kind = known_specialties()[code]
    for page in (OwnReadPage(kind), ComparisonPage(kind), OpinionPage(kind)):
        qtbot.addWidget(page)
        page.resize(300, 2000)
        page.show()
        assert page.minimumSizeHint().width() <= 300
        assert nameless(page) == []
        for widget in focusable(page):
            assert widget.height() >= 24, spoken_name(widget)


@pytest.mark.parametrize("code", sorted(known_specialties()))
def test_every_field_gives_back_what_it_was_given(qtbot: QtBot, style: Style, code: str) -> None:
    del style
    for asked in known_specialties()[code].fields:
        editor = editor_for(asked)
        qtbot.addWidget(editor)
        told: list[bool] = []
        editor.edited.connect(lambda told=told: told.append(True))
        for answer in answers_to(asked):
            editor.show_value(answer)
            assert editor.value() == answer, asked.key
            assert not editor.problem
        assert told == []


def answers_to(asked: Field) -> tuple[str, ...]:
    match asked.kind:
        case FieldKind.CHOICE:
            return (asked.options[-1], "")
        case FieldKind.CHOICES:
            return ("\n".join((asked.options[0], asked.options[-1])), "")
        case FieldKind.NUMBER:
            return (f"{asked.minimum if asked.minimum is not None else 1:g}", "")
        case FieldKind.CHECK:
            return ("yes", "")
        case _:
            return ("words & more", "")


def test_an_option_the_form_no_longer_has_is_not_lost(qtbot: QtBot, style: Style) -> None:
    del style
    one = editor_for(Field("k", "Kind", FieldKind.CHOICE, options=("A", "B")))
    many = editor_for(Field("m", "Many", FieldKind.CHOICES, options=("A", "B")))
    for editor, answer in ((one, "Once"), (many, "A\nOnce")):
        qtbot.addWidget(editor)
        editor.show_value(answer)
        assert editor.value() == answer


@pytest.mark.parametrize(
    ("language", "written", "kept"),
    [
        ("en_GB", "3.5", "3.5"),
        ("en_GB", "3,5", "3,5"),
        ("de_DE", "3,5", "3.5"),
        ("de_DE", "3.5", "3 . 5"),
        ("de_CH", "3.5", "3.5"),
        ("sv_SE", "−3,5", "-3.5"),
    ],
)
def test_a_number_is_read_by_the_persons_own_decimal_sign(
    language: str, written: str, kept: str
) -> None:
    locale = QLocale(language)
    assert plain_number(written, locale) == kept
    assert plain_number(local_number("3.5", locale), locale) == "3.5"


def test_a_date_is_kept_as_iso_and_what_is_no_date_is_marked(qtbot: QtBot, style: Style) -> None:
    del style
    line = DateLine()
    qtbot.addWidget(line)
    found = []
    for written in ("31 Mar 2027", "soon"):
        line.setText(written)
        found.append((line.value(), line.wrong))
    assert found == [("2027-03-31", False), ("soon", True)]
    line.show_value("2027-04-01")
    assert line.value() == "2027-04-01"
    assert "2027" in line.text()


# --- for everyone ----------------------------------------------------------------------


@pytest.mark.parametrize("state", ["ready", "reading", "compared", "drafted", "signed"])
def test_everything_has_a_name_and_what_is_disabled_says_why(
    qtbot: QtBot, desk: Desk, state: str
) -> None:
    pane = opened(qtbot, desk, getattr(desk, state)())
    assert nameless(pane) == []
    for button in (pane.preview, pane.sign, pane.send, pane.go_on):
        if button.isVisible() and not button.isEnabled():
            assert button.toolTip()
            assert button.accessibleDescription() == button.toolTip()


def test_a_comparison_without_answers_in_an_old_draft_still_opens() -> None:
    assert Comparison("case").answers == {}


def test_tab_goes_through_the_page_as_it_is_read_and_ends_at_send(qtbot: QtBot, desk: Desk) -> None:
    pane = opened(qtbot, desk, desk.drafted())
    opinion_page(pane).recommendations._add("Added later")  # noqa: SLF001
    order = tab_order(pane)
    wanted = [
        "step_1", "step_3", "brief", "opinion_diagnosis", "opinion_certainty", "answer_1",
        "cannot_1", "answer_2", "add_recommendation", "danger", "reasoning", "limitations",
        "relied_on_link_shown", "follow_up_owner", "topic_hiv", "preview", "sign",
    ]  # fmt: skip
    assert [name for name in order if name in wanted] == wanted
    assert max(n for n, name in enumerate(order) if name == "action") < order.index(
        "add_recommendation"
    )
