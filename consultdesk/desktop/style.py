"""The look of the desk: light and dark colours, fonts, the style sheet and the switch between."""

import tomllib
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from string import Template

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QWidget

from consultdesk import assets

INTERFACE_FONT = "Inter"
FALLBACK_FONT = "DejaVu Sans"
TEXT_PX = 14
_SPIN_MARGIN = 7
_SCALED_PX = {
    "scroller_px": 52,
    "title_px": 18,
    "display_px": 24,
    "line_px": 20,
    "bar_icon_px": 18,
    "mark_px": 16,
    "arrow_px": 12,
    "dot_px": 8,
}


class Scheme(StrEnum):
    """What the person chose; SYSTEM follows the desktop they work on."""

    LIGHT = "light"
    DARK = "dark"
    SYSTEM = "system"


@dataclass(frozen=True)
class Tokens:
    """The named colours of one look, each "#rrggbb" or, for a veil, "#rrggbbaa"."""

    name: str
    window: str
    base: str
    alternate: str
    bar: str
    hover: str
    pressed: str
    paper_desk: str
    tooltip: str
    on_tooltip: str
    text: str
    muted: str
    placeholder: str
    border: str
    hairline: str
    accent: str
    on_accent: str
    accent_hover: str
    focus: str
    selection: str
    on_selection: str
    emergent: str
    urgent: str
    routine: str
    on_chip: str
    chip_edge: str
    over: str
    soon: str
    calm: str
    track: str
    info_ground: str
    info_edge: str
    warning_ground: str
    warning_edge: str
    danger_ground: str
    danger_edge: str
    success_ground: str
    success_edge: str
    film: str
    on_film: str
    film_muted: str

    def colour(self, token: str) -> QColor:
        """One token as a colour to paint with; AttributeError names a token that isn't there."""
        return colour_of(getattr(self, token))


def colour_of(value: str) -> QColor:
    """The colour "#rrggbb" or "#rrggbbaa" (Qt itself would read the latter as #aarrggbb)."""
    colour = QColor(value[:7])
    if len(value) == 9:
        colour.setAlpha(int(value[7:], 16))
    return colour


def _relative_luminance(colour: QColor) -> float:
    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(c) for c in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two opaque colours, 1…21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted(
        (_relative_luminance(colour_of(one)), _relative_luminance(colour_of(other))), reverse=True
    )
    return (lighter + 0.05) / (darker + 0.05)


@lru_cache(maxsize=4)
def load_tokens(name: str) -> Tokens:
    """The colours of the look `name` ("light" or "dark"), from resources/style."""
    with assets.resource("style", f"{name}.toml").open("rb") as stream:
        read = tomllib.load(stream)
    wanted = {one.name for one in fields(Tokens)}
    if wanted != set(read):
        odd = ", ".join(sorted(wanted ^ set(read)))
        message = f"The colours of the {name} look are not complete: {odd}."
        raise ValueError(message)
    return Tokens(**read)


def tokens_of(palette: QPalette) -> Tokens:
    """The look a palette belongs to."""
    dark = palette.color(QPalette.ColorRole.Window).lightness() < 128
    return load_tokens("dark" if dark else "light")


def tokens_now() -> Tokens:
    """The look in use: what a widget asks before it paints.

    The application's palette is asked, since a style sheet changes a widget's own.
    """
    return tokens_of(QGuiApplication.palette())


def palette_of(tokens: Tokens) -> QPalette:
    """The palette that Fusion and every widget draw from."""
    role = QPalette.ColorRole
    colours = {
        role.Window: tokens.window,
        role.WindowText: tokens.text,
        role.Base: tokens.base,
        role.AlternateBase: tokens.alternate,
        role.Text: tokens.text,
        role.Button: tokens.base,
        role.ButtonText: tokens.text,
        role.BrightText: tokens.on_chip,
        role.Highlight: tokens.selection,
        role.HighlightedText: tokens.on_selection,
        role.Accent: tokens.accent,
        role.Link: tokens.accent,
        role.LinkVisited: tokens.accent,
        role.PlaceholderText: tokens.placeholder,
        role.ToolTipBase: tokens.tooltip,
        role.ToolTipText: tokens.on_tooltip,
        role.Mid: tokens.border,
        role.Midlight: tokens.hairline,
        role.Light: tokens.hover,
        role.Dark: tokens.border,
        role.Shadow: tokens.paper_desk,
    }
    palette = QPalette()
    for which, value in colours.items():
        palette.setColor(which, colour_of(value))
    for which in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, colour_of(tokens.muted))
    return palette


def style_sheet(tokens: Tokens, text_scale: float = 1.0) -> str:
    """The style sheet of one look. Raises KeyError for a token the template misspells."""
    template = Template(assets.resource("style", "desk.qss").read_text(encoding="utf-8"))
    values = {one.name: str(getattr(tokens, one.name)) for one in fields(Tokens)}
    sizes = {name: f"{round(px * text_scale)}px" for name, px in _SCALED_PX.items()}
    art = assets.resource("style", tokens.name).as_posix()
    return template.substitute(values, art=art, **sizes)


def load_fonts(family: str) -> tuple[str, ...]:
    """Bring the bundled fonts of a family into the program and say what they are called."""
    families: list[str] = []
    files = f"{family.replace(' ', '')}*.ttf"
    for path in sorted(Path(assets.resource("fonts")).glob(files)):
        number = QFontDatabase.addApplicationFont(str(path))
        if number < 0:
            message = f"The font {path.name} can't be read. Install ConsultDesk again."
            raise ValueError(message)
        families += QFontDatabase.applicationFontFamilies(number)
    return tuple(dict.fromkeys(families))


def interface_font(text_scale: float = 1.0) -> QFont:
    """The font of everything but letters; sized in pixels, so it is the same on every system."""
    font = QFont([INTERFACE_FONT, FALLBACK_FONT])
    font.setPixelSize(round(TEXT_PX * text_scale))
    return font


def text_scale_of(widget: QWidget) -> float:
    """How much larger than usual the words of a widget are."""
    return max(1.0, widget.font().pixelSize() / TEXT_PX)


def pad_spin_boxes(root: QWidget) -> None:
    """Give number fields the inner margin that a style sheet can't give them."""
    for box in root.findChildren(QAbstractSpinBox):
        box.lineEdit().setTextMargins(_SPIN_MARGIN, 0, 0, 0)


class Style(QObject):
    """Puts the chosen look on the application and keeps it there.

    `changed` says that the colours are others now; icons are drawn anew on it.
    """

    changed = Signal()

    def __init__(self, app: QApplication, scheme: Scheme = Scheme.SYSTEM) -> None:
        super().__init__(app)
        self._app = app
        self._scheme = scheme
        self._text_scale = 1.0
        app.setStyle("Fusion")
        load_fonts(INTERFACE_FONT)
        app.styleHints().colorSchemeChanged.connect(self._follow)
        self._put_on()

    @property
    def scheme(self) -> Scheme:
        """What the person chose."""
        return self._scheme

    @property
    def tokens(self) -> Tokens:
        """The colours in use now."""
        if self._scheme is Scheme.SYSTEM:
            dark = self._app.styleHints().colorScheme() is Qt.ColorScheme.Dark
            return load_tokens("dark" if dark else "light")
        return load_tokens(self._scheme.value)

    def complete(self) -> None:
        """Add the font for signs that the interface's own lacks; the lock screen has none."""
        load_fonts(FALLBACK_FONT)

    def choose(self, scheme: Scheme) -> None:
        """Change between light, dark and what the system says."""
        if scheme is not self._scheme:
            self._scheme = scheme
            self._put_on()

    def scale_text(self, factor: float) -> None:
        """Make all words larger, 1.0…2.0 (WCAG 2.2, 1.4.4)."""
        factor = min(2.0, max(1.0, factor))
        if factor != self._text_scale:
            self._text_scale = factor
            self._put_on()

    def _follow(self) -> None:
        if self._scheme is Scheme.SYSTEM:
            self._put_on()

    def _put_on(self) -> None:
        tokens = self.tokens
        self._app.setPalette(palette_of(tokens))
        self._app.setFont(interface_font(self._text_scale))
        self._app.setStyleSheet(style_sheet(tokens, self._text_scale))
        self.changed.emit()
