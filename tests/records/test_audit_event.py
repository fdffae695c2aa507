"""AuditEvents against the rules of FHIR R4 written out: cardinalities, types and value sets."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from consultdesk.consultation.act_words import ACTS
from consultdesk.consultation.audit import AuditEvent, Outcome
from consultdesk.records.audit_event import Named, line, resource

EVENT = AuditEvent(
    seq=7,
    at=1_764_000_000_123,
    actor="ada",
    role="physician",
    act="view_record",
    outcome=Outcome.DONE,
    case_id="case-id",
    entity="record-id",
    reason="SECRET reason",
    detail="SECRET detail",
    previous="b" * 64,
    link="a" * 64,
)
NAMED = Named("store-id", "2026-0001", "patient-id", "Dr. Ada Berg")

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
URI = re.compile(r"\S+")
CODE = re.compile(r"[^\s]+(\s[^\s]+)*")
FIELDS = {
    "resourceType", "id", "type", "subtype", "action", "recorded", "outcome", "outcomeDesc",
    "purposeOfEvent", "agent", "source", "entity",
}  # fmt: skip
"""Of AuditEvent's elements (R4, 6.4.3) the ones we use; no others may come in."""
TYPES = {
    "http://dicom.nema.org/resources/ontology/DCM": {"110106", "110113", "110114"},
    "http://terminology.hl7.org/CodeSystem/audit-event-type": {"rest"},
}
DCM_SUBTYPES = {"110122", "110131", "110137"}
REST = {"create", "read", "update", "delete"}
ENTITY_TYPES, ENTITY_ROLES = {"1", "2"}, {"1", "4", "13"}
PURPOSES = {"TREAT", "HLEGAL", "HSYSADMIN", "PATRQT", "HCOMPL"}
KINDS_OF_AGENT = {"AUT", "IRCP"}

Json = dict[str, Any]


def check_coding(coding: Json) -> None:
    assert coding.keys() <= {"system", "code", "display"}
    assert URI.fullmatch(str(coding["system"]))
    assert CODE.fullmatch(str(coding["code"]))


def check_reference(said: Json) -> None:
    """By its identifier, as R4 allows where the other end has no address."""
    assert said.keys() == {"identifier"}
    identifier = said["identifier"]
    assert isinstance(identifier, dict)
    assert identifier.keys() == {"system", "value"}
    assert identifier["value"]


def check(said: Json) -> None:
    """What is required, in the shape that is required, and nothing else."""
    assert said.keys() <= FIELDS
    for required in ("resourceType", "type", "recorded", "agent", "source"):
        assert said[required]
    assert said["resourceType"] == "AuditEvent"
    assert ID.fullmatch(str(said["id"]))
    assert INSTANT.fullmatch(str(said["recorded"]))
    assert said["action"] in set("CRUDE")
    assert said["outcome"] in {"0", "4", "8", "12"}
    assert said["outcomeDesc"]


def check_codes(said: Json) -> None:
    kind = dict(said["type"])
    check_coding(kind)
    assert kind["code"] in TYPES[str(kind["system"])]
    for sub in said["subtype"]:
        check_coding(sub)
        if str(sub["system"]).endswith("DCM"):
            assert sub["code"] in DCM_SUBTYPES
        if str(sub["system"]).endswith("restful-interaction"):
            assert sub["code"] in REST
    (purpose,) = said["purposeOfEvent"]
    (coded,) = purpose["coding"]
    check_coding(coded)
    assert coded["code"] in PURPOSES


def check_who_and_what(said: Json) -> None:
    (agent,) = said["agent"]
    assert agent.keys() <= {"type", "role", "who", "name", "requestor"}
    assert agent["requestor"] is True
    (coded,) = agent["type"]["coding"]
    assert coded["code"] in KINDS_OF_AGENT
    check_reference(dict(agent["who"]))
    source = dict(said["source"])
    assert source.keys() <= {"site", "observer", "type"}
    check_reference(dict(source["observer"]))
    for entity in said["entity"]:
        assert entity.keys() <= {"what", "type", "role", "detail"}
        check_reference(dict(entity["what"]))
        assert entity["type"]["code"] in ENTITY_TYPES
        assert entity["role"]["code"] in ENTITY_ROLES


@pytest.mark.parametrize("act", [*ACTS, "an_act_nobody_knows"])
@pytest.mark.parametrize("outcome", Outcome)
def test_every_act_is_a_sound_audit_event(act: str, outcome: Outcome) -> None:
    said = json.loads(line(replace(EVENT, act=act, outcome=outcome), NAMED))
    check(said)
    check_codes(said)
    check_who_and_what(said)


def test_an_opened_record_is_a_read_by_the_physician_of_a_case_by_its_number() -> None:
    said = resource(EVENT, NAMED)
    assert (said["action"], said["outcome"], said["recorded"]) == (
        "R", "0", "2025-11-24T16:00:00.123+00:00",
    )  # fmt: skip
    assert [one["what"]["identifier"]["value"] for one in said["entity"]] == [
        "2026-0001", "patient-id", "record-id", "a" * 64,
    ]  # fmt: skip
    assert said["agent"][0]["name"] == "Dr. Ada Berg"


def test_neither_the_reason_nor_what_was_done_in_detail_goes_out() -> None:
    assert b"SECRET" not in line(EVENT, NAMED)


def test_a_refusal_names_the_clauses_of_the_gate() -> None:
    refused = replace(
        EVENT, act="release_letter", outcome=Outcome.REFUSED, detail="not_revoked, purpose"
    )
    said = resource(refused, NAMED)
    assert said["outcome"] == "4"
    assert (
        said["outcomeDesc"] == "Refused: Asked the gate to release a letter: not_revoked, purpose"
    )


def test_a_line_about_the_store_names_no_case() -> None:
    said = resource(replace(EVENT, act="unlock", case_id="", entity=""), Named("store-id"))
    assert [one["role"]["code"] for one in said["entity"]] == ["13"]
    assert said["type"]["code"] == "110114"


def test_each_event_is_one_line() -> None:
    one = line(EVENT, NAMED)
    assert one.endswith(b"}\n")
    assert one.count(b"\n") == 1
