"""A letter's facts, as a real case would give them."""

from dataclasses import replace
from typing import Any

import pytest

from consultdesk.consultation.assessment import (
    Comparison,
    DiagnosisRelation,
    Evidence,
    FollowUpOwner,
    Impact,
    Opinion,
    OwnRead,
    Recommendation,
    Result,
    Timing,
)
from consultdesk.consultation.case import (
    Case,
    CaseState,
    Initiator,
    Override,
    Priority,
    Question,
    Referral,
)
from consultdesk.consultation.letter import Author, LetterFacts, LetterKind, Practice
from consultdesk.consultation.patient import (
    Channel,
    ChannelKind,
    Identifier,
    Patient,
    Recipient,
    RecipientKind,
    TreatingPhysician,
)
from consultdesk.consultation.record import RecordItem, RecordKind
from consultdesk.letters.typeface import Faces

PHYSICIAN = TreatingPhysician(
    "physician",
    "Dr Anna Lindqvist",
    practice="Orthopaedic Centre Lakeside",
    specialty="Orthopaedic surgery",
    phone="+41 44 555 01 01",
    channels=(
        Channel("post", ChannelKind.POST, "Seestrasse 14\n8002 Zürich", 1, "m.keller", "register"),
    ),
)
PATIENT = Patient(
    "patient",
    "Maria Kowalska-Łuczak",
    "1961-03-04",
    "F",
    (Identifier("Record number", "4471-208"),),
)
LAKESIDE, NEUROLOGY = "Radiology Lakeside", "Neurology, Cantonal Hospital"
RECORDS = tuple(
    RecordItem(
        f"r{n}", "case", name, kind, "pdf", "0" * 64, pages, (), 1, event_date=day, source=by
    )
    for n, (name, kind, pages, day, by) in enumerate(
        (
            ("MRI lumbar spine", RecordKind.IMAGING, 20, "2026-09-14", LAKESIDE),
            ("MRI report", RecordKind.IMAGING_REPORT, 2, "2026-09-15", LAKESIDE),
            ("Consultation", RecordKind.CLINIC_NOTE, 3, "2026-10-02", PHYSICIAN.practice),
            ("Nerve conduction study", RecordKind.CLINIC_NOTE, 1, "2026-10", NEUROLOGY),
        )
    )
)
QUESTIONS = (
    Question(1, "Is decompression alone enough, or is a fusion needed?", "Dr Anna Lindqvist",
             "Decompression alone is enough on the present films. Flexion and extension views "
             "show 2 mm of translation, which is within the range we would not fuse for."),
    Question(2, "Can the operation wait until after the winter?", "the patient",
             "Yes, as long as strength stays at or above grade 4 and bladder and bowel are "
             "undisturbed."),
    Question(3, "Is the weakness of the left foot new?", "Dr Anna Lindqvist", "",
             "no examination from before September 2026 was among the records."),
)  # fmt: skip
OPINION = Opinion(
    "case",
    brief="We agree that surgery is reasonable. We suggest decompression at L4/L5 on the left "
    "without fusion, after a supervised trial of six weeks of physiotherapy.",
    reasoning="The MRI shows a left-sided lateral recess stenosis at L4/L5 that fits the leg pain "
    "and the L5 weakness. Facet fluid is below 1.5 mm on both sides and the slip is ≤ 2 mm, so we "
    "see no sign of instability. The canal measures 8 mm; our reading of the report's figure "
    "differs by 3 mm because we measured at the disc and not at the pedicle.\n\n"
    "Trials that compare decompression with and without fusion in this setting show the same "
    "function at two years and fewer reoperations early on after decompression alone.",
    recommendations=(
        Recommendation("Supervised physiotherapy, twice a week for six weeks", "Treating physician",
                       Timing.DATE, "2026-12-07"),
        Recommendation("Decompression L4/L5 left without fusion", "Spine surgeon",
                       Timing.CONDITION, "if leg pain stays ≥ 5 of 10 after six weeks"),
        Recommendation("Stop apixaban before surgery as the practice's protocol says",
                       "Treating physician", Timing.DISCRETION),
    ),
    alternatives="An epidural injection may help for some weeks and does not rule out surgery.",
    prognosis="Leg pain improves in about 8 of 10 patients within three months; back pain less "
    "reliably. Untreated, most patients stay stable over two years.",
    limitations="The axial images at L5/S1 are degraded by movement.",
    danger=(
        "Apixaban 5 mg twice daily: stop before any injection or surgery.",
        "New bladder or bowel disturbance or saddle numbness: emergency MRI the same day.",
    ),
    history="Atrial fibrillation on apixaban; type 2 diabetes, HbA1c 6.9 %. No earlier surgery.",
    relied_on=(Evidence("r0", "series 3, images 9–12"), Evidence("r1", "page 1")),
    follow_up_owner=FollowUpOwner.TREATING_PHYSICIAN,
    follow_up_date="2027-01-18",
    diagnosis="Left lateral recess stenosis L4/L5 with L5 radiculopathy, no instability",
    certainty="most_likely",
)  # fmt: skip
FACTS = LetterFacts(
    kind=LetterKind.TREATING_PHYSICIAN,
    case=Case(
        "case", "2026-0042", "patient", "spine", CaseState.SIGNED, Priority.ROUTINE, 1,
        treating_physician_id="physician",
        referral=Referral(
            Initiator.PATIENT,
            questions=QUESTIONS,
            first_diagnosis="Degenerative spondylolisthesis L4/L5, unstable",
            first_plan="Decompression and fusion L4/L5",
        ),
        overrides=(Override("record:operative_note", "the hospital closed its archive", "u", 1),),
        laterality="left", level="L4/L5",
    ),
    patient=PATIENT,
    physician=PHYSICIAN,
    recipient=PHYSICIAN.as_recipient(),
    practice=Practice(
        "Second Opinion Practice for Spine Surgery", "Bahnhofplatz 3\n3011 Bern",
        "+41 31 555 02 40", "desk@spine-opinion.example",
    ),
    author=Author("h.meier", "Prof. Dr. Helena Meier", "Registration 7601000123456",
                  "Specialist in neurosurgery"),
    own_read=OwnRead("case", diagnosis=OPINION.diagnosis, certainty="most_likely", locked_at=5,
                     evidence=(Evidence("r0", "series 3, images 9–12"),)),
    comparison=Comparison("case", DiagnosisRelation.REFINED, Impact.MAJOR, Result.CHANGED,
                          comment="An internal remark.", major_decision="Telephone call planned."),
    opinion=OPINION,
    records=RECORDS,
    missing_records=(RecordKind.OPERATIVE_NOTE,),
    distribution=("Dr Anna Lindqvist, Orthopaedic Centre Lakeside (treating physician)",
                  "Maria Kowalska-Łuczak (patient)"),
    written_on="2026-11-22",
    signed=True,
)  # fmt: skip


@pytest.fixture(scope="session")
def faces() -> Faces:
    """The typefaces, loaded once."""
    return Faces.load()


def facts(**changed: Any) -> LetterFacts:  # noqa: ANN401 - any field of the facts
    """The example letter's facts with some of them changed."""
    return replace(FACTS, **changed)


def opinion(**changed: Any) -> Opinion:  # noqa: ANN401 - any field of the opinion
    """The example opinion with some of it changed."""
    return replace(OPINION, **changed)


def to_patient(**changed: Any) -> LetterFacts:  # noqa: ANN401 - any field of the facts
    """The facts of the letter that goes to the patient alone."""
    recipient = Recipient("patient", RecipientKind.PATIENT, PATIENT.name)
    start = replace(FACTS, kind=LetterKind.PATIENT_ONLY, recipient=recipient, distribution=())
    return replace(start, **changed)
