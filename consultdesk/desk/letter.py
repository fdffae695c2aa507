"""The letter: checked, previewed, and signed for good."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from consultdesk.consultation import collegiality
from consultdesk.consultation.assessment import Phase, missing_for_signing
from consultdesk.consultation.audit import Act, Role
from consultdesk.consultation.case import CaseState, Override
from consultdesk.consultation.collegiality import Hit
from consultdesk.consultation.consent import Consent, ConsentKind, ConsentStatus
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
from consultdesk.consultation.record import RecordItem, RecordKind, Sensitivity
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
from consultdesk.vault import (
    assessments,
    cases,
    consents,
    letters,
    people,
    practice,
    records,
    search,
)
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


def check_addendum(
    vault: Vault, number: str, amendment: str, overrides: Mapping[str, str] | None = None
) -> Check:
    """Look over the words and sides of an addendum as `sign` would. Raises NotFound."""
    with vault.read() as reading:
        file = case_file(reading, access.find(reading, number))
    return _looked_over(file, amendment, overrides or {})


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
    overrides: Mapping[str, str] | None = None,
) -> Letter:
    """Sign a letter for good; from here on it changes only by an addendum.

    The physician proves again who they are. `overrides` acknowledges wording and sides of an
    addendum, under `hit_key` and `side_key`; a letter's own stand in its opinion.
    Raises VaultLocked (wrong passphrase), FormIncomplete naming what is open,
    LetterUnprintable, NotAllowed.
    """
    access.require(vault, Role.PHYSICIAN)
    vault.reauthenticate(passphrase)
    said = overrides or {}
    with vault.read() as reading:
        _check_signable(reading, number, kind, amendment, said, now)
        facts = _facts(reading, number, kind, vault.user, now, amendment, signed=True)
    signed = pdf.render(template.fill(facts))
    content = store_content(vault.content_folder, (MemorySource("letter.pdf", signed),))
    held = Kept(new_id(now), content)
    letter = _letter(facts, signed, held, vault.user, now)
    try:
        with vault.act(
            Act("sign_letter", now, case_id=facts.case.id, entity=letter.id, topics=_TOPICS)
        ) as writing:
            case = access.find(writing, number)
            _check_signable(writing, number, kind, amendment, said, now)
            if facts != _facts(writing, number, kind, vault.user, now, amendment, signed=True):
                raise FormIncomplete("The case was changed meanwhile. Look at the letter again.")
            records.add_contents(writing, case.id, (held,))
            letters.add(writing, letter)
            assessments.keep_opinion(writing, facts.opinion, now)
            assessments.drop_draft(writing, case.id, Phase.OPINION)
            if kind is LetterKind.ADDENDUM:
                assessments.drop_draft(writing, case.id, Phase.ADDENDUM)
            search.add(
                writing, case.id, letter.id, "letter", "", _title(letter), facts.opinion.brief
            )
            if case.state is CaseState.DRAFTING:
                cases.move(writing, case, CaseState.SIGNED, at=now, by=vault.user)
            clocks.refresh(writing, case.id, now)
    except BaseException:
        records.forget(vault, (held,))
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


def _check_signable(
    reading: Reading,
    number: str,
    kind: LetterKind,
    amendment: str,
    overrides: Mapping[str, str],
    now: int,
) -> None:
    case = access.find(reading, number)
    file = case_file(reading, case)
    if kind is LetterKind.ADDENDUM:
        _check_addendum(reading, file, amendment, overrides)
        return
    if case.state not in _SIGNABLE:
        state = case.state.replace("_", " ")
        raise FormIncomplete(f"A case that is {state} has no letter to sign.")
    found = _check(file, assessment_of(reading, case))
    if found.blocking:
        raise FormIncomplete("The letter can't be signed yet:", found.blocking)
    to = recipient_of(reading, file, kind)
    if any(one.kind is kind and one.recipient_id == to.id for one in file.letters):
        raise FormIncomplete(
            "This letter is signed already.", cure="What is new goes into an addendum."
        )
    if kind is LetterKind.PATIENT_ONLY and _reaches_physician(reading, file, now):
        raise FormIncomplete(
            "The patient has agreed that the treating physician may have the letter, and this "
            "one says that nobody else has it.",
            cure="Send the treating physician's letter, or record that the consent is withdrawn.",
        )


def _check_addendum(
    reading: Reading, file: CaseFile, amendment: str, overrides: Mapping[str, str]
) -> None:
    if not amendment.strip():
        raise FormIncomplete("An addendum needs its text.")
    if _amended(file, recipient_of(reading, file, LetterKind.ADDENDUM)) is None:
        raise FormIncomplete("There is no signed letter to add to.")
    blocking = _looked_over(file, amendment, overrides).blocking
    if blocking:
        raise FormIncomplete("The addendum can't be signed yet:", blocking)


def _amended(file: CaseFile, to: Recipient) -> Letter | None:
    """The letter an addendum adds to: the newest that this recipient was written."""
    own = [one for one in file.letters if one.recipient_id == to.id]
    return next((one for one in reversed(own) if one.kind is not LetterKind.ADDENDUM), None)


def _check(file: CaseFile, said: Assessment) -> Check:
    missing = [
        f"answer question {question.n}, or say why it can't be answered"
        for question in file.case.referral.questions
        if not question.settled
    ]
    missing += missing_for_signing(said.opinion)
    missing += _unfinished(file, said)
    text = running_text(file, said)
    found = _looked_over(file, text, said.opinion.overrides)
    carried = cited_sensitivities(said.opinion, file.records)
    return replace(
        found,
        missing=tuple(missing),
        hedges=hedges(text, file.specialty.certainty),
        suggested=frozenset(sensitivities_in(text)) - carried - {Sensitivity.N},
    )


def _unfinished(file: CaseFile, said: Assessment) -> list[str]:
    """What of the assessment is begun anew, or rests on what isn't this patient's."""
    missing = []
    if file.conflicts:
        missing.append("decide which patient the records belong to")
    if file.case.declaration is None or file.case.declaration.conflict:
        missing.append("declare that nothing stands against your independence")
    if said.revising:
        missing.append("lock the revision of your own read, or drop it")
    if said.comparing:
        missing.append("finish the comparison again")
    cited = {link.record_id for link in (*said.opinion.relied_on, *said.own_read.evidence)}
    usable = {record.id for record in _usable(file)}
    names = {record.id: f"“{record.name}”" for record in file.records}
    missing += [
        f"take out the citation of {names.get(gone, 'a record of another case')}: "
        "it isn't this patient's"
        for gone in sorted(cited - usable)
    ]
    return missing


def _usable(file: CaseFile) -> tuple[RecordItem, ...]:
    return tuple(r for r in file.records if r.right_patient is not False and not r.entered_in_error)


def _looked_over(file: CaseFile, text: str, overrides: Mapping[str, str]) -> Check:
    """The wording and the sides of a text, without what has been acknowledged."""
    present = {record.kind for record in file.records}
    hits = collegiality.check(text, tuple(kind for kind in RecordKind if kind not in present))
    unacknowledged = tuple(
        hit
        for hit in hits
        if hit.needs_acknowledgement and not overrides.get(hit_key(text, hit), "").strip()
    )
    sides = tuple(
        side
        for side in laterality_conflicts(text, file.case.laterality, file.case.level)
        if not overrides.get(side_key(side), "").strip()
    )
    return Check(text, (), hits, unacknowledged, sides, (), frozenset())


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
        *(override.reason for override in _still_missing(file)),
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
    who = practice.user(reading, user if signed else case.reviewer or user)
    to = recipient_of(reading, file, kind)
    zone = clocks.practice_time(reading).calendar.zone
    before = _amended(file, to) or (file.letters[-1] if file.letters else None)
    referral = replace(
        case.referral, first_diagnosis=said.first_diagnosis, first_plan=said.first_plan
    )
    return LetterFacts(
        kind=kind,
        case=replace(case, referral=referral, overrides=_still_missing(file)),
        patient=file.patient,
        physician=file.physician,
        recipient=to,
        practice=practice.letterhead(reading),
        author=Author(who.name, who.full_name, who.registration, who.specialty),
        own_read=said.own_reads[-1] if said.locked else said.own_read,
        comparison=said.comparison,
        opinion=said.opinion,
        records=_usable(file),
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


def _still_missing(file: CaseFile) -> tuple[Override, ...]:
    """What was gone without and hasn't come since: it prints as a limitation, once."""
    here = {record.kind for record in _usable(file) if record.readable}
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


def _reaches_physician(reading: Reading, file: CaseFile, now: int) -> bool:
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
        record_kinds=cited_kinds(facts.opinion, facts.records),
        # nobody marks an addendum's topics by hand, so all that its words suggest count
        sensitivities=cited_sensitivities(facts.opinion, facts.records)
        | (sensitivities_in(facts.amendment) - {Sensitivity.N}),
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
