"""What went wrong, in one dialog: what happened, what was kept, what to do."""

import sys
from types import TracebackType
from typing import ClassVar

import PySide6
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton, QWidget

from consultdesk.desktop.form import Forms
from consultdesk.desktop.words import tr
from consultdesk.errors import ConsultDeskError


class TroubleDialog(QDialog):
    """Says one failure; its details hold no words of anybody's records."""

    FORM: ClassVar[str] = "trouble"

    lead: QLabel
    kept: QLabel
    cure: QLabel
    copied: QLabel
    details: QPushButton
    ok: QPushButton

    def __init__(self, forms: Forms, error: BaseException, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        forms.load(self, self.FORM)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._report = report(error)
        said = _said(error)
        for label, words in zip((self.lead, self.kept, self.cure), said, strict=True):
            label.setText(words)
            label.setVisible(bool(words))
        self.setAccessibleDescription(" ".join(part for part in said if part))
        self.copied.hide()
        expected = isinstance(error, ConsultDeskError)
        self.details.setVisible(not expected)
        if expected:
            self.setWindowTitle(tr("This can't be done now"))
        self.details.clicked.connect(self._copy)
        self.ok.clicked.connect(self.accept)
        self.adjustSize()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report)
        self.copied.setText(tr("Copied. The report holds no patient data."))
        self.copied.show()


def _said(error: BaseException) -> tuple[str, str, str]:
    """What happened, what was kept, what to do."""
    if isinstance(error, ConsultDeskError):
        listed = "; ".join(getattr(error, "missing", ()))
        return " ".join(part for part in (error.message, listed) if part), error.kept, error.cure
    return (
        tr("Something in the program failed."),
        tr("Everything that was saved is kept."),
        tr("You can go on. If it happens again, copy the details and send them to support."),
    )


def report(error: BaseException) -> str:
    """Where it failed, for support: kinds and lines of code, never what a message says.

    An error's own words may repeat a name or a line of a record, so they are left out.
    """
    # Here, not at the top: every start would pay for what a failure needs.
    import platform
    import traceback

    lines = [
        f"ConsultDesk on Python {platform.python_version()}, Qt for Python {PySide6.__version__}",
        platform.platform(),
    ]
    one: BaseException | None = error
    while one is not None:
        lines.append(type(one).__name__)
        lines += [
            f"  {frame.filename.rpartition('consultdesk')[2] or frame.filename}:{frame.lineno} "
            f"in {frame.name}"
            for frame in traceback.extract_tb(one.__traceback__)
        ]
        one = one.__cause__ or one.__context__
    return "\n".join(lines)


class Trouble:
    """Catches what nobody else caught, shows one dialog at a time, and lets the desk go on."""

    def __init__(self, forms: Forms) -> None:
        self._forms = forms
        self._open = False

    def watch(self) -> None:
        """Take what reaches the interpreter's last line of defence."""
        sys.excepthook = self._caught

    def show(self, error: BaseException, parent: QWidget | None = None) -> None:
        """Say it, unless another failure is being said already."""
        if self._open:
            return
        self._open = True
        dialog = TroubleDialog(self._forms, error, parent or QApplication.activeWindow())
        dialog.finished.connect(self._closed)
        dialog.open()

    def _closed(self) -> None:
        self._open = False

    def _caught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        print(report(error), file=sys.stderr)
        self.show(error)
