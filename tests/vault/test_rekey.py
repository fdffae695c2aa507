"""New keys for a whole store: all of it or none, and whoever left is left outside."""

import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from consultdesk.consultation.audit import Act, Role
from consultdesk.errors import VaultBusy, VaultDamaged, VaultLocked, VaultOlder
from consultdesk.vault import audit, check, header, members, rekey, tables
from consultdesk.vault.header import Header, Purpose
from consultdesk.vault.members import OpenKeys
from consultdesk.vault.vault import Vault
from tests.consultation.parcels import NOW
from tests.vault.building import CANARY, PASSPHRASE, RECORD, Desk, add_user, opened_by, reopen
from tests.vault.foreign import open_keys
from tests.vault.plaintext import readable
from tests.vault.test_members import let_in


def same(held: Header, mine: OpenKeys) -> tuple[Header, OpenKeys]:
    return held, mine


def exchange(vault: Vault, *, clinical: bool = True) -> None:
    vault.exchange_keys(Act("exchange_keys", NOW), same, clinical=clinical)


def everything(vault: Vault) -> dict[str, object]:
    """All that the store says, opened."""
    with vault.read() as reading:
        return {
            table.name: reading.all(table)
            for table in tables.metadata.sorted_tables
            if table.name not in ("audit_event", "header_mark", "sealing_key", "setting")
        }


@pytest.mark.parametrize("clinical", [True, False])
def test_all_a_store_holds_is_there_under_the_new_keys(desk: Desk, *, clinical: bool) -> None:
    vault = desk.vault
    before, old = everything(vault), vault.opened
    exchange(vault, clinical=clinical)
    assert everything(vault) == before
    assert (vault.opened.store != old.store, vault.opened.clinical != old.clinical) == (
        True,
        clinical,
    )
    with vault.read() as reading:
        assert check.schema_is_ours(reading)
        assert check.database_is_sound(reading)
        assert check.chain_is_sound(reading) == (audit.last_seq(reading), ())
    desk.act()
    vault.close()
    with closing(reopen(vault.folder)) as again:
        assert everything(again) == before
        assert again.search.find("CANARY-text")
    assert not list(vault.folder.glob("*.rekeyed*"))


def test_a_key_of_before_opens_neither_database_nor_keys(desk: Desk) -> None:
    vault = desk.vault
    old, held = vault.opened, vault.members
    exchange(vault)
    vault.close()
    assert not rekey.fits(vault.folder / "desk.db", old.store)
    header.write(vault.folder, held)
    with pytest.raises(VaultOlder, match="doesn't fit"):
        reopen(vault.folder)


def test_sealed_files_stay_as_they_lie_and_open(desk: Desk) -> None:
    vault = desk.vault
    before = {path.name: path.read_bytes() for path in vault.content_folder.iterdir()}
    exchange(vault)
    after = {path.name: path.read_bytes() for path in vault.content_folder.iterdir()}
    assert after == before
    from consultdesk.vault import records

    with vault.read() as reading:
        (record,) = records.of_case(reading, desk.case_id)
        file = record.files[0]
        source = records.content_source(vault, reading, file.content_id, file.name)
    with source.open() as stream:
        assert stream.read() == RECORD


def test_every_user_finds_the_new_keys_and_a_removed_one_does_not(desk: Desk) -> None:
    vault = desk.vault
    add_user(vault, "manager", Role.MANAGER)
    add_user(vault, "second", Role.PHYSICIAN)
    add_user(vault, "leaver", Role.PHYSICIAN, administers=True)
    for name in ("second", "leaver"):
        with closing(opened_by(vault.folder, name)) as newcomer:
            digits = newcomer.opened.pair.public.spoken
        let_in(vault, name, digits)
        opened_by(vault.folder, name).close()

    def gone(held: Header, mine: OpenKeys) -> tuple[Header, OpenKeys]:
        return members.removed(held, mine, "leaver"), mine

    old_root = vault.opened.root
    vault.exchange_keys(Act("remove_user", NOW, entity="leaver"), gone, clinical=True)
    assert vault.opened.root not in (None, old_root)
    with pytest.raises(VaultLocked, match="doesn't know"):
        opened_by(vault.folder, "leaver")
    with closing(opened_by(vault.folder, "second")) as second, second.read() as reading:
        assert second.clinical
        assert reading.all(tables.consent)
        assert check.chain_is_sound(reading) == (audit.last_seq(reading), ())
    with closing(opened_by(vault.folder, "manager")) as manager:
        assert not manager.clinical
    assert not vault.members.clinical_due
    # twice taken in, nothing is left over
    assert all(not one.delivered for one in vault.members.members if one.name != "anna")


def test_a_clinician_removed_by_who_holds_no_clinical_key_leaves_an_exchange_due(
    desk: Desk,
) -> None:
    vault = desk.vault
    add_user(vault, "admin", Role.ADMINISTRATOR, administers=True)
    add_user(vault, "leaver", Role.PHYSICIAN)
    with closing(opened_by(vault.folder, "leaver")) as newcomer:
        digits = newcomer.opened.pair.public.spoken
    let_in(vault, "leaver", digits)
    vault.close()

    def gone(held: Header, mine: OpenKeys) -> tuple[Header, OpenKeys]:
        return members.removed(held, mine, "leaver"), mine

    with closing(opened_by(vault.folder, "admin")) as admin:
        admin.exchange_keys(Act("remove_user", NOW), gone, clinical=False)
        assert admin.members.clinical_due
    with closing(reopen(vault.folder)) as anna:
        assert anna.clinical
        exchange(anna)
        assert not anna.members.clinical_due
    opened_by(vault.folder, "admin").close()


def test_keys_are_not_exchanged_while_another_program_has_the_store_open(desk: Desk) -> None:
    with closing(reopen(desk.vault.folder)), pytest.raises(VaultBusy, match="has this store open"):
        exchange(desk.vault)
    exchange(desk.vault)


def test_nothing_readable_lies_about_while_keys_are_exchanged(desk: Desk) -> None:
    exchange(desk.vault)
    desk.vault.close()
    assert not readable(desk.vault.folder, CANARY)


def test_a_case_key_that_is_damaged_stops_the_exchange_and_changes_nothing(desk: Desk) -> None:
    from tests.vault.foreign import foreigner

    with foreigner(desk.vault.folder) as store:
        (owner, wrapped) = store.execute("SELECT owner, wrapped FROM sealing_key").fetchone()
        spoilt = wrapped[:-1] + bytes([wrapped[-1] ^ 1])
        store.execute("UPDATE sealing_key SET wrapped = ? WHERE owner = ?", (spoilt, owner))
    held = desk.vault.members
    with pytest.raises(VaultDamaged):
        exchange(desk.vault)
    assert header.read(desk.vault.folder) == held
    assert not list(desk.vault.folder.glob("*.rekeyed*"))
    with foreigner(desk.vault.folder) as store:
        store.execute("UPDATE sealing_key SET wrapped = ? WHERE owner = ?", (wrapped, owner))
    exchange(desk.vault)


_EXCHANGER = """
import os, signal, sys
from pathlib import Path
from consultdesk.consultation.audit import Act
from consultdesk.vault.vault import Vault
folder, left = Path(sys.argv[1]), int(sys.argv[2])
vault = Vault.open(folder, "anna", sys.argv[3], 0)
def audit(event, args):
    global left
    if event in ("open", "os.rename", "os.remove") and args and str(folder) in str(args[0]):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(audit)
vault.exchange_keys(Act("exchange_keys", 0), lambda held, mine: (held, mine), clinical=True)
print("exchanged", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="no kill -9 on Windows")
def test_a_kill_at_any_step_leaves_a_store_that_opens_under_the_old_or_the_new_keys(
    desk: Desk, tmp_path: Path
) -> None:
    import shutil

    desk.vault.close()
    before = everything(again := reopen(desk.vault.folder))
    again.close()
    generations, ended = set(), []
    for step in (*range(1, 40, 3), 400):
        folder = shutil.copytree(desk.vault.folder, tmp_path / str(step))
        said = subprocess.run(
            [sys.executable, "-c", _EXCHANGER, str(folder), str(step), PASSPHRASE],
            capture_output=True,
            text=True,
            check=False,
        )
        assert said.returncode in (0, -signal.SIGKILL), said.stderr
        ended.append(said.returncode)
        with closing(reopen(folder)) as vault:
            assert everything(vault) == before
            generations.add(vault.members.generations[Purpose.STORE])
            with vault.read() as reading:
                assert check.chain_is_sound(reading) == (audit.last_seq(reading), ())
        assert not list(folder.glob("*.rekeyed*"))
    assert generations == {1, 2}
    assert ended[0] == -signal.SIGKILL
    assert ended[-1] == 0


def test_what_was_left_by_a_kill_before_the_commit_is_cleared_away(desk: Desk) -> None:
    folder = desk.vault.folder
    desk.vault.close()
    (folder / rekey.NEXT).write_bytes(b"half a copy" * 999)
    (folder / f"{rekey.NEXT}-wal").write_bytes(b"x")
    reopen(folder).close()
    assert not list(folder.glob("*.rekeyed*"))


def test_the_key_of_the_store_is_not_the_one_of_before(folder: Path) -> None:
    before = open_keys(folder)
    with closing(reopen(folder)) as vault:
        exchange(vault)
    after = open_keys(folder)
    assert {before.store, before.clinical}.isdisjoint({after.store, after.clinical})
    assert (before.pair, before.own) == (after.pair, after.own)
