"""Which specialty a case is of, and what it needs."""

from consultdesk.consultation.record import RecordKind, Required
from consultdesk.desk.specialties import (
    GENERAL,
    known_specialties,
    needed,
    specialty,
    suggest_specialty,
)


def test_a_code_this_copy_does_not_know_is_read_as_general() -> None:
    assert specialty("alchemy") is known_specialties()[GENERAL]
    assert specialty("spine").code == "spine"


def test_a_slide_or_a_pathology_report_suggests_pathology() -> None:
    assert suggest_specialty([RecordKind.SLIDE], []) == "surgical_pathology"
    assert suggest_specialty([RecordKind.OTHER], ["L4/5 disc, lumbar spine"]) == "spine"
    assert suggest_specialty([], ["Nothing in particular."]) == GENERAL


def test_how_much_a_kind_of_record_is_needed_is_the_specialtys_to_say() -> None:
    assert needed("spine", RecordKind.IMAGING) is Required.MUST
    assert needed("spine", RecordKind.INSURANCE) is Required.NOT_APPLICABLE
