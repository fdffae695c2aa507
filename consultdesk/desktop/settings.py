"""Settings: how it looks here, when it locks, the working calendar, the letterhead."""

from dataclasses import replace
from typing import ClassVar

from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPlainTextEdit, QSpinBox, QWidget

from consultdesk.consultation.letter import Practice
from consultdesk.desk import settings as chosen
from consultdesk.desk import store
from consultdesk.desk.calendars import calendar, calendars
from consultdesk.desk.settings import Settings
from consultdesk.desktop.ask import Ask, plain
from consultdesk.desktop.look import TEXT_SIZES, choose_scheme, kept_text_size, scale_text
from consultdesk.desktop.session import Session
from consultdesk.desktop.style import Scheme
from consultdesk.desktop.words import tr
from consultdesk.errors import ConsultDeskError
from consultdesk.vault.vault import Vault


class SettingsDialog(Ask):
    """Changes take effect with Save; cancelling leaves everything as it was."""

    FORM: ClassVar[str] = "settings"

    scheme: QComboBox
    text_size: QComboBox
    lock_after: QSpinBox
    calendar: QComboBox
    calendar_about: QLabel
    practice_name: QLineEdit
    address: QPlainTextEdit
    practice_phone: QLineEdit
    email: QLineEdit

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._letterhead = store.letterhead(session.vault)
        self._chosen = chosen.settings(session.vault)
        self._fill_look()
        self.lock_after.setMaximum(chosen.LONGEST_IDLE)
        self.lock_after.setValue(self._chosen.lock_after)
        self._fill_calendars()
        self.practice_name.setText(self._letterhead.name)
        self.address.setPlainText(self._letterhead.address)
        self.practice_phone.setText(self._letterhead.phone)
        self.email.setText(self._letterhead.email)
        self.fit_to_screen()

    def _fill_look(self) -> None:
        for scheme, words in (
            (Scheme.SYSTEM, tr("As the system")),
            (Scheme.LIGHT, tr("Light")),
            (Scheme.DARK, tr("Dark")),
        ):
            self.scheme.addItem(words, scheme.value)
        now = self.session.tools.style.scheme
        self.scheme.setCurrentIndex(self.scheme.findData(now.value))
        for size in TEXT_SIZES:
            self.text_size.addItem(f"{size:.0%}", size)
        kept = kept_text_size(self.session.tools.settings)
        nearest = min(range(len(TEXT_SIZES)), key=lambda n: abs(TEXT_SIZES[n] - kept))
        self.text_size.setCurrentIndex(nearest)

    def _fill_calendars(self) -> None:
        for code in calendars():
            self.calendar.addItem(_calendar_name(code), code)
        self.calendar.setCurrentIndex(max(0, self.calendar.findData(self._chosen.calendar)))
        self.calendar.currentIndexChanged.connect(lambda _n: self._say_calendar())
        self._say_calendar()

    def _say_calendar(self) -> None:
        code = str(self.calendar.currentData())
        try:
            self.calendar_about.setText(
                tr("Time zone {zone}").format(zone=calendar(code).calendar.zone)
            )
        except ConsultDeskError as error:
            self.calendar_about.setText(str(error))

    def try_it(self) -> None:
        """Keep and put to use what was chosen."""
        tools = self.session.tools
        choose_scheme(tools.style, tools.settings, Scheme(str(self.scheme.currentData())))
        scale_text(tools.style, tools.settings, float(self.text_size.currentData()))
        said = Settings(self.lock_after.value(), str(self.calendar.currentData()))
        head = replace(
            self._letterhead,
            name=self.practice_name.text().strip(),
            address=plain(self.address),
            phone=self.practice_phone.text().strip(),
            email=self.email.text().strip(),
        )
        vault, now = self.session.vault, tools.now()
        changed_head = head != self._letterhead
        self.do(lambda: _keep(vault, said, head if changed_head else None, now))


def _keep(vault: Vault, said: Settings, head: Practice | None, now: int) -> Settings:
    chosen.choose(vault, said, now)
    if head is not None:
        store.set_letterhead(vault, head, now)
    return said


def _calendar_name(code: str) -> str:
    try:
        return calendar(code).calendar.name
    except ConsultDeskError:
        return code
