"""Whoever has the store key but not the clinical key forges nothing unseen."""

import hashlib
from typing import Any

import pytest
from sqlalchemy import text

from consultdesk.consultation.audit import Act
from consultdesk.consultation.consent import Revocation
from consultdesk.consultation.delivery import Clause, ClearedParcel, Refusal, clear_by_any
from consultdesk.consultation.patient import Channel, ChannelKind
from consultdesk.errors import VaultDamaged
from consultdesk.vault import audit, check, consents, letters, people, tables
from consultdesk.vault.sealed import canonical
from tests.consultation.parcels import NOW, Anything
from tests.vault.building import Desk
from tests.vault.foreign import foreigner, put, row_of
from tests.vault.plans import restrict

_CHAINED = ["seq", "at", "actor", "role", "act", "outcome", "case_id", "entity", "facts"]
_CHAINED += ["reason", "detail"]
_SAID = ", ".join(_CHAINED)


def ask(desk: Desk, **changes: Anything) -> ClearedParcel | Refusal:
    """The gate as the desk asks it, on what the store now says."""
    with desk.vault.read() as reading:
        return clear_by_any(
            desk.parcel(reading, **changes),
            consents.of_case(reading, desk.case_id),
            consents.restrictions(reading, desk.patient_id),
            desk.vault.moment(reading, NOW),
        )


def refused(desk: Desk, clause: Clause) -> bool:
    return ask(desk) == Refusal((clause,))


def prepared(desk: Desk, prepare: str) -> str:
    """Something in the store that a forger would like to change; its id."""
    with desk.act() as writing:
        if prepare == "restriction":
            return restrict(writing, desk, to=desk.physician_id).id
        return ""


def test_untouched_the_gate_clears_and_everything_verifies(desk: Desk) -> None:
    with foreigner(desk.vault.folder):
        pass
    assert isinstance(ask(desk), ClearedParcel)
    with desk.vault.read() as reading:
        assert check.schema_is_ours(reading)
        assert check.chain_is_sound(reading) == (audit.last_seq(reading), ())


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE consent SET valid_from = 0",
        "UPDATE consent SET expires_at = 9000000000000",
        "UPDATE consent SET expires_at = NULL",
        "UPDATE consent SET epoch = epoch + 0, recorded_at = recorded_at + 1",
        "UPDATE consent SET mac = ''",
        "UPDATE consent SET mac = (SELECT mac FROM consent LIMIT 1 OFFSET 1)",
        "UPDATE consent SET evidence = NULL",
        "INSERT INTO consent_scope SELECT id, 'recipient', 'somebody else' FROM consent",
        "DELETE FROM consent_scope WHERE dimension = 'purpose'",
    ],
)
def test_a_changed_consent_is_refused(desk: Desk, change: str) -> None:
    with foreigner(desk.vault.folder) as store:
        store.execute(change)
    assert refused(desk, Clause.CONSENT_AUTHENTIC)


def test_a_consent_with_its_sealed_words_taken_out_is_refused_in_a_sentence(desk: Desk) -> None:
    with foreigner(desk.vault.folder) as store:
        store.execute("UPDATE consent SET recipients = NULL, signature = NULL")
    with pytest.raises(VaultDamaged, match="changed from outside"):
        ask(desk)


def test_a_consent_to_review_is_not_made_one_to_disclose(desk: Desk) -> None:
    with foreigner(desk.vault.folder) as store:
        store.execute("DELETE FROM revocation")
        store.execute("DELETE FROM consent_event")
        store.execute("UPDATE consent SET kind = 'disclose' WHERE kind = 'review'")
        store.execute(f"DELETE FROM consent WHERE id = '{desk.consent.id}'")  # noqa: S608
    assert refused(desk, Clause.CONSENT_AUTHENTIC)


def test_a_consent_copied_under_another_id_does_not_open(desk: Desk) -> None:
    with foreigner(desk.vault.folder) as store:
        row = row_of(store, "consent", desk.consent.id)
        put(store, "consent", row | {"id": "forged"})
    with pytest.raises(VaultDamaged, match="changed or moved"):
        ask(desk)


@pytest.mark.parametrize("kind", ["evidence_completed", "reconfirmed"])
def test_a_forged_event_completes_nothing(desk: Desk, kind: str) -> None:
    with desk.act() as writing:
        desk.add_consent(writing, evidence_complete=kind != "evidence_completed")
    with foreigner(desk.vault.folder) as store:
        if kind == "reconfirmed":
            store.execute("UPDATE clock_mark SET epoch = 2")
        rows = store.execute("SELECT id FROM consent WHERE kind = 'disclose'").fetchall()
        for (consent_id,) in rows:
            event = {"id": f"e{consent_id}", "consent_id": consent_id, "case_id": desk.case_id}
            said = {"kind": kind, "at": NOW, "epoch": 2, "mac": "0" * 64}
            put(store, "consent_event", event | said)
    with desk.vault.read() as reading:
        held = [c for c in consents.of_case(reading, desk.case_id) if c.kind == "disclose"]
    assert not all(c.evidence_complete and c.reconfirmed for c in held)
    if kind == "reconfirmed":
        assert refused(desk, Clause.RECONFIRMED)


def test_a_forged_withdrawal_only_ever_stops_a_letter(desk: Desk) -> None:
    with foreigner(desk.vault.folder) as store:
        gone = {"id": "forged", "consent_id": desk.consent.id, "case_id": desk.case_id}
        put(store, "revocation", gone | {"at": NOW, "mac": ""})
    assert refused(desk, Clause.NOT_REVOKED)


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM {table} WHERE consent_id = '{mine}'",
        "UPDATE {table} SET consent_id = '{other}' WHERE consent_id = '{mine}'",
        "UPDATE {table} SET id = 'another', case_id = 'another' WHERE consent_id = '{mine}'",
    ],
)
@pytest.mark.parametrize("table", ["revocation", "consent_event"])
def test_what_ended_a_consent_is_not_taken_away_from_it(
    desk: Desk, table: str, change: str
) -> None:
    ended(desk, table)
    with desk.vault.read() as reading:
        held = {one.id for one in consents.of_case(reading, desk.case_id)}
    (other,) = held - {desk.consent.id}
    with foreigner(desk.vault.folder) as store:
        store.execute(change.format(table=table, mine=desk.consent.id, other=other))
    assert refused(desk, Clause.CONSENT_AUTHENTIC)


def test_the_end_of_a_consent_is_not_turned_into_its_evidence(desk: Desk) -> None:
    ended(desk, "consent_event")
    with foreigner(desk.vault.folder) as store:
        store.execute("UPDATE consent_event SET kind = 'evidence_completed'")
    assert refused(desk, Clause.CONSENT_AUTHENTIC)


def ended(desk: Desk, table: str) -> None:
    """A consent that its patient withdrew, or that an event ended."""
    mine = desk.consent.id
    with desk.vault.act(Act("end", NOW, case_id=desk.case_id, entity=mine)) as writing:
        if table == "revocation":
            gone = Revocation("gone", mine, NOW, "the patient", "by telephone", "")
            consents.revoke(writing, desk.case_id, gone)
        else:
            consents.happened(
                writing, desk.case_id, mine, "event_occurred", at=NOW, by="anna", detail="x"
            )
    assert isinstance(ask(desk), Refusal)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE letter SET signed_at = signed_at + 1",
        "UPDATE letter SET hash_token = hash_token || 'x'",
        "UPDATE letter SET final = 0",
        "UPDATE letter SET source = NULL",
        "DELETE FROM letter_scope WHERE dimension = 'sensitivity'",
        "UPDATE letter SET mac = lower(hex(randomblob(32)))",
    ],
)
def test_a_changed_letter_is_refused(desk: Desk, change: str) -> None:
    with foreigner(desk.vault.folder) as store:
        store.execute(change)
    assert refused(desk, Clause.LETTER_AUTHENTIC)


def test_a_letter_with_its_sealed_words_taken_out_is_refused_in_a_sentence(desk: Desk) -> None:
    with foreigner(desk.vault.folder) as store:
        store.execute("UPDATE letter SET kind = NULL, record_kinds = NULL")
    with desk.vault.read() as reading:
        with pytest.raises(VaultDamaged, match="changed from outside"):
            letters.by_id(reading, desk.letter.id)
        with pytest.raises(VaultDamaged, match="changed from outside"):
            letters.of_case(reading, desk.case_id)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE restriction SET recipient_id = NULL, kind_token = NULL, recipient_kind = NULL",
        "UPDATE restriction SET recipient_id = 'somebody else'",
        "INSERT INTO restriction (id, patient_id, at, lifts, mac)"
        " SELECT 'forged' || id, patient_id, at, id, mac FROM restriction",
    ],
)
def test_a_restriction_is_not_taken_away(desk: Desk, change: str) -> None:
    assert prepared(desk, "restriction")
    with foreigner(desk.vault.folder) as store:
        store.execute(change)
    assert refused(desk, Clause.RESTRICTION)


def test_a_channel_is_not_verified_by_a_time_alone(desk: Desk) -> None:
    with desk.act() as writing:
        way = Channel("unverified", ChannelKind.EMAIL, "a@b")
        people.add_channel(writing, desk.physician_id, way)
    with foreigner(desk.vault.folder) as store:
        store.execute("UPDATE channel SET verified_at = 1 WHERE id = 'unverified'")
    with desk.vault.read() as reading:
        to = people.recipient(reading, desk.physician_id)
    assert to is not None
    assert ask(desk, channel=to.channel("unverified")) == Refusal((Clause.CHANNEL,))


@pytest.mark.parametrize("table", [table.name for table in tables.FACTS])
def test_a_fact_taken_away_is_missed_by_the_audit(desk: Desk, table: str) -> None:
    with foreigner(desk.vault.folder) as store:
        newest = f"SELECT max(rowid) FROM {table}"  # noqa: S608
        store.execute(f"DELETE FROM {table} WHERE rowid = ({newest})")  # noqa: S608
    with desk.vault.read() as reading:
        assert table in audit.uncounted_facts(reading)
        last, broken = check.chain_is_sound(reading)
    assert last + 1 in broken


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE revocation SET consent_id = '{mine}'",
        "UPDATE consent_event SET kind = 'evidence_completed'",
        "UPDATE consent SET valid_from = 0 WHERE id = '{mine}'",
        "UPDATE restriction SET recipient_id = '{to}'",
        "UPDATE own_read SET locked_at = 1",
        "UPDATE letter SET final = 1 - final",
    ],
)
def test_a_fact_that_was_changed_is_missed_by_the_audit(desk: Desk, change: str) -> None:
    with foreigner(desk.vault.folder) as store:
        store.execute(change.format(mine=desk.consent.id, to=desk.physician_id))
    with desk.vault.read() as reading:
        assert audit.changed_facts(reading) == (change.split()[1],)
        last, broken = check.chain_is_sound(reading)
    assert broken == (last + 1,)


def test_facts_written_many_at_a_time_or_undone_by_the_gate_are_counted_right(desk: Desk) -> None:
    moves = [
        {"id": f"m{n}", "case_id": desk.case_id, "at": NOW, "from_state": "", "by": "anna"}
        | {"to_state": "received"}
        for n in range(3)
    ]
    with desk.act() as writing:
        writing.insert_all(tables.case_event, moves)
        with writing.gated():
            writing.insert(tables.triage, id="t", case_id=desk.case_id, at=NOW, by="anna")
            writing.sql.execute(text("UPDATE \"case\" SET state = 'released_to_patient_only'"))
    assert writing.refused == ("released_without_dispatch",)
    with desk.vault.read() as reading:
        assert audit.uncounted_facts(reading) == ()


def _relink(store: Any, first: int) -> None:  # noqa: ANN401 - a raw connection
    """Compute the unkeyed links anew from a line on, as the program does."""
    run = store.execute
    lines = run("SELECT seq FROM audit_event WHERE seq >= ? ORDER BY seq", (first,)).fetchall()
    for (seq,) in lines:
        found = run("SELECT link FROM audit_event WHERE seq = ?", (seq - 1,)).fetchone()
        previous = found[0] if found else ""
        said = run(f"SELECT {_SAID} FROM audit_event WHERE seq = ?", (seq,)).fetchone()  # noqa: S608
        link = hashlib.sha256(previous.encode() + canonical("audit_event", said)).hexdigest()
        run("UPDATE audit_event SET previous = ?, link = ? WHERE seq = ?", (previous, link, seq))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_event SET actor = 'bo' WHERE seq = 3",
        "UPDATE audit_event SET outcome = 'refused' WHERE seq = 3",
        "UPDATE audit_event SET detail = NULL, reason = NULL WHERE seq = 4",
        "UPDATE audit_event SET facts = '' WHERE seq = 4",
        "UPDATE audit_event SET reason = x'00' WHERE seq = 3",
    ],
)
def test_an_audit_line_changed_and_linked_anew_is_found(desk: Desk, change: str) -> None:
    with foreigner(desk.vault.folder) as store:
        store.execute(change)
        _relink(store, 1)
    with desk.vault.read() as reading:
        broken = tuple(audit.broken_links(reading))
    assert broken
    assert broken[0] in (3, 4)


def test_an_audit_line_taken_out_of_the_middle_is_found(desk: Desk) -> None:
    with foreigner(desk.vault.folder) as store:
        store.execute("DELETE FROM audit_event WHERE seq = 3")
        store.execute("UPDATE audit_event SET seq = seq - 1 WHERE seq > 3")
        _relink(store, 1)
    with desk.vault.read() as reading:
        assert 3 in tuple(audit.broken_links(reading))


def test_a_gap_in_the_audit_is_found_at_its_end(desk: Desk) -> None:
    with foreigner(desk.vault.folder) as store:
        store.execute("DELETE FROM audit_event WHERE seq = 2")
    with desk.vault.read() as reading:
        assert tuple(audit.broken_links(reading)) == (3,)


def test_the_links_of_the_audit_give_no_guess_at_what_is_sealed_in_it(desk: Desk) -> None:
    with foreigner(desk.vault.folder) as store:
        rows = store.execute("SELECT count(DISTINCT link), count(*) FROM audit_event").fetchone()
        row = row_of(store, "audit_event", "consent", by="act")
    assert rows[0] == rows[1]
    guess = [*(row[name] for name in _CHAINED[:9]), "CANARY-reason", ""]
    link = hashlib.sha256(row["previous"].encode() + canonical("audit_event", guess)).hexdigest()
    assert link != row["link"]
