import unicodedata
from dataclasses import replace

import pytest

from consultdesk.consultation.record import (
    Conflict,
    Fact,
    RecordItem,
    RecordKind,
    comparable_name,
    find_conflicts,
)


def record(record_id: str, /, **said: str) -> RecordItem:
    facts = tuple(Fact(f"patient.{field}", value, "page 1") for field, value in said.items())
    return RecordItem(
        record_id, "case", record_id, RecordKind.OTHER, "pdf", "00", 1, (), 0, facts=facts
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("DOE^JANE", "Jane_Doe"),
        ("Dr. Jane Doe", "doe, jane"),
        ("Doe^Jane^^^", "JANE DOE MD"),
        ("Müller", unicodedata.normalize("NFD", "MÜLLER")),
        ("Weiß", "WEISS"),
        ("O'Brien", "O Brien"),
    ],
)
def test_names_compare_however_they_are_written(one: str, other: str) -> None:
    assert comparable_name(one) == comparable_name(other)


def test_different_names_stay_different() -> None:
    made = {comparable_name(n) for n in ("Jane Doe", "Jan Doe", "Jane Do", "Müller", "Muller")}
    assert len(made) == 5
    assert comparable_name("Dr.") == ""


def test_records_that_agree_make_no_conflict() -> None:
    same = (record("a", name="DOE^JANE", sex="F"), record("b", name="Jane Doe", sex=" f "))
    assert find_conflicts(same) == ()
    assert find_conflicts(()) == ()


def test_records_that_disagree_are_named_with_what_they_say() -> None:
    held = (
        record("a", name="Jane Doe", birth_date="1961-02-03"),
        record("b", name="DOE^JANE", birth_date="1961-02-04"),
        record("c", name="Ida Falk"),
        record("d"),
        record("e", name=" "),
    )
    assert find_conflicts(held) == (
        Conflict("patient.name", ("Jane Doe", "Ida Falk"), (("a", "b"), ("c",))),
        Conflict("patient.birth_date", ("1961-02-03", "1961-02-04"), (("a",), ("b",))),
    )


@pytest.mark.parametrize("decided", [{"right_patient": False}, {"right_patient": True}])
def test_a_record_that_a_person_decided_about_takes_no_part(decided: dict[str, bool]) -> None:
    held = (record("a", name="Jane Doe"), record("b", name="Ida Falk"))
    assert find_conflicts(held)
    assert find_conflicts((held[0], replace(held[1], right_patient=decided["right_patient"]))) == ()
    assert find_conflicts((held[0], replace(held[1], entered_in_error=True))) == ()


def test_one_record_that_says_a_thing_twice_is_named_once() -> None:
    twice = record("a", name="Jane Doe")
    twice = replace(twice, facts=twice.facts * 2)
    (found,) = find_conflicts((twice, record("b", name="Ida Falk")))
    assert found.records == (("a",), ("b",))
