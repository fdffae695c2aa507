"""Ours and its peer measured by turns, and one table of what it came to."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture


@dataclass(frozen=True)
class Line:
    """One line of the table; times in seconds, `limit` a ratio ours/peer or None for none."""

    what: str
    ours: float
    peer: float
    limit: float | None

    @property
    def ratio(self) -> float:
        """How many times the peer's time ours takes."""
        return self.ours / self.peer

    @property
    def kept(self) -> bool:
        """Whether it stays within its limit."""
        return self.limit is None or self.ratio <= self.limit


@dataclass
class SideBySide:
    """Measures; when benchmarks are disabled each side runs once and nothing is said."""

    benchmark: "BenchmarkFixture"
    lines: list[Line]
    enabled: bool = field(init=False)

    def __post_init__(self) -> None:
        self.enabled = bool(self.benchmark.enabled)

    def measure(
        self,
        what: str,
        ours: Callable[[], object],
        peer: Callable[[], object] | float,
        limit: float | None,
        *,
        rounds: int = 15,
    ) -> None:
        """Compare, and have pytest-benchmark measure ours once more for its table and files."""
        self.compare(what, ours, peer, limit, rounds=rounds)
        measure: Callable[..., object] = self.benchmark.pedantic
        measure(ours, rounds=3 if self.enabled else 1)

    def compare(
        self,
        what: str,
        ours: Callable[[], object],
        peer: Callable[[], object] | float,
        limit: float | None,
        *,
        rounds: int = 15,
    ) -> None:
        """Medians of both sides, taken by turns so that a busy machine troubles both alike.

        `peer` may be a number of seconds.
        """
        if not self.enabled:
            rounds = 1
        mine, theirs = [], []
        for turn in range(rounds + self.enabled):
            took = _took(ours), peer if isinstance(peer, float) else _took(peer)
            if turn or not self.enabled:  # the first warms both up
                mine.append(took[0])
                theirs.append(took[1])
        line = Line(what, statistics.median(mine), statistics.median(theirs), limit)
        if self.enabled:
            self.lines.append(line)
            self.benchmark.extra_info[what] = line.ratio


def _took(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


_LINES = pytest.StashKey[list[Line]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_LINES] = []


@pytest.fixture
def side_by_side(request: pytest.FixtureRequest, benchmark: "BenchmarkFixture") -> SideBySide:
    """Ours against its peer."""
    return SideBySide(benchmark, request.config.stash[_LINES])


@pytest.fixture(scope="session")
def measuring(request: pytest.FixtureRequest) -> bool:
    """Whether times count; otherwise everything is small and runs once."""
    return not request.config.getoption("benchmark_disable") or bool(
        request.config.getoption("benchmark_enable")
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = terminalreporter.config.stash.get(_LINES, [])
    if not lines:
        return
    width = max(len(line.what) for line in lines)
    terminalreporter.section("ours against its peer, medians")
    terminalreporter.write_line(
        f"{'what':{width}} | {'ours':>10} | {'peer':>10} | {'ratio':>6} | limit"
    )
    for line in lines:
        limit = "" if line.limit is None else f"{line.limit:.2f}"
        said = (
            f"{line.what:{width}} | {line.ours * 1000:7.2f} ms | {line.peer * 1000:7.2f} ms | "
            f"{line.ratio:6.2f} | {limit}{'' if line.kept else '  OVER'}"
        )
        terminalreporter.write_line(said, red=not line.kept)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A passed limit fails the run, and only a run that measures."""
    if not all(line.kept for line in session.config.stash.get(_LINES, [])):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
