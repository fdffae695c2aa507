"""A letter's facts put into its template: the manuscript, ready to be set in type."""

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, Undefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from consultdesk.assets import resources_dir
from consultdesk.consultation.form import DEFAULT_SCALE, Certainty, read_specialty
from consultdesk.consultation.letter import LetterFacts, LetterKind
from consultdesk.errors import LetterUnprintable, NotFound
from consultdesk.letters.dates import long_date
from consultdesk.letters.manuscript import Letterhead, Manuscript
from consultdesk.letters.markup import Draft, MarkupError, parse, protect
from consultdesk.letters.wording import Words, address, clean, cleaned, sex, words

LONGEST = 200_000
"""Characters a letter may have (some 60 pages); a longer one is a mistake, not a letter."""

_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.For,
    nodes.If,
    nodes.Not,
    nodes.And,
    nodes.Or,
    nodes.Compare,
    nodes.Operand,
    nodes.Const,
)


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2 that knows dicts of strings only: no call, no filter, no attribute of Python."""

    def __init__(self) -> None:
        super().__init__(
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
            finalize=_finalized,
        )
        self.globals.clear()
        self.filters.clear()
        self.tests.clear()

    def getattr(self, obj: Any, attribute: str) -> Any:  # noqa: ANN401 - as the library has it
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        return self.undefined(obj=obj, name=attribute)


def _finalized(value: str | Undefined) -> str | Undefined:
    if isinstance(value, str):
        return protect(value)
    if isinstance(value, Undefined):
        return value
    raise MarkupError("a template may print text only")


def kinds() -> tuple[LetterKind, ...]:
    """The kinds of letter this copy can write: one file each in resources/letters."""
    return tuple(kind for kind in LetterKind if _file(kind).is_file())


def fill(facts: LetterFacts, scale: tuple[Certainty, ...] | None = None) -> Manuscript:
    """Write the letter of `facts.kind`, a preview while `facts.signed` is False.

    `scale` words the certainty; without it the specialty's own scale is looked up.
    Raises NotFound where no template of that kind exists, LetterUnprintable when a text
    holds a control character or the letter would be absurdly long.
    """
    path = _file(facts.kind)
    if not path.is_file():
        raise NotFound(
            f"This copy of ConsultDesk has no letter of the kind “{facts.kind.replace('_', ' ')}”.",
            cure="Choose another kind of letter.",
        )
    said = clean(words(facts, scale or _scale(facts.case.specialty)))
    draft = parse_template(_read(path), said)
    return _manuscript(facts, draft)


def parse_template(source: str, said: Words) -> Draft:
    """Fill a template's text with strings and read what it yields.

    Raises LetterUnprintable, saying what is wrong with the template, or that it is too long.
    """
    try:
        return parse(_rendered(source, said))
    except (TemplateError, MarkupError) as error:
        raise LetterUnprintable(
            f"The template of this letter is damaged: {error}.", cure="Install ConsultDesk again."
        ) from error


@lru_cache(maxsize=32)
def _compiled(source: str) -> Template:
    """A template that holds nothing but what a letter may, made once: it takes long."""
    sandbox = _Sandbox()
    tree = sandbox.parse(source)
    for node in tree.find_all(nodes.Node):
        _check(node)
    return sandbox.from_string(tree)


def _rendered(source: str, said: Words) -> str:
    pieces, length = [], 0
    for piece in _compiled(source).generate(dict(said)):
        length += len(piece)
        if length > LONGEST:
            raise LetterUnprintable(
                "The letter would be longer than 60 pages.",
                kept="Nothing you wrote is lost.",
                cure="Shorten its longest part.",
            )
        pieces.append(piece)
    return "".join(pieces)


def _check(node: nodes.Node) -> None:
    name = type(node).__name__.lower()
    if type(node) not in _ALLOWED:
        raise MarkupError(f"line {node.lineno} uses {name!r}, which no letter may")
    if isinstance(node, nodes.Const) and not isinstance(node.value, str):
        raise MarkupError(f"line {node.lineno} holds something other than text")
    if isinstance(node, nodes.For) and node.recursive:
        raise MarkupError(f"line {node.lineno} repeats itself without end")


def _scale(code: str) -> tuple[Certainty, ...]:
    path = resources_dir() / "specialties" / f"{code}.toml"
    if not code.isidentifier() or not path.is_file():
        return DEFAULT_SCALE
    return read_specialty(tomllib.loads(_read(path))).certainty


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise LetterUnprintable(
            "The disk doesn't deliver what the letter is made with.", cure="Check the disk."
        ) from error


def _file(kind: LetterKind) -> Path:
    return resources_dir() / "letters" / f"{kind}.letter"


def _manuscript(facts: LetterFacts, draft: Draft) -> Manuscript:
    practice, number = facts.practice, facts.case.number
    name, born = facts.patient.name, long_date(facts.patient.birth_date)
    label = f"{name}, born {born}" if born else name
    title = draft.head.get("title", "")
    version = f"version {facts.version}"
    return Manuscript(
        kind=facts.kind,
        name=_file_name(facts),
        title=f"{title}, case {number}, {version}",
        subject=draft.head.get("subject", title),
        # of the words the template brings; the practice may speak another
        language=draft.head.get("language", "en"),
        author=cleaned(facts.author.name, "the author's name"),
        letterhead=_letterhead(facts),
        recipient=tuple(cleaned(line, "the address") for line in address(facts)),
        details=_details(facts),
        patient=_identity(facts),
        salutation=draft.head.get("salutation", ""),
        opening=draft.opening,
        front=draft.front,
        body=draft.body,
        closing=draft.head.get("closing", ""),
        signature=_signature(facts),
        distribution=tuple(
            cleaned(line, "the distribution") for line in facts.distribution if line
        ),
        running=cleaned(f"{label} · case {number} · letter {version}", "the patient's name"),
        footer=cleaned(practice.name, "the practice's name"),
        draft=not facts.signed,
    )


def _letterhead(facts: LetterFacts) -> Letterhead:
    practice = facts.practice
    reach = " · ".join(part for part in (practice.phone.strip(), practice.email.strip()) if part)
    lines = [*practice.address.split("\n"), reach]
    place = "the letterhead"
    return Letterhead(
        cleaned(practice.name, place),
        tuple(text for line in lines if (text := cleaned(line, place))),
    )


def _details(facts: LetterFacts) -> tuple[tuple[str, str], ...]:
    said = (
        ("Date", long_date(facts.written_on)),
        ("Our case", facts.case.number),
        ("Version", str(facts.version)),
    )
    return tuple((label, cleaned(value, label)) for label, value in said if value.strip())


def _identity(facts: LetterFacts) -> tuple[tuple[str, str], ...]:
    patient = facts.patient
    said = [
        ("Patient", patient.name),
        ("Born", long_date(patient.birth_date)),
        ("Sex", sex(patient.sex)),
        *((item.system, item.value) for item in patient.identifiers),
    ]
    place = "the patient's identity"
    return tuple(
        (cleaned(label, place), cleaned(value, place)) for label, value in said if value.strip()
    )


def _signature(facts: LetterFacts) -> tuple[str, ...]:
    author = facts.author
    signed = f"Signed electronically on {long_date(facts.written_on)}" if facts.signed else ""
    lines = (author.name, author.specialty, author.registration, facts.practice.name, signed)
    return tuple(text for line in lines if (text := cleaned(line, "the signature")))


def _file_name(facts: LetterFacts) -> str:
    number = re.sub(r"[^A-Za-z0-9-]+", "-", facts.case.number).strip("-")
    return f"{facts.kind.replace('_', '-')}-letter-{number}-v{facts.version}.pdf"
