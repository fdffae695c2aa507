"""The narrative text of a C-CDA section as blocks (CDA R2 4.3.5, StrucDoc.Text)."""

from collections.abc import Iterator

from consultdesk.consultation.source import Block
from consultdesk.records.xml import Element, local

MOST_ROWS = 5000
DEEPEST = 30
_BLOCKS = frozenset(("table", "list", "paragraph"))


def blocks(text: Element, anchor: str, *, sealed: bool) -> Iterator[Block]:
    """The blocks of a section's text, in order; each has the anchor and a running number."""
    for number, (kind, element, words) in enumerate(_pieces(text, 1), start=1):
        place = f"{anchor}-{number}"
        if kind == "table":
            yield from _table(element, place, sealed=sealed)
        elif words:
            level = int(kind.partition(":")[2] or 1)
            name = "item" if kind.startswith("item") else kind
            yield Block(name, words, level, anchor=place, sealed=sealed)


def _pieces(element: Element, depth: int) -> Iterator[tuple[str, Element, str]]:
    """Kind, element and words of each piece; loose text between blocks is a paragraph."""
    if depth > DEEPEST:
        return
    loose = [element.text or ""]
    for child in element:
        name = local(child)
        if child.get("revised") == "delete":
            pass
        elif name in _BLOCKS or _holds_blocks(child):
            yield "paragraph", element, _joined(loose)
            loose = []
            yield from _piece(child, name, depth)
        else:
            loose.append(plain(child))
        loose.append(child.tail or "")
    yield "paragraph", element, _joined(loose)


def _piece(child: Element, name: str, depth: int) -> Iterator[tuple[str, Element, str]]:
    if name == "table":
        yield "table", child, ""
    elif name == "list":
        for item in child:
            if local(item) == "caption":
                yield "paragraph", item, _joined([plain(item)])
            elif local(item) == "item":
                for kind, element, words in _pieces(item, depth + 1):
                    yield f"item:{depth}" if kind == "paragraph" else kind, element, words
    elif _holds_blocks(child):
        yield from _pieces(child, depth + 1)
    else:
        yield "paragraph", child, _joined([plain(child)])


def _holds_blocks(element: Element) -> bool:
    return any(local(child) in _BLOCKS for child in element.iter() if child is not element)


def plain(element: Element, depth: int = 0) -> str:
    """The words of an element; line breaks stay, pictures are named."""
    name = local(element)
    if name == "br":
        return "\n"
    if element.get("revised") == "delete" or depth > DEEPEST:
        return ""
    if name == "renderMultiMedia":
        return " [picture] "
    parts = [element.text or ""]
    for child in element:
        parts.append(plain(child, depth + 1))
        parts.append(child.tail or "")
    apart = name in ("paragraph", "item", "caption", "tr")
    return "".join(parts) + ("\n" if apart else "")


def _joined(parts: list[str]) -> str:
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _table(table: Element, anchor: str, *, sealed: bool) -> Iterator[Block]:
    for caption in table.iterchildren("{*}caption"):
        yield Block("heading", _joined([plain(caption)]), 4, sealed=sealed)
    rows: list[tuple[str, ...]] = []
    headed = False
    for row in table.iter("{*}tr"):
        cells = [cell for cell in row if local(cell) in ("td", "th")]
        if not rows:
            headed = bool(cells) and all(local(cell) == "th" for cell in cells)
        rows.append(tuple(_cells(cells)))
        if len(rows) >= MOST_ROWS:
            break
    width = max((len(row) for row in rows), default=0)
    if width:
        even = tuple(row + ("",) * (width - len(row)) for row in rows)
        yield Block("table", rows=even, headed=headed, anchor=anchor, sealed=sealed)


def _cells(cells: list[Element]) -> Iterator[str]:
    for cell in cells:
        yield _joined([plain(cell)])
        span = cell.get("colspan", "1")
        yield from [""] * (min(int(span), 50) - 1 if span.isdecimal() else 0)
