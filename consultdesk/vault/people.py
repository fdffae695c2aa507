"""Patients, treating physicians, and everyone a letter can be addressed to."""

from dataclasses import replace
from typing import Any

from sqlalchemy import or_, select

from consultdesk.consultation.patient import (
    Channel,
    ChannelKind,
    Identifier,
    KnowsOfRequest,
    Patient,
    Recipient,
    RecipientKind,
    Representative,
    TreatingPhysician,
)
from consultdesk.consultation.record import comparable_name
from consultdesk.errors import VaultDamaged
from consultdesk.vault import tables
from consultdesk.vault.rows import Reading, Row, Writing


def add_patient(writing: Writing, patient: Patient, now: int) -> None:
    """Keep a new patient, who is also someone letters can be addressed to."""
    writing.insert(tables.patient, id=patient.id, created_at=now, **_said(writing, patient))
    own = Recipient(patient.id, RecipientKind.PATIENT, patient.name)
    add_recipient(writing, own)


def change_patient(writing: Writing, patient: Patient) -> None:
    """Keep what a person corrected or confirmed."""
    writing.update(tables.patient, patient.id, patient.id, **_said(writing, patient))
    writing.update(tables.recipient, patient.id, tables.PRACTICE, name=patient.name)


def patient(reading: Reading, patient_id: str) -> Patient | None:
    """The patient of that id."""
    row = reading.by_id(tables.patient, patient_id, blank=True)
    return _patient(row) if row else None


def same_patient(reading: Reading, name: str, birth_date: str) -> tuple[Patient, ...]:
    """Patients already known by that name and date of birth, the newest first.

    Names compare by their words in any order; without a date of birth nobody is the same.
    """
    if not birth_date:
        return ()
    chosen = (
        select(tables.patient)
        .where(tables.patient.c.birth_token == _birth_token(reading, birth_date))
        .order_by(tables.patient.c.created_at.desc())
    )
    wanted = comparable_name(name)
    found = (_patient(row) for row in reading.all(tables.patient, chosen))
    return tuple(p for p in found if comparable_name(p.name) == wanted)


def add_physician(writing: Writing, physician: TreatingPhysician) -> None:
    """Keep a treating physician, with the channels that reach them."""
    writing.insert(
        tables.treating_physician,
        id=physician.id,
        name=physician.name,
        practice=physician.practice,
        registration=physician.registration,
        specialty=physician.specialty,
        phone=physician.phone,
    )
    add_recipient(writing, physician.as_recipient())


def change_physician(writing: Writing, physician: TreatingPhysician) -> None:
    """Keep what a person corrected about a treating physician."""
    writing.update(
        tables.treating_physician,
        physician.id,
        tables.PRACTICE,
        name=physician.name,
        practice=physician.practice,
        registration=physician.registration,
        specialty=physician.specialty,
        phone=physician.phone,
    )
    writing.update(
        tables.recipient,
        physician.id,
        tables.PRACTICE,
        name=physician.name,
        practice=physician.practice,
    )


def physician(reading: Reading, physician_id: str) -> TreatingPhysician | None:
    """The treating physician of that id."""
    row = reading.by_id(tables.treating_physician, physician_id, blank=True)
    return _physician(reading, row) if row else None


def physicians(reading: Reading, beginning: str = "", limit: int = 20) -> list[TreatingPhysician]:
    """Known treating physicians whose name or practice has these letters, by name."""
    table = tables.treating_physician
    chosen = (
        select(table)
        .where(
            or_(
                table.c.name.icontains(beginning, autoescape=True),
                table.c.practice.icontains(beginning, autoescape=True),
            )
        )
        .order_by(table.c.name)
        .limit(limit)
    )
    return [_physician(reading, row) for row in reading.all(table, chosen, blank=True)]


def is_named(reading: Reading, recipient_id: str) -> bool:
    """Whether a consent or a letter of any case names this recipient."""
    scope, letter = tables.consent_scope.c, tables.letter.c
    agreed = select(scope.token).where(scope.dimension == "recipient", scope.token == recipient_id)
    written = select(letter.id).where(letter.recipient_id == recipient_id)
    return any(reading.sql.execute(chosen.limit(1)).first() for chosen in (agreed, written))


def add_recipient(writing: Writing, recipient: Recipient) -> None:
    """Keep someone a letter can go to. What kind they are never changes."""
    writing.insert(
        tables.recipient,
        id=recipient.id,
        kind_token=kind_token(writing, recipient.kind),
        kind=recipient.kind.value,
        name=recipient.name,
        practice=recipient.practice,
    )
    for channel in recipient.channels:
        add_channel(writing, recipient.id, channel)


def recipient(reading: Reading, recipient_id: str) -> Recipient | None:
    """Whoever a letter can go to by that id, with their channels."""
    row = reading.by_id(tables.recipient, recipient_id)
    if row is None:
        return None
    if row["kind_token"] != kind_token(reading, row["kind"] or ""):
        raise VaultDamaged(
            "What a recipient is was changed from outside.", cure="Verify the store."
        )
    return Recipient(
        row["id"],
        RecipientKind(row["kind"]),
        row["name"],
        row["practice"] or "",
        _channels(reading, row["id"]),
    )


def add_channel(writing: Writing, recipient_id: str, channel: Channel) -> None:
    """Keep a way that may reach a recipient."""
    writing.insert(
        tables.channel,
        id=channel.id,
        recipient_id=recipient_id,
        kind=channel.kind.value,
        address=channel.address,
        verified_at=channel.verified_at,
        verified_by=_vouched(channel.verified_by, recipient_id, channel.verified_at),
        verified_how=channel.verified_how,
    )


def verify_channel(writing: Writing, channel_id: str, *, at: int, by: str, how: str) -> None:
    """Keep that somebody checked it reaches the recipient, and how."""
    chosen = select(tables.channel.c.recipient_id).where(tables.channel.c.id == channel_id)
    recipient_id = str(writing.sql.execute(chosen).scalar_one())
    writing.update(
        tables.channel,
        channel_id,
        tables.PRACTICE,
        verified_at=at,
        verified_by=_vouched(by, recipient_id, at),
        verified_how=how,
    )


def _vouched(by: str, recipient_id: str, at: int | None) -> list[object] | None:
    """Who verified a way, sealed together with whose way it is and when that was.

    Those two lie open; a way handed to another recipient from outside isn't verified there.
    """
    return [by, recipient_id, at] if at is not None else None


def changed(reading: Reading) -> tuple[str, ...]:
    """Which of recipients and their ways have a row whose open part isn't what was sealed with it.

    Raises VaultDamaged for a sealed part that was changed or moved, ClinicalContentClosed.
    """
    found = []
    if any(
        row["kind_token"] != kind_token(reading, row["kind"] or "")
        for row in reading.all(tables.recipient)
    ):
        found.append(tables.recipient.name)
    if any(
        row["verified_at"] is not None and not _channel(row).verified
        for row in reading.all(tables.channel)
    ):
        found.append(tables.channel.name)
    return tuple(found)


def kind_token(reading: Reading, kind: RecipientKind | str) -> str:
    """What a recipient is, as the token that triggers compare."""
    return reading.clinical.token(tables.PRACTICE, "recipient_kind", str(kind))


def _birth_token(reading: Reading, birth_date: str) -> str:
    return reading.clinical.token(tables.PRACTICE, "birth_date", birth_date)


def _said(writing: Writing, patient: Patient) -> Row:
    spoken_for = patient.representative
    return {
        "name": patient.name,
        "phone": patient.phone,
        "birth_date": patient.birth_date,
        "sex": patient.sex,
        "identifiers": [[one.system, one.value] for one in patient.identifiers],
        "contact": patient.contact,
        "language": patient.language,
        "reading_needs": patient.reading_needs,
        "capacity": patient.capacity,
        "representative": spoken_for
        and [spoken_for.name, spoken_for.authority, spoken_for.evidence],
        "companion": patient.companion,
        "location": patient.location,
        "birth_token": _birth_token(writing, patient.birth_date) if patient.birth_date else "",
    }


def _patient(row: Row) -> Patient:
    spoken_for = row["representative"]
    return Patient(
        id=row["id"],
        name=row["name"],
        birth_date=row["birth_date"] or "",
        sex=row["sex"] or "",
        identifiers=tuple(Identifier(*one) for one in row["identifiers"] or ()),
        phone=row["phone"],
        contact=row["contact"] or "",
        language=row["language"] or "",
        reading_needs=row["reading_needs"] or "",
        capacity=row["capacity"] or "",
        representative=Representative(*spoken_for) if spoken_for else None,
        companion=row["companion"] or "",
        location=row["location"] or "",
    )


def _physician(reading: Reading, row: Row) -> TreatingPhysician:
    return TreatingPhysician(
        id=row["id"],
        name=row["name"],
        practice=row["practice"],
        registration=row["registration"] or "",
        specialty=row["specialty"] or "",
        phone=row["phone"] or "",
        channels=_channels(reading, row["id"]),
    )


def _channels(reading: Reading, recipient_id: str) -> tuple[Channel, ...]:
    chosen = (
        select(tables.channel)
        .where(tables.channel.c.recipient_id == recipient_id)
        .order_by(tables.channel.c.id)
    )
    rows = reading.all(tables.channel, chosen, blank=True)
    return tuple(_channel(row) for row in rows if row["kind"])


def _channel(row: dict[str, Any]) -> Channel:
    by, *vouched = row["verified_by"] or ("",)
    sound = bool(by) and vouched == [row["recipient_id"], row["verified_at"]]
    return Channel(
        id=row["id"],
        kind=ChannelKind(row["kind"]),
        address=row["address"] or "",
        verified_at=row["verified_at"] if sound else None,
        verified_by=str(by),
        verified_how=row["verified_how"] or "",
    )


def with_case(
    physician: TreatingPhysician, *, primary_contact: bool, knows: str
) -> TreatingPhysician:
    """The physician as they stand to one case."""
    return replace(
        physician, primary_contact=primary_contact, knows_of_request=KnowsOfRequest(knows)
    )
