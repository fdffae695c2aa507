"""Red flags: asked one by one, stopped at once, left by a call and a physician's word."""

from dataclasses import replace

from consultdesk.consultation.audit import Role
from consultdesk.consultation.case import (
    Case,
    CaseState,
    FlagAnswer,
    RedFlag,
    Triage,
    UrgentContact,
    missing_for_leaving_stop,
    next_states,
)
from consultdesk.consultation.identity import made_at, new_id
from consultdesk.desk.acts import check, on_case
from consultdesk.desk.specialties import specialty
from consultdesk.errors import FormIncomplete
from consultdesk.vault import cases
from consultdesk.vault.rows import Reading, Writing
from consultdesk.vault.vault import Vault


def answer_flags(vault: Vault, number: str, flags: tuple[RedFlag, ...], now: int) -> None:
    """Keep answers to red flags, one by one; any yes stops routine sending at once.

    An answer that stands already isn't kept again. A "no" needs who said so; a "yes" never
    waits for anything. Raises FormIncomplete.
    """
    said_by_nobody = tuple(
        f"who said so: {flag.text}"
        for flag in flags
        if flag.answer is FlagAnswer.NO and not flag.asked_of.strip()
    )
    raised = any(flag.answer is FlagAnswer.YES for flag in flags)
    if not raised:
        check(said_by_nobody, 'A "no" to a red flag needs')
    with on_case(vault, "answer_red_flags", number, now) as (writing, case):
        for flag in _fresh(case, flags):
            cases.answer_flag(writing, case.id, replace(flag, by=vault.user, at=now))
        if raised:
            _stop(writing, case, at=now, by=vault.user)


def _fresh(case: Case, flags: tuple[RedFlag, ...]) -> list[RedFlag]:
    """Answers that say something new. A "no" that nobody said is left out beside a "yes"."""
    held = {flag.code: (flag.answer, flag.asked_of) for flag in case.flags}
    return [
        flag
        for flag in flags
        if held.get(flag.code) != (flag.answer, flag.asked_of)
        and (flag.answer is not FlagAnswer.NO or flag.asked_of.strip())
    ]


def _stop(writing: Writing, case: Case, *, at: int, by: str) -> None:
    if CaseState.URGENT_STOP in next_states(case.state, case.state_before):
        cases.move(writing, case, CaseState.URGENT_STOP, at=at, by=by)


def log_contact(vault: Vault, number: str, contact: UrgentContact, now: int) -> None:
    """Keep an urgent call. Raises FormIncomplete without whom, phone, time and read-back."""
    missing = []
    if not contact.who.strip():
        missing.append("who was reached")
    if not contact.phone.strip():
        missing.append("the telephone number")
    if not 0 < contact.at <= now:
        missing.append("when it was, which can't lie ahead")
    if not contact.read_back:
        missing.append("that the message was read back")
    check(tuple(missing), "The call can't be logged yet:")
    with on_case(vault, "log_urgent_contact", number, now) as (writing, case):
        known = {flag.code for flag in case.flags}
        if contact.flag not in known | set(specialty(case.specialty).flag_codes):
            raise FormIncomplete("Say which red flag the call was about.")
        written_at = max(now, _newest(case))
        fresh = replace(contact, id=new_id(written_at), case_id=case.id, by=vault.user)
        cases.log_contact(writing, fresh)


def triage(vault: Vault, number: str, now: int, *, safe: bool, note: str = "") -> None:
    """A physician's word on red flags. Safe leaves the urgent stop once every call is logged,
    not safe begins one. Raises NotAllowed, FormIncomplete."""  # noqa: D209, D205 - two sentences
    with on_case(vault, "triage_red_flags", number, now, roles=(Role.PHYSICIAN,)) as (
        writing,
        case,
    ):
        said = Triage(vault.user, max(now, _newest(case)), safe, note)
        cases.keep_triage(writing, case.id, said)
        if not safe:
            _stop(writing, case, at=now, by=vault.user)
        elif case.state is CaseState.URGENT_STOP:
            missing = missing_for_leaving_stop(replace(case, triage=said))
            if not missing and not _called_since_stop(writing, case):
                missing = ("log the urgent contact: a stop isn't left without a call",)
            check(missing, "The urgent stop stays:")
            back = case.state_before or CaseState.RECEIVED
            cases.move(writing, case, back, at=now, by=vault.user)


def _newest(case: Case) -> int:
    """When a flag was last answered; a clock set back puts nothing before it."""
    return max((flag.at for flag in case.flags), default=0)


def _called_since_stop(reading: Reading, case: Case) -> bool:
    """Whether a call was logged in this stop, also when a "yes" was taken back meanwhile."""
    moves = cases.moves(reading, case.id)
    # reading goes on within a stop: such a step leaves and enters it in one instant
    left = {at for at, came_from, _to, _by in moves if came_from == CaseState.URGENT_STOP}
    entered = [at for at, _from, to, _by in moves if to == CaseState.URGENT_STOP and at not in left]
    began = max(entered, default=0)
    return any(max(c.at, made_at(c.id)) >= began for c in case.contacts)
