"""What can be done next with an assessment, and why what can't be done can't."""

from PySide6.QtWidgets import QPushButton

from consultdesk.desk import opinion
from consultdesk.desktop.assessment_pages import StepPages
from consultdesk.desktop.assessment_standing import COMPARE, OPINE, READ, Standing
from consultdesk.desktop.words import tr

_MOST_POINTS = 4


def going_on(
    found: Standing, step: int, pages: StepPages, *, comparison_written: bool
) -> tuple[str, str]:
    """Why a step can't be finished, and what the button that finishes it is called.

    Both are "" where a step has nothing to finish.
    """
    if not found.begun or found.read_only(step):
        return "", ""
    if step == READ and pages.own_read is not None:
        missing = pages.own_read.missing()
        words = tr("Lock this revision…") if found.revising else tr("Lock own read…")
        locked = found.said.own_reads[-1] if found.revising else None
        same = locked is not None and opinion.says_the_same(locked, pages.own_read.value())
        nothing = tr("The revision says what the locked read says.") if same else ""
        return still_open(missing) or nothing or found.stopped, words
    compare = found.comparing or comparison_written
    if step == COMPARE and pages.comparison is not None and compare:
        missing = pages.comparison.missing()
        return still_open(missing) or found.stopped, tr("Go on to the opinion")
    return "", ""


def why_not_preview(pages: StepPages) -> str:
    """Why there is no letter to look at, "" when there is."""
    there = pages.opinion is not None
    return "" if there else tr("There is no letter before the comparison is finished.")


def why_not_sign(found: Standing) -> str:
    """Why the letter can't be signed, "" when it can."""
    if not found.may_write:
        return tr("Only a physician signs.")
    if found.signed:
        return tr("The letter is signed.")
    if not found.begun or found.step != OPINE:
        return tr("Finish own read and comparison first.")
    if found.stopped:
        return found.stopped
    if found.check is None:
        return tr("The letter is being looked over.")
    return still_open(found.check.blocking)


def why_not_send(found: Standing) -> str:
    """Why nothing can be handed over, "" when it can."""
    if not found.may_write:
        return tr("Only a physician releases a letter.")
    if not found.file.letters:
        return tr("Sign the letter first.")
    return found.stopped


def allow(button: QPushButton, reason: str, help_: str = "") -> None:
    """Enable a button, or say in tooltip and description why it is disabled."""
    button.setEnabled(not reason)
    button.setToolTip(reason or help_)
    button.setAccessibleDescription(reason)


def still_open(missing: tuple[str, ...]) -> str:
    """The open points as a sentence, "" when there is none."""
    listed = "; ".join(point.rstrip(".") for point in missing)
    return tr("Still open: {points}.").format(points=listed) if missing else ""


def short(reason: str) -> str:
    """A long list of open points as its first ones and how many more; the tooltip has all."""
    points = reason.split("; ")
    if len(points) <= _MOST_POINTS:
        return reason
    more = tr("and {n} more.").format(n=len(points) - _MOST_POINTS + 1)
    return "; ".join([*points[: _MOST_POINTS - 1], more])
