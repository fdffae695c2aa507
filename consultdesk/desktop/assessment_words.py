"""The words of an assessment as a physician reads them."""

from consultdesk.consultation.assessment import (
    DiagnosisRelation,
    DisagreementType,
    Discrepancy,
    ExaminationMode,
    FollowUpOwner,
    Impact,
    Result,
    Timing,
)
from consultdesk.desktop.words import tr


def relation_words(relation: DiagnosisRelation) -> str:
    """How the own diagnosis stands to the first one."""
    return {
        DiagnosisRelation.SAME: tr("Same diagnosis"),
        DiagnosisRelation.REFINED: tr("Refined: same, but better defined"),
        DiagnosisRelation.DISTINCTLY_DIFFERENT: tr("Distinctly different"),
        DiagnosisRelation.CANNOT_DETERMINE: tr("Can't be determined"),
    }[relation]


def impact_words(impact: Impact) -> str:
    """What the difference means for management."""
    return {
        Impact.NONE: tr("None: management stays"),
        Impact.MINOR: tr("Minor"),
        Impact.MODERATE: tr("Moderate"),
        Impact.MAJOR: tr("Major: management changes"),
    }[impact]


def result_words(result: Result) -> str:
    """How a result ended."""
    return {
        Result.CONFIRMED: tr("confirmed"),
        Result.CLARIFIED: tr("clarified"),
        Result.CHANGED: tr("changed"),
    }[result]


def discrepancy_words(discrepancy: Discrepancy) -> str:
    """How large a difference is."""
    return {
        Discrepancy.NONE: tr("none"),
        Discrepancy.MINOR: tr("minor"),
        Discrepancy.MAJOR: tr("major"),
    }[discrepancy]


def disagreement_words(kind: DisagreementType) -> str:
    """Where a difference comes from."""
    return {
        DisagreementType.NOMENCLATURE: tr("Names for the same thing"),
        DisagreementType.THRESHOLD: tr("Where the line is drawn"),
        DisagreementType.MISSED_FINDING: tr("A finding seen by one reader only"),
        DisagreementType.DIFFERENT_MATERIAL: tr("Different material"),
        DisagreementType.CONCEPTUAL: tr("Another concept of the disease"),
    }[kind]


def timing_words(timing: Timing) -> str:
    """When a recommendation is due."""
    return {
        Timing.DATE: tr("By a date"),
        Timing.CONDITION: tr("On a condition"),
        Timing.DISCRETION: tr("At the treating physician's discretion"),
        Timing.NONE: tr("No time"),
    }[timing]


def examination_words(mode: ExaminationMode) -> str:
    """What the opinion rests on."""
    return {
        ExaminationMode.RECORDS_ONLY: tr("Records only, patient not examined"),
        ExaminationMode.VIDEO: tr("Seen by video"),
        ExaminationMode.IN_PERSON: tr("Examined in person"),
    }[mode]


def follow_up_words(owner: FollowUpOwner) -> str:
    """Who follows the patient up."""
    return {
        FollowUpOwner.TREATING_PHYSICIAN: tr("The treating physician"),
        FollowUpOwner.PATIENT: tr("The patient"),
        FollowUpOwner.DESK: tr("This desk"),
    }[owner]
