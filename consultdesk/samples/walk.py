"""A case walked from state to state by the desk's own acts, as a careful practice would."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from consultdesk.consultation.assessment import (
    Comparison,
    DiagnosisRelation,
    Evidence,
    FollowUpOwner,
    Impact,
    OwnRead,
    Recommendation,
    Timing,
)
from consultdesk.consultation.case import FlagAnswer, Priority, Question, RedFlag
from consultdesk.consultation.consent import (
    THREE_STATEMENTS,
    Consent,
    ConsentKind,
    ConsentStatus,
    Purpose,
)
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.letter import Letter, LetterKind
from consultdesk.consultation.patient import ChannelKind, KnowsOfRequest, TreatingPhysician
from consultdesk.consultation.record import RecordKind
from consultdesk.consultation.source import Source
from consultdesk.desk import cases, consent, intake, letter, opinion, sending
from consultdesk.desk.cases import CaseFile
from consultdesk.letters.rendition import protect
from consultdesk.records.reader import Reader
from consultdesk.samples.people import Doctor, Person
from consultdesk.transports.handover import SaveOptions
from consultdesk.transports.transport import Receipt
from consultdesk.vault.vault import Vault

YEAR_MS = 365 * 86_400_000


@dataclass(frozen=True)
class Story:
    """What a case is about, and what the reviewer makes of it. Nobody in it exists."""

    person: Person
    doctor: Doctor
    specialty: str
    questions: tuple[str, ...]
    records: Callable[[Person, Doctor], Sequence[Source]]
    diagnosis: str
    findings: str
    brief: str
    answers: tuple[str, ...]
    reasoning: str
    recommendations: tuple[tuple[str, str, str], ...]
    priority: Priority = Priority.ROUTINE
    laterality: str = ""
    level: str = ""
    first_diagnosis: str = ""
    first_plan: str = ""
    relation: DiagnosisRelation = DiagnosisRelation.SAME
    impact: Impact = Impact.NONE
    certainty: int = 1
    prognosis: str = ""
    danger: tuple[str, ...] = ()
    history: str = ""
    answers_in_form: dict[str, str] = field(default_factory=dict)


def receive(vault: Vault, story: Story, now: int, reader: Reader | None = None) -> str:
    """Bring the records in as a new case; returns its number."""
    sources = tuple(story.records(story.person, story.doctor))
    taken = intake.bring_in_sources(
        vault,
        sources,
        now,
        source="sent by the patient",
        specialty=story.specialty,
        reader=reader,
    )
    if story.priority is not Priority.ROUTINE:
        cases.set_priority(vault, taken.number, story.priority, now)
    return taken.number


def confirm(vault: Vault, number: str, story: Story, now: int) -> None:
    """Say who the patient and the treating physician are, and what is asked."""
    file = cases.open_case(vault, number)
    patient = replace(
        file.patient,
        name=story.person.name,
        birth_date=story.person.birth_date,
        sex=story.person.sex,
        phone=story.person.phone,
    )
    cases.confirm_patient(vault, number, patient, now)
    for record in file.records:
        if record.name.startswith("Slide"):
            cases.change_record(
                vault, number, record.id, now, lambda one: replace(one, kind=RecordKind.SLIDE)
            )
    known = file.physician or TreatingPhysician(new_id(now), story.doctor.name)
    cases.name_physician(
        vault,
        number,
        replace(
            known,
            name=story.doctor.name,
            practice=story.doctor.practice,
            specialty=story.doctor.specialty,
            phone=story.doctor.phone,
            knows_of_request=KnowsOfRequest.YES,
        ),
        now,
    )
    asked = tuple(
        Question(n, text, asked_by="the patient", source="referral")
        for n, text in enumerate(story.questions, 1)
    )
    cases.set_questions(vault, number, asked, now)
    cases.describe(
        vault,
        number,
        now,
        lambda case: replace(
            case,
            laterality=story.laterality,
            level=story.level,
            referral=replace(
                case.referral,
                first_diagnosis=story.first_diagnosis,
                first_plan=story.first_plan,
            ),
        ),
    )


def accept(vault: Vault, number: str, now: int) -> None:
    """Declare no conflict of interest and accept."""
    cases.declare(vault, number, now, conflict=False)
    cases.accept(vault, number, now)


def get_ready(vault: Vault, number: str, now: int) -> None:
    """Ask the red flags one by one, record the consent to review, and make ready.

    Required records that weren't sent are waived with a reason.
    """
    file = cases.open_case(vault, number)
    for flag in file.specialty.red_flags:
        said = RedFlag(flag.code, flag.text, FlagAnswer.NO, asked_of="the patient, by telephone")
        cases.answer_flags(vault, number, (said,), now)
    agree_to_review(vault, number, now)
    for kind in file.completeness.missing:
        words = kind.replace("_", " ")
        reason = f"The patient has no {words} and asked to go on with what was sent."
        cases.go_on_without(vault, number, f"record:{kind}", reason, now)
    cases.make_ready(vault, number, now)


def read(vault: Vault, number: str, story: Story, now: int) -> None:
    """Begin the own read, keep it as a draft, and lock it."""
    opinion.begin(vault, number, now)
    own = own_read(cases.open_case(vault, number), story)
    opinion.save_own_read(vault, number, own, now)
    opinion.lock_own_read(vault, number, own, now)


def own_read(file: CaseFile, story: Story) -> OwnRead:
    """What the reviewer sees in the records."""
    scale = file.specialty.certainty
    cited = tuple(
        Evidence(record.id, "image 1" if record.kind is RecordKind.IMAGING else "page 1")
        for record in file.records
        if record.readable
        and record.kind in (RecordKind.IMAGING, RecordKind.PATHOLOGY_REPORT, RecordKind.LABORATORY)
    )
    return OwnRead(
        file.case.id,
        answers=dict(story.answers_in_form),
        findings=story.findings,
        diagnosis=story.diagnosis,
        certainty=scale[min(story.certainty, len(scale) - 1)].code,
        evidence=cited,
    )


def compare(vault: Vault, number: str, story: Story, now: int) -> None:
    """Hold the own read against the first opinion."""
    decided = "Telephoned the treating physician." if story.impact is Impact.MAJOR else ""
    said = Comparison("", relation=story.relation, impact=story.impact, major_decision=decided)
    opinion.save_comparison(vault, number, said, now)
    opinion.finish_comparison(vault, number, said, now)


def draft(vault: Vault, number: str, story: Story, now: int) -> None:
    """Answer the questions and write the opinion."""
    file = cases.open_case(vault, number)
    answered = tuple(
        replace(question, answer=answer)
        for question, answer in zip(file.case.referral.questions, story.answers, strict=True)
    )
    cases.set_questions(vault, number, answered, now)
    begun = opinion.assessment(vault, number).opinion
    written = replace(
        begun,
        brief=story.brief,
        reasoning=story.reasoning,
        recommendations=tuple(
            Recommendation(action, owner, Timing.CONDITION if when else Timing.DISCRETION, when)
            for action, owner, when in story.recommendations
        ),
        prognosis=story.prognosis,
        danger=story.danger,
        history=story.history,
        follow_up_owner=FollowUpOwner.TREATING_PHYSICIAN,
    )
    opinion.save_opinion(vault, number, written, now)


def sign(vault: Vault, number: str, passphrase: str, now: int) -> Letter:
    """Sign the treating physician's letter."""
    return letter.sign(vault, number, LetterKind.TREATING_PHYSICIAN, passphrase, now)


def agree_to_review(vault: Vault, number: str, now: int) -> None:
    """Record the patient's consent to obtain and read the records."""
    file = cases.open_case(vault, number)
    consent.record(
        vault,
        number,
        Consent(
            id="",
            case_id="",
            patient_id="",
            kind=ConsentKind.REVIEW,
            status=ConsentStatus.ACTIVE,
            valid_from=now,
            information="All records of this illness",
            given_by=file.patient.name,
        ),
        now,
    )


def agree(vault: Vault, number: str, now: int) -> Consent:
    """Record the patient's consent to send the letter to the treating physician for a year."""
    file = cases.open_case(vault, number)
    carried = frozenset(s for record in file.records for s in record.sensitivities)
    given = consent.record(
        vault,
        number,
        Consent(
            id="",
            case_id="",
            patient_id="",
            kind=ConsentKind.DISCLOSE,
            status=ConsentStatus.ACTIVE,
            valid_from=now,
            expires_at=now + YEAR_MS,
            information="The second opinion and the records it relies on",
            discloser="This practice",
            recipients=frozenset({file.case.treating_physician_id}),
            purposes=frozenset({Purpose.TREATMENT}),
            record_kinds=frozenset(record.kind for record in file.records),
            sensitivities=carried,
            given_by=file.patient.name,
            statements=THREE_STATEMENTS,
        ),
        now,
    )
    consent.complete_evidence(vault, number, given.id, now, "The signed form, folder 12.")
    return replace(given, evidence_complete=True)


def release(
    vault: Vault, number: str, signed: Letter, folder: Path, password: str, now: int
) -> Receipt:
    """Save the letter for its recipient, behind a password, in a folder a person chose."""
    sending.verify_channel(
        vault,
        number,
        signed.recipient_id,
        ChannelKind.HAND_OVER_SAVE,
        now,
        "Handed over in person; known to the practice.",
    )
    wish = sending.Sending(
        number, signed.id, ChannelKind.HAND_OVER_SAVE, Purpose.TREATMENT, new_id(now)
    )
    options = SaveOptions(folder, f"Letter {number}.pdf", password, protect)
    return sending.send(vault, wish, options, lambda: now)
