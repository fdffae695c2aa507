import uuid

import pytest

from consultdesk.consultation.identity import made_at, new_id
from tests.consultation.parcels import NOW


def test_an_id_is_a_uuid_of_version_seven() -> None:
    made = uuid.UUID(new_id(NOW))
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert made.int >> 80 == NOW


def test_ids_sort_by_their_time_and_are_all_different() -> None:
    later = [new_id(NOW + n) for n in range(50)]
    assert sorted(later) == later
    made = {new_id(NOW) for _ in range(5000)}
    assert len(made) == 5000


@pytest.mark.parametrize("now", [0, -1, 1 << 60])
def test_any_time_makes_an_id_of_the_same_shape(now: int) -> None:
    assert len(new_id(now)) == 36
    assert uuid.UUID(new_id(now)).version == 7


def test_of_two_ids_of_one_millisecond_the_later_sorts_last() -> None:
    made = [new_id(NOW) for _ in range(2000)]
    assert sorted(made) == made


def test_an_id_says_when_it_was_made() -> None:
    assert made_at(new_id(NOW)) == NOW
    assert made_at("no id of ours") == made_at("") == 0
