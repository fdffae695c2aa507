"""A throw-away practice with cases in every state, for the demo, the tests and the eye."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from consultdesk.consultation.audit import Role, User
from consultdesk.consultation.case import CaseState, FlagAnswer, RedFlag
from consultdesk.consultation.letter import Letter, LetterKind, Practice
from consultdesk.consultation.source import Progress
from consultdesk.desk import cases, letter, opinion, store
from consultdesk.errors import Cancelled
from consultdesk.records.reader import Reader
from consultdesk.samples import walk
from consultdesk.samples.stories import STORIES
from consultdesk.samples.walk import Story
from consultdesk.vault.vault import Vault

PASSPHRASE = "synthetic patients only"  # noqa: S105 - opens nothing but a throw-away store
PHYSICIAN = User("demo", "Dr. Ada Berg", Role.PHYSICIAN, "SYN 44 71", "Second opinions")
LETTERHEAD = Practice(
    "Berg Second Opinions",
    "4 Sample Square, 1000 Sampleton",
    "+1 555 0123",
    "desk@example.org",
)

_DAY = 86_400_000
_HOUR = 3_600_000
_FIRST_DAYS_AGO = 26

Step = tuple[float, Callable[[int], None]]
"""Working days after the case was received, and what is done then."""

Planned = tuple[int, int, Callable[[int], None]]
"""When (UTC ms), in which order of equals, and what is done."""

_ENDS: tuple[str, ...] = (
    "drafting", "ready", "urgent_stop", "released", "comparison", "collecting",
    "own_read", "on_hold", "patient_only", "acknowledged", "received", "signed",
    "closed", "returned", "declined", "withdrawn",
)  # fmt: skip
"""How far each story has come, in the order of STORIES: one in every state."""
_ASIDE = {
    "returned": (CaseState.RETURNED, "Sent back: the images are those of another patient."),
    "declined": (CaseState.DECLINED, "Not a question this practice can answer."),
    "withdrawn": (CaseState.WITHDRAWN, "The patient has decided without a second opinion."),
}


def make_practice(
    folder: Path,
    handed_over: Path,
    now: int,
    *,
    count: int = len(STORIES),
    desktop: bool = False,
    progress: Progress | None = None,
) -> Vault:
    """Make the store and fill it with `count` cases, as if the desk had been in use for weeks.

    Letters that went out lie in `handed_over`, behind a password. Raises Cancelled.
    """
    watch = progress or Progress()
    began = _weekday(now - _FIRST_DAYS_AGO * _DAY)
    vault = store.make(folder, PHYSICIAN, PASSPHRASE, began, desktop=desktop, throw_away=True)
    try:
        store.set_letterhead(vault, LETTERHEAD, began)
        # one reading process for all the cases: starting one takes as long as reading a case
        with Reader(watch) as reader:
            last = _live(_plan(vault, handed_over, began, now, count, reader), vault, began, watch)
        if now - last > _DAY:
            store.confirm_clock(vault, now)
    except BaseException:
        vault.close()
        raise
    return vault


def _plan(
    vault: Vault, handed_over: Path, began: int, now: int, count: int, reader: Reader
) -> list[Planned]:
    """Every act of every case and its time, as a heap."""
    plan: list[Planned] = []
    for n in range(count):
        story, end = _story(n), _ENDS[n % len(_ENDS)]
        received = _received(began, now, n, count, end)
        for order, (days, act) in enumerate(_steps(vault, story, end, handed_over, reader)):
            at = _add_working_days(received, days) + order * 1000
            heapq.heappush(plan, (min(at, now), n * 100 + order, act))
    return plan


def _live(plan: list[Planned], vault: Vault, began: int, watch: Progress) -> int:
    """Do all that is planned, in its order; returns the time of the last act."""
    last = began
    for done in range(1, len(plan) + 1):
        at, _order, act = heapq.heappop(plan)
        watch.report(done, done + len(plan), "Making synthetic cases")
        if watch.cancelled():
            raise Cancelled("Stopped.")
        if at - last > _DAY:
            store.confirm_clock(vault, at)
        act(at)
        last = max(last, at)
    return last


def _story(n: int) -> Story:
    story = STORIES[n % len(STORIES)]
    if n < len(STORIES):
        return story
    person = story.person
    again = replace(
        person, family=f"{person.family} {n + 1}", identifier=f"{person.identifier}-{n + 1}"
    )
    return replace(story, person=again)


def _received(began: int, now: int, n: int, count: int, end: str) -> int:
    """Finished cases came early, the open ones lately."""
    finished = {"released": 20, "acknowledged": 24, "closed": 23, "patient_only": 16, "signed": 9}
    days_ago = finished.get(end)
    if days_ago is None:
        days_ago = 1 + (n * 7) % 8 if end not in ("received", "collecting") else n % 2
    at = now - days_ago * _DAY - (n % 5) * _HOUR
    return max(began + (n + 1) * 60_000, _weekday(at) if days_ago > 2 else at)


def _steps(
    vault: Vault, story: Story, end: str, handed_over: Path, reader: Reader
) -> Iterator[Step]:
    """The acts of one case up to where it stands."""
    known: dict[str, str] = {}
    letters: dict[str, Letter] = {}

    def number() -> str:
        return known["number"]

    def receive(at: int) -> None:
        known["number"] = walk.receive(vault, story, at, reader)

    def sign(at: int) -> None:
        letters["signed"] = walk.sign(vault, number(), PASSPHRASE, at)

    def release(at: int) -> None:
        walk.agree(vault, number(), at)
        handed_over.mkdir(parents=True, exist_ok=True)
        password = "given by telephone"  # noqa: S105 - protects a synthetic letter
        walk.release(vault, number(), letters["signed"], handed_over, password, at)

    yield 0, receive
    if end == "received":
        return
    yield 0.1, lambda at: walk.confirm(vault, number(), story, at)
    if end == "urgent_stop":
        yield 0.12, lambda at: _raise_flag(vault, number(), at)
        return
    if end in _ASIDE:
        to, why = _ASIDE[end]
        yield 0.2, lambda at: cases.move_aside(vault, number(), to, why, at)
        return
    yield 0.15, lambda at: walk.accept(vault, number(), at)
    if end == "collecting":
        yield 0.2, lambda at: cases.wait_for(vault, number(), "records", at)
        return
    yield 0.3, lambda at: walk.get_ready(vault, number(), at)
    if end == "ready":
        return
    if end == "on_hold":
        yield (
            0.5,
            lambda at: cases.move_aside(
                vault, number(), CaseState.ON_HOLD, "The patient travels until Monday.", at
            ),
        )
        return
    if end == "own_read":
        yield 0.6, lambda at: _begin(vault, number(), story, at)
        return
    yield 0.8, lambda at: walk.read(vault, number(), story, at)
    if end == "comparison":
        return
    yield 0.9, lambda at: walk.compare(vault, number(), story, at)
    yield 1.0, lambda at: walk.draft(vault, number(), story, at)
    if end == "drafting":
        return
    yield 1.2, sign
    if end == "signed":
        return
    if end == "patient_only":
        yield 1.6, lambda at: _to_patient(vault, number(), handed_over, at)
        return
    yield 1.8, release
    if end in ("acknowledged", "closed"):
        yield (
            3.0,
            lambda at: cases.acknowledge(
                vault, number(), "The practice confirmed it by telephone.", at
            ),
        )
    if end == "closed":
        yield 4.0, lambda at: cases.close(vault, number(), at)


def _raise_flag(vault: Vault, number: str, at: int) -> None:
    flag = cases.open_case(vault, number).specialty.red_flags[0]
    said = RedFlag(flag.code, flag.text, FlagAnswer.YES, asked_of="the patient, by telephone")
    cases.answer_flags(vault, number, (said,), at)


def _begin(vault: Vault, number: str, story: Story, at: int) -> None:
    opinion.begin(vault, number, at)
    own = walk.own_read(cases.open_case(vault, number), story)
    opinion.save_own_read(vault, number, replace(own, diagnosis=""), at)


def _to_patient(vault: Vault, number: str, handed_over: Path, at: int) -> None:
    signed = letter.sign(vault, number, LetterKind.PATIENT_ONLY, PASSPHRASE, at)
    handed_over.mkdir(parents=True, exist_ok=True)
    walk.release(vault, number, signed, handed_over, "given by telephone", at)


# --- working days -------------------------------------------------------------------------


def _weekday(at: int) -> int:
    """The same time on that day, or on the Friday before a weekend."""
    day = datetime.fromtimestamp(at / 1000, UTC)
    back = max(0, day.weekday() - 4)
    return int((day - timedelta(days=back)).timestamp() * 1000)


def _add_working_days(at: int, days: float) -> int:
    moved = datetime.fromtimestamp(at / 1000, UTC)
    whole = int(days)
    while whole:
        moved += timedelta(days=1)
        whole -= moved.weekday() < 5
    return int(moved.timestamp() * 1000 + (days % 1) * _DAY / 3)
