import json
from pathlib import Path

import pytest

from consultdesk.consultation.act_words import ActKind
from consultdesk.consultation.audit import Act
from consultdesk.consultation.source import Progress
from consultdesk.desk import audit_trail, cases, keeping, store, viewing
from consultdesk.desk.audit_trail import Filter, Line
from consultdesk.desk.letter import read_pdf
from consultdesk.errors import Cancelled, DeliveryFailed, FormIncomplete, NotFound
from consultdesk.vault.vault import Vault
from tests.stations import step_on


def read(vault: Vault, wanted: Filter) -> tuple[Line, ...]:
    return audit_trail.lines(vault, audit_trail.numbers(vault, wanted))


def said(vault: Vault, wanted: Filter) -> list[str]:
    return [line.what for line in read(vault, wanted)]


def test_the_trail_of_a_case_says_who_did_what_newest_first(
    vault: Vault, received: str, now: int
) -> None:
    record = cases.open_case(vault, received).records[0]
    viewing.see_case(vault, received, now)
    viewing.open_record(vault, received, record.id, now)
    newest, before, *rest = read(vault, Filter(received))
    assert (newest.what, before.what) == ("Opened a record", "Opened the case")
    assert (newest.who, newest.role, newest.case) == ("Dr. Ada Berg", "physician", received)
    assert "Brought records in" in {line.what for line in rest}
    assert "Made the store" not in {line.what for line in rest}


def test_what_is_done_with_the_patient_stands_in_the_trail_of_the_case(
    vault: Vault, received: str, now: int
) -> None:
    keeping.hold(vault, received, "Proceeding 12/26", now)
    assert read(vault, Filter(received))[0].what == "Set a legal hold"
    assert read(vault, Filter())[0].case == received


def test_the_trail_is_filtered_by_kind_person_period_and_words(
    vault: Vault, received: str, now: int
) -> None:
    viewing.see_case(vault, received, now)
    assert said(vault, Filter(kind=ActKind.SEEN)) == ["Opened the case"]
    assert said(vault, Filter(actor="demo")) == said(vault, Filter())
    assert said(vault, Filter(actor="somebody")) == []
    assert said(vault, Filter(start=now + 1)) == []
    assert "Opened the case" in said(vault, Filter(start=now, stop=now + 1))
    assert said(vault, Filter(words="opened THE")) == ["Opened the case"]
    assert len(said(vault, Filter(words=received))) == len(said(vault, Filter(received)))
    assert said(vault, Filter(words="100%_")) == []


def test_refusals_can_be_seen_alone(vault: Vault, received: str, now: int) -> None:
    assert said(vault, Filter(refused_only=True)) == []
    with vault.act(Act("release_letter", now)) as writing:
        writing.refuse(("not_revoked",))
    (line,) = read(vault, Filter(refused_only=True))
    assert (line.refused, line.reason) == (True, "not revoked")


def test_looking_at_the_trail_is_an_act_too(vault: Vault, received: str, now: int) -> None:
    audit_trail.open_trail(vault, received, now)
    assert said(vault, Filter(received))[0] == "Looked at the audit trail"
    with pytest.raises(NotFound):
        audit_trail.open_trail(vault, "1999-0001", now)


def test_the_export_has_every_line_of_the_case_and_no_name_of_the_patient(
    vault: Vault, received: str, now: int
) -> None:
    patient = cases.open_case(vault, received).patient
    lines = [json.loads(one) for one in audit_trail.export(vault, Filter(received), now)]
    assert len(lines) == len(audit_trail.numbers(vault, Filter(received)))
    assert lines[-1]["subtype"][0]["code"] == "export_audit"
    assert [one["id"] for one in lines] == sorted((one["id"] for one in lines), key=_number)
    text = json.dumps(lines, ensure_ascii=False)
    assert received in text
    assert patient.name not in text
    assert patient.name.split()[-1] not in text


def _number(name: str) -> int:
    return int(name.removeprefix("line-"))


def test_the_export_is_saved_whole_or_not_at_all(
    vault: Vault, received: str, now: int, tmp_path: Path
) -> None:
    target = tmp_path / "audit.ndjson"
    written = audit_trail.export_to(vault, Filter(), target, now)
    assert len(target.read_text("utf-8").splitlines()) == written
    stopped = Progress(cancelled=lambda: True)
    with pytest.raises(Cancelled):
        audit_trail.export_to(vault, Filter(), tmp_path / "other.ndjson", now, stopped)
    assert [path.name for path in tmp_path.glob("*.ndjson")] == ["audit.ndjson"]
    assert list(tmp_path.glob("*.partial")) == list(tmp_path.glob(".*.partial")) == []
    with pytest.raises(DeliveryFailed, match="isn't there"):
        audit_trail.export_to(vault, Filter(), tmp_path / "gone" / "a.ndjson", now)


def test_every_way_to_see_a_case_leaves_a_line(drafted: str, vault: Vault, now: int) -> None:
    step_on(vault, drafted, "signed")
    file = cases.open_case(vault, drafted)

    def seen() -> int:
        return len(audit_trail.numbers(vault, Filter(drafted, kind=ActKind.SEEN)))

    before = seen()
    viewing.see_case(vault, drafted, now)
    viewing.open_record(vault, drafted, file.records[0].id, now)
    viewing.open_letter(vault, file.letters[0], now)
    audit_trail.open_trail(vault, drafted, now)
    assert seen() == before + 4
    assert viewing.open_letter(vault, file.letters[0], now) == read_pdf(vault, file.letters[0])


def test_a_hold_without_a_reason_leaves_no_line(vault: Vault, received: str, now: int) -> None:
    before = audit_trail.numbers(vault, Filter())
    with pytest.raises(FormIncomplete):
        keeping.hold(vault, received, "", now)
    assert audit_trail.numbers(vault, Filter()) == before
    assert store.verify(vault).ok
