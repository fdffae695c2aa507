"""What each act is called in plain words, and of which kind it is: one table for all of them."""

from dataclasses import dataclass
from enum import StrEnum


class ActKind(StrEnum):
    """What an act is about, as a person filters by it."""

    SEEN = "seen"
    CASE = "case"
    RECORDS = "records"
    ASSESSMENT = "assessment"
    CONSENT = "consent"
    LETTER = "letter"
    KEEPING = "keeping"
    STORE = "store"


class Doing(StrEnum):
    """What it does to what it is about (FHIR AuditEvent.action)."""

    CREATE = "C"
    READ = "R"
    UPDATE = "U"
    DELETE = "D"
    EXECUTE = "E"


@dataclass(frozen=True)
class ActWords:
    """An act in the past tense, as somebody did it."""

    words: str
    kind: ActKind
    doing: Doing = Doing.UPDATE


_S, _C, _R, _A = ActKind.SEEN, ActKind.CASE, ActKind.RECORDS, ActKind.ASSESSMENT
_O, _L, _K, _T = ActKind.CONSENT, ActKind.LETTER, ActKind.KEEPING, ActKind.STORE
_NEW, _READ, _GONE, _DONE = Doing.CREATE, Doing.READ, Doing.DELETE, Doing.EXECUTE

ACTS: dict[str, ActWords] = {
    # looked at
    "view_case": ActWords("Opened the case", _S, _READ),
    "view_record": ActWords("Opened a record", _S, _READ),
    "view_letter": ActWords("Opened a signed letter", _S, _READ),
    "view_audit": ActWords("Looked at the audit trail", _S, _READ),
    "open_first_opinion": ActWords("Opened the sealed first opinion, with a reason", _S, _READ),
    # the case
    "confirm_patient": ActWords("Said who the patient is", _C),
    "name_physician": ActWords("Named the treating physician", _C),
    "name_no_recipient": ActWords("Said that no physician is to receive the opinion", _C),
    "set_questions": ActWords("Wrote down the questions", _C),
    "describe_case": ActWords("Changed the case's details", _C),
    "declare_interests": ActWords("Declared interests", _C),
    "accept_case": ActWords("Accepted the case", _C),
    "go_on_without": ActWords("Went on without a required record", _C),
    "make_ready": ActWords("Said that the case is ready to read", _C),
    "wait_for": ActWords("Began or ended a wait", _C),
    "on_hold_case": ActWords("Put the case on hold", _C),
    "resume_case": ActWords("Took the case off hold", _C),
    "returned_case": ActWords("Returned the case to the sender", _C),
    "declined_case": ActWords("Declined the case", _C),
    "withdrawn_case": ActWords("Withdrew the case", _C),
    "acknowledge": ActWords("Recorded that the letter arrived", _C),
    "close_case": ActWords("Closed the case", _C),
    "answer_red_flags": ActWords("Answered red flags", _C),
    "log_urgent_contact": ActWords("Logged an urgent call", _C, _NEW),
    "triage_red_flags": ActWords("Judged red flags as a physician", _C),
    # records
    "bring_in_records": ActWords("Brought records in", _R, _NEW),
    "describe_record": ActWords("Changed what a record is", _R),
    # the assessment
    "begin_own_read": ActWords("Began the own read", _A),
    "save_own_read": ActWords("Saved the draft of the own read", _A),
    "lock_own_read": ActWords("Locked the own read", _A, _NEW),
    "drop_revision": ActWords("Dropped a revision of the own read", _A, _GONE),
    "save_comparison": ActWords("Saved the draft of the comparison", _A),
    "finish_comparison": ActWords("Finished the comparison", _A, _NEW),
    "save_opinion": ActWords("Saved the draft of the opinion", _A),
    "save_addendum": ActWords("Saved the draft of an addendum", _A),
    "save_version": ActWords("Saved the draft of another version", _A),
    # consent
    "record_consent": ActWords("Recorded a consent", _O, _NEW),
    "revoke_consent": ActWords("Recorded that a consent was withdrawn", _O, _NEW),
    "consent_event_occurred": ActWords("Recorded the event that ends a consent", _O, _NEW),
    "consent_evidence_completed": ActWords("Completed the evidence of a consent", _O, _NEW),
    "consent_inactive": ActWords("Ended a consent", _O, _NEW),
    "consent_entered_in_error": ActWords("Marked a consent as entered in error", _O, _NEW),
    "consent_reconfirmed": ActWords("Confirmed a consent again", _O, _NEW),
    "name_recipient": ActWords("Named a recipient", _O, _NEW),
    "restrict": ActWords("Recorded who is to receive nothing", _O, _NEW),
    "lift_restriction": ActWords("Recorded that a recipient may receive again", _O, _NEW),
    # letters and their way
    "sign_letter": ActWords("Signed a letter", _L, _NEW),
    "sign_version": ActWords("Signed another version of a letter", _L, _NEW),
    "verify_channel": ActWords("Confirmed a way to reach a recipient", _L),
    "hand_over_again": ActWords(
        "Printed or saved a letter while the store could only be read", _L, _DONE
    ),
    "release_letter": ActWords("Asked the gate to release a letter", _L, _DONE),
    "record_attempted": ActWords("Recorded an attempt to send", _L, _NEW),
    "record_sent": ActWords("Recorded that a letter left", _L, _NEW),
    "record_failed": ActWords("Recorded that a letter didn't leave", _L, _NEW),
    "record_unknown": ActWords("Recorded that a letter's end is unknown", _L, _NEW),
    "record_undone": ActWords("Took a letter back before it left", _L, _NEW),
    "record_received": ActWords("Recorded a receipt", _L, _NEW),
    "record_acknowledged": ActWords("Recorded an acknowledgement", _L, _NEW),
    # keeping and giving up
    "lay_down_retention": ActWords("Laid down how long records are kept", _K),
    "set_legal_hold": ActWords("Set a legal hold", _K, _NEW),
    "lift_legal_hold": ActWords("Lifted a legal hold", _K, _NEW),
    "erase_patient": ActWords("Erased the patient", _K, _GONE),
    "export_patient": ActWords("Handed the patient a copy of everything", _K, _READ),
    "export_audit": ActWords("Exported the audit trail", _K, _READ),
    # the store and its users
    "create_store": ActWords("Made the store", _T, _NEW),
    "unlock": ActWords("Unlocked the store", _T, _DONE),
    "failed_unlocks": ActWords("Failed to unlock the store", _T, _DONE),
    "set_letterhead": ActWords("Changed the letterhead", _T),
    "choose_settings": ActWords("Changed the practice's settings", _T),
    "confirm_clock": ActWords("Confirmed date and time", _T),
    "clear_up": ActWords("Removed files left by a killed import", _T, _GONE),
    "back_up": ActWords("Backed the store up", _T, _NEW),
    "drill_backup": ActWords("Tried a backup out", _T, _READ),
    "choose_backup_place": ActWords("Chose where backups go", _T),
    "choose_backup_rule": ActWords("Laid down how long backups are kept", _T),
    "restore": ActWords("Opened a restored backup", _T, _DONE),
    "invite_user": ActWords("Invited a user", _T, _NEW),
    "let_user_in": ActWords("Let a user in", _T),
    "name_user": ActWords("Wrote down a user's full name", _T),
    "change_role": ActWords("Changed a user's role", _T),
    "shut_user_out": ActWords("Shut a user out", _T),
    "readmit_user": ActWords("Let a shut-out user in again", _T),
    "remove_user": ActWords("Removed a user", _T, _GONE),
    "change_passphrase": ActWords("Changed their passphrase", _T),
    "make_recovery_key": ActWords("Made a recovery key", _T, _NEW),
    "add_device": ActWords("Let a device open the store", _T, _NEW),
    "remove_device": ActWords("Took a device's access away", _T, _GONE),
    "exchange_keys": ActWords("Gave the store new keys", _T),
    "note_keys": ActWords("Noted the store's key file", _T),
    "miss_anchors": ActWords("Found no mark of what was last acknowledged", _T),
}
"""Every act by its name in the audit."""


def act_words(name: str) -> ActWords:
    """An act in plain words; one that this copy doesn't know is called by its name."""
    known = ACTS.get(name)
    return known or ActWords(name.replace("_", " ").capitalize(), ActKind.STORE, Doing.EXECUTE)


def acts_of(kind: ActKind) -> tuple[str, ...]:
    """The names of every act of a kind."""
    return tuple(name for name, said in ACTS.items() if said.kind is kind)


def acts_saying(words: str) -> tuple[str, ...]:
    """The names of every act whose words have these letters in them."""
    wanted = words.casefold()
    return tuple(name for name, said in ACTS.items() if wanted in said.words.casefold())
