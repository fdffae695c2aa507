from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from consultdesk.desk import cases, intake, opinion
from consultdesk.desktop.command_palette import CommandPalette
from consultdesk.desktop.commands import NOTHING, menus
from consultdesk.desktop.declaration import DeclarationDialog
from consultdesk.desktop.help import ShortcutsDialog
from consultdesk.desktop.patient import PatientDialog
from consultdesk.desktop.record_tabs import LETTER
from consultdesk.desktop.window import MainWindow
from consultdesk.samples import walk
from consultdesk.samples.walk import Story
from consultdesk.vault.vault import Vault
from tests.desktop.reading import nameless
from tests.desktop.window.conftest import shown_step
from tests.stations import now as clock

# the offscreen platform has no keyboard to grab for a popup; a display has
of_offscreen = pytest.mark.qt_log_ignore("This plugin does not support (raise|grabbing)")


def _dialog(window: MainWindow, kind: type[QWidget]) -> QWidget:
    found = [one for one in window.findChildren(kind) if one.isVisible()]
    assert found, f"no {kind.__name__} is open"
    return found[-1]


def test_every_mnemonic_of_a_menu_is_its_own() -> None:
    def letter(words: str) -> str:
        at = words.replace("&&", "  ").find("&")
        return words[at + 1].casefold() if at >= 0 else ""

    bars = [letter(title) for title, _commands in menus()]
    assert len(set(bars)) == len(bars)
    assert all(bars)
    for title, commands in menus():
        letters = [letter(c.words) for c in commands if c.key != NOTHING]
        assert all(letters), title
        doubles = {one for one in letters if letters.count(one) > 1}
        assert not doubles, f"{title}: {doubles}"


def test_every_key_belongs_to_one_command() -> None:
    keys = [keys for _title, commands in menus() for c in commands for keys in c.keys]
    assert len(set(keys)) == len(keys)


def test_every_command_of_the_list_is_in_a_menu_and_does_something(window: MainWindow) -> None:
    listed = {c.key for _title, commands in menus() for c in commands} - {NOTHING}
    in_menus = {
        action.objectName()
        for menu in window.menu_bar.findChildren(QMenu)
        for action in menu.actions()
        if action.objectName()
    }
    assert listed == set(window.commands.actions)
    assert listed == in_menus


def test_the_keys_of_the_desk_are_the_promised_ones(window: MainWindow) -> None:
    promised = {
        "pane_1": "Ctrl+1",
        "pane_5": "Ctrl+5",
        "next_pane": "F6",
        "palette": "Ctrl+K",
        "find": "Ctrl+F",
        "preview_letter": "Ctrl+P",
        "sign": "Ctrl+Return",
        "send": "Ctrl+Shift+Return",
        "lock": "Ctrl+L",
        "shortcuts": "F1",
    }
    for key, keys in promised.items():
        shown = [one.toString() for one in window.commands.actions[key].shortcuts()]
        assert keys in shown, key


def test_a_command_that_needs_a_case_says_so_while_none_is_open(window: MainWindow) -> None:
    action: QAction = window.commands.actions["sign"]
    assert not action.isEnabled()
    assert "Open a case first" in action.toolTip()


def test_opening_a_case_names_patient_and_date_of_birth(opened: MainWindow, story: Story) -> None:
    header = opened.page.header
    assert story.person.name in header.patient.text()
    assert "born" in header.patient.text()
    assert opened.page.number in header.about.text()
    assert " ·" not in header.about.text()  # where a line could begin with the dot
    assert story.person.name in opened.windowTitle()


def test_no_pane_says_that_no_case_is_open_while_another_says_it_opens(
    qtbot: QtBot, window: MainWindow, received: str
) -> None:
    both = (window.page.nothing, window.assessment.nothing)
    assert all(one.accessibleName().startswith("No case is open.") for one in both)
    with qtbot.waitSignals([window.page.shown, window.assessment.shown]):
        window.open_case(received)
        assert [one.accessibleName() for one in both] == ["Opening…", "Opening…"]
    window.assessment.show_case("")
    assert window.assessment.nothing.accessibleName() == "No case is open."


def test_a_case_that_cant_be_opened_is_no_longer_said_to_open(
    qtbot: QtBot, window: MainWindow
) -> None:
    with qtbot.waitSignals([window.page.failed, window.assessment.failed]):
        window.open_case("1999-0001")
    assert window.page.nothing.accessibleName().startswith("The case can't be opened.")
    assert window.assessment.nothing.accessibleName().startswith("The assessment can't be opened.")


def test_the_first_record_is_shown_and_the_audit_says_who_saw_it(
    qtbot: QtBot, opened: MainWindow, vault: Vault
) -> None:
    from consultdesk.desk import reports

    qtbot.waitUntil(lambda: opened.page.viewer.shown is not None)
    qtbot.waitUntil(lambda: any(event.act == "view_record" for event in reports.case_events(vault)))


def test_a_record_of_somebody_else_says_whose_it_is_above_its_view(
    qtbot: QtBot, window: MainWindow, vault: Vault, write: Callable[[str, str], Path]
) -> None:
    ours = write("a.txt", "Patient: Jane Doe\nDate of birth: 1966-01-01\n\nClinic note. Pain.\n")
    other = write("b.txt", "Patient: Bo Hill\nDate of birth: 1971-05-06\n\nClinic note. Cough.\n")
    number = intake.bring_in(vault, [ours, other], clock()).number
    file = cases.open_case(vault, number)
    ids = {record.name: record.id for record in file.records}
    patient = replace(file.patient, name="Jane Doe", birth_date="1966-01-01")
    wrong = frozenset({ids["b.txt"]})
    cases.confirm_patient(vault, number, patient, clock(), wrong_records=wrong)
    page = window.page
    with qtbot.waitSignal(page.shown):
        window.open_case(number, ids["a.txt"])
    assert not page.stranger_banner.isVisible()
    page.show_record(ids["b.txt"])
    said = page.stranger_banner.accessibleName()
    assert page.stranger_banner.isVisible()
    assert "belongs to somebody else" in said
    assert "Bo Hill, born 6 May 1971" in said
    page.show_letter()
    assert not page.stranger_banner.isVisible()
    page.show_record(ids["b.txt"])
    assert page.stranger_banner.isVisible()
    cases.confirm_patient(vault, number, patient, clock())
    with qtbot.waitSignal(page.shown):
        page.reload()
    assert not page.stranger_banner.isVisible()


def test_a_received_case_asks_first_who_the_patient_is(opened: MainWindow) -> None:
    assert "confirm who the patient is" in shown_step(opened.page)
    opened.page.step_banner.buttons[0].click()
    assert isinstance(_dialog(opened, PatientDialog), PatientDialog)


def test_the_banner_follows_what_is_done(
    qtbot: QtBot, opened: MainWindow, vault: Vault, story: Story
) -> None:
    walk.confirm(vault, opened.page.number, story, clock())
    qtbot.waitUntil(lambda: "confirm who the patient is" not in shown_step(opened.page))
    cases.declare(vault, opened.page.number, clock(), conflict=False)
    qtbot.waitUntil(
        lambda: "accept" in [b.objectName()[:6] for b in opened.page.step_banner.buttons]
    )


def test_accepting_begins_the_way_to_the_own_read(
    qtbot: QtBot, opened: MainWindow, vault: Vault, story: Story
) -> None:
    number = opened.page.number
    walk.confirm(vault, number, story, clock())
    walk.accept(vault, number, clock())
    qtbot.waitUntil(lambda: "red flags" in shown_step(opened.page))
    walk.get_ready(vault, number, clock())
    qtbot.waitUntil(lambda: "own read" in shown_step(opened.page))
    [begin] = opened.page.step_banner.buttons
    begin.click()
    qtbot.waitUntil(lambda: cases.open_case(vault, number).case.state.value == "own_read")


def test_sending_is_locked_by_practice_policy_until_consent_covers_it(
    qtbot: QtBot, opened: MainWindow, vault: Vault, story: Story
) -> None:
    number = opened.page.number
    walk.confirm(vault, number, story, clock())
    banner = opened.page.consent_banner
    qtbot.waitUntil(lambda: "no consent" in banner.accessibleName())
    assert "practice policy" in banner.accessibleName()
    assert "illegal" not in banner.accessibleName()
    assert [b.text() for b in banner.buttons] == ["Record consent…", "Release to patient only…"]
    walk.agree(vault, number, clock())
    qtbot.waitUntil(lambda: "Consent covers this letter" in banner.accessibleName())


def test_a_revocation_locks_sending_again(
    qtbot: QtBot, opened: MainWindow, vault: Vault, story: Story
) -> None:
    from consultdesk.desk import consent

    number = opened.page.number
    walk.confirm(vault, number, story, clock())
    given = walk.agree(vault, number, clock())
    banner = opened.page.consent_banner
    qtbot.waitUntil(lambda: "Consent covers" in banner.accessibleName())
    consent.revoke(vault, number, given.id, clock(), by="patient", how="by telephone")
    qtbot.waitUntil(lambda: "Sending is locked" in banner.accessibleName())


@of_offscreen
def test_the_palette_finds_cases_and_commands(qtbot: QtBot, opened: MainWindow) -> None:
    opened.commands.actions["palette"].trigger()
    palette = _dialog(opened, CommandPalette)
    assert isinstance(palette, CommandPalette)
    palette.words.setText("keys")
    QTest.keyClick(palette.words, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: any(d.isVisible() for d in opened.findChildren(ShortcutsDialog)))


@of_offscreen
def test_the_palette_puts_first_what_begins_with_the_letters_typed(
    qtbot: QtBot, opened: MainWindow
) -> None:
    opened.commands.actions["palette"].trigger()
    palette = _dialog(opened, CommandPalette)
    assert isinstance(palette, CommandPalette)
    palette.words.setText("turn")
    rows = palette.found
    qtbot.waitUntil(lambda: rows.count() > 0 and rows.item(0).text() == "Turnaround…")
    assert "Return to the sender…" in [rows.item(at).text() for at in range(1, rows.count())]


@of_offscreen
def test_the_words_of_the_palette_begin_below_one_another(
    qtbot: QtBot, window: MainWindow, received: str, story: Story
) -> None:
    window.commands.actions["palette"].trigger()
    palette = _dialog(window, CommandPalette)
    assert isinstance(palette, CommandPalette)
    rows = [palette.found.item(row) for row in range(palette.found.count())]
    sizes = {row.icon().actualSize(palette.found.iconSize()).toTuple() for row in rows}
    assert sizes == {(16, 16)}
    spoken = {row.data(Qt.ItemDataRole.AccessibleTextRole) for row in rows}
    assert "Import files…, Ctrl+O" in spoken
    palette.words.setText(story.person.family)
    qtbot.waitUntil(lambda: "Eriksen" in palette.found.item(0).text(), timeout=20_000)
    assert not palette.found.item(0).icon().isNull()


@of_offscreen
def test_the_palette_opens_the_case_it_found(
    qtbot: QtBot, window: MainWindow, received: str, story: Story
) -> None:
    window.commands.actions["palette"].trigger()
    palette = _dialog(window, CommandPalette)
    assert isinstance(palette, CommandPalette)
    palette.words.setText(story.person.family)
    with qtbot.waitSignal(window.page.shown):
        QTest.keyClick(palette.words, Qt.Key.Key_Return)
    assert window.page.number == received


def test_escape_closes_only_the_top_layer(qtbot: QtBot, opened: MainWindow) -> None:
    opened.commands.actions["shortcuts"].trigger()
    sheet = _dialog(opened, ShortcutsDialog)
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    assert opened.isVisible()
    assert opened.page.number


def test_ctrl_numbers_go_to_the_panes_and_f6_cycles(qtbot: QtBot, opened: MainWindow) -> None:
    def holds(pane: QWidget) -> bool:
        now = QApplication.focusWidget()
        return now is not None and (pane is now or pane.isAncestorOf(now))

    panes = (opened.queue, opened.page.banners, opened.page.tabs, opened.page.pages)
    opened.activateWindow()
    qtbot.waitUntil(lambda: opened.page.viewer.main_part is not None)
    for n, pane in enumerate(panes, 1):

        def goes(n: int = n, pane: QWidget = pane) -> bool:
            """The assessment can be gone to once it has been opened."""
            opened.commands.actions[f"pane_{n}"].trigger()
            return holds(pane)

        qtbot.waitUntil(goes)
    opened.commands.actions["next_pane"].trigger()
    assert not holds(opened.page.pages)


def test_the_queue_gives_its_room_to_the_record_and_takes_it_back(
    qtbot: QtBot, opened: MainWindow
) -> None:
    qtbot.waitUntil(lambda: opened.page.viewer.main_part is not None)
    opened.activateWindow()
    opened.queue.lines.setFocus()
    narrow = opened.page.width()
    opened.commands.actions["hide_queue"].trigger()
    assert opened.queue.isHidden()
    qtbot.waitUntil(lambda: opened.page.width() > narrow)
    now = QApplication.focusWidget()
    assert now is not None
    assert opened.page.isAncestorOf(now)
    opened.commands.actions["pane_1"].trigger()
    now = QApplication.focusWidget()
    assert now is not None
    assert opened.queue.isAncestorOf(now)
    opened.commands.actions["hide_queue"].trigger()
    opened.commands.actions["hide_queue"].trigger()
    assert opened.queue.isVisible()


def test_undo_and_redo_act_on_the_text_with_the_cursor(qtbot: QtBot, opened: MainWindow) -> None:
    text = QPlainTextEdit(opened)
    text.show()
    text.setFocus()
    QTest.keyClicks(text, "left")
    opened.commands.actions["undo"].trigger()
    assert text.toPlainText() == ""
    opened.commands.actions["redo"].trigger()
    assert text.toPlainText() == "left"


def test_a_reload_keeps_the_record_and_the_place(
    qtbot: QtBot, opened: MainWindow, vault: Vault
) -> None:
    second = opened.page.view.file.records[1].id if opened.page.view else ""
    opened.page.tabs.choose(second)
    qtbot.waitUntil(lambda: opened.page.place().record_id == second)
    shown = opened.page.viewer.shown
    with qtbot.waitSignal(opened.page.shown):
        cases.wait_for(vault, opened.page.number, "patient", clock())
    assert opened.page.place().record_id == second
    assert opened.page.tabs.chosen == second
    assert shown is None or opened.page.viewer.shown is not None
    assert "Waiting for" in shown_step(opened.page)


def test_the_letter_is_the_last_tab(opened: MainWindow) -> None:
    opened.page.show_letter()
    assert opened.page.tabs.chosen == LETTER
    assert opened.page.pages.currentWidget() is opened.letter
    assert not opened.page.record_in_view


def test_files_dropped_over_a_text_field_are_brought_in_as_a_new_case(
    qtbot: QtBot, window: MainWindow, vault: Vault, write: Callable[[str, str], Path]
) -> None:
    note = write("note.txt", "Patient: Ada Stone\nDate of birth: 1980-02-03\n\nBack pain.\n")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(note))])
    target = window.queue.words
    copy, left, none = (
        Qt.DropAction.CopyAction,
        Qt.MouseButton.LeftButton,
        (Qt.KeyboardModifier.NoModifier),
    )
    enter = QDragEnterEvent(QPoint(5, 5), copy, data, left, none)
    QApplication.sendEvent(target, enter)
    assert enter.isAccepted()
    with qtbot.waitSignal(window.receiving.received) as taken:
        QApplication.sendEvent(target, QDropEvent(QPointF(5, 5), copy, data, left, none))
    assert window.queue.words.text() == ""
    assert taken.args is not None
    assert [r.name for r in taken.args[0].records] == ["note.txt"]
    assert window.result.isVisible()
    assert "1 record kept" in window.result.summary.text()


def test_what_arrives_during_a_review_takes_neither_focus_nor_case(
    qtbot: QtBot, opened: MainWindow, write: Callable[[str, str], Path]
) -> None:
    number = opened.page.number
    opened.assessment.setFocus()
    before = QApplication.focusWidget()
    note = write("other.txt", "Patient: Bo Hill\nDate of birth: 1971-01-01\n")
    with qtbot.waitSignal(opened.receiving.received):
        opened.receiving.bring_in([note])
    assert opened.page.number == number
    assert QApplication.focusWidget() is before
    assert opened.result.open_case.isVisible()


def test_what_was_brought_in_is_said_until_a_person_decides_whose_it_is(
    qtbot: QtBot, window: MainWindow, vault: Vault, write: Callable[[str, str], Path]
) -> None:
    ours = write("a.txt", "Patient: Jane Doe\nDate of birth: 1966-01-01\n\nClinic note. Pain.\n")
    other = write("b.txt", "Patient: Bo Hill\nDate of birth: 1971-05-06\n\nClinic note. Cough.\n")
    with qtbot.waitSignals([window.receiving.received, window.page.shown]):
        window.receiving.bring_in([ours, other])
    assert "name different patients" in window.result.summary.text()
    number = window.page.number
    patient = replace(cases.open_case(vault, number).patient, birth_date="1966-01-01")
    cases.confirm_patient(vault, number, patient, clock())
    with qtbot.waitSignal(window.page.shown):
        window.page.reload()
    assert window.result.isHidden()


def test_put_away_leaves_no_name_anywhere(qtbot: QtBot, opened: MainWindow, story: Story) -> None:
    opened.put_away()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert opened.windowTitle() == "ConsultDesk"
    assert opened.page.header.patient.text() == ""
    assert opened.queue.model.rowCount() == 0
    said = [w.accessibleName() + w.windowTitle() for w in opened.findChildren(QWidget)]
    assert not any(story.person.family in words for words in said if words)


def test_put_away_closes_every_dialog(opened: MainWindow) -> None:
    opened.commands.actions["declare"].trigger()
    dialog = _dialog(opened, DeclarationDialog)
    opened.put_away()
    assert not dialog.isVisible()


def test_a_draft_is_sealed_before_the_window_is_put_away(
    qtbot: QtBot, opened: MainWindow, vault: Vault, story: Story
) -> None:
    number = opened.page.number
    walk.confirm(vault, number, story, clock())
    walk.accept(vault, number, clock())
    walk.get_ready(vault, number, clock())
    opinion.begin(vault, number, clock())
    qtbot.waitUntil(lambda: opened.assessment.own_read is not None)
    field = opened.assessment.read_area.findChildren(QPlainTextEdit)[0]
    field.setFocus()
    field.insertPlainText("Protrusion L4/5.")
    assert opened.save_now()
    kept = opinion.assessment(vault, number).own_read
    assert "Protrusion L4/5." in [kept.findings, kept.diagnosis, *kept.answers.values()]


def test_everything_the_keyboard_reaches_has_a_name(opened: MainWindow) -> None:
    assert nameless(opened) == []


@pytest.mark.parametrize("size", [1.0, 2.0])
def test_nothing_is_cut_off_the_window_at_any_text_size(
    qtbot: QtBot, opened: MainWindow, size: float
) -> None:
    opened.session.tools.style.scale_text(size)
    try:
        opened.resize(1440, 900)
        QApplication.processEvents()
        assert opened.width() <= 1440
        assert opened.height() <= 900
    finally:
        opened.session.tools.style.scale_text(1.0)


def test_the_banner_follows_what_is_written_once_it_is_kept(
    qtbot: QtBot, opened: MainWindow, vault: Vault, story: Story
) -> None:
    number = opened.page.number
    walk.confirm(vault, number, story, clock())
    walk.accept(vault, number, clock())
    walk.get_ready(vault, number, clock())
    walk.read(vault, number, story, clock())
    walk.compare(vault, number, story, clock())
    qtbot.waitUntil(lambda: "answer in brief" in shown_step(opened.page), timeout=20_000)
    said = opinion.assessment(vault, number).opinion
    opinion.save_opinion(vault, number, replace(said, brief="No operation now."), clock())
    qtbot.waitUntil(lambda: "answer in brief" not in shown_step(opened.page), timeout=20_000)
