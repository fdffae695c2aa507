"""Answers in a specialty's form: complete, right, and worded without loss."""

import pytest

from consultdesk.consultation.answers import (
    CHECKED,
    findings,
    in_words,
    joined,
    open_points,
    picked,
    problem,
)
from consultdesk.consultation.form import Field, FieldKind, Section, Specialty

ANGLE = Field("angle", "Angle", FieldKind.NUMBER, unit="°", minimum=-10, maximum=90, required=True)
COUNT = Field("count", "Count", FieldKind.NUMBER)
SIDE = Field("side", "Side", FieldKind.CHOICE, ("Right", "Left"))
SIGNS = Field("signs", "Signs", FieldKind.CHOICES, ("Oedema", "Fracture", "Abscess"))
TOLD = Field("told", "Told", FieldKind.CHECK)
NOTE = Field("note", "Note", FieldKind.TEXT)
HAND = Specialty(
    code="hand",
    title="Hand",
    sealing=False,
    red_flags=(),
    records=(),
    own_read=(Section("Bones", (ANGLE, SIDE, SIGNS)), Section("Rest", (TOLD, NOTE))),
    comparison=(COUNT,),
)


@pytest.mark.parametrize(
    ("asked", "answer", "wrong"),
    [
        (ANGLE, "", ""),
        (ANGLE, "90", ""),
        (ANGLE, " -10 ", ""),
        (ANGLE, "90.1", "Angle: at most 90 °"),
        (ANGLE, "-10.5", "Angle: at least -10 °"),
        (COUNT, "-4", ""),
        (COUNT, "4,5", 'Count: "4,5" isn\'t a number'),
        (COUNT, "nan", 'Count: "nan" isn\'t a number'),
        (COUNT, "1_000", 'Count: "1_000" isn\'t a number'),
        (COUNT, "9" * 400, f'Count: "{"9" * 40}" isn\'t a number'),
        (SIDE, "Left", ""),
        (SIDE, "left", 'Side: "left" isn\'t one of the choices'),
        (SIGNS, "Oedema\nAbscess", ""),
        (SIGNS, "Oedema\nPus", 'Signs: "Pus" isn\'t one of the choices'),
        (TOLD, CHECKED, ""),
        (TOLD, "maybe", "Told: ticked or not, nothing else"),
        (NOTE, "anything\nat all", ""),
    ],
)
def test_a_wrong_answer_is_said_in_one_clause(asked: Field, answer: str, wrong: str) -> None:
    assert problem(asked, answer) == wrong


def test_what_is_required_and_what_is_wrong_stands_against_locking() -> None:
    points = open_points(HAND.fields, {"side": "Up", "angle": " "})
    assert points == ("Angle: not filled in", 'Side: "Up" isn\'t one of the choices')
    assert open_points(HAND.fields, {"angle": "4"}) == ()


def test_several_choices_are_kept_in_the_order_of_the_form() -> None:
    answer = joined({"Oedema": True, "Fracture": False, "Abscess": True})
    assert picked(answer) == ("Oedema", "Abscess")
    assert picked("") == ()


def test_answers_read_as_words_with_their_unit() -> None:
    assert in_words(ANGLE, "12.5") == "12.5 °"
    assert in_words(COUNT, "3") == "3"
    assert in_words(SIGNS, "Oedema\nAbscess") == "Oedema; Abscess"


def test_findings_are_listed_by_section_without_what_was_left_empty() -> None:
    answers = {"angle": "12", "note": " seen ", "side": "", "count": "4"}
    assert findings(HAND, answers) == (
        ("Bones", (("Angle", "12 °"),)),
        ("Rest", (("Note", "seen"),)),
    )


def test_an_answer_whose_field_is_gone_is_not_lost() -> None:
    assert findings(HAND, {"old_grade": "B", "gone": ""}) == (
        ("Other findings", (("old grade", "B"),)),
    )
