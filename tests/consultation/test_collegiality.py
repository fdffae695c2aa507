"""The look over a letter: what it finds, what it leaves alone, and what it says about it."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consultdesk.consultation.collegiality import Hit, check
from consultdesk.consultation.collegiality_words import HitClass
from consultdesk.consultation.record import RecordKind

FINE = "-"


def _cases(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    return [(row[0], row[1]) for row in rows if row[2:3] in ([], ["0"])]


CASES = Path(__file__).parent / "collegiality_cases.tsv"
OURS = _cases(CASES)
CLEAN_LETTER = """Dear Dr. Weber,

Thank you for asking me to review Mrs. Keller's records. In brief: I would not operate now. The
stenosis at L4/5 is moderate and the leg pain has improved with physiotherapy. My reading differs
from the first report in one respect: I measure the slip at 4 mm, the first report gives 8 mm. The
first opinion recommends fusion; on the images I received I see no instability.

- Continue physiotherapy for six weeks (treating physician).
- She failed two trials of gabapentin; poor sleep and poor bone quality are noted.

You remain the treating physician and primary contact. The patient was not examined, and the
operative note of 2009 was not included. I would be happy to discuss this case by telephone.

With kind regards and my best wishes"""


def classes(text: str, *absent: RecordKind) -> set[HitClass]:
    return {hit.hit_class for hit in check(text, absent)}


@pytest.mark.parametrize("sentence", [text for said, text in OURS if said == FINE])
def test_what_is_fine_is_left_alone(sentence: str) -> None:
    assert check(sentence) == ()


@pytest.mark.parametrize("sentence", [text for said, text in OURS if said != FINE])
def test_what_a_letter_should_not_carry_is_found(sentence: str) -> None:
    assert check(sentence)


def test_most_passages_are_found_under_their_own_class() -> None:
    bad = [(HitClass(said), text) for said, text in OURS if said != FINE]
    right = sum(said in classes(text) for said, text in bad)
    assert right / len(bad) > 0.97


def _rounds() -> list[tuple[str, str, int]]:
    """Sentences in the voices of surgeon, radiologist, … written before the rules that find them.

    When first measured, each round unseen by the rules of its day, recall was 0.40 in 1 to 6,
    0.09 in 7 and 8 (allusions and idioms), 0.64 in 9 and 10, 0.51 in 11 and 12, 0.80 in 13 to 15,
    0.76 in 16, 0.86 in 18 and 0.83 in 19. Precision was 0.94 or more but for 0.58 in 7 and 8;
    24 of the 101 fine sentences of round 17 were hits. The rules were tuned on each afterwards,
    and rounds 5 and 6 were tuned on from memory (0.97), so the later ones count.
    """
    with CASES.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    return [(said, text, int(number)) for said, text, number in rows if number != "0"]


def test_most_of_what_was_written_in_rounds_is_found() -> None:
    bad = [text for said, text, _ in _rounds() if said != FINE]
    assert len(bad) > 500
    assert sum(bool(check(text)) for text in bad) / len(bad) >= 0.95


def test_next_to_nothing_fine_is_found_in_the_rounds() -> None:
    fine = [text for said, text, _ in _rounds() if said == FINE]
    assert len(fine) > 500
    assert sum(bool(check(text)) for text in fine) / len(fine) <= 0.01


def test_every_class_has_sentences_to_be_found() -> None:
    assert {said for said, _ in OURS} == {FINE, *HitClass}


def test_the_sentences_of_others_are_told_apart(shared_data: Path) -> None:
    rows = _cases(shared_data / "collegiality-dev.tsv")
    assert [text for said, text in rows if bool(check(text)) != (said == "1")] == []


def test_a_collegial_letter_is_left_alone() -> None:
    assert check(CLEAN_LETTER) == ()


def test_a_hit_says_where_why_and_what_to_write_instead() -> None:
    text = "Dear colleague. The treating physician ignored the abnormal PSA. Kind regards."
    (hit,) = check(text)
    assert text[hit.start : hit.end] == "The treating physician ignored"
    assert hit.hit_class is HitClass.FAILURE
    assert hit.why
    assert "on record" in hit.suggestion


def test_only_insults_and_solicitation_need_an_acknowledgement() -> None:
    def needs(hit_class: HitClass) -> bool:
        return Hit(hit_class, 0, 1, "", "").needs_acknowledgement

    assert {c for c in HitClass if needs(c)} == {HitClass.INSULT, HitClass.SOLICIT}


@pytest.mark.parametrize(
    "text",
    [
        'The patient writes: "My surgeon is an idiot."',
        "The first surgeon\u2019s note says \u201cthe dura was injured by my mistake\u201d.",
        "I do not think that the surgeon was negligent.",
        "There was no error by the treating physician.",
        "The patient believes that her doctor made a mistake.",
        "The daughter asks whether the radiologist missed the lesion.",
    ],
)
def test_what_is_quoted_denied_or_somebody_elses_view_is_left_alone(text: str) -> None:
    assert check(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "There can be no doubt that the hospital bears the responsibility.",
        "Do not listen to that fool.",
    ],
)
def test_what_only_sounds_like_a_denial_excuses_nothing(text: str) -> None:
    assert check(text)


def test_a_denial_in_another_clause_excuses_nothing() -> None:
    assert HitClass.FAULT in classes("There is no doubt, the surgeon made a serious error.")


def test_criticism_of_care_whose_record_is_absent_is_a_class_of_its_own() -> None:
    text = "The surgeon's technique was poor."
    assert classes(text) == {HitClass.EVALUATIVE}
    absent = classes(text, RecordKind.OPERATIVE_NOTE)
    assert absent == {HitClass.EVALUATIVE, HitClass.UNREVIEWED}
    assert HitClass.UNREVIEWED not in classes(text, RecordKind.GENETICS)


def test_saying_that_a_record_was_not_seen_is_no_criticism() -> None:
    assert classes("I could not review the operative note.", RecordKind.OPERATIVE_NOTE) == set()


def test_each_class_is_shown_once_a_sentence_and_in_order() -> None:
    text = "Dr. Hill ignored the ECG and ignored the pain. He is an idiot, and the GP is an idiot."
    found = check(text)
    assert [hit.hit_class for hit in found] == [HitClass.FAILURE, HitClass.INSULT]
    assert [hit.start for hit in found] == sorted(hit.start for hit in found)


@given(st.text(max_size=400))
def test_any_text_can_be_looked_over(text: str) -> None:
    assert all(0 <= hit.start < hit.end <= len(text) for hit in check(text))
