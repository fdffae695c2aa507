"""Every table of the store, each column open to whoever unlocks it or sealed for clinicians.

Open is only what a practice manager may see: numbers, states, times, priority, specialty,
the patient's name and phone, payer, the treating physician's name and practice, owner, and
codes that are counted. Identifiers are random, tokens and MACs are keyed. A column is sealed
unless it is placed with `_open`.
"""

from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

PRACTICE = ""
"""The owner of what belongs to the practice and not to one patient or case."""


def _open(
    name: str,
    kind: type[Text | Integer] = Text,
    *,
    nullable: bool = False,
    primary_key: bool = False,
    unique: bool = False,
    index: bool = False,
) -> Column[Any]:
    return Column(
        name,
        kind,
        info={"open": True},
        nullable=nullable,
        primary_key=primary_key,
        unique=unique or None,
        index=index or None,
        autoincrement=False,
    )


def _maybe(name: str, kind: type[Text | Integer] = Text) -> Column[Any]:
    return _open(name, kind, nullable=True)


def _refers(
    name: str,
    to: str,
    *,
    nullable: bool = False,
    primary_key: bool = False,
    unique: bool = False,
    index: bool = False,
) -> Column[Any]:
    return Column(
        name,
        Text,
        ForeignKey(to, deferrable=True, initially="DEFERRED"),
        info={"open": True},
        nullable=nullable,
        primary_key=primary_key,
        unique=unique or None,
        index=index or None,
    )


def _sealed(name: str) -> Column[Any]:
    return Column(name, LargeBinary, info={"open": False}, nullable=True)


def _table(
    name: str, *columns: Column[Any] | Index | UniqueConstraint, owner: str = "case_id"
) -> Table:
    """A table whose sealed columns open with the key of the row's `owner` column."""
    return Table(name, metadata, *columns, info={"owner": owner})


def _id() -> Column[Any]:
    return _open("id", primary_key=True)


@cache
def sealed_columns(table: Table) -> tuple[str, ...]:
    """The names of a table's sealed columns: all that nobody placed as open."""
    return tuple(column.name for column in table.columns if not column.info.get("open"))


# --- keys, content, clock, settings -----------------------------------------------------

sealing_key = _table(
    "sealing_key",
    _open("owner", primary_key=True),
    _sealed("wrapped"),
    owner="",
)
content = _table(
    "content",
    _id(),
    _open("case_id"),
    _open("name", unique=True),
    _open("size", Integer),
    _sealed("identity"),
)
clock_mark = _table(
    "clock_mark",
    _open("id", Integer, primary_key=True),
    _open("at", Integer),
    # grows with every restore; a consent of an earlier epoch waits to be reconfirmed
    _open("epoch", Integer),
    owner="",
)
# the newest key file this database has been opened with; an older one is refused
header_mark = _table(
    "header_mark",
    _open("id", Integer, primary_key=True),
    _open("sequence", Integer),
    _open("mac"),
    owner="",
)
setting = _table("setting", _id(), _sealed("value"), owner="")
# what a practice lays down about the desk and never about a patient: retention, backups
house_rule = _table("house_rule", _id(), _open("value"), owner="")
user_account = _table(
    "user_account",
    _id(),
    _open("name", unique=True),
    _open("role"),
    _sealed("full_name"),
    _sealed("registration"),
    _sealed("specialty"),
    owner="",
)

# --- people -----------------------------------------------------------------------------

patient = _table(
    "patient",
    _id(),
    _open("name"),
    _open("phone"),
    _open("created_at", Integer),
    _sealed("birth_date"),
    _sealed("sex"),
    _sealed("identifiers"),
    _sealed("contact"),
    _sealed("language"),
    _sealed("reading_needs"),
    _sealed("capacity"),
    _sealed("representative"),
    _sealed("companion"),
    _sealed("location"),
    # the same patient is found again by a keyed token, not by the date of birth itself
    _open("birth_token", index=True),
    Index("ix_patient_name", "name", "id"),
    owner="id",
)
treating_physician = _table(
    "treating_physician",
    _id(),
    _open("name"),
    _open("practice"),
    _sealed("registration"),
    _sealed("specialty"),
    _sealed("phone"),
    owner="",
)
recipient = _table(
    "recipient",
    _id(),
    _open("kind_token"),
    _sealed("kind"),
    _sealed("name"),
    _sealed("practice"),
    owner="",
)
channel = _table(
    "channel",
    _id(),
    _refers("recipient_id", "recipient.id", index=True),
    _maybe("verified_at", Integer),
    _sealed("kind"),
    _sealed("address"),
    _sealed("verified_by"),
    _sealed("verified_how"),
    owner="",
)

# --- the case ---------------------------------------------------------------------------

case = _table(
    "case",
    _id(),
    _open("number", unique=True),
    _refers("patient_id", "patient.id"),
    _refers("treating_physician_id", "treating_physician.id", nullable=True),
    _open("specialty"),
    _open("state"),
    _maybe("state_before"),
    _open("priority"),
    _open("priority_rank", Integer),
    _open("received_at", Integer),
    _maybe("accepted_at", Integer),
    _maybe("complete_at", Integer),
    _maybe("ready_at", Integer),
    _maybe("due_at", Integer),
    _open("owner"),
    _open("reviewer"),
    _open("waiting_for"),
    _open("payer"),
    _open("pre_authorisation"),
    _maybe("parent_case"),
    _open("patient_confirmed", Integer),
    _open("sealing", Integer),
    _open("must_required", Integer),
    _open("must_present", Integer),
    _open("first_pass_complete", Integer),
    _maybe("unsealed_at", Integer),
    _sealed("recipient_named"),
    _sealed("question_line"),
    _sealed("laterality"),
    _sealed("level"),
    _sealed("patient_decision"),
    _sealed("major_decision"),
    _sealed("knows_of_request"),
    _sealed("primary_contact"),
    # One for each order of the queue, with all that its filters ask, so that a page is found
    # in the index alone: sorting rows with sealed columns takes half a second.
    Index("ix_case_queue", "priority_rank", "due_at", "id", "state", "reviewer", "waiting_for"),
    Index("ix_case_due", "due_at", "id", "state", "reviewer", "waiting_for"),
    Index("ix_case_received", "received_at", "id", "state", "reviewer", "waiting_for", "due_at"),
    Index("ix_case_number", "number", "id", "state", "reviewer", "waiting_for", "due_at"),
    Index("ix_case_specialty", "specialty", "id", "state", "reviewer", "waiting_for", "due_at"),
    Index("ix_case_state", "state", "id", "reviewer", "waiting_for", "due_at"),
    Index("ix_case_patient", "patient_id", "id", "state", "reviewer", "waiting_for", "due_at"),
    owner="id",
)
referral = _table(
    "referral",
    _id(),
    _refers("case_id", "case.id", unique=True),
    _sealed("initiator"),
    _sealed("motives"),
    _sealed("first_diagnosis"),
    _sealed("first_plan"),
    _sealed("relation"),
    _maybe("planned_treatment_date"),
    _sealed("in_network"),
    _sealed("referral_required"),
)
question = _table(
    "question",
    _id(),
    _refers("case_id", "case.id", index=True),
    _open("n", Integer),
    _sealed("text"),
    _sealed("asked_by"),
    _sealed("answer"),
    _sealed("cannot_answer"),
    _sealed("source"),
    _sealed("confirmed"),
    UniqueConstraint("case_id", "n"),
)
case_event = _table(
    "case_event",
    _id(),
    _refers("case_id", "case.id", index=True),
    _open("at", Integer),
    _open("from_state"),
    _open("to_state"),
    _open("by"),
    _sealed("reason"),
)
pause = _table(
    "pause",
    _id(),
    _refers("case_id", "case.id", index=True),
    _open("waiting_for"),
    _open("started_at", Integer),
    _maybe("stopped_at", Integer),
)
red_flag = _table(
    "red_flag",
    _id(),
    _refers("case_id", "case.id", index=True),
    _open("at", Integer),
    _sealed("code"),
    _sealed("text"),
    _sealed("answer"),
    _sealed("asked_of"),
    _sealed("by"),
)
urgent_contact = _table(
    "urgent_contact",
    _id(),
    _refers("case_id", "case.id", index=True),
    _open("at", Integer),
    _sealed("flag"),
    _sealed("who"),
    _sealed("phone"),
    _sealed("read_back"),
    _sealed("basis"),
    _sealed("by"),
)
triage = _table(
    "triage",
    _id(),
    _refers("case_id", "case.id", index=True),
    _open("at", Integer),
    _sealed("by"),
    _sealed("safe_to_continue"),
    _sealed("note"),
)
declaration = _table(
    "declaration",
    _id(),
    _refers("case_id", "case.id", index=True),
    _open("at", Integer),
    _sealed("by"),
    _sealed("conflict"),
    _sealed("detail"),
)
exception_made = _table(
    "exception_made",
    _id(),
    _refers("case_id", "case.id", index=True),
    _open("at", Integer),
    _sealed("what"),
    _sealed("reason"),
    _sealed("by"),
)

# --- records ----------------------------------------------------------------------------

record_item = _table(
    "record_item",
    _id(),
    _refers("case_id", "case.id", index=True),
    _open("received_at", Integer),
    _open("position", Integer),
    _sealed("name"),
    _sealed("kind"),
    _sealed("format"),
    _sealed("sha256"),
    _sealed("pages"),
    _sealed("required"),
    _sealed("event_date"),
    _sealed("source"),
    _sealed("readable"),
    _sealed("reason"),
    _sealed("right_patient"),
    _sealed("sensitivities"),
    _sealed("reveals_first_opinion"),
    _sealed("sealed_sections"),
    _sealed("facts"),
    _sealed("entered_in_error"),
)
record_file = _table(
    "record_file",
    _id(),
    _refers("case_id", "case.id"),
    _refers("record_id", "record_item.id", index=True),
    _refers("content_id", "content.id"),
    _open("position", Integer),
    _open("size", Integer),
    _open("offset", Integer),
    # the same bytes are found again within a case, and nowhere else
    _open("digest_token", index=True),
    _sealed("name"),
    _sealed("sha256"),
)
material = _table(
    "material",
    _id(),
    _refers("case_id", "case.id", index=True),
    _maybe("received_at", Integer),
    _maybe("return_due", Integer),
    _maybe("returned_at", Integer),
    _sealed("label"),
    _sealed("block"),
    _sealed("stain"),
    _sealed("recut_of"),
    _sealed("courier"),
)
record_request = _table(
    "record_request",
    _id(),
    _refers("case_id", "case.id", index=True),
    _maybe("sent_at", Integer),
    _maybe("due_at", Integer),
    _open("chases", Integer),
    _sealed("custodian"),
    _sealed("items"),
    _sealed("outcome"),
)
search_entry = _table(
    "search_entry",
    _open("seq", Integer, primary_key=True),
    _open("case_id", index=True),
    _open("entity_id"),
    _sealed("body"),
)

# --- consent ----------------------------------------------------------------------------

consent = _table(
    "consent",
    _id(),
    _refers("case_id", "case.id", index=True),
    _refers("patient_id", "patient.id"),
    _open("kind"),
    _open("status"),
    _open("valid_from", Integer),
    _maybe("expires_at", Integer),
    _open("elements_complete", Integer),
    _open("evidence_complete", Integer),
    _open("epoch", Integer),
    _open("recorded_at", Integer),
    _sealed("information"),
    _sealed("discloser"),
    _sealed("recipients"),
    _sealed("purposes"),
    _sealed("record_kinds"),
    _sealed("sensitivities"),
    _sealed("expiry_event"),
    _sealed("signature"),
    _sealed("witness"),
    _sealed("given_by"),
    _sealed("representative_authority"),
    _sealed("statements"),
    _sealed("evidence"),
    _sealed("recorded_by"),
    _open("mac"),
)
consent_scope = _table(
    "consent_scope",
    _refers("consent_id", "consent.id", primary_key=True),
    _open("dimension", primary_key=True),
    _open("token", primary_key=True),
    owner="",
)
consent_event = _table(
    "consent_event",
    _id(),
    _refers("consent_id", "consent.id", index=True),
    _refers("case_id", "case.id"),
    _open("kind"),
    _open("at", Integer),
    _open("epoch", Integer),
    _sealed("by"),
    _sealed("detail"),
    _open("mac"),
)
revocation = _table(
    "revocation",
    _id(),
    _refers("consent_id", "consent.id", index=True),
    _refers("case_id", "case.id"),
    _open("at", Integer),
    _sealed("by"),
    _sealed("how"),
    _sealed("reason"),
    _open("mac"),
)
restriction = _table(
    "restriction",
    _id(),
    _refers("patient_id", "patient.id", index=True),
    _refers("recipient_id", "recipient.id", nullable=True),
    _maybe("kind_token"),
    _open("at", Integer),
    # a row that lifts an earlier one; nothing is ever deleted
    _refers("lifts", "restriction.id", nullable=True),
    _sealed("recipient_kind"),
    _sealed("reason"),
    _open("mac"),
    owner="patient_id",
)

# --- assessment -------------------------------------------------------------------------

own_read = _table(
    "own_read",
    _id(),
    _refers("case_id", "case.id"),
    _open("revision", Integer),
    _open("locked_at", Integer),
    _sealed("body"),
    _sealed("locked_by"),
    _open("mac"),
    UniqueConstraint("case_id", "revision"),
)
comparison = _table(
    "comparison",
    _id(),
    _refers("case_id", "case.id", index=True),
    _open("at", Integer),
    _sealed("body"),
)
opinion = _table(
    "opinion",
    _id(),
    _refers("case_id", "case.id", index=True),
    _open("at", Integer),
    _sealed("body"),
)
draft = _table(
    "draft",
    _id(),
    _refers("case_id", "case.id"),
    _open("phase"),
    _open("saved_at", Integer),
    _sealed("body"),
    UniqueConstraint("case_id", "phase"),
)

# --- letters and their way out ----------------------------------------------------------

letter = _table(
    "letter",
    _id(),
    _refers("case_id", "case.id", index=True),
    _refers("patient_id", "patient.id"),
    _refers("recipient_id", "recipient.id"),
    _refers("content_id", "content.id"),
    _open("version", Integer),
    _maybe("signed_at", Integer),
    # 1 when sending it stops the opinion clock
    _open("final", Integer),
    _open("hash_token"),
    _sealed("kind"),
    _sealed("sha256"),
    _sealed("record_kinds"),
    _sealed("sensitivities"),
    _sealed("signed_by"),
    _sealed("pages"),
    _sealed("amends"),
    _sealed("source"),
    _open("mac"),
    UniqueConstraint("case_id", "version"),
)
letter_scope = _table(
    "letter_scope",
    _refers("letter_id", "letter.id", primary_key=True),
    _open("dimension", primary_key=True),
    _open("token", primary_key=True),
    owner="",
)
dispatch = _table(
    "dispatch",
    _id(),
    _refers("case_id", "case.id", index=True),
    _refers("letter_id", "letter.id"),
    _refers("recipient_id", "recipient.id"),
    _refers("channel_id", "channel.id"),
    _refers("consent_id", "consent.id", nullable=True),
    _open("basis"),
    _open("purpose_token"),
    _open("hash_token"),
    _open("at", Integer),
    _open("key", unique=True),
    _sealed("purpose"),
    _sealed("by"),
)
dispatch_event = _table(
    "dispatch_event",
    _id(),
    _refers("case_id", "case.id"),
    _refers("dispatch_id", "dispatch.id", index=True),
    _open("kind"),
    _open("at", Integer),
    _sealed("detail"),
    _sealed("by"),
)

# --- keeping and erasing ----------------------------------------------------------------

legal_hold = _table(
    "legal_hold",
    _id(),
    _refers("patient_id", "patient.id", index=True),
    _open("at", Integer),
    # a row that lifts an earlier one; nothing is ever deleted
    _refers("lifts", "legal_hold.id", nullable=True),
    _sealed("by"),
    _sealed("reason"),
    _open("mac"),
    owner="",
)
erasure = _table(
    "erasure",
    _id(),
    _open("patient_id", index=True),
    _open("at", Integer),
    _sealed("by"),
    _sealed("reason"),
    _open("mac"),
    owner="",
)

# --- audit ------------------------------------------------------------------------------

audit_event = _table(
    "audit_event",
    _open("seq", Integer, primary_key=True),
    _open("at", Integer),
    _open("actor"),
    _open("role"),
    _open("act"),
    _open("outcome"),
    _open("case_id", index=True),
    _open("entity"),
    # how many rows of which facts the act added, e.g. "revocation 1"
    _open("facts"),
    _sealed("reason"),
    _sealed("detail"),
    _open("previous"),
    _open("link"),
    _open("mac"),
    owner="",
)

APPEND_ONLY = (
    audit_event,
    consent,
    consent_scope,
    consent_event,
    revocation,
    restriction,
    own_read,
    letter,
    letter_scope,
    dispatch,
    dispatch_event,
    urgent_contact,
    case_event,
    triage,
    declaration,
    legal_hold,
    erasure,
)
"""Facts: nothing in these rows is ever changed or deleted."""

FACTS = tuple(table for table in APPEND_ONLY if table is not audit_event)
"""Facts whose number the audit chain knows."""
