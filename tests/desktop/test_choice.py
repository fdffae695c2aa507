import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QRadioButton, QToolTip, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from consultdesk.desktop.assessment_parts import EvidenceLink
from consultdesk.desktop.choice import Choice, one_stop
from consultdesk.desktop.inputs import CalmCombo
from consultdesk.desktop.style import Style

LONG = "Letter to the treating physician: Dr. Johanna Bakker, Canal Street Clinic"


@pytest.fixture
def choice(qtbot: QtBot, style: Style) -> Choice:
    choice = Choice()
    qtbot.addWidget(choice)
    choice.addItem(LONG)
    choice.addItem("Short")
    choice.resize(220, 32)
    choice.show()
    return choice


@pytest.mark.qt_log_ignore("does not support raise", extend=True)
def test_what_does_not_fit_is_shortened_and_stands_whole_in_the_tooltip(choice: Choice) -> None:
    assert choice.cut
    choice.grab()
    asked = QHelpEvent(QEvent.Type.ToolTip, QPoint(5, 5), choice.mapToGlobal(QPoint(5, 5)))
    QApplication.sendEvent(choice, asked)
    assert QToolTip.text() == LONG
    assert choice.currentText() == LONG


def test_what_fits_is_left_alone(choice: Choice) -> None:
    choice.setCurrentIndex(1)
    choice.grab()
    assert not choice.cut
    assert not choice.toolTip()
    choice.setCurrentIndex(0)
    choice.resize(900, 32)
    assert not choice.cut
    choice.setToolTip("Whom it goes to")
    choice.resize(220, 32)
    choice.grab()
    assert choice.toolTip() == "Whom it goes to"


def test_a_choice_the_wheel_leaves_alone_is_shortened_too(qtbot: QtBot, style: Style) -> None:
    calm = CalmCombo()
    qtbot.addWidget(calm)
    calm.addItem(LONG)
    calm.resize(220, 32)
    calm.show()
    assert calm.cut


def test_a_link_to_evidence_shortens_the_record_and_keeps_the_place(
    qtbot: QtBot, style: Style
) -> None:
    link = EvidenceLink("MR, anat-T1w, sagittal and axial, 20 images", "image 3")
    qtbot.addWidget(link)
    link.resize(200, 28)
    link.show()
    assert link.text().endswith(", image 3")
    assert "…" in link.text()
    assert link.fontMetrics().horizontalAdvance(link.text()) < 200
    link.resize(600, 28)
    assert "…" not in link.text()


@pytest.mark.parametrize("chosen", [0, 1, 2])
def test_tab_lands_on_the_chosen_one_and_leaves_the_group_with_the_next(
    qtbot: QtBot, style: Style, chosen: int
) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    before, *group, after = (QRadioButton(str(n), page) for n in range(5))
    for one in (before, *group, after):
        one.setAutoExclusive(False)
        column.addWidget(one)
    for one in group:
        one.setAutoExclusive(True)
    one_stop(group)
    group[chosen].setChecked(True)
    page.show()
    page.activateWindow()
    before.setFocus()
    qtbot.waitUntil(before.hasFocus)
    QTest.keyClick(before, Qt.Key.Key_Tab)
    assert page.focusWidget() is group[chosen]
    QTest.keyClick(group[chosen], Qt.Key.Key_Tab)
    assert page.focusWidget() is after


def test_while_none_is_chosen_the_first_is_reached(qtbot: QtBot, style: Style) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    group = [QRadioButton(str(n), page) for n in range(3)]
    one_stop(group)
    assert all(one.focusPolicy() & Qt.FocusPolicy.TabFocus for one in group)
    group[1].setChecked(True)
    reached = [bool(one.focusPolicy() & Qt.FocusPolicy.TabFocus) for one in group]
    assert reached == [False, True, False]
