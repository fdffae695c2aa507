"""One act on one case: who may do it, from which state, and its clocks refreshed at the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from consultdesk.consultation.audit import Act, Role
from consultdesk.consultation.case import RELEASED_STATES, Case, CaseState, next_states
from consultdesk.desk import access, clocks
from consultdesk.errors import FormIncomplete
from consultdesk.vault import cases
from consultdesk.vault.rows import Writing
from consultdesk.vault.vault import Vault

TOPICS = frozenset({"queue", "case"})
SIGNED_STATES = frozenset({CaseState.SIGNED, *RELEASED_STATES})
ENDED_STATES = frozenset({CaseState.RETURNED, CaseState.DECLINED, CaseState.WITHDRAWN})
_PARKED = (CaseState.URGENT_STOP, CaseState.ON_HOLD)


@contextmanager
def on_case(
    vault: Vault,
    what: str,
    number: str,
    now: int,
    *,
    roles: tuple[Role, ...] = access.CLINICAL,
    entity: str = "",
    reason: str = "",
    topics: frozenset[str] = TOPICS,
) -> Iterator[tuple[Writing, Case]]:
    """One act on one case by someone who may see it. Raises NotAllowed, NotFound."""
    access.require(vault, *roles)
    with vault.read() as reading:
        case_id = access.find(reading, number).id
    act = Act(what, now, case_id=case_id, entity=entity, reason=reason, topics=topics)
    with vault.act(act) as writing:
        yield writing, access.find(writing, number)
        clocks.refresh(writing, case_id, now)


def standing(case: Case) -> CaseState:
    """The state, or for a case stopped or on hold the one it will come back to."""
    return case.state_before or case.state if case.state in _PARKED else case.state


def is_signed(case: Case) -> bool:
    """Whether a letter has been signed, so that what it says can't change any more."""
    return standing(case) in SIGNED_STATES


def check_move(case: Case, to: CaseState) -> None:
    """Raise FormIncomplete unless the case may go there from where it is."""
    if to not in next_states(case.state, case.state_before):
        state = case.state.replace("_", " ")
        raise FormIncomplete(f"A case that is {state} can't become {to.replace('_', ' ')}.")


def check(missing: tuple[str, ...], message: str) -> None:
    """Raise FormIncomplete when something is missing."""
    if missing:
        raise FormIncomplete(message, missing)


def check_not_signed(case: Case, changed: tuple[str, ...] = ()) -> None:
    """Raise FormIncomplete when a signed letter already says what would change."""
    if is_signed(case):
        raise FormIncomplete(
            "The letter is signed; what it rests on doesn't change any more"
            + (":" if changed else "."),
            changed,
            cure="What is new goes into an addendum.",
        )


def advance(writing: Writing, case: Case, to: CaseState, *, at: int, by: str) -> None:
    """Take the next step of reading. An urgent stop stays in force: it stops sending only.

    Raises FormIncomplete where the step doesn't follow.
    """
    here = standing(case) if case.state is CaseState.URGENT_STOP else case.state
    if to not in next_states(here):
        state = case.state.replace("_", " ")
        raise FormIncomplete(f"This step doesn't follow while the case is {state}.")
    cases.move(writing, case, to, at=at, by=by)
    if case.state is CaseState.URGENT_STOP:
        moved = replace(case, state=to, state_before=None)
        cases.move(writing, moved, CaseState.URGENT_STOP, at=at, by=by)
