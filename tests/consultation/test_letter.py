from dataclasses import replace

from consultdesk.consultation.assessment import Comparison, Evidence, Opinion, OwnRead
from consultdesk.consultation.case import Case, CaseState, Priority
from consultdesk.consultation.letter import (
    FINAL_KINDS,
    FITS,
    Author,
    LetterFacts,
    LetterKind,
    Practice,
    cited_kinds,
    cited_sensitivities,
)
from consultdesk.consultation.patient import PATIENT_SIDE, Patient, RecipientKind
from consultdesk.consultation.record import RecordItem, RecordKind, Sensitivity
from tests.consultation.parcels import PHYSICIAN, signed_letter

NOTE = RecordItem("note", "case", "n", RecordKind.CLINIC_NOTE, "pdf", "00", 1, (), 0)
SCAN = replace(NOTE, id="scan", kind=RecordKind.IMAGING, sensitivities=frozenset({Sensitivity.HIV}))
LAB = replace(NOTE, id="lab", kind=RecordKind.LABORATORY, sensitivities=frozenset({Sensitivity.N}))
OPINION = Opinion("case", relied_on=(Evidence("scan"),), sensitivities=frozenset({"PSY"}))
READ = OwnRead("case", evidence=(Evidence("lab"), Evidence("gone")))


def test_a_letter_carries_the_kinds_and_topics_of_what_it_cites_and_what_was_marked() -> None:
    held = (NOTE, SCAN, LAB)
    both = replace(OPINION, relied_on=(*OPINION.relied_on, *READ.evidence))
    assert cited_kinds(both, held) == {RecordKind.IMAGING, RecordKind.LABORATORY}
    assert cited_sensitivities(both, held) == {Sensitivity.HIV, Sensitivity.PSY}
    assert cited_kinds(Opinion("case"), held) == frozenset()
    assert cited_sensitivities(Opinion("case"), held) == frozenset()


def test_what_the_letter_leaves_out_of_the_own_read_it_does_not_carry() -> None:
    assert cited_kinds(OPINION, (NOTE, SCAN, LAB)) == {RecordKind.IMAGING}


def test_every_kind_of_letter_fits_somebody_and_the_patients_letters_only_the_patients_side() -> (
    None
):
    assert set(FITS) == set(LetterKind)
    assert all(FITS.values())
    for kind in (LetterKind.PATIENT, LetterKind.PATIENT_ONLY):
        assert FITS[kind] == PATIENT_SIDE
    for kind in set(LetterKind) - {
        LetterKind.PATIENT,
        LetterKind.PATIENT_ONLY,
        LetterKind.RETURN_OR_DECLINE,
    }:
        assert not FITS[kind] & PATIENT_SIDE
    assert RecipientKind.INSURER not in FITS[LetterKind.INTERIM_URGENT]


def test_only_an_opinion_in_full_is_final() -> None:
    assert LetterKind.PRELIMINARY not in FINAL_KINDS
    assert LetterKind.INTERIM_URGENT not in FINAL_KINDS
    assert LetterKind.ADDENDUM not in FINAL_KINDS


def test_a_letter_is_signed_once_it_bears_a_time() -> None:
    assert signed_letter().signed
    assert not signed_letter(signed_at=None).signed


def test_the_facts_of_a_letter_find_the_record_a_link_points_at() -> None:
    case = Case("case", "1", "p", "spine", CaseState.DRAFTING, Priority.ROUTINE, 0)
    facts = LetterFacts(
        LetterKind.TREATING_PHYSICIAN,
        case,
        Patient("p", "Mara Lind", "1961-02-03"),
        None,
        PHYSICIAN,
        Practice(),
        Author("anna", "Dr Anna"),
        READ,
        Comparison("case"),
        OPINION,
        (NOTE, SCAN),
        (),
        (),
        "2026-05-28",
    )
    assert facts.record(Evidence("scan")) == SCAN
    assert facts.record(Evidence("gone")) is None
    assert facts.patient.label == "Mara Lind, born 1961-02-03"
    assert Patient("p", "Mara Lind").label == "Mara Lind"
