"""A specialty is read whole, or refused in one sentence that says what is wrong where."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consultdesk.assets import resource
from consultdesk.consultation.case import FlagAnswer
from consultdesk.consultation.form import (
    DEFAULT_SCALE,
    FieldKind,
    Specialty,
    read_specialty,
    specialties,
    specialty_for,
)
from consultdesk.consultation.record import RecordKind, Required
from consultdesk.consultation.source import Window
from consultdesk.errors import ConsultDeskError

SMALL: dict[str, Any] = {
    "code": "hand",
    "title": "Hand surgery",
    "laterality": True,
    "levels": ["Wrist", "Palm"],
    "limitations": ["Records only."],
    "red_flags": [{"code": "limb", "text": "Limb ischaemia", "help": "Is the hand cold?"}],
    "records": [{"kind": "imaging", "required": "must"}],
    "own_read": [
        {
            "title": "Bones",
            "fields": [
                {"key": "side", "label": "Side", "kind": "choice", "options": ["Right", "Left"]},
                {
                    "key": "angle",
                    "label": "Angle",
                    "kind": "number",
                    "unit": "°",
                    "minimum": 0,
                    "maximum": 90.5,
                    "required": True,
                },
            ],
        }
    ],
    "comparison": [{"key": "agrees", "label": "Side agrees", "kind": "check"}],
    "windows": [{"modality": "CT", "name": "Bone", "centre": 500, "width": 2000}],
}


def test_a_specialty_is_read_whole() -> None:
    hand = read_specialty(SMALL)
    assert (hand.code, hand.title, hand.sealing, hand.laterality) == (
        "hand",
        "Hand surgery",
        False,
        True,
    )
    assert hand.flag_codes == ("limb",)
    assert [flag.answer for flag in hand.unasked_flags] == [FlagAnswer.NOT_ASKED]
    assert (hand.records[0].kind, hand.records[0].required) == (RecordKind.IMAGING, Required.MUST)
    side, angle = hand.fields
    assert (side.kind, side.options) == (FieldKind.CHOICE, ("Right", "Left"))
    assert (angle.minimum, angle.maximum, angle.unit, angle.required) == (0.0, 90.5, "°", True)
    assert hand.windows[0].window == Window(500, 2000, "Bone")
    assert hand.certainty == DEFAULT_SCALE
    assert hand.levels == ("Wrist", "Palm")


def test_the_default_scale_is_printed_with_its_bands() -> None:
    assert [step.shown for step in DEFAULT_SCALE] == [
        "diagnostic of",
        "most likely (> 90 %)",
        "likely (75–90 %)",
        "may represent (25–75 %)",
        "unlikely (5–25 %)",
        "very unlikely (< 5 %)",
    ]


def test_a_step_the_scale_has_lost_is_shown_by_its_code() -> None:
    hand = read_specialty(SMALL)
    assert hand.certainty_shown("likely").startswith("likely (75")
    assert hand.certainty_shown("quite_sure") == "quite_sure"


def _field(data: dict[str, Any], n: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = data["own_read"][0]["fields"][n]
    return found


WRONG: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda d: d.pop("code"), '"code" is missing'),
    (lambda d: d.update(code="Hand Surgery"), "lower-case"),
    (lambda d: d.update(title="  "), '"title" is empty'),
    (lambda d: d.update(title=3), '"title" must be text'),
    (lambda d: d.update(sealing="yes"), "true or false"),
    (lambda d: d.update(colour="red"), '"colour" isn\'t a setting'),
    (lambda d: d.update(levels=["a", ""]), "none empty"),
    (lambda d: d.update(levels=["a", "a"]), "twice"),
    (lambda d: d.update(levels="L4/5"), "list of texts"),
    (lambda d: d.pop("red_flags"), '"red_flags" is missing'),
    (lambda d: d.pop("own_read"), '"own_read" is missing'),
    (lambda d: d.update(own_read=["x"]), "a table of settings"),
    (lambda d: d["records"][0].update(kind="x_ray"), 'record 1: "kind" is "x_ray", not one of'),
    (lambda d: d["records"].append(d["records"][0]), 'record "imaging" stands twice'),
    (lambda d: d["red_flags"].append(d["red_flags"][0]), 'red flag "limb" stands twice'),
    (lambda d: _field(d).update(kind="chioce"), 'section 1, field 2: "kind" is "chioce"'),
    (lambda d: _field(d).update(key="side"), 'field "side" stands twice'),
    (lambda d: d["comparison"][0].update(key="side"), 'field "side" stands twice'),
    (lambda d: _field(d).update(requird=True), '"requird" isn\'t a setting'),
    (lambda d: _field(d).update(minimum=91), '"minimum" is above "maximum"'),
    (lambda d: _field(d).update(minimum=float("nan")), '"minimum" must be a number'),
    (lambda d: _field(d).update(minimum=-(10**400)), '"minimum" must be a number in reason'),
    (lambda d: _field(d).update(minimum=True), '"minimum" must be a number'),
    (lambda d: _field(d).update(options=["a"]), 'takes none, being a "number"'),
    (lambda d: _field(d, 0).pop("options"), "needs at least one"),
    (lambda d: _field(d, 0).update(options=["a\nb"]), "one line"),
    (lambda d: _field(d, 0).update(unit="mm"), "for numbers only"),
    (lambda d: d["windows"][0].pop("width"), '"width" of 1 or more'),
    (lambda d: d["windows"][0].update(width=0), '"width" of 1 or more'),
    (lambda d: d.update(certainty=[{"code": "a", "label": "A", "low": 5}]), "percent"),
    (lambda d: d.update(certainty=[{"code": "a", "label": "A", "low": 9, "high": 5}]), "percent"),
    (lambda d: d.update(certainty=[{"code": "a", "label": "A"}] * 2), 'certainty "a" stands twice'),
]


@pytest.mark.parametrize(("spoil", "said"), WRONG)
def test_a_wrong_file_is_refused_in_one_sentence(
    spoil: Callable[[dict[str, Any]], object], said: str
) -> None:
    data = deepcopy(SMALL)
    spoil(data)
    with pytest.raises(ConsultDeskError) as refused:
        read_specialty(data)
    assert said in refused.value.message
    assert refused.value.message.startswith("The specialty")


_leaf = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
_row = st.dictionaries(st.sampled_from(["code", "text", "title", "fields", "kind", "low"]), _leaf)
_anything = _leaf | st.lists(_leaf | _row, max_size=3) | _row


@given(st.dictionaries(st.sampled_from(sorted(SMALL)), _anything))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_file_ends_in_anything_but_a_specialty_or_a_sentence(change: dict[str, Any]) -> None:
    try:
        read: Specialty | ConsultDeskError = read_specialty({**SMALL, **change})
    except ConsultDeskError as refused:
        read = refused
    assert isinstance(read, Specialty) or read.message.startswith("The specialty")


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "hand.toml").write_text("code = ")
    with pytest.raises(ConsultDeskError, match=r"hand\.toml can't be read"):
        specialties(tmp_path)


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "hand.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConsultDeskError, match=r"hand\.toml can't be read"):
        specialties(tmp_path)


def test_a_file_whose_specialty_is_wrong_is_named(tmp_path: Path) -> None:
    (tmp_path / "hand.toml").write_text('code = "hand"\n')
    with pytest.raises(ConsultDeskError, match=r'hand\.toml: The specialty "hand"'):
        specialties(tmp_path)


def test_a_file_named_unlike_its_code_is_refused(tmp_path: Path) -> None:
    text = resource("specialties", "spine.toml").read_text(encoding="utf-8")
    (tmp_path / "back.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConsultDeskError, match="both must agree"):
        specialties(tmp_path)


def test_an_unknown_specialty_falls_back_to_the_general_one() -> None:
    hand = read_specialty(SMALL)
    general = read_specialty({**SMALL, "code": "general"})
    assert specialty_for("hand", {"hand": hand, "general": general}) is hand
    assert specialty_for("foot", {"hand": hand, "general": general}) is general
    with pytest.raises(ConsultDeskError, match='"foot"'):
        specialty_for("foot", {"hand": hand})
