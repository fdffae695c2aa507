"""What frames a letter: letterhead, address, identity, signature, and the edges of each page."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Spacer
from reportlab.platypus import Paragraph as Set

from consultdesk.letters.layout import (
    ACCENT,
    HAIRLINE,
    INK,
    MUTED,
    WARNING,
    Compositor,
    height,
)
from consultdesk.letters.manuscript import Manuscript, Run
from consultdesk.letters.tagging import Element, Rule, Ruled
from consultdesk.letters.typeface import BOLD, REGULAR, Faces

PAPERS: dict[str, tuple[float, float]] = {"A4": A4, "Letter": LETTER}
"""Paper sizes a practice can choose, in points."""

LEFT, RIGHT, TOP, BOTTOM = 25 * mm, 20 * mm, 16 * mm, 19 * mm
DRAFT = "DRAFT – not signed"


class Sheet(Canvas):  # type: ignore[misc]  # the library has no types
    """A canvas that knows how many pages there are before the first is finished."""

    def __init__(self, *args: Any, letter: Manuscript, faces: Faces, **options: Any) -> None:  # noqa: ANN401 - the library's own arguments
        super().__init__(*args, **options)
        self._letter, self._faces = letter, faces
        self._waiting: list[dict[str, Any]] = []
        self._marks = 0

    def showPage(self) -> None:
        """Keep the page until the number of pages is known."""
        self._waiting.append(dict(self.__dict__))
        self._marks = 0
        self._startPage()

    def save(self) -> None:
        """Number every page, then write the document."""
        waiting = self._waiting
        for number, state in enumerate(waiting, 1):
            self.__dict__.update(state)
            with self.artifact():
                self._draw_edges(number, len(waiting))
            super().showPage()
        super().save()

    @contextmanager
    def artifact(self) -> Iterator[None]:
        """Mark what is drawn as no part of the text (ISO 32000-1 14.8.2.2)."""
        self._code.append("/Artifact BMC")
        yield
        self._code.append("EMC")

    @contextmanager
    def marked(self, element: Element | None) -> Iterator[None]:
        """Mark what is drawn as text of an element; as an artifact when it was read already."""
        if element is None or (element.repeats and element.marks):
            with self.artifact():
                yield
            return
        element.marks.append((len(self._waiting), self._marks))
        self._code.append(f"/{element.role} <</MCID {self._marks}>> BDC")
        self._marks += 1
        yield
        self._code.append("EMC")

    def draw_watermark(self) -> None:
        """Say behind the text of a preview that nobody has signed it."""
        width, tall = self._pagesize
        with self.artifact():
            self.saveState()
            self.setFillColor("#eef0f3")
            self.setFont(BOLD, 62)
            self.translate(width / 2, tall / 2)
            self.rotate(52)
            self.drawCentredString(0, -20, DRAFT)
            self.restoreState()

    def _draw_edges(self, number: int, total: int) -> None:
        width, tall = self._pagesize
        measure = width - LEFT - RIGHT
        if number > 1:
            header = running(self._letter, self._faces, measure)
            header.drawOn(self, LEFT, tall - TOP - header.height)
            self._rule(tall - TOP - header.height - 4)
        if self._letter.draft:
            self.setFillColor(WARNING)
            self.setFont(BOLD, 7.6)
            self.drawRightString(width - RIGHT, tall - TOP + 5, DRAFT)
        self._rule(BOTTOM - 2)
        style = _small("footer")
        said = self._faces.markup((Run(self._letter.footer),), place="the footer")
        footer = Set(said, style)
        footer.wrapOn(self, measure * 0.75, tall)
        footer.drawOn(self, LEFT, BOTTOM - 6 - footer.height)
        self.setFillColor(MUTED)
        self.setFont(REGULAR, 7.6)
        self.drawRightString(width - RIGHT, BOTTOM - 14.4, f"Page {number} of {total}")

    def _rule(self, y: float) -> None:
        self.setStrokeColor(HAIRLINE)
        self.setLineWidth(0.5)
        self.line(LEFT, y, self._pagesize[0] - RIGHT, y)


def running(letter: Manuscript, faces: Faces, measure: float) -> Set:
    """The head of every page after the first, measured: `height` is set."""
    said = faces.markup((Run(letter.running),), place="the page header")
    header = Set(said, _small("running"))
    header.wrap(measure, 1e6)
    return header


def _small(name: str) -> ParagraphStyle:
    return ParagraphStyle(name, fontName=REGULAR, fontSize=7.6, leading=10, textColor=MUTED)


def opening(letter: Manuscript, setter: Compositor) -> list[Flowable]:
    """Letterhead to salutation: what stands above the first section."""
    space = setter.density.space
    subject = ParagraphStyle(
        "subject", setter.heading, fontSize=setter.density.size + 3.4, leading=17, textColor=INK
    )
    flow = [
        *_letterhead(letter, setter),
        Spacer(1, 15 * space),
        _address(letter, setter),
        Spacer(1, 8 * space),
        setter.text(letter.subject, subject, "the subject", element=setter.structure.add("H1")),
        _identity(letter, setter),
        Spacer(1, 5 * space),
    ]
    if letter.salutation:
        flow.append(setter.text(letter.salutation, setter.body, "the salutation"))
    for block in letter.opening:
        flow += setter.block(block, "the opening")
    return flow


def _letterhead(letter: Manuscript, setter: Compositor) -> list[Flowable]:
    name = ParagraphStyle(
        "practice", fontName=BOLD, fontSize=14.5, leading=18, textColor=ACCENT, splitLongWords=1
    )
    reach = ParagraphStyle("reach", _small("reach"), alignment=TA_RIGHT)
    place = "the letterhead"
    left = [setter.text(letter.letterhead.name, name, place)]
    lines = [setter.text(line, reach, place) for line in letter.letterhead.lines]
    grid = _plain_grid([[left, lines]], [setter.width * 0.52, setter.width * 0.48])
    return [grid, Rule(width="100%", thickness=1.1, color=ACCENT, spaceBefore=6)]


def _address(letter: Manuscript, setter: Compositor) -> Ruled:
    tight = ParagraphStyle("address", setter.body, spaceBefore=0)
    label = ParagraphStyle("label", setter.body, spaceBefore=0, textColor=MUTED)
    left = [setter.text(line, tight, "the address") for line in letter.recipient]
    place = "the reference block"
    rows = [
        [setter.text(name, label, place), setter.text(value, tight, place)]
        for name, value in letter.details
    ]
    beside = _plain_grid(rows or [["", ""]], [56, setter.width * 0.36 - 56])
    return _plain_grid([[left, beside]], [setter.width * 0.64, setter.width * 0.36])


def _identity(letter: Manuscript, setter: Compositor) -> Ruled:
    """Label over value, side by side; more rows where there are more than four."""
    label = ParagraphStyle("what", setter.quiet, spaceBefore=0, fontSize=7.6, leading=10)
    value = ParagraphStyle("identity", setter.body, spaceBefore=0)
    place, shares = "the patient's identity", (0.34, 0.22, 0.16, 0.28)
    cells = [
        [setter.text(name, label, place), setter.text((Run(said, n == 0),), value, place)]
        for n, (name, said) in enumerate(letter.patient)
    ]
    rows = [cells[n : n + 4] for n in range(0, len(cells), 4)]
    filled = [row + [[]] * (4 - len(row)) for row in rows] or [[[], [], [], []]]
    grid = _plain_grid(filled, [setter.width * share for share in shares])
    edge = 3 + 2 * setter.density.space
    grid.setStyle(
        [
            ("LINEABOVE", (0, 0), (-1, 0), 0.5, HAIRLINE),
            ("LINEBELOW", (0, -1), (-1, -1), 0.5, HAIRLINE),
            ("TOPPADDING", (0, 0), (-1, -1), edge - 1),
            ("BOTTOMPADDING", (0, 0), (-1, -1), edge),
        ]
    )
    grid.spaceBefore = 5
    return grid


def _plain_grid(rows: list[list[Any]], widths: list[float]) -> Ruled:
    return Ruled(
        rows,
        colWidths=widths,
        style=[
            ("FONTNAME", (0, 0), (-1, -1), REGULAR),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-2, -1), 6),
            ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
        ],
    )


def ending(letter: Manuscript, setter: Compositor, last: list[Flowable]) -> list[Flowable]:
    """The signature, kept together with the end of the text before it, and the distribution."""
    space = setter.density.space
    tight = ParagraphStyle("signatory", setter.body, spaceBefore=0)
    block: list[Flowable] = [
        Spacer(1, 9 * space),
        setter.text(letter.closing, setter.body, "the closing"),
        Spacer(1, 14 * space),
    ]
    for n, line in enumerate(letter.signature):
        block.append(setter.text((Run(line, n == 0),), tight, "the signature"))
    if letter.draft:
        block.append(setter.text(DRAFT, setter.quiet, "the signature"))
    before, kept = _parted(last, setter)
    flow = [*before, KeepTogether([*kept, *block])]
    if letter.distribution:
        title = setter.structure.add("H2")
        head = setter.text("Distribution", setter.heading, "the distribution", element=title)
        quiet = ParagraphStyle("copy", setter.quiet, spaceBefore=1)
        lines = [setter.text(line, quiet, "the distribution") for line in letter.distribution]
        flow += [CondPageBreak(height([head, lines[0]], setter.width)), head, *lines]
    return flow


def _parted(last: list[Flowable], setter: Compositor) -> tuple[list[Flowable], list[Flowable]]:
    """The last section in two: what may stay behind, what accompanies the signature."""
    limit = 16 * setter.density.leading
    if height(last, setter.width) <= limit:
        return [], [item for item in last if not isinstance(item, CondPageBreak)]
    *before, final = last
    tall = final.wrap(setter.width, 1e6)[1]
    if tall <= limit:
        return before, [final]
    halves = final.split(setter.width, tall - 3 * setter.density.leading)
    return ([*before, halves[0]], halves[1:]) if len(halves) == 2 else (last, [])
