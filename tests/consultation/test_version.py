from dataclasses import replace

import pytest

from consultdesk.consultation.assessment import Comparison, Evidence, Opinion, OwnRead
from consultdesk.consultation.assessment import Recommendation as Action
from consultdesk.consultation.case import (
    Case,
    CaseState,
    FlagAnswer,
    Override,
    Priority,
    Question,
    RedFlag,
    Referral,
)
from consultdesk.consultation.consent import SignatureKind
from consultdesk.consultation.letter import (
    Author,
    LetterFacts,
    LetterKind,
    Practice,
    cited_kinds,
    cited_sensitivities,
)
from consultdesk.consultation.patient import Patient
from consultdesk.consultation.record import RecordItem, RecordKind, Sensitivity
from consultdesk.consultation.version import Scope, Version, narrowed, scope_of
from tests.consultation.parcels import PHYSICIAN, full_consent

HIV, PSY = Sensitivity.HIV, Sensitivity.PSY
SCAN = RecordItem("scan", "case", "MRI", RecordKind.IMAGING, "pdf", "00", 1, (), 0)
LAB = replace(
    SCAN, id="lab", name="Blood", kind=RecordKind.LABORATORY, sensitivities=frozenset({HIV})
)
FIRST = replace(SCAN, id="first", name="First opinion", kind=RecordKind.FIRST_OPINION)
ALLERGIES = replace(SCAN, id="allergies", name="Allergy card", kind=RecordKind.ALLERGIES)
IMAGING = Scope(frozenset({RecordKind.IMAGING}), frozenset({Sensitivity.N}))
OPINION = Opinion(
    "case",
    brief="Surgery can wait. HIV is well controlled.",
    diagnosis="Disc protrusion L4/5",
    reasoning="The films fit.\nShe takes dolutegravir, which interacts with metformin.",
    recommendations=(Action("Physiotherapy", "Treating physician"),),
    danger=("Penicillin allergy.", "On tenofovir: watch the kidneys."),
    relied_on=(Evidence("scan", "image 1"), Evidence("lab", "page 1")),
    sensitivities=frozenset({"HIV"}),
)
FACTS = LetterFacts(
    LetterKind.TREATING_PHYSICIAN,
    Case(
        "case",
        "1",
        "p",
        "spine",
        CaseState.SIGNED,
        Priority.ROUTINE,
        0,
        referral=Referral(
            questions=(Question(1, "Operate?", answer="Not now."),), first_diagnosis="Stenosis"
        ),
        overrides=(Override("record:discharge", "lost", "anna", 1),),
    ),
    Patient("p", "Mara Lind"),
    None,
    PHYSICIAN,
    Practice(),
    Author("anna", "Dr Anna"),
    OwnRead("case", diagnosis="Disc protrusion L4/5", certainty="most_likely"),
    Comparison("case"),
    OPINION,
    (SCAN, LAB, FIRST, ALLERGIES),
    (),
    (),
    "2026-05-28",
)


def version(facts: LetterFacts = FACTS, wording: dict[str, str] | None = None) -> Version:
    return narrowed(facts, IMAGING, frozenset({HIV}), wording or {})


def said_of(made: Version, key: str) -> str:
    return next(one.text for one in made.passages if one.key == key)


def test_what_the_consent_covers_not_is_cited_no_more() -> None:
    made = version()
    assert [one.id for one in made.records] == ["lab"]
    assert made.topics == {HIV}
    opinion = made.facts.opinion
    assert cited_kinds(opinion, made.facts.records) == {RecordKind.IMAGING}
    assert cited_sensitivities(opinion, made.facts.records) == frozenset()
    assert made.facts.limited


def test_a_sentence_on_a_topic_left_out_goes_and_every_other_word_stays() -> None:
    made = version()
    assert made.facts.opinion.brief == "Surgery can wait."
    assert made.facts.opinion.reasoning == "The films fit."
    assert made.facts.opinion.danger == ("Penicillin allergy.",)
    assert made.facts.case == FACTS.case
    assert made.facts.opinion.certainty == "most_likely"


def test_a_warning_that_goes_with_it_is_named() -> None:
    assert version().safety == (
        "“She takes dolutegravir, which interacts with metformin.” (the reasoning)",
        "the danger item “On tenofovir: watch the kidneys.”",
    )


def test_a_warning_said_in_other_words_is_still_named_and_one_kept_is_not() -> None:
    reworded = version(wording={"danger 2": "Watch the kidneys.", "reasoning": OPINION.reasoning})
    assert reworded.safety == ("the danger item “On tenofovir: watch the kidneys.”",)


def test_an_allergy_list_that_is_cited_no_more_is_a_warning_left_out() -> None:
    cited = replace(OPINION, relied_on=(*OPINION.relied_on, Evidence("allergies")))
    made = version(replace(FACTS, opinion=cited))
    assert "the allergy list “Allergy card”" in made.safety


def test_an_action_left_out_wholly_is_named() -> None:
    more = (*OPINION.recommendations, Action("Check the HIV viral load.", "Clinic"))
    made = version(replace(FACTS, opinion=replace(OPINION, recommendations=more)))
    assert made.facts.opinion.recommendations == OPINION.recommendations
    assert "the action “Check the HIV viral load.”" in made.safety


def test_a_raised_red_flag_that_a_sentence_spoke_of_is_named() -> None:
    flag = RedFlag("fever", "Neutropenic fever or sepsis", FlagAnswer.YES)
    case = replace(FACTS.case, flags=(flag,))
    opinion = replace(OPINION, history="Neutropenic since HIV was treated.")
    made = version(replace(FACTS, case=case, opinion=opinion))
    assert any("Neutropenic since" in one for one in made.safety)


def test_what_a_letter_needs_is_written_anew_when_nothing_is_left_of_it() -> None:
    bare = replace(FACTS, opinion=replace(OPINION, brief="HIV is the cause."))
    assert version(bare).still == ("write the answer in brief without what is left out",)
    assert version(bare, {"brief": "The cause is known."}).still == ()


def test_new_words_on_a_topic_left_out_stand_against_signing() -> None:
    (said,) = version(wording={"brief": "Surgery can wait while on Biktarvy."}).still
    assert said == "reword the answer in brief: “Biktarvy” isn't covered"


@pytest.mark.parametrize("name", ["MRI, HIV clinic", "mri_hiv_clinic.pdf", "MRI-HIV.pdf"])
def test_a_record_whose_name_gives_the_topic_away_is_neither_cited_nor_named(name: str) -> None:
    telling = replace(SCAN, id="scan2", name=name)
    opinion = replace(OPINION, relied_on=(*OPINION.relied_on, Evidence("scan2")))
    made = version(replace(FACTS, opinion=opinion, records=(*FACTS.records, telling)))
    assert {one.id for one in made.records} == {"lab", "scan2"}
    named = next(one for one in made.facts.records if one.id == "scan2")
    assert HIV in named.sensitivities


def test_a_place_in_a_record_and_who_asked_give_no_topic_away() -> None:
    links = (Evidence("scan", "section HIV clinic"), Evidence("scan", "image 1"))
    asked = (Question(1, "Operate?", "HIV clinic", "No."), Question(2, "When?", "GP", "Later."))
    made = version(
        replace(
            FACTS,
            opinion=replace(OPINION, relied_on=links),
            case=replace(FACTS.case, referral=Referral(questions=asked)),
        )
    )
    assert [one.place for one in made.facts.opinion.relied_on] == ["", "image 1"]
    assert [one.asked_by for one in made.facts.case.referral.questions] == ["", "GP"]


def test_without_the_first_opinion_its_diagnosis_isnt_repeated() -> None:
    assert said_of(version(), "first diagnosis") == "Stenosis"
    opinion = replace(OPINION, relied_on=(Evidence("first"),))
    made = version(replace(FACTS, opinion=opinion))
    assert made.facts.case.referral.first_diagnosis == ""


def test_an_addendum_has_its_own_text_alone() -> None:
    facts = replace(FACTS, kind=LetterKind.ADDENDUM, amendment="New films. HIV load is nil.")
    made = version(facts)
    assert [one.key for one in made.passages] == ["amendment"]
    assert made.facts.amendment == "New films."


def test_a_spoken_consent_and_one_beside_psychotherapy_notes_cover_less_than_they_name() -> None:
    names = frozenset({Sensitivity.ETHUD, Sensitivity.PSYTHPN, PSY})
    written = scope_of(full_consent(sensitivities=names)).topics
    assert written == {Sensitivity.ETHUD, PSY, Sensitivity.N}
    spoken = full_consent(sensitivities=names, signature=SignatureKind.VERBAL)
    assert scope_of(spoken).topics == {PSY, Sensitivity.N}
    alone = frozenset({Sensitivity.PSYTHPN})
    assert scope_of(full_consent(sensitivities=alone)).topics == {*alone, Sensitivity.N}
