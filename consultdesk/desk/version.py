"""Another version of a signed letter, for a recipient whose consent covers less than it says."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from consultdesk.consultation.assessment import Phase, missing_for_signing
from consultdesk.consultation.audit import Act, Role
from consultdesk.consultation.consent import Purpose
from consultdesk.consultation.letter import Letter, LetterFacts, LetterKind
from consultdesk.consultation.patient import ChannelKind, Recipient
from consultdesk.consultation.version import Scope, Version, narrowed, scope_of
from consultdesk.desk import access
from consultdesk.desk.acts import is_signed
from consultdesk.desk.attempts import reauthenticate
from consultdesk.desk.cases import CaseFile, case_file
from consultdesk.desk.letter import Check, carried_by, check_of, keep_letter, looked_over
from consultdesk.desk.letter_facts import facts_of
from consultdesk.desk.opinion import assessment_of
from consultdesk.desk.sending import Sending, consent_for_version
from consultdesk.errors import FormIncomplete, NotFound
from consultdesk.letters import pdf, template
from consultdesk.vault import assessments
from consultdesk.vault.rows import Reading, Writing
from consultdesk.vault.vault import Vault

_QUIET = frozenset({"draft"})


@dataclass(frozen=True)
class Rewriting:
    """What a person asks: of which signed letter, for what purpose, said how.

    `wording` replaces passages under their key. `reasons` acknowledge what of the left-out
    content warns the reader, under its own words, and what the new wording must answer for,
    under `hit_key` and `side_key`.
    """

    letter_id: str
    purpose: Purpose
    wording: Mapping[str, str] = field(default_factory=dict, repr=False)
    reasons: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Prepared:
    """Another version as it stands: the signed letter, its recipient, and what blocks it."""

    letter: Letter
    recipient: Recipient
    version: Version
    scope: Scope
    check: Check
    blocking: tuple[str, ...]


def prepare(vault: Vault, number: str, asked: Rewriting, now: int) -> Prepared:
    """Another version of a signed letter as it would be signed now; nothing is kept.

    Raises FormIncomplete where no version would help, NotFound.
    """
    with vault.read() as reading:
        return _prepared(vault, reading, number, asked, now)


def preview(vault: Vault, number: str, asked: Rewriting, now: int) -> bytes:
    """The version as it stands, as a PDF marked as a draft. Raises as `prepare` does."""
    return pdf.render(template.fill(prepare(vault, number, asked, now).version.facts))


def sign(
    vault: Vault,
    number: str,
    asked: Rewriting,
    passphrase: str,
    now: int,
    *,
    read_through: bool,
) -> Letter:
    """Sign another version for good, as a letter of its own; the first stays as it is.

    `read_through` is the physician's word that nothing left out is repeated in it: of what a
    record says, no program can tell. Raises VaultLocked (wrong passphrase), FormIncomplete
    naming what is open, LetterUnprintable, NotAllowed.
    """
    access.require(vault, Role.PHYSICIAN)
    reauthenticate(vault, passphrase, now)
    if not read_through:
        raise FormIncomplete(
            "Confirm that you have read this version, and that it repeats nothing left out."
        )
    origin = _origin(prepare(vault, number, asked, now), asked)

    def gather(reading: Reading) -> LetterFacts:
        found = _prepared(vault, reading, number, asked, now, signed=True)
        if found.blocking:
            raise FormIncomplete("This version can't be signed yet:", found.blocking)
        _check_covered(found)
        if _origin(found, asked) != origin:
            raise FormIncomplete("The case was changed meanwhile. Look at the letter again.")
        return found.version.facts

    def also(writing: Writing, facts: LetterFacts) -> None:
        assessments.drop_draft(writing, facts.case.id, Phase.VERSION)

    return keep_letter(vault, "sign_version", now, gather, also, origin)


def keep(vault: Vault, number: str, asked: Rewriting, now: int) -> int:
    """Keep a version as it is being written; returns when it was kept (UTC ms)."""
    access.require(vault, Role.PHYSICIAN)
    with vault.read() as reading:
        case_id = access.find(reading, number).id
    body = {
        "letter": asked.letter_id,
        "wording": dict(asked.wording),
        "reasons": dict(asked.reasons),
    }
    with vault.act(Act("save_version", now, case_id=case_id, topics=_QUIET)) as writing:
        if not is_signed(access.find(writing, number)):
            raise FormIncomplete("There is no signed letter to make another version of.")
        assessments.save_draft(writing, case_id, Phase.VERSION, body, now)
    return now


def kept(vault: Vault, number: str, letter_id: str, purpose: Purpose) -> Rewriting:
    """The version of that letter as it was last written, a fresh one when none was."""
    with vault.read() as reading:
        case = access.find(reading, number)
        held = assessments.draft(reading, case.id, Phase.VERSION)
    if held is None or held[1]["letter"] != letter_id:
        return Rewriting(letter_id, purpose)
    return Rewriting(letter_id, purpose, dict(held[1]["wording"]), dict(held[1]["reasons"]))


# --- inside -------------------------------------------------------------------------------


def _prepared(
    vault: Vault,
    reading: Reading,
    number: str,
    asked: Rewriting,
    now: int,
    *,
    signed: bool = False,
) -> Prepared:
    case = access.find(reading, number)
    file = case_file(reading, case)
    letter = _first(file, asked.letter_id)
    scope = _scope(vault, reading, number, letter, asked.purpose, now)
    _check_new(file, letter, scope)
    amendment = letter.source.get("amendment", "")
    facts = facts_of(reading, number, letter.kind, vault.user, now, amendment, signed=signed)
    if facts.recipient.id != letter.recipient_id:
        raise FormIncomplete(
            "The treating physician of the case isn't the one this letter was written to.",
            cure="Name the physician again, or release to the patient only.",
        )
    version = narrowed(facts, scope, letter.sensitivities, asked.wording)
    text = "\n".join(one.text for one in version.passages if one.text.strip())
    check = looked_over(file, text, {**facts.opinion.overrides, **asked.reasons})
    blocking = (
        *check_of(file, assessment_of(reading, case)).missing,
        *version.still,
        *(missing_for_signing(version.facts.opinion) if _whole(letter) else ()),
        *check.blocking,
        *(
            f"say why it may be left out: {words}"
            for words in version.safety
            if not asked.reasons.get(words, "").strip()
        ),
    )
    return Prepared(letter, facts.recipient, version, scope, check, tuple(dict.fromkeys(blocking)))


def _whole(letter: Letter) -> bool:
    return letter.kind is not LetterKind.ADDENDUM


def _first(file: CaseFile, letter_id: str) -> Letter:
    """The letter itself, also where another version of it was named."""
    by_id = {one.id: one for one in file.letters}
    found = by_id.get(letter_id)
    while found is not None and found.version_of:
        found = by_id.get(found.version_of)
    if found is None:
        raise NotFound("That letter isn't part of this case.")
    return found


def _scope(
    vault: Vault, reading: Reading, number: str, letter: Letter, purpose: Purpose, now: int
) -> Scope:
    wish = Sending(number, letter.id, ChannelKind.HAND_OVER_SAVE, purpose, "")
    consent = consent_for_version(vault, reading, wish, now)
    if consent is None:
        raise FormIncomplete(
            "Another version wouldn't help: what keeps this letter here, if anything, isn't what "
            "it says.",
            cure="Look at what the gate says, and at the consents.",
        )
    return scope_of(consent)


def _check_new(file: CaseFile, letter: Letter, scope: Scope) -> None:
    for one in file.letters:
        fits = one.record_kinds <= scope.kinds and one.sensitivities <= scope.topics
        if one.version_of == letter.id and fits:
            raise FormIncomplete(
                "A version that the consent covers is signed already.",
                cure="Choose it among the letters. What is new goes into an addendum.",
            )


def _check_covered(found: Prepared) -> None:
    """What would be signed is measured as the gate will measure it."""
    kinds, topics = carried_by(found.version.facts)
    if not (kinds <= found.scope.kinds and topics <= found.scope.topics):
        raise FormIncomplete("This version still carries what the consent doesn't cover.")


def _origin(found: Prepared, asked: Rewriting) -> dict[str, str]:
    """What the row of the version says of where it comes from; sealed with it."""
    names = sorted(record.name for record in found.version.records)
    said = {words: asked.reasons.get(words, "") for words in found.version.safety}
    return {
        "version_of": found.letter.id,
        "left_out": json.dumps([*names, *sorted(found.version.topics)], ensure_ascii=False),
        "acknowledged": json.dumps(said, ensure_ascii=False),
    }
