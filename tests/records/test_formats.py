"""Every format by its content, and every real file to a clear end."""

import io
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from consultdesk.consultation.record import Fact, RecordKind
from consultdesk.consultation.source import Document, Frames, MemorySource, Pages
from consultdesk.errors import RecordUnreadable
from consultdesk.records import fhir, formats, pdf, series
from consultdesk.records.description import Description
from consultdesk.records.reader import Reader
from consultdesk.samples import records as samples

from .conftest import DiskSource, sources_in


def described(data: bytes, name: str = "file") -> Description:
    return formats.describe(MemorySource(name, data))


# --- recognition ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "format_name"),
    [
        (b"%PDF-1.7\n", "pdf"),
        (b"\n\n%PDF-1.4", "pdf"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "image"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image"),
        (b"II*\x00" + b"\x00" * 124 + b"DICM", "dicom"),
        (b"II*\x00\x08\x00\x00\x00", "image"),
        ('<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3">'.encode("utf-16"), "ccda"),
        (b'\xef\xbb\xbf{"resourceType": "Patient"}', "fhir"),
        (b'{"kind": "something else"}', "text"),
        ("Größe 180 cm".encode("latin-1"), "text"),
        ("Plain".encode("utf-16-le"), "text"),
    ],
)
def test_a_format_is_known_by_its_content(head: bytes, format_name: str) -> None:
    known = formats.recognise(head, "misleading.xyz")
    assert known is not None
    assert known.name == format_name


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"PK\x03\x04" + b"\x00" * 40, "ZIP"),
        (b"PK\x03\x04" + b"\x00" * 40 + b"word/document.xml", "save it as PDF"),
        (b"\x00\x00\x00\x18ftypheic", "HEIC"),
        (b"\x00\x00\x00\x18ftypmp42", "Videos"),
        (b"II*\x00 Aperio Image Library", "Whole slides"),
        (bytes(range(256)) * 4, "recognises"),
    ],
)
def test_what_nobody_knows_is_kept_with_a_reason_of_use(data: bytes, reason: str) -> None:
    said = described(data)
    assert said.format == "unknown"
    assert not said.readable
    assert reason in said.reason


def test_a_view_of_an_unknown_format_is_refused() -> None:
    with pytest.raises(RecordUnreadable):
        formats.view("unknown", [MemorySource("x", b"")])


# --- text -----------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_text_is_read_in_its_character_set(encoding: str) -> None:
    said = described("Größe: 180 cm, naïve reader".encode(encoding), "note.txt")
    assert said.texts == ("Größe: 180 cm, naïve reader",)


def test_a_conclusion_in_a_note_is_sealed_up_to_the_next_heading() -> None:
    note = b"Findings:\nfine\n\nImpression:\nworse\n\nstill worse\n\nAllergies: latex\n"
    view = formats.view("text", [MemorySource("n.txt", note)])
    assert isinstance(view, Document)
    sealed = [block.text for block in view.blocks if block.sealed]
    assert sealed == ["Impression:\nworse", "still worse"]
    said = described(note)
    assert said.sealed_sections == ("line-4", "line-7")
    assert said.reveals_first_opinion


# --- pictures and PDF -----------------------------------------------------------------


def test_a_photograph_stands_upright() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    buffer = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(buffer, "JPEG", exif=turned)
    shown = formats.view("image", [MemorySource("p.jpg", buffer.getvalue())])
    assert isinstance(shown, Frames)
    assert (shown.frame(0).rows, shown.frame(0).columns) == (40, 20)


def test_a_tiff_of_three_pages_has_three_images() -> None:
    pages = [Image.new("L", (30, 20), shade) for shade in (10, 20, 30)]
    buffer = io.BytesIO()
    pages[0].save(buffer, "TIFF", save_all=True, append_images=pages[1:])
    source = MemorySource("fax.tif", buffer.getvalue())
    assert formats.describe(source).pages == 3
    shown = formats.view("image", [source])
    assert isinstance(shown, Frames)
    assert [bytes(shown.frame(n).samples[:1])[0] for n in range(3)] == [10, 20, 30]


def test_what_is_transparent_is_shown_as_paper() -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(buffer, "PNG")
    shown = formats.view("image", [MemorySource("p.png", buffer.getvalue())])
    assert isinstance(shown, Frames)
    assert set(bytes(shown.frame(0).samples)) == {255}


def small_pdf() -> PdfWriter:
    made = PdfWriter()
    made.add_blank_page(200, 200)
    return made


def test_a_pdf_with_a_password_says_so() -> None:
    made = small_pdf()
    made.encrypt("secret", algorithm="AES-256")
    buffer = io.BytesIO()
    made.write(buffer)
    said = described(buffer.getvalue())
    assert said.reason == "This PDF needs a password; it is kept as received."


def test_a_pdf_only_its_owner_locked_is_read() -> None:
    made = small_pdf()
    made.encrypt("", "owner", algorithm="AES-256")
    buffer = io.BytesIO()
    made.write(buffer)
    assert described(buffer.getvalue()).pages == 1


def test_files_inside_a_pdf_are_found() -> None:
    made = small_pdf()
    made.add_attachment("labs.txt", b"Hb 10.8")
    buffer = io.BytesIO()
    made.write(buffer)
    (inner,) = pdf.attachments(MemorySource("a.pdf", buffer.getvalue()))
    assert (inner.name, inner.data) == ("labs.txt", b"Hb 10.8")


# --- series ---------------------------------------------------------------------------


def image(
    number: int, order: tuple[float, ...], patient: str = "A"
) -> tuple[MemorySource, Description]:
    said = Description(
        "dicom", RecordKind.IMAGING, 1, "MR, T2", series="1/2", order=order,
        facts=(Fact("patient.name", patient, "DICOM header"),),
    )  # fmt: skip
    return MemorySource(f"f{number}", b""), said


def test_slices_are_ordered_by_place_and_not_by_number() -> None:
    normal = (0.0, 0.0, 1.0)
    files = [image(n, (place, n, *normal)) for n, place in enumerate((5.0, -5.0, 0.0))]
    (group,) = series.group(files)
    assert [source.name for source in group.sources] == ["f1", "f2", "f0"]
    assert group.description.title == "MR, T2, 3 images"


def test_a_localizer_keeps_its_three_planes_together() -> None:
    planes = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    files = [image(n, (float(-n), n, *planes[n % 3])) for n in range(9)]
    (group,) = series.group(files)
    stacks = [int(source.name[1:]) % 3 for source in group.sources]
    assert stacks == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_images_without_a_place_follow_their_numbers() -> None:
    (group,) = series.group([image(0, (3,)), image(1, (1,)), image(2, (2,))])
    assert [source.name for source in group.sources] == ["f1", "f2", "f0"]


def test_two_patients_in_one_series_are_two_records() -> None:
    groups = series.group([image(0, (1,)), image(1, (2,), "B"), image(2, (3,))])
    assert [len(group.sources) for group in groups] == [2, 1]


def test_one_bad_image_costs_its_place_and_not_the_series() -> None:
    anna = samples.Person("Anna", "Sample", "1961-03-14", "female", "SP-1001")
    whole = samples.dicom_series(anna, "head", 3, date="2026-02-11")
    cut = MemorySource(whole[1].name, whole[1].data[:-500])
    shown = formats.view("dicom", [whole[0], cut, whole[2]])
    assert isinstance(shown, Frames)
    assert shown.count == 3
    assert shown.frame(2).rows == 288
    with pytest.raises(RecordUnreadable, match="cut short"):
        shown.frame(1)


# --- real files -----------------------------------------------------------------------


def test_a_mistyped_bundle_is_read_as_far_as_it_goes() -> None:
    odd = (
        b'{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","name":"Anna",'
        b'"telecom":5,"birthDate":"1961-03-14"}},{"resource":{"resourceType":"Observation",'
        b'"code":[],"valueQuantity":"many","component":{"code":{"text":"x"},"valueInteger":3}}},'
        b'{"resource":[]},7]}'
    )
    said = described(odd)
    assert said.readable
    assert {fact.value for fact in said.facts} == {"Anna", "1961-03-14"}


def test_values_of_a_report_stand_under_the_report(shared_data: Path) -> None:
    folder = shared_data / "fhir" / "smart-on-fhir+generated-sample-data" / "R4" / "SYNTHEA"
    source = next(one for one in sources_in(folder) if one.name.startswith("Gerard"))
    view = formats.view("fhir", [source])
    assert isinstance(view, Document)
    results = next(block for block in view.blocks if block.anchor == "diagnosticreport-1-results")
    assert ("Hemoglobin [Mass/volume] in Blood", "12.5559 g/dL") in {
        row[:2] for row in results.rows
    }
    days = [
        row[0] for block in view.blocks if block.anchor == "observation-1" for row in block.rows
    ]
    assert days[1:] == sorted(days[1:], reverse=True)


def test_an_enclosed_pdf_is_shown_as_pages(shared_data: Path) -> None:
    folder = shared_data / "ccda" / "HL7+C-CDA-Examples" / "Unstructured"
    source = next(one for one in sources_in(folder) if one.name.endswith("_embed.xml"))
    pages = formats.view("ccda", [source])
    assert isinstance(pages, Pages)
    with pages.source.open() as stream:
        assert len(PdfReader(stream).pages) == pages.count == 3


def test_a_document_that_only_points_elsewhere_names_what_is_missing(shared_data: Path) -> None:
    folder = shared_data / "ccda" / "HL7+C-CDA-Examples" / "Unstructured"
    source = next(one for one in sources_in(folder) if one.name.endswith("_reference.xml"))
    said = formats.describe(source)
    assert not said.readable
    assert "UD_sample.pdf" in said.reason


def test_an_enclosed_file_of_a_resource_can_be_taken_out(shared_data: Path) -> None:
    folder = shared_data / "fhir" / "HL7+US-Core" / "input" / "examples"
    (inner,) = fhir.attachments(DiskSource(folder / "DocumentReference-living-will.json"))
    assert inner.data.startswith(b"%PDF-")


def test_every_real_file_comes_to_a_clear_end(shared_data: Path, reader: Reader) -> None:
    seen: Counter[str] = Counter()
    for source, said in reader.describe_all(sources_in(shared_data)):
        seen[said.format] += 1
        assert said.readable != bool(said.reason), source.name
        assert said.title or not said.readable, source.name
        assert said.pages > 0 or not said.readable, source.name
        if said.readable:
            formats.view(said.format, [source])
    assert set(seen) == {"pdf", "image", "dicom", "ccda", "fhir", "text", "unknown"}
