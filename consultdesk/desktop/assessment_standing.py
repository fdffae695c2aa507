"""Where an assessment stands: which step is open, what is read-only, and why."""

from dataclasses import dataclass

from consultdesk.consultation.audit import Role
from consultdesk.consultation.case import CaseState
from consultdesk.desk import access, cases, letter, opinion
from consultdesk.desk.cases import CaseFile
from consultdesk.desk.letter import Check
from consultdesk.desk.opinion import Assessment
from consultdesk.desktop.words import state_words, tr
from consultdesk.vault.vault import Vault

READ, COMPARE, OPINE = 0, 1, 2

_BEFORE_READING = (CaseState.RECEIVED, CaseState.COLLECTING, CaseState.READY)
_AFTER_SIGNING = (
    CaseState.SIGNED,
    CaseState.RELEASED,
    CaseState.RELEASED_TO_PATIENT_ONLY,
    CaseState.ACKNOWLEDGED,
    CaseState.CLOSED,
)
_ENDED = (CaseState.RETURNED, CaseState.DECLINED, CaseState.WITHDRAWN)
_STOPPED = (CaseState.URGENT_STOP, CaseState.ON_HOLD)
_ADDABLE = tuple(state for state in _AFTER_SIGNING if state is not CaseState.CLOSED)


@dataclass(frozen=True)
class Standing:
    """A case as the assessment sees it, at one instant.

    `open_points` is what stands against "ready" before the own read; `check` is None until
    there is a letter to look over.
    """

    file: CaseFile
    said: Assessment
    open_points: tuple[str, ...] = ()
    check: Check | None = None
    may_write: bool = True

    @property
    def state(self) -> CaseState:
        """The state, or the one before a stop or a hold."""
        case = self.file.case
        if case.state in _STOPPED and case.state_before:
            return case.state_before
        return case.state

    @property
    def stopped(self) -> str:
        """Why no step is taken now although reading goes on; "" when nothing stops it."""
        state = self.file.case.state
        if state is CaseState.URGENT_STOP:
            return tr("A red flag has stopped this case. Reading goes on; sending waits.")
        if state is CaseState.ON_HOLD:
            return tr("This case is on hold.")
        return ""

    @property
    def begun(self) -> bool:
        """Whether there is anything of an assessment to show."""
        if self.state in _ENDED:
            return self.said.locked or self.said.saved_at is not None
        return self.state not in _BEFORE_READING

    @property
    def signed(self) -> bool:
        """Whether the opinion can no longer change."""
        return self.state in _AFTER_SIGNING

    @property
    def step(self) -> int:
        """The step that is open."""
        if not self.said.locked:
            return READ
        return COMPARE if self.state is CaseState.COMPARISON else OPINE

    @property
    def done(self) -> tuple[bool, bool, bool]:
        """Which steps are done."""
        compared = self.said.locked and self.step == OPINE and not self.said.comparing
        return self.said.locked and not self.revising, compared, self.signed

    @property
    def closed(self) -> tuple[str, str, str]:
        """Why a step can't be looked at yet, "" when it can."""
        compare = "" if self.said.locked else tr("Lock your own read first.")
        opine = compare or ("" if self.step == OPINE else tr("Finish the comparison first."))
        return "", compare, opine

    @property
    def revising(self) -> bool:
        """Whether a further revision of a locked own read has been begun."""
        return self.said.locked and self.said.own_read.locked_at is None

    @property
    def changed(self) -> bool:
        """Whether a further revision says something else than the locked read."""
        return self.said.revising

    @property
    def comparing(self) -> bool:
        """Whether a comparison is to be finished: the first time, or begun anew since."""
        return self.step == COMPARE or (self.step == OPINE and self.said.comparing)

    @property
    def may_revise(self) -> bool:
        """Whether late material may still make another own read."""
        return self.said.locked and self.may_write and not self.signed and self.state not in _ENDED

    def read_only(self, step: int) -> str:
        """Why a step can't be changed now, "" when it can."""
        if not self.may_write:
            return tr("Only a physician writes the opinion.")
        if self.signed:
            return tr("Signed. It changes only by an addendum.")
        if self.state in _ENDED:
            return tr("This case is {state}.").format(state=state_words(self.state).lower())
        if step == READ and self.said.locked and not self.revising:
            return tr("Locked. Late material makes a further revision.")
        return ""

    @property
    def why_no_addendum(self) -> str:
        """Why no addendum can be written, "" when it can."""
        if self.state in _ADDABLE and self.may_write:
            return ""
        return tr("There is no signed letter to add to.")


def look(vault: Vault, number: str, now: int) -> Standing:
    """How a case stands now. Raises NotFound."""
    with vault.read() as reading:
        case = access.find(reading, number)
        file = cases.case_file(reading, case)
        said = opinion.assessment_of(reading, case)
        points: tuple[str, ...] = ()
        if case.state is CaseState.COLLECTING:
            points = cases.missing_for_readiness(reading, case, now)
    found = Standing(file, said, points, may_write=vault.role is Role.PHYSICIAN)
    if found.begun and found.step == OPINE:
        check = letter.check(vault, number)
        return Standing(file, said, points, check, found.may_write)
    return found
