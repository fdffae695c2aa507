"""The key file: two copies, whole or not at all, and bound to what they say."""

import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from consultdesk.consultation.audit import Role
from consultdesk.errors import VaultDamaged, VaultLocked
from consultdesk.vault import header, members
from consultdesk.vault.door import roles_of
from consultdesk.vault.header import (
    Former,
    Header,
    Purpose,
    Root,
    SlotKind,
    Succession,
    read,
    write,
)
from consultdesk.vault.key import FLOOR, Argon2Parameters
from consultdesk.vault.members import unlock
from consultdesk.vault.pairs import Public

STORE, CLINICAL = b"s" * 32, b"c" * 32
WORDS = "a long passphrase"


@pytest.fixture(scope="module")
def whole() -> Header:
    held, _opened = members.found("store", "anna", Role.PHYSICIAN, WORDS, STORE, CLINICAL, FLOOR)
    return held.sealed(STORE)


def changed_file(folder: Path, change: Any, name: str = "keys.json") -> None:  # noqa: ANN401
    """Rewrite one copy with a changed body and a checksum that fits."""
    body = json.loads(json.loads((folder / name).read_text())["header"])
    text = json.dumps(change(body))
    digest = hashlib.sha256(text.encode()).hexdigest()
    (folder / name).write_text(json.dumps({"header": text, "sha256": digest}))


def with_slot(held: Header, **changes: Any) -> Header:  # noqa: ANN401
    (member,) = held.members
    (slot,) = member.slots
    return held.with_member(replace(member, slots=(replace(slot, **changes),)))


def test_a_slot_opens_with_its_passphrase(whole: Header, tmp_path: Path) -> None:
    write(tmp_path, whole)
    opened = unlock(read(tmp_path), "anna", WORDS)
    assert (opened.user, opened.role, opened.administers) == ("anna", Role.PHYSICIAN, True)
    assert (opened.store, opened.clinical) == (STORE, CLINICAL)
    assert roles_of(tmp_path) == (("anna", Role.PHYSICIAN),)


def test_a_wrong_passphrase_does_not_open(whole: Header) -> None:
    with pytest.raises(VaultLocked, match="passphrase"):
        unlock(whole, "anna", "another passphrase")


@pytest.mark.parametrize(
    "change",
    [
        {"role": Role.ADMINISTRATOR},
        {"administers": False},
        {"kind": SlotKind.INVITATION},
        {"label": "x"},
        {"parameters": Argon2Parameters(2, 64 * 1024, 4)},
        {"salt": b"x" * 16},
        {"wrapped": b"x" * 60},
    ],
)
def test_a_changed_slot_does_not_open(whole: Header, change: dict[str, Any]) -> None:
    with pytest.raises(VaultLocked):
        unlock(with_slot(whole, **change), "anna", WORDS)


def test_a_slot_does_not_open_under_another_name_or_in_another_store(whole: Header) -> None:
    (anna,) = whole.members
    renamed = replace(whole, members=(replace(anna, name="bo"),))
    with pytest.raises(VaultLocked):
        unlock(renamed, "bo", WORDS)
    with pytest.raises(VaultLocked):
        unlock(replace(whole, store_id="other"), "anna", WORDS)


@pytest.mark.parametrize(
    "change",
    [
        {"role": Role.ASSISTANT},
        {"administers": False},
        {"disabled": True},
        {"first": Public(b"b" * 32, b"s" * 32)},
        {"private": b"x" * 60},
        {"kept": ()},
        {"later": (Succession(Public(b"b" * 32, b"s" * 32), b"x" * 64),)},
    ],
)
def test_a_changed_member_does_not_open(whole: Header, change: dict[str, Any]) -> None:
    changed = whole.with_member(replace(whole.members[0], **change))
    with pytest.raises((VaultDamaged, VaultLocked), match="changed from outside|holds no key"):
        unlock(replace(changed, mac=changed.mac_under(STORE)), "anna", WORDS)


@pytest.mark.parametrize(
    "change",
    [
        {"roots": ()},
        {"roots": (Root(b"r" * 32, b""),)},
        {"roster_version": 7},
        {"roster_signature": b"x" * 64},
        {"former": (Former("eve", Role.PHYSICIAN, (b"s" * 32,)),)},
        {"sequence": 99},
        {"generations": dict.fromkeys(Purpose, 1) | {Purpose.CLINICAL: 2}},
    ],
)
def test_a_changed_key_file_does_not_open(whole: Header, change: dict[str, Any]) -> None:
    with pytest.raises(VaultDamaged, match="changed from outside"):
        unlock(replace(whole, **change), "anna", WORDS)


def test_keys_of_one_purpose_are_not_taken_for_another(whole: Header) -> None:
    (anna,) = whole.members
    store, clinical, root = anna.kept
    crossed = (replace(store, wrapped=clinical.wrapped), clinical, root)
    with pytest.raises(VaultDamaged, match="changed from outside"):
        unlock(whole.with_member(replace(anna, kept=crossed)), "anna", WORDS)


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "a/b", "ä\n", "recovery"])
def test_a_user_name_is_short_and_plain(name: str) -> None:
    with pytest.raises(VaultLocked, match="user name"):
        members.found("store", name, Role.PHYSICIAN, WORDS, STORE, CLINICAL, FLOOR)


def test_a_user_is_found_by_name_and_the_only_one_without(whole: Header) -> None:
    (anna,) = whole.members
    assert whole.member("") == whole.member("anna") == anna
    two = replace(whole, members=(anna, replace(anna, name="bo")))
    assert two.member("bo").name == "bo"
    with pytest.raises(VaultLocked, match="Say which user"):
        two.member("")
    with pytest.raises(VaultLocked, match="doesn't know"):
        two.member("eve")


@pytest.mark.parametrize("damaged", header.NAMES)
@pytest.mark.parametrize("how", ["gone", "cut", "bits", "empty", "huge", "binary", "a folder"])
def test_of_two_copies_the_sound_one_is_used(
    whole: Header, tmp_path: Path, damaged: str, how: str
) -> None:
    write(tmp_path, whole)
    path = tmp_path / damaged
    data = path.read_bytes()
    path.unlink()
    if how == "a folder":
        path.mkdir()
    elif how != "gone":
        spoiled = {
            "cut": data[:-30],
            "bits": data.replace(b"anna", b"anne"),
            "empty": b"",
            "huge": b" " * (1 << 20) + data,
            "binary": b"\xff\xfe\x00" * 40,
        }
        path.write_bytes(spoiled[how])
    assert read(tmp_path) == whole


def test_two_damaged_copies_end_in_one_sentence(whole: Header, tmp_path: Path) -> None:
    write(tmp_path, whole)
    for name in header.NAMES:
        (tmp_path / name).write_text("{}")
    with pytest.raises(VaultDamaged, match="key file is missing or damaged"):
        read(tmp_path)


HOSTILE = {
    "a list": lambda _b: [],
    "no members": lambda b: b | {"members": None},
    "a member of text": lambda b: b | {"members": ["x"]},
    "members of text": lambda b: b | {"members": "x"},
    "no salt": lambda b: b | {"members": [{"name": "anna"}]},
    "infinite cost": lambda b: _slot(b, argon2id=[1, float("inf"), 4]),
    "no number": lambda b: _slot(b, argon2id=[1, "x", 4]),
    "too few": lambda b: _slot(b, argon2id=[1]),
    "no list": lambda b: _slot(b, argon2id=7),
    "a strange role": lambda b: _slot(b, role="king"),
    "no base64": lambda b: _slot(b, salt="?!"),
    "huge sequence": lambda b: b | {"sequence": "9" * 9000},
    "nested": lambda b: b | {"sequence": "x"},
}


def _slot(body: Any, **changes: object) -> Any:  # noqa: ANN401 - hostile JSON
    member = body["members"][0]
    return body | {"members": [member | {"slots": [member["slots"][0] | changes]}]}


@pytest.mark.parametrize("how", HOSTILE)
def test_a_hostile_key_file_ends_in_one_sentence(whole: Header, tmp_path: Path, how: str) -> None:
    write(tmp_path, whole)
    for name in header.NAMES:
        changed_file(tmp_path, HOSTILE[how], name)
    with pytest.raises(VaultDamaged, match="missing or damaged"):
        read(tmp_path)


def test_a_key_file_nested_without_end_is_damaged(whole: Header, tmp_path: Path) -> None:
    write(tmp_path, whole)
    for name in header.NAMES:
        (tmp_path / name).write_text("[" * 200_000)
    with pytest.raises(VaultDamaged):
        read(tmp_path)


def test_a_cost_that_would_stop_the_computer_is_refused(whole: Header, tmp_path: Path) -> None:
    write(tmp_path, whole)
    changed_file(tmp_path, lambda b: _slot(b, argon2id=[64, 1 << 30, 16]) | {"sequence": 2})
    with pytest.raises(VaultDamaged, match="key settings"):
        unlock(read(tmp_path), "", WORDS)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_in_the_place_of_a_key_file_is_not_waited_for(whole: Header, tmp_path: Path) -> None:
    write(tmp_path, whole)
    (tmp_path / "keys.json").unlink()
    os.mkfifo(tmp_path / "keys.json")
    assert read(tmp_path).sequence == 1


def test_a_newer_key_file_says_so(whole: Header, tmp_path: Path) -> None:
    write(tmp_path, whole)
    changed_file(tmp_path, lambda b: b | {"version": 3})
    with pytest.raises(VaultDamaged, match="newer ConsultDesk"):
        read(tmp_path)


def test_the_newer_of_two_sound_copies_counts(whole: Header, tmp_path: Path) -> None:
    write(tmp_path, whole)
    changed_file(tmp_path, lambda b: b | {"sequence": 2}, "keys-copy.json")
    assert read(tmp_path).sequence == 2


def test_the_key_file_is_for_its_owner_alone(whole: Header, tmp_path: Path) -> None:
    (tmp_path / "keys.json.partial").write_text("left by a process that was killed")
    write(tmp_path, whole)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(header.NAMES)
    for name in header.NAMES:
        mode = stat.S_IMODE((tmp_path / name).stat().st_mode)
        assert mode == 0o600 or os.name == "nt"


_WRITER = """
import os, signal, sys, threading
from dataclasses import replace
from pathlib import Path
from consultdesk.vault import header
folder = Path(sys.argv[1])
held = header.read(folder)
def audit(event, args):
    global left
    if event in ("open", "os.rename", "os.remove") and str(folder) in str(args[0]):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
left = int(sys.argv[2])
sys.addaudithook(audit)
header.write(folder, replace(held, sequence=2))
print("written")
"""


@pytest.mark.skipif(os.name == "nt", reason="no kill -9 on Windows")
def test_a_kill_at_any_step_of_writing_leaves_a_key_file_that_opens(
    whole: Header, tmp_path: Path
) -> None:
    ended = []
    for step in range(1, 11):
        folder = tmp_path / str(step)
        folder.mkdir()
        write(folder, whole)
        said = subprocess.run(
            [sys.executable, "-c", _WRITER, str(folder), str(step)],
            capture_output=True,
            text=True,
            check=False,
        )
        held = read(folder)
        assert held.members == whole.members
        assert said.returncode in (0, -signal.SIGKILL), said.stderr
        ended.append((said.returncode == 0, held.sequence))
    assert ended[0] == (False, 1)
    assert (False, 2) in ended
    assert ended[-1] == (True, 2)
