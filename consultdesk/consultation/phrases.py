"""Where a phrase stands in a text: in which sentence, denied or not, quoted or not."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_END = re.compile(
    r"""(?<!\bDr)(?<!\bMr)(?<!\bMs)(?<!\bMrs)(?<!\bProf)(?<!\bSt)(?<!\bvs)(?<!\be\.g)(?<!\bi\.e)
    (?<!\bapprox)(?<!\bNo)(?<!\bFig)(?<!\b[A-Z])
    [.!?]+["'”’)\]]*(?=\s|$) | \n\s*\n | \n(?=\s*[-•*])""",
    re.VERBOSE,
)
_DENIED_BEFORE = re.compile(
    r"""\b(?:no|not|never|nor|neither|without|denie[sd]|denying|negative\ for|free\ of|absence\ of
    |absent|lack\ of|rule[sd]?\ out|excluded?|unlikely|isn['’]t|wasn['’]t|doesn['’]t|didn['’]t
    |hasn['’]t|none\ of)\b(?P<between>[^.;:!?\n]{0,60})$""",
    re.VERBOSE | re.IGNORECASE,
)
_TURN = re.compile(r"\b(?:but|however|although|though|yet|except|apart from)\b", re.IGNORECASE)
_DENIED_AFTER = re.compile(
    r"""^[^.;!?\n]{0,40}?\b(?:negative|not\ detected|undetected|non-?reactive|ruled\ out|excluded
    |absent|none|not\ present|denied)\b""",
    re.VERBOSE | re.IGNORECASE,
)
_QUOTES = re.compile(r'"[^"\n]{1,600}"|“[^”\n]{1,600}”|«[^»\n]{1,600}»|‘[^’\n]{1,600}’(?!\w)')


@dataclass(frozen=True)
class Sentence:
    """One sentence of a text, from `start` up to, not including, `end`."""

    start: int
    end: int
    text: str


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences of a text in order; titles ("Dr.") and initials don't end one."""
    begin = 0
    for mark in _END.finditer(text):
        yield from _sentence(text, begin, mark.end())
        begin = mark.end()
    yield from _sentence(text, begin, len(text))


def _sentence(text: str, start: int, end: int) -> Iterator[Sentence]:
    piece = text[start:end]
    if said := piece.strip():
        begin = start + len(piece) - len(piece.lstrip())
        yield Sentence(begin, begin + len(said), said)


def denied(text: str, start: int, end: int) -> bool:
    """Whether the phrase at `start` … `end` is said not to be so: "no HIV", "HIV: negative"."""
    before = _DENIED_BEFORE.search(text[max(0, start - 80) : start])
    if before and not _TURN.search(before["between"]):
        return True
    after = _DENIED_AFTER.search(text[end : end + 60])
    return bool(after and not _TURN.search(after[0]))


_DENIED_IN_CLAUSE = re.compile(
    r"""\b(?:(?:no|without|not)(?!\ (?:a\ |any\ |the\ least\ )?(?:doubt|question|wonder|surprise
    |only|merely|just)\b)|never|nor|neither|free\s+of|nothing|isn['’]t|wasn['’]t|don['’]t|doesn['’]t
    |didn['’]t|cannot|can['’]t|hardly|unlikely)\b[^.,;:!?\n]{0,45}$""",
    re.VERBOSE | re.IGNORECASE,
)


def denied_in_clause(text: str, start: int) -> bool:
    """Whether what begins at `start` is denied earlier in its clause: "I don't think that …"."""
    before = _DENIED_IN_CLAUSE.search(text[max(0, start - 70) : start])
    return bool(before and not _TURN.search(before[0]))


def quotations(text: str) -> tuple[tuple[int, int], ...]:
    """Where words of others stand between quotation marks, with the marks."""
    return tuple(mark.span() for mark in _QUOTES.finditer(text))


def quoted(text: str, start: int, end: int) -> bool:
    """Whether the phrase stands between quotation marks, and so is somebody else's."""
    return any(opens < start and end < closes for opens, closes in quotations(text))
