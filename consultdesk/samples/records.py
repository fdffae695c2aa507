"""Synthetic records of people who don't exist, the same bytes for the same seed."""

import io
from collections.abc import Sequence
from xml.sax.saxutils import escape

import numpy as np
from PIL import Image
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table

from consultdesk.assets import resource
from consultdesk.consultation.source import MemorySource
from consultdesk.samples import phantoms
from consultdesk.samples.exchange import ccda, fhir_bundle
from consultdesk.samples.people import Doctor, Lab, Person, Section
from consultdesk.samples.series import dicom_series

__all__ = [
    "Doctor",
    "Lab",
    "Person",
    "Section",
    "ccda",
    "dicom_series",
    "ecg_png",
    "fhir_bundle",
    "histology_jpeg",
    "lab_pdf",
    "lab_text",
    "letter_pdf",
    "note_text",
    "photo_jpeg",
    "scan_png",
]

_FONT, _BOLD = "SampleSans", "SampleSans-Bold"


# --- PDF ------------------------------------------------------------------------------


def letter_pdf(
    name: str,
    title: str,
    person: Person,
    doctor: Doctor,
    date: str,
    sections: Sequence[Section],
    *,
    addressee: str = "",
    pages: Sequence[Sequence[Section]] = (),
) -> MemorySource:
    """A letter, note or report on the practice's paper; each of `pages` begins a new page."""
    styles = _styles()
    story: list[Flowable] = [
        Paragraph(escape(doctor.practice), styles["practice"]),
        Paragraph(
            escape(f"{doctor.address} · Practice telephone: {doctor.phone}"), styles["small"]
        ),
        Spacer(1, 7 * mm),
        Paragraph(escape(title), styles["title"]),
        *_about(person, doctor, date, styles),
    ]
    if addressee:
        story.append(Paragraph(escape(f"Dear {addressee},"), styles["body"]))
    for number, part in enumerate((sections, *pages)):
        if number:
            story.append(PageBreak())
        for section in part:
            story.extend(_section(section, styles))
    story.append(Spacer(1, 8 * mm))
    story.append(Paragraph(escape(f"{doctor.name}, {doctor.specialty}"), styles["body"]))
    return MemorySource(name, _pdf(title, story, f"{person.name} · born {person.birth_date}"))


def _about(
    person: Person, doctor: Doctor, date: str, styles: dict[str, ParagraphStyle]
) -> list[Flowable]:
    lines = (
        f"Patient: {person.name}",
        f"Date of birth: {person.birth_date}",
        f"Sex: {person.sex}",
        f"MRN: {person.identifier}",
        f"Date: {date}",
        f"Treating physician: {doctor.name}",
        f"Specialty: {doctor.specialty}",
    )
    return [*(Paragraph(escape(line), styles["about"]) for line in lines), Spacer(1, 4 * mm)]


def _section(section: Section, styles: dict[str, ParagraphStyle]) -> list[Flowable]:
    found: list[Flowable] = [Paragraph(escape(f"{section.heading}:"), styles["heading"])]
    for number, line in enumerate(section.lines, start=1):
        words = f"{number}. {line}" if section.numbered else line
        found.append(Paragraph(escape(words), styles["body"]))
    return found


def _styles() -> dict[str, ParagraphStyle]:
    for font, file in ((_FONT, "DejaVuSans.ttf"), (_BOLD, "DejaVuSans-Bold.ttf")):
        if font not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(font, str(resource("fonts", file))))
    body = ParagraphStyle("body", fontName=_FONT, fontSize=9.5, leading=13.5, spaceAfter=4)
    return {
        "body": body,
        "about": ParagraphStyle("about", body, spaceAfter=0),
        "small": ParagraphStyle("small", body, fontSize=7.5, textColor="#55606a"),
        "heading": ParagraphStyle("heading", body, fontName=_BOLD, spaceBefore=7, spaceAfter=2),
        "title": ParagraphStyle("title", body, fontName=_BOLD, fontSize=14, leading=19),
        "practice": ParagraphStyle(
            "practice", body, fontName=_BOLD, fontSize=11, alignment=TA_RIGHT
        ),
    }


def _pdf(title: str, story: list[Flowable], footer: str) -> bytes:
    buffer = io.BytesIO()

    def foot(canvas: object, document: object) -> None:
        number = getattr(document, "page", 1)
        pen = canvas
        pen.saveState()  # type: ignore[attr-defined]
        pen.setFont(_FONT, 7.5)  # type: ignore[attr-defined]
        pen.drawString(20 * mm, 12 * mm, f"{footer} · page {number}")  # type: ignore[attr-defined]
        pen.restoreState()  # type: ignore[attr-defined]

    document = SimpleDocTemplate(
        buffer, pagesize=A4, title=title, author="Synthetic record", invariant=1,
        leftMargin=20 * mm, rightMargin=20 * mm, topMargin=18 * mm, bottomMargin=22 * mm,
    )  # fmt: skip
    document.build(story, onFirstPage=foot, onLaterPages=foot)
    return buffer.getvalue()


def lab_pdf(
    name: str, person: Person, doctor: Doctor, date: str, labs: Sequence[Lab]
) -> MemorySource:
    """A laboratory report with a table of results."""
    styles = _styles()
    rows = [["Test", "Result", "Unit", "Reference range", ""]]
    rows += [[lab.name, f"{lab.value:g}", lab.unit, lab.range, lab.flag] for lab in labs]
    table = Table(rows, colWidths=[58 * mm, 24 * mm, 28 * mm, 44 * mm, 12 * mm])
    table.setStyle([
        ("FONT", (0, 0), (-1, -1), _FONT, 9),
        ("FONT", (0, 0), (-1, 0), _BOLD, 9),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, "#33414d"),
        ("LINEBELOW", (0, 1), (-1, -1), 0.25, "#c3ccd3"),
    ])  # fmt: skip
    story: list[Flowable] = [
        Paragraph(escape(doctor.practice), styles["practice"]),
        Paragraph("Laboratory report", styles["title"]),
        *_about(person, doctor, date, styles),
        table,
    ]
    return MemorySource(name, _pdf("Laboratory report", story, person.name))


# --- pictures -------------------------------------------------------------------------


def scan_png(name: str, lines: Sequence[str], *, seed: int = 1) -> MemorySource:
    """A page of typed lines as a grey scan, a little crooked and speckled."""
    chance = np.random.default_rng(seed)
    page = phantoms.typed_page(lines)
    page = page.rotate(
        float(chance.uniform(-1.2, 1.2)), fillcolor=250, resample=Image.Resampling.BICUBIC
    )
    grey = np.asarray(page, np.float64) + chance.normal(0, 6, (page.height, page.width))
    return MemorySource(
        name, phantoms.as_png(Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)))
    )


def ecg_png(name: str, title: str, *, irregular: bool = False, seed: int = 1) -> MemorySource:
    """A scanned electrocardiogram."""
    return MemorySource(
        name, phantoms.as_png(phantoms.electrocardiogram(title, irregular=irregular, seed=seed))
    )


def photo_jpeg(name: str, *, date: str = "2026-03-02", seed: int = 1) -> MemorySource:
    """A photograph of a healing wound, with a camera's EXIF."""
    picture = phantoms.photograph(seed)
    about = Image.Exif()
    about[0x010F], about[0x0110] = "Synthetic", "Sample camera"
    about.get_ifd(0x8769)[0x9003] = f"{date.replace('-', ':')} 10:30:00"
    return MemorySource(name, _jpeg(picture, about))


def histology_jpeg(name: str, *, atypical: bool = True, seed: int = 1) -> MemorySource:
    """A microscopic field in pink and violet, as a camera on the microscope takes it."""
    return MemorySource(name, _jpeg(phantoms.histology(atypical=atypical, seed=seed), Image.Exif()))


def _jpeg(picture: Image.Image, about: Image.Exif) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=88, exif=about)
    return buffer.getvalue()


# --- text ----------------------------------------------------------------


def note_text(name: str, person: Person, date: str, sections: Sequence[Section]) -> MemorySource:
    """A plain-text note with headed sections."""
    lines = [f"Patient: {person.name}", f"Date of birth: {person.birth_date}", f"Date: {date}", ""]
    for section in sections:
        lines += [f"{section.heading.upper()}:", *section.lines, ""]
    return MemorySource(name, "\n".join(lines).encode())


def lab_text(name: str, person: Person, date: str, labs: Sequence[Lab]) -> MemorySource:
    """Laboratory results as a table of plain text."""
    lines = ["LABORATORY REPORT", f"Patient: {person.name}", f"Date of birth: {person.birth_date}"]
    lines += [f"MRN: {person.identifier}", f"Collection date: {date}", ""]
    lines.append(f"{'Test':<28}{'Result':>10}  {'Unit':<12}{'Reference range':<18}Flag")
    for lab in labs:
        lines.append(f"{lab.name:<28}{lab.value:>10g}  {lab.unit:<12}{lab.range:<18}{lab.flag}")
    return MemorySource(name, ("\n".join(lines) + "\n").encode())
