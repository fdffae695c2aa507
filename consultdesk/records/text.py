"""Plain text: notes, letters, results, read in whatever character set they came."""

import re
from collections.abc import Iterator, Sequence

from consultdesk.consultation.record import RecordKind
from consultdesk.consultation.source import Block, Document, Source, View
from consultdesk.errors import RecordUnreadable
from consultdesk.records import recognition, wording
from consultdesk.records.description import Description

LARGEST = 16 * 1024 * 1024

_HL7 = re.compile(r"\s*(?:FHS|BHS|MSH)\|")
_RESULT = re.compile(r"^MSH\|(?:[^|\n]*\|){7}(?:ORU|OUL)\b", re.M)
_MAIL = re.compile(r"(?:^(?:From |[A-Za-z-]{2,40}: ?).*\n)", re.M)
_MAIL_SIGNS = ("from:", "subject:", "mime-version:", "message-id:", "received:", "to:", "date:")


def describe(source: Source) -> Description:
    """What a text says of itself. Raises RecordUnreadable."""
    text = read(source)
    document = blocks_of(text, source.name)
    message = _message_kind(text)
    facts = () if message else tuple(wording.facts_in(text, "text"))
    sealed = tuple(block.anchor for block in document.blocks if block.sealed)
    return Description(
        "text",
        kind=message or wording.guess_kind(text, source.name),
        title=document.title,
        event_date=wording.event_date(facts),
        facts=facts,
        texts=(text,),
        reveals_first_opinion=bool(sealed),
        sealed_sections=sealed,
    )


def view(sources: Sequence[Source]) -> View:
    """The text as a readable document. Raises RecordUnreadable."""
    return blocks_of(read(sources[0]), sources[0].name)


def read(source: Source) -> str:
    """The characters of a text file. Raises RecordUnreadable when it is too large."""
    if source.size > LARGEST:
        raise RecordUnreadable("This text is too long to be shown; it is kept as received.")
    with source.open() as stream:
        return decode(stream.read(LARGEST))


def decode(data: bytes) -> str:
    """Text from bytes: by its mark, UTF-16 by its zero bytes, UTF-8, else Windows Latin-1."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return wording.clean(data.decode("utf-16", "replace"))
    if b"\x00" in data[: recognition.HEAD] and recognition.looks_like_utf16(data[:4096]):
        little = data[1::2].count(0) >= data[0::2].count(0)
        return wording.clean(data.decode("utf-16-le" if little else "utf-16-be", "replace"))
    try:
        return wording.clean(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        # one broken byte in a long UTF-8 text is damage, not another character set
        text = data.decode("utf-8-sig", "replace")
        if text.count("\ufffd") * 50 < sum(ord(ch) > 127 for ch in text):
            return wording.clean(text)
        return wording.clean(data.decode("cp1252", "replace"))


def blocks_of(text: str, name: str) -> Document:
    """A text as blocks with anchors; sections that conclude are sealed up to the next heading."""
    title, notice = _look(text, name)
    blocks = [Block("notice", text=notice)] if notice else []
    return Document(title, (*blocks, *_sections(text)))


def _message_kind(text: str) -> RecordKind | None:
    """The kind of an HL7 v2 message or an e-mail, whose fields aren't free text."""
    if _HL7.match(text):
        return RecordKind.LABORATORY if _RESULT.search(text) else RecordKind.OTHER
    return RecordKind.CORRESPONDENCE if _is_mail(text) else None


def _is_mail(text: str) -> bool:
    head = text[:4000].casefold()
    return bool(_MAIL.match(text)) and sum(sign in head for sign in _MAIL_SIGNS) >= 3


def _look(text: str, name: str) -> tuple[str, str]:
    if _HL7.match(text):
        return "HL7 message", "This is an HL7 message, shown as the text it was sent as."
    if _is_mail(text):
        return "E-mail", "This is an e-mail, shown as text. Files attached to it aren't opened."
    if re.match(r"\s*<\?xml|\s*<!DOCTYPE|\s*<\w+[\s>]", text):
        return "XML text", "This XML isn't a C-CDA document, so it is shown as text."
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return (first if 3 <= len(first) <= 60 else name), ""


def _sections(text: str) -> Iterator[Block]:
    sealed = False
    lines: list[str] = []
    start = 1
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        heading = wording.is_heading(line)
        if lines and (heading or not line.strip()):
            yield _block(lines, start, sealed=sealed)
            lines = []
        if heading:
            sealed = wording.concludes(line)
        if line.strip():
            start = start if lines else number
            lines.append(line.rstrip())


def _block(lines: list[str], start: int, *, sealed: bool) -> Block:
    short = len(lines) == 1 and len(lines[0]) <= 60
    heading = short and wording.is_heading(lines[0]) and lines[0].rstrip(": ").count(":") == 0
    return Block(
        "heading" if heading else "paragraph",
        text="\n".join(lines),
        level=2,
        anchor=f"line-{start}",
        sealed=sealed,
    )
