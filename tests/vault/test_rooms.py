"""What is put into the store comes out of it whole."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consultdesk.consultation.assessment import Comparison, Opinion, OwnRead, Phase
from consultdesk.consultation.audit import Outcome
from consultdesk.consultation.consent import ConsentKind, Restriction, Revocation
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.letter import Practice
from consultdesk.consultation.patient import (
    Channel,
    ChannelKind,
    KnowsOfRequest,
    Recipient,
    RecipientKind,
)
from consultdesk.errors import NotFound
from consultdesk.vault import (
    assessments,
    audit,
    consents,
    letters,
    outbox,
    people,
    practice,
    records,
)
from consultdesk.vault.records import Digest
from tests.consultation.parcels import NOW, PDF
from tests.vault.building import (
    RECORD,
    Desk,
    a_comparison,
    a_patient,
    a_record,
    an_opinion,
    an_own_read,
    keep_file,
    the_patient,
)

WORDS = st.text(max_size=20)


# --- people -------------------------------------------------------------------------------


def test_a_patient_is_kept_whole_and_corrected(desk: Desk) -> None:
    with desk.vault.read() as reading:
        held = the_patient(reading, desk)
        assert held == a_patient(id=desk.patient_id)
        assert people.patient(reading, "unknown") is None
        own = people.recipient(reading, desk.patient_id)
    assert own is not None
    assert (own.kind, own.name) == (RecipientKind.PATIENT, "Mara Lind")
    corrected = replace(held, name="Mara Lindt", birth_date="", representative=None, sex="")
    with desk.act() as writing:
        people.change_patient(writing, corrected)
    with desk.vault.read() as reading:
        assert people.patient(reading, desk.patient_id) == corrected
        again = people.recipient(reading, desk.patient_id)
        assert again is not None
        assert again.name == "Mara Lindt"
        assert people.same_patient(reading, "Mara Lindt", "") == ()


@pytest.mark.parametrize(
    ("name", "born", "same"),
    [
        ("Mara Lind", "1961-02-03", True),
        ("LIND^MARA", "1961-02-03", True),
        ("Dr. Lind, Mara", "1961-02-03", True),
        ("Mara Lind", "1961-02-04", False),
        ("Mara Lindt", "1961-02-03", False),
        ("Mara Lind", "", False),
    ],
)
def test_a_returning_patient_is_found(desk: Desk, name: str, born: str, same: bool) -> None:
    with desk.vault.read() as reading:
        found = people.same_patient(reading, name, born)
    assert [one.id for one in found] == ([desk.patient_id] if same else [])


def test_of_patients_alike_the_newest_is_named_first(desk: Desk) -> None:
    twin = a_patient(id=new_id(NOW))
    with desk.act() as writing:
        people.add_patient(writing, twin, NOW + 1)
        found = people.same_patient(writing, twin.name, twin.birth_date)
    assert [one.id for one in found] == [twin.id, desk.patient_id]


def test_a_physician_is_kept_found_and_corrected(desk: Desk) -> None:
    with desk.vault.read() as reading:
        held = people.physician(reading, desk.physician_id)
        assert held is not None
        assert people.physician(reading, "unknown") is None
        assert people.recipient(reading, held.id) == held.as_recipient()
        for letters_typed in ("berg", "PRACTICE", "", "r B"):
            assert people.physicians(reading, letters_typed) == [held]
        for other in ("%", "_", "Bergmann", "b_rg"):
            assert people.physicians(reading, other) == []
    corrected = replace(held, name="Dr Bergh", practice="", phone="")
    with desk.act() as writing:
        people.change_physician(writing, corrected)
    with desk.vault.read() as reading:
        assert people.physician(reading, held.id) == corrected
        to_case = people.with_case(corrected, primary_contact=False, knows="yes")
    assert (to_case.primary_contact, to_case.knows_of_request) == (False, KnowsOfRequest.YES)


def test_a_recipient_and_a_channel_are_kept_and_verified(desk: Desk) -> None:
    way = Channel(new_id(NOW), ChannelKind.EMAIL, "a@b.example")
    court = Recipient(new_id(NOW), RecipientKind.COURT, "A court", "Hall 2", (way,))
    with desk.act() as writing:
        people.add_recipient(writing, court)
        assert people.recipient(writing, court.id) == court
        people.verify_channel(writing, way.id, at=NOW, by="anna", how="called back")
        again = people.recipient(writing, court.id)
        assert people.recipient(writing, "unknown") is None
    assert again is not None
    assert again.channels == (
        replace(way, verified_at=NOW, verified_by="anna", verified_how="called back"),
    )
    assert not way.verified
    assert again.channels[0].verified


# --- assessments --------------------------------------------------------------------------


def test_an_assessment_is_kept_whole(desk: Desk) -> None:
    with desk.vault.read() as reading:
        assert assessments.own_reads(reading, desk.case_id) == (an_own_read(desk.case_id),)
        assert assessments.comparison(reading, desk.case_id) == a_comparison(desk.case_id)
        assert assessments.opinion(reading, desk.case_id) == an_opinion(desk.case_id)
        assert assessments.comparison(reading, "unknown") is None
        assert assessments.opinion(reading, "unknown") is None
        assert assessments.draft(reading, desk.case_id, Phase.COMPARISON) is None


def test_a_revision_stands_beside_the_first_read_and_the_newest_comparison_stands(
    desk: Desk,
) -> None:
    late = an_own_read(desk.case_id, revision=2, findings="late material")
    with desk.act() as writing:
        assessments.lock_own_read(writing, late)
        assessments.keep_comparison(writing, Comparison(desk.case_id), NOW + 1)
        assessments.keep_opinion(writing, Opinion(desk.case_id), NOW + 1)
        reads = assessments.own_reads(writing, desk.case_id)
        assert assessments.comparison(writing, desk.case_id) == Comparison(desk.case_id)
        assert assessments.opinion(writing, desk.case_id) == Opinion(desk.case_id)
    assert [read.findings for read in reads] == ["CANARY-findings", "late material"]


@given(
    findings=WORDS,
    answers=st.dictionaries(WORDS, WORDS, max_size=3),
    differential=st.lists(WORDS, max_size=3),
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_draft_comes_back_as_it_was_last_saved(
    desk: Desk, findings: str, answers: dict[str, str], differential: list[str]
) -> None:
    read = OwnRead(
        desk.case_id, findings=findings, answers=answers, differential=tuple(differential)
    )
    with desk.act() as writing:
        body = assessments.own_read_body(read)
        assessments.save_draft(writing, desk.case_id, Phase.OWN_READ, body, NOW + 7)
        held = assessments.draft(writing, desk.case_id, Phase.OWN_READ)
        assert held is not None
        assert held[0] == NOW + 7
        assert assessments.own_read_from(desk.case_id, held[1]) == read
        if not findings:
            assessments.drop_draft(writing, desk.case_id, Phase.OWN_READ)
            assert assessments.draft(writing, desk.case_id, Phase.OWN_READ) is None


# --- records and letters ------------------------------------------------------------------


def test_records_are_kept_whole_in_their_order_and_corrected(desk: Desk) -> None:
    with desk.act() as writing:
        file = keep_file(desk.vault, writing, desk.case_id, b"second", "b.txt")
        second = a_record(desk.case_id, (file,), name="b.txt", sensitivities=frozenset())
        records.add(writing, desk.case_id, (second,))
        first, held = records.of_case(writing, desk.case_id)
        assert held == second
        wrong = replace(first, right_patient=False, entered_in_error=True, pages=9)
        records.change(writing, wrong)
        assert records.of_case(writing, desk.case_id) == (wrong, second)
        assert records.same_bytes(writing, desk.case_id, file.sha256) == second.id
        assert records.same_bytes(writing, desk.case_id, "00" * 32) == ""
        assert records.same_bytes(writing, "another", file.sha256) == ""
        sources = records.sources(desk.vault, writing, first)
        assert [source.open().read() for source in sources] == [RECORD]
        with pytest.raises(NotFound):
            records.content_source(desk.vault, writing, "unknown", "x")


def test_what_every_sealed_file_must_hold_is_known(desk: Desk) -> None:
    with desk.vault.read() as reading:
        known = records.digests(reading)
        contents = records.all_contents(reading)
        assert records.case_numbers(reading) == {desk.case_id: "2026-0001"}
    assert {row["id"] for row in contents} == set(known)
    sizes = sorted(part.size for parts in known.values() for part in parts)
    assert sizes == sorted([len(RECORD), len(PDF)])
    assert known[desk.letter.content_id] == (Digest(0, len(PDF), desk.letter.sha256),)


def test_letters_are_kept_whole_and_numbered(desk: Desk) -> None:
    with desk.act() as writing:
        assert letters.next_version(writing, desk.case_id) == 2
        assert letters.next_version(writing, "another") == 1
        second = desk.add_letter(writing, signed_at=None, record_kinds=frozenset())
        assert letters.of_case(writing, desk.case_id) == (desk.letter, second)
        assert letters.by_id(writing, second.id) == second
        assert letters.by_id(writing, "unknown") is None
    assert letters.hash_of(PDF) == desk.letter.sha256


# --- consents, outbox, audit, practice ----------------------------------------------------


def test_a_consent_is_kept_whole_with_all_that_happened_to_it(desk: Desk) -> None:
    with desk.act() as writing:
        by_kind = {one.kind: one for one in consents.of_case(writing, desk.case_id)}
        held, review = by_kind[ConsentKind.DISCLOSE], by_kind[ConsentKind.REVIEW]
        assert held == desk.consent
        assert review.revocation is not None
        assert review.revocation.how == "CANARY-how"
        assert review.event_occurred_at == NOW
        gone = Revocation(new_id(NOW), held.id, NOW, "the patient", "by telephone")
        consents.revoke(writing, desk.case_id, gone)
        for kind in ("inactive", "evidence_completed", "entered-in-error"):
            consents.happened(writing, desk.case_id, held.id, kind, at=NOW, by="anna", detail="x")
        after = {one.id: one for one in consents.of_case(writing, desk.case_id)}[held.id]
        assert practice.epoch(writing) == 1
    assert after.revocation == gone
    assert after.status in ("inactive", "entered-in-error")
    (wish,) = _wishes(desk)
    assert (wish.recipient_kind, wish.reason) == ("insurer", "CANARY-self-pay")


def _wishes(desk: Desk) -> tuple[Restriction, ...]:
    with desk.vault.read() as reading:
        return consents.restrictions(reading, desk.patient_id)


def test_a_dispatch_is_kept_with_all_that_happened_to_it(desk: Desk) -> None:
    with desk.act() as writing:
        (held,) = outbox.of_case(writing, desk.case_id)
        assert (held.state, held.purpose, held.by) == ("sent", "treatment", "CANARY-sender")
        assert outbox.by_key(writing, desk.case_id, "first") == held
        assert outbox.by_key(writing, desk.case_id, "second") is None
        assert replace(held, events=()).state == "cleared"
        outbox.happened(writing, held, "acknowledged", at=NOW + 5, by="anna", detail="fax back")
        again = outbox.of_case(writing, desk.case_id)[0]
        assert again.events[-1].detail == "fax back"
        assert outbox.revoked_after_release(writing, NOW, NOW + 9) == 0
        gone = Revocation(new_id(NOW), desk.consent.id, NOW + 6, "the patient", "in person")
        consents.revoke(writing, desk.case_id, gone)
        assert outbox.revoked_after_release(writing, NOW, NOW + 9) == 1
        assert outbox.revoked_after_release(writing, NOW, NOW + 6) == 0


def test_the_audit_tells_who_did_what_newest_first(desk: Desk) -> None:
    with desk.vault.read() as reading:
        lines = audit.events(reading)
        of_case = audit.events(reading, desk.case_id, limit=3)
        assert audit.last_seq(reading) == len(lines)
    assert [line.seq for line in lines] == list(range(len(lines), 0, -1))
    assert [line.act for line in of_case] == ["release_letter", "restrict", "consent"]
    assert (of_case[2].reason, of_case[2].outcome) == ("CANARY-reason", Outcome.DONE)
    assert {(line.actor, line.role) for line in lines} == {("anna", "physician")}


def test_settings_are_kept_and_changed(desk: Desk) -> None:
    with desk.act() as writing:
        assert practice.setting(writing, "calendar") is None
        practice.keep_setting(writing, "calendar", {"code": "zurich"})
        practice.keep_setting(writing, "calendar", {"code": "bavaria"})
        assert practice.setting(writing, "calendar") == {"code": "bavaria"}
        assert practice.letterhead(writing) == Practice("CANARY-practice", "CANARY-street")
        assert practice.user(writing, "anna").registration == "REG-CANARY"
