"""What free text says of itself: kind, patient, physician, question, and where it concludes."""

import re
from collections.abc import Iterable, Iterator

from consultdesk.consultation.record import Fact, RecordKind
from consultdesk.records import dates

# Titles and phrases by kind; the first group is worth more than the second.
_WORDS: tuple[tuple[RecordKind, str, str], ...] = (
    (
        RecordKind.PATHOLOGY_REPORT,
        r"(?:surgical )?patholog(?:y|ical) report|histopatholog(?:y|ical)|cytolog(?:y|ical) report"
        r"|surgical pathology",
        r"gross description|microscopic description|immunohistochem"
        r"|specimen (?:submitted|received)",
    ),
    (
        RecordKind.IMAGING_REPORT,
        r"(?:radiology|imaging|mri|mr|ct|ultrasound|x-?ray|mammogra\w+|pet(?:/ct)?|echocardio\w+"
        r"|angiogra\w+|scintigra\w+) (?:examination )?report|report of (?:mri|ct|x-?ray)",
        r"\btechnique:|\bcomparison:|\bimpression:|without contrast|with contrast|radiologist"
        r"|\bt[12][- ]weighted",
    ),
    (
        RecordKind.GENETICS,
        r"genetic(?:s)? (?:test )?report|genomic (?:profil\w+|report)|germline test\w*",
        r"pathogenic variant|sequencing|chromosom",
    ),
    (
        RecordKind.OPERATIVE_NOTE,
        r"operat(?:ive|ion) (?:note|report)|surgical report",
        r"estimated blood loss|anesthesia:|anaesthesia:|surgeon:|procedure performed",
    ),
    (
        RecordKind.DISCHARGE,
        r"discharge (?:summary|letter|report)|entlassungsbrief",
        r"discharged (?:home|on)|hospital course|date of discharge",
    ),
    (
        RecordKind.LABORATORY,
        r"laborator(?:y|ies) (?:report|results?)|lab results?|blood test results?",
        r"reference (?:range|interval)|h(?:a)?emoglobin|creatinine|leu[ck]ocytes|platelets",
    ),
    (
        RecordKind.CONSENT_FORM,
        r"authori[sz]ation (?:to|for) (?:disclos|releas|us)\w+|consent (?:form|to (?:disclos|treat"
        r"|release|second)\w*)|release of information",
        r"right to revoke|re-?disclos",
    ),
    (
        RecordKind.INSURANCE,
        r"pre-?authori[sz]ation|explanation of benefits|cost approval|insurance (?:card|letter)",
        r"member (?:id|number)|policy number|claim number",
    ),
    (
        RecordKind.MEDICATION_LIST,
        r"(?:medication|drug) (?:list|plan|chart)|medikationsplan",
        r"",
    ),
    (RecordKind.ALLERGIES, r"allergy (?:list|card|record)", r""),
    (
        RecordKind.TREATMENT_SUMMARY,
        r"treatment summary|radiotherapy summary|chemotherapy summary",
        r"cycles? of|total dose|fractions",
    ),
    (
        RecordKind.PATIENT_QUESTIONS,
        r"(?:my|patient'?s?'?) questions|questions (?:from|of) the patient|questions for the "
        r"(?:doctor|specialist|consultant)",
        r"",
    ),
    (RecordKind.FIRST_OPINION, r"first opinion|opinion of the first", r""),
    (
        RecordKind.CLINIC_NOTE,
        r"(?:clinic|progress|visit|outpatient|office|ward|consultation|history and physical)"
        r" (?:note|report|letter)",
        r"chief complaint|history of present illness|review of systems|reason for visit"
        r"|past medical history|on examination|physical exam|\bcl\. (?:states|denies)",
    ),
    (
        RecordKind.CORRESPONDENCE,
        r"referral(?: letter)?|request for (?:a )?second opinion",
        r"dear (?:dr|doctor|colleague|prof)|thank you for (?:seeing|referring)|yours (?:sincerely"
        r"|faithfully)|kind regards",
    ),
)
_PATTERNS = tuple(
    (kind, re.compile(strong, re.I), re.compile(weak, re.I) if weak else None)
    for kind, strong, weak in _WORDS
)
_BY_NAME = re.compile(
    r"(?<![a-z])(note|letter|lab|consent|question|path|discharge|referral)s?", re.I
)
_NAME_KINDS = {
    "note": RecordKind.CLINIC_NOTE,
    "letter": RecordKind.CORRESPONDENCE,
    "referral": RecordKind.CORRESPONDENCE,
    "lab": RecordKind.LABORATORY,
    "consent": RecordKind.CONSENT_FORM,
    "question": RecordKind.PATIENT_QUESTIONS,
    "path": RecordKind.PATHOLOGY_REPORT,
    "discharge": RecordKind.DISCHARGE,
}


def guess_kind(text: str, name: str = "") -> RecordKind:
    """The kind a text most likely is; the file's name decides only where the text is silent."""
    head, body = text[:400], text[:20_000]
    best, best_score = RecordKind.OTHER, 1
    for kind, strong, weak in _PATTERNS:
        score = 4 if strong.search(head) else 2 if strong.search(body) else 0
        if weak is not None:
            score += min(4, len({hit.casefold() for hit in weak.findall(body)}))
        if score > best_score:
            best, best_score = kind, score
    if best is RecordKind.OTHER and (hit := _BY_NAME.search(name)):
        return _NAME_KINDS[hit[1].lower()]
    return best


# --- where a record concludes ---------------------------------------------------------

_QUALIFIER = (
    r"(?:final|principal|primary|working|main|provisional|histo|histologic|pathologic|clinical"
    r"|radiologic|histological|pathological|radiological|discharge|admission|admitting"
    r"|pre-?operative|post-?operative|differential|current|first|clinical|my|our)"
)
_CONCLUSION = re.compile(
    rf"^\s*(?:\d+[.)]\s*)?(?:{_QUALIFIER}\s+){{0,2}}"
    r"(?P<head>impressions?|conclusions?|diagnos[ie]s|diagnose[n]?|assessment|opinion"
    r"|interpretation|assessment\s*(?:and|&|/)\s*plan|impression\s*(?:and|&|/)\s*"
    r"(?:plan|recommendations?)|(?:treatment )?plan(?: of (?:care|treatment))?|recommendations?"
    r"|treatment recommendation|a\s*/\s*p|beurteilung|impresión|conclusión|diagnóstico"
    r"|diagnostic)\s*(?::\s*(?P<rest>.*)|$)",
    re.I,
)
_HEADING = re.compile(
    r"^\s*(?:\d+[.)]\s*)?[A-Z][A-Za-z &/'()-]{2,48}:(?:\s|$)|^\s*[A-Z][A-Z &/'-]{3,48}$"
)


_KNOWN_HEADING = re.compile(
    r"^\s*(?:allerg(?:y|ies)|adverse reactions|(?:current |regular )?medications?|implants?"
    r"|(?:past |relevant )?(?:medical |surgical |family |social |narrative )?history"
    r"|history of present illness|chief complaint|reason for (?:visit|referral|consultation)"
    r"|review of systems|vital signs|(?:physical )?exam(?:ination)?|(?:external )?lab(?:s|oratory)?"
    r"|problems|findings|technique|comparison|procedure|red flags?|follow[- ]?up|questions?)"
    r"\s*:?\s*$",
    re.I,
)


def concludes(line: str) -> bool:
    """Whether a line heads a section that gives the first opinion away."""
    return _CONCLUSION.match(line) is not None


def is_heading(line: str) -> bool:
    """Whether a line of plain text heads a section."""
    if len(line) > 400:
        return False
    known = _HEADING.match(line) or _KNOWN_HEADING.match(line)
    return known is not None or concludes(line)


def reveals(text: str) -> bool:
    """Whether a page carries a section that gives the first opinion away."""
    return any(concludes(line) for line in text.splitlines() if len(line) < 2000)


# --- facts ----------------------------------------------------------------------------

_NAME = r"(?P<value>[^\W\d_][\w'’.-]*,?(?: +[^\W\d_][\w'’.^-]*){0,5})"
_REST = r"(?P<value>[^\n]{2,300})"
_END = r"(?=\s{2,}|\t|$|[;|(]|,?\s+(?:d\.?o\.?b|born|date of birth|mrn|sex|age)\b)"
_TO_END = r"(?=\s{2,}|\t|$|[;|(,])"
_PHONE = r"(?P<value>[+\d][\d ()./-]{5,24}\d)"
_LABELLED: tuple[tuple[str, str], ...] = (
    (
        "patient.name",
        r"(?:patient|patient'?s? name|name of (?:the )?patient|pt\.? name)\s*:[ \t]*"
        rf"{_NAME}?{_END}",
    ),
    (
        "patient.birth_date",
        rf"(?:d\.?o\.?b\.?|date of birth|birth ?date|born)\s*:?[ \t]*(?P<value>{dates.PATTERN})",
    ),
    (
        "patient.sex",
        r"(?:sex|gender)\s*:[ \t]*(?P<value>female|male|other|f|m)\b"
        r"(?!\s*[/|]|[ \t]+(?:female|male|other|f|m|x)\b)",  # not the choices of a form
    ),
    (
        "patient.identifier",
        r"(?:mrn|medical record (?:number|no\.?)|patient id|hospital (?:number|no\.?))"
        r"\s*[:#]+[ \t]*(?P<value>[\w./-]{2,40})",
    ),
    ("patient.phone", rf"patient'?s? (?:tele)?phone\s*:[ \t]*{_PHONE}"),
    ("patient.language", r"(?:preferred )?language\s*:[ \t]*(?P<value>[A-Za-z]{2,20})"),
    (
        "physician.name",
        r"(?:(?:referring|treating|primary care|family|attending)\s+(?:physician|doctor|clinician"
        rf"|provider)|referred by)\s*:[ \t]*{_NAME}{_TO_END}",
    ),
    (
        "physician.practice",
        rf"(?:practice|referring (?:practice|clinic|hospital))\s*:[ \t]*{_REST}",
    ),
    ("physician.phone", rf"practice (?:tele)?phone\s*:[ \t]*{_PHONE}"),
    ("physician.specialty", r"(?:referring )?specialty\s*:[ \t]*(?P<value>[A-Za-z ,-]{3,60})"),
    (
        "laterality",
        r"(?:side|laterality)\s*:[ \t]*(?P<value>left|right|bilateral|both sides|midline)\b",
    ),
    (
        "level",
        r"(?:spinal )?level\s*:[ \t]*(?P<value>[CTLS]\d{1,2}(?:\s?[-/]\s?[CTLS]?\d{1,2})?)",
    ),
    (
        "event_date",
        r"(?:date of (?:service|visit|exam(?:ination)?|study|report|procedure|operation|letter)"
        r"|(?:exam(?:ination)?|study|report|visit|collect(?:ed|ion)|reported) date|date|dated)"
        rf"\s*:[ \t]*(?P<value>{dates.PATTERN})",
    ),
)
_FACTS = tuple(
    (name, re.compile(rf"(?:^|[\s|;,])(?:{pattern})", re.I | re.M)) for name, pattern in _LABELLED
)
_HEADED = tuple(
    (name, re.compile(rf"^\s*(?:\d+[.)]\s*)?(?:{heads})\s*(?::[ \t]*(?P<rest>.*)|)$", re.I))
    for name, heads in (
        (
            "question",
            r"(?:clinical )?questions?(?: for (?:the )?\w+)?|question \d+"
            r"|reason for (?:the )?(?:referral|consultation|consult|request)",
        ),
        ("allergy", r"(?:known )?(?:drug )?allerg(?:y|ies)"),
        ("medication", r"(?:current |regular )?medications?"),
    )
)
_NONE = re.compile(r"(?:none|nil|no known|nkda|nka|not known|unknown|no )", re.I)
_SEXES = {"f": "female", "m": "male"}
_QUESTION_LINE = re.compile(r"^\s*(?:\d{1,2}[.)]|[-•*])\s+(?P<value>[^\n]{8,300}\?)\s*$", re.M)
_MOST = 200_000


def facts_in(text: str, where: str) -> Iterator[Fact]:
    """The labelled facts of a page, each once; what could mean two things is left out."""
    text = text[:_MOST]
    seen: set[tuple[str, str]] = set()
    for name, value in _found(text):
        if value and (name, value.casefold()) not in seen:
            seen.add((name, value.casefold()))
            yield Fact(name, value, where)


def _found(text: str) -> Iterator[tuple[str, str]]:
    for name, pattern in _FACTS:
        for hit in pattern.finditer(text):
            yield name, _value(name, hit["value"] or "")
    for hit in _QUESTION_LINE.finditer(text):
        yield "question", hit["value"].strip()
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if len(line) < 2000:
            yield from _headed(lines, number)


def _headed(lines: list[str], number: int) -> Iterator[tuple[str, str]]:
    """What stands beside or under a heading: question, lists, conclusion, plan."""
    if hit := _CONCLUSION.match(lines[number]):
        head = hit["head"].casefold()
        name = "first_plan" if "plan" in head or "recomm" in head else "first_diagnosis"
        if len(value := _beside(lines, number, hit["rest"] or "")) >= 3:
            yield name, value
    for name, pattern in _HEADED:
        if not (hit := pattern.match(lines[number])):
            continue
        rest = (hit["rest"] or "").strip()
        if name == "question":
            value = _beside(lines, number, rest)
            yield name, "" if _QUESTION_LINE.match(value) else value
        elif rest:
            yield from ((name, part.strip(" .")) for part in _items(_beside(lines, number, rest)))
        else:
            yield from ((name, line) for line in _under(lines, number))


def _items(listed: str) -> list[str]:
    return [] if _NONE.match(listed) else re.split(r"[;,]", listed)


def _under(lines: list[str], number: int) -> Iterator[str]:
    """The entries of a list below its heading, one a line or several with commas between."""
    for line in lines[number + 1 : number + 31]:
        entry = re.sub(r"^\s*(?:\d+[.)]|[-•*])\s*", "", line).strip(" .")
        if not entry or is_heading(line) or _NONE.match(entry):
            return
        yield from (part.strip() for part in (_items(entry) if len(entry) < 60 else [entry]))


def _beside(lines: list[str], number: int, rest: str) -> str:
    """The rest of a heading's line and what follows, to the sentence's end or next heading."""
    words, last = rest.strip(), lines[number]
    for line in lines[number + 1 : number + 6]:
        if words.endswith((".", "?", "!")) or not line.strip() or is_heading(line):
            break
        if words and (len(last) < 50 or re.match(r"\s*(?:\d+[.)]|[-•*])\s", line)):
            break  # a short line was meant to end there
        last = line
        words = f"{words} {line.strip()}".strip()
    return words[:400]


def _value(name: str, value: str) -> str:
    value = value.strip(" \t.,;")
    if name in {"patient.birth_date", "event_date"}:
        return dates.iso(value)
    if name == "patient.sex":
        return _SEXES.get(value.casefold(), value.casefold())
    if name == "patient.identifier":
        return f"MRN|{value}"
    return value


def event_date(facts: Iterable[Fact]) -> str:
    """The latest date among the facts that dates the record itself, or empty."""
    return max((fact.value for fact in facts if fact.field == "event_date"), default="")


def person_name(written: str) -> str:
    """A name as people write it from DICOM PN and HL7 XPN parts: family^given^middle^prefix.

    A name without carets stays as it is (PS3.5 6.2.1); one that was taken out is empty.
    """
    alphabetic = written.split("=", 1)[0]
    if re.match(r"\W*anonym", alphabetic, re.I):
        return ""
    if "^" not in alphabetic:
        return " ".join(alphabetic.split())
    family, given, middle, prefix, suffix = ([*alphabetic.split("^"), "", "", "", ""])[:5]
    return " ".join(" ".join((prefix, given, middle, family, suffix)).split())


def sex(written: str) -> str:
    """Administrative sex in one spelling, from DICOM CS, HL7 v3 and FHIR codes."""
    known = {"m": "male", "f": "female", "o": "other", "un": "other"}
    word = written.strip().casefold()
    return known.get(word, word if word in {"male", "female", "other"} else "")


def clean(text: str) -> str:
    """Text with one kind of line end and no control characters or broken surrogates."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "ignore").decode()
    return text.translate(_CONTROLS)


def one_line(text: str) -> str:
    """Text on one line, single spaces, no control characters."""
    return " ".join(clean(text).split())


def short(text: str, most: int = 100) -> str:
    """A title cut at a word, with an ellipsis where something is left out."""
    text = one_line(text)
    return text if len(text) <= most else f"{text[: most - 1].rpartition(' ')[0] or text[:most]}…"


_CONTROLS = {code: None for code in (*range(32), 127) if code not in (9, 10, 12)}
