"""What a campaign came to, and the table that says it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

LOST, HALF, UNDETECTED, UNCLEAR = "lost", "half", "undetected", "unclear"
MUST_BE_NONE = (LOST, HALF, UNDETECTED, UNCLEAR)
"""Acknowledged acts lost; acts half done; damage nobody was told of; failures not said in words."""

Finding = tuple[str, str]
"""One of MUST_BE_NONE, and what was found."""


@dataclass
class Result:
    """The figures of one campaign. `landed` counts where faults fell: (row, column)."""

    name: str
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    landed: Counter[tuple[str, str]] = field(default_factory=Counter)
    runs: int = 0
    findings: list[Finding] = field(default_factory=list)
    figures: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    """The phases in which no fault fell."""
    seconds: float = 0.0
    left_out: str = ""
    """Why the campaign can't be run here, "" where it was."""

    def met(self, findings: Iterable[Finding], where: str) -> None:
        """Take in what was found after a fault there."""
        self.findings += [(kind, f"{where}: {said}") for kind, said in findings]

    @property
    def good(self) -> bool:
        """Whether nothing was found that must not be, and no phase was left out."""
        return not (self.findings or self.missed)

    def as_json(self) -> dict[str, Any]:
        """For a file, and for a campaign that ran in a process of its own."""
        landed = [[*where, many] for where, many in self.landed.items()]
        return {**self.__dict__, "landed": landed, "figures": dict(self.figures)}

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> "Result":
        """As `as_json` gave it."""
        landed = Counter({(row, column): many for row, column, many in said["landed"]})
        figures = Counter(said["figures"])
        findings = [(kind, words) for kind, words in said["findings"]]
        rows, columns = tuple(said["rows"]), tuple(said["columns"])
        whole = said | {"landed": landed, "figures": figures, "findings": findings}
        return cls(**whole | {"rows": rows, "columns": columns})


def table(results: Iterable[Result]) -> str:
    """Every campaign in one line, then where its faults fell, as Markdown."""
    results = tuple(results)
    head = (
        *("campaign", "runs", "minutes", "acknowledged acts lost", "half acts"),
        *("undetected damage", "not said in words", "phases without a fault"),
    )
    lines = [_line(head), _line("---" for _ in head)]
    for one in results:
        found = Counter(kind for kind, _ in one.findings)
        took = f"{one.seconds / 60:.1f}"
        if one.left_out:
            lines.append(_line((one.name, f"left out: {one.left_out}", *("",) * 6)))
        else:
            figures = (str(found[kind]) for kind in MUST_BE_NONE)
            lines.append(
                _line((one.name, str(one.runs), took, *figures, ", ".join(one.missed) or "none"))
            )
    for one in results:
        if not one.left_out:
            lines += ["", *_histogram(one)]
    return "\n".join(lines)


def _histogram(one: Result) -> list[str]:
    lines = [_line((one.name, *one.columns)), _line("---" for _ in ("", *one.columns))]
    for row in one.rows:
        lines.append(_line((row, *(str(one.landed[row, column]) for column in one.columns))))
    lines += [""] + [f"- {what}: {many}" for what, many in one.figures.items()]
    found = Counter(one.findings)
    return lines + [f"- **{kind}** {many} × {said}" for (kind, said), many in found.items()]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
