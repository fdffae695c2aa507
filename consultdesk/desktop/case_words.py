"""The words a person reads for records, people, reasons to wait, and days."""

from datetime import date

from PySide6.QtCore import QDate, QLocale

from consultdesk.consultation.patient import KnowsOfRequest, Patient
from consultdesk.consultation.record import RecordItem, RecordKind, Sensitivity
from consultdesk.desktop.words import tr


def kind_words(kind: RecordKind | str) -> str:
    """What a kind of record is called."""
    return {
        RecordKind.CLINIC_NOTE: tr("Clinic note"),
        RecordKind.FIRST_OPINION: tr("First opinion"),
        RecordKind.IMAGING_REPORT: tr("Imaging report"),
        RecordKind.IMAGING: tr("Imaging"),
        RecordKind.PATHOLOGY_REPORT: tr("Pathology report"),
        RecordKind.SLIDE: tr("Slide"),
        RecordKind.LABORATORY: tr("Laboratory"),
        RecordKind.GENETICS: tr("Genetics"),
        RecordKind.OPERATIVE_NOTE: tr("Operative note"),
        RecordKind.DISCHARGE: tr("Discharge summary"),
        RecordKind.MEDICATION_LIST: tr("Medication list"),
        RecordKind.ALLERGIES: tr("Allergies"),
        RecordKind.TREATMENT_SUMMARY: tr("Treatment summary"),
        RecordKind.PATIENT_QUESTIONS: tr("The patient's questions"),
        RecordKind.CONSENT_FORM: tr("Consent form"),
        RecordKind.INSURANCE: tr("Insurance"),
        RecordKind.PHOTOGRAPH: tr("Photograph"),
        RecordKind.CORRESPONDENCE: tr("Correspondence"),
        RecordKind.OTHER: tr("Other"),
    }[RecordKind(kind)]


def sensitivity_words(topic: Sensitivity) -> str:
    """What a sensitive topic is called."""
    return {
        Sensitivity.N: tr("Normal"),
        Sensitivity.R: tr("Restricted in general"),
        Sensitivity.ETH: tr("Use of drugs"),
        Sensitivity.ETHUD: tr("Alcohol use disorder"),
        Sensitivity.OPIOIDUD: tr("Opioid use disorder"),
        Sensitivity.PSY: tr("Mental illness"),
        Sensitivity.PSYTHPN: tr("Psychotherapy notes"),
        Sensitivity.SDV: tr("Violence or abuse"),
        Sensitivity.HIV: tr("HIV"),
        Sensitivity.STD: tr("Sexually transmitted infection"),
        Sensitivity.GDIS: tr("Inherited disease, genetics"),
        Sensitivity.SEX: tr("Sexuality and reproduction"),
    }[topic]


_ICONS = {
    RecordKind.IMAGING: "stack",
    RecordKind.SLIDE: "stack",
    RecordKind.LABORATORY: "lab",
    RecordKind.PHOTOGRAPH: "image",
    RecordKind.CLINIC_NOTE: "note",
    RecordKind.CONSENT_FORM: "sign",
}


def record_icon(record: RecordItem) -> str:
    """The name of the icon that stands for a record."""
    if record.right_patient is False:
        return "warning"
    return _ICONS.get(record.kind, "document") if record.readable else "eye-off"


def record_detail(record: RecordItem) -> str:
    """A record in one line for a tooltip: kind, pages, date, source, and why it isn't shown."""
    parts = [kind_words(record.kind)]
    if record.pages > 1:
        said = tr("{n} images") if record.kind is RecordKind.IMAGING else tr("{n} pages")
        parts.append(said.format(n=record.pages))
    if record.event_date:
        parts.append(day(record.event_date))
    if record.source:
        parts.append(record.source)
    if record.right_patient is False:
        parts.append(tr("belongs to somebody else"))
    if record.entered_in_error:
        parts.append(tr("entered in error"))
    if not record.readable:
        parts.append(tr("can't be shown: {why}").format(why=record.reason))
    return " · ".join(parts)


def named_in(record: RecordItem) -> str:
    """Whom a record itself names, with the date of birth it says; "" where it names nobody."""
    said = {fact.field: fact.value for fact in reversed(record.facts)}
    name, born = person_name(said.get("patient.name", "")), said.get("patient.birth_date", "")
    if name and born:
        return tr("{name}, born {day}").format(name=name, day=day(born))
    return name or (tr("somebody born {day}").format(day=day(born)) if born else "")


def day(iso: str) -> str:
    """An ISO day as it is read, with a four-digit year: "3 May 1972"; other text as it is."""
    read = QDate.fromString(iso[:10], "yyyy-MM-dd")
    return QLocale().toString(read, "d MMM yyyy") if read.isValid() else iso


def age(birth_date: str, on: date) -> int | None:
    """Whole years on a day; None where the date of birth can't be read."""
    try:
        born = date.fromisoformat(birth_date[:10])
    except ValueError:
        return None
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def born_words(patient: Patient, on: date) -> str:
    """Date of birth, age and sex in one line."""
    if not patient.birth_date:
        born = tr("date of birth unknown")
    else:
        years = age(patient.birth_date, on)
        born = tr("born {day}").format(day=day(patient.birth_date))
        if years is not None:
            born = tr("{born} ({years} y)").format(born=born, years=years)
    return ", ".join(part for part in (born, sex_words(patient.sex)) if part)


def sex_words(sex: str) -> str:
    """Sex in a word, whatever letter or word a record used."""
    known = {"f": tr("female"), "m": tr("male"), "o": tr("other")}
    return known.get(sex[:1].casefold(), "") if sex else ""


def waiting_words(waiting_for: str) -> str:
    """What a case waits for."""
    return {
        "": tr("Nothing"),
        "records": tr("Records"),
        "consent": tr("Consent"),
        "treating_physician": tr("The treating physician"),
        "patient": tr("The patient"),
    }.get(waiting_for, waiting_for)


def knows_words(knows: KnowsOfRequest) -> str:
    """Whether the treating physician knows of the request."""
    return {
        KnowsOfRequest.YES: tr("Yes"),
        KnowsOfRequest.NO: tr("No"),
        KnowsOfRequest.UNKNOWN: tr("Not known"),
    }[knows]


def fact_words(field: str) -> str:
    """What a fact about the patient is called."""
    return {
        "patient.name": tr("name"),
        "patient.birth_date": tr("date of birth"),
        "patient.sex": tr("sex"),
    }.get(field, field)


def person_name(raw: str) -> str:
    """A name as it is read, whatever marks a record set between its parts."""
    family, mark, given = raw.partition("^")
    parts = f"{given} {family}" if mark else raw
    return " ".join(parts.replace("^", " ").replace("_", " ").split())
