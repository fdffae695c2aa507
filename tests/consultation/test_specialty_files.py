"""The specialties the desk comes with: whole, and no red flag of the field is left out."""

import pytest

from consultdesk.assets import resource, resources_dir
from consultdesk.consultation.form import FALLBACK, FieldKind, Specialty, specialties
from consultdesk.consultation.record import RecordKind, Required

ALL = specialties(resource("specialties"))

EVERY_FLAG = {
    "acute_coronary_syndrome",
    "airway",
    "cauda_equina",
    "clinical_deterioration",
    "cord_compression_cancer",
    "ectopic_pregnancy",
    "gca_visual_loss",
    "limb_ischaemia",
    "pathology_critical_diagnosis",
    "progressing_deficit",
    "raised_pressure",
    "sepsis",
    "spinal_infection",
    "spinal_trauma",
    "stroke",
    "subarachnoid_haemorrhage",
    "suicidality",
    "torsion",
    "unstable_fracture",
}


def test_every_file_of_the_folder_is_a_specialty() -> None:
    files = {path.stem for path in (resources_dir() / "specialties").iterdir()}
    assert files == set(ALL)
    assert {FALLBACK, "spine", "surgical_pathology"} <= files


def test_every_red_flag_of_the_field_is_asked_by_some_specialty() -> None:
    asked = {code for specialty in ALL.values() for code in specialty.flag_codes}
    assert asked >= EVERY_FLAG


def test_a_red_flag_is_worded_alike_wherever_it_is_asked() -> None:
    wording = {(f.code, f.text, f.help) for s in ALL.values() for f in s.red_flags}
    assert len(wording) == len({code for code, _text, _help in wording})


def test_every_specialty_asks_whether_the_patient_is_getting_worse() -> None:
    assert all("clinical_deterioration" in s.flag_codes for s in ALL.values())


def test_the_spine_asks_all_four_signs_of_the_cauda_equina() -> None:
    flag = next(f for f in ALL["spine"].red_flags if f.code == "cauda_equina")
    for sign in ("bladder", "bowel", "saddle", "sexual", "both legs", "new or worsening"):
        assert sign in flag.text


def test_only_what_rests_on_material_and_images_is_sealed() -> None:
    assert [code for code, s in ALL.items() if s.sealing] == ["surgical_pathology"]


def test_pathology_reports_in_categories_and_not_in_percent() -> None:
    scale = ALL["surgical_pathology"].certainty
    assert [step.code for step in scale][:2] == ["malignant", "suspicious"]
    assert "non_diagnostic" in {step.code for step in scale}
    assert all(step.low is None and step.high is None for step in scale)


def test_the_spine_form_asks_what_a_spine_surgeon_reads() -> None:
    keys = {asked.key for asked in ALL["spine"].fields}
    assert keys >= {
        "index_level",
        "side",
        "numbering",
        "sagittal",
        "stenosis",
        "disc_degeneration",
        "nerve_root",
        "cord_signal",
        "instability",
    }


def test_the_pathology_form_asks_what_a_pathologist_reports() -> None:
    keys = {asked.key for asked in ALL["surgical_pathology"].fields}
    assert keys >= {
        "labels",
        "adequacy",
        "specimen",
        "side",
        "procedure",
        "histologic_type",
        "grade",
        "invasion",
        "margins",
        "nodes_examined",
        "immunohistochemistry",
    }


def test_the_index_level_is_one_of_the_levels_of_the_spine() -> None:
    spine = ALL["spine"]
    level = next(asked for asked in spine.fields if asked.key == "index_level")
    assert set(level.options) - {"None"} == set(spine.levels)


@pytest.mark.parametrize("specialty", ALL.values(), ids=ALL)
def test_a_specialty_can_be_worked_with(specialty: Specialty) -> None:
    assert specialty.red_flags
    assert all(flag.help for flag in specialty.red_flags)
    assert any(need.required is Required.MUST for need in specialty.records)
    assert any(need.kind is RecordKind.CLINIC_NOTE for need in specialty.records)
    assert any(asked.required for asked in specialty.fields)
    assert "Records only: the patient was not examined." in specialty.limitations or (
        specialty.code == "surgical_pathology"
    )
    assert "No further action needed" in specialty.recommendations


@pytest.mark.parametrize("specialty", ALL.values(), ids=ALL)
def test_a_case_with_a_side_asks_for_it(specialty: Specialty) -> None:
    sides = [asked for asked in specialty.fields if asked.key == "side"]
    assert bool(sides) is specialty.laterality
    assert all(asked.kind is FieldKind.CHOICE for asked in sides)
