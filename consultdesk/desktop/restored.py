"""A person's word that an older database is one they restored."""

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QDialog, QLabel, QPlainTextEdit, QPushButton, QWidget

from consultdesk.desktop.ask import grow
from consultdesk.desktop.form import Forms
from consultdesk.desktop.style import text_scale_of
from consultdesk.desktop.words import tr


class RestoredDialog(QDialog):
    """Asks over the lock screen; `accepted` is the word."""

    FORM: ClassVar[str] = "reason"

    sentence: QLabel
    choice_label: QLabel
    choice: QComboBox
    reason_label: QLabel
    reason: QPlainTextEdit
    problem: QLabel
    ok: QPushButton
    cancel: QPushButton

    def __init__(self, forms: Forms, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        forms.load(self, self.FORM)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for part in (self.choice_label, self.choice, self.reason_label, self.reason, self.problem):
            part.hide()
        self.setWindowTitle(tr("Open as restored"))
        self.sentence.setText(
            tr(
                "What was entered since this copy was made isn't in it, withdrawn consents among "
                "it. So every consent to send waits until you confirm it again. That the store "
                "was opened as restored is written into the audit trail."
            )
        )
        self.ok.setText(tr("Open as restored"))
        self.ok.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)
        self.cancel.setFocus()
        self.setMinimumWidth(round(440 * text_scale_of(self)))
        self.adjustSize()

    def showEvent(self, event: QShowEvent) -> None:
        """What wraps asks for its height only once the width is known."""
        super().showEvent(event)
        grow(self)
