"""A look over a letter before it is signed, for what judges a colleague or wounds a patient."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache

from consultdesk.consultation.collegiality_aims import AIMS
from consultdesk.consultation.collegiality_claims import CLAIMS
from consultdesk.consultation.collegiality_colleague import CRITICISM, NOT_SEEN, OF_COLLEAGUES
from consultdesk.consultation.collegiality_conduct import OF_CONDUCT
from consultdesk.consultation.collegiality_frames import FRAMES
from consultdesk.consultation.collegiality_idioms import IDIOMS
from consultdesk.consultation.collegiality_marks import framed, marked
from consultdesk.consultation.collegiality_words import HitClass as HitClass
from consultdesk.consultation.collegiality_words import compiled
from consultdesk.consultation.phrases import Sentence, denied_in_clause, quotations, sentences
from consultdesk.consultation.record import RecordKind


@dataclass(frozen=True)
class Hit:
    """A passage from `start` up to, not including, `end`: why it is shown, and other words.

    Nothing is ever edited by itself.
    """

    hit_class: HitClass
    start: int
    end: int
    why: str
    suggestion: str

    @property
    def needs_acknowledgement(self) -> bool:
        """Whether it must be reworded or answered for; the others are advice."""
        return self.hit_class in (HitClass.INSULT, HitClass.SOLICIT)


def _rules(hit_class: HitClass, *, marks: bool) -> tuple[str, ...]:
    groups = (FRAMES, AIMS, IDIOMS, CLAIMS) if marks else (OF_COLLEAGUES, OF_CONDUCT)
    return tuple(fragment for group in groups for fragment in group.get(hit_class, ()))


@cache
def _together(hit_class: HitClass, *, marks: bool) -> re.Pattern[str] | None:
    """All rules of a class as one pattern, made when first needed, which takes time."""
    rules = _rules(hit_class, marks=marks)
    return (framed if marks else compiled)("|".join(rules)) if rules else None


@cache
def _each(hit_class: HitClass, *, marks: bool) -> tuple[re.Pattern[str], ...]:
    """Every rule of a class; most letters never need them, so they are not made before."""
    make = framed if marks else compiled
    return tuple(make(rule) for rule in _rules(hit_class, marks=marks))


_WORDING: dict[HitClass, tuple[str, str]] = {
    HitClass.FAULT: (
        "It says that a colleague was at fault. The letter gives your reading; a genuine error is "
        "told to the colleague, physician to physician, and recorded.",
        'Say what you see: "My reading differs: …", with the measurement or finding.',
    ),
    HitClass.SHOULD_HAVE: (
        "It judges with hindsight what others could not know then.",
        'Say what is useful now: "I would now obtain …, because …".',
    ),
    HitClass.FAILURE: (
        "It presents a colleague as having failed to act. The records may not show everything.",
        'Say what is on record: "I found no … in the records I received."',
    ),
    HitClass.EVALUATIVE: (
        "It grades a colleague's care.",
        'Describe instead of grading: "The records show …; I would add …".',
    ),
    HitClass.EMOTION: (
        "It expresses feelings about a colleague's care.",
        "Leave the feeling out and give the finding and your reason.",
    ),
    HitClass.NORM: (
        "It measures a colleague against what everyone supposedly does.",
        'Give the source instead: "The guideline … recommends …", or your own reason.',
    ),
    HitClass.INSULT: ("It insults somebody.", "Take it out."),
    HitClass.SCARE: (
        "It frightens the patient about being treated elsewhere.",
        "Give the risk in numbers, with its source, and what lowers it.",
    ),
    HitClass.MOTIVE: (
        "It supposes a motive behind a colleague's care.",
        "Leave the motive out; compare the benefits and risks of the options.",
    ),
    HitClass.SOLICIT: (
        "It draws the patient away from the treating physician, or praises the own practice.",
        '"You remain the treating physician. I am available for questions by telephone."',
    ),
    HitClass.UNREVIEWED: (
        "It criticises care whose record was not seen.",
        'Name what is missing: "I could not review …, which was not included."',
    ),
    HitClass.PATIENT: (
        "These words are known to lower other readers' opinion of a patient.",
        'Use neutral words: "reports", "does not take the medication because …", "the history was '
        'incomplete".',
    ),
}

_JUDGES = frozenset(
    {
        HitClass.FAULT,
        HitClass.SHOULD_HAVE,
        HitClass.FAILURE,
        HitClass.EVALUATIVE,
        HitClass.EMOTION,
        HitClass.NORM,
    }
)
_SAID_BY_OTHERS = re.compile(
    r"""\b(?:patient|she|he|they|family|wife|husband|mother|father|daughter|son|parents?|relatives?
    |partner|you)\s+(?:\w+\s+)?(?:asks?|asked|asking|wonders?|wondered|wants?\s+to\s+know|writes?|wrote
    |feels?|felt|believes?|believed|says?|said|told|thinks?|thought|reports?|reported|states?|stated
    |fears?|feared|questions?|questioned|worr(?:y|ies|ied)
    |(?:is|was|are)\s+(?:worried|afraid|concerned|convinced|unsure))\b""",
    re.VERBOSE | re.IGNORECASE,
)
_QUESTION = re.compile(r"\b(?:whether|question\s+(?:is|was)\s+if)\b", re.IGNORECASE)
_PATIENTS_CHOICE = re.compile(
    r"\b(?:patient|she|he|they|family)\s+(?:\w+\s+)?(?:stop|discontinu|declin|interrupt|skip|"
    r"afford|"
    r"paus|switch|postpon|cancel|cannot|refus|chose|prefer)\w*",
    re.IGNORECASE,
)
# "Do not listen to that …" denies nothing that is said of the person.
_ORDER = re.compile(
    r"(?:^|[,;:]\s*|please\s+)(?:do\s+not|don['’]t|never)\s[^.,;:]*$", re.IGNORECASE
)
_NAMES: dict[RecordKind, str] = {
    RecordKind.OPERATIVE_NOTE: r"operation|operati(?:ve|ng)|surgery|surgical|surgeon|decompression",
    RecordKind.PATHOLOGY_REPORT: r"patholog\w+|histolog\w+|biopsy",
    RecordKind.SLIDE: r"slides?|patholog\w+|histolog\w+",
    RecordKind.IMAGING: r"MRI|CT|imaging|images?|scans?|radiograph\w*|radiolog\w+|x-ray",
    RecordKind.IMAGING_REPORT: r"radiolog\w+|(?:MRI|CT|imaging|scan)\s+report",
    RecordKind.LABORATORY: r"laborator\w+|blood\s+tests?",
    RecordKind.CLINIC_NOTE: r"consultation|visit|examination|clinic|work-?up",
    RecordKind.TREATMENT_SUMMARY: r"chemotherapy|radiotherapy|radiation",
    RecordKind.DISCHARGE: r"admission|hospital\s+stay|ward|discharge",
    RecordKind.MEDICATION_LIST: r"medication|prescri\w+|dose",
}


class _Excuses:
    """What in a sentence is quoted, denied, or somebody else's view."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.quotes = quotations(text)
        self.views_from = _first(text, _SAID_BY_OTHERS, _QUESTION)
        self.choice_from = _first(text, _PATIENTS_CHOICE)

    def cover(self, start: int, end: int, hit_class: HitClass) -> bool:
        """Whether a passage of that class is excused."""
        if any(opens < start and end < closes for opens, closes in self.quotes):
            return True
        ordered = hit_class is HitClass.INSULT and _ORDER.search(
            self.text[max(0, start - 70) : start]
        )
        if denied_in_clause(self.text, start) and not ordered:
            return True
        if hit_class is HitClass.MOTIVE:
            return self.choice_from <= start
        return hit_class in _JUDGES and self.views_from <= start


def _spans(text: str, marked_text: str, hit_class: HitClass) -> Iterator[tuple[int, int]]:
    """Every passage that a rule of the class finds, rule by rule."""
    for piece, marks in ((text, False), (marked_text, True)):
        # One look for all rules first: most sentences hold nothing.
        together = _together(hit_class, marks=marks)
        if together and together.search(piece):
            each = _each(hit_class, marks=marks)
            yield from (match.span() for pattern in each for match in pattern.finditer(piece))


def _first(text: str, *patterns: re.Pattern[str]) -> int:
    """Where the first of what the patterns find ends, beyond the text where there is none."""
    return min((m.end() for p in patterns if (m := p.search(text))), default=len(text) + 1)


def check(text: str, absent: Collection[RecordKind] = ()) -> tuple[Hit, ...]:
    """Every passage a second look is worth, in order; one of each class per sentence at most.

    `absent` are the kinds of record that were not received. What is quoted, denied, or
    reported as somebody else's view is left alone, and so is honest disagreement.
    """
    return tuple(hit for sentence in sentences(text) for hit in _of_sentence(sentence, absent))


def _of_sentence(sentence: Sentence, absent: Collection[RecordKind]) -> Iterator[Hit]:
    found: dict[HitClass, tuple[int, int]] = {}
    excuses = _Excuses(sentence.text)
    marked_text = marked(sentence.text)
    for hit_class in HitClass:
        spans = _spans(sentence.text, marked_text, hit_class)
        if span := next((s for s in spans if not excuses.cover(*s, hit_class)), None):
            found[hit_class] = span
    if unseen := _unreviewed(sentence.text, found, absent):
        found[HitClass.UNREVIEWED] = unseen
    for hit_class, (start, end) in sorted(found.items(), key=lambda item: item[1]):
        why, suggestion = _WORDING[hit_class]
        yield Hit(hit_class, sentence.start + start, sentence.start + end, why, suggestion)


def _unreviewed(
    text: str, found: dict[HitClass, tuple[int, int]], absent: Collection[RecordKind]
) -> tuple[int, int] | None:
    """The criticism in a sentence about care whose record is absent, None where there is none."""
    spans = [span for hit_class, span in found.items() if hit_class in _JUDGES]
    harsh = CRITICISM.search(text)
    if NOT_SEEN.search(text):
        return spans[0] if spans else harsh.span() if harsh else None
    about = [_NAMES[kind] for kind in absent if kind in _NAMES]
    if spans and about and re.search(rf"\b(?:{'|'.join(about)})\b", text, re.IGNORECASE):
        return spans[0]
    return None
