"""The words a person reads for states, priorities and times."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    # Only then: every part of the lock screen asks here, and a case is none of its business.
    from consultdesk.consultation.case import CaseState, Priority

_MINUTE = 60_000
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


def tr(text: str) -> str:
    """The text in the person's language."""
    return QCoreApplication.translate("words", text)


def priority_word(priority: "Priority") -> str:
    """How urgent, in one word."""
    from consultdesk.consultation.case import Priority

    return {
        Priority.EMERGENT: tr("Emergent"),
        Priority.URGENT: tr("Urgent"),
        Priority.ROUTINE: tr("Routine"),
    }[priority]


def state_words(state: "CaseState") -> str:
    """Where a case stands, as a person says it."""
    from consultdesk.consultation.case import CaseState

    return {
        CaseState.RECEIVED: tr("Received"),
        CaseState.COLLECTING: tr("Collecting records"),
        CaseState.READY: tr("Ready to read"),
        CaseState.OWN_READ: tr("Own read"),
        CaseState.COMPARISON: tr("Comparison"),
        CaseState.DRAFTING: tr("Drafting"),
        CaseState.SIGNED: tr("Signed"),
        CaseState.RELEASED: tr("Released"),
        CaseState.RELEASED_TO_PATIENT_ONLY: tr("Released to patient only"),
        CaseState.ACKNOWLEDGED: tr("Acknowledged"),
        CaseState.CLOSED: tr("Closed"),
        CaseState.RETURNED: tr("Returned to sender"),
        CaseState.DECLINED: tr("Declined"),
        CaseState.URGENT_STOP: tr("Urgent stop"),
        CaseState.ON_HOLD: tr("On hold"),
        CaseState.WITHDRAWN: tr("Withdrawn"),
    }[state]


def span(milliseconds: int) -> str:
    """A length of time as short as it stays true: "25 min", "14 h", "3 d"."""
    if milliseconds < _HOUR:
        return tr("{n} min").format(n=milliseconds // _MINUTE)
    if milliseconds < 2 * _DAY:
        return tr("{n} h").format(n=milliseconds // _HOUR)
    return tr("{n} d").format(n=milliseconds // _DAY)


def time_left(due_at: int | None, now: int) -> str:
    """How long is left, "14 h left" or "6 h over". Times in UTC milliseconds."""
    if due_at is None:
        return tr("no date")
    if due_at < now:
        return tr("{span} over").format(span=span(now - due_at))
    return tr("{span} left").format(span=span(due_at - now))


def moment(at: int) -> str:
    """A time on the person's own clock, with a four-digit year. `at` in UTC milliseconds."""
    # Here, not at the top: the lists of all languages and countries cost the lock screen time.
    from PySide6.QtCore import QDateTime, QLocale

    locale = QLocale()
    when = QDateTime.fromMSecsSinceEpoch(at)
    day = locale.toString(when.date(), "d MMM yyyy")
    return f"{day}, {locale.toString(when.time(), QLocale.FormatType.ShortFormat)}"


def day_of(at: int) -> str:
    """The day of a time on the person's own clock, with a four-digit year. UTC milliseconds."""
    from PySide6.QtCore import QDateTime, QLocale  # as above

    return QLocale().toString(QDateTime.fromMSecsSinceEpoch(at).date(), "d MMM yyyy")
