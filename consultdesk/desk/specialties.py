"""The specialties the desk comes with, and which one a new case most likely belongs to."""

from collections.abc import Iterable, Sequence
from functools import cache

from consultdesk.assets import resource
from consultdesk.consultation.form import Specialty, specialties
from consultdesk.consultation.record import RecordKind, Required

GENERAL = "general"

_SIGNS = {
    "spine": ("spine", "lumbar", "cervical spine", "disc", "vertebra", "radiculopathy", "l4/5"),
    "cardiology": ("atrial", "ventricular", "echocardiogra", "coronary", "ablation"),
    "neurology": ("seizure", "stroke", "epilep", "multiple sclerosis", "neuropathy"),
    "oncology": ("chemotherapy", "metasta", "carcinoma", "tumour board", "tumor board"),
}
_FEWEST_SIGNS = 2


@cache
def known_specialties() -> dict[str, Specialty]:
    """Every specialty by its code; read once, since the files don't change while we run."""
    return specialties(resource("specialties"))


def specialty(code: str) -> Specialty:
    """The specialty of that code, the general one for a code this copy doesn't know."""
    known = known_specialties()
    return known.get(code, known[GENERAL])


def needed(code: str, kind: RecordKind) -> Required:
    """How much a specialty needs a kind of record; one it doesn't name isn't applicable."""
    of_kind = (one.required for one in specialty(code).records if one.kind is kind)
    return next(of_kind, Required.NOT_APPLICABLE)


def suggest_specialty(kinds: Iterable[RecordKind], texts: Sequence[str]) -> str:
    """A first guess for a person to confirm; general when the records don't say."""
    known = known_specialties()
    if {RecordKind.PATHOLOGY_REPORT, RecordKind.SLIDE} & set(kinds):
        return "surgical_pathology"
    said = "\n".join(texts)[:200_000].casefold()
    counts = {
        code: sum(said.count(sign) for sign in signs)
        for code, signs in _SIGNS.items()
        if code in known
    }
    best = max(counts, key=lambda code: counts[code], default=GENERAL)
    return best if counts.get(best, 0) >= _FEWEST_SIGNS else GENERAL
