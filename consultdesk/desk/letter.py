"""The letter: checked, previewed, and signed for good."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from consultdesk.consultation import collegiality
from consultdesk.consultation.assessment import Phase, missing_for_signing
from consultdesk.consultation.audit import Act, Role
from consultdesk.consultation.case import CaseState
from consultdesk.consultation.collegiality import Hit
from consultdesk.consultation.consent import Consent, ConsentKind
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.letter import (
    Author,
    Letter,
    LetterFacts,
    LetterKind,
    cited_kinds,
    cited_sensitivities,
)
from consultdesk.consultation.patient import Recipient, RecipientKind
from consultdesk.consultation.record import RecordKind, Sensitivity
from consultdesk.consultation.source import MemorySource
from consultdesk.consultation.wording import (
    Hedge,
    Mismatch,
    hedges,
    laterality_conflicts,
    sensitivities_in,
)
from consultdesk.desk import access, clocks
from consultdesk.desk.cases import CaseFile, case_file
from consultdesk.desk.opinion import Assessment, assessment_of
from consultdesk.errors import FormIncomplete, NotFound
from consultdesk.letters import pdf, rendition, template
from consultdesk.vault import assessments, cases, letters, people, practice, records, search
from consultdesk.vault.content import store as store_content
from consultdesk.vault.records import Kept
from consultdesk.vault.rows import Reading
from consultdesk.vault.vault import Vault

_TOPICS = frozenset({"queue", "case", "letter"})
_SIGNABLE = (
    CaseState.DRAFTING,
    CaseState.SIGNED,
    CaseState.RELEASED,
    CaseState.RELEASED_TO_PATIENT_ONLY,
    CaseState.ACKNOWLEDGED,
)


@dataclass(frozen=True)
class Check:
    """What stands against signing, and what deserves a second look.

    `text` is what was looked at; hits, hedges and sides give their place in it.
    `missing` blocks. `hits`, `hedges` and `suggested` advise; `unacknowledged` are hits that
    must be reworded or acknowledged with a reason. `sides` are differences of side or level
    between letter and records, to be mended or confirmed.
    """

    text: str
    missing: tuple[str, ...]
    hits: tuple[Hit, ...]
    unacknowledged: tuple[Hit, ...]
    sides: tuple[Mismatch, ...]
    hedges: tuple[Hedge, ...]
    suggested: frozenset[Sensitivity]

    @property
    def blocking(self) -> tuple[str, ...]:
        """Everything that must be settled before Sign, each in one clause."""
        rewording = tuple(
            f"reword or acknowledge: “{self.text[hit.start : hit.end]}”"
            for hit in self.unacknowledged
        )
        sides = tuple(f"mend or confirm: {side.why}" for side in self.sides)
        return self.missing + rewording + sides


def check(vault: Vault, number: str) -> Check:
    """Look over the letter as it would be signed now. Raises NotFound."""
    with vault.read() as reading:
        case = access.find(reading, number)
        return _check(case_file(reading, case), assessment_of(reading, case))


def preview(vault: Vault, number: str, kind: LetterKind, now: int, *, amendment: str = "") -> bytes:
    """The letter as it stands, as a PDF marked as a draft.

    Raises LetterUnprintable, NotFound.
    """
    with vault.read() as reading:
        facts = _facts(reading, number, kind, vault.user, now, amendment)
    return pdf.render(template.fill(facts))


def sign(
    vault: Vault,
    number: str,
    kind: LetterKind,
    passphrase: str,
    now: int,
    *,
    amendment: str = "",
) -> Letter:
    """Sign a letter for good; from here on it changes only by an addendum.

    The physician proves again who they are. Raises VaultLocked (wrong passphrase),
    FormIncomplete naming what is open, LetterUnprintable, NotAllowed.
    """
    access.require(vault, Role.PHYSICIAN)
    vault.reauthenticate(passphrase)
    with vault.read() as reading:
        facts = _facts(reading, number, kind, vault.user, now, amendment, signed=True)
        _check_signable(reading, number, kind, amendment)
    signed = pdf.render(template.fill(facts))
    content = store_content(vault.content_folder, (MemorySource("letter.pdf", signed),))
    held = Kept(new_id(now), content)
    letter = _letter(facts, signed, held, vault.user, now)
    try:
        with vault.act(
            Act("sign_letter", now, case_id=facts.case.id, entity=letter.id, topics=_TOPICS)
        ) as writing:
            case = access.find(writing, number)
            _check_signable(writing, number, kind, amendment)
            if letters.next_version(writing, case.id) != letter.version:
                raise FormIncomplete("Another letter was signed meanwhile. Look at it first.")
            records.add_content(writing, case.id, held)
            letters.add(writing, letter)
            assessments.keep_opinion(writing, facts.opinion, now)
            assessments.drop_draft(writing, case.id, Phase.OPINION)
            search.add(
                writing, case.id, letter.id, "letter", "", _title(letter), facts.opinion.brief
            )
            if case.state is CaseState.DRAFTING:
                cases.move(writing, case, CaseState.SIGNED, at=now, by=vault.user)
            clocks.refresh(writing, case.id, now)
    except BaseException:
        (vault.content_folder / content.name).unlink(missing_ok=True)
        raise
    return letter


def read_pdf(vault: Vault, letter: Letter) -> bytes:
    """The signed bytes of a letter. Raises RecordUnreadable when they are damaged."""
    with vault.read() as reading:
        source = records.content_source(vault, reading, letter.content_id, "letter.pdf")
    with source.open() as stream:
        return stream.read()


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


def hit_key(text: str, hit: Hit) -> str:
    """Under what an opinion's overrides keep the reason for leaving this wording."""
    return f"wording: {text[hit.start : hit.end]}"


def side_key(side: Mismatch) -> str:
    """Under what an opinion's overrides keep the confirmation of this difference."""
    return f"side: {side.said} / {side.recorded}"


# --- inside -------------------------------------------------------------------------------


def _check_signable(reading: Reading, number: str, kind: LetterKind, amendment: str) -> None:
    case = access.find(reading, number)
    if case.state not in _SIGNABLE:
        state = case.state.replace("_", " ")
        raise FormIncomplete(f"A case that is {state} has no letter to sign.")
    if kind is LetterKind.ADDENDUM:
        if not amendment.strip():
            raise FormIncomplete("An addendum needs its text.")
        if not letters.of_case(reading, case.id):
            raise FormIncomplete("There is no signed letter to add to.")
        return
    found = _check(case_file(reading, case), assessment_of(reading, case))
    if found.blocking:
        raise FormIncomplete("The letter can't be signed yet:", found.blocking)


def _check(file: CaseFile, said: Assessment) -> Check:
    questions = file.case.referral.questions
    opinion = said.opinion
    missing = [
        f"answer question {question.n}, or say why it can't be answered"
        for question in questions
        if not question.settled
    ]
    missing += missing_for_signing(opinion)
    text = running_text(file, said)
    present = {record.kind for record in file.records}
    hits = collegiality.check(text, tuple(kind for kind in RecordKind if kind not in present))
    unacknowledged = tuple(
        hit
        for hit in hits
        if hit.needs_acknowledgement and not opinion.overrides.get(hit_key(text, hit), "").strip()
    )
    sides = tuple(
        side
        for side in laterality_conflicts(text, file.case.laterality, file.case.level)
        if not opinion.overrides.get(side_key(side), "").strip()
    )
    carried = cited_sensitivities(opinion, said.own_read, file.records)
    return Check(
        text,
        tuple(missing),
        hits,
        unacknowledged,
        sides,
        hedges(text, file.specialty.certainty),
        frozenset(sensitivities_in(text)) - carried - {Sensitivity.N},
    )


def running_text(file: CaseFile, said: Assessment) -> str:
    """Everything the author wrote that the letter will carry; hits count in it."""
    opinion = said.opinion
    parts = [
        opinion.brief,
        opinion.diagnosis,
        opinion.reasoning,
        opinion.alternatives,
        opinion.prognosis,
        opinion.limitations,
        opinion.pending,
        opinion.history,
        said.comparison.comment,
        *opinion.danger,
        *(one.action for one in opinion.recommendations),
        *(question.answer for question in file.case.referral.questions),
        *(question.cannot_answer for question in file.case.referral.questions),
    ]
    return "\n".join(part for part in parts if part.strip())


def _facts(
    reading: Reading,
    number: str,
    kind: LetterKind,
    user: str,
    now: int,
    amendment: str,
    *,
    signed: bool = False,
) -> LetterFacts:
    case = access.find(reading, number)
    file, said = case_file(reading, case), assessment_of(reading, case)
    who = (
        practice.user(reading, case.reviewer or user)
        if not signed
        else practice.user(reading, user)
    )
    zone = clocks.practice_time(reading).calendar.zone
    before = file.letters[-1] if file.letters else None
    return LetterFacts(
        kind=kind,
        case=case,
        patient=file.patient,
        physician=file.physician,
        recipient=recipient_of(reading, file, kind),
        practice=practice.letterhead(reading),
        author=Author(who.name, who.full_name, who.registration, who.specialty),
        own_read=said.own_read,
        comparison=said.comparison,
        opinion=said.opinion,
        records=tuple(
            r for r in file.records if r.right_patient is not False and not r.entered_in_error
        ),
        missing_records=file.completeness.missing,
        distribution=_distribution(file, now),
        written_on=_day(now, zone).isoformat(),
        version=letters.next_version(reading, case.id),
        amendment=amendment,
        amends_letter_of=_day(before.signed_at, zone).isoformat()
        if before and before.signed_at
        else "",
        signed=signed,
    )


def _distribution(file: CaseFile, now: int) -> tuple[str, ...]:
    """Who may receive it, by the consents that stand now."""
    allowed = {
        recipient
        for consent in file.consents
        if _stands(consent, now)
        for recipient in consent.recipients
    }
    named = []
    if file.physician and file.physician.id in allowed:
        practice_ = f", {file.physician.practice}" if file.physician.practice else ""
        named.append(f"{file.physician.name}{practice_}")
    if file.patient.id in allowed:
        named.append(file.patient.name)
    return tuple(named)


def _stands(consent: Consent, now: int) -> bool:
    return (
        consent.kind is ConsentKind.DISCLOSE
        and consent.authentic
        and consent.revocation is None
        and consent.valid_from <= now
        and (consent.expires_at is None or now < consent.expires_at)
    )


def _letter(facts: LetterFacts, signed: bytes, held: Kept, user: str, now: int) -> Letter:
    return Letter(
        id=new_id(now),
        case_id=facts.case.id,
        patient_id=facts.patient.id,
        kind=facts.kind,
        version=facts.version,
        recipient_id=facts.recipient.id,
        sha256=hashlib.sha256(signed).hexdigest(),
        content_id=held.id,
        record_kinds=cited_kinds(facts.opinion, facts.own_read, facts.records),
        sensitivities=cited_sensitivities(facts.opinion, facts.own_read, facts.records),
        signed_at=now,
        signed_by=user,
        pages=rendition.page_count(signed),
        amends=facts.amends_letter_of,
        source={"brief": facts.opinion.brief, "amendment": facts.amendment},
    )


def _title(letter: Letter) -> str:
    return f"Letter {letter.version}, {letter.kind.replace('_', ' ')}"


def _day(at: int, zone: str) -> date:
    return datetime.fromtimestamp(at / 1000, ZoneInfo(zone)).date()


def mark_sensitive(said: Assessment, codes: frozenset[Sensitivity]) -> Assessment:
    """The assessment with topics marked that its text carries without citing a record."""
    marked = said.opinion.sensitivities | {code.value for code in codes}
    return replace(said, opinion=replace(said.opinion, sensitivities=marked))
