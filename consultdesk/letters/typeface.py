"""The letter's typefaces, and which characters they can set."""

import re
import threading
import unicodedata
from dataclasses import dataclass, field
from html import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from consultdesk.assets import resource
from consultdesk.errors import LetterUnprintable
from consultdesk.letters.manuscript import Text

REGULAR, BOLD = "Inter-Regular", "Inter-SemiBold"
# What Inter lacks (☐, ☎, rarer scripts) is set in the wider typeface.
_WIDER = {REGULAR: "DejaVuSans", BOLD: "DejaVuSans-Bold"}

# A number stays on one line with its unit, a comparison with its number.
_UNPARTED = re.compile(
    r"(?<=\d) (?=(?:[mcµnk]?m|[mµnk]?g|[mdµ]?[lL]|mmHg|mmol|kPa|Gy|Hz|HU|h|min|°|%)(?![\w])|[%°])"
    r"|(?<=[≥≤<>=±~]) (?=\d)"
)

PRESS = threading.Lock()
"""Held while the library sets type: its table of fonts belongs to the whole process."""


@dataclass(frozen=True)
class Faces:
    """The loaded typefaces: each name with the code points it has glyphs for.

    Loading takes some 40 ms; keep one for as long as letters are set.
    """

    coverage: dict[str, frozenset[int]] = field(repr=False)

    @classmethod
    def load(cls) -> "Faces":
        """Read the bundled fonts and make them known to the library."""
        with PRESS:
            return cls({name: _registered(name) for pair in _WIDER.items() for name in pair})

    def markup(self, text: Text, *, bold: bool = False, place: str = "") -> str:
        """A text in ReportLab's mini-markup, every character literal, each word in one face.

        Raises LetterUnprintable naming the first character no face can set, and `place`.
        """
        parts = []
        for run in text:
            told = _UNPARTED.sub("\N{NO-BREAK SPACE}", run.text)
            face = BOLD if bold or run.bold else REGULAR
            for piece, chosen in self._pieces(told, face, place):
                shown = escape(piece, quote=False).replace("\n", "<br/>")
                parts.append(f'<font name="{chosen}">{shown}</font>')
        return "".join(parts)

    def face_for(self, word: str, face: str, place: str) -> str:
        """The face that sets a whole word, the wider one where `face` lacks a character."""
        for name in (face, _WIDER[face]):
            if all(ord(ch) in self.coverage[name] or ch in "\n " for ch in word):
                _refuse_complex(word, place)
                return name
        lacking = next(ch for ch in word if ord(ch) not in self.coverage[_WIDER[face]])
        raise _unprintable(lacking, place, "isn't in the letter's typefaces")

    def _pieces(self, text: str, face: str, place: str) -> list[tuple[str, str]]:
        """Stretches of text with the face that sets each."""
        pieces: list[tuple[str, str]] = []
        for word in text.replace("\n", " \n ").split(" "):
            chosen = self.face_for(word, face, place)
            if pieces and pieces[-1][1] == chosen:
                pieces[-1] = (f"{pieces[-1][0]} {word}", chosen)
            else:
                lead = " " if pieces else ""
                pieces.append((lead + word, chosen))
        return [(piece.replace(" \n ", "\n"), chosen) for piece, chosen in pieces]


def _registered(name: str) -> frozenset[int]:
    if name not in pdfmetrics.getRegisteredFontNames():
        path = resource("fonts", f"{name}.ttf")
        pdfmetrics.registerFont(TTFont(name, str(path), shapable=False))
    # beyond the basic plane the library writes a wrong table for copying and searching
    return frozenset(code for code in pdfmetrics.getFont(name).face.charToGlyph if code <= 0xFFFF)


def _refuse_complex(word: str, place: str) -> None:
    """Refuse what needs shaping or another direction: glyphs alone would misspell it."""
    for character in word:
        if unicodedata.bidirectional(character) in ("R", "AL", "AN"):
            raise _unprintable(character, place, "is of a script written from right to left")
        mark = unicodedata.category(character).startswith("M")
        if mark and not 0x300 <= ord(character) <= 0x36F:
            raise _unprintable(character, place, "is of a script the letter can't join up")


def _unprintable(character: str, place: str, why: str) -> LetterUnprintable:
    name = unicodedata.name(character, "without a name").lower()
    return LetterUnprintable(
        f"The letter can't be printed without loss: “{character}” ({name}, "
        f"U+{ord(character):04X}) in {place} {why}.",
        kept="Nothing you wrote is lost.",
        cure="Write it in Latin, Greek or Cyrillic letters.",
    )
