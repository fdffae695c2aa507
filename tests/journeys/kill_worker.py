"""The process that is killed: it works at the desk without end and says each step on a pipe.

`python -m tests.journeys.kill_worker MARKS STORE HANDED_OVER` reads one line of JSON from its
standard input for each child it is to fork, answers with the child's process id, and with
"ended" once that child is gone. A child writes one line of JSON to the descriptor MARKS when
an act begins, at its first statement, at each transaction it begins or commits, and, after
the desk's function returned, the acknowledgement with what was acknowledged.
"""

import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import event

from consultdesk.consultation.case import CaseState, QueueRow
from consultdesk.consultation.consent import ConsentKind, Purpose
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.letter import LetterKind
from consultdesk.consultation.patient import ChannelKind
from consultdesk.consultation.source import Source
from consultdesk.desk import cases, consent, intake, letter, opinion, reports, sending, store
from consultdesk.letters.rendition import protect
from consultdesk.samples import records, walk
from consultdesk.samples.people import Doctor, Person, Section
from consultdesk.samples.practice import PASSPHRASE
from consultdesk.samples.stories import STORIES
from consultdesk.transports.handover import SaveOptions
from consultdesk.vault.vault import Vault

PASSWORD = "given by telephone"
_BETWEEN_ACTS = 0.002  # seconds, so that a kill can fall between two acts too


def small_records(person: Person, doctor: Doctor) -> Sequence[Source]:
    """A referral and a report as text; they need no reading process."""
    asked = Section("Question", ("Is an operation needed now?",))
    seen = Section("Findings", ("Disc protrusion L4/5 on the left.",))
    return (
        records.note_text("Referral.txt", person, "2026-10-20", (asked,)),
        records.note_text("MRI report.txt", person, "2026-10-14", (seen,)),
    )


STORY = replace(STORIES[0], records=small_records)


class Marks:
    """Lines on a pipe; a pipe keeps what was written when its writer is killed."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._act = ""
        self._stated = False
        event.listen(sqlalchemy.Engine, "before_cursor_execute", self._on_statement)
        event.listen(sqlalchemy.Engine, "commit", self._on_commit)

    def say(self, phase: str, **said: object) -> None:
        """One line: the act, the phase, the time and what there is to say."""
        line = {"act": self._act, "phase": phase, "at": time.monotonic_ns(), **said}
        os.write(self._descriptor, json.dumps(line).encode() + b"\n")

    def acknowledged(
        self, act: str, work: Callable[[], dict[str, object]], **intended: object
    ) -> dict[str, object]:
        """Do one act between its marks; the last is written after the desk has returned."""
        self._act, self._stated = act, False
        self.say("begin", **intended)
        said = work()
        self.say("acknowledged", **said)
        self._act = ""
        time.sleep(_BETWEEN_ACTS)
        return said

    def _on_statement(self, connection: Any, _cursor: Any, statement: str, *_: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own
        if not self._act:
            return
        if not self._stated:
            self._stated = True
            self.say("statement")
        if statement == "BEGIN IMMEDIATE":
            connection.info["writes"] = True
            self.say("transaction")

    def _on_commit(self, connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own
        if connection.info.pop("writes", False):
            self.say("commit")


class Worker:
    """A physician who never stops, on whatever cases stand where the next act is possible."""

    def __init__(self, vault: Vault, handed_over: Path, marks: Marks, seed: int) -> None:
        self._vault = vault
        self._handed_over = handed_over
        self._marks = marks
        self._chance = random.Random(seed)

    def bring_in(self) -> str:
        """A new case; now and then with a record that the reading process opens."""
        sources = list(small_records(STORY.person, STORY.doctor))
        if self._chance.random() < 0.2:
            sources.append(records.photo_jpeg("Back.jpg", date="2026-10-20"))

        def work() -> dict[str, object]:
            taken = intake.bring_in_sources(self._vault, sources, _now(), specialty="spine")
            held = {item.id: item.sha256 for item in taken.records}
            return {"number": taken.number, "records": held}

        return str(self._marks.acknowledged("import", work)["number"])

    def sign(self, number: str) -> None:
        """The treating physician's letter, or an addendum where that is signed."""
        more = bool(cases.open_case(self._vault, number).letters)
        kind = LetterKind.ADDENDUM if more else LetterKind.TREATING_PHYSICIAN
        also = "The radiographs of October agree with this." if more else ""

        def work() -> dict[str, object]:
            signed = letter.sign(self._vault, number, kind, PASSPHRASE, _now(), amendment=also)
            return {"number": number, "letter": signed.id, "sha256": signed.sha256}

        self._marks.acknowledged("sign", work)

    def release(self, number: str) -> None:
        """The first letter, saved under the name of the wish to send it."""
        signed = cases.open_case(self._vault, number).letters[0]
        key = new_id(_now())
        save, treatment = ChannelKind.HAND_OVER_SAVE, Purpose.TREATMENT
        how = "Handed over in person."
        sending.verify_channel(self._vault, number, signed.recipient_id, save, _now(), how)
        wish = sending.Sending(number, signed.id, save, treatment, key)
        options = SaveOptions(self._handed_over, f"{key}.pdf", PASSWORD, protect)

        def work() -> dict[str, object]:
            receipt = sending.send(self._vault, wish, options, _now)
            return {"number": number, "key": key, "saved": receipt.reference}

        self._marks.acknowledged("release", work)

    def step(self, number: str, state: CaseState) -> None:
        """Whatever brings a case one step nearer to its letter."""
        vault, now = self._vault, _now()
        steps: dict[CaseState, Callable[[], object]] = {
            CaseState.RECEIVED: lambda: self._accept(number),
            CaseState.COLLECTING: lambda: walk.get_ready(vault, number, now),
            CaseState.READY: lambda: opinion.begin(vault, number, now),
            CaseState.OWN_READ: lambda: self._lock(number),
            CaseState.COMPARISON: lambda: walk.compare(vault, number, STORY, now),
            CaseState.DRAFTING: lambda: walk.draft(vault, number, STORY, now),
        }

        def work() -> dict[str, object]:
            steps[state]()
            said = opinion.assessment(vault, number)
            came_to, typed = said.case.state.value, said.opinion.reasoning
            return {"number": number, "state": came_to, "reasoning": typed}

        self._marks.acknowledged("other", work, number=number, reasoning=STORY.reasoning)

    def _accept(self, number: str) -> None:
        walk.confirm(self._vault, number, STORY, _now())
        walk.accept(self._vault, number, _now())

    def _lock(self, number: str) -> None:
        own = walk.own_read(cases.open_case(self._vault, number), STORY)
        opinion.lock_own_read(self._vault, number, own, _now())

    def autosave(self, number: str) -> None:
        """The draft as it is being typed."""
        said = f"The pain is explained by the protrusion. {self._chance.random()}"

        def work() -> dict[str, object]:
            begun = opinion.assessment(self._vault, number).opinion
            opinion.save_opinion(self._vault, number, replace(begun, reasoning=said), _now())
            return {"number": number, "reasoning": said}

        self._marks.acknowledged("other", work, number=number, reasoning=said)

    def consent(self, number: str) -> None:
        """The patient agrees, or withdraws what stands and agrees anew."""
        vault = self._vault
        for given in cases.open_case(vault, number).consents:
            if given.kind is ConsentKind.DISCLOSE and given.revocation is None:
                self._marks.acknowledged("other", lambda one=given.id: self._revoke(number, one))  # type: ignore[misc]  # a default binds the loop's value
        self._marks.acknowledged(
            "other", lambda: {"number": number, "consent": walk.agree(vault, number, _now()).id}
        )

    def _revoke(self, number: str, consent_id: str) -> dict[str, object]:
        consent.revoke(
            self._vault, number, consent_id, _now(), by="the patient", how="by telephone"
        )
        return {"number": number, "revoked": consent_id}

    # --- what is worked at ------------------------------------------------------------

    def work(self, aim: str) -> Iterator[None]:
        """Acts without end, most of them of the kind that is aimed at."""
        while True:
            if aim == "import":
                self.bring_in()
            elif aim == "sign":
                self.sign(self._case(CaseState.DRAFTING, CaseState.SIGNED))
            elif aim == "release":
                self.release(self._consented())
            else:
                self._anything()
            yield

    def prepare(self, drafted: int, signed: int) -> None:
        """So many cases that wait for a signature, and for a release."""
        for n in range(drafted + signed):
            number = self._advanced(self.bring_in())
            if n < signed:
                self.sign(number)
                self.consent(number)

    def _anything(self) -> None:
        row = self._chance.choice([r for r in self._rows() if r.state is not CaseState.RELEASED])
        if row.state is CaseState.SIGNED:
            self.consent(row.number)
        elif row.state is CaseState.DRAFTING and self._chance.random() < 0.7:
            self.autosave(row.number)
        else:
            self.step(row.number, row.state)

    def _case(self, *states: CaseState) -> str:
        """A case in the first of these states that any case is in; else one is brought there."""
        rows = self._rows()
        for state in states:
            if found := [row.number for row in rows if row.state is state]:
                return self._chance.choice(found)
        return self._advanced(self.bring_in())

    def _consented(self) -> str:
        number = self._case(CaseState.SIGNED, CaseState.RELEASED)
        if not cases.open_case(self._vault, number).letters:
            self.sign(number)
        given = cases.open_case(self._vault, number).consents
        standing = [
            one
            for one in given
            if one.kind is ConsentKind.DISCLOSE
            and one.revocation is None
            and one.evidence_complete  # a kill may fall before the form is recorded
        ]
        if not standing:
            self.consent(number)
        return number

    def _advanced(self, number: str) -> str:
        state = CaseState.RECEIVED
        while state is not CaseState.DRAFTING:
            self.step(number, state)
            state = cases.open_case(self._vault, number).case.state
        self.step(number, state)
        return number

    def _rows(self) -> tuple[QueueRow, ...]:
        return reports.queue(self._vault, reports.QueueView(show="all", now=_now()), 0, 1000)


def _now() -> int:
    return time.time_ns() // 1_000_000


def _child(asked: dict[str, Any], descriptor: int, folder: Path, handed_over: Path) -> None:
    vault = store.unlock(folder, "", PASSPHRASE, _now())
    worker = Worker(vault, handed_over, Marks(descriptor), asked["seed"])
    if asked["aim"] == "prepare":
        worker.prepare(asked["drafted"], asked["signed"])
        vault.close()
        return
    for done, _ in zip(count(1), worker.work(asked["aim"]), strict=False):
        if done == asked.get("acts"):
            vault.close()
            return


def main() -> None:
    """Fork a child for every line that is asked for."""
    descriptor, folder, handed_over = int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    for line in sys.stdin:
        child = os.fork()
        if not child:
            try:
                _child(json.loads(line), descriptor, folder, handed_over)
            except BaseException as problem:  # said on the pipe, so that the campaign fails by it
                said = {"act": "", "phase": "failed", "at": 0, "why": repr(problem)}
                os.write(descriptor, json.dumps(said).encode() + b"\n")
                os._exit(1)
            os._exit(0)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("ended", flush=True)


if __name__ == "__main__":
    main()
