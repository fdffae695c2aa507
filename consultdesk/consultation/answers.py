"""What is entered in a specialty's form: whether it is complete, and how it reads in words."""

import re
from collections.abc import Iterator, Mapping

from consultdesk.consultation.form import Field, FieldKind, Specialty

CHECKED = "yes"
"""The answer of a ticked box; an unticked one has none."""

_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?")


def picked(answer: str) -> tuple[str, ...]:
    """The options an answer to several choices names."""
    return tuple(line for line in answer.split("\n") if line)


def joined(options: Mapping[str, bool]) -> str:
    """The answer to several choices: every option that is ticked, one a line."""
    return "\n".join(option for option, ticked in options.items() if ticked)


def problem(asked: Field, answer: str) -> str:
    """What is wrong with an answer, in one clause; empty when nothing is, or nothing is said."""
    if not answer.strip():
        return ""
    match asked.kind:
        case FieldKind.NUMBER:
            return _number_problem(asked, answer.strip())
        case FieldKind.CHOICE | FieldKind.CHOICES:
            given = picked(answer) if asked.kind is FieldKind.CHOICES else (answer,)
            strange = next((option for option in given if option not in asked.options), None)
            return f'{asked.label}: "{strange}" isn\'t one of the choices' if strange else ""
        case FieldKind.CHECK:
            return "" if answer == CHECKED else f"{asked.label}: ticked or not, nothing else"
        case _:
            return ""


def _number_problem(asked: Field, answer: str) -> str:
    if not _NUMBER.fullmatch(answer):
        return f'{asked.label}: "{answer[:40]}" isn\'t a number'
    value = float(answer)
    unit = f" {asked.unit}" if asked.unit else ""
    if asked.minimum is not None and value < asked.minimum:
        return f"{asked.label}: at least {asked.minimum:g}{unit}"
    if asked.maximum is not None and value > asked.maximum:
        return f"{asked.label}: at most {asked.maximum:g}{unit}"
    return ""


def open_points(fields: tuple[Field, ...], answers: Mapping[str, str]) -> tuple[str, ...]:
    """What stands against locking these answers: required ones not given, and wrong ones."""
    points = []
    for asked in fields:
        answer = answers.get(asked.key, "")
        if asked.required and not answer.strip():
            points.append(f"{asked.label}: not filled in")
        elif wrong := problem(asked, answer):
            points.append(wrong)
    return tuple(points)


def in_words(asked: Field, answer: str) -> str:
    """An answer as a letter prints it, with its unit."""
    match asked.kind:
        case FieldKind.CHOICES:
            return "; ".join(picked(answer))
        case FieldKind.NUMBER:
            return f"{answer.strip()} {asked.unit}".strip() if answer.strip() else ""
        case _:
            return answer.strip()


Line = tuple[str, str]
"""A label, and the answer to it in words."""


def findings(
    specialty: Specialty, answers: Mapping[str, str]
) -> tuple[tuple[str, tuple[Line, ...]], ...]:
    """What was answered, section by section: (title, ((label, answer in words), …)).

    Answers to fields that the form no longer has aren't lost: they come last, by their key.
    """
    listed: list[tuple[str, tuple[Line, ...]]] = []
    for section in specialty.own_read:
        lines = tuple(_lines(section.fields, answers))
        if lines:
            listed.append((section.title, lines))
    known = {asked.key for asked in (*specialty.fields, *specialty.comparison)}
    others = tuple(
        (key.replace("_", " "), answer)
        for key, answer in answers.items()
        if key not in known and answer.strip()
    )
    return (*listed, ("Other findings", others)) if others else tuple(listed)


def _lines(fields: tuple[Field, ...], answers: Mapping[str, str]) -> Iterator[Line]:
    for asked in fields:
        if answer := in_words(asked, answers.get(asked.key, "")):
            yield asked.label, answer
