"""Dates as records write them, turned into ISO dates where they can mean one day only."""

import re
from datetime import date

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier enero", "feb february februar février febrero",
            "mar march märz mars marzo", "apr april avril abril", "may mai mayo",
            "jun june juni juin junio", "jul july juli juillet julio",
            "aug august août agosto", "sep sept september septembre septiembre",
            "oct october oktober octobre octubre", "nov november novembre noviembre",
            "dec december dezember décembre diciembre",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip

PATTERN = (
    r"(?:\d{4}-\d{2}-\d{2}|\d{1,2}\.\s?\d{1,2}\.\s?\d{4}|\d{1,2}/\d{1,2}/\d{4}"
    r"|\d{1,2}(?:st|nd|rd|th)?\.? [^\W\d_]{3,10}\.?,? \d{4}"
    r"|[^\W\d_]{3,10}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4})"
)
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\.? ([^\W\d_]+)\.?,? (\d{4})")
_MONTH_FIRST = re.compile(r"([^\W\d_]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")


def iso(text: str) -> str:
    """The ISO date a written date means; empty where it isn't one or could mean two days.

    03/04/1961 is March to one reader and April to another, so it is left to a person.
    """
    text = text.strip()
    if found := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text):
        return _valid(found[1], found[2], found[3])
    if found := re.fullmatch(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})", text):
        return _valid(found[3], found[2], found[1])
    if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text):
        return _slashed(int(found[1]), int(found[2]), found[3])
    if found := _DAY_FIRST.fullmatch(text):
        return _named(found[3], found[2], found[1])
    if found := _MONTH_FIRST.fullmatch(text):
        return _named(found[3], found[1], found[2])
    return ""


def compact(text: str) -> str:
    """An ISO date from the packed form of DICOM DA and HL7 TS: YYYYMMDD…, else empty."""
    found = re.match(r"(\d{4})[.-]?(\d{2})[.-]?(\d{2})", text.strip())
    return _valid(found[1], found[2], found[3]) if found else ""


def _slashed(first: int, second: int, year: str) -> str:
    if first == second or second > 12:
        return _valid(year, first, second)
    return _valid(year, second, first) if first > 12 else ""


def _named(year: str, month: str, day: str) -> str:
    number = _MONTHS.get(month.casefold())
    return _valid(year, number, day) if number else ""


def _valid(year: str | int, month: str | int, day: str | int) -> str:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""
