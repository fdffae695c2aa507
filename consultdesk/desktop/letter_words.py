"""The words a person reads for letters, their recipients and what became of them."""

from datetime import date

from PySide6.QtCore import QDate, QDateTime, QLocale

from consultdesk.consultation.letter import Letter, LetterKind
from consultdesk.consultation.patient import Patient
from consultdesk.desk.cases import CaseFile
from consultdesk.desktop.words import tr


def letter_words(kind: LetterKind) -> str:
    """What a kind of letter is called."""
    return {
        LetterKind.TREATING_PHYSICIAN: tr("Letter to the treating physician"),
        LetterKind.PATIENT: tr("Letter to the patient"),
        LetterKind.PATIENT_ONLY: tr("Letter to the patient only"),
        LetterKind.PRELIMINARY: tr("Preliminary letter"),
        LetterKind.INTERIM_URGENT: tr("Urgent interim letter"),
        LetterKind.RECORDS_REQUEST: tr("Request for records"),
        LetterKind.RETURN_OR_DECLINE: tr("Return or decline"),
        LetterKind.ADDENDUM: tr("Addendum"),
        LetterKind.SAFETY_CORRECTION: tr("Safety correction"),
        LetterKind.THIRD_OPINION_REFERRAL: tr("Referral for a third opinion"),
        LetterKind.DISCLOSURE_COVER: tr("Cover of a disclosure"),
    }[kind]


FOR_PATIENT = frozenset({LetterKind.PATIENT, LetterKind.PATIENT_ONLY})


def patient_words(patient: Patient) -> str:
    """Full name and date of birth, as they must stand in Sign and in Send."""
    if not patient.birth_date:
        return tr("{name}, date of birth not known").format(name=patient.name)
    return tr("{name}, born {day}").format(name=patient.name, day=day_words(patient.birth_date))


def day_words(iso: str) -> str:
    """An ISO date on the person's own calendar, with a four-digit year."""
    try:
        found = date.fromisoformat(iso)
    except ValueError:
        return iso
    return QLocale().toString(QDate(found.year, found.month, found.day), "d MMM yyyy")


def recipient_words(file: CaseFile, kind: LetterKind) -> str:
    """Who a letter of this kind goes to in this case."""
    if kind in FOR_PATIENT:
        return tr("{name} (the patient)").format(name=file.patient.name)
    if file.physician is None:
        return tr("nobody: no treating physician is named")
    place = f", {file.physician.practice}" if file.physician.practice else ""
    return f"{file.physician.name}{place}"


def version_words(letter: Letter, file: CaseFile) -> str:
    """A signed letter in one line: what, version, pages, when."""
    signed = letter.signed_at or 0
    day = QLocale().toString(QDateTime.fromMSecsSinceEpoch(signed).date(), "d MMM yyyy")
    pages = tr("1 page") if letter.pages == 1 else tr("{n} pages").format(n=letter.pages)
    said = tr("{what} to {who}, version {n}, {pages}, signed {day}")
    if letter.version_of:
        said = tr("{what} to {who}, version {n} with content left out, {pages}, signed {day}")
    return said.format(
        what=_short(letter.kind),
        who=file.patient.name if letter.recipient_id == file.patient.id else _physician(file),
        n=letter.version,
        pages=pages,
        day=day,
    )


def _short(kind: LetterKind) -> str:
    return tr("Addendum") if kind is LetterKind.ADDENDUM else tr("Letter")


def _physician(file: CaseFile) -> str:
    return file.physician.name if file.physician else tr("another recipient")


def channel_state_words(state: str) -> str:
    """What became of a dispatch."""
    return {
        "cleared": tr("under way"),
        "attempted": tr("under way"),
        "sent": tr("handed over"),
        "failed": tr("failed, nothing left the desk"),
        "unknown": tr("not known whether it left"),
        "undone": tr("undone"),
        "received": tr("received"),
        "acknowledged": tr("acknowledged"),
    }.get(state, state)
