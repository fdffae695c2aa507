"""Random histories of one patient's letter on its way out, most of them a step from leaving.

Plain data, as oracle.py reads it. Each history has a theme: one condition that is broken on
purpose, or none; and beside it things happen that matter, that don't, or that mend each other.
"""

import random
from typing import Any

from tests.campaigns.oracle import CONDITIONS, DAY, WHO_READS, Step

PATIENT, STRANGER = "patient", "stranger"
RECIPIENTS = {
    PATIENT: "patient",
    "doctor": "treating_physician",
    "colleague": "other_physician",
    "insurer": "insurer",
    "court": "court",
    "daughter": "representative",
    "archive": "custodian",
}
PURPOSES = ["treatment", "patient_request", "insurance", "third_opinion", "legal", "other"]
KINDS = ["clinic_note", "imaging", "imaging_report", "slide", "genetics", "laboratory"]
TOPICS = ["ETH", "ETHUD", "OPIOIDUD", "PSY", "PSYTHPN", "SDV", "HIV", "STD", "GDIS", "SEX", "R"]
NEVER_SPOKEN = {"ETH", "ETHUD", "OPIOIDUD", "PSYTHPN"}
STATEMENTS = ["right_to_revoke", "no_conditioning", "re_disclosure", "how_to_revoke", "reliance"]
_HOUR = DAY // 24
_NO_THEME = 0.42
_FROM_OUTSIDE = ("consent_authentic", "letter_authentic")


class History:
    """One history on its way to being told. `outside` lets rows be changed from outside."""

    def __init__(self, rng: random.Random, start: int, *, outside: bool = True) -> None:
        self.rng = rng
        self.start = self.now = start
        self.steps: list[Step] = []
        themes = [one for one in CONDITIONS if outside or one not in _FROM_OUTSIDE]
        self.broken = set() if rng.random() < _NO_THEME else {rng.choice(themes)}
        if self.broken and rng.random() < 0.25:
            self.broken.add(rng.choice(themes))
        by_patient = "letter_fits channel restriction clock hash letter_signed letter_authentic"
        own = rng.random() < 0.12 and self.broken <= set(by_patient.split())
        self.basis = "patient" if own else "consent"
        self.to = rng.choice((PATIENT, "daughter") if own else tuple(RECIPIENTS))
        self.purpose = rng.choice(PURPOSES)

    def tell(self) -> list[Step]:
        """All of it; the last step asks whether the letter may leave."""
        consent, letter = self._consent(), self._letter()
        self._fit(consent, letter)
        first: list[Step] = [
            ("consent", consent),
            ("letter", letter),
            ("way", "way", "archive" if "channel" in self.broken and self._maybe(0.3) else self.to),
        ]
        if "channel" not in self.broken or first[-1][2] != self.to:
            first.append(("verified", "way"))
        if self._maybe(0.3):
            first.append(("consent", self._other_consent()))
        self._in_any_order(first)
        self._happenings()
        if self._maybe(0.2):
            self._ask()
        self._breakings()
        if self._maybe(0.25):
            self._anything()
        self._ask()
        return self.steps

    # --- what is kept -------------------------------------------------------------------------

    def _consent(self) -> dict[str, Any]:
        rng = self.rng
        spoken = self._maybe(0.15) or "not_verbal" in self.broken
        topics = set(rng.sample(TOPICS, rng.randint(0, 3))) - {"PSYTHPN"}
        if self._maybe(0.1):
            topics = {"PSYTHPN"} | ({"N"} if self._maybe(0.3) else set())
        by_event = self._maybe(0.25) or "event_not_occurred" in self.broken
        return {
            "id": "consent",
            "case": "case",
            "patient": PATIENT,
            "kind": "disclose",
            "status": "active",
            "valid_from": self.start - rng.choice((0, 1, _HOUR, 30 * DAY)),
            "expires": None if by_event else self.start + rng.choice((9, 30, 365)) * DAY,
            "event": "discharge" if by_event or self._maybe(0.1) else "",
            "information": "the second opinion",
            "discloser": "the desk",
            "recipients": {self.to, *rng.sample(tuple(RECIPIENTS), 2)},
            "purposes": {self.purpose, rng.choice(PURPOSES)},
            "kinds": set(rng.sample(KINDS, rng.randint(1, 4))),
            "topics": topics,
            "signature": "verbal" if spoken else rng.choice(("written", "electronic")),
            "witness": "a witness" if spoken else "",
            "given_by": "the patient",
            "statements": set(STATEMENTS),
            "evidence": True,
        }

    def _other_consent(self) -> dict[str, Any]:
        """A second consent of the same patient that may carry the letter or not."""
        other = self._consent() | {"id": "other"}
        flaw = self.rng.choice(("kind", "status", "purposes", "given_by", "nothing", "case"))
        wrong = {"kind": "review", "status": "draft", "purposes": {"legal"}, "given_by": " "}
        if flaw in wrong:
            other[flaw] = wrong[flaw]
        elif flaw == "case":
            other["case"] = "another case"
        return other

    def _letter(self) -> dict[str, Any]:
        kind = RECIPIENTS[self.to]
        fitting = [name for name, readers in WHO_READS.items() if kind in readers]
        return {
            "id": "letter",
            "case": "case",
            "patient": PATIENT,
            "kind": self.rng.choice(fitting),
            "recipient": self.to,
            "kinds": set(),
            "topics": set(),
            "signed": "letter_signed" not in self.broken,
        }

    def _fit(self, consent: dict[str, Any], letter: dict[str, Any]) -> None:
        """Have the letter carry what the consent covers, but for what is broken."""
        rng, broken = self.rng, self.broken
        carried = consent["topics"] - (NEVER_SPOKEN if consent["signature"] == "verbal" else set())
        letter["topics"] = set(rng.sample(sorted(carried), rng.randint(0, len(carried))))
        letter["kinds"] = set(rng.sample(sorted(consent["kinds"]), 1))
        if "not_verbal" in broken:
            consent["topics"] = {rng.choice(sorted(NEVER_SPOKEN))}
            letter["topics"] = set(consent["topics"])
        if "psychotherapy_alone" in broken:
            consent["topics"] = {"PSYTHPN", rng.choice(("HIV", "SEX", "ETH"))}
            consent["signature"] = "written"
            letter["topics"] = {"PSYTHPN"}
        if "sensitivities" in broken:
            letter["topics"] = letter["topics"] | {
                rng.choice([t for t in ("SDV", "HIV", "GDIS", "STD") if t not in consent["topics"]])
            }
        if "record_kinds" in broken:
            letter["kinds"] = letter["kinds"] | {"photograph"}
        if self._maybe(0.1):
            letter["topics"] = letter["topics"] | {"N"}
        self._spoil_letter(letter)
        self._spoil_consent(consent)

    def _spoil_letter(self, letter: dict[str, Any]) -> None:
        if "letter_fits" not in self.broken:
            return
        kind = RECIPIENTS[self.to]
        unfit = [name for name, readers in WHO_READS.items() if kind not in readers]
        if unfit and self._maybe(0.7):
            letter["kind"] = self.rng.choice(unfit)
        else:
            letter["recipient"] = self.rng.choice([r for r in RECIPIENTS if r != self.to])

    def _spoil_consent(self, consent: dict[str, Any]) -> None:
        rng, broken = self.rng, self.broken
        if "consent_recorded" in broken:
            consent.update(
                rng.choice(({"kind": "review"}, {"case": "another case"}, {"patient": STRANGER}))
            )
        if "consent_complete" in broken:
            lacks = rng.choice(("information", "discloser", "given_by", "statements", "end"))
            if lacks == "statements":
                consent[lacks] = set(STATEMENTS) - {rng.choice(STATEMENTS[:3])}
            elif lacks == "end":
                consent.update({"expires": None, "event": " "})
            else:
                consent[lacks] = rng.choice(("", " "))
        if "recipient" in broken:
            consent["recipients"] = set(RECIPIENTS) - {self.to}
        if "purpose" in broken:
            consent["purposes"] = set(PURPOSES) - {self.purpose}
        if "consent_active" in broken and self._maybe(0.3):
            consent["status"] = "draft"
        if "evidence_complete" in broken or self._maybe(0.05):
            consent["evidence"] = False
        if "started" in broken:
            consent["valid_from"] = self.start + 3 * DAY
            consent["expires"] = self.start + 400 * DAY
        if "not_expired" in broken:
            consent["expires"] = self.start + rng.choice((1, _HOUR, 20 * _HOUR))
        if not consent["evidence"] and "evidence_complete" not in broken:
            self.steps.append(("mend",))

    # --- what happens -------------------------------------------------------------------------

    def _in_any_order(self, first: list[Step]) -> None:
        mend = self.steps.pop() if self.steps else None
        verified = [step for step in first if step[0] == "verified"]
        kept = [step for step in first if step[0] != "verified"]
        self.rng.shuffle(kept)
        for step in kept + verified:
            self._pass_time()
            self.steps.append(step)
        if mend:
            self.steps.append(("happened", "consent", "evidence_completed"))

    def _pass_time(self) -> None:
        """The clock goes on a little, or stands; now and then it is set back."""
        luck = self.rng.random()
        if luck < 0.3:
            self.now += self.rng.choice((1, 60_000, _HOUR))
            self.steps.append(("clock", self.now))
        elif luck < 0.34:
            self.steps.append(("clock", self.now - self.rng.choice((1, DAY, 40 * DAY))))

    def _happenings(self) -> None:
        """Things that don't keep the letter back, or that are mended again."""
        if self._maybe(0.12):
            others = [r for r in RECIPIENTS if r != self.to]
            self._restrict("another", self.rng.choice(others), "", PATIENT)
        if self._maybe(0.08):
            self._restrict("lifted", self.to, "", PATIENT)
            self.steps.append(("lift", "lifted", PATIENT))
        if self._maybe(0.05):
            self._restrict("theirs", self.to, "", STRANGER)
        if self._maybe(0.08):
            self.steps += [("restore",), ("happened", "consent", "reconfirmed")]
        if self._maybe(0.08):
            self.now += self.rng.choice((2, 5)) * DAY
            self.steps += [("clock", self.now), ("confirm",)]
        if self._maybe(0.05) and any(step[:1] == ("consent",) and step[1]["id"] == "other"
                                     for step in self.steps):  # fmt: skip
            self.steps.append(("revoke", "other"))

    def _breakings(self) -> None:
        """What is broken by something that happens."""
        rng, broken = self.rng, self.broken
        if "not_revoked" in broken:
            self.steps.append(("revoke", "consent"))
        if "consent_active" in broken and not any(
            step[0] == "consent" and step[1]["status"] == "draft" for step in self.steps
        ):
            ended = rng.choice(("inactive", "entered-in-error"))
            self.steps.append(("happened", "consent", ended))
        if "event_not_occurred" in broken:
            self.steps.append(("happened", "consent", "event_occurred"))
        if "reconfirmed" in broken:
            self.steps.append(("restore",))
            if self._maybe(0.3):
                self.steps.append(("happened", "consent", "evidence_completed"))
        if "restriction" in broken:
            self._break_by_wish()
        for name in _FROM_OUTSIDE:
            if name in broken:
                self.steps.append(("changed", name.removesuffix("_authentic")))
        if "not_expired" in broken:
            self.now = max(self.now, self.start) + 21 * _HOUR
            self.steps += [("clock", self.now), ("tick",)]
            if self._maybe(0.4):
                self.steps.append(("clock", self.start))
        if "clock" in broken:
            self.steps.append(("clock", self.now + rng.choice((DAY + 6 * _HOUR, 3650 * DAY))))

    def _anything(self) -> None:
        """Whatever may happen on a desk, in any order and number."""
        rng = self.rng
        kept = [step[1]["id"] for step in self.steps if step[0] == "consent"]
        for number in range(rng.randint(1, 4)):
            consent, wish = rng.choice(kept), f"any{number}"
            told: list[list[Step]] = [
                [("revoke", consent)],
                [("restore",)],
                [("confirm",)],
                [("verified", "way")],
                [("clock", self.now + rng.choice((-DAY, 1, 23 * _HOUR, DAY, DAY + 1, 40 * DAY)))],
                [("lift", one[1]["id"], PATIENT) for one in self.steps if one[0] == "restrict"],
            ]
            happened = ("event_occurred", "evidence_completed", "inactive", "reconfirmed")
            told += [[("happened", consent, what)] for what in (*happened, "entered-in-error")]
            self.steps += rng.choice(told)
            if self._maybe(0.1):
                to, kind = rng.choice(tuple(RECIPIENTS)), rng.choice(tuple(RECIPIENTS.values()))
                self._restrict(wish, *rng.choice(((to, ""), ("", kind))), PATIENT)

    def _break_by_wish(self) -> None:
        if self._maybe(0.5):
            self._restrict("wish", self.to, "", PATIENT)
        else:
            self._restrict("wish", "", RECIPIENTS[self.to], PATIENT)
        if self._maybe(0.3):
            self.steps.append(("lift", "wish", STRANGER))

    def _restrict(self, name: str, recipient: str, kind: str, patient: str) -> None:
        wish = {"id": name, "recipient": recipient, "kind": kind, "patient": patient}
        self.steps.append(("restrict", wish))

    def _ask(self) -> None:
        if "clock" not in self.broken:
            self.steps.append(("tick",))
        asked = {
            "letter": "letter",
            "recipient": self.to,
            "recipient_kind": RECIPIENTS[self.to],
            "way": "way",
            "purpose": self.purpose,
            "basis": self.basis,
            "bytes": "hash" not in self.broken,
        }
        missing = "consent_recorded" in self.broken and self._maybe(0.2)
        self.steps.append(("ask", asked, None if missing else "consent"))

    def _maybe(self, share: float) -> bool:
        return self.rng.random() < share
