"""Erasing a patient: what goes and what remains is said before and after, and asked for twice."""

from html import escape
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QPlainTextEdit, QWidget

from consultdesk.desk import erasure
from consultdesk.desk.erasure import GOES, REMAINS, Outlook
from consultdesk.desktop.ask import Ask, plain
from consultdesk.desktop.banner import Banner, BannerKind
from consultdesk.desktop.case_words import day
from consultdesk.desktop.session import Session
from consultdesk.desktop.style import text_scale_of
from consultdesk.desktop.words import tr

_SHORT = 280


class EraseDialog(Ask):
    """Erases whoever a case is about, in all their cases. `settled` carries the case numbers."""

    FORM: ClassVar[str] = "erase"

    whose: QLabel
    barred: Banner
    outcome: Banner
    asking: QWidget
    goes: QLabel
    remains: QLabel
    early_about: QLabel
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
        for label, parts in ((self.goes, _going(seen)), (self.remains, REMAINS)):
            label.setTextFormat(Qt.TextFormat.RichText)
            label.setText(_listed(parts))
            label.setAccessibleName("; ".join(parts))
        self._say_early()
        if seen.barred:
            self.barred.say(BannerKind.DANGER, tr("This patient can't be erased now."), _why(seen))
            self.asking.hide()
            self.ok.hide()
            self.cancel.setText(tr("Close"))
            self._shrink()
        self.fit_to_screen()

    def _say_early(self) -> None:
        until = self._seen.kept.until
        when = day(until.isoformat()) if until else tr("after the case has ended")
        said = tr("The practice's rule asks to keep this patient until {day}.").format(day=when)
        self.early_about.setText(said)
        self.early.setAccessibleDescription(said)
        for shown in (self.early_about, self.early):
            shown.setVisible(self._seen.early)

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
        self._shrink()
        self.settled.emit(answer)

    def _shrink(self) -> None:
        """Take no more room than a banner and a button need."""
        self.resize(self.width(), round(_SHORT * text_scale_of(self)))


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
    """As a list whose items begin where the other words do."""
    items = "".join(f"<li>{escape(part)}</li>" for part in parts)
    return f'<ul style="margin: 0 0 0 -22px">{items}</ul>'
