"""The letter: checked, previewed, and signed for good."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from consultdesk.consultation import collegiality
from consultdesk.consultation.assessment import Phase, missing_for_signing
from consultdesk.consultation.audit import Act, Role
from consultdesk.consultation.case import CaseState
from consultdesk.consultation.collegiality import Hit
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.letter import (
    Letter,
    LetterFacts,
    LetterKind,
    cited_kinds,
    cited_sensitivities,
)
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
from consultdesk.desk.attempts import reauthenticate
from consultdesk.desk.cases import CaseFile, case_file
from consultdesk.desk.letter_facts import (
    amended_by,
    facts_of,
    reaches_physician,
    recipient_of,
    still_missing,
    usable,
)
from consultdesk.desk.opinion import Assessment, assessment_of
from consultdesk.errors import FormIncomplete
from consultdesk.letters import pdf, rendition, template
from consultdesk.vault import (
    assessments,
    cases,
    letters,
    records,
    search,
)
from consultdesk.vault.content import store as store_content
from consultdesk.vault.records import Kept
from consultdesk.vault.rows import Reading, Writing
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
        return check_of(case_file(reading, case), assessment_of(reading, case))


def check_addendum(
    vault: Vault, number: str, amendment: str, overrides: Mapping[str, str] | None = None
) -> Check:
    """Look over the words and sides of an addendum as `sign` would. Raises NotFound."""
    with vault.read() as reading:
        file = case_file(reading, access.find(reading, number))
    return looked_over(file, amendment, overrides or {})


def preview(vault: Vault, number: str, kind: LetterKind, now: int, *, amendment: str = "") -> bytes:
    """The letter as it stands, as a PDF marked as a draft.

    Raises LetterUnprintable, NotFound.
    """
    with vault.read() as reading:
        facts = facts_of(reading, number, kind, vault.user, now, amendment)
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
    reauthenticate(vault, passphrase, now)
    said = overrides or {}

    def gather(reading: Reading) -> LetterFacts:
        _check_signable(reading, number, kind, amendment, said, now)
        return facts_of(reading, number, kind, vault.user, now, amendment, signed=True)

    def also(writing: Writing, facts: LetterFacts) -> None:
        assessments.keep_opinion(writing, facts.opinion, now)
        assessments.drop_draft(writing, facts.case.id, Phase.OPINION)
        if kind is LetterKind.ADDENDUM:
            assessments.drop_draft(writing, facts.case.id, Phase.ADDENDUM)
        case = access.find(writing, number)
        if case.state is CaseState.DRAFTING:
            cases.move(writing, case, CaseState.SIGNED, at=now, by=vault.user)

    return keep_letter(vault, "sign_letter", now, gather, also)


def keep_letter(
    vault: Vault,
    what: str,
    now: int,
    gather: Callable[[Reading], LetterFacts],
    also: Callable[[Writing, LetterFacts], None],
    source: Mapping[str, str] | None = None,
) -> Letter:
    """Set a letter in type and keep it for good, signed by whoever is at the desk.

    `gather` raises where it can't be signed; it is asked before, and once more in the act, so
    that nothing is signed that meanwhile changed. `also` is kept with it. `source` says more of
    where it comes from. Raises FormIncomplete, LetterUnprintable.
    """
    with vault.read() as reading:
        facts = gather(reading)
    signed = pdf.render(template.fill(facts))
    vault.write_again(now)
    vault.make_room()
    content = store_content(vault.content_folder, (MemorySource("letter.pdf", signed),))
    held = Kept(new_id(now), content)
    letter = _letter(facts, signed, held, vault.user, now)
    letter = replace(letter, source={**letter.source, **(source or {})})
    try:
        with vault.act(
            Act(what, now, case_id=facts.case.id, entity=letter.id, topics=_TOPICS)
        ) as writing:
            if facts != gather(writing):
                raise FormIncomplete("The case was changed meanwhile. Look at the letter again.")
            records.add_contents(writing, facts.case.id, (held,))
            letters.add(writing, letter)
            also(writing, facts)
            brief = facts.opinion.brief
            search.add(writing, facts.case.id, letter.id, "letter", "", _title(letter), brief)
            clocks.refresh(writing, facts.case.id, now)
    except BaseException as failure:
        records.forget(vault, (held,), failure)
        raise
    return letter


def carried_by(facts: LetterFacts) -> tuple[frozenset[RecordKind], frozenset[Sensitivity]]:
    """The kinds of record and the topics that the gate will hold against the consent."""
    # nobody marks an addendum's topics by hand, so all that its words suggest count
    said = sensitivities_in(facts.amendment) - {Sensitivity.N}
    cited = cited_sensitivities(facts.opinion, facts.records)
    return cited_kinds(facts.opinion, facts.records), cited | said


def read_pdf(vault: Vault, letter: Letter) -> bytes:
    """The signed bytes of a letter. Raises RecordUnreadable when they are damaged."""
    with vault.read() as reading:
        source = records.content_source(vault, reading, letter.content_id, "letter.pdf")
    with source.open() as stream:
        return stream.read()


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
    found = check_of(file, assessment_of(reading, case))
    if found.blocking:
        raise FormIncomplete("The letter can't be signed yet:", found.blocking)
    to = recipient_of(reading, file, kind)
    if any(one.kind is kind and one.recipient_id == to.id for one in file.letters):
        raise FormIncomplete(
            "This letter is signed already.", cure="What is new goes into an addendum."
        )
    if kind is LetterKind.PATIENT_ONLY and reaches_physician(reading, file, now):
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
    if amended_by(file, recipient_of(reading, file, LetterKind.ADDENDUM)) is None:
        raise FormIncomplete("There is no signed letter to add to.")
    blocking = looked_over(file, amendment, overrides).blocking
    if blocking:
        raise FormIncomplete("The addendum can't be signed yet:", blocking)


def check_of(file: CaseFile, said: Assessment) -> Check:
    """Look over a letter that would say this."""
    missing = [
        f"answer question {question.n}, or say why it can't be answered"
        for question in file.case.referral.questions
        if not question.settled
    ]
    missing += missing_for_signing(said.opinion)
    missing += _unfinished(file, said)
    text = running_text(file, said)
    found = looked_over(file, text, said.opinion.overrides)
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
    ours = {record.id for record in usable(file)}
    names = {record.id: f"“{record.name}”" for record in file.records}
    missing += [
        f"take out the citation of {names.get(gone, 'a record of another case')}: "
        "it isn't this patient's"
        for gone in sorted(cited - ours)
    ]
    return missing


def looked_over(file: CaseFile, text: str, overrides: Mapping[str, str]) -> Check:
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
        *(override.reason for override in still_missing(file)),
    ]
    return "\n".join(part for part in parts if part.strip())


def _letter(facts: LetterFacts, signed: bytes, held: Kept, user: str, now: int) -> Letter:
    kinds, topics = carried_by(facts)
    return Letter(
        id=new_id(now),
        case_id=facts.case.id,
        patient_id=facts.patient.id,
        kind=facts.kind,
        version=facts.version,
        recipient_id=facts.recipient.id,
        sha256=hashlib.sha256(signed).hexdigest(),
        content_id=held.id,
        record_kinds=kinds,
        sensitivities=topics,
        signed_at=now,
        signed_by=user,
        pages=rendition.page_count(signed),
        amends=facts.amends_letter_of,
        source={"brief": facts.opinion.brief, "amendment": facts.amendment},
    )


def _title(letter: Letter) -> str:
    return f"Letter {letter.version}, {letter.kind.replace('_', ' ')}"


def mark_sensitive(said: Assessment, codes: frozenset[Sensitivity]) -> Assessment:
    """The assessment with topics marked that its text carries without citing a record."""
    marked = said.opinion.sensitivities | {code.value for code in codes}
    return replace(said, opinion=replace(said.opinion, sensitivities=marked))
