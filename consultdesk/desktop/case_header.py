"""Whose case is open: full name and date of birth, what is asked, from whom, by when."""

from datetime import datetime
from typing import ClassVar

from PySide6.QtWidgets import QLabel, QWidget

from consultdesk.consultation.case import OPEN_STATES
from consultdesk.desk.cases import CaseFile
from consultdesk.desktop.case_words import born_words
from consultdesk.desktop.chip import PriorityChip
from consultdesk.desktop.form import Forms
from consultdesk.desktop.words import day_of, moment, state_words, time_left, tr

_LONGEST_QUESTION = 240


class CaseHeader(QWidget):
    """Names the patient and the case above everything that is shown of it."""

    FORM: ClassVar[str] = "case_header"

    patient: QLabel
    priority: PriorityChip
    asked: QLabel
    about: QLabel

    def __init__(self, forms: Forms, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        forms.load(self, self.FORM)
        self.clear()

    def clear(self) -> None:
        """Name nobody."""
        for label in (self.patient, self.asked, self.about):
            label.clear()
            label.setAccessibleName("")
        self.hide()

    def show_case(self, file: CaseFile, now: int) -> None:
        """Name this patient and this case."""
        today = datetime.fromtimestamp(now / 1000).astimezone().date()
        name = tr("{name}, {born}").format(
            name=file.patient.name, born=born_words(file.patient, today)
        )
        if file.case.erased_at is not None:
            name = tr("Erased on {day}").format(day=day_of(file.case.erased_at))
        self.patient.setText(name)
        self.patient.setAccessibleName(name)
        self.priority.show_priority(file.case.priority)
        self.asked.setText(_asked(file))
        self.asked.setVisible(bool(self.asked.text()))
        # no line begins with a dot
        self.about.setText("\u00a0· ".join(_about(file, now)))
        self.show()


def _asked(file: CaseFile) -> str:
    questions = file.case.referral.questions
    if not questions:
        return ""
    first = " ".join(questions[0].text.split())
    if len(first) > _LONGEST_QUESTION:
        first = first[:_LONGEST_QUESTION].rstrip() + "…"
    if len(questions) == 1:
        return tr("Asked: {question}").format(question=first)
    return tr("Asked: {question} (and {n} more)").format(question=first, n=len(questions) - 1)


def _about(file: CaseFile, now: int) -> list[str]:
    case = file.case
    gone = case.erased_at is not None
    unconfirmed = () if case.patient_confirmed or gone else (tr("Patient not confirmed yet"),)
    parts = [
        *unconfirmed,
        tr("Case {number}").format(number=case.number),
        file.specialty.title,
        state_words(case.state),
    ]
    if file.physician is not None:
        named = ", ".join(p for p in (file.physician.name, file.physician.practice) if p)
        parts.append(tr("Treating physician {named}").format(named=named))
    elif gone:
        pass
    elif case.recipient_named == "none":
        parts.append(tr("No recipient but the patient"))
    else:
        parts.append(tr("Treating physician not named yet"))
    parts.append(tr("Received {when}").format(when=moment(case.received_at)))
    if case.due_at is not None and case.state in OPEN_STATES:
        when, left = moment(case.due_at), time_left(case.due_at, now)
        parts.append(tr("Due {when} ({left})").format(when=when, left=left))
    # a line may break after a dot, never inside "Received 20 Nov 2026, 09:12"
    return [part.replace(" ", "\u00a0") if len(part) < 40 else part for part in parts]
