"""What a letter of a case draws on now: its facts, its recipient, who else may have it."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from consultdesk.consultation.case import Override
from consultdesk.consultation.consent import Consent, ConsentKind, ConsentStatus
from consultdesk.consultation.letter import Author, Letter, LetterFacts, LetterKind
from consultdesk.consultation.patient import Recipient, RecipientKind
from consultdesk.consultation.record import RecordItem
from consultdesk.desk import access, clocks
from consultdesk.desk.cases import CaseFile, case_file
from consultdesk.desk.opinion import assessment_of
from consultdesk.errors import NotFound
from consultdesk.vault import consents, letters, people, practice
from consultdesk.vault.rows import Reading


def recipient_of(reading: Reading, file: CaseFile, kind: LetterKind) -> Recipient:
    """Whom a kind of letter is for in this case. Raises NotFound."""
    if kind in (LetterKind.PATIENT, LetterKind.PATIENT_ONLY):
        found = people.recipient(reading, file.patient.id)
        return found or Recipient(file.patient.id, RecipientKind.PATIENT, file.patient.name)
    if file.physician is None:
        raise NotFound(
            "No treating physician is named for this case.",
            cure="Name the physician, or write to the patient only.",
        )
    return file.physician.as_recipient()


def amended_by(file: CaseFile, to: Recipient) -> Letter | None:
    """The letter an addendum adds to: the newest that this recipient was written."""
    own = [one for one in file.letters if one.recipient_id == to.id]
    return next((one for one in reversed(own) if one.kind is not LetterKind.ADDENDUM), None)


def usable(file: CaseFile) -> tuple[RecordItem, ...]:
    """The records that are this patient's, as far as is known."""
    return tuple(r for r in file.records if r.right_patient is not False and not r.entered_in_error)


def facts_of(
    reading: Reading,
    number: str,
    kind: LetterKind,
    user: str,
    now: int,
    amendment: str,
    *,
    signed: bool = False,
) -> LetterFacts:
    """Everything a letter of this kind may say now. Raises NotFound."""
    case = access.find(reading, number)
    file, said = case_file(reading, case), assessment_of(reading, case)
    who = practice.user(reading, user if signed else case.reviewer or user)
    to = recipient_of(reading, file, kind)
    zone = clocks.practice_time(reading).calendar.zone
    before = amended_by(file, to) or (file.letters[-1] if file.letters else None)
    referral = replace(
        case.referral, first_diagnosis=said.first_diagnosis, first_plan=said.first_plan
    )
    return LetterFacts(
        kind=kind,
        case=replace(case, referral=referral, overrides=still_missing(file)),
        patient=file.patient,
        physician=file.physician,
        recipient=to,
        practice=practice.letterhead(reading),
        author=Author(who.name, who.full_name, who.registration, who.specialty),
        own_read=said.own_reads[-1] if said.locked else said.own_read,
        comparison=said.comparison,
        opinion=said.opinion,
        records=usable(file),
        missing_records=file.completeness.missing,
        distribution=_distribution(reading, file, now),
        written_on=_day(now, zone).isoformat(),
        version=letters.next_version(reading, case.id),
        amendment=amendment,
        amends_letter_of=_day(before.signed_at, zone).isoformat()
        if before and before.signed_at
        else "",
        signed=signed,
    )


def still_missing(file: CaseFile) -> tuple[Override, ...]:
    """What was gone without and hasn't come since: it prints as a limitation, once."""
    here = {record.kind for record in usable(file) if record.readable}
    standing = {
        o.what: o for o in file.case.overrides if o.what.removeprefix("record:") not in here
    }
    return tuple(standing.values())


def _distribution(reading: Reading, file: CaseFile, now: int) -> tuple[str, ...]:
    """Who may receive it, by the consents that stand now."""
    allowed = _allowed(reading, file, now)
    named = []
    if file.physician and file.physician.id in allowed:
        practice_ = f", {file.physician.practice}" if file.physician.practice else ""
        named.append(f"{file.physician.name}{practice_}")
    if file.patient.id in allowed:
        named.append(file.patient.name)
    return tuple(named)


def reaches_physician(reading: Reading, file: CaseFile, now: int) -> bool:
    """Whether some consent that stands now names the treating physician."""
    return file.physician is not None and file.physician.id in _allowed(reading, file, now)


def _allowed(reading: Reading, file: CaseFile, now: int) -> set[str]:
    """The recipients (ids) that some consent names, without those the patient ruled out."""
    named = {to for one in file.consents if _stands(one, file, now) for to in one.recipients}
    for restriction in consents.restrictions(reading, file.case.patient_id):
        named.discard(restriction.recipient_id)
        if restriction.recipient_kind == RecipientKind.TREATING_PHYSICIAN and file.physician:
            named.discard(file.physician.id)
    return named


def _stands(consent: Consent, file: CaseFile, now: int) -> bool:
    return (
        consent.kind is ConsentKind.DISCLOSE
        and consent.patient_id == file.case.patient_id
        and consent.status is ConsentStatus.ACTIVE
        and consent.authentic
        and consent.reconfirmed
        and consent.evidence_complete
        and consent.revocation is None
        and consent.event_occurred_at is None
        and consent.valid_from <= now
        and (consent.expires_at is None or now < consent.expires_at)
    )


def _day(at: int, zone: str) -> date:
    return datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).date()
