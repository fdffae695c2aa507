import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest

from consultdesk.errors import ConsentMissing, DeliveryFailed
from consultdesk.letters.rendition import protect
from consultdesk.transports.handover import Save, SaveOptions
from consultdesk.transports.registry import TRANSPORTS
from consultdesk.transports.transport import Receipt, State
from tests.transports.conftest import NOW, Desk, desk_for

PASSWORD = "river otter lamp"


def save(desk: Desk, options: SaveOptions) -> Receipt:
    return Save().send(desk.cleared, desk.still_cleared, options, at=NOW)


def locked(folder: Path, name: str = "letter.pdf", **more: bool) -> SaveOptions:
    return SaveOptions(folder, name, PASSWORD, protect, **more)


def test_a_saved_letter_opens_with_its_password_only(saving: Desk, tmp_path: Path) -> None:
    receipt = save(saving, locked(tmp_path))
    content = (tmp_path / "letter.pdf").read_bytes()
    assert receipt.state is State.SENT
    assert receipt.reference == hashlib.sha256(content).hexdigest()
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(content))
    with pikepdf.open(io.BytesIO(content), password=PASSWORD) as opened:
        assert opened.encryption.R == 6
    assert os.listdir(tmp_path) == ["letter.pdf"]


@pytest.mark.skipif(os.name != "posix", reason="file modes are of POSIX systems")
def test_a_saved_letter_is_readable_by_its_owner_only(saving: Desk, tmp_path: Path) -> None:
    save(saving, locked(tmp_path))
    assert (tmp_path / "letter.pdf").stat().st_mode & 0o777 == 0o600


def test_without_a_password_it_is_saved_only_when_a_person_confirmed_it(
    saving: Desk, tmp_path: Path, signed_pdf: bytes
) -> None:
    with pytest.raises(DeliveryFailed, match="behind a password"):
        save(saving, SaveOptions(tmp_path, "letter.pdf"))
    with pytest.raises(DeliveryFailed, match="behind a password"):
        save(saving, SaveOptions(tmp_path, "letter.pdf", PASSWORD))
    assert os.listdir(tmp_path) == []
    save(saving, SaveOptions(tmp_path, "letter", unprotected=True))
    assert (tmp_path / "letter.pdf").read_bytes() == signed_pdf


def test_a_consent_withdrawn_at_the_last_moment_saves_nothing(saving: Desk, tmp_path: Path) -> None:
    cleared = saving.cleared
    open_then: list[list[str]] = []
    saving.before += [lambda: open_then.append(os.listdir(tmp_path)), saving.revoke]
    with pytest.raises(ConsentMissing) as refused:
        Save().send(cleared, saving.still_cleared, locked(tmp_path), at=NOW)
    assert refused.value.clauses == ("not_revoked",)
    # the file stood open when the gate was asked, and is gone with the refusal
    assert len(open_then[0]) == 1
    assert os.listdir(tmp_path) == []


def test_a_file_that_is_there_is_not_replaced_unasked(saving: Desk, tmp_path: Path) -> None:
    there = tmp_path / "letter.pdf"
    there.write_text("somebody's")
    with pytest.raises(DeliveryFailed, match="already a file"):
        save(saving, locked(tmp_path))
    assert there.read_text() == "somebody's"
    assert saving.asked == 0
    save(saving, locked(tmp_path, replace=True))
    assert there.read_bytes().startswith(b"%PDF")


def test_a_file_that_comes_up_meanwhile_is_not_replaced_either(
    saving: Desk, tmp_path: Path
) -> None:
    there = tmp_path / "letter.pdf"

    def come_up() -> None:
        there.write_text("somebody's")

    saving.before.append(come_up)
    with pytest.raises(DeliveryFailed, match="already a file"):
        save(saving, locked(tmp_path))
    assert there.read_text() == "somebody's"
    assert os.listdir(tmp_path) == ["letter.pdf"]


@pytest.mark.skipif(os.name != "posix", reason="symbolic links need no right on POSIX systems")
def test_a_link_is_replaced_and_not_followed(saving: Desk, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("kept")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "letter.pdf").symlink_to(elsewhere)
    with pytest.raises(DeliveryFailed, match="already a file"):
        save(saving, locked(folder))
    save(saving, locked(folder, replace=True))
    assert elsewhere.read_text() == "kept"
    assert not (folder / "letter.pdf").is_symlink()


@pytest.mark.parametrize("name", ["", " ", "..", "a/b.pdf", "a\\b.pdf", "a\x00b", "c:x.pdf"])
def test_a_name_that_is_a_path_is_refused(saving: Desk, tmp_path: Path, name: str) -> None:
    with pytest.raises(DeliveryFailed, match="name of a file"):
        save(saving, locked(tmp_path, name))


def test_a_name_too_long_for_the_disk_is_said(saving: Desk, tmp_path: Path) -> None:
    with pytest.raises(DeliveryFailed, match="too long"):
        save(saving, locked(tmp_path, "x" * 300))
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_gone_is_said(saving: Desk, tmp_path: Path) -> None:
    with pytest.raises(DeliveryFailed, match="isn't there"):
        save(saving, locked(tmp_path / "unplugged"))


def test_the_file_is_whole_before_it_bears_its_name(saving: Desk, tmp_path: Path) -> None:
    """The name appears with the last step: what a kill leaves is never half a letter."""
    names: list[list[str]] = []
    saving.before.append(lambda: names.append(os.listdir(tmp_path)))
    save(saving, locked(tmp_path))
    assert all(name.endswith(".partial") for name in names[0])


FULL = """
import sys
from pathlib import Path
from consultdesk.consultation.patient import ChannelKind
from consultdesk.errors import DeliveryFailed
from consultdesk.transports.handover import Save, SaveOptions
from tests.transports.conftest import NOW, desk_for
folder = Path(sys.argv[1])
desk = desk_for(ChannelKind.HAND_OVER_SAVE, b"%PDF-1.7 " + b"x" * 200_000)
options = SaveOptions(folder, "letter.pdf", unprotected=True)
try:
    Save().send(desk.cleared, desk.still_cleared, options, at=NOW)
except DeliveryFailed as failed:
    print(failed)
print(sorted(path.name for path in folder.iterdir()))
"""


def test_a_full_disk_is_said_and_no_part_is_left(tmp_path: Path, checkout: Path) -> None:
    mount = f"mount -t tmpfs -o size=64k none {tmp_path}"
    tried = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    try:
        possible = subprocess.run([*tried, mount], capture_output=True).returncode == 0
    except FileNotFoundError:
        possible = False
    if not possible:
        pytest.skip("no small disk to fill: this system lets nobody mount one")
    ran = subprocess.run(
        [*tried, f'{mount} && exec "$0" -c "$1" {tmp_path}', sys.executable, FULL],
        capture_output=True, text=True, cwd=checkout, env={**os.environ, "PYTHONPATH": "."},
    )  # fmt: skip
    assert "The disk is full" in ran.stdout, ran.stderr
    assert ran.stdout.endswith("[]\n")


def test_another_parcel_cleared_meanwhile_is_not_sent(
    saving: Desk, tmp_path: Path, signed_pdf: bytes
) -> None:
    other = desk_for(saving.parcel.channel.kind, signed_pdf + b"\n")
    with pytest.raises(DeliveryFailed, match="Another letter"):
        Save().send(saving.cleared, other.still_cleared, locked(tmp_path), at=NOW)
    assert os.listdir(tmp_path) == []


def test_a_parcel_cleared_for_printing_is_not_saved(printing: Desk, tmp_path: Path) -> None:
    with pytest.raises(DeliveryFailed, match="another way of delivery"):
        save(printing, locked(tmp_path))


def test_each_transport_stands_under_the_channel_it_serves() -> None:
    assert {kind: transport.kind for kind, transport in TRANSPORTS.items()} == {
        kind: kind for kind in TRANSPORTS
    }
    assert all(transport.name and transport.options for transport in TRANSPORTS.values())
