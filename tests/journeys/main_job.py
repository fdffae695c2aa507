"""The whole main job by the desk's own acts, one step at a time, each word marked.

`python -m tests.journeys.main_job STORE RECEIVED DESTINATION WORD [QUEUE]` says a step's name
on standard output before it begins and waits for a line on its standard input. RECEIVED holds
the records; DESTINATION is where the letter is saved; QUEUE is a printer queue.
"""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from consultdesk.consultation.assessment import (
    Comparison,
    DiagnosisRelation,
    FollowUpOwner,
    Impact,
    Recommendation,
    Timing,
)
from consultdesk.consultation.audit import Role, User
from consultdesk.consultation.case import (
    CaseState,
    FlagAnswer,
    Priority,
    Question,
    RedFlag,
    UrgentContact,
)
from consultdesk.consultation.consent import (
    THREE_STATEMENTS,
    Consent,
    ConsentKind,
    ConsentStatus,
    Purpose,
)
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.letter import LetterKind, Practice
from consultdesk.consultation.patient import (
    ChannelKind,
    Identifier,
    Representative,
    TreatingPhysician,
)
from consultdesk.consultation.source import Document, Frames, Pages
from consultdesk.desk import cases, consent, intake, letter, opinion, sending, store, viewing
from consultdesk.errors import ConsentMissing
from consultdesk.letters.rendition import protect
from consultdesk.samples import walk
from consultdesk.samples.stories import STORIES
from consultdesk.transports.handover import PrintOptions, SaveOptions

PASSPHRASE = "synthetic patients only"
PASSWORD = "told over the telephone"
_YEAR_MS = walk.YEAR_MS


class Job:
    """One case from its first record to its letter and past it."""

    def __init__(self, folder: Path, received: Path, destination: Path, word: str) -> None:
        self.word = word
        self._received = received
        self._destination = destination
        user = User("ada", f"Dr. Ada {word}", Role.PHYSICIAN, f"No {word}", f"Spine {word}")
        self.vault = store.make(folder, user, PASSPHRASE, _now(), throw_away=True)
        head = Practice(f"Berg {word}", f"{word} Square", "+1 555 0123", "desk@example.org")
        store.set_letterhead(self.vault, head, _now())
        self.number = ""

    def steps(self, queue: str) -> Iterator[tuple[str, Callable[[], None]]]:
        """Each step's name and what it does, in their order."""
        yield "import", self.bring_in
        yield "search", self.search
        yield "look", self.look
        yield "confirm", self.confirm
        yield "flags", self.flags
        yield "ready", self.make_ready
        yield "autosave", self.autosave
        yield "compare", self.compare
        yield "draft", self.draft
        yield "preview", self.preview
        yield "sign", self.sign
        yield "refused", self.refused
        yield "save", self.save
        if queue:
            yield "print", lambda: self.print(queue)
        yield "addendum", self.addendum
        yield "revoke", self.revoke
        yield "search again", self.search
        yield "verify", self.verify

    def bring_in(self) -> None:
        taken = intake.bring_in(
            self.vault, (self._received,), _now(), source=f"disc from {self.word}"
        )
        assert not taken.problems, taken.problems
        self.number = taken.number

    def search(self) -> None:
        hits = viewing.find(self.vault, self.word)
        assert hits

    def look(self) -> None:
        """Every record, as the viewer opens it."""
        for record in cases.open_case(self.vault, self.number).records:
            view = viewing.open_record(self.vault, self.number, record.id, _now()).view
            if isinstance(view, Pages):
                with view.source.open() as stream:
                    stream.read()
            elif isinstance(view, Document):
                assert view.text
            elif isinstance(view, Frames):
                for n in range(view.count):
                    view.frame(n)

    def confirm(self) -> None:
        word, now = self.word, _now()
        file = cases.open_case(self.vault, self.number)
        patient = replace(
            file.patient, name=f"Sofia {word}", birth_date="1972-03-08", phone=word, sex=word,
            identifiers=(Identifier("mrn", word),), contact=word, language=word,
            reading_needs=word, capacity=word, companion=word, location=word,
            representative=Representative(word, word, word),
        )  # fmt: skip
        cases.confirm_patient(self.vault, self.number, patient, now)
        physician = TreatingPhysician(
            new_id(now), f"Dr. Bakker {word}", f"Clinic {word}", word, word, word
        )
        cases.name_physician(self.vault, self.number, physician, now)
        asked = (Question(1, f"Is {word} needed?", f"{word}", source=word), Question(2, "When?"))
        cases.set_questions(self.vault, self.number, asked, now)
        cases.describe(
            self.vault, self.number, now,
            lambda case: replace(
                case, specialty="spine", laterality=word, level=word, patient_decision=word,
                referral=replace(
                    case.referral, first_diagnosis=f"{word} left", first_plan=f"{word} surgery"
                ),
            ),
        )  # fmt: skip
        cases.set_priority(self.vault, self.number, Priority.URGENT, now)

    def flags(self) -> None:
        """A red flag, the call about it, and the physician's word; then a hold."""
        vault, number, word = self.vault, self.number, self.word
        first, *others = cases.open_case(vault, number).specialty.red_flags
        raised = RedFlag(first.code, f"{first.text} {word}", FlagAnswer.YES, asked_of=word)
        cases.answer_flags(vault, number, (raised,), _now())
        contact = UrgentContact("", "", first.code, word, word, _now(), True, word)
        cases.log_contact(vault, number, contact, _now())
        cases.triage(vault, number, _now(), safe=True, note=word)
        for flag in others:
            said = RedFlag(flag.code, flag.text, FlagAnswer.NO, asked_of=word)
            cases.answer_flags(vault, number, (said,), _now())
        cases.declare(vault, number, _now(), conflict=False, detail=word)
        cases.accept(vault, number, _now())
        cases.move_aside(vault, number, CaseState.ON_HOLD, word, _now())
        cases.resume(vault, number, _now())

    def make_ready(self) -> None:
        walk.agree_to_review(self.vault, self.number, _now())
        file = cases.open_case(self.vault, self.number)
        for record in file.records:
            cases.change_record(
                self.vault, self.number, record.id, _now(),
                lambda one: replace(one, event_date="2026-10-20"),
            )  # fmt: skip
        for kind in {*file.completeness.missing, "genetics"}:
            cases.go_on_without(self.vault, self.number, f"record:{kind}", self.word, _now())
        cases.make_ready(self.vault, self.number, _now())

    def autosave(self) -> None:
        """The own read, kept at every pause of typing, then opened early and locked."""
        vault, number, now = self.vault, self.number, _now()
        opinion.begin(vault, number, now)
        story = replace(STORIES[0], findings=f"Findings {self.word}", diagnosis=self.word)
        own = walk.own_read(cases.open_case(vault, number), story)
        for n in range(5):
            opinion.save_own_read(vault, number, replace(own, findings=f"{self.word} {n}"), now)
        opinion.open_with_reason(vault, number, self.word, now)
        opinion.lock_own_read(vault, number, own, now)

    def compare(self) -> None:
        said = Comparison(
            "", relation=DiagnosisRelation.REFINED, impact=Impact.MAJOR,
            comment=f"Close to {self.word}.", major_decision=f"Telephoned {self.word}.",
        )  # fmt: skip
        opinion.save_comparison(self.vault, self.number, said, _now())
        opinion.finish_comparison(self.vault, self.number, said, _now())

    def draft(self) -> None:
        vault, number, word, now = self.vault, self.number, self.word, _now()
        asked = cases.open_case(vault, number).case.referral.questions
        answered = (
            replace(asked[0], answer=f"Not {word}."),
            replace(asked[1], cannot_answer=f"Depends on {word}."),
        )
        cases.set_questions(vault, number, answered, now)
        begun = opinion.assessment(vault, number).opinion
        written = replace(
            begun, brief=f"No {word} is needed.", reasoning=f"Because of {word}.", history=word,
            recommendations=(Recommendation(word, "treating physician", Timing.CONDITION, word),),
            danger=(f"Allergy: {word}",), prognosis=word,
            follow_up_owner=FollowUpOwner.TREATING_PHYSICIAN,
        )  # fmt: skip
        for n in range(5):
            opinion.save_opinion(vault, number, replace(written, limitations=f"{word} {n}"), now)
        cases.describe(
            vault, number, _now(), lambda case: replace(case, laterality=word, level=word)
        )  # fmt: skip
        found = letter.check(vault, number)
        reasons = {letter.side_key(side): word for side in found.sides}
        reasons |= {letter.hit_key(found.text, hit): word for hit in found.unacknowledged}
        opinion.save_opinion(vault, number, replace(written, overrides=reasons), now)

    def preview(self) -> None:
        kind = LetterKind.TREATING_PHYSICIAN
        assert letter.preview(self.vault, self.number, kind, _now()).startswith(b"%PDF-")

    def sign(self) -> None:
        kind = LetterKind.TREATING_PHYSICIAN
        self.signed = letter.sign(self.vault, self.number, kind, PASSPHRASE, _now())

    def refused(self) -> None:
        """The gate before there is a consent."""
        try:
            self._send(ChannelKind.HAND_OVER_SAVE, self._where())
        except ConsentMissing:
            return
        raise AssertionError("a letter left without consent")

    def save(self) -> None:
        self._agree()
        restriction = consent.restrict(
            self.vault, self.number, _now(), kind="insurer", reason=self.word
        )
        consent.lift_restriction(self.vault, self.number, restriction.id, _now(), self.word)
        self._verify(ChannelKind.HAND_OVER_SAVE)
        self._send(ChannelKind.HAND_OVER_SAVE, self._where())

    def print(self, queue: str) -> None:
        self._verify(ChannelKind.HAND_OVER_PRINT)
        self._send(ChannelKind.HAND_OVER_PRINT, PrintOptions(queue))

    def addendum(self) -> None:
        kind, more = LetterKind.ADDENDUM, f"Also {self.word}."
        letter.sign(self.vault, self.number, kind, PASSPHRASE, _now(), amendment=more)
        cases.acknowledge(self.vault, self.number, f"Telephoned {self.word}.", _now())

    def revoke(self) -> None:
        word, number = self.word, self.number
        consent.reconfirm(self.vault, number, self._given.id, _now(), word)
        consent.revoke(
            self.vault, number, self._given.id, _now(), by=word, how=word, reason=word
        )  # fmt: skip

    def verify(self) -> None:
        assert store.verify(self.vault).ok

    # --- inside -----------------------------------------------------------------------

    def _agree(self) -> None:
        word, file = self.word, cases.open_case(self.vault, self.number)
        carried = frozenset(code for record in file.records for code in record.sensitivities)
        given = Consent(
            id="", case_id="", patient_id="", kind=ConsentKind.DISCLOSE,
            status=ConsentStatus.ACTIVE, valid_from=_now(), expires_at=_now() + _YEAR_MS,
            information=word, discloser=word, purposes=frozenset({Purpose.TREATMENT}),
            recipients=frozenset({file.case.treating_physician_id}),
            record_kinds=frozenset(record.kind for record in file.records),
            sensitivities=carried, expiry_event=word, witness=word, given_by=word,
            representative_authority=word, statements=THREE_STATEMENTS,
        )  # fmt: skip
        self._given = consent.record(self.vault, self.number, given, _now())
        consent.complete_evidence(self.vault, self.number, self._given.id, _now(), word)

    def _verify(self, kind: ChannelKind) -> None:
        recipient = self.signed.recipient_id
        sending.verify_channel(self.vault, self.number, recipient, kind, _now(), self.word)

    def _where(self) -> SaveOptions:
        return SaveOptions(self._destination, f"Letter {self.word}", PASSWORD, protect)

    def _send(self, kind: ChannelKind, options: SaveOptions | PrintOptions) -> None:
        key, purpose = new_id(_now()), Purpose.TREATMENT
        wish = sending.Sending(self.number, self.signed.id, kind, purpose, key)
        sending.send(self.vault, wish, options, _now)


def _now() -> int:
    return time.time_ns() // 1_000_000


def main() -> None:
    """Say a step, wait, do it."""
    folder, received, destination = (Path(said) for said in sys.argv[1:4])
    job = Job(folder, received, destination, sys.argv[4])
    for name, work in job.steps(sys.argv[5] if len(sys.argv) > 5 else ""):
        print(name, flush=True)
        if not sys.stdin.readline():
            break
        work()
    job.vault.close()
    print("closed", flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    main()
