"""Audit lines written as FHIR R4 AuditEvent (hl7.org/fhir/R4/auditevent.html), one a line.

Codes: IHE BALP 1.1 (Basic Audit Log Patterns) with DICOM PS3.16 CID 400–404 and the HL7
value sets they build on. No clinical text and no name of a patient goes in: a case goes by its
number, everything else by its random id; what a person wrote as a reason stays in the store.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from consultdesk.consultation.act_words import ActKind, Doing, act_words
from consultdesk.consultation.audit import AuditEvent, Outcome

Json = dict[str, Any]

_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_TYPE = "http://terminology.hl7.org/CodeSystem/audit-event-type"
_INTERACTION = "http://hl7.org/fhir/restful-interaction"
_ENTITY = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_ENTITY_ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
_SOURCE = "http://terminology.hl7.org/CodeSystem/security-source-type"
_PURPOSE = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_OURS = "urn:consultdesk:act"
_ROLES = "urn:consultdesk:role"
_CASES = "urn:consultdesk:case-number"
_IDS = "urn:consultdesk:id"
_USERS = "urn:consultdesk:user"
_STORES = "urn:consultdesk:store"

_DONE, _REFUSED = "0", "4"
"""AuditEvent.outcome: success, and minor failure (refused as it should be)."""

_SUBTYPES = {
    Doing.CREATE: ("create", "create"),
    Doing.READ: ("read", "read"),
    Doing.UPDATE: ("update", "update"),
    Doing.DELETE: ("delete", "delete"),
}
_EXPORTS = frozenset({"export_patient", "export_audit"})
_LOGINS = frozenset({"unlock", "failed_unlocks"})
_USERS_CHANGED = frozenset(
    {
        "invite_user",
        "let_user_in",
        "change_role",
        "shut_user_out",
        "readmit_user",
        "remove_user",
        "change_passphrase",
        "make_recovery_key",
        "add_device",
        "remove_device",
    }
)
_CONFIGURED = frozenset(
    {"exchange_keys", "note_keys", "choose_settings", "confirm_clock", "lay_down_retention"}
    | {"choose_backup_place", "choose_backup_rule"}
)
_SECURITY = _USERS_CHANGED | _CONFIGURED
_PURPOSES = {
    ActKind.SEEN: "TREAT",
    ActKind.CASE: "TREAT",
    ActKind.RECORDS: "TREAT",
    ActKind.ASSESSMENT: "TREAT",
    ActKind.CONSENT: "TREAT",
    ActKind.LETTER: "TREAT",
    ActKind.KEEPING: "HLEGAL",
    ActKind.STORE: "HSYSADMIN",
}
_OWN_PURPOSES = {
    "export_patient": "PATRQT",
    "view_audit": "HCOMPL",
    "export_audit": "HCOMPL",
}


@dataclass(frozen=True)
class Named:
    """How a line is said outside the store: the store it is of, and the numbers of its cases."""

    store: str
    case_number: str = ""
    patient_id: str = ""
    full_name: str = ""


def resource(event: AuditEvent, named: Named) -> Json:
    """One line as an AuditEvent resource."""
    said = act_words(event.act)
    refused = event.outcome is Outcome.REFUSED
    return {
        "resourceType": "AuditEvent",
        "id": f"line-{event.seq}",
        "type": _type(event.act),
        "subtype": _subtypes(event.act, said.doing),
        "action": said.doing.value,
        "recorded": _instant(event.at),
        "outcome": _REFUSED if refused else _DONE,
        "outcomeDesc": _outcome_said(event, said.words),
        "purposeOfEvent": [_concept(_PURPOSE, _purpose(event.act, said.kind))],
        "agent": [_agent(event, named)],
        "source": {
            "site": named.store,
            "observer": {"identifier": {"system": _STORES, "value": named.store}},
            "type": [_coding(_SOURCE, "4", "Application Server")],
        },
        "entity": _entities(event, named),
    }


def line(event: AuditEvent, named: Named) -> bytes:
    """One line of NDJSON, with the line break."""
    return orjson.dumps(resource(event, named)) + b"\n"


def _type(act: str) -> Json:
    if act in _LOGINS:
        return _coding(_DCM, "110114", "User Authentication")
    if act in _SECURITY:
        return _coding(_DCM, "110113", "Security Alert")
    if act in _EXPORTS:
        return _coding(_DCM, "110106", "Export")
    return _coding(_TYPE, "rest", "RESTful Operation")


def _subtypes(act: str, doing: Doing) -> list[Json]:
    found = [_coding(_OURS, act, act_words(act).words)]
    if act in _LOGINS:
        found.append(_coding(_DCM, "110122", "Login"))
    elif act in _USERS_CHANGED:
        found.append(_coding(_DCM, "110137", "User security Attributes Changed"))
    elif act in _CONFIGURED:
        found.append(_coding(_DCM, "110131", "Security Configuration"))
    elif act not in _EXPORTS and (of_rest := _SUBTYPES.get(doing)):
        found.append(_coding(_INTERACTION, *of_rest))
    return found


def _agent(event: AuditEvent, named: Named) -> Json:
    said: Json = {
        "type": _concept(_PARTICIPATION, "IRCP", "information recipient")
        if act_words(event.act).doing is Doing.READ
        else _concept(_PARTICIPATION, "AUT", "author (originator)"),
        "role": [_concept(_ROLES, event.role, event.role.replace("_", " "))],
        "who": {"identifier": {"system": _USERS, "value": event.actor}},
        "requestor": True,
    }
    if named.full_name:
        said["name"] = named.full_name
    return said


def _entities(event: AuditEvent, named: Named) -> list[Json]:
    found: list[Json] = []
    if named.case_number:
        found.append(
            {
                "what": {"identifier": {"system": _CASES, "value": named.case_number}},
                "type": _coding(_ENTITY, "2", "System Object"),
                "role": _coding(_ENTITY_ROLE, "4", "Domain Resource"),
            }
        )
    if named.patient_id:
        found.append(
            {
                "what": {"identifier": {"system": _IDS, "value": named.patient_id}},
                "type": _coding(_ENTITY, "1", "Person"),
                "role": _coding(_ENTITY_ROLE, "1", "Patient"),
            }
        )
    if event.entity and event.entity != named.patient_id:
        found.append(
            {
                "what": {"identifier": {"system": _IDS, "value": event.entity}},
                "type": _coding(_ENTITY, "2", "System Object"),
                "role": _coding(_ENTITY_ROLE, "4", "Domain Resource"),
            }
        )
    found.append(
        {
            "what": {"identifier": {"system": "urn:consultdesk:link", "value": event.link}},
            "type": _coding(_ENTITY, "2", "System Object"),
            "role": _coding(_ENTITY_ROLE, "13", "Security Resource"),
            "detail": [{"type": "previous link", "valueString": event.previous or "none"}],
        }
    )
    return found


def _outcome_said(event: AuditEvent, words: str) -> str:
    if event.outcome is not Outcome.REFUSED:
        return words
    # a refusal names the clauses that failed, which are codes of the gate and no free text
    return f"Refused: {words}: {event.detail}" if event.detail else f"Refused: {words}"


def _purpose(act: str, kind: ActKind) -> str:
    return _OWN_PURPOSES.get(act, _PURPOSES[kind])


def _coding(system: str, code: str, display: str = "") -> Json:
    said = {"system": system, "code": code}
    return said | {"display": display} if display else said


def _concept(system: str, code: str, display: str = "") -> Json:
    return {"coding": [_coding(system, code, display)]}


def _instant(at: int) -> str:
    """UTC ms as a FHIR instant."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")
