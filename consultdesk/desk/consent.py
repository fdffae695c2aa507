"""Recording what the patient agreed to, and when it ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from consultdesk.consultation.audit import Act
from consultdesk.consultation.case import Case
from consultdesk.consultation.consent import (
    Consent,
    ConsentKind,
    ConsentStatus,
    Restriction,
    Revocation,
    missing_elements,
)
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.patient import Recipient, RecipientKind
from consultdesk.desk import access, clocks
from consultdesk.errors import FormIncomplete, NotFound
from consultdesk.vault import cases, consents, people, records
from consultdesk.vault.rows import Writing
from consultdesk.vault.vault import Vault

_TOPICS = frozenset({"queue", "case", "consent"})


def record(vault: Vault, number: str, consent: Consent, now: int) -> Consent:
    """Record a consent as the patient gave it.

    An active consent to disclose must have every required element; "form on file, to be
    completed" may be recorded and blocks sending only. Raises FormIncomplete.
    """
    disclosing = consent.kind is ConsentKind.DISCLOSE
    if disclosing and consent.status is ConsentStatus.ACTIVE:
        missing = missing_elements(consent)
        if missing:
            raise FormIncomplete("The consent isn't complete:", missing)
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
        )
        consents.add(writing, kept)
        if case.waiting_for == "consent":
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
        _check_known(writing, case, consent_id)
        fresh = Revocation(new_id(now), consent_id, now, by, how, reason)
        consents.revoke(writing, case.id, fresh)


def event_occurred(vault: Vault, number: str, consent_id: str, now: int, detail: str = "") -> None:
    """Record that the event which ends a consent has occurred."""
    _happened(vault, number, consent_id, "event_occurred", now, detail)


def complete_evidence(vault: Vault, number: str, consent_id: str, now: int, detail: str) -> None:
    """Record that the signed form is now on file; `detail` says where."""
    if not detail.strip():
        raise FormIncomplete("Say which form, and where it is kept.")
    _happened(vault, number, consent_id, "evidence_completed", now, detail)


def reconfirm(vault: Vault, number: str, consent_id: str, now: int, detail: str) -> None:
    """Record that the patient still agrees, after the store was restored from a backup."""
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

    Raises FormIncomplete when neither is named.
    """
    if not (recipient_id or kind):
        raise FormIncomplete("Say who is to receive nothing.")
    with _consenting(vault, "restrict", number, now) as (writing, case):
        said = Restriction(new_id(now), case.patient_id, recipient_id, kind, now, reason)
        consents.restrict(writing, said)
    return said


def lift_restriction(vault: Vault, number: str, restriction_id: str, now: int, reason: str) -> None:
    """Record that the patient lifted a restriction."""
    with _consenting(vault, "lift_restriction", number, now) as (writing, case):
        lifting = Restriction(new_id(now), case.patient_id, "", "", now, reason)
        consents.lift_restriction(writing, lifting, restriction_id)


# --- inside -------------------------------------------------------------------------------


def _happened(vault: Vault, number: str, consent_id: str, kind: str, now: int, detail: str) -> None:
    what = f"consent_{kind.replace('-', '_')}"
    with _consenting(vault, what, number, now, entity=consent_id) as (writing, case):
        _check_known(writing, case, consent_id)
        consents.happened(writing, case.id, consent_id, kind, at=now, by=vault.user, detail=detail)


def _check_known(writing: Writing, case: Case, consent_id: str) -> None:
    if consent_id not in {one.id for one in consents.of_case(writing, case.id)}:
        raise NotFound("That consent isn't part of this case.")


@contextmanager
def _consenting(
    vault: Vault, what: str, number: str, now: int, *, entity: str = ""
) -> Iterator[tuple[Writing, Case]]:
    access.require(vault, *access.CLINICAL)
    with vault.read() as reading:
        case_id = access.find(reading, number).id
    with vault.act(Act(what, now, case_id=case_id, entity=entity, topics=_TOPICS)) as writing:
        yield writing, access.find(writing, number)
        clocks.refresh(writing, case_id, now)
