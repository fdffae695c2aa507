"""What free text gives away: sensitive topics, hedges, and the wrong side or level."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consultdesk.consultation.form import Certainty
from consultdesk.consultation.phrases import denied, quoted, sentences
from consultdesk.consultation.record import Sensitivity as S
from consultdesk.consultation.wording import (
    hedges,
    laterality_conflicts,
    sensitive_words,
    sensitivities_in,
)


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("Buprenorphine 8 mg daily since 2021.", {S.OPIOIDUD}),
        ("She attends a methadone clinic.", {S.OPIOIDUD}),
        ("Treated with disulfiram for alcohol use disorder.", {S.ETHUD}),
        ("Alcoholic cirrhosis, Child B.", {S.ETHUD}),
        ("Non-alcoholic fatty liver disease.", set()),
        ("The skin was cleaned with an alcohol swab.", set()),
        ("Previous cocaine use; injection drug use until 2015.", {S.ETH}),
        ("On lithium for bipolar disorder.", {S.PSY}),
        ("Horizontal ST depression in V4 to V6.", set()),
        ("Respiratory depression after morphine.", set()),
        ("A depressed fracture of the tibial plateau.", set()),
        ("He suffers from depression and takes sertraline.", {S.PSY}),
        ("Attached is the psychotherapy note of 3 May.", {S.PSYTHPN}),
        ("There is a history of domestic violence.", {S.SDV}),
        ("He cooks with rapeseed oil.", set()),
        ("Antiretroviral therapy with dolutegravir and lamivudine.", {S.HIV}),
        ("HIV-1 positive since 1998.", {S.HIV}),
        ("She wears hearing aids.", set()),
        ("Pemetrexed and gemcitabine were stopped.", set()),
        ("Treated for syphilis in 2019.", {S.STD}),
        ("Chlamydia pneumoniae serology was sent.", set()),
        ("A pathogenic variant of BRCA2 is known in the family.", {S.GDIS}),
        ("Lynch syndrome was confirmed by germline testing.", {S.GDIS}),
        ("An abortion in 2010, no complications.", {S.SEX}),
        ("New erectile dysfunction since March.", {S.SEX}),
        ("Aspirin 100 mg, metoprolol, ramipril. Smoked until 2001.", set()),
        ("L4/5 stenosis with neurogenic claudication.", set()),
        ("", set()),
    ],
)
def test_sensitive_topics_are_suggested_by_drugs_and_terms(text: str, topics: set[S]) -> None:
    assert sensitivities_in(text) == topics


def test_what_is_denied_is_found_but_does_not_count() -> None:
    (word,) = sensitive_words("The patient denies any drug abuse.")
    assert word.denied
    assert "said to be absent" in word.why
    assert sensitivities_in("The patient denies any drug abuse.") == frozenset()
    assert sensitivities_in("No saddle numbness and no sexual dysfunction.") == frozenset()


def test_a_denial_ends_where_the_sentence_turns() -> None:
    assert sensitivities_in("No fever, but cocaine was found.") == {S.ETH}


@pytest.mark.parametrize("text", ["HIV test negative.", "No HIV infection.", "Syphilis: negative"])
def test_that_somebody_was_tested_at_all_can_tell_enough(text: str) -> None:
    assert sensitivities_in(text) & {S.HIV, S.STD}
    assert sensitive_words(text)[0].denied


def test_a_sensitive_word_says_where_it_stands_and_why() -> None:
    text = "Medication: Biktarvy once daily"
    (word,) = sensitive_words(text)
    assert text[word.start : word.end] == word.words == "Biktarvy"
    assert word.why == '"Biktarvy" suggests HIV.'


def test_every_sensitive_topic_but_the_general_ones_can_be_found() -> None:
    text = (
        "buprenorphine, alcoholism, cocaine, psychotherapy notes, psychosis, sexual assault, HIV,"
        " syphilis, BRCA1, infertility"
    )
    assert sensitivities_in(text) == set(S) - {S.N, S.R}


@pytest.mark.parametrize(
    ("text", "words", "instead"),
    [
        ("I cannot exclude a fracture.", "cannot exclude", '"unlikely"'),
        ("This is probably a schwannoma.", "probably", '"likely"'),
        ("Findings suggestive of infection.", "suggestive of", '"likely"'),
        ("The lesion could represent a metastasis.", "could represent", '"may represent"'),
        ("A highly likely recurrence.", "highly likely", '"most likely"'),
        ("It might be due to drift.", "might be", '"may represent"'),
        ("Clinical correlation is recommended.", "Clinical correlation is recommended", "Say what"),
    ],
)
def test_a_hedge_outside_the_scale_is_pointed_out(text: str, words: str, instead: str) -> None:
    (hedge,) = hedges(text)
    assert (text[hedge.start : hedge.end], hedge.words) == (words, words)
    assert instead in hedge.suggestion


@pytest.mark.parametrize(
    "text",
    [
        "Most likely a synovial cyst.",
        "This may represent scar; recurrence is very unlikely.",
        "The finding is diagnostic of an aneurysm.",
        "The operation could be done under local anaesthesia.",
        "He may be discharged on Monday.",
    ],
)
def test_the_words_of_the_scale_and_plain_words_are_no_hedges(text: str) -> None:
    assert hedges(text) == ()


def test_another_scale_has_its_own_words() -> None:
    scale = (Certainty("suspicious", "Suspicious for malignancy"), Certainty("m", "Malignant"))
    assert hedges("Suspicious for malignancy.", scale) == ()
    (hedge,) = hedges("Probably malignant.", scale)
    assert "suspicious for malignancy, malignant" in hedge.suggestion


def said(text: str, side: str = "left", level: str = "L4/5") -> list[str]:
    return [mismatch.said for mismatch in laterality_conflicts(text, side, level)]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Decompression of L4/5 on the right.", ["right"]),
        ("Decompression of L4/5 on the right without delay.", ["right"]),
        ("The right L5 root is compressed.", ["right"]),
        ("Right-sided weakness.", ["Right"]),
        ("Surgery on both sides is advised.", ["both sides"]),
        ("Bilateral decompression.", ["Bilateral"]),
        ("A free fragment on the right.", ["right"]),
        ("The patient has right leg pain.", ["right"]),
        ("Decompression of L4/5 on the left.", []),
        ("The patient has left leg pain.", []),
        ("The right side is unaffected.", []),
        ("The right foramen is free, the left is narrow.", []),
        ("You have the right to a copy of this letter.", []),
        ("Your doctor is right that the risk is low.", []),
        ("All right, no objection.", []),
        ("He is right-handed.", []),
        ("Right ventricular function and right bundle branch block are known.", []),
        ("An operation on the right in 2009 is recorded.", []),
    ],
)
def test_another_side_than_the_recorded_one_is_a_conflict(text: str, wrong: list[str]) -> None:
    assert said(text) == wrong


def test_a_patient_who_left_has_no_side() -> None:
    text = "She left the hospital; the implant was left in place and left untreated."
    assert said(text, side="right") == []
    assert said("Left main stenosis, left ventricular hypertrophy.", side="right") == []
    assert said("Pain in the left leg.", side="right") == ["left"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Fusion of L3/4.", ["L3/4"]),
        ("Fusion of L3-S1 is proposed.", ["L3-S1"]),
        ("Stenosis at L5/S1.", ["L5/S1"]),
        ("Stenosis at L4/L5, also L4-5 and L 4/5.", []),
        ("The adjacent level L3/4 is unremarkable.", []),
        ("T1/T2 weighted images were read.", []),
        ("T2-weighted images, 3/4 of the slices.", []),
        ("Vertebra L9/10 does not exist.", []),
        ("L5/L4 is written the wrong way round.", []),
    ],
)
def test_another_level_than_the_recorded_one_is_a_conflict(text: str, wrong: list[str]) -> None:
    assert said(text) == wrong


def test_several_recorded_levels_allow_each_of_them_and_their_range() -> None:
    assert said("L3/4 and L4/5, in short L3-5.", level="L3/4, L4/5") == []
    assert said("C7/T1 and Th12/L1.", level="C7-T1") == ["Th12/L1"]


def test_without_a_recorded_side_or_level_nothing_is_compared() -> None:
    assert said("Right, left and L3/4.", side="both sides", level="") == []
    assert said("Right, left and L3/4.", side="", level="none") == []


def test_a_conflict_says_what_stands_where() -> None:
    (found,) = laterality_conflicts("Surgery L4/5 right.", " Left ", "L4/5")
    assert found.why == 'The letter says "right", the records say left.'
    assert (found.start, found.end, found.recorded) == (13, 18, "left")


def test_sentences_end_at_full_stops_and_not_at_titles() -> None:
    text = "Dr. Smith saw Mr. J. Jones. He agreed!\n\nNew line\n- an item"
    assert [s.text for s in sentences(text)] == [
        "Dr. Smith saw Mr. J. Jones.",
        "He agreed!",
        "New line",
        "- an item",
    ]
    assert all(text[s.start : s.end] == s.text for s in sentences(text))


def test_what_stands_between_quotation_marks_is_quoted() -> None:
    text = 'The report says "no fracture" there.'
    assert quoted(text, text.index("fracture"), text.index("fracture") + 8)
    assert not quoted(text, text.index("there"), len(text))


def test_a_phrase_is_denied_before_or_after() -> None:
    for text in ("no sign of fracture", "fracture: none", "Without any new fracture"):
        at = text.index("fracture")
        assert denied(text, at, at + 8)
    assert not denied("no pain. A fracture", 11, 19)


@given(st.text(max_size=300))
def test_any_text_can_be_scanned(text: str) -> None:
    spans = [(s.start, s.end) for s in sensitive_words(text)]
    spans += [(h.start, h.end) for h in hedges(text)]
    spans += [(m.start, m.end) for m in laterality_conflicts(text, "left", "L4/5")]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(text[s.start : s.end] == s.text for s in sentences(text))
