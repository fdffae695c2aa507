"""What the field says of one release, in plain data: written from domain.md, from nothing of ours.

A history is a list of steps, each a tuple of a word and what it is about; times are UTC ms.

    ("clock", at)                   the computer's clock says this from now on
    ("confirm",)                    a person vouches for the computer's clock
    ("restore",)                    the store was restored: a new epoch begins
    ("consent", {…})                a consent is recorded
    ("revoke", consent)             the patient withdraws it
    ("happened", consent, what)     event_occurred, evidence_completed, inactive,
                                    entered-in-error, reconfirmed
    ("changed", id)                 somebody changed the row from outside
    ("letter", {…})                 a letter is kept
    ("way", id, recipient)          a way to a recipient is kept
    ("verified", way)               somebody checked that it reaches the recipient
    ("restrict", {…})               the patient rules a recipient, or all of a kind, out
    ("lift", restriction, patient)  a patient lifts a restriction

`failing` says which conditions of a release don't hold after all these steps, by the names in
`CONDITIONS`. Nothing failing is a release.
"""

from typing import Any

DAY = 24 * 60 * 60 * 1000

CONDITIONS = [
    "clock",
    "consent_recorded",
    "consent_authentic",
    "consent_active",
    "consent_complete",
    "evidence_complete",
    "reconfirmed",
    "not_revoked",
    "started",
    "not_expired",
    "event_not_occurred",
    "recipient",
    "purpose",
    "record_kinds",
    "sensitivities",
    "not_verbal",
    "psychotherapy_alone",
    "letter_fits",
    "letter_signed",
    "letter_authentic",
    "hash",
    "channel",
    "restriction",
]

# The treating physician's letter goes to no patient-shaped recipient, and so on.
_DOCTORS = {"treating_physician", "other_physician"}
_PATIENTS = {"patient", "representative"}
_OFFICES = {"insurer", "court"}
WHO_READS = {
    "treating_physician": _DOCTORS | _OFFICES,
    "patient": _PATIENTS,
    "patient_only": _PATIENTS,
    "preliminary": _DOCTORS,
    "interim_urgent": _DOCTORS,
    "records_request": _DOCTORS | {"custodian"},
    "return_or_decline": _DOCTORS | _OFFICES | _PATIENTS,
    "addendum": _DOCTORS | _OFFICES,
    "safety_correction": _DOCTORS | _OFFICES,
    "third_opinion_referral": {"other_physician"},
    "disclosure_cover": _DOCTORS | _OFFICES,
}

_SUBSTANCE = {"ETH", "ETHUD", "OPIOIDUD"}
_NEVER_SPOKEN = _SUBSTANCE | {"PSYTHPN"}
_STATEMENTS = {"right_to_revoke", "no_conditioning", "re_disclosure"}
_OF_SUBSTANCE = {"how_to_revoke", "reliance"}

Step = tuple[Any, ...]


class Desk:
    """What stands after a history, as somebody with pen and paper would keep it."""

    def __init__(self, start: int) -> None:
        self.system = self.mark = start
        self.epoch = 1
        self.consents: dict[str, dict[str, Any]] = {}
        self.letters: dict[str, dict[str, Any]] = {}
        self.ways: dict[str, str] = {}
        self.verified: set[str] = set()
        self.restrictions: dict[str, dict[str, Any]] = {}
        self.lifted: set[str] = set()
        self.changed: set[str] = set()

    @property
    def jumped(self) -> bool:
        """Whether the clock is further ahead than is believed without a person's word."""
        return self.system - self.mark > DAY

    def take(self, step: Step) -> None:
        """Let one more thing happen."""
        word, *about = step
        if word == "clock":
            self.system = about[0]
        elif word == "confirm" or not self.jumped:
            self.mark = max(self.mark, self.system)
        if word in ("consent", "letter", "restrict"):
            self._keep(word, about[0])
        elif word == "restore":
            self.epoch += 1
        elif word == "revoke":
            self.consents[about[0]]["revoked"] = True
        elif word == "happened":
            self._happened(*about)
        elif word == "changed":
            self.changed.add(about[0])
        elif word == "way":
            self.ways[about[0]] = about[1]
        elif word == "verified":
            self.verified.add(about[0])
        elif word == "lift" and self.restrictions[about[0]]["patient"] == about[1]:
            self.lifted.add(about[0])

    def _keep(self, word: str, said: dict[str, Any]) -> None:
        if word == "consent":
            known = {"epochs": {self.epoch}, "ended": False, "occurred": False, "revoked": False}
            self.consents[said["id"]] = said | known
        elif word == "letter":
            self.letters[said["id"]] = dict(said)
        else:
            self.restrictions[said["id"]] = dict(said)

    def _happened(self, consent: str, what: str) -> None:
        held = self.consents[consent]
        if what == "event_occurred":
            held["occurred"] = True
        elif what == "evidence_completed":
            held["evidence"] = True
        elif what == "reconfirmed":
            held["epochs"] = held["epochs"] | {self.epoch}
        else:
            held["ended"] = True

    # --- the conditions of a release --------------------------------------------------------

    def failing(self, asked: dict[str, Any], consent: str | None) -> frozenset[str]:
        """The conditions that don't hold for a release under that consent.

        `asked`: letter, recipient (id and kind), way, purpose, basis ("consent" or "patient"),
        and `bytes`, whether they are the ones that were signed.
        """
        wrong = self._of_letter(asked)
        if asked["basis"] == "patient":
            return frozenset(wrong)
        if consent is None:
            return frozenset({"consent_recorded"})
        letter = self.letters[asked["letter"]]
        held = self.consents[consent]
        return frozenset(wrong | self._of_time(held) | self._of_consent(held, letter, asked))

    def may_leave(self, asked: dict[str, Any]) -> bool:
        """Whether it may leave under any consent there is, or needs none and may leave."""
        if asked["basis"] == "patient":
            return not self.failing(asked, None)
        return any(not self.failing(asked, one) for one in self.consents)

    def _of_letter(self, asked: dict[str, Any]) -> set[str]:
        letter = self.letters[asked["letter"]]
        to, kind = asked["recipient"], asked["recipient_kind"]
        wrong = set()
        if self.jumped:
            wrong.add("clock")
        fits = kind in WHO_READS[letter["kind"]] and letter["recipient"] == to
        if kind == "patient" and to != letter["patient"]:
            fits = False
        if asked["basis"] == "patient" and kind not in _PATIENTS:
            fits = False
        if not fits:
            wrong.add("letter_fits")
        if not letter["signed"]:
            wrong.add("letter_signed")
        if letter["id"] in self.changed:
            wrong.add("letter_authentic")
        if not asked["bytes"]:
            wrong.add("hash")
        if self.ways.get(asked["way"]) != to or asked["way"] not in self.verified:
            wrong.add("channel")
        for name, one in self.restrictions.items():
            against = to == one["recipient"] or kind == one["kind"] or name in self.changed
            if one["patient"] == letter["patient"] and name not in self.lifted and against:
                wrong.add("restriction")
        return wrong

    def _of_time(self, held: dict[str, Any]) -> set[str]:
        now = self.mark if self.jumped else max(self.system, self.mark)
        wrong = set()
        if held["valid_from"] > now:
            wrong.add("started")
        if held["expires"] is not None and held["expires"] <= now:
            wrong.add("not_expired")
        if held["occurred"]:
            wrong.add("event_not_occurred")
        if self.epoch not in held["epochs"]:
            wrong.add("reconfirmed")
        return wrong

    def _of_consent(
        self, held: dict[str, Any], letter: dict[str, Any], asked: dict[str, Any]
    ) -> set[str]:
        same = held["case"] == letter["case"] and held["patient"] == letter["patient"]
        holds = {
            "consent_recorded": held["kind"] == "disclose" and same,
            "consent_authentic": held["id"] not in self.changed,
            "consent_active": held["status"] == "active" and not held["ended"],
            "consent_complete": _complete(held),
            "evidence_complete": held["evidence"],
            "not_revoked": not held["revoked"],
            "recipient": asked["recipient"] in held["recipients"],
            "purpose": asked["purpose"] in held["purposes"],
            "record_kinds": letter["kinds"] <= held["kinds"],
            "sensitivities": letter["topics"] <= held["topics"] | {"N"},
            "not_verbal": held["signature"] != "verbal" or not letter["topics"] & _NEVER_SPOKEN,
            "psychotherapy_alone": _alone(held["topics"], letter["topics"]),
        }
        return {name for name, right in holds.items() if not right}


def _alone(permitted: set[str], carried: set[str]) -> bool:
    """Psychotherapy notes need a consent of their own."""
    if "PSYTHPN" not in carried or "PSYTHPN" not in permitted:
        return True
    return permitted - {"N"} == {"PSYTHPN"}


def _complete(held: dict[str, Any]) -> bool:
    """Every element of 45 CFR 164.508(c), and of 42 CFR 2.31 where substance use is covered."""
    said = all(held[name].strip() for name in ("information", "discloser", "given_by"))
    named = all(held[name] for name in ("recipients", "purposes", "kinds"))
    ends = held["expires"] is not None or bool(held["event"].strip())
    witnessed = held["signature"] != "verbal" or bool(held["witness"].strip())
    needed = _STATEMENTS | (_OF_SUBSTANCE if held["topics"] & _SUBSTANCE else set())
    return said and named and ends and witnessed and needed <= held["statements"]
