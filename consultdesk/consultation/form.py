"""A specialty: what it asks, what it needs, how certain it can be, read from one file each."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from consultdesk.consultation.case import FlagAnswer, RedFlag, Requirement
from consultdesk.consultation.record import RecordKind, Required
from consultdesk.consultation.source import Window
from consultdesk.errors import ConsultDeskError

FALLBACK = "general"
"""The specialty that serves where a case names one this desk has no file for."""


class FieldKind(StrEnum):
    """How a field is filled in."""

    TEXT = "text"
    LINE = "line"
    CHOICE = "choice"
    CHOICES = "choices"
    NUMBER = "number"
    CHECK = "check"


@dataclass(frozen=True)
class Field:
    """One thing the form asks. `minimum` and `maximum` bound a number, both included.

    An answer is text: of a choice the option itself, of several choices one option a line
    in the order of `options`, of a number its digits with a decimal point, of a box "yes".
    """

    key: str
    label: str
    kind: FieldKind
    options: tuple[str, ...] = ()
    unit: str = ""
    required: bool = False
    help: str = ""
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class Section:
    """Fields that belong together under one heading."""

    title: str
    fields: tuple[Field, ...]
    help: str = ""


@dataclass(frozen=True)
class Certainty:
    """One step of a certainty scale; `low` and `high` are percent, None where it has no band."""

    code: str
    label: str
    low: float | None = None
    high: float | None = None
    help: str = ""

    @property
    def shown(self) -> str:
        """The step as a letter says it, e.g. "likely (75–90 %)"."""
        if self.low is None or self.high is None:
            return self.label
        if self.high >= 100:
            return f"{self.label} (> {self.low:g} %)"
        if self.low <= 0:
            return f"{self.label} (< {self.high:g} %)"
        return f"{self.label} ({self.low:g}–{self.high:g} %)"


DEFAULT_SCALE = (
    Certainty("diagnostic_of", "diagnostic of"),
    Certainty("most_likely", "most likely", 90, 100),
    Certainty("likely", "likely", 75, 90),
    Certainty("may_represent", "may represent", 25, 75),
    Certainty("unlikely", "unlikely", 5, 25),
    Certainty("very_unlikely", "very unlikely", 0, 5),
)
"""The diagnostic certainty scale of Brigham and Women's Hospital (BWH), most certain first."""


@dataclass(frozen=True)
class FlagQuestion:
    """A red flag to be asked at intake: what it is, and in `help` how to ask a patient."""

    code: str
    text: str
    help: str = ""


@dataclass(frozen=True)
class WindowHint:
    """A grey-scale window this specialty looks through, for images of one modality."""

    modality: str
    window: Window


@dataclass(frozen=True)
class Specialty:
    """Everything that differs from one specialty to the next.

    `laterality` says whether a case has a side, `levels` which levels it may have.
    `comparison` holds what is asked beside relation and impact once the own read is locked.
    """

    code: str
    title: str
    sealing: bool
    red_flags: tuple[FlagQuestion, ...]
    records: tuple[Requirement, ...]
    own_read: tuple[Section, ...]
    certainty: tuple[Certainty, ...] = DEFAULT_SCALE
    comparison: tuple[Field, ...] = ()
    recommendations: tuple[str, ...] = ()
    limitations: tuple[str, ...] = ()
    windows: tuple[WindowHint, ...] = ()
    laterality: bool = False
    levels: tuple[str, ...] = ()

    @property
    def flag_codes(self) -> tuple[str, ...]:
        """The red flags that must be asked, or triaged, before a case is ready."""
        return tuple(flag.code for flag in self.red_flags)

    @property
    def unasked_flags(self) -> tuple[RedFlag, ...]:
        """The red flags of a new case: nobody has been asked yet."""
        return tuple(RedFlag(f.code, f.text, FlagAnswer.NOT_ASKED) for f in self.red_flags)

    @property
    def fields(self) -> tuple[Field, ...]:
        """All fields of the own read, in the order of the form."""
        return tuple(item for section in self.own_read for item in section.fields)

    def certainty_shown(self, code: str) -> str:
        """A step of the scale in words; the code itself where the scale has lost that step."""
        return next((step.shown for step in self.certainty if step.code == code), code)


# --- reading a specialty --------------------------------------------------------------

T = TypeVar("T")
Kind = TypeVar("Kind", bound=StrEnum)
_CODE = re.compile(r"[a-z][a-z0-9_]*")
_LARGEST = 1e9


class _Table:
    """One table of a specialty's file; every complaint says where it stands."""

    def __init__(self, data: object, where: str) -> None:
        if not isinstance(data, Mapping):
            raise ConsultDeskError(f"{where}: a table of settings is expected here.")
        self.where = where
        self._left = dict(data)

    def _take(self, key: str, kinds: tuple[type[T], ...], said: str, default: T | None) -> T:
        value = self._left.pop(key, default)
        if value is None:
            raise ConsultDeskError(f'{self.where}: "{key}" is missing.')
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise ConsultDeskError(f'{self.where}: "{key}" must be {said}.')
        return value

    def text(self, key: str, default: str | None = None) -> str:
        value = self._take(key, (str,), "text", default).strip()
        if default is None and not value:
            raise ConsultDeskError(f'{self.where}: "{key}" is empty.')
        return value

    def code(self, key: str) -> str:
        value = self.text(key)
        if not _CODE.fullmatch(value):
            raise ConsultDeskError(
                f'{self.where}: "{key}" must be lower-case letters, digits and underscores, '
                f'not "{value}".'
            )
        return value

    def flag(self, key: str) -> bool:
        return self._take(key, (bool,), "true or false", False)

    def number(self, key: str) -> float | None:
        if key not in self._left:
            return None
        value = self._take(key, (int, float), "a number", 0)
        if not -_LARGEST <= value <= _LARGEST:  # nan is on neither side
            raise ConsultDeskError(f'{self.where}: "{key}" must be a number in reason.')
        return float(value)

    def one_of(self, key: str, kinds: type[Kind]) -> Kind:
        value = self.text(key)
        if value not in set(kinds):
            allowed = ", ".join(kinds)
            raise ConsultDeskError(f'{self.where}: "{key}" is "{value}", not one of: {allowed}.')
        return kinds(value)

    def texts(self, key: str) -> tuple[str, ...]:
        items = self._take(key, (list,), "a list of texts", [])
        if not all(isinstance(item, str) and item.strip() for item in items):
            raise ConsultDeskError(f'{self.where}: "{key}" must be a list of texts, none empty.')
        if len(set(items)) < len(items):
            raise ConsultDeskError(f'{self.where}: "{key}" names something twice.')
        return tuple(items)

    def tables(self, key: str, label: str, *, needed: bool = False) -> tuple["_Table", ...]:
        items = self._take(key, (list,), f"a list of tables [[{key}]]", None if needed else [])
        return tuple(_Table(item, f"{self.where}, {label} {n}") for n, item in enumerate(items, 1))

    def done(self) -> None:
        """Complain of a setting nobody asked for: most likely a misspelling."""
        if self._left:
            raise ConsultDeskError(f'{self.where}: "{next(iter(self._left))}" isn\'t a setting.')


def read_specialty(data: Mapping[str, object]) -> Specialty:
    """Make a specialty of what its file says; raises ConsultDeskError naming what is wrong."""
    name = data.get("code")
    table = _Table(data, f'The specialty "{name}"' if isinstance(name, str) else "The specialty")
    flags = table.tables("red_flags", "red flag", needed=True)
    specialty = Specialty(
        code=table.code("code"),
        title=table.text("title"),
        sealing=table.flag("sealing"),
        red_flags=tuple(map(_read_flag, flags)),
        records=_read_records(table),
        own_read=tuple(map(_read_section, table.tables("own_read", "section", needed=True))),
        certainty=tuple(map(_read_certainty, table.tables("certainty", "certainty")))
        or DEFAULT_SCALE,
        comparison=tuple(map(_read_field, table.tables("comparison", "comparison field"))),
        recommendations=table.texts("recommendations"),
        limitations=table.texts("limitations"),
        windows=tuple(map(_read_window, table.tables("windows", "window"))),
        laterality=table.flag("laterality"),
        levels=table.texts("levels"),
    )
    table.done()
    keys = [asked.key for asked in (*specialty.fields, *specialty.comparison)]
    _unique(table.where, "field", keys)
    _unique(table.where, "red flag", list(specialty.flag_codes))
    _unique(table.where, "certainty", [step.code for step in specialty.certainty])
    _unique(table.where, "record", [need.kind for need in specialty.records])
    return specialty


def _unique(where: str, what: str, names: list[str]) -> None:
    twice = next((name for n, name in enumerate(names) if name in names[:n]), None)
    if twice:
        raise ConsultDeskError(f'{where}: the {what} "{twice}" stands twice.')


def _read_flag(table: _Table) -> FlagQuestion:
    flag = FlagQuestion(table.code("code"), table.text("text"), table.text("help", ""))
    table.done()
    return flag


def _read_records(table: _Table) -> tuple[Requirement, ...]:
    needs = []
    for item in table.tables("records", "record"):
        kind, required = item.one_of("kind", RecordKind), item.one_of("required", Required)
        needs.append(Requirement(kind, required))
        item.done()
    return tuple(needs)


def _read_certainty(table: _Table) -> Certainty:
    low, high = table.number("low"), table.number("high")
    step = Certainty(table.code("code"), table.text("label"), low, high, table.text("help", ""))
    table.done()
    one_sided = (low is None) != (high is None)
    if one_sided or (low is not None and high is not None and not 0 <= low < high <= 100):
        raise ConsultDeskError(f'{table.where}: "low" and "high" must be percent, low below high.')
    return step


def _read_window(table: _Table) -> WindowHint:
    modality, name = table.text("modality"), table.text("name")
    centre, width = table.number("centre"), table.number("width")
    table.done()
    if centre is None or width is None or width < 1:
        raise ConsultDeskError(f'{table.where}: "centre" and a "width" of 1 or more are needed.')
    return WindowHint(modality, Window(centre, width, name))


def _read_section(table: _Table) -> Section:
    fields = table.tables("fields", "field", needed=True)
    section = Section(table.text("title"), tuple(map(_read_field, fields)), table.text("help", ""))
    table.done()
    return section


def _read_field(table: _Table) -> Field:
    asked = Field(
        key=table.code("key"),
        label=table.text("label"),
        kind=table.one_of("kind", FieldKind),
        options=table.texts("options"),
        unit=table.text("unit", ""),
        required=table.flag("required"),
        help=table.text("help", ""),
        minimum=table.number("minimum"),
        maximum=table.number("maximum"),
    )
    table.done()
    where = f'{table.where} ("{asked.key}")'
    chooses = asked.kind in (FieldKind.CHOICE, FieldKind.CHOICES)
    if chooses != bool(asked.options):
        rule = "needs at least one" if chooses else f'takes none, being a "{asked.kind}"'
        raise ConsultDeskError(f'{where}: "options" {rule}.')
    if any("\n" in option for option in asked.options):
        raise ConsultDeskError(f"{where}: an option must be one line.")
    bounds = (asked.minimum, asked.maximum)
    if asked.kind is not FieldKind.NUMBER and (asked.unit or bounds != (None, None)):
        raise ConsultDeskError(f'{where}: "unit", "minimum" and "maximum" are for numbers only.')
    low, high = bounds
    if low is not None and high is not None and low > high:
        raise ConsultDeskError(f'{where}: "minimum" is above "maximum".')
    return asked


def specialties(folder: Path) -> dict[str, Specialty]:
    """Every specialty that has a file in `folder`, by code, in the order of their titles.

    Raises ConsultDeskError naming the file that can't be used, and why.
    """
    read = [_read_file(path) for path in sorted(folder.glob("*.toml"))]
    return {item.code: item for item in sorted(read, key=lambda item: item.title)}


def _read_file(path: Path) -> Specialty:
    try:
        specialty = read_specialty(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as unread:
        said = f"The specialty file {path.name} can't be read: {unread}."
        raise ConsultDeskError(said) from unread
    except ConsultDeskError as wrong:
        raise ConsultDeskError(f"In the file {path.name}: {wrong.message}") from wrong
    if specialty.code != path.stem:
        raise ConsultDeskError(
            f'The specialty file {path.name} has the code "{specialty.code}"; both must agree.'
        )
    return specialty


def specialty_for(code: str, among: Mapping[str, Specialty]) -> Specialty:
    """The specialty with that code, else the general one; ConsultDeskError without either."""
    found = among.get(code) or among.get(FALLBACK)
    if found is None:
        raise ConsultDeskError(f'This desk has no form for the specialty "{code}".')
    return found
