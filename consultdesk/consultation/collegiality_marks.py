"""Whom a sentence speaks of: colleagues and their places, marked once before frames look at it."""

import re

from consultdesk.consultation.collegiality_words import PERSON, PLACE, SURE, TITLE, compiled


def near(one: str, other: str, apart: int = 100) -> str:
    """Both fragments in either order, at most `apart` characters between them."""
    gap = rf"\b[^.;]{{0,{apart}}}?\b"
    return rf"(?:{one}{gap}{other}|{other}{gap}{one})"


# Who acted. People and places are marked in the text before the frames look at it, so that
# each is sought once: `NAMED` stands by itself ("Dr. Hill", "surgeons"), `NOUN` needs an
# article ("the night team").
_FOLK = (
    rf"{PERSON}|reader|contributor|locum|operator|trainee|predecessor|examiner|author|reviewer|"
    r"radiographer|sonographer|technician|paramedic|pharmacist|psychologist|houseman|"
    r"house officer|medic|midwi(?:fe|ve)|GP"
)
_HOUSE = rf"{PLACE}|facilit(?:y|ie)|lab|office|crew|shift|institute|emergency department|casualty"
NAMED, NOUN = "\u02ac", "\u0298"
_SPOKEN_OF = compiled(rf"(?P<named>{TITLE}|OSH\b|(?:{_FOLK})s\b)|(?:{_FOLK}|(?:{_HOUSE})s?)\b")


def marked(text: str) -> str:
    """The text in lower case, as long as before, with whom it speaks of marked."""

    def mark(found: re.Match[str]) -> str:
        return (NAMED if found["named"] else NOUN) * len(found[0])

    lowered = (c.lower() if len(c.lower()) == 1 else c for c in _SPOKEN_OF.sub(mark, text))
    return "".join(lowered)


def framed(fragment: str) -> re.Pattern[str]:
    """A fragment as a pattern for a marked text: a blank stands for any white space."""
    spaced = fragment.replace(" ?", r"\s*").replace(" ", r"\s+")
    lowered = re.sub(r"(?<!\\)[A-Z]", lambda capital: capital[0].lower(), spaced)
    return re.compile(rf"(?<!\w)(?:{lowered})")


FOLK = f"[{NAMED}{NOUN}]+"
THE = r"(?:the|your|his|her|their|this|that|these|those|a|an|another|whichever)"
# "He" and "she" are the patient more often than not, and stand only where said.
MOD = (
    rf"(?:(?!(?:to|of|for|with|from|by|in|at|after|on|was|were|is|and|not|my|our|no|any|"
    rf"{THE[3:-1]}) )"
    r"[\w'’.-]+ )"
)
CREW = rf"(?:{NAMED}+|{THE} {MOD}{{0,3}}?{FOLK})"
SOME = rf"(?:{CREW}|they|someone|somebody|anyone|anybody|one|whoever)"
AT = r"(?: (?:at|in|of|from|on) (?:[\w'’.-]+ ){0,3}?[\w'’-]+)?"
ADV = rf"(?:(?:\w+ly,? |even |ever |more |{SURE}){{0,3}})"
HE_OR_SHE = (
    r"(?:(?:the|this|my|your|our|their)? ?(?:patient|woman|man|lady|gentleman|person|mother)|he|"
    r"she|"
    r"they|(?:mr|mrs|ms)\.? [\w'’-]+)"
)
WHOSE = rf"(?:{CREW}['’]s?|{CREW}s['’]|their)"
