"""Who may open the store, and with which keys: opened, invited, let in, removed."""

import hmac
import json
import os
import re
from dataclasses import dataclass, field, replace

from consultdesk.consultation.audit import Role
from consultdesk.errors import NotAllowed, PassphraseWrong, VaultDamaged, VaultLocked
from consultdesk.vault import key as keys
from consultdesk.vault import pairs
from consultdesk.vault.header import (
    CLINICAL_ROLES,
    RECOVERY,
    Delivery,
    Former,
    Header,
    Kept,
    Member,
    Purpose,
    Root,
    Slot,
    SlotKind,
    Succession,
    delivery,
    new_root,
    succession,
)
from consultdesk.vault.pairs import Pair

TYPED = (SlotKind.PASSPHRASE, SlotKind.INVITATION)
_USER = re.compile(r"[\w.@-]{1,64}")
_RESERVED = frozenset({RECOVERY})


@dataclass(frozen=True)
class OpenKeys:
    """What a passphrase, a device or a recovery sheet opened.

    `own` wraps the member's other keys; `pin` is the root key they trusted last.
    """

    user: str
    role: Role
    administers: bool
    via: SlotKind
    store: bytes = field(repr=False)
    clinical: bytes | None = field(repr=False)
    root: bytes | None = field(repr=False)
    pair: Pair = field(repr=False)
    own: bytes = field(repr=False)

    @property
    def proof(self) -> bytes:
        """What tells these keys from any others without being a key."""
        held = self.store + (self.clinical or b"") + self.pair.signing
        return keys.subkey(held[:32], f"proof {held[32:].hex()}")


# --- opening --------------------------------------------------------------------------------


def unlock(held: Header, user: str, secret: str, kinds: tuple[SlotKind, ...] = TYPED) -> OpenKeys:
    """Open a member's keys; takes as long as Argon2id does.

    Raises VaultLocked for a secret that opens nothing and for a member who was shut out,
    VaultDamaged for a key file that isn't as the members wrote it.
    """
    if user == RECOVERY:
        return _by_sheet(held, secret)
    member = held.member(user)
    for slot in member.slots:
        if slot.kind in kinds:
            own = _own_key(held, member, slot, secret)
            if own is not None:
                return _opened(held, member, own, slot.kind)
    raise _wrong()


def _by_sheet(held: Header, secret: str) -> OpenKeys:
    for member in held.members:
        for slot in member.slots:
            if slot.kind is SlotKind.RECOVERY:
                own = _own_key(held, member, slot, secret)
                if own is not None:
                    return _opened(held, member, own, slot.kind)
    raise PassphraseWrong("This recovery key doesn't open the store.", cure="Is it the newest one?")


def _own_key(held: Header, member: Member, slot: Slot, secret: str) -> bytes | None:
    wrapping = _wrapping(slot, secret)
    try:
        return keys.unwrap(wrapping, slot.wrapped, slot.bound_to(held.store_id, member.name))
    except VaultLocked:
        return None


def _wrapping(slot: Slot, secret: str) -> bytes:
    return keys.derive(secret, slot.salt, slot.parameters)


def _opened(held: Header, member: Member, own: bytes, via: SlotKind) -> OpenKeys:
    pair, pin = _private(held, member, own)
    held.check_roster(pin)
    if member.disabled:
        raise VaultLocked("This user was shut out.", cure="Ask an administrator of the desk.")
    store = _key(held, member, own, pair, Purpose.STORE)
    if store is None:
        raise VaultLocked(
            "The key file holds no key of this store for you.", cure="Ask an administrator."
        )
    if not hmac.compare_digest(held.mac, held.mac_under(store)):
        raise VaultDamaged(
            "The key file was changed from outside.",
            cure="Restore keys.json from its copy or from a backup.",
        )
    clinical = root = None
    if member.role in CLINICAL_ROLES:
        clinical = _key(held, member, own, pair, Purpose.CLINICAL)
    if member.administers:
        root = _key(held, member, own, pair, Purpose.ROOT)
    if root is not None and pairs.public_of(root) != held.roots[-1].public:
        raise _changed()
    return OpenKeys(
        member.name, member.role, member.administers, via, store, clinical, root, pair, own
    )


def check_trusted(held: Header, opened: OpenKeys) -> None:
    """Raise VaultDamaged unless a root key that this member trusts signed who the members are."""
    _pair, pin = _private(held, held.member(opened.user), opened.own)
    held.check_roster(pin)


def _private(held: Header, member: Member, own: bytes) -> tuple[Pair, bytes]:
    try:
        opened = keys.unwrap(own, member.private, _place(held, member.name, "private"))
        box, signing, pin = (bytes.fromhex(part) for part in json.loads(opened))
    except (VaultLocked, ValueError):
        raise _changed() from None
    pair = Pair(box, signing)
    if pair.public != member.pairs[-1] or pair.public != member.public:
        raise _changed()
    return pair, pin


def _key(held: Header, member: Member, own: bytes, pair: Pair, purpose: Purpose) -> bytes | None:
    wanted = held.generations.get(purpose, 0)
    for kept in member.kept:
        if (kept.purpose, kept.generation) == (purpose, wanted):
            try:
                return keys.unwrap(own, kept.wrapped, _kept(held, member.name, purpose, wanted))
            except VaultLocked:
                raise _changed() from None
    for handed in member.delivered:
        if (handed.purpose, handed.generation) == (purpose, wanted):
            said = delivery(held.store_id, member.name, purpose, wanted)
            if not _may_hand(held, handed, said):
                raise _changed()
            return pairs.receive(pair, handed.sent, said)
    return None


def _may_hand(held: Header, handed: Delivery, said: bytes) -> bool:
    """Whether somebody handed this over who may: now a member, and in the role it takes.

    Who left a role knows keys of before; what they hand over must count for nothing.
    """
    if not held.signatures.made(handed.by, said + handed.sent, handed.signature):
        return False
    clinician = any(o.role in CLINICAL_ROLES for o in held.members if o.name == handed.by)
    if handed.purpose is Purpose.CLINICAL:
        return clinician
    administers = any(o.administers for o in held.members if o.name == handed.by)
    return administers or (handed.purpose is Purpose.STORE and clinician)


# --- making and changing a member's own entry -------------------------------------------------


def found(
    store_id: str,
    user: str,
    role: Role,
    secret: str,
    store: bytes,
    clinical: bytes,
    cost: keys.Argon2Parameters,
) -> tuple[Header, OpenKeys]:
    """The key file of a new store, whose founder administers it; not yet sealed."""
    check_name(user)
    root, own, pair = pairs.new_signing(), keys.new_key(), pairs.new_pair()
    bare = Header(
        store_id,
        0,
        dict.fromkeys(Purpose, 1),
        (Root(pairs.public_of(root), b""),),
        0,
        b"",
        (),
    )
    opened = OpenKeys(user, role, True, SlotKind.PASSPHRASE, store, clinical, root, pair, own)
    member = _entry(bare, opened)
    member = replace(member, slots=(_slot(bare, opened, SlotKind.PASSPHRASE, secret, cost),))
    return replace(bare, members=(member,)).signed(root), opened


def _entry(held: Header, opened: OpenKeys) -> Member:
    """A member's entry without slots, with every key they hold under their own."""
    member = Member(
        opened.user, opened.role, opened.administers, False, opened.pair.public, b"", ()
    )
    return taken_in(held, replace(member, private=_sealed_private(held, opened)), opened)


def taken_in(held: Header, member: Member, opened: OpenKeys) -> Member:
    """The member with what was handed to them under their own key."""
    now = {
        Purpose.STORE: opened.store,
        Purpose.CLINICAL: opened.clinical,
        Purpose.ROOT: opened.root,
    }
    kept = tuple(
        Kept(purpose, n, keys.wrap(opened.own, value, _kept(held, member.name, purpose, n)))
        for purpose, value in now.items()
        if value is not None and (n := held.generations[purpose])
    )
    return replace(member, kept=kept, delivered=(), private=_sealed_private(held, opened))


def with_slot(
    held: Header,
    opened: OpenKeys,
    kind: SlotKind,
    secret: str,
    cost: keys.Argon2Parameters,
    label: str = "",
) -> Header:
    """A further way in for the open member; it takes the place of a former one alike."""
    member = held.member(opened.user)
    dropped = {(kind, label)}
    if kind is SlotKind.PASSPHRASE:
        dropped.add((SlotKind.INVITATION, ""))
    others = tuple(slot for slot in member.slots if (slot.kind, slot.label) not in dropped)
    fresh = _slot(held, opened, kind, secret, cost, label)
    return held.with_member(replace(member, slots=(*others, fresh)))


def without_slots(held: Header, user: str, kind: SlotKind, label: str | None = None) -> Header:
    """The member's slots of that kind gone, all or the one so labelled."""
    member = held.member(user)
    left = tuple(s for s in member.slots if s.kind is not kind or label not in (None, s.label))
    return held.with_member(replace(member, slots=left))


def welcomed(
    held: Header, opened: OpenKeys, secret: str, cost: keys.Argon2Parameters
) -> tuple[Header, OpenKeys]:
    """Keys of the newcomer's own in the place of those that the inviter made and knows."""
    pair = pairs.new_pair()
    fresh = replace(opened, pair=pair, own=keys.new_key(), via=SlotKind.PASSPHRASE)
    member = held.member(opened.user)
    said = pairs.sign(opened.pair.signing, succession(member.name, pair.public))
    member = replace(member, slots=(), later=(*member.later, Succession(pair.public, said)))
    held = held.with_member(taken_in(held, member, fresh))
    return with_slot(held, fresh, SlotKind.PASSPHRASE, secret, cost), fresh


# --- an administrator's changes: each needs the root key ---------------------------------------


def invited(
    held: Header,
    by: OpenKeys,
    name: str,
    role: Role,
    secret: str,
    cost: keys.Argon2Parameters,
    *,
    administers: bool,
) -> Header:
    """A newcomer who can open the store, and nothing clinical yet, with the words told them.

    Raises NotAllowed, VaultLocked for a name that can't be one.
    """
    root = _root(by)
    check_name(name)
    # a former one's lines of the audit must not be taken for the newcomer's
    if name in {*(one.name for one in held.members), *(one.name for one in held.former)}:
        raise NotAllowed("A user of that name is or was in this store.", cure="Choose another.")
    pin_of = OpenKeys(
        name,
        role,
        administers,
        SlotKind.INVITATION,
        by.store,
        None,
        root if administers else None,
        pairs.new_pair(),
        keys.new_key(),
    )
    member = _entry(held, pin_of)
    slot = _slot(held, pin_of, SlotKind.INVITATION, secret, cost)
    added = replace(held, members=(*held.members, replace(member, slots=(slot,))))
    return added.signed(root)


def in_role(held: Header, by: OpenKeys, name: str, role: Role, *, administers: bool) -> Header:
    """A member in another role; what the new one doesn't open is taken from their entry.

    Who administers no more still knows the root key, so that it is exchanged too. Raises
    NotAllowed for the last administrator and the last who opens clinical content.
    """
    root = _root(by)
    member = held.member(name)
    left = replace(member, role=role, administers=administers)
    _check_left(held.with_member(left), held)
    if member.role is not role:
        # what they signed in the role before still counts
        before = _former(held, member)
        if role in CLINICAL_ROLES:
            before = replace(before, generation=0)
        held = replace(held, former=(*held.former, before))
    gone = set() if role in CLINICAL_ROLES else {Purpose.CLINICAL}
    gone |= set() if administers else {Purpose.ROOT}
    left = replace(
        left,
        kept=tuple(one for one in left.kept if one.purpose not in gone),
        delivered=tuple(one for one in left.delivered if one.purpose not in gone),
    )
    if administers and not member.administers:
        left = _handed(held, by, left, Purpose.ROOT, root, held.generations[Purpose.ROOT])
    held = held.with_member(left)
    if member.administers and not administers:
        held, root = _with_new_root(held, by, root)
    return held.signed(root)


def shut_out(held: Header, by: OpenKeys, name: str, *, disabled: bool) -> Header:
    """A member who may not open the store for now, or may again. Raises NotAllowed."""
    root = _root(by)
    left = held.with_member(replace(held.member(name), disabled=disabled))
    _check_left(left, held)
    return left.signed(root)


def removed(held: Header, by: OpenKeys, name: str) -> Header:
    """A member gone; where they administered, the root key is exchanged too.

    Their signatures still count. The store key, which they know, is exchanged by the re-key
    that has to follow. Raises NotAllowed.
    """
    root = _root(by)
    if name == by.user:
        raise NotAllowed("Nobody removes themselves.", cure="Have another administrator do it.")
    gone = held.member(name)
    left = replace(
        held,
        members=tuple(one for one in held.members if one.name != name),
        former=(*held.former, _former(held, gone)),
    )
    _check_left(left, held)
    if gone.administers:
        left, root = _with_new_root(left, by, root)
    return left.signed(root)


def _former(held: Header, gone: Member) -> Former:
    n = held.generations[Purpose.CLINICAL]
    knew = n if gone.holds(Purpose.CLINICAL, n) else 0
    return Former(gone.name, gone.role, tuple(pair.signing for pair in gone.pairs), knew)


def _with_new_root(held: Header, by: OpenKeys, before: bytes) -> tuple[Header, bytes]:
    after = pairs.new_signing()
    said = pairs.sign(before, new_root(held.store_id, pairs.public_of(after)))
    n = held.generations[Purpose.ROOT] + 1
    held = replace(
        held,
        roots=(*held.roots, Root(pairs.public_of(after), said)),
        generations=held.generations | {Purpose.ROOT: n},
    )
    for member in held.members:
        if member.administers:
            held = held.with_member(_handed(held, by, member, Purpose.ROOT, after, n))
    return held, after


# --- handing keys over --------------------------------------------------------------------------


def waiting(held: Header) -> tuple[Member, ...]:
    """Whose role opens clinical content but who hasn't been given the key."""
    n = held.generations[Purpose.CLINICAL]
    return tuple(
        one
        for one in held.members
        if one.role in CLINICAL_ROLES and not one.holds(Purpose.CLINICAL, n)
    )


def let_in(held: Header, by: OpenKeys, name: str, spoken: str) -> Header:
    """The clinical key handed to a newcomer, whose own screen shows the digits of `spoken`.

    The digits are compared so that nobody who wrote in the key file is let in instead.
    Raises NotAllowed.
    """
    if by.clinical is None:
        raise NotAllowed("Only who opens clinical content can let others in.")
    member = held.member(name)
    if member.role not in CLINICAL_ROLES:
        raise NotAllowed("That user's role doesn't open clinical content.")
    if member.invited:
        raise NotAllowed(
            "That user hasn't opened the store yet.", cure="They choose their passphrase first."
        )
    if _digits(spoken) != _digits(member.public.spoken):
        raise NotAllowed(
            "These aren't the digits of that user's key.",
            cure="Have them read out again what their own screen shows.",
        )
    n = held.generations[Purpose.CLINICAL]
    return held.with_member(_handed(held, by, member, Purpose.CLINICAL, by.clinical, n))


def rekeyed(
    held: Header, by: OpenKeys, store: bytes, clinical: bytes | None
) -> tuple[Header, OpenKeys]:
    """Every member handed the new store key, and those who hold it the new clinical key."""
    old, mine = held.generations, held.member(by.user)
    root = _key(held, mine, by.own, by.pair, Purpose.ROOT) if by.administers else None
    fresh = replace(by, store=store, clinical=clinical or by.clinical, root=root)
    generations = old | {Purpose.STORE: old[Purpose.STORE] + 1}
    if clinical is not None:
        generations |= {Purpose.CLINICAL: old[Purpose.CLINICAL] + 1}
    after = replace(held, generations=generations)
    for member in held.members:
        if member.name == by.user:
            after = after.with_member(taken_in(after, member, fresh))
            continue
        one = _handed(after, by, member, Purpose.STORE, store, generations[Purpose.STORE])
        if clinical is not None and member.holds(Purpose.CLINICAL, old[Purpose.CLINICAL]):
            n = generations[Purpose.CLINICAL]
            one = _handed(after, by, one, Purpose.CLINICAL, clinical, n)
        after = after.with_member(one)
    return after, fresh


def _handed(
    held: Header, by: OpenKeys, to: Member, purpose: Purpose, value: bytes, generation: int
) -> Member:
    said = delivery(held.store_id, to.name, purpose, generation)
    sent = pairs.send(to.public, value, said)
    fresh = Delivery(purpose, generation, by.user, sent, pairs.sign(by.pair.signing, said + sent))
    others = tuple(one for one in to.delivered if one.purpose is not purpose)
    return replace(to, delivered=(*others, fresh))


# --- inside ---------------------------------------------------------------------------------------


def check_name(name: str) -> None:
    """Raise VaultLocked for a name that can't be a user's."""
    if not _USER.fullmatch(name) or name in _RESERVED:
        raise VaultLocked(
            "A user name has letters, digits, dots and dashes, at most 64 characters."
        )


def _slot(
    held: Header,
    opened: OpenKeys,
    kind: SlotKind,
    secret: str,
    cost: keys.Argon2Parameters,
    label: str = "",
) -> Slot:
    bare = Slot(kind, opened.role, opened.administers, cost, os.urandom(16), b"", label)
    bound = bare.bound_to(held.store_id, opened.user)
    return replace(bare, wrapped=keys.wrap(_wrapping(bare, secret), opened.own, bound))


def _sealed_private(held: Header, opened: OpenKeys) -> bytes:
    pin = held.roots[-1].public
    said = json.dumps([opened.pair.box.hex(), opened.pair.signing.hex(), pin.hex()]).encode()
    return keys.wrap(opened.own, said, _place(held, opened.user, "private"))


def _check_left(left: Header, before: Header) -> None:
    """Raise NotAllowed where nobody would be left to administer, or to open what is clinical."""
    able = [one for one in left.members if not one.disabled]
    if not any(one.administers and not one.invited for one in able):
        raise NotAllowed(
            "This is the last administrator of the store.", cure="Name another one first."
        )
    n = before.generations[Purpose.CLINICAL]
    if not any(one.role in CLINICAL_ROLES and one.holds(Purpose.CLINICAL, n) for one in able):
        raise NotAllowed(
            "This is the last user who opens clinical content.", cure="Let another one in first."
        )


def _root(by: OpenKeys) -> bytes:
    if by.root is None:
        raise NotAllowed("Only an administrator can change who uses the store.")
    return by.root


def _digits(said: str) -> str:
    return "".join(letter for letter in said if letter.isdecimal())


def _place(held: Header, name: str, what: str) -> bytes:
    return json.dumps([what, held.store_id, name]).encode()


def _kept(held: Header, name: str, purpose: Purpose, generation: int) -> bytes:
    return json.dumps(["kept", held.store_id, name, purpose.value, generation]).encode()


def _changed() -> VaultDamaged:
    return VaultDamaged(
        "Your entry in the key file was changed from outside.",
        cure="Restore keys.json from its copy or from a backup.",
    )


def _wrong() -> PassphraseWrong:
    return PassphraseWrong(
        "This passphrase doesn't open the store.", cure="Check Caps Lock and try again."
    )
