"""Legal holds on a patient: set with a reason, lifted with a reason, never taken away."""

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from consultdesk.consultation.keeping import Hold
from consultdesk.desk import keeping
from consultdesk.desk.cases import CaseFile
from consultdesk.desktop.ask import Ask, plain
from consultdesk.desktop.session import Session
from consultdesk.desktop.words import moment, tr

_ID = Qt.ItemDataRole.UserRole


class LegalHoldDialog(Ask):
    """Shows every hold there ever was, and stays open while they are set and lifted."""

    FORM: ClassVar[str] = "legal_hold"

    whose: QLabel
    held: QListWidget
    reason: QPlainTextEdit
    lift: QPushButton

    def __init__(
        self,
        session: Session,
        file: CaseFile,
        holds: tuple[Hold, ...],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(session, parent)
        self._number = file.case.number
        self.whose.setText(file.patient.label)
        self.held.itemSelectionChanged.connect(self._show_state)
        self.lift.clicked.connect(self._lift)
        self._show(holds)
        self.fit_to_screen()
        self.reason.setFocus()

    def try_it(self) -> None:
        """Set a hold."""
        if reason := self._reason(tr("Write down why the records must be kept.")):
            vault, number, now = self.session.vault, self._number, self.session.tools.now()

            def act() -> tuple[Hold, ...]:
                keeping.hold(vault, number, reason, now)
                return keeping.holds(vault, number)

            self.do(act)

    def _lift(self) -> None:
        chosen = self.held.selectedItems()
        if not chosen:
            return
        hold_id = str(chosen[0].data(_ID))
        if reason := self._reason(tr("Write down why the hold is over.")):
            vault, number, now = self.session.vault, self._number, self.session.tools.now()

            def act() -> tuple[Hold, ...]:
                keeping.lift(vault, number, hold_id, reason, now)
                return keeping.holds(vault, number)

            self.do(act)

    def _reason(self, missing: str) -> str:
        reason = plain(self.reason)
        if not reason:
            self.say_problem(missing, self.reason)
        return reason

    def _done(self, answer: object) -> None:
        self.ok.setEnabled(True)
        self.reason.clear()
        holds = answer if isinstance(answer, tuple) else ()
        self._show(tuple(one for one in holds if isinstance(one, Hold)))
        self.settled.emit(answer)

    def _show(self, holds: tuple[Hold, ...]) -> None:
        self.held.clear()
        for one in reversed(holds):
            item = QListWidgetItem(_words(one), self.held)
            item.setData(_ID, one.id if one.stands else "")
        if not holds:
            item = QListWidgetItem(tr("No hold was ever set on this patient."), self.held)
            item.setFlags(Qt.ItemFlag.NoItemFlags)
        self._show_state()

    def _show_state(self) -> None:
        standing = any(item.data(_ID) for item in self.held.selectedItems())
        self.lift.setEnabled(standing)
        why = "" if standing else tr("Choose a hold that stands in the list.")
        self.lift.setToolTip(why)
        self.lift.setAccessibleDescription(why)


def _words(one: Hold) -> str:
    said = tr("Set {when} by {who}: {why}").format(when=moment(one.at), who=one.by, why=one.reason)
    if not one.authentic:
        said = tr("Changed from outside; it holds all the same. Verify the store.")
    if one.lifted_at is None:
        return tr("STANDS. {said}").format(said=said)
    return tr("Lifted {when} by {who}: {why}\n{said}").format(
        when=moment(one.lifted_at), who=one.lifted_by, why=one.lifted_because, said=said
    )
