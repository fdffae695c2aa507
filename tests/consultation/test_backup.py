from hypothesis import given, settings
from hypothesis import strategies as st

from consultdesk.consultation.backup import Backup, BackupRule, Due, due, kept

HOUR, DAY = 3_600_000, 86_400_000
NOW = 1_793_000_000_000  # a day in October 2026
RULE = BackupRule()

made = st.lists(
    st.tuples(st.integers(min_value=0, max_value=700 * 24 * 4), st.booleans()),
    max_size=120,
    unique_by=lambda one: one[0],
).map(
    lambda ages: [Backup(f"b{age:06}", NOW - age * HOUR // 4, verified) for age, verified in ages]
)


@given(made)
def test_everything_of_the_last_day_is_kept(backups: list[Backup]) -> None:
    last_day = {one.name for one in backups if NOW - one.at <= 24 * HOUR}
    assert last_day <= kept(backups, RULE, NOW)


@given(made)
def test_the_newest_and_the_newest_verified_are_always_kept(backups: list[Backup]) -> None:
    found = kept(backups, RULE, NOW)
    for some in (backups, [one for one in backups if one.verified]):
        if some:
            assert max(some, key=lambda one: one.at).name in found


@given(made)
def test_what_was_kept_once_is_kept_when_asked_again(backups: list[Backup]) -> None:
    found = kept(backups, RULE, NOW)
    assert kept([one for one in backups if one.name in found], RULE, NOW) == found


@settings(max_examples=40)
@given(made, st.lists(st.integers(min_value=0, max_value=700), max_size=12))
def test_pruning_often_keeps_all_that_pruning_once_keeps(
    backups: list[Backup], days: list[int]
) -> None:
    left: list[Backup] = []
    waiting = sorted(backups, key=lambda one: one.at)
    for when in [*(NOW - day * DAY for day in sorted(days, reverse=True)), NOW]:
        left += [one for one in waiting if one.at <= when]
        waiting = [one for one in waiting if one.at > when]
        stay = kept(left, RULE, when)
        left = [one for one in left if one.name in stay]
    assert kept(backups, RULE, NOW) <= {one.name for one in left}


@given(made)
def test_each_day_week_and_month_that_had_a_backup_still_has_one(backups: list[Backup]) -> None:
    found = kept(backups, RULE, NOW)
    stay = [one for one in backups if one.name in found]
    for one in backups:
        span = next(
            (
                length
                for length, within in ((DAY, 30 * DAY), (7 * DAY, 84 * DAY))
                if NOW - one.at <= within
            ),
            31 * DAY,
        )
        assert any(abs(other.at - one.at) < span for other in stay), one


def test_a_year_of_hourly_backups_comes_down_to_a_few_dozen() -> None:
    backups = [Backup(f"{n}", NOW - n * HOUR, n % 2 == 0) for n in range(365 * 24)]
    found = kept(backups, RULE, NOW)
    # 25 of the last day, 30 days, at most 12 weeks and 12 months, some of them the same
    assert 60 <= len(found) <= 82


def test_one_that_is_dated_ahead_is_kept() -> None:
    assert kept([Backup("ahead", NOW + 400 * DAY, verified=False)], RULE, NOW) == {"ahead"}


def test_a_reminder_comes_when_there_is_no_place_no_backup_or_an_old_one() -> None:
    assert due(None, "", RULE, NOW) is Due.NO_PLACE
    assert due(None, "/stick", RULE, NOW) is Due.NEVER
    assert due(NOW - 8 * DAY, "/stick", RULE, NOW) is Due.OLD
    assert due(NOW - 6 * DAY, "/stick", RULE, NOW) is Due.NOTHING
    assert due(NOW - 6 * DAY, "", RULE, NOW) is Due.NOTHING
