"""Synthetic C-CDA and FHIR documents of people who don't exist."""

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import orjson

from consultdesk.consultation.source import MemorySource
from consultdesk.samples.people import Doctor, Lab, Person

_LOINC = "2.16.840.1.113883.6.1"
_SECTIONS = {
    "reason": ("42349-1", "Reason for referral"),
    "history": ("10164-2", "History of present illness"),
    "problems": ("11450-4", "Problems"),
    "allergies": ("48765-2", "Allergies"),
    "medications": ("10160-0", "Medications"),
    "assessment": ("51847-2", "Assessment and plan"),
}


def ccda(
    name: str,
    person: Person,
    doctor: Doctor,
    date: str,
    *,
    question: str,
    history: str = "",
    problems: Sequence[str] = (),
    allergies: Sequence[str] = (),
    medications: Sequence[str] = (),
    assessment: str = "",
    restricted: bool = False,
) -> MemorySource:
    """A C-CDA R2.1 referral note; `assessment` is the first opinion and comes sealed."""
    parts = [
        _paragraph("reason", question),
        _paragraph("history", history),
        _narrative("problems", _list(problems)) if problems else "",
        _narrative("allergies", _list(allergies), "".join(map(_allergy, allergies))),
        _narrative("medications", _list(medications), "".join(map(_medication, medications))),
        _narrative("assessment", f"<paragraph>{escape(assessment)}</paragraph>")
        if assessment
        else "",
    ]
    sections = "".join(f"<component>{part}</component>" for part in parts if part)
    body = f"<component><structuredBody>{sections}</structuredBody></component>"
    header = _header(person, doctor, date, "R" if restricted else "N")
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ClinicalDocument xmlns="urn:hl7-org:v3" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{header}{body}</ClinicalDocument>\n'
    )
    return MemorySource(name, text.encode())


def _header(person: Person, doctor: Doctor, date: str, secrecy: str) -> str:
    day = date.replace("-", "")
    gender = {"female": "F", "male": "M"}.get(person.sex, "UN")
    return (
        '<realmCode code="US"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>'
        '<templateId root="2.16.840.1.113883.10.20.22.1.1" extension="2015-08-01"/>'
        '<templateId root="2.16.840.1.113883.10.20.22.1.14" extension="2015-08-01"/>'
        f'<id root="2.999.1" extension={quoteattr(_token(person.identifier, date))}/>'
        f'<code code="57133-1" codeSystem="{_LOINC}" displayName="Referral note"/>'
        f'<title>Referral note</title><effectiveTime value="{day}"/>'
        f'<confidentialityCode code="{secrecy}" codeSystem="2.16.840.1.113883.5.25"/>'
        '<languageCode code="en"/><recordTarget><patientRole>'
        f'<id root="2.999.2" extension={quoteattr(person.identifier)}/>'
        f"<telecom value={quoteattr('tel:' + person.phone)}/>"
        f'<patient><name use="L"><given>{escape(person.given)}</given>'
        f"<family>{escape(person.family)}</family></name>"
        f'<administrativeGenderCode code="{gender}" codeSystem="2.16.840.1.113883.5.1"/>'
        f'<birthTime value="{person.birth_date.replace("-", "")}"/></patient></patientRole>'
        f'</recordTarget><author><time value="{day}"/><assignedAuthor><id root="2.999.3"/>'
        f'<code code="x" displayName={quoteattr(doctor.specialty)}/>'
        f"<telecom value={quoteattr('tel:' + doctor.phone)}/><assignedPerson>"
        f"<name>{escape(doctor.name)}</name></assignedPerson><representedOrganization>"
        f"<name>{escape(doctor.practice)}</name></representedOrganization></assignedAuthor></author>"
        "<custodian><assignedCustodian><representedCustodianOrganization>"
        f'<id root="2.999.4"/><name>{escape(doctor.practice)}</name>'
        "</representedCustodianOrganization></assignedCustodian></custodian>"
    )


def _narrative(key: str, text: str, entries: str = "") -> str:
    code, title = _SECTIONS[key]
    return (
        f'<section><code code="{code}" codeSystem="{_LOINC}"/><title>{title}</title>'
        f"<text>{text}</text>{entries}</section>"
    )


def _paragraph(key: str, words: str) -> str:
    return _narrative(key, f"<paragraph>{escape(words)}</paragraph>") if words else ""


def _list(lines: Sequence[str]) -> str:
    items = "".join(f"<item>{escape(line)}</item>" for line in lines)
    return f"<list>{items}</list>" if items else "<paragraph>None known</paragraph>"


def _allergy(substance: str) -> str:
    return (
        '<entry><act classCode="ACT" moodCode="EVN"><entryRelationship typeCode="SUBJ">'
        '<observation classCode="OBS" moodCode="EVN"><participant typeCode="CSM">'
        '<participantRole classCode="MANU"><playingEntity classCode="MMAT">'
        f"<code nullFlavor='OTH' displayName={quoteattr(substance)}/></playingEntity>"
        "</participantRole></participant></observation></entryRelationship></act></entry>"
    )


def _medication(medicine: str) -> str:
    return (
        '<entry><substanceAdministration classCode="SBADM" moodCode="INT"><consumable>'
        f"<manufacturedProduct><manufacturedMaterial><code displayName={quoteattr(medicine)}/>"
        "</manufacturedMaterial></manufacturedProduct></consumable></substanceAdministration></entry>"
    )


def fhir_bundle(
    name: str,
    person: Person,
    doctor: Doctor,
    date: str,
    *,
    question: str = "",
    labs: Sequence[Lab] = (),
    conditions: Sequence[str] = (),
    allergies: Sequence[str] = (),
    medications: Sequence[str] = (),
    security: Sequence[str] = (),
) -> MemorySource:
    """A FHIR R4 collection: patient, practitioner, request, laboratory report, lists.

    `security` holds sensitivity codes that mark every entry, e.g. ("HIV",).
    """
    base = f"{person.identifier}/{date}"
    patient, practitioner = _link(base, "patient"), _link(base, "practitioner")
    subject = {"subject": {"reference": patient}}
    found: list[tuple[str, dict[str, Any]]] = [
        (patient, _patient(person)),
        (practitioner, _practitioner(doctor)),
    ]
    if question:
        request = {"status": "active", "intent": "order", "authoredOn": date, **subject,
                   "code": {"text": "Request for a second opinion"},
                   "requester": {"reference": practitioner, "display": doctor.name},
                   "reasonCode": [{"text": question}]}  # fmt: skip
        found.append((_link(base, "request"), {"resourceType": "ServiceRequest", **request}))
    results = [(_link(base, lab.name), _observation(lab, date, subject)) for lab in labs]
    found.extend(results)
    if results:
        found.append((_link(base, "report"), _report(results, labs, date, subject)))
    found.extend(_lists(base, date, subject, conditions, allergies, medications))
    entries = []
    for link, resource in found:
        marks = {"meta": {"security": [{"code": code} for code in security]}} if security else {}
        entries.append({"fullUrl": link, "resource": {"id": link[9:], **resource, **marks}})
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    return MemorySource(name, orjson.dumps(bundle, option=orjson.OPT_INDENT_2))


def _lists(
    base: str, date: str, subject: dict[str, Any], conditions: Sequence[str],
    allergies: Sequence[str], medications: Sequence[str],
) -> Iterator[tuple[str, dict[str, Any]]]:  # fmt: skip
    for text in conditions:
        said = {"code": {"text": text}, "recordedDate": date, **subject}
        yield _link(base, text), {"resourceType": "Condition", **said}
    for text in allergies:
        said = {"code": {"text": text}, "recordedDate": date, "patient": subject["subject"]}
        yield _link(base, text), {"resourceType": "AllergyIntolerance", **said}
    for text in medications:
        said = {"status": "active", "medicationCodeableConcept": {"text": text}, **subject}
        yield _link(base, text), {"resourceType": "MedicationStatement", **said}


def _patient(person: Person) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "identifier": [{"type": {"text": "MRN"}, "value": person.identifier}],
        "name": [{"use": "official", "family": person.family, "given": [person.given]}],
        "gender": person.sex,
        "birthDate": person.birth_date,
        "telecom": [{"system": "phone", "value": person.phone}],
    }


def _practitioner(doctor: Doctor) -> dict[str, Any]:
    return {
        "resourceType": "Practitioner",
        "name": [{"text": doctor.name}],
        "telecom": [{"system": "phone", "value": doctor.phone}],
        "qualification": [{"code": {"text": doctor.specialty}}],
    }


def _observation(lab: Lab, date: str, subject: dict[str, Any]) -> dict[str, Any]:
    ends = (("low", lab.low), ("high", lab.high))
    limits = {key: {"value": end, "unit": lab.unit} for key, end in ends if end is not None}
    flag = {"H": "high", "L": "low"}.get(lab.flag)
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [{"coding": [{"code": "laboratory"}]}],
        "code": {"text": lab.name, "coding": [{"system": "http://loinc.org", "code": lab.loinc}]},
        "effectiveDateTime": date,
        "valueQuantity": {"value": lab.value, "unit": lab.unit},
        **({"referenceRange": [limits]} if limits else {}),
        **({"interpretation": [{"text": flag}]} if flag else {}),
        **subject,
    }


def _report(
    results: Sequence[tuple[str, dict[str, Any]]],
    labs: Sequence[Lab],
    date: str,
    subject: dict[str, Any],
) -> dict[str, Any]:
    named = zip(results, labs, strict=True)
    return {
        "resourceType": "DiagnosticReport",
        "status": "final",
        "category": [{"coding": [{"code": "LAB"}]}],
        "code": {"text": "Laboratory report"},
        "effectiveDateTime": date,
        "result": [{"reference": link, "display": lab.name} for (link, _), lab in named],
        **subject,
    }


def _link(base: str, what: str) -> str:
    return f"urn:uuid:{uuid.UUID(_token(base, what))}"


def _token(*words: str) -> str:
    return hashlib.sha256("/".join(words).encode()).hexdigest()[:32]
