"""The recovery sheet as a PDF: one page with the key, in letters that are copied without a slip."""

import io

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from consultdesk.consultation.recovery import RecoverySheet
from consultdesk.errors import LetterUnprintable
from consultdesk.letters.dates import long_date
from consultdesk.letters.typeface import BOLD, PRESS, REGULAR, Faces

_LEFT, _TOP = 72, 740
_KEY_SIZE, _GROUPS_A_LINE = 22, 4
_ADVICE = (
    "Whoever has this key can open the store and read every record in it, without a passphrase.",
    "Keep it where only you or somebody you trust finds it, away from the computer.",
    "To use it: on the lock screen choose the user “recovery” and type the key.",
    "Capitals and hyphens make no difference.",
)


def render(sheet: RecoverySheet) -> bytes:
    """The sheet as one A4 page."""
    faces = Faces.load()
    told = io.BytesIO()
    with PRESS:
        canvas = Canvas(told, pagesize=A4, invariant=1, pageCompression=1)
        canvas.setTitle("Recovery sheet")
        canvas.setAuthor("ConsultDesk")
        _Page(canvas, faces).write(sheet)
        canvas.showPage()
        canvas.save()
    return told.getvalue()


class _Page:
    """Writes lines from the top of a page down."""

    def __init__(self, canvas: Canvas, faces: Faces) -> None:
        self._canvas, self._faces, self._y = canvas, faces, _TOP

    def write(self, sheet: RecoverySheet) -> None:
        self._line("Recovery sheet", BOLD, 24, 40)
        self._line(f"Store: {sheet.store}", REGULAR, 12, 18)
        self._line(f"Belongs to: {sheet.owner}", REGULAR, 12, 18)
        self._line(f"Made on: {long_date(sheet.made_on)}", REGULAR, 12, 44)
        groups = sheet.key.split("-")
        for start in range(0, len(groups), _GROUPS_A_LINE):
            last = start + _GROUPS_A_LINE >= len(groups)
            words = "-".join(groups[start : start + _GROUPS_A_LINE])
            self._line(words if last else f"{words}-", BOLD, _KEY_SIZE, 34)
        self._y -= 20
        for words in _ADVICE:
            self._line(words, REGULAR, 11, 18)

    def _line(self, words: str, face: str, size: int, below: int) -> None:
        try:
            chosen = self._faces.face_for(words, face, "the recovery sheet")
        except LetterUnprintable:
            # a name no typeface here can set: the key is what the sheet is for
            return
        self._canvas.setFont(chosen, size)
        self._canvas.drawString(_LEFT, self._y, words)
        self._y -= below
