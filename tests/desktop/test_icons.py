import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QAction, QColor, QIcon, QImage
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from consultdesk import assets
from consultdesk.desktop.icons import dress, icon, pixmap
from consultdesk.desktop.style import Style, load_tokens, palette_of

ICONS = sorted(path.stem for path in Path(assets.resource("icons")).glob("*.svg"))


@pytest.mark.parametrize("name", ICONS)
def test_every_icon_has_one_stroke_and_no_colour_of_its_own(name: str) -> None:
    drawing = assets.resource("icons", f"{name}.svg").read_text(encoding="utf-8")
    root = ElementTree.fromstring(drawing)  # noqa: S314 - our own file
    assert root.attrib["viewBox"] == "0 0 24 24"
    assert root.attrib["stroke-width"] == "1.75"
    assert drawing.count("stroke-width") == 1
    assert not re.search(r"#[0-9a-fA-F]{3}|rgb\(", drawing)


@pytest.mark.parametrize("name", ICONS)
def test_every_icon_is_drawn_in_the_colour_asked_for(style: Style, name: str) -> None:
    image = pixmap(name, QColor("#b3261e"), 24, 2.0).toImage()
    image = image.convertToFormat(QImage.Format.Format_ARGB32)
    solid = {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }
    assert "#b3261e" in solid
    assert len(solid) == 1


def test_an_icon_follows_the_palette_and_shows_what_is_disabled(style: Style) -> None:
    for look in ("light", "dark"):
        tokens = load_tokens(look)
        drawn = icon("dot", palette_of(tokens))
        for mode, token in ((QIcon.Mode.Normal, "text"), (QIcon.Mode.Disabled, "muted")):
            middle = drawn.pixmap(QSize(24, 24), mode).toImage().pixelColor(12, 12)
            assert middle.name() == getattr(tokens, token)


def test_buttons_and_actions_get_the_icon_they_name(qtbot: QtBot, style: Style) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    button, plain = QToolButton(page), QPushButton(page)
    button.setProperty("icon_name", "zoom-in")
    action = QAction(page)
    action.setProperty("icon_name", "print")
    dress(page)
    assert not button.icon().isNull()
    assert not action.icon().isNull()
    assert plain.icon().isNull()


def test_an_unknown_icon_is_named(style: Style) -> None:
    with pytest.raises(FileNotFoundError, match="unicorn"):
        icon("unicorn", palette_of(load_tokens("light")))
