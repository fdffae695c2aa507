"""What the window says of backups."""

from consultdesk.consultation.backup import BackupRule, Due
from consultdesk.desk.backup import BackedUp, Standing
from consultdesk.desktop.words import moment, tr
from consultdesk.vault.backup_check import Found
from consultdesk.vault.restore import Restored

_DAY_MS = 86_400_000
_MOST_NAMED = 3


def backed_up_words(standing: Standing) -> tuple[str, str]:
    """The last backup in a line, and what is to be known of it."""
    if standing.last is None:
        return tr("There is no backup yet."), tr(
            "If this computer is lost or its disk fails, everything in the store is lost with it."
        )
    lead = tr("Last backup: {when}").format(when=moment(standing.last))
    if standing.due is Due.DAMAGED:
        return lead, tr("It wasn't whole any more when it was tried out. Make a new one.")
    said = tr("It was read back from the disk and is whole.")
    if standing.due is Due.OLD:
        said += " " + tr("That is more than {n} days ago.").format(n=standing.rule.remind_after)
    return lead, said


def drill_words(standing: Standing) -> str:
    """When a backup was last tried out."""
    if standing.last is None:
        return ""
    if standing.drilled is None:
        return tr("None has been tried out yet.")
    return tr("One was last tried out on {when}.").format(when=moment(standing.drilled))


def reminder_words(standing: Standing, now: int) -> str:
    """The quiet word of the status bar, "" where nothing is due."""
    if standing.due is Due.NOTHING:
        return ""
    if standing.last is None:
        return tr("No backup yet: back up now")
    if standing.due is Due.DAMAGED:
        return tr("The last backup isn't whole: back up now")
    days = (now - standing.last) // _DAY_MS
    return tr("Last backup {n} days ago: back up now").format(n=days)


def rule_words(rule: BackupRule) -> str:
    """How long backups are kept."""
    return tr(
        "Kept are all of the last {hours} hours, one a day for {days} days, one a week for {weeks} "
        "weeks and one a month after that, and always the newest that is whole."
    ).format(hours=rule.hours, days=rule.days, weeks=rule.weeks)


def said_of(answer: BackedUp | Found) -> tuple[str, str, str]:
    """What came of a backup or of trying one out: kind, lead, and the rest."""
    if isinstance(answer, BackedUp):
        return _backed_up(answer)
    if answer.ok:
        return "success", tr("This backup opens, and everything in it is whole."), _checked(answer)
    return "danger", tr("This backup isn't whole:"), _wrong(answer)


def restored_words(done: Restored) -> tuple[str, str, str]:
    """What came of a restore: kind, lead, and what begins with it."""
    said = tr("The backup of {when}, {files} sealed files, by {user}.").format(
        when=moment(done.at), files=done.files, user=done.user
    )
    if done.newer:
        said += " " + tr("Newer backups that weren't asked for: {n}.").format(n=len(done.newer))
    if done.lacking:
        said += " " + tr("Missing in it: {names}.").format(names=_some(done.lacking))
    said += " " + tr(
        "A new epoch of the store begins: what was done since that backup isn't in it, withdrawn "
        "consents among it, so every consent to send waits until you confirm it again."
    )
    return "warning" if done.lacking else "success", tr("Restored."), said


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:_MOST_NAMED])
    more = len(names) - _MOST_NAMED
    return f"{shown}, " + tr("and {n} more").format(n=more) if more > 0 else shown


def _backed_up(done: BackedUp) -> tuple[str, str, str]:
    found = done.taken.found
    if not found.ok:
        wrong = _wrong(found)
        return "warning", tr("Backed up, but the store itself isn't whole:"), wrong
    said = tr("{new} new of {all} sealed files were copied, and everything was read back.")
    text = said.format(new=done.taken.new_files, all=found.files)
    if done.pruned:
        text += " " + tr("{n} older backups were let go.").format(n=len(done.pruned))
    if done.trouble:
        text += " " + tr("Older backups couldn't be let go: {why}").format(why=done.trouble)
    return "success", tr("Backed up."), text


def _checked(found: Found) -> str:
    if found.opened:
        said = tr(
            "Opened: the database, {files} sealed files, and {events} lines of the audit trail."
        )
        return said.format(files=found.files, events=found.events)
    said = tr(
        "Compared with what was written: the database and {files} records. Your role opens none."
    )
    return said.format(files=found.files)


def _wrong(found: Found) -> str:
    parts = []
    if not (found.database and found.last_line):
        parts.append(tr("the database is damaged"))
    if found.schema is False:
        parts.append(tr("the database isn't the one this program makes"))
    if found.broken:
        parts.append(tr("the audit trail was changed"))
    parts += [f"{one.file} ({one.reason})" for one in (*found.damaged, *found.unopened)]
    parts += [tr("{file} was missing in the store").format(file=one) for one in found.missing]
    shown = parts[:_MOST_NAMED]
    if len(parts) > _MOST_NAMED:
        shown.append(tr("and {n} more").format(n=len(parts) - _MOST_NAMED))
    return "; ".join(shown) + "."
