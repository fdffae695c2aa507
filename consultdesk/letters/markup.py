"""The lines a letter's template yields, read into sections and blocks.

One line is one block; blank lines only separate. The first lines, up to a blank one, are
`key: value`. Then each line speaks by how it begins:

    @front, @body     what page one must carry; everything after it
    # text            a heading; a section that stays empty disappears with it
    > text            the answer box          ! text    the danger box
    ^ text            the call-back box       - text    an item of a list
    | a | b |         a row of a table; the first is its head
    |--5--|--2--|     the shares its columns take of the measure, under the head
    = text            the lead of the block under it, never parted from it
    ~ text            a quiet remark          anything else: a paragraph

`**bold**` is bold. Values never speak: `protect` takes every mark in them for text.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

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
    plain,
)

# Control characters that no cleaned value contains stand in for what must not be read as a mark.
_GUARD = "\x02"
# None of them is white space to Python, so that no strip() takes one for such.
_BREAK = "\x0e"
_HIDE = str.maketrans({"\n": _BREAK, "|": "\x0f", "*": "\x10"})
_SHOW = str.maketrans({_BREAK: "\n", "\x0f": "|", "\x10": "*", _GUARD: None})
_WIDTHS = re.compile(r"\|(?:-+\d+-+\|)+")
_ROLES = {"=": Role.LEAD, "~": Role.QUIET}
_BOXES = {">": Tone.ANSWER, "!": Tone.DANGER, "^": Tone.CALL}


class MarkupError(ValueError):
    """A template's own lines can't be read; says which and why."""


def protect(value: str) -> str:
    """A value made safe to stand anywhere in a template's text."""
    return _GUARD + value.translate(_HIDE) if value else ""


@dataclass(frozen=True)
class Draft:
    """What a template says: its head, and the blocks in their places."""

    head: dict[str, str]
    opening: tuple[Block, ...]
    front: tuple[Section, ...]
    body: tuple[Section, ...]


@dataclass
class _Reader:
    """The sections of one place (opening, front or body) while their lines come in."""

    sections: list[tuple[str, list[Block]]] = field(default_factory=lambda: [("", [])])

    def take(self, line: str) -> None:
        blocks = self.sections[-1][1]
        mark, rest = line[0], line[1:].strip()
        if mark == "#":
            self.sections.append((plain(_text(rest)), []))
        elif mark == "|":
            _take_row(blocks, line)
        elif mark == "-":
            _join(blocks, Listing((_text(rest),)) if rest else None)
        elif mark in _BOXES:
            _join(blocks, Box(_BOXES[mark], tuple(_paragraphs(rest))) if rest else None)
        else:
            role = _ROLES.get(mark, Role.RUNNING)
            for text in _paragraphs(rest if mark in _ROLES else line):
                blocks.append(Paragraph(text, role))

    def finished(self) -> tuple[Section, ...]:
        kept = []
        for heading, blocks in self.sections:
            told = tuple(b for b in blocks if not (isinstance(b, Table) and not b.rows))
            if told:
                kept.append(Section(heading, told))
        return tuple(kept)


def parse(lines: str) -> Draft:
    """Read what a template yielded; MarkupError when the template itself is wrong."""
    head, rest = _head(lines)
    places = {"opening": _Reader(), "front": _Reader(), "body": _Reader()}
    here = places["opening"]
    for line in (raw.strip(" \t") for raw in rest):
        if line.startswith("@"):
            if line[1:] not in places:
                raise MarkupError(f"there is no part called {line!r}")
            here = places[line[1:]]
        elif line:
            here.take(line)
    opening = places["opening"].finished()
    if any(section.heading for section in opening):
        raise MarkupError("a heading stands before @front or @body")
    return Draft(
        head,
        tuple(block for section in opening for block in section.blocks),
        places["front"].finished(),
        places["body"].finished(),
    )


def _head(lines: str) -> tuple[dict[str, str], list[str]]:
    top, _, rest = lines.lstrip("\n").partition("\n\n")
    head = {}
    for line in top.split("\n"):
        key, colon, value = line.partition(":")
        if not colon or not key.strip().isalpha():
            raise MarkupError(f"the head of the letter has no `key: value` in {line!r}")
        head[key.strip()] = plain(_text(value.strip()))
    return head, rest.split("\n")


def _text(line: str) -> Text:
    """Runs of one line: `**` in the template switches bold, in a value it is two stars."""
    runs = (Run(part.translate(_SHOW), bold=bool(n % 2)) for n, part in enumerate(line.split("**")))
    return tuple(run for run in runs if run.text)


def _paragraphs(line: str) -> Iterable[Text]:
    """A value of several paragraphs makes several; a single line break stays one."""
    for part in re.split(f"{_BREAK}(?:{_GUARD}? *{_BREAK})+", line):
        if text := _text(part.strip(f"{_BREAK} ")):
            yield text


def _take_row(blocks: list[Block], line: str) -> None:
    last = blocks[-1] if blocks else None
    if _WIDTHS.fullmatch(line):
        if not isinstance(last, Table) or last.rows:
            raise MarkupError("column shares stand under no table head")
        widths = tuple(int(share) for share in re.findall(r"\d+", line))
        blocks[-1] = _checked(Table(last.head, (), widths))
        return
    cells = tuple(_text(cell.strip()) for cell in line.strip("|").split("|"))
    if not isinstance(last, Table):
        blocks.append(Table(cells, (), (1,) * len(cells)))
    elif any(cells):
        blocks[-1] = _checked(Table(last.head, (*last.rows, cells), last.widths))


def _checked(table: Table) -> Table:
    widths = {len(table.head), len(table.widths), *(len(row) for row in table.rows[-1:])}
    if len(widths) > 1:
        raise MarkupError("the rows of a table have different numbers of cells")
    return table


def _join(blocks: list[Block], block: Listing | Box | None) -> None:
    """Neighbouring items make one list, neighbouring lines of a box one box."""
    last = blocks[-1] if blocks else None
    if isinstance(block, Listing) and isinstance(last, Listing):
        blocks[-1] = Listing(last.items + block.items)
    elif isinstance(block, Box) and isinstance(last, Box) and last.tone is block.tone:
        blocks[-1] = Box(last.tone, last.lines + block.lines)
    elif block is not None:
        blocks.append(block)
