"""The structured assessment: own read, comparison, and the opinion that follows."""

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum


class Phase(StrEnum):
    """The two phases that lock, the opinion drafted after them, and what follows its letter."""

    OWN_READ = "own_read"
    COMPARISON = "comparison"
    OPINION = "opinion"
    ADDENDUM = "addendum"
    VERSION = "version"


class DiagnosisRelation(StrEnum):
    """Own diagnosis against the first one [Mayo 2017]."""

    SAME = "same"
    REFINED = "refined"
    DISTINCTLY_DIFFERENT = "distinctly_different"
    CANNOT_DETERMINE = "cannot_determine"


class Impact(StrEnum):
    """What the difference means for management."""

    NONE = "none"
    MINOR = "minor"
    MODERATE = "moderate"
    MAJOR = "major"


class Result(StrEnum):
    """Diagnosis and treatment result [Best Doctors 2015]."""

    CONFIRMED = "confirmed"
    CLARIFIED = "clarified"
    CHANGED = "changed"


class Discrepancy(StrEnum):
    """Discrepancy [Mayo pathology]."""

    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"


class DisagreementType(StrEnum):
    """Where a disagreement comes from."""

    NOMENCLATURE = "nomenclature"
    THRESHOLD = "threshold"
    MISSED_FINDING = "missed_finding"
    DIFFERENT_MATERIAL = "different_material"
    CONCEPTUAL = "conceptual"


class Timing(StrEnum):
    """When a recommendation is due."""

    DATE = "date"
    CONDITION = "condition"
    DISCRETION = "at the treating physician's discretion"
    NONE = "none"


class FollowUpOwner(StrEnum):
    """Who follows the patient up."""

    TREATING_PHYSICIAN = "treating_physician"
    PATIENT = "patient"
    DESK = "desk"


class ExaminationMode(StrEnum):
    """What the opinion rests on."""

    RECORDS_ONLY = "records_only"
    VIDEO = "video"
    IN_PERSON = "in_person"


@dataclass(frozen=True)
class Evidence:
    """A link from the assessment to a record, and the page, image or section in it."""

    record_id: str
    place: str = ""
    note: str = ""


@dataclass(frozen=True)
class Recommendation:
    """What should be done, by whom, by when. `when` is an ISO date or the condition."""

    action: str
    owner: str
    timing: Timing = Timing.DISCRETION
    when: str = ""

    @property
    def complete(self) -> bool:
        """Whether action, owner and timing are all said."""
        needs_when = self.timing in (Timing.DATE, Timing.CONDITION)
        return bool(self.action.strip() and self.owner.strip() and (self.when or not needs_when))


@dataclass(frozen=True)
class OwnRead:
    """The reader's own view before the first opinion is opened.

    `answers` maps field keys of the specialty's form to what was entered. `locked_at` and
    `digest` are set by locking; late material makes another revision and both are kept.
    """

    case_id: str
    revision: int = 1
    answers: dict[str, str] = field(default_factory=dict)
    findings: str = ""
    diagnosis: str = ""
    differential: tuple[str, ...] = ()
    certainty: str = ""
    evidence: tuple[Evidence, ...] = ()
    locked_at: int | None = None
    locked_by: str = ""
    digest: str = ""


@dataclass(frozen=True)
class Comparison:
    """Own view against the first opinion. Relation and impact are asked, the rest derived.

    `answers` maps field keys of the specialty's comparison to what was entered.
    """

    case_id: str
    relation: DiagnosisRelation | None = None
    impact: Impact | None = None
    treatment: Result | None = None
    disagreement: DisagreementType | None = None
    comment: str = ""
    major_decision: str = ""
    answers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Opinion:
    """What the letter will say. Answers to the questions stand with the questions."""

    case_id: str
    brief: str = ""
    reasoning: str = ""
    recommendations: tuple[Recommendation, ...] = ()
    alternatives: str = ""
    prognosis: str = ""
    limitations: str = ""
    pending: str = ""
    danger: tuple[str, ...] = ()
    history: str = ""
    relied_on: tuple[Evidence, ...] = ()
    examination: ExaminationMode = ExaminationMode.RECORDS_ONLY
    follow_up_owner: FollowUpOwner | None = None
    follow_up_date: str = ""
    diagnosis: str = ""
    certainty: str = ""
    sensitivities: frozenset[str] = frozenset()
    overrides: dict[str, str] = field(default_factory=dict)


def digest(read: OwnRead) -> str:
    """SHA-256 (hex) over what the reader entered, not over who locked it or when."""
    body = {
        "case": read.case_id,
        "revision": read.revision,
        "answers": read.answers,
        "findings": read.findings,
        "diagnosis": read.diagnosis,
        "differential": list(read.differential),
        "certainty": read.certainty,
        "evidence": [[e.record_id, e.place, e.note] for e in read.evidence],
    }
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def diagnosis_result(comparison: Comparison) -> Result | None:
    """Derive confirmed, clarified or changed from the relation; None when undetermined."""
    by_relation = {
        DiagnosisRelation.SAME: Result.CONFIRMED,
        DiagnosisRelation.REFINED: Result.CLARIFIED,
        DiagnosisRelation.DISTINCTLY_DIFFERENT: Result.CHANGED,
    }
    return by_relation.get(comparison.relation) if comparison.relation else None


def discrepancy(comparison: Comparison) -> Discrepancy | None:
    """Derive the discrepancy from relation and impact; None while either isn't known."""
    if comparison.relation is None or comparison.impact is None:
        return None
    if comparison.relation is DiagnosisRelation.CANNOT_DETERMINE:
        return None
    if comparison.impact in (Impact.MODERATE, Impact.MAJOR):
        return Discrepancy.MAJOR
    same = comparison.relation is DiagnosisRelation.SAME
    if same and comparison.impact is Impact.NONE:
        return Discrepancy.NONE
    return Discrepancy.MINOR


def missing_for_comparison(read: OwnRead) -> tuple[str, ...]:
    """What an own read still lacks before it can be locked."""
    missing = []
    if not read.findings.strip() and not any(read.answers.values()):
        missing.append("your findings")
    if not read.diagnosis.strip():
        missing.append("your own diagnosis")
    if not read.certainty:
        missing.append("how certain you are")
    return tuple(missing)


def missing_for_drafting(comparison: Comparison) -> tuple[str, ...]:
    """What a comparison still lacks before the letter is drafted."""
    missing = []
    if comparison.relation is None:
        missing.append("how your diagnosis relates to the first one")
    if comparison.impact is None:
        missing.append("the impact on management")
    if comparison.impact is Impact.MAJOR and not comparison.major_decision.strip():
        missing.append("your decision on talking to the treating physician or a third opinion")
    return tuple(missing)


def missing_for_signing(opinion: Opinion) -> tuple[str, ...]:
    """What the opinion itself still lacks before it can be signed."""
    missing = []
    if not opinion.brief.strip():
        missing.append("the answer in brief")
    if not opinion.diagnosis.strip():
        missing.append("the diagnosis")
    if not opinion.recommendations:
        missing.append('a recommendation (or "no action needed" as one)')
    missing += [
        f"owner and timing of recommendation {n}"
        for n, item in enumerate(opinion.recommendations, 1)
        if not item.complete
    ]
    if opinion.follow_up_owner is None:
        missing.append("who follows up")
    return tuple(missing)
