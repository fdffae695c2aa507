"""Proof-reading: the finished PDF read back and held against the manuscript, word by word."""

import io
import re
from collections import Counter

import pikepdf

from consultdesk.errors import LetterUnprintable
from consultdesk.letters.manuscript import Manuscript, plain

_OPERATORS = "BMC BDC EMC Tf Tj TJ ' \""
_BFCHAR = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_PAIR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")


def read_back(pdf: bytes) -> str:
    """Every character of a PDF's pages in the order they are drawn, without white space.

    Headers, footers and watermarks (PDF artifacts, ISO 32000-1 14.8.2.2) are left out.
    """
    with pikepdf.open(io.BytesIO(pdf)) as document:
        known: dict[tuple[int, int], dict[int, str]] = {}
        return "".join(_page_text(page, known) for page in document.pages)


def check(pdf: bytes, manuscript: Manuscript) -> None:
    """Make sure that nothing of the manuscript was dropped on the way to paper.

    Raises LetterUnprintable naming the place that lost something.
    """
    stream = read_back(pdf)
    wanted: Counter[str] = Counter()
    for place, text in manuscript.passages():
        passage = plain(text)
        squeezed = "".join(passage.split())
        wanted.update(squeezed)
        # a table row that runs over a page is drawn in two parts; its words stay whole
        if squeezed not in stream and not all(word in stream for word in passage.split()):
            raise _lost(place)
    if wanted - Counter(stream):
        raise _lost("the letter")


def _lost(place: str) -> LetterUnprintable:
    return LetterUnprintable(
        f"The letter wasn't made, because the printed form would have lost words in {place}.",
        kept="Nothing you wrote is lost.",
        cure="Shorten or reword that passage and try again.",
    )


def _page_text(page: pikepdf.Page, known: dict[tuple[int, int], dict[int, str]]) -> str:
    fonts = {
        name: _to_unicode(font, known) for name, font in page.resources.get("/Font", {}).items()
    }
    said: list[str] = []
    nesting = artifact = 0
    table: dict[int, str] = {}
    for instruction in pikepdf.parse_content_stream(page, _OPERATORS):
        operands = list(instruction.operands)
        match str(instruction.operator):
            case "BMC" | "BDC":
                nesting += 1
                if str(operands[0]) == "/Artifact" and not artifact:
                    artifact = nesting
            case "EMC":
                artifact = 0 if artifact == nesting else artifact
                nesting -= 1
            case "Tf":
                table = fonts.get(str(operands[0]), {})
            case _ if not artifact:
                said += [_shown(operand, table) for operand in operands]
    return "".join("".join(said).split())


def _shown(operand: object, table: dict[int, str]) -> str:
    if isinstance(operand, pikepdf.Array):
        return "".join(_shown(part, table) for part in operand)
    if not isinstance(operand, pikepdf.String):
        return ""
    return "".join(table.get(code, "\N{REPLACEMENT CHARACTER}") for code in bytes(operand))


def _to_unicode(
    font: pikepdf.Object, known: dict[tuple[int, int], dict[int, str]]
) -> dict[int, str]:
    """What each single-byte code of a font means (ISO 32000-1 9.10.3)."""
    if font.objgen not in known:
        stream = font.get("/ToUnicode")
        body = b"" if stream is None else stream.read_bytes()
        known[font.objgen] = {
            int(code, 16): chr(int(meaning, 16))
            for block in _BFCHAR.findall(body)
            for code, meaning in _PAIR.findall(block)
        }
    return known[font.objgen]
