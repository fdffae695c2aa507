"""The gate with one piece taken out at a time: each must make a named test fail.

`python -m tests.mutation.gate` tries every clause and condition of delivery.py, and every
statement, condition and trigger of gate.sql, on a copy of the package, and prints a table.
With words, only those whose name has one of them.
"""

import ast
import copy
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
DELIVERY = "consultdesk/consultation/delivery.py"
GATE = "consultdesk/vault/gate.sql"
TESTS = {
    DELIVERY: ("tests/consultation/test_delivery.py",),
    GATE: ("tests/vault/test_gate.py", "tests/vault/test_append_only.py"),
}
_SETTINGS = """
[pytest]
addopts = --import-mode=importlib
pythonpath = .
filterwarnings = error
"""
_TABLES = ("_OF_CONSENT", "_OF_LETTER")
_NEXT = re.compile(r"\s(?:AND|OR|BEGIN|JOIN|LEFT|ORDER|THEN|WHERE)\s")
_NESTS = re.compile(r"\b(?:CASE|END)\b")
_BEGINS = re.compile(r"\b(AND|OR|ON|WHEN|WHERE)\s+")
_FAILED = re.compile(r"(?:FAILED|ERROR) (\S+::\S.*?)(?: - |$)", re.MULTILINE)


@dataclass(frozen=True)
class Mutant:
    """One file with one piece taken out; `hint` names the tests likeliest to notice."""

    path: str
    name: str
    text: str
    hint: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant: the test that killed it, or none."""

    mutant: Mutant
    killer: str


# --- what is taken out --------------------------------------------------------------------


def clauses_taken_out(source: str) -> Iterator[Mutant]:
    """delivery.py without each entry of the tables that clear() goes through."""
    tree = ast.parse(source)
    for number, node in enumerate(tree.body):
        if not (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)):
            continue
        if node.target.id not in _TABLES or not isinstance(node.value, ast.Tuple):
            continue
        for place, entry in enumerate(node.value.elts):
            changed = copy.deepcopy(tree)
            held = changed.body[number]
            assert isinstance(held, ast.AnnAssign)
            assert isinstance(held.value, ast.Tuple)
            del held.value.elts[place]
            assert isinstance(entry, ast.Tuple)
            yield Mutant(DELIVERY, ast.unparse(entry.elts[0]), ast.unparse(changed))


def conditions_taken_out(source: str) -> Iterator[Mutant]:
    """delivery.py without each operand of an `and` or `or` in what the clauses ask."""
    tree = ast.parse(source)
    asked = [node for node in tree.body if _asks(node)]
    found = [one for node in asked for one in ast.walk(node) if isinstance(one, ast.BoolOp)]
    for number, operation in enumerate(found):
        for place, operand in enumerate(operation.values):
            changed = copy.deepcopy(tree)
            again = [node for node in changed.body if _asks(node)]
            same = [one for node in again for one in ast.walk(node) if isinstance(one, ast.BoolOp)]
            del same[number].values[place]
            yield Mutant(DELIVERY, f"condition {ast.unparse(operand)}", ast.unparse(changed))
    for number, node in enumerate(tree.body):
        if not (_asks(node) and isinstance(node, ast.FunctionDef)):
            continue
        for place, statement in enumerate(node.body):
            if isinstance(statement, ast.If):
                changed = copy.deepcopy(tree)
                function = changed.body[number]
                assert isinstance(function, ast.FunctionDef)
                del function.body[place]
                said = f"{node.name}: if {ast.unparse(statement.test)}"
                yield Mutant(DELIVERY, said, ast.unparse(changed))


def _asks(node: ast.stmt) -> bool:
    """Whether this is a clause's own question, or a table of them."""
    if isinstance(node, ast.FunctionDef):
        return node.name.startswith("_") and [a.arg for a in node.args.args] == ["q"]
    return isinstance(node, ast.AnnAssign) and ast.unparse(node.target) in _TABLES


def triggers_taken_out(script: str) -> Iterator[Mutant]:
    """gate.sql without each trigger."""
    for found in triggers(script):
        name = f"trigger {found[1]}"
        yield Mutant(GATE, name, script.replace(found[0], ""), table_of(found[0]))


def table_of(trigger: str) -> str:
    """The table whose rows a trigger watches."""
    return trigger.split(" ON ", 1)[1].split()[0].strip('"')


def statements_taken_out(script: str) -> Iterator[Mutant]:
    """gate.sql without each SELECT RAISE of a trigger that has several."""
    for trigger in triggers(script):
        whole = list(
            re.finditer(r"  SELECT RAISE\(ABORT, '([^']+)'\).*?;\n", trigger[0], re.DOTALL)
        )
        if len(whole) > 1:
            yield from (_without(script, trigger, one) for one in whole)


def cases_taken_out(script: str) -> Iterator[Mutant]:
    """gate.sql without each WHEN … THEN RAISE of a CASE; such a WHEN begins a line."""
    when = r"(?m:^ +WHEN )(?:(?!\n +WHEN ).)*? THEN RAISE\(ABORT, '([^']+)'\)\n?"
    for trigger in triggers(script):
        said: Counter[str] = Counter()
        for one in re.finditer(when, trigger[0], re.DOTALL):
            said[one[1]] += 1
            yield _without(script, trigger, one, said[one[1]])


def triggers(script: str) -> Iterator[re.Match[str]]:
    """Each trigger of gate.sql, with its name."""
    return re.finditer(r"CREATE TRIGGER (\w+).*?\nEND;\n", script, re.DOTALL)


def _without(script: str, trigger: re.Match[str], piece: re.Match[str], number: int = 1) -> Mutant:
    """The script without a piece of one trigger; of several with one name, which."""
    start, end = (trigger.start() + place for place in piece.span())
    name = f"{trigger[1]} {piece[1]}" + (f" ({number})" if number > 1 else "")
    return Mutant(GATE, name, script[:start] + script[end:], piece[1].partition(":")[2])


def sql_conditions_taken_out(script: str) -> Iterator[Mutant]:
    """gate.sql without each condition that begins with AND or OR, or that they follow first."""
    for found in re.finditer(r"(?<=\s)(?:AND|OR) ", script):
        if script[: found.start()].rpartition("\n")[2].lstrip().startswith("--"):
            continue
        end = _end_of_condition(script, found.end())
        yield _condition_taken_out(script, found.start(), end)
        first = _start_of_first(script, found.start())
        if first is not None:
            yield _condition_taken_out(script, first, found.end())


def _condition_taken_out(script: str, start: int, end: int) -> Mutant:
    said = " ".join(script[start:end].split())
    line = script[:start].count("\n") + 1
    return Mutant(
        GATE, f"line {line}: {said[:90]}", script[:start] + script[end:], _about(script, start)
    )


def _about(script: str, place: int) -> str:
    """The clause that a condition belongs to: in a CASE its name comes behind, else before."""
    end = re.compile(r"\bTHEN RAISE\(ABORT, '\w+:(\w+)'|;").search(script, place)
    if end and end[1]:
        return end[1]
    return str(re.findall(r"'(?:gate|kept):(\w+)'", script[:place])[-1])


def _end_of_condition(script: str, start: int) -> int:
    """Where the condition that begins at `start` ends: before the next one, or its bracket."""
    depth = 0
    for place in range(start, len(script)):
        letter = script[place]
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if word := _NESTS.match(script, place):
            depth += 1 if word[0] == "CASE" else -1
        ends = letter == ";" or _NEXT.match(script, place)
        if depth < 0 or (depth == 0 and ends):
            return place
    return len(script)


def _start_of_first(script: str, end: int) -> int | None:
    """Where the condition that ends at `end` begins, None for one behind another AND or OR."""
    depth = 0
    for place in range(end - 1, 0, -1):
        depth += {"(": -1, ")": 1}.get(script[place], 0)
        if depth < 0:
            return place + 1
        word = _BEGINS.match(script, place)
        if depth == 0 and word:
            return None if word[1] in ("AND", "OR") else word.end()
    return None


def mutants() -> list[Mutant]:
    """All of them."""
    delivery = (CHECKOUT / DELIVERY).read_text("utf-8")
    gate = (CHECKOUT / GATE).read_text("utf-8")
    return [
        *clauses_taken_out(delivery),
        *conditions_taken_out(delivery),
        *statements_taken_out(gate),
        *cases_taken_out(gate),
        *triggers_taken_out(gate),
        *sql_conditions_taken_out(gate),
    ]


# --- what is tried ------------------------------------------------------------------------


class Copy:
    """A copy of the package and its tests, for one mutant after another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        leave = shutil.ignore_patterns("__pycache__")
        for name in ("consultdesk", "tests/consultation", "tests/vault"):
            shutil.copytree(CHECKOUT / name, folder / name, ignore=leave)
        (folder / "pytest.ini").write_text(_SETTINGS, "utf-8")

    def run(self, tests: tuple[str, ...], hint: str = "") -> tuple[int, str]:
        """Run the tests to the first failure; the exit status, and that test's name."""
        asked = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
        said = subprocess.run(
            [*asked, *(["-k", hint] if hint else []), *tests],
            cwd=self.folder,
            # Qt and the like take longer to load than the tests take to run
            env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        failed = _FAILED.search(said.stdout)
        return said.returncode, failed[1] if failed else said.stdout[-400:]

    def try_out(self, mutant: Mutant) -> Outcome:
        """Put the mutant in place, run the tests of its file, and put things right again."""
        path = self.folder / mutant.path
        good = path.read_text("utf-8")
        path.write_text(mutant.text, "utf-8")
        try:
            status, killer = 0, ""
            if mutant.hint:
                status, killer = self.run(TESTS[mutant.path], mutant.hint)
            if status != 1:
                status, killer = self.run(TESTS[mutant.path])
        finally:
            path.write_text(good, "utf-8")
        if status not in (0, 1):
            return Outcome(mutant, f"(the tests didn't run) {killer}")
        return Outcome(mutant, killer if status else "")


def main(words: list[str]) -> int:
    """Try every mutant, or those whose name has one of the words; fail when one survives."""
    survivors = 0
    tried = [m for m in mutants() if not words or any(word in m.name for word in words)]
    with tempfile.TemporaryDirectory() as folder:
        place = Copy(Path(folder) / "copy")
        for tests in TESTS.values():
            status, said = place.run(tests)
            if status:
                print(f"The tests fail as they are: {said}")
                return 1
        print("| taken out | of | killed by |\n|---|---|---|")
        for mutant in tried:
            outcome = place.try_out(mutant)
            survivors += not outcome.killer
            killer = outcome.killer.split("::")[-1] or "**survived**"
            print(f"| {mutant.name} | {Path(mutant.path).name} | {killer} |", flush=True)
    print(f"\n{len(tried)} mutants, {survivors} survivors")
    return bool(survivors)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
