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
from consultdesk.vault import header
from consultdesk.vault.header import Header, new_slot, open_slot, read, write
from consultdesk.vault.key import FLOOR, Argon2Parameters
from consultdesk.vault.vault import roles_of

STORE, CLINICAL = b"s" * 32, b"c" * 32


@pytest.fixture(scope="module")
def slot() -> header.Slot:
    return new_slot("anna", Role.PHYSICIAN, "a long passphrase", STORE, CLINICAL, FLOOR)


def changed_file(folder: Path, change: Any, name: str = "keys.json") -> None:  # noqa: ANN401
    """Rewrite one copy with a changed body and a checksum that fits."""
    body = json.loads(json.loads((folder / name).read_text())["header"])
    text = json.dumps(change(body))
    digest = hashlib.sha256(text.encode()).hexdigest()
    (folder / name).write_text(json.dumps({"header": text, "sha256": digest}))


def test_a_slot_opens_with_its_passphrase(slot: header.Slot, tmp_path: Path) -> None:
    write(tmp_path, Header("store", 1, (slot,)))
    opened = open_slot(read(tmp_path).slot("anna"), "a long passphrase")
    assert (opened.user, opened.role) == ("anna", Role.PHYSICIAN)
    assert (opened.store, opened.clinical) == (STORE, CLINICAL)
    assert roles_of(tmp_path) == (("anna", Role.PHYSICIAN),)


def test_a_wrong_passphrase_does_not_open(slot: header.Slot) -> None:
    with pytest.raises(VaultLocked, match="passphrase"):
        open_slot(slot, "another passphrase")


@pytest.mark.parametrize(
    "change",
    [
        {"user": "bo"},
        {"role": Role.ADMINISTRATOR},
        {"parameters": Argon2Parameters(2, 64 * 1024, 4)},
        {"salt": b"x" * 16},
        {"store_key": b"x" * 60},
    ],
)
def test_a_changed_slot_does_not_open(slot: header.Slot, change: dict[str, Any]) -> None:
    with pytest.raises(VaultLocked):
        open_slot(replace(slot, **change), "a long passphrase")


def test_the_two_keys_of_a_slot_are_not_exchanged(slot: header.Slot) -> None:
    assert slot.clinical_key is not None
    crossed = replace(slot, store_key=slot.clinical_key, clinical_key=slot.store_key)
    with pytest.raises(VaultLocked):
        open_slot(crossed, "a long passphrase")


def test_a_managers_slot_holds_no_clinical_key(tmp_path: Path) -> None:
    manager = new_slot("bo", Role.MANAGER, "a long passphrase", STORE, None, FLOOR)
    write(tmp_path, Header("store", 1, (manager,)))
    opened = open_slot(read(tmp_path).slot(""), "a long passphrase")
    assert (opened.store, opened.clinical) == (STORE, None)
    assert "null" in (tmp_path / "keys.json").read_text()


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "a/b", "ä\n"])
def test_a_user_name_is_short_and_plain(name: str) -> None:
    with pytest.raises(VaultLocked, match="user name"):
        new_slot(name, Role.PHYSICIAN, "p", STORE, None, FLOOR)


def test_a_user_is_found_by_name_and_the_only_one_without(slot: header.Slot) -> None:
    one = Header("store", 1, (slot,))
    assert one.slot("") == one.slot("anna") == slot
    two = Header("store", 1, (slot, replace(slot, user="bo")))
    assert two.slot("bo").user == "bo"
    with pytest.raises(VaultLocked, match="Say which user"):
        two.slot("")
    with pytest.raises(VaultLocked, match="doesn't know"):
        two.slot("eve")


@pytest.mark.parametrize("damaged", header.NAMES)
@pytest.mark.parametrize("how", ["gone", "cut", "bits", "empty", "huge", "binary", "a folder"])
def test_of_two_copies_the_sound_one_is_used(
    slot: header.Slot, tmp_path: Path, damaged: str, how: str
) -> None:
    whole = Header("store", 1, (slot,))
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


def test_two_damaged_copies_end_in_one_sentence(slot: header.Slot, tmp_path: Path) -> None:
    write(tmp_path, Header("store", 1, (slot,)))
    for name in header.NAMES:
        (tmp_path / name).write_text("{}")
    with pytest.raises(VaultDamaged, match="key file is missing or damaged"):
        read(tmp_path)


HOSTILE = {
    "a list": lambda _b: [],
    "no slots": lambda b: b | {"slots": None},
    "a slot of text": lambda b: b | {"slots": ["x"]},
    "slots of text": lambda b: b | {"slots": "x"},
    "no salt": lambda b: b | {"slots": [{"user": "anna"}]},
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
    return body | {"slots": [body["slots"][0] | changes]}


@pytest.mark.parametrize("how", HOSTILE)
def test_a_hostile_key_file_ends_in_one_sentence(
    slot: header.Slot, tmp_path: Path, how: str
) -> None:
    write(tmp_path, Header("store", 1, (slot,)))
    for name in header.NAMES:
        changed_file(tmp_path, HOSTILE[how], name)
    with pytest.raises(VaultDamaged, match="missing or damaged"):
        read(tmp_path)


def test_a_key_file_nested_without_end_is_damaged(slot: header.Slot, tmp_path: Path) -> None:
    write(tmp_path, Header("store", 1, (slot,)))
    for name in header.NAMES:
        (tmp_path / name).write_text("[" * 200_000)
    with pytest.raises(VaultDamaged):
        read(tmp_path)


def test_a_cost_that_would_stop_the_computer_is_refused(slot: header.Slot, tmp_path: Path) -> None:
    write(tmp_path, Header("store", 1, (slot,)))
    changed_file(tmp_path, lambda b: _slot(b, argon2id=[64, 1 << 30, 16]) | {"sequence": 2})
    with pytest.raises(VaultDamaged, match="key settings"):
        open_slot(read(tmp_path).slot(""), "a long passphrase")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_in_the_place_of_a_key_file_is_not_waited_for(
    slot: header.Slot, tmp_path: Path
) -> None:
    write(tmp_path, Header("store", 1, (slot,)))
    (tmp_path / "keys.json").unlink()
    os.mkfifo(tmp_path / "keys.json")
    assert read(tmp_path).sequence == 1


def test_a_newer_key_file_says_so(slot: header.Slot, tmp_path: Path) -> None:
    write(tmp_path, Header("store", 1, (slot,)))
    changed_file(tmp_path, lambda b: b | {"version": 2})
    with pytest.raises(VaultDamaged, match="newer ConsultDesk"):
        read(tmp_path)


def test_the_newer_of_two_sound_copies_counts(slot: header.Slot, tmp_path: Path) -> None:
    write(tmp_path, Header("store", 1, (slot,)))
    changed_file(tmp_path, lambda b: b | {"sequence": 2}, "keys-copy.json")
    assert read(tmp_path).sequence == 2


def test_the_key_file_is_for_its_owner_alone(slot: header.Slot, tmp_path: Path) -> None:
    (tmp_path / "keys.json.partial").write_text("left by a process that was killed")
    write(tmp_path, Header("store", 1, (slot,)))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(header.NAMES)
    for name in header.NAMES:
        mode = stat.S_IMODE((tmp_path / name).stat().st_mode)
        assert mode == 0o600 or os.name == "nt"


_WRITER = """
import os, signal, sys, threading
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
header.write(folder, header.Header(held.store_id, 2, held.slots))
print("written")
"""


@pytest.mark.skipif(os.name == "nt", reason="no kill -9 on Windows")
def test_a_kill_at_any_step_of_writing_leaves_a_key_file_that_opens(
    slot: header.Slot, tmp_path: Path
) -> None:
    ended = []
    for step in range(1, 11):
        folder = tmp_path / str(step)
        folder.mkdir()
        write(folder, Header("store", 1, (slot,)))
        said = subprocess.run(
            [sys.executable, "-c", _WRITER, str(folder), str(step)],
            capture_output=True,
            text=True,
            check=False,
        )
        held = read(folder)
        assert held.slots == (slot,)
        assert said.returncode in (0, -signal.SIGKILL), said.stderr
        ended.append((said.returncode == 0, held.sequence))
    assert ended[0] == (False, 1)
    assert (False, 2) in ended
    assert ended[-1] == (True, 2)
