"""Recording what the patient agreed to, and when it ends."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

from consultdesk.consultation.case import Case
from consultdesk.consultation.consent import (
    NEVER_VERBAL,
    Consent,
    ConsentKind,
    ConsentStatus,
    Restriction,
    Revocation,
    SignatureKind,
    effective_sensitivities,
    missing_elements,
)
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.patient import Recipient, RecipientKind
from consultdesk.desk import access
from consultdesk.desk.acts import on_case
from consultdesk.errors import FormIncomplete, NotFound
from consultdesk.vault import cases, consents, people, records
from consultdesk.vault.rows import Reading, Writing
from consultdesk.vault.vault import Vault

_TOPICS = frozenset({"queue", "case", "consent"})


def record(vault: Vault, number: str, consent: Consent, now: int) -> Consent:
    """Record a consent as the patient gave it.

    An active consent to disclose must have every required element. Without the signed form
    among the records it counts as "form on file, to be completed", which blocks sending only;
    a spoken one needs its witness instead. Raises FormIncomplete.
    """
    _check_valid(consent, now)
    with _consenting(vault, "record_consent", number, now) as (writing, case):
        if consent.evidence and consent.evidence not in {
            item.id for item in records.of_case(writing, case.id)
        }:
            raise FormIncomplete("The signed form isn't among the records of this case.")
        kept = replace(
            consent,
            id=new_id(now),
            case_id=case.id,
            patient_id=case.patient_id,
            recorded_at=now,
            recorded_by=vault.user,
            evidence_complete=consent.evidence_complete and _has_evidence(consent),
            revocation=None,
            event_occurred_at=None,
        )
        _check_recipients(writing, kept)
        consents.add(writing, kept)
        if case.waiting_for == "consent" and kept.status is ConsentStatus.ACTIVE:
            cases.wait_for(writing, case.id, "", now)
    return kept


def name_recipient(
    vault: Vault, number: str, name: str, kind: RecipientKind, now: int, *, practice: str = ""
) -> Recipient:
    """Name somebody else the patient wants to receive a letter. Raises FormIncomplete."""
    if not name.strip():
        raise FormIncomplete("Say who is to receive it.")
    fresh = Recipient(new_id(now), kind, name.strip(), practice.strip())
    with _consenting(vault, "name_recipient", number, now, entity=fresh.id) as (writing, _case):
        people.add_recipient(writing, fresh)
    return fresh


def recipients(vault: Vault, number: str) -> tuple[Recipient, ...]:
    """Everyone the consents of a case name, by name. Raises NotFound."""
    with vault.read() as reading:
        case = access.find(reading, number)
        named = {one for held in consents.of_case(reading, case.id) for one in held.recipients}
        found = [people.recipient(reading, one) for one in named]
    return tuple(sorted((one for one in found if one), key=lambda one: one.name))


def revoke(
    vault: Vault, number: str, consent_id: str, now: int, *, by: str, how: str, reason: str = ""
) -> None:
    """Record a withdrawal; from this instant nothing more goes out under the consent.

    As easy as giving: who withdrew and how is all that is asked. Raises FormIncomplete.
    """
    if not (by.strip() and how.strip()):
        raise FormIncomplete("The withdrawal needs two words:", ("who withdrew it", "how"))
    with _consenting(vault, "revoke_consent", number, now, entity=consent_id) as (writing, case):
        if _known(writing, case, consent_id).revocation is not None:
            raise FormIncomplete("This consent has been withdrawn already.")
        fresh = Revocation(new_id(now), consent_id, now, by, how, reason)
        consents.revoke(writing, case.id, fresh)


def event_occurred(vault: Vault, number: str, consent_id: str, now: int, detail: str = "") -> None:
    """Record that the event which ends a consent has occurred. Raises FormIncomplete."""
    _happened(vault, number, consent_id, "event_occurred", now, detail, _ends_by_event)


def complete_evidence(vault: Vault, number: str, consent_id: str, now: int, detail: str) -> None:
    """Record that the signed form is now on file; `detail` says where."""
    if not detail.strip():
        raise FormIncomplete("Say which form, and where it is kept.")
    _happened(vault, number, consent_id, "evidence_completed", now, detail)


def reconfirm(vault: Vault, number: str, consent_id: str, now: int, detail: str) -> None:
    """Record that the patient still agrees, after the store was restored from a backup.

    Raises FormIncomplete without saying how that is known.
    """
    if not detail.strip():
        raise FormIncomplete("Say how you know that the patient still agrees.")
    _happened(vault, number, consent_id, "reconfirmed", now, detail)


def enter_in_error(vault: Vault, number: str, consent_id: str, now: int, reason: str) -> None:
    """Mark a consent that should never have been recorded. Raises FormIncomplete."""
    if not reason.strip():
        raise FormIncomplete("Say why the consent was recorded in error.")
    _happened(vault, number, consent_id, "entered-in-error", now, reason)


def restrict(
    vault: Vault, number: str, now: int, *, recipient_id: str = "", kind: str = "", reason: str
) -> Restriction:
    """Record that one recipient, or everyone of a kind, is to receive nothing.

    Raises FormIncomplete when neither is named, NotFound for somebody nobody knows.
    """
    if not (recipient_id or kind):
        raise FormIncomplete("Say who is to receive nothing.")
    if kind and kind not in set(RecipientKind):
        raise FormIncomplete(f"There is no kind of recipient called “{kind}”.")
    whose = _patient_of(vault, number)
    with _consenting(vault, "restrict", number, now, entity=whose) as (writing, case):
        if recipient_id and people.recipient(writing, recipient_id) is None:
            raise NotFound("The recipient isn't in this store.")
        said = Restriction(new_id(now), case.patient_id, recipient_id, kind, now, reason)
        consents.restrict(writing, said)
    return said


def lift_restriction(vault: Vault, number: str, restriction_id: str, now: int, reason: str) -> None:
    """Record that the patient lifted a restriction. Raises FormIncomplete, NotFound."""
    if not reason.strip():
        raise FormIncomplete("Say how the patient lifted it.")
    whose = _patient_of(vault, number)
    with _consenting(vault, "lift_restriction", number, now, entity=whose) as (writing, case):
        standing = consents.restrictions(writing, case.patient_id)
        if restriction_id not in {one.id for one in standing}:
            raise NotFound("No such restriction stands for this patient.")
        lifting = Restriction(new_id(now), case.patient_id, "", "", now, reason)
        consents.lift_restriction(writing, lifting, restriction_id)


# --- inside -------------------------------------------------------------------------------


def _check_valid(consent: Consent, now: int) -> None:
    """Raise FormIncomplete for a consent that couldn't hold as it stands."""
    if consent.status not in (ConsentStatus.ACTIVE, ConsentStatus.DRAFT):
        raise FormIncomplete("A consent is recorded as active, or as a draft.")
    ends = consent.expires_at
    if ends is not None and (ends <= consent.valid_from or ends <= now):
        raise FormIncomplete("The consent would end before it begins to hold.")
    if consent.status is ConsentStatus.DRAFT:
        return
    if consent.kind is ConsentKind.REVIEW:
        missing: tuple[str, ...] = () if consent.given_by.strip() else ("who gave it",)
    else:
        missing = (*missing_elements(consent), *_never_covered(consent))
    if missing:
        raise FormIncomplete("The consent isn't complete:", missing)


def _never_covered(consent: Consent) -> tuple[str, ...]:
    """What is listed and yet would not be covered: said at once, not when it is sent."""
    lost = consent.sensitivities - effective_sensitivities(consent)
    if consent.signature == SignatureKind.VERBAL and lost & NEVER_VERBAL:
        never = "a spoken one never covers substance use or psychotherapy notes"
        return (f"a written consent: {never}",)
    return ("a consent of their own for psychotherapy notes",) if lost else ()


def _has_evidence(consent: Consent) -> bool:
    spoken = consent.signature == SignatureKind.VERBAL and bool(consent.witness.strip())
    return bool(consent.evidence) or spoken or consent.kind is ConsentKind.REVIEW


def _check_recipients(reading: Reading, consent: Consent) -> None:
    for recipient_id in sorted(consent.recipients):
        if people.recipient(reading, recipient_id) is None:
            raise FormIncomplete("A recipient the consent names isn't in this store.")


def _ends_by_event(consent: Consent) -> None:
    if not consent.expiry_event.strip():
        raise FormIncomplete("This consent doesn't end by an event.")
    if consent.event_occurred_at is not None:
        raise FormIncomplete("That the event occurred has been recorded already.")


def _happened(
    vault: Vault,
    number: str,
    consent_id: str,
    kind: str,
    now: int,
    detail: str,
    check: Callable[[Consent], None] = lambda _consent: None,
) -> None:
    what = f"consent_{kind.replace('-', '_')}"
    with _consenting(vault, what, number, now, entity=consent_id) as (writing, case):
        check(_known(writing, case, consent_id))
        consents.happened(writing, case.id, consent_id, kind, at=now, by=vault.user, detail=detail)


def _known(reading: Reading, case: Case, consent_id: str) -> Consent:
    for one in consents.of_case(reading, case.id):
        if one.id == consent_id:
            return one
    raise NotFound("That consent isn't part of this case.")


def _patient_of(vault: Vault, number: str) -> str:
    """Whose wish it is: what the audit counts a patient's wishes by."""
    with vault.read() as reading:
        return access.find(reading, number).patient_id


def _consenting(
    vault: Vault, what: str, number: str, now: int, *, entity: str = ""
) -> AbstractContextManager[tuple[Writing, Case]]:
    return on_case(vault, what, number, now, entity=entity, topics=_TOPICS)
