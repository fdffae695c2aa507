"""Every known way round the gate, tried twice: on the store's own connection, and by somebody
who has the store key alone, drops the triggers and puts them back. Each is refused or found.

| on the store's connection | |
|---|---|
| AUTHORIZER | refused before it is tried: no act is made of it |
| TRIGGER | refused by a trigger of gate.sql |
| SQLITE | refused by SQLite itself, within a transaction or for good |
| GATE | takes effect as an act could have it, and the gate judges it so |

| by a foreigner | |
|---|---|
| closed | the store stays closed, and an open one takes no act |
| closed next time | the same, but what is open goes on under the triggers it has read |
| refused CLAUSE | the gate lets nothing leave |
| shut | what it rests on can't be read any more, said in a sentence |
| found | verify names it |
| idle | holds for the foreigner's own connection alone; the store is as before |
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import pytest
from sqlcipher3.dbapi2 import OperationalError

from consultdesk.consultation.audit import Act
from consultdesk.consultation.consent import Restriction, Revocation
from consultdesk.consultation.delivery import Clause, ClearedParcel, Refusal, clear_by_any
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.patient import Channel, ChannelKind
from consultdesk.errors import VaultDamaged
from consultdesk.vault import check, consents, people
from tests.consultation.parcels import NOW
from tests.vault.building import Desk, a_patient, reopen
from tests.vault.foreign import foreigner, raw

AUTHORIZER = "nothing a person does here needs it"
TRIGGER = "change what is kept for good"
SQLITE = "couldn't carry out this step"
GATE = ""

After = Callable[[Desk], None]


# --- what becomes of it -------------------------------------------------------------------


def ask(desk: Desk) -> ClearedParcel | Refusal:
    with desk.vault.read() as reading:
        return clear_by_any(
            desk.parcel(reading),
            consents.of_case(reading, desk.case_id),
            consents.restrictions(reading, desk.patient_id),
            desk.vault.moment(reading, NOW),
        )


def sound(desk: Desk) -> bool:
    with desk.vault.read() as reading:
        return (
            check.database_is_sound(reading)
            and check.schema_is_ours(reading)
            and not check.chain_is_sound(reading)[1]
        )


def closed(desk: Desk) -> None:
    with pytest.raises(VaultDamaged, match="aren't the ones this program makes"), desk.act():
        pass
    desk.vault.close()
    with pytest.raises(VaultDamaged, match="aren't the ones this program makes"):
        reopen(desk.vault.folder)


def closed_next_time(desk: Desk) -> None:
    """What is open goes by the triggers it has read before."""
    with pytest.raises(VaultDamaged, match="change what is kept"), desk.act() as writing:
        writing.sql.exec_driver_sql("INSERT OR REPLACE INTO letter SELECT * FROM letter")
    desk.vault.close()
    with pytest.raises(VaultDamaged, match="aren't the ones this program makes"):
        reopen(desk.vault.folder)


def refused(clause: Clause) -> After:
    def after(desk: Desk) -> None:
        verdict = ask(desk)
        assert isinstance(verdict, Refusal)
        assert clause in verdict.clauses

    return after


def shut(desk: Desk) -> None:
    with pytest.raises(VaultDamaged, match="changed"):
        ask(desk)


def found(desk: Desk) -> None:
    assert not sound(desk)


def idle(desk: Desk) -> None:
    assert isinstance(ask(desk), ClearedParcel)
    assert sound(desk)


def gone(desk: Desk) -> None:
    desk.vault.close()
    with pytest.raises(VaultDamaged, match="how late it was"):
        reopen(desk.vault.folder)


def later(desk: Desk) -> None:
    """A clock mark set back gains nothing: the audit knows how late it was."""
    with desk.vault.read() as reading:
        assert desk.vault.moment(reading, 0).now == NOW
    with desk.act():
        pass
    idle(desk)


# --- what stands before it ----------------------------------------------------------------


def nothing(_desk: Desk) -> None:
    pass


def withdrawn(desk: Desk) -> None:
    with desk.vault.act(Act("revoke", NOW, case_id=desk.case_id, entity=desk.consent.id)) as w:
        consents.revoke(
            w, desk.case_id, Revocation(new_id(NOW), desk.consent.id, NOW, "the patient", "phone")
        )
    refused(Clause.NOT_REVOKED)(desk)


def ended(desk: Desk) -> None:
    mine = desk.consent.id
    with desk.vault.act(Act("end", NOW, case_id=desk.case_id, entity=mine)) as writing:
        consents.happened(
            writing, desk.case_id, mine, "inactive", at=NOW, by="anna", detail="because"
        )
    refused(Clause.CONSENT_ACTIVE)(desk)


def ruled_out(desk: Desk) -> None:
    act = Act("restrict", NOW, case_id=desk.case_id, entity=desk.patient_id)
    with desk.vault.act(act) as writing:
        wish = Restriction(new_id(NOW), desk.patient_id, desk.physician_id, "", NOW, "said so")
        consents.restrict(writing, wish)
    refused(Clause.RESTRICTION)(desk)


def restored(desk: Desk) -> None:
    with desk.act("restore") as writing:
        writing.sql.exec_driver_sql("UPDATE clock_mark SET epoch = epoch + 1")
    refused(Clause.RECONFIRMED)(desk)


def unverified(desk: Desk) -> None:
    """A second way of the physician's, which nobody has verified, in the place of the first."""
    with desk.act() as writing:
        people.add_channel(writing, desk.physician_id, Channel("new", ChannelKind.POST, "there"))
        people.add_channel(
            writing, desk.patient_id, Channel("own", ChannelKind.POST, "here", NOW, "anna", "seen")
        )


def stranger(desk: Desk) -> None:
    with desk.act() as writing:
        people.add_patient(writing, a_patient(id="stranger", name="Ida Falk"), NOW)


def ruled_out_beside_a_stranger(desk: Desk) -> None:
    stranger(desk)
    ruled_out(desk)


# --- the table ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """One way round: what is said, and what becomes of it on either connection.

    `{mine}` is the consent, `{to}` the physician, `{patient}` and `{case}` theirs.
    """

    said: str
    on_ours: str
    by_a_foreigner: After
    before: After = nothing


WAYS: dict[str, Way] = {
    # what a connection could do
    "replace a letter, delete triggers off": Way(
        "PRAGMA recursive_triggers = OFF;INSERT OR REPLACE INTO letter SELECT id, case_id,"
        " patient_id, recipient_id, content_id, version, signed_at + 1, final, hash_token, kind,"
        " sha256, record_kinds, sensitivities, signed_by, pages, amends, source, mac FROM letter",
        AUTHORIZER,
        refused(Clause.LETTER_AUTHENTIC),
    ),
    "replace a letter": Way("INSERT OR REPLACE INTO letter SELECT * FROM letter", TRIGGER, idle),
    "drop a trigger": Way(
        "DROP TRIGGER IF EXISTS gate_dispatch;CREATE TRIGGER gate_dispatch"
        " BEFORE INSERT ON dispatch BEGIN SELECT 1; END",
        AUTHORIZER,
        closed,
    ),  # fmt: skip
    "alter a table": Way("ALTER TABLE consent ADD COLUMN more", AUTHORIZER, closed),
    "one more table": Way("CREATE TABLE more (x)", AUTHORIZER, closed),
    "one more view": Way("CREATE VIEW more AS SELECT 1", AUTHORIZER, closed),
    "one more trigger": Way(
        "CREATE TRIGGER more BEFORE INSERT ON dispatch BEGIN SELECT 1; END", AUTHORIZER, closed
    ),
    "an index taken away": Way("DROP INDEX ix_case_queue", AUTHORIZER, closed),
    "the temp trigger": Way(
        "CREATE TEMP TRIGGER more BEFORE INSERT ON main.dispatch BEGIN SELECT RAISE(IGNORE); END",
        AUTHORIZER,
        idle,
    ),
    "a temp table over a table": Way("CREATE TEMP TABLE consent (id)", AUTHORIZER, idle),
    "attach": Way("ATTACH DATABASE ':memory:' AS other KEY ''", AUTHORIZER, idle),
    "vacuum into": Way("VACUUM INTO 'never'", SQLITE, idle),
    "load_extension": Way("SELECT load_extension('more')", SQLITE, idle),
    "writable_schema": Way(
        "PRAGMA writable_schema = ON;DELETE FROM sqlite_master WHERE type = 'trigger'",
        AUTHORIZER,
        closed_next_time,
    ),
    "ignore_check_constraints": Way("PRAGMA ignore_check_constraints = ON", AUTHORIZER, idle),
    "foreign_keys": Way("PRAGMA foreign_keys = OFF", AUTHORIZER, idle),
    "the version of an earlier kind": Way(
        "UPDATE alembic_version SET version_num = '9999'", AUTHORIZER, lambda desk: _future(desk)
    ),
    # the clock and the epoch
    "the clock mark set back": Way("UPDATE clock_mark SET at = 1", TRIGGER, later),
    "the clock mark deleted": Way("DELETE FROM clock_mark", AUTHORIZER, gone),
    "the epoch set back": Way("UPDATE clock_mark SET epoch = 1", TRIGGER, found, restored),
    "the epoch of a consent": Way(
        "UPDATE consent SET epoch = 2", AUTHORIZER, refused(Clause.CONSENT_AUTHENTIC), restored
    ),
    # what a patient said, taken away
    "a withdrawal deleted": Way(
        "DELETE FROM revocation WHERE consent_id = '{mine}'",
        AUTHORIZER,
        refused(Clause.CONSENT_AUTHENTIC),
        withdrawn,
    ),
    "a withdrawal deleted, and its line blanked": Way(
        "DELETE FROM revocation WHERE consent_id = '{mine}';"
        "UPDATE audit_event SET facts = '' WHERE entity = '{mine}'",
        AUTHORIZER,
        refused(Clause.CONSENT_AUTHENTIC),
        withdrawn,
    ),
    "a withdrawal deleted, and its line given to another case": Way(
        "DELETE FROM revocation WHERE consent_id = '{mine}';"
        "UPDATE audit_event SET case_id = 'another' WHERE entity = '{mine}'",
        AUTHORIZER,
        found,
        withdrawn,
    ),
    "the end of a consent deleted": Way(
        "DELETE FROM consent_event WHERE consent_id = '{mine}'",
        AUTHORIZER,
        refused(Clause.CONSENT_AUTHENTIC),
        ended,
    ),
    "a restriction deleted": Way(
        "DELETE FROM restriction WHERE recipient_id = '{to}'",
        AUTHORIZER,
        refused(Clause.RESTRICTION),
        ruled_out,
    ),
    "a restriction deleted, and its line blanked": Way(
        "DELETE FROM restriction WHERE recipient_id = '{to}';"
        "UPDATE audit_event SET facts = '' WHERE act = 'restrict'",
        AUTHORIZER,
        refused(Clause.RESTRICTION),
        ruled_out,
    ),
    "a restriction deleted, and the case given to another patient": Way(
        "DELETE FROM restriction WHERE recipient_id = '{to}';"
        "UPDATE \"case\" SET patient_id = 'stranger'",
        AUTHORIZER,
        refused(Clause.RESTRICTION),
        ruled_out_beside_a_stranger,
    ),
    "a restriction given to another patient": Way(
        "UPDATE restriction SET patient_id = 'stranger' WHERE recipient_id = '{to}'",
        AUTHORIZER,
        refused(Clause.RESTRICTION),
        ruled_out_beside_a_stranger,
    ),
    "a consent deleted": Way(
        "DELETE FROM consent WHERE id = '{mine}'", AUTHORIZER, refused(Clause.CONSENT_RECORDED)
    ),
    "the scope of a consent widened": Way(
        "INSERT INTO consent_scope VALUES ('{mine}', 'recipient', 'somebody')",
        TRIGGER,
        refused(Clause.CONSENT_AUTHENTIC),
    ),
    "what a letter carries taken away": Way(
        "DELETE FROM letter_scope WHERE dimension = 'sensitivity'",
        AUTHORIZER,
        refused(Clause.LETTER_AUTHENTIC),
    ),
    # to whom, and which way
    "a way verified by a time alone": Way(
        "DELETE FROM dispatch;DELETE FROM channel WHERE recipient_id = '{to}' AND id <> 'new';"
        "UPDATE channel SET verified_at = 1 WHERE id = 'new'",
        AUTHORIZER,
        refused(Clause.CHANNEL),
        unverified,
    ),
    "a verified way given to another recipient": Way(
        "UPDATE channel SET recipient_id = '{patient}' WHERE id <> 'own';"
        "UPDATE channel SET recipient_id = '{to}' WHERE id = 'own'",
        AUTHORIZER,
        refused(Clause.CHANNEL),
        unverified,
    ),
    "an address put in the place of another": Way(
        "UPDATE channel SET address = (SELECT address FROM channel WHERE id = 'own')",
        GATE,
        shut,
        unverified,
    ),
    "the token of what a recipient is": Way(
        "UPDATE recipient SET kind_token ="
        " (SELECT kind_token FROM recipient WHERE id = '{patient}')",
        AUTHORIZER,
        shut,
    ),
    "what a recipient is": Way("UPDATE recipient SET kind = x'00'", AUTHORIZER, shut),
    # what is kept of what left
    "a dispatch deleted": Way("DELETE FROM dispatch", AUTHORIZER, found),
    "a dispatch changed": Way("UPDATE dispatch SET recipient_id = '{patient}'", AUTHORIZER, found),
    "when a dispatch was": Way("UPDATE dispatch SET at = at - 1", AUTHORIZER, found),
    "a receipt deleted": Way("DELETE FROM dispatch_event", AUTHORIZER, found),
    "a receipt changed": Way("UPDATE dispatch_event SET kind = 'failed'", AUTHORIZER, found),
    "a letter deleted": Way("DELETE FROM letter", AUTHORIZER, found),
    "a case given to another patient": Way(
        "UPDATE \"case\" SET patient_id = 'stranger'", GATE, found, stranger
    ),
    "a line of the audit changed": Way(
        "UPDATE audit_event SET actor = 'bo' WHERE seq = 2", AUTHORIZER, found
    ),
}


def _future(desk: Desk) -> None:
    desk.vault.close()
    with pytest.raises(VaultDamaged, match="newer ConsultDesk"):
        reopen(desk.vault.folder)


def statements(desk: Desk, way: Way) -> list[str]:
    names = {"mine": desk.consent.id, "to": desk.physician_id}
    said = way.said.format(**names, patient=desk.patient_id, case=desk.case_id)
    return _parted(said)


def _parted(said: str) -> list[str]:
    """At each semicolon that doesn't stand within a trigger."""
    if "BEGIN SELECT" in said:
        first, _, rest = said.rpartition(";CREATE")
        return [one for one in (first, f"CREATE{rest}" if first else said) if one]
    return said.split(";")


@pytest.mark.parametrize("name", WAYS)
def test_on_the_stores_own_connection_no_way_leads_round_the_gate(desk: Desk, name: str) -> None:
    way = WAYS[name]
    way.before(desk)
    before = ask(desk)

    def tried() -> None:
        with desk.act() as writing:
            for said in statements(desk, way):
                writing.sql.exec_driver_sql(said)

    if way.on_ours == GATE:
        tried()
        way.by_a_foreigner(desk)
        return
    with pytest.raises(VaultDamaged, match=way.on_ours):
        tried()
    assert type(ask(desk)) is type(before)
    assert sound(desk)


@pytest.mark.parametrize("name", WAYS)
def test_with_the_store_key_alone_no_way_leads_round_the_gate_unseen(desk: Desk, name: str) -> None:
    way = WAYS[name]
    way.before(desk)
    parts = statements(desk, way)
    if any(word in way.said for word in ("PRAGMA", "VACUUM", "ATTACH", "TRIGGER", "TEMP", "load")):
        _outside_a_transaction(desk, parts)
    else:
        with foreigner(desk.vault.folder) as store:
            for said in parts:
                store.execute(said)
    way.by_a_foreigner(desk)


def _outside_a_transaction(desk: Desk, parts: list[str]) -> None:
    """With the triggers standing, as a pragma or another trigger would have it."""
    store = raw(desk.vault.folder)
    copy = desk.vault.folder.parent / "copy.db"
    for said in parts:
        with suppress(OperationalError):  # load_extension has nothing to load
            store.execute(said.replace("'never'", f"'{copy}'"))
    store.close()


def test_what_the_table_begins_with_is_sound(desk: Desk) -> None:
    for before in (withdrawn, ended, ruled_out, unverified, stranger):
        before(desk)
        assert sound(desk)
    with desk.act("restore") as writing:
        writing.sql.exec_driver_sql("UPDATE clock_mark SET epoch = epoch + 1")
    assert sound(desk)
