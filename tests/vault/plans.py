"""For each clause one release out of a real store that breaks just it, and one that doesn't."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import text

from consultdesk.consultation.consent import (
    Consent,
    ConsentKind,
    ConsentStatus,
    Purpose,
    Restriction,
    Revocation,
    SignatureKind,
)
from consultdesk.consultation.delivery import (
    LARGEST_JUMP,
    Basis,
    Clause,
    ClearedParcel,
    Moment,
    Parcel,
    Refusal,
    clear,
)
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.letter import Letter, LetterKind
from consultdesk.consultation.patient import Channel, ChannelKind, Recipient, RecipientKind
from consultdesk.consultation.record import RecordKind, Sensitivity
from consultdesk.vault import consents, letters, people, tables
from consultdesk.vault.rows import Writing
from tests.consultation.parcels import NOW, PDF, Anything
from tests.vault.building import Desk, a_patient, bare_case, the_patient, the_recipient


@dataclass(frozen=True)
class Plan:
    """One release as it would be asked for: in the domain, and by SQL."""

    letter: Letter
    consent: Consent | None
    recipient_id: str
    channel_id: str
    purpose: Purpose = Purpose.TREATMENT
    pdf: bytes = PDF
    basis: Basis = Basis.CONSENT
    at: int = NOW
    case_id: str = ""

    def ask(self, writing: Writing, desk: Desk) -> ClearedParcel | Refusal:
        """The domain's gate, on what the store says."""
        letter = letters.by_id(writing, self.letter.id)
        assert letter is not None
        to = the_recipient(writing, self.recipient_id)
        channel = to.channel(self.channel_id) or Channel("", ChannelKind.HAND_OVER_PRINT, "")
        parcel = Parcel(new_id(NOW), letter, self.pdf, to, channel, self.purpose, self.basis)
        held = None
        if self.consent:
            of_case = consents.of_case(writing, self.consent.case_id)
            held = next(one for one in of_case if one.id == self.consent.id)
        wishes = consents.restrictions(writing, letter.patient_id)
        mark = desk.vault.moment(writing, self.at).mark
        return clear(parcel, held, wishes, Moment(self.at, mark))

    def row(self, writing: Writing, desk: Desk) -> dict[str, object]:
        """The dispatch as raw columns."""
        case_id = self.case_id or desk.case_id
        return desk.dispatch_row(
            writing,
            case_id=case_id,
            letter_id=self.letter.id,
            recipient_id=self.recipient_id,
            channel_id=self.channel_id,
            consent_id=self.consent and self.consent.id,
            basis=self.basis.value,
            purpose_token=consents.purpose_token(writing, case_id, self.purpose),
            hash_token=letters.hash_token(writing, case_id, letters.hash_of(self.pdf)),
            at=self.at,
        )


Prepare = Callable[[Writing, Desk], Plan]


def to_physician(desk: Desk, **changes: Anything) -> Plan:
    plain = Plan(desk.letter, desk.consent, desk.physician_id, desk.channel.id)
    return replace(plain, **changes)


def to_patient(writing: Writing, desk: Desk, **changes: Anything) -> Plan:
    said = {"kind": LetterKind.PATIENT_ONLY, "recipient_id": desk.patient_id} | changes
    letter = desk.add_letter(writing, **said)
    return Plan(letter, None, desk.patient_id, desk.own_channel.id, basis=Basis.PATIENT)


def with_consent(**changes: Anything) -> Prepare:
    return lambda writing, desk: to_physician(desk, consent=desk.add_consent(writing, **changes))


def with_letter(**changes: Anything) -> Prepare:
    return lambda writing, desk: to_physician(desk, letter=desk.add_letter(writing, **changes))


def after(kind: str, **changes: Anything) -> Prepare:
    """A consent to which something has happened since."""

    def prepare(writing: Writing, desk: Desk) -> Plan:
        consent = desk.add_consent(writing, **changes)
        consents.happened(
            writing, desk.case_id, consent.id, kind, at=NOW, by="anna", detail="because"
        )
        return to_physician(desk, consent=consent)

    return prepare


def _of_another_case(writing: Writing, desk: Desk) -> Plan:
    other = bare_case(writing, the_patient(writing, desk), "2026-0002")
    return to_physician(desk, consent=desk.add_consent(writing, case_id=other.id))


def _of_another_patient(writing: Writing, desk: Desk) -> Plan:
    other = a_patient(name="Ida Falk")
    people.add_patient(writing, other, NOW)
    return to_physician(desk, consent=desk.add_consent(writing, patient_id=other.id))


def _restored(writing: Writing, desk: Desk) -> Plan:
    writing.sql.execute(text("UPDATE clock_mark SET epoch = epoch + 1"))
    return to_physician(desk)


def _reconfirmed(writing: Writing, desk: Desk) -> Plan:
    plan = _restored(writing, desk)
    consents.happened(
        writing, desk.case_id, desk.consent.id, "reconfirmed", at=NOW, by="anna", detail="by phone"
    )
    return plan


def _completed_after_the_restore(writing: Writing, desk: Desk) -> Plan:
    plan = _restored(writing, desk)
    consents.happened(
        writing, desk.case_id, desk.consent.id, "evidence_completed", at=NOW, by="a", detail="b"
    )
    return plan


def _reconfirmed_before_the_restore(writing: Writing, desk: Desk) -> Plan:
    consents.happened(
        writing, desk.case_id, desk.consent.id, "reconfirmed", at=NOW, by="anna", detail="early"
    )
    return _restored(writing, desk)


def _completed_of_another(writing: Writing, desk: Desk) -> Plan:
    after("evidence_completed", evidence_complete=False)(writing, desk)
    return to_physician(desk, consent=desk.add_consent(writing, evidence_complete=False))


def _another_reconfirmed(writing: Writing, desk: Desk) -> Plan:
    plan = _restored(writing, desk)
    after("reconfirmed")(writing, desk)
    return plan


def _revoked(writing: Writing, desk: Desk) -> Plan:
    gone = Revocation(new_id(NOW), desk.consent.id, NOW, "the patient", "in person")
    consents.revoke(writing, desk.case_id, gone)
    return to_physician(desk)


def _topics(listed: set[Sensitivity], carried: set[Sensitivity], **changes: Anything) -> Prepare:
    def prepare(writing: Writing, desk: Desk) -> Plan:
        consent = desk.add_consent(writing, sensitivities=frozenset(listed), **changes)
        letter = desk.add_letter(writing, sensitivities=frozenset(carried))
        return to_physician(desk, consent=consent, letter=letter)

    return prepare


def _someone(writing: Writing, kind: RecipientKind) -> Recipient:
    way = Channel(new_id(NOW), ChannelKind.HAND_OVER_PRINT, "", NOW, "anna", "seen")
    someone = Recipient(new_id(NOW), kind, "Somebody", "", (way,))
    people.add_recipient(writing, someone)
    return someone


def _written_to_somebody_else(writing: Writing, desk: Desk) -> Plan:
    other = _someone(writing, RecipientKind.OTHER_PHYSICIAN)
    consent = desk.add_consent(writing, recipients=frozenset({other.id}))
    return to_physician(
        desk, consent=consent, recipient_id=other.id, channel_id=other.channels[0].id
    )


def _physician_on_the_patients_ground(writing: Writing, desk: Desk) -> Plan:
    return to_physician(desk, consent=None, basis=Basis.PATIENT)


def _another_patient(writing: Writing, desk: Desk) -> Plan:
    other = a_patient(name="Ida Falk")
    people.add_patient(writing, other, NOW)
    way = Channel(new_id(NOW), ChannelKind.HAND_OVER_PRINT, "", NOW, "anna", "seen")
    people.add_channel(writing, other.id, way)
    letter = desk.add_letter(writing, kind=LetterKind.PATIENT, recipient_id=other.id)
    return Plan(letter, None, other.id, way.id, basis=Basis.PATIENT)


def _unverified(writing: Writing, desk: Desk) -> Plan:
    way = Channel(new_id(NOW), ChannelKind.EMAIL, "a@b")
    people.add_channel(writing, desk.physician_id, way)
    return to_physician(desk, channel_id=way.id)


def _channel_of_somebody_else(writing: Writing, desk: Desk) -> Plan:
    return to_physician(desk, channel_id=desk.own_channel.id)


def restrict(writing: Writing, desk: Desk, *, to: str = "", kind: str = "") -> Restriction:
    wish = Restriction(new_id(NOW), desk.patient_id, to, kind, NOW, "said so")
    consents.restrict(writing, wish)
    return wish


def _restricted(writing: Writing, desk: Desk) -> Plan:
    restrict(writing, desk, to=desk.physician_id)
    return to_physician(desk)


def _kind_restricted(writing: Writing, desk: Desk) -> Plan:
    restrict(writing, desk, kind="treating_physician")
    return to_physician(desk)


def _patient_restricted(writing: Writing, desk: Desk) -> Plan:
    restrict(writing, desk, to=desk.patient_id)
    return to_patient(writing, desk)


def _restriction_lifted(writing: Writing, desk: Desk) -> Plan:
    wish = restrict(writing, desk, to=desk.physician_id)
    consents.lift_restriction(writing, replace(wish, id=new_id(NOW)), wish.id)
    return to_physician(desk)


def _lifted_by_name(writing: Writing, desk: Desk) -> Plan:
    """A lifting that says whom it concerns restricts nobody."""
    wish = restrict(writing, desk, to=desk.physician_id)
    lifting = {"id": new_id(NOW), "patient_id": desk.patient_id, "at": NOW, "lifts": wish.id}
    writing.insert(tables.restriction, **lifting, recipient_id=desk.physician_id)
    return to_physician(desk)


def _restricted_by_another_patient(writing: Writing, desk: Desk) -> Plan:
    other = a_patient(name="Ida Falk")
    people.add_patient(writing, other, NOW)
    wish = Restriction(new_id(NOW), other.id, desk.physician_id, "", NOW, "their own wish")
    consents.restrict(writing, wish)
    return to_physician(desk)


def _lifted_by_another_patient(writing: Writing, desk: Desk) -> Plan:
    other = a_patient(name="Ida Falk")
    people.add_patient(writing, other, NOW)
    wish = restrict(writing, desk, to=desk.physician_id)
    lifting = Restriction(new_id(NOW), other.id, "", "", NOW, "not theirs to lift")
    consents.lift_restriction(writing, lifting, wish.id)
    return to_physician(desk)


_ETH, _PSY = {Sensitivity.ETH}, {Sensitivity.PSYTHPN}
_SPOKEN: dict[str, Anything] = {"signature": SignatureKind.VERBAL, "witness": "Bo"}

BROKEN: dict[Clause, dict[str, Prepare]] = {
    Clause.CLOCK: {"a jump": lambda _w, desk: to_physician(desk, at=NOW + LARGEST_JUMP + 1)},
    Clause.CONSENT_RECORDED: {
        "no consent": lambda _w, desk: to_physician(desk, consent=None),
        "to review": with_consent(kind=ConsentKind.REVIEW),
        "of another case": _of_another_case,
        "of another patient": _of_another_patient,
    },
    Clause.CONSENT_ACTIVE: {
        "a draft": with_consent(status=ConsentStatus.DRAFT),
        "inactive since": after("inactive"),
        "in error": after("entered-in-error"),
    },
    Clause.CONSENT_COMPLETE: {"no discloser": with_consent(discloser="")},
    Clause.EVIDENCE_COMPLETE: {
        "form on file": with_consent(evidence_complete=False),
        "something else happened": after("reconfirmed", evidence_complete=False),
        "the form of another arrived": _completed_of_another,
    },
    Clause.RECONFIRMED: {
        "after a restore": _restored,
        "only before the restore": _reconfirmed_before_the_restore,
        "something else after the restore": _completed_after_the_restore,
        "another one after the restore": _another_reconfirmed,
    },
    Clause.NOT_REVOKED: {"withdrawn": _revoked},
    Clause.STARTED: {"begins later": with_consent(valid_from=NOW + 1)},
    Clause.NOT_EXPIRED: {"expired": with_consent(expires_at=NOW)},
    Clause.EVENT_NOT_OCCURRED: {
        "discharged": after("event_occurred", expires_at=None, expiry_event="discharge")
    },
    Clause.RECIPIENT: {"names another": with_consent(recipients=frozenset({"another"}))},
    Clause.PURPOSE: {"another purpose": with_consent(purposes=frozenset({Purpose.LEGAL}))},
    Clause.RECORD_KINDS: {"not covered": with_letter(record_kinds=frozenset({RecordKind.SLIDE}))},
    Clause.SENSITIVITIES: {
        "not permitted": with_letter(sensitivities=frozenset({Sensitivity.SDV}))
    },
    Clause.NOT_VERBAL: {"spoken": _topics(_ETH, _ETH, **_SPOKEN)},
    Clause.PSYCHOTHERAPY_ALONE: {"beside HIV": _topics(_PSY | {Sensitivity.HIV}, _PSY)},
    Clause.LETTER_FITS: {
        "the patient's letter": with_letter(kind=LetterKind.PATIENT),
        "written to somebody else": _written_to_somebody_else,
        "a physician on the patient's ground": _physician_on_the_patients_ground,
        "another patient": _another_patient,
    },
    Clause.LETTER_SIGNED: {"a draft": with_letter(signed_at=None)},
    Clause.HASH: {"changed bytes": lambda _w, desk: to_physician(desk, pdf=PDF + b" ")},
    Clause.CHANNEL: {
        "unverified": _unverified,
        "somebody else's": _channel_of_somebody_else,
    },
    Clause.RESTRICTION: {
        "this recipient": _restricted,
        "all of a kind": _kind_restricted,
        "on the patient's ground": _patient_restricted,
        "lifted by another patient": _lifted_by_another_patient,
    },
}

ONLY_IN_THE_DOMAIN = frozenset({Clause.CONSENT_AUTHENTIC, Clause.LETTER_AUTHENTIC})
"""MACs: the database can't check them. test_forgery breaks them."""

SAID = {Clause.NOT_VERBAL: "sensitivities", Clause.PSYCHOTHERAPY_ALONE: "sensitivities"}
"""What isn't permitted after all never becomes a token, so these read as `sensitivities`."""

SOUND: dict[str, Prepare] = {
    "the baseline": lambda _w, desk: to_physician(desk),
    "to the patient": to_patient,
    "evidence completed since": after("evidence_completed", evidence_complete=False),
    "reconfirmed after a restore": _reconfirmed,
    "an event that hasn't occurred": with_consent(expires_at=None, expiry_event="discharge"),
    "a restriction lifted": _restriction_lifted,
    "a restriction lifted by name": _lifted_by_name,
    "a restriction of another patient": _restricted_by_another_patient,
    "psychotherapy alone": _topics(_PSY, _PSY),
    "spoken, nothing that spoken words can't cover": with_consent(**_SPOKEN),
    "nothing sensitive": with_letter(sensitivities=frozenset()),
    "a step of exactly a day": lambda _w, desk: to_physician(desk, at=NOW + LARGEST_JUMP),
}
