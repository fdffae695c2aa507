"""What every dialog that asks for something has in common."""

from collections.abc import Callable
from typing import ClassVar, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from consultdesk.desktop.session import Session
from consultdesk.desktop.style import text_scale_of
from consultdesk.errors import Cancelled, ConsultDeskError

T = TypeVar("T")


class Ask(QDialog):
    """A dialog with a form, whose act runs beside the window.

    When the act fails the dialog says why and keeps all that was typed. `settled` carries the
    answer of the act that was done.
    """

    FORM: ClassVar[str]

    problem: QLabel
    ok: QPushButton
    cancel: QPushButton

    settled = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        session.tools.forms.load(self, self.FORM)
        self.session = session
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.problem.hide()
        self.ok.setDefault(True)
        self.resize(self.size() * text_scale_of(self))
        self.ok.clicked.connect(self.try_it)
        self.cancel.clicked.connect(self.reject)

    def try_it(self) -> None:
        """Do what the dialog is for; each dialog says what."""
        raise NotImplementedError

    def do(self, act: Callable[[], T]) -> None:
        """Run the act beside the window, and close when it is done."""
        self.problem.hide()
        self.ok.setEnabled(False)
        self.session.tools.work.run(
            lambda _progress: act(), self._done, self._failed, owner=self, priority=6
        )

    def say_problem(self, said: str, where: QWidget | None = None) -> None:
        """Say what is still wrong, beside the fields that mend it."""
        self.problem.setText(said)
        self.problem.setVisible(bool(said))
        self.grow()
        if where is not None:
            where.setAccessibleDescription(said)
            where.setFocus(Qt.FocusReason.OtherFocusReason)

    def fit_to_screen(self) -> None:
        """Never be larger than the screen: what doesn't fit scrolls."""
        _fit_to_screen(self)

    def grow(self) -> None:
        """Grow by what is shown now and wasn't before, as far as the screen goes."""
        grow(self)

    def showEvent(self, event: QShowEvent) -> None:
        """What wraps asks for its height only once the width is known."""
        super().showEvent(event)
        _align(self)
        self.grow()

    def _done(self, answer: object) -> None:
        self.settled.emit(answer)
        self.accept()

    def _failed(self, error: ConsultDeskError) -> None:
        self.ok.setEnabled(True)
        if not isinstance(error, Cancelled):
            self.say_problem(str(error))


def grow(dialog: QDialog) -> None:
    """Let a dialog grow by what is shown now and wasn't before, as far as the screen goes."""
    layout = dialog.layout()
    if layout is None or not dialog.isVisible():
        return
    layout.activate()
    wanted = max(layout.totalHeightForWidth(dialog.width()), layout.totalMinimumSize().height())
    if wanted > dialog.height():
        dialog.resize(dialog.width(), wanted)
        _fit_to_screen(dialog)


def _fit_to_screen(dialog: QDialog) -> None:
    screen = dialog.screen()
    if screen is not None:
        room = screen.availableGeometry().size()
        dialog.resize(dialog.size().boundedTo(room * 0.95))


def _align(dialog: QWidget) -> None:
    """Let the fields of all groups of a dialog begin below one another, where there is room."""
    labels = [
        item.widget()
        for form in dialog.findChildren(QFormLayout)
        for row in range(form.rowCount())
        if (item := form.itemAt(row, QFormLayout.ItemRole.LabelRole)) is not None
    ]
    widest = max((one.sizeHint().width() for one in labels if one is not None), default=0)
    for one in labels:
        if one is not None and widest * 2.5 < dialog.width():
            one.setMinimumWidth(widest)


def plain(text: QPlainTextEdit) -> str:
    """What was typed, without blank space around it."""
    return text.toPlainText().strip()


def enter_presses_focused(dialog: QDialog, event: QKeyEvent) -> bool:
    """Whether Enter was pressed; then only the button that has the focus is, if one has it."""
    if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        return False
    focused = dialog.focusWidget()
    if isinstance(focused, QPushButton):
        focused.click()
    return True
