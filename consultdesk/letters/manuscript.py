"""A letter before it is set in type: what stands where, and nothing of how it looks."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from consultdesk.consultation.letter import LetterKind


@dataclass(frozen=True)
class Run:
    """A stretch of text in one weight."""

    text: str
    bold: bool = False


Text = tuple[Run, ...]
"""Text of one paragraph, cell or item. "\\n" in a run is a line break."""


def plain(text: Text) -> str:
    """The words without their weight."""
    return "".join(run.text for run in text)


class Role(StrEnum):
    """What a paragraph is: running text, the lead of what follows it, or a quiet remark."""

    RUNNING = "running"
    LEAD = "lead"
    QUIET = "quiet"


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    text: Text
    role: Role = Role.RUNNING


@dataclass(frozen=True)
class Listing:
    """Items, each with a bullet."""

    items: tuple[Text, ...]


@dataclass(frozen=True)
class Table:
    """Rows under a head that is repeated on each page; `widths` are shares of the measure."""

    head: tuple[Text, ...]
    rows: tuple[tuple[Text, ...], ...]
    widths: tuple[int, ...]


class Tone(StrEnum):
    """What a box is for: the answer, a danger, or how to reach the desk."""

    ANSWER = "answer"
    DANGER = "danger"
    CALL = "call"


@dataclass(frozen=True)
class Box:
    """A few lines set apart."""

    tone: Tone
    lines: tuple[Text, ...]


Block = Paragraph | Listing | Table | Box


@dataclass(frozen=True)
class Section:
    """A heading (or none) and what stands under it; never empty."""

    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Letterhead:
    """Who writes: the practice and the ways to reach it."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Manuscript:
    """A whole letter. `front` is what page one must carry, `body` follows.

    `details` is the block beside the address (label, value), `patient` the identity block;
    `running` heads every page after the first, `footer` stands on each. `name` is a file
    name without patient data, `language` a BCP 47 tag, `draft` is True until it is signed.
    """

    kind: LetterKind
    name: str
    title: str
    subject: str
    language: str
    author: str
    letterhead: Letterhead
    recipient: tuple[str, ...]
    details: tuple[tuple[str, str], ...]
    patient: tuple[tuple[str, str], ...]
    salutation: str
    opening: tuple[Block, ...]
    front: tuple[Section, ...]
    body: tuple[Section, ...]
    closing: str
    signature: tuple[str, ...]
    distribution: tuple[str, ...]
    running: str
    footer: str
    draft: bool

    def passages(self) -> Iterator[tuple[str, Text]]:
        """Every text of the letter in reading order, each with the place where it stands."""
        yield "the letterhead", _text(self.letterhead.name, bold=True)
        yield from (("the letterhead", _text(line)) for line in self.letterhead.lines)
        yield from (("the address", _text(line)) for line in self.recipient)
        for label, value in self.details:
            yield from (("the reference block", _text(part)) for part in (label, value))
        yield "the subject", _text(self.subject, bold=True)
        for label, value in self.patient:
            yield from (("the patient's identity", _text(part)) for part in (label, value))
        yield "the salutation", _text(self.salutation)
        yield from (("the opening", text) for block in self.opening for text in texts(block))
        for section in (*self.front, *self.body):
            place = f"the section “{section.heading}”"
            if section.heading:
                yield place, _text(section.heading, bold=True)
            yield from ((place, text) for block in section.blocks for text in texts(block))
        yield "the closing", _text(self.closing)
        yield from (("the signature", _text(line)) for line in self.signature)
        yield from (("the distribution", _text(line)) for line in self.distribution)


def texts(block: Block) -> Iterator[Text]:
    """Every text of a block, in reading order."""
    match block:
        case Paragraph(text):
            yield text
        case Listing(items):
            yield from items
        case Table(head, rows):
            yield from head
            for row in rows:
                yield from row
        case Box(_, lines):
            yield from lines


def _text(text: str, *, bold: bool = False) -> Text:
    return (Run(text, bold),)
