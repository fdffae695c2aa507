"""The store's key file: who may open it, in two copies, replaced as a whole."""

import base64
import hashlib
import hmac
import json
import os
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from consultdesk.consultation.audit import Role
from consultdesk.errors import VaultDamaged, VaultLocked
from consultdesk.vault import key as keys
from consultdesk.vault.pairs import Public, Signatures, is_signed, sign

NAMES = ("keys.json", "keys-copy.json")
_VERSION = 2
_MOST_BYTES = 1 << 20

RECOVERY = "recovery"
"""The name under which the key on a recovery sheet opens the store."""

CLINICAL_ROLES = frozenset({Role.PHYSICIAN, Role.ASSISTANT})
"""The roles that are given the clinical key."""


class SlotKind(StrEnum):
    """What opens a slot: words, words that hold once, this computer's keychain, or the sheet."""

    PASSPHRASE = "passphrase"  # noqa: S105 - the kind, not a secret
    INVITATION = "invitation"
    DEVICE = "device"
    RECOVERY = "recovery"


class Purpose(StrEnum):
    """What a key is for: the database, clinical content, the list of members."""

    STORE = "store"
    CLINICAL = "clinical"
    ROOT = "root"


@dataclass(frozen=True)
class Slot:
    """One way to a member's own key, which is wrapped and bound to what stands here.

    `role` and `administers` are those at the time it was made: it doesn't open as another's.
    """

    kind: SlotKind
    role: Role
    administers: bool
    parameters: keys.Argon2Parameters
    salt: bytes
    wrapped: bytes
    label: str = ""

    def bound_to(self, store_id: str, name: str) -> bytes:
        """What the wrapping is bound to: a changed user, role or cost doesn't open."""
        cost = self.parameters
        return _said(
            "slot",
            store_id,
            name,
            self.role.value,
            self.administers,
            self.kind.value,
            [cost.passes, cost.memory_kib, cost.lanes],
            self.label,
        )


@dataclass(frozen=True)
class Kept:
    """A key under the member's own key; `generation` grows when the key is exchanged."""

    purpose: Purpose
    generation: int
    wrapped: bytes


@dataclass(frozen=True)
class Delivery:
    """A key that another member handed over, signed by them, until it is taken in."""

    purpose: Purpose
    generation: int
    by: str
    sent: bytes
    signature: bytes


@dataclass(frozen=True)
class Succession:
    """A member's later pair, signed with the one before."""

    public: Public
    signature: bytes


@dataclass(frozen=True)
class Member:
    """Someone with a place in the store; name, role and first pair stand in the roster."""

    name: str
    role: Role
    administers: bool
    disabled: bool
    first: Public
    private: bytes
    slots: tuple[Slot, ...]
    kept: tuple[Kept, ...] = ()
    delivered: tuple[Delivery, ...] = ()
    later: tuple[Succession, ...] = ()

    @property
    def public(self) -> Public:
        """The pair in use."""
        return self.later[-1].public if self.later else self.first

    @property
    def pairs(self) -> tuple[Public, ...]:
        """All pairs from the first, as far as each is vouched for by the one before."""
        found = [self.first]
        for next_one in self.later:
            said = succession(self.name, next_one.public)
            if not is_signed(found[-1].signing, said, next_one.signature):
                break
            found.append(next_one.public)
        return tuple(found)

    @property
    def invited(self) -> bool:
        """Whether they haven't come yet, so that nobody but the inviter knows their pair."""
        return any(slot.kind is SlotKind.INVITATION for slot in self.slots)

    def holds(self, purpose: Purpose, generation: int) -> bool:
        """Whether they have that key, or find it at their next unlock."""
        known = {(one.purpose, one.generation) for one in self.kept}
        known |= {(one.purpose, one.generation) for one in self.delivered}
        return (purpose, generation) in known


@dataclass(frozen=True)
class Former:
    """Someone who was removed, or left a role: their signatures of that time still count.

    `generation` is that of the clinical key they knew, 0 for one who knew none.
    """

    name: str
    role: Role
    signing: tuple[bytes, ...]
    generation: int = 0


@dataclass(frozen=True)
class Root:
    """A key that signs the roster, itself signed with the one before."""

    public: bytes
    signature: bytes


@dataclass(frozen=True)
class Header:
    """All members of a store; `sequence` grows with every change of the file.

    `roster_version` grows with every change of who is a member and in what role; a signature
    of an administrator covers it. The MAC needs the store key.
    """

    store_id: str
    sequence: int
    generations: dict[Purpose, int]
    roots: tuple[Root, ...]
    roster_version: int
    roster_signature: bytes
    members: tuple[Member, ...]
    former: tuple[Former, ...] = ()
    mac: str = field(default="", compare=False)

    def member(self, user: str) -> Member:
        """The user of that name; with no name the only one. Raises VaultLocked."""
        if not user and len(self.members) == 1:
            return self.members[0]
        for one in self.members:
            if one.name == user:
                return one
        raise VaultLocked(
            "This store doesn't know that user." if user else "Say which user opens the store."
        )

    def with_member(self, member: Member) -> "Header":
        """The same with one member exchanged."""
        return replace(
            self, members=tuple(member if one.name == member.name else one for one in self.members)
        )

    @property
    def roster(self) -> bytes:
        """What an administrator's signature covers."""
        return _said(
            "roster",
            self.store_id,
            self.roster_version,
            [
                [
                    one.name,
                    one.role.value,
                    one.administers,
                    one.disabled,
                    _text(one.first.box),
                    _text(one.first.signing),
                ]
                for one in self.members
            ],
            [_former_json(one) for one in self.former],
        )

    @property
    def clinical_due(self) -> bool:
        """Whether somebody who may no longer open what is clinical still knows its key."""
        now = self.generations[Purpose.CLINICAL]
        return any(one.generation == now for one in self.former)

    @property
    def signatures(self) -> Signatures:
        """The public keys by which each member's signatures are known, removed ones too."""
        here = [(one.name, one.role, tuple(p.signing for p in one.pairs)) for one in self.members]
        gone = [(one.name, one.role, one.signing) for one in self.former]
        known: dict[str, tuple[bytes, ...]] = {}
        roles: dict[str, frozenset[str]] = {}
        for name, role, signing in gone + here:
            known[name] = known.get(name, ()) + signing
            roles[name] = roles.get(name, frozenset()) | {role.value}
        return Signatures(known=known, roles=roles)

    def signed(self, root: bytes) -> "Header":
        """The same with a new roster version, signed with the root key."""
        fresh = replace(self, roster_version=self.roster_version + 1)
        return replace(fresh, roster_signature=sign(root, fresh.roster))

    def sealed(self, store: bytes) -> "Header":
        """The same as the next file: a new sequence and its MAC."""
        fresh = replace(self, sequence=self.sequence + 1)
        return replace(fresh, mac=fresh.mac_under(store))

    def mac_under(self, store: bytes) -> str:
        """HMAC-SHA256 (hex) over all the file says, under a key of the store key."""
        body = json.dumps(_as_json(self) | {"mac": ""}, sort_keys=True).encode()
        return hmac.new(keys.subkey(store, "header"), body, hashlib.sha256).hexdigest()

    def root_after(self, pinned: bytes) -> bytes | None:
        """The root key in use, where it follows from the one a member knows; else None."""
        publics = [one.public for one in self.roots]
        if pinned not in publics:
            return None
        start = publics.index(pinned)
        for before, after in zip(self.roots[start:], self.roots[start + 1 :], strict=False):
            said = new_root(self.store_id, after.public)
            if not is_signed(before.public, said, after.signature):
                return None
        return publics[-1]

    def check_roster(self, pinned: bytes) -> None:
        """Raise VaultDamaged unless an administrator signed who the members are."""
        root = self.root_after(pinned)
        if root is None or not is_signed(root, self.roster, self.roster_signature):
            raise VaultDamaged(
                "The list of users in the key file was changed from outside.",
                cure="Restore keys.json from its copy or from a backup.",
            )


def succession(name: str, public: Public) -> bytes:
    """What a member signs when a later pair takes the place of the one in use."""
    return _said("pair", name, _text(public.box), _text(public.signing))


def new_root(store_id: str, public: bytes) -> bytes:
    """What a root key signs when another takes its place."""
    return _said("root", store_id, _text(public))


def delivery(store_id: str, to: str, purpose: Purpose, generation: int) -> bytes:
    """What a key on its way is bound to."""
    return _said("delivery", store_id, to, purpose.value, generation)


def write(folder: Path, header: Header) -> None:
    """Replace both copies, one after the other, each as a whole and synced."""
    body = json.dumps(_as_json(header), indent=1, sort_keys=True)
    checksum = hashlib.sha256(body.encode()).hexdigest()
    text = json.dumps({"header": body, "sha256": checksum})
    for name in NAMES:
        partial = folder / f"{name}.partial"
        partial.unlink(missing_ok=True)
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(folder / name)
        sync_folder(folder)


def read(folder: Path) -> Header:
    """The newest sound copy. Raises VaultDamaged when neither can be read."""
    found = copies(folder)
    if not found:
        raise VaultDamaged(
            "The store's key file is missing or damaged.",
            cure="Restore keys.json or keys-copy.json from a backup.",
        )
    return max(found, key=lambda header: header.sequence)


def copies(folder: Path) -> tuple[Header, ...]:
    """Every copy that can be read. Raises VaultDamaged for one of a newer program."""
    return tuple(header for name in NAMES if (header := _read_one(folder / name)))


def sync_folder(folder: Path) -> None:
    """Make a rename or a new name in the folder survive a power cut (a no-op on Windows)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read_one(path: Path) -> Header | None:
    try:
        # a pipe in its place would have its reader wait for ever
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return None
        outer = json.loads(path.read_text("utf-8"))
        body = outer["header"]
        if hashlib.sha256(body.encode()).hexdigest() != outer["sha256"]:
            return None
        return _from_json(json.loads(body))
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        OverflowError,
        RecursionError,
    ):
        return None


def _as_json(header: Header) -> dict[str, Any]:
    return {
        "version": _VERSION,
        "store": header.store_id,
        "sequence": header.sequence,
        "generations": {purpose.value: n for purpose, n in header.generations.items()},
        "roots": [[_text(one.public), _text(one.signature)] for one in header.roots],
        "roster": [header.roster_version, _text(header.roster_signature)],
        "members": [_member_json(one) for one in header.members],
        "former": [_former_json(one) for one in header.former],
        "mac": header.mac,
    }


def _former_json(one: Former) -> list[Any]:
    return [one.name, one.role.value, [_text(k) for k in one.signing], one.generation]


def _member_json(member: Member) -> dict[str, Any]:
    return {
        "name": member.name,
        "role": member.role.value,
        "administers": member.administers,
        "disabled": member.disabled,
        "pair": [_text(member.first.box), _text(member.first.signing)],
        "later": [
            [_text(one.public.box), _text(one.public.signing), _text(one.signature)]
            for one in member.later
        ],
        "private": _text(member.private),
        "slots": [
            {
                "kind": slot.kind.value,
                "role": slot.role.value,
                "administers": slot.administers,
                "label": slot.label,
                "argon2id": [
                    slot.parameters.passes,
                    slot.parameters.memory_kib,
                    slot.parameters.lanes,
                ],
                "salt": _text(slot.salt),
                "wrapped": _text(slot.wrapped),
            }
            for slot in member.slots
        ],
        "keys": [[one.purpose.value, one.generation, _text(one.wrapped)] for one in member.kept],
        "delivered": [
            [one.purpose.value, one.generation, one.by, _text(one.sent), _text(one.signature)]
            for one in member.delivered
        ],
    }


def _from_json(body: dict[str, Any]) -> Header:
    if body["version"] != _VERSION:
        newer = int(body["version"]) > _VERSION
        raise VaultDamaged(
            "This store was made by a newer ConsultDesk."
            if newer
            else "This store was made by a trial version of ConsultDesk.",
            cure="Update it." if newer else "Make a new store and bring the records in again.",
        )
    version, signature = body["roster"]
    return Header(
        store_id=str(body["store"]),
        sequence=_number(body["sequence"]),
        generations={Purpose(name): _number(n) for name, n in body["generations"].items()},
        roots=tuple(Root(_bytes(public), _bytes(said)) for public, said in body["roots"]),
        roster_version=_number(version),
        roster_signature=_bytes(signature),
        members=tuple(_member(one) for one in body["members"]),
        former=tuple(
            Former(str(name), Role(role), tuple(_bytes(k) for k in signing), _number(n))
            for name, role, signing, n in body["former"]
        ),
        mac=str(body["mac"]),
    )


def _member(said: dict[str, Any]) -> Member:
    return Member(
        name=str(said["name"]),
        role=Role(said["role"]),
        administers=said["administers"] is True,
        disabled=said["disabled"] is not False,
        first=_public(*said["pair"]),
        private=_bytes(said["private"]),
        slots=tuple(_slot(one) for one in said["slots"]),
        kept=tuple(Kept(Purpose(p), _number(n), _bytes(w)) for p, n, w in said["keys"]),
        delivered=tuple(
            Delivery(Purpose(p), _number(n), str(by), _bytes(sent), _bytes(signature))
            for p, n, by, sent, signature in said["delivered"]
        ),
        later=tuple(Succession(_public(b, s), _bytes(by)) for b, s, by in said["later"]),
    )


def _slot(said: dict[str, Any]) -> Slot:
    cost = said["argon2id"]
    if not isinstance(cost, list):
        raise TypeError
    return Slot(
        SlotKind(said["kind"]),
        Role(said["role"]),
        said["administers"] is True,
        keys.Argon2Parameters(*(_number(part) for part in cost)),
        _bytes(said["salt"]),
        _bytes(said["wrapped"]),
        str(said["label"]),
    )


def _public(box: str, signing: str) -> Public:
    return Public(_bytes(box), _bytes(signing))


def _number(said: object) -> int:
    return int(str(said))


def _said(*parts: object) -> bytes:
    return json.dumps(parts, ensure_ascii=True).encode()


def _bytes(text: object) -> bytes:
    return base64.b64decode(str(text), validate=True)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
