"""Synthetic records read back through the formats they are made for."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from consultdesk.consultation.record import RecordKind, Sensitivity
from consultdesk.consultation.source import Frames, MemorySource
from consultdesk.records import formats
from consultdesk.records.description import Description
from consultdesk.samples import records as samples

ANNA = samples.Person("Anna", "Sample", "1961-03-14", "female", "SP-1001")
DOCTOR = samples.Doctor("Dr Robert Example", "Orthopaedics", "Example Spine Centre")
LABS = (
    samples.Lab("Haemoglobin", 10.8, "g/dL", 12, 16, "718-7"),
    samples.Lab("C-reactive protein", 42, "mg/L", None, 5, "1988-5"),
)


def referral() -> MemorySource:
    return samples.letter_pdf(
        "referral.pdf",
        "Referral for a second opinion",
        ANNA,
        DOCTOR,
        "2026-03-02",
        [
            samples.Section("Reason for referral", ("Is an operation at L4/5 needed?",)),
            samples.Section("Allergies", ("Penicillin, latex",)),
        ],
        addressee="colleague",
        pages=[
            [samples.Section("Findings", ("Disc protrusion ≥ 8 mm at L4/5.",))],
            [samples.Section("Impression", ("Lumbar disc herniation L4/5 left.",))],
        ],
    )


def bundle() -> MemorySource:
    return samples.fhir_bundle(
        "labs.json",
        ANNA,
        DOCTOR,
        "2026-03-01",
        question="Anaemia of unknown cause?",
        labs=LABS,
        allergies=["Penicillin"],
        security=["HIV"],
    )


def note() -> MemorySource:
    return samples.ccda(
        "note.xml",
        ANNA,
        DOCTOR,
        "2026-02-20",
        question="Fusion or decompression?",
        allergies=["Penicillin"],
        medications=["Ibuprofen 400 mg"],
        assessment="Stenosis L4/5, fusion advised.",
        restricted=True,
    )


def values(said: Description, field: str) -> set[str]:
    return {fact.value for fact in said.facts if fact.field == field}


def the_series() -> Sequence[MemorySource]:
    return samples.dicom_series(ANNA, "spine", 3, date="2026-02-11", referring=DOCTOR.name)


MAKERS: tuple[Callable[[], object], ...] = (
    referral,
    bundle,
    note,
    the_series,
    lambda: samples.lab_pdf("lab.pdf", ANNA, DOCTOR, "2026-03-01", LABS),
    lambda: samples.lab_text("lab.txt", ANNA, "2026-03-01", LABS),
    lambda: samples.scan_png("scan.png", ["Typed", "lines"]),
    lambda: samples.ecg_png("ecg.png", "Resting ECG"),
    lambda: samples.photo_jpeg("wound.jpg"),
    lambda: samples.histology_jpeg("field.jpg"),
)


@pytest.mark.parametrize("make", MAKERS)
def test_the_same_seed_gives_the_same_bytes(make: Callable[[], object]) -> None:
    assert make() == make()


def test_a_referral_letter_says_whose_it_is_and_what_is_asked() -> None:
    said = formats.describe(referral())
    assert (said.format, said.pages, said.readable) == ("pdf", 3, True)
    assert values(said, "patient.name") == {"Anna Sample"}
    assert values(said, "patient.birth_date") == {"1961-03-14"}
    assert values(said, "physician.name") == {"Dr Robert Example"}
    assert values(said, "question") == {"Is an operation at L4/5 needed?"}
    assert said.sealed_sections == ("page 3",)
    assert "≥ 8 mm" in said.texts[1]


def test_a_drawn_series_is_one_record_in_geometrical_order() -> None:
    files = samples.dicom_series(ANNA, "chest", 7, date="2026-02-11", seed=3)
    (group,) = formats.group([(file, formats.describe(file)) for file in files])
    assert group.description.pages == 7
    stack = formats.view("dicom", group.sources)
    assert isinstance(stack, Frames)
    frame = stack.frame(3)
    hounsfield = np.frombuffer(frame.samples, frame.dtype) * frame.slope + frame.intercept
    assert hounsfield.min() < -900
    assert hounsfield.max() > 500
    assert [window.name for window in frame.windows] == ["Soft tissue", "Lung"]
    shown = [next(line for line in stack.frame(n).overlay if "Position" in line) for n in range(7)]
    places = [float(line.split()[1]) for line in shown]
    assert places == sorted(places)


def test_a_clinical_document_seals_its_assessment_only() -> None:
    said = formats.describe(note())
    assert said.format == "ccda"
    assert said.sensitivities == {Sensitivity.R}
    assert values(said, "patient.name") == {"Anna Sample"}
    assert values(said, "question") == {"Fusion or decompression?"}
    assert values(said, "allergy") == {"Penicillin"}
    assert values(said, "medication") == {"Ibuprofen 400 mg"}
    assert values(said, "first_diagnosis") == {"Stenosis L4/5, fusion advised."}
    assert said.reveals_first_opinion


def test_a_bundle_of_results_is_a_laboratory_record() -> None:
    said = formats.describe(bundle())
    assert said.format == "fhir"
    assert said.kind is RecordKind.LABORATORY
    assert said.sensitivities == {Sensitivity.HIV}
    assert values(said, "question") == {"Anaemia of unknown cause?"}
    assert "Haemoglobin\t10.8 g/dL\t12 to 16 g/dL\tlow" in said.texts[0]


def test_pictures_are_told_apart() -> None:
    assert formats.describe(samples.photo_jpeg("w.jpg")).kind is RecordKind.PHOTOGRAPH
    assert formats.describe(samples.photo_jpeg("w.jpg")).event_date == "2026-03-02"
    assert formats.describe(samples.scan_png("s.png", ["x"])).kind is RecordKind.OTHER
    text = formats.describe(samples.lab_text("results.txt", ANNA, "2026-03-01", LABS))
    assert (text.kind, text.event_date) == (RecordKind.LABORATORY, "2026-03-01")
