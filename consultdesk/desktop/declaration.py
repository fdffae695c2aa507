"""The reviewer's declaration of conflicts of interest and independence."""

from typing import ClassVar

from PySide6.QtWidgets import QLabel, QPlainTextEdit, QRadioButton, QWidget

from consultdesk.desk import cases
from consultdesk.desktop.ask import Ask, plain
from consultdesk.desktop.choice import one_stop
from consultdesk.desktop.session import Session
from consultdesk.desktop.words import tr


class DeclarationDialog(Ask):
    """Asks whether anything could sway the opinion. Nothing is chosen beforehand."""

    FORM: ClassVar[str] = "declaration"

    independent: QRadioButton
    conflict: QRadioButton
    detail_label: QLabel
    detail: QPlainTextEdit
    blocks: QLabel

    def __init__(self, session: Session, number: str, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._number = number
        self._show_detail()
        one_stop((self.independent, self.conflict))
        self.conflict.toggled.connect(self._show_detail)
        self.adjustSize()

    def try_it(self) -> None:
        """Keep the declaration."""
        conflict, detail = self.conflict.isChecked(), plain(self.detail)
        if not (conflict or self.independent.isChecked()):
            self.say_problem(tr("Choose one of the two."), self.independent)
            return
        if conflict and not detail:
            self.say_problem(tr("Write down what it is."), self.detail)
            return
        vault, number, now = self.session.vault, self._number, self.session.tools.now()
        self.do(lambda: cases.declare(vault, number, now, conflict=conflict, detail=detail))

    def _show_detail(self) -> None:
        on = self.conflict.isChecked()
        for part in (self.detail_label, self.detail, self.blocks):
            part.setVisible(on)
        self.grow()
