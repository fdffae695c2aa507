"""A manuscript set in type: the PDF that is signed, hashed and sent."""

import io
from functools import partial

from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageBreak, PageTemplate
from reportlab.platypus import Table as Grid

from consultdesk.consultation.letter import LetterKind
from consultdesk.letters.layout import DENSITIES, ROOMY, Compositor, height
from consultdesk.letters.manuscript import Manuscript
from consultdesk.letters.proof import check
from consultdesk.letters.stationery import (
    BOTTOM,
    LEFT,
    PAPERS,
    RIGHT,
    TOP,
    Sheet,
    ending,
    opening,
    running,
)
from consultdesk.letters.tagging import Element, bind
from consultdesk.letters.typeface import PRESS, REGULAR, Faces

_FOR_PATIENTS = frozenset({LetterKind.PATIENT, LetterKind.PATIENT_ONLY})


def render(manuscript: Manuscript, *, paper: str = "A4", faces: Faces | None = None) -> bytes:
    """Set a letter in type; the same manuscript always gives the same bytes.

    `paper` is a key of PAPERS. Whoever sets several letters loads `Faces` once and passes
    them. Raises LetterUnprintable naming the character or place that would be lost.
    """
    loaded = faces or Faces.load()
    with PRESS:
        pdf = _set(manuscript, PAPERS[paper], loaded)
    check(pdf, manuscript)
    return pdf


def _set(letter: Manuscript, size: tuple[float, float], faces: Faces) -> bytes:
    measure = size[0] - LEFT - RIGHT
    header = running(letter, faces, measure).height + 14
    first = size[1] - TOP - BOTTOM - 8
    out = io.BytesIO()
    document = BaseDocTemplate(
        out,
        pagesize=size,
        title=letter.title,
        author=letter.author,
        subject="",
        creator="ConsultDesk",
        producer="ConsultDesk",
        lang=letter.language,
        invariant=1,
        initialFontName=REGULAR,
        pageTemplates=[
            _page("first", measure, first, letter),
            _page("later", measure, first - header, letter),
        ],
    )
    flow, structure = _flow(letter, faces, measure, first)
    document.build(flow, canvasmaker=partial(Sheet, letter=letter, faces=faces))
    return bind(out.getvalue(), structure)


def _page(name: str, measure: float, tall: float, letter: Manuscript) -> PageTemplate:
    frame = Frame(
        LEFT, BOTTOM + 8, measure, tall, leftPadding=0, rightPadding=0, topPadding=0,
        bottomPadding=0,
    )  # fmt: skip

    def begin(sheet: Sheet, _document: BaseDocTemplate) -> None:
        if letter.draft:
            sheet.draw_watermark()

    return PageTemplate(name, [frame], onPage=begin, autoNextPageTemplate="later")


def _flow(
    letter: Manuscript, faces: Faces, measure: float, room: float
) -> tuple[list[Flowable], Element]:
    """The whole letter, as loosely set as page one allows, and its structure."""
    setter, head, front = _page_one(letter, faces, measure, room)
    body = [setter.section(section) for section in letter.body]
    last = body.pop() if body else []
    flow = [*head, *front, *(item for section in body for item in section)]
    return [*flow, *ending(letter, setter, last)], setter.structure


def _page_one(
    letter: Manuscript, faces: Faces, measure: float, room: float
) -> tuple[Compositor, list[Flowable], list[Flowable]]:
    """The first density at which page one holds what it must; else the tightest, and parted."""
    roomy = (ROOMY,) if letter.kind in _FOR_PATIENTS else ()
    for density in (*roomy, *DENSITIES):
        setter = Compositor(faces, density, measure)
        head, front = opening(letter, setter), setter.sections(letter.front)
        if height([*head, *front], measure) <= room:
            return setter, head, front
    setter = Compositor(faces, DENSITIES[-1], measure)
    head, front = opening(letter, setter), setter.sections(letter.front)
    return setter, head, _front_parted(setter, head, front, room)


def _front_parted(
    setter: Compositor, head: list[Flowable], front: list[Flowable], room: float
) -> list[Flowable]:
    """Keep warnings and call-back on page one where the table of actions is too long for it.

    The table's first rows stay, then come the warnings, and its other rows begin page two.
    """
    at = next((n for n, item in enumerate(front) if isinstance(item, Grid)), None)
    if at is None:
        return front
    table = front[at]
    note = setter.text("The table is continued on the next page.", setter.quiet, "the letter")
    above, below = [*head, *front[:at]], [note, *front[at + 1 :]]
    others = height([*above, *below], setter.width) + table.getSpaceBefore()
    parts = table.split(setter.width, room - others - 1)
    if len(parts) != 2:
        return front
    return [*front[:at], parts[0], *below, PageBreak(), parts[1]]
