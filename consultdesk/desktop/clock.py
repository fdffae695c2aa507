"""A person's word that date and time of this computer are right."""

from PySide6.QtWidgets import QWidget

from consultdesk.desk import store
from consultdesk.desktop.reason import ReasonDialog, Wanted
from consultdesk.desktop.session import Session
from consultdesk.desktop.words import moment, tr


def clock_dialog(session: Session, parent: QWidget) -> ReasonDialog:
    """Asks whether the clock is right; the answer is kept in the audit trail."""
    vault, now = session.vault, session.tools.now
    wanted = Wanted(
        tr("Date and time"),
        tr(
            "This computer says it is {when}. Is that right? If it isn't, cancel, correct the "
            "computer's clock, and open the desk again."
        ).format(when=moment(store.moment(vault, now()).system)),
        tr("Yes, it is right"),
    )
    return ReasonDialog(
        session, wanted, lambda _choice, _reason: store.confirm_clock(vault, now()), parent
    )
