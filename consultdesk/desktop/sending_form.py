"""What is asked before a letter is handed over: which, to whom, how, and what still lacks."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QSizePolicy,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from consultdesk.consultation.consent import Purpose
from consultdesk.consultation.identity import new_id
from consultdesk.consultation.patient import ChannelKind
from consultdesk.desk.sending import Sending
from consultdesk.desktop.assessment_parts import fit_on_screen
from consultdesk.desktop.banner import Banner
from consultdesk.desktop.choice import one_stop
from consultdesk.desktop.consent_words import purpose_words
from consultdesk.desktop.folder import choose_folder
from consultdesk.desktop.sending_standing import (
    Printers,
    SendView,
    new_password,
)
from consultdesk.desktop.session import Session
from consultdesk.desktop.words import moment, tr
from consultdesk.letters.rendition import protect
from consultdesk.transports.handover import PrintOptions, SaveOptions

if TYPE_CHECKING:
    from consultdesk.consultation.delivery import Refusal

ASK, COUNT, DONE = 0, 1, 2


class SendForm(QDialog):
    """The fields of sending, and why they don't suffice yet. It hands nothing over."""

    FORM: ClassVar[str] = "send"

    patient: QLabel
    about: QLabel
    pages: QStackedWidget
    letter_label: QLabel
    letter: QComboBox
    recipient: QLabel
    purpose_label: QLabel
    purpose: QComboBox
    by_print: QRadioButton
    by_save: QRadioButton
    print_box: QWidget
    no_queue: QLabel
    queue: QComboBox
    copies: QSpinBox
    two_sided: QCheckBox
    save_box: QWidget
    folder: QLineEdit
    choose_folder: QPushButton
    file_name: QLineEdit
    replace_file: QCheckBox
    password_label: QLabel
    password: QLineEdit
    password_help: QLabel
    another_password: QPushButton
    copy_password: QPushButton
    unprotected: QCheckBox
    outside: QLabel
    handed_to: QLineEdit
    known_label: QLabel
    known: QLineEdit
    confirm_way: QPushButton
    known_said: QLabel
    gate: Banner
    cure: QLabel
    cures: QHBoxLayout
    earlier_label: QLabel
    earlier: QVBoxLayout
    count_what: QLabel
    count: QLabel
    count_help: QLabel
    count_bar: QProgressBar
    undo: QPushButton
    outcome: Banner
    receipt: QLabel
    reference: QLabel
    password_once_label: QLabel
    password_once: QLineEdit
    copy_once: QPushButton
    resend: QPushButton
    settle_label: QLabel
    settle_detail: QLineEdit
    settle_yes: QPushButton
    settle_no: QPushButton
    why: QLabel
    cancel: QPushButton
    send: QPushButton

    sent = Signal(object)
    judged = Signal(object)
    ended = Signal()

    def __init__(
        self,
        session: Session,
        number: str,
        parent: QWidget | None = None,
        *,
        letter_id: str = "",
        patient_only: bool = False,
    ) -> None:
        super().__init__(parent)
        session.tools.forms.load(self, self.FORM)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fit_on_screen(self, 600, 760)
        self._session = session
        self.number = number
        self._wanted_letter = letter_id
        self._patient_only = patient_only
        self._view: SendView | None = None
        self._printers: Printers | None = None
        self._refusal: Refusal | None = None
        self._judged_for: object = None
        self._refused: set[object] = set()
        self._key = self._new_key()
        self._sending = False
        self.password.setText(new_password())
        self.by_save.setChecked(True)
        one_stop((self.by_print, self.by_save))
        self.why.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._fill_purposes()
        self._name_fields()

    def _fill_purposes(self) -> None:
        for purpose in Purpose:
            self.purpose.addItem(purpose_words(purpose), purpose.value)

    def _name_fields(self) -> None:
        named = (
            (self.two_sided, tr("Print on both sides")),
            (self.choose_folder, tr("Choose the folder")),
            (self.another_password, tr("Suggest another password")),
            (self.copy_password, tr("Copy the password")),
            (self.copy_once, tr("Copy the password")),
            (self.confirm_way, tr("Confirm that this way reaches the recipient")),
        )
        for widget, words in named:
            widget.setAccessibleName(words)

    @property
    def letter_id(self) -> str:
        """The letter chosen."""
        return str(self.letter.currentData() or "")

    @property
    def way(self) -> ChannelKind:
        """How it is handed over."""
        printing = self.by_print.isChecked()
        return ChannelKind.HAND_OVER_PRINT if printing else ChannelKind.HAND_OVER_SAVE

    def wish(self) -> Sending:
        """What a person asks to send now."""
        return Sending(
            self.number,
            self.letter_id,
            self.way,
            Purpose(str(self.purpose.currentData())),
            self._key,
            self.handed_to.text(),
        )

    def _show_state(self) -> None:
        printing = self.by_print.isChecked()
        self.print_box.setVisible(printing)
        self.save_box.setVisible(not printing)
        found = self._printers
        none = found.why_none if found else tr("Looking for printers…")
        self.no_queue.setText(
            tr("{why} Save the letter instead.").format(why=none) if found else none
        )
        self.no_queue.setVisible(bool(none))
        for part in (self.queue, self.copies, self.two_sided):
            part.setEnabled(bool(found and found.queues))
        open_ = self.unprotected.isChecked()
        for widget in (self.password, self.another_password, self.copy_password):
            widget.setEnabled(not open_)
        self.password_help.setText(
            tr("Whoever finds the file can read it.")
            if open_
            else tr(
                "Tell it by telephone or in person, never beside the letter. It isn't kept here."
            )
        )
        self.replace_file.setVisible(self._taken())
        self._show_way()
        counting = self.pages.currentIndex() != ASK
        reason = self._why_not()
        self.send.setVisible(not counting)
        self.cancel.setVisible(self.pages.currentIndex() != COUNT)
        self.letter.setToolTip(self.letter.currentText())
        self.send.setEnabled(not reason)
        self.send.setToolTip(reason)
        self.send.setAccessibleDescription(reason)
        self.why.setText("" if counting else reason)

    def _show_way(self) -> None:
        way = self._view.way(self.letter_id, self.way) if self._view else None
        for widget in (self.known_label, self.known, self.confirm_way):
            widget.setVisible(way is None)
        given = bool(self.known.text().strip())
        self.confirm_way.setEnabled(given and bool(self.letter_id))
        self.confirm_way.setToolTip("" if given else tr("Say how you know first."))
        self.confirm_way.setAccessibleDescription(self.confirm_way.toolTip())
        self.known_said.setVisible(way is not None)
        if way is not None:
            said = tr("Verified {when} by {who}: {how}")
            at = moment(way.verified_at or 0)
            self.known_said.setText(said.format(when=at, who=way.verified_by, how=way.verified_how))

    def _why_not(self) -> str:
        """Why it can't be handed over now, "" when it can."""
        if self._view is None:
            return tr("The case is being opened.")
        if not self.letter_id:
            return tr("Sign the letter first.")
        wish = self.wish()
        if self._judged_for != (wish.letter_id, wish.channel, wish.purpose):
            return tr("The gate is being asked.")
        if self._refusal is not None:
            return tr("Practice policy keeps it here: see above.")
        if self.by_print.isChecked():
            return "" if self.queue.currentData() else tr("Choose a printer that takes jobs.")
        return self._why_not_save()

    def _why_not_save(self) -> str:
        if not self.folder.text():
            return tr("Choose the folder.")
        if not self.file_name.text().strip():
            return tr("Give the file a name.")
        if self._taken() and not self.replace_file.isChecked():
            return tr("A file of that name is there. Choose another, or confirm to replace it.")
        if not self.unprotected.isChecked() and len(self.password.text()) < 8:
            return tr("The password needs at least 8 characters.")
        return ""

    def _taken(self) -> bool:
        folder, name = self.folder.text(), self.file_name.text().strip()
        if not folder or not name or "/" in name or "\\" in name or "\0" in name:
            return False
        target = Path(folder) / (name if name.lower().endswith(".pdf") else f"{name}.pdf")
        try:
            return target.exists()
        except OSError:
            return False

    def _choose_folder(self) -> None:
        choose_folder(self, tr("Where does the letter go?"), self.folder)

    def _options(self) -> PrintOptions | SaveOptions:
        if self.by_print.isChecked():
            return PrintOptions(
                str(self.queue.currentData()), self.copies.value(), self.two_sided.isChecked()
            )
        open_ = self.unprotected.isChecked()
        return SaveOptions(
            Path(self.folder.text()),
            self.file_name.text().strip(),
            "" if open_ else self.password.text(),
            None if open_ else protect,
            unprotected=open_,
            replace=self.replace_file.isChecked(),
        )

    def _new_key(self) -> str:
        return new_id(self._session.tools.now())
