"""Who may open the store, and what nobody gets who only writes in the key file."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from consultdesk.consultation.audit import Act, Role
from consultdesk.errors import (
    ClinicalContentClosed,
    NotAllowed,
    VaultDamaged,
    VaultLocked,
    VaultOlder,
)
from consultdesk.vault import (
    audit,
    check,
    header,
    members,
    pairs,
    practice,
    recovery,
    slots,
    tables,
)
from consultdesk.vault.header import Header, Purpose, SlotKind
from consultdesk.vault.key import FLOOR
from consultdesk.vault.members import OpenKeys
from consultdesk.vault.sealed import canonical
from consultdesk.vault.vault import Vault
from tests.consultation.parcels import NOW
from tests.vault.building import PASSPHRASE, Desk, add_user, opened_by, reopen
from tests.vault.foreign import foreigner, open_keys, put


@pytest.fixture
def staffed(desk: Desk) -> Desk:
    """A store with a manager, an administrator without clinical content, and a newcomer."""
    add_user(desk.vault, "manager", Role.MANAGER)
    add_user(desk.vault, "admin", Role.ADMINISTRATOR, administers=True)
    add_user(desk.vault, "newcomer", Role.PHYSICIAN)
    return desk


def let_in(vault: Vault, name: str, digits: str) -> None:
    def change(held: Header, mine: OpenKeys) -> tuple[Header, OpenKeys]:
        return members.let_in(held, mine, name, digits), mine

    vault.change_keys(Act("let_user_in", NOW, entity=name), change)


def changed(vault: Vault, what: str, name: str, role: Role | None = None) -> None:
    def change(held: Header, mine: OpenKeys) -> tuple[Header, OpenKeys]:
        if role is not None:
            return members.in_role(held, mine, name, role, administers=False), mine
        if what == "remove_user":
            return members.removed(held, mine, name), mine
        return members.shut_out(held, mine, name, disabled=True), mine

    vault.change_keys(Act(what, NOW, entity=name), change)


def test_a_newcomer_opens_what_is_clinical_once_a_physician_let_them_in(staffed: Desk) -> None:
    folder = staffed.vault.folder
    with closing(opened_by(folder, "newcomer")) as newcomer:
        assert not newcomer.clinical
        assert [one.name for one in members.waiting(newcomer.members)] == ["newcomer"]
        digits = newcomer.opened.pair.public.spoken
    let_in(staffed.vault, "newcomer", digits)
    with closing(opened_by(folder, "newcomer")) as newcomer, newcomer.read() as reading:
        assert newcomer.clinical
        assert reading.all(tables.consent)
        assert not newcomer.members.member("newcomer").delivered
    assert not members.waiting(staffed.vault.members)


def test_an_administrator_without_the_clinical_key_invites_and_lets_nobody_in(
    staffed: Desk,
) -> None:
    with closing(opened_by(staffed.vault.folder, "admin")) as admin:
        add_user(admin, "second", Role.ASSISTANT)
        with closing(opened_by(admin.folder, "second")) as second:
            digits = second.opened.pair.public.spoken
        with pytest.raises(NotAllowed, match="opens clinical content"):
            let_in(admin, "second", digits)
        assert not admin.clinical
    let_in(staffed.vault, "second", digits)
    with closing(opened_by(staffed.vault.folder, "second")) as second:
        assert second.clinical


def test_the_words_of_an_invitation_hold_once(staffed: Desk) -> None:
    with pytest.raises(VaultLocked):
        Vault.open(staffed.vault.folder, "newcomer", "an invitation", NOW)


def test_what_the_inviter_knows_of_a_newcomer_opens_nothing_after_they_came(desk: Desk) -> None:
    """The pair and the own key that the inviter made are exchanged by the newcomer."""
    kept: list[Header] = []

    def change(held: Header, mine: OpenKeys) -> tuple[Header, OpenKeys]:
        asked = members.invited(
            held, mine, "newcomer", Role.PHYSICIAN, "words", FLOOR, administers=False
        )
        kept.append(asked.sealed(mine.store))
        return asked, mine

    desk.vault.change_keys(Act("invite_user", NOW), change)
    inviters = members.unlock(kept[0], "newcomer", "words")
    with closing(Vault.open(desk.vault.folder, "newcomer", "words", NOW)) as newcomer:
        slots.set_passphrase(newcomer, PASSPHRASE, NOW)
        digits = newcomer.opened.pair.public.spoken
    let_in(desk.vault, "newcomer", digits)
    (handed,) = desk.vault.members.member("newcomer").delivered
    said = header.delivery(desk.vault.members.store_id, "newcomer", Purpose.CLINICAL, 1)
    with pytest.raises(VaultDamaged):
        pairs.receive(inviters.pair, handed.sent, said)


@pytest.mark.parametrize("digits", ["", "12345 12345 12345 12345"])
def test_nobody_is_let_in_by_other_digits_than_their_own_screen_shows(
    staffed: Desk, digits: str
) -> None:
    with pytest.raises(NotAllowed, match="digits"):
        let_in(staffed.vault, "newcomer", digits)


def test_a_pair_put_in_the_place_of_a_newcomers_shows_other_digits(staffed: Desk) -> None:
    """Whoever writes in the key file can't have the clinical key handed to themselves."""
    with closing(opened_by(staffed.vault.folder, "newcomer")) as newcomer:
        digits = newcomer.opened.pair.public.spoken
    foreign = pairs.new_pair().public
    held = staffed.vault.members
    member = held.member("newcomer")
    forged = held.with_member(
        replace(member, later=(*member.later, header.Succession(foreign, b"x" * 64)))
    )
    header.write(staffed.vault.folder, forged.sealed(staffed.vault.opened.store))
    with pytest.raises(NotAllowed, match="digits"):
        let_in(staffed.vault, "newcomer", digits)


def test_a_member_shut_out_opens_nothing_and_the_lock_screen_does_not_name_them(
    staffed: Desk,
) -> None:
    changed(staffed.vault, "shut_user_out", "manager")
    with pytest.raises(VaultLocked, match="shut out"):
        opened_by(staffed.vault.folder, "manager")


@pytest.mark.parametrize("what", ["remove_user", "shut_user_out", "change_role"])
def test_the_last_administrator_stays(desk: Desk, what: str) -> None:
    add_user(desk.vault, "second", Role.ADMINISTRATOR, administers=True)
    with closing(opened_by(desk.vault.folder, "second")) as second:
        changed(second, "change_role", "anna", Role.PHYSICIAN)
        role = Role.ADMINISTRATOR if what == "change_role" else None
        with pytest.raises(NotAllowed, match=r"last administrator|removes themselves"):
            changed(second, what, "second", role)


@pytest.mark.parametrize("what", ["remove_user", "shut_user_out", "change_role"])
def test_the_last_who_opens_clinical_content_stays(staffed: Desk, what: str) -> None:
    role = Role.MANAGER if what == "change_role" else None
    with (
        closing(opened_by(staffed.vault.folder, "admin")) as admin,
        pytest.raises(NotAllowed, match="last user who opens clinical content"),
    ):
        changed(admin, what, "anna", role)


@pytest.mark.parametrize("name", ["manager", "newcomer"])
def test_nobody_but_an_administrator_changes_who_uses_the_store(staffed: Desk, name: str) -> None:
    with closing(opened_by(staffed.vault.folder, name)) as other:
        with pytest.raises(NotAllowed, match="administrator"):
            add_user(other, "friend", Role.PHYSICIAN)
        with pytest.raises(NotAllowed, match="administrator"):
            changed(other, "shut_user_out", "anna")


def test_an_older_key_file_is_refused_and_the_newer_one_opens(desk: Desk) -> None:
    folder = desk.vault.folder
    before = desk.vault.members
    slots.change_passphrase(desk.vault, PASSPHRASE, "quite another set of words", NOW)
    after = desk.vault.members
    desk.vault.close()
    header.write(folder, before)
    with pytest.raises(VaultOlder, match="older than the one"):
        reopen(folder)
    header.write(folder, after)
    Vault.open(folder, "anna", "quite another set of words", NOW).close()


def test_a_copy_that_lags_behind_is_mended(desk: Desk) -> None:
    folder = desk.vault.folder
    old = (folder / header.NAMES[1]).read_bytes()
    slots.keep_recovery(desk.vault, recovery.new(), NOW)
    desk.vault.close()
    (folder / header.NAMES[1]).write_bytes(old)
    reopen(folder).close()
    one, two = header.copies(folder)
    assert one == two


def test_a_list_of_members_older_than_the_sealed_one_is_refused_though_its_mac_holds(
    staffed: Desk,
) -> None:
    """The store key alone makes a MAC, so a manager could bring an old list back."""
    folder, store = staffed.vault.folder, staffed.vault.opened.store
    before = staffed.vault.members
    changed(staffed.vault, "shut_user_out", "manager")
    now = staffed.vault.members
    staffed.vault.close()
    forged = replace(before, sequence=now.sequence).sealed(store)
    header.write(folder, forged)
    with pytest.raises(VaultOlder, match="list of users"):
        reopen(folder)


def test_a_list_of_members_under_a_root_of_ones_own_is_refused(staffed: Desk) -> None:
    folder = staffed.vault.folder
    with closing(opened_by(folder, "manager")) as manager:
        held, mine = manager.members, manager.opened
    root = pairs.new_signing()
    me = held.member("manager")
    forged = replace(
        held,
        roots=(header.Root(pairs.public_of(root), b""),),
        members=(held.member("anna"), replace(me, role=Role.PHYSICIAN, administers=True)),
    )
    header.write(folder, forged.signed(root).sealed(mine.store))
    with pytest.raises(VaultDamaged, match="changed from outside"):
        reopen(folder)


@pytest.mark.parametrize("purpose", [Purpose.CLINICAL, Purpose.ROOT, Purpose.STORE])
def test_what_somebody_hands_over_who_left_the_role_counts_for_nothing(
    staffed: Desk, purpose: Purpose
) -> None:
    """A clinician of before knows how keys are handed over, and as a manager the store key."""
    vault = staffed.vault
    with closing(opened_by(vault.folder, "newcomer")) as newcomer:
        digits, signing = newcomer.opened.pair.public.spoken, newcomer.opened.pair.signing
    let_in(vault, "newcomer", digits)

    def demote(held: Header, mine: OpenKeys) -> tuple[Header, OpenKeys]:
        return members.in_role(held, mine, "newcomer", Role.MANAGER, administers=False), mine

    vault.exchange_keys(Act("change_role", NOW, entity="newcomer"), demote, clinical=True)
    held, store = vault.members, vault.opened.store
    n = held.generations[purpose] + 1
    anna = held.member("anna")
    said = header.delivery(held.store_id, "anna", purpose, n)
    sent = pairs.send(anna.public, b"f" * 32, said)
    forged = header.Delivery(purpose, n, "newcomer", sent, pairs.sign(signing, said + sent))
    held = replace(
        held.with_member(replace(anna, delivered=(forged,))),
        generations=held.generations | {purpose: n},
    )
    vault.close()
    header.write(vault.folder, held.sealed(store))
    with pytest.raises(VaultDamaged, match="changed from outside"):
        reopen(vault.folder)


# --- what a manager's keys reach ------------------------------------------------------------


def test_a_manager_acts_under_their_own_signature_and_everything_verifies(staffed: Desk) -> None:
    with closing(opened_by(staffed.vault.folder, "manager")) as manager:
        with manager.act(Act("unlock", NOW)) as writing:
            writing.detail = "not kept"
        with manager.read() as reading:
            assert audit.last_line(reading) is not None
    with staffed.vault.read() as reading:
        assert check.chain_is_sound(reading) == (audit.last_seq(reading), ())
        newest = audit.last_line(reading)
    assert newest is not None
    assert (newest.actor, newest.role, newest.detail) == ("manager", "practice_manager", "")


@pytest.mark.parametrize("pretence", ["physician", "own facts", "own role"])
def test_a_manager_forges_no_line_of_the_audit(staffed: Desk, pretence: str) -> None:
    with closing(opened_by(staffed.vault.folder, "manager")) as manager:
        signatures = replace(manager.members.signatures, own=manager.opened.pair.signing)
    with foreigner(staffed.vault.folder) as store:
        last = store.execute("SELECT seq, link FROM audit_event ORDER BY seq DESC").fetchone()
        row = {
            "seq": last[0] + 1,
            "at": NOW,
            "actor": "anna" if pretence == "physician" else "manager",
            "role": "physician" if pretence != "own facts" else "practice_manager",
            "act": "revoke_consent",
            "outcome": "done",
            "case_id": "",
            "entity": "",
            "facts": "revocation 1" if pretence == "own facts" else "",
            "reason": None,
            "detail": None,
            "previous": last[1],
        }
        row["link"] = audit._link(row)  # noqa: SLF001 - a forger knows how
        said = [row[column.name] for column in tables.audit_event.columns if column.name != "mac"]
        forged = signatures.sign(canonical("audit_event", said)).hex()
        put(store, "audit_event", row | {"mac": f"ed25519:{forged}"})
    with staffed.vault.read() as reading:
        assert list(audit.broken_links(reading)) == [last[0] + 1]


def test_a_manager_changes_no_settings_and_no_facts(staffed: Desk) -> None:
    with closing(opened_by(staffed.vault.folder, "manager")) as manager:
        with pytest.raises(ClinicalContentClosed), manager.act(Act("test", NOW)) as writing:
            practice.keep_setting(writing, "letterhead", {"name": "mine"})
        with pytest.raises(ClinicalContentClosed), manager.act(Act("test", NOW)) as writing:
            writing.insert(
                tables.revocation,
                id="r",
                consent_id=staffed.consent.id,
                case_id=staffed.case_id,
                at=NOW,
            )


def test_the_keys_of_a_manager_hold_neither_the_clinical_key_nor_the_root(staffed: Desk) -> None:
    folder = staffed.vault.folder
    keys = members.unlock(header.read(folder), "manager", PASSPHRASE)
    assert (keys.clinical, keys.root, keys.via) == (None, None, SlotKind.PASSPHRASE)
    assert {one.purpose for one in header.read(folder).member("manager").kept} == {Purpose.STORE}
    assert keys.store == staffed.vault.opened.store


def test_keys_say_nothing_of_themselves_when_printed(folder: Path) -> None:
    keys = open_keys(folder)
    said = repr(keys)
    for secret in (keys.store, keys.clinical, keys.root, keys.own, keys.pair.box):
        assert secret is not None
        assert repr(secret)[2:-1] not in said


def test_a_database_that_knows_a_newer_key_file_is_not_fooled_by_its_mark_alone(
    desk: Desk,
) -> None:
    with desk.act() as writing:
        writing.sql.execute(update(tables.header_mark).values(sequence=99))
    desk.vault.close()
    with pytest.raises(VaultOlder):
        reopen(desk.vault.folder)
