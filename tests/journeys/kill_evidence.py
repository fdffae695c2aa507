"""What must hold in a store whose process was killed, and what may lie beside it."""

import hashlib
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from consultdesk.desk import cases, letter, opinion, sending, store
from consultdesk.samples.practice import PASSPHRASE
from consultdesk.vault import cases as stored
from consultdesk.vault.rows import Reading
from consultdesk.vault.vault import Vault

Mark = dict[str, Any]

_HALF_ACTS = {
    "a case without its referral": """SELECT number FROM "case" WHERE id NOT IN
        (SELECT case_id FROM referral)""",
    "a record without a file": """SELECT id FROM record_item WHERE id NOT IN
        (SELECT record_id FROM record_file)""",
    "a file without content": """SELECT id FROM record_file WHERE content_id NOT IN
        (SELECT id FROM content)""",
    "a content of nothing": """SELECT id FROM content WHERE id NOT IN
        (SELECT content_id FROM record_file UNION SELECT content_id FROM letter)""",
    "a letter without its scope": """SELECT id FROM letter WHERE id NOT IN
        (SELECT letter_id FROM letter_scope WHERE dimension = 'fits')""",
    "a scope without its letter": """SELECT letter_id FROM letter_scope WHERE letter_id NOT IN
        (SELECT id FROM letter)""",
    "a consent without its scope": """SELECT id FROM consent WHERE kind = 'disclose'
        AND id NOT IN (SELECT consent_id FROM consent_scope)""",
    "a signed case without a letter": """SELECT number FROM "case" WHERE id NOT IN
        (SELECT case_id FROM letter) AND state IN ('signed', 'released')""",
    "a released case nothing left": """SELECT number FROM "case" WHERE state = 'released'
        AND id NOT IN (SELECT case_id FROM dispatch_event WHERE kind = 'sent')""",
    "a letter sent whose case isn't released": """SELECT number FROM "case" WHERE state = 'signed'
        AND id IN (SELECT case_id FROM dispatch_event WHERE kind = 'sent')""",
}

_AS_MANY = {
    "imports": ("bring_in_records", 'SELECT count(*) FROM "case"'),
    "letters": ("sign_letter", "SELECT count(*) FROM letter"),
    "releases": ("release_letter", "SELECT count(*) FROM dispatch"),
    "sent letters": ("record_sent", "SELECT count(*) FROM dispatch_event WHERE kind = 'sent'"),
    "revocations": ("revoke_consent", "SELECT count(*) FROM revocation"),
}
"""Each act leaves one line of audit and one row, or neither."""


@dataclass
class Evidence:
    """The store of a campaign, what was acknowledged there, and what was found after kills."""

    folder: Path
    handed_over: Path
    acknowledged: list[Mark] = field(default_factory=list)
    interrupted: Mark = field(default_factory=dict)
    """How the act began that the last kill cut off; empty when it fell between two acts."""
    found: Counter[str] = field(default_factory=Counter)
    _typed: dict[str, str] = field(default_factory=dict)
    _looked_at: int = 0

    def look(self, *, whole: bool = True) -> None:
        """Open the store, and check what was acknowledged since the last look.

        That no act is half is looked at each time, as is the draft whose saving was cut off;
        `whole` asks for a whole verify as well, for every draft and all that was handed over.
        """
        vault = store.unlock(self.folder, "", PASSPHRASE, _now())
        try:
            if whole:
                said = store.verify(vault)
                assert said.ok, said
                self.found["sealed files that no row names"] = len(said.orphans)
            with vault.read() as reading:
                check_whole(reading)
            for mark in self.acknowledged[self._looked_at :]:
                _check_kept(vault, mark, self.handed_over)
                if "reasoning" in mark:
                    self._typed[mark["number"]] = mark["reasoning"]
            self._check_drafts(
                vault, set(self._typed) if whole else {self.interrupted.get("number")}
            )
            if whole:
                self._check_handed_over(vault)
        finally:
            vault.close()
        self._looked_at = len(self.acknowledged)

    def look_at_everything(self) -> None:
        """Check every acknowledgement of the campaign, and let a person settle what is open."""
        everything, typed = self.acknowledged, dict(self._typed)
        for mark in everything:
            mark.pop("reasoning", None)  # an earlier draft was written over since
        self._looked_at = 0
        self.look()
        assert self._typed == typed
        vault = store.unlock(self.folder, "", PASSPHRASE, _now())
        try:
            for number, dispatch_id in _unsettled(vault):
                sending.settle(
                    vault, number, dispatch_id, _now(), arrived=True, detail="Telephoned them."
                )
            assert not _unsettled(vault)
        finally:
            vault.close()

    def _check_drafts(self, vault: Vault, numbers: Collection[str | None]) -> None:
        """What was typed last stands, or what was being saved when the kill came."""
        for number in self._typed.keys() & set(numbers):
            typed = self._typed[number]
            stands = opinion.assessment(vault, number).opinion.reasoning
            allowed = {typed}
            if self.interrupted.get("number") == number:
                allowed.add(self.interrupted["reasoning"])
            assert stands in allowed, number
            self._typed[number] = stands

    def _check_handed_over(self, vault: Vault) -> None:
        """A letter at the destination belongs to a dispatch that is sent, or shown as open."""
        with vault.read() as reading:
            rows = reading.sql.execute(text("SELECT id, key FROM dispatch")).all()
            sent = set(
                reading.sql.execute(
                    text("SELECT dispatch_id FROM dispatch_event WHERE kind = 'sent'")
                ).scalars()
            )
        by_name = {f"{key}.pdf": dispatch_id for dispatch_id, key in rows}
        lying = {path.name: path for path in self.handed_over.iterdir()}
        partial = {name for name in lying if name.endswith(".partial")}
        assert lying.keys() - partial <= by_name.keys()
        open_ = lying.keys() - partial - {n for n, one in by_name.items() if one in sent}
        shown = {dispatch_id for _number, dispatch_id in _unsettled(vault)}
        assert {by_name[name] for name in open_} <= shown
        self.found["files begun at the destination"] = len(partial)
        self.found["letters there whose dispatch is open"] = len(open_)
        self.found["of these still empty"] = sum(not lying[name].stat().st_size for name in open_)
        self.found["dispatches a person must settle"] = len(shown)

    def summary(self) -> list[str]:
        """What was left behind, counted."""
        kinds = Counter(mark["act"] for mark in self.acknowledged)
        said = ", ".join(f"{count} × {act}" for act, count in sorted(kinds.items()))
        return [
            f"acknowledged and found: {said}",
            *(f"{what}: {n}" for what, n in self.found.items()),
        ]


def check_whole(reading: Reading) -> None:
    """Raise AssertionError, saying what, where an act left half of itself."""
    for what, query in _HALF_ACTS.items():
        assert not reading.sql.execute(text(query)).all(), what
    audited = text("SELECT count(*) FROM audit_event WHERE act = :act AND outcome = 'done'")
    for what, (act, query) in _AS_MANY.items():
        lines = reading.sql.execute(audited, {"act": act}).scalar_one()
        assert lines == reading.sql.execute(text(query)).scalar_one(), what


def _check_kept(vault: Vault, mark: Mark, handed_over: Path) -> None:
    file = cases.open_case(vault, mark["number"])
    if "records" in mark:
        held = {record.id: record.sha256 for record in file.records}
        assert mark["records"].items() <= held.items()
    elif "letter" in mark:
        signed = {one.id: one for one in file.letters}[mark["letter"]]
        digest = hashlib.sha256(letter.read_pdf(vault, signed)).hexdigest()
        assert digest == signed.sha256 == mark["sha256"]
        assert signed.authentic
    elif "key" in mark:
        dispatch = {one.key: one for one in file.dispatches}[mark["key"]]
        assert dispatch.state == "sent"
        saved = (handed_over / f"{mark['key']}.pdf").read_bytes()
        assert hashlib.sha256(saved).hexdigest() == mark["saved"]
    elif "consent" in mark:
        assert {one.id: one.authentic for one in file.consents}[mark["consent"]]
    elif "revoked" in mark:
        given = {one.id: one for one in file.consents}[mark["revoked"]]
        assert given.revocation is not None
    elif "state" in mark:
        with vault.read() as reading:
            came_to = {to for _at, _before, to, _by in stored.moves(reading, file.case.id)}
        assert mark["state"] in came_to


def _unsettled(vault: Vault) -> list[tuple[str, str]]:
    """Case number and id of each dispatch that the case shows as not known to have left."""
    with vault.read() as reading:
        numbers = reading.sql.execute(
            text('SELECT DISTINCT c.number FROM dispatch AS d JOIN "case" AS c ON c.id = d.case_id')
        ).scalars()
        return [
            (number, dispatch.id)
            for number in numbers.all()
            for dispatch in cases.case_file(reading, _case(reading, number)).dispatches
            if dispatch.state in ("cleared", "unknown")
        ]


def _case(reading: Reading, number: str) -> Any:  # noqa: ANN401 - the case that is there
    return stored.by_number(reading, number)


def _now() -> int:
    return time.time_ns() // 1_000_000
