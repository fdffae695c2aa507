"""The recovery sheet as a page: the key in large numbered groups, and what its keeper must know."""

import io
import textwrap

from reportlab.lib.colors import Color
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

from consultdesk.consultation.recovery import ADVICE, RecoverySheet
from consultdesk.errors import LetterUnprintable
from consultdesk.letters.dates import long_date
from consultdesk.letters.typeface import BOLD, PRESS, REGULAR, Faces

_LEFT, _TOP = 64, 760
_WIDTH = A4[0] - 2 * _LEFT
_COLUMNS, _GAP, _BOX = 3, 12, 62
_KEY_SIZE, _NUMBER_SIZE = 28, 10
_MUTED, _LINE = Color(0.3, 0.35, 0.4), Color(0.45, 0.5, 0.55)
_TEXT_WIDTH = 72


def render(sheet: RecoverySheet) -> bytes:
    """The sheet as one A4 page."""
    faces = Faces.load()
    told = io.BytesIO()
    with PRESS:
        canvas = Canvas(told, pagesize=A4, invariant=1, pageCompression=1, lang="en")
        canvas.setTitle("Recovery sheet")
        canvas.setAuthor("ConsultDesk")
        _Page(canvas, faces).write(sheet)
        canvas.showPage()
        canvas.save()
    return told.getvalue()


def text(sheet: RecoverySheet) -> bytes:
    """The sheet as plain text (UTF-8)."""
    lines = ["RECOVERY SHEET", "", *_facts(sheet), ""]
    lines += [f"  {number}  {group}" for number, group in enumerate(sheet.groups, 1)]
    for heading, words in ADVICE:
        lines += ["", heading, *textwrap.wrap(words, _TEXT_WIDTH)]
    return ("\n".join(lines) + "\n").encode()


def _facts(sheet: RecoverySheet) -> list[str]:
    user = [f"User: {sheet.user}"] if sheet.user else []
    return [
        f"Store: {sheet.store}",
        f"Belongs to: {sheet.owner}",
        *user,
        f"Made on: {long_date(sheet.made_on)}",
    ]


class _Page:
    """Writes from the top of a page down."""

    def __init__(self, canvas: Canvas, faces: Faces) -> None:
        self._canvas, self._faces, self._y = canvas, faces, _TOP

    def write(self, sheet: RecoverySheet) -> None:
        self._line("Recovery sheet", BOLD, 24, 34)
        for fact in _facts(sheet):
            self._line(fact, REGULAR, 12, 18)
        self._y -= 14
        groups = list(enumerate(sheet.groups, 1))
        for start in range(0, len(groups), _COLUMNS):
            self._row(groups[start : start + _COLUMNS])
        self._y -= 22
        for heading, words in ADVICE:
            self._line(heading, BOLD, 11, 16)
            self._line(words, REGULAR, 11, 15)
            self._y -= 8

    def _row(self, groups: list[tuple[int, str]]) -> None:
        wide = (_WIDTH - _GAP * (_COLUMNS - 1)) / _COLUMNS
        self._y -= _BOX
        for column, (number, group) in enumerate(groups):
            left = _LEFT + column * (wide + _GAP)
            self._canvas.setStrokeColor(_LINE)
            self._canvas.setLineWidth(0.8)
            self._canvas.roundRect(left, self._y, wide, _BOX, 4)
            self._canvas.setFillColor(_MUTED)
            self._canvas.setFont(REGULAR, _NUMBER_SIZE)
            self._canvas.drawString(left + 8, self._y + _BOX - 16, str(number))
            self._canvas.setFillGray(0)
            self._canvas.setFont(BOLD, _KEY_SIZE)
            self._canvas.drawCentredString(left + wide / 2, self._y + 16, group, charSpace=3)
        self._y -= _GAP

    def _line(self, words: str, face: str, size: int, below: int) -> None:
        """A line, or several where it is too long for one."""
        try:
            chosen = self._faces.face_for(words, face, "the recovery sheet")
        except LetterUnprintable:
            # a name no typeface here can set: the key is what the sheet is for
            return
        for line in simpleSplit(words, chosen, size, _WIDTH):
            self._canvas.setFont(chosen, size)
            self._canvas.drawString(_LEFT, self._y, line)
            self._y -= below
