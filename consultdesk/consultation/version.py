"""Another version of a signed letter: what a consent doesn't cover is left out of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from consultdesk.consultation.assessment import Recommendation, Timing
from consultdesk.consultation.case import Case, Question, raised_flags
from consultdesk.consultation.consent import NEVER_VERBAL, Consent, SignatureKind
from consultdesk.consultation.letter import LetterFacts, LetterKind, cited_sensitivities
from consultdesk.consultation.phrases import sentences
from consultdesk.consultation.record import RecordItem, RecordKind, Sensitivity
from consultdesk.consultation.wording import (
    sensitive_words,
    sensitivities_in,
    sensitivities_of_name,
)

_SAFETY = re.compile(
    r"allerg|anaphyla|hypersensitiv|intoleran|interact|contra-?indicat|red[ -]flag|emergency"
    r"|\b(?:avoid|must not|do not|don['’]t|never)\b|anti-?coagul|bleeding|overdos|toxic",
    re.IGNORECASE,
)
_LONG_WORD = re.compile(r"\w{6,}")
_SAFETY_RECORDS = {
    RecordKind.ALLERGIES: "the allergy list “{name}”",
    RecordKind.MEDICATION_LIST: "the medication list “{name}”, against which interactions are seen",
}
_TEXTS = (
    ("brief", "the answer in brief", True),
    ("diagnosis", "the diagnosis", True),
    ("reasoning", "the reasoning", False),
    ("alternatives", "the alternatives", False),
    ("prognosis", "the prognosis", False),
    ("history", "history and medication", False),
    ("limitations", "the limitations", False),
    ("pending", "the further tests", False),
)
"""The running texts of an opinion: field, what it is called, whether a letter needs it."""


@dataclass(frozen=True)
class Scope:
    """What a consent lets a letter carry."""

    kinds: frozenset[RecordKind]
    topics: frozenset[Sensitivity]

    def covers(self, record: RecordItem) -> bool:
        """Whether a letter may cite this record."""
        return record.kind in self.kinds and record.sensitivities <= self.topics


def scope_of(consent: Consent) -> Scope:
    """What a letter under this consent may carry, its standing left aside."""
    topics = consent.sensitivities
    if consent.signature == SignatureKind.VERBAL:
        topics -= NEVER_VERBAL
    if not consent.sensitivities <= {Sensitivity.PSYTHPN, Sensitivity.N}:
        topics -= {Sensitivity.PSYTHPN}
    return Scope(consent.record_kinds, topics | {Sensitivity.N})


@dataclass(frozen=True)
class Passage:
    """A piece of a letter's text: as it was signed, and as another version would say it.

    A letter can't do without one that is `needed`.
    """

    key: str
    label: str
    was: str
    text: str
    needed: bool = False

    @property
    def changed(self) -> bool:
        """Whether the version says something else."""
        return self.text.strip() != self.was.strip()


@dataclass(frozen=True)
class Version:
    """A signed letter as another version would say it, with what that leaves out.

    `safety` is what of the left-out content warns its reader; each has to be acknowledged.
    `still` are the words that stand against signing, each in one clause.
    """

    facts: LetterFacts
    records: tuple[RecordItem, ...]
    topics: frozenset[Sensitivity]
    passages: tuple[Passage, ...]
    safety: tuple[str, ...]
    still: tuple[str, ...]

    @property
    def leaves_out(self) -> bool:
        """Whether anything of the letter isn't covered."""
        return bool(self.records or self.topics)


def narrowed(
    facts: LetterFacts, scope: Scope, carried: frozenset[Sensitivity], wording: Mapping[str, str]
) -> Version:
    """The letter without what `scope` doesn't cover.

    `carried` are the topics the signed letter carries. Citations of records that aren't covered
    go, and with them every sentence and label that speaks of a topic that isn't; `wording` says
    by the passage's key what a person put in its place. No other word is changed.
    """
    topics = (carried | cited_sensitivities(facts.opinion, facts.records)) - scope.topics
    told = tuple(_told_by_name(record, topics) for record in facts.records)
    cited = {link.record_id for link in facts.opinion.relied_on}
    out = tuple(record for record in told if record.id in cited and not scope.covers(record))
    covered = {record.id for record in told if scope.covers(record)}
    quiet = {"first diagnosis"} if any(r.kind is RecordKind.FIRST_OPINION for r in out) else set()
    passages = tuple(
        replace(
            one,
            text=wording.get(one.key, "" if one.key in quiet else _without(one.was, topics)),
        )
        for one in _passages(facts)
    )
    opinion = replace(
        facts.opinion,
        relied_on=tuple(
            replace(one, place=_unless_telling(one.place, topics))
            for one in facts.opinion.relied_on
            if one.record_id in covered
        ),
        sensitivities=frozenset(
            code for code in facts.opinion.sensitivities if Sensitivity(code) in scope.topics
        ),
        certainty=facts.opinion.certainty or _own_certainty(facts),
    )
    case = _asked_by_nobody_telling(facts.case, topics)
    fresh = replace(facts, case=case, opinion=opinion, records=told, limited=True)
    return Version(
        _reworded(fresh, {one.key: one.text for one in passages}),
        out,
        topics,
        passages,
        (*_warnings(facts, passages), *_safety_records(out)),
        tuple(_standing_against(passages, topics)),
    )


def _told_by_name(record: RecordItem, topics: frozenset[Sensitivity]) -> RecordItem:
    """A record whose very name gives a topic away counts as one on that topic."""
    named = sensitivities_of_name(f"{record.name} {record.source}") & topics
    return replace(record, sensitivities=record.sensitivities | named) if named else record


def _unless_telling(words: str, topics: frozenset[Sensitivity]) -> str:
    """The few words of a label, none where they give a topic away."""
    return "" if sensitivities_of_name(words) & topics else words


def _asked_by_nobody_telling(case: Case, topics: frozenset[Sensitivity]) -> Case:
    questions = tuple(
        replace(one, asked_by=_unless_telling(one.asked_by, topics))
        for one in case.referral.questions
    )
    return replace(case, referral=replace(case.referral, questions=questions))


def _own_certainty(facts: LetterFacts) -> str:
    """How certain the own read is, where the diagnosis is still its own: rewording keeps it."""
    own = facts.opinion.diagnosis in ("", facts.own_read.diagnosis)
    return facts.own_read.certainty if own else ""


def _without(text: str, topics: frozenset[Sensitivity]) -> str:
    """A text without the sentences that speak of these topics."""
    if not sensitivities_in(text) & topics:
        return text
    lines = (
        " ".join(one.text for one in sentences(line) if not sensitivities_in(one.text) & topics)
        for line in text.split("\n")
    )
    return "\n".join(line for line in lines if line)


def _standing_against(
    passages: tuple[Passage, ...], topics: frozenset[Sensitivity]
) -> Iterator[str]:
    for one in passages:
        if one.needed and one.was.strip() and not one.text.strip():
            yield f"write {one.label} without what is left out"
        telling = sensitivities_in(one.text) & topics
        words = next((w.words for w in sensitive_words(one.text) if w.sensitivity in telling), "")
        if telling:
            yield f"reword {one.label}: “{words}” isn't covered"


# --- passages -------------------------------------------------------------------------------


def _passages(facts: LetterFacts) -> Iterator[Passage]:
    """Every text of the letter that somebody wrote for it."""
    if facts.kind is LetterKind.ADDENDUM:
        yield _passage("amendment", "the text of the addendum", facts.amendment, needed=True)
        return
    opinion, case = facts.opinion, facts.case
    for key, label, needed in _TEXTS:
        yield _passage(key, label, getattr(opinion, key), needed=needed)
    for n, danger in enumerate(opinion.danger, 1):
        yield _passage(f"danger {n}", f"danger item {n}", danger)
    for n, item in enumerate(opinion.recommendations, 1):
        yield _passage(f"action {n}", f"action {n}", item.action)
        yield _passage(f"owner {n}", f"who does action {n}", item.owner, needed=True)
        if item.timing is Timing.CONDITION:
            yield _passage(f"when {n}", f"the time of action {n}", item.when, needed=True)
    for asked in case.referral.questions:
        yield _passage(f"question {asked.n}", f"question {asked.n}", asked.text, needed=True)
        answer, why = asked.answer, asked.cannot_answer
        yield _passage(
            f"answer {asked.n}", f"the answer to question {asked.n}", answer, needed=True
        )
        label = f"why question {asked.n} can't be answered"
        yield _passage(f"reason {asked.n}", label, why, needed=True)
    first = case.referral.first_diagnosis
    yield _passage("first diagnosis", "the first diagnosis", first)
    for n, waived in enumerate(case.overrides, 1):
        label = f"why a record is missing ({waived.what.removeprefix('record:').replace('_', ' ')})"
        yield _passage(f"missing {n}", label, waived.reason, needed=True)


def _passage(key: str, label: str, text: str, *, needed: bool = False) -> Passage:
    return Passage(key, label, text, text, needed)


def _reworded(facts: LetterFacts, said: Mapping[str, str]) -> LetterFacts:
    """The facts with every passage as it is said under its key."""
    opinion = facts.opinion
    texts = {key: said.get(key, getattr(opinion, key)) for key, _label, _needed in _TEXTS}
    return replace(
        facts,
        amendment=said.get("amendment", facts.amendment),
        case=_case_reworded(facts.case, said),
        opinion=replace(
            opinion,
            **texts,
            danger=tuple(
                text
                for n, danger in enumerate(opinion.danger, 1)
                if (text := said.get(f"danger {n}", danger)).strip()
            ),
            recommendations=tuple(
                fresh
                for n, item in enumerate(opinion.recommendations, 1)
                if (fresh := _action_reworded(n, item, said)).action.strip()
            ),
        ),
    )


def _action_reworded(n: int, item: Recommendation, said: Mapping[str, str]) -> Recommendation:
    return replace(
        item,
        action=said.get(f"action {n}", item.action),
        owner=said.get(f"owner {n}", item.owner),
        when=said.get(f"when {n}", item.when),
    )


def _case_reworded(case: Case, said: Mapping[str, str]) -> Case:
    def asked(one: Question) -> Question:
        return replace(
            one,
            text=said.get(f"question {one.n}", one.text),
            answer=said.get(f"answer {one.n}", one.answer),
            cannot_answer=said.get(f"reason {one.n}", one.cannot_answer),
        )

    return replace(
        case,
        referral=replace(
            case.referral,
            questions=tuple(asked(one) for one in case.referral.questions),
            first_diagnosis=said.get("first diagnosis", case.referral.first_diagnosis),
        ),
        overrides=tuple(
            replace(one, reason=said.get(f"missing {n}", one.reason))
            for n, one in enumerate(case.overrides, 1)
        ),
    )


# --- what warned the reader -----------------------------------------------------------------


def _warnings(facts: LetterFacts, passages: tuple[Passage, ...]) -> tuple[str, ...]:
    """What of the words left out is an allergy, an interaction, a red flag or a danger item."""
    flags = " ".join(flag.text for flag in raised_flags(facts.case))
    raised = {word.casefold() for word in _LONG_WORD.findall(flags)}
    found = []
    for one in passages:
        if not one.changed or _plain(one.was) in _plain(one.text):
            continue
        if one.key.startswith("danger"):
            found.append(f"the danger item “{one.was.strip()}”")
        elif one.key.startswith("action") and not one.text.strip():
            found.append(f"the action “{one.was.strip()}”")
        else:
            found += [f"“{gone}” ({one.label})" for gone in _gone(one) if _warns(gone, raised)]
    return tuple(dict.fromkeys(found))


def _gone(passage: Passage) -> tuple[str, ...]:
    kept = _plain(passage.text)
    lines = passage.was.split("\n")
    said = (one.text for line in lines for one in sentences(line))
    return tuple(text for text in said if _plain(text) not in kept)


def _warns(text: str, raised: set[str]) -> bool:
    words = {word.casefold() for word in _LONG_WORD.findall(text)}
    return bool(_SAFETY.search(text) or words & raised)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _safety_records(records: tuple[RecordItem, ...]) -> tuple[str, ...]:
    return tuple(
        words.format(name=record.name)
        for record in records
        if (words := _SAFETY_RECORDS.get(record.kind, ""))
    )
