"""Settings: how it looks here, when it locks, the working calendar, the letterhead."""

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QWidget,
)

from consultdesk.consultation.letter import Practice
from consultdesk.desk import keychain, store
from consultdesk.desk import settings as chosen
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
    keychain: QCheckBox
    keychain_words: QLabel
    passphrase_label: QLabel
    passphrase: QLineEdit
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
        self._fill_keychain()
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

    def _fill_keychain(self) -> None:
        self._remembered = keychain.is_chosen(self.session.vault)
        self.keychain.setChecked(self._remembered)
        self.keychain.toggled.connect(lambda _on: self._ask_for_passphrase())
        self._ask_for_passphrase()
        self._offer_keychain(tr("Looking for this computer's keychain…"))
        self.session.tools.work.run(
            keychain.is_there,
            lambda there: self._offer_keychain("" if there else tr("This computer has none.")),
            lambda error: self._offer_keychain(str(error)),
            owner=self,
        )

    def _offer_keychain(self, why_not: str) -> None:
        """Let it be chosen, or say why it can't be; what was chosen can always be given up."""
        allowed = not why_not or self._remembered
        self.keychain.setEnabled(allowed)
        self.keychain_words.setText(keychain_words() if allowed else why_not)
        self.keychain.setAccessibleDescription(self.keychain_words.text())
        self.keychain.setToolTip("" if allowed else why_not)
        self.grow()

    def _ask_for_passphrase(self) -> None:
        """Another way in asks for the one that there is."""
        asked = self.keychain.isChecked() and not self._remembered
        for part in (self.passphrase_label, self.passphrase):
            part.setVisible(asked)
        self.grow()

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
        change = self._keychain_change()
        if change is not None and self.keychain.isChecked() and not self.passphrase.text():
            self.say_problem(
                tr("Type your passphrase to unlock with the keychain."), self.passphrase
            )
            return
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

        def act() -> Settings:
            if change is not None:
                change(now)
            return _keep(vault, said, head if changed_head else None, now)

        self.do(act)

    def _keychain_change(self) -> Callable[[int], None] | None:
        """What has to be done for the box as it stands now; None when it stands as before."""
        vault, passphrase = self.session.vault, self.passphrase.text()
        if self.keychain.isChecked() == self._remembered:
            return None
        if self.keychain.isChecked():
            return lambda now: keychain.choose(vault, passphrase, now)
        return lambda now: keychain.give_up(vault, now)


def keychain_words() -> str:
    """What unlocking with the keychain means."""
    return tr(
        "One click then opens the desk without the passphrase, also after it has locked itself: "
        "for whoever sits at this computer under your login. Signing still asks for it."
    )


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
