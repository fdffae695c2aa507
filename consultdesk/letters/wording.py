"""The facts of a letter as the plain strings that a template may use."""

import unicodedata
from collections.abc import Mapping

from consultdesk.consultation.assessment import (
    DisagreementType,
    Evidence,
    Recommendation,
    Timing,
)
from consultdesk.consultation.form import Certainty
from consultdesk.consultation.letter import (
    LetterFacts,
    cited_kinds,
    cited_sensitivities,
)
from consultdesk.consultation.patient import ChannelKind, RecipientKind
from consultdesk.consultation.record import RecordItem, RecordKind, Sensitivity
from consultdesk.errors import LetterUnprintable
from consultdesk.letters.dates import long_date

Strings = dict[str, str]
Words = Mapping[str, str | Strings | list[Strings]]
"""What a template sees: strings, dicts of strings, and lists of those. Nothing with a method."""

KIND_WORDS = {
    RecordKind.CLINIC_NOTE: "Clinic note",
    RecordKind.FIRST_OPINION: "First opinion",
    RecordKind.IMAGING_REPORT: "Imaging report",
    RecordKind.IMAGING: "Imaging",
    RecordKind.PATHOLOGY_REPORT: "Pathology report",
    RecordKind.SLIDE: "Pathology slide",
    RecordKind.LABORATORY: "Laboratory results",
    RecordKind.GENETICS: "Genetic test results",
    RecordKind.OPERATIVE_NOTE: "Operative note",
    RecordKind.DISCHARGE: "Discharge letter",
    RecordKind.MEDICATION_LIST: "Medication list",
    RecordKind.ALLERGIES: "Allergy list",
    RecordKind.TREATMENT_SUMMARY: "Treatment summary",
    RecordKind.PATIENT_QUESTIONS: "Questions of the patient",
    RecordKind.CONSENT_FORM: "Consent form",
    RecordKind.INSURANCE: "Insurance document",
    RecordKind.PHOTOGRAPH: "Photograph",
    RecordKind.CORRESPONDENCE: "Correspondence",
    RecordKind.OTHER: "Other record",
}
_PICTURES = frozenset({RecordKind.IMAGING, RecordKind.SLIDE, RecordKind.PHOTOGRAPH})

_SEX = {"f": "female", "m": "male", "o": "other", "u": ""}
_PHYSICIANS = frozenset({RecipientKind.TREATING_PHYSICIAN, RecipientKind.OTHER_PHYSICIAN})
_TITLES = ("dr", "prof", "pd", "priv", "mr", "ms", "mrs", "sir", "dame")


def words(facts: LetterFacts, scale: tuple[Certainty, ...]) -> Words:
    """Everything a template may draw on, and no grade of impact among it.

    `scale` is the specialty's scale of certainty.
    """
    opinion, comparison = facts.opinion, facts.comparison
    diagnosis = opinion.diagnosis or facts.own_read.diagnosis
    own = opinion.diagnosis in ("", facts.own_read.diagnosis)
    certainty = opinion.certainty or (facts.own_read.certainty if own else "")
    disagreement = comparison.disagreement
    if disagreement is DisagreementType.MISSED_FINDING:
        # true or not, a letter doesn't say so of a colleague
        disagreement = None
    return {
        **_people(facts),
        "written_on": long_date(facts.written_on),
        "version": str(facts.version),
        "matter": _matter(facts),
        "initiator": str(facts.case.referral.initiator),
        "pending": opinion.pending.strip(),
        "brief": opinion.brief.strip(),
        "recommendations": [_action(item) for item in opinion.recommendations],
        "danger": [{"text": item.strip()} for item in opinion.danger if item.strip()],
        "questions": _questions(facts),
        "diagnosis": diagnosis.strip(),
        **_certainty(certainty, scale),
        "first_diagnosis": _first_diagnosis(facts),
        "relation": str(comparison.relation or ""),
        "treatment": str(comparison.treatment or ""),
        "disagreement": str(disagreement or ""),
        "prognosis": opinion.prognosis.strip(),
        "reasoning": opinion.reasoning.strip(),
        "alternatives": opinion.alternatives.strip(),
        "history": opinion.history.strip(),
        "limitations": opinion.limitations.strip(),
        "examination": str(opinion.examination),
        "overrides": _overrides(facts),
        **_records(facts),
        "follow_up_owner": str(opinion.follow_up_owner or ""),
        "follow_up_date": long_date(opinion.follow_up_date),
        "amendment": facts.amendment.strip(),
        "amended_on": long_date(facts.amends_letter_of),
    }


def _people(facts: LetterFacts) -> dict[str, str | Strings | list[Strings]]:
    patient, physician, practice = facts.patient, facts.physician, facts.practice
    representative = patient.representative
    return {
        "case": {"number": facts.case.number, "specialty": facts.case.specialty.replace("_", " ")},
        "patient": {
            "name": patient.name,
            "born": long_date(patient.birth_date),
            "sex": sex(patient.sex),
        },
        "representative": {
            "name": representative.name if representative else "",
            "authority": representative.authority if representative else "",
        },
        "recipient": {"name": facts.recipient.name, "kind": str(facts.recipient.kind)},
        "physician": {
            "name": physician.name if physician else "",
            "practice": physician.practice if physician else "",
            "reads": _flag(physician is not None and physician.id == facts.recipient.id),
            "primary": _flag(physician is not None and physician.primary_contact),
        },
        "practice": {
            "name": practice.name,
            "phone": practice.phone.strip(),
            "email": practice.email.strip(),
        },
        "author": {"name": facts.author.name, "specialty": facts.author.specialty},
        "salutation": _salutation(facts),
    }


def _certainty(code: str, scale: tuple[Certainty, ...]) -> Strings:
    """The step of the scale for a colleague and for a patient; `banded` where it is a chance."""
    step = next((step for step in scale if step.code == code), None)
    if step is None:
        shown = code.replace("_", " ").strip()
        return {"certainty": shown, "certainty_plainly": shown, "certainty_banded": _flag(True)}
    plainly = f"{step.label}, {_chances(step)}" if step.low is not None else step.label
    if step.code == "diagnostic_of":
        plainly = "we are sure of it"
    banded = scale[0].code == "diagnostic_of" or any(step.low is not None for step in scale)
    return {
        "certainty": step.shown,
        "certainty_plainly": plainly,
        "certainty_banded": _flag(banded),
    }


def _chances(step: Certainty) -> str:
    low, high = step.low or 0, step.high or 100
    if high >= 100:
        return f"more than {low:g} in 100"
    return f"less than {high:g} in 100" if low <= 0 else f"{low:g} to {high:g} in 100"


def _flag(yes: bool) -> str:
    return "yes" if yes else ""


def _salutation(facts: LetterFacts) -> str:
    name = facts.recipient.name.strip()
    if facts.recipient.kind in (RecipientKind.INSURER, RecipientKind.COURT) or not name:
        return "Dear Sir or Madam,"
    if facts.recipient.kind in _PHYSICIANS and not name.casefold().startswith(_TITLES):
        return f"Dear Dr {name.split(',')[0]},"
    return f"Dear {name},"


def sex(code: str) -> str:
    """The administrative sex in a word; what isn't a code stays as it is."""
    return _SEX.get(code.strip().casefold(), code.strip())


def _matter(facts: LetterFacts) -> str:
    return ", ".join(
        part for part in (facts.case.level.strip(), facts.case.laterality.strip()) if part
    )


def _action(item: Recommendation) -> Strings:
    when = long_date(item.when) if item.timing is Timing.DATE else item.when
    return {
        "action": item.action.strip(),
        "owner": item.owner.strip(),
        "timing": item.timing.name.lower(),
        "when": when.strip(),
    }


def _questions(facts: LetterFacts) -> list[Strings]:
    return [
        {
            "n": str(q.n),
            "text": q.text.strip(),
            "asked_by": q.asked_by.strip(),
            "answer": q.answer.strip(),
            "cannot_answer": q.cannot_answer.strip(),
        }
        for q in sorted(facts.case.referral.questions, key=lambda q: q.n)
    ]


def _first_diagnosis(facts: LetterFacts) -> str:
    """It is sealed until the own read is locked, in a preview too."""
    if facts.own_read.locked_at is None:
        return ""
    return facts.case.referral.first_diagnosis.strip()


def _overrides(facts: LetterFacts) -> list[Strings]:
    told = []
    for override in facts.case.overrides:
        kind = override.what.removeprefix("record:")
        known = kind in set(RecordKind)
        told.append(
            {
                "record": KIND_WORDS[RecordKind(kind)] if known else "",
                "what": "" if known else override.what.replace("_", " "),
                "reason": override.reason.strip().rstrip("."),
            }
        )
    return told


def _records(facts: LetterFacts) -> dict[str, str | list[Strings]]:
    """The records a letter names: those cited, and others that reveal no more than they do.

    The gate holds the cited kinds and topics against the consent; so a record of another
    kind, or on another sensitive topic, is counted and not named.
    """
    links = facts.opinion.relied_on
    cited = {link.record_id for link in links}
    kinds = cited_kinds(facts.opinion, facts.records)
    topics = cited_sensitivities(facts.opinion, facts.records)
    of_patient = [
        r for r in facts.records if r.right_patient is not False and not r.entered_in_error
    ]
    nameable = [
        r
        for r in of_patient
        if r.id in cited or (r.kind in kinds and r.sensitivities <= topics | {Sensitivity.N})
    ]
    read = [r for r in nameable if r.readable]
    further = len([r for r in of_patient if r.readable]) - len(read)
    missing = [KIND_WORDS[kind] for kind in facts.missing_records]
    return {
        "records": [_record(r, links) for r in read],
        "further_records": str(further) if further > 0 else "",
        # read and relied on, yet not cited: then it mustn't say that nothing rests on them
        "further_unnamed": _flag(
            facts.limited or any(e.record_id not in cited for e in facts.own_read.evidence)
        ),
        "limited": _flag(facts.limited),
        "missing_records": [{"kind": kind} for kind in missing],
        "unreadable_records": [_record(r, links) for r in nameable if not r.readable],
    }


def _record(record: RecordItem, links: tuple[Evidence, ...]) -> Strings:
    unit = "image" if record.kind in _PICTURES else "page"
    mine = [link for link in links if link.record_id == record.id]
    places = dict.fromkeys(link.place.strip() for link in mine if link.place.strip())
    return {
        "kind": KIND_WORDS[record.kind],
        "name": record.name.strip(),
        "date": long_date(record.event_date) or "undated",
        "source": record.source.strip(),
        "extent": f"{record.pages} {unit}{'' if record.pages == 1 else 's'}",
        "relied_on": _flag(bool(mine)),
        "places": "; ".join(places),
    }


def address(facts: LetterFacts) -> tuple[str, ...]:
    """The lines of the recipient's block: name, practice, and a verified postal address."""
    recipient = facts.recipient
    post = next(
        (c.address for c in recipient.channels if c.kind is ChannelKind.POST and c.verified), ""
    )
    lines = [recipient.name, *recipient.practice.split("\n"), *post.split("\n")]
    return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))


# --- cleaning -------------------------------------------------------------------------

_BREAKS = dict.fromkeys(map(ord, "\r\x0b\x0c\x85\u2028\u2029"), "\n")


def cleaned(value: str, place: str) -> str:
    """A text as it can be set: composed characters, plain line breaks, nothing invisible.

    Raises LetterUnprintable at a control character, which stands for nothing on paper.
    """
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).translate(_BREAKS)
    kept = []
    for character in text.replace("\t", " "):
        category = unicodedata.category(character)
        if category in ("Cc", "Cs", "Co", "Cn") and character != "\n":
            raise LetterUnprintable(
                f"The letter can't be printed: {place} contains an invisible control character "
                f"(U+{ord(character):04X}).",
                kept="Nothing you wrote is lost.",
                cure="Delete it, or type that passage again.",
            )
        if category != "Cf":
            kept.append(character)
    return "".join(kept).strip()


def clean(facts: Words) -> Words:
    """Every string of the facts cleaned; an error names its place."""
    return {
        key: [_clean_strings(item, f"{key}, {n}") for n, item in enumerate(value, 1)]
        if isinstance(value, list)
        else (_clean_strings(value, key) if isinstance(value, dict) else cleaned(value, _name(key)))
        for key, value in facts.items()
    }


def _clean_strings(strings: Strings, place: str) -> Strings:
    return {key: cleaned(value, _name(f"{place}, {key}")) for key, value in strings.items()}


def _name(key: str) -> str:
    return f"“{key.replace('_', ' ')}”"
