"""PDF records: pages, text, attachments, and whether a password stands before them."""

import contextlib
import logging
import re
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pypdf
import pypdfium2
from pypdf.errors import PyPdfError

from consultdesk.consultation.record import Fact
from consultdesk.consultation.source import MemorySource, Pages, Source, View
from consultdesk.errors import RecordUnreadable
from consultdesk.records import wording
from consultdesk.records.description import Description

_WORD = re.compile(r"[^\W\d_]{3}")

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it would quote the document

MOST_PAGES = 5000
MOST_PAGES_READ_AGAIN = 100
MOST_TEXT = 4_000_000  # characters, about 2000 full pages
MOST_ATTACHMENTS = 50
LARGEST_ATTACHMENT = 100 * 1024 * 1024

_TURN = threading.Lock()  # PDFium may be entered by one thread at a time
_NO_TITLE = re.compile(
    r"^(?:untitled|microsoft \w+ - |.*\.(?:docx?|pptx?|xlsx?|pdf|tex|dvi)$)", re.I
)


def describe(source: Source) -> Description:
    """What a PDF says of itself. Raises RecordUnreadable."""
    _require_no_password(source)
    texts = _texts(source)
    facts = tuple(
        fact
        for number, text in enumerate(texts, start=1)
        for fact in wording.facts_in(text, f"page {number}")
    )
    sealed = tuple(f"page {n}" for n, text in enumerate(texts, start=1) if wording.reveals(text))
    return Description(
        "pdf",
        kind=wording.guess_kind("\n".join(texts[:3]), source.name),
        pages=len(texts),
        title=_own_title(source) or _first_line(texts) or source.name,
        event_date=wording.event_date(facts),
        facts=_once(facts),
        texts=texts,
        reveals_first_opinion=bool(sealed),
        sealed_sections=sealed,
    )


def view(sources: Sequence[Source]) -> View:
    """The pages of a PDF. Raises RecordUnreadable.

    The viewer's own library reads the same bytes in this process; what would break it broke
    the reading process at intake. The words of a very long document are left to the search.
    """
    _require_no_password(sources[0])
    with _opened(sources[0]) as document:
        count = len(document)
    return Pages(sources[0], count, _texts(sources[0]) if count <= MOST_PAGES_READ_AGAIN else ())


def attachments(source: Source) -> tuple[MemorySource, ...]:
    """The files inside a PDF, as far as they are of a sensible number and size."""
    with source.open() as stream:
        try:
            found = pypdf.PdfReader(stream).attachments
            return tuple(
                MemorySource(name, data)
                for name in list(found)[:MOST_ATTACHMENTS]
                for data in found[name]
                if len(data) <= LARGEST_ATTACHMENT
            )
        except (PyPdfError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return ()


def _require_no_password(source: Source) -> None:
    try:
        with _opened(source):
            return
    except pypdfium2.PdfiumError as problem:
        if "password" in str(problem).lower():
            raise RecordUnreadable(
                "This PDF needs a password; it is kept as received."
            ) from problem
        raise RecordUnreadable("This PDF is damaged; it is kept as received.") from problem


@contextlib.contextmanager
def _opened(source: Source) -> Iterator[pypdfium2.PdfDocument]:
    with _TURN, source.open() as stream:
        document = pypdfium2.PdfDocument(stream)
        try:
            if not 0 < len(document) <= MOST_PAGES:
                raise RecordUnreadable("This PDF has no pages that can be shown.")
            yield document
        finally:
            document.close()


def _texts(source: Source) -> tuple[str, ...]:
    texts = []
    left = MOST_TEXT
    with _opened(source) as document:
        for number in range(len(document)):
            text = _page_text(document, number)[:left]
            left -= len(text)
            texts.append(text)
    return tuple(texts)


def _page_text(document: pypdfium2.PdfDocument, number: int) -> str:
    try:
        page = document[number]
        try:
            text: str = page.get_textpage().get_text_bounded()
        finally:
            page.close()
    except pypdfium2.PdfiumError:
        return ""  # one broken page leaves the others
    # U+FFFE stands for a hyphen at a line's end
    return wording.clean(text.replace("\ufffe", "-"))


def _own_title(source: Source) -> str:
    """The title in the document's own information, where it is one."""
    with source.open() as stream:
        try:
            about: Any = pypdf.PdfReader(stream).metadata
            title = wording.one_line(str(about.get("/Title") or "")) if about else ""
        except (PyPdfError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return ""
    return "" if _NO_TITLE.match(title) else title[:120]


def _first_line(texts: Sequence[str]) -> str:
    lines = (line.strip() for text in texts[:2] for line in text.splitlines())
    return next((line for line in lines if len(line) <= 80 and _WORD.search(line)), "")


def _once(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """Each fact with the first page that states it."""
    first: dict[tuple[str, str], Fact] = {}
    for fact in facts:
        first.setdefault((fact.field, fact.value.casefold()), fact)
    return tuple(first.values())
