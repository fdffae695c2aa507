"""DICOM records: what a file says in its header, and its images as a stack."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from consultdesk.consultation.record import Fact, RecordKind
from consultdesk.consultation.source import MemorySource, Source, View
from consultdesk.errors import RecordUnreadable
from consultdesk.records import dates, wording
from consultdesk.records.description import Description
from consultdesk.records.dicom_header import Header, header_in, numbers, read_header, tags, title_of
from consultdesk.records.dicom_image import require_image

_KINDS = {
    "SR": RecordKind.IMAGING_REPORT,
    "SM": RecordKind.SLIDE,
    "XC": RecordKind.PHOTOGRAPH,
    "DOC": RecordKind.OTHER,
    "OT": RecordKind.IMAGING,
}
_IMAGING = frozenset((
    "AS", "BI", "BMD", "CR", "CT", "DX", "EC", "ECG", "EPS", "ES", "FA", "FS",
    "GM", "HD", "IO", "IVOCT", "IVUS", "LS", "MG", "MR", "NM", "OCT", "OP", "OPT",
    "PT", "PX", "RF", "RG", "RTIMAGE", "ST", "TG", "US", "XA",
))  # fmt: skip
_DIRECTORY = "1.2.840.10008.1.3.10"
_ENCAPSULATED_PDF = "1.2.840.10008.5.1.4.1.1.104.1"
_WHERE = "DICOM header"
# All that is asked of an image while it is brought in; reading the rest takes as long again.
_GLANCED = tags((
    "AcquisitionDate", "BitsAllocated", "BodyPartExamined", "Columns", "ContentDate",
    "ImageLaterality", "ImageOrientationPatient", "ImagePositionPatient", "InstanceNumber",
    "InstitutionName", "IssuerOfPatientID", "Laterality", "Modality", "NumberOfFrames",
    "PatientBirthDate", "PatientID", "PatientName", "PatientSex",
    "PerFrameFunctionalGroupsSequence", "PhotometricInterpretation", "ProtocolName",
    "ReasonForStudy", "ReasonForTheRequestedProcedure", "ReferringPhysicianName", "Rows",
    "SOPClassUID", "SamplesPerPixel", "SeriesDate", "SeriesDescription", "SeriesInstanceUID",
    "SharedFunctionalGroupsSequence", "StudyDate", "StudyDescription", "StudyInstanceUID",
    "ValueType",
))  # fmt: skip


def describe(source: Source) -> Description:
    """What a DICOM file says of itself; its facts are kept where it can't be shown."""
    header = read_header(source)
    return _of_header(header, source, _described(header))


class Glances:
    """Looks at images one after the other, by their first bytes.

    Parsing that much is bounded, and of the pixels only the fragments are counted. What the
    images of a series say alike is put into words once: an image is described as one before
    it was, if it has the same values in every element that was asked for then.
    """

    def __init__(self) -> None:
        self._before: dict[tuple[int, ...], dict[tuple[object, ...], Description]] = {}

    def __call__(self, head: bytes, source: Source) -> Description | None:
        """What the image says; None where more than its first bytes must be read."""
        header = header_in(head, source.size, _GLANCED)
        if header is None or header.pixels_at is None:
            return None
        return _of_header(header, source, self._described(header))

    def _described(self, header: Header) -> Description:
        values = header.raw()
        for asked, said in self._before.items():
            if known := said.get(tuple(map(values.get, asked))):
                return known
        new = _described(header)
        asked = header.asked()
        self._before.setdefault(asked, {})[tuple(map(values.get, asked))] = new
        return new


def _of_header(header: Header, source: Source, said: Description) -> Description:
    if header.sop_class == _DIRECTORY:
        return replace(
            said, title="Index of the disc", readable=False, pages=0, series="",
            reason="This is the index of a disc, not a record of its own; add the files it names.",
        )  # fmt: skip
    try:
        if header.sop_class == _ENCAPSULATED_PDF:
            return _with_pdf(said, header, source)
        if header.text("Modality") == "SR" or header.text("ValueType") == "CONTAINER":
            return _with_report(said, header)
        require_image(header, source)
        return replace(said, pages=header.frames, order=_order(header))
    except RecordUnreadable as problem:
        return replace(said, readable=False, reason=problem.message, pages=0, series="")


def view(sources: Sequence[Source]) -> View:
    """Images as a stack, a report as text, an enclosed PDF as pages. Raises RecordUnreadable."""
    from consultdesk.records import dicom_report, dicom_stack, pdf  # decoders, not for intake

    header = read_header(sources[0])
    if header.sop_class == _ENCAPSULATED_PDF:
        return pdf.view([_enclosed(header, sources[0])])
    if header.text("Modality") == "SR" or header.text("ValueType") == "CONTAINER":
        return dicom_report.document(header)
    return dicom_stack.stack_of(sources)


def _described(header: Header) -> Description:
    modality = header.text("Modality")
    kind = _KINDS.get(modality, RecordKind.IMAGING if modality in _IMAGING else RecordKind.OTHER)
    study, series = header.text("StudyInstanceUID"), header.text("SeriesInstanceUID")
    title = wording.short(title_of(header))
    return Description(
        "dicom",
        kind=kind,
        title=title,
        event_date=_date(header),
        facts=tuple(_facts(header)),
        texts=(_words(header, title),),
        series=f"{study}/{series}" if series else "",
    )


def _date(header: Header) -> str:
    written = (
        header.text(one) for one in ("AcquisitionDate", "StudyDate", "SeriesDate", "ContentDate")
    )
    return next((found for one in written if (found := dates.compact(one))), "")


def _facts(header: Header) -> Iterator[Fact]:
    said = (
        ("patient.name", wording.person_name(header.text("PatientName"))),
        ("patient.birth_date", dates.compact(header.text("PatientBirthDate"))),
        ("patient.sex", wording.sex(header.text("PatientSex"))),
        ("patient.identifier", _identifier(header)),
        ("physician.name", wording.person_name(header.text("ReferringPhysicianName"))),
        (
            "question",
            header.text("ReasonForStudy") or header.text("ReasonForTheRequestedProcedure"),
        ),
        ("laterality", _side(header)),
        ("event_date", _date(header)),
    )
    for name, value in said:
        if any(ch.isalnum() for ch in value):
            yield Fact(name, value, _WHERE)


def _identifier(header: Header) -> str:
    number = header.text("PatientID")
    return f"{header.text('IssuerOfPatientID') or 'patient ID'}|{number}" if number else ""


def _side(header: Header) -> str:
    side = header.text("ImageLaterality") or header.text("Laterality")
    return {"L": "left", "R": "right", "B": "bilateral"}.get(side, "")


def _words(header: Header, title: str) -> str:
    keywords = (
        "StudyDescription",
        "BodyPartExamined",
        "ProtocolName",
        "PatientName",
        "InstitutionName",
    )
    said = (header.text(keyword).replace("^", " ") for keyword in keywords)
    return "\n".join(dict.fromkeys(word for word in (title, *said) if word.strip()))


def _order(header: Header) -> tuple[float, ...]:
    """Place along the slice normal, InstanceNumber, the normal (PS3.3 C.7.6.2.1.1)."""
    number = (numbers(header.elements, "InstanceNumber") or (0.0,))[0]
    position, orientation = header.plane()
    if len(position) != 3 or len(orientation) != 6:
        return (number,)
    (a, b, c), (d, e, f) = orientation[:3], orientation[3:]
    normal = (b * f - c * e, c * d - a * f, a * e - b * d)
    length = math.hypot(*normal)
    if length < 1e-6:
        return (number,)
    unit = tuple(part / length for part in normal)
    return (sum(p * n for p, n in zip(position, unit, strict=True)), number, *unit)


def _with_report(said: Description, header: Header) -> Description:
    from consultdesk.records import dicom_report  # few files are reports

    report = dicom_report.document(header)
    sealed = tuple(block.anchor for block in report.blocks if block.sealed)
    return replace(
        said, title=report.title, texts=(report.text,), pages=1, series="", order=(),
        reveals_first_opinion=bool(sealed), sealed_sections=sealed,
    )  # fmt: skip


def _with_pdf(said: Description, header: Header, source: Source) -> Description:
    from consultdesk.records import pdf  # few files enclose one

    inner = pdf.describe(_enclosed(header, source))
    return replace(
        inner,
        format="dicom",
        title=header.text("DocumentTitle") or inner.title,
        event_date=said.event_date or inner.event_date,
        facts=tuple(dict.fromkeys((*said.facts, *inner.facts))),
    )


def _enclosed(header: Header, source: Source) -> MemorySource:
    data: Any = header.elements.get("EncapsulatedDocument")
    if not isinstance(data, bytes) or b"%PDF-" not in data[:1024]:
        raise RecordUnreadable("The document in this DICOM file is damaged.")
    return MemorySource(f"{source.name}.pdf", data)
