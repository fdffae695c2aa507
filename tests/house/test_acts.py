"""Every act that the program can write into the audit has plain words."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from consultdesk.consultation.act_words import ACTS, ActKind, act_words, acts_of, acts_saying
from consultdesk.consultation.assessment import Phase
from consultdesk.transports.transport import State

FORMATTED = {
    "record_{kind}": [f"record_{one}" for one in (*State, "failed", "sent", "unknown")],
    "save_{phase.value}": [f"save_{one}" for one in Phase],
    "{to.value}_case": [f"{one}_case" for one in ("on_hold", "withdrawn", "returned", "declined")],
    "consent_{kind.replace('-', '_')}": [
        f"consent_{one}"
        for one in (
            "event_occurred",
            "evidence_completed",
            "inactive",
            "entered_in_error",
            "reconfirmed",
        )
    ],
}
"""Names made at run time, and all that they can become."""


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _functions(trees: list[ast.Module]) -> Iterator[ast.FunctionDef]:
    for tree in trees:
        yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _named(argument: ast.expr, within: ast.FunctionDef) -> set[str]:
    if isinstance(argument, ast.Constant):
        return {str(argument.value)}
    if isinstance(argument, ast.IfExp):
        return _named(argument.body, within) | _named(argument.orelse, within)
    if isinstance(argument, ast.JoinedStr):
        return set(FORMATTED[ast.unparse(argument)[2:-1]])
    if isinstance(argument, ast.Name):
        given = [
            _named(node.value, within)
            for node in ast.walk(within)
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == argument.id
        ]
        return set().union(*given)
    return set()


def act_names(package: Path) -> set[str]:
    """Every name that reaches `Act(…)`, through functions that take it as their own argument."""
    trees = [ast.parse(path.read_text("utf-8")) for path in sorted(package.rglob("*.py"))]
    takes: dict[str, int] = {"Act": 0}
    names: defaultdict[str, set[str]] = defaultdict(set)
    while True:
        before = dict(takes)
        for function in _functions(trees):
            own = [one.arg for one in function.args.args]
            for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
                place = takes.get(_called(call))
                if place is None or len(call.args) <= place:
                    continue
                argument = call.args[place]
                if isinstance(argument, ast.Name) and argument.id in own:
                    takes[function.name] = own.index(argument.id)
                names[function.name] |= _named(argument, function)
        if takes == before:
            return set().union(*names.values())


def test_every_act_has_plain_words(checkout: Path) -> None:
    found = act_names(checkout / "consultdesk")
    assert {"sign_letter", "view_record", "unlock", "save_own_read", "revoke_consent"} <= found
    assert found - ACTS.keys() == set()


def test_no_two_acts_say_the_same_and_each_kind_has_some() -> None:
    said = [one.words for one in ACTS.values()]
    assert len(said) == len(set(said))
    assert all(acts_of(kind) for kind in ActKind)


def test_acts_are_found_by_their_words_and_an_unknown_one_by_its_name() -> None:
    assert acts_saying("LEGAL hold") == ("set_legal_hold", "lift_legal_hold")
    assert act_words("turn_around").words == "Turn around"
