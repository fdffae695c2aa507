"""A practice of synthetic patients, made once for all that is asked of it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from consultdesk.consultation.answers import open_points
from consultdesk.consultation.case import CaseState
from consultdesk.consultation.source import Progress, Source
from consultdesk.desk import cases, letter, opinion, reports, store, summary
from consultdesk.desk.specialties import specialty
from consultdesk.errors import Cancelled
from consultdesk.samples.practice import make_practice
from consultdesk.samples.stories import STORIES
from consultdesk.vault.vault import Vault

NOW = time.time_ns() // 1_000_000
EVERY_STATE = len(STORIES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("practice")


@pytest.fixture(scope="module")
def practice(folder: Path) -> Iterator[Vault]:
    vault = make_practice(folder / "a.desk", folder / "handed over", NOW)
    yield vault
    vault.close()


@pytest.fixture(scope="module")
def numbers(practice: Vault) -> tuple[str, ...]:
    view = reports.QueueView(show="all", now=NOW, sort="number")
    return tuple(row.number for row in reports.queue(practice, view, 0, 99))


def test_a_case_stands_in_every_state(practice: Vault, numbers: tuple[str, ...]) -> None:
    states = {cases.open_case(practice, number).case.state for number in numbers}
    assert states == set(CaseState)


def test_all_patients_are_told_apart_and_nobody_is_confused(
    practice: Vault, numbers: tuple[str, ...]
) -> None:
    files = [cases.open_case(practice, number) for number in numbers]
    assert len({file.patient.id for file in files}) == EVERY_STATE
    assert not any(file.conflicts for file in files)
    assert len({file.case.specialty for file in files}) >= 5


def test_whatever_is_asked_of_any_case_has_an_answer(
    practice: Vault, numbers: tuple[str, ...]
) -> None:
    for number in numbers:
        assert summary.case(practice, number, NOW)["number"] == number
        assert opinion.assessment(practice, number).case.number == number
        assert letter.check(practice, number).text is not None


def test_the_figures_of_the_practice_add_up(practice: Vault) -> None:
    start, stop = reports.period(practice, None, None, NOW)
    found = reports.period_figures(practice, start, stop, NOW)
    assert (found.received, found.released) == (EVERY_STATE, 4)
    assert found.released_to_others + found.patient_only == found.released
    assert found.acknowledged == 2
    assert found.flags.open == 1
    assert found.on_time is not None


def test_letters_that_went_out_lie_behind_a_password(practice: Vault, folder: Path) -> None:
    handed_over = sorted((folder / "handed over").glob("*.pdf"))
    assert len(handed_over) == 4
    assert all(b"/Encrypt" in path.read_bytes() for path in handed_over)


def test_the_store_of_the_practice_is_sound(practice: Vault) -> None:
    found = store.verify(practice)
    assert found.ok
    assert found.files > EVERY_STATE


def test_every_story_fills_in_what_its_specialty_asks() -> None:
    for story in STORIES:
        asked = specialty(story.specialty)
        known = {field.key for field in asked.fields}
        assert set(story.answers_in_form) <= known, story.person.name
        if story.findings:
            assert open_points(asked.fields, story.answers_in_form) == (), story.person.name


def test_the_same_patient_comes_with_the_same_bytes_each_time() -> None:
    def bytes_of(source: Source) -> bytes:
        with source.open() as stream:
            return stream.read()

    for story in (STORIES[0], STORIES[2]):
        first = [bytes_of(one) for one in story.records(story.person, story.doctor)]
        again = [bytes_of(one) for one in story.records(story.person, story.doctor)]
        assert first == again


def test_the_making_can_be_stopped(tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        make_practice(tmp_path / "a.desk", tmp_path, NOW, progress=Progress(cancelled=lambda: True))
