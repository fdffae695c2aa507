import random
from functools import cache
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consultdesk.errors import KeyMistyped
from consultdesk.vault import recovery

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
KEY = recovery.new()
places = st.integers(0, 35)
letters = st.sampled_from(LETTERS)


def bare(key: str) -> list[str]:
    return list(key.replace("-", ""))


def written(signs: list[str]) -> str:
    whole = "".join(signs)
    return "-".join(whole[at : at + 4] for at in range(0, 36, 4))


def slip(typed: str) -> KeyMistyped:
    with pytest.raises(KeyMistyped) as raised:
        recovery.read(typed)
    return raised.value


def test_a_key_has_nine_groups_of_four_and_no_two_are_alike() -> None:
    keys = {recovery.new() for _ in range(200)}
    assert len(keys) == 200
    for key in keys:
        assert [len(group) for group in recovery.groups_of(key)] == [4] * 9
        assert set(bare(key)) <= set(LETTERS)
        assert recovery.read(key) == key


def test_every_place_of_a_key_takes_every_letter_in_time() -> None:
    seen: list[set[str]] = [set() for _ in range(36)]
    for _ in range(600):
        for place, sign in enumerate(bare(recovery.new())):
            seen[place].add(sign)
    assert all(len(signs) == 32 for signs in seen)


@pytest.mark.parametrize(
    "typed",
    [
        KEY.lower(),
        KEY.replace("-", " "),
        KEY.replace("-", ""),
        f"  {KEY.replace('-', ' – ')}\n",
        KEY.replace("0", "O").replace("1", "l"),
        KEY.replace("0", "o").replace("1", "I"),
    ],
)
def test_a_key_is_read_however_it_is_typed(typed: str) -> None:
    assert recovery.read(typed) == KEY


@given(places, letters)
def test_one_wrong_letter_is_located(place: int, letter: str) -> None:
    signs = bare(KEY)
    if signs[place] == letter:
        return
    signs[place] = letter
    found = slip(written(signs))
    assert found.groups == (place // 4 + 1,)
    assert str(found) == f"Group {place // 4 + 1} is mistyped. Compare it with the sheet."


def test_whatever_is_wrong_in_up_to_three_letters_is_noticed() -> None:
    """Every three columns of the check are independent, so the least distance is four."""
    checks = _columns()
    lines = {_normal(column) for column in checks}
    assert len(lines) == 36
    for one, other in combinations(checks, 2):
        for factor in range(1, 32):
            mixed = tuple(a ^ _times(factor, b) for a, b in zip(one, other, strict=True))
            assert _normal(mixed) not in lines


def test_two_groups_that_changed_places_are_always_noticed_and_mostly_named() -> None:
    named = 0
    for _ in range(40):
        groups = list(recovery.groups_of(recovery.new()))
        one, other = sorted(random.sample(range(9), 2))
        if groups[one] == groups[other]:
            continue
        groups[one], groups[other] = groups[other], groups[one]
        found = slip("-".join(groups))
        named += found.groups == (one + 1, other + 1)
    assert named >= 38


def test_two_letters_that_changed_places_name_their_group() -> None:
    named = tried = 0
    for _ in range(40):
        signs = bare(recovery.new())
        place = random.choice([n for n in range(35) if n % 4 != 3])
        if signs[place] == signs[place + 1]:
            continue
        signs[place], signs[place + 1] = signs[place + 1], signs[place]
        tried += 1
        named += slip(written(signs)).groups == (place // 4 + 1,)
    assert named >= tried - 2


@given(st.integers(0, 8), st.text(LETTERS, min_size=4, max_size=4))
def test_another_group_in_the_place_of_one_is_always_noticed(number: int, group: str) -> None:
    groups = list(recovery.groups_of(KEY))
    if groups[number] == group:
        return
    groups[number] = group
    slip("-".join(groups))


def test_a_group_of_another_length_and_a_sign_of_no_key_are_named() -> None:
    groups = list(recovery.groups_of(KEY))
    short = [*groups[:3], groups[3][:3], *groups[4:]]
    assert slip("-".join(short)).groups == (4,)
    assert "has 3 letters or digits instead of 4" in str(slip(" ".join(short)))
    strange = [*groups[:6], "UA23", *groups[7:]]
    assert slip("-".join(strange)).groups == (7,)
    assert "and 8 were typed" in str(slip("-".join(groups[:8])))
    assert "and 10 were typed" in str(slip("-".join([*groups, "AAAA"])))
    lost = "".join(short)
    assert slip(lost).groups == ()
    assert "36 in all, and 35 were typed" in str(slip(lost))


@pytest.mark.parametrize(
    "typed", ["", "-", "correct horse battery", "ß" * 36, "\ud800", "A" * 5000]
)
def test_what_is_no_key_is_one_plain_sentence(typed: str) -> None:
    said = str(slip(typed))
    assert "\n" not in said
    assert said.endswith(".")


def test_the_key_itself_is_in_no_error() -> None:
    signs = bare(KEY)
    signs[0] = "Z" if signs[0] != "Z" else "Y"
    said = str(slip(written(signs)))
    assert not any(group in said for group in recovery.groups_of(KEY))


def test_a_sheet_of_the_first_kind_still_reads() -> None:
    old = "ABCDE-FGHJK-LMNPQ-RSTUV-WXYZ2-34567-89ABC"
    bare_old = old.replace("-", "")
    for typed in (old, old.lower(), old.replace("-", "  "), bare_old):
        assert recovery.opens_with(typed) == bare_old
    assert recovery.opens_with(KEY.lower()) == KEY
    with pytest.raises(KeyMistyped):
        recovery.opens_with(KEY[:-1])


# --- the field of 32 elements, once more and by another way -----------------------------------


@cache
def _times(one: int, other: int) -> int:
    product = 0
    for bit in range(5):
        if other >> bit & 1:
            product ^= one << bit
    for bit in range(9, 4, -1):
        if product >> bit & 1:
            product ^= 0b100101 << bit - 5
    return product


def _columns() -> list[tuple[int, ...]]:
    """What each place of a key, with a 1 in it, leaves when divided by the divisor."""
    columns, power = [], [0, 0, 0, 1]
    for _ in range(36):
        columns.append(tuple(power))
        top, *rest = power
        power = [a ^ _times(top, b) for a, b in zip([*rest, 0], (1, 1, 2, 10), strict=True)]
    return columns


def _normal(column: tuple[int, ...]) -> tuple[int, ...]:
    first = next(part for part in column if part)
    inverse = next(n for n in range(1, 32) if _times(n, first) == 1)
    return tuple(_times(inverse, part) for part in column)
