"""The opinion: own read, lock, comparison, and the draft of what the letter will say."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from consultdesk.consultation.answers import open_points
from consultdesk.consultation.assessment import (
    Comparison,
    Opinion,
    OwnRead,
    Phase,
    digest,
    missing_for_comparison,
    missing_for_drafting,
)
from consultdesk.consultation.audit import Act, Role, User
from consultdesk.consultation.case import Case, CaseState
from consultdesk.consultation.patient import TreatingPhysician
from consultdesk.consultation.record import comparable_name
from consultdesk.desk import access
from consultdesk.desk.acts import advance, check, check_not_signed, is_signed, on_case, standing
from consultdesk.desk.cases import may_review
from consultdesk.desk.specialties import specialty
from consultdesk.errors import FormIncomplete
from consultdesk.vault import assessments, cases, practice, records
from consultdesk.vault.rows import Reading, Writing
from consultdesk.vault.vault import Vault

_TOPICS = frozenset({"queue", "case", "assessment"})
_QUIET = frozenset({"draft"})
_REVISABLE = (CaseState.COMPARISON, CaseState.DRAFTING)
_OPEN = {
    Phase.OWN_READ: (CaseState.OWN_READ, *_REVISABLE),
    Phase.COMPARISON: _REVISABLE,
    Phase.OPINION: _REVISABLE,
}
"""In which states each part is written; a stop or a hold takes no words away."""


@dataclass(frozen=True)
class Assessment:
    """An assessment as it stands: locked reads, and what is being written.

    `first_diagnosis` and `first_plan` are empty while they are sealed. `saved_at` is when
    a draft was last kept (UTC ms), None when nothing is being written. `comparing` says that
    the comparison was begun anew and isn't finished.
    """

    case: Case
    own_reads: tuple[OwnRead, ...]
    own_read: OwnRead
    comparison: Comparison
    opinion: Opinion
    first_diagnosis: str
    first_plan: str
    saved_at: int | None

    comparing: bool = False

    @property
    def locked(self) -> bool:
        """Whether an own read has been locked."""
        return bool(self.own_reads)

    @property
    def revising(self) -> bool:
        """Whether a further revision says something else than the locked read."""
        return self.locked and not says_the_same(self.own_reads[-1], self.own_read)


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
        comparing=drafts[Phase.COMPARISON] is not None,
    )


def is_sealed(case: Case, *, locked: bool) -> bool:
    """Whether the first opinion is still closed to the reader of this case."""
    return case.sealing and not locked and case.unsealed_at is None


def says_the_same(one: OwnRead, other: OwnRead) -> bool:
    """Whether two own reads say the same, whoever locked them when."""
    return assessments.own_read_body(one) == assessments.own_read_body(other)


def begin(vault: Vault, number: str, now: int) -> None:
    """Begin the own read.

    Raises FormIncomplete unless the case is ready, its consent to review still stands, and
    whoever reads isn't the first physician and has declared no conflict of interest.
    """
    with _assessing(vault, "begin_own_read", number, now) as (writing, case):
        first = access.physician_of(writing, case)
        for name in dict.fromkeys((case.reviewer or vault.user, vault.user)):
            _check_second(first, practice.user(writing, name))
        if case.declaration is None or case.declaration.conflict:
            raise FormIncomplete(
                "Who reads must have declared that nothing stands against it.",
                cure="Declare your interests, or hand the case to another reviewer.",
            )
        if not may_review(writing, case, now):
            raise FormIncomplete("The patient's consent to review doesn't stand any more.")
        advance(writing, case, CaseState.OWN_READ, at=now, by=vault.user)


def _check_second(first: TreatingPhysician | None, reviewer: User) -> None:
    if first is None:
        return
    same_name = comparable_name(first.name) == comparable_name(reviewer.full_name)
    number = first.registration.strip()
    if same_name or (number and number == reviewer.registration.strip()):
        raise FormIncomplete(
            "The first physician can't give the second opinion.",
            cure="Hand the case to another reviewer.",
        )


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


def save_addendum(vault: Vault, number: str, text: str, now: int) -> int:
    """Keep an addendum as it is being written; returns when it was kept (UTC ms).

    An empty one is forgotten. Raises FormIncomplete before a letter is signed.
    """
    access.require(vault, Role.PHYSICIAN)
    with vault.read() as reading:
        case_id = access.find(reading, number).id
    act = Act("save_addendum", now, case_id=case_id, topics=_QUIET)
    with vault.act(act) as writing:
        if not is_signed(access.find(writing, number)):
            raise FormIncomplete("There is no signed letter to add to.")
        if text.strip():
            assessments.save_draft(writing, case_id, Phase.ADDENDUM, {"text": text}, now)
        else:
            assessments.drop_draft(writing, case_id, Phase.ADDENDUM)
    return now


def addendum(vault: Vault, number: str) -> str:
    """The addendum that is being written, "" when none is. Raises NotFound."""
    with vault.read() as reading:
        case = access.find(reading, number)
        kept = assessments.draft(reading, case.id, Phase.ADDENDUM)
    return str(kept[1]["text"]) if kept else ""


def lock_own_read(vault: Vault, number: str, read: OwnRead, now: int) -> OwnRead:
    """Lock the own read for good; only then is the first opinion opened.

    Locking again keeps a further revision. Raises FormIncomplete naming what is still open,
    the fields of the specialty's form included.
    """
    check(missing_for_comparison(read), "The own read can't be locked yet:")
    with _assessing(vault, "lock_own_read", number, now) as (writing, case):
        before = assessments.own_reads(writing, case.id)
        _check_cited(writing, case, read)
        if before and standing(case) not in _REVISABLE:
            check_not_signed(case)
            raise FormIncomplete("The own read can't be revised any more.")
        fresh = replace(read, case_id=case.id, revision=len(before) + 1)
        if before and says_the_same(before[-1], fresh):
            raise FormIncomplete("This own read says what the locked one says.")
        still = open_points(specialty(case.specialty).fields, read.answers)
        check(still, "The own read can't be locked yet:")
        locked = replace(fresh, locked_at=now, locked_by=vault.user, digest=digest(fresh))
        assessments.lock_own_read(writing, locked)
        assessments.drop_draft(writing, case.id, Phase.OWN_READ)
        if before:
            _compare_again(writing, case, now)
            _cite_too(writing, locked, before[-1], now)
        else:
            advance(writing, case, CaseState.COMPARISON, at=now, by=vault.user)
            _carry_over(writing, locked, now)
    return locked


def drop_revision(vault: Vault, number: str, now: int) -> None:
    """Drop a further revision of the own read that was begun; the locked one stands."""
    with _assessing(vault, "drop_revision", number, now) as (writing, case):
        check_not_signed(case)
        if not assessments.own_reads(writing, case.id):
            raise FormIncomplete("No own read is locked yet.")
        assessments.drop_draft(writing, case.id, Phase.OWN_READ)


def open_with_reason(vault: Vault, number: str, reason: str, now: int) -> None:
    """Open the first opinion before the own read is locked; the record says so for good.

    Where nothing is sealed, nobody was unblinded. Raises FormIncomplete without a reason.
    """
    if not reason.strip():
        raise FormIncomplete("Opening the first opinion early needs a reason.")
    with _assessing(vault, "open_first_opinion", number, now, reason=reason) as (writing, case):
        if access.is_sealed(writing, case):
            cases.change(writing, replace(case, unsealed_at=now))


def finish_comparison(vault: Vault, number: str, comparison: Comparison, now: int) -> None:
    """Keep the comparison; the letter can be drafted. Raises FormIncomplete."""
    check(missing_for_drafting(comparison), "The comparison isn't finished yet:")
    with _assessing(vault, "finish_comparison", number, now) as (writing, case):
        check_not_signed(case)
        if standing(case) is not CaseState.DRAFTING:
            advance(writing, case, CaseState.DRAFTING, at=now, by=vault.user)
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


def _cite_too(writing: Writing, locked: OwnRead, before: OwnRead, now: int) -> None:
    """Take what a revision cites anew into the opinion; what was left out of it stays out."""
    kept = assessments.draft(writing, locked.case_id, Phase.OPINION)
    if kept is None:
        return
    said = assessments.opinion_from(locked.case_id, kept[1])
    known = {*before.evidence, *said.relied_on}
    fresh = tuple(link for link in locked.evidence if link not in known)
    if fresh:
        body = assessments.opinion_body(replace(said, relied_on=(*said.relied_on, *fresh)))
        assessments.save_draft(writing, locked.case_id, Phase.OPINION, body, now)


def _save(vault: Vault, number: str, phase: Phase, body: dict[str, object], now: int) -> None:
    access.require(vault, Role.PHYSICIAN)
    with vault.read() as reading:
        case_id = access.find(reading, number).id
    act = Act(f"save_{phase.value}", now, case_id=case_id, topics=_QUIET)
    with vault.act(act) as writing:
        case = access.find(writing, number)
        _check_open(writing, case, phase)
        if body == _kept(writing, case, phase):
            assessments.drop_draft(writing, case.id, phase)
        else:
            assessments.save_draft(writing, case.id, phase, body, now)


def _check_open(reading: Reading, case: Case, phase: Phase) -> None:
    """Raise FormIncomplete unless this part of the assessment is being written now."""
    check_not_signed(case)
    if standing(case) in _OPEN[phase]:
        return
    if phase is not Phase.OWN_READ and not assessments.own_reads(reading, case.id):
        raise FormIncomplete("Lock your own read first.")
    state = standing(case).replace("_", " ")
    raise FormIncomplete(f"This isn't written while the case is {state}.")


def _kept(reading: Reading, case: Case, phase: Phase) -> dict[str, object] | None:
    """A finished comparison: a draft that says the same isn't another one."""
    held = assessments.comparison(reading, case.id) if phase is Phase.COMPARISON else None
    return assessments.comparison_body(held) if held else None


def _compare_again(writing: Writing, case: Case, now: int) -> None:
    """A finished comparison was of an earlier read: what it concluded is to be said anew."""
    held = assessments.comparison(writing, case.id)
    if held is not None:
        body = assessments.comparison_body(replace(held, relation=None, impact=None))
        assessments.save_draft(writing, case.id, Phase.COMPARISON, body, now)


def _check_cited(reading: Reading, case: Case, read: OwnRead) -> None:
    usable = {
        record.id
        for record in records.of_case(reading, case.id)
        if record.right_patient is not False and not record.entered_in_error
    }
    if any(link.record_id not in usable for link in read.evidence):
        raise FormIncomplete(
            "A record it cites isn't one of this patient's.", cure="Take the citation out."
        )


def _assessing(
    vault: Vault, what: str, number: str, now: int, *, reason: str = ""
) -> AbstractContextManager[tuple[Writing, Case]]:
    roles = (Role.PHYSICIAN,)
    return on_case(vault, what, number, now, roles=roles, reason=reason, topics=_TOPICS)
