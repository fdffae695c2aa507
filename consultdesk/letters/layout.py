"""The manuscript's blocks as flowables: the type sizes, boxes, tables and spaces of a letter."""

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.colors import HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import CondPageBreak, Flowable

from consultdesk.letters.manuscript import (
    Block,
    Box,
    Listing,
    Paragraph,
    Role,
    Run,
    Section,
    Table,
    Text,
    Tone,
)
from consultdesk.letters.tagging import Element, Ruled, Tagged
from consultdesk.letters.typeface import BOLD, REGULAR, Faces

INK, MUTED, ACCENT = HexColor("#17212b"), HexColor("#4d5b69"), HexColor("#124a86")
HAIRLINE, RULE = HexColor("#d5dce3"), HexColor("#9aa7b4")
WARNING = HexColor("#a3211a")
_ENDLESS = 1e6
_FILL = {
    Tone.ANSWER: (HexColor("#f1f5fa"), ACCENT),
    Tone.DANGER: (HexColor("#fcf1f0"), WARNING),
    Tone.CALL: (HexColor("#f5f6f8"), RULE),
}


@dataclass(frozen=True)
class Density:
    """How tightly a letter is set: type size and leading in points, spaces as a factor."""

    size: float
    leading: float
    space: float


DENSITIES = (Density(9.4, 13.6, 1.0), Density(9.0, 12.6, 0.7), Density(8.6, 11.6, 0.45))
"""From the usual setting to the tightest that still reads well."""

ROOMY = Density(10.6, 15.2, 1.0)
"""For who reads such letters seldom: the patient."""


class Panel(Flowable):  # type: ignore[misc]  # the library has no types
    """A quiet box with a bar at its left; it may run over a page and is drawn on both."""

    def __init__(
        self, content: Sequence[Flowable], tone: Tone, *, padding: float, space: float
    ) -> None:
        super().__init__()
        self.content, self.tone, self.padding = list(content), tone, padding
        self.spaceBefore = space
        self._inner, self._heights = 0.0, list[float]()

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Measure the content at the width that is left inside."""
        self._inner = width - 2 * self.padding - 3
        self._heights = [item.wrap(self._inner, _ENDLESS)[1] for item in self.content]
        gaps = sum(item.getSpaceBefore() for item in self.content[1:])
        self.width, self.height = width, sum(self._heights) + gaps + 2 * self.padding
        return self.width, self.height

    def split(self, width: float, height: float) -> list[Flowable]:
        """Part it where the height ends; a single item is parted between its lines."""
        self.wrap(width, height)
        left, first = height - 2 * self.padding, 0
        for item, tall in zip(self.content, self._heights, strict=True):
            left -= tall + (item.getSpaceBefore() if first else 0)
            if left < 0:
                break
            first += 1
        else:
            return [self]
        here, after = self.content[:first], self.content[first:]
        halves = after[0].split(self._inner, left + self._heights[first])
        if len(halves) == 2:
            here, after = [*here, halves[0]], [halves[1], *after[1:]]
        if not here:
            return []
        return [
            Panel(part, self.tone, padding=self.padding, space=self.spaceBefore)
            for part in (here, after)
        ]

    def draw(self) -> None:
        """Fill, bar, content."""
        fill, bar = _FILL[self.tone]
        with self.canv.artifact():
            self.canv.setFillColor(fill)
            self.canv.rect(0, 0, self.width, self.height, stroke=0, fill=1)
            self.canv.setFillColor(bar)
            self.canv.rect(0, 0, 2.4, self.height, stroke=0, fill=1)
        y = self.height - self.padding
        for n, (item, tall) in enumerate(zip(self.content, self._heights, strict=True)):
            y -= tall + (item.getSpaceBefore() if n else 0)
            item.drawOn(self.canv, self.padding + 3, y)


class Compositor:
    """Sets blocks at one density and width."""

    def __init__(self, faces: Faces, density: Density, width: float) -> None:
        self._faces, self.density, self.width = faces, density, width
        self.structure = Element("Document")
        size, leading, space = density.size, density.leading, density.space
        self.body = ParagraphStyle(
            "body",
            fontName=REGULAR,
            bulletFontName=REGULAR,
            fontSize=size,
            leading=leading,
            textColor=INK,
            spaceBefore=5 * space,
            allowWidows=0,
            allowOrphans=0,
            splitLongWords=1,
        )
        self.quiet = ParagraphStyle(
            "quiet",
            self.body,
            fontSize=size - 1.2,
            leading=leading - 2,
            textColor=MUTED,
        )
        self.cell = ParagraphStyle(
            "cell", self.body, fontSize=size - 0.5, leading=leading - 1.4, spaceBefore=0
        )
        self.column = ParagraphStyle("column", self.quiet, spaceBefore=0)
        self.heading = ParagraphStyle(
            "heading",
            self.body,
            fontName=BOLD,
            fontSize=size + 1.2,
            leading=leading + 1,
            textColor=ACCENT,
            spaceBefore=13 * space,
            spaceAfter=1.5 * space,
        )
        self.lead = ParagraphStyle("lead", self.body, spaceBefore=8 * space)
        self.item = ParagraphStyle(
            "item", self.body, leftIndent=12, bulletIndent=2, spaceBefore=2.5 * space
        )

    def text(
        self,
        text: Text | str,
        style: ParagraphStyle,
        place: str,
        *,
        bullet: str | None = None,
        element: Element | None = None,
    ) -> Tagged:
        """One paragraph of literal text; without an element it is the next of the document."""
        runs = (Run(text),) if isinstance(text, str) else text
        bold = style.fontName == BOLD
        marked = self._faces.markup(runs, bold=bold, place=place)
        made = Tagged(marked, style, bulletText=bullet)
        made.element = element or self.structure.add("P")
        return made

    def sections(self, sections: Sequence[Section]) -> list[Flowable]:
        """All sections, one after the other."""
        return [item for section in sections for item in self.section(section)]

    def section(self, section: Section) -> list[Flowable]:
        """One section; what leads (heading, question) never stays alone at the foot of a page."""
        place = f"the section “{section.heading}”" if section.heading else "the letter"
        laid: list[Flowable] = []
        leads: list[Flowable] = []
        if section.heading:
            title = self.structure.add("H2")
            leads.append(self.text(section.heading, self.heading, place, element=title))
        for block in section.blocks:
            here = self.block(block, place)
            if isinstance(block, Paragraph) and block.role is Role.LEAD:
                leads += here
                continue
            above = leads[0].getSpaceBefore() if leads else 0
            needed = above + height(leads, self.width) + self._least(here[0])
            laid += [CondPageBreak(needed), *leads, *here]
            leads = []
        return laid + leads

    def block(self, block: Block, place: str) -> list[Flowable]:
        """The flowables of one block."""
        match block:
            case Paragraph(text, role):
                styles = {Role.QUIET: self.quiet, Role.LEAD: self.lead, Role.RUNNING: self.body}
                return [self.text(text, styles[role], place)]
            case Listing(items):
                return list(self.listing(items, place, self.structure))
            case Table():
                return [self.table(block, place)]
            case Box(tone, lines):
                return [self.box(tone, lines, place)]

    def box(self, tone: Tone, lines: tuple[Text, ...], place: str) -> Panel:
        """Lines set apart; several dangers are several items."""
        part = self.structure.add("Div")
        if tone is Tone.DANGER and len(lines) > 1:
            content = self.listing(lines, place, part)
        else:
            content = [self.text(line, self.body, place, element=part.add("P")) for line in lines]
        space = self.density.space
        return Panel(content, tone, padding=3.5 + 3.5 * space, space=5 + 3 * space)

    def listing(self, items: Sequence[Text], place: str, under: Element) -> list[Tagged]:
        """Items with a bullet each."""
        listed = under.add("L")
        return [
            self.text(item, self.item, place, bullet="•", element=listed.add("LI").add("LBody"))
            for item in items
        ]

    def table(self, table: Table, place: str) -> Ruled:
        """A ruled table whose head is repeated on each page."""
        part = self.structure.add("Table")
        top = part.add("TR")
        head = [
            self.text(cell, self.column, place, element=top.add("TH", repeats=True))
            for cell in table.head
        ]
        rows = []
        for row in table.rows:
            line = part.add("TR")
            rows.append([self.text(cell, self.cell, place, element=line.add("TD")) for cell in row])
        share = self.width / sum(table.widths)
        pad = 1.6 + 1.9 * self.density.space
        return Ruled(
            [head, *rows],
            colWidths=[width * share for width in table.widths],
            repeatRows=1,
            spaceBefore=2 + 2 * self.density.space,
            splitInRow=1,
            style=[
                ("FONTNAME", (0, 0), (-1, -1), REGULAR),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-2, -1), 10),
                ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), pad),
                ("BOTTOMPADDING", (0, 0), (-1, -1), pad + 0.6),
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, RULE),
                ("LINEBELOW", (0, 1), (-1, -1), 0.4, HAIRLINE),
            ],
        )

    def _least(self, item: Flowable) -> float:
        """The least of a flowable that may stand at the foot of a page."""
        before = float(item.getSpaceBefore())
        tall = float(item.wrap(self.width, _ENDLESS)[1])
        lines = 3 if isinstance(item, Tagged) else 6
        return before + min(tall, lines * self.density.leading)


def height(flow: Sequence[Flowable], width: float) -> float:
    """How tall flowables stand one under the other, the larger space between two counting."""
    total = after = 0.0
    for n, item in enumerate(flow):
        if isinstance(item, CondPageBreak):
            continue
        total += item.wrap(width, _ENDLESS)[1]
        before = item.getSpaceBefore() if n else 0
        total += max(before - after, 0)
        after = item.getSpaceAfter()
        total += after
    return float(total)
