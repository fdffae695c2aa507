"""What free text gives away or leaves open: sensitive topics, hedges, and a wrong side or level."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from consultdesk.consultation.form import DEFAULT_SCALE, Certainty
from consultdesk.consultation.phrases import denied
from consultdesk.consultation.record import Sensitivity

# --- sensitive topics -----------------------------------------------------------------


@dataclass(frozen=True)
class SensitiveWord:
    """A word that suggests a sensitive topic, from `start` up to, not including, `end`."""

    sensitivity: Sensitivity
    start: int
    end: int
    words: str
    why: str
    denied: bool = False


_TOPICS: dict[Sensitivity, tuple[str, str]] = {
    Sensitivity.OPIOIDUD: (
        "opioid use disorder or its treatment",
        r"""buprenorphine|suboxone|subutex|sublocade|buvidal|zubsolv|(?:levo)?methadone|polamidone
        |lofexidine|heroin|opioid[ -](?:use[ -]disorder|dependen\w+|addict\w+|abuse|misuse|agonist
        [ -](?:therapy|treatment)|substitution)|opiate[ -](?:dependen\w+|addict\w+|abuse)
        |naltrexone|vivitrol|(?-i:OUD|MOUD)""",
    ),
    Sensitivity.ETHUD: (
        "alcohol use disorder or its treatment",
        r"""alcohol(?:[ -]use)?[ -](?:disorder|dependen\w+|addict\w+|abuse|misuse|withdrawal)
        |alcoholism|(?<!non-)(?<!non\ )alcoholic(?!\ (?:extract|solution|gel))|alcoholics\ anonymous
        |delirium\ tremens|korsakoff\w*|disulfiram|antabuse|acamprosate|campral|nalmefene
        |(?:harmful|heavy|binge|excessive)\ drinking|drinks?\ (?:heavily|excessively)
        |abuse\ of\ alcohol""",
    ),
    Sensitivity.ETH: (
        "use of drugs",
        r"""cocaine|methamphetamine|crystal\ meth|(?-i:MDMA|LSD|IVDU|PWID)|cannabis|marijuana
        |(?:substance|drug)[ -](?:use\ disorder|abuse|addict\w+|dependen\w+|misuse)
        |(?:intravenous|injection|injecting|recreational|illicit)[ -]drugs?(?:[ -]us\w+)?
        |injects?\ drugs|narcotics\ anonymous|(?:benzodiazepine|stimulant|sedative)[ -]
        (?:dependen\w+|abuse|misuse|addict\w+|use\ disorder)|drug\ rehabilitation|detoxification""",
    ),
    Sensitivity.PSYTHPN: (
        "notes of psychotherapy",
        r"""psychotherapy\ (?:session\ )?notes?|psychotherapist['’]s\ notes?
        |notes?\ (?:of|from)\ (?:the\ )?psychotherapy(?:\ sessions?)?|therapy\ process\ notes?""",
    ),
    Sensitivity.PSY: (
        "mental illness or its treatment",
        r"""schizo\w+|bipolar\ (?:affective\ |mood\ )?(?:disorder|illness|depression|[I1]{1,2}\b)
        |psychosis|psychotic|mania|manic|hypomani\w+|major\ depressive|antidepressants?
        |(?:major|severe|recurrent|clinical|postnatal|postpartum|reactive)\ depression
        |depressive\ (?:episode|disorder|illness)|(?:history\ of|treated\ for|suffers\ from|has|had)
        \ (?:anxiety\ and\ )?depression|suicid\w+|self[ -]harm\w*|(?-i:PTSD|ADHD)
        |post-?traumatic\ stress|anorexia\ nervosa|bulimia|personality\ disorder
        |(?:anxiety|panic|obsessive[ -]compulsive|eating)\ disorder|psychiatr\w+|psychotherapy
        |electroconvulsive|antipsychotics?|clozapine|olanzapine|risperidone|quetiapine|aripiprazole
        |haloperidol|paliperidone|amisulpride|lurasidone|lithium(?!\ (?:ion|battery|heparin))
        |sertraline|fluoxetine|(?:es)?citalopram|paroxetine|venlafaxine|desvenlafaxine|mirtazapine
        |bupropion|trazodone|lamictal|methylphenidate|lisdexamfetamine""",
    ),
    Sensitivity.SDV: (
        "violence or abuse",
        r"""(?:domestic|family|intimate[ -]partner|sexual|gender-based)\ violence|battered|raped?
        |(?:sexual|child|elder|physical|emotional|partner|spousal)[ -](?:ab|mis)use|sexual(?:ly)?
        \ (?:assault\w*|molest\w*|abused)|molested|human\ trafficking|female\ genital\ mutilation
        |non-?accidental\ injur\w+|women['’]s\ refuge""",
    ),
    Sensitivity.HIV: (
        "HIV",
        r"""hiv(?:-?[12])?|(?-i:AIDS|PrEP|HAART|cART)|human\ immunodeficiency\ virus
        |acquired\ immune\ deficiency|anti-?retrovirals?|\w+tegravir|\w+navir|cobicistat
        |emtricitabine|tenofovir|lamivudine|abacavir|zidovudine|rilpivirine|etravirine|doravirine
        |nevirapine|efavirenz|maraviroc|enfuvirtide|lenacapavir|fostemsavir|ibalizumab|truvada
        |descovy|biktarvy|genvoya|stribild|triumeq|dovato|juluca|cabenuva|vocabria|symtuza|odefsey
        |complera|eviplera|atripla|kaletra|prezista|prezcobix|isentress|tivicay|cd4[ -]count
        |pre-exposure\ prophylaxis""",
    ),
    Sensitivity.STD: (
        "a sexually transmitted infection",
        r"""(?:neuro)?syphil\w+|gonorrh\w+|chlamydia(?!\ (?:pneumoniae|psittaci))|genital\ herpes
        |herpes\ genitalis|(?-i:HSV-2|STDs?|STIs?|VDRL|TPHA|TPPA|FTA-ABS)|genital\ warts
        |condylomata?|trichomon\w+|chancroid|lymphogranuloma\ venereum|mycoplasma\ genitalium
        |sexually\ transmitted|venereal|treponema\w*""",
    ),
    Sensitivity.GDIS: (
        "an inherited disease or a genetic test",
        r"""(?-i:BRCA[ -]?[12]?|PALB2|FAP|HNPCC)|germ-?line|lynch\ syndrome|li-fraumeni
        |huntington\w*|hereditary|familial\ (?:adenomatous|hypercholesterol\w+|cancer|mediterranean)
        |genetic\ (?:test\w*|counsel\w*|disease|disorder|carrier)|pathogenic\ variant
        |carrier\ (?:of|status|for)|cystic\ fibrosis|sickle[ -]cell|ha?emophilia|marfan
        |ehlers-danlos|duchenne|becker\ muscular|fragile\ x|down(?:['’]s)?\ syndrome|trisomy
        |factor\ v\ leiden|ha?emochromatosis|thalass?a?emia|von\ hippel-lindau|neurofibromatosis
        |tuberous\ sclerosis|cowden|peutz-jeghers|turner\ syndrome|klinefelter""",
    ),
    Sensitivity.SEX: (
        "sexuality or reproductive health",
        r"""abortions?|termination\ of\ (?:the\ |a\ )?pregnancy|mifepristone|misoprostol
        |miscarriages?|contracepti\w+|infertil\w+|(?-i:IVF|IUD)|in[ -]vitro\ fertili[sz]ation
        |(?:erectile|sexual)\ dysfunction|transgender|transsexual|gender[ -](?:dysphoria|affirming
        |reassignment|incongruence)|vasectomy|tubal\ ligation
        |sterili[sz]ation\ (?:procedure|surgery)|homosexual|(?-i:MSM)|libido
        |sexual\ (?:orientation|partners?|practices|history)""",
    ),
}
_TELLS_EVEN_WHEN_DENIED = frozenset({Sensitivity.HIV, Sensitivity.STD, Sensitivity.GDIS})
_SENSITIVE = re.compile(
    "|".join(
        rf"(?P<{topic.name}>(?<![\w-])(?:{terms})(?![\w]))" for topic, (_, terms) in _TOPICS.items()
    ),
    re.VERBOSE | re.IGNORECASE,
)


_PARTING = re.compile(r"[\W_]+")


def sensitive_words(text: str) -> tuple[SensitiveWord, ...]:
    """Every word in English that suggests a sensitive topic, in order, with the reason.

    What is denied is found too and said to be so. A drug may have another use, so each is a
    suggestion for a person, never a verdict.
    """
    found = []
    for match in _SENSITIVE.finditer(text):
        topic = Sensitivity[match.lastgroup or "R"]
        absent = denied(text, *match.span())
        about = _TOPICS[topic][0]
        why = f'"{match[0]}" suggests {about}.'
        if absent:
            why = f'"{match[0]}" is said to be absent; that it was looked for may suggest {about}.'
        found.append(SensitiveWord(topic, *match.span(), match[0], why, absent))
    return tuple(found)


def sensitivities_in(text: str) -> frozenset[Sensitivity]:
    """The sensitive topics a text suggests.

    What is denied counts only where the test alone tells something: HIV, sexually transmitted
    infections, genetics.
    """
    return frozenset(
        word.sensitivity
        for word in sensitive_words(text)
        if not word.denied or word.sensitivity in _TELLS_EVEN_WHEN_DENIED
    )


def sensitivities_of_name(name: str) -> frozenset[Sensitivity]:
    """As `sensitivities_in`, for a file's name, where anything may part the words."""
    return sensitivities_in(_PARTING.sub(" ", name))


# --- hedges ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Hedge:
    """A word of doubt that the certainty scale doesn't have, and what the scale has instead."""

    start: int
    end: int
    words: str
    suggestion: str


_HEDGES: tuple[tuple[str, str], ...] = (
    (
        r"""(?:cannot|can\ not|can['’]t|could\ not|couldn['’]t)\ (?:be\ )?
        (?:entirely\ |fully\ |completely\ )?(?:excluded?|ruled?\ out)|not\ (?:be\ )?excluded""",
        "unlikely",
    ),
    (r"clinical\ correlation(?:\ is)?\ (?:recommended|advised|required|suggested|needed)", ""),
    (
        r"""(?:very|highly|quite|rather|more|somewhat)\ (?:likely|probabl[ey]|suspicious)
        |in\ all\ likelihood|almost\ certain(?:ly)?|presumabl[ey]|presumptive(?:ly)?""",
        "most likely",
    ),
    (
        r"""probabl[ey]|in\ keeping\ with|consistent\ with|compatible\ with|points?\ to(?:wards?)?
        |favou?r(?:s|ed|ing)?\ (?=an?\b|the\ diagnosis)|suggest(?:s|ive)\ (?:of|that)?
        |suspicious\ (?:of|for)|concerning\ for|worrisome(?:\ for)?|suspected|apparent(?:ly)?
        |seem(?:s|ingly)?|appears?\ to\ (?:be|represent|have)""",
        "likely",
    ),
    (
        r"""possibl[ey]|perhaps|maybe|conceivabl[ey]|questionable|equivocal|indeterminate
        |(?:may|might|could)\ be\ (?=due\b|related\b|secondary\b|caused\b|attribut|an?\b|the\b)
        |(?:might|could)\ (?:represent|reflect|indicate|correspond)|may\ (?:reflect|indicate)""",
        "may represent",
    ),
    (r"improbabl[ey]|doubtful|hardly|remote\ possibility", "unlikely"),
)
_HEDGE_PATTERNS = tuple(
    (re.compile(rf"\b(?:{terms})", re.VERBOSE | re.IGNORECASE), instead)
    for terms, instead in _HEDGES
)


def hedges(text: str, scale: Sequence[Certainty] = DEFAULT_SCALE) -> tuple[Hedge, ...]:
    """Words of doubt outside the certainty scale, in order; to be pointed out, never blocked."""
    labels = [step.label.casefold() for step in scale]
    own = _spans(text, labels)
    taken: list[tuple[int, int]] = []
    found = []
    for pattern, instead in _HEDGE_PATTERNS:
        for match in pattern.finditer(text):
            span = match.start(), match.start() + len(match[0].rstrip())
            if any(span[0] < end and start < span[1] for start, end in (*own, *taken)):
                continue
            taken.append(span)
            words = text[slice(*span)]
            found.append(Hedge(*span, words, _instead(words, instead, labels)))
    return tuple(sorted(found, key=lambda hedge: hedge.start))


def _spans(text: str, labels: Iterable[str]) -> list[tuple[int, int]]:
    known = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
    qualified = rf"(?<!\bmore )(?<!\bhighly )(?<!\bquite )(?<!\brather )\b(?:{known})\b"
    return [match.span() for match in re.finditer(qualified, text, re.IGNORECASE)]


def _instead(words: str, step: str, labels: Sequence[str]) -> str:
    if not step:
        return f'Say what is to be correlated with what, instead of "{words}".'
    if step in labels:
        return f'"{words}" is not a step of the scale; "{step}" may be what you mean.'
    return f'"{words}" is not a step of the scale: {", ".join(labels)}.'


# --- side and level -------------------------------------------------------------------


@dataclass(frozen=True)
class Mismatch:
    """A side or level in the letter that isn't the one on record: confirm it or correct it."""

    start: int
    end: int
    said: str
    recorded: str
    why: str


_SIDE = re.compile(
    r"""\b(?:(?P<both>bilateral(?:ly)?|both\ (?:sides|legs|arms|knees|hips|feet|hands|eyes|ears
    |breasts|lungs|kidneys|shoulders))
    |left(?![ -](?:un\w+|alone|behind|out|over|open|with|for|the|an?|it|him|her|his|in\ place
    |in\ situ|hospital|home|work|vent\w+|atri\w+|heart|main|anterior\ desc\w+|bundle|axis
    |circumflex|shift)\b)
    |right(?!\ (?:to|of|that|away|now|after|before|here|when|decision|choice|time|treatment
    |diagnosis|approach|about|answer|question|vent\w+|atri\w+|heart|bundle|axis|coronary|shift)\b)
    (?<!\ball\ right))\b""",
    re.VERBOSE | re.IGNORECASE,
)
_HANDED = re.compile(r"^[- ]hand(?:ed)?(?:ness|\ domin\w+)?\b", re.IGNORECASE)
_CLAUSE = re.compile(r"[.;:!?\n]|,|\b(?:but|whereas|while|and)\b", re.IGNORECASE)
_ASIDE = re.compile(
    r"""\b(?:contralateral|opposite|other\ (?:side|levels?)|unaffected|unremarkable|uninvolved
    |unchanged|normal|(?:is|are|was|were|remains?)\ free|healthy|compared|comparison|asymptomatic
    |adjacent|neighbou?ring|no|earlier|previous(?:ly)?|history\ of|formerly|in\ (?:19|20)\d\d)\b""",
    re.VERBOSE | re.IGNORECASE,
)
_VERTEBRAE = [f"C{n}" for n in range(8)] + [f"T{n}" for n in range(1, 13)]
_VERTEBRAE += [f"L{n}" for n in range(1, 6)] + [f"S{n}" for n in range(1, 6)]
_LEVEL = re.compile(
    r"""(?<![\w/])(?P<a>C|Th?|D|L|S)\s?(?P<n>\d{1,2})\s?[/–—-]\s?(?P<b>C|Th?|D|L|S)?\s?(?P<m>\d{1,2})
    (?![\w%])(?!\s?(?:-?\s?weighted|-?w\b|signal|sequence|image|imaging|hyper|hypo|mm|cm))""",
    re.VERBOSE,
)


def laterality_conflicts(text: str, side: str, level: str) -> tuple[Mismatch, ...]:
    """Each side or level in the letter that differs from the recorded one, in order.

    `side` is "left" or "right" (any other value checks no side), `level` one or more spinal
    segments such as "L4/5, L5/S1" (where it names none, no level is checked). A clause that
    speaks of the other side as unaffected, or of an earlier time, isn't a conflict.
    """
    found = [*_other_sides(text, side.strip().casefold()), *_other_levels(text, level)]
    return tuple(sorted(found, key=lambda mismatch: mismatch.start))


def _other_sides(text: str, side: str) -> Iterable[Mismatch]:
    if side not in ("left", "right"):
        return
    for match in _SIDE.finditer(text):
        said = "both sides" if match["both"] else match[0].casefold()
        if said == side or _HANDED.match(text[match.end() :]) or _aside(text, *match.span()):
            continue
        why = f'The letter says "{match[0]}", the records say {side}.'
        yield Mismatch(*match.span(), match[0], side, why)


def _other_levels(text: str, level: str) -> Iterable[Mismatch]:
    recorded = frozenset(s for match in _LEVEL.finditer(level) for s in segments(match))
    if not recorded:
        return
    for match in _LEVEL.finditer(text):
        named = segments(match)
        if named <= recorded or not named or _aside(text, *match.span()):
            continue
        why = f'The letter says "{match[0]}", the records say {level.strip()}.'
        yield Mismatch(*match.span(), match[0], level.strip(), why)


def segments(match: re.Match[str]) -> frozenset[str]:
    """The segments a level names: "L4/5" is one, "L3-S1" three; empty when there is none such."""
    upper = _vertebra(match["a"], match["n"])
    lower = _vertebra(match["b"] or match["a"], match["m"])
    if upper not in _VERTEBRAE or lower not in _VERTEBRAE:
        return frozenset()
    first, last = _VERTEBRAE.index(upper), _VERTEBRAE.index(lower)
    return frozenset(f"{_VERTEBRAE[n]}/{_VERTEBRAE[n + 1]}" for n in range(first, last))


def _vertebra(region: str, number: str) -> str:
    return f"{'T' if region in ('Th', 'D') else region}{int(number)}"


def _aside(text: str, start: int, end: int) -> bool:
    """Whether the clause around a phrase sets it apart: the healthy side, an earlier time."""
    begins = [mark.end() for mark in _CLAUSE.finditer(text, max(0, start - 200), start)]
    ends = _CLAUSE.search(text, end)
    clause = text[begins[-1] if begins else max(0, start - 200) : ends.start() if ends else None]
    return bool(_ASIDE.search(clause[:400]))
