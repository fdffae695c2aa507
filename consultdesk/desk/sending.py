"""Sending: cleared by the gate, recorded, handed over, and recorded again."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from consultdesk.consultation import delivery
from consultdesk.consultation.audit import Act, Role
from consultdesk.consultation.case import Case, CaseState, flag_stops, next_states
from consultdesk.consultation.consent import Consent, Purpose, Restriction
from consultdesk.consultation.delivery import (
    WORDING,
    Basis,
    Clause,
    ClearedParcel,
    Moment,
    Parcel,
    Refusal,
    clear_by_any,
)
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.letter import FINAL_KINDS, Letter
from consultdesk.consultation.patient import PATIENT_SIDE, Channel, ChannelKind, Recipient
from consultdesk.desk import access, clocks
from consultdesk.desk.acts import advance, standing
from consultdesk.errors import (
    ConsentMissing,
    DeliveryFailed,
    FormIncomplete,
    NotFound,
    ReadOnly,
    VaultBusy,
    VaultDamaged,
)
from consultdesk.transports.registry import TRANSPORTS
from consultdesk.transports.transport import Receipt
from consultdesk.vault import cases, consents, letters, outbox, people, records
from consultdesk.vault.outbox import Dispatch
from consultdesk.vault.rows import Reading, Writing
from consultdesk.vault.vault import Vault

_TOPICS = frozenset({"queue", "case", "outbox"})
_STOPPED = "urgent_stop"
_LEFT = ("sent", "received", "acknowledged")
_MOST_NOTED = 300
_OPEN_ENDED = ("cleared", "unknown")
"""Dispatches nobody knows the end of: a program that ended in between says nothing more."""

Now = Callable[[], int]
"""The system clock in UTC ms, asked again at each instant that counts."""


@dataclass(frozen=True)
class Sending:
    """What a person asked to send: which letter, how, what for.

    `key` names this very wish, so that a second click sends nothing twice. `handed_to` is
    who takes it, in person or by the address, and stands in the receipt.
    """

    number: str
    letter_id: str
    channel: ChannelKind
    purpose: Purpose
    key: str
    handed_to: str = ""


def would_clear(vault: Vault, sending: Sending, now: int) -> Refusal | None:
    """Ask the gate without sending anything; None when the letter may go. Raises NotFound."""
    with vault.read() as reading:
        parcel = _parcel(vault, reading, sending)
        verdict = _verdict(vault, reading, parcel, now)
    return verdict if isinstance(verdict, Refusal) else None


def ask(vault: Vault, sending: Sending, now: int) -> Refusal | None:
    """Ask the gate as somebody who means to send now; a refusal is kept in the audit.

    A way that nobody has verified yet is a step still to be done, not a refusal to keep.
    """
    refusal = would_clear(vault, sending, now)
    if refusal is not None and set(refusal.clauses) - {Clause.CHANNEL}:
        with vault.read() as reading:
            case_id = access.find(reading, sending.number).id
        # no topics: what a page shows doesn't change by having been refused
        asked = Act("release_letter", now, case_id=case_id, entity=sending.letter_id)
        vault.look(asked, refused=tuple(str(clause) for clause in refusal.clauses))
    return refusal


def consent_for_version(
    vault: Vault, reading: Reading, sending: Sending, now: int
) -> Consent | None:
    """The consent under which another version of this letter could leave; None when none."""
    parcel = _parcel(vault, reading, sending)
    return delivery.consent_for_version(parcel, *_standing(vault, reading, parcel, now))


def verify_channel(
    vault: Vault, number: str, recipient_id: str, kind: ChannelKind, now: int, how: str
) -> Channel:
    """Record that somebody checked this way reaches this recipient, and how.

    Raises FormIncomplete without saying how.
    """
    access.require(vault, *access.CLINICAL)
    if not how.strip():
        raise FormIncomplete("Say how you know that it reaches the recipient.")
    with vault.read() as reading:
        case = access.find(reading, number)
    act = Act("verify_channel", now, case_id=case.id, entity=recipient_id, topics=_TOPICS)
    with vault.act(act) as writing:
        recipient = _recipient(writing, recipient_id)
        known = _channel_of(recipient, kind)
        if known is None:
            known = Channel(new_id(now), kind, "")
            people.add_channel(writing, recipient_id, known)
        people.verify_channel(writing, known.id, at=now, by=vault.user, how=how)
    return Channel(known.id, kind, known.address, now, vault.user, how)


def send(vault: Vault, sending: Sending, options: Any, now: Now) -> Receipt:  # noqa: ANN401 - each transport's own
    """Send a signed letter: the gate, the record, the transport, the record.

    The gate is asked inside the transaction that records the dispatch, by the database once
    more, and by the transport at its last moment. A refusal is audited, a red flag's too.
    Raises ConsentMissing naming clause and cure, DeliveryFailed, FormIncomplete, NotAllowed.

    While the store can only be read no release can be recorded, so none is made. What can be
    handed over in person then is a letter that has left for this recipient before, printed or
    saved once more, and the patient's own, which is no release. The gate is asked all the same,
    and the audit is owed a note of it. Raises ReadOnly for any other letter.
    """
    access.require(vault, Role.PHYSICIAN)
    if vault.read_only:
        return _hand_over_again(vault, sending, options, now)
    dispatch, cleared = _release(vault, sending, now())

    def still_cleared() -> ClearedParcel | Refusal:
        with vault.read() as reading:
            return _verdict(vault, reading, cleared.parcel, now())

    transport = TRANSPORTS[sending.channel]
    try:
        receipt = transport.send(cleared, still_cleared, options, at=now())
    except (ConsentMissing, DeliveryFailed) as failure:
        with suppress(VaultDamaged, VaultBusy):  # why it didn't leave matters more
            _record(vault, sending, dispatch, "failed", failure.message, now())
        raise
    except BaseException:
        with suppress(VaultDamaged, VaultBusy):
            _record(vault, sending, dispatch, "unknown", "The sending broke off.", now())
        raise
    taken = f" Handed to {sending.handed_to.strip()}." if sending.handed_to.strip() else ""
    try:
        _record(vault, sending, dispatch, receipt.state.value, receipt.detail + taken, now())
    except (VaultDamaged, VaultBusy) as unkept:
        raise DeliveryFailed(
            f"The letter has left, but the store couldn't keep that it did. {unkept.message}",
            retryable=False,
            cure="Don't send it again. When the store can be written, say there that it left.",
        ) from unkept
    return receipt


def settle(
    vault: Vault, number: str, dispatch_id: str, now: int, *, arrived: bool, detail: str
) -> None:
    """A person decides about a dispatch nobody knows the end of: it left, or it didn't."""
    access.require(vault, Role.PHYSICIAN)
    if not detail.strip():
        raise FormIncomplete("Say how you know.")
    with vault.read() as reading:
        case = access.find(reading, number)
        found = [d for d in outbox.of_case(reading, case.id) if d.id == dispatch_id]
    if not found:
        raise NotFound("That dispatch isn't part of this case.")
    if found[0].state not in _OPEN_ENDED:
        raise FormIncomplete(f"What became of it is known: {found[0].state}.")
    wish = Sending(
        number,
        found[0].letter_id,
        ChannelKind.HAND_OVER_PRINT,
        Purpose(found[0].purpose),
        found[0].key,
    )
    _record(vault, wish, found[0], "sent" if arrived else "failed", detail, now)


def refusal_error(refusal: Refusal) -> ConsentMissing:
    """A refusal as the error that carries its clauses and the cure."""
    return ConsentMissing(
        refusal.sentence, tuple(str(clause) for clause in refusal.clauses), cure=refusal.cure
    )


# --- while the store can only be read -----------------------------------------------------


def _hand_over_again(
    vault: Vault,
    sending: Sending,
    options: Any,  # noqa: ANN401 - each transport's own
    now: Now,
) -> Receipt:
    """Print or save what needs no new release; noted before a byte of it leaves."""
    cleared = _cleared_again(vault, sending, now())
    letter = cleared.parcel.letter
    act = Act("hand_over_again", now(), case_id=letter.case_id, entity=letter.id)
    vault.look(act, f"by {sending.channel}")

    def still_cleared() -> ClearedParcel | Refusal:
        with vault.read() as reading:
            return _verdict(vault, reading, cleared.parcel, now())

    try:
        receipt = TRANSPORTS[sending.channel].send(cleared, still_cleared, options, at=now())
    except (ConsentMissing, DeliveryFailed) as failure:
        vault.look(replace(act, at=now()), f"it didn't leave: {failure.message}"[:_MOST_NOTED])
        raise
    said = "The store can only be read, so the case doesn't say yet that it was handed over."
    return replace(receipt, detail=f"{receipt.detail} {said}")


def _cleared_again(vault: Vault, sending: Sending, now: int) -> ClearedParcel:
    """The parcel as the gate clears it now, of a letter that needs no new release."""
    with vault.read() as reading:
        case = access.find(reading, sending.number)
        parcel = _parcel(vault, reading, sending)
        verdict = _verdict(vault, reading, parcel, now)
        left = any(
            one.letter_id == sending.letter_id
            and one.recipient_id == parcel.recipient.id
            and one.state in _LEFT
            for one in outbox.of_case(reading, case.id)
        )
    in_person = sending.channel in (ChannelKind.HAND_OVER_PRINT, ChannelKind.HAND_OVER_SAVE)
    if not (in_person and (left or parcel.basis is Basis.PATIENT)):
        why = vault.read_only
        raise ReadOnly(
            "The store can only be read now, so a release can't be recorded and isn't made: only "
            "what has left for this recipient before, and the patient's own letter, can be "
            "printed or saved.",
            kept="Nothing has left the desk.",
            cure=why.cure if why else "Try again.",
        )
    if flag_stops(case):
        raise _stopped()
    if isinstance(verdict, Refusal):
        act = Act("release_letter", now, case_id=case.id, entity=sending.letter_id)
        vault.look(act, refused=tuple(str(clause) for clause in verdict.clauses))
        raise refusal_error(verdict)
    return verdict


# --- inside -------------------------------------------------------------------------------


def _release(vault: Vault, sending: Sending, now: int) -> tuple[Dispatch, ClearedParcel]:
    """The gate and the record of the dispatch, in one transaction."""
    with vault.read() as reading:
        case = access.find(reading, sending.number)
        parcel = _parcel(vault, reading, sending)
    act = Act("release_letter", now, case_id=case.id, entity=sending.letter_id, topics=_TOPICS)
    dispatch_id = new_id(now)
    cleared: ClearedParcel | None = None
    with vault.act(act) as writing:
        before = outbox.by_key(writing, case.id, sending.key)
        if before is not None:
            raise FormIncomplete("This letter is already on its way.")
        verdict = _verdict(vault, writing, parcel, now)
        if flag_stops(access.find(writing, sending.number)):
            writing.refuse((_STOPPED,))
        elif isinstance(verdict, Refusal):
            writing.refuse(verdict.clauses)
        else:
            with writing.gated():
                outbox.add(writing, verdict, dispatch_id, vault.user)
            cleared = verdict
    if writing.refused == (_STOPPED,):
        raise _stopped()
    if writing.refused:
        raise refusal_error(_as_refusal(writing.refused))
    with vault.read() as reading:
        dispatch = outbox.by_key(reading, case.id, sending.key)
    if dispatch is None or cleared is None:
        raise NotFound("The dispatch wasn't recorded.", cure="Verify the store.")
    return dispatch, cleared


def _stopped() -> FormIncomplete:
    return FormIncomplete(
        "A red flag has stopped routine sending.",
        cure="Log the urgent contact and sign that it is safe to continue.",
    )


def _as_refusal(said: tuple[str, ...]) -> Refusal:
    known = tuple(Clause(clause) for clause in said if clause in WORDING)
    return Refusal(known or (Clause.CONSENT_RECORDED,))


def _record(
    vault: Vault, sending: Sending, dispatch: Dispatch, kind: str, detail: str, now: int
) -> None:
    """Keep what became of a dispatch; it is a fact, so no gate stands before it."""
    act = Act(f"record_{kind}", now, case_id=dispatch.case_id, entity=dispatch.id, topics=_TOPICS)
    with vault.act(act) as writing:
        outbox.happened(writing, dispatch, kind, at=now, by=vault.user, detail=detail)
        case = access.find(writing, sending.number)
        letter = letters.by_id(writing, dispatch.letter_id)
        to = CaseState.RELEASED
        if dispatch.basis == Basis.PATIENT.value:
            to = CaseState.RELEASED_TO_PATIENT_ONLY
        final = letter is not None and letter.kind in FINAL_KINDS
        if kind == "sent" and final:
            _released(writing, case, to, at=now, by=vault.user)
        clocks.refresh(writing, case.id, now)


def _released(writing: Writing, case: Case, to: CaseState, *, at: int, by: str) -> None:
    """A letter has left, whatever was raised meanwhile: what was waited for is over."""
    if to not in next_states(standing(case)):
        return
    advance(writing, case, to, at=at, by=by)
    if case.waiting_for:
        cases.wait_for(writing, case.id, "", at)


def _verdict(vault: Vault, reading: Reading, parcel: Parcel, now: int) -> ClearedParcel | Refusal:
    return clear_by_any(parcel, *_standing(vault, reading, parcel, now))


def _standing(
    vault: Vault, reading: Reading, parcel: Parcel, now: int
) -> tuple[tuple[Consent, ...], tuple[Restriction, ...], Moment]:
    """What a letter is held against at this instant."""
    return (
        consents.of_case(reading, parcel.letter.case_id),
        consents.restrictions(reading, parcel.letter.patient_id),
        vault.moment(reading, now),
    )


def _parcel(vault: Vault, reading: Reading, sending: Sending) -> Parcel:
    letter = _letter(reading, sending)
    recipient = _recipient(reading, letter.recipient_id)
    basis = Basis.PATIENT if recipient.kind in PATIENT_SIDE else Basis.CONSENT
    source = records.content_source(vault, reading, letter.content_id, "letter.pdf")
    with source.open() as stream:
        pdf = stream.read()
    channel = _channel_of(recipient, sending.channel)
    return Parcel(
        sending.key,
        letter,
        pdf,
        recipient,
        channel or Channel("", sending.channel, ""),
        sending.purpose,
        basis,
    )


def _letter(reading: Reading, sending: Sending) -> Letter:
    case = access.find(reading, sending.number)
    for letter in letters.of_case(reading, case.id):
        if letter.id == sending.letter_id:
            return letter
    raise NotFound("That letter isn't part of this case.")


def _recipient(reading: Reading, recipient_id: str) -> Recipient:
    found = people.recipient(reading, recipient_id)
    if found is None:
        raise NotFound("The recipient isn't in this store.")
    return found


def _channel_of(recipient: Recipient, kind: ChannelKind) -> Channel | None:
    """The recipient's way of that kind, the one verified last before any other."""
    of_kind = [channel for channel in recipient.channels if channel.kind is kind]
    return max(of_kind, key=lambda channel: channel.verified_at or 0, default=None)
