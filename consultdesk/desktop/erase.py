"""Erasing a patient: what goes and what remains is said before and after, and asked for twice."""

from typing import ClassVar

from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QPlainTextEdit, QWidget

from consultdesk.desk import erasure
from consultdesk.desk.erasure import GOES, REMAINS, Outlook
from consultdesk.desktop.ask import Ask, plain
from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.case_words import day
from consultdesk.desktop.session import Session
from consultdesk.desktop.words import tr


class EraseDialog(Ask):
    """Erases whoever a case is about, in all their cases. `settled` carries the case numbers."""

    FORM: ClassVar[str] = "erase"

    whose: QLabel
    barred: Banner
    outcome: Banner
    asking: QWidget
    goes: QLabel
    remains: QLabel
    early: QCheckBox
    reason: QPlainTextEdit
    passphrase: QLineEdit

    def __init__(
        self, session: Session, number: str, seen: Outlook, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, parent)
        self._number = number
        self._seen = seen
        self.ok.setDefault(False)
        self.ok.setAutoDefault(False)  # nobody erases by an Enter that was meant for a field
        self.cancel.setDefault(True)
        self.whose.setText(tr("Erase {who}").format(who=seen.label))
        self.goes.setText(_listed(_going(seen)))
        self.remains.setText(_listed(REMAINS))
        self._say_early()
        if seen.barred:
            self.barred.say(BannerKind.DANGER, tr("This patient can't be erased now."), _why(seen))
            self.asking.hide()
            self.ok.hide()
            self.cancel.setText(tr("Close"))
        self.fit_to_screen()

    def _say_early(self) -> None:
        self.early.setVisible(self._seen.early)
        until = self._seen.kept.until
        if until is not None:
            said = tr("Erase though the practice's rule asks to keep it until {day}")
            self.early.setText(said.format(day=day(until.isoformat())))
        else:
            self.early.setText(tr("Erase though the practice's rule asks to keep it"))

    def try_it(self) -> None:
        """Erase, once the reason and the passphrase are there."""
        reason, passphrase = plain(self.reason), self.passphrase.text()
        if self._seen.early and not self.early.isChecked():
            self.say_problem(tr("Confirm that you erase before that day."), self.early)
            return
        if not reason:
            self.say_problem(tr("Write down why the patient is erased."), self.reason)
            return
        if not passphrase:
            self.say_problem(tr("Type your passphrase."), self.passphrase)
            return
        vault, number, now = self.session.vault, self._number, self.session.tools.now()
        early = self.early.isChecked()
        self.passphrase.clear()
        self.do(lambda: erasure.erase(vault, number, reason, passphrase, now, early=early))

    def _done(self, answer: object) -> None:
        """Stay, and say what was erased and what remains."""
        named = ", ".join(self._seen.numbers)
        self.whose.setText(tr("Erased"))
        self.outcome.say(
            BannerKind.SUCCESS,
            tr("Everything held of this patient is destroyed: {cases}.").format(cases=named),
            tr("What remains: {what}.").format(what="; ".join(REMAINS)),
        )
        self.asking.hide()
        self.ok.hide()
        self.cancel.setText(tr("Close"))
        self.cancel.setFocus()
        self.settled.emit(answer)


def _going(seen: Outlook) -> tuple[str, ...]:
    named = ", ".join(seen.numbers)
    said = tr("all {n} sealed files, of: {cases}").format(n=seen.files, cases=named)
    return (*GOES, said)


def _why(seen: Outlook) -> str:
    if not seen.holds:
        return seen.barred
    hold = seen.holds[0]
    said = tr("A legal hold forbids it, set by {who}: {why}")
    return said.format(who=hold.by or tr("somebody"), why=hold.reason or tr("no reason readable"))


def _listed(parts: tuple[str, ...]) -> str:
    return "\n".join(f"•\u00a0{part}" for part in parts)
