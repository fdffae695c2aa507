from dataclasses import replace

import pytest

from consultdesk.consultation.case import CaseState
from consultdesk.consultation.keeping import RetentionRule
from consultdesk.desk import cases, erasure, keeping
from consultdesk.errors import FormIncomplete, NotFound
from consultdesk.samples.practice import PASSPHRASE
from consultdesk.vault.vault import Vault

_YEAR = 366 * 86_400_000
RULE = RetentionRule(years=10, minor_until=18, minor_years=5, by_specialty={"pathology": 30})


def test_a_rule_is_kept_as_it_was_laid_down(vault: Vault, now: int) -> None:
    assert keeping.rule(vault) == RetentionRule()
    keeping.lay_down(vault, RULE, now)
    keeping.lay_down(vault, replace(RULE, years=12), now)
    assert keeping.rule(vault) == replace(RULE, years=12)


def test_an_impossible_rule_is_not_laid_down(vault: Vault, now: int) -> None:
    with pytest.raises(FormIncomplete, match="a whole number from 0 to 100"):
        keeping.lay_down(vault, RetentionRule(years=1000), now)


def test_who_is_past_the_rule_is_listed_with_the_day_and_the_hold(
    vault: Vault, ready: str, now: int
) -> None:
    keeping.lay_down(vault, RULE, now)
    assert keeping.past_rule(vault, now + 50 * _YEAR) == ()
    cases.move_aside(vault, ready, CaseState.WITHDRAWN, "Asked to.", now)
    assert keeping.past_rule(vault, now + 9 * _YEAR) == ()
    ((past, name),) = keeping.past_rule(vault, now + 11 * _YEAR)
    file = cases.open_case(vault, ready)
    assert (name, past.numbers, past.held) == (file.patient.name, (ready,), False)
    assert past.until is not None
    assert past.until.year - past.last_contact.year == 10
    keeping.hold(vault, ready, "Proceeding 12/26", now)
    ((past, _),) = keeping.past_rule(vault, now + 11 * _YEAR)
    assert past.held


def test_who_was_erased_is_no_longer_listed(vault: Vault, ready: str, now: int) -> None:
    cases.move_aside(vault, ready, CaseState.WITHDRAWN, "Asked to.", now)
    erasure.erase(vault, ready, "Asked to.", PASSPHRASE, now)
    keeping.lay_down(vault, RULE, now)
    assert keeping.past_rule(vault, now + 50 * _YEAR) == ()


def test_a_hold_and_its_end_each_need_a_reason(vault: Vault, ready: str, now: int) -> None:
    with pytest.raises(FormIncomplete):
        keeping.hold(vault, ready, "  ", now)
    keeping.hold(vault, ready, "Proceeding 12/26", now)
    (held,) = keeping.holds(vault, ready)
    with pytest.raises(FormIncomplete):
        keeping.lift(vault, ready, held.id, "", now)
    keeping.lift(vault, ready, held.id, "It is over.", now)
    with pytest.raises(NotFound):
        keeping.lift(vault, ready, held.id, "Again.", now)
