from pathlib import Path

import pikepdf
import pytest

from consultdesk.consultation.audit import Role
from consultdesk.consultation.case import CaseState, FlagAnswer, RedFlag, UrgentContact
from consultdesk.consultation.consent import Purpose
from consultdesk.consultation.delivery import Clause, ClearedParcel
from consultdesk.consultation.letter import Letter, LetterKind
from consultdesk.consultation.patient import ChannelKind
from consultdesk.desk import cases, consent, letter, reports, sending
from consultdesk.errors import ConsentMissing, DeliveryFailed, FormIncomplete, NotAllowed
from consultdesk.letters.rendition import protect
from consultdesk.samples import walk
from consultdesk.samples.practice import PASSPHRASE
from consultdesk.transports.handover import SaveOptions
from consultdesk.vault.vault import Vault

SAVE = ChannelKind.HAND_OVER_SAVE


@pytest.fixture
def signed(vault: Vault, drafted: str, now: int) -> Letter:
    return walk.sign(vault, drafted, PASSPHRASE, now)


def wish(number: str, of: Letter, key: str = "one wish") -> sending.Sending:
    return sending.Sending(number, of.id, SAVE, Purpose.TREATMENT, key)


def options(folder: Path, name: str = "letter.pdf") -> SaveOptions:
    return SaveOptions(folder, name, "open sesame", protect)


def verified(vault: Vault, number: str, of: Letter, now: int) -> None:
    sending.verify_channel(vault, number, of.recipient_id, SAVE, now, "Known to the practice.")


def test_without_consent_nothing_leaves_and_the_refusal_is_audited(
    vault: Vault, drafted: str, signed: Letter, now: int, tmp_path: Path
) -> None:
    verified(vault, drafted, signed, now)
    with pytest.raises(ConsentMissing) as refused:
        sending.send(vault, wish(drafted, signed), options(tmp_path), lambda: now)
    assert refused.value.clauses == ("consent_recorded",)
    assert "Practice policy" in refused.value.message
    assert "patient only" in refused.value.cure
    assert not list(tmp_path.glob("*.pdf"))
    event = reports.case_events(vault)[0]
    assert (event.act, event.outcome, event.detail) == (
        "release_letter",
        "refused",
        "consent_recorded",
    )


def test_with_consent_the_letter_is_saved_behind_its_password(
    vault: Vault, drafted: str, signed: Letter, now: int, tmp_path: Path
) -> None:
    walk.agree(vault, drafted, now)
    walk.release(vault, drafted, signed, tmp_path, "open sesame", now)
    saved = next(tmp_path.glob("*.pdf"))
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(saved)
    with pikepdf.open(saved, password="open sesame") as document:
        assert len(document.pages) == signed.pages
    file = cases.open_case(vault, drafted)
    assert file.case.state is CaseState.RELEASED
    assert [event.kind for event in file.dispatches[0].events] == ["sent"]


def test_after_a_revocation_nothing_new_leaves(
    vault: Vault, drafted: str, signed: Letter, now: int, tmp_path: Path
) -> None:
    given = walk.agree(vault, drafted, now)
    walk.release(vault, drafted, signed, tmp_path, "open sesame", now)
    consent.revoke(vault, drafted, given.id, now, by="the patient", how="by telephone")
    with pytest.raises(ConsentMissing) as refused:
        sending.send(vault, wish(drafted, signed), options(tmp_path, "again.pdf"), lambda: now)
    assert refused.value.clauses == ("not_revoked",)
    assert not (tmp_path / "again.pdf").exists()


def test_a_revocation_between_clearing_and_the_last_byte_stops_it(
    vault: Vault, drafted: str, signed: Letter, now: int, tmp_path: Path
) -> None:
    given = walk.agree(vault, drafted, now)
    verified(vault, drafted, signed, now)
    asked: list[int] = []

    def clock() -> int:
        asked.append(now)
        if len(asked) == 3:  # the transport's own last look
            consent.revoke(vault, drafted, given.id, now, by="the patient", how="by telephone")
        return now

    with pytest.raises(ConsentMissing) as refused:
        sending.send(vault, wish(drafted, signed), options(tmp_path), clock)
    assert refused.value.clauses == ("not_revoked",)
    assert not list(tmp_path.glob("*.pdf"))
    dispatch = cases.open_case(vault, drafted).dispatches[0]
    assert dispatch.state == "failed"
    assert cases.open_case(vault, drafted).case.state is CaseState.SIGNED


def test_two_clicks_send_once(
    vault: Vault, drafted: str, signed: Letter, now: int, tmp_path: Path
) -> None:
    walk.agree(vault, drafted, now)
    verified(vault, drafted, signed, now)
    sending.send(vault, wish(drafted, signed), options(tmp_path), lambda: now)
    with pytest.raises(FormIncomplete, match="already on its way"):
        sending.send(vault, wish(drafted, signed), options(tmp_path, "b.pdf"), lambda: now)
    assert [path.name for path in tmp_path.glob("*.pdf")] == ["letter.pdf"]


def test_nobody_verified_the_way_so_it_is_refused(
    vault: Vault, drafted: str, signed: Letter, now: int
) -> None:
    walk.agree(vault, drafted, now)
    refusal = sending.would_clear(vault, wish(drafted, signed), now)
    assert refusal is not None
    assert refusal.clauses == (Clause.CHANNEL,)


def test_release_to_the_patient_only_is_a_normal_outcome(
    vault: Vault, drafted: str, signed: Letter, now: int, tmp_path: Path
) -> None:
    own = letter.sign(vault, drafted, LetterKind.PATIENT_ONLY, PASSPHRASE, now)
    walk.release(vault, drafted, own, tmp_path, "open sesame", now)
    file = cases.open_case(vault, drafted)
    assert file.case.state is CaseState.RELEASED_TO_PATIENT_ONLY
    assert file.dispatches[0].basis == "patient"


def test_a_later_consent_releases_to_the_physician_after_the_patient(
    vault: Vault, drafted: str, signed: Letter, now: int, tmp_path: Path
) -> None:
    own = letter.sign(vault, drafted, LetterKind.PATIENT_ONLY, PASSPHRASE, now)
    walk.release(vault, drafted, own, tmp_path, "open sesame", now)
    (tmp_path / f"Letter {drafted}.pdf").unlink()
    walk.agree(vault, drafted, now)
    walk.release(vault, drafted, signed, tmp_path, "open sesame", now)
    assert cases.open_case(vault, drafted).case.state is CaseState.RELEASED


def test_a_failed_transport_is_recorded_and_can_be_sent_again(
    vault: Vault, drafted: str, signed: Letter, now: int, tmp_path: Path
) -> None:
    walk.agree(vault, drafted, now)
    verified(vault, drafted, signed, now)
    with pytest.raises(DeliveryFailed):
        sending.send(vault, wish(drafted, signed), options(tmp_path / "gone"), lambda: now)
    file = cases.open_case(vault, drafted)
    assert file.case.state is CaseState.SIGNED
    assert file.dispatches[0].state == "failed"
    sending.send(vault, wish(drafted, signed, "second wish"), options(tmp_path), lambda: now)
    assert cases.open_case(vault, drafted).case.state is CaseState.RELEASED


def test_a_red_flag_stops_routine_sending(
    vault: Vault, drafted: str, signed: Letter, now: int, tmp_path: Path
) -> None:
    walk.agree(vault, drafted, now)
    verified(vault, drafted, signed, now)
    flag = cases.open_case(vault, drafted).specialty.red_flags[0]
    cases.answer_flags(vault, drafted, (RedFlag(flag.code, flag.text, FlagAnswer.YES),), now)
    with pytest.raises(FormIncomplete, match="red flag has stopped"):
        sending.send(vault, wish(drafted, signed), options(tmp_path), lambda: now)


def test_a_dispatch_nobody_knows_the_end_of_is_settled_by_a_person(
    vault: Vault, drafted: str, signed: Letter, now: int, tmp_path: Path
) -> None:
    walk.agree(vault, drafted, now)
    verified(vault, drafted, signed, now)

    class PowerCut(BaseException):
        pass

    asked: list[int] = []

    def clock() -> int:
        asked.append(now)
        if len(asked) == 3:
            raise PowerCut
        return now

    with pytest.raises(PowerCut):
        sending.send(vault, wish(drafted, signed), options(tmp_path), clock)
    dispatch = cases.open_case(vault, drafted).dispatches[0]
    assert dispatch.state == "unknown"
    sending.settle(vault, drafted, dispatch.id, now, arrived=True, detail="The practice has it.")
    assert cases.open_case(vault, drafted).case.state is CaseState.RELEASED


def test_nobody_but_the_gate_makes_a_cleared_parcel() -> None:
    with pytest.raises(PermissionError):
        ClearedParcel(None, "", 0)  # type: ignore[arg-type]


def raised(vault: Vault, number: str, now: int) -> RedFlag:
    flag = cases.open_case(vault, number).specialty.red_flags[0]
    said = RedFlag(flag.code, flag.text, FlagAnswer.YES)
    cases.answer_flags(vault, number, (said,), now)
    return said


def test_a_red_flag_after_release_stops_the_next_letter_and_the_refusal_is_audited(
    vault: Vault, drafted: str, signed: Letter, now: int, tmp_path: Path
) -> None:
    walk.agree(vault, drafted, now)
    walk.release(vault, drafted, signed, tmp_path, "open sesame", now)
    said = raised(vault, drafted, now)
    assert cases.open_case(vault, drafted).case.state is CaseState.RELEASED
    with pytest.raises(FormIncomplete, match="red flag has stopped"):
        sending.send(vault, wish(drafted, signed, "again"), options(tmp_path, "b"), lambda: now)
    event = reports.case_events(vault)[0]
    assert (event.outcome, event.detail) == ("refused", "urgent_stop")
    with pytest.raises(FormIncomplete, match="over a red flag"):
        cases.close(vault, drafted, now, chases="Telephoned twice.")
    call = UrgentContact("", "", said.code, "Dr. Bakker", "+1 555 0140", now, True, "flag")
    cases.log_contact(vault, drafted, call, now)
    cases.triage(vault, drafted, now, safe=True)
    sending.send(vault, wish(drafted, signed, "again"), options(tmp_path, "b"), lambda: now)
    assert (tmp_path / "b.pdf").exists()


def test_an_addendum_leaves_by_the_gate_and_the_case_stays_released(
    vault: Vault, drafted: str, signed: Letter, now: int, tmp_path: Path
) -> None:
    walk.agree(vault, drafted, now)
    cases.wait_for(vault, drafted, "consent", now)
    walk.release(vault, drafted, signed, tmp_path, "open sesame", now)
    assert cases.open_case(vault, drafted).case.waiting_for == ""
    (tmp_path / f"Letter {drafted}.pdf").unlink()
    more = letter.sign(
        vault, drafted, LetterKind.ADDENDUM, PASSPHRASE, now, amendment="New films: no slip."
    )
    walk.release(vault, drafted, more, tmp_path, "open sesame", now)
    assert cases.open_case(vault, drafted).case.state is CaseState.RELEASED
    cases.acknowledge(vault, drafted, "By telephone.", now + 1)
    cases.close(vault, drafted, now)
    file = cases.open_case(vault, drafted)
    assert file.case.state is CaseState.CLOSED
    assert {one.state for one in file.dispatches} == {"acknowledged"}


def test_what_the_patient_has_is_not_acknowledged_by_the_physician(
    vault: Vault, drafted: str, signed: Letter, now: int, tmp_path: Path
) -> None:
    own = letter.sign(vault, drafted, LetterKind.PATIENT_ONLY, PASSPHRASE, now)
    walk.release(vault, drafted, own, tmp_path, "open sesame", now)
    (tmp_path / f"Letter {drafted}.pdf").unlink()
    walk.agree(vault, drafted, now)
    walk.release(vault, drafted, signed, tmp_path, "open sesame", now)
    cases.acknowledge(vault, drafted, "The practice, by telephone.", now + 1)
    by_basis = {one.basis: one.state for one in cases.open_case(vault, drafted).dispatches}
    assert by_basis == {"consent": "acknowledged", "patient": "sent"}


def test_what_is_known_of_a_dispatch_is_not_settled_again(
    vault: Vault, drafted: str, signed: Letter, now: int, tmp_path: Path
) -> None:
    walk.agree(vault, drafted, now)
    walk.release(vault, drafted, signed, tmp_path, "open sesame", now)
    (gone,) = cases.open_case(vault, drafted).dispatches
    with pytest.raises(FormIncomplete, match="is known: sent"):
        sending.settle(vault, drafted, gone.id, now, arrived=False, detail="Lost.")


def test_an_assistant_sends_nothing(
    vault: Vault, drafted: str, signed: Letter, now: int, tmp_path: Path
) -> None:
    walk.agree(vault, drafted, now)
    verified(vault, drafted, signed, now)
    vault.role = Role.ASSISTANT
    with pytest.raises(NotAllowed):
        sending.send(vault, wish(drafted, signed), options(tmp_path), lambda: now)


def test_a_refusal_that_is_only_shown_is_audited_too(
    vault: Vault, drafted: str, signed: Letter, now: int
) -> None:
    asked = wish(drafted, signed)
    refusal = sending.ask(vault, asked, now)
    assert refusal is not None
    assert refusal.clauses == (Clause.CONSENT_RECORDED,)
    event = reports.case_events(vault)[0]
    assert (event.act, event.outcome, event.entity) == ("release_letter", "refused", signed.id)
    before = reports.case_events(vault)
    walk.agree(vault, drafted, now)
    verified(vault, drafted, signed, now)
    assert sending.ask(vault, asked, now) is None
    assert [e.act for e in reports.case_events(vault)].count("release_letter") == [
        e.act for e in before
    ].count("release_letter")
