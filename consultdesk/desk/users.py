"""Who uses the store: invited, let in, in another role, shut out, removed, and new keys."""

import secrets
from dataclasses import dataclass
from enum import StrEnum

from consultdesk.consultation.audit import Act, Role, User
from consultdesk.desk import attempts, passphrases
from consultdesk.errors import ClinicalContentClosed, FormIncomplete, NotAllowed
from consultdesk.vault import members, practice, slots
from consultdesk.vault.header import CLINICAL_ROLES, Header, Member, Purpose, SlotKind
from consultdesk.vault.members import OpenKeys
from consultdesk.vault.rows import Writing
from consultdesk.vault.vault import Vault

_TOPICS = frozenset({"users"})
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 5, 5


class Standing(StrEnum):
    """How far a user has come."""

    INVITED = "invited"
    WAITING = "waiting for a key"
    ACTIVE = "active"
    SHUT_OUT = "shut out"


@dataclass(frozen=True)
class StoreUser:
    """A user as the list of users shows them."""

    name: str
    full_name: str
    role: Role
    administers: bool
    standing: Standing
    has_recovery: bool
    devices: int
    registration: str = ""
    """As letters say it; nothing where the looker opens nothing clinical."""

    @property
    def named(self) -> bool:
        """Whether a full name is known, as letters say it."""
        return self.full_name != self.name


def users(vault: Vault) -> tuple[StoreUser, ...]:
    """Everyone who may open the store."""
    held = vault.members
    with vault.read() as reading:
        known = {one.name: practice.user(reading, one.name) for one in held.members}
    return tuple(
        StoreUser(
            one.name,
            known[one.name].full_name,
            one.role,
            one.administers,
            _standing(held, one),
            any(slot.kind is SlotKind.RECOVERY for slot in one.slots),
            sum(slot.kind is SlotKind.DEVICE for slot in one.slots),
            known[one.name].registration,
        )
        for one in held.members
    )


def own_digits(vault: Vault) -> str:
    """What the open user reads out to whoever lets them in."""
    return vault.opened.pair.public.spoken


def waits(vault: Vault) -> bool:
    """Whether the open user's role opens clinical content, and nobody has let them in yet."""
    return vault.role in CLINICAL_ROLES and not vault.clinical


def new_keys_due(vault: Vault) -> bool:
    """Whether somebody who left still knows the clinical key, so that it must be exchanged."""
    return vault.members.clinical_due


def invite(vault: Vault, user: User, now: int, *, administers: bool = False) -> str:
    """Make room for a newcomer; returns the words to tell them, which hold once.

    Raises NotAllowed for who isn't an administrator and for a name that was taken.
    """
    code = "-".join(
        "".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS)
    )

    def change(held: Header, mine: OpenKeys) -> tuple[Header, OpenKeys]:
        cost = slots.cost_of(held, mine.user)
        added = members.invited(
            held, mine, user.name, user.role, code, cost, administers=administers
        )
        return added, mine

    def also(writing: Writing) -> None:
        practice.add_user(writing, user, now)

    vault.change_keys(Act("invite_user", now, entity=user.name, topics=_TOPICS), change, also)
    return code


def invited(vault: Vault) -> bool:
    """Whether the open user came by an invitation and has to choose a passphrase first."""
    return vault.opened.via is SlotKind.INVITATION


def by_recovery(vault: Vault) -> bool:
    """Whether the open user came by a recovery sheet, so that a passphrase may be lost."""
    return vault.opened.via is SlotKind.RECOVERY


def choose_passphrase(vault: Vault, passphrase: str, now: int) -> None:
    """Give the open user a passphrase of their own, after an invitation or by the recovery sheet.

    Raises VaultLocked for a weak one, NotAllowed for who came by a passphrase or a keychain.
    """
    if vault.opened.via not in (SlotKind.INVITATION, SlotKind.RECOVERY):
        raise NotAllowed("To change a passphrase, the one before is asked.")
    with vault.read() as reading:
        passphrases.check_strong(passphrase, practice.user(reading, vault.user))
    slots.set_passphrase(vault, passphrase, now)


def change_passphrase(vault: Vault, before: str, after: str, now: int) -> None:
    """Exchange the open user's passphrase. Raises VaultLocked for a wrong or a weak one."""
    with vault.read() as reading:
        passphrases.check_strong(after, practice.user(reading, vault.user))
    attempts.reauthenticate(vault, before, now)  # a wrong one is counted, as at the lock screen
    slots.change_passphrase(vault, before, after, now)


def let_in(vault: Vault, name: str, digits: str, now: int, *, full_name: str = "") -> None:
    """Hand the clinical key to a newcomer who reads out the digits on their own screen.

    With their full name where nobody who could seal it has written it down. Raises NotAllowed.
    """
    said = _one_line(full_name)
    if said:
        _check_may_name(vault, name)

    def change(held: Header, mine: OpenKeys) -> tuple[Header, OpenKeys]:
        return members.let_in(held, mine, name, digits), mine

    def also(writing: Writing) -> None:
        if said:
            practice.name_user(writing, name, said)

    vault.change_keys(Act("let_user_in", now, entity=name, topics=_TOPICS), change, also)


def why_not_named(vault: Vault, name: str, *, named: bool) -> str:
    """Why the open user can't write down that user's full name; "" where they can.

    A name that letters carry is changed by an administrator alone: nobody signs as another.
    """
    if not vault.clinical:
        return "Full names are sealed, and your role opens nothing sealed."
    if named and not vault.opened.administers:
        return "A full name that is known is changed by an administrator."
    waits = {one.name for one in members.waiting(vault.members)}
    if name != vault.user and name not in waits and not vault.opened.administers:
        return "Only they themselves or an administrator can write it down."
    return ""


def set_full_name(
    vault: Vault, name: str, full_name: str, now: int, *, registration: str | None = None
) -> None:
    """Write down a user's full name and registration number, as their letters say them.

    By the number a reviewer is also known to be the physician of the first opinion; where none
    is said it stays what it is. Raises FormIncomplete without a name, ClinicalContentClosed,
    NotAllowed, VaultLocked for a user nobody knows.
    """
    said = _one_line(full_name)
    if not said:
        raise FormIncomplete("Type the full name.")
    vault.members.member(name)
    _check_may_name(vault, name)
    with vault.act(Act("name_user", now, entity=name, topics=_TOPICS)) as writing:
        number = None if registration is None else _one_line(registration)
        practice.name_user(writing, name, said, number)


def change_role(vault: Vault, name: str, role: Role, now: int, *, administers: bool) -> None:
    """Put a user in another role; where it opens less, the keys they know are exchanged.

    Raises NotAllowed, also for one's own role: who gives up a right would make the key that
    shuts them out. VaultBusy where keys are to be exchanged and the store is open elsewhere.
    """
    if name == vault.user:
        raise NotAllowed("Nobody changes their own role.", cure="Have another administrator do it.")
    held = vault.members.member(name)

    def change(known: Header, mine: OpenKeys) -> tuple[Header, OpenKeys]:
        return members.in_role(known, mine, name, role, administers=administers), mine

    def also(writing: Writing) -> None:
        practice.set_role(writing, name, role)

    act = Act("change_role", now, entity=name, topics=_TOPICS)
    knew = _knows_clinical(vault, held)
    loses = held.role in CLINICAL_ROLES and role not in CLINICAL_ROLES
    if loses or (held.administers and not administers):
        vault.exchange_keys(act, change, also, clinical=loses and knew and vault.clinical)
    else:
        vault.change_keys(act, change, also)


def shut_out(vault: Vault, name: str, now: int, *, disabled: bool = True) -> None:
    """Have the program open the store for a user no more, or again. Raises NotAllowed.

    Only removing them exchanges the keys they know.
    """

    def change(held: Header, mine: OpenKeys) -> tuple[Header, OpenKeys]:
        return members.shut_out(held, mine, name, disabled=disabled), mine

    what = "shut_user_out" if disabled else "readmit_user"
    vault.change_keys(Act(what, now, entity=name, topics=_TOPICS), change)


def remove(vault: Vault, name: str, now: int) -> None:
    """Remove a user, and exchange every key they know that this user can exchange.

    Where they knew the clinical key and this user doesn't, `new_keys_due` says so. Raises
    NotAllowed, VaultBusy while another window or command has the store open.
    """

    def change(held: Header, mine: OpenKeys) -> tuple[Header, OpenKeys]:
        return members.removed(held, mine, name), mine

    act = Act("remove_user", now, entity=name, topics=_TOPICS)
    knew = _knows_clinical(vault, vault.members.member(name))
    vault.exchange_keys(act, change, clinical=knew and vault.clinical)


def exchange_keys(vault: Vault, now: int) -> None:
    """Put the whole store under new keys. Raises VaultBusy, NotAllowed for a manager.

    A clinician exchanges the clinical key too; its holders find the new one at their unlock.
    """
    if not (vault.opened.administers or vault.clinical):
        raise NotAllowed("Your role doesn't permit this step.", cure="Ask an administrator.")

    def change(held: Header, mine: OpenKeys) -> tuple[Header, OpenKeys]:
        return held, mine

    act = Act("exchange_keys", now, topics=_TOPICS)
    vault.exchange_keys(act, change, clinical=vault.clinical)


def _one_line(full_name: str) -> str:
    return " ".join(full_name.split())


def _check_may_name(vault: Vault, name: str) -> None:
    with vault.read() as reading:
        named = practice.user(reading, name).full_name != name
    if why := why_not_named(vault, name, named=named):
        raise (NotAllowed if vault.clinical else ClinicalContentClosed)(why)


def _knows_clinical(vault: Vault, one: Member) -> bool:
    return one.holds(Purpose.CLINICAL, vault.members.generations[Purpose.CLINICAL])


def _standing(held: Header, one: Member) -> Standing:
    if one.disabled:
        return Standing.SHUT_OUT
    if one.invited:
        return Standing.INVITED
    return Standing.WAITING if one in members.waiting(held) else Standing.ACTIVE
