"""What free text says of itself."""

import pytest

from consultdesk.consultation.record import RecordKind
from consultdesk.records import dates, wording


def said(text: str, field: str) -> list[str]:
    return [fact.value for fact in wording.facts_in(text, "page 1") if fact.field == field]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1961-03-14", "1961-03-14"),
        ("14.03.1961", "1961-03-14"),
        ("14 March 1961", "1961-03-14"),
        ("March 14, 1961", "1961-03-14"),
        ("14/03/1961", "1961-03-14"),
        ("03/14/1961", "1961-03-14"),
        ("04/04/1961", "1961-04-04"),
        ("03/04/1961", ""),
        ("31.02.1961", ""),
        ("14 Marble 1961", ""),
    ],
)
def test_a_date_is_taken_only_where_it_means_one_day(written: str, meant: str) -> None:
    assert dates.iso(written) == meant


def test_labelled_lines_become_facts() -> None:
    text = (
        "Patient: Anna Maria Sample   DOB: 14 March 1961\nSex: F  MRN: 12-345\n"
        "Referring physician: Dr Robert Example, Orthopaedics\nLevel: L4/5  Side: left\n"
    )
    assert said(text, "patient.name") == ["Anna Maria Sample"]
    assert said(text, "patient.birth_date") == ["1961-03-14"]
    assert said(text, "patient.sex") == ["female"]
    assert said(text, "patient.identifier") == ["MRN|12-345"]
    assert said(text, "physician.name") == ["Dr Robert Example"]
    assert said(text, "level") == ["L4/5"]
    assert said(text, "laterality") == ["left"]


def test_the_choices_of_an_empty_form_are_no_fact() -> None:
    assert said("Gender: M F X\nSex: male / female", "patient.sex") == []


def test_a_question_may_stand_beside_or_below_its_heading() -> None:
    assert said("Clinical question: Is fusion needed?", "question") == ["Is fusion needed?"]
    assert said("Reason for referral:\nIs fusion needed?", "question") == ["Is fusion needed?"]
    below = "Questions:\n1. Is fusion needed?\n2. How urgent is it really?\n"
    assert said(below, "question") == ["Is fusion needed?", "How urgent is it really?"]


@pytest.mark.parametrize("nothing", ["none", "None known", "NKDA", "No known drug allergies"])
def test_no_allergy_is_not_an_allergy(nothing: str) -> None:
    assert said(f"Allergies: {nothing}", "allergy") == []


def test_a_list_below_its_heading_ends_with_the_next_heading() -> None:
    text = "Allergies\nPenicillin\nLatex\nMedications\nIbuprofen\n\nSigned by nobody"
    assert said(text, "allergy") == ["Penicillin", "Latex"]
    assert said(text, "medication") == ["Ibuprofen"]


@pytest.mark.parametrize(
    "line",
    ["IMPRESSION:", "Conclusion", "Final pathologic diagnosis:", "Assessment and Plan:", "A/P:",
     "3. Recommendation: surgery", "Beurteilung:"],
)  # fmt: skip
def test_headings_that_conclude_are_known(line: str) -> None:
    assert wording.concludes(line)


@pytest.mark.parametrize(
    "line",
    ["Past medical history:", "We plan to see her again.", "The diagnosis was made elsewhere.",
     "Allergies: penicillin", "Impression material was used for the cast."],
)  # fmt: skip
def test_other_lines_conclude_nothing(line: str) -> None:
    assert not wording.concludes(line)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("SURGICAL PATHOLOGY REPORT\nGross description: …", RecordKind.PATHOLOGY_REPORT),
        ("MRI report lumbar spine\nTechnique: T2-weighted", RecordKind.IMAGING_REPORT),
        ("Discharge summary", RecordKind.DISCHARGE),
        ("Operative note\nSurgeon: nobody", RecordKind.OPERATIVE_NOTE),
        ("Authorization to disclose health information", RecordKind.CONSENT_FORM),
        ("Dear colleague, thank you for seeing her.", RecordKind.CORRESPONDENCE),
        ("Chief complaint: pain\nReview of systems: …", RecordKind.CLINIC_NOTE),
        ("Lorem ipsum", RecordKind.OTHER),
    ],
)
def test_the_kind_follows_the_words(text: str, kind: RecordKind) -> None:
    assert wording.guess_kind(text) is kind


def test_names_of_the_standards_become_names_of_people() -> None:
    assert wording.person_name("Doe^Jane^M^Dr^PhD") == "Dr Jane M Doe PhD"
    assert wording.person_name("Jane_Doe") == "Jane_Doe"
    assert wording.person_name("Yamada^Tarou=山田^太郎") == "Tarou Yamada"
    assert wording.person_name("ANONYMIZED") == ""
