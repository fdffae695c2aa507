"""How a case stands: what the next step is, and whether a letter could leave."""

from dataclasses import dataclass

from consultdesk.consultation.case import (
    Case,
    CaseState,
    Completeness,
    missing_for_collecting,
    missing_for_leaving_stop,
    unasked_flags,
)
from consultdesk.consultation.consent import Purpose, Restriction, review_is_active
from consultdesk.consultation.delivery import (
    Basis,
    Clause,
    ClearedParcel,
    Moment,
    Parcel,
    Refusal,
    clear_by_any,
)
from consultdesk.consultation.keeping import REMAINS
from consultdesk.consultation.letter import (
    FINAL_KINDS,
    Letter,
    LetterKind,
    cited_kinds,
    cited_sensitivities,
)
from consultdesk.consultation.patient import Channel, ChannelKind
from consultdesk.consultation.record import Conflict
from consultdesk.desk import access, cases, letter
from consultdesk.desk.cases import CaseFile, case_file
from consultdesk.desk.opinion import Assessment, assessment_of
from consultdesk.desktop.case_words import fact_words, kind_words, person_name, waiting_words
from consultdesk.desktop.words import day_of, state_words, tr
from consultdesk.vault import consents
from consultdesk.vault.vault import Vault

Actions = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Said:
    """One banner. `kind` is info, warning, danger or success; `actions` are (key, words)."""

    kind: str
    lead: str
    text: str = ""
    actions: Actions = ()


@dataclass(frozen=True)
class CaseView:
    """A case as the window shows it, at one instant."""

    file: CaseFile
    step: Said
    gate: Said
    may_send: bool


def look_at(vault: Vault, number: str, now: int) -> CaseView:
    """Read a case with what stands between it and its next state. Raises NotFound."""
    with vault.read() as reading:
        case = access.find_any(reading, number)
        file = case_file(reading, case)
        if case.erased_at is not None:
            return CaseView(file, _erased(case.erased_at), Said("info", ""), may_send=False)
        said = assessment_of(reading, case)
        open_points = cases.missing_for_readiness(reading, case, now)
        restrictions = consents.restrictions(reading, case.patient_id)
        moment = vault.moment(reading, now)
    blocking: tuple[str, ...] = ()
    if case.state is CaseState.DRAFTING:
        blocking = letter.check(vault, number).blocking
    refusal = _ask_the_gate(file, said, restrictions, moment)
    step = next_step(file, open_points, blocking, now)
    return CaseView(file, step, gate_said(file, refusal), refusal is None)


def _erased(at: int) -> Said:
    return Said(
        "info",
        tr("What this case held was erased on {day}.").format(day=day_of(at)),
        tr("What remains: {what}.").format(what="; ".join(REMAINS)),
        (("audit", tr("Who saw and did what…")),),
    )


# --- the gate ---------------------------------------------------------------------------

_OF_THE_SENDING = frozenset(
    {Clause.CHANNEL, Clause.LETTER_SIGNED, Clause.LETTER_AUTHENTIC, Clause.HASH, Clause.LETTER_FITS}
)
"""Clauses that are met, or not, while a letter is signed and handed over."""


def _ask_the_gate(
    file: CaseFile, said: Assessment, restrictions: tuple[Restriction, ...], moment: Moment
) -> Refusal | None:
    """Ask the gate about the letter as it would be now; None when consent covers it.

    Any purpose that the patient agreed to will do: it is chosen when the letter is sent.
    """
    if file.physician is None:
        return Refusal((Clause.RECIPIENT,))
    asked = _letter_as_now(file, said)
    recipient = file.physician.as_recipient()
    channel = Channel("", ChannelKind.HAND_OVER_PRINT, "")
    nearest: tuple[Clause, ...] | None = None
    for purpose in Purpose:
        parcel = Parcel("", asked, b"", recipient, channel, purpose, Basis.CONSENT)
        verdict = clear_by_any(parcel, file.consents, restrictions, moment)
        if isinstance(verdict, ClearedParcel):
            return None
        left = tuple(clause for clause in verdict.clauses if clause not in _OF_THE_SENDING)
        if not left:
            return None
        if nearest is None or len(left) < len(nearest):
            nearest = left
    return Refusal(nearest or (Clause.CONSENT_RECORDED,))


def _letter_as_now(file: CaseFile, said: Assessment) -> Letter:
    finals = [one for one in file.letters if one.signed and one.kind not in _FOR_THE_PATIENT]
    if finals:
        return finals[-1]
    used = tuple(r for r in file.records if r.right_patient is not False and not r.entered_in_error)
    return Letter(
        id="",
        case_id=file.case.id,
        patient_id=file.patient.id,
        kind=LetterKind.TREATING_PHYSICIAN,
        version=1,
        recipient_id=file.case.treating_physician_id,
        sha256="",
        content_id="",
        record_kinds=cited_kinds(said.opinion, used),
        sensitivities=cited_sensitivities(said.opinion, used),
    )


_FOR_THE_PATIENT = FINAL_KINDS - {LetterKind.TREATING_PHYSICIAN}

_WHERE_CONSENT_CURES = frozenset(Clause) - {Clause.CLOCK, Clause.RESTRICTION}


def gate_said(file: CaseFile, refusal: Refusal | None) -> Said:
    """The consent banner: why sending is locked and what cures it, or that it may go."""
    if file.case.state in _LEFT:
        return _left_said(file, refusal)
    if refusal is None:
        to = person_name(file.physician.name) if file.physician else ""
        signed = any(one.signed for one in file.letters)
        may = tr("It may go to {name}.") if signed else tr("It may go to {name} once it is signed.")
        return Said(
            "success",
            tr("Consent covers this letter."),
            may.format(name=to),
            (("consents", tr("Consents…")),),
        )
    patient_only = ("patient_only", tr("Release to patient only…"))
    if file.physician is None:
        none = file.case.recipient_named == "none"
        return Said(
            "warning",
            tr("Sending is locked by practice policy:"),
            tr("the opinion is for the patient only.") if none else tr("no recipient is named."),
            (patient_only,) if none else (("details", tr("Name the recipient…")), patient_only),
        )
    return Said(
        "warning",
        tr("Sending is locked by practice policy:"),
        _why(refusal),
        _cures(refusal),
    )


_LEFT = frozenset({CaseState.RELEASED, CaseState.ACKNOWLEDGED, CaseState.CLOSED})


def _left_said(file: CaseFile, refusal: Refusal | None) -> Said:
    """What stands once a letter has left: whether more could follow it."""
    consents_button = (("consents", tr("Consents…")),)
    if refusal is None:
        return Said("success", tr("Consent stands."), tr("More may be sent."), consents_button)
    revoked = any(one.revocation for one in file.consents)
    lead = tr("Consent was withdrawn.") if revoked else tr("Nothing more may be sent.")
    return Said(
        "warning", lead, tr("Practice policy: {why}").format(why=_why(refusal)), consents_button
    )


def _why(refusal: Refusal) -> str:
    whole = refusal.sentence.rpartition("released: ")[2]
    return f"{whole[:1]}{whole[1:]}" if whole.endswith(".") else f"{whole}."


def _cures(refusal: Refusal) -> Actions:
    first = refusal.clauses[0]
    if first is Clause.CLOCK:
        return (("confirm_clock", tr("Confirm date and time…")),)
    patient_only = ("patient_only", tr("Release to patient only…"))
    if first not in _WHERE_CONSENT_CURES:
        return (patient_only,)
    return (("record_consent", tr("Record consent…")), patient_only)


# --- the next step ----------------------------------------------------------------------


def next_step(
    file: CaseFile, open_points: tuple[str, ...], blocking: tuple[str, ...], now: int
) -> Said:
    """What stands between this state and the next, the first thing with its button."""
    case = file.case
    if case.state is CaseState.RECEIVED:
        said = _received(file)
    elif case.state is CaseState.COLLECTING:
        said = _collecting(file, open_points, now)
    elif case.state is CaseState.DRAFTING:
        said = _drafting(blocking)
    elif case.state is CaseState.URGENT_STOP:
        said = _stopped(case)
    else:
        said = _elsewhere(case)
    if case.waiting_for:
        waits = tr("Waiting for: {what}. The opinion clock is paused.").format(
            what=waiting_words(case.waiting_for)
        )
        return Said("info", waits, said.lead, (("stop_waiting", tr("Stop waiting")), *said.actions))
    return said


def _received(file: CaseFile) -> Said:
    case = file.case
    if case.declaration is not None and case.declaration.conflict:
        return Said(
            "warning",
            tr("A conflict of interest is declared, so the case can't be accepted."),
            tr("Another reviewer may declare and take it, or it is declined."),
            (("decline", tr("Decline…")), ("declare", tr("Declare…"))),
        )
    todo: list[tuple[str, str, str]] = []
    if not case.patient_confirmed:
        todo.append((tr("confirm who the patient is"), "patient", tr("Who is the patient?")))
    elif file.conflicts:
        todo.append((tr("decide whose records these are"), "patient", tr("Who is the patient?")))
    if unasked_flags(case, file.specialty.flag_codes):
        todo.append((tr("ask the red flags"), "red_flags", tr("Red flags…")))
    if not (case.treating_physician_id or case.recipient_named):
        todo.append((tr("name the recipient"), "details", tr("Case details…")))
    elif case.recipient_named == "" or any(not q.confirmed for q in case.referral.questions):
        todo.append((tr("confirm questions and recipient"), "details", tr("Case details…")))
    elif not case.referral.questions:
        todo.append((tr("write down what is asked"), "details", tr("Case details…")))
    if case.declaration is None:
        todo.append((tr("declare your interests"), "declare", tr("Declare…")))
    if not todo and not missing_for_collecting(case):
        return Said(
            "info",
            tr("Ready to be accepted."),
            tr("The opinion clock begins when you accept."),
            (("accept", tr("Accept the case")), ("decline", tr("Decline…"))),
        )
    lead, text, actions = _listed(todo, _differences(file.conflicts))
    if not missing_for_collecting(case):
        actions = (*actions[:1], ("accept", tr("Accept the case")))
    return Said("warning" if file.conflicts else "info", lead, text, actions)


def _listed(todo: list[tuple[str, str, str]], first_detail: str = "") -> tuple[str, str, Actions]:
    """The first thing to do as the lead, the others named, two buttons at most."""
    lead = tr("Next: {what}.").format(what=todo[0][0])
    rest = "; ".join(words for words, _key, _button in todo[1:])
    text = " ".join(
        part
        for part in (first_detail, tr("Then: {rest}.").format(rest=rest) if rest else "")
        if part
    )
    actions = {key: button for _words, key, button in reversed(todo)}
    ordered = [key for _words, key, _button in todo]
    return lead, text, tuple((key, actions[key]) for key in dict.fromkeys(ordered))[:2]


def _differences(conflicts: tuple[Conflict, ...]) -> str:
    """What the records disagree on, in one sentence."""
    if not conflicts:
        return ""
    one = conflicts[0]
    values = " / ".join(person_name(value) for value in one.values)
    return tr("The records differ on the {what}: {values}.").format(
        what=fact_words(one.field), values=values
    )


def waivable(file: CaseFile) -> tuple[str, ...]:
    """Kinds of record that must be there, aren't, and haven't been waived."""
    lifted = {override.what for override in file.case.overrides}
    whole: Completeness = file.completeness
    return tuple(kind.value for kind in whole.missing if f"record:{kind}" not in lifted)


def _collecting(file: CaseFile, open_points: tuple[str, ...], now: int) -> Said:
    todo: list[tuple[str, str, str]] = []
    if file.conflicts:
        todo.append((tr("decide whose records these are"), "patient", tr("Who is the patient?")))
    if unasked_flags(file.case, file.specialty.flag_codes):
        todo.append((tr("ask the red flags"), "red_flags", tr("Red flags…")))
    if not review_is_active(file.consents, now):
        words = tr("record the consent to review")
        todo.append((words, "record_review_consent", tr("Record consent to review…")))
    if missing := waivable(file):
        kinds = ", ".join(kind_words(kind).lower() for kind in missing)
        words = tr("obtain {kinds}").format(kinds=kinds)
        todo.append((words, "go_on_without", tr("Go on without…")))
    if not todo and not open_points:
        return Said(
            "info",
            tr("Everything needed is here."),
            tr("The case can be read."),
            (("make_ready", tr("Ready to read")),),
        )
    if not todo:
        return Said("info", tr("Not ready yet:"), "; ".join(open_points))
    lead, text, actions = _listed(todo, _differences(file.conflicts))
    if todo[0][1] == "go_on_without":
        actions = (("import", tr("Import…")), *actions)
    return Said("info", lead, text, actions)


def _drafting(blocking: tuple[str, ...]) -> Said:
    if not blocking:
        return Said(
            "info",
            tr("The letter can be signed."),
            "",
            (("preview_letter", tr("Preview letter")), ("sign", tr("Sign…"))),
        )
    shown = "; ".join(blocking[:3])
    more = len(blocking) - 3
    if more > 0:
        shown = tr("{shown}; and {n} more").format(shown=shown, n=more)
    return Said("info", tr("Before signing:"), f"{shown}.")


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _stopped(case: Case) -> Said:
    missing = missing_for_leaving_stop(case)
    return Said(
        "danger",
        tr("A red flag has stopped routine sending."),
        _sentence("; ".join(missing)) if missing else "",
        (("red_flags", tr("Red flags and calls…")),),
    )


def _elsewhere(case: Case) -> Said:
    begin = (("begin", tr("Begin own read")),)
    covered = tr("What the first opinion concluded stays covered until you lock it.")
    covered = covered if case.sealing else ""
    sent = (("acknowledge", tr("Record acknowledgement…")), ("close_case", tr("Close the case…")))
    said = {
        CaseState.READY: Said("info", tr("Next: your own read."), covered, begin),
        CaseState.OWN_READ: Said("info", tr("Next: write your own read, then lock it."), covered),
        CaseState.COMPARISON: Said("info", tr("Next: compare with the first opinion.")),
        CaseState.SIGNED: Said(
            "info",
            tr("Signed."),
            tr("It can be sent, where consent covers it, or released to the patient."),
            (("send", tr("Send…")),),
        ),
        CaseState.RELEASED: Said("success", tr("Released."), "", sent),
        CaseState.RELEASED_TO_PATIENT_ONLY: Said(
            "success", tr("Released to the patient only."), "", sent
        ),
        CaseState.ACKNOWLEDGED: Said(
            "success", tr("Acknowledged."), "", (("close_case", tr("Close the case…")),)
        ),
        CaseState.ON_HOLD: Said("info", tr("On hold."), "", (("resume", tr("Take off hold")),)),
    }
    return said.get(case.state, Said("info", state_words(case.state) + "."))
