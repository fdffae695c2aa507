"""XML read without any document type, entity or network."""

from lxml import etree

from consultdesk.consultation.source import Source
from consultdesk.errors import RecordUnreadable
from consultdesk.records import recognition

Element = etree._Element  # noqa: SLF001 - lxml names its element type so

LARGEST = 64 * 1024 * 1024

_DAMAGED = "This XML document is damaged; it is kept as received."


def parse(source: Source) -> Element:
    """The root element. Raises RecordUnreadable for damage, size and any DOCTYPE.

    A DOCTYPE can define entities that grow to gigabytes or fetch files; no record needs one.
    """
    if source.size > LARGEST:
        raise RecordUnreadable("This XML document is too large; it is kept as received.")
    with source.open() as stream:
        data = stream.read(LARGEST)
    if "<!DOCTYPE" in recognition.opening_text(data[: recognition.HEAD]):
        raise RecordUnreadable(_FORBIDDEN)
    try:
        root = etree.fromstring(data.lstrip(b" \r\n\t"), _parser())
    except (etree.XMLSyntaxError, ValueError) as problem:
        root = _without_prefixes(data, str(problem))
    if root.getroottree().docinfo.doctype:
        raise RecordUnreadable(_FORBIDDEN)
    return root


def _without_prefixes(data: bytes, problem: str) -> Element:
    """A fragment cut from its document lacks its namespace prefixes and nothing else."""
    if not problem.startswith("Namespace prefix"):
        raise RecordUnreadable(_DAMAGED)
    engine = _parser(recover=True)
    try:
        root = etree.fromstring(data.lstrip(b" \r\n\t"), engine)
    except (etree.XMLSyntaxError, ValueError) as other:
        raise RecordUnreadable(_DAMAGED) from other
    if any(entry.domain_name != "NAMESPACE" for entry in engine.error_log):
        raise RecordUnreadable(_DAMAGED)
    return root


def _parser(*, recover: bool = False) -> etree.XMLParser[Element]:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        huge_tree=False, remove_comments=True, remove_pis=True, recover=recover,
    )  # fmt: skip


_FORBIDDEN = "This XML document defines a document type, which isn't safe; it is kept as received."


def local(element: Element) -> str:
    """The tag without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
