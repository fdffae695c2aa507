"""What an assessment says of itself: its notice, its empty page, and the question before a lock."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from consultdesk.desktop.assessment_standing import COMPARE, OPINE, READ, Standing
from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.empty import EmptyState
from consultdesk.desktop.words import state_words, tr


def say_standing(notice: Banner, found: Standing, step: int) -> None:
    """Say why the step before the eye is as it is, where that needs a word."""
    if not notice.isHidden() and notice.kind is BannerKind.DANGER:
        return  # what isn't saved is said before anything else
    said = found.read_only(step) if found.begun else ""
    if found.stopped and found.begun:
        notice.say(BannerKind.WARNING, tr("Stopped."), found.stopped, icon_name="flag")
    elif said:
        revise = step == READ and found.may_revise
        actions = (("revise", tr("Revise…")),) if revise else ()
        notice.say(BannerKind.INFO, said, actions=actions, icon_name="lock")
    elif step == READ and found.revising:
        words = tr("Revision {n} for late material.").format(n=len(found.said.own_reads) + 1)
        drop = ("drop_revision", tr("Drop it"))
        notice.say(BannerKind.INFO, words, actions=(drop,), icon_name="note")
    elif step != READ and found.step == OPINE and found.said.comparing:
        lead = tr("Finish the comparison again.")
        words = tr("It was of an earlier own read, or has been changed since.")
        go = () if step == COMPARE else (("compare", tr("Go to the comparison")),)
        notice.say(BannerKind.INFO, lead, words, go, icon_name="note")
    else:
        notice.clear()


def say_not_begun(nothing: EmptyState, found: Standing) -> None:
    """Say why there is nothing to assess yet, and offer to begin where that is the next step."""
    case = found.file.case
    why = found.read_only(READ) or found.stopped
    if case.state.value == "ready" and not why:
        sealed = tr("The first opinion stays closed until you lock your own read.")
        nothing.say(
            "eye",
            tr("Ready for your own read."),
            tr("Read the records and write down what you see.")
            + (f" {sealed}" if found.file.sealed else ""),
            tr("Begin own read"),
        )
    elif found.open_points:
        points = "; ".join(found.open_points)
        words = tr("Open: {points}.").format(points=points)
        nothing.say("note", tr("Not ready to read yet."), words)
    else:
        said = tr("The case is {state}.").format(state=state_words(case.state).lower())
        nothing.say("note", tr("There is nothing to assess yet."), why or said)


def ask_to_lock(parent: QWidget, lock: Callable[[], object], *, sealed: bool) -> None:
    """Ask before the own read is locked for good, then call `lock`."""
    box = QMessageBox(parent)
    box.setObjectName("lock_own_read")
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle(tr("Lock own read"))
    box.setText(tr("Lock your own read?"))
    opens = (
        tr("The first opinion opens now.")
        if sealed
        else tr("The first opinion is beside it in the next step.")
    )
    box.setInformativeText(
        tr("It stays as it is, for good. {opens} Late material makes a further revision, ").format(
            opens=opens
        )
        + tr("and both are kept.")
    )
    yes = box.addButton(tr("Lock own read"), QMessageBox.ButtonRole.AcceptRole)
    box.addButton(tr("Not yet"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(yes)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    yes.clicked.connect(lambda: lock())
    box.open()
