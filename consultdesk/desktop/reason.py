"""One question with a reason: on hold, return, decline, withdraw, open what is sealed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtWidgets import QComboBox, QLabel, QPlainTextEdit, QWidget

from consultdesk.desktop.ask import Ask, plain
from consultdesk.desktop.session import Session
from consultdesk.desktop.words import tr


@dataclass(frozen=True)
class Wanted:
    """What is asked: `choices` are (key, words); without `reason_label` no reason is asked."""

    title: str
    sentence: str
    ok: str
    reason_label: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    choice_label: str = ""
    reason_needed: bool = True


class ReasonDialog(Ask):
    """Asks for a choice and a reason, and does the act with both."""

    FORM: ClassVar[str] = "reason"

    sentence: QLabel
    choice_label: QLabel
    choice: QComboBox
    reason_label: QLabel
    reason: QPlainTextEdit

    def __init__(
        self,
        session: Session,
        wanted: Wanted,
        act: Callable[[str, str], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(session, parent)
        self._wanted = wanted
        self._act = act
        self.setWindowTitle(wanted.title)
        self.sentence.setText(wanted.sentence)
        self.sentence.setVisible(bool(wanted.sentence))
        for key, words in wanted.choices:
            self.choice.addItem(words, key)
        self.choice_label.setText(wanted.choice_label)
        self.choice.setAccessibleName(wanted.choice_label)
        self.reason_label.setText(wanted.reason_label)
        self.reason.setAccessibleName(wanted.reason_label)
        asks, chooses = bool(wanted.reason_label), bool(wanted.choices)
        self.choice_label.setVisible(chooses)
        self.choice.setVisible(chooses)
        self.reason_label.setVisible(asks)
        self.reason.setVisible(asks)
        self.ok.setText(wanted.ok)
        self.adjustSize()
        (self.reason if wanted.reason_label else self.choice).setFocus()

    def try_it(self) -> None:
        """Do it, unless the reason is missing."""
        reason, choice = plain(self.reason), str(self.choice.currentData() or "")
        if self._wanted.reason_label and self._wanted.reason_needed and not reason:
            self.say_problem(tr("Please write this down first."), self.reason)
            return
        act = self._act
        self.do(lambda: act(choice, reason))
