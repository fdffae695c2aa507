from datetime import date

import pytest

from consultdesk.consultation.keeping import (
    Kept,
    LastContact,
    RetentionRule,
    keep_until,
    kept,
    later,
    sound,
)

RULE = RetentionRule(years=10, minor_until=18, minor_years=10)
ADULT = "1960-05-04"


def contact(on: str, *, specialty: str = "spine", is_open: bool = False) -> LastContact:
    return LastContact("p", "2026-0001", specialty, date.fromisoformat(on), is_open)


def test_an_adult_is_kept_ten_years_after_the_last_of_all_contacts() -> None:
    both = (contact("2010-01-31"), contact("2012-06-01"))
    assert keep_until(RULE, both, ADULT) == date(2022, 6, 1)


def test_a_child_is_kept_until_grown_up_and_ten_years_more() -> None:
    assert keep_until(RULE, (contact("2012-06-01"),), "2010-03-02") == date(2038, 3, 2)


def test_who_was_nearly_grown_up_is_kept_by_whichever_ends_later() -> None:
    rule = RetentionRule(years=10, minor_until=18, minor_years=3)
    assert keep_until(rule, (contact("2012-06-01"),), "1994-07-01") == date(2022, 6, 1)


def test_who_was_grown_up_at_the_last_contact_is_no_child() -> None:
    rule = RetentionRule(years=1, minor_until=18, minor_years=30)
    assert keep_until(rule, (contact("2012-06-01"),), "1994-06-01") == date(2013, 6, 1)


@pytest.mark.parametrize("born", ["", "1950", "unknown"])
def test_a_patient_of_unknown_age_counts_as_a_newborn(born: str) -> None:
    assert keep_until(RULE, (contact("2012-06-01"),), born) == date(2040, 6, 1)


def test_a_specialty_of_its_own_years_outlasts_the_rule_and_never_shortens_another_case() -> None:
    rule = RetentionRule(years=10, by_specialty={"pathology": 30, "spine": 2})
    assert keep_until(rule, (contact("2012-06-01", specialty="pathology"),), ADULT) == date(
        2042, 6, 1
    )
    both = (contact("2012-06-01"), contact("2011-06-01", specialty="other"))
    assert keep_until(rule, both, ADULT) == date(2021, 6, 1)


def test_nobody_with_an_open_case_is_past_the_rule() -> None:
    both = (contact("1990-01-01"), contact("1991-01-01", is_open=True))
    assert keep_until(RULE, both, ADULT) is None


def test_without_a_rule_nobody_is_ever_past_it() -> None:
    alone = (contact("1950-01-01"),)
    assert not kept(RetentionRule(), alone, ADULT, held=False).past(date(2999, 1, 1))


def test_a_hold_outlasts_the_rule() -> None:
    free = kept(RULE, (contact("2012-06-01"),), ADULT, held=False)
    held = kept(RULE, (contact("2012-06-01"),), ADULT, held=True)
    on = date(2022, 6, 1)
    assert (free.past(date(2022, 5, 31)), free.past(on), held.past(on)) == (False, True, False)
    assert free == Kept("p", ("2026-0001",), date(2012, 6, 1), on)


def test_the_29th_of_february_becomes_the_first_of_march() -> None:
    assert later(date(2012, 2, 29), 1) == date(2013, 3, 1)
    assert later(date(2012, 2, 29), 4) == date(2016, 2, 29)
    assert later(date(9990, 1, 1), 100) == date(9999, 1, 1)


def test_a_rule_of_impossible_years_is_named() -> None:
    assert sound(RULE) == ()
    assert sound(RetentionRule(years=-1, by_specialty={"spine": 101})) == (
        "the years after the last contact must be a whole number from 0 to 100",
        "the years for spine must be a whole number from 0 to 100",
    )
