"""FHIR data types in words, tolerant of whatever stands where a value should."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from consultdesk.records import wording

Node = dict[str, Any]

_HIDDEN = frozenset(("style", "script", "head"))
_BREAKS = frozenset(("p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "table", "ul", "ol"))


def child(node: Node, key: str) -> Node:
    """The object under a key, empty where there is none; the first of several."""
    found = node.get(key)
    if isinstance(found, list):
        found = found[0] if found else None
    return found if isinstance(found, dict) else {}


def many(node: Node, key: str) -> list[Node]:
    """All objects under a key."""
    found = node.get(key)
    if isinstance(found, dict):
        return [found]
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def word(node: Node, key: str) -> str:
    """A primitive under a key as text on one line; empty where there is none."""
    found = node.get(key)
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, (int, float)):
        return f"{found:g}" if isinstance(found, float) else str(found)
    return wording.one_line(found) if isinstance(found, str) else ""


def concept(node: Node) -> str:
    """A CodeableConcept or Coding: its text, else a display, else a code (R4 2.24.0.4)."""
    if text := word(node, "text"):
        return text
    codings = many(node, "coding") or [node]
    return next(
        (found for key in ("display", "code") for one in codings if (found := word(one, key))), ""
    )


def concepts(node: Node, key: str) -> str:
    """All concepts under a key, joined."""
    return ", ".join(words for one in many(node, key) if (words := concept(one)))


def codes(node: Node) -> set[str]:
    """The codes of a CodeableConcept."""
    return {code for one in many(node, "coding") if (code := word(one, "code"))}


def quantity(node: Node) -> str:
    """A Quantity with its comparator and unit."""
    value = word(node, "value")
    unit = word(node, "unit") or word(node, "code")
    shown = unit if unit not in ("1", "{score}") else ""
    gap = "" if shown == "%" else " "
    return f"{word(node, 'comparator')}{value}{gap}{shown}".strip() if value else ""


def span(node: Node) -> str:
    """A Range or reference range: its text, or low to high."""
    if text := word(node, "text"):
        return text
    low, high = quantity(child(node, "low")), quantity(child(node, "high"))
    if low and high:
        unit = word(child(node, "high"), "unit")
        return f"{low.removesuffix(unit).strip()} to {high}" if unit else f"{low} to {high}"
    return f"from {low}" if low else f"up to {high}" if high else ""


def name(node: Node) -> str:
    """A HumanName, the official one before others."""
    ranked = sorted(many(node, "name"), key=lambda one: _RANK.get(word(one, "use"), 2))
    for one in ranked:
        if text := word(one, "text"):
            return text
        parts = [
            *_words(one, "prefix"),
            *_words(one, "given"),
            *_words(one, "family"),
            *_words(one, "suffix"),
        ]
        if parts:
            return wording.one_line(" ".join(parts))
    return word(node, "name")


_RANK = {"official": 0, "usual": 1, "maiden": 4, "old": 5}


def _words(node: Node, key: str) -> list[str]:
    found = node.get(key)
    if isinstance(found, str):
        return [found]
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def phone(node: Node) -> str:
    """The first telephone number of a telecom list."""
    numbers = (
        word(one, "value") for one in many(node, "telecom") if word(one, "system") == "phone"
    )
    return next((number for number in numbers if number), "")


def when(node: Node, *keys: str) -> str:
    """The first date among the keys, a dateTime or a Period's start, cut to the day."""
    for key in keys:
        found = word(node, key) or word(child(node, key), "start") or word(child(node, key), "end")
        if re.match(r"\d{4}(-\d{2}(-\d{2})?)?", found):
            return found[:10]
    return ""


def value(node: Node) -> str:
    """value[x] of an Observation, component or extension in words (R4 10.1)."""
    for key, found in node.items():
        if not key.startswith("value") or found is None:
            continue
        if isinstance(found, (str, int, float)):
            return word(node, key)
        inner = child(node, key)
        if key in ("valueQuantity", "valueAge", "valueDuration"):
            return quantity(inner)
        if key == "valueCodeableConcept":
            return concept(inner)
        if key == "valueRange":
            return span(inner)
        if key == "valueRatio":
            parts = quantity(child(inner, "numerator")), quantity(child(inner, "denominator"))
            return " / ".join(part for part in parts if part)
        if key == "valuePeriod":
            return " to ".join(
                word(inner, end)[:10] for end in ("start", "end") if word(inner, end)
            )
        if key == "valueSampledData":
            return "a curve, which can't be shown"
        return concept(inner)
    return (
        f"missing: {concept(child(node, 'dataAbsentReason'))}" if "dataAbsentReason" in node else ""
    )


def reference(node: Node, key: str) -> str:
    """The display of a Reference, empty where there is only a link."""
    shown = (word(one, "display") for one in many(node, key))
    return ", ".join(one for one in shown if one)


def narrative(node: Node) -> str:
    """The generated text of a resource without its markup (R4 2.4)."""
    return from_html(word_raw(child(node, "text"), "div"))


def word_raw(node: Node, key: str) -> str:
    """A string as it stands, line breaks kept."""
    found = node.get(key)
    return wording.clean(found) if isinstance(found, str) else ""


def from_html(markup: str) -> str:
    """The words of HTML, one line a block."""
    reader = _Words()
    reader.feed(markup)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)


class _Words(HTMLParser):
    """Collects the words of HTML and forgets everything else."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block begins a line."""
        self._hidden += tag in _HIDDEN
        self.parts.append("\n" if tag in _BREAKS else " " if tag in ("td", "th") else "")

    def handle_endtag(self, tag: str) -> None:
        """A block ends a line."""
        self._hidden = max(0, self._hidden - (tag in _HIDDEN))
        self.parts.append("\n" if tag in _BREAKS else "")

    def handle_data(self, data: str) -> None:
        """Keep the words."""
        if not self._hidden:
            self.parts.append(data)


_PLUMBING = frozenset((
    "resourceType", "id", "meta", "text", "extension", "modifierExtension", "contained",
    "implicitRules", "identifier", "reference", "system", "status", "fullUrl", "sequence",
))  # fmt: skip
_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})T[\d:.]+(?:Z|[+-]\d{2}:\d{2})?")


def primitives(node: Node, depth: int = 2) -> Iterator[tuple[str, str]]:
    """The plain values of an unknown resource with their names, to a small depth."""
    for key, found in node.items():
        if key in _PLUMBING:
            continue
        label = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key).lower()
        if isinstance(found, (str, int, float)) and (words := word(node, key)):
            yield label, _INSTANT.sub(r"\1", words)
        elif isinstance(found, (dict, list)):
            for one in many(node, key)[:5]:
                words = concept(one) or reference({"r": one}, "r")
                if words:
                    yield label, words
                elif depth > 1:
                    yield from primitives(one, depth - 1)
