"""Real stores for the tests: one case with everything in it, every sealed word a canary."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from consultdesk.consultation.assessment import (
    Comparison,
    DiagnosisRelation,
    DisagreementType,
    Evidence,
    ExaminationMode,
    FollowUpOwner,
    Impact,
    Opinion,
    OwnRead,
    Phase,
    Recommendation,
    Result,
    Timing,
    digest,
)
from consultdesk.consultation.audit import Act, Role, User
from consultdesk.consultation.case import (
    Case,
    CaseState,
    Coverage,
    Declaration,
    FlagAnswer,
    Initiator,
    Motive,
    Override,
    PreAuthorisation,
    Priority,
    Question,
    RedFlag,
    Referral,
    Relation,
    Triage,
    UrgentContact,
)
from consultdesk.consultation.consent import Consent, ConsentKind, Purpose, Restriction, Revocation
from consultdesk.consultation.delivery import ClearedParcel, Parcel, clear
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.letter import Letter, LetterKind, Practice
from consultdesk.consultation.patient import (
    Channel,
    ChannelKind,
    Identifier,
    Patient,
    Recipient,
    Representative,
    TreatingPhysician,
)
from consultdesk.consultation.record import (
    Fact,
    RecordItem,
    RecordKind,
    Required,
    Sensitivity,
    StoredFile,
)
from consultdesk.consultation.source import MemorySource
from consultdesk.vault import (
    assessments,
    cases,
    consents,
    letters,
    members,
    outbox,
    people,
    practice,
    records,
    search,
    slots,
    tables,
)
from consultdesk.vault.content import store as store_content
from consultdesk.vault.header import Header
from consultdesk.vault.key import FLOOR
from consultdesk.vault.members import OpenKeys
from consultdesk.vault.records import Kept
from consultdesk.vault.rows import Reading, Writing
from consultdesk.vault.vault import Vault
from tests.consultation.parcels import FAR, NOW, PDF, Anything, full_consent, signed_letter

PASSPHRASE = "five words nobody else would"
ANNA = User("anna", "Dr Anna Canary", Role.PHYSICIAN, "REG-CANARY", "CANARY-specialty")
CANARY = "CANARY"
RECORD = b"%PDF-1.7 " + b"CANARY in a record \x89PNG\r\n\x1a\n \xff\xd8\xff DICM " * 40


@dataclass(frozen=True)
class Desk:
    """An open store with one case in it, and the ids of what it holds."""

    vault: Vault
    case_id: str
    patient_id: str
    physician_id: str
    record_id: str
    consent: Consent
    letter: Letter
    channel: Channel
    own_channel: Channel

    def act(self, what: str = "test", at: int = NOW) -> AbstractContextManager[Writing]:
        return self.vault.act(Act(what, at, case_id=self.case_id))

    def parcel(self, reading: Reading, letter: Letter | None = None, **changes: Anything) -> Parcel:
        """The baseline parcel as it stands in the store."""
        held = letters.by_id(reading, (letter or self.letter).id)
        assert held is not None
        to = people.recipient(reading, held.recipient_id)
        assert to is not None
        plain = Parcel(new_id(NOW), held, PDF, to, to.channels[0], Purpose.TREATMENT)
        return replace(plain, **changes)

    def add_consent(self, writing: Writing, **changes: Anything) -> Consent:
        """A further consent, full but for the changes."""
        fresh = full_consent(
            id=new_id(NOW),
            case_id=self.case_id,
            patient_id=self.patient_id,
            recipients=frozenset({self.physician_id}),
        )
        consent = replace(fresh, **changes)
        consents.add(writing, consent)
        return consent

    def add_letter(self, writing: Writing, **changes: Anything) -> Letter:
        """A further signed letter of the case."""
        fresh = signed_letter(
            id=new_id(NOW),
            case_id=self.case_id,
            patient_id=self.patient_id,
            recipient_id=self.physician_id,
            content_id=self.letter.content_id,
            version=letters.next_version(writing, self.case_id),
        )
        letter = replace(fresh, **changes)
        letters.add(writing, letter)
        return letter

    def dispatch_row(self, reading: Reading, **changes: object) -> dict[str, object]:
        """A dispatch that the database lets through, as raw columns, but for the changes."""
        row: dict[str, object] = {
            "id": new_id(NOW),
            "case_id": self.case_id,
            "letter_id": self.letter.id,
            "recipient_id": self.physician_id,
            "channel_id": self.channel.id,
            "consent_id": self.consent.id,
            "basis": "consent",
            "purpose_token": consents.purpose_token(reading, self.case_id, Purpose.TREATMENT),
            "hash_token": letters.hash_token(reading, self.case_id, self.letter.sha256),
            "at": NOW,
            "key": new_id(NOW),
        }
        return row | changes


def create(folder: Path, now: int = NOW) -> Vault:
    return Vault.create(folder, ANNA, PASSPHRASE, now, parameters=FLOOR)


def reopen(folder: Path, now: int = NOW) -> Vault:
    return Vault.open(folder, "anna", PASSPHRASE, now)


def add_user(vault: Vault, name: str, role: Role, *, administers: bool = False) -> None:
    """A further user, who has chosen PASSPHRASE; a clinician still has to be let in."""

    def change(held: Header, mine: OpenKeys) -> tuple[Header, OpenKeys]:
        invited = members.invited(
            held, mine, name, role, "an invitation", FLOOR, administers=administers
        )
        return invited, mine

    def also(writing: Writing) -> None:
        practice.add_user(writing, User(name, name, role), NOW)

    vault.change_keys(Act("invite_user", NOW, entity=name), change, also)
    newcomer = Vault.open(vault.folder, name, "an invitation", NOW)
    slots.set_passphrase(newcomer, PASSPHRASE, NOW)
    newcomer.close()


def opened_by(folder: Path, name: str) -> Vault:
    """The store as that user opens it."""
    return Vault.open(folder, name, PASSPHRASE, NOW)


@contextmanager
def reread(desk: Desk) -> Iterator[Reading]:
    """The store closed and read anew, with nothing kept in memory."""
    desk.vault.close()
    vault = reopen(desk.vault.folder)
    with closing(vault), vault.read() as reading:
        yield reading


def a_patient(**changes: Anything) -> Patient:
    patient = Patient(
        id=new_id(NOW),
        name="Mara Lind",
        birth_date="1961-02-03",
        sex="CANARY-sex",
        identifiers=(Identifier("CANARY-system", "CANARY-4471"),),
        phone="+44 20 0000",
        contact="CANARY-contact",
        language="CANARY-lang",
        reading_needs="CANARY-large print",
        capacity="CANARY-capacity",
        representative=Representative("CANARY-rep", "CANARY-authority", "CANARY-evidence"),
        companion="CANARY-companion",
        location="CANARY-location",
    )
    return replace(patient, **changes)


def a_case(patient_id: str, **changes: Anything) -> Case:
    questions = (
        Question(
            1, "CANARY fuse or not?", "CANARY-asker", "CANARY-answer", "", "CANARY-page", True
        ),
        Question(2, "CANARY second?", "", "", "CANARY-cannot", "", False),
    )
    case = Case(
        id=new_id(NOW),
        number="2026-0001",
        patient_id=patient_id,
        specialty="spine",
        state=CaseState.RECEIVED,
        priority=Priority.URGENT,
        received_at=NOW,
        recipient_named="CANARY-physician",
        due_at=NOW + 10**8,
        owner="anna",
        reviewer="anna",
        referral=Referral(
            Initiator.PHYSICIAN,
            frozenset({Motive.TRUST, Motive.CERTAINTY}),
            questions,
            "CANARY-first diagnosis",
            "CANARY-first plan",
            "2026-07-01",
            Relation.SAME_INSTITUTION,
            Coverage("Payer Ltd", PreAuthorisation.PENDING, True, False),
        ),
        laterality="CANARY-left",
        level="CANARY-L4/5",
        sealing=True,
        patient_decision="CANARY-second",
        major_decision="CANARY-talk",
        knows_of_request="yes",
        primary_contact=False,
    )
    return replace(case, **changes)


def a_record(case_id: str, files: tuple[StoredFile, ...] = (), **changes: Anything) -> RecordItem:
    record = RecordItem(
        id=new_id(NOW),
        case_id=case_id,
        name="CANARY-report.pdf",
        kind=RecordKind.IMAGING,
        format="CANARY-pdf",
        sha256="ab" * 32,
        pages=3,
        files=files,
        received_at=NOW,
        required=Required.MUST,
        event_date="CANARY-2025-11-11",
        source="CANARY-hospital",
        readable=True,
        reason="CANARY-reason",
        right_patient=True,
        sensitivities=frozenset({Sensitivity.HIV}),
        reveals_first_opinion=True,
        sealed_sections=("CANARY-impression",),
        facts=(Fact("patient.name", "CANARY-name", "CANARY-page 1"),),
    )
    return replace(record, **changes)


def an_own_read(case_id: str, **changes: Anything) -> OwnRead:
    read = OwnRead(
        case_id,
        answers={"CANARY-field": "CANARY-value"},
        findings="CANARY-findings",
        diagnosis="CANARY-diagnosis",
        differential=("CANARY-a", "CANARY-b"),
        certainty="CANARY-likely",
        evidence=(Evidence("r", "CANARY-frame 3", "CANARY-note"),),
    )
    read = replace(read, **changes)
    return replace(read, locked_at=NOW, locked_by="CANARY-reader", digest=digest(read))


def a_comparison(case_id: str) -> Comparison:
    return Comparison(
        case_id,
        DiagnosisRelation.REFINED,
        Impact.MODERATE,
        Result.CHANGED,
        DisagreementType.THRESHOLD,
        "CANARY-comment",
        "CANARY-decision",
        {"CANARY-key": "CANARY-answer"},
    )


def an_opinion(case_id: str) -> Opinion:
    return Opinion(
        case_id,
        brief="CANARY-brief",
        reasoning="CANARY-reasoning",
        recommendations=(Recommendation("CANARY-MRI", "CANARY-GP", Timing.DATE, "2026-09-01"),),
        alternatives="CANARY-alternatives",
        prognosis="CANARY-prognosis",
        limitations="CANARY-limits",
        pending="CANARY-pending",
        danger=("CANARY-allergy",),
        history="CANARY-history",
        relied_on=(Evidence("r", "CANARY-page 2"),),
        examination=ExaminationMode.VIDEO,
        follow_up_owner=FollowUpOwner.DESK,
        follow_up_date="2026-10-01",
        diagnosis="CANARY-diagnosis",
        certainty="CANARY-likely",
        sensitivities=frozenset({"HIV"}),
        overrides={"CANARY-hit": "CANARY-why"},
    )


def fill(vault: Vault) -> Desk:
    """Put one case with everything in it into the store."""
    patient, case_id = a_patient(), ""
    own = Channel(new_id(NOW), ChannelKind.HAND_OVER_PRINT, "", NOW, "anna", "CANARY-how")
    way = Channel(new_id(NOW), ChannelKind.POST, "CANARY-street", NOW, "anna", "CANARY-how")
    physician = TreatingPhysician(
        new_id(NOW), "Dr Berg", "Practice Berg", "CANARY-reg", "CANARY-spec", "CANARY-tel", (way,)
    )
    with vault.act(Act("fill", NOW, topics=frozenset({"case"}))) as writing:
        people.add_patient(writing, patient, NOW)
        people.add_channel(writing, patient.id, own)
        people.add_physician(writing, physician)
        case = a_case(patient.id, treating_physician_id=physician.id)
        case_id = case.id
        cases.add(writing, case)
        practice.keep_letterhead(writing, Practice("CANARY-practice", "CANARY-street"))
        _add_events(writing, case_id)
        _add_assessment(writing, case_id)
    record = _add_record(vault, case_id)
    return _release(vault, case_id, patient.id, physician, record, (way, own))


def _add_events(writing: Writing, case_id: str) -> None:
    flag = RedFlag("CANARY-cauda", "CANARY-flag", FlagAnswer.YES, "CANARY-asked", "anna", NOW)
    cases.answer_flag(writing, case_id, flag)
    call = UrgentContact(
        new_id(NOW),
        case_id,
        "CANARY-cauda",
        "CANARY-who",
        "CANARY-0",
        NOW,
        True,
        "CANARY-b",
        "anna",
    )
    cases.log_contact(writing, call)
    cases.keep_triage(writing, case_id, Triage("anna", NOW, True, "CANARY-triage"))
    cases.declare(writing, case_id, Declaration("anna", NOW, False, "CANARY-interest"))
    waived = Override("record:genetics", "CANARY-without", "anna", NOW)
    cases.go_on_without(writing, case_id, waived)
    cases.wait_for(writing, case_id, "records", NOW)
    for table, values in (
        (tables.material, {"label": "CANARY-slide", "block": "CANARY-A1", "stain": "CANARY-HE"}),
        (tables.record_request, {"chases": 1, "custodian": "CANARY-cust", "items": ["CANARY-x"]}),
    ):
        writing.insert(table, id=new_id(NOW), case_id=case_id, **values)
    held = writing.by_id(tables.case, case_id) or {}
    said = {"at": NOW, "by": "CANARY-by", "reason": "CANARY-reason"}
    writing.insert(tables.erasure, id=new_id(NOW), patient_id="somebody else", **said)
    hold, of = new_id(NOW), held["patient_id"]
    for hold_id, lifts in ((hold, None), (new_id(NOW), hold)):
        writing.insert(tables.legal_hold, id=hold_id, patient_id=of, lifts=lifts, **said)
    search.add(writing, case_id, case_id, "case", "", "CANARY-title", "CANARY-text of a case")


def _add_assessment(writing: Writing, case_id: str) -> None:
    assessments.lock_own_read(writing, an_own_read(case_id))
    assessments.keep_comparison(writing, a_comparison(case_id), NOW)
    assessments.keep_opinion(writing, an_opinion(case_id), NOW)
    body = assessments.opinion_body(an_opinion(case_id))
    assessments.save_draft(writing, case_id, Phase.OPINION, body, NOW)


def keep_file(vault: Vault, writing: Writing, case_id: str, data: bytes, name: str) -> StoredFile:
    """Seal a file and keep its row."""
    sealed = store_content(vault.content_folder, (MemorySource(name, data),))
    kept = Kept(new_id(NOW), sealed)
    records.add_contents(writing, case_id, (kept,))
    return StoredFile(name, sealed.members[0].sha256, len(data), kept.id)


def _add_record(vault: Vault, case_id: str) -> RecordItem:
    with vault.act(Act("import", NOW, case_id=case_id)) as writing:
        record = a_record(case_id, (keep_file(vault, writing, case_id, RECORD, "CANARY-file.pdf"),))
        records.add(writing, case_id, (record,))
    return record


def _release(
    vault: Vault,
    case_id: str,
    patient_id: str,
    physician: TreatingPhysician,
    record: RecordItem,
    ways: tuple[Channel, Channel],
) -> Desk:
    """Consents of every sort, a signed letter, and one dispatch with a receipt."""
    said = {
        "case_id": case_id,
        "patient_id": patient_id,
        "recipients": frozenset({physician.id}),
        "information": "CANARY-info",
        "discloser": "CANARY-discloser",
        "witness": "CANARY-witness",
        "given_by": "CANARY-giver",
        "representative_authority": "CANARY-authority",
        "evidence": "CANARY-evidence",
        "expiry_event": "CANARY-event",
        "recorded_by": "CANARY-recorder",
    }
    consent = full_consent(id=new_id(NOW), **said)
    withdrawn = full_consent(id=new_id(NOW), **said | {"kind": ConsentKind.REVIEW})
    with vault.act(Act("consent", NOW, case_id=case_id, reason="CANARY-reason")) as writing:
        writing.detail = "CANARY-detail"
        consents.add(writing, consent)
        consents.add(writing, withdrawn)
        gone = Revocation(new_id(NOW), withdrawn.id, NOW, "CANARY-by", "CANARY-how", "CANARY-why")
        consents.revoke(writing, case_id, gone)
        _happened(writing, case_id, withdrawn.id, "event_occurred")
        content = keep_file(vault, writing, case_id, PDF, "letter.pdf")
        letter = signed_letter(
            id=new_id(NOW),
            case_id=case_id,
            patient_id=patient_id,
            recipient_id=physician.id,
            content_id=content.content_id,
            amends="CANARY-amends",
            signed_by="CANARY-signer",
            source={"brief": "CANARY-brief"},
        )
        letters.add(writing, letter)
    with vault.act(Act("restrict", NOW, case_id=case_id, entity=patient_id)) as writing:
        wish = Restriction(new_id(NOW), patient_id, "", "insurer", NOW, "CANARY-self-pay")
        consents.restrict(writing, wish)
    with vault.act(Act("release_letter", NOW, case_id=case_id)) as writing:
        parcel = Parcel("first", letter, PDF, physician.as_recipient(), ways[0], Purpose.TREATMENT)
        cleared = clear(parcel, consent, (), vault.moment(writing, NOW))
        assert isinstance(cleared, ClearedParcel)
        outbox.add(writing, cleared, new_id(NOW), "CANARY-sender")
        sent = outbox.by_key(writing, case_id, "first")
        assert sent is not None
        outbox.happened(writing, sent, "sent", at=NOW, by="CANARY-sender", detail="CANARY-printed")
    return Desk(vault, case_id, patient_id, physician.id, record.id, consent, letter, *ways)


def _happened(writing: Writing, case_id: str, consent_id: str, kind: str) -> None:
    consents.happened(
        writing, case_id, consent_id, kind, at=NOW, by="CANARY-by", detail="CANARY-detail"
    )


def bare_case(writing: Writing, patient: Patient, number: str, **changes: Anything) -> Case:
    """A further case, of a patient already kept."""
    case = a_case(patient.id, number=number, **changes)
    cases.add(writing, case)
    return case


def simple_case(vault: Vault, case_id: str) -> None:
    """A case with a patient of its own and little else."""
    with vault.act(Act("case", NOW)) as writing:
        patient = a_patient()
        people.add_patient(writing, patient, NOW)
        bare_case(writing, patient, f"2026-{case_id}", id=case_id)


def the_patient(reading: Reading, desk: Desk) -> Patient:
    patient = people.patient(reading, desk.patient_id)
    assert patient is not None
    return patient


def the_recipient(reading: Reading, recipient_id: str) -> Recipient:
    found = people.recipient(reading, recipient_id)
    assert found is not None
    return found


PATIENT_LETTER = LetterKind.PATIENT_ONLY
LATER = FAR
