import re
from dataclasses import fields
from pathlib import Path

import pytest
from PySide6.QtGui import QFont, QFontInfo, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSlider,
    QSpinBox,
    QTabBar,
    QToolBar,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from consultdesk import assets
from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.empty import EmptyState
from consultdesk.desktop.style import (
    Scheme,
    Style,
    Tokens,
    contrast,
    load_fonts,
    load_tokens,
    palette_of,
    style_sheet,
    tokens_of,
)

LOOKS = ("light", "dark")

# what is painted by widgets of our own: (drawn, ground, at least)
PAINTED = [
    ("on_chip", "emergent", 6.5),
    ("on_chip", "urgent", 6.5),
    ("on_chip", "routine", 6.5),
    ("on_selection", "selection", 9.0),
    ("text", "base", 12.0),
    ("text", "alternate", 12.0),
    ("muted", "base", 5.9),
    ("muted", "window", 5.9),
    ("muted", "alternate", 5.9),
    ("placeholder", "base", 4.5),
    ("over", "base", 4.5),
    ("over", "alternate", 4.5),
    ("over", "window", 4.5),
    ("calm", "base", 4.5),
    ("calm", "window", 4.5),
    ("soon", "base", 3.0),
    ("soon", "alternate", 3.0),
    ("calm", "alternate", 3.0),
    ("over", "selection", 3.0),
    ("soon", "selection", 3.0),
    ("calm", "selection", 3.0),
    ("accent", "base", 4.5),
    ("accent", "window", 4.5),
    ("accent", "selection", 3.0),
    ("accent", "hover", 4.5),
    ("border", "base", 3.0),
    ("border", "window", 3.0),
    ("border", "alternate", 3.0),
    ("focus", "base", 3.0),
    ("focus", "window", 3.0),
    ("focus", "bar", 3.0),
    ("accent", "paper_desk", 3.0),
    ("on_film", "film", 4.5),
    ("film_muted", "film", 4.5),
    *[("text", f"{kind}_ground", 7.0) for kind in ("info", "warning", "danger", "success")],
    *[(f"{k}_edge", f"{k}_ground", 3.0) for k in ("info", "warning", "danger", "success")],
    *[(f"{k}_edge", "window", 3.0) for k in ("info", "warning", "danger", "success")],
]


def _rules(template: str) -> list[tuple[str, dict[str, str]]]:
    without_comments = re.sub(r"/\*.*?\*/", "", template, flags=re.DOTALL)
    found = []
    for selector, body in re.findall(r"([^{}]+)\{((?:[^{}]|\$\{\w+\})*)\}", without_comments):
        parts = dict(re.findall(r"([\w-]+)\s*:\s*([^;]+)", body))
        found.append((selector.strip(), parts))
    return found


def _token(value: str | None) -> str | None:
    found = re.search(r"\$\{(\w+)\}", value or "")
    return found.group(1) if found else None


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(("drawn", "ground", "least"), PAINTED)
def test_what_is_painted_can_be_read(look: str, drawn: str, ground: str, least: float) -> None:
    tokens = load_tokens(look)
    measured = contrast(getattr(tokens, drawn), getattr(tokens, ground))
    assert measured >= least, f"{drawn} on {ground}: {measured:.2f}"


@pytest.mark.parametrize("look", LOOKS)
def test_every_pair_of_the_style_sheet_can_be_read(look: str) -> None:
    tokens = load_tokens(look)
    template = assets.resource("style", "desk.qss").read_text(encoding="utf-8")
    measured = 0
    for selector, parts in _rules(template):
        words = _token(parts.get("color")) or "text"
        ground = _token(parts.get("background"))
        if ground is not None and "::handle" not in selector and "::chunk" not in selector:
            if ground in {"accent", "accent_hover", "muted"} and "color" not in parts:
                words = "on_accent" if "indicator" not in selector else "base"
            ratio = contrast(getattr(tokens, words), getattr(tokens, ground))
            least = 3.0 if "indicator" in selector else 4.5
            assert ratio >= least, f"{selector}: {words} on {ground} is {ratio:.2f}"
            measured += 1
    assert measured > 30


@pytest.mark.parametrize("look", LOOKS)
def test_every_focus_ring_is_two_pixels_wide(look: str) -> None:
    template = assets.resource("style", "desk.qss").read_text(encoding="utf-8")
    rings = [parts for selector, parts in _rules(template) if ":focus" in selector]
    rings = [parts for parts in rings if "border" in parts]
    assert len(rings) >= 7
    for parts in rings:
        ring = parts.get("border", "")
        assert ring.startswith("2px solid")
        colour = getattr(load_tokens(look), _token(ring) or "")
        for ground in ("base", "window"):
            assert contrast(colour, getattr(load_tokens(look), ground)) >= 3.0


def test_contrast_is_measured_as_the_guideline_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#17212b", "#ffffff") == pytest.approx(16.3, abs=0.1)


@pytest.mark.parametrize("look", LOOKS)
def test_every_token_is_a_colour_and_none_is_idle(look: str) -> None:
    tokens = load_tokens(look)
    used = assets.resource("style", "desk.qss").read_text(encoding="utf-8")
    for path in (assets.resources_dir().parent / "consultdesk" / "desktop").rglob("*.py"):
        used += path.read_text(encoding="utf-8")
    for one in fields(Tokens):
        if one.name == "name":
            continue
        value = getattr(tokens, one.name)
        assert re.fullmatch(r"#[0-9a-f]{6}([0-9a-f]{2})?", value), one.name
        kind = one.name.rsplit("_", 1)[-1]
        in_code = [f"tokens.{one.name}", f'"{one.name}"', f"${{{one.name}}}", f"}}_{kind}"]
        in_code += ["priority.value"] if one.name in {"emergent", "urgent", "routine"} else []
        assert any(way in used for way in in_code), f"{one.name} is used nowhere"


@pytest.mark.parametrize("look", LOOKS)
def test_the_style_sheet_has_every_picture_it_names(look: str) -> None:
    sheet = style_sheet(load_tokens(look))
    pictures = re.findall(r'url\("([^"]+)"\)', sheet)
    assert pictures
    for picture in pictures:
        with open(picture, "rb") as stream:
            assert b"<svg" in stream.read(200)


def test_a_palette_knows_its_look() -> None:
    for look in LOOKS:
        assert tokens_of(palette_of(load_tokens(look))).name == look


def test_our_own_fonts_are_the_ones_in_use(style: Style, qapp: QApplication) -> None:
    assert "Inter" in load_fonts("Inter")
    assert "DejaVu Sans" in load_fonts("DejaVu Sans")
    assert QFontInfo(qapp.font()).family() == "Inter"
    for weight in (QFont.Weight.Normal, QFont.Weight.DemiBold, QFont.Weight.Bold):
        font = QFont(qapp.font())
        font.setWeight(weight)
        assert QFontInfo(font).weight() == weight


def test_the_switch_changes_every_widget_at_once(
    qtbot: QtBot, style: Style, qapp: QApplication
) -> None:
    button = QPushButton("Sign")
    qtbot.addWidget(button)
    try:
        with qtbot.waitSignal(style.changed):
            style.choose(Scheme.DARK)
        assert qapp.palette().color(QPalette.ColorRole.Window).lightness() < 128
        assert tokens_of(button.palette()).name == "dark"
    finally:
        style.choose(Scheme.LIGHT)
    assert tokens_of(button.palette()).name == "light"


def test_words_can_be_twice_as_large(qtbot: QtBot, style: Style) -> None:
    button = QPushButton("Preview letter")
    qtbot.addWidget(button)
    button.ensurePolished()
    before = button.sizeHint()
    try:
        style.scale_text(2.0)
        button.ensurePolished()
        assert button.fontInfo().pixelSize() == 28
        assert button.sizeHint().width() > before.width() * 1.5
    finally:
        style.scale_text(1.0)


def test_icons_are_as_large_as_the_words_beside_them(qtbot: QtBot, style: Style) -> None:
    bar, banner, empty = QToolBar(), Banner(), EmptyState()
    button, tabs = QPushButton("Sign", bar), QTabBar(bar)
    for widget in (bar, banner, empty):
        qtbot.addWidget(widget)
        widget.show()
    banner.say(BannerKind.INFO, "Signed.")
    empty.say("note", "Nothing is here.")
    marks = [one.findChildren(QLabel)[0] for one in (banner, empty)]
    shown = (bar, button, tabs)
    before = [one.iconSize().width() for one in shown] + [mark.width() for mark in marks]
    try:
        style.scale_text(2.0)
        qtbot.waitUntil(lambda: bar.iconSize().width() == 36)
        after = [one.iconSize().width() for one in shown] + [mark.width() for mark in marks]
    finally:
        style.scale_text(1.0)
    assert before == [18, 16, 16, 20, 48]
    assert after == [2 * size for size in before]


def test_every_target_is_at_least_24_pixels_high(qtbot: QtBot, style: Style) -> None:
    kinds: list[type[QWidget]] = [QPushButton, QToolButton, QCheckBox, QRadioButton, QComboBox]
    kinds += [QLineEdit, QSpinBox, QSlider]
    for kind in kinds:
        widget = kind()
        qtbot.addWidget(widget)
        widget.ensurePolished()
        assert widget.sizeHint().height() >= 24, kind.__name__
    bar = QTabBar()
    qtbot.addWidget(bar)
    bar.addTab("Records")
    assert bar.tabRect(0).height() >= 24


def test_a_look_with_a_missing_colour_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = assets.resource("style", "light.toml").read_text(encoding="utf-8")
    broken = tmp_path / "broken.toml"
    broken.write_text(whole.replace("muted =", "mutde ="), encoding="utf-8")
    monkeypatch.setattr(assets, "resource", lambda *_parts: broken)
    with pytest.raises(ValueError, match="muted"):
        load_tokens.__wrapped__("broken")
