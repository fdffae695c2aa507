import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6 import QtWidgets
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from consultdesk import assets, desktop
from consultdesk.consultation.recovery import RecoverySheet
from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.form import FormBroken, Forms, declared
from consultdesk.desktop.own import own_widgets
from consultdesk.desktop.recovery_sheet import RecoverySheetDialog
from consultdesk.desktop.work import Work

FORMS = sorted((assets.resources_dir().parent / "ui").glob("*.ui"))

_FORM = """<?xml version="1.0" encoding="UTF-8"?>
<ui version="4.0"><class>greeting</class>
 <widget class="QWidget" name="greeting">
  <layout class="QVBoxLayout" name="column">
   <item><widget class="QLabel" name="hello"><property name="text"><string>Hello</string></property>
   </widget></item>
   <item><widget class="QPushButton" name="answer"/></item>
   <item><widget class="Banner" name="banner"/></item>
  </layout>
 </widget>
 <customwidgets><customwidget><class>Banner</class><extends>QWidget</extends>
  <header>consultdesk/desktop/banner.h</header></customwidget></customwidgets>
</ui>
"""


class Greeting(QWidget):
    hello: QLabel
    answer: QPushButton
    banner: Banner
    spoken: str


class MissesAChild(QWidget):
    hello: QLabel
    farewell: QLabel


class WantsAnotherType(QWidget):
    hello: QLineEdit


@pytest.fixture
def greeting_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    path = tmp_path / "greeting.ui"
    path.write_text(_FORM, encoding="utf-8")
    monkeypatch.setattr(assets, "ui_file", lambda _name: path)
    return "greeting"


def test_enter_presses_the_button_that_has_the_keyboard(
    qtbot: QtBot, forms: Forms, greeting_form: str
) -> None:
    greeting = Greeting()
    pressed: list[str] = []
    qtbot.addWidget(greeting)
    forms.load(greeting, greeting_form)
    greeting.banner.say(BannerKind.INFO, "Next:", "", (("go", "Go"),))
    greeting.banner.action_chosen.connect(pressed.append)
    greeting.answer.clicked.connect(lambda: pressed.append("answer"))
    greeting.show()
    for button in (greeting.answer, *greeting.banner.buttons):
        QTest.keyClick(button, Qt.Key.Key_Return)
    assert pressed == ["answer", "go"]


def test_a_dialog_opens_over_the_middle_of_its_window(
    qtbot: QtBot, forms: Forms, work: Work
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.setGeometry(100, 60, 640, 500)
    window.show()
    sheet = RecoverySheet("AAAAA-BBBBB", "practice", "Dr. Ada Lind", "2026-11-28")
    dialog = RecoverySheetDialog(forms, sheet, window)
    dialog.show()
    apart = dialog.frameGeometry().center() - window.frameGeometry().center()
    assert apart.manhattanLength() < 40
    dialog.close()


def test_a_form_becomes_the_widget_that_loads_it(
    qtbot: QtBot, forms: Forms, greeting_form: str
) -> None:
    widget = Greeting()
    qtbot.addWidget(widget)
    forms.load(widget, greeting_form)
    assert widget.objectName() == "greeting"
    assert widget.hello.text() == "Hello"
    assert widget.hello.parent() is widget
    assert type(widget.banner) is Banner
    assert not hasattr(widget, "spoken")


def test_one_loader_fills_many_widgets(qtbot: QtBot, forms: Forms, greeting_form: str) -> None:
    filled = [Greeting() for _ in range(3)]
    for widget in filled:
        qtbot.addWidget(widget)
        forms.load(widget, greeting_form)
    assert len({id(widget.hello) for widget in filled}) == 3


def test_a_missing_child_is_named_at_load(qtbot: QtBot, forms: Forms, greeting_form: str) -> None:
    widget = MissesAChild()
    qtbot.addWidget(widget)
    with pytest.raises(FormBroken, match="has no farewell"):
        forms.load(widget, greeting_form)


def test_a_child_of_another_type_is_named_at_load(
    qtbot: QtBot, forms: Forms, greeting_form: str
) -> None:
    widget = WantsAnotherType()
    qtbot.addWidget(widget)
    with pytest.raises(FormBroken, match="hello in the form greeting is a QLabel, no QLineEdit"):
        forms.load(widget, greeting_form)


@pytest.mark.qt_log_ignore("Designer: An error has occurred")
def test_a_form_that_is_no_form_is_refused(
    qtbot: QtBot, forms: Forms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "torn.ui"
    path.write_text("<ui><widget", encoding="utf-8")
    monkeypatch.setattr(assets, "ui_file", lambda _name: path)
    widget = QWidget()
    qtbot.addWidget(widget)
    with pytest.raises(FormBroken, match="can't be read"):
        forms.load(widget, "torn")


def test_a_form_that_is_not_there_is_named(qtbot: QtBot, forms: Forms) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        forms.load(widget, "nowhere")


def _form_classes() -> Iterator[tuple[str, type[QWidget]]]:
    for found in pkgutil.walk_packages(desktop.__path__, "consultdesk.desktop."):
        module = importlib.import_module(found.name)
        for one in vars(module).values():
            if isinstance(one, type) and issubclass(one, QWidget) and "FORM" in vars(one):
                yield one.__dict__["FORM"], one


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_every_form_loads_and_holds_what_its_widget_declares(
    qtbot: QtBot, forms: Forms, path: Path
) -> None:
    root_class = ElementTree.parse(path).getroot().find("widget")  # noqa: S314 - our own file
    assert root_class is not None
    root = getattr(QtWidgets, root_class.attrib["class"])()
    qtbot.addWidget(root)
    forms.load(root, path.name)
    owners = [one for name, one in _form_classes() if name == path.stem]
    assert owners, f"no widget of the desktop has FORM = {path.stem!r}"
    for owner in owners:
        for child, kind in declared(owner).items():
            assert isinstance(root.findChild(QObject, child), kind), f"{owner.__name__}.{child}"


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_every_name_in_a_form_is_snake_case_and_used_once(path: Path) -> None:
    named = ElementTree.parse(path).getroot().iter()  # noqa: S314 - our own file
    names = [one.attrib["name"] for one in named if one.tag in {"widget", "action", "layout"}]
    assert len(names) == len(set(names))
    for name in names:
        assert name == name.lower(), name
        assert name.isidentifier(), name


def test_every_widget_a_form_may_place_is_made_with_its_parent_alone(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    for one in own_widgets():
        assert one(parent).parent() is parent
