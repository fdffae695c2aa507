"""The key on the recovery sheet: 160 random bits and a checksum that says where a slip is.

A key is nine groups of four letters or digits out of Crockford's base 32: 32 of them are random,
the last four are the remainder of a division by `_DIVISOR`, a primitive polynomial of degree four
over the field of 32 elements. A remainder of bytes (CRC, SHA) would find as many slips; this one
counts in what a person writes, one letter at a time, and so it can promise
- up to three wrong letters anywhere are always noticed, and one alone is always located (the least
  distance of the code is four),
- whatever is wrong within one group is always noticed,
- two groups that have changed places are always noticed;
anything worse passes once in a million. A code that could also mend (Reed-Solomon) has no words of
36 letters over this field, and a key that is mended by guessing isn't wanted: the person looks.
The checksum is no secret and takes nothing from the 160 bits.
"""

import secrets
from collections.abc import Iterator
from itertools import combinations

from consultdesk.errors import KeyMistyped

GROUPS, GROUP = 9, 4
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No I, L, O or U (Crockford): what looks like another sign is read as that one."""
_READ_AS = str.maketrans("OIL", "011")
_BETWEEN = str.maketrans(dict.fromkeys("-–—‐‑−_., \t\n\r\u00a0", " "))
_CHECK = 4
_RANDOM = GROUPS * GROUP - _CHECK
_DIVISOR = (1, 1, 2, 10)
"""x⁴ + x³ + x² + 2x + 10 over GF(32) = GF(2)[x]/(x⁵ + x² + 1), the first coefficient left out."""
_OLD_GROUPS, _OLD_GROUP = 7, 5

_HAS = f"A recovery key has {GROUPS} groups of {GROUP} letters or digits"


def new() -> str:
    """Make a recovery key, as it is written on the sheet."""
    bits = secrets.randbits(5 * _RANDOM)
    numbers = [bits >> 5 * place & 31 for place in range(_RANDOM)]
    rest = _remainder([*numbers, *[0] * _CHECK])
    return _written([*numbers, *rest])


def read(typed: str) -> str:
    """The key as it is written on the sheet, however it was typed.

    Raises KeyMistyped, which names the group in which the slip is where that can be told; it takes
    no key derivation to find out.
    """
    groups = _parted(typed.upper().translate(_READ_AS))
    for number, group in enumerate(groups, 1):
        strange = next((ch for ch in group if ch not in _LETTERS), "")
        if strange:
            raise KeyMistyped(
                f"Group {number} holds “{strange}”, which is in no recovery key.", (number,)
            )
    for number, group in enumerate(groups[:GROUPS], 1):
        if len(group) != GROUP:
            raise KeyMistyped(
                f"Group {number} has {len(group)} letters or digits instead of {GROUP}.", (number,)
            )
    if len(groups) != GROUPS:
        raise KeyMistyped(f"{_HAS}, and {len(groups)} were typed.")
    numbers = [_LETTERS.index(ch) for group in groups for ch in group]
    if any(_remainder(numbers)):
        raise _slip(numbers)
    return _written(numbers)


def opens_with(typed: str) -> str:
    """What opens the slot of the recovery key: a key of today, or of a sheet of the first kind.

    Those have seven groups of five and no checksum. Raises KeyMistyped.
    """
    old = _old(typed)
    return old or read(typed)


def _old(typed: str) -> str:
    groups = typed.upper().translate(_BETWEEN).split()
    lengths = [len(group) for group in groups]
    whole = "".join(groups)
    parted = lengths in ([_OLD_GROUP] * _OLD_GROUPS, [_OLD_GROUP * _OLD_GROUPS])
    return whole if parted and whole.isalnum() else ""


def groups_of(key: str) -> tuple[str, ...]:
    """The groups of a written key, to be shown or printed with their numbers."""
    return tuple(key.split("-"))


def _parted(typed: str) -> list[str]:
    """The groups as a person parted them; by their length where there is nothing between.

    Raises KeyMistyped.
    """
    groups = typed.translate(_BETWEEN).split()
    whole = "".join(groups)
    if len(groups) == GROUPS and len(whole) != GROUPS * GROUP:
        return groups
    if groups and all(len(group) == GROUP for group in groups):
        return groups
    if len(whole) != GROUPS * GROUP:
        raise KeyMistyped(f"{_HAS}, {GROUPS * GROUP} in all, and {len(whole)} were typed.")
    return [whole[at : at + GROUP] for at in range(0, len(whole), GROUP)]


def _written(numbers: list[int]) -> str:
    letters = "".join(_LETTERS[number] for number in numbers)
    return "-".join(letters[at : at + GROUP] for at in range(0, len(letters), GROUP))


# --- the checksum ---------------------------------------------------------------------------


def _powers() -> tuple[int, ...]:
    """2⁰, 2¹, … 2⁶¹ in the field, twice round, so that two logarithms may be added."""
    found, power = [], 1
    for _ in range(62):
        found.append(power)
        power <<= 1
        if power & 32:
            power ^= 0b100101
    return tuple(found)


_POWERS = _powers()
_LOGARITHMS = {power: place for place, power in enumerate(_POWERS[:31])}


def _times(one: int, other: int) -> int:
    return _POWERS[_LOGARITHMS[one] + _LOGARITHMS[other]] if one and other else 0


_MULTIPLES = tuple(tuple(_times(top, part) for part in _DIVISOR) for top in range(32))


def _remainder(numbers: list[int]) -> tuple[int, int, int, int]:
    """What is left of the polynomial with these coefficients; nothing in a sound key."""
    a = b = c = d = 0
    for number in numbers:
        first, second, third, fourth = _MULTIPLES[a]
        a, b, c, d = b ^ first, c ^ second, d ^ third, number ^ fourth
    return a, b, c, d


def _slip(numbers: list[int]) -> KeyMistyped:
    """Say where the slip is, by trying what people do when they copy a key."""
    for slips in (_one_letter(numbers), _exchanged(numbers)):
        found = {groups for groups, tried in slips if not any(_remainder(tried))}
        if len(found) == 1:
            return _named(found.pop())
    return KeyMistyped("This isn't a recovery key: compare every group with the sheet.")


def _named(groups: tuple[int, ...]) -> KeyMistyped:
    if len(groups) == 1:
        return KeyMistyped(f"Group {groups[0]} is mistyped.", groups)
    return KeyMistyped(f"Groups {groups[0]} and {groups[1]} have changed places.", groups)


_Tried = Iterator[tuple[tuple[int, ...], list[int]]]


def _one_letter(numbers: list[int]) -> _Tried:
    for place, typed in enumerate(numbers):
        for other in range(32):
            if other != typed:
                tried = [*numbers[:place], other, *numbers[place + 1 :]]
                yield (place // GROUP + 1,), tried


def _exchanged(numbers: list[int]) -> _Tried:
    """Two letters of a group, or two groups, have changed places."""
    for group in range(GROUPS):
        for one, other in combinations(range(group * GROUP, (group + 1) * GROUP), 2):
            tried = list(numbers)
            tried[one], tried[other] = tried[other], tried[one]
            yield (group + 1,), tried
    parts = [numbers[at : at + GROUP] for at in range(0, len(numbers), GROUP)]
    for one, other in combinations(range(GROUPS), 2):
        changed = list(parts)
        changed[one], changed[other] = changed[other], changed[one]
        yield (one + 1, other + 1), [number for part in changed for number in part]
