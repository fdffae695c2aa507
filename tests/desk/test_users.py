"""Who uses the store, through the desk's own acts, each user opening it with their own keys."""

import io
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pypdf
import pytest

from consultdesk.consultation.audit import Act, Role, User
from consultdesk.consultation.recovery import USER
from consultdesk.desk import cases, letter, recovery, store, users
from consultdesk.desk.users import Standing, StoreUser
from consultdesk.errors import (
    ClinicalContentClosed,
    FormIncomplete,
    NotAllowed,
    TriedTooSoon,
    VaultBusy,
    VaultLocked,
)
from consultdesk.samples import walk
from consultdesk.samples.practice import PASSPHRASE, PHYSICIAN
from consultdesk.vault import audit, slots
from consultdesk.vault.header import SlotKind
from consultdesk.vault.vault import Vault
from tests import stations

WORDS = "four unrelated plum anchors"
ME = PHYSICIAN.name


@dataclass(frozen=True)
class Practice:
    """A store with people in it; each opens it on their own and one after the other."""

    vault: Vault
    now: int
    number: str = ""

    @contextmanager
    def opened_by(self, name: str, words: str = WORDS) -> Iterator[Vault]:
        said = PASSPHRASE if name == ME and words == WORDS else words
        with closing(store.unlock(self.vault.folder, name, said, self.now)) as opened:
            yield opened

    @contextmanager
    def alone_by(self, name: str) -> Iterator[Vault]:
        """The same once nobody else has the store open."""
        self.vault.close()
        with self.opened_by(name) as opened:
            yield opened

    def add(self, name: str, role: Role, *, administers: bool = False, let_in: bool = True) -> None:
        """Someone who came and chose WORDS, and was let in where their role takes that."""
        user = User(name, f"Dr {name}", role)
        code = users.invite(self.vault, user, self.now, administers=administers)
        with self.opened_by(name, code) as newcomer:
            users.choose_passphrase(newcomer, WORDS, self.now)
            digits = users.own_digits(newcomer)
        if let_in and role in (Role.PHYSICIAN, Role.ASSISTANT):
            users.let_in(self.vault, name, digits, self.now)


@pytest.fixture
def practice(vault: Vault, now: int) -> Practice:
    return Practice(vault, now)


@pytest.fixture(scope="module")
def _staffed_folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Made once, since every key that is derived takes its time."""
    folder = tmp_path_factory.mktemp("staffed") / "a.desk"
    vault, number = stations.open_at("ready", folder)
    practice = Practice(vault, stations.now())
    practice.add("bea", Role.PHYSICIAN)
    practice.add("cem", Role.ASSISTANT)
    practice.add("dana", Role.MANAGER)
    practice.add("edda", Role.ADMINISTRATOR, administers=True)
    vault.close()
    return folder, number


@pytest.fixture
def staffed(_staffed_folder: tuple[Path, str], tmp_path: Path, now: int) -> Iterator[Practice]:
    """A practice with a physician, an assistant, a manager and an administrator more."""
    folder, number = _staffed_folder
    shutil.copytree(folder, tmp_path / "a.desk")
    with closing(store.unlock(tmp_path / "a.desk", ME, PASSPHRASE, now)) as vault:
        yield Practice(vault, now, number)


def _listed(vault: Vault) -> dict[str, StoreUser]:
    return {one.name: one for one in users.users(vault)}


def _acts(vault: Vault) -> list[tuple[str, str, str]]:
    with vault.read() as reading:
        return [(one.actor, one.act, one.entity) for one in audit.events(reading)]


# --- the list ---------------------------------------------------------------------------------


def test_the_list_names_everyone_with_role_standing_and_ways_in(
    staffed: Practice, now: int
) -> None:
    users.invite(staffed.vault, User("finn", "Dr Finn Ost", Role.PHYSICIAN), now)
    staffed.add("gil", Role.PHYSICIAN, let_in=False)
    users.shut_out(staffed.vault, "cem", now)
    listed = _listed(staffed.vault)
    assert list(listed) == [ME, "bea", "cem", "dana", "edda", "finn", "gil"]
    assert listed[ME] == StoreUser(
        ME,
        PHYSICIAN.full_name,
        PHYSICIAN.role,
        True,
        Standing.ACTIVE,
        False,
        0,
        PHYSICIAN.registration,
    )
    assert {name: one.standing for name, one in listed.items() if name != ME} == {
        "bea": Standing.ACTIVE,
        "cem": Standing.SHUT_OUT,
        "dana": Standing.ACTIVE,
        "edda": Standing.ACTIVE,
        "finn": Standing.INVITED,
        "gil": Standing.WAITING,
    }
    assert listed["finn"].full_name == "Dr Finn Ost"
    assert [name for name, one in listed.items() if one.administers] == [ME, "edda"]


def test_the_list_says_who_has_a_recovery_sheet(practice: Practice, now: int) -> None:
    sheet = recovery.new_sheet(practice.vault.folder, ME, PHYSICIAN.full_name, now)
    recovery.keep_sheet(practice.vault, sheet, now)
    assert _listed(practice.vault)[ME].has_recovery


def test_a_manager_sees_the_list_by_names_and_no_full_name(staffed: Practice) -> None:
    with staffed.opened_by("dana") as manager:
        assert {one.full_name for one in users.users(manager)} == set(_listed(staffed.vault))


# --- invited, welcomed, let in ------------------------------------------------------------------


def test_from_the_words_of_an_invitation_to_what_is_clinical(
    practice: Practice, ready: str, now: int
) -> None:
    words = users.invite(practice.vault, User("bea", "Dr Bea Ott", Role.PHYSICIAN), now)
    with practice.opened_by("bea", words) as newcomer:
        assert users.invited(newcomer)
        users.choose_passphrase(newcomer, WORDS, now)
        assert not users.invited(newcomer)
        assert users.waits(newcomer)
        digits = users.own_digits(newcomer)
        with pytest.raises(ClinicalContentClosed):
            cases.open_case(newcomer, ready)
    assert users.own_digits(practice.vault) != digits
    users.let_in(practice.vault, "bea", digits, now)
    with practice.opened_by("bea") as newcomer:
        assert not users.waits(newcomer)
        assert cases.open_case(newcomer, ready).case.number == ready
        assert store.current_user(newcomer).full_name == "Dr Bea Ott"
        assert store.verify(newcomer).ok


def test_the_words_of_an_invitation_are_long_unlike_and_hold_once(
    practice: Practice, now: int
) -> None:
    words = users.invite(practice.vault, User("bea", "Dr Bea", Role.PHYSICIAN), now)
    others = users.invite(practice.vault, User("cem", "Cem", Role.ASSISTANT), now)
    assert words != others
    assert len(words.replace("-", "")) == 25
    with practice.opened_by("bea", words) as newcomer:
        users.choose_passphrase(newcomer, WORDS, now)
    with pytest.raises(VaultLocked):
        store.unlock(practice.vault.folder, "bea", words, now)


@pytest.mark.parametrize("passphrase", ["short", "password12345"])
def test_a_newcomer_chooses_no_weak_passphrase(
    practice: Practice, now: int, passphrase: str
) -> None:
    words = users.invite(practice.vault, User("bea", "Dr Bea", Role.PHYSICIAN), now)
    with practice.opened_by("bea", words) as newcomer:
        with pytest.raises(VaultLocked):
            users.choose_passphrase(newcomer, passphrase, now)
        assert users.invited(newcomer)


def test_who_came_by_a_passphrase_gives_it_to_change_it(practice: Practice, now: int) -> None:
    with pytest.raises(NotAllowed):
        users.choose_passphrase(practice.vault, WORDS, now)
    with pytest.raises(VaultLocked):
        users.change_passphrase(practice.vault, "not the one before", WORDS, now)
    with pytest.raises(VaultLocked):
        users.change_passphrase(practice.vault, PASSPHRASE, "password12345", now)
    users.change_passphrase(practice.vault, PASSPHRASE, WORDS, now)
    folder = practice.vault.folder
    store.unlock(folder, ME, WORDS, now).close()
    with pytest.raises(VaultLocked):
        store.unlock(folder, ME, PASSPHRASE, now)


def test_who_came_by_the_recovery_sheet_chooses_another_passphrase(
    practice: Practice, now: int
) -> None:
    folder = practice.vault.folder
    sheet = recovery.new_sheet(folder, ME, PHYSICIAN.full_name, now)
    recovery.keep_sheet(practice.vault, sheet, now)
    with closing(store.unlock(folder, USER, sheet.key, now)) as back:
        assert users.by_recovery(back)
        users.choose_passphrase(back, WORDS, now)
    store.unlock(folder, ME, WORDS, now).close()


@pytest.mark.parametrize("taken", [ME, "bea", "recovery", "no spaces", ""])
def test_a_name_that_is_taken_or_none_is_not_invited(
    staffed: Practice, now: int, taken: str
) -> None:
    before = _acts(staffed.vault)
    with pytest.raises((NotAllowed, VaultLocked)):
        users.invite(staffed.vault, User(taken, "Someone", Role.MANAGER), now)
    assert _acts(staffed.vault) == before


def test_the_name_of_somebody_who_left_is_not_given_to_another(staffed: Practice, now: int) -> None:
    users.remove(staffed.vault, "cem", now)
    with pytest.raises(NotAllowed):
        users.invite(staffed.vault, User("cem", "Another Cem", Role.ASSISTANT), now)


@pytest.mark.parametrize(
    ("name", "digits"),
    [
        ("gil", "00000 00000 00000 00000"),
        ("gil", ""),
        ("dana", "own"),
        ("finn", "00000 00000 00000 00000"),
    ],
)
def test_nobody_is_let_in_by_other_digits_in_another_role_or_before_they_came(
    staffed: Practice, now: int, name: str, digits: str
) -> None:
    users.invite(staffed.vault, User("finn", "Finn", Role.PHYSICIAN), now)
    staffed.add("gil", Role.PHYSICIAN, let_in=False)
    if digits == "own":
        with staffed.opened_by(name) as manager:
            digits = users.own_digits(manager)
    with pytest.raises(NotAllowed):
        users.let_in(staffed.vault, name, digits, now)
    assert _listed(staffed.vault)["gil"].standing is Standing.WAITING


def test_a_physician_who_administers_nothing_lets_a_newcomer_in(
    staffed: Practice, now: int
) -> None:
    staffed.add("gil", Role.PHYSICIAN, let_in=False)
    with staffed.opened_by("gil") as newcomer:
        digits = users.own_digits(newcomer)
    with staffed.opened_by("bea") as physician:
        users.let_in(physician, "gil", digits, now)
    with staffed.opened_by("gil") as newcomer:
        assert newcomer.clinical


# --- their full names -----------------------------------------------------------------------------


def _comes_nameless(practice: Practice, name: str, role: Role = Role.PHYSICIAN) -> str:
    """Invited by who can seal no name, and come; the digits they read out."""
    with practice.opened_by("edda") as administrator:
        code = users.invite(administrator, User(name, "Never Sealed", role), practice.now)
    with practice.opened_by(name, code) as newcomer:
        users.choose_passphrase(newcomer, WORDS, practice.now)
        assert not _listed(newcomer)[name].named
        return users.own_digits(newcomer)


def _signed_by(practice: Practice, name: str) -> str:
    """What the letter says that they sign."""
    with practice.opened_by(name) as vault:
        walk.read(vault, practice.number, stations.STORY, practice.now)
        walk.compare(vault, practice.number, stations.STORY, practice.now)
        walk.draft(vault, practice.number, stations.STORY, practice.now)
        signed = walk.sign(vault, practice.number, WORDS, practice.now)
        pages = pypdf.PdfReader(io.BytesIO(letter.read_pdf(vault, signed))).pages
        return "".join(page.extract_text() for page in pages)


def test_a_letter_carries_the_name_that_a_newcomer_wrote_down_themselves(
    staffed: Practice, now: int
) -> None:
    digits = _comes_nameless(staffed, "gil")
    users.let_in(staffed.vault, "gil", digits, now)
    with staffed.opened_by("gil") as newcomer:
        users.set_full_name(newcomer, "gil", "  Dr Gil \n Oppenheim ", now, registration=" 4 711 ")
        assert store.current_user(newcomer).full_name == "Dr Gil Oppenheim"
    signed = _signed_by(staffed, "gil")
    assert "Dr Gil Oppenheim" in signed
    assert "4 711" in signed
    assert ("gil", "name_user", "gil") in _acts(staffed.vault)


def test_a_letter_carries_the_name_that_was_written_down_when_a_newcomer_was_let_in(
    staffed: Practice, now: int
) -> None:
    digits = _comes_nameless(staffed, "gil")
    with staffed.opened_by("bea") as physician:
        users.let_in(physician, "gil", digits, now, full_name="Dr Gil Oppenheim")
    assert _listed(staffed.vault)["gil"].full_name == "Dr Gil Oppenheim"
    assert "Dr Gil Oppenheim" in _signed_by(staffed, "gil")
    assert store.verify(staffed.vault).ok


def test_a_desk_that_was_open_all_the_while_knows_the_lines_of_whoever_came(
    staffed: Practice, now: int
) -> None:
    _comes_nameless(staffed, "gil")
    found = store.verify(staffed.vault)
    assert (found.broken, found.anchors) == ((), True)


def test_wrong_digits_leave_a_newcomer_without_a_name(staffed: Practice, now: int) -> None:
    _comes_nameless(staffed, "gil")
    with pytest.raises(NotAllowed):
        users.let_in(staffed.vault, "gil", "0" * 20, now, full_name="Dr Gil Oppenheim")
    assert not _listed(staffed.vault)["gil"].named


def test_a_name_that_letters_carry_is_changed_by_an_administrator_alone(
    staffed: Practice, now: int
) -> None:
    with staffed.opened_by("bea") as physician:
        for name in ("bea", ME, "cem"):
            with pytest.raises(NotAllowed, match="administrator"):
                users.set_full_name(physician, name, "Somebody Else", now)
    users.set_full_name(staffed.vault, "bea", "Dr Bea Ott-Lang", now)
    assert _listed(staffed.vault)["bea"].full_name == "Dr Bea Ott-Lang"
    users.set_full_name(staffed.vault, "bea", "Dr Bea Ott", now, registration="815")
    users.set_full_name(staffed.vault, "bea", "Dr Bea Lang", now)
    assert _listed(staffed.vault)["bea"].registration == "815"


def test_another_who_waits_is_named_by_who_lets_them_in_and_no_colleague_besides(
    staffed: Practice, now: int
) -> None:
    digits = _comes_nameless(staffed, "gil", Role.ASSISTANT)
    with staffed.opened_by("bea") as physician:
        users.let_in(physician, "gil", digits, now)
        with pytest.raises(NotAllowed, match="Only they themselves"):
            users.set_full_name(physician, "gil", "Gil Oppenheim", now)


@pytest.mark.parametrize("name", ["dana", "edda"])
def test_who_opens_nothing_sealed_writes_no_name_down(
    staffed: Practice, now: int, name: str
) -> None:
    with staffed.opened_by(name) as closed, pytest.raises(ClinicalContentClosed, match="sealed"):
        users.set_full_name(closed, name, "Dana Berg", now)


def test_a_name_of_nothing_and_a_user_nobody_knows_are_said(staffed: Practice, now: int) -> None:
    with pytest.raises(FormIncomplete, match="full name"):
        users.set_full_name(staffed.vault, "bea", " \t", now)
    with pytest.raises(VaultLocked, match="doesn't know that user"):
        users.set_full_name(staffed.vault, "nobody", "No Body", now)


# --- who may do what ------------------------------------------------------------------------------

Step = Callable[[Vault, int], object]

ADMINISTRATORS: dict[str, Step] = {
    "invite": lambda vault, now: users.invite(vault, User("hal", "Hal", Role.MANAGER), now),
    "change_role": lambda vault, now: users.change_role(
        vault, "hedy", Role.ASSISTANT, now, administers=False
    ),
    "shut_out": lambda vault, now: users.shut_out(vault, "hedy", now),
    "readmit": lambda vault, now: users.shut_out(vault, "hedy", now, disabled=False),
    "remove": lambda vault, now: users.remove(vault, "hedy", now),
}


@pytest.mark.parametrize("step", ADMINISTRATORS)
@pytest.mark.parametrize("name", ["bea", "cem", "dana", "edda"])
def test_only_an_administrator_changes_who_uses_the_store(
    staffed: Practice, now: int, name: str, step: str
) -> None:
    staffed.add("hedy", Role.MANAGER)
    with staffed.alone_by(name) as opened:
        before = opened.members
        if name == "edda":
            ADMINISTRATORS[step](opened, now)
            assert opened.members.roster_version > before.roster_version
        else:
            with pytest.raises(NotAllowed):
                ADMINISTRATORS[step](opened, now)
            assert opened.members == before


@pytest.mark.parametrize(
    ("name", "may"), [(ME, True), ("bea", True), ("cem", True), ("dana", False), ("edda", True)]
)
def test_keys_are_exchanged_by_who_administers_or_opens_clinical_content(
    staffed: Practice, now: int, name: str, *, may: bool
) -> None:
    with staffed.alone_by(name) as opened:
        before = opened.members.generations
        if may:
            users.exchange_keys(opened, now)
            assert opened.members.generations != before
        else:
            with pytest.raises(NotAllowed):
                users.exchange_keys(opened, now)
            assert opened.members.generations == before
    for one in (ME, "bea", "cem", "dana", "edda"):
        with staffed.opened_by(one) as opened:
            assert opened.clinical is (one in (ME, "bea", "cem"))


# --- the last of their kind -----------------------------------------------------------------------


def _demote(vault: Vault, name: str, now: int) -> None:
    users.change_role(vault, name, Role.MANAGER, now, administers=False)


@pytest.mark.parametrize("step", [users.remove, users.shut_out, _demote])
def test_the_last_administrator_stays(
    practice: Practice, now: int, step: Callable[[Vault, str, int], None]
) -> None:
    with pytest.raises(NotAllowed):
        step(practice.vault, ME, now)
    assert _listed(practice.vault)[ME].administers


def test_an_invited_or_shut_out_administrator_counts_for_none(staffed: Practice, now: int) -> None:
    users.shut_out(staffed.vault, "edda", now)
    user = User("ida", "Ida", Role.ADMINISTRATOR)
    users.invite(staffed.vault, user, now, administers=True)
    with pytest.raises(NotAllowed):
        users.shut_out(staffed.vault, ME, now)


@pytest.mark.parametrize("step", [users.remove, users.shut_out, _demote])
def test_the_last_who_opens_clinical_content_stays(
    practice: Practice, now: int, step: Callable[[Vault, str, int], None]
) -> None:
    practice.add("edda", Role.ADMINISTRATOR, administers=True)
    practice.add("gil", Role.PHYSICIAN, let_in=False)
    with practice.alone_by("edda") as administrator, pytest.raises(NotAllowed):
        step(administrator, ME, now)
    with practice.opened_by(ME) as physician:
        assert physician.clinical
        assert physician.opened.administers


def test_nobody_removes_themselves_or_changes_their_own_role(staffed: Practice, now: int) -> None:
    with pytest.raises(NotAllowed):
        users.remove(staffed.vault, ME, now)
    with pytest.raises(NotAllowed):
        users.change_role(staffed.vault, ME, Role.MANAGER, now, administers=True)
    with pytest.raises(NotAllowed):
        users.change_role(staffed.vault, ME, PHYSICIAN.role, now, administers=False)
    assert staffed.vault.opened.administers


# --- in another role, shut out, removed ----------------------------------------------------------


def test_who_becomes_a_manager_opens_nothing_clinical_under_keys_they_dont_know(
    staffed: Practice, now: int
) -> None:
    before = staffed.vault.opened
    users.change_role(staffed.vault, "cem", Role.MANAGER, now, administers=False)
    assert staffed.vault.opened.clinical != before.clinical
    assert not users.new_keys_due(staffed.vault)
    assert _listed(staffed.vault)["cem"].role is Role.MANAGER
    with staffed.opened_by("cem") as manager:
        assert manager.role is Role.MANAGER
        with pytest.raises(ClinicalContentClosed):
            cases.open_case(manager, staffed.number)


def test_who_becomes_a_physician_waits_until_they_are_let_in(staffed: Practice, now: int) -> None:
    users.change_role(staffed.vault, "dana", Role.PHYSICIAN, now, administers=False)
    with staffed.opened_by("dana") as newcomer:
        assert users.waits(newcomer)
        digits = users.own_digits(newcomer)
    users.let_in(staffed.vault, "dana", digits, now)
    with staffed.opened_by("dana") as newcomer:
        assert newcomer.clinical


def test_who_administers_no_more_knows_no_key_that_names_users(staffed: Practice, now: int) -> None:
    with staffed.opened_by("edda") as before:
        known = before.opened.root
    users.change_role(staffed.vault, "edda", Role.ADMINISTRATOR, now, administers=False)
    assert known is not None
    assert staffed.vault.opened.root not in (None, known)
    users.invite(staffed.vault, User("hal", "Hal", Role.MANAGER), now)
    with staffed.opened_by("edda") as after:
        assert after.opened.root is None
        with pytest.raises(NotAllowed):
            users.shut_out(after, "bea", now)


def test_who_begins_to_administer_does_so_at_their_next_unlock(staffed: Practice, now: int) -> None:
    users.change_role(staffed.vault, "bea", Role.PHYSICIAN, now, administers=True)
    with staffed.alone_by("bea") as second:
        users.change_role(second, ME, PHYSICIAN.role, now, administers=False)
        users.invite(second, User("hal", "Hal", Role.MANAGER), now)
    with staffed.opened_by(ME) as first:
        assert not first.opened.administers


def test_who_is_shut_out_comes_in_again_once_they_are_readmitted(
    staffed: Practice, now: int
) -> None:
    users.shut_out(staffed.vault, "bea", now)
    with pytest.raises(VaultLocked):
        store.unlock(staffed.vault.folder, "bea", WORDS, now)
    users.shut_out(staffed.vault, "bea", now, disabled=False)
    with staffed.opened_by("bea") as back:
        assert back.clinical


def test_a_removal_by_a_physician_leaves_nothing_due(staffed: Practice, now: int) -> None:
    before = staffed.vault.opened
    users.remove(staffed.vault, "bea", now)
    assert staffed.vault.opened.store != before.store
    assert staffed.vault.opened.clinical != before.clinical
    assert not users.new_keys_due(staffed.vault)
    with pytest.raises(VaultLocked):
        store.unlock(staffed.vault.folder, "bea", WORDS, now)
    assert store.verify(staffed.vault).ok


def test_a_removal_without_the_clinical_key_leaves_it_due_until_a_clinician_exchanges_it(
    staffed: Practice, now: int
) -> None:
    with staffed.alone_by("edda") as administrator:
        users.remove(administrator, "bea", now)
        assert users.new_keys_due(administrator)
        users.exchange_keys(administrator, now)
        assert users.new_keys_due(administrator)
    with staffed.opened_by("cem") as clinician:
        assert users.new_keys_due(clinician)
        users.exchange_keys(clinician, now)
        assert not users.new_keys_due(clinician)
    with staffed.opened_by(ME) as physician:
        assert not users.new_keys_due(physician)
        assert cases.open_case(physician, staffed.number).case.number == staffed.number
        assert store.verify(physician).ok


def test_the_removal_of_a_manager_leaves_the_clinical_key_alone(
    staffed: Practice, now: int
) -> None:
    before = staffed.vault.opened
    users.remove(staffed.vault, "dana", now)
    assert staffed.vault.opened.store != before.store
    assert staffed.vault.opened.clinical == before.clinical
    assert not users.new_keys_due(staffed.vault)


def test_an_invitation_nobody_followed_can_be_taken_back(staffed: Practice, now: int) -> None:
    words = users.invite(staffed.vault, User("finn", "Finn", Role.PHYSICIAN), now)
    users.remove(staffed.vault, "finn", now)
    assert "finn" not in _listed(staffed.vault)
    with pytest.raises(VaultLocked):
        store.unlock(staffed.vault.folder, "finn", words, now)


def test_while_the_store_is_open_elsewhere_its_keys_stay_and_nobody_is_removed(
    staffed: Practice, now: int
) -> None:
    steps: tuple[Callable[[], None], ...] = (
        lambda: users.remove(staffed.vault, "cem", now),
        lambda: users.exchange_keys(staffed.vault, now),
        lambda: _demote(staffed.vault, "cem", now),
    )
    with staffed.opened_by("bea"):
        before = staffed.vault.members
        for step in steps:
            with pytest.raises(VaultBusy):
                step()
        assert staffed.vault.members == before
    users.remove(staffed.vault, "cem", now)


@pytest.mark.parametrize(
    "step",
    [users.remove, users.shut_out, _demote, lambda v, n, now: users.let_in(v, n, "1", now)],
)
def test_a_user_nobody_knows_is_named_as_such(
    practice: Practice, now: int, step: Callable[[Vault, str, int], None]
) -> None:
    with pytest.raises(VaultLocked, match="doesn't know that user"):
        step(practice.vault, "nobody", now)


# --- what the audit says ---------------------------------------------------------------------


def test_every_step_is_a_line_of_the_audit_and_the_chain_holds(staffed: Practice, now: int) -> None:
    users.change_role(staffed.vault, "dana", Role.ASSISTANT, now, administers=False)
    users.shut_out(staffed.vault, "cem", now)
    users.shut_out(staffed.vault, "cem", now, disabled=False)
    users.exchange_keys(staffed.vault, now)
    with staffed.alone_by("edda") as administrator:
        users.remove(administrator, "cem", now)
        said = _acts(administrator)
    for line in (
        (ME, "invite_user", "bea"),
        ("bea", "change_passphrase", "bea"),
        (ME, "let_user_in", "bea"),
        (ME, "change_role", "dana"),
        (ME, "shut_user_out", "cem"),
        (ME, "readmit_user", "cem"),
        (ME, "exchange_keys", ""),
        ("edda", "remove_user", "cem"),
    ):
        assert said.count(line) == 1, line
    with staffed.opened_by(ME) as physician:
        assert store.verify(physician).ok


def test_listeners_hear_that_the_users_have_changed(practice: Practice, now: int) -> None:
    heard: list[frozenset[str]] = []
    practice.vault.listen(heard.append)
    users.invite(practice.vault, User("bea", "Bea", Role.PHYSICIAN), now)
    users.exchange_keys(practice.vault, now)
    with practice.vault.act(Act("something_else", now)):
        pass
    assert heard == [frozenset({"users"}), frozenset({"users"}), frozenset()]


def test_who_came_by_a_keychain_gives_the_passphrase_of_before(vault: Vault, now: int) -> None:
    secret = slots.add_device(vault, "front desk", now)
    vault.close()
    opened = Vault.open(vault.folder, ME, secret, now, kinds=(SlotKind.DEVICE,))
    with closing(opened), pytest.raises(NotAllowed, match="the one before is asked"):
        users.choose_passphrase(opened, WORDS, now)


def test_a_wrong_passphrase_of_before_counts_as_one_at_the_lock_screen(
    vault: Vault, now: int
) -> None:
    for _ in range(3):
        with pytest.raises(VaultLocked, match="passphrase"):
            users.change_passphrase(vault, "not the one before", WORDS, now)
    with pytest.raises(TriedTooSoon):
        users.change_passphrase(vault, PASSPHRASE, WORDS, now)
