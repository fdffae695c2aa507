"""Files inside FHIR resources: reports as PDF, notes as text."""

import base64
import binascii
from dataclasses import dataclass, field

from consultdesk.records import fhir_values as fv
from consultdesk.records import text
from consultdesk.records.fhir_values import Node

LARGEST = 48 * 1024 * 1024

_ENDINGS = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/tiff": ".tif",
    "application/dicom": ".dcm",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "application/fhir+json": ".json",
}


@dataclass(frozen=True)
class Attachment:
    """One enclosed file: its words where it is text, else its bytes, else only its name."""

    title: str
    ending: str = ""
    words: str = field(default="", repr=False)
    data: bytes = field(default=b"", repr=False)
    elsewhere: bool = False


def attachments_of(node: Node) -> list[Attachment]:
    """The files of a DocumentReference, DiagnosticReport, Media or Binary (R4 2.24.0.12)."""
    found = [*fv.many(node, "presentedForm")]
    found.extend(fv.child(one, "attachment") for one in fv.many(node, "content"))
    if fv.word(node, "resourceType") == "Binary":
        found.append(node)
    return [_read(one) for one in found if one]


def _read(node: Node) -> Attachment:
    kind = fv.word(node, "contentType").partition(";")[0].lower()
    ending = _ENDINGS.get(kind, "")
    title = fv.word(node, "title") or fv.word(node, "url") or f"file{ending}"
    written = node.get("data")
    if not isinstance(written, str) or len(written) > LARGEST:
        return Attachment(title, ending, elsewhere="url" in node)
    try:
        data = base64.b64decode(written)
    except (binascii.Error, ValueError):
        return Attachment(title, ending)
    if kind in ("text/html", "application/xhtml+xml"):
        return Attachment(title, words=fv.from_html(text.decode(data)))
    if kind.startswith("text/") and not ending:
        return Attachment(title, words=text.decode(data))
    return Attachment(title, ending, data=data)
