import pytest

from consultdesk.desk import cases, reports, settings
from consultdesk.desk.settings import Settings
from consultdesk.errors import ConsultDeskError
from consultdesk.vault.vault import Vault


def test_a_new_store_locks_after_ten_minutes(vault: Vault) -> None:
    assert settings.settings(vault) == Settings(10, "default")


def test_what_is_chosen_is_kept_within_bounds(vault: Vault, now: int) -> None:
    settings.choose(vault, Settings(0, "default"), now)
    assert settings.settings(vault).lock_after == 1
    settings.choose(vault, Settings(10_000, "default"), now)
    assert settings.settings(vault).lock_after == settings.LONGEST_IDLE


def test_another_calendar_gives_every_open_case_its_due_time(
    vault: Vault, received: str, now: int
) -> None:
    before = cases.open_case(vault, received).case.due_at
    settings.choose(vault, Settings(10, "united_states_pacific"), now)
    assert cases.open_case(vault, received).case.due_at != before


def test_an_unknown_calendar_changes_nothing(vault: Vault, now: int) -> None:
    with pytest.raises(ConsultDeskError, match="no working calendar"):
        settings.choose(vault, Settings(5, "nowhere"), now)
    assert settings.settings(vault) == Settings()


def test_nothing_waits_to_leave_in_a_new_store(vault: Vault) -> None:
    assert reports.unsettled(vault) == (0, 0)
