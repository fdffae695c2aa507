"""What must hold in a store after a fault, whatever the fault was."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from consultdesk.desk import store
from consultdesk.errors import ConsultDeskError
from consultdesk.vault import tables
from consultdesk.vault.vault import Vault
from tests.campaigns.faults.acts import Act, Said
from tests.campaigns.faults.result import HALF, LOST, UNCLEAR, UNDETECTED, Finding
from tests.campaigns.faults.scene import Scene
from tests.journeys.kill_evidence import check_whole

_CHANGES_WITH_THE_KEY = ("mac", "authentic")

Facts = frozenset[str]


def facts(vault: Vault) -> Facts:
    """Every fact the store holds, opened: what can only be added to."""
    with vault.read() as reading:
        return frozenset(
            f"{table.name} {canonical(row)}"
            for table in tables.FACTS
            for row in reading.all(table, select(table))
        )


def facts_before(act: Act, scene: Scene) -> Facts:
    """As `facts`, of the store that an act finds, or of the backup it begins with."""
    if act.step == "nothing":
        return frozenset()
    scene.enter()
    vault = act.again(scene)
    try:
        return facts(vault)
    finally:
        vault.close()


def look(
    scene: Scene, act: Act, said: Said | None, before: Facts, *, whole: bool = True
) -> list[Finding]:
    """Open the store as a person would, and say what is wrong.

    `said` is what was acknowledged, None when nothing was; `whole` asks for a whole verify.
    """
    scene.enter()
    try:
        vault = scene.unlock() if said else act.again(scene)
    except ConsultDeskError as refused:
        return [(LOST, f"the store doesn't open: {refused}")]
    except Exception as broken:
        return [(UNCLEAR, f"opening ends in {broken!r}")]
    try:
        return list(_wrong(scene, vault, act, said, before, whole=whole))
    finally:
        vault.close()


def _wrong(
    scene: Scene, vault: Vault, act: Act, said: Said | None, before: Facts, *, whole: bool
) -> Iterator[Finding]:
    if missing := before - facts(vault):
        yield LOST, f"{len(missing)} facts that were there before"
    try:
        if wrong := act.kept(scene, vault, said):
            yield (HALF if said is None else LOST), wrong
    except Exception as broken:
        yield LOST, f"what was acknowledged can't be read: {broken!r}"
    try:
        with vault.read() as reading:
            check_whole(reading)
    except AssertionError as half:
        yield HALF, str(half)
    if whole and not (found := store.verify(vault)).ok:
        yield UNDETECTED, f"{found}"


def canonical(row: dict[str, Any]) -> str:
    """A row as text that is equal when it says the same, under whatever key."""
    kept = {name: value for name, value in row.items() if name not in _CHANGES_WITH_THE_KEY}
    return json.dumps(kept, sort_keys=True, default=_listed)


def _listed(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset | set) else repr(value)
