"""The bundled fonts: Qt loads them, and they have the signs that letters need."""

import pytest
from PySide6.QtGui import QFontDatabase, QRawFont
from pytestqt.qtbot import QtBot
from reportlab.pdfbase.ttfonts import TTFontFile

from consultdesk import assets

LETTER_SIGNS = "≥≤→√µ☐₂"
INTERFACE_SIGNS = "≥≤→√µ₂äéßčÅÇñøşžůαβγ–…’“”"


@pytest.mark.parametrize("name", ["Inter-Regular", "Inter-Medium", "Inter-SemiBold", "Inter-Bold"])
def test_qt_draws_the_interface_font(qtbot: QtBot, name: str) -> None:
    path = str(assets.resource("fonts", f"{name}.ttf"))

    number = QFontDatabase.addApplicationFont(path)
    raw = QRawFont(path, 12.0)

    assert "Inter" in QFontDatabase.applicationFontFamilies(number)
    assert raw.isValid()
    assert [sign for sign in INTERFACE_SIGNS if not raw.supportsCharacter(ord(sign))] == []


@pytest.mark.parametrize(
    "name", ["DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSans-BoldOblique"]
)
def test_the_letter_font_has_every_sign_a_letter_needs(name: str) -> None:
    font = TTFontFile(str(assets.resource("fonts", f"{name}.ttf")))

    signs = {ord(sign) for sign in LETTER_SIGNS} | set(range(0x20, 0x7F)) | set(range(0xA0, 0x180))
    assert {chr(sign) for sign in signs - font.charToGlyph.keys()} == set()


def test_each_font_comes_with_its_licence() -> None:
    fonts = assets.resource("fonts")
    families = {path.stem.split("-")[0].removesuffix("Sans") for path in fonts.glob("*.ttf")}

    assert families == {"Inter", "DejaVu"}
    for family in families:
        licence = (fonts / f"{family}-LICENSE.txt").read_text(encoding="utf-8")
        assert "Copyright" in licence
