"""The opinion: own read, lock, comparison, and the draft of what the letter will say."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from consultdesk.consultation.assessment import (
    Comparison,
    Opinion,
    OwnRead,
    Phase,
    digest,
    missing_for_comparison,
    missing_for_drafting,
)
from consultdesk.consultation.audit import Act, Role
from consultdesk.consultation.case import Case, CaseState, next_states
from consultdesk.consultation.record import comparable_name
from consultdesk.desk import access, clocks
from consultdesk.errors import FormIncomplete
from consultdesk.vault import assessments, cases, practice
from consultdesk.vault.rows import Reading, Writing
from consultdesk.vault.vault import Vault

_TOPICS = frozenset({"queue", "case", "assessment"})
_QUIET = frozenset({"draft"})


@dataclass(frozen=True)
class Assessment:
    """An assessment as it stands: locked reads, and what is being written.

    `first_diagnosis` and `first_plan` are empty while they are sealed. `saved_at` is when
    a draft was last kept (UTC ms), None when nothing is being written.
    """

    case: Case
    own_reads: tuple[OwnRead, ...]
    own_read: OwnRead
    comparison: Comparison
    opinion: Opinion
    first_diagnosis: str
    first_plan: str
    saved_at: int | None

    @property
    def locked(self) -> bool:
        """Whether an own read has been locked."""
        return bool(self.own_reads)


def assessment(vault: Vault, number: str) -> Assessment:
    """The assessment of a case as it stands. Raises NotFound."""
    with vault.read() as reading:
        return assessment_of(reading, access.find(reading, number))


def assessment_of(reading: Reading, case: Case) -> Assessment:
    """The assessment of a case, within a reading already begun."""
    locked = assessments.own_reads(reading, case.id)
    drafts = {phase: assessments.draft(reading, case.id, phase) for phase in Phase}
    read = locked[-1] if locked else OwnRead(case.id)
    if draft := drafts[Phase.OWN_READ]:
        read = assessments.own_read_from(case.id, draft[1])
        read = replace(read, revision=len(locked) + 1)
    comparison = assessments.comparison(reading, case.id) or Comparison(case.id)
    if draft := drafts[Phase.COMPARISON]:
        comparison = assessments.comparison_from(case.id, draft[1])
    opinion = assessments.opinion(reading, case.id) or Opinion(case.id)
    if draft := drafts[Phase.OPINION]:
        opinion = assessments.opinion_from(case.id, draft[1])
    open_ = not is_sealed(case, locked=bool(locked))
    return Assessment(
        case=case,
        own_reads=locked,
        own_read=read,
        comparison=comparison,
        opinion=opinion,
        first_diagnosis=case.referral.first_diagnosis if open_ else "",
        first_plan=case.referral.first_plan if open_ else "",
        saved_at=max((draft[0] for draft in drafts.values() if draft), default=None),
    )


def is_sealed(case: Case, *, locked: bool) -> bool:
    """Whether the first opinion is still closed to the reader of this case."""
    return case.sealing and not locked and case.unsealed_at is None


def begin(vault: Vault, number: str, now: int) -> None:
    """Begin the own read. Raises FormIncomplete unless the case is ready and the reviewer
    isn't the first physician."""  # noqa: D209, D205 - one sentence
    with _assessing(vault, "begin_own_read", number, now) as (writing, case):
        _check_state(case, CaseState.OWN_READ)
        reviewer = practice.user(writing, case.reviewer or vault.user)
        first = access.physician_of(writing, case)
        if first and comparable_name(first.name) == comparable_name(reviewer.full_name):
            raise FormIncomplete(
                "The first physician can't give the second opinion.",
                cure="Hand the case to another reviewer.",
            )
        cases.move(writing, case, CaseState.OWN_READ, at=now, by=vault.user)


def save_own_read(vault: Vault, number: str, read: OwnRead, now: int) -> int:
    """Keep the own read as it is being written; returns when it was kept (UTC ms).

    After the lock this is a further revision for late material; the locked ones stay.
    """
    _save(vault, number, Phase.OWN_READ, assessments.own_read_body(read), now)
    return now


def save_comparison(vault: Vault, number: str, comparison: Comparison, now: int) -> int:
    """Keep the comparison as it is being written; returns when it was kept (UTC ms)."""
    _save(vault, number, Phase.COMPARISON, assessments.comparison_body(comparison), now)
    return now


def save_opinion(vault: Vault, number: str, opinion: Opinion, now: int) -> int:
    """Keep the opinion as it is being written; returns when it was kept (UTC ms)."""
    _save(vault, number, Phase.OPINION, assessments.opinion_body(opinion), now)
    return now


def lock_own_read(vault: Vault, number: str, read: OwnRead, now: int) -> OwnRead:
    """Lock the own read for good; only then is the first opinion opened.

    Locking again keeps a further revision. Raises FormIncomplete.
    """
    missing = missing_for_comparison(read)
    if missing:
        raise FormIncomplete("The own read can't be locked yet:", missing)
    with _assessing(vault, "lock_own_read", number, now) as (writing, case):
        before = assessments.own_reads(writing, case.id)
        if not before:
            _check_state(case, CaseState.COMPARISON)
        elif case.state not in (CaseState.COMPARISON, CaseState.DRAFTING):
            raise FormIncomplete("The own read can't be revised any more.")
        fresh = replace(read, case_id=case.id, revision=len(before) + 1)
        locked = replace(fresh, locked_at=now, locked_by=vault.user, digest=digest(fresh))
        assessments.lock_own_read(writing, locked)
        assessments.drop_draft(writing, case.id, Phase.OWN_READ)
        if not before:
            cases.move(writing, case, CaseState.COMPARISON, at=now, by=vault.user)
            _carry_over(writing, locked, now)
    return locked


def open_with_reason(vault: Vault, number: str, reason: str, now: int) -> None:
    """Open the first opinion before the own read is locked; the record says so for good.

    Raises FormIncomplete without a reason.
    """
    if not reason.strip():
        raise FormIncomplete("Opening the first opinion early needs a reason.")
    with _assessing(vault, "open_first_opinion", number, now, reason=reason) as (writing, case):
        if case.unsealed_at is None:
            cases.change(writing, replace(case, unsealed_at=now))


def finish_comparison(vault: Vault, number: str, comparison: Comparison, now: int) -> None:
    """Keep the comparison; the letter can be drafted. Raises FormIncomplete."""
    missing = missing_for_drafting(comparison)
    if missing:
        raise FormIncomplete("The comparison isn't finished yet:", missing)
    with _assessing(vault, "finish_comparison", number, now) as (writing, case):
        if case.state is not CaseState.DRAFTING:
            _check_state(case, CaseState.DRAFTING)
            cases.move(writing, case, CaseState.DRAFTING, at=now, by=vault.user)
        assessments.keep_comparison(writing, replace(comparison, case_id=case.id), now)
        assessments.drop_draft(writing, case.id, Phase.COMPARISON)
        decided = comparison.major_decision
        fresh = access.find(writing, number)
        cases.change(writing, replace(fresh, major_decision=decided))


# --- inside -------------------------------------------------------------------------------


def _carry_over(writing: Writing, locked: OwnRead, now: int) -> None:
    """Begin the opinion with what the own read already says."""
    if assessments.draft(writing, locked.case_id, Phase.OPINION):
        return
    begun = Opinion(
        locked.case_id,
        diagnosis=locked.diagnosis,
        certainty=locked.certainty,
        relied_on=locked.evidence,
    )
    body = assessments.opinion_body(begun)
    assessments.save_draft(writing, locked.case_id, Phase.OPINION, body, now)


def _save(vault: Vault, number: str, phase: Phase, body: dict[str, object], now: int) -> None:
    access.require(vault, Role.PHYSICIAN)
    with vault.read() as reading:
        case = access.find(reading, number)
    if case.state in (CaseState.RECEIVED, CaseState.COLLECTING) and phase is not Phase.OWN_READ:
        raise FormIncomplete("Lock your own read first.")
    act = Act(f"save_{phase.value}", now, case_id=case.id, topics=_QUIET)
    with vault.act(act) as writing:
        assessments.save_draft(writing, case.id, phase, body, now)


@contextmanager
def _assessing(
    vault: Vault, what: str, number: str, now: int, *, reason: str = ""
) -> Iterator[tuple[Writing, Case]]:
    access.require(vault, Role.PHYSICIAN)
    with vault.read() as reading:
        case_id = access.find(reading, number).id
    with vault.act(Act(what, now, case_id=case_id, reason=reason, topics=_TOPICS)) as writing:
        yield writing, access.find(writing, number)
        clocks.refresh(writing, case_id, now)


def _check_state(case: Case, to: CaseState) -> None:
    if to not in next_states(case.state, case.state_before):
        state = case.state.replace("_", " ")
        raise FormIncomplete(f"This step doesn't follow while the case is {state}.")
