"""The same histories in a real store: steps are acts, and questions are put to the triggers too."""

from pathlib import Path
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from consultdesk.consultation.audit import Act
from consultdesk.consultation.consent import Purpose, Restriction, Revocation
from consultdesk.consultation.delivery import Basis, Moment, Parcel, Refusal, clear
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.patient import Channel, ChannelKind, Recipient, RecipientKind
from consultdesk.vault import consents, letters, people, tables
from consultdesk.vault.clock_mark import CONFIRM
from consultdesk.vault.rows import Writing
from tests.campaigns.histories import PATIENT, RECIPIENTS, STRANGER
from tests.campaigns.oracle import Desk, Step
from tests.campaigns.values import PDF, START, consent_of, letter_of
from tests.vault.building import a_patient, bare_case, create, fill

SAID_AS = {"not_verbal": "sensitivities", "psychotherapy_alone": "sensitivities"}
"""What isn't permitted after all never becomes a token: the triggers name it by that word."""

_CASES = ("case", "another case")


class Stored:
    """One store that takes one history after another, each of a patient of its own."""

    def __init__(self, folder: Path) -> None:
        self.vault = create(folder / "histories.desk", START)
        self.content_id = fill(self.vault).letter.content_id
        self.mark = START
        self._told = 0
        self._names: dict[str, str] = {}

    def close(self) -> None:
        """Close the store."""
        self.vault.close()

    def differs(self, steps: list[Step], name: str) -> list[str]:
        """Tell it one history; where gate or triggers say otherwise than oracle.py."""
        self._begin()
        desk = Desk(self.mark)
        wrong: list[str] = []
        waiting: list[Step] = []
        for step in [*steps, ("clock", 0)]:
            if step[0] in ("clock", "confirm", "ask"):
                self._act(desk, waiting)
                waiting = []
            if step[0] == "ask":
                wrong += [f"{name}: {said}" for said in self._ask(desk, *step[1:])]
            elif step[0] == "confirm":
                with self.vault.act(Act(CONFIRM, desk.system)):
                    desk.take(step)
            elif step[0] == "clock":
                desk.take(step)
            else:
                waiting.append(step)
        self.mark = desk.mark
        return wrong

    # --- what happens -------------------------------------------------------------------------

    def _begin(self) -> None:
        """The people and cases of one more history."""
        self._told += 1
        with self.vault.act(Act("begin", self.mark)) as writing:
            patient, stranger = a_patient(), a_patient(name="Ida Falk")
            self._names = {PATIENT: patient.id, STRANGER: stranger.id}
            for one in (patient, stranger):
                people.add_patient(writing, one, self.mark)
            for number, case in enumerate(_CASES):
                kept = bare_case(writing, patient, f"2027-{self._told}-{number}")
                self._names[case] = kept.id
            for name, kind in RECIPIENTS.items():
                if name != PATIENT:
                    someone = Recipient(new_id(self.mark), RecipientKind(kind), "Somebody")
                    people.add_recipient(writing, someone)
                    self._names[name] = someone.id

    def _act(self, desk: Desk, steps: list[Step]) -> None:
        """One act for what happens while the clock stands."""
        if not steps:
            return
        for step in steps:
            desk.take(step)
        with self.vault.act(Act("step", desk.mark, case_id=self._names["case"])) as writing:
            for word, *about in steps:
                if word != "tick":
                    getattr(self, f"_{word}")(writing, desk.mark, *about)

    def _id(self, name: str) -> str:
        return self._names.setdefault(name, new_id(self.mark))

    def _consent(self, writing: Writing, at: int, said: dict[str, Any]) -> None:
        known = {
            "id": self._id(said["id"]),
            "case": self._id(said["case"]),
            "patient": self._id(said["patient"]),
            "recipients": {self._id(one) for one in said["recipients"]},
        }
        consents.add(writing, consent_of(said | known, at))

    def _letter(self, writing: Writing, at: int, said: dict[str, Any]) -> None:
        known = {name: self._id(said[name]) for name in ("id", "case", "patient", "recipient")}
        letters.add(writing, letter_of(said | known, at, self.content_id))

    def _revoke(self, writing: Writing, at: int, consent: str) -> None:
        gone = Revocation(new_id(at), self._id(consent), at, "the patient", "in person")
        consents.revoke(writing, self._case_of(writing, consent), gone)

    def _happened(self, writing: Writing, at: int, consent: str, what: str) -> None:
        case_id = self._case_of(writing, consent)
        consents.happened(
            writing, case_id, self._id(consent), what, at=at, by="anna", detail="because"
        )

    def _restore(self, writing: Writing, _at: int) -> None:
        writing.sql.execute(text("UPDATE clock_mark SET epoch = epoch + 1"))

    def _way(self, writing: Writing, _at: int, name: str, recipient: str) -> None:
        way = Channel(self._id(name), ChannelKind.HAND_OVER_PRINT, "")
        people.add_channel(writing, self._id(recipient), way)

    def _verified(self, writing: Writing, at: int, name: str) -> None:
        people.verify_channel(writing, self._id(name), at=at, by="anna", how="seen")

    def _restrict(self, writing: Writing, at: int, said: dict[str, Any]) -> None:
        to = self._id(said["recipient"]) if said["recipient"] else ""
        patient_id = self._id(said["patient"])
        wish = Restriction(self._id(said["id"]), patient_id, to, said["kind"], at, "said so")
        consents.restrict(writing, wish)

    def _lift(self, writing: Writing, at: int, name: str, patient: str) -> None:
        lifting = Restriction(new_id(at), self._id(patient), "", "", at, "said so")
        consents.lift_restriction(writing, lifting, self._id(name))

    def _case_of(self, writing: Writing, consent: str) -> str:
        row = writing.by_id(tables.consent, self._id(consent))
        assert row is not None
        return str(row["case_id"])

    # --- what is asked ------------------------------------------------------------------------

    def _ask(self, desk: Desk, asked: dict[str, Any], under: str | None) -> list[str]:
        """Both gates, against what is expected of them."""
        expected = desk.failing(asked, under)
        with self.vault.act(Act("ask", desk.mark, case_id=self._names["case"])) as writing:
            got = self._by_the_domain(writing, desk, asked, under)
            said = self._by_the_triggers(writing, desk, asked, under)
        wrong = [f"{sorted(got)}, not {sorted(expected)}"] if got != expected else []
        known = {SAID_AS.get(one, one) for one in expected}
        right = said.removeprefix("gate:") in known if expected else said == ""
        if under is None and asked["basis"] == "consent":
            right = said.startswith("gate:")
        return wrong if right else [*wrong, f"triggers: {said!r}, not {sorted(known)}"]

    def _by_the_domain(
        self, writing: Writing, desk: Desk, asked: dict[str, Any], under: str | None
    ) -> frozenset[str]:
        letter = letters.by_id(writing, self._id(asked["letter"]))
        to = people.recipient(writing, self._id(asked["recipient"]))
        assert letter is not None
        assert to is not None
        mark = self.vault.moment(writing, desk.mark).mark
        way_id = self._id(asked["way"])
        way = to.channel(way_id) or Channel(way_id, ChannelKind.HAND_OVER_PRINT, "")
        purpose, basis = Purpose(asked["purpose"]), Basis(asked["basis"])
        parcel = Parcel("key", letter, self._pdf(asked), to, way, purpose, basis)
        held = None
        if under:
            of_case = consents.of_case(writing, self._case_of(writing, under))
            held = next(one for one in of_case if one.id == self._id(under))
        wishes = consents.restrictions(writing, letter.patient_id)
        verdict = clear(parcel, held, wishes, Moment(desk.system, mark))
        return frozenset(verdict.clauses) if isinstance(verdict, Refusal) else frozenset()

    def _by_the_triggers(
        self, writing: Writing, desk: Desk, asked: dict[str, Any], under: str | None
    ) -> str:
        case_id = self._names["case"]
        row = {
            "id": new_id(desk.mark),
            "case_id": case_id,
            "letter_id": self._id(asked["letter"]),
            "recipient_id": self._id(asked["recipient"]),
            "channel_id": self._id(asked["way"]),
            "consent_id": self._id(under) if under and asked["basis"] == "consent" else None,
            "basis": asked["basis"],
            "purpose_token": consents.purpose_token(writing, case_id, Purpose(asked["purpose"])),
            "hash_token": letters.hash_token(writing, case_id, letters.hash_of(self._pdf(asked))),
            "at": max(desk.system, desk.mark),
            "key": new_id(desk.mark),
        }
        inner = writing.sql.begin_nested()
        try:
            writing.sql.execute(insert(tables.dispatch).values(**row))
        except IntegrityError as error:
            return str(error.orig)
        finally:
            inner.rollback()
        return ""

    def _pdf(self, asked: dict[str, Any]) -> bytes:
        return PDF if asked["bytes"] else PDF + b" "
