"""The words of a consent as a patient and a physician read them."""

from PySide6.QtCore import QDateTime, QLocale

from consultdesk.consultation.consent import (
    Consent,
    ConsentKind,
    ConsentStatus,
    Purpose,
    SignatureKind,
    effective_sensitivities,
)
from consultdesk.consultation.patient import RecipientKind
from consultdesk.consultation.record import Sensitivity
from consultdesk.desktop.case_words import kind_words, sensitivity_words
from consultdesk.desktop.words import moment, tr


def purpose_words(purpose: Purpose) -> str:
    """What a disclosure is for."""
    return {
        Purpose.TREATMENT: tr("Treatment"),
        Purpose.PATIENT_REQUEST: tr("The patient's own request"),
        Purpose.INSURANCE: tr("Insurance"),
        Purpose.THIRD_OPINION: tr("A third opinion"),
        Purpose.LEGAL: tr("A legal matter"),
        Purpose.OTHER: tr("Another purpose"),
    }[purpose]


def consent_words(kind: ConsentKind) -> str:
    """What a consent permits."""
    return {
        ConsentKind.REVIEW: tr("To obtain and read"),
        ConsentKind.DISCLOSE: tr("To send"),
    }[kind]


def signature_words(kind: SignatureKind) -> str:
    """How a consent was given."""
    return {
        SignatureKind.WRITTEN: tr("In writing, signed"),
        SignatureKind.ELECTRONIC: tr("Signed electronically"),
        SignatureKind.VERBAL: tr("Spoken, with a witness"),
    }[kind]


def recipient_kind_words(kind: RecipientKind) -> str:
    """What a recipient is."""
    return {
        RecipientKind.TREATING_PHYSICIAN: tr("Treating physician"),
        RecipientKind.OTHER_PHYSICIAN: tr("Another physician"),
        RecipientKind.PATIENT: tr("The patient"),
        RecipientKind.REPRESENTATIVE: tr("The patient's representative"),
        RecipientKind.INSURER: tr("Insurer"),
        RecipientKind.COURT: tr("Court"),
        RecipientKind.CUSTODIAN: tr("Keeper of records"),
    }[kind]


def day_of(at: int) -> str:
    """The day of a time on the person's own calendar. `at` in UTC milliseconds."""
    return QLocale().toString(QDateTime.fromMSecsSinceEpoch(at).date(), "d MMM yyyy")


def standing_words(consent: Consent, now: int) -> str:
    """Whether a consent holds at `now` (UTC ms), and if not, why."""
    if consent.status is ConsentStatus.ENTERED_IN_ERROR:
        return tr("Entered in error")
    if consent.revocation is not None:
        return tr("Withdrawn {when}").format(when=moment(consent.revocation.at))
    if not consent.authentic:
        return tr("Doesn't verify: not the row this store wrote")
    if consent.status is not ConsentStatus.ACTIVE:
        return tr("Not active")
    if consent.event_occurred_at is not None:
        return tr("Ended {when}: its event occurred").format(when=moment(consent.event_occurred_at))
    if consent.expires_at is not None and consent.expires_at <= now:
        return tr("Expired {day}").format(day=last_day(consent.expires_at))
    if consent.valid_from > now:
        return tr("Begins {day}").format(day=day_of(consent.valid_from))
    if not consent.reconfirmed:
        return tr("To be reconfirmed after the restore")
    if not consent.evidence_complete:
        return tr("Active; the signed form is still to be completed")
    return tr("Active")


def last_day(expires_at: int) -> str:
    """The last day on which a consent holds. `expires_at` is the first instant it doesn't."""
    return day_of(expires_at - 1)


def elements(consent: Consent, names: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Everything a consent says: (label, words). `names` are recipients' names by id."""
    nobody = tr("nobody named")
    none = tr("none")
    topics = sorted(sensitivity_words(one) for one in consent.sensitivities - {Sensitivity.N})
    held = effective_sensitivities(consent)
    without = sorted(sensitivity_words(one) for one in consent.sensitivities - held)
    parts = [
        (tr("Information"), consent.information),
        (tr("Sent by"), consent.discloser),
        (
            tr("Recipients"),
            ", ".join(sorted(names.get(one, tr("another")) for one in consent.recipients))
            or nobody,
        ),
        (tr("What for"), ", ".join(sorted(purpose_words(one) for one in consent.purposes))),
        (tr("Kinds of record"), ", ".join(sorted(kind_words(one) for one in consent.record_kinds))),
        (tr("Sensitive topics"), ", ".join(topics) or none),
        (tr("Listed, but not covered this way"), ", ".join(without)),
        (tr("From"), day_of(consent.valid_from)),
        (tr("Until"), last_day(consent.expires_at) if consent.expires_at is not None else ""),
        (tr("Until this event"), consent.expiry_event),
        (tr("Given"), signature_words(consent.signature)),
        (tr("Witness"), consent.witness),
        (tr("Given by"), consent.given_by),
        (tr("Authority"), consent.representative_authority),
        (tr("Recorded"), f"{moment(consent.recorded_at)}, {consent.recorded_by}"),
    ]
    if revoked := consent.revocation:
        said = tr("{when}, by {by}, {how}").format(
            when=moment(revoked.at), by=revoked.by, how=revoked.how.rstrip(". ")
        )
        parts.append((tr("Withdrawn"), f"{said}. {revoked.reason}".strip()))
    return tuple((label, words) for label, words in parts if words)
